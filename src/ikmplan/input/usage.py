"""What the tables hold and nothing uses: warnings, for it may be meant so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from ikmplan.faults import Fault, nearest
from ikmplan.input.cells import EQUIPMENT, TRAINING
from ikmplan.input.evidence import learned_chances
from ikmplan.input.office import NAMES, is_account, known
from ikmplan.input.references import ReadableTables, suggest_key
from ikmplan.input.rows import (
    QUARTERS,
    Cluster,
    Course,
    CourseSuit,
    Equipment,
    EquipmentSuit,
    FollowUp,
    Office,
    Problem,
    Resource,
)
from ikmplan.text import _
from ikmplan.text import number as shown


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
        suits = [(row.course, row.sector) for row in rows["course_suits"] if row.relevance]
        suits += [(row.equipment, row.sector) for row in rows["equipment_suits"] if row.success]
        # course or machine -> the sectors of clusters that it suits
        self.suited: dict[str | None, set[str]] = defaultdict(set)
        for item, sector in suits:
            self.suited[item] |= {sector} & self.sectors
        self.helped = set().union(*self.suited.values())
        self.paid = {word for row in rows["funds"] for word in row.pays}
        self.course_uses = rows["course_uses"]
        self.resources = tables.by_key("resources")
        self.learned = learned_chances(rows.__getitem__)
        self.sector_of = {row.cluster: row.sector for row in rows["clusters"]}
        self.office_keys = tables.by_key("office").keys()


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


def _no_fund_pays(row: Course | Equipment, usage: Usage) -> Iterator[Problem]:
    kind, column = (TRAINING if isinstance(row, Course) else EQUIPMENT), row.KEY[0]
    if not usage.paid & {kind, getattr(row, column)}:
        yield column, _("is paid for by no fund."), _("Name it in the column pays of a fund.")


def _class_too_large(row: Course, usage: Usage) -> Iterator[Problem]:
    for use in usage.course_uses:
        if use.course == row.course:
            resource = usage.resources[use.resource]
            most = max(resource.capacity(quarter) for quarter in QUARTERS)
            if use.amount > most:
                message = _(
                    "needs {n} days of {resource} for one class; no quarter has more than {most}.",
                    n=shown(use.amount, 2 if use.amount % 1 else 0),
                    resource=resource.name,
                    most=shown(most, 2 if most % 1 else 0),
                )
                fix = _("Lower the amount in course_uses or raise the capacity.")
                yield "course", message, fix


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
        fix = nearest(row.key, NAMES, 0.7) or _("Remove the row, or leave it as a note.")
        yield "key", _("is no key that anything reads."), fix
    elif is_account(row.key) and name_key not in usage.office_keys:
        yield "key", _("is an account without a name."), _("Add a row {key}.", key=name_key)


def _sector_of_no_cluster(row: CourseSuit | EquipmentSuit, usage: Usage) -> Iterator[Problem]:
    if row.sector not in usage.sectors:
        yield "sector", _("is the sector of no cluster."), usage.fix_sector(row.sector)


def _unused_resource(row: Resource, usage: Usage) -> Iterator[Problem]:
    if all(use.resource != row.resource for use in usage.course_uses):
        fix = _("Add a row to course_uses, or remove the resource.")
        yield "resource", _("is used by no course."), fix


def _nothing_learned(row: FollowUp, usage: Usage) -> Iterator[Problem]:
    sector = usage.sector_of.get(row.cluster or "")
    if not any(i == row.item and sector in (None, at) for i, at in usage.learned):
        fix = _("Give the chance a source that is an estimate, or remove the row.")
        yield "item", _("has a chance that is a fact or 0; the row changes nothing."), fix


# in the order in which the warnings are shown
WARNING_CHECKS: tuple[tuple[str, tuple[Callable[[Any, Usage], Iterator[Problem]], ...]], ...] = (
    ("clusters", (_sector_without_help,)),
    ("courses", (_course_without_cluster, _no_fund_pays, _class_too_large)),
    ("equipment", (_machine_without_use, _no_fund_pays)),
    ("office", (_office_key,)),
    ("course_suits", (_sector_of_no_cluster,)),
    ("equipment_suits", (_sector_of_no_cluster,)),
    ("resources", (_unused_resource,)),
    ("results", (_nothing_learned,)),
)
