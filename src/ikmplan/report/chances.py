"""Where each chance of a plan comes from: its factors, their product, and who says so."""

from __future__ import annotations

from typing import NamedTuple

from ikmplan.input.case import Case
from ikmplan.plan.plan import Plan
from ikmplan.report.estimates import SOURCE_KINDS
from ikmplan.report.names import package_name
from ikmplan.show.table import NOTHING, Of, View, code, percent_one_decimal, table
from ikmplan.text import _, listing


class Chance(NamedTuple):
    """The chance that one course or machine reaches a unit of a line of business."""

    item: str
    sector: str
    clusters: tuple[str, ...]  # to which the plan gives it
    success: float
    relevance: float | None  # None of a machine: its success is stated for each line of business
    sources: tuple[str, ...]

    @property
    def alone(self) -> float:
        return self.success * (1 if self.relevance is None else self.relevance)


def _given(plan: Plan, case: Case) -> dict[tuple[str, str], list[str]]:
    """(package, line of business) -> the clusters that get it."""
    found: dict[tuple[str, str], list[str]] = {}
    for c, package in plan.units[["cluster", "package"]].itertuples(index=False):
        found.setdefault((package, case.clusters[c].sector), []).append(c)
    return found


def chances_of(plan: Plan, case: Case) -> list[Chance]:
    """The chance of each course and machine that the plan gives to a line of business."""
    clusters: dict[tuple[str, str], dict[str, None]] = {}
    for (package, sector), given in _given(plan, case).items():
        for item in package.split("+"):
            clusters.setdefault((item, sector), {}).update(dict.fromkeys(given))
    suits = {(row.course, row.sector): row for row in case.tables.course_suits}
    effects = {(row.used_as, row.sector): row for row in case.tables.equipment_suits}
    order = {item: n for n, item in enumerate([*case.courses, *case.line_order])}
    found = []
    for item, sector in sorted(clusters, key=lambda key: (order[key[0]], key[1])):
        at = tuple(clusters[item, sector])
        if item in case.courses:
            course, suit = case.courses[item], suits[item, sector]
            success, relevance = course.success, suit.relevance
            sources = {course.source: None, suit.source: None}
        else:
            effect = effects[item, sector]
            success, relevance, sources = effect.success, None, {effect.source: None}
        found.append(Chance(item, sector, at, success, relevance, tuple(sources)))
    return found


def chances(plan: Plan, case: Case) -> View:
    """Each chance as success × relevance, with the keys of the sources of both."""
    kinds = {row.source: _(SOURCE_KINDS[row.kind]) for row in case.tables.sources}
    return table(
        _("Where each chance comes from"),
        chances_of(plan, case),
        (_("Course or machine"), lambda row: case.name(row.item)),
        (_("For"), lambda row: listing([case.name(c) for c in row.clusters])),
        (_("Chance that it is used"), "success", percent_one_decimal),
        (_("Relevance"), "relevance", percent_one_decimal),
        (_("Chance alone"), "alone", percent_one_decimal),
        (
            _("Fact or estimate (source)"),
            lambda row: "; ".join(f"{kinds[key]} ({key})" for key in row.sources),
        ),
    )


def chance_sources(plan: Plan, case: Case) -> View:
    """In their own words, the sources on which the chances of the plan rest."""
    used = {key for chance in chances_of(plan, case) for key in chance.sources}
    return table(
        _("How the numbers of the chances were found"),
        [row for row in case.tables.sources if row.source in used],
        Of(_("Key"), "source", rich=code),
        (_("Kind"), lambda row: _(SOURCE_KINDS[row.kind])),
        (_("Source"), "citation"),
    )


def package_chances(plan: Plan, case: Case) -> View:
    """For units that get several things: the chance that at least one of them reaches the unit."""
    given = _given(plan, case)
    several = [key for key in given if "+" in key[0]]

    def alone(key: tuple[str, str]) -> list[float]:
        cluster = given[key][0]
        return [case.chance_of(cluster, (item,)) for item in key[0].split("+")]

    def written(key: tuple[str, str]) -> str:
        factors = " × ".join(f"(1 − {percent_one_decimal(chance)})" for chance in alone(key))
        return f"1 − {factors}"

    return table(
        _("Chance of a unit that gets several things"),
        several,
        (_("Each unit gets"), lambda key: package_name(case, key[0])),
        (_("For"), lambda key: listing([case.name(c) for c in given[key]])),
        (_("How it is worked out"), written),
        (
            _("Chance of being reached"),
            lambda key: case.chance_of(given[key][0], tuple(key[0].split("+"))),
            percent_one_decimal,
        ),
        empty=NOTHING,
    )
