"""Dicts and sums of a plan and of the input tables, which the audit compares.

Nothing here comes from the model: people, chances, hours and costs are computed again
from the rows of the tables and the scenario.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import NamedTuple

from ikmplan.input.cells import CITY, EQUIPMENT, TRAINING
from ikmplan.input.rows import QUARTERS
from ikmplan.input.scenario import Exclusion
from ikmplan.plan.audit_input import AuditInput
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
class AuditSums(AuditInput):
    """What a plan and the input tables hold, and the sums of both."""

    plan: Plan

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


# --- the limits: of what and where, how much is used, how much there is ----------------------


def hours_at_machines(b: AuditSums) -> Iterator[Use]:
    machines = total(
        ((row.equipment, row.cluster), row.machines)
        for row in b.tables.existing
        if row.cluster not in b.openings or b.opened.get((row.cluster,))
    )
    machines.update(b.put_to_work)
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
        for site, row in {**b.clusters, **b.openings}.items():
            yield (site,), needed[site], getattr(row, what)

    return uses


def machines_revived(b: AuditSums) -> Iterator[Use]:
    idle = total(((row.equipment, row.cluster), row.idle) for row in b.tables.existing)
    for at in {**+idle, **b.revived}:
        yield at, b.revived.get(at, 0), idle[at]


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
    "revived_within_idle": machines_revived,
    "power_at_site": needed_at_site("kva"),
    "floor_space_at_site": needed_at_site("floor_m2"),
    "resource_days": days_used,
    "funds_cover": money_paid,
    "within_budget": money_spent,
    "units_interested": interest_met,
}
