"""Why there is no plan: the smallest sets of requirements that cannot hold together.

HiGHS explains only problems without whole numbers, so the rows of the rules are tried here:
an elastic filter finds the rows that matter, a deletion filter makes the set smallest (without
any one of its rows the others can hold), and for each of them the search finds the least change
with which all else can hold. How far a requirement gives way is measured at whole decisions: the
solver's own numbers are as exact as its tolerances.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil, inf
from typing import Any, NamedTuple

from ikmplan.faults import UserError
from ikmplan.input.case import Case
from ikmplan.input.own_limits import AmountLimit
from ikmplan.model.conflict_words import WORDS, Wording, fund_to_raise
from ikmplan.model.highs import Model, SearchResult, Slack
from ikmplan.model.problem import ROUNDING, make_problem
from ikmplan.model.quantities import row_name
from ikmplan.model.rules import RULES
from ikmplan.model.run_highs import Values
from ikmplan.text import N_, _, listing

CONFLICT_SECONDS = 10.0  # for one search
TOTAL_SECONDS = 60.0  # for all of them
MOST_CONFLICTS = 3
CONFLICT_GAP = 0.02  # where only what gives way matters, and not how far
SLACK_TOLERANCE = 5e-7  # half a rupiah, where rows are in million
TOLERANCE = 1e-9  # of whole numbers and rows: a hundredth of a rupiah or so
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


# what stands above one fix of a conflict or several, by whether each alone makes a plan possible
_FIX_HEADS = {
    True: (N_("This mends it:"), N_("Any one of these mends it:")),
    False: (
        N_("This mends it, though not all that is in the way:"),
        N_("Any one of these mends it, though not all that is in the way:"),
    ),
}


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

    @property
    def fixes(self) -> list[tuple[str, list[int]]]:
        """What stands above fixes, and the numbers of the requirements that have them."""
        fixes = [(n, need.alone) for n, need in enumerate(self.needs) if need.fix]
        under = {which: [n for n, alone in fixes if alone == which] for which in _FIX_HEADS}
        return [(_(_FIX_HEADS[which][len(at) > 1]), at) for which, at in under.items() if at]

    def __str__(self) -> str:
        lines = [self.statement]
        for head, at in self.fixes:
            lines += [head, *(f"  - {self.needs[n].fix}" for n in at)]
        return "\n".join(lines)


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
    fixes: bool = True,
) -> list[Conflict]:
    """Up to three conflicts that have no demand in common, of a case that has no plan.

    `stop` or the end of the `seconds` ends the search; what was found by then is returned.
    `on_conflict` is called with the conflicts found so far, with each new one first without
    its fixes. Without `fixes` none are searched.
    """
    report = on_conflict or (lambda _conflicts: None)
    report([])
    requirements = _Requirements(case.ordered, stop, seconds)
    conflicts: list[Conflict] = []
    dropped: set[RowGroup] = set()
    while len(conflicts) < MOST_CONFLICTS:
        groups = requirements.smallest_conflict(dropped, known=not conflicts)
        if not groups or requirements.over:
            break
        conflicts.append(Conflict(tuple(map(requirements.in_words, groups))))
        report(list(conflicts))
        if fixes:
            conflicts[-1] = Conflict(tuple(requirements.with_fix(g, groups) for g in groups))
            report(list(conflicts))
        demands = {group for group in groups if group.rule in DEMANDS}
        if not demands or requirements.over:
            break
        dropped |= demands
    return conflicts


class RowGroup(NamedTuple):
    """Rows that are one requirement to a reader."""

    rule: str
    key: tuple[Any, ...]


SLACK_SIGNS = {-1: [-1.0], 1: [1.0], 0: [1.0, -1.0]}  # of the slacks of a row, by its sense
GENERAL_FLOOR = RowGroup("floors_met", ("",))  # of all clusters without a floor of their own


class _Requirements:
    """The limits and demands of a case, and the searches with some of them dropped or elastic."""

    def __init__(self, case: Case, stop: threading.Event | None, seconds: float):
        self.case = case
        self.stop = stop
        self.until = time.monotonic() + seconds
        problem, v = make_problem(case, limits=False)
        self.model = Model(problem)
        self.counts = set(self.model.integers)
        self.given: dict[RowGroup, float] = {}  # the right-hand side, summed over the group
        self.slacks: dict[RowGroup, list[Slack]] = {}
        self.rows: dict[RowGroup, dict[str, Any]] = {}  # by name
        for rule in RULES:
            if rule.kind != "sense":
                for key, row in rule.rows(case, v):
                    self._add(rule.name, key if isinstance(key, tuple) else (key,), row)

    def _add(self, rule: str, key: tuple[Any, ...], row: Any) -> None:
        name, given = row_name(rule, key), -float(row.constant)
        group = RowGroup(rule, key)
        if rule == "resource_days":  # a trainer's quarters are one requirement
            group = RowGroup(rule, key[:1])
        if rule == "class_mix":  # a course asks the same of all clusters
            group = RowGroup(rule, (key[0], key[-1]))
        if rule == "floors_met" and key[0] not in self.case.scenario.floors:
            group = GENERAL_FLOOR
        self.rows.setdefault(group, {})[name] = row
        self.given[group] = self.given.get(group, 0.0) + given
        slacks = self.slacks.setdefault(group, [])
        if group == GENERAL_FLOOR:  # one share for all: they give way together
            before = slacks.pop().rows if slacks else {}
            slacks.append(Slack("slack__floor", 1.0, {**before, name: self.case.size[key[0]]}))
            return
        cost = 1 / max(abs(given), 1.0)
        for sign in SLACK_SIGNS[row.sense]:
            slacks.append(Slack(f"slack__{name}__{sign:g}", cost, {name: sign}))

    @property
    def over(self) -> bool:
        return time.monotonic() > self.until or (self.stop is not None and self.stop.is_set())

    def _search(self, kept: set[RowGroup], elastic: set[RowGroup], whole: bool) -> SearchResult:
        """The least slack of the elastic groups with the kept ones; all others are dropped."""
        slacks = [s for group in self.slacks if group in elastic for s in self.slacks[group]]
        return self.model.search(
            CONFLICT_GAP,
            self._seconds,
            continuous=[] if whole else self.model.integers,
            dropped_rows=self._dropped(kept | elastic),
            slacks=slacks,
            stop=self.stop,
            tolerance=TOLERANCE,
        )

    @property
    def _seconds(self) -> float:
        return max(0.0, min(CONFLICT_SECONDS, self.until - time.monotonic()))

    def _dropped(self, kept: set[RowGroup]) -> list[str]:
        return [row for group in self.rows if group not in kept for row in self.rows[group]]

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
            if not found.impossible and not gave:  # all of it is within the solver's tolerance
                kept = every if self._search(every, set(), whole).impossible else set()
            if found.impossible or not gave:
                break
            kept |= gave
        for group in [group for group in self.rows if group in kept]:  # deletion filter
            if self._search(kept - {group}, set(), whole).impossible:
                kept.remove(group)
        return [group for group in self.rows if group in kept]

    def _slack(self, found: SearchResult, group: RowGroup) -> float:
        return sum((found.values or {}).get(slack.name, 0.0) for slack in self.slacks[group])

    def in_words(self, group: RowGroup) -> Requirement:
        """The requirement without a fix."""
        words, _fix, _change = self._worded(group, 0.0)
        return Requirement(group.rule, words)

    def _worded(self, group: RowGroup, slack: float) -> Wording:
        return WORDS[group.rule](self.case, group.key, self.given[group], slack)

    def _worded_alike(self, group: RowGroup, slack: float, least: float) -> bool:
        """Whether the fix is worded the same for both amounts, once they are rounded."""
        return self._worded(group, slack) == self._worded(group, max(0.0, least))

    def with_fix(self, group: RowGroup, conflict: list[RowGroup]) -> Requirement:
        """The requirement with its least change while all else is kept, or else the conflict."""
        kept = set(self.rows) - {group}
        found = self._least_slack(group, kept)
        alone = not found.impossible
        if not alone:  # there is another conflict: solve this one alone
            kept = set(conflict) - {group}
            found = self._least_slack(group, kept)
        slack = 0.0 if found.values is None else self._excess(group, kept, found.values)
        if slack <= ROUNDING:
            return self.in_words(group)
        if group.rule == "class_mix":  # that was of all people, and this is of those in a class
            slack, least = self._least_step(group, kept, round(slack), self._with_mix)
        elif self._is_share(group):  # that was of rupiah or people, and this is of the share
            slack, least = self._least_step(group, kept, self._tenths(group), self._with_share)
        else:
            least = found.finished or self._worded_alike(group, slack, -found.bound)
        words, fix, change = self._worded(group, slack)
        if fix and not least:
            fix = _("{fix} (About: a smaller change may be enough.)", fix=fix)
        return Requirement(group.rule, words, fix, alone, change)

    def _is_share(self, group: RowGroup) -> bool:
        """Whether it is a limit on a share of what the plan itself has."""
        if group.rule != "limits_kept":
            return False
        limit = self.case.resolved_limits[group.key[0]]
        return isinstance(limit, AmountLimit) and limit.share

    def _tenths(self, group: RowGroup) -> int:
        """Tenths of a percent with which a limit on a share asks for nothing any more."""
        limit = self.case.limits[group.key[0]]
        assert isinstance(limit, AmountLimit)
        return ceil(1000 * (1 - limit.number if limit.sign == "<=" else limit.number) - ROUNDING)

    def _with_mix(self, group: RowGroup, n: int) -> Case:
        """The case with each_min or each_max of a course `n` people wider."""
        p, which = group.key
        row = self.case.courses[p]
        values = {"each_min": row.each_min - n}
        if which == "most":
            values = {"each_max": (row.each_max or row.class_max) + n}
        rows = tuple(r.model_copy(update=values) if r is row else r
                     for r in self.case.tables.courses)  # fmt: skip
        return Case(replace(self.case.tables, courses=rows), self.case.scenario)

    def _with_share(self, group: RowGroup, n: int) -> Case:
        """The case with a limit on a share `n` tenths of a percent wider."""
        _words, _fix, change = self._worded(group, n)
        return Case(self.case.tables, self.case.scenario.model_copy(update=change))

    def _least_step(
        self,
        group: RowGroup,
        kept: set[RowGroup],
        most: int,
        wider: Callable[[RowGroup, int], Case],
    ) -> tuple[int, bool]:
        """The least whole change of a group, at most `most`, and whether it is proven."""
        least = 1
        while least < most and not self.over:
            middle = (least + most) // 2
            case = wider(group, middle)
            other = _Requirements(case, self.stop, max(0.0, self.until - time.monotonic()))
            found = other._search((kept | {group}) & other.rows.keys(), set(), whole=True)
            if found.values is not None:
                most = middle
            elif found.impossible:
                least = middle + 1
            else:
                break
        return most, least == most

    def _least_slack(self, group: RowGroup, kept: set[RowGroup]) -> SearchResult:
        """The least change of one group, to within what its wording distinguishes."""
        enough = threading.Event()

        def stop_if_enough(value: float, bound: float) -> None:
            same = -inf < value < inf and self._worded_alike(group, -value, -bound)
            if same or (self.stop is not None and self.stop.is_set()):
                enough.set()

        return self.model.search(
            0.0,
            self._seconds,
            dropped_rows=self._dropped(kept | {group}),
            slacks=self._slacks_of_change(group),
            stop=enough,
            on_better=stop_if_enough,
            tolerance=TOLERANCE,
        )

    def _slacks_of_change(self, group: RowGroup) -> list[Slack]:
        """Those of a group, each of the same cost: their sum is the amount in the fix."""
        if self._rows_of_change(group) is self.rows[group]:
            return [replace(slack, cost=1.0) for slack in self.slacks[group]]
        return [Slack("slack__fund", 1.0, dict.fromkeys(self._rows_of_change(group), -1.0))]

    def _rows_of_change(self, group: RowGroup) -> dict[str, Any]:
        """The rows that give way if a reader changes what the group stands for.

        Money that is added to a fund is added to every set of funds that holds it.
        """
        if group.rule != "funds_cover" or not group.key:
            return self.rows[group]
        raised = fund_to_raise(self.case, group.key)
        sets = [g for g in self.rows if g.rule == group.rule and raised in g.key]
        return {name: row for g in sets for name, row in self.rows[g].items()}

    def _whole(self, values: Values, x: Any) -> float:
        """A variable's value, rounded where it counts something."""
        return round(values[x.name]) if x.name in self.counts else values[x.name]

    def _excess(self, group: RowGroup, kept: set[RowGroup], values: Values) -> float:
        """How far the group gives way at these values, each rounded to a whole number."""
        if group.rule == "class_mix":
            return max(self._people_beyond(row, values) for row in self.rows[group].values())
        dropped = set(self._dropped(kept | {group}))
        excess: list[float] = []
        for name, row in self._rows_of_change(group).items():
            if name not in dropped:
                over = sum(n * self._whole(values, x) for x, n in row.items()) + row.constant
                excess.append(max(-sign * over for sign in SLACK_SIGNS[row.sense]))
        if group == GENERAL_FLOOR:
            sizes = [factor for slack in self.slacks[group] for factor in slack.rows.values()]
            return max(n / size for n, size in zip(excess, sizes, strict=True))
        if group.rule == "funds_cover":
            return max(excess)
        return sum(max(0.0, n) for n in excess)

    def _people_beyond(self, row: Any, values: Values) -> float:
        """People of one cluster beyond each_min or each_max, in the fullest or emptiest class."""
        counts = {x.name: round(values[x.name]) for x, _n in row.items()}
        classes = sum(counts[x.name] for x, n in row.items() if n != 1)
        over = sum(n * counts[x.name] for x, n in row.items())
        beyond = max(-sign * over for sign in SLACK_SIGNS[row.sense])
        return ceil(beyond / classes - ROUNDING) if classes and beyond > 0 else 0.0
