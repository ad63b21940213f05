"""When the money of a plan is needed: by quarter and fund, and by month, to the rupiah.

Classes are paid in the quarter in which they are held. A plan places no machine in a quarter:
machines are paid in the one that office.csv states (`machine_quarter`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from ikmplan.input.case import Case
from ikmplan.input.rows import QUARTERS
from ikmplan.plan.plan import Plan
from ikmplan.report.names import KIND_NAMES
from ikmplan.report.rka import Quarters, quarters_of_items
from ikmplan.show.table import SUM, View, rupiah_text, table
from ikmplan.text import _

MONTHS_OF_A_QUARTER = 3


class CashRow(NamedTuple):
    """What a fund pays for one kind of spending, in each quarter; rupiah."""

    fund: str
    kind: str
    by_quarter: Quarters


def cash_rows(plan: Plan, case: Case) -> list[CashRow]:
    """Every fund and kind that it pays for. Where two funds share a course or machine, the first
    of the table funds pays the earlier quarters until its part is used up."""
    due: Counter[tuple[str, str, int]] = Counter()
    paid = {
        (str(kind), str(item), str(host), str(fund)): int(amount)
        for fund, kind, item, host, amount in plan.money.itertuples(index=False, name=None)
    }
    for (kind, item, host), amounts in quarters_of_items(plan, case).items():
        shares = [(f, paid.get((kind, item, host, f), 0)) for f in case.funds]
        for q, fund, amount in _filled(amounts, shares):
            due[fund, kind, q] += amount
    return [
        CashRow(f, kind, tuple(due[f, kind, q] for q in QUARTERS))
        for f in case.funds
        for kind in KIND_NAMES
        if any(due[f, kind, q] for q in QUARTERS)
    ]


def _filled(amounts: Quarters, shares: list[tuple[str, int]]) -> Iterator[tuple[int, str, int]]:
    """Quarter, fund, rupiah: the parts of the funds in their order, cut at the quarters."""
    left = dict(zip(QUARTERS, amounts, strict=True))
    for fund, part in shares:
        for q in QUARTERS:
            taken = min(part, left[q])
            part, left[q] = part - taken, left[q] - taken
            if taken:
                yield q, fund, taken


def cash_plan(plan: Plan, case: Case) -> View:
    """The cash plan (anggaran kas) by quarter: each fund and what it pays for."""
    return table(
        _("Cash plan by quarter"),
        cash_rows(plan, case),
        (_("Fund"), lambda row: case.name(row.fund), None, _("All funds")),
        (_("Pays for"), lambda row: _(KIND_NAMES[row.kind])),
        *(
            (_("Q{q}", q=q), lambda row, q=q: row.by_quarter[q - 1], rupiah_text, SUM)
            for q in QUARTERS
        ),
        (_("Year"), lambda row: sum(row.by_quarter), rupiah_text, SUM),
        empty=_("No money is spent."),
    )


def months(amount: int) -> tuple[int, int, int]:
    """The rupiah of a quarter in its three months: equal parts, the last one the rest."""
    each = amount // MONTHS_OF_A_QUARTER
    return each, each, amount - 2 * each
