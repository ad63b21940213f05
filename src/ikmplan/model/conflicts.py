"""Why there is no plan: the smallest sets of requirements that cannot hold together.

HiGHS's own reasons are for problems without whole numbers, so the named rows of the
rules are tried themselves: an elastic filter finds the rows that matter, a deletion
filter makes the set smallest (without any one of them the rest could be kept), and
for each of them the least that it must give way is solved for, all else kept.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor
from typing import Any, NamedTuple

from ikmplan.faults import UserError
from ikmplan.input.case import Case
from ikmplan.model.highs import Model, SearchResult, Slack
from ikmplan.model.problem import make_problem
from ikmplan.model.quantities import MILLION, items, row_name
from ikmplan.model.rules import RULES
from ikmplan.text import _, listing, number, percent, rupiah

CONFLICT_SECONDS = 10.0  # for one question; a mend found is enough even if it is not the least
TOTAL_SECONDS = 60.0  # for all of them
MOST_CONFLICTS = 3
SLACK_TOLERANCE = 5e-7  # half a rupiah, where rows are in million


@dataclass(frozen=True)
class Requirement:
    """One requirement of a conflict, and how far it would have to give way."""

    rule: str
    demand: bool  # asked for by the scenario; else a limit of what there is
    words: str  # "the floor of Batik Tembung (30%)"; "Balai Industri has only 30 days"
    fix: str  # "Lower the floor of Batik Tembung to 12%."; "" where it mends nothing
    alone: bool  # the mend alone makes a plan possible; else another conflict remains
    change: dict[str, Any] | None  # the scenario fields that make the mend, where they can


@dataclass(frozen=True)
class Conflict:
    """Requirements that cannot hold together; without any one of them the others can."""

    needs: tuple[Requirement, ...]

    @property
    def statement(self) -> str:
        """What cannot hold together, without the mends."""
        asked = listing([need.words for need in self.needs if need.demand])
        asked = asked[:1].upper() + asked[1:]
        limits = listing([need.words for need in self.needs if not need.demand])
        if limits:
            return _("{asked} cannot be met: {limits}.", asked=asked, limits=limits)
        return _("{asked} cannot be met at any price.", asked=asked)

    def __str__(self) -> str:
        message = self.statement
        for head, alone in (
            (_("Any one of these mends it:"), True),
            (_("Any one of these mends this, though not all that is in the way:"), False),
        ):
            fixes = [f"  - {need.fix}" for need in self.needs if need.fix and need.alone == alone]
            if fixes:
                message += "\n" + head + "\n" + "\n".join(fixes)
        return message


class NoPlan(UserError):
    """No plan keeps every rule, or none was found in the time; `conflicts` says why."""

    def __init__(self, conflicts: list[Conflict], stopped: bool = False, impossible: bool = False):
        self.conflicts = conflicts
        self.stopped = stopped
        self.impossible = impossible  # proven; else there may be a plan that was not found
        super().__init__(conflicts, stopped, impossible)

    def __str__(self) -> str:
        if self.conflicts:
            return _("There is no such plan.") + "\n" + "\n".join(map(str, self.conflicts))
        if self.impossible:
            return _("There is no such plan; why was not found in the time given.")
        if self.stopped:
            return _("The search was stopped before it found a plan.")
        return _(
            "No plan was found in the time given, nor proof that there is none. Raise time_limit."
        )


def find_conflicts(
    case: Case,
    stop: threading.Event | None = None,
    seconds: float = TOTAL_SECONDS,
    on_conflict: Callable[[list[Conflict]], None] | None = None,
) -> list[Conflict]:
    """Up to three conflicts that have no demand in common, of a case that has no plan.

    `stop` or the end of the `seconds` ends the questions; what was found by then is returned.
    `on_conflict` hears the conflicts found so far, the last one before its mends are known.
    """
    heard = on_conflict or (lambda _conflicts: None)
    heard([])
    tried = _Requirements(case, stop, seconds)
    conflicts: list[Conflict] = []
    dropped_rows: set[RowGroup] = set()
    while len(conflicts) < MOST_CONFLICTS:
        groups = tried.smallest_conflict(dropped_rows, known=not conflicts)
        if not groups:
            break
        heard([*conflicts, Conflict(tuple(map(tried.in_words, groups)))])
        needs = {group: tried.need(group, groups) for group in groups}
        if tried.over:
            break
        conflicts.append(Conflict(tuple(needs.values())))
        heard(list(conflicts))
        demands = {group for group, need in needs.items() if need.demand}
        if not demands:
            break
        dropped_rows |= demands
    return conflicts


class RowGroup(NamedTuple):
    """Rows that are one requirement to whoever reads of them."""

    rule: str
    key: tuple[Any, ...]


GENERAL_FLOOR = RowGroup("floors_met", ("",))  # the floor that clusters without their own share


class _Requirements:
    """The requirements that could give way, and the questions put to the solver about them."""

    def __init__(self, case: Case, stop: threading.Event | None, seconds: float):
        self.case = case
        self.stop = stop
        self.until = time.monotonic() + seconds
        problem, v = make_problem(case, limits=False)
        self.model = Model(problem)
        self.given: dict[RowGroup, float] = {}  # the right-hand side, summed over the group
        self.slacks: dict[RowGroup, list[Slack]] = {}
        self.rows: dict[RowGroup, list[str]] = {}
        self.demands = {rule.name for rule in RULES if rule.kind == "demand"}
        for rule in RULES:
            if rule.kind != "sense":
                for key, row in rule.rows(case, v):
                    self._add(rule.name, key if isinstance(key, tuple) else (key,), row)

    def _add(self, rule: str, key: tuple[Any, ...], row: Any) -> None:
        name, given = row_name(rule, key), -float(row.constant)
        group = RowGroup(rule, key)
        if rule == "resource_days":  # a trainer's quarters are one requirement
            group = RowGroup(rule, key[:1])
        if rule == "floors_met" and key[0] not in self.case.scenario.floors:
            group = GENERAL_FLOOR
        self.rows.setdefault(group, []).append(name)
        self.given[group] = self.given.get(group, 0.0) + given
        slacks = self.slacks.setdefault(group, [])
        if group == GENERAL_FLOOR:  # one share for all: they give way together
            before = slacks.pop().rows if slacks else {}
            slacks.append(Slack("slack__floor", 1.0, {**before, name: self.case.size[key[0]]}))
            return
        cost = 1 / max(abs(given), 1.0)
        for sign in {-1: [-1.0], 1: [1.0], 0: [1.0, -1.0]}[row.sense]:
            slacks.append(Slack(f"slack__{name}__{sign:g}", cost, {name: sign}))

    @property
    def over(self) -> bool:
        return time.monotonic() > self.until or (self.stop is not None and self.stop.is_set())

    def _ask(self, kept: set[RowGroup], elastic: set[RowGroup], whole: bool) -> SearchResult:
        """Slack that the elastic groups need beside the kept ones; all others are freed."""
        dropped_rows = [
            row for group in self.rows if group not in kept | elastic for row in self.rows[group]
        ]
        slacks = [
            slack for group in self.slacks if group in elastic for slack in self.slacks[group]
        ]
        continuous = [] if whole else self.model.integers
        left = max(0.0, min(CONFLICT_SECONDS, self.until - time.monotonic()))
        return self.model.search(
            0.02,
            left,
            continuous=continuous,
            dropped_rows=dropped_rows,
            slacks=slacks,
            stop=self.stop,
        )

    def smallest_conflict(self, dropped_rows: set[RowGroup], known: bool) -> list[RowGroup]:
        """What cannot hold together, none of which can be left out; [] where all can.

        `known` says that there is a conflict: it need not be proven again.
        """
        every = set(self.rows) - dropped_rows
        whole = not self._ask(every, set(), whole=False).impossible
        if whole and not known and not self._ask(every, set(), whole=True).impossible:
            return []
        kept: set[RowGroup] = set()
        while True:  # elastic filter: what gave way is held from then on, until nothing can be
            found = self._ask(kept, every - kept, whole)
            gave = {group for group in every - kept if self._slack(found, group) > SLACK_TOLERANCE}
            if found.values is None and not found.impossible:
                return []  # not answered in the time: better no reason than a wrong one
            if found.impossible or not gave:
                break
            kept |= gave
        for group in [group for group in self.rows if group in kept]:  # deletion filter
            if self._ask(kept - {group}, set(), whole).impossible:
                kept.remove(group)
        return [group for group in self.rows if group in kept]

    def _slack(self, found: SearchResult, group: RowGroup) -> float:
        return sum((found.values or {}).get(slack.name, 0.0) for slack in self.slacks[group])

    def in_words(self, group: RowGroup) -> Requirement:
        """The requirement, before it is known how far it must give way."""
        words, _mend, _change = WORDS[group.rule](self.case, group.key, self.given[group], 0.0)
        return Requirement(group.rule, group.rule in self.demands, words, "", False, None)

    def need(self, group: RowGroup, conflict: list[RowGroup]) -> Requirement:
        """The requirement in words, with the least it must give way while all else is kept."""
        found = self._ask(set(self.rows) - {group}, {group}, whole=True)
        alone = found.values is not None
        if not alone:  # another conflict is in the way: answer for this one alone
            found = self._ask(set(conflict) - {group}, {group}, whole=True)
        slack = None if found.values is None else self._slack(found, group)
        words, fix, change = WORDS[group.rule](
            self.case, group.key, self.given[group], slack or 0.0
        )
        demand = group.rule in self.demands
        if not slack:
            return Requirement(group.rule, demand, words, "", False, None)
        return Requirement(group.rule, demand, words, fix, alone, change)


Said = tuple[str, str, dict[str, Any] | None]


def _floor(case: Case, key: tuple[Any, ...], given: float, slack: float) -> Said:
    (c,) = key
    # rounded down to a tenth of a percent, which the plan that was found keeps
    if not c:
        lower = floor((case.scenario.floor - slack) * 1000 + 1e-6) / 1000
        words = _("the floor of every cluster ({floor})", floor=percent(case.scenario.floor, 1))
        fix = _("Lower the floor of every cluster to {floor}.", floor=percent(lower, 1))
        return words, fix, {"floor": max(0.0, lower)}
    lower = floor(max(0.0, given - slack) / case.size[c] * 1000 + 1e-6) / 1000
    words = _("the floor of {name} ({floor})", name=case.name(c), floor=percent(case.floors[c], 1))
    fix = _("Lower the floor of {name} to {floor}.", name=case.name(c), floor=percent(lower, 1))
    return words, fix, {"floors": {**case.scenario.floors, c: lower}}


def _days(case: Case, key: tuple[Any, ...], given: float, slack: float) -> Said:
    name, needed = case.name(key[0]), ceil((given + slack) * 10 - 1e-6) / 10
    words = _("{name} has only {n} days in the year", name=name, n=_short(given))
    fix = _("Give {name} {n} days in the year.", name=name, n=_short(needed))
    return words, fix, None


def _budget(case: Case, key: tuple[Any, ...], given: float, slack: float) -> Said:
    needed = _up(given + slack)
    words = _("the budget is only {amount}", amount=rupiah(round(given * MILLION)))
    return words, _("Raise the budget to {amount}.", amount=rupiah(needed)), {"budget": needed}


def _funds(case: Case, key: tuple[Any, ...], given: float, slack: float) -> Said:
    if not key:
        names = [case.name(item) for item in items(case) if not case.payers(item)]
        return _("no fund may pay for {names}", names=listing(names)), "", None
    more = _up(slack)
    name = listing([case.name(f) for f in key])
    words = _("{name} holds only {amount}", name=name, amount=rupiah(round(given * MILLION)))
    fix = _("Raise {name} by {amount}.", name=case.name(key[0]), amount=rupiah(more))
    funds = {**case.scenario.funds, key[0]: case.fund_amount[key[0]] + more}
    if case.scenario.budget is None:
        return words, fix, {"funds": funds}
    budget = max(case.budget, sum(case.fund_amount.values()) + more)  # it must not be in the way
    return words, fix, {"funds": funds, "budget": budget}


def _stock(case: Case, key: tuple[Any, ...], given: float, slack: float) -> Said:
    name, needed = case.name(key[0]), round(given + slack)
    words = _("only {n} of {name} can be had", n=number(given), name=name)
    return words, _("Find {n} of {name}.", n=number(needed), name=name), None


def _power(case: Case, key: tuple[Any, ...], given: float, slack: float) -> Said:
    name, needed = case.name(key[0]), given + slack
    words = _("{name} has only {n} kVA free", name=name, n=_short(given))
    return words, _("Give {name} {n} kVA.", name=name, n=_short(needed)), None


def _space(case: Case, key: tuple[Any, ...], given: float, slack: float) -> Said:
    name, needed = case.name(key[0]), given + slack
    words = _("{name} has only {n} m² free", name=name, n=_short(given))
    return words, _("Give {name} {n} m².", name=name, n=_short(needed)), None


def _share(case: Case, key: tuple[Any, ...], given: float, slack: float) -> Said:
    s = case.scenario
    if key == ("least",):
        words = _("at least {share} of the money for training", share=percent(s.training_share_min))
        return words, _("Let go of the least share for training."), {"training_share_min": 0.0}
    words = _("at most {share} of the money for training", share=percent(s.training_share_max))
    return words, _("Let go of the largest share for training."), {"training_share_max": 1.0}


def _target(case: Case, key: tuple[Any, ...], given: float, slack: float) -> Said:
    lower = floor(given - slack + 1e-6)
    if key == ("units",):
        words = _("the target of {n} units", n=number(given))
        return words, _("Lower the target to {n} units.", n=number(lower)), {"target_units": lower}
    words = _("the target of {n} classes", n=number(given))
    return words, _("Lower the target to {n} classes.", n=number(lower)), {"target_classes": lower}


def _lock(case: Case, key: tuple[Any, ...], given: float, slack: float) -> Said:
    lock = case.locks[key[0]]
    others = tuple(text for n, text in enumerate(case.scenario.locks) if n != key[0])
    words = _("the lock “{lock}”", lock=lock)
    return words, _("Remove the lock “{lock}”.", lock=lock), {"locks": others}


def _short(value: float) -> str:
    return number(value, 0 if abs(value - round(value)) < 1e-6 else 1)


def _up(millions: float) -> int:
    """Rupiah, rounded up to a whole million (less than a rupiah is a solver's tolerance)."""
    return ceil(millions - SLACK_TOLERANCE) * MILLION


WORDS = {
    "floors_met": _floor,
    "resource_days": _days,
    "within_budget": _budget,
    "funds_cover": _funds,
    "machines_in_stock": _stock,
    "power_at_site": _power,
    "floor_space_at_site": _space,
    "training_share": _share,
    "targets_met": _target,
    "locks_kept": _lock,
}
