"""The reasons of a plan as charts: other ways of dividing, the ladder, what fairness costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ikmplan.input.case import Case
from ikmplan.insight.tables import SIMPLE, way_name
from ikmplan.show.chart import (
    BLACK,
    BLUE,
    EMPTY,
    GREEN,
    ORANGE,
    SKY,
    SMALL,
    Chart,
    Plane,
    Sign,
    ValueAxis,
    draw_curve,
    nothing,
    number_axis,
    plane,
    rows,
    share_axis,
    spread,
    ticks,
)
from ikmplan.show.drawing import Fill, Mark, Stroke
from ikmplan.show.table import column_difference, one_decimal, plain_number, short_rupiah
from ikmplan.text import _, number, percent

if TYPE_CHECKING:
    from ikmplan.insight.reasons import Insight


def _none(insight: Insight, title: str) -> Chart:
    return nothing(title if insight.asked_for else "")  # the table below states it


def baselines_chart(insight: Insight, case: Case) -> Chart:
    """What simpler ways of dividing the budget reach, beside the plan."""
    table = insight.tables["baselines"]
    ways = table.sort_values("reached", ascending=False, kind="stable").to_dict("records")
    if not ways:
        return _none(insight, _("There is no other way of dividing to show"))
    names = [way_name(row) for row in ways]
    texts = [
        _("{units} units, {cost}", units=one_decimal(r["reached"]), cost=short_rupiah(r["cost"]))
        for r in ways
    ]
    values = "; ".join(f"{name} {text}" for name, text in zip(names, texts, strict=True))
    alt = _("Bars of the units each way reaches: {values}.", values=values)
    caption = _(
        "Bar: IKM units expected to be reached, with what it costs. Hatched: a way that breaks a "
        "limit, for comparison only."
    )
    chart = Chart(_baselines_title(table), caption, alt)
    ends = [f"{one_decimal(row['reached'])} ({short_rupiah(row['cost'])})" for row in ways]
    most = max(1.0, *(row["reached"] for row in ways))
    at = rows(chart, names, number_axis(_("IKM units expected to be reached"), most, number), ends)
    for y, row, end in zip(at.middles, ways, ends, strict=True):
        fill = Fill(BLUE if row["name"] == "plan" else SKY) if row["within"] else EMPTY
        chart.rect(at.x.start, y - 7.5, at.x(row["reached"]) - at.x.start, 15, fill)
        chart.text(at.x(row["reached"]) + 6, y, end, size=SMALL, bold=row["name"] == "plan")
    return chart


def _baselines_title(table: pd.DataFrame) -> str:
    """How far the plan is ahead of the best simple way that keeps every limit."""
    plan = table.loc[table["name"] == "plan", "reached"]
    others = table.loc[table["name"].isin(SIMPLE) & table["within"], "reached"]
    if not (len(plan) and len(others)):
        return _("The plan beside other ways of dividing the budget")
    ahead = column_difference(float(plan.iloc[0]), float(others.max()))
    if ahead >= 0:
        return _("The plan reaches {n} units more than the best simple way", n=one_decimal(ahead))
    return _(
        "The best simple way reaches {n} units more, as it meets no demand of the scenario",
        n=one_decimal(-ahead),
    )


PROVEN_ZONE = Fill("#CCCCCC")
ALONE = Stroke(ORANGE, 1.6, "5 4")
NESTED = (Stroke(BLUE), Mark("o", Fill(BLUE), 7))
FOUND = (Stroke(GREEN), Mark("o", Fill(GREEN), 7))


Signs = list[tuple[Sign, str]]


def _curve(
    chart: Chart, x_axis: ValueAxis, rows: pd.DataFrame, x: str, y: str, beside: pd.Series
) -> tuple[Plane, Signs]:
    """A field of units over x, and what its shade means. What no plan can reach begins above the
    shade; there is none where a bound is missing, as it is where the objective does not count
    units. `beside` is what else is drawn."""
    bound = rows["bound"]
    low, high = spread([*beside, *rows[y], *bound.dropna()], 0.15)
    units = ValueAxis(
        _("IKM units expected to be reached"), low, high, ticks(low, high, 6), plain_number
    )
    at = plane(chart, x_axis, units, high=210)
    if not bound.notna().all():
        return at, []
    up = [(at.x(a), at.y(b)) for a, b in zip(rows[x], rows[y], strict=True)]
    down = [(at.x(a), at.y(b)) for a, b in zip(rows[x], bound, strict=True)]
    chart.polygon([*up, *reversed(down)], PROVEN_ZONE)
    return at, [(PROVEN_ZONE, _("Up to what is proven"))]


def ladder_chart(insight: Insight, case: Case) -> Chart:
    """What the plan would reach with less or more money."""
    rows = insight.tables["ladder"].dropna(subset=["reached"]).sort_values("budget")
    if len(rows) < 2:
        return _none(insight, _("There is one budget only"))
    low, high = rows.iloc[0], rows.iloc[-1]
    title = _(
        "{less} reaches {few} units, {more} reaches {many}",
        less=short_rupiah(low["budget"]),
        few=number(low["reached"]),
        more=short_rupiah(high["budget"]),
        many=number(high["reached"]),
    )
    values = "; ".join(
        _("{budget}: {n}", budget=short_rupiah(budget), n=one_decimal(n))
        for budget, n in zip(rows["budget"], rows["reached"], strict=True)
    )
    alt = _("Line of the units reached for each budget: {values}.", values=values)
    caption = _(
        "Dots: plans of which each holds all of the smaller ones. Dashed: the best plan for that "
        "budget alone. Upright line: the budget of this plan."
    )
    budget = case.budget
    if case.scenario.is_cheapest:
        budget = round(rows["budget"].loc[rows["share"] == 1].max())
        caption = _(
            "Dots: plans of which each holds all of the smaller ones. Dashed: the best plan for "
            "that budget alone. Upright line: what this plan costs."
        )
    chart = Chart(title, caption, alt)
    free = rows.dropna(subset=["free"])
    left, right = spread(rows["budget"])
    budgets = ValueAxis(_("Budget"), left, right, ticks(left, right, 6), short_rupiah)
    at, zone = _curve(chart, budgets, free, "budget", "free", rows["reached"])
    chart.line([(at.x(budget), at.y.start), (at.x(budget), at.y.end)], Stroke(BLACK, 1))
    draw_curve(chart, at, zip(free["budget"], free["free"], strict=True), ALONE)
    draw_curve(chart, at, zip(rows["budget"], rows["reached"], strict=True), *NESTED)
    _numbers_at(chart, at, rows["budget"], rows["reached"])
    chart.legend(*zone, (ALONE, _("On its own")), (NESTED, _("Nested")))
    return chart


def _numbers_at(chart: Chart, at: Plane, x: pd.Series, y: pd.Series) -> None:
    """The number above each dot that is not too near to the last one with a number."""
    last = float("-inf")
    for a, value in zip(x, y, strict=True):
        if at.x(a) - last >= 40:
            last = at.x(a)
            text = one_decimal(value)
            chart.text(last, at.y(value) - 13, text, anchor="middle", size=SMALL, halo=True)


def fairness_chart(insight: Insight, case: Case) -> Chart:
    """What more coverage of the worst-off cluster costs in units reached."""
    rows = insight.tables["fairness"].dropna(subset=["reached"]).sort_values("worst")
    rows = rows.drop_duplicates(["achieved", "reached"])
    if len(rows) < 2:
        return _none(insight, _("Fairness has no price here"))
    low, high = rows.iloc[0], rows.iloc[-1]
    title = _(
        "From {low} to {high} in the worst-off cluster costs {n} units",
        low=percent(low["achieved"]),
        high=percent(high["achieved"]),
        n=one_decimal(column_difference(low["reached"], high["reached"])),
    )
    values = "; ".join(
        _("{share}: {n}", share=percent(share), n=one_decimal(n))
        for share, n in zip(rows["achieved"], rows["reached"], strict=True)
    )
    alt = _(
        "Line of the units reached for each coverage of the worst-off cluster: {values}.",
        values=values,
    )
    caption = _(
        "Each dot is a plan: to the right the worst-off cluster gets more, and fewer units are "
        "reached in all."
    )
    chart = Chart(title, caption, alt)
    left, right = spread(rows["achieved"])
    shares = share_axis(_("Coverage of the worst-off cluster"), right, left)
    at, zone = _curve(chart, shares, rows, "achieved", "reached", rows["reached"])
    draw_curve(chart, at, zip(rows["achieved"], rows["reached"], strict=True), *FOUND)
    _numbers_at(chart, at, rows["achieved"], rows["reached"])
    chart.legend(*zone, (FOUND, _("Plan found")))
    return chart
