"""Reads a folder of CSV files or one Excel workbook into cells of text.

Nothing is converted here, so that "01" stays "01" and every fault can name the
cell it stands in; `tables` gives the cells their types.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ikmplan.text import _

WORKBOOK = (".xlsx", ".xlsm")


@dataclass(frozen=True)
class Fault:
    """One thing wrong with the input: where, what stands there, how to mend it."""

    where: str  # file or sheet
    row: int | None  # as the user counts: the header is row 1
    column: str | None
    value: str | None
    said: str  # what is wrong and what was expected
    mend: str
    warning: bool = False

    def __str__(self) -> str:
        place = self.where
        if self.row is not None:
            place += " " + _("row {row}", row=self.row)
        if self.column is not None:
            place += ", " + _("column {column}", column=self.column)
        shown = "" if self.value is None else f" “{_shorten(self.value)}”"
        return f"{place}:{shown} {self.said} {self.mend}".rstrip()


class BadInput(ValueError):
    """The input cannot be used; `faults` holds every reason at once."""

    def __init__(self, faults: list[Fault]):
        self.faults = faults
        super().__init__("\n".join(str(fault) for fault in faults))

    def __reduce__(self) -> tuple[Any, ...]:  # exceptions pickle by their message
        return BadInput, (self.faults,)


@dataclass(frozen=True)
class Cells:
    """One sheet: the header and the rows below it, still as text."""

    where: str
    header: list[str]
    rows: list[tuple[int, list[Any]]]  # row number, cells (str, int, float or bool)
    indonesian: bool  # numbers are written 1.500.000,5


def read_sheets(path: Path) -> tuple[dict[str, Cells], list[Fault]]:
    """Every sheet of `path` by name, and the faults of those that cannot be read."""
    if path.is_dir():
        return _read_folder(path)
    if path.suffix.lower() in WORKBOOK and path.is_file():
        return _read_workbook(path)
    if path.exists():
        said = _("is neither a folder of CSV files nor an Excel workbook (.xlsx).")
        mend = _("Save it as an Excel workbook, or name the folder that holds the CSV files.")
    else:
        said = _("does not exist.")
        mend = _("Check the path; a case is a folder like data/medan-2022, or a workbook.")
    return {}, [Fault(str(path), None, None, None, said, mend)]


def _read_folder(folder: Path) -> tuple[dict[str, Cells], list[Fault]]:
    sheets: dict[str, Cells] = {}
    faults: list[Fault] = []
    for file in sorted(folder.glob("*.csv")):
        read = _read_csv(file)
        if isinstance(read, Fault):
            faults.append(read)
        else:
            sheets[file.stem] = read
    return sheets, faults


def _read_csv(file: Path) -> Cells | Fault:
    raw = file.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        said = _("is not UTF-8 text.")
        return Fault(file.name, row, None, None, said, _("Save it as “CSV UTF-8”."))
    if "\0" in text:
        said = _("holds bytes that are not text.")
        return Fault(file.name, None, None, None, said, _("Save it as “CSV UTF-8”."))
    if not text.strip():
        said = _("is empty.")
        return Fault(file.name, None, None, None, said, _("Give it a header row, or delete it."))
    first = text.lstrip().splitlines()[0]
    indonesian = first.count(";") > first.count(",")
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=";" if indonesian else ",", strict=True
    )
    rows: list[tuple[int, list[Any]]] = []
    before = 0
    try:
        for cells in reader:
            rows.append((before + 1, [cell.strip() for cell in cells]))
            before = reader.line_num  # a quoted cell may span lines
    except csv.Error:
        said = _("has a quotation mark that is never closed, or stands inside a cell.")
        mend = _("Close or remove the quotation mark.")
        return Fault(file.name, before + 1, None, None, said, mend)
    return _cells(file.name, rows, indonesian)


def _read_workbook(path: Path) -> tuple[dict[str, Cells], list[Fault]]:
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, OSError, ValueError):
        said = _("cannot be opened as an Excel workbook.")
        mend = _("Open it in Excel or LibreOffice and save it as .xlsx without a password.")
        return {}, [Fault(path.name, None, None, None, said, mend)]
    sheets: dict[str, Cells] = {}
    faults: list[Fault] = []
    for sheet in book.worksheets:
        name = sheet.title.strip().lower()
        where = f"{path.name}, {_('sheet {name}', name=sheet.title)}"
        if sheet.merged_cells.ranges:
            cells = str(sorted(str(r) for r in sheet.merged_cells.ranges)[0])
            said = _("has merged cells ({cells}).", cells=cells)
            mend = _("Unmerge them and fill every cell.")
            faults.append(Fault(where, None, None, None, said, mend))
            continue
        rows = [
            (number, [_plain(cell) for cell in row])
            for number, row in enumerate(sheet.iter_rows(values_only=True), start=1)
        ]
        read = _cells(where, rows, indonesian=False)
        if isinstance(read, Fault):
            faults.append(read)
        else:
            sheets[name] = read
    return sheets, faults


def _plain(cell: Any) -> Any:
    """A cell as text, number or bool; a date keeps a form that no number has."""
    if cell is None:
        return ""
    if isinstance(cell, (bool, int, float)):
        return cell
    if isinstance(cell, (date, datetime)):
        return cell.isoformat()
    return str(cell).strip()


def _cells(where: str, rows: list[tuple[int, list[Any]]], indonesian: bool) -> Cells | Fault:
    filled = [(n, cells) for n, cells in rows if any(cell != "" for cell in cells)]
    if not filled:
        said = _("is empty.")
        return Fault(where, None, None, None, said, _("Give it a header row, or delete it."))
    header = [str(cell).strip().lower() for cell in filled[0][1]]
    while header and header[-1] == "":
        header.pop()
    return Cells(where, header, filled[1:], indonesian)


def shaped(cells: Cells) -> Iterator[tuple[int, list[Any]]]:
    """The rows, each as wide as the header; what stands beyond it is kept last."""
    width = len(cells.header)
    for number, row in cells.rows:
        while len(row) > width and row[-1] == "":
            row = row[:-1]
        yield number, row + [""] * (width - len(row))


def _shorten(value: str, most: int = 60) -> str:
    return value if len(value) <= most else value[: most - 1] + "…"
