"""Reads a folder of CSV files or one Excel workbook into cells of text, a sheet for each table.

What is no table is a misnamed one, a copy of a table, or neither. A copy that is left unread is
the worst of them: who edits it plans with the old numbers.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path
from zipfile import ZipFile

from ikmplan.faults import Fault, file_fault
from ikmplan.input.csv_file import read_csv
from ikmplan.input.excel_archive import save_as_workbook
from ikmplan.input.excel_file import read_workbook
from ikmplan.input.rows import ROWS
from ikmplan.input.sheet_cells import (
    Cells,
    Sheets,
    renamed,
    short_list,
    table_name,
    table_twice,
)
from ikmplan.text import _

WORKBOOK = (".xlsx", ".xlsm")
TEXTS = (".tsv", ".txt")  # read where the name is that of a table
OTHER_WORKBOOKS = (".xls", ".xlsb", ".ods", ".fods", ".xltx", ".xltm", ".numbers", ".et")


def read_sheets(path: Path) -> tuple[Sheets, list[Fault]]:
    """Every sheet of `path`, and the faults that belong to none of them."""
    if path.is_dir():
        return _read_folder(path)
    if path.suffix.lower() in WORKBOOK and path.is_file():
        return read_workbook(path)
    if path.exists():
        message = _("is neither a folder of CSV files nor an Excel workbook (.xlsx).")
        fix = _("Save it as an Excel workbook, or name the folder that holds the CSV files.")
        if path.suffix.lower() in OTHER_WORKBOOKS:
            fix = save_as_workbook()
        elif path.suffix.lower() in (".zip", ".rar", ".7z"):
            fix = _("Unpack it, and name the folder or the workbook that was in it.")
    else:
        message = _("does not exist.")
        fix = _("Check the path; a case is a folder like data/medan-2022, or a workbook.")
    return {}, [file_fault(str(path), message, fix)]


def _sheet_titles(path: Path) -> list[str]:
    """The titles of the sheets of a workbook, as they stand in it; none where it is damaged."""
    try:
        with ZipFile(path) as archive:
            return re.findall(r'<(?:\w+:)?sheet\s[^<>]*?\bname="([^"]*)"',
                              archive.read("xl/workbook.xml").decode())  # fmt: skip
    except Exception:  # zipfile breaks in many ways
        return []


def _named_like_a_table(file: Path) -> bool:
    """Whether the file is a workbook, or text with two endings, named like a table, or a workbook
    with sheets of tables: someone may change it and plan with the old numbers."""
    kind, stem = file.suffix.lower(), Path(file.stem)
    if kind in TEXTS and stem.suffix.lower() == ".csv":
        return table_name(stem.stem) in ROWS
    if kind in WORKBOOK and any(table_name(title) in ROWS for title in _sheet_titles(file)):
        return True
    return kind in (*WORKBOOK, *OTHER_WORKBOOKS) and table_name(file.stem) in ROWS


def _read_folder(folder: Path) -> tuple[Sheets, list[Fault]]:
    sheets: Sheets = {}
    faults: list[Fault] = []
    for file in sorted(folder.iterdir()):
        # what starts with these belongs to Excel, LibreOffice or the system
        if file.name.startswith((".", "~")):
            continue
        name, kind = table_name(file.stem), file.suffix.lower()
        if kind == ".csv" or (kind in TEXTS and name in ROWS):
            if name in sheets:
                faults.append(table_twice(file.name, name))
            else:
                sheets[name] = read_csv(file)
        elif _named_like_a_table(file):
            message = _("is not read; of a folder its CSV files are.")
            fix = _("Save it as CSV UTF-8, or delete it.")
            faults.append(file_fault(file.name, message, fix, warning=True))
    if not sheets:
        faults = [fault for fault in faults if not fault.warning]
        message = _("holds no CSV file.")
        fix = _("Name the folder that holds clusters.csv and the others, or the workbook itself.")
        inner = [file.parent for file in folder.glob("*/clusters.csv")]
        fix += " " + _("Did you mean {name}?", name=inner[0]) if inner else ""
        faults.append(file_fault(str(folder), message, fix))
    return sheets, faults


# what Excel, LibreOffice and Windows add to the name of a copy, as `table_name` writes it
_COPY = re.compile(r"(copy|salinan|kopi|duplikat)(_of|_dari)?|_?\(?\d+\)?|_")
ALIKE = 0.8  # share of a table's necessary columns from which a header is taken for that table's


def unknown_sheets(sheets: Sheets) -> tuple[list[Fault], set[str]]:
    """Sheets that are no table: misnamed ones and copies are faults, others are left unread."""
    absent = [name for name in ROWS if name not in sheets]
    faults: list[Fault] = []
    misnamed: set[str] = set()
    for name in sorted(sheets.keys() - ROWS.keys()):
        sheet = sheets[name]
        named_after, is_copy = _named_after(name)
        holds = _holds(sheet)
        near = next((t for t in (named_after, holds) if t in absent), None)
        copied = named_after if is_copy or holds == named_after else None
        near = near or next(iter(get_close_matches(name, absent, 1, 0.75)), None)
        if near:
            misnamed.add(near)
            message, fix = _("is no table."), renamed(name, near)
        elif copied:
            message = _("looks like a copy of {name}, and only {name} is read.", name=copied)
            fix = _("Delete one of the two; a note needs a name without that of a table.")
        elif holds:
            message = _("has the columns of {name}, and is not read.", name=holds)
            fix = _("Remove it, or leave it as a note.")
        elif isinstance(sheet, Fault) or sheet.explained:
            continue  # an empty sheet, or one that explains the others
        else:
            message, fix = _("is no table and is not read."), _("Remove it, or leave it as a note.")
        seen = isinstance(sheet, Fault) or sheet.visible
        refused = near or (copied and seen)
        faults.append(file_fault(sheet.where, message, fix, warning=not refused))
    return faults, misnamed


def _named_after(name: str) -> tuple[str | None, bool]:
    """The table whose name stands in this one, and whether the rest is only what marks a copy."""
    for table in sorted(ROWS, key=len, reverse=True):
        found = re.search(rf"(?<![a-z]){table}(?![a-z])", name)
        if found:
            rest = _COPY.sub("", name[: found.start()] + "_" + name[found.end() :])
            return table, rest == ""
    return None, False


def _holds(sheet: Cells | Fault) -> str | None:
    """The table whose columns the sheet has."""
    if isinstance(sheet, Fault):
        return None
    header = set(sheet.header)

    def share(table: str) -> tuple[float, int]:
        """Of the columns that the table may not lack; tables alike in that, by all columns."""
        columns = ROWS[table].model_fields
        needed = {name for name, column in columns.items() if column.is_required()}
        return len(needed & header) / len(needed), len(columns.keys() & header)

    best = max(ROWS, key=share)
    return best if share(best)[0] >= ALIKE else None


def no_table(path: Path, sheets: Sheets) -> Fault:
    """The one fault of a file without any table, such as a registry of businesses."""
    readable = [sheet for sheet in sheets.values() if isinstance(sheet, Cells)]
    titles = [title for sheet in readable for title in sheet.header if title]
    message = _("holds none of the tables of a case ({tables}).", tables=short_list(ROWS))
    if titles:
        message = _(
            "holds none of the tables of a case ({tables}); its columns are {columns}.",
            tables=short_list(ROWS),
            columns=short_list(titles),
        )
    fix = _(
        "A list of businesses is no input yet: write an input workbook with “ikmplan new"
        " kota-saya.xlsx”, and fill in there how many businesses each cluster has."
    )
    return file_fault(path.name, message, fix)
