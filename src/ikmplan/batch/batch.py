"""Scenarios -> executed notebooks, pages and tables, each in a folder of its own.

Everything is checked before anything is written. Scenarios whose results are there
already are left alone; the others are worked out here or by a `Pool`, and each result is
put in its place whole: a reader finds the old one or the new one, and a failed run leaves
the old one alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ikmplan.batch.jobs import Job, prepare
from ikmplan.batch.tasks import FAILED_STATUS, NotebookOutput, make_notebook, plan_figures
from ikmplan.batch.workers import Pool, WorkerDiedTwice, cores, scheduler_address
from ikmplan.faults import BadInput, Fault
from ikmplan.input.case import Case
from ikmplan.runs import write as store
from ikmplan.runs.index import write_index
from ikmplan.runs.names import FAILURE, scenario_name
from ikmplan.runs.write import InUse
from ikmplan.text import _

if TYPE_CHECKING:
    from ikmplan.plan.plan import Plan


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
        return plan_figures(self.plan, self.case) if self.plan and self.case else {}


@dataclass(frozen=True)
class Options:
    """How a batch is run; the same for `run` and `sweep`."""

    workers: int | None = None  # None: one for each core
    scheduler: str | None = None  # address of a Dask scheduler
    force: bool = False  # also what is done already
    retry_failed: bool = False  # also what failed before
    keep_going: bool = False  # leave out scenarios with faults instead of stopping
    copy_to: str | None = None  # an address of fsspec that gets a copy of every result


class BatchListener:
    """Hears how a batch goes on. This one does not care."""

    def starts(self, names: Sequence[str]) -> None:
        """These are about to be worked out."""

    def ends(self, result: Any) -> None:
        """The result of one of them, or of one that was done before."""

    def close(self) -> None:
        """Nothing more comes."""


DEFAULTS, SILENT = Options(), BatchListener()


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
    listener: BatchListener = SILENT,
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
            bad.append(Result(path.stem, Path(runs), FAILED_STATUS, error=str(error)))
    clashes = _clashes(jobs, Path(runs))
    if clashes or (faults and not options.keep_going):
        raise BadInput(faults + clashes)
    for result in bad:
        listener.ends(result)
    results = run_jobs(jobs, Path(runs), options, listener)
    write_index(runs)
    return results + bad


def run_jobs(
    jobs: Sequence[Job], runs: Path, options: Options, listener: BatchListener
) -> list[Result]:
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
    from ikmplan.plan.plan import load_plan

    folder, name = runs / job.folder_name, job.scenario.name
    if options.force:
        return None
    if store.is_done(folder, job.identity):
        store.forget_failure(folder)  # of other code or another notebook
        plan = load_plan(folder / "tables")
        return Result(name, folder, plan.proof.status, plan, job.case, before=True)
    error = store.failure(folder, job.identity)
    if error is not None and not options.retry_failed:
        return Result(name, folder, FAILED_STATUS, error=error, before=True)
    return None


def _made(
    todo: dict[str, Job], options: Options
) -> Iterator[tuple[str, NotebookOutput | Exception]]:
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


def _keep(job: Job, made: NotebookOutput | Exception, making: Path, runs: Path) -> Result:
    """Put what was made into its place."""
    from ikmplan.plan.plan import load_plan

    name, folder = job.scenario.name, runs / job.folder_name
    if isinstance(made, Exception):
        made = NotebookOutput(
            {}, f"{type(made).__name__}: {made}", lasting=isinstance(made, WorkerDiedTwice)
        )
    files = dict(made.files)
    try:
        if made.error is not None:
            if made.lasting:  # else the next run tries again, unasked
                files[FAILURE] = store.as_json({"identity": job.identity, "error": made.error})
            if files:
                store.publish(making, folder, files)
            return Result(name, folder, FAILED_STATUS, error=made.error)
        files["manifest.json"] = store.manifest(job.scenario, job.identity, files)
        store.publish(making, folder, files)
    except InUse as error:
        return Result(name, folder, FAILED_STATUS, error=str(error))
    plan = load_plan(folder / "tables")
    return Result(name, folder, plan.proof.status, plan, job.case)


def _clashes(jobs: list[Job], runs: Path) -> list[Fault]:
    """Scenarios whose results would lie where another's do."""
    faults = []
    taken: dict[str, str] = {}
    for job in jobs:
        folder = runs / job.folder_name
        key, name = job.folder_name.casefold(), job.scenario.name
        other = taken.get(key) or scenario_name(folder)
        if key in taken or other not in (None, name):
            message = _(
                "would put its results into {folder}, where those of “{other}” belong.",
                folder=folder.as_posix(),
                other=other,
            )
            faults.append(
                Fault(str(job.params), None, "name", name, message, _("Choose another name."))
            )
        taken.setdefault(key, name)
    return faults
