"""The last steps: what is paid for is filled, and the next worst-off cluster is lifted."""

from __future__ import annotations

import pytest
from cities import random_city
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from small_cases import cluster, course, fund, machine, machine_suit, small_case, suit

from ikmplan import solve
from ikmplan.input.case import Case, Package
from ikmplan.input.load import make_case
from ikmplan.input.scenario import make_scenario
from ikmplan.plan.plan import Plan

FILLED = settings(
    max_examples=15, suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)  # fmt: skip


def empty_seats(plan: Plan, case: Case) -> list[tuple[str, str, int]]:
    """Course and cluster of seats that are paid for and empty while somebody there whom the
    course alone would help gets nothing."""
    taken: dict[tuple[str, str], int] = {}
    given = dict.fromkeys(case.clusters, 0)
    young = dict.fromkeys(case.clusters, 0)
    for c, package, n in plan.units[["cluster", "package", "units"]].itertuples(index=False):
        given[c] += n
        items = package.split("+")
        young[c] += n * any(i in case.courses and case.courses[i].young_only for i in items)
        for item in items:
            taken[item, c] = taken.get((item, c), 0) + n
    found = []
    for p, c, n in plan.seats.itertuples(index=False):
        empty, idle = n - taken.get((p, c), 0), case.size[c] - given[c]
        if case.courses[p].young_only:
            idle = min(idle, case.young[c] - young[c])
        if min(empty, idle) > 0 and Package((p,), ()) in case.packages[c]:
            found.append((p, c, min(empty, idle)))
    return found


@pytest.mark.slow
@FILLED
@example(seed=4, equity=0.5, gap=0.4, other="no weight")
@example(seed=7, equity=1, gap=0.1, other="no weight")
@example(seed=6, equity=0, gap=0.4, other="no weight")
@given(
    seed=st.integers(0, 10**6),
    equity=st.sampled_from([0, 0.5, 1]),
    gap=st.sampled_from([0, 0.01, 0.1, 0.4]),
    other=st.sampled_from(["", "candidate", "no weight"]),
)
def test_no_paid_seat_stays_empty_while_somebody_suited_gets_nothing(seed, equity, gap, other):
    """Candidates and units without a weight are worth nothing to the objective: they too."""
    made = random_city(seed, 3, 4, 2)
    changed = {"candidate": {"kind": "candidate"}, "no weight": {"weight": 0.0}, "": {}}[other]
    first = made.clusters[0].model_copy(update=changed)
    made = type(made)(**{**vars(made), "clusters": (first, *made.clusters[1:])})
    case = make_case(made, make_scenario({"equity": equity, "gap": gap}))
    plan = solve(case)
    assert empty_seats(plan, case) == []
    assert plan.proof.value <= plan.proof.bound + 1e-6


def test_a_class_that_equity_pays_for_is_filled():
    """Roasting alone reaches coffee: 10 units at 0.1, a tenth. A
    class of baking for 10 to 20 costs 30 million: as many as 2 bakers would do for a tenth."""
    case = small_case(
        {"equity": 1},
        clusters=[cluster("bread", 20), cluster("coffee", 10)],
        courses=[
            course("baking", 10, 20, cost_class=20_000_000, cost_person=1_000_000),
            course("roasting", 4, 10, success=0.1),
        ],
        course_suits=[suit("baking", "bread"), suit("roasting", "coffee")],
        funds=[fund("apbd", 30_000_000)],
    )
    plan = solve(case)
    assert plan.coverage["coverage"].tolist() == pytest.approx([10 * 0.5 / 20, 0.1])
    assert (plan.cost, plan.proof.status) == (30_000_000, "proven")


def test_a_plan_at_the_very_edge_of_the_gap_is_proven():
    """Ten seats reach 3, nine reach 2.7: a tenth less, and a million cheaper. As a sum of binary
    numbers the 3 is 3.0000000000000004, and 2.7 is more than a tenth below that."""
    case = small_case(
        {"gap": 0.1},
        clusters=[cluster("bread", 10)],
        courses=[course("baking", 1, 10, cost_person=1_000_000, success=0.3)],
        course_suits=[suit("baking", "bread")],
    )
    plan = solve(case)
    assert (plan.cost, plan.proof.status) == (9_000_000, "proven")
    assert plan.proof.gap > plan.proof.asked


@pytest.mark.parametrize("stuck", [1, 2, 3])
def test_the_next_worst_off_is_lifted_after_those_that_are_stuck(stuck):
    """No machine is in stock for the first ones: 0, whatever is done. Of the others one has 20
    units and one 40, and 20 seats at 0.5 are paid for: t = s / 2 · 20 = (20 − s) / 2 · 40 at
    s = 20 / 3, so 7 and 13: 7 · 0.5 / 20 = 0.175 and 13 · 0.5 / 40 = 0.1625. All in the
    large one would reach as many units, and so would all in the small one."""
    lost = [cluster(f"lost{n}", 10) for n in range(stuck)]
    case = small_case(
        {"equity": 1},
        clusters=[*lost, cluster("small", 20), cluster("large", 40)],
        courses=[course("selling", 20, 20, scope="city", cost_class=10_000_000)],
        course_suits=[suit("selling", "small"), suit("selling", "large")],
        equipment=[machine("oven", stock=0)],
        equipment_suits=[machine_suit("oven", row["sector"]) for row in lost],
        funds=[fund("apbd", 10_000_000)],
    )
    plan = solve(case)
    assert plan.coverage["coverage"].tolist() == [*[0.0] * stuck, 7 * 0.5 / 20, 13 * 0.5 / 40]
    assert plan.proof.status == "proven"


@pytest.mark.parametrize("seed", range(3))
def test_no_clock_decides_what_a_plan_holds_while_time_is_left(seed, monkeypatch):
    """The few seconds that are granted after the time limit are none of the steps' limits."""
    made = random_city(seed, 3, 4, 2)
    case = make_case(made, make_scenario({"equity": 0.5, "gap": 0.1, "time_limit": 600}))
    plan = solve(case)
    monkeypatch.setattr("ikmplan.model.stages.POLISH_SECONDS", 0.0)
    again = solve(case)
    assert again.proof == plan.proof
    assert all(again.tables[name].equals(table) for name, table in plan.tables.items())
