"""What readers see beside charts: tables, tiles, lists and paragraphs.

A `View` is a data frame whose headings are in the reader's language and whose numbers
are still numbers. A notebook shows it as an HTML table that a screen reader can read;
`frame` serves workbooks, `shown` is every cell as text. `Tiles` are single figures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from typing import Any

import pandas as pd

from ikmplan.text import _, bound, gap_percent, number, percent, round_up, rupiah

Format = Callable[[Any], str]
NOTHING = "–"
SHORT = 16  # rows of a table that is not cut by the end of a printed page


def one_decimal(value: float) -> str:
    return number(value, 1)


def two_decimals(value: float) -> str:
    return number(value, 2)


def percent_one_decimal(share: float) -> str:
    return percent(share, 1)


def rupiah_text(amount: float) -> str:
    return rupiah(amount)


@dataclass(frozen=True)
class Signed:
    """How a difference is shown: with its sign; of two shares in percentage points."""

    show: Format

    def __call__(self, value: float) -> str:
        plus = "+" if value > 0 and self.show(value) != self.show(0) else ""
        if self.show is percent_one_decimal:
            return _("{n} points", n=plus + one_decimal(value * 100))
        return plus + self.show(value)


@dataclass(frozen=True)
class Unit:
    """How an amount is shown with its unit: `message` is a message with {n}, as "{n} days"."""

    message: str
    digits: int = 0
    one: str = ""  # another message for just one

    def __call__(self, value: float) -> str:
        if self.one and value == 1:
            return _(self.one)
        return _(self.message, n=number(value, self.digits))


@dataclass(frozen=True)
class RoundedUp:
    """How a bound is shown: rounded up, so that no value stands above it; a share in percent."""

    digits: int  # decimals
    share: bool = False

    def __call__(self, value: float) -> str:
        return (gap_percent if self.share else bound)(value, self.digits)

    def rounded(self, value: float) -> float:
        """The number that is shown."""
        return float(round_up(value, self.digits + 2 * self.share))


def plainly(value: float) -> str:
    """As few decimals as the number needs, one at most."""
    return number(value, 0 if round(value, 1) == round(value) else 1)


def code(text: str) -> str:
    """A name as it stands in a file, as HTML."""
    return f"<code>{escape(text)}</code>"


def scroller(label: str, inner: str) -> str:
    """HTML that scrolls in itself where it is wider than the page, by keyboard too."""
    return (
        f'<div class="ikmplan-scroll" role="group" tabindex="0" aria-label="{escape(label)}" '
        f'style="overflow-x:auto">\n{inner}\n</div>'
    )


@dataclass(frozen=True)
class Column:
    """A heading, its values, and how they are shown; without `show` they are text."""

    heading: str
    values: Sequence[Any]
    show: Format | Sequence[Format | None] | None = None
    rich: Format | None = None  # the text as HTML, where plain text is not enough
    sums: bool = False  # whether a group of rows has its subtotal


@dataclass(frozen=True)
class View:
    """A table for readers. `frame` holds the numbers, `shown` the text."""

    caption: str
    columns: tuple[Column, ...]
    total: bool = False  # the last row, but for those beyond, sums the others up
    beyond: int = 0  # rows below the total that it leaves out
    grouped: bool = False  # rows with the same first column stand under it, with a subtotal
    empty: str = field(default="", compare=False)

    @property
    def frame(self) -> pd.DataFrame:
        """Headings translated, numbers still numbers."""
        return pd.DataFrame({c.heading: list(c.values) for c in self.columns})

    def shown(self) -> pd.DataFrame:
        """Every cell as the text that readers see."""
        return pd.DataFrame({c.heading: _texts(c) for c in self.columns}, dtype=str)

    def __repr__(self) -> str:
        return f"View({self.caption!r}, {len(self)} rows)"

    def __str__(self) -> str:
        shown = self.shown()
        body = shown.to_string(index=False) if len(shown) else self._nothing()
        return f"{self.caption}\n{body}"

    def __len__(self) -> int:
        return len(self.columns[0].values) if self.columns else 0

    def _nothing(self) -> str:
        return self.empty or _("Nothing.")

    def _repr_html_(self) -> str:
        return self.html()

    def html(self) -> str:
        """An accessible table: caption, and headings with their scope; a line where it is empty."""
        if not len(self):
            caption, nothing = escape(self.caption), escape(self._nothing())
            return f'<p class="ikmplan"><strong>{caption}:</strong> {nothing}</p>'
        columns = self.columns[1:] if self.grouped else self.columns
        sides = ["left" if c.show is None else "right" for c in columns]
        names = [c.heading for c in columns]
        if self.grouped:
            names[0] = f"{self.columns[0].heading} – {names[0]}"
        head = "".join(
            f'<th scope="col" style="text-align:{side}">{escape(name)}</th>'
            for name, side in zip(names, sides, strict=True)
        )
        cells = [
            [c.rich(text) if c.rich else escape(text) for text in self._cells(c)] for c in columns
        ]
        rows = list(zip(*cells, strict=True))
        caption = 'style="caption-side:top;text-align:left;font-weight:bold;padding:0.4em 0"'
        kind = "ikmplan short" if len(self) <= SHORT else "ikmplan"
        table = (
            f'<table class="{kind}">\n<caption {caption}>{escape(self.caption)}</caption>\n'
            f"<thead><tr>{head}</tr></thead>\n{self._bodies(rows, sides)}\n</table>"
        )
        return scroller(self.caption, table)

    @property
    def last(self) -> int:
        """The row of the total; beyond all rows where there is none."""
        return len(self) - 1 - self.beyond if self.total else len(self)

    def _cells(self, column: Column) -> list[str]:
        texts = _texts(column)
        if self.last < len(texts) and texts[self.last] == NOTHING:
            texts[self.last] = ""  # what has no total is not missing
        return texts

    def _bodies(self, rows: Sequence[Sequence[str]], sides: Sequence[str]) -> str:
        last = self.last
        made = [_row(row, sides, "total" if n == last else "") for n, row in enumerate(rows)]
        parts = [made]
        if self.grouped:
            keys = [str(value) for value in self.columns[0].values]
            where = [n for n, key in enumerate(keys) if n in (0, last) or key != keys[n - 1]]
            parts = [
                [*([] if start == last else [self._group(start, end, sides)]), *made[start:end]]
                for start, end in pairwise([*where, len(rows)])
            ]
        return "\n".join("<tbody>\n" + "\n".join(part) + "\n</tbody>" for part in parts)

    def _group(self, start: int, end: int, sides: Sequence[str]) -> str:
        """The row above a group of rows: its name and what its columns sum up to."""
        sums = [_subtotal(column, start, end) for column in self.columns[2:]]
        cells = [escape(text) for text in (str(self.columns[0].values[start]), *sums)]
        return _row(cells, sides, "group")


def _row(cells: Sequence[str], sides: Sequence[str], kind: str) -> str:
    """A row of the kind "total", "group" or "" (any other)."""
    style = {
        "total": "font-weight:bold;border-top:2px solid",
        "group": "font-weight:bold",
        "": "font-weight:normal",
    }[kind]
    whole = {"left": "", "right": ";white-space:nowrap"}  # numbers stay on one line
    scope = "rowgroup" if kind == "group" else "row"
    first = f'<th scope="{scope}" style="text-align:{sides[0]};{style}">{cells[0]}</th>'
    rest = "".join(
        f'<td style="text-align:{side};{style}{whole[side]}">{cell}</td>'
        for cell, side in zip(cells[1:], sides[1:], strict=True)
    )
    mark = f' class="{kind}"' if kind else ""
    return f"<tr{mark}>{first}{rest}</tr>"


def _subtotal(column: Column, start: int, end: int) -> str:
    if not column.sums:
        return ""
    values = [value for value in column.values[start:end] if not _absent(value)]
    show = column.show if callable(column.show) else number
    return show(sum(values)) if values else NOTHING


class Prose(str):
    """A paragraph that a notebook shows as one."""

    def _repr_html_(self) -> str:
        return f'<p class="ikmplan">{escape(self)}</p>' if self else ""


class Points(tuple[str, ...]):
    """Sentences that stand one below the other; nothing where there are none."""

    def _repr_html_(self) -> str:
        message = "\n".join(f"<li>{escape(point)}</li>" for point in self)
        return f'<ul class="ikmplan">\n{message}\n</ul>' if self else ""


@dataclass(frozen=True)
class Tile:
    """One figure, what it counts, and lines beside it."""

    label: str
    value: str
    beside: tuple[str, ...] = ()


class Tiles(tuple[Tile, ...]):
    """Figures to take in at a glance, as a list of terms that a screen reader reads."""

    def _repr_html_(self) -> str:
        box = "border:1px solid #bbb;border-radius:6px;padding:0.6em 0.8em"
        parts = []
        for tile in self:
            beside = "".join(f'<dd style="margin:0">{escape(line)}</dd>' for line in tile.beside)
            parts.append(
                f'<div style="{box}"><dt>{escape(tile.label)}</dt>'
                f'<dd style="margin:0;font-size:1.6em;font-weight:bold">{escape(tile.value)}</dd>'
                f"{beside}</div>"
            )
        whole = "display:grid;grid-template-columns:repeat(3,1fr);gap:0.7em;margin:1em 0"
        return f'<dl class="ikmplan-tiles" style="{whole}">\n' + "\n".join(parts) + "\n</dl>"


def _texts(column: Column) -> list[str]:
    every = column.show
    shows = every if isinstance(every, Sequence) else [every] * len(column.values)
    return [
        NOTHING if _absent(value) else (show or str)(value)
        for value, show in zip(column.values, shows, strict=True)
    ]


def _absent(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)
