"""When classes are held: those of a year divided among its quarters, and then among hosts."""

from __future__ import annotations

from collections import Counter

from pulp import LpMinimize, LpProblem, lpSum

from ikmplan.input.case import Case
from ikmplan.input.rows import QUARTERS
from ikmplan.model.highs import Model
from ikmplan.model.quantities import row_name


def evenly(case: Case, totals: dict[str, int]) -> dict[tuple[str, int], int] | None:
    """Classes of each course by the quarter in which they begin.

    No trainer or hall is fuller than it must be.
    None where the classes do not fit into the quarters (or in the time of a small search).
    """
    problem = LpProblem("quarters", LpMinimize)
    held = {
        (p, q): problem.add_variable(row_name("held", (p, q)), 0, n, "Integer")
        for p, n in totals.items()
        for q in case.courses[p].starts
        if q not in case.closed(p)
    }
    if not held:
        return {}
    fullest = problem.add_variable("fullest", 0, 1)
    problem += -1 * fullest, "fullest_first"  # `Model` maximises
    for p, n in totals.items():
        problem += (
            lpSum(x for (course, _q), x in held.items() if course == p) == n,
            row_name("all", (p,)),
        )
    for (r, q), days in case.capacity.items():
        each = [(case.days_in(p, r, start, q), x) for (p, start), x in held.items()]
        used = lpSum(n * x for n, x in each if n)
        problem += used <= days, row_name("days", (r, q))
        problem += used - days * fullest <= 0, row_name("full", (r, q))
    found = Model(problem).search(0.02, 5.0, nodes=200)
    if found.values is None:
        return None
    return {key: round(found.values[x.name]) for key, x in held.items()}


def by_host(
    classes: dict[tuple[str, str], int], scheduled: dict[tuple[str, int], int]
) -> dict[tuple[str, str, int], int]:
    """Divide the quarters of a course among its hosts in turn: no host gets all the late ones."""
    given: Counter[tuple[str, str, int]] = Counter()
    for p in dict.fromkeys(p for p, _h in classes):
        left = {h: n for (course, h), n in classes.items() if course == p}
        for q in QUARTERS:
            for _n in range(scheduled.get((p, q), 0)):
                h = max(left, key=left.__getitem__)
                left[h] -= 1
                given[p, h, q] += 1
    return dict(given)
