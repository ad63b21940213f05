"""Every table of a plan, derived from its decisions and the case; nothing comes from a solver."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import fsum
from typing import Any, NamedTuple

import pandas as pd

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY, EQUIPMENT, TRAINING
from ikmplan.input.rows import QUARTERS
from ikmplan.plan.plan import Decisions, Plan, Proof, exact_total, total

FLOW_SOURCE, FLOW_SINK = "-source", "-sink"  # of the flow of money; no key begins with "-"


def make_plan(case: Case, decisions: Decisions, proof: Proof) -> Plan:
    """Every table of the plan, derived from the decisions, its rows in the order of the case."""
    decisions = _in_order_of(case, decisions)
    lines = Plan.frame("lines", _lines(case, decisions))
    tables = {
        "classes": Plan.frame("classes", ((*key, n) for key, n in decisions.classes.items())),
        "seats": Plan.frame("seats", ((*key, n) for key, n in decisions.seats.items())),
        "machines": Plan.frame("machines", ((*key, n) for key, n in decisions.machines.items())),
        "openings": Plan.frame("openings", decisions.opened.items()),
        "revived": Plan.frame("revived", ((*key, n) for key, n in decisions.revived.items())),
        "units": Plan.frame("units", _units(case, decisions)),
        "lines": lines,
        "money": Plan.frame("money", _money(case, lines)),
        "coverage": Plan.frame("coverage", _coverage(case, decisions)),
    }
    limits = (limit.row for made in LIMIT_ROWS for limit in made(case, decisions, tables["money"]))
    tables["limits"] = Plan.frame("limits", limits)
    return Plan(case.scenario, proof, tables)


def _in_order_of(case: Case, d: Decisions) -> Decisions:
    """The decisions in the order in which the case has its clusters, courses and machines."""
    course, held = _ranks(p for p, _h in case.course_hosts), _ranks(case.course_hosts)
    seated = _ranks((p, c) for (p, _h), clusters in case.course_hosts.items() for c in clusters)
    placed, opened = _ranks(case.machine_hosts), _ranks(case.openings)
    given = _ranks((c, k) for c, packages in case.packages.items() for k in packages)

    def in_order(counts: dict[Any, int], rank: Callable[[Any], Any]) -> dict[Any, int]:
        return {key: counts[key] for key in sorted(counts, key=rank)}

    return Decisions(
        classes=in_order(d.classes, lambda at: (course(at[0]), at[2], held(at[:2]))),
        seats=in_order(d.seats, seated),
        machines=in_order(d.machines, placed),
        units=in_order(d.units, given),
        opened=in_order(d.opened, opened),
        revived=in_order(d.revived, placed),
    )


def _ranks(keys: Iterable[Any]) -> Callable[[Any], int]:
    """The place of a key among these; all others come last."""
    rank = {key: n for n, key in enumerate(dict.fromkeys(keys))}
    return lambda key: rank.get(key, len(rank))


def _units(case: Case, d: Decisions) -> Iterator[tuple[Any, ...]]:
    for (c, k), n in d.units.items():
        yield c, str(k), n, case.chance[c, k], case.chance[c, k] * n


def _lines(case: Case, d: Decisions) -> Iterator[tuple[Any, ...]]:
    """The cost of every item at every host, by component."""
    held = total(((p, h), n) for (p, h, _q), n in d.classes.items())
    seated = total(((p, case.host(p, c)), n) for (p, c), n in d.seats.items())
    for (p, h), n in held.items():
        people = seated[p, h]
        yield TRAINING, p, h, "class", n, case.cost_class[p], n * case.cost_class[p]
        yield TRAINING, p, h, "person", people, case.cost_person[p], people * case.cost_person[p]
    for (e, h), n in d.machines.items():
        yield EQUIPMENT, e, h, "machine", n, case.price[e], n * case.price[e]
    for (e, h), n in d.revived.items():
        yield EQUIPMENT, e, h, "revive", n, case.revive_cost[e, h], n * case.revive_cost[e, h]
    for o in d.opened:
        for kind, part, cost in case.opening_costs[o]:
            yield kind, o, CITY, part, 1, cost, cost


def _money(case: Case, lines: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Who pays what: exact rupiah, by a flow from the funds to the lines.

    A fund that may pay for little goes first, so that the money left may pay for most. The
    flow is made in the order of the keys, so that it does not depend on that of the rows.
    """
    import networkx as nx

    costs: Any = lines.groupby(["kind", "item", "host"], sort=False)["amount"].sum()
    graph: Any = nx.DiGraph()
    breadth = {f: _breadth(case, f) for f in case.funds}
    for line, cost in sorted(costs.items()):
        graph.add_edge(line, FLOW_SINK, capacity=int(cost), weight=0)
        for f in sorted(case.payers(line[1], line[0])):
            # where a line has to be split, half a class is easier to account for than half an oven
            share = 2 if line[0] == EQUIPMENT else 1
            graph.add_edge(f, line, weight=share * breadth[f])  # without a capacity: no limit
    for f, amount in sorted(case.fund_amount.items()):
        graph.add_edge(FLOW_SOURCE, f, capacity=amount, weight=0)
    if FLOW_SINK not in graph:
        return
    flow = nx.max_flow_min_cost(graph, FLOW_SOURCE, FLOW_SINK)
    for f in case.funds:
        for line in costs.index:
            if paid := flow.get(f, {}).get(line):
                yield f, *line, paid


def _breadth(case: Case, f: str) -> int:
    """How many items a fund may pay for, and one more for each kind that it names."""
    kinds = {TRAINING, EQUIPMENT} & set(case.funds[f].pays)
    openings = [
        f in case.payers(o, kind) for o in case.openings for kind, _p, _n in case.opening_costs[o]
    ]
    items = [f in case.payers(item) for item in [*case.courses, *case.equipment]]
    return len(kinds) + sum(items) + sum(openings)


def _coverage(case: Case, d: Decisions) -> Iterator[tuple[Any, ...]]:
    coached = total((c, n) for (c, _k), n in d.units.items())
    reached = exact_total((c, case.chance[c, k] * n) for (c, k), n in d.units.items())
    for c, size in case.size.items():
        found = reached.get(c, 0.0)
        share = found / size if size else 0.0
        yield c, size, coached[c], found, share, case.floors.get(c, 0.0), case.is_ikm(c)


class Limit(NamedTuple):
    """A row of the table limits, and what each further class or machine would take."""

    rule: str
    key: str
    quarter: int
    used: float
    limit: float
    steps: Iterable[float]

    @property
    def row(self) -> tuple[Any, ...]:
        """It binds where what is left is less than the least step."""
        step = min((s for s in self.steps if s > 0), default=0.0)
        binds = step > 0 and self.limit - self.used < step - 1e-9
        return (*self[:5], step, binds)


def _step_costs(case: Case) -> dict[str, int]:
    """Rupiah of the smallest class, of one machine placed or revived, of all that suits anybody.

    What an opening costs besides is left out: it may be open already.
    """
    classes = {
        p: case.cost_class[p] + case.courses[p].class_min * case.cost_person[p]
        for p, _h in case.course_hosts
    }
    machines = {e: case.price[e] for e, _h in case.machine_hosts}
    revived = {e: case.revive_cost[e, h] for e, h in case.machine_hosts if (e, h) in case.idle}
    return classes | machines | {e: min(n, machines[e]) for e, n in revived.items()}


def _budget(case: Case, _d: Decisions, money: pd.DataFrame) -> Iterator[Limit]:
    spent = int(money["amount"].sum())
    yield Limit("within_budget", "budget", 0, spent, case.budget, _step_costs(case).values())


def _funds(case: Case, _d: Decisions, money: pd.DataFrame) -> Iterator[Limit]:
    costs, paid = _step_costs(case), money.groupby("fund")["amount"].sum()
    for f, amount in case.fund_amount.items():
        steps = [cost for item, cost in costs.items() if f in case.payers(item)]
        yield Limit("funds_cover", f, 0, int(paid.get(f, 0)), amount, steps)


def _days(case: Case, d: Decisions, _money: pd.DataFrame) -> Iterator[Limit]:
    suited = {p for p, _h in case.course_hosts}
    for r, row in case.resources.items():
        if row.opening and row.opening not in d.opened:
            continue
        using = [p for p, other in case.uses if other == r and p in suited]
        for q in QUARTERS:
            starts = [(p, start) for p in using for start in case.courses[p].starts]
            steps = [case.days_in(p, r, start, q) for p, start in starts]
            used = fsum(case.days_in(p, r, at, q) * n for (p, _h, at), n in d.classes.items())
            yield Limit("resource_days", r, q, used, case.capacity[r, q], steps)


def _stock(case: Case, d: Decisions, _money: pd.DataFrame) -> Iterator[Limit]:
    placed = total((e, n) for (e, _h), n in d.machines.items())
    for e in dict.fromkeys(e for e, _h in case.machine_hosts):
        yield Limit("machines_in_stock", e, 0, placed[e], case.equipment[e].stock, [1])


def _site(case: Case, d: Decisions, _money: pd.DataFrame) -> Iterator[Limit]:
    for rule, what in (("power_at_site", "kva"), ("floor_space_at_site", "floor_m2")):
        each = {e: getattr(row, what) for e, row in case.equipment.items()}
        opened = {o: case.openings[o] for o in d.opened}
        for site, row in {**case.clusters, **opened}.items():
            steps = [each[e] for e, h in case.machine_hosts if h == site]
            if steps:
                used = fsum(each[e] * n for (e, h), n in d.machines.items() if h == site)
                yield Limit(rule, site, 0, used, getattr(row, what), steps)


def _idle(case: Case, d: Decisions, _money: pd.DataFrame) -> Iterator[Limit]:
    for (e, h), idle in case.idle.items():
        if (e, h) in case.machine_hosts and (h not in case.openings or h in d.opened):
            used = d.revived.get((e, h), 0)
            yield Limit("revived_within_idle", place_key(e, h), 0, used, idle, [1])


def _hours(case: Case, d: Decisions, _money: pd.DataFrame) -> Iterator[Limit]:
    for (e, h), clusters in case.machine_hosts.items():
        machines = d.machines.get((e, h), 0) + d.revived.get((e, h), 0)
        if h not in case.openings or h in d.opened:
            machines += case.existing.get((e, h), 0)
        if machines:
            used = fsum(
                case.machines_of(c, k).get(e, 0.0) * n
                for (c, k), n in d.units.items()
                if c in clusters
            )
            each, there = [case.hours_of(e, c) for c in clusters], machines * case.machine_hours(e)
            yield Limit("hours_within_machines", place_key(e, h), 0, used, there, each)


def place_key(e: str, h: str) -> str:
    """The key of a limit of a machine at one host: "oven @ kue_denai"."""
    return e if h == CITY else f"{e} @ {h}"


def _interest(case: Case, d: Decisions, _money: pd.DataFrame) -> Iterator[Limit]:
    """Units that get a topic, of all clusters whose units do not all want it."""
    given = total(((*topic, c), n) for (c, k), n in d.units.items() for topic in case.topics(k))
    for kind, key in dict.fromkeys(at[:2] for at in case.wanted):
        wanted = {at: n for at, n in case.wanted.items() if at[:2] == (kind, key)}
        used = sum(given[at] for at in wanted)
        yield Limit("units_interested", key, 0, used, sum(wanted.values()), [1])


LIMIT_ROWS = (_budget, _funds, _days, _stock, _idle, _site, _hours, _interest)
