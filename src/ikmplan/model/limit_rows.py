"""The rule that keeps limits of an office's own, and the sums that it compares."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

from pulp import LpVariable, lpSum

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY, MILLION, TRAINING
from ikmplan.input.own_limits import (
    MONEY_SPENT,
    AmountLimit,
    ClosedQuarters,
    CountLimit,
    IfThen,
    LimitScope,
    scope_of,
    whole_of,
)
from ikmplan.model.quantities import Expression, Variables

COMPARE = {"=": operator.eq, ">=": operator.ge, "<=": operator.le}


def limits_kept(case: Case, v: Variables) -> Iterator[Any]:
    """A limit of the office's own is kept.
    Σ of what it counts ≥, = or ≤ its amount, its share of the whole, or how many of several;
    Σ_{s ≤ q < s+quarters[p]} scheduled[p,s] = 0 where q is closed; first ≤ second of if and then
    for every limit, and each quarter that one closes [million rupiah; or how many]"""
    for n, limit in enumerate(case.resolved_limits):
        if isinstance(limit, ClosedQuarters):
            for q in limit.quarters:
                yield from _nothing_held(case, v, limit.what, (n, q))
        elif isinstance(limit, AmountLimit):
            unit = MILLION if limit.measure == MONEY_SPENT and not limit.share else 1
            has = measured(case, v, limit.measure, scope_of(limit.part, case.tables))
            whole = lpSum([])
            if limit.share:
                whole = measured(case, v, limit.measure, whole_of(limit, case.tables))
            bound = 0 if limit.share else limit.number / unit
            yield n, COMPARE[limit.sign](has - limit.number * whole, bound)
        elif isinstance(limit, CountLimit):
            getting = lpSum(v.something[n, i] for i in range(len(limit.parts)))
            yield n, COMPARE[limit.sign](getting, limit.number)
        else:
            yield n, v.something[n, 0] - v.something[n, 1] <= 0


def _nothing_held(case: Case, v: Variables, what: str, key: tuple[int, int]) -> Iterator[Any]:
    """In the quarter of the key no class of a course, or of any, is held."""
    there = [
        x
        for (p, start), x in v.scheduled.items()
        if what in (p, TRAINING) and key[1] in case.courses[p].lasts(start)
    ]
    if there:
        yield key, lpSum(there) <= 0


def measured(case: Case, v: Variables, measure: str, scope: LimitScope) -> Expression:
    """What the plan has of a measure of `own_limits` [million rupiah, or how many]."""
    terms: list[tuple[float, str, str, LpVariable]] = []  # each: of one, item, host
    if measure == "units":
        return lpSum(
            x
            for (c, k), x in v.units.items()
            if c in scope.hosts and scope.items & {*k.courses, *case.machines_of(c, k)}
        )
    if measure in (MONEY_SPENT, "classes"):
        price = case.cost_class if measure == MONEY_SPENT else {}
        terms += [(price.get(p, MILLION) / MILLION, p, h, x) for (p, h), x in v.classes.items()]
    if measure == MONEY_SPENT:
        price = case.cost_person
        terms += [(price[p] / MILLION, p, case.host(p, c), x) for (p, c), x in v.seats.items()]
        terms += [(case.revive_cost[at] / MILLION, *at, x) for at, x in v.revived.items()]
        for o, x in v.opened.items():  # of all its kind, or named itself
            for kind, _part, n in case.opening_costs[o]:
                item = kind if kind in scope.items else o
                terms.append((n / MILLION, item, CITY, x))
    if measure == "seats":
        terms += [(1.0, p, c, x) for (p, c), x in v.seats.items()]
    if measure in (MONEY_SPENT, "machines"):
        price = case.price if measure == MONEY_SPENT else {}
        terms += [(price.get(e, MILLION) / MILLION, e, h, x) for (e, h), x in v.machines.items()]
    return lpSum(n * x for n, i, h, x in terms if i in scope.items and h in scope.hosts)


def received(case: Case, v: Variables) -> Iterator[tuple[tuple[int, int], Expression, int]]:
    """(limit, part), the seats, machines and units of the part, and the most these can be."""
    for n, i in v.something:
        limit = case.resolved_limits[n]
        assert isinstance(limit, CountLimit | IfThen)
        scope = scope_of(limit.parts[i], case.tables)
        got = lpSum(measured(case, v, what, scope) for what in ("seats", "machines", "units"))
        yield (n, i), got, round(sum(x.upBound for x, _n in got.items()))
