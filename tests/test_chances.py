"""Where each chance comes from: the factors that the tables state, and their product."""

from __future__ import annotations

from math import prod

import pytest

from ikmplan import load, solve, views
from ikmplan.report.chances import chances_of


@pytest.fixture(scope="module")
def planned():
    case = load("data/medan-2022", language="en", gap=0.2, budget=1_500_000_000)
    return solve(case), case


def test_the_toy_by_hand():
    """Roasting 0.5 × 0.2 = 0.1; the roaster 0.6; together 1 − 0.9 × 0.4 = 0.64."""
    case = load("data/toy", language="en", gap=0)
    plan = solve(case)
    shown = views.chances(plan, case).frame.set_index("Course or machine")
    assert shown["Chance alone"].to_dict() == pytest.approx(
        {"Baking": 0.5, "Roasting": 0.1, "Coffee roaster": 0.6}
    )
    (together,) = views.package_chances(plan, case).frame.to_dict("records")
    assert together["How it is worked out"] == "1 − (1 − 10.0%) × (1 − 60.0%)"
    assert together["Chance of being reached"] == pytest.approx(0.64)


def test_the_chances_of_every_unit_follow_from_what_is_shown(planned):
    plan, case = planned
    alone = {(row.item, c): row.alone for row in chances_of(plan, case) for c in row.clusters}
    for row in plan.units.to_dict("records"):
        parts = [alone[item, row["cluster"]] for item in row["package"].split("+")]
        assert row["chance"] == pytest.approx(1 - prod(1 - chance for chance in parts))


def test_every_source_named_is_quoted(planned):
    plan, case = planned
    named = {key for row in chances_of(plan, case) for key in row.sources}
    assert set(views.chance_sources(plan, case).frame["Key"]) == named
    assert {row.source for row in case.tables.sources} >= named
