"""The input tables of a planning case: one row type each, read and checked.

`read_tables(path)` takes a folder of CSV files or one Excel workbook and either
returns frozen `Tables` or raises `BadInput` with *all* faults. `check(path)`
returns the faults and the warnings instead of raising.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from ikmplan.cells import (
    Host,
    Key,
    Name,
    OptionalKey,
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
    expectation,
    remedy,
)
from ikmplan.offices import fault_of, is_account
from ikmplan.references import Placed, reference_faults, usage_warnings
from ikmplan.sheets import BadInput, Cells, Fault, Sheets, read_sheets
from ikmplan.text import N_, _

QUARTERS = (1, 2, 3, 4)


class Row(BaseModel):
    """One row of an input table. KEY names the columns that must not repeat."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    KEY: ClassVar[tuple[str, ...]] = ()

    def crossed(self) -> list[tuple[str, str, str]]:
        """Columns that contradict each other: (column, what is wrong, mend)."""
        return []


class Cluster(Row):
    KEY = ("cluster",)
    cluster: Key = column(N_("key of the cluster (sentra) of small manufacturers"))
    name: Name = column(N_("name that readers see"))
    kind: Literal["ikm", "candidate"] = column(
        N_("ikm: producing businesses; candidate: people who are not yet IKM and never count")
    )
    sector: Key = column(N_("line of business; decides which courses and machines suit"))
    district: Name = column(N_("district (kecamatan) where the cluster lies"))
    units: Whole = column(N_("businesses in the cluster"), N_("units"), ge=0, le=1_000_000)
    young_share: Share = column(N_("share of owners aged 35 or less"), N_("share 0–1"))
    weight: Real = column(N_("what one reached unit counts for in the plan"), ge=0, le=100)
    kva: Real = column(N_("electric power free for new machines"), "kVA", ge=0)
    floor_m2: Real = column(N_("floor space free for new machines"), "m²", ge=0)
    reached_before: Whole = column(
        N_("units reached in earlier years; not invited again"), N_("units"), ge=0
    )
    source: Key = column(N_("source of the row's numbers"))

    def crossed(self) -> list[tuple[str, str, str]]:
        if self.reached_before <= self.units:
            return []
        said = _("is above units {units}.", units=self.units)
        return [("reached_before", said, _("Raise units or lower reached_before."))]


class Course(Row):
    KEY = ("course",)
    course: Key = column(N_("key of the course"))
    name: Name = column(N_("name that readers see"))
    class_min: Whole = column(N_("smallest class that is held"), N_("people"), ge=1, le=1000)
    class_max: Whole = column(N_("largest class"), N_("people"), ge=1, le=1000)
    days: Whole = column(N_("length of one class"), N_("days"), ge=1, le=300)
    cost_class: Rupiah = column(N_("cost of holding one class, whoever comes"), "rupiah")
    cost_person: Rupiah = column(N_("cost for each participant"), "rupiah")
    success: Share = column(
        N_("chance that a participant for whom the course is wholly relevant uses it"),
        N_("share 0–1"),
    )
    young_only: YesNo = column(N_("only for people aged 35 or less"))
    scope: Scope = column(N_("cluster: a class for one cluster; city: a class mixes clusters"))
    source: Key = column(N_("source of the row's numbers"))

    def crossed(self) -> list[tuple[str, str, str]]:
        if self.class_min <= self.class_max:
            return []
        said = _("is below class_min {class_min}.", class_min=self.class_min)
        return [("class_max", said, _("Raise class_max or lower class_min."))]


class Component(Row):
    KEY = ("course", "component", "basis")
    course: Key = column(N_("key of the course"))
    component: Key = column(N_("key of the part"))
    basis: Literal["class", "person"] = column(
        N_("class: bought once for each class; person: once for each participant")
    )
    name: Name = column(N_("name that readers see"))
    account: Key = column(N_("key in office that holds its account, such as account_food"))
    volume: Whole = column(N_("how many are bought"), ge=1, le=100_000)
    unit: Name = column(N_("of what unit, such as Paket"))
    times: OptionalWhole = column(N_("for how many times each of them"), ge=1, le=100_000)
    times_unit: OptionalText = column(N_("of what unit those times are, such as Hari"))
    price: Rupiah = column(N_("price of one unit (once)"), "rupiah")
    source: Key = column(N_("source of the row's numbers"))

    def crossed(self) -> list[tuple[str, str, str]]:
        faults = []
        if not is_account(self.account):
            said = _("is no key of an account.")
            faults.append(("account", said, _("Write the key in office, such as account_food.")))
        if (self.times is None) != (self.times_unit is None):
            said = _("does not fit times: both are filled in, or neither.")
            faults.append(("times_unit", said, _("Fill in the other, or empty both.")))
        return faults

    @property
    def amount(self) -> int:
        """Rupiah for one class or one participant."""
        return self.volume * (self.times or 1) * self.price


class CourseUse(Row):
    KEY = ("course", "resource")
    course: Key = column(N_("key of the course"))
    resource: Key = column(N_("key of the resource it uses"))
    amount: Real = column(N_("what one class uses of it"), N_("days"), ge=0)
    source: Key = column(N_("source of the row's numbers"))


class CourseSuit(Row):
    KEY = ("course", "sector")
    course: Key = column(N_("key of the course"))
    sector: Key = column(N_("sector that the course suits"))
    relevance: Share = column(N_("how far the course fits the sector's work"), N_("share 0–1"))
    source: Key = column(N_("source of the row's numbers"))


class Equipment(Row):
    KEY = ("equipment",)
    equipment: Key = column(N_("key of the kind of machine"))
    name: Name = column(N_("name that readers see"))
    price: Rupiah = column(N_("price of one machine, delivered, installed, with tax"), "rupiah")
    hours: Whole = column(N_("hours a machine can run in a year"), N_("hours"), ge=0, le=8784)
    availability: Share = column(N_("share of those hours it is not broken"), N_("share 0–1"))
    kva: Real = column(N_("electric power of one machine"), "kVA", ge=0)
    floor_m2: Real = column(N_("floor space of one machine"), "m²", ge=0)
    operators: Whole = column(N_("trained operators one machine needs"), N_("people"), ge=0, le=100)
    operator_course: OptionalKey = column(N_("course that trains its operators"))
    stock: Whole = column(N_("most machines that can be had this year"), N_("machines"), ge=0)
    scope: Scope = column(N_("cluster: stands in one cluster; city: serves all clusters"))
    source: Key = column(N_("source of the row's numbers"))


class EquipmentSuit(Row):
    KEY = ("equipment", "sector")
    equipment: Key = column(N_("key of the kind of machine"))
    sector: Key = column(N_("sector that the machine suits"))
    hours: Real = column(N_("machine hours one unit uses in a year"), N_("hours"), ge=0.1, le=8784)
    success: Share = column(N_("chance that a unit given the hours uses them"), N_("share 0–1"))
    source: Key = column(N_("source of the row's numbers"))


class Resource(Row):
    KEY = ("resource",)
    resource: Key = column(N_("key of the resource"))
    name: Name = column(N_("name that readers see"))
    kind: Literal["trainer", "hall", "other"] = column(N_("trainer-days, hall-days or other"))
    q1: Real = column(N_("days that can be used in quarter 1"), N_("days"), ge=0)
    q2: Real = column(N_("days that can be used in quarter 2"), N_("days"), ge=0)
    q3: Real = column(N_("days that can be used in quarter 3"), N_("days"), ge=0)
    q4: Real = column(N_("days that can be used in quarter 4"), N_("days"), ge=0)
    source: Key = column(N_("source of the row's numbers"))

    def capacity(self, quarter: int) -> float:
        return float(getattr(self, f"q{quarter}"))


class Fund(Row):
    KEY = ("fund",)
    fund: Key = column(N_("key of the fund"))
    name: Name = column(N_("name that readers see"))
    amount: Rupiah = column(N_("most that the fund pays this year"), "rupiah")
    pays: Words = column(N_("what it may pay for: training, equipment, or keys of either"))
    source: Key = column(N_("source of the row's numbers"))


class Existing(Row):
    KEY = ("equipment", "cluster")
    equipment: Key = column(N_("key of the kind of machine"))
    cluster: Host = column(N_("where the machines stand; city for what all clusters share"))
    machines: Whole = column(N_("machines already there and working"), N_("machines"), ge=0)
    operators: Whole = column(
        N_("trained operators there who are free for new machines"), N_("people"), ge=0
    )
    source: Key = column(N_("source of the row's numbers"))


class Announced(Row):
    KEY = ("item", "cluster", "quarter")
    item: Key = column(N_("key of the course or the kind of machine"))
    cluster: Host = column(N_("for whom; city for what all clusters share"))
    quarter: OptionalWhole = column(N_("quarter of the classes; nothing for machines"), ge=1, le=4)
    count: Whole = column(N_("classes or machines announced"), ge=0, le=10_000)
    seats: OptionalWhole = column(
        N_("participants in all these classes; nothing for machines"), N_("people"), ge=0
    )
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

    def crossed(self) -> list[tuple[str, str, str]]:
        fault = fault_of(self.key, self.value)
        return [("value", *fault)] if fault else []


ROWS: dict[str, type[Row]] = {
    "clusters": Cluster,
    "courses": Course,
    "components": Component,
    "course_uses": CourseUse,
    "course_suits": CourseSuit,
    "equipment": Equipment,
    "equipment_suits": EquipmentSuit,
    "resources": Resource,
    "funds": Fund,
    "existing": Existing,
    "announced": Announced,
    "sources": Source,
    "office": Office,
}
OPTIONAL = {"components", "existing", "announced", "office"}


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
    sources: tuple[Source, ...]
    office: tuple[Office, ...]

    def content(self) -> dict[str, list[dict[str, Any]]]:
        """The rows as plain values, in the order of their keys: what the fingerprint is of."""
        content = {}
        for name in ROWS:
            rows = sorted(
                getattr(self, name), key=lambda row: str([getattr(row, k) for k in row.KEY])
            )
            content[name] = [row.model_dump() for row in rows]
        return content


def read_tables(path: str | Path) -> Tables:
    """The case in `path`; raises `BadInput` with every fault (warnings do not raise)."""
    placed, found = _read(Path(path))
    faults = [fault for fault in found if not fault.warning]
    if faults:
        raise BadInput(faults)
    return Tables(path=str(path), **{name: tuple(row for _n, row in placed[name]) for name in ROWS})


def check(path: str | Path) -> list[Fault]:
    """Every fault and warning of the case in `path`, in the order of the tables."""
    return _read(Path(path))[1]


def _read(path: Path) -> tuple[Placed, list[Fault]]:
    sheets, faults = read_sheets(path)
    if not sheets:
        return {}, faults
    placed: Placed = {}  # the tables that can be read
    lost: dict[str, set[str]] = {}  # keys of rows that cannot: to refer to them is no fault
    wheres: dict[str, str] = {}
    strangers, misnamed = _strangers(sheets)
    for name, row_type in ROWS.items():
        sheet = sheets.get(name)
        if isinstance(sheet, Cells):
            wheres[name] = sheet.where
            header_faults = _header_faults(sheet, row_type.model_fields)
            faults += header_faults
            if not header_faults:
                placed[name], lost[name], found = _read_rows(sheet, row_type)
                faults += found
        elif sheet is not None:
            faults.append(sheet)
        elif name in OPTIONAL:
            placed[name] = []
        elif name not in misnamed:
            what = _("sheet {name}", name=name) if path.is_file() else f"{name}.csv"
            said = _("has no {what}.", what=what)
            columns = ", ".join(row_type.model_fields)
            mend = _("Add it with the columns {columns}.", columns=columns)
            faults.append(Fault(path.name, None, None, None, said, mend))
    faults += [fault for fault in strangers if not fault.warning]
    faults += reference_faults(placed, lost, wheres)
    if not faults:  # what nothing uses may only seem so while there are faults
        faults += [*usage_warnings(placed, wheres), *strangers]
    return placed, faults


def _strangers(sheets: Sheets) -> tuple[list[Fault], set[str]]:
    """Sheets that are no table: misnamed ones are faults, others are left unread."""
    absent = [name for name in ROWS if name not in sheets]
    faults: list[Fault] = []
    misnamed: set[str] = set()
    for name in sorted(sheets.keys() - ROWS.keys()):
        sheet = sheets[name]
        near = next(iter(get_close_matches(name, absent, 1, 0.75)), None)
        if near:
            misnamed.add(near)
            said, mend = _("is no table."), _("Did you mean {name}?", name=near)
        elif isinstance(sheet, Fault) or sheet.explained:
            continue  # an empty sheet, or one that is nobody's business
        else:
            said, mend = _("is no table and is not read."), _("Remove it, or leave it as a note.")
        faults.append(Fault(sheet.where, None, None, None, said, mend, warning=near is None))
    return faults, misnamed


def _read_rows(
    cells: Cells, row_type: type[Row]
) -> tuple[list[tuple[int, Any]], set[str], list[Fault]]:
    """The good rows, the keys of the others, and what is wrong with those."""
    rows: list[tuple[int, Any]] = []
    lost: set[str] = set()
    faults: list[Fault] = []
    seen: dict[tuple[Any, ...], int] = {}
    width = len(cells.header)
    for number, values in cells.rows:
        values = values + [""] * (width - len(values))
        raw = {name: value for name, value in zip(cells.header, values, strict=False) if name}
        stray = cells.stray(number, values)
        if stray:
            lost.add(str(raw[row_type.KEY[0]]))
            faults.append(stray)
            continue
        try:
            row = row_type.model_validate(raw, context={"indonesian": cells.indonesian})
        except ValidationError as error:
            lost.add(str(raw[row_type.KEY[0]]))
            faults += _cell_faults(error, cells.where, number, raw, row_type)
            continue
        for name, said, mend in row.crossed():
            value = str(getattr(row, name))
            faults.append(Fault(cells.where, number, name, value, said, mend))
        key = tuple(getattr(row, name) for name in row.KEY)
        if key in seen:
            said = _("stands in row {row} already.", row=seen[key])
            mend = _("Keep one of the two rows.")
            shown = ", ".join("" if part is None else str(part) for part in key)
            faults.append(Fault(cells.where, number, "+".join(row.KEY), shown, said, mend))
        seen.setdefault(key, number)
        rows.append((number, row))
    return rows, lost, faults


def _header_faults(cells: Cells, fields: dict[str, Any]) -> list[Fault]:
    where, row = cells.where, cells.header_row
    if not set(fields) & set(cells.header):
        shown = next((title for title in cells.header if title), "")
        said = _("is not the header; its first filled row must name the columns.")
        mend = _("Write there: {columns}.", columns=", ".join(fields))
        return [Fault(where, row, None, shown, said, mend)]
    faults = []
    missing = [name for name in fields if name not in cells.header]
    for name in dict.fromkeys(cells.header):
        if name and name not in fields:
            near = get_close_matches(name, missing, 1, 0.6)
            said = _("is no column of this table.")
            mend = _("Did you mean {name}?", name=near[0]) if near else _("Remove it or rename it.")
            faults.append(Fault(where, row, name, None, said, mend))
            missing = [other for other in missing if other not in near]
        if name and cells.header.count(name) > 1:
            said, mend = _("stands twice in the header."), _("Keep one of the two columns.")
            faults.append(Fault(where, row, name, None, said, mend))
    for name in missing:
        said = _("is missing; it holds {meaning}.", meaning=_(fields[name].description))
        mend = _("Add the column with {expected}.", expected=expectation(fields[name]))
        faults.append(Fault(where, row, name, None, said, mend))
    return faults


def _cell_faults(
    error: ValidationError, where: str, number: int, raw: dict[str, Any], row_type: type[Row]
) -> list[Fault]:
    faults = []
    types: dict[str, str] = {}
    for part in error.errors():
        types.setdefault(str(part["loc"][0]), part["type"])
    for name, kind in types.items():
        field = row_type.model_fields[name]
        value = str(raw[name])
        said = _("is not {expected}.", expected=expectation(field))
        if value == "":
            said = _("is empty; it must be {expected}.", expected=expectation(field))
        mend = remedy(field, value, out_of_range=kind.endswith("_equal"))
        faults.append(Fault(where, number, name, value, said, mend))
    return faults
