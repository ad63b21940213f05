"""Reads a CSV file, or text with tabs, into cells of text.

Nothing is converted here, so that "01" stays "01". A file with `;` between its columns holds
Indonesian numbers, unless a program wrote it (its first line is `sep=;`).
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from pathlib import Path
from typing import Any, NamedTuple

from ikmplan.faults import Fault, file_fault
from ikmplan.input.plain_text import bare
from ikmplan.input.sheet_cells import Cells, cannot_open, make_cells
from ikmplan.text import _

SEPARATORS = ",;\t|"
_SEPARATOR_LINE = re.compile(r'\s*"?sep=([^\r\n])"?[,;\t ]*(?=\r\n|\r|\n)', re.IGNORECASE)
_EXPLAINS_LINE = re.compile(r'"?#(?=[ ,;\t|"\r\n]|$)')  # a line above the header
# UTF-32 begins like UTF-16; it is refused for its zero bytes
_MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def read_csv(file: Path) -> Cells | Fault:
    """The cells of a CSV file, or why it cannot be read."""
    try:
        raw = file.read_bytes()
    except OSError:
        return cannot_open(file.name)
    text = _decoded(file.name, raw)
    if isinstance(text, Fault):
        return text
    named = _SEPARATOR_LINE.match(text)
    if named:
        text = text[named.end() :]  # an empty line is left, so that rows keep their numbers
    separator = named.group(1) if named else _separator(text)
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=separator, strict=True, skipinitialspace=True)
    rows: list[tuple[int, list[Any]]] = []
    try:
        for cells in reader:
            rows.append((len(rows) + 1, [bare(cell) for cell in cells]))
    except csv.Error:
        message = _("has a quotation mark that is never closed, or stands inside a cell.")
        fix = _("Close or remove the quotation mark.")
        return Fault(file.name, len(rows) + 1, None, None, message, fix)
    return make_cells(file.name, rows, indonesian=separator == ";" and not named)


class CsvForm(NamedTuple):
    """How a CSV file is written, so that a new one can be written alike."""

    separator: str
    newline: str
    encoding: str
    above: str  # the lines above the header, which explain the columns
    header: list[str]
    rows: list[list[str]]  # below the header, as they stand


def csv_form(file: Path) -> CsvForm:
    """How a CSV file without faults is written."""
    raw = file.read_bytes()
    encoding = next((code for mark, code in _MARKS if raw.startswith(mark)), "utf-8")
    encoding = "utf-8-sig" if raw.startswith(codecs.BOM_UTF8) else encoding
    text = raw.decode(encoding)
    named = _SEPARATOR_LINE.match(text)
    separator = named.group(1) if named else _separator(text)
    lines = text.splitlines(keepends=True)
    first = next(
        n
        for n, line in enumerate(lines)
        if line.strip()
        and not _EXPLAINS_LINE.match(line)
        and not line.lstrip('"').startswith("sep=")
    )
    body = io.StringIO("".join(lines[first:]), newline="")
    rows = csv.reader(body, delimiter=separator, skipinitialspace=True)
    header, *below = list(rows)
    newline = "\r\n" if "\r\n" in text else "\n"
    above = "".join(lines[:first])
    return CsvForm(separator, newline, encoding, above, [bare(c) for c in header], below)


def _decoded(name: str, raw: bytes) -> str | Fault:
    """The text of the file: UTF-8, or UTF-16 where the file begins with its mark."""
    fix = _("Save it as “CSV UTF-8”.")
    encoding = next((code for mark, code in _MARKS if raw.startswith(mark)), "utf-8-sig")
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-16":
            return file_fault(name, _("holds bytes that are not text."), fix)
        row = raw.count(b"\n", 0, error.start) + 1
        return Fault(name, row, None, None, _("is not UTF-8 text."), fix)
    if "\0" in text:
        return file_fault(name, _("holds bytes that are not text."), fix)
    if "\ufffd" in text:
        row = text.count("\n", 0, text.index("\ufffd")) + 1
        message = _("holds “�” where a letter was lost.")
        return Fault(name, row, None, None, message, _("Write the letter again."))
    return text


def _separator(text: str) -> str:
    """The separator that stands most often in the header; the comma where none does."""
    lines = (line for line in text.splitlines() if line.strip())
    header = next((line for line in lines if not _EXPLAINS_LINE.match(line)), "")
    return max(SEPARATORS, key=header.count)
