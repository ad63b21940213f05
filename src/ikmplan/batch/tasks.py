"""What is done for one scenario, in this process, in a worker beside it or of a cluster.

A task holds everything that it needs and its result everything that it made, so that
workers need no disk in common with the process that started the batch.
"""

from __future__ import annotations

import pickle
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ikmplan.input.case import Case
from ikmplan.input.scenario import make_scenario
from ikmplan.notebook.execute import Failed, execute, read
from ikmplan.notebook.html_page import to_html
from ikmplan.notebook.saving import PAGES, RUN_FOLDER
from ikmplan.plan.plan import Plan, load_plan, plan_figures
from ikmplan.report.summary import case_title
from ikmplan.runs.names import FAILED, PAGE, PLAN_NOTEBOOK, PLAN_WORKBOOK, TABLES_FOLDER, forms_name
from ikmplan.runs.read import read_beside
from ikmplan.text import _, language

if TYPE_CHECKING:
    from ikmplan.input.tables import Tables

NONE, FAILED_STATUS = "none", "failed"  # beside "proven" and "feasible"
COVERAGE_KEPT = ("cluster", "size", "coached", "reached", "coverage")  # columns of a plan's table
EXPECTED_DECIMALS = 6  # of the units expected in a draw


@dataclass(frozen=True)
class NotebookTask:
    """One scenario for which the notebook is executed."""

    scenario: Mapping[str, Any]
    fingerprint: str
    file: str  # name of the notebook
    source: str  # its text
    messages: str  # language of error messages
    cores: int  # that its kernel may use
    tables: bytes  # pickled `Tables`
    made: date  # the day and the commit at the foot of the page
    at: str
    folder: str | None  # the kernel's folder; None where the data travel
    data: Mapping[str, bytes] = field(default_factory=dict)  # then: the tables' files by path


@dataclass(frozen=True)
class NotebookOutput:
    """The files that a notebook left, by path, and why it failed if it did."""

    files: Mapping[str, bytes]
    error: str | None = None
    lasting: bool = True  # whether it would fail again; False: the machine was at fault


def make_notebook(
    task: NotebookTask, on_stage: Callable[[str], None] | None = None
) -> NotebookOutput:
    """Page, workbook, tables and executed notebook; or why it failed, with the notebook so far.

    `on_stage` is called as a stage of `notebook.saving` begins."""
    from ikmplan.insight.processes import CORES
    from ikmplan.workbook.forms import write_forms
    from ikmplan.workbook.plan_workbook import write_workbook

    written = str(task.scenario["language"])
    with (
        language(task.messages),
        tempfile.TemporaryDirectory(prefix="ikmplan-", ignore_cleanup_errors=True) as temporary,
    ):
        work = Path(temporary).resolve()
        made = work / "made"
        made.mkdir()
        source, target, tables = work / task.file, made / PLAN_NOTEBOOK, made / TABLES_FOLDER
        source.write_text(task.source, encoding="utf-8", newline="\n")
        folder = _unpack(task.data, work / "office") if task.folder is None else Path(task.folder)
        environment = {
            "IKMPLAN_LANGUAGE": written,
            RUN_FOLDER: str(tables),
            CORES: str(task.cores),
        }
        try:
            options: Any = {"folder": folder, "environment": environment, "on_stage": on_stage}
            execute(source, target, task.scenario, **options)
            plan = _check(tables, task.fingerprint)
        except Failed as error:
            kept = {FAILED: target.read_bytes()} if target.exists() else {}
            return NotebookOutput(kept, str(error), lasting=error.kind != "OSError")
        if on_stage is not None:
            on_stage(PAGES)
        case = Case(_tables(task.tables), make_scenario(task.scenario))
        html = to_html(read(target), written, case_title(case), task.made, task.at)
        (made / PAGE).write_text(html, encoding="utf-8", newline="\n")
        with language(written):
            write_workbook(made / PLAN_WORKBOOK, plan, case, **read_beside(tables, case))
        write_forms(made / forms_name(plan.proof.fingerprint), plan, case)
        return NotebookOutput(_contents(made))


def _check(tables: Path, fingerprint: str) -> Plan:
    try:
        plan = load_plan(tables)
    except OSError:
        message = _("The notebook kept no plan; its last cell must be: keep(plan)")
        raise Failed("NoPlan", message) from None
    if plan.proof.fingerprint != fingerprint:
        message = _("The notebook's plan answers another scenario or other data than it was given.")
        raise Failed("NoPlan", message)
    return plan


def _unpack(files: Mapping[str, bytes], folder: Path) -> Path:
    """Write the tables that travelled into `folder`, the kernel's own; gives it."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def _contents(folder: Path) -> dict[str, bytes]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


@dataclass(frozen=True)
class SolveTask:
    """One scenario that is solved without a notebook."""

    scenario: Mapping[str, Any]
    tables: bytes  # pickled `Tables`


@lru_cache(maxsize=2)
def _tables(pickled: bytes) -> Tables:
    made: Tables = pickle.loads(pickled)
    return made


def solve_scenario(task: SolveTask) -> dict[str, Any]:
    """The figures of one scenario's plan, its decisions, and the seconds that it took.

    Keys: `row` (see docs/decisions/batch.md), `decisions` (kind, item, host, count),
    `coverage` (cluster, size, coached, reached, coverage), `expected` (units in each of the
    scenario's draws) and `seconds` (all, and the solver's CPU).
    """
    from ikmplan.model.conflicts import NoPlan
    from ikmplan.model.search import solve

    began, cpu = time.perf_counter(), time.process_time()
    from ikmplan.model.run_highs import solver_cpu_seconds

    solver_before = solver_cpu_seconds()
    case = Case(_tables(task.tables), make_scenario(task.scenario))
    with language(case.scenario.language):
        try:
            plan = solve(case)
        except NoPlan as error:
            # "no plan exists" is an answer; a search that ran out of time has failed
            row = {"status": NONE if error.impossible else FAILED_STATUS, "why": str(error)}
            decisions: list[Any] = []
            coverage: list[Any] = []
            expected: list[float] = []
        else:
            range_figures, expected = _in_draws(plan, case)
            figures = plan_figures(plan, case) | range_figures
            row = {"status": plan.proof.status, "why": "", **figures}
            decisions = sorted(plan.held)
            coverage = plan.coverage[list(COVERAGE_KEPT)].to_dict("split")["data"]
    return {
        "row": row | {"fingerprint": case.fingerprint, "draws": case.scenario.draws},
        "decisions": decisions,
        "coverage": coverage,
        "expected": expected,
        "seconds": {
            "all": time.perf_counter() - began,
            "cpu": time.process_time() - cpu,
            "solver": solver_cpu_seconds() - solver_before,
        },
    }


def _in_draws(plan: Plan, case: Case) -> tuple[dict[str, float], list[float]]:
    """Units reached in 8 of 10 of the scenario's draws and in the middle of them; and the units
    expected in each, by which scenarios are compared in the same draws."""
    import numpy as np

    from ikmplan.report.sureness import eight_of_ten
    from ikmplan.uncertainty.draws import draws
    from ikmplan.uncertainty.plan_range import range_of

    scenario = case.scenario
    if not scenario.draws:
        return {}, []
    found = range_of(plan, case, draws(case, scenario.draws, scenario.seed))
    expected = np.round(found.expected, EXPECTED_DECIMALS).tolist()
    return eight_of_ten(found.lucky.tolist())._asdict(), expected
