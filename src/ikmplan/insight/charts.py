"""The reasons of a plan as charts: other ways of dividing, the ladder, what fairness costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ikmplan.input.case import Case
from ikmplan.insight.tables import SIMPLE, way_name
from ikmplan.show.chart import (
    BLACK,
    BLUE,
    EMPTY,
    GREEN,
    GREY,
    ORANGE,
    SKY,
    Chart,
    bars,
    clean,
    in_own_style,
    legend,
    new_chart,
    nothing,
    show_shares,
)
from ikmplan.show.table import one_decimal, plain_number
from ikmplan.text import _, number, percent, rupiah

if TYPE_CHECKING:
    from ikmplan.insight.reasons import Insight


def _none(insight: Insight, title: str) -> Chart:
    return nothing(title if insight.asked_for else "")  # the table below says so


@in_own_style
def baselines_chart(insight: Insight, case: Case) -> Chart:
    """What simpler ways of dividing the budget reach, beside the plan."""
    table = insight.tables["baselines"]
    rows = table.sort_values("reached", ascending=False, kind="stable").to_dict("records")
    if not rows:
        return _none(insight, _("There is no other way of dividing to show"))
    names = [way_name(row) for row in rows]
    texts = [
        _(
            "{units} units, {cost}",
            units=one_decimal(row["reached"]),
            cost=rupiah(row["cost"], short=True),
        )
        for row in rows
    ]
    values = "; ".join(f"{name} {text}" for name, text in zip(names, texts, strict=True))
    alt = _("Bars of the units each way reaches: {values}.", values=values)
    caption = _(
        "Bar: IKM units expected to be reached, with what it costs. Hatched: a way that breaks a "
        "limit, for comparison only."
    )
    figure = new_chart(1.5 + 0.5 * len(rows), caption, _baselines_title(table), alt)
    axes = figure.add_subplot()
    most = max(1.0, *(row["reached"] for row in rows))
    for y, row in zip(bars(axes, names), rows, strict=True):
        colour = BLUE if row["name"] == "plan" else SKY
        axes.barh(y, row["reached"], height=0.6, **({"color": colour} if row["within"] else EMPTY))
        text = f"{one_decimal(row['reached'])} ({rupiah(row['cost'], short=True)})"
        axes.text(row["reached"] + 0.01 * most, y, text, va="center", fontsize=9.5)
    axes.set_xlim(0, most * 1.5)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _n: number(x)))
    axes.set_xlabel(_("IKM units expected to be reached"))
    return figure


def _baselines_title(table: pd.DataFrame) -> str:
    """How far the plan is ahead of the best simple way that keeps every limit."""
    plan = table.loc[table["name"] == "plan", "reached"]
    others = table.loc[table["name"].isin(SIMPLE) & table["within"], "reached"]
    if not (len(plan) and len(others)):
        return _("The plan beside other ways of dividing the budget")
    ahead = float(plan.iloc[0] - others.max())
    if ahead >= 0:
        return _("The plan reaches {n} units more than the best simple way", n=one_decimal(ahead))
    return _(
        "The best simple way reaches {n} units more, as it meets no demand of the scenario",
        n=one_decimal(-ahead),
    )


def _curve(figure: Chart, x: pd.Series, found: pd.Series, bound: pd.Series) -> Axes:
    """Axes of units over x. What no plan can reach begins above the shade; there is none where
    a bound is missing, as it is where the objective does not count units."""
    axes = figure.add_subplot()
    clean(axes, "both")
    axes.margins(x=0.06, y=0.18)
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _n: plain_number(y)))
    axes.set_ylabel(_("IKM units expected to be reached"))
    if bound.notna().all():
        label = _("Up to what is proven")
        axes.fill_between(x, found, bound, color=GREY, alpha=0.25, linewidth=0, label=label)
    return axes


@in_own_style
def ladder_chart(insight: Insight, case: Case) -> Chart:
    """What the plan would reach with less or more money."""
    rows = insight.tables["ladder"].dropna(subset=["reached"]).sort_values("budget")
    if len(rows) < 2:
        return _none(insight, _("There is one budget only"))
    low, high = rows.iloc[0], rows.iloc[-1]
    title = _(
        "{less} reaches {few} units, {more} reaches {many}",
        less=rupiah(low["budget"], short=True),
        few=number(low["reached"]),
        more=rupiah(high["budget"], short=True),
        many=number(high["reached"]),
    )
    values = "; ".join(
        _("{budget}: {n}", budget=rupiah(budget, short=True), n=one_decimal(n))
        for budget, n in zip(rows["budget"], rows["reached"], strict=True)
    )
    alt = _("Line of the units reached for each budget: {values}.", values=values)
    caption = _(
        "Dots: plans of which each holds all of the smaller ones. Dashed: the best plan for that "
        "budget alone. Upright line: the budget of this plan."
    )
    figure = new_chart(4.2, caption, title, alt)
    free = rows.dropna(subset=["free"])
    axes = _curve(figure, free["budget"], free["free"], free["bound"])
    axes.plot(free["budget"], free["free"], color=ORANGE, linestyle="--", label=_("On its own"))
    axes.plot(rows["budget"], rows["reached"], color=BLUE, marker="o", label=_("Nested"))
    _numbers_at(axes, rows["budget"], rows["reached"])
    axes.axvline(case.budget, color=BLACK, linewidth=1, zorder=0.5)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _n: rupiah(x, short=True)))
    axes.set_xlabel(_("Budget"))
    legend(figure, axes)
    return figure


def _numbers_at(axes: Axes, x: pd.Series, y: pd.Series) -> None:
    """The number above each dot that is not too near to the last one with a number."""
    last = float("-inf")
    for at, value in zip(x, y, strict=True):
        if at - last >= (x.max() - x.min()) / 20:
            last = at
            style: Any = {"textcoords": "offset points", "ha": "center", "fontsize": 9}
            axes.annotate(one_decimal(value), (at, value), (0, 8), **style)


@in_own_style
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
        n=one_decimal(low["reached"] - high["reached"]),
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
    figure = new_chart(3.8, caption, title, alt)
    axes = _curve(figure, rows["achieved"], rows["reached"], rows["bound"])
    axes.plot(rows["achieved"], rows["reached"], color=GREEN, marker="o", label=_("Plan found"))
    _numbers_at(axes, rows["achieved"], rows["reached"])
    show_shares(axes.xaxis)
    axes.set_xlabel(_("Coverage of the worst-off cluster"))
    legend(figure, axes)
    return figure
