"""Charts of a plan: each takes a plan and its case and answers one question.

What they show comes from `figures`; they only draw. Those of the re-solves: `insight/charts.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle
from textwrap import wrap
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ikmplan.input.case import Case
from ikmplan.input.rows import QUARTERS
from ikmplan.plan.plan import Plan
from ikmplan.report.figures import (
    ANNOUNCED,
    FLOOR,
    Bar,
    Bars,
    Content,
    LimitBar,
    coached_bars,
    coverage_bars,
    limit_bars,
    machines_bars,
    money_bars,
    quarter_days,
)
from ikmplan.show.chart import (
    BLACK,
    BLUE,
    COLOURS,
    EMPTY,
    GREEN,
    GREY,
    HATCHES,
    ORANGE,
    SKY,
    VERMILION,
    YELLOW,
    Chart,
    bars,
    clean,
    in_own_style,
    legend,
    new_chart,
    nothing,
    plain,
    show_shares,
)
from ikmplan.text import _, number

SHOWN = 14  # most limits in one chart
MARK_STYLES: dict[str, dict[str, Any]] = {
    FLOOR: {"marker": "|", "s": 300, "linewidths": 2.5, "color": BLACK, "zorder": 3},
    ANNOUNCED: {"marker": "D", "s": 46, "facecolor": YELLOW, "edgecolor": BLACK, "zorder": 4},
}
WHITE = {"facecolor": "white", "edgecolor": "none", "pad": 1}  # behind a text
FUND_STYLES: tuple[dict[str, Any], ...] = ({"color": BLUE}, {"color": ORANGE}, EMPTY)
FUND_TEXTS: tuple[dict[str, Any], ...] = (
    {"color": "white"},
    {"color": BLACK},
    {"color": BLACK, "bbox": WHITE},
)
KIND_STYLES: tuple[dict[str, Any], ...] = tuple(
    {"facecolor": colour, "edgecolor": BLACK, "linewidth": 0.6, "hatch": hatch}
    for colour, hatch in zip(COLOURS, HATCHES, strict=True)
)
LIMIT_STYLES: tuple[dict[str, Any], ...] = (
    {"color": VERMILION},
    {"facecolor": SKY, "edgecolor": GREY, "hatch": "///"},
)


@in_own_style
def coverage_chart(plan: Plan, case: Case, programme: Plan | None = None) -> Chart:
    """Who is reached: expected coverage of each cluster, its floor, and as announced."""
    shown = coverage_bars(plan, case, programme)
    if not shown.bars:
        return nothing(shown.title)
    rows = sorted(shown.bars, key=lambda bar: -bar.parts[0])
    figure, axes, at = _bar_axes(1.5 + 0.33 * len(rows), shown, rows)
    axes.barh(at, [bar.parts[0] for bar in rows], height=0.62, color=BLUE, label=shown.parts[0])
    edge = max(0.1, shown.most * 1.12)
    for y, bar in zip(at, rows, strict=True):  # at the edge, clear of the markers
        axes.text(edge, y, bar.text, ha="right", va="center", fontweight="bold")
    for n, (sign, label) in enumerate(shown.marks):
        marked = [(bar.marks[n], y) for y, bar in zip(at, rows, strict=True)]
        places = [(x, y) for x, y in marked if x is not None]
        axes.scatter(*zip(*places, strict=True), label=label, **MARK_STYLES[sign])
    axes.set_xlim(0, edge)
    show_shares(axes.xaxis)
    legend(figure, axes)
    return figure


@in_own_style
def coached_chart(plan: Plan, case: Case, district: bool = False) -> Chart:
    """Coached beside reached, of each cluster or, with `district`, of each district."""
    shown = coached_bars(plan, case, district)
    if not shown.bars:
        return nothing(shown.title)
    rows = sorted(shown.bars, key=lambda bar: -bar.parts[1])
    figure, axes, at = _bar_axes(1.5 + 0.42 * len(rows), shown, rows)
    for part, (label, colour) in enumerate(zip(shown.parts, (SKY, BLUE), strict=True)):
        shares, side = [bar.parts[part] for bar in rows], [y + (part - 0.5) * 0.4 for y in at]
        axes.barh(side, shares, height=0.38, color=colour, label=label)
        for y, share in zip(side, shares, strict=True):
            text = f" {shown.show(share)}"
            axes.text(share, y, text, va="center", fontsize=9, fontweight="bold" * part or None)
    axes.set_xlim(0, max(0.1, max(max(bar.parts) for bar in rows) * 1.1))
    show_shares(axes.xaxis)
    legend(figure, axes)
    return figure


@in_own_style
def district_chart(plan: Plan, case: Case) -> Chart:
    """Coached beside reached, of each district."""
    return coached_chart(plan, case, district=True)


@in_own_style
def money_chart(plan: Plan, case: Case) -> Chart:
    """Where the money goes: each fund's share for training and machines, and what is left."""
    shown = money_bars(plan, case)
    figure, axes, _at = _bar_axes(1.7 + 0.9 * len(shown.bars), shown, shown.bars)
    for part, y, begin, amount in _stacked(axes, shown, FUND_STYLES, height=0.5):
        text, middle = shown.show(amount), begin + amount / 2
        if amount > 0.12 * shown.most:
            axes.text(middle, y, text, ha="center", va="center", **FUND_TEXTS[part])
        elif amount > 0.004 * shown.most:  # too narrow for its number: machines below, others above
            side, align = (1, "top") if part == 1 else (-1, "bottom")
            axes.text(middle, y + side * 0.27, text, ha="center" if begin else "left", va=align)
    axes.set_xlim(0, (shown.most or 1) * 1.02)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _n: shown.show(x)))
    legend(figure, axes)
    return figure


def _bar_axes(
    height: float, shown: Content, rows: Sequence[Bar | LimitBar]
) -> tuple[Chart, Axes, range]:
    """A chart `height` inches high with its axes, and the place of each bar on them."""
    figure = new_chart(height, shown.caption, shown.title, shown.alt)
    axes = figure.add_subplot()
    axes.set_xlabel(shown.axis)
    return figure, axes, bars(axes, [bar.name for bar in rows])


def _stacked(
    axes: Axes, shown: Bars, styles: Sequence[dict[str, Any]], height: float
) -> Iterator[tuple[int, int, float, float]]:
    """Draw all parts of all bars; number of the part, row, start and length of each."""
    start = [0.0] * len(shown.bars)
    for part, (label, style) in enumerate(zip(shown.parts, cycle(styles), strict=False)):
        lengths = [bar.parts[part] for bar in shown.bars]
        name = "\n".join(wrap(plain(label), 44))
        axes.barh(range(len(start)), lengths, left=start, height=height, label=name, **style)
        for y, (begin, length) in enumerate(zip(start, lengths, strict=True)):
            yield part, y, begin, length
        start = [a + b for a, b in zip(start, lengths, strict=True)]


@in_own_style
def machines_chart(plan: Plan, case: Case) -> Chart:
    """Where the machines go: new ones at each cluster, by kind."""
    shown = machines_bars(plan, case)
    if not shown.bars:
        return nothing(shown.title)
    figure, axes, _at = _bar_axes(1.8 + 0.36 * len(shown.bars), shown, shown.bars)
    for _part, y, begin, count in _stacked(axes, shown, KIND_STYLES, height=0.62):
        if count:
            text, middle = shown.show(count), begin + count / 2
            axes.text(middle, y, text, ha="center", va="center", fontsize=9, bbox=WHITE)
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.set_xlim(0, shown.most * 1.03)
    legend(figure, axes, 3)
    return figure


@in_own_style
def limits_chart(plan: Plan, case: Case) -> Chart:
    """What binds: the share used of the money, trainers, halls, stock, power and space."""
    shown = limit_bars(plan, case)
    rows = shown.bars[:SHOWN]
    if not rows:
        return nothing(shown.title)
    figure, axes, at = _bar_axes(1.6 + 0.33 * len(rows), shown, rows)
    for binding, label, style in zip((True, False), shown.labels, LIMIT_STYLES, strict=True):
        some = {y: bar.share for y, bar in zip(at, rows, strict=True) if bar.binding == binding}
        if some:
            axes.barh([*some], [*some.values()], height=0.62, label=label, **style)
    for y, bar in zip(at, rows, strict=True):
        axes.annotate(
            bar.text,
            (bar.share, y),
            (5, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            bbox=WHITE,
        )
    axes.set_xlim(0, max(1.0, *(bar.share for bar in rows)) * 1.42)
    axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    axes.axvline(1, color=BLACK, linewidth=1, zorder=0.5)
    show_shares(axes.xaxis)
    legend(figure, axes, 2)
    return figure


@in_own_style
def quarters_chart(plan: Plan, case: Case) -> Chart:
    """Classes over the year: days used against the days that trainers and halls have."""
    shown = quarter_days(plan, case)
    if not shown.resources:
        return nothing(shown.title)
    used = len(shown.resources) + 1
    columns = min(3, used)
    lines = -(-used // columns)
    figure = new_chart(1.6 + 1.8 * lines, shown.caption, shown.title, shown.alt)
    panels = figure.subplots(lines, columns, squeeze=False).ravel()
    for axes in panels[used:]:
        axes.set_axis_off()
    panels[0].bar(QUARTERS, shown.classes, width=0.5, color=GREEN)
    texts = [number(n) for n in shown.classes]
    _panel(panels[0], shown.all_classes, _("Classes"), shown.quarters, shown.classes, texts)
    for axes, resource in zip(panels[1:], shown.resources, strict=False):
        days = resource.quarters
        axes.bar(QUARTERS, [d.there for d in days], width=0.78, label=_("Days there are"), **EMPTY)
        for full, label, colour in ((False, shown.used, BLUE), (True, shown.full, VERMILION)):
            heights = [d.used if d.full == full else 0.0 for d in days]
            axes.bar(QUARTERS, heights, width=0.5, color=colour, label=label)
        heights = [max(d.used, d.there) for d in days]
        _panel(axes, resource.name, _("Days"), shown.quarters, heights, [d.text for d in days])
    legend(figure, panels[1])
    return figure


def _panel(
    axes: Axes,
    title: str,
    unit: str,
    quarters: Sequence[str],
    heights: Sequence[float],
    texts: Sequence[str],
) -> None:
    """One small chart over the quarters, with a text above each bar."""
    top = max([*heights, 1.0])
    for q, height, text in zip(QUARTERS, heights, texts, strict=True):
        axes.text(q, height + 0.04 * top, text, ha="center", fontsize=8.5)
    axes.set_ylim(0, top * 1.2)
    axes.set_title("\n".join(wrap(plain(title), 27)), fontsize=10, loc="left")
    axes.set_xticks(QUARTERS, quarters, fontsize=9)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True, steps=[1, 2, 5, 10]))
    axes.set_ylabel(unit)
    clean(axes, "y")
