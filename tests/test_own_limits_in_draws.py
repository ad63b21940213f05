"""Limits of an office's own when numbers turn out otherwise: what is dropped for them, what not."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest
from brute_limits import GROUPS, random_limit, tiny
from small_cases import (
    cluster,
    course,
    fund,
    machine,
    machine_suit,
    small_case,
    suit,
    trainer,
    use,
    with_scenario,
)
from test_sure_programmes import of_facts, set_to

from ikmplan.input.case import Case
from ikmplan.model.conflicts import NoPlan
from ikmplan.model.search import solve
from ikmplan.text import language
from ikmplan.uncertainty.answers import range_alone
from ikmplan.uncertainty.draws import draws
from ikmplan.uncertainty.plan_range import range_of
from ikmplan.uncertainty.tables import kept_table, sureness

MILLION = 1_000_000
BAKING, SELLING = ("courses.cost_class", "baking"), ("courses.cost_class", "selling")


def two_courses(*limits: str, budget: int = 30, **rows: Any) -> Case:
    """20 bakers, whom two classes of baking for 10 million each reach with chance 0.5, and 10
    sellers, whom one class of selling for 10 million reaches with chance 0.3: 10 + 3 units."""
    return small_case(
        {"limits": list(limits), "budget": budget * MILLION},
        clusters=[cluster("bread", 20), cluster("shop", 10)],
        courses=[course("baking", 10, 10, cost_class=10 * MILLION),
                 course("selling", 10, 10, cost_class=10 * MILLION, success=0.3)],
        course_suits=[suit("baking", "bread"), suit("selling", "shop")],
        **rows,
    )  # fmt: skip


def own(found: Any) -> dict[str, list[float]]:
    return {key: holds.tolist() for (rule, key), holds in found.holds.items()
            if rule == "limits_kept"}  # fmt: skip


def test_money_that_is_limited_is_followed_like_the_budget():
    """Two classes for 20 million. At 12 they cost 24: one is dropped, 12 million and 5 units are
    left beside the 3. At 21 both go; at 9 nothing does. The budget of 90 million has room."""
    case = two_courses("money baking <= 20000000", budget=90)
    found = set_to(case, solve(case), {BAKING: [10e6, 12e6, 21e6, 9e6]})
    assert found.expected == pytest.approx([13, 8, 3, 13])
    assert found.cost == pytest.approx([30e6, 22e6, 10e6, 28e6])
    assert own(found) == {"money baking <= 20000000": [1, 1, 1, 1]}


def test_what_a_limit_needs_is_dropped_only_where_nothing_else_suffices():
    """30 million. With classes of baking at 15, 40 million are asked for. Without a limit selling
    goes, which is missed least: 10 units for 30 million. Where a class of selling must be held, one
    of baking goes: 5 + 3 for 25. With selling at 50 it cannot be held at all: it goes, baking
    stays, and that is counted."""
    free, bound = two_courses(), two_courses("classes selling >= 1")
    values = {BAKING: [10e6, 15e6, 10e6], SELLING: [10e6, 10e6, 50e6]}
    found = set_to(free, solve(free), values)
    assert found.expected == pytest.approx([13, 10, 10])
    assert own(found) == {}
    found = set_to(bound, solve(bound), values)
    assert found.expected == pytest.approx([13, 8, 10])
    assert found.cost == pytest.approx([30e6, 25e6, 20e6])
    assert own(found) == {"classes selling >= 1": [1, 1, 0]}
    assert found.holds["within_budget", "budget"].tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    "limit",
    ["seats @ shop >= 10", "units selling >= 10", "at least 2 of baking, selling",
     "if baking then selling", "exactly 2 of @ bread, @ shop", "money selling >= 10000000",
     "seats @ shop >= 30%", "classes selling >= 30%"],
)  # fmt: skip
def test_every_kind_of_limit_protects_what_it_needs(limit):
    """As above: one of two classes of baking goes, and the class of selling stays."""
    case = two_courses(limit)
    found = set_to(case, solve(case), {BAKING: [10e6, 15e6]})
    assert found.expected == pytest.approx([13, 8])
    assert own(found) == {limit: [1, 1]}


def test_a_share_of_the_money_is_kept_by_dropping_what_exceeds_it():
    """Selling may take a third of the money: 10 of 30 million. At 11 it takes 11 of 31, more than
    a third, and goes. The other way round, baking must take 2 of 3: the same."""
    for limit in ("money selling <= 33.34%", "money baking >= 66.66%"):
        case = two_courses(limit, budget=90)
        found = set_to(case, solve(case), {SELLING: [10e6, 11e6, 9e6]})
        assert found.cost == pytest.approx([30e6, 20e6, 29e6])
        assert own(found) == {limit: [1, 1, 1]}


def test_a_share_of_a_fund_moves_with_the_fund():
    """A third of 30 million for selling. With 27 in the fund, 9 are allowed: selling goes, and 20
    of the 27 million are spent."""
    case = two_courses("money selling <= 33.34% of dak", budget=90,
                       funds=[fund("dak", 30 * MILLION)])  # fmt: skip
    found = set_to(case, solve(case), {("funds.amount", "dak"): [30e6, 27e6]})
    assert found.cost == pytest.approx([30e6, 20e6])
    assert own(found) == {"money selling <= 33.34% of dak": [1, 1]}


def test_fewer_people_may_break_a_limit_and_nobody_is_added():
    """Of 10 sellers 8 are left: 8 of 28 people are fewer than 30 %, and fewer than 10."""
    case = two_courses("seats @ shop >= 30%", "units selling >= 10")
    found = set_to(case, solve(case), {("clusters.units", "shop"): [10, 8]})
    assert own(found) == {"seats @ shop >= 30%": [1, 0], "units selling >= 10": [1, 0]}


def test_machines_are_placed_within_a_limit_of_their_money():
    """Two ovens of 100 hours serve two units each, at 0.5. At 12 million one is dropped: the four
    units share 100 of 200 hours, 4 · 0.5 · 0.5."""
    case = small_case(
        {"limits": ["money equipment @ bread <= 20000000"]},
        clusters=[cluster("bread", 4)],
        equipment=[machine("oven", price=10 * MILLION, stock=2)],
        equipment_suits=[machine_suit("oven", "bread", 50, 0.5)],
    )
    found = set_to(case, solve(case), {("equipment.price", "oven"): [10e6, 12e6]})
    assert found.expected == pytest.approx([2, 1])
    assert found.cost == pytest.approx([20e6, 12e6])


def test_no_class_moves_into_a_closed_quarter():
    """Two classes of 4 days, 4 days in each of q1 and q2. With 4 in q3, and none in q2, they can
    be held in q1 and q3, unless q3 is closed: then one of them is dropped."""
    rows = {
        "course_uses": [use("baking", "hall", 4)],
        "resources": [trainer("hall", 4, 4, 4, 0)],
    }
    for limits, reached in (((), 13), (("no baking in q3",), 8), (("no training in q3 q4",), 8)):
        case = two_courses(*limits, **rows)
        found = set_to(case, solve(case), {("resources.q2", "hall"): [4, 0]})
        assert found.expected == pytest.approx([13, reached])
        assert found.holds["resource_days", "hall"].tolist() == [1, float(reached == 13)]
        assert own(found) == {}


def test_readers_see_in_how_many_cases_each_limit_holds():
    case = two_courses("classes selling >= 1")
    plan = solve(case)
    sure = range_alone(plan, case)
    with language("en"):
        rows = kept_table(sure, case).frame.to_dict("records")
        (row,) = [r for r in rows if r["What must hold"].startswith("Limit of the office's own")]
        assert "selling" in row["Of what"].lower()
        assert "What the office's own limits need" in "".join(sureness(sure, case))


@pytest.mark.parametrize("seed", range(12))
def test_limits_hold_where_nothing_moves_and_money_is_never_exceeded(seed):
    """With facts every limit holds; in draws one that bounds money by an amount always does."""
    r, case = Random(seed), tiny(seed)
    case = with_scenario(case, limits=[random_limit(r, case).text for _n in range(2)],
                         groups=GROUPS)  # fmt: skip
    try:
        plan = solve(case)
    except NoPlan:
        return
    still = of_facts(case)
    assert all(holds == [1, 1] for holds in own(range_of(plan, still, draws(still, 2))).values())
    for text, holds in own(range_of(plan, case, draws(case, 100))).items():
        if text.startswith("money") and "<=" in text and ("%" not in text or " of " in text):
            assert np.all(holds), text
