"""Reads what is compared: finished runs, or the tables of a sweep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from ikmplan.compare.comparison import (
    SEARCH,
    Comparison,
    check_enough,
    demand_tables,
    display_names,
    first_names,
    scenario_row,
    select,
    what_is_asked,
)
from ikmplan.compare.read_sweep import read_sweep
from ikmplan.compare.sweep_points import fewer_for_more, fewer_warnings
from ikmplan.files import find
from ikmplan.input.case import Case
from ikmplan.insight.demands import Measures, demands
from ikmplan.plan.plan import Plan, plan_figures, worst_off_cluster
from ikmplan.report.key_figures import money_there
from ikmplan.report.sureness import has_draws, more_and_fewer, units_in_draws
from ikmplan.runs.read import Run, read_runs, why_no_case
from ikmplan.runs.sweeps import is_sweep
from ikmplan.runs.verify import DATA, quick_problems
from ikmplan.tableset import grouped
from ikmplan.text import _, listing


def read_comparison(
    runs: str | Path = "runs", names: Sequence[str] = (), base: str | None = None
) -> Comparison:
    """The runs of these scenarios (of all, where none is named), the base first.

    The base is the scenario `base`, else the one named "base", else the first.
    `runs` may be the folder of a sweep too. Raises `BadInput` where there are not two plans
    to compare.
    """
    runs = find(runs)
    if is_sweep(runs):
        return read_sweep(runs, names, base)
    found: dict[str, Run] = {}
    folders: dict[str, str] = {}
    for run in read_runs(runs):
        found.setdefault(run.name, run)
        folders.setdefault(run.folder.name, run.name)
    named = [name if name in found else folders.get(name, name) for name in names]
    if base is not None and base not in found:
        base = folders.get(base, base)
    chosen, left_out = select(named, base, found, lambda name: _why_not(found[name]))
    places = {name: _place(found[name]) for name in chosen}
    for name in chosen[1:]:
        if (why := _apart(places[name], places[chosen[0]], chosen[0])) is not None:
            left_out[name] = why
    chosen = [name for name in chosen if name not in left_out]
    check_enough(runs, len(chosen), left_out)
    return _comparison([found[name] for name in chosen], left_out)


def of_one_city(runs: Sequence[Run]) -> list[str]:
    """The names of those that can be compared with each other, none or two at least; of several
    such groups the largest, and of these the first."""
    places = {run.name: _place(run) for run in runs if _why_not(run) is None}
    groups = (
        [name for name, place in places.items() if _apart(place, base) is None]
        for base in places.values()
    )
    return max((group for group in groups if len(group) > 1), key=len, default=[])


class _Place(NamedTuple):
    """The clusters that a plan is for, and its city and year, as far as its tables state them."""

    clusters: set[str]
    city: list[str | None]


def _place(run: Run) -> _Place:
    office = _case(run).office
    city = [office.get(key) for key in ("region", "year")]
    return _Place({*_plan(run).coverage["cluster"]}, city)


def _apart(place: _Place, base: _Place, name: str = "") -> str | None:
    """Why the plans of two runs cannot stand side by side; None where they can: they are for the
    same city and year, as far as their tables state them, and for a cluster in common. `name` is
    that of the base."""
    if not place.clusters & base.clusters:
        return _("It plans for other clusters than {base}.", base=name)
    if place.city != base.city:
        return _("It plans for another city or year than {base}.", base=name)
    return None


def _why_not(run: Run) -> str | None:
    """Why the run is not compared; None where it is."""
    if run.plan is None:
        return run.error or ""
    if run.case is None:
        return why_no_case(run.plan, run.folder)
    return None


def _plan(run: Run) -> Plan:
    assert run.plan is not None, "runs without a plan are left out before"
    return run.plan


def _case(run: Run) -> Case:
    assert run.case is not None, "runs without tables are left out before"
    return run.case


def _comparison(runs: list[Run], left_out: dict[str, str]) -> Comparison:
    called = display_names({run.name: _plan(run).scenario.title for run in runs})
    plans = {called[run.name]: (_plan(run), _case(run)) for run in runs}
    rows: dict[str, list[Any]] = {
        "scenarios": [
            _figures(name, *plans[name]) | _range(run, runs[0])
            for name, run in zip(plans, runs, strict=True)
        ],
        "coverage": [(name, *row) for name, (plan, _c) in plans.items() for row in _coverage(plan)],
        "items": [(name, *row) for name, (plan, _c) in plans.items() for row in plan.held],
        "asked": [
            (name, *row) for name, (_p, case) in plans.items() for row in what_is_asked(case)
        ],
        **demand_tables(
            {name: demands(case) for name, (_p, case) in plans.items()},
            {name: Measures(*each).of for name, each in plans.items()},
        ),
    }
    about = tuple(left_out.items()), tuple(_warnings(runs, called))
    return Comparison(Comparison.frames(rows), _case(runs[0]), *about)


def _figures(name: str, plan: Plan, case: Case) -> dict[str, Any]:
    worst, worst_share = worst_off_cluster(plan, case) or ("", float("nan"))
    about = {"scenario": name, "status": plan.proof.status, "asked": plan.proof.asked}
    figures = {**plan_figures(plan, case), "worst": worst, "worst_share": worst_share}
    return scenario_row(case, about | figures)


def _range(run: Run, base: Run) -> dict[str, float]:
    """Units reached over the draws, and how often more than with the base in the same draws."""
    units, before = units_in_draws(run.uncertainty), base.uncertainty
    if units is None or run.uncertainty is None:
        return {}
    found = units._asdict()
    mine = run.uncertainty
    if run is base or before is None or not has_draws(before) or run.data != base.data:
        return found
    if (mine.drawn["seed"] == before.drawn["seed"]).all():
        expected = mine.outcomes["expected"].to_list(), before.outcomes["expected"].to_list()
        found["better"], found["worse"] = more_and_fewer(*expected)
    return found


def _coverage(plan: Plan) -> Iterator[tuple[Any, ...]]:
    rows = plan.coverage[plan.coverage["counts"] & (plan.coverage["size"] > 0)]
    yield from rows[["cluster", "size", "reached", "coverage"]].itertuples(index=False)


# --- may they be compared? ---------------------------------------------------------------


def _warnings(runs: list[Run], called: Mapping[str, str]) -> Iterator[str]:
    """Why the plans do not answer one and the same question, in words."""
    base = runs[0]
    if older := [called[run.name] for run in runs if run.error is not None]:
        yield _(
            "The newest run of {names} failed; an older plan is compared.", names=first_names(older)
        )
    for run in runs:
        problems = [found.text for found in quick_problems(run) if found.kind != DATA]
        if problems:
            yield _(
                "{name} does not verify: {why}", name=called[run.name], why=first_names(problems, 2)
            )
    stale = [run for run in runs if not run.current]
    of_data = grouped((_plan(run).scenario.data, called[run.name]) for run in stale)
    for data, names in of_data.items():
        yield _(
            "{names}: {data} has changed since, or the program has. The figures are those of "
            "the day of the run; names, and what was asked, are read from the tables of today.",
            names=first_names(names),
            data=data,
        )
    current = [run for run in runs if base.current and run.current]
    if other := [called[run.name] for run in current if run.data != base.data]:
        yield _(
            "{names}: made from other tables than {base}. Sizes, prices or chances differ, so a "
            "difference between the plans is not the scenario's alone.",
            names=first_names(other),
            base=called[base.name],
        )
    alike = [run for run in current if run.data == base.data]
    yield from fewer_warnings(_fewer_for_more(alike), called)
    mine = _plan(base).proof.versions
    of_versions = grouped((_differing(run, mine), called[run.name]) for run in runs[1:])
    for differing, names in of_versions.items():
        if differing:
            yield _(
                "{names}: made by other versions than {base}: {versions}.",
                names=first_names(names),
                base=called[base.name],
                versions=listing(list(differing)),
            )


# fields of a scenario that ask for no other plan, and the money, by which plans are put in order
NO_DEMAND = {"name", "title", "note", "language", "budget", "funds", *SEARCH}


def _fewer_for_more(runs: Sequence[Run]) -> dict[str, bool]:
    """As `fewer_for_more`, of runs that differ in their money alone, by their names."""
    rows = [
        (
            run.name, _plan(run).proof.status, _plan(run).proof.value, _plan(run).reached,
            money_there(_case(run)), _plan(run).scenario.model_dump_json(exclude=NO_DEMAND),
        )
        for run in runs
    ]  # fmt: skip
    table = pd.DataFrame(
        rows, columns=["scenario", "status", "value", "reached", "budget", "asked"]
    )
    return fewer_for_more(table, ["budget", "asked"])


def _differing(run: Run, mine: dict[str, str]) -> tuple[str, ...]:
    theirs = _plan(run).proof.versions
    return tuple(
        _("{package} {theirs} and not {mine}", package=name, theirs=theirs[name], mine=mine[name])
        for name in mine
        if theirs.get(name, mine[name]) != mine[name]
    )
