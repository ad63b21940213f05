"""Workbooks as offices save them: the small case, with habits of people and programs added.

A habit that is harmless leaves the values as they are seen; a harmful one leaves a cell, row or
sheet of which a reader that trusts the bytes would get another value than the office sees.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from zipfile import ZipFile

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from openpyxl.worksheet.worksheet import Worksheet

from ikmplan.input.rows import ROWS

GOOD = Path(__file__).parent / "faults" / "good"
SPACES = [" ", "\u00a0", "\u2009", "\u202f", "\u2007", "\u3000", "\u200b", "'", "\u2019"]
HARMLESS_FORMATS = [
    "0", "0.00", "#,##0", "#,##0.00", '"Rp"#,##0', '"Rp"\\ #,##0', "[$Rp-421]#,##0.00",
    "[$Rp-421]#,##0;[RED]-[$Rp-421]#,##0", "0.00E+00", '#,##0",-"', "Rp#,##0", "# ##0", "@",
    '_-"Rp"* #,##0_-;-"Rp"* #,##0_-;_-"Rp"* "-"_-;_-@_-', "#,##0_);[Red](#,##0)", "[$IDR] #,##0",
    "[Blue]General", "#,##0;-#,##0;-;@", '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)',
]  # fmt: skip
# format -> what one unit shown is in the cell: 1 where the format adds other words alone
HARMFUL_FORMATS = {
    '0" juta"': 10**6, '#,##0" jt"': 10**6, '#,##0.###\\ "ribu"': 1000, '"Rp"0.###" rb"': 1000,
    '#,##0.#####\\ \\m\\i\\l\\i\\a\\r': 10**9, '0.####,': 1 / 1000, "#,##0.####,,": 1 / 10**6,
    '0" lusin"': 12, '0"000"': 1000, "[>=0]0.###,;0": 1 / 1000, '"$"#,##0': 16_000,
    "[$€-2] #,##0": 17_000, "[$USD] 0.00": 16_000, '"ribuan: "0': 1000, '0\\0': 10,
}  # fmt: skip


UNSEEN = ["\u200b", "\u200e", "\u202a", "\ufeff", "\u00a0", "\u2060"]
LEFT_TEXTS = [
    "#####", "Err:502", "Galat:508", "Loading...", "idem", "sda", "s.d.a.", '"', "-\"-", "nan",
    "None", "Toko CafÃ©", "Kue &amp; Roti", "Sentra\u202e Kue", "\u200b",
]  # fmt: skip
LABELS = [
    "Kode", "Nama sentra", "Jenis", "Sektor", "Kecamatan", "Jumlah unit", "Porsi muda", "Bobot",
    "kVA", "Luas", "Sudah dijangkau", "Sumber",
]  # fmt: skip


class Office:
    """A workbook in the making, and what its archive is changed to at the end."""

    def __init__(self, random: Random):
        self.random = random
        self.book = Workbook()
        self.book.remove(self.book.worksheets[0])
        self.results: dict[str, dict[str, object]] = {}  # sheet -> cell -> saved result
        self.calculated = True
        self.strict = False
        self.lost = ""  # sheet that the workbook lists and does not hold
        for file in sorted(GOOD.glob("*.csv")):
            sheet = self.book.create_sheet(file.stem)
            header, *rows = csv.reader(file.read_text("utf-8").splitlines())
            sheet.append(header)
            for row in rows:
                sheet.append([_typed(file.stem, c, t) for c, t in zip(header, row, strict=True)])

    def numbers(self, most: float = 10**15) -> list[tuple[Worksheet, str]]:
        """The untouched cells that hold numbers."""
        return [
            (sheet, cell.coordinate)
            for sheet in self.book
            for row in sheet.iter_rows()
            for cell in row
            if isinstance(cell.value, (int, float))
            and cell.number_format == "General"
            and abs(cell.value) < most
            and cell.value > 0
        ]

    def number(self) -> tuple[Worksheet, str]:
        return self.random.choice(self.numbers())

    def column(self, table: str, name: str) -> list[Cell]:
        """The cells below a column's name."""
        for row in self.book[table].iter_rows():
            for cell in row:
                if cell.value == name:
                    rows = self.book[table].iter_rows(cell.row + 1, None, cell.column, cell.column)
                    below = [one for (one,) in rows]
                    return [one for one in below if one.value is not None and one.data_type != "f"]
        raise KeyError(name)

    def sheet(self) -> Worksheet:
        return self.random.choice([sheet for sheet in self.book if sheet.title in ROWS])

    def save(self, path: Path) -> None:
        self.book.calculation.fullCalcOnLoad = None if self.calculated else True
        self.book.save(path)
        with ZipFile(path) as archive:
            parts = {name: archive.read(name).decode() for name in archive.namelist()}
        for n, sheet in enumerate(self.book.worksheets, 1):
            name = f"xl/worksheets/sheet{n}.xml"
            for cell, result in self.results.get(sheet.title, {}).items():
                parts[name] = _with_result(parts[name], cell, result)
            if sheet.title == self.lost:
                del parts[name]
        with ZipFile(path, "w") as archive:
            for name, text in parts.items():
                archive.writestr(name, _strict(text) if self.strict else text)


def _typed(name: str, column: str, text: str) -> object:
    field = ROWS[name].model_fields[column]
    is_number = field.annotation in (int, float) or column in ("quarter", "seats")
    if text == "" or not is_number:
        return text or None
    return int(text) if text.isdigit() else float(text)


def _with_result(xml: str, cell: str, result: object) -> str:
    """The sheet with the result that Excel saved beside a formula."""
    kind = "" if isinstance(result, (int, float)) else ' t="str"'
    found = re.search(rf'<c r="{cell}"([^>]*)><f>(.*?)</f><v ?/?>(</v>)?</c>', xml)
    if not found:  # another habit has moved or merged the cell
        return xml
    made = f'<c r="{cell}"{found.group(1)}{kind}><f>{found.group(2)}</f><v>{result}</v></c>'
    return xml.replace(found.group(), made)


def _strict(text: str) -> str:
    """A part as “Strict Open XML Spreadsheet” names its things."""
    pattern = r'"http://schemas\.openxmlformats\.org/(officeDocument|spreadsheetml|drawingml)/2006/'
    return re.sub(pattern, r'"http://purl.oclc.org/ooxml/\1/', text)


# --- harmless habits


def strict_open_xml(office: Office) -> None:
    office.strict = True


def number_formats(office: Office) -> None:
    for _n in range(20):
        sheet, cell = office.number()
        sheet[cell].number_format = office.random.choice(HARMLESS_FORMATS)


def shares_as_percent(office: Office) -> None:
    for cell in office.column("clusters", "young_share"):
        if cell.number_format == "General":
            cell.number_format = office.random.choice(["0%", "0.00%"])


def formats_without_cells(office: Office) -> None:
    sheet = office.sheet()
    for row in range(30, 60):
        for column in range(1, 30):
            sheet.cell(row, column).font = Font(bold=True)


def hidden_parts(office: Office) -> None:
    office.sheet().row_dimensions[2].hidden = True
    office.sheet().column_dimensions["B"].hidden = True
    office.book["courses"].sheet_state = office.random.choice(["hidden", "veryHidden"])


def explained_title(office: Office) -> None:
    sheet = office.sheet()
    if office.results.get(sheet.title) or sheet["A1"].value not in ROWS[sheet.title].model_fields:
        return
    sheet.insert_rows(1, 2)
    sheet["A1"], sheet["A2"] = "# Dinas Perindustrian", "# Tahun 2022"
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("A90:C90")


def calculated_formula(office: Office) -> None:
    sheet, cell = office.number()
    value = sheet[cell].value
    sheet[cell].value = f"={value}+0"
    office.results.setdefault(sheet.title, {})[cell] = value


def rows_of_empty_results(office: Office) -> None:
    sheet = office.sheet()
    width = len(ROWS[sheet.title].model_fields)
    for row in range(20, 24):
        for column in range(1, width + 1):
            cell = sheet.cell(row, column, '=IF(1=1,"","x")')
            office.results.setdefault(sheet.title, {})[cell.coordinate] = ""


def notes_beside_the_tables(office: Office) -> None:
    if "catatan" not in office.book:
        office.book.create_sheet("catatan").append(["tanya Pak Budi", 5])


def numbers_as_text(office: Office) -> None:
    sheet, cell = office.random.choice(
        [(s, c) for s, c in office.numbers() if s[c].value >= 10**6 and s[c].value % 1 == 0]
    )
    text = f"{sheet[cell].value:,.0f}".replace(",", ".")
    sheet[cell].value = office.random.choice([text, f"Rp {text}", f"Rp{text},-"])


def unseen_signs(office: Office) -> None:
    """What a chat or a web page leaves around what was copied from it."""
    for _n in range(5):
        (cell,) = office.random.sample(_texts(office), 1)
        sign = office.random.choice(UNSEEN)
        cell.value = office.random.choice([f"{sign}{cell.value}", f"{cell.value}{sign} "])


def letters_of_many_formats(office: Office) -> None:
    for _n in range(3):
        cell = office.random.choice(_texts(office))
        half = len(cell.value) // 2
        bold = TextBlock(InlineFont(b=True, color="FFFF0000"), cell.value[half:])
        cell.value = CellRichText(cell.value[:half], bold)


def escaped_line_end(office: Office) -> None:
    """A cell that Windows ended with a line break, as Excel writes it."""
    (cell,) = office.random.sample(_texts(office), 1)
    cell.value = f"{cell.value}_x000D_"


def rounding_trace(office: Office) -> None:
    """The result of a sum such as 0.1 + 0.2, in a share column the last digit too many."""
    cell = office.random.choice([c for c in office.column("clusters", "young_share") if c.value])
    if isinstance(cell.value, float):
        cell.value = cell.value + 2**-54


def merged_far_below(office: Office) -> None:
    """A block of a million cells that was merged where nothing stands."""
    sheet = office.sheet()
    sheet.merged_cells.add(f"A{sheet.max_row + 40}:F1048576")


def words_on_lines(office: Office) -> None:
    cell = office.random.choice(office.column("funds", "pays"))
    cell.value = office.random.choice(["\n", ", ", "; "]).join(str(cell.value).split(" "))


def number_with_digits_of_its_format(office: Office) -> None:
    """3.7 with the format 000 shows 004, and is no 4."""
    cell = office.random.choice(office.column("clusters", "kva"))
    if cell.number_format == "General":
        cell.number_format = office.random.choice(["000", "00000"])


def _texts(office: Office) -> list[Cell]:
    """The untouched cells of text."""
    return [
        cell
        for sheet in office.book
        if sheet.title in ROWS
        for row in sheet.iter_rows(min_row=2)
        for cell in row
        if isinstance(cell.value, str)
        and cell.data_type == "s"
        and cell.value[0] != "#"
        and cell.value.strip() == cell.value
        and cell.value[-1] != "_"
    ]


# --- harmful habits


def words_or_scale(office: Office) -> None:
    form, unit = office.random.choice(list(HARMFUL_FORMATS.items()))
    sheet, cell = office.number()
    sheet[cell].value = sheet[cell].value / unit
    sheet[cell].number_format = form


def words_on_a_condition(office: Office) -> None:
    """A conditional format shows 80 as "80 juta"."""
    sheet, cell = office.number()
    sheet[cell].value = sheet[cell].value / 10**6
    form = DifferentialStyle(numFmt=NumberFormat(numFmtId=200, formatCode='0.######" juta"'))
    sheet.conditional_formatting.add(cell, Rule(type="expression", dxf=form, formula=["TRUE"]))


def total_by_its_name(office: Office) -> None:
    """A row that is whole, with a key of its own: only its name shows that it is a total."""
    table, column = office.random.choice([("clusters", "units"), ("funds", "amount")])
    sheet = office.book[table]
    last = max(cell.row for cell in office.column(table, column))
    sheet.append([cell.value for cell in sheet[last]])
    columns = {str(cell.value): cell.column for row in sheet.iter_rows() for cell in row}
    sheet.cell(sheet.max_row, 1).value = "kota_medan"
    sheet.cell(sheet.max_row, columns["name"]).value = office.random.choice(
        ["TOTAL", "Jumlah seluruhnya", "Sub-total Medan"]
    )


def percent_sign_as_text(office: Office) -> None:
    cell = office.random.choice(office.column("clusters", "young_share"))
    cell.value, cell.number_format = 1, office.random.choice(['0"%"', "0\\%", "0%%"])


def result_never_calculated(office: Office) -> None:
    sheet, cell = office.number()
    sheet[cell].value = f"={sheet[cell].value}+0"
    office.calculated = False
    if office.random.random() < 0.7:
        placeholder = office.random.choice([0, 1, "", 20])
        office.results.setdefault(sheet.title, {})[cell] = placeholder


def date_for_number(office: Office) -> None:
    sheet, cell = office.number()
    sheet[cell].value = office.random.choice(
        [date(2022, 1, 1), datetime(2022, 1, 5, 12), time(7, 30), timedelta(hours=30)]
    )


def date_for_text(office: Office) -> None:
    table, column = office.random.choice(
        [("office", "value"), ("clusters", "name"), ("funds", "name"), ("sources", "citation")]
    )
    cell = office.random.choice(office.column(table, column)[:2])
    cell.value = office.random.choice([date(2022, 1, 1), time(7), timedelta(days=2)])


def total_row(office: Office) -> None:
    word = office.random.choice(
        ["JUMLAH", "Total", "jumlah", "total", "Grand Total", "Sub total", "Jumlah:", "JML",
         "TOTAL IKM", "Rata-rata", "J U M L A H", "Σ", "SUM", "Keseluruhan", "total_ikm", None]
    )  # fmt: skip
    sheet = office.book["clusters"]
    row = sheet.max_row + office.random.randint(1, 3)
    sheet.cell(row, 1).value = word
    sheet.cell(row, 6).value = 70
    if word and office.random.random() < 0.3:  # filled in to the end, as the fault once advised
        for column in range(2, 13):
            sheet.cell(row, column).value = sheet.cell(row - 1, column).value or 1


def edited_copy(office: Office) -> None:
    sheet = office.sheet()
    copy = office.book.copy_worksheet(sheet)
    pattern = office.random.choice(
        ["{} (2)", "{}2", "Copy of {}", "Salinan {}", "Salinan dari {}", "{}_baru", "{} - Copy"]
    )
    copy.title = pattern.format(sheet.title)
    copy.insert_rows(1)
    copy["A1"] = "# penjelasan"


def spaced_thousands(office: Office) -> None:
    sheet, cell = office.random.choice(
        [(s, c) for s, c in office.numbers() if s[c].value >= 1000 and s[c].value % 1 == 0]
    )
    sheet[cell].value = f"{sheet[cell].value:,.0f}".replace(",", office.random.choice(SPACES))


def merged_data(office: Office) -> None:
    sheet = office.sheet()
    last = max(row for (row, _column), cell in sheet._cells.items() if cell.value is not None)
    sheet.merge_cells(office.random.choice([f"A{last}:B{last}", f"B{last - 1}:B{last}"]))


def title_without_mark(office: Office) -> None:
    sheet = office.sheet()
    sheet.insert_rows(1)
    sheet["A1"] = "Data tahun 2022"
    sheet.merge_cells("A1:C1")


def staff_number_as_number(office: Office) -> None:
    office.book["office"].append(["head_id", 198001012005011008, "survey"])


def note_below(office: Office) -> None:
    office.sheet().append(["Medan, 5 Januari 2022"])


def text_with_more_words(office: Office) -> None:
    office.column("clusters", "name")[0].number_format = office.random.choice(['@" Lama"', ";;;"])


def text_left_by_a_program(office: Office) -> None:
    table, column = office.random.choice([("clusters", "name"), ("clusters", "district"),
                                          ("funds", "name"), ("sources", "citation")])  # fmt: skip
    cell = office.random.choice(office.column(table, column)[:2])
    cell.value = office.random.choice(LEFT_TEXTS)


def letters_that_do_not_count(office: Office) -> None:
    """The mark of a footnote behind a number, or its old value struck through before it."""
    sheet, cell = office.number()
    mark = TextBlock(InlineFont(vertAlign="superscript"), "1")
    old = TextBlock(InlineFont(strike=True), "5")
    value = f"{sheet[cell].value:g}"
    parts = office.random.choice([(value, mark), (old, value)])
    sheet[cell].value = CellRichText(*parts)


def second_header(office: Office) -> None:
    """The names of the columns once more, in the office's own language."""
    sheet = office.book["clusters"]
    row = min(cell.row for cell in office.column("clusters", "units"))
    sheet.insert_rows(row)
    for n, label in enumerate(LABELS, 1):
        sheet.cell(row, n).value = label


def signatures(office: Office) -> None:
    sheet = office.book["clusters"]
    row = max(row for (row, _c), cell in sheet._cells.items() if cell.value is not None) + 3
    for n, texts in enumerate((("Mengetahui,", "Penyusun,"), ("Kepala Dinas", "Staf"))):
        for column, text in zip((2, 9), texts, strict=True):
            sheet.cell(row + n, column).value = text


def thousands_behind_another_mark(office: Office) -> None:
    """2.250.000,000 for 2.250.000.000."""
    sheet, cell = office.random.choice(
        [(s, c) for s, c in office.numbers() if s[c].value >= 10**6 and s[c].value % 1000 == 0]
    )
    text = f"{sheet[cell].value:,.0f}".replace(",", ".")
    sheet[cell].value = text[:-4] + office.random.choice([",000", ",000,-"])


def words_for_a_scale(office: Office) -> None:
    sheet, cell = office.random.choice(
        [(s, c) for s, c in office.numbers() if s[c].value >= 10**6 and s[c].value % 10**5 == 0]
    )
    millions = f"{sheet[cell].value / 10**6:g}".replace(".", ",")
    sheet[cell].value = office.random.choice(["{} juta", "Rp{} jt", "± {} juta", "{}jt"]).format(
        millions
    )


def header_in_two_rows(office: Office) -> None:
    """Labels above the names of the columns; one of them is a name by chance."""
    sheet = office.book["clusters"]
    row = min(cell.row for cell in office.column("clusters", "units")) - 1
    sheet.insert_rows(row)
    for n, label in enumerate(LABELS, 1):
        sheet.cell(row, n).value = "kva" if label == "kVA" else label


def cells_in_one(office: Office) -> None:
    """All columns in the first one, as Excel opens a CSV file whose separator it does not take."""
    sheet = office.sheet()
    rows = [["" if v is None else str(v) for v in row] for row in sheet.values]
    sheet.delete_rows(1, sheet.max_row)
    for row in rows:
        sheet.append([",".join(row)])


def heading_with_a_unit(office: Office) -> None:
    """Only the heading shows that the numbers are in thousands."""
    (cell,) = (c for row in office.book["funds"].iter_rows() for c in row if c.value == "amount")
    cell.value = office.random.choice(
        ["amount (x1000)", "amount (Rp 000)", "amount (M)", "amount (ribuan)", "amount (USD)"]
    )


def listed_sheet_without_content(office: Office) -> None:
    office.lost = "existing"


Habit = Callable[[Office], None]
HARMLESS: list[Habit] = [
    strict_open_xml, number_formats, shares_as_percent, formats_without_cells, hidden_parts,
    explained_title, calculated_formula, rows_of_empty_results, notes_beside_the_tables,
    numbers_as_text, unseen_signs, letters_of_many_formats, escaped_line_end, rounding_trace,
    merged_far_below, words_on_lines, number_with_digits_of_its_format,
]  # fmt: skip
HARMFUL: list[Habit] = [
    words_or_scale, words_on_a_condition, total_by_its_name, percent_sign_as_text,
    result_never_calculated, date_for_number, date_for_text,
    total_row, edited_copy, spaced_thousands, merged_data, title_without_mark,
    staff_number_as_number, note_below, text_with_more_words, text_left_by_a_program,
    letters_that_do_not_count, second_header, signatures, thousands_behind_another_mark,
    words_for_a_scale, heading_with_a_unit, header_in_two_rows, cells_in_one,
    listed_sheet_without_content,
]  # fmt: skip


def random_office(seed: int, path: Path) -> tuple[list[str], bool]:
    """Write a workbook with up to four habits; their names, and whether all are harmless.

    Harmful ones come last: what they leave is what the office sees.
    """
    random = Random(seed)
    office = Office(random)
    harmless = random.sample(HARMLESS, random.randint(0, 3))
    harmful = random.sample(HARMFUL, random.choice([0, 1, 1, 2]))
    in_order = [*sorted(harmless, key=HARMLESS.index), *sorted(harmful, key=HARMFUL.index)]
    for habit in in_order:
        habit(office)
    office.save(path)
    return [habit.__name__ for habit in [*harmless, *harmful]], not harmful
