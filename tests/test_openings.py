"""Openings, lines of machines and idle machines: hand-solved cases, brute force, laws."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from brute_openings import MILLION, best_value, random_centre
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
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
    with_scenario,
)

from ikmplan import NoPlan, solve, views
from ikmplan.input.case import Case
from ikmplan.input.load import make_case
from ikmplan.insight.baselines import announced, doing_nothing
from ikmplan.insight.demands import without_demands
from ikmplan.insight.greedy import greedy
from ikmplan.model.conflicts import find_conflicts
from ikmplan.model.problem import make_problem
from ikmplan.plan.audit import CHECKS, find_breaches
from ikmplan.plan.derive import make_plan
from ikmplan.plan.plan import PLAN_COLUMNS, Plan, load_plan, make_proof
from ikmplan.report.rka import sub_activities
from ikmplan.workbook.plan_workbook import write_workbook


def opened(plan: Plan) -> set[str]:
    return set(plan.openings["opening"])


def broken_by(plan: Plan, case: Case) -> set[str]:
    return {breach.rule for breach in find_breaches(plan, case)}


def workshop(**scenario: object) -> Case:
    """A press for 8 million in a centre of 20 to open and 2 a year; a partner's course for 3.

    The press serves 100 / 25 = 4 units, each reached with chance 0.5; the course 4 with 0.25.
    """
    return small_case(
        scenario,
        clusters=[cluster("shoes", 4)],
        courses=[course("design", 4, 4, success=0.25, cost_class=3 * MILLION, opening="partner")],
        course_suits=[suit("design", "shoes")],
        equipment=[machine("press", price=8 * MILLION, scope="city", opening="centre", stock=1)],
        equipment_suits=[machine_suit("press", "shoes", 25, 0.5)],
        openings=[
            opening("centre", cost_open=20 * MILLION, cost_year=2 * MILLION),
            opening("partner", "training", cost_open=MILLION, there=True),
        ],
        funds=[fund("apbd", 40 * MILLION)],
    )


@pytest.mark.parametrize(
    ("budget", "value", "used"),
    [
        # 20 + 2 + 8 for the press, 3 for the class: 4 · (1 − 0.5 · 0.75); the partner is there
        (33 * MILLION, 2.5, {"centre", "partner"}),
        (32 * MILLION, 2.0, {"centre"}),  # 4 · 0.5 are more than 4 · 0.25
        (29 * MILLION, 1.0, {"partner"}),  # 30 for the press and its centre are too much
        (2 * MILLION, 0.0, set()),  # a partner that is there may stay closed
    ],
)
def test_an_opening_is_paid_once_and_only_where_it_is_used(budget, value, used):
    plan = solve(workshop(budget=budget))
    assert plan.proof.value == pytest.approx(value)
    assert opened(plan) == used


def test_each_cost_of_an_opening_is_paid_by_its_kind_or_by_the_fund_that_names_it():
    """20 million to open it are equipment, 2 a year training. A fund for training alone pays the
    2, one for equipment the 20 and the press; without money for training there is no centre.
    A fund that pays for `centre` pays both."""
    case = workshop()
    rows = {"openings": (case.openings["centre"].model_copy(update={"kind_year": "training"}),)}

    def reached(*funds: dict) -> float:
        made = small_case(
            clusters=[cluster("shoes", 4)],
            equipment=[row.model_dump() for row in case.tables.equipment],
            equipment_suits=[row.model_dump() for row in case.tables.equipment_suits],
            openings=[row.model_dump() for row in rows["openings"]],
            funds=list(funds),
        )
        return solve(made).reached

    machines = fund("dak", 28 * MILLION, "equipment")
    assert reached(machines, fund("apbd", 2 * MILLION, "training")) == pytest.approx(2)
    assert reached(machines, fund("apbd", MILLION, "training")) == 0
    assert reached(machines, fund("apbd", 2 * MILLION, "equipment")) == 0
    assert reached(machines, fund("apbd", 2 * MILLION, "centre")) == pytest.approx(2)


def test_a_days_of_an_opening_need_it_open():
    """A class of 4 uses 2 days of a lecturer whom a contract of 5 million brings."""
    case = small_case(
        clusters=[cluster("food", 4)],
        courses=[course("halal", 4, 4, success=0.5)],
        course_suits=[suit("halal", "food")],
        course_uses=[{"course": "halal", "resource": "lecturer", "amount": 2}],
        resources=[trainer("lecturer", 0, 2, 0, 0) | {"opening": "contract"}],
        openings=[opening("contract", "training", cost_open=5 * MILLION)],
        funds=[fund("apbd", 5 * MILLION)],
    )
    assert (solve(case).reached, opened(solve(case))) == (2, {"contract"})
    assert solve(with_scenario(case, budget=4 * MILLION)).reached == 0
    assert solve(with_scenario(case, locks=["contract = 0"])).reached == 0


def line_case(*suits: dict, **rows: list[dict]) -> Case:
    """20 shoemakers; a cutter and a sewing machine of 100 hours a year each, one of each."""
    machines = [machine("cutter", scope="city", stock=1), machine("sewer", scope="city", stock=1)]
    return small_case(
        {"equipment_per_unit": 2},
        clusters=[cluster("shoes", 20)],
        equipment=rows.pop("equipment", machines),
        equipment_suits=list(suits),
        **rows,
    )


CUT = machine_suit("cutter", "shoes", 10, 0.5) | {"line": "shoe_line"}
SEW = machine_suit("sewer", "shoes", 25, 0.5) | {"line": "shoe_line"}


def test_the_narrowest_machine_of_a_line_decides():
    """100 / 10 = 10 units at the cutter, 100 / 25 = 4 at the sewing machine: 4 · 0.5, once."""
    plan = solve(line_case(CUT, SEW))
    assert plan.reached == pytest.approx(2)
    assert plan.units.values.tolist() == [["shoes", "shoe_line", 4, 0.5, 2.0]]


def test_hours_are_summed_over_lines_and_single_uses():
    """Beside 4 units of the line, who use 40 hours of the cutter, 60 / 20 = 3 use it alone:
    4 · 0.5 + 3 · 0.3; the line of 0.5 and the cutter alone for one unit give 1 − 0.5 · 0.7,
    which is more than 0.5 but not than 0.5 + 0.3."""
    plan = solve(line_case(CUT, SEW, machine_suit("cutter", "shoes", 20, 0.3)))
    assert plan.reached == pytest.approx(2.9)


def test_without_one_machine_the_line_is_of_no_use():
    """The cutter alone reaches nobody: each row has the chance of the whole line."""
    case = line_case(CUT, SEW)
    assert solve(with_scenario(case, locks=["sewer = 0"])).reached == 0
    assert solve(with_scenario(case, exclusions=["sewer"])).reached == 0


def idle_case(**scenario: object) -> Case:
    """3 idle kilns of 100 hours: 2 units each; none can be bought; 2 million to revive one.

    Neither power nor floor space is free, and a kiln needs an operator: half of those trained.
    """
    return small_case(
        scenario,
        clusters=[cluster("wood", 10, kva=0, floor_m2=0)],
        courses=[course("firing", 1, 10, success=0.5)],
        course_suits=[suit("firing", "wood", 0.2)],
        equipment=[machine("kiln", price=9 * MILLION, kva=5, floor_m2=9, stock=0, operators=1,
                           operator_course="firing")],
        equipment_suits=[machine_suit("kiln", "wood", 50, 0.5)],
        existing=[{"equipment": "kiln", "cluster": "wood", "machines": 0, "operators": 0,
                   "idle": 3, "revive": 2 * MILLION}],
        funds=[fund("apbd", 5 * MILLION)],
    )  # fmt: skip


def test_revived_machines_need_money_and_operators_and_nothing_else():
    """5 million revive 2 of 3 kilns. They serve 4 units, and need 2 operators: all 4 trained.
    A trained user is reached with 1 − 0.5 · (1 − 0.2 · 0.5) = 0.55: 4 · 0.55."""
    plan = solve(idle_case())
    assert plan.revived.values.tolist() == [["kiln", "wood", 2]]
    assert (plan.machine_count, plan.cost) == (0, 4 * MILLION)
    assert plan.reached == pytest.approx(2.2)


def test_idle_machines_of_an_opening_wait_for_it():
    """One idle press in a centre that is there but closed: 3 million a year to open it."""
    case = small_case(
        clusters=[cluster("shoes", 4)],
        equipment=[machine("press", scope="city", opening="centre", stock=0)],
        equipment_suits=[machine_suit("press", "shoes", 25, 0.5)],
        openings=[opening("centre", cost_open=99 * MILLION, cost_year=3 * MILLION, there=True)],
        existing=[{"equipment": "press", "cluster": "centre", "machines": 1, "operators": 0,
                   "idle": 1, "revive": 0}],
        funds=[fund("apbd", 3 * MILLION)],
    )  # fmt: skip
    assert solve(case).reached == pytest.approx(2)
    closed = solve(with_scenario(case, budget=2 * MILLION))
    assert (closed.reached, opened(closed)) == (0, set())
    nothing = doing_nothing(case)
    assert (nothing.reached, nothing.cost) == (0, 0)


def test_operators_of_a_centre_come_from_any_cluster_that_it_serves():
    """Two operators of four trained; each cluster has two people only."""
    case = small_case(
        clusters=[cluster("shoes", 2), cluster("bags", 2)],
        courses=[course("running", 1, 4, success=0.5, scope="city")],
        course_suits=[suit("running", "shoes", 0.1), suit("running", "bags", 0.1)],
        equipment=[machine("press", scope="city", opening="centre", operators=2, stock=1,
                           operator_course="running")],
        equipment_suits=[machine_suit("press", "shoes", 25), machine_suit("press", "bags", 25)],
        openings=[opening("centre")],
    )  # fmt: skip
    plan = solve(case)
    assert plan.machines.values.tolist() == [["press", "centre", 1]]
    assert plan.seats["seats"].sum() == 4


# --- brute force -----------------------------------------------------------------------------


def agrees_with_brute_force(seed: int) -> None:
    case = random_centre(seed)
    if case is None:
        return
    best = best_value(case)
    if best is None:
        with pytest.raises(NoPlan):
            solve(case)
        return
    plan = solve(case)
    assert plan.proof.status == "proven"
    assert plan.proof.value == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("seed", range(36))
def test_brute_force(seed):
    agrees_with_brute_force(seed)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 1360, 40))
def test_brute_force_of_many(first):
    for seed in range(first, first + 40):
        agrees_with_brute_force(seed)


# --- laws ------------------------------------------------------------------------------------


@given(
    seed=st.integers(0, 10_000), more=st.integers(1, 9), what=st.sampled_from(["centre", "hall"])
)
@settings(max_examples=8)
def test_a_higher_opening_cost_never_opens_that_one(seed, more, what):
    """It may open others, which then have the money."""
    case = random_centre(seed)
    assume(case is not None and not case.locks and not case.exclusions)
    row = case.openings[what].model_copy(update={"there": False})
    dearer = row.model_copy(update={"cost_open": row.cost_open + more * MILLION})
    before, after = (with_opening(case, changed) for changed in (row, dearer))
    try:
        first, second = solve(before), solve(after)
    except NoPlan:
        return
    assert what in opened(first) or what not in opened(second)


def with_opening(case: Case, changed) -> Case:
    rows = tuple(changed if r.opening == changed.opening else r for r in case.tables.openings)
    return make_case(replace(case.tables, openings=rows), case.scenario)


def test_a_dearer_centre_may_open_two_others():
    """The false law: 10 million open A, which reaches 4 · 0.6; at 11 they open B and C, 1.6."""

    def reached(cost: int) -> tuple[float, set[str]]:
        keys = ("a", "b", "c")
        plan = solve(small_case(
            clusters=[cluster(k, 4) for k in keys],
            equipment=[machine(f"of_{k}", scope="city", opening=k, stock=1) for k in keys],
            equipment_suits=[
                machine_suit(f"of_{k}", k, 25, 0.6 if k == "a" else 0.2) for k in keys
            ],
            openings=[opening("a", cost_open=cost * MILLION), opening("b", cost_open=5 * MILLION),
                      opening("c", cost_open=5 * MILLION)],
            funds=[fund("apbd", 10 * MILLION)],
        ))  # fmt: skip
        return plan.reached, opened(plan)

    assert reached(10) == (pytest.approx(2.4), {"a"})
    assert reached(11) == (pytest.approx(1.6), {"b", "c"})


@pytest.mark.parametrize("seed", [0, 1, 3])
def test_going_down_the_list_keeps_the_limits_and_is_no_better(seed):
    made = random_centre(seed)
    assert made is not None
    case = without_demands(made)
    decisions = greedy(case)
    plan = make_plan(case, decisions, make_proof(case, decisions, 1e9, 1.0, "greedy"))
    assert not broken_by(plan, case) & (CHECKS.keys() - {"worst_off"})
    assert plan.proof.value <= solve(case).proof.value + 1e-6


# --- the audit -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def case() -> Case:
    return leather()


@pytest.fixture(scope="module")
def plan(case) -> Plan:
    """Centre and partner opened, 2 lathes revived, 5 units on the line of press and drum."""
    return solve(case)


def with_cell(plan: Plan, table: str, row: int, **values) -> Plan:
    frame = plan.tables[table].astype(object)
    for column, value in values.items():
        frame.loc[frame.index[row], column] = value
    return replace(plan, tables=plan.tables | {table: frame})


def without_row(plan: Plan, table: str, row: int) -> Plan:
    frame = plan.tables[table]
    return replace(plan, tables=plan.tables | {table: frame.drop(frame.index[row])})


def test_what_the_audit_refuses(plan, case):
    """A class and machines without their opening; a third lathe where two are idle; six units on
    a line whose drum has 80 hours, 16 for each; a lock that keeps the centre open."""
    assert broken_by(plan, case) == set()
    closed = broken_by(without_row(plan, "openings", 0), case)
    assert {"within_openings", "locks_kept"} <= closed
    assert "within_openings" in broken_by(without_row(plan, "openings", 1), case)
    assert "revived_within_idle" in broken_by(with_cell(plan, "revived", 0, machines=3), case)
    assert "hours_within_machines" in broken_by(without_row(plan, "revived", 0), case)
    line = plan.units["package"].tolist().index("cutting+finish")
    assert "hours_within_machines" in broken_by(with_cell(plan, "units", line, units=6), case)


@given(data=st.data())
@settings(max_examples=60)
def test_no_number_of_a_plan_with_openings_can_be_another(plan, case, data):
    columns = [
        (table, column)
        for table in ("openings", "revived", "machines", "lines", "money", "units", "limits")
        for column, kind in PLAN_COLUMNS[table].items()
        if kind in (int, float) and column != "step"
    ]
    table, column = data.draw(st.sampled_from(columns))
    row = data.draw(st.integers(0, len(plan.tables[table]) - 1))
    value = plan.tables[table].iloc[row][column]
    change = data.draw(st.integers(-9, 9).filter(bool))
    assert broken_by(with_cell(plan, table, row, **{column: value + change}), case)


@pytest.mark.parametrize("table", ["openings", "revived"])
def test_a_table_that_lacks_a_row_or_has_it_twice_is_refused(plan, case, table):
    frame = plan.tables[table]
    assert broken_by(without_row(plan, table, 0), case)
    twice = pd.concat([frame, frame.head(1)])
    assert "tables" in broken_by(replace(plan, tables=plan.tables | {table: twice}), case)
    absent = {name: other for name, other in plan.tables.items() if name != table}
    assert "tables" in broken_by(replace(plan, tables=absent), case)


def test_a_plan_is_saved_with_what_it_opens_and_without_tables_that_it_does_not_need(
    plan, case, tmp_path
):
    plan.save(tmp_path / "leather")
    assert broken_by(load_plan(tmp_path / "leather"), case) == set()
    solve(small_case(clusters=[cluster("bread", 2)])).save(tmp_path / "bread")
    names = {path.stem for path in (tmp_path / "bread").iterdir()}
    assert "machines" in names and not names & {"openings", "revived"}


def test_a_case_without_these_concepts_has_no_column_and_no_row_of_them():
    case = idle_case()
    plain = replace(case.tables, existing=())
    problem, _v = make_problem(make_case(plain, case.scenario))
    every = [x.name for x in problem.variables()] + [row.name for row in problem.constraints()]
    words = "opened", "revived", "within_openings", "patterns_in_opening", "units_in_opening"
    assert not [name for name in every if name.split("__")[0] in words]
    assert "openings" not in plain.content() and "existing" in plain.content()


# --- no plan ---------------------------------------------------------------------------------


def mends_work(case: Case) -> list[str]:
    """The requirements in words; every change that the scenario can make ends the conflict."""
    with pytest.raises(NoPlan) as none:
        solve(case)
    needs = [need for conflict in none.value.conflicts for need in conflict.needs]
    assert needs and any(need.fix for need in needs)
    for need in needs:
        if need.change is not None and need.alone:
            solve(with_scenario(case, **need.change))
    return [need.words for need in needs]


def test_reasons_name_the_lock_that_closes_a_centre():
    words = mends_work(workshop(locks=["centre = 0"], floor=0.4))
    assert "the lock “centre = 0”" in words


def test_reasons_name_the_money_that_a_centre_takes():
    """20 + 2 million for the centre alone."""
    words = mends_work(workshop(locks=["centre = 1"], budget=10 * MILLION))
    assert "the budget is only Rp10,000,000" in words and "the lock “centre = 1”" in words


def test_reasons_name_the_power_of_a_centre():
    """Two presses of 5 kVA in a centre of 8: it would need 10."""
    case = small_case(
        {"locks": ["press >= 2"]},
        clusters=[cluster("shoes", 4)],
        equipment=[machine("press", scope="city", opening="centre", kva=5)],
        equipment_suits=[machine_suit("press", "shoes")],
        openings=[opening("centre", kva=8)],
    )
    (conflict,) = find_conflicts(case)
    words = {need.words: need.fix for need in conflict.needs}
    assert words["Centre has only 8 kVA free"] == "Give Centre 10 kVA."


def test_reasons_name_the_machines_that_stand_idle():
    """A floor of half of 10 asks for 5 of 0.55 each, 10 units: 5 kilns; 3 stand idle."""
    case = idle_case(floor=0.5)
    rows = tuple(f.model_copy(update={"amount": 100 * MILLION}) for f in case.tables.funds)
    case = make_case(replace(case.tables, funds=rows), case.scenario)
    mends_work(case)
    (conflict,) = find_conflicts(case)
    fixes = {need.words: need.fix for need in conflict.needs}
    assert (
        fixes["only 3 of Kiln can be revived in Wood"]
        == "Find 5 of Kiln that can be revived in Wood."
    )
    more = tuple(row.model_copy(update={"idle": 5}) for row in case.tables.existing)
    assert solve(make_case(replace(case.tables, existing=more), case.scenario)).reached >= 5


def test_the_narrowest_machine_of_a_line_decides_how_low_a_floor_must_be():
    """One sewing machine serves 4 units, 2 of 20 are reached: a tenth. A floor of 0.12 asks for 5
    units; with a second sewing machine there are 8."""
    case = with_scenario(line_case(CUT, SEW), floor=0.12)
    with pytest.raises(NoPlan) as none:
        solve(case)
    assert "floor of every cluster (12.0%)" in str(none.value)
    assert "Lower the floor of every cluster to 10.0%." in str(none.value)
    rows = tuple(row.model_copy(update={"stock": 2}) for row in case.tables.equipment)
    assert solve(make_case(replace(case.tables, equipment=rows), case.scenario)).reached >= 2.4


# --- what was announced ----------------------------------------------------------------------


def test_an_announced_programme_names_openings_and_lines():
    """A centre for 5 million and one line in it: 4 of 20 units as in the narrowest machine."""
    row = {"cluster": "city", "quarter": "", "seats": "", "count": 1}
    machines = [
        machine(e, price=MILLION, scope="city", opening="centre", stock=1)
        for e in ("cutter", "sewer")
    ]
    case = line_case(
        CUT,
        SEW,
        equipment=machines,
        openings=[opening("centre", cost_open=5 * MILLION)],
        announced=[row | {"item": "shoe_line"}, row | {"item": "centre"}],
    )
    programme = announced(case)
    assert programme is not None
    assert programme.reached == pytest.approx(2)
    assert (programme.cost, opened(programme)) == (7 * MILLION, {"centre"})
    assert sorted(programme.machines["equipment"]) == ["cutter", "sewer"]
    line_alone = replace(case.tables, announced=case.tables.announced[:1])
    assert announced(make_case(line_alone, case.scenario)).cost == 7 * MILLION


# --- pages and workbooks ---------------------------------------------------------------------


def texts(view) -> list[list[str]]:
    return view.shown().astype(str).values.tolist()


def test_the_page_shows_what_is_opened(plan, case):
    """30 million to open the centre and 5 for its year, 2 for that of the partner. All 5 units
    on the line need the centre, the 6 of design the partner."""
    shown = views.opened(plan, case).shown().set_index("Opening")
    assert shown.loc["Centre", "In the plan"] == "opened"
    assert shown.loc["Partner", "In the plan"] == "open"
    assert shown.loc["Centre", "In use"] == "Cutting (2), Press (1), and Drum (1)"
    assert list(shown["Units served"]) == ["5", "6", "11"]
    assert views.opened(solve(line_case(CUT, SEW)), line_case(CUT, SEW)) is None
    assert views.openings(line_case(CUT, SEW)) is None
    assert views.lines(idle_case()) is None and len(views.lines(case)) == 1
    decide = str(views.decision_sheet(plan, case).decide._repr_html_())
    assert "opened and paid for: Centre and Partner." in decide


def test_an_opening_that_only_a_share_of_the_money_asks_for_is_no_breach_and_is_named():
    """8 million: the class for 3 reaches 4 · 0.25, the press for 8 and its centre for 3 cost too
    much. Where training may take half at most, the 3 of the centre let the class be held; then
    who signs reads that nothing of it is used. Without that share it stays closed."""
    made = small_case(
        {"budget": 8 * MILLION, "training_share_max": 0.5},
        clusters=[cluster("shoes", 4)],
        courses=[course("design", 4, 4, success=0.25, cost_class=3 * MILLION)],
        course_suits=[suit("design", "shoes")],
        equipment=[machine("press", price=8 * MILLION, scope="city", opening="centre", stock=1)],
        equipment_suits=[machine_suit("press", "shoes", 25, 0.5)],
        openings=[opening("centre", cost_open=3 * MILLION)],
        funds=[fund("apbd", 8 * MILLION)],
    )
    plan = solve(made)
    assert (plan.reached, plan.cost, opened(plan)) == (pytest.approx(1), 6 * MILLION, {"centre"})
    assert broken_by(plan, made) == set()
    assert views.opened(plan, made).shown()["In use"].tolist()[0] == "nothing"
    decide = str(views.decision_sheet(plan, made).decide._repr_html_())
    assert "no class, machine or unit of the plan needs it: Centre." in decide
    assert "opened and paid for" not in decide
    free = with_scenario(made, training_share_max=1.0)
    assert (solve(free).cost, opened(solve(free))) == (3 * MILLION, set())


def test_the_rka_adds_up_with_openings_and_revived_machines(plan, case):
    """93 million: the centre 35, the partner 2, machines 30, two lathes revived 6, classes 20."""
    parts = sub_activities(plan, case)
    assert sum(part.amount for part in parts) == plan.cost == 93 * MILLION
    lines = {line.name: line.amount for part in parts for line in lines_of(part.accounts)}
    assert lines["Centre: opening it"] == 30 * MILLION
    assert lines["Centre: running it this year"] == 5 * MILLION
    assert lines["Partner: running it this year"] == 2 * MILLION
    assert lines["Lathe, revived"] == 6 * MILLION
    kinds = {part.kind: part.amount for part in parts}
    assert kinds == {"training": 27 * MILLION, "equipment": 66 * MILLION}


def lines_of(parts):
    for part in parts:
        yield from lines_of(part.parts) if hasattr(part, "parts") else part.lines


def test_a_workbook_is_written_and_names_what_is_opened(case, tmp_path):
    case = with_scenario(case, language="en")
    plan = solve(case)
    write_workbook(tmp_path / "plan.xlsx", plan, case)
    book = load_workbook(tmp_path / "plan.xlsx")
    cells = {str(cell.value) for page in book for row in page.iter_rows() for cell in row}
    assert {"What is opened", "Centre: opening it", "Lathe, revived"} <= cells


def test_the_model_table_has_the_openings_in_words(plan, case):
    rows = views.model_rows(case, plan)
    assert "machines[press,centre] − 2 · open[centre] ≤ 0" in str(texts(rows))
