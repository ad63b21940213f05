"""Finished runs: the results in a folder, read and never changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar

from ikmplan.faults import BadInput, file_fault
from ikmplan.files import find
from ikmplan.input.case import Case, hash_of
from ikmplan.input.tables import Tables, read_tables
from ikmplan.notebook.execute import Failed, read
from ikmplan.notebook.saving import ALTERNATIVES, INSIGHT, NOTHING, PROGRAMME, UNCERTAINTY
from ikmplan.plan.plan import Plan, load_plan
from ikmplan.runs.names import (
    FAILED,
    FAILURE,
    MANIFEST,
    PLAN_RECORD,
    TABLES_FOLDER,
    read_json,
    scenario_name,
)
from ikmplan.text import _
from ikmplan.uncertainty.answers import Uncertainty, load_uncertainty

Loaded = TypeVar("Loaded")


@dataclass(frozen=True)
class Run:
    """The folder of one scenario: its plan, or why there is none, or both.

    With both, the newest run failed and the plan is that of an older one.
    """

    name: str  # of the scenario
    folder: Path
    plan: Plan | None
    error: str | None
    case: Case | None  # the plan's scenario with the tables that lie in its data folder today

    @property
    def when(self) -> datetime:
        """When its newest result was written, in the time of this computer."""
        marks = [self.folder / name for name in (FAILURE, FAILED, PLAN_RECORD)]
        newest = max(path.stat().st_mtime for path in marks if path.exists())
        return datetime.fromtimestamp(newest).astimezone()

    @property
    def current(self) -> bool:
        """Whether the tables of today are those that the plan was made from."""
        return bool(
            self.plan and self.case and self.case.fingerprint == self.plan.proof.fingerprint
        )

    @cached_property
    def data(self) -> str | None:
        """Hash of the tables alone; None where they have changed or are not found."""
        if not self.current or self.case is None:
            return None
        return hash_of(self.case.tables.content())

    @cached_property
    def uncertainty(self) -> Uncertainty | None:
        """How sure the plan is; None where its notebook did not keep it."""
        return _kept(self.folder / TABLES_FOLDER / UNCERTAINTY, load_uncertainty)

    def has(self, name: str) -> bool:
        return (self.folder / name).is_file()


def read_runs(runs: str | Path) -> list[Run]:
    """Every scenario that left a plan or an error in `runs`, by name.

    Raises `BadInput` where there is no such folder.
    """
    runs = Path(runs)
    if not runs.is_dir():
        fix = _("Run a scenario first: ikmplan run PARAMS.yaml")
        raise BadInput([file_fault(runs.as_posix(), _("is no folder."), fix)])
    return sorted(_runs(runs), key=lambda run: natural(run.name))


def natural(name: str) -> list[tuple[int, int | str]]:
    """Sorts "plan 2" before "plan 10"."""
    parts = re.split(r"(\d+)", name.casefold())
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in parts if part]


def _runs(runs: Path) -> Iterator[Run]:
    known: dict[Path, Tables | None] = {}  # tables by their folder
    for folder in runs.iterdir():
        if not folder.name.startswith(".") and folder.is_dir():
            run = _run(folder, known)
            if run is not None:
                yield run


def read_run(folder: Path) -> Run | None:
    """The run that left a plan or an error in this folder; None where there is none."""
    return _run(folder, {})


def _run(folder: Path, known: dict[Path, Tables | None]) -> Run | None:
    error = _error(folder)
    plan = None
    if (folder / PLAN_RECORD).is_file():
        try:
            plan = load_plan(folder / TABLES_FOLDER)
        except (BadInput, OSError, ValueError, KeyError, TypeError) as fault:
            message = str(fault).splitlines()[0] if str(fault) else type(fault).__name__
            error = _("Its tables cannot be read: {fault}", fault=message)
    elif (folder / MANIFEST).is_file():
        error = error or _("Its tables cannot be read: {fault}", fault=PLAN_RECORD)
    if plan is not None:
        case = _case(plan, folder.resolve().parent, known)
        return Run(plan.scenario.name, folder, plan, error, case)
    if error is not None:
        return Run(scenario_name(folder) or folder.name, folder, None, error, None)
    return None


def read_beside(tables: Path, case: Case) -> dict[str, Any]:
    """What stands beside the plan in its workbook, as far as the notebook kept it: the announced
    programme, what is reached without money, the reasons, what else could be done, and how sure the
    plan is."""
    from ikmplan.alternatives.found import load_alternatives
    from ikmplan.insight.reasons import load_insight
    from ikmplan.insight.tables import reasons_tables

    insight = _kept(tables / INSIGHT, load_insight)
    return {
        "programme": _kept(tables / PROGRAMME, load_plan),
        "nothing": _kept(tables / NOTHING, load_plan),
        "insight": insight,
        "reasons": reasons_tables(insight, case) if insight else [],
        "others": _kept(tables / ALTERNATIVES, partial(load_alternatives, case=case)),
        "uncertainty": _kept(tables / UNCERTAINTY, load_uncertainty),
    }


def _kept(folder: Path, load: Callable[[Path], Loaded]) -> Loaded | None:
    """What is read from a folder; None where the notebook left none."""
    return load(folder) if folder.is_dir() else None


def _case(plan: Plan, runs: Path, known: dict[Path, Tables | None]) -> Case | None:
    """The plan's scenario with its tables, unchecked: they may have changed since."""
    data = find_data(plan.scenario.data, runs)
    if data not in known:
        try:
            known[data] = read_tables(data)
        except (BadInput, OSError):
            known[data] = None
    tables = known[data]
    return None if tables is None else Case(tables, plan.scenario)


def why_no_case(plan: Plan, folder: Path) -> str:
    """Why the tables of the run in this folder cannot be read today."""
    data = plan.scenario.data
    if find_data(data, folder.resolve().parent).exists():
        return _("Its tables have faults now: ikmplan check {data}", data=data)
    return _("Its tables are not found: {data}", data=data)


def find_data(data: str, runs: Path) -> Path:
    """Where `data` lies: seen from the folder in use, or else from that of the results."""
    path = find(data)
    if path.exists():
        return path
    above = [folder / data for folder in runs.resolve().parents]
    return next((path for path in above if path.exists()), path)


def _error(folder: Path) -> str | None:
    """Why the newest run failed, as a text for readers; None if it did not fail."""
    failure = read_json(folder / FAILURE)
    if "error" in failure:
        return str(failure["error"])
    if not (folder / FAILED).is_file():
        return None
    try:
        found = next(
            output
            for cell in read(folder / FAILED).cells
            for output in cell.get("outputs", [])
            if output.output_type == "error"
        )
    except (OSError, ValueError, AttributeError, StopIteration):
        return _("The run failed; its notebook does not state why.")
    return str(Failed(found.ename, re.sub(r"\x1b\[[0-9;]*m", "", found.evalue)))
