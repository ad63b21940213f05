"""The numbers of the mathematics in each draw, under the keys of `input.case`, shape (n,).

`DrawnNumbers(case, drawn)` for draws, `stated_numbers(case)` for the numbers as they stand (n = 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

from ikmplan.input.case import Case
from ikmplan.input.rows import QUARTERS
from ikmplan.input.uncertain_numbers import Floats, uncertain_numbers
from ikmplan.uncertainty.draws import Draws

SLIGHT = 1e-9  # units: 0.29 of 100 are 29


class DrawnNumbers:
    """Chances, costs, days and sizes of a case in each draw."""

    def __init__(self, case: Case, drawn: Draws):
        self.case, self.drawn = case, drawn
        self._suits = {(r.course, r.sector): r for r in case.tables.course_suits}
        self._effects = {(r.equipment, r.used_as, r.sector): r for r in case.tables.equipment_suits}
        self._lines = {(r.used_as, r.sector): r for r in case.tables.equipment_suits}
        self._there = {(r.equipment, r.cluster): r for r in case.tables.existing}
        self._factor = case.scenario.price_factor

    def chance(self, item: str, c: str) -> Floats:
        """That the course or line alone reaches a unit of the cluster: 0..1."""
        sector = self.case.clusters[c].sector
        if item in self.case.courses:
            course = self.drawn.of("courses", "success", self.case.courses[item])
            return course * self.drawn.of("course_suits", "relevance", self._suits[item, sector])
        return self.drawn.of("equipment_suits", "success", self._lines[item, sector])

    def taught(self, p: str) -> Floats:
        """Share of the people in an operator course who can then run the machine."""
        return self.drawn.of("courses", "success", self.case.courses[p])

    def size(self, c: str) -> Floats:
        """Units that may be invited."""
        row = self.case.clusters[c]
        found: Floats = np.maximum(self.drawn.of("clusters", "units", row) - row.reached_before, 0)
        return found

    def young(self, c: str) -> Floats:
        """How many of them belong to people aged 35 or less."""
        share = self.drawn.of("clusters", "young_share", self.case.clusters[c])
        return np.rint(self.size(c) * share)

    def cost_class(self, p: str) -> Floats:
        return self.drawn.of("courses", "cost_class", self.case.courses[p]) * self._factor

    def cost_person(self, p: str) -> Floats:
        return self.drawn.of("courses", "cost_person", self.case.courses[p]) * self._factor

    def price(self, e: str) -> Floats:
        return self.drawn.of("equipment", "price", self.case.equipment[e]) * self._factor

    def cost_open(self, o: str) -> dict[str, Floats]:
        """What it costs to have an opening open, by the kind of money that pays it."""
        row, found = self.case.openings[o], dict[str, Floats]()
        for kind, part, _amount in row.costs:
            cost = self.drawn.of("openings", f"cost_{part}", row) * self._factor
            found[kind] = found.get(kind, 0.0) + cost
        return found

    def revive(self, e: str, h: str) -> Floats:
        """Cost of reviving one idle machine."""
        return self.drawn.of("existing", "revive", self._there[e, h]) * self._factor

    def idle(self, e: str, h: str) -> Floats:
        """Machines that can be revived."""
        return self.drawn.of("existing", "idle", self._there[e, h])

    def hours_of_line(self, e: str, line: str, c: str) -> Floats:
        """Hours of the machine that one unit of the cluster uses in a year in the line."""
        sector = self.case.clusters[c].sector
        return self.drawn.of("equipment_suits", "hours", self._effects[e, line, sector])

    def wanting(self, item: str, c: str) -> Floats:
        """Units of the cluster that want the course or line."""
        sector = self.case.clusters[c].sector
        if item in self.case.courses:
            share = self.drawn.of("course_suits", "interest", self._suits[item, sector])
        else:
            share = self.drawn.of("equipment_suits", "interest", self._lines[item, sector])
        found: Floats = np.floor(share * self.size(c) + SLIGHT)
        return found

    def machine_hours(self, e: str) -> Floats:
        """Hours one machine really runs in a year."""
        row = self.case.equipment[e]
        return row.hours * self.drawn.of("equipment", "availability", row)

    @cached_property
    def uses(self) -> dict[tuple[str, str], Floats]:
        """(p, r) -> days of r that one class of p uses, in all quarters that it lasts."""
        rows = [row for row in self.case.tables.course_uses if row.amount]
        return {(r.course, r.resource): self.drawn.of("course_uses", "amount", r) for r in rows}

    def days(self, r: str, within: Sequence[int] = QUARTERS) -> Floats:
        """Days of r in these quarters: classes may move to another before one is dropped."""
        row = self.case.resources[r]
        factor = self.case.scenario.trainer_factor if row.kind == "trainer" else 1.0
        quarters = [self.drawn.of("resources", f"q{q}", row) for q in within]
        found: Floats = factor * np.sum(quarters, axis=0)
        return found

    def fund(self, f: str) -> Floats:
        """Rupiah; what the scenario states is no estimate."""
        stated = self.case.scenario.funds.get(f)
        if stated is not None:
            return np.full(self.drawn.n, float(stated))
        return self.drawn.of("funds", "amount", self.case.funds[f])

    def budget(self) -> Floats:
        """Most that may be spent: the scenario's budget, or all that the funds hold."""
        held = np.sum([self.fund(f) for f in self.case.funds], axis=0)
        stated = self.case.scenario.budget
        found: Floats = np.minimum(held, np.inf if stated is None else stated)
        return found

    def site(self, what: str, h: str) -> Floats:
        """`kva` or `floor_m2` free for new machines at a cluster or in an opening."""
        table = "openings" if h in self.case.openings else "clusters"
        return self.drawn.of(table, what, self.case.site(h))

    def existing(self, e: str, h: str) -> Floats:
        """Machines already there."""
        rows = [r for r in self.case.tables.existing if (r.equipment, r.cluster) == (e, h)]
        return self._sum("machines", rows)

    def operators(self, p: str, h: str) -> Floats:
        """Operators there who need not take course p any more."""
        equipment = self.case.equipment
        rows = [
            r
            for r in self.case.tables.existing
            if r.cluster == h and equipment[r.equipment].operator_course == p
        ]
        return self._sum("operators", rows)

    def _sum(self, column: str, rows: Sequence[object]) -> Floats:
        found: Floats = np.zeros(self.drawn.n)
        for row in rows:
            found = found + self.drawn.of("existing", column, row)
        return found


def total_of(arrays: Iterable[Floats]) -> Floats:
    """Their sum, draw by draw; 0 of none."""
    return sum(arrays, np.zeros(1))


def stated_numbers(case: Case) -> DrawnNumbers:
    """The numbers as they stand in the tables, as one draw."""
    numbers = tuple(uncertain_numbers(case))  # of those that were followed up, what was found
    values = np.array([u.value for u in numbers]).reshape(-1, 1)
    return DrawnNumbers(case, Draws(case, numbers, values, 1, 0))
