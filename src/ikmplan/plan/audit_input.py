"""The input tables as the audit reads them.

Nothing here comes from the model: people, chances, hours and costs are computed again
from the rows of the tables and the scenario.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from ikmplan.input.cells import CITY, EQUIPMENT, TRAINING
from ikmplan.input.rows import Cluster, Course, Equipment, Opening
from ikmplan.input.scenario import Scenario
from ikmplan.input.tables import Tables
from ikmplan.plan.audit_rows import RowKey


@dataclass(frozen=True)
class AuditInput:
    """What the rows of the tables hold, by their keys, and what follows from them."""

    tables: Tables
    scenario: Scenario

    @cached_property
    def clusters(self) -> dict[str, Cluster]:
        return {row.cluster: row for row in self.tables.clusters}

    @cached_property
    def courses(self) -> dict[str, Course]:
        return {row.course: row for row in self.tables.courses}

    @cached_property
    def equipment(self) -> dict[str, Equipment]:
        return {row.equipment: row for row in self.tables.equipment}

    @cached_property
    def openings(self) -> dict[str, Opening]:
        return {row.opening: row for row in self.tables.openings}

    @cached_property
    def size(self) -> dict[str, int]:
        """Cluster -> units that may be invited."""
        return {c: row.units - row.reached_before for c, row in self.clusters.items()}

    @cached_property
    def young(self) -> dict[str, int]:
        """Cluster -> how many of them belong to young people."""
        return {c: round(self.size[c] * row.young_share) for c, row in self.clusters.items()}

    @cached_property
    def young_only(self) -> set[str]:
        """The courses for young people."""
        return {p for p, row in self.courses.items() if row.young_only}

    @cached_property
    def amounts(self) -> dict[str, int]:
        """Fund -> rupiah."""
        given = self.scenario.funds
        return {row.fund: given.get(row.fund, row.amount) for row in self.tables.funds}

    @cached_property
    def budget(self) -> int:
        given = self.scenario.budget
        return sum(self.amounts.values()) if given is None else given

    @cached_property
    def floors(self) -> dict[str, float]:
        """Cluster -> least expected coverage asked for; the general floor is for IKM only."""
        s = self.scenario
        return {
            c: s.floors.get(c, s.floor if row.kind == "ikm" else 0.0) if self.size[c] else 0.0
            for c, row in self.clusters.items()
        }

    @cached_property
    def alone(self) -> dict[RowKey, float]:
        """Course or line, sector -> the chance that it reaches a unit by itself."""
        machines = {
            (row.line or row.equipment, row.sector): row.success
            for row in self.tables.equipment_suits
        }
        return machines | {
            (row.course, row.sector): self.courses[row.course].success * row.relevance
            for row in self.tables.course_suits
        }

    @cached_property
    def machines_used(self) -> dict[RowKey, dict[str, float]]:
        """Line, cluster -> the machines that a unit of it uses, and the hours of each."""
        used: dict[RowKey, dict[str, float]] = {}
        for row in self.tables.equipment_suits:
            for c, cluster in self.clusters.items():
                if cluster.sector == row.sector and row.success > 0:
                    used.setdefault((row.line or row.equipment, c), {})[row.equipment] = row.hours
        return used

    @cached_property
    def openings_of(self) -> dict[str, set[str]]:
        """Course or machine -> the openings that it needs; a course also those of its days."""
        needs = {p: {row.opening} for p, row in self.courses.items()}
        needs |= {e: {row.opening} for e, row in self.equipment.items()}
        of_days = {row.resource: row.opening for row in self.tables.resources}
        for use in self.tables.course_uses:
            if use.amount > 0:
                needs[use.course].add(of_days[use.resource])
        return {item: {o for o in found if o} for item, found in needs.items()}

    def parts(self, item: str, cluster: str) -> set[str]:
        """What units of the cluster use with a course or line: it, its machines, openings."""
        used = {item, *self.machines_used.get((item, cluster), {})}
        return used.union(*(self.openings_of.get(part, ()) for part in used))

    @cached_property
    def operator_course(self) -> dict[str, str | None]:
        """Machine -> the course of its operators; None where it needs none."""
        return {e: row.operator_course if row.operators else None
                for e, row in self.equipment.items()}  # fmt: skip

    @cached_property
    def open(self) -> set[RowKey]:
        """Item, cluster: whose people may sit in a course, and units use a machine."""
        return {
            (item, c)
            for c, row in self.clusters.items()
            for (item, sector), chance in self.alone.items()
            if sector == row.sector and (item in self.courses or chance > 0)
            if (self.young if item in self.young_only else self.size)[c] > 0
        }

    @cached_property
    def suited(self) -> set[RowKey]:
        """Item, cluster: whose units a package may give the item. A course that reaches nobody
        may only teach operators."""
        teaching = {p for p in self.operator_course.values() if p and self.courses[p].success > 0}
        return {
            (item, c)
            for item, c in self.open
            if self.alone[item, self.clusters[c].sector] > 0 or item in teaching
            if self.wanting.get((*self.topic(item), c), 1) > 0
        }

    def topic(self, item: str) -> RowKey:
        """Kind and topic."""
        row = self.courses.get(item)
        return (TRAINING, row.topic or item) if row else (EQUIPMENT, item)

    @cached_property
    def wanting(self) -> dict[RowKey, int]:
        """Kind, topic, cluster -> units that want it, where not all do."""
        shares = {(row.course, row.sector): row.interest for row in self.tables.course_suits}
        shares |= {
            (row.line or row.equipment, row.sector): row.interest
            for row in self.tables.equipment_suits
        }
        return {
            (*self.topic(item), c): int(Decimal(repr(share)) * self.size[c])
            for (item, sector), share in shares.items()
            for c, row in self.clusters.items()
            if row.sector == sector and share < 1
        }

    def host(self, item: str, cluster: str) -> str:
        """Where units of the cluster find a course or machine."""
        row = self.courses.get(item) or self.equipment[item]
        if item in self.equipment and row.opening:
            return row.opening
        return CITY if row.scope == CITY else cluster

    @cached_property
    def places(self) -> set[RowKey]:
        """Course or machine, host: where clusters that the item is open to find it."""
        return {
            (part, self.host(part, c))
            for item, c in self.open
            for part in ([item] if item in self.courses else self.machines_used[item, c])
        }

    def price(self, amount: int) -> int:
        """Rupiah of this year, halves to even."""
        return round(amount * self.scenario.price_factor)
