"""How much of the money of given plans another plan spends elsewhere, as a sum and as a rule.

What a plan spends at a place (an item at a host) is its money there. The money that two plans
have in common is the smaller of both at each place; the rest of the first plan's money goes
elsewhere in the second. `similar_plans` makes that share as large as it can.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pulp import LpVariable, lpSum

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY, MILLION
from ikmplan.model.distance import Place
from ikmplan.model.quantities import Expression, Variables, total_cost
from ikmplan.model.rules import Rule
from ikmplan.plan.plan import Plan, total

Money = Mapping[Place, int]  # rupiah


def money_by_place(plan: Plan) -> dict[Place, int]:
    """Rupiah at each place."""
    rows = plan.lines[["item", "host", "amount"]].itertuples(index=False)
    spent = total(((str(item), str(host)), int(n)) for item, host, n in rows)
    return {at: n for at, n in spent.items() if n}


def elsewhere_share(before: Money, after: Money) -> float:
    """The share of the first plan's money that the second does not spend at the same places; all
    of it where the first spends nothing and the second does."""
    whole = sum(before.values())
    common = sum(min(n, after.get(at, 0)) for at, n in before.items())
    return 1 - common / whole if whole else float(any(after.values()))


def share_elsewhere(v: Variables) -> LpVariable:
    """The variable of `spends_elsewhere`: the share of the money that goes elsewhere, 0..1."""
    return v.add("elsewhere", ("all",))


def spends_elsewhere(plans: Sequence[Plan]) -> Rule:
    """The rule that so much of the money of each of these plans is spent elsewhere."""

    def money_elsewhere(case: Case, v: Variables) -> Iterator[Any]:
        """So large a share of the money of each plan before is spent elsewhere.
        Σ_i min(cost of i now, cost of i before) ≤ (1 − elsewhere) · Σ_i cost of i before
        for every plan before, i a course or machine at a host [million rupiah]"""
        share = share_elsewhere(v)
        yield "all", share <= 1
        for n, plan in enumerate(plans):
            before = money_by_place(plan)
            if not before:  # all of what is spent goes elsewhere, and something costs this at least
                cost = total_cost(case, v)
                least = min((price for _x, price in cost.items() if price > 0), default=1.0)
                yield n, least * share <= cost
                continue
            common = []
            for at, spent in sorted(before.items()):
                now = place_cost(case, v, at)
                if now is not None:
                    common.append(v.add("common", (n, *at)))
                    yield from _common_counted(v, (n, *at), spent / MILLION, *now)
            whole = sum(before.values()) / MILLION
            yield n, lpSum(common) + whole * share <= whole

    return Rule(money_elsewhere, "demand")


def _common_counted(
    v: Variables, key: tuple[Any, ...], there: float, now: Expression, most: float
) -> Iterator[Any]:
    """What is common at a place is at least the smaller of the money there before and now."""
    kept = v.add("common", key)
    if most <= there + 0.5 / MILLION:  # never more than before: all of it is common
        yield key, kept >= now
        return
    # full: it costs at least as much as before, and that is common; else all of it is
    full = v.add("full", key, choice=True)
    yield (*key, "full"), kept >= there * full
    yield (*key, "part"), kept >= now - (most - there) * full
    # where it is not full, no more than before is spent
    yield (*key, "less"), now - (most - there) * full <= there


def place_cost(case: Case, v: Variables, at: Place) -> tuple[Expression, float] | None:
    """What the plan spends at a place, and the most it can [million rupiah]; None where nothing
    can be held or placed there any more."""
    item = at[0]
    if at == (item, CITY) and item in v.opened:
        cost = sum(n for _kind, _part, n in case.opening_costs[item]) / MILLION
        return cost * v.opened[item], cost
    if at in v.machines:
        placed = [(case.price[item] / MILLION, v.machines[at])]
        if at in v.revived:
            placed.append((case.revive_cost[at] / MILLION, v.revived[at]))
        return lpSum(each * x for each, x in placed), sum(n * (x.upBound or 0) for n, x in placed)
    if at not in v.classes:
        return None
    seats = [v.seats[item, c] for c in case.course_hosts[at]]
    each, person = case.cost_class[item] / MILLION, case.cost_person[item] / MILLION
    people = sum(x.upBound or 0 for x in seats)
    held = v.classes[at]
    return each * held + person * lpSum(seats), each * (held.upBound or 0) + person * people
