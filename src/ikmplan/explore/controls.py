"""The settings of a scenario as ordinary ipywidgets, joined to a state.

`controls(state)` is a box: `controls.texts["budget"].value` is what is typed (2,5 miliar),
`controls.sliders["budget"].value` the number, `controls.boxes["users_trained"].value` yes or no,
`controls.locks.options` the locks and exclusions, `controls.pins.options` the pinned plans,
`controls.case.value` the case or saved scenario. What is changed here or elsewhere, by another
widget, by the page or by `state.change(...)`, is shown in all of them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from secrets import token_hex
from typing import Any

import anywidget
import ipywidgets as widgets
import traitlets
from markupsafe import Markup

from ikmplan.explore import saved_work
from ikmplan.explore.fields import FLAG, GROUPS, Field, fields
from ikmplan.explore.moves import MOVES
from ikmplan.explore.observable import InLoop
from ikmplan.explore.panels import (
    GIVEN_LISTS,
    LANGUAGE_NAMES,
    MOST_FAULTS,
    OPEN_GROUPS,
    SIGN_NAMES,
    badge,
    case_choices,
    decisions_given,
    fault_text,
    faults_elsewhere,
    limit_example,
)
from ikmplan.explore.plan_panels import pin_button, pin_words
from ikmplan.explore.plan_pictures import BROWSER, STILLS
from ikmplan.explore.snapshot import Snapshot
from ikmplan.explore.state import State
from ikmplan.explore.tab_work import NO_NOTICE, TabWork
from ikmplan.input.case import Case
from ikmplan.report.names import in_words
from ikmplan.show.html import element, join_html
from ikmplan.show.table import table
from ikmplan.text import _, language

LABEL = {"description_width": "initial"}
WRAP = {"flex_flow": "row wrap", "align_items": "flex-end"}


class Keys(anywidget.AnyWidget):
    """Leaves the keys to the widgets of the notebook, names the sliders, reports a lost kernel."""

    _esm = "\n".join(
        (BROWSER / name).read_text("utf-8")
        for name in ("keys.js", "focus.js", "line.js", "controls.js")
    )
    _css = BROWSER / "controls.css"
    lost = traitlets.Unicode().tag(sync=True)  # the sentence that is shown then
    key = traitlets.Unicode().tag(sync=True)  # of the work, as soon as something was changed
    moves = traitlets.List([*MOVES]).tag(sync=True)  # that are kept until a kernel answers them
    given = traitlets.Dict().tag(sync=True)  # id of a widget -> the move it makes, see `_moves`


class Controls(widgets.VBox):  # type: ignore[misc]
    """Fields, check boxes, lists of locks and buttons; `show` gives them the values in hand."""

    def __init__(self, state: State):
        super().__init__()
        self.add_class("ikmplan-controls")
        self._state = state
        self._filling = threading.local()  # set while a thread gives widgets their values
        self._made_from: tuple[Any, ...] = ()
        self._work, self._key = TabWork(state), token_hex(16)
        self.texts: dict[str, Any] = {}
        self.sliders: dict[str, Any] = {}
        self.boxes: dict[str, Any] = {}
        self.words: dict[str, Any] = {}
        self._keys = Keys()
        self._keys.on_msg(self._connect)
        self.show()
        self._show_soon = InLoop(self.show)
        state.on_change(self._show_soon)

    def show(self) -> None:
        """The values of the state; other fields where the case or the language is another."""
        now = self._state.now
        with language(now.case.scenario.language):
            listed = fields(now.case, self._state.first_case)
            made_from = (now.case.scenario.language, now.case.tables, [f.name for f in listed])
            before, self._filling.now = getattr(self._filling, "now", False), True
            try:
                if made_from != self._made_from:
                    self._make(now.case, listed)
                    self._made_from = made_from
                self._fill(now, listed)
            finally:
                self._filling.now = before

    def _connect(self, keys: Keys, content: dict[str, Any], _buffers: Any) -> None:
        """A browser shows the widgets: the last work is offered. Later it asks for an answer."""
        keys.send({"do": "received", "sent": content.get("sent")})
        before = self._work.notice
        with language(self._state.scenario.language):
            last = content.get("last", "")
            self._work.connect(self._key, last, content.get("move"), offer=True)
        if self._work.notice is not before:
            self._show_soon()

    # making ------------------------------------------------------------------------------

    def _make(self, case: Case, listed: Sequence[Field]) -> None:
        state = self._state
        self.status = widgets.HTML()
        self.stop = _button(_("Stop"), state.stop)
        self.case = widgets.Dropdown(description=_("Case"), style=LABEL)
        self._when_chosen(self.case, self._open)
        self.upload = widgets.FileUpload(
            accept=".xlsx,.xlsm", description=_("Upload Excel …"), layout={"width": "auto"}
        )
        self._when_chosen(self.upload, self._open_upload)
        self.note, self.offers = widgets.HTML(), widgets.HBox(layout=WRAP)
        self._offered = NO_NOTICE
        self._keys.lost = _(
            "The connection to ikmplan is lost. Your work and your last move are kept: run all "
            "cells again, then choose “Go on with it”."
        )
        self.pin = _button("", state.pin)
        self.pins = widgets.Select(description=_("Pinned plans"), rows=3, style=LABEL)
        self.unpin = _button(_("Remove"), self._unpin)
        self.undo = _button(_("↶ Undo"), state.undo)
        self.redo = _button(_("↷ Redo"), state.redo)
        self.reset = _button(_("Reset"), state.reset)
        self.language = widgets.Dropdown(
            description=_("Language"),
            options=[(name, code) for code, name in LANGUAGE_NAMES.items()],
            style=LABEL,
        )
        self._when_chosen(self.language, state.set_language)
        groups = {group: widgets.VBox(self._rows(listed, group)) for group in GROUPS}
        groups["locks"] = widgets.VBox(self._locks(case))
        folded = [name for name in groups if name not in OPEN_GROUPS]
        titles = [_(GROUPS[name]) if name in GROUPS else _("Decisions") for name in folded]
        self.children = (
            self._keys,
            self.status,
            self.note,
            self.offers,
            widgets.HBox([self.case, self.upload], layout=WRAP),
            widgets.HBox([self.stop, self.undo, self.redo, self.reset, self.language], layout=WRAP),
            *(groups[name] for name in OPEN_GROUPS),
            widgets.HBox([self.pins, self.pin, self.unpin], layout=WRAP),
            widgets.Accordion([groups[name] for name in folded], titles=titles),
        )

    def _rows(self, listed: Sequence[Field], group: str) -> list[Any]:
        return [self._row(f) for f in listed if f.group == group]

    def _row(self, f: Field) -> Any:
        state = self._state
        words = self.words[f.name] = widgets.HTML()
        words.add_class("ikmplan-words")
        if f.kind == FLAG:
            box = self.boxes[f.name] = widgets.Checkbox(description=f.label, style=LABEL)
            self._when_chosen(box, lambda value: state.set_field(f.name, value))
            return widgets.VBox([box, words])
        text = self.texts[f.name] = widgets.Text(
            description=f.label, continuous_update=False, style=LABEL
        )
        slider = self.sliders[f.name] = widgets.FloatSlider(
            min=f.low, max=f.high, step=f.step, readout=False, continuous_update=False,
            layout={"flex": "1 1 12em", "width": "auto"},
        )  # fmt: skip
        self._when_chosen(text, lambda value: state.enter(f.name, value))
        self._when_chosen(slider, lambda value: state.slide(f.name, value))
        row = widgets.VBox([widgets.HBox([text, slider], layout=WRAP), words])
        row.add_class("ikmplan-field")
        return row

    def _locks(self, case: Case) -> list[Any]:
        """The list of what is given, and a form to add to it."""
        self.locks = widgets.Select(description=_("Given"), rows=4, style=LABEL)
        self.remove = _button(_("Remove"), self._remove)
        self.lock_fault = widgets.HTML()
        items = [(row.name, p) for p, row in case.courses.items()]
        items += [(row.name, e) for e, row in case.equipment.items()]
        items += [(row.name, o) for o, row in case.openings.items()] + [(_("Anything"), "")]
        places = [(_("All clusters together"), ""), *((case.name(c), c) for c in case.clusters)]
        signs = [(_(label), sign) for sign, label in SIGN_NAMES.items()]
        self.item, self.cluster, self.sign = (
            widgets.Dropdown(options=options, description=label, style=LABEL)
            for options, label in (
                (items, _("Course or machine")),
                (places, _("Where")),
                (signs, _("How many")),
            )
        )
        self.count = widgets.Text(value="1", description=_("Number"), style=LABEL)
        self.add = _button(_("Add"), self._add)
        self.limit = widgets.Text(
            placeholder=_("For example: {limit}", limit=limit_example(case)),
            description=_("Limit of your own"),
            style=LABEL,
        )
        self.limit.add_class("ikmplan-limit")
        self.add_limit = _button(_("Add the limit"), self._add_limit)
        form = [self.item, self.cluster, self.sign, self.count, self.add]
        form += [self.limit, self.add_limit]
        return [self.locks, self.remove, *form, self.lock_fault]

    def _open(self, value: str) -> None:
        if value is not None and not self._state.open_chosen(value):
            self._show_soon()  # the case in hand again

    def _open_upload(self, files: Sequence[Any]) -> None:
        for file in files:
            content = bytes(file["content"])
            saved_work.open_upload(self._state, self._work.own, file["name"], content)
        self.upload.value = ()  # the same file can be chosen again once it is mended

    def _unpin(self) -> None:
        if self.pins.value is not None:
            self._state.unpin(self.pins.value)

    def _when_chosen(self, widget: Any, act: Callable[[Any], Any]) -> None:
        """Call `act` with a value that the planner gives, not with one that `show` sets."""

        def chosen(change: Any) -> None:
            if not getattr(self._filling, "now", False):
                act(change.new)

        widget.observe(chosen, "value")

    def _add(self) -> None:
        chosen = self.item.value, self.cluster.value, self.sign.value
        self._state.add_lock(*chosen, self.count.value)

    def _add_limit(self) -> None:
        if self._state.add("limits", self.limit.value.strip()):
            self.limit.value = ""

    def _remove(self) -> None:
        if self.locks.value is not None:
            self._state.remove(*self.locks.value)

    def _moves(self) -> dict[str, dict[str, Any]]:
        """The move that each widget makes, by its id; the browser reads the parts `{"of": id}`."""
        fields_of = (
            ("enter", "text", self.texts),
            ("slide", "value", self.sliders),
            ("check", "value", self.boxes),
        )
        made: dict[Any, dict[str, Any]] = {
            widget: {"do": do, "name": name, key: _read(widget)}
            for do, key, widgets_of in fields_of
            for name, widget in widgets_of.items()
        }
        form = {"item": self.item, "cluster": self.cluster, "sign": self.sign, "count": self.count}
        made |= {
            self.case: {"do": "case", "value": _read(self.case)},
            self.language: {"do": "language", "value": _read(self.language)},
            self.undo: {"do": "undo"},
            self.redo: {"do": "redo"},
            self.reset: {"do": "reset"},
            self.pin: {"do": "pin"},
            self.unpin: {"do": "unpin", "letter": _read(self.pins)},
            self.remove: {
                "do": "remove", "name": _read(self.locks, 0), "text": _read(self.locks, 1),
            },
            self.add: {"do": "lock", **{key: _read(widget) for key, widget in form.items()}},
            self.add_limit: {"do": "limit", "name": "limits", "text": _read(self.limit)},
        }  # fmt: skip
        return {widget.model_id: move for widget, move in made.items()}

    # filling -----------------------------------------------------------------------------

    def _fill(self, now: Snapshot, listed: Sequence[Field]) -> None:
        scenario, history = now.case.scenario, self._state.history
        self.status.value = badge(now, False)
        self.language.value = scenario.language
        self.stop.disabled = not now.busy
        self.undo.disabled, self.redo.disabled = not history.past, not history.future
        self.reset.disabled = not self._state.changed
        if history.past or self._state.pins:
            self._keys.key = self._key
        self._work.changed()
        self._fill_case(now, listed)
        self._fill_pins(now)
        faults = {fault.column: fault_text(fault) for fault in now.faults}
        for f in listed:
            fault = faults.get(f.name) or faults.get(f.name.partition(".")[0], "")
            if f.kind == FLAG:
                self.boxes[f.name].value = bool(f.value)
            else:
                if not fault:  # what is typed wrongly stays, to be mended
                    self.texts[f.name].value = f.shown
                self.sliders[f.name].value = f.place
            self.words[f.name].value = _words(f.words, fault)  # last: who sees them sees all
        self._fill_locks(now, faults)
        self._keys.given = self._moves()

    def _fill_case(self, now: Snapshot, listed: Sequence[Field]) -> None:
        shown, files = case_choices(now.case, saved_work.cases(), saved_work.scenarios())
        options = [(label, value) for value, label in shown]
        options += [(f"{label}.yaml", value) for value, label in files]  # no case's name
        if tuple(options) != self.case.options:
            self.case.options = options
        chosen = self._state.chosen  # a file that has been removed since is no choice any more
        known = {value for _label, value in options}
        self.case.value = chosen if chosen in known else f"case:{now.case.scenario.data}"
        wrong = faults_elsewhere(listed, now.faults)
        texts = [_words("", str(fault)) for fault in wrong[:MOST_FAULTS]]
        message, buttons = self._work.notice
        texts += [_words(message, "")] if message else []
        self.note.value = join_html(element("p", text) for text in texts)
        if self._offered is not self._work.notice:
            self._offered = self._work.notice
            self.offers.children = [_button(label, self._acts(do)) for do, label in buttons]

    def _acts(self, do: str) -> Callable[[], None]:
        """What a button of the notice does."""
        work = self._work
        acts = {"continue": work.go_on, "start_over": work.start_over, "dismiss": work.close_notice}

        def act() -> None:
            acts[do]()
            self._show_soon()

        return act

    def _fill_pins(self, now: Snapshot) -> None:
        state = self._state
        pinned = state.pins_of(now.case)
        pending = "pin" in state.pending_actions
        self.pin.description, self.pin.disabled = pin_button(now, pinned, state.pinned, pending)
        _set_options(self.pins, [(f"{p.letter}: {pin_words(p)}", p.letter) for p in pinned])
        self.unpin.disabled = not pinned

    def _fill_locks(self, now: Snapshot, faults: dict[str | None, str]) -> None:
        case = now.case
        options = [(words, (name, text)) for name, text, words in decisions_given(case)]
        _set_options(self.locks, options)
        self.remove.disabled = not options
        wrong = [in_words(case, faults[name]) for name in GIVEN_LISTS if name in faults]
        self.lock_fault.value = join_html(_words("", text) for text in wrong)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The widgets, and for readers without a kernel a table of the settings."""
        bundle, now = super()._repr_mimebundle_(**options), self._state.now
        with language(now.case.scenario.language):
            settings = table(
                _("Settings"),
                [f for f in fields(now.case, self._state.first_case) if f.kind != FLAG],
                (_("Field"), lambda f: f.label),
                (_("Value"), lambda f: f.shown),
                (_("What it means"), lambda f: f.words.removeprefix("= ")),
            )
            html = settings._repr_html_()
        if os.environ.get(STILLS):
            return {"text/plain": "Controls()", "text/html": html}
        return {**bundle, "text/plain": "Controls()", "text/html": html}


def _set_options(box: Any, options: Sequence[tuple[str, Any]]) -> None:
    """Other options for a list; what is chosen stays chosen if it is still there."""
    if tuple(options) != box.options:
        chosen = box.value
        box.options = options
        box.value = chosen if chosen in [value for _label, value in options] else None


def _read(widget: Any, part: int | None = None) -> dict[str, Any]:
    """How the browser reads a widget: its value, or of a list the value (or its part) chosen."""
    if not hasattr(widget, "options"):
        return {"of": widget.model_id}
    values = [value if part is None else value[part] for _label, value in widget.options]
    return {"of": widget.model_id, "values": values}


def _button(label: str, act: Callable[[], Any]) -> Any:
    button = widgets.Button(description=label, layout={"width": "auto"})
    button.add_class(f"ikmplan-move-{button.model_id}")
    button.on_click(lambda _button: act())
    return button


def _words(words: str, fault: str) -> Markup:
    if fault:
        return element("span", fault, role="alert", style="color:#b3261e;font-weight:600")
    return element("span", words)


def controls(state: State) -> Controls:
    """Ordinary widgets for the settings of the state."""
    return Controls(state)
