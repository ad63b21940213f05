"""Which costs funds can pay, however many there are and however they overlap."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import combinations

import pytest
from cities import random_city
from hypothesis import given
from hypothesis import strategies as st
from small_cases import (
    city_of_overlapping_funds,
    cluster,
    course,
    fund,
    small_case,
    suit,
    with_scenario,
)

from ikmplan import solve
from ikmplan.input.case import Case
from ikmplan.input.load import make_case
from ikmplan.input.rows import Fund
from ikmplan.input.scenario import Scenario
from ikmplan.insight.demands import Measures, demands
from ikmplan.insight.greedy import greedy
from ikmplan.insight.reasons import explain
from ikmplan.model.funds import MOST_UNIONS, unions, unpaid
from ikmplan.plan.audit import CHECKS, find_breaches
from ikmplan.plan.derive import make_plan
from ikmplan.plan.plan import Plan, make_proof

NAMES = "abcdef"
SETS = [frozenset(s) for size in range(7) for s in combinations(NAMES, size)]


@given(
    costs=st.dictionaries(
        st.frozensets(st.sampled_from(NAMES), max_size=4), st.integers(0, 9), max_size=7
    ),
    amounts=st.fixed_dictionaries({f: st.integers(0, 9) for f in NAMES}),
)
def test_what_no_fund_can_pay_is_what_some_set_of_funds_is_short_of(costs, amounts):
    """Largest flow, smallest cut: the worst of all 64 sets S, by what S alone may pay less what
    S holds."""
    assert unpaid(costs, amounts) == max(
        sum(n for payers, n in costs.items() if payers <= funds) - sum(amounts[f] for f in funds)
        for funds in SETS
    )


def test_a_cost_is_paid_anew_where_that_frees_a_fund():
    """b pays 5 of {a, b}; then {b} needs b, so a pays those 5, and c nothing. Short: 8 − 5 = 3."""
    a, b = frozenset("ab"), frozenset("b")
    assert unpaid({a: 5, b: 5}, {"a": 5, "b": 5, "c": 9}) == 0
    assert unpaid({a: 5, b: 8}, {"a": 5, "b": 5, "c": 9}) == 3
    assert unpaid({frozenset(): 4}, {"a": 5}) == 4


def overlapping(n: int, **scenario: object) -> Case:
    """n courses; fund i may pay for course i and the next one, so that any run of neighbours is a
    union of its own: n · (n − 1) of them, and 2 ** n sets. One class costs 1 million and each
    fund holds as much."""
    return small_case(
        {"courses_per_unit": 1} | scenario,
        clusters=[cluster("bread", 4 * n)],
        courses=[
            course(f"p{i:02}", 4, 4, cost_class=1_000_000, success=0.25 + i / 100)
            for i in range(n)
        ],
        course_suits=[suit(f"p{i:02}", "bread") for i in range(n)],
        funds=[fund(f"f{i:02}", 1_000_000, f"p{i:02} p{(i + 1) % n:02}") for i in range(n)],
    )  # fmt: skip


def crossing(n: int, seed: int) -> Case:
    """A random city whose n funds pay for four things each: nearly every union is another set."""
    r, made = random.Random(seed), random_city(seed, 4, n, 2)
    keys = [*made.by_key["courses"], *made.by_key["equipment"]]
    funds = tuple(
        Fund(fund=f"f{i}", name="F", amount=r.randint(20, 90) * 1_000_000, source="made_up",
             pays=" ".join(r.sample(keys, 4)))
        for i in range(n)
    )  # fmt: skip
    return make_case(replace(made, funds=funds), Scenario(gap=0.01, courses_per_unit=1))


def bought(case: Case) -> Plan:
    decisions = greedy(case)
    return make_plan(case, decisions, make_proof(case, decisions, 0.0, 0.0, "greedy"))


def test_greedy_buys_from_twenty_four_overlapping_funds_what_they_hold():
    """The last course has the best chance, 0.48: funds 22 and 23 pay a class each. Fund 21 then is
    all that is left for course 22, and so on: one class each of courses 22 to 1, and 24 in all.
    4 · (2 · 0.48 + Σ_{i=1..22} (0.25 + i / 100)) = 4 · (0.96 + 5.5 + 2.53) = 35.96, the best."""
    case = overlapping(24)
    plan = bought(case)
    assert plan.class_count == 24
    assert plan.reached == pytest.approx(35.96)
    assert solve(case).reached == pytest.approx(35.96)


@pytest.mark.parametrize("n", [16, pytest.param(24, marks=pytest.mark.slow)])
def test_many_crossing_funds_keep_every_limit(n):
    """More than MOST_UNIONS sets, most of 2 ** n: greedy, demands and model end, and agree."""
    case = crossing(n, n)
    payers = {frozenset(case.payers(item)) for item in (*case.courses, *case.equipment)}
    assert len(unions(payers, MOST_UNIONS)) > MOST_UNIONS
    plan = bought(case)
    assert not [b for b in find_breaches(plan, case) if b.rule in CHECKS]
    best = solve(case)
    assert plan.reached <= best.proof.bound + 1e-6
    asked = [d for d in demands(case) if d.kind in ("funds", "unpaid")]
    assert [d.kind for d in asked] == ["unpaid"]
    for made in (plan, best):
        assert Measures(made, case).of(asked[0]) == 0


@pytest.mark.slow
def test_the_reasons_of_a_plan_with_twenty_four_overlapping_funds_are_worked_out():
    plan = solve(case := overlapping(24, locks=["p00 = 0"]))
    found = explain(plan, case, workers=1)
    assert {"greedy", "nothing"} <= {*found.tables["baselines"]["name"]}


@pytest.mark.parametrize("seed", range(12))
def test_one_demand_on_all_funds_is_the_demands_on_their_unions(seed, monkeypatch):
    """Plans made for the money of others: kept by the one if and only if by the many."""
    r = random.Random(seed)
    case = city_of_overlapping_funds(seed, r, 0.01)
    measures = Measures(bought(case), case)
    for _other in range(6):
        held = {f"f{n}": r.randint(0, 60) * 1_000_000 for n in range(5)}
        other = with_scenario(case, funds=held)
        many = [d for d in demands(other) if d.kind in ("funds", "budget")]
        kept = all(d.kept(measures.of(d)) for d in many)
        with monkeypatch.context() as patched:
            patched.setattr("ikmplan.insight.demands.MOST_UNIONS", 0)
            (one,) = [d for d in demands(other) if d.kind == "unpaid"]
        assert one.kept(measures.of(one)) == kept
