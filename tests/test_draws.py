"""Uncertain numbers: their ranges, their draws, and bad rows of the table `ranges`."""

from __future__ import annotations

from dataclasses import replace
from math import asin, pi
from pathlib import Path

import numpy as np
import pytest
from small_cases import bakery, cluster, course, small_case, suit

from ikmplan.faults import BadInput
from ikmplan.files import find
from ikmplan.input.case import Case
from ikmplan.input.tables import read_tables
from ikmplan.input.uncertain_numbers import uncertain_numbers
from ikmplan.uncertainty.draws import drawn_case, draws
from ikmplan.workbook.blank_workbook import write_blank_workbook

MANY = 20_000
HEADER = "table,number,row_key,of_source,low,high,shift,moves_with,correlation,source\n"


def about(table: str, number: str, low: float, high: float, **other: object) -> dict:
    return {"table": table, "number": number, "low": low, "high": high} | other


def bakers(*ranges: dict, units: int = 1000, success: float = 0.4, **rows: list[dict]) -> Case:
    return small_case(
        clusters=[cluster("bread", units), cluster("cake", units)],
        courses=[course("baking", 1, 9, success=success), course("icing", 1, 9, success=0.3)],
        course_suits=[suit("baking", "bread", 0.5), suit("icing", "cake")],
        ranges=list(ranges),
        **rows,
    )


def ranks(x: np.ndarray) -> np.ndarray:
    return np.argsort(np.argsort(x)).astype(float)


def spearman(x: np.ndarray, y: np.ndarray) -> float:
    return float(np.corrcoef(ranks(x), ranks(y))[0, 1])


def test_draws_meet_the_stated_percentiles():
    """success 0.4 with low 0.5, shift 0.75, high 2: a tenth below 0.2, half below 0.3, a tenth
    above 0.8. Of 20,000 draws the share below a percentile errs by 0.0035 at most (1 sigma)."""
    case = bakers(about("courses", "success", 0.5, 2, row_key="baking", shift=0.75))
    x = draws(case, MANY).of("courses", "success", case.courses["baking"])
    shares = [np.mean(x < 0.2), np.mean(x < 0.3), np.mean(x > 0.8)]
    assert shares == pytest.approx([0.1, 0.5, 0.1], abs=0.012)


def test_usual_ranges_meet_their_percentiles():
    """Each number of a case without the table `ranges`, against the range of its kind."""
    drawn = draws(bakery(floors={}), MANY)
    assert len(drawn.numbers) > 20
    for u, x in zip(drawn.numbers, drawn.values, strict=True):
        low, high = u.kind.low * u.value, u.kind.high * u.value
        slack = 0.5 if u.kind.whole and u.value < 1000 else 0  # whole numbers are rounded
        if not (u.kind.share and high > max(u.kind.cap, u.value)):
            assert np.mean(x < low - slack) < 0.115 and np.mean(x <= low + slack) > 0.085, u
            assert np.mean(x > high + slack) < 0.115 and np.mean(x >= high - slack) > 0.085, u
        assert np.mean(x < u.value - slack) < 0.515 and np.mean(x <= u.value + slack) > 0.485, u
        assert (x > 0).all() or u.kind.whole


def test_numbers_of_a_group_move_together():
    """Normal scores with correlation ρ have rank correlation 6/π · asin(ρ/2): 0.582 for 0.6."""
    own = about("courses", "success", 0.5, 1.5, moves_with="season", correlation=0.6)
    case = bakers(own)
    drawn = draws(case, MANY)
    x, y = (drawn.of("courses", "success", case.courses[p]) for p in ("baking", "icing"))
    assert spearman(x, y) == pytest.approx(6 / pi * asin(0.3), abs=0.02)
    a, b = (drawn.of("clusters", "units", case.clusters[c]) for c in ("bread", "cake"))
    assert spearman(a, b) == pytest.approx(6 / pi * asin(0.45), abs=0.02)  # usual: 0.9
    assert spearman(x, a) == pytest.approx(0, abs=0.02)


def test_the_costs_of_a_course_are_drawn_as_one():
    case = bakery()
    drawn = draws(case, 100)
    row = case.courses["baking"]
    factors = drawn.of("courses", "cost_class", row) / row.cost_class
    assert drawn.of("courses", "cost_person", row) == pytest.approx(
        factors * row.cost_person, abs=1
    )


def test_facts_do_not_move():
    case = bakery()
    source = case.tables.sources[0]
    facts = replace(case.tables, sources=(source.model_copy(update={"kind": "fact"}),))
    assert uncertain_numbers(Case(facts, case.scenario)) == ()


def test_what_the_planner_states_is_no_estimate():
    """The amount of a fund that the scenario states; a core course's relevance of 1."""
    names = {(u.table, u.key) for u in uncertain_numbers(bakery(funds={"dak": 5}))}
    assert ("funds", ("apbd",)) in names and ("funds", ("dak",)) not in names
    assert ("course_suits", ("baking", "cake")) in names
    assert ("course_suits", ("baking", "bread")) not in names


def test_the_most_exact_range_counts():
    """Its own row before its source before the column."""
    case = bakers(
        about("courses", "success", 0.9, 1.1),
        about("courses", "success", 0.8, 1.2, of_source="made_up"),
        about("courses", "success", 0.7, 1.3, row_key="baking"),
    )
    lows = {u.key: u.spread.low for u in uncertain_numbers(case) if u.column == "success"}
    assert lows == {("baking",): 0.7, ("icing",): 0.8}


def test_draws_do_not_depend_on_order_number_or_neighbours():
    """Of the case with its rows reversed, of more draws, and of a case with a cluster more."""
    case = bakers()
    drawn = draws(case, 50, seed=3)
    rows = case.tables
    reversed_ = Case(replace(rows, courses=rows.courses[::-1]), case.scenario)
    wider = small_case(
        clusters=[cluster("pie", 9), *(row.model_dump() for row in rows.clusters)],
        courses=[row.model_dump() for row in rows.courses],
    )
    for other in (draws(reversed_, 50, seed=3), draws(case, 500, 3).first(50), draws(wider, 50, 3)):
        for table in ("courses", "clusters"):
            for row in getattr(rows, table):
                column = {"courses": "success", "clusters": "units"}[table]
                same = drawn.of(table, column, row) == other.of(table, column, row)
                assert same.all()
    assert (draws(case, 50, seed=4).values != drawn.values).any()


def test_a_drawn_case_holds_the_numbers_of_its_draw():
    case = bakery()
    drawn = draws(case, 5)
    made = drawn_case(drawn, 3)
    assert made.courses["baking"].success == drawn.of("courses", "success",
                                                      case.courses["baking"])[3]  # fmt: skip
    assert made.funds["dak"].amount == drawn.of("funds", "amount", case.funds["dak"])[3]
    assert isinstance(made.price["oven"], int) and made.scenario == case.scenario
    assert made.courses["baking"].class_max == case.courses["baking"].class_max


def test_nobody_reached_before_is_lost():
    """10 units, 8 of them reached: however few there are, it is 8 at least."""
    case = small_case(clusters=[cluster("bread", 10, reached_before=8)])
    x = draws(case, 1000).of("clusters", "units", case.clusters["bread"])
    assert x.min() == 8 and (x > 10).any()


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("courses,success,baking,,1.2,0.8,,,,invented", "low: “1.2” is above high 0.8."),
        ("courses,success,baking,,0.5,1.5,2,,,invented",
         "shift: “2.0” is not between low 0.5 and high 1.5."),
        ("courses,success,baking,,0.5,2.5,,,,invented",
         "high: “2.5” brings success of baking from 0.5 to 1.25; it is at most 1. Lower high to 2"),
        ("courses,success,bakng,,0.5,1.5,,,,invented",
         "row_key: “bakng” is the key of no row of courses. Did you mean baking?"),
        ("equipment_suits,hours,roaster,,0.5,1.5,,,,invented",
         "row_key: “roaster” is the key of no row of equipment_suits. Did you mean roaster+cof"),
        ("courses,class_max,,,0.5,1.5,,,,invented",
         "number: “class_max” is no column of courses whose numbers have a range."),
        ("course,success,,,0.5,1.5,,,,invented", "table: “course” is no table whose numbers"),
        ("courses,success,baking,invented,0.5,1.5,,,,invented",
         "of_source: “invented” stands beside row baking"),
        ("courses,success,,nobody,0.5,1.5,,,,invented", "of_source: “nobody” stands in no row"),
        ("courses,success,,,0,1.5,,,,invented", "low: “0” is not a number from 0.01 to 100."),
        ("courses,success,,,0.5,1.5,,,2,invented",
         "correlation: “2” is not a number from 0 to 1, or nothing"),
        ("courses,success,baking,,0.5,1.5,,,,seen", "row_key: “baking” rests on seen"),
    ],
)  # fmt: skip
def test_bad_ranges_are_refused(tmp_path, row, fault):
    copy_of_toy(tmp_path)
    if row.endswith(",seen"):
        sources = tmp_path / "sources.csv"
        sources.write_text(sources.read_text("utf-8") + "seen,Seen there,,2022,fact\n", "utf-8")
        courses = tmp_path / "courses.csv"
        text = courses.read_text("utf-8").replace("0.5,no,cluster,invented", "0.5,no,cluster,seen")
        courses.write_text(text, "utf-8")
    (tmp_path / "ranges.csv").write_text(HEADER + row + "\n", "utf-8")
    with pytest.raises(BadInput) as caught:
        read_tables(tmp_path)
    assert "ranges.csv row 2, column " + fault in str(caught.value)


def copy_of_toy(folder: Path) -> None:
    for file in find("data/toy").glob("*.csv"):
        (folder / file.name).write_text(file.read_text("utf-8"), "utf-8")


def test_ranges_stand_in_the_input_workbook(tmp_path):
    """A case with ranges, written as an input workbook and read again, has the same."""
    folder = tmp_path / "case"
    folder.mkdir()
    copy_of_toy(folder)
    text = HEADER + "courses,success,baking,,0.5,1.5,0.8,season,0.3,invented\n"
    text += "equipment_suits,hours,roaster+coffee,,0.5,1.5,,,,invented\n"
    (folder / "ranges.csv").write_text(text, "utf-8")
    write_blank_workbook(tmp_path / "case.xlsx", folder)
    assert read_tables(tmp_path / "case.xlsx").ranges == read_tables(folder).ranges
    assert len(read_tables(folder).ranges) == 2


def test_a_case_without_ranges_keeps_its_fingerprint():
    case = bakers()
    stated = bakers(about("courses", "success", 0.5, 1.5))
    assert "ranges" not in case.tables.content()
    assert case.fingerprint != stated.fingerprint
