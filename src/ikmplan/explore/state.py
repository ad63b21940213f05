"""The state of the planner's page: the settings and their history, the pins, the live search.

`State` uses no widget; its traits (`scenario`, `plan`, `status`, `gap`) can be observed.
`State.now` is a frozen `Snapshot`: a plan in it has passed its audit and
belongs to the settings in it. `live_search` calls listeners after each change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ikmplan.alternatives.found import decisions_of_plan
from ikmplan.explore.asked_plans import AskedPlans
from ikmplan.explore.fields import KEEP, Field, fields, typed
from ikmplan.explore.history import History, Session
from ikmplan.explore.live_search import LiveSearch
from ikmplan.explore.snapshot import Snapshot
from ikmplan.faults import BadInput
from ikmplan.files import find
from ikmplan.input.case import Case
from ikmplan.input.load import make_case
from ikmplan.input.scenario import Scenario, read_scenario
from ikmplan.input.tables import Tables, read_tables
from ikmplan.report.names import Pin
from ikmplan.text import language

PINS = "ABC"


class State(LiveSearch):
    """The settings of a planner and the plan for them. Safe from any thread.

    Methods that change settings return False if the new values are faulty; then the faults stand
    in `now.faults` and nothing else changes.
    """

    def __init__(self, scenario: Scenario, tables: Tables | None = None):
        """Starts the first search. Raises `BadInput` if the scenario or the tables are faulty."""
        self._tables = {scenario.data: tables or read_tables(find(scenario.data))}
        self._firsts = {scenario.data: scenario}
        self._chosen: dict[str, str] = {}  # by the case: the scenario file that was chosen
        self.history = History()
        self.pins: tuple[Pin, ...] = ()
        super().__init__(self._case(scenario))
        self.others = AskedPlans(self, self.change, self.pins_of)

    @property
    def first(self) -> Scenario:
        """The scenario that was opened for the case in hand; `reset` goes back to it."""
        return self._firsts[self.scenario.data]

    @property
    def changed(self) -> bool:
        """Whether the settings differ from those of the scenario that was opened."""
        return self.scenario != self.first.changed(language=self.scenario.language)

    @property
    def chosen(self) -> str:
        """What `open_chosen` takes for the settings in hand: the case, once they are changed."""
        opened = "" if self.changed else self._chosen.get(self.scenario.data)
        return opened or f"case:{self.scenario.data}"

    @property
    def first_case(self) -> Case:
        return Case(self._now.case.tables, self.first)

    # settings ----------------------------------------------------------------------------

    def change(self, **changes: Any) -> bool:
        """Other values for some parameters of the scenario."""
        return self._apply_or_show_faults(lambda: self._change(changes))

    def enter(self, name: str, text: str) -> bool:
        """The value of a field as it was typed, in the notation of the scenario's language."""

        def entered() -> None:
            value = typed(name, self._field(name).kind, text)
            if value is None and name in Scenario.model_fields:
                value = Scenario.model_fields[name].default
            self._change_field(name, value)

        return self._apply_or_show_faults(entered)

    def slide(self, name: str, value: float) -> bool:
        """The value of a field by its slider."""
        return self.set_field(name, round(value) if value == round(value) else round(value, 6))

    def set_field(self, name: str, value: float | int) -> bool:
        """The value of a field as a number, or as True or False."""
        if name == KEEP:
            return self.keep_most(bool(value))
        return self._apply_or_show_faults(lambda: self._change_field(name, value))

    def keep_most(self, keep: bool = True) -> bool:
        """From now on, of the plans within the gap, the one nearest to the plan that was shown
        last; or no longer."""
        if not keep:
            return self.change(**{KEEP: ()})
        self.with_plan(KEEP, self._keep_shown)
        return True

    def _keep_shown(self, now: Snapshot) -> None:
        if now.plan is not None:
            self.change(**decisions_of_plan(now.plan))

    def lock_core(self) -> bool:
        """What is always in, whatever the numbers turn out to be, becomes locks in one step."""
        return self.change(locks=(*self.scenario.locks, *self.others.at_hand.core))

    def add(self, name: str, text: str) -> bool:
        """One more lock, exclusion or limit; `name` is the parameter."""
        return self.change(**{name: (*getattr(self.scenario, name), text)})

    def add_lock(self, item: str, cluster: str, sign: str, count: str) -> bool:
        """A lock, or an exclusion if the sign is "x"; without a cluster, of all together."""
        place = f"{item} @ {cluster}" if cluster else item
        if sign == "x":
            return self.add("exclusions", place.strip())
        return self.add("locks", f"{place} {sign} {count.strip()}".strip())

    def remove(self, name: str, text: str) -> bool:
        """A lock, exclusion or limit less."""
        left = tuple(other for other in getattr(self.scenario, name) if other != text)
        return self.change(**{name: left})

    def remove_all(self) -> bool:
        """No lock, no exclusion and no limit any more."""
        return self.change(locks=(), exclusions=(), limits=())

    def mend(self, n: str, m: str) -> None:
        """The change of settings that fix `m` of conflict `n` proposes."""
        none = self.now.none
        if none is not None:
            self.change(**(none.conflicts[int(n)].needs[int(m)].change or {}))

    def choose(self, data: str) -> bool:
        """Another case: a folder or workbook, read again."""
        scenario = Scenario(data=data, language=self.scenario.language)
        return self._apply_or_show_faults(lambda: self._open(scenario))

    def open(self, params: str) -> bool:
        """The scenario in a YAML file, in the language of the page."""
        return self._apply_or_show_faults(lambda: self._open(self._read(params)))

    def open_chosen(self, value: str) -> bool:
        """Open "params:<file in params/>" or "case:<folder or workbook>"."""
        kind, _colon, name = value.partition(":")
        if kind != "params":
            return self.choose(name)
        path = str(find("params") / name)
        return self._apply_or_show_faults(lambda: self._open(self._read(path), value))

    def set_language(self, value: str) -> None:
        """The language of the page. It is no step of the history."""
        with self._lock:
            scenario = self.scenario.changed(language=value)
            self._start_search(make_case(self._now.case.tables, scenario))
        self.notify()

    # history -----------------------------------------------------------------------------

    def undo(self) -> None:
        if self.history.past:
            self._apply_or_show_faults(lambda: self._go_to(*self.history.undo(self.scenario)))

    def redo(self) -> None:
        if self.history.future:
            self._apply_or_show_faults(lambda: self._go_to(*self.history.redo(self.scenario)))

    def reset(self) -> None:
        """The scenario that was opened, in the language of the page."""
        self.change(**self.first.model_dump() | {"language": self.scenario.language})

    @property
    def session(self) -> Session:
        """The work at this moment, for `restore`."""
        with self._lock:
            return Session(self.scenario, (*self._firsts.values(),), self.history, self.pins)

    def restore(self, session: Session) -> bool:
        """Continue earlier work."""

        def restored() -> None:
            case = self._case(session.scenario)
            self._firsts |= {first.data: first for first in session.firsts}
            self._chosen.clear()
            self.history, self.pins = session.history, session.pins
            self._start_search(case)

        return self._apply_or_show_faults(restored)

    def close(self) -> None:
        self.others.cancel()
        super().close()

    # pins --------------------------------------------------------------------------------

    def pin(self) -> None:
        """Keep the plan of the settings in hand for comparison; three at most."""
        self.with_plan("pin", self._pin)

    def _pin(self, now: Snapshot) -> None:
        with self._lock:
            free = sorted(set(PINS) - {pin.letter for pin in self.pins})
            if now.plan is not None and free and not self._is_pinned(now.case):
                made = Pin(free[0], now.case, now.plan)
                self.pins = tuple(sorted((*self.pins, made), key=lambda pin: pin.letter))

    def unpin(self, letter: str) -> None:
        with self._lock:
            self.pins = tuple(pin for pin in self.pins if pin.letter != letter)
        self.notify()

    def pins_of(self, case: Case) -> list[Pin]:
        """The pinned plans that can be compared with one of this case: they have its tables."""
        return [pin for pin in self.pins if pin.case.tables == case.tables]

    @property
    def pinned(self) -> bool:
        """Whether the settings in hand are pinned."""
        return self._is_pinned(self._now.case)

    def _is_pinned(self, case: Case) -> bool:
        return any(pin.case.fingerprint == case.fingerprint for pin in self.pins)

    # -------------------------------------------------------------------------------------

    def _case(self, scenario: Scenario) -> Case:
        if scenario.data not in self._tables:
            self._tables[scenario.data] = read_tables(find(scenario.data))
        return make_case(self._tables[scenario.data], scenario)

    def _field(self, name: str) -> Field:
        return next(f for f in fields(self._now.case, self.first_case) if f.name == name)

    def _change_field(self, name: str, value: float | int | None) -> None:
        self._change(self._field(name).change(self._now.case, value))

    def _change(self, changes: dict[str, Any]) -> None:
        now = self._now
        if now.case.scenario.near and KEEP not in changes and now.plan and not now.busy:
            changes = {**changes, **decisions_of_plan(now.plan)}
        self._continue_with(self._case(self.scenario.changed(**changes)))

    def _read(self, params: str) -> Scenario:
        return read_scenario(params).changed(language=self.scenario.language)

    def _open(self, scenario: Scenario, chosen: str = "") -> None:
        tables = read_tables(find(scenario.data))
        case = make_case(tables, scenario)
        self._tables[scenario.data], self._firsts[scenario.data] = tables, scenario
        self._chosen[scenario.data] = chosen
        self._programmes.clear()
        self._continue_with(case)

    def _continue_with(self, case: Case) -> None:
        """Another case; undo goes back to the one in hand."""
        if case.scenario != self.scenario or case.tables is not self._now.case.tables:
            self.history = self.history.changed(self.scenario)
            self._start_search(case)

    def _go_to(self, scenario: Scenario, history: History) -> None:
        case = self._case(scenario.changed(language=self.scenario.language))
        self.history = history
        self._start_search(case)

    def _apply_or_show_faults(self, change: Callable[[], None]) -> bool:
        """Whether the change succeeds; if it raises `BadInput`, its faults are shown."""
        with self._lock, language(self.scenario.language):
            self._now = replace(self._now, faults=())
            try:
                change()
            except BadInput as error:
                self._now = replace(self._now, faults=tuple(error.faults))
            faulty = bool(self._now.faults)
        self.notify()
        return not faulty
