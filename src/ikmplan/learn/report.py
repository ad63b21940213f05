"""A plan beside its forms: what it promised and reached, and what that changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import sqrt
from typing import Any, NamedTuple

from ikmplan.input.case import Case
from ikmplan.input.evidence import SCORE_OF_TENTH
from ikmplan.learn.answers import Forms
from ikmplan.model.conflicts import NoPlan
from ikmplan.model.search import solve
from ikmplan.plan.plan import Plan, total
from ikmplan.report.names import place
from ikmplan.show.table import (
    Signed,
    View,
    column_difference,
    one_decimal,
    percent_one_decimal,
    table,
)
from ikmplan.tableset import grouped
from ikmplan.text import _, number


class Kept(NamedTuple):
    """What was promised and what was found of one course, machine or cluster."""

    name: str
    followed: int
    promised: float  # used, or units reached
    variance: float  # of luck alone, had the promised chances been right
    reached: int

    @property
    def is_off(self) -> bool:
        """Whether luck alone would rarely make so large a difference."""
        return abs(self.reached - self.promised) > SCORE_OF_TENTH * sqrt(max(self.variance, 1e-9))


def promise_in_short(forms: Forms) -> str:
    """The promise of the plan, and what was found of the units that were followed up wholly."""
    units = _whole_units(forms)
    return _(
        "Promised {promised} units of {all} invited. Followed up {followed}: of these {expected} "
        "were promised, and {reached} were reached.",
        promised=number(forms.promised),
        all=number(len(forms.units)),
        followed=number(len(units)),
        expected=one_decimal(sum(chance for _c, chance, _yes in units)),
        reached=number(sum(yes for _c, _chance, yes in units)),
    )


def attendance_in_short(forms: Forms) -> str:
    """How many of those whose attendance was noted came; "" where none was."""
    if not forms.came:
        return ""
    return _(
        "Came: {n} of {all} whose attendance was noted.",
        n=number(sum(answer.yes for answer in forms.came.values())),
        all=number(len(forms.came)),
    )


def _whole_units(forms: Forms) -> list[tuple[str, float, bool]]:
    """Cluster, promised chance and whether reached, of units all of whose items were checked."""
    answers = grouped(((unit.cluster, unit.number), a.yes) for unit, _i, a in forms.followed())
    return [
        (at[0], forms.units[at].chance, any(yes))
        for at, yes in answers.items()
        if len(yes) == len(forms.units[at].items)
    ]


def promises_by_item(forms: Forms, case: Case) -> View:
    """Each course and machine: where it was followed up, what was promised and found."""
    rows = ((item, unit.alone[item], answer.yes) for unit, item, answer in forms.followed())
    return _table(
        _("Promised and found: courses and machines"), _("Course or machine"), rows, case.name
    )


def promises_by_cluster(forms: Forms, case: Case) -> View:
    """Each cluster: its units of which everything was checked."""
    rows = _whole_units(forms)
    return _table(_("Promised and reached: clusters"), _("Cluster"), rows, case.name)


def _table(
    caption: str,
    heading: str,
    answers: Iterable[tuple[str, float, bool]],
    name: Callable[[str], str],
) -> View:
    found = grouped((key, (chance, yes)) for key, chance, yes in answers)
    rows = [
        Kept(
            name(key),
            len(of),
            sum(chance for chance, _yes in of),
            sum(chance * (1 - chance) for chance, _yes in of),
            sum(yes for _chance, yes in of),
        )
        for key, of in found.items()
    ]
    rows.sort(key=lambda row: -abs(row.reached - row.promised))
    return table(
        caption,
        rows,
        (heading, "name"),
        (_("Followed up"), "followed", number),
        (_("Promised"), "promised", one_decimal),
        (_("Reached"), "reached", number),
        (
            _("Difference"),
            lambda row: column_difference(row.reached, row.promised),
            Signed(one_decimal),
        ),
        (_("More than luck?"), lambda row: _("yes") if row.is_off else _("no")),
    )


def chances_before_and_after(before: Case, after: Case) -> View:
    """Each chance that the follow-up changed."""
    keys = [(i, s) for i, s in after.learned if s is not None]
    changed = [(i, s, _chance(before, i, s), _chance(after, i, s)) for i, s in keys]
    rows = [row for row in changed if row[2] is not None and abs(row[2] - row[3]) > 1e-9]
    return table(
        _("Chances before and after"),
        rows,
        (_("Course or machine"), lambda row: before.name(row[0])),
        (_("Sector"), lambda row: row[1]),
        (_("Before"), lambda row: row[2], percent_one_decimal),
        (_("After"), lambda row: row[3], percent_one_decimal),
        empty=_("No chance changed."),
    )


def _chance(case: Case, item: str, sector: str) -> Any:
    clusters = (c for c, row in case.clusters.items() if row.sector == sector)
    return next((case.chance_of(c, (item,)) for c in clusters), None)


class Replanned(NamedTuple):
    """The plan made again with and without the results; None where there is none."""

    before: Plan | None
    after: Plan | None


def replanned(before: Case, after: Case) -> Replanned:
    """The plans of the case without and with what was learned."""
    return Replanned(_solved(before), _solved(after))


def _solved(case: Case) -> Plan | None:
    try:
        return solve(case)
    except NoPlan:
        return None


def change_in_short(after: Case, plans: Replanned) -> str:
    """What the plan promises with the chances of before and of after."""
    if plans.before is None or plans.after is None:
        return _("With the new chances there is no plan within the rules of the scenario.")
    kept = sum(
        n * after.chance_of(c, items) for c, items, n in plans.before.packages if after.is_ikm(c)
    )
    return _(
        "Before the follow-up the plan promised {before} units; with the new chances the same "
        "plan promises {kept}, and the best one {after}.",
        before=one_decimal(plans.before.reached),
        kept=one_decimal(kept),
        after=one_decimal(plans.after.reached),
    )


def decisions_changed(case: Case, plans: Replanned) -> View:
    """The classes and machines of which the new plan has more or fewer."""
    counts = [
        total(((item, host), n) for _kind, item, host, n in (plan.held if plan else ()))
        for plan in plans
    ]
    keys = [
        key for key in dict.fromkeys([*counts[0], *counts[1]]) if counts[0][key] != counts[1][key]
    ]
    return table(
        _("Decisions that change"),
        keys,
        (_("Course or machine"), lambda key: case.name(key[0])),
        (_("At"), lambda key: place(case, key[1])),
        (_("Before"), lambda key: counts[0][key], number),
        (_("After"), lambda key: counts[1][key], number),
        empty=_("No decision changes."),
    )
