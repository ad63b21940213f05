"""The input workbook: what it offers, what it gives back, and what LibreOffice makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from libreoffice import convert
from openpyxl import load_workbook

from ikmplan.faults import BadInput
from ikmplan.input.case import Case
from ikmplan.input.cells import allowed_values
from ikmplan.input.load import load
from ikmplan.input.office import is_account, level_name
from ikmplan.input.references import REFERS
from ikmplan.input.region import EXAMPLE_CASE
from ikmplan.input.scenario import Scenario
from ikmplan.input.tables import ROWS, check, read_tables
from ikmplan.model.search import solve
from ikmplan.workbook.blank_workbook import HEAD, READ_ME, write_blank_workbook

ROOT = Path(__file__).parents[1]
MEDAN = ROOT / "data" / "medan-2022"
FIRST = HEAD + 2  # the first row of data, as Excel counts


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("new") / "kota-saya.xlsx"
    write_blank_workbook(path)
    return path


def fingerprint(path: Path) -> str:
    return Case(read_tables(path), Scenario()).fingerprint


def test_the_example_plans_as_it_is(file):
    assert [str(fault) for fault in check(file)] == []
    case = load(file)
    assert case.fingerprint == fingerprint(EXAMPLE_CASE)
    plan = solve(case)
    assert plan.proof.status == "proven"
    assert plan.class_count > 0 and plan.machine_count > 0


@pytest.mark.slow
def test_every_level_of_the_example_s_accounts_has_a_name(file):
    """The form of the RKA prints each; an office that keeps the example's codes needs no other."""
    office = {row.key: row.value for row in read_tables(file).office}
    codes = [value for key, value in office.items() if is_account(key)]
    assert codes
    for code in codes:
        parts = code.split(".")
        for n in range(1, len(parts)):
            assert level_name(office, ".".join(parts[:n])), code


def test_libreoffice_saves_it_without_changing_a_value(file, tmp_path):
    saved = convert(file, "xlsx", tmp_path)
    assert [str(fault) for fault in check(saved)] == []
    assert fingerprint(saved) == fingerprint(file)


@pytest.mark.parametrize("case", [MEDAN, ROOT / "data" / "toy"], ids=lambda case: case.name)
def test_a_case_goes_in_and_comes_out_the_same(case, tmp_path):
    write_blank_workbook(tmp_path / "case.xlsx", case)
    assert fingerprint(tmp_path / "case.xlsx") == fingerprint(case)
    assert [str(fault) for fault in check(tmp_path / "case.xlsx")] == []
    write_blank_workbook(tmp_path / "again.xlsx", tmp_path / "case.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == (tmp_path / "case.xlsx").read_bytes()


@pytest.mark.slow
def test_medan_comes_back_from_libreoffice(tmp_path):
    write_blank_workbook(tmp_path / "medan.xlsx", MEDAN)
    assert fingerprint(convert(tmp_path / "medan.xlsx", "xlsx", tmp_path / "saved")) == fingerprint(
        MEDAN
    )


def test_it_explains_every_column_in_both_languages(file):
    book = load_workbook(file)
    assert book.sheetnames == [READ_ME, *ROWS, "lists"]
    assert book["lists"].sheet_state == "hidden"
    for name, row_type in ROWS.items():
        sheet = book[name]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(max_row=HEAD + 1)]
        assert rows[HEAD] == list(row_type.model_fields)
        for n, field in enumerate(row_type.model_fields.values()):
            indonesian, english = (rows[row][n].removeprefix("# ") for row in (2, 3))
            assert english.startswith(field.description) and indonesian != english
            unit = field.json_schema_extra["unit"]
            assert english.endswith(f" [{unit}]") or not unit
    texts = {cell.value for row in book[READ_ME].iter_rows() for cell in row}
    assert set(ROWS) <= texts


def validations(sheet):
    """column -> its rule."""
    return {
        next(iter(rule.sqref.ranges)).bounds[0]: rule
        for rule in sheet.data_validations.dataValidation
    }


def test_every_key_and_every_enumeration_has_a_list(file):
    book = load_workbook(file)
    for name, row_type in ROWS.items():
        rules = validations(book[name])
        for n, (column, field) in enumerate(row_type.model_fields.items(), 1):
            chosen = column == "source" and name != "sources"
            if (
                allowed_values(field)
                or field.annotation is bool
                or (name, column) in REFERS
                or chosen
            ):
                assert rules[n].type == "list", (name, column)
            if allowed_values(field):
                assert rules[n].formula1 == '"' + ",".join(allowed_values(field)) + '"'
            assert rules[n].prompt, (name, column)


@pytest.mark.slow
def test_the_lists_hold_the_keys_that_are_there(file, tmp_path):
    """Counted and read by LibreOffice, after a cluster and a machine were added."""
    book = load_workbook(file)
    clusters, equipment = book["clusters"], book["equipment"]
    clusters.cell(FIRST + 4, 1).value = "sabun_timur"
    equipment.cell(FIRST + 2, 1).value = "pengaduk"
    asked = book.create_sheet("asked")
    tables = read_tables(EXAMPLE_CASE)
    courses = [row.course for row in tables.courses]
    lists = {
        "hosts": ["city", *(row.cluster for row in tables.clusters), "sabun_timur"],
        "items": [*courses, *(row.equipment for row in tables.equipment), "pengaduk"],
        "courses": courses,
        "resources": [row.resource for row in tables.resources],
        "sources": ["contoh"],
        "sectors": [row.sector for row in tables.clusters],
        "accounts": ["account_training", "account_resource_person", "account_food",
                     "account_equipment"],
    }  # fmt: skip
    for n, (name, keys) in enumerate(lists.items(), 1):
        asked.cell(1, n).value = f"=ROWS(list_{name})"
        for k in range(1, len(keys) + 1):
            asked.cell(k + 1, n).value = f"=INDEX(list_{name},{k})"
    book.save(tmp_path / "asked.xlsx")
    saved = load_workbook(convert(tmp_path / "asked.xlsx", "xlsx", tmp_path / "o"), data_only=True)
    for n, (name, keys) in enumerate(lists.items(), 1):
        got = [saved["asked"].cell(k, n).value for k in range(1, len(keys) + 2)]
        assert got == [len(keys), *keys], name


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sheet", "column", "value", "problem"),
    [
        ("clusters", "kind", "ikn", "“ikn” is not one of: ikm, candidate. Choose one of them."),
        ("courses", "scope", "kota", "“kota” is not one of: cluster, city."),
        ("courses", "young_only", "mungkin", "“mungkin” is not yes or no (ya or tidak)."),
        ("course_suits", "course", "kue_rotti", "“kue_rotti” stands in no row of courses. Did you"),
        ("announced", "cluster", "roti_utra", "“roti_utra” stands in no row of clusters."),
    ],
)
def test_a_wrong_word_is_one_fault_with_its_cell(file, tmp_path, sheet, column, value, problem):
    book = load_workbook(file)
    at = list(ROWS[sheet].model_fields).index(column) + 1
    book[sheet].cell(FIRST, at).value = value
    book.save(tmp_path / "wrong.xlsx")
    (fault,) = [str(fault) for fault in check(tmp_path / "wrong.xlsx")]
    assert fault.startswith(f"wrong.xlsx, sheet {sheet} row {FIRST}, column {column}: {problem}")


def test_a_workbook_that_is_there_is_left_alone(file):
    before = file.read_bytes()
    with pytest.raises(BadInput, match="is there already"):
        write_blank_workbook(file, MEDAN)
    assert file.read_bytes() == before


def test_it_is_replaced_where_that_is_asked_for(tmp_path):
    write_blank_workbook(tmp_path / "mine.xlsx")
    write_blank_workbook(tmp_path / "mine.xlsx", MEDAN, overwrite=True)
    assert fingerprint(tmp_path / "mine.xlsx") == fingerprint(MEDAN)


def test_only_a_good_case_and_a_good_name_are_written(tmp_path):
    with pytest.raises(BadInput, match="Let it end in"):
        write_blank_workbook(tmp_path / "mine.csv")
    with pytest.raises(BadInput, match="does not exist"):
        write_blank_workbook(tmp_path / "mine.xlsx", tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []
