"""Many searches at once: tasks about one subject, in processes of this machine or of a cluster."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager, nullcontext
from multiprocessing import get_context, parent_process
from typing import Any, TypeVar

from ikmplan.text import current_language, language

CORES = "IKMPLAN_CORES"  # how many processes this one may use; else one for each core
QuestionProgress = Callable[[int, int], None]
Made = TypeVar("Made")
_WORKER: dict[str, Any] = {}  # what is known and the language, sent once and not with every task


def _start_worker(subject: Any, code: str) -> None:
    _WORKER.update(subject=subject, language=code)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when its parent ends: if that was killed, nothing else would."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(task: Callable[[Any], Any]) -> Any:
    with language(_WORKER["language"]):
        return task(_WORKER["subject"])


def worked_out(
    subject: Any,
    tasks: Sequence[Callable[[Any], Made]],
    workers: int | None = None,
    on_progress: QuestionProgress | None = None,
    executor: Executor | None = None,
) -> Iterator[Made]:
    """What each task makes of the subject, in the order of the tasks, whichever was first.

    `workers` is the number of processes (None: one a core; 1: this one); `on_progress` is
    called with how many tasks are done, of how many. An `executor` is used instead of them:
    that of a Dask cluster is `client.get_executor(pure=False)`.
    """
    report = on_progress or (lambda _done, _of: None)
    workers = workers or int(os.environ.get(CORES, 0)) or os.cpu_count() or 1
    if executor is None and workers == 1:
        for done, task in enumerate(tasks, start=1):
            yield task(subject)
            report(done, len(tasks))
        return
    with _pool(subject, workers) if executor is None else nullcontext(executor) as pool:
        if executor is None:
            futures = [pool.submit(_work, task) for task in tasks]
        else:
            futures = [pool.submit(task, subject) for task in tasks]
        for done, _future in enumerate(as_completed(futures), start=1):
            report(done, len(tasks))
        yield from (future.result() for future in futures)


@contextmanager
def _pool(subject: Any, workers: int) -> Iterator[Executor]:
    # HiGHS does not survive a fork, so processes are spawned everywhere as on Windows
    given = subject, current_language()
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _start_worker, given)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
