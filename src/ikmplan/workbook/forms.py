"""forms.xlsx: attendance lists and follow-up forms of a plan, to be printed or filled in.

Each unit of the invitation list has a number at its cluster. What `ikmplan learn` needs of the
plan stands on a hidden sheet, so that the forms are read without the run that they came from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from ikmplan import views
from ikmplan.files import write_atomic
from ikmplan.input.case import Case
from ikmplan.input.rows import QUARTERS
from ikmplan.plan.plan import Plan
from ikmplan.report.names import place
from ikmplan.report.plan_tables import in_invitation_order
from ikmplan.tableset import grouped
from ikmplan.text import N_, _, language, number
from ikmplan.workbook.excel import BAND, INK, Book, SheetWriter, height
from ikmplan.workbook.print_pages import LEAST_SCALE, PORTRAIT_HEIGHT

FORM_SHEETS = {
    "read_me": N_("How to follow up"),
    "attendance": N_("Attendance"),
    "followed": N_("Follow-up"),
}
RECORD = "ikmplan-forms 1"  # the sheet that `ikmplan learn` reads, and how its first cell begins
MONTHS = 6  # after the last class, or the year's end for machines
FORM_HEAD = 3  # the row of the headings, from 0
CODE, ANSWER, CHECKER, DAY = 0, 5, 6, 7  # columns of both lists, from 0
# characters; all but the code fill a sheet of A4 that stands upright, at LEAST_SCALE
FORM_WIDTHS = {
    "attendance": (22, 5, 31, 28, 13, 9, 18, 10),
    "followed": (22, 5, 42, 22, 11, 9, 15, 10),
}
FIRST_PRINTED = 1  # column; the code is for `ikmplan learn` alone
NAME_COLUMN = 2  # column of the course, machine or cluster, which may take two lines
ROW_POINTS, HEADING_POINTS = 21.0, 18.0
TITLE_POINTS = (24.0, 15.0, 15.0, 28.0)  # of the rows above the list
FEWEST = 3  # rows below a heading on its page
PIECE = 30_000  # characters of a cell of the record: one holds 32,767
OPEN = {"format_columns": True, "format_rows": True}  # beside the cells to fill in


class FormUnit(NamedTuple):
    """A unit of the invitation list: its number at the cluster, what it gets, and its chances."""

    cluster: str
    number: int
    items: tuple[str, ...]
    chance: float  # that it is reached, as planned
    alone: dict[str, float]  # item -> the chance that the unit uses it, as planned


def form_units(plan: Plan, case: Case) -> list[FormUnit]:
    """Every unit to be invited, numbered at its cluster in the order of the invitation list."""
    found, counted = [], dict[str, int]()
    for row in in_invitation_order(plan.units.to_dict("records"), case):
        c, items = row["cluster"], tuple(row["package"].split("+"))
        alone = {item: case.chance_of(c, (item,)) for item in items}
        for _unit in range(row["units"]):
            counted[c] = counted.get(c, 0) + 1
            found.append(FormUnit(c, counted[c], items, row["chance"], alone))
    return found


def form_sheet(key: str) -> str:
    """The name of a sheet of the forms, in the language in use."""
    return _(FORM_SHEETS[key])


def form_code(cluster: str, at: int, item: str) -> str:
    """What stands in the first column of a row of the forms."""
    return f"{cluster}/{at}/{item}"


def write_forms(path: str | Path, plan: Plan, case: Case) -> None:
    """Write the forms, in the language of the plan's scenario, whole or not at all."""
    with language(plan.scenario.language):
        write_atomic(Path(path), _forms(plan, case))


def _forms(plan: Plan, case: Case) -> bytes:
    about = str(views.about(case))
    book = Book(_("Follow-up of the plan {name}", name=case.scenario.name), about, printed=False)
    units = form_units(plan, case)
    _read_me(book, case)
    _list(book, "attendance", list(_attendance(case, units)))
    _list(book, "followed", list(_followed(plan, case, units)))
    _write_record(book, _record(plan, units))
    return book.done()


def _read_me(book: Book, case: Case) -> None:
    """What counts as reached, and how it is checked."""
    page = book.page(form_sheet("read_me"), _("How to follow up this plan"))
    page.sheet.set_portrait()
    page.sheet.fit_to_pages(1, 1)
    for column, width in enumerate((26, 66)):
        page.widen(column, width)
    page.line(str(views.about(case)) or case.scenario.name, italic=True)
    page.row += 1
    page.headings(page.row, 0, [_("What"), _("How it is checked")])
    page.row += 1
    for first, text in _definitions():
        page.put(page.row, 0, first, text_wrap=True, bold=True, font_color=INK)
        page.put(page.row, 1, text, text_wrap=True)
        page.heighten(page.row, height(text, 66))
        page.row += 1
    page.row += 1
    page.line(_("Filled in: {command}", command="ikmplan learn forms.xlsx"), bold=True)
    page.sheet.protect("", OPEN)


def _write_record(book: Book, record: dict[str, Any]) -> None:
    """What `ikmplan learn` needs of the plan, on a sheet that is neither shown nor printed."""
    page = book.page(RECORD, "")
    text = f"{RECORD} {json.dumps(record, ensure_ascii=False)}"
    for n, at in enumerate(range(0, len(text), PIECE)):
        page.write(0, n, text[at : at + PIECE], book.style())
    page.sheet.protect()
    page.sheet.hide()


def _definitions() -> Iterator[tuple[str, str]]:
    yield (
        _("Came (attendance)"),
        _(
            "The owner, or the worker sent in the owner's place, was there on at least four of "
            "five days. The trainer fills it in on the last day."
        ),
    )
    yield (
        _("Reached by a course"),
        _(
            "The unit does in its own work what was taught. Look at the workplace and at a "
            "product or a record (orders, sales, costs, a certificate) of the last month that "
            "was made in that way. What the owner only says does not count."
        ),
    )
    yield (
        _("Reached by a machine"),
        _(
            "The unit worked with the machine in the last four weeks. Look at the machine and "
            "its book of hours, and at a product of the unit made on it."
        ),
    )
    yield (
        _("Who"),
        _(
            "An official or facilitator who did not teach the class and does not sell the "
            "machine; the name stands in the row."
        ),
    )
    yield (
        _("When"),
        _(
            "No earlier than {n} months after the last class; for machines no earlier than {n} "
            "months after the end of the year. The day stands in the row.",
            n=number(MONTHS),
        ),
    )
    yield (
        _("Which units"),
        _(
            "All on the list, or as many as can be visited, drawn by lot: never only those who "
            "do well. Units that did not come are visited too, or answered with no. What was "
            "not checked stays empty."
        ),
    )


def _record(plan: Plan, units: list[FormUnit]) -> dict[str, Any]:
    """What the command needs: the plan's scenario, fingerprint, promise and units in groups."""
    groups = grouped(((unit.cluster, unit.items), unit) for unit in units)
    return {
        "scenario": plan.scenario.model_dump(mode="json"),
        "fingerprint": plan.proof.fingerprint,
        "promised": plan.reached,
        "units": [
            [c, list(items), [of[0].number, of[-1].number], of[0].chance, of[0].alone]
            for (c, items), of in groups.items()
        ],
    }


class FormRow(NamedTuple):
    """A row to be filled in: its code and what stands beside it."""

    heading: str  # of the rows below it, written again on each page
    code: str
    texts: tuple[str, ...]
    earliest: date | None = None


def _attendance(case: Case, units: list[FormUnit]) -> Iterator[FormRow]:
    for p in case.courses:
        for unit in (unit for unit in units if p in unit.items):
            heading = f"{case.name(p)} – {place(case, case.host(p, unit.cluster))}"
            code = form_code(unit.cluster, unit.number, p)
            yield FormRow(heading, code, (number(unit.number), case.name(unit.cluster)))


def _followed(plan: Plan, case: Case, units: list[FormUnit]) -> Iterator[FormRow]:
    earliest = {i: earliest_day(plan, case, i) for i in (*case.courses, *case.line_order)}
    for unit in units:
        for item in unit.items:
            name = case.name(item)
            if item not in case.courses:
                name = f"{_('Machine')}: {name}"
            code = form_code(unit.cluster, unit.number, item)
            texts = number(unit.number), name
            yield FormRow(case.name(unit.cluster), code, texts, earliest[item])


def earliest_day(plan: Plan, case: Case, item: str) -> date | None:
    """The first day on which what became of an item may be checked; None without a year."""
    year = case.office.get("year", "")
    if not year.isdigit():
        return None
    held = plan.classes.loc[plan.classes["course"] == item, "quarter"]
    ends = case.courses[item].lasts(int(held.max()))[-1] if len(held) else QUARTERS[-1]
    months = 3 * ends + MONTHS  # after January of the year
    return date(int(year) + months // 12, months % 12 + 1, 1)


def _list(book: Book, key: str, rows: list[FormRow]) -> None:
    """The rows of one list under the headings of their classes or clusters; open are only the
    cells to fill. Each class has pages of its own, which are signed where it is held."""
    title = form_sheet(key)
    page = book.page(title, "")
    sheet = page.sheet
    attendance = key == "attendance"
    for column, width in enumerate(FORM_WIDTHS[key]):
        page.widen(column, width)
    page.write(0, FIRST_PRINTED, title, book.style(bold=True, font_size=15, font_color=INK))
    about = (
        _("Came: on at least four of five days (yes or no). The trainer signs.")
        if attendance
        else _("Used: seen at the unit, as on the first sheet (yes or no). Empty: not checked.")
    )
    page.write(1, FIRST_PRINTED, about, book.style(italic=True))
    page.headings(FORM_HEAD, 0, _headings(attendance))
    for row, points in enumerate(TITLE_POINTS):
        page.heighten(row, points)
    lines, breaks = paginated(rows, FORM_WIDTHS[key][NAME_COLUMN], apart=attendance)
    _lines(page, lines, attendance)
    last = FORM_HEAD + len(lines)
    sheet.set_portrait()
    sheet.set_print_scale(LEAST_SCALE)
    sheet.print_area(0, FIRST_PRINTED, last, DAY)
    sheet.repeat_rows(FORM_HEAD)
    sheet.freeze_panes(FORM_HEAD + 1, 2)
    sheet.set_h_pagebreaks([FORM_HEAD + 1 + n for n in breaks])
    if rows:
        answers = {"validate": "list", "source": [_("yes"), _("no")], "error_title": title,
                   "error_message": _("Choose yes or no; empty: not checked.")}  # fmt: skip
        sheet.data_validation(FORM_HEAD + 1, ANSWER, last, ANSWER, answers)
    sheet.protect("", OPEN | {"autofilter": True, "sort": True})


def paginated(
    rows: Sequence[FormRow], width: float, apart: bool
) -> tuple[list[FormRow | str], list[int]]:
    """The rows with their headings between them, and at which of these lines a page begins.

    A heading stands over its rows on every page, with FEWEST of them below it, or all. With
    `apart` each heading begins a page. `width` is that of the column NAME_COLUMN, in characters.
    """
    room = PORTRAIT_HEIGHT / LEAST_SCALE * 100
    lines: list[FormRow | str] = []
    breaks: list[int] = []
    left = room - sum(TITLE_POINTS)
    for heading, held in groupby(rows, key=lambda row: row.heading):
        group = list(held)
        least = HEADING_POINTS + sum(_high(row, width) for row in group[:FEWEST])
        for n, row in enumerate(group):
            new = n == 0 and bool(lines) and (apart or left < least)
            if new or left < _high(row, width):
                breaks.append(len(lines))
                left = room - TITLE_POINTS[FORM_HEAD]
            if n == 0 or new or breaks[-1:] == [len(lines)]:
                lines.append(heading)
                left -= HEADING_POINTS
            lines.append(row)
            left -= _high(row, width)
    return lines, breaks


def _high(row: FormRow, width: float) -> float:
    """Points of its line."""
    return max(ROW_POINTS, height(row.texts[1], width))


def _headings(attendance: bool) -> list[str]:
    if attendance:
        return [
            _("Code"), _("No."), _("Cluster"), _("Name of business and owner"), _("Telephone"),
            _("Came?"), _("Signature"), _("Day"),
        ]  # fmt: skip
    return [
        _("Code"), _("No."), _("Course or machine"), _("Name of business and owner"),
        _("Not before"), _("Used?"), _("Checked by"), _("Day"),
    ]  # fmt: skip


def _lines(page: SheetWriter, lines: Sequence[FormRow | str], attendance: bool) -> None:
    book = page.book
    fixed = book.cell(text_wrap=True, valign="vcenter")
    code = book.cell(font_size=7, font_color="#707070", valign="vcenter", shrink=True)
    free = book.cell(locked=False, valign="vcenter", text_wrap=True)
    answer = book.cell(locked=False, bold=True, align="center", valign="vcenter", bg_color=BAND)
    day = book.cell(locked=False, num_format="dd/mm/yyyy", align="center", valign="vcenter")
    dated = book.cell(num_format="dd/mm/yyyy", align="center", valign="vcenter")
    heading = book.style(bold=True, font_color=INK, valign="vcenter")
    for at, row in enumerate(lines, FORM_HEAD + 1):
        if isinstance(row, str):
            page.heighten(at, HEADING_POINTS)
            page.write(at, FIRST_PRINTED, row, heading)
            continue
        page.heighten(at, _high(row, page.width(NAME_COLUMN)))
        page.write(at, CODE, row.code, code)
        for n, text in enumerate(row.texts, FIRST_PRINTED):
            page.write(at, n, text, fixed)
        page.write(at, 3, None, free)
        if row.earliest is None:
            page.write(at, 4, None, free if attendance else fixed)
        else:
            page.sheet.write_datetime(
                at, 4, datetime.combine(row.earliest, datetime.min.time()), dated
            )
        page.write(at, ANSWER, None, answer)
        page.write(at, CHECKER, None, free)
        page.write(at, DAY, None, day)
