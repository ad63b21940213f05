"""Cells of a workbook that no program shows as they stand in the file, such as a number NaN.

Programs other than Excel write them; Excel repairs or refuses such a file, and each reader makes
something else of them.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError, fromstring, iterparse
from zipfile import ZipFile

from ikmplan.faults import Fault, file_fault, shown
from ikmplan.input.excel_archive import mend_workbook
from ikmplan.input.sheet_cells import short_list
from ikmplan.text import _

_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*")
_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_STRING = re.compile(rb"<(?:\w+:)?si[\s>/]")
_FORMATS = re.compile(rb"<(?:\w+:)?cellXfs[\s>].*?</(?:\w+:)?cellXfs>", re.DOTALL)
_FORMAT = re.compile(rb"<(?:\w+:)?xf[\s>/]")
LAST_COLUMN = "XFD"


class BookParts(NamedTuple):
    """The parts of the archive that hold cells."""

    sheets: dict[str, str]  # by the title of the sheet
    texts: str  # of all sheets; empty where they have none


def book_parts(source: BytesIO) -> BookParts:
    """The parts of a workbook, as openpyxl finds them."""
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.xml.constants import SHARED_STRINGS

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reader = ExcelReader(source)
        reader.read_manifest()
        reader.read_workbook()
        texts = reader.package.find(SHARED_STRINGS)  # type: ignore[no-untyped-call]
        sheets = {sheet.name: rel.target for sheet, rel in reader.parser.find_sheets()}
        return BookParts(sheets, texts.PartName[1:] if texts else "")


def damaged_cells(name: str, source: BytesIO, parts: BookParts) -> list[Fault]:
    """A fault for each sheet of the workbook `name` that holds damaged cells.

    Raises `ParseError` where its texts or formats cannot be read.
    """
    archive = ZipFile(source)
    names = archive.namelist()
    texts = archive.read(parts.texts) if parts.texts else b""
    styles = archive.read("xl/styles.xml") if "xl/styles.xml" in names else b""
    for shared in filter(names.__contains__, (parts.texts, "xl/styles.xml")):
        fromstring(archive.read(shared))
    formats = _FORMATS.search(styles)
    known = {
        "s": len(_STRING.findall(texts)),
        "format": len(_FORMAT.findall(formats.group())) if formats else 1,
    }
    faults = []
    for title, part in parts.sheets.items():
        if "worksheets/" in part and part in names:
            where = f"{name}, {_('sheet {name}', name=title)}"
            try:
                found = list(_damaged(archive.read(part), known))
            except ParseError:
                message = _("is damaged and cannot be read.")
                faults.append(file_fault(where, message, mend_workbook()))
                continue
            if found:
                message = _("holds damaged cells: {cells}.", cells=short_list(found))
                fix = _(
                    "Another program wrote them so: write these cells again, and save the file."
                )
                faults.append(file_fault(where, message, fix))
    return faults


def _damaged(part: bytes, known: dict[str, int]) -> Iterator[str]:
    """The damaged cells of a sheet, with the number that stands there."""
    seen: set[str] = set()
    at = 0  # the row, which may leave out its number
    for _event, row in iterparse(BytesIO(part)):
        if row.tag.rpartition("}")[2] != "row":
            continue
        number = row.get("r")
        at = int(number) if number and number.isdecimal() else at + 1
        if not _is_below(row.get("s", "0"), known["format"]):
            yield f"{at}:{at}"
        names = row.tag.removesuffix("row")
        for cell in row:
            place, value = cell.get("r"), cell.findtext(f"{names}v") or ""
            if place in seen or not _is_sound(cell, value, number, known):
                place = place or _("row {row}", row=at)
                is_number = value and cell.get("t", "n") == "n"
                yield f"{place} “{shown(value)}”" if is_number else place
            seen.add(place or "")
        seen.discard("")  # cells may leave out where they stand
        row.clear()


def _is_sound(cell: Element, value: str, row: str | None, known: dict[str, int]) -> bool:
    place, kind = cell.get("r"), cell.get("t", "n")
    at = _PLACE.fullmatch(place or "A1")
    if not at or at[1].rjust(3) > LAST_COLUMN:
        return False
    if (place and row and at[2] != row) or not _is_below(cell.get("s", "0"), known["format"]):
        return False
    if kind == "inlineStr":
        return any(part.tag.endswith("}is") for part in cell)
    if value == "" or kind in ("str", "e"):
        return True
    if kind == "n":
        return bool(_NUMBER.fullmatch(value)) and abs(float(value)) < float("inf")
    if kind == "s":
        return _is_below(value, known["s"])
    return value in ("0", "1") if kind == "b" else kind == "d" and _is_date(value)


def _is_below(index: str, count: int) -> bool:
    return index.strip().isdecimal() and int(index) < count


def _is_date(text: str) -> bool:
    from openpyxl.utils.datetime import from_ISO8601

    try:
        from_ISO8601(text)  # type: ignore[no-untyped-call]
    except ValueError:
        return False
    return True
