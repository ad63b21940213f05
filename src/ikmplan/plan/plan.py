"""A plan: what was decided, as tidy tables, with its money, coverage, limits and proof.

`Decisions` are whole numbers under the model's keys. `make_plan` derives every
table from them and from the case; only the decisions and the bound of a `Plan`
come from a solver. Money is whole rupiah.
"""

from __future__ import annotations

import json
import platform
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import version
from math import fsum
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from ikmplan.files import write_atomic
from ikmplan.input.case import Case, Package
from ikmplan.input.cells import CITY, EQUIPMENT, MILLION, TRAINING
from ikmplan.tableset import TableSet, Types, grouped
from ikmplan.uncertainty.chances import bad_units

if TYPE_CHECKING:
    from ikmplan.input.scenario import Scenario

PROVEN, FEASIBLE = "proven", "feasible"
VALUE_TOLERANCE = 1e-6  # smaller differences of values are none
OPENING = "opening"  # the kind of what is opened, among what a plan holds
PLAN_COLUMNS: Types = {
    "classes": {"course": str, "host": str, "quarter": int, "classes": int},
    "seats": {"course": str, "cluster": str, "seats": int},
    "machines": {"equipment": str, "host": str, "machines": int},
    "openings": {"opening": str, "opened": int},
    "revived": {"equipment": str, "host": str, "machines": int},
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
    opened: dict[str, int] = field(default_factory=dict)  # o: 1
    revived: dict[tuple[str, str], int] = field(default_factory=dict)  # e, h


@dataclass(frozen=True)
class Proof:
    """How good the plan is: the objective's value, and what no plan can exceed."""

    status: str  # PROVEN: the gap is no more than asked; FEASIBLE: the search was stopped
    value: float  # where the goal is the least cost: the cost in million rupiah, below zero
    bound: float
    gap: float  # (bound − value) / bound
    asked: float  # the gap that was asked for
    solver: str
    fingerprint: str  # of tables and scenario
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan(TableSet):
    """The tables of COLUMNS as data frames, the scenario they answer, and the proof."""

    COLUMNS: ClassVar[Types] = PLAN_COLUMNS
    ADDED = frozenset({"openings", "revived"})
    scenario: Scenario
    proof: Proof
    tables: dict[str, pd.DataFrame]

    @property
    def reached(self) -> float:
        """Expected IKM units effectively reached."""
        return fsum(self.coverage.loc[self.coverage["counts"], "reached"])

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
        """Those placed; machines that are revived stood there already."""
        return int(self.machines["machines"].sum())

    @property
    def held(self) -> list[tuple[str, str, str, int]]:
        """Kind, item, host and count in the year: its classes, its machines placed or revived,
        and what it opens."""
        classes: Any = self.classes.groupby(["course", "host"], sort=False)["classes"].sum()
        machines = total(
            ((str(e), str(h)), int(n))
            for table in (self.machines, self.revived)
            for e, h, n in table.itertuples(index=False)
        )
        opened = self.openings.itertuples(index=False)
        return [
            *((TRAINING, str(p), str(h), int(n)) for (p, h), n in classes.items()),
            *((EQUIPMENT, e, h, n) for (e, h), n in machines.items()),
            *((OPENING, str(o), CITY, int(n)) for o, n in opened),
        ]

    @property
    def packages(self) -> list[tuple[str, tuple[str, ...], int]]:
        """Cluster, courses and lines of a package, and the units that get it."""
        units = self.units[["cluster", "package", "units"]]
        return [
            (c, tuple(package.split("+")), int(n))
            for c, package, n in units.itertuples(index=False)
        ]

    def save(self, folder: str | Path) -> None:
        """One Parquet file a table and plan.json, each written whole or not at all."""
        super().save(folder)
        about = {"scenario": self.scenario.model_dump(mode="json"), "proof": asdict(self.proof)}
        text = json.dumps(about, indent=2, ensure_ascii=False, default=list) + "\n"
        # last, so that a folder with plan.json is a whole plan
        write_atomic(Path(folder) / "plan.json", text.encode())


def load_plan(folder: str | Path) -> Plan:
    """The plan that `Plan.save` wrote."""
    from ikmplan.input.scenario import make_scenario

    folder = Path(folder)
    about = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    scenario, proof = make_scenario(about["scenario"]), Proof(**about["proof"])
    return Plan(scenario, proof, Plan.load_tables(folder))


def worst_off_cluster(plan: Plan, case: Case) -> tuple[str, float] | None:
    """The IKM cluster with the smallest expected coverage, of those that anything suits."""
    rows = plan.coverage[plan.coverage["cluster"].isin(case.reachable)]
    if not len(rows):
        return None
    row = rows.sort_values(["coverage", "cluster"]).iloc[0]
    return str(row["cluster"]), float(row["coverage"])


def worst_coverage(plan: Plan, case: Case) -> float | None:
    """The coverage of that cluster, 0..1."""
    worst = worst_off_cluster(plan, case)
    return worst[1] if worst else None


def new_entrepreneurs(plan: Plan, case: Case) -> float:
    """Expected people effectively reached who are not IKM yet, of the clusters that count."""
    rows = plan.coverage[~plan.coverage["counts"] & plan.coverage["cluster"].isin(case.weights)]
    return fsum(rows["reached"])


def plan_figures(plan: Plan, case: Case) -> dict[str, Any]:
    """The numbers that plans are compared by: `worst` is a share, `cost` in rupiah; those of new
    entrepreneurs only where they count."""
    apart = {"entrepreneurs": new_entrepreneurs(plan, case)} if case.counts_entrepreneurs else {}
    return {
        "value": plan.proof.value,
        "bound": plan.proof.bound,
        "gap": plan.proof.gap,
        "reached": plan.reached,
        **apart,
        "coached": plan.coached,
        "worst": worst_coverage(plan, case) or 0.0,
        "classes": plan.class_count,
        "machines": plan.machine_count,
        "cost": plan.cost,
    }


def versions() -> dict[str, str]:
    """Program -> version, of all that the numbers depend on."""
    packages = ("ikmplan", "pulp", "highspy", "pandas", "numpy")
    return {"python": platform.python_version()} | {name: _version(name) for name in packages}


_version = cache(version)  # it reads files


def value_of(case: Case, decisions: Decisions) -> float:
    """The objective of whole decisions, as `rules.objective` defines it."""
    if case.scenario.is_cheapest:
        return 0.0 - cost_of(case, decisions) / MILLION
    reached = exact_total((c, case.chance[c, k] * n) for (c, k), n in decisions.units.items())
    weight, equity, caution = case.weights, case.scenario.equity, case.scenario.caution
    value = fsum(weight[c] * reached.get(c, 0.0) for c in weight)
    if caution > 0:
        value = (1 - caution) * value + caution * bad_units(case, decisions.units)
    value *= 1 - equity
    if equity > 0:
        worst = min((reached.get(c, 0.0) / case.size[c] for c in case.reachable), default=0.0)
        value += equity * fsum(weight[c] * case.size[c] for c in weight if case.is_ikm(c)) * worst
    return value


def cost_of(case: Case, decisions: Decisions) -> int:
    """What the decisions cost, in rupiah."""
    opened = {o: sum(cost for _kind, _part, cost in case.opening_costs[o]) for o in case.openings}
    return (
        sum(case.cost_class[p] * n for (p, _h, _q), n in decisions.classes.items())
        + sum(case.cost_person[p] * n for (p, _c), n in decisions.seats.items())
        + sum(case.price[e] * n for (e, _h), n in decisions.machines.items())
        + sum(case.revive_cost[at] * n for at, n in decisions.revived.items())
        + sum(opened[o] * n for o, n in decisions.opened.items())
    )


def price_of_line(
    case: Case, kind: str, item: str, host: str, component: str, unknown: int = 0
) -> int:
    """Rupiah of one of what a line of a plan counts, at the prices of the case; `unknown` where
    the case has no such item."""
    if item in case.openings:
        costs = {(kind, part): cost for kind, part, cost in case.opening_costs[item]}
        return costs.get((kind, component), 0)
    if component == "revive":
        return case.revive_cost.get((item, host), unknown)
    prices = {"class": case.cost_class, "person": case.cost_person, "machine": case.price}
    return prices[component].get(item, unknown)


def make_proof(case: Case, decisions: Decisions, bound: float, asked: float, solver: str) -> Proof:
    """How near the decisions are to `bound`; PROVEN where that is within the gap `asked`."""
    value = value_of(case, decisions)
    bound = max(bound, value)
    gap = relative_gap(value, bound)
    # rounding must not undo a proof: nine of ten at 0.3 each are a little less than 0.9 of three
    proven = gap <= asked or bound - value <= asked * abs(bound) + VALUE_TOLERANCE
    return Proof(
        status=PROVEN if proven else FEASIBLE,
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


def exact_total(pairs: Iterable[tuple[Any, float]]) -> dict[Any, float]:
    """Key -> the sum of its numbers, whose order does not matter to the last digit."""
    return {key: fsum(numbers) for key, numbers in grouped(pairs).items()}


def total(pairs: Iterable[tuple[Any, Any]]) -> Counter[Any]:
    """Key -> the sum of its numbers."""
    sums: Counter[Any] = Counter()
    for key, n in pairs:
        sums[key] += n
    return sums
