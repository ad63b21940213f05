"""Limits of an office's own: hand-solved, by force, refused by the audit, explained and mended."""

from __future__ import annotations

import random
from fractions import Fraction
from math import ceil, floor

import brute_limits
import pytest
from small_cases import (
    cluster,
    course,
    fund,
    machine,
    machine_suit,
    small_case,
    suit,
    trainer,
    with_scenario,
)

from ikmplan import solve
from ikmplan.input.own_limits import AmountLimit, parse_limit
from ikmplan.insight.demands import Measures, demands
from ikmplan.model.conflicts import NoPlan
from ikmplan.model.problem import make_problem
from ikmplan.model.search import ask

MILLION = 1_000_000


def two_sentras(**scenario):
    """Ten bakers in the north, ten in the south; a class of five costs 5 million and half of
    those who sit in it are reached; an oven costs 4 million, serves one baker, and 0.8 of those
    are reached. With 20 million the best is an oven for five bakers: 5 · 0.8 = 4 in 20 million,
    or four classes: 20 · 0.5 = 10."""
    return small_case(
        {"courses_per_unit": 1} | scenario,
        clusters=[
            cluster("north", 10, sector="bakery", district="Medan Denai"),
            cluster("south", 10, sector="bakery", district="Medan Kota"),
        ],
        courses=[course("baking", 5, 5, cost_class=5 * MILLION),
                 course("selling", 5, 5, cost_class=6 * MILLION, success=0.4, scope="city")],
        course_suits=[suit("baking", "bakery"), suit("selling", "bakery")],
        course_uses=[{"course": "baking", "resource": "balai", "amount": 5}],
        equipment=[machine("oven", price=4 * MILLION)],
        equipment_suits=[machine_suit("oven", "bakery", 100, 0.8)],
        resources=[trainer("balai", 10, 10, 10, 10)],
        funds=[fund("apbd", 20 * MILLION), fund("dak", 0, "equipment")],
    )  # fmt: skip


def reached(**scenario):
    return solve(two_sentras(**scenario)).reached


# --- worked by hand --------------------------------------------------------------------------


def test_without_limits():
    """Four classes of 5 million: 20 bakers, half of them."""
    assert reached() == pytest.approx(10)


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        # one class of baking less; the 5 million left buy an oven: 7.5 + 0.8 − the oven's baker
        # is one of those who had no seat
        ("money baking <= 15000000", 7.5 + 0.8),
        # half of 20 million for ovens: 2 classes, 2 ovens (8 million) are 42 % of 18 million,
        # so that 1 class and 3 ovens (12 of 17) are needed, and 2 with 2 (8 of 18) are too few
        ("money equipment >= 50%", 2.5 + 3 * 0.8),
        # of the fund: 40 % of 20 million are 8, two ovens, and 10 or 12 million for training
        ("money equipment >= 40% of apbd", 5 + 2 * 0.8),
        # the north's two classes: 10 of 20 seats; at most 40 % of the seats leave it one of three
        ("seats @ north <= 40%", 7.5 + 0.8),
        ("seats @ district Medan Denai <= 40%", 7.5 + 0.8),
        ("seats outside south <= 40%", 7.5 + 0.8),
        # no more than 12 bakers get anything: two classes and two ovens
        ("units <= 12", 5 + 2 * 0.8),
        ("classes <= 3", 7.5 + 0.8),
        ("classes selling = 1", 5 + 2 + 0),  # 6 + 10 million; 4 left: an oven
        ("machines @ north >= 1", 7.5 + 0.8),
    ],
)
def test_an_amount_or_a_share(limit, value):
    extra = 0.8 if limit == "classes selling = 1" else 0
    assert reached(limits=[limit]) == pytest.approx(value + extra)


def test_a_quarter_that_is_closed():
    """Ten days a quarter are two classes: with three quarters closed to baking two are held, 10
    million; a class of selling takes 6 million and none of those days, and an oven 4: 5 + 2 + 0.8.
    """
    plan = solve(two_sentras(limits=["no baking in q1 q2 q4"]))
    assert plan.reached == pytest.approx(5 + 2 + 0.8)
    assert set(plan.classes.loc[plan.classes["course"] == "baking", "quarter"]) == {3}


def test_a_long_class_is_held_in_every_quarter_it_lasts():
    """A class of two quarters begins in Q1, Q2 or Q3; with Q2 closed only Q3 is left, and with Q3
    closed too none is held."""

    def held(*limits):
        case = small_case(
            {"limits": limits},
            clusters=[cluster("north", 5)],
            courses=[course("baking", 5, 5, quarters=2)],
            course_suits=[suit("baking", "north")],
        )
        return solve(case).classes[["quarter", "classes"]].to_numpy().tolist()

    assert held("no baking in q2") == [[3, 1]]
    assert held("no training in q2 q3") == []


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        # selling, 6 million for 2 units, instead of one class: 14 are two classes and an oven
        ("at least 2 of baking, selling", 5 + 2 + 0.8),
        ("at least 2 of baking, oven", 7.5 + 0.8),
        # two of three, so that neither all nor one of them: 3 classes, and an oven
        ("exactly 2 of baking, selling, oven", 7.5 + 0.8),
        # one place: two classes seat all its people, and 10 million are two ovens: each lifts one
        # of the seated from 0.5 to 1 − 0.5 · 0.2 = 0.9
        ("at most 1 of @ north, @ south", 5 + 2 * 0.4),
        ("if baking then selling", 5 + 2 + 0.8),
        ("if @ north then oven @ south", 7.5 + 0.8),
    ],
)
def test_how_many_of_several(limit, value):
    assert reached(limits=[limit]) == pytest.approx(value)


def test_a_group_is_its_clusters():
    """Main is the north: outside it at most 30 % of the money, the rule of DAK. The north takes
    two classes and an oven, 14 million, for 9 · 0.5 + 0.9; the south one class for 2.5, and 5
    million are less than 30 % of 19."""
    limits = ["money outside main <= 30%"]
    by_group = solve(two_sentras(limits=limits, groups={"main": ["north"]}))
    assert by_group.reached == pytest.approx(5.4 + 2.5)
    written = solve(two_sentras(limits=["money outside north <= 30%"]))
    assert written.proof.value == by_group.proof.value


def test_what_stands_inside_and_outside_is_all():
    """Money @ north + money outside north = money, of any plan: what the city shares is outside."""
    case = two_sentras(limits=["classes selling = 1"])
    plan = solve(case)
    texts = ["money @ north <= 0", "money outside north <= 0", "money <= 0"]
    asked = [demand for demand in demands(with_scenario(case, limits=texts)) if demand.key in texts]
    inside, outside, every = (Measures(plan, case).of(demand) for demand in asked)
    assert (inside + outside, every) == (every, plan.cost)


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        ("money equipment <= 30000000", 2.5),  # a press for 8 in a centre of 20 and 2 a year
        ("money equipment <= 29999999", 1.0),  # without it, 4 · 0.25 by the course
        ("money centre <= 22000000", 2.5),
        ("money centre <= 21999999", 1.0),
        ("money outside shoes <= 29999999", 1.0),  # what is opened stands in no cluster
        ("money @ shoes <= 0", 2.0),  # the course costs 3 there
        ("machines @ centre = 0", 1.0),
        ("units press <= 3", 3 * 0.625 + 0.25),
        ("at most 1 of design, press", 2.0),
    ],
)
def test_openings_and_what_stands_in_them(limit, value):
    """A press and a course reach 4 · (1 − 0.5 · 0.75) = 2.5 units, the press alone 2."""
    from test_openings import workshop

    assert solve(workshop(limits=[limit], gap=0)).reached == pytest.approx(value)


# --- rows ------------------------------------------------------------------------------------

GOLDEN = {
    "seats @ north <= 40%": [
        # 0.6 of each seat in the north, −0.4 of each in the south
        "0.6 seats__baking__north - 0.4 seats__baking__south + 0.6 seats__selling__north"
        " - 0.4 seats__selling__south <= 0"
    ],
    "money equipment @ north <= 30% of apbd": ["4 machines__oven__north <= 6"],
    "no baking in q2 q4": ["scheduled__baking__2 <= 0", "scheduled__baking__4 <= 0"],
    "at least 2 of baking, oven @ north, @ south": [
        "something__0__0 + something__0__1 + something__0__2 >= 2"
    ],
    "if selling then oven": ["something__0__0 - something__0__1 <= 0"],
}


@pytest.mark.parametrize("limit", GOLDEN)
def test_golden_rows(limit):
    from test_rules import shown

    problem, _v = make_problem(two_sentras(limits=[limit]))
    rows = [shown(row) for row in problem.constraints() if row.name.startswith("limits_kept")]
    assert rows == GOLDEN[limit]


def test_something_is_a_seat_a_machine_or_a_unit():
    """Baking has 20 seats at most, and 10 units in each of 4 packages: in each place with and
    without an oven. 20 + 4 · 10 = 60."""
    from test_rules import shown

    problem, _v = make_problem(two_sentras(limits=["at least 1 of baking"]))
    rows = {row.name: shown(row) for row in problem.constraints()}
    assert rows["something_got__0__0__least"] == (
        "units of 4 packages + seats__baking__north + seats__baking__south - something__0__0 >= 0"
    )
    assert rows["something_got__0__0__most"].endswith("- 60 something__0__0 <= 0")


# --- by force --------------------------------------------------------------------------------


def random_case(seed):
    r = random.Random(seed + 5000)
    case = brute_limits.tiny(seed)
    limits = [brute_limits.random_limit(r, case) for _n in range(r.choice([2, 3, 4]))]
    limits = list({limit.text: limit for limit in limits}.values())
    texts = [limit.text for limit in limits]
    return with_scenario(case, limits=texts, groups=brute_limits.GROUPS), limits


def agrees(seed):
    """None where search and force agree on the best value; where both find none, how many limits
    have a fix that is enough alone, each the least (none where there are several conflicts)."""
    case, limits = random_case(seed)
    best = brute_limits.best(case, limits)
    try:
        assert best is not None, solve(case).proof
        assert solve(case).proof.value == pytest.approx(best, abs=1e-6), seed
        return None
    except NoPlan as none:
        assert best is None and none.conflicts, seed
        near = brute_limits.nearest(case, limits)
        return sum(mends(case, near, need) for c in none.conflicts for need in c.needs)


def mends(case, near, need):
    """Whether it is a limit whose fix is enough alone; then it is, and is the least that is."""
    if need.rule != "limits_kept" or not need.alone:
        return False
    mended = with_scenario(case, **need.change)
    assert ask(mended).value is not None
    (gone,) = {*case.scenario.limits} - {*mended.scenario.limits}
    came = {*mended.scenario.limits} - {*case.scenario.limits}
    parsed = parse_limit(gone)
    if isinstance(parsed, AmountLimit) and "About" not in need.fix:
        step = Fraction(MILLION if gone.startswith("money") else 1)
        if parsed.share and parsed.of is None:
            step = Fraction(1, 1000)
        rounded = floor(near[gone] / step) if parsed.sign == ">=" else ceil(near[gone] / step)
        number = parse_limit(came.pop()).number if came else 0
        assert number == float(rounded * step), (gone, need.fix, near)
    return True


def force(seeds, plans, refusals, fixes):
    """So many cases of these with a plan, without one, and fixes of limits, are enough."""
    found = [agrees(seed) for seed in seeds]
    none = [n for n in found if n is not None]
    counts = len(found) - len(none), len(none), sum(none)
    assert all(n >= least for n, least in zip(counts, (plans, refusals, fixes), strict=True)), (
        counts
    )


@pytest.mark.slow
def test_tiny_cases_by_force():
    force(range(40), 8, 5, 8)


@pytest.mark.slow
def test_more_tiny_cases_by_force():
    force(range(40, 240), 80, 40, 50)
