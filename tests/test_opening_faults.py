"""Bad rows of openings, lines and idle machines: each gets one message and its mend."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from test_tables import GOOD, faults_in, holds

from ikmplan.input.load import check_case
from ikmplan.input.tables import check, read_tables
from ikmplan.workbook.blank_workbook import LISTS, write_blank_workbook

Change = Callable[[Path], None]
OPENING = {
    "opening": "pusat", "name": "Pusat kue", "kind": "equipment", "cost_open": "900000000",
    "cost_year": "50000000", "there": "no", "kva": "40", "floor_m2": "200", "source": "survey",
    "kind_year": "training",
}  # fmt: skip


def put(table: str, row: int, **values: str) -> Change:
    """Write these cells in a row of a table, counted as messages count: the header is row 1."""

    def change(folder: Path) -> None:
        rows = read(folder, table)
        rows[row - 2] |= values
        write(folder, table, rows)

    return change


def add(table: str, like: int, **values: str) -> Change:
    """Add a row like another one, with other values in these cells."""

    def change(folder: Path) -> None:
        rows = read(folder, table)
        write(folder, table, [*rows, rows[like - 2] | values])

    return change


def read(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(folder: Path, table: str, rows: list[dict[str, str]]) -> None:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """The good case with a centre: a press stands there, and a course is held only with it."""
    folder = Path(shutil.copytree(GOOD, tmp_path / "case"))
    write(folder, "openings", [OPENING])
    put("courses", 4, opening="pusat")(folder)
    add("equipment", 3, equipment="pres", name="Pres", scope="city", opening="pusat")(folder)
    put("equipment_suits", 3, line="lini_kopi")(folder)
    add("equipment_suits", 3, equipment="pres", line="lini_kopi")(folder)
    put("existing", 2, idle="2", revive="1000000")(folder)
    return folder


def test_the_case_with_a_centre_is_good(case):
    assert check(case) == []
    tables = read_tables(case)
    assert tables.openings[0].kind_year == "training"
    assert [row.used_as for row in tables.equipment_suits] == ["oven", "lini_kopi", "lini_kopi"]


def test_the_input_workbook_brings_it_back(case, tmp_path):
    """The new table and columns too, and lists to choose from that hold the opening."""
    write_blank_workbook(tmp_path / "case.xlsx", case)
    assert check(tmp_path / "case.xlsx") == []
    assert read_tables(tmp_path / "case.xlsx").content() == read_tables(case).content()
    lists = load_workbook(tmp_path / "case.xlsx", data_only=True)[LISTS]
    values = [[cell.value for cell in column] for column in lists.iter_cols()]
    assert all("pusat" in column for column in values[:2])  # hosts and items


FAULTS: dict[str, tuple[Change, list[str]]] = {
    "building-as-a-machine": (
        put("equipment", 2, hours="24000"),
        ["equipment.csv row 2, column hours: “24000”", "A building", "it is an opening"],
    ),
    "negative-hours": (
        put("equipment", 2, hours="-5"),
        ["equipment.csv row 2, column hours: “-5”", "Write a number in this range."],
    ),
    "course-of-no-opening": (
        put("courses", 4, opening="pusta"),
        ["courses.csv row 4, column opening: “pusta” stands in no row of openings", "pusat?"],
    ),
    "machine-of-no-opening": (
        put("equipment", 4, opening="gedung"),
        ["equipment.csv row 4, column opening: “gedung” stands in no row of openings"],
    ),
    "days-of-no-opening": (
        put("resources", 2, opening="mou"),
        ["resources.csv row 2, column opening: “mou” stands in no row of openings"],
    ),
    "machine-of-a-cluster-in-an-opening": (
        put("equipment", 4, scope="cluster"),
        ["equipment.csv row 4, column scope: “cluster” does not fit the opening pusat", "city"],
    ),
    "opening-twice": (
        add("openings", 2),
        ["openings.csv row 3, column opening: “pusat” stands in row 2 already"],
    ),
    "opening-called-like-a-course": (
        put("openings", 2, opening="kue_roti"),
        ["openings.csv row 2, column opening: “kue_roti” is a key of courses too"],
    ),
    "opening-of-a-strange-kind": (
        put("openings", 2, kind="gedung"),
        ["openings.csv row 2, column kind: “gedung” is not one of: training, equipment"],
    ),
    "year-of-a-strange-kind": (
        put("openings", 2, kind_year="gaji"),
        ["openings.csv row 2, column kind_year: “gaji” is not training, equipment, or nothing"],
    ),
    "there-in-part": (
        put("openings", 2, there="sebagian"),
        ["openings.csv row 2, column there: “sebagian” is not yes or no"],
    ),
    "opening-of-negative-cost": (
        put("openings", 2, cost_open="-1"),
        ["openings.csv row 2, column cost_open: “-1” is not a whole number from 0"],
    ),
    "pays-for-an-item-at-a-place": (
        put("funds", 3, pays="oven@kue_denai"),
        ["funds.csv row 3, column pays: “oven@kue_denai” is not words or keys", "leave out “@”"],
    ),
    "pays-for-what-is-not-there": (
        put("funds", 3, pays="pusatt"),
        ["funds.csv row 3, column pays: “pusatt” is neither", "pusat?"],
    ),
    "line-with-a-machine-that-does-not-exist": (
        put("equipment_suits", 4, equipment="press"),
        ["equipment_suits.csv row 4, column equipment: “press” stands in no row of equipment"],
    ),
    "line-of-two-chances": (
        put("equipment_suits", 4, success="0.3"),
        [
            "equipment_suits.csv row 4, column success: “0.3” is not 0.2 as in row 3",
            "lini_kopi",
            "write the same number",
        ],
    ),
    "machine-twice-in-a-line": (
        add("equipment_suits", 2, line="oven"),
        ["equipment_suits.csv row 5, column line: “oven” names the machine twice in one line"],
    ),
    "machine-alone-twice": (
        add("equipment_suits", 2),
        ["equipment_suits.csv row 5", "stands in row 2 already"],
    ),
    "line-called-like-a-course": (
        put("equipment_suits", 3, line="kue_roti"),
        ["equipment_suits.csv row 3, column line: “kue_roti” is a key of courses too"],
    ),
    "revived-without-idle": (
        put("existing", 2, idle="0"),
        ["existing.csv row 2, column revive: “1000000” is filled, but no machine is idle"],
    ),
    "idle-without-a-machine": (
        add("existing", 2, equipment="tungku"),
        ["existing.csv row 3, column equipment: “tungku” stands in no row of equipment"],
    ),
    "idle-in-a-place-without-it": (
        add("existing", 2, equipment="pengemas", cluster="pusat"),
        ["existing.csv row 3, column cluster: “pusat” is an opening, but pengemas stands in none"],
    ),
    "machine-of-an-opening-elsewhere": (
        add("existing", 2, equipment="pres", cluster="city"),
        ["existing.csv row 3, column cluster: “city” is not where pres stands", "Write pusat"],
    ),
    "idle-before-the-opening": (
        add("existing", 2, equipment="pres", cluster="pusat", machines="0"),
        ["existing.csv row 3, column idle: “2” stand in pusat, which is not there yet"],
    ),
    "announced-opening-twice": (
        add("announced", 4, item="pusat", cluster="city", count="2"),
        ["announced.csv row 5, column count: “2” is more than one: it is opened once"],
    ),
    "announced-opening-in-a-quarter": (
        add("announced", 4, item="pusat", cluster="city", count="1", quarter="2"),
        ["announced.csv row 5, column quarter: “2” is filled, but pusat is no course"],
    ),
    "announced-opening-for-a-cluster": (
        add("announced", 4, item="pusat", cluster="kue_denai", count="1"),
        ["announced.csv row 5, column cluster: “kue_denai” does not fit an opening", "city"],
    ),
    "announced-line-elsewhere": (
        add("announced", 4, item="lini_kopi", cluster="city", count="1"),
        ["announced.csv row 5, column cluster: “city” is not where the line stands", "cluster"],
    ),
    "announced-line-that-is-none": (
        add("announced", 4, item="lini_teh", cluster="kopi_polonia", count="1"),
        ["announced.csv row 5, column item: “lini_teh” stands in no row of courses / equipment"],
    ),
    "announced-machine-elsewhere": (
        add("announced", 4, item="pres", cluster="kopi_polonia", count="1"),
        ["announced.csv row 5, column cluster: “kopi_polonia” is not where pres stands"],
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault(case, name):
    change, pieces = FAULTS[name]
    change(case)
    faults = faults_in(case)
    assert any(holds(fault, pieces) for fault in faults), "\n".join(map(str, faults))


def test_announced_openings_lines_and_machines_of_openings_are_no_fault(case):
    for row in (
        {"item": "pusat", "cluster": "city"},
        {"item": "lini_kopi", "cluster": "kopi_polonia"},
        {"item": "pres", "cluster": "pusat"},
    ):
        add("announced", 4, **row, count="1")(case)
    assert check(case) == []


WARNINGS = {
    "opening-that-nothing-uses": (
        add("openings", 2, opening="aula_baru", name="Aula baru"),
        ["openings.csv row 3, column opening: “aula_baru” is used by no course, machine", "remove"],
    ),
    "opening-that-no-fund-pays": (
        put("funds", 2, pays="equipment oven op_oven kue_roti pemasaran"),
        ["openings.csv row 2, column opening: “pusat” is paid for by no fund (cost_year)"],
    ),
}


@pytest.mark.parametrize("name", WARNINGS)
def test_warning(case, name):
    change, pieces = WARNINGS[name]
    change(case)
    warnings = [fault for fault in check(case) if fault.warning]
    assert any(holds(fault, pieces) for fault in warnings), "\n".join(map(str, check(case)))


RULINGS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "opening-at-a-place": (
        {"locks": ["pusat @ kue_denai = 1"]},
        ["locks: “pusat @ kue_denai = 1” names a place, but Pusat kue is an opening", "Leave out"],
    ),
    "opening-twice": (
        {"locks": ["pusat >= 2"]},
        ["locks: “pusat >= 2” asks for more than one", "= 1", "= 0"],
    ),
    "opened-and-excluded": (
        {"locks": ["pusat = 1"], "exclusions": ["pusat"]},
        ["locks: “pusat = 1” asks for what suits nobody there, or is excluded"],
    ),
    "opened-and-closed": (
        {"locks": ["pusat = 1", "pusat = 0"]},
        ["locks: “pusat = 0” contradicts the lock “pusat = 1”"],
    ),
    "machine-in-another-opening": (
        {"locks": ["oven @ pusat >= 1"]},
        ["locks: “oven @ pusat >= 1” names an opening in which Oven dek does not stand"],
    ),
    "more-than-stock-and-idle": (
        {"locks": ["oven @ kue_denai >= 11"]},
        ["locks: “oven @ kue_denai >= 11” asks for more machines than can be had (10)"],
    ),
    "excluded-opening-misspelt": (
        {"exclusions": ["pussat"]},
        ["exclusions: “pussat” names no course or machine", "pusat?"],
    ),
}


@pytest.mark.parametrize("name", RULINGS)
def test_lock_or_exclusion(case, name):
    asked, pieces = RULINGS[name]
    made, faults = check_case({"data": str(case), **asked})
    assert made is None
    assert any(holds(fault, pieces) for fault in faults), "\n".join(map(str, faults))


@pytest.mark.parametrize("locks", [["pusat = 1"], ["pres @ pusat >= 1"], ["pusat <= 1"]])
def test_a_lock_of_an_opening_or_of_a_machine_in_it_is_no_fault(case, locks):
    made, faults = check_case({"data": str(case), "locks": locks, "language": "en"})
    assert made is not None, "\n".join(map(str, faults))
