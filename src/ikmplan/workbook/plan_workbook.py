"""plan.xlsx: the plan as an office hands it on, with the RKA, lists, reasons and certificate.

`write_workbook` puts the whole file in place at once. Every total is a live formula whose
cached value is the plan's own; the checks on the first sheet compare the two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from xlsxwriter.utility import xl_rowcol_to_cell as cell_at

from ikmplan import views
from ikmplan.alternatives.found import Alternatives
from ikmplan.alternatives.tables import alternatives_tables
from ikmplan.files import write_atomic
from ikmplan.input.case import Case
from ikmplan.plan.plan import Plan
from ikmplan.report.names import KIND_NAMES
from ikmplan.report.rka import SubActivity, gaps, sub_activities
from ikmplan.show.table import Column, View
from ikmplan.tableset import TableSet
from ikmplan.text import N_, _, language, number
from ikmplan.uncertainty.answers import Uncertainty
from ikmplan.uncertainty.tables import NOT_DRAWN
from ikmplan.workbook.cash_sheet import write_cash
from ikmplan.workbook.excel import BAND, MONEY, WIDEST, Book, SheetWriter
from ikmplan.workbook.print_pages import points_wide
from ikmplan.workbook.rka_sheet import write_rka
from ikmplan.workbook.workbook_tables import (
    asked_sheet,
    certificate_sheet,
    days,
    prices,
    sites,
    sources_sheet,
)

SHEETS = {
    "summary": N_("Summary"),
    "training": N_("RKA details training"),
    "equipment": N_("RKA details machines"),
    "cash": N_("Cash plan"),
    "schedule": N_("Schedule"),
    "machines": N_("Machines"),
    "sites": N_("Machine sites"),
    "ticks": N_("Site checklist"),
    "recipients": N_("Recipients"),
    "reasons": N_("Reasons"),
    "others": N_("What else"),
    "compliance": N_("Compliance"),
    "sure": N_("How sure"),
    "prices": N_("Price sources"),
    "sources": N_("Sources"),
    "certificate": N_("Fingerprint"),
}
FOLDED = 8  # rows; a longer table of reasons is closed until it is opened
BOXES = "☐", "☑"
VERDICTS, VERDICT_WIDTH = 3, 9  # columns of verdicts beside each site: power, space, operators
SUMMARY_WIDTHS = (34, 18, 18, 18, 18, 18)


def sheet_name(key: str) -> str:
    """The name of a sheet in the language in use."""
    return _(SHEETS[key])


def write_workbook(
    path: str | Path,
    plan: Plan,
    case: Case,
    *,
    programme: Plan | None = None,
    nothing: Plan | None = None,
    insight: TableSet | None = None,
    reasons: Sequence[View] = (),
    others: Alternatives | None = None,
    uncertainty: Uncertainty | None = None,
) -> None:
    """Write the plan as an Excel workbook, in the language of its scenario, whole or not at all.

    `programme` is the announced one and `nothing` what is reached without money, to compare
    with; `insight` is what was asked of further solves, and `reasons` are its tables for readers;
    `others` is what else could be done, which has a sheet of its own; `uncertainty` is how sure
    the plan is.
    """
    with language(plan.scenario.language):
        beside = Beside(programme, nothing, insight, uncertainty)
        write_atomic(Path(path), _workbook(plan, case, beside, reasons, others))


class Beside(NamedTuple):
    """What the first sheet compares the plan with."""

    programme: Plan | None
    nothing: Plan | None
    insight: TableSet | None
    uncertainty: Uncertainty | None


def _workbook(
    plan: Plan, case: Case, beside: Beside, reasons: Sequence[View], others: Alternatives | None
) -> bytes:
    about = str(views.about(case))
    book = Book(_("Plan: {about}", about=about) if about else _("Plan"), _mark(plan, case))
    summary = book.page(sheet_name("summary"), _("Plan of courses and machines"))
    totals = [
        (part, write_rka(book, plan, case, part, sheet_name(part.kind)))
        for part in sub_activities(plan, case)
    ]
    write_cash(book.page(sheet_name("cash"), sheet_name("cash")), plan, case, totals)
    _summary(summary, plan, case, beside, totals)
    opened = views.opened(plan, case)
    openings = [opened] if opened is not None else []
    trained = [] if case.equipment else openings  # without machines there is no sheet for them
    _page(book, "schedule", views.classes(plan, case), days(plan, case), *trained)
    _machines(book, plan, case, openings)
    _page(book, "recipients", views.invitations(plan, case))
    _reasons(book, plan, case, reasons)
    if others is not None:
        _page(book, "others", *alternatives_tables(others, case), widest=48)
    _page(book, "compliance", views.compliance(plan, case), views.price_checks(plan, case))
    _sure(book, plan, case, beside.uncertainty)
    _page(book, "prices", prices(case))
    _page(book, "sources", sources_sheet(case), widest=85)
    certificate = certificate_sheet(plan, case), asked_sheet(case), views.assumptions(case)
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
    page.fit(blocks)
    for view in blocks:
        page.view(view, alone=len(blocks) == 1)


def _sure(book: Book, plan: Plan, case: Case, uncertainty: Uncertainty | None) -> None:
    """How sure the plan is; where nothing was drawn, what is therefore missing."""
    page = book.page(sheet_name("sure"), sheet_name("sure"))
    for view in views.uncertainty(uncertainty, plan, case):
        page.view(view)
    if not views.has_draws(uncertainty):
        page.prose(_(NOT_DRAWN), len(SUMMARY_WIDTHS), sum(SUMMARY_WIDTHS))
        for column, width in enumerate(SUMMARY_WIDTHS):
            page.widen(column, width)


def _summary(
    page: SheetWriter,
    plan: Plan,
    case: Case,
    beside: Beside,
    totals: Sequence[tuple[SubActivity, str]],
) -> None:
    about = views.about(case)
    if about:
        page.line(about, font_size=11, italic=True)
    for column, width in enumerate(SUMMARY_WIDTHS):
        page.widen(column, width)
    programme, nothing, insight, sure = beside
    tables = (
        views.summary(plan, case, programme, nothing),
        views.money_by_fund(plan, case),
        views.indicators(plan, case),
        views.coverage(plan, case, programme),
        views.units(plan, case, programme, nothing),
    )
    page.fit(tables)
    page.row += 1
    across = len(SUMMARY_WIDTHS), sum(map(page.width, range(len(SUMMARY_WIDTHS))))
    page.prose(views.headline(plan, case, programme, insight, nothing, sure), *across)
    _ceilings(page, plan, case, totals)
    for view in tables:
        page.view(view)
    missing = gaps(plan, case)
    if missing:
        message = _("office.csv lacks these keys, and the RKA has gaps there: {keys}")
        page.row += 1
        page.prose(message.format(keys=", ".join(missing)), *across)


def _ceilings(
    page: SheetWriter, plan: Plan, case: Case, totals: Sequence[tuple[SubActivity, str]]
) -> None:
    """The RKA against the ceiling, each fund against its amount, the RKA against the plan.

    `totals` has the cell with the total of each sub-activity.
    """
    page.caption(_("Check against the ceiling"))
    page.headings(page.row, 0, (_("What"), _("Ceiling"), _("Planned"), _("Left"), _("Result")))
    page.row += 1
    spent = "+".join(cell for _part, cell in totals) or "0"
    _check(page, _("Budget: the RKA of both sub-activities"), case.budget, plan.cost, f"={spent}")
    for f, amount in case.fund_amount.items():
        paid = int(plan.money.loc[plan.money["fund"] == f, "amount"].sum())
        _check(page, _("Fund: {name}", name=case.name(f)), amount, paid)
    for part, cell in totals:
        kind = _(KIND_NAMES[part.kind]).lower()
        cost = int(plan.lines.loc[plan.lines["kind"] == part.kind, "amount"].sum())
        label = _("RKA of {kind}: is it the plan's amount?", kind=kind)
        _check(page, label, cost, part.amount, f"={cell}", exact=True)
    page.row += 1


def _check(
    page: SheetWriter, name: str, ceiling: int, value: int, formula: str = "", exact: bool = False
) -> None:
    """One row: ceiling, what is planned, what is left, and whether it fits."""
    row = page.row
    left = cell_at(row, 3)
    page.put(row, 0, name, text_wrap=True)
    page.put(row, 1, ceiling, num_format=MONEY)
    page.put(row, 2, value, formula, num_format=MONEY)
    difference = f"={cell_at(row, 1)}-{cell_at(row, 2)}"
    page.put(row, 3, ceiling - value, difference, num_format=MONEY)
    if exact:
        message = _("agrees"), _("DOES NOT AGREE")
        page.verdict(row, 4, f"({left}=0)", message, ceiling == value)
    else:
        message = _("within"), _("OVER THE CEILING")
        page.verdict(row, 4, f"({left}>=0)", message, ceiling >= value)
    page.row += 1


def _machines(book: Book, plan: Plan, case: Case, shown: Sequence[View]) -> None:
    """The machines below the Views in `shown`; on sheets of their own what each site must offer
    them, and the list to take along there. Nothing in a case of training alone."""
    if not case.equipment:
        return
    _page(book, "machines", *shown, views.machines(plan, case))
    view = sites(plan, case)
    page = book.page(sheet_name("sites"), sheet_name("sites"))
    page.widest = 27
    page.fit([view], VERDICTS * points_wide(VERDICT_WIDTH))
    first = page.view(view, alone=True)
    if not len(view):
        return
    names = [column.heading for column in view.columns]
    checks = (
        (_("Power enough?"), _("Power needed (kVA)"), _("Power free (kVA)"), names[:1]),
        (_("Space enough?"), _("Space needed (m²)"), _("Space free (m²)"), names[:1]),
        (
            _("Operators enough?"),
            _("Operators needed"),
            _("Operators expected"),
            [names[0], names[-1]],
        ),
    )
    for column, (heading, need, have, same) in enumerate(checks, len(names)):
        page.widen(column, VERDICT_WIDTH)
        page.headings(first - 1, column, [heading])
        alike = [names.index(name) for name in same]
        _enough(page, view, first, column, names.index(need), names.index(have), alike)
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
    first: int,
    column: int,
    need: int,
    have: int,
    alike: Sequence[int],
) -> None:
    """Whether there is enough for all new machines that share it, in `column` from row `first` on.

    Rows share what there is where they have the same values in the columns `alike`.
    """
    frame = [list(column.values) for column in view.columns]
    keys = list(zip(*(frame[at] for at in alike), strict=True))
    needed: Counter[tuple[Any, ...]] = Counter()
    for key, amount in zip(keys, frame[need], strict=True):
        needed[key] += amount

    def span(at: int) -> str:
        last = first + len(view) - 1
        return f"{cell_at(first, at, True, True)}:{cell_at(last, at, True, True)}"

    message = _("enough"), _("TOO LITTLE")
    for row, (key, there) in enumerate(zip(keys, frame[have], strict=True), first):
        terms = ",".join(f"{span(at)},{cell_at(row, at, col_abs=at == 0)}" for at in alike)
        cell = cell_at(row, have)
        fits = f"SUMIFS({span(need)},{terms})<={cell}+0.000001"
        holds = None if there is None else needed[key] <= there + 1e-6
        page.verdict(row, column, f'IF(ISNUMBER({cell}),{fits},"")', message, holds)


def _reasons(book: Book, plan: Plan, case: Case, reasons: Sequence[View]) -> None:
    """The answers of further solves, where there are any; then what limits the plan."""
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
    limits = views.limits(plan, case), views.limits(plan, case, binding=False)
    blocks = (*reasons, *limits, views.drawn_at_random(plan, case))
    page.fit(blocks)
    if any(len(view) > FOLDED for view in blocks):
        message = _(
            "Tables of more than {n} rows are closed: + at the left of a heading opens one.",
            n=number(FOLDED),
        )
        page.line(message, italic=True)
    for view in blocks:
        closed = len(view) > FOLDED
        if closed:  # on paper it is not open
            rows = _("{n} rows, closed here", n=number(min(len(view), view.last)))
            view = replace(view, caption=f"{view.caption} ({rows})")
        first = page.view(view)
        if closed:  # a total stays in sight, with the headings above it
            page.fold(first - (not view.total), first + min(len(view), view.last) - 1)
