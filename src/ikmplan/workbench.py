"""What a planner's page works with: settings, their history, pins, and a search that follows.

`State` is plain Python without any widget. It keeps what is true at one moment in one
frozen `Now`, so that whoever looks never sees half of a change; whoever observes it hears
of every change. A plan it holds has passed its audit and belongs to the settings beside it.

A thread searches for whatever was asked last: a first plan from the one before, then the
proof, then, when there is time, what each lock costs. There are two of them, so that a search
begins while the one it takes the place of is still ending.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ikmplan.baselines import announced
from ikmplan.case import Case, find, make_case
from ikmplan.engine import Abandoned, Stop
from ikmplan.inputs import Field, fields, needs_value, typed
from ikmplan.moment import Cost, Now, Pin
from ikmplan.plan import PROVEN, Plan
from ikmplan.reasons import Conflict, NoPlan
from ikmplan.scenario import Scenario, read_scenario
from ikmplan.sheets import BadInput, Fault
from ikmplan.solver import ask, solve
from ikmplan.tables import Tables, read_tables
from ikmplan.text import language

PINS = "ABC"
MOST_ANSWERS = 100  # kept for settings seen before
COST_GAP = 1e-3  # of the search for what a lock costs


@dataclass(eq=False)
class _Search:
    """One search of one case; what it finds is dropped once another has taken its place."""

    case: Case
    halted: bool = False  # by the planner, who wants the best so far
    stop: Stop = field(default_factory=Stop)


class State:
    """The settings a planner moves and the plan that answers them. Safe from any thread."""

    def __init__(self, scenario: Scenario, tables: Tables | None = None):
        """Starts the first search. Raises `BadInput` where the scenario or tables are faulty."""
        self._lock = threading.RLock()
        self._wake = threading.Condition(self._lock)
        self._tables = {scenario.data: tables or read_tables(find(scenario.data))}
        self._observers: list[Callable[[], None]] = []
        self._idle = threading.Event()
        self._answers: dict[str, Now] = {}  # by the fingerprint of the case
        self._programmes: dict[str, Plan | None] = {}
        self._latest: Plan | None = None  # where the next search begins
        self._search: _Search | None = None
        self._waiting: _Search | None = None
        self._closed = False
        self._firsts: dict[str, Scenario] = {scenario.data: scenario}
        self.past: tuple[Scenario, ...] = ()
        self.future: tuple[Scenario, ...] = ()
        self.pins: tuple[Pin, ...] = ()
        self.waits: dict[str, Callable[[Now], None]] = {}  # until the settings in hand have a plan
        case = self._case(scenario)
        self._now = Now(case)
        self._threads = [threading.Thread(target=self._work, daemon=True) for _n in range(2)]
        for thread in self._threads:
            thread.start()
        self._go(case)

    # what there is to see ----------------------------------------------------------------

    @property
    def now(self) -> Now:
        return self._now

    @property
    def scenario(self) -> Scenario:
        return self._now.case.scenario

    @property
    def plan(self) -> Plan | None:
        return self._now.plan

    @property
    def first(self) -> Scenario:
        """The scenario that was opened for the case in hand; `reset` goes back to it."""
        return self._firsts[self.scenario.data]

    @property
    def first_case(self) -> Case:
        return Case(self._now.case.tables, self.first)

    def observe(self, heard: Callable[[], None]) -> None:
        """`heard` is called after every change, from whichever thread made it."""
        self._observers.append(heard)

    def wait(self, seconds: float, costs: bool = False) -> bool:
        """Until the plan is proven or stopped (and the costs known); False where it took longer."""
        if not costs:
            return self._idle.wait(seconds)
        with self._wake:
            return self._wake.wait_for(lambda: self._search is None, seconds)

    # what a planner does -----------------------------------------------------------------

    def change(self, **changes: Any) -> bool:
        """Other values for some fields. False where they are faulty: then all stays as it is."""
        return self._attempt(lambda: self._change(changes))

    def enter(self, name: str, text: str) -> bool:
        """A field's value as it was typed, in the way the scenario's language writes numbers."""

        def entered() -> None:
            field = self._field(name)
            value = typed(name, field.kind, text)
            if value is None and needs_value(name):
                value = Scenario.model_fields[name].default
            self._change(field.change(self._now.case, value))

        return self._attempt(entered)

    def slide(self, name: str, value: float) -> bool:
        """A field's value as its slider says."""
        given = round(value) if value == round(value) else round(value, 6)
        return self._attempt(lambda: self._change(self._field(name).change(self._now.case, given)))

    def add(self, name: str, text: str) -> bool:
        """One more lock or exclusion."""
        return self.change(**{name: (*getattr(self.scenario, name), text)})

    def remove(self, name: str, text: str) -> bool:
        left = tuple(other for other in getattr(self.scenario, name) if other != text)
        return self.change(**{name: left})

    def choose(self, data: str) -> bool:
        """Another case: a folder or workbook, read again. Faulty tables leave all as it was."""
        scenario = Scenario(data=data, language=self.scenario.language)
        return self._attempt(lambda: self._open(scenario))

    def open(self, params: str) -> bool:
        """The scenario in a YAML file."""
        speaks = self.scenario.language
        return self._attempt(lambda: self._open(read_scenario(params).changed(language=speaks)))

    def speak(self, code: str) -> None:
        """The page's language; no setting that undo takes back."""
        with self._lock:
            scenario = self.scenario.changed(language=code)
            self._go(make_case(self._now.case.tables, scenario))
        self._tell()

    def undo(self) -> None:
        self._step(back=True)

    def redo(self) -> None:
        self._step(back=False)

    def reset(self) -> None:
        """The scenario that was opened; undo takes it back."""
        speaks = self.scenario.language
        self.change(**self.first.model_dump() | {"language": speaks})

    def restore(
        self,
        scenario: Scenario,
        first: Scenario,
        past: tuple[Scenario, ...],
        future: tuple[Scenario, ...],
        pins: tuple[Pin, ...],
    ) -> bool:
        """Earlier work, with its history and pins."""

        def restored() -> None:
            case = self._case(scenario)
            self._firsts[scenario.data] = first
            self.past, self.future, self.pins = past, future, pins
            self._go(case)

        return self._attempt(restored)

    def stop(self) -> None:
        """End the search with the best plan so far."""
        with self._lock:
            if self._search is not None and self._now.busy:
                self._search.halted = True
                self._search.stop.set()

    def with_plan(self, what: str, does: Callable[[Now], None]) -> None:
        """Do it with the plan of the settings in hand, or as soon as they have one.

        It is given up where they change first, or have none."""
        with self._lock:
            now = self._now
            if now.plan is None and now.hoped:
                self.waits = {**self.waits, what: does}
        if now.plan is not None:
            does(now)
        self._tell()

    def pin(self) -> None:
        """Keep the plan of the settings in hand for comparison; three at most."""
        self.with_plan("pin", self._pin)

    def _pin(self, now: Now) -> None:
        with self._lock:
            free = [letter for letter in PINS if letter not in {pin.letter for pin in self.pins}]
            if now.plan is not None and free and not self._is_pinned(now.case):
                made = Pin(free[0], now.case, now.plan)
                self.pins = tuple(sorted((*self.pins, made), key=lambda pin: pin.letter))

    def unpin(self, letter: str) -> None:
        with self._lock:
            self.pins = tuple(pin for pin in self.pins if pin.letter != letter)
        self._tell()

    @property
    def pinned(self) -> bool:
        """Whether the settings in hand are pinned."""
        return self._is_pinned(self._now.case)

    def _is_pinned(self, case: Case) -> bool:
        return any(pin.case.fingerprint == case.fingerprint for pin in self.pins)

    def blame(self, faults: list[Fault]) -> None:
        """Show faults of what was tried outside of the state; all stays as it is."""
        with self._lock:
            self._now = replace(self._now, faults=tuple(faults))
        self._tell()

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

    # how -----------------------------------------------------------------------------------

    def _case(self, scenario: Scenario) -> Case:
        if scenario.data not in self._tables:
            self._tables[scenario.data] = read_tables(find(scenario.data))
        return make_case(self._tables[scenario.data], scenario)

    def _field(self, name: str) -> Field:
        return next(f for f in fields(self._now.case, self.first_case) if f.name == name)

    def _change(self, changes: dict[str, Any]) -> None:
        self._take(self._case(self.scenario.changed(**changes)))

    def _open(self, scenario: Scenario) -> None:
        tables = read_tables(find(scenario.data))
        case = make_case(tables, scenario)
        self._tables[scenario.data], self._firsts[scenario.data] = tables, scenario
        self._programmes.clear()
        self._take(case)

    def _take(self, case: Case) -> None:
        if case.scenario != self.scenario or case.tables is not self._now.case.tables:
            self.past, self.future = (*self.past, self.scenario), ()
            self._go(case)

    def _attempt(self, made: Callable[[], None]) -> bool:
        """Do it and forget older faults; or keep its faults and change nothing else."""
        with self._lock, language(self.scenario.language):
            faults: tuple[Fault, ...] = ()
            self._now = replace(self._now, faults=())
            try:
                made()
            except BadInput as error:
                faults = tuple(error.faults)
                self._now = replace(self._now, faults=faults)
        self._tell()
        return not faults

    def _step(self, back: bool) -> None:
        with self._lock:
            speaks = self.scenario.language
            if back and self.past:
                *past, scenario = self.past
                self.past, self.future = tuple(past), (self.scenario, *self.future)
            elif not back and self.future:
                scenario, *future = self.future
                self.past, self.future = (*self.past, self.scenario), tuple(future)
            else:
                return
            self._go(self._case(scenario.changed(language=speaks)))
        self._tell()

    def _cancel(self) -> None:
        if self._search is not None:
            self._search.stop.abandon()
        self._search = self._waiting = None

    def _go(self, case: Case) -> None:
        """Show what is known of the case, and search for the rest."""
        with self._wake:
            self._cancel()
            known = self._answers.get(case.fingerprint, Now(case))
            if known.none is not None and known.case.scenario.language != case.scenario.language:
                known = Now(case)  # its reasons are words
            self._now = replace(known, case=case, faults=())
            self.waits = {}
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
            waited: dict[str, Callable[[Now], None]] = {}
            if now.plan is not None or not now.hoped:
                waited, self.waits = self.waits, {}
            if not now.stopped and not now.trouble:
                self._answers[search.case.fingerprint] = now
                while len(self._answers) > MOST_ANSWERS:
                    del self._answers[next(iter(self._answers))]
        for does in waited.values():
            if now.plan is not None:
                does(now)
        self._tell()
        with self._lock:
            if self._search is search and not self._now.busy:  # who waits finds everybody told
                self._idle.set()

    def _tell(self) -> None:
        for heard in tuple(self._observers):
            heard()

    def _run(self, search: _Search) -> None:
        try:
            if self._now.busy:
                self._solve(search)
            if not search.halted:
                self._price(search)
        except Abandoned:
            return
        except Exception as error:  # whatever it is, the page goes on and says so
            said = str(error) or type(error).__name__
            try:
                self._learn(search, trouble=said, plan=None, busy=False)
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

    def _price(self, search: _Search) -> None:
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
