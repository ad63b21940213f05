"""What is asked for while a plan is shown: a way, other plans as good, and which decisions stay.

`AskedPlans` works each out in a thread of its own, one after the other, once the plan in hand is
proven or stopped. Each step and each plan is shown as soon as it is found. Other settings cancel
what is worked out; opening one of the plans found does not.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from ikmplan.alternatives.found import (
    MORE,
    NESTED,
    OWN,
    best_with_own_money,
    given_plan,
    locks_of,
)
from ikmplan.alternatives.similar_plans import (
    ELSEWHERE,
    WITHIN,
    SimilarPlans,
    check_shares,
    growing_similar,
)
from ikmplan.alternatives.way import WAY_STEPS, Way, WayOptions, growing_way
from ikmplan.alternatives.way import way as way_of_steps
from ikmplan.alternatives.way_tables import no_own_way, reaches_best
from ikmplan.explore.fields import typed_shares
from ikmplan.explore.live_search import LiveSearch
from ikmplan.faults import BadInput, Fault
from ikmplan.input.case import Case
from ikmplan.insight.demands import changed
from ikmplan.model.conflicts import NoPlan
from ikmplan.model.highs import Abandoned, Stop
from ikmplan.plan.plan import Plan
from ikmplan.report.names import Pin
from ikmplan.text import language
from ikmplan.uncertainty.answers import Uncertainty, stays_alone

ANNOUNCED, FROM_NOTHING = "announced", "nothing"  # where a way begins, or the letter of a pin
WAY, SIMILAR, STAYS = "way", "similar", "stays"  # what is asked for
BEST = "best"  # the plan of the settings themselves
OWN_BEST = "way-best"  # where a way with less money leads
PAGE_DRAWS = 40  # cases that are planned again where the scenario states none
MOST_SETTINGS = 20  # settings whose answers are kept
WAIT = 0.2  # seconds between two looks whether the plan in hand is proven


@dataclass(frozen=True, eq=False)
class OtherPlans:
    """What is known for the settings of `case`. Frozen: each answer makes another."""

    case: Case
    best: Plan | None = None  # of the case, where the way leads
    start: str = ""  # one of `AskedPlans.starts`
    money: str = MORE  # or OWN, or NESTED: all the money, and every step is kept
    way: Way | None = None  # with the steps found so far
    free: Way | None = None  # from this start with all the money, where no step need be kept
    within: float = WITHIN  # of what the plan reaches, that another one may lose
    elsewhere: float = ELSEWHERE  # of its money, that another one spends elsewhere at least
    similar: SimilarPlans | None = None  # with the plans found so far
    stays: Uncertainty | None = None  # which decisions stay if the numbers turn out otherwise
    planned: int = 0  # cases that are planned again for it so far
    pending: frozenset[str] = frozenset()  # what is being worked out
    failures: Mapping[str, str] = field(default_factory=dict)  # what -> why there is no answer

    @property
    def draws(self) -> int:
        """How many cases are planned again."""
        return self.case.scenario.draws or PAGE_DRAWS

    @property
    def core(self) -> list[str]:
        """What is always in, as locks."""
        return [] if self.stays is None else [*map(str, self.stays.core["lock"])]

    @property
    def plans(self) -> dict[str, Plan]:
        """Each plan that can be opened, by its name: way-3, similar-1, best."""
        steps = {f"{WAY}-{step.most}": step.plan for step in (self.way.steps if self.way else ())}
        others = enumerate(self.similar.others if self.similar else (), 1)
        best = {BEST: self.best} if self.best is not None else {}
        if self.way is not None and self.money == OWN:
            best[OWN_BEST] = self.way.best
        return {**steps, **{f"{SIMILAR}-{n}": plan for n, plan in others}, **best}


class AskedPlans:
    """The questions of one planner and their answers. Safe from any thread."""

    def __init__(
        self, search: LiveSearch, change: Callable[..., bool], pins_of: Callable[[Case], list[Pin]]
    ):
        """`change` gives other settings; a way may begin at the plans of `pins_of`."""
        self._search, self._change, self._pins_of = search, change, pins_of
        self._lock = threading.RLock()
        self._turn = threading.Lock()  # held by the question that is being worked out
        self._answers: dict[str, OtherPlans] = {}  # by the fingerprint of the case
        self._opened: dict[str, tuple[str, str]] = {}  # its fingerprint -> (of the case, name)
        self._stops: dict[str, Stop] = {}
        self.refused: dict[str, tuple[str, Fault | None]] = {}  # shares that were typed wrongly
        self._idle = threading.Event()
        self._idle.set()
        search.on_change(self._follow)

    @property
    def now(self) -> OtherPlans:
        """What is known for the settings in hand, or for those a plan of which is open."""
        case = self._search.now.case
        known = self._answers.get(self._asked_from(case.fingerprint)[0])
        return known or OtherPlans(case)

    @property
    def at_hand(self) -> OtherPlans:
        """What is known for the settings in hand themselves."""
        case = self._search.now.case
        return self._answers.get(case.fingerprint) or OtherPlans(case)

    @property
    def opened(self) -> str:
        """The name of the plan that is open."""
        return self._asked_from(self._search.now.case.fingerprint)[1]

    @property
    def starts(self) -> list[str]:
        """Where a way may begin, the likeliest first: "announced", pins' letters, "nothing"."""
        announced = [ANNOUNCED] if self.now.case.tables.announced else []
        return [*announced, *self._pinned, FROM_NOTHING]

    def ask_way(self, start: str = "", money: str = MORE) -> None:
        """Work out the shortest way from one of `starts`, the first where none is named."""
        found, start = self.now, start or self.starts[0]
        free = found.free if found.start == start else None
        self._ask(WAY, found, start=start, money=money, way=None, free=free)

    def ask_similar(self, within: str = "", elsewhere: str = "") -> bool:
        """Look for other plans nearly as good, with shares as they were typed (empty: as usual);
        False where one of them is wrong: then `refused` has text and fault of each."""
        texts = {"within": within, "elsewhere": elsewhere}
        try:
            shares = {"within": WITHIN, "elsewhere": ELSEWHERE, **typed_shares(texts)}
            check_shares(**shares)
        except BadInput as error:
            faults = {fault.column: fault for fault in error.faults}
            self.refused = {name: (text, faults.get(name)) for name, text in texts.items()}
            self._search.notify()
            return False
        self.refused = {}
        self._ask(SIMILAR, self.now, similar=None, **shares)
        return True

    def ask_stays(self) -> None:
        """Plan the settings in hand again for some draws, to see what stays and what it costs."""
        self._ask(STAYS, self.at_hand, stays=None, planned=0)

    def stop(self) -> None:
        """End the way and other plans with what is found so far."""
        with self._lock:
            for what in {WAY, SIMILAR} & self._stops.keys():
                self._stops[what].set()

    def end_stays(self) -> None:
        """Give up what is planned again; of a part of the draws nothing can be stated."""
        self._drop(STAYS)

    def cancel(self) -> None:
        """End what is being worked out, and drop what was not found yet."""
        for what in (WAY, SIMILAR, STAYS):
            self._drop(what)

    def wait(self, seconds: float) -> bool:
        """Whether nothing is being worked out any more within `seconds`."""
        return self._idle.wait(seconds)

    def changes(self, name: str) -> dict[str, Any]:
        """The values of parameters that make one of the plans the plan in hand."""
        found = self.now
        inside = found.case.scenario
        given = {"locks": inside.locks, "budget": inside.budget}
        if name != BEST:
            plan = found.plans[name]
            given = {"locks": locks_of(plan, found.case), "budget": plan.scenario.budget}
        return {**given, "near": inside.near}

    def open(self, name: str) -> bool:
        """Show one of the plans: its classes and machines become locks, with its money."""
        found, changes = self.now, self.changes(name)
        if name != BEST:
            case = changed(self._search.now.case, **changes)
            with self._lock:
                self._opened[case.fingerprint] = found.case.fingerprint, name
        return self._change(**changes)

    # -------------------------------------------------------------------------------------

    @property
    def _pinned(self) -> dict[str, Plan]:
        """Plans of the tables in hand, by their letter."""
        return {pin.letter: pin.plan for pin in self._pins_of(self.now.case)}

    def _asked_from(self, fingerprint: str) -> tuple[str, str]:
        return self._opened.get(fingerprint, (fingerprint, ""))

    def _follow(self) -> None:
        """Cancel what belongs to other settings than those in hand."""
        with self._lock:
            if self._stops and not (self.now.pending or self.at_hand.pending):
                self.cancel()

    def _drop(self, what: str) -> None:
        with self._lock:
            if what in self._stops:
                self._stops.pop(what).abandon()
            for key, known in self._answers.items():
                self._answers[key] = replace(known, pending=known.pending - {what})
            if not self._stops:
                self._idle.set()

    def _ask(self, what: str, found: OtherPlans, **known: Any) -> None:
        with self._lock:
            if what in self._stops:
                self._stops.pop(what).abandon()
            stop = self._stops[what] = Stop()
            self._idle.clear()
            failures = {other: text for other, text in found.failures.items() if other != what}
            found = replace(found, pending=found.pending | {what}, failures=failures, **known)
            self._answers.pop(found.case.fingerprint, None)  # it is the newest now
            self._answers[found.case.fingerprint] = found
            while len(self._answers) > MOST_SETTINGS:
                del self._answers[next(iter(self._answers))]
        threading.Thread(target=self._run, args=(what, found, stop), daemon=True).start()
        self._search.notify()

    def _run(self, what: str, found: OtherPlans, stop: Stop) -> None:
        failure = ""
        with language(found.case.scenario.language), suppress(Abandoned), self._turn:
            try:
                best = self._best(found, stop)
                for answer in self._answers_to(what, found, best, stop):
                    self._publish(what, found, stop, best=best, **answer)
            except NoPlan as error:
                failure = str(error).split("\n")[0]
            except Abandoned:
                raise
            except Exception as error:  # the page shows it and can be used further
                failure = str(error) or type(error).__name__
            self._publish(what, found, stop, failure, done=True)

    def _answers_to(
        self, what: str, found: OtherPlans, best: Plan, stop: Stop
    ) -> Iterator[dict[str, Any]]:
        """The fields that are known then, each time there is something new."""
        if what == SIMILAR:
            w, e = found.within, found.elsewhere
            for similar in growing_similar(best, found.case, within=w, elsewhere=e, stop=stop):
                yield {"similar": similar}
            return
        if what == STAYS:
            yield {"stays": self._stays(found, best, stop)}
            return
        given = self._given(found)
        inside: tuple[Case, Plan] | None = found.case, best
        if found.money == OWN:
            inside = best_with_own_money(given, found.case, stop)
        if inside is None:
            raise ValueError(no_own_way(given, found.case))
        free = self._known_free(found, given, best)
        if found.money == MORE and free is not None:
            yield {"way": free}
            return
        options: WayOptions = {"nested": found.money == NESTED, "stop": stop}
        if free and found.money == NESTED:
            options["fewest"] = free.fewest
        for way in growing_way(given, *inside, **options):
            yield {"way": way}
        if found.money == NESTED:
            way = free or way_of_steps(given, *inside, fewest=way.fewest, stop=stop)
        if found.money != OWN:
            yield {"free": way}

    @staticmethod
    def _known_free(found: OtherPlans, given: Plan, best: Plan) -> Way | None:
        """The way between these plans that was searched to its end before, no step kept."""
        free = found.free
        if free is None or free.given is not given or free.best is not best or not free.steps:
            return None
        whole = reaches_best(free) or free.steps[-1].most == free.fewest.changes + WAY_STEPS
        return free if whole else None

    def _stays(self, found: OtherPlans, best: Plan, stop: Stop) -> Uncertainty:
        def progress(done: int, _of: int) -> None:
            self._publish(STAYS, found, stop, planned=done)

        return stays_alone(best, found.case, found.draws, on_progress=progress, stop=stop)

    def _best(self, found: OtherPlans, stop: Stop) -> Plan:
        """The plan of the settings, once it is proven or stopped."""
        while self._search.now.case.fingerprint == found.case.fingerprint and not stop.is_set():
            if self._search.wait(WAIT):
                now = self._search.now
                if now.busy or now.case.fingerprint != found.case.fingerprint:
                    continue
                if now.plan is None:
                    raise now.none or NoPlan([], False, False)
                return now.plan
        if found.best is None:
            raise Abandoned
        return found.best

    def _given(self, found: OtherPlans) -> Plan:
        """The plan where the way begins."""
        if found.start in self._pinned:
            return self._pinned[found.start]
        return found.free.given if found.free else given_plan(found.start, found.case)

    def _publish(
        self,
        what: str,
        found: OtherPlans,
        stop: Stop,
        failure: str = "",
        *,
        done: bool = False,
        **answer: Any,
    ) -> None:
        with self._lock:
            if self._stops.get(what) is not stop:
                raise Abandoned
            known = self._answers[found.case.fingerprint]
            if done:
                del self._stops[what]
                answer["pending"] = known.pending - {what}
            if failure:
                answer["failures"] = {**known.failures, what: failure}
            self._answers[found.case.fingerprint] = replace(known, **answer)
        self._search.notify()
        with self._lock:
            if not self._stops:
                self._idle.set()  # only now: `wait` returns after all listeners were called
