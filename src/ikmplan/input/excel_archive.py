"""The archive of an Excel workbook, before openpyxl reads it, and what else a file may be.

openpyxl makes an object of each cell that it finds, and there may be a hundred thousand without
content; nor does it support the names of “Strict Open XML”. Both are changed in the archive.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from xml.etree.ElementTree import fromstring
from zipfile import ZipFile, is_zipfile

from ikmplan.faults import Fault, file_fault
from ikmplan.text import _

# the names of Strict Open XML, which openpyxl does not support, inside an attribute
_STRICT = re.compile(rb"(=\s*[\"'])http://purl\.oclc\.org/ooxml/(\w+)/")
_USUAL = rb"\1http://schemas.openxmlformats.org/\2/2006/"
# cells and rows that hold a format only; those that do not state where they stand are counted
_FORMAT_ONLY = (
    re.compile(rb'<c r="[A-Z]+\d+"[^<>]*?(?:/>|></c>)'),
    re.compile(rb'<row r="\d+"[^<>]*?(?:/>|>\s*</row>)'),
)
_COUNTED = re.compile(rb'<(?:c|row)(?! r=")[\s>/]')
_CALCULATION = re.compile(rb"<(?:\w+:)?calcPr\b[^<>]*>")
_ATTRIBUTE = re.compile(rb"(\w+)\s*=\s*[\"']([^\"']*)[\"']")
_NO = (b"0", b"false")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s")
_ROW = re.compile(rb'<(?:\w+:)?row\b[^<>]*?\br="(\d+)"')
_MERGED = re.compile(rb'(<(?:\w+:)?mergeCell\b[^<>]*?ref=")([A-Z]+)(\d+):([A-Z]+)(\d+)(?=")')
PROPERTIES = "docProps/core.xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # begins old Excel files and locked ones


@dataclass(frozen=True)
class PreparedBook:
    """A workbook as openpyxl is to read it."""

    source: BytesIO
    calculated: bool  # the results of formulas are of the last calculation
    listed: int  # sheets that the workbook lists
    merged: dict[str, dict[str, str]]  # part of a sheet -> merged cells in it -> in the file


def prepared_book(raw: bytes) -> PreparedBook:
    """The workbook under the usual names, without cells that hold a format only."""
    made = BytesIO()
    calculated, listed = True, 0
    merged = {}
    with ZipFile(BytesIO(raw)) as given, ZipFile(made, "w") as target:
        for name in dict.fromkeys(given.namelist()):
            if name == PROPERTIES:  # openpyxl fails for dates there that nothing needs
                continue
            part = given.read(name)
            if name.endswith((".xml", ".rels")):
                part = _STRICT.sub(_USUAL, part)
            if "worksheets/" not in name:
                calculated = calculated and not _stale(_CALCULATION.search(part))
                listed += len(_SHEET.findall(part)) if name.endswith("workbook.xml") else 0
            elif name.endswith(".xml") and not _COUNTED.search(part):
                for pattern in _FORMAT_ONLY:
                    part = pattern.sub(b"", part)
                part, merged[name] = _merged_as_far_as_filled(part)
            target.writestr(name, part)
    return PreparedBook(made, calculated, listed, merged)


def _merged_as_far_as_filled(part: bytes) -> tuple[bytes, dict[str, str]]:
    """The sheet with merged cells that end with its last row, and what they are in the file:
    openpyxl makes an object of each cell of a merged column, a million of them."""
    last = max(map(int, _ROW.findall(part)), default=1)
    names = {}

    def ended(merged: re.Match[bytes]) -> bytes:
        head, left, top, right, bottom = merged.groups()
        until = min(int(bottom), max(int(top), last))
        shortened = left if until - int(top) > 1000 and len(right) > 2 else right
        area = b"%s%s:%s%d" % (left, top, shortened, until)
        names[area.decode()] = (b"%s%s:%s%s" % (left, top, right, bottom)).decode()
        return head + area

    return _MERGED.sub(ended, part), names


def _stale(settings: re.Match[bytes] | None) -> bool:
    """Whether the formulas of a file are to be calculated when it is opened. Programs that write
    formulas without calculating them state it; Excel does where calculation is switched off."""
    found = dict(_ATTRIBUTE.findall(settings.group())) if settings else {}
    manual = found.get(b"calcMode") == b"manual" and found.get(b"calcOnSave") in _NO
    return (
        manual
        or found.get(b"fullCalcOnLoad", b"0") not in _NO
        or found.get(b"calcCompleted") in _NO
    )


def no_workbook(name: str, raw: bytes) -> Fault:
    """Why the bytes are no workbook, as far as they show it."""
    if raw.startswith(OLE) and "EncryptedPackage".encode("utf-16-le") in raw:
        fix = _("Open it in Excel, remove the password, and save it.")
        return file_fault(name, _("is locked with a password."), fix)
    old = raw.startswith(OLE) and any(
        title.encode("utf-16-le") in raw for title in ("Workbook", "Book")
    )
    other = is_zipfile(BytesIO(raw)) and re.search(rb"opendocument|xl/workbook\.bin", raw)
    if old or other or raw.lstrip()[:1] == b"<":
        message = _("ends like an Excel workbook (.xlsx), but is a file of another kind.")
        return file_fault(name, message, save_as_workbook())
    if damage := _damage(raw):
        return file_fault(name, damage, mend_workbook())
    message = _("cannot be opened as an Excel workbook.")
    fix = _("Open it in Excel or LibreOffice and save it as .xlsx without a password.")
    return file_fault(name, message, fix)


def _damage(raw: bytes) -> str | None:
    """What is damaged of an archive; None where all of it is sound, or it is none."""
    if not is_zipfile(BytesIO(raw)):
        return _("is damaged: its end is missing.") if raw.startswith(b"PK") else None
    try:
        archive = ZipFile(BytesIO(raw))
    except Exception:  # of zipfile: its list of parts is damaged, or a name in it
        return _("is damaged and cannot be read.")
    for name in archive.namelist():
        if name.endswith((".xml", ".rels")) and name != PROPERTIES:
            try:
                fromstring(archive.read(name))
            except Exception:  # of zipfile, zlib or the XML reader
                return _("is damaged: its part {part} cannot be read.", part=name)
    return None


def mend_workbook() -> str:
    return _(
        "Take a sound copy of it; or open it in Excel, let it be repaired, check its values, and"
        " save it."
    )


def save_as_workbook() -> str:
    return _("Open it in Excel or LibreOffice and save it as “Excel Workbook (.xlsx)”.")
