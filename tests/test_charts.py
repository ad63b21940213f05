"""Every figure says what to see, in words too, whatever the plan; and the same each time."""

from __future__ import annotations

from importlib import import_module
from io import BytesIO

import matplotlib
import pytest

from ikmplan import charts, load, solve, text
from ikmplan.input.case import Case
from ikmplan.plan.derive import make_plan
from ikmplan.plan.plan import Decisions, Plan, Proof
from ikmplan.show.chart import Chart, labels, new_chart, show_shares

MODULES = ("report.charts", "insight.charts", "compare.charts", "compare.sweep_charts")
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


def words(figure: charts.Chart) -> set[str]:
    """Every text of the figure with a letter in it."""
    from matplotlib.text import Text

    message = {t.get_text() for t in figure.findobj(Text)}  # type: ignore[arg-type]
    return {text for text in message if any(letter.isalpha() for letter in text)}


@every_chart
def test_it_says_what_to_see(chart, plan, case):
    figure = chart(plan, case)
    assert figure.title and figure.caption
    assert figure.alt.startswith(figure.title) and len(figure.alt) > len(figure.title) + 20
    assert figure.png()[:4] == b"\x89PNG"
    html = figure.html()
    assert html.count("<figure") == html.count("<figcaption") == 1
    assert '<img alt="' in html and 'alt=""' not in html


@every_chart
def test_both_axes_say_their_unit_or_their_names(chart, plan, case):
    for axes in chart(plan, case).axes:
        if axes.axison:
            assert axes.get_xlabel() or axes.get_ylabel()


@every_chart
def test_it_is_the_same_each_time(chart, plan, case):
    assert chart(plan, case).png() == chart(plan, case).png()


@every_chart
def test_an_empty_plan_has_a_figure_too(chart, nothing):
    figure = chart(*nothing)
    assert figure.title and figure.alt
    assert figure.png()
    assert figure.title in figure.html()


@every_chart
def test_indonesian_speaks_indonesian(chart, plan, case):
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


def test_nothing_global_is_touched(plan, case):
    import sys

    import matplotlib

    before = dict(matplotlib.rcParams)
    for chart in CHARTS:
        chart(plan, case).png()
    assert dict(matplotlib.rcParams) == before
    assert (
        "matplotlib.pyplot" not in sys.modules
        or not __import__("matplotlib.pyplot").pyplot.get_fignums()
    )


STYLES: dict[str, dict[str, object]] = {
    "other": {
        "figure.facecolor": "black", "axes.facecolor": "black", "savefig.facecolor": "black",
        "text.color": "white", "xtick.color": "white", "axes.labelcolor": "white",
        "font.size": 16, "font.family": "serif", "hatch.color": "red", "savefig.dpi": 300,
        "savefig.bbox": "tight", "axes.grid": True, "axes.spines.left": False,
        "axes.formatter.use_locale": True, "lines.linewidth": 9, "patch.linewidth": 9,
    },
    "latex": {"text.usetex": True},
}  # fmt: skip


@every_chart
@pytest.mark.parametrize("style", STYLES)
def test_the_users_style_changes_no_chart(chart, style, plan, case):
    """A matplotlibrc or `plt.style.use` sets these values; LaTeX need not be installed."""
    plain = chart(plan, case).png()
    with matplotlib.rc_context(STYLES[style]):
        assert chart(plan, case).png() == plain
        ours = saved(chart(plan, case))
    assert ours == saved(chart(plan, case))


def saved(figure: Chart) -> bytes:
    """The picture as `savefig` writes it, with all its colours."""
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=150, metadata={"Software": None})
    return buffer.getvalue()


def test_every_function_that_makes_a_chart_draws_in_our_style():
    made = [
        function
        for module in MODULES
        for name, function in vars(import_module(f"ikmplan.{module}")).items()
        if "_chart" in name and name != "new_chart"
    ]
    assert len(made) >= 11
    for function in made:
        assert hasattr(function, "__wrapped__"), function


def test_a_dollar_in_a_name_is_no_mathematics(plan, case):
    assert labels(["a $b$ c"]) == [r"a \$b\$ c"]


@pytest.mark.parametrize("high", [0.004, 0.07, 0.19, 0.31, 0.62, 1.0])
def test_the_share_written_at_a_tick_is_that_of_the_tick(high):
    """12 % at 12.5 would mislead, and so would the same number twice."""
    figure = new_chart(3, "", "A title", "")
    axes = figure.add_subplot()
    axes.plot([0.0, high], [0, 1])
    show_shares(axes.xaxis)
    figure.png()
    for tick, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True):
        assert float(label.get_text().rstrip("%").replace("−", "-")) == pytest.approx(100 * tick)
