"""Tiny cases with openings, lines and idle machines, and their best value by trying everything.

Nothing here is of the model: packages, hours, places and costs are read from the tables. For each
cluster every way to give packages to its units is reduced to what it needs; the combinations over
the clusters are tried from the best on, and the first that fits is the answer. A combination
opens what it needs and what a lock opens, holds the fewest classes and has the fewest machines at
work; which of those are revived is tried.
"""

from __future__ import annotations

import random
from collections import Counter
from itertools import combinations, product
from math import ceil, prod
from typing import Any

from small_cases import cluster, course, fund, machine, machine_suit, small_case, suit, trainer

from ikmplan.faults import BadInput
from ikmplan.input.case import Case

MILLION = 1_000_000
Needs = tuple[tuple[Any, ...], ...]  # sorted items of: people, hours, trained units


def best_value(case: Case) -> float | None:
    """The objective's best value; None where nothing keeps locks, floors and funds."""
    world = World(case)
    every = [world.choices(row) for row in case.tables.clusters]
    combined = [
        (world.value([reached for _n, reached in chosen]), n, chosen)
        for n, chosen in enumerate(product(*(found.items() for found in every)))
    ]
    for value, _n, chosen in sorted(combined, key=lambda one: (-one[0], one[1])):
        reached = [n for _needs, n in chosen]
        if world.floors_met(reached) and world.fits([needs for needs, _n in chosen]):
            return value
    return None


class World:
    """The rows of a case by what is needed of them."""

    def __init__(self, case: Case):
        self.t, self.s = case.tables, case.scenario
        self.clusters = self.t.clusters
        self.courses = {row.course: row for row in self.t.courses}
        self.machines = {row.equipment: row for row in self.t.equipment}
        self.openings = {row.opening: row for row in self.t.openings}
        self.chances: dict[tuple[str, str], float] = {
            (row.course, row.sector): self.courses[row.course].success * row.relevance
            for row in self.t.course_suits
        }
        self.lines: dict[tuple[str, str], dict[str, float]] = {}
        for row in self.t.equipment_suits:
            line = row.line or row.equipment
            self.lines.setdefault((line, row.sector), {})[row.equipment] = row.hours
            self.chances[line, row.sector] = row.success
        self.locks = self.s.parsed_locks()
        self.out = {x.item for x in self.s.parsed_exclusions()}
        self.packages = {row.cluster: self.packages_of(row) for row in self.clusters}
        self.reachable = [bool(self.packages[row.cluster]) for row in self.clusters]
        self.may_sit = {
            p: {
                row.cluster: row.units - row.reached_before
                for row in self.clusters
                if any(p in ps for ps, _lines in self.packages[row.cluster])
            }
            for p in self.courses
        }
        self.known_classes: dict[Any, Any] = {}

    def host(self, e: str, c: str) -> str:
        row = self.machines[e]
        return row.opening or ("city" if row.scope == "city" else c)

    def openings_of(self, p: str) -> set[str]:
        days = {row.resource: row.opening for row in self.t.resources}
        used = {days[use.resource] for use in self.t.course_uses if use.course == p}
        return {o for o in {self.courses[p].opening, *used} if o}

    def packages_of(self, row: Any) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        courses = [p for p in self.courses if self.chances.get((p, row.sector), 0) > 0]
        courses = [p for p in courses if not self.out & {p, *self.openings_of(p)}]
        lines = []
        for (line, sector), hours in self.lines.items():
            parts = {line, *hours, *(self.machines[e].opening for e in hours)}
            if sector == row.sector and self.chances[line, sector] > 0 and not self.out & parts:
                lines.append(line)
        teaching = {e: m.operator_course for e, m in self.machines.items() if m.operators}
        found = []
        for n, m in product(range(3), range(2)):
            for ps, ls in product(combinations(courses, n), combinations(lines, m)):
                used = {e for line in ls for e in self.lines[line, row.sector]}
                taught = {teaching.get(e) for e in used}
                if (ps or ls) and not ({*ps} & {*teaching.values()}) - taught:
                    found.append((ps, ls))
        return found

    def choices(self, row: Any) -> dict[Needs, float]:
        """What the units of a cluster may need -> the most that are reached so."""
        found: dict[Needs, float] = {}
        packages, c = self.packages[row.cluster], row.cluster

        def give(n: int, left: int, given: list[int]) -> None:
            if n < len(packages):
                for units in range(left + 1):
                    give(n + 1, left - units, [*given, units])
                return
            people: Counter[Any] = Counter()
            hours: Counter[Any] = Counter()
            trained: Counter[Any] = Counter()
            reached = 0.0
            for (ps, ls), units in zip(packages, given, strict=True):
                if not units:
                    continue
                reached += units * (1 - prod(1 - self.chances[i, row.sector] for i in ps + ls))
                people.update({(p, c): units for p in ps})
                used: set[tuple[str, str]] = set()
                for line in ls:
                    for e, each in self.lines[line, row.sector].items():
                        used.add((e, self.host(e, c)))
                        hours[e, self.host(e, c)] += units * each
                trained.update({(p, frozenset(used)): units for p in ps if used})
            needs = tuple(
                tuple(sorted(counts.items(), key=repr)) for counts in (people, hours, trained)
            )
            found[needs] = max(found.get(needs, 0.0), reached)

        give(0, row.units - row.reached_before, [])
        return found

    def value(self, reached: list[float]) -> float:
        weights = [row.weight for row in self.clusters]
        sizes = [row.units - row.reached_before for row in self.clusters]
        value = (1 - self.s.equity) * sum(w * n for w, n in zip(weights, reached, strict=True))
        pairs = zip(reached, sizes, self.reachable, strict=True)
        worst = min((n / size for n, size, can in pairs if can), default=0.0)
        return value + self.s.equity * worst * sum(
            w * n for w, n in zip(weights, sizes, strict=True)
        )

    def floors_met(self, reached: list[float]) -> bool:
        rows = zip(self.clusters, reached, strict=True)
        return all(n >= self.s.floor * (row.units - row.reached_before) - 1e-9 for row, n in rows)

    def fits(self, needs: list[Needs]) -> bool:
        people, hours, trained = (Counter[Any](), Counter[Any](), Counter[Any]())
        for part in needs:
            for counts, items in zip((people, hours, trained), part, strict=True):
                for key, n in items:
                    counts[key] += n
        opened = {o for (p, _c) in people for o in self.openings_of(p)}
        opened |= {h for _e, h in hours if h in self.openings}
        for lock in self.locks:
            if lock.item in self.openings and lock.count == 0 and lock.item in opened:
                return False
            if lock.item in self.openings and lock.count == 1 and lock.sign != "<=":
                opened.add(lock.item)
        key = tuple(sorted(people.items()))
        if key not in self.known_classes:
            classes = self.classes(people)
            lawful = classes is not None and self.scheduled(classes)
            self.known_classes[key] = classes if lawful else None
        classes = self.known_classes[key]
        if classes is None:
            return False
        return any(
            self.affordable(classes, people, placed, revived, opened)
            for placed, revived in self.at_work(hours, trained)
        )

    def classes(self, people: Counter[Any]) -> dict[str, tuple[int, int]] | None:
        """Course -> the fewest classes and seats; None where a class cannot be filled."""
        found: dict[str, tuple[int, int]] = {}
        for p, row in self.courses.items():
            may_sit = self.may_sit[p]
            hosts = [list(may_sit)] if row.scope == "city" else [[c] for c in may_sit]
            held = seats = 0
            for host in hosts:
                need, most = sum(people[p, c] for c in host), sum(may_sit[c] for c in host)
                ways = [
                    (ceil(n / row.class_max), n)
                    for n in range(need, most + 1)
                    if ceil(n / row.class_max) * row.class_min <= n
                ]
                if not ways:
                    return None
                held, seats = held + ways[0][0], seats + ways[0][1]
            found[p] = held, seats
        return found

    def scheduled(self, classes: dict[str, tuple[int, int]]) -> bool:
        left = {(r.resource, q): r.capacity(q) for r in self.t.resources for q in (1, 2, 3, 4)}
        uses = {p: [(u.resource, u.amount) for u in self.t.course_uses if u.course == p]
                for p in classes}  # fmt: skip

        def place(todo: list[str]) -> bool:
            if not todo:
                return True
            for q in (1, 2, 3, 4):
                if all(left[r, q] >= n - 1e-9 for r, n in uses[todo[0]]):
                    for r, n in uses[todo[0]]:
                        left[r, q] -= n
                    if place(todo[1:]):
                        return True
                    for r, n in uses[todo[0]]:
                        left[r, q] += n
            return False

        return place([p for p, (held, _seats) in classes.items() for _class in range(held)])

    def at_work(self, hours: Counter[Any], trained: Counter[Any]) -> Any:
        """Every way to place and revive the fewest machines that run these hours."""
        rows = {(row.equipment, row.cluster): row for row in self.t.existing}
        needed = {}
        for (e, h), used in hours.items():
            one = self.machines[e].hours * self.machines[e].availability
            there = rows[e, h].machines if (e, h) in rows else 0
            needed[e, h] = max(0, ceil(used / one - 1e-9) - there)
        if not self.operated(needed, trained, rows):
            return
        ways = [range(min(n, rows[at].idle if at in rows else 0) + 1) for at, n in needed.items()]
        for chosen in product(*ways):
            revived = dict(zip(needed, chosen, strict=True))
            placed = {at: n - revived[at] for at, n in needed.items()}
            if self.room_for(placed, needed):
                yield placed, revived

    def operated(self, needed: dict[Any, int], trained: Counter[Any], rows: Any) -> bool:
        for p in self.courses:
            for h in {h for _e, h in needed}:
                those = [e for e, at in needed if at == h and self.machines[e].operators]
                those = [e for e in those if self.machines[e].operator_course == p]
                there = sum(
                    row.operators
                    for (e, at), row in rows.items()
                    if at == h and self.machines[e].operator_course == p
                )
                for n in range(1, len(those) + 1):
                    for chosen in combinations(those, n):
                        places = {(e, h) for e in chosen}
                        able = sum(
                            u for (q, used), u in trained.items() if q == p and used & places
                        )
                        asked = sum(self.machines[e].operators * needed[e, h] for e in chosen)
                        if asked > self.courses[p].success * able + there + 1e-9:
                            return False
        return True

    def room_for(self, placed: dict[Any, int], needed: dict[Any, int]) -> bool:
        for e, row in self.machines.items():
            if sum(n for (other, _h), n in placed.items() if other == e) > row.stock:
                return False
            most = min((lock.count for lock in self.locks if lock.item == e), default=99)
            if sum(n for (other, _h), n in needed.items() if other == e) > most:
                return False
        sites = {row.cluster: row for row in self.clusters} | self.openings
        return all(
            sum(getattr(self.machines[e], what) * n for (e, at), n in placed.items() if at == h)
            <= getattr(sites[h], what) + 1e-9
            for h in {h for _e, h in placed} & sites.keys()
            for what in ("kva", "floor_m2")
        )

    def affordable(self, classes: Any, people: Any, placed: Any, revived: Any, opened: Any) -> bool:
        cost: Counter[tuple[str, str]] = Counter()
        for p, (held, seats) in classes.items():
            row = self.courses[p]
            cost["training", p] += held * row.cost_class + seats * row.cost_person
        revive = {(row.equipment, row.cluster): row.revive for row in self.t.existing}
        for (e, h), n in placed.items():
            cost["equipment", e] += n * self.machines[e].price
            cost["equipment", e] += revived[e, h] * revive.get((e, h), 0)
        for o in opened:
            row = self.openings[o]
            cost[row.kind, o] += 0 if row.there else row.cost_open
            cost[row.kind_year or row.kind, o] += row.cost_year
        paid = [part for part, n in cost.items() if n]
        if sum(cost.values()) > (self.s.budget if self.s.budget is not None else 10**15):
            return False
        for n in range(1, len(paid) + 1):
            for chosen in combinations(paid, n):
                funds = [f for f in self.t.funds if any({*part} & {*f.pays} for part in chosen)]
                if sum(cost[part] for part in chosen) > sum(f.amount for f in funds):
                    return False
        return True


def random_centre(seed: int) -> Case | None:
    """A tiny case that mixes openings, lines and idle machines with floors, locks, funds and
    equity; None where its locks contradict its tables."""
    r = random.Random(seed)
    places = [None, "centre", "hall"]
    clusters = [
        cluster(f"c{n}", r.randint(2, 3), sector=r.choice(["s0", "s1"]), kva=r.choice([0, 2, 9]),
                weight=r.choice([1, 1, 2]), floor_m2=r.choice([4, 9]))
        for n in range(2)
    ]  # fmt: skip
    courses = [
        course(f"p{n}", r.randint(1, 2), r.randint(2, 3), success=r.choice([0.2, 0.5, 1]),
               scope=r.choice(["city", "cluster"]), opening=r.choice(places) or "",
               cost_class=r.randint(0, 4) * MILLION, cost_person=r.randint(0, 1) * MILLION)
        for n in range(2)
    ]  # fmt: skip
    machines, existing = [], []
    for n in range(3):
        opening = r.choice(places)
        scope = "city" if opening else r.choice(["city", "cluster"])
        row = machine(
            f"e{n}", price=r.randint(0, 6) * MILLION, hours=r.choice([60, 100]), scope=scope,
            kva=r.choice([0, 1, 2]), floor_m2=r.choice([0, 3]), stock=r.randint(0, 2),
            opening=opening or "", operators=r.choice([0, 0, 1]), operator_course="p0",
        )  # fmt: skip
        machines.append(row)
        if r.random() < 0.6:
            at = opening or ("city" if scope == "city" else f"c{r.randrange(2)}")
            idle = r.randint(0, 2)
            existing.append({
                "equipment": row["equipment"], "cluster": at, "machines": r.choice([0, 0, 1]),
                "operators": r.choice([0, 1]), "idle": idle,
                "revive": r.randint(0, 3) * MILLION if idle else 0,
            })  # fmt: skip
    chance = {(line, s): r.choice([0.3, 0.6]) for line in ("a", "b") for s in ("s0", "s1")}
    suits = []
    for e, s in product(("e0", "e1", "e2"), ("s0", "s1")):
        for line in ("a", "b"):
            if r.random() < 0.35:
                hours = r.choice([20, 45, 50])
                suits.append(machine_suit(e, s, hours, chance[line, s]) | {"line": line})
    openings = [
        {"opening": o, "name": o.title(), "kind": r.choice(["training", "equipment"]),
         "cost_open": r.randint(0, 6) * MILLION, "cost_year": r.randint(0, 2) * MILLION,
         "there": True, "kva": r.choice([0, 2, 4]), "floor_m2": r.choice([3, 6]),
         "kind_year": r.choice(["", "training", "equipment"])}
        for o in ("centre", "hall")
    ]  # fmt: skip
    for row in openings:
        stands = any(x["cluster"] == row["opening"] and x["machines"] + x["idle"] for x in existing)
        row["there"] = stands or r.random() < 0.4
        row["kind_year"] = row["kind_year"] or row["kind"]
    asked = {
        "equity": r.choice([0, 0, 0.4, 1]), "floor": r.choice([0, 0, 0.1, 0.25]),
        "budget": r.choice([None, r.randint(0, 30) * MILLION]),
        "locks": r.choice([[], [], ["centre = 1"], ["hall = 0"], ["e0 <= 1"], ["centre >= 1"]]),
        "exclusions": r.choice([[], [], [], ["hall"], ["e1"]]),
    }  # fmt: skip
    days = trainer("lecturer", *(r.randint(0, 6) for _q in range(4)))
    pays = ["training", "equipment", "training centre", "equipment p1", "hall e0"]
    try:
        return small_case(
            asked, clusters=clusters, courses=courses, equipment=machines, existing=existing,
            course_suits=[
                suit(p, s, r.choice([0.5, 1]))
                for p, s in product(("p0", "p1"), ("s0", "s1"))
                if r.random() < 0.7
            ],
            equipment_suits=suits, openings=openings,
            resources=[days | {"opening": r.choice(places) or ""}],
            course_uses=[{"course": "p1", "resource": "lecturer", "amount": r.randint(1, 4)}],
            funds=[fund("apbd", r.randint(0, 20) * MILLION),
                   fund("dak", r.randint(0, 12) * MILLION, r.choice(pays))],
        )  # fmt: skip
    except BadInput:  # a floor that nothing can reach, or a lock of what is left out
        return None
