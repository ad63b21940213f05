"""Other plans that are nearly as good and differ visibly, or the proof that there is none.

What a plan spends at a place (an item at a host) is its money there. The money that two plans
have in common is the smaller of both at each place; the rest of the first plan's money goes
elsewhere in the second.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pulp import lpSum

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY, MILLION
from ikmplan.insight.demands import changed
from ikmplan.model.distance import Place, counts_of
from ikmplan.model.quantities import Expression, Variables, total_cost
from ikmplan.model.rules import RULES, Rule, objective
from ikmplan.model.search import ask
from ikmplan.model.stages import with_unit_weights
from ikmplan.plan.plan import Plan, total

SIMILAR_NODES = 1000
SIMILAR_SECONDS = 60.0
MOST_PLANS, WITHIN, ELSEWHERE = 5, 0.01, 0.2
FOUND_ALL, NONE_LEFT, GAVE_UP = "found", "none", "unknown"
Money = Mapping[Place, int]  # rupiah


@dataclass(frozen=True)
class SimilarPlans:
    """A plan and others nearly as good; `outcome` is the reason why there are no more of them."""

    plan: Plan
    others: tuple[Plan, ...]
    within: float  # of the plan's value, which is lost at most
    elsewhere: float  # of the money, which differs at least
    outcome: str  # FOUND_ALL: as many as asked for; NONE_LEFT: proven that there is no other
    bound: float | None  # NONE_LEFT: no other plan that differs as much is worth more

    @property
    def shared(self) -> dict[Place, int]:
        """Classes and machines that every plan has at the same place, the fewest of them."""
        every = [counts_of(plan) for plan in (self.plan, *self.others)]
        return {at: n for at in every[0] if (n := min(counts.get(at, 0) for counts in every))}


def growing_similar(
    plan: Plan,
    case: Case,
    *,
    most: int = MOST_PLANS,
    within: float = WITHIN,
    elsewhere: float = ELSEWHERE,
    stop: threading.Event | None = None,
) -> Iterator[SimilarPlans]:
    """Up to `most` plans that lose no more than the share `within` of the plan's value and spend
    at least the share `elsewhere` of its money, and of each other's, at other places: each with
    those before it, as soon as it is found.

    The outcome of the last holds, that of those before is GAVE_UP. Each search ends with the first
    such plan that is within `within` of the best of them.
    """
    asked = changed(case, gap=within, time_limit=SIMILAR_SECONDS, near=())
    least = plan.proof.value - within * abs(plan.proof.value)
    _scaled, scale = with_unit_weights(case)  # a search has 1 as the largest weight
    found = SimilarPlans(plan, (), within, elsewhere, GAVE_UP, None)
    while len(found.others) < most:
        differ = differs([plan, *found.others], elsewhere)
        rules = (*RULES, _as_good(least / scale), differ)
        answer = ask(asked, rules=rules, nodes=SIMILAR_NODES, stop=stop)
        if answer.plan is None:
            if answer.bound < least:
                found = replace(found, outcome=NONE_LEFT, bound=least)
            yield found
            return
        found = replace(found, others=(*found.others, answer.plan))
        yield found
    yield replace(found, outcome=FOUND_ALL)


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


def differs(plans: Sequence[Plan], share: float) -> Rule:
    """The rule that a plan spends so much of the money of each of these elsewhere."""

    def money_elsewhere(case: Case, v: Variables) -> Iterator[Any]:
        """So much of the money of each plan before is spent elsewhere.
        Σ_i min(cost of i now, cost of i before) ≤ (1 − share) · Σ_i cost of i before
        for every plan before, i a course or machine at a host [million rupiah]"""
        for n, plan in enumerate(plans):
            before = money_by_place(plan)
            if not before:
                yield n, total_cost(case, v) >= 1 / MILLION
                continue
            common = []
            for at, spent in sorted(before.items()):
                cost = place_cost(case, v, at)
                if cost is None:
                    continue
                now, most = cost
                kept = v.add("common", (n, *at))
                common.append(kept)
                there = spent / MILLION
                if most <= there + 0.5 / MILLION:  # never more than before: all of it is common
                    yield (n, *at), kept >= now
                    continue
                # full: it costs at least as much as before, and that is common; else all of it is
                full = v.add("full", (n, *at), choice=True)
                yield (n, *at, "full"), kept >= there * full
                yield (n, *at, "part"), kept >= now - (most - there) * full
                # where it is not full, no more than before is spent
                yield (n, *at, "less"), now - (most - there) * full <= there
            yield n, lpSum(common) <= (1 - share) * sum(before.values()) / MILLION

    return Rule(money_elsewhere, "demand")


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


def _as_good(least: float) -> Rule:
    def as_good(case: Case, v: Variables) -> Iterator[Any]:
        """The plan is nearly as good as the best.
        value ≥ (1 − within) · value of the best
        once [units]"""
        yield "all", objective(case, v) >= least

    return Rule(as_good, "demand")
