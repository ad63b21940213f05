"""Many scenarios around one, each solved as a plain function, into one table.

Each result is written to runs/<sweep>/parts as soon as it is known, under its identity: a
sweep that is broken off goes on where it was, and a larger grid reuses the points that it
shares with this one. The tables are made from the parts, so they are the same bytes
however often the sweep was broken off:

    sweep.parquet      one row per scenario        decisions.parquet  one per item and host
    coverage.parquet   one per cluster             seconds.parquet    how long each took
    sweep.json         what was varied
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ikmplan.batch.batch import DEFAULTS, SILENT, BatchListener, Ended, Options, run_jobs
from ikmplan.batch.grid import Grid
from ikmplan.batch.jobs import Job, data_base
from ikmplan.batch.tasks import COVERAGE_KEPT, FAILED_STATUS, SolveTask, solve_scenario
from ikmplan.batch.workers import Pool, WorkerDiedTwice, cores, scheduler_address
from ikmplan.compare.read_sweep import ASKED
from ikmplan.faults import BadInput, Fault
from ikmplan.files import find_notebook, folder_name, write_atomic
from ikmplan.input.case import Case
from ikmplan.input.load import make_case
from ikmplan.input.scenario import make_scenario
from ikmplan.input.tables import Tables, read_tables
from ikmplan.runs import write as store
from ikmplan.runs.index import write_index
from ikmplan.runs.names import (
    SWEEP_ABOUT,
    SWEEP_COVERAGE,
    SWEEP_DECISIONS,
    SWEEP_DRAWS,
    SWEEP_SECONDS,
    SWEEP_TABLE,
    read_json,
)

if TYPE_CHECKING:
    import pandas as pd

    from ikmplan.batch.batch import Result

PARTS = "parts"
SWEEP_FILES = (
    SWEEP_ABOUT,
    SWEEP_TABLE,
    SWEEP_DECISIONS,
    SWEEP_COVERAGE,
    SWEEP_DRAWS,
    SWEEP_SECONDS,
)
NOTEBOOKS = ("none", "best", "all")
FIGURES = {  # of a row, and their types; absent where there is no plan
    "value": "float64", "bound": "float64", "gap": "float64", "reached": "float64",
    "coached": "Int64", "worst": "float64", "classes": "Int64", "machines": "Int64",
    "cost": "Int64", "low": "float64", "middle": "float64", "high": "float64",
}  # fmt: skip
APART = "entrepreneurs"  # a further figure, of cases in which new entrepreneurs count
DECISIONS = {"scenario": "str", "kind": "str", "item": "str", "host": "str", "count": "int64"}
EXPECTED_KEPT = {"scenario": "str", "draw": "int64", "expected": "float64"}
COVERAGE: Mapping[str, str] = {"scenario": "str"} | dict(
    zip(COVERAGE_KEPT, ("str", "int64", "int64", "float64", "float64"), strict=True)
)


@dataclass(frozen=True)
class GridPoint:
    """One scenario of the sweep, and what was varied for it."""

    varied: Mapping[str, Any]
    case: Case

    @property
    def name(self) -> str:
        return self.case.scenario.name

    @property
    def identity(self) -> str:
        return store.identity(self.case.fingerprint, self.case.scenario.language)


@dataclass(frozen=True, kw_only=True)
class Solved(Ended):
    """The result of one scenario. The status "none" (no plan exists) is no failure."""

    part: Mapping[str, Any] = field(default_factory=dict)

    @property
    def figures(self) -> Mapping[str, Any]:
        row = self.part.get("row", {})
        return row if row.get("reached") is not None else {}


@dataclass(frozen=True)
class Sweep:
    """The results of a sweep: its folder, table, scenarios, and notebooks where asked for."""

    folder: Path
    table: pd.DataFrame
    solved: list[Solved]
    notebooks: list[Result]

    @property
    def coverage(self) -> pd.DataFrame:
        """One row per plan and cluster: the columns that were varied, then who is reached."""
        import pandas as pd

        named = self.table.loc[:, :"status"].drop(columns="status")
        return named.merge(pd.read_parquet(self.folder / SWEEP_COVERAGE), on="scenario")


def points(
    grid: Grid, params: Path, keep_going: bool = False
) -> tuple[list[GridPoint], list[Solved]]:
    """Every scenario of the grid, checked; and those with faults, where they are left out.

    Raises `BadInput` with all faults unless `keep_going`.
    """
    made: list[GridPoint] = []
    bad: list[Solved] = []
    faults: dict[tuple[Any, ...], Fault] = {}
    tables: dict[str, Tables] = {}
    for varied in grid:
        values = grid.values(varied) | {"reasons": False, "changes": 0, "changes_kept": False}
        where = f"{params} ({values['name']})"
        try:
            scenario = make_scenario(values, where)
            if scenario.data not in tables:
                base = data_base(scenario.data, params)
                tables[scenario.data] = read_tables(base / scenario.data)
            made.append(GridPoint(varied, make_case(tables[scenario.data], scenario, where)))
        except BadInput as error:
            bad.append(Solved(name=str(values["name"]), status=FAILED_STATUS, error=str(error)))
            for fault in error.faults:
                message = (fault.column, fault.value, fault.problem)  # once, not for each scenario
                faults.setdefault(message, fault)
    if faults and not keep_going:
        raise BadInput(list(faults.values()))
    return made, bad


def sweep(
    grid: Grid,
    params: str | Path,
    runs: str | Path = "runs",
    options: Options = DEFAULTS,
    *,
    name: str | None = None,
    notebooks: str = "none",
    notebook: str | Path | None = None,
    listener: BatchListener = SILENT,
) -> Sweep:
    """Solve every scenario of the grid over the scenario file `params`.

    `name` is that of the folder in `runs`. `notebooks` are the scenarios for which a notebook
    is executed as well: "none", the "best" (most units reached, then least cost), or "all".
    Raises `BadInput` before anything is written, `InUse`, `Refused`.
    """
    params = Path(params)
    made, bad = points(grid, params, options.keep_going)
    book = None
    if notebooks != "none":
        book = Path(notebook) if notebook else find_notebook(params)
    folder = Path(runs) / folder_name(name or f"{grid.base['name']} sweep")
    for left_out in bad:
        listener.ends(left_out)
    with store.locked(folder):
        parts = folder / PARTS
        parts.mkdir(exist_ok=True)
        for stale in parts.glob(".*.tmp"):  # of a run that was killed while it wrote
            stale.unlink()
        found = {one.name: one for one in _solved(made, parts, options, listener)}
        table = _write(folder, grid, made, found, bad)
        if options.copy_to is not None:
            store.copy(folder, SWEEP_FILES, options.copy_to)
    write_index(runs)
    solved = [*(found[point.name] for point in made), *bad]
    executed: list[Result] = []
    wanted = _wanted(notebooks, solved)
    if book is not None and wanted:
        jobs = [
            Job(params, point.case, data_base(point.case.scenario.data, params), book)
            for point in made
            if point.name in wanted
        ]
        executed = run_jobs(jobs, folder, options, listener)
    return Sweep(folder, table, solved, executed)


def _solved(
    made: Sequence[GridPoint], parts: Path, options: Options, listener: BatchListener
) -> Iterator[Solved]:
    """The result of each scenario, those of earlier runs first."""
    todo: dict[str, list[GridPoint]] = {}  # by identity: two names may ask the same question
    for point in made:
        before = {} if options.force else read_json(parts / f"{point.identity}.json")
        whole = {"row", "decisions", "coverage", "seconds"} <= before.keys()
        count = point.case.scenario.draws
        whole = whole and before["row"].get("draws", 0) == count
        whole = whole and (not count or "expected" in before)  # of an earlier version
        if not whole or (before["row"]["status"] == FAILED_STATUS and options.retry_failed):
            todo.setdefault(point.identity, []).append(point)
        else:
            yield _report_solved(point.name, before, listener, before=True)
    listener.starts([point.name for same in todo.values() for point in same])
    for identity, outcome in _outcomes(todo, options):
        lasting = True
        if isinstance(outcome, Exception):
            lasting = isinstance(outcome, WorkerDiedTwice)
            row = {"status": FAILED_STATUS, "why": f"{type(outcome).__name__}: {outcome}"}
            outcome = {"row": row, "decisions": [], "coverage": [], "expected": [], "seconds": {}}
        if lasting:  # other failures are tried again by the next run
            write_atomic(parts / f"{identity}.json", store.as_json(outcome))
        for point in todo[identity]:
            yield _report_solved(point.name, outcome, listener)


def _report_solved(
    name: str, part: Mapping[str, Any], listener: BatchListener, before: bool = False
) -> Solved:
    status = part["row"]["status"]
    error = part["row"]["why"] if status == FAILED_STATUS else None
    solved = Solved(name=name, status=status, error=error, before=before, part=part)
    listener.ends(solved)
    return solved


def _outcomes(
    todo: Mapping[str, Sequence[GridPoint]], options: Options
) -> Iterator[tuple[str, dict[str, Any] | Exception]]:
    """The part of each identity, or the exception that it ended in.

    Always by workers: a crash of the solver must not end this process.
    """
    if not todo:
        return
    cases = {identity: same[0].case for identity, same in todo.items()}
    distinct = {id(case.tables): case.tables for case in cases.values()}
    pickled = {key: pickle.dumps(tables) for key, tables in distinct.items()}
    tasks = (
        (identity, SolveTask(case.scenario.model_dump(mode="json"), pickled[id(case.tables)]))
        for identity, case in cases.items()
    )
    scheduler = scheduler_address(options.scheduler)
    with Pool(min(options.workers or cores(), len(todo)), scheduler) as pool:
        yield from pool.each(solve_scenario, tasks)


def _write(
    folder: Path,
    grid: Grid,
    made: Sequence[GridPoint],
    found: Mapping[str, Solved],
    bad: Sequence[Solved],
) -> pd.DataFrame:
    """The tables of the sweep, in the order of the grid."""
    import pandas as pd

    rows, decided, covered, seconds, drawn = [], [], [], [], []
    for point in made:
        part = found[point.name].part
        row: dict[str, Any] = {"scenario": point.name}
        row |= {ASKED.get(n, n): _plain(value) for n, value in point.varied.items()}
        row |= {name: part["row"].get(name) for name in ("status", "why", *FIGURES)}
        row |= {name: n for name, n in part["row"].items() if name == APART}
        row |= {"fingerprint": point.case.fingerprint, "code": store.code_versions()["code"]}
        rows.append(row)
        decided += [[point.name, *decision] for decision in part["decisions"]]
        covered += [[point.name, *row] for row in part["coverage"]]
        drawn += [(point.name, n, units) for n, units in enumerate(part.get("expected", []))]
        seconds.append({"scenario": point.name, **part["seconds"]})
    rows += [{"scenario": one.name, "status": one.status, "why": one.error} for one in bad]
    table = pd.DataFrame(rows).astype(FIGURES)
    decisions = pd.DataFrame(decided, columns=list(DECISIONS)).astype(DECISIONS)
    coverage = pd.DataFrame(covered, columns=list(COVERAGE)).astype(COVERAGE)
    for name, content in (
        (SWEEP_TABLE, table),
        (SWEEP_DECISIONS, decisions),
        (SWEEP_COVERAGE, coverage),
        (SWEEP_DRAWS, pd.DataFrame(drawn, columns=list(EXPECTED_KEPT)).astype(EXPECTED_KEPT)),
        (SWEEP_SECONDS, pd.DataFrame(seconds)),
    ):
        write_atomic(folder / name, content.to_parquet(index=False))
    about = {
        "base": dict(grid.base),
        "varied": {axis.name: [_plain(value) for value in axis.values] for axis in grid.axes},
        "grid": grid.size,
        "scenarios": len(grid),
        "versions": store.code_versions(),
    }
    write_atomic(folder / SWEEP_ABOUT, store.as_json(about))
    return table


def _plain(value: Any) -> Any:
    return "; ".join(map(str, value)) if isinstance(value, (tuple, list)) else value


def _wanted(notebooks: str, solved: Sequence[Solved]) -> set[str]:
    """Names of the scenarios for which a notebook is executed."""
    planned = {one.name: one.figures for one in solved if one.figures}
    if notebooks == "best" and planned:
        return {max(planned, key=lambda n: (planned[n]["reached"], -planned[n]["cost"]))}
    return set(planned) if notebooks == "all" else set()
