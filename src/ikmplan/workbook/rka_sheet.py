"""The RKA on a sheet: the form's header, account levels with subtotals, lines, and its footer.

Every amount is a live formula with its value beside it. The volumes and units behind a
coefficient stand in their own cells to the right of what is printed: change one there, and
coefficient, amount, subtotals and the check against the ceiling follow.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell as cell_at

from ikmplan.input.case import Case
from ikmplan.text import N_, _
from ikmplan.workbook.excel import (
    INK,
    MONEY,
    ON_BAND,
    ON_INK,
    PALE,
    WHOLE,
    Book,
    SheetWriter,
    height,
)
from ikmplan.workbook.rka import TIMES, Account, Line, RkaPackage, SubActivity

HEADINGS = (
    N_("Account code"), N_("Description"), N_("Coefficient"), N_("Unit"), N_("Price"), N_("PPN"),
    N_("Amount"),
)  # fmt: skip
CODE, NAME, COEFFICIENT, UNIT, PRICE, TAX, AMOUNT = range(7)
WIDTHS = (18, 64, 30, 15, 15, 14, 18)
FIRST_PAIR = AMOUNT + 2  # volumes and units begin here, one column left free
PAIRS = 4
TAX_OF_ONE = FIRST_PAIR + 2 * PAIRS
SOURCE = TAX_OF_ONE + 1
WHOLE_OR_DASH = '#,##0;-#,##0;"–"'
BLANK_ROW = ". " * 32
REVIEWS = 5


def write_rka(book: Book, part: SubActivity, name: str, ceiling: int, case: Case) -> str:
    """The sheet `name` of one sub-activity; gives the cell of its total, for other sheets."""
    page = book.page(name, _("Work plan and budget (RKA): details of spending"))
    _header(page, part, ceiling, case)
    sheet, head = page.sheet, page.row
    for n, width in enumerate(WIDTHS):
        page.widen(n, width)
    page.headings(head, CODE, [_(heading) for heading in HEADINGS])
    _side_headings(page, head)
    sheet.freeze_panes(head + 1, 0)
    sheet.repeat_rows(head)
    sheet.outline_settings(symbols_below=False)
    page.row = first = head + 1
    for account in part.accounts:
        _account(page, account)
    total = cell_at(page.row, AMOUNT)
    for n in range(AMOUNT):
        page.put(page.row, n, None, **ON_INK)
    page.put(page.row, NAME, _("Total of the sub-activity"), **ON_INK)
    page.put(page.row, AMOUNT, part.amount, _subtotal(page, first), num_format=WHOLE, **ON_INK)
    page.row += 2
    _footer(page, case)
    sheet.print_area(0, 0, page.row, AMOUNT)
    sheet.ignore_errors({"number_stored_as_text": f"A1:A{page.row}"})
    return f"'{name}'!{total}"


def _header(page: SheetWriter, part: SubActivity, ceiling: int, case: Case) -> None:
    """The form's fields in two columns, so that the headings below can stay in sight."""
    office = case.office
    message = _(
        "{region}, budget year {year}",
        region=office.get("region", "…"),
        year=office.get("year", "…"),
    )
    page.line(message, font_size=11, font_color=INK)
    organisation = office.get("office", "")
    fields: tuple[tuple[str, str | int], ...] = (
        (_("Affairs (urusan)"), office.get("urusan", "")),
        (_("Field (bidang urusan)"), office.get("bidang_urusan", "")),
        (_("Organisation"), organisation),
        (_("Unit within it"), office.get("unit", organisation)),
        (_("Programme (program)"), office.get("program", "")),
        (_("Activity (kegiatan)"), office.get("kegiatan", "")),
        (_("Sub-activity (sub kegiatan)"), f"{part.code} {part.name}".strip()),
        (_("Ceiling (pagu) of the whole plan"), ceiling),
    )
    label: dict[str, Any] = {"bold": True, "bg_color": PALE, "text_wrap": True}
    text = page.book.cell(text_wrap=True, align="left")
    rupiah = page.book.cell(num_format=MONEY, align="left", bold=True)
    for n, (name, value) in enumerate(fields):
        row = page.row + n % 4
        if n < 4:
            page.put(row, CODE, name, **label)
            page.write(row, NAME, value, text)
            continue
        page.put(row, COEFFICIENT, name, **label)
        page.merge(row, UNIT, AMOUNT, value, text if isinstance(value, str) else rupiah)
        if isinstance(value, str):
            page.sheet.set_row(row, height(value, sum(WIDTHS[UNIT:])))
    page.row += 5


def _side_headings(page: SheetWriter, head: int) -> None:
    """Over the cells that the coefficients are made of."""
    pairs = [(_("Volume {n}", n=n), _("Unit {n}", n=n)) for n in range(1, PAIRS + 1)]
    names = [*chain.from_iterable(pairs), _("PPN of one"), _("Price source")]
    page.widen(AMOUNT + 1, 2)
    for n in range(FIRST_PAIR, FIRST_PAIR + len(names)):
        page.widen(n, 26 if n == SOURCE else 11)
    page.headings(head, FIRST_PAIR, names)


def _account(page: SheetWriter, account: Account) -> None:
    """A level and all below it."""
    row = page.row
    for n in range(CODE, AMOUNT):
        page.put(row, n, None, **ON_BAND)
    page.put(row, CODE, account.code, **ON_BAND)
    page.put(row, NAME, account.name, text_wrap=True, **ON_BAND)
    page.sheet.set_row(row, height(account.name, WIDTHS[NAME]))
    page.row += 1
    for part in account.parts:
        if isinstance(part, Account):
            _account(page, part)
        else:
            _package(page, part)
    page.put(row, AMOUNT, account.amount, _subtotal(page, row + 1), num_format=WHOLE, **ON_BAND)


def _package(page: SheetWriter, package: RkaPackage) -> None:
    """The name of a package with its amount, a note below it, then its lines."""
    row = page.row
    name, note = f"[#] {package.name}", f"[-] {package.note}"
    for n in range(CODE, AMOUNT):
        page.put(row, n, None, bold=True, text_wrap=True, indent=1)
        page.put(row + 1, n, None)
    page.put(row, NAME, name, bold=True, text_wrap=True, indent=1)
    small: dict[str, Any] = {"italic": True, "font_size": 9, "font_color": "#444444"}
    page.put(row + 1, NAME, note, text_wrap=True, indent=1, **small)
    page.put(row + 1, AMOUNT, None)
    page.sheet.set_row(row, height(name, WIDTHS[NAME] - 4))
    page.sheet.set_row(row + 1, height(note, WIDTHS[NAME] * 1.1), None, {"level": 1})
    page.row += 2
    for line in package.lines:
        _line(page, line)
    page.put(row, AMOUNT, package.amount, _subtotal(page, row + 1), bold=True, num_format=WHOLE)


def _line(page: SheetWriter, line: Line) -> None:
    """One thing that is bought; coefficient and amount are formulas of the cells at the side."""
    row = page.row
    side = page.book.style(font_color="#666666")
    side_count = page.book.style(font_color="#666666", num_format=WHOLE)
    volumes, words = [], []
    for n, (volume, unit) in enumerate(line.pairs):
        at = FIRST_PAIR + 2 * n
        page.write(row, at, volume, side_count)
        page.write(row, at + 1, unit, side)
        volumes.append(cell_at(row, at))
        words.append(f'{cell_at(row, at)}&" "&{cell_at(row, at + 1)}')
    page.write(row, TAX_OF_ONE, line.tax, side_count)
    page.write(row, SOURCE, line.source, side)
    coefficient = "=" + f'&"{TIMES}"&'.join(words)
    tax = f"={'*'.join(volumes)}*{cell_at(row, TAX_OF_ONE)}"
    amount = f"={'*'.join(volumes)}*{cell_at(row, PRICE)}+{cell_at(row, TAX)}"
    page.put(row, CODE, None, text_wrap=True)
    page.put(row, NAME, line.name, text_wrap=True, indent=3)
    page.put(row, COEFFICIENT, line.coefficient, coefficient, text_wrap=True)
    page.put(row, UNIT, line.unit, text_wrap=True)
    page.put(row, PRICE, line.price, num_format=WHOLE)
    page.put(row, TAX, line.volume * line.tax, tax, num_format=WHOLE_OR_DASH)
    page.put(row, AMOUNT, line.amount, amount, num_format=WHOLE)
    page.sheet.set_row(row, height(line.name, WIDTHS[NAME] - 4), None, {"level": 1})
    page.row += 1


def _subtotal(page: SheetWriter, first: int) -> str:
    """The formula that sums the amounts from row `first` to the row above the cursor.

    SUBTOTAL leaves the sums in between out.
    """
    return f"=SUBTOTAL(9,{cell_at(first, AMOUNT)}:{cell_at(page.row - 1, AMOUNT)})"


def _footer(page: SheetWriter, case: Case) -> None:
    """Who signs, and five lines for the review."""
    office, place = case.office, case.office.get("place", "")
    lines = (
        f"{place}, {BLANK_ROW[:36]}" if place else BLANK_ROW[:48],
        office.get("head", BLANK_ROW[:48]),
        "",
        "",
        office.get("head_name", BLANK_ROW[:48]),
        _("NIP {n}", n=office.get("head_id", BLANK_ROW[:36])),
    )
    for row, message in enumerate(lines, page.row):
        page.merge(row, UNIT, AMOUNT, message or None, page.book.style(align="center"))
    page.row += len(lines) + 1
    page.write(page.row, CODE, _("Notes of the review"), page.book.style(bold=True))
    for n in range(1, REVIEWS + 1):
        page.put(page.row + n, CODE, n, align="center")
        page.merge(page.row + n, NAME, AMOUNT, None, page.book.cell())
        page.sheet.set_row(page.row + n, 20)
    page.row += REVIEWS
