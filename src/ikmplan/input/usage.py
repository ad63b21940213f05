"""What the tables hold and nothing uses: warnings, for it may be meant so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from ikmplan.faults import Fault, nearest
from ikmplan.input.cells import CITY, EQUIPMENT, TRAINING
from ikmplan.input.evidence import learned_chances
from ikmplan.input.office import NAMES, is_account, known
from ikmplan.input.references import ReadableTables, suggest_key
from ikmplan.input.rows import (
    QUARTERS,
    Cluster,
    Component,
    Course,
    CourseSuit,
    CourseUse,
    Equipment,
    EquipmentSuit,
    FollowUp,
    Office,
    Opening,
    Problem,
    Resource,
)
from ikmplan.text import N_, _
from ikmplan.text import number as shown

ROUNDED = 1e-9  # days: a third of 10 three times is 10


def usage_warnings(tables: ReadableTables) -> list[Fault]:
    """What can never be used, in tables without faults."""
    usage = Usage(tables)
    return [
        tables.fault(table, number, row, problem, warning=check.__name__)
        for table, checks in WARNING_CHECKS
        for number, row in tables.rows[table]
        for check in checks
        for problem in check(row, usage)
    ]


class Usage:
    """What the tables without faults use: the facts that the warnings need."""

    def __init__(self, tables: ReadableTables):
        rows = {table: [row for _n, row in numbered] for table, numbered in tables.rows.items()}
        self.sectors = {row.sector for row in rows["clusters"]}
        self.fix_sector = suggest_key(sorted(self.sectors))
        machines = [(row.equipment, row.sector) for row in rows["equipment_suits"] if row.success]
        open_to = [(row.course, row.sector) for row in rows["course_suits"]]
        reached = [(row.course, row.sector) for row in rows["course_suits"] if row.relevance]
        # course or machine -> the sectors of clusters that it is open to, or suits
        self.suited: dict[str | None, set[str]] = defaultdict(set)
        for item, sector in open_to + machines:
            self.suited[item] |= {sector} & self.sectors
        self.helped = {sector for _item, sector in reached + machines} & self.sectors
        self.reaching = {item for item, _sector in reached} | {
            row.operator_course for row in rows["equipment"] if row.operators
        }
        self.clusters = rows["clusters"]
        self.paid = {word for row in rows["funds"] for word in row.pays}
        self.course_uses = rows["course_uses"]
        # component -> the units that its first row counts in
        self.units: dict[str, tuple[str, str | None]] = {}
        for row in rows["components"]:
            self.units.setdefault(row.component, (row.unit, row.times_unit))
        self.resources = tables.by_key("resources")
        self.learned = learned_chances(rows.__getitem__)
        self.sector_of = {row.cluster: row.sector for row in rows["clusters"]}
        self.office_keys = tables.by_key("office").keys()
        opened = [*rows["courses"], *rows["equipment"], *rows["resources"]]
        self.openings = {row.opening for row in opened}


def _sector_without_help(row: Cluster, usage: Usage) -> Iterator[Problem]:
    if row.sector not in usage.helped:
        message = _(
            "is a sector that no course and no machine suits; {name} cannot be reached.",
            name=row.name,
        )
        fix = _("Add a row to course_suits or equipment_suits, or leave the cluster out.")
        yield "sector", message, fix


def _course_without_cluster(row: Course, usage: Usage) -> Iterator[Problem]:
    if not usage.suited[row.course]:
        message = _("suits no cluster; the course is never held.")
        yield "course", message, _("Add a row to course_suits.")
    elif row.course not in usage.reaching:
        message = _("reaches nobody: its relevance is 0 everywhere, and it trains no operators.")
        yield "course", message, _("Raise a relevance in course_suits, or leave the course out.")


def _too_few_for_a_class(row: Course, usage: Usage) -> Iterator[Problem]:
    people = [c.young if row.young_only else c.size for c in usage.clusters
              if c.sector in usage.suited[row.course]]  # fmt: skip
    most = sum(people) if row.scope == CITY else max(people, default=0)
    if people and most < row.class_min:
        who = N_("is more than the {n} people who may sit in one class; the course is never held.")
        if row.young_only:
            who = N_(
                "is more than the {n} people aged 35 or less who may sit in one class; the course "
                "is never held."
            )
        fix = _("Lower class_min, or write scope city where clusters may share a class.")
        yield "class_min", _(who, n=most), _("Lower class_min.") if row.scope == CITY else fix


def _mix_of_no_class(row: Course, usage: Usage) -> Iterator[Problem]:
    """Numbers for each cluster with which no class can be held."""
    sizes = [c.young if row.young_only else c.size for c in usage.clusters
             if c.sector in usage.suited[row.course]]  # fmt: skip
    clusters = sum(n > 0 for n in sizes)
    if row.scope == CITY and row.each_min * clusters > row.class_max:
        message = _(
            "of each of {n} clusters are more than class_max {class_max}; the course is never "
            "held.",
            n=clusters,
            class_max=row.class_max,
        )
        yield "each_min", message, _("Lower each_min or raise class_max.")
    if row.scope == CITY and row.each_max and row.each_max * clusters < row.class_min:
        message = _(
            "of each of {n} clusters are fewer than class_min {class_min}; the course is never "
            "held.",
            n=clusters,
            class_min=row.class_min,
        )
        yield "each_max", message, _("Raise each_max or lower class_min.")


def _no_fund_pays(row: Course | Equipment, usage: Usage) -> Iterator[Problem]:
    kind, column = (TRAINING if isinstance(row, Course) else EQUIPMENT), row.KEY[0]
    if not usage.paid & {kind, getattr(row, column)}:
        yield column, _("is paid for by no fund."), _("Name it in the column pays of a fund.")


def _class_too_large(row: Course, usage: Usage) -> Iterator[Problem]:
    for use in usage.course_uses:
        if use.course == row.course:
            resource = usage.resources[use.resource]
            most = max(resource.capacity(quarter) for quarter in QUARTERS)
            if row.quarters > 1:
                yield from _long_class_too_large(row, use, resource)
            elif use.amount > most:
                message = _(
                    "needs {n} days of {resource} for one class; no quarter has more than {most}.",
                    n=shown(use.amount, 2 if use.amount % 1 else 0),
                    resource=resource.name,
                    most=shown(most, 2 if most % 1 else 0),
                )
                fix = _("Lower the amount in course_uses or raise the capacity.")
                yield "course", message, fix


def _long_class_too_large(row: Course, use: CourseUse, resource: Resource) -> Iterator[Problem]:
    parts = use.parts(row.quarters)
    if any(
        all(resource.capacity(start + n) >= days - ROUNDED for n, days in enumerate(parts))
        for start in row.starts
    ):
        return
    message = _(
        "needs {n} days of {resource} for one class of {quarters} quarters; no {quarters} "
        "quarters in a row have them.",
        n=shown(use.amount, 2 if use.amount % 1 else 0),
        resource=resource.name,
        quarters=row.quarters,
    )
    yield "course", message, _("Lower the amount in course_uses or raise the capacity.")


def _machine_without_use(row: Equipment, usage: Usage) -> Iterator[Problem]:
    suited = usage.suited[row.equipment]
    if not suited:
        message = _("suits no cluster; the machine is never placed.")
        yield "equipment", message, _("Add a row to equipment_suits.")
    elif row.operators and not suited & usage.suited[row.operator_course]:
        message = _(
            "suits none of the clusters that {name} suits, so nobody can run the machine.",
            name=row.name,
        )
        fix = _("Add a row to course_suits, or name another operator course.")
        yield "operator_course", message, fix


def _office_key(row: Office, usage: Usage) -> Iterator[Problem]:
    """Keys that nothing reads, and accounts without a name."""
    name_key = f"{row.key}_name"
    if not known(row.key):
        fix = nearest(row.key, NAMES) or _("Remove the row, or leave it as a note.")
        yield "key", _("is no key that anything reads."), fix
    elif is_account(row.key) and name_key not in usage.office_keys:
        yield "key", _("is an account without a name."), _("Add a row {key}.", key=name_key)


def _other_units(row: Component, usage: Usage) -> Iterator[Problem]:
    """One word per thing: the same component is counted in the same unit in each course."""
    for column, first in zip(("unit", "times_unit"), usage.units[row.component], strict=True):
        if getattr(row, column) != first:
            message = _(
                "is another unit than “{unit}” in the first row of the component {component}.",
                unit=first or "",
                component=row.component,
            )
            fix = _("Write one word for one thing, or give the other thing a key of its own.")
            yield column, message, fix


def _sector_of_no_cluster(row: CourseSuit | EquipmentSuit, usage: Usage) -> Iterator[Problem]:
    if row.sector not in usage.sectors:
        yield "sector", _("is the sector of no cluster."), usage.fix_sector(row.sector)


def _unused_resource(row: Resource, usage: Usage) -> Iterator[Problem]:
    if all(use.resource != row.resource for use in usage.course_uses):
        fix = _("Add a row to course_uses, or remove the resource.")
        yield "resource", _("is used by no course."), fix


def _opening_without_use(row: Opening, usage: Usage) -> Iterator[Problem]:
    if row.opening not in usage.openings:
        fix = _("Name it in the column opening of courses, equipment or resources, or remove it.")
        yield "opening", _("is used by no course, machine or resource."), fix


def _no_fund_pays_opening(row: Opening, usage: Usage) -> Iterator[Problem]:
    for kind, part, _amount in row.costs:
        if not usage.paid & {kind, row.opening}:
            message = _("is paid for by no fund ({column}).", column=f"cost_{part}")
            yield "opening", message, _("Name it in the column pays of a fund.")


def _nothing_learned(row: FollowUp, usage: Usage) -> Iterator[Problem]:
    sector = usage.sector_of.get(row.cluster or "")
    if not any(i == row.item and sector in (None, at) for i, at in usage.learned):
        fix = _("Give the chance a source that is an estimate, or remove the row.")
        yield "item", _("has a chance that is a fact or 0; the row changes nothing."), fix


# in the order in which the warnings are shown
WARNING_CHECKS: tuple[tuple[str, tuple[Callable[[Any, Usage], Iterator[Problem]], ...]], ...] = (
    ("clusters", (_sector_without_help,)),
    (
        "courses",
        (
            _course_without_cluster,
            _too_few_for_a_class,
            _mix_of_no_class,
            _no_fund_pays,
            _class_too_large,
        ),
    ),
    ("equipment", (_machine_without_use, _no_fund_pays)),
    ("components", (_other_units,)),
    ("office", (_office_key,)),
    ("course_suits", (_sector_of_no_cluster,)),
    ("equipment_suits", (_sector_of_no_cluster,)),
    ("resources", (_unused_resource,)),
    ("openings", (_opening_without_use, _no_fund_pays_opening)),
    ("results", (_nothing_learned,)),
)
