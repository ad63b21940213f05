"""The machines, lines and openings of a case.

A line is what a unit uses together: one machine by itself, or several of which each has hours
for the unit. An opening is what has to be opened before courses, machines or days can be used.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cached_property

from ikmplan.input.case_rows import CaseRows
from ikmplan.input.cells import CITY, EQUIPMENT, TRAINING
from ikmplan.input.rows import Cluster, Opening
from ikmplan.input.scenario import Exclusion, Lock


class Machinery(CaseRows):
    """The rows of a case with its machines, lines and openings."""

    @cached_property
    def locks(self) -> list[Lock]:
        return self.scenario.parsed_locks()

    @cached_property
    def exclusions(self) -> list[Exclusion]:
        return self.scenario.parsed_exclusions()

    # lines -------------------------------------------------------------------------------

    @cached_property
    def line_machines(self) -> dict[tuple[str, str], dict[str, float]]:
        """(line, sector) -> machine -> hours of it that one unit uses in a year."""
        found: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
        for row in self.tables.equipment_suits:
            if row.success:
                found[row.used_as, row.sector][row.equipment] = row.hours
        return dict(found)

    def line_at(self, line: str, cluster: str) -> dict[str, float]:
        """The machines of a line for units of the cluster -> hours of one unit."""
        return self.line_machines.get((line, self.clusters[cluster].sector), {})

    def machines_of_line(self, line: str) -> list[str]:
        """The machines of a line for any sector; none of what is no line."""
        rows = (row for row in self.tables.equipment_suits if row.used_as == line)
        return list(dict.fromkeys(row.equipment for row in rows))

    def hours_of(self, e: str, cluster: str) -> float:
        """The least hours of the machine that a unit of the cluster uses in any line."""
        sector = self.clusters[cluster].sector
        return min(at[e] for (_l, s), at in self.line_machines.items() if s == sector and e in at)

    @cached_property
    def line_order(self) -> list[str]:
        """Every line, in the order of the machines."""
        order: dict[str, None] = {}
        for e in self.equipment:
            order |= dict.fromkeys(line for (line, _s), at in self.line_machines.items() if e in at)
        return list(order)

    # openings ----------------------------------------------------------------------------

    @cached_property
    def course_openings(self) -> dict[str, tuple[str, ...]]:
        """p -> the openings that a class needs: its own, and those of the days that it uses."""
        found: dict[str, dict[str, None]] = {
            p: {row.opening: None} if row.opening else {} for p, row in self.courses.items()
        }
        for row in self.tables.course_uses:
            opening = self.resources[row.resource].opening
            if opening and row.amount:
                found[row.course][opening] = None
        return {p: tuple(keys) for p, keys in found.items() if keys}

    def needs_of(self, item: str, cluster: str) -> dict[str, None]:
        """What a course or line needs for units of the cluster: itself, machines, openings."""
        machines = self.line_at(item, cluster)
        openings = [o for e in machines if (o := self.equipment[e].opening)]
        return dict.fromkeys([item, *machines, *openings, *self.course_openings.get(item, ())])

    def host(self, item: str, cluster: str) -> str:
        """Where a course or machine is shared: the cluster itself, an opening, or the city."""
        if item in self.courses:
            return CITY if self.courses[item].scope == CITY else cluster
        row = self.equipment[item]
        return row.opening or (CITY if row.scope == CITY else cluster)

    def site(self, host: str) -> Cluster | Opening | None:
        """The row that has the power and floor space of a host; None: the city has no limit."""
        return self.clusters.get(host) or self.openings.get(host)

    @cached_property
    def opening_costs(self) -> dict[str, tuple[tuple[str, str, int], ...]]:
        """o -> kind, component and rupiah of each part of what it costs to have it open."""
        return {
            o: tuple((kind, part, self.with_price_factor(n)) for kind, part, n in row.costs)
            for o, row in self.openings.items()
        }

    # announced ---------------------------------------------------------------------------

    @cached_property
    def announced_at(self) -> Counter[tuple[str, str]]:
        """What was announced: (course, machine or opening, host) -> how many in the year.

        A line is one of each of its machines, where they stand.
        """
        counts: Counter[tuple[str, str]] = Counter()
        for row in self.tables.announced:
            machines = [] if row.item in self.courses else self.machines_of_line(row.item)
            for item in machines or [row.item]:
                host = CITY if item in self.openings else self.host(item, row.cluster)
                counts[item, host] += row.count
        return counts

    # machines there ----------------------------------------------------------------------

    @cached_property
    def existing(self) -> dict[tuple[str, str], int]:
        """(e, h) -> machines already there."""
        return {(r.equipment, r.cluster): r.machines for r in self.tables.existing}

    @cached_property
    def idle(self) -> dict[tuple[str, str], int]:
        """(e, h) -> machines there that can be revived, > 0."""
        return {(r.equipment, r.cluster): r.idle for r in self.tables.existing if r.idle}

    @cached_property
    def revive_cost(self) -> dict[tuple[str, str], int]:
        """(e, h) -> rupiah of reviving one idle machine."""
        return {
            (r.equipment, r.cluster): self.with_price_factor(r.revive)
            for r in self.tables.existing
            if r.idle
        }

    def machine_hours(self, e: str) -> float:
        """Hours one machine of kind e really runs in a year."""
        return self.equipment[e].hours * self.equipment[e].availability

    # money -------------------------------------------------------------------------------

    def with_price_factor(self, amount: int) -> int:
        return round(amount * self.scenario.price_factor)

    def payers(self, item: str, kind: str = "") -> list[str]:
        """The funds that may pay for a course, a machine, or for a kind of cost of an opening."""
        if item not in self.openings:
            kind = TRAINING if item in self.courses else EQUIPMENT
        return [f for f, row in self.funds.items() if kind in row.pays or item in row.pays]
