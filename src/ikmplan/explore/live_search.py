"""The search of the planner's page, in threads: always for the settings that were set last.

For a case it finds first a plan (from the plan before), then the proof, then what each lock costs.
What it finds becomes the next `Snapshot`, and listeners are called. New settings cancel the
search, and its results are dropped. There are two threads, so that the next search can begin
while the cancelled one is ending.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import traitlets

from ikmplan.explore.observable import Derived, InLoop, notify_changes
from ikmplan.explore.snapshot import Snapshot
from ikmplan.faults import Fault
from ikmplan.input.case import Case
from ikmplan.input.scenario import Scenario
from ikmplan.insight.baselines import announced
from ikmplan.insight.demands import changed
from ikmplan.insight.gains import at_least, gain, question_gap, worth
from ikmplan.model.conflicts import Conflict, NoPlan
from ikmplan.model.highs import Abandoned, Stop
from ikmplan.model.search import HIGHS, ask, solve
from ikmplan.plan.plan import PROVEN, Plan
from ikmplan.text import language

MOST_ANSWERS = 100  # kept for settings seen before


@dataclass(eq=False)
class _Search:
    """One search of one case; its results are dropped when another replaces it."""

    case: Case
    halted: bool = False  # by the planner, with the best plan so far
    stop: Stop = field(default_factory=Stop)


class LiveSearch(traitlets.HasTraits):
    """A case and what is known of its plan. Safe from any thread.

    Its traits are those of the snapshot in hand; their observers are called in the event loop."""

    scenario = Derived[Scenario](lambda search: search.now.case.scenario, "the settings in hand")
    plan = Derived[Plan | None](lambda search: search.now.plan, "the best plan so far; None before")
    status = Derived[str](lambda search: search.now.status, "how far the search is")
    gap = Derived[float | None](lambda search: search.now.gap, "from the best at most, a share")

    def __init__(self, case: Case):
        """Starts the search for `case`."""
        self._lock = threading.RLock()
        self._wake = threading.Condition(self._lock)
        self._listeners: list[Callable[[], None]] = []
        self._reported: dict[str, Any] = {}  # trait -> the value that its observers have
        self._notify_changes = InLoop(lambda: notify_changes(self, self._reported))
        self._idle = threading.Event()
        self._answers: dict[str, Snapshot] = {}  # by the fingerprint of the case
        self._programmes: dict[str, Plan | None] = {}
        self._latest: Plan | None = None  # the start of the next search
        self._search: _Search | None = None
        self._waiting: _Search | None = None
        self._closed = False
        # called as soon as the settings in hand have a plan
        self.pending_actions: dict[str, Callable[[Snapshot], None]] = {}
        self._now = Snapshot(case)
        self._threads = [threading.Thread(target=self._search_loop, daemon=True) for _n in range(2)]
        for thread in self._threads:
            thread.start()
        self._start_search(case)

    @property
    def now(self) -> Snapshot:
        return self._now

    def on_change(self, listener: Callable[[], None]) -> None:
        """`listener` is called after every change, in the thread that made it."""
        self._listeners.append(listener)

    def wait(self, seconds: float, costs: bool = False) -> bool:
        """Whether the plan is proven or stopped (and the costs are known) within `seconds`."""
        if not costs:
            return self._idle.wait(seconds)
        with self._wake:
            return self._wake.wait_for(lambda: self._search is None, seconds)

    def wait_for_plan(self, seconds: float) -> Plan | None:
        """The first plan of the settings in hand; None if there is none within `seconds`."""
        with self._wake:
            self._wake.wait_for(lambda: self.plan or not self._now.plan_possible, seconds)
            return self.plan

    def stop(self) -> None:
        """End the search with the best plan so far."""
        with self._lock:
            if self._search is not None and self._now.busy:
                self._search.halted = True
                self._search.stop.set()

    def with_plan(self, name: str, action: Callable[[Snapshot], None]) -> None:
        """Call `action` with the snapshot of the settings in hand as soon as they have a plan.

        It is never called if the settings change first or have no plan."""
        with self._lock:
            now = self._now
            if now.plan is None and now.plan_possible:
                self.pending_actions = {**self.pending_actions, name: action}
        if now.plan is not None:
            action(now)
        self.notify()

    def show_faults(self, faults: list[Fault]) -> None:
        """Faults of a file or workbook, to be shown; nothing else changes."""
        with self._lock:
            self._now = replace(self._now, faults=tuple(faults))
        self.notify()

    def close(self) -> None:
        """Cancel the search and call no observer any more."""
        with self._wake:
            self._listeners.clear()
            self.unobserve_all()
            self._closed = True
            self._cancel()
            self._idle.set()
            self._wake.notify_all()
        for thread in self._threads:
            thread.join(2)

    def _cancel(self) -> None:
        if self._search is not None:
            self._search.stop.abandon()
        self._search = self._waiting = None

    def _start_search(self, case: Case) -> None:
        """Take what is known of the case, and search for the rest."""
        with self._wake:
            self._cancel()
            known = self._answers.get(case.fingerprint, Snapshot(case))
            if known.none is not None and known.case.scenario.language != case.scenario.language:
                known = Snapshot(case)  # its reasons are texts in the other language
            self._now = replace(known, case=case, faults=())
            self.pending_actions = {}
            if known.busy or self._now.unpriced:
                self._search = self._waiting = _Search(case)
                self._wake.notify_all()
            if known.busy:
                self._idle.clear()
            else:
                self._idle.set()

    def _search_loop(self) -> None:
        """What each thread runs: the search that was started last, and then the next."""
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._closed or self._waiting is not None)
                search, self._waiting = self._waiting, None
                if self._closed or search is None:
                    return
            with language(search.case.scenario.language):
                self._run(search)
            with self._wake:
                if self._search is search:
                    self._search = None
                self._wake.notify_all()

    def _publish(self, search: _Search, **found: Any) -> None:
        """Put what a search found into `now`. Raises `Abandoned` if another has replaced it."""
        with self._lock:
            if self._search is not search:
                raise Abandoned
            self._now = now = replace(self._now, **found)
            if now.plan is not None:
                self._latest = now.plan
            self._wake.notify_all()
            actions: dict[str, Callable[[Snapshot], None]] = {}
            if now.plan is not None or not now.plan_possible:
                actions, self.pending_actions = self.pending_actions, {}
            if not now.stopped and not now.error_text:
                self._answers[search.case.fingerprint] = now
                while len(self._answers) > MOST_ANSWERS:
                    del self._answers[next(iter(self._answers))]
        for action in actions.values():
            if now.plan is not None:
                action(now)
        self.notify()
        with self._lock:
            if self._search is search and not self._now.busy:
                self._idle.set()  # only now: `wait` returns after all listeners were called

    def notify(self) -> None:
        """Call every listener, and the observers of what has changed."""
        for listener in tuple(self._listeners):
            listener()
        self._notify_changes()

    def _run(self, search: _Search) -> None:
        try:
            if self._now.busy:
                self._solve(search)
            if not search.halted:
                self._cost_of_locks(search)
        except Abandoned:
            return
        except Exception as error:  # the page shows it and can be used further
            message = str(error) or type(error).__name__
            with suppress(Abandoned):
                self._publish(search, error_text=message, plan=None, busy=False)

    def _solve(self, search: _Search) -> None:
        """A first plan, the announced programme, then the proof."""
        case, s = search.case, search.case.scenario
        key = repr((s.data, s.price_factor, s.courses_per_unit, s.equipment_per_unit))

        def better(_value: float, bound: float) -> None:
            if bound < self._now.bound:
                self._publish(search, bound=bound)

        def found(plan: Plan) -> None:
            self._publish(search, plan=plan, programme=self._programmes.get(key))
            if key not in self._programmes:  # most changes leave it as it is
                self._programmes[key] = announced(case)
                self._publish(search, programme=self._programmes[key])

        def none(conflicts: list[Conflict]) -> None:
            self._publish(search, none=NoPlan(conflicts, impossible=True))

        start = self._latest
        if start is not None and start.scenario.data != s.data:
            start = None
        try:
            plan = solve(
                case, start=start, stop=search.stop, on_better=better, on_plan=found, on_none=none
            )
        except NoPlan as error:
            self._publish(search, none=error, busy=False, stopped=search.halted)
            return
        before = self._now.plan
        # a proven plan may be worth a little less: it is the cheapest within the gap
        if before is not None and plan.proof.status != PROVEN and self._search is search:
            plan = max(plan, before, key=lambda p: p.proof.value)
        self._publish(search, plan=plan, bound=plan.proof.bound, busy=False, stopped=search.halted)

    def _cost_of_locks(self, search: _Search) -> None:
        """What each lock, exclusion and limit costs: the same case without it."""
        now = self._now
        if now.plan is None or now.case.scenario.solver != HIGHS or not now.unpriced:
            return
        known, s = worth(now.plan, now.case, search.stop), now.case.scenario
        for name, text in now.unpriced:
            left = tuple(other for other in getattr(s, name) if other != text)
            without = changed(now.case, **{name: left}, gap=question_gap(now.case))
            answer = at_least(ask(without, known.plan, stop=search.stop))
            cost = gain(now.case, known, without, answer)
            if cost is not None and not search.stop.is_set():
                self._publish(search, costs={**self._now.costs, text: cost})
