"""Starts the process that workers are forked from; imports nothing that takes long itself."""

from __future__ import annotations

import multiprocessing
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ikmplan.files import socket_folder
from ikmplan.notebook.forkserver import FORKS

PRELOAD = ["ikmplan.batch.preload"]


def prestart_workers() -> bool:
    """Start it without waiting for it, once; False where workers cannot be forked."""
    folder = socket_folder() if FORKS else None
    if folder is None:
        return False
    from multiprocessing.forkserver import ensure_running

    _make_socket_folder(folder)
    multiprocessing.get_context("forkserver").set_forkserver_preload(PRELOAD)
    with _ctrl_c_ignored():
        ensure_running()
    return True


@contextmanager
def _ctrl_c_ignored() -> Iterator[None]:
    """What is started inside ignores Ctrl-C, which a terminal sends to every process: this one
    ends its workers, and no traceback of theirs is printed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _make_socket_folder(within: str) -> None:
    """multiprocessing makes the folder of its sockets once, when it is first asked for it."""
    from multiprocessing.util import get_temp_dir

    before, tempfile.tempdir = tempfile.tempdir, within
    try:
        get_temp_dir()
    finally:
        tempfile.tempdir = before
