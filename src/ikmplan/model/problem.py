"""The whole model as PuLP sees it: the rules, and cuts that follow from them.

CUTS are no rules. The rules imply them for whole classes, machines and units, and they only help
the solver. People seated are limited by the concave hull of the staircase of whole classes, which
is tighter than the straight line of the rule. Machines serve whole units and need whole operators.
For each host the solver chooses one pattern, a whole number of each machine that fits there; with
the pattern these numbers are exact, even while units and seats are not whole yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from math import ceil, floor
from typing import Any, NamedTuple

from pulp import LpMaximize, LpProblem, LpVariable, lpSum

from ikmplan.input.case import Case
from ikmplan.model.limit_rows import received
from ikmplan.model.quantities import (
    Expression,
    Variables,
    item_cost,
    items_by_payers,
    make_variables,
    operating,
    row_name,
)
from ikmplan.model.rules import RULES, Rule, objective
from ikmplan.tableset import grouped

LONGEST_STAIRCASE = 5000  # steps of a staircase; a longer one is as good as straight
MOST_PATTERNS = 60  # of a host; where there are more, each machine has patterns of its own
ROUNDING = 1e-9  # of hours, people, power and space, so that 3 machines of 1.5 kVA fit into 4.5


class Site(NamedTuple):
    """Machines at a host and their patterns: how many of each, with the choice (0 or 1)."""

    host: str
    machines: tuple[str, ...]
    patterns: dict[tuple[int, ...], LpVariable]


def make_sites(case: Case, v: Variables, problem: LpProblem, limits: bool) -> list[Site]:
    """Add the choice of a pattern for every host, or for each machine that has not too many."""
    sites = []
    for h, machines in grouped((h, e) for e, h in v.machines).items():
        together = fitting(case, h, machines, limits)
        for part in [machines] if together else [[e] for e in machines]:
            chosen = {
                n: problem.add_variable(row_name("pattern", (h, part[0], *n)), 0, 1, "Integer")
                for n in together or fitting(case, h, part, limits)
            }
            if chosen:
                sites.append(Site(h, tuple(part), chosen))
    return sites


def fitting(
    case: Case, host: str, machines: list[str], limits: bool = True
) -> list[tuple[int, ...]]:
    """How many of each machine may stand at the host; [] where there are too many ways.

    Without `limits` power and space are not counted; the stock of each machine always is.
    """
    patterns: list[tuple[int, ...]] = [()]
    for e in machines:
        counts = range(min(case.equipment[e].stock, MOST_PATTERNS) + 1)
        more = [(*n, count) for n in patterns for count in counts]
        patterns = [n for n in more if not limits or _fits(case, host, machines, n)]
        if len(patterns) > MOST_PATTERNS:
            return []
    return patterns


def _fits(case: Case, host: str, machines: list[str], counts: tuple[int, ...]) -> bool:
    site = case.site(host)
    rows = [case.equipment[e] for e in machines[: len(counts)]]
    return site is None or (
        _dot([row.kva for row in rows], counts) <= site.kva + ROUNDING
        and _dot([row.floor_m2 for row in rows], counts) <= site.floor_m2 + ROUNDING
    )


def seats_hull(case: Case, v: Variables, sites: list[Site]) -> Iterator[Any]:
    """People seated ≤ the concave hull of min(people, class_max · classes) over whole classes."""
    for (p, h), clusters in case.course_hosts.items():
        people, largest = sum(case.people_for(p, c) for c in clusters), case.courses[p].class_max
        most = people // case.courses[p].class_min
        if most > LONGEST_STAIRCASE:
            continue
        points = [(n, min(people, largest * n)) for n in range(most + 1)]
        seats = lpSum(v.seats[p, c] for c in clusters)
        for n, (slope, base) in enumerate(hull(points)):
            if (slope, base) != (largest, 0):  # which is the rule itself
                yield (p, h, n), seats - slope * v.classes[p, h] <= base


def one_pattern(case: Case, v: Variables, sites: list[Site]) -> Iterator[Any]:
    """Every host has one pattern."""
    for site in sites:
        yield (site.host, site.machines[0]), lpSum(site.patterns.values()) == 1


def machines_of_pattern(case: Case, v: Variables, sites: list[Site]) -> Iterator[Any]:
    """The machines placed are the pattern's."""
    for site in sites:
        for i, e in enumerate(site.machines):
            placed = lpSum(n[i] * x for n, x in site.patterns.items())
            yield (e, site.host), placed == v.machines[e, site.host]


def units_of_pattern(case: Case, v: Variables, sites: list[Site]) -> Iterator[Any]:
    """Units at a machine ≤ ⌊hours there are / hours of one⌋ + ⌈hours of a machine / hours of one⌉
    for each that is revived."""
    for site in sites:
        for i, e in enumerate(site.machines):
            clusters = case.machine_hosts[e, site.host]
            each = min(case.hours_of(e, c) for c in clusters)
            units = sum(case.size[c] for c in clusters)
            there, one = case.existing.get((e, site.host), 0), case.machine_hours(e)
            using = lpSum(
                v.units[c, k]
                for c in clusters
                for k in case.packages[c]
                if e in case.machines_of(c, k)
            )
            served = {n: floor((there + n[i]) * one / each + ROUNDING) for n in site.patterns}
            most = lpSum(min(units, served[n]) * x for n, x in site.patterns.items())
            if (e, site.host) in v.revived:
                most = most + ceil(one / each - ROUNDING) * v.revived[e, site.host]
            yield (e, site.host), using <= most


def operators_of_pattern(case: Case, v: Variables, sites: list[Site]) -> Iterator[Any]:
    """Users trained in an operator course ≥ ⌈operators missing / success⌉; what is revived needs
    more of them, never fewer."""
    at = {(e, site.host): site for site in sites for e in site.machines}
    for key, _needed, trained, there in operating(case, v):
        p, h, *chosen = key
        site, success = at.get((chosen[0], h)), case.course_success(p)
        # with no one trained the rule itself is enough
        if site is None or success == 0 or not set(chosen) <= set(site.machines):
            continue
        each = [case.equipment[e].operators if e in chosen else 0 for e in site.machines]
        missing = {n: _dot(each, n) - there for n in site.patterns}
        least = {n: max(0, ceil(m / success - ROUNDING)) for n, m in missing.items()}
        yield key, trained >= lpSum(least[n] * x for n, x in site.patterns.items())


def patterns_in_opening(case: Case, v: Variables, sites: list[Site]) -> Iterator[Any]:
    """A pattern with any machine stands only in an opening that is open."""
    for site in sites:
        if site.host in v.opened:
            chosen = lpSum(x for n, x in site.patterns.items() if any(n))
            yield (site.host, site.machines[0]), chosen <= v.opened[site.host]


def units_in_opening(case: Case, v: Variables, sites: list[Site]) -> Iterator[Any]:
    """Units get what needs an opening only if that is open."""
    for c, packages in case.packages.items():
        needs = {
            k: {o for i in (*k.courses, *k.equipment) for o in case.needs_of(i, c)}
            for k in packages
        }
        needing = grouped((o, v.units[c, k]) for k in needs for o in needs[k] & v.opened.keys())
        for o, units in sorted(needing.items()):
            yield (c, o), lpSum(units) <= case.size[c] * v.opened[o]


def money_given(case: Case, v: Variables) -> Iterator[Any]:
    """What items with the same payers cost together is given by these, if that is a variable."""
    for n, (paid, alike) in enumerate(items_by_payers(case).items()):
        if v.money and paid:
            cost = lpSum(item_cost(case, v, item) for item in alike)
            yield n, lpSum(v.money[f, paid] for f in sorted(paid)) - cost >= 0


def something_got(case: Case, v: Variables) -> Iterator[Any]:
    """A part of a limit gets something if and only if it has a seat, a machine or a unit."""
    for key, got, most in received(case, v):
        yield (*key, "least"), got - v.something[key] >= 0
        yield (*key, "most"), got - most * v.something[key] <= 0


def _dot(amounts: Sequence[float], counts: tuple[int, ...]) -> float:
    return sum(amount * n for amount, n in zip(amounts, counts, strict=True))


def hull(points: list[tuple[int, int]]) -> list[tuple[float, float]]:
    """(slope, intercept) of the lines that lie lowest above points sorted by x."""
    above: list[tuple[int, int]] = []
    for x, y in points:
        while len(above) >= 2:
            (x1, y1), (x2, y2) = above[-2:]
            if (y2 - y1) * (x - x2) > (y - y2) * (x2 - x1):
                break
            above.pop()
        above.append((x, y))
    slopes = [((y2 - y1) / (x2 - x1), x1, y1) for (x1, y1), (x2, y2) in pairwise(above)]
    return [(slope, y - slope * x) for slope, x, y in slopes]


CUTS = (
    seats_hull,
    one_pattern,
    machines_of_pattern,
    units_of_pattern,
    operators_of_pattern,
    patterns_in_opening,
    units_in_opening,
)


def make_problem(
    case: Case,
    *,
    cuts: bool = True,
    limits: bool = True,
    aim: Callable[[Case, Variables], Expression] = objective,
    least: float | None = None,
    rules: Iterable[Rule] = RULES,
) -> tuple[LpProblem, Variables]:
    """The whole model as PuLP sees it; each row is named after its rule and key.

    `aim` is what is made largest, and the objective is then at least `least`. `limits` is False
    where power and space may give way, so that no cut follows from them.
    """
    problem = LpProblem("ikmplan", LpMaximize)
    v = make_variables(case, problem)
    problem += aim(case, v), "value"
    if least is not None:
        problem += objective(case, v) >= least, "least_value"
    named = [(rule.name, rule.rows(case, v)) for rule in rules]
    named += [(meaning.__name__, meaning(case, v)) for meaning in (money_given, something_got)]
    if cuts:
        sites = make_sites(case, v, problem, limits)
        named += [(cut.__name__, cut(case, v, sites)) for cut in CUTS]
    for name, rows in named:
        for key, row in rows:
            problem += row, row_name(name, key)
    return problem, v
