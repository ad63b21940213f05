"""Same input, same report: the order of rows and lists, the keys and the scale of weights change
no baseline, no reason, no range and no other plan."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from cities import random_city
from hypothesis import given, settings
from hypothesis import strategies as st
from test_order import ORDERS, Rows, as_tables, contents, renamed, shuffled

from ikmplan import solve
from ikmplan.alternatives.found import alternatives
from ikmplan.input.case import Case
from ikmplan.input.load import make_case
from ikmplan.input.rows import ROWS
from ikmplan.input.scenario import make_scenario
from ikmplan.insight.baselines import announced, doing_nothing, shared_out
from ikmplan.insight.demands import demands
from ikmplan.insight.greedy import greedy
from ikmplan.insight.reasons import explain
from ikmplan.model.conflicts import NoPlan
from ikmplan.plan.derive import make_plan
from ikmplan.plan.plan import make_proof
from ikmplan.report.estimates import estimates_that_matter
from ikmplan.report.limits import binding_limit_names
from ikmplan.tableset import TableSet
from ikmplan.uncertainty.answers import how_sure

FEW = settings(ORDERS, max_examples=2)


def announced_city(seed: int) -> Rows:
    """The rows of a small random city, two of whose clusters are alike, and of a programme that
    was announced for it."""
    made, r = random_city(seed, 3, 3, 2), random.Random(seed)
    rows = {name: [row.model_dump() for row in getattr(made, name)] for name in ROWS}
    alike = ("sector", "units", "young_share", "kva")
    rows["clusters"][1] |= {name: rows["clusters"][0][name] for name in alike}
    free = make_case(as_tables(rows), make_scenario({}))
    people = {
        (p, h): sum(free.people_for(p, c) for c in clusters)
        for (p, h), clusters in free.course_hosts.items()
    }
    hosts = [(p, h) for (p, h), n in people.items() if n >= free.courses[p].class_min]
    rows["announced"] = [
        {"item": p, "cluster": h, "quarter": r.randint(1, 4), "count": 1, "source": "made_up",
         "seats": min(free.courses[p].class_max, people[p, h])}
        for p, h in r.sample(hosts, min(3, len(hosts)))
    ]  # fmt: skip
    for e, h in r.sample([*free.machine_hosts], min(1, len(free.machine_hosts))):
        placed = {"quarter": None, "count": 1, "seats": None, "source": "made_up"}
        rows["announced"].append({"item": e, "cluster": h} | placed)
    return rows


def programmes(case: Case, key: Callable[[str], str] = str) -> dict[str, Any]:
    """Every baseline that needs no other plan, whole, with its keys changed."""
    sizes = {c: case.size[c] for c in case.clusters if case.packages[c]}
    bought = greedy(case)
    made = {
        "nothing": doing_nothing(case),
        "announced": announced(case),
        "greedy": make_plan(case, bought, make_proof(case, bought, 0.0, 0.0, "greedy")),
        "equal": shared_out(case, dict.fromkeys(sizes, 1.0)),
        "proportional": shared_out(case, sizes),
    }
    return {name: None if plan is None else contents(plan, key) for name, plan in made.items()}


@FEW
@given(seed=st.integers(0, 10**6), order=st.integers(0, 10**6))
def test_the_order_of_rows_changes_no_baseline(seed, order):
    rows, scenario = announced_city(seed), make_scenario({"gap": 0.0})
    first = make_case(as_tables(rows), scenario)
    second = make_case(as_tables(shuffled(rows, order)), scenario)
    assert programmes(second) == programmes(first)
    assert sorted(map(str, demands(second))) == sorted(map(str, demands(first)))


@FEW
@given(seed=st.integers(0, 10**6), long=st.booleans())
def test_other_keys_in_the_same_order_change_no_baseline(seed, long):
    rows = announced_city(seed)
    others, new = renamed(rows, long)
    first, second = (make_case(as_tables(r), make_scenario({"gap": 0.0})) for r in (rows, others))
    assert programmes(second) == programmes(first, lambda text: new.get(text, text))


@FEW
@given(seed=st.integers(0, 10**6), factor=st.sampled_from([0.01, 0.7, 3, 7]))
def test_the_scale_of_weights_changes_no_baseline(seed, factor):
    rows, r = announced_city(seed), random.Random(seed)
    weights = [r.choice([0.5, 0.8, 1.3]) for _row in rows["clusters"]]
    found = []
    for scale in (1, factor):
        for row, weight in zip(rows["clusters"], weights, strict=True):
            row["weight"] = weight * scale
        found.append(programmes(make_case(as_tables(rows), make_scenario({"gap": 0.0}))))
    assert found[0] == found[1]


def tables_of(found: TableSet) -> dict[str, list[str]]:
    return {
        name: sorted(str([*map(repr, row)]) for row in table.itertuples(index=False))
        for name, table in found.tables.items()
    }


def report(case: Case) -> dict[str, Any]:
    """Everything that is worked out for a report, or the reasons why there is no plan."""
    try:
        plan = solve(case)
    except NoPlan as none:
        return {"none": str(none)}
    programme = announced(case)
    assert programme is not None
    found: dict[str, Any] = {
        "plan": contents(plan),
        "insight": tables_of(explain(plan, case, workers=1)),
        "sureness": tables_of(how_sure(plan, case, programme, workers=1)),
        "estimates": estimates_that_matter(plan, case),
        "limits": binding_limit_names(plan, case),
    }
    try:
        other = alternatives(plan, case, programme, steps=3, nested=True, plans=2)
    except NoPlan as none:
        return found | {"alternatives": str(none)}
    found["bounds"] = [
        [(step.most, step.bound) for step in one.steps] for one in other.ways.values()
    ]
    found["rungs"] = [(rung.share, rung.asked, rung.bound) for rung in other.rungs]
    return found | {name: contents(one) for name, one in other.plans()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "asked"),
    [
        (4, {}),
        (5, {"locks": ["p0 <= 3", "p1 <= 4"]}),
        (6, {"equity": 0.5, "exclusions": ["p0 @ c1", "p1 @ c0"]}),
        (7, {"limits": ["classes p0 <= 3", "classes p1 <= 4"]}),
        (1, {"floor": 0.02}),
        (3, {"floor": 0.4}),
    ],
)
def test_the_order_of_rows_and_lists_changes_nothing_in_a_report(seed, asked):
    """Plan, reasons, ranges, core, what to check first, the ways, other plans and the cheapest
    ones, or the reasons why there is no plan: table by table."""
    rows, scenario = announced_city(seed), {"gap": 0.0, "draws": 3} | asked
    lists = {name: value[::-1] for name, value in asked.items() if isinstance(value, list)}
    first = report(make_case(as_tables(rows), make_scenario(scenario)))
    other = make_case(as_tables(shuffled(rows, seed + 1)), make_scenario(scenario | lists))
    assert report(other) == first


def test_of_estimates_that_matter_as_much_the_first_by_name_stands_first():
    """Two clusters alike, each with all its units served: one unit fewer loses the same."""
    rows = announced_city(8)
    for order in range(6):
        case = make_case(as_tables(shuffled(rows, order)), make_scenario({"gap": 0.0}))
        found = estimates_that_matter(solve(case), case)
        assert [(w.what, w.name) for w in found] == [
            (w.what, w.name)
            for w in sorted(found, key=lambda w: (-round(w.lost, 9), w.what, w.name))
        ]
        assert len({round(w.lost, 9) for w in found}) < len(found)
