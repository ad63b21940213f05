"""A plan over draws: the office's rule, ignorance and luck, what stays, which guess to check."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from small_cases import (
    bakery,
    cluster,
    course,
    fund,
    machine,
    machine_suit,
    small_case,
    suit,
    trainer,
)

from ikmplan.input.case import Case
from ikmplan.insight.baselines import announced
from ikmplan.model.search import solve
from ikmplan.plan.plan import Plan
from ikmplan.report.sureness import better_of_100, of_100, range_in_short, units_in_draws
from ikmplan.text import language
from ikmplan.uncertainty import scarce
from ikmplan.uncertainty.answers import how_sure, load_uncertainty, range_alone
from ikmplan.uncertainty.draws import Draws, draws
from ikmplan.uncertainty.plan_range import range_of, share_of_luck
from ikmplan.uncertainty.stability import core_cost, core_locks, replans, stability
from ikmplan.uncertainty.tables import information_table, kept_table, stability_table, sureness
from ikmplan.uncertainty.value_of_information import (
    BY_NUMBER,
    BY_SOURCE,
    information,
    payoffs,
    value_of_knowing,
)

FIXED = {"low": 1, "high": 1}
COLUMNS = [
    ("clusters", "units"), ("clusters", "young_share"), ("clusters", "kva"),
    ("clusters", "floor_m2"), ("courses", "success"), ("courses", "cost_class"),
    ("courses", "cost_person"), ("course_uses", "amount"), ("course_suits", "relevance"),
    ("equipment", "price"), ("equipment", "availability"), ("equipment_suits", "hours"),
    ("equipment_suits", "success"), ("resources", "q1"), ("resources", "q2"),
    ("resources", "q3"), ("resources", "q4"), ("funds", "amount"), ("existing", "machines"),
    ("existing", "operators"),
]  # fmt: skip


def only(*moving: dict[str, Any]) -> list[dict[str, Any]]:
    """Ranges in which nothing moves but these numbers."""
    free = {(row["table"], row["number"]) for row in moving if "row_key" not in row}
    fixed = [{"table": t, "number": n, **FIXED} for t, n in COLUMNS if (t, n) not in free]
    return [*fixed, *moving]


def moves(table: str, number: str, low: float, high: float, **other: Any) -> dict[str, Any]:
    return {"table": table, "number": number, "low": low, "high": high, **other}


def set_to(
    case: Case, plan: Plan, table: str, column: str, key: str, values: list[float], **options: Any
) -> Any:
    """The plan's range where one number takes these values, and all others stay."""
    drawn = draws(case, len(values))
    made = np.array([[u.value] * len(values) for u in drawn.numbers])
    at = next(n for n, u in enumerate(drawn.numbers)
              if (u.table, u.column, "+".join(u.key)) == (table, column, key))  # fmt: skip
    made[at] = values
    return range_of(plan, case, replace(drawn, values=made), **options)


def one_course(**scenario: Any) -> Case:
    """40 bakers, classes of 10 at Rp10 million and Rp1 million a head, chance 0.5, Rp80 million:
    four classes, 40 people, 20 units."""
    return small_case(
        scenario,
        clusters=[cluster("bread", 40)],
        courses=[course("baking", 10, 10, cost_class=10_000_000, cost_person=1_000_000)],
        course_suits=[suit("baking", "bread")],
        course_uses=[{"course": "baking", "resource": "balai", "amount": 5}],
        resources=[trainer("balai", 5, 5, 5, 5)],
        funds=[fund("apbd", 80_000_000)],
    )


# the numbers as they stand ------------------------------------------------------------------


@pytest.mark.parametrize("make", [bakery, one_course])
def test_numbers_that_do_not_move_give_the_plan_itself(make):
    case = make()
    plan = solve(case)
    still = range_of(plan, case, Draws(case, (), np.empty((0, 3)), 3, 0))
    assert still.expected == pytest.approx([plan.reached] * 3)
    assert still.cost == pytest.approx([plan.cost] * 3)
    assert all(holds.all() for holds in still.holds.values())
    for c, share in zip(plan.coverage["cluster"], plan.coverage["coverage"], strict=True):
        assert still.coverage[c] == pytest.approx([share] * 3)


def test_a_programme_beyond_its_limits_is_taken_as_announced():
    """Four classes announced, Rp80 million; the fund has 70. As the numbers stand it counts as
    announced (40 bakers, 20 units); only what turns out worse than stated makes it drop: classes
    at Rp11 million make it 84, of which 80 are allowed, so three classes stay."""
    case = one_course()
    rows = [{"item": "baking", "cluster": "bread", "quarter": 1, "count": 4, "seats": 40}]
    names = ("clusters", "courses", "course_suits", "course_uses", "resources")
    same = {name: [row.model_dump() for row in getattr(case.tables, name)] for name in names}
    case = small_case(**same, funds=[fund("apbd", 70_000_000)], announced=rows)
    programme = announced(case)
    assert programme is not None and programme.cost == 80_000_000
    dearer = "courses", "cost_class", "baking", [1e7, 1.1e7]
    found = set_to(case, programme, *dearer, as_announced=True)
    assert found.expected == pytest.approx([20, 15])
    found = set_to(case, programme, *dearer)  # as a plan that the office chooses: 70 million are 70
    assert found.expected == pytest.approx([15, 15])


# the office's rule --------------------------------------------------------------------------


def test_a_plan_that_is_too_dear_loses_classes():
    """A class at Rp12 million and ten heads costs 22: of 4 the money pays 3, 15 units. At
    Rp8 million it costs 18, and the office adds nothing: 20 units."""
    case = one_course()
    found = set_to(case, solve(case), "courses", "cost_class", "baking", [1e7, 1.2e7, 8e6, 9e7])
    assert found.expected == pytest.approx([20, 15, 20, 0])
    assert found.cost == pytest.approx([80e6, 66e6, 72e6, 0])
    assert found.holds["within_budget", "budget"].tolist() == [1, 0, 1, 0]


def test_a_smaller_cluster_leaves_classes_away():
    """25 bakers fill three classes (30 seats, 25 people), which cost 3 · 10 + 25 million."""
    case = one_course()
    found = set_to(case, solve(case), "clusters", "units", "bread", [40, 25, 0, 90])
    assert found.expected == pytest.approx([20, 12.5, 0, 20])
    assert found.cost == pytest.approx([80e6, 55e6, 0, 80e6])
    assert found.coverage["bread"] == pytest.approx([0.5, 0.5, 0, 20 / 90])


def test_fewer_trainer_days_lose_classes():
    """5 days less in one quarter: 15 of 20 days, so three of four classes are held."""
    case = one_course()
    found = set_to(case, solve(case), "resources", "q2", "balai", [5, 0, 4, 50])
    assert found.expected == pytest.approx([20, 15, 15, 20])
    assert found.holds["resource_days", "balai"].tolist() == [1, 0, 0, 1]


def two_crafts(**other: Any) -> Case:
    """Bakers at 0.5 and weavers at 0.2, a class of 10 each at Rp10 million, Rp20 million: 5 + 2."""
    return small_case(
        {"locks": ["weaving @ weave = 1"]},
        clusters=[cluster("bread", 10), cluster("weave", 10)],
        courses=[
            course("baking", 10, 10, cost_class=10_000_000, success=0.5),
            course("weaving", 10, 10, cost_class=10_000_000, success=0.2),
        ],
        course_suits=[suit("baking", "bread"), suit("weaving", "weave")],
        funds=[fund("apbd", 20_000_000)],
        **other,
    )


def test_what_is_missed_least_is_dropped_first():
    """Rp5 million too little: the weavers' class goes (2 units) and not the bakers' (5)."""
    case = two_crafts()
    found = set_to(case, solve(case), "funds", "amount", "apbd", [20e6, 15e6, 5e6])
    assert found.expected == pytest.approx([7, 5, 0])
    assert found.coverage["weave"] == pytest.approx([0.2, 0, 0])


def test_the_office_does_not_know_the_drawn_chances():
    """In this draw weaving has a chance of 0.9 and is better; the office drops it all the same,
    for the tables state 0.2."""
    case = two_crafts()
    drawn = draws(case, 1)
    made = np.array([[u.value] for u in drawn.numbers])
    for n, u in enumerate(drawn.numbers):
        if u.key == ("weaving",) and u.column == "success":
            made[n] = 0.9
        if u.table == "funds":
            made[n] = 15e6
    found = range_of(solve(case), case, replace(drawn, values=made))
    assert found.expected == pytest.approx([5])


def ovens() -> Case:
    """20 bakers use 10 hours each of two ovens with 100 hours; two operators at 0.5 each."""
    return small_case(
        clusters=[cluster("bread", 20, kva=7)],
        courses=[course("running", 1, 20, success=0.5, cost_class=0)],
        course_suits=[suit("running", "bread", 0.01)],
        equipment=[
            machine("oven", price=10, kva=3.5, operators=1, operator_course="running"),
        ],
        equipment_suits=[machine_suit("oven", "bread", 10, 0.4)],
    )


def test_machines_that_run_less_serve_fewer():
    """Half the hours: half of the 20 users get theirs. The reached by the oven falls from 8 to 4
    (and a hair for the course with relevance 0.01)."""
    case = ovens()
    plan = solve(case)
    assert plan.machine_count == 2
    found = set_to(case, plan, "equipment_suits", "hours", "oven+bread", [10, 20, 5])
    assert found.expected == pytest.approx([8, 4, 8], abs=0.1)


def test_power_that_is_not_there_loses_a_machine():
    """6 kVA carry one oven of 3.5: half of the users have hours."""
    case = ovens()
    found = set_to(case, solve(case), "clusters", "kva", "bread", [7, 6, 3])
    assert found.expected == pytest.approx([8, 4, 0], abs=0.2)
    assert found.holds["power_at_site", "bread"].tolist() == [1, 0, 0]


def test_operators_who_learned_less_run_fewer_machines():
    """Two ovens need two operators. Whoever is trained, with a chance of 0.5; at 0.05 each of the
    n trained gives n/20 operators."""
    case = ovens()
    plan = solve(case)
    trained = int(plan.units.loc[plan.units["package"].str.contains("running"), "units"].sum())
    found = set_to(case, plan, "courses", "success", "running", [0.5, 0.05])
    share = min(1, trained * 0.05 / 2)
    assert found.expected[1] == pytest.approx(8 * share, abs=0.1)


# ignorance and luck -------------------------------------------------------------------------


def one_number(low: float, high: float) -> Case:
    """1,000 bakers, all invited, chance 0.5 with this range; nothing else moves."""
    return small_case(
        clusters=[cluster("bread", 1000)],
        courses=[course("baking", 1, 1000, success=0.5)],
        course_suits=[suit("baking", "bread")],
        ranges=only(moves("courses", "success", low, high)),
    )


def test_one_uncertain_number_gives_its_own_range():
    """1,000 · 0.5 · (0.8 to 1.2): in 8 of 10 cases between 400 and 600 are expected. Luck: of
    1,000 at 0.5 the variance is 250, far below that of the chances."""
    case = one_number(0.8, 1.2)
    found = range_of(solve(case), case, draws(case, 20_000))
    assert np.percentile(found.expected, [10, 50, 90]) == pytest.approx([400, 500, 600], abs=6)
    assert share_of_luck(found.expected, found.luck) == pytest.approx(
        np.mean(found.luck) / np.var(found.lucky), abs=0.01
    )


def test_only_luck_is_left_where_everything_is_known():
    """1,000 at 0.5: standard deviation √250 = 15.8; 8 of 10 cases within ± 20.3."""
    case = one_number(1, 1)
    found = range_of(solve(case), case, draws(case, 20_000))
    assert (found.expected == 500).all() and share_of_luck(found.expected, found.luck) == 1
    assert np.std(found.lucky) == pytest.approx(250**0.5, rel=0.03)
    assert np.percentile(found.lucky, [10, 90]) == pytest.approx([479.7, 520.3], abs=1.5)


def test_the_variance_is_that_of_ignorance_and_luck_together():
    """Var(lucky) = Var(expected) + E[variance given the draw]."""
    case = one_number(0.95, 1.05)
    found = range_of(solve(case), case, draws(case, 20_000))
    both = np.var(found.expected) + np.mean(found.luck)
    assert np.var(found.lucky) == pytest.approx(both, rel=0.04)
    assert 0.05 < share_of_luck(found.expected, found.luck) < 0.95


def test_candidates_never_count():
    case = small_case(
        clusters=[cluster("bread", 10), cluster("school", 10, kind="candidate", weight=0.5)],
        courses=[course("baking", 1, 10), course("repair", 1, 10)],
        course_suits=[suit("baking", "bread"), suit("repair", "school")],
    )
    found = range_of(solve(case), case, draws(case, 50))
    assert "school" not in found.coverage and found.lucky.max() <= 10


# which guess to check first -----------------------------------------------------------------


def two_rivals(low: float, high: float) -> Case:
    """Money for one class: bakers at 0.5, surely, or weavers at 0.5 with this range."""
    return small_case(
        clusters=[cluster("bread", 100), cluster("weave", 100)],
        courses=[
            course("baking", 100, 100, cost_class=10, success=0.5),
            course("weaving", 100, 100, cost_class=10, success=0.4),
        ],
        course_suits=[suit("baking", "bread"), suit("weaving", "weave")],
        funds=[fund("apbd", 10)],
        ranges=only(moves("courses", "success", low, high, row_key="weaving")),
    )


def plans_of_both(case: Case) -> list[Any]:
    from ikmplan.insight.demands import changed
    from ikmplan.uncertainty.given import given_by

    return [given_by(solve(changed(case, locks=(lock,)))) for lock in
            ("baking @ bread = 1", "weaving @ weave = 1")]  # fmt: skip


def test_a_planted_guess_is_found_and_valued():
    """Bakers: 50 units. Weavers: 40 · f with ln f normal of σ = ln 2 / 1.2816 = 0.5409 on both
    sides (range 0.5 to 2), cut at a chance of 1 (f ≤ 2.5). They are better where f > 1.25, in
    P(z > ln 1.25 / 0.5409 = 0.4126) = 34 of 100 draws. Knowing f brings E[max(0, 40 f − 50)].
    Numerically, on a grid of z, that is the answer; the usual choice by the mean is compared."""
    case = two_rivals(0.5, 2)
    drawn = draws(case, 4000)
    units = payoffs(plans_of_both(case), case, drawn)
    z = np.linspace(-6, 6, 200_001)
    density = np.exp(-z * z / 2)
    density /= density.sum()
    weavers = np.minimum(100 * 0.4 * np.exp(z * np.log(2) / 1.2815515655446004), 100)
    best = float((np.maximum(weavers, 50) * density).sum())
    usual = max(50.0, float((weavers * density).sum()))
    found = information(drawn, units)
    assert found[0].numbers[0].key == ("weaving",)
    assert found[0].gain == pytest.approx(best - usual, abs=3 * found[0].error)
    assert np.mean(units[1] > units[0]) == pytest.approx(0.34, abs=0.025)
    assert {row.level for row in found} == {BY_NUMBER, BY_SOURCE}
    assert all(row.gain == 0 for row in found if row.numbers[0].key != ("weaving",)
               and row.level == BY_NUMBER)  # fmt: skip


def test_knowing_what_changes_no_choice_is_worth_nothing():
    """Weavers reach 36 to 44: below 50 in every draw that counts, so it need not be known."""
    case = two_rivals(0.9, 1.1)
    drawn = draws(case, 1000)
    units = payoffs(plans_of_both(case), case, drawn)
    assert max(row.gain for row in information(drawn, units)) == pytest.approx(0, abs=0.05)


def test_noise_is_not_taken_for_information():
    """A number that has nothing to do with the units, fitted to 200 draws of pure noise: its gain
    is no more than its error allows."""
    generator = np.random.default_rng(1)
    units = 100 + 10 * generator.standard_normal((2, 200))
    basis = np.stack([np.ones(200), *generator.standard_normal((3, 200))], axis=1)
    gain, error = value_of_knowing(basis, units)
    assert gain <= 3 * error


# what stays ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_ranking_that_flips_is_in_as_often_as_arithmetic_states():
    """Weavers are better than bakers where f > 1.25: in 34 of 100 draws (see above); bakers in
    the others. Of 150 draws the share errs by 0.04 (1 sigma)."""
    case = two_rivals(0.5, 2)
    plan = solve(case)
    found = replans(plan, draws(case, 150), 150, workers=1)
    shares = {row.item: row.share for row in stability(plan, case, found) if row.kind != "cluster"}
    assert shares["weaving"] == pytest.approx(0.34, abs=0.12)
    assert shares["baking"] + shares["weaving"] == pytest.approx(1)


def test_what_is_always_in_becomes_locks_that_cost_nothing():
    """Two crafts and money for both: each class is in every plan."""
    case = small_case(
        clusters=[cluster("bread", 10), cluster("weave", 10)],
        courses=[course("baking", 10, 10, cost_class=10), course("weaving", 10, 10, cost_class=10)],
        course_suits=[suit("baking", "bread"), suit("weaving", "weave")],
        funds=[fund("apbd", 20)],
        ranges=only(moves("courses", "success", 0.5, 1.5)),
    )
    plan = solve(case)
    rows = stability(plan, case, replans(plan, draws(case, 20), 20, workers=1))
    assert [row.state for row in rows] == ["always"] * 4
    locks = core_locks(rows)
    assert sorted(locks) == ["baking @ bread >= 1", "weaving @ weave >= 1"]
    assert core_cost(plan, case, locks) == (0, 0)


def test_a_core_that_the_plan_has_not_costs_what_it_takes():
    """Bakers 50, weavers 40: a lock on the weavers costs 10 units."""
    case = two_rivals(1, 1)
    low, high = core_cost(solve(case), case, ["weaving @ weave >= 1"])
    assert low == pytest.approx(10, abs=0.1) and high == pytest.approx(10, abs=0.1)


def test_replans_do_not_depend_on_workers():
    case = bakery()
    plan = solve(case)
    drawn = draws(case, 6)
    alone = replans(plan, drawn, 6, workers=1)
    with ThreadPoolExecutor(2) as pool:
        assert replans(plan, drawn, 6, executor=pool) == alone


def test_floors_that_no_plan_can_meet_are_put_aside():
    """A floor of 0.45 at a chance of 0.5: where the chance is below 0.45, no plan meets it."""
    case = small_case(
        {"floor": 0.45},
        clusters=[cluster("bread", 100)],
        courses=[course("baking", 1, 100, success=0.5)],
        course_suits=[suit("baking", "bread")],
        ranges=only(moves("courses", "success", 0.5, 1.5)),
    )
    plan, drawn = solve(case), draws(case, 12)
    x = drawn.of("courses", "success", case.courses["baking"])
    found = replans(plan, drawn, 12, workers=1)
    assert [one.met for one in found] == list(x >= 0.45)
    assert all(
        one.value == pytest.approx(100 * chance) for one, chance in zip(found, x, strict=True)
    )


# all together -------------------------------------------------------------------------------


def test_all_of_it_is_kept_and_read_again(tmp_path):
    case = bakery(draws=4)
    plan = solve(case)
    sure = how_sure(plan, case, workers=1)
    sure.save(tmp_path)
    again = load_uncertainty(tmp_path)
    assert all(again.tables[name].equals(sure.tables[name]) for name in sure.tables)
    assert len(sure.outcomes) == 1000 and sure.outcomes["best"].notna().sum() == 4
    for view in (
        kept_table(sure, case), stability_table(sure, case),
        information_table(sure, plan, case, BY_SOURCE),
        information_table(sure, plan, case, BY_NUMBER),
    ):  # fmt: skip
        assert len(view.frame)


def test_the_same_input_gives_the_same_tables():
    case = one_course(draws=2)
    plan = solve(case)
    one, other = (how_sure(plan, case, workers=1) for _n in range(2))
    assert all(one.tables[name].equals(other.tables[name]) for name in one.tables)


def test_without_draws_what_is_missing_is_stated():
    case = bakery()
    plan = solve(case)
    sure = how_sure(plan, case, workers=1)
    assert not len(sure.outcomes) and range_in_short(sure) == ""
    (point,) = sureness(sure, case)
    assert "draws: 0" in point


def test_draws_do_not_change_the_plan():
    assert bakery(draws=5).fingerprint == bakery().fingerprint


def test_it_reads_naturally_in_both_languages():
    case = bakery()
    plan = solve(case)
    sure = range_alone(plan, case, plan)
    units = units_in_draws(sure)
    assert units is not None and units.low <= units.middle <= units.high
    with language("en"):
        assert "units are reached in 8 of 10 cases" in range_in_short(sure)
    with language("id"):
        text = range_in_short(sure)
    assert "8 dari 10 kemungkinan" in text and "interval" not in text
    assert better_of_100(sure) == 0  # the plan is not better than itself


def test_nearly_always_is_not_always():
    """Of 1,000 draws 999 are not 100 of 100, and one is not 0."""
    assert [of_100(x) for x in (0, 0.001, 0.5, 0.999, 1)] == [0, 1, 50, 99, 100]


def test_where_numbers_are_known_nobody_is_cautious():
    """The best plans of the draws are those of the scenario without caution: in a draw there is
    nothing left to be cautious about."""
    plain, cautious = one_course(), one_course(caution=0.7, holds_in=0.9)
    plan = solve(plain)
    drawn = draws(plain, 4)
    assert replans(plan, draws(cautious, 4), 4, workers=1) == replans(plan, drawn, 4, workers=1)


def several_funds() -> Case:
    """Ten courses, each for ten units of its own; a fund pays for one of them or for two."""
    names = [f"course{n}" for n in range(10)]
    return small_case(
        clusters=[cluster(f"place{n}", 10) for n in range(10)],
        courses=[course(p, 10, 10, cost_class=10, success=0.3 + n / 50)
                 for n, p in enumerate(names)],
        course_suits=[suit(p, f"place{n}") for n, p in enumerate(names)],
        funds=[fund(f"fund{n}", 11, p if n % 3 else f"{p} {names[n - 1]}")
               for n, p in enumerate(names)],
    )  # fmt: skip


def test_sets_of_funds_without_a_common_cost_are_not_tried(monkeypatch):
    """All unions of the payer sets, as Hall's theorem has them, give the same answer as those that
    hang together, which are far fewer: 2^10 − 1 against 13."""
    case = several_funds()
    plan, drawn = solve(case), draws(case, 200)
    found = range_of(plan, case, drawn)
    sets = [key for rule, key in found.holds if rule == "funds_cover"]

    def every_union(payers):
        unions = {frozenset().union(*some) for n in range(1, len(payers) + 1)
                  for some in combinations(sorted(payers, key=sorted), n)}  # fmt: skip
        return sorted(unions, key=lambda funds: (len(funds), sorted(funds)))

    monkeypatch.setattr(scarce, "unions", every_union)
    every = range_of(plan, case, drawn)
    assert len([key for rule, key in every.holds if rule == "funds_cover"]) > 20 * len(sets)
    assert (every.expected == found.expected).all() and (every.cost == found.cost).all()
    assert min(map(np.min, found.holds.values())) == 0  # some funds do not suffice in some draws
    for key in sets:
        at = "funds_cover", key
        assert (every.holds[at] == found.holds[at]).all()
