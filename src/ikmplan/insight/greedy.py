"""The plan of somebody who goes down the list: always what reaches most for its money next.

A lot is one support package for as many units of one cluster as fill the next class or
machine, or what makes a better package of one that units have already. Of a course whose class
no cluster can fill alone it is one class of people of all clusters. The lot with the best
ratio of expected units to rupiah is bought, again and again, until none fits into what is
left. Nothing bought is ever given back, which a plan may do: so this is a baseline.

What a lot takes and brings depends on its cluster and on the classes and machines that it shares;
lots are made again only where a purchase changed one of these. Money, days, stock and sites
only get less: a lot that once does not fit is left out until it is made again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from math import ceil, floor
from typing import NamedTuple

from ikmplan.input.case import Case, Package
from ikmplan.input.cells import EQUIPMENT, TRAINING
from ikmplan.insight.bought import EPS, NO_PACKAGE, Bought, Lot, Machines, Shared
from ikmplan.model.quantities import Paid
from ikmplan.model.stages import as_searched
from ikmplan.plan.plan import Decisions

_Given = dict[Package, int]  # package -> units that get it


class _Offer(NamedTuple):
    """Where lots come from, and all that these lots depend on."""

    lots: Callable[[], Iterable[Lot]]
    shared: frozenset[Shared]


class _Lots:
    """Makes the lots that may be bought next."""

    def __init__(self, bought: Bought) -> None:
        self.bought, self.case = bought, bought.case

    def offer(self, c: str, k: Package) -> _Offer:
        """The lots of the package in the cluster."""
        case = self.case
        taught = (case.operator_course(e) for e in case.machines_of(c, k))
        courses = {*k.courses, *filter(None, taught)}
        shared = {*self.bought.sharing(c, k), *((p, case.host(p, c)) for p in courses)}
        openings = {o for p in courses for o in case.course_openings.get(p, ())}
        hosts = {h for _item, h in shared}
        return _Offer(partial(self._lots, c, k), frozenset({c, *shared, *openings, *hosts}))

    def mixed_offer(self, p: str, h: str) -> _Offer:
        """The lots of the course for people of all clusters."""
        clusters, openings = self.case.course_hosts[p, h], self.case.course_openings.get(p, ())
        return _Offer(partial(self._mixed_lots, p, h), frozenset({(p, h), *clusters, *openings}))

    def _lots(self, c: str, k: Package) -> Iterator[Lot]:
        """The next lot of the package for units with nothing, or with a part of it."""
        for had in [NO_PACKAGE, *self.bought.units[c]]:
            if set(had.courses) <= set(k.courses) and set(had.equipment) <= set(k.equipment):
                lot = self._lot(c, had, k)
                if lot is not None:
                    yield lot

    def _lot(self, c: str, had: Package, k: Package) -> Lot | None:
        """None where something that the lot needs is lacking. Some of its units may get a package
        with the operator course besides."""
        case = self.case
        more = Package(
            tuple(p for p in k.courses if p not in had.courses),
            tuple(e for e in k.equipment if e not in had.equipment),
        )
        n = self._size(c, more, self.bought.free(c, had, k))
        if n <= 0:
            return None
        machines, revived = self._machines(c, more, n)
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
        return self._priced(
            Lot(units, gain, seats, classes, machines, revived, used, [], Counter())
        )

    def _priced(self, lot: Lot) -> Lot:
        """The lot with what it opens and its cost."""
        case = self.case
        needed = {o for p, _c in lot.seats for o in case.course_openings.get(p, ())}
        needed |= {h for _e, h in lot.hours}
        lot.opened += [o for o in case.openings if o in needed and o not in self.bought.opened]
        for (p, _c), number in lot.seats.items():
            lot.cost[Paid(TRAINING, p)] += number * case.cost_person[p]
        for (p, _h), number in lot.classes.items():
            lot.cost[Paid(TRAINING, p)] += number * case.cost_class[p]
        for (e, _h), number in lot.machines.items():
            lot.cost[Paid(EQUIPMENT, e)] += number * case.price[e]
        for at, number in lot.revived.items():
            lot.cost[Paid(EQUIPMENT, at[0])] += number * case.revive_cost[at]
        for o in lot.opened:
            for kind, _part, amount in case.opening_costs[o]:
                lot.cost[Paid(kind, o)] += amount
        return lot

    def _mixed_lots(self, p: str, h: str) -> Iterator[Lot]:
        """One more class of the course: of each cluster its least, then whom it helps most, then
        others until it is large enough. Nothing where it cannot be held, or reaches nobody."""
        case, row, k = self.case, self.case.courses[p], Package((p,), ())
        held, seated = self.bought.held(p, h) + 1, self.bought.seated(p, h)
        room, gains = row.class_max * held - seated, {}
        most, getting = {}, {}
        for c in case.course_hosts[p, h]:
            each = case.people_for(p, c) if row.each_max is None else row.each_max * held
            most[c] = min(each, case.people_for(p, c)) - self.bought.seats[p, c]
            gains[c] = case.weights.get(c, 0.0) * case.chance.get((c, k), 0.0)
            getting[c] = min(self.bought.free(c, NO_PACKAGE, k), most[c]) if gains[c] else 0
        more = Counter({c: max(0, row.each_min * held - self.bought.seats[p, c]) for c in most})
        if any(more[c] > most[c] for c in more):
            return
        for c in sorted(most, key=lambda c: -gains[c]):
            more[c] += max(0, min(getting[c] - more[c], room - more.total()))
        for c in most:
            missing = row.class_min * held - seated - more.total()
            more[c] += max(0, min(most[c] - more[c], missing))
        units = Counter({(c, k): n for c in most if (n := min(getting[c], more[c])) > 0})
        seats = Counter({(p, c): n for c, n in more.items() if n})
        classes = self._classes(seats) if units and more.total() <= room else None
        if classes is None:
            return
        gain = sum(gains[c] * n for (c, _k), n in units.items())
        none: Counter[tuple[str, str]] = Counter()
        yield self._priced(Lot(units, gain, seats, classes, none, none, none, [], Counter()))

    def _size(self, c: str, k: Package, free: int) -> int:
        """As many units as fill what is begun: the open class, the machine's free hours."""
        case, most = self.case, [free]
        for p in k.courses:
            h, row = case.host(p, c), case.courses[p]
            held = self.bought.held(p, h)
            room = row.class_max * held - self.bought.seated(p, h)
            most.append(room or row.class_max)
            if row.each_max is not None:
                most.append(row.each_max * (held + (room == 0)) - self.bought.seats[p, c])
        for e, each in case.machines_of(c, k).items():
            there = floor(self.bought.hours[e, case.host(e, c)] / each + EPS)
            most.append(there or floor(case.machine_hours(e) / each + EPS))
        return min(most)

    def _machines(self, c: str, k: Package, n: int) -> tuple[Machines, Machines]:
        """The machines to place, and those to revive, which come first."""
        case = self.case
        needed: Machines = Counter()
        revived: Machines = Counter()
        for e, each in case.machines_of(c, k).items():
            key = e, case.host(e, c)
            missing = n * each - self.bought.hours[key]
            if missing > EPS:
                number = ceil(missing / case.machine_hours(e) - EPS)
                revived[key] = min(number, case.idle.get(key, 0) - self.bought.revived[key])
                needed[key] = number - revived[key]
        return +needed, +revived

    def _with_operators(self, c: str, more: Machines, k: Package, n: int) -> _Given | None:
        """What the n units get, so that enough users of the new machines learn to operate them.

        None where they cannot.
        """
        case, given = self.case, {k: n}
        for p, h in {(case.operator_course(e), h) for e, h in more}:
            if p is None:
                continue
            missing = self.bought.operators_missing(p, h, more)
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
            if learning > min([n, *self.bought.wanting(c, k, trained)]):
                return None
            given = {k: n - learning, trained: learning}
        return given

    def _classes(self, more: Counter[tuple[str, str]]) -> Counter[tuple[str, str]] | None:
        """The classes that the seats need besides; None if they would not be full enough or not
        mixed so, or too few people are left."""
        case = self.case
        found: Counter[tuple[str, str]] = Counter()
        for p, h in dict.fromkeys((p, case.host(p, c)) for p, c in more):
            seats = {c: self.bought.seats[p, c] + more[p, c] for c in case.course_hosts[p, h]}
            needed = ceil(sum(seats.values()) / case.courses[p].class_max)
            if not self._sound(p, seats, needed):
                return None
            found[p, h] = max(0, needed - self.bought.held(p, h))
        return +found

    def _sound(self, p: str, seats: dict[str, int], classes: int) -> bool:
        """Whether so many people of each cluster may sit in so many classes."""
        case, row = self.case, self.case.courses[p]
        most = row.class_max if row.each_max is None else row.each_max
        return sum(seats.values()) >= row.class_min * classes and all(
            n <= case.people_for(p, c) and row.each_min * classes <= n <= most * classes
            for c, n in seats.items()
        )


def greedy(case: Case) -> Decisions:
    """What going down the list buys. Only the limits hold, no demand of the scenario.

    Of lots that are as good, the first in the order of the keys is bought.
    """
    case, _scale = as_searched(case)
    bought = Bought(case)
    made = _Lots(bought)
    offers = [
        made.offer(c, k) for c in case.packages for k in case.packages[c] if c in case.weights
    ]
    mixed = [at for at in case.course_hosts if _needs_all_clusters(case, *at)]
    offers += [made.mixed_offer(p, h) for p, h in mixed]
    lots: dict[int, list[Lot]] = {}  # by the number of their offer
    changed: set[Shared] = set()
    while True:
        for n, offer in enumerate(offers):
            if n not in lots or not changed.isdisjoint(offer.shared):
                lots[n] = [lot for lot in offer.lots() if lot.gain > 0]
        ranked = sorted(
            ((n, lot) for n, some in lots.items() for lot in some), key=lambda at: -at[1].worth
        )
        for n, lot in ranked:
            if (classes := bought.classes_of(lot)) is not None:
                changed = bought.buy(lot, classes)
                break
            lots[n].remove(lot)
        else:
            return bought.decisions()


def _needs_all_clusters(case: Case, p: str, h: str) -> bool:
    """Whether no cluster can fill a class of the course alone."""
    row, clusters = case.courses[p], case.course_hosts[p, h]
    most = row.class_max if row.each_max is None else row.each_max
    alone = max(min(most, case.people_for(p, c), case.wanting(p, c)) for c in clusters)
    return len(clusters) > 1 and (row.each_min > 0 or alone < row.class_min)
