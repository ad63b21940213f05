"""Finished runs side by side, as tidy tables. Nothing is solved again; every figure is a plan's.

compared = read_comparison("runs", ["medan-2022", "medan-2022-fair"])
compared.scenarios, compared.coverage, compared.items, ...
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ikmplan.case import Case
from ikmplan.cells import EQUIPMENT, TRAINING
from ikmplan.plan import Plan
from ikmplan.runs import Run, read_runs
from ikmplan.sheets import BadInput, Fault, nearest
from ikmplan.targets import Demand, Measures, demands, held
from ikmplan.text import N_, _, listing, number
from ikmplan.views import PER, asked, seats, units_counted

MANY = 12  # more scenarios than this are shown by their extremes
BASE = "base"
TIE = 0.0005  # of coverage; less is shown as 0.0 points
ALWAYS, SOMETIMES, NEVER = N_("always"), N_("sometimes"), N_("never")
SEARCH = ("gap", "time_limit", "solver", "seed")  # parameters that ask nothing of a plan
COLUMNS: dict[str, dict[str, Any]] = {
    "scenarios": {
        "scenario": str, "status": str, "value": float, "bound": float, "gap": float,
        "asked": float, "in_units": bool, "reached": float, "share": float, "coached": int,
        "worst": str, "worst_share": float, "classes": int, "seats": int, "machines": int,
        "cost": int, "budget": int,
    },
    "coverage": {
        "scenario": str, "cluster": str, "size": int, "reached": float, "coverage": float,
    },
    "items": {"scenario": str, "kind": str, "item": str, "host": str, "count": int},
    "asked": {"scenario": str, "parameter": str, "meaning": str, "value": str},
    "demands": {"scenario": str, "demand": int},  # who asks what
    "kept": {
        "demand": int, "kind": str, "key": str, "sign": str, "asked": float, "plan": str,
        "has": float, "kept": bool,
    },
}  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """The tables of COLUMNS: money in rupiah, shares 0..1; the first scenario is the base.

    value, bound and gap are those of the proof; `in_units` says that the value is the
    expected number of units and nothing besides, so that the bound is one of units too.
    """

    tables: dict[str, pd.DataFrame]
    case: Case  # the base's, for names
    left_out: tuple[tuple[str, str], ...]  # scenario, why it is not compared
    warnings: tuple[str, ...]  # why the plans do not answer one and the same question

    def __getattr__(self, name: str) -> pd.DataFrame:
        """`compared.items` is `compared.tables["items"]`."""
        if name in COLUMNS:
            return self.tables[name]
        raise AttributeError(name)

    @property
    def names(self) -> list[str]:
        return [str(name) for name in self.scenarios["scenario"]]

    @property
    def base(self) -> str:
        return self.names[0]

    @property
    def many(self) -> bool:
        return len(self.names) > MANY


def read_comparison(
    runs: str | Path = "runs", names: Sequence[str] = (), base: str | None = None
) -> Comparison:
    """The runs of these scenarios (of all, where none is named), the base first.

    The base is the scenario `base`, else the one named "base", else the first.
    Raises `BadInput` where there are not two plans to compare.
    """
    found = read_runs(runs)
    wanted = list(names) or [run.name for run in found]
    left_out: dict[str, str] = {}
    chosen: dict[str, Run] = {}
    for name in [*([] if base is None else [base]), *wanted]:
        run = next((run for run in found if name in (run.name, run.folder.name)), None)
        if run is None:
            near = nearest(name, [run.name for run in found])
            left_out[name] = f"{_('There is no run of this name.')} {near or ''}".strip()
        elif run.plan is None:
            left_out[run.name] = run.error or ""
        elif run.case is None:
            said = _("Its tables are not found: {data}", data=run.plan.scenario.data)
            left_out[run.name] = said
        else:
            chosen[run.name] = run
    if base is None and BASE in chosen:
        chosen = {BASE: chosen[BASE], **chosen}
    ordered = list(chosen.values()) if base not in left_out else []
    for run in ordered[1:]:
        if not {*_plan(run).coverage["cluster"]} & {*_plan(ordered[0]).coverage["cluster"]}:
            base_name = ordered[0].name
            left_out[run.name] = _("It plans for other clusters than {base}.", base=base_name)
    ordered = [run for run in ordered if run.name not in left_out]
    if len(ordered) < 2:
        said = _("A comparison needs two plans, the base among them. Found: {n}.", n=len(ordered))
        why = [f"{name}: {reason}" for name, reason in left_out.items()]
        mend = "\n".join(why) or _("Run another scenario: ikmplan run PARAMS.yaml")
        raise BadInput([Fault(Path(runs).as_posix(), None, None, None, said, mend)])
    return _comparison(ordered, left_out)


def _plan(run: Run) -> Plan:
    assert run.plan is not None, "runs without a plan are left out before"
    return run.plan


def _case(run: Run) -> Case:
    assert run.case is not None, "runs without tables are left out before"
    return run.case


def _comparison(runs: list[Run], left_out: dict[str, str]) -> Comparison:
    rows: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    who_asks: dict[Demand, list[str]] = {}
    for run in runs:
        name, plan, case = run.name, _plan(run), _case(run)
        rows["scenarios"].append((name, *_figures(plan, case)))
        rows["coverage"] += [(name, *row) for row in _coverage(plan)]
        rows["items"] += [(name, *row) for row in held(plan)]
        rows["asked"] += [(name, *row) for row in _asked(case)]
        for demand in demands(case):
            who_asks.setdefault(demand, []).append(name)
    for n, names in enumerate(who_asks.values()):
        rows["demands"] += [(name, n) for name in names]
    for run in runs:
        measures = Measures(_plan(run), _case(run))
        for n, demand in enumerate(who_asks):
            has = measures.of(demand)
            rows["kept"].append((n, *demand[:4], run.name, has, demand.kept(has)))
    tables = {
        name: pd.DataFrame(rows[name], columns=list(types)).astype(types)
        for name, types in COLUMNS.items()
    }
    return Comparison(tables, _case(runs[0]), tuple(left_out.items()), tuple(_warnings(runs)))


def _figures(plan: Plan, case: Case) -> tuple[Any, ...]:
    proof, everyone = plan.proof, units_counted(case)
    rows = plan.coverage[plan.coverage["cluster"].isin(case.reachable)]
    worst = rows.sort_values(["coverage", "cluster"]).head(1)[["cluster", "coverage"]]
    return (
        proof.status, proof.value, proof.bound, proof.gap, proof.asked,
        abs(proof.value - plan.reached) < 1e-6, plan.reached,
        plan.reached / everyone if everyone else float("nan"), plan.coached,
        *(worst.iloc[0] if len(worst) else ("", float("nan"))),
        plan.class_count, seats(plan), plan.machine_count, plan.cost, case.budget,
    )  # fmt: skip


def _coverage(plan: Plan) -> Iterator[tuple[Any, ...]]:
    rows = plan.coverage[plan.coverage["counts"] & (plan.coverage["size"] > 0)]
    yield from rows[["cluster", "size", "reached", "coverage"]].itertuples(index=False)


def _asked(case: Case) -> Iterator[tuple[str, ...]]:
    """Parameter, meaning and value of what the scenario asks."""
    for row in asked(case).shown().itertuples(index=False):
        if row[0] not in SEARCH:
            yield tuple(str(part) for part in row)


# --- may they be compared? ---------------------------------------------------------------


def _warnings(runs: list[Run]) -> Iterator[str]:
    """Why the plans do not answer one and the same question, in words."""
    base = runs[0]
    older = [run.name for run in runs if run.error is not None]
    if older:
        yield _("The newest run of {names} failed; an older plan is compared.", names=some(older))
    altered = [run.name for run in runs if run.altered]
    if altered:
        yield _(
            "The tables of the plan of {names} are not those that its run wrote: somebody "
            "changed them.",
            names=some(altered),
        )
    stale = [run for run in runs if not run.current]
    for data, names in _grouped(stale, lambda run: _plan(run).scenario.data):
        yield _(
            "{names}: {data} has changed since, or the program has. The figures are those of "
            "the day of the run; names, and what was asked, are read from the tables of today.",
            names=some(names),
            data=data,
        )
    other = [run.name for run in runs if base.current and run.current and run.data != base.data]
    if other:
        yield _(
            "{names}: made from other tables than {base}. Sizes, prices or chances differ, so a "
            "difference between the plans is not the scenario's alone.",
            names=some(other),
            base=base.name,
        )
    mine = _plan(base).proof.versions
    for differing, names in _grouped(runs[1:], lambda run: _differing(run, mine)):
        if differing:
            yield _(
                "{names}: made by other versions than {base}: {versions}.",
                names=some(names),
                base=base.name,
                versions=listing(list(differing)),
            )


def _differing(run: Run, mine: dict[str, str]) -> tuple[str, ...]:
    theirs = _plan(run).proof.versions
    return tuple(
        _("{package} {theirs} and not {mine}", package=name, theirs=theirs[name], mine=mine[name])
        for name in mine
        if theirs.get(name, mine[name]) != mine[name]
    )


def _grouped(runs: Iterable[Run], by: Callable[[Run], Hashable]) -> Iterable[tuple[Any, list[str]]]:
    groups: dict[Hashable, list[str]] = {}
    for run in runs:
        groups.setdefault(by(run), []).append(run.name)
    return groups.items()


def some(names: Sequence[str], most: int = 6) -> str:
    """The names, or the first of them and how many more there are."""
    if len(names) <= most:
        return listing(list(names))
    rest = _("{n} more", n=number(len(names) - most + 1))
    return listing([*names[: most - 1], rest])


# --- derived tables ----------------------------------------------------------------------


def per_money(scenarios: pd.DataFrame) -> pd.Series:
    """Units reached for each PER rupiah."""
    return scenarios["reached"] / scenarios["cost"].where(scenarios["cost"] > 0) * PER


def in_every_plan(c: Comparison) -> pd.DataFrame:
    """kind, item, host, fewest, most of what every plan holds or places there."""
    counts = _counts(c, ["kind", "item", "host"])
    return counts[counts["fewest"] > 0]


def _counts(c: Comparison, keys: list[str]) -> pd.DataFrame:
    """By the keys: fewest and most over all plans, plans that have it, and the base's count."""
    each = c.items.groupby([*keys, "scenario"], as_index=False, sort=False)["count"].sum()
    groups = each.groupby(keys, sort=False)["count"]
    made: pd.DataFrame = groups.agg(plans="count", fewest="min", most="max").reset_index()
    made.loc[made["plans"] < len(c.names), "fewest"] = 0
    base = each[each["scenario"] == c.base].set_index(keys)["count"]
    made["base"] = base.reindex(pd.MultiIndex.from_frame(made[keys])).fillna(0).to_numpy(int)
    return made


def keep_all(c: Comparison) -> list[str]:
    """The scenarios whose plans keep every demand of every scenario."""
    kept = c.kept.groupby("plan")["kept"].all()
    return [name for name in c.names if kept.get(name, True)]


def changes(c: Comparison, value: str = "coverage") -> pd.DataFrame:
    """Clusters × other scenarios: `value` minus the base's; who gains most stands first."""
    against = {}
    for column in ("coverage", value):
        table = c.coverage.pivot(index="cluster", columns="scenario", values=column)
        against[column] = table[c.names[1:]].sub(table[c.base], axis=0)
    mean = against["coverage"].mean(axis=1)
    return against[value].loc[mean.sort_values(ascending=False, kind="stable").index]


def choices(c: Comparison) -> pd.DataFrame:
    """kind, item, plans, fewest, most, base of every course and kind of machine of the case.

    `chosen` is ALWAYS, SOMETIMES or NEVER; the always chosen stand first.
    """
    everything = [(TRAINING, p) for p in c.case.courses] + [
        (EQUIPMENT, e) for e in c.case.equipment
    ]
    found = _counts(c, ["kind", "item"]).set_index(["kind", "item"])
    made = found.reindex(pd.MultiIndex.from_tuples(everything, names=["kind", "item"]))
    made = made.fillna(0).astype(int).reset_index()
    made["chosen"] = SOMETIMES
    made.loc[made["plans"] == len(c.names), "chosen"] = ALWAYS
    made.loc[made["plans"] == 0, "chosen"] = NEVER
    return made.sort_values(["plans", "fewest", "most"], ascending=False, kind="stable")
