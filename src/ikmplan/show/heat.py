"""Heat maps: a table of colours with a number in every cell."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from textwrap import shorten
from typing import NamedTuple

from ikmplan.show.chart import BLACK, BLUE, EMPTY, NAME_WIDTH, SMALL, VERMILION, Chart
from ikmplan.show.drawing import (
    LINE_HEIGHT,
    SIZE,
    WIDTH,
    Fill,
    Mark,
    mixed_with_white,
    text_width,
    wrap_text,
)

CELL_HEIGHT = 24.0  # pixels: least height of a row
SMALL_LETTERS = 10.0  # of letters; below them the short texts of cells are shown
SMALLEST_LETTERS = 8.0  # of letters; cells that are too narrow for them are colours alone
TURNED = -40.0  # degrees: names of columns that are too narrow for them
LONGEST_TURNED = 28  # letters of a turned name


class Tint(NamedTuple):
    """A cell: its text, and how far its colour is from white: to BLUE (1) or VERMILION (-1)."""

    text: str
    strength: float = 0.0
    empty: bool = False  # hatched: there is nothing
    marked: bool = False  # with an edge
    short: str = ""  # the text where the column is too narrow for `text`
    corner: Mark | None = None  # with `short`: a sign in the upper corner


def tint_colour(strength: float) -> str:
    """White mixed with BLUE, or with VERMILION where the strength is below 0."""
    return mixed_with_white(BLUE if strength >= 0 else VERMILION, min(abs(strength), 1.0))


def heat_map(
    chart: Chart,
    row_names: Sequence[str],
    column_names: Sequence[str],
    cells: Sequence[Sequence[Tint]],
    axis: str = "",
) -> None:
    """Rows of cells with their names at the left, those of the columns above, `axis` below."""
    wrapped = [wrap_text(name, NAME_WIDTH - 50) for name in row_names]
    left = 10 + max((text_width(line) for lines in wrapped for line in lines), default=0)
    heads = _heads(column_names, (WIDTH - left) / max(1, len(column_names)))
    wide = (WIDTH - left - heads.beyond) / max(1, len(column_names))
    size = _fitting(cells, wide)
    if size < SMALL_LETTERS and any(cell.short for row in cells for cell in row):
        cells = [[_shortened(cell) for cell in row] for row in cells]
        size = _fitting(cells, wide)
    else:
        cells = [[cell._replace(corner=None) for cell in row] for row in cells]
    top = _draw_heads(chart, heads, left, wide)
    y = top
    for lines, row in zip(wrapped, cells, strict=True):
        high = max(CELL_HEIGHT, len(lines) * SIZE * LINE_HEIGHT + 4)
        chart.text(left - 8, y + high / 2, lines, anchor="end")
        for n, cell in enumerate(row):
            fill = EMPTY if cell.empty else Fill(tint_colour(cell.strength))
            x = left + n * wide
            chart.rect(x + 1, y + 1, wide - 2, high - 2, fill)
            if cell.marked:
                chart.rect(x + 2, y + 2, wide - 4, high - 4, Fill("none", BLACK))
            if cell.corner:
                chart.mark(x + wide - 6, y + 6, cell.corner)
            ink = "#FFFFFF" if cell.strength > 0.62 and not cell.empty else ""
            middle, down = x + wide / 2, 2.0 if cell.corner else 0.0
            if size < SMALLEST_LETTERS:
                continue
            chart.text(
                middle, y + high / 2 + down, cell.text, anchor="middle", size=size, colour=ink,
                halo=cell.empty,
            )  # fmt: skip
        y += high
    chart.height = y + 4
    if axis:
        chart.text((left + WIDTH) / 2, y + 12, axis, anchor="middle", size=SMALL)
        chart.height = y + 22


def _fitting(cells: Sequence[Sequence[Tint]], wide: float) -> float:
    """The size of letters at which every text fits its cell; SIZE at most."""
    most = max((text_width(cell.text) for row in cells for cell in row), default=0)
    return min(SIZE, SIZE * (wide - 3) / (most or 1))


def _shortened(cell: Tint) -> Tint:
    return cell._replace(text=cell.short) if cell.short else cell


class Heads(NamedTuple):
    """Names of columns in lines, whether they are turned, and how far they go beyond the last."""

    lines: Sequence[Sequence[str]]
    high: float
    turned: bool = False
    beyond: float = 0.0


def _heads(names: Sequence[str], wide: float) -> Heads:
    """Upright where columns `wide` pixels wide have room for them."""
    fitting = [wrap_text(name, wide - 6, SMALL) for name in names]
    widest = max((text_width(line, SMALL) for lines in fitting for line in lines), default=0)
    deepest = max(map(len, fitting), default=1)
    if widest <= wide - 2 and deepest <= 4:
        return Heads(fitting, deepest * SMALL * LINE_HEIGHT + 8)
    short = [shorten(name, LONGEST_TURNED, placeholder="…") for name in names]
    longest = max(text_width(name, SMALL) for name in short)
    last = text_width(short[-1], SMALL)
    return Heads([[name] for name in short], longest * 0.64 + 16, True, max(0.0, last * 0.77 - 10))


def _draw_heads(chart: Chart, heads: Heads, left: float, wide: float) -> float:
    """Where the cells below them begin."""
    bottom = chart.height + heads.high
    every = max(1, ceil(SMALL * LINE_HEIGHT / wide)) if heads.turned else 1
    for n, lines in enumerate(heads.lines[::every]):
        middle = left + (n * every + 0.5) * wide
        if heads.turned:
            chart.text(middle, bottom - 8, lines, size=SMALL, turn=TURNED)
        else:
            y = bottom - 6 - len(lines) * SMALL * LINE_HEIGHT / 2
            chart.text(middle, y, lines, anchor="middle", size=SMALL)
    return bottom
