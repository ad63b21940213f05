"""Dicts and sums of a plan and of the input tables, which the audit compares.

Nothing here comes from the model: people, chances, hours and costs are computed again
from the rows of the tables and the scenario.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from math import log, prod
from typing import Any, NamedTuple

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY, EQUIPMENT, TRAINING
from ikmplan.input.evidence import Learned, learned_chances
from ikmplan.input.rows import QUARTERS, Cluster, Course, Equipment
from ikmplan.input.scenario import Exclusion, Scenario
from ikmplan.input.tables import Tables
from ikmplan.plan.audit_rows import PlanRows, RowKey, read_plan_rows
from ikmplan.plan.plan import Plan, total
from ikmplan.uncertainty.chances import BUDGET, SEASONS, UNITS, Seasons, seasons, worst_count

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
        stated = {(row.equipment, row.sector): row.success for row in self.tables.equipment_suits}
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
    def operator_course(self) -> dict[str, str | None]:
        """Machine -> the course of its operators; None where it needs none."""
        return {e: row.operator_course if row.operators else None
                for e, row in self.equipment.items()}  # fmt: skip

    @cached_property
    def suited(self) -> set[RowKey]:
        """Item, cluster: the clusters that each item suits."""
        return {
            (item, c)
            for c, row in self.clusters.items()
            for (item, sector), chance in self.alone.items()
            if sector == row.sector and chance > 0
            if (self.young if item in self.young_only else self.size)[c] > 0
        }

    def host(self, item: str, cluster: str) -> str:
        """Where units of the cluster find the item."""
        row = self.courses.get(item) or self.equipment[item]
        return CITY if row.scope == CITY else cluster

    @cached_property
    def places(self) -> set[RowKey]:
        """Item, host: where clusters that the item suits find it."""
        return {(item, self.host(item, c)) for item, c in self.suited}

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
            chance = 1 - self.none_used(items, sector)
            found.append(UnitGroup(c, package, items, units, chance))
        return found

    @cached_property
    def seasons(self) -> dict[str, Seasons]:
        """What the plan reckons with, where it is asked to."""
        return seasons(Case(self.tables, self.scenario))

    def bad_mean(self, what: str, share: float) -> float:
        """The mean of the worst seasons, this share of them: weighted units reached; minus the
        million rupiah spent; or the units that a cluster is above its floor."""
        found = self.seasons[what]
        values = [self._worth(what, found, n) for n in range(SEASONS)]
        worst = sorted(values)[: worst_count(share)]
        return sum(worst) / len(worst)

    def _worth(self, what: str, found: Seasons, n: int) -> float:
        if what == BUDGET:
            paid = ((key[1], count * price) for key, (count, price) in self.bought.items())
            return -sum(float(found.cost_factor[i][n]) * amount for i, amount in paid) / 1e6
        if what != UNITS:
            groups = [g for g in self.groups if g.cluster == what]
            reached = sum(g.units * float(found.by_text[g[:2]][n]) for g in groups)
            return reached - self.floors[what] * float(found.size[what][n])
        value = 0.0
        for c, row in self.clusters.items():
            if row.kind == "ikm" and self.coached[c]:
                value += row.weight * self._there(c, found, n)
        return value

    def _there(self, c: str, found: Seasons, n: int) -> float:
        """Units reached at a cluster in a season, without those who are not there."""
        given = [(float(found.by_text[g[:2]][n]), g.units) for g in self.groups if g.cluster == c]
        size = float(found.size[c][n])
        places = found.worth_of_place[c][:, n].tolist() if size < self.size[c] else [0.0]
        return min(
            place * size + sum(max(0.0, w - place) * units for w, units in given)
            for place in places
        )

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
    held = total(((p, q), n) for (p, _h, q), n in b.classes.items())
    used = total(
        ((row.resource, q), held[row.course, q] * row.amount)
        for row in b.tables.course_uses
        for q in QUARTERS
    )
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


AUDITED_LIMITS: dict[str, Callable[[AuditSums], Iterator[Use]]] = {
    "hours_within_machines": hours_at_machines,
    "machines_in_stock": machines_placed,
    "power_at_site": needed_at_site("kva"),
    "floor_space_at_site": needed_at_site("floor_m2"),
    "resource_days": days_used,
    "funds_cover": money_paid,
    "within_budget": money_spent,
}
