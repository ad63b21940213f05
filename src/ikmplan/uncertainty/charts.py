"""How sure a plan is, as charts: the units reached over the draws, and what of the plan stays."""

from __future__ import annotations

from typing import Any

import numpy as np

from ikmplan.input.case import Case
from ikmplan.report.names import place
from ikmplan.report.sureness import has_draws, units_in_draws
from ikmplan.show.chart import (
    BLACK,
    BLUE,
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
from ikmplan.text import _, number
from ikmplan.uncertainty.answers import Uncertainty
from ikmplan.uncertainty.stability import IN_ALL, IN_MOST, IN_NONE, IN_SOME, STATE_NAMES

STATE_COLOURS = {IN_ALL: GREEN, IN_MOST: BLUE, IN_SOME: ORANGE, IN_NONE: GREY}
MOST_SHOWN = 30  # decisions of the picture; the table has all
BINS = 40


@in_own_style
def range_chart(sure: Uncertainty, case: Case) -> Chart:
    """How many units are reached, over the draws; the announced programme beside the plan."""
    units = units_in_draws(sure)
    if units is None:
        return nothing("")
    outcomes = sure.outcomes
    title = _(
        "In 8 of 10 cases between {low} and {high} units are reached",
        low=number(units.low),
        high=number(units.high),
    )
    caption = _(
        "Bars: how many of {n} cases reach so many units. Shaded: 8 of 10 cases.",
        n=number(len(outcomes)),
    )
    alt = _(
        "The units that the plan reaches over the cases: one case of ten below {low}, half below "
        "{middle}, one of ten above {high}.",
        low=number(units.low),
        middle=number(units.middle),
        high=number(units.high),
    )
    figure = new_chart(3.2, caption, title, alt)
    axes = figure.add_subplot()
    clean(axes, "y")
    top = max(1.0, float(outcomes[["lucky", "announced"]].max().max()))
    width = np.ceil((top + 1) / BINS)  # whole units, so that no bar is empty for its edges alone
    edges = np.arange(-0.5, top + width, width).tolist()
    axes.axvspan(units.low, units.high, color=SKY, alpha=0.3, linewidth=0)
    axes.hist(outcomes["lucky"], edges, color=BLUE, label=_("This plan"))
    axes.axvline(units.middle, color=BLACK, linewidth=1.4, label=_("Middle"))
    if not outcomes["announced"].isna().any():
        style: Any = {"histtype": "step", "color": ORANGE, "linewidth": 1.6}
        axes.hist(outcomes["announced"], edges, label=_("The announced programme"), **style)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_xlabel(_("IKM units reached"))
    axes.set_ylabel(_("Cases"))
    legend(figure, axes)
    return figure


@in_own_style
def stability_chart(sure: Uncertainty, case: Case) -> Chart:
    """Each decision by the share of the draws whose best plan has it."""
    rows = sure.stability.head(MOST_SHOWN).to_dict("records")
    if not has_draws(sure) or not rows:
        return nothing("")
    always = int((sure.stability["state"] == IN_ALL).sum())
    title = _(
        "{n} of {all} decisions are in nearly every case's best plan",
        n=number(always),
        all=number(len(sure.stability)),
    )
    caption = _(
        "Bar: share of the cases whose best plan has the decision. Hatched: not in this plan."
    )
    names = [f"{case.name(row['item'])}, {place(case, row['host'])}"
             if row["item"] != row["host"] else case.name(row["item"]) for row in rows]  # fmt: skip
    values = "; ".join(
        f"{name} {number(100 * row['share'])}%" for name, row in zip(names, rows, strict=True)
    )
    figure = new_chart(1.4 + 0.32 * len(rows), caption, title, values)
    axes = figure.add_subplot()
    seen: set[str] = set()
    for y, row in zip(bars(axes, names), rows, strict=True):
        state = row["state"]
        label = None if state in seen else _(STATE_NAMES[state])
        seen.add(state)
        hatch = "" if row["count"] else "///"
        colour = STATE_COLOURS[state]
        axes.barh(y, row["share"], height=0.65, color=colour, hatch=hatch, edgecolor="white",
                  label=label)  # fmt: skip
    axes.set_xlim(0, 1)
    show_shares(axes.xaxis)
    axes.set_xlabel(_("Share of the cases"))
    legend(figure, axes)
    return figure
