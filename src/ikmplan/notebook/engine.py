"""papermill's engine `ikmplan`: the same cells, kernels and outputs in less time.

    papermill --engine ikmplan notebooks/plan.ipynb out.ipynb -f params/medan-2022.yaml

Kernels are forked from a process that has imported everything (`forkserver`), use sockets
of the file system instead of ports that two runs may both find free, and are killed after
the last cell. Where there is no fork they are started as usual. They run this Python,
whatever kernel the notebook names. The prose is translated into the parameter `language`.
"""

from __future__ import annotations

import asyncio
import math
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_core.utils import run_sync
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbclient.output_widget import OutputWidget
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine
from traitlets import Type

from ikmplan.faults import UserError
from ikmplan.files import socket_folder
from ikmplan.notebook.forkserver import ERRORS, FORKS, Forked, server
from ikmplan.notebook.prose import OWN_PROSE, translated
from ikmplan.notebook.saving import PROSE, REASONS, SOLVE, TABLES
from ikmplan.text import LANGUAGES, _, number

# no log: errors stand in the notebook; no history of commands
ARGUMENTS = [
    "--IPKernelApp.log_level=CRITICAL",
    "--HistoryManager.enabled=False",
    # modules of the folder in use come last: one called numpy.py is not the library
    "--IPKernelApp.ignore_cwd=True",
    "--IPKernelApp.exec_lines=__import__('sys').path.append('')",
]
MAX_STDOUT = 1_000_000  # characters that one cell may print; a page of more cannot be opened
LAST_OUTPUT_SECONDS = 60.0  # for the last outputs of a cell, on a busy machine


class KernelDied(UserError, RuntimeError):
    """A kernel ended by itself or was never ready; the message is for readers."""


class ForkProvisioner(LocalProvisioner):
    """Forks kernels by the server; where that fails, starts them as usual."""

    forked: Forked | None = None

    @property
    def has_process(self) -> bool:
        return self.forked is not None or bool(super().has_process)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        try:
            self.forked = server().fork(
                cmd[cmd.index("-f") :], str(kwargs.get("cwd") or os.getcwd()), kwargs["env"]
            )
        except (OSError, ValueError):
            return await super().launch_kernel(cmd, **kwargs)
        self.pid = self.forked.pid
        await self._wait_for_sockets()
        return self.connection_info

    async def _wait_for_sockets(self) -> None:
        """A client that connects before they exist retries only a tenth of a second later."""
        assert self.forked is not None
        info = self.connection_info
        if info["transport"] != "ipc":
            return
        ports = [port for name, port in info.items() if name.endswith("_port")]
        sockets = [f"{info['ip']}-{port}" for port in ports]
        give_up = time.monotonic() + 5
        while not all(map(os.path.exists, sockets)) and time.monotonic() < give_up:
            if self.forked.ended():
                return
            await asyncio.sleep(0.002)

    async def poll(self) -> int | None:
        if self.forked is None:
            return await super().poll()
        return 0 if self.forked.ended() else None

    async def wait(self) -> int | None:
        if self.forked is None:
            return await super().wait()
        self.forked.ended(5)
        self.forked.close()
        self.forked = None
        return 0

    async def send_signal(self, signum: int) -> None:
        if self.forked is None:
            await super().send_signal(signum)
        else:
            self.forked.send(signum)

    async def kill(self, restart: bool = False) -> None:
        if self.forked is None:
            await super().kill(restart)
        else:
            self.forked.kill()  # takes a few milliseconds


class FastReadyClient(AsyncKernelClient):
    """A client that is ready as soon as the kernel answers.

    Jupyter's own waits a fifth of a second without output, so that no earlier output is still
    to come. Here the "idle" message of the request proves that.
    """

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        give_up = time.monotonic() + (math.inf if timeout is None else timeout)
        while not await self._answers():
            if not await self.is_alive():
                reason = _last_line(Path(self.connection_file).with_name(ERRORS))
                raise KernelDied(_("The kernel ended before it was ready: {reason}", reason=reason))
            if time.monotonic() > give_up:
                message = _(
                    "The kernel did not answer within {n} seconds: is the machine too busy?",
                    n=number(timeout or 0),
                )
                raise KernelDied(message)

    async def _answers(self) -> bool:
        """False if the reply or the end of its output did not arrive in time."""
        asked = self.kernel_info()
        with suppress(Empty):
            while _parent(reply := await self.get_shell_msg(timeout=1)) != asked:
                pass
            self._handle_kernel_info_reply(reply)
            while True:
                message = await self.get_iopub_msg(timeout=0.2)
                state = message["content"].get("execution_state")
                if _parent(message) == asked and state == "idle":
                    return True
        return False


def _last_line(file: Path) -> str:
    """The error that a kernel ended with, where it left one."""
    text = file.read_text("utf-8", "replace").strip() if file.exists() else ""
    return text.splitlines()[-1] if text else _("it left no message.")


def _parent(message: dict[str, Any]) -> Any:
    return message["parent_header"].get("msg_id")


class Kernel(AsyncKernelManager):
    """A kernel of this Python, whatever kernels are installed."""

    client_factory = Type(FastReadyClient)

    def __init__(self, **options: Any):
        short = socket_folder() if FORKS else None
        self._folder = tempfile.mkdtemp(prefix="ikmplan-", dir=short)
        self._errors = open(os.path.join(self._folder, ERRORS), "wb")  # noqa: SIM115
        options["connection_file"] = os.path.join(self._folder, "kernel.json")
        if short is not None:
            options |= {"transport": "ipc", "ip": os.path.join(self._folder, "socket")}
        super().__init__(**options)

    @property
    def kernel_spec(self) -> KernelSpec:
        from ipykernel.kernelspec import get_kernel_dict

        return KernelSpec(**get_kernel_dict(ARGUMENTS))

    async def _async_pre_start_kernel(self, **options: Any) -> Any:
        if FORKS and self.provisioner is None:
            self.provisioner = ForkProvisioner(kernel_spec=self.kernel_spec, parent=self)
        # no start-up files and settings of the user's own IPython; no table is cut as the user's
        # terminal would cut it
        own = {
            "IPYTHONDIR": self._folder,
            "JUPYTER_RUNTIME_DIR": self._folder,
            "COLUMNS": "80",
        }
        options |= {"stderr": self._errors, "env": {**(options.get("env") or os.environ), **own}}
        return await super()._async_pre_start_kernel(**options)

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        await super()._async_cleanup_resources(restart=restart)
        if not restart:
            self._errors.close()
            shutil.rmtree(self._folder, ignore_errors=True)

    cleanup_resources = _async_cleanup_resources


class QuietOutput(OutputWidget):
    """What an Output widget shows, not sent back to the kernel: to send on the socket on which a
    reply is awaited can hide that reply (jupyter/nbclient#312), and the cell then never ends."""

    def send(self, *_arguments: Any, **_options: Any) -> None:
        """Nothing: no notebook reads the kernel's copy."""


OUTPUTS = {"@jupyter-widgets/output": {"OutputModel": QuietOutput}}


@contextmanager
def cancelled_by_ctrl_c() -> Iterator[threading.Event]:
    """Inside, Ctrl-C cancels the task and sets the event.

    Python raises KeyboardInterrupt at any statement of the event loop, and where that belongs to
    a library which drops exceptions the notebook goes on. Nothing changes where Ctrl-C does not
    raise it: in another thread, or where it is ignored.
    """
    pressed, loop, task = threading.Event(), asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None

    def cancel() -> None:
        pressed.set()
        task.cancel()

    raises = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not raises or threading.current_thread() is not threading.main_thread():
        yield pressed
        return
    try:
        loop.add_signal_handler(signal.SIGINT, cancel)
    except NotImplementedError:  # Windows
        yield pressed
        return
    try:
        yield pressed
    finally:
        loop.remove_signal_handler(signal.SIGINT)  # it raises again


class Client(PapermillNotebookClient):  # type: ignore[misc]
    """Executes the cells; a kernel that dies is an error of the cell that it died in."""

    died = False
    printed = 0
    stage = SOLVE
    on_stage: Any = None  # is called as another stage begins

    def _begin(self, stage: str) -> None:
        if self.stage != stage and self.on_stage is not None:
            self.on_stage(stage)
        self.stage = stage

    async def async_execute_cell(self, cell: Any, cell_index: int, **options: Any) -> Any:
        self.printed = 0
        if any("solve(" in before.source for before in self.nb.cells[:cell_index]):
            self._begin(TABLES)
        with cancelled_by_ctrl_c() as pressed:
            try:
                return await super().async_execute_cell(cell, cell_index, **options)
            except (DeadKernelError, asyncio.CancelledError) as error:
                if pressed.is_set():
                    raise KeyboardInterrupt from None
                if isinstance(error, asyncio.CancelledError):
                    raise
                raise self._death_in(cell) from None

    def _death_in(self, cell: Any) -> CellExecutionError:
        """The error of a cell in which the kernel died, which also stands in its outputs."""
        self.died = True
        message = _(
            "The kernel died in this cell: it ended itself, or the system ended it"
            " because memory ran out."
        )
        error = {
            "output_type": "error",
            "ename": KernelDied.__name__,
            "evalue": message,
            "traceback": [message],
        }
        cell.outputs.append(NotebookNode(error))  # type: ignore[no-untyped-call]
        return CellExecutionError(message, KernelDied.__name__, message)

    execute_cell = run_sync(async_execute_cell)

    def execute(self, **options: Any) -> Any:
        try:
            return super().execute(**options)
        except DeadKernelError:
            if not self.died:
                raise
            return self.nb  # papermill finds the error in its cell, marks it and saves

    def output(self, outs: Any, msg: Any, display_id: Any, cell_index: int) -> Any:
        """Cut what a cell prints at `MAX_STDOUT` characters."""
        if msg["msg_type"] == "stream":
            if "solve(" in self.nb.cells[cell_index].source:
                self._begin(REASONS)  # its questions are counted aloud
            before, self.printed = self.printed, self.printed + len(msg["content"]["text"])
            if before > MAX_STDOUT:
                return None
            if self.printed > MAX_STDOUT:
                more = "\n" + _("… more was printed; a cell keeps the first million characters.")
                msg["content"]["text"] = msg["content"]["text"][: MAX_STDOUT - before] + more + "\n"
        return super().output(outs, msg, display_id, cell_index)


class KernelEngine(Engine):  # type: ignore[misc]
    """The class that papermill calls; an entry point of `papermill.engine`."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        start_timeout: int = 60,
        execution_timeout: int | None = None,
        log_output: bool = False,
        stdout_file: Any = None,
        stderr_file: Any = None,
        env: dict[str, str] | None = None,
        on_stage: Any = None,
        **_options: Any,
    ) -> Any:
        environment = {**(env or os.environ), **_translate(nb_man.nb)}
        client = Client(
            nb_man,
            kernel_name=kernel_name,
            kernel_manager_class=Kernel,
            startup_timeout=start_timeout,
            timeout=execution_timeout,
            iopub_timeout=LAST_OUTPUT_SECONDS,
            shutdown_kernel="immediate",
            log_output=log_output,
            stdout_file=stdout_file,
            stderr_file=stderr_file,
        )
        client.on_stage, client.widget_registry = on_stage, OUTPUTS
        return client.execute(env=environment)


def _translate(nb: Any) -> dict[str, str]:
    """Translate the prose into the language of the parameters; what the kernel needs of it."""
    chosen = nb.metadata.get("papermill", {}).get("parameters", {}).get("language")
    if chosen not in LANGUAGES or OWN_PROSE in nb.metadata:
        return {}
    for cell, made in zip(nb.cells, translated(nb, chosen).cells, strict=True):
        cell.source = made.source
    return {PROSE: chosen}
