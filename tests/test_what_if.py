"""What is planned once more beside the plan: each opening opened or closed, and what is asked."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from small_cases import cluster, course, fund, machine, machine_suit, opening, small_case, suit

from ikmplan import views
from ikmplan.faults import BadInput
from ikmplan.input.case import Case
from ikmplan.input.scenario import locks_asked, make_scenario
from ikmplan.insight.questions import Subject
from ikmplan.insight.reasons import Insight, explain, load_insight
from ikmplan.insight.what_if import keeps, what_if, what_if_asked, what_if_rows
from ikmplan.model.search import Answer, solve


def village(**scenario: Any) -> Case:
    """Ten bakers: baking reaches half of them in a hall, selling a fifth without it.

    A unit takes one course. Baking costs 20 million and the hall 30; selling costs 10.
    """
    return small_case(
        {"courses_per_unit": 1} | scenario,
        clusters=[cluster("bread", 10)],
        courses=[
            course("baking", 5, 10, cost_class=20_000_000, success=0.5, opening="hall"),
            course("selling", 5, 10, cost_class=10_000_000, success=0.2),
        ],
        course_suits=[suit("baking", "bread"), suit("selling", "bread")],
        openings=[opening("hall", "training", cost_open=30_000_000)],
        funds=[fund("apbd", 60_000_000, "training")],
    )


def answers(case: Case) -> Insight:
    """What `explain` makes of these questions alone."""
    plan = solve(case)
    subject = Subject(plan, case, Answer(plan.proof.value, plan.proof.bound, plan))
    asked = [what_if(subject, case, text) for text in what_if_asked(plan, case)]
    rows = defaultdict(list)
    for found in [what_if_rows(plan, case), *asked]:
        for name, more in found.items():
            rows[name] += more
    return Insight({name: Insight.frame(name, rows[name]) for name in Insight.COLUMNS})


@pytest.mark.slow
def test_the_reasons_hold_these_answers():
    case = village(what_if=["selling = 0"])
    found = explain(solve(case), case, workers=1)
    for name in ("what_if", "what_if_money"):
        assert found.tables[name].equals(answers(case).tables[name])


def test_an_opening_is_planned_once_more_the_other_way():
    """Open: 10 · 0.5 = 5 units for 50 million. Closed: 10 · 0.2 = 2 units for 10 million. The
    three further units cost 40 million, 13.3 million each."""
    case = village()
    insight = answers(case)
    rows = insight.what_if.set_index("asked")
    assert rows["reached"].to_dict() == pytest.approx({"": 5.0, "hall = 0": 2.0})
    assert rows["cost"].to_dict() == {"": 50_000_000, "hall = 0": 10_000_000}
    money = insight.what_if_money.set_index("asked")["amount"].to_dict()
    assert money == {"": 50_000_000, "hall = 0": 10_000_000}
    shown = views.what_if(insight, case).shown().set_index("If")
    assert shown.loc["Without Hall", "Beside the plan (units)"] == "−3.0"
    assert shown.loc["Without Hall", "Each further unit costs"] == "Rp13.3 million"
    assert list(views.what_if_answers(insight, case)) == [
        "Without Hall: 3.0 units fewer for Rp40 million less. What the plan reaches beyond it "
        "costs Rp13.3 million for each."
    ]


def test_what_the_plan_leaves_closed_is_planned_open():
    """With 35 million the hall is never worth it: open, nothing is left for baking, and one class
    of selling does not fit beside it: no unit for 30 million."""
    case = village(budget=35_000_000)
    rows = answers(case).what_if.set_index("asked")
    assert rows["reached"].to_dict() == pytest.approx({"": 2.0, "hall = 1": 0.0})


def test_the_scenario_asks_for_pairs():
    """Neither hall nor selling: nobody is reached, and nothing is spent."""
    case = village(what_if=["hall = 0 & selling = 0", "baking >= 2"])
    insight = answers(case)
    rows = insight.what_if.set_index("asked")
    assert rows.loc["hall = 0 & selling = 0", ["reached", "cost"]].tolist() == [0.0, 0]
    # two classes of baking need 2 · 5 people and 70 million; the fund has 60
    assert not rows.loc["baking >= 2", "possible"]
    assert list(views.what_if_answers(insight, case))[1:] == [
        "Without Hall and without Selling: 5.0 units fewer for Rp50 million less. What the plan "
        "reaches beyond it costs Rp10 million for each.",
        "With 2 of Baking at least: no plan keeps this.",
    ]


def test_a_better_plan_within_the_gap_is_stated_as_one():
    """Both are proven to the gap only: with a lock another plan is found, 5.4 after 5 units."""
    row = {"possible": True, "bound": 6.0, "entrepreneurs": 0.0, "cost": 50_000_000}
    found = [("", 5.0), ("hall = 1", 5.4), ("selling = 0", 5.04)]
    frame = Insight.frame(
        "what_if", [row | {"asked": asked, "value": n, "reached": n} for asked, n in found]
    )
    money = Insight.frame("what_if_money", [])
    insight = Insight({"what_if": frame, "what_if_money": money})
    assert list(views.what_if_answers(insight, village())) == [
        "With Hall: 0.4 units more, for the same money.",
        "Without Selling: as many units, for the same money.",
    ]


@pytest.mark.parametrize(("equity", "text"), [(0, "0.3 units more"), (0.5, "0.4 weighted units")])
def test_a_sentence_has_the_difference_of_the_table(equity, text):
    """5.1 and 5.4 units stand beside each other: 0.3. A weighted value stands nowhere in the
    table: of 5.06 and 5.44 it is 0.38."""
    row = {"possible": True, "bound": 6.0, "entrepreneurs": 0.0, "cost": 50_000_000}
    found = [("", 5.06), ("hall = 1", 5.44)]
    frame = Insight.frame(
        "what_if", [row | {"asked": asked, "value": n, "reached": n} for asked, n in found]
    )
    insight = Insight({"what_if": frame, "what_if_money": Insight.frame("what_if_money", [])})
    case = village(equity=equity)
    shown = views.what_if(insight, case).shown().set_index("If").loc["With Hall"]
    (column,) = [name for name in shown.index if name.startswith("Beside the plan")]
    (sentence,) = views.what_if_answers(insight, case)
    assert text in sentence and shown[column] == f"+{text[:3]}"


def test_what_the_plan_keeps_already_needs_no_search():
    case = village(what_if=["baking >= 1"])
    plan = solve(case)
    assert keeps(plan, locks_asked("baking >= 1")[0])
    nothing: Any = None
    found = what_if(Subject(plan, case, Answer(nothing, 0.0, plan)), case, "baking >= 1")
    assert found["what_if"][0]["value"] == plan.proof.value


def test_the_more_decisions_are_given_the_less_is_reached():
    """No question reaches more than the plan; two decisions no more than one of them."""
    case = village(what_if=["selling = 0", "selling = 0 & hall = 0"])
    rows = answers(case).what_if.set_index("asked")["value"]
    assert (rows <= rows[""] + 1e-9).all()
    assert rows["selling = 0 & hall = 0"] <= min(rows["selling = 0"], rows["hall = 0"])


def test_it_changes_neither_the_plan_nor_the_fingerprint():
    assert village().fingerprint == village(what_if=["hall = 0"]).fingerprint


def test_a_case_without_openings_has_no_such_table(tmp_path):
    case = small_case(
        clusters=[cluster("bread", 4)],
        equipment=[machine("oven")],
        equipment_suits=[machine_suit("oven", "bread")],
    )
    insight = Insight({name: Insight.frame(name) for name in Insight.COLUMNS})
    assert what_if_asked(solve(case), case) == []
    assert views.what_if(insight, case) is None
    assert list(views.what_if_answers(insight, case)) == []
    insight.save(tmp_path)
    assert not (tmp_path / "what_if.parquet").exists()
    assert load_insight(tmp_path).what_if.empty


WRONG = {
    "halls = 0": "names no course or machine",
    "hall = 2": "opened once",
    "hall = 0 & hall = 1": "contradicts the lock",
    "baking @ bread = 1 & oven = 0": "names no course or machine",
    "baking >= 3": "more classes of 5 people than there are people",
    "selling @ rice = 0": "names no cluster",
}


@pytest.mark.parametrize("asked", WRONG)
def test_a_question_that_cannot_be_asked_is_refused(asked):
    with pytest.raises(BadInput) as refused:
        village(what_if=[asked])
    assert any(
        fault.column == "what_if" and fault.value == asked and WRONG[asked] in str(fault)
        for fault in refused.value.faults
    ), refused.value


@pytest.mark.parametrize("text", ["hall", "hall = 0 and selling = 0", "hall = 0 &", "hall == 1"])
def test_a_question_is_one_lock_or_more(text):
    with pytest.raises(BadInput, match="one lock or more"):
        make_scenario({"what_if": [text]})


def test_questions_on_a_command_line_stand_apart_from_their_parts():
    asked = make_scenario({"what_if": "a = 0 & b = 1, c >= 2"}).what_if
    assert asked == ("a = 0 & b = 1", "c >= 2")
