"""The work in progress of one browser tab: what a state holds is written after each change.

The planner's page restores the work of its tab; notebooks of ordinary widgets offer the last work.
`notice` is what is to be shown of it: a message, and the (action, label) of its buttons.
"""

from __future__ import annotations

import threading
from secrets import token_hex

from ikmplan.explore import saved_work
from ikmplan.explore.state import State
from ikmplan.text import _, language

Notice = tuple[str, list[tuple[str, str]]]
NO_NOTICE: Notice = ("", [])


class TabWork:
    """Writes and restores the work of a tab; nothing is written before `connect`."""

    def __init__(self, state: State):
        self.notice = NO_NOTICE
        self._state = state
        self._work: saved_work.Work | None = None
        self._earlier: saved_work.Work | None = None
        self._lock = threading.RLock()  # nothing is written between reading and restoring
        self._saver = saved_work.Saver(self._save)

    @property
    def own(self) -> saved_work.Work:
        """The folder of this tab; before `connect` one that no tab knows."""
        if self._work is None:
            self._work = saved_work.Work(token_hex(16))
        return self._work

    def connect(self, key: str, last: str = "") -> None:
        """A tab shows the state: restore its work, or offer that of the tab `last`."""
        if self._work is not None:
            return
        saved_work.forget_old()
        with self._lock:
            self._work = saved_work.Work(key)
            restored = self._restore(self._work.load())
        if restored or not last or last == key:
            return
        self._earlier = saved_work.Work(last)
        earlier = self._earlier.load()
        if earlier is not None and (earlier.session.history.past or earlier.session.pins):
            message = _("Your last work is from {when}.", when=earlier.when)
            self.notice = message, [("continue", _("Go on with it")), ("dismiss", _("No"))]

    def go_on(self) -> None:
        """Continue the work that was offered."""
        if self._earlier is not None:
            with self._lock:
                self.own.copy_from(self._earlier)
                self._restore(self.own.load())

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
