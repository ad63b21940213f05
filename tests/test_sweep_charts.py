"""Charts of a sweep over budgets, from its tables alone."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from pages import texts_of

from ikmplan import load
from ikmplan.compare import sweep_charts as charts
from ikmplan.compare.heat_charts import cluster_heat, grid_heat
from ikmplan.compare.sweep_points import fewer_for_more, nearest_point, point_names
from ikmplan.show.chart import BLUE, SMALL, YELLOW, Chart, ValueAxis, plane
from ikmplan.show.drawing import WIDTH, text_width
from ikmplan.show.point_labels import name_points
from ikmplan.text import language

BUDGETS = (40_000_000, 60_000_000, 80_000_000)


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


def marks(figure, tag: str, colour: str) -> list[tuple[float, float]]:
    """Centres of the marks of this colour, in pixels."""
    (x, y) = ("cx", "cy") if tag == "circle" else ("x", "y")
    found = re.findall(rf'<{tag} {x}="([^"]+)" {y}="([^"]+)"[^>]*fill="{colour}"', figure.svg())
    return [(float(a), float(b)) for a, b in found]


def test_a_line_for_each_floor_and_a_zone_where_there_is_no_plan(swept):
    """Without a floor 10, 10.1 and 10.2 units; with it 8 for the largest budget alone, and no plan
    up to 60 million: the zone ends where the second mark stands."""
    table, _coverage = swept
    free, fair = charts.lines_of(table, "floor")
    assert [free.label, fair.label] == ["No floor", "Floor 20%"]
    assert dict(free.scenarios) == {f"{b} 0.0": b for b in BUDGETS}
    assert list(fair.impossible) == list(BUDGETS[:2])
    figure = charts.reached_chart(table)
    circles = marks(figure, "circle", BLUE)[:3]  # the last is of the legend
    assert [y for _x, y in circles] == sorted((y for _x, y in circles), reverse=True)
    zone = re.search(r'<rect x="([^"]+)"[^>]* width="([^"]+)"[^>]*url', figure.svg())
    assert sum(map(float, zone.groups())) == pytest.approx(circles[1][0], abs=0.2)
    assert "No plan: Floor 20%" in texts_of(figure)


def test_a_panel_for_each_cluster_and_each_district(swept, case):
    """Bakers: 10 of 20. Coffee with the largest budget: 0.2 of 10, with the floor 2 of 10."""
    table, coverage = swept
    figure = charts.cluster_chart(table, coverage, case)
    assert {"Bakers", "Coffee roasters"} <= set(texts_of(figure))
    assert "Bakers 50% and 30%; Coffee roasters 2% and 20%" in figure.alt
    districts = charts.district_curves(table, coverage, case)
    assert {"North", "South"} <= set(texts_of(districts))


def test_clusters_of_a_district_are_added_up(swept, case):
    """Both in one district: (10 + 0.2) of 30 with the largest budget and no floor, 34%; 8 of 30
    with it, 27%."""
    from ikmplan.input.load import with_values

    table, coverage = swept
    together = with_values(case, "clusters", "coffee", district="North")
    assert "North 34% and 27%" in charts.district_curves(table, coverage, together).alt


def test_a_sweep_over_two_fields_is_a_heat_map(swept):
    """Six cells of budgets × floors; two of them without a plan, one stopped early."""
    table, _coverage = swept
    table.loc[table["scenario"] == f"{BUDGETS[2]} 0.2", "status"] = "feasible"
    figure = grid_heat(table)
    shown = texts_of(figure)
    assert figure.title == "From 8 to 10 units; most with Rp80 million, No floor"
    assert {"Rp40 million", "Rp60 million", "Rp80 million", "No floor", "Floor 20%"} <= set(shown)
    assert shown.count("–") == 2
    assert {"8.0 ▲", "▲ the search was stopped early", "no plan"} <= set(shown)
    assert "Floor 20%: –, –, 8.0 ▲" in figure.alt


def test_a_larger_budget_with_fewer_units_is_marked(swept):
    """With 60 million 9.4 units, 0.6 fewer than with 40: within the gap, or the search was stopped;
    a difference below half a unit is none."""
    table, _coverage = swept
    table["reached"] = table["reached"].where(table["scenario"] != f"{BUDGETS[1]} 0.0", 9.4)
    table["value"] = table["reached"]
    assert fewer_for_more(table, ["budget", "floor"]) == {f"{BUDGETS[1]} 0.0": True}
    assert "9.4 ▼" in texts_of(grid_heat(table))
    table.loc[table["reached"] == 9.4, "status"] = "feasible"
    assert fewer_for_more(table, ["budget", "floor"]) == {f"{BUDGETS[1]} 0.0": False}
    assert fewer_for_more(table.assign(value=0.5), ["budget", "floor"]) == {}  # of equity
    table.loc[table["reached"] == 9.4, ["reached", "value"]] = 9.6
    assert fewer_for_more(table, ["budget", "floor"]) == {}


def test_narrow_cells_show_whole_units_and_signs():
    """Of 20 budgets a cell is 30 pixels wide: "100.4 ▼" has no room, "100" and a sign have."""
    many = [10_000_000 * n for n in range(1, 21)]
    figures = {(budget, 0.0): (100.0 + n, 0.4) for n, budget in enumerate(many)}
    table, _coverage = rows(figures | {(many[1], 0.0): (99.0, 0.4), (many[0], 0.2): None})
    figure = grid_heat(table)
    shown = texts_of(figure)
    assert {"100", "99", "119", "–"} <= set(shown) and "100.4" not in shown
    assert "99.4 ▼" in figure.alt
    assert figure.svg().count(f'fill="{YELLOW}"') == 2  # of 99, and of the legend
    wide, sizes = 30, re.findall(r'font-size="([0-9.]+)"[^>]*>119<', figure.svg())
    assert all(float(size) >= 8 and text_width("119", float(size)) <= wide for size in sizes)


def test_names_of_points_end_where_the_picture_ends():
    """Twenty points below each other at the right edge, each with a name of 40 letters."""
    chart = Chart("Points")
    axis = ValueAxis("", 0, 10, [0, 10], str)
    at = plane(chart, axis, axis, high=300)
    points = {(9.9, n / 2): f"{n} {'m' * 38}" for n in range(20)}
    name_points(chart, at, points, points)
    texts = re.findall(r'<text x="([^"]+)"([^>]*)>(\d+ m+)<', chart.svg())
    assert len(texts) == 20
    ends = []
    for x, about, text in texts:
        side = re.search(r'text-anchor="(\w+)"', about)
        part = {"start": 1.0, "middle": 0.5, "end": 0.0}[side[1] if side else "start"]
        ends.append(float(x) + part * text_width(text, SMALL))
    assert max(ends) <= WIDTH


def test_three_fields_are_no_heat_map(swept):
    table, _coverage = swept
    twice = pd.concat([table.assign(gap=0.1), table.assign(gap=0.2)])
    assert not grid_heat(twice).drawn


def test_the_clusters_of_a_sweep_are_a_heat_map(swept, case):
    """Bakers have half of their units with each budget, coffee 0, 1 and 2%."""
    table, coverage = swept
    figure = cluster_heat(table, coverage, case)
    assert figure.title == "No floor: Coffee roasters gains most of a larger budget, 2 points"
    assert "Bakers: 50%, 50%, 50%; Coffee roasters: 0%, 1%, 2%" in figure.alt
    fair = cluster_heat(table, coverage, case, value=0.2)
    assert not fair.drawn  # one budget alone has a plan


def test_points_have_short_names(swept):
    points = {
        "a budget=1 floor=0.0 equity=0.5": {"budget": 1_500_000_000, "floor": 0.0, "equity": 0.5},
        "a budget=2 floor=0.3 equity=0.5": {"budget": None, "floor": 0.3, "equity": 0.5},
    }
    assert list(point_names(points).values()) == [
        "Rp1.5 billion · min. 0% · equity = 50%", "all funds · min. 30% · equity = 50%",
    ]  # fmt: skip
    alike = {"a": {"budget": 1_000_000}, "b": {"budget": 1_000_000}}
    assert point_names(alike) == {"a": "a", "b": "b"}


def test_the_base_is_the_point_nearest_to_the_scenario_of_the_sweep():
    """The scenario has 75 million and a floor of 20%: of the grid, 80 million is next."""
    points = {
        f"{budget} {floor}": {"budget": budget, "floor": floor}
        for budget in BUDGETS
        for floor in (0.0, 0.2)
    }
    assert nearest_point(points, {"budget": None, "floor": 0.2}, 75_000_000) == "80000000 0.2"
    assert nearest_point(points, {"budget": 1, "floor": 0.0}, 41_000_000) == "40000000 0.0"
    assert nearest_point({}, {}, 1) is None


@pytest.mark.parametrize("code", ["en", "id"])
def test_it_states_what_to_see(swept, case, code):
    table, coverage = swept
    with language(code):
        for figure in (
            charts.reached_chart(table),
            charts.cluster_chart(table, coverage, case),
            charts.district_curves(table, coverage, case),
            grid_heat(table),
            cluster_heat(table, coverage, case),
        ):
            assert figure.alt.startswith(figure.title) and len(figure.alt) > len(figure.title) + 40
            assert figure.caption and texts_of(figure)


def test_one_budget_is_no_curve(swept, case):
    table, coverage = swept
    table, coverage = (t[t["budget"] == BUDGETS[0]] for t in (table, coverage))
    assert not charts.reached_chart(table).drawn
    assert not charts.cluster_chart(table, coverage, case).drawn


def test_a_sweep_without_floors_has_one_line(swept, case):
    table, coverage = (t[t["floor"] == 0].drop(columns="floor") for t in swept)
    (line,) = charts.lines_of(table, "floor")
    assert line.label == "This scenario" and not line.impossible
    assert "Floor" not in charts.sweep_table(table).frame
    charts.cluster_chart(table, coverage, case)


def test_the_table_states_where_there_is_no_plan(swept):
    table, _coverage = swept
    shown = charts.sweep_table(table)
    assert list(shown.frame["Plan"]).count("no plan") == 2
    assert "–" in shown.shown()["Expected to be reached"].tolist()
