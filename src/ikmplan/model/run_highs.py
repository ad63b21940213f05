"""Runs HiGHS in a thread of its own: Ctrl-C and a stop are noticed, better plans are reported."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from typing import Any

import highspy

Values = dict[str, float]
Listener = Callable[[Any, bool], None]  # HiGHS's event, and whether it is a better solution
POLL = 0.1  # seconds until Ctrl-C is noticed on Windows; elsewhere at once
ENDING_SECONDS = 10.0  # until a search has noticed that the process ends: most take hundredths


def report_better(on_better: Callable[[float, float], None]) -> Listener:
    """Calls `on_better` for every better solution, and at most twenty times a second between."""
    reported_at = 0.0

    def listener(event: Any, improved: bool) -> None:
        nonlocal reported_at
        if improved or time.monotonic() - reported_at > 0.05:
            reported_at = time.monotonic()
            on_better(event.data_out.mip_primal_bound, event.data_out.mip_dual_bound)

    return listener


def report_within(gap: float, names: list[str], on_within: Callable[[Values], None]) -> Listener:
    """Calls `on_within` once, with the best solution when it is known to be within the gap."""
    best: list[float] | None = None
    reported = False

    def listener(event: Any, improved: bool) -> None:
        nonlocal best, reported
        if improved and not reported:
            best = list(event.data_out.mip_solution)
        value, bound = event.data_out.mip_primal_bound, event.data_out.mip_dual_bound
        if best is not None and not reported and abs(bound - value) <= gap * abs(value):
            reported = True
            on_within(dict(zip(names, best, strict=True)))

    return listener


def run_highs(highs: Any, stop: threading.Event | None, *listeners: Listener) -> bool:
    """Search in a thread of its own, so that Ctrl-C is noticed; True if `stop` was set.

    highspy's `startSolve` is not used: all searches of a process share its locks, so that a
    second one fails. HiGHS itself shares only its scheduler between searches, one for each thread.
    An error of a listener ends the search and is raised here. Where the process ends meanwhile,
    so does the thread that called, with `SystemExit`.
    """
    failed: list[BaseException] = []

    def call(listener: Listener, improved: bool, event: Any) -> None:
        try:
            listener(event, improved)
        except BaseException as error:  # it must not pass through HiGHS
            failed.append(error)

    def interrupt_if_stopped(event: Any) -> None:
        if failed or _process_ends.is_set() or (stop is not None and stop.is_set()):
            event.interrupt()

    def search() -> None:
        global _cpu_seconds
        try:
            highs.run()
        except BaseException as error:  # it is re-raised in the calling thread
            failed.append(error)
        finally:
            highspy.Highs.resetGlobalScheduler(False)  # this thread's; else Windows may hang
            with _LOCK:
                _cpu_seconds += time.thread_time()

    interrupts = (highs.cbSimplexInterrupt, highs.cbIpmInterrupt, highs.cbMipInterrupt)
    handlers = [(callback, interrupt_if_stopped) for callback in interrupts]
    for listener in listeners:
        handlers.append((highs.cbMipImprovingSolution, partial(call, listener, True)))
        handlers.append((highs.cbMipInterrupt, partial(call, listener, False)))
    for callback, handler in handlers:
        callback.subscribe(handler)
    # with the caller's context, so that listeners use the caller's language
    thread = threading.Thread(target=copy_context().run, args=(search,), daemon=True)
    with _LOCK:
        if _process_ends.is_set():
            raise SystemExit
        _running.add(thread)
        thread.start()
    try:
        while thread.is_alive():
            thread.join(POLL)
    except BaseException as error:  # Ctrl-C where no handler sets `stop`
        failed.append(error)
        thread.join()
    _running.discard(thread)
    for callback, handler in handlers:
        callback.unsubscribe(handler)
    if failed:
        raise failed[0]
    if _process_ends.is_set():
        raise SystemExit
    return stop is not None and stop.is_set()


_LOCK = threading.Lock()
_cpu_seconds = 0.0
_running: set[threading.Thread] = set()
_process_ends = threading.Event()


@atexit.register
def _end_searches() -> None:
    """End what threads of the caller still search: Python aborts where HiGHS outlives it."""
    with _LOCK:
        _process_ends.set()
        searches = list(_running)
    for search in searches:
        search.join(ENDING_SECONDS)


def solver_cpu_seconds() -> float:
    """CPU seconds of HiGHS in this process."""
    return _cpu_seconds
