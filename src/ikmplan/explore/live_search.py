"""The search behind the planner's page: always for the settings asked for last, in own threads.

What a search finds becomes the next `Snapshot`, and observers are called. A search whose
settings are no longer in hand is abandoned; its answer is dropped.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ikmplan.explore.snapshot import Cost, Snapshot
from ikmplan.faults import Fault
from ikmplan.input.case import Case
from ikmplan.input.scenario import Scenario
from ikmplan.insight.baselines import announced
from ikmplan.model.conflicts import Conflict, NoPlan
from ikmplan.model.highs import Abandoned, Stop
from ikmplan.model.search import ask, solve
from ikmplan.plan.plan import PROVEN, Plan
from ikmplan.text import language

MOST_ANSWERS = 100  # kept for settings seen before
COST_GAP = 1e-3  # of the search for what a lock costs


@dataclass(eq=False)
class _Search:
    """One search of one case; what it finds is dropped once another has taken its place."""

    case: Case
    halted: bool = False  # by the planner, who wants the best so far
    stop: Stop = field(default_factory=Stop)


class LiveSearch:
    """A case, and the plan that is known of it by now. Safe from any thread."""

    def __init__(self, case: Case):
        """Starts the search for `case`."""
        self._lock = threading.RLock()
        self._wake = threading.Condition(self._lock)
        self._observers: list[Callable[[], None]] = []
        self._idle = threading.Event()
        self._answers: dict[str, Snapshot] = {}  # by the fingerprint of the case
        self._programmes: dict[str, Plan | None] = {}
        self._latest: Plan | None = None  # where the next search begins
        self._search: _Search | None = None
        self._waiting: _Search | None = None
        self._closed = False
        # run as soon as the settings in hand have a plan
        self.pending_actions: dict[str, Callable[[Snapshot], None]] = {}
        self._now = Snapshot(case)
        self._threads = [threading.Thread(target=self._work, daemon=True) for _n in range(2)]
        for thread in self._threads:
            thread.start()
        self._start_search(case)

    @property
    def now(self) -> Snapshot:
        return self._now

    @property
    def scenario(self) -> Scenario:
        return self._now.case.scenario

    @property
    def plan(self) -> Plan | None:
        return self._now.plan

    def observe(self, listener: Callable[[], None]) -> None:
        """`listener` is called after every change, from whichever thread made it."""
        self._observers.append(listener)

    def wait(self, seconds: float, costs: bool = False) -> bool:
        """Until the plan is proven or stopped (and the costs known); False where it took longer."""
        if not costs:
            return self._idle.wait(seconds)
        with self._wake:
            return self._wake.wait_for(lambda: self._search is None, seconds)

    def stop(self) -> None:
        """End the search with the best plan so far."""
        with self._lock:
            if self._search is not None and self._now.busy:
                self._search.halted = True
                self._search.stop.set()

    def with_plan(self, what: str, does: Callable[[Snapshot], None]) -> None:
        """Do it with the plan of the settings in hand, or as soon as they have one.

        It is given up where they change first, or have none."""
        with self._lock:
            now = self._now
            if now.plan is None and now.plan_possible:
                self.pending_actions = {**self.pending_actions, what: does}
        if now.plan is not None:
            does(now)
        self._notify()

    def show_faults(self, faults: list[Fault]) -> None:
        """Show faults of what was tried outside of the state; all stays as it is."""
        with self._lock:
            self._now = replace(self._now, faults=tuple(faults))
        self._notify()

    def close(self) -> None:
        """Cancel the search; nothing is told any more."""
        with self._wake:
            self._observers.clear()
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
        """Show what is known of the case, and search for the rest."""
        with self._wake:
            self._cancel()
            known = self._answers.get(case.fingerprint, Snapshot(case))
            if known.none is not None and known.case.scenario.language != case.scenario.language:
                known = Snapshot(case)  # its reasons are words
            self._now = replace(known, case=case, faults=())
            self.pending_actions = {}
            if known.busy or self._now.unpriced:
                self._search = self._waiting = _Search(case)
                self._wake.notify_all()
            if known.busy:
                self._idle.clear()
            else:
                self._idle.set()

    def _work(self) -> None:
        """A thread: always the search that was asked for last."""
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

    def _learn(self, search: _Search, **found: Any) -> None:
        """Take what a search found; raises where another has taken its place."""
        with self._lock:
            if self._search is not search:
                raise Abandoned
            self._now = now = replace(self._now, **found)
            if now.plan is not None:
                self._latest = now.plan
            waited: dict[str, Callable[[Snapshot], None]] = {}
            if now.plan is not None or not now.plan_possible:
                waited, self.pending_actions = self.pending_actions, {}
            if not now.stopped and not now.error_text:
                self._answers[search.case.fingerprint] = now
                while len(self._answers) > MOST_ANSWERS:
                    del self._answers[next(iter(self._answers))]
        for does in waited.values():
            if now.plan is not None:
                does(now)
        self._notify()
        with self._lock:
            if self._search is search and not self._now.busy:  # who waits finds everybody told
                self._idle.set()

    def _notify(self) -> None:
        for listener in tuple(self._observers):
            listener()

    def _run(self, search: _Search) -> None:
        try:
            if self._now.busy:
                self._solve(search)
            if not search.halted:
                self._cost_of_locks(search)
        except Abandoned:
            return
        except Exception as error:  # whatever it is, the page goes on and says so
            message = str(error) or type(error).__name__
            try:
                self._learn(search, error_text=message, plan=None, busy=False)
            except Abandoned:
                return

    def _solve(self, search: _Search) -> None:
        """A first plan, what was announced, then the proof."""
        case = search.case
        key = self._programme_key(case)

        def better(_value: float, bound: float) -> None:
            if bound < self._now.bound:
                self._learn(search, bound=bound)

        def found(plan: Plan) -> None:
            self._learn(search, plan=plan, programme=self._programmes.get(key))
            if key not in self._programmes:  # it is the same for most changes
                self._programmes[key] = announced(case)
                self._learn(search, programme=self._programmes[key])

        def none(conflicts: list[Conflict]) -> None:
            self._learn(search, none=NoPlan(conflicts, impossible=True))

        start = self._latest
        if start is not None and start.scenario.data != case.scenario.data:
            start = None
        try:
            plan = solve(
                case, start=start, stop=search.stop, on_better=better, on_plan=found, on_none=none
            )
        except NoPlan as error:
            self._learn(search, none=error, busy=False, stopped=search.halted)
            return
        before = self._now.plan
        # a proven plan may be a hair below the one before: it is the cheapest within the gap
        if before is not None and plan.proof.status != PROVEN and self._search is search:
            plan = max(plan, before, key=lambda p: p.proof.value)
        self._learn(search, plan=plan, bound=plan.proof.bound, busy=False, stopped=search.halted)

    @staticmethod
    def _programme_key(case: Case) -> str:
        s = case.scenario
        return repr((s.data, s.price_factor, s.courses_per_unit, s.equipment_per_unit))

    def _cost_of_locks(self, search: _Search) -> None:
        """What each lock and exclusion costs: the same case without it."""
        now = self._now
        if now.plan is None or now.case.scenario.solver != "HiGHS":
            return
        proof, s = now.plan.proof, now.case.scenario
        for name, text in now.unpriced:
            left = tuple(other for other in getattr(s, name) if other != text)
            gap = max(COST_GAP, s.gap)
            without = Case(now.case.tables, s.changed(**{name: left}, gap=gap))
            answer = ask(without, now.plan, stop=search.stop)
            if answer.value is not None and not search.stop.is_set():
                low, high = answer.value - proof.bound, answer.bound - proof.value
                cost = Cost(max(0.0, low), max(0.0, high))
                self._learn(search, costs={**self._now.costs, text: cost})
