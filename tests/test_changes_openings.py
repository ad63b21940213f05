"""Changes, ways, cheapest and nearest plans where openings and idle machines are decided too."""

from __future__ import annotations

import random
from functools import cache
from itertools import product

import pytest
from brute_changes import Counts, fewest
from brute_openings import MILLION, best_value, random_centre
from small_cases import (
    cluster,
    course,
    fund,
    machine,
    machine_suit,
    opening,
    small_case,
    suit,
    with_scenario,
)

from ikmplan import Scenario, audit, solve, views
from ikmplan.alternatives.cheapest import cheapest_for
from ikmplan.alternatives.found import decisions_of_plan, pinned
from ikmplan.alternatives.money_elsewhere import elsewhere_share, money_by_place
from ikmplan.alternatives.similar_plans import growing_similar
from ikmplan.alternatives.way import own_money, way
from ikmplan.input.case import Case
from ikmplan.insight.questions import lock_text
from ikmplan.model.distance import change_count, counts_of, places_of
from ikmplan.model.search import ask
from ikmplan.plan.plan import Plan

# of the seeds below 120 those with no more counts than MOST_COUNTS and more than two plans
QUICK, ALL = [66, 92], [35, 3, 29, 33, 37, 41, 49, 63, 64, 67, 70, 76, 77, 78, 86, 88, 95, 107, 118]
SEEDS = [*QUICK, *(pytest.param(seed, marks=pytest.mark.slow) for seed in ALL)]
MOST_COUNTS = 60  # of a case whose every plan is tried
CLOSE = 1e-6


def shoes(**scenario: object) -> Case:
    """A press for 8 million in a centre of 20 to open and 2 a year; a course for 3; an idle drum.

    The press serves 4 of 8 units, each reached with chance 0.5; the course 4 with 0.25. The drum
    serves 2 with chance 0.5 and costs 4 million to revive; a new one costs 9.
    """
    return small_case(
        {"language": "en"} | scenario,
        clusters=[cluster("shoes", 8)],
        courses=[course("design", 4, 4, success=0.25, cost_class=3 * MILLION, opening="partner")],
        course_suits=[suit("design", "shoes")],
        equipment=[
            machine("press", price=8 * MILLION, scope="city", opening="centre", stock=1),
            machine("drum", price=9 * MILLION, stock=1),
        ],
        equipment_suits=[
            machine_suit("press", "shoes", 25, 0.5),
            machine_suit("drum", "shoes", 50, 0.5),
        ],
        existing=[{"equipment": "drum", "cluster": "shoes", "machines": 0, "operators": 0,
                   "idle": 1, "revive": 4 * MILLION}],
        openings=[
            opening("centre", cost_open=20 * MILLION, cost_year=2 * MILLION),
            opening("partner", "training", cost_open=MILLION, there=True),
        ],
        funds=[fund("apbd", 60 * MILLION)],
    )  # fmt: skip


# --- by hand ---------------------------------------------------------------------------------


def test_what_is_counted_of_a_plan_with_openings():
    """Two classes, one press, two drums at work (one placed, one revived) and the centre; that
    the partner's course is open costs nothing and is no change."""
    plan = solve(shoes(gap=0, locks=["drum = 2"]))
    assert counts_of(plan) == {
        ("design", "shoes"): 2,
        ("press", "centre"): 1,
        ("drum", "shoes"): 2,
        ("centre", "city"): 1,
    }
    assert set(plan.openings["opening"]) == {"centre", "partner"}
    assert plan.cost == (2 * 3 + 8 + 9 + 4 + 20 + 2) * MILLION
    assert sum(money_by_place(plan).values()) == plan.cost


def test_to_open_a_centre_is_a_change_and_comes_with_its_press():
    """From nothing: a drum revived (2 · 0.5) or a class (4 · 0.25) is one change; both, or the
    centre with its press (4 · 0.5), are two. The centre, its press and both drums serve all 8
    with four changes; each class then adds 4 · 0.5 · 0.25. With Rp34 million there is no centre
    beside more than its press and drum: 2 + 1 are less than two drums and two classes,
    4 · 0.5 + 4 · 0.25 + 4 · 0.125."""
    case = shoes(gap=0)
    nothing = solve(with_scenario(case, budget=0))
    best = solve(case)
    found = way(nothing, case, best, gap=0)
    assert [step.value for step in found.steps] == pytest.approx([0, 1, 2, 3, 4, 4.5, 5])
    texts = [row[1] for row in views.way(found, case).shown().to_numpy().tolist()]
    assert any("Open Centre" in text and "Press" in text for text in texts)
    less = with_scenario(case, budget=34 * MILLION)
    back = way(best, less, solve(less), gap=0)
    assert back.best.proof.value == back.steps[-1].value == pytest.approx(3.5)
    assert (back.fewest.changes, back.steps[-1].most) == (2, 2)
    texts = [row[1] for row in views.way(back, less).shown().to_numpy().tolist()]
    assert ["Do not open Centre" in text and "−1 Press" in text for text in texts] == [True]


def test_the_money_of_a_plan_with_openings_and_revived_machines_is_what_it_costs():
    plan = solve(shoes(gap=0, locks=["drum = 1"]))
    assert own_money(plan, shoes(gap=0)).budget == plan.cost == (6 + 8 + 4 + 22) * MILLION
    assert own_money(plan, shoes(gap=0, price_factor=1.25)).budget == 50 * MILLION


def test_the_folder_of_a_run_with_openings_stands_for_its_decisions(tmp_path):
    plan = solve(shoes(gap=0))
    plan.save(tmp_path / "run" / "tables")
    named = Scenario(near=str(tmp_path / "run"))
    assert named.near_counts == counts_of(plan)
    assert sorted(named.near) == sorted(decisions_of_plan(plan)["near"])


# --- by trying every plan --------------------------------------------------------------------


@cache
def centre(seed: int) -> Case | None:
    """A random case without demands whose counts are few enough to try them all."""
    case = random_centre(seed)
    if case is None:
        return None
    case = with_scenario(case, floor=0, equity=0, locks=[], exclusions=[], gap=0)
    return case if len(every_counts(case)) <= MOST_COUNTS else None


def every_counts(case: Case) -> list[Counts]:
    ranges = []
    for item, host in places_of(case):
        if item in case.openings:
            most = 1
        elif item in case.courses:
            people = sum(case.people_for(item, c) for c in case.course_hosts[item, host])
            most = people // case.courses[item].class_min
        else:
            most = case.equipment[item].stock + case.idle.get((item, host), 0)
        ranges.append(range(most + 1))
        if len(ranges) > 12:
            return [{}] * (MOST_COUNTS + 1)
    size = 1
    for one in ranges:
        size *= len(one)
    if size > MOST_COUNTS:
        return [{}] * (MOST_COUNTS + 1)
    return [dict(zip(places_of(case), numbers, strict=True)) for numbers in product(*ranges)]


@cache
def options(seed: int, budget: int | None = None) -> list[tuple[Counts, Plan]]:
    """Every counts that some plan has, with the best such plan: each a question of its own with
    every count locked, none of which counts changes."""
    case, found = centre(seed), []
    if budget is not None:
        case = with_scenario(case, budget=budget)
    for counts in every_counts(case):
        locks = [lock_text(item, h, "=", n) for (item, h), n in counts.items()]
        plan = ask(with_scenario(case, locks=locks)).plan
        if plan is not None:
            found.append((counts, plan))
    return found


def some_counts(seed: int) -> tuple[Counts, Plan]:
    """Of a case that is asked of another: it may cost too much and use too many."""
    return random.Random(seed).choice(options(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_each_step_is_the_best_with_so_few_changes_of_openings_too(seed):
    """By trying every plan for the case, from one of those with all the money to less of it."""
    start, given = some_counts(seed)
    case = with_scenario(centre(seed), budget=given.cost * 2 // 3)
    best = solve(case)
    there = {at: n for at, n in start.items() if n}
    assert counts_of(given) == there
    far = [(fewest(start, one), plan.proof.value) for one, plan in options(seed, case.budget)]
    found = way(given, case, best, gap=0)
    assert found.fewest.changes == min(changes for changes, _value in far) == found.steps[0].most
    for step in found.steps:
        truth = max(value for changes, value in far if changes <= step.most)
        assert step.value == pytest.approx(truth, abs=CLOSE)
        assert change_count(there, counts_of(step.plan)) <= step.most
        audit(step.plan, Case(case.tables, step.plan.scenario))
    assert found.steps[-1].value == pytest.approx(best.proof.value, abs=CLOSE)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_nearest_plan_keeps_openings_and_machines(seed):
    """No plan within the gap changes less, by trying every plan."""
    start, given = some_counts(seed)
    case = with_scenario(centre(seed), gap=0.15, **decisions_of_plan(given))
    plan = solve(case)
    audit(plan, case)
    enough = min(plan.proof.value, 0.85 * plan.proof.bound)
    far = [
        fewest(start, counts) for counts, one in options(seed) if one.proof.value >= enough - CLOSE
    ]
    if case.scenario.near:
        assert change_count(counts_of(given), counts_of(plan)) == min(far)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_cheapest_plan_pays_for_what_it_opens(seed):
    """It reaches as much as the best plan for its money, and no plan for a rupiah less does, by
    brute force over packages, places and openings."""
    case = centre(seed)
    best = solve(case)
    asked = cheapest_for(case, max(0.0, best.reached - 1e-7))
    plan = solve(asked)
    audit(plan, asked)
    assert plan.proof.value == pytest.approx(-plan.cost / MILLION)
    assert plan.reached >= best.reached - CLOSE
    weights = {row.weight for row in case.tables.clusters}
    if weights == {1} and plan.cost:
        assert best_value(with_scenario(case, budget=plan.cost)) >= best.reached - CLOSE
        assert best_value(with_scenario(case, budget=plan.cost - 1)) < best.reached - CLOSE


@pytest.mark.parametrize("seed", SEEDS)
def test_a_pinned_plan_gives_its_openings_and_machines_again(seed):
    for _counts, plan in options(seed)[-3:]:
        asked = pinned(plan, centre(seed), "pinned")
        again = solve(asked)
        audit(again, asked)
        assert counts_of(again) == counts_of(plan)
        assert again.proof.value == pytest.approx(plan.proof.value, abs=1e-4)


@pytest.mark.parametrize("seed", SEEDS)
def test_other_plans_spend_so_much_money_elsewhere_on_openings_too(seed):
    """Each is as good, those named so differ as much as asked and the rest at least a quarter of
    it; where it is proven that there is none, none of all plans is one at the least cost of its
    counts."""
    case = centre(seed)
    best = solve(case)
    *_before, found = growing_similar(best, case, most=2, within=0.3, elsewhere=0.4)
    plans = [best, *found.others]
    for n, plan in enumerate(found.others, 1):
        assert plan.proof.value >= 0.7 * best.proof.value - CLOSE
        least = 0.4 if n <= found.as_far else 0.1
        for other in plans[:n]:
            assert elsewhere_share(money_by_place(other), money_by_place(plan)) >= least - CLOSE
    if not found.as_far and best.cost:
        bought = money_by_place(best)
        for _counts, plan in options(seed):
            if plan.proof.value >= 0.7 * best.proof.value + CLOSE:
                assert elsewhere_share(bought, money_by_place(plan)) < 0.4 + 1e-3
