"""The planner's page as a widget: requests of the browser change a `State`, its parts show it.

`page(state)` makes the widget. `browser/explore.js` sends requests, and `ACTIONS` names the method
for each. The parts of the page are HTML, made by `panels` and `report.pictures`.
`notebooks/workbench.ipynb` shows the widget in JupyterLab, and `server.serve` without it.
"""

from __future__ import annotations

import atexit
import gc
import logging
import os
import threading
from collections import deque
from operator import attrgetter
from secrets import token_hex
from typing import Any, NamedTuple

import anywidget
import traitlets

from ikmplan import views
from ikmplan.explore import panels, plan_panels, saved_work
from ikmplan.explore.exports import Exports
from ikmplan.explore.fields import fields
from ikmplan.explore.moves import MOVES
from ikmplan.explore.observable import InLoop
from ikmplan.explore.plan_pictures import BROWSER
from ikmplan.explore.snapshot import Snapshot
from ikmplan.explore.state import State
from ikmplan.explore.tab_work import TabWork
from ikmplan.files import find
from ikmplan.input.case import Case
from ikmplan.input.scenario import read_scenario
from ikmplan.model.search import FIRST_GAP
from ikmplan.plan.plan import PROVEN, Plan
from ikmplan.report import pictures
from ikmplan.report.names import Pin
from ikmplan.report.sureness import range_note
from ikmplan.show.html import element, join_html
from ikmplan.text import _, language
from ikmplan.uncertainty.answers import range_alone

__all__ = ["PlannerPage", "State", "open_state", "page"]

PARAMS = "IKMPLAN_PARAMS"  # the scenario file that `ikmplan explore` shows
FIRST = "params/medan-2022.yaml"
# Idiomorph 0.8.0, 0BSD, https://github.com/bigskysoftware/idiomorph, as it is published
SCRIPT_NAMES = ("idiomorph-0.8.0.min.js", "keys.js", "line.js", "explore.js")
SCRIPTS = tuple(BROWSER / name for name in SCRIPT_NAMES)
MOST_WAIT = 0.2  # seconds that a search waits until its plan is shown
# what the browser may ask for, besides `MOVES` -> the method of the page that does it
ACTIONS = {
    "mend": "state.mend",
    "stop": "state.stop",
    "way": "state.others.ask_way",
    "similar": "state.others.ask_similar",
    "stop_asking": "state.others.stop",
    "show": "state.others.open",
    "upload": "open_upload",
    "open": "open_tables",
    "close_faults": "close_faults",
    "dismiss": "work.close_notice",
    "hello": "work.connect",
    "continue": "work.go_on",
    "start_over": "work.start_over",
    "save": "exports.save",
    "report": "exports.report",
    "overwrite": "exports.overwrite",
    "cancel": "exports.cancel",
    "excel": "exports.excel",
    "core": "state.others.ask_stays",
    "end_core": "state.others.end_stays",
    "take_core": "state.lock_core",
    "case": "open_case",
}


class _Opened(NamedTuple):
    """What one run of a cell opened."""

    run: str
    states: list[State]

    def close(self) -> None:
        for state in self.states:
            state.close()


_opened: dict[str, _Opened] = {}  # by the cell


def _close_all() -> None:
    for opened in _opened.values():
        opened.close()


def _at_exit() -> None:
    _close_all()
    # tornado would report that parts cannot be sent to a page that was closed meanwhile
    logging.getLogger("tornado.general").setLevel(logging.CRITICAL)


def _cell_and_run() -> tuple[str, str]:
    """Which cell is run, and which run of it this is; outside of a kernel each call is a run.

    JupyterLab names the cell in each message: a reload of its page changes the session only."""
    from IPython import get_ipython

    shell: Any = get_ipython()
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    header, about = parent.get("header", {}), parent.get("metadata", {})
    cell = about.get("cellId") or header.get("session", "")
    return str(cell), str(header.get("msg_id") or token_hex())


def open_state(params: str = "") -> State:
    """The state of a scenario file: `params`, or what `ikmplan explore` was given, or Medan's."""
    cell, run = _cell_and_run()
    if cell in _opened and _opened[cell].run != run:  # run again: two searches slow each other down
        _opened.pop(cell).close()
    opened = _opened.setdefault(cell, _Opened(run, []))
    atexit.unregister(_at_exit)
    atexit.register(_at_exit)
    gc.freeze()  # else a collection during a search takes 0.1 s for all that is loaded by now
    state = State(read_scenario(find(params or os.environ.get(PARAMS, FIRST))))
    opened.states.append(state)
    return state


def page(state: State) -> PlannerPage:
    """The widget that shows the state and changes it. The browser never waits for a search."""
    return PlannerPage(state)


def _part() -> Any:
    return traitlets.Unicode().tag(sync=True)


class PlannerPage(anywidget.AnyWidget):
    """The parts of the page, and the methods of `ACTIONS`.

    Parts change in the thread of the kernel's event loop only.
    """

    _esm = "\n".join(script.read_text("utf-8") for script in SCRIPTS)
    _css = BROWSER / "explore.css"
    frame, head, note, settings, locks = (_part() for _n in range(5))
    badge, stop, none, results, coverage, pins = (_part() for _n in range(6))
    compared, others, rest, keep, tables, stays = (_part() for _n in range(6))
    values = traitlets.Dict().tag(sync=True)
    moves = traitlets.List([*MOVES]).tag(sync=True)  # that are kept until a kernel answers them
    older = traitlets.Bool().tag(sync=True)  # the pictures are of an earlier plan

    def __init__(self, state: State):
        super().__init__()
        self.state = state
        self.work = TabWork(state)
        self._files: deque[tuple[dict[str, Any], list[bytes]]] = deque()  # for the browser
        add = self._files.append
        self.exports = Exports(state, add, self._notify, lambda: self.work.own.folder)
        self._lock = threading.RLock()
        self._tables_open = False
        self._made_from: dict[str, tuple[Any, ...]] = {}  # by the name of a group of parts
        self._show_soon = InLoop(self._show)
        self._shown = threading.Event()
        self._waited_for = state.plan
        self._show()
        state.on_change(self._notify)
        self.on_msg(self.answer)

    # actions -----------------------------------------------------------------------------

    def answer(self, _widget: Any, content: dict[str, Any], buffers: list[Any]) -> None:
        """Do one action that the browser asks for. Unknown actions are ignored."""
        do = content.pop("do", "")
        if do not in ACTIONS and do not in MOVES:
            return
        self.send({"do": "received", "sent": content.pop("sent", None)})
        with language(self.state.scenario.language):
            if do in ACTIONS:
                attrgetter(ACTIONS[do])(self)(*map(bytes, buffers), **content)
            else:
                MOVES[do].make(self.state, **content)
        self._notify()

    def open_case(self, value: str) -> None:
        """Open "params:<file>" or "case:<folder or workbook>"."""
        if not self.state.open_chosen(value):
            self.send({"do": "refused"})  # the list shows the case in hand again
        elif value.startswith("params:"):
            self.exports.name = value.removeprefix("params:").removesuffix(".yaml")

    def open_upload(self, content: bytes, name: str) -> None:
        path = saved_work.open_upload(self.state, self.work.own, name, content)
        if path is not None:
            message = _("{name} is open now; nobody else sees it.", name=path.name)
            self.work.notice = message, [("dismiss", _("Close"))]

    def open_tables(self, part: str, open: bool) -> None:
        self._tables_open = open

    def close_faults(self) -> None:
        self.state.show_faults([])

    # showing -----------------------------------------------------------------------------

    def _notify(self) -> None:
        """Show the state soon; many changes at once are shown once."""
        self._shown.clear()
        self._show_soon()
        # the search waits until its plan is shown: else it takes processor time from the page
        plan = self.state.now.plan
        new = plan is not None and plan is not self._waited_for and plan.proof.gap <= FIRST_GAP
        if new and not self._show_soon.in_its_thread:
            self._waited_for = plan
            self._shown.wait(MOST_WAIT)

    def _show(self) -> None:
        with self._lock, language(self.state.scenario.language):
            now = self.state.now
            pinned = self.state.pins_of(now.case)
            with self.hold_sync():  # in one message: what belongs together is seen together
                self.frame = panels.frame(now.case)
                self.badge = panels.badge(now, bool(self.results))
                self.stop = panels.stop(now)
                if now.plan is not None:
                    self._show_results(now, now.plan, pinned)
                self.older = now.plan is None
                self.stays = plan_panels.stays(now, self.state.others)
                self._show_controls(now, pinned)
                self._show_others(now, pinned)
            if now.plan is not None:
                self._show_rest(now.case, now.plan, pinned)
                self._show_tables(now, now.plan)
            while self._files:
                self.send(*self._files.popleft())
        self._shown.set()

    def _show_controls(self, now: Snapshot, pinned: list[Pin]) -> None:
        """Each of these parts takes less than a millisecond."""
        state, case, exports = self.state, now.case, self.exports
        self.pins = plan_panels.pins(now, pinned, state.pinned, "pin" in state.pending_actions)
        listed = fields(case, state.first_case)
        self.settings = panels.settings(listed)
        self.values = panels.values(listed, now.faults)
        history = state.history
        lists = saved_work.cases(), saved_work.scenarios()
        steps = bool(history.past), bool(history.future), state.changed
        self.head = panels.head(now, *steps, *lists, state.chosen)
        elsewhere = panels.faults_elsewhere(listed, now.faults)
        beside = [fault for fault in elsewhere if fault.column == "name"]  # in `keep_panel`
        self.note = panels.note(*self.work.notice, [f for f in elsewhere if f not in beside])
        self.locks = panels.locks(now)
        self.none = panels.none(now)
        message = exports.message
        if "excel" in state.pending_actions:
            message = _("The workbook follows as soon as there is a plan …")
        running = exports.running > 0
        self.keep = panels.keep_panel(exports.name, now, message, exports.question, running)
        self.work.changed()

    def _show_results(self, now: Snapshot, plan: Plan, pinned: list[Pin]) -> None:
        case, programme = now.case, now.programme
        if self._is_new("results", plan, case, programme, *pinned):
            if self._is_new("range", plan, case):
                self._sure = range_alone(plan, case) if plan.proof.status == PROVEN else None
            note = range_note(self._sure)
            self.results = pictures.tiles_picture(plan, case, programme, pinned, note)
            self.coverage = pictures.coverage_picture(plan, case, programme, pinned)

    def _show_others(self, now: Snapshot, pinned: list[Pin]) -> None:
        asked = self.state.others
        made_from = (
            asked.now,
            asked.opened,
            asked.refused,
            now.busy,
            now.plan_possible,
            now.case,
            *pinned,
        )
        if self._is_new("others", *made_from):
            self.others = plan_panels.others(now, asked, pinned)

    def _show_rest(self, case: Case, plan: Plan, pinned: list[Pin]) -> None:
        if self._is_new("rest", plan, case, *pinned):
            others = [pin for pin in pinned if pin.plan is not plan]
            self.compared = join_html(pictures.comparison(plan, case, pin) for pin in others)
            money = pictures.money_picture(plan, case)
            if case.equipment:
                money += pictures.machines_picture(plan, case)
            limits, quarters = pictures.limits_picture(plan, case), pictures.quarters(plan, case)
            self.rest = limits + element("div", money) + quarters

    def _show_tables(self, now: Snapshot, plan: Plan) -> None:
        case = now.case
        if self._is_new("tables", plan, case, self._tables_open):
            every = self._tables_open and [
                views.summary(plan, case, now.programme), views.coverage(plan, case),
                views.classes(plan, case), views.machines(plan, case),
                views.invitations(plan, case), views.money_by_fund(plan, case),
                views.costs(plan, case), views.limits(plan, case),
                views.limits(plan, case, binding=False),
            ]  # fmt: skip
            self.tables = panels.tables(every or None, _("All tables"))

    def _is_new(self, parts: str, *made_from: Any) -> bool:
        """Whether a group of parts must be made again: what it was made from has changed."""
        before, self._made_from[parts] = self._made_from.get(parts, ()), made_from
        return [*map(id, before)] != [*map(id, made_from)]
