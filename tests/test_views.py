"""Tables for readers: names, units and sums on a case solved by hand, in two languages."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from math import nan

import pytest
from insights import make_insight
from small_cases import cluster, course, fund, machine, machine_suit, small_case, suit

from ikmplan import load, solve, text, views
from ikmplan.files import find
from ikmplan.input.case import Case, Package
from ikmplan.input.rows import Announced
from ikmplan.plan.audit import CHECKS
from ikmplan.plan.derive import make_plan
from ikmplan.plan.plan import Decisions, Plan, Proof
from ikmplan.report.estimates import TABLES
from ikmplan.report.limits import LIMIT_NAMES, LIMIT_UNITS
from ikmplan.report.method import LEAST_COST, OBJECTIVE, typeset
from ikmplan.report.plan_tables import expected_at_random
from ikmplan.show.table import Column, View

TOY = "data/toy"
OF_PLAN = (
    views.summary,
    views.units,
    views.coverage,
    views.districts,
    views.classes,
    views.machines,
    views.invitations,
    views.drawn_at_random,
    views.money_by_fund,
    views.costs,
    views.split_lines,
    views.cash_plan,
    views.indicators,
    views.compliance,
    views.price_checks,
    views.limits,
    views.estimates,
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
    if len(made):
        assert found.captions == 1
        assert found.scopes.count("col") == len(made.columns) - made.grouped
        assert found.scopes.count("row") == len(made)
    elif made.empty is None:  # the case has nothing of the kind
        assert made.html() == ""
    else:  # a line states that there is nothing
        assert made.caption in made.html() and not found.captions
    assert list(made.frame.columns) == list(made.shown().columns)
    assert len(made.frame) == len(made.shown()) == len(made)


def test_the_figures_are_those_of_the_hand(plan, case):
    """10 bakers and 3.4 coffee roasters, for 40 + 40 million."""
    frame = views.summary(plan, case).frame.set_index("Figure")["Plan"]
    assert frame["IKM units expected to be reached"] == pytest.approx(13.16)
    assert frame["Money used"] == 80_000_000
    assert frame["Money left"] == 0
    assert frame["Units reached for each Rp100 million, on average"] == pytest.approx(13.16 / 0.8)


def test_numbers_stay_numbers_and_texts_are_of_the_language(plan, case):
    made = views.money_by_fund(plan, case)
    assert made.frame["Training"].tolist() == [50_000_000, 50_000_000]
    assert made.shown()["Training"].tolist() == ["Rp50,000,000"] * 2
    with text.language("id"):
        assert views.money_by_fund(plan, case).shown().iloc[0, 1] == "Rp80.000.000"


def test_the_headline_states_reach_cost_limit_and_proof(plan, case):
    message = views.headline(plan, case)
    for part in ("13.2 of 30", "44%", "Rp80 million", "Coffee roasters", "the budget", "proven"):
        assert part in message


@pytest.fixture(scope="module")
def programme(case) -> Plan:
    """Two roasters and all ten of the coffee cluster in their class: 6.4 units for 73 million."""
    return made(
        case,
        Decisions(
            {("roasting", "coffee", 1): 1},
            {("roasting", "coffee"): 10},
            {("roaster", "coffee"): 2},
            {("coffee", Package(("roasting",), ("roaster",))): 10},
        ),
    )


def test_the_headline_compares_at_the_same_money(plan, case, programme):
    """What was announced stands in the tables: a class, 10 seats, 2 machines. What this model
    makes of it is called so; and the paragraph leads with the same money, not with more."""
    case = announcing(case)
    text = views.headline(plan, case, programme)
    assert text.startswith(
        "Announced were 1 class, 10 seats, 2 machines. This model expects them to reach 6.4 "
        "units and to cost Rp73 million."
    )
    assert "same money" not in text
    for highest, demands in ((nan, "the same demands"), (0.1, "floors of 10% at most")):
        row = ("same_money", 12.9, 29, 0.1, 70_000_000, 2, 1, True, highest, 0.0)
        text = views.headline(plan, case, programme, make_insight(baselines=[row]))
        same, own = text.index("For the same money and with"), text.index("The plan is expected")
        assert same < own
        assert demands in text[same:own] and "expected to reach 12.9." in text[same:own]


def test_the_headline_begins_at_doing_nothing(plan, case, nothing, programme):
    """6.4 of 13.16 at the machines there already leave 6.76, shown as 6.8; zero is not said."""
    assert "need no money" not in views.headline(plan, case, nothing=nothing)
    text = views.headline(plan, case, nothing=programme)
    assert "Of these, 6.4 need no money" in text and "the plan adds 6.8." in text


def test_the_headline_can_be_read_aloud(plan, case, programme):
    row = ("same_money", 12.9, 29, 0.1, 70_000_000, 2, 1, True, 0.1, 0.0)
    insight = make_insight(
        baselines=[row], steps=[("money", "purse", 1e8, 3.0, 3.0, 3.0, 13.4, 13.4, 13.4)]
    )
    text = views.headline(plan, announcing(case), programme, insight, programme)
    assert "The next Rp100 million would bring 3.0 units more." in text
    assert len(text.split()) < 170


def announcing(case: Case) -> Case:
    """The case with an announced programme: a class of 10 seats and two machines."""
    rows = [
        Announced(item="roasting", cluster="coffee", quarter=1, count=1, seats=10, source="x"),
        Announced(item="roaster", cluster="coffee", quarter=1, count=2, seats=None, source="x"),
    ]
    sources = (*case.tables.sources, case.tables.sources[0].model_copy(update={"source": "x"}))
    return Case(replace(case.tables, announced=tuple(rows), sources=sources), case.scenario)


def test_a_plan_that_was_stopped_is_not_called_proven(plan, case):
    proof = Proof("feasible", 13.4, 15.0, 0.107, 0.0, "HiGHS", case.fingerprint)
    stopped = Plan(plan.scenario, proof, plan.tables)
    message = views.headline(stopped, case)
    assert "proven" not in message
    assert "10.70%" in message


@pytest.mark.parametrize("more", [0, 1e-12, 0.004, 0.04, 0.06, 0.3, 2])
@pytest.mark.parametrize("status", ["proven", "feasible"])
def test_no_text_beats_its_own_proof(plan, case, status, more):
    """Headline and certificate: value ≤ bound as printed; proven only where it was proven."""
    value = plan.proof.value
    gap = more / (value + more)
    proof = replace(plan.proof, status=status, bound=value + more, gap=gap)
    shown = Plan(plan.scenario, proof, plan.tables)
    text = str(views.headline(shown, case))
    reached = float(re.search(r"expected to reach ([\d.]+) of", text)[1])
    most = re.search(r"reaches more than ([\d.]+) units", text)
    assert bool(most) == ("proven" in text) == (status == "proven")
    assert most is None or reached <= float(most[1])
    rows = dict(views.certificate(shown, case).shown().iloc[:, :2].itertuples(index=False))
    assert float(rows["Value of the plan"]) <= float(rows["No plan can exceed"])
    assert float(rows["Gap"].strip("%")) / 100 >= gap - 1e-9


@pytest.mark.parametrize("scenario", [{"equity": 0.5}, {"equity": 0.9}])
def test_a_bound_of_another_unit_stands_beside_no_units(scenario):
    weighed = load(TOY, language="en", gap=0, **scenario)
    text = str(views.headline(solve(weighed), weighed))
    assert "is proven within" in text and "reaches more than" not in text


def test_the_notes_say_what_the_paragraph_leaves_out(plan, case, programme):
    (first,) = views.notes(plan, case, programme)
    assert first == (
        "The plan reaches at least half a unit fewer than the announced programme is expected to "
        "in Coffee roasters."
    )
    assert views.notes(programme, case) == ()
    for budget, message in ((10**9, "is more than the funds hold"), (50_000_000, "is not touched")):
        (note,) = views.notes(programme, load(TOY, budget=budget))
        assert message in note


def test_tiles_are_terms_and_figures(plan, case, programme):
    tiles = views.tiles(plan, case, programme)
    assert [tile.value for tile in tiles] == ["13.2", "25", "32%", "2", "1", "Rp80 million"]
    names = ["Announced, estimated"] * 3 + ["Announced"] * 2 + ["Announced, estimated"]
    assert [tile.others[0][0] for tile in tiles] == names
    assert [tile.others[0][1] for tile in tiles] == ["6.4", "10", "0%", "1", "2", "Rp73 million"]
    (zero, _announced) = views.tiles(plan, case, programme, programme)[0].others
    assert zero == ("Nothing", "6.4")
    html = tiles._repr_html_()
    assert html.count("<dt style=") == 6 and not Reader(html).open
    assert "Announced" not in views.tiles(plan, case)._repr_html_()


def test_the_districts_add_up_to_the_clusters():
    """Two clusters in one district, one in another: 6 + 4 and 5 units, none of pupils."""
    case = small_case(
        clusters=[
            cluster("a", 6, district="north"),
            cluster("b", 4, district="north"),
            cluster("c", 5, district="south"),
            cluster("pupils", 9, district="south", kind="candidate", weight=0),
        ],
        courses=[course("wax", 2, 9, scope="city")],
        course_suits=[suit("wax", key) for key in ("a", "b", "c")],
    )
    plan = solve(case)
    frame = views.districts(plan, case, plan).frame
    assert frame["District"].tolist() == ["north", "south", "All IKM units"]
    assert frame["Units"].tolist() == [10, 5, 15]
    assert frame["Expected to be reached"].tolist() == pytest.approx([5.0, 2.5, 7.5])
    assert frame["Reached as announced, estimated"].tolist() == pytest.approx([5.0, 2.5, 7.5])


def test_drawing_at_random_reaches_fewer(plan, case):
    """Coffee: 5 of 10 units use the machine (0.6), 4 of them take its course as well (0.64):
    1 · 0.6 + 4 · 0.64 = 3.16, as by the list, for only users are drawn for the course."""
    drawn = expected_at_random(plan, case)
    assert drawn["coffee"] == pytest.approx(3.16)
    assert drawn["bakers"] == pytest.approx(10)
    lost = views.drawn_at_random(plan, case).frame["Lost without the list"]
    assert lost.iloc[-1] == pytest.approx(0)


def test_the_invitation_list_adds_up(plan, case):
    frame = views.invitations(plan, case).frame
    assert frame["Units to invite"].tolist() == [20, 4, 1, 25]
    assert frame["Expected to be reached"].iloc[-1] == pytest.approx(plan.reached)


def test_the_invitation_list_has_subtotals(plan, case):
    """4 with machine and class and 1 with the machine are 5 of the coffee cluster."""
    html = views.invitations(plan, case).html()
    groups = re.findall(r'<th scope="rowgroup"[^>]*>([^<]+)</th><td[^>]*>([^<]+)<', html)
    assert groups == [("Bakers", "20"), ("Coffee roasters", "5")]
    assert html.count("<tbody>") == 3


def test_people_who_are_no_ikm_stand_below_the_total():
    case = small_case(
        clusters=[cluster("pupils", 10, kind="candidate", weight=0), cluster("batik", 20)],
        courses=[course("wax", 10, 20)],
        course_suits=[suit("wax", "batik"), suit("wax", "pupils")],
    )
    shown = views.coverage(made(case, Decisions({}, {}, {}, {})), case)
    assert shown.shown()["Cluster"].tolist() == [
        "Batik", "All IKM units", "Pupils (not yet IKM, not counted)"
    ]  # fmt: skip
    rows = re.findall(r"<tr.*?</tr>", shown.html())
    assert [("border-top:2px" in row) for row in rows[1:]] == [False, True, False]


def test_a_line_of_two_funds_shows_both():
    """50 million of a machine for 80 come from the first fund, 30 from the second."""
    case = small_case(
        clusters=[cluster("bread", 4)],
        equipment=[machine("oven", price=80_000_000)],
        equipment_suits=[machine_suit("oven", "bread")],
        funds=[fund("apbd", 50_000_000), fund("dak", 30_000_000)],
    )
    plan = solve(case)
    (row,) = views.split_lines(plan, case).shown().to_numpy().tolist()
    assert row == ["Oven", "Bread", "Rp50,000,000", "Rp30,000,000", "Rp80,000,000"]


def test_the_estimate_that_matters_most_comes_first(plan, case):
    """A tenth less: of the purse, 8 million at 13.16 units for 80 million, is 1.316; of the
    baking class's chance, a tenth of 10 units, is 1; of the bakers, who all come, 2 of 20 units
    with 10 reached, is 1. The roasters' machine: a tenth of 0.6 for the unit that uses it alone,
    and of 0.6 · 0.9 for the four that take its course as well: 0.06 + 0.216."""
    frame = views.estimates(plan, case).frame
    lost = dict(zip(zip(frame.iloc[:, 0], frame.iloc[:, 1], strict=True), frame.iloc[:, 3],
                    strict=True))  # fmt: skip
    assert list(lost.values()) == sorted(lost.values(), reverse=True)
    assert lost["The office's purse", "amount"] == pytest.approx(1.316)
    assert lost["Baking", "chance that it is used"] == pytest.approx(1.0)
    assert lost["Bakers", "number of units"] == pytest.approx(1.0)
    assert lost["Coffee roaster", "chance that it is used"] == pytest.approx(0.276)
    assert lost["Baking", "cost"] == pytest.approx(0.658)


def test_the_certificate_states_what_each_line_means(plan, case):
    shown = views.certificate(plan, case).shown().set_index("What")
    assert shown.loc["Audit", "Value"] == f"All {len(CHECKS)} checks passed"
    assert shown.loc["Outcome", "Value"] == "Proven"
    assert all(len(text) > 15 for text in shown["What it means"])
    spoilt = made(case, Decisions({}, {("baking", "bakers"): 5}, {}, {}))
    assert "breaches" in views.certificate(spoilt, case).shown().set_index("What").loc[
        "Audit", "Value"
    ]  # fmt: skip


def test_limits_bear_their_units(plan, case):
    used = views.limits(plan, case, binding=False).shown().set_index("Limit")["Used"]
    assert used["Stock: Coffee roaster"] == "1 machine"
    assert used["Electric power: Coffee roasters"].endswith(" kVA")
    assert views.limits(plan, case).shown().set_index("Limit")["Used"]["Budget"] == "Rp80,000,000"


def test_a_budget_of_zero_binds():
    case = load(TOY, language="en", budget=0)
    limits = views.limits(made(case, Decisions({}, {}, {}, {})), case).frame
    assert "Budget" in limits["Limit"].tolist()


def test_the_scenario_shows_what_was_changed():
    case = load(TOY, floors={"coffee": 0.3}, locks=["roaster >= 1"], price_factor=1.1)
    shown = views.asked(case).shown().set_index("Parameter")["Value"]
    assert shown["budget"] == "Rp80,000,000"
    assert shown["floors"] == "Coffee roasters: 30.0%"
    assert shown["locks"] == "Coffee roaster, all together: at least 1"
    assert shown["price_factor"] == "1.1"
    assert "equity" not in shown


def test_names_cannot_break_out_of_the_page(case):
    hostile = View("<b>", (Column("<i>", ["<script>"]),)).html()
    assert "<script>" not in hostile and "<b>" not in hostile and "<i>" not in hostile


def test_formulas_are_typeset():
    assert typeset("Σ_{c,k} units[c,k] ≤ Σ_q x_max[q] & 1") == (
        "Σ<sub>c,k</sub> <i>units</i><sub>c,k</sub> ≤ "
        "Σ<sub>q</sub> <i>x_max</i><sub>q</sub> &amp; 1"
    )


def test_the_rules_are_printed_as_they_are_written():
    from ikmplan.model.rules import RULES

    frame = views.rules().frame
    assert frame["Formula"].tolist() == [rule.formula for rule in RULES]
    assert views.objective().sentence == OBJECTIVE
    assert "max" in views.objective()
    assert views.objective().after == LEAST_COST
    html = views.objective()._repr_html_()
    assert "<sub>" in html and "<code>caution</code>" in html


def test_every_table_of_a_case_and_every_limit_has_words(plan):
    from ikmplan.input.tables import ROWS
    from ikmplan.plan.plan import PLAN_COLUMNS

    assert set(TABLES) == set(ROWS) - {"sources", "ranges"}  # which are about the others
    assert set(LIMIT_NAMES) == {*LIMIT_UNITS, "within_budget", "funds_cover"}
    assert set(plan.limits["rule"]) <= {*LIMIT_NAMES, "hours_within_machines"}
    assert "limits" in PLAN_COLUMNS
    assert find(TOY).exists()
