"""What a plan is compared with: doing nothing, and the same money with the same demands."""

from __future__ import annotations

import pytest
from small_cases import cluster, course, fund, machine, machine_suit, small_case, suit

from ikmplan.input.case import Case
from ikmplan.insight.baselines import doing_nothing, same_money
from ikmplan.plan.audit import CHECKS, find_breaches


def bakers(**scenario: object) -> Case:
    """Baking reaches 2.5 of five units for 10 million; selling a tenth of everybody for 2."""
    return small_case(
        {"floor": 0.2} | scenario,
        clusters=[cluster("bread", 10), cluster("cake", 10)],
        courses=[
            course("baking", 4, 5, cost_class=10_000_000, success=0.5),
            course("selling", 2, 20, cost_class=2_000_000, scope="city", success=0.1),
        ],
        course_suits=[
            suit("baking", "bread"), suit("baking", "cake"),
            suit("selling", "bread"), suit("selling", "cake"),
        ],
        funds=[fund("apbd", 100_000_000)],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("money", "highest", "reached"),
    [
        # two of baking, 2.5 each: 25%; selling in all: 5 · 0.55 + 5 · 0.1 = 3.25 in each
        (22_000_000, None, 6.5),
        (20_000_000, None, 5.0),
        # selling alone gives 10%, and the floor stays there; baking would reach 2.5
        (10_000_000, 0.1, 2.0),
        # baking for one of them besides: 3.25 + 1.0
        (12_000_000, 0.1, 4.25),
        (1_000_000, 0.0, 0.0),
    ],
)
def test_the_same_money_keeps_the_floor_or_the_highest_it_can_pay_for(money, highest, reached):
    found = same_money(bakers(), money)
    assert found is not None
    assert found.highest_floor == highest
    assert found.plan.reached == pytest.approx(reached)
    assert found.plan.cost <= money
    breaches = find_breaches(found.plan, found.case)
    assert not [breach for breach in breaches if breach.rule in CHECKS]


def test_money_that_cannot_pay_for_the_locks_has_no_plan():
    """Two classes of baking cost 20 million."""
    case = bakers(locks=["baking @ bread >= 2"])
    assert same_money(case, 19_000_000) is None
    assert same_money(case, 40_000_000) is not None


def test_doing_nothing_uses_the_machines_that_are_there():
    """100 hours a year for 50 hours each: two units, each with a chance of 0.5. The class costs
    nothing and is not held; what the scenario excludes and asks is none of its matter."""
    case = small_case(
        {"exclusions": ["oven"], "floor": 0.1, "budget": 5_000_000},
        clusters=[cluster("bread", 10)],
        courses=[course("baking", 2, 10)],
        course_suits=[suit("baking", "bread")],
        equipment=[machine("oven", price=30_000_000)],
        equipment_suits=[machine_suit("oven", "bread", 50)],
        existing=[{"equipment": "oven", "cluster": "bread", "machines": 1, "operators": 0}],
    )
    plan = doing_nothing(case)
    assert plan.reached == pytest.approx(1.0)
    assert (plan.cost, plan.class_count, plan.machine_count) == (0, 0, 0)
    assert plan.proof.fingerprint == case.fingerprint
