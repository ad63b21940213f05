"""The RKA on a sheet: the form's head, account levels with subtotals, lines, and its foot.

Every amount is a live formula with its value beside it. The volumes and units behind a
coefficient stand in their own cells to the right of what is printed: change one there, and
coefficient, amount, subtotals and the check against the ceiling follow. What the case does not
state is a marked gap that the office fills in.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell as cell_at

from ikmplan.input.case import Case
from ikmplan.plan.plan import Plan
from ikmplan.report.indicators import INDICATOR_KINDS, indicators_of
from ikmplan.report.rka import TIMES, Account, Line, RkaPackage, SubActivity
from ikmplan.text import N_, _
from ikmplan.workbook.excel import (
    GAP,
    INK,
    MONEY,
    ON_BAND,
    ON_INK,
    PALE,
    WHOLE,
    Book,
    SheetWriter,
    excel_value,
    height,
)
from ikmplan.workbook.rka_fields import (
    GAP_TEXT,
    FormField,
    activity_fields,
    sub_activity_fields,
    team,
    year_words,
)

HEADINGS = (
    N_("Account code"), N_("Description"), N_("Coefficient"), N_("Unit"), N_("Price"), N_("PPN"),
    N_("Amount"),
)  # fmt: skip
CODE, NAME, COEFFICIENT, UNIT, PRICE, TAX, AMOUNT = range(7)
WIDTHS = (18, 63, 27, 14, 13, 12, 15)
FIRST_PAIR = AMOUNT + 2  # volumes and units begin here, one column left free
PAIRS = 4
TAX_OF_ONE = FIRST_PAIR + 2 * PAIRS
SSH_CODE = TAX_OF_ONE + 1
WHOLE_OR_DASH = '#,##0;-#,##0;"–"'
REVIEWS = 5
LINES_BEFORE_THE_FOOT = 3  # rows that are printed with what is signed, so that it is not alone


def write_rka(book: Book, plan: Plan, case: Case, part: SubActivity, name: str) -> str:
    """The sheet `name` of one sub-activity; gives the cell of its total, for other sheets."""
    page = book.page(name, "")
    for n, width in enumerate(WIDTHS):
        page.widen(n, width)
    page.printed = AMOUNT + 1
    allocation = _head(page, plan, case, part)
    sheet, head = page.sheet, page.row
    page.headings(head, CODE, [_(heading) for heading in HEADINGS])
    _side_headings(page, head)
    page.repeat(head)
    page.kept.add(head)
    sheet.outline_settings(symbols_below=False)
    page.row = first = head + 1
    for account in part.accounts:
        _account(page, account)
    total = cell_at(page.row, AMOUNT)
    for n in range(AMOUNT):
        page.put(page.row, n, None, **ON_INK)
    page.put(page.row, NAME, _("Total of the sub-activity"), **ON_INK)
    page.put(page.row, AMOUNT, part.amount, _subtotal(page, first), num_format=WHOLE, **ON_INK)
    page.write(*allocation, part.amount, _rupiah(page), f"={total}")
    last_lines = max(first, page.row - LINES_BEFORE_THE_FOOT)
    page.row += 2
    _foot(page, case)
    page.kept |= set(range(last_lines, page.row))
    sheet.print_area(0, 0, page.row, AMOUNT)
    sheet.ignore_errors({"number_stored_as_text": f"A1:A{page.row}"})
    return f"'{name}'!{total}"


def _head(page: SheetWriter, plan: Plan, case: Case, part: SubActivity) -> tuple[int, int]:
    """The form's head; gives the cell of this year's allocation, whose sum stands below."""
    title: dict[str, Any] = {"bold": True, "font_size": 13, "font_color": INK, "text_wrap": True}
    style = page.book.style(valign="vcenter", **title)
    page.merge(0, CODE, COEFFICIENT, _("Work plan and budget of the regional work unit"), style)
    form = page.book.cell(bold=True, align="center", valign="vcenter", text_wrap=True)
    page.merge(0, UNIT, AMOUNT, _("Form RKA – Rincian Belanja SKPD"), form)
    page.heighten(0, 24)
    page.row = 1
    page.line(year_words(case), font_size=11, font_color=INK)
    page.row += 1
    left, right = activity_fields(case, part)
    start = page.row
    for row, field in enumerate(left, start):
        _field(page, row, CODE, field)
    allocation = 0, 0
    for row, field in enumerate(right, start):
        _field(page, row, COEFFICIENT, field)
        if field.sum_below:
            allocation = row, UNIT
    page.row = start + max(len(left), len(right)) + 1
    _indicators(page, plan, case, part)
    page.row += 1
    for row, (one, other) in enumerate(sub_activity_fields(plan, case, part), page.row):
        _field(page, row, CODE, one)
        _field(page, row, COEFFICIENT, other)
        page.row = row + 1
    remark = case.office.get(f"remark_{part.kind}")
    _field(
        page, page.row, CODE, FormField(_("Remarks (keterangan)"), remark or GAP_TEXT, not remark)
    )
    page.row += 1
    page.row += 1
    return allocation


def _field(page: SheetWriter, row: int, at: int, field: FormField) -> None:
    """A label in column `at` and its value beside it: a text, rupiah, or a gap."""
    page.put(row, at, field.label, bold=True, bg_color=PALE, text_wrap=True)
    gap: dict[str, Any] = GAP if field.gap else {}
    shown = field.value
    if at == CODE:
        page.put(row, NAME, shown, text_wrap=True, align="left", **gap)
        room = WIDTHS[NAME]
    else:
        style = page.book.cell(text_wrap=True, align="left", **gap)
        page.merge(row, UNIT, AMOUNT, shown, _rupiah(page) if isinstance(shown, int) else style)
        room = sum(WIDTHS[UNIT:])
    page.heighten(row, max(height(str(shown), room), height(field.label, WIDTHS[at], bold=True)))


def _rupiah(page: SheetWriter) -> Any:
    return page.book.cell(num_format=MONEY, align="left", bold=True)


def _indicators(page: SheetWriter, plan: Plan, case: Case, part: SubActivity) -> None:
    """Indikator dan tolok ukur kinerja: each with its target, a number where it is one."""
    page.headings(page.row, CODE, [_("Indicator"), _("What is measured (tolok ukur)")])
    style = page.book.cell(text_wrap=True, align="center", valign="vcenter", **ON_INK)
    page.merge(page.row, COEFFICIENT, AMOUNT, _("Target"), style)
    for indicator in indicators_of(plan, case, part):
        page.row += 1
        page.put(page.row, CODE, _(INDICATOR_KINDS[indicator.kind]), text_wrap=True)
        page.put(page.row, NAME, indicator.measure, text_wrap=True)
        value, form = excel_value(indicator.target, indicator.show)
        look: dict[str, Any] = {"num_format": form} if form else {}
        style = page.book.cell(
            align="left", text_wrap=True, **look, **(GAP if value is None else {})
        )
        page.merge(page.row, COEFFICIENT, AMOUNT, value, style)
        label = _(INDICATOR_KINDS[indicator.kind])
        page.heighten(page.row, height(indicator.measure, WIDTHS[NAME]))
        page.heighten(page.row, height(label, WIDTHS[CODE]))
    page.row += 1


def _side_headings(page: SheetWriter, head: int) -> None:
    """Over the cells that the coefficients are made of."""
    pairs = [(_("Volume {n}", n=n), _("Unit {n}", n=n)) for n in range(1, PAIRS + 1)]
    names = [*chain.from_iterable(pairs), _("PPN of one"), _("SSH code")]
    page.widen(AMOUNT + 1, 2)
    for n in range(FIRST_PAIR, FIRST_PAIR + len(names)):
        page.widen(n, 22 if n == SSH_CODE else 11)
    page.headings(head, FIRST_PAIR, names)


def _account(page: SheetWriter, account: Account) -> None:
    """A level and all below it."""
    row = page.row
    for n in range(CODE, AMOUNT):
        page.put(row, n, None, **ON_BAND)
    page.put(row, CODE, account.code, **ON_BAND)
    name = account.name or GAP_TEXT
    page.put(row, NAME, name, text_wrap=True, **ON_BAND)
    page.heighten(row, height(name, WIDTHS[NAME], bold=True))
    page.kept.add(row)
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
    small: dict[str, Any] = {"italic": True, "font_color": "#444444"}
    page.put(row + 1, NAME, note, text_wrap=True, indent=1, **small)
    page.put(row + 1, AMOUNT, None)
    page.heighten(row, height(name, WIDTHS[NAME] - 2, bold=True))
    page.heighten(row + 1, height(note, WIDTHS[NAME] - 2), level=1)
    page.kept |= {row, row + 1}
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
    no_code = page.book.style(**GAP)
    page.write(row, SSH_CODE, line.ssh_code, side if line.ssh_code else no_code)
    coefficient = "=" + f'&"{TIMES}"&'.join(words)
    tax = f"={'*'.join(volumes)}*{cell_at(row, TAX_OF_ONE)}"
    amount = f"={'*'.join(volumes)}*{cell_at(row, PRICE)}+{cell_at(row, TAX)}"
    page.put(row, CODE, None, text_wrap=True)
    name = "\n".join([line.name, *_specification(line)])
    missing = GAP if line.is_machine and line.specification is None else {}
    page.put(row, NAME, name, text_wrap=True, indent=3, **missing)
    page.put(row, COEFFICIENT, line.coefficient, coefficient, text_wrap=True)
    page.put(row, UNIT, line.unit, text_wrap=True)
    page.put(row, PRICE, line.price, num_format=WHOLE)
    page.put(row, TAX, line.volume * line.tax, tax, num_format=WHOLE_OR_DASH)
    page.put(row, AMOUNT, line.amount, amount, num_format=WHOLE)
    points = sum(height(text, WIDTHS[NAME] - 6) for text in name.split("\n"))
    page.heighten(row, max(points, height(line.coefficient, WIDTHS[COEFFICIENT])), level=1)
    page.row += 1


def _specification(line: Line) -> list[str]:
    """Of a machine: what is to be bought, and its code in the price standard."""
    if not line.is_machine:
        return []
    return [
        _("Specification: {text}", text=line.specification or GAP_TEXT),
        _("SSH code: {code}", code=line.ssh_code or GAP_TEXT),
    ]


def _subtotal(page: SheetWriter, first: int) -> str:
    """The formula that sums the amounts from row `first` to the row above the cursor.

    SUBTOTAL leaves the sums in between out.
    """
    return f"=SUBTOTAL(9,{cell_at(first, AMOUNT)}:{cell_at(page.row - 1, AMOUNT)})"


def _foot(page: SheetWriter, case: Case) -> None:
    """The review on the left and who signs on the right; below them the budget team (TAPD)."""
    office, place, start = case.office, case.office.get("place"), page.row
    signed = (
        f"{place or GAP_TEXT}, {GAP_TEXT}",
        office.get("head", GAP_TEXT),
        "",
        "",
        office.get("head_name", GAP_TEXT),
        _("NIP {n}", n=office.get("head_id", GAP_TEXT)),
    )
    for row, message in enumerate(signed, start):
        page.merge(row, UNIT, AMOUNT, message or None, page.book.style(align="center"))
    _field(page, start, CODE, FormField(_("Date of the review"), GAP_TEXT, gap=True))
    page.write(start + 1, CODE, _("Notes of the review"), page.book.style(bold=True))
    for n in range(1, REVIEWS + 1):
        page.put(start + 1 + n, CODE, n, align="center")
        page.put(start + 1 + n, NAME, None)
        page.heighten(start + 1 + n, 20)
    page.row = start + REVIEWS + 3
    page.line(_("Regional government budget team (TAPD)"), bold=True, font_color=INK)
    _team_row(page, [_("No."), _("Name"), _("NIP"), _("Post"), _("Signature")], ON_INK)
    for n, member in enumerate(team(case), 1):
        page.row += 1
        _team_row(page, [n, *member, None], {})
        page.heighten(page.row, 22)


def _team_row(page: SheetWriter, cells: Sequence[Any], look: dict[str, Any]) -> None:
    """Number, name, NIP, post over three columns, signature."""
    number, name, staff_number, post, signature = cells
    page.put(page.row, CODE, number, align="center", **look)
    for at, value in ((NAME, name), (COEFFICIENT, staff_number), (AMOUNT, signature)):
        page.put(page.row, at, value, **(GAP if value == GAP_TEXT else look))
    style = page.book.cell(**(GAP if post == GAP_TEXT else look))
    page.merge(page.row, UNIT, TAX, post, style)
