"""A sweep as a comparison: many scenarios of which figures and decisions were kept, no plans."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from ikmplan.compare.comparison import (
    Comparison,
    check_enough,
    demand_tables,
    make_tables,
    scenario_row,
    select,
    what_is_asked,
)
from ikmplan.input.case import Case
from ikmplan.input.scenario import Scenario, make_scenario
from ikmplan.input.tables import Tables, read_tables
from ikmplan.insight.demands import AT_LEAST, Demand, demands, place_of
from ikmplan.runs.names import SWEEP_ABOUT, SWEEP_DECISIONS, SWEEP_TABLE
from ikmplan.runs.read import find_data
from ikmplan.tableset import read_parquet
from ikmplan.text import _

ASKED = {"gap": "gap_asked"}  # column of a varied field whose own name is that of a figure
# kind of demand -> the column of the table that measures it; locks are counted in the decisions
MEASURED = {
    "floor": "worst",
    "budget": "cost",
    "target_units": "coached",
    "target_reached": "reached",
    "target_classes": "classes",
}
KEPT = frozenset(MEASURED) - {"floor"} | {"lock"}


def is_sweep(folder: Path) -> bool:
    return (folder / SWEEP_TABLE).is_file() and (folder / SWEEP_ABOUT).is_file()


def read_sweep(folder: Path, names: Sequence[str], base: str | None) -> Comparison:
    """The scenarios of a sweep side by side. It kept no coverage of single clusters.

    Raises `BadInput` where there are not two plans.
    """
    about = json.loads((folder / SWEEP_ABOUT).read_text("utf-8"))
    table: Any = read_parquet(folder / SWEEP_TABLE).set_index("scenario", drop=False)
    items: Any = read_parquet(folder / SWEEP_DECISIONS)
    tables = read_tables(find_data(about["base"]["data"], folder))

    def why_not(name: str) -> str | None:
        return str(table.loc[name, "why"]) if pd.isna(table.loc[name, "reached"]) else None

    chosen, left_out = select(names, base, list(table.index), why_not)
    check_enough(folder, len(chosen), left_out)
    cases = {name: _case(tables, about, table.loc[name]) for name in chosen}
    rows: dict[str, list[Any]] = {
        "scenarios": [_figures(table.loc[name], case) for name, case in cases.items()],
        "items": items[items["scenario"].isin(chosen)].to_numpy().tolist(),
        "asked": [(name, *row) for name, case in cases.items() for row in what_is_asked(case)],
        **_demands(table.loc[chosen], items, cases),
    }
    warnings = [
        _(
            "A sweep is compared without its single clusters: who gains and who loses is not told, "
            "nor which plan breaks the floor of a single cluster, an exclusion, or the limits of "
            "days and funds."
        )
    ]
    if any(table.loc[name, "fingerprint"] != case.fingerprint for name, case in cases.items()):
        warnings.append(
            _(
                "{data} has changed since the sweep, or the program has. The figures are those "
                "of the day of the sweep.",
                data=about["base"]["data"],
            )
        )
    made = make_tables(rows)
    return Comparison(made, cases[chosen[0]], tuple(left_out.items()), tuple(warnings))


def _case(tables: Tables, about: Mapping[str, Any], row: Any) -> Case:
    """The scenario of a row: the base's values, those that were varied, and its name."""
    values = {name: value for name, value in about["base"].items() if name in Scenario.model_fields}
    for varied in about["varied"]:
        field, _dot, key = varied.partition(".")
        message = row[ASKED.get(varied, varied)]
        value = None if pd.isna(message) else message
        values[field] = {**(values.get(field) or {}), key: value} if key else value
    return Case(tables, make_scenario(values | {"name": row["scenario"]}))


def _figures(row: Any, case: Case) -> dict[str, Any]:
    kept = {"asked": case.scenario.gap, "worst": "", "worst_share": row["worst"]}
    return scenario_row(case, {**row, **kept})


def _demands(table: Any, items: Any, cases: Mapping[str, Case]) -> dict[str, list[Any]]:
    """The demands that can be measured by the tables: who asks them, and which plan keeps them."""
    # what a plan costs at other prices cannot be computed from the tables
    one_price = len({case.scenario.price_factor for case in cases.values()}) == 1
    kinds = KEPT if one_price else KEPT - {"budget"}
    measures = {
        name: partial(_has, row=row, items=items[items["scenario"] == name])
        for name, row in table.iterrows()
    }
    return demand_tables({name: _asks(case, kinds) for name, case in cases.items()}, measures)


def _asks(case: Case, kinds: Collection[str]) -> Iterator[Demand]:
    if case.scenario.floor and not case.scenario.floors:
        yield Demand("floor", "", AT_LEAST, case.scenario.floor)  # of the worst-off cluster
    yield from (demand for demand in demands(case) if demand.kind in kinds)


def _has(demand: Demand, row: Any, items: Any) -> float:
    if demand.kind in MEASURED:
        return float(row[MEASURED[demand.kind]])
    item, cluster = place_of(demand.key)
    there = items[(items["item"] == item) & ((items["host"] == cluster) | (cluster is None))]
    return float(there["count"].sum())
