"""How notebooks follow the state: current traits, whose observers run in the event loop.

`LiveSearch` calls its listeners in the thread that made a change. Widgets and a notebook's own
functions (`observe`, `dlink`, `interactive_output`) expect the thread of the kernel's event loop.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import traitlets

_T = TypeVar("_T")


class InLoop:
    """Calls an action soon in the event loop that runs now; many calls at once become one.

    The action runs in the context that made this, that of a cell, also where another thread calls.
    Without one, as in a search's thread, the kernel takes the message that it received last for the
    cause of what is sent. ipykernel 7.4 delivers what a widget's page sends next to the subshell of
    that message, which may have been deleted: then the page has no answer any more.

    Where no loop runs (in scripts and tests) each call is the action itself, one at a time: a
    search calls from its thread while the program changes something in another."""

    _one_at_a_time = threading.RLock()  # of all: an action may cause others

    def __init__(self, action: Callable[[], None]):
        self._action, self._due = action, False
        self._context = contextvars.copy_context()
        self._thread = threading.get_ident()
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None

    @property
    def in_its_thread(self) -> bool:
        return threading.get_ident() == self._thread

    def __call__(self) -> None:
        if self._loop is None:
            with self._one_at_a_time:
                self._action()
        elif not self._due and not self._loop.is_closed():
            self._due = True
            self._loop.call_soon_threadsafe(self._run, context=self._context)

    def _run(self) -> None:
        self._due = False
        self._action()


class Derived(traitlets.TraitType[_T, _T]):
    """A trait whose value is read each time from its owner, by `read`; it cannot be set.

    `notify_changes` calls its observers."""

    def __init__(self, read: Callable[[Any], _T], about: str):
        super().__init__(read_only=True, allow_none=True, help=about)
        self._read = read

    def get(self, obj: traitlets.HasTraits, cls: Any = None) -> _T:
        return self._read(obj)


def notify_changes(owner: traitlets.HasTraits, reported: dict[str, Any]) -> None:
    """Call observers of each `Derived` trait that differs from `reported`, which is updated."""
    for name, trait in owner.traits().items():
        if not isinstance(trait, Derived):
            continue
        new, old = getattr(owner, name), reported.get(name)
        reported[name] = new
        if new is not old and not (isinstance(new, str | float) and new == old):
            change = {"name": name, "old": old, "new": new, "owner": owner, "type": "change"}
            owner.notify_change(traitlets.Bunch(change))
