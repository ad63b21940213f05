"""The planner's page: move a setting, see at once what the plan then reaches.

`page(state)` is a thin view, in ipywidgets, of a `State` (see `workbench`). `serve` shows
`notebooks/explore.ipynb`, which is such a page, to a browser without JupyterLab, by Voilà.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from html import escape
from importlib import import_module
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import ikmplan.charts as charts
import ikmplan.views as views
from ikmplan.case import Case, find
from ikmplan.plan import PROVEN, Plan
from ikmplan.scenario import read_scenario
from ikmplan.sheets import Fault
from ikmplan.text import N_, _, language, percent, rupiah
from ikmplan.workbench import Now, State, shown

__all__ = ["State", "open_state", "page", "serve"]

PARAMS = "IKMPLAN_PARAMS"  # the scenario file that `ikmplan explore` shows
FIRST = "params/medan-2022.yaml"
NOTEBOOK = "notebooks/explore.ipynb"
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
    _opened[:] = [State(read_scenario(find(os.environ.get(PARAMS, FIRST))))]
    return _opened[0]


# --- the page -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Setting:
    """A number that a planner moves: a text field and a slider."""

    name: str
    label: str
    low: float
    high: float
    step: float
    words: str  # how the value read is said, with {amount} or {share}
    scale: int = 1  # what one step of the slider's own unit is worth

    def value(self, case: Case) -> float | int:
        return case.budget if self.name == "budget" else getattr(case.scenario, self.name)

    def said(self, case: Case) -> str:
        value = self.value(case)
        if self.scale > 1:
            words = _ALL_FUNDS if case.scenario.budget is None else self.words
            return _(words, amount=rupiah(value, short=True))
        return _(self.words, share=percent(value, 0 if round(value * 1000) % 10 == 0 else 1))


_ALL_FUNDS = N_("= {amount}, all that the funds hold")
SETTINGS = (
    Setting("budget", N_("Budget (rupiah)"), 0, 0, 10, N_("= {amount}"), 1_000_000),
    Setting(
        "floor", N_("Floor of every cluster (0–1)"), 0, 0.5, 0.01,
        N_("= at least {share} of the units in each cluster"),
    ),
    Setting(
        "equity", N_("Equity (0–1)"), 0, 1, 0.05,
        N_("= {share} of the weight is on the worst-off cluster"),
    ),
    Setting(
        "price_factor", N_("Price factor"), 0.5, 2, 0.05,
        N_("= {share} of the prices in the tables"),
    ),
    Setting(
        "trainer_factor", N_("Trainer-day factor"), 0, 3, 0.1,
        N_("= {share} of the trainer-days in the tables"),
    ),
)  # fmt: skip
STYLE = """<style>
.ikmplan-explore { font-size: 14px; }
:is(.jp-OutputArea, .jp-OutputArea-child, .jp-OutputArea-output):has(.ikmplan-explore) {
  overflow: visible; }
.ikmplan-badge { position: sticky; top: 0; z-index: 2; background: var(--jp-layout-color0, #fff); }
[data-voila] .ikmplan-badge { box-shadow: 0 -1em var(--jp-layout-color0, #fff); }
.ikmplan-settings { position: sticky; top: 0; align-self: flex-start; }
.ikmplan-settings .widget-text { flex-direction: column; align-items: stretch; height: auto; }
.ikmplan-settings .widget-text > label { width: auto; overflow: visible; text-align: left;
  font-weight: 600; }
.ikmplan-settings .widget-hbox { align-items: flex-end; overflow: visible; }
.ikmplan-settings button { flex: 0 0 auto; }
.ikmplan-settings .widget-html { margin-top: -4px; }
.ikmplan-explore p { margin: 0.2em 0; line-height: 1.4; }
.ikmplan-explore .badge { font-weight: 700; padding: 0.4em 0.7em; border-left: 6px solid #0072B2;
  background: #EAF3FA; color: #000; }
.ikmplan-explore .badge.sure { border-color: #009E73; background: #E6F5F0; }
.ikmplan-explore .badge.none { border-color: #D55E00; background: #FCEFE6; }
.ikmplan-explore .fault { border-left: 4px solid #D55E00; padding-left: 0.5em; color: #8A3200; }
.ikmplan-explore .ikmplan-older { opacity: 0.35; }
.ikmplan-mends button { height: auto; white-space: normal; text-align: left; }
.ikmplan-explore table.ikmplan { border-collapse: collapse; margin: 0.8em 0; }
.ikmplan-explore table.ikmplan :is(td, th) { padding: 0.2em 0.6em; border-bottom: 1px solid #ccc; }
</style>"""


def page(state: State) -> Any:
    """The widgets that show the state and change it. The browser never waits for a search."""
    return _View(state).box


class _View:
    """Every widget and what it does. All widgets change in the kernel's event loop only."""

    def __init__(self, state: State):
        import ipywidgets as w

        self.w, self.state = w, state
        self._drawn: tuple[Any, ...] = ()
        self._lock, self._showing = threading.RLock(), 0
        self._due = False
        self._saved = ""
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:  # in a test, say
            self._loop = None
        with language(state.scenario.language):
            self.fields = {setting: self._field(setting) for setting in SETTINGS}
            self.buttons = {
                "undo": self._button(_("Undo"), state.undo),
                "redo": self._button(_("Redo"), state.redo),
                "reset": self._button(_("Reset"), state.reset),
                "stop": self._button(_("Stop"), state.stop),
            }
            self.name = w.Text(
                description=_("Save as (params/name.yaml)"), layout=w.Layout(width="auto")
            )
            save = self._button(_("Save"), self._save)
            self.kept, self.badge, self.headline = w.HTML(), w.HTML(), w.HTML()
            self.mends = w.VBox(layout=w.Layout(align_items="flex-start"))
            self.mends.add_class("ikmplan-mends")
            self.coverage, self.rest = w.HTML(), w.HTML()
            self.older = w.VBox([self.headline, self.coverage, self.rest])
            settings = [
                w.HTML(f"{STYLE}<p><b>{escape(str(views.about(state.first)))}</b></p>"),
                *(
                    widget
                    for text, slider, words in self.fields.values()
                    for widget in (w.HBox([text, slider]), words)
                ),
                w.HBox(list(self.buttons.values()), layout=w.Layout(flex_flow="row wrap")),
                self.name,
                save,
                self.kept,
            ]
        self.badge.add_class("ikmplan-badge")
        left = w.VBox(settings, layout=w.Layout(flex="0 0 310px", margin="0 18px 0 0"))
        left.add_class("ikmplan-settings")
        right = w.VBox(
            [self.badge, self.mends, self.older],
            layout=w.Layout(flex="1 1 0", min_width="0", overflow="visible"),
        )
        self.box = w.HBox([left, right], layout=w.Layout(overflow="visible"))
        self.box.add_class("ikmplan-explore")
        self._show()
        state.observe(self._tell)

    def _button(self, said: str, does: Callable[[], Any]) -> Any:
        button = self.w.Button(description=said, layout=self.w.Layout(width="auto"))
        button.on_click(lambda _button: does())
        return button

    def _field(self, s: Setting) -> tuple[Any, Any, Any]:
        """A text field, a slider, and the value read back in words."""
        label, first = _(s.label), self.state.first
        high = max(s.high, sum(first.fund_amount.values()) / s.scale if s.scale > 1 else 0)
        text = self.w.Text(
            description=label, continuous_update=False, layout=self.w.Layout(width="142px")
        )
        slider = self.w.FloatSlider(
            min=s.low, max=high, step=s.step, readout=False, continuous_update=False,
            tooltip=label, layout=self.w.Layout(flex="1 1 0", width="auto", min_width="0"),
        )  # fmt: skip

        def entered(change: Any) -> None:
            if self._showing == threading.get_ident():  # it was not the planner
                return
            with language(self.state.scenario.language):
                same = change.new == shown(s.value(self.state.now.case))
            if not same or self.state.faults:
                self.state.enter(s.name, change.new)

        def moved(change: Any) -> None:
            if self._showing != threading.get_ident():
                value = round(change.new * s.scale) if s.scale > 1 else round(change.new, 6)
                self.state.change(**{s.name: value})

        text.observe(entered, "value")
        slider.observe(moved, "value")
        return text, slider, self.w.HTML()

    def _place(self, s: Setting, slider: Any) -> float:
        """Where the slider stands for the value there is."""
        return float(min(max(s.value(self.state.now.case) / s.scale, slider.min), slider.max))

    def _save(self) -> None:
        path = self.state.save(self.name.value)
        self._saved = "" if path is None else path.as_posix()
        self._tell()

    # showing -------------------------------------------------------------------------------

    def _tell(self) -> None:
        """Show soon what there is then; many changes at once are shown once."""
        if self._loop is None:
            self._show()
        elif not self._due and not self._loop.is_closed():
            self._due = True
            self._loop.call_soon_threadsafe(self._show)

    def _show(self) -> None:
        self._due = False
        with self._lock, language(self.state.scenario.language):
            self._showing = threading.get_ident()
            try:
                self._show_now(self.state.now)
            finally:
                self._showing = 0

    def _show_now(self, now: Now) -> None:
        self._show_settings(now)
        # by identity: two plans with the same figures are still two plans
        drawn = (now.plan, now.programme, now.none, now.busy and now.plan is not None)
        new = tuple(map(id, drawn)) != tuple(map(id, self._drawn))
        self._drawn = drawn
        if new:
            self._show_mends(now)
        if new and now.plan is not None:
            self._show_plan(now, now.plan)
        # after the picture, so that it never praises another one
        self.badge.value = _badge(now, older=bool(self.headline.value))
        self.older.layout.display = "none" if now.none or now.trouble else ""
        dim = self.older.add_class if now.plan is None else self.older.remove_class
        dim("ikmplan-older")
        if new and now.plan is not None:
            self._show_rest(now, now.plan)

    def _show_settings(self, now: Now) -> None:
        faulty = {(fault.column or "").split(".")[0]: fault for fault in now.faults}
        for s, (text, slider, words) in self.fields.items():
            if s.name not in faulty:
                text.value = shown(s.value(now.case))
                slider.value = self._place(s, slider)
            words.value = _fault(faulty.pop(s.name, None)) or f"<p>{escape(s.said(now.case))}</p>"
        others = "".join(map(_fault, faulty.values()))
        kept = _("Saved: {path}", path=self._saved) if self._saved and not others else ""
        self.kept.value = others or f'<p role="status">{escape(kept)}</p>'
        self.buttons["undo"].disabled = not self.state.past
        self.buttons["redo"].disabled = not self.state.future
        self.buttons["reset"].disabled = now.case.scenario == self.state.first.scenario
        self.buttons["stop"].disabled = not now.busy

    def _show_plan(self, now: Now, plan: Plan) -> None:
        # while the search goes on, the badge says how far it is
        said = str(views.headline(plan, now.case, now.programme, running=now.busy))
        self.headline.value = _in(now.case, f"<p>{escape(said)}</p>")
        self.coverage.value = _in(now.case, charts.coverage(plan, now.case, now.programme).html())

    def _show_rest(self, now: Now, plan: Plan) -> None:
        parts = (
            charts.money(plan, now.case),
            views.summary(plan, now.case, now.programme),
            views.limits(plan, now.case),
        )
        self.rest.value = _in(now.case, "".join(part.html() for part in parts))

    def _show_mends(self, now: Now) -> None:
        """The reasons in words; a button for each mend that is a change of the scenario."""
        widgets: list[Any] = []
        for conflict in now.none.conflicts if now.none else []:
            said, *rest = str(conflict).split("\n")
            widgets.append(self.w.HTML(f"<p>{escape(said)}</p>"))
            changes = {need.mend: need.change for need in conflict.needs if need.mend}
            for line in rest:  # a heading, or a mend behind a dash
                mend = line.removeprefix("  - ")
                change = changes.get(mend)
                if change is None:
                    bullet = "• " if mend in changes else ""
                    widgets.append(self.w.HTML(f"<p>{bullet}{escape(mend)}</p>"))
                else:
                    widgets.append(self._button(mend, partial(self.state.change, **change)))
        self.mends.children = widgets


def _in(case: Case, html: str) -> str:
    """Said to be in the language of the case, for a screen reader's voice."""
    return f'<div lang="{case.scenario.language}">{html}</div>'


def _fault(fault: Fault | None) -> str:
    if fault is None:
        return ""
    value = "" if fault.value is None else f"“{fault.value}” "
    return f'<p class="fault" role="alert">{escape(f"{value}{fault.said} {fault.mend}")}</p>'


def _badge(now: Now, older: bool) -> str:
    """How good the plan that is shown is; never better than what is proven."""
    progress, kind = now.progress, ""
    if now.trouble:
        said, kind = now.trouble, "none"
    elif now.none is not None:
        said, kind = str(now.none).split("\n")[0], "none"
    elif progress is None:
        said = _("Searching. The plan below is an earlier one.") if older else _("Searching.")
    else:
        gap = percent(progress.gap, 2 if progress.gap < 0.01 else 1)
        if now.busy:
            said = _("At most {gap} from the best; the search goes on.", gap=gap)
        elif now.plan is not None and now.plan.proof.status == PROVEN:
            nothing = progress.gap < 5e-5
            kind, better = "sure", _("Proven: no plan is better by more than {gap}.", gap=gap)
            said = _("Proven: no plan is better.") if nothing else better
        else:
            said = _("Stopped early: a better plan may exist, by {gap} at most.", gap=gap)
    return f'<p class="badge {kind}" role="status">{escape(said)}</p>'


# --- the server ---------------------------------------------------------------------------


def serve(params: Path, port: int, browser: bool, ready: Callable[[str], None]) -> None:
    """Show the page on this computer until Ctrl-C; `ready` hears its address.

    Only whoever has the token in the address gets in. Sources are not shown, and the
    page may ask no other computer for anything.
    """
    import webbrowser

    # Python 3.11 asks the system for memory at each call across an edge of its stack, and the
    # command line ends near one: there the import takes 7 s, on a stack of its own 2 s
    importing = threading.Thread(target=import_module, args=("voila.app",))
    importing.start()
    importing.join()
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from tornado.ioloop import IOLoop
    from traitlets.config import Config
    from voila.app import Voila

    class ThisPython(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            # what it logs is not for planners; errors stand on the page
            return KernelSpec(**get_kernel_dict(["--IPKernelApp.log_level=CRITICAL"]))

    os.environ[PARAMS] = str(params.absolute())
    own = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob: ws://127.0.0.1:*"
    config = Config()
    config.Voila.ip, config.Voila.port, config.Voila.open_browser = "127.0.0.1", port, False
    config.Voila.token = token_urlsafe(24)  # not an option, which others see in the process list
    config.Voila.log_level = "ERROR"
    config.Voila.tornado_settings = {
        "headers": {"Content-Security-Policy": own},
        "ws_ping_timeout": 30_000,  # else tornado warns of the length that it has by default
    }
    config.VoilaConfiguration.kernel_spec_manager_class = ThisPython
    config.VoilaExporter.language_code = read_scenario(params).language
    app = Voila.instance(config=config)
    app.initialize([str(find(NOTEBOOK))])

    def listening() -> None:
        address = f"http://{app.ip}:{app.port}/?token={app.token}"
        ready(address)
        if browser:
            webbrowser.open(address)

    IOLoop.current().add_callback(listening)
    app.start()
