"""An Excel workbook being written: its styles, pages that print well, and Views as blocks.

`Book` owns the file (in memory, the same bytes for the same content); `SheetWriter` is one
sheet with a cursor. What a View shows as text here stays a number with an Excel format, so
that an office can go on calculating with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from math import isfinite
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range

from ikmplan.show.table import (
    NOTHING,
    Column,
    Format,
    RoundedUp,
    Signed,
    Unit,
    View,
    one_decimal,
    percent_one_decimal,
    plain_number,
    rupiah_text,
    two_decimals,
)
from ikmplan.text import MINUS, _, number, percent, rupiah
from ikmplan.workbook.letters import lines_taken
from ikmplan.workbook.print_pages import (
    BOTTOM,
    PRINTED_HEIGHT,
    SIDE,
    TOP,
    narrowed,
    page_ends,
    points_wide,
    print_scale,
)

Verdict = tuple[str, str]  # the text where a test holds, and where it does not
# Arial, or what stands for it, is as wide in every program: pages end where they are planned to
FONT, LETTERS = "Arial", 10
GREEN, RED = "#1B6E3C", "#B00020"
INK, BAND, PALE, RULE = "#1F3A5F", "#DCE6F1", "#F3F6FA", "#B8C4D3"
ON_INK: dict[str, Any] = {"bold": True, "font_color": "white", "bg_color": INK}
ON_BAND: dict[str, Any] = {"bold": True, "bg_color": BAND}
GAP: dict[str, Any] = {"bg_color": "#FFF4CC", "font_color": "#7A5C00"}  # for the office to fill in
WIDEST, NARROWEST = 46, 9  # characters
WHOLE, MONEY = "#,##0", '"Rp"#,##0'
FORMATS: dict[Format, str] = {
    number: WHOLE,
    one_decimal: "#,##0.0",
    two_decimals: "#,##0.00",
    rupiah_text: MONEY,
    rupiah: MONEY,
    percent: "0%",
    percent_one_decimal: "0.0%",
    str: "0",
}
A4 = 9
LAST_ROWS = 3  # of a long table that are printed on one page
ROW = 15.0  # points of a row of one line
UNDATED = datetime(2000, 1, 1)  # no date of today in the file: same plan, same bytes


class Book:
    """A workbook in memory; `done` ends it and gives its bytes."""

    def __init__(self, title: str, footer: str = "", printed: bool = True):
        """With `printed` each page ends where no heading is parted from its lines."""
        self._bytes = BytesIO()
        look = {"font_name": FONT, "font_size": LETTERS}
        options = {"in_memory": True, "default_format_properties": look}
        self.workbook = xlsxwriter.Workbook(self._bytes, options)
        self.workbook.set_properties({"title": title, "created": UNDATED})
        self.footer, self.printed = footer, printed
        self._pages: list[SheetWriter] = []
        self._styles: dict[tuple[tuple[str, Any], ...], Any] = {}

    def style(self, **properties: Any) -> Any:
        """A cell style, made once."""
        if "indent" in properties:  # Excel indents only cells with an alignment
            properties = {"align": "left"} | properties
        key = tuple(sorted(properties.items()))
        if key not in self._styles:
            plain = {"font_name": FONT, "font_size": LETTERS, "valign": "top"}
            self._styles[key] = self.workbook.add_format(plain | properties)
        return self._styles[key]

    def cell(self, **properties: Any) -> Any:
        """A style with the thin rules of a table."""
        return self.style(border=1, border_color=RULE, **properties)

    def page(self, name: str, title: str) -> SheetWriter:
        sheet = self.workbook.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.set_margins(left=SIDE, right=SIDE, top=TOP, bottom=BOTTOM)
        # & begins a code in a footer
        text = f"&L&8{self.footer.replace('&', '&&')} – &A&R&8&P / &N"
        sheet.set_footer(text, {"margin": 0.3, "scale_with_doc": False})
        sheet.hide_gridlines(2)
        if not self.printed:  # else `done` plans the pages; a sheet may set them itself
            sheet.fit_to_pages(1, 0)
        self._pages.append(SheetWriter(self, sheet, title))
        return self._pages[-1]

    def done(self) -> bytes:
        if self.printed:
            for page in self._pages:
                page.set_up_print()
        self.workbook.close()
        return self._bytes.getvalue()


class SheetWriter:
    """One sheet: blocks below each other, and columns as wide as the widest of them needs."""

    def __init__(self, book: Book, sheet: Any, title: str):
        self.book, self.sheet, self.row = book, sheet, 0
        self.widest: float = WIDEST
        self.kept: set[int] = set()  # rows that are printed on the page of the next one
        self.printed: int | None = None  # columns that are printed; None: all
        self.repeated: int | None = None  # row of the headings that each page repeats
        self._fitted = False
        self._long: int | None = None  # row of the headings of the last table if it is a long one
        self._widths: dict[int, float] = {}
        self._heights: dict[int, float] = {}
        self._folded: set[int] = set()  # rows that are not printed
        if title:
            self.heighten(0, 24)
            self.line(title, bold=True, font_size=15, font_color=INK, valign="vcenter")

    def write(self, row: int, column: int, value: Any, style: Any, formula: str = "") -> None:
        """Write a text, a number or (None) a blank cell; with `formula`, `value` is its result.

        A text stays one whatever it begins with, "=" or an address.
        """
        if formula:
            self.sheet.write_formula(row, column, formula, style, value)
        elif value is None:
            self.sheet.write_blank(row, column, None, style)
        elif isinstance(value, str):
            self.sheet.write_string(row, column, value, style)
        else:
            self.sheet.write_number(row, column, value, style)

    def put(self, row: int, column: int, value: Any, formula: str = "", **properties: Any) -> None:
        """`write` with the thin rules of a table and these properties."""
        self.write(row, column, value, self.book.cell(**properties), formula)

    def merge(self, row: int, first: int, last: int, value: Any, style: Any) -> None:
        """`write` one cell over the columns `first` to `last`."""
        self.sheet.merge_range(row, first, row, last, "", style)
        self.write(row, first, value, style)

    def line(self, text: str, **properties: Any) -> None:
        """One line of text over the cells to its right."""
        self.write(self.row, 0, text, self.book.style(**properties))
        self.row += 1

    def prose(self, text: str, columns: int, width: float) -> None:
        """A paragraph over `columns` columns, which together hold `width` characters."""
        style = self.book.style(text_wrap=True, font_size=11)
        self.merge(self.row, 0, columns - 1, text, style)
        self.heighten(self.row, height(text, width * LETTERS / 11, line=15.5))
        self.row += 1

    def widen(self, column: int, width: float) -> None:
        """At least so wide, in characters."""
        self._widths[column] = max(self._widths.get(column, 0), width)
        self.sheet.set_column(column, column, self._widths[column])

    def caption(self, text: str) -> None:
        """Over a table, one row left free."""
        self.row += 1
        self.kept |= {self.row, self.row + 1}  # with the headings, and these with the first row
        self.heighten(self.row, 17)
        self.line(text, bold=True, font_size=12, font_color=INK)

    def verdict(
        self, row: int, column: int, test: str, message: Verdict, holds: bool | None
    ) -> None:
        """A cell with the result of `test`, in red where it does not hold; None: not known.

        `test` is a formula that gives TRUE, FALSE or "".
        """
        good, bad = message
        formula = f'=IF({test}="","{NOTHING}",IF({test},"{good}","{bad}"))'
        value = NOTHING if holds is None else good if holds else bad
        self.put(row, column, value, formula, bold=True, font_color=GREEN, align="center")
        red = self.book.style(font_color=RED, bg_color="#FBE3E6")
        rule = {"type": "cell", "criteria": "==", "value": f'"{bad}"', "format": red}
        self.sheet.conditional_format(row, column, row, column, rule)

    def width(self, column: int) -> float:
        return self._widths.get(column, 10)

    def heighten(self, row: int, points: float, level: int = 0) -> None:
        """At least so high; `level` is that of an outline."""
        self._heights[row] = max(self._heights.get(row, 0), points)
        self.sheet.set_row(row, self._heights[row], None, {"level": level})

    def set_up_print(self) -> None:
        """Scale and page ends of the finished sheet, on A4 landscape."""
        columns = [points_wide(self._widths.get(n, 8.43)) for n in range(self._columns())]
        scale = print_scale(sum(columns))
        rows = range((self.sheet.dim_rowmax or 0) + 1)
        if self.repeated is None and self._long is not None:
            self.repeat(self._long)
        for row in rows:  # a height that is not written is another one in each program
            if row not in self._heights:
                self.heighten(row, ROW)
        heights = [0.0 if row in self._folded else self._heights[row] for row in rows]
        repeated = 0.0 if self.repeated is None else heights[self.repeated]
        ends = page_ends(heights, self.kept, scale, repeated)
        self.sheet.set_print_scale(scale)
        self.sheet.set_h_pagebreaks(ends)

    def _columns(self) -> int:
        return (self.sheet.dim_colmax or 0) + 1 if self.printed is None else self.printed

    def fold(self, first: int, last: int) -> None:
        """Put these rows into a group that is closed, below the row that opens it."""
        self.sheet.outline_settings(symbols_below=False)
        for row in range(first, last + 1):
            about = {"level": 1, "hidden": True}
            self.sheet.set_row(row, self._heights.get(row), None, about)
            self._folded.add(row)
        opens = first - 1
        self.sheet.set_row(opens, self._heights.get(opens), None, {"collapsed": True})

    def view(self, view: View, *, alone: bool = False, least: float = 0) -> int:
        """The View as a block with its caption; gives the row of its first values.

        `alone` on its sheet its headings stay in sight and are printed on each page; rows are
        at least `least` points high.
        """
        self.caption(view.caption)
        if not self._fitted:
            self.fit([view])
        self.headings(self.row, 0, [column.heading for column in view.columns])
        first = self.row + 1
        if alone:
            self.sheet.freeze_panes(first, 1)
            self.repeat(self.row)
        if not len(view):
            nothing = view.empty or _("Nothing.")
            self.write(first, 0, nothing, self.book.style(italic=True))
            self.row = first + 2
            return first
        for n, column in enumerate(view.columns):
            self._column(first, n, column, view.last)
        rows = zip(*(column.texts() for column in view.columns), strict=True)
        for at, row in enumerate(rows, first):  # LibreOffice does not work heights out by itself
            self.heighten(at, least)
            for n, text in enumerate(row):
                self.heighten(at, height(text, self.width(n)))
        self._keep_together(first, first + len(view))
        self.row = first + len(view) + 1
        return first

    def _keep_together(self, first: int, end: int) -> None:
        """Rows of a table on one page; where it is higher than that, at least the last few, and
        its headings again on each page if nothing follows it."""
        high = sum(self._heights[row] for row in range(first - 2, end)) > PRINTED_HEIGHT
        self.kept |= set(range(max(first, end - LAST_ROWS) if high else first, end - 1))
        self._long = first - 1 if high else None

    def repeat(self, row: int) -> None:
        """Print the row at the head of each page after it."""
        self.sheet.repeat_rows(row)
        self.repeated = row

    def fit(self, views: Sequence[View], beside: float = 0.0) -> None:
        """Columns as wide as these Views need together, texts narrower where the page would be too
        wide, yet no column than its numbers; `beside` are points of other columns. Called before
        any of them is written."""
        wanted: dict[int, float] = dict(self._widths)
        least: dict[int, float] = {}
        for view in views:
            for n, column in enumerate(view.columns):
                longest = max(map(len, column.texts()), default=0)
                words = max(len(word) for word in column.heading.split(" "))
                widest = max(longest, words, len(column.heading) / 2.5, NARROWEST)
                needed = min(widest + 2, self.widest)
                wanted[n] = max(needed, wanted.get(n, 0))
                if column.show is not None:
                    least[n] = max(needed, least.get(n, 0))
        columns = range(max(wanted, default=-1) + 1)
        widths = narrowed([wanted.get(n, NARROWEST) for n in columns], least, beside)
        for n, width in zip(columns, widths, strict=True):
            self._widths[n] = width
            self.sheet.set_column(n, n, width)
        self._fitted = True

    def headings(self, row: int, first: int, texts: Sequence[str]) -> None:
        """The headings of a table, from column `first` on; the columns have their widths."""
        for n, text in enumerate(texts, first):
            self.put(row, n, text, text_wrap=True, align="center", valign="vcenter", **ON_INK)
            self.heighten(row, height(text, self.width(n), bold=True))

    def _column(self, first: int, n: int, column: Column, last: int) -> None:
        """The values of a column from row `first` on; row `last` of them is the total."""
        show, count = column.show, len(column.values)
        shows = show if isinstance(show, Sequence) else [show] * count
        cells = [excel_value(*pair) for pair in zip(column.values, shows, strict=True)]
        sums = last < count and _ends_in_sum([value for value, _form in cells[: last + 1]])
        for at, (value, form) in enumerate(cells):
            look = ON_BAND if at == last else {}
            if value is None:
                side = "center" if show else "left"
                self.put(first + at, n, NOTHING, align=side, **look)
            elif form is None:
                side = "left" if shows[at] is None else "right"
                self.put(first + at, n, str(value), text_wrap=True, align=side, indent=1, **look)
            else:
                above = xl_range(first, n, first + last - 1, n)
                formula = f"=SUM({above})" if sums and at == last else ""
                self.put(first + at, n, value, formula, num_format=form, **look)


def height(text: str, width: float, bold: bool = False, line: float = 12.8) -> float:
    """Points that a cell needs whose column holds `width` characters."""
    return line * lines_taken(text, width, bold) + 2


EXACT = 9  # decimals that a cell keeps


def excel_value(value: Any, show: Format | None) -> tuple[Any, str | None]:
    """The value as a cell holds it and its Excel format.

    Without a format it is a text, and None where there is nothing to write.
    """
    value = value.item() if hasattr(value, "item") else value
    if value is None or value != value:
        return None, None
    if isinstance(value, float) and isfinite(value):
        value = round(value, EXACT) + 0.0  # differences leave 7e-15 where nothing is meant
    if show is None or isinstance(value, (str, bool)):
        return value, None
    if isinstance(show, Signed):
        if show.show is percent_one_decimal:  # the difference of two shares is in points
            form = _("{n} points", n="#,##0.0").replace("#,##0.0", '#,##0.0"', 1) + '"'
            return value * 100, f'+{form};"{MINUS}"{form};{form}'
        plain, shown = excel_value(value, show.show)
        if shown is None:
            return show(value), None
        return plain, f'+{shown};"{MINUS}"{shown};{shown}'
    if isinstance(show, Unit):
        before, after = _(show.message).split("{n}")
        digits = _decimals(show.digits)
        return value, f'"{before}"{digits}"{after}"' if before else f'{digits}"{after}"'
    if isinstance(show, RoundedUp):
        if not isfinite(value):
            return show(value), None
        return show.rounded(value), f"{_decimals(show.digits)}{'%' if show.share else ''}"
    if show is plain_number:
        return value, WHOLE if round(value, 1) == round(value) else "#,##0.0"
    shown = FORMATS.get(show)
    return (show(value), None) if shown is None else (value, shown)


def _decimals(digits: int) -> str:
    """The Excel format of a number with so many decimals."""
    return WHOLE + ("." + "0" * digits if digits else "")


def _ends_in_sum(values: Sequence[Any]) -> bool:
    """Whether the last value is the sum of those above, so that a formula may stand for it."""
    *above, last = values
    numbers = [value for value in above if isinstance(value, (int, float))]
    if not numbers or not isinstance(last, (int, float)):
        return False
    return abs(sum(numbers) - last) <= 1e-9 * max(1.0, abs(last))
