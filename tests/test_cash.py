"""The cash plan adds up to the rupiah; indicators and compliance state what the tables give."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_cases import cluster, course, fund, machine, machine_suit, small_case, suit
from test_rka import OFFICE, bread, decided, held

from ikmplan import views
from ikmplan.input.case import Case
from ikmplan.input.load import load
from ikmplan.plan.plan import Plan
from ikmplan.report.cash_plan import cash_rows, months
from ikmplan.report.compliance import MET, NOT_MET, UNCHECKED, price_checks, requirements
from ikmplan.report.rka import by_quarter, sub_activities
from ikmplan.text import LANGUAGES, half_up, language, number


def test_classes_are_paid_when_they_are_held_and_machines_in_their_quarter():
    """33 people in two classes: 33 · 1 // 2 = 16 in quarter 2 and 17 in quarter 3. So
    10,000,000 + 16 · 500,000 = 18,000,000, then 18,500,000; two ovens are 22,200,000."""
    case = bread()
    rows = [(row.fund, row.kind, row.by_quarter) for row in cash_rows(held(case), case)]
    assert rows == [
        ("apbd", "training", (0, 18_000_000, 18_500_000, 0)),
        ("dak", "equipment", (0, 0, 22_200_000, 0)),
    ]
    table = views.cash_plan(held(case), case).frame
    assert table.iloc[-1].tolist()[2:] == [0, 18_000_000, 40_700_000, 0, 58_700_000]


def test_the_office_states_in_which_quarter_machines_are_paid():
    case = bread({"machine_quarter": "4"})
    (row,) = [row for row in cash_rows(held(case), case) if row.kind == "equipment"]
    assert row.by_quarter == (0, 0, 0, 22_200_000)


def shared(in_quarter: list[int], people: int, first: int) -> tuple[Plan, Case]:
    """Classes that two funds pay together: `first` rupiah is all that one of them holds."""
    case = small_case(
        clusters=[cluster("bread", 400)],
        courses=[course("baking", 1, 30, cost_class=10_000_001, cost_person=333_333)],
        course_suits=[suit("baking", "bread")],
        funds=[fund("apbd", first), fund("dak", 10**9, "training")],
    )
    classes = {("baking", "bread", q): n for q, n in enumerate(in_quarter, 1) if n}
    return decided(case, classes=classes, seats={("baking", "bread"): people}), case


@pytest.mark.slow
@settings(max_examples=40)
@given(
    st.lists(st.integers(0, 3), min_size=4, max_size=4).filter(sum),
    st.integers(1, 60),
    st.integers(0, 200_000_000),
)
def test_no_rupiah_is_lost_between_quarters_funds_and_accounts(in_quarter, people, first):
    """What a fund pays in the year is what the plan's money states; the accounts of a quarter add
    up to what the funds pay in it."""
    plan, case = shared(in_quarter, people, first)
    rows = cash_rows(plan, case)
    paid = plan.money.groupby("fund")["amount"].sum().to_dict()
    assert {row.fund: sum(row.by_quarter) for row in rows} == {f: n for f, n in paid.items() if n}
    lines = [line for part in sub_activities(plan, case) for line in part.lines]
    assert sum(map(sum, (row.by_quarter for row in rows))) == plan.cost
    assert by_quarter(lines) == tuple(sum(row.by_quarter[q] for row in rows) for q in range(4))
    assert all(sum(line.by_quarter) == line.amount for line in lines)


@given(st.integers(0, 10**15))
def test_the_months_of_a_quarter_add_up_to_it(amount):
    assert sum(months(amount)) == amount and max(months(amount)) - min(months(amount)) <= 2


def test_the_indicators_are_the_plans_numbers():
    """Two classes of 33 people; two ovens at one place; the money of each sub-activity alone."""
    case = bread()
    shown = views.indicators(held(case), case).frame
    targets = dict(zip(shown["What is measured (tolok ukur)"], shown["Target"], strict=True))
    assert targets["Classes held"] == 2 and targets["Participants in all classes"] == 33
    assert targets["Machines handed over"] == 2 and targets["Places that get machines"] == 1
    money = shown.loc[shown["Indicator"] == "Input", "Target"].tolist()
    assert money == [36_500_000, 22_200_000]
    assert set(shown["Indicator"]) == {"Achievement of the activity", "Input", "Output", "Outcome"}


def test_the_office_adds_the_output_of_its_nomenclature():
    case = bread({"output_training": "Documents of coordination", "output_training_target": "1"})
    shown = views.indicators(held(case), case).frame
    mine = shown[shown["What is measured (tolok ukur)"] == "Documents of coordination"]
    assert mine["Target"].tolist() == ["1"]


def priced(class_share: float | None, oven_share: float | None, **standard: object) -> Case:
    """One class of Rp10 million, one oven of Rp11.1 million with these domestic shares."""
    part = {
        "course": "baking", "component": "all", "basis": "class", "name": "All of it",
        "account": "account_food", "volume": 1, "unit": "Paket", "times": "", "times_unit": "",
        "price": 10_000_000, "domestic": class_share, "ssh_code": "1.1",
    }  # fmt: skip
    row = {"code": "1.1", "name": "All", "unit": "paket", "price": 10_000_000} | standard
    return small_case(
        clusters=[cluster("bread", 40)],
        courses=[course("baking", 10, 30, cost_class=10_000_000)],
        components=[part],
        course_suits=[suit("baking", "bread")],
        equipment=[machine("oven", price=11_100_000, domestic=oven_share)],
        equipment_suits=[machine_suit("oven", "bread")],
        office=[{"key": key, "value": value} for key, value in OFFICE.items()],
        price_standard=[row] if standard else [],
    )


def bought(case: Case) -> Plan:
    return decided(
        case,
        classes={("baking", "bread", 1): 1},
        seats={("baking", "bread"): 10},
        machines={("oven", "bread"): 1},
    )


@pytest.mark.parametrize(
    ("class_share", "oven_share", "result"),
    [
        (None, 0.9, MET),  # 9.99 of 21.1 million are 47 %, whatever the class is
        (None, 0.5, UNCHECKED),  # 26 % to 74 %
        (None, None, UNCHECKED),
        (0.3, 0.3, NOT_MET),
        (0.4, 0.4, MET),  # exactly
        (0.0, None, MET if 11.1 / 21.1 < 0.4 else UNCHECKED),  # 0 % to 53 %
    ],
)
def test_domestic_products_are_met_only_where_the_tables_say_so(class_share, oven_share, result):
    case = priced(class_share, oven_share)
    domestic, _prices = requirements(bought(case), case)
    assert domestic.result == result
    assert bool(domestic.unknown) == (None in (class_share, oven_share))


@pytest.mark.parametrize(
    ("standard", "result"),
    [
        ({"price": 10_000_000}, MET),
        ({"price": 9_999_999}, NOT_MET),
        ({"unit": "Orang"}, UNCHECKED),
        ({}, UNCHECKED),
    ],
)
def test_a_price_is_compared_only_with_one_for_the_same_unit(standard, result):
    case = priced(None, None, **standard)
    lines = [line for part in sub_activities(bought(case), case) for line in part.lines]
    course_price, oven_price = price_checks(case, lines)
    assert course_price.result == result and oven_price.result == UNCHECKED
    assert bool(course_price.why) == (result == UNCHECKED)
    _domestic, prices = requirements(bought(case), case)
    assert prices.result == (NOT_MET if result == NOT_MET else UNCHECKED)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_words_of_the_program_for_a_unit_are_those_of_the_standard(code):
    """A machine is counted in Unit (Piece in English); the standard of the office states Unit."""
    with language(code):
        case = load("tests/faults/good", language=code)
        plan = decided(case, machines={("oven", "kue_denai"): 1})
        lines = [line for part in sub_activities(plan, case) for line in part.lines]
        assert [check.result for check in price_checks(case, lines)] == [MET]


def test_the_same_half_is_rounded_to_the_same_figure_as_in_a_spreadsheet():
    """17.45 is 17.4499999… as a float; a spreadsheet shows 17.5, and so do the pages."""
    assert (number(17.45, 1), number(0.145 * 100), number(2.5)) == ("17.5", "15", "3")
    assert number(-0.04, 1) == "0.0"
    assert half_up(10**18 + 1) == 10**18 + 1
