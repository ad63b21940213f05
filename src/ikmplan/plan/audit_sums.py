"""Dicts and sums of a plan and of the input tables, which the audit compares.

Nothing here comes from the model: people, chances, hours and costs are computed again
from the rows of the tables and the scenario.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from math import prod
from typing import NamedTuple

from ikmplan.input.cells import CITY, EQUIPMENT, TRAINING
from ikmplan.input.rows import QUARTERS, Cluster, Course, Equipment
from ikmplan.input.scenario import Exclusion, Scenario
from ikmplan.input.tables import Tables
from ikmplan.plan.audit_rows import PlanRows, RowKey, read_plan_rows
from ikmplan.plan.plan import Plan, total

Use = tuple[RowKey, float, float]  # of what and where; how much is used; how much there is


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
        """Item, sector -> the chance that the item reaches a unit by itself."""
        machines = {(row.equipment, row.sector): row.success for row in self.tables.equipment_suits}
        return machines | {
            (row.course, row.sector): self.courses[row.course].success * row.relevance
            for row in self.tables.course_suits
        }

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
        if item in self.equipment:
            return EQUIPMENT, item
        row = self.courses.get(item)
        return TRAINING, (row.topic if row else None) or item

    @cached_property
    def wanting(self) -> dict[RowKey, int]:
        """Kind, topic, cluster -> units that want it, where not all do."""
        shares = {(row.course, row.sector): row.interest for row in self.tables.course_suits}
        shares |= {(row.equipment, row.sector): row.interest for row in self.tables.equipment_suits}
        return {
            (*self.topic(item), c): int(Decimal(repr(share)) * self.size[c])
            for (item, sector), share in shares.items()
            for c, row in self.clusters.items()
            if row.sector == sector and share < 1
        }

    def host(self, item: str, cluster: str) -> str:
        """Where units of the cluster find the item."""
        row = self.courses.get(item) or self.equipment[item]
        return CITY if row.scope == CITY else cluster

    @cached_property
    def places(self) -> set[RowKey]:
        """Item, host: where clusters that the item is open to find it."""
        return {(item, self.host(item, c)) for item, c in self.open}

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
            "item": {*self.courses, *self.equipment},
            "host": {*self.clusters, CITY},
            "fund": {*self.amounts},
        }
        return read_plan_rows(self.plan, known)

    classes = _column("classes", "classes")  # by course, host, quarter
    seats = _column("seats", "seats")  # by course, cluster
    machines = _column("machines", "machines")  # by machine, host
    units = _column("units", "units")  # by cluster, package
    lines = _column("lines", "amount")  # rupiah by kind, item, host, component
    money = _column("money", "amount")  # rupiah by fund, kind, item, host

    @cached_property
    def groups(self) -> list[UnitGroup]:
        found = []
        for (c, package), units in self.units.items():
            items, sector = package.split("+"), self.clusters[c].sector
            chance = 1 - prod(1 - self.alone.get((item, sector), 0.0) for item in items)
            found.append(UnitGroup(c, package, items, units, chance))
        return found

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
        """Item, cluster -> units whose package holds the item."""
        return total(((item, g.cluster), g.units) for g in self.groups for item in g.items)

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
        each = {(row.equipment, row.sector): row.hours for row in self.tables.equipment_suits}
        return total(
            ((e, self.host(e, c)), n * each.get((e, self.clusters[c].sector), 0.0))
            for (e, c), n in self.given.items()
            if e in self.equipment
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
        return bought

    def cost(self, *kinds: str) -> int:
        """Rupiah, from counts and prices, not from the lines of the plan."""
        return sum(n * price for (kind, *_), (n, price) in self.bought.items() if kind in kinds)

    @property
    def worst(self) -> float:
        """The smallest coverage of an IKM cluster that something suits and nothing excludes.

        An operator course is nothing without its machine, nor, if all users take their course,
        is the machine without it.
        """
        s, out = self.scenario, self.scenario.parsed_exclusions()
        most = dict.fromkeys(self.courses, s.courses_per_unit)
        most |= dict.fromkeys(self.equipment, s.equipment_per_unit)
        there = {
            (item, c)
            for item, c in self.suited
            if self.clusters[c].kind == "ikm" and most[item] > 0
            if not any(leaves_out(x, item, c) for x in out)
        }
        needs = self.operator_course if s.users_trained else {}
        taught = {*self.operator_course.values()}
        reachable = {
            c
            for item, c in there
            if item not in taught and ((p := needs.get(item)) is None or (p, c) in there)
        }
        return min((self.reached[c] / self.size[c] for c in reachable), default=0.0)


def leaves_out(exclusion: Exclusion, item: str, at: str) -> bool:
    return exclusion.item in (None, item) and exclusion.cluster in (None, at)


# --- the limits: of what and where, how much is used, how much there is ----------------------


def hours_at_machines(b: AuditSums) -> Iterator[Use]:
    machines = total(((row.equipment, row.cluster), row.machines) for row in b.tables.existing)
    machines.update(b.machines)
    for e, h in {**machines, **b.hours}:
        row = b.equipment[e]
        yield (e, h), b.hours[e, h], machines[e, h] * row.hours * row.availability


def machines_placed(b: AuditSums) -> Iterator[Use]:
    placed = total((e, n) for (e, _h), n in b.machines.items())
    for e, row in b.equipment.items():
        yield (e,), placed[e], row.stock


def needed_at_site(what: str) -> Callable[[AuditSums], Iterator[Use]]:
    def uses(b: AuditSums) -> Iterator[Use]:
        needed = total((h, n * getattr(b.equipment[e], what)) for (e, h), n in b.machines.items())
        for c, row in b.clusters.items():
            yield (c,), needed[c], getattr(row, what)

    return uses


def days_used(b: AuditSums) -> Iterator[Use]:
    begun = total(((p, q), n) for (p, _h, q), n in b.classes.items())
    used: dict[RowKey, float] = defaultdict(float)
    for use in b.tables.course_uses:
        lasts = b.courses[use.course].quarters
        for q in QUARTERS:
            for n in range(1, lasts + 1):  # in the n-th of its quarters
                days = use.amount / lasts if use.at is None else use.amount * (use.at == n)
                used[use.resource, q + n - 1] += begun[use.course, q] * days
    for row in b.tables.resources:
        factor = b.scenario.trainer_factor if row.kind == "trainer" else 1
        for q in QUARTERS:
            yield (row.resource, q), used[row.resource, q], row.capacity(q) * factor


def money_paid(b: AuditSums) -> Iterator[Use]:
    paid = total((fund, amount) for (fund, *_line), amount in b.money.items())
    for fund, amount in b.amounts.items():
        yield (fund,), paid[fund], amount


def money_spent(b: AuditSums) -> Iterator[Use]:
    yield ("budget",), b.cost(TRAINING, EQUIPMENT), b.budget


def interest_met(b: AuditSums) -> Iterator[Use]:
    for topic in {at[:2] for at in b.wanting}:
        of = [at for at in b.wanting if at[:2] == topic]
        yield (topic[1],), sum(b.taught[at] for at in of), sum(b.wanting[at] for at in of)


AUDITED_LIMITS: dict[str, Callable[[AuditSums], Iterator[Use]]] = {
    "hours_within_machines": hours_at_machines,
    "machines_in_stock": machines_placed,
    "power_at_site": needed_at_site("kva"),
    "floor_space_at_site": needed_at_site("floor_m2"),
    "resource_days": days_used,
    "funds_cover": money_paid,
    "within_budget": money_spent,
    "units_interested": interest_met,
}
