"""Workers: processes of this machine, or of any Dask cluster.

    with Pool(workers=2) as pool:
        for key, outcome in pool.each(make_notebook, tasks): ...

Tasks and results are sent; only a few are on the way at a time, so that a thousand take no
more memory than ten. A task whose worker dies is tried once more, alone: it fails only if
it ends that worker too, and no other task fails with it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from ikmplan.batch.prestart import prestart_workers, signals_later
from ikmplan.faults import UserError
from ikmplan.notebook.forkserver import FORKS, SHARED_SERVER, server
from ikmplan.runs.write import code_versions
from ikmplan.text import _, listing

if TYPE_CHECKING:
    from distributed import Client, Future

T = TypeVar("T")
R = TypeVar("R")
ADDRESS = "DASK_SCHEDULER_ADDRESS"
TASKS_AHEAD = 2  # tasks for each worker: one in work, and the next
_ONE_AT_A_TIME = Lock()
SCHEDULER_SECONDS = 20  # seconds for a scheduler to answer


class Refused(UserError, RuntimeError):
    """The cluster cannot be reached, or its workers run other code than we do."""


class WorkerDiedTwice(UserError, RuntimeError):
    """A task ended its worker twice."""


def cores() -> int:
    """The cores that this process may use, as containers and batch systems grant them."""
    try:
        from dask.system import cpu_count
    except Exception:  # a settings file of Dask that cannot be read: `Pool` reports it
        return os.cpu_count() or 1
    return int(cpu_count())


def _import_dask() -> None:
    """Raises `Refused` where a settings file of the user's keeps Dask from being imported."""
    try:
        import distributed  # noqa: F401
    except Exception as error:
        reason = " ".join(str(error).split())
        message = _(
            "Several scenarios at once need Dask, which cannot start: {reason}", reason=reason
        )
        raise Refused(message) from None


class Pool:
    """A cluster for the time of one run. One thread each: HiGHS searches once at a time."""

    def __init__(self, workers: int, scheduler: str | None = None):
        self.workers, self.scheduler = workers, scheduler
        self._cluster: Any = None

    def __enter__(self) -> Pool:
        _import_dask()
        from distributed import Client

        # the death of a worker is a line of our own table
        for name in list(logging.root.manager.loggerDict):
            if name.startswith("distributed"):  # Dask gives each part a level of its own
                logging.getLogger(name).setLevel(logging.CRITICAL)
        if self.scheduler is None:
            try:
                with signals_later():
                    self._cluster = _start_workers(self.workers)
            except KeyboardInterrupt:
                if self._cluster is not None:
                    self._cluster.close()
                raise
        try:
            self.client: Client = Client(self._cluster or self.scheduler, timeout=SCHEDULER_SECONDS)
        except (OSError, ValueError) as error:
            message = _(
                "The Dask scheduler at {address} does not answer: {reason}",
                address=self.scheduler,
                reason=error,
            )
            raise Refused(message) from None
        if self.scheduler is not None:
            self.check_worker_versions()
        return self

    def __exit__(self, *_error: object) -> None:
        self.client.close()
        if self._cluster is not None:
            self._cluster.close()

    def check_worker_versions(self) -> None:
        found = self.client.run(code_versions, on_error="return")
        for worker, theirs in found.items():
            # a worker without ikmplan answers with an error
            _compare(code_versions(), theirs if isinstance(theirs, dict) else {}, worker)
        self.workers = max(1, len(found))

    def each(
        self, function: Callable[[T], R], tasks: Iterable[tuple[str, T]]
    ) -> Iterator[tuple[str, R | Exception]]:
        """The key and result of each task as it ends, or the exception that it ended in."""
        from distributed import as_completed
        from distributed.scheduler import KilledWorker

        waiting, suspects = iter(tasks), dict[str, T]()
        running: dict[Future[Any], tuple[str, T]] = {}
        ended = as_completed([], with_results=False)

        def send(key: str, task: T) -> None:
            future = self.client.submit(_call, function, task, code_versions(), pure=False)
            running[future] = key, task
            ended.add(future)

        for key, task in islice(waiting, TASKS_AHEAD * self.workers):
            send(key, task)
        while running:
            future = next(ended)
            key, task = running.pop(future)
            outcome = self._outcome(future)
            if isinstance(outcome, KilledWorker) and key not in suspects:
                suspects[key] = task
            else:
                yield key, outcome
            for key, task in islice(waiting, 1):
                send(key, task)
        for key, task in suspects.items():
            send(key, task)
            future = next(ended)
            del running[future]
            outcome = self._outcome(future)
            if isinstance(outcome, KilledWorker):
                message = _("It ended its worker twice: out of memory, or a crash.")
                outcome = WorkerDiedTwice(message)
            yield key, outcome

    @staticmethod
    def _outcome(future: Future[Any]) -> Any:
        try:
            outcome = future.result()
        except Refused:
            raise
        except Exception as error:
            outcome = error
        future.release()
        return outcome


def _start_workers(number: int) -> Any:
    """A cluster of workers on this machine."""
    import dask
    from distributed import LocalCluster

    dask.config.set({"distributed.scheduler.allowed-failures": 0})
    # a worker logs each task whole, which would take more time than the work
    dask.config.set({"distributed.admin.low-level-log-length": 10})
    # it would look at its own stack a hundred times a second
    dask.config.set({"distributed.worker.profile.enabled": False})
    if prestart_workers():
        # workers are copies of a process that has imported what they need
        dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"})
    address = server().address if FORKS else ""  # all kernels from one server
    return LocalCluster(
        env={SHARED_SERVER: address} if address else None,
        n_workers=number,
        threads_per_worker=1,
        dashboard_address="127.0.0.1:0",
        silence_logs=logging.CRITICAL,
    )


def _call(function: Callable[[T], R], task: T, theirs: Mapping[str, str]) -> R:
    """Runs in the worker: one that joined late was not checked by `check_worker_versions`."""
    _compare(theirs, code_versions(), "")
    with _ONE_AT_A_TIME:  # also in a worker of several threads
        return function(task)


def _compare(here: Mapping[str, str], there: Mapping[str, str], worker: str) -> None:
    differing = [
        f"{name} {version} / {there.get(name, '–')}"
        for name, version in here.items()
        if there.get(name) != version
    ]
    if differing:
        message = _(
            "Worker {worker} does not run the same code (here / there): {differing}. Install the"
            " same versions there, then start the workers again.",
            worker=worker,
            differing=listing(differing),
        )
        raise Refused(message)


def scheduler_address(given: str | None) -> str | None:
    return given or os.environ.get(ADDRESS) or None
