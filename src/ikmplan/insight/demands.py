"""What a scenario asks of a plan: how each demand is called, measured in any plan, and dropped.

A demand is a floor, target, lock or exclusion, or what a scenario lets a plan use of
money and trainer-days. Plans are measured by their own tables, at the demand's prices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

from ikmplan.input.case import Case
from ikmplan.input.cells import TRAINING
from ikmplan.input.own_limits import MONEY_SPENT, AmountLimit, OwnLimit, limit_bound, parse_limit
from ikmplan.input.scenario import REACH, Scenario
from ikmplan.model.funds import MOST_UNIONS, unions, unpaid
from ikmplan.plan.audit_own_limits import standing
from ikmplan.plan.audit_sums import AuditSums
from ikmplan.plan.plan import Plan, price_of_line
from ikmplan.show.table import Format, one_decimal, percent_one_decimal, plain_number, rupiah_text
from ikmplan.text import N_

AT_LEAST, AT_MOST, EXACTLY = ">=", "<=", "="


class Demand(NamedTuple):
    """A plan keeps it if what the plan has of (kind, key) is `sign` `asked`, as "≥ 0.2"."""

    kind: str
    key: str
    sign: str
    asked: float
    prices: float = 1.0  # the price factor of its money

    def kept(self, measured: float) -> bool:
        slack = 1e-6 * max(1.0, abs(self.asked))
        least, most = measured >= self.asked - slack, measured <= self.asked + slack
        return {AT_LEAST: least, AT_MOST: most, EXACTLY: least and most}[self.sign]


def changed(case: Case, **fields: Any) -> Case:
    """The case with other values for some fields of its scenario."""
    return Case(case.tables, case.scenario.changed(**fields))


def demands(case: Case) -> Iterator[Demand]:
    """What the scenario asks of any plan, and the money and days it lets a plan use."""
    s = case.scenario
    for c, floor in case.floors.items():
        yield Demand("floor", c, AT_LEAST, floor)
    for name in ("target_units", "target_reached", "target_classes", "training_share_min"):
        if getattr(s, name):
            yield Demand(name, "", AT_LEAST, getattr(s, name))
    if s.training_share_max < 1:
        yield Demand("training_share_max", "", AT_MOST, s.training_share_max)
    for lock in case.locks:
        yield Demand("lock", _place(lock.item, lock.cluster), lock.sign, lock.count)
    for exclusion in case.exclusions:
        yield Demand("exclusion", _place(exclusion.item, exclusion.cluster), AT_MOST, 0)
    for limit in case.resolved_limits:
        yield Demand(_limit_kind(limit), str(limit), *limit_bound(limit), s.price_factor)
    if s.users_trained:
        yield Demand("users_trained", "", AT_MOST, 0)
    yield Demand("budget", "", AT_MOST, case.budget, s.price_factor)
    yield from _of_funds(case)
    for r in case.resources:
        days = [n for (key, _q), n in case.capacity.items() if key == r]
        yield Demand("days", r, AT_MOST, sum(days))


def _of_funds(case: Case) -> Iterator[Demand]:
    """What the sets of funds that alone may pay for some item, and their unions, hold together.

    The funds can pay for a plan if and only if no such set has to pay more than it holds
    (Hall's condition). All funds together are left out: that is the budget. Where there are too
    many sets it is asked as a whole, with what each fund holds as its key.
    """
    prices = case.scenario.price_factor
    payers = {frozenset(case.payers(item)) for item in [*case.courses, *case.equipment]}
    payers |= {
        frozenset(case.payers(o, kind))
        for o, costs in case.opening_costs.items()
        for kind, _part, _cost in costs
    }
    sets = unions(payers, MOST_UNIONS)
    if len(sets) > MOST_UNIONS:
        held = sorted(case.fund_amount.items())
        yield Demand("unpaid", "+".join(f"{f}={n}" for f, n in held), AT_MOST, 0, prices)
        return
    for funds in sorted(tuple(sorted(funds)) for funds in sets if 0 < len(funds) < len(case.funds)):
        amount = sum(case.fund_amount[f] for f in funds)
        yield Demand("funds", "+".join(funds), AT_MOST, amount, prices)


def relaxations(case: Case) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Kind and key of each demand of the scenario, and the fields that drop this one alone."""
    s, defaults = case.scenario, Scenario().model_dump()
    if s.floor > 0:
        yield "floor", "", {"floor": 0.0}
    for c in case.floors:
        yield "floor", c, {"floors": {**s.floors, c: 0.0}}
    for kind, field in (("lock", "locks"), ("exclusion", "exclusions"), ("limit", "limits")):
        texts = getattr(s, field)
        for text in texts:
            yield kind, text, {field: tuple(other for other in texts if other != text)}
    for name, demand in DEMAND_KINDS.items():
        if demand.group and getattr(s, name) != defaults[name]:
            yield demand.group, name, {name: defaults[name]}


def reaching(case: Case, **fields: Any) -> Case:
    """The case with other fields, of which a plan is to reach as much as it can. What has no
    effect where the goal is the least cost has none here either."""
    if case.scenario.is_cheapest:
        fields |= {"goal": REACH, "equity": 0.0, "caution": 0.0}
    return changed(case, **fields)


def without_demands(case: Case) -> Case:
    """The case with its limits and no other demand: as others would plan."""
    fields = {name for name, demand in DEMAND_KINDS.items() if demand.group}
    fields |= {"floor", "floors", "locks", "exclusions", "limits", "equity", "goal", "near"}
    return changed(case, **Scenario().model_dump(include=fields))


def _limit_kind(limit: OwnLimit) -> str:
    if not isinstance(limit, AmountLimit):
        return "limit"
    if limit.share:
        return "limit_share"
    return "limit_money" if limit.measure == MONEY_SPENT else "limit"


def _place(item: str | None, cluster: str | None) -> str:
    return f"{item or ''}@{cluster or ''}"


def place_of(key: str) -> tuple[str | None, str | None]:
    """Item and cluster of a lock's or an exclusion's key; None where it names none."""
    item, _at, cluster = key.partition("@")
    return item or None, cluster or None


class Measures:
    """What one plan has of each thing that may be asked for."""

    def __init__(self, plan: Plan, case: Case):
        self.plan, self.case, self._held = plan, case, plan.held
        self._packages = plan.packages
        self._costs: dict[float, Counter[frozenset[str]]] = {}
        self._sums: dict[float, AuditSums] = {}

    def of(self, demand: Demand) -> float:
        """In the unit of the demand's amount."""
        return DEMAND_KINDS[demand.kind].measure(self, demand)

    def paid(self, demand: Demand) -> int:
        """Rupiah that only the funds of the key may pay; the whole cost without a key."""
        funds = frozenset(demand.key.split("+") if demand.key else self.case.funds)
        by_payers = self._by_payers(demand.prices)
        return sum(cost for payers, cost in by_payers.items() if payers <= funds)

    def unpaid(self, demand: Demand) -> int:
        """Rupiah that no fund can pay, of funds that hold what the key states."""
        held = (part.split("=") for part in demand.key.split("+"))
        return unpaid(self._by_payers(demand.prices), {f: int(n) for f, n in held})

    def placed(self, demand: Demand) -> int:
        """Classes and machines at the place of the key."""
        item, cluster = place_of(demand.key)
        return sum(
            n
            for _kind, name, host, n in self._held
            if item in (None, name) and cluster in (None, host)
        )

    def limited(self, demand: Demand) -> float:
        """What the plan has of a limit whose text is the key; of a share, the share."""
        if demand.prices not in self._sums:
            scenario = self.case.scenario.model_copy(update={"price_factor": demand.prices})
            self._sums[demand.prices] = AuditSums(self.plan, self.case.tables, scenario)
        has, whole = standing(self._sums[demand.prices], parse_limit(demand.key))
        return has / whole if whole else demand.asked

    def placed_or_served(self, demand: Demand) -> int:
        """Classes and machines at the place, or its units that get the item from elsewhere."""
        item, cluster = place_of(demand.key)
        served = sum(
            n
            for c, items, n in self._packages
            if cluster in (None, c)
            and (item is None or any(item in self.case.needs_of(part, c) for part in items))
        )
        return max(self.placed(demand), served)

    @cached_property
    def coverage(self) -> dict[str, float]:
        return dict(zip(self.plan.coverage["cluster"], self.plan.coverage["coverage"], strict=True))

    @cached_property
    def days(self) -> dict[str, float]:
        """Resource -> days used in the year."""
        limits = self.plan.limits
        days = limits[limits["rule"] == "resource_days"].groupby("key")["used"].sum()
        return {str(key): float(used) for key, used in days.items()}

    @cached_property
    def training_share(self) -> float:
        """Share of the money that goes to training."""
        lines = self.plan.lines
        training = lines.loc[lines["kind"] == TRAINING, "amount"].sum()
        return float(training / self.plan.cost) if self.plan.cost else 0.0

    @cached_property
    def untrained(self) -> int:
        """Units that use a machine without the course of its operators."""
        case = self.case
        return sum(
            n
            for c, items, n in self._packages
            if {case.operator_course(e) for item in items for e in case.line_at(item, c)}
            - {None, *items}
        )

    def _by_payers(self, prices: float) -> Counter[frozenset[str]]:
        """Who may pay -> what the plan costs of it at this price factor, in rupiah."""
        if prices not in self._costs:
            case = changed(self.case, price_factor=prices)
            paid = self._costs[prices] = Counter()
            lines = self.plan.lines[["kind", "item", "host", "component", "quantity"]]
            for kind, item, host, component, n in lines.itertuples(index=False):
                each = price_of_line(case, kind, item, host, component)
                paid[frozenset(case.payers(item, kind))] += int(n) * each
        return self._costs[prices]


class DemandKind(NamedTuple):
    """One kind of demand: how it is called, measured and shown."""

    label: str
    measure: Callable[[Measures, Demand], float]
    show: Format = plain_number  # of its amounts
    group: str = ""  # its kind among the reasons, where it is one field of the scenario


_LIMIT = N_("Limit of the office's own")
DEMAND_KINDS = {
    "floor": DemandKind(
        N_("Floor"), lambda has, demand: has.coverage.get(demand.key, 0.0), percent_one_decimal
    ),
    "target_units": DemandKind(
        N_("Target of units coached"), lambda has, _d: has.plan.coached, group="target"
    ),
    "target_reached": DemandKind(
        N_("Target of units reached"), lambda has, _d: has.plan.reached, one_decimal, "target"
    ),
    "target_classes": DemandKind(
        N_("Target of classes"), lambda has, _d: has.plan.class_count, group="target"
    ),
    "training_share_min": DemandKind(
        N_("Least share of the money for training"),
        lambda has, _d: has.training_share,
        percent_one_decimal,
        "share",
    ),
    "training_share_max": DemandKind(
        N_("Largest share of the money for training"),
        lambda has, _d: has.training_share,
        percent_one_decimal,
        "share",
    ),
    "users_trained": DemandKind(
        N_("Users of machines without their course"),
        lambda has, _d: has.untrained,
        group="users_trained",
    ),
    "lock": DemandKind(N_("Lock"), Measures.placed),
    "exclusion": DemandKind(N_("Exclusion"), Measures.placed_or_served),
    "limit": DemandKind(_LIMIT, Measures.limited),
    "limit_money": DemandKind(_LIMIT, Measures.limited, rupiah_text),
    "limit_share": DemandKind(_LIMIT, Measures.limited, percent_one_decimal),
    "budget": DemandKind(N_("Budget"), Measures.paid, rupiah_text),
    "funds": DemandKind(N_("What these funds alone may pay"), Measures.paid, rupiah_text),
    "unpaid": DemandKind(N_("What no fund can pay"), Measures.unpaid, rupiah_text),
    "days": DemandKind(N_("Days in the year"), lambda has, demand: has.days.get(demand.key, 0.0)),
}
