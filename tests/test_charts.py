"""Every figure states what to see, in words too, whatever the plan; and the same each time."""

from __future__ import annotations

import re
import subprocess
import sys
from html import unescape
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from pages import texts_of

from ikmplan import charts, load, solve, text
from ikmplan.input.case import Case
from ikmplan.plan.derive import make_plan
from ikmplan.plan.plan import Decisions, Plan, Proof
from ikmplan.show.chart import (
    Chart,
    Scale,
    ValueAxis,
    number_axis,
    plane,
    rows,
    share_axis,
    show_share,
    ticks,
)
from ikmplan.show.drawing import WIDTH, Drawing, Fill, Mark, text_width, wrap_text
from ikmplan.show.heat import Tint, heat_map

CHARTS = (
    charts.coverage,
    charts.coached,
    charts.districts,
    charts.money,
    charts.quarters,
    charts.machines,
    charts.limits,
)
every_chart = pytest.mark.parametrize("chart", CHARTS, ids=lambda f: f.__name__)


@pytest.fixture(scope="module")
def case() -> Case:
    return load("data/toy", language="en", gap=0, floors={"coffee": 0.2})


@pytest.fixture(scope="module")
def plan(case) -> Plan:
    return solve(case)


@pytest.fixture(scope="module")
def nothing() -> tuple[Plan, Case]:
    case = load("data/toy", language="en", budget=0)
    proof = Proof("proven", 0, 0, 0, 0, "none", case.fingerprint)
    return make_plan(case, Decisions({}, {}, {}, {}), proof), case


def words(figure: Chart) -> set[str]:
    """Every text of the figure with a letter in it."""
    return {text for text in texts_of(figure) if any(letter.isalpha() for letter in text)}


@every_chart
def test_it_states_what_to_see(chart, plan, case):
    figure = chart(plan, case)
    assert figure.title and figure.caption
    assert figure.alt.startswith(figure.title) and len(figure.alt) > len(figure.title) + 20
    html = figure.html()
    assert html.count("<figure") == html.count("<figcaption") == html.count("<svg") == 1
    (label,) = re.findall(r'<svg[^>]* role="img" aria-label="([^"]*)"', html)
    assert unescape(label) == figure.alt
    assert "<img" not in html and "base64" not in html


@every_chart
def test_its_picture_is_a_file_of_its_own_with_texts_inside_its_edges(chart, plan, case):
    """Each text ends inside the picture, in a typeface as wide as the one it is measured in."""
    figure = chart(plan, case)
    picture = ElementTree.fromstring(figure.svg())
    _x, _y, width, height = map(float, picture.attrib["viewBox"].split())
    assert width == WIDTH
    name = "{http://www.w3.org/2000/svg}"
    for part in picture.iter(f"{name}text"):
        size = float(part.get("font-size", 13))
        wide = text_width(part.text or "", size, part.get("font-weight") == "bold")
        left = {"start": 0.0, "middle": 0.5, "end": 1.0}[part.get("text-anchor", "start")]
        x = float(part.attrib["x"]) - left * wide
        assert x >= -1 and x + wide <= width + 1, part.text
        assert size / 2 <= float(part.attrib["y"]) <= height, part.text
    for part in picture.iter(f"{name}rect"):
        if "x" in part.attrib:
            assert float(part.attrib["x"]) + float(part.attrib["width"]) <= width


@every_chart
def test_it_is_the_same_each_time(chart, plan, case):
    assert chart(plan, case).svg() == chart(plan, case).svg()


@every_chart
def test_an_empty_plan_has_a_figure_too(chart, nothing):
    figure = chart(*nothing)
    assert figure.title and figure.alt
    assert figure.title in unescape(figure.html())


@every_chart
def test_the_texts_are_in_indonesian(chart, plan, case):
    names = [case.name(key) for key in ("bakers", "coffee", "trainers", "roaster", "purse")]
    english = chart(plan, case)
    with text.language("id"):
        indonesian = chart(plan, case)
    assert indonesian.caption != english.caption
    assert indonesian.title != english.title
    same = {t.replace("\n", " ") for t in words(indonesian) & words(english)}
    districts = {cluster.district for cluster in case.clusters.values()}
    assert same <= {*names, *districts, "Rupiah", "Rp0"}


def test_the_worst_off_cluster_is_named(plan, case):
    assert charts.coverage(plan, case).title.startswith("Coffee roasters is worst off: 32%")


def test_a_budget_below_the_funds_is_not_called_unspent(plan, case):
    """80 of the purse's 100 million may be spent, and are."""
    assert "goes to training; Rp0 of the funds is not spent" in charts.money(plan, case).title
    less = load("data/toy", language="en", funds={"purse": 100_000_000}, budget=80_000_000)
    assert charts.money(plan, less).title.startswith("Of the budget of Rp80 million, Rp80 million")


def test_every_part_of_a_fund_has_its_number(plan, case):
    """50 million for training and 30 for the machine; narrow ones have it beside the bar."""
    assert {"Rp50 million", "Rp30 million"} <= words(charts.money(plan, case))
    wide = load("data/toy", language="en", funds={"purse": 2_000_000_000})
    assert {"Rp50 million", "Rp30 million"} <= words(charts.money(plan, wide))


def test_the_programme_and_the_floor_stand_beside_the_plan(plan, case, nothing):
    figure = charts.coverage(plan, case, nothing[0])
    assert {"This plan", "Floor asked for", "Announced programme, estimated"} <= words(figure)
    assert "in 2 of 2 clusters" in figure.alt


@pytest.mark.slow
def test_charts_need_no_library_that_draws():
    """They are the largest part of a notebook where they load one: 0.5 s of CPU at the start."""
    code = "import sys, ikmplan.charts, ikmplan.compare_charts; print('matplotlib' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_names_of_tables_are_no_html():
    drawing = Drawing('<a "b">')
    drawing.text(0, 10, "<script>&")
    assert "<script>" not in drawing.svg() and 'aria-label="&lt;a &#34;b&#34;&gt;"' in drawing.svg()


def test_two_pictures_of_one_page_share_no_pattern():
    """The second would lose its hatches where the first is not shown."""
    made = []
    for alt in ("one", "two"):
        drawing = Drawing(alt)
        drawing.rect(0, 0, 9, 9, Fill("#FFFFFF", "#000000", "/"))
        made += re.findall(r'<pattern id="([^"]+)"', drawing.svg())
    assert len(set(made)) == 2


# --- axes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("high", [0.004, 0.07, 0.19, 0.31, 0.62, 1.0])
def test_the_share_written_at_a_tick_is_that_of_the_tick(high):
    """12 % at 12.5 would mislead, and so would the same number twice."""
    with text.language("en"):
        at = share_axis("", high).at
        shown = [show_share(share) for share in at]
    assert len(at) >= 3 and len(set(shown)) == len(shown)
    for share, label in zip(at, shown, strict=True):
        assert float(label.rstrip("%")) == pytest.approx(100 * share, abs=0.05)


def test_ticks_are_round_numbers_within_the_axis():
    """0 to 384: at most 7 steps are steps of 100; 263 to 471 with at most 6: steps of 50."""
    assert ticks(0, 384, 7) == [0, 100, 200, 300]
    assert ticks(263, 471, 6) == [300, 350, 400, 450]
    assert ticks(0, 3, 7, least=1) == [0, 1, 2, 3]
    assert ticks(0, 0.45, 8) == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
    assert ticks(0.3, 0.30005, 8, least=0.001) == [0.3]


def test_an_axis_of_zeros_has_a_height():
    """Plans that all reach nothing: a point at 0 stands at the start of the axis."""
    for axis in (share_axis("", 0.0), number_axis("", 0.0, str)):
        assert Scale(axis.low, axis.high, 100, 300)(0) == 100


def test_a_scale_goes_from_values_to_pixels():
    """From 10 at 100 to 20 at 300: 15 is in the middle, 200."""
    assert Scale(10, 20, 100, 300)(15) == 200


def test_a_long_name_takes_more_lines_and_its_row_more_room():
    chart = Chart("A title")
    axis = ValueAxis("Units", 0, 10, (0, 5, 10), str)
    at = rows(chart, ["short", "a name of many words " * 6, "short"], axis)
    first, second = at.middles[1] - at.middles[0], at.middles[2] - at.middles[1]
    assert first > 24 and second > 24
    assert at.x.start < 0.45 * WIDTH
    assert all(text_width(line) <= 100 for line in wrap_text("some words of a name", 100))


def test_points_stand_on_their_values():
    """A plane 200 high: the value in the middle of both axes is in the middle of the field."""
    chart = Chart("A title")
    at = plane(chart, ValueAxis("x", 0, 4, (0, 4), str), ValueAxis("y", 0, 2, (0, 2), str), 200)
    chart.mark(at.x(2), at.y(1), Mark("o", Fill("#000000")))
    (x, y) = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', chart.svg())[0]
    assert float(x) == pytest.approx((at.x.start + at.x.end) / 2, abs=0.1)
    assert at.y.start - float(y) == pytest.approx(100, abs=0.1)


@pytest.mark.parametrize("columns", [2, 6, 15, 60])
def test_a_heat_map_names_its_columns_where_none_hides_another(columns):
    """However many: turned, then every second, third, ... name; too narrow cells are colours."""
    chart = Chart("A title")
    names = [f"column number {n}" for n in range(columns)]
    heat_map(chart, ["row"], names, [[Tint("123.4", 0.5)] * columns])
    shown = re.findall(r'<text x="([\d.]+)"[^>]*>([^<]*column[^<]*)<', chart.svg())
    places = [float(x) for x, _name in shown]
    apart = [b - a for a, b in pairwise(places)]
    assert min(apart) >= (14 if columns > 6 else WIDTH / (columns + 3))
    assert chart.svg().count("<rect") == columns
    assert ("123.4" in chart.svg()) == (columns <= 15)
