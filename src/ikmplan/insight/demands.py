"""What a scenario asks of a plan, held against any plan.

A demand is a floor, target, lock or exclusion, or what a scenario lets a plan use of
money and trainer-days. Plans are measured by their own tables, at the demand's prices.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

from ikmplan.input.case import Case
from ikmplan.input.cells import TRAINING
from ikmplan.plan.plan import Plan

AT_LEAST, AT_MOST, EXACTLY = ">=", "<=", "="


class Demand(NamedTuple):
    """A plan keeps it where what it has of (kind, key) is `sign` `asked`."""

    kind: str
    key: str
    sign: str
    asked: float
    prices: float = 1.0  # the price factor that money is reckoned with

    def kept(self, measured: float) -> bool:
        slack = 1e-6 * max(1.0, abs(self.asked))
        least, most = measured >= self.asked - slack, measured <= self.asked + slack
        return {AT_LEAST: least, AT_MOST: most, EXACTLY: least and most}[self.sign]


def demands(case: Case) -> Iterator[Demand]:
    """What the scenario asks of any plan, and the money and days it lets a plan use."""
    s = case.scenario
    for c, floor in case.floors.items():
        yield Demand("floor", c, AT_LEAST, floor)
    for name in ("target_units", "target_classes", "training_share_min"):
        if getattr(s, name):
            yield Demand(name, "", AT_LEAST, getattr(s, name))
    if s.training_share_max < 1:
        yield Demand("training_share_max", "", AT_MOST, s.training_share_max)
    for lock in case.locks:
        yield Demand("lock", _place(lock.item, lock.cluster), lock.sign, lock.count)
    for exclusion in case.exclusions:
        yield Demand("exclusion", _place(exclusion.item, exclusion.cluster), AT_MOST, 0)
    if s.users_trained:
        yield Demand("users_trained", "", AT_MOST, 0)
    yield Demand("budget", "", AT_MOST, case.budget, s.price_factor)
    for some in fund_sets(case):
        held = sum(case.fund_amount[f] for f in some)
        yield Demand("funds", "+".join(some), AT_MOST, held, s.price_factor)
    for r in case.resources:
        days = [n for (key, _q), n in case.capacity.items() if key == r]
        yield Demand("days", r, AT_MOST, sum(days))


def fund_sets(case: Case) -> list[tuple[str, ...]]:
    """The sets of funds that alone may pay for some item, and their unions.

    The funds can pay for a plan if and only if no such set has to pay more than it holds
    (Hall's condition). All funds together are left out: that is the budget.
    """
    single = {frozenset(case.payers(item)) for item in [*case.courses, *case.equipment]}
    unions = {
        frozenset[str]().union(*some)
        for n in range(1, len(single) + 1)
        for some in combinations(single, n)
    }
    return sorted(
        tuple(f for f in case.funds if f in some)
        for some in unions
        if 0 < len(some) < len(case.funds)
    )


def _place(item: str | None, cluster: str | None) -> str:
    return f"{item or ''}@{cluster or ''}"


def place_of(key: str) -> tuple[str | None, str | None]:
    """Item and cluster of a lock's or an exclusion's key; None where it names none."""
    item, _at, cluster = key.partition("@")
    return item or None, cluster or None


class Measures:
    """What one plan has of whatever may be asked for."""

    def __init__(self, plan: Plan, case: Case):
        self.plan, self.case = plan, case
        self._costs: dict[float, dict[frozenset[str], int]] = {}

    def of(self, demand: Demand) -> float:
        key = demand.key
        match demand.kind:
            case "floor":
                return self._coverage.get(key, 0.0)
            case "days":
                return self._days.get(key, 0.0)
            case "budget":
                return sum(self._by_payers(demand.prices).values())
            case "funds":
                some = set(key.split("+"))
                paid = self._by_payers(demand.prices)
                return sum(cost for payers, cost in paid.items() if payers <= some)
            case "lock":
                return self._count(*place_of(key))
            case "exclusion":
                return max(self._count(*place_of(key)), self._given(*place_of(key)))
            case "users_trained":
                return self._untrained
            case "target_units":
                return self.plan.coached
            case "target_classes":
                return self.plan.class_count
            case "training_share_min" | "training_share_max":
                lines = self.plan.lines
                training = lines.loc[lines["kind"] == TRAINING, "amount"].sum()
                return float(training / self.plan.cost) if self.plan.cost else 0.0
        raise ValueError(demand.kind)

    @cached_property
    def _coverage(self) -> dict[str, float]:
        return dict(zip(self.plan.coverage["cluster"], self.plan.coverage["coverage"], strict=True))

    @cached_property
    def _untrained(self) -> int:
        """Units that use a machine without the course of its operators."""
        course = {e: self.case.operator_course(e) for e in self.case.equipment}
        columns = (self.plan.units[name] for name in ("package", "units"))
        return sum(
            int(n)
            for items, n in ((package.split("+"), n) for package, n in zip(*columns, strict=True))
            if {course.get(item) for item in items} - {None, *items}
        )

    @cached_property
    def _days(self) -> dict[str, float]:
        """Resource -> days used in the year."""
        limits = self.plan.limits
        days = limits[limits["rule"] == "resource_days"].groupby("key")["used"].sum()
        return {str(key): float(used) for key, used in days.items()}

    def _by_payers(self, prices: float) -> dict[frozenset[str], int]:
        """Who may pay -> what the plan costs of it at this price factor, in rupiah."""
        if prices not in self._costs:
            scenario = self.case.scenario.changed(price_factor=prices)
            case = Case(self.case.tables, scenario)
            price = {"class": case.cost_class, "person": case.cost_person, "machine": case.price}
            paid: dict[frozenset[str], int] = {}
            columns = (self.plan.lines[name] for name in ("item", "component", "quantity"))
            for item, component, n in zip(*columns, strict=True):
                payers = frozenset(case.payers(item))
                paid[payers] = paid.get(payers, 0) + int(n) * price[component][item]
            self._costs[prices] = paid
        return self._costs[prices]

    def _count(self, item: str | None, cluster: str | None) -> int:
        """Classes and machines there."""
        return sum(
            n
            for _kind, name, host, n in self.plan.held
            if item in (None, name) and cluster in (None, host)
        )

    def _given(self, item: str | None, cluster: str | None) -> int:
        """Units of the cluster that get the item, wherever it is held."""
        columns = (self.plan.units[name] for name in ("cluster", "package", "units"))
        return sum(
            int(n)
            for c, package, n in zip(*columns, strict=True)
            if cluster in (None, c) and (item is None or item in package.split("+"))
        )
