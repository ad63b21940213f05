"""Figures of a plan: each takes a plan and its case and answers one question.

Nothing here solves, reads files or shows. Those of the re-solves stand in `curves`.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ikmplan.input.case import Case
from ikmplan.input.cells import EQUIPMENT, TRAINING
from ikmplan.input.rows import QUARTERS
from ikmplan.plan.plan import Plan, worst_off_cluster
from ikmplan.report.summary import at_floor
from ikmplan.show.chart import (
    BLACK,
    BLUE,
    EMPTY,
    GREEN,
    ORANGE,
    VERMILION,
    YELLOW,
    Chart,
    bars,
    clean,
    legend,
    new_chart,
    nothing,
    plain,
    show_shares,
)
from ikmplan.show.table import plain_number
from ikmplan.text import _, number, percent, rupiah

# --- the questions -----------------------------------------------------------------------


def coverage_chart(plan: Plan, case: Case, programme: Plan | None = None) -> Chart:
    """Who is reached: expected coverage of each cluster, its floor, and as announced."""
    rows = plan.coverage[plan.coverage["counts"] & (plan.coverage["size"] > 0)]
    rows = rows.sort_values(["coverage", "cluster"], ascending=[False, True])
    worst = worst_off_cluster(plan, case)
    if worst is None or not len(rows):
        return nothing(_("No cluster can be reached"))
    lowest = at_floor(plan)
    if len(lowest) > 1:
        title = _("{n} clusters stand at their floor, the others above it", n=number(len(lowest)))
    else:
        title = _(
            "{cluster} is worst off: {share} of its units are expected to be reached",
            cluster=case.name(worst[0]),
            share=percent(worst[1]),
        )
    names = [case.name(c) for c in rows["cluster"]]
    shares = list(rows["coverage"])
    message = [
        _("{name} {share}", name=name, share=percent(share))
        for name, share in zip(names, shares, strict=True)
    ]
    alt = _("Bars of the expected coverage of each cluster: {values}.", values="; ".join(message))
    caption = _("Bold: the coverage that the plan gives.")
    before = None
    if programme is not None:
        reached = programme.coverage.set_index("cluster")["coverage"]
        before = [float(reached[c]) for c in rows["cluster"]]
        better = sum(a > b + 1e-9 for a, b in zip(shares, before, strict=True))
        alt += " " + _(
            "The plan reaches more than the announced programme in {n} of {all} clusters.",
            n=number(better),
            all=number(len(names)),
        )
    figure = new_chart(1.5 + 0.33 * len(names), caption, title, alt)
    axes = figure.add_subplot()
    at = bars(axes, names)
    axes.barh(at, shares, height=0.62, color=BLUE, label=_("Plan"))
    most = max([*shares, *(before or []), *rows["floor"]], default=0.0)
    edge = max(0.1, most * 1.12)
    for y, share in zip(at, shares, strict=True):  # at the edge, clear of the markers
        axes.text(edge, y, percent(share), ha="right", va="center", fontweight="bold")
    floors = [(y, f) for y, f in zip(at, rows["floor"], strict=True) if f > 0]
    if floors:
        axes.scatter(
            [f for _y, f in floors],
            [y for y, _f in floors],
            marker="|",
            s=300,
            linewidths=2.5,
            color=BLACK,
            label=_("Floor asked for"),
            zorder=3,
        )
    if before is not None:
        axes.scatter(
            before,
            at,
            marker="D",
            s=46,
            facecolor=YELLOW,
            edgecolor=BLACK,
            label=_("Announced programme"),
            zorder=4,
        )
    axes.set_xlim(0, edge)
    show_shares(axes.xaxis)
    axes.set_xlabel(_("Expected coverage (share of the cluster's units)"))
    legend(figure, axes)
    return figure


def money_chart(plan: Plan, case: Case) -> Chart:
    """Where the money goes: each fund's share for training and machines, and what is left."""
    paid = plan.money.groupby(["fund", "kind"])["amount"].sum()
    funds = list(case.funds)
    training = [int(paid.get((f, TRAINING), 0)) for f in funds]
    machines = [int(paid.get((f, EQUIPMENT), 0)) for f in funds]
    left = [case.fund_amount[f] - t - m for f, t, m in zip(funds, training, machines, strict=True)]
    spent = sum(training) + sum(machines)
    title = _("No money is spent")
    if spent and case.budget < sum(case.fund_amount.values()):
        title = _(
            "Of the budget of {budget}, {spent} is spent: {share} of it on training",
            budget=rupiah(case.budget, short=True),
            spent=rupiah(spent, short=True),
            share=percent(sum(training) / spent),
        )
    elif spent:
        title = _(
            "Of {spent}, {share} goes to training; {left} of the funds is not spent",
            spent=rupiah(spent, short=True),
            share=percent(sum(training) / spent),
            left=rupiah(sum(left), short=True),
        )
    names = [case.name(f) for f in funds]
    message = [
        _(
            "{fund}: {training} for training, {machines} for machines, {left} not spent",
            fund=name,
            training=rupiah(t, short=True),
            machines=rupiah(m, short=True),
            left=rupiah(n, short=True),
        )
        for name, t, m, n in zip(names, training, machines, left, strict=True)
    ]
    alt = _("Bars of each fund. {values}.", values="; ".join(message))
    caption = _("Each bar: what a fund holds.")
    figure = new_chart(1.7 + 0.9 * len(funds), caption, title, alt)
    axes = figure.add_subplot()
    at = bars(axes, names)
    parts: tuple[tuple[str, list[int], dict[str, Any]], ...] = (
        (_("Training"), training, {"color": BLUE}),
        (_("Machines"), machines, {"color": ORANGE}),
        (_("Not spent"), left, EMPTY),
    )
    start = [0] * len(funds)
    most = max([case.fund_amount[f] for f in funds], default=0) or 1
    for label, amounts, style in parts:
        axes.barh(at, amounts, left=start, height=0.5, label=label, **style)
        for y, (begin, amount) in enumerate(zip(start, amounts, strict=True)):
            if amount > 0.12 * most:
                colour = "white" if label == parts[0][0] else BLACK
                box = {"facecolor": "white", "edgecolor": "none", "pad": 2}
                axes.text(
                    begin + amount / 2,
                    y,
                    rupiah(amount, short=True),
                    ha="center",
                    va="center",
                    color=colour,
                    bbox=box if label == parts[2][0] else None,
                )
            elif amount > 0.004 * most:  # too narrow for its number: training above, machines below
                side = 1 if label == parts[1][0] else -1
                axes.text(
                    begin + amount / 2,
                    y + side * 0.27,
                    rupiah(amount, short=True),
                    ha="center" if begin else "left",
                    va="top" if side > 0 else "bottom",
                )
        start = [a + b for a, b in zip(start, amounts, strict=True)]
    axes.set_xlim(0, most * 1.02)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _n: rupiah(x, short=True)))
    axes.set_xlabel(_("Rupiah"))
    legend(figure, axes)
    return figure


def quarters_chart(plan: Plan, case: Case) -> Chart:
    """Classes over the year: days used against the days that trainers and halls have."""
    days = plan.limits[plan.limits["rule"] == "resource_days"]
    resources = [r for r in case.resources if (days["key"] == r).any()]
    if not resources:
        return nothing(_("No trainer or hall is needed"))
    used_of, limit_of = (days.groupby("key")[name].sum().to_dict() for name in ("used", "limit"))
    shares = {r: used_of[r] / (limit_of[r] or 1) for r in resources}
    fullest = max(resources, key=lambda r: shares[r])
    held = plan.classes.groupby("quarter")["classes"].sum()
    title = _(
        "Fullest: {resource}, with {share} of its days used in the year",
        resource=case.name(fullest),
        share=percent(shares[fullest]),
    )
    message = [
        _("{name} {share}", name=case.name(r), share=percent(shares[r]))
        for r in sorted(resources, key=lambda r: -shares[r])
    ]
    alt = _(
        "Bars of the days used in each quarter against the days there are. Used in the year: "
        "{values}.",
        values="; ".join(message),
    )
    caption = _(
        "Above each bar: days used / days there are. Black square: no room for one more class."
    )
    columns = min(3, len(resources) + 1)
    lines = -(-(len(resources) + 1) // columns)
    figure = new_chart(1.6 + 1.8 * lines, caption, title, alt)
    panels = figure.subplots(lines, columns, squeeze=False).ravel()
    for axes in panels[len(resources) + 1 :]:
        axes.set_axis_off()
    counts = [int(held.get(q, 0)) for q in QUARTERS]
    panels[0].bar(QUARTERS, counts, width=0.5, color=GREEN)
    _panel(panels[0], _("All classes"), _("Classes"), counts, [number(n) for n in counts])
    for axes, r in zip(panels[1:], sorted(resources, key=lambda r: -shares[r]), strict=False):
        rows = days[days["key"] == r].set_index("quarter").loc[list(QUARTERS)]
        limit, used = [float(n) for n in rows["limit"]], [float(n) for n in rows["used"]]
        full = [bool(b) and n > 0 for b, n in zip(rows["binding"], limit, strict=True)]
        axes.bar(QUARTERS, limit, width=0.78, label=_("Days there are"), **EMPTY)
        for tight, label, colour in (
            (False, _("Days used"), BLUE),
            (True, _("Days used, no room for one more class"), VERMILION),
        ):
            some = [n if f == tight else 0.0 for n, f in zip(used, full, strict=True)]
            axes.bar(QUARTERS, some, width=0.5, color=colour, label=label)
        texts = [f"{plain_number(n)}/{plain_number(m)}" for n, m in zip(used, limit, strict=True)]
        texts = [text + " ■" if f else text for text, f in zip(texts, full, strict=True)]
        _panel(
            axes, case.name(r), _("Days"), [max(p) for p in zip(used, limit, strict=True)], texts
        )
    legend(figure, panels[1])
    return figure


def _panel(
    axes: Axes, title: str, unit: str, heights: Sequence[float], texts: Sequence[str]
) -> None:
    """One small chart over the quarters, with a text above each bar."""
    top = max([*heights, 1.0])
    for q, height, text in zip(QUARTERS, heights, texts, strict=True):
        axes.text(q, height + 0.04 * top, text, ha="center", fontsize=8.5)
    axes.set_ylim(0, top * 1.2)
    axes.set_title("\n".join(wrap(plain(title), 27)), fontsize=10, loc="left")
    axes.set_xticks(QUARTERS, [_("Q{q}", q=q) for q in QUARTERS], fontsize=9)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True, steps=[1, 2, 5, 10]))
    axes.set_ylabel(unit)
    clean(axes, "y")
