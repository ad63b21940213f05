"""What readers see is true of any case and status: values, bounds, proofs, tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from math import nan
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from insights import make_insight
from pandas import DataFrame
from small_cases import bakery, cluster, course, one_cluster, small_case, suit
from test_views import announcing

from ikmplan import charts, load, solve, text, views
from ikmplan.baselines import announced, doing_nothing
from ikmplan.input.case import Case
from ikmplan.input.cells import CITY
from ikmplan.input.scenario import read_scenario
from ikmplan.insight import explain
from ikmplan.plan.plan import FEASIBLE, Plan, relative_gap
from ikmplan.report.key_figures import at_floor
from ikmplan.report.limits import binding_limit_names
from ikmplan.show.table import column_difference, one_decimal, percent_one_decimal, two_decimals
from ikmplan.text import percent
from ikmplan.uncertainty.tables import core_cost_words

TOY = {"data": "data/toy", "language": "en", "gap": 0}


class Planned(NamedTuple):
    """A case with its plan, and what it is compared with."""

    case: Case
    plan: Plan
    programme: Plan | None
    nothing: Plan


CASES = {
    "proven": lambda: load(**TOY),
    "loose gap": lambda: load(**TOY | {"gap": 0.2}),
    "stopped": lambda: load(**TOY | {"gap": 0}),
    "one cluster": one_cluster,
    "announced": lambda: announcing(load(**TOY)),
    "zero budget": lambda: load(**TOY | {"budget": 0}),
    "floor": lambda: load(**TOY | {"floor": 0.31}),
    "equity": lambda: load(**TOY | {"equity": 0.5}),
    "max-min": lambda: load(**TOY | {"equity": 1}),
    "weights": lambda: bakery(),
    "facts and candidates": lambda: load("tests/faults/good", language="en", budget=250_000_000),
}


@pytest.fixture(scope="module", params=CASES)
def planned(request) -> Planned:
    case = CASES[request.param]()
    plan = solve(case)
    if request.param == "stopped":
        bound = plan.proof.value * 1.07
        gap = relative_gap(plan.proof.value, bound)
        plan = replace(plan, proof=replace(plan.proof, status=FEASIBLE, bound=bound, gap=gap))
    if request.param == "loose gap":
        bound = plan.proof.value * 1.15
        gap = relative_gap(plan.proof.value, bound)
        plan = replace(plan, proof=replace(plan.proof, bound=bound, gap=gap, asked=0.2))
    return Planned(case, plan, announced(case), doing_nothing(case))


def test_no_sentence_of_proof_without_a_proof(planned):
    """Nor of the best plan where the gap asked for is wide, or of the same plan again."""
    words = [
        views.headline(planned.plan, planned.case, planned.programme, None, planned.nothing),
        views.certainty(planned.plan, planned.case),
        *views.certificate(planned.plan, planned.case).shown().iloc[0],
    ]
    proof = planned.plan.proof
    if proof.status == FEASIBLE:
        assert not re.search("[Pp]roven", " ".join(words).replace("not proven", ""))
        assert "another run may give another plan" in words[1]
    else:
        assert "stopped" not in " ".join(words)
    if proof.gap > 1e-3:
        assert "a plan better" in words[1] or "better plan may exist" in words[1]
    assert "same plan" not in " ".join(words) and "the best that" not in " ".join(words)


def test_no_bound_is_below_its_value_as_printed(planned):
    rows = dict(
        views.certificate(planned.plan, planned.case).shown().iloc[:, :2].itertuples(index=False)
    )
    assert float(rows["Value of the plan"]) <= float(rows["No plan can exceed"])
    gap, asked = (float(rows[name].strip("%")) for name in ("Gap", "Gap asked for"))
    assert gap >= planned.plan.proof.gap * 100 - 1e-9
    assert gap <= asked or planned.plan.proof.status == FEASIBLE
    most = re.search(
        r"reaches more than ([\d.]+) units", views.headline(planned.plan, planned.case)
    )
    assert bool(most) <= planned.case.value_is_units
    assert most is None or float(most[1]) >= float(views.tiles(planned.plan, planned.case)[0].value)


def test_every_number_of_the_headline_is_one_of_a_table(planned):
    """After one rounding: `units_text` of units, `rupiah(short=True)` of money, whole percent."""
    case, plan, programme, nothing = planned
    insight = make_insight()
    words = str(views.headline(plan, case, programme, insight, nothing))
    summary = views.summary(plan, case, programme, nothing).frame
    column = dict(zip(summary["Figure"], summary["Plan"], strict=True))
    reached, cost = column["IKM units expected to be reached"], column["Money used"]
    digits = 0 if reached >= 100 else 1
    assert f"expected to reach {text.number(reached, digits)} of " in words
    assert f"for {text.rupiah(cost, short=True)}." in words
    units = views.units(plan, case, programme, nothing).frame
    counted = dict(zip(units["What"], units["Number"], strict=True))
    assert f"of {text.number(counted['IKM units that may be invited'])} IKM units" in words
    zero = counted["of these, without any money"]
    assert zero == pytest.approx(nothing.reached)
    assert (f"{text.number(zero, 1)} need no money" in words) == (zero > 0)
    facts = views.assumptions(case).frame
    if facts.iloc[-1, 2]:
        assert f"{facts.iloc[-1, 1] + facts.iloc[-1, 2]} rows of the tables" in words
    if programme is not None:
        announced_column = dict(
            zip(summary["Figure"], summary["Announced, estimated"], strict=True)
        )
        theirs = announced_column["IKM units expected to be reached"]
        assert f"expects them to reach {text.number(theirs, 1)} units" in words
        assert f"{counted['seats that were announced']:.0f} seats" in words


def test_the_units_lead_from_one_to_the_next(planned):
    """Tables − earlier years = invited; seated + machine hours only = coached."""
    frame = views.units(planned.plan, planned.case, planned.programme, planned.nothing).frame
    n = dict(zip(frame["What"], frame["Number"], strict=True))
    assert (
        n["IKM units in the tables"] - n["reached in earlier years"]
        == (n["IKM units that may be invited"])
    )
    assert (
        n["of these, with a seat"] + n["of these, with machine hours only"]
        == (n["coached by the plan"])
    )
    assert n["of these, with a seat"] <= n["seats in all classes"]
    assert n["expected to be reached"] <= n["coached by the plan"]


def test_people_who_are_not_ikm_are_named_only_where_some_are_trained(planned):
    frame = views.units(planned.plan, planned.case, planned.programme, planned.nothing).frame
    trained = planned.plan.coverage.loc[~planned.plan.coverage["counts"], "coached"].sum()
    rows = dict(zip(frame["What"], frame["How it is counted"], strict=True))
    counted = trained > 0 or planned.case.counts_entrepreneurs
    assert ("people trained who are not IKM yet" in rows) == counted
    assert ("not IKM yet" in rows["seats in all classes"]) == (trained > 0)


def test_pictures_of_the_coached_state_the_numbers_of_their_table(planned):
    """Not “100%” where one unit of 1,000 gets nothing; and two pictures have two titles."""
    rows = planned.plan.coverage[planned.plan.coverage["counts"]]
    titles = [c(planned.plan, planned.case).title for c in (charts.coached, charts.districts)]
    assert titles[0] != titles[1] or not rows["size"].sum()
    if rows["size"].sum():
        numbers = text.number(int(rows["size"].sum())), text.number(planned.plan.coached)
        for title in titles:
            assert all(re.search(rf"\b{n}\b", title) for n in numbers) and "%" not in title


def as_shown(text: str) -> Decimal:
    return Decimal(re.sub(r"[^-\d.]", "", text.replace("−", "-")))


def differences(view: Any, first: str, second: str, between: str) -> Iterator[tuple[Any, Any]]:
    """Of each row that has all three: what a reader finds who subtracts, and what stands there."""
    for row in view.shown().to_dict("records"):
        texts = row[first], row[second], row[between]
        if all(any(map(str.isdigit, cell)) for cell in texts):
            one, other, found = map(as_shown, texts)
            yield one - other, found


def test_readers_who_subtract_find_the_difference_that_stands_beside(planned):
    case, plan, programme, nothing = planned
    drawn = views.drawn_at_random(plan, case)
    listed = "Reached by the list", "Reached when drawn at random", "Lost without the list"
    tables = [(drawn, *listed)]
    if programme is not None:
        figures = views.summary(plan, case, programme, nothing)
        tables.append((figures, "Plan", "Announced, estimated", "Plan minus announced"))
    for view, *columns in tables:
        pairs = [*differences(view, *columns)]
        assert pairs and all(one == other for one, other in pairs), pairs


def test_rungs_and_fairness_subtract_as_they_are_shown():
    """426.64 − 425.55 is 1.09, but 426.6 and 425.6 stand there; 380.34 − 369.15 is 11.19, and
    380.3 and 369.2 stand there."""
    insight = make_insight(
        ladder=[(1.25, 4e9, 425.55, 426.64, 426.8, 4e9, 1, 1)],
        fairness=[(0.0, 380.34, 380.5, 0.15), (0.31, 369.15, 369.4, 0.31)],
    )
    case = load(**TOY)
    ladder = views.ladder(insight, case)
    columns = "Reached by a plan of its own", "Reached by the nested plan", "Lost by nesting"
    assert [*differences(ladder, *columns)] == [(Decimal("1.0"), Decimal("1.0"))]
    assert list(views.fairness(insight, case).shown()["Given up"]) == ["0.0", "11.1"]
    assert charts.fairness(insight, case).title.endswith("costs 11.1 units")


@given(st.floats(-500, 500), st.floats(-500, 500))
def test_a_difference_is_that_of_what_is_shown(after, before):
    for show in (one_decimal, two_decimals, percent, percent_one_decimal):
        found = as_shown(show(column_difference(after, before, show)))
        assert found == as_shown(show(after)) - as_shown(show(before))


def test_a_heading_means_one_thing_on_a_page(planned):
    """Columns of the same name are shares in every table of the plan, or in none."""
    case, plan, programme, _nothing = planned
    shown = [views.coverage(plan, case, programme), views.districts(plan, case, programme)]
    shares: dict[str, set[bool]] = {}
    for frame in (view.shown() for view in shown):
        for name in frame.columns:
            cells = [cell for cell in frame[name] if any(map(str.isdigit, cell))]
            if cells:
                shares.setdefault(name, set()).add(any("%" in cell for cell in cells))
    assert all(len(kinds) == 1 for kinds in shares.values()), shares


def test_who_only_keeps_its_floor_shows_it_in_the_table(planned):
    """A cluster is at its floor where the table shows both as one number, and nowhere else."""
    frame = views.coverage(planned.plan, planned.case).shown()
    if "Floor" not in frame:
        assert at_floor(planned.plan) == []
        return
    same = frame[(frame["Coverage"] == frame["Floor"]) & frame["Floor"].str.contains("%")]
    rows = planned.plan.coverage
    zero = rows.loc[rows["floor"] == 0, "cluster"].map(planned.case.name)
    names = [planned.case.name(c) for c in at_floor(planned.plan)]
    assert sorted(names) == sorted(n for n in same["Cluster"] if n not in set(zero))


def test_what_brings_nothing_is_no_main_limit():
    """Stock and money are used up; one roaster more was tried and brings nothing."""
    case = load(**TOY | {"exclusions": ["baking"], "funds": {"purse": 43_000_000}})
    plan = solve(case)
    every = binding_limit_names(plan, case)
    tried = make_insight(
        steps=[(kind, key, 1, 0.0, 0.0, 0.4, nan, nan, nan) for kind, key in
               (("stock", "roaster"), ("site", "coffee"), ("days", "trainers"))]
    )  # fmt: skip
    left = binding_limit_names(plan, case, tried)
    assert left and set(left) <= set(every)
    assert not [name for name in left if "roaster" in name or "Coffee" in name]


def test_what_something_costs_is_no_negative_number():
    """One step less that takes 4.8 units costs 4.8, not −4.8."""
    case, made = load(**TOY), make_insight(
        steps=[("money", "purse", 1e8, 3.0, 3.0, 3.0, 4.8, 4.8, 4.8)]
    )  # fmt: skip
    (row,) = views.steps(made, case).shown().to_dict("records")
    assert row["One step less costs (units)"] == "4.8"


def test_the_sheet_holds_the_decision(planned):
    """Status, paragraph, six figures and new entrepreneurs where they count, a bar for each
    cluster, five lines of money that add up, limits, what is to be decided, two signatures."""
    sheet = views.decision_sheet(
        planned.plan, planned.case, planned.programme, None, planned.nothing
    )
    html = str(sheet._repr_html_())
    assert sheet.paragraph == views.headline(
        planned.plan, planned.case, planned.programme, None, planned.nothing
    )
    assert html.count("<dt style=") == 6 + planned.case.counts_entrepreneurs
    shown = planned.plan.coverage[
        planned.plan.coverage["counts"] & (planned.plan.coverage["size"] > 0)
    ]
    assert html.count("<rect x=") == len(shown)
    there, training, machines, used, left = sheet.money.frame["Rupiah"]
    assert training + machines == used == planned.plan.cost
    assert there - used == left
    assert sheet.limits and len(sheet.decide) >= 2 and len(sheet.signatures) == 2
    assert "draft" in html and "for approval" not in html


def test_the_office_states_how_far_the_plan_is_and_who_signs():
    rows = {"status": "approval", "preparer": "Planner <b>", "head_name": "Ibu Ani"}
    office = [{"key": key, "value": value} for key, value in rows.items()]
    made = one_cluster()
    case = small_case(
        clusters=[cluster("bread", 10)],
        courses=[course("baking", 2, 10, cost_class=3_000_000)],
        course_suits=[suit("baking", "bread")],
        office=office,
    )
    html = str(views.decision_sheet(solve(made), case)._repr_html_())
    assert "for approval" in html and "Ibu Ani" in html and "Planner &lt;b&gt;" in html


def test_what_was_announced_and_left_out_has_its_price():
    """The roaster is announced twice and placed once; another course is not held at all."""
    case = announcing(load(**TOY))
    insight = make_insight(
        left_out=[("roasting", "coffee", 1, True, 2.5, 2.1, 2.5, "", 13_000_000)]
    )
    rows = views.promises(insight, replace_held(solve(case), case), case).frame
    assert rows["Announced"].tolist() == ["Roasting", "Coffee roaster"]
    assert rows.iloc[0].tolist()[2:] == [1, 0, "2.5"]
    assert rows.iloc[1].tolist()[2:4] == [2, 1]
    assert "Whether these announced" in str(
        views.decision_sheet(replace_held(solve(case), case), case, None, insight).decide
    )


def replace_held(plan: Plan, case: Case) -> Plan:
    """The plan without its roasting class."""
    tables = plan.tables | {"classes": plan.classes[plan.classes["course"] != "roasting"]}
    return replace(plan, tables=tables)


def test_the_promises_of_medan_keep_all_that_was_announced():
    """Every announced class, at its place, stands among the locks of the scenario."""
    case = load(**read_scenario("params/medan-2022-promises.yaml").model_dump())
    asked = {(lock.item, lock.cluster or CITY): lock.count for lock in case.locks}
    assert {lock.sign for lock in case.locks} == {">="}
    announced_counts = Counter()
    for row in case.tables.announced:
        announced_counts[row.item, row.cluster] += row.count
    assert asked == announced_counts


@pytest.mark.slow
def test_what_is_stated_of_the_cheapest_plan_is_of_its_cost():
    """Ten bakers cost Rp30 million of the 80 of the toy. The bound of the proof is from below, and
    its ladder ends at Rp45 million: the line of the budget would stand outside of the picture."""
    case = load(**TOY, goal="cost", target_reached=5.0)
    plan = solve(case)
    stated = str(views.certainty(plan, case)) + str(views.certificate(plan, case))
    assert "costs less" in stated and "cheaper by more" in stated and "could save" in stated
    assert not re.search("exceed|could gain|better by more", stated)
    insight = explain(plan, case)
    assert "Share of what the plan costs" in str(views.ladder(insight, case))
    chart = charts.ladder(insight, case)
    assert "Upright line: what this plan costs." in chart.html()
    width = float(re.search(r'viewBox="0 0 ([\d.]+)', chart.svg())[1])
    lines = [line.split() for line in re.findall(r'd="M([^"z]+)', chart.svg())]
    assert max(float(x) for line in lines for x in line[::2]) <= width


def test_what_the_core_costs_is_counted_as_the_plan_is():
    sure: Any = SimpleNamespace(drawn=DataFrame({"core_high": [4.0]}))
    for asked, words in (
        ({}, "it costs 4.0 units at most"),
        ({"equity": 0.5}, "it costs 4.0 weighted units at most"),
        ({"goal": "cost", "floor": 0.1}, "it adds Rp4 million to the cost at most"),
    ):
        assert core_cost_words(sure, load(**TOY | asked)) == words
