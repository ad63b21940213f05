"""The least mends of a tiny case without a plan, by trying everything (see brute.py).

Every way to serve the units takes the fewest classes, seats and machines, so it has a cost, a
number of machines of each kind and a coverage of each cluster. The least mend of one requirement
is the least that any way needs which keeps all the others.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import ceil, floor, inf
from typing import Any

import brute
from brute_openings import random_centre
from small_cases import (
    cluster,
    course,
    fund,
    machine,
    machine_suit,
    small_case,
    suit,
    trainer,
    with_scenario,
)

from ikmplan.faults import BadInput
from ikmplan.input.case import Case
from ikmplan.input.rows import QUARTERS

MILLION = 1_000_000


def tiny_case(seed: int) -> Case:
    """Two clusters of two or three units, two courses and a machine; mostly too little for the
    floors."""
    r = random.Random(seed)
    keys = "bread", "cake"
    courses = [
        course(
            p, low := r.randint(1, 2), low + r.randint(0, 2), success=r.choice([0.3, 0.45, 0.6]),
            cost_class=r.randint(1, 9) * MILLION + r.choice([0, 1, 250_000]),
            cost_person=r.choice([0, 400_000, 1_000_001]),
            scope=r.choice(["cluster", "cluster", "city"]),
        )
        for p in ("baking", "selling")
    ]  # fmt: skip
    oven = machine(
        "oven", price=r.randint(2, 9) * MILLION, kva=r.choice([1, 1.5]), floor_m2=r.choice([2, 3]),
        operators=r.choice([0, 0, 1]), operator_course="baking", stock=r.randint(1, 3),
    )  # fmt: skip
    floors = {c: r.choice([0.1, 0.2, 0.35]) for c in keys if r.random() < 0.3}
    scenario: dict[str, Any] = {"floor": r.choice([0.1, 0.15, 0.25, 0.4]), "floors": floors}
    amounts = [r.randint(1, 14) * MILLION, r.randint(1, 10) * MILLION]
    if r.random() < 0.7:
        scenario["budget"] = r.randint(1, max(1, sum(amounts) // MILLION)) * MILLION
    return small_case(
        scenario,
        clusters=[
            cluster(c, r.choice([2, 2, 3]), kva=r.choice([1, 2, 4]), floor_m2=r.choice([2, 4, 9]))
            for c in keys
        ],
        courses=courses,
        course_suits=[suit(p, c, r.choice([0.5, 1])) for p in ("baking", "selling") for c in keys],
        course_uses=[
            {"course": p, "resource": "balai", "amount": r.choice([1, 2, 2.5])}
            for p in ("baking", "selling")
        ],
        equipment=[oven],
        equipment_suits=[machine_suit("oven", c, r.choice([30, 50, 100])) for c in keys],
        resources=[trainer("balai", *(r.choice([0, 1, 2, 4]) for _q in QUARTERS))],
        funds=[fund("apbd", amounts[0], "training"), fund("dak", amounts[1])],
    )


@dataclass(frozen=True)
class Way:
    """One way to serve the units, and what it takes."""

    coverage: dict[str, float]
    classes: dict[str, int]
    cost: dict[str, int]  # of each course and machine
    machines: dict[tuple[str, str], int]


def ways(case: Case) -> Iterator[Way]:
    """Every way that the meaning of classes and machines allows, whatever the limits."""
    clusters = list(case.clusters)
    for combined in product(*(brute.choices(case, c).items() for c in clusters)):
        needs = {c: needs for c, (needs, _value) in zip(clusters, combined, strict=True)}
        machines = brute.machines_for(case, needs)
        found = None if machines is None else brute.classes_and_cost(case, needs, machines)
        if machines is not None and found is not None:
            values = (value for _needs, value in combined)
            reached = dict(zip(clusters, values, strict=True))
            coverage = {c: reached[c] / case.size[c] for c in clusters}
            yield Way(coverage, *found, machines)


def excesses(case: Case, way: Way) -> dict[tuple[str, str], float]:
    """(rule, key) -> how far each limit and demand would have to give way; 0 where it is kept."""
    total = sum(way.cost.values())
    over: dict[tuple[str, str], float] = {}
    if case.budget < sum(case.fund_amount.values()):  # else it rises with the funds
        over["within_budget", ""] = total - case.budget
    for f in case.funds:  # raised alone, the sets that do not hold it as they are
        over["funds_cover", f] = -inf
    for funds in (("apbd", "dak"), ("apbd",), ("dak",)):
        held = sum(case.fund_amount[f] for f in funds)
        cost = sum(n for item, n in way.cost.items() if set(case.payers(item)) <= set(funds))
        for f in case.funds:
            if f in funds:
                over["funds_cover", f] = max(over["funds_cover", f], cost - held)
            elif cost > held:
                over["funds_cover", f] = inf
    general = [c for c in case.floors if c not in case.scenario.floors]
    short = {c: share - way.coverage[c] for c, share in case.floors.items()}
    over["floors_met", ""] = max((short[c] for c in general), default=0.0)
    over |= {("floors_met", c): n for c, n in short.items() if c not in general}
    over["resource_days", "balai"] = _days_missing(
        tuple(sum(case.uses[p, "balai"]) for p, n in way.classes.items() for _n in range(n)),
        tuple(case.capacity["balai", q] for q in QUARTERS),
    )
    placed = sum(way.machines.values())
    over["machines_in_stock", "oven"] = placed - case.equipment["oven"].stock
    oven = case.equipment["oven"]
    for c, row in case.clusters.items():
        n = way.machines.get(("oven", c), 0)
        over["power_at_site", c] = oven.kva * n - row.kva if n else 0.0
        over["floor_space_at_site", c] = oven.floor_m2 * n - row.floor_m2 if n else 0.0
    return {key: max(0.0, n if n > 1e-9 else 0.0) for key, n in over.items()}


BOUND = re.compile(r"(?P<sign>>=|<=) (?P<number>[\d.]+)(?P<share>%?)$")


def smaller_changes(case: Case, change: dict[str, Any]) -> list[dict[str, Any]]:
    """The changes of a fix that are one step less of it: none of them may be enough."""
    s, less = case.scenario, list[dict[str, Any]]()
    if change.get("budget", 0) - MILLION > case.budget and change["budget"] % MILLION == 0:
        less.append({"budget": change["budget"] - MILLION})
    for f, amount in change.get("funds", {}).items():
        if amount - MILLION > case.fund_amount[f]:
            less.append({"funds": change["funds"] | {f: amount - MILLION}})
    for c, share in change.get("floors", {}).items():
        if share + 0.001 < case.floors.get(c, 0.0):
            less.append({"floors": change["floors"] | {c: share + 0.001}})
    steps = {"floor": 0.001, "target_units": 1, "target_classes": 1, "target_reached": 0.1}
    for name, step in steps.items():
        if name in change and change[name] + step < getattr(s, name) - 1e-9:
            less.append({name: round(change[name] + step, 6)})
    gone, came = ({*map(str, a)} - {*map(str, b)} for a, b in (
        (s.limits, change.get("limits", s.limits)), (change.get("limits", s.limits), s.limits)
    ))  # fmt: skip
    if gone and came:
        (old,), (new,) = (map(BOUND.search, texts) for texts in (gone, came))
        if old and new and old["share"] == new["share"]:
            step = 0.1 if new["share"] else MILLION if new.string.startswith("money") else 1
            number = float(new["number"]) + (step if new["sign"] == ">=" else -step)
            if (number < float(old["number"])) == (new["sign"] == ">="):
                text = f"{new.string[: new.start('number')]}{number:.10g}{new['share']}"
                limits = [text if str(one) == new.string else one for one in change["limits"]]
                less.append({"limits": limits})
    return less


def crowded_case(seed: int) -> Case | None:
    """A tiny case with openings, lines, idle machines and earmarked funds, of which more is asked
    than most of them can give; None where that contradicts its tables."""
    r, case = random.Random(seed), random_centre(seed)
    if case is None:
        return None
    c, d = case.clusters
    p, q = case.courses
    asked = [
        {"floor": r.choice([0.2, 0.4, 0.7]), "equity": r.choice([0, 0.3, 1])},
        {"target_units": r.randint(3, 6)}, {"target_reached": r.choice([1.5, 2.5])},
        {"target_classes": r.randint(2, 6)}, {"budget": r.randint(0, 20) * MILLION},
        {"training_share_min": 0.6}, {"locks": [f"{p} >= {r.randint(1, 3)}"]},
    ]  # fmt: skip
    limits = [
        f"money @ {c} >= {r.randint(2, 30) * MILLION}", f"at least 3 of @ {c}, @ {d}, {p}",
        "no training in q1 q2 q3", f"units @ {d} >= {r.randint(2, 3)}", f"seats {q} >= 3",
        f"money training >= {r.randint(50, 100)}%", f"machines >= {r.randint(2, 6)}",
    ]  # fmt: skip
    fields: dict[str, Any] = {"limits": r.sample(limits, r.choice([0, 1, 2]))}
    for more in r.sample(asked, r.choice([1, 2])):
        fields |= more
    try:
        return with_scenario(case, gap=0, **fields)
    except BadInput:
        return None


@cache
def _days_missing(classes: tuple[float, ...], there: tuple[float, ...]) -> float:
    """The fewest days more, in whatever quarters, that classes of so many days each need."""
    loads = {(0.0,) * len(there)}
    for days in classes:
        loads = {
            (*load[:q], load[q] + days, *load[q + 1 :]) for load in loads for q in range(len(there))
        }
    return min(sum(max(0.0, n - m) for n, m in zip(load, there, strict=True)) for load in loads)


def least_mends(case: Case) -> dict[tuple[str, str], float] | None:
    """(rule, key) -> the least it must give way, all else kept, where that is enough.

    None where there is a plan.
    """
    least: dict[tuple[str, str], float] = {}
    for way in ways(case):
        over = excesses(case, way)
        broken = {key for key, n in over.items() if n}
        # money that is lacking in the sets of one fund counts for either of the funds
        money = {key for key in broken if key[0] == "funds_cover"}
        others = broken - money
        if not broken:
            return None
        for key, n in over.items():
            alone = others <= {key} if key[0] != "funds_cover" else not others
            if 0 < n < inf and alone and (not money or key[0] == "funds_cover"):
                least[key] = min(least.get(key, inf), n)
    return least


def stated_amount(case: Case, key: tuple[str, str], n: float) -> float:
    """What the fix changes it to, rounded so that it is enough."""
    rule, name = key
    if rule == "within_budget":  # a whole million, but no more than the funds hold
        enough = ceil((case.budget + n) / MILLION) * MILLION
        return min(enough, sum(case.fund_amount.values()))
    if rule == "funds_cover":
        return case.fund_amount[name] + ceil(n / MILLION) * MILLION
    if rule == "floors_met":  # a tenth of a percent
        asked = case.floors[name] if name else case.scenario.floor
        return floor((asked - n) * 1000 + 1e-6) / 1000
    there = {
        "resource_days": lambda: sum(case.capacity[name, q] for q in QUARTERS),
        "power_at_site": lambda: case.clusters[name].kva,
        "floor_space_at_site": lambda: case.clusters[name].floor_m2,
        "machines_in_stock": lambda: case.equipment[name].stock,
    }[rule]()
    return ceil((there + n) * 10 - 1e-6) / 10
