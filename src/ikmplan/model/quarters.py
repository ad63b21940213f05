"""Classes of the year given to quarters, so that no trainer or hall is fuller than it must be."""

from __future__ import annotations

from pulp import LpMinimize, LpProblem, lpSum

from ikmplan.input.case import Case
from ikmplan.input.rows import QUARTERS
from ikmplan.model.highs import Model
from ikmplan.model.quantities import row_name


def evenly(case: Case, totals: dict[str, int]) -> dict[tuple[str, int], int] | None:
    """Classes of each course by quarter, so that no trainer or hall is fuller than it must be.

    None where the classes do not fit into the quarters (or in the time of a small search).
    """
    problem = LpProblem("quarters", LpMinimize)
    held = {
        (p, q): problem.add_variable(row_name("held", (p, q)), 0, n, "Integer")
        for p, n in totals.items()
        for q in QUARTERS
    }
    if not held:
        return {}
    fullest = problem.add_variable("fullest", 0, 1)
    problem += -1 * fullest, "fullest_first"  # the engine maximises
    for p, n in totals.items():
        problem += lpSum(held[p, q] for q in QUARTERS) == n, row_name("all", (p,))
    for (r, q), days in case.capacity.items():
        used = lpSum(case.uses.get((p, r), 0) * held[p, q] for p in totals)
        problem += used <= days, row_name("days", (r, q))
        problem += used - days * fullest <= 0, row_name("full", (r, q))
    found = Model(problem).search(0.02, 5.0, nodes=200)
    if found.values is None:
        return None
    return {key: round(found.values[x.name]) for key, x in held.items()}


def by_host(
    classes: dict[tuple[str, str], int], scheduled: dict[tuple[str, int], int]
) -> dict[tuple[str, str, int], int]:
    """Hand a course's quarters out to its hosts in turn, so that nobody gets all the late ones."""
    given: dict[tuple[str, str, int], int] = {}
    for p in dict.fromkeys(p for p, _h in classes):
        left = {h: n for (course, h), n in classes.items() if course == p}
        for q in QUARTERS:
            for _n in range(scheduled[p, q]):
                h = max(left, key=lambda host: left[host])
                left[h] -= 1
                given[p, h, q] = given.get((p, h, q), 0) + 1
    return given
