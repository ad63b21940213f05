"""The way from a given plan as tables and sentences: each step by name, and what keeping costs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import inf
from typing import NamedTuple

from ikmplan.alternatives.changes import (
    Change,
    change_text,
    changes_between,
    effects,
    effects_text,
    named_first,
)
from ikmplan.alternatives.found import MORE, NESTED, OWN, Alternatives
from ikmplan.alternatives.way import Step, Way, own_money
from ikmplan.input.case import Case
from ikmplan.model.distance import change_count, counts_of
from ikmplan.model.rules import RULES
from ikmplan.plan.breaches import Breach
from ikmplan.plan.plan import VALUE_TOLERANCE, Plan
from ikmplan.report.names import ruling
from ikmplan.show.table import Of, Prose, Signed, View, one_decimal, short_rupiah, table
from ikmplan.text import N_, SLIGHT_GAP, _, gap_percent, listing, number, percent, shown_difference

WAY_CAPTIONS = {
    OWN: N_("The way with the money of the given plan"),
    MORE: N_("The way with all the money there is"),
    NESTED: N_("The way on which every step is kept"),
}
NO_STEP = N_("No step has been found yet.")
NAMED_SHARES = (1, 3, 5, 10, 20)  # further changes whose part of the gain a sentence states
PRICED_GAIN = 1.0  # units: a step that gains less has no price for each unit more


class WayRow(NamedTuple):
    """A step of a way beside the one before it; the first beside the given plan."""

    step: Step
    before: Plan
    changes: list[Change]
    first: bool

    @property
    def gain(self) -> float:
        """Units more than before, as the units shown differ."""
        return shown_difference(self.step.plan.reached, self.before.reached)

    @property
    def money(self) -> int:
        """Rupiah more than before."""
        return self.step.plan.cost - self.before.cost


def way_rows(one: Way) -> Iterator[WayRow]:
    """The steps that change something; the first stands there whatever it changes."""
    plans = [one.given, *(step.plan for step in one.steps)]
    for n, ((before, after), step) in enumerate(zip(pairwise(plans), one.steps, strict=True)):
        changes = changes_between(counts_of(before), counts_of(after))
        if n == 0 or changes:
            yield WayRow(step, before, changes, n == 0)


def way_table(one: Way, case: Case, name: str = MORE) -> View:
    """The steps of a way by name: what changes, who gains, who loses, rupiah and why."""
    rows = list(way_rows(one))
    return table(
        _(WAY_CAPTIONS[name]),
        rows,
        (_("Changes"), lambda row: row.step.most, number),
        (_("What changes in this step"), lambda row: changes_text(case, row)),
        (_("Reached"), lambda row: row.step.plan.reached, one_decimal),
        (_("More than before"), lambda row: row.gain, Signed(one_decimal)),
        (_("Gains"), lambda row: effects_text(case, effects(row.before, row.step.plan), 1) or None),
        (
            _("Loses"),
            lambda row: effects_text(case, effects(row.before, row.step.plan), -1) or None,
        ),
        (_("Cost of the step"), lambda row: row.money, Signed(short_rupiah)),
        (_("Cost"), lambda row: row.step.plan.cost, short_rupiah),
        (_("Why it comes now"), lambda row: _why_with_rules(one, case, row)),
        Of(_("Proven to"), lambda row: row.step.gap, gap_percent),
        empty=_(NO_STEP),
    )


def changes_text(case: Case, row: WayRow) -> str:
    """All changes of a step, by name."""
    texts = [change_text(case, change) for change in row.changes]
    if row.first and not texts:
        if case.value_is_units or case.scenario.is_cheapest:
            return _("The given classes and machines, seats given to whom they help most")
        return _("The given classes and machines, seats given as is worth most to the scenario")
    return "; ".join(texts)


def why_now(one: Way, case: Case, row: WayRow) -> str:
    """In one sentence: why this step stands here."""
    if row.first:
        return _why_first(one)
    added = any(change.source is None for change in row.changes)
    gone = any(change.target is None for change in row.changes)
    moved = any(change.source and change.target for change in row.changes)
    saved = case.scenario.is_cheapest
    if row.gain < 0 and not saved:
        return _("Fewer units, but worth more by the weights, equity or caution of the scenario.")
    more = short_rupiah(max(0, -row.money)) if saved else one_decimal(max(0.0, row.gain))
    if gone and (added or moved):
        if saved:
            return _("What is given up makes room; together this saves {money}.", money=more)
        return _("What is given up makes room; together this brings {n} more.", n=more)
    if gone and saved:
        return _("What is asked is reached without it; this saves {money}.", money=more)
    if gone:
        return _("Its money brings more at other seats: {n} more.", n=more)
    if moved and not added and not saved:
        return _("The same class or machine does more there: {n} more.", n=more)
    asked = {"k": number(row.step.most), "gap": gap_percent(row.step.gap)}
    if row.step.gap <= SLIGHT_GAP:
        text = N_("The best next step") if one.nested else N_("The best there is with {k} changes")
    elif one.nested:
        text = N_("The best next step, to within {gap}")
    else:
        text = N_("The best with {k} changes, to within {gap}")
    text = _(text, **asked)
    if row.gain < PRICED_GAIN or row.money <= 0:
        return f"{text}."
    each = row.money / (row.step.plan.reached - row.before.reached)  # not of what is shown
    return _("{text}; {money} for each unit more.", text=text, money=short_rupiah(each))


def _why_with_rules(one: Way, case: Case, row: WayRow) -> str:
    texts = [why_now(one, case, row), broken_rules(one) if row.first else ""]
    return " ".join(filter(None, texts))


def _why_first(one: Way) -> str:
    if one.repaired:
        if one.fewest.proven:
            return _("It mends what the given plan breaks; no fewer changes do.")
        return _("It mends what the given plan breaks; that no fewer changes do is not proven.")
    if one.breaches:
        return _("Other seats and quarters alone mend what the given plan breaks.")
    return _("The start: nothing has to be mended.")


def broken_rules(one: Way) -> str:
    """Which rules the given plan breaks, each with what breaks it; "" where it breaks none."""
    found: dict[str, list[str]] = {}
    for breach in one.breaches:
        found.setdefault(breach.rule, []).extend(_names_of(breach, one.case))
    rules = []
    for rule in RULES:
        if rule.name in found:
            names = named_first([*dict.fromkeys(found[rule.name])], N_("{n} others"), between="; ")
            sentence = _(rule.sentence)
            rules.append(f"{sentence.rstrip('.')} ({names})." if names else sentence)
    if not rules:
        return ""
    return _("The given plan breaks what must be kept: {rules}", rules=" ".join(rules))


def _names_of(breach: Breach, case: Case) -> list[str]:
    """What a breach is about: a lock, an exclusion or a limit, or the last of its keys that has a
    name."""
    if breach.ruling:
        return [ruling(case, breach.ruling)]
    known = {key for rows in case.tables.by_key.values() for key in rows}
    return [case.name(key) for key in [key for key in breach.at if key in known][-1:]]


# --- how far a few changes lead --------------------------------------------------------------


def way_length(one: Way) -> int:
    """How many changes lead to the best plan, or one worth as much."""
    there = [step.most for step in one.steps if _as_good(step, one)]
    return there[0] if there else change_count(counts_of(one.given), counts_of(one.best))


def reaches_best(one: Way) -> bool:
    """Whether the way leads as far as the best plan, or one worth as much."""
    return any(_as_good(step, one) for step in one.steps)


def _as_good(step: Step, one: Way) -> bool:
    return step.value >= one.best.proof.value - VALUE_TOLERANCE


def gained_share(one: Way, case: Case, step: Step) -> float | None:
    """The part of all that can be gained, or saved where the goal is the least cost, that a step
    brings [0..1]: beyond the given plan, or beyond the first step where that mends it. None
    where nothing can be."""
    start = one.steps[0].plan if one.repaired else one.given
    plans = (start, step.plan, one.best)
    first, now, last = (-p.cost if case.scenario.is_cheapest else p.reached for p in plans)
    return (now - first) / (last - first) if last > first else None


def way_summary(one: Way, case: Case, length: int | None = None) -> Prose:
    """Which plan the way begins with, what that breaks, and how far a few changes lead; `length`
    is how many lead to the best plan, where another way needs fewer."""
    length = way_length(one) if length is None else length
    return Prose(" ".join(_summary_sentences(one, case, length)))


def _summary_sentences(one: Way, case: Case, length: int) -> Iterator[str]:
    counts = counts_of(one.given)
    announced = {at: n for at, n in case.announced_at.items() if n and at[0] not in case.openings}
    if not counts:
        yield _("The way begins without any class or machine.")
    elif {at: n for at, n in counts.items() if at[0] not in case.openings} == announced:
        yield _("The way begins with the announced programme.")
    if rules := broken_rules(one):
        yield rules
    ends = {"n": number(length), "start": one_decimal(one.given.reached)}
    ends["best"] = one_decimal(one.best.reached)
    if case.scenario.is_cheapest:
        ends |= {"start": short_rupiah(one.given.cost), "best": short_rupiah(one.best.cost)}
        message = N_("{n} changes lead from the given plan for {start} to the cheapest for {best}.")
    else:
        message = N_("{n} changes lead from the given plan with {start} units to the best with "
                     "{best}.")  # fmt: skip
    yield _(message, **ends)
    parts = [*_share_parts(one, case)]
    if not parts:
        return
    if one.repaired:
        message = N_("Of all that can be gained beyond the {k} changes that mend it, further "
                     "changes bring: {parts}.")  # fmt: skip
        if case.scenario.is_cheapest:
            message = N_("Of all that can be saved beyond the {k} changes that mend it, further "
                         "changes bring: {parts}.")  # fmt: skip
        yield _(message, k=number(one.fewest.changes), parts=listing(parts))
    elif case.scenario.is_cheapest:
        yield _("Of all that can be saved, so many changes bring: {parts}.", parts=listing(parts))
    else:
        yield _("Of all that can be gained, so many changes bring: {parts}.", parts=listing(parts))


def _share_parts(one: Way, case: Case) -> Iterator[str]:
    """Of a few steps, and of the last that changes something: the part of the gain."""
    rows = [*way_rows(one)][1:]
    if not rows:
        return
    first, last = one.fewest.changes, rows[-1].step.most
    for step in one.steps:
        further = step.most - first
        if step.most == last or (further in NAMED_SHARES and step.most < last):
            share = gained_share(one, case, step)
            if share is not None:
                yield _("{share} with {k}", share=percent(max(0.0, share)), k=number(further))


# --- the money of the given plan, and every step kept ----------------------------------------


class KeptRow(NamedTuple):
    """With so many changes: units that are reached, or rupiah where the goal is the least cost."""

    changes: int
    free: float  # each step free to take back an earlier one
    kept: float
    lost: float  # units fewer, or rupiah more, as the numbers shown differ; 0 where within the gap


def kept_rows(free: Way, nested: Way, case: Case) -> Iterator[KeptRow]:
    """What every step reaches, or costs, on both ways, as far as both are known; nothing where
    that is the first step alone, which both ways have in common."""
    saved = case.scenario.is_cheapest
    known = _both_known(free, nested)
    if not (free.steps and nested.steps and known > max(free.steps[0].most, nested.steps[0].most)):
        return
    end = min(known, _last_change(free, nested))
    ways = [{step.most: step for step in one.steps} for one in (free, nested)]
    now: list[Step | None] = [None, None]
    for k in sorted({k for steps in ways for k in steps if k <= end}):
        now = [steps.get(k, before) for steps, before in zip(ways, now, strict=True)]
        if now[0] is None or now[1] is None:
            continue
        first, second = now[0].plan, now[1].plan
        if saved:
            yield KeptRow(k, first.cost, second.cost, max(0, second.cost - first.cost))
        else:
            lost = shown_difference(first.reached, second.reached)
            yield KeptRow(k, first.reached, second.reached, max(0.0, lost))


def _both_known(free: Way, nested: Way) -> float:
    """The most changes for which both ways are known: beyond its last step only one is that leads
    to the best plan."""
    ways = [one for one in (free, nested) if not reaches_best(one)]
    return min((one.steps[-1].most if one.steps else -1 for one in ways), default=inf)


def _last_change(*ways: Way) -> int:
    """The changes of the last step that changes something on one of the ways."""
    return max(row.step.most for one in ways for row in way_rows(one))


def nested_table(free: Way, nested: Way, case: Case) -> View:
    """What it costs that every step keeps the steps before it."""
    headings = N_("Reached, every step free"), N_("Reached, every step kept"), N_("Lost")
    show = one_decimal
    if case.scenario.is_cheapest:
        headings = N_("Cost, every step free"), N_("Cost, every step kept"), N_("More")
        show = short_rupiah
    return table(
        _("What it costs to take nothing back"),
        list(kept_rows(free, nested, case)),
        (_("Changes"), lambda row: row.changes, number),
        (_(headings[0]), lambda row: row.free, show),
        (_(headings[1]), lambda row: row.kept, show),
        (_(headings[2]), lambda row: row.lost, show),
        empty=_("Not worked out in this run."),
    )


def nested_text(free: Way, nested: Way, case: Case) -> str:
    """The most that it costs to keep every step, and how far that was compared, if not all the
    way."""
    rows = [*kept_rows(free, nested, case)]
    if not rows:
        return _("Every step keeps the steps before it. What it costs is not worked out.")
    known, text = _both_known(free, nested), _most_lost(rows, case)
    if known < _last_change(free, nested):
        text += " " + _("Compared up to {k} changes.", k=number(known))
    return text


def _most_lost(rows: list[KeptRow], case: Case) -> str:
    most = max(rows, key=lambda row: row.lost)
    if most.lost <= 0:
        return _("Every step keeps the steps before it; that costs nothing.")
    shown = short_rupiah(most.lost) if case.scenario.is_cheapest else one_decimal(most.lost)
    message = N_("Every step keeps the steps before it; that costs {n} units at most, with {k} "
                 "changes.")  # fmt: skip
    if case.scenario.is_cheapest:
        message = N_("Every step keeps the steps before it; that costs {n} more at most, with {k} "
                     "changes.")  # fmt: skip
    return _(message, n=shown, k=number(most.changes))


def own_way(found: Alternatives, case: Case) -> View | Prose:
    """The way with the money of the given plan, or why there is none."""
    if OWN in found.ways:
        return way_table(found.ways[OWN], case, OWN)
    return Prose(no_own_way(found.ways[MORE].given, case))


def no_own_way(given: Plan, case: Case) -> str:
    """Why there is no way with the money of the given plan."""
    own = own_money(given, case).budget
    if own < case.budget:
        return _("No plan keeps what is asked with the money of the given plan alone, {money}.",
                 money=short_rupiah(own))  # fmt: skip
    return _("The given plan costs no less than there is: its money is all the money.")


def nested_way(found: Alternatives, case: Case) -> View | Prose:
    """What it costs to keep every step, where that was asked for."""
    if found.nested is None:
        return Prose(_("Not worked out in this run."))
    return nested_table(found.ways[MORE], found.nested, case)
