"""Everything scarce in the draws: sites, idle machines, days, money, and what each thing takes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ikmplan.input.case import Case
from ikmplan.input.cells import EQUIPMENT, TRAINING
from ikmplan.input.uncertain_numbers import Floats
from ikmplan.model.funds import unions
from ikmplan.plan.derive import place_key
from ikmplan.plan.plan import OPENING
from ikmplan.uncertainty.drawn_numbers import DrawnNumbers
from ikmplan.uncertainty.given import REVIVED, Costs, Thing
from ikmplan.uncertainty.limits_followed import OWN_LIMIT, money_allowed, own_limits


class Scarce(NamedTuple):
    """Something scarce: what one of each thing takes of it, and how much there is."""

    rule: str
    key: str
    each: dict[Thing, Floats]
    there: Floats


class Scarcity:
    """What is scarce for the things of a plan."""

    def __init__(self, case: Case, things: dict[Thing, int], as_announced: bool = False):
        """`as_announced`: the limits of the office's own are none of these things'."""
        self.case, self.things, self.as_announced = case, things, as_announced
        self.own_limits = {} if as_announced else own_limits(case)

    def limits(self, numbers: DrawnNumbers, costs: Costs) -> Iterator[Scarce]:
        """In a fixed order: sites, idle machines, days, the office's own limits, the money."""
        yield from self._sites(numbers)
        for thing in self.things:
            if thing.kind == REVIVED:
                at = thing.item, thing.host
                each = {thing: np.ones(1)}
                yield Scarce("revived_within_idle", place_key(*at), each, numbers.idle(*at))
        for r in self.case.resources:
            for quarters, courses in self._held_only_in(r).items():
                each = {
                    thing: numbers.uses[thing.item, r]
                    for thing in self.things
                    if thing.item in courses and (thing.item, r) in numbers.uses
                }
                if each:
                    yield Scarce("resource_days", r, each, numbers.days(r, sorted(quarters)))
        for text, each, there in money_allowed(self.own_limits, numbers, costs):
            yield Scarce(OWN_LIMIT, text, each, there)
        for funds, paid in self._paid_only_by:
            each = total_by_thing({at: cost for at, cost in costs.items() if at in paid})
            if each:
                there = np.sum([numbers.fund(f) for f in funds], axis=0)
                yield Scarce("funds_cover", "+".join(funds), each, there)
        yield Scarce("within_budget", "budget", total_by_thing(costs), numbers.budget())

    def _held_only_in(self, r: str) -> dict[frozenset[int], set[str]]:
        """Sets of quarters, and the courses of the plan with days of r that are held in no other:
        limits of the office's own close quarters, and each course may move among those left."""
        using = {row.course for row in self.case.tables.course_uses if row.resource == r}
        quarters = {
            p: frozenset(
                q
                for start in self.case.courses[p].starts
                if self.as_announced or start not in self.case.closed(p)
                for q in self.case.courses[p].lasts(start)
            )
            for p in using & {thing.item for thing in self.things if thing.kind == TRAINING}
        }
        found = unions(set(quarters.values()))
        return {of: {p for p, among in quarters.items() if among <= of} for of in found}

    def _sites(self, numbers: DrawnNumbers) -> Iterator[Scarce]:
        """Power and space for what is placed; revived machines have theirs already."""
        placed = [thing for thing in self.things if thing.kind == EQUIPMENT]
        for rule, what in (("power_at_site", "kva"), ("floor_space_at_site", "floor_m2")):
            for h in dict.fromkeys(thing.host for thing in placed if self.case.site(thing.host)):
                each = {
                    thing: np.full(1, float(getattr(self.case.equipment[thing.item], what)))
                    for thing in placed
                    if thing.host == h
                }
                yield Scarce(rule, h, each, numbers.site(what, h))

    @cached_property
    def _paid_only_by(self) -> list[tuple[tuple[str, ...], set[tuple[Thing, str]]]]:
        """Sets of funds, and the costs that no other fund may pay (Hall's condition)."""
        payers = {
            (thing, kind): set(self.case.payers(thing.item, kind))
            for thing in self.things
            for kind in self._kinds_of_money(thing)
        }
        distinct = {frozenset(funds) for funds in payers.values() if funds}
        return [
            (tuple(sorted(funds)), {at for at, by in payers.items() if by <= funds})
            for funds in unions(distinct)
        ]

    def _kinds_of_money(self, thing: Thing) -> list[str]:
        if thing.kind == OPENING:
            return [kind for kind, _part, _n in self.case.opening_costs[thing.item]]
        return [TRAINING if thing.kind == TRAINING else EQUIPMENT]

    @cached_property
    def inside(self) -> dict[Thing, list[Thing]]:
        """What is opened -> the classes and machines of the plan that need it."""
        return {
            opened: [thing for thing in self.things if self._needs(thing, opened.item)]
            for opened in self.things
            if opened.kind == OPENING
        }

    def _needs(self, thing: Thing, o: str) -> bool:
        if thing.kind == TRAINING:
            return o in self.case.course_openings.get(thing.item, ())
        return thing.kind != OPENING and thing.host == o

    @cached_property
    def closes_when_empty(self) -> dict[Thing, list[Thing]]:
        """Of `inside`: what has no use of its own, such as machines that were there before."""
        before = {row.cluster for row in self.case.tables.existing if row.machines}
        return {o: things for o, things in self.inside.items() if things and o.item not in before}


def total_by_thing(costs: Costs) -> dict[Thing, Floats]:
    """Thing -> the sum of what it costs of each kind of money."""
    found: dict[Thing, Floats] = {}
    for (thing, _kind), cost in costs.items():
        found[thing] = found[thing] + cost if thing in found else cost
    return found
