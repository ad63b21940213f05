"""Why there is no plan: the smallest sets of requirements that cannot hold together.

HiGHS explains only problems without whole numbers, so the rows of the rules are tried here:
an elastic filter finds the rows that matter, a deletion filter makes the set smallest (without
any one of its rows the others can hold), and for each of them the search finds the least change
with which all else can hold.
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
from ikmplan.text import N_, _, listing, number, percent, rupiah

CONFLICT_SECONDS = 10.0  # for one search; a fix found is enough even if it is not the least
TOTAL_SECONDS = 60.0  # for all of them
MOST_CONFLICTS = 3
SLACK_TOLERANCE = 5e-7  # half a rupiah, where rows are in million
DEMANDS = {rule.name for rule in RULES if rule.kind == "demand"}


@dataclass(frozen=True)
class Requirement:
    """One requirement of a conflict, and the least change of it that ends the conflict."""

    rule: str
    words: str  # "the floor of Batik Tembung (30%)"; "Balai Industri has only 30 days"
    fix: str = ""  # "Lower the floor of Batik Tembung to 12%."; "" where none is known
    alone: bool = False  # the fix makes a plan possible; else another conflict remains
    change: dict[str, Any] | None = None  # the scenario fields of the fix, where they can make it

    @property
    def demand(self) -> bool:
        """Asked for by the scenario; else a limit of what there is."""
        return self.rule in DEMANDS


@dataclass(frozen=True)
class Conflict:
    """Requirements that cannot hold together; without any one of them the others can."""

    needs: tuple[Requirement, ...]

    @property
    def statement(self) -> str:
        """What cannot hold together, without the fixes."""
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
    """No plan keeps every rule, or none was found in the time; `conflicts` are the reasons."""

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

    `stop` or the end of the `seconds` ends the search; what was found by then is returned.
    `on_conflict` is called with the conflicts found so far, with each new one first without
    its fixes.
    """
    report = on_conflict or (lambda _conflicts: None)
    report([])
    requirements = _Requirements(case, stop, seconds)
    conflicts: list[Conflict] = []
    dropped: set[RowGroup] = set()
    while len(conflicts) < MOST_CONFLICTS:
        groups = requirements.smallest_conflict(dropped, known=not conflicts)
        if not groups:
            break
        report([*conflicts, Conflict(tuple(map(requirements.in_words, groups)))])
        conflict = Conflict(tuple(requirements.with_fix(group, groups) for group in groups))
        if requirements.over:
            break
        conflicts.append(conflict)
        report(list(conflicts))
        demands = {group for group in groups if group.rule in DEMANDS}
        if not demands:
            break
        dropped |= demands
    return conflicts


class RowGroup(NamedTuple):
    """Rows that are one requirement to a reader."""

    rule: str
    key: tuple[Any, ...]


GENERAL_FLOOR = RowGroup("floors_met", ("",))  # of all clusters without a floor of their own


class _Requirements:
    """The limits and demands of a case, and the searches with some of them dropped or elastic."""

    def __init__(self, case: Case, stop: threading.Event | None, seconds: float):
        self.case = case
        self.stop = stop
        self.until = time.monotonic() + seconds
        problem, v = make_problem(case, limits=False)
        self.model = Model(problem)
        self.given: dict[RowGroup, float] = {}  # the right-hand side, summed over the group
        self.slacks: dict[RowGroup, list[Slack]] = {}
        self.rows: dict[RowGroup, list[str]] = {}
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

    def _search(self, kept: set[RowGroup], elastic: set[RowGroup], whole: bool) -> SearchResult:
        """The least slack of the elastic groups with the kept ones; all others are dropped."""
        return self.model.search(
            0.02,
            max(0.0, min(CONFLICT_SECONDS, self.until - time.monotonic())),
            continuous=[] if whole else self.model.integers,
            dropped_rows=[
                row
                for group in self.rows
                if group not in kept | elastic
                for row in self.rows[group]
            ],
            slacks=[s for group in self.slacks if group in elastic for s in self.slacks[group]],
            stop=self.stop,
        )

    def smallest_conflict(self, dropped: set[RowGroup], known: bool) -> list[RowGroup]:
        """What cannot hold together, none of which can be left out; [] where all can.

        `known`: there is a conflict; it need not be proven again.
        """
        every = set(self.rows) - dropped
        whole = not self._search(every, set(), whole=False).impossible
        if whole and not known and not self._search(every, set(), whole=True).impossible:
            return []
        kept: set[RowGroup] = set()
        while True:  # elastic filter: keep what gave way, until nothing else can
            found = self._search(kept, every - kept, whole)
            gave = {group for group in every - kept if self._slack(found, group) > SLACK_TOLERANCE}
            if found.values is None and not found.impossible:
                return []  # not answered in the time: no reason is better than a wrong one
            if found.impossible or not gave:
                break
            kept |= gave
        for group in [group for group in self.rows if group in kept]:  # deletion filter
            if self._search(kept - {group}, set(), whole).impossible:
                kept.remove(group)
        return [group for group in self.rows if group in kept]

    def _slack(self, found: SearchResult, group: RowGroup) -> float:
        return sum((found.values or {}).get(slack.name, 0.0) for slack in self.slacks[group])

    def in_words(self, group: RowGroup, slack: float = 0.0, alone: bool = False) -> Requirement:
        """The requirement, with a fix where it is known how far it must give way."""
        words, fix, change = WORDS[group.rule](self.case, group.key, self.given[group], slack)
        fixed = (fix, alone, change) if slack else ()
        return Requirement(group.rule, words, *fixed)

    def with_fix(self, group: RowGroup, conflict: list[RowGroup]) -> Requirement:
        """The requirement with its least change while all else is kept, or else the conflict."""
        found = self._search(set(self.rows) - {group}, {group}, whole=True)
        alone = found.values is not None
        if not alone:  # there is another conflict: solve this one alone
            found = self._search(set(conflict) - {group}, {group}, whole=True)
        return self.in_words(group, self._slack(found, group), alone)


# the requirement, its fix, and the scenario fields that make it, where they can
Wording = tuple[str, str, dict[str, Any] | None]
Worder = Callable[[Case, tuple[Any, ...], float, float], Wording]  # case, key, given, slack


def _limit(has: str, give: str, rounded: Callable[[float], float] = float) -> Worder:
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
    needed = _up(given + slack)
    words = _("the budget is only {amount}", amount=rupiah(round(given * MILLION)))
    return words, _("Raise the budget to {amount}.", amount=rupiah(needed)), {"budget": needed}


def _funds(case: Case, key: tuple[Any, ...], given: float, slack: float) -> Wording:
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
    words = _("the target of {n} classes", n=number(given))
    return words, _("Lower the target to {n} classes.", n=number(lower)), {"target_classes": lower}


def _lock(case: Case, key: tuple[Any, ...], given: float, slack: float) -> Wording:
    lock = case.locks[key[0]]
    others = tuple(text for n, text in enumerate(case.scenario.locks) if n != key[0])
    words = _("the lock “{lock}”", lock=lock)
    return words, _("Remove the lock “{lock}”.", lock=lock), {"locks": others}


def _short(value: float) -> str:
    return number(value, 0 if abs(value - round(value)) < 1e-6 else 1)


def _up(millions: float) -> int:
    """Rupiah, rounded up to a whole million; less than a rupiah is a solver's tolerance."""
    return ceil(millions - SLACK_TOLERANCE) * MILLION


WORDS: dict[str, Worder] = {
    "floors_met": _floor,
    "resource_days": _limit(
        N_("{name} has only {n} days in the year"),
        N_("Give {name} {n} days in the year."),
        lambda days: ceil(days * 10 - 1e-6) / 10,
    ),
    "within_budget": _budget,
    "funds_cover": _funds,
    "machines_in_stock": _limit(
        N_("only {n} of {name} can be had"), N_("Find {n} of {name}."), round
    ),
    "power_at_site": _limit(N_("{name} has only {n} kVA free"), N_("Give {name} {n} kVA.")),
    "floor_space_at_site": _limit(N_("{name} has only {n} m² free"), N_("Give {name} {n} m².")),
    "training_share": _share,
    "targets_met": _target,
    "locks_kept": _lock,
}
