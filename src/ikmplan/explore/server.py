"""Shows `notebooks/explore.ipynb`, the planner's page, to a browser without JupyterLab.

Voilà serves it on this computer to whoever has the token in the address. Each visitor has a
kernel of its own, one of which stands ready before anybody comes; sources, tracebacks and
files are not shown, and the page may ask no other computer for anything. No Jupyter
configuration file is read: those on this computer are meant for other dashboards, and one
of their keys could open this page to everybody. The server is tried before its address is
printed.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from ikmplan.explore.widgets import PARAMS
from ikmplan.faults import UserError
from ikmplan.files import TEMPLATES, find
from ikmplan.input.scenario import read_scenario
from ikmplan.text import _

PAGE_NOTEBOOK = "notebooks/explore.ipynb"
IDLE = 2 * 3600  # seconds without a browser, after which a kernel ends; its work is kept
SILENT = (
    "import os, runpy; os.dup2(os.open(os.devnull, os.O_WRONLY), 2);"
    " runpy.run_module('ipykernel_launcher', run_name='__main__', alter_sys=True)"
)
OWN = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob: ws://{host}:*"


class NotAsSetUp(UserError):
    """The server would show the page to more people, or otherwise, than it was asked to."""


def serve(
    params: Path,
    port: int,
    browser: bool,
    ready: Callable[[str], None],
    *,
    ip: str = "127.0.0.1",
) -> None:
    """Show the page until Ctrl-C; `ready` is called with its address.

    Raises `NotAsSetUp` where the server would show the page to other computers, or to
    a visitor without the token.
    """
    import webbrowser

    os.environ["JUPYTER_NO_CONFIG"] = "1"  # asked for by Jupyter's own libraries, kernels too

    # Python 3.11 asks the system for memory at each call across an edge of its stack, and the
    # command line ends near one: there the import takes 7 s, on a stack of its own 2 s
    importing = threading.Thread(target=import_module, args=("voila.app",))
    importing.start()
    importing.join()
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from tornado.ioloop import IOLoop
    from tornado.web import HTTPError
    from traitlets.config import Config
    from voila.app import Voila

    class ThisPython(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            # what it writes is not for planners, least of all when it is ended while it starts;
            # errors stand on the page
            given = get_kernel_dict(["--IPKernelApp.log_level=CRITICAL"])
            after = given["argv"].index("ipykernel_launcher") + 1
            return KernelSpec(
                **given | {"argv": [sys.executable, "-c", SILENT, *given["argv"][after:]]}
            )

    class WithoutFiles(Voila):  # type: ignore[misc]
        def load_config_file(self, *_names: Any, **_paths: Any) -> None:
            """What is set below is all; the folder in use may hold a voila.json too."""

    os.environ[PARAMS] = str(params.absolute())
    config = Config()
    config.Voila.ip, config.Voila.port, config.Voila.open_browser = ip, port, False
    config.Voila.token = token_urlsafe(24)  # not an option, which others see in the process list
    config.Voila.log_level = logging.ERROR
    config.Voila.tornado_settings = {
        "headers": {"Content-Security-Policy": OWN.format(host=ip)},
        "ws_ping_timeout": 30_000,  # else tornado warns of the length that it has by default
    }
    settings = config.VoilaConfiguration
    settings.kernel_spec_manager_class = ThisPython
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
    config.KernelManager.autorestart = False  # a kernel begun again knows nothing of its page
    kernels = config.MappingKernelManager
    kernels.cull_idle_timeout, kernels.cull_interval, kernels.cull_connected = IDLE, 300, False
    config.VoilaExporter.language_code = read_scenario(params).language
    app = WithoutFiles.instance(config=config)
    app.initialize([str(find(PAGE_NOTEBOOK))])
    app.template_paths.insert(0, str(TEMPLATES / "voila"))

    refused: list[str] = []

    async def listening() -> None:
        give_living(app.kernel_manager)
        refused.extend(await _problems(app, config))
        if refused:
            app.ioloop.stop()
            return
        address = f"http://{app.ip}:{app.port}/?token={app.token}"
        ready(address)
        if browser:
            webbrowser.open(address)

    # in place of KeyboardInterrupt, which would break off whatever the loop is at
    signal.signal(signal.SIGINT, app._handle_signal_stop)
    IOLoop.current().add_callback(listening)
    with suppress(HTTPError):  # a kernel that was still starting is gone before it is ended
        app.start()
    if refused:
        raise NotAsSetUp(
            _(
                "The page is not shown, for the server is not as it was set up: {settings}.",
                settings=", ".join(refused),
            )
        )


async def _problems(app: Any, config: Any) -> list[str]:
    """What the running server does otherwise than `config` asks, by the names of the settings."""
    from tornado.httpclient import AsyncHTTPClient

    settings = [(app, config.Voila), (app.voila_configuration, config.VoilaConfiguration)]
    changed = [
        name
        for owner, wanted in settings
        for name, value in wanted.items()
        if name != "port" and getattr(owner, name) != value  # the next one where it is taken
    ]
    bare = await AsyncHTTPClient().fetch(
        f"http://{app.ip}:{app.port}/", follow_redirects=False, raise_error=False
    )
    return [*changed, *(["token"] if bare.code == 200 else [])]


def give_living(kernels: Any) -> None:
    """No visitor gets a kernel that died while it stood ready: the page would stay empty.

    The system ends such kernels where memory is short; another is begun in its place."""
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
