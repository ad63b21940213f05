"""A table for readers: caption, columns, and how each column is shown.

A `View` is a data frame whose headings are in the reader's language and whose numbers
are still numbers. A notebook shows it as an HTML table that a screen reader can read;
`frame` serves workbooks, `shown` is every cell as text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import pandas as pd

from ikmplan.cells import EQUIPMENT, TRAINING
from ikmplan.text import N_, _, number, percent, rupiah

Format = Callable[[Any], str]
NOTHING = "–"
KINDS = {TRAINING: N_("Training"), EQUIPMENT: N_("Machines")}


def one_decimal(value: float) -> str:
    return number(value, 1)


def tenths(share: float) -> str:
    return percent(share, 1)


def money(amount: float) -> str:
    return rupiah(amount)


@dataclass(frozen=True)
class Signed:
    """How a difference is shown: with its sign; of two shares in percentage points."""

    show: Format

    def __call__(self, value: float) -> str:
        plus = "+" if value > 0 else ""
        if self.show is tenths:
            return _("{n} points", n=plus + one_decimal(value * 100))
        return plus + self.show(value)


def plainly(value: float) -> str:
    """As few decimals as the number needs, one at most."""
    return number(value, 0 if round(value, 1) == round(value) else 1)


@dataclass(frozen=True)
class Column:
    """A heading, its values, and how they are shown; without `show` they are text."""

    heading: str
    values: Sequence[Any]
    show: Format | Sequence[Format] | None = None
    rich: Format | None = None  # the text as HTML, where plain text is not enough


@dataclass(frozen=True)
class View:
    """A table for readers. `frame` holds the numbers, `shown` the text."""

    caption: str
    columns: tuple[Column, ...]
    total: bool = False  # the last row sums the others up
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
        """An accessible table: caption, and headings with their scope."""
        sides = ["left" if c.show is None else "right" for c in self.columns]
        head = "".join(
            f'<th scope="col" style="text-align:{side}">{escape(c.heading)}</th>'
            for c, side in zip(self.columns, sides, strict=True)
        )
        cells = [
            [c.rich(text) if c.rich else escape(text) for text in _texts(c)] for c in self.columns
        ]
        rows = list(zip(*cells, strict=True))
        body = "\n".join(
            self._row(row, sides, last=self.total and n == len(rows) - 1)
            for n, row in enumerate(rows)
        )
        if not rows:
            body = f'<tr><td colspan="{len(self.columns)}">{escape(self._nothing())}</td></tr>'
        caption = 'style="caption-side:top;text-align:left;font-weight:bold;padding:0.4em 0"'
        return (
            f'<table class="ikmplan">\n<caption {caption}>{escape(self.caption)}</caption>\n'
            f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
        )

    def _row(self, cells: Sequence[str], sides: Sequence[str], last: bool) -> str:
        weight = ";font-weight:bold;border-top:2px solid" if last else ";font-weight:normal"
        first = f'<th scope="row" style="text-align:{sides[0]}{weight}">{cells[0]}</th>'
        rest = "".join(
            f'<td style="text-align:{side}{weight}">{cell}</td>'
            for cell, side in zip(cells[1:], sides[1:], strict=True)
        )
        return f"<tr>{first}{rest}</tr>"


class Prose(str):
    """A paragraph that a notebook shows as one."""

    def _repr_html_(self) -> str:
        return f'<p class="ikmplan">{escape(self)}</p>'


def _texts(column: Column) -> list[str]:
    if column.show is None:
        return [NOTHING if _absent(value) else str(value) for value in column.values]
    if callable(column.show):
        shows: Iterable[Format] = [column.show] * len(column.values)
    else:
        shows = column.show
    return [
        NOTHING if _absent(value) else show(value)
        for value, show in zip(column.values, shows, strict=True)
    ]


def _absent(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)
