"""What the office does with a plan when numbers turn out otherwise: it drops, and never adds.

1. A cluster that is smaller, or in which fewer want a course or line: the units whose package has
   the least chance are not invited, and last of all those who learn to run a machine that others
   use too. The classes that their people would have filled are not held, and cost nothing.
2. Money, days of a trainer or hall, power, space or idle machines that do not suffice: the class
   or machine is dropped whose loss costs the fewest expected units, each with the weight of its
   cluster, for what it frees, as the numbers that stood in the tables have it (the office does
   not know the true chances). Where fewer are lost by closing an opening with all that needs it,
   it is closed; one in which nothing is left closes, and costs nothing. Classes may move to
   another quarter first. Who had a seat in a dropped class gets nothing in its place.
   A limit of the office's own that allows so much money, or such a share of it, is kept in the same
   way. What any of its own limits needs is dropped only where nothing else suffices; where one does
   not hold in the end it is counted, as nothing is added for it.
3. Machines that run less, or have too few operators: their hours are shared out among their
   users. Of a line as much is used as its narrowest machine allows.

A limit that the announced programme exceeds already with the numbers as they stand is taken as
wide as that needs it, and moves from there (`as_announced`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY, EQUIPMENT, TRAINING
from ikmplan.input.uncertain_numbers import Floats
from ikmplan.plan.plan import OPENING
from ikmplan.uncertainty.chances import pairs_factor
from ikmplan.uncertainty.drawn_numbers import DrawnNumbers, stated_numbers, total_of
from ikmplan.uncertainty.given import (
    REVIVED,
    Costs,
    Delivered,
    Given,
    HeldThings,
    PackageUnits,
    People,
    Thing,
)
from ikmplan.uncertainty.limits_followed import OWN_LIMIT, LimitsFollowed
from ikmplan.uncertainty.scarce import Scarce, Scarcity, total_by_thing

NONE, ONE = np.zeros(1), np.ones(1)
SAME_UNITS = 1e-9  # units: what rounding makes of equal numbers
EXCEEDED = 1e-6  # of a limit: what is exceeded by less holds


@dataclass(frozen=True)
class Outcome:
    """A plan in each draw, after the office's rule."""

    units: PackageUnits  # who is invited
    chances: PackageUnits  # with what is delivered of the package
    cost: Floats  # rupiah, after dropping
    holds: dict[tuple[str, str], Floats]  # (rule, key) -> 1 where nothing had to be dropped for it
    sizes: dict[str, Floats]


class PlanInDraws:
    """A plan, a case and the numbers of the case as they are drawn."""

    def __init__(self, given: Given, case: Case, as_announced: bool = False):
        self.case, self.given, self.stated = case, given, stated_numbers(case)
        self.as_announced = as_announced
        self.scarcity = Scarcity(case, given.things, as_announced)

    def outcome(self, numbers: DrawnNumbers) -> Outcome:
        """What becomes of the plan in each draw."""
        units = self._invited(numbers)
        people = self._people(units)
        held = self._held(people)
        costs = self._costs(numbers, people, held)
        for o in self.scarcity.closes_when_empty:
            self._closed_if_empty(o, held)
        kept, holds = dict(held), dict[tuple[str, str], Floats]()
        given = self.given.things
        delivered_by = partial(self._delivered, numbers, units, held)
        own_limits = self.scarcity.own_limits
        own = LimitsFollowed(numbers, own_limits, costs, people, units, delivered_by)
        limits = self.scarcity.limits(numbers, costs)
        for limit, stated in zip(limits, self._stated_limits, strict=True):
            if self.as_announced:
                taken = total_of(each * given[at] for at, each in stated.each.items())
                wider = np.maximum(0, taken - stated.there)
                limit = limit._replace(there=limit.there + wider)
            if limit.rule != OWN_LIMIT:
                at, found = (limit.rule, limit.key), self._excess(limit, held) <= 0
                holds[at] = np.minimum(found.astype(float), holds.get(at, ONE))
            self._drop(limit, stated, kept, own)
        holds |= {(OWN_LIMIT, text): found for text, found in own.holds(kept).items()}
        delivered = delivered_by(kept)
        chances = {
            (c, items): 1
            - np.prod([1 - delivered[i, c] * numbers.chance(i, c) for i in items], axis=0)
            * pairs_factor(numbers.drawn, c, items, {i: delivered[i, c] for i in items})
            for c, items in units
        }
        cost = total_of(cost * kept[at] for at, cost in total_by_thing(costs).items())
        sizes = {c: numbers.size(c) for c in self.case.clusters}
        return Outcome(units, chances, cost, holds, sizes)

    # people and what is held for them ------------------------------------------------------

    def _invited(self, numbers: DrawnNumbers) -> PackageUnits:
        """Rule 1: the units that are there and want it, operators and the best packages first."""
        found: PackageUnits = {}
        for c in dict.fromkeys(c for c, _k in self.given.units):
            packages = [k for at, k in self.given.units if at == c]
            teaching = {k for k in packages if not self.case.operator_courses.isdisjoint(k)}
            packages.sort(key=lambda k: (k not in teaching, -self.case.chance_of(c, k)))
            left, young = numbers.size(c), numbers.young(c)
            wanting = self._wanting(numbers, c, packages)
            for k in packages:
                topics = [t for t in map(self.case.topic, k) if t in wanting]
                invited = np.minimum(float(self.given.units[c, k]), left)
                for topic in topics:
                    invited = np.minimum(invited, wanting[topic])
                if any(i in self.case.courses and self.case.courses[i].young_only for i in k):
                    invited = np.minimum(invited, young)
                    young = young - invited
                for topic in topics:
                    wanting[topic] = wanting[topic] - invited
                found[c, k] = invited
                left = left - invited
        return found

    def _wanting(
        self, numbers: DrawnNumbers, c: str, packages: list[tuple[str, ...]]
    ) -> dict[tuple[str, str], Floats]:
        """Kind and topic -> the units of the cluster that want it, of what the packages hold."""
        found: dict[tuple[str, str], Floats] = {}
        for i in dict.fromkeys(i for k in packages for i in k):
            topic = self.case.topic(i)
            wanting = numbers.wanting(i, c)
            if self.as_announced and topic not in found:
                given = sum(
                    self.given.units[c, k] for k in packages if topic in map(self.case.topic, k)
                )
                wanting = wanting + np.maximum(0, given - self.stated.wanting(i, c))
            found.setdefault(topic, wanting)
        return found

    def _people(self, units: PackageUnits) -> People:
        """(p, c) -> people who come: the seats less those of units that are not there."""
        people: People = {}
        for (p, c), seats in self.given.seats.items():
            missing = total_of(
                self.given.units[at] - n for at, n in units.items() if at[0] == c and p in at[1]
            )
            people[p, c] = np.maximum(seats - missing, 0)
        return people

    def _at(self, p: str, h: str) -> list[tuple[str, str]]:
        return [key for key in self.given.seats if key[0] == p and self.case.host(*key) == h]

    def _held(self, people: People) -> HeldThings:
        """Classes, machines and openings before anything is dropped for a limit."""
        held: HeldThings = {}
        for thing, n in self.given.things.items():
            held[thing] = np.full(1, float(n))
            keys = self._at(thing.item, thing.host) if thing.kind == TRAINING else []
            if seats := sum(self.given.seats[key] for key in keys):
                come = total_of(people[key] for key in keys)
                held[thing] = np.ceil(n * come / seats - EXCEEDED)
        return held

    def _costs(self, numbers: DrawnNumbers, people: People, held: HeldThings) -> Costs:
        """What one class with its people, one machine or one opening costs."""
        found: Costs = {}
        for thing in self.given.things:
            kind, item, host = thing
            if kind == TRAINING:
                come = total_of(people[key] for key in self._at(item, host))
                each = come / np.maximum(held[thing], 1)
                found[thing, kind] = numbers.cost_class(item) + numbers.cost_person(item) * each
            elif kind == OPENING:
                found |= {(thing, k): cost for k, cost in numbers.cost_open(item).items()}
            elif kind == REVIVED:
                found[thing, EQUIPMENT] = numbers.revive(item, host)
            else:
                found[thing, EQUIPMENT] = numbers.price(item)
        return found

    # limits --------------------------------------------------------------------------------

    @cached_property
    def _stated_limits(self) -> list[Scarce]:
        people = self._people(self._invited(self.stated))
        costs = self._costs(self.stated, people, self._held(people))
        return list(self.scarcity.limits(self.stated, costs))

    def _drop(self, limit: Scarce, stated: Scarce, kept: HeldThings, own: LimitsFollowed) -> None:
        """Rule 2 for one limit: fewer of the things in `kept`."""
        found = self._dropped(limit, stated, kept, own)
        for o in (at for at in limit.each if at.kind == OPENING):
            other = self._dropped(limit, stated, kept, own, closed_first=o)
            better = self._lost(kept, other) < self._lost(kept, found) - SAME_UNITS
            found = {at: np.where(better, other[at], n) for at, n in found.items()}
        kept |= found

    def _dropped(
        self,
        limit: Scarce,
        stated: Scarce,
        kept: HeldThings,
        own: LimitsFollowed,
        closed_first: Thing | None = None,
    ) -> HeldThings:
        """What is kept so that the limit holds: openings are closed first or last.

        Nothing that limits of the office's own need is dropped, unless the limit cannot hold
        otherwise; then they are no reason to drop something else.
        """
        missed = {at: self.missed[at] / max(float(stated.each[at][0]), 1e-9) for at in limit.each}

        def turn(at: Thing) -> tuple[Any, ...]:
            return at != closed_first, at.kind == OPENING, float(f"{missed[at]:.9g}"), at

        at_once, unneeded = kept, kept
        for at in (order := sorted(limit.each, key=turn)):
            at_once = self._dropped_at_once(limit, at, at_once)
        if not own.limits:
            return at_once
        for at in order:
            unneeded = self._dropped_unneeded(limit, at, unneeded, own)
        enough = self._excess(limit, unneeded) <= 0
        return {at: np.where(enough, unneeded[at], n) for at, n in at_once.items()}

    def _dropped_at_once(self, limit: Scarce, at: Thing, kept: HeldThings) -> HeldThings:
        """Without as many of a thing as the limit asks for."""
        excess = self._excess(limit, kept)
        if not excess.any():
            return kept
        number = np.ceil(excess / np.maximum(limit.each[at], 1e-9) - EXCEEDED)
        return self._without(kept, at, np.minimum(number, kept[at]) * (limit.each[at] > 0))

    def _dropped_unneeded(
        self, limit: Scarce, at: Thing, kept: HeldThings, own: LimitsFollowed
    ) -> HeldThings:
        """The same, but no more than what leaves every limit of the office's own as it is."""
        free = limit.each[at] > 0
        while (one := free & (self._excess(limit, kept) > 0) & (kept[at] > 0)).any():
            fewer = self._without(kept, at, one.astype(float))
            free = free & ~(one & (own.newly_broken(kept, fewer) > 0))
            kept = {x: np.where(one & free, fewer[x], n) for x, n in kept.items()}
        return kept

    def _excess(self, limit: Scarce, kept: HeldThings) -> Floats:
        """How much more is taken than there is."""
        taken = total_of(each * kept[at] for at, each in limit.each.items())
        return np.maximum(taken - limit.there * (1 + EXCEEDED), 0)

    def _without(self, kept: HeldThings, at: Thing, dropped: Floats) -> HeldThings:
        """What is left with so many fewer of a thing: what needs an opening closes with it."""
        left, inside = dict(kept), self.scarcity.inside.get(at, ())
        left[at] = kept[at] - dropped
        for x in inside:
            left[x] = kept[x] * (dropped <= 0)
        for o, things in self.scarcity.closes_when_empty.items():
            if o != at and not {at, *inside}.isdisjoint(things):
                self._closed_if_empty(o, left)
        return left

    def _lost(self, before: HeldThings, kept: HeldThings) -> Floats:
        """About how many expected units are lost, as the numbers stand."""
        lost, counted = NONE, {at: before[at] - n for at, n in kept.items()}
        for o, inside in self.scarcity.inside.items():
            lost = lost + self.missed[o] * counted[o]
            counted |= {x: counted[x] * (1 - counted[o]) for x in inside}
        things = (at for at in counted if at.kind != OPENING)
        return lost + total_of(self.missed[at] * counted[at] for at in things)

    def _closed_if_empty(self, o: Thing, kept: HeldThings) -> Floats:
        """Closes an opening in the draws in which nothing is kept that needs it; 1 where it
        was open."""
        left = total_of(kept[x] for x in self.scarcity.closes_when_empty[o])
        closed = kept[o] * (left <= 0)
        kept[o] = kept[o] - closed
        return closed

    @cached_property
    def missed(self) -> dict[Thing, float]:
        """Expected units, each with its weight, that one of a thing fewer costs, as the numbers
        stand; of an opening with all that needs it."""
        units = self._invited(self.stated)
        everything: HeldThings = {at: np.full(1, float(n)) for at, n in self.given.things.items()}

        def reached(kept: HeldThings) -> float:
            delivered = self._delivered(self.stated, units, everything, kept)
            total = 0.0
            for (c, items), n in units.items():
                if c in self.case.weights:
                    none = [1 - delivered[i, c] * self.stated.chance(i, c) for i in items]
                    total += self.case.weights[c] * float(n[0] * (1 - np.prod(none)))
            return total

        whole = reached(everything)
        without = {
            at: dict.fromkeys((at, *self.scarcity.inside.get(at, ())), NONE) for at in everything
        }
        return {
            at: round((whole - reached(everything | without[at])) / n, 9)
            for at, n in self.given.things.items()
        }

    # what is delivered ---------------------------------------------------------------------

    def _delivered(
        self, numbers: DrawnNumbers, units: PackageUnits, held: HeldThings, kept: HeldThings
    ) -> Delivered:
        """(item, c) -> share of those with the item in their package who get it: 0..1."""
        found: Delivered = {}
        shares = {at: _share(kept[at], n) for at, n in held.items() if at.kind == TRAINING}
        wanted: dict[tuple[str, str], list[Floats]] = defaultdict(list)
        lines: dict[tuple[str, str], dict[tuple[str, str], None]] = defaultdict(dict)
        for (c, items), n in units.items():
            for i in items:
                if i in self.case.courses:
                    found[i, c] = shares.get(Thing(TRAINING, i, self.case.host(i, c)), ONE)
                    continue
                for e in self.case.line_at(i, c):
                    place = e, self.case.host(e, c)
                    wanted[place].append(n * numbers.hours_of_line(e, i, c))
                    lines[place][i, c] = None
        for place, hours in wanted.items():
            operated = self._operated(numbers, units, shares, kept, place)
            there = numbers.machine_hours(place[0]) * self._running(numbers, kept, operated, place)
            share = (there + EXCEEDED) / np.maximum(total_of(hours), EXCEEDED)
            for of_line in lines[place]:
                found[of_line] = np.minimum(found.get(of_line, ONE), share)
        return found

    def _running(
        self, numbers: DrawnNumbers, kept: HeldThings, operated: Floats, place: tuple[str, str]
    ) -> Floats:
        """Machines at a place that can be used: those there, where it is open, and new ones."""
        e, h = place
        is_open = kept.get(Thing(OPENING, h, CITY), NONE) if h in self.case.openings else ONE
        new = total_of(kept.get(Thing(kind, e, h), NONE) for kind in (EQUIPMENT, REVIVED))
        return is_open * numbers.existing(e, h) + operated * new

    def _operated(
        self,
        numbers: DrawnNumbers,
        units: PackageUnits,
        shares: HeldThings,
        kept: HeldThings,
        place: tuple[str, str],
    ) -> Floats:
        """Share of the new machines at a place that have their operators."""
        e, h = place
        p, rows = self.case.operator_course(e), self.case.equipment
        new = {
            at: n
            for at, n in self.given.things.items()
            if at.kind in (EQUIPMENT, REVIVED) and at.host == h
            if self.case.operator_course(at.item) == p
        }
        if p is None or not new:
            return ONE
        machines = {at.item for at in new}
        taught_by = {
            (c, k): Thing(TRAINING, p, self.case.host(p, c))
            for c, k in self.given.units
            if p in k and any(self._used_at(h, i, c) & machines for i in k)
        }
        trained = total_of(units[at] * shares.get(host, ONE) for at, host in taught_by.items())
        there = numbers.taught(p) * trained + numbers.operators(p, h)
        needed = total_of(rows[at.item].operators * kept[at] for at in new)
        stated = self.stated.taught(p) * sum(self.given.units[at] for at in taught_by)
        before = sum(rows[at.item].operators * n for at, n in new.items())
        wider = np.maximum(0, before - stated - self.stated.operators(p, h))
        there = there + wider * self.as_announced
        share: Floats = np.minimum(1, (there + EXCEEDED) / np.maximum(needed, EXCEEDED))
        return share

    def _used_at(self, h: str, line: str, c: str) -> set[str]:
        """The machines of the line that units of the cluster use at the host."""
        return {e for e in self.case.line_at(line, c) if self.case.host(e, c) == h}


def _share(kept: Floats, held: Floats) -> Floats:
    return np.where(held > 0, kept / np.maximum(held, 1e-9), 1.0)
