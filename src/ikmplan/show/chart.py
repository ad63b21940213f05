"""What all figures share: size, colours, title, caption, axes, and a text alternative.

The colours are Okabe and Ito's, which the colour-blind can distinguish, and hatches repeat
what colours show. The title states what to see; `alt` states it for those who cannot, and a
notebook puts both into its page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from math import ceil, floor, log10
from typing import NamedTuple

from markupsafe import Markup

from ikmplan.show.drawing import (
    LINE_HEIGHT,
    SIZE,
    WIDTH,
    Drawing,
    Fill,
    Mark,
    Stroke,
    text_width,
    wrap_text,
)
from ikmplan.show.html import element
from ikmplan.show.table import Format, scroller
from ikmplan.text import percent

BLUE, ORANGE, GREEN, SKY = "#0072B2", "#E69F00", "#009E73", "#56B4E9"
VERMILION, PURPLE, YELLOW, BLACK = "#D55E00", "#CC79A7", "#F0E442", "#000000"
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, YELLOW)
GREY, PALE = "#555555", "#DDDDDD"
EMPTY = Fill("#FFFFFF", GREY, "/")
SMALL = 11.5  # size of letters beside axes
GRID = Stroke(PALE, 1)
LEAST_SHARE = 0.001  # between values named on an axis: they show one decimal of a percent
NAME_WIDTH = 250  # pixels that the names of rows may take
MarkedLine = tuple[Stroke, Mark]
Sign = Fill | Mark | MarkedLine | Stroke


class Chart(Drawing):
    """A figure with its title (what to see), its caption (how to read it) and its text."""

    def __init__(self, title: str, caption: str = "", alt: str = "") -> None:
        super().__init__(f"{title}. {alt}".strip())
        self.title, self.caption, self.drawn = title, caption, True

    def html(self) -> Markup:
        """An HTML figure whose picture is SVG; without a picture, the title as a sentence."""
        if not self.drawn:
            return element("p", f"{self.title}.", class_="ikmplan") if self.title else Markup("")
        figure = Markup(
            '<figure class="ikmplan" style="margin:1em 0">\n'
            '<p style="font-weight:bold;margin:0 0 .4em">{}</p>\n{}\n{}</figure>'
        )
        picture = scroller(self.title, self.svg(f"width:{WIDTH:.0f}px;max-width:100%;"))
        return figure.format(self.title, picture, element("figcaption", self.caption))

    def _repr_html_(self) -> str:
        return self.html()

    def __repr__(self) -> str:
        return f"Chart({self.title!r})"

    def legend(self, *signs: tuple[Sign, str]) -> None:
        """What each sign means, below what is drawn."""
        x, y = 0.0, self.height + 14
        for sign, label in signs:
            lines = wrap_text(label, WIDTH / 2 - 30, SMALL)
            wide = 26 + max(text_width(line, SMALL) for line in lines)
            if x and x + wide > WIDTH:
                x, y = 0.0, self.height + 12
            self._sign(x + 2, y, sign)
            for n, line in enumerate(lines):
                self.text(x + 26, y + n * SMALL * LINE_HEIGHT, line, size=SMALL)
            self.height = max(self.height, y + len(lines) * SMALL * LINE_HEIGHT - 4)
            x += wide + 16

    def _sign(self, x: float, y: float, sign: Sign) -> None:
        if isinstance(sign, Fill):
            self.rect(x, y - 5, 18, 10, sign)
        elif isinstance(sign, Mark):
            self.mark(x + 9, y, sign)
        else:
            stroke, mark = (sign, None) if isinstance(sign, Stroke) else sign
            self.line([(x, y), (x + 18, y)], stroke)
            if mark is not None:
                self.mark(x + 9, y, mark)


def nothing(title: str) -> Chart:
    """Where there is nothing to draw: a line that states it, or nothing without a title."""
    made = Chart(title)
    made.drawn = False
    return made


# --- axes ------------------------------------------------------------------------------------


class Scale(NamedTuple):
    """From values to pixels."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


class ValueAxis(NamedTuple):
    """What an axis measures, from where to where, the values named on it, and how."""

    label: str
    low: float
    high: float
    at: Sequence[float]
    show: Format


def ticks(low: float, high: float, most: int, least: float = 0.0) -> list[float]:
    """At most `most` round numbers from `low` to `high`: 1, 2 or 5 × a power of 10
    apart, and not less than `least`."""
    span = (high - low) or 1.0
    power = 10.0 ** floor(log10(span / most))
    steps = (power * 10**k * n for k in count() for n in (1, 2, 5))
    step = next(s for s in steps if span / s <= most and s >= least)
    first = ceil(round(low / step, 6))
    last = floor(round(high / step, 6))
    return [float(f"{n * step:.12g}") for n in range(first, last + 1)]


def show_share(share: float) -> str:
    """A share in percent as it is: 2.5 % is not rounded to 3."""
    return percent(share, 0 if abs(share - round(share, 2)) < 1e-9 else 1)


def share_axis(label: str, high: float, low: float = 0.0, most: int = 8) -> ValueAxis:
    high = high if high > low else low + 1.0  # where all is 0
    return ValueAxis(label, low, high, ticks(low, high, most, LEAST_SHARE), show_share)


def number_axis(label: str, high: float, show: Format, least: float = 0.0) -> ValueAxis:
    high = high or 1.0  # where all is 0
    return ValueAxis(label, 0.0, high, ticks(0, high, 7, least), show)


class BarRows(NamedTuple):
    """Where horizontal bars stand."""

    x: Scale
    middles: Sequence[float]
    end: float  # of the picture; what a text at the right edge ends at


def rows(
    chart: Chart, names: Sequence[str], axis: ValueAxis, ends: Iterable[str] = (), high: float = 24
) -> BarRows:
    """BarRows for horizontal bars, each `high` or as high as its name, with room for bold texts at
    the right edge."""
    size = SIZE - 0.5
    wrapped = [wrap_text(name, NAME_WIDTH, size) for name in names]
    left = 8 + max((text_width(line, size) for lines in wrapped for line in lines), default=0)
    after = max((text_width(text, SIZE, bold=True) + 10 for text in ends), default=8)
    x = Scale(axis.low, axis.high, min(left, NAME_WIDTH + 40), WIDTH - after)
    top, y, middles = chart.height, chart.height, []
    for lines in wrapped:
        tall = max(high, len(lines) * size * LINE_HEIGHT + 6)
        middles.append(y + tall / 2)
        y += tall
    upright(chart, x, axis, top, y)
    for lines, middle in zip(wrapped, middles, strict=True):
        chart.text(x.start - 8, middle, lines, anchor="end", size=size)
    return BarRows(x, middles, WIDTH - 2)


def upright(chart: Chart, x: Scale, axis: ValueAxis, top: float, bottom: float) -> None:
    """Grid lines from `top` to `bottom`, their values below, and what the axis measures."""
    texts = [axis.show(value) for value in axis.at]
    room = max((text_width(text, SMALL) for text in texts), default=0) + 8
    apart = abs(x(axis.at[1]) - x(axis.at[0])) if len(axis.at) > 1 else room
    every = max(1, ceil(room / apart))  # no value on another
    for n, (value, text) in enumerate(zip(axis.at, texts, strict=True)):
        chart.line([(x(value), top), (x(value), bottom)], GRID)
        if n % every == 0:
            wide = text_width(text, SMALL) / 2
            at = min(max(x(value), wide), WIDTH - wide)
            chart.text(at, bottom + 11, text, anchor="middle", size=SMALL)
    chart.line([(x.start, bottom), (x.end, bottom)], Stroke(GREY, 1))
    chart.height = bottom + 20
    if axis.label:
        chart.text((x.start + x.end) / 2, bottom + 27, axis.label, anchor="middle", size=SMALL)
        chart.height = bottom + 38


class Plane(NamedTuple):
    """Where points stand."""

    x: Scale
    y: Scale


def plane(
    chart: Chart,
    x_axis: ValueAxis,
    y_axis: ValueAxis,
    high: float,
    left: float = 0.0,
    right: float = WIDTH - 8,
) -> Plane:
    """A field for points `high` pixels high, between `left` and `right`, with both axes named."""
    top = chart.height + 4
    label = wrap_text(y_axis.label, right - left, SMALL)
    if y_axis.label:  # above, where it is read without turning the head
        chart.text(left, top + 8, label, size=SMALL)
        top += 22
    texts = [y_axis.show(value) for value in y_axis.at]
    start = left + max((text_width(text, SMALL) for text in texts), default=0) + 8
    x = Scale(x_axis.low, x_axis.high, start, right)
    y = Scale(y_axis.low, y_axis.high, top + high, top)
    for value, text in zip(y_axis.at, texts, strict=True):
        chart.line([(start, y(value)), (right, y(value))], GRID)
        chart.text(start - 6, y(value), text, anchor="end", size=SMALL)
    upright(chart, x, x_axis, top, top + high)
    return Plane(x, y)


def draw_curve(
    chart: Chart, at: Plane, points: Iterable[tuple[float, float]], line: Stroke, *marks: Mark
) -> None:
    """A line through points given as values, with marks on each; of one point the marks alone."""
    placed = [(at.x(x), at.y(y)) for x, y in points]
    if len(placed) > 1:
        chart.line(placed, line)
    for mark in marks:
        for point in placed:
            chart.mark(*point, mark)


def spread(values: Iterable[float], margin: float = 0.06) -> tuple[float, float]:
    """From the least to the largest value, with some room at both ends."""
    every = list(values)
    low, high = min(every), max(every)
    room = margin * (high - low) or abs(high) * margin or 1.0
    return low - room, high + room
