"""plan.xlsx: its sheets, its formulas beside their values, and LibreOffice's opinion of both."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from libreoffice import convert, need_arial
from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string
from small_cases import PLENTY, cluster, course, machine, machine_suit, small_case, suit
from test_rka import OFFICE, bread, decided, held

from ikmplan import views
from ikmplan.input.case import Case
from ikmplan.input.load import load
from ikmplan.insight.reasons import announced
from ikmplan.model.search import solve
from ikmplan.plan.plan import Plan, load_plan
from ikmplan.show.table import (
    SUM,
    Column,
    RoundedUp,
    Signed,
    View,
    one_decimal,
    percent_one_decimal,
    plain_number,
    rupiah_text,
    table,
    two_decimals,
)
from ikmplan.text import LANGUAGES, _, language, number, percent
from ikmplan.workbook.excel import Book, excel_value
from ikmplan.workbook.letters import lines_taken
from ikmplan.workbook.plan_workbook import SHEETS, sheet_name, write_workbook
from ikmplan.workbook.print_pages import LEAST_SCALE, PRINTED_WIDTH, points_wide
from ikmplan.workbook.rka_fields import GAP_TEXT

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module", params=LANGUAGES)
def made(request, tmp_path_factory):
    """The toy's best plan as a workbook, in each language: its file, the plan and the case."""
    case = load(ROOT / "data" / "toy", language=request.param)
    plan = solve(case)
    file = tmp_path_factory.mktemp("book") / "plan.xlsx"
    write_workbook(file, plan, case)
    return file, plan, case


def cells(file: Path, formulas: bool = False) -> dict[str, dict[str, object]]:
    """sheet -> cell -> value: the cached ones, or the formulas."""
    book = load_workbook(file, data_only=not formulas)
    return {
        sheet.title: {c.coordinate: c.value for row in sheet for c in row if c.value is not None}
        for sheet in book
    }


def formulas_of(file: Path) -> dict[tuple[str, str], str]:
    return {
        (sheet, at): value
        for sheet, found in cells(file, formulas=True).items()
        for at, value in found.items()
        if isinstance(value, str) and value.startswith("=")
    }


def differences(file: Path, other: Path) -> list[tuple[str, str, object, object]]:
    """Formulas whose cached values are not the same in both files."""
    mine, theirs = cells(file), cells(other)
    found = []
    for sheet, at in formulas_of(file):
        a, b = mine[sheet].get(at), theirs[sheet].get(at)
        same = (
            abs(a - b) < 1e-6
            if isinstance(a, (int, float)) and isinstance(b, (int, float))
            else a == b
        )
        if not same:
            found.append((sheet, at, a, b))
    return found


def without_results(file: Path, target: Path) -> Path:
    """The same workbook, its formulas without cached values: openpyxl drops them."""
    load_workbook(file).save(target)
    assert all(value is None for value in _results(target))
    return target


def _results(file: Path) -> list[object]:
    book = load_workbook(file, data_only=True)
    return [book[sheet][at].value for sheet, at in formulas_of(file)]


def test_every_sheet_is_there_in_the_language_of_the_scenario(made):
    file, plan, _case = made
    with language(plan.scenario.language):  # the sheet of other plans only where there are any
        assert list(cells(file)) == [sheet_name(key) for key in SHEETS if key != "others"]
    if plan.scenario.language == "id":
        assert "Ringkasan" in cells(file) and "RKA rincian pelatihan" in cells(file)


def test_the_totals_are_the_plans_to_the_rupiah(made):
    file, plan, _case = made
    with language(plan.scenario.language):
        names = {kind: sheet_name(kind) for kind in ("training", "equipment")}
    found = cells(file)
    for kind, name in names.items():
        cost = plan.lines.loc[plan.lines["kind"] == kind, "amount"].sum()
        amounts = {
            at: v for at, v in found[name].items() if at.startswith("G") and isinstance(v, int)
        }
        total = max(amounts, key=lambda at: int(at[1:]))
        assert amounts[total] == cost
        assert formulas_of(file)[name, total].startswith("=SUBTOTAL(9,G")
        lines = {
            at
            for (s, at), f in formulas_of(file).items()
            if s == name and "*" in f and at[0] == "G"
        }
        assert sum(amounts[at] for at in lines) == cost


@pytest.mark.slow
def test_libreoffice_works_out_what_is_cached(made, tmp_path):
    """Every formula, calculated afresh: the sums, the coefficients, the checks."""
    file, _plan, _case = made
    bare = without_results(file, tmp_path / "bare.xlsx")
    assert len(formulas_of(file)) > 60
    assert differences(file, convert(bare, "xlsx", tmp_path / "saved")) == []


@pytest.mark.slow
def test_a_wrong_total_would_be_seen(tmp_path):
    """The comparison above can fail: a price changed in the file changes what is worked out."""
    case = bread(language="id")
    write_workbook(tmp_path / "plan.xlsx", held(case), case)
    book = load_workbook(tmp_path / "plan.xlsx")
    sheet = book["RKA rincian pelatihan"]
    row = next(r for r in range(1, 99) if isinstance(sheet.cell(r, 5).value, int))
    sheet.cell(row, 5).value += PLENTY
    book.save(tmp_path / "bare.xlsx")
    saved = convert(tmp_path / "bare.xlsx", "xlsx", tmp_path / "saved")
    changed = {(sheet, b) for sheet, _at, _a, b in differences(tmp_path / "plan.xlsx", saved)}
    assert ("Ringkasan", "MELEBIHI PAGU") in changed
    assert ("Ringkasan", "TIDAK COCOK") in changed


@pytest.mark.slow
def test_libreoffice_prints_the_pages_that_were_planned(tmp_path):
    """A sheet has one page more than page ends: no column and no row falls on a page of its own.

    Forty machines at as many places make an RKA of several pages."""
    need_arial()
    case = many_places()
    write_workbook(tmp_path / "plan.xlsx", placed_everywhere(case), case)
    printed = convert(tmp_path / "plan.xlsx", "pdf", tmp_path).read_bytes()
    sheets = load_workbook(tmp_path / "plan.xlsx")
    planned = [1 + len(sheet.row_breaks.brk) for sheet in sheets]
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == sum(planned)
    assert max(planned) > 2


def many_places() -> Case:
    names = [f"c{n}" for n in range(40)]
    return small_case(
        {"language": "id"},
        clusters=[cluster(name, 20, sector="bread") for name in names],
        equipment=[machine("oven", price=11_100_000, specification="Gas", ssh_code="1.3.2")],
        equipment_suits=[machine_suit("oven", "bread")],
        office=[{"key": key, "value": value} for key, value in OFFICE.items()],
    )


def placed_everywhere(case: Case) -> Plan:
    return decided(case, machines={("oven", c): 1 for c in case.clusters})


def test_no_page_of_the_rka_holds_only_what_is_signed_and_no_heading_ends_one(tmp_path):
    """The last row of a page is a line of money; lines stand above the total on the last page."""
    case = many_places()
    write_workbook(tmp_path / "plan.xlsx", placed_everywhere(case), case)
    sheet = load_workbook(tmp_path / "plan.xlsx", data_only=True)["RKA rincian peralatan"]
    ends = [brk.id for brk in sheet.row_breaks.brk]  # the last row of each page
    head = next(r for r in range(1, 60) if sheet.cell(r, 1).value == "Kode rekening")
    lines = {r for r in range(head, sheet.max_row) if sheet.cell(r, 4).value == "Unit"}
    assert len(ends) > 2 and all(end in lines for end in ends if end > head)
    assert any(r > ends[-1] for r in lines)
    assert sheet.print_title_rows == f"${head}:${head}"


def test_the_form_of_the_rka(tmp_path):
    """Columns as SIPD prints them; a coefficient follows its volumes; five review lines."""
    case = bread(language="id")
    write_workbook(tmp_path / "plan.xlsx", held(case), case)
    found = cells(tmp_path / "plan.xlsx")["RKA rincian pelatihan"]
    rows = {at: value for at, value in found.items() if at.startswith("A")}
    head = next(at for at, value in rows.items() if value == "Kode rekening")[1:]
    assert [found[f"{column}{head}"] for column in "ABCDEFG"] == [
        "Kode rekening", "Uraian", "Koefisien", "Satuan", "Harga", "PPN", "Jumlah",
    ]  # fmt: skip
    lunch = next(at for at, value in found.items() if value == "lunch")[1:]
    assert found[f"C{lunch}"] == "33 Orang x 5 Hari x 1 Kali"
    assert [found[f"{column}{lunch}"] for column in "EFG"] == [60_000, 0, 9_900_000]
    formulas = formulas_of(tmp_path / "plan.xlsx")
    assert formulas["RKA rincian pelatihan", f"C{lunch}"] == (
        f'=I{lunch}&" "&J{lunch}&" x "&K{lunch}&" "&L{lunch}&" x "&M{lunch}&" "&N{lunch}'
    )
    fields = set(found.values())
    assert {
        "Urusan",
        "Bidang urusan",
        "Organisasi",
        "Program",
        "Kegiatan",
        "Sub kegiatan",
    } <= fields
    assert "Jumlah anggaran sub kegiatan" in fields
    review = next(at for at, value in rows.items() if value == "Catatan hasil pembahasan")[1:]
    assert [found[f"A{int(review) + n}"] for n in range(1, 6)] == [1, 2, 3, 4, 5]


def test_a_level_without_a_name_is_a_line_to_fill_in(tmp_path):
    """5.1.02 is named in the office's table, 5 is not: dots stand where a name is to be written."""
    case = bread(language="id")
    write_workbook(tmp_path / "plan.xlsx", held(case), case)
    found = cells(tmp_path / "plan.xlsx")["RKA rincian pelatihan"]
    named = {value: found[f"B{at[1:]}"] for at, value in found.items() if at.startswith("A")
             and str(value).startswith("5") and f"B{at[1:]}" in found}  # fmt: skip
    assert named["5.1.02"] == "Goods and services"
    assert {*named} >= {"5", "5.1"}
    assert {named["5"], named["5.1"]} == {GAP_TEXT}


FORM = (
    "Indikator", "Target kinerja", "Capaian kegiatan", "Masukan", "Keluaran", "Hasil",
    "Sumber pendanaan", "Lokasi", "Waktu pelaksanaan", "Keluaran sub kegiatan",
    "Kelompok sasaran kegiatan", "Tanggal pembahasan", "Keterangan", "Alokasi tahun 2021",
    "Alokasi tahun 2022", "Alokasi tahun 2023", "Sasaran program",
    "Tim Anggaran Pemerintah Daerah (TAPD)",
)  # fmt: skip


def beside(found: dict[str, object], label: str) -> object:
    """The value to the right of a label in column A or C."""
    at = next(at for at, value in found.items() if value == label)
    return found.get(("B" if at[0] == "A" else "D") + at[1:])


def test_the_form_states_what_the_plan_knows_and_marks_what_it_does_not(tmp_path):
    """Its own allocation: 36,500,000 of the 58,700,000 of the plan. Classes in quarters 2 and 3
    are held from April to September. Nothing that the case lacks is made up."""
    case = bread(
        office={"year": "2022", "region": "Kota Roti", "allocation_before_training": "30000000"},
        language="id",
    )
    write_workbook(tmp_path / "plan.xlsx", held(case), case)
    found = cells(tmp_path / "plan.xlsx")["RKA rincian pelatihan"]
    assert set(FORM) <= set(found.values())
    assert beside(found, "Alokasi tahun 2022") == 36_500_000
    assert beside(found, "Alokasi tahun 2021") == 30_000_000
    assert beside(found, "Waktu pelaksanaan") == "April s.d. September"
    assert beside(found, "Sumber pendanaan") == "APBD"
    assert beside(found, "Lokasi") == "Kota Roti: Kecamatan d"
    assert beside(found, "Keluaran sub kegiatan") == (
        "Angkatan pelatihan yang dilaksanakan: 2 angkatan; Peserta dalam semua angkatan: 33 orang"
    )
    for label in ("Sasaran program", "Alokasi tahun 2023", "Tanggal pembahasan", "Keterangan"):
        assert beside(found, label) == GAP_TEXT
    total = formulas_of(tmp_path / "plan.xlsx")
    at = next(at for at, value in found.items() if value == "Alokasi tahun 2022")
    of_total = next(at for at, value in found.items() if value == "Jumlah anggaran sub kegiatan")
    assert total["RKA rincian pelatihan", f"D{at[1:]}"] == f"=G{of_total[1:]}"


def test_one_place_is_a_district_and_two_are_districts(tmp_path):
    """The toy: classes for bakers (North) and roasters (South), a machine for roasters alone."""
    case = load("data/toy", language="en", reasons=False)
    write_workbook(tmp_path / "plan.xlsx", solve(case), case)
    sheets = cells(tmp_path / "plan.xlsx")
    trained, placed = (sheets[f"RKA details {part}"] for part in ("training", "machines"))
    assert beside(trained, "Location") == "Toytown: districts North and South"
    assert beside(placed, "Location") == "Toytown: district South"


def test_a_machine_has_its_specification_and_its_code(tmp_path):
    """And a marked gap where the case lacks them; no key of a source stands in the form."""
    case = many_places()
    write_workbook(tmp_path / "plan.xlsx", placed_everywhere(case), case)
    found = cells(tmp_path / "plan.xlsx")["RKA rincian peralatan"].values()
    assert "Oven\nSpesifikasi: Gas\nKode SSH: 1.3.2" in found and "made_up" not in found
    case = bread(language="id")
    write_workbook(tmp_path / "plan.xlsx", held(case), case)
    found = cells(tmp_path / "plan.xlsx")["RKA rincian peralatan"].values()
    assert f"Oven\nSpesifikasi: {GAP_TEXT}\nKode SSH: {GAP_TEXT}" in found


def test_the_cash_plan_follows_what_an_office_shifts_between_months(tmp_path):
    """18,000,000 of quarter 2 are 6,000,000 each in April, May and June. With 10,000,000 in April
    two million are left for June, and the year stays what it is."""
    case = bread(language="id")
    write_workbook(tmp_path / "plan.xlsx", held(case), case)
    book = load_workbook(tmp_path / "plan.xlsx")
    sheet = book["Anggaran kas"]
    april = next(r for r in range(1, 60) if sheet.cell(r, 2).value == "April")
    assert [sheet.cell(april + n, 3).value for n in (0, 1)] == [6_000_000, 6_000_000]
    sheet.cell(april, 3).value = 10_000_000
    book.save(tmp_path / "bare.xlsx")
    saved = load_workbook(convert(tmp_path / "bare.xlsx", "xlsx", tmp_path / "o"), data_only=True)
    months = [saved["Anggaran kas"].cell(april + n, 3).value for n in range(3)]
    assert months == [10_000_000, 6_000_000, 2_000_000]
    year = next(r for r in range(april, 90) if saved["Anggaran kas"].cell(r, 2).value == "Tahun")
    assert saved["Anggaran kas"].cell(year, 3).value == 36_500_000
    assert saved["Anggaran kas"].cell(year, 5).value == 58_700_000


def test_it_prints_on_a4_in_letters_of_eight_points_and_repeats_its_headings(made):
    """Letters of 10 points at 80 % are 8; all columns stand on one page."""
    for sheet in load_workbook(made[0]):
        assert sheet.page_setup.paperSize == 9
        assert sheet.page_setup.orientation == "landscape"
        scale = sheet.page_setup.scale or 100
        assert scale >= LEAST_SCALE
        assert not sheet.sheet_properties.pageSetUpPr.fitToPage  # Excel forgets page ends there
        printed = sheet.print_area.split(":")[1] if sheet.print_area else None
        last = column_index_from_string(re.sub(r"[^A-Z]", "", printed or "") or "A")
        last = last if printed else sheet.max_column
        of_column = sheet_widths(sheet)
        widths = [of_column[n + 1] for n in range(last)]
        assert sum(map(points_wide, widths)) * scale / 100 <= PRINTED_WIDTH + 1e-6
        assert not sheet.protection.sheet
        sizes = {cell.font.size for row in sheet for cell in row if cell.value is not None}
        assert min(sizes) >= 10
    rka = load_workbook(made[0]).worksheets[1]
    assert rka.print_title_rows and rka.print_area


@pytest.mark.parametrize("code", ["en", "id"])
def test_no_column_is_too_narrow_for_its_texts(tmp_path, code):
    """No text of a table takes more than eight lines in a column of less than 20 characters, and
    the sheets of machines repeat their headings on each page."""
    case = load(ROOT / "data" / "medan-2022", language=code)
    plan = decided(case, machines={(e, c): 1 for e in case.equipment for c in [*case.clusters][:4]})
    write_workbook(tmp_path / "plan.xlsx", plan, case)
    book = load_workbook(tmp_path / "plan.xlsx")
    narrow = [
        (sheet.title, cell.coordinate, cell.value, wide)
        for sheet in book
        for n, wide in sheet_widths(sheet).items()
        for (cell,) in sheet.iter_rows(min_col=n, max_col=n)
        if isinstance(cell.value, str) and cell.alignment.wrap_text and not is_merged(sheet, cell)
        if wide < 20 and lines_taken(cell.value, wide) > 8
    ]
    assert narrow == []
    with language(code):
        for key in ("machines", "sites", "ticks", "recipients", "prices", "sources"):
            assert book[sheet_name(key)].print_title_rows, key


def sheet_widths(sheet) -> dict[int, float]:
    """Column -> its width in characters; the file adds what stands beside the letters."""
    return {
        n: column.width - 0.71
        for column in sheet.column_dimensions.values()
        for n in range(column.min, column.max + 1)
    }


def is_merged(sheet, cell) -> bool:
    return any(cell.coordinate in part for part in sheet.merged_cells.ranges)


def test_the_same_plan_gives_the_same_bytes(made, tmp_path):
    file, plan, case = made
    plan.save(tmp_path / "tables")
    write_workbook(tmp_path / "again.xlsx", load_plan(tmp_path / "tables"), case)
    assert (tmp_path / "again.xlsx").read_bytes() == file.read_bytes()


def test_missing_keys_of_office_csv_are_listed(tmp_path):
    case = bread(language="en")
    write_workbook(tmp_path / "plan.xlsx", held(case), case)
    texts = [v for v in cells(tmp_path / "plan.xlsx")["Summary"].values() if "office.csv" in str(v)]
    assert len(texts) == 1 and "kegiatan" in texts[0] and "account_food" not in texts[0]


@pytest.mark.slow
def test_a_site_without_power_or_operators_has_too_little(tmp_path):
    """Two ovens and a mixer of 3.5 kVA each at a site of 7 kVA; one operator trained of six."""
    case = small_case(
        {"language": "en"},
        clusters=[cluster("bread", 20, kva=7), cluster("cake", 20, kva=7)],
        courses=[course("running", 2, 4, success=0.5)],
        course_suits=[suit("running", "bread", 0.1), suit("running", "cake", 0.1)],
        equipment=[
            machine("oven", kva=3.5, operators=2, operator_course="running", price=1),
            machine("mixer", kva=3.5, operators=2, operator_course="running", price=1),
        ],
        equipment_suits=[machine_suit(e, s) for e in ("oven", "mixer") for s in ("bread", "cake")],
    )
    plan = decided(
        case,
        classes={("running", "bread", 2): 1},
        seats={("running", "bread"): 2},
        machines={("oven", "bread"): 2, ("mixer", "bread"): 1, ("oven", "cake"): 1},
    )
    write_workbook(tmp_path / "plan.xlsx", plan, case)
    bare = without_results(tmp_path / "plan.xlsx", tmp_path / "bare.xlsx")
    assert differences(tmp_path / "plan.xlsx", convert(bare, "xlsx", tmp_path / "o")) == []
    book = load_workbook(tmp_path / "plan.xlsx", data_only=True)["Machine sites"]
    rows = [[cell.value for cell in row] for row in book.iter_rows()]
    head = next(n for n, row in enumerate(rows) if "Power enough?" in row)
    at = [
        rows[head].index(name) for name in ("Power enough?", "Space enough?", "Operators enough?")
    ]
    found = {(row[0], row[1]): [row[n] for n in at] for row in rows[head + 1 : head + 4]}
    assert found == {
        ("Bread", "Oven"): ["TOO LITTLE", "enough", "TOO LITTLE"],
        ("Bread", "Mixer"): ["TOO LITTLE", "enough", "TOO LITTLE"],
        ("Cake", "Oven"): ["enough", "enough", "TOO LITTLE"],
    }


def test_the_announced_programme_and_the_reasons_are_written_where_there_are_any(tmp_path):
    case = load(ROOT / "data" / "medan-2022", language="en")
    programme = announced(case)
    asked = View("One step more", (Column("Step", ["money"]), Column("More", [2.5], one_decimal)))
    write_workbook(tmp_path / "plan.xlsx", programme, case, programme=programme, reasons=[asked])
    found = cells(tmp_path / "plan.xlsx")
    assert (
        "The plan beside the announced programme, as this model estimates it"
        in found["Summary"].values()
    )
    assert {"One step more", "money", 2.5} <= set(found["Reasons"].values())
    assert not any("worked out" in str(value) for value in found["Reasons"].values())
    write_workbook(tmp_path / "plan.xlsx", programme, case)  # as the planner's page does
    notes = cells(tmp_path / "plan.xlsx")["Reasons"].values()
    (note,) = (value for value in notes if "works it" in str(value))
    assert "“Make the report”" in note


def test_long_tables_of_reasons_are_closed(tmp_path):
    """A heading, twelve rows in a closed group, and their total in sight; of two rows no group."""
    case = load(ROOT / "data" / "toy", language="en", budget=0)
    plan = solve(case)
    long = table(
        "Long", range(12), ("Step", lambda n: f"step {n}"), ("More", float, one_decimal, SUM)
    )
    short = table("Short", range(2), ("Step", lambda n: f"short {n}"))
    write_workbook(tmp_path / "plan.xlsx", plan, case, reasons=[long, short])
    sheet = load_workbook(tmp_path / "plan.xlsx")["Reasons"]
    at = {str(row[0].value): row[0].row for row in sheet.iter_rows()}
    assert {"Long (12 rows, closed here)", "Short"} <= set(at)  # on paper nothing opens
    closed = [n for n, about in sheet.row_dimensions.items() if about.hidden]
    assert closed[:12] == list(range(at["step 0"], at["step 11"] + 1))
    assert sheet.row_dimensions[at["step 0"]].outlineLevel == 1
    assert sheet.row_dimensions[at["step 0"] - 1].collapsed
    assert not any(sheet.row_dimensions[at[f"short {n}"]].hidden for n in (0, 1))
    assert not sheet.row_dimensions[at["step 11"] + 1].hidden
    assert sheet.sheet_properties.outlinePr.summaryBelow is False


def test_every_number_of_a_table_stays_a_number():
    """What each way of showing a number is in Excel."""
    assert excel_value(1234, number) == (1234, "#,##0")
    assert excel_value(0.5, percent) == (0.5, "0%")
    assert excel_value(0.125, percent_one_decimal) == (0.125, "0.0%")
    assert excel_value(1500, rupiah_text) == (1500, '"Rp"#,##0')
    assert excel_value(3.0, plain_number) == (3.0, "#,##0")
    assert excel_value(3.5, plain_number) == (3.5, "#,##0.0")
    assert excel_value(float("nan"), number) == (None, None)
    assert excel_value(None, number) == (None, None)
    assert excel_value("text", None) == ("text", None)
    assert excel_value(2022, str) == (2022, "0")
    assert excel_value(0.5, Signed(number)) == (0.5, '+#,##0;"−"#,##0;#,##0')
    form = '#,##0.0" points"'
    assert excel_value(0.125, Signed(percent_one_decimal)) == (12.5, f'+{form};"−"{form};{form}')
    assert excel_value(7, lambda n: f"<{n}>") == ("<7>", None)


def test_a_spreadsheet_shows_the_figures_of_the_page(tmp_path):
    """LibreOffice rounds halves as the page does: 17.45 is 17.5 and not 17.4."""
    halves = [17.45, 0.25, 0.35, 2.675, 1.005, 1234.5, 0.05, 99.95, 380.5]
    shares = [0.1745, 0.125, 0.005, 0.0005, 0.375, 0.3335, 0.9995, 0.0625, 0.625]
    view = View(
        "",
        (
            *(Column(show(1), halves, show) for show in (one_decimal, two_decimals, number)),
            *(Column(show(1), shares, show) for show in (percent_one_decimal, percent)),
        ),
    )
    book = Book("")
    book.page("a", "").view(view)
    (tmp_path / "a.xlsx").write_bytes(book.done())
    as_shown = "csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,false,true,true,false"
    text = convert(tmp_path / "a.xlsx", as_shown, tmp_path).read_text("utf-8")
    shown = [row for row in csv.reader(text.splitlines()) if any(row)][-len(halves) :]
    assert shown == view.shown().to_numpy().tolist()


def test_bounds_and_gaps_are_rounded_up():
    """A bound of 2.001 is written as 2.01, a gap of 0.0101 % as 0.011 %."""
    assert excel_value(2.001, RoundedUp(2)) == (2.01, "#,##0.00")
    assert excel_value(2.0, RoundedUp(1)) == (2.0, "#,##0.0")
    assert excel_value(0.000101, RoundedUp(3, share=True)) == (0.00011, "#,##0.000%")
    assert excel_value(float("inf"), RoundedUp(2)) == ("∞", None)


def test_the_certificate_has_numbers(made):
    file, plan, _case = made
    proof = plan.proof
    with language(plan.scenario.language):
        found = cells(file)[sheet_name("certificate")]
        names = [_("Value of the plan"), _("No plan can exceed"), _("Gap"), _("Gap asked for")]
    rows = {value: found.get(f"B{at[1:]}") for at, value in found.items() if at[0] == "A"}
    value, bound, gap, asked = (rows[name] for name in names)
    assert value == proof.value <= bound < proof.bound + 0.01
    assert proof.gap <= gap + 1e-9 and proof.asked == asked
    assert plan.scenario.gap in [v for at, v in found.items() if at[0] == "B"]


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_views_of_a_plan_are_all_numbers_in_excel(code):
    """No column that is shown as a number falls back to text."""
    with language(code):
        case = load(ROOT / "data" / "toy", language=code)
        plan = solve(case)
        tables = [
            views.summary(plan, case, plan),
            views.coverage(plan, case),
            views.machines(plan, case),
            views.money_by_fund(plan, case),
            views.limits(plan, case),
            views.classes(plan, case),
        ]
        for view in tables:
            for column in view.columns:
                if column.show is None:
                    continue
                shows = [column.show] * len(view) if callable(column.show) else column.show
                for value, show in zip(column.values, shows, strict=True):
                    value, form = excel_value(value, show)
                    assert value is None or (form and not isinstance(value, str)), column.heading


def test_sheet_names_are_what_excel_takes():
    for code in LANGUAGES:
        with language(code):
            names = [sheet_name(key) for key in SHEETS]
        assert len({name.lower() for name in names}) == len(names)
        assert all(len(name) <= 31 and not re.search(r"[\[\]:*?/\\']", name) for name in names)
