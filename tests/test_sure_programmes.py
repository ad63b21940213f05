"""Draws of cases with lines, openings, idle machines, interest and candidates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from brute_openings import MILLION, random_centre
from brute_programmes import random_programme
from small_cases import (
    cluster,
    course,
    fund,
    leather,
    machine,
    machine_suit,
    opening,
    small_case,
    suit,
    trainer,
    use,
    with_scenario,
)

from ikmplan.input.case import Case
from ikmplan.input.uncertain_numbers import uncertain_numbers
from ikmplan.insight.baselines import announced
from ikmplan.model.conflicts import NoPlan
from ikmplan.model.search import solve
from ikmplan.plan.audit import find_breaches
from ikmplan.plan.plan import Plan, new_entrepreneurs
from ikmplan.uncertainty.answers import how_sure
from ikmplan.uncertainty.chances import BUDGET, drawn_chances, seasons
from ikmplan.uncertainty.draws import drawn_case, draws
from ikmplan.uncertainty.plan_range import range_of
from ikmplan.uncertainty.tables import information_table, kept_table, stability_table, sureness

SEWING = [machine_suit("cutter", "shoes", 10, 0.5, line="shoe_line"),
          machine_suit("sewer", "shoes", 25, 0.5, line="shoe_line")]  # fmt: skip


def of_facts(case: Case) -> Case:
    """The case with all its sources facts: nothing is uncertain."""
    sources = tuple(row.model_copy(update={"kind": "fact"}) for row in case.tables.sources)
    return Case(replace(case.tables, sources=sources), case.scenario)


def set_to(case: Case, plan: Plan, values: dict[tuple[str, str], list[float]], **options: Any):
    """The plan's range where numbers of (table.column, key) take these values, all others stay."""
    drawn = draws(case, len(next(iter(values.values()))))
    made = np.array([[u.value] * drawn.n for u in drawn.numbers])
    for (column, key), one in values.items():
        places = [n for n, u in enumerate(drawn.numbers)
                  if (f"{u.table}.{u.column}", "+".join(u.key)) == (column, key)]  # fmt: skip
        made[places[0]] = one
    return range_of(plan, case, replace(drawn, values=made), **options)


# numbers that do not move --------------------------------------------------------------------


def is_the_plan_itself(case: Case) -> bool:
    """Whether every draw of facts is the plan: its units, cost, coverage and limits."""
    case = of_facts(case)
    try:
        plan = solve(case)
    except NoPlan:
        return True
    assert uncertain_numbers(case) == ()
    found = range_of(plan, case, draws(case, 2))
    assert found.expected == pytest.approx([plan.reached] * 2)
    assert found.entrepreneurs == pytest.approx([new_entrepreneurs(plan, case)] * 2)
    assert found.cost == pytest.approx([plan.cost] * 2)
    assert all(holds.all() for holds in found.holds.values()), found.holds
    for c, share, counts in plan.coverage[["cluster", "coverage", "counts"]].values:
        assert not counts or found.coverage[c] == pytest.approx([share] * 2)
    return False


@pytest.mark.parametrize("seed", range(8))
def test_facts_give_the_plan_itself(seed):
    for case in (random_programme(seed), random_centre(seed)):
        if case is not None:
            is_the_plan_itself(case)


@pytest.mark.slow
@pytest.mark.parametrize("first", [100, 140])
def test_facts_give_the_plan_itself_in_many_cases(first):
    made = [make(seed) for seed in range(first, first + 40)
            for make in (random_programme, random_centre)]  # fmt: skip
    without = [is_the_plan_itself(case) for case in made if case is not None]
    assert without.count(False) > 40


def test_the_leather_centre_gives_the_plan_itself():
    assert not is_the_plan_itself(leather())


# lines ---------------------------------------------------------------------------------------


def shoe_line(*suits: dict[str, Any], **rows: Any) -> Case:
    """20 shoemakers; a cutter and a sewing machine of 100 hours a year each, one of each: the
    line serves 100 / 25 = 4 units, each with chance 0.5."""
    machines = [machine("cutter", scope="city", stock=1), machine("sewer", scope="city", stock=1)]
    return small_case(
        {"equipment_per_unit": 2},
        clusters=[cluster("shoes", 20)],
        equipment=machines,
        equipment_suits=list(suits or SEWING),
        **rows,
    )


def test_the_narrowest_machine_of_a_line_decides_in_each_draw():
    """4 units need 100 of 100 hours of the sewer and 40 of the cutter. Twice the hours at the
    sewer leave half: 4 · 0.5 · 0.5; 200 hours at the cutter leave 100 / 200, too."""
    case = shoe_line()
    plan = solve(case)
    hours = ("equipment_suits.hours", "sewer+shoes+shoe_line")
    assert set_to(case, plan, {hours: [25, 50, 12]}).expected == pytest.approx([2, 1, 2])
    hours = ("equipment_suits.hours", "cutter+shoes+shoe_line")
    assert set_to(case, plan, {hours: [10, 25, 50]}).expected == pytest.approx([2, 2, 1])


def test_a_line_has_one_chance_in_each_draw():
    """Both rows state it, so it is drawn once: for the rows, the packages and a new plan."""
    case = shoe_line()
    drawn = draws(case, 5)
    one, other = (
        drawn.of("equipment_suits", "success", row) for row in case.tables.equipment_suits
    )
    assert one.tolist() == other.tolist() and len({*one.tolist()}) == 5
    ((_at, chance),) = drawn_chances(drawn).items()
    assert chance == pytest.approx(one)
    ((_at, planned),) = drawn_case(drawn, 3).chance.items()
    assert planned == pytest.approx(one[3])
    names = {u.noise for u in drawn.numbers if u.column == "success"}
    assert names == {"machine_chance.shoe_line.shoes"}
    plan = solve(case)
    drawn = draws(case, 2)
    assert range_of(plan, case, drawn).expected.max() <= 4


@pytest.mark.parametrize("row_key", ["cutter+shoes+shoe_line", "sewer+shoes+shoe_line"])
def test_the_range_of_any_row_of_a_line_is_that_of_the_line(row_key):
    ranges = [{"table": "equipment_suits", "number": "success", "row_key": row_key, "low": 1,
               "high": 1}]  # fmt: skip
    case = shoe_line(ranges=ranges)
    assert drawn_chances(draws(case, 3))["shoes", case.packages["shoes"][0]] == pytest.approx(0.5)


def test_an_interest_of_a_topic_is_one_number_and_bounds_who_is_invited():
    """Half of 8 want what two courses teach, so 4 get one: 4 · 0.5. If a quarter want it, 2 do;
    their classes of 2 are one fewer."""
    case = small_case(
        clusters=[cluster("food", 8)],
        courses=[course("bread", 2, 2, topic="baking", cost_class=3),
                 course("cake", 2, 2, topic="baking", success=0.4, cost_class=3)],
        course_suits=[suit("bread", "food", interest=0.5), suit("cake", "food", interest=0.5)],
    )  # fmt: skip
    plan = solve(case)
    assert {u.noise for u in uncertain_numbers(case) if u.column == "interest"} == {
        "course_interest.baking.food"
    }
    found = set_to(case, plan, {("course_suits.interest", "bread+food"): [0.5, 0.25, 0.9]})
    assert found.expected == pytest.approx([2, 1, 2])
    assert found.cost == pytest.approx([6, 3, 6])


def test_operators_are_invited_first():
    """An oven of 100 hours for 4 units at 0.5, one of whom learns to run it. With one unit less
    the three that are left include the operator: 3 · 0.5; without the operator nothing runs."""
    case = small_case(
        clusters=[cluster("bread", 4)],
        courses=[course("running", 1, 1, success=1, cost_class=9)],
        course_suits=[suit("running", "bread", 0)],
        equipment=[machine("oven", operators=1, operator_course="running", stock=1)],
        equipment_suits=[machine_suit("oven", "bread", 25, 0.5)],
        funds=[fund("apbd", 9)],
    )
    plan = solve(case)
    assert plan.units["units"].tolist() == [3, 1]
    found = set_to(case, plan, {("clusters.units", "bread"): [4, 3, 1]})
    assert found.expected == pytest.approx([2, 1.5, 0.5])


# openings and idle machines ------------------------------------------------------------------


def centre(**other: Any) -> Case:
    """A press for 8 million in a centre of 20 to open and 2 a year, for 4 units at 0.5; a class
    of 3 million for the same 4 at 0.25. Together 33 million and 4 · (1 − 0.5 · 0.75) = 2.5."""
    return small_case(
        {"budget": 33 * MILLION},
        clusters=[cluster("shoes", 4)],
        courses=[course("design", 4, 4, success=0.25, cost_class=3 * MILLION)],
        course_suits=[suit("design", "shoes")],
        equipment=[machine("press", price=8 * MILLION, scope="city", opening="centre", stock=1)],
        equipment_suits=[machine_suit("press", "shoes", 25, 0.5)],
        openings=[opening("centre", cost_open=20 * MILLION, cost_year=2 * MILLION)],
        **other,
    )


def test_an_opening_that_costs_more_is_closed_where_that_loses_less():
    """3 million too much: the class goes (0.5 units, 3 million), and 33 million are spent.
    10 too much: without class and press nothing is left, so the centre with its press goes alone
    and the class stays: 4 · 0.25 for 3 million. In all draws the class costs what it did."""
    case = centre()
    plan = solve(case)
    cost = ("openings.cost_open", "centre")
    found = set_to(case, plan, {cost: [20e6, 23e6, 30e6, 10e6]})
    assert found.expected == pytest.approx([2.5, 2, 1, 2.5])
    assert found.cost == pytest.approx([33e6, 33e6, 3e6, 23e6])
    assert found.holds["within_budget", "budget"].tolist() == [1, 0, 0, 1]
    found = set_to(case, plan, {("openings.cost_year", "centre"): [2e6, 4e6]})
    assert found.cost == pytest.approx([33e6, 32e6])


def test_an_opening_is_paid_by_the_funds_that_pay_for_it():
    """30 million for equipment and 3 for training: a centre that costs more cannot have the 3."""
    funds = [fund("dak", 30 * MILLION, "equipment"), fund("apbd", 3 * MILLION, "training")]
    case = centre(funds=funds)
    found = set_to(case, solve(case), {("openings.cost_open", "centre"): [20e6, 21e6]})
    assert found.expected == pytest.approx([2.5, 1])
    assert found.holds["funds_cover", "dak"].tolist() == [1, 0]


def test_an_opening_in_which_nothing_is_left_closes():
    """A press for 90 million is not bought, so the centre closes; the class costs 3 million."""
    case = centre()
    plan = solve(case)
    found = set_to(case, plan, {("equipment.price", "press"): [8e6, 90e6]})
    assert found.cost == pytest.approx([33e6, 3e6])


def old_lathes(**scenario: Any) -> Case:
    """Two idle lathes of 100 hours, to be revived for 3 million each; 50 hours a unit, at 0.5."""
    return small_case(
        scenario,
        clusters=[cluster("wood", 4)],
        equipment=[machine("lathe", price=90 * MILLION)],
        equipment_suits=[machine_suit("lathe", "wood", 50, 0.5)],
        existing=[{"equipment": "lathe", "cluster": "wood", "machines": 0, "operators": 0,
                   "idle": 2, "revive": 3 * MILLION}],
        funds=[fund("apbd", 7 * MILLION)],
    )  # fmt: skip


def test_fewer_idle_machines_or_dearer_ones_are_revived():
    """Both serve 4 units: 2. One that cannot be revived, or 8 million for both, leaves one: its
    100 hours are shared by the 4 units: 4 · 0.5 · 0.5."""
    case = old_lathes()
    plan = solve(case)
    found = set_to(case, plan, {("existing.idle", "lathe+wood"): [2, 1, 0]})
    assert found.expected == pytest.approx([2, 1, 0], abs=1e-6)
    assert found.cost == pytest.approx([6e6, 3e6, 0])
    assert found.holds["revived_within_idle", "lathe @ wood"].tolist() == [1, 0, 0]
    found = set_to(case, plan, {("existing.revive", "lathe+wood"): [3e6, 4e6]})
    assert found.cost == pytest.approx([6e6, 4e6])
    assert found.expected == pytest.approx([2, 1])


def test_a_long_class_uses_its_days_of_the_year():
    """A class over two quarters takes 4 days evenly and 2 in its first: 6 of the 8 days. With 7
    in one quarter fewer than the table states there are too few, and the class is not held."""
    case = small_case(
        clusters=[cluster("food", 4)],
        courses=[course("halal", 4, 4, quarters=2)],
        course_suits=[suit("halal", "food")],
        course_uses=[use("halal", "hall", 4), use("halal", "quota", 2, at=1)],
        resources=[trainer("hall", 4, 4, 0, 0), trainer("quota", 2, 0, 0, 0)],
    )
    plan = solve(case)
    found = set_to(case, plan, {("resources.q2", "hall"): [4, 0, -1]})
    assert found.expected == pytest.approx([2, 2, 0])
    found = set_to(case, plan, {("course_uses.amount", "halal+quota"): [2, 3]})
    assert found.expected == pytest.approx([2, 0])


def test_new_entrepreneurs_are_counted_apart():
    """A class of 4 bakers and one of 4 who would like to be: 2 IKM units and 2 people, whose
    chance doubles in the second draw. Where their weight is 0 nobody counts them."""

    def made(weight: float) -> Case:
        return small_case(
            {"locks": ["starting >= 1"]},
            clusters=[cluster("bread", 4),
                      cluster("youth", 4, kind="candidate", weight=weight, young_share=1)],
            courses=[course("baking", 4, 4), course("starting", 4, 4)],
            course_suits=[suit("baking", "bread"), suit("starting", "youth")],
        )  # fmt: skip

    case = made(0.5)
    found = set_to(case, solve(case), {("courses.success", "starting"): [0.5, 1]})
    assert found.expected == pytest.approx([2, 2])
    assert found.entrepreneurs == pytest.approx([2, 4])
    case = made(0)
    assert range_of(solve(case), case, draws(case, 2)).entrepreneurs.tolist() == [0, 0]


# caution -------------------------------------------------------------------------------------


def test_costs_of_openings_and_revived_machines_move_in_bad_seasons():
    """The budget must suffice on average in the worst tenth of the seasons: what is opened and
    revived counts with its own factor, as the audit works out again."""
    known = [{"table": t, "number": n, "low": 1, "high": 1}
             for t, n in (("courses", "cost_class"), ("equipment", "price"))]  # fmt: skip
    case = with_scenario(centre(ranges=known), holds_in=0.9, budget=None)
    moved = seasons(case)[BUDGET].cost_factor
    bad = sum(
        20 * moved["open", "centre", ""][n] + 2 * moved["year", "centre", ""][n] for n in range(2)
    ) / 2  # fmt: skip
    assert bad > 24
    for more, coached in ((1.0, True), (-1.0, False)):
        asked = with_scenario(case, budget=int((bad + 8 + more) * MILLION))
        plan = solve(asked)
        assert [*find_breaches(plan, asked)] == []
        assert (len(plan.openings) > 0) is coached
    lathes = with_scenario(old_lathes(), holds_in=0.9, budget=8 * MILLION)
    factor = seasons(lathes)[BUDGET].cost_factor["revive", "lathe", "wood"]
    assert factor[:2].mean() > 4 / 3  # 6 million become more than 8: one lathe, two units
    plan = solve(lathes)
    assert plan.revived["machines"].tolist() == [1]
    assert [*find_breaches(plan, lathes)] == []


def test_a_cautious_plan_reckons_with_the_chance_of_a_line():
    """4 units of the line with its mean chance in the two worst of the seasons: caution 1."""
    case = with_scenario(shoe_line(ranges=[
        {"table": "clusters", "number": "units", "low": 1, "high": 1},
    ]), caution=1)  # fmt: skip
    plan = solve(case)
    chance = next(iter(seasons(case)["UNITS"].chance.values()))
    assert plan.proof.value == pytest.approx(4 * np.sort(chance)[:2].mean())
    assert [*find_breaches(plan, case)] == []


@pytest.mark.parametrize("seed", range(6))
def test_cautious_plans_keep_all_that_the_audit_works_out_again(seed):
    case = random_centre(seed)
    if case is None:
        return
    case = with_scenario(case, caution=0.5, holds_in=0.8, floor=0, locks=[])
    assert [*find_breaches(solve(case), case)] == []


# what was followed up ------------------------------------------------------------------------


def follow_up(item: str, cluster: str | None, followed: int, reached: int) -> dict[str, Any]:
    return {"item": item, "cluster": cluster, "followed": followed, "reached": reached,
            "year": 2025}  # fmt: skip


@pytest.mark.parametrize("cluster", ["shoes", None])
def test_a_follow_up_of_a_line_moves_the_chance_of_all_its_rows(cluster):
    """0.5 with a range of 0.4–0.6 has the standard deviation 0.2 / 2.5631 and counts as
    0.25 / 0.0780² − 1 = 40.06 trials; 10 of 20 more reached leave 0.5, and 20 of 20 make it
    (20.03 + 20) / 60.06 = 0.6665."""
    ranges = [{"table": "equipment_suits", "number": "success", "low": 0.8, "high": 1.2}]
    for reached, chance in ((10, 0.5), (20, 0.6665)):
        results = [follow_up("shoe_line", cluster, 20, reached)]
        case = shoe_line(results=results, ranges=ranges)
        assert case.chance_of("shoes", ("shoe_line",)) == pytest.approx(chance, abs=1e-4)
        drawn = draws(case, 400)
        found = [drawn.of("equipment_suits", "success", row) for row in case.tables.equipment_suits]
        assert found[0].tolist() == found[1].tolist()
        assert found[0].mean() == pytest.approx(chance, abs=0.01)


def test_a_follow_up_of_a_machine_is_about_its_use_by_itself():
    """The cutter serves units alone at 0.3 and in the line at 0.5; the line stays as it was."""
    alone = machine_suit("cutter", "shoes", 20, 0.3)
    case = shoe_line(*SEWING, alone, results=[follow_up("cutter", None, 20, 0)])
    assert case.chance_of("shoes", ("cutter",)) < 0.2
    assert case.chance_of("shoes", ("shoe_line",)) == 0.5


def test_a_pair_may_name_a_line():
    """Course and line together 0.7 instead of 1 − 0.5 · 0.5, in the tables and in draws."""
    case = of_facts(small_case(
        clusters=[cluster("shoes", 4)],
        courses=[course("design", 4, 4)],
        course_suits=[suit("design", "shoes")],
        equipment=[machine("cutter"), machine("sewer")],
        equipment_suits=SEWING,
        together=[{"first": "design", "second": "shoe_line", "sector": "shoes", "chance": 0.7}],
    ))  # fmt: skip
    plan = solve(case)
    assert plan.reached == pytest.approx(4 * 0.7)
    assert range_of(plan, case, draws(case, 2)).expected == pytest.approx([2.8] * 2)


# all answers ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_every_answer_is_found_for_openings_and_lines():
    """The centre is a decision among those that stay or go, beside classes and machines."""
    case = with_scenario(leather(), draws=6)
    plan = solve(case)
    sure = how_sure(plan, case, announced(case), workers=1)
    opened = sure.stability[sure.stability["kind"] == "opening"]
    assert opened["item"].tolist()[0] == "centre"
    assert opened["share"].max() > 0.5
    kinds = {"revive_cost", "opening_cost", "running_cost"}
    assert kinds <= {u.kind.name for u in uncertain_numbers(case)}
    assert len(sureness(sure, case)) > 2
    for view in (kept_table(sure, case), stability_table(sure, case),
                 information_table(sure, plan, case, "number")):  # fmt: skip
        assert len(view.html()) > 100
