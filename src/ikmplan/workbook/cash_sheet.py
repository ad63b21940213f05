"""The cash plan (anggaran kas) on a sheet: by quarter and account, and by month as a DPA has it.

The months of a quarter add up to it whatever an office shifts between them: the last month is a
formula, what the other two leave.
"""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.utility import xl_rowcol_to_cell as cell_at

from ikmplan.input.case import Case
from ikmplan.input.office import machine_quarter
from ikmplan.input.rows import QUARTERS
from ikmplan.plan.plan import Plan
from ikmplan.report.cash_plan import MONTHS_OF_A_QUARTER, cash_plan, months
from ikmplan.report.indicators import sub_activity_label
from ikmplan.report.rka import SubActivity, by_quarter
from ikmplan.text import _, current_language, number
from ikmplan.workbook.excel import MONEY, ON_BAND, ON_INK, SheetWriter, height

CODE, NAME, FIRST_QUARTER = range(3)
YEAR = FIRST_QUARTER + len(QUARTERS)
CASH_WIDTHS = (19, 44, *[17] * (len(QUARTERS) + 1), 13)
Totals = Sequence[tuple[SubActivity, str]]  # each sub-activity and the cell of its total


def write_cash(page: SheetWriter, plan: Plan, case: Case, totals: Totals) -> None:
    """Quarters by account, quarters by fund, and months by sub-activity."""
    for n, width in enumerate(CASH_WIDTHS):
        page.widen(n, width)
    across = len(CASH_WIDTHS), sum(CASH_WIDTHS)
    message = _(
        "Classes are paid in the quarter in which they are held, machines in quarter {q} "
        "(machine_quarter in office.csv). Each quarter is divided equally over its months; change "
        "the first two, and the third is what they leave.",
        q=number(machine_quarter(case.office)),
    )
    page.prose(message, *across)
    sums = [_by_account(page, part, total) for part, total in totals]
    table = cash_plan(plan, case)
    page.fit([table])
    page.view(table)
    if sums:
        _by_month(page, totals, sums)


def _by_account(page: SheetWriter, part: SubActivity, total: str) -> int:
    """The accounts of a sub-activity by quarter; gives the row of their sums."""
    page.caption(sub_activity_label(part))
    quarters = [_("Q{q}", q=q) for q in QUARTERS]
    page.headings(page.row, CODE, [_("Account code"), _("Description"), *quarters, _("Year")])
    page.row += 1
    first = page.row
    for account in part.leaves:
        page.put(page.row, CODE, account.code)
        page.put(page.row, NAME, account.name, text_wrap=True)
        amounts = by_quarter(account.lines)
        for n, amount in enumerate(amounts, FIRST_QUARTER):
            page.put(page.row, n, amount, num_format=MONEY)
        span = f"{cell_at(page.row, FIRST_QUARTER)}:{cell_at(page.row, YEAR - 1)}"
        page.put(page.row, YEAR, sum(amounts), f"=SUM({span})", num_format=MONEY)
        page.heighten(page.row, height(account.name, CASH_WIDTHS[NAME]))
        page.kept.add(page.row)
        page.row += 1
    page.put(page.row, CODE, None, **ON_BAND)
    page.put(page.row, NAME, _("Total of the sub-activity"), **ON_BAND)
    for n, amount in enumerate((*by_quarter(part.lines), part.amount), FIRST_QUARTER):
        span = f"{cell_at(first, n)}:{cell_at(page.row - 1, n)}"
        page.put(page.row, n, amount, f"=SUM({span})", num_format=MONEY, **ON_BAND)
    test = f"({cell_at(page.row, YEAR)}={total})"
    page.verdict(page.row, YEAR + 1, test, (_("agrees"), _("DOES NOT AGREE")), True)
    page.row += 1
    return page.row - 1


def _by_month(page: SheetWriter, totals: Totals, sums: Sequence[int]) -> None:
    """Each month, under it the quarter; a column for each sub-activity and one for both."""
    from babel.dates import get_month_names

    names = get_month_names("wide", locale=current_language())
    page.caption(_("Planned withdrawal of funds by month (DPA)"))
    labels = [part.code or sub_activity_label(part) for part, _total in totals]
    page.headings(page.row, CODE, [_("Quarter"), _("Month"), *labels, _("Total")])
    page.row += 1
    first, last_column = page.row, FIRST_QUARTER + len(totals)
    amounts_due = [by_quarter(part.lines) for part, _total in totals]
    for q in QUARTERS:
        for month in range(MONTHS_OF_A_QUARTER):
            page.put(page.row, CODE, _("Q{q}", q=q))
            page.put(page.row, NAME, names[(q - 1) * MONTHS_OF_A_QUARTER + month + 1])
            amounts = [months(due[q - 1])[month] for due in amounts_due]
            for n, amount in enumerate(amounts):
                column, formula = FIRST_QUARTER + n, ""
                if month == MONTHS_OF_A_QUARTER - 1:
                    of_quarter = cell_at(sums[n], FIRST_QUARTER + q - 1)
                    before = f"{cell_at(page.row - 2, column)}:{cell_at(page.row - 1, column)}"
                    formula = f"={of_quarter}-SUM({before})"
                page.put(page.row, column, amount, formula, num_format=MONEY)
            span = f"{cell_at(page.row, FIRST_QUARTER)}:{cell_at(page.row, last_column - 1)}"
            page.put(page.row, last_column, sum(amounts), f"=SUM({span})", num_format=MONEY)
            page.kept.add(page.row)
            page.row += 1
    page.put(page.row, CODE, None, **ON_INK)
    page.put(page.row, NAME, _("Year"), **ON_INK)
    every = [part.amount for part, _total in totals]
    for n, amount in enumerate((*every, sum(every)), FIRST_QUARTER):
        span = f"{cell_at(first, n)}:{cell_at(page.row - 1, n)}"
        page.put(page.row, n, amount, f"=SUM({span})", num_format=MONEY, **ON_INK)
    page.row += 1
