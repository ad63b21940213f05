"""The moves of a planner that change settings or pins: how each is made, and its description.

A browser keeps the last move until a kernel answers it. `MOVES` lists what it keeps: each move
means the same in a kernel that has started since. So a button that proposes a change of settings
(a mend, a step of a way, locks of what is always in) carries it: `panels.change_in_button`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from inspect import signature
from typing import Any, NamedTuple

from ikmplan.explore.fields import FLAG, fields
from ikmplan.explore.panels import decisions_given
from ikmplan.explore.state import State
from ikmplan.input.case import Case
from ikmplan.text import N_, _, language, listing

MOST_CHANGED = 3  # settings and decisions that the description of a move names


class Move(NamedTuple):
    """What makes a move of a state, and the label of its button; "" if it sets a field."""

    make: Callable[..., object]
    label: str = ""


def _change(state: State, change: str) -> bool:
    return state.change(**json.loads(change))


# what a browser sends in `do` -> the move; what else it sends are the parameters of `make`
MOVES = {
    "enter": Move(State.enter),
    "slide": Move(State.slide),
    "check": Move(State.set_field),
    "undo": Move(State.undo, N_("↶ Undo")),
    "redo": Move(State.redo, N_("↷ Redo")),
    "reset": Move(State.reset, N_("Reset")),
    "language": Move(State.set_language, N_("Language")),
    "case": Move(State.open_chosen, N_("Case")),
    "lock": Move(State.add_lock, N_("Add")),
    "limit": Move(State.add, N_("Add the limit")),
    "remove": Move(State.remove, N_("Remove")),
    "remove_all": Move(State.remove_all, N_("Remove all")),
    "pin": Move(State.pin, N_("Pin this plan to compare")),
    "unpin": Move(State.unpin, N_("Remove")),
    "change": Move(_change, N_("Settings")),
}


def make_move(state: State, move: dict[str, Any]) -> str:
    """Make a move, and return its description in the language of the state.

    It is empty if nothing comes of the move: it is none of `MOVES`, sets a field that the case has
    not, or finds nothing to undo or to remove."""
    given = dict(move)
    do = given.pop("do", "")
    if do not in MOVES:
        return ""
    before, case = state.session, state.now.case
    if not MOVES[do].label and given.get("name") not in _names(state):
        return ""
    try:
        signature(MOVES[do].make).bind(state, **given)
    except TypeError:  # nothing was chosen in the list that the move reads
        return ""
    MOVES[do].make(state, **given)
    if state.session == before and not state.now.faults and not state.pending_actions:
        return ""
    with language(state.scenario.language):
        if MOVES[do].label:
            parts = [_(MOVES[do].label), _subject(state, case, given)]
        else:
            parts = [*_field(state, given)]
        return ": ".join(filter(None, parts))


def _names(state: State) -> list[str]:
    return [f.name for f in fields(state.now.case, state.first_case)]


def _field(state: State, given: dict[str, Any]) -> tuple[str, str]:
    """The label of the field that was set, and its value."""
    listed = fields(state.now.case, state.first_case)
    (f,) = (f for f in listed if f.name == given["name"])
    value = f.words.removeprefix("= ")
    if state.now.faults or f.kind == FLAG:
        value = given["text"] if "text" in given else _("yes") if f.value else _("no")
    return f.label, value


def _subject(state: State, before: Case, given: dict[str, Any]) -> str:
    """What a move changed: settings, and decisions that are more or less; or what it was given."""
    after, first = state.now.case, state.first_case
    if after.tables is not before.tables:
        return str(after.scenario.name or after.scenario.data)
    old = {f.name: f.value for f in fields(before, first)}
    named = [f.label for f in fields(after, first) if old.get(f.name) != f.value]
    given_before, given_after = decisions_given(before), decisions_given(after)
    differ = {*given_before} ^ {*given_after}
    named += [words for row in (*given_before, *given_after) if row in differ for words in row[2:]]
    if not named:
        named = [str(given[key]) for key in ("letter", "text", "count") if key in given]
    more = [_("{n} more", n=len(named) - MOST_CHANGED)] if len(named) > MOST_CHANGED else []
    return listing([*named[:MOST_CHANGED], *more])
