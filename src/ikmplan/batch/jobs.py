"""Scenarios checked together with their tables, ready to be run."""

from __future__ import annotations

import hashlib
import pickle
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path, PurePosixPath

from ikmplan.batch.tasks import NotebookTask
from ikmplan.faults import BadInput, Fault
from ikmplan.files import find_notebook, folder_name, folders_above
from ikmplan.input.case import Case
from ikmplan.input.load import check_case
from ikmplan.input.scenario import Scenario
from ikmplan.input.tables import check
from ikmplan.input.yaml_file import parse_values
from ikmplan.notebook.html_page import commit
from ikmplan.runs import write as store
from ikmplan.text import current_language


@dataclass(frozen=True)
class Job:
    """A scenario that was checked together with its tables."""

    params: Path
    case: Case
    base: Path  # the folder that the scenario's data path starts from
    notebook: Path
    warnings: tuple[Fault, ...] = ()  # of its check

    @property
    def scenario(self) -> Scenario:
        return self.case.scenario

    @property
    def folder_name(self) -> str:
        return folder_name(self.scenario.name)

    @cached_property
    def identity(self) -> str:
        """Of the result: a hash of data, scenario, notebook and code."""
        notebook = hashlib.sha256(self.notebook.read_bytes()).hexdigest()
        scenario = self.scenario.model_dump_json(exclude={"data"})  # a path changes no result
        return store.identity(self.case.fingerprint, scenario, notebook)

    def task(self, cores: int, travels: bool = False) -> NotebookTask:
        """All that a worker needs; `travels` adds the tables, for workers without this disk."""
        values = self.scenario.model_dump(mode="json")
        data: dict[str, bytes] = {}
        if travels:
            found = self.base / self.scenario.data
            name = PurePosixPath(values["data"])
            if name.is_absolute() or found.is_absolute() or ".." in name.parts:
                values["data"] = found.name  # tables from outside get a folder of their own
            data = _files(found, values["data"])
        return NotebookTask(
            scenario=values,
            fingerprint=self.case.fingerprint,
            file=self.notebook.name,
            source=self.notebook.read_text("utf-8"),
            cores=cores,
            messages=current_language(),
            tables=pickle.dumps(self.case.tables),
            made=date.today(),
            at=commit(),
            folder=None if travels else str(self.base),
            data=data,
        )


def prepare(params: str | Path, notebook: str | Path | None = None) -> Job:
    """Read and check a scenario with its tables; raises `BadInput` with every fault."""
    params = Path(params)
    case, warnings = checked_case(params)
    base = data_base(case.scenario.data, params)
    found = Path(notebook) if notebook else find_notebook(params)
    return Job(params, case, base, found, tuple(warnings))


def checked_case(params: Path) -> tuple[Case, list[Fault]]:
    """The case of a scenario file and its warnings; raises `BadInput` with every fault."""
    case, found = _checked(params)
    if case is None:
        raise BadInput([fault for fault in found if not fault.warning])
    return case, found


def is_scenario(path: Path) -> bool:
    """Whether it is a scenario file, and no folder or file of tables. A pipe has no ending."""
    kind = path.suffix.lower()
    text = kind in ("", ".json", ".txt") and path.exists() and not path.is_dir()
    return text or kind in (".yaml", ".yml")


def faults_of(path: str | Path) -> list[Fault]:
    """Every fault and warning of a scenario file and its tables, or of tables alone."""
    params = Path(path)
    if not is_scenario(params):
        return check(params)
    try:
        return _checked(params)[1]
    except BadInput as error:  # the file cannot be read
        return error.faults


def _checked(params: Path) -> tuple[Case | None, list[Fault]]:
    """The case of a scenario file, None where it has a fault; and every fault and warning."""
    values, rows, twice = parse_values(params)
    values = {"language": current_language()} | values  # of pages and messages alike
    case, found = check_case(values, str(params), rows, lambda data: data_base(data, params) / data)
    return None if twice else case, twice + found


def data_base(data: str, params: Path) -> Path:
    """The folder that a relative `data` starts from: the one in use, that of the scenario
    file, or one above them; the one in use where it is in none of them."""
    here = Path.cwd()
    for folder in (here, *here.parents, *folders_above(params)):
        if (folder / data).exists():
            return folder if folder != here else Path()
    return Path()


def _files(found: Path, name: str) -> dict[str, bytes]:
    """The tables as they lie on this disk, under `name`."""
    if found.is_file():
        return {name: found.read_bytes()}
    return {
        f"{name}/{file.relative_to(found).as_posix()}": file.read_bytes()
        for file in sorted(found.rglob("*"))
        if file.is_file() and not file.name.startswith((".", "~$"))
    }
