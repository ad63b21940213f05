"""Charts of a sweep over budgets, from its tables alone."""

from __future__ import annotations

import pandas as pd
import pytest

from ikmplan import load
from ikmplan.compare import sweep_charts as charts
from ikmplan.text import language

BUDGETS = (40_000_000, 60_000_000, 80_000_000)


@pytest.fixture(autouse=True)
def english():
    with language("en"):
        yield


@pytest.fixture(scope="module")
def case():
    return load("data/toy", language="en")


def rows(figures: dict[tuple[int, float], tuple[float, float] | None]):
    """The tables of a sweep: (budget, floor) -> reached of bakers and of coffee, or no plan."""
    table, coverage = [], []
    for (budget, floor), found in figures.items():
        name = f"{budget} {floor}"
        reached = sum(found) if found else None
        status = "proven" if found else "none"
        table.append([name, budget, floor, status, reached, 5, 0.1, 1, 1, budget])
        for cluster, size, n in zip(("bakers", "coffee"), (20, 10), found or (), strict=False):
            coverage.append([name, budget, floor, cluster, size, size, n, n / size])
    varied = ["scenario", "budget", "floor"]
    figures_of = ["reached", "coached", "worst", "classes", "machines", "cost"]
    named = ["cluster", "size", "coached", "reached", "coverage"]
    return (
        pd.DataFrame(table, columns=[*varied, "status", *figures_of]),
        pd.DataFrame(coverage, columns=[*varied, *named]),
    )


@pytest.fixture
def swept():
    free = {(budget, 0.0): (10.0, 0.1 * n) for n, budget in enumerate(BUDGETS)}
    fair = {(BUDGETS[0], 0.2): None, (BUDGETS[1], 0.2): None, (BUDGETS[2], 0.2): (6.0, 2.0)}
    return rows(free | fair)


def lines(axes) -> dict[str, list[tuple[float, float]]]:
    return {line.get_label(): list(zip(*line.get_data(), strict=True)) for line in axes.lines}


def zones(axes) -> dict[str, float]:
    """The label of each shaded zone -> the budget at which it ends."""
    return {p.get_label(): p.get_x() + p.get_width() for p in axes.patches if p.get_label()}


def test_a_line_for_each_floor_and_a_zone_where_there_is_no_plan(swept):
    table, _coverage = swept
    (axes,) = charts.reached_chart(table).axes
    assert lines(axes)["No floor"] == [(b, 10 + 0.1 * n) for n, b in enumerate(BUDGETS)]
    assert [y for _x, y in lines(axes)["Floor 20%"]][-1] == 8.0
    assert zones(axes) == {"No plan: Floor 20%": pytest.approx(BUDGETS[1])}


def test_a_panel_for_each_cluster_and_each_district(swept, case):
    """Bakers: 10 of 20. Coffee with the largest budget: 0.2 of 10, with the floor 2 of 10."""
    table, coverage = swept
    figure = charts.cluster_chart(table, coverage, case)
    shown = {axes.get_title(): lines(axes) for axes in figure.axes if axes.axison}
    assert [y for _x, y in shown["Bakers"]["No floor"]] == [0.5] * 3
    assert shown["Coffee roasters"]["Floor 20%"] == [(BUDGETS[2], 0.2)]
    for axes in (axes for axes in figure.axes if axes.axison):
        heights = [y for points in lines(axes).values() for _x, y in points]
        assert max(heights) <= axes.get_ylim()[1]
    districts = charts.district_curves(table, coverage, case)
    assert {axes.get_title() for axes in districts.axes if axes.axison} == {"North", "South"}


def test_clusters_of_a_district_are_added_up(swept, case):
    """Both in one district: (10 + 0.2) of 30 with the largest budget and no floor."""
    from ikmplan.input.load import with_values

    table, coverage = swept
    together = with_values(case, "clusters", "coffee", district="North")
    (axes,) = (a for a in charts.district_curves(table, coverage, together).axes if a.axison)
    assert lines(axes)["No floor"][-1] == (BUDGETS[2], pytest.approx(10.2 / 30))


@pytest.mark.parametrize("code", ["en", "id"])
def test_it_says_what_to_see(swept, case, code):
    table, coverage = swept
    with language(code):
        for figure in (
            charts.reached_chart(table),
            charts.cluster_chart(table, coverage, case),
            charts.district_curves(table, coverage, case),
        ):
            assert figure.alt.startswith(figure.title) and len(figure.alt) > len(figure.title) + 40
            assert figure.caption and figure.png()[:4] == b"\x89PNG"


def test_one_budget_is_no_curve(swept, case):
    table, coverage = swept
    table, coverage = (t[t["budget"] == BUDGETS[0]] for t in (table, coverage))
    assert not charts.reached_chart(table).drawn
    assert not charts.cluster_chart(table, coverage, case).drawn


def test_a_sweep_without_floors_has_one_line(swept, case):
    table, coverage = (t[t["floor"] == 0].drop(columns="floor") for t in swept)
    (axes,) = charts.reached_chart(table).axes
    assert list(lines(axes)) == ["This scenario"] and not zones(axes)
    assert "Floor" not in charts.sweep_table(table).frame
    charts.cluster_chart(table, coverage, case)


def test_the_table_says_where_there_is_no_plan(swept):
    table, _coverage = swept
    shown = charts.sweep_table(table)
    assert list(shown.frame["Plan"]).count("no plan") == 2
    assert "–" in shown.shown()["Expected to be reached"].tolist()
