"""What a plan made step by step has bought so far, and what is left of each limit."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from math import inf

from ikmplan.input.case import Case, Package
from ikmplan.input.rows import QUARTERS
from ikmplan.model.funds import unpaid
from ikmplan.model.quantities import Paid, items, payers_of
from ikmplan.plan.plan import Decisions

EPS = 1e-9
NO_PACKAGE = Package((), ())
Classes = Counter[tuple[str, str, int]]  # p, h, q -> classes
Machines = Counter[tuple[str, str]]  # e, h -> machines
# what lots depend on: a cluster, an opening, or a course or machine and its host
Shared = str | tuple[str, str]


@dataclass(eq=False)
class Lot:
    """Packages for some units, in place of smaller ones that they had, and what that takes."""

    units: Counter[tuple[str, Package]]  # more of these packages, fewer of those they had
    gain: float  # weighted units expected to be reached
    seats: Counter[tuple[str, str]]  # p, c
    classes: Counter[tuple[str, str]]  # p, h
    machines: Machines
    revived: Machines
    hours: Counter[tuple[str, str]]  # e, h: used
    opened: list[str]
    cost: Counter[Paid]  # rupiah

    @cached_property
    def worth(self) -> float:
        """Weighted units expected to be reached, for each rupiah."""
        return self.gain / max(self.cost.total(), 1)


@dataclass
class Bought:
    """What has been bought so far, and what is left of each limit."""

    case: Case
    classes: Classes = field(default_factory=Counter)
    seats: Counter[tuple[str, str]] = field(default_factory=Counter)
    machines: Machines = field(default_factory=Counter)
    revived: Machines = field(default_factory=Counter)
    opened: dict[str, int] = field(default_factory=dict)
    units: dict[str, Counter[Package]] = field(default_factory=lambda: defaultdict(Counter))  # c
    spent: Counter[Paid] = field(default_factory=Counter)  # rupiah

    def __post_init__(self) -> None:
        case = self.case
        self.days = dict(case.capacity)
        self.hours = {  # that nobody uses yet
            (e, h): case.machine_hours(e) * case.existing.get((e, h), 0)
            for e, h in case.machine_hosts
        }
        self.payers = {paid: payers_of(case, paid) for paid in items(case)}
        self.class_days = {
            (p, start): [*self._class_days(p, start)]
            for p, row in case.courses.items()
            for start in row.starts
        }

    # what is there -----------------------------------------------------------------------

    def held(self, p: str, h: str) -> int:
        return sum(self.classes[p, h, q] for q in QUARTERS)

    def seated(self, p: str, h: str) -> int:
        return sum(self.seats[p, c] for c in self.case.course_hosts[p, h])

    def free(self, c: str, had: Package, k: Package) -> int:
        """Units of the cluster that have just `had`, and may get k."""
        case, given = self.case, self.units[c]
        left = given[had] if had != NO_PACKAGE else case.size[c] - given.total()
        if case.young_only(k) and not case.young_only(had):
            young = sum(n for other, n in given.items() if case.young_only(other))
            left = min(left, case.young[c] - young)
        return min([left, *self.wanting(c, had, k)])

    def wanting(self, c: str, had: Package, k: Package) -> Iterator[int]:
        """Units of the cluster that still want what k holds beyond `had`, by topic."""
        case = self.case
        for topic in case.topics(k) - case.topics(had):
            if (*topic, c) in case.wanted:
                units = self.units[c].items()
                getting = sum(n for other, n in units if topic in case.topics(other))
                yield case.wanted[*topic, c] - getting

    def operators_missing(self, p: str, h: str, more: Machines) -> float:
        """Operators that the machines of the course at the host lack, with these machines more."""
        case = self.case
        missing = -float(case.operators.get((p, h), 0))
        for (e, at), number in (self.machines + self.revived + more).items():
            if at == h and case.operator_course(e) == p:
                trained = sum(
                    units
                    for c in case.machine_hosts.get((e, h), ())
                    for k, units in self.units[c].items()
                    if p in k.courses and e in case.machines_of(c, k)
                )
                needed = case.equipment[e].operators * number
                missing += max(0.0, needed - case.course_success(p) * trained)
        return missing

    def sharing(self, c: str, k: Package) -> Iterator[tuple[str, str]]:
        """The machines that units of c with the package use, and those who operate them."""
        for e in self.case.machines_of(c, k):
            h = self.case.host(e, c)
            yield e, h
            if p := self.case.operator_course(e):
                yield p, h

    # what is left ------------------------------------------------------------------------

    def classes_of(self, lot: Lot) -> Classes | None:
        """The classes of the lot, each in the quarter with most room; None where the days, the
        money, the stock or the sites that are left are not enough for the lot."""
        if not (self._payable(lot) and self._placeable(lot)):
            return None
        found: Classes = Counter()
        days = dict(self.days)
        for p, h in lot.classes.elements():
            q = self._begin(p, days)
            if q is None:
                return None
            found[p, h, q] += 1
        return found

    def _payable(self, lot: Lot) -> bool:
        costs = Counter[frozenset[str]]()
        for paid, cost in (self.spent + lot.cost).items():
            costs[self.payers[paid]] += cost
        return costs.total() <= self.case.budget and not unpaid(costs, self.case.fund_amount)

    def _placeable(self, lot: Lot) -> bool:
        case = self.case
        placed = self.machines + lot.machines
        for e in {e for e, _h in lot.machines}:
            if sum(n for (other, _h), n in placed.items() if other == e) > case.equipment[e].stock:
                return False
        for site in {h for _e, h in lot.machines}:
            row = case.site(site)
            for what in ("kva", "floor_m2") if row else ():
                at = ((e, n) for (e, h), n in placed.items() if h == site)
                taken = sum(getattr(case.equipment[e], what) * n for e, n in at)
                if taken > getattr(row, what) + EPS:
                    return False
        return True

    def _begin(self, p: str, days: dict[tuple[str, int], float]) -> int | None:
        """The quarter with most room for a class, whose days it takes; None where it fits none."""
        room = {
            q: min((days[at] - amount for at, amount in self.class_days[p, q]), default=inf)
            for q in self.case.courses[p].starts
        }
        best = max(room, key=lambda quarter: room[quarter])
        if room[best] < -EPS:
            return None
        for at, amount in self.class_days[p, best]:
            days[at] -= amount
        return best

    def _class_days(self, p: str, start: int) -> Iterator[tuple[tuple[str, int], float]]:
        """Resource, quarter and days of each that a class which begins in `start` uses."""
        for (course, r), amounts in self.case.uses.items():
            for n, amount in enumerate(amounts):
                if course == p and amount:
                    yield (r, start + n), amount

    def buy(self, lot: Lot, classes: Classes) -> set[Shared]:
        """What of all that lots depend on is another now."""
        self.spent += lot.cost
        self.classes += classes
        self.machines += lot.machines
        self.revived += lot.revived
        self.opened |= dict.fromkeys(lot.opened, 1)
        self.seats.update(lot.seats)
        for (p, _h, start), number in classes.items():
            for days, amount in self.class_days[p, start]:
                self.days[days] -= number * amount
        for (e, h), number in (lot.machines + lot.revived).items():
            self.hours[e, h] += number * self.case.machine_hours(e)
        for at, hours in lot.hours.items():
            self.hours[at] -= hours
        changed: set[Shared] = {*lot.opened}
        for p, c in lot.seats:
            changed |= {c, (p, self.case.host(p, c))}
        for (c, k), number in lot.units.items():
            self.units[c][k] += number
            changed |= {c, *self.sharing(c, k)}
        return changed

    def decisions(self) -> Decisions:
        units = {(c, k): n for c, given in self.units.items() for k, n in given.items() if n > 0}
        return Decisions(
            dict(+self.classes),
            dict(+self.seats),
            dict(+self.machines),
            units,
            self.opened,
            dict(+self.revived),
        )
