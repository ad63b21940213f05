"""What a planner's page works with: settings, their history, and a search in the background.

`State` is plain Python without any widget. It keeps what is true at one moment in one
frozen `Now`, so that whoever looks never sees half of a change. Whoever observes it hears
of every change. A plan it holds has passed its audit and belongs to the settings beside it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from ikmplan.baselines import announced
from ikmplan.case import Case, find, make_case
from ikmplan.cells import parse_number, percentage, two_meanings
from ikmplan.plan import PROVEN, Plan, relative_gap
from ikmplan.reasons import NoPlan
from ikmplan.scenario import Scenario, write_scenario
from ikmplan.sheets import BadInput, Fault
from ikmplan.solver import HIGHS, solve
from ikmplan.tables import Tables, read_tables
from ikmplan.text import _, current_language, language, number

# HiGHS in Python runs one search at a time in a process; a second one raises
_ONE_SEARCH = threading.Lock()


class Progress(NamedTuple):
    """Of the search so far: the plan's value, what no plan can exceed, the share between."""

    value: float
    bound: float
    gap: float


@dataclass(frozen=True)
class Now:
    """All there is to show at one moment; it never changes, the next moment is another."""

    case: Case
    plan: Plan | None = None  # the best so far of this very case, audited
    programme: Plan | None = None  # as announced, where there is one
    bound: float = float("inf")
    none: NoPlan | None = None
    trouble: str = ""  # what broke, in words
    busy: bool = True
    stopped: bool = False
    faults: tuple[Fault, ...] = ()  # of what was asked for last; the case before it stays

    @property
    def progress(self) -> Progress | None:
        if self.plan is None:
            return None
        value, bound = self.plan.proof.value, min(self.bound, self.plan.proof.bound)
        bound = max(value, bound)
        return Progress(value, bound, relative_gap(value, bound))


@dataclass
class _Search:
    """One search of one case; what it finds is dropped once another has taken its place."""

    case: Case
    halted: bool = False  # by the planner, who wants the best so far
    stop: threading.Event = field(default_factory=threading.Event)
    first: threading.Event = field(default_factory=threading.Event)  # ends the first stage

    def cancel(self) -> None:
        self.stop.set()
        self.first.set()


class State:
    """The settings a planner moves and the plan that answers them. Safe from any thread."""

    def __init__(self, scenario: Scenario, tables: Tables | None = None):
        """Starts the first search. Raises `BadInput` where the scenario or tables are faulty."""
        self._lock = threading.RLock()
        self._tables = {scenario.data: tables or read_tables(find(scenario.data))}
        self._observers: list[Callable[[], None]] = []
        self._idle = threading.Event()
        self._answers: dict[str, Now] = {}  # by the fingerprint of the case
        self._programmes: dict[str, Plan | None] = {}
        self._search: _Search | None = None
        self.past: tuple[Scenario, ...] = ()
        self.future: tuple[Scenario, ...] = ()
        self.first = self._case(scenario)
        self._now = Now(self.first)
        self._go(self.first)

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
    def progress(self) -> Progress | None:
        return self._now.progress

    @property
    def none(self) -> NoPlan | None:
        return self._now.none

    @property
    def faults(self) -> tuple[Fault, ...]:
        return self._now.faults

    @property
    def busy(self) -> bool:
        return self._now.busy

    def observe(self, heard: Callable[[], None]) -> None:
        """`heard` is called after every change, from whichever thread made it."""
        self._observers.append(heard)

    def wait(self, seconds: float) -> bool:
        """Until no search runs; False where that took longer than `seconds`."""
        return self._idle.wait(seconds)

    # what a planner does -----------------------------------------------------------------

    def change(self, **fields: Any) -> bool:
        """Other values for some fields. False where they are faulty: then all stays as it is."""
        return self._attempt(lambda: self._change(fields))

    def enter(self, name: str, text: str) -> bool:
        """A field's value as it was typed, in the way the scenario's language writes numbers."""
        return self._attempt(lambda: self._change({name: typed(name, text)}))

    def undo(self) -> None:
        self._step(back=True)

    def redo(self) -> None:
        self._step(back=False)

    def reset(self) -> None:
        """The scenario that was opened; undo takes it back."""
        self.change(**self.first.scenario.model_dump())

    def stop(self) -> None:
        """End the search with the best plan so far."""
        with self._lock:
            if self._search is not None:
                self._search.halted = True
                self._search.cancel()

    def save(self, name: str) -> Path | None:
        """Write params/<name>.yaml. None, and a fault, where that cannot be; never overwrites."""
        written: list[Path] = []

        def made() -> None:
            scenario = self.scenario.changed(name=name)
            path = find("params") / f"{scenario.name}.yaml"
            if path.exists():
                said = _("is there already.")
                mend = _("Choose another name.")
                raise BadInput([Fault(str(path.parent), None, "name", path.name, said, mend)])
            try:
                write_scenario(scenario, path)
            except OSError as error:
                said, mend = _("cannot be written."), str(error.strerror or error)
                raise BadInput(
                    [Fault(str(path.parent), None, "name", path.name, said, mend)]
                ) from None
            written.append(path)

        self._attempt(made)
        return written[0] if written else None

    def close(self) -> None:
        """Cancel the search; nothing is told any more."""
        with self._lock:
            self._observers.clear()
            if self._search is not None:
                self._search.cancel()
            self._search = None
            self._idle.set()
        self._thread.join(2)

    # how -----------------------------------------------------------------------------------

    def _case(self, scenario: Scenario) -> Case:
        if scenario.data not in self._tables:
            self._tables[scenario.data] = read_tables(find(scenario.data))
        return make_case(self._tables[scenario.data], scenario)

    def _change(self, fields: dict[str, Any]) -> None:
        case = self._case(self.scenario.changed(**fields))
        if case.scenario != self.scenario:
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
            if back and self.past:
                *past, scenario = self.past
                self.past, self.future = tuple(past), (self.scenario, *self.future)
            elif not back and self.future:
                scenario, *future = self.future
                self.past, self.future = (*self.past, self.scenario), tuple(future)
            else:
                return
            self._go(self._case(scenario))
        self._tell()

    def _go(self, case: Case) -> None:
        """Show what is known of the case, and search for the rest."""
        if self._search is not None:
            self._search.cancel()
            self._search = None
        known = self._answers.get(case.fingerprint, Now(case))
        self._now = replace(known, case=case, faults=())
        if not known.busy:
            self._idle.set()
            return
        self._idle.clear()
        self._search = _Search(case)
        self._thread = threading.Thread(target=self._run, args=(self._search,), daemon=True)
        self._thread.start()

    def _learn(self, search: _Search, **found: Any) -> None:
        """Take what a search found, unless another has taken its place."""
        with self._lock:
            if self._search is not search:
                return
            self._now = replace(self._now, **found)
            if not self._now.busy:
                self._search = None
            if not self._now.stopped and not self._now.trouble:
                self._answers[search.case.fingerprint] = self._now
        self._tell()
        with self._lock:
            if self._search is None:  # those who wait find everybody told
                self._idle.set()

    def _tell(self) -> None:
        for heard in tuple(self._observers):
            heard()

    def _run(self, search: _Search) -> None:
        """The thread of one search: a first plan, what was announced, then the proof."""
        with _ONE_SEARCH, language(search.case.scenario.language):
            if search.stop.is_set() and not search.halted:
                return
            try:
                if self._now.plan is None and search.case.scenario.solver == HIGHS:
                    self._first_plan(search)
                if not search.stop.is_set():
                    self._announced(search)
                if not search.stop.is_set():
                    self._proof(search)
                self._learn(search, busy=False, stopped=True)  # where it has not ended yet
            except NoPlan as none:
                told = None if self._now.plan is not None else none
                self._learn(search, none=told, busy=False, stopped=search.halted)
            except Exception as error:  # whatever it is, the page goes on and says so
                if self._search is not search:
                    raise
                said = str(error) or type(error).__name__
                self._learn(search, trouble=said, plan=None, busy=False)

    def _first_plan(self, search: _Search) -> None:
        """The first plan that the search comes upon, with its gap; the proof takes longer."""

        def better(value: float, _bound: float) -> None:
            if value > float("-inf"):
                search.first.set()

        plan = solve(search.case, stop=search.first, on_better=better)
        key = self._programme_key(search.case)
        self._learn(search, plan=plan, bound=plan.proof.bound, programme=self._programmes.get(key))

    def _announced(self, search: _Search) -> None:
        """The announced programme; it is the same for most changes."""
        key = self._programme_key(search.case)
        if key not in self._programmes:
            self._programmes[key] = announced(search.case)
        self._learn(search, programme=self._programmes.get(key))

    @staticmethod
    def _programme_key(case: Case) -> str:
        s = case.scenario
        packages = (s.courses_per_unit, s.equipment_per_unit, s.exclusions)
        return repr((s.data, s.price_factor, s.equity, packages))

    def _proof(self, search: _Search) -> None:
        def better(_value: float, bound: float) -> None:
            if bound < self._now.bound:
                self._learn(search, bound=bound)

        plan = solve(search.case, stop=search.stop, on_better=better)
        before = self._now.plan
        # a proven plan may be a hair below the first one: it is the cheapest within the gap
        if before is not None and plan.proof.status != PROVEN and self._search is search:
            plan = max(plan, before, key=lambda p: p.proof.value)
        self._learn(
            search, plan=plan, bound=plan.proof.bound, none=None, busy=False, stopped=search.halted
        )


# --- numbers as they are typed ------------------------------------------------------------


def typed(name: str, text: str) -> float | int | None:
    """The number in a text, read strictly; nothing is None where the field may be None."""
    said = text.strip()
    if not said and Scenario.model_fields[name].default is None:
        return None
    try:
        return parse_number(said, indonesian=current_language() == "id")
    except ValueError:
        like = _("Write it like {example}.", example=shown(_EXAMPLES.get(name, 0.25)))
        mend = percentage() if said.endswith("%") else two_meanings(said) or like
        fault = Fault(_("scenario"), None, name, text, _("is not a number."), mend)
        raise BadInput([fault]) from None


_EXAMPLES = {"budget": 1_500_000_000}


def shown(value: float | int) -> str:
    """The number as a field shows it: `typed` reads it as the same number."""
    if current_language() == "id" and isinstance(value, int):
        return number(value)
    said = str(value) if isinstance(value, int) else f"{value:.9f}".rstrip("0").rstrip(".")
    if current_language() == "id":
        return said.replace(".", ",")
    return said + "0" if two_meanings(said) else said
