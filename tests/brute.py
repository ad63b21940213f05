"""The best plan of a tiny case by trying everything, without the model or its rules.

For each cluster every way to give packages to its units is reduced to what it needs:
people in each course, units at each machine, and how many of those took its operator course.
Each combination over the clusters then
takes the fewest classes, seats and machines that serve it, and is kept if it fits.
"""

from __future__ import annotations

from itertools import product
from math import ceil

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY
from ikmplan.input.rows import QUARTERS

# people by course, units by machine, units by machine that took its operator course
Needs = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]


def best_value(case: Case) -> float:
    """The objective's best value; the scenario may set a budget and nothing else."""
    clusters = list(case.clusters)
    every = [choices(case, c) for c in clusters]
    best = 0.0
    for combined in product(*(found.items() for found in every)):
        value = sum(value for _needs, value in combined)
        if value > best + 1e-12 and _fits(
            case, dict(zip(clusters, (n for n, _v in combined), strict=True))
        ):
            best = value
    return best


def choices(case: Case, c: str) -> dict[Needs, float]:
    """What the units of a cluster may need -> the most they are worth so."""
    found: dict[Needs, float] = {}
    packages = case.packages[c]

    def give(
        n: int,
        left: int,
        young: int,
        seats: dict[str, int],
        used: dict[str, int],
        trained: dict[str, int],
        value: float,
    ) -> None:
        if n == len(packages):
            needs = (
                tuple(seats.get(p, 0) for p in case.courses),
                tuple(used.get(e, 0) for e in case.equipment),
                tuple(trained.get(e, 0) for e in case.equipment),
            )
            found[needs] = max(found.get(needs, 0.0), value)
            return
        k = packages[n]
        most = min(left, young) if case.young_only(k) else left
        for units in range(most + 1):
            more = {p: seats.get(p, 0) + units * (p in k.courses) for p in case.courses}
            hours = {e: used.get(e, 0) + units * (e in k.equipment) for e in case.equipment}
            able = {
                e: trained.get(e, 0)
                + units * (e in k.equipment and case.equipment[e].operator_course in k.courses)
                for e in case.equipment
            }
            give(
                n + 1,
                left - units,
                young - units * case.young_only(k),
                more,
                hours,
                able,
                value + units * case.chance[c, k],
            )

    give(0, case.size[c], case.young[c], {}, {}, {}, 0.0)
    return found


def _fits(case: Case, needs: dict[str, Needs]) -> bool:
    machines = machines_for(case, needs)
    if machines is None or not _placed(case, machines):
        return False
    found = classes_and_cost(case, needs, machines)
    if found is None:
        return False
    classes, cost = found
    if sum(cost.values()) > case.budget or not _paid(case, cost):
        return False
    return _scheduled(case, classes)


def classes_and_cost(
    case: Case, needs: dict[str, Needs], machines: dict[tuple[str, str], int]
) -> tuple[dict[str, int], dict[str, int]] | None:
    """The fewest classes by course, and the cost by course and machine; None where no class is
    large enough."""
    classes: dict[str, int] = {}
    cost = {
        e: case.price[e] * sum(n for (kind, _h), n in machines.items() if kind == e)
        for e in case.equipment
    }
    for i, p in enumerate(case.courses):
        hosts = {h for (course, h) in case.course_hosts if course == p}
        classes[p], cost[p] = 0, 0
        for h in hosts:
            held = _classes(case, p, h, {c: n[0][i] for c, n in needs.items() if h in (CITY, c)})
            if held is None:
                return None
            classes[p] += held[0]
            cost[p] += held[0] * case.cost_class[p] + held[1] * case.cost_person[p]
    return classes, cost


def machines_for(case: Case, needs: dict[str, Needs]) -> dict[tuple[str, str], int] | None:
    """The fewest new machines; None where they lack operators among their users."""
    placed: dict[tuple[str, str], int] = {}
    for j, e in enumerate(case.equipment):
        for c, (_people, units, _trained) in needs.items():
            if units[j]:
                hours = case.hours_of(e, c) * units[j]
                placed[e, c] = max(
                    0, ceil(hours / case.machine_hours(e) - 1e-9) - case.existing.get((e, c), 0)
                )
    missing: dict[tuple[str, str], float] = {}
    for (e, c), n in placed.items():
        row = case.equipment[e]
        if n and row.operators and row.operator_course:
            p, able = row.operator_course, needs[c][2][list(case.equipment).index(e)]
            lacking = max(0.0, row.operators * n - case.courses[p].success * able)
            missing[p, c] = missing.get((p, c), 0.0) + lacking
    if any(n > case.operators.get(at, 0) + 1e-9 for at, n in missing.items()):
        return None
    return placed


def _placed(case: Case, machines: dict[tuple[str, str], int]) -> bool:
    """Whether stock, power and floor space are enough for the machines."""
    for e, row in case.equipment.items():
        if sum(n for (kind, _h), n in machines.items() if kind == e) > row.stock:
            return False
    return all(
        sum(getattr(case.equipment[e], what) * n for (e, h), n in machines.items() if h == c)
        <= getattr(row, what)
        for c, row in case.clusters.items()
        for what in ("kva", "floor_m2")
    )


def _classes(case: Case, p: str, h: str, people: dict[str, int]) -> tuple[int, int] | None:
    """The fewest classes and seats that seat these people."""
    row, seats = case.courses[p], people
    most = sum(case.people_for(p, c) for c in people if p in case.suited_courses(c))
    if any(
        n > (case.people_for(p, c) if p in case.suited_courses(c) else 0) for c, n in seats.items()
    ):
        return None
    for total in range(sum(seats.values()), most + 1):
        held = ceil(total / row.class_max)
        if held * row.class_min <= total:
            return held, total
    return None


def _paid(case: Case, cost: dict[str, int]) -> bool:
    """Every set of items costs no more than the funds that may pay for any of them hold."""
    items = [i for i in cost if cost[i]]
    return all(
        sum(cost[i] for i in chosen)
        <= sum(case.fund_amount[f] for f in {f for i in chosen for f in case.payers(i)})
        for mask in product((0, 1), repeat=len(items))
        for chosen in [[i for i, taken in zip(items, mask, strict=True) if taken]]
    )


def _scheduled(case: Case, classes: dict[str, int]) -> bool:
    """Whether the classes can be given to quarters, by trying every way."""
    left = dict(case.capacity)

    def place(todo: list[str]) -> bool:
        if not todo:
            return True
        p, *rest = todo
        for q in QUARTERS:
            uses = {r: sum(case.uses[p, r]) for r in case.resources if (p, r) in case.uses}
            if all(left[r, q] >= days - 1e-9 for r, days in uses.items()):
                for r, days in uses.items():
                    left[r, q] -= days
                if place(rest):
                    return True
                for r, days in uses.items():
                    left[r, q] += days
        return False

    return place([p for p, n in classes.items() for _n in range(n)])
