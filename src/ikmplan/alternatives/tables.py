"""What else could be done, as tables and sentences for readers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from ikmplan.alternatives.changes import (
    Change,
    change_text,
    changes_between,
    effects,
    effects_text,
)
from ikmplan.alternatives.cheapest import CostRung, further_units
from ikmplan.alternatives.found import MORE, NESTED, OWN, Alternatives
from ikmplan.alternatives.money_elsewhere import elsewhere_share, money_by_place
from ikmplan.alternatives.similar_plans import (
    ENDED_BY_USER,
    FOUND_ALL,
    NODES_OVER,
    NONE_LEFT,
    TIME_OVER,
    SimilarPlans,
)
from ikmplan.alternatives.way import Step, Way
from ikmplan.input.case import Case
from ikmplan.input.cells import CITY
from ikmplan.model.distance import change_count, counts_of
from ikmplan.model.rules import RULES
from ikmplan.plan.audit import find_breaches
from ikmplan.plan.plan import Plan
from ikmplan.report.names import place
from ikmplan.show.table import (
    Of,
    Prose,
    Signed,
    View,
    one_decimal,
    percent_one_decimal,
    rupiah_text,
    short_rupiah,
    table,
)
from ikmplan.text import N_, _, gap_percent, listing, number, percent

MOST_PLACES = 2  # places that a sentence names
WAY_CAPTIONS = {
    OWN: N_("The way with the money of the given plan"),
    MORE: N_("The way with all the money there is"),
    NESTED: N_("The way on which every step is kept"),
}
NO_OWN_WAY = N_(
    "No plan keeps what is asked with the money of the given plan alone, or that is all the money "
    "there is."
)
WHY_NO_MORE = {
    NODES_OVER: N_(
        "No further one was found in {nodes} nodes of the search; whether there is one is not "
        "proven."
    ),
    TIME_OVER: N_(
        "No further one was found before the time limit of the search; whether there is one is not "
        "proven."
    ),
    ENDED_BY_USER: N_("The search was stopped; whether there is a further one is not known."),
}
NO_STEP = N_("The given plan is the best one: there is no step.")


class WayRow(NamedTuple):
    """A step of a way beside the one before it; the first beside the given plan."""

    step: Step
    before: Plan
    changes: list[Change]
    first: bool

    @property
    def gain(self) -> float:
        return self.step.plan.reached - self.before.reached


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
        (_("Cost"), lambda row: row.step.plan.cost, short_rupiah),
        (_("Why it comes now"), lambda row: why_now(one, case, row)),
        Of(_("Proven to"), lambda row: row.step.gap, gap_percent),
        empty=_(NO_STEP),
    )


def changes_text(case: Case, row: WayRow) -> str:
    texts = [change_text(case, change) for change in row.changes]
    if row.first and not texts:
        return _("The given classes and machines, seats given to whom they help most")
    return "; ".join(texts)


def why_now(one: Way, case: Case, row: WayRow) -> str:
    """In one sentence: why this step stands here."""
    if row.first and one.repaired:
        return _(
            "The given plan breaks what must be kept; no fewer changes mend it: {rules}",
            rules=" ".join(_broken(one.given, one.case)),
        )
    if row.first:
        return _("The start: nothing has to be mended.")
    added = any(change.source is None for change in row.changes)
    gone = any(change.target is None for change in row.changes)
    moved = any(change.source and change.target for change in row.changes)
    more = max(0.0, row.gain)
    if gone and (added or moved):
        return _("What is given up makes room; together this brings {n} more.", n=one_decimal(more))
    if moved and not added:
        return _("The same class or machine does more there: {n} more.", n=one_decimal(more))
    if gone:
        return _("What is given up does less than it costs.")
    return _("The best there is with {k} changes.", k=number(row.step.most))


def _broken(given: Plan, case: Case) -> list[str]:
    """The sentences of the rules that the given plan breaks."""
    names = {breach.split(":")[0] for breach in find_breaches(given, case)}
    return [_(rule.sentence) for rule in RULES if rule.name in names and rule.name != "worst_off"]


def way_summary(one: Way, case: Case) -> Prose:
    """How far a few changes lead, in two sentences."""
    start = one.given.reached
    whole = one.best.reached - start
    parts = [
        _("{share} with {k}", k=number(step.most), share=percent(share))
        for step in one.steps
        if step.most in (1, 3, 5, 10, 20)
        for share in [(step.plan.reached - start) / whole if whole > 0 else 0.0]
    ]
    text = _(
        "From the given plan with {start} units to the best with {best} there are {n} changes.",
        start=one_decimal(start),
        best=one_decimal(one.best.reached),
        n=number(change_count(counts_of(one.given), counts_of(one.best))),
    )
    if parts and whole > 0:
        text += " " + _(
            "Of all that can be gained, so many changes bring: {parts}.", parts=listing(parts)
        )
    return Prose(text)


def nested_table(free: Way, nested: Way, case: Case) -> View:
    """What it costs that every step keeps the steps before it."""
    there = {step.most: step for step in nested.steps}
    rows = [(step, there[step.most]) for step in free.steps if step.most in there]
    return table(
        _("What it costs to take nothing back"),
        rows,
        (_("Changes"), lambda row: row[0].most, number),
        (_("Reached, every step free"), lambda row: row[0].plan.reached, one_decimal),
        (_("Reached, every step kept"), lambda row: row[1].plan.reached, one_decimal),
        (_("Lost"), lambda row: max(0.0, row[0].value - row[1].value), one_decimal),
    )


def own_way(found: Alternatives, case: Case) -> View | Prose:
    """The way with the money of the given plan, or why there is none."""
    if OWN in found.ways:
        return way_table(found.ways[OWN], case, OWN)
    return Prose(_(NO_OWN_WAY))


def nested_way(found: Alternatives, case: Case) -> View | Prose:
    """What it costs to keep every step, where that was asked for."""
    if found.nested is None:
        return Prose(_("Not worked out in this run."))
    return nested_table(found.ways[MORE], found.nested, case)


# --- other plans as good -------------------------------------------------------------------


def similar_table(found: SimilarPlans, case: Case) -> View:
    """The plan and the others, each with one sentence of what is different."""
    plan = found.plan
    rows = [SimilarRow(0, plan, None, None), *similar_rows(found)]
    return table(
        _("Other plans nearly as good"),
        rows,
        (_("Plan"), lambda row: _("The plan") if not row.n else number(row.n), None),
        (_("Reached"), lambda row: row.plan.reached, one_decimal),
        (_("Cost"), lambda row: row.plan.cost, short_rupiah),
        (_("Money elsewhere"), lambda row: row.elsewhere, percent_one_decimal),
        (_("Elsewhere than all above"), lambda row: row.least, percent_one_decimal),
        (_("What is different"), lambda row: difference(plan, row.plan, case) if row.n else None),
    )


class SimilarRow(NamedTuple):
    """Another plan, and how much of the money it spends elsewhere [0..1]."""

    n: int
    plan: Plan
    elsewhere: float | None  # of the plan's money
    least: float | None  # of the money of the plan, or of one of those before it


def similar_rows(found: SimilarPlans) -> list[SimilarRow]:
    spent = money_by_place(found.plan)
    return [
        SimilarRow(n, other, elsewhere_share(spent, money_by_place(other)), least)
        for n, (other, least) in enumerate(zip(found.others, found.shares, strict=True), 1)
    ]


def difference(plan: Plan, other: Plan, case: Case) -> str:
    """In one sentence: where the other plan spends more, and where less."""
    before, after = _money_for(plan), _money_for(other)
    steps = {key: after.get(key, 0) - before.get(key, 0) for key in before | after}
    parts = []
    for sign, message in ((1, N_("more for {names}")), (-1, N_("less for {names}"))):
        sized = sorted(
            (key for key in steps if steps[key] * sign > 0), key=lambda key: -abs(steps[key])
        )
        names = [
            f"{case.name(key)} ({short_rupiah(abs(steps[key]))})" for key in sized[:MOST_PLACES]
        ]
        if names:
            parts.append(_(message, names=listing(names)))
    text = ", ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else _("Only seats are others.")


def share_text(share: float) -> str:
    """A share of a parameter, with a decimal where it needs one: 20%, 12.5%."""
    return percent(share, 0 if round(share * 1000) % 10 == 0 else 1)


def _money_for(plan: Plan) -> dict[str, int]:
    """Rupiah for each cluster; what the whole city shares under its course or machine."""
    found: dict[str, int] = {}
    for (item, host), n in money_by_place(plan).items():
        key = item if host == CITY else host
        found[key] = found.get(key, 0) + n
    return found


def similar_text(found: SimilarPlans, case: Case) -> Prose:
    """How many other plans there are, what is proven, and what is not known."""
    return Prose(" ".join(_similar_sentences(found)))


def _similar_sentences(found: SimilarPlans) -> Iterator[str]:
    asked = {"within": percent_one_decimal(found.within), "share": share_text(found.elsewhere)}
    n, nearer = found.as_far, len(found.others) - found.as_far
    yield _(
        "{n} other plans lose at most {within}, with at least {share} of the money elsewhere than "
        "in this plan and in each other.",
        n=number(n),
        **asked,
    )
    if found.outcome == FOUND_ALL:
        yield _("There may be more.")
    elif found.outcome == NONE_LEFT:
        yield _("It is proven that there is no further one.")
    else:
        yield _(WHY_NO_MORE[found.ended], nodes=number(found.nodes))
    if nearer:
        yield _(
            "{n} more plans are as good, with less of the money elsewhere: at least {least}.",
            n=number(nearer),
            least=percent_one_decimal(min(found.shares)),
        )
    if 0 < found.farthest < 1:
        yield _(
            "It is proven that no plan as good spends more than {most} of this plan's money "
            "elsewhere.",
            most=gap_percent(found.farthest, 1),
        )


def shared_table(found: SimilarPlans, case: Case) -> View:
    """What every one of the plans has at the same place."""
    rows = sorted(found.shared.items(), key=lambda pair: (-pair[1], pair[0]))
    return table(
        _("What all these plans share"),
        rows,
        (_("Course or machine"), lambda row: case.name(row[0][0])),
        (_("For"), lambda row: place(case, row[0][1])),
        (_("In every plan at least"), lambda row: row[1], number),
        empty=_("Nothing stands in every plan."),
    )


# --- the cheapest and the nearest plan -----------------------------------------------------


def cost_table(rungs: tuple[CostRung, ...], case: Case) -> View:
    """The ladder turned round: the cheapest plan for parts of what is asked, and which searches
    the time limit ended, where it did."""

    def ended(row: tuple[CostRung, float | None]) -> str:
        return _("ended by its time limit") if row[0].timed_out else _("ended by itself")

    search = [(_("Search"), ended)] if any(rung.timed_out for rung in rungs) else []
    return table(
        _("What it costs at least"),
        list(further_units(rungs)),
        (_("Share of what is asked"), lambda row: row[0].share, percent),
        (_("Units asked for"), lambda row: row[0].asked, one_decimal),
        (_("Reached"), lambda row: row[0].plan.reached if row[0].plan else None, one_decimal),
        (_("Cost"), lambda row: row[0].cost, rupiah_text),
        (_("No plan costs less than"), lambda row: row[0].bound or None, rupiah_text),
        (_("Each further unit costs"), lambda row: row[1], short_rupiah),
        *search,
    )


def alternatives_tables(found: Alternatives, case: Case) -> list[View]:
    """Every table of the alternatives, for a workbook."""
    views = [way_table(one, case, name) for name, one in found.ways.items()]
    if found.nested is not None:
        views.append(nested_table(found.ways[MORE], found.nested, case))
    if found.similar is not None:
        views += [similar_table(found.similar, case), shared_table(found.similar, case)]
    return [*views, cost_table(found.rungs, case)] if found.rungs else views
