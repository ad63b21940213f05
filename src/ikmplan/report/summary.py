"""The plan in short, for readers: what it reaches, for how much, what limits it, how sure it is."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from ikmplan.input.case import Case
from ikmplan.plan.plan import Plan, worst_off_cluster
from ikmplan.report.certificate import proven
from ikmplan.report.key_figures import (
    KEY_FIGURES,
    KeyFigure,
    at_floor,
    seats,
    share_reached,
    units_counted,
    units_text,
)
from ikmplan.report.limits import binding_limit_names
from ikmplan.show.table import Of, Points, Prose, Signed, Tile, Tiles, View, short_rupiah, table
from ikmplan.tableset import TableSet
from ikmplan.text import _, listing, number, percent


def about(case: Case) -> Prose:
    """For which region, year and office the case is, as far as its tables say."""
    known = [case.office[key] for key in ("office", "region", "year") if key in case.office]
    scenario = case.scenario
    if scenario.name != type(scenario).model_fields["name"].default:
        known.append(_("scenario “{name}”", name=scenario.name))
    return Prose(" · ".join(known))


def plan_headline(
    plan: Plan,
    case: Case,
    programme: Plan | None = None,
    insight: TableSet | None = None,
    *,
    running: bool = False,
) -> Prose:
    """One paragraph to read aloud: what the plan reaches, for how much, and what limits it.

    With `running`, the search goes on, and is not said to have been stopped.
    """
    message = [
        _(
            "The plan is expected to reach {reached} of {all} IKM units ({share}) for {cost}.",
            reached=units_text(plan.reached),
            all=number(units_counted(case)),
            share=percent(share_reached(plan, case) or 0.0),
            cost=short_rupiah(plan.cost),
        ),
        *_beside(programme, insight),
        _fairness(plan, case),
        _limiting(plan, case),
        proven(plan, case, running),
    ]
    return Prose(" ".join(part for part in message if part))


def _beside(programme: Plan | None, insight: TableSet | None) -> Iterator[str]:
    """The announced programme, and what the plan would reach with no more money than it."""
    if programme is None:
        return
    yield _(
        "The announced programme is expected to reach {reached} units for {cost}.",
        reached=units_text(programme.reached),
        cost=short_rupiah(programme.cost),
    )
    rows = insight.tables["baselines"] if insight else pd.DataFrame({"name": []})
    same = rows[rows["name"] == "same_money"]
    if len(same):
        yield _(
            "A plan with no more money than that is expected to reach {reached}.",
            reached=units_text(float(same["reached"].iloc[0])),
        )


def _fairness(plan: Plan, case: Case) -> str:
    lowest, worst = at_floor(plan), worst_off_cluster(plan, case)
    if len(lowest) > 1:
        return _("In {n} clusters no more than the floor is reached.", n=number(len(lowest)))
    if worst is None:
        return ""
    return _(
        "The worst-off cluster is {cluster}: {share} of its units are expected to be reached.",
        cluster=case.name(worst[0]),
        share=percent(worst[1]),
    )


def _limiting(plan: Plan, case: Case) -> str:
    names = binding_limit_names(plan, case)
    if not names:
        return _("Neither the money nor the days of any trainer or hall are used up.")
    if len(names) > 3:
        return _("What limits it first: {limits}.", limits=listing(names[:2]))
    return _("What limits it: {limits}.", limits=listing(names))


def notes(plan: Plan, case: Case, programme: Plan | None = None) -> Points:
    """What a reader should know before repeating the paragraph."""
    message = []
    lowest = at_floor(plan)
    if len(lowest) > 1:
        names = listing([case.name(c) for c in lowest])
        message.append(_("No more than their floor is reached in {clusters}.", clusters=names))
    if programme is not None:
        fewer = [case.name(c) for c in clusters_losing(plan, programme)]
        if fewer:
            message.append(
                _("The plan reaches fewer than announced in {clusters}.", clusters=listing(fewer))
            )
    others = int(plan.coverage.loc[~plan.coverage["counts"], "coached"].sum())
    if others:
        message.append(
            _(
                "It also trains {n} people who are not IKM yet; they are not counted.",
                n=number(others),
            )
        )
    held = sum(case.fund_amount.values())
    amounts = {"budget": short_rupiah(case.budget), "held": short_rupiah(held)}
    if case.budget > held:
        message.append(
            _(
                "The budget of {budget} is more than the funds hold: {held} is all that can be "
                "spent.",
                **amounts,
            )
        )
    elif case.budget < held:
        message.append(
            _(
                "The funds hold {held}, more than the budget of {budget}; the rest is not touched.",
                **amounts,
            )
        )
    return Points(message)


def plan_tiles(plan: Plan, case: Case, programme: Plan | None = None) -> Tiles:
    """Six figures of the plan, each with that of the announced programme where there is one."""
    worst = worst_off_cluster(plan, case)
    notes_beside = {
        "reached": _(
            "{share} of {all}",
            share=percent(share_reached(plan, case) or 0.0),
            all=number(units_counted(case)),
        ),
        "coached": _("they get a seat or machine hours"),
        "worst": case.name(worst[0]) if worst else "",
        "classes": _("{n} seats", n=number(seats(plan))),
        "machines": _("at {n} places", n=number(plan.machines["host"].nunique())),
        "cost": _("of {budget}", budget=short_rupiah(case.budget)),
    }

    def tile(name: str, note: str) -> Tile:
        figure = KEY_FIGURES[name]
        beside = [note] if note else []
        if programme is not None:
            beside.append(_("Announced: {value}", value=figure.text(programme, case)))
        return Tile(figure.label, figure.text(plan, case), tuple(beside))

    return Tiles(tile(name, note) for name, note in notes_beside.items())


def clusters_losing(plan: Plan, programme: Plan) -> list[str]:
    """IKM clusters of which the plan is expected to reach fewer units than the programme."""
    before = programme.coverage.set_index("cluster")["reached"]
    rows = plan.coverage[plan.coverage["counts"]]
    return [
        str(c)
        for c, reached in zip(rows["cluster"], rows["reached"], strict=True)
        if reached < before[c] - 1e-6
    ]


def summary(plan: Plan, case: Case, programme: Plan | None = None) -> View:
    """The plan in figures, beside the announced programme where there is one."""

    def column(heading: str, p: Plan) -> Of:
        return Of(heading, lambda figure: figure.value(p, case), show_of=lambda figure: figure.show)

    columns = [Of(_("Figure"), "label"), column(_("Plan"), plan)]
    if programme is None:
        return table(_("The plan in figures"), KEY_FIGURES.values(), *columns)

    def change(figure: KeyFigure) -> float | None:
        mine, theirs = figure.value(plan, case), figure.value(programme, case)
        return None if mine is None or theirs is None else mine - theirs

    return table(
        _("The plan beside the announced programme"),
        KEY_FIGURES.values(),
        *columns,
        column(_("Announced"), programme),
        Of(_("Difference"), change, show_of=lambda figure: Signed(figure.show)),
    )
