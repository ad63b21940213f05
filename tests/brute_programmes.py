"""Tiny programmes of every kind, and the best value of each by trying everything.

Nothing here uses the model or the sets of `Case`: who may sit, packages, chances, interest, mix
and days are worked out again from the rows of the tables. A cluster's ways to give packages to
its units are reduced to what they need; all combinations over the clusters are then tried, the
best first.
"""

from __future__ import annotations

import random
from collections import Counter
from itertools import combinations, product
from math import ceil, prod
from types import SimpleNamespace
from typing import Any

from small_cases import cluster, course, fund, machine, machine_suit, small_case, suit, trainer, use

from ikmplan.faults import BadInput
from ikmplan.input.case import Case

# people by course, units by machine, units by machine that took its operator course
Needs = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]


def random_programme(seed: int) -> Case:
    """Two IKM clusters, perhaps candidates, two courses, perhaps a machine with its operators."""
    r = random.Random(seed)
    clusters = [
        cluster(f"c{n}", r.randint(2, 4), weight=r.choice([1, 1, 2]),
                young_share=r.choice([0, 0.5, 1]))
        for n in range(2)
    ]  # fmt: skip
    if r.random() < 0.6:
        size, weight = r.randint(2, 4), r.choice([0, 0.6])
        clusters.append(cluster("leavers", size, kind="candidate", weight=weight, young_share=1))
    sectors = [row["sector"] for row in clusters]
    courses = [_random_course(r, f"p{n}") for n in range(2)]
    with_machine = r.random() < 0.4
    rows: dict[str, Any] = {}
    if with_machine:
        courses.append(_random_course(r, "run") | {"each_min": 0, "young_only": False})
        rows["equipment"] = [
            machine("oven", price=r.randint(1, 9), hours=100, stock=r.randint(1, 3),
                    operators=r.choice([0, 1]), operator_course="run"),
        ]  # fmt: skip
        rows["equipment_suits"] = [
            machine_suit("oven", s, 50, r.choice([0.3, 0.5]), interest=r.choice([1, 0.5]))
            for s in sectors if r.random() < 0.8
        ]  # fmt: skip
    shares = {s: r.choice([1, 1, 0.29, 0.5, 0.7]) for s in sectors}
    rows["course_suits"] = [
        suit(row["course"], s, 0 if row["course"] == "run" else r.choice([0, 0.5, 1, 1]),
             interest=shares[s])
        for row in courses for s in sectors if r.random() < 0.85
    ]  # fmt: skip
    rows["resources"] = [
        trainer("balai", *(r.randint(0, 8) for _q in range(4))),
        trainer("quota", *(r.choice([0, 2, 4]) for _q in range(4))) | {"kind": "other"},
    ]
    rows["course_uses"] = [use(row["course"], "balai", r.randint(1, 6)) for row in courses] + [
        use(row["course"], "quota", r.randint(1, 2), at=r.randint(1, row.get("quarters", 1)))
        for row in courses if r.random() < 0.5
    ]  # fmt: skip
    rows["funds"] = [
        fund("apbd", r.randint(5, 40)),
        fund("dak", r.randint(0, 20), r.choice(["training", "equipment", "p0"])),
    ]
    demands = {
        "equity": r.choice([0, 0, 0.3, 1]),
        "floor": r.choice([0, 0, 0, 0.1]),
        "locks": r.choice([[], [], ["p0 >= 1"], ["p0 = 1"], ["p1 <= 1"]]),
    }
    asked = {"courses_per_unit": r.choice([1, 2]), "users_trained": r.random() < 0.3}
    if r.random() < 0.5:
        asked["budget"] = r.randint(10, 40)
    try:
        return small_case(asked | demands, clusters=clusters, courses=courses, **rows)
    except BadInput:  # what is asked for suits nobody
        return small_case(asked, clusters=clusters, courses=courses, **rows)


def _random_course(r: random.Random, key: str) -> dict[str, Any]:
    low, scope = r.randint(1, 3), r.choice(["city", "city", "cluster"])
    each_max = r.choice([None, None, 1, 2])
    if each_max is not None and scope == "cluster":
        each_max = max(low, each_max)
    return course(
        key, low, low + r.randint(0, 2), scope=scope, success=r.choice([0.3, 0.5, 1]),
        cost_class=r.randint(0, 9), cost_person=r.randint(0, 2), young_only=r.random() < 0.15,
        quarters=r.choice([1, 1, 2, 3]), each_min=r.choice([0, 0, 1]), each_max=each_max,
        topic=r.choice([None, None, "both"]),
    )  # fmt: skip


def best_of_all(case: Case) -> float | None:
    """The objective's best value; None where no plan keeps every rule."""
    tables, s = case.tables, case.scenario
    every = [list(_choices(case, row).items()) for row in tables.clusters]
    ikm = [n for n, row in enumerate(tables.clusters) if row.kind == "ikm"]
    can_be_reached = [n for n in ikm if any(reached > 0 for _needs, reached in every[n])]

    def value(combined: Any) -> float:
        reached = [units for _needs, units in combined]
        rows = tables.clusters
        found = (1 - s.equity) * sum(
            row.weight * units for row, units in zip(rows, reached, strict=True)
        )
        if s.equity:
            worst = min((reached[n] / rows[n].units for n in can_be_reached), default=0.0)
            found += s.equity * worst * sum(rows[n].weight * rows[n].units for n in ikm)
        return found

    for combined in sorted(product(*every), key=value, reverse=True):
        met = all(combined[n][1] >= s.floor * tables.clusters[n].units - 1e-9 for n in ikm)
        needs = {row.cluster: at[0] for row, at in zip(tables.clusters, combined, strict=True)}
        if met and _can_be_done(case, needs):
            return value(combined)
    return None


def _choices(case: Case, row: Any) -> dict[Needs, float]:
    """What the units of a cluster may need -> most units reached so."""
    packages = _packages(case, row)
    young = round(row.units * row.young_share)
    found: dict[Needs, float] = {}
    for counts in _shared_out(row.units, len(packages)):
        given = [(k, n) for k, n in zip(packages, counts, strict=True) if n]
        if not _wanted(case, row, given):
            continue
        if sum(n for k, n in given if any(_course(case, p).young_only for p in k)) > young:
            continue
        needs = (
            tuple(sum(n for k, n in given if p.course in k) for p in case.tables.courses),
            tuple(sum(n for k, n in given if e.equipment in k) for e in case.tables.equipment),
            tuple(
                sum(n for k, n in given if {e.equipment, e.operator_course} <= {*k})
                for e in case.tables.equipment
            ),
        )
        reached = sum(n * _chance(case, row.sector, k) for k, n in given)
        found[needs] = max(found.get(needs, 0.0), reached)
    return found


def _shared_out(units: int, ways: int) -> list[tuple[int, ...]]:
    if not ways:
        return [()]
    return [(n, *rest) for n in range(units + 1) for rest in _shared_out(units - n, ways - 1)]


def _course(case: Case, key: str) -> Any:
    """Its row; what a machine lacks of a course is nothing."""
    no_course = SimpleNamespace(young_only=False, topic=None, success=0)
    return next((p for p in case.tables.courses if p.course == key), no_course)


def _packages(case: Case, row: Any) -> list[tuple[str, ...]]:
    s, tables = case.scenario, case.tables
    relevance = {r.course: r.relevance for r in tables.course_suits if r.sector == row.sector}
    machines = {r.equipment for r in tables.equipment_suits if r.sector == row.sector}
    taught_by = {e.equipment: e.operator_course for e in tables.equipment if e.operators}
    found: list[tuple[str, ...]] = []
    for chosen in _up_to(sorted(relevance), s.courses_per_unit):
        topics = [_course(case, p).topic or p for p in chosen]
        if len({*topics}) < len(topics):
            continue
        for used in _up_to(sorted(machines), s.equipment_per_unit):
            taught = {taught_by.get(e) for e in used} - {None}
            learning = {p for p in chosen if p in taught_by.values()}
            idle = [p for p in chosen if not relevance[p] and p not in taught]
            untrained = s.users_trained and not taught <= {*chosen}
            if (chosen or used) and not idle and learning <= taught and not untrained:
                found.append((*chosen, *used))
    return found


def _up_to(items: list[str], most: int) -> list[tuple[str, ...]]:
    return [chosen for n in range(most + 1) for chosen in combinations(items, n)]


def _wanted(case: Case, row: Any, given: list[tuple[tuple[str, ...], int]]) -> bool:
    """Whether no more get a topic than want it: hundredths, so that 0.29 of 100 are 29."""
    getting: Counter[str] = Counter()
    for k, n in given:
        getting.update({_course(case, i).topic or i: n for i in k})
    suits = [(_course(case, r.course).topic or r.course, r) for r in case.tables.course_suits]
    suits += [(r.equipment, r) for r in case.tables.equipment_suits]
    return all(
        getting[topic] <= round(r.interest * 100) * row.units // 100
        for topic, r in suits
        if r.sector == row.sector
    )


def _chance(case: Case, sector: str, k: tuple[str, ...]) -> float:
    tables = case.tables
    alone = {
        r.course: _course(case, r.course).success * r.relevance
        for r in tables.course_suits
        if r.sector == sector
    }
    alone |= {r.equipment: r.success for r in tables.equipment_suits if r.sector == sector}
    return 1 - prod(1 - alone[i] for i in k)


def _can_be_done(case: Case, needs: dict[str, Needs]) -> bool:
    """Whether some number of classes of each course seats these people within all limits."""
    cost: Counter[str] = Counter()
    for j, e in enumerate(case.tables.equipment):
        placed = 0
        for _people, units, trained in needs.values():
            n = ceil(units[j] * 50 / e.hours - 1e-9)
            placed += n
            if n * e.operators > _course(case, "run").success * trained[j] + 1e-9:
                return False
        if placed > e.stock:
            return False
        cost[e.equipment] += placed * e.price
    ways = [_ways(case, i, p, needs) for i, p in enumerate(case.tables.courses)]
    return any(_affordable(case, cost, dict(combined)) for combined in product(*ways))


def _ways(case: Case, i: int, p: Any, needs: dict[str, Needs]) -> list[tuple[str, Any]]:
    """(course, (classes, least seats)) that the people needed can be seated in, locks kept."""
    sectors = {r.sector for r in case.tables.course_suits if r.course == p.course}
    there = {
        row.cluster: round(row.units * row.young_share) if p.young_only else row.units
        for row in case.tables.clusters
        if row.sector in sectors
    }
    there = {c: n for c, n in there.items() if n}
    hosts = [[*there]] if p.scope == "city" else [[c] for c in there]
    totals = {(0, 0)}
    for host in hosts:
        options = set()
        for classes in range(sum(there[c] for c in host) // p.class_min + 1):
            least = [max(needs[c][0][i], p.each_min * classes) for c in host]
            each = p.class_max if p.each_max is None else p.each_max
            most = [min(there[c], each * classes) for c in host]
            seats = max(sum(least), p.class_min * classes)
            fits = all(low <= high for low, high in zip(least, most, strict=True))
            if fits and seats <= min(sum(most), p.class_max * classes):
                options.add((classes, seats))
        totals = {(a + x, b + y) for a, b in totals for x, y in options}
    if any(needs[c][0][i] for c in needs if c not in there):
        return []
    return [(p.course, at) for at in sorted(totals) if _locked(case, p.course, at[0])]


def _locked(case: Case, p: str, classes: int) -> bool:
    for lock in case.scenario.locks:
        item, sign, n = lock.split()
        kept = {">=": classes >= int(n), "<=": classes <= int(n), "=": classes == int(n)}
        if item == p and not kept[sign]:
            return False
    return True


def _affordable(case: Case, machines: Counter[str], held: dict[str, tuple[int, int]]) -> bool:
    cost = Counter(machines)
    for p in case.tables.courses:
        classes, seats = held[p.course]
        cost[p.course] += classes * p.cost_class + seats * p.cost_person
    budget = case.scenario.budget
    if budget is not None and cost.total() > budget:
        return False
    items = [i for i in cost if cost[i]]
    kinds = {i: "equipment" if i in machines else "training" for i in items}
    for n in range(1, len(items) + 1):
        for chosen in combinations(items, n):
            payers = [f for f in case.tables.funds for i in chosen if {i, kinds[i]} & {*f.pays}]
            if sum(cost[i] for i in chosen) > sum({f.fund: f.amount for f in payers}.values()):
                return False
    return _scheduled(case, {p: classes for p, (classes, _seats) in held.items()})


def _scheduled(case: Case, classes: dict[str, int]) -> bool:
    """Whether every class can begin in some quarter, by trying every way."""
    left = {(r.resource, q): r.capacity(q) for r in case.tables.resources for q in (1, 2, 3, 4)}

    def place(todo: list[str], first: int) -> bool:
        if not todo:
            return True
        p, *rest = todo
        lasts = _course(case, p).quarters
        for start in range(first, 6 - lasts):
            took: Counter[Any] = Counter()
            for row in case.tables.course_uses:
                if row.course == p and row.at is None:
                    for q in range(start, start + lasts):
                        took[row.resource, q] += row.amount / lasts
                elif row.course == p:
                    took[row.resource, start + row.at - 1] += row.amount
            if all(left[at] >= days - 1e-9 for at, days in took.items()):
                for at, days in took.items():
                    left[at] -= days
                if place(rest, start if rest and rest[0] == p else 1):
                    return True
                for at, days in took.items():
                    left[at] += days
        return False

    return place([p for p, n in classes.items() for _n in range(n)], 1)
