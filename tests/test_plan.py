"""A plan's tables follow from its decisions; it is saved whole or not at all."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from small_cases import bakery, cluster, course, fund, machine, machine_suit, small_case, suit

from ikmplan import load, load_plan, solve
from ikmplan.insight.baselines import announced
from ikmplan.plan.derive import make_plan
from ikmplan.plan.plan import PLAN_COLUMNS, Decisions, Proof

MEDAN = Path(__file__).parents[1] / "data" / "medan-2022"
UNPROVEN = Proof("feasible", 0.0, 0.0, 0.0, 0.0, "none", "")


@pytest.fixture(scope="module")
def case():
    return bakery()


@pytest.fixture(scope="module")
def plan(case):
    return solve(case)


def test_saved_and_read_back_equal(plan, tmp_path):
    plan.save(tmp_path / "run")
    again = load_plan(tmp_path / "run")
    assert again.scenario == plan.scenario and again.proof == plan.proof
    for name, columns in PLAN_COLUMNS.items():
        pd.testing.assert_frame_equal(again.tables[name], plan.tables[name])
        assert list(plan.tables[name].columns) == list(columns)


def test_saved_twice_is_the_same_bytes(plan, tmp_path):
    for folder in ("one", "two"):
        plan.save(tmp_path / folder)
    one, two = ({f.name: f.read_bytes() for f in (tmp_path / n).iterdir()} for n in ("one", "two"))
    assert one == two


def test_an_interrupted_save_is_no_plan(plan, tmp_path, monkeypatch):
    """plan.json is last: what lacks it is not read as a plan, and no temporary file is left."""

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space"):
        plan.save(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_certificate_names_its_input_and_versions(plan, case):
    assert plan.proof.fingerprint == case.fingerprint
    assert set(plan.proof.versions) == {"python", "ikmplan", "pulp", "highspy", "pandas", "numpy"}
    assert json.loads(json.dumps(plan.proof.versions)) == plan.proof.versions


def test_money_adds_up_to_the_rupiah(plan):
    assert plan.money["amount"].sum() == plan.lines["amount"].sum() == plan.cost
    assert (plan.lines["quantity"] * plan.lines["price"] == plan.lines["amount"]).all()


def test_the_narrowest_fund_pays_first():
    """DAK may pay only for machines; it pays all 30 of them, so that APBD's 30 are left."""
    case = small_case(
        clusters=[cluster("bread", 4)],
        equipment=[machine("oven", price=30_000_000, stock=1)],
        equipment_suits=[machine_suit("oven", "bread")],
        funds=[fund("apbd", 30_000_000), fund("dak", 30_000_000, "equipment")],
    )
    assert solve(case).money[["fund", "amount"]].values.tolist() == [["dak", 30_000_000]]


def test_a_machine_is_not_split_between_funds_where_a_class_can_be():
    """DAK's 30 million for ovens and their course, which cost 20 + 12: APBD pays the 2 missing
    for the course, and the oven is DAK's alone."""
    case = small_case(
        {"locks": ["oven = 1", "running = 1"]},
        clusters=[cluster("bread", 4)],
        courses=[course("running", 2, 4, cost_class=12_000_000)],
        course_suits=[suit("running", "bread")],
        equipment=[machine("oven", price=20_000_000)],
        equipment_suits=[machine_suit("oven", "bread")],
        funds=[fund("apbd", 30_000_000), fund("dak", 30_000_000, "equipment running")],
    )
    paid = solve(case).money.groupby(["fund", "item"])["amount"].sum().to_dict()
    assert paid == {
        ("apbd", "running"): 2_000_000,
        ("dak", "running"): 10_000_000,
        ("dak", "oven"): 20_000_000,
    }


def test_coverage_is_of_those_who_may_be_invited():
    """10 units, 4 reached before; 6 in a course of chance 0.5: 3 of 6."""
    case = small_case(
        clusters=[cluster("bread", 10, reached_before=4)],
        courses=[course("baking", 1, 10)],
        course_suits=[suit("baking", "bread")],
    )
    row = solve(case).coverage.iloc[0]
    assert (row["size"], row["coached"], row["reached"], row["coverage"]) == (6, 6, 3.0, 0.5)


def test_a_limit_binds_when_not_even_the_smallest_step_is_left():
    """7 kVA: one oven of 3.5 leaves room for another, two do not."""
    case = bakery()
    for placed, binding in ((1, False), (2, True)):
        decisions = Decisions({}, {}, {("oven", "bread"): placed}, {})
        limits = make_plan(case, decisions, UNPROVEN).limits
        power = limits[(limits["rule"] == "power_at_site") & (limits["key"] == "bread")].iloc[0]
        assert (power["used"], power["limit"], power["step"]) == (3.5 * placed, 7.0, 3.5)
        assert bool(power["binding"]) is binding


def test_medans_announced_programme_is_the_baseline():
    """20 classes of 30; it costs what its rows say: Σ class and person costs, 2,190.5 million."""
    case = load(MEDAN)
    baseline = announced(case)
    assert baseline is not None
    assert (baseline.class_count, int(baseline.seats["seats"].sum())) == (20, 600)
    by_hand = sum(
        row.count * case.courses[row.item].cost_class
        + row.seats * case.courses[row.item].cost_person
        for row in case.tables.announced
    )
    assert baseline.cost == by_hand
    assert solve(load(MEDAN, gap=0.01)).reached > baseline.reached


def test_the_baseline_is_the_same_whatever_the_scenario_asks():
    plain = announced(load(MEDAN))
    asked = {"exclusions": ["batik", "@ sepatu_denai"], "equity": 0.5, "budget": 1}
    other = announced(load(MEDAN, **asked))
    assert plain is not None and other is not None
    assert (plain.cost, plain.reached, plain.coached) == (other.cost, other.reached, other.coached)


def test_without_an_announced_programme_there_is_no_baseline(case):
    assert announced(case) is None


def test_a_plan_is_frozen(plan):
    with pytest.raises(AttributeError):
        plan.proof = replace(plan.proof, gap=0.0)
    with pytest.raises(AttributeError):
        _ = plan.nothing
