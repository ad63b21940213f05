"""Reads what is compared: finished runs, or the tables of a sweep."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ikmplan.compare.comparison import (
    BASE,
    COMPARISON_COLUMNS,
    Comparison,
    check_enough,
    first_names,
    make_tables,
    what_is_asked,
)
from ikmplan.compare.read_sweep import is_sweep, read_sweep
from ikmplan.faults import nearest
from ikmplan.input.case import Case
from ikmplan.insight.demands import Demand, Measures, demands
from ikmplan.plan.plan import Plan, worst_off_cluster
from ikmplan.runs.read import Run, read_runs
from ikmplan.text import _, listing
from ikmplan.views import units_counted


def read_comparison(
    runs: str | Path = "runs", names: Sequence[str] = (), base: str | None = None
) -> Comparison:
    """The runs of these scenarios (of all, where none is named), the base first.

    The base is the scenario `base`, else the one named "base", else the first.
    `runs` may be the folder of a sweep too. Raises `BadInput` where there are not two plans
    to compare.
    """
    if is_sweep(Path(runs)):
        return read_sweep(Path(runs), names, base)
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
            message = _("Its tables are not found: {data}", data=run.plan.scenario.data)
            left_out[run.name] = message
        else:
            chosen[run.name] = run
    if base is None and BASE in chosen:
        chosen = {BASE: chosen[BASE], **chosen}
    ordered = list(chosen.values())
    if base is not None and ordered and base not in (ordered[0].name, ordered[0].folder.name):
        ordered = []  # the base has no plan
    for run in ordered[1:]:
        if not {*_plan(run).coverage["cluster"]} & {*_plan(ordered[0]).coverage["cluster"]}:
            base_name = ordered[0].name
            left_out[run.name] = _("It plans for other clusters than {base}.", base=base_name)
    ordered = [run for run in ordered if run.name not in left_out]
    check_enough(Path(runs), len(ordered), left_out)
    return _comparison(ordered, left_out)


def _plan(run: Run) -> Plan:
    assert run.plan is not None, "runs without a plan are left out before"
    return run.plan


def _case(run: Run) -> Case:
    assert run.case is not None, "runs without tables are left out before"
    return run.case


def _comparison(runs: list[Run], left_out: dict[str, str]) -> Comparison:
    rows: dict[str, list[Any]] = {name: [] for name in COMPARISON_COLUMNS}
    who_asks: dict[Demand, list[str]] = {}
    for run in runs:
        name, plan, case = run.name, _plan(run), _case(run)
        rows["scenarios"].append((name, *_figures(plan, case)))
        rows["coverage"] += [(name, *row) for row in _coverage(plan)]
        rows["items"] += [(name, *row) for row in plan.held]
        rows["asked"] += [(name, *row) for row in what_is_asked(case)]
        for demand in demands(case):
            who_asks.setdefault(demand, []).append(name)
    for n, names in enumerate(who_asks.values()):
        rows["demands"] += [(name, n) for name in names]
    for run in runs:
        measures = Measures(_plan(run), _case(run))
        for n, demand in enumerate(who_asks):
            measured = measures.of(demand)
            rows["kept"].append((n, *demand[:4], run.name, measured, demand.kept(measured)))
    about = tuple(left_out.items()), tuple(_warnings(runs))
    return Comparison(make_tables(rows), _case(runs[0]), *about)


def _figures(plan: Plan, case: Case) -> tuple[Any, ...]:
    proof, everyone = plan.proof, units_counted(case)
    return (
        proof.status, proof.value, proof.bound, proof.gap, proof.asked,
        abs(proof.value - plan.reached) < 1e-6, plan.reached,
        plan.reached / everyone if everyone else float("nan"), plan.coached,
        *(worst_off_cluster(plan, case) or ("", float("nan"))),
        plan.class_count, plan.machine_count, plan.cost, case.budget,
    )  # fmt: skip


def _coverage(plan: Plan) -> Iterator[tuple[Any, ...]]:
    rows = plan.coverage[plan.coverage["counts"] & (plan.coverage["size"] > 0)]
    yield from rows[["cluster", "size", "reached", "coverage"]].itertuples(index=False)


# --- may they be compared? ---------------------------------------------------------------


def _warnings(runs: list[Run]) -> Iterator[str]:
    """Why the plans do not answer one and the same question, in words."""
    base = runs[0]
    older = [run.name for run in runs if run.error is not None]
    if older:
        yield _(
            "The newest run of {names} failed; an older plan is compared.", names=first_names(older)
        )
    altered = [run.name for run in runs if run.altered]
    if altered:
        yield _(
            "The tables of the plan of {names} are not those that its run wrote: somebody "
            "changed them.",
            names=first_names(altered),
        )
    stale = [run for run in runs if not run.current]
    for data, names in _grouped(stale, lambda run: _plan(run).scenario.data):
        yield _(
            "{names}: {data} has changed since, or the program has. The figures are those of "
            "the day of the run; names, and what was asked, are read from the tables of today.",
            names=first_names(names),
            data=data,
        )
    other = [run.name for run in runs if base.current and run.current and run.data != base.data]
    if other:
        yield _(
            "{names}: made from other tables than {base}. Sizes, prices or chances differ, so a "
            "difference between the plans is not the scenario's alone.",
            names=first_names(other),
            base=base.name,
        )
    mine = _plan(base).proof.versions
    for differing, names in _grouped(runs[1:], lambda run: _differing(run, mine)):
        if differing:
            yield _(
                "{names}: made by other versions than {base}: {versions}.",
                names=first_names(names),
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
