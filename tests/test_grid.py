"""Grids: which scenarios they hold, in which order, under which names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikmplan.batch.grid import LONGEST_NAME, Grid, check_size, make_grid, read_axis
from ikmplan.faults import BadInput
from ikmplan.input.scenario import Scenario, make_scenario

BASE = Scenario(name="base", floors={"a": 0.1}, budget=5)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("budget=1e9:5e9:9", tuple(range(10**9, 5 * 10**9 + 1, 5 * 10**8))),
        ("budget=1.000.000.000,2e9", (10**9, 2 * 10**9)),
        ("floor=0:0.3:4", (0.0, 0.1, 0.2, 0.3)),
        ("floor = 0, 0.1 ,0.2", (0.0, 0.1, 0.2)),
        ("target_units=1:4:3", (1, 2, 4)),  # whole fields take whole numbers
        ("budget=|1e9", (None, 10**9)),
        ("locks=|oven >= 1|oven >= 1, batik = 2", ((), ("oven >= 1",), ("oven >= 1", "batik = 2"))),
        ("floors.kue_denai=0.1,0.3", (0.1, 0.3)),
        ("solver=HiGHS", ("HiGHS",)),
    ],
)
def test_what_varies(text, values):
    assert read_axis(text).values == values


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bugdet=1:2:3", "Did you mean budget?"),
        ("name=a,b", "is no parameter that can be varied"),
        ("floor", "is no field with values"),
        ("floor=", "is no field with values"),
        ("floor=0.1,30%", "A share is not a percentage"),
        ("floor=2,3", r"“2” is not(.|\n)*“3” is not"),  # all faults at once
        ("floor.x=1", "has no keys"),
        ("floor=0.1,0.10", "names a value twice"),
        ("budget=5:1:3", "is no range of values"),
        ("budget=1:5:1", "is no range of values"),
        ("budget=1:inf:3", "is no range of values"),
        ("budget=1:x:3", "is no range of values"),
    ],
)
def test_what_cannot_vary_is_refused_in_words(text, message):
    with pytest.raises(BadInput, match=message):
        read_axis(text)


def test_faults_of_all_axes_are_reported_at_once():
    with pytest.raises(BadInput) as caught:
        make_grid(BASE, ["bugdet=1,2", "floor=2", "equity=0", "equity=1"])
    assert [fault.column for fault in caught.value.faults] == ["bugdet", "floor", "equity"]


def test_the_last_field_varies_fastest_and_the_base_stays():
    grid = make_grid(BASE, ["budget=1,2", "floors.b=0.2,0.3"])
    made = [grid.values(point) for point in grid]
    assert [(values["budget"], values["floors"]) for values in made] == [
        (1, {"a": 0.1, "b": 0.2}),
        (1, {"a": 0.1, "b": 0.3}),
        (2, {"a": 0.1, "b": 0.2}),
        (2, {"a": 0.1, "b": 0.3}),
    ]
    assert made[0]["name"] == "base budget=1 floors.b=0.2"
    assert BASE.floors == {"a": 0.1}


sizes = st.lists(st.integers(1, 4), min_size=1, max_size=3)


@given(sizes=sizes, count=st.integers(1, 70), seed=st.integers(0, 5))
def test_a_sample_is_a_part_of_the_grid_in_its_order(sizes, count, seed):
    fields = ["budget", "target_units", "target_classes"]
    text = [
        f"{f}={','.join(map(str, range(1, n + 1)))}" for f, n in zip(fields, sizes, strict=False)
    ]
    grid = make_grid(BASE, text)
    whole, drawn = list(grid), list(grid.sample(count, seed))
    assert len(whole) == len(grid) == grid.size
    assert len(drawn) == len(grid.sample(count, seed)) == min(count, grid.size)
    places = [whole.index(point) for point in drawn]
    assert places == sorted(set(places))
    assert drawn == list(grid.sample(count, seed))
    assert len({grid.name(point) for point in whole}) == grid.size


@pytest.mark.slow
def test_a_sample_of_a_grid_that_no_memory_holds():
    axes = tuple(read_axis(f"{f}=1:100000:100000") for f in ("budget", "target_units"))
    grid = Grid(BASE.model_dump(), axes)
    with pytest.raises(BadInput, match="--sample"):
        check_size(grid)
    drawn = grid.sample(3, 7)
    check_size(drawn)
    assert len(list(drawn)) == 3


@pytest.mark.parametrize(
    "text", ["data=data/a,data/b", "locks=" + "|".join(f"oven @ c{n:03} >= 1" for n in range(2))]
)
def test_names_are_names_that_a_scenario_takes(text):
    long = Scenario(name="n" * 90)
    for base in (BASE, long):
        grid = make_grid(base, [text])
        names = [grid.name(point) for point in grid]
        assert len(set(names)) == 2
        assert all(len(name) <= LONGEST_NAME for name in names)
        for point in grid:
            assert make_scenario(grid.values(point)).name == grid.name(point)
