"""The reasons as tables and charts: in order, in words, proven beside what is found."""

from __future__ import annotations

from math import nan

import pytest
from insights import ASKED, make_insight, toy_insight
from pages import texts_of

from ikmplan import charts, load, views
from ikmplan.input.case import Case
from ikmplan.insight.tables import WAYS

VIEWS = (
    views.steps,
    views.left_out,
    views.demands,
    views.baselines,
    views.ladder,
    views.ladder_items,
    views.fairness,
)
CHARTS = (charts.baselines, charts.ladder, charts.fairness)


@pytest.fixture(scope="module")
def case() -> Case:
    return load("data/toy", language="en", **ASKED)


@pytest.fixture(scope="module")
def insight():
    return toy_insight()


def shown(view) -> list[list[str]]:
    return view.shown().to_numpy().tolist()


def test_the_step_that_brings_most_comes_first(insight, case):
    """A bracket no wider than what readers see is exact."""
    rows = shown(views.steps(insight, case))
    assert rows[0] == ["Fund: The office's purse", "Rp100 million", "+3.0", "exact", "13.4"]
    assert rows[1] == ["Stock: Coffee roaster", "1 machine", "+0.5", "0.4–1.2", "–"]
    assert rows[2][0] == "Power and floor space: Coffee roasters"
    assert rows[3] == ["Days: Trainers of the office", "10 days", "0.0", "exact", "–"]


def test_the_best_step_is_written_as_a_sentence(insight, case):
    sentence = views.next_step(insight, case)
    assert (
        sentence
        == "Most would come from Rp100 million more of “Fund: The office's purse”: +3.0 units."
    )
    nothing = make_insight(steps=[("money", "budget", 1e8, 0.01, 0, 0.02, 1, 1, 1)])
    assert "No single step more" in views.next_step(nothing, case)


def test_what_is_nearest_to_being_in_comes_first_and_the_impossible_last(insight, case):
    rows = shown(views.left_out(insight, case))
    assert rows == [
        ["Any course or machine", "Bakers", "–", "0.5", "exact", "–"],
        ["Roasting", "Whole city", "Rp13,000,000", "2.5", "2.1–2.5", "–"],
        ["Coffee roaster", "Coffee roasters", "Rp30,000,000", "–", "–", "THE REASON"],
    ]


def test_no_column_of_reasons_where_all_is_possible(case):
    possible = make_insight(left_out=[("baking", "bakers", 1, True, 1, 1, 1, "", 1)])
    assert "Impossible because" not in views.left_out(possible, case).frame


def test_every_demand_is_written_in_words(insight, case):
    assert [row[:2] for row in shown(views.demands(insight, case))] == [
        ["Floor of 20% for Coffee roasters", "+7.0"],
        ["Lock: Coffee roaster, Coffee roasters: at least 1", "+1.0"],
        ["Exclusion: Baking, Coffee roasters: never", "+0.2"],
        ["Floor of 0% for every cluster", "0.0"],
        ["at least so many IKM units get a course or machine hours: 10", "0.0"],
        ["at least this share of the money goes to training: 10%", "0.0"],
    ]


def test_nesting_has_its_price_and_a_budget_without_a_plan_no_numbers(insight, case):
    rows = shown(views.ladder(insight, case))
    assert rows[0] == ["50%", "Rp40 million", *["–"] * 6]
    assert rows[1] == ["70%", "Rp56 million", "10.0", "11.0", "1.0", "11.0", "1", "–"]


def test_what_is_chosen_first_stands_on_top(insight, case):
    rows = shown(views.ladder_items(insight, case))
    assert [row[0] for row in rows] == ["Baking", "Coffee roaster", "Roasting"]
    assert rows[1] == ["Coffee roaster", "Coffee roasters", "–", "1", "2"]


def test_fairness_gives_up_units(insight, case):
    """Of 13.4, 13.0 and 12.2 units, as they are shown."""
    given_up = views.fairness(insight, case).frame["Given up"].tolist()
    assert given_up == [0, 0.4, 1.2]


def test_a_way_that_breaks_a_limit_is_marked(insight, case):
    rows = {row[0]: row[-1] for row in shown(views.baselines(insight, case))}
    announced = "The announced programme, as this model estimates it"
    assert rows[announced] == "no" and rows["This plan"] == "yes"
    assert set(WAYS) == set(insight.baselines["name"])
    assert len(rows) == len(WAYS)


@pytest.mark.parametrize("view", VIEWS, ids=lambda f: f.__name__)
def test_a_run_without_reasons_states_it(view, case):
    html = view(make_insight(), case).html()
    assert "Not worked out in this run." in html and "<table" not in html


@pytest.mark.parametrize("chart", CHARTS, ids=lambda f: f.__name__)
def test_a_run_without_reasons_has_no_chart(chart, case):
    assert chart(make_insight(), case).html() == ""
    assert views.next_step(make_insight(), case) == ""


def test_a_workbook_gets_every_table_of_the_reasons(insight, case):
    made = views.reasons(insight, case)
    assert [view.caption for view in made] == [view(insight, case).caption for view in VIEWS]
    assert views.reasons(make_insight(), case) == []


def test_where_nothing_was_left_out_the_page_states_it(insight, case):
    some = make_insight(steps=[("money", "budget", 1e8, 1, 1, 1, 1, 1, 1)])
    assert "Nothing that suits a cluster is left out." in views.left_out(some, case).html()
    assert "no floor, lock, target or share" in views.demands(some, case).html()


@pytest.mark.parametrize("chart", CHARTS, ids=lambda f: f.__name__)
def test_each_chart_states_what_to_see(chart, insight, case):
    figure = chart(insight, case)
    assert figure.caption and figure.alt.startswith(figure.title)
    assert figure.svg() == chart(insight, case).svg()


def test_the_titles_do_their_sums(insight, case):
    """13.4 − 12.9 of the best way that keeps the limits; 13.4 − 12.2 of fairness."""
    assert charts.baselines(insight, case).title == (
        "The plan reaches 0.5 units more than the best simple way"
    )
    assert charts.fairness(insight, case).title == (
        "From 34% to 37% in the worst-off cluster costs 1.2 units"
    )
    assert charts.ladder(insight, case).title == (
        "Rp56 million reaches 10 units, Rp120 million reaches 16"
    )


def test_a_plan_that_its_demands_limit_claims_no_lead(case):
    """8 with the floor asked for, 11 without."""
    rows = make_insight(
        baselines=[
            ("plan", 8.0, 20, 0.3, 1, 1, 1, True, nan, 0.0),
            ("greedy", 11.0, 30, 0.1, 1, 2, 0, True, nan, 0.0),
        ]
    )
    title = charts.baselines(rows, case).title
    assert title == (
        "The best simple way reaches 3.0 units more, as it meets no demand of the scenario"
    )


def test_dots_too_near_have_one_number(case):
    near = make_insight(fairness=[(0, 9.0, 9, 0.1), (0.1, 8.6, 9, 0.101), (0.2, 7.0, 8, 0.4)])
    figure = charts.fairness(near, case)
    texts = set(texts_of(figure))
    assert {"9.0", "7.0"} <= texts and "8.6" not in texts
