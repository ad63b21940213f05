"""Every plan of a tiny case, and random limits of an office's own beside what they mean.

Nothing here reads a limit's text: each is made together with a function that measures a plan.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product

from small_cases import cluster, course, fund, machine, machine_suit, small_case, suit, trainer

from ikmplan.input.case import Case, Package
from ikmplan.input.cells import CITY
from ikmplan.input.rows import QUARTERS

MILLION = 1_000_000
COURSES, CLUSTERS = ("baking", "selling"), ("bread", "cake")


@dataclass(frozen=True)
class Whole:
    """One plan: how many of what, where."""

    classes: dict[tuple[str, str], int]
    seats: dict[tuple[str, str], int]
    machines: dict[str, int]  # ovens, by cluster
    units: dict[tuple[str, Package], int]
    case: Case

    @cached_property
    def money(self) -> dict[tuple[str, str], int]:
        """(item, host) -> rupiah."""
        case = self.case
        paid = {(p, h): n * case.cost_class[p] for (p, h), n in self.classes.items()}
        for (p, c), n in self.seats.items():
            at = p, case.host(p, c)
            paid[at] = paid.get(at, 0) + n * case.cost_person[p]
        return paid | {("oven", c): n * case.price["oven"] for c, n in self.machines.items()}


@dataclass(frozen=True)
class RandomLimit:
    """A limit's text, and what of a plan it compares with which number."""

    text: str
    sign: str
    asked: Fraction
    has: Callable[[Case, Whole], Fraction | None]  # None: kept whatever it asks
    closed: tuple[str, int] | None = None  # course and quarter

    def kept(self, case: Case, plan: Whole) -> bool:
        has = self.has(case, plan)
        if has is None:
            return True
        return {">=": has >= self.asked, "<=": has <= self.asked, "=": has == self.asked}[self.sign]


def tiny(seed: int) -> Case:
    """Two clusters of one or two units, two courses and an oven."""
    r = random.Random(seed)
    return small_case(
        {"courses_per_unit": 1},
        clusters=[
            cluster(c, r.choice([1, 1, 2]), district=f"{c.title()} Town", kva=r.choice([1, 2]))
            for c in CLUSTERS
        ],
        courses=[
            course(
                p, low := r.choice([1, 1, 2]), low + r.randint(0, 1),
                success=r.choice([0.3, 0.45, 0.6]), cost_class=r.randint(1, 6) * MILLION,
                cost_person=r.choice([0, 400_000, 1_000_001]),
                scope="cluster" if p == "baking" else r.choice(["cluster", "city"]),
            )
            for p in COURSES
        ],
        course_suits=[suit(p, c, r.choice([0.5, 1])) for p in COURSES for c in CLUSTERS],
        course_uses=[{"course": p, "resource": "balai", "amount": 2} for p in COURSES],
        equipment=[machine("oven", price=r.randint(2, 9) * MILLION, kva=1, stock=r.randint(1, 2))],
        equipment_suits=[machine_suit("oven", c, r.choice([50, 100])) for c in CLUSTERS],
        resources=[trainer("balai", *(r.choice([0, 2, 2, 4]) for _q in QUARTERS))],
        funds=[
            fund("apbd", r.randint(4, 20) * MILLION), fund("dak", r.randint(1, 9) * MILLION,
                                                            "equipment selling"),
        ],
    )  # fmt: skip


# --- every plan ------------------------------------------------------------------------------


def plans(case: Case) -> Iterator[tuple[float, Whole]]:
    """Value and plan, the best first, of every plan that keeps all but quarters and limits."""
    given: list[tuple[float, dict[tuple[str, Package], int]]] = []
    each = [list(_units(case, c)) for c in CLUSTERS]
    for parts in product(*each):
        units = {key: n for part in parts for key, n in part.items()}
        given.append((sum(case.chance[key] * n for key, n in units.items()), units))
    for value, units in sorted(given, key=lambda pair: -pair[0]):
        for plan in _completed(case, units):
            yield value, plan


def _units(case: Case, c: str) -> Iterator[dict[tuple[str, Package], int]]:
    packages = case.packages[c]
    for counts in product(range(case.size[c] + 1), repeat=len(packages)):
        if sum(counts) <= case.size[c]:
            yield {(c, k): n for k, n in zip(packages, counts, strict=True) if n}


def _completed(case: Case, units: dict[tuple[str, Package], int]) -> Iterator[Whole]:
    ovens = []
    for c in CLUSTERS:
        using = sum(n for (at, k), n in units.items() if at == c and k.equipment)
        least = -(-using * case.hours_of("oven", c) // case.machine_hours("oven"))
        ovens.append(range(int(least), int(case.clusters[c].kva) + 1))
    places = [(p, c) for p in COURSES for c in CLUSTERS]
    people = []
    for p, c in places:
        needed = sum(n for (at, k), n in units.items() if at == c and p in k.courses)
        people.append(range(needed, case.size[c] + 1))
    for counts in product(*ovens):
        if sum(counts) > case.equipment["oven"].stock:
            continue
        for seated in product(*people):
            seats = dict(zip(places, seated, strict=True))
            for classes in _classes(case, seats):
                plan = Whole(classes, seats, dict(zip(CLUSTERS, counts, strict=True)), units, case)
                if _paid(case, plan):
                    yield plan


def _classes(case: Case, seats: dict[tuple[str, str], int]) -> Iterator[dict[tuple[str, str], int]]:
    options = []
    for p, h in case.course_hosts:
        row = case.courses[p]
        n = sum(n for (q, c), n in seats.items() if q == p and h in (CITY, c))
        fits = [k for k in range(n + 1) if k * row.class_min <= n <= k * row.class_max]
        options.append([((p, h), k) for k in fits])
    for chosen in product(*options):
        yield dict(chosen)


def _paid(case: Case, plan: Whole) -> bool:
    """All is for APBD; DAK may help with ovens and selling."""
    money = plan.money
    apbd, dak = case.fund_amount["apbd"], case.fund_amount["dak"]
    only = sum(n for (item, _h), n in money.items() if item == "baking")
    return only <= apbd and sum(money.values()) <= apbd + dak


def scheduled(case: Case, plan: Whole, limits: list[RandomLimit]) -> bool:
    """Whether the classes, of two days each, fit into the quarters that are not closed."""
    counts = [sum(n for (p, _h), n in plan.classes.items() if p == course) for course in COURSES]
    closed = {limit.closed for limit in limits}
    rooms = [int(case.capacity["balai", q] // 2) for q in QUARTERS]
    for first in product(*(range(n + 1) for n in rooms)):  # classes of baking in each quarter
        if sum(first) == counts[0] and not any(
            n and ("baking", q) in closed for n, q in zip(first, QUARTERS, strict=True)
        ):
            left = [
                0 if ("selling", q) in closed else room - n
                for room, n, q in zip(rooms, first, QUARTERS, strict=True)
            ]
            if sum(left) >= counts[1]:
                return True
    return False


def best(case: Case, limits: list[RandomLimit]) -> float | None:
    """The best value of a plan that keeps the limits; None where there is none."""
    for value, plan in plans(case):
        if all(limit.kept(case, plan) for limit in limits) and scheduled(case, plan, limits):
            return value
    return None


def nearest(case: Case, limits: list[RandomLimit]) -> dict[str, Fraction]:
    """Text -> of plans that keep all other limits, the nearest to what this one asks."""
    found: dict[str, Fraction] = {}
    for _value, plan in plans(case):
        broken = [limit for limit in limits if not limit.kept(case, plan)]
        if len(broken) == 1 and scheduled(case, plan, limits):
            (one,) = broken
            has = one.has(case, plan)
            assert has is not None
            better = max if one.sign == ">=" else min
            found[one.text] = better(has, found.get(one.text, has))
    return found


# --- random limits ---------------------------------------------------------------------------

PLACES: dict[str, set[str]] = {
    "": {*CLUSTERS, CITY}, "@ bread": {"bread"}, "@ north": {"bread"}, "@ sector cake": {"cake"},
    "outside north": {"cake", CITY}, "@ district Bread Town": {"bread"},
    "@ bread + cake": {*CLUSTERS},
}  # fmt: skip
GROUPS = {"north": ["bread"]}
WHATS: dict[str, set[str]] = {
    "": {*COURSES, "oven"}, "baking": {"baking"}, "selling": {"selling"}, "oven": {"oven"},
    "training": {*COURSES}, "equipment": {"oven"}, "dak": {"oven", "selling"},
    "baking + oven": {"baking", "oven"},
}  # fmt: skip


def amount_of(measure: str, what: str, where: str) -> Callable[[Case, Whole], int]:
    items, hosts = WHATS[what], PLACES[where]

    def has(case: Case, plan: Whole) -> int:
        if measure == "units":
            return sum(
                n
                for (c, k), n in plan.units.items()
                if c in hosts and items & {*k.courses, *k.equipment}
            )
        counts: dict[tuple[str, str], int] = (
            {("oven", c): n for c, n in plan.machines.items()}
            if measure == "machines"
            else getattr(plan, measure)
        )
        return sum(n for (i, h), n in counts.items() if i in items and h in hosts)

    return has


def anything(what: str, where: str) -> Callable[[Case, Whole], bool]:
    counted = [amount_of(m, what, where) for m in ("seats", "machines", "units")]
    return lambda case, plan: any(has(case, plan) > 0 for has in counted)


def random_limit(r: random.Random, case: Case) -> RandomLimit:
    kind = r.choice(["amount", "amount", "amount", "share", "share", "closed", "count", "if"])
    if kind == "closed":
        p, q = r.choice(COURSES), r.choice(QUARTERS)
        return RandomLimit(f"no {p} in q{q}", "<=", Fraction(0), lambda _c, _p: None, (p, q))
    if kind in ("count", "if"):
        chosen = r.sample([("baking", ""), ("selling", ""), ("oven", ""), ("", "@ bread"),
                           ("", "@ sector cake"), ("oven", "@ north"),
                           ("baking + oven", "@ bread")], 3)  # fmt: skip
        texts = [f"{what} {where}".strip() for what, where in chosen]
        there = [anything(*part) for part in chosen]
        if kind == "if":
            text = f"if {texts[0]} then {texts[1]}"
            return RandomLimit(
                text, "<=", Fraction(0),
                lambda c, p: Fraction(there[0](c, p) and not there[1](c, p)),
            )  # fmt: skip
        words, sign = r.choice([("at least", ">="), ("at most", "<="), ("exactly", "=")])
        n = r.randint(1, 3)
        return RandomLimit(
            f"{words} {n} of {', '.join(texts)}", sign, Fraction(n),
            lambda c, p: Fraction(sum(one(c, p) for one in there)),
        )  # fmt: skip
    measure = r.choice(["money", "money", "seats", "units"])
    what = r.choice(["", *COURSES, "training"] if measure == "seats" else [*WHATS])
    where, sign = r.choice([*PLACES]), r.choice([">=", ">=", "<="])
    if measure == "money" and what and where.startswith("@"):
        shared = all(i in case.courses and case.courses[i].scope == CITY for i in WHATS[what])
        where = "" if shared else where
    left, has = (
        " ".join([measure, what, where]).strip().replace("  ", " "),
        amount_of(measure, what, where),
    )
    if kind == "amount":
        n = r.randint(0, 5) if measure != "money" else r.randint(0, 20) * MILLION + r.choice([0, 1])
        return RandomLimit(
            f"{left} {sign} {n}", sign, Fraction(n), lambda c, p: Fraction(has(c, p))
        )
    percent = r.choice([10, 40, 66.6, 90])
    asked, fund_ = Fraction(str(percent)) / 100, measure == "money" and r.random() < 0.3
    if fund_:
        limit = asked * case.fund_amount["apbd"]
        text = f"{left} {sign} {percent}% of apbd"
        return RandomLimit(text, sign, limit, lambda c, p: Fraction(has(c, p)))
    all_of = amount_of(measure, "", "")

    def share(c: Case, p: Whole) -> Fraction | None:
        return Fraction(has(c, p), all_of(c, p)) if all_of(c, p) else None

    return RandomLimit(f"{left} {sign} {percent}%", sign, asked, share)
