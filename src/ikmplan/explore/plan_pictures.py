"""The pictures of the planner's page, each as a widget that follows a state.

They stand alone or in `HBox`, `Tab` and `GridspecLayout`, and take the width that they get. Beside
the widget a notebook keeps what it showed at first, for readers without a kernel; where STILLS is
set (`tools/notebooks.py` sets it), it keeps an image of the proven plan and no widget.
`watch` gives a trait of the state to charts of a user's own.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import anywidget
import traitlets
from markupsafe import Markup

from ikmplan import charts
from ikmplan.explore.observable import InLoop
from ikmplan.explore.state import State
from ikmplan.files import PACKAGE
from ikmplan.input.case import Case
from ikmplan.plan.plan import Plan
from ikmplan.report import pictures
from ikmplan.report.names import Pin
from ikmplan.report.summary import plan_tiles
from ikmplan.show.html import element, join_html, render
from ikmplan.text import _, language

BROWSER = PACKAGE / "browser"
STILLS = "IKMPLAN_STILLS"  # set: notebooks are made to be read, not to be used
FIRST_PLAN = 30.0  # seconds that a picture waits for a plan to show
LAST_PLAN = 600.0  # seconds that an image waits until the search is over
WIDGET = "application/vnd.jupyter.widget-view+json"
Live = Callable[[Plan, Case, Plan | None, Sequence[Pin]], str]
Still = Callable[[Plan, Case, Plan | None], str]


class Drawn(NamedTuple):
    """A picture as HTML for `explore.css`, and one as HTML that needs no style, with an image."""

    live: Live
    still: Still


def _compared(plan: Plan, case: Case, pins: Sequence[Pin]) -> str:
    others = [pin for pin in pins if pin.plan is not plan]
    compared = join_html(pictures.comparison(plan, case, pin) for pin in others)
    return compared or element(
        "p", _("Pin a plan, then change a setting: here you see the difference.")
    )


DRAWN = {
    "tiles": Drawn(
        pictures.tiles_picture,
        lambda plan, case, programme: plan_tiles(plan, case, programme)._repr_html_(),
    ),
    "coverage": Drawn(
        pictures.coverage_picture,
        lambda plan, case, programme: charts.coverage(plan, case, programme).html(),
    ),
    "compared": Drawn(
        lambda plan, case, _programme, pins: _compared(plan, case, pins),
        lambda plan, case, _programme: _compared(plan, case, ()),
    ),
    "money": Drawn(
        lambda plan, case, *_more: pictures.money_picture(plan, case),
        lambda plan, case, _programme: charts.money(plan, case).html(),
    ),
    "machines": Drawn(
        lambda plan, case, *_more: pictures.machines_picture(plan, case),
        lambda plan, case, _programme: charts.machines(plan, case).html(),
    ),
    "limits": Drawn(
        lambda plan, case, *_more: pictures.limits_picture(plan, case),
        lambda plan, case, _programme: charts.limits(plan, case).html(),
    ),
    "calendar": Drawn(
        lambda plan, case, *_more: pictures.quarters(plan, case),
        lambda plan, case, _programme: charts.quarters(plan, case).html(),
    ),
}


class PlanPicture(anywidget.AnyWidget):
    """One picture of the plan in hand; pale while it is of an earlier plan."""

    _esm = BROWSER / "picture.js"
    _css = BROWSER / "explore.css"
    html = traitlets.Unicode().tag(sync=True)
    lang = traitlets.Unicode().tag(sync=True)
    older = traitlets.Bool().tag(sync=True)

    def __init__(self, state: State, name: str):
        super().__init__()
        self._state, self._name, self._drawn = state, name, DRAWN[name]
        self._made_from: tuple[Any, ...] = ()
        self._show()
        state.on_change(InLoop(self._show))

    def _show(self) -> None:
        now = self._state.now
        self.lang, self.older = now.case.scenario.language, now.plan is None and bool(self.html)
        pins = self._state.pins_of(now.case)
        made_from = (now.plan, now.case, now.programme, *pins)
        with language(self.lang):
            if now.plan is None:
                self.html = self.html or element("p", _("Searching."))
            elif [*map(id, made_from)] != [*map(id, self._made_from)]:
                self._made_from = made_from
                self.html = Markup(self._drawn.live(now.plan, now.case, now.programme, pins))

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The widget, and what it shows now for readers without a kernel."""
        bundle = super()._repr_mimebundle_(**options)
        assert bundle is not None
        if os.environ.get(STILLS):
            self._state.wait(LAST_PLAN)
        plan = self._state.wait_for_plan(FIRST_PLAN)
        self._show()
        now = self._state.now
        with language(self.lang):
            if plan is not None and os.environ.get(STILLS):
                html = self._drawn.still(plan, now.case, now.programme)
                return {"text/plain": repr(self), "text/html": html}, {}
        html = render("planner/picture", css=Markup(self._css), lang=self.lang, html=self.html)
        return {**bundle[0], "text/plain": repr(self), "text/html": html}, bundle[1]

    def __repr__(self) -> str:
        return f"PlanPicture({self._name!r})"


def tiles_of(state: State) -> PlanPicture:
    """The plan in figures, beside the announced programme and the pinned plans."""
    return PlanPicture(state, "tiles")


def coverage_of(state: State) -> PlanPicture:
    """Expected coverage of each cluster, with its floor."""
    return PlanPicture(state, "coverage")


def compared_of(state: State) -> PlanPicture:
    """Which clusters gain and which lose against each pinned plan."""
    return PlanPicture(state, "compared")


def money_of(state: State) -> PlanPicture:
    """What each fund pays for, and what is not spent."""
    return PlanPicture(state, "money")


def machines_of(state: State) -> PlanPicture:
    """New machines at each place, by kind."""
    return PlanPicture(state, "machines")


def limits_of(state: State) -> PlanPicture:
    """What binds, and how much of it is left."""
    return PlanPicture(state, "limits")


def calendar_of(state: State) -> PlanPicture:
    """Classes in each quarter, and the days they use of each trainer and hall."""
    return PlanPicture(state, "calendar")


class Watched(anywidget.AnyWidget):
    """A trait of a state as `value`, not seen; while the trait is None, the last value stays.

    What an `Output` captures is shown only while the kernel answers a message of the browser. So
    the browser gets a message for each change, and `value` follows when it asks."""

    _esm = BROWSER / "watched.js"
    seen = traitlets.Int().tag(sync=True)  # changes of the trait
    value = traitlets.Any()

    def __init__(self, state: State, name: str):
        super().__init__()
        self._state, self._name = state, name
        self.value = getattr(state, name)
        state.observe(self._changed, name)
        self.on_msg(self._follow)

    def _changed(self, _change: Any) -> None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:  # no kernel, so no browser
            self._follow()
        else:
            self.seen += 1

    def _follow(self, *_message: Any) -> None:
        new = getattr(self._state, self._name)
        if new is not None:
            self.value = new


def watch(state: State, name: str) -> Watched:
    """A trait of the state, as `interactive_output` takes it: an object with a `value`.

    While there is no plan, `value` stays what it was."""
    state.wait_for_plan(FIRST_PLAN)
    return Watched(state, name)
