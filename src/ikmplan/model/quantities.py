"""The variables, and the sums of them that the rules use. Money is in million rupiah."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from math import ceil
from typing import Any, NamedTuple

from pulp import LpProblem, LpVariable, lpSum

from ikmplan.input.case import Case, Package
from ikmplan.input.cells import EQUIPMENT, MILLION, TRAINING
from ikmplan.input.own_limits import CountLimit, IfThen
from ikmplan.model.funds import MOST_UNIONS, unions
from ikmplan.tableset import grouped
from ikmplan.uncertainty.chances import (
    BAD_SHARE,
    BUDGET,
    SEASONS,
    UNITS,
    CostKey,
    cost_key,
    seasons,
    worst_count,
)

Expression = Any  # PuLP's expressions have no common type over its versions


@dataclass(frozen=True)
class Variables:
    """The decisions, each a PuLP variable under its key."""

    classes: dict[tuple[str, str], LpVariable]  # p, h: whole, in the year
    scheduled: dict[tuple[str, int], LpVariable]  # p, q: whole, over all hosts
    seats: dict[tuple[str, str], LpVariable]  # p, c: whole
    machines: dict[tuple[str, str], LpVariable]  # e, h: whole
    units: dict[tuple[str, Package], LpVariable]  # c, k: whole
    worst: LpVariable | None  # coverage of the worst-off cluster
    low: dict[str, LpVariable]  # what is reckoned with -> the level of its bad seasons
    short: dict[tuple[str, int], LpVariable]  # the same, season -> how much worse than that level
    present: dict[tuple[str, int], LpVariable]  # c, season: reached there, where it is smaller
    # f, and who else may pay for the same items: million rupiah; none where few rows do instead
    money: dict[tuple[str, frozenset[str]], LpVariable]
    problem: LpProblem
    opened: dict[str, LpVariable] = field(default_factory=dict)  # o: 0 or 1
    revived: dict[tuple[str, str], LpVariable] = field(default_factory=dict)  # e, h: whole
    # limit and part of it: 1 where the part gets a seat, a machine or its hours, else 0
    something: dict[tuple[int, int], LpVariable] = field(default_factory=dict)
    further: dict[str, LpVariable] = field(default_factory=dict)  # by name

    def add(self, kind: str, key: Any, choice: bool = False) -> LpVariable:
        """A variable >= 0 of one question alone, made when it is first asked for; a `choice` is
        0 or 1."""
        name = row_name(kind, key)
        if name not in self.further:
            most, cat = (1, "Integer") if choice else (None, "Continuous")
            self.further[name] = self.problem.add_variable(name, 0, most, cat)
        return self.further[name]


def make_variables(case: Case, problem: LpProblem) -> Variables:
    """Add every variable of the case to the problem, bounded by what could ever be of use.

    The days that a class uses depend on its course alone, so quarters are decided for courses
    and not for each host: any split of a course's classes over quarters can be divided among
    its hosts. That is exact, and far smaller.
    """

    def add(
        kind: str, key: tuple[Any, ...], most: float | None, cat: str, least: float | None = 0
    ) -> LpVariable:
        return problem.add_variable(row_name(kind, key), least, most, cat)

    classes, scheduled, seats, machines, units = {}, {}, {}, {}, {}
    for (p, h), clusters in case.course_hosts.items():
        people = sum(case.people_for(p, c) for c in clusters)
        classes[p, h] = add("classes", (p, h), people // case.courses[p].class_min, "Integer")
        for q in case.courses[p].starts:
            if (p, q) not in scheduled:
                scheduled[p, q] = add("scheduled", (p, q), None, "Integer")
        for c in clusters:
            seats[p, c] = add("seats", (p, c), case.people_for(p, c), "Integer")
    for e, h in case.machine_hosts:
        machines[e, h] = add("machines", (e, h), case.equipment[e].stock, "Integer")
    for c, packages in case.packages.items():
        for n, k in enumerate(packages):
            most = (case.young if case.young_only(k) else case.size)[c]
            units[c, k] = add("units", (c, n), most, "Integer")
    fair = case.scenario.equity > 0 and case.reachable and not case.scenario.is_cheapest
    worst = problem.add_variable("worst", 0, 1) if fair else None
    money = {}
    if len(unions(set(payers := items_by_payers(case)), MOST_UNIONS)) > MOST_UNIONS:
        for n, paid in enumerate(payers):
            for f in sorted(paid):
                money[f, paid] = add("money", (f, n), None, "Continuous")
    low, short, present = _season_variables(case, add)
    opened = {
        o: add("opened", (o,), 1, "Integer", int(_stays_open(case, o))) for o in case.open_to_plan
    }
    revived = {
        at: add("revived", at, _most_revived(case, *at), "Integer")
        for at in case.machine_hosts
        if at in case.idle
    }
    something = {
        (n, i): problem.add_variable(row_name("something", (n, i)), 0, 1, "Integer")
        for n, limit in enumerate(case.limits)
        if isinstance(limit, CountLimit | IfThen)
        for i in range(len(limit.parts))
    }
    return Variables(
        classes=classes, scheduled=scheduled, seats=seats, machines=machines, units=units,
        worst=worst, money=money, low=low, short=short, present=present, problem=problem,
        opened=opened, revived=revived, something=something,
    )  # fmt: skip


def _season_variables(case: Case, add: Callable[..., LpVariable]) -> tuple[Any, Any, Any]:
    """`low`, `short` and `present` of `Variables`; empty where no bad cases are reckoned with."""
    low, short, present = {}, {}, {}
    for what in seasons(case):
        low[what] = add("low", (what,), None, "Continuous", least=None)
        for n in range(SEASONS):
            short[what, n] = add("short", (what, n), None, "Continuous")
    if UNITS in low:
        for c, sizes in seasons(case)[UNITS].size.items():
            for n in range(SEASONS):
                if c in case.weights and case.packages[c] and sizes[n] < case.size[c]:
                    present[c, n] = add("present", (c, n), None, "Continuous")
    return low, short, present


def _stays_open(case: Case, o: str) -> bool:
    """Closing it saves nothing, and nothing asks for it: its rows then cost the solver nothing."""
    asked = case.limits or any(lock.item == o for lock in case.locks)
    return not (case.opening_costs[o] or asked)


def _most_revived(case: Case, e: str, h: str) -> int:
    """More of them would have nobody to use them, whatever there is."""
    one = case.machine_hours(e)
    hours = sum(
        case.size[c] * max(case.machines_of(c, k).get(e, 0.0) for k in case.packages[c])
        for c in case.machine_hosts[e, h]
        if case.packages[c]
    )
    return max(case.idle[e, h], ceil(hours / one) if one else 0)


def in_seasons(case: Case, v: Variables, what: str) -> Iterator[tuple[Expression, float]]:
    """For each season what a plan is worth there: a sum of variables, and what is taken from it."""
    found = seasons(case)[what]
    costs = list(_moving_costs(case, v)) if what == BUDGET else []
    keys = [key for key in v.units if (key[0] in case.weights if what == UNITS else key[0] == what)]
    weight = {c: row.weight if what == UNITS else 1.0 for c, row in case.clusters.items()}
    for n in range(SEASONS):
        if what == BUDGET:
            spent = (-float(found.cost_factor[at][n]) * cost for at, cost in costs)
            yield lpSum(spent), 0.0
            continue
        whole = (
            weight[c] * float(found.chance[c, k][n]) * v.units[c, k]
            for c, k in keys
            if what != UNITS or (c, n) not in v.present
        )
        there = (weight[c] * x for (c, m), x in v.present.items() if m == n and what == UNITS)
        asked = 0.0 if what == UNITS else case.floors[what] * float(found.size[what][n])
        yield lpSum(there) + lpSum(whole), -asked


def _moving_costs(case: Case, v: Variables) -> Iterator[tuple[CostKey, Expression]]:
    """Every cost that moves by itself, and what the plan spends on it [million rupiah]."""
    for paid in items(case):
        if paid.item in case.courses:
            yield cost_key("class", paid.item, ""), item_cost(case, v, paid)
    for (e, h), x in v.machines.items():
        yield cost_key("machine", e, h), case.price[e] / MILLION * x
    for (e, h), x in v.revived.items():
        yield cost_key("revive", e, h), case.revive_cost[e, h] / MILLION * x
    for o, x in v.opened.items():
        for _kind, part, cost in case.opening_costs[o]:
            yield cost_key(part, o, ""), cost / MILLION * x


def weighed_units(case: Case, v: Variables) -> Expression:
    """Expected units by weight; `caution` blends in those of the bad cases."""
    caution = case.scenario.caution
    expected = lpSum(weight * reached(case, v, c) for c, weight in case.weights.items())
    if caution > 0:
        expected = (1 - caution) * expected + caution * level_of_worst(v, UNITS, BAD_SHARE)
    return expected


def level_of_worst(v: Variables, what: str, share: float) -> Expression:
    """The mean of this share of the seasons, the worst: low − Σ_s short[s] / how many they are."""
    short = lpSum(v.short[what, n] for n in range(SEASONS))
    return v.low[what] - 1 / worst_count(share) * short


def row_name(kind: str, key: Any) -> str:
    """Of a key or a tuple of keys; keys hold no "__", so no two names are the same."""
    return "__".join(map(str, (kind, *key) if isinstance(key, tuple) else (kind, key)))


class Paid(NamedTuple):
    """What funds pay for: a course, a machine, or an opening's cost of one kind."""

    kind: str
    item: str


def items(case: Case) -> list[Paid]:
    """The courses and machines that suit any cluster, and the openings that cost something."""
    courses = (Paid(TRAINING, p) for p, _h in case.course_hosts)
    machines = (Paid(EQUIPMENT, e) for e, _h in case.machine_hosts)
    openings = (
        Paid(kind, o) for o in case.open_to_plan for kind, _part, _n in case.opening_costs[o]
    )
    return list(dict.fromkeys([*courses, *machines, *openings]))


def payers_of(case: Case, paid: Paid) -> frozenset[str]:
    """The funds that may pay for it."""
    return frozenset(case.payers(paid.item, paid.kind))


def items_by_payers(case: Case) -> dict[frozenset[str], list[Paid]]:
    """The funds that may pay -> the items that they, and no others, may pay for."""
    return grouped((payers_of(case, paid), paid) for paid in items(case))


def reached(case: Case, v: Variables, cluster: str) -> Expression:
    """Expected units of the cluster that are effectively reached."""
    return lpSum(case.chance[cluster, k] * v.units[cluster, k] for k in case.packages[cluster])


def item_cost(case: Case, v: Variables, paid: Paid) -> Expression:
    """What the plan spends on a course, a machine or an opening [million rupiah]."""
    kind, item = paid
    if item in case.openings:
        cost = sum(n for other, _part, n in case.opening_costs[item] if other == kind)
        return cost / MILLION * v.opened[item]
    if item in case.equipment:
        revived = lpSum(
            case.revive_cost[e, h] / MILLION * x for (e, h), x in v.revived.items() if e == item
        )
        return revived + lpSum(
            case.price[item] / MILLION * x for (e, _h), x in v.machines.items() if e == item
        )
    held = lpSum(x for (p, _h), x in v.classes.items() if p == item)
    seats = lpSum(x for (p, _c), x in v.seats.items() if p == item)
    return case.cost_class[item] / MILLION * held + case.cost_person[item] / MILLION * seats


def kind_cost(case: Case, v: Variables, kind: str) -> Expression:
    """What the plan spends on all training, or on all equipment [million rupiah]."""
    return lpSum(item_cost(case, v, paid) for paid in items(case) if paid.kind == kind)


def total_cost(case: Case, v: Variables) -> Expression:
    return kind_cost(case, v, TRAINING) + kind_cost(case, v, EQUIPMENT)


def hours_used(case: Case, v: Variables, e: str, clusters: tuple[str, ...]) -> Expression:
    """Hours of the machine that units of these clusters use in all their lines."""
    return lpSum(
        hours * v.units[c, k]
        for c in clusters
        for k in case.packages[c]
        if (hours := case.machines_of(c, k).get(e))
    )


def at_work(case: Case, v: Variables, e: str, h: str) -> Expression:
    """Machines that units can use: those placed, those revived, and those there already, which
    stand still in an opening that is closed."""
    there = case.existing.get((e, h), 0)
    still = there * v.opened[h] if h in v.opened else there
    return v.machines[e, h] + still + v.revived.get((e, h), 0)


def operating(
    case: Case, v: Variables
) -> Iterator[tuple[tuple[str, ...], Expression, Expression, int]]:
    """(p, h, *S), the operators that S needs, the users of S who are trained, those there already.

    By Hall's theorem each machine then has operators of its own among its users. Machines that
    are used in the same lines have the same users, so all of them are in S or none. Where there
    are no operators yet and no unit uses two such groups, the sets of one group are enough.
    """
    needing = grouped(((p, h), e) for e, h in v.machines if (p := case.operator_course(e)))
    for (p, h), machines in needing.items():
        there = case.operators.get((p, h), 0)
        used_in = {e: _lines_of(case, e, h) for e in machines}
        groups = grouped((used_in[e], e) for e in machines)
        shared = sum(map(len, groups)) > len(frozenset().union(*groups))
        together = there or shared or case.scenario.equipment_per_unit > 1
        for size in range(1, (len(groups) if together else 1) + 1):
            for sets in combinations(groups.values(), size):
                chosen = [e for e in machines if any(e in group for group in sets)]
                needed = lpSum(
                    case.equipment[e].operators * (v.machines[e, h] + v.revived.get((e, h), 0))
                    for e in chosen
                )
                clusters = dict.fromkeys(c for e in chosen for c in case.machine_hosts[e, h])
                trained = lpSum(
                    v.units[c, k]
                    for c in clusters
                    for k in case.packages[c]
                    if p in k.courses and not case.machines_of(c, k).keys().isdisjoint(chosen)
                )
                yield (p, h, *chosen), needed, trained, there


def _lines_of(case: Case, e: str, h: str) -> frozenset[tuple[str, str]]:
    """The lines in which the machine is used at the host, with the cluster of their units."""
    return frozenset(
        (c, line)
        for c in case.machine_hosts[e, h]
        for line in case.suited_lines(c)
        if e in case.line_at(line, c)
    )
