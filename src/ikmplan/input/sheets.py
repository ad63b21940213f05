"""Reads a folder of CSV files or one Excel workbook into cells of text, a sheet for each table."""

from __future__ import annotations

from pathlib import Path

from ikmplan.faults import Fault, file_fault
from ikmplan.input.csv_file import read_csv
from ikmplan.input.excel_file import read_workbook, save_as_workbook
from ikmplan.input.rows import ROWS
from ikmplan.input.sheet_cells import Sheets, table_name, table_twice
from ikmplan.text import _

WORKBOOK = (".xlsx", ".xlsm")
TEXTS = (".tsv", ".txt")  # read where the name is that of a table
OTHER_WORKBOOKS = (".xls", ".xlsb", ".ods", ".fods", ".xltx", ".numbers")


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
    else:
        message = _("does not exist.")
        fix = _("Check the path; a case is a folder like data/medan-2022, or a workbook.")
    return {}, [file_fault(str(path), message, fix)]


def _named_like_a_table(file: Path) -> bool:
    """Whether the file is a workbook, or text with two endings, named like a table: someone may
    change it and plan with the old numbers."""
    kind, stem = file.suffix.lower(), Path(file.stem)
    if kind in TEXTS and stem.suffix.lower() == ".csv":
        return table_name(stem.stem) in ROWS
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
        faults.append(file_fault(str(folder), message, fix))
    return sheets, faults
