"""Scenarios -> executed notebooks, pages and tables, each in a folder of its own.

Everything is checked before anything is written. Results that are there already are kept;
the others are made in this process or by a `Pool`. Each result is put in its place whole: a
reader finds the old one or the new one, and a failed run does not change the old one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ikmplan.batch.jobs import Job, prepare
from ikmplan.batch.tasks import FAILED_STATUS, NotebookOutput, make_notebook
from ikmplan.batch.workers import Pool, WorkerDiedTwice, cores, scheduler_address
from ikmplan.faults import BadInput, Fault, refusal_of
from ikmplan.input.case import Case
from ikmplan.notebook.forkserver import prestart
from ikmplan.plan.plan import Plan, load_plan, plan_figures
from ikmplan.runs import write as store
from ikmplan.runs.index import write_index
from ikmplan.runs.names import FAILURE, MANIFEST, TABLES_FOLDER, is_forms, scenario_name
from ikmplan.runs.write import InUse
from ikmplan.text import _


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A scenario that was worked out, with or without a notebook."""

    name: str
    status: str  # "proven", "feasible", "failed" or, without a notebook, "none"
    error: str | None = None  # why it failed
    before: bool = False  # in an earlier run: "already done"

    @property
    def figures(self) -> Mapping[str, Any]:
        """As `plan_figures` names them; empty where there is no plan."""
        return {}


@dataclass(frozen=True, kw_only=True)
class Result(Ended):
    """What a run made, in `folder`."""

    folder: Path
    plan: Plan | None = None
    case: Case | None = None  # of the plan

    @cached_property
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
    """Is called as a batch goes on; this one does nothing."""

    def warns(self, warnings: Sequence[Fault]) -> None:
        """What is odd in the checked input, though nothing is wrong; called once."""

    def starts(self, names: Sequence[str]) -> None:
        """The names of all that are about to be worked out."""

    def stage(self, stage: str) -> None:
        """A stage of `notebook.saving` begins, where one is worked out in this process."""

    def ends(self, ended: Ended) -> None:
        """One of them, or one that was done before."""

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
    index: bool = True,
) -> list[Result]:
    """The results of several scenarios, in their order, those with faults last. Without `index`
    the caller renews the index of the runs.

    Raises `BadInput` before any runs if any has a fault, unless `options.keep_going`;
    `InUse` if another run works in the folder, `Refused` if a cluster runs other code.
    """
    jobs, faults, bad = [], [], []
    for path in dict.fromkeys(Path(path) for path in params):
        try:
            jobs.append(prepare(path, notebook))
        except BadInput as error:
            faults += error.faults
            bad.append(_failed(path.stem, Path(runs), error))
    clashes = _clashes(jobs, Path(runs))
    if clashes or (faults and not options.keep_going):
        raise BadInput(faults + clashes)
    # scenarios of the same tables share their warnings
    listener.warns(list(dict.fromkeys(fault for job in jobs for fault in job.warnings)))
    for result in bad:
        listener.ends(result)
    results = run_jobs(jobs, Path(runs), options, listener)
    if index:
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
            name = job.scenario.name
            found = None if options.force else _found(job, runs, options.retry_failed)
            if found is None:
                todo[name] = job
            else:
                results[name] = _copied(found, options)
                listener.ends(found)
        listener.starts(list(todo))
        for name, made in _made(todo, options, listener):
            results[name] = _copied(_keep(todo[name], made, making, runs), options)
            listener.ends(results[name])
    return [results[job.scenario.name] for job in jobs]


def _copied(result: Result, options: Options) -> Result:
    if options.copy_to is not None and result.error is None:
        store.copy(result.folder, store.files_in(result.folder), options.copy_to)
    return result


def _found(job: Job, runs: Path, retry_failed: bool) -> Result | None:
    """The result that is there already, where it need not be made again."""
    folder = runs / job.folder_name
    if store.is_done(folder, job.identity):
        store.forget_failure(folder)  # of other code or another notebook
        return _planned(job, folder, before=True)
    error = None if retry_failed else store.failure(folder, job.identity)
    return None if error is None else _failed(job.scenario.name, folder, error, before=True)


def _planned(job: Job, folder: Path, before: bool = False) -> Result:
    plan = load_plan(folder / TABLES_FOLDER)
    return Result(
        name=job.scenario.name,
        status=plan.proof.status,
        before=before,
        folder=folder,
        plan=plan,
        case=job.case,
    )


def _failed(name: str, folder: Path, error: object, before: bool = False) -> Result:
    return Result(name=name, status=FAILED_STATUS, error=str(error), before=before, folder=folder)


def _made(
    todo: dict[str, Job], options: Options, listener: BatchListener
) -> Iterator[tuple[str, NotebookOutput | Exception]]:
    """The output of each notebook as it ends: one by one in this process, or by workers."""
    scheduler = scheduler_address(options.scheduler)
    workers = min(options.workers or cores(), len(todo))
    if scheduler is None and workers <= 1:  # a kernel that dies does not end this process
        for name, job in todo.items():
            try:
                yield name, make_notebook(job.task(cores()), listener.stage)
            except OSError as error:
                yield name, error
    elif todo:
        if scheduler is None:
            prestart()  # all workers have their kernels from this server
        with Pool(workers, scheduler) as pool:
            each = 1 if scheduler else max(1, cores() // workers)
            tasks = ((name, job.task(each, scheduler is not None)) for name, job in todo.items())
            yield from pool.each(make_notebook, tasks)


def _keep(job: Job, made: NotebookOutput | Exception, making: Path, runs: Path) -> Result:
    """Put what was made into its place."""
    if isinstance(made, Exception):
        lasting = isinstance(made, WorkerDiedTwice)
        reason = refusal_of(made) if isinstance(made, OSError) else f"{type(made).__name__}: {made}"
        made = NotebookOutput({}, reason, lasting)
    name, folder, files = job.scenario.name, runs / job.folder_name, dict(made.files)
    forms = {file: files.pop(file) for file in made.files if is_forms(file)}
    if made.error is None:
        files[MANIFEST] = store.manifest(job.scenario, job.identity, files)
        # forms that are there may be filled in: they are never replaced
        files |= {file: forms[file] for file in forms if not (folder / file).exists()}
    elif made.lasting:  # other failures are tried again by the next run
        files[FAILURE] = store.as_json({"identity": job.identity, "error": made.error})
    try:
        if files:
            store.publish(making, folder, files)
    except InUse as error:
        return _failed(name, folder, error)
    except OSError as error:
        return _failed(name, folder, refusal_of(error))
    return _planned(job, folder) if made.error is None else _failed(name, folder, made.error)


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
            fix = _("Choose another name.")
            faults.append(Fault(str(job.params), None, "name", name, message, fix))
        taken.setdefault(key, name)
    return faults
