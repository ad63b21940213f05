"""plan.xlsx: the plan as an office hands it on, with the RKA, lists, reasons and certificate.

`write_workbook` puts the whole file in place at once. Every total is a live formula whose
cached value is the plan's own; the checks on the first sheet compare the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell as cell_at

from ikmplan import views
from ikmplan.files import write_atomic
from ikmplan.input.case import Case
from ikmplan.plan.plan import Plan
from ikmplan.report.names import KIND_NAMES
from ikmplan.show.table import Column, View
from ikmplan.text import N_, _, language
from ikmplan.workbook.excel import BAND, WIDEST, Book, SheetWriter
from ikmplan.workbook.rka import SubActivity, gaps, sub_activities
from ikmplan.workbook.rka_sheet import write_rka
from ikmplan.workbook.workbook_tables import days, prices, sites, sources_sheet

SHEETS = {
    "summary": N_("Summary"),
    "training": N_("RKA details training"),
    "equipment": N_("RKA details machines"),
    "schedule": N_("Schedule"),
    "machines": N_("Machines"),
    "ticks": N_("Site checklist"),
    "recipients": N_("Recipients"),
    "reasons": N_("Reasons"),
    "prices": N_("Price sources"),
    "sources": N_("Sources"),
    "certificate": N_("Fingerprint"),
}
BOXES = "☐", "☑"


def sheet_name(key: str) -> str:
    """The name of a sheet in the language in use."""
    return _(SHEETS[key])


def write_workbook(
    path: str | Path,
    plan: Plan,
    case: Case,
    *,
    programme: Plan | None = None,
    reasons: Sequence[View] = (),
) -> None:
    """Write the plan as an Excel workbook, in the language of its scenario, whole or not at all.

    `programme` is the announced one, to compare with; `reasons` are tables of what was asked
    of further solves.
    """
    with language(plan.scenario.language):
        write_atomic(Path(path), _workbook(plan, case, programme, reasons))


def _workbook(plan: Plan, case: Case, programme: Plan | None, reasons: Sequence[View]) -> bytes:
    about = str(views.about(case))
    book = Book(_("Plan: {about}", about=about) if about else _("Plan"), _mark(plan, case))
    summary = book.page(sheet_name("summary"), _("Plan of courses and machines"))
    parts = sub_activities(plan, case)
    totals = {
        part.kind: write_rka(book, part, sheet_name(part.kind), case.budget, case) for part in parts
    }
    _summary(summary, plan, case, programme, parts, totals)
    _page(book, "schedule", views.classes(plan, case), days(plan, case))
    _machines(book, plan, case)
    _page(book, "recipients", views.invitations(plan, case))
    _reasons(book, plan, case, reasons)
    _page(book, "prices", prices(case))
    _page(book, "sources", sources_sheet(case), widest=95)
    certificate = (views.certificate(plan, case), views.asked(case), views.assumptions(case))
    _page(book, "certificate", *certificate, views.versions(plan))
    return book.done()


def _mark(plan: Plan, case: Case) -> str:
    """What stands at the foot of each printed page: which plan this is."""
    known = [case.office.get("office", ""), case.scenario.name, plan.proof.fingerprint[:12]]
    return " · ".join(part for part in known if part)


def _page(book: Book, key: str, *blocks: View, widest: float = WIDEST) -> None:
    """A sheet of Views."""
    page = book.page(sheet_name(key), sheet_name(key))
    page.widest = widest
    for view in blocks:
        page.view(view, alone=len(blocks) == 1)


def _summary(
    page: SheetWriter,
    plan: Plan,
    case: Case,
    programme: Plan | None,
    parts: tuple[SubActivity, ...],
    totals: dict[str, str],
) -> None:
    about = views.about(case)
    if about:
        page.line(about, font_size=11, italic=True)
    page.sheet.set_portrait()  # all of it on one page
    page.sheet.fit_to_pages(1, 1)
    page.widen(0, 44)
    for column in range(1, 6):
        page.widen(column, 18)
    page.row += 1
    page.prose(views.headline(plan, case, programme), 6, 44 + 5 * 18)
    _ceilings(page, plan, case, parts, totals)
    page.view(views.summary(plan, case, programme))
    page.view(views.money_by_fund(plan, case))
    page.view(views.coverage(plan, case, programme))
    missing = gaps(plan, case)
    if missing:
        message = _("office.csv lacks these keys, and the RKA has gaps there: {keys}")
        page.row += 1
        page.prose(message.format(keys=", ".join(missing)), 6, 44 + 5 * 18)


def _ceilings(
    page: SheetWriter,
    plan: Plan,
    case: Case,
    parts: tuple[SubActivity, ...],
    totals: dict[str, str],
) -> None:
    """The RKA against the ceiling, each fund against what it holds, the RKA against the plan."""
    page.caption(_("Check against the ceiling"))
    heads = (_("What"), _("Ceiling"), _("Planned"), _("Left"), _("Result"))
    page.headings(page.row, 0, heads)
    page.row += 1
    spent = "+".join(totals.values()) or "0"
    _check(page, _("Budget: the RKA of both sub-activities"), case.budget, f"={spent}", plan.cost)
    for f, amount in case.fund_amount.items():
        paid = int(plan.money.loc[plan.money["fund"] == f, "amount"].sum())
        _check(page, _("Fund: {name}", name=case.name(f)), amount, None, paid)
    names = {part.kind: part for part in parts}
    for kind, cell in totals.items():
        message = _(KIND_NAMES[kind]).lower()
        cost = int(plan.lines.loc[plan.lines["kind"] == kind, "amount"].sum())
        label = _("RKA of {kind}: is it the plan's amount?", kind=message)
        _check(page, label, cost, f"={cell}", names[kind].amount, exact=True)
    page.row += 1


def _check(
    page: SheetWriter, name: str, ceiling: int, formula: str | None, value: int, exact: bool = False
) -> None:
    """One row: ceiling, what is planned, what is left, and whether it fits."""
    book, sheet, row = page.book, page.sheet, page.row
    money = book.cell(num_format='"Rp"#,##0')
    sheet.write_string(row, 0, name, book.cell(text_wrap=True))
    sheet.write_number(row, 1, ceiling, money)
    if formula is None:
        sheet.write_number(row, 2, value, money)
    else:
        sheet.write_formula(row, 2, formula, money, value)
    sheet.write_formula(row, 3, f"={cell_at(row, 1)}-{cell_at(row, 2)}", money, ceiling - value)
    left = cell_at(row, 3)
    if exact:
        message = _("agrees"), _("DOES NOT AGREE")
        page.verdict(row, 4, f"({left}=0)", message, ceiling == value)
    else:
        message = _("within"), _("OVER THE CEILING")
        page.verdict(row, 4, f"({left}>=0)", message, ceiling >= value)
    page.row += 1


def _machines(book: Book, plan: Plan, case: Case) -> None:
    """The machines, what each site must offer them, and the list to take along there."""
    page = book.page(sheet_name("machines"), sheet_name("machines"))
    page.widest = 27
    page.view(views.machines(plan, case))
    view = sites(plan, case)
    first = page.view(view)
    if not len(view):
        return
    names = [column.heading for column in view.columns]
    last = first + len(view) - 1
    right = len(names)
    checks = (
        (_("Power enough?"), _("Power needed (kVA)"), _("Power free (kVA)"), None),
        (_("Space enough?"), _("Space needed (m²)"), _("Space free (m²)"), None),
        (_("Operators enough?"), _("Operators needed"), _("Operators expected"), names[-1]),
    )
    for n, (heading, need, have, course) in enumerate(checks):
        page.widen(right + n, 11)
        page.headings(first - 1, right + n, [heading])
        at = names.index(need), names.index(have), None if course is None else names.index(course)
        for row in range(first, last + 1):
            _enough(page, view, (first, last), row, right + n, at)
    _tick_list(book, view)


def _tick_list(book: Book, view: View) -> None:
    """To be printed and ticked off at each site, or on the screen from a list."""
    page = book.page(sheet_name("ticks"), sheet_name("ticks"))
    ticks = (_("Power"), _("Site"), _("Operator"), _("Feedstock"), _("Market"))
    boxes = tuple(Column(tick, [BOXES[0]] * len(view)) for tick in ticks)
    signed = Column(_("Date and initials"), [""] * len(view))
    ticked = View(_("To tick off on site"), (*view.columns[:3], *boxes, signed))
    first = page.view(ticked, alone=True, least=26)
    source = {"validate": "list", "source": list(BOXES)}
    page.sheet.data_validation(first, 3, first + len(view) - 1, 2 + len(ticks), source)


def _enough(
    page: SheetWriter,
    view: View,
    rows: tuple[int, int],
    row: int,
    column: int,
    at: tuple[int, int, int | None],
) -> None:
    """Whether a host has enough for all its new machines, those of other rows too."""
    first, last = rows
    need, have, course = at
    frame = [list(column.values) for column in view.columns]
    n = row - first
    alike = [
        k for k in range(len(view))
        if frame[0][k] == frame[0][n] and (course is None or frame[course][k] == frame[course][n])
    ]  # fmt: skip

    def span(column: int) -> str:
        return f"{cell_at(first, column, True, True)}:{cell_at(last, column, True, True)}"

    terms = f"{span(0)},{cell_at(row, 0, False, True)}"
    if course is not None:
        terms += f",{span(course)},{cell_at(row, course)}"
    there = cell_at(row, have)
    fits = f"SUMIFS({span(need)},{terms})<={there}+0.000001"
    holds = None
    if frame[have][n] is not None:
        holds = sum(frame[need][k] for k in alike) <= frame[have][n] + 1e-6
    message = _("enough"), _("TOO LITTLE")
    page.verdict(row, column, f'IF(ISNUMBER({there}),{fits},"")', message, holds)


def _reasons(book: Book, plan: Plan, case: Case, reasons: Sequence[View]) -> None:
    """What more solves said, where they were asked for; then what limits the plan."""
    page = book.page(sheet_name("reasons"), sheet_name("reasons"))
    if not reasons:
        message = _(
            "What one step more would bring, and what was left out and why, was not worked out "
            "in this run."
        )
        page.line(message, italic=True, bg_color=BAND)
        if case.scenario.reasons:  # downloaded from the planner's page
            message = _(
                "“{button}” on the planner's page works it out: it then stands in the report and "
                "in the workbook beside it.",
                button=_("Make the report"),
            )
            page.line(message, italic=True, bg_color=BAND)
    tables: list[Any] = [
        *reasons,
        views.limits(plan, case),
        views.limits(plan, case, binding=False),
    ]
    for view in [*tables, views.drawn_at_random(plan, case)]:
        page.view(view)
