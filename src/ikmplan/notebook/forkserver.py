"""A process that has imported everything and solved nothing, and forks one kernel per scenario.

Starting a kernel and importing pandas, Matplotlib and ikmplan takes longer than most cells.
Here that is done once: every kernel is a copy of this process as it was before any scenario,
so that no change by one scenario reaches the next. HiGHS breaks in a copy of a process that
has run it; this one never runs it. Linux only: elsewhere a fork with threads is not safe.

    python -m ikmplan.notebook.forkserver FD     (started by `ForkServer`)

Clients connect to the socket FD and send requests in JSON lines. The kernels of a client end
with its connection. The server ends with its standard input, and all kernels with it, so that
nothing is left when the process that started it is killed. The workers of a batch on this
machine use the server of the process that started them (`SHARED_SERVER`).
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from ikmplan.files import PACKAGE, socket_folder

FORKS = sys.platform == "linux" and hasattr(os, "pidfd_open")
WAITABLE = getattr(os, "WEXITED", 0) | getattr(os, "WNOHANG", 0) | getattr(os, "WNOWAIT", 0)
ANSWER = 32  # bytes, more than the number of a process has
ERRORS = "errors.txt"  # what a kernel writes to standard error, beside its connection file
SHARED_SERVER = "IKMPLAN_KERNEL_SERVER"  # the socket of another process's server, for its workers
_PR_SET_PDEATHSIG = 1  # of Linux's prctl


@cache
def own_environment() -> dict[str, str]:
    """Variables of every process of ikmplan: the user's settings of Matplotlib and Jupyter, what
    Python runs before a session, and modules in the folder in use that are called as a library's,
    change nothing; a user without a home folder gets one until this process ends."""
    found = {
        "JUPYTER_DATA_DIR": os.devnull,  # templates with the names of ours
        "JUPYTER_NO_CONFIG": "1",
        "JUPYTER_PATH": "",
        "MATPLOTLIBRC": os.devnull,
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONSAFEPATH": "1",
        "PYTHONSTARTUP": "",  # IPython would run it in every kernel
    }
    if not Path(os.path.expanduser("~")).is_dir():
        found["HOME"] = home = tempfile.mkdtemp(prefix="ikmplan-")
        atexit.register(shutil.rmtree, home, ignore_errors=True)
    return found


class ForkServer:
    """The client's side: one server for this process, started when first asked for a kernel,
    or that of the process that started this worker."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None
        self._address = os.environ.pop(SHARED_SERVER, "")

    @property
    def address(self) -> str:
        """The socket of the server; empty where none was begun."""
        return self._address

    def begin(self) -> None:
        """Start it without waiting for it, so that it is there when a kernel is asked for."""
        with self._lock:
            if self._address:
                return
            atexit.register(self.close)
            folder = tempfile.mkdtemp(prefix="ikmplan-", dir=socket_folder())
            address = os.path.join(folder, "kernels")
            with socket.socket(socket.AF_UNIX) as listening:
                listening.bind(address)
                listening.listen()
                self._process = subprocess.Popen(
                    [sys.executable, "-m", __name__, str(listening.fileno())],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=[listening.fileno()],
                    start_new_session=True,  # Ctrl-C must not end it
                    cwd=PACKAGE,  # Matplotlib reads the settings in the folder in use first
                    env={
                        **os.environ,
                        **own_environment(),
                        "PYTHONPATH": os.pathsep.join(map(os.path.abspath, filter(None, sys.path))),
                    },
                )
            self._address = address

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
        """End the kernels that this process asked for, and the server where it started it."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            if self._process is not None:
                process, self._process = self._process, None
                process.kill()
                process.wait()
                assert process.stdin
                process.stdin.close()
                shutil.rmtree(os.path.dirname(self._address), ignore_errors=True)
            self._address = ""

    def _ask(self, argv: Sequence[str], cwd: str, env: dict[str, str]) -> int:
        if self._connection is None:
            self._connection = socket.socket(socket.AF_UNIX)
            self._connection.connect(self._address)
        self._connection.sendall(json.dumps([list(argv), cwd, env]).encode() + b"\n")
        return int(self._connection.recv(ANSWER))


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
        with suppress(OSError):  # kernels are then started as usual
            server().begin()


# the server's side -------------------------------------------------------------------------


def serve_kernels(listening: socket.socket) -> None:
    """Answer each line [argv, cwd, env] of a client with the number of a new process."""
    nothing = os.open(os.devnull, os.O_RDWR)
    alive = os.dup(0)  # ends with the process that started this one
    os.dup2(nothing, 0)
    preload()
    gc.collect()
    gc.freeze()  # so that collecting garbage does not copy every page in every child
    clients: dict[socket.socket, ServerClient] = {}
    while True:
        watched: list[Any] = [alive, listening, *clients]
        ready, _w, _x = select.select(watched, [], [])
        if alive in ready:
            break
        for client in clients.values():
            client.children -= _ended(client.children)
        for one in ready:
            if one is listening:
                connection, _name = listening.accept()
                clients[connection] = ServerClient(connection)
                continue
            for line in clients[one].lines():
                if line:
                    _fork_kernel(clients[one], line, [listening, *clients])
                else:
                    clients.pop(one).end()
    for client in clients.values():
        client.end()
    shutil.rmtree(os.path.dirname(listening.getsockname()), ignore_errors=True)


class ServerClient:
    """A process that asked for kernels, and those that it got."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection, self.children = connection, set[int]()
        self._unread = b""

    def lines(self) -> Iterator[bytes]:
        """Each line that has arrived whole; an empty one where the client has ended."""
        try:
            received = self.connection.recv(2**20)
        except OSError:
            received = b""
        *whole, self._unread = (self._unread + received).split(b"\n")
        yield from whole if received else [b""]

    def end(self) -> None:
        self.connection.close()
        for pid in self.children:
            _kill_group(pid)
            os.waitpid(pid, 0)


def _fork_kernel(client: ServerClient, line: bytes, sockets: Sequence[socket.socket]) -> None:
    """Answer a request; the kernel keeps none of the sockets."""
    parent = os.getpid()
    with warnings.catch_warnings():  # the threads are OpenBLAS's and Arrow's, made for this
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        _end_with(parent)
        for one in sockets:
            one.close()
        _become_kernel(*json.loads(line))
    client.children.add(pid)
    with suppress(OSError):  # it has ended, which is read next
        client.connection.sendall(str(pid).encode())


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
    """Import what notebooks use, formats and templates as well; nothing is solved."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a fork has no use for the threads of its parent
    # ruff: noqa: F401
    import ipykernel.debugger
    import ipykernel.ipkernel
    import ipykernel.kernelapp
    import ipykernel.zmqshell
    import matplotlib  # for cells of the office's own: it would read a matplotlibrc of their folder
    import networkx
    import pyarrow.pandas_compat
    import pyarrow.parquet

    import ikmplan.charts
    import ikmplan.insight.reasons
    import ikmplan.model.search
    import ikmplan.notebook.parameters
    import ikmplan.views
    from ikmplan.show.html import compile_templates

    load_formats()
    compile_templates()


def load_formats() -> None:
    """Read the formats of numbers of each language."""
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
        os.environ.pop(SHARED_SERVER, None)  # what a kernel starts is no worker
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
    serve_kernels(socket.socket(fileno=int(sys.argv[1])))
