"""The RKA on a sheet: the form's header, account levels with subtotals, lines, and its footer.

Every amount is a live formula with its value beside it. The volumes and units behind a
coefficient stand in their own cells to the right of what is printed: change one there, and
coefficient, amount, subtotals and the check against the ceiling follow.
"""

from __future__ import annotations

from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell as cell_at

from ikmplan.input.case import Case
from ikmplan.text import N_, _
from ikmplan.workbook.excel import BAND, INK, PALE, Book, SheetWriter, height
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
NUMBER = "#,##0"
NUMBER_OR_NONE = '#,##0;-#,##0;"–"'
BLANK_ROW = ". " * 32
REVIEWS = 5


def write_rka(book: Book, part: SubActivity, name: str, ceiling: int, case: Case) -> str:
    """The sheet `name` of one sub-activity; gives the cell of its total, for other sheets."""
    title = _("Work plan and budget (RKA): details of spending")
    page = book.page(name, title)
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
    label = book.cell(bold=True, font_color="white", bg_color=INK)
    amount = book.cell(bold=True, font_color="white", bg_color=INK, num_format=NUMBER)
    for n in range(AMOUNT):
        sheet.write_blank(page.row, n, None, label)
    sheet.write_string(page.row, NAME, _("Total of the sub-activity"), label)
    _subtotal(page, first, amount, part.amount)
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
    label = page.book.cell(bold=True, bg_color=PALE, text_wrap=True)
    text = page.book.cell(text_wrap=True, align="left")
    rupiah = page.book.cell(num_format='"Rp"#,##0', align="left", bold=True)
    for n, (name, value) in enumerate(fields):
        row = page.row + n % 4
        if n < 4:
            page.sheet.write_string(row, CODE, name, label)
            page.sheet.write_string(row, NAME, str(value), text)
        else:
            page.sheet.write_string(row, COEFFICIENT, name, label)
            page.sheet.merge_range(row, UNIT, row, AMOUNT, "", text)
            if isinstance(value, int):
                page.sheet.write_number(row, UNIT, value, rupiah)
            else:
                page.sheet.write_string(row, UNIT, value, text)
                page.sheet.set_row(row, height(value, sum(WIDTHS[UNIT:])))
    page.row += 5


def _side_headings(page: SheetWriter, head: int) -> None:
    """Over the cells that the coefficients are made of."""
    names = [
        message
        for n in range(1, PAIRS + 1)
        for message in (_("Volume {n}", n=n), _("Unit {n}", n=n))
    ]
    names += [_("PPN of one"), _("Price source")]
    page.widen(AMOUNT + 1, 2)
    for n in range(len(names)):
        page.widen(FIRST_PAIR + n, 26 if FIRST_PAIR + n == SOURCE else 11)
    page.headings(head, FIRST_PAIR, names)


def _account(page: SheetWriter, account: Account) -> None:
    """A level and all below it."""
    row, book = page.row, page.book
    look: dict[str, Any] = {"bold": True, "bg_color": BAND}
    for n in range(CODE, AMOUNT):
        page.sheet.write_blank(row, n, None, book.cell(**look))
    page.sheet.write_string(row, CODE, account.code, book.cell(**look))
    page.sheet.write_string(row, NAME, account.name, book.cell(text_wrap=True, **look))
    page.sheet.set_row(row, height(account.name, WIDTHS[NAME]))
    page.row += 1
    for part in account.parts:
        if isinstance(part, Account):
            _account(page, part)
        else:
            _package(page, part)
    _subtotal(page, row + 1, book.cell(num_format=NUMBER, **look), account.amount, row)


def _package(page: SheetWriter, package: RkaPackage) -> None:
    row, book = page.row, page.book
    bold = book.cell(bold=True, text_wrap=True, indent=1)
    for n in range(CODE, AMOUNT):
        page.sheet.write_blank(row, n, None, bold)
        page.sheet.write_blank(row + 1, n, None, book.cell())
    page.sheet.write_string(row, NAME, f"[#] {package.name}", bold)
    note = book.cell(italic=True, text_wrap=True, indent=1, font_size=9, font_color="#444444")
    page.sheet.write_string(row + 1, NAME, f"[-] {package.note}", note)
    page.sheet.write_blank(row + 1, AMOUNT, None, book.cell())
    page.sheet.set_row(row, height(f"[#] {package.name}", WIDTHS[NAME] - 4))
    tall = height(f"[-] {package.note}", WIDTHS[NAME] * 1.1)
    page.sheet.set_row(row + 1, tall, None, {"level": 1})
    page.row += 2
    for line in package.lines:
        _line(page, line)
    amount = book.cell(bold=True, num_format=NUMBER)
    _subtotal(page, row + 1, amount, package.amount, row)


def _line(page: SheetWriter, line: Line) -> None:
    row, sheet, book = page.row, page.sheet, page.book
    text, count = book.cell(text_wrap=True), book.cell(num_format=NUMBER)
    side, side_count = (
        book.style(font_color="#666666"),
        book.style(font_color="#666666", num_format=NUMBER),
    )
    volumes, words = [], []
    for n, (volume, unit) in enumerate(line.pairs):
        at = FIRST_PAIR + 2 * n
        sheet.write_number(row, at, volume, side_count)
        sheet.write_string(row, at + 1, unit, side)
        volumes.append(cell_at(row, at))
        words.append(f'{cell_at(row, at)}&" "&{cell_at(row, at + 1)}')
    count_of = "*".join(volumes)
    sheet.write_number(row, TAX_OF_ONE, line.tax, side_count)
    sheet.write_string(row, SOURCE, line.source, side)
    sheet.write_blank(row, CODE, None, text)
    sheet.write_string(row, NAME, line.name, book.cell(text_wrap=True, indent=3))
    sheet.write_formula(row, COEFFICIENT, "=" + f'&"{TIMES}"&'.join(words), text, line.coefficient)
    sheet.write_string(row, UNIT, line.unit, text)
    sheet.write_number(row, PRICE, line.price, count)
    tax = f"={count_of}*{cell_at(row, TAX_OF_ONE)}"
    sheet.write_formula(row, TAX, tax, book.cell(num_format=NUMBER_OR_NONE), line.volume * line.tax)
    amount = f"={count_of}*{cell_at(row, PRICE)}+{cell_at(row, TAX)}"
    sheet.write_formula(row, AMOUNT, amount, count, line.amount)
    sheet.set_row(row, height(line.name, WIDTHS[NAME] - 4), None, {"level": 1})
    page.row += 1


def _subtotal(
    page: SheetWriter, first: int, style: Any, value: int, row: int | None = None
) -> None:
    """The sum of the lines from `first` to the last; SUBTOTAL leaves the sums in between out."""
    row = page.row if row is None else row
    cells = f"{cell_at(first, AMOUNT)}:{cell_at(page.row - 1, AMOUNT)}"
    page.sheet.write_formula(row, AMOUNT, f"=SUBTOTAL(9,{cells})", style, value)


def _footer(page: SheetWriter, case: Case) -> None:
    """Who signs, and five lines for the review."""
    office, sheet, book = case.office, page.sheet, page.book
    centred = book.style(align="center")
    place = office.get("place", "")
    lines = (
        f"{place}, {BLANK_ROW[:36]}" if place else BLANK_ROW[:48],
        office.get("head", BLANK_ROW[:48]),
        "",
        "",
        office.get("head_name", BLANK_ROW[:48]),
        _("NIP {n}", n=office.get("head_id", BLANK_ROW[:36])),
    )
    for n, message in enumerate(lines):
        sheet.merge_range(page.row + n, UNIT, page.row + n, AMOUNT, message, centred)
    page.row += len(lines) + 1
    sheet.write_string(page.row, CODE, _("Notes of the review"), book.style(bold=True))
    for n in range(1, REVIEWS + 1):
        sheet.write_number(page.row + n, CODE, n, book.cell(align="center"))
        sheet.merge_range(page.row + n, NAME, page.row + n, AMOUNT, "", book.cell())
        sheet.set_row(page.row + n, 20)
    page.row += REVIEWS
