"""Cautious plans: the mean of the worst tenth by arithmetic, brute force, and laws."""

from __future__ import annotations

from collections import OrderedDict
from itertools import pairwise, product
from math import ceil

import numpy as np
import pytest
from small_cases import cluster, course, fund, machine, machine_suit, small_case, suit

from ikmplan import load, solve
from ikmplan.model.conflicts import NoPlan
from ikmplan.model.search import ask
from ikmplan.plan.audit import find_breaches
from ikmplan.uncertainty import chances
from ikmplan.uncertainty.caution import caution_rows
from ikmplan.uncertainty.chances import (
    BAD_SHARE,
    BUDGET,
    SEASONS,
    UNITS,
    bad_units,
    drawn_chances,
    seasons,
    worst_count,
)
from ikmplan.uncertainty.draws import draws
from ikmplan.uncertainty.plan_range import range_of

KINDS = [
    {"source": "made_up", "citation": "made up", "url": "", "year": 2026, "kind": "estimate"},
    {"source": "known", "citation": "known", "url": "", "year": 2026, "kind": "fact"},
]


def sure_and_bold(**scenario):
    """Money for one class of 10: a sure course of 0.3, or a bold one of 0.4 that is a guess."""
    return small_case(
        scenario,
        clusters=[cluster("bread", 20, source="known")],
        courses=[
            course("sure", 10, 10, success=0.3, cost_class=5, source="known"),
            course("bold", 10, 10, success=0.4, cost_class=5),
        ],
        course_suits=[suit("sure", "bread"), suit("bold", "bread")],
        funds=[fund("apbd", 5)],
        sources=KINDS,
    )


def bad_chance_of_bold(case) -> float:
    """The mean of the 2 worst of 20 cases, each the mean of 50 draws: of the 100 worst draws."""
    drawn = draws(case, 1000, case.scenario.seed + 1_000_003)
    (row,) = (row for row in case.tables.courses if row.course == "bold")
    return float(np.sort(drawn.of("courses", "success", row))[:100].mean())


def test_the_value_of_a_bad_tenth_by_arithmetic():
    """10 units with the chance of the 100 worst of 1,000 draws of the bold course."""
    case = sure_and_bold(caution=0.25)
    plan = solve(case)
    bad = 10 * bad_chance_of_bold(case)
    assert plan.units["package"].tolist() == ["bold"]
    assert plan.reached == pytest.approx(4)
    assert plan.proof.value == pytest.approx(0.75 * 4 + 0.25 * bad)
    assert bad < 2


def test_the_caution_at_which_the_sure_course_is_better():
    """(1 − γ) · 4 + γ · bad = 3 at γ = 1 / (4 − bad): below it the bold one, above it the sure."""
    turn = 1 / (4 - 10 * bad_chance_of_bold(sure_and_bold(caution=1)))
    chosen = [solve(sure_and_bold(caution=turn + step)).units["package"].tolist()
              for step in (-0.01, 0.01)]  # fmt: skip
    assert chosen == [["bold"], ["sure"]]


def cautious_case(**scenario):
    """Two clusters of guessed size, two courses and an oven; money for a part of it."""
    return small_case(
        {"budget": 40} | scenario,
        clusters=[cluster("bread", 6), cluster("cake", 4, weight=2)],
        courses=[
            course("baking", 2, 3, success=0.4, cost_class=14, source="known"),
            course("selling", 2, 4, success=0.3, cost_class=9),
        ],
        course_suits=[suit("baking", "bread"), suit("selling", "cake"), suit("selling", "bread")],
        equipment=[machine("oven", price=16, stock=2)],
        equipment_suits=[machine_suit("oven", "bread", 50, 0.5)],
        sources=KINDS,
    )


def by_trying_everything(case) -> float:
    """The best value over every way to give packages to units, each with the fewest classes."""
    packages = [(c, k) for c in case.packages for k in case.packages[c]]
    caution, best = case.scenario.caution, 0.0
    for counts in product(*(range(case.size[c] + 1) for c, _k in packages)):
        units = {at: n for at, n in zip(packages, counts, strict=True) if n}
        if _cost(case, units) <= case.budget:
            value = sum(
                case.clusters[c].weight * case.chance[c, k] * n for (c, k), n in units.items()
            )
            value += caution * (bad_units(case, units) - value) if caution else 0.0
            best = max(best, value)
    return best


def _cost(case, units) -> float:
    """Rupiah; infinite where a cluster has not the people, or a class or machine cannot be."""
    given = dict.fromkeys(case.clusters, 0)
    needed: dict[tuple[str, str], int] = {}
    for (c, k), n in units.items():
        given[c] += n
        for item in k.courses + k.equipment:
            needed[item, c] = needed.get((item, c), 0) + n
    cost = 0.0
    for (item, c), n in needed.items():
        if item in case.courses:
            row = case.courses[item]
            people = max(n, row.class_min)
            held = ceil(people / row.class_max)
            if held * row.class_min > case.size[c]:
                return float("inf")
            cost += held * case.cost_class[item]
        else:
            machines = ceil(n * 50 / 100)
            if machines > 2:
                return float("inf")
            cost += machines * case.price[item]
    return cost if all(n <= case.size[c] for c, n in given.items()) else float("inf")


@pytest.mark.slow
@pytest.mark.parametrize("caution", [0.0, 0.5, 1.0])
def test_the_best_cautious_plan_by_trying_everything(caution):
    case = cautious_case(caution=caution, equipment_per_unit=1, courses_per_unit=1)
    assert ask(case).value == pytest.approx(by_trying_everything(case), abs=1e-6)


@pytest.mark.parametrize("caution", [0.0, 0.3, 1.0])
def test_value_and_audit_agree(caution):
    """The model's value, that of the decisions, and the audit's own sum are one number."""
    case = cautious_case(caution=caution)
    plan = solve(case)
    assert list(find_breaches(plan, case)) == []
    assert plan.proof.value <= plan.proof.bound + 1e-6
    assert case.value_is_units is False


def test_without_caution_nothing_is_added():
    """The same rows, the same fingerprint and no draws as before there was caution."""
    case = cautious_case()
    assert seasons(case) == {}
    assert not {"caution", "holds_in"} & case.scenario.content().keys()


def test_more_caution_never_promises_more_and_never_less_in_bad_cases():
    """For the best plans of γ and γ' > γ: expectation falls or stays, the bad mean rises or stays.

    Adding the two optimality conditions gives (γ' − γ) · ((bad' − bad) − (mean' − mean)) ≥ 0, and
    no plan of the curve is better in both.
    """
    found = []
    for caution in (0.0, 0.25, 0.5, 0.75, 1.0):
        case = cautious_case(caution=caution)
        plan = solve(case)
        units = {(c, k): 0 for c in case.packages for k in case.packages[c]}
        for c, k in units:
            rows = plan.units[(plan.units["cluster"] == c) & (plan.units["package"] == str(k))]
            units[c, k] = int(rows["units"].sum())
        weight = {c: row.weight for c, row in case.clusters.items()}
        mean = sum(weight[c] * case.chance[c, k] * n for (c, k), n in units.items())
        found.append((mean, bad_units(cautious_case(caution=1), units)))
    for (mean, bad), (more_mean, more_bad) in pairwise(found):
        assert more_mean <= mean + 1e-6
        assert more_bad >= bad - 1e-6


def test_a_floor_holds_in_the_share_of_draws_asked_for():
    """In-sample: of the 1,000 draws behind the 20 cases, at least the share, less one case."""
    case = cautious_case(budget=80, holds_in=0.6, floors={"bread": 0.1})
    plan = solve(case)
    assert list(find_breaches(plan, case)) == []
    drawn = draws(case, 1000, case.scenario.seed + 1_000_003)
    chances = {(c, str(k)): chance for (c, k), chance in drawn_chances(drawn).items()}
    rows = plan.units[plan.units["cluster"] == "bread"].to_dict("records")
    reached = sum(row["units"] * chances["bread", row["package"]] for row in rows)
    asked = 0.1 * drawn.of("clusters", "units", case.tables.clusters[0])
    assert (reached >= asked).mean() >= 0.6 - 1 / SEASONS
    assert plan.cost <= case.budget


def test_the_budget_that_holds_in_more_draws_is_spent_less():
    costs = [solve(cautious_case(holds_in=share)).cost for share in (0.0, 0.5, 0.9)]
    assert costs[0] >= costs[1] >= costs[2]
    assert costs[0] > costs[2]


def test_what_cannot_hold_in_the_draws_is_a_conflict_in_words():
    with pytest.raises(NoPlan) as none:
        solve(cautious_case(holds_in=0.95, floors={"cake": 0.28}, language="en"))
    assert any("holds_in" in need.fix for found in none.value.conflicts for need in found.needs)


def test_the_worst_are_at_least_one_case():
    assert [worst_count(share) for share in (BAD_SHARE, 0.5, 0.2, 1e-6)] == [2, 10, 4, 1]


def test_cases_go_from_bad_to_good():
    """Sizes and chances as a whole rise from the first to the last."""
    found = seasons(cautious_case(caution=1))[UNITS]
    size = sum(found.size.values())
    assert size[:5].mean() < size[-5:].mean()


def test_other_settings_do_not_draw_again(monkeypatch):
    """A budget, a floor or more caution leave tables, packages and seed as they are; another seed,
    another cluster or other packages do not. What was drawn before is what is drawn afresh."""
    monkeypatch.setattr(chances, "_made", OrderedDict())
    first = seasons(cautious_case(caution=1))[UNITS]
    for same in ({"budget": 40}, {"floors": {"bread": 0.1}}, {"caution": 0.4}, {"equity": 0.3}):
        assert seasons(cautious_case(**{"caution": 1} | same))[UNITS] is first
    both = seasons(cautious_case(caution=1, holds_in=0.8))
    assert both[UNITS] is first and both[BUDGET] is not first
    for other in ({"seed": 1}, {"courses_per_unit": 1}):
        assert seasons(cautious_case(caution=1, **other))[UNITS] is not first
    monkeypatch.setattr(chances, "_made", OrderedDict())
    again = seasons(cautious_case(caution=0.4, budget=40, holds_in=0.8))
    for name in (UNITS, BUDGET):
        for part in ("chance", "size", "cost_factor"):
            mine, fresh = getattr(both[name], part), getattr(again[name], part)
            assert mine.keys() == fresh.keys()
            assert all((mine[at] == fresh[at]).all() for at in mine)


@pytest.mark.slow
def test_the_price_of_caution_on_the_toy():
    """On 1,000 draws that it has not seen, its bad tenth is no worse beyond the error of a sample:
    four standard errors of the 10th percentile of 1,000."""
    case = load("data/toy", gap=0, caution=1.0)
    plan = solve(case)
    drawn = draws(case, 1000, case.scenario.seed)
    own = range_of(plan, case, drawn).expected
    rows = {row["caution"]: row for row in caution_rows(plan, case, drawn, own)}
    assert list(rows) == [0.0, 0.5, 0.8, 1.0]
    reached = np.sort(own)
    error = float(reached[138] - reached[62])  # ranks 100 ± 4 · √(1000 · 0.1 · 0.9)
    assert rows[1.0]["low"] >= rows[0.0]["low"] - error
    assert rows[1.0]["promised"] <= rows[0.0]["promised"] + 1e-6
