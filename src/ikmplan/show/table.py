"""What readers see beside charts: tables, tiles, lists and paragraphs.

A `View` is a data frame whose headings are in the reader's language and whose numbers
are still numbers. A notebook shows it as an HTML table that a screen reader can read;
`frame` serves workbooks, `shown` is every cell as text. `Tiles` are single figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from math import fsum
from typing import Any, NamedTuple

import pandas as pd
from markupsafe import Markup

from ikmplan.show.html import element, join_html, render
from ikmplan.text import (
    _,
    bound,
    gap_percent,
    gap_rounded,
    number,
    percent,
    round_up,
    rupiah,
    shown_difference,
)

Format = Callable[[Any], str]
NOTHING = "–"
MANY_COLUMNS = 6  # columns of a table that is printed in smaller letters
MOST_COLUMNS = 10  # beyond it amounts wrap on paper, as texts do
LONG_TEXT = 300  # characters of a cell whose row is a paragraph: on paper it may be parted


one_decimal: Format = partial(number, digits=1)
two_decimals: Format = partial(number, digits=2)
percent_one_decimal: Format = partial(percent, digits=1)
rupiah_text: Format = rupiah
short_rupiah: Format = partial(rupiah, short=True)
_DECIMALS = {one_decimal: 1, two_decimals: 2, percent: 2, percent_one_decimal: 3}


def column_difference(after: float, before: float, show: Format = one_decimal) -> float:
    """Of two numbers that stand beside it as `show` writes them: what readers who subtract find.
    Counts and rupiah are whole, and differ as they are."""
    digits = _DECIMALS.get(show)
    return after - before if digits is None else shown_difference(after, before, digits)


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
    """How an amount is shown with its unit; `message` holds {n}, as "{n} days"."""

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
        return float((gap_rounded if self.share else round_up)(value, self.digits))


def plain_number(value: float) -> str:
    """As few decimals as the number needs, one at most."""
    return number(value, 0 if round(value, 1) == round(value) else 1)


def needed_decimals(value: float) -> str:
    """All decimals of the number, none that is 0."""
    return number(value, len(f"{value:f}".rstrip("0").partition(".")[2]))


def code(text: str) -> Markup:
    """A name as it stands in a file, as HTML."""
    return element("code", text)


def address(text: str) -> Markup:
    """An address as HTML: a long one breaks anywhere and leaves the other columns their room."""
    return element("span", text, style="display:inline-block;min-width:11em;overflow-wrap:anywhere")


def scroller(label: str, inner: Markup) -> Markup:
    """HTML that scrolls in itself where it is wider than the page, by keyboard too."""
    return Markup(
        '<div class="ikmplan-scroll" role="group" tabindex="0" aria-label="{}" '
        'style="overflow-x:auto">\n{}\n</div>'
    ).format(label, inner)


@dataclass(frozen=True)
class Column:
    """A heading, its values, and how they are shown; without `show` they are text."""

    heading: str
    values: Sequence[Any]
    show: Format | Sequence[Format | None] | None = None
    rich: Callable[[str], str] | None = None  # the text as HTML, where plain text is not enough
    sums: bool = False  # whether a group of rows has its subtotal

    def texts(self) -> list[str]:
        """Each value as readers see it."""
        every = self.show
        shows = every if isinstance(every, Sequence) else [every] * len(self.values)
        return [
            NOTHING if is_absent(value) else (show or str)(value)
            for value, show in zip(self.values, shows, strict=True)
        ]


class Of(NamedTuple):
    """A column of `table`: its values are a function, a key or an attribute of each row."""

    heading: str
    value: Callable[[Any], Any] | str
    show: Format | None = None
    total: Any = None  # in the row of the total: a value, or SUM
    rich: Callable[[str], str] | None = None
    sums: bool = False
    show_of: Callable[[Any], Format] | None = None  # `show` of each row, where there is no total


SUM = object()


def table(
    caption: str,
    rows: Iterable[Any],
    *columns: Of | tuple[Any, ...],
    beyond: Iterable[Any] = (),
    grouped: bool = False,
    empty: str | None = "",
) -> View:
    """A table of `rows` with columns (heading, function or name, format, total) as in `Of`.

    Where a column has a total, a row of totals follows; `beyond` are the rows below it, which
    it leaves out. `grouped` and `empty` are those of `View`.
    """
    rows, below = list(rows), list(beyond)
    specs = [Of(*column) for column in columns]
    total = any(column.total is not None for column in specs)

    def made(column: Of) -> Column:
        values = [_value(row, column.value) for row in rows]
        last = _sum(values) if column.total is SUM else column.total
        values += [last] * total + [_value(row, column.value) for row in below]
        show = [column.show_of(row) for row in rows] if column.show_of else column.show
        return Column(column.heading, values, show, column.rich, column.sums)

    return View(caption, tuple(map(made, specs)), total, len(below), grouped, empty)


def _sum(values: Iterable[Any]) -> Any:
    """The same whatever their order; whole of whole numbers."""
    numbers = [n or 0 for n in values]
    return fsum(numbers) if any(isinstance(n, float) for n in numbers) else sum(numbers)


def _value(row: Any, of: Callable[[Any], Any] | str) -> Any:
    if callable(of):
        return of(row)
    return row[of] if isinstance(row, dict) else getattr(row, of)


class TableRow(NamedTuple):
    """A row as a page shows it; `kind` is "total", "group" or "" (any other)."""

    kind: str
    texts: Sequence[str]


@dataclass(frozen=True)
class View:
    """A table for readers. `frame` holds the numbers, `shown` the text."""

    caption: str
    columns: tuple[Column, ...]
    total: bool = False  # the last row, but for those beyond, sums the others up
    beyond: int = 0  # rows below the total that it leaves out
    grouped: bool = False  # rows with the same first column stand under it, with a subtotal
    empty: str | None = field(default="", compare=False)  # its text without rows; None: nothing

    @property
    def frame(self) -> pd.DataFrame:
        """Headings translated, numbers still numbers."""
        return pd.DataFrame({c.heading: list(c.values) for c in self.columns})

    def shown(self) -> pd.DataFrame:
        """Every cell as the text that readers see."""
        return pd.DataFrame({c.heading: c.texts() for c in self.columns}, dtype=str)

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

    def html(self) -> Markup:
        """An accessible table: caption, and headings with their scope; a line where it is empty."""
        if not len(self):
            if self.empty is None:
                return Markup("")
            message = Markup('<p class="ikmplan"><strong>{}:</strong> {}</p>')
            return message.format(self.caption, self._nothing())
        columns = self.columns[1:] if self.grouped else self.columns
        headings = [c.heading for c in columns]
        if self.grouped:
            headings[0] = f"{self.columns[0].heading} – {headings[0]}"
        cells = [_cells(c, self.last) for c in columns]
        rows = [
            TableRow("total" if n == self.last else "", texts)
            for n, texts in enumerate(zip(*cells, strict=True))
        ]
        made = render(
            "table",
            kind=" ".join(
                [
                    "ikmplan",
                    *["many"] * (len(columns) >= MANY_COLUMNS),
                    *["crowded"] * (len(columns) > MOST_COLUMNS),
                    *["wordy"] * any(len(text) > LONG_TEXT for row in rows for text in row.texts),
                ]
            ),
            caption=self.caption,
            headings=headings,
            sides=["left" if c.show is None else "right" for c in columns],
            bodies=self._groups(rows) if self.grouped else [rows],
        )
        return scroller(self.caption, made)

    @property
    def last(self) -> int:
        """The row of the total; beyond all rows where there is none."""
        return len(self) - 1 - self.beyond if self.total else len(self)

    def _groups(self, rows: Sequence[TableRow]) -> list[list[TableRow]]:
        """Rows with the same first column under a row with its name and its subtotals."""
        keys = [str(value) for value in self.columns[0].values]
        groups = []
        for (key, total), numbers in groupby(
            range(len(rows)), key=lambda n: (keys[n], n == self.last)
        ):
            held = list(numbers)
            sums = (_subtotal(c, c.values[held[0] : held[-1] + 1]) for c in self.columns[2:])
            first = [] if total else [TableRow("group", (key, *sums))]
            groups.append([*first, *(rows[n] for n in held)])
        return groups


def _cells(column: Column, last: int) -> list[str]:
    """The texts of a column, as HTML where it is rich; `last` is the row of the total."""
    texts = column.texts()
    if last < len(texts) and texts[last] == NOTHING:
        texts[last] = ""  # what has no total is not missing
    return [Markup(column.rich(text)) for text in texts] if column.rich else texts


def _subtotal(column: Column, values: Sequence[Any]) -> str:
    if not column.sums:
        return ""
    known = [value for value in values if not is_absent(value)]
    show = column.show if callable(column.show) else number
    return show(sum(known)) if known else NOTHING


class Prose(str):
    """A paragraph that a notebook shows as one."""

    def _repr_html_(self) -> str:
        return element("p", str(self), class_="ikmplan") if self else ""


class Points(tuple[str, ...]):
    """Sentences that stand one below the other; nothing where there are none."""

    def _repr_html_(self) -> str:
        items = join_html((element("li", point) for point in self), "\n")
        return Markup('<ul class="ikmplan">\n{}\n</ul>').format(items) if self else ""


@dataclass(frozen=True)
class Tile:
    """One figure, what it counts, lines beside it, and the same figure of others by heading."""

    label: str
    value: str
    beside: tuple[str, ...] = ()
    others: tuple[tuple[str, str], ...] = ()


class Tiles(tuple[Tile, ...]):
    """Figures to take in at a glance, as a list of terms that a screen reader reads."""

    def _repr_html_(self) -> str:
        return render("tiles", tiles=tuple(self))


def is_absent(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)
