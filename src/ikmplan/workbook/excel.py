"""An Excel workbook being written: its styles, pages that print well, and Views as blocks.

`Book` owns the file (in memory, the same bytes for the same content); `Page` is one sheet
with a cursor. What a View shows as text here stays a number with an Excel format, so that
an office can go on calculating with it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range

from ikmplan.show.table import (
    NOTHING,
    Column,
    Format,
    Signed,
    Unit,
    View,
    one_decimal,
    percent_one_decimal,
    plain_number,
    rupiah_text,
)
from ikmplan.text import _, number, percent, rupiah

Verdict = tuple[str, str]  # what is said where it holds, and where it does not
FONT = "Calibri"
GREEN, RED = "#1B6E3C", "#B00020"
INK, BAND, PALE, RULE = "#1F3A5F", "#DCE6F1", "#F3F6FA", "#B8C4D3"
WIDEST, NARROWEST = 46, 9  # characters
FORMATS: dict[Format, str] = {
    number: "#,##0",
    one_decimal: "#,##0.0",
    rupiah_text: '"Rp"#,##0',
    rupiah: '"Rp"#,##0',
    percent: "0%",
    percent_one_decimal: "0.0%",
    str: "0",
}
A4 = 9
UNDATED = datetime(2000, 1, 1)  # the file says when it was made nowhere: same plan, same bytes


class Book:
    """A workbook in memory; `done` ends it and gives its bytes."""

    def __init__(self, title: str, footer: str = ""):
        self._bytes = BytesIO()
        self.workbook = xlsxwriter.Workbook(self._bytes, {"in_memory": True})
        self.workbook.set_properties({"title": title, "created": UNDATED})
        self.footer = footer
        self._styles: dict[tuple[tuple[str, Any], ...], Any] = {}

    def style(self, **properties: Any) -> Any:
        """A cell style, made once."""
        if "indent" in properties:  # which is from the left, if that is said
            properties = {"align": "left"} | properties
        key = tuple(sorted(properties.items()))
        if key not in self._styles:
            plain = {"font_name": FONT, "font_size": 10, "valign": "top"}
            self._styles[key] = self.workbook.add_format(plain | properties)
        return self._styles[key]

    @property
    def head(self) -> Any:
        return self.style(
            bold=True, font_color="white", bg_color=INK, border=1, border_color=RULE,
            text_wrap=True, align="center", valign="vcenter",
        )  # fmt: skip

    def cell(self, **properties: Any) -> Any:
        """A style with the thin rules of a table."""
        return self.style(border=1, border_color=RULE, **properties)

    def page(self, name: str, title: str) -> SheetWriter:
        sheet = self.workbook.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        # & begins a code in a footer
        sheet.set_footer(f"&L&8{self.footer.replace('&', '&&')} – &A&R&8&P / &N")
        sheet.hide_gridlines(2)
        return SheetWriter(self, sheet, title)

    def done(self) -> bytes:
        self.workbook.close()
        return self._bytes.getvalue()


class SheetWriter:
    """One sheet: blocks below each other, and columns as wide as the widest of them asks for."""

    def __init__(self, book: Book, sheet: Any, title: str):
        self.book, self.sheet, self.row = book, sheet, 0
        self.widest: float = WIDEST
        self._widths: dict[int, float] = {}
        self._heights: dict[int, float] = {}
        if title:
            self.sheet.set_row(0, 24)
            style = book.style(bold=True, font_size=15, font_color=INK, valign="vcenter")
            self.sheet.write_string(0, 0, title, style)
            self.row = 1

    def line(self, text: str, **properties: Any) -> None:
        """One line of text over the cells to its right."""
        self.sheet.write_string(self.row, 0, text, self.book.style(**properties))
        self.row += 1

    def prose(self, text: str, columns: int, width: float) -> None:
        """A paragraph over `columns` columns, which together hold `width` characters."""
        style = self.book.style(text_wrap=True, font_size=11)
        self.sheet.merge_range(self.row, 0, self.row, columns - 1, "", style)
        self.sheet.write_string(self.row, 0, text, style)
        self.sheet.set_row(self.row, height(text, width * 0.97, 15.5))
        self.row += 1

    def widen(self, column: int, width: float) -> None:
        """At least so wide, in characters."""
        self._widths[column] = max(self._widths.get(column, 0), width)
        self.sheet.set_column(column, column, self._widths[column])

    def caption(self, text: str) -> None:
        """Over a table, one row left free."""
        style = self.book.style(bold=True, font_size=12, font_color=INK)
        self.sheet.write_string(self.row + 1, 0, text, style)
        self.row += 2

    def verdict(
        self, row: int, column: int, test: str, message: Verdict, holds: bool | None
    ) -> None:
        """A cell that says whether `test` holds, in red where it does not; None: cannot be told.

        `test` is a formula that gives TRUE, FALSE or "".
        """
        good, bad = message
        style = self.book.cell(bold=True, font_color=GREEN, align="center")
        formula = f'=IF({test}="","{NOTHING}",IF({test},"{good}","{bad}"))'
        value = NOTHING if holds is None else good if holds else bad
        self.sheet.write_formula(row, column, formula, style, value)
        red = self.book.style(font_color=RED, bg_color="#FBE3E6")
        rule = {"type": "cell", "criteria": "==", "value": f'"{bad}"', "format": red}
        self.sheet.conditional_format(row, column, row, column, rule)

    def width(self, column: int) -> float:
        return self._widths.get(column, 10)

    def heighten(self, row: int, points: float) -> None:
        """At least so high."""
        self._heights[row] = max(self._heights.get(row, 0), points)
        self.sheet.set_row(row, self._heights[row])

    def view(self, view: View, *, alone: bool = False, least: float = 0) -> int:
        """The View as a block with its caption; gives the row of its first values.

        `alone` on its sheet its headings stay in sight and are printed on each page; rows are
        at least `least` points high.
        """
        self.caption(view.caption)
        head = self.row
        for n, column in enumerate(view.columns):
            self._fit(n, column)
        self.headings(head, 0, [column.heading for column in view.columns])
        if alone:
            self.sheet.freeze_panes(head + 1, 1)
            self.sheet.repeat_rows(head)
        first = head + 1
        if not len(view):
            nothing = view.empty or _("Nothing.")
            self.sheet.write_string(first, 0, nothing, self.book.style(italic=True))
            self.row = first + 2
            return first
        for n, column in enumerate(view.columns):
            self._column(first, n, column, view.last)
        texts = view.shown()
        for at in range(len(view)):  # LibreOffice does not work heights out by itself
            self.heighten(first + at, least)
            for n, text in enumerate(texts.iloc[at]):
                self.heighten(first + at, height(text, self.width(n)))
        self.row = first + len(view) + 1
        return first

    def headings(self, row: int, first: int, texts: Sequence[str]) -> None:
        """The headings of a table, from column `first` on; the columns have their widths."""
        for n, text in enumerate(texts):
            self.sheet.write_string(row, first + n, text, self.book.head)
            self.heighten(row, height(text, self.width(first + n)))

    def _column(self, first: int, n: int, column: Column, last: int) -> None:
        """The values of a column from row `first` on; row `last` of them is the total."""
        cells = [excel_value(v, _show_of(column, at)) for at, v in enumerate(column.values)]
        sums = last < len(cells) and _adds_up([value for value, _shown in cells[: last + 1]])
        for at, (value, shown) in enumerate(cells):
            bold: dict[str, Any] = {}
            if at == last:
                bold = {"bold": True, "bg_color": BAND}
            if value is None:
                style = self.book.cell(align="center" if column.show else "left", **bold)
                self.sheet.write_string(first + at, n, NOTHING, style)
            elif shown is None:
                side = "left" if column.show is None else "right"
                style = self.book.cell(text_wrap=True, align=side, indent=1, **bold)
                self.sheet.write_string(first + at, n, str(value), style)
            else:
                style = self.book.cell(num_format=shown, **bold)
                if sums and at == last:
                    above = xl_range(first, n, first + last - 1, n)
                    self.sheet.write_formula(first + at, n, f"=SUM({above})", style, value)
                else:
                    self.sheet.write_number(first + at, n, value, style)

    def _fit(self, n: int, column: Column) -> None:
        one = View("", (column,)).shown().iloc[:, 0]
        longest = max((len(text) for text in one), default=0)
        words = max(len(word) for word in column.heading.split(" "))
        self.widen(
            n, min(max(longest, words, len(column.heading) / 2.5, NARROWEST) + 2, self.widest)
        )


def height(text: str, width: float, line: float = 13.2) -> float:
    """Points that a cell needs whose column holds `width` characters."""
    return line * max(1, len(textwrap.wrap(text, max(4, int(width * 1.2) - 1)))) + 2


def _show_of(column: Column, at: int) -> Format | None:
    return column.show if column.show is None or callable(column.show) else column.show[at]


def excel_value(value: Any, show: Format | None) -> tuple[Any, str | None]:
    """The value as a cell holds it and its Excel format; no format: it is text, None: nothing."""
    value = value.item() if hasattr(value, "item") else value
    if value is None or value != value:
        return None, None
    if show is None or isinstance(value, (str, bool)):
        return value, None
    if isinstance(show, Signed):
        if show.show is percent_one_decimal:  # the difference of two shares is told in points
            form = _("{n} points", n="#,##0.0").replace("#,##0.0", '#,##0.0"', 1) + '"'
            return value * 100, f"+{form};-{form};{form}"
        value, shown = excel_value(value, show.show)
        return value, None if shown is None else f"+{shown};-{shown};{shown}"
    if isinstance(show, Unit):
        before, after = _(show.message).split("{n}")
        digits = "#,##0" + ("." + "0" * show.digits if show.digits else "")
        return value, f'"{before}"{digits}"{after}"' if before else f'{digits}"{after}"'
    if show is plain_number:
        return value, "#,##0" if round(value, 1) == round(value) else "#,##0.0"
    shown = FORMATS.get(show)
    return (show(value), None) if shown is None else (value, shown)


def _adds_up(values: Sequence[Any]) -> bool:
    """Whether the last value is the sum of those above, so that a formula may stand for it."""
    *above, last = values
    numbers = [value for value in above if isinstance(value, (int, float))]
    if not numbers or not isinstance(last, (int, float)):
        return False
    return abs(sum(numbers) - last) <= 1e-9 * max(1.0, abs(last))
