"""The model as readers see it: rows in numbers, what a plan makes of them, what changes them."""

from __future__ import annotations

import pytest

from ikmplan import BadInput, load, solve, views
from ikmplan.input.load import with_values
from ikmplan.model.problem import make_problem
from ikmplan.report.model_table import SmallModel, relaxed_value, values_of_plan

TOY = {"data": "data/toy", "language": "en", "gap": 0}


@pytest.fixture(scope="module")
def toy():
    return load(**TOY)


@pytest.fixture(scope="module")
def best(toy):
    return solve(toy)


def texts(case) -> dict[str, str]:
    return {row.name: row.text for row in SmallModel(case).rows(None)}


def test_a_row_is_written_with_the_keys_of_the_mathematics(toy):
    """The roaster runs 1,000 × 0.8 = 800 hours and a unit uses 160; the operators are half of
    those in the course; one more roaster needs 2."""
    found = texts(toy)
    assert found["hours_within_machines__roaster__coffee"] == (
        "160 · units[coffee,roaster] + 160 · units[coffee,roasting+roaster]"
        " − 800 · machines[roaster,coffee] ≤ 0"
    )
    assert found["machines_operated__roasting__coffee__roaster"] == (
        "2 · machines[roaster,coffee] − 0.5 · units[coffee,roasting+roaster] ≤ 0"
    )
    assert views.model_objective(toy) == (
        "max 0.5 · units[bakers,baking] + 0.6 · units[coffee,roaster]"
        " + 0.64 · units[coffee,roasting+roaster]"
    )


def test_every_row_of_the_problem_is_shown_once(toy):
    problem, _v = make_problem(toy, cuts=False)
    assert list(texts(toy)) == [row.name for row in problem.constraints()]
    shown = views.model_rows(toy).frame
    assert (shown["Rule"] != "").sum() == len({name.split("__")[0] for name in texts(toy)})


@pytest.mark.parametrize("more", [{}, {"equity": 0.3}, {"floor": 0.1, "budget": 75_000_000}])
def test_no_row_is_broken_by_a_plan_and_the_objective_is_its_value(more):
    case = load(**TOY | more)
    plan = solve(case)
    model = SmallModel(case)
    values = values_of_plan(case, model.v, plan)
    for row in model.rows(values):
        sign = row.text.rsplit(" ", 2)[1]
        over = (row.left - row.right) * {"≤": 1, "≥": -1, "=": 1}[sign]
        assert over <= 1e-6 and (sign != "=" or over >= -1e-6), row
    worth = sum(n * values[x.name] for x, n in model.problem.objective.items())
    assert worth == pytest.approx(plan.proof.value)


def test_the_purse_of_the_toy_is_empty(toy, best):
    """20 + 20 × 1 + 8 + 4 × 0.5 + 30 = 80 million."""
    rows = views.model_rows(toy, best).frame.set_index("Its name in PuLP")
    assert rows.loc["funds_cover__purse", ["Left side in the plan", "Room left"]].tolist() == [
        80,
        0,
    ]


def test_more_money_gains_only_whole_steps(toy):
    """Rp500,000: a fifth seat, 0.64 − 0.6 = 0.04. Rp32.5 million: a roaster (30) and five seats
    (2.5), 9 × 0.64 + 0.6 − 3.16 = 3.2 units. Parts gain with every rupiah."""
    shown = views.more_money(toy, [1, 500_000, 32_500_000]).frame
    assert list(shown["Gained"]) == pytest.approx([0, 0, 0.04, 3.2])
    loose = list(shown["Gained if nothing had to be whole"])
    assert loose[1] > 0 and loose == sorted(loose)


def test_the_relaxation_is_no_smaller_than_the_plan(toy, best):
    assert relaxed_value(toy) >= best.proof.value
    assert list(views.bounds(toy, best).frame.iloc[:, 1])[:2] == pytest.approx([13.16, 13.16])


def test_a_changed_number_changes_its_rows_alone(toy):
    """The price of a roaster stands in what the purse pays; its power in that of the site."""
    assert list(views.changed_rows(toy, toy).frame["Row"]) == []
    cheaper = with_values(toy, "equipment", "roaster", price=25_000_000)
    assert list(views.changed_rows(toy, cheaper).frame["Row"]) == ["funds_cover__purse"]
    stronger = with_values(toy, "equipment", "roaster", kva=9)
    assert list(views.changed_rows(toy, stronger).frame["Row"]) == ["power_at_site__coffee"]
    worse = with_values(toy, "courses", "baking", success=0.4)
    assert list(views.changed_rows(toy, worse).frame["Row"]) == ["Objective"]
    assert toy.price["roaster"] == 30_000_000


def test_with_values_takes_what_a_table_would_take(toy):
    with pytest.raises(BadInput, match=r"roster.*is not in this table.*Did you mean roaster\?"):
        with_values(toy, "equipment", "roster", price=1)
    with pytest.raises(BadInput, match="price"):
        with_values(toy, "equipment", "roaster", price=-1)
    with pytest.raises(BadInput, match="prize"):
        with_values(toy, "equipment", "roaster", prize=1)
    with pytest.raises(BadInput, match="machines"):
        with_values(toy, "machines", "roaster", price=1)
