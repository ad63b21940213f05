"""Reads an Excel workbook into cells as they are shown; what cannot be trusted is `RefusedCell`.

A cell is refused where its number format shows another number than it holds, where it is a
date, and where it is a formula whose result is missing or out of date.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from ikmplan.faults import Fault, file_fault
from ikmplan.input.damaged_cells import book_parts, damaged_cells
from ikmplan.input.excel_archive import no_workbook, prepared_book, save_as_workbook
from ikmplan.input.newer_formats import add_newer_formats
from ikmplan.input.number_format import shows_number
from ikmplan.input.sheet_cells import (
    Cells,
    RefusedCell,
    Sheets,
    cannot_open,
    is_total,
    make_cells,
    short_list,
    table_name,
    table_twice,
)
from ikmplan.input.shown_cell import shown_value
from ikmplan.input.unseen_cells import unseen_cells
from ikmplan.text import _

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet


def read_workbook(path: Path) -> tuple[Sheets, list[Fault]]:
    """Every sheet of a workbook, and the faults that belong to none of them."""
    try:
        raw = path.read_bytes()
    except OSError:
        return {}, [cannot_open(path.name)]
    try:
        book = prepared_book(raw)
        parts = book_parts(book.source)
        if damaged := damaged_cells(path.name, book.source, parts):
            return {}, damaged
        formulas = _load(book.source, data_only=False)
        with ZipFile(book.source) as archive:
            for sheet in formulas.worksheets:
                add_newer_formats(sheet, archive.read(parts.sheets[sheet.title]))
        results = _load(book.source, data_only=True) if _has_formula(formulas) else formulas
    except Exception:  # a damaged file breaks zipfile, the XML reader or openpyxl anywhere
        return {}, [no_workbook(path.name, raw)]
    if len(formulas.sheetnames) < book.listed or not formulas.worksheets:
        return {}, [
            file_fault(path.name, _("holds a sheet that cannot be read."), save_as_workbook())
        ]
    sheets: Sheets = {}
    faults: list[Fault] = []
    for sheet, result in zip(formulas.worksheets, results.worksheets, strict=True):
        name = table_name(sheet.title)
        where = f"{path.name}, {_('sheet {name}', name=sheet.title)}"
        if name in sheets:
            faults.append(table_twice(where, name))
        else:
            merged = book.merged.get(parts.sheets.get(sheet.title, ""), {})
            sheets[name] = _sheet(where, sheet, result, book.calculated, merged)
    return sheets, faults


def _load(source: BytesIO, data_only: bool) -> Workbook:
    from openpyxl import load_workbook

    source.seek(0)
    with warnings.catch_warnings():  # of charts and lists that openpyxl leaves out
        warnings.simplefilter("ignore")
        # a sheet that it does not find would be missing without a word
        warnings.filterwarnings("error", "File contains an invalid specification")
        return load_workbook(source, data_only=data_only, rich_text=True)


def _has_formula(book: Workbook) -> bool:
    return any(cell.data_type == "f" for sheet in book.worksheets for cell in sheet._cells.values())


# --- one sheet


def _sheet(
    where: str, sheet: Worksheet, result: Worksheet, calculated: bool, areas: dict[str, str]
) -> Cells | Fault:
    read = _Reading(calculated, _conditional_formats(sheet))
    for at, cell in sheet._cells.items():
        if cell.data_type == "f":
            read.formulas.add(at)
            for area in _areas(getattr(cell.value, "ref", None)):
                read.formulas.update(area)
    for at in result._cells.keys() | read.formulas:
        read.take(at, result._cells.get(at))
    cells = make_cells(where, read.numbered_rows(), indonesian=False)
    if isinstance(cells, Fault):
        return cells
    merged = tuple(areas.get(area, area) for area in _merged(sheet, cells))
    return replace(
        cells,
        merged=merged,
        notes=(*cells.notes, *_hidden(sheet, cells), *read.notes(where)),
        visible=sheet.sheet_state == "visible",
        workbook=True,
    )


def _merged(sheet: Worksheet, cells: Cells) -> tuple[str, ...]:
    """The merged cells of the header and the rows, but for those of a total or a note, which
    is a fault of its own."""
    last = cells.rows[-1][0] if cells.rows else cells.header_row
    filled = {number: [v for v in values if v != ""] for number, values in cells.rows}
    stray = {n for n, values in filled.items() if len(values) == 1 or is_total(values[0])}
    return tuple(
        sorted(
            str(area)
            for area in sheet.merged_cells.ranges
            if cells.header_row <= area.max_row
            and area.min_row <= last
            and not (area.min_row == area.max_row and area.min_row in stray)
        )
    )


def _conditional_formats(sheet: Worksheet) -> list[tuple[Any, str]]:
    """The areas of the sheet with a number format that cells have on a condition."""
    return [
        (area, rule.dxf.numFmt.formatCode)
        for formatting in sheet.conditional_formatting
        for rule in formatting.rules
        if rule.dxf and rule.dxf.numFmt
        for area in formatting.sqref.ranges
    ]


def _holds(area: Any, at: tuple[int, int]) -> bool:
    return bool(area.min_row <= at[0] <= area.max_row and area.min_col <= at[1] <= area.max_col)


def _areas(reference: str | None) -> Iterable[list[tuple[int, int]]]:
    """The cells that one array formula fills."""
    from openpyxl.worksheet.cell_range import CellRange

    for part in (reference or "").split():
        area = CellRange(part)
        if area.size["rows"] * area.size["columns"] <= 1_000_000:
            yield [at for row in area.rows for at in row]


@dataclass
class _Reading:
    """The filled cells of a sheet on their way to rows."""

    calculated: bool  # the results of formulas can be trusted
    forms: list[tuple[Any, str]]  # areas, and the number format that they have on a condition
    formulas: set[tuple[int, int]] = field(default_factory=set)
    rows: dict[int, dict[int, Any]] = field(default_factory=dict)
    blank: dict[int, list[int]] = field(default_factory=dict)  # row -> formulas that gave ""

    def take(self, at: tuple[int, int], cell: Cell | MergedCell | None) -> None:
        row, column = at
        if at not in self.formulas:
            value = self._shown(at, cell) if cell else ""
        elif cell is not None and cell.value is None and cell.data_type == "str":
            self.blank.setdefault(row, []).append(column)
            return
        elif self.calculated and cell is not None and cell.value is not None:
            value = self._shown(at, cell)
        else:
            value = _without_result(row, column)
        if value != "":
            self.rows.setdefault(row, {})[column] = value

    def _shown(self, at: tuple[int, int], cell: Cell | MergedCell) -> Any:
        """As `shown_value`; refused too where a conditional format may show another number."""
        value = shown_value(cell)
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            return value
        for area, form in self.forms:
            if _holds(area, at) and not shows_number(value, form):
                message = _(
                    "may show another number than it holds: a conditional format gives it the"
                    " number format {form}.",
                    form=form,
                )
                fix = _("Write the number in full, and remove that conditional format.")
                return RefusedCell(cell.coordinate, str(value), message, fix)
        return value

    def numbered_rows(self) -> list[tuple[int, list[Any]]]:
        """The filled rows. A row of nothing but formulas that gave "" is an empty row."""
        if not self.calculated:
            for row in self.rows.keys() & self.blank.keys():
                cells = {column: _without_result(row, column) for column in self.blank[row]}
                self.rows[row] |= cells
        return [
            (number, [cells.get(column, "") for column in range(1, max(cells) + 1)])
            for number, cells in sorted(self.rows.items())
        ]

    def notes(self, where: str) -> list[Fault]:
        unread = sorted(self.blank.keys() - self.rows.keys())
        if self.calculated or not unread:
            return []
        message = _(
            "has rows of formulas that are empty so far, and are not read: {rows}.",
            rows=short_list(unread),
        )
        fix = _without_result(unread[0], 1).fix
        return [file_fault(where, message, fix, warning=True)]


def _without_result(row: int, column: int) -> RefusedCell:
    from openpyxl.utils import get_column_letter

    message = _("is a formula without a result that can be trusted.")
    fix = _(
        "Open and save the file in Excel (in LibreOffice press Ctrl+Shift+F9 before you save),"
        " or write the value."
    )
    return RefusedCell(f"{get_column_letter(column)}{row}", "=…", message, fix)


def _hidden(sheet: Worksheet, cells: Cells) -> list[Fault]:
    """What of the table cannot be seen in Excel, although it counts."""
    from openpyxl.utils import column_index_from_string

    def is_hidden(size: Any, of: str) -> bool:
        length = getattr(size, of, None)
        return bool(size.hidden) or (length is not None and length < 1)

    sizes = sheet.row_dimensions
    rows = [n for n, _values in cells.rows if n in sizes and is_hidden(sizes[n], "ht")]
    columns: set[int] = set()
    for name, column in sheet.column_dimensions.items():
        if is_hidden(column, "width"):
            first = column.min or column_index_from_string(name)
            columns.update(range(first, min(column.max or first, len(cells.header)) + 1))
    titles = [title for n, title in enumerate(cells.header, 1) if title and n in columns]
    struck_rows = _struck_rows(sheet)
    struck = [n for n, _values in cells.rows if n in struck_rows]
    unseen = unseen_cells(sheet, {number for number, _values in cells.rows})
    found = [
        *([_("the sheet")] if sheet.sheet_state != "visible" else []),
        *([_("rows {rows}", rows=short_list(rows))] if rows else []),
        *([_("columns {columns}", columns=short_list(titles))] if titles else []),
        *([_("cells {cells} (their colour or a conditional format)", cells=short_list(unseen))]
          if unseen else []),
    ]  # fmt: skip
    notes = []
    if found:
        message = _("is partly hidden, and all of it is read: {hidden}.", hidden="; ".join(found))
        fix = _("Show it in Excel and check it; delete what shall not count.")
        notes.append(file_fault(cells.where, message, fix, warning=True))
    if struck:
        message = _("has rows that are struck through, and are read: {rows}.",
                    rows=short_list(struck))  # fmt: skip
        fix = _("Delete what shall not count.")
        notes.append(file_fault(cells.where, message, fix, warning=True))
    return notes


def _struck_rows(sheet: Worksheet) -> set[int]:
    """The rows of which all filled cells are struck through."""
    struck: dict[int, bool] = {}
    for (row, _column), cell in sheet._cells.items():
        if cell.value is not None:
            struck[row] = struck.get(row, True) and bool(cell.font.strike)
    return {row for row, is_struck in struck.items() if is_struck}
