"""The rows of a case by their keys, and what follows from one row or two: people, topics, days."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import floor

from ikmplan.input.cells import EQUIPMENT, TRAINING
from ikmplan.input.rows import Cluster, Course, Equipment, Fund, Opening, Resource, Tables
from ikmplan.input.scenario import Scenario


@dataclass(frozen=True)
class CaseRows:
    """Checked tables and a scenario; `Case` adds the sets of the model."""

    tables: Tables
    scenario: Scenario

    # the rows by key ---------------------------------------------------------------------

    @property
    def clusters(self) -> dict[str, Cluster]:
        return self.tables.by_key["clusters"]

    @property
    def courses(self) -> dict[str, Course]:
        return self.tables.by_key["courses"]

    @property
    def equipment(self) -> dict[str, Equipment]:
        return self.tables.by_key["equipment"]

    @property
    def resources(self) -> dict[str, Resource]:
        return self.tables.by_key["resources"]

    @property
    def funds(self) -> dict[str, Fund]:
        return self.tables.by_key["funds"]

    @cached_property
    def office(self) -> dict[str, str]:
        """Names and account codes of the office; keys as in office.csv."""
        return {row.key: row.value for row in self.tables.office}

    @property
    def openings(self) -> dict[str, Opening]:
        return self.tables.by_key["openings"]

    def name(self, key: str) -> str:
        """The name that readers see for a cluster, course, machine, resource, fund or opening.

        A line has no name of its own: it is its key in words.
        """
        rows = self.clusters, self.courses, self.equipment, self.resources, self.funds
        for by_key in (*rows, self.openings):
            if key in by_key:
                return by_key[key].name
        if any(row.line == key for row in self.tables.equipment_suits):
            return key.replace("_", " ").capitalize()
        return key

    # people ------------------------------------------------------------------------------

    @cached_property
    def size(self) -> dict[str, int]:
        """c -> units that may be invited: those not reached in earlier years."""
        return {c: row.size for c, row in self.clusters.items()}

    @cached_property
    def young(self) -> dict[str, int]:
        """c -> how many of them belong to people aged 35 or less."""
        return {c: row.young for c, row in self.clusters.items()}

    def is_ikm(self, cluster: str) -> bool:
        """Candidates are no IKM unit: they count apart, as new entrepreneurs, or not at all."""
        return self.clusters[cluster].kind == "ikm"

    @cached_property
    def weights(self) -> dict[str, float]:
        """c -> what one reached unit counts for, of every cluster that counts."""
        return {
            c: row.weight for c, row in self.clusters.items() if self.is_ikm(c) or row.weight > 0
        }

    @cached_property
    def counts_entrepreneurs(self) -> bool:
        """Whether new entrepreneurs count for anything, and so are shown beside IKM units."""
        return any(not self.is_ikm(c) for c in self.weights)

    @cached_property
    def value_is_units(self) -> bool:
        """Whether the objective is the expected number of IKM units, and nothing besides: only
        then may a bound of the objective stand beside a number of units."""
        alike = {*self.weights.values()} <= {1.0} and not self.counts_entrepreneurs
        s = self.scenario
        return s.equity == s.caution == 0 and alike and not s.is_cheapest

    def people_for(self, p: str, cluster: str) -> int:
        """Most people of the cluster who may sit in course p."""
        return (self.young if self.courses[p].young_only else self.size)[cluster]

    # interest and long courses ----------------------------------------------------------

    @cached_property
    def interest(self) -> dict[tuple[str, str], float]:
        """(course or machine, sector) -> share of the sector's units that want it, 0..1."""
        courses = {(r.course, r.sector): r.interest for r in self.tables.course_suits}
        return courses | {(r.used_as, r.sector): r.interest for r in self.tables.equipment_suits}

    def wanting(self, item: str, cluster: str) -> int:
        """Units of the cluster that want the course or machine: ⌊interest · size⌋, in exact
        decimals."""
        share = Fraction(str(self.interest[item, self.clusters[cluster].sector]))
        return floor(share * self.size[cluster])

    def topic(self, item: str) -> tuple[str, str]:
        """Kind and topic of a course or machine: a unit gets one course of a topic."""
        if item in self.courses:
            return TRAINING, self.courses[item].topic or item
        return EQUIPMENT, item

    @cached_property
    def wanted(self) -> dict[tuple[str, str, str], int]:
        """(kind, topic, c) -> units of the cluster that want it, where these are not all."""
        return {
            (*self.topic(item), c): self.wanting(item, c)
            for c, row in self.clusters.items()
            for (item, sector), share in self.interest.items()
            if sector == row.sector and share < 1
        }

    def topic_name(self, topic: str) -> str:
        """The name that readers see for a topic: those of its courses, or of the machine."""
        named = [row.name for p, row in self.courses.items() if (row.topic or p) == topic]
        return " / ".join(named) or self.name(topic)

    @cached_property
    def uses(self) -> dict[tuple[str, str], tuple[float, ...]]:
        """(p, r) -> days of r in each of the quarters that one class of p lasts, where any."""
        return {
            (row.course, row.resource): row.parts(self.courses[row.course].quarters)
            for row in self.tables.course_uses
            if row.amount
        }

    def days_in(self, p: str, r: str, start: int, quarter: int) -> float:
        """Days of r that a class of p which begins in quarter `start` uses in `quarter`."""
        parts, n = self.uses.get((p, r), ()), quarter - start
        return parts[n] if 0 <= n < len(parts) else 0.0
