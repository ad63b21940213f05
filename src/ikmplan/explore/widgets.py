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
from secrets import token_hex
from typing import Any

import anywidget
import traitlets

from ikmplan import views
from ikmplan.explore import panels as panels
from ikmplan.explore import saved_work as work
from ikmplan.explore.exports import Exports
from ikmplan.explore.fields import fields
from ikmplan.explore.snapshot import Snapshot
from ikmplan.explore.state import State
from ikmplan.faults import BadInput
from ikmplan.files import PACKAGE, find
from ikmplan.input.scenario import read_scenario
from ikmplan.model.search import FIRST_GAP
from ikmplan.report import pictures as pictures
from ikmplan.text import _, language

__all__ = ["PlannerPage", "State", "open_state", "page"]

PARAMS = "IKMPLAN_PARAMS"  # the scenario file that `ikmplan explore` shows
FIRST = "params/medan-2022.yaml"
BROWSER = PACKAGE / "browser"
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


def page(state: State) -> PlannerPage:
    """The widget that shows the state and changes it. The browser never waits for a search."""
    return PlannerPage(state)


def _part() -> Any:
    return traitlets.Unicode().tag(sync=True)


class PlannerPage(Exports, anywidget.AnyWidget):
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
        self._opened = "", state.first  # what was chosen from the list, and what it then was
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
        state.observe(self._notify)
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
        self._notify()

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
        self.state.set_language(value)

    def do_upload(self, content: bytes, name: str) -> None:
        try:
            path = self._place().upload(name, content)
        except BadInput as error:
            self.state.show_faults(error.faults)
            return
        if self.state.choose(str(path)):
            message = _("{name} is open now; nobody else sees it.", name=path.name)
            self._note = ([message], [("dismiss", _("Close"))])
        else:
            path.unlink()

    def do_dismiss(self) -> None:
        self._note = ([], [])

    def do_forgive(self) -> None:
        self.state.show_faults([])

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
                message = _("Your last work is from {when}.", when=earlier.when)
                self._note = ([message], [("continue", _("Go on with it")), ("dismiss", _("No"))])

    def do_continue(self) -> None:
        if self._last is None:
            return
        with self._keeping:
            place = self._place()
            place.copy_from(self._last)
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
                message = _("Your work from {when} is back.", when=saved.when)
                self._note = ([message], [("anew", _("Start anew")), ("dismiss", _("Close"))])

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

    def _notify(self) -> None:
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

    def _set_part(self, part: str, made: Callable[[], Any], *key: Any) -> None:
        """Make a part again where what it is made from is another."""
        if self._shown.get(part) != key:
            self._shown[part] = key
            setattr(self, part, made())

    def _show_now(self, now: Snapshot) -> None:
        state, case = self.state, now.case
        spoken, at = case.scenario.language, id(now.case.tables)
        self._set_part("frame", lambda: panels.frame(case), spoken)
        self._set_part("badge", lambda: panels.badge(now, bool(self.results)), now)
        self._set_part("stop", lambda: panels.stop(now), now.busy, spoken)
        pinned = tuple(pin for pin in state.pins if pin.case.tables == case.tables)
        plan, pinning = now.plan, (pinned, state.pinned, "pin" in state.pending_actions)
        self._set_part(
            "pins", lambda: panels.pins(now, *pinning), now.plan_possible, pinning, spoken
        )
        if plan is not None:
            key = (id(plan), id(now.programme), *map(id, pinned), spoken)
            others = (now.programme, pinned)
            self._set_part("results", lambda: pictures.tiles_picture(plan, case, *others), *key)
            self._set_part("coverage", lambda: pictures.coverage_picture(plan, case, *others), *key)
        self.older = plan is None
        listed = fields(case, state.first_case)
        self._set_part("settings", lambda: panels.settings(listed), spoken, at)
        self._set_part(
            "values", lambda: panels.values(listed, now.faults), case.scenario, now.faults
        )
        self._show_controls(now)
        if plan is not None:
            self._show_rest(now, pinned)

    def _show_controls(self, now: Snapshot) -> None:
        state, spoken = self.state, now.case.scenario.language
        past, future = bool(state.past), bool(state.future)
        changed = now.case.scenario != state.first.changed(language=spoken)
        lists = work.cases(), work.scenarios()
        chosen, first = self._opened
        opened = chosen if state.first is first and not changed else ""
        self._set_part(
            "head", lambda: panels.head(now, past, future, changed, *lists, opened),
            spoken, past, future, changed, now.case.scenario.data, lists, opened,
        )  # fmt: skip
        elsewhere = tuple(f for f in now.faults if (f.column or "") not in self._beside(now))
        self._set_part("note", lambda: panels.note(*self._note, elsewhere), elsewhere, self._note)
        locked = (now.case.scenario.locks, now.case.scenario.exclusions, now.faults)
        self._set_part(
            "locks", lambda: panels.locks(now),
            spoken, id(now.case.tables), locked, dict(now.costs), now.plan is None,
        )  # fmt: skip
        self._set_part("none", lambda: panels.none(now), id(now.none), now.busy, spoken)
        message = self._kept
        if "excel" in state.pending_actions:
            message = escape(_("The workbook follows as soon as there is a plan …"))
        kept = (message, self._ask, self._making > 0)
        self._set_part(
            "keep", lambda: panels.keep_panel(self._name, now, *kept),
            spoken, now.faults, now.plan_possible, self._name, kept,
        )  # fmt: skip
        if self._work is not None:
            self._saver.due(state.scenario, state.past, state.future, state.pins)

    @staticmethod
    def _beside(now: Snapshot) -> set[str]:
        """The columns of faults that stand beside their field."""
        names = {f.name for f in fields(now.case)}
        return {"locks", "exclusions", "name"} | names | {n.partition(".")[0] for n in names}

    def _show_rest(self, now: Snapshot, pinned: tuple[Any, ...]) -> None:
        plan, case = now.plan, now.case
        assert plan is not None
        spoken = case.scenario.language
        others = [p for p in pinned if p.plan is not plan]  # a plan beside itself says nothing
        self._set_part(
            "compared", lambda: "".join(pictures.comparison(plan, case, p) for p in others),
            id(plan), pinned, spoken,
        )  # fmt: skip
        self._set_part(
            "rest",
            lambda: (
                f"{pictures.limits_picture(plan, case)}<div>{pictures.money_picture(plan, case)}"
                f"{pictures.machines_picture(plan, case)}</div>{pictures.quarters(plan, case)}"
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
        self._set_part("tables", listed, self._tables_open, tables, spoken)
