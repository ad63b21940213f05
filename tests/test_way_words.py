"""What a way from a given plan states: what it breaks, how far changes lead, why each comes, and
what it costs to keep them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_cases import cluster, course, small_case, suit, with_scenario
from test_alternatives import given_plan as other_money
from test_alternatives import tiny
from test_other_plans import MILLION, announced_courses, lines, two_courses

from ikmplan import Plan, load, solve, views
from ikmplan.alternatives import first_changes
from ikmplan.alternatives.changes import Change, change_text
from ikmplan.alternatives.cheapest import cheapest_for, cost_ladder
from ikmplan.alternatives.figures import amendment_paper, way_chart
from ikmplan.alternatives.found import MORE, NESTED, Alternatives, load_alternatives, nested_beside
from ikmplan.alternatives.tables import alternatives_tables
from ikmplan.alternatives.way import Fewest, Way, fewest_changes, way
from ikmplan.alternatives.way_tables import (
    broken_rules,
    kept_rows,
    nested_text,
    no_own_way,
    way_rows,
    way_summary,
    why_now,
)
from ikmplan.input.case import Case
from ikmplan.input.cells import CITY
from ikmplan.insight.baselines import announced
from ikmplan.model.distance import counts_of
from ikmplan.model.highs import Model
from ikmplan.plan.plan import relative_gap
from ikmplan.text import gap_percent, half_up, language, number, shown_difference

ANNOUNCED = "The way begins with the announced programme. "


def way_from(given: Plan, case: Case, **asked) -> Way:
    return way(given, case, solve(case), gap=0, **asked)


def reasons(one: Way, case: Case) -> list[str]:
    return [why_now(one, case, row) for row in way_rows(one)]


# --- hand-solved -----------------------------------------------------------------------------


def test_a_class_more_has_its_price_for_each_unit():
    """Weaving reaches 4 for Rp8 million. Baking beside it reaches 5 more for Rp10 million."""
    rich = two_courses()
    found = way_from(solve(with_scenario(rich, budget=8 * MILLION)), rich)
    assert reasons(found, rich)[1] == (
        "The best there is with 1 change; Rp2 million for each unit more."
    )
    assert str(way_summary(found, rich)) == (
        "1 change leads from the given plan with 4.0 units to the best with 9.0. Of all that "
        "can be gained, so many changes bring: 100% with 1."
    )
    (_start, row) = lines(views.way(found, rich))
    assert row[3] == "+5.0" and row[6:8] == ["+Rp10 million", "Rp18 million"]


def test_a_step_is_called_the_best_only_as_far_as_it_is_proven():
    """A bound of 10 above a plan of 9 leaves a tenth of what may be reached open: (10 − 9) / 10."""
    rich = two_courses()
    found = way_from(solve(with_scenario(rich, budget=8 * MILLION)), rich)
    start, step = found.steps
    found = replace(found, steps=(start, replace(step, bound=10.0)))
    gap = gap_percent(relative_gap(9, 10))
    price = "; Rp2 million for each unit more."
    assert reasons(found, rich)[1] == f"The best with 1 change, to within {gap}{price}"
    found = replace(found, nested=True)
    assert reasons(found, rich)[1] == f"The best next step, to within {gap}{price}"


@pytest.mark.parametrize("proven", [True, False])
def test_fewest_changes_are_called_so_only_where_that_is_proven(monkeypatch, tmp_path, proven):
    """The announced programme lacks a class that must be held. A search of the fewest changes that
    ends before its bound stands there gives the same plan, and no proof."""

    def search(model, *args, **options):
        found = whole(model, *args, **options)
        return found if proven else replace(found, bound=0.0, finished=False)

    case = announced_courses(locks=["baking >= 1"])
    start, best, whole = announced(case), solve(case), Model.search
    monkeypatch.setattr(Model, "search", search)
    assert fewest_changes(case, counts_of(start), best) == (1, proven)
    monkeypatch.undo()
    found = way(start, case, best, fewest=Fewest(1, proven))
    text = "no fewer changes do." if proven else "that no fewer changes do is not proven."
    assert reasons(found, case)[0] == f"It mends what the given plan breaks; {text}"
    Alternatives({MORE: found}, None).save(tmp_path)
    assert load_alternatives(tmp_path, case).ways[MORE].fewest.proven is proven


def test_the_whole_city_is_written_as_a_sentence_has_it():
    case = load("data/medan-2022")
    placed = Change("pemasaran_digital", None, CITY, 2)
    for code, text in (("en", ", for the whole city"), ("id", ", untuk seluruh kota")):
        with language(code):
            assert change_text(case, placed) == f"+2 Pemasaran Digital{text}"


def test_a_step_to_fewer_units_that_weigh_more_states_it():
    """Rp10 million are enough for 5 bakers or 4 weavers, and a weaver counts as two."""
    poor = two_courses(budget=10 * MILLION)
    weighted = two_courses(2, budget=10 * MILLION)
    found = way_from(solve(poor), weighted)
    start, step = lines(views.way(found, weighted))
    assert start[1] == (
        "The given classes and machines, seats given as is worth most to the scenario"
    )
    assert (step[2], step[3]) == ("4.0", "−1.0")
    assert reasons(found, weighted)[1] == (
        "Fewer units, but worth more by the weights, equity or caution of the scenario."
    )


def test_the_way_to_the_cheapest_plan_is_measured_in_rupiah():
    """Both classes cost Rp18 million and reach 9. Four units are reached by weaving alone, Rp8
    million: baking is given up, which saves Rp10 million."""
    case = two_courses(goal="cost", target_reached=4)
    found = way_from(solve(two_courses()), case)
    assert reasons(found, case)[1] == (
        "What is asked is reached without it; this saves Rp10 million."
    )
    assert str(way_summary(found, case)).startswith(
        "1 change leads from the given plan for Rp18 million to the cheapest for Rp8 million. "
        "Of all that can be saved"
    )
    chart = way_chart(Alternatives({MORE: found}, None), case)
    assert chart.title == "1 change brings 100% of what can be saved"
    assert "Cost (million rupiah)" in chart.svg() and "8.0 million rupiah after 1 change" in str(
        chart.html()
    )


def test_the_announced_programme_reaches_as_many_whatever_is_asked_of_the_plan():
    """Ten weavers, each with a chance of 0.4: 4."""
    for asked in ({}, {"goal": "cost", "target_reached": 1}):
        assert announced(announced_courses(**asked)).reached == 4


def test_what_the_given_plan_breaks_is_named():
    """Weaving is announced for the first quarter, in which it may not be held, and baking must be:
    one more class. The quarter follows freely."""
    case = announced_courses(limits=["no weaving in q1"], locks=["baking >= 1"])
    found = way_from(announced(case), case)
    summary = str(way_summary(found, case))
    assert summary.startswith(ANNOUNCED + "The given plan breaks what must be kept: ")
    assert "(Baking, all together: at least 1)" in summary
    assert "(Weaving: no class in Q1)" in summary
    assert reasons(found, case) == ["It mends what the given plan breaks; no fewer changes do."]
    with language("id"):
        assert "(Weaving: tidak ada angkatan pada TW\xa01)" in str(way_summary(found, case))


def test_what_has_no_place_is_named():
    """The weavers' only class is a course for bakers alone."""
    case = small_case(
        clusters=[cluster("bread", 10), cluster("cloth", 10)],
        courses=[course("baking", 10, 10), course("weaving", 10, 10)],
        course_suits=[suit("baking", "bread"), suit("weaving", "bread")],
    )
    one = Way(solve(two_courses()), case, solve(case), (), False, Fewest(0))
    assert "has at least its smallest number of people (Cloth)." in broken_rules(one)


def test_seats_and_quarters_alone_mend_what_is_announced_for_a_closed_quarter():
    case = announced_courses(limits=["no weaving in q1"])
    found = way_from(announced(case), case)
    assert not found.repaired
    assert reasons(found, case)[0] == (
        "Other seats and quarters alone mend what the given plan breaks."
    )
    assert "(Weaving: no class in Q1)" in lines(views.way(found, case))[0][8]


def test_why_there_is_no_way_with_the_given_plans_money():
    """Weaving's Rp8 million do not pay for a floor for the bakers; both classes cost all there
    is."""
    case = announced_courses(floors={"bread": 0.1})
    found = first_changes(solve(case), with_scenario(case, changes=2), announced(case))
    text = str(amendment_paper(found, case).text)
    assert text.endswith(
        "No plan keeps what is asked with the money of the given plan alone, Rp8 million."
    )
    both = two_courses(budget=18 * MILLION)
    assert no_own_way(solve(both), both).startswith("The given plan costs no less than there is")


def test_a_rung_that_no_plan_reaches_states_it():
    """Nine units are the most: of 18 no plan reaches so much, and it is proven."""
    asked = cheapest_for(two_courses(), 9)
    rungs = cost_ladder(asked, solve(asked), shares=(1.0, 2.0))
    assert rungs[1].bound is None
    (_whole, twice) = lines(views.costs_at_least(rungs, asked))
    assert twice[-1] == "no plan reaches so much"


# --- every step kept -------------------------------------------------------------------------


def test_a_run_keeps_the_steps_where_its_scenario_asks_for_it():
    case = announced_courses(changes=3, changes_kept=True)
    found = first_changes(solve(case), case, announced(case))
    assert [*found.every_way][-1] == NESTED
    captions = [view.caption for view in alternatives_tables(found, case)]
    assert captions[-2:] == [
        "The way on which every step is kept", "What it costs to take nothing back",
    ]  # fmt: skip
    assert "keeps the steps before it; that costs nothing." in str(
        amendment_paper(found, case).text
    )
    assert case.fingerprint == announced_courses(changes=3).fingerprint


@pytest.mark.parametrize("seed", range(6))
def test_what_keeping_costs_is_the_difference_of_what_is_shown(seed):
    """With each number of changes both ways have the step with no more of them; the sentence names
    the row that loses most."""
    case = tiny(seed)
    free = way_from(other_money(seed), case)
    kept = nested_beside(free, steps=20)
    rows = [*kept_rows(free, kept, case)]
    for row in rows:
        ends = [
            [step.plan.reached for step in one.steps if step.most <= row.changes][-1]
            for one in (free, kept)
        ]
        assert [row.free, row.kept] == ends
        lost = float(half_up(ends[0], 1)) - float(half_up(ends[1], 1))
        assert row.lost == pytest.approx(max(0.0, lost))
    most = max(row.lost for row in rows)
    text = nested_text(free, kept, case)
    assert text.endswith("costs nothing.") if most <= 0 else number(most, 1) in text


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.integers(0, 3))
def test_readers_who_subtract_what_is_shown_find_the_difference(after, before, digits):
    def read(text: str) -> float:
        return float(text.replace(",", "").replace("−", "-"))

    with language("en"):
        left = read(number(after, digits)) - read(number(before, digits))
    assert shown_difference(after, before, digits) == pytest.approx(left, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 45, 135, 149])  # in all but the first both ways differ
def test_the_picture_on_the_paper_is_titled_by_the_steps_that_are_listed(seed):
    case = tiny(seed)
    free = way_from(other_money(seed), case)
    kept = nested_beside(free, steps=20)
    paper = amendment_paper(Alternatives({MORE: free}, kept), case)
    alone = way_chart(Alternatives({MORE: kept}, None), case)
    assert paper is not None and paper.chart.title == alone.title
