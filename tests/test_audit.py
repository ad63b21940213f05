"""The audit has a check for every rule, and each check refuses a plan that breaks its rule."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from towns import bakery, with_scenario

import ikmplan.auditor
from ikmplan import audit, load, solve
from ikmplan.auditor import CHECKS, AuditFailed, find_breaches
from ikmplan.case import Case
from ikmplan.rules import RULES

MEDAN = Path(__file__).parents[1] / "data" / "medan-2022"


@pytest.fixture(scope="module")
def case():
    return bakery()


@pytest.fixture(scope="module")
def plan(case):
    return solve(case)


def test_a_check_for_every_rule():
    assert list(CHECKS) == [rule.name for rule in RULES]


def test_the_audit_knows_nothing_of_the_solver():
    tree = ast.parse(Path(ikmplan.auditor.__file__).read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not imported & {"pulp", "highspy", "ikmplan.rules", "ikmplan.engine", "ikmplan.solver"}


def test_a_good_plan_passes(plan, case):
    audit(plan, case)


def changed(plan, table, row, **values):
    """The plan with other values in one row of a table."""
    frame = plan.tables[table].copy()
    for column, value in values.items():
        frame.loc[frame.index[row], column] = value
    return replace(plan, tables=plan.tables | {table: frame})


def broken_by(plan, case) -> set[str]:
    return {breach.split(":")[0] for breach in find_breaches(plan, case)}


def first(plan, table, **where) -> int:
    frame = plan.tables[table]
    for column, value in where.items():
        frame = frame[frame[column] == value]
    return plan.tables[table].index.get_loc(frame.index[0])


@pytest.mark.parametrize(
    ("rule", "table", "values"),
    [
        ("units_within_size", "units", {"units": 99}),
        ("seat_for_each_unit", "seats", {"seats": 0}),
        ("classes_filled", "classes", {"classes": 9}),
        ("seats_within_classes", "seats", {"seats": 99}),
        ("classes_scheduled", "classes", {"quarter": 5}),
        ("hours_within_machines", "units", {"units": 99}),
        ("machines_operated", "machines", {"machines": 30}),
        ("machines_in_stock", "machines", {"machines": 4}),
        ("power_at_site", "machines", {"machines": 3}),
        ("floor_space_at_site", "machines", {"machines": 2}),
        ("resource_days", "classes", {"quarter": 4}),
        ("funds_cover", "money", {"amount": 1}),
        ("within_budget", "classes", {"classes": 50}),
        ("training_share", "machines", {"machines": 30}),
        ("floors_met", "coverage", {"reached": 0.0}),
        ("worst_off", "units", {"chance": 0.0, "units": 0}),
    ],
)
def test_a_broken_rule_is_found(plan, case, rule, table, values):
    """Somewhere in the table the change breaks the rule, and the audit names it."""
    rows = range(len(plan.tables[table]))
    assert any(rule in broken_by(changed(plan, table, row, **values), case) for row in rows)


def test_a_negative_count_is_found(plan, case):
    assert "units_within_size" in broken_by(changed(plan, "machines", 0, machines=-1), case)


@pytest.mark.parametrize(
    ("rule", "scenario"),
    [
        ("young_within_size", {}),
        ("targets_met", {"target_units": 99}),
        ("targets_met", {"target_classes": 99}),
        ("locks_kept", {"locks": ["oven @ bread >= 3"]}),
        ("locks_kept", {"locks": ["oven = 0"]}),
        ("locks_kept", {"exclusions": ["oven"]}),
        ("floors_met", {"floors": {"bread": 0.99}}),
        ("within_budget", {"budget": 1}),
        ("training_share", {"training_share_max": 0.2}),
        ("fingerprint", {"budget": 89_000_000}),
    ],
)
def test_a_plan_for_another_scenario_is_refused(plan, case, rule, scenario):
    if rule == "young_within_size":
        rows = [row.model_copy(update={"young_share": 0.0}) for row in case.tables.clusters]
        plan = solve(with_scenario(case, exclusions=["baking", "selling"], training_share_min=0))
        other = Case(replace(case.tables, clusters=tuple(rows)), plan.scenario)
        plan_has_young = plan.units["package"].str.contains("video").any()
        assert plan_has_young
    else:
        # built without `make_case`, which would refuse some of these before any solve
        other = Case(case.tables, case.scenario.changed(**scenario))
    assert rule in broken_by(replace(plan, scenario=other.scenario), other)
    with pytest.raises(AuditFailed, match=rule):
        audit(replace(plan, scenario=other.scenario), other)


def test_a_wrong_value_or_bound_is_found(plan, case):
    for proof in (
        replace(plan.proof, value=plan.proof.value + 1),
        replace(plan.proof, bound=plan.proof.value - 1),
    ):
        assert "worst_off" in broken_by(replace(plan, proof=proof), case)


def test_money_without_a_payer_or_by_the_wrong_one_is_found(plan, case):
    row = first(plan, "money", fund="apbd", kind="training")
    assert "funds_cover" in broken_by(changed(plan, "money", row, fund="dak"), case)


def test_medan_passes_in_every_kind_of_scenario():
    for scenario in (
        {},
        {"floor": 0.25},
        {"price_factor": 1.0333, "budget": 2_000_000_001},
        {"trainer_factor": 0.5},
    ):
        case = load(MEDAN, gap=0.01, **scenario)
        plan = solve(case)  # audited inside
        assert not list(find_breaches(plan, case))
