"""The whole model as PuLP sees it: the rules, and cuts that follow from them.

CUTS are no rules. They are implied by the rules for whole classes, machines and units,
and only help the solver: where a count of people or units is limited by a staircase of
whole classes or machines, the concave hull of that staircase is a tighter limit than the
straight line of the rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from math import ceil, floor
from typing import Any

from pulp import LpMaximize, LpProblem, lpSum

from ikmplan.case import Case
from ikmplan.rules import (
    RULES,
    Rule,
    Variables,
    make_variables,
    objective,
    operating,
    row_name,
    total_cost,
)

LARGEST = 5000  # steps of a staircase; a longer one is as good as straight


def seats_hull(case: Case, v: Variables) -> Iterator[Any]:
    """People seated ≤ the concave hull of min(people, class_max · classes) over whole classes."""
    for (p, h), clusters in case.course_hosts.items():
        people, largest = sum(case.people_for(p, c) for c in clusters), case.courses[p].class_max
        most = people // case.courses[p].class_min
        if most > LARGEST:
            continue
        points = [(n, min(people, largest * n)) for n in range(most + 1)]
        seats = lpSum(v.seats[p, c] for c in clusters)
        for n, (slope, base) in enumerate(hull(points)):
            if (slope, base) != (largest, 0):  # which is the rule itself
                yield (p, h, n), seats - slope * v.classes[p, h] <= base


def hours_hull(case: Case, v: Variables) -> Iterator[Any]:
    """Units at machines ≤ the concave hull of ⌊hours there are / hours of one⌋."""
    for (e, h), clusters in case.machine_hosts.items():
        each = min(case.hours_of(e, c) for c in clusters)
        units = sum(case.size[c] for c in clusters)
        there, one = case.existing.get((e, h), 0), case.machine_hours(e)
        if case.equipment[e].stock <= LARGEST:
            points = [
                (n, min(units, floor((there + n) * one / each + 1e-9)))
                for n in range(case.equipment[e].stock + 1)
            ]
            using = lpSum(
                v.units[c, k] for c in clusters for k in case.packages[c] if e in k.equipment
            )
            for n, (slope, base) in enumerate(hull(points)):
                yield (e, h, n), using - slope * v.machines[e, h] <= base


def operators_hull(case: Case, v: Variables) -> Iterator[Any]:
    """Seats in an operator course ≥ the convex hull of ⌈operators missing / success⌉."""
    for (p, h), needed, trained, there in operating(case, v):
        most = sum(
            row.operators * row.stock for row in case.equipment.values() if row.operator_course == p
        )
        success = case.courses[p].success
        if success == 0 or most > LARGEST:  # where nobody is trained the rule itself says it
            continue
        points = [(n, -max(0, ceil((n - there) / success - 1e-9))) for n in range(most + 1)]
        for n, (slope, base) in enumerate(hull(points)):
            yield (p, h, n), -1 * trained - slope * needed <= base


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


CUTS = (seats_hull, hours_hull, operators_hull)


def make_problem(
    case: Case, *, cuts: bool = True, least: float | None = None, rules: Iterable[Rule] = RULES
) -> tuple[LpProblem, Variables]:
    """The whole model as PuLP sees it; each row is named after its rule and key.

    With `least`, the cheapest plan whose objective is at least that.
    """
    problem = LpProblem("ikmplan", LpMaximize)
    v = make_variables(case, problem)
    if least is None:
        problem += objective(case, v), "value"
    else:
        problem += -1 * total_cost(case, v), "cost"
        problem += objective(case, v) >= least, "least_value"
    for rows in [rule.rows for rule in rules] + (list(CUTS) if cuts else []):
        for key, row in rows(case, v):
            problem += row, row_name(rows.__name__, key if isinstance(key, tuple) else (key,))
    return problem, v
