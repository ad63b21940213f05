"""A comparison is fair: who gains, who keeps most of what is asked, and who reaches fewer for more
money."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from test_compare import copy_toy, keep

from ikmplan import compare_charts
from ikmplan.compare.comparison import BUDGET, MANY, Comparison
from ikmplan.compare.read_runs import read_comparison


@pytest.fixture
def runs(tmp_path, monkeypatch) -> Path:
    """A folder for runs of the toy case, in use."""
    copy_toy(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "runs"


@pytest.mark.parametrize(
    ("change", "up", "down"), [(0.5, 1, 0), (0.49, 0, 0), (-0.49, 0, 0), (-0.5, 0, 1)]
)
def test_less_than_half_a_unit_is_neither_gain_nor_loss(runs, change, up, down):
    """Of the 20 bakers 5 are reached in one plan, and 5 + change in the other."""
    keep(runs, "a", "baking")
    keep(runs, "b", "baking")
    c = read_comparison(runs)
    rows = c.coverage.copy()
    mine = (rows["scenario"] == "b") & (rows["cluster"] == "bakers")
    rows.loc[mine, "reached"] += change
    rows.loc[mine, "coverage"] += change / 20
    title = compare_charts.gains(replace(c, tables=c.tables | {"coverage": rows})).title
    clusters = "1 cluster gains" if up else "0 clusters gain"
    assert (
        title
        == f"b: {clusters} half a unit or more, {down} {'loses' if down == 1 else 'lose'} as much"
    )


def many(runs: Path) -> Comparison:
    """s0, the base, and more scenarios like it than are shown one by one."""
    keep(runs, "s0", "baking")
    for n in range(1, MANY + 2):
        shutil.copytree(runs / "s0", runs / f"s{n}")
        file = runs / f"s{n}" / "tables" / "plan.json"
        about = json.loads(file.read_text())
        about["scenario"]["name"] = f"s{n}"
        file.write_text(json.dumps(about))
    return read_comparison(runs)


def test_keeping_small_budgets_is_no_merit(runs):
    """s1 spends nothing and keeps the budget of everybody (10) and no floor; s2 keeps one floor of
    nine and no budget: it is s2 that keeps most of what can be weighed."""
    c = many(runs)
    plans = c.names
    rows = []
    for plan in plans:
        for n in range(10):
            kept = plan == "s1"
            rows.append((n, BUDGET, str(n), 0.0, "<=", plan, 0.0, kept))
        for n in range(9):
            kept = plan == "s2" and n == 0
            rows.append((10 + n, "floor", str(n), 0.5, ">=", plan, 0.0, kept))
    kept = pd.DataFrame(rows, columns=list(c.kept.columns))
    figures = c.scenarios.copy()
    figures.loc[figures["scenario"] == "s1", "cost"] = 0
    changed = replace(c, tables=c.tables | {"kept": kept, "scenarios": figures})
    assert "s2" in changed.shown
    without = replace(changed, tables=changed.tables | {"kept": kept[kept["plan"] != "s2"]})
    assert "s2" not in without.shown


def test_fewer_units_for_more_money_are_explained(runs):
    """Baking reaches 5 units with 40 million; with 80 the search was stopped at 3. With a floor
    of its own a plan may reach fewer whatever its money."""
    keep(runs, "a", "baking", budget=40_000_000)
    keep(runs, "b", "roaster", budget=80_000_000)
    keep(runs, "c", "roaster", budget=70_000_000, floors={"coffee": 0.2})
    warnings = " ".join(read_comparison(runs).warnings)
    assert (
        "b: fewer units than with a smaller budget, because the search was stopped early."
        in warnings
    )
    assert "c: fewer" not in warnings and ", c" not in warnings
