"""Reads a folder of CSV files or one Excel workbook into cells of text.

Nothing is converted here, so that "01" stays "01" and every fault can name the
cell it stands in; `tables` gives the cells their types.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ikmplan.faults import Fault, file_fault
from ikmplan.text import _

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

WORKBOOK = (".xlsx", ".xlsm")
EXPLAINS = "# "  # begins a row above the header that explains the columns


@dataclass(frozen=True)
class Cells:
    """One sheet: the header and the rows below it, still as text."""

    where: str
    header_row: int
    header: list[str]  # "" over a column without a name
    rows: list[tuple[int, list[Any]]]  # row number, cells (str, int, float or bool)
    indonesian: bool  # numbers are written 1.500.000,5
    explained: bool = False  # it begins with rows of explanation

    def value_without_column(self, number: int, values: list[Any]) -> Fault | None:
        """The fault of the first value that stands under no column name; None where all do."""
        for n, value in enumerate(values):
            if value != "" and (n >= len(self.header) or not self.header[n]):
                message = _("stands in cell {n} of the row, under no column name.", n=n + 1)
                fix = _("Remove it; text that holds the separator needs quotation marks.")
                return Fault(self.where, number, None, str(value), message, fix)
        return None


# every sheet by the name of its table: its cells, or why they cannot be read
Sheets = dict[str, Cells | Fault]


def read_sheets(path: Path) -> tuple[Sheets, list[Fault]]:
    """Every sheet of `path`, and the faults that belong to none of them."""
    if path.is_dir():
        return _read_folder(path)
    if path.suffix.lower() in WORKBOOK and path.is_file():
        return _read_workbook(path)
    if path.exists():
        message = _("is neither a folder of CSV files nor an Excel workbook (.xlsx).")
        fix = _("Save it as an Excel workbook, or name the folder that holds the CSV files.")
    else:
        message = _("does not exist.")
        fix = _("Check the path; a case is a folder like data/medan-2022, or a workbook.")
    return {}, [file_fault(str(path), message, fix)]


def table_name(title: str) -> str:
    """ "Course Uses " -> "course_uses": the name by which a sheet, file or column is known."""
    return re.sub(r"[\s_-]+", "_", title.strip().lower())


def _read_folder(folder: Path) -> tuple[Sheets, list[Fault]]:
    sheets: Sheets = {}
    faults: list[Fault] = []
    for file in sorted(folder.iterdir()):
        # what starts with these belongs to Excel, LibreOffice or the system
        if file.suffix.lower() == ".csv" and not file.name.startswith((".", "~")):
            name = table_name(file.stem)
            if name in sheets:
                faults.append(_twice(file.name, name))
            else:
                sheets[name] = _read_csv(file)
    if not sheets:
        message = _("holds no CSV file.")
        fix = _("Name the folder that holds clusters.csv and the others, or the workbook itself.")
        faults.append(file_fault(str(folder), message, fix))
    return sheets, faults


def _twice(where: str, name: str) -> Fault:
    message = _("is the table {name} a second time.", name=name)
    return file_fault(where, message, _("Keep one of the two, or rename the other."))


def _read_csv(file: Path) -> Cells | Fault:
    as_utf8 = _("Save it as “CSV UTF-8”.")
    try:
        raw = file.read_bytes()
    except OSError:
        return _cannot_open(file.name)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        return Fault(file.name, row, None, None, _("is not UTF-8 text."), as_utf8)
    if "\0" in text:
        return file_fault(file.name, _("holds bytes that are not text."), as_utf8)
    lines = (line for line in text.splitlines() if line.strip())
    first = next((line for line in lines if not line.lstrip('"').startswith(EXPLAINS)), "")
    indonesian = first.count(";") > first.count(",")
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=";" if indonesian else ",", strict=True
    )
    rows: list[tuple[int, list[Any]]] = []
    try:
        for cells in reader:
            rows.append((len(rows) + 1, [cell.strip() for cell in cells]))
    except csv.Error:
        message = _("has a quotation mark that is never closed, or stands inside a cell.")
        fix = _("Close or remove the quotation mark.")
        return Fault(file.name, len(rows) + 1, None, None, message, fix)
    return _cells(file.name, rows, indonesian)


def _cannot_open(where: str) -> Fault:
    message = _("cannot be opened.")
    fix = _("Close it in other programs, and check that you may read it.")
    return file_fault(where, message, fix)


def _read_workbook(path: Path) -> tuple[Sheets, list[Fault]]:
    from openpyxl import load_workbook

    def load(data_only: bool) -> list[Worksheet]:
        with warnings.catch_warnings():  # of charts and lists that openpyxl leaves out
            warnings.simplefilter("ignore")
            return list(load_workbook(path, data_only=data_only).worksheets)

    try:
        formulas = load(data_only=False)
        has_formula = any(
            cell.data_type == "f" for sheet in formulas for cell in sheet._cells.values()
        )
        results = load(data_only=True) if has_formula else formulas
    except PermissionError:
        return {}, [_cannot_open(path.name)]
    except Exception:  # a damaged file breaks zipfile, the XML reader or openpyxl anywhere
        message = _("cannot be opened as an Excel workbook.")
        fix = _("Open it in Excel or LibreOffice and save it as .xlsx without a password.")
        return {}, [file_fault(path.name, message, fix)]
    sheets: Sheets = {}
    faults: list[Fault] = []
    for sheet, result in zip(formulas, results, strict=True):
        name = table_name(sheet.title)
        where = f"{path.name}, {_('sheet {name}', name=sheet.title)}"
        if name in sheets:
            faults.append(_twice(where, name))
            continue
        merged = sorted(str(cells) for cells in sheet.merged_cells.ranges)
        if merged:
            message = _("has merged cells ({cells}).", cells=", ".join(merged[:5]))
            fix = _("Unmerge them and fill every cell.")
            sheets[name] = file_fault(where, message, fix)
        else:
            sheets[name] = _cells(where, _rows(sheet, result), indonesian=False)
    return sheets, faults


def _rows(sheet: Worksheet, result: Worksheet) -> list[tuple[int, list[Any]]]:
    """The filled cells only: a format that reaches to the last row must cost nothing."""
    rows: dict[int, dict[int, Any]] = {}
    for (row, column), cell in sheet._cells.items():
        saved = result._cells.get((row, column))
        value = _plain(saved.value) if saved else ""
        if value == "" and cell.data_type == "f":
            value = "=…"  # a formula without a result, which no column takes
        if value != "":
            rows.setdefault(row, {})[column] = value
    return [
        (number, [cells.get(column, "") for column in range(1, max(cells) + 1)])
        for number, cells in sorted(rows.items())
    ]


def _plain(cell: Any) -> Any:
    """A cell as text, number or bool; a date keeps a form that no number has."""
    if cell is None:
        return ""
    if isinstance(cell, (bool, int, float)):
        return cell
    if isinstance(cell, datetime) and cell.time() == time():
        cell = cell.date()
    return cell.isoformat() if isinstance(cell, (date, datetime, time)) else str(cell).strip()


def _cells(where: str, rows: list[tuple[int, list[Any]]], indonesian: bool) -> Cells | Fault:
    filled = [(n, cells) for n, cells in rows if any(cell != "" for cell in cells)]
    written = len(filled)
    while filled and _explains(filled[0][1]):
        del filled[0]
    if not filled:
        return file_fault(where, _("is empty."), _("Give it a header row, or delete it."))
    header_row, titles = filled[0]
    header = [table_name(str(title)) for title in titles]
    return Cells(where, header_row, header, filled[1:], indonesian, len(filled) < written)


def _explains(cells: list[Any]) -> bool:
    """Whether the row explains the columns to people: its first text begins with EXPLAINS."""
    first = next(cell for cell in cells if cell != "")
    return isinstance(first, str) and first.startswith(EXPLAINS)
