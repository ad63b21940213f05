"""The input tables and their rows: columns, types, units, limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, TypeVar, get_args, get_type_hints

from ikmplan.input.cells import (
    Amount,
    CostRupiah,
    Host,
    Key,
    Name,
    OptionalKey,
    OptionalKind,
    OptionalShare,
    OptionalText,
    OptionalWhole,
    Real,
    Rupiah,
    Scope,
    Share,
    Whole,
    Words,
    YesNo,
    column,
)
from ikmplan.input.course_rows import Component as Component
from ikmplan.input.course_rows import Course as Course
from ikmplan.input.course_rows import CourseSuit as CourseSuit
from ikmplan.input.course_rows import CourseUse as CourseUse
from ikmplan.input.estimate_rows import FollowUp as FollowUp
from ikmplan.input.estimate_rows import Range as Range
from ikmplan.input.estimate_rows import Together as Together
from ikmplan.input.office import fault_of
from ikmplan.input.row import QUARTERS as QUARTERS
from ikmplan.input.row import Problem as Problem
from ikmplan.input.row import Row as Row
from ikmplan.input.row import domestic_column, ssh_code_column
from ikmplan.text import N_, _

# those of the tables that may be missing that count in a fingerprint only where they have rows
ADDED_TABLES = {"openings", "price_standard", "results", "together", "ranges", "stated"}
OPTIONAL = {"components", "existing", "announced", "office"} | ADDED_TABLES


class Cluster(Row):
    KEY = ("cluster",)
    cluster: Key = column(N_("key of the cluster (sentra) of small manufacturers"))
    name: Name = column(N_("name that readers see"))
    kind: Literal["ikm", "candidate"] = column(
        N_(
            "ikm: producing businesses; candidate: people who are not yet IKM and are counted "
            "apart, as new entrepreneurs"
        )
    )
    sector: Key = column(N_("line of business; decides which courses and machines suit"))
    district: Name = column(N_("district (kecamatan) where the cluster lies"))
    units: Whole = column(N_("businesses in the cluster"), N_("units"), le=1_000_000)
    young_share: Share = column(N_("share of owners aged 35 or less"), N_("share 0–1"))
    weight: Real = column(
        N_(
            "what one reached unit counts for in the plan; of candidates, what one new "
            "entrepreneur does (0: they never count)"
        ),
        le=100,
    )
    kva: Real = column(N_("electric power free for new machines"), "kVA")
    floor_m2: Real = column(N_("floor space free for new machines"), "m²")
    reached_before: Whole = column(
        N_("units reached in earlier years; not invited again"), N_("units")
    )
    source: Key = column(N_("source of the row's numbers"))

    @property
    def size(self) -> int:
        """Units that may be invited: those not reached in earlier years."""
        return self.units - self.reached_before

    @property
    def young(self) -> int:
        """How many of them belong to people aged 35 or less."""
        return round(self.size * self.young_share)

    def crossed(self) -> Iterator[Problem]:
        if self.reached_before > self.units:
            message = _("is above units {units}.", units=self.units)
            yield "reached_before", message, _("Raise units or lower reached_before.")


class Equipment(Row):
    KEY = ("equipment",)
    equipment: Key = column(N_("key of the kind of machine"))
    name: Name = column(N_("name that readers see"))
    price: Rupiah = column(N_("price of one machine, delivered, installed, with tax"), "rupiah")
    hours: Whole = column(
        N_("hours a machine can run in a year"),
        N_("hours"),
        le=8784,
        too_large=N_(
            "A year has 8784 hours at most. A building that serves many is no machine: "
            "it is an opening (table openings)."
        ),
    )
    availability: Share = column(N_("share of those hours it is not broken"), N_("share 0–1"))
    kva: Amount = column(N_("electric power of one machine"), "kVA")
    floor_m2: Amount = column(N_("floor space of one machine"), "m²")
    operators: Whole = column(N_("trained operators one machine needs"), N_("people"), le=100)
    operator_course: OptionalKey = column(N_("course that trains its operators"))
    stock: Whole = column(N_("most machines that can be had this year"), N_("machines"))
    scope: Scope = column(N_("cluster: stands in one cluster; city: serves all clusters"))
    source: Key = column(N_("source of the row's numbers"))
    opening: OptionalKey = column(
        N_("opening in which the machine stands, and serves all clusters"), default=None
    )
    specification: OptionalText = column(
        N_("specification that the RKA states, such as capacity and material"), default=None
    )
    ssh_code: OptionalText = ssh_code_column()
    domestic: OptionalShare = domestic_column()


class EquipmentSuit(Row):
    KEY = ("equipment", "sector", "line")
    equipment: Key = column(N_("key of the kind of machine"))
    sector: Key = column(N_("sector that the machine suits"))
    hours: Real = column(N_("machine hours one unit uses in a year"), N_("hours"), ge=0.1, le=8784)
    success: Share = column(N_("chance that a unit given the hours uses them"), N_("share 0–1"))
    interest: Share = column(
        N_("share of the sector's units that want it"), N_("share 0–1"), default=1.0
    )
    source: Key = column(N_("source of the row's numbers"))
    line: OptionalKey = column(
        N_("line of machines that a unit uses together; nothing: the machine by itself"),
        default=None,
    )

    @property
    def used_as(self) -> str:
        """The key of the line: that of the machine where it is used by itself."""
        return self.line or self.equipment


class Resource(Row):
    KEY = ("resource",)
    resource: Key = column(N_("key of the resource"))
    name: Name = column(N_("name that readers see"))
    kind: Literal["trainer", "hall", "other"] = column(N_("trainer-days, hall-days or other"))
    q1: Real = column(N_("days that can be used in quarter 1"), N_("days"))
    q2: Real = column(N_("days that can be used in quarter 2"), N_("days"))
    q3: Real = column(N_("days that can be used in quarter 3"), N_("days"))
    q4: Real = column(N_("days that can be used in quarter 4"), N_("days"))
    source: Key = column(N_("source of the row's numbers"))
    opening: OptionalKey = column(N_("opening without which there are no days"), default=None)

    def capacity(self, quarter: int) -> float:
        return float(getattr(self, f"q{quarter}"))


class Fund(Row):
    KEY = ("fund",)
    fund: Key = column(N_("key of the fund"))
    name: Name = column(N_("name that readers see"))
    amount: Rupiah = column(N_("most that the fund pays this year"), "rupiah")
    pays: Words = column(
        N_("what it may pay for: training, equipment, or keys of courses, machines, openings")
    )
    source: Key = column(N_("source of the row's numbers"))


class Existing(Row):
    KEY = ("equipment", "cluster")
    equipment: Key = column(N_("key of the kind of machine"))
    cluster: Host = column(
        N_("where the machines stand: a cluster, an opening, or city for what all clusters share")
    )
    machines: Whole = column(N_("machines already there and working"), N_("machines"))
    operators: Whole = column(
        N_("trained operators there who are free for new machines"), N_("people")
    )
    source: Key = column(N_("source of the row's numbers"))
    idle: Whole = column(
        N_("machines there that do not work and can be revived"), N_("machines"), default=0
    )
    revive: CostRupiah = column(N_("cost of reviving one of them"), "rupiah", default=0)

    def crossed(self) -> Iterator[Problem]:
        if self.revive and not self.idle:
            message = _("is filled, but no machine is idle.")
            yield "revive", message, _("Fill in idle, or set revive to 0.")


class Opening(Row):
    """What has to be opened before it can be used: a centre, a hall, a contract."""

    KEY = ("opening",)
    opening: Key = column(N_("key of what is opened: a centre, a hall, a contract, an MoU"))
    name: Name = column(N_("name that readers see"))
    kind: Literal["training", "equipment"] = column(N_("which money pays cost_open"))
    cost_open: CostRupiah = column(N_("cost of opening it, where it is not there yet"), "rupiah")
    source: Key = column(N_("source of the row's numbers"))
    cost_year: CostRupiah = column(
        N_("cost of running it this year, where it is open"), "rupiah", default=0
    )
    there: YesNo = column(
        N_("whether it is there already: then cost_open is not paid"), default=False
    )
    kva: Real = column(N_("electric power for machines in it"), "kVA", default=0.0)
    floor_m2: Real = column(N_("floor space for machines in it"), "m²", default=0.0)
    kind_year: OptionalKind = column(
        N_("which money pays cost_year; nothing: as cost_open"), default=None
    )

    @property
    def costs(self) -> tuple[tuple[str, str, int], ...]:
        """Kind, component and rupiah of what is paid if it is open; parts of no cost left out."""
        once = 0 if self.there else self.cost_open
        parts = (self.kind, "open", once), (self.kind_year or self.kind, "year", self.cost_year)
        return tuple(part for part in parts if part[2])


class Announced(Row):
    KEY = ("item", "cluster", "quarter")
    item: Key = column(N_("key of the course, the kind of machine, the line or the opening"))
    cluster: Host = column(
        N_(
            "for whom: a cluster (of a course for the city: its people take all these seats) or an "
            "opening; city for what all clusters share"
        )
    )
    quarter: OptionalWhole = column(N_("quarter of the classes; nothing for machines"), ge=1, le=4)
    count: Whole = column(N_("classes, machines or lines announced; 1 for an opening"), le=10_000)
    seats: OptionalWhole = column(
        N_("participants in all these classes; nothing for machines"), N_("people")
    )
    source: Key = column(N_("source of the row's numbers"))


class PriceStandard(Row):
    KEY = ("code",)
    code: Name = column(N_("code in the regional price standard (SSH)"))
    name: Name = column(N_("name that readers see"))
    unit: Name = column(N_("of what unit the price is, such as Orang/Hari"))
    price: CostRupiah = column(N_("highest price of one unit, with tax"), "rupiah")
    source: Key = column(N_("source of the row's numbers"))


class Source(Row):
    KEY = ("source",)
    source: Key = column(N_("key of the source"))
    citation: Name = column(N_("who says so, and where"))
    url: OptionalText = column(N_("address, where there is one"))
    year: Whole = column(N_("year of the statement"), ge=1945, le=2100)
    kind: Literal["fact", "estimate"] = column(
        N_("fact: the source states the number; estimate: a planner's judgement")
    )


class Office(Row):
    KEY = ("key",)
    key: Key = column(N_("what is named: region, year, office, head, ..."))
    value: Name = column(N_("its text on pages and in the workbook"))
    source: Key = column(N_("source of the text"))

    def crossed(self) -> Iterator[Problem]:
        if fault := fault_of(self.key, self.value):
            yield "value", *fault


class Stated(Row):
    """One cell that has another source than the rest of its row."""

    KEY = ("table", "row_key", "number")
    table: Name = column(N_("table of the cell, such as courses"))
    row_key: Name = column(N_("key of its row, such as batik; of several with + between them"))
    number: Name = column(N_("column of the cell, such as class_max"))
    source: Key = column(N_("source that states it"))


@dataclass(frozen=True)
class Tables:
    """A whole checked case. Every reference between the tables holds."""

    path: str
    clusters: tuple[Cluster, ...]
    courses: tuple[Course, ...]
    components: tuple[Component, ...]
    course_uses: tuple[CourseUse, ...]
    course_suits: tuple[CourseSuit, ...]
    equipment: tuple[Equipment, ...]
    equipment_suits: tuple[EquipmentSuit, ...]
    resources: tuple[Resource, ...]
    funds: tuple[Fund, ...]
    existing: tuple[Existing, ...]
    announced: tuple[Announced, ...]
    results: tuple[FollowUp, ...]
    together: tuple[Together, ...]
    sources: tuple[Source, ...]
    office: tuple[Office, ...]
    openings: tuple[Opening, ...] = ()
    price_standard: tuple[PriceStandard, ...] = ()
    ranges: tuple[Range, ...] = ()
    stated: tuple[Stated, ...] = ()

    @cached_property
    def by_key(self) -> dict[str, dict[str, Any]]:
        """table -> key -> row, for each table whose key is one column."""
        return {t: rows_by_key(getattr(self, t)) for t, row in ROWS.items() if len(row.KEY) == 1}

    def known(self, *tables: str) -> list[str]:
        """The keys of these tables."""
        return [key for table in tables for key in self.by_key[table]]

    @cached_property
    def ordered(self) -> Tables:
        """The same rows in the order of their keys, and the words of a cell in theirs."""
        rows: Any = {name: _in_key_order(getattr(self, name)) for name in ROWS}
        return replace(self, **rows)

    def content(self) -> dict[str, list[dict[str, Any]]]:
        """The ordered rows as plain values: what the fingerprint is of.

        Columns that may be left out count only where they hold another value than their default,
        so that a case keeps its fingerprint when a table learns a column that it does not use.
        """
        tables = {name: getattr(self.ordered, name) for name in ROWS}
        return {
            name: [row.model_dump(exclude_defaults=True) for row in rows]
            for name, rows in tables.items()
            if rows or name not in ADDED_TABLES
        }


def _in_key_order(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    def key(row: Row) -> list[tuple[bool, Any]]:  # None comes before all else
        values = (getattr(row, name) for name in row.KEY)
        return [(value is not None, value) for value in values]

    return tuple(map(_words_ordered, sorted(rows, key=key)))


def _words_ordered(row: Row) -> Row:
    words = {name: tuple(sorted(set(value))) for name, value in row if isinstance(value, tuple)}
    return row.model_copy(update=words) if words else row


# table -> type of its rows
ROWS: dict[str, type[Row]] = {
    name: get_args(hint)[0] for name, hint in get_type_hints(Tables).items() if name != "path"
}
AnyRow = TypeVar("AnyRow", bound=Row)


def rows_by_key(rows: Iterable[AnyRow]) -> dict[str, AnyRow]:
    """Key -> row, of a table whose key is one column."""
    return {getattr(row, row.KEY[0]): row for row in rows}


def key_of_row(row: Any) -> tuple[str, ...]:
    """The key of a row, part by part, without those that it leaves empty."""
    parts = (getattr(row, name) for name in row.KEY)
    return tuple(str(part) for part in parts if part is not None)


def row_key(row: Any) -> str:
    """The key of a row as other tables name it: "oven", or "oven+bakery"."""
    return "+".join(key_of_row(row))
