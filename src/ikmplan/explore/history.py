"""The settings before and after those in hand, and all that is kept of a planner's work."""

from __future__ import annotations

from dataclasses import dataclass

from ikmplan.input.scenario import Scenario
from ikmplan.report.names import Pin


@dataclass(frozen=True)
class History:
    """The settings that undo and redo go to, the oldest first; frozen."""

    past: tuple[Scenario, ...] = ()
    future: tuple[Scenario, ...] = ()

    def changed(self, before: Scenario) -> History:
        """After a change of `before`: undo goes back to it, and nothing is left to redo."""
        return History((*self.past, before))

    def undo(self, now: Scenario) -> tuple[Scenario, History]:
        """The settings before `now`, and their history. Raises IndexError if there are none."""
        return self.past[-1], History(self.past[:-1], (now, *self.future))

    def redo(self, now: Scenario) -> tuple[Scenario, History]:
        """The settings that were undone, and their history. Raises IndexError if there are none."""
        return self.future[0], History((*self.past, now), self.future[1:])


@dataclass(frozen=True)
class Session:
    """A planner's work at one moment: `Work.keep` writes it, `State.restore` continues it."""

    scenario: Scenario
    firsts: tuple[Scenario, ...]  # as they were opened, one of each case in the history
    history: History
    pins: tuple[Pin, ...]
