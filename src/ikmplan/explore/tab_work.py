"""The work in progress of one browser tab: what a state holds is written after each change.

The planner's page restores the work of its tab; notebooks of ordinary widgets offer the last work.
The browser keeps the last move until a kernel answers it: if none did, it belongs to that work.
`notice` is what is to be shown of it: a message, and the (action, label) of its buttons.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from secrets import token_hex
from typing import Any

from ikmplan.explore import saved_work
from ikmplan.explore.fields import FLAG, fields
from ikmplan.explore.state import State
from ikmplan.text import _, language

Notice = tuple[str, list[tuple[str, str]]]
NO_NOTICE: Notice = ("", [])
# a move as the browser sends it: one of these in `do`, the name of a field, its text or value
MOVES: dict[str, Callable[..., bool]] = {
    "enter": State.enter,
    "slide": State.slide,
    "check": State.set_field,
}


class TabWork:
    """Writes and restores the work of a tab; nothing is written before `connect`."""

    def __init__(self, state: State):
        self.notice = NO_NOTICE
        self._state = state
        self._work: saved_work.Work | None = None
        self._earlier: saved_work.Work | None = None
        self._offered_move: dict[str, Any] | None = None
        self._lock = threading.RLock()  # nothing is written between reading and restoring
        self._saver = saved_work.Saver(self._save)

    @property
    def own(self) -> saved_work.Work:
        """The folder of this tab; before `connect` one that no tab has."""
        if self._work is None:
            self._work = saved_work.Work(token_hex(16))
        return self._work

    def connect(
        self, key: str, last: str = "", move: dict[str, Any] | None = None, offer: bool = False
    ) -> None:
        """A tab shows the state: restore its work, or offer that of the tab `last`.

        `move` is one that no kernel answered: it is made, or if `offer` it is offered with the
        work of `last`, unless the state is that in which it was to be made."""
        if self._work is None:
            saved_work.forget_old()
            with self._lock:
                self._work = saved_work.Work(key)
                restored = self._restore(self._work.load())
            if not restored and last and last != key:
                self._offer(saved_work.Work(last), move if offer else None)
                if offer:
                    return
        if move:
            self._make(move)

    def _offer(self, earlier: saved_work.Work, move: dict[str, Any] | None) -> None:
        saved, message = earlier.load(), ""
        if saved is not None and (saved.session.history.past or saved.session.pins):
            self._earlier = earlier
            message = _("Your last work is from {when}.", when=saved.when)
        if move:
            self._offered_move = move
            message += " " + _("Your last change, which had no answer, is kept.")
        if message:
            buttons = [("continue", _("Go on with it")), ("dismiss", _("No"))]
            self.notice = message.strip(), buttons

    def go_on(self) -> None:
        """Continue the work that was offered, with its last move."""
        if self._earlier is not None:
            with self._lock:
                self.own.copy_from(self._earlier)
                self._restore(self.own.load())
        if self._offered_move is not None:
            if self._earlier is None:
                self.close_notice()
            self._make(self._offered_move)
            self._offered_move = None

    def _make(self, move: dict[str, Any]) -> None:
        """Make a kept move and name it in the notice; none for a field that this case has not."""
        given = dict(move)
        act, name = MOVES.get(given.pop("do", "")), given.get("name")
        state = self._state
        if act is None or name not in [f.name for f in fields(state.now.case, state.first_case)]:
            return
        act(state, **given)
        case, before = state.now.case, self.notice[0]
        with language(case.scenario.language):
            (f,) = (f for f in fields(case, state.first_case) if f.name == name)
            value = f.words.removeprefix("= ")
            if state.now.faults or f.kind == FLAG:
                value = given["text"] if "text" in given else _("yes") if f.value else _("no")
            message = _("Your last change is kept: {field}: {value}.", field=f.label, value=value)
            buttons = self.notice[1] or [("dismiss", _("Close"))]
        self.notice = f"{before} {message}".strip(), buttons

    def start_over(self) -> None:
        self.close_notice()
        self._state.reset()

    def close_notice(self) -> None:
        self.notice = NO_NOTICE

    def changed(self) -> None:
        """Write the work soon, if it differs from what was written last."""
        if self._work is not None:
            self._saver.due(self._state.session)

    def _restore(self, saved: saved_work.Saved | None) -> bool:
        """Continue saved work; False if there is none."""
        if saved is None:
            return False
        session = saved.session
        used = session.history.past or session.history.future or session.pins
        if self._state.restore(session) and used:
            with language(session.scenario.language):  # it may differ from the language before
                message = _("Your work from {when} is back.", when=saved.when)
                buttons = [("start_over", _("Start again")), ("dismiss", _("Close"))]
                self.notice = message, buttons
        return True

    def _save(self) -> None:
        with self._lock:
            self.own.keep(self._state.session)
