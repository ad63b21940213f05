"""What a planner's page works with: settings, their history, pins, and a search that follows.

`State` is plain Python without any widget. It keeps what is true at one moment in one
frozen `Snapshot`, so that whoever looks never sees half of a change; whoever observes it hears
of every change. A plan it holds has passed its audit and belongs to the settings beside it.

A thread searches for whatever was asked last: a first plan from the one before, then the
proof, then, when there is time, what each lock costs. There are two of them, so that a search
begins while the one it takes the place of is still ending.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ikmplan.explore.fields import Field, fields, needs_value, typed
from ikmplan.explore.live_search import LiveSearch
from ikmplan.explore.snapshot import Snapshot
from ikmplan.faults import BadInput, Fault
from ikmplan.files import find
from ikmplan.input.case import Case
from ikmplan.input.load import make_case
from ikmplan.input.scenario import Scenario, read_scenario
from ikmplan.input.tables import Tables, read_tables
from ikmplan.report.names import Pin
from ikmplan.text import language

PINS = "ABC"


class State(LiveSearch):
    """The settings a planner moves and the plan that answers them. Safe from any thread."""

    def __init__(self, scenario: Scenario, tables: Tables | None = None):
        """Starts the first search. Raises `BadInput` where the scenario or tables are faulty."""
        self._tables = {scenario.data: tables or read_tables(find(scenario.data))}
        self._firsts: dict[str, Scenario] = {scenario.data: scenario}
        self.past: tuple[Scenario, ...] = ()
        self.future: tuple[Scenario, ...] = ()
        self.pins: tuple[Pin, ...] = ()
        super().__init__(self._case(scenario))

    # what there is to see ----------------------------------------------------------------

    @property
    def first(self) -> Scenario:
        """The scenario that was opened for the case in hand; `reset` goes back to it."""
        return self._firsts[self.scenario.data]

    @property
    def first_case(self) -> Case:
        return Case(self._now.case.tables, self.first)

    # what a planner does -----------------------------------------------------------------

    def change(self, **changes: Any) -> bool:
        """Other values for some fields. False where they are faulty: then all stays as it is."""
        return self._apply_or_show_faults(lambda: self._change(changes))

    def enter(self, name: str, text: str) -> bool:
        """A field's value as it was typed, in the way the scenario's language writes numbers."""

        def entered() -> None:
            field = self._field(name)
            value = typed(name, field.kind, text)
            if value is None and needs_value(name):
                value = Scenario.model_fields[name].default
            self._change(field.change(self._now.case, value))

        return self._apply_or_show_faults(entered)

    def slide(self, name: str, value: float) -> bool:
        """A field's value as its slider says."""
        given = round(value) if value == round(value) else round(value, 6)
        return self._apply_or_show_faults(
            lambda: self._change(self._field(name).change(self._now.case, given))
        )

    def add(self, name: str, text: str) -> bool:
        """One more lock or exclusion."""
        return self.change(**{name: (*getattr(self.scenario, name), text)})

    def remove(self, name: str, text: str) -> bool:
        left = tuple(other for other in getattr(self.scenario, name) if other != text)
        return self.change(**{name: left})

    def choose(self, data: str) -> bool:
        """Another case: a folder or workbook, read again. Faulty tables leave all as it was."""
        scenario = Scenario(data=data, language=self.scenario.language)
        return self._apply_or_show_faults(lambda: self._open(scenario))

    def open(self, params: str) -> bool:
        """The scenario in a YAML file."""
        speaks = self.scenario.language
        return self._apply_or_show_faults(
            lambda: self._open(read_scenario(params).changed(language=speaks))
        )

    def set_language(self, code: str) -> None:
        """The page's language; no setting that undo takes back."""
        with self._lock:
            scenario = self.scenario.changed(language=code)
            self._start_search(make_case(self._now.case.tables, scenario))
        self._notify()

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
            self._start_search(case)

        return self._apply_or_show_faults(restored)

    def pin(self) -> None:
        """Keep the plan of the settings in hand for comparison; three at most."""
        self.with_plan("pin", self._pin)

    def _pin(self, now: Snapshot) -> None:
        with self._lock:
            free = [letter for letter in PINS if letter not in {pin.letter for pin in self.pins}]
            if now.plan is not None and free and not self._is_pinned(now.case):
                made = Pin(free[0], now.case, now.plan)
                self.pins = tuple(sorted((*self.pins, made), key=lambda pin: pin.letter))

    def unpin(self, letter: str) -> None:
        with self._lock:
            self.pins = tuple(pin for pin in self.pins if pin.letter != letter)
        self._notify()

    @property
    def pinned(self) -> bool:
        """Whether the settings in hand are pinned."""
        return self._is_pinned(self._now.case)

    def _is_pinned(self, case: Case) -> bool:
        return any(pin.case.fingerprint == case.fingerprint for pin in self.pins)

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
            self._start_search(case)

    def _apply_or_show_faults(self, made: Callable[[], None]) -> bool:
        """Do it and forget older faults; or keep its faults and change nothing else."""
        with self._lock, language(self.scenario.language):
            faults: tuple[Fault, ...] = ()
            self._now = replace(self._now, faults=())
            try:
                made()
            except BadInput as error:
                faults = tuple(error.faults)
                self._now = replace(self._now, faults=faults)
        self._notify()
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
            self._start_search(self._case(scenario.changed(language=speaks)))
        self._notify()
