"""Forms: made with a plan, filled in as an office fills them in, and learned from."""

from __future__ import annotations

import csv
import io
import shutil
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from test_tables import to_book

from ikmplan import load, solve
from ikmplan.cli import app
from ikmplan.faults import BadInput
from ikmplan.input.case import Case
from ikmplan.input.cells import numbers_listed, numbers_text
from ikmplan.input.tables import check, read_tables
from ikmplan.learn.answers import read_forms
from ikmplan.learn.learn import learn
from ikmplan.learn.report import promise_in_short
from ikmplan.learn.results import count, write_results
from ikmplan.runs.names import forms_name, is_forms
from ikmplan.workbook.excel import height
from ikmplan.workbook.forms import (
    RECORD,
    FormRow,
    earliest_day,
    form_units,
    paginated,
    write_forms,
)
from ikmplan.workbook.print_pages import PORTRAIT_HEIGHT, points_wide

TOY = Path(__file__).parents[1] / "data" / "toy"
CHECKED = datetime(2023, 8, 1)  # the toy's year is 2022
ANSWER, CHECKER, DAY = 6, 7, 8  # columns as openpyxl counts them


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """The toy in a folder of its own, its plan with baking in quarter 1, and its empty forms."""
    folder = tmp_path_factory.mktemp("office")
    shutil.copytree(TOY, folder / "toy")
    case = load(folder / "toy", language="en", gap=0)
    plan = solve(Case(case.tables, case.scenario.changed(limits=("no baking in q2, q3, q4",))))
    plan = replace(plan, scenario=case.scenario)
    write_forms(folder / "forms.xlsx", plan, case)
    return folder, plan, case


@pytest.fixture
def office(planned, tmp_path):
    """A copy of it that a test may change; the forms name the data by the path of the test."""
    folder, plan, _case = planned
    shutil.copytree(folder / "toy", tmp_path / "toy")
    case = load(tmp_path / "toy", language="en", gap=0)
    write_forms(tmp_path / "forms.xlsx", replace(plan, scenario=case.scenario), case)
    return tmp_path


def fill(
    path: Path, answers: dict[str, object], target: str = "filled.xlsx", **other: object
) -> Path:
    """The forms with these answers by code, checked by somebody on a day."""
    book = load_workbook(path)
    for row in book["Follow-up"].iter_rows(min_row=5):
        if row[0].value in answers:
            row[ANSWER - 1].value = answers[row[0].value]
            row[CHECKER - 1].value = other.get("by", "Sari")
            row[DAY - 1].value = other.get("day", CHECKED)
    for row in book["Attendance"].iter_rows(min_row=5):
        came = other.get("came", {})
        if row[0].value in came:
            row[ANSWER - 1].value = came[row[0].value]
    book.save(path.with_name(target))
    return path.with_name(target)


def bakers(first: int, last: int, yes: int) -> dict[str, object]:
    """Bakers number `first` to `last` about the course: the first `yes` of them use it."""
    every = range(first, last + 1)
    return {f"bakers/{n}/baking": "yes" if n < first + yes else "no" for n in every}


def faults_of(*paths: Path) -> list[str]:
    with pytest.raises(BadInput) as bad:
        read_forms(paths, today=date(2026, 1, 1))
    return [str(fault) for fault in bad.value.faults]


def test_every_unit_of_the_invitation_list_has_a_row(planned):
    """As many units as the plan coaches, numbered from 1 at each cluster, and a row an item."""
    folder, plan, case = planned
    units = form_units(plan, case)
    assert len(units) == plan.units["units"].sum()
    assert [u.number for u in units if u.cluster == "bakers"] == list(range(1, 21))
    sheet = load_workbook(folder / "forms.xlsx")["Follow-up"]
    codes = [row[0].value for row in sheet.iter_rows(min_row=5) if row[0].value]
    assert codes == [f"{u.cluster}/{u.number}/{item}" for u in units for item in u.items]


def test_what_the_command_reads_is_neither_shown_nor_printed(planned):
    """A hidden sheet of its own; the first sheet is two columns wide, also on paper."""
    folder, _case, _plan = planned
    *shown, record = load_workbook(folder / "forms.xlsx").worksheets
    assert [sheet.sheet_state for sheet in (*shown, record)] == [*["visible"] * 3, "hidden"]
    assert str(record["A1"].value).startswith(RECORD)
    assert shown[0].max_column == 2
    texts = [str(cell.value) for sheet in shown for row in sheet for cell in row if cell.value]
    assert max(map(len, texts)) < 400 and not any("{" in text for text in texts)


def test_only_the_cells_to_fill_are_open_and_the_answer_is_a_list(planned):
    folder, _plan, _case = planned
    for name in ("Attendance", "Follow-up"):
        sheet = load_workbook(folder / "forms.xlsx")[name]
        assert sheet.protection.sheet
        locked = [sheet.cell(6, column).protection.locked for column in range(1, 9)]
        assert locked[:3] == [True] * 3 and not any(locked[5:])
        (rule,) = sheet.data_validations.dataValidation
        assert rule.formula1 == '"yes,no"'
        assert sheet.page_setup.paperSize == "9" or sheet.page_setup.paperSize == 9
        assert sheet.page_setup.scale == 80 and not sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.orientation == "portrait"
        assert sheet.print_title_rows == "$4:$4"
        assert sheet.print_area.startswith(f"'{name}'!$B$1:$H$")  # without the code
        pages = sheet.row_breaks.brk  # a class has its own, clusters follow each other
        assert len(pages) == (name == "Attendance")
        wide = [points_wide(int(sheet.column_dimensions[c].width)) for c in "BCDEFGH"]
        assert 0.8 * sum(wide) < 595 - 2 * 0.4 * 72  # A4 without its margins


ROWS = st.lists(st.tuples(st.integers(1, 90), st.booleans()), min_size=1, max_size=9)


@pytest.mark.slow
@given(ROWS, st.booleans())
def test_every_page_of_a_list_has_its_heading_and_is_full(groups, apart):
    """Groups of so many units whose names take one line (21 points) or two (28.4): each page begins
    with a heading, no heading ends one, none is higher than the sheet, and where groups need no
    page of their own a page ends only where the next rows have no room."""
    rows = [
        FormRow(str(n), f"{n}/{at}", ("1", "x " * (60 if long else 5)))
        for n, (count, long) in enumerate(groups)
        for at in range(count)
    ]
    lines, breaks = paginated(rows, 42, apart)
    assert [line for line in lines if isinstance(line, FormRow)] == rows
    room = PORTRAIT_HEIGHT / 0.8 - 28
    starts = [0, *breaks]
    pages = [lines[a:b] for a, b in zip(starts, [*breaks, len(lines)], strict=True)]
    high = [sum(_points(line) for line in page) for page in pages]
    for page in pages:
        assert isinstance(page[0], str) and not isinstance(page[-1], str)
        assert all(page[n - 1] == row.heading for n, row in enumerate(page)
                   if n and isinstance(page[n - 1], str) and isinstance(row, FormRow))  # fmt: skip
        assert not apart or len({row.heading for row in page if isinstance(row, FormRow)}) == 1
    assert max(high) <= room
    if not apart:  # a heading with three rows of two lines has no more than 104 points
        assert all(points > room - 54 - 104 for points in high[:-1])


def _points(line: FormRow | str) -> float:
    return 18 if isinstance(line, str) else max(21, height(line.texts[1], 42))


def test_the_first_day_by_hand(planned):
    """A class in quarter 1 ends in March at the latest: six months later is 1 October; a machine
    is there by the year's end: 1 July."""
    _folder, plan, case = planned
    assert set(plan.classes.loc[plan.classes["course"] == "baking", "quarter"]) == {1}
    assert earliest_day(plan, case, "baking") == date(2022, 10, 1)
    assert earliest_day(plan, case, "roaster") == date(2023, 7, 1)


def test_the_first_day_after_a_class_of_three_quarters(planned):
    """It begins in quarter 1 and ends in September: six months later is 1 April."""
    _folder, plan, case = planned
    rows = tuple(row.model_copy(update={"quarters": 3}) for row in case.tables.courses)
    long = Case(replace(case.tables, courses=rows), case.scenario)
    assert earliest_day(plan, long, "baking") == date(2023, 4, 1)


def test_a_round_trip_by_hand(office):
    """20 bakers were promised 10; 12 were visited, 3 bake so: 12 · 0.5 = 6 promised, 3 found."""
    forms = read_forms([fill(office / "forms.xlsx", bakers(1, 12, 3))])
    assert len(list(forms.followed())) == 12
    assert "Followed up 12: of these 6.0 were promised, and 3 were reached" in promise_in_short(
        forms
    )
    counted = count(forms, read_tables(office / "toy"))
    (row,) = counted.results
    assert (row.item, row.cluster, row.followed, row.reached, row.year, row.numbers) == (
        "baking", "bakers", 12, 3, 2023, "1-12",
    )  # fmt: skip


def test_the_case_is_written_and_checked_and_the_chance_moves(office):
    """The estimate 0.5 goes towards 3 of 12."""
    before = (office / "toy" / "sources.csv").read_text()
    lines: list[str] = []
    learn([fill(office / "forms.xlsx", bakers(1, 12, 3))], None, True, lines.append)
    assert [str(fault) for fault in check(office / "toy") if not fault.warning] == []
    chance = load(office / "toy").chance_of("bakers", ("baking",))
    assert 0.25 < chance < 0.5
    assert (office / "toy" / "sources.csv").read_text().startswith(before)
    text = "\n".join(lines)
    assert "Promised 13 units of 25 invited" in text
    assert "with the new chances the same plan promises" in text


def test_the_same_form_twice_counts_once(office):
    filled = fill(office / "forms.xlsx", bakers(1, 12, 3))
    learn([filled], None, False, lambda _text: None)
    first = (office / "toy" / "results.csv").read_bytes()
    lines: list[str] = []
    learn([filled], None, False, lines.append)
    assert (office / "toy" / "results.csv").read_bytes() == first
    assert any("counted before" in text for text in lines)


def test_other_units_add_and_more_answers_replace(office):
    """1-5 and then 6-9 are 9 units; then all of 1-20 at once are 20 and not 29."""
    one = fill(office / "forms.xlsx", bakers(1, 5, 2), "one.xlsx")
    two = fill(office / "forms.xlsx", bakers(6, 9, 1), "two.xlsx")
    every = fill(office / "forms.xlsx", bakers(1, 20, 7), "every.xlsx")
    found = []
    for forms in (one, two, every):
        learn([forms], None, False, lambda _text: None)
        (row,) = read_tables(office / "toy").results
        found.append((row.followed, row.reached, row.numbers))
    assert found == [(5, 2, "1-5"), (9, 3, "1-9"), (20, 7, "1-20")]


def test_files_together_are_as_one_after_the_other(office):
    one = fill(office / "forms.xlsx", bakers(1, 5, 2), "one.xlsx")
    two = fill(office / "forms.xlsx", bakers(6, 9, 1), "two.xlsx")
    (row,) = count(read_forms([one, two]), read_tables(office / "toy")).results
    assert (row.followed, row.reached, row.numbers) == (9, 3, "1-9")


def test_units_counted_with_others_are_refused_and_nothing_is_written(office):
    """1-5 were counted; 4-9 has two of them again: nobody can take 4 and 5 out of the sum."""
    learn([fill(office / "forms.xlsx", bakers(1, 5, 2))], None, False, lambda _text: None)
    before = {file.name: file.read_bytes() for file in (office / "toy").iterdir()}
    with pytest.raises(BadInput, match=r"1-3.*all the forms of this plan at once"):
        learn([fill(office / "forms.xlsx", bakers(4, 9, 2))], None, False, lambda _text: None)
    assert {file.name: file.read_bytes() for file in (office / "toy").iterdir()} == before


def test_a_course_to_which_they_did_not_come_is_no_yes(office):
    filled = fill(office / "forms.xlsx", bakers(1, 2, 2), came={"bakers/1/baking": "no"})
    (fault,) = faults_of(filled)
    assert "row 6, column F: “bakers/1/baking” is yes, but the unit did not come" in fault


DOUBTFUL = {
    "maybe": ({"answers": {"bakers/1/baking": "maybe"}}, "row 6, column F: “maybe” is neither yes"),
    "no day": ({"day": None}, "row 6, column H: is no day"),
    "a day in words": ({"day": "August"}, "row 6, column H: “August” is no day"),
    "too early": ({"day": datetime(2022, 5, 1)}, "row 6, column H", "is before 01/10/2022"),
    "a day to come": ({"day": datetime(2026, 5, 1)}, "is a day to come"),
    "nobody checked": ({"by": None}, "row 6, column G: is empty: who looked at it?"),
    "an answer left out": ({"answers": {"bakers/1/baking": None}}, "column F: is empty, though"),
}


@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_is_doubtful_is_refused_with_its_cell(office, name):
    (change, *pieces) = DOUBTFUL[name]
    answers = (
        change.pop("answers", {"bakers/1/baking": "yes"})
        if "answers" in change
        else {"bakers/1/baking": "yes"}
    )
    (fault,) = faults_of(fill(office / "forms.xlsx", answers, **change))
    assert all(piece in fault for piece in ("filled.xlsx, sheet Follow-up", *pieces)), fault


def test_both_languages_and_the_words_of_excel(office):
    """ya, Tidak, TRUE and FALSE; days as text."""
    words = {1: "ya", 2: "Tidak", 3: True, 4: False}
    answers = {f"bakers/{n}/baking": word for n, word in words.items()}
    forms = read_forms([fill(office / "forms.xlsx", answers, day="1/8/2023")])
    assert [answer.yes for _u, _i, answer in forms.followed()] == [True, False, True, False]


def test_two_answers_to_one_row_are_refused(office):
    one = fill(office / "forms.xlsx", bakers(1, 1, 1), "one.xlsx")
    two = fill(office / "forms.xlsx", bakers(1, 1, 0), "two.xlsx")
    (fault,) = faults_of(one, two)
    assert "two.xlsx" in fault and "has another answer in one.xlsx" in fault


def test_rows_and_files_that_are_none_of_the_plan(office, planned):
    """A copied row, a made-up row, another workbook, an empty form, and all faults at once."""
    path = fill(office / "forms.xlsx", bakers(1, 1, 1))
    book = load_workbook(path)
    sheet = book["Follow-up"]
    for at, code in ((90, "bakers/1/baking"), (91, "bakers/99/baking")):
        for column, value in ((1, code), (ANSWER, "yes"), (CHECKER, "Sari"), (DAY, CHECKED)):
            sheet.cell(at, column).value = value
    book.save(path)
    found = faults_of(path)
    assert any("row 90, column A" in text and "stands in row 6 already" in text for text in found)
    assert any("row 91, column A" in text and "no code of this plan" in text for text in found)
    other = to_book(office / "toy", office / "toy.xlsx")
    assert "is no form of a plan" in faults_of(other)[0]
    assert "no answer" in faults_of(office / "forms.xlsx")[0]
    assert "does not exist" in faults_of(office / "none.xlsx")[0]


def test_indonesian_files_stay_so(office):
    """A case with semicolons and a mark of UTF-8 gets its new rows in the same form."""
    folder = office / "toy"
    for file in folder.iterdir():
        file.write_text(_semicolons(file), "utf-8-sig")
    forms = read_forms([fill(office / "forms.xlsx", bakers(1, 3, 1))])
    write_results(folder, count(forms, read_tables(folder)))
    raw = (folder / "results.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfitem;cluster;followed")
    (row,) = read_tables(folder).results
    assert (row.followed, row.reached) == (3, 1)


def _semicolons(file: Path) -> str:
    """The CSV file with semicolons, and decimal commas where it holds numbers."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    for row in csv.reader(file.read_text("utf-8").splitlines()):
        named = file.stem in ("sources", "office")
        writer.writerow(row if named else [cell.replace(".", ",") for cell in row])
    return text.getvalue()


def test_a_workbook_gets_rows_to_paste(office):
    """Its file is left as it is."""
    book = to_book(office / "toy", office / "toy.xlsx")
    before, lines = book.read_bytes(), list[str]()
    learn([fill(office / "forms.xlsx", bakers(1, 3, 1))], book, False, lines.append)
    assert book.read_bytes() == before
    assert any("baking\tbakers\t3\t1\t2023\t1-3\tfollow_up_" in text for text in lines)


def test_the_command_reads_and_writes(office, capsys):
    """As it is typed."""
    filled = fill(office / "forms.xlsx", bakers(1, 12, 3))
    code = app(["learn", str(filled), "--no-replan"], standalone_mode=False)
    assert not code
    assert "Written:" in capsys.readouterr().out
    assert (office / "toy" / "results.csv").exists()


def test_names_of_forms():
    """Those of a plan have its mark; other workbooks are none."""
    assert is_forms(forms_name("0123456789abcdef"))
    assert not is_forms("plan.xlsx") and not is_forms("forms.xlsx")


def test_numbers_as_text_and_back():
    assert numbers_text({1, 2, 3, 5, 8, 9}) == "1-3 5 8-9"
    assert numbers_listed("1-3 5 8-9") == {1, 2, 3, 5, 8, 9}
    for wrong in ("1,2", "a", "3-1", "1-3 9-5", "1-3 2", "-"):
        with pytest.raises(ValueError):
            numbers_listed(wrong)
