"""The planner's page: move a setting, see at once what the plan then reaches.

`page(state)` is a thin view of a `State` (see `workbench`): it hears what the browser asks
(`browser/explore.js`), changes the state, and fills the parts of the page with HTML made by
`panels` and `pictures`. It is a widget like any other: `notebooks/explore.ipynb` shows it in
JupyterLab, and `server.serve` without JupyterLab.
"""

from __future__ import annotations

import asyncio
import atexit
import gc
import logging
import os
import threading
from collections.abc import Callable
from html import escape
from pathlib import Path
from secrets import token_hex
from typing import Any

import anywidget
import traitlets

from ikmplan import panels, pictures, views, work
from ikmplan.case import find
from ikmplan.inputs import fields
from ikmplan.moment import Now
from ikmplan.scenario import read_scenario
from ikmplan.sheets import BadInput
from ikmplan.solver import FIRST_GAP
from ikmplan.text import _, language
from ikmplan.workbench import State

__all__ = ["Page", "State", "open_state", "page"]

PARAMS = "IKMPLAN_PARAMS"  # the scenario file that `ikmplan explore` shows
FIRST = "params/medan-2022.yaml"
BROWSER = Path(__file__).parent / "browser"
# Idiomorph 0.8.0, 0BSD, https://github.com/bigskysoftware/idiomorph, as it is published
SCRIPTS = (BROWSER / "idiomorph-0.8.0.min.js", BROWSER / "explore.js")
MOST_WAIT = 0.2  # seconds that a search waits until its plan is shown
_opened: list[State] = []


def _close_all() -> None:
    for state in _opened:
        state.close()


def _at_exit() -> None:
    _close_all()
    # a page closed while it was being drawn: nobody is there to read that it cannot be sent
    logging.getLogger("tornado.general").setLevel(logging.CRITICAL)


def open_state() -> State:
    """The scenario that `ikmplan explore` was given, or that of Medan."""
    _close_all()  # of a cell run again: two searches would be in each other's way
    atexit.unregister(_at_exit)
    atexit.register(_at_exit)
    gc.freeze()  # all that is loaded by now stays: to look through it took 0.1 s amidst a move
    _opened[:] = [State(read_scenario(find(os.environ.get(PARAMS, FIRST))))]
    return _opened[0]


def page(state: State) -> Page:
    """The widget that shows the state and changes it. The browser never waits for a search."""
    return Page(state)


def _part() -> Any:
    return traitlets.Unicode().tag(sync=True)


class Page(anywidget.AnyWidget):
    """Parts of HTML, and what the browser may ask for. All parts change in the kernel's loop."""

    _esm = "\n".join(script.read_text("utf-8") for script in SCRIPTS)
    _css = BROWSER / "explore.css"
    frame, head, note, settings, locks = (_part() for _n in range(5))
    badge, stop, none, results, coverage, pins = (_part() for _n in range(6))
    compared, rest, keep, tables = (_part() for _n in range(4))
    values = traitlets.Dict().tag(sync=True)
    older = traitlets.Bool().tag(sync=True)  # the pictures are of an earlier plan

    def __init__(self, state: State):
        super().__init__()
        self.state = state
        self._lock = threading.RLock()
        self._due = self._tables_open = False
        self._shown: dict[str, tuple[Any, ...]] = {}  # part -> what it was made from
        self._note: tuple[list[str], list[tuple[str, str]]] = ([], [])
        self._name, self._kept, self._ask = "", "", ""
        self._opened = "", state.first  # what was chosen from the list, and what it then was
        self._making = 0
        self._work: work.Work | None = None
        self._last: work.Work | None = None
        self._keeping = threading.RLock()  # nothing is written between reading and restoring
        self._saver = work.Saver(self._save_work)
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:  # in a test, say
            self._loop = None
        self._thread = threading.get_ident()  # the loop's
        self._seen = threading.Event()
        self._awaited = state.plan
        self._show()
        state.observe(self._tell)
        self.on_msg(self._heard)

    # what the browser asks ---------------------------------------------------------------

    def _heard(self, _widget: Any, content: dict[str, Any], buffers: list[Any]) -> None:
        """One thing done on the page. What cannot be understood is no planner's doing."""
        does: Callable[..., Any] | None = getattr(self, f"do_{content.pop('do', '')}", None)
        if does is None:
            return
        self.send({"do": "heard"})
        with language(self.state.scenario.language):
            does(*([bytes(buffers[0])] if buffers else []), **content)
        self._tell()

    def do_enter(self, name: str, text: str) -> None:
        self.state.enter(name, text)

    def do_slide(self, name: str, value: float) -> None:
        self.state.slide(name, float(value))

    def do_undo(self) -> None:
        self.state.undo()

    def do_redo(self) -> None:
        self.state.redo()

    def do_reset(self) -> None:
        self.state.reset()

    def do_stop(self) -> None:
        self.state.stop()

    def do_case(self, value: str) -> None:
        kind, _colon, what = value.partition(":")
        if kind == "params":
            done = self.state.open(str(find("params") / what))
        else:
            done = self.state.choose(what)
        if not done:
            self.send({"do": "refused"})  # the list shows again what is in hand
            return
        self._opened = value, self.state.first
        if kind == "params":
            self._name = what.removesuffix(".yaml")

    def do_language(self, value: str) -> None:
        self.state.speak(value)

    def do_upload(self, content: bytes, name: str) -> None:
        try:
            path = self._place().upload(name, content)
        except BadInput as error:
            self.state.blame(error.faults)
            return
        if self.state.choose(str(path)):
            said = _("{name} is open now; nobody else sees it.", name=path.name)
            self._note = ([said], [("dismiss", _("Close"))])
        else:
            path.unlink()

    def do_dismiss(self) -> None:
        self._note = ([], [])

    def do_forgive(self) -> None:
        self.state.blame([])

    def do_lock(self, item: str, cluster: str, sign: str, count: str) -> None:
        at = f" @ {cluster}" if cluster else ""
        if sign == "x":
            self.state.add("exclusions", f"{item}{at}".strip())
        else:
            self.state.add("locks", f"{item}{at} {sign} {count.strip()}".strip())

    def do_remove(self, name: str, text: str) -> None:
        self.state.remove(name, text)

    def do_mend(self, n: str, m: str) -> None:
        none = self.state.now.none
        if none is not None:
            change = none.conflicts[int(n)].needs[int(m)].change
            self.state.change(**(change or {}))

    def do_pin(self) -> None:
        self.state.pin()

    def do_unpin(self, letter: str) -> None:
        self.state.unpin(letter)

    def do_open(self, part: str, open: bool) -> None:
        self._tables_open = open

    # keeping -------------------------------------------------------------------------------

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
        self.state.blame([])
        try:
            path = work.save(self.state.scenario, name, overwrite)
        except work.Exists as there:
            path = there.path
            self._ask = _("{path} is there already. Overwrite it?", path=path.as_posix())
        except BadInput as error:
            self.state.blame(error.faults)
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
                said = _("The report is ready: {path}", path=f"runs/{path.stem}/plan.html")
                self._kept = escape(said) + " "
                self.send({"do": "file", "name": f"{path.stem}.html", "open": _("Open it"),
                           "type": "text/html"}, [html])  # fmt: skip

        self._kept = escape(_("The report is being made; this takes a minute or two …"))
        self._in_background(made)

    def do_excel(self, name: str) -> None:
        self._name = name
        self.state.with_plan("excel", lambda now: self._excel(name, now))

    def _excel(self, name: str, now: Now) -> None:
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
                    said = str(error) or type(error).__name__
                    self._kept = f'<span class="fault">{escape(said)}</span>'
                finally:
                    self._making -= 1
            self._tell()

        self._making += 1
        threading.Thread(target=run, daemon=True).start()

    # work in progress ----------------------------------------------------------------------

    def do_hello(self, key: str, last: str = "") -> None:
        """A tab shows the page: its own work comes back; an earlier tab's is offered."""
        if self._work is not None:
            return
        work.forget_old()
        with self._keeping:
            self._work = work.Work(key)
            saved = self._work.load()
            if saved is not None:
                self._restore(saved)
        if saved is None and last and last != key:
            self._last = work.Work(last)
            earlier = self._last.load()
            if earlier is not None and (earlier.past or earlier.pins):
                said = _("Your last work is from {when}.", when=earlier.when)
                self._note = ([said], [("continue", _("Go on with it")), ("dismiss", _("No"))])

    def do_continue(self) -> None:
        if self._last is None:
            return
        with self._keeping:
            place = self._place()
            place.take(self._last)
            saved = place.load()
            if saved is not None:
                self._restore(saved)

    def do_anew(self) -> None:
        self._note = ([], [])
        self.state.reset()

    def _restore(self, saved: work.Saved) -> None:
        kept = (saved.past, saved.future, saved.pins)
        if self.state.restore(saved.scenario, saved.first, *kept) and any(kept):
            with language(saved.scenario.language):  # which may be another than before
                said = _("Your work from {when} is back.", when=saved.when)
                self._note = ([said], [("anew", _("Start anew")), ("dismiss", _("Close"))])

    def _place(self) -> work.Work:
        if self._work is None:  # no browser has said who it is
            self._work = work.Work(token_hex(16))
        return self._work

    def _save_work(self) -> None:
        state = self.state
        with self._keeping:
            if self._work is not None:
                self._work.keep(state.scenario, state.first, state.past, state.future, state.pins)

    # showing -------------------------------------------------------------------------------

    def _tell(self) -> None:
        """Show soon what there is then; many changes at once are shown once."""
        if self._loop is None:
            self._show()
        elif not self._due and not self._loop.is_closed():
            self._due = True
            self._seen.clear()
            self._loop.call_soon_threadsafe(self._show)
        # a search that goes on meanwhile takes the processor from the page that shows its plan
        plan = self.state.now.plan
        new = plan is not None and plan is not self._awaited and plan.proof.gap <= FIRST_GAP
        if new and threading.get_ident() != self._thread:
            self._awaited = plan
            self._seen.wait(MOST_WAIT)

    def _show(self) -> None:
        self._due = False
        with self._lock, language(self.state.scenario.language):
            self._show_now(self.state.now)
        self._seen.set()

    def _fill(self, part: str, made: Callable[[], Any], *key: Any) -> None:
        """Make a part again where what it is made from is another."""
        if self._shown.get(part) != key:
            self._shown[part] = key
            setattr(self, part, made())

    def _show_now(self, now: Now) -> None:
        state, case = self.state, now.case
        spoken, at = case.scenario.language, id(now.case.tables)
        self._fill("frame", lambda: panels.frame(case), spoken)
        self._fill("badge", lambda: panels.badge(now, bool(self.results)), now)
        self._fill("stop", lambda: panels.stop(now), now.busy, spoken)
        pinned = tuple(pin for pin in state.pins if pin.case.tables == case.tables)
        plan, pinning = now.plan, (pinned, state.pinned, "pin" in state.waits)
        self._fill("pins", lambda: panels.pins(now, *pinning), now.hoped, pinning, spoken)
        if plan is not None:
            key = (id(plan), id(now.programme), *map(id, pinned), spoken)
            others = (now.programme, pinned)
            self._fill("results", lambda: pictures.tiles(plan, case, *others), *key)
            self._fill("coverage", lambda: pictures.coverage(plan, case, *others), *key)
        self.older = plan is None
        listed = fields(case, state.first_case)
        self._fill("settings", lambda: panels.settings(listed), spoken, at)
        self._fill("values", lambda: panels.values(listed, now.faults), case.scenario, now.faults)
        self._show_controls(now)
        if plan is not None:
            self._show_rest(now, pinned)

    def _show_controls(self, now: Now) -> None:
        state, spoken = self.state, now.case.scenario.language
        past, future = bool(state.past), bool(state.future)
        changed = now.case.scenario != state.first.changed(language=spoken)
        lists = work.cases(), work.scenarios()
        chosen, first = self._opened
        opened = chosen if state.first is first and not changed else ""
        self._fill(
            "head", lambda: panels.head(now, past, future, changed, *lists, opened),
            spoken, past, future, changed, now.case.scenario.data, lists, opened,
        )  # fmt: skip
        elsewhere = tuple(f for f in now.faults if (f.column or "") not in self._beside(now))
        self._fill("note", lambda: panels.note(*self._note, elsewhere), elsewhere, self._note)
        locked = (now.case.scenario.locks, now.case.scenario.exclusions, now.faults)
        self._fill(
            "locks", lambda: panels.locks(now),
            spoken, id(now.case.tables), locked, dict(now.costs), now.plan is None,
        )  # fmt: skip
        self._fill("none", lambda: panels.none(now), id(now.none), now.busy, spoken)
        said = self._kept
        if "excel" in state.waits:
            said = escape(_("The workbook follows as soon as there is a plan …"))
        kept = (said, self._ask, self._making > 0)
        self._fill(
            "keep", lambda: panels.keep(self._name, now, *kept),
            spoken, now.faults, now.hoped, self._name, kept,
        )  # fmt: skip
        if self._work is not None:
            self._saver.due(state.scenario, state.past, state.future, state.pins)

    @staticmethod
    def _beside(now: Now) -> set[str]:
        """The columns of faults that stand beside their field."""
        names = {f.name for f in fields(now.case)}
        return {"locks", "exclusions", "name"} | names | {n.partition(".")[0] for n in names}

    def _show_rest(self, now: Now, pinned: tuple[Any, ...]) -> None:
        plan, case = now.plan, now.case
        assert plan is not None
        spoken = case.scenario.language
        others = [p for p in pinned if p.plan is not plan]  # a plan beside itself says nothing
        self._fill(
            "compared", lambda: "".join(pictures.comparison(plan, case, p) for p in others),
            id(plan), pinned, spoken,
        )  # fmt: skip
        self._fill(
            "rest",
            lambda: (
                f"{pictures.limits(plan, case)}<div>{pictures.money(plan, case)}"
                f"{pictures.machines(plan, case)}</div>{pictures.quarters(plan, case)}"
            ),
            id(plan), spoken,
        )  # fmt: skip

        def listed() -> str:
            every = None
            if self._tables_open:
                every = [
                    views.summary(plan, case, now.programme), views.coverage(plan, case),
                    views.classes(plan, case), views.machines(plan, case),
                    views.invitations(plan, case), views.money_by_fund(plan, case),
                    views.costs(plan, case), views.limits(plan, case),
                    views.limits(plan, case, binding=False),
                ]  # fmt: skip
            return panels.tables(every, _("All tables"))

        tables = id(plan) if self._tables_open else 0
        self._fill("tables", listed, self._tables_open, tables, spoken)
