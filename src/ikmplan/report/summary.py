"""The plan in short, for readers: what it reaches, for how much, what limits it, how sure it is."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from ikmplan.input.case import Case
from ikmplan.plan.plan import Plan, worst_off_cluster
from ikmplan.report.certificate import proven, units_digits
from ikmplan.report.limits import binding_limit_names
from ikmplan.show.table import (
    NOTHING,
    Column,
    Format,
    Points,
    Prose,
    Signed,
    Tile,
    Tiles,
    View,
    one_decimal,
    percent_one_decimal,
    rupiah_text,
)
from ikmplan.tableset import TableSet
from ikmplan.text import _, listing, number, percent, rupiah

# --- names -------------------------------------------------------------------------------


# --- the plan in short -------------------------------------------------------------------


def seats(plan: Plan) -> int:
    return int(plan.seats["seats"].sum())


def units_counted(case: Case) -> int:
    """IKM units that may be invited."""
    return sum(n for c, n in case.size.items() if case.is_ikm(c))


def at_floor(plan: Plan) -> list[str]:
    """The clusters that stand at their floor, as near as a reader sees (half a percent)."""
    rows = plan.coverage[plan.coverage["floor"] > 0]
    return [str(c) for c in rows.loc[rows["coverage"] < rows["floor"] + 0.005, "cluster"]]


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
    everyone = units_counted(case)
    message = [
        _(
            "The plan is expected to reach {reached} of {all} IKM units ({share}) for {cost}.",
            reached=_units(plan.reached),
            all=number(everyone),
            share=percent(plan.reached / everyone if everyone else 0.0),
            cost=rupiah(plan.cost, short=True),
        ),
        *_beside(programme, insight),
        _fairness(plan, case),
        _limiting(plan, case),
        proven(plan, case, running),
    ]
    return Prose(" ".join(part for part in message if part))


def _units(expected: float) -> str:
    return number(expected, units_digits(expected))


def _beside(programme: Plan | None, insight: TableSet | None) -> Iterator[str]:
    """The announced programme, and what the plan would reach with no more money than it."""
    if programme is None:
        return
    yield _(
        "The announced programme is expected to reach {reached} units for {cost}.",
        reached=_units(programme.reached),
        cost=rupiah(programme.cost, short=True),
    )
    rows = insight.tables["baselines"] if insight else pd.DataFrame({"name": []})
    same = rows[rows["name"] == "same_money"]
    if len(same):
        yield _(
            "A plan with no more money than that is expected to reach {reached}.",
            reached=_units(float(same["reached"].iloc[0])),
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
    if case.budget > held:
        message.append(
            _(
                "The budget of {budget} is more than the funds hold: {held} is all that can be "
                "spent.",
                budget=rupiah(case.budget, short=True),
                held=rupiah(held, short=True),
            )
        )
    elif case.budget < held:
        message.append(
            _(
                "The funds hold {held}, more than the budget of {budget}; the rest is not touched.",
                budget=rupiah(case.budget, short=True),
                held=rupiah(held, short=True),
            )
        )
    return Points(message)


def plan_tiles(plan: Plan, case: Case, programme: Plan | None = None) -> Tiles:
    """Six figures of the plan, each with that of the announced programme where there is one."""
    everyone, worst = units_counted(case), worst_off_cluster(plan, case)
    share = percent(plan.reached / everyone if everyone else 0.0)
    places = plan.machines["host"].nunique()
    beside = (
        (
            _("IKM units expected to be reached"),
            _("{share} of {all}", share=share, all=number(everyone)),
        ),
        (_("IKM units coached"), _("they get a seat or machine hours")),
        (_("Coverage of the worst-off cluster"), case.name(worst[0]) if worst else ""),
        (_("Classes"), _("{n} seats", n=number(seats(plan)))),
        (_("New machines"), _("at {n} places", n=number(places))),
        (_("Money used"), _("of {budget}", budget=rupiah(case.budget, short=True))),
    )
    theirs = _tile_values(programme, case) if programme else [None] * len(beside)
    return Tiles(
        Tile(
            label,
            value,
            (
                *([message] if message else []),
                *([_("Announced: {value}", value=other)] if other else []),
            ),
        )
        for (label, message), value, other in zip(
            beside, _tile_values(plan, case), theirs, strict=True
        )
    )


def _tile_values(plan: Plan, case: Case) -> list[str]:
    worst = worst_off_cluster(plan, case)
    return [
        _units(plan.reached),
        number(plan.coached),
        percent(worst[1]) if worst else NOTHING,
        number(plan.class_count),
        number(plan.machine_count),
        rupiah(plan.cost, short=True),
    ]


def clusters_losing(plan: Plan, programme: Plan) -> list[str]:
    """IKM clusters of which the plan is expected to reach fewer units than the programme."""
    before = programme.coverage.set_index("cluster")["reached"]
    rows = plan.coverage[plan.coverage["counts"]]
    return [
        str(c)
        for c, reached in zip(rows["cluster"], rows["reached"], strict=True)
        if reached < before[c] - 1e-6
    ]


PER = 100_000_000  # rupiah; effects are told for this much


def _per_money(plan: Plan) -> float:
    return plan.reached / plan.cost * PER


def summary(plan: Plan, case: Case, programme: Plan | None = None) -> View:
    """The plan in figures, beside the announced programme where there is one."""
    everyone = units_counted(case)

    def figures(p: Plan) -> list[tuple[str, float | None, Format]]:
        worst = worst_off_cluster(p, case)
        return [
            (_("IKM units expected to be reached"), p.reached, one_decimal),
            (
                _("Share of all IKM units"),
                p.reached / everyone if everyone else None,
                percent_one_decimal,
            ),
            (
                _("Coverage of the worst-off cluster"),
                worst[1] if worst else None,
                percent_one_decimal,
            ),
            (_("IKM units coached"), p.coached, number),
            (_("Classes"), p.class_count, number),
            (_("Seats"), seats(p), number),
            (_("New machines"), p.machine_count, number),
            (_("Money used"), p.cost, rupiah_text),
            (_("Money left"), case.budget - p.cost, rupiah_text),
            (
                _("Units reached for each {amount}", amount=rupiah(PER, short=True)),
                _per_money(p) if p.cost else None,
                one_decimal,
            ),
        ]

    mine = figures(plan)
    shows = [show for _n, _v, show in mine]
    columns = [
        Column(_("Figure"), [name for name, _v, _s in mine]),
        Column(_("Plan"), [value for _n, value, _s in mine], shows),
    ]
    if programme is not None:
        theirs = [value for _n, value, _s in figures(programme)]
        change = [
            None if a is None or b is None else a - b
            for (_n, a, _s), b in zip(mine, theirs, strict=True)
        ]
        columns += [
            Column(_("Announced"), theirs, shows),
            Column(_("Difference"), change, [Signed(show) for show in shows]),
        ]
    caption = (
        _("The plan in figures")
        if programme is None
        else _("The plan beside the announced programme")
    )
    return View(caption, tuple(columns))
