"""Weights, fillers, long courses, the mix of a class, interest and topics: each solved by hand, by
trying everything, broken in a finished plan, and made impossible."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from brute_programmes import best_of_all, random_programme
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

from ikmplan import solve
from ikmplan.input.case import Package
from ikmplan.input.tables import check
from ikmplan.insight.baselines import announced
from ikmplan.insight.greedy import greedy
from ikmplan.model.conflicts import NoPlan
from ikmplan.model.quarters import evenly
from ikmplan.plan.audit import find_breaches
from ikmplan.plan.derive import make_plan
from ikmplan.plan.plan import Decisions, make_proof, new_entrepreneurs, plan_figures, value_of
from ikmplan.report.limits import binding_limit_names, limits_table
from ikmplan.report.plan_tables import fillers, invitations
from ikmplan.report.summary import plan_headline, plan_tiles, summary

GOOD = Path(__file__).parent / "faults" / "good"
MILLION = 1_000_000


# --- weights ---------------------------------------------------------------------------------


def bakers_or_leavers(weight, **scenario):
    """Money for one class: of 10 bakers, or of 20 school leavers."""
    return small_case(
        {"budget": 10 * MILLION} | scenario,
        clusters=[
            cluster("bread", 10),
            cluster("leavers", 20, kind="candidate", weight=weight),
        ],
        courses=[
            course("baking", 10, 10, cost_class=10 * MILLION),
            course("mechanics", 20, 20, cost_class=10 * MILLION),
        ],
        course_suits=[suit("baking", "bread"), suit("mechanics", "leavers")],
    )


@pytest.mark.parametrize(
    ("weight", "value", "units", "people"), [(0.4, 5, 5, 0), (0.6, 6, 0, 10), (0, 5, 5, 0)]
)
def test_new_entrepreneurs_count_by_weight(weight, value, units, people):
    """Half of 10 bakers are 5 units; half of 20 leavers are 10 people: at 0.6 each they count 6,
    at 0.4 only 4. Units and people are never added up."""
    case = bakers_or_leavers(weight)
    plan = solve(case)
    found = plan.proof.value, plan.reached, new_entrepreneurs(plan, case)
    assert found == pytest.approx((value, units, people))
    assert case.value_is_units == (weight == 0)


def test_equity_is_of_ikm_clusters_alone():
    """λ = 0.5: with the class of bakers 0.5 · 5 + 0.5 · θ · 10 = 2.5 + 2.5, where θ is 5 / 10; with
    that of leavers 0.5 · 0.6 · 10 = 3, for the bakers are the worst-off with nothing."""
    plan = solve(bakers_or_leavers(0.6, equity=0.5))
    assert (plan.proof.value, plan.reached) == pytest.approx((5, 5))


def test_targets_are_of_ikm_units_alone():
    """At least one unit of IKM is asked for, so that the class is one of bakers."""
    assert solve(bakers_or_leavers(0.6, target_units=1)).reached == pytest.approx(5)


def test_units_that_need_no_money_are_of_the_ikm_units_and_not_of_entrepreneurs():
    """“Of these” stands behind the number of IKM units, not behind that of the people."""
    case = bakers_or_leavers(0.6)
    plan = solve(case)
    text = plan_headline(plan, case, nothing=solve(bakers_or_leavers(0.4)))
    assert text.index("Of these, 5.0 need no money") < text.index("Of 20 people")


def test_new_entrepreneurs_stand_apart_where_they_count():
    """In the paragraph, the tiles, the figures and the invitation list; nowhere at weight 0."""
    for weight in (0.6, 0):
        case = with_scenario(bakers_or_leavers(weight), locks=["mechanics = 1"])
        plan = solve(case)
        shown = [
            "new entrepreneurs" in str(plan_headline(plan, case)),
            "New entrepreneurs" in plan_tiles(plan, case)._repr_html_(),
            "New entrepreneurs" in summary(plan, case).html(),
            "New entrepreneurs" in invitations(plan, case).html(),
        ]
        assert shown == [weight > 0] * 4
        assert "0.0 of 10 IKM units" in str(plan_headline(plan, case))
        assert plan_figures(plan, case).get("entrepreneurs") == (10 if weight else None)


# --- who may sit -----------------------------------------------------------------------------


def bakers_and_weavers(*suits, **scenario):
    """6 bakers; a class of the city takes 10 to 12 at 1 million each."""
    return small_case(
        scenario,
        clusters=[cluster("bread", 6), cluster("cloth", 8)],
        courses=[course("selling", 10, 12, scope="city", cost_person=MILLION)],
        course_suits=[suit("selling", "bread"), *suits],
    )


def test_who_may_sit_fills_a_class_and_counts_for_nothing():
    """With 4 weavers for whom it is of no use the class of 10 is held: half of 6 bakers, 3 units,
    for 10 million. Without them nobody is reached."""
    case = bakers_and_weavers(suit("selling", "cloth", 0))
    plan = solve(case)
    assert (plan.reached, plan.coached, plan.cost) == (3, 6, 10 * MILLION)
    assert fillers(plan) == {("selling", "cloth"): 4}
    assert plan.coverage.set_index("cluster")["reached"]["cloth"] == 0
    assert solve(bakers_and_weavers()).reached == 0


def test_everybody_with_a_seat_stands_on_the_invitation_list():
    """6 bakers by their package; apart from them 4 weavers, who only fill the class: 10 seats.
    Where nobody only fills a class there is no such column."""
    case = bakers_and_weavers(suit("selling", "cloth", 0))
    shown = {column.heading: column.values for column in invitations(solve(case), case).columns}
    assert list(shown["Each unit gets"])[:2] == ["Selling", "Selling (only to fill the class)"]
    assert list(shown["Units to invite"]) == [6, None, 6]
    assert list(shown["Seated only to fill the class"]) == [None, 4, 4]
    all_bakers = small_case(courses=[course("selling", 4, 12)])
    assert "Seated only to fill the class" not in invitations(solve(all_bakers), all_bakers).frame


def test_an_operator_course_that_reaches_nobody_still_trains_operators():
    """An oven needs 2 operators, a course is learned by half: 4 users take it, and all that counts
    is the oven: half of 4 units of 25 hours."""
    case = small_case(
        clusters=[cluster("bread", 4)],
        courses=[course("running", 2, 6)],
        course_suits=[suit("running", "bread", 0)],
        equipment=[machine("oven", operators=2, operator_course="running", stock=1)],
        equipment_suits=[machine_suit("oven", "bread", 25)],
    )
    plan = solve(case)
    assert (plan.machine_count, plan.reached) == (1, pytest.approx(2))
    assert plan.units["package"].tolist() == ["running+oven"]


# --- long courses ----------------------------------------------------------------------------


def long_course(days, quarters=2, classes=4, **more):
    """20 leavers a class; 10 trainer-days are spread over the quarters that it lasts."""
    return small_case(
        clusters=[cluster("leavers", 20 * classes)],
        courses=[course("mechanics", 20, 20, quarters=quarters)],
        course_uses=[use("mechanics", "balai", 10, **more)],
        course_suits=[suit("mechanics", "leavers")],
        resources=[trainer("balai", *days)],
    )


@pytest.mark.parametrize(
    ("days", "classes"),
    [
        ((5, 5, 0, 0), 1),
        ((0, 0, 5, 5), 1),
        ((5, 0, 5, 0), 0),  # 10 days in the year, but none of two quarters in a row
        ((0, 0, 0, 10), 0),  # it would end in the next year
        ((5, 10, 5, 0), 2),  # one begins in quarter 1, one in 2
        ((5, 10, 10, 5), 3),
        ((10, 10, 10, 10), 4),
    ],
)
def test_a_long_course_uses_days_in_each_of_its_quarters(days, classes):
    """5 days in the quarter in which it begins, and 5 in the next."""
    assert solve(long_course(days)).class_count == classes


@pytest.mark.parametrize(
    ("days", "classes"), [((10, 0, 0, 0), 1), ((0, 0, 10, 0), 1), ((0, 0, 0, 10), 0)]
)
def test_a_quota_is_used_in_the_first_quarter(days, classes):
    """All 10 at once: a quota of quarter 4 serves no course of two quarters."""
    assert solve(long_course(days, at=1)).class_count == classes


def test_a_quota_of_people_is_not_called_days():
    """Of 20 people one class takes 20: it names the quota, and what it lacks for two classes."""
    case = small_case(
        clusters=[cluster("leavers", 40)],
        courses=[course("mechanics", 20, 20, quarters=2)],
        course_uses=[use("mechanics", "padang", 20, at=1)],
        course_suits=[suit("mechanics", "leavers")],
        resources=[trainer("padang", 20, 0, 0, 20) | {"kind": "other"}],
    )
    plan = solve(case)
    assert binding_limit_names(plan, case) == ["the quota “Padang”"]
    shown = limits_table(plan, case).shown()
    assert shown[["Limit", "Used", "Available"]].to_numpy().tolist() == [
        ["Quota: Padang", "20", "40"]
    ]
    statement, fixes = reasons(with_scenario(case, locks=["mechanics >= 2"]))
    assert "Padang has only 40 in the year" in statement
    assert "Give Padang 60 in the year." in fixes


def test_a_class_ends_in_the_year_and_its_days_are_those_of_its_quarters():
    """Of 3 classes of 3 quarters at 9 days each, with room for two in quarters 1 to 3 and two in
    2 to 4: 3 days a quarter; used 6, 9, 9, 3 or 3, 9, 9, 6 days."""
    case = small_case(
        clusters=[cluster("leavers", 60)],
        courses=[course("mechanics", 20, 20, quarters=3)],
        course_uses=[use("mechanics", "balai", 9)],
        course_suits=[suit("mechanics", "leavers")],
        resources=[trainer("balai", 6, 9, 9, 6)],
    )
    plan = solve(case)
    assert sorted(plan.classes["quarter"]) == [1, 2]
    used = plan.limits.loc[plan.limits["rule"] == "resource_days", "used"].tolist()
    assert used in ([6, 9, 9, 3], [3, 9, 9, 6])
    assert evenly(case, {"mechanics": 4}) is None


# --- the mix of a class ----------------------------------------------------------------------


def three_kinds(low, high, locks=(), **mix):
    """4 units of each of three kinds; a class of the city reaches half of them."""
    return small_case(
        {"locks": list(locks), "budget": 10 * MILLION},
        clusters=[cluster(key, 4) for key in ("bread", "cake", "noodles")],
        courses=[course("halal", low, high, scope="city", cost_class=10 * MILLION, **mix)],
        course_suits=[suit("halal", "bread"), suit("halal", "cake", 0), suit("halal", "noodles")],
    )


@pytest.mark.parametrize(
    ("mix", "reached"),
    [
        ({}, 3),  # 6 seats for bread and noodles
        ({"each_max": 2}, 2),  # 2 of bread, 2 of noodles; a class of 6 at most
        ({"each_max": 1}, 1),  # 1 and 1, and one of cake to have 3
        ({"each_min": 1}, 2.5),  # 6 − 1 of cake
        ({"each_min": 2}, 2),  # 2 of each
        ({"each_min": 2, "each_max": 2}, 2),
    ],
)
def test_a_class_has_its_mix(mix, reached):
    assert solve(three_kinds(3, 6, **mix)).reached == pytest.approx(reached)


def test_the_mix_holds_for_all_classes_together():
    """Two classes of at most 2 of each kind: 4 of a kind, dealt out 2 and 2."""
    case = with_scenario(three_kinds(3, 6, each_max=2), budget=20 * MILLION)
    plan = solve(case)
    assert (plan.class_count, plan.reached) == (2, pytest.approx(4))


def test_the_announced_programme_is_seated_by_the_mix():
    """A class of 3 was announced, one of each kind: half of bread and noodles are 1 unit."""
    case = three_kinds(3, 6, each_max=1)
    row = {"item": "halal", "cluster": "city", "quarter": 1, "count": 1, "seats": 3}
    tables = small_case(
        clusters=[cluster(key, 4) for key in ("bread", "cake", "noodles")],
        courses=[course("halal", 3, 6, scope="city", each_max=1)],
        course_suits=[suit("halal", "bread"), suit("halal", "cake", 0), suit("halal", "noodles")],
        announced=[row],
    ).tables
    plan = announced(replace(case, tables=tables))
    assert plan.seats["seats"].tolist() == [1, 1, 1]
    assert plan.reached == pytest.approx(1)


def test_going_down_the_list_mixes_a_class_that_no_cluster_fills_alone():
    """One of each of three kinds, as the plan has it: 1 unit of bread and noodles."""
    case = three_kinds(3, 6, each_max=1)
    found = greedy(case)
    assert found.seats == {("halal", c): 1 for c in ("bread", "cake", "noodles")}
    assert value_of(case, found) == pytest.approx(1)


# --- interest and topics ---------------------------------------------------------------------


def two_ways(interest=1.0, topic=None, size=10, **scenario):
    """An own class and one of a partner; each reaches half."""
    return small_case(
        scenario,
        clusters=[cluster("leavers", size)],
        courses=[course("own", 1, 100), course("partner", 1, 100, topic=topic)],
        course_suits=[suit(p, "leavers", interest=interest) for p in ("own", "partner")],
    )


@pytest.mark.parametrize(
    ("case", "reached"),
    [
        (two_ways(), 7.5),  # both for all: 10 · (1 − 0.5²)
        (two_ways(topic="own"), 5),  # one of the two for all
        (two_ways(0.5, "own"), 2.5),  # 5 of 10 want it
        (two_ways(0.5), 5),  # 5 want each: both for 5 are 3.75, one each for 10 are 5
        (two_ways(0.29, "own", 100), 14.5),  # 29 of 100, not the 28 of a binary 0.29
        (two_ways(0.05, "own"), 0),  # nobody whole
    ],
)
def test_interest_and_topics(case, reached):
    assert solve(case).reached == pytest.approx(reached)


def test_interest_in_a_machine():
    """0.35 of 10 want the oven: 3 units, of which half use it."""
    case = small_case(
        clusters=[cluster("bread", 10)],
        equipment=[machine("oven", hours=1000)],
        equipment_suits=[machine_suit("oven", "bread", interest=0.35)],
    )
    assert solve(case).reached == pytest.approx(1.5)


def test_interest_is_named_where_it_limits_a_plan():
    case = two_ways(0.5, "own")
    assert binding_limit_names(solve(case), case) == ["how many want Own / Partner"]


def test_going_down_the_list_keeps_interest():
    """Own or partner's class for 5 of 10, not for 10 of the two together."""
    found = greedy(two_ways(0.5, "own"))
    assert sum(found.units.values()) == 5


# --- by trying everything --------------------------------------------------------------------


def agrees(seed):
    case = random_programme(seed)
    truth = best_of_all(case)
    try:
        found = solve(case).proof.value
    except NoPlan as none:
        assert none.impossible
        found = None
    assert found == (None if truth is None else pytest.approx(truth, abs=1e-6))
    bought = greedy(case)
    if truth is not None and not (case.locks or case.floors or case.scenario.equity):
        assert value_of(case, bought) <= truth + 1e-6
    free = with_scenario(case, locks=[], floor=0, equity=0)
    proof = make_proof(free, bought, 1e9, 0, "none")
    breaches = find_breaches(make_plan(free, bought, proof), free)
    assert [breach for breach in breaches if breach.rule != "worst_off"] == []


@pytest.mark.parametrize("seed", range(12))
def test_brute_force_agrees_on_tiny_programmes(seed):
    """All concepts mixed with floors, locks, funds, a budget and equity; and what going down the
    list buys breaks no rule and is no better."""
    agrees(seed)


@pytest.mark.slow
def test_brute_force_agrees_on_many_tiny_programmes():
    for seed in range(12, 400):
        agrees(seed)


# --- a finished plan that is changed ---------------------------------------------------------


def finished(case, **decisions):
    """A plan of these decisions, and the rules that it breaks."""
    made = Decisions(**({"classes": {}, "seats": {}, "machines": {}, "units": {}} | decisions))
    plan = make_plan(case, made, make_proof(case, made, 0.0, case.scenario.gap, "hand"))
    return plan, {breach.rule for breach in find_breaches(plan, case)}


def selling(bread, cloth, package_for="bread"):
    people = {("selling", "bread"): bread, ("selling", "cloth"): cloth}
    return {
        "classes": {("selling", "city", 1): 1},
        "seats": {at: n for at, n in people.items() if n},
        "units": {(package_for, Package(("selling",), ())): min(bread, cloth)},
    }


def test_the_audit_knows_who_may_sit():
    open_to_weavers = bakers_and_weavers(suit("selling", "cloth", 0))
    assert finished(open_to_weavers, **selling(6, 4))[1] == set()
    assert "seat_for_each_unit" in finished(bakers_and_weavers(), **selling(6, 4))[1]


def test_the_audit_knows_whose_reach_counts():
    """A package for weavers, whom the course reaches not: the plan would call them coached."""
    case = bakers_and_weavers(suit("selling", "cloth", 0))
    decisions = selling(6, 4) | {"units": {}}
    plan, broken = finished(case, **decisions)
    assert broken == set()
    row = ["cloth", "selling", 4, 0.0, 0.0]
    units = plan.units.copy()
    units.loc[0] = row
    changed = replace(plan, tables=plan.tables | {"units": units})
    assert any("no place at cloth" in str(breach) for breach in find_breaches(changed, case))


def test_the_audit_counts_new_entrepreneurs_by_weight():
    """The value of a plan of leavers alone is 6; the same stated at 10, or at 0, is refused."""
    case = bakers_or_leavers(0.6)
    plan = solve(case)
    for value in (10.0, 0.0):
        stated = replace(plan, proof=replace(plan.proof, value=value))
        assert any((b.rule, b.at) == ("worst_off", ("value",)) for b in find_breaches(stated, case))


def mechanics(quarter, classes=1):
    people = 20 * classes
    return {
        "classes": {("mechanics", "leavers", quarter): classes},
        "seats": {("mechanics", "leavers"): people},
        "units": {("leavers", Package(("mechanics",), ())): people},
    }


@pytest.mark.parametrize(
    ("days", "quarter", "classes", "broken"),
    [
        ((5, 5, 5, 5), 3, 1, set()),
        ((5, 5, 5, 5), 4, 1, {"classes_scheduled"}),
        ((5, 5, 0, 5), 2, 1, {"resource_days"}),  # the second quarter has none
        ((5, 10, 10, 5), 2, 2, set()),
        ((5, 10, 9, 5), 2, 2, {"resource_days"}),
    ],
)
def test_the_audit_knows_how_long_a_course_lasts(days, quarter, classes, broken):
    assert finished(long_course(days), **mechanics(quarter, classes))[1] == broken


def test_the_audit_knows_when_a_quota_is_used():
    """All 10 in the first of its quarters: quarter 2 has them, quarter 1 has not."""
    case = long_course((5, 10, 10, 0), at=1)
    assert finished(case, **mechanics(2))[1] == set()
    assert finished(case, **mechanics(1))[1] == {"resource_days"}
    later = long_course((5, 10, 10, 0), at=2)
    assert finished(later, **mechanics(1))[1] == set()


@pytest.mark.parametrize(
    ("seats", "broken"),
    [((1, 1, 1), set()), ((2, 1, 1), {"class_mix"}), ((2, 0, 2), {"class_mix"})],
)
def test_the_audit_knows_the_mix(seats, broken):
    """At least and at most 1 of each kind; an excluded kind need not be there."""
    kinds = ("bread", "cake", "noodles")
    decisions = {
        "classes": {("halal", "city", 1): 1},
        "seats": {("halal", c): n for c, n in zip(kinds, seats, strict=True) if n},
    }
    assert finished(three_kinds(3, 6, each_min=1, each_max=1), **decisions)[1] == broken


def test_the_audit_does_not_ask_for_excluded_clusters():
    case = with_scenario(three_kinds(2, 6, each_min=1), exclusions=["halal @ cake"])
    decisions = {
        "classes": {("halal", "city", 1): 1},
        "seats": {("halal", "bread"): 1, ("halal", "noodles"): 1},
    }
    assert finished(case, **decisions)[1] == set()
    assert finished(three_kinds(2, 6, each_min=1), **decisions)[1] == {"class_mix"}


@pytest.mark.parametrize(
    ("units", "broken"),
    [
        ({("own",): 5}, set()),
        ({("own",): 6}, {"units_interested"}),
        ({("own",): 3, ("partner",): 3}, {"units_interested"}),
    ],
)
def test_the_audit_knows_interest_and_topics(units, broken):
    """5 of 10 want the topic that both courses teach."""
    decisions = {
        "classes": {(*p, "leavers", 1): 1 for p in units},
        "seats": {(*p, "leavers"): n for p, n in units.items()},
        "units": {("leavers", Package(p, ())): n for p, n in units.items()},
    }
    assert finished(two_ways(0.5, "own"), **decisions)[1] == broken


def test_the_audit_refuses_two_courses_of_a_topic_for_a_unit():
    """What is sound where they are two topics: own and partner's course for the same 5."""
    both = Package(("own", "partner"), ())
    decisions = {
        "classes": {("own", "leavers", 1): 1, ("partner", "leavers", 1): 1},
        "seats": {("own", "leavers"): 5, ("partner", "leavers"): 5},
        "units": {("leavers", both): 5},
    }
    case, one_topic = two_ways(0.5), two_ways(0.5, "own")
    plan, broken = finished(case, **decisions)
    assert broken == set()
    breaches = [str(breach) for breach in find_breaches(plan, one_topic)]
    assert any("courses of the topic own" in breach for breach in breaches)


# --- what cannot be, why, and what mends it --------------------------------------------------


def reasons(case):
    """What stands in the way, and the mends that are enough alone."""
    with pytest.raises(NoPlan) as none:
        solve(case)
    (conflict,) = none.value.conflicts
    return conflict.statement, [need.fix for need in conflict.needs if need.alone]


def test_a_class_that_its_mix_forbids():
    """Three kinds of which a class takes 1 each cannot be 5; with 2 of each they are 6."""
    statement, fixes = reasons(three_kinds(5, 6, ["halal >= 1"], each_max=1))
    assert "a class of Halal takes at most 1 of each cluster" in statement
    assert "Raise each_max of Halal to 2." in fixes
    assert solve(three_kinds(5, 6, ["halal >= 1"], each_max=2)).class_count == 1


def test_a_class_that_needs_more_of_each_than_there_are():
    """5 of each of three kinds of which there are 4 each; with 4 of each a class of 12 is held."""
    statement, fixes = reasons(three_kinds(5, 15, ["halal >= 1"], each_min=5))
    assert "a class of Halal takes at least 5 of each cluster" in statement
    assert "Lower each_min of Halal to 4." in fixes
    assert solve(three_kinds(5, 15, ["halal >= 1"], each_min=4)).class_count == 1


def test_a_floor_that_too_few_want():
    """A floor of 0.2 on 10 leavers needs 2 expected, which are 4 in a class; 2 want one."""
    statement, fixes = reasons(two_ways(0.2, "own", floors={"leavers": 0.2}))
    assert "Own / Partner is wanted by only 2 units of Leavers" in statement
    assert "Raise the interest of leavers in Own / Partner to 40.0%." in fixes
    assert solve(two_ways(0.4, "own", floors={"leavers": 0.2})).reached == pytest.approx(2)
    assert "Lower the floor of Leavers to 10.0%." in fixes


def test_a_long_class_without_days_in_a_row():
    """5, 0, 5, 0 days: a class over two quarters lacks 5, which makes 15 in the year."""
    case = with_scenario(long_course((5, 0, 5, 0)), locks=["mechanics >= 1"])
    statement, fixes = reasons(case)
    assert "Balai has only 10 days in the year" in statement
    assert "Give Balai 15 days in the year." in fixes
    assert solve(long_course((5, 5, 5, 0))).class_count == 1


def test_money_for_those_who_fill_a_class():
    """10 seats at 1 million are asked for, 4 of them by weavers; 8 million are not enough."""
    case = with_scenario(
        bakers_and_weavers(suit("selling", "cloth", 0)),
        budget=8 * MILLION,
        locks=["selling >= 1"],
    )
    statement, fixes = reasons(case)
    assert "the budget is only" in statement
    assert any("Raise the budget" in fix for fix in fixes)
    assert solve(with_scenario(case, budget=10 * MILLION)).class_count == 1


# --- rows that cannot be ---------------------------------------------------------------------

# table, cells of its first row, and pieces of the fault
BAD_ROWS = {
    "five-quarters": ("courses", {"quarters": "5"}, ["quarters", "5", "from 1 to 4"]),
    "no-quarter": ("courses", {"quarters": "0"}, ["quarters", "from 1 to 4"]),
    "half-a-quarter": ("courses", {"quarters": "1.5"}, ["quarters", "a whole number"]),
    "least-above-most": (
        "courses", {"each_min": "3", "each_max": "2", "scope": "city"},
        ["each_max", "is below each_min 3", "Raise each_max"],
    ),
    "least-above-class": ("courses", {"each_min": "21"}, ["each_min", "above class_max 20"]),
    "most-of-none": ("courses", {"each_max": "0"}, ["each_max", "0", "from 1 to 1000"]),
    "negative-least": ("courses", {"each_min": "-1"}, ["each_min", "-1", "from 0 to 1000"]),
    "most-of-the-only-cluster": (
        "courses", {"each_max": "5"}, ["each_max", "fewer than class_min 10", "city"],
    ),
    "topic-in-words": ("courses", {"topic": "Roti Manis"}, ["topic", "Write it as roti_manis"]),
    "topic-is-a-machine": ("courses", {"topic": "oven"}, ["topic", "key of a machine"]),
    "topic-is-reserved": ("courses", {"topic": "training"}, ["topic", "meaning of its own"]),
    "at-after-the-end": ("course_uses", {"at": "2"}, ["at", "above the quarters", "at most 1"]),
    "at-of-no-year": ("course_uses", {"at": "5"}, ["at", "5", "from 1 to 4"]),
    "at-zero": ("course_uses", {"at": "0"}, ["at", "0", "from 1 to 4"]),
    "interest-two": ("course_suits", {"interest": "2"}, ["interest", "from 0 to 1", "If 2% is"]),
    "interest-percent": ("course_suits", {"interest": "30%"}, ["interest", "30% is written 0.3"]),
    "interest-negative": ("course_suits", {"interest": "-0.1"}, ["interest", "from 0 to 1"]),
    "interest-of-a-machine": ("equipment_suits", {"interest": "1.5"}, ["interest", "from 0 to 1"]),
    "announced-too-late": (
        "courses", {"quarters": "4"}, ["announced", "quarter", "kue_roti lasts 4", "at most 1"],
    ),
    "weight-negative": ("clusters", {"weight": "-0.6"}, ["weight", "from 0 to 100"]),
}  # fmt: skip


def faults_with(folder, table, cells):
    """The faults and warnings of the good case with other cells in the first row of a table."""
    shutil.copytree(GOOD, folder, dirs_exist_ok=True)
    for about in ("results", "together"):  # which would be about what the cells take away
        (folder / f"{about}.csv").unlink()
    rows = list(csv.DictReader((folder / f"{table}.csv").read_text("utf-8").splitlines()))
    for n, row in enumerate(rows):
        row.update(cells if not n else {key: "" for key in cells if key not in row})
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return check(folder)


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_has_its_message(tmp_path, name):
    table, cells, pieces = BAD_ROWS[name]
    faults = [str(f) for f in faults_with(tmp_path, table, cells) if not f.warning]
    assert any(all(piece in fault for piece in pieces) for fault in faults), faults


def test_courses_of_a_topic_have_one_interest(tmp_path):
    """kue_roti and op_oven teach baking; the first is wanted by half, the other by all."""
    shutil.copytree(GOOD, tmp_path, dirs_exist_ok=True)
    courses = (tmp_path / "courses.csv").read_text("utf-8").splitlines()
    topics = ["topic", *["baking"] * 2, *[""] * (len(courses) - 3)]
    lines = [f"{line},{topic}" for line, topic in zip(courses, topics, strict=True)]
    (tmp_path / "courses.csv").write_text("\n".join(lines) + "\n", "utf-8")
    suits = (tmp_path / "course_suits.csv").read_text("utf-8").splitlines()
    shares = ["interest", "0.5", *["0.8"] * (len(suits) - 2)]
    lines = [f"{line},{share}" for line, share in zip(suits, shares, strict=True)]
    (tmp_path / "course_suits.csv").write_text("\n".join(lines) + "\n", "utf-8")
    (fault,) = (f for f in check(tmp_path) if not f.warning)
    assert "is not the 0.50 of kue_roti, which teaches the same topic" in str(fault)


def test_announced_seats_that_the_mix_forbids(tmp_path):
    """25 seats of one class of pemasaran, which may have 5 of each of its clusters."""
    shutil.copytree(GOOD, tmp_path, dirs_exist_ok=True)
    courses = (tmp_path / "courses.csv").read_text("utf-8").splitlines()
    most = ["each_max", *("5" if line.startswith("pemasaran") else "" for line in courses[1:])]
    lines = [f"{line},{n}" for line, n in zip(courses, most, strict=True)]
    (tmp_path / "courses.csv").write_text("\n".join(lines) + "\n", "utf-8")
    (fault,) = (f for f in check(tmp_path) if not f.warning)
    assert "announced" in str(fault) and "with each_min and each_max" in str(fault)


def test_what_can_never_be_held_is_a_warning(tmp_path):
    """A course that reaches nobody, and a class of four quarters for which no days are there."""
    no_use = faults_with(tmp_path / "a", "course_suits", {"relevance": "0"})
    assert any("reaches nobody" in str(f) for f in no_use if f.warning)
    too_long = faults_with(tmp_path / "b", "course_uses", {"amount": "90"})
    assert any("no quarter has more" in str(f) for f in too_long if f.warning)


def test_columns_left_out_are_their_defaults(tmp_path):
    """The same fingerprint without the columns, with empty cells, and with the defaults."""
    plain = bakers_and_weavers()
    written = small_case(
        clusters=[cluster("bread", 6), cluster("cloth", 8)],
        courses=[course("selling", 10, 12, scope="city", cost_person=MILLION, quarters=1,
                        each_min=0, each_max="", topic="")],
        course_suits=[suit("selling", "bread", interest=1)],
    )  # fmt: skip
    assert plain.fingerprint == written.fingerprint
    other = small_case(
        clusters=[cluster("bread", 6), cluster("cloth", 8)],
        courses=[course("selling", 10, 12, scope="city", cost_person=MILLION, quarters=2)],
        course_suits=[suit("selling", "bread")],
        funds=[fund("apbd", 10**9)],
    )
    assert plain.fingerprint != other.fingerprint
