"""A planning case: checked tables + scenario + fingerprint, and the sets of the model.

Keys, as in the mathematics: c cluster, p course, e equipment, h host, q quarter,
r resource, f fund, k support package. Money is whole rupiah, already multiplied by
the scenario's price factor.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cached_property, partial
from itertools import combinations
from typing import Any, NamedTuple

from ikmplan.input.cells import TRAINING
from ikmplan.input.evidence import Learned, chance_of_any, chances_alone, learned_chances
from ikmplan.input.machinery import Machinery
from ikmplan.input.own_limits import ClosedQuarters, OwnLimit, resolved
from ikmplan.input.rows import QUARTERS, Component


class Package(NamedTuple):
    """The courses and lines of machines that one unit gets, each in the order of the keys."""

    courses: tuple[str, ...]
    equipment: tuple[str, ...]

    def __str__(self) -> str:
        return "+".join(self.courses + self.equipment)


class Case(Machinery):
    """The input of the model. Made by `load` or `make_case`, never by hand."""

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over every input row and every parameter that can change the plan."""
        scenario = self.ordered.scenario.content()
        return hash_of({"tables": self.tables.content(), "scenario": scenario})

    @cached_property
    def ordered(self) -> Case:
        """The same case, its rows and lists in the order of their keys.

        Plans are made from it, so that they do not depend on the order of rows in a file.
        """
        lists = {
            "locks": tuple(sorted({str(lock) for lock in self.locks})),
            "exclusions": tuple(sorted({str(exclusion) for exclusion in self.exclusions})),
            "near": tuple(sorted(self.scenario.near)),
            "limits": tuple(sorted({str(limit) for limit in self.limits})),
            "groups": {name: tuple(sorted(of)) for name, of in self.scenario.groups.items()},
        }
        return Case(self.tables.ordered, self.scenario.model_copy(update=lists))

    # what suits whom ---------------------------------------------------------------------

    @cached_property
    def relevance(self) -> dict[tuple[str, str], float]:
        """(p, sector) -> how far the course fits those who may sit in it; 0: it reaches nobody."""
        return {(r.course, r.sector): r.relevance for r in self.tables.course_suits}

    @cached_property
    def _success(self) -> dict[tuple[str, str], float]:
        """(course or line, sector) -> probability that it reaches a unit, 0..1."""
        return chances_alone(partial(getattr, self.tables), self.learned)

    @cached_property
    def learned(self) -> dict[tuple[str, str | None], Learned]:
        """(item, sector) -> the chance that a follow-up changed; sector None: a course's own."""
        return learned_chances(partial(getattr, self.tables))

    def course_success(self, p: str) -> float:
        """The chance that somebody for whom course p is wholly relevant uses it."""
        found = self.learned.get((p, None))
        return found.chance if found else self.courses[p].success

    @cached_property
    def pairs(self) -> dict[str, dict[tuple[str, str], float]]:
        """sector -> two items -> the stated chance that at least one of them is used."""
        found: dict[str, dict[tuple[str, str], float]] = defaultdict(dict)
        for row in self.tables.together:
            found[row.sector][row.first, row.second] = row.chance
        return dict(found)

    def open_courses(self, cluster: str) -> list[str]:
        """The courses in which its people may sit, whether or not that reaches anybody."""
        sector = self.clusters[cluster].sector
        return [
            p
            for p in self.courses
            if (p, sector) in self.relevance and not self._excluded(p, cluster)
            if self.people_for(p, cluster)
        ]

    def suited_courses(self, cluster: str) -> list[str]:
        """Of these, the courses that a package may hold; one that reaches nobody by itself may
        teach the operators of its machine."""
        return [
            p
            for p in self.open_courses(cluster)
            if self._reaches(p, cluster)
            or (p in self.operator_courses and self.courses[p].success and self.wanting(p, cluster))
        ]

    def suited_lines(self, cluster: str) -> list[str]:
        """The lines that units of the cluster can use; a machine by itself is one."""
        return [
            line
            for line in self.line_order
            if self._reaches(line, cluster) and not self._excluded(line, cluster)
        ]

    def _excluded(self, item: str, cluster: str) -> bool:
        """Whether an exclusion names the item there, or a machine or opening that it needs."""
        needs = self.needs_of(item, cluster)
        return any(
            (x.item is None or x.item in needs) and x.cluster in (None, cluster)
            for x in self.exclusions
        )

    def _reaches(self, item: str, cluster: str) -> bool:
        """Whether the item can reach units of the cluster that want it."""
        chance = self._success.get((item, self.clusters[cluster].sector), 0)
        return chance > 0 and self.wanting(item, cluster) > 0

    @cached_property
    def packages(self) -> dict[str, tuple[Package, ...]]:
        """c -> every support package a unit can get, the empty one left out."""
        s = self.scenario
        found = {}
        for c in self.clusters:
            courses = _subsets(sorted(self.suited_courses(c)), s.courses_per_unit)
            equipment = _subsets(sorted(self.suited_lines(c)), s.equipment_per_unit)
            every = (Package(p, e) for p in courses for e in equipment if p or e)
            found[c] = tuple(
                k
                for k in every
                if self._operators_are_users(c, k)
                if len(self.topics(k)) == len(k.courses) + len(k.equipment)  # one of each
            )
        return found

    @cached_property
    def draws_key(self) -> str:
        """SHA-256 over what draws of its numbers depend on: the tables, the seed, the packages."""
        packages = {c: sorted(map(str, of)) for c, of in self.packages.items()}
        return hash_of([self.tables.content(), packages, self.scenario.seed])

    def _operators_are_users(self, c: str, k: Package) -> bool:
        """Whether those who learn to operate a machine use it; if asked, also the reverse."""
        taught = {self.operator_course(e) for e in self.machines_of(c, k)}
        missing = taught - {None} - set(k.courses) if self.scenario.users_trained else ()
        return not missing and set(k.courses) & self.operator_courses <= taught

    def machines_of(self, c: str, k: Package) -> dict[str, float]:
        """The machines that a unit of c with package k uses -> hours of each in a year."""
        used: dict[str, float] = {}
        for line in k.equipment:
            for e, hours in self.line_at(line, c).items():
                used[e] = used.get(e, 0.0) + hours
        return used

    def topics(self, k: Package) -> set[tuple[str, str]]:
        """Kind and topic of all that the package holds."""
        return {*map(self.topic, (*k.courses, *k.equipment))}

    def operator_course(self, e: str) -> str | None:
        """The course that its operators need; None where it needs no operators."""
        row = self.equipment[e]
        return row.operator_course if row.operators else None

    @cached_property
    def operator_courses(self) -> frozenset[str]:
        return frozenset(p for e in self.equipment if (p := self.operator_course(e)))

    def young_only(self, k: Package) -> bool:
        """Whether only people aged 35 or less can get the package."""
        return any(self.courses[p].young_only for p in k.courses)

    @cached_property
    def chance(self) -> dict[tuple[str, Package], float]:
        """w[c,k]: probability that a unit of c with package k is effectively reached."""
        return {
            (c, k): self.chance_of(c, k.courses + k.equipment)
            for c in self.packages
            for k in self.packages[c]
        }

    def chance_of(self, c: str, items: tuple[str, ...]) -> float:
        """Probability that a unit of c which gets these courses and lines is reached: 0..1."""
        sector = self.clusters[c].sector
        return chance_of_any(
            {i: self._success[i, sector] for i in items}, self.pairs.get(sector, {})
        )

    # where things are shared -------------------------------------------------------------

    @cached_property
    def course_hosts(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """(p, h) -> the clusters whose people may sit in its classes."""
        return self._hosts({c: self.open_courses(c) for c in self.clusters})

    @cached_property
    def machine_hosts(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """(e, h) -> the clusters whose units may use its machines."""
        return self._hosts(
            {
                c: dict.fromkeys(e for line in self.suited_lines(c) for e in self.line_at(line, c))
                for c in self.clusters
            }
        )

    def _hosts(self, suited: Mapping[str, Iterable[str]]) -> dict[tuple[str, str], tuple[str, ...]]:
        hosts: dict[tuple[str, str], list[str]] = defaultdict(list)
        for c, items in suited.items():
            for item in items:
                hosts[item, self.host(item, c)].append(c)
        return {key: tuple(clusters) for key, clusters in hosts.items()}

    @cached_property
    def operators(self) -> dict[tuple[str, str], int]:
        """(p, h) -> operators there who need not take course p any more."""
        found: dict[tuple[str, str], int] = defaultdict(int)
        for row in self.tables.existing:
            if p := self.equipment[row.equipment].operator_course:
                found[p, row.cluster] += row.operators
        return dict(found)

    @cached_property
    def open_to_plan(self) -> list[str]:
        """The openings that something needs which suits anybody, and those that a lock names."""
        needed = {o for p, _h in self.course_hosts for o in self.course_openings.get(p, ())}
        needed |= {h for _e, h in self.machine_hosts} | {lock.item for lock in self.locks}
        out = {x.item for x in self.exclusions if x.cluster is None}
        return [o for o in self.openings if o in needed - out]

    # scarce things -----------------------------------------------------------------------

    @cached_property
    def capacity(self) -> dict[tuple[str, int], float]:
        """(r, q) -> days, trainer-days multiplied by the scenario's factor."""
        return {
            (r, q): row.capacity(q) * (self.scenario.trainer_factor if row.kind == "trainer" else 1)
            for r, row in self.resources.items()
            for q in QUARTERS
        }

    @cached_property
    def cost_class(self) -> dict[str, int]:
        return {p: self.with_price_factor(row.cost_class) for p, row in self.courses.items()}

    @cached_property
    def cost_person(self) -> dict[str, int]:
        return {p: self.with_price_factor(row.cost_person) for p, row in self.courses.items()}

    @cached_property
    def price(self) -> dict[str, int]:
        return {e: self.with_price_factor(row.price) for e, row in self.equipment.items()}

    @cached_property
    def component_price(self) -> dict[tuple[str, str, str], int]:
        """(p, component, basis) -> price of one, so that what a class or a person of p costs is
        never exceeded: rounded down, then up by the largest remainder as far as rupiah are left."""
        factor, prices = Fraction(self.scenario.price_factor), {}
        parts: dict[tuple[str, str], list[Component]] = defaultdict(list)
        for row in self.tables.components:
            parts[row.course, row.basis].append(row)
        for (p, basis), rows in parts.items():
            exact = {row: row.price * factor for row in rows}
            left = (self.cost_class if basis == "class" else self.cost_person)[p]
            left -= sum(row.times_bought * int(exact[row]) for row in rows)
            for row in sorted(rows, key=lambda row: (-(exact[row] % 1), row.component)):
                up = exact[row] % 1 > 0 and row.times_bought <= left
                left -= up * row.times_bought
                prices[p, row.component, basis] = int(exact[row]) + up
        return prices

    @cached_property
    def fund_amount(self) -> dict[str, int]:
        return {f: self.scenario.funds.get(f, row.amount) for f, row in self.funds.items()}

    @cached_property
    def budget(self) -> int:
        """Most that may be spent: the scenario's budget, or all that the funds hold."""
        given = self.scenario.budget
        return sum(self.fund_amount.values()) if given is None else given

    # what the planner asks ---------------------------------------------------------------

    @cached_property
    def floors(self) -> dict[str, float]:
        """c -> least expected coverage asked for, > 0; the general floor is for IKM only."""
        s = self.scenario
        floors = {
            c: s.floors.get(c, s.floor if row.kind == "ikm" else 0.0)
            for c, row in self.clusters.items()
            if self.size[c]
        }
        return {c: floor for c, floor in floors.items() if floor > 0}

    @cached_property
    def reachable(self) -> list[str]:
        """IKM clusters that at least one package suits."""
        return [c for c, row in self.clusters.items() if row.kind == "ikm" and self.packages[c]]

    @cached_property
    def limits(self) -> list[OwnLimit]:
        return self.scenario.parsed_limits()

    @cached_property
    def resolved_limits(self) -> list[OwnLimit]:
        """The limits, in the same order, with clusters for groups and rupiah for a fund's share."""
        return [resolved(x, self.scenario.groups, self.fund_amount) for x in self.limits]

    def closed(self, p: str) -> frozenset[int]:
        """The quarters in which a limit of the office's own allows no class of p to begin."""
        return frozenset(
            start
            for limit in self.limits
            if isinstance(limit, ClosedQuarters) and limit.what in (p, TRAINING)
            for start in self.courses[p].starts
            if {*self.courses[p].lasts(start)} & {*limit.quarters}
        )


def hash_of(content: Any) -> str:
    """SHA-256 of plain values, whatever the order of their keys."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=list)
    return hashlib.sha256(text.encode()).hexdigest()


def _subsets(items: list[str], most: int) -> list[tuple[str, ...]]:
    return [chosen for n in range(most + 1) for chosen in combinations(items, n)]
