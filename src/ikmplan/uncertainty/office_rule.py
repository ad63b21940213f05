"""What the office does with a plan when numbers turn out otherwise: it drops, and never adds.

1. A cluster that is smaller: the units whose package has the least chance are not invited. The
   classes that their people would have filled are not held, and cost nothing.
2. Money, days of a trainer or hall, power or space that do not suffice: the class or machine is
   dropped whose loss costs the fewest expected units for what it frees, as far as the numbers
   that stood in the tables say (the office does not know the true chances). Classes may move
   to another quarter first. Who had a seat in a dropped class gets nothing in its place.
3. Machines that run less, or have too few operators: their hours are shared out among their users.

A limit that the announced programme exceeds already with the numbers as they stand is taken as
wide as that needs it, and moves from there (`as_announced`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

import numpy as np

from ikmplan.input.case import Case
from ikmplan.input.uncertain_numbers import Floats
from ikmplan.plan.plan import Plan
from ikmplan.uncertainty.chances import pairs_factor
from ikmplan.uncertainty.drawn_numbers import DrawnNumbers, stated_numbers

AtHost = tuple[str, str]  # a course or machine, and its host
ONE = np.ones(1)
EXCEEDED = 1e-6  # of a limit: what is exceeded by less holds


Units = dict[tuple[str, tuple[str, ...]], Floats]  # (c, items of the package) -> units, (n,)


class Given(NamedTuple):
    """What a plan gives to whom."""

    units: dict[tuple[str, tuple[str, ...]], int]  # (c, items of the package) -> units
    classes: dict[AtHost, int]
    seats: dict[tuple[str, str], int]  # (p, c) -> people
    machines: dict[AtHost, int]


def given_by(plan: Plan) -> Given:
    """The decisions of a plan, its classes over the whole year."""
    classes: Counter[AtHost] = Counter()
    for p, h, _q, n in plan.classes.itertuples(index=False):
        classes[p, h] += n
    return Given(
        {(c, tuple(k.split("+"))): n for c, k, n, *_ in plan.units.itertuples(index=False)},
        dict(classes),
        {(p, c): n for p, c, n in plan.seats.itertuples(index=False)},
        {(e, h): n for e, h, n in plan.machines.itertuples(index=False)},
    )


class Scarce(NamedTuple):
    """Something scarce: what one class or machine at a place takes of it, and how much there is."""

    rule: str
    key: str
    each: dict[AtHost, Floats]
    there: Floats


@dataclass(frozen=True)
class Outcome:
    """A plan in each draw, after the office's rule."""

    units: Units  # who is invited
    chances: Units  # with what is delivered of the package
    cost: Floats  # rupiah, after dropping
    holds: dict[tuple[str, str], Floats]  # (rule, key) -> 1 where nothing had to be dropped for it
    sizes: dict[str, Floats]


class PlanInDraws:
    """A plan, a case and the numbers of the case as they are drawn."""

    def __init__(self, given: Given, case: Case, as_announced: bool = False):
        self.case, self.given, self.stated = case, given, stated_numbers(case)
        self.as_announced = as_announced

    def outcome(self, numbers: DrawnNumbers) -> Outcome:
        """What becomes of the plan in each draw."""
        units = self._invited(numbers)
        people = self._people(units)
        held = self._held(people)
        cost_of = self._cost_of(numbers, people, held)
        kept, holds = dict(held), {}
        stated_held = self._stated_held
        for limit, stated in zip(self._limits(numbers, cost_of), self._stated_limits, strict=True):
            there = limit.there
            if self.as_announced:
                taken = total_of(each * stated_held[at] for at, each in stated.each.items())
                there = there + np.maximum(0, taken - stated.there)
            holds[limit.rule, limit.key] = self._holds(limit._replace(there=there), held)
            self._drop(limit._replace(there=there), stated, kept)
        shares = {at: _share(kept[at], n) for at, n in held.items()}
        delivered = self._delivered(numbers, units, shares, kept)
        chances = {
            (c, items): 1
            - np.prod([1 - delivered[i, c] * numbers.chance(i, c) for i in items], axis=0)
            * pairs_factor(numbers.drawn, c, items, {i: delivered[i, c] for i in items})
            for c, items in units
        }
        cost = total_of(cost_of[at] * n for at, n in kept.items())
        sizes = {c: numbers.size(c) for c in self.case.clusters}
        return Outcome(units, chances, cost, holds, sizes)

    # people and what is held for them ------------------------------------------------------

    def _invited(self, numbers: DrawnNumbers) -> Units:
        """Rule 1: the units that are there, those with the best packages first."""
        found: Units = {}
        for c in dict.fromkeys(c for c, _k in self.given.units):
            packages = [k for at, k in self.given.units if at == c]
            packages.sort(key=lambda k: -self.case.chance_of(c, k))
            left, young = numbers.size(c), numbers.young(c)
            for k in packages:
                wanted = float(self.given.units[c, k])
                found[c, k] = np.minimum(wanted, left)
                if any(i in self.case.courses and self.case.courses[i].young_only for i in k):
                    found[c, k] = np.minimum(found[c, k], young)
                    young = young - found[c, k]
                left = left - found[c, k]
        return found

    def _people(self, units: Units) -> dict[tuple[str, str], Floats]:
        """(p, c) -> people who come: the seats less those of units that are not there."""
        people: dict[tuple[str, str], Floats] = {}
        for (p, c), seats in self.given.seats.items():
            missing = total_of(
                self.given.units[at] - n for at, n in units.items() if at[0] == c and p in at[1]
            )
            people[p, c] = np.maximum(seats - missing, 0)
        return people

    def _at(self, p: str, h: str) -> list[tuple[str, str]]:
        return [key for key in self.given.seats if key[0] == p and self.case.host(*key) == h]

    def _held(self, people: dict[tuple[str, str], Floats]) -> dict[AtHost, Floats]:
        """Classes and machines before anything is dropped for a limit."""
        held: dict[AtHost, Floats] = {}
        for (p, h), n in self.given.classes.items():
            keys = self._at(p, h)
            seats = sum(self.given.seats[key] for key in keys)
            come = total_of(people[key] for key in keys)
            held[p, h] = np.ceil(n * come / seats - EXCEEDED) if seats else np.full(1, float(n))
        return held | {at: np.full(1, float(n)) for at, n in self.given.machines.items()}

    def _cost_of(
        self,
        numbers: DrawnNumbers,
        people: dict[tuple[str, str], Floats],
        held: dict[AtHost, Floats],
    ) -> dict[AtHost, Floats]:
        """What one class with its people, or one machine, costs."""
        found = {}
        for p, h in self.given.classes:
            come = total_of(people[key] for key in self._at(p, h))
            each = come / np.maximum(held[p, h], 1)
            found[p, h] = numbers.cost_class(p) + numbers.cost_person(p) * each
        return found | {(e, h): numbers.price(e) for e, h in self.given.machines}

    # limits --------------------------------------------------------------------------------

    def _limits(self, numbers: DrawnNumbers, cost_of: dict[AtHost, Floats]) -> Iterator[Scarce]:
        """Everything scarce, in a fixed order: sites, days, then the money."""
        machines, classes = self.given.machines, self.given.classes
        for rule, what in (("power_at_site", "kva"), ("floor_space_at_site", "floor_m2")):
            for c in dict.fromkeys(h for _e, h in machines if h in self.case.clusters):
                each = {
                    (e, h): np.full(1, float(getattr(self.case.equipment[e], what)))
                    for e, h in machines
                    if h == c
                }
                yield Scarce(rule, c, each, numbers.site(what, c))
        for r in self.case.resources:
            each = {(p, h): numbers.uses[p, r] for p, h in classes if (p, r) in numbers.uses}
            if each:
                yield Scarce("resource_days", r, each, numbers.days(r))
        for funds, items in self._paid_only_by:
            each = {at: cost for at, cost in cost_of.items() if at[0] in items}
            if each:
                there = np.sum([numbers.fund(f) for f in funds], axis=0)
                yield Scarce("funds_cover", "+".join(funds), each, there)
        yield Scarce("within_budget", "budget", cost_of, numbers.budget())

    @cached_property
    def _paid_only_by(self) -> list[tuple[tuple[str, ...], set[str]]]:
        """Sets of funds, and the items that no other fund may pay for (Hall's condition)."""
        payers = {i: set(self.case.payers(i)) for i, _h in self._stated_held}
        distinct = {frozenset(funds) for funds in payers.values() if funds}
        unions = {
            frozenset().union(*some)
            for n in range(1, len(distinct) + 1)
            for some in combinations(sorted(distinct, key=sorted), n)
        }
        return [
            (tuple(sorted(funds)), {i for i, by in payers.items() if by <= funds})
            for funds in sorted(unions, key=lambda funds: (len(funds), sorted(funds)))
        ]

    @cached_property
    def _stated_held(self) -> dict[AtHost, int]:
        return self.given.classes | self.given.machines

    @cached_property
    def _stated_limits(self) -> list[Scarce]:
        people = self._people(self._invited(self.stated))
        held = self._held(people)
        return list(self._limits(self.stated, self._cost_of(self.stated, people, held)))

    def _holds(self, limit: Scarce, held: dict[AtHost, Floats]) -> Floats:
        """1 in the draws in which the limit holds before anything is dropped."""
        taken = total_of(each * held[at] for at, each in limit.each.items())
        return (taken <= limit.there * (1 + EXCEEDED)).astype(float)

    def _drop(self, limit: Scarce, stated: Scarce, kept: dict[AtHost, Floats]) -> None:
        """Rule 2 for one limit: fewer of the classes and machines in `kept`."""
        taken = total_of(each * kept[at] for at, each in limit.each.items())
        excess = np.maximum(taken - limit.there * (1 + EXCEEDED), 0)
        missed = {at: self.missed[at] / max(float(stated.each[at][0]), 1e-9) for at in limit.each}
        for at in sorted(limit.each, key=lambda at: (missed[at], at)):
            if not excess.any():
                return
            each = limit.each[at]
            dropped = np.ceil(excess / np.maximum(each, 1e-9) - EXCEEDED)
            dropped = np.minimum(dropped, kept[at]) * (each > 0)
            kept[at] = kept[at] - dropped
            excess = np.maximum(excess - dropped * each, 0)

    @cached_property
    def missed(self) -> dict[AtHost, float]:
        """Expected units that one class or machine fewer at a place costs, as the numbers stand."""
        units = self._invited(self.stated)
        everything = {at: np.ones(1) for at in self._stated_held}

        def reached(shares: dict[AtHost, Floats]) -> float:
            kept = {at: shares[at] * n for at, n in self._stated_held.items()}
            delivered = self._delivered(self.stated, units, shares, kept)
            total = 0.0
            for (c, items), n in units.items():
                if self.case.is_ikm(c):
                    none = [1 - delivered[i, c] * self.stated.chance(i, c) for i in items]
                    total += float(n[0] * (1 - np.prod(none)))
            return total

        whole = reached(everything)
        return {
            at: (whole - reached(everything | {at: np.zeros(1)})) / n
            for at, n in self._stated_held.items()
        }

    # what is delivered ---------------------------------------------------------------------

    def _delivered(
        self,
        numbers: DrawnNumbers,
        units: Units,
        shares: dict[AtHost, Floats],
        kept: dict[AtHost, Floats],
    ) -> dict[tuple[str, str], Floats]:
        """(item, c) -> share of those with the item in their package who get it: 0..1."""
        found: dict[tuple[str, str], Floats] = {}
        users: dict[AtHost, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
        for c, items in units:
            for i in items:
                at = i, self.case.host(i, c)
                if i in self.case.equipment:
                    users[at].append((c, items))
                else:
                    found[i, c] = shares.get(at, np.ones(1))
        for (e, h), by in users.items():
            operated = self._operated(numbers, units, shares, kept, (e, h))
            running = kept.get((e, h), np.zeros(1)) * operated
            there = numbers.machine_hours(e) * (numbers.existing(e, h) + running)
            wanted = total_of(units[at] * numbers.hours_of(e, at[0]) for at in by)
            share = np.minimum(1, (there + EXCEEDED) / np.maximum(wanted, EXCEEDED))
            found |= {(e, c): share for c, _items in by}
        return found

    def _operated(
        self,
        numbers: DrawnNumbers,
        units: Units,
        shares: dict[AtHost, Floats],
        kept: dict[AtHost, Floats],
        place: AtHost,
    ) -> Floats:
        """Share of the new machines at a place that have their operators."""
        e, h = place
        p = self.case.operator_course(e)
        rows = self.case.equipment
        placed = {at: n for at, n in self.given.machines.items()
                  if at[1] == h and self.case.operator_course(at[0]) == p}  # fmt: skip
        if p is None or not placed:
            return np.ones(1)
        taught_by = {
            (c, k): (p, self.case.host(p, c))
            for c, k in self.given.units
            if p in k and any((i, self.case.host(i, c)) in placed for i in k)
        }
        trained = total_of(units[at] * shares.get(host, ONE) for at, host in taught_by.items())
        there = numbers.taught(p) * trained + numbers.operators(p, h)
        needed = total_of(rows[x].operators * kept[x, at] for x, at in placed)
        stated = self.stated.taught(p) * sum(self.given.units[at] for at in taught_by)
        before = sum(rows[x].operators * n for (x, _h), n in placed.items())
        wider = np.maximum(0, before - stated - self.stated.operators(p, h))
        there = there + wider * self.as_announced
        share: Floats = np.minimum(1, (there + EXCEEDED) / np.maximum(needed, EXCEEDED))
        return share


def total_of(arrays: Iterable[Floats]) -> Floats:
    """Their sum, draw by draw; 0 of none."""
    return sum(arrays, np.zeros(1))


def _share(kept: Floats, held: Floats) -> Floats:
    return np.where(held > 0, kept / np.maximum(held, 1e-9), 1.0)
