"""A cell that another program wrote wrongly is named, whatever a reader would make of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
import xlsxwriter

from ikmplan.input.excel_file import read_workbook
from ikmplan.input.tables import check
from ikmplan.text import language

CELL = {  # what becomes of <c r="B2"><v>40</v></c>, and how the cell is named
    '<c r="B2"><v>NaN</v></c>': "B2 “NaN”",
    '<c r="B2"><v>-INF</v></c>': "B2 “-INF”",
    '<c r="B2"><v>1e999</v></c>': "B2 “1e999”",
    '<c r="B2"><v>40,5</v></c>': "B2 “40,5”",
    '<c r="B2"><v>1_000</v></c>': "B2 “1_000”",
    '<c r="B2"><v>#REF!</v></c>': "B2 “#REF!”",
    '<c r="B2" t="s"><v>99</v></c>': "B2",  # a text that the workbook does not hold
    '<c r="B2" t="s"><v>-1</v></c>': "B2",  # the last text, to a reader in Python
    '<c r="B2" t="b"><v>2</v></c>': "B2",
    '<c r="B2" t="d"><v>2022-13-45</v></c>': "B2",
    '<c r="B2" t="x"><v>40</v></c>': "B2",
    '<c r="B2" t="inlineStr"><v>40</v></c>': "B2",
    '<c r="B2" s="9"><v>40</v></c>': "B2 “40”",  # a format that the workbook does not hold
    '<c r="B2" s="-1"><v>40</v></c>': "B2 “40”",
    '<c r="B2"><v>40</v></c><c r="B2"><v>41</v></c>': "B2 “41”",
    '<c r="B3"><v>40</v></c>': "B3 “40”",  # in row 2
    '<c r="2B"><v>40</v></c>': "2B “40”",
    '<c r="XFE2"><v>40</v></c>': "XFE2 “40”",
}
SOUND = [
    '<c r="B2"><v>40</v></c>',
    '<c r="B2" t="n"><v> 4.0E1 </v></c>',
    '<c r="B2" t="str"><v>40</v></c>',
    '<c r="B2" t="inlineStr"><is><t>40</t></is></c>',
    "<c><v>40</v></c>",
    '<c r="B2" s="0"/>',
]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with language("en"):
        yield


def found_in(folder: Path, cell: str, prefix: str = "") -> list[str]:
    """The faults of a workbook whose second sheet holds this cell, and another damaged one."""
    path = folder / "data.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("catatan").write("A1", "tanya Pak Budi")
        book.add_worksheet("funds").write_row("A1", ["fund"])
        book.worksheets()[1].write_row("A2", ["apbd", 40])
    part = "xl/worksheets/sheet2.xml"
    with ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert '<c r="B2"><v>40</v></c>' in parts[part]
    parts[part] = parts[part].replace('<c r="B2"><v>40</v></c>', cell)
    if prefix:
        parts[part] = re.sub(r"<(/?)(?=[a-z])", rf"<\1{prefix}:", parts[part])
        parts[part] = parts[part].replace("xmlns=", f"xmlns:{prefix}=")
    with ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return [str(fault) for fault in check(path)]


@pytest.mark.parametrize("cell", CELL)
@pytest.mark.parametrize("prefix", ["", "x"])
def test_a_damaged_cell_is_one_fault_that_names_it(tmp_path: Path, cell: str, prefix: str):
    assert found_in(tmp_path, cell, prefix) == [
        f"data.xlsx, sheet funds: holds damaged cells: {CELL[cell]}. Another program wrote them"
        " so: write these cells again, and save the file."
    ]


@pytest.mark.parametrize("cell", SOUND)
def test_another_form_of_a_cell_is_no_damage(tmp_path: Path, cell: str):
    assert not any("damaged" in fault for fault in found_in(tmp_path, cell))


def test_texts_may_stand_in_a_part_of_another_name(tmp_path: Path):
    """Its name is stated in the archive; any program may choose one."""
    path = tmp_path / "data.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("funds").write_row("A1", ["fund", "name"])
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(
                name.replace("sharedStrings", "texts"), part.replace(b"sharedStrings.", b"texts.")
            )
    sheets, faults = read_workbook(path)
    assert not faults and sheets["funds"].header == ["fund", "name"]


def test_all_damaged_cells_of_a_sheet_are_one_fault(tmp_path: Path):
    cells = "".join(f'<c r="{column}2"><v>NaN</v></c>' for column in "BCDEFGHIJK")
    (fault,) = found_in(tmp_path, cells)
    assert "B2 “NaN”, C2 “NaN”, D2 “NaN”, E2 “NaN”, F2 “NaN”, G2 “NaN” and 4 more" in fault


@pytest.mark.parametrize("row", ['<row r="3" s="9"><c r="A3">', '<row s="9"><c>'])
def test_a_row_whose_format_is_missing_is_named(tmp_path: Path, row: str):
    (fault,) = found_in(tmp_path, f'<c r="B2"><v>40</v></c></row>{row}<v>1</v></c>')
    assert "holds damaged cells: 3:3." in fault


def parts_of_a_workbook(path: Path) -> dict[str, bytes]:
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("funds").write_row("A1", ["fund", "name"])
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_parts(path: Path, parts: dict[str, bytes]) -> None:
    with ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)


@pytest.mark.parametrize(
    ("part", "named"),
    [
        ("xl/styles.xml", "data.xlsx: is damaged: its part xl/styles.xml cannot be read."),
        ("xl/sharedStrings.xml", "data.xlsx: is damaged: its part xl/sharedStrings.xml cannot"),
        ("xl/workbook.xml", "data.xlsx: is damaged: its part xl/workbook.xml cannot be read."),
        ("[Content_Types].xml", "data.xlsx: is damaged: its part [Content_Types].xml cannot be"),
        ("xl/worksheets/sheet1.xml", "data.xlsx, sheet funds: is damaged and cannot be read."),
    ],
)
@pytest.mark.parametrize("damage", [lambda part: part[: len(part) // 2], lambda part: b""])
def test_a_damaged_part_is_named(tmp_path: Path, part: str, named: str, damage):
    path = tmp_path / "data.xlsx"
    parts = parts_of_a_workbook(path)
    write_parts(path, parts | {part: damage(parts[part])})
    (fault,) = map(str, check(path))
    assert fault.startswith(named)
    assert fault.endswith("let it be repaired, check its values, and save it.")


def test_a_part_whose_bytes_are_lost_is_named(tmp_path: Path):
    """The archive's own checksum fails."""
    path = tmp_path / "data.xlsx"
    write_parts(path, parts_of_a_workbook(path))
    raw = path.read_bytes()
    path.write_bytes(raw.replace(b"cellXfs", b"cellXfz"))
    (fault,) = map(str, check(path))
    assert fault.startswith("data.xlsx: is damaged: its part xl/styles.xml cannot be read.")


def test_a_workbook_that_was_not_copied_to_its_end(tmp_path: Path):
    path = tmp_path / "data.xlsx"
    parts_of_a_workbook(path)
    path.write_bytes(path.read_bytes()[:-200])
    (fault,) = map(str, check(path))
    assert fault.startswith("data.xlsx: is damaged: its end is missing. Take a sound copy of it")


def test_a_damaged_list_of_parts_is_one_fault(tmp_path: Path):
    """The end of the archive is there, and the list of its parts before it cannot be read."""
    path = tmp_path / "data.xlsx"
    parts_of_a_workbook(path)
    path.write_bytes(path.read_bytes().replace(b"PK\x01\x02", b"PK\x01\x03", 1))
    (fault,) = map(str, check(path))
    assert fault.startswith("data.xlsx: is damaged and cannot be read. Take a sound copy of it")


def test_properties_that_nothing_needs_are_not_read(tmp_path: Path):
    """Web exports write dates there that openpyxl does not take."""
    path = tmp_path / "data.xlsx"
    parts = parts_of_a_workbook(path)
    properties = re.sub(rb">\d{4}-[^<]*<", b">5/1/2022 10.30<", parts["docProps/core.xml"])
    assert properties != parts["docProps/core.xml"]
    write_parts(path, parts | {"docProps/core.xml": properties})
    sheets, faults = read_workbook(path)
    assert not faults and sheets["funds"].header == ["fund", "name"]
