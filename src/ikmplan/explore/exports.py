"""What the planner's page writes: the scenario file, the report and the workbook.

The page calls the methods of `Exports` and shows its `name`, `message` and `question`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ikmplan.explore import saved_work
from ikmplan.explore.snapshot import Snapshot
from ikmplan.explore.state import State
from ikmplan.faults import BadInput
from ikmplan.show.html import element
from ikmplan.text import _, language


class Exports:
    """Scenario file, report and workbook of a state; the last two are made in threads."""

    def __init__(
        self,
        state: State,
        send: Callable[[tuple[dict[str, Any], list[bytes]]], None],
        on_change: Callable[[], None],
        folder: Callable[[], Path],
    ):
        """`send` takes a message with a file for the browser, which `on_change` sends; `folder` is
        where the workbook is written."""
        self._state, self._send, self._on_change, self._folder = state, send, on_change, folder
        self.name = ""  # of the scenario, as it was typed last
        self.message = ""  # about the last export; Markup where it is HTML
        self.question = ""  # whether a file is to be overwritten
        self.running = 0  # exports that threads are making
        self._then: Callable[[Path], None] | None = None  # after the file is written

    def save(self, name: str) -> None:
        self._save(name, False, None)

    def report(self, name: str) -> None:
        """Save the scenario, then make its page."""
        self._save(name, False, self._report)

    def overwrite(self) -> None:
        self._save(self.name, True, self._then)

    def cancel(self) -> None:
        self.question = ""

    def excel(self, name: str) -> None:
        self.name = name
        self._state.with_plan("excel", lambda now: self._excel(name, now))

    def _save(self, name: str, overwrite: bool, then: Callable[[Path], None] | None) -> None:
        self.name, self.question, self.message, self._then = name, "", "", then
        self._state.show_faults([])
        try:
            path = saved_work.save(self._state.scenario, name, overwrite)
        except saved_work.Exists as error:
            path = error.path
            self.question = _("{path} is there already. Overwrite it?", path=path.as_posix())
        except BadInput as error:
            self._state.show_faults(error.faults)
        else:
            self.message = _("Saved: {path}", path=path.as_posix())
            if then is not None:
                then(path)

    def _report(self, path: Path) -> None:
        def make() -> None:
            html = saved_work.report(path, code)
            message = _("The report is ready: {path}", path=f"runs/{path.stem}/plan.html")
            self._send_file(message, html, f"{path.stem}.html", "text/html", _("Open it"))

        code = self._state.scenario.language
        self._in_background(make, _("The report is being made; this takes a minute or two …"))

    def _excel(self, name: str, now: Snapshot) -> None:
        def make() -> None:
            assert now.plan is not None
            content = saved_work.workbook(now.plan, now.case, now.programme, self._folder())
            message = _("Excel workbook: {name}", name=file)
            self._send_file(message, content, file, "application/octet-stream", "")

        file = f"{name.strip() or 'ikmplan'}.xlsx"
        self._in_background(make, _("The workbook is being written …"))

    def _send_file(self, message: str, content: bytes, name: str, kind: str, link: str) -> None:
        """Give a file to the browser: to open by the text `link`, or to download."""
        self.message = message + " "
        self._send(({"do": "file", "name": name, "open": link, "type": kind}, [content]))

    def _in_background(self, make: Callable[[], None], message: str) -> None:
        code = self._state.scenario.language

        def run() -> None:
            with language(code):
                try:
                    make()
                except Exception as error:  # the page shows it and can be used further
                    text = str(error) or type(error).__name__
                    self.message = element("span", text, class_="fault")
                finally:
                    self.running -= 1
            self._on_change()

        self.message = message
        self.running += 1
        threading.Thread(target=run, daemon=True).start()
