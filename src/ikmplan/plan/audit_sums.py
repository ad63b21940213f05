"""Dicts and sums of a plan and of the input tables, which the audit compares.

Nothing here comes from the model: people, chances, hours and costs are computed again
from the rows of the tables and the scenario.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, partial
from math import log, prod
from typing import Any, NamedTuple

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY, EQUIPMENT, TRAINING
from ikmplan.input.evidence import Learned, learned_chances
from ikmplan.input.rows import Cluster, Course, Equipment, Opening
from ikmplan.input.scenario import Exclusion, Scenario
from ikmplan.input.tables import Tables
from ikmplan.plan.audit_rows import PlanRows, read_plan_rows
from ikmplan.plan.breaches import RowKey
from ikmplan.plan.plan import Plan, total
from ikmplan.uncertainty.chances import Seasons, seasons


class UnitGroup(NamedTuple):
    """The units of a cluster that get the same package."""

    cluster: str
    package: str
    items: list[str]
    units: int
    chance: float  # that one of them is effectively reached


def _column(table: str, column: str) -> cached_property[dict[RowKey, int]]:
    """A column of whole numbers in a table of the plan, by the keys of its rows."""
    return cached_property(
        lambda b: {key: cells[column] for key, cells in b.plan_rows.rows[table].items()}
    )


@dataclass(frozen=True)
class AuditSums:
    """What a plan and the input tables hold, and the sums of both."""

    plan: Plan
    tables: Tables
    scenario: Scenario

    # of the input tables -----------------------------------------------------------------

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
        stated = {
            (row.line or row.equipment, row.sector): row.success
            for row in self.tables.equipment_suits
        }
        stated |= {
            (row.course, row.sector): self.used(row.course) * row.relevance
            for row in self.tables.course_suits
        }
        return {
            at: self.learned[at].chance if at in self.learned else q for at, q in stated.items()
        }

    @cached_property
    def learned(self) -> dict[Any, Learned]:
        return learned_chances(partial(getattr, self.tables))

    def used(self, p: str) -> float:
        """The chance that a course is used by somebody for whom it is wholly relevant."""
        learned = self.learned.get((p, None))
        return learned.chance if learned else self.courses[p].success

    def none_used(self, items: list[str], sector: str) -> float:
        """The chance that none of the items is used, along the strongest of the stated pairs."""
        none = prod(1 - self.alone.get((item, sector), 0.0) for item in items)
        rows = sorted(
            (row.first, row.second, row.chance)
            for row in self.tables.together
            if row.sector == sector and {row.first, row.second} <= {*items}
        )
        if none and rows:
            import networkx as nx

            graph: Any = nx.Graph()
            for a, b, chance in rows:
                one, other = self.alone[a, sector], self.alone[b, sector]
                factor = (1 - max(chance, one, other)) / ((1 - one) * (1 - other))
                graph.add_edge(a, b, factor=factor, strength=abs(log(factor or 1e-300)))
            for edge in nx.maximum_spanning_edges(graph, weight="strength"):
                none *= edge[2]["factor"]
        return none

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
        return (EQUIPMENT, item) if row is None else (TRAINING, row.topic or item)

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
        """Course or machine, host: where clusters that it is open to find it."""
        courses = {(p, self.host(p, c)) for p, c in self.open if p in self.courses}
        lines = (at for at in self.open if at[0] not in self.courses)
        return courses | {(e, self.host(e, at[1])) for at in lines for e in self.machines_used[at]}

    def price(self, amount: int) -> int:
        """Rupiah of this year, halves to even."""
        return round(amount * self.scenario.price_factor)

    # of the plan ------------------------------------------------------------------------

    @cached_property
    def plan_rows(self) -> PlanRows:
        known = {
            "cluster": {*self.clusters},
            "course": {*self.courses},
            "equipment": {*self.equipment},
            "item": {*self.courses, *self.equipment, *self.openings},
            "host": {*self.clusters, *self.openings, CITY},
            "opening": {*self.openings},
            "fund": {*self.amounts},
        }
        return read_plan_rows(self.plan, known)

    classes = _column("classes", "classes")  # by course, host, quarter
    seats = _column("seats", "seats")  # by course, cluster
    machines = _column("machines", "machines")  # by machine, host
    revived = _column("revived", "machines")  # by machine, host
    opened = _column("openings", "opened")  # by opening
    units = _column("units", "units")  # by cluster, package
    lines = _column("lines", "amount")  # rupiah by kind, item, host, component
    money = _column("money", "amount")  # rupiah by fund, kind, item, host

    @cached_property
    def groups(self) -> list[UnitGroup]:
        found = []
        for (c, package), units in self.units.items():
            items, sector = package.split("+"), self.clusters[c].sector
            chance = 1 - self.none_used(items, sector)
            found.append(UnitGroup(c, package, items, units, chance))
        return found

    @cached_property
    def seasons(self) -> dict[str, Seasons]:
        """What the plan reckons with, where it is asked to."""
        return seasons(Case(self.tables, self.scenario))

    # of both ----------------------------------------------------------------------------

    @cached_property
    def counts(self) -> Counter[RowKey]:
        """Course, host -> classes in the year."""
        return total(((p, h), n) for (p, h, _q), n in self.classes.items())

    @cached_property
    def seated(self) -> Counter[RowKey]:
        """Course, host -> people in its classes."""
        return total(((p, self.host(p, c)), n) for (p, c), n in self.seats.items())

    @cached_property
    def given(self) -> Counter[RowKey]:
        """Course or line, cluster -> units whose package holds it."""
        return total(((item, g.cluster), g.units) for g in self.groups for item in g.items)

    def users(self, e: str, host: str) -> set[int]:
        """Which of the groups of units use the machine at the host."""
        return {
            n
            for n, g in enumerate(self.groups)
            if self.host(e, g.cluster) == host
            and any(e in self.machines_used.get((item, g.cluster), ()) for item in g.items)
        }

    @cached_property
    def put_to_work(self) -> Counter[RowKey]:
        """Machine, host -> machines placed and revived."""
        return total([*self.machines.items(), *self.revived.items()])

    @cached_property
    def taught(self) -> Counter[RowKey]:
        """Kind, topic, cluster -> units whose package holds the topic."""
        return total(
            ((*topic, g.cluster), g.units)
            for g in self.groups
            for topic in {*map(self.topic, g.items)}
        )

    @cached_property
    def hours(self) -> Counter[RowKey]:
        """Machine, host -> hours a year that units use."""
        return total(
            ((e, self.host(e, c)), n * hours)
            for (item, c), n in self.given.items()
            for e, hours in self.machines_used.get((item, c), {}).items()
        )

    @cached_property
    def coached(self) -> Counter[str]:
        """Cluster -> units that get a package."""
        return total((g.cluster, g.units) for g in self.groups)

    @cached_property
    def reached(self) -> Counter[str]:
        """Cluster -> units expected to be effectively reached."""
        return total((g.cluster, g.units * g.chance) for g in self.groups)

    @cached_property
    def bought(self) -> dict[RowKey, tuple[int, int]]:
        """Kind, item, host, component -> how many, and the rupiah of one."""
        bought: dict[RowKey, tuple[int, int]] = {}
        for p, h in {**self.counts, **+self.seated}:
            row = self.courses[p]
            bought[TRAINING, p, h, "class"] = self.counts[p, h], self.price(row.cost_class)
            bought[TRAINING, p, h, "person"] = self.seated[p, h], self.price(row.cost_person)
        for (e, h), n in self.machines.items():
            bought[EQUIPMENT, e, h, "machine"] = n, self.price(self.equipment[e].price)
        cost = {(row.equipment, row.cluster): row.revive for row in self.tables.existing}
        for at, n in self.revived.items():
            bought[EQUIPMENT, *at, "revive"] = n, self.price(cost.get(at, 0))
        for (o,), n in self.opened.items():
            opening = self.openings[o]
            if opening.cost_open and not opening.there:
                bought[opening.kind, o, CITY, "open"] = n, self.price(opening.cost_open)
            if opening.cost_year:
                kind = opening.kind if opening.kind_year is None else opening.kind_year
                bought[kind, o, CITY, "year"] = n, self.price(opening.cost_year)
        return bought

    def cost(self, *kinds: str) -> int:
        """Rupiah, from counts and prices, not from the lines of the plan."""
        return sum(n * price for (kind, *_), (n, price) in self.bought.items() if kind in kinds)

    @property
    def worst(self) -> float:
        """The smallest coverage of an IKM cluster that something suits and nothing excludes.

        An operator course is nothing without its machine, nor, if all users take their course,
        is a line without those of all its machines.
        """
        s, out = self.scenario, self.scenario.parsed_exclusions()
        most = dict.fromkeys(self.courses, s.courses_per_unit)
        most |= dict.fromkeys((line for line, _c in self.machines_used), s.equipment_per_unit)
        there = {
            (item, c)
            for item, c in self.suited
            if self.clusters[c].kind == "ikm" and most[item] > 0
            if not any(leaves_out(x, part, c) for x in out for part in self.parts(item, c))
        }
        taught = {*self.operator_course.values()}
        reachable = set()
        for item, c in there:
            machines = self.machines_used.get((item, c), {}) if s.users_trained else {}
            needed = {p for e in machines if (p := self.operator_course[e])}
            able = len(needed) <= s.courses_per_unit and all((p, c) in there for p in needed)
            if item not in taught and able:
                reachable.add(c)
        return min((self.reached[c] / self.size[c] for c in reachable), default=0.0)


def leaves_out(exclusion: Exclusion, item: str, at: str) -> bool:
    return exclusion.item in (None, item) and exclusion.cluster in (None, at)
