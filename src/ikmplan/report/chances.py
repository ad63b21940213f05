"""Where each chance of a plan comes from: its factors, their product, and their sources."""

from __future__ import annotations

from math import fsum
from typing import Any, NamedTuple

from ikmplan.input.case import Case
from ikmplan.plan.plan import Plan
from ikmplan.report.estimates import SOURCE_KINDS, origin_kind
from ikmplan.report.names import package_name
from ikmplan.show.table import (
    NOTHING,
    Of,
    Signed,
    View,
    code,
    column_difference,
    one_decimal,
    percent_one_decimal,
    table,
)
from ikmplan.tableset import grouped
from ikmplan.text import _, listing


class Chance(NamedTuple):
    """The chance that one course or machine reaches a unit of a line of business."""

    item: str
    sector: str
    clusters: tuple[str, ...]  # to which the plan gives it
    success: float
    relevance: float | None  # None of a machine: its success is stated for each line of business
    alone: float  # success × relevance, or what a follow-up made of that
    sources: tuple[str, ...]


def _given(plan: Plan, case: Case) -> dict[tuple[str, str], list[str]]:
    """(package, line of business) -> the clusters that get it."""
    rows = plan.units[["cluster", "package"]].itertuples(index=False)
    return grouped(((package, case.clusters[c].sector), c) for c, package in rows)


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
            success, relevance = case.course_success(item), suit.relevance
            sources = {course.source: None, suit.source: None}
        else:
            effect = effects[item, sector]
            success, relevance, sources = effect.success, None, {effect.source: None}
        alone = case.chance_of(at[0], (item,))
        found.append(Chance(item, sector, at, success, relevance, alone, tuple(sources)))
    return found


def chances(plan: Plan, case: Case) -> View:
    """Each chance as success × relevance, with the keys of the sources of both."""
    return table(
        _("Where each chance comes from"),
        chances_of(plan, case),
        (_("Course or machine"), lambda row: case.name(row.item)),
        (_("For"), lambda row: listing([case.name(c) for c in row.clusters])),
        (_("Chance that it is used"), "success", percent_one_decimal),
        (_("Relevance"), "relevance", percent_one_decimal),
        (_("Chance alone"), "alone", percent_one_decimal),
        (_("Fact or estimate (source)"), lambda row: _origins(case, row)),
    )


def _origins(case: Case, row: Chance) -> str:
    """ "estimate (one_source, another)": each kind once, with the keys of its sources."""
    keys = grouped((origin_kind(case, key, row.item, row.sector), key) for key in row.sources)
    return "; ".join(f"{kind} ({', '.join(of)})" for kind, of in keys.items())


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

    def alone(key: tuple[str, str]) -> dict[str, float]:
        cluster = given[key][0]
        return {item: case.chance_of(cluster, (item,)) for item in key[0].split("+")}

    def written(key: tuple[str, str]) -> str:
        chances = alone(key)
        factors = " × ".join(f"(1 − {percent_one_decimal(chance)})" for chance in chances.values())
        stated = [pair for pair in case.pairs.get(key[1], {}) if {*pair} <= chances.keys()]
        text = f"1 − {factors}"
        return text + ", " + _("with the chance stated for the pair") if stated else text

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


def dependence(plan: Plan, case: Case) -> View:
    """How much hangs on what is taken of units that get several things: the units reached where
    those who use one use the others too, as planned, and where nobody uses two."""
    extremes = {
        _("Those who use one are those who use the others"): max,
        _("As in this plan"): None,
        _("Nobody uses two of them"): lambda chances: min(1.0, sum(chances)),
    }

    def reached(chance_of_all: Any) -> float:
        rows = plan.units[["cluster", "package", "units", "chance"]].itertuples(index=False)
        parts = []
        for c, package, units, chance in rows:
            if chance_of_all is not None and case.is_ikm(c):
                chance = chance_of_all([case.chance_of(c, (i,)) for i in package.split("+")])
            parts.append(units * chance * case.is_ikm(c))
        return fsum(parts)

    return table(
        _("What depends on the units that get several things"),
        extremes,
        (_("If"), str),
        (_("Units expected to be reached"), lambda name: reached(extremes[name]), one_decimal),
        (
            _("Beside this plan"),
            lambda name: column_difference(reached(extremes[name]), plan.reached),
            Signed(one_decimal),
        ),
    )
