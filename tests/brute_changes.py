"""Every plan of a tiny case by its classes and machines, for questions about changes and cost.

For each number of classes and machines at each place, every way to serve the units with them is
tried (see brute.py): its value, and the least that it costs.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import brute

from ikmplan.input.case import Case

Counts = dict[tuple[str, str], int]


class Option(NamedTuple):
    """Classes and machines, what they are worth, and what that costs in rupiah."""

    counts: Counts
    value: float
    cost: int


def options(case: Case) -> list[Option]:
    """For each counts every value that no cheaper plan with the same counts has."""
    found = []
    every = {c: brute.choices(case, c) for c in case.clusters}
    for counts in _counts(case):
        best: dict[float, int] = {}
        fitting = [_served(case, counts, c, needs) for c, needs in every.items()]
        for combined in product(*fitting):
            people = dict(zip(case.clusters, (needs for needs, _v in combined), strict=True))
            cost = _cost(case, counts, people)
            if cost is None or sum(cost.values()) > case.budget or not brute._paid(case, cost):
                continue
            value = sum(value for _needs, value in combined)
            best[value] = min(best.get(value, 10**15), sum(cost.values()))
        found += [Option(counts, value, cost) for value, cost in best.items()]
    return found


def _counts(case: Case) -> Iterator[Counts]:
    places: dict[tuple[str, str], range] = {}
    for (p, h), clusters in case.course_hosts.items():
        most = sum(case.people_for(p, c) for c in clusters) // case.courses[p].class_min
        places[p, h] = range(most + 1)
    for e, h in case.machine_hosts:
        places[e, h] = range(case.equipment[e].stock + 1)
    for numbers in product(*places.values()):
        counts = dict(zip(places, numbers, strict=True))
        machines = {at: n for at, n in counts.items() if at[0] in case.equipment and n}
        classes = {p: sum(n for (i, _h), n in counts.items() if i == p) for p in case.courses}
        least = sum(
            n * (case.cost_class[i] + case.courses[i].class_min * case.cost_person[i])
            if i in case.courses
            else n * case.price[i]
            for (i, _h), n in counts.items()
        )
        fits = least <= case.budget and brute._placed(case, machines)
        if fits and brute._scheduled(case, classes):
            yield counts


def _served(
    case: Case, counts: Counts, c: str, every: dict[brute.Needs, float]
) -> list[tuple[brute.Needs, float]]:
    """The ways to serve a cluster that its own machines and their operators allow."""
    return [(needs, value) for needs, value in every.items() if _able(case, counts, c, needs)]


def _able(case: Case, counts: Counts, c: str, needs: brute.Needs) -> bool:
    for j, (e, row) in enumerate(case.equipment.items()):
        n = counts.get((e, c), 0)
        there = n + case.existing.get((e, c), 0)
        units, trained = needs[1][j], needs[2][j]
        if units and case.hours_of(e, c) * units > case.machine_hours(e) * there + 1e-9:
            return False
        if n and row.operators and row.operator_course:
            p = row.operator_course
            able = case.courses[p].success * trained + case.operators.get((p, c), 0)
            if row.operators * n > able + 1e-9:
                return False
    return True


def _cost(case: Case, counts: Counts, people: dict[str, brute.Needs]) -> dict[str, int] | None:
    """By item; None where the classes do not seat the people."""
    cost = dict.fromkeys([*case.courses, *case.equipment], 0)
    seated: Counts = {}
    for i, p in enumerate(case.courses):
        for c, needs in people.items():
            if needs[0][i]:
                h = case.host(p, c)
                seated[p, h] = seated.get((p, h), 0) + needs[0][i]
    for (item, h), n in counts.items():
        if item in case.equipment:
            cost[item] += n * case.price[item]
            continue
        row = case.courses[item]
        seats = max(seated.pop((item, h), 0), row.class_min * n)
        most = sum(case.people_for(item, c) for c in case.course_hosts[item, h])
        if seats > min(row.class_max * n, most):
            return None
        cost[item] += n * case.cost_class[item] + seats * case.cost_person[item]
    return None if any(seated.values()) else cost


def fewest(before: Counts, after: Counts) -> int:
    """Changes from one to the other, by trying: one more, one less, one moved, item by item."""
    items = {item for item, _h in (*before, *after)}
    hosts = {item: sorted({h for i, h in (*before, *after) if i == item}) for item in items}
    return sum(
        _steps(
            tuple(before.get((item, h), 0) for h in hosts[item]),
            tuple(after.get((item, h), 0) for h in hosts[item]),
        )
        for item in items
    )


def _steps(start: tuple[int, ...], goal: tuple[int, ...]) -> int:
    reached, steps = {start}, 0
    most = max((*start, *goal, 0))
    while goal not in reached:
        reached |= {nearby for at in reached for nearby in _nearby(at, most)}
        steps += 1
    return steps


def _nearby(at: tuple[int, ...], most: int) -> Iterator[tuple[int, ...]]:
    for n in range(len(at)):
        for step in (-1, 1):
            if 0 <= at[n] + step <= most:
                changed = (*at[:n], at[n] + step, *at[n + 1 :])
                yield changed
                for m in range(len(at)):
                    if m != n and 0 <= at[m] - step <= most:
                        yield (*changed[:m], at[m] - step, *changed[m + 1 :])
