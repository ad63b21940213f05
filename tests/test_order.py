"""Same input, same plan: whatever the order of rows, columns and lists, the keys and the scale."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from brute_openings import random_centre
from cities import random_city, tables
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from small_cases import cluster, course, small_case, suit

from ikmplan import NoPlan, load, solve
from ikmplan.input.case import Case
from ikmplan.input.cells import CITY
from ikmplan.input.load import make_case
from ikmplan.input.rows import ROWS, Tables
from ikmplan.input.scenario import make_scenario
from ikmplan.model.search import ask
from ikmplan.plan.plan import Plan

TOY = Path(__file__).parents[1] / "data" / "toy"
ORDERS = settings(
    max_examples=8, suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],  # to shrink takes minutes
)  # fmt: skip
KEYS = (
    "cluster", "course", "equipment", "resource", "fund", "sector", "operator_course", "item",
)  # fmt: skip
Rows = dict[str, list[dict[str, Any]]]
# a wide gap leaves many plans to choose from, and so does a city whose clusters are alike
ASKED = [
    {"gap": 0.02},
    {"gap": 0.0, "equity": 1},
    {"gap": 0.01, "equity": 0.5, "locks": ["p1 <= 3", "e0 <= 2", "p4 <= 2"]},
    {"gap": 0.01, "courses_per_unit": 1, "exclusions": ["p2", "@ c3", "p3 @ c0"]},
    {"gap": 0.02, "limits": ["units @ c1 <= 20", "no p1 in q1 q2", "if p0 then p1"]},
    {"gap": 0.02, "goal": "cost", "target_reached": 5.0},
]
LISTS = ("locks", "exclusions", "limits")


def city(seed: int) -> Rows:
    """The rows of a random city, two of whose clusters are alike."""
    made = random_city(seed, 4, 5, 2)
    rows = {name: [row.model_dump() for row in getattr(made, name)] for name in ROWS}
    alike = ("sector", "units", "young_share", "kva", "floor_m2")
    rows["clusters"][1] |= {name: rows["clusters"][0][name] for name in alike}
    return rows


def as_tables(rows: Rows) -> Tables:
    """With the words of a cell as a file has them."""
    return tables(**{
        name: [
            {key: " ".join(v) if isinstance(v, (tuple, list)) else v for key, v in row.items()}
            for row in rows[name]
        ]
        for name in ROWS
    })  # fmt: skip


def shuffled(rows: Rows, seed: int) -> Rows:
    r = random.Random(seed)
    mixed = {}
    for name in ROWS:
        mixed[name] = [
            {k: r.sample(v, len(v)) if isinstance(v, tuple) else v for k, v in row.items()}
            for row in r.sample(rows[name], len(rows[name]))
        ]
    return mixed


def renamed(rows: Rows, long: bool) -> tuple[Rows, dict[str, str]]:
    """The rows with other keys in the same order, and the new key of each."""
    keys = {row[name] for table in ROWS for row in rows[table] for name in row
            if name in KEYS and isinstance(row[name], str)} - {CITY}  # fmt: skip
    ranks = {key: n for n, key in enumerate(sorted(keys))}
    # each key begins the next one
    new = {key: "k" + "0" * ranks[key] if long else f"k{key}" for key in keys}

    def key(text: str) -> str:
        return new.get(text, text)

    others = {
        name: [
            {k: [*map(key, v)] if k == "pays" else key(v) if k in KEYS and v else v
             for k, v in row.items()}
            for row in rows[name]
        ]
        for name in ROWS
    }  # fmt: skip
    return others, new


def contents(plan: Plan, key: Callable[[str], str] = str) -> dict[str, list[str]]:
    """The rows of every table, sorted, each text with its keys changed."""

    def text(value: Any) -> str:
        if not isinstance(value, str):
            return repr(value)
        return "+".join(" @ ".join(map(key, part.split(" @ "))) for part in value.split("+"))

    return {
        name: sorted(str([*map(text, row)]) for row in table.itertuples(index=False))
        for name, table in plan.tables.items()
    }


@ORDERS
@given(seed=st.integers(0, 10**6), order=st.integers(0, 10**6), asked=st.sampled_from(ASKED))
def test_the_order_of_rows_and_lists_changes_no_plan(seed, order, asked):
    """Decisions, money by fund, proof and fingerprint are the same, table by table."""
    rows = city(seed)
    lists = {name: asked[name][::-1] for name in LISTS if name in asked}
    first = solve(make_case(as_tables(rows), make_scenario(asked)))
    case = make_case(as_tables(shuffled(rows, order)), make_scenario(asked | lists))
    second = solve(case)
    assert second.proof == first.proof
    assert contents(second) == contents(first)
    # readers see their own order
    place = {c: n for n, c in enumerate(case.clusters)}
    assert [*second.coverage["cluster"]] == [*case.clusters]
    assert [*map(place.get, second.units["cluster"])] == sorted(
        map(place.get, second.units["cluster"])
    )


@pytest.mark.slow
def test_the_order_of_rows_changes_no_plan_with_openings_and_no_reason():
    """Of tiny cases with openings, lines and idle machines; where there is no plan, the reasons
    and mends are the same ones."""
    found = 0
    for seed in range(40):
        case = random_centre(seed)
        if case is None:
            continue
        rows = {name: [row.model_dump() for row in getattr(case.tables, name)] for name in ROWS}
        outcomes = []
        for made in (rows, shuffled(rows, seed)):
            try:
                plan = solve(make_case(as_tables(made), case.scenario))
                outcomes.append((plan.proof, contents(plan)))
                found += 1
            except NoPlan as none:
                outcomes.append(str(none))
        assert outcomes[0] == outcomes[1], seed
    assert found >= 30


@pytest.mark.slow
@ORDERS
@given(seed=st.integers(0, 10**6), asked=st.sampled_from(ASKED[:2]), long=st.booleans())
def test_other_keys_in_the_same_order_change_no_plan(seed, asked, long):
    """c0, c1 and so on become longer ones: only names change, and the fingerprint."""
    rows = city(seed)
    others, new = renamed(rows, long)
    first = solve(make_case(as_tables(rows), make_scenario(asked)))
    second = solve(make_case(as_tables(others), make_scenario(asked)))
    assert (second.proof.value, second.proof.bound) == (first.proof.value, first.proof.bound)
    assert contents(second) == contents(first, lambda text: new.get(text, text))


@pytest.mark.slow
@ORDERS
@given(
    seed=st.integers(0, 10**6),
    factor=st.sampled_from([0.01, 0.7, 3, 7, 20]),
    asked=st.sampled_from(ASKED[:3]),
)
def test_the_scale_of_weights_changes_no_decision(seed, factor, asked):
    """Value and bound are in weighted units, so they are multiplied; nothing else is."""
    rows, r = city(seed), random.Random(seed)
    plans = []
    weights = [r.choice([0, 0.5, 0.8, 1, 1.3, 2.4]) for _row in rows["clusters"]]
    weights[r.randrange(len(weights))] = 3.3
    for scale in (1, factor):
        for row, weight in zip(rows["clusters"], weights, strict=True):
            row["weight"] = weight * scale
        case = make_case(as_tables(rows), make_scenario(asked))
        plans.append((solve(case), ask(case)))
    (first, answer), (second, scaled) = plans
    assert contents(second) == contents(first)
    assert second.proof.status == first.proof.status
    for found, before in (
        (second.proof.value, first.proof.value),
        (second.proof.bound, first.proof.bound),
        (scaled.value, answer.value),
        (scaled.bound, answer.bound),
    ):
        assert found == pytest.approx(before * factor, abs=1e-9)


@pytest.mark.parametrize("factor", [0.5, 1, 2, 7.3])
def test_the_scale_of_weights_changes_no_cheapest_plan(factor):
    """A lock asks for a class of 3, for bakers (1 · 0.4) or for candidates (0.6 · 0.5 = 0.3)."""
    case = small_case(
        {"goal": "cost", "locks": ["selling = 1"]},
        clusters=[
            cluster("bread", 3, weight=factor),
            cluster("school", 3, weight=0.6 * factor, kind="candidate"),
        ],
        courses=[course("selling", 3, 3, scope="city", cost_class=5_000_000)],
        course_suits=[suit("selling", "bread", 0.8), suit("selling", "school", 1)],
    )
    plan = solve(case)
    assert plan.units[["cluster", "units"]].values.tolist() == [["bread", 3]]
    assert (plan.proof.value, plan.proof.bound) == pytest.approx((-5, -5))


def test_the_order_of_columns_and_rows_in_files_changes_no_plan(tmp_path):
    for file in TOY.glob("*.csv"):
        with file.open(newline="") as source:
            rows = [row[::-1] for row in csv.reader(source)]
        with (tmp_path / file.name).open("w", newline="") as target:
            csv.writer(target).writerows([rows[0], *rows[:0:-1]])
    plans = [solve(load(folder)) for folder in (TOY, tmp_path)]
    assert plans[0].proof == plans[1].proof
    assert contents(plans[0]) == contents(plans[1])


def test_an_ordered_case_is_the_same_case():
    case: Case = load(TOY, exclusions=["@ coffee"] if "coffee" in load(TOY).clusters else [])
    assert case.ordered.fingerprint == case.fingerprint
    assert case.ordered.ordered == case.ordered


@pytest.mark.parametrize("asked", [{}, {"budget": 90_000_000}, {"floor": 0.05}, {"equity": 0.5}])
def test_what_came_before_changes_no_proven_plan(asked):
    """Found from nothing, or watched from the plans of two other settings: the same plan."""
    made = random_city(7, 4, 5, 2)
    fields = {"gap": 0.02, "time_limit": 600}
    case = make_case(made, make_scenario(fields | asked))
    alone = solve(case)
    assert alone.proof.status == "proven"
    for other in ({"budget": 150_000_000}, {"exclusions": ["p0"], "gap": 0.0}):
        start, shown = solve(make_case(made, make_scenario(fields | other))), []
        watched = solve(case, start=start, on_plan=shown.append)
        assert shown
        assert watched.proof == alone.proof
        assert contents(watched) == contents(alone)
