"""Scenarios -> executed notebooks, pages and tables, each in a folder of its own.

Everything is checked before anything is written. Scenarios whose results are there
already are left alone; the others are worked out here or by a `Pool`, and each result is
put in its place whole: a reader finds the old one or the new one, and a failed run leaves
the old one alone.
"""

from __future__ import annotations

import hashlib
import pickle
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from ikmplan import store
from ikmplan.case import Case, make_case
from ikmplan.demands import demand_warnings
from ikmplan.index import write_index
from ikmplan.notebook import as_text, commit, read, translated
from ikmplan.pool import Lost, Pool, cores, scheduler_address
from ikmplan.scenario import Scenario, make_scenario
from ikmplan.sheets import BadInput, Fault
from ikmplan.store import InUse
from ikmplan.tables import check, read_tables
from ikmplan.tasks import FAILURE, Made, NotebookTask, figures, make_notebook
from ikmplan.text import _, current_language
from ikmplan.yaml_file import read_values

if TYPE_CHECKING:
    from ikmplan.plan import Plan

NOTEBOOK = Path("notebooks", "plan.ipynb")
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Job:
    """A scenario that was checked together with its tables."""

    params: Path
    case: Case
    base: Path  # the folder that the scenario's data path starts from
    notebook: Path

    @property
    def scenario(self) -> Scenario:
        return self.case.scenario

    @property
    def folder_name(self) -> str:
        return folder_name(self.scenario.name)

    @cached_property
    def identity(self) -> str:
        """Of the result: data, scenario, notebook and code."""
        notebook = hashlib.sha256(self.notebook.read_bytes()).hexdigest()
        scenario = self.scenario.model_dump_json(exclude={"data"})  # where it lies changes nothing
        return store.identity(self.case.fingerprint, scenario, notebook)

    def task(self, cores: int, travels: bool = False) -> NotebookTask:
        """What a worker needs; with the tables where it may not see this disk."""
        values = self.scenario.model_dump(mode="json")
        data: dict[str, bytes] = {}
        if travels:
            found = self.base / self.scenario.data
            name = PurePosixPath(values["data"])
            if name.is_absolute() or found.is_absolute() or ".." in name.parts:
                values["data"] = found.name  # what lies elsewhere comes to lie in its own folder
            data = _files(found, values["data"])
        return NotebookTask(
            scenario=values,
            fingerprint=self.case.fingerprint,
            file=self.notebook.name,
            source=_source(self.notebook, self.scenario.language),
            cores=cores,
            spoken=current_language(),
            tables=pickle.dumps(self.case.tables),
            made=date.today(),
            at=commit(),
            folder=None if travels else str(self.base),
            data=data,
        )


@dataclass(frozen=True)
class Result:
    """What a run made. `error` is None where the run succeeded."""

    name: str
    folder: Path
    status: str  # "proven", "feasible" or "failed"
    plan: Plan | None = None
    case: Case | None = None  # of the plan
    error: str | None = None
    before: bool = False  # in an earlier run: "already done"

    @property
    def figures(self) -> Mapping[str, Any]:
        return figures(self.plan, self.case) if self.plan and self.case else {}


@dataclass(frozen=True)
class Options:
    """How a batch is run; the same for `run` and `sweep`."""

    workers: int | None = None  # None: one for each core
    scheduler: str | None = None  # address of a Dask scheduler
    force: bool = False  # also what is done already
    retry_failed: bool = False  # also what failed before
    keep_going: bool = False  # leave out scenarios with faults instead of stopping
    copy_to: str | None = None  # an address of fsspec that gets a copy of every result


class Listener:
    """Hears how a batch goes on. This one does not care."""

    def starts(self, names: Sequence[str]) -> None:
        """These are about to be worked out."""

    def ends(self, result: Any) -> None:
        """The result of one of them, or of one that was done before."""

    def close(self) -> None:
        """Nothing more comes."""


DEFAULTS, NOBODY = Options(), Listener()


def run(
    params: str | Path, runs: str | Path = "runs", options: Options = DEFAULTS, **more: Any
) -> Result:
    """The results of one scenario file in `runs`/<name>, as `run_all` gives them."""
    return run_all([params], runs, options, **more)[0]


def run_all(
    params: Iterable[str | Path],
    runs: str | Path = "runs",
    options: Options = DEFAULTS,
    *,
    notebook: str | Path | None = None,
    listener: Listener = NOBODY,
) -> list[Result]:
    """The results of several scenarios, in their order.

    A fault in any of them stops all before any runs, unless `options.keep_going`.
    Raises `InUse` where another run works in the folder, `pool.Refused` for a cluster
    that does not fit.
    """
    jobs, faults, bad = [], [], []
    for path in dict.fromkeys(Path(path) for path in params):
        try:
            jobs.append(prepare(path, notebook))
        except BadInput as error:
            faults += error.faults
            bad.append(Result(path.stem, Path(runs), FAILURE, error=str(error)))
    clashes = _clashes(jobs, Path(runs))
    if clashes or (faults and not options.keep_going):
        raise BadInput(faults + clashes)
    for result in bad:
        listener.ends(result)
    results = run_jobs(jobs, Path(runs), options, listener)
    write_index(runs)
    return results + bad


def run_jobs(jobs: Sequence[Job], runs: Path, options: Options, listener: Listener) -> list[Result]:
    """The results of checked scenarios, in their order."""
    results: dict[str, Result] = {}
    with store.locked(runs) as making:
        todo = {}
        for job in jobs:
            found = _found(job, runs, options)
            if found is None:
                todo[job.scenario.name] = job
            else:
                results[found.name] = _copied(found, options)
                listener.ends(found)
        listener.starts(list(todo))
        for name, made in _made(todo, options):
            results[name] = _copied(_keep(todo[name], made, making, runs), options)
            listener.ends(results[name])
    return [results[job.scenario.name] for job in jobs]


def _copied(result: Result, options: Options) -> Result:
    if options.copy_to is not None and result.error is None:
        store.copy(result.folder, store.files_in(result.folder), options.copy_to)
    return result


def _found(job: Job, runs: Path, options: Options) -> Result | None:
    """The result that is there already, where it need not be made again."""
    from ikmplan.plan import load_plan

    folder, name = runs / job.folder_name, job.scenario.name
    if options.force:
        return None
    if store.is_done(folder, job.identity):
        store.forget_failure(folder)  # of other code or another notebook
        plan = load_plan(folder / "tables")
        return Result(name, folder, plan.proof.status, plan, job.case, before=True)
    error = store.failure(folder, job.identity)
    if error is not None and not options.retry_failed:
        return Result(name, folder, FAILURE, error=error, before=True)
    return None


def _made(todo: dict[str, Job], options: Options) -> Iterator[tuple[str, Made | Exception]]:
    """What each notebook left, as it ends: one after the other here, or several by workers."""
    scheduler = scheduler_address(options.scheduler)
    workers = min(options.workers or cores(), len(todo))
    if scheduler is None and workers <= 1:  # a kernel that dies takes nobody with it
        for name, job in todo.items():
            try:
                yield name, make_notebook(job.task(cores()))
            except OSError as error:
                yield name, error
    elif todo:
        with Pool(workers, scheduler) as pool:
            each = 1 if scheduler else max(1, cores() // workers)
            tasks = ((name, job.task(each, scheduler is not None)) for name, job in todo.items())
            yield from pool.each(make_notebook, tasks)


def _keep(job: Job, made: Made | Exception, making: Path, runs: Path) -> Result:
    """Put what was made into its place."""
    from ikmplan.plan import load_plan

    name, folder = job.scenario.name, runs / job.folder_name
    if isinstance(made, Exception):
        made = Made({}, f"{type(made).__name__}: {made}", lasting=isinstance(made, Lost))
    files = dict(made.files)
    try:
        if made.error is not None:
            if made.lasting:  # else the next run tries again, unasked
                files[store.FAILURE] = store.as_json(
                    {"identity": job.identity, "error": made.error}
                )
            if files:
                store.publish(making, folder, files)
            return Result(name, folder, FAILURE, error=made.error)
        files["manifest.json"] = store.manifest(job.scenario, job.identity, files)
        store.publish(making, folder, files)
    except InUse as error:
        return Result(name, folder, FAILURE, error=str(error))
    plan = load_plan(folder / "tables")
    return Result(name, folder, plan.proof.status, plan, job.case)


def prepare(params: str | Path, notebook: str | Path | None = None) -> Job:
    """Read and check a scenario with its tables; raises `BadInput` with every fault."""
    params = Path(params)
    values, rows = read_values(params)
    scenario = make_scenario(values, str(params), rows)
    base = data_base(scenario.data, params)
    case = make_case(read_tables(base / scenario.data), scenario, str(params), rows)
    return Job(params, case, base, Path(notebook) if notebook else find_notebook(params))


def faults_of(params: str | Path) -> list[Fault]:
    """Every fault and warning of a scenario and of its tables."""
    params = Path(params)
    try:
        values, rows = read_values(params)
        scenario = make_scenario(values, str(params), rows)
    except BadInput as error:
        return error.faults
    data = data_base(scenario.data, params) / scenario.data
    faults = check(data)
    if not any(not fault.warning for fault in faults):
        try:
            case = make_case(read_tables(data), scenario, str(params), rows)
            faults = [*demand_warnings(case, str(params), rows), *faults]
        except BadInput as error:
            faults = error.faults + faults
    return faults


def data_base(data: str, params: Path) -> Path:
    """The folder that a relative `data` starts from: the one in use, that of the scenario
    file, or one above them; the one in use where it is in none of them."""
    here, there = Path.cwd(), params.resolve().parent
    for folder in (here, *here.parents, there, *there.parents):
        if (folder / data).exists():
            return folder if folder != here else Path()
    return Path()


def find_notebook(params: Path) -> Path:
    """notebooks/plan.ipynb above the folder in use, above the scenario, or beside the package."""
    here, there = Path.cwd(), params.resolve().parent
    package = Path(__file__).resolve().parents[2]
    for folder in (here, *here.parents, there, *there.parents, package):
        if (folder / NOTEBOOK).is_file():
            return folder / NOTEBOOK
    said = _("is not found here, above the scenario file, or in ikmplan's own folder.")
    mend = _("Run the command in the folder of ikmplan.")
    raise BadInput([Fault(NOTEBOOK.as_posix(), None, None, None, said, mend)])


def folder_name(name: str) -> str:
    """A scenario's name as a folder that every system can hold: one part, not hidden."""
    said = unicodedata.normalize("NFC", name)
    said = re.sub(r'[<>:"/\\|?*\x00-\x1f\x7f]', "-", said).strip(" .")
    said = said.encode()[:150].decode(errors="ignore").strip(" .")
    if not said or RESERVED.fullmatch(said):
        said = f"_{said}"
    return said


def _clashes(jobs: list[Job], runs: Path) -> list[Fault]:
    """Scenarios whose results would lie where another's do."""
    faults = []
    taken: dict[str, str] = {}
    for job in jobs:
        folder = runs / job.folder_name
        key, name = job.folder_name.casefold(), job.scenario.name
        other = taken.get(key) or store.name_in(folder)
        if key in taken or other not in (None, name):
            said = _(
                "would put its results into {folder}, where those of “{other}” belong.",
                folder=folder.as_posix(),
                other=other,
            )
            faults.append(
                Fault(str(job.params), None, "name", name, said, _("Choose another name."))
            )
        taken.setdefault(key, name)
    return faults


def _files(found: Path, name: str) -> dict[str, bytes]:
    """The tables as they lie on this disk, under `name`."""
    if found.is_file():
        return {name: found.read_bytes()}
    return {
        f"{name}/{file.relative_to(found).as_posix()}": file.read_bytes()
        for file in sorted(found.rglob("*"))
        if file.is_file() and not file.name.startswith((".", "~$"))
    }


@lru_cache(maxsize=2)
def _source(notebook: Path, language: str) -> str:
    return as_text(translated(read(notebook), language))
