"""Charts of a plan: each takes a plan and its case and answers one question.

What they show comes from `figures`; they only draw. Those of the re-solves: `insight/charts.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import compress

from ikmplan.input.case import Case
from ikmplan.input.rows import QUARTERS
from ikmplan.plan.plan import Plan
from ikmplan.report.figures import (
    ANNOUNCED,
    FLOOR,
    Bars,
    DaysUsed,
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
    ORANGE,
    SKY,
    SMALL,
    VERMILION,
    YELLOW,
    BarRows,
    Chart,
    Scale,
    ValueAxis,
    nothing,
    number_axis,
    rows,
    share_axis,
    upright,
)
from ikmplan.show.drawing import HATCHES, WIDTH, Fill, Mark, Stroke, text_width, wrap_text
from ikmplan.text import _, number

SHOWN = 14  # most limits in one chart
PLAN = Fill(BLUE)
MARK_STYLES = {FLOOR: Mark("|", Fill(BLACK), 18), ANNOUNCED: Mark("D", Fill(YELLOW, BLACK), 10)}
FUND_STYLES = (Fill(BLUE), Fill(ORANGE), EMPTY)
KIND_STYLES = tuple(
    Fill(colour, BLACK, hatch) for colour, hatch in zip(COLOURS, HATCHES, strict=True)
)
LIMIT_STYLES = (Fill(VERMILION), Fill(SKY, GREY, "/"))
PANELS = 3  # beside each other
PANEL = 96  # pixels: the height of bars in a panel


def coverage_chart(plan: Plan, case: Case, programme: Plan | None = None) -> Chart:
    """Who is reached: expected coverage of each cluster, its floor, and as announced."""
    shown = coverage_bars(plan, case, programme)
    if not shown.bars:
        return nothing(shown.title)
    bars = sorted(shown.bars, key=lambda bar: -bar.parts[0])
    chart = Chart(shown.title, shown.caption, shown.alt)
    axis = share_axis(shown.axis, max(0.1, shown.most * 1.02))
    at = rows(chart, [bar.name for bar in bars], axis, [bar.text for bar in bars])
    for y, bar in zip(at.middles, bars, strict=True):
        _bar(chart, at, y, bar.parts[0], PLAN)
        for (sign, _label), mark in zip(shown.marks, bar.marks, strict=True):
            if mark is not None:
                chart.mark(at.x(mark), y, MARK_STYLES[sign])
        chart.text(at.end, y, bar.text, anchor="end", bold=True)
    chart.legend(
        (PLAN, shown.parts[0]), *((MARK_STYLES[sign], label) for sign, label in shown.marks)
    )
    return chart


def _bar(chart: Chart, at: BarRows, y: float, length: float, fill: Fill, high: float = 15) -> None:
    chart.rect(at.x.start, y - high / 2, at.x(length) - at.x.start, high, fill)


def coached_chart(plan: Plan, case: Case, district: bool = False) -> Chart:
    """Coached beside reached, of each cluster or, with `district`, of each district."""
    shown = coached_bars(plan, case, district)
    if not shown.bars:
        return nothing(shown.title)
    bars = sorted(shown.bars, key=lambda bar: -bar.parts[1])
    chart = Chart(shown.title, shown.caption, shown.alt)
    axis = share_axis(shown.axis, max(0.1, *(max(bar.parts) for bar in bars)))
    at = rows(chart, [bar.name for bar in bars], axis, ["100%"], high=27)
    fills = (Fill(SKY), PLAN)
    for middle, bar in zip(at.middles, bars, strict=True):
        for part, share in enumerate(bar.parts):
            y = middle + (part - 0.5) * 11.5
            _bar(chart, at, y, share, fills[part], high=10.5)
            chart.text(at.x(share) + 5, y, shown.show(share), size=SMALL, bold=part == 1)
    chart.legend(*zip(fills, shown.parts, strict=True))
    return chart


def district_chart(plan: Plan, case: Case) -> Chart:
    """Coached beside reached, of each district."""
    return coached_chart(plan, case, district=True)


def money_chart(plan: Plan, case: Case) -> Chart:
    """Where the money goes: each fund's share for training and machines, and what is left."""
    shown = money_bars(plan, case)
    chart = Chart(shown.title, shown.caption, shown.alt)
    axis = number_axis(shown.axis, shown.most, shown.show)
    at = rows(chart, [bar.name for bar in shown.bars], axis, high=58)
    colours = ("#FFFFFF", BLACK, BLACK)
    for part, y, begin, amount in _stacked(chart, at, shown, FUND_STYLES, 24):
        text, middle = shown.show(amount), at.x(begin + amount / 2)
        if text_width(text) < at.x(amount) - at.x.start - 4:
            chart.text(middle, y, text, anchor="middle", colour=colours[part], halo=part == 2)
        elif amount > 0.004 * shown.most:  # too narrow for its number: machines below, others above
            side = 20 if part == 1 else -20
            half = text_width(text) / 2
            middle = min(max(middle, at.x.start + half), WIDTH - half)
            chart.text(middle, y + side, text, anchor="middle")
    chart.legend(*zip(FUND_STYLES, shown.parts, strict=True))
    return chart


def _stacked(
    chart: Chart, at: BarRows, shown: Bars, fills: Sequence[Fill], high: float
) -> Iterator[tuple[int, float, float, float]]:
    """Draw all parts of all bars; number of the part, height, start and length of each."""
    for y, bar in zip(at.middles, shown.bars, strict=True):
        begin = 0.0
        for part, length in enumerate(bar.parts):
            start, end = at.x(begin), at.x(begin + length)
            chart.rect(start, y - high / 2, end - start, high, fills[part % len(fills)])
            yield part, y, begin, length
            begin += length


def machines_chart(plan: Plan, case: Case) -> Chart:
    """Where the machines go: new ones at each cluster, by kind."""
    shown = machines_bars(plan, case)
    if not shown.bars:
        return nothing(shown.title)
    chart = Chart(shown.title, shown.caption, shown.alt)
    axis = number_axis(shown.axis, shown.most, number, least=1)
    at = rows(chart, [bar.name for bar in shown.bars], axis)
    for _part, y, begin, count in _stacked(chart, at, shown, KIND_STYLES, 17):
        if count:
            middle = at.x(begin + count / 2)
            chart.text(middle, y, shown.show(count), anchor="middle", size=SMALL, halo=True)
    kinds = enumerate(shown.parts)
    chart.legend(*((KIND_STYLES[n % len(KIND_STYLES)], label) for n, label in kinds))
    return chart


def limits_chart(plan: Plan, case: Case) -> Chart:
    """What binds: the share used of the money, trainers, halls, stock, power and space."""
    shown = limit_bars(plan, case)
    bars = shown.bars[:SHOWN]
    if not bars:
        return nothing(shown.title)
    chart = Chart(shown.title, shown.caption, shown.alt)
    most = max(1.0, *(bar.share for bar in bars))
    axis = share_axis(shown.axis, most)
    at = rows(chart, [bar.name for bar in bars], axis, [bar.text for bar in bars])
    for y, bar in zip(at.middles, bars, strict=True):
        _bar(chart, at, y, bar.share, LIMIT_STYLES[not bar.binding])
        chart.text(at.x.end + 8, y, bar.text, bold=bar.binding)
    full = at.x(1.0)
    chart.line([(full, at.middles[0] - 12), (full, at.middles[-1] + 12)], Stroke(BLACK, 1))
    drawn = {bar.binding for bar in bars}
    signs = zip(LIMIT_STYLES, shown.labels, strict=True)
    chart.legend(*compress(signs, (True in drawn, False in drawn)))
    return chart


def quarters_chart(plan: Plan, case: Case) -> Chart:
    """Classes over the year: days used against the days that trainers and halls have."""
    shown = quarter_days(plan, case)
    if not shown.resources:
        return nothing(shown.title)
    chart = Chart(shown.title, shown.caption, shown.alt)
    panels: list[tuple[str, str, Sequence[str], Sequence[DaysUsed]]] = [
        (shown.all_classes, _("Classes"), shown.quarters, _classes(shown.classes))
    ]
    panels += [(name, _("Days"), shown.quarters, days) for name, _share, days in shown.resources]
    for first in range(0, len(panels), PANELS):
        line = panels[first : first + PANELS]
        chart.height += 6
        top = chart.height
        for n, panel in enumerate(line):
            chart.height = top
            _panel(chart, n * (WIDTH + 20) / PANELS, *panel)
    chart.legend((EMPTY, _("Days available")), (PLAN, shown.used), (Fill(VERMILION), shown.full))
    return chart


def _classes(classes: Sequence[int]) -> list[DaysUsed]:
    return [DaysUsed(n, 0.0, False, number(n)) for n in classes]


def _panel(
    chart: Chart,
    left: float,
    title: str,
    unit: str,
    quarters: Sequence[str],
    days: Sequence[DaysUsed],
) -> None:
    """One small chart over the quarters, with a text above each bar."""
    width = (WIDTH + 20) / PANELS - 20
    lines = wrap_text(title, width, SMALL, bold=True)[:2]
    chart.text(left, chart.height + 8 + 7 * (len(lines) - 1), lines, size=SMALL, bold=True)
    top = chart.height + 52
    chart.text(left, top - 18, unit, size=SMALL)
    most = max([1.0, *(max(day.used, day.there) for day in days)])
    x = Scale(0.5, len(QUARTERS) + 0.5, left + 8, left + width)
    y = Scale(0, most, top + PANEL, top)
    # the text above each bar is the axis
    upright(chart, x, ValueAxis("", 0, 1, (), number), top, top + PANEL)
    is_classes = not any(day.there for day in days)
    for q, day in zip(QUARTERS, days, strict=True):
        for height, half, fill in (
            (day.there, 21.0, EMPTY),
            (day.used, 14.0, Fill(GREEN) if is_classes else LIMIT_STYLES[0] if day.full else PLAN),
        ):
            chart.rect(x(q) - half, y(height), 2 * half, y(0) - y(height), fill)
        chart.text(x(q), y(max(day.used, day.there)) - 8, day.text, anchor="middle", size=SMALL)
        chart.text(x(q), top + PANEL + 11, quarters[q - 1], anchor="middle", size=SMALL)
    chart.height = top + PANEL + 20
