"""The plan in short, for readers: what it reaches, for how much, what limits it, how sure it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ikmplan.input.case import Case
from ikmplan.model.distance import change_count, counts_of, kept_count
from ikmplan.plan.plan import Plan, new_entrepreneurs, worst_off_cluster
from ikmplan.report.certificate import proven
from ikmplan.report.counting import announced_counts
from ikmplan.report.estimates import estimates_in_short
from ikmplan.report.key_figures import (
    PER,
    KeyFigure,
    at_floor,
    candidates_counted,
    key_figures,
    seats,
    share_reached,
    units_counted,
    units_text,
)
from ikmplan.report.limits import binding_limit_names
from ikmplan.report.sureness import beyond_range, range_in_short, range_note
from ikmplan.show.table import (
    Of,
    Points,
    Prose,
    Signed,
    Tile,
    Tiles,
    View,
    column_difference,
    one_decimal,
    short_rupiah,
    table,
)
from ikmplan.tableset import TableSet
from ikmplan.text import N_, _, listing, number, percent

# what was announced itself; all other figures of the announced programme are this model's
ANNOUNCED_FIGURES = ("classes", "seats", "machines")
GAIN = 0.5  # units; a smaller difference is no gain and no loss


def about(case: Case) -> Prose:
    """For which region, year and office the case is, as far as its tables state it."""
    known = [case.office[key] for key in ("office", "region", "year") if key in case.office]
    scenario = case.scenario
    if scenario.title or scenario.name != type(scenario).model_fields["name"].default:
        known.append(_("scenario “{name}”", name=scenario.called))
    if scenario.title and scenario.name != scenario.title:
        known.append(scenario.name)
    if scenario.note:
        known.append(_("made because: {note}", note=scenario.note))
    return Prose(" · ".join(known))


def case_title(case: Case) -> str:
    """Region, year and scenario: by which a title names the plan."""
    place = " ".join(case.office[key] for key in ("region", "year") if key in case.office)
    return " – ".join(part for part in (place, case.scenario.called) if part)


def plan_headline(
    plan: Plan,
    case: Case,
    programme: Plan | None = None,
    insight: TableSet | None = None,
    nothing: Plan | None = None,
    uncertainty: TableSet | None = None,
) -> Prose:
    """One paragraph to read aloud: what the plan reaches for the announced programme's money and
    for its own, what limits it, how sure it is."""
    message = [
        *_same_money(case, programme, insight),
        _(
            "The plan is expected to reach {reached} of {all} IKM units ({share}) for {cost}.",
            reached=units_text(plan.reached),
            all=number(units_counted(case)),
            share=percent(share_reached(plan, case) or 0.0),
            cost=short_rupiah(plan.cost),
        ),
        _from_nothing(plan, nothing),  # "of these": of the IKM units of the sentence before
        _entrepreneurs(plan, case),
        range_in_short(uncertainty),
        beyond_range(plan.reached, uncertainty),
        _next_money(case, insight),
        _fairness(plan, case),
        _limiting(plan, case, insight),
        estimates_in_short(plan, case),
        proven(plan, case),
    ]
    return Prose(" ".join(part for part in message if part))


def _same_money(case: Case, programme: Plan | None, insight: TableSet | None) -> Iterator[str]:
    """What was announced, what this model makes of it, and of just its money."""
    counts = announced_counts(case)
    if programme is None or counts is None:
        return
    yield _(
        "Announced were {what}. This model expects them to reach {reached} units and to cost "
        "{cost}.",
        what=counts.text,
        reached=units_text(programme.reached),
        cost=short_rupiah(programme.cost),
    )
    for row in insight.tables["baselines"].to_dict("records") if insight is not None else ():
        if row["name"] == "same_money":
            yield _(
                "For the same money and with {demands}, a plan is expected to reach {reached}.",
                demands=demands_text(row["highest_floor"]),
                reached=units_text(row["reached"]),
            )


def demands_text(highest_floor: float) -> str:
    """Which demands a plan for other money keeps: all of them, or lower floors."""
    if highest_floor != highest_floor:
        return _("the same demands")
    return _(
        "the same demands but for floors of {share} at most, the highest found for this money",
        share=percent(highest_floor),
    )


def _entrepreneurs(plan: Plan, case: Case) -> str:
    """Counted apart, where they count."""
    if not case.counts_entrepreneurs:
        return ""
    return _(
        "Of {all} people who are not IKM yet, {n} are expected to become new entrepreneurs; they "
        "are counted apart.",
        all=number(candidates_counted(case)),
        n=units_text(new_entrepreneurs(plan, case)),
    )


def _from_nothing(plan: Plan, nothing: Plan | None) -> str:
    if nothing is None or not nothing.reached:
        return ""
    return _(
        "Of these, {nothing} need no money, as their machines are there already; the plan adds "
        "{more}.",
        nothing=units_text(nothing.reached),
        more=units_text(plan.reached - nothing.reached),
    )


def _next_money(case: Case, insight: TableSet | None) -> str:
    """What the next step of money brings, where it was worked out."""
    if insight is None:
        return ""
    steps: list[dict[Any, Any]] = insight.tables["steps"].to_dict("records")
    money = [row for row in steps if row["kind"] == "money" and row["step"] == PER]
    if not money or not case.value_is_units:
        return ""
    best = max(money, key=lambda row: row["more"])
    amount, n = short_rupiah(PER), one_decimal(best["more"])
    if len(case.funds) == 1 or best["key"] not in case.funds:
        return _("The next {amount} would bring {n} units more.", amount=amount, n=n)
    return _(
        "The next {amount} of {fund} would bring {n} units more.",
        amount=amount,
        fund=case.name(best["key"]),
        n=n,
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


NOTHING_USED_UP = N_("Neither the money nor the days of any trainer or hall are used up.")


def _limiting(plan: Plan, case: Case, insight: TableSet | None) -> str:
    names = binding_limit_names(plan, case, insight)
    if not names:
        return _(NOTHING_USED_UP)
    if len(names) == 1:
        return _("The main limit is {limit}.", limit=names[0])
    shown = names[:2] if len(names) > 3 else names
    return _("The main limits are {limits}.", limits=listing(shown))


def kept_text(plan: Plan, case: Case) -> str:
    """How much is kept of the plan that the scenario names: "kept: 28 of 33"."""
    near, there = case.scenario.near_counts, counts_of(plan)
    return _(
        "Kept: {n} of {all} decisions of the plan that is to be changed little; changes: {k}.",
        n=number(kept_count(near, there)),
        all=number(sum(near.values())),
        k=number(change_count(near, there)),
    )


def notes(plan: Plan, case: Case, programme: Plan | None = None) -> Points:
    """What a reader should know before repeating the paragraph."""
    message = [kept_text(plan, case)] if case.scenario.near else []
    lowest = at_floor(plan)
    if len(lowest) > 1:
        names = listing([case.name(c) for c in lowest])
        message.append(_("No more than their floor is reached in {clusters}.", clusters=names))
    if programme is not None:
        fewer = [case.name(c) for c in clusters_losing(plan, programme)]
        if fewer:
            text = N_(
                "The plan reaches at least half a unit fewer than the announced programme is "
                "expected to in {clusters}."
            )
            message.append(_(text, clusters=listing(fewer)))
    apart = ~plan.coverage["counts"] & ~plan.coverage["cluster"].isin(case.weights)
    others = int(plan.coverage.loc[apart, "coached"].sum())
    if others:
        text = N_("It also trains {n} people who are not IKM yet; they are not counted.")
        message.append(_(text, n=number(others)))
    held = sum(case.fund_amount.values())
    if case.budget != held:
        text = N_(
            "The funds hold {held}, more than the budget of {budget}; the rest is not touched."
        )
        if case.budget > held:
            text = N_(
                "The budget of {budget} is more than the funds hold: {held} is all that can be "
                "spent."
            )
        amounts = {"budget": short_rupiah(case.budget), "held": short_rupiah(held)}
        message.append(_(text, **amounts))
    return Points(message)


def plan_tiles(
    plan: Plan,
    case: Case,
    programme: Plan | None = None,
    nothing: Plan | None = None,
    uncertainty: TableSet | None = None,
) -> Tiles:
    """Six figures of the plan (and new entrepreneurs, where they count), each with that of doing
    nothing and of the announced programme where there is one: as announced, or as this model
    estimates it; beside the units reached, how many they are in 8 of 10 cases."""
    worst = worst_off_cluster(plan, case)
    notes_beside = {
        "reached": _(
            "{share} of {all}",
            share=percent(share_reached(plan, case) or 0.0),
            all=number(units_counted(case)),
        ),
        **_entrepreneurs_beside(case),
        "coached": _("they get a seat or machine hours"),
        "worst": case.name(worst[0]) if worst else "",
        "classes": _("{n} seats", n=number(seats(plan))),
        "machines": _("at {n} places", n=number(plan.machines["host"].nunique())),
        "cost": _("of {budget}", budget=short_rupiah(case.budget)),
    }

    figures = key_figures(case)

    def tile(name: str, note: str) -> Tile:
        figure = figures[name]
        others = []
        if nothing is not None:
            others.append((_("Nothing"), figure.text(nothing, case)))
        if programme is not None:
            heading = _("Announced") if name in ANNOUNCED_FIGURES else _("Announced, estimated")
            others.append((heading, figure.text(programme, case)))
        lines = [note, range_note(uncertainty)] if name == "reached" else [note]
        return Tile(
            figure.label, figure.text(plan, case), tuple(filter(None, lines)), tuple(others)
        )

    return Tiles(tile(name, note) for name, note in notes_beside.items())


def _entrepreneurs_beside(case: Case) -> dict[str, str]:
    if not case.counts_entrepreneurs:
        return {}
    everyone = number(candidates_counted(case))
    return {"entrepreneurs": _("of {all} people who are not IKM yet", all=everyone)}


def clusters_losing(plan: Plan, programme: Plan) -> list[str]:
    """IKM clusters of which the plan is expected to reach fewer units than the programme, by
    GAIN at least."""
    before = programme.coverage.set_index("cluster")["reached"]
    rows = plan.coverage[plan.coverage["counts"]]
    return [
        str(c)
        for c, reached in zip(rows["cluster"], rows["reached"], strict=True)
        if reached <= before[c] - GAIN
    ]


def summary(
    plan: Plan, case: Case, programme: Plan | None = None, nothing: Plan | None = None
) -> View:
    """The plan in figures, beside doing nothing and what this model makes of the announced
    programme, where they are given."""

    def column(heading: str, p: Plan) -> Of:
        return Of(heading, lambda figure: figure.value(p, case), show_of=lambda figure: figure.show)

    columns = [Of(_("Figure"), "label"), column(_("Plan"), plan)]
    if nothing is not None:
        columns.append(column(_("Nothing"), nothing))
    if programme is None:
        return table(_("The plan in figures"), key_figures(case).values(), *columns)

    def change(figure: KeyFigure) -> float | None:
        mine, theirs = figure.value(plan, case), figure.value(programme, case)
        return (
            None if mine is None or theirs is None else column_difference(mine, theirs, figure.show)
        )

    return table(
        _("The plan beside the announced programme, as this model estimates it"),
        key_figures(case).values(),
        *columns,
        column(_("Announced, estimated"), programme),
        Of(_("Plan minus announced"), change, show_of=lambda figure: Signed(figure.show)),
    )
