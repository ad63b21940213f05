"""Tables for readers: names, units and sums on a case solved by hand, in two languages."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from ikmplan import load, solve, text, views
from ikmplan.case import Case, Package, find
from ikmplan.plan import Decisions, Plan, Proof, make_plan

TOY = "data/toy"
OF_PLAN = (
    views.summary,
    views.coverage,
    views.classes,
    views.machines,
    views.invitations,
    views.drawn_at_random,
    views.money_by_fund,
    views.costs,
    views.limits,
    views.certificate,
)
OF_CASE = (
    views.asked,
    views.assumptions,
    views.sources,
    views.clusters,
    views.courses,
    views.equipment,
    views.existing,
    views.resources,
    views.funds,
    views.suits,
    views.announced,
)


@pytest.fixture(scope="module")
def case() -> Case:
    return load(TOY, language="en", gap=0)


@pytest.fixture(scope="module")
def plan(case) -> Plan:
    return solve(case)


def made(case: Case, decisions: Decisions) -> Plan:
    return make_plan(case, decisions, Proof("proven", 0, 0, 0, 0, "none", case.fingerprint))


@pytest.fixture(scope="module")
def nothing(case) -> Plan:
    return made(case, Decisions({}, {}, {}, {}))


class Reader(HTMLParser):
    """What a screen reader finds: captions, headings by scope, and unclosed tags."""

    def __init__(self, html: str):
        super().__init__()
        self.open: list[str] = []
        self.captions = 0
        self.scopes: list[str | None] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.captions += tag == "caption"
        if tag == "th":
            self.scopes.append(dict(attrs).get("scope"))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("view", [*OF_PLAN, *OF_CASE, views.rules], ids=lambda f: f.__name__)
@pytest.mark.parametrize("which", ["plan", "nothing"])
def test_every_table_can_be_read_aloud(view, which, case, request):
    plan = request.getfixturevalue(which)
    made = view(plan, case) if view in OF_PLAN else view(case) if view in OF_CASE else view()
    found = Reader(made.html())
    assert not found.open
    assert found.captions == 1
    assert found.scopes.count("col") == len(made.columns)
    assert found.scopes.count("row") == len(made)
    assert list(made.frame.columns) == list(made.shown().columns)
    assert len(made.frame) == len(made.shown()) == len(made)


def test_the_figures_are_those_of_the_hand(plan, case):
    """10 bakers and 3.4 coffee roasters, for 40 + 40 million."""
    frame = views.summary(plan, case).frame.set_index("Figure")["Plan"]
    assert frame["IKM units expected to be reached"] == pytest.approx(13.4)
    assert frame["money used"] == 80_000_000
    assert frame["money left"] == 0
    assert frame["units reached for each Rp100 million"] == pytest.approx(13.4 / 0.8)


def test_numbers_stay_numbers_and_texts_are_of_the_language(plan, case):
    made = views.money_by_fund(plan, case)
    assert made.frame["Training"].tolist() == [50_000_000, 50_000_000]
    assert made.shown()["Training"].tolist() == ["Rp50,000,000"] * 2
    with text.language("id"):
        assert views.money_by_fund(plan, case).shown().iloc[0, 1] == "Rp80.000.000"


def test_the_headline_says_reach_cost_limit_and_proof(plan, case):
    said = views.headline(plan, case)
    for part in ("13.4 of 30", "45%", "Rp80 million", "Coffee roasters", "the budget", "proven"):
        assert part in said


def test_the_headline_says_where_the_programme_reaches_more(plan, case):
    programme = made(
        case,
        Decisions(
            {("roasting", "coffee", 1): 1},
            {("roasting", "coffee"): 10},
            {("roaster", "coffee"): 2},
            {("coffee", Package(("roasting",), ("roaster",))): 10},
        ),
    )
    said = views.headline(plan, case, programme)
    assert "The plan reaches fewer than announced in Coffee roasters." in said
    assert "expected to reach 6.4 units for Rp73 million" in said


def test_a_plan_that_was_stopped_is_not_called_proven(plan, case):
    proof = Proof("feasible", 13.4, 15.0, 0.107, 0.0, "HiGHS", case.fingerprint)
    said = views.headline(Plan(plan.scenario, proof, plan.tables), case)
    assert "proven" not in said
    assert "10.70%" in said


def test_drawing_at_random_reaches_fewer(plan, case):
    """Coffee: 10 units, 5 with the machine (0.6), 4 with the course (0.1):
    10 · (1 − (1 − 0.6 · 5/10) · (1 − 0.1 · 4/10)) = 10 · (1 − 0.7 · 0.96) = 3.28."""
    drawn = views.expected_at_random(plan, case)
    assert drawn["coffee"] == pytest.approx(3.28)
    assert drawn["bakers"] == pytest.approx(10)
    lost = views.drawn_at_random(plan, case).frame["Lost without the list"]
    assert lost.iloc[-1] == pytest.approx(0.12)


def test_the_invitation_list_adds_up(plan, case):
    frame = views.invitations(plan, case).frame
    assert frame["Units to invite"].tolist() == [20, 5, 4, 29]
    assert frame["Expected to be reached"].iloc[-1] == pytest.approx(plan.reached)


def test_a_budget_of_zero_binds():
    case = load(TOY, language="en", budget=0)
    limits = views.limits(made(case, Decisions({}, {}, {}, {})), case).frame
    assert "Budget" in limits["Limit"].tolist()


def test_the_scenario_shows_what_was_changed():
    case = load(TOY, floors={"coffee": 0.3}, locks=["roaster >= 1"], price_factor=1.1)
    shown = views.asked(case).shown().set_index("Parameter")["Value"]
    assert shown["budget"] == "Rp80,000,000"
    assert shown["floors"] == "coffee: 30.0%"
    assert shown["locks"] == "roaster >= 1"
    assert shown["price_factor"] == "1.1"
    assert "equity" not in shown


def test_names_cannot_break_out_of_the_page(case):
    hostile = views.View("<b>", (views.Column("<i>", ["<script>"]),)).html()
    assert "<script>" not in hostile and "<b>" not in hostile and "<i>" not in hostile


def test_formulas_are_typeset():
    assert views.typeset("Σ_{c,k} units[c,k] ≤ Σ_q x_max[q] & 1") == (
        "Σ<sub>c,k</sub> <i>units</i><sub>c,k</sub> ≤ "
        "Σ<sub>q</sub> <i>x_max</i><sub>q</sub> &amp; 1"
    )


def test_the_rules_are_printed_as_they_are_written():
    from ikmplan.rules import RULES

    frame = views.rules().frame
    assert frame["Formula"].tolist() == [rule.formula for rule in RULES]
    assert views.objective().sentence == views.OBJECTIVE
    assert "max" in views.objective()
    assert "<sub>" in views.objective()._repr_html_()


def test_every_table_of_a_case_and_every_limit_has_words(plan):
    from ikmplan.plan import COLUMNS
    from ikmplan.tables import ROWS

    assert set(views.TABLES) == set(ROWS) - {"sources"}
    assert set(views.LIMITS) == set(views.LIMIT_UNITS)
    assert set(plan.limits["rule"]) <= {*views.LIMITS, "hours_within_machines"}
    assert "limits" in COLUMNS
    assert find(TOY).exists()
