"""A process that has imported everything and solved nothing, and forks one kernel per scenario.

Starting a kernel and importing pandas, Matplotlib and ikmplan takes longer than most cells.
Here that is done once: every kernel is a copy of this process as it was before any scenario,
so that no change by one scenario reaches the next. HiGHS breaks in a copy of a process that
has run it; this one never runs it. Linux only: elsewhere a fork with threads is not safe.

    python -m ikmplan.notebook.forkserver     (started by `ForkServer`; requests in JSON lines)

It ends with its standard input, and its kernels with it, so that nothing is left when the
process that started it is killed.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
import warnings
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from ikmplan.files import PACKAGE

FORKS = sys.platform == "linux" and hasattr(os, "pidfd_open")
WAITABLE = getattr(os, "WEXITED", 0) | getattr(os, "WNOHANG", 0) | getattr(os, "WNOWAIT", 0)
ERRORS = "errors.txt"  # what a kernel writes to standard error, beside its connection file
_PR_SET_PDEATHSIG = 1  # of Linux's prctl


@cache
def own_environment() -> dict[str, str]:
    """Variables of every process of ikmplan: the user's settings of Matplotlib, and modules in
    the folder in use that are called as a library's, change nothing; a user without a home
    folder gets one until this process ends."""
    found = {
        "MATPLOTLIBRC": os.devnull,
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONSAFEPATH": "1",
    }
    if not Path(os.path.expanduser("~")).is_dir():
        found["HOME"] = home = tempfile.mkdtemp(prefix="ikmplan-")
        atexit.register(shutil.rmtree, home, ignore_errors=True)
    return found


class ForkServer:
    """The client's side: one server for this process, started when first asked for a kernel."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._process: subprocess.Popen[str] | None = None

    def begin(self) -> None:
        """Start it without waiting for it, so that it is there when a kernel is asked for."""
        with self._lock:
            if self._process is not None:
                return
            atexit.register(self.close)
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                encoding="utf-8",
                start_new_session=True,  # Ctrl-C must not end it
                cwd=PACKAGE,  # Matplotlib reads the settings in the folder in use first
                env={
                    **os.environ,
                    **own_environment(),
                    "PYTHONPATH": os.pathsep.join(map(os.path.abspath, filter(None, sys.path))),
                },
            )

    def fork(self, argv: Sequence[str], cwd: str, env: dict[str, str]) -> Forked:
        """A new kernel: `argv` is what follows `python -m ipykernel_launcher`.

        Raises OSError where the server cannot be started or does not answer.
        """
        with self._lock:
            self.begin()
            try:
                return Forked(self._ask(argv, cwd, env))
            except (OSError, ValueError):  # it was killed; try a new one
                self.close()
                self.begin()
                return Forked(self._ask(argv, cwd, env))

    def close(self) -> None:
        """End it and the kernels that it forked."""
        with self._lock:
            if self._process is None:
                return
            process, self._process = self._process, None
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):  # the last request may be unread
                    pipe.close()  # type: ignore[union-attr]

    def _ask(self, argv: Sequence[str], cwd: str, env: dict[str, str]) -> int:
        assert self._process and self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps([list(argv), cwd, env]) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


class Forked:
    """A process that is not our child: a handle, because its number may be used again."""

    def __init__(self, pid: int):
        self.pid = pid
        try:
            self._handle = os.pidfd_open(pid)
        except ProcessLookupError:
            self._handle = -1

    def ended(self, seconds: float = 0) -> bool:
        """Whether it has ended, after waiting for that for at most `seconds`."""
        return self._handle < 0 or bool(select.select([self._handle], [], [], seconds)[0])

    def send(self, number: int) -> None:
        if not self.ended():
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, number)

    def kill(self) -> None:
        """End it and the processes that it started, and wait until it has ended."""
        if not self.ended():
            _kill_group(self.pid)
            self.ended(5)

    def close(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


@cache
def _server(_pid: int) -> ForkServer:
    return ForkServer()


def server() -> ForkServer:
    """The server of this process; a fork of it gets one of its own."""
    return _server(os.getpid())


def prestart() -> None:
    """Start the server before a kernel is needed; it takes a second to be ready."""
    if FORKS:
        server().begin()


# the server's side -------------------------------------------------------------------------


def serve_kernels() -> None:
    """Answer each line [argv, cwd, env] with the number of a new process."""
    requests, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    preload()
    gc.collect()
    gc.freeze()  # so that collecting garbage does not copy every page in every child
    children: set[int] = set()
    for line in iter(requests.readline, ""):
        children -= _ended(children)
        parent = os.getpid()
        with warnings.catch_warnings():  # the threads are OpenBLAS's and Arrow's, made for this
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if pid == 0:
            _end_with(parent)
            requests.close()
            answers.close()
            _become_kernel(*json.loads(line))
        children.add(pid)
        print(pid, file=answers, flush=True)
    for pid in children:
        _kill_group(pid)


def _ended(children: set[int]) -> set[int]:
    """Those that have ended; what they started and left behind ends with them."""
    ended = {pid for pid in children if os.waitid(os.P_PID, pid, WAITABLE) is not None}
    for pid in ended:
        _kill_group(pid)  # before waitpid: until then nobody else has its number
        os.waitpid(pid, 0)
    return ended


def _kill_group(pid: int) -> None:
    for kill in (os.killpg, os.kill):  # a new process leads no group yet
        with suppress(ProcessLookupError):
            kill(pid, signal.SIGKILL)


def preload() -> None:
    """Import what notebooks use, and write numbers once: formats are then in memory.

    Nothing is solved.
    """
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a fork has no use for the threads of its parent
    # ruff: noqa: F401
    import ipykernel.debugger
    import ipykernel.ipkernel
    import ipykernel.kernelapp
    import ipykernel.zmqshell
    import matplotlib  # for cells of the office's own: it would read a matplotlibrc of their folder
    import networkx
    import pyarrow.parquet

    import ikmplan.charts
    import ikmplan.insight.reasons
    import ikmplan.model.search
    import ikmplan.notebook.parameters
    import ikmplan.views
    from ikmplan.text import LANGUAGES, language, listing, number, percent, rupiah

    for code in LANGUAGES:
        with language(code):
            number(1.5, 1), percent(0.5), rupiah(1), listing(["a", "b"])


def _become_kernel(argv: list[str], cwd: str, env: dict[str, str]) -> None:
    """In the child: run an ordinary kernel of IPython until it shuts down."""
    try:
        folder = os.path.dirname(argv[argv.index("-f") + 1])
        os.dup2(os.open(os.path.join(folder, ERRORS), os.O_WRONLY | os.O_APPEND), 2)
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.environ.clear()
        os.environ.update(env)
        os.chdir(cwd)
        reset_inherited_state()

        from ipykernel.kernelapp import IPKernelApp

        app = IPKernelApp.instance()
        app.initialize(argv)
        app.start()
    except Exception:
        traceback.print_exc(file=os.fdopen(2, "w"))
        os._exit(1)
    finally:
        os._exit(0)


def _end_with(parent: int) -> None:
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it has ended already
        os._exit(1)


def reset_inherited_state() -> None:
    """Reseed random numbers, and reset language and arguments."""
    import numpy as np

    from ikmplan import text

    np.random.seed()
    text.use_language(text.first_language())
    sys.argv = ["ipykernel_launcher"]


if __name__ == "__main__":
    serve_kernels()
