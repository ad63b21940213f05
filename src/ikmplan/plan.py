"""A plan: what was decided, as tidy tables, with its money, coverage, limits and proof.

`Decisions` are whole numbers under the model's keys. `make_plan` derives every
table from them and from the case; nothing in a `Plan` comes from a solver but the
decisions and the bound. Money is whole rupiah.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ikmplan.case import Case, Package
from ikmplan.cells import CITY, EQUIPMENT, TRAINING
from ikmplan.scenario import write_atomic
from ikmplan.tables import QUARTERS

if TYPE_CHECKING:
    from ikmplan.scenario import Scenario

PROVEN, FEASIBLE = "proven", "feasible"
SOURCE, SINK = "-source", "-sink"  # of the flow of money; no key begins so
COLUMNS = {
    "classes": {"course": str, "host": str, "quarter": int, "classes": int},
    "seats": {"course": str, "cluster": str, "seats": int},
    "machines": {"equipment": str, "host": str, "machines": int},
    "units": {"cluster": str, "package": str, "units": int, "chance": float, "reached": float},
    "lines": {
        "kind": str, "item": str, "host": str, "component": str,
        "quantity": int, "price": int, "amount": int,
    },
    "money": {"fund": str, "kind": str, "item": str, "host": str, "amount": int},
    "coverage": {
        "cluster": str, "size": int, "coached": int, "reached": float, "coverage": float,
        "floor": float, "counts": bool,
    },
    "limits": {
        "rule": str, "key": str, "quarter": int, "used": float, "limit": float,
        "step": float, "binding": bool,
    },
}  # fmt: skip


@dataclass(frozen=True)
class Decisions:
    """Whole numbers: what is held, placed, seated and given to whom. Zeros are left out."""

    classes: dict[tuple[str, str, int], int]  # p, h, q
    seats: dict[tuple[str, str], int]  # p, c
    machines: dict[tuple[str, str], int]  # e, h
    units: dict[tuple[str, Package], int]  # c, k


@dataclass(frozen=True)
class Proof:
    """How good the plan is: the objective's value, and what no plan can exceed."""

    status: str  # PROVEN: the gap is no more than asked; FEASIBLE: the search was stopped
    value: float
    bound: float
    gap: float  # (bound − value) / bound
    asked: float  # the gap that was asked for
    solver: str
    fingerprint: str  # of tables and scenario
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """The tables of COLUMNS as data frames, the scenario they answer, and the proof."""

    scenario: Scenario
    proof: Proof
    tables: dict[str, pd.DataFrame]

    def __getattr__(self, name: str) -> pd.DataFrame:
        """`plan.coverage` is `plan.tables["coverage"]`."""
        if name in COLUMNS:
            return self.tables[name]
        raise AttributeError(name)

    @property
    def reached(self) -> float:
        """Expected IKM units effectively reached."""
        return float(self.coverage.loc[self.coverage["counts"], "reached"].sum())

    @property
    def coached(self) -> int:
        """IKM units that get a course or machine hours."""
        return int(self.coverage.loc[self.coverage["counts"], "coached"].sum())

    @property
    def cost(self) -> int:
        """Rupiah."""
        return int(self.lines["amount"].sum())

    @property
    def class_count(self) -> int:
        return int(self.classes["classes"].sum())

    @property
    def machine_count(self) -> int:
        return int(self.machines["machines"].sum())

    @property
    def held(self) -> list[tuple[str, str, str, int]]:
        """Kind, item, host and count in the year: its classes and its machines."""
        classes: Any = self.classes.groupby(["course", "host"], sort=False)["classes"].sum()
        machines = self.machines.itertuples(index=False)
        return [
            *((TRAINING, str(p), str(h), int(n)) for (p, h), n in classes.items()),
            *((EQUIPMENT, str(e), str(h), int(n)) for e, h, n in machines),
        ]

    def save(self, folder: str | Path) -> None:
        """One Parquet file a table and plan.json, each written whole or not at all."""
        folder = Path(folder)
        for name, table in self.tables.items():
            buffer = BytesIO()
            table.to_parquet(buffer, index=False)
            write_atomic(folder / f"{name}.parquet", buffer.getvalue())
        about = {"scenario": self.scenario.model_dump(mode="json"), "proof": asdict(self.proof)}
        text = json.dumps(about, indent=2, ensure_ascii=False, default=list) + "\n"
        # last, so that a folder with plan.json is a whole plan
        write_atomic(folder / "plan.json", text.encode())


def load_plan(folder: str | Path) -> Plan:
    """The plan that `Plan.save` wrote."""
    from ikmplan.scenario import make_scenario

    folder = Path(folder)
    about = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in COLUMNS}
    return Plan(make_scenario(about["scenario"]), Proof(**about["proof"]), tables)


def worst_off(plan: Plan, case: Case) -> tuple[str, float] | None:
    """The IKM cluster with the smallest expected coverage, of those that anything suits."""
    rows = plan.coverage[plan.coverage["cluster"].isin(case.reachable)]
    if not len(rows):
        return None
    row = rows.sort_values(["coverage", "cluster"]).iloc[0]
    return str(row["cluster"]), float(row["coverage"])


def make_plan(case: Case, decisions: Decisions, proof: Proof) -> Plan:
    """Every table of the plan, derived from the decisions."""
    lines = _frame("lines", _lines(case, decisions))
    tables = {
        "classes": _frame("classes", ((*key, n) for key, n in decisions.classes.items())),
        "seats": _frame("seats", ((*key, n) for key, n in decisions.seats.items())),
        "machines": _frame("machines", ((*key, n) for key, n in decisions.machines.items())),
        "units": _frame("units", _units(case, decisions)),
        "lines": lines,
        "money": _frame("money", _money(case, lines)),
        "coverage": _frame("coverage", _coverage(case, decisions)),
    }
    tables["limits"] = _frame("limits", _limits(case, decisions, tables["money"]))
    return Plan(case.scenario, proof, tables)


def versions() -> dict[str, str]:
    """Of everything that had a hand in the numbers."""
    import platform

    packages = ("ikmplan", "pulp", "highspy", "pandas", "numpy")
    return {"python": platform.python_version()} | {name: version(name) for name in packages}


def value_of(case: Case, decisions: Decisions) -> float:
    """The objective of whole decisions, as `rules.objective` defines it."""
    reached = dict.fromkeys(case.clusters, 0.0)
    for (c, k), n in decisions.units.items():
        reached[c] += case.chance[c, k] * n
    weight = {c: row.weight for c, row in case.clusters.items() if case.counts(c)}
    equity = case.scenario.equity
    value = (1 - equity) * sum(weight[c] * reached[c] for c in weight)
    if equity > 0:
        worst = min((reached[c] / case.size[c] for c in case.reachable), default=0.0)
        value += equity * sum(weight[c] * case.size[c] for c in weight) * worst
    return value


def make_proof(case: Case, decisions: Decisions, bound: float, asked: float, solver: str) -> Proof:
    """How near the decisions are to `bound`; PROVEN where that is within the gap `asked`."""
    value = value_of(case, decisions)
    bound = max(bound, value)
    gap = relative_gap(value, bound)
    return Proof(
        # the last figures of a float must not turn a proof into none
        status=PROVEN if gap <= asked or bound - value <= 1e-6 else FEASIBLE,
        value=value,
        bound=bound,
        gap=gap,
        asked=asked,
        solver=solver,
        fingerprint=case.fingerprint,
        versions=versions(),
    )


def relative_gap(value: float, bound: float) -> float:
    """How far `value` may be from the best, as a share of the best: 0..1."""
    gap = abs(bound - value)
    return 0.0 if gap < 1e-9 else min(1.0, gap / max(abs(bound), 1e-9))


def _frame(name: str, rows: Any) -> pd.DataFrame:
    made = pd.DataFrame(list(rows), columns=list(COLUMNS[name]))
    return made.astype(COLUMNS[name])


def _units(case: Case, d: Decisions) -> Iterator[tuple[Any, ...]]:
    for (c, k), n in d.units.items():
        yield c, str(k), n, case.chance[c, k], case.chance[c, k] * n


def _lines(case: Case, d: Decisions) -> Iterator[tuple[Any, ...]]:
    """The cost of every item at every host, by component."""
    held: dict[tuple[str, str], int] = {}
    for (p, h, _q), n in d.classes.items():
        held[p, h] = held.get((p, h), 0) + n
    seated: dict[tuple[str, str], int] = {}
    for (p, c), n in d.seats.items():
        h = case.host(p, c)
        seated[p, h] = seated.get((p, h), 0) + n
    for (p, h), n in held.items():
        people = seated.get((p, h), 0)
        yield TRAINING, p, h, "class", n, case.cost_class[p], n * case.cost_class[p]
        yield TRAINING, p, h, "person", people, case.cost_person[p], people * case.cost_person[p]
    for (e, h), n in d.machines.items():
        yield EQUIPMENT, e, h, "machine", n, case.price[e], n * case.price[e]


def _money(case: Case, lines: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Who pays what: exact rupiah, by a flow from the funds to the lines.

    A fund that may pay for little goes first, so that the freest money is what is left.
    """
    import networkx as nx

    costs: Any = lines.groupby(["kind", "item", "host"], sort=False)["amount"].sum()
    graph: Any = nx.DiGraph()
    breadth = {f: _breadth(case, f) for f in case.funds}
    for line, cost in costs.items():
        graph.add_edge(line, SINK, capacity=int(cost), weight=0)
        for f in case.payers(line[1]):
            # where a line has to be split, half a class is easier to account for than half an oven
            share = 2 if line[0] == EQUIPMENT else 1
            graph.add_edge(f, line, weight=share * breadth[f])  # no capacity: all it likes
    for f, amount in case.fund_amount.items():
        graph.add_edge(SOURCE, f, capacity=amount, weight=0)
    if SINK not in graph:
        return
    flow = nx.max_flow_min_cost(graph, SOURCE, SINK)
    for f in case.funds:
        for line, amount in flow.get(f, {}).items():
            if amount:
                yield f, *line, amount


def _breadth(case: Case, f: str) -> int:
    """For how much a fund may pay: the items, and each whole kind that it names."""
    kinds = {TRAINING, EQUIPMENT} & set(case.funds[f].pays)
    return len(kinds) + sum(f in case.payers(item) for item in [*case.courses, *case.equipment])


def _coverage(case: Case, d: Decisions) -> Iterator[tuple[Any, ...]]:
    for c in case.clusters:
        given = [(k, n) for (at, k), n in d.units.items() if at == c]
        reached = sum(case.chance[c, k] * n for k, n in given)
        share = reached / case.size[c] if case.size[c] else 0.0
        coached = sum(n for _k, n in given)
        yield c, case.size[c], coached, reached, share, case.floors.get(c, 0.0), case.counts(c)


def _limits(case: Case, d: Decisions, money: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """What there is of each scarce thing and what is used of it. It binds where what is left
    is less than `step`, the least that one more class or machine would take."""

    def row(
        rule: str, key: str, quarter: int, used: float, limit: float, steps: list[float]
    ) -> tuple[Any, ...]:
        step = min((s for s in steps if s > 0), default=0.0)
        return rule, key, quarter, used, limit, step, step > 0 and limit - used < step - 1e-9

    class_cost = {
        p: case.cost_class[p] + case.courses[p].class_min * case.cost_person[p]
        for p in case.courses
    }
    cost = {**class_cost, **case.price}
    suited = {p for p, _h in case.course_hosts} | {e for e, _h in case.machine_hosts}
    spent = int(money["amount"].sum())
    yield row("within_budget", "budget", 0, spent, case.budget, [cost[i] for i in suited])
    for f, amount in case.fund_amount.items():
        paid = int(money.loc[money["fund"] == f, "amount"].sum())
        yield row(
            "funds_cover", f, 0, paid, amount, [cost[i] for i in suited if f in case.payers(i)]
        )
    for r in case.resources:
        steps = [days for (p, other), days in case.uses.items() if other == r and p in suited]
        for q in QUARTERS:
            used = sum(
                case.uses.get((p, r), 0) * n for (p, _h, at), n in d.classes.items() if at == q
            )
            yield row("resource_days", r, q, used, case.capacity[r, q], steps)
    for e in dict.fromkeys(e for e, _h in case.machine_hosts):
        placed = sum(n for (other, _h), n in d.machines.items() if other == e)
        yield row("machines_in_stock", e, 0, placed, case.equipment[e].stock, [1])
    for rule, what in (("power_at_site", "kva"), ("floor_space_at_site", "floor_m2")):
        for c, cluster in case.clusters.items():
            kinds = [e for e, h in case.machine_hosts if h == c]
            if kinds:
                used = sum(
                    getattr(case.equipment[e], what) * n
                    for (e, h), n in d.machines.items()
                    if h == c
                )
                steps = [getattr(case.equipment[e], what) for e in kinds]
                yield row(rule, c, 0, used, getattr(cluster, what), steps)
    for (e, h), clusters in case.machine_hosts.items():
        machines = case.existing.get((e, h), 0) + d.machines.get((e, h), 0)
        if machines:
            used = sum(
                case.hours_of(e, c) * n
                for (c, k), n in d.units.items()
                if e in k.equipment and c in clusters
            )
            steps = [case.hours_of(e, c) for c in clusters]
            at = e if h == CITY else f"{e} @ {h}"
            yield row("hours_within_machines", at, 0, used, machines * case.machine_hours(e), steps)
