"""What of the plan stays if numbers turn out otherwise, on the planner's page.

The scenario is planned again for a number of draws when the planner asks for it: it takes up to a
minute, in processes of its own. What is always in can then become locks at once; undo takes them
back. The page calls the methods and shows `html`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from markupsafe import Markup

from ikmplan.explore.snapshot import Snapshot
from ikmplan.explore.state import State
from ikmplan.input.case import Case
from ikmplan.model.highs import Abandoned, Stop
from ikmplan.plan.plan import Plan
from ikmplan.report.names import ruling
from ikmplan.show.html import render
from ikmplan.text import _, language, listing, number
from ikmplan.uncertainty.answers import Uncertainty, stays_alone
from ikmplan.uncertainty.tables import core_cost_words, what_stays

PAGE_DRAWS = 40  # where the scenario states none
MOST_KEPT = 20  # cases whose answers are kept, for undo


class StableCore:
    """The decisions that are always in, for the settings in hand; other settings end the work."""

    def __init__(self, state: State, on_change: Callable[[], None]):
        self._state, self._on_change = state, on_change
        self._found: dict[str, Uncertainty] = {}  # by the fingerprint of the case
        self._asked = ""  # the fingerprint of the case that is being worked on
        self._stop = Stop()
        self._planned = 0  # draws that are planned again already
        self._error_text = ""
        state.on_change(self._end_if_settings_changed)

    def work_out(self) -> None:
        """Plan the draws again, in a thread, for the plan in hand."""
        now = self._state.now
        if now.plan is None or now.busy or self._asked:
            return
        self._asked, self._stop, self._planned = now.case.fingerprint, Stop(), 0
        self._error_text = ""
        work = self._work, (now.plan, now.case, self._stop)
        threading.Thread(target=work[0], args=work[1], daemon=True).start()

    def end(self) -> None:
        """Give the work up."""
        self._stop.abandon()

    def take(self) -> None:
        """The core becomes locks of the scenario, in one step of the history."""
        locks = self._locks(self._state.now.case)
        if locks:
            self._state.change(locks=(*self._state.scenario.locks, *locks))

    def _locks(self, case: Case) -> list[str]:
        found = self._found.get(case.fingerprint)
        return [] if found is None else [*map(str, found.core["lock"])]

    def _end_if_settings_changed(self) -> None:
        if self._asked and self._asked != self._state.now.case.fingerprint:
            self._stop.abandon()

    def _work(self, plan: Plan, case: Case, stop: Stop) -> None:
        def progress(done: int, _of: int) -> None:
            if stop.is_set():
                raise Abandoned
            self._planned = done
            self._on_change()

        with language(case.scenario.language):
            try:
                found = stays_alone(plan, case, _count(case), on_progress=progress, stop=stop)
                self._found[case.fingerprint] = found
                while len(self._found) > MOST_KEPT:
                    del self._found[next(iter(self._found))]
            except Abandoned:
                pass
            except Exception as error:  # the page shows it and can be used further
                self._error_text = str(error) or type(error).__name__
        self._asked = ""
        self._on_change()

    def html(self, now: Snapshot) -> Markup:
        """What is known for the settings in hand, and the button for the next step."""
        if now.plan is None:
            return Markup("")
        of = number(_count(now.case))
        action, label, spoken, off = "core", _("Find what stays in"), "", now.busy
        found = self._found.get(now.case.fingerprint)
        if found is not None:
            sentences, locks = [*what_stays(found, now.case)], self._locks(now.case)
            action, label = "take_core", _("Lock what is always in ({n})", n=number(len(locks)))
            named = listing([ruling(now.case, lock) for lock in locks])
            spoken, off = f"{label}: {named}; {core_cost_words(found)}", not locks
            if not locks:
                sentences.append(_("Nothing more is in nearly every case's best plan."))
        elif self._asked == now.case.fingerprint:
            action, label, off = "end_core", _("Stop planning again"), False
            done = number(self._planned)
            sentences = [_("{done} of {n} cases are planned again …", done=done, n=of)]
        else:
            explained = _(
                "Which decisions stay in whatever comes is found by planning {n} cases again, each "
                "with other numbers within their ranges. It may take a minute or two.",
                n=of,
            )
            sentences = [explained, *filter(None, [self._error_text])]
        return render(
            "planner/stays",
            title=_("If the numbers turn out otherwise"),
            sentences=sentences,
            action=action,
            label=label,
            spoken=spoken,
            off=off,
        )


def _count(case: Case) -> int:
    return case.scenario.draws or PAGE_DRAWS
