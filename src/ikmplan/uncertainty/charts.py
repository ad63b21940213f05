"""How sure a plan is, as charts: the units reached over the draws, and what of the plan stays."""

from __future__ import annotations

from itertools import pairwise
from math import ceil

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
    Plane,
    Sign,
    ValueAxis,
    nothing,
    plane,
    rows,
    share_axis,
    ticks,
)
from ikmplan.show.drawing import Fill, Stroke, mixed_with_white
from ikmplan.text import _, number
from ikmplan.uncertainty.answers import Uncertainty
from ikmplan.uncertainty.stability import IN_ALL, IN_MOST, IN_NONE, IN_SOME, STATE_NAMES

STATE_COLOURS = {IN_ALL: GREEN, IN_MOST: BLUE, IN_SOME: ORANGE, IN_NONE: GREY}
MOST_SHOWN = 24  # decisions of the picture; the table has all
BINS = 40
MIDDLE, ANNOUNCED_LINE = Stroke(BLACK, 1.4), Stroke(ORANGE)


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
    chart = Chart(title, caption, alt)
    top = max(1.0, float(outcomes[["lucky", "announced"]].max().max()))
    width = ceil((top + 1) / BINS)  # whole units, so that no bar is empty for its edges alone
    edges = np.arange(-0.5, top + width, width)
    counts = np.histogram(outcomes["lucky"], edges)[0]
    others = np.histogram(outcomes["announced"].dropna(), edges)[0]
    most = float(max(1, *counts, *others))
    cases = ValueAxis(_("Cases"), 0, most, ticks(0, most, 5, 1), number)
    units_axis = ValueAxis(_("IKM units reached"), edges[0], edges[-1], ticks(0, top, 8, 1), number)
    at = plane(chart, units_axis, cases, high=210)
    ground = at.y(0)
    shaded = Fill(mixed_with_white(SKY, 0.3))
    chart.rect(at.x(units.low), at.y(most), at.x(units.high) - at.x(units.low),
               ground - at.y(most), shaded)  # fmt: skip
    for left, right, n in zip(edges, edges[1:], counts, strict=False):
        chart.rect(at.x(left), at.y(n), at.x(right) - at.x(left), ground - at.y(n), Fill(BLUE))
    chart.line([(at.x(units.middle), ground), (at.x(units.middle), at.y(most))], MIDDLE)
    signs: list[tuple[Sign, str]] = [(Fill(BLUE), _("This plan")), (MIDDLE, _("Middle"))]
    if others.any():
        chart.line(_outline(edges.tolist(), others.tolist(), at), ANNOUNCED_LINE)
        signs.append((ANNOUNCED_LINE, _("The announced programme")))
    chart.legend(*signs)
    return chart


def _outline(edges: list[float], counts: list[float], at: Plane) -> list[tuple[float, float]]:
    """The upper edge of the bars of a histogram."""
    heights = [0.0, *counts, 0.0]
    steps = zip(edges, pairwise(heights), strict=True)
    return [(at.x(edge), at.y(high)) for edge, both in steps for high in both]


def stability_chart(sure: Uncertainty, case: Case) -> Chart:
    """Each decision by the share of the draws whose best plan has it."""
    decided = sure.stability.head(MOST_SHOWN).to_dict("records")
    if not has_draws(sure) or not decided:
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
    names = [
        f"{case.name(row['item'])}, {place(case, row['host'])}"
        if row["item"] != row["host"]
        else case.name(row["item"])
        for row in decided
    ]
    values = "; ".join(
        f"{name} {number(100 * row['share'])}%" for name, row in zip(names, decided, strict=True)
    )
    chart = Chart(title, caption, values)
    at = rows(chart, names, share_axis(_("Share of the cases"), 1.0))
    for y, row in zip(at.middles, decided, strict=True):
        colour = STATE_COLOURS[row["state"]]
        fill = Fill(colour) if row["count"] else Fill("#FFFFFF", colour, "/")
        chart.rect(at.x.start, y - 7.5, at.x(row["share"]) - at.x.start, 15, fill)
    states = dict.fromkeys(row["state"] for row in decided)
    chart.legend(*((Fill(STATE_COLOURS[state]), _(STATE_NAMES[state])) for state in states))
    return chart
