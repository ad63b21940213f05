"""What else could be done: changes counted, the way, other plans as good, cheapest and nearest."""

from __future__ import annotations

import random
import threading
from functools import cache

import brute_changes
import pytest
from brute_changes import Option, fewest
from mends import tiny_case
from small_cases import cluster, course, fund, small_case, suit, with_scenario

from ikmplan import BadInput, audit, solve
from ikmplan.alternatives.changes import changes_between
from ikmplan.alternatives.cheapest import cheapest_for
from ikmplan.alternatives.found import locks_of
from ikmplan.alternatives.money_elsewhere import elsewhere_share, money_by_place
from ikmplan.alternatives.similar_plans import (
    ENDED_BY_USER,
    FOUND_ALL,
    GAVE_UP,
    NONE_LEFT,
    TIME_OVER,
    SimilarPlans,
    _Farthest,
    growing_similar,
)
from ikmplan.alternatives.tables import similar_text
from ikmplan.alternatives.way import own_money, way
from ikmplan.input.case import Case
from ikmplan.model.conflicts import NoPlan
from ikmplan.model.distance import Counts, change_count, counts_of, kept_count
from ikmplan.plan.plan import PROVEN, Plan

QUICK = 8  # the best plan costs something, and there are two others as good
OTHER_SEEDS = (seed for seed in range(300) if seed != QUICK)
ALL = [QUICK, *(pytest.param(seed, marks=pytest.mark.slow) for seed in OTHER_SEEDS)]
MANY = ALL[:100]
CLOSE = 1e-6


@cache
def tiny(seed: int) -> Case:
    """A tiny case that asks for nothing."""
    return with_scenario(tiny_case(seed), floor=0, floors={}, gap=0)


@cache
def every(seed: int) -> list[Option]:
    return brute_changes.options(tiny(seed))


def given_plan(seed: int) -> Plan:
    """The plan for other money and prices: often one that costs too much."""
    r = random.Random(seed)
    case = tiny(seed)
    funds = {f: r.randint(0, 15) * 1_000_000 for f in case.funds}
    return solve(with_scenario(case, budget=None, funds=funds, price_factor=r.choice([0.5, 1, 2])))


# --- changes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(300))
def test_changes_are_the_fewest_that_lead_from_one_plan_to_the_other(seed):
    """By trying every row of one more, one less and one moved."""
    r = random.Random(seed)
    places = [("oven", "a"), ("oven", "b"), ("oven", "c"), ("batik", "a"), ("batik", "b")]
    before, after = ({at: r.randint(0, 3) for at in places} for _n in range(2))
    assert change_count(before, after) == fewest(before, after)
    assert sum(change.n for change in changes_between(before, after)) == fewest(before, after)


def test_one_moved_and_one_more_are_two_changes():
    """2 + 0 ovens become 1 + 2: one is moved, one is new, and 1 of the 2 is kept."""
    before, after = {("oven", "a"): 2}, {("oven", "a"): 1, ("oven", "b"): 2}
    assert change_count(before, after) == 2
    assert kept_count(before, after) == 1
    assert [tuple(change) for change in changes_between(before, after)] == [
        ("oven", "a", "b", 1),
        ("oven", None, "b", 1),
    ]


# --- the way ---------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", ALL)
def test_each_step_is_the_best_with_so_few_changes(seed):
    """By trying every plan. The curve never falls and ends at the best plan's value; what cannot
    be kept is repaired with the fewest changes, and no step has more than its value needs."""
    case, given, best = tiny(seed), given_plan(seed), solve(tiny(seed))
    found = way(given, case, best, gap=0)
    there = counts_of(given)
    far = [(fewest(there, option.counts), option.value) for option in every(seed)]
    assert found.fewest.changes == min(changes for changes, _value in far) == found.steps[0].most
    for step in found.steps:
        truth = max(value for changes, value in far if changes <= step.most)
        assert step.value == pytest.approx(truth, abs=CLOSE)
        assert step.bound >= truth - CLOSE
        needed = min(changes for changes, value in far if value >= step.value - CLOSE)
        assert change_count(there, counts_of(step.plan)) == needed <= step.most
        audit(step.plan, Case(case.tables, step.plan.scenario))
    values = [step.value for step in found.steps]
    assert values == sorted(values)
    assert values[-1] == pytest.approx(best.proof.value, abs=CLOSE)


@pytest.mark.parametrize("seed", MANY)
def test_from_the_best_plan_there_is_no_step(seed):
    best = solve(tiny(seed))
    (only,) = way(best, tiny(seed), best, gap=0).steps
    assert only.most == 0
    assert change_count(counts_of(best), counts_of(only.plan)) == 0


@pytest.mark.parametrize("seed", MANY)
def test_nested_steps_keep_what_was_changed_and_are_the_best_that_do(seed):
    """By trying every plan: of those with so few changes that keep what was raised and lowered
    before, none is worth more; and none more than the free step."""
    case, given, best = tiny(seed), given_plan(seed), solve(tiny(seed))
    free = {step.most: step for step in way(given, case, best, gap=0).steps}
    there, before = counts_of(given), None
    steps = way(given, case, best, gap=0, nested=True).steps
    assert steps
    for step in steps:
        now = counts_of(step.plan)
        if step.most in free:
            assert step.value <= free[step.most].value + CLOSE
        assert before is None or keeps(now, there, before)
        truth = max(
            o.value
            for o in every(seed)
            if fewest(there, o.counts) <= step.most
            and (before is None or keeps(o.counts, there, before))
        )
        assert step.value == pytest.approx(truth, abs=CLOSE)
        before = now


def keeps(now: Counts, there: Counts, before: Counts) -> bool:
    """Whether nothing falls that was raised before, and nothing rises that was lowered."""
    steps = {at: before.get(at, 0) - there.get(at, 0) for at in before.keys() | there.keys()}
    return all(
        now.get(at, 0) >= before.get(at, 0) if step > 0 else now.get(at, 0) <= before.get(at, 0)
        for at, step in steps.items()
        if step
    )


@pytest.mark.parametrize("asked", ["worst-off", "cost"])
@pytest.mark.parametrize("seed", MANY)
def test_a_step_that_is_opened_reaches_what_it_was_shown_with(seed, asked):
    """Also where the objective does not count units: seats that are paid for are filled."""
    case = tiny(seed)
    if asked == "worst-off":
        case = with_scenario(case, equity=1.0)
    elif half := solve(case).reached / 2:
        case = with_scenario(case, goal="cost", target_reached=half)
    steps = way(given_plan(seed), case, solve(case), gap=0).steps
    assert steps
    for step in steps:
        opened = solve(with_scenario(case, locks=locks_of(step.plan, case)))
        assert opened.reached == pytest.approx(step.plan.reached, abs=CLOSE)


def test_the_way_with_the_money_by_place_the_given_plan_costs_no_more():
    seed = 3
    given = solve(with_scenario(tiny(seed), budget=tiny(seed).budget // 2))
    case = own_money(given, tiny(seed))
    assert case.budget == given.cost
    steps = way(given, case, solve(case), gap=0).steps
    assert steps and all(step.plan.cost <= given.cost for step in steps)


def test_no_way_where_no_plan_keeps_the_rules():
    case = with_scenario(tiny(1), floor=0.99)
    with pytest.raises(NoPlan):
        way(given_plan(1), case, given_plan(1), gap=0)


def similar_plans(best: Plan, case: Case, **asked) -> SimilarPlans:
    *_before, last = growing_similar(best, case, **asked)
    return last


# --- other plans as good ---------------------------------------------------------------------


@pytest.mark.parametrize("seed", ALL[:48])
def test_other_plans_are_as_good_and_differ_or_there_is_none(seed):
    """Where the search states that there is none, no plan by trying all is one, and no plan spends
    more elsewhere than is stated to be proven. Those that differ less come last."""
    case, best = tiny(seed), solve(tiny(seed))
    within, elsewhere = 0.3, 0.4
    *_before, found = growing_similar(best, case, most=2, within=within, elsewhere=elsewhere)
    plans = [best, *found.others]
    for n, plan in enumerate(found.others, 1):
        audit(plan, Case(case.tables, plan.scenario))
        assert plan.proof.value >= (1 - within) * best.proof.value - CLOSE
        asked = elsewhere if n <= found.as_far else elsewhere / 4
        shares = [elsewhere_share(money_by_place(p), money_by_place(plan)) for p in plans[:n]]
        assert found.shares[n - 1] == pytest.approx(min(shares)) and min(shares) >= asked - CLOSE
        assert n <= found.as_far or min(shares) < elsewhere
    assert found.outcome == (FOUND_ALL if found.as_far == 2 else NONE_LEFT)
    bought = money_by_place(best)
    for option in every(seed) if best.cost else ():
        if option.value >= (1 - within) * best.proof.value + CLOSE:
            # a place without anything spends nothing: all its money went elsewhere
            gone = sum(n for at, n in bought.items() if not option.counts.get(at))
            assert gone <= found.farthest * best.cost + 1
            if found.outcome == NONE_LEFT and not found.as_far:
                assert gone < elsewhere * best.cost + 1


@pytest.mark.parametrize("seed", ALL[:12])
def test_searches_around_plans_find_no_more_than_the_exact_search(seed):
    """On tiny cases the first search is exact. Those around plans begin at the best plan, none of
    whose money is elsewhere, and reach half of what the exact one finds at least, never more;
    their plan is as good as asked and its share is true."""
    case, best = tiny(seed), solve(tiny(seed))
    search = _Farthest([best], case, within=0.3, goal=1.0, rounds=40, stop=None)
    exact, around = search.answer(from_plans=False), search.answer(from_plans=True)
    assert exact.share / 2 - CLOSE <= around.share <= exact.share + CLOSE
    if around.plan is not None:
        share = elsewhere_share(money_by_place(best), money_by_place(around.plan))
        assert share >= around.share - CLOSE
        assert around.plan.proof.value >= 0.7 * best.proof.value - CLOSE


def rolls_or_buns() -> Case:
    """Bread: 20 units, a class for Rp30 million, 10 expected. Rolls and buns: 10 units each, a
    class for Rp10 million, 5 expected. There are Rp40 million."""
    return small_case(
        {"language": "en", "gap": 0},
        clusters=[cluster("bread", 20), cluster("rolls", 10), cluster("buns", 10)],
        courses=[
            course("baking", 20, 20, cost_class=30_000_000),
            course("rolling", 10, 10, cost_class=10_000_000),
        ],
        course_suits=[suit("baking", "bread"), suit("rolling", "rolls"), suit("rolling", "buns")],
        funds=[fund("purse", 40_000_000)],
    )


def test_plans_that_differ_less_than_asked_are_shown_with_what_is_proven():
    """Bread with rolls or bread with buns: 15 expected, and 10 of the 40 million go elsewhere,
    25 %. Without bread 10 are expected. So half of the money cannot go elsewhere, at most 25 %
    can; a fifth can, once."""
    case = rolls_or_buns()
    best = solve(case)
    half = similar_plans(best, case, elsewhere=0.5)
    assert (half.outcome, half.as_far, half.shares) == (NONE_LEFT, 0, (0.25,))
    assert half.farthest == pytest.approx(0.25)
    text = str(similar_text(half, case))
    assert text.startswith("No other plan was found that loses at most 1.0%, with at least 50% of")
    assert "It is proven that there is none. 1 more plan is as good" in text
    assert text.endswith("no plan as good spends more than 25.0% of this plan's money elsewhere.")
    fifth = similar_plans(best, case, elsewhere=0.2)
    assert (fifth.outcome, fifth.as_far, fifth.shares) == (NONE_LEFT, 1, (0.25,))
    assert similar_plans(best, case, elsewhere=0.2, most=1).outcome == FOUND_ALL


def test_where_more_may_be_lost_plans_differ_more():
    """Rolls and buns without bread, 10 of 15, lose a third: then all of bread's 30 of 40 million
    go elsewhere, and no plan for at least 10 can leave both of its classes."""
    case = rolls_or_buns()
    found = similar_plans(solve(case), case, within=0.34, elsewhere=0.7)
    assert found.as_far == 1 and found.shares[0] == 0.75
    assert found.farthest == pytest.approx(0.75)


def test_a_plan_that_only_leaves_out_something_is_no_other_one():
    """One class of ten for Rp1 million and Rp1 million for each of ten people: Rp11 million, 5
    expected. With four people less Rp4 million are spent elsewhere, 36 %: less than half, and
    nothing is got for them."""
    case = small_case(
        {"language": "en", "gap": 0},
        clusters=[cluster("bread", 10)],
        courses=[course("baking", 5, 10, cost_class=1_000_000, cost_person=1_000_000)],
        course_suits=[suit("baking", "bread")],
        funds=[fund("purse", 11_000_000)],
    )
    best = solve(case)
    assert best.cost == 11_000_000
    found = similar_plans(best, case, within=0.4, elsewhere=0.5)
    assert (found.outcome, found.others) == (NONE_LEFT, ())
    assert found.farthest == pytest.approx(4 / 11)
    (other,) = similar_plans(best, case, within=0.4, elsewhere=0.3, most=1).others
    assert other.cost == 7_000_000


def test_a_search_that_is_over_says_what_it_does_not_know(monkeypatch):
    """After no node and no second nothing is found, and nothing is proven."""
    case, stop = rolls_or_buns(), threading.Event()
    best = solve(case)
    monkeypatch.setattr("ikmplan.alternatives.similar_plans.SIMILAR_SECONDS", 0.0)
    late = similar_plans(best, case)
    assert (late.outcome, late.ended, late.others) == (GAVE_UP, TIME_OVER, ())
    assert "before the time limit" in str(similar_text(late, case))
    monkeypatch.undo()
    stop.set()
    stopped = similar_plans(best, case, stop=stop)
    assert (stopped.outcome, stopped.ended) == (GAVE_UP, ENDED_BY_USER)
    assert "was stopped" in str(similar_text(stopped, case))


def test_every_share_that_cannot_be_asked_for_is_refused_at_once():
    case = rolls_or_buns()
    with pytest.raises(BadInput) as refused:
        similar_plans(solve(case), case, within=1, elsewhere=0)
    assert [fault.column for fault in refused.value.faults] == ["within", "elsewhere"]


# --- the cheapest and the nearest plan -------------------------------------------------------


@pytest.mark.parametrize("seed", ALL)
def test_the_cheapest_plan_costs_the_least_of_all(seed):
    """For a part of what the best reaches, by trying every plan."""
    case = tiny(seed)
    most = max(option.value for option in every(seed))
    for share in (0.5, 1.0):
        asked = cheapest_for(case, max(0.0, most * share - 1e-7))
        plan = solve(asked)
        audit(plan, asked)
        enough = [o.cost for o in every(seed) if o.value >= most * share - 1e-7]
        assert plan.cost == min(enough)
        assert plan.proof.status == PROVEN
        assert plan.proof.value == pytest.approx(-plan.cost / 1e6)


@pytest.mark.parametrize("seed", MANY)
def test_money_and_units_are_equal_both_ways(seed):
    """The cheapest plan for what the best reaches costs what it costs, and reaches as much."""
    best = solve(tiny(seed))
    cheapest = solve(cheapest_for(tiny(seed), max(0.0, best.reached - 1e-7)))
    assert cheapest.cost == best.cost
    again = solve(with_scenario(tiny(seed), budget=cheapest.cost))
    assert again.reached == pytest.approx(best.reached, abs=CLOSE)
    assert cheapest.reached == pytest.approx(best.reached, abs=CLOSE)


@pytest.mark.parametrize("seed", ALL)
def test_the_nearest_plan_keeps_the_most_within_the_gap(seed):
    """No plan that is worth as much as the proof needs changes less, by trying every plan."""
    given = counts_of(given_plan(seed))
    near = [f"{i} = {n}" if h == "city" else f"{i} @ {h} = {n}" for (i, h), n in given.items()]
    case = with_scenario(tiny(seed), near=near, gap=0.15)
    plan = solve(case)
    audit(plan, case)
    enough = min(plan.proof.value, 0.85 * plan.proof.bound)
    far = [fewest(given, o.counts) for o in every(seed) if o.value >= enough - CLOSE]
    if near:
        assert change_count(given, counts_of(plan)) == min(far)
