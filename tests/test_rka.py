"""The RKA without Excel: it adds up to the plan, to the rupiah."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_cases import (
    PLENTY,
    bakery,
    cluster,
    course,
    fund,
    machine,
    machine_suit,
    small_case,
    suit,
)

from ikmplan.input.case import Case
from ikmplan.input.load import load
from ikmplan.input.office import ppn
from ikmplan.plan.derive import make_plan
from ikmplan.plan.plan import Decisions, Plan, make_proof
from ikmplan.report.rka import Account, Line, RkaPackage, SubActivity, gaps, sub_activities
from ikmplan.text import language

ROOT = Path(__file__).parents[1]

OFFICE = {
    "account_training": "5.1.02.02.12.0001", "account_training_name": "Courses",
    "account_food": "5.1.02.01.01.0052", "account_food_name": "Food",
    "account_equipment": "5.1.02.01.01.0039", "account_equipment_name": "Goods handed over",
    "level_5_1_02": "Goods and services", "ppn_equipment": "0.11",
    "sub_activity_training": "3.31.02.2.01.0005", "sub_activity_training_name": "Training",
}  # fmt: skip
PARTS = [
    ("teacher", "class", "account_training", 2, "Orang", 5, "Hari", 900_000),
    ("flour", "class", "account_training", 1, "Paket", "", "", 1_000_000),
    ("lunch", "person", "account_food", 5, "Hari", 1, "Kali", 60_000),
    ("apron", "person", "account_training", 1, "Set", "", "", 200_000),
]


def components(course: str, parts: list[tuple[object, ...]] = PARTS) -> list[dict[str, object]]:
    names = ("component", "basis", "account", "volume", "unit", "times", "times_unit", "price")
    rows = [dict(zip(names, part, strict=True)) for part in parts]
    return [{"course": course, "name": row["component"], **row} for row in rows]


def bread(office: dict[str, str] | None = None, **scenario: object) -> Case:
    """One course of Rp10,000,000 a class and Rp500,000 a person, and an oven of Rp11,100,000.

    `office` are other rows of office.csv."""
    return small_case(
        scenario,
        clusters=[cluster("bread", 40)],
        courses=[course("baking", 10, 30, cost_class=10_000_000, cost_person=500_000)],
        components=components("baking"),
        course_suits=[suit("baking", "bread")],
        equipment=[machine("oven", price=11_100_000)],
        equipment_suits=[machine_suit("oven", "bread")],
        funds=[fund("apbd", PLENTY, "training"), fund("dak", PLENTY, "equipment")],
        office=[{"key": key, "value": value} for key, value in (OFFICE | (office or {})).items()],
    )


def decided(case: Case, **counts: dict[tuple[object, ...], int]) -> Plan:
    """The plan of these decisions, whatever it reaches."""
    given = {name: counts.get(name, {}) for name in ("classes", "seats", "machines", "units")}
    decisions = Decisions(**given)
    return make_plan(case, decisions, make_proof(case, decisions, 0.0, 0.0, "by hand"))


def held(case: Case) -> Plan:
    """Two classes of 33 people together, in quarters 2 and 3, and two ovens."""
    return decided(
        case,
        classes={("baking", "bread", 2): 1, ("baking", "bread", 3): 1},
        seats={("baking", "bread"): 33},
        machines={("oven", "bread"): 2},
    )


def packages(part: SubActivity | Account) -> Iterator[tuple[Account, RkaPackage]]:
    for under in part.accounts if isinstance(part, SubActivity) else part.parts:
        if isinstance(under, Account):
            yield from packages(under)
        else:
            yield part, under


def lines(part: SubActivity) -> list[Line]:
    return [line for _account, package in packages(part) for line in package.lines]


def levels(part: SubActivity | Account) -> Iterator[Account]:
    for under in part.accounts if isinstance(part, SubActivity) else part.parts:
        if isinstance(under, Account):
            yield under
            yield from levels(under)


def test_two_classes_are_written_out_by_hand():
    """2 x (2 x 5 x 900,000 + 1,000,000) + 33 x (5 x 60,000 + 200,000) = 36,500,000."""
    training, _equipment = sub_activities(held(bread()), bread())
    assert (training.code, training.name) == ("3.31.02.2.01.0005", "Training")
    assert [(x.name, x.coefficient, x.unit, x.price, x.amount) for x in lines(training)] == [
        ("lunch", "33 Person x 5 Hari x 1 Kali", "Person/Hari/Kali", 60_000, 9_900_000),
        ("teacher", "2 Orang x 5 Hari x 2 Class", "Orang/Hari", 900_000, 18_000_000),
        ("flour", "1 Paket x 2 Class", "Paket", 1_000_000, 2_000_000),
        ("apron", "33 Person x 1 Set", "Person/Set", 200_000, 6_600_000),
    ]
    assert training.amount == 2 * 10_000_000 + 33 * 500_000
    notes = {package.note for _account, package in packages(training)}
    assert notes == {"Classes: 2 (Q2: 1, Q3: 1); participants: 33; fund: APBD"}


def test_in_indonesian_as_the_form_has_it():
    with language("id"):
        training, equipment = sub_activities(held(bread()), bread())
    assert lines(training)[0].coefficient == "33 Orang x 5 Hari x 1 Kali"
    assert lines(training)[1].coefficient == "2 Orang x 5 Hari x 2 Angkatan"
    assert lines(equipment)[0].coefficient == "2 Unit"


def test_the_tax_in_a_price_is_shown_and_adds_nothing():
    """11,100,000 with 11 % PPN in it is 10,000,000 and 1,100,000 of tax."""
    _training, equipment = sub_activities(held(bread()), bread())
    (line,) = lines(equipment)
    assert (line.price, line.tax, line.amount) == (10_000_000, 1_100_000, 22_200_000)
    assert all(line.tax == 0 for line in lines(sub_activities(held(bread()), bread())[0]))
    assert ppn({"ppn_equipment": "0,11"}) == ppn({"ppn_equipment": "0.11"}) == Fraction(11, 100)
    assert ppn({}) is None


def test_accounts_stand_under_the_levels_of_their_codes():
    training, _equipment = sub_activities(held(bread()), bread())
    found = [(level.code, level.name, level.amount) for level in levels(training)]
    assert found == [
        ("5", "", 36_500_000),
        ("5.1", "", 36_500_000),
        ("5.1.02", "Goods and services", 36_500_000),
        ("5.1.02.01", "", 9_900_000),
        ("5.1.02.01.01", "", 9_900_000),
        ("5.1.02.01.01.0052", "Food", 9_900_000),
        ("5.1.02.02", "", 26_600_000),
        ("5.1.02.02.12", "", 26_600_000),
        ("5.1.02.02.12.0001", "Courses", 26_600_000),
    ]


def test_two_keys_with_one_code_are_one_account():
    case = bread()
    rows = [
        row.model_copy(update={"value": "5.1.02.02.12.0001"}) if row.key == "account_food" else row
        for row in case.tables.office
    ]
    same = Case(replace(case.tables, office=tuple(rows)), case.scenario)
    training, _equipment = sub_activities(held(same), same)
    leaves = {account.code for account, _package in packages(training)}
    assert leaves == {"5.1.02.02.12.0001"}
    assert training.amount == 36_500_000


def test_without_components_or_codes_the_amounts_are_whole_and_the_gaps_named():
    case = bakery()
    plan = decided(
        case,
        classes={("baking", "bread", 1): 1, ("selling", "city", 2): 1},
        seats={("baking", "bread"): 5, ("selling", "cake"): 6},
    )
    (training,) = sub_activities(plan, case)
    assert [line.name for line in lines(training)] == [
        "Holding a class", "Cost of participants", "Holding a class",
    ]  # fmt: skip
    assert training.amount == plan.cost == 10_000_000 + 5 * 500_000 + 6_000_000
    assert {"account_training", "head", "kegiatan", "sub_activity_training"} <= set(
        gaps(plan, case)
    )
    assert [account.code for account, _package in packages(training)] == ["", ""]


def test_a_line_that_two_funds_pay_states_how_much_each():
    case = small_case(
        clusters=[cluster("bread", 40)],
        courses=[course("baking", 10, 30, cost_class=10_000_000)],
        course_suits=[suit("baking", "bread")],
        funds=[fund("apbd", 7_000_000), fund("dak", 5_000_000, "training")],
    )
    plan = decided(case, classes={("baking", "bread", 1): 1}, seats={("baking", "bread"): 10})
    (training,) = sub_activities(plan, case)
    ((_account, package),) = packages(training)
    assert package.note.endswith("fund: APBD Rp5,000,000, DAK Rp5,000,000")


def test_what_the_price_factor_leaves_over_is_never_below_zero():
    """1000 portions at 1,000 x 1.0007 = 1,000.7: rounded up they would cost 1,001,000, but a
    person costs 1,000,700. So 1,000 each, and 700 rupiah a person are left over."""
    parts = [("food", "person", "account_food", 1000, "Porsi", "", "", 1_000)]
    (training,) = sub_activities(held_food(parts, 1.0007), food(parts, 1.0007))
    shown = [(line.name, line.price, line.amount) for line in lines(training)]
    assert shown == [
        ("food", 1_000, 20_000_000), ("Rounding of the price factor", 700, 14_000)
    ]  # fmt: skip


def test_rupiah_left_over_go_to_the_largest_remainders():
    """3 x 10 x 1.06 = 31.8 is 32 for a person. 10.6 each is 10, twice; 10.6 + 10.6 + 10.6 has 2
    rupiah left for three parts with one remainder: the first two by key get them."""
    parts = [(key, "person", "account_food", 1, "Porsi", "", "", 10) for key in ("c", "a", "b")]
    (training,) = sub_activities(held_food(parts, 1.06), food(parts, 1.06))
    assert {line.name: line.price for line in lines(training)} == {"a": 11, "b": 11, "c": 10}


def food(parts: list[tuple[object, ...]], factor: float) -> Case:
    """One course whose participants cost what these parts add up to."""
    cost = sum(int(part[3]) * (int(part[5] or 1)) * int(part[7]) for part in parts)
    return small_case(
        {"price_factor": factor},
        clusters=[cluster("bread", 40)],
        courses=[course("baking", 10, 30, cost_person=cost)],
        components=components("baking", parts),
        course_suits=[suit("baking", "bread")],
        office=[{"key": key, "value": value} for key, value in OFFICE.items()],
    )


def held_food(parts: list[tuple[object, ...]], factor: float) -> Plan:
    """One class of 20 people."""
    classes, seats = {("baking", "bread", 1): 1}, {("baking", "bread"): 20}
    return decided(food(parts, factor), classes=classes, seats=seats)


PART = st.tuples(
    st.just("person"), st.just("account_food"), st.integers(1, 3000), st.just("Porsi"),
    st.integers(1, 30), st.just("Kali"), st.integers(0, 20_000),
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=300)
@given(
    st.lists(PART, min_size=1, max_size=6),
    st.floats(1e-9, 100) | st.floats(0.99, 1.01) | st.just(1.0),
)
def test_no_line_is_below_zero_and_no_rupiah_is_lost_whatever_the_price_factor(drawn, factor):
    """And no price is a whole rupiah or more from the exact one."""
    parts = [(f"part{n}", *part) for n, part in enumerate(drawn)]
    plan, case = held_food(parts, factor), food(parts, factor)
    made = sub_activities(plan, case)
    assert sum(part.amount for part in made) == plan.cost
    exact = {row.name: Fraction(factor) * row.price for row in case.tables.components}
    for line in (line for part in made for line in lines(part)):
        assert line.price >= 0 and line.tax >= 0 and line.volume > 0
        if line.name in exact:
            assert abs(line.price - exact[line.name]) < 1
        else:  # what is left is less than one rupiah on any part that was rounded down
            assert factor != 1.0
            for row in case.tables.components:
                price = case.component_price["baking", row.component, "person"]
                assert price >= exact[row.name] or line.price < row.times_bought


@pytest.mark.slow
@settings(max_examples=60)
@given(
    factor=st.floats(0.5, 2.0),
    classes=st.integers(1, 40),
    people=st.integers(0, 1200),
    ovens=st.integers(0, 40),
)
def test_it_adds_up_to_the_plan_whatever_the_prices(factor, classes, people, ovens):
    """Rounding a part of a price never loses a rupiah of the whole."""
    case = bread(price_factor=factor)
    plan = decided(
        case,
        classes={("baking", "bread", 2): classes},
        seats={("baking", "bread"): people},
        machines={("oven", "bread"): ovens} if ovens else {},
    )
    parts = sub_activities(plan, case)
    assert sum(part.amount for part in parts) == plan.cost
    for part in parts:
        of_kind = plan.lines.loc[plan.lines["kind"] == part.kind, "amount"].sum()
        assert part.amount == sum(line.amount for line in lines(part)) == of_kind
        for account in levels(part):
            assert account.amount == sum(under.amount for under in account.parts)


def test_medan_names_every_level_and_every_source():
    """No plan is needed: one class of each course and one machine of each kind."""
    case = load(ROOT / "data" / "medan-2022")
    chosen = {p: next(h for q, h in case.course_hosts if q == p) for p in case.courses}
    plan = decided(
        case,
        classes={(p, h, 1): 1 for p, h in chosen.items()},
        seats={(p, case.course_hosts[p, h][0]): 20 for p, h in chosen.items()},
        machines={(e, next(h for f, h in case.machine_hosts if f == e)): 1 for e in case.equipment},
    )
    assert gaps(plan, case) == []
    parts = sub_activities(plan, case)
    assert sum(part.amount for part in parts) == plan.cost
    known = {row.source for row in case.tables.sources}
    for part in parts:
        assert all(account.code and account.name for account in levels(part))
        assert all(line.source in known for line in lines(part))
        assert all(1 <= len(line.pairs) <= 4 for line in lines(part))


@pytest.mark.parametrize("name", ["medan-2022", "toy"])
def test_no_code_of_an_account_stands_in_the_program(name):
    """Codes and names of accounts are an office's to change."""
    case = load(ROOT / "data" / name)
    source = "\n".join(file.read_text("utf-8") for file in (ROOT / "src").rglob("rka*.py"))
    source += (ROOT / "src" / "ikmplan" / "workbook" / "plan_workbook.py").read_text("utf-8")
    for row in case.tables.office:
        if row.key.startswith(("account_", "level_", "sub_activity_")) and "." in row.value:
            assert row.value not in source
