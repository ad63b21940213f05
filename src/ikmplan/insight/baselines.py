"""What an office would do without the model: the programmes that a plan is compared with.

`doing_nothing` spends no money; `announced` is the programme of announced.csv, and `same_money`
the best plan for just its money. `shared_out` divides the budget over the clusters by a rule of
thumb and makes the best of each part. `greedy`, in a module of its own, always buys what
reaches most for its money next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import floor
from typing import Any, NamedTuple

from pulp import lpSum

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY, MILLION
from ikmplan.input.scenario import REACH
from ikmplan.insight.demands import changed, reaching, without_demands
from ikmplan.model.decisions import without_unused
from ikmplan.model.highs import Model
from ikmplan.model.problem import make_problem
from ikmplan.model.quantities import Variables, hours_used, row_name
from ikmplan.model.rules import RULES, Rule, class_mix, units_interested
from ikmplan.model.search import HIGHS, NODES, ask
from ikmplan.model.stages import as_searched
from ikmplan.plan.derive import make_plan
from ikmplan.plan.plan import Decisions, Plan, make_proof, worst_coverage

# who may get what, whatever there is of it: they hold for every programme
RULES_OF_UNITS = tuple(
    r for r in RULES if r.kind == "sense" or r.rows in (units_interested, class_mix)
)
BASELINE_GAP = 1e-4
BASELINE_SECONDS = 600.0  # never needed: nodes are the limit


def doing_nothing(case: Case) -> Plan:
    """What is reached without any money: units that use the machines that are there already.

    No class is held, no machine is placed or revived, and only what costs nothing is open. It is
    the zero that a plan adds to.
    """
    free = changed(without_demands(case), budget=0, courses_per_unit=0)
    asked, scale = as_searched(free)
    problem, v = make_problem(asked, cuts=False, rules=RULES_OF_UNITS)
    for placed in (*v.machines.values(), *v.revived.values()):
        placed.upBound = 0
    for o, opened in v.opened.items():
        opened.upBound = 0 if case.opening_costs[o] else 1
    found = Model(problem).search(BASELINE_GAP, BASELINE_SECONDS, nodes=NODES)
    assert found.values is not None, "a plan without any units keeps these rules"
    units = {key: n for key, x in v.units.items() if (n := round(found.values[x.name]))}
    opened = {o: 1 for o in v.opened if not case.opening_costs[o]}
    decisions = without_unused(free, Decisions({}, {}, {}, units, opened))
    proof = make_proof(free, decisions, found.bound * scale, BASELINE_GAP, HIGHS)
    return make_plan(free, decisions, replace(proof, fingerprint=case.fingerprint))


def announced(case: Case) -> Plan | None:
    """The programme as announced, its seats given to the units they help most.

    None where the case has no announced.csv. The classes, seats and machines are taken as
    they are announced, whatever they cost and use: as a baseline it need not keep the limits.
    """
    if not case.tables.announced:
        return None
    fingerprint = case.fingerprint
    # the programme was announced without the scenario's locks, exclusions, limits and weights;
    # its seats go to whom they help most, whatever is asked of the plan
    given = {"exclusions": (), "locks": (), "limits": (), "equity": 0, "goal": REACH}
    case = changed(case, **given, users_trained=False)
    # its machines need neither be in stock nor have operators; what they need is opened
    left_out = {"machines_operated", "within_openings"}
    senses = [r for r in RULES_OF_UNITS if r.name not in left_out]
    asked, scale = as_searched(case)
    problem, v = make_problem(asked, cuts=False, rules=senses)
    counts = case.announced_at  # by item and host, over the year
    opened = announced_openings(case, counts)
    held, seats, named = announced_classes(case)
    for (p, c), n in named.items():
        problem += v.seats[p, c] >= n, row_name("announced_seats", (p, c))
    for (p, h), variable in v.classes.items():
        clusters = case.course_hosts[p, h]
        seated = lpSum(v.seats[p, c] for c in clusters)
        problem += variable == counts[p, h], row_name("announced_classes", (p, h))
        problem += seated == seats[p, h], row_name("announced_seats", (p, h))
    for (e, h), variable in v.machines.items():
        variable.upBound = None
        problem += variable == counts[e, h], row_name("announced_machines", (e, h))
    for variable in v.revived.values():
        variable.upBound = 0
    for o, variable in v.opened.items():
        problem += variable == opened.get(o, 0), row_name("announced_opening", (o,))
    found = Model(problem).search(BASELINE_GAP, BASELINE_SECONDS, nodes=NODES)
    assert found.values is not None, "a plan without any units keeps these rules"
    values = found.values
    decisions = Decisions(
        classes=dict(+held),
        seats={key: n for key, x in v.seats.items() if (n := round(values[x.name]))},
        machines={key: n for key, n in counts.items() if n and key[0] in case.equipment},
        units={key: n for key, x in v.units.items() if (n := round(values[x.name]))},
        opened=opened,
    )
    proof = make_proof(case, decisions, found.bound * scale, BASELINE_GAP, HIGHS)
    return make_plan(case, decisions, replace(proof, fingerprint=fingerprint))


def announced_classes(
    case: Case,
) -> tuple[Counter[tuple[str, str, int]], Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """The announced classes by course, host and quarter; their seats by course and host; and of
    classes for the city the seats that were announced for one cluster, by course and cluster."""
    held: Counter[tuple[str, str, int]] = Counter()
    seats: Counter[tuple[str, str]] = Counter()
    named: Counter[tuple[str, str]] = Counter()
    for row in case.tables.announced:
        if row.item in case.courses:
            host = case.host(row.item, row.cluster)
            held[row.item, host, row.quarter or 0] += row.count
            seats[row.item, host] += row.seats or 0
            if row.cluster != host:
                named[row.item, row.cluster] += row.seats or 0
    return held, seats, named


def announced_openings(case: Case, counts: Counter[tuple[str, str]]) -> dict[str, int]:
    """The openings that were announced, and those without which the rest is impossible."""
    opened = {row.item for row in case.tables.announced if row.item in case.openings and row.count}
    for (item, h), n in counts.items():
        opened |= {*case.course_openings.get(item, ()), *case.openings.keys() & {h}} if n else set()
    return {o: 1 for o in case.openings if o in opened}


class SameMoney(NamedTuple):
    """The best plan for the money of another programme, and the case that it answers."""

    plan: Plan
    case: Case
    highest_floor: float | None  # 0..1; None: the floors are those of the scenario


def same_money(case: Case, cost: int, start: Plan | None = None) -> SameMoney | None:
    """The best plan with at most `cost` rupiah that keeps every demand of the scenario.

    Where no such plan is found, its floors are lowered to the highest whole percent that every
    cluster can get for this money. None where the other demands cost more than it.
    """
    asked = reaching(case, budget=cost, near=())
    plan = ask(asked, start, shown=True).plan
    if plan is not None:
        return SameMoney(plan, asked, None)
    if not case.floors:
        return None
    fairest = ask(changed(asked, floor=0.0, floors={}, equity=1.0), start).plan
    if fairest is None:
        return None
    highest = floor(100 * (worst_coverage(fairest, case) or 0.0) + 1e-9) / 100
    scenario = case.scenario
    floors = {c: min(share, highest) for c, share in scenario.floors.items()}
    asked = changed(asked, floor=min(scenario.floor, highest), floors=floors)
    plan = ask(asked, fairest, shown=True).plan
    return None if plan is None else SameMoney(plan, asked, highest)


def shared_out(case: Case, weights: Mapping[str, float]) -> Plan | None:
    """The best plan in which each cluster spends no more than its part of the budget.

    `weights` are the sizes of the parts: c -> any number >= 0. Only the limits hold, no
    demand of the scenario. What city-wide classes and machines cost is counted by the seat
    and by the hour.
    """
    free = without_demands(case)
    whole = sum(weights.values())
    purses = {c: case.budget * weight / whole for c, weight in weights.items()}

    def purses_kept(case: Case, v: Variables) -> Iterator[Any]:
        """No cluster spends more than its purse.
        Σ cost of what cluster c gets ≤ purse[c]
        for every cluster c [million rupiah]"""
        for c in (c for c in case.clusters if c in purses):
            yield c, _cost_for(case, v, c) <= purses[c] / MILLION

    return ask(free, rules=(*RULES, Rule(purses_kept, "demand"))).plan


def _cost_for(case: Case, v: Variables, c: str) -> Any:
    """What a cluster's own classes and machines cost, and its part of the city's."""
    costs = [case.cost_class[p] * x for (p, h), x in v.classes.items() if h == c]
    for (p, at), x in v.seats.items():
        if at == c:
            of_class = case.cost_class[p] / case.courses[p].class_max
            costs.append((case.cost_person[p] + of_class * (case.host(p, c) == CITY)) * x)
    costs += [case.price[e] * x for (e, h), x in v.machines.items() if h == c]
    costs += [case.revive_cost[e, h] * x for (e, h), x in v.revived.items() if h == c]
    for (e, h), clusters in case.machine_hosts.items():
        if h not in case.clusters and c in clusters:
            costs.append(case.price[e] / case.machine_hours(e) * hours_used(case, v, e, (c,)))
    # what is opened is for all: each cluster bears its part by its units
    part = case.size[c] / max(1, sum(case.size.values()))
    for o, x in v.opened.items():
        costs.append(part * sum(n for _kind, _part, n in case.opening_costs[o]) * x)
    return lpSum(cost / MILLION for cost in costs)
