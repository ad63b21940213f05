"""The audit has a check for every rule, and each check refuses a plan that breaks its rule."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_cases import (
    bakery,
    cluster,
    course,
    machine,
    machine_suit,
    small_case,
    suit,
    with_scenario,
)

from ikmplan import audit, load, solve
from ikmplan.input.case import Case, Package
from ikmplan.input.rows import QUARTERS
from ikmplan.model.rules import RULES
from ikmplan.plan.audit import CHECKS, AuditFailed, find_breaches
from ikmplan.plan.derive import make_plan
from ikmplan.plan.plan import FEASIBLE, PLAN_COLUMNS, Decisions, Plan, make_proof
from ikmplan.text import language

ROOT = Path(__file__).parents[1]
MEDAN = ROOT / "data" / "medan-2022"


@pytest.fixture(scope="module")
def case():
    return bakery()


@pytest.fixture(scope="module")
def plan(case):
    return solve(case)


def test_a_check_for_every_rule():
    assert list(CHECKS) == [rule.name for rule in RULES]


@pytest.mark.parametrize("name", ["audit", "audit_sums", "audit_limits", "audit_rows", "breaches"])
def test_the_audit_knows_nothing_of_the_model(name):
    """Of a case it reads what any reader has: the tables, the scenario, the fingerprint."""
    tree = ast.parse((ROOT / "src" / "ikmplan" / "plan" / f"{name}.py").read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not imported & {"pulp", "highspy"}
    assert not [module for module in imported if str(module).startswith("ikmplan.model")]
    read = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith("case")
    }
    assert read <= {"tables", "scenario", "fingerprint"}


def test_a_good_plan_passes(plan, case):
    audit(plan, case)


def changed(plan, table, row, **values):
    """The plan with other values in one row of a table."""
    frame = plan.tables[table].astype(object)
    for column, value in values.items():
        frame.loc[frame.index[row], column] = value
    return with_table(plan, table, frame)


def with_table(plan, name, frame):
    return replace(plan, tables=plan.tables | {name: frame})


def broken_by(plan, case) -> set[str]:
    return {breach.rule for breach in find_breaches(plan, case)}


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


@pytest.mark.slow
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


# --- what the rules ask of places, people and operators --------------------------------------


ROASTERY = {
    "clusters": [cluster("coffee", 10), cluster("tea", 10),
                 cluster("school", 6, kind="candidate", sector="coffee")],
    "courses": [course("running", 1, 10, scope="city"), course("tasting", 1, 10)],
    "course_suits": [suit("running", "coffee"), suit("running", "tea"), suit("tasting", "coffee")],
    "equipment": [machine("roaster", operators=1, operator_course="running"),
                  machine("grinder", operators=1, operator_course="running"),
                  machine("kiln", operators=1, operator_course="running", scope="city")],
    "equipment_suits": [machine_suit(e, "coffee") for e in ("roaster", "grinder", "kiln")],
}  # fmt: skip


@pytest.fixture(scope="module")
def roastery():
    """Two clusters and candidates, machines of both scopes, one course for all operators."""
    return small_case(**ROASTERY)


def made(case, classes=None, seats=None, machines=None, units=None):
    """A plan of these decisions, its tables and proof as they follow from them."""
    decisions = Decisions(classes or {}, seats or {}, machines or {}, units or {})
    return make_plan(case, decisions, make_proof(case, decisions, 0.0, case.scenario.gap, "hand"))


def seated(case, people):
    """A class for operators, and nothing else."""
    return made(case, {("running", "city", 1): 1}, {("running", c): n for c, n in people.items()})


def trained(case, users, machines):
    """Users of machines, all of whom take the course; half of them can then run their machine."""
    seats = Counter()
    for (_machine, c), n in users.items():
        seats["running", c] += n
    units = {(c, Package(("running",), (e,))): n for (e, c), n in users.items()}
    return made(case, {("running", "city", 1): 1} if users else {}, dict(seats), machines, units)


@pytest.mark.parametrize(
    ("machine", "host"), [("kiln", "coffee"), ("roaster", "city"), ("roaster", "tea")]
)
def test_a_machine_stands_where_somebody_can_use_it(roastery, machine, host):
    """A machine of one cluster is none of the city's, nor the other way round; who does not
    use it there does not operate it either."""
    plan = trained(roastery, {}, {(machine, host): 1})
    assert broken_by(plan, roastery) == {"hours_within_machines", "machines_operated"}


def test_a_class_is_held_where_it_is_shared(roastery):
    plan = made(roastery, {("running", "coffee", 1): 1}, {("running", "coffee"): 2})
    assert broken_by(plan, roastery) >= {"classes_filled", "seats_within_classes"}


def test_nobody_sits_in_a_course_that_suits_him_not(roastery):
    plan = made(roastery, {("tasting", "tea", 1): 1}, {("tasting", "tea"): 2})
    assert broken_by(plan, roastery) == {"seat_for_each_unit", "classes_filled"}


def test_nobody_gets_a_package_that_suits_him_not(roastery):
    good = trained(roastery, {("roaster", "coffee"): 2}, {("roaster", "coffee"): 1})
    assert not broken_by(good, roastery)
    assert "units_within_size" in broken_by(changed(good, "units", 0, cluster="tea"), roastery)
    assert "units_within_size" in broken_by(changed(good, "units", 0, package="magic"), roastery)


@pytest.mark.parametrize("other", [("grinder", "coffee"), ("kiln", "city")])
def test_an_operator_runs_the_machine_that_he_uses(roastery, other):
    """A machine needs one operator, so two of its users trained; users of another do not count."""
    machines, user = {("roaster", "coffee"): 1, other: 1}, (other[0], "coffee")
    for n, breaches in ((0, {"machines_operated"}), (1, {"machines_operated"}), (2, set())):
        users = {("roaster", "coffee"): 2} | ({user: n} if n else {})
        assert broken_by(trained(roastery, users, machines), roastery) == breaches


def test_operators_there_run_one_machine_each():
    """Roaster and grinder need an operator each and one is there: with one of them trained
    besides (two users, half of whom can do it) both run; with none trained only one does."""
    there = {"equipment": "roaster", "cluster": "coffee", "machines": 0, "operators": 1}
    case = small_case(**ROASTERY, existing=[there])
    both = {("roaster", "coffee"): 1, ("grinder", "coffee"): 1}
    assert not broken_by(trained(case, {}, {("grinder", "coffee"): 1}), case)
    assert broken_by(trained(case, {}, both), case) == {"machines_operated"}
    assert not broken_by(trained(case, {("grinder", "coffee"): 2}, both), case)


def test_who_learns_to_operate_a_machine_uses_it(roastery):
    plan = seated(roastery, {"coffee": 2})
    assert not broken_by(plan, roastery)
    users = trained(roastery, {("roaster", "coffee"): 2}, {("roaster", "coffee"): 1})
    learns = changed(users, "units", 0, package="running")
    assert "machines_operated" in broken_by(learns, roastery)


def test_every_user_takes_the_course_where_the_scenario_asks_it(roastery):
    """Two trained users run the roaster; a second one serves two more who took no course."""
    machines = {("roaster", "coffee"): 1}
    users = trained(roastery, {("roaster", "coffee"): 2}, machines)
    asked = with_scenario(roastery, users_trained=True)
    made_for = trained(asked, {("roaster", "coffee"): 2}, machines)
    assert not broken_by(users, roastery) and not broken_by(made_for, asked)
    untrained = changed(made_for, "units", 0, package="roaster")
    assert "machines_operated" in broken_by(untrained, asked)


def test_an_excluded_cluster_sends_nobody_to_the_citys_classes(roastery):
    case = with_scenario(roastery, exclusions=["@ tea"])
    assert broken_by(seated(case, {"coffee": 2, "tea": 1}), case) == {"locks_kept"}
    assert not broken_by(seated(case, {"coffee": 2}), case)


def test_a_package_is_no_larger_than_asked_and_holds_nothing_twice(roastery):
    k = Package(("running", "tasting"), ("roaster",))
    classes = {("running", "city", 1): 1, ("tasting", "coffee", 1): 1}
    seats = {("running", "coffee"): 4, ("tasting", "coffee"): 4}
    plan = made(roastery, classes, seats, {("roaster", "coffee"): 1}, {("coffee", k): 2})
    assert not broken_by(plan, roastery)
    for fewer in ({"courses_per_unit": 1}, {"equipment_per_unit": 0}):
        other = Case(roastery.tables, roastery.scenario.changed(**fewer))
        assert broken_by(plan, other) == {"locks_kept", "fingerprint"}
    twice = changed(plan, "units", 0, package="running+running+roaster")
    assert "locks_kept" in broken_by(twice, roastery)


def test_a_line_of_machines_counts_as_one_kind_of_machine():
    """A shoemaker uses two lines of two machines each, where a unit may use one kind."""
    lines = {"cut": ("knife", "press"), "sew": ("needle", "table")}
    case = small_case(
        {"equipment_per_unit": 2},
        clusters=[cluster("shoes", 4)],
        equipment=[machine(e) for machines in lines.values() for e in machines],
        equipment_suits=[
            machine_suit(e, "shoes") | {"line": line} for line in lines for e in lines[line]
        ],
    )
    placed = {(e, "shoes"): 2 for e in case.equipment}
    plan = made(case, {}, {}, placed, {("shoes", Package((), ("cut", "sew"))): 4})
    assert not broken_by(plan, case)
    other = Case(case.tables, case.scenario.changed(equipment_per_unit=1))
    assert broken_by(plan, other) == {"locks_kept", "fingerprint"}


def test_candidates_are_never_counted(roastery):
    row = first(made(roastery), "coverage", cluster="school")
    assert broken_by(changed(made(roastery), "coverage", row, counts=True), roastery) == {"tables"}


def test_a_fund_pays_by_what_the_item_is_not_by_its_stated_kind(plan, case):
    """DAK pays for equipment and for running; a baking class called a machine is still a class."""
    row = first(plan, "money", item="baking")
    lie = changed(plan, "money", row, fund="dak", kind="equipment")
    assert any({"dak", "baking"} <= {*breach.at} for breach in find_breaches(lie, case))


# --- the proof -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["value", "bound", "gap", "asked"])
@pytest.mark.parametrize("number", [float("nan"), float("inf"), None, "1"], ids=repr)
def test_a_proof_is_made_of_numbers(plan, case, name, number):
    proof = replace(plan.proof, **{name: number})
    assert "worst_off" in broken_by(replace(plan, proof=proof), case)


def test_a_proof_states_what_its_numbers_show(plan, case):
    """Half of what may be reached is neither proven nor within a gap of 0."""
    bound = 2 * plan.proof.value
    for fields, rules in (
        ({"bound": bound}, {"worst_off"}),
        ({"bound": bound, "gap": 0.5}, {"worst_off"}),
        ({"bound": bound, "gap": 0.5, "asked": 0.5}, {"fingerprint"}),
        ({"bound": bound, "gap": 0.5, "status": FEASIBLE}, set()),
        ({"bound": float("inf"), "gap": 1.0, "status": FEASIBLE}, set()),  # nothing proven yet
        ({"bound": float("inf"), "status": FEASIBLE}, {"worst_off"}),
        ({"status": FEASIBLE}, {"worst_off"}),
        ({"status": "perfect"}, {"worst_off"}),
    ):
        assert broken_by(replace(plan, proof=replace(plan.proof, **fields)), case) == rules


# --- nonsense is refused in words ------------------------------------------------------------

NONSENSE = [float("nan"), float("inf"), None, pd.NA, pd.NaT, 2.5, -1, 10**400, True]
NONSENSE += ["nonsense", "", b"x", 1j, [1], {}, np.float64("nan")]
ADVICE = {"step", "binding"}  # of a limit: what one more would take; nothing is promised by it


@pytest.mark.parametrize(
    ("table", "column"), [(t, c) for t in PLAN_COLUMNS for c in PLAN_COLUMNS[t]]
)
def test_nonsense_in_a_cell_is_refused(plan, case, table, column):
    """In every column of every table: nothing crashes, nothing passes."""
    sound = {bool: [True], float: [2.5, -1] if column in ADVICE else []}
    for value in NONSENSE:
        if not any(value is other for other in sound.get(PLAN_COLUMNS[table][column], [])):
            frame = plan.tables[table].astype(object)
            frame[column] = pd.Series([value, *frame[column].tolist()[1:]], dtype=object)
            assert broken_by(with_table(plan, table, frame), case), value


# test_openings.py has a plan with rows in the others
FILLED = [table for table in PLAN_COLUMNS if table not in Plan.ADDED]


@pytest.mark.parametrize("table", FILLED)
def test_a_table_that_lacks_something_or_states_it_twice_is_refused(plan, case, table):
    frame = plan.tables[table]
    absent = {name: other for name, other in plan.tables.items() if name != table}
    assert "tables" in broken_by(replace(plan, tables=absent), case)
    assert "tables" in broken_by(with_table(plan, table, frame[frame.columns[1:]]), case)
    assert "tables" in broken_by(with_table(plan, table, pd.concat([frame, frame.head(1)])), case)
    if table != "limits":  # only the limits that bear on a plan are listed
        assert broken_by(with_table(plan, table, frame.iloc[1:]), case)
        assert broken_by(with_table(plan, table, frame.iloc[:0]), case)


def test_the_order_of_rows_and_the_type_of_a_column_mean_nothing(plan, case):
    """4.0 classes are 4, as a table that once held a gap has them."""
    backwards = {name: frame.iloc[::-1].astype(object) for name, frame in plan.tables.items()}
    audit(replace(plan, tables=backwards), case)
    audit(with_table(plan, "seats", plan.seats.astype({"seats": float})), case)


def test_every_breach_is_reported_in_the_readers_language(plan, case):
    wrong = changed(plan, "classes", 0, classes=0.5)
    with language("en"):
        assert "tables: classes, row 1, classes: “0.5” is not a whole number." in [
            str(breach) for breach in find_breaches(wrong, case)
        ]
    with language("id"):
        assert (
            "tables: classes, baris 1, classes: “0.5” tidak sesuai; seharusnya bilangan bulat."
            in [str(breach) for breach in find_breaches(wrong, case)]
        )


NUMBERS = [
    (table, column)
    for table, columns in PLAN_COLUMNS.items()
    for column, kind in columns.items()
    if table in FILLED and kind in (int, float) and column not in ADVICE
]


@given(data=st.data())
@settings(max_examples=400)
def test_no_number_of_a_proven_plan_can_be_another(plan, case, data):
    """Whatever one number is changed to, the plan is refused. Harmless are only the quarter of a
    class that needs no trainer and no hall, and what one step more would take."""
    table, column = data.draw(st.sampled_from(NUMBERS))
    row = data.draw(st.integers(0, len(plan.tables[table]) - 1))
    cells = plan.tables[table].iloc[row]
    if PLAN_COLUMNS[table][column] is int:
        change = data.draw(st.integers(-9, 9) | st.integers(-(10**9), 10**9))
    else:
        change = data.draw(st.floats(1e-5, 1e9)) * data.draw(st.sampled_from([-1, 1]))
    other = cells[column] + change
    if change and (column, cells.get("course")) in [("quarter", "video"), ("quarter", "running")]:
        assert bool(broken_by(changed(plan, table, row, **{column: other}), case)) is (
            other not in QUARTERS
        )
    else:
        assert bool(broken_by(changed(plan, table, row, **{column: other}), case)) is (change != 0)


@given(
    name=st.sampled_from(["value", "bound", "gap", "asked"]),
    change=st.floats(1e-4, 1e9) | st.floats(-1e9, -1e-4),
)
def test_no_number_of_a_proof_can_be_another(plan, case, name, change):
    proof = replace(plan.proof, **{name: getattr(plan.proof, name) + change})
    assert broken_by(replace(plan, proof=proof), case)


@pytest.mark.parametrize("users_trained", [False, True])
def test_a_cluster_that_only_an_operator_course_suits_is_not_the_worst_off(users_trained):
    """The course stands in no package without its oven, which does not suit "cloth"; that of the
    grinder, whose operators "cake" cannot be, only without `users_trained`. With equity 1 the
    value is 10 units of "bread" at chance 0.5 among those that count: 0.5 · 30 units."""
    case = small_case(
        {"equity": 1, "users_trained": users_trained},
        clusters=[cluster("bread", 10), cluster("cloth", 10), cluster("cake", 10)],
        courses=[course("baking", 2, 10), course("running", 1, 9), course("milling", 1, 9)],
        course_suits=[suit("baking", "bread"), suit("running", "cloth"), suit("milling", "bread")],
        equipment=[
            machine("oven", operators=1, operator_course="running"),
            machine("grinder", operators=1, operator_course="milling", stock=0),
        ],
        equipment_suits=[machine_suit("oven", "bread"), machine_suit("grinder", "cake")],
    )
    reached = {c for c, packages in case.packages.items() if packages}
    assert reached == ({"bread"} if users_trained else {"bread", "cake"})
    plan = solve(case)  # audited
    # bread takes baking and the oven's hours: 2 ovens of 100 hours for 50 each, and so on
    assert plan.proof.value == pytest.approx(
        30 * plan.coverage.set_index("cluster")["coverage"][sorted(reached)].min()
    )
