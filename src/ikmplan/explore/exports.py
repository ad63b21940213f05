"""What a planner takes from the page: a saved scenario, the report, the workbook."""

from __future__ import annotations

import threading
from collections.abc import Callable
from html import escape
from pathlib import Path

from ikmplan.explore import panels as panels
from ikmplan.explore import saved_work as work
from ikmplan.explore.snapshot import Snapshot
from ikmplan.explore.state import State
from ikmplan.faults import BadInput
from ikmplan.report import pictures as pictures
from ikmplan.text import _, language


class Exports:
    """The part of the page that writes files; others are given to the browser."""

    state: State
    _name: str = ""  # of the scenario, as it was typed last
    _kept: str = ""  # what became of it, as HTML
    _ask: str = ""  # whether a file is to be overwritten
    _making: int = 0  # exports under way
    _then: Callable[[Path], None]
    send: Callable[..., None]
    _place: Callable[[], work.Work]
    _notify: Callable[[], None]

    def do_save(self, name: str) -> None:
        self._save(name, False, lambda path: None)

    def do_report(self, name: str) -> None:
        self._save(name, False, self._report)

    def do_overwrite(self) -> None:
        self._save(self._name, True, self._then)

    def do_cancel(self) -> None:
        self._ask = ""

    def _save(self, name: str, overwrite: bool, then: Callable[[Path], None]) -> None:
        self._name, self._ask, self._kept, self._then = name, "", "", then
        self.state.show_faults([])
        try:
            path = work.save(self.state.scenario, name, overwrite)
        except work.Exists as there:
            path = there.path
            self._ask = _("{path} is there already. Overwrite it?", path=path.as_posix())
        except BadInput as error:
            self.state.show_faults(error.faults)
        else:
            self._kept = escape(_("Saved: {path}", path=path.as_posix()))
            then(path)

    def _report(self, path: Path) -> None:
        """The page of the scenario file, made beside the planner's work."""
        spoken = self.state.scenario.language

        def made() -> None:
            try:
                html = work.report(path, spoken)
            except (work.Report, OSError) as error:
                self._kept = f'<span class="fault">{escape(str(error))}</span>'
            else:
                message = _("The report is ready: {path}", path=f"runs/{path.stem}/plan.html")
                self._kept = escape(message) + " "
                self.send({"do": "file", "name": f"{path.stem}.html", "open": _("Open it"),
                           "type": "text/html"}, [html])  # fmt: skip

        self._kept = escape(_("The report is being made; this takes a minute or two …"))
        self._in_background(made)

    def do_excel(self, name: str) -> None:
        self._name = name
        self.state.with_plan("excel", lambda now: self._excel(name, now))

    def _excel(self, name: str, now: Snapshot) -> None:
        def made() -> None:
            assert now.plan is not None
            content = work.workbook(now.plan, now.case, now.programme, self._place().folder)
            file = f"{name.strip() or 'ikmplan'}.xlsx"
            self._kept = escape(_("Excel workbook: {name}", name=file)) + " "
            self.send({"do": "file", "name": file, "open": "", "type": "application/octet-stream"},
                      [content])  # fmt: skip

        self._kept = escape(_("The workbook is being written …"))
        self._in_background(made)

    def _in_background(self, made: Callable[[], None]) -> None:
        spoken = self.state.scenario.language

        def run() -> None:
            with language(spoken):
                try:
                    made()
                except Exception as error:  # the page goes on and says so
                    message = str(error) or type(error).__name__
                    self._kept = f'<span class="fault">{escape(message)}</span>'
                finally:
                    self._making -= 1
            self._notify()

        self._making += 1
        threading.Thread(target=run, daemon=True).start()
