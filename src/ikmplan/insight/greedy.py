"""The plan of somebody who goes down the list: always what reaches most for its money next.

A lot is one support package for as many units of one cluster as fill the next class or
machine, or what makes a better package of one that units have already. Of a course whose class
no cluster can fill alone it is one class of people of all clusters. The lot with the best
ratio of expected units to rupiah is bought, again and again, until none fits into what is
left. Nothing bought is ever given back, which a plan may do: so this is a baseline.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil, floor, inf

from ikmplan.input.case import Case, Package
from ikmplan.input.cells import EQUIPMENT, TRAINING
from ikmplan.input.rows import QUARTERS
from ikmplan.model.funds import unpaid
from ikmplan.model.quantities import Paid, items, payers_of
from ikmplan.model.stages import as_searched
from ikmplan.plan.plan import Decisions

EPS = 1e-9
NO_PACKAGE = Package((), ())
_Classes = Counter[tuple[str, str, int]]  # p, h, q -> classes
_Machines = Counter[tuple[str, str]]  # e, h -> machines
_Given = dict[Package, int]  # package -> units that get it


@dataclass
class _Lot:
    """Packages for some units, in place of smaller ones that they had, and what that takes."""

    units: Counter[tuple[str, Package]]  # more of these packages, fewer of those they had
    gain: float  # weighted units expected to be reached
    seats: Counter[tuple[str, str]]  # p, c
    classes: _Classes
    machines: _Machines
    revived: _Machines
    hours: Counter[tuple[str, str]]  # e, h: used
    opened: list[str]
    cost: Counter[Paid]  # rupiah


@dataclass
class _Bought:
    """What has been bought so far, and what is left of each limit."""

    case: Case
    classes: _Classes = field(default_factory=Counter)
    seats: Counter[tuple[str, str]] = field(default_factory=Counter)
    machines: _Machines = field(default_factory=Counter)
    revived: _Machines = field(default_factory=Counter)
    opened: dict[str, int] = field(default_factory=dict)
    units: Counter[tuple[str, Package]] = field(default_factory=Counter)
    spent: Counter[Paid] = field(default_factory=Counter)  # rupiah

    def __post_init__(self) -> None:
        case = self.case
        self.days = dict(case.capacity)
        self.hours = {  # that nobody uses yet
            (e, h): case.machine_hours(e) * case.existing.get((e, h), 0)
            for e, h in case.machine_hosts
        }
        self.payers = {paid: payers_of(case, paid) for paid in items(case)}

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
        return min([left, *self._wanting(c, had, k)])

    def _wanting(self, c: str, had: Package, k: Package) -> Iterator[int]:
        """Units of the cluster that still want what k holds beyond `had`, by topic."""
        case = self.case
        for topic in case.topics(k) - case.topics(had):
            if (*topic, c) in case.wanted:
                units = ((other, n) for (at, other), n in self.units.items() if at == c)
                getting = sum(n for other, n in units if topic in case.topics(other))
                yield case.wanted[*topic, c] - getting

    # a lot -------------------------------------------------------------------------------

    def lots(self, c: str, k: Package) -> Iterator[_Lot]:
        """The next lot of the package for units with nothing, or with a part of it."""
        for had in [NO_PACKAGE, *(other for at, other in self.units if at == c)]:
            if set(had.courses) <= set(k.courses) and set(had.equipment) <= set(k.equipment):
                lot = self._lot(c, had, k)
                if lot is not None:
                    yield lot

    def _lot(self, c: str, had: Package, k: Package) -> _Lot | None:
        """None where something that the lot needs is lacking. Some of its units may get a package
        with the operator course besides."""
        case = self.case
        more = Package(
            tuple(p for p in k.courses if p not in had.courses),
            tuple(e for e in k.equipment if e not in had.equipment),
        )
        n = self._size(c, more, self._free(c, had, k))
        found = self._machines(c, more, n) if n > 0 else None
        if found is None:
            return None
        machines, revived = found
        given = self._with_operators(c, machines + revived, k, n)
        if given is None:
            return None
        seats: Counter[tuple[str, str]] = Counter()
        for package, number in given.items():
            seats.update({(p, c): number for p in package.courses if p not in had.courses})
        classes = self._classes(seats)
        if classes is None:
            return None
        before = case.chance[c, had] if had != NO_PACKAGE else 0.0
        after = sum(case.chance[c, package] * number for package, number in given.items())
        gain = case.clusters[c].weight * (after - before * n)
        units = Counter({(c, package): number for package, number in given.items()})
        if had != NO_PACKAGE:
            units[c, had] -= n
        used = Counter({(e, case.host(e, c)): n * x for e, x in case.machines_of(c, more).items()})
        lot = _Lot(units, gain, seats, classes, machines, revived, used, [], Counter())
        return self._payable_lot(lot)

    def _payable_lot(self, lot: _Lot) -> _Lot | None:
        """The lot with what it opens and its cost; None where no money is left for it."""
        case = self.case
        needed = {o for p, _c in lot.seats for o in case.course_openings.get(p, ())}
        needed |= {h for _e, h in lot.hours}
        lot.opened += [o for o in case.openings if o in needed and o not in self.opened]
        for (p, _c), number in lot.seats.items():
            lot.cost[Paid(TRAINING, p)] += number * case.cost_person[p]
        for (p, _h, _q), number in lot.classes.items():
            lot.cost[Paid(TRAINING, p)] += number * case.cost_class[p]
        for (e, _h), number in lot.machines.items():
            lot.cost[Paid(EQUIPMENT, e)] += number * case.price[e]
        for at, number in lot.revived.items():
            lot.cost[Paid(EQUIPMENT, at[0])] += number * case.revive_cost[at]
        for o in lot.opened:
            for kind, _part, amount in case.opening_costs[o]:
                lot.cost[Paid(kind, o)] += amount
        costs = Counter[frozenset[str]]()
        for paid, cost in (self.spent + lot.cost).items():
            costs[self.payers[paid]] += cost
        payable = costs.total() <= case.budget and not unpaid(costs, case.fund_amount)
        return lot if payable else None

    def mixed_lot(self, p: str, h: str) -> _Lot | None:
        """One more class of the course: of each cluster its least, then whom it helps most, then
        others until it is large enough. None where it cannot be held, or reaches nobody."""
        case, row, k = self.case, self.case.courses[p], Package((p,), ())
        held, seated = self._held(p, h) + 1, self._seated(p, h)
        room, gains = row.class_max * held - seated, {}
        most, getting = {}, {}
        for c in case.course_hosts[p, h]:
            each = case.people_for(p, c) if row.each_max is None else row.each_max * held
            most[c] = min(each, case.people_for(p, c)) - self.seats[p, c]
            gains[c] = case.weights.get(c, 0.0) * case.chance.get((c, k), 0.0)
            getting[c] = min(self._free(c, NO_PACKAGE, k), most[c]) if gains[c] else 0
        more = Counter({c: max(0, row.each_min * held - self.seats[p, c]) for c in most})
        if any(more[c] > most[c] for c in more):
            return None
        for c in sorted(most, key=lambda c: -gains[c]):
            more[c] += max(0, min(getting[c] - more[c], room - more.total()))
        for c in most:
            missing = row.class_min * held - seated - more.total()
            more[c] += max(0, min(most[c] - more[c], missing))
        units = Counter({(c, k): n for c in most if (n := min(getting[c], more[c])) > 0})
        seats = Counter({(p, c): n for c, n in more.items() if n})
        classes = self._classes(seats) if units and more.total() <= room else None
        if classes is None:
            return None
        gain = sum(gains[c] * n for (c, _k), n in units.items())
        none: Counter[tuple[str, str]] = Counter()
        lot = _Lot(units, gain, seats, classes, none, none, none, [], Counter())
        return self._payable_lot(lot)

    def _size(self, c: str, k: Package, free: int) -> int:
        """As many units as fill what is begun: the open class, the machine's free hours."""
        case, most = self.case, [free]
        for p in k.courses:
            h, row = case.host(p, c), case.courses[p]
            held = self._held(p, h)
            room = row.class_max * held - self._seated(p, h)
            most.append(room or row.class_max)
            if row.each_max is not None:
                most.append(row.each_max * (held + (room == 0)) - self.seats[p, c])
        for e, each in case.machines_of(c, k).items():
            there = floor(self.hours[e, case.host(e, c)] / each + EPS)
            most.append(there or floor(case.machine_hours(e) / each + EPS))
        return min(most)

    def _machines(self, c: str, k: Package, n: int) -> tuple[_Machines, _Machines] | None:
        """The machines to place and those to revive, which come first; None where they are not
        to be had or do not fit."""
        case = self.case
        needed: _Machines = Counter()
        revived: _Machines = Counter()
        for e, each in case.machines_of(c, k).items():
            key = e, case.host(e, c)
            missing = n * each - self.hours[key]
            if missing > EPS:
                number = ceil(missing / case.machine_hours(e) - EPS)
                revived[key] = min(number, case.idle.get(key, 0) - self.revived[key])
                needed[key] = number - revived[key]
        revived, needed = +revived, +needed
        for e, h in needed:
            placed = sum(number for (other, _h), number in self.machines.items() if other == e)
            if placed + needed[e, h] > case.equipment[e].stock:
                return None
        for site in {h for _e, h in needed}:
            row = case.site(site)
            for what in ("kva", "floor_m2") if row else ():
                taken = sum(
                    getattr(case.equipment[e], what) * number
                    for (e, h), number in (self.machines + needed).items()
                    if h == site
                )
                if taken > getattr(row, what) + EPS:
                    return None
        return needed, revived

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
            if trained == k or len(given) > 1 or case.young_only(trained):
                return None
            if learning > min([n, *self._wanting(c, k, trained)]):
                return None
            given = {k: n - learning, trained: learning}
        return given

    def _operators_missing(self, p: str, h: str, more: _Machines) -> float:
        """Operators that the machines of the course at the host lack, with these machines more."""
        case = self.case
        missing = -float(case.operators.get((p, h), 0))
        for (e, at), number in (self.machines + self.revived + more).items():
            if at == h and case.operator_course(e) == p:
                trained = sum(
                    units
                    for (c, k), units in self.units.items()
                    if p in k.courses and e in case.machines_of(c, k) and case.host(e, c) == h
                )
                needed = case.equipment[e].operators * number
                missing += max(0.0, needed - case.course_success(p) * trained)
        return missing

    def _classes(self, more: Counter[tuple[str, str]]) -> _Classes | None:
        """The classes that the seats need, in the quarters with most room; None if they do
        not fit, would not be full enough or not mixed so, or too few people are left."""
        case = self.case
        found: _Classes = Counter()
        days = dict(self.days)
        for p, h in dict.fromkeys((p, case.host(p, c)) for p, c in more):
            seats = {c: self.seats[p, c] + more[p, c] for c in case.course_hosts[p, h]}
            needed = ceil(sum(seats.values()) / case.courses[p].class_max)
            if not self._sound(p, seats, needed):
                return None
            for _class in range(needed - self._held(p, h)):
                q = self._begin(p, days)
                if q is None:
                    return None
                found[p, h, q] += 1
        return found

    def _sound(self, p: str, seats: dict[str, int], classes: int) -> bool:
        """Whether so many people of each cluster may sit in so many classes."""
        case, row = self.case, self.case.courses[p]
        most = row.class_max if row.each_max is None else row.each_max
        return sum(seats.values()) >= row.class_min * classes and all(
            n <= case.people_for(p, c) and row.each_min * classes <= n <= most * classes
            for c, n in seats.items()
        )

    def _begin(self, p: str, days: dict[tuple[str, int], float]) -> int | None:
        """The quarter with most room for a class, whose days it takes; None where it fits none."""
        room = {
            q: min((days[at] - amount for at, amount in self._days(p, q) if amount), default=inf)
            for q in self.case.courses[p].starts
        }
        best = max(room, key=lambda quarter: room[quarter])
        if room[best] < -EPS:
            return None
        for at, amount in self._days(p, best):
            days[at] -= amount
        return best

    def _days(self, p: str, start: int) -> list[tuple[tuple[str, int], float]]:
        """Resource, quarter and days of each that a class which begins in `start` uses."""
        return [
            ((r, start + n), amount)
            for (course, r), amounts in self.case.uses.items()
            if course == p
            for n, amount in enumerate(amounts)
        ]

    def buy(self, lot: _Lot) -> None:
        self.spent += lot.cost
        self.classes += lot.classes
        self.machines += lot.machines
        self.revived += lot.revived
        self.opened |= dict.fromkeys(lot.opened, 1)
        self.seats.update(lot.seats)
        self.units.update(lot.units)
        for (p, _h, start), number in lot.classes.items():
            for days, amount in self._days(p, start):
                self.days[days] -= number * amount
        for (e, h), number in (lot.machines + lot.revived).items():
            self.hours[e, h] += number * self.case.machine_hours(e)
        for at, hours in lot.hours.items():
            self.hours[at] -= hours


def greedy(case: Case) -> Decisions:
    """What going down the list buys. Only the limits hold, no demand of the scenario.

    Of lots that are as good, the first in the order of the keys is bought.
    """
    case, _scale = as_searched(case)
    bought = _Bought(case)
    wanted = [(c, k) for c in case.packages for k in case.packages[c] if c in case.weights]
    mixed = [(p, h) for p, h in case.course_hosts if _needs_all_clusters(case, p, h)]
    while True:
        lots = [lot for c, k in wanted for lot in bought.lots(c, k)]
        lots += [lot for p, h in mixed if (lot := bought.mixed_lot(p, h)) is not None]
        lots = [lot for lot in lots if lot.gain > 0]
        if not lots:
            break
        bought.buy(max(lots, key=lambda lot: lot.gain / max(lot.cost.total(), 1)))
    return Decisions(
        dict(+bought.classes),
        dict(+bought.seats),
        dict(+bought.machines),
        dict(+bought.units),
        bought.opened,
        dict(+bought.revived),
    )


def _needs_all_clusters(case: Case, p: str, h: str) -> bool:
    """Whether no cluster can fill a class of the course alone."""
    row, clusters = case.courses[p], case.course_hosts[p, h]
    most = row.class_max if row.each_max is None else row.each_max
    alone = max(min(most, case.people_for(p, c), case.wanting(p, c)) for c in clusters)
    return len(clusters) > 1 and (row.each_min > 0 or alone < row.class_min)
