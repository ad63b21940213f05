"""Shows `notebooks/workbench.ipynb`, the planner's page, in a browser without JupyterLab.

Voilà serves it on this computer to visitors who have the token of the address. Each visitor gets
a kernel, and one more stands ready. Sources, tracebacks and files are not served, and the page
may connect to no other computer. Configuration files and templates of the user's Jupyter and
IPython are not read: they may be meant for other dashboards, and one of their keys could open this
page to everybody. The running server is checked before its address is printed.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import tempfile
import threading
import warnings
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from ikmplan.explore.widgets import PARAMS
from ikmplan.faults import UserError
from ikmplan.files import TEMPLATES, find_notebook
from ikmplan.input.scenario import read_scenario
from ikmplan.notebook.forkserver import own_environment
from ikmplan.text import _

PAGE_NOTEBOOK = "workbench.ipynb"
# of Jupyter and IPython, for settings, templates and files of running kernels
FOLDERS = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
IDLE = 2 * 3600  # seconds without a browser, after which a kernel ends; its work is kept
SILENT = (
    "import os, runpy; os.dup2(os.open(os.devnull, os.O_WRONLY), 2);"
    " runpy.run_module('ipykernel_launcher', run_name='__main__', alter_sys=True)"
)
JUPYTER = r"(voila|jupyter|nbconvert|traitlets|tornado)"  # modules whose warnings are not shown
OWN = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob: ws://{host}:*"


class NotAsSetUp(UserError):
    """The running server differs from its settings: it may be open to more people."""


def serve(
    params: Path,
    port: int,
    browser: bool,
    ready: Callable[[str], None],
    *,
    ip: str = "127.0.0.1",
) -> None:
    """Show the page until Ctrl-C; `ready` is called with its address.

    Raises `NotAsSetUp` if the server would show the page to other computers, or to a visitor
    without the token.
    """
    before = dict(os.environ)
    os.environ[PARAMS] = str(params.absolute())
    # a kernel that is still ending may write in it
    with tempfile.TemporaryDirectory(prefix="ikmplan-", ignore_cleanup_errors=True) as own:
        # for Jupyter's libraries, in the kernels too: nothing of the user's is read or written
        os.environ.update(own_environment() | dict.fromkeys(FOLDERS, own))
        temporary, tempfile.tempdir = tempfile.tempdir, own  # Jupyter leaves a folder there
        try:
            _serve(params, port, browser, ready, ip)
        finally:
            tempfile.tempdir = temporary
            os.environ.clear()
            os.environ.update(before)


def _serve(params: Path, port: int, browser: bool, ready: Callable[[str], None], ip: str) -> None:
    # also where PYTHONWARNINGS is "error"
    warnings.filterwarnings("ignore", module=JUPYTER)
    _import_voila()
    from tornado.ioloop import IOLoop
    from tornado.web import HTTPError

    config = _config(ip, port, read_scenario(params).language)
    app = _app(config, find_notebook(params).with_name(PAGE_NOTEBOOK))
    problems: list[str] = []

    async def check_and_open() -> None:
        give_living(app.kernel_manager)
        problems.extend(await _problems(app, config))
        if problems:
            app.ioloop.stop()
            return
        address = f"http://{app.ip}:{app.port}/?token={app.token}"
        ready(address)
        if browser:
            webbrowser.open(address)

    # in place of KeyboardInterrupt, which would interrupt the loop at any statement
    signal.signal(signal.SIGINT, app._handle_signal_stop)
    IOLoop.current().add_callback(check_and_open)
    with suppress(HTTPError):  # a kernel that was still starting is gone before it is ended
        app.start()
    if problems:
        raise NotAsSetUp(
            _(
                "The page is not shown, for the server is not as it was set up: {settings}.",
                settings=", ".join(problems),
            )
        )


def _import_voila() -> None:
    """Import Voilà in a thread.

    Python 3.11 asks the system for memory at each call across an edge of its stack, and the
    command line ends near one: there the import takes 7 s, on a stack of its own 2 s."""
    importing = threading.Thread(target=import_module, args=("voila.app",))
    importing.start()
    importing.join()


def _config(ip: str, port: int, language: str) -> Any:
    """Voilà's settings."""
    from traitlets.config import Config

    config = Config()
    config.Voila.ip, config.Voila.port, config.Voila.open_browser = ip, port, False
    config.Voila.token = token_urlsafe(24)  # not an option, which others see in the process list
    config.Voila.log_level = logging.ERROR
    # it warns of Jupyter's time for an answer to a ping (90 s); no longer than between two pings
    # (30 s), it would end each line at its first ping
    logging.getLogger("tornado.general").setLevel(logging.ERROR)
    config.Voila.tornado_settings = {"headers": {"Content-Security-Policy": OWN.format(host=ip)}}
    settings = config.VoilaConfiguration
    settings.kernel_spec_manager_class = _kernel_specs()
    settings.strip_sources, settings.show_tracebacks = True, False
    settings.file_allowlist, settings.file_denylist = ["^$"], [".*"]
    settings.preheat_kernel, settings.default_pool_size = True, 1
    settings.show_margins = False
    # only the widgets that the page is made of
    settings.extension_allowlist = [
        "@voila-dashboards/widgets-manager8",
        "@jupyter-widgets/jupyterlab-manager",
        "anywidget",
    ]
    # a dead kernel is reported to its pages; a restarted one would not have the page
    config.KernelRestarter.restart_limit = 0
    kernels = config.MappingKernelManager
    kernels.cull_idle_timeout, kernels.cull_interval, kernels.cull_connected = IDLE, 300, False
    config.VoilaExporter.language_code = language
    return config


def _kernel_specs() -> type:
    """The class by which Voilà starts kernels with this Python."""
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

    class ThisPython(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            # the page shows errors; what a kernel prints, also when it is ended, is not shown
            given = get_kernel_dict(["--IPKernelApp.log_level=CRITICAL"])
            after = given["argv"].index("ipykernel_launcher") + 1
            argv = [sys.executable, "-c", SILENT, *given["argv"][after:]]
            return KernelSpec(**given | {"argv": argv})

    return ThisPython


def _app(config: Any, notebook: Path) -> Any:
    """The server with these settings and no others, ready to start."""
    from tornado.web import authenticated
    from voila.app import TornadoVoilaHandler, Voila

    class PageHandler(TornadoVoilaHandler):  # type: ignore[misc]
        @authenticated
        async def get(self, path: str | None = None) -> None:
            # reading it sets the cookie without which a page that is left may not end its kernel
            str(self.xsrf_token)
            await super().get(path)

    class WithoutFiles(Voila):  # type: ignore[misc]
        def load_config_file(self, *_names: Any, **_paths: Any) -> None:
            """Read no voila.json: the folder in use may hold one too."""

        def init_handlers(self) -> list[Any]:
            return [
                (path, PageHandler if handler is TornadoVoilaHandler else handler, *settings)
                for path, handler, *settings in super().init_handlers()
            ]

    app = WithoutFiles.instance(config=config)
    app.initialize([str(notebook)])
    app.template_paths.insert(0, str(TEMPLATES / "voila"))
    return app


async def _problems(app: Any, config: Any) -> list[str]:
    """The names of the settings in which the running server differs from `config`."""
    from tornado.httpclient import AsyncHTTPClient

    settings = [(app, config.Voila), (app.voila_configuration, config.VoilaConfiguration)]
    changed = [
        name
        for owner, wanted in settings
        for name, value in wanted.items()
        if name != "port" and getattr(owner, name) != value  # it may be the next free port
    ]
    answer = await AsyncHTTPClient().fetch(
        f"http://{app.ip}:{app.port}/", follow_redirects=False, raise_error=False
    )
    return [*changed, *(["token"] if answer.code == 200 else [])]


def give_living(kernels: Any) -> None:
    """Make Voilà replace a kernel that died while it stood ready, before a visitor gets it.

    The system ends such kernels if memory is short; the visitor's page would stay empty."""
    give = kernels.get_rendered_notebook

    async def give_one(notebook_name: str, **named: Any) -> Any:
        pool = kernels._pools[notebook_name]
        for ready in tuple(pool):
            if ready.done() and ready.exception():
                pool.remove(ready)
            elif ready.done():
                kernel = ready.result()["kernel_id"]
                if kernel in kernels and not await kernels.is_alive(kernel):
                    await kernels.shutdown_kernel(kernel, now=True)
        kernels.fill_if_needed(delay=0, notebook_name=notebook_name)
        return await give(notebook_name, **named)

    kernels.get_rendered_notebook = give_one
