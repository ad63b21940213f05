"""Warnings of `check`: names that readers cannot distinguish, and many of one kind as one line."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikmplan.faults import FEW, Fault, in_short
from ikmplan.input.names_alike import NAMED, SHARED, names_alike
from ikmplan.input.tables import check

ROOT = Path(__file__).parents[1]
GOOD = Path(__file__).parent / "faults" / "good"


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return Path(shutil.copytree(GOOD, tmp_path / "case"))


def add_row(case: Path, table: str, **changed: str) -> int:
    """Append the table's first row with some cells changed; gives its number."""
    file = case / f"{table}.csv"
    rows = list(csv.DictReader(file.read_text("utf-8").splitlines()))
    rows.append(rows[0] | changed)
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return len(rows) + 1


def change_row(case: Path, table: str, key: str, **changed: str) -> None:
    """Change cells of the row whose first cell is the key."""
    file = case / f"{table}.csv"
    rows = list(csv.DictReader(file.read_text("utf-8").splitlines()))
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0].keys())
        writer.writeheader()
        writer.writerows(row | changed if key in row.values() else row for row in rows)


def cell(case: Path, table: str, column: str) -> str:
    """Of the table's first row."""
    return next(csv.DictReader((case / f"{table}.csv").read_text("utf-8").splitlines()))[column]


ALIKE = [
    ("Bakers", "Bakers"), ("Bakers", "bakers "), ("Kue  Denai", "kue denai"),
    ("Kopi Johor", "Kopi–Johor"), ("Kopi Johor", "KopiJohor"), ("Deli", "Déli"),
    ("D\u00e9li", "De\u0301li"), ("ＡＢＣ Medan", "ABC Medan"), ("Ba\u200bkers", "Bakers"),
    ("Straße", "STRASSE"), ("ﬁlter", "filter"), ("Songket & Ulos", "Songket dan Ulos"),
    ("Medan Denai", "Kec. Medan Denai"), ("Medan Johor", "Medan Jhoor"),
    ("Medan Tembung", "Medan Tembun"), ("food_processing", "foodprocessing"),
    ("garment", "garments"), ("Oven (besar)", "Oven besar"),
    ("Kecamatan Utara", "Kecmatan Utara"), ("Kopi Jl. Denai", "Kopi Jalan Denai"),
    ("Sentra Kopi", "Sentra K\u043e\u0440\u0456"), ("APBD", "\u0410\u0420\u0412D"),
    ("Kopi", "\u039aopi"),
]  # fmt: skip
APART = [
    ("Kue Denai", "Kue Johor"), ("Batik A", "Batik B"), ("Cluster 1", "Cluster 2"),
    ("Medan Barat", "Medan Baru"), ("x1", "x11"), ("---", "***"), ("Oven 10 kg", "Oven 100 kg"),
    ("Mesin 1,5 kW", "Mesin 1,6 kW"), ("kopi", "kapi"), ("漆器", "陶器"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_names_that_readers_cannot_tell_apart(one: str, other: str):
    assert list(names_alike([one, "something else", other])) == [(2, 0)]
    assert list(names_alike([other, "something else", one])) == [(2, 0)]


@pytest.mark.parametrize(("one", "other"), APART)
def test_names_that_readers_can_tell_apart(one: str, other: str):
    assert list(names_alike([one, other])) == []


@given(st.text("aeikou bdMNéü-.", min_size=1), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_case_spaces_signs_and_unicode_forms_make_no_other_name(name: str, form: str):
    if any(letter.isalnum() for letter in name):
        changed = unicodedata.normalize(form, f" {name.replace(' ', '  ').upper()}.")
        assert list(names_alike([name, changed])) == [(1, 0)]


@pytest.mark.parametrize("table", NAMED)
def test_names_alike_are_warned_about_in_every_table(case: Path, table: str):
    name, key = cell(case, table, "name"), {"equipment": "equipment"}.get(table, table[:-1])
    number = add_row(case, table, **{key: "another", "name": f"{name.upper()} ."})
    found = [fault for fault in check(case) if fault.column == "name"]
    assert [(f.where, f.row, f.warning) for f in found] == [(f"{table}.csv", number, True)]
    assert f"is alike to the name “{name}” in row 2" in str(found[0])


@pytest.mark.parametrize(("table", "column"), SHARED)
def test_a_district_or_sector_written_in_two_ways_is_warned_about_once(
    case: Path, table: str, column: str
):
    """Three rows with the second way are one warning, at the first of them."""
    text = cell(case, table, column)
    other = text.lower() + "s" if column == "sector" else text.replace(" ", "-").lower()
    numbers = [
        add_row(case, table, cluster=f"c{n}", name=f"Cluster {n}", **{column: other})
        for n in range(3)
    ]
    found = [f for f in check(case) if f.column == column and "also written" in f.problem]
    assert [(f.row, f.value, f.warning) for f in found] == [(numbers[0], other, True)]
    assert f"is also written “{text}” (row 2)" in str(found[0])


def test_names_are_compared_although_there_are_faults(case: Path):
    name = cell(case, "clusters", "name")
    add_row(case, "clusters", cluster="other", name=name.upper())
    add_row(case, "clusters", cluster="third", name="Third", units="many")
    found = check(case)
    assert {fault.column for fault in found} == {"name", "units"}


@pytest.mark.parametrize("name", ["data/medan-2022", "data/toy", "src/ikmplan/example"])
def test_our_own_cases_have_no_warning(name: str):
    assert check(ROOT / name) == []


# --- many of one kind


def warning(
    row: int | None, kind: str = "", where: str = "a.csv", problem: str = "is so."
) -> Fault:
    return Fault(where, row, "c" if row else None, f"v{row}", problem, "Mend it.", True, kind)


def test_a_few_of_one_kind_stand_one_by_one():
    few = [warning(n + 2, "k") for n in range(FEW)]
    assert in_short(few) == [str(fault) for fault in few]


def test_many_of_one_kind_are_one_line_with_their_number_and_the_next_few():
    """Of ten in rows 2 to 11 the first is written out and nine are more."""
    line = "a.csv row 2, column c: “v2” is so. Mend it. And 9 more of this kind: row 3 “v3”, "
    assert in_short([warning(n, "k") for n in range(2, 12)]) == [
        line + "row 4 “v4”, row 5 “v5”, …."
    ]


def test_sheets_that_nothing_reads_are_one_line():
    sheets = [
        Fault(f"s{n}.csv", None, None, None, "is unread.", "Remove it.", True) for n in "abcd"
    ]
    assert in_short(sheets) == [
        "sa.csv: is unread. Remove it. And 3 more of this kind: sb.csv, sc.csv, sd.csv."
    ]


@given(
    st.lists(
        st.builds(
            warning, st.integers(2, 99), st.sampled_from("kl"), st.sampled_from(["a.csv", "b.csv"])
        ),
        unique=True,
        max_size=40,
    )
)
def test_no_warning_is_lost_in_the_count(warnings: list[Fault]):
    """Each line is one warning and however many more it names."""
    lines = in_short(warnings)
    more = [
        line.split(" And ")[1].split(" more of this kind")[0] for line in lines if "And" in line
    ]
    assert len(lines) + sum(map(int, more)) == len(warnings)
    assert len(lines) <= 2 * 2 * FEW  # two kinds in two tables


@pytest.mark.slow
def test_another_citys_sectors_are_a_few_lines_and_all_of_them_on_request(tmp_path: Path):
    """Medan's tables with two of its clusters: more than 70 warnings."""
    case = Path(shutil.copytree(ROOT / "data" / "medan-2022", tmp_path / "case"))
    (case / "existing.csv").unlink()
    (case / "announced.csv").unlink()
    lines = (case / "clusters.csv").read_text("utf-8").splitlines()
    kept = [line for line in lines if line.startswith(("cluster,", "bika_petisah,", "pangan_bela"))]
    (case / "clusters.csv").write_text("\n".join(kept) + "\n", "utf-8")
    command = [sys.executable, "-m", "ikmplan.cli", "check", str(case)]
    short, every, as_json = (
        subprocess.run([*command, *words], capture_output=True, encoding="utf-8", check=True).stdout
        for words in ([], ["--all"], ["--json"])
    )
    count = len(json.loads(as_json))
    assert count > 70
    assert sum(line.startswith("Warning: ") for line in every.splitlines()) == count
    assert len(short.splitlines()) < 12
    assert f"faults 0, warnings {count}." in short and "--all" in short
    assert "--all" not in every


def test_the_same_component_in_another_unit_is_warned_of(case):
    """OH in one row and OJ in another would be two words for one thing, or two things."""
    add_row(case, "components", basis="person", unit="OJ", price="0", ssh_code="")
    found = [fault for fault in check(case) if fault.column == "unit"]
    assert [str(fault) for fault in found if fault.warning] == [
        "components.csv row 5, column unit: “OJ” is another unit than “Orang” in the first row of "
        "the component pelatih. Write one word for one thing, or give the other thing a key of "
        "its own."
    ]


@pytest.mark.parametrize(
    ("course", "changed", "problem", "fix"),
    [
        # 30 bakers of one cluster may be invited, 20 leavers of the other
        ("op_oven", {"class_min": "31", "class_max": "40"}, "30 people who may sit", "scope city"),
        ("op_oven", {"class_min": "30", "class_max": "40"}, None, ""),
        ("op_oven", {"class_min": "31", "class_max": "40", "scope": "city"}, None, ""),
        ("op_oven", {"class_min": "51", "class_max": "60", "scope": "city"}, "50 people who",
         "Lower class_min."),
        # half of the bakers are young, and all of the leavers
        ("op_oven", {"class_min": "21", "class_max": "40", "young_only": "yes"},
         "20 people aged 35 or less", "scope city"),
    ],
)  # fmt: skip
def test_a_course_with_too_few_people_for_one_class_is_named(case, course, changed, problem, fix):
    """An office that plans it would only learn that it stands in no plan."""
    change_row(case, "courses", course, **changed)
    found = [fault for fault in check(case) if fault.column == "class_min"]
    assert len(found) == (problem is not None)
    for fault in found:
        assert fault.warning
        assert problem in fault.problem
        assert fix in fault.fix


@pytest.mark.parametrize(
    ("word", "fix"),
    [("mesin", "Write it as equipment."), ("Pelatihan", "Write it as training."),
     ("dan", "Leave it out."), ("op_ovn", "Did you mean op_oven?")],
)  # fmt: skip
def test_what_a_fund_pays_in_indonesian_is_offered_before_keys_near_in_spelling(case, word, fix):
    """“mesin” is near op_mesin in spelling, and means all equipment."""
    add_row(case, "courses", course="op_mesin", name="Operator Mesin")
    change_row(case, "funds", "dak", pays=f"oven {word}")
    (fault,) = [fault for fault in check(case) if fault.column == "pays"]
    assert fault.fix == fix


@pytest.mark.parametrize(
    ("table", "column", "named", "key"),
    [("course_uses", "course", "operator_oven", "op_oven"),
     ("course_uses", "course", "pemasaran_daring", "pemasaran")],
)  # fmt: skip
def test_a_name_that_was_written_as_a_key_is_answered_with_the_row_s_key(
    case, table, column, named, key
):
    """“Operator Oven” is refused with “Write it as operator_oven”, which is no key."""
    add_row(case, table, **{column: named})
    fixes = [fault.fix for fault in check(case) if fault.value == named]
    assert fixes == [f"Write it as {key}."]
