"""Starts the process that workers are forked from; imports nothing that takes long itself."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ikmplan.files import socket_folder
from ikmplan.notebook.forkserver import FORKS

PRELOAD = ["ikmplan.batch.preload"]
PATIENCE = 3.0  # seconds from a first signal to one that is not deferred


def prestart_workers() -> bool:
    """Start it without waiting for it, once; False where workers cannot be forked."""
    folder = socket_folder() if FORKS else None
    if folder is None:
        return False
    from multiprocessing.forkserver import ensure_running

    _make_socket_folder(folder)
    multiprocessing.get_context("forkserver").set_forkserver_preload(PRELOAD)
    _start_resource_tracker()  # to start it lets Ctrl-C in again
    with _children_without_ctrl_c():
        ensure_running()
    return True


def _start_resource_tracker() -> None:
    """Start multiprocessing's process that removes the semaphores of killed ones. That there were
    some it prints as a warning, at the end of the run or after it, which no user can act upon."""
    from multiprocessing import resource_tracker

    name, silent = "PYTHONWARNINGS", "ignore:resource_tracker"
    before = os.environ.get(name)
    os.environ[name] = silent if before is None else f"{before},{silent}"
    try:
        resource_tracker.ensure_running()
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


@contextmanager
def _children_without_ctrl_c() -> Iterator[None]:
    """What is started inside never gets Ctrl-C, which a terminal sends to every process: this one
    gets it afterwards and ends its workers, and no traceback of theirs is printed."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def signals_later() -> Iterator[None]:
    """Signals that end a run take effect at the end of what is inside, also where that fails. One
    that comes while Dask starts a worker would leave it half started, and tracebacks of it on the
    terminal. Where a start takes long, one that comes PATIENCE after the first takes effect at
    once."""
    names = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {n: handler for n in numbers if callable(handler := signal.getsignal(n))}
    if threading.current_thread() is not threading.main_thread():
        before = {}  # only the main thread receives signals
    came: list[tuple[int, float]] = []

    def restore() -> None:
        for n, handler in before.items():
            signal.signal(n, handler)

    def later(number: int, _frame: object) -> None:
        came.append((number, time.monotonic()))
        if came[-1][1] - came[0][1] > PATIENCE:  # Dask waits minutes for a worker that hangs
            came.clear()
            restore()
            signal.raise_signal(number)

    for n in before:
        signal.signal(n, later)
    try:
        yield
    finally:
        restore()
        if came:
            signal.raise_signal(came[0][0])


def _make_socket_folder(within: str) -> None:
    """multiprocessing makes the folder of its sockets once, when it is first asked for it."""
    from multiprocessing.util import get_temp_dir

    before, tempfile.tempdir = tempfile.tempdir, within
    try:
        get_temp_dir()
    finally:
        tempfile.tempdir = before
