"""A requirement of a conflict in words, and the change that lets it give way so far.

Each kind of requirement has one function. A change is rounded so that it is enough: money up to
a whole million, days, power and space up to a tenth, floors down to a tenth of a percent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import ceil, floor
from typing import Any

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY, MILLION
from ikmplan.input.own_limits import MONEY_SPENT, AmountLimit, ClosedQuarters, CountLimit, OwnLimit
from ikmplan.model.problem import ROUNDING
from ikmplan.model.quantities import items, payers_of
from ikmplan.text import N_, _, listing, number, percent, rupiah

# the requirement, its fix, and the scenario fields that make it, where they can
Wording = tuple[str, str, dict[str, Any] | None]
Worder = Callable[[Case, tuple[Any, ...], float, float], Wording]  # case, key, given, slack


def _limit(has: str, give: str, rounded: Callable[[float], float]) -> Worder:
    """Of what there is at one place or of one kind; no field of the scenario changes it."""

    def wording(case: Case, key: tuple[Any, ...], given: float, slack: float) -> Wording:
        name, needed = case.name(key[0]), rounded(given + slack)
        return _(has, name=name, n=_short(given)), _(give, name=name, n=_short(needed)), None

    return wording


def _floor(case: Case, key: tuple[Any, ...], given: float, slack: float) -> Wording:
    (c,) = key
    # rounded down to a tenth of a percent, which the plan found keeps
    if not c:
        lower = floor((case.scenario.floor - slack) * 1000 + 1e-6) / 1000
        words = _("the floor of every cluster ({floor})", floor=percent(case.scenario.floor, 1))
        fix = _("Lower the floor of every cluster to {floor}.", floor=percent(lower, 1))
        return words, fix, {"floor": max(0.0, lower)}
    lower = floor(max(0.0, given - slack) / case.size[c] * 1000 + 1e-6) / 1000
    words = _("the floor of {name} ({floor})", name=case.name(c), floor=percent(case.floors[c], 1))
    fix = _("Lower the floor of {name} to {floor}.", name=case.name(c), floor=percent(lower, 1))
    return words, fix, {"floors": {**case.scenario.floors, c: lower}}


def _budget(case: Case, key: tuple[Any, ...], given: float, slack: float) -> Wording:
    needed, held = _up(given + slack), sum(case.fund_amount.values()) / MILLION
    if given + slack <= held + ROUNDING:  # no million more than the funds hold
        needed = min(needed, round(held * MILLION))
    words = _("the budget is only {amount}", amount=rupiah(round(given * MILLION)))
    return words, _("Raise the budget to {amount}.", amount=rupiah(needed)), {"budget": needed}


def fund_to_raise(case: Case, funds: Sequence[str]) -> str:
    """Of these funds the one that may pay for most courses, machines and openings."""
    return max(funds, key=lambda f: sum(f in payers_of(case, paid) for paid in items(case)))


def _funds(case: Case, key: tuple[Any, ...], given: float, slack: float) -> Wording:
    if not key:
        unpaid = [paid.item for paid in items(case) if not payers_of(case, paid)]
        names = [case.name(item) for item in dict.fromkeys(unpaid)]
        return _("no fund may pay for {names}", names=listing(names)), "", None
    more = _up(slack)
    names, amount = [case.name(f) for f in key], rupiah(round(given * MILLION))
    words = _("{name} holds only {amount}", name=names[0], amount=amount)
    if len(names) > 1:
        words = _("{names} together hold only {amount}", names=listing(names), amount=amount)
    raised = fund_to_raise(case, key)
    fix = _("Raise {name} by {amount}.", name=case.name(raised), amount=rupiah(more))
    funds = {**case.scenario.funds, raised: case.fund_amount[raised] + more}
    held = sum(case.fund_amount.values())
    if case.scenario.budget is None or case.budget < held:
        return words, fix, {"funds": funds}
    # a budget that was no limit becomes none
    return words, fix, {"funds": funds, "budget": max(case.budget, held + more)}


def _idle(case: Case, key: tuple[Any, ...], given: float, slack: float) -> Wording:
    name, place = case.name(key[0]), _("the city") if key[1] == CITY else case.name(key[1])
    needed = _short(round(given + slack))
    words = _(
        "only {n} of {name} can be revived in {place}", n=_short(given), name=name, place=place
    )
    fix = _("Find {n} of {name} that can be revived in {place}.", n=needed, name=name, place=place)
    return words, fix, None


def _share(case: Case, key: tuple[Any, ...], given: float, slack: float) -> Wording:
    s = case.scenario
    if key == ("least",):
        words = _("at least {share} of the money for training", share=percent(s.training_share_min))
        return words, _("Let go of the least share for training."), {"training_share_min": 0.0}
    words = _("at most {share} of the money for training", share=percent(s.training_share_max))
    return words, _("Let go of the largest share for training."), {"training_share_max": 1.0}


def _target(case: Case, key: tuple[Any, ...], given: float, slack: float) -> Wording:
    lower = floor(given - slack + 1e-6)
    if key == ("units",):
        words = _("the target of {n} units", n=number(given))
        return words, _("Lower the target to {n} units.", n=number(lower)), {"target_units": lower}
    if key == ("reached",):
        less = max(0.0, floor((given - slack) * 10 + 1e-6) / 10)
        words = _("the target of {n} units reached", n=_short(given))
        fix = _("Lower the target to {n} units reached.", n=_short(less))
        return words, fix, {"target_reached": less}
    words = _("the target of {n} classes", n=number(given))
    return words, _("Lower the target to {n} classes.", n=number(lower)), {"target_classes": lower}


def _lock(case: Case, key: tuple[Any, ...], given: float, slack: float) -> Wording:
    lock = case.locks[key[0]]
    others = tuple(text for n, text in enumerate(case.scenario.locks) if n != key[0])
    words = _("the lock “{lock}”", lock=lock)
    return words, _("Remove the lock “{lock}”.", lock=lock), {"locks": others}


def _own_limit(case: Case, key: tuple[Any, ...], given: float, slack: float) -> Wording:
    """`slack`: million rupiah or how many; of a share of the plan, tenths of a percent."""
    n, limits = key[0], list(case.scenario.limits)
    limit, other = case.limits[n], _given_way(case, key, given, slack)
    limits[n : n + 1] = [] if other is None else [str(other)]
    asked = replace(limit, quarters=key[1:]) if isinstance(limit, ClosedQuarters) else limit
    fix = _("Remove the limit “{limit}”.", limit=limit)
    if other is not None:
        fix = _("Change the limit “{limit}” to “{other}”.", limit=limit, other=other)
    return _("the limit “{limit}”", limit=asked), fix, {"limits": tuple(limits)}


def _given_way(case: Case, key: tuple[Any, ...], given: float, slack: float) -> OwnLimit | None:
    """The limit that gives way so far; None where it goes altogether."""
    limit, plain = case.limits[key[0]], case.resolved_limits[key[0]]
    if isinstance(limit, ClosedQuarters) and len(limit.quarters) > 1:
        return replace(limit, quarters=tuple(q for q in limit.quarters if q != key[1]))
    if not isinstance(limit, AmountLimit | CountLimit) or limit.sign == "=":
        return None
    sign = 1 if limit.sign == "<=" else -1
    exact = sign * given + slack
    if isinstance(limit, CountLimit):
        n = sign * ceil(exact - 1e-6)
        asks = n < len(limit.parts) if sign > 0 else n > 0
        return replace(limit, number=n) if asks else None
    if isinstance(plain, AmountLimit) and plain.share:
        tenths = ceil(sign * limit.number * 1000 + slack - 1e-6)
        other = replace(limit, number=min(1.0, sign * tenths / 1000))
    else:
        amount = _up(exact) if limit.measure == MONEY_SPENT else ceil(exact - 1e-6)
        other = replace(limit, number=sign * amount, share=False, of=None)
    return other if other.number > 0 or sign > 0 else None


def _days(case: Case, key: tuple[Any, ...], given: float, slack: float) -> Wording:
    if case.resources[key[0]].kind == "other":  # a quota of people, or of what its name states
        has, give = N_("{name} has only {n} in the year"), N_("Give {name} {n} in the year.")
    else:
        has = N_("{name} has only {n} days in the year")
        give = N_("Give {name} {n} days in the year.")
    # a long class uses nothing in some quarters, which have no row and so are not in `given`
    in_year = sum(days for (r, _q), days in case.capacity.items() if r == key[0])
    return _limit(has, give, _tenth_up)(case, key, in_year, slack)


def _mix(case: Case, key: tuple[Any, ...], given: float, slack: float) -> Wording:
    """`slack`: people more or less of one cluster in one class."""
    p, bound = key
    row, name = case.courses[p], case.name(p)
    if bound == "least":
        words = _("a class of {name} takes at least {n} of each cluster", name=name, n=row.each_min)
        fix = _("Lower each_min of {name} to {n}.", name=name, n=row.each_min - round(slack))
        return words, fix, None
    most = row.each_max or row.class_max
    words = _("a class of {name} takes at most {n} of each cluster", name=name, n=most)
    return words, _("Raise each_max of {name} to {n}.", name=name, n=most + round(slack)), None


def _interest(case: Case, key: tuple[Any, ...], given: float, slack: float) -> Wording:
    _kind, topic, c = key
    names = {"name": case.name(c), "topic": case.topic_name(topic)}
    words = _("{topic} is wanted by only {n} units of {name}", n=number(given), **names)
    share = min(1.0, ceil(round(given + slack) / case.size[c] * 1000 - 1e-6) / 1000)
    fix = _(
        "Raise the interest of {sector} in {topic} to {share}.",
        sector=case.clusters[c].sector,
        topic=names["topic"],
        share=percent(share, 1),
    )
    return words, fix, None


def _seasons(case: Case, key: tuple[Any, ...], given: float, slack: float) -> Wording:
    share, c = percent(case.scenario.holds_in), key[0]
    words = _("the budget in {share} of the cases", share=share)
    if c in case.clusters:
        words = _("the floor of {name} in {share} of the cases", name=case.name(c), share=share)
    return words, _("Let go of the share of cases (holds_in: 0)."), {"holds_in": 0.0}


def _short(value: float) -> str:
    return number(value, 0 if abs(value - round(value)) < 1e-6 else 1)


def _up(millions: float) -> int:
    """Rupiah, rounded up to a whole million."""
    return ceil(millions - ROUNDING) * MILLION


def _tenth_up(amount: float) -> float:
    return ceil(amount * 10 - 1e-6) / 10


WORDS: dict[str, Worder] = {
    "units_interested": _interest,
    "class_mix": _mix,
    "floors_met": _floor,
    "resource_days": _days,
    "within_budget": _budget,
    "funds_cover": _funds,
    "machines_in_stock": _limit(
        N_("only {n} of {name} can be had"), N_("Find {n} of {name}."), round
    ),
    "revived_within_idle": _idle,
    "power_at_site": _limit(
        N_("{name} has only {n} kVA free"), N_("Give {name} {n} kVA."), _tenth_up
    ),
    "floor_space_at_site": _limit(
        N_("{name} has only {n} m² free"), N_("Give {name} {n} m²."), _tenth_up
    ),
    "training_share": _share,
    "targets_met": _target,
    "locks_kept": _lock,
    "limits_kept": _own_limit,
    "budget_in_seasons": _seasons,
    "floors_in_seasons": _seasons,
}
