"""Other plans that are nearly as good and differ visibly, or the proof that there is none.

Each search makes the money that goes elsewhere as large as it can (`money_elsewhere`), and ends
with the first plan that spends as much elsewhere as is asked. Where its nodes are not enough,
searches around the plans that there are go on. Plans that spend less elsewhere, a quarter of what
is asked at least, are shown too. The bound of a search holds for every plan: where it is less than
what is asked, there is no further plan.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import takewhile
from math import inf
from typing import Any, NamedTuple

from ikmplan.alternatives.money_elsewhere import (
    elsewhere_share,
    money_by_place,
    share_elsewhere,
    spends_elsewhere,
)
from ikmplan.faults import BadInput, Fault
from ikmplan.input.case import Case
from ikmplan.insight.demands import changed
from ikmplan.model.decisions import count_names, decisions_of, names_of, values_of
from ikmplan.model.distance import Place, counts_of
from ikmplan.model.highs import Abandoned, Model, SearchResult, Stop
from ikmplan.model.problem import make_problem
from ikmplan.model.rules import RULES, objective
from ikmplan.model.run_highs import Values
from ikmplan.model.stages import FEW_NODES, HIGHS, POLISH_GAP, ROUGH_GAP, as_searched
from ikmplan.plan.audit import audit
from ikmplan.plan.derive import make_plan
from ikmplan.plan.plan import VALUE_TOLERANCE, Plan, make_proof, relative_gap
from ikmplan.text import N_, _

ROUNDS, ROUND_NODES = 40, 5  # of all searches around plans: every machine finds the same plans
FAILED_ROUNDS = 10  # one after the other
FREE_SHARE = 0.35  # of the items and hosts, in a round
WHOLE_NODES = 300  # of a search in which all is whole
SHORT_SECONDS = 60.0  # of completing a plan, which takes a few
SIMILAR_SECONDS = 600.0  # of a search: the last resort, which is named where it ended one
NEAREST_SHOWN = 0.25  # of what is asked: a plan that differs less is not worth looking at
MOST_PLANS, WITHIN, ELSEWHERE = 5, 0.01, 0.2
FOUND_ALL, NONE_LEFT, GAVE_UP = "found", "none", "unknown"
NODES_OVER, TIME_OVER, ENDED_BY_USER = "nodes", "time", "user"  # why a search gave up
SHARE_TOLERANCE = 1e-6  # smaller differences of shares are none


@dataclass(frozen=True)
class SimilarPlans:
    """A plan and others nearly as good, those that differ as much as asked first.

    `outcome` states why there are no more plans that spend at least `elsewhere` elsewhere, than
    the plan and than each other.
    """

    plan: Plan
    others: tuple[Plan, ...]
    within: float  # of the plan's value, which is lost at most
    elsewhere: float  # of the money, which differs at least
    outcome: str  # FOUND_ALL: as many as asked for; NONE_LEFT: proven that there is no other
    farthest: float = 1.0  # of the plan's money: no plan as good spends more of it elsewhere
    ended: str = NODES_OVER  # what ended the search for a further one, where it GAVE_UP
    nodes: int = 0  # of that search

    @cached_property
    def shares(self) -> tuple[float, ...]:
        """Of each of the others: the share of the money of the plan and of each of those before it
        that goes elsewhere in it, the least of them."""
        spent = [money_by_place(plan) for plan in (self.plan, *self.others)]
        return tuple(
            min(elsewhere_share(before, spent[n]) for before in spent[:n])
            for n in range(1, len(spent))
        )

    @property
    def as_far(self) -> int:
        """How many of the others differ as much as asked; the rest differ less."""
        enough = self.elsewhere - SHARE_TOLERANCE
        return len([*takewhile(lambda share: share >= enough, self.shares)])

    @property
    def shared(self) -> dict[Place, int]:
        """Classes and machines that every plan has at the same place, the fewest of them."""
        every = [counts_of(plan) for plan in (self.plan, *self.others)]
        return {at: n for at in every[0] if (n := min(counts.get(at, 0) for counts in every))}


def check_shares(**given: Any) -> None:
    """Raises `BadInput` where `within` or `elsewhere` is no share that can be asked for."""
    faults = []
    for name, value in given.items():
        known = isinstance(value, int | float) and not isinstance(value, bool)
        if known and (0 <= value < 1 if name == "within" else 0 < value <= 1):
            continue
        problem, fix = _SHARES[name]
        fault = Fault(_("other plans"), None, name, str(value), _(problem), _(fix))
        faults.append(fault)
    if faults:
        raise BadInput(faults)


_SHARES = {
    "within": (
        N_("must be a share from 0% to less than 100%."),
        N_("With 1%, the number 0.01, another plan may lose a hundredth of what the plan reaches."),
    ),
    "elsewhere": (
        N_("must be a share of more than 0%, and 100% at most."),
        N_(
            "With 20%, the number 0.2, another plan spends at least a fifth of the money elsewhere."
        ),
    ),
}


def growing_similar(
    plan: Plan,
    case: Case,
    *,
    most: int = MOST_PLANS,
    within: float = WITHIN,
    elsewhere: float = ELSEWHERE,
    stop: threading.Event | None = None,
) -> Iterator[SimilarPlans]:
    """Up to `most` plans that lose no more than the share `within` of the plan's value and spend
    at least the share `elsewhere` of its money, and of each other's, at other places: each with
    those before it, as soon as it is found. After them come plans that spend less elsewhere, as
    much as is found and no less than a quarter of it.

    The outcome of the last holds, that of those before is GAVE_UP. Raises `BadInput` where a
    share is none that can be asked for.
    """
    check_shares(within=within, elsewhere=elsewhere)
    found = SimilarPlans(plan, (), within, elsewhere, GAVE_UP)
    outcome, rounds = FOUND_ALL, ROUNDS
    while len(found.others) < most:
        before = [plan, *found.others]
        search = _Farthest(before, case, within, elsewhere, rounds, stop)
        answer = search.answer(from_plans=outcome == GAVE_UP)
        rounds -= answer.rounds
        if not found.others:
            found = replace(found, farthest=answer.bound)
        if outcome == FOUND_ALL and answer.share < elsewhere - SHARE_TOLERANCE:
            outcome = NONE_LEFT if answer.bound < elsewhere - SHARE_TOLERANCE else GAVE_UP
            found = replace(found, ended=answer.ended, nodes=answer.nodes)
        if answer.plan is None or answer.share < NEAREST_SHOWN * elsewhere - SHARE_TOLERANCE:
            break
        if outcome != FOUND_ALL and any(_is_part(answer.plan, other) for other in before):
            break  # it only leaves out something: that is no other plan worth looking at
        found = replace(found, others=(*found.others, answer.plan))
        yield found
        if stop is not None and stop.is_set() and len(found.others) < most:
            outcome, found = GAVE_UP, replace(found, ended=ENDED_BY_USER)
            break
    yield replace(found, outcome=FOUND_ALL if found.as_far >= most else outcome)


def _is_part(plan: Plan, other: Plan) -> bool:
    """Whether it spends no more than the other at any place."""
    there = money_by_place(other)
    return all(n <= there.get(at, 0) for at, n in money_by_place(plan).items())


class _Answer(NamedTuple):
    plan: Plan | None
    share: float  # of the money that it spends elsewhere; 0 without a plan
    bound: float  # no plan spends more elsewhere
    ended: str
    nodes: int
    rounds: int  # of searches around plans


class _Farthest:
    """The search for the plan that differs most from given ones, or as much as `goal`.

    Seats and units are not whole at first; that alone makes it fast on a city. They are completed
    with the same classes and machines. Where the first search ended by itself, and that was not
    enough, the whole problem decides; where it did not end, searches around the plans found go on.
    """

    def __init__(
        self,
        plans: Sequence[Plan],
        case: Case,
        within: float,
        goal: float,
        rounds: int,
        stop: threading.Event | None,
    ):
        """`rounds` is how many searches around plans there may be, where the first one fails."""
        self._plans, self._goal, self._stop = plans, goal, stop
        self._most_rounds, self._rounds = rounds, 0
        proof = plans[0].proof
        least = proof.value - within * abs(proof.value)
        # nothing is better than the bound of the best plan, which is that of every other one too
        self._given = changed(case, gap=min(1.0, relative_gap(least, proof.bound)), near=())
        self._case, scale = as_searched(self._given)
        self._problem, self._v = make_problem(
            self._case,
            aim=lambda _case, v: 1 * share_elsewhere(v),
            least=least / scale - VALUE_TOLERANCE / 2,
            rules=(*RULES, spends_elsewhere(plans)),
        )
        self._share = share_elsewhere(self._v).name
        self._began, self._nodes = time.monotonic(), 0

    def answer(self, from_plans: bool) -> _Answer:
        """What is found; `from_plans` leaves out what found nothing for the plans before."""
        model = Model(self._problem)
        rough = self._rough(model, from_plans)
        bound, values = min(1.0, max(0.0, rough.bound)), None
        by_itself = rough.finished or rough.value >= self._goal
        if rough.values is not None:
            values = self._completed(model, rough.values, by_itself)
        share = values[self._share] if values else 0.0
        if by_itself and share < self._goal - SHARE_TOLERANCE <= bound:
            whole = self._search(model, 0.0, WHOLE_NODES, start=values)
            bound = max(0.0, min(bound, whole.bound))
            values = whole.values or values
        if values is None:
            return _Answer(None, 0.0, bound, *self._effort)
        values = self._best_as_far(values)
        return _Answer(self._plan(values), values[self._share], bound, *self._effort)

    def _rough(self, model: Model, from_plans: bool) -> SearchResult:
        """The farthest plan that is found while seats and units are not whole."""
        parts = names_of(self._v.units, self._v.seats)
        found = SearchResult(None, -inf, 1.0, finished=False)
        if not from_plans:
            found = self._search(model, ROUGH_GAP, FEW_NODES, continuous=parts)
        if found.finished or found.value >= self._goal or found.stopped:
            return found
        if found.values is None:
            near = (self._like(model, plan, parts) for plan in self._plans)
            nearest = max((found, *near), key=lambda result: result.value)
            found = replace(nearest, bound=found.bound)
        return self._improved(model, found, parts)

    def _like(self, model: Model, plan: Plan, parts: list[str]) -> SearchResult:
        """The farthest plan with the classes and machines of a given one."""
        bounds = self._around(model, values_of(self._v, plan), 0)
        found = self._search(model, ROUGH_GAP, 1, continuous=parts, bounds=bounds)
        return replace(found, finished=False)  # it is no proof

    def _improved(self, model: Model, found: SearchResult, parts: list[str]) -> SearchResult:
        """Large neighbourhood search (Shaw 1998): again and again, what some items and hosts
        have is searched and what all others have is held, as long as that finds better plans."""
        drawn, failed, groups = random.Random(self._case.scenario.seed), 0, self._groups
        while (
            found.values is not None
            and found.value < self._goal - SHARE_TOLERANCE
            and failed < FAILED_ROUNDS
            and self._rounds < self._most_rounds
            and self._ended == NODES_OVER
        ):
            self._rounds += 1
            chosen = drawn.sample(groups, max(1, round(FREE_SHARE * len(groups))))
            bounds = self._around(model, found.values, 0)
            for name in {name for group in chosen for name in group}:
                del bounds[name]
            held = {"continuous": parts, "bounds": bounds, "start": found.values}
            near = self._search(model, ROUGH_GAP, ROUND_NODES, **held)
            failed += 1
            if near.values is None or near.value <= found.value + SHARE_TOLERANCE:
                continue
            if self._whole(model, near.values, 0) is not None:  # else whole seats do not fit
                found, failed = replace(near, finished=False, bound=found.bound), 0
        return found

    @property
    def _groups(self) -> list[list[str]]:
        """What each item has at all hosts, and each host of all items: names of the counts."""
        groups: dict[tuple[int, str], list[str]] = {}
        for kind in (self._v.classes, self._v.machines, self._v.revived):
            for at, x in kind.items():
                for side, key in enumerate(at):
                    groups.setdefault((side, key), []).append(x.name)
        opened = [[x.name] for x in self._v.opened.values()]
        return [*(groups[key] for key in sorted(groups)), *opened]

    def _search(self, model: Model, gap: float, nodes: int, **options: Any) -> SearchResult:
        left = max(0.0, SIMILAR_SECONDS - (time.monotonic() - self._began))
        seed = self._case.scenario.seed
        options = {"target": self._goal, "seed": seed, "stop": self._stop, **options}
        found = model.search(gap, options.pop("seconds", left), nodes=nodes, **options)
        self._nodes += found.nodes
        if isinstance(self._stop, Stop) and self._stop.abandoned.is_set():
            raise Abandoned
        return found

    def _search_shortly(self, model: Model, gap: float, **options: Any) -> SearchResult:
        """A search of a moment, so that no plan is lost where time is over or Stop was pressed."""
        abandoned = self._stop.abandoned if isinstance(self._stop, Stop) else None
        options = {"seconds": SHORT_SECONDS, "stop": abandoned, **options}
        return self._search(model, gap, FEW_NODES, **options)

    def _completed(self, model: Model, rough: Values, farther: bool) -> Values | None:
        """The farthest plan with these classes and machines; with one more or less of each where
        there is none, or where it shall go `farther` towards the goal."""
        best = self._whole(model, rough, 0)
        enough = not farther or (best and best[self._share] >= self._goal - SHARE_TOLERANCE)
        if best is not None and enough:
            return best
        return self._whole(model, rough, 1, best) or best

    def _whole(
        self, model: Model, rough: Values, off: int, start: Values | None = None
    ) -> Values | None:
        """The farthest plan with these classes and machines, or so many more or less of each."""
        bounds = self._around(model, rough, off)
        return self._search_shortly(model, ROUGH_GAP, bounds=bounds, start=start).values

    def _around(self, model: Model, values: Values, off: int) -> dict[str, tuple[float, float]]:
        counts, bounds = {*count_names(self._v)}, {}
        for x in model.variables:
            if x.name in counts:
                n = round(values[x.name])
                most = inf if x.upBound is None else x.upBound
                bounds[x.name] = (max(x.lowBound or 0, n - off), min(most, n + off))
        return bounds

    def _best_as_far(self, values: Values) -> Values:
        """The best plan that differs as much, with the same classes and machines."""
        elsewhere = self._problem.objective
        self._problem.setObjective(objective(self._case, self._v))
        model = Model(self._problem)
        far = max(0.0, min(values[self._share], self._goal) - SHARE_TOLERANCE / 2)
        bounds = {**self._around(model, values, 0), self._share: (far, 1.0)}
        found = self._search_shortly(model, POLISH_GAP, bounds=bounds, start=values, target=None)
        self._problem.setObjective(elsewhere)
        return found.values or values

    def _plan(self, values: Values) -> Plan:
        decisions, given = decisions_of(self._case, self._v, values), self._given
        bound, asked = self._plans[0].proof.bound, given.scenario.gap
        plan = make_plan(given, decisions, make_proof(given, decisions, bound, asked, HIGHS))
        audit(plan, given)
        return plan

    @property
    def _effort(self) -> tuple[str, int, int]:
        return self._ended, self._nodes, self._rounds

    @property
    def _ended(self) -> str:
        if self._stop is not None and self._stop.is_set():
            return ENDED_BY_USER
        over = time.monotonic() - self._began >= SIMILAR_SECONDS
        return TIME_OVER if over else NODES_OVER
