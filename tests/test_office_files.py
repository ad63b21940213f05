"""Files as offices save them are read as they are seen, or refused; never silently otherwise."""

from __future__ import annotations

import codecs
import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from zipfile import ZipFile

import pytest
from libreoffice import convert
from office_files import (
    GOOD,
    HARMFUL,
    HARMFUL_FORMATS,
    HARMLESS,
    HARMLESS_FORMATS,
    SPACES,
    Office,
    listed_sheet_without_content,
    random_office,
)
from openpyxl import Workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.formatting.rule import DataBarRule, IconSetRule, Rule
from openpyxl.styles import Color, Font, GradientFill, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from openpyxl.utils import get_column_letter
from openpyxl.worksheet import _reader
from openpyxl.worksheet.worksheet import Worksheet

from ikmplan.batch.progress import SingleRunListener
from ikmplan.faults import BadInput, Fault, in_short
from ikmplan.input.number_format import shows_number
from ikmplan.input.tables import check, examine, read_tables

TRUTH = read_tables(GOOD).content()


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return Path(shutil.copytree(GOOD, tmp_path / "case"))


def faults(path: Path) -> list[Fault]:
    return [fault for fault in check(path) if not fault.warning]


def warnings(path: Path) -> list[str]:
    return [str(fault) for fault in check(path) if fault.warning]


def change_archive(path: Path, edit: Callable[[str], str]) -> None:
    """Change the text of every part of a workbook."""
    with ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    with ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, edit(text))


# --- workbooks


def never_silently_wrong(seeds: range, folder: Path) -> None:
    for seed in seeds:
        path = folder / f"{seed}.xlsx"
        habits, harmless = random_office(seed, path)
        try:
            read, found = read_tables(path).content(), []
        except BadInput as error:
            read, found = TRUTH, [str(fault) for fault in error.faults]
        assert read == TRUTH, (seed, habits)
        assert harmless == (not found), (seed, habits, found)
        path.unlink()


def test_no_spreadsheet_is_silently_wrong(tmp_path):
    never_silently_wrong(range(40), tmp_path)


@pytest.mark.slow
def test_none_of_a_thousand_spreadsheets_is_silently_wrong(tmp_path):
    never_silently_wrong(range(60, 1060), tmp_path)


@pytest.mark.parametrize("habit", HARMLESS, ids=lambda habit: habit.__name__)
def test_a_harmless_habit_changes_nothing(tmp_path, habit):
    for seed in range(3):
        office = Office(Random(seed))
        habit(office)
        office.save(tmp_path / "case.xlsx")
        assert [str(fault) for fault in faults(tmp_path / "case.xlsx")] == []
        assert read_tables(tmp_path / "case.xlsx").content() == TRUTH


# habit -> pieces of its one fault
SENTENCES = {
    "words_or_scale": ["number format is", "General"],
    "percent_sign_as_text": ["number format is", "General"],
    "result_never_calculated": ["formula without a result", "save the file"],
    "date_for_number": ["is a date or a time", "took it for a date"],
    "date_for_text": ["is a date or a time", "took it for a date"],
    "words_on_a_condition": ["a conditional format gives it", "Write the number in full"],
    "total_row": ["total", "Delete the row"],
    "total_by_its_name": ["looks like a total of the rows above", "Delete the row"],
    "edited_copy": ["looks like a copy of", "Delete one of the two"],
    "spaced_thousands": ["space or another mark", "write "],
    "merged_data": ["has merged cells", "Unmerge them"],
    "title_without_mark": ["is not the header", "Row 2 names them"],
    "staff_number_as_number": ["row 9, column value", "15 digits"],
    "note_below": ["“Medan, 5 Januari 2022” stands alone in its row", "Delete it"],
    "text_with_more_words": ["not all that the cell shows"],
    "text_left_by_a_program": ["text on one line."],
    "letters_that_do_not_count": ["struck through, raised or lowered", "Write the cell again"],
    "second_header": ["“Kode” begins a row that does not fit kind, sector", "Delete the row"],
    "signatures": ["does not fit", "Delete the row"],
    "thousands_behind_another_mark": ["could mean two numbers: write", "000 or"],
    "words_for_a_scale": ["Write it in full: "],
    "header_in_two_rows": ["most of its columns are missing", "begin each row above it with “# ”"],
    "cells_in_one": ["in one cell, with “,” between", "Text to Columns"],
    "heading_with_a_unit": ["Write its numbers in full, and name it amount."],
    "listed_sheet_without_content": ["holds a sheet that cannot be read"],
}


@pytest.mark.parametrize("habit", HARMFUL, ids=lambda habit: habit.__name__)
def test_a_harmful_habit_is_one_fault_that_states_what_to_do(tmp_path, habit):
    for seed in range(3):
        office = Office(Random(seed))
        habit(office)
        office.save(tmp_path / "case.xlsx")
        (fault,) = map(str, faults(tmp_path / "case.xlsx"))
        assert all(piece in fault for piece in SENTENCES[habit.__name__]), fault
        place = "case.xlsx: " if habit is listed_sheet_without_content else "case.xlsx, sheet "
        assert fault.startswith(place)


@pytest.mark.parametrize("form", [*HARMLESS_FORMATS, "#,##0;-#,##0;", '0;-0;"-"#', "0;-0;?"])
def test_a_format_that_changes_nothing_passes(form):
    """Nor does a dash for zero: the comma style of Excel writes it before ??, which show none."""
    for value in (1500000, 0.3, 0, 7.5):
        assert shows_number(value, form)


@pytest.mark.parametrize(
    "form",
    [*HARMFUL_FORMATS, '0"%"', "0\\%", "0%%", ";;;", '"rahasia"', "0,", "0.0,,", "#,", '"1"0',
     "-0", "(0)", '0"-"', "0\\,0", '0" hari"', "0.0\\ k\\W", '"."0', "[<1000]0;0,", "[DBNum1]0",
     "#\\.##0", '[$$-409]#,##0', "bbbb", '"Jan "0', "*10", "0*0"],
)  # fmt: skip
def test_a_format_that_changes_what_is_seen_does_not_pass(form):
    assert not shows_number(80, form)


@pytest.mark.parametrize("form", ["0.000", "#.##0", "#,##0.000", '"Rp"0.000'])
def test_three_decimals_may_be_seen_as_thousands(tmp_path, form):
    """80.000 on the screen is 80 thousand to an office; nobody reads 0.250 or 7.50 so."""
    assert not shows_number(80, form) and not shows_number(13.125, form)
    assert shows_number(0.25, form)
    assert shows_number(80, "0.00") and shows_number(80, "0.0000") and shows_number(8, "0.000%")
    office = Office(Random(0))
    office.book["clusters"]["F2"].number_format = form
    office.save(tmp_path / "case.xlsx")
    (fault,) = map(str, faults(tmp_path / "case.xlsx"))
    assert "40.000” is what the cell shows" in fault and form in fault


def test_a_long_list_of_one_kind_is_one_fault(tmp_path):
    """Four prices with one wrong format, and rows of formulas that were never calculated."""
    office = Office(Random(0))
    for cell in office.book["courses"]["F"][1:]:
        cell.number_format = '0" juta"'
    for row in range(10, 60):
        for column in range(1, 6):
            office.book["funds"].cell(row, column).value = f"=A{row - 5}"
    office.save(tmp_path / "case.xlsx")
    words, formulas = faults(tmp_path / "case.xlsx")
    assert "Likewise: F3, F4." in str(words) and words.row == 2
    assert formulas.row == 10 and "and 243 more" in str(formulas)  # 250, the first, and 6 named


def test_saving_in_libreoffice_mends_a_formula_without_a_result(tmp_path):
    """One that has a placeholder is only calculated there on Ctrl+Shift+F9, as the fault states."""
    office = Office(Random(0))
    office.book["funds"]["C2"] = "=2250000*1000"
    office.book["clusters"]["B2"] = '="Kue "&"Denai"'
    for column in "ABCDE":
        office.book["funds"][f"{column}9"] = '=IF(1=1,"","x")'
    office.save(tmp_path / "case.xlsx")
    texts = [str(fault) for fault in faults(tmp_path / "case.xlsx")]
    assert len(texts) == 2 and all("in LibreOffice press Ctrl+Shift+F9" in t for t in texts)
    saved = convert(tmp_path / "case.xlsx", "xlsx", tmp_path / "saved")
    assert check(saved) == []
    assert read_tables(saved).content() == TRUTH


def test_rows_of_failed_formulas_are_one_fault_for_each_column(tmp_path):
    office = Office(Random(0))
    for row in range(9, 40):
        for column in "ABCDE":
            office.book["funds"][f"{column}{row}"] = "=NA()"
            office.results.setdefault("funds", {})[f"{column}{row}"] = "#N/A"
    office.save(tmp_path / "case.xlsx")
    found = faults(tmp_path / "case.xlsx")
    assert [fault.column for fault in found] == ["fund", "name", "amount", "pays", "source"]
    assert all("Likewise: row 10, row 11" in str(fault) for fault in found)


def test_a_total_or_a_signature_over_merged_cells_is_one_fault(tmp_path):
    office = Office(Random(0))
    sheet = office.book["clusters"]
    sheet["A8"], sheet["F8"], sheet["G12"] = "JUMLAH", 70, "Kepala Dinas"
    sheet.merge_cells("A8:E8")
    sheet.merge_cells("G12:L12")
    office.save(tmp_path / "case.xlsx")
    total, signature = map(str, faults(tmp_path / "case.xlsx"))
    assert "row 8: “JUMLAH” looks like a total" in total
    assert "row 12: “Kepala Dinas” stands alone" in signature


def test_hidden_parts_are_named(tmp_path):
    office = Office(Random(0))
    office.book["clusters"].row_dimensions[3].hidden = True
    office.book["clusters"].row_dimensions[40].hidden = True  # nothing stands there
    office.book["clusters"].column_dimensions.group("H", "I", hidden=True)
    office.book["funds"].sheet_state = "veryHidden"
    office.save(tmp_path / "case.xlsx")
    assert [note.split(". ")[0] for note in warnings(tmp_path / "case.xlsx")] == [
        "case.xlsx, sheet clusters: is partly hidden, and all of it is read: rows 3; columns"
        " weight, kva",
        "case.xlsx, sheet funds: is partly hidden, and all of it is read: the sheet",
    ]


def rule(**form) -> Rule:
    return Rule(type="expression", formula=["A1=1"], dxf=DifferentialStyle(**form))


UNSEEN_CELLS = {  # a change of cell C2 of funds, and whether its value may be unseen
    "white": (lambda c: setattr(c, "font", Font(color="FFFFFFFF")), True),
    "white of the theme": (lambda c: setattr(c, "font", Font(color=Color(theme=0))), True),
    "white by number": (lambda c: setattr(c, "font", Font(color=Color(indexed=9))), True),
    "letters of one point": (lambda c: setattr(c, "font", Font(sz=1)), True),
    "red on red": (
        lambda c: (setattr(c, "font", Font(color="FFCC0000")),
                   setattr(c, "fill", PatternFill("solid", fgColor="FFCC0000"))), True),
    "white on blue": (
        lambda c: (setattr(c, "font", Font(color="FFFFFFFF")),
                   setattr(c, "fill", PatternFill("solid", fgColor="FF0000CC"))), False),
    "red on white": (lambda c: setattr(c, "font", Font(color="FFCC0000")), False),
    "grey of the theme": (
        lambda c: setattr(c, "font", Font(color=Color(theme=0, tint=-0.5))), False),
    "white on a condition": (lambda c: format_c2(c, rule(font=Font(color="FFFFFFFF"))), True),
    "no text on a condition": (
        lambda c: format_b2(c, rule(numFmt=NumberFormat(numFmtId=200, formatCode=";;;"))), True),
    "red on a condition": (lambda c: format_c2(c, rule(font=Font(color="FFCC0000"))), False),
    "white on blue on a condition": (
        lambda c: (setattr(c, "fill", PatternFill("solid", fgColor="FF0000CC")),
                   format_c2(c, rule(font=Font(color="FFFFFFFF")))), False),
    "blue on blue on a condition": (
        lambda c: (setattr(c, "font", Font(color="FF0000CC")),
                   format_c2(c, rule(fill=PatternFill(bgColor="FF0000CC")))), True),
    "white on two colours on a condition": (
        lambda c: format_c2(c, rule(font=Font(color="FFFFFFFF"),
                                    fill=GradientFill(stop=["FF000000", "FF0000CC"]))), False),
    "a bar alone": (
        lambda c: format_c2(c, DataBarRule("min", 0, "max", 9, "FF638EC6", showValue=False)),
        True),
    "a bar and its number": (
        lambda c: format_c2(c, DataBarRule("min", 0, "max", 9, "FF638EC6")), False),
    "icons alone": (
        lambda c: format_c2(c, IconSetRule("3Arrows", "percent", [0, 33, 67], showValue=False)),
        True),
}  # fmt: skip


def format_b2(cell, conditional) -> None:
    cell.parent.conditional_formatting.add("B2", conditional)


def format_c2(cell, conditional) -> None:
    cell.parent.conditional_formatting.add("C2:C2", conditional)


@pytest.mark.parametrize("name", UNSEEN_CELLS)
def test_a_value_that_cannot_be_seen_is_named(tmp_path, name):
    change, unseen = UNSEEN_CELLS[name]
    office = Office(Random(0))
    change(office.book["funds"]["C2"])
    change(office.book["funds"]["H90"])  # nothing stands there
    office.save(tmp_path / "case.xlsx")
    notes = warnings(tmp_path / "case.xlsx")
    assert len(notes) == unseen
    assert all("is partly hidden, and all of it is read: cells " in note for note in notes)
    assert read_tables(tmp_path / "case.xlsx").content() == TRUTH


EXTENSION = """<extLst><ext uri="{{78C0D931-6437-407d-A8EE-F0AAD7539E65}}"
 xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">
<x14:conditionalFormattings>
<x14:conditionalFormatting xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">
<x14:cfRule type="{kind}" priority="1" id="{{00000000-000E}}">{rule}</x14:cfRule>
<xm:sqref>C2:C3</xm:sqref></x14:conditionalFormatting></x14:conditionalFormattings></ext></extLst>"""
OTHER_SHEET = "<xm:f>office!$A$1=1</xm:f><x14:dxf>{}</x14:dxf>"
NEWER_FORMATS = {  # kind and content of a rule, and what it is to the cells C2:C3 of funds
    "white": ("expression", OTHER_SHEET.format('<font><color theme="0"/></font>'), "unseen"),
    "red": ("expression", OTHER_SHEET.format('<font><color rgb="FFCC0000"/></font>'), ""),
    "icons alone": (
        "iconSet", '<x14:iconSet iconSet="3Stars" showValue="0"><x14:cfvo type="percent">'
        "<xm:f>0</xm:f></x14:cfvo></x14:iconSet>", "unseen"),
    "icons and numbers": (
        "iconSet", '<x14:iconSet iconSet="3Stars"><x14:cfvo type="percent"><xm:f>0</xm:f>'
        "</x14:cfvo></x14:iconSet>", ""),
    "words": (
        "expression",
        OTHER_SHEET.format('<numFmt numFmtId="0" formatCode="0&quot; juta&quot;"/>'), "refused"),
}  # fmt: skip


@pytest.mark.parametrize("name", NEWER_FORMATS)
def test_a_format_of_the_newer_extension_is_a_format_too(tmp_path, name):
    """Excel writes a condition on another sheet, and stars for numbers, there alone."""
    kind, rule, effect = NEWER_FORMATS[name]
    path = tmp_path / "case.xlsx"
    Office(Random(0)).save(path)
    extension = EXTENSION.format(kind=kind, rule=rule) + "</worksheet>"
    change_archive(
        path,
        lambda part: part.replace("</worksheet>", extension) if "<v>2250000000" in part else part,
    )
    notes = [note for note in warnings(path) if "sheet funds: is partly hidden" in note]
    assert len(notes) == (effect == "unseen")
    assert all("cells C2, C3 (their colour" in note for note in notes)
    assert len(faults(path)) == (effect == "refused")
    assert all("conditional format gives it the number" in str(fault) for fault in faults(path))


def test_hidden_parts_are_named_when_a_plan_is_made_too(tmp_path, caplog):
    """`run` and the page read the tables without `check`: the log states it, once."""
    office = Office(Random(0))
    office.book["clusters"].row_dimensions[3].hidden = True
    office.save(tmp_path / f"{tmp_path.name}.xlsx")
    for _n in range(3):
        read_tables(tmp_path / f"{tmp_path.name}.xlsx")
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "is partly hidden, and all of it is read: rows 3." in caplog.text


def test_what_a_run_printed_before_is_not_logged_again(tmp_path, caplog, capsys):
    """At its end a run reads the tables, to compare its result with others."""
    office = Office(Random(0))
    office.book["clusters"].row_dimensions[3].hidden = True
    office.save(tmp_path / f"{tmp_path.name}.xlsx")
    SingleRunListener().warns(check(tmp_path / f"{tmp_path.name}.xlsx"))
    assert capsys.readouterr().err.count("is partly hidden") == 1
    read_tables(tmp_path / f"{tmp_path.name}.xlsx")
    assert not caplog.records


def test_rows_that_are_struck_through_are_named(tmp_path):
    office = Office(Random(0))
    for cell in office.book["clusters"][3]:
        cell.font = Font(strike=True)
    office.book["clusters"]["C2"].font = Font(strike=True)  # one cell of a row that counts
    office.save(tmp_path / "case.xlsx")
    (note,) = warnings(tmp_path / "case.xlsx")
    assert "sheet clusters: has rows that are struck through, and are read: 3." in note


def test_a_hidden_copy_and_a_table_under_another_name_are_named(tmp_path):
    office = Office(Random(0))
    office.book.copy_worksheet(office.book["funds"]).title = "funds (2)"
    office.book["funds (2)"].sheet_state = "hidden"
    office.book.copy_worksheet(office.book["funds"]).title = "dana lama"
    office.save(tmp_path / "case.xlsx")
    dana, copy = warnings(tmp_path / "case.xlsx")
    assert "sheet dana lama: has the columns of funds, and is not read" in dana
    assert "sheet funds (2): looks like a copy of funds" in copy
    assert faults(tmp_path / "case.xlsx") == []


def test_a_table_under_another_name_is_found_by_its_columns(tmp_path):
    office = Office(Random(0))
    office.book["clusters"].title = "Sentra"
    office.save(tmp_path / "case.xlsx")
    (fault,) = faults(tmp_path / "case.xlsx")
    assert str(fault).endswith("sheet Sentra: is no table. Did you mean clusters?")


def test_a_raised_digit_of_a_unit_belongs_to_it(tmp_path):
    office = Office(Random(0))
    raised = TextBlock(InlineFont(vertAlign="superscript"), "2")
    office.book["funds"]["B2"] = CellRichText("Dana per m", raised)
    office.save(tmp_path / "case.xlsx")
    assert read_tables(tmp_path / "case.xlsx").by_key["funds"]["apbd"].name == "Dana per m2"


@pytest.mark.parametrize(
    "text",
    [
        "(dalam jutaan rupiah)",
        "Harga dalam ribu Rp",
        "x Rp1.000",
        "Rp '000",
        "in thousands",
        "(Rp juta)",
        "juta rupiah",
        "satuan: juta",
        "Rp.000",
        "(000 rupiah)",
        None,
    ],
)
def test_an_explanation_scales_no_number(case, text):
    """ "# dalam jutaan rupiah" above the header is named; a plain explanation is not."""
    line = f"# {text or 'Dana tahun 2027, 1000 unit, rupiah'}\n"
    (case / "funds.csv").write_text(line + (case / "funds.csv").read_text("utf-8"))
    notes = [note for note in warnings(case) if "funds.csv row 1" in note]
    assert len(notes) == (text is not None)
    assert all("numbers are read as they stand" in note for note in notes)


@pytest.mark.parametrize(
    ("text", "is_scale"),
    [
        ("Jutaan masyarakat bergantung pada IKM", False),
        ("Program bagi ribuan perajin", False),
        ("Bantuan 5 juta rupiah tiap kelompok", False),
        ("Bantuan Rp2,5 juta rupiah", False),
        ("Angka penuh, bukan dalam jutaan", False),
        ("share 0-1, not in percent", False),
        ("satuan: m", False),
        ("not in thousands but in millions", True),
        ("Angka jutaan", True),
        ("Pagu jutaan TA 2022", True),
        ("angka jutaan sudah termasuk PPN", True),
        ("TA 2022 juta rupiah", True),
        ("Pagu (jutaan)", True),
        ("Ribuan unit menurut kecamatan", True),
        ("Nilai jutaan Rp", True),
        ("Harga jutaan per mesin", True),
        ("Pagu: juta rupiah", True),
        ("2022 juta rupiah", True),  # a year, and no amount
        ("Anggaran 2021/2022 juta rupiah", True),
        ("Pagu 2022 (juta Rp)", True),
        ("APBD-P 2022, jt rp", True),
        ("(rb)", True),
        ("dlm juta", True),
        ("Rp M", True),
        ("dikali 1.000.000", True),
        ("luas dalam hektare", True),
        ("nilai dalam US$", True),
        ("Rp 2022 juta rupiah", False),
        ("Rp. 2022 juta rupiah", False),
        ("minimal 500 ribu rupiah", False),
        ("2 022 juta rupiah", False),
        ("12.022 juta rupiah", False),
        ("Didata dalam bulan Maret 2022", False),
    ],
)
def test_words_that_count_something_else_are_no_scale(case, text, is_scale):
    (case / "funds.csv").write_text(f"# {text}\n" + (case / "funds.csv").read_text("utf-8"))
    assert any("numbers are read as they stand" in note for note in warnings(case)) == is_scale


def test_a_file_that_shall_be_calculated_has_no_results(tmp_path):
    """All cells of a row may be "" until Excel calculates them: they are named, not skipped."""
    office = Office(Random(0))
    for column in range(1, 6):
        cell = office.book["funds"].cell(9, column, '=IF(1=1,"","x")')
        office.results.setdefault("funds", {})[cell.coordinate] = ""
    office.calculated = False
    office.save(tmp_path / "case.xlsx")
    (note,) = warnings(tmp_path / "case.xlsx")
    assert "rows of formulas that are empty so far, and are not read: 9." in note


def test_a_hundred_thousand_formatted_cells_are_not_made_objects(tmp_path, monkeypatch):
    """96,000 cells that hold a format and nothing else: only the filled ones reach openpyxl."""
    Office(Random(0)).save(tmp_path / "few.xlsx")
    cells = "".join(f'<c r="{get_column_letter(n)}{{0}}" s="0"/>' for n in range(1, 97))
    rows = "".join(f'<row r="{n}">{cells.format(n)}</row>' for n in range(20, 1020))
    shutil.copy(tmp_path / "few.xlsx", tmp_path / "many.xlsx")
    change_archive(
        tmp_path / "many.xlsx", lambda text: text.replace("</sheetData>", rows + "</sheetData>", 1)
    )
    made = []
    parse = _reader.WorkSheetParser.parse_cell
    monkeypatch.setattr(
        _reader.WorkSheetParser,
        "parse_cell",
        lambda self, cell: made.append(1) or parse(self, cell),
    )
    assert faults(tmp_path / "few.xlsx") == []
    few = len(made)
    assert faults(tmp_path / "many.xlsx") == []
    assert len(made) == 2 * few > 0


def test_a_registry_of_businesses_is_one_sentence(tmp_path):
    book = Workbook()
    book.active.append(["Nama Industri", "Alamat", "KBLI"])
    book.active.append(["Roti Jaya", "Jl. Denai 5", 10710])
    book.save(tmp_path / "daftar.xlsx")
    (fault,) = map(str, faults(tmp_path / "daftar.xlsx"))
    assert "nama_industri, alamat, kbli" in fault and "ikmplan new" in fault
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "daftar.csv").write_text("Nama;Alamat\nRoti;Jl. Denai\n")
    (fault,) = map(str, faults(tmp_path / "folder"))
    assert "its columns are nama, alamat" in fault and "ikmplan new" in fault


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)


@pytest.mark.parametrize(
    ("name", "content", "piece"),
    [
        ("case.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "locked with a password"),
        ("case.xlsx", OLE + "Workbook".encode("utf-16-le"), "a file of another kind"),
        ("case.xlsx", b"<html><table><tr><td>1</td></tr></table></html>", "of another kind"),
        ("case.xls", OLE, "save it as “Excel Workbook (.xlsx)”"),
        ("case.ods", b"PK", "save it as “Excel Workbook (.xlsx)”"),
        ("case.xlsb", b"PK", "save it as “Excel Workbook (.xlsx)”"),
    ],
)
def test_other_kinds_of_files(tmp_path, name, content, piece):
    (tmp_path / name).write_bytes(content)
    (fault,) = map(str, faults(tmp_path / name))
    assert piece in fault


def test_a_workbook_without_a_sheet_that_can_be_read(tmp_path):
    """Names that nobody knows: openpyxl finds no sheet, and leaves it at a warning."""
    Office(Random(0)).save(tmp_path / "case.xlsx")
    change_archive(
        tmp_path / "case.xlsx",
        lambda text: text.replace("schemas.openxmlformats.org/officeDocument", "example.org"),
    )
    with pytest.raises(BadInput, match="cannot be opened as an Excel workbook"):
        read_tables(tmp_path / "case.xlsx")


# --- CSV


def rewrite(folder: Path, separator: str, head: str = "", encoding: str = "utf-8") -> None:
    """Every table with another separator, first line and encoding."""
    for file in folder.glob("*.csv"):
        rows = list(csv.reader(file.read_text("utf-8").splitlines()))
        with file.open("w", encoding=encoding, newline="") as out:
            out.write(head)
            csv.writer(out, delimiter=separator).writerows(rows)


@pytest.mark.parametrize(
    ("separator", "head", "encoding"),
    [
        (";", "sep=;\n", "utf-8"), (",", "sep=,\r\n", "utf-8-sig"), (";", '"sep=;"\n', "utf-8"),
        (";", "SEP=;\n", "utf-16"), ("|", "sep=|\n", "utf-8"), (",", "sep=,,,,\n", "utf-8"),
        ("\t", "", "utf-8"), ("\t", "", "utf-16"), ("\t", "sep=\t\n", "utf-16"), ("|", "", "utf-8"),
        (",", "", "utf-16"),
    ],
)  # fmt: skip
def test_separators_and_encodings(case, separator, head, encoding):
    rewrite(case, separator, head, encoding)
    assert check(case) == []
    assert read_tables(case).content() == TRUTH


def copied_lines(folder: Path, change: Callable[[str], str]) -> None:
    for file in folder.glob("*.csv"):
        file.write_bytes(change(file.read_text("utf-8").replace("\r\n", "\n")).encode())


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r"),  # an old Macintosh
        lambda text: "\ufeff\ufeff" + text,  # two programs, each with its mark
        lambda text: "".join(
            ", ".join(f'"{cell}"' for cell in row) + "\n" for row in csv.reader(text.splitlines())
        ),
        lambda text: "#\n# catatan, dengan koma\n#\n" + text,
        lambda text: text.replace("\n", ",,,\n"),
        lambda text: text.replace("kue_denai", "\u200bkue_denai\u200e"),
        lambda text: text.replace("\n", "\r\n\r\n"),
    ],
)  # fmt: skip
def test_forms_of_lines_that_change_nothing(case, change):
    copied_lines(case, change)
    assert check(case) == []
    assert read_tables(case).content() == TRUTH


@pytest.mark.parametrize(
    ("change", "piece"),
    [
        (lambda line: '"' + line.replace('"', '""') + '"', "holds all columns in one cell"),
        (lambda line: line if line.startswith("cluster,") else line.replace(",", ";"),
         "row 2: “kue_denai;Kue Denai;ikm;bakery;Medan Denai;40;0.5;1;13.2;40…” holds a whole row"),
        (lambda line: line if line.startswith("cluster,") else "", "has no row below its header"),
        (lambda line: "kode,nama,jenis,source" if line.startswith("cluster,") else line,
         "row 1: “kode” is no column of this table, and most of its columns are missing"),
    ],
)  # fmt: skip
def test_a_table_in_another_form_is_one_fault(case, change, piece):
    """And no fault of the tables that name its keys."""
    file = case / "clusters.csv"
    file.write_text("\n".join(map(change, file.read_text("utf-8").splitlines())))
    (fault,) = map(str, faults(case))
    assert piece in fault


def test_a_key_in_another_form_is_one_fault(case):
    """Not one of each table that names it as it shall be."""
    file = case / "clusters.csv"
    file.write_text(file.read_text("utf-8").replace("kue_denai", "Kue Denai", 1))
    (fault,) = map(str, faults(case))
    assert "“Kue Denai” is not a key" in fault and "Write it as kue_denai." in fault


def test_a_table_twice_in_its_file_is_two_lines(case):
    """Its header again, and each of its rows."""
    file = case / "course_suits.csv"
    file.write_text(file.read_text("utf-8") * 2)
    found = faults(case)
    assert len(found) == 5 and len(in_short(found)) == 2


def test_many_faults_of_one_kind_are_one_line(case):
    """Shares of 200 clusters in percent: the first of them, and where the next stand."""
    rows = "".join(f"c{n},Nama {n} x,ikm,bakery,Denai,9,30,1,3,9,0,survey\n" for n in range(200))
    (case / "clusters.csv").write_text((case / "clusters.csv").read_text("utf-8") + rows)
    with pytest.raises(BadInput) as refused:
        read_tables(case)
    assert len(refused.value.faults) == 200
    assert str(refused.value).count("\n") == 0
    assert "And 199 more of this kind: row 6 “30”, row 7 “30”" in str(refused.value)


def test_the_folder_inside_is_offered(case):
    (case / "data").mkdir()
    for file in case.glob("*.csv"):
        file.rename(case / "data" / file.name)
    (fault,) = map(str, faults(case))
    assert f"Did you mean {case / 'data'}?" in fault


def test_text_with_tabs_may_have_its_own_ending(case):
    rewrite(case, "\t")
    (case / "clusters.csv").rename(case / "clusters.txt")
    (case / "funds.csv").rename(case / "funds.tsv")
    (case / "README.txt").write_text("no table")
    assert check(case) == []
    shutil.copy(case / "clusters.txt", case / "clusters.csv")
    assert "is the table clusters a second time" in str(faults(case)[0])


def test_a_fault_below_a_separator_line_names_the_row_of_the_file(case):
    rewrite(case, ";", "sep=;\n")
    file = case / "funds.csv"
    file.write_text(file.read_text().replace("2250000000", "x"))
    assert str(faults(case)[0]).startswith("funds.csv row 3, column amount: “x”")


def test_decimals_behind_a_point_state_how_a_file_writes_numbers(case):
    """LibreOffice in English writes 13.2 and 1,250 with any separator; 1,250 by itself is 1.25."""
    file = case / "clusters.csv"
    text = file.read_text("utf-8").replace(",", ";")
    file.write_text(text)
    assert read_tables(case).content() == TRUTH
    file.write_text(text.replace("13.2", "1,250"))  # beside 0.5, 0.25, 1.5, 6.6
    (fault,) = map(str, faults(case))
    assert "“1,250” is not a number" in fault and "write 1250 or 1.25." in fault
    assert "point stands before decimals (row 2, column young_share: “0.5”)" in fault
    file.write_text(text.replace("13.2", "1,250").replace(".", ","))
    assert read_tables(case).by_key["clusters"]["kue_denai"].kva == 1.25


@pytest.mark.parametrize(
    ("kva", "units", "read"),
    [
        ("1,250", "40", None),  # all decimals of the file have three digits
        ("1.250", "40", None),
        ("1,250", "1.040", 1.25),  # 1.040 units can only be thousands
        ("1.250", "1.040", 1250),
        ("7,5", "40", 7.5),
        ("12,1250", "40", 12.125),
        ("1.250.000", "40", 1_250_000),
    ],
)
def test_three_digits_behind_a_mark_count_where_the_file_shows_its_form(case, kva, units, read):
    """Of the other numbers of this file none has a mark."""
    file = case / "clusters.csv"
    text = file.read_text("utf-8").replace(",", ";").replace("0.25", "1").replace("0.5", "1")
    text = text.replace("1.5", "1").replace("6.6", "6").replace(";40;1;1;", f";{units};1;1;")
    file.write_text(text.replace("13.2", kva))
    if read is None:
        (fault,) = map(str, faults(case))
        assert f"column kva: “{kva}”" in fault and "write 1250 or 1,25." in fault
    else:
        tables, _faults = examine(case)
        assert tables.by_key("clusters")["kue_denai"].kva == read


def test_a_column_of_numbers_without_a_name_is_one_line(case):
    file = case / "clusters.csv"
    header, *rows = file.read_text("utf-8").splitlines()
    file.write_text("\n".join([f",{header}", *(f"{n},{row}" for n, row in enumerate(rows, 1))]))
    (fault,) = [str(fault) for fault in faults(case) if fault.where == "clusters.csv"]
    assert "“1” stands in cell 1 of the row, under no column name. Likewise: row 3, row 4" in fault


def test_notes_beside_the_rows_are_one_line_with_their_column(tmp_path):
    office = Office(Random(0))
    office.book["clusters"]["N2"] = office.book["clusters"]["N3"] = "cek lagi!"
    office.save(tmp_path / "case.xlsx")
    (fault,) = map(str, faults(tmp_path / "case.xlsx"))
    assert "row 2: “cek lagi!” stands in column N, under no column name. Likewise: row 3." in fault
    assert "separator" not in fault


def test_a_note_over_several_cells_is_one_line(case):
    """Its first word is a key, and most cells of a row are empty."""
    with (case / "clusters.csv").open("a") as file:
        file.write("perkiraan,,,angka 2021,,,,,,,,\n")
    (fault,) = map(str, faults(case))
    assert "row 5, column cluster: “perkiraan” begins a row that does not fit name, kind" in fault


def test_a_separator_line_states_nothing_of_the_numbers(case):
    """A program wrote it, in whatever form: 1.500 may be 1500 or 1.5, and is refused."""
    rewrite(case, ";", "sep=;\n")
    file = case / "clusters.csv"
    file.write_text(file.read_text().replace("13.2", "1.500"))
    assert "write 1500 or 1.5" in str(faults(case)[0])


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16-le", "utf-16-be", "utf-32", "cp037"])
def test_other_encodings_are_refused(case, encoding):
    file = case / "clusters.csv"
    file.write_bytes(file.read_text("utf-8").replace("Denai", "Dénai").encode(encoding))
    (fault,) = map(str, faults(case))
    assert fault.startswith("clusters.csv") and "CSV UTF-8" in fault
    assert not file.read_bytes().startswith(codecs.BOM_UTF8)


@pytest.mark.parametrize("space", SPACES)
def test_a_number_with_spaces_is_refused_with_the_number(case, space):
    file = case / "funds.csv"
    file.write_text(
        file.read_text("utf-8").replace("2250000000", f"2{space}250{space}000{space}000")
    )
    (fault,) = map(str, faults(case))
    assert "There is a space or another mark in it; if it is one number, write 2250000000" in fault


@pytest.mark.parametrize("word", ["JUMLAH", "Total", "total", "Sub-Total", "Jumlah IKM", "jml"])
def test_a_total_is_deleted_and_never_offered_as_a_key(case, word):
    file = case / "clusters.csv"
    file.write_text(file.read_text("utf-8") + f"{word},,,,,70,,,,,,\n")
    (fault,) = map(str, faults(case))
    assert "total of the rows above" in fault and "Delete the row" in fault


def test_rows_that_are_no_rows_of_the_table(case):
    """A header again, the numbers of the columns, a signature: each is one fault."""
    file = case / "clusters.csv"
    header, *rows = file.read_text("utf-8").splitlines()
    numbers = ",".join(f"({n})" for n in range(1, 13))
    file.write_text("\n".join([header, numbers, *rows, header, "Kepala Dinas", "NIP. 1980", ""]))
    found = list(map(str, faults(case)))
    assert len(found) == 3
    assert "row 2: “(1)” holds numbers alone" in found[0]
    assert "row 6: “cluster” repeats the header" in found[1]
    assert "row 7: “Kepala Dinas” stands alone in its row. Likewise: row 8." in found[2]


def test_a_row_without_a_key_and_a_second_table_are_one_fault_each(case):
    """The units below the header, and the table of funds below that of clusters."""
    header, *rows = (case / "clusters.csv").read_text("utf-8").splitlines()
    units = ",,,,,unit,0-1,,kVA,m2,unit,"
    funds = (case / "funds.csv").read_text("utf-8").splitlines()
    (case / "clusters.csv").write_text("\n".join([header, units, *rows, "", *funds]))
    first, second = map(str, faults(case))
    assert "row 2, column cluster: “” is empty, and what the row holds does not fit name" in first
    assert "Delete the row if it is none of this table" in first
    assert "row 7: “fund” holds the column names of funds" in second


@pytest.mark.parametrize(("table", "key"), [("courses", "unit"), ("existing", "(jenis)")])
def test_a_row_of_units_below_the_header_is_one_fault(case, table, key):
    file = case / f"{table}.csv"
    header, *rows = file.read_text("utf-8").splitlines()
    units = ",".join([key, *["(orang)", "m2", "Rp", "-"] * 5][: header.count(",") + 1])
    file.write_text("\n".join([header, units, *rows]) + "\n")
    (fault,) = map(str, faults(case))
    assert f"row 2, column {header.split(',')[0]}: “{key}” begins a row that does not fit" in fault
    assert fault.endswith("Delete the row if it is none of this table; else correct these cells.")


@pytest.mark.parametrize("letter", ["\u043e", "\u200bo"])
def test_a_heading_with_a_letter_that_looks_alike_is_one_fault(case, letter):
    """A Cyrillic o, or a sign that nobody sees: of “low” too few letters were left."""
    file = case / "ranges.csv"
    file.write_text(file.read_text("utf-8").replace(",low,", f",l{letter}w,"))
    (fault,) = map(str, faults(case))
    assert fault.endswith("is no column of this table. Did you mean low?")


@pytest.mark.parametrize(
    ("table", "column", "heading", "fix"),
    [
        ("clusters", "units", "unit_ikm", "Did you mean units?"),
        ("clusters", "reached_before", "reached", "Did you mean reached_before?"),
        ("courses", "cost_class", "class cost", "Did you mean cost_class?"),
        ("ranges", "row_key", "key", "Did you mean row_key?"),
    ],
)
def test_a_heading_with_a_word_of_one_column_is_answered_by_it(case, table, column, heading, fix):
    file = case / f"{table}.csv"
    header, rest = file.read_text("utf-8").split("\n", 1)
    named = [heading if name == column else name for name in header.split(",")]
    file.write_text(",".join(named) + "\n" + rest)
    (fault,) = map(str, faults(case))
    assert fault.endswith(f"is no column of this table. {fix}")


def test_a_heading_with_a_word_of_two_columns_is_answered_by_neither(case):
    """Of “size of a class” nobody but the office knows which of the two it is."""
    file = case / "courses.csv"
    text = file.read_text("utf-8").replace("class_min,class_max", "size of a class,biggest")
    file.write_text(text)
    found = [*map(str, faults(case))]
    assert [line for line in found if "Did you mean" in line] == []
    assert {"class_min", "class_max"} <= {line.split("column ")[1].split(":")[0] for line in found}


def test_a_row_of_the_planner_keeps_its_faults_one_by_one(case):
    """Its key fits: of the other cells each that does not is a fault with its value."""
    file = case / "courses.csv"
    row = "kue_baru,Kue Baru,sepuluh,dua,lima,mahal,1,tinggi,no,kota,survey"
    file.write_text(file.read_text("utf-8").rstrip("\n") + f"\n{row}\n")
    found = [fault for fault in faults(case) if fault.where == "courses.csv"]
    wrong = ["sepuluh", "dua", "lima", "mahal", "tinggi", "kota"]
    assert [fault.value for fault in found] == wrong
    assert not any("Delete the row" in fault.fix for fault in found)


@pytest.mark.parametrize("scale", ["(juta)", "(x 1000)", "(Rp1.000)", "(000)", "(Rp 000)"])
def test_a_column_in_millions_is_not_merely_renamed(case, scale):
    """Renamed as advised, "amount (juta)" would hold Rp2,250 instead of Rp2.25 billion."""
    file = case / "funds.csv"
    file.write_text(file.read_text("utf-8").replace("amount", f"amount {scale}"))
    (fault,) = map(str, faults(case))
    assert "Write its numbers in full, and name it amount." in fault


@pytest.mark.parametrize(
    ("title", "is_scale"),
    [("funds (juta)", True), ("funds_ribuan", True), ("Dana (Rp 000)", True),
     ("funds perkotaan urban", False), ("funds 2022", False)],
)  # fmt: skip
def test_a_table_whose_title_has_a_scale_is_not_merely_renamed(case, title, is_scale):
    (case / "funds.csv").rename(case / f"{title}.csv")
    (fault,) = [str(fault) for fault in faults(case)]
    fix = "Write its numbers in full, and name it funds." if is_scale else "Did you mean funds?"
    assert fault.endswith(fix)


@pytest.mark.parametrize(
    ("table", "title", "fix"),
    [
        ("courses", "days (minggu)", "Write its numbers in days, and name it days."),
        ("clusters", "kva (VA)", "Write its numbers in kVA, and name it kva."),
        ("clusters", "floor_m2 (ha)", "Write its numbers in m², and name it floor_m2."),
        ("equipment", "price (per lusin)", "Write its numbers in rupiah, and name it price."),
        ("clusters", "floor_m2_ha", "Write its numbers in m², and name it floor_m2."),
        ("equipment", "hours_day", "Write its numbers in hours, and name it hours."),
        ("courses", "cost_class per orang", "Write its numbers in rupiah, and name it cost_class."),
        ("clusters", "floor_m", "Did you mean floor_m2?"),
        ("courses", "days (hari kerja)", "Did you mean days?"),
        ("clusters", "floor_m2 (m2)", "Did you mean floor_m2?"),
        ("clusters", "units (unit usaha)", "Did you mean units?"),
        ("clusters", "name (nama sentra)", "Did you mean name?"),
    ],
)
def test_a_column_in_another_unit_is_not_merely_renamed(case, table, title, fix):
    file = case / f"{table}.csv"
    name = fix.rstrip(".?").split()[-1]
    file.write_text(file.read_text("utf-8").replace(f",{name},", f",{title},", 1))
    (fault,) = map(str, faults(case))
    assert fault.endswith(fix)


def test_numbers_of_columns_with_their_sums_are_one_fault(case):
    file = case / "clusters.csv"
    header, *rows = file.read_text("utf-8").splitlines()
    file.write_text("\n".join([header, "1,2,3,4,5,6=4+5,7=6/5,8,9,(10=8x9),11,12", *rows]))
    (fault,) = map(str, faults(case))
    assert "row 2: “1” holds numbers alone, like a total or the numbers of columns" in fault


def test_a_word_for_training_is_no_key_that_is_unlike_it(case):
    """It was “Did you mean pemasaran?”, a course."""
    file = case / "funds.csv"
    file.write_text(file.read_text("utf-8").replace("training equipment", "pelatihan"))
    (fault,) = map(str, faults(case))
    assert fault.endswith("Write it as training.")


@pytest.mark.parametrize("behind", ["(2027)", "(21)", "2026"])
def test_a_year_in_a_heading_is_no_scale(case, behind):
    file = case / "funds.csv"
    file.write_text(file.read_text("utf-8").replace("amount", f"amount {behind}"))
    (fault,) = map(str, faults(case))
    assert fault.endswith("Did you mean amount?")


def test_what_can_hardly_be_meant_is_a_warning(case, caplog):
    """40 + 30 + 20 units = 90, of which 40 + 30 = 70 are of businesses; Rp400 is no fund."""
    clusters = case / "clusters.csv"
    text = clusters.read_text("utf-8")
    row = "medan,Kota Medan,ikm,bakery,Medan,{},0.4,1,10,10,0,survey\n"
    for units in (70, 90, 71):
        clusters.write_text(text + row.format(units))
        found = [note for note in warnings(case) if "sum of the rows above" in note]
        assert len(found) == (units != 71)
    funds = case / "funds.csv"
    funds.write_text(funds.read_text("utf-8").replace("400000000", "400"))
    (note,) = warnings(case)
    assert "funds.csv row 3, column amount: “400” is so little" in note and "80000000" in note
    read_tables(case)
    assert "can hardly be rupiah" in caplog.text


@pytest.mark.parametrize(("kva", "is_odd"), [("449", False), ("450", True), ("1300", True)])
def test_power_in_watts_is_a_warning(case, kva, is_odd):
    """PLN's smallest connection is 450 VA, that is 0.45 kVA."""
    clusters = case / "clusters.csv"
    clusters.write_text(clusters.read_text("utf-8").replace("13.2", kva))
    assert [f"“{kva}.0” is so much" in note for note in warnings(case)] == [True] * is_odd


@pytest.mark.parametrize("name", ["funds.xlsx", "Funds.ods", "clusters.csv.txt", "funds.xls"])
def test_a_file_beside_the_tables_that_is_not_read_is_named(case, name):
    (case / name).write_bytes(b"newer numbers")
    (case / "catatan.xlsx").write_bytes(b"a note")
    (note,) = warnings(case)
    assert note.startswith(f"{name}: is not read") and read_tables(case).content() == TRUTH


def test_a_workbook_with_the_tables_beside_them_is_named(case):
    """Someone edits the workbook, and the plan is made of the CSV files."""
    Office(Random(0)).save(case / "kota.xlsx")
    Workbook().save(case / "rapat.xlsx")
    (note,) = warnings(case)
    assert note.startswith("kota.xlsx: is not read")


def test_the_time_of_reading_grows_as_the_rows(tmp_path, monkeypatch):
    """A list of 20,000 businesses did not end: all cells were gone through for each of its rows."""
    asked = []
    most = Worksheet.max_column
    monkeypatch.setattr(
        Worksheet, "max_column", property(lambda sheet: asked.append(1) or most.fget(sheet))
    )
    for rows in (10, 1000):
        book = Workbook()
        for n in range(rows):
            book.active.append([f"Usaha {n}", "Medan", n])
        book.save(tmp_path / "daftar.xlsx")
        asked.clear()
        assert len(faults(tmp_path / "daftar.xlsx")) == 1
        assert len(asked) < 10


def test_a_merged_column_is_not_made_of_a_million_objects(tmp_path, monkeypatch):
    office = Office(Random(0))
    office.book["funds"].merged_cells.add("G1:G1048576")
    office.book["clusters"].merged_cells.add("A30:XFD900000")
    office.save(tmp_path / "case.xlsx")
    made = []
    cell = MergedCell.__init__
    monkeypatch.setattr(
        MergedCell, "__init__", lambda self, *a, **k: made.append(1) or cell(self, *a, **k)
    )
    (fault,) = map(str, faults(tmp_path / "case.xlsx"))
    assert "sheet funds: has merged cells (G1:G1048576)" in fault and len(made) < 100_000


def test_merged_cells_are_named_as_the_office_sees_them(tmp_path):
    """A2:A500 was A2:A4, where the last filled row is 4."""
    office = Office(Random(0))
    office.book["clusters"].merge_cells("A2:A500")
    office.book["funds"].merge_cells("B2:C3")
    office.save(tmp_path / "case.xlsx")
    clusters, funds = map(str, faults(tmp_path / "case.xlsx"))
    assert "merged cells (A2:A500)" in clusters and "merged cells (B2:C3)" in funds


def test_columns_of_one_kind_are_one_line(tmp_path):
    """A second table to the right, columns for people, and a misspelt name with its own fix."""
    office = Office(Random(0))
    titles = ["units", "name", "No", "Keterangan", "Alamat"]
    for n, title in enumerate(titles, 13):
        office.book["clusters"].cell(1, n).value = title
    office.book["clusters"]["K1"] = "reached_befor"
    office.save(tmp_path / "case.xlsx")
    assert [str(fault).removeprefix("case.xlsx, sheet clusters row 1, ")
            for fault in faults(tmp_path / "case.xlsx")] == [
        "column name: stands twice in the header. Likewise: units. Keep one of the two columns.",
        "column reached_befor: is no column of this table. Did you mean reached_before?",
        "column no: is no column of this table. Likewise: keterangan, alamat. Remove it or rename"
        " it.",
    ]  # fmt: skip


def test_a_number_that_no_date_can_be_is_named_as_a_date(tmp_path):
    office = Office(Random(0))
    office.book["funds"]["C2"].number_format = "dd/mm/yyyy"
    office.save(tmp_path / "case.xlsx")
    (fault,) = map(str, faults(tmp_path / "case.xlsx"))
    assert "row 2, column amount: “#####” is a date or a time" in fault


def test_a_long_number_that_a_spreadsheet_cut_is_refused(case):
    """1.98E+17 is what a CSV file from Excel holds of a staff number of 18 digits."""
    file = case / "office.csv"
    file.write_text(file.read_text("utf-8") + '"head_id","1,98E+17",survey\n')
    (fault,) = map(str, faults(case))
    assert "“1,98E+17” is not text" in fault and "15 digits" in fault
