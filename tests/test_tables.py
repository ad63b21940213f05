"""Malformed tables: each fault states where, what and how to mend it, and nothing is written.

Every fault is one small change to the good case in `faults/good`.
"""

from __future__ import annotations

import csv
import os
import random
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest
import xlsxwriter
from babel.numbers import format_decimal
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from ikmplan.faults import BadInput, Fault
from ikmplan.input.case import Case
from ikmplan.input.cells import kind_of
from ikmplan.input.scenario import Scenario
from ikmplan.input.sheet_cells import Cells
from ikmplan.input.sheets import read_sheets
from ikmplan.input.tables import OPTIONAL, ROWS, check, read_tables
from ikmplan.text import language

GOOD = Path(__file__).parent / "faults" / "good"
MEDAN = Path(__file__).parents[1] / "data" / "medan-2022"
Change = Callable[[Path], object]


# --- ways to spoil a folder


def swap(table: str, old: str, new: str) -> Change:
    def change(folder: Path) -> None:
        file = folder / f"{table}.csv"
        text = file.read_text("utf-8")
        assert text.count(old) >= 1, (old, text)
        file.write_text(text.replace(old, new, 1), "utf-8")

    return change


def append(table: str, row: str) -> Change:
    return retitle(table, lambda text: f"{text}{row}\n")


def write(file: str, content: str | bytes) -> Change:
    raw = content.encode() if isinstance(content, str) else content
    return lambda folder: (folder / file).write_bytes(raw)


def rename(old: str, new: str) -> Change:
    return lambda folder: (folder / old).rename(folder / new)


def delete(file: str) -> Change:
    return lambda folder: (folder / file).unlink()


def both(first: Change, second: Change) -> Change:
    return lambda case: (first(case), second(case))


def recode(table: str, encoding: str, old: str = "Denai", new: str = "Dénai") -> Change:
    def change(folder: Path) -> None:
        file = folder / f"{table}.csv"
        text = file.read_text("utf-8").replace(old, new)
        file.write_bytes(text.encode(encoding))

    return change


def header_only(table: str) -> Change:
    def change(folder: Path) -> None:
        file = folder / f"{table}.csv"
        file.write_text(file.read_text("utf-8").splitlines()[0] + "\n", "utf-8")

    return change


def retitle(table: str, edit: Callable[[str], str]) -> Change:
    """Change the separators or titles of a whole file."""

    def change(folder: Path) -> None:
        file = folder / f"{table}.csv"
        file.write_text(edit(file.read_text("utf-8")), "utf-8")

    return change


# id: change, then pieces that one line of the message must hold, in this order
CSV_FAULTS: dict[str, tuple[Change, list[str]]] = {
    # files
    "no-table": (delete("courses.csv"), ["case: has no courses.csv", "Add it with", "class_min"]),
    "misnamed-table": (
        rename("courses.csv", "cources.csv"),
        ["cources.csv: is no table", "Did you mean courses?"],
    ),
    "misnamed-optional-table": (
        rename("existing.csv", "exsisting.csv"),
        ["exsisting.csv: is no table", "Did you mean existing?"],
    ),
    "table-twice": (
        lambda folder: shutil.copy(folder / "course_uses.csv", folder / "course uses.csv"),
        ["course_uses.csv: is the table course_uses a second time", "Keep one"],
    ),
    "empty-file": (write("funds.csv", ""), ["funds.csv: is empty", "Give it a header row"]),
    "blank-file": (write("funds.csv", "\n ,, \n\n"), ["funds.csv: is empty"]),
    "header-only-clusters": (
        header_only("clusters"),
        ["clusters.csv: has no row below its header", "Add at least one"],
    ),
    "header-only-funds": (header_only("funds"), ["funds.csv: has no row below its header"]),
    "cp1252": (recode("clusters", "cp1252"), ["clusters.csv row 2: is not UTF-8", "CSV UTF-8"]),
    "utf-16-cut-short": (
        write("clusters.csv", b"\xff\xfe" + "clusters".encode("utf-16-le")[:-1]),
        ["clusters.csv: holds bytes that are not text", "CSV UTF-8"],
    ),
    "lost-letter": (
        swap("clusters", "Denai", "D\ufffdnai"),
        ["clusters.csv row 2: holds “�” where a letter was lost", "Write the letter again"],
    ),
    "utf-16-without-mark": (
        recode("clusters", "utf-16-le", "Kue", "Kue"),
        ["clusters.csv: holds bytes that are not text", "CSV UTF-8"],
    ),
    "nul": (
        swap("clusters", "Kue Denai", "Kue\0Denai"),
        ["clusters.csv: holds bytes that are not text"],
    ),
    "folder-as-file": (
        lambda folder: ((folder / "funds.csv").unlink(), (folder / "funds.csv").mkdir()),
        ["funds.csv: cannot be opened", "check that you may read it"],
    ),
    "open-quote": (
        swap("courses", '"Kue, Roti dan Bolu"', '"Kue, Roti dan Bolu'),
        ["courses.csv row 2: has a quotation mark that is never closed", "Close or remove"],
    ),
    "quote-inside": (
        swap("courses", '"Kue, Roti dan Bolu"', '"Kue" Roti'),
        ["courses.csv row 2: has a quotation mark"],
    ),
    # headers
    "missing-column": (
        swap("courses", "class_min,", ""),
        ["courses.csv row 1, column class_min: is missing", "smallest class", "Add the column"],
    ),
    "misspelt-column": (
        swap("courses", "class_min,", "clas_min,"),
        ["courses.csv row 1, column clas_min: is no column", "Did you mean class_min?"],
    ),
    "unknown-column": (
        retitle("office", lambda text: re.sub("$", ",x", text, flags=re.M).replace("x", "zzz", 1)),
        ["office.csv row 1, column zzz: is no column", "Remove it or rename it"],
    ),
    "column-twice": (
        swap("courses", "class_min,", "class_max,"),
        ["courses.csv row 1, column class_max: stands twice", "Keep one"],
    ),
    "columns-twice-but-for-case": (
        swap("courses", "days,", "Class Max ,"),
        ["courses.csv row 1, column class_max: stands twice"],
    ),
    "no-header": (
        retitle("funds", lambda text: text.split("\n", 1)[1]),
        ["funds.csv row 1: “apbd” is not the header", "Write there: fund, name, amount"],
    ),
    "header-below-blank-rows": (
        retitle("funds", lambda text: "\n,,\n" + text.replace("amount", "ammount")),
        ["funds.csv row 3, column ammount: is no column", "Did you mean amount?"],
    ),
    # rows
    "extra-cell": (
        swap("funds", "dak,DAK IKM", "dak,DAK, IKM"),
        ["funds.csv row 3: “survey” stands in cell 6", "quotation marks"],
    ),
    "cell-under-no-title": (
        retitle(
            "office",
            lambda text: text.replace("key,value,source", "key,value,source,").replace(
                "survey\n", "survey,note\n", 1
            ),
        ),
        ["office.csv row 2: “note” stands in cell 4 of the row, under no column name"],
    ),
    "duplicate-key": (
        append("courses", "op_oven,Lagi,4,10,2,1,1,0.6,no,cluster,survey"),
        ["courses.csv row 5, column course: “op_oven” stands in row 3 already", "Keep one"],
    ),
    "duplicate-pair": (
        append("course_suits", "kue_roti,bakery,0.5,guess"),
        ["course_suits.csv row 6, column course+sector: “kue_roti, bakery” stands in row 2"],
    ),
    "row-after-blank-rows": (
        append("funds", "\n\ncsr,CSR,-5,training,guess"),
        ["funds.csv row 6, column amount: “-5” is not a whole number"],
    ),
    "row-after-line-break": (
        lambda folder: (
            swap("courses", "Kue, Roti dan Bolu", "Kue,\nRoti")(folder),
            swap("courses", "op_oven,Operator Oven,4", "op_oven,Operator Oven,0")(folder),
        ),
        ["courses.csv row 3, column class_min: “0” is not a whole number"],
    ),
    # numbers
    "word-for-number": (
        swap("courses", "20,5,43500000", "20,lima,43500000"),
        ["courses.csv row 2, column days: “lima” is not a whole number from 1 to 300", "digits"],
    ),
    "negative": (
        swap("clusters", "13.2", "-13.2"),
        [
            "clusters.csv row 2, column kva: “-13.2” is not a number from 0 to 10000000000 (kVA)",
            "range",
        ],
    ),
    "fraction": (
        swap("clusters", "bakery,Medan Denai,40", "bakery,Medan Denai,40.5"),
        ["clusters.csv row 2, column units: “40.5” is not a whole number from 0 to 1000000"],
    ),
    "empty-number": (
        swap("clusters", "bakery,Medan Denai,40", "bakery,Medan Denai,"),
        ["clusters.csv row 2, column units: “” is empty; it must be a whole number"],
    ),
    "nan": (swap("clusters", "13.2", "nan"), ["row 2, column kva: “nan” is not a number"]),
    "inf": (swap("clusters", "13.2", "inf"), ["row 2, column kva: “inf” is not a number"]),
    "1e400": (swap("clusters", "13.2", "1e400"), ["row 2, column kva: “1e400” is not a number"]),
    "thousands-of-digits": (
        swap("funds", "2250000000", "9" * 5000),
        ["funds.csv row 2, column amount: “9999", "…” is not a whole number"],
    ),
    "too-large": (
        swap("funds", "2250000000", "9" * 19),
        ["funds.csv row 2, column amount: “9999", "is not a whole number"],
    ),
    "percent": (
        swap("clusters", "40,0.5", "40,50%"),
        ["clusters.csv row 2, column young_share: “50%”", "50% is written 0.5"],
    ),
    "share-above-one": (
        swap("clusters", "40,0.5", "40,50"),
        ["clusters.csv row 2, column young_share: “50” is not a number from 0 to 1", "50% is"],
    ),
    "two-meanings": (
        swap("clusters", "13.2", "1.500"),
        ["clusters.csv row 2, column kva: “1.500”", "write 1500 or 1.5."],
    ),
    "two-meanings-with-comma": (
        swap("clusters", "13.2", '"13,125"'),
        ["clusters.csv row 2, column kva: “13,125”", "write 13125 or 13.1250."],
    ),
    "english-thousands": (
        swap("funds", "2250000000", '"2,250,000,000"'),
        ["funds.csv row 2, column amount: “2,250,000,000”", "Write it as 2250000000."],
    ),
    "english-numbers-with-semicolons": (  # 7.5 shows that 1,250 may be 1250
        retitle("resources", lambda text: text.replace(",", ";").replace("5;15;15", "5;1,250;15")),
        ["resources.csv row 2, column q2: “1,250” is not a number", "write 1250 or 1.25."],
    ),
    "date": (
        swap("clusters", "13.2", "2022-01-05"),
        ["clusters.csv row 2, column kva: “2022-01-05”", "took it for a date"],
    ),
    "boolean-for-number": (
        swap("clusters", "13.2", "TRUE"),
        ["clusters.csv row 2, column kva: “TRUE” is not a number"],
    ),
    "failed-formula": (
        swap("clusters", "13.2", "#DIV/0!"),
        ["clusters.csv row 2, column kva: “#DIV/0!”", "formula that failed"],
    ),
    "failed-formula-in-text": (
        swap("clusters", "Kue Denai", "#NAME?"),
        ["clusters.csv row 2, column name: “#NAME?”", "formula that failed"],
    ),
    "formula-in-text": (
        swap("clusters", "Kue Denai", "=HYPERLINK(1)"),
        ["clusters.csv row 2, column name: “=HYPERLINK(1)” is not text", "formula"],
    ),
    # words
    "neither-yes-nor-no": (
        swap("courses", "0.4,no", "0.4,maybe"),
        ["courses.csv row 2, column young_only: “maybe” is not yes or no", "Choose one"],
    ),
    "no-choice": (
        swap("courses", "no,cluster", "no,village"),
        ["courses.csv row 2, column scope: “village” is not one of: cluster, city"],
    ),
    "choice-in-capitals": (
        swap("clusters", "ikm", "IKM"),
        ["clusters.csv row 2, column kind: “IKM” is not one of", "Write it as ikm."],
    ),
    "line-break-in-name": (
        swap("courses", "Kue, Roti dan Bolu", "Kue,\n\nRoti"),
        ["courses.csv row 2, column name: “Kue,··Roti” is not text on one line", "one line"],
    ),
    "escape-in-name": (
        swap("courses", "Operator Oven", "Operator \x1b[2J"),
        ["courses.csv row 3, column name: “Operator ·[2J” is not text on one line"],
    ),
    "line-break-in-address": (
        swap("sources", "https://example.org/survei", '"https://\nexample.org"'),
        ["sources.csv row 2, column url: “https://·example.org” is not text on one line"],
    ),
    "name-missing": (
        swap("courses", "Operator Oven", " "),
        ["courses.csv row 3, column name: “” is empty; it must be text on one line", "Fill in"],
    ),
    # keys
    "key-with-capitals-and-spaces": (
        swap("clusters", "kue_denai", "Kue Denai"),
        ["clusters.csv row 2, column cluster: “Kue Denai” is not a key", "Write it as kue_denai."],
    ),
    "key-with-two-underscores": (
        swap("clusters", "kue_denai", "kue__denai"),
        ["clusters.csv row 2, column cluster: “kue__denai” is not a key", "as kue_denai."],
    ),
    "key-too-long": (
        swap("clusters", "kue_denai", "k" * 41),
        ["clusters.csv row 2, column cluster: “kkkk", "at most 40", "like processed_food"],
    ),
    "key-is-code": (
        swap("clusters", "kue_denai", "__import__('os').system('x')"),
        ["clusters.csv row 2, column cluster: “__import__('os').system('x')” is not a key"],
    ),
    "key-with-line-break": (
        swap("clusters", "kue_denai", '"kue\ndenai"'),
        ["clusters.csv row 2, column cluster: “kue·denai” is not a key", "as kue_denai."],
    ),
    "key-is-city": (
        swap("clusters", "kue_denai", "city"),
        ["clusters.csv row 2, column cluster: “city” is not a key", "choose another"],
    ),
    "key-is-training": (
        swap("courses", "pemasaran", "training"),
        ["courses.csv row 4, column course: “training” is not a key", "meaning of its own"],
    ),
    "key-of-two-things": (
        lambda folder: (
            swap("clusters", "kue_denai", "kue_roti")(folder),
            swap("existing", "kue_denai", "kue_roti")(folder),
            retitle("announced", lambda text: text.replace("kue_denai", "kue_roti"))(folder),
        ),
        ["courses.csv row 2, column course: “kue_roti” is a key of clusters too", "another key"],
    ),
    # columns against each other
    "class-min-above-max": (
        swap("courses", "4,10,2", "14,10,2"),
        ["courses.csv row 3, column class_max: “10” is below class_min 14", "Raise class_max"],
    ),
    "more-reached-than-units": (
        swap("clusters", "40,10,survey", "40,41,survey"),
        ["clusters.csv row 2, column reached_before: “41” is above units 40", "lower"],
    ),
    "operators-without-course": (
        swap("equipment", "2,op_oven", "2,"),
        ["equipment.csv row 2, column operator_course: is empty", "needs 2 operators", "set oper"],
    ),
    "times-without-unit": (
        swap("components", "2,Hari,1500000", "2,,1500000"),
        ["components.csv row 2, column times_unit: “None” does not fit times", "or empty both"],
    ),
    "account-that-is-none": (
        swap("components", "account_speaker", "region"),
        ["components.csv row 2, column account: “region” is no key of an account", "account_food"],
    ),
    "account-code-that-is-a-number": (
        swap("office", "5.1.02.02.01.0003", "51020201"),
        ["office.csv row 6, column value: “51020201” is no code", "such as 5.1.02.02.12.0001"],
    ),
    "tax-as-percentage": (
        swap("office", "0.11", "11%"),
        ["office.csv row 8, column value: “11%” is not a number from 0 to 1", "such as 0.11"],
    ),
    # tables against each other
    "unknown-account": (
        swap("components", "account_speaker", "account_speakers"),
        [
            "components.csv row 2, column account: “account_speakers” stands in no row of office",
            "Did you mean account_speaker?",
        ],
    ),
    "code-that-the-price-standard-lacks": (
        swap("components", "1.1.1.01", "1.1.1.02"),
        [
            "components.csv row 2, column ssh_code: “1.1.1.02” stands in no row of price_standard",
            "Did you mean 1.1.1.01?",
        ],
    ),
    "domestic-share-above-one": (
        swap("equipment", "0.45", "45"),
        [
            "equipment.csv row 2, column domestic: “45” is not a number",
            "If 45% is meant, write 0.45.",
        ],
    ),
    "quarter-of-machines": (
        append("office", "machine_quarter,5,survey"),
        ["office.csv row", "column value: “5” is not a quarter from 1 to 4", "Write 1, 2, 3 or 4"],
    ),
    "allocation-in-words": (
        append("office", "allocation_before_training,satu miliar,survey"),
        ["column value: “satu miliar” is not a whole number", "such as 750000000"],
    ),
    "least-domestic-in-percent": (
        append("office", "domestic_least,40%,survey"),
        ["column value: “40%” is not a number from 0 to 1", "Write a share, such as 0.4."],
    ),
    "components-that-do-not-add-up": (
        swap("components", "2000000", "2000001"),
        [
            "components.csv row 3, column price: “2000001” brings the components of op_oven to",
            "8,000,001 for each class; cost_class is 8,000,000",
            "Change a price or a volume",
        ],
    ),
    "components-of-a-person-that-do-not-add-up": (
        swap("components", "250000", "200000"),
        ["components.csv row 4, column price: “200000”", "400,000 for each person; cost_person"],
    ),
    "unknown-course": (
        swap("course_uses", "op_oven", "op_ovem"),
        [
            "course_uses.csv row 3, column course: “op_ovem” stands in no row of courses",
            "Did you mean op_oven?",
        ],
    ),
    "unknown-resource": (
        swap("course_uses", "aula", "gedung"),
        ["course_uses.csv row 4, column resource: “gedung” stands in no row of resources", "Add"],
    ),
    "unknown-source": (
        swap("funds", "survey", "survei"),
        ["funds.csv row 2, column source: “survei” stands in no row of sources", "mean survey?"],
    ),
    "unknown-operator-course": (
        swap("equipment", "op_oven", "op_batako"),
        ["equipment.csv row 2, column operator_course: “op_batako” stands in no row of courses"],
    ),
    "unknown-cluster": (
        swap("existing", "kue_denai", "kue_dena"),
        ["existing.csv row 2, column cluster: “kue_dena” stands in no row", "mean kue_denai?"],
    ),
    "unknown-item": (
        swap("announced", "oven", "open"),
        ["announced.csv row 4, column item: “open” stands in no row of courses / equipment"],
    ),
    "unknown-word-in-a-fund": (
        swap("funds", "training equipment", "trainings equipment"),
        ["funds.csv row 2, column pays: “trainings” is neither training", "mean training?"],
    ),
    "cluster-machine-in-the-city": (
        swap("existing", "oven,kue_denai", "oven,city"),
        [
            "existing.csv row 2, column cluster: “city” does not fit the scope “cluster”",
            "Name a cluster",
        ],
    ),
    "machine-with-a-quarter": (
        swap("announced", "oven,kue_denai,,", "oven,kue_denai,1,"),
        ["announced.csv row 4, column quarter: “1” is filled, but oven is a machine", "empty"],
    ),
    "course-without-a-quarter": (
        swap("announced", "kue_denai,2,", "kue_denai,,"),
        ["announced.csv row 2, column quarter: is empty, but kue_roti is a course", "Fill it in"],
    ),
    "quarter-five": (
        swap("announced", "kue_denai,2,", "kue_denai,5,"),
        ["announced.csv row 2, column quarter: “5” is not a whole number from 1 to 4, or nothing"],
    ),
    "class-too-full": (
        swap("announced", "1,20,survey", "1,21,survey"),
        ["announced.csv row 2, column seats: “21” does not fill 1 class of 10 to 20", "Write 10"],
    ),
    "more-seats-than-people": (
        swap("announced", "1,20,survey", "2,40,survey"),
        [
            "announced.csv row 2, column seats: “40” brings the seats of kue_roti at kue_denai to",
            "it suits 30 people there",
        ],
    ),
    "announced-for-whom-it-does-not-suit": (
        swap("announced", "kue_roti,kue_denai", "kue_roti,kopi_polonia"),
        [
            "announced.csv row 2, column seats: “20” brings the seats of kue_roti at kopi_polonia",
            "it suits 0 people there",
        ],
    ),
}


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return Path(shutil.copytree(GOOD, tmp_path / "case"))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def faults_in(path: Path) -> list[Fault]:
    """The faults of a bad case, each of which must be whole; nothing may be written."""
    before = contents(path.parent)
    with pytest.raises(BadInput) as refused:
        read_tables(path)
    assert contents(path.parent) == before
    faults = refused.value.faults
    assert [fault for fault in check(path) if not fault.warning] == faults
    for fault in faults:
        assert fault.problem and fault.fix.endswith((".", "?"))
        assert "\n" not in str(fault) and "{" not in str(fault)
    return faults


def holds(fault: Fault, pieces: list[str]) -> bool:
    return bool(re.search(".*".join(map(re.escape, pieces)), str(fault)))


def test_the_good_case_is_good(case):
    assert check(case) == []
    assert len(read_tables(case).clusters) == 3


def test_optional_tables_may_be_absent(case):
    for name in OPTIONAL:
        (case / f"{name}.csv").unlink(missing_ok=True)  # the good case has no openings
    assert check(case) == []


@pytest.mark.parametrize("name", CSV_FAULTS)
def test_fault_in_csv(case, name):
    change, pieces = CSV_FAULTS[name]
    change(case)
    faults = faults_in(case)
    assert any(holds(fault, pieces) for fault in faults), "\n".join(map(str, faults))


@pytest.mark.parametrize("key", ["0", "nihil", "kue_denai, kopi", "-", "kue denai lama"])
def test_a_key_that_cannot_be_read_is_the_only_fault(case, key):
    """Rows that name kue_denai may mean that row; of two unknown keys one is a fault of its own."""
    swap("clusters", "kue_denai,", f'"{key}",')(case)
    (fault,) = faults_in(case)
    assert holds(fault, ["clusters.csv row 2, column cluster", key])
    swap("announced", "kue_denai", "kue_lain")(case)
    assert {fault.where for fault in faults_in(case)} == {"clusters.csv", "announced.csv"}


def test_a_misnamed_table_is_not_taken_for_an_empty_one(case):
    """That no row of office has the account codes of the components was a fault of each."""
    (case / "office.csv").rename(case / "ofice.csv")
    (fault,) = faults_in(case)
    assert holds(fault, ["ofice.csv: is no table. Did you mean office?"])


def test_there_are_enough_distinct_faults():
    assert len(CSV_FAULTS) >= 45


ONE = [
    "no-table", "misnamed-table", "cp1252", "open-quote", "misspelt-column", "no-header",
    "extra-cell", "word-for-number", "two-meanings", "percent", "class-min-above-max",
    "unknown-course", "key-of-two-things",
]  # fmt: skip


@pytest.mark.parametrize("name", ONE)
def test_one_mistake_is_one_fault(case, name):
    CSV_FAULTS[name][0](case)
    assert len(faults_in(case)) == 1


def test_every_fault_at_once(case):
    """A wrong cell in one table hides neither its neighbours nor a dangling key elsewhere."""
    swap("courses", "20,5,43500000", "20,lima,43500000")(case)
    swap("courses", "4,10,2", "x,10,y")(case)
    swap("resources", "7.5", "1.500")(case)
    swap("funds", "oven op_oven", "ovan op_oven")(case)
    delete("course_suits.csv")(case)
    assert [(f.where, f.row, f.column) for f in faults_in(case)] == [
        ("courses.csv", 2, "days"),
        ("courses.csv", 3, "class_min"),
        ("courses.csv", 3, "days"),
        ("case", None, None),
        ("resources.csv", 3, "q3"),
        ("funds.csv", 3, "pays"),
    ]


def test_a_key_whose_row_is_wrong_is_there_all_the_same(case):
    swap("courses", "20,5,43500000", "20,lima,43500000")(case)
    assert [fault.column for fault in faults_in(case)] == ["days"]


@pytest.mark.parametrize("name", ["no-table", "two-meanings", "misspelt-column", "cp1252"])
def test_in_bahasa_indonesia(case, name):
    """The place, the fault and the mend: all of it is in the language in use."""
    change, _pieces = CSV_FAULTS[name]
    change(case)
    english = faults_in(case)
    with language("id"):
        indonesian = faults_in(case)
    for here, there in zip(english, indonesian, strict=True):
        assert (here.where, here.row, here.column) == (there.where, there.row, there.column)
        assert here.problem != there.problem and here.fix != there.fix
        with language("id"):
            message = str(there)
        assert (f"{there.where} baris {there.row}" in message) == (there.row is not None)
        assert (f"kolom {there.column}" in message) == (there.column is not None)


WARNINGS: dict[str, tuple[Change, list[str]]] = {
    "office-key-that-nothing-reads": (
        swap("office", "region", "regoin"),
        ["office.csv row 2, column key: “regoin” is no key that anything reads", "mean region?"],
    ),
    "account-without-a-name": (
        swap("office", "account_speaker_name", "account_speaking_name"),
        [
            "office.csv row 6, column key: “account_speaker” is an account without a name",
            "Add a row account_speaker_name.",
        ],
    ),
    "sector-without-help": (
        both(delete("results.csv"), swap("clusters", "ikm,coffee", "ikm,batik")),
        ["clusters.csv row 3, column sector: “batik” is a sector that no course", "Kopi Polonia"],
    ),
    "course-for-nobody": (
        append("courses", "las,Las,4,10,2,1,1,0.6,no,cluster,survey"),
        ["courses.csv row 5, column course: “las” suits no cluster", "Add a row to course_suits"],
    ),
    "machine-for-nobody": (
        append("equipment", "bubut,Mesin bubut,1,1,1,1,1,0,,1,cluster,survey"),
        ["equipment.csv row 4, column equipment: “bubut” suits no cluster"],
    ),
    "operators-that-nobody-can-be": (
        both(
            delete("together.csv"), swap("course_suits", "op_oven,bakery,0.8", "op_oven,coffee,0.8")
        ),
        ["equipment.csv row 2, column operator_course: “op_oven” suits none", "Oven dek"],
    ),
    "paid-by-no-fund": (
        swap("funds", "training equipment", "equipment"),
        ["courses.csv row 2, column course: “kue_roti” is paid for by no fund", "pays"],
    ),
    "sector-of-nobody": (
        append("course_suits", "kue_roti,bakry,1,guess"),
        ["course_suits.csv row 6, column sector: “bakry” is the sector of no", "mean bakery?"],
    ),
    "idle-resource": (
        append("resources", "kampus,Kampus,other,1,1,1,1,guess"),
        ["resources.csv row 4, column resource: “kampus” is used by no course"],
    ),
    "class-too-long-for-any-quarter": (
        swap("course_uses", "kue_roti,balai,5", "kue_roti,balai,15.5"),
        ["courses.csv row 2", "needs 15.50 days of Balai Industri", "more than 15"],
    ),
    "stranger": (
        write("catatan.csv", "anything\ngoes\n"),
        ["catatan.csv: is no table and is not read"],
    ),
}


@pytest.mark.parametrize("name", WARNINGS)
def test_what_can_never_be_used_is_a_warning(case, name):
    change, pieces = WARNINGS[name]
    change(case)
    found = check(case)
    assert all(fault.warning for fault in found)
    assert any(holds(fault, pieces) for fault in found), "\n".join(map(str, found))
    read_tables(case)


# --- what stands in no folder


@pytest.mark.parametrize(
    ("name", "content", "pieces"),
    [
        ("nothing", None, ["nothing: does not exist", "Check the path"]),
        ("case.xls", b"\xd0\xcf\x11\xe0", ["case.xls: is neither a folder", "workbook"]),
        ("clusters.csv", b"cluster", ["clusters.csv: is neither a folder", "name the folder"]),
        ("case.xlsx", b"", ["case.xlsx: cannot be opened as an Excel workbook"]),
        ("case.xlsx", b"PK\x03\x04 garbage", ["case.xlsx: is damaged: its end is missing"]),
        # what Excel writes when it is given a password
        ("case.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ["cannot be opened", "password"]),
    ],
)
def test_no_case_at_all(tmp_path, name, content, pieces):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    (fault,) = faults_in(tmp_path / name)
    assert holds(fault, pieces), fault


def test_an_empty_folder_is_one_fault(tmp_path):
    (tmp_path / "case").mkdir()
    (fault,) = faults_in(tmp_path / "case")
    assert holds(fault, ["case: holds no CSV file", "clusters.csv"])


def test_a_broken_archive(tmp_path, good_book):
    whole = good_book.read_bytes()
    for size in range(100, len(whole), len(whole) // 20):
        good_book.write_bytes(whole[:size])
        assert "its end is missing" in str(faults_in(good_book)[0])


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user who is refused")
def test_a_file_that_may_not_be_read(case):
    (case / "funds.csv").chmod(0)
    assert "funds.csv: cannot be opened" in str(faults_in(case)[0])


# --- workbooks


def typed(name: str, column: str, text: str) -> object:
    """A cell as Excel holds it: a number where the column takes numbers."""
    field = ROWS[name].model_fields[column]
    is_number = field.annotation in (int, float) or column in ("quarter", "seats")
    return None if text == "" else float(text) if is_number and text else text


def to_book(folder: Path, path: Path) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for file in sorted(folder.glob("*.csv")):
        sheet = book.create_sheet(file.stem)
        header, *rows = csv.reader(file.read_text("utf-8").splitlines())
        sheet.append(header)
        for row in rows:
            sheet.append([typed(file.stem, c, text) for c, text in zip(header, row, strict=True)])
    book.save(path)
    return path


@pytest.fixture
def good_book(tmp_path: Path) -> Path:
    (tmp_path / "books").mkdir()
    return to_book(GOOD, tmp_path / "books" / "case.xlsx")


def in_book(change: Callable[[Workbook], object]) -> Change:
    def changed(path: Path) -> None:
        book = load_workbook(path)
        change(book)
        book.save(path)

    return changed


def put(sheet: str, cell: str, value: object) -> Change:
    def change(book: Workbook) -> None:
        book[sheet][cell] = value

    return in_book(change)


BOOK_FAULTS: dict[str, tuple[Change, list[str]]] = {
    "no-sheet": (
        in_book(lambda book: book.remove(book["funds"])),
        ["case.xlsx: has no sheet funds", "Add it with the columns fund"],
    ),
    "empty-sheet": (
        in_book(lambda book: book["funds"].delete_rows(1, 9)),
        ["case.xlsx, sheet funds: is empty"],
    ),
    "merged-cells": (
        in_book(lambda book: book["funds"].merge_cells("B2:B3")),
        ["case.xlsx, sheet funds: has merged cells (B2:B3)", "Unmerge"],
    ),
    "title-above-the-header": (
        in_book(lambda book: (book["funds"].insert_rows(1), put_title(book["funds"]))),
        ["case.xlsx, sheet funds row 1: “dana_2022” is not the header", "fund, name"],
    ),
    "failed-formula": (
        put("funds", "C2", "#REF!"),
        ["case.xlsx, sheet funds row 2, column amount: “#REF!”", "formula that failed"],
    ),
    "failed-formula-in-text": (
        put("funds", "B2", "#N/A"),
        ["sheet funds row 2, column name: “#N/A” is not text", "formula that failed"],
    ),
    "formula-without-result": (
        put("funds", "C2", "=C3*2"),
        ["sheet funds row 2, column amount: “=…”", "formula without a result", "save the file"],
    ),
    "formula-without-result-in-an-optional-column": (
        put("announced", "C4", "=1+1"),
        ["sheet announced row 4, column quarter: “=…”", "formula without a result"],
    ),
    "boolean-for-number": (
        put("clusters", "I2", True),
        ["sheet clusters row 2, column kva: “True” is not a number from 0"],
    ),
    "boolean-for-text": (
        put("clusters", "B2", True),
        ["sheet clusters row 2, column name: “True” is not text"],
    ),
    "date-for-number": (
        put("clusters", "I2", date(2022, 5, 1)),
        ["sheet clusters row 2, column kva: “2022-05-01”", "took it for a date"],
    ),
    "number-for-key": (
        put("existing", "A2", 5),
        ["sheet existing row 2, column equipment: “5” is not a key"],
    ),
    "text-with-two-meanings": (
        put("clusters", "I2", "1.500"),
        ["sheet clusters row 2, column kva: “1.500”", "write 1500 or 1.5."],
    ),
    "note-beside-the-table": (
        put("funds", "H3", "tanya Pak Budi"),
        ["sheet funds row 3: “tanya Pak Budi” stands in column H", "Remove it"],
    ),
    "line-break-in-name": (
        put("funds", "B2", "APBD\nKota"),
        ["sheet funds row 2, column name: “APBD·Kota” is not text on one line"],
    ),
    "sheet-twice": (
        in_book(lambda book: book.create_sheet("Course Uses")),
        ["sheet Course Uses: is the table course_uses a second time"],
    ),
    "misnamed-sheet": (
        in_book(lambda book: setattr(book["funds"], "title", "fund")),
        ["case.xlsx, sheet fund: is no table", "Did you mean funds?"],
    ),
}


def put_title(sheet) -> None:
    sheet["A1"] = "Dana 2022"


@pytest.mark.parametrize("name", BOOK_FAULTS)
def test_fault_in_a_workbook(good_book, name):
    change, pieces = BOOK_FAULTS[name]
    change(good_book)
    faults = faults_in(good_book)
    assert len(faults) == 1 and holds(faults[0], pieces), "\n".join(map(str, faults))


def test_a_workbook_states_the_same_as_its_csv_files(good_book):
    assert check(good_book) == []
    assert read_tables(good_book).content() == read_tables(GOOD).content()


def test_medan_in_a_workbook(tmp_path):
    book = to_book(MEDAN, tmp_path / "medan.xlsx")
    assert read_tables(book).content() == read_tables(MEDAN).content()


def in_archive(path: Path, part: str, edit: Callable[[str], str]) -> None:
    """Change one part of a workbook."""
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = edit(parts[part].decode()).encode()
    with ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_formulas_stand_for_their_saved_results(tmp_path):
    """As Excel saves them: each formula with the result it had."""
    path = tmp_path / "case.xlsx"
    book = xlsxwriter.Workbook(path)
    for file in sorted(GOOD.glob("*.csv")):
        sheet = book.add_worksheet(file.stem)
        for row, cells in enumerate(csv.reader(file.read_text("utf-8").splitlines())):
            for column, text in enumerate(cells):
                sheet.write(row, column, text)
    book.get_worksheet_by_name("funds").write_formula("C2", "=2250000*1000", None, 2_250_000_000)
    book.get_worksheet_by_name("funds").write_formula("B3", '="DAK "&"IKM"', None, "DAK IKM")
    book.get_worksheet_by_name("courses").write_formula("J2", "=1/0", None, "#DIV/0!")
    book.close()
    in_archive(path, "xl/workbook.xml", lambda xml: xml.replace(' fullCalcOnLoad="1"', ""))
    (fault,) = faults_in(path)
    assert holds(fault, ["sheet courses row 2, column scope: “#DIV/0!”", "formula that failed"])
    sheets, _faults = read_sheets(path)
    funds = sheets["funds"]
    assert isinstance(funds, Cells)
    assert [row[1:3] for _n, row in funds.rows] == [
        ["APBD Kota", 2_250_000_000],
        ["DAK IKM", "400000000"],
    ]


def test_what_a_workbook_may_have(good_book):
    """Capitals and spaces in titles, notes, empty and hidden sheets, texts for numbers,
    formats that reach to the last cell."""

    def dress(book: Workbook) -> None:
        book["course_uses"].title = " Course Uses"
        book["clusters"]["F1"] = " Units "
        book["clusters"]["K1"] = "Reached  before"
        book["funds"]["C2"] = "Rp 2.250.000.000"
        book["clusters"]["I2"] = "13,2"
        book["courses"].sheet_state = "hidden"
        book["funds"]["XFD1048576"].font = Font(bold=True)
        book["funds"]["F9"] = "   "
        book.create_sheet("Sheet2")

    in_book(dress)(good_book)
    assert read_tables(good_book).content() == read_tables(GOOD).content()
    (note,) = check(good_book)
    assert note.warning and holds(note, ["sheet courses: is partly hidden", "the sheet"])


# --- rows that explain


def explained(separator: str = ",") -> Change:
    """Two rows above the header of courses, full of the other separator."""
    other = ";" if separator == "," else ","
    rows = f"# Pelatihan{other} arti{other} satuan\n# kode{separator}nama{separator}orang\n\n"
    return retitle("courses", lambda text: rows + text)


def test_a_price_standard_without_rows_is_none(case):
    """Neither the empty table nor the columns that no row fills count in the fingerprint; a row
    and a share do."""
    for old, new in ((",1.3.2.01,0.45", ",,"), (",1.3.2.02,", ",,")):
        swap("equipment", old, new)(case)
    swap("equipment", '"Dek ganda, gas"', "")(case)
    swap("components", ",1.1.1.01,1", ",,")(case)
    full = fingerprint(case)
    header_only("price_standard")(case)
    empty = fingerprint(case)
    delete("price_standard.csv")(case)
    assert fingerprint(case) == empty != full
    assert check(case) == []
    for table, last in (("equipment", ",specification,ssh_code,domestic"),
                        ("components", ",ssh_code,domestic")):  # fmt: skip
        swap(table, last, "")(case)
        commas = "," * last.count(",")
        retitle(table, lambda text, commas=commas: text.replace(commas + "\n", "\n"))(case)
    assert fingerprint(case) == empty


def test_rows_above_the_header_may_explain_it(case, tmp_path):
    first = fingerprint(case)
    explained()(case)
    assert check(case) == []
    assert fingerprint(case) == first
    other = indonesian(GOOD, tmp_path / "other")
    mark = (other / "courses.csv").read_text("utf-8-sig")
    (other / "courses.csv").write_text("# kode, nama, orang, hari\n" + mark, "utf-8")
    assert fingerprint(other) == first


def test_a_fault_below_an_explanation_names_the_row_of_the_file(case):
    explained()(case)
    swap("courses", "op_oven,", "Op Oven,")(case)
    assert any(
        str(f).startswith("courses.csv row 6, column course: “Op Oven”") for f in check(case)
    )


def test_only_rows_above_the_header_explain(case):
    """Below it a row is a row: what somebody wanted to switch off is not switched off silently."""
    swap("courses", "op_oven,", "# op_oven,")(case)
    assert any("“# op_oven” is not a key" in str(fault) for fault in faults_in(case))
    write("notes.csv", "# notes\nwhat,ever\n")(case)
    assert not any(fault.where == "notes.csv" for fault in check(case))


# --- forms of CSV


def indonesian(folder: Path, target: Path) -> Path:
    """The same tables as Excel saves them in Indonesia: `;`, 1.500.000 and 1,5, CRLF, a mark."""
    target.mkdir()
    for file in folder.glob("*.csv"):
        header, *rows = csv.reader(file.read_text("utf-8").splitlines())
        fields = ROWS[file.stem].model_fields
        kinds = {c: kind_of(fields[c]) for c in header}
        numbers = {c for c, kind in kinds.items() if "number" in kind} - {"year"}
        with (target / file.name).open("w", encoding="utf-8-sig", newline="") as out:
            writer = csv.writer(out, delimiter=";")
            writer.writerow(header)
            for row in rows:
                writer.writerow(
                    format_decimal(text, "#,##0.######", "id") if c in numbers and text else text
                    for c, text in zip(header, row, strict=True)
                )
    return target


@pytest.mark.parametrize("folder", [GOOD, MEDAN], ids=["small", "medan"])
def test_indonesian_csv(tmp_path, folder):
    copy = indonesian(folder, tmp_path / "case")
    assert "2.250.000.000" in (copy / "funds.csv").read_text("utf-8-sig")
    assert ";0,3" in (copy / "clusters.csv").read_text("utf-8-sig") or folder == GOOD
    assert read_tables(copy).content() == read_tables(folder).content()


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.rstrip("\n"),
        lambda text: "\n\n" + text.replace("\n", "\n\n"),
        lambda text: text.replace("\n", ",,\n"),
        lambda text: text.replace(",", " , "),
        lambda text: text.replace("cluster,name", "Cluster, NAME ").replace("floor_m2", "floor m2"),
        lambda text: text + ",,,\n\n",
    ],
)
def test_forms_that_mean_the_same(case, edit):
    file = case / "clusters.csv"
    file.write_text(edit(file.read_text("utf-8")), "utf-8", newline="")
    assert check(case) == []
    assert read_tables(case).content() == read_tables(GOOD).content()


def test_files_of_the_system_are_left_alone(case):
    (case / "._clusters.csv").write_bytes(b"\0\5\x16\7")
    (case / "~$funds.csv").write_bytes(b"\xff")
    (case / ".~lock.funds.csv#").write_text("me")
    rename("funds.csv", "Funds.CSV")(case)
    assert check(case) == []


# --- the fingerprint


def fingerprint(folder: Path, **scenario: object) -> str:
    return Case(read_tables(folder), Scenario(**scenario)).fingerprint


def test_the_order_and_form_of_the_files_do_not_matter(case, tmp_path, good_book):
    first = fingerprint(case)
    shuffle = random.Random(1).shuffle
    for file in case.glob("*.csv"):
        header, *rows = csv.reader(file.read_text("utf-8").splitlines())
        columns = list(range(len(header)))
        shuffle(rows)
        shuffle(columns)
        with file.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([row[n] for n in columns] for row in [header, *rows])
    assert fingerprint(case) == first
    assert fingerprint(indonesian(GOOD, tmp_path / "copy")) == first
    assert fingerprint(good_book) == first


def test_every_value_matters():
    """Each number of each table, changed by itself, makes another case."""
    tables = read_tables(GOOD)
    seen = {Case(tables, Scenario()).fingerprint}
    changes = 0
    for name, row_type in ROWS.items():
        for column, field in row_type.model_fields.items():
            if field.annotation in (int, float) and getattr(tables, name):
                rows = list(getattr(tables, name))
                rows[0] = rows[0].model_copy(update={column: getattr(rows[0], column) + 1})
                seen.add(Case(replace(tables, **{name: tuple(rows)}), Scenario()).fingerprint)
                changes += 1
    assert changes > 20 and len(seen) == changes + 1


def test_parameters_matter_and_names_do_not():
    first = fingerprint(GOOD)
    assert fingerprint(GOOD, name="other", language="en") == first
    assert fingerprint(GOOD, budget=1) != first
    assert fingerprint(GOOD, locks=("oven = 1",)) != first


# --- many faults, and garbage


def test_each_of_two_thousand_dangling_keys_is_named(case):
    with (case / "course_suits.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"salah_{n % 50},s{n},1,guess\n" for n in range(2000))
    assert len(faults_in(case)) == 2000


CELLS = st.sampled_from(
    ["", "1.500", "1,5", "-1", "nan", "1e400", "=1", "#REF!", "city", "training", "x" * 50, '"',
     "\n", ",", ";", "\x00", "\x1b", "ya", "2022-01-05", "9" * 4301, "kue_denai", "oven", "²", "٣"]
) | st.text(max_size=5)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=150)
@given(st.sampled_from(sorted(ROWS)), st.lists(st.lists(CELLS, max_size=14), max_size=4), st.data())
def test_garbage_gives_faults_and_never_a_traceback(tmp_path_factory, name, rows, data):
    case = Path(shutil.copytree(GOOD, tmp_path_factory.mktemp("garbage") / "case"))
    file = case / f"{name}.csv"
    separator = data.draw(st.sampled_from([",", ";", "\t"]))
    garbage = "\n".join(separator.join(row) for row in rows)
    # of a table that the good case does not have: its header alone
    header = ",".join(ROWS[name].model_fields)
    text = file.read_text("utf-8") if file.exists() else header
    at = data.draw(st.integers(0, len(text)))
    file.write_bytes((text[:at] + garbage + text[at:]).encode())
    for fault in check(case):
        assert "\n" not in str(fault)


@pytest.mark.slow
@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(ROWS)),
            st.integers(1, 6),
            st.integers(1, 14),
            st.none()
            | st.booleans()
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.integers(-(10**20), 10**20)
            | st.dates(date(1950, 1, 1))
            | CELLS.filter(lambda text: not ILLEGAL_CHARACTERS_RE.search(text)),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_garbage_in_a_workbook(tmp_path_factory, puts):
    path = to_book(GOOD, tmp_path_factory.mktemp("garbage") / "case.xlsx")
    book = load_workbook(path)
    for sheet, row, column, value in puts:
        page = book[sheet] if sheet in book.sheetnames else book.create_sheet(sheet)
        page.cell(row, column).value = value
    book.save(path)
    for fault in check(path):
        assert "\n" not in str(fault)
