"""Other plans and the cheapest ones as tables and sentences, and every table for a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ikmplan.alternatives.cheapest import CostRung, further_units
from ikmplan.alternatives.found import MORE, Alternatives
from ikmplan.alternatives.money_elsewhere import elsewhere_share, money_by_place
from ikmplan.alternatives.similar_plans import (
    ENDED_BY_USER,
    FOUND_ALL,
    NODES_OVER,
    NONE_LEFT,
    TIME_OVER,
    SimilarPlans,
)
from ikmplan.alternatives.way_tables import nested_table, way_table
from ikmplan.input.case import Case
from ikmplan.input.cells import CITY
from ikmplan.plan.plan import Plan
from ikmplan.report.names import place
from ikmplan.show.table import (
    Prose,
    View,
    one_decimal,
    percent_one_decimal,
    rupiah_text,
    short_rupiah,
    table,
)
from ikmplan.text import N_, _, gap_percent, listing, number, percent, share_text

MOST_PLACES = 2  # places that a sentence names
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
    if n:
        yield _(
            "{n} other plans lose at most {within}, with at least {share} of the money elsewhere "
            "than in this plan and in each other.",
            n=number(n),
            **asked,
        )
    else:
        yield _(
            "No other plan was found that loses at most {within}, with at least {share} of the "
            "money elsewhere than in this plan.",
            **asked,
        )
    if found.outcome == FOUND_ALL:
        yield _("There may be more.")
    elif found.outcome == NONE_LEFT:
        yield (
            _("It is proven that there is no further one.")
            if n
            else _("It is proven that there is none.")
        )
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
    """What every one of the plans has at the same place; nothing of the plan alone."""
    shared = found.shared.items() if found.others else ()
    rows = sorted(shared, key=lambda pair: (-pair[1], pair[0]))
    return table(
        _("What all these plans share"),
        rows,
        (_("Course or machine"), lambda row: case.name(row[0][0])),
        (_("For"), lambda row: place(case, row[0][1])),
        (_("In every plan at least"), lambda row: row[1], number),
        empty=_("Nothing stands in every plan.")
        if found.others
        else _("There is no other plan to share anything with."),
    )


# --- the cheapest and the nearest plan -----------------------------------------------------


def cost_table(rungs: tuple[CostRung, ...], case: Case) -> View:
    """The ladder turned round: the cheapest plan for parts of what is asked; and where a search
    found none, or its time limit ended it, how each of them ended."""

    def ended(row: tuple[CostRung, float | None]) -> str:
        if row[0].timed_out:
            return _("ended by its time limit")
        if row[0].bound is None:
            return _("no plan reaches so much")
        return _("ended by itself") if row[0].plan else _("ended without a plan")

    shown = any(rung.timed_out or rung.plan is None for rung in rungs)
    search = [(_("Search"), ended)] if shown else []
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


def saved_plans(names: Sequence[str]) -> Prose:
    """How many plans `save_plans` wrote, and what they are called."""
    text = _("{n} plans are written, each with its scenario file: {names}.",
             n=number(len(names)), names=listing([*names]))  # fmt: skip
    return Prose(text)


def alternatives_tables(found: Alternatives, case: Case) -> list[View]:
    """Every table of the alternatives, for a workbook."""
    views = [way_table(one, case, name) for name, one in found.every_way.items()]
    if found.nested is not None:
        views.append(nested_table(found.ways[MORE], found.nested, case))
    if found.similar is not None:
        views += [similar_table(found.similar, case), shared_table(found.similar, case)]
    return [*views, cost_table(found.rungs, case)] if found.rungs else views
