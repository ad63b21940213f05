"""The plan of somebody who goes down the list: always what reaches most for its money next.

A lot is one support package for as many units of one cluster as fill the next class or
machine, or what makes a better package of one that units have already. The lot with the best
ratio of expected units to rupiah is bought, again and again, until none fits into what is
left. Nothing bought is ever given back, which a plan may do: so this is a baseline.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil, floor, inf

from ikmplan.input.case import Case, Package
from ikmplan.input.rows import QUARTERS
from ikmplan.model.quantities import items, unions
from ikmplan.plan.plan import Decisions

EPS = 1e-9
NO_PACKAGE = Package((), ())
_Classes = Counter[tuple[str, str, int]]  # p, h, q -> classes
_Machines = Counter[tuple[str, str]]  # e, h -> machines
_Given = dict[Package, int]  # package -> units that get it


@dataclass
class _Lot:
    """A package for n units of a cluster that had a smaller one, and what has to be bought.

    Some of the n get a package with the operator course besides.
    """

    cluster: str
    had: Package
    package: Package
    n: int
    given: _Given  # to the n units
    seats: Counter[str]  # p -> seats
    classes: _Classes
    machines: _Machines
    cost: Counter[str]  # item -> rupiah


@dataclass
class _Bought:
    """What has been bought so far, and what is left of each limit."""

    case: Case
    classes: _Classes = field(default_factory=Counter)
    seats: Counter[tuple[str, str]] = field(default_factory=Counter)
    machines: _Machines = field(default_factory=Counter)
    units: Counter[tuple[str, Package]] = field(default_factory=Counter)
    spent: Counter[str] = field(default_factory=Counter)  # item -> rupiah

    def __post_init__(self) -> None:
        case = self.case
        self.days = dict(case.capacity)
        self.hours = {  # that nobody uses yet
            (e, h): case.machine_hours(e) * case.existing.get((e, h), 0)
            for e, h in case.machine_hosts
        }
        self.payers = {item: frozenset(case.payers(item)) for item in items(case)}
        self.groups = unions(set(self.payers.values()))
        self.uses = {
            p: {r: amount for (course, r), amount in case.uses.items() if course == p}
            for p in case.courses
        }

    # what is there -----------------------------------------------------------------------

    def _held(self, p: str, h: str) -> int:
        return sum(self.classes[p, h, q] for q in QUARTERS)

    def _seated(self, p: str, h: str) -> int:
        return sum(self.seats[p, c] for c in self.case.course_hosts[p, h])

    def _free(self, c: str, had: Package, k: Package) -> int:
        """Units of the cluster that have just `had`, and may get k."""
        case = self.case
        given = [(other, n) for (at, other), n in self.units.items() if at == c]
        left = self.units[c, had] if had != NO_PACKAGE else case.size[c] - sum(n for _k, n in given)
        if case.young_only(k) and not case.young_only(had):
            left = min(left, case.young[c] - sum(n for k, n in given if case.young_only(k)))
        return left

    # a lot -------------------------------------------------------------------------------

    def lots(self, c: str, k: Package) -> Iterator[_Lot]:
        """The next lot of the package for units with nothing, or with a part of it."""
        for had in [NO_PACKAGE, *(other for at, other in self.units if at == c)]:
            if set(had.courses) <= set(k.courses) and set(had.equipment) <= set(k.equipment):
                lot = self._lot(c, had, k)
                if lot is not None:
                    yield lot

    def _lot(self, c: str, had: Package, k: Package) -> _Lot | None:
        """None where something that the lot needs is lacking."""
        case = self.case
        more = Package(
            tuple(p for p in k.courses if p not in had.courses),
            tuple(e for e in k.equipment if e not in had.equipment),
        )
        n = self._size(c, more, self._free(c, had, k))
        machines = self._machines(c, more, n) if n > 0 else None
        given = None if machines is None else self._with_operators(c, machines, k, n)
        if machines is None or given is None:
            return None
        seats: Counter[str] = Counter()
        for package, number in given.items():
            seats.update({p: number for p in package.courses if p not in had.courses})
        classes = self._classes(c, seats)
        if classes is None:
            return None
        cost = Counter({p: number * case.cost_person[p] for p, number in seats.items()})
        for (p, _h, _q), number in classes.items():
            cost[p] += number * case.cost_class[p]
        for (e, _h), number in machines.items():
            cost[e] += number * case.price[e]
        lot = _Lot(c, had, k, n, given, seats, classes, machines, cost)
        return lot if self._payable(cost) else None

    def _size(self, c: str, k: Package, free: int) -> int:
        """As many units as fill what is begun: the open class, the machine's free hours."""
        case, most = self.case, [free]
        for p in k.courses:
            h, largest = case.host(p, c), case.courses[p].class_max
            most.append(largest * self._held(p, h) - self._seated(p, h) or largest)
        for e in k.equipment:
            each = case.hours_of(e, c)
            there = floor(self.hours[e, case.host(e, c)] / each + EPS)
            most.append(there or floor(case.machine_hours(e) / each + EPS))
        return min(most)

    def _machines(self, c: str, k: Package, n: int) -> _Machines | None:
        case = self.case
        needed: _Machines = Counter()
        for e in k.equipment:
            key = e, case.host(e, c)
            missing = n * case.hours_of(e, c) - self.hours[key]
            if missing > EPS:
                needed[key] = ceil(missing / case.machine_hours(e) - EPS)
        for e, h in needed:
            placed = sum(number for (other, _h), number in self.machines.items() if other == e)
            if placed + needed[e, h] > case.equipment[e].stock:
                return None
        for what in ("kva", "floor_m2"):
            taken = sum(
                getattr(case.equipment[e], what) * number
                for (e, h), number in (self.machines + needed).items()
                if h == c
            )
            if any(h == c for _e, h in needed) and taken > getattr(case.clusters[c], what) + EPS:
                return None
        return needed

    def _with_operators(self, c: str, more: _Machines, k: Package, n: int) -> _Given | None:
        """What the n units get, so that enough users of the new machines learn to operate them.

        None where they cannot.
        """
        case, given = self.case, {k: n}
        for p, h in {(case.operator_course(e), h) for e, h in more}:
            if p is None:
                continue
            missing = self._operators_missing(p, h, more)
            if p in k.courses:
                missing -= n * case.course_success(p)
            if missing <= EPS:
                continue
            trained = next(
                (other for other in case.packages[c]
                 if other.equipment == k.equipment and {*other.courses} == {*k.courses, p}),
                k,
            )  # fmt: skip
            learning = ceil(missing / case.course_success(p) - EPS)
            if trained == k or len(given) > 1 or learning > n or case.young_only(trained):
                return None
            given = {k: n - learning, trained: learning}
        return given

    def _operators_missing(self, p: str, h: str, more: _Machines) -> float:
        """Operators that the machines of the course at the host lack, with these machines more."""
        case = self.case
        missing = -float(case.operators.get((p, h), 0))
        for (e, at), number in (self.machines + more).items():
            if at == h and case.operator_course(e) == p:
                trained = sum(
                    units
                    for (c, k), units in self.units.items()
                    if p in k.courses and e in k.equipment and case.host(e, c) == h
                )
                needed = case.equipment[e].operators * number
                missing += max(0.0, needed - case.course_success(p) * trained)
        return missing

    def _classes(self, c: str, seats: Counter[str]) -> _Classes | None:
        """The classes that the seats need, in the quarters with most room; None if they do
        not fit, would not be full enough, or too few people are left."""
        case = self.case
        found: _Classes = Counter()
        days = dict(self.days)
        for p, number in seats.items():
            h, row = case.host(p, c), case.courses[p]
            seated = self._seated(p, h) + number
            needed = ceil(seated / row.class_max)
            crowded = number + self.seats[p, c] > case.people_for(p, c)
            if crowded or seated < row.class_min * needed:
                return None
            uses = self.uses[p]
            for _class in range(needed - self._held(p, h)):
                room = {
                    q: min((days[r, q] - amount for r, amount in uses.items()), default=inf)
                    for q in QUARTERS
                }
                q = max(room, key=lambda quarter: room[quarter])
                if room[q] < -EPS:
                    return None
                for r, amount in uses.items():
                    days[r, q] -= amount
                found[p, h, q] += 1
        return found

    def _payable(self, more: Counter[str]) -> bool:
        case, cost = self.case, self.spent + more
        return cost.total() <= case.budget and all(
            sum(cost[item] for item, payers in self.payers.items() if payers <= funds)
            <= sum(case.fund_amount[f] for f in funds)
            for funds in self.groups
        )

    def buy(self, lot: _Lot) -> None:
        case, c = self.case, lot.cluster
        self.spent += lot.cost
        self.classes += lot.classes
        self.machines += lot.machines
        self.seats.update({(p, c): number for p, number in lot.seats.items()})
        self.units.update({(c, k): n for k, n in lot.given.items()})
        if lot.had != NO_PACKAGE:
            self.units[c, lot.had] -= lot.n
        for (p, _h, q), number in lot.classes.items():
            for r, amount in self.uses[p].items():
                self.days[r, q] -= number * amount
        for (e, h), number in lot.machines.items():
            self.hours[e, h] += number * case.machine_hours(e)
        for e in set(lot.package.equipment) - set(lot.had.equipment):
            self.hours[e, case.host(e, c)] -= lot.n * case.hours_of(e, c)


def greedy(case: Case) -> Decisions:
    """What going down the list buys. Only the limits hold, no demand of the scenario."""
    bought = _Bought(case)
    wanted = [(c, k) for c, packages in case.packages.items() for k in packages if case.is_ikm(c)]
    while True:
        lots = [lot for c, k in wanted for lot in bought.lots(c, k) if _gain(case, lot) > 0]
        if not lots:
            break
        best = max(lots, key=lambda lot: _gain(case, lot) / max(lot.cost.total(), 1))
        bought.buy(best)
    return Decisions(
        dict(+bought.classes), dict(+bought.seats), dict(+bought.machines), dict(+bought.units)
    )


def _gain(case: Case, lot: _Lot) -> float:
    before = case.chance[lot.cluster, lot.had] if lot.had != NO_PACKAGE else 0.0
    after = sum(case.chance[lot.cluster, k] * n for k, n in lot.given.items())
    return case.clusters[lot.cluster].weight * (after - before * lot.n)
