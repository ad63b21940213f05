"""The alternatives as an office meets them: parameters, tables, paper, workbook, saved plans."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from cities import random_city
from nbformat import v4
from small_cases import cluster, course, small_case, suit, with_scenario

from ikmplan import BadInput, Scenario, audit, load, solve, views
from ikmplan.alternatives import alternatives, first_changes, given_plan, save_plans
from ikmplan.alternatives.cheapest import cheapest_for, cost_ladder, further_units
from ikmplan.alternatives.figures import way_chart
from ikmplan.alternatives.found import (
    MORE,
    OWN,
    Alternatives,
    decisions_of_plan,
    load_alternatives,
    pinned,
)
from ikmplan.alternatives.tables import alternatives_tables, difference
from ikmplan.alternatives.way import Fewest, Step, Way, way
from ikmplan.alternatives.way_tables import (
    nested_table,
    nested_text,
    way_rows,
    way_summary,
    why_now,
)
from ikmplan.compare.read_runs import read_comparison
from ikmplan.input.load import check_case, make_case
from ikmplan.input.scenario import read_scenario
from ikmplan.insight import explain
from ikmplan.insight.baselines import announced
from ikmplan.model.conflicts import NoPlan
from ikmplan.model.distance import counts_of
from ikmplan.notebook.html_page import to_html
from ikmplan.report.certificate import proven
from ikmplan.text import language
from ikmplan.workbook.plan_workbook import sheet_name, write_workbook

TOY = "data/toy"
MILLION = 1_000_000


@pytest.fixture(scope="module")
def case():
    return load(TOY, language="en", gap=0.0)


@pytest.fixture(scope="module")
def plan(case):
    return solve(case)


@pytest.fixture(scope="module")
def others(case, plan):
    return alternatives(plan, case, given_plan("nothing", case), steps=3, nested=True, plans=1)


def lines(view) -> list[list[str]]:
    return view.shown().to_numpy().tolist()


def two_courses(weight=1, **scenario):
    """Ten bakers, ten weavers, one class each: 5 and 4 expected for Rp10 and Rp8 million. A weaver
    has this weight."""
    return small_case(
        {"language": "en"} | scenario,
        clusters=[cluster("bread", 10), cluster("cloth", 10, weight=weight)],
        courses=[
            course("baking", 10, 10, cost_class=10 * MILLION),
            course("weaving", 10, 10, cost_class=8 * MILLION, success=0.4),
        ],
        course_suits=[suit("baking", "bread"), suit("weaving", "cloth")],
    )


# --- hand-solved -----------------------------------------------------------------------------


def test_one_class_for_another_is_two_changes_and_more_money_one():
    """With Rp10 million: from weaving (4 units) the best plan is baking (5), which is one class
    less and one more. With Rp18 million one change adds baking to it: 9."""
    rich, poor = two_courses(), two_courses(budget=10 * MILLION)
    given = solve(with_scenario(poor, budget=8 * MILLION))
    assert [step.value for step in way(given, poor, solve(poor), gap=0).steps] == [4, 4, 5]
    assert [step.value for step in way(given, rich, solve(rich), gap=0).steps] == [4, 9]


def test_what_cannot_be_paid_is_mended_first():
    """Both classes cost Rp18 million; with 10, one class less is the fewest: weaving goes."""
    given, poor = solve(two_courses()), two_courses(budget=10 * MILLION)
    found = way(given, poor, solve(poor), gap=0)
    assert (found.fewest.changes, found.repaired) == (1, True)
    assert [step.value for step in found.steps] == [5]
    (row,) = lines(views.way(found, poor))
    assert row[:3] == ["1", "−1 Weaving, for Cloth", "5.0"]
    assert row[7] == "Rp10 million" and "budget" in row[8]


def test_each_further_unit_has_its_price():
    """Four units cost Rp8 million, five Rp10 million (baking), nine both: 18. The fifth unit
    costs Rp2 million, those from the sixth to the ninth Rp2 million each."""
    asked = cheapest_for(two_courses(), 9)
    rungs = cost_ladder(asked, solve(asked), shares=(4 / 9, 5 / 9, 1.0, 2.0))
    assert [rung.cost for rung in rungs] == [8 * MILLION, 10 * MILLION, 18 * MILLION, None]
    each = [n for _rung, n in further_units(rungs)]
    assert each == [None, pytest.approx(2 * MILLION), pytest.approx(2 * MILLION), None]


def test_a_rung_whose_search_the_time_limit_ended_states_it(monkeypatch, tmp_path):
    """In a hundred-millionth of a second no search is finished, and no bound is found; with the
    usual limit the nodes decide, and no message names the time."""
    case = cheapest_for(make_case(random_city(3, 4, 5, 2), Scenario(name="city")), 20)
    usual = cost_ladder(case, shares=(0.5, 1.0))
    assert not any(rung.timed_out for rung in usual)
    assert "Search" not in views.costs_at_least(usual, case).frame
    monkeypatch.setattr("ikmplan.alternatives.cheapest.RUNG_SECONDS", 1e-8)
    rungs = cost_ladder(case, shares=(0.5, 1.0))
    assert all(
        rung.timed_out and 0 == rung.bound < known.cost
        for rung, known in zip(rungs, usual, strict=True)
    )
    Alternatives({}, None, rungs=rungs).save(tmp_path)
    shown = views.costs_at_least(load_alternatives(tmp_path, case).rungs, case).frame
    assert [*shown["Search"]] == ["ended by its time limit"] * 2


def test_the_difference_of_two_plans_is_one_sentence():
    baking, weaving = (
        solve(two_courses(locks=[f"{one} = 0"], exclusions=[])) for one in ("weaving", "baking")
    )
    text = difference(baking, weaving, two_courses())
    assert text == "More for Cloth (Rp8 million), less for Bread (Rp10 million)."


# --- with the plan ---------------------------------------------------------------------------


def announced_courses(**scenario):
    """Weaving for Rp8 million is announced; there are 18, or as many as a test gives."""
    made = two_courses()
    row = {"item": "weaving", "cluster": "cloth", "quarter": 1, "count": 1, "seats": 10}
    return small_case(
        {"language": "en", "gap": 0} | scenario,
        clusters=[one.model_dump() for one in made.tables.clusters],
        courses=[one.model_dump() for one in made.tables.courses],
        course_suits=[suit("baking", "bread"), suit("weaving", "cloth")],
        announced=[row],
    )


def test_a_run_works_out_the_first_changes_that_its_scenario_asks_for(tmp_path):
    """From weaving alone (4 units) one change of Rp10 million leads to both classes: 9. With the
    programme's own Rp8 million it is the best plan: there is no further step."""
    case = announced_courses(changes=3)
    plan, programme = solve(case), announced(case)
    found = first_changes(plan, case, programme)
    assert {name: [step.value for step in one.steps] for name, one in found.ways.items()} == {
        OWN: [4],
        MORE: [4, 9],
    }
    assert lines(views.way(found.ways[MORE], case))[1][1] == "+1 Baking, for Bread"
    found.save(tmp_path)
    read = load_alternatives(tmp_path, case)
    paper, again = (str(views.amendment_paper(one, case)._repr_html_()) for one in (found, read))
    assert paper == again and "+1 Baking, for Bread" in paper
    assert [view.caption for view in alternatives_tables(read, case)] == [
        "The way with the money of the given plan",
        "The way with all the money there is",
    ]


def test_a_run_has_no_paper_that_nobody_asked_for_or_that_has_no_start():
    asked, plain = announced_courses(changes=3), announced_courses()
    plan, programme = solve(plain), announced(plain)
    assert first_changes(plan, plain, programme) is None
    assert first_changes(plan, asked, None) is None
    assert views.amendment_paper(None, plain) is None
    assert asked.fingerprint == plain.fingerprint


# --- what a way states -----------------------------------------------------------------------


def with_steps(one: Way, n: int) -> Way:
    """The way as it is when it was stopped after so many steps."""
    return replace(one, steps=one.steps[:n])


@pytest.fixture(scope="module")
def both_ways():
    """Three classes more, each a change: both ways lead from nothing to the best plan."""
    names = ["one", "two", "three"]
    case = small_case(
        {"language": "en"},
        clusters=[cluster(name, 10) for name in names],
        courses=[course("baking", 10, 10, cost_class=10 * MILLION)],
        course_suits=[suit("baking", name) for name in names],
    )
    given, best = given_plan("nothing", case), solve(case)
    return case, *(way(given, case, best, nested=nested) for nested in (False, True))


def test_a_way_without_a_step_has_no_paper_and_states_no_gain(both_ways):
    case, free, kept = both_ways
    found = Alternatives({MORE: with_steps(free, 0)}, with_steps(kept, 0))
    with language("en"):
        assert views.amendment_paper(found, case) is None
        assert way_chart(found, case).title == "Changes of the given plan"
        assert "3 changes lead from the given plan" in str(way_summary(found.ways[MORE], case))
        assert "from the given plan with 0.0" in str(way_summary(found.ways[MORE], case, 0))


@pytest.mark.parametrize(("first", "second"), [(0, 4), (4, 0), (0, 0), (1, 1), (4, 1)])
def test_what_keeping_costs_is_not_stated_where_nothing_was_compared(both_ways, first, second):
    """The first step is the same on both ways; with it alone nothing is compared."""
    case, free, kept = both_ways
    assert [len(one.steps) for one in (free, kept)] == [4, 4]
    stopped = with_steps(free, first), with_steps(kept, second)
    with language("en"):
        assert nested_text(*stopped, case) == (
            "Every step keeps the steps before it. What it costs is not worked out."
        )
        assert not lines(nested_table(*stopped, case))


def test_what_keeping_costs_is_compared_as_far_as_both_ways_lead(both_ways):
    """A way that was stopped is not taken for one that gains no more; the best plan stays best."""
    case, free, kept = both_ways
    with language("en"):
        text = nested_text(free, with_steps(kept, 3), case)
        assert text.endswith("that costs nothing. Compared up to 2 changes.")
        assert [row[0] for row in lines(nested_table(free, with_steps(kept, 3), case))] == [
            "0", "1", "2",
        ]  # fmt: skip
        assert nested_text(free, kept, case).endswith("costs nothing.")


@pytest.mark.parametrize(
    ("success", "price"), [(0.504, "; Rp1.98 million for each unit more."), (0.05, ".")]
)
def test_the_price_of_a_unit_is_that_of_the_true_gain(success, price):
    """Ten bakers with a chance of 0.504 are 5.04 units for Rp10 million, shown as 5.0; with a
    chance of 0.05 they are half a unit, which has no price."""
    case = small_case(
        {"language": "en"},
        clusters=[cluster("bread", 10)],
        courses=[course("baking", 10, 10, cost_class=10 * MILLION, success=success)],
        course_suits=[suit("baking", "bread")],
    )
    one = way(given_plan("nothing", case), case, solve(case))
    with language("en"):
        *_first, last = way_rows(one)
        assert why_now(one, case, last) == "The best there is with 1 change" + price


def test_the_title_of_a_way_to_the_cheapest_plan_is_in_money():
    """Where nothing can be saved beyond the first step: what the last step costs."""
    case = two_courses(goal="cost", target_reached=4)
    best, both = solve(case), solve(two_courses())
    one = Way(best, case, best, (Step(0, best, 0), Step(1, both, 0)), False, Fewest(0))
    with language("en"):
        chart = way_chart(Alternatives({MORE: one}, None), case)
    assert chart.title == "1 change leads to a plan for Rp18 million"


# --- parameters ------------------------------------------------------------------------------


def test_new_parameters_change_no_fingerprint_unless_they_are_used(case):
    unused = with_scenario(case, goal="reach", near=[], target_reached=None)
    assert unused.fingerprint == case.fingerprint
    for fields in ({"goal": "cost", "target_reached": 5}, {"near": ["baking = 1"]}):
        assert with_scenario(case, **fields).fingerprint != case.fingerprint


def test_the_folder_of_a_run_stands_for_its_decisions(plan, tmp_path):
    plan.save(tmp_path / "run" / "tables")
    named = Scenario(near=str(tmp_path / "run"))
    assert named.near_counts == counts_of(plan)
    assert sorted(named.near) == sorted(decisions_of_plan(plan)["near"])


@pytest.mark.parametrize("near", ["runs/nowhere", "baking", ["baking >= 1"]])
def test_what_is_no_plan_to_stay_near_is_refused(near):
    with pytest.raises(BadInput, match="near"):
        load(TOY, language="en", near=near)


def test_the_least_money_for_nothing_is_a_fault():
    with pytest.raises(BadInput, match="nothing that the money must do"):
        load(TOY, language="en", goal="cost")


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"goal": "cost", "target_reached": 5, "equity": 0.5}, "no effect"),
        ({"near": ["kiln @ bakers = 1"]}, "given up"),
        ({"changes": 5}, "no effect: no programme"),
        ({"changes_kept": True}, "no changes are worked out"),
    ],
)
def test_what_has_no_effect_is_a_warning(fields, word):
    found = check_case({"data": TOY, "language": "en"} | fields)[1]
    assert [word in fault.problem for fault in found if fault.warning] == [True]


def test_a_number_that_cannot_be_reached_is_explained_and_mended():
    """The toy reaches 13.16 at most: the fix lowers the target to what can be reached."""
    case = load(TOY, language="en", gap=0.0, goal="cost", target_reached=20)
    with pytest.raises(NoPlan) as none:
        solve(case)
    changes = [need.change for one in none.value.conflicts for need in one.needs if need.change]
    (lower,) = [change["target_reached"] for change in changes if "target_reached" in change]
    assert lower == 13.1
    assert solve(with_scenario(case, target_reached=lower)).reached >= lower - 1e-6


# --- the cheapest plan in a report -----------------------------------------------------------


def test_the_certificate_of_the_cheapest_plan_is_in_rupiah():
    case = two_courses(goal="cost", target_reached=5)
    plan = solve(case)
    shown = {row[0]: row[1] for row in lines(views.certificate(plan, case))}
    assert shown["Value of the plan"] == "Rp10,000,000"
    assert shown["No plan costs less than"] == "Rp10,000,000"
    assert "costs less than Rp10,000,000" in proven(plan, case)


def test_the_reasons_of_the_cheapest_plan_are_in_money():
    """Five units for Rp10 million; forcing weaving in costs its Rp8 million more. Without the
    target nothing is bought: Rp10 million less."""
    case = two_courses(goal="cost", target_reached=5)
    insight = explain(solve(case), case, workers=1)
    left = insight.left_out.set_index("item")["cost"].to_dict()
    assert left["weaving"] == pytest.approx(8)
    asked = insight.asked.set_index("key")["gain"].to_dict()
    assert asked["target_reached"] == pytest.approx(10)
    assert "million rupiah" in views.demands(insight, case).frame.columns[1]


# --- tables, paper and workbook --------------------------------------------------------------


def test_the_list_names_each_change_and_who_gains(others, case):
    rows = lines(views.way(others.ways[MORE], case))
    assert [row[0] for row in rows] == ["0", "1", "3"]
    assert rows[1][1] == "+1 Baking, for Bakers" and rows[1][4] == "Bakers +10.0"


@pytest.mark.parametrize("code", ["id", "en"])
def test_paper_and_tables_stand_in_both_languages(others, case, code):
    """No English sentence stands on the Indonesian paper."""
    with language(code):
        paper = views.amendment_paper(others, case)._repr_html_()
        tables = [str(view) for view in alternatives_tables(others, case)]
    assert ("Why it comes now" in paper) == (code == "en")
    assert any("Each further unit costs" in text for text in tables) == (code == "en")
    assert paper.count("<tr>") == 1 + 3 and "ikmplan-sheet" in paper


def test_the_workbook_has_a_sheet_of_them_where_there_are_any(others, plan, case, tmp_path):
    for with_others in (True, False):
        kept = others if with_others else None
        write_workbook(tmp_path / "plan.xlsx", plan, case, others=kept)
        book = openpyxl.load_workbook(BytesIO((tmp_path / "plan.xlsx").read_bytes()))
        with language("en"):
            assert (sheet_name("others") in book.sheetnames) == with_others


def test_what_was_saved_is_read_again(others, case, tmp_path):
    others.save(tmp_path)
    read = load_alternatives(tmp_path, case)
    for before, after in zip(
        alternatives_tables(others, case), alternatives_tables(read, case), strict=True
    ):
        assert str(before) == str(after)


# --- each plan is a scenario -----------------------------------------------------------------


@pytest.mark.slow
def test_each_plan_is_a_scenario_that_gives_it_again_and_can_be_compared(
    others, plan, case, tmp_path: Path
):
    names = save_plans(others, case, tmp_path, plan)
    kept = dict(others.plans())
    for name in names[1:]:
        asked = read_scenario(tmp_path / f"{name}.yaml")
        again = load(**asked.model_dump())
        made = solve(again)
        audit(made, again)
        before = kept[name.removeprefix(f"{case.scenario.name}-")]
        assert counts_of(made) == counts_of(before)
        assert made.reached >= before.reached - 1e-4 or asked.goal == "cost"
    compared = read_comparison(tmp_path, names)
    assert sorted(compared.names) == sorted(names)


def test_a_pinned_plan_leaves_nothing_open(plan, case):
    """Other money changes nothing: every class and machine is given."""
    asked = with_scenario(pinned(plan, case, "pinned"), budget=case.budget * 2)
    assert counts_of(solve(asked)) == counts_of(plan)


@pytest.mark.parametrize("start", ["announced", "runs/nowhere"])
def test_a_way_from_nowhere_is_refused(start, case):
    with pytest.raises(BadInput):
        given_plan(start, case)


def test_how_much_is_kept_stands_in_the_report(plan, case):
    """A tenth of the money is cut: 2 of the 3 classes and machines can be kept."""
    less = with_scenario(case, budget=72 * MILLION, gap=0.01, **decisions_of_plan(plan))
    notes = views.notes(solve(less), less)
    assert any(note.startswith("Kept: ") and "of 3 decisions" in note for note in notes)


def nine_steps(letters: int):
    """The paper for nine classes more, for clusters with names of so many letters."""
    names = [" ".join([str(n), *["x" * 9] * (letters // 10)]) for n in range(9)]
    clusters = [cluster(f"c{n}", 10, name=name) for n, name in enumerate(names)]
    case = small_case(
        {"language": "en", "budget": 90 * MILLION},
        clusters=clusters,
        courses=[course("baking", 10, 10, cost_class=10 * MILLION)],
        course_suits=[suit("baking", row["sector"]) for row in clusters],
    )
    steps = way(given_plan("nothing", case), case, solve(case), steps=9)
    with language("en"):
        return views.amendment_paper(Alternatives({MORE: steps}, None), case)


def test_the_paper_has_as_many_steps_as_fit_on_one_page():
    """Names of 30 letters: steps of a few lines each all fit. Names of 600 letters take 15 lines
    of the widest column and more of the others, so that of the same steps fewer stand there, and
    the rest are counted."""
    all_of_them, some = nine_steps(20), nine_steps(600)
    assert (len(all_of_them.rows), all_of_them.further) == (10, "")
    few = len(some.rows)
    assert 1 <= few < 10 and some.further.startswith(f"{10 - few} more")


@pytest.mark.browser
@pytest.mark.parametrize("letters", [20, 60, 150, 300])
def test_the_paper_is_printed_on_one_sheet(chromium, tmp_path, letters):
    """Between the margins of A4 there are 263 mm (994 dots), 180 mm (680 dots) wide."""
    title, cell = v4.new_markdown_cell("# Paper"), v4.new_code_cell("")
    shown = {"text/html": nine_steps(letters)._repr_html_()}
    cell.outputs = [v4.new_output("execute_result", shown)]
    file = tmp_path / "paper.html"
    file.write_text(to_html(v4.new_notebook(cells=[title, cell]), "en", at="-"), "utf-8")
    tab = chromium.new_page(viewport={"width": 680, "height": 844})
    tab.goto(file.as_uri())
    tab.emulate_media(media="print")
    paper = tab.locator(".amendment")
    assert 700 < paper.bounding_box()["height"] < 994
    assert paper.evaluate("paper => getComputedStyle(paper).breakInside") == "avoid"
    tab.close()
