"""A sweep as a comparison: many scenarios of which figures and decisions were kept, no plans."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ikmplan.compare.comparison import BASE, Comparison, check_enough, make_tables, what_is_asked
from ikmplan.faults import nearest
from ikmplan.input.case import Case
from ikmplan.input.scenario import Scenario, make_scenario
from ikmplan.input.tables import Tables, read_tables
from ikmplan.insight.demands import AT_LEAST, Demand, demands, place_of
from ikmplan.runs.names import SWEEP_ABOUT, SWEEP_DECISIONS, SWEEP_TABLE
from ikmplan.runs.read import find_data
from ikmplan.text import _
from ikmplan.views import units_counted

ASKED = {"gap": "gap_asked"}  # column of a varied field whose own name is that of a figure
KEPT = ("budget", "target_units", "target_classes", "lock")  # what the tables can tell


def is_sweep(folder: Path) -> bool:
    return (folder / SWEEP_TABLE).is_file() and (folder / SWEEP_ABOUT).is_file()


def read_sweep(folder: Path, names: Sequence[str], base: str | None) -> Comparison:
    """The scenarios of a sweep side by side. It kept no coverage of single clusters.

    Raises `BadInput` where there are not two plans.
    """
    about = json.loads((folder / SWEEP_ABOUT).read_text("utf-8"))
    table: Any = pd.read_parquet(folder / SWEEP_TABLE).set_index("scenario", drop=False)
    items: Any = pd.read_parquet(folder / SWEEP_DECISIONS)
    tables = read_tables(find_data(about["base"]["data"], folder))
    wanted = [*([] if base is None else [base]), *(names or table.index)]
    left_out = {}
    for name in wanted:
        if name not in table.index:
            near = nearest(name, list(table.index)) or ""
            left_out[name] = f"{_('There is no run of this name.')} {near}".strip()
        elif pd.isna(table.loc[name, "reached"]):
            left_out[name] = str(table.loc[name, "why"])
    chosen = [name for name in dict.fromkeys(wanted) if name not in left_out]
    if base is None and BASE in chosen:
        chosen = [BASE, *(name for name in chosen if name != BASE)]
    check_enough(folder, len(chosen) if base not in left_out else 0, left_out)
    cases = {name: _case(tables, about, table.loc[name]) for name in chosen}
    rows: dict[str, list[Any]] = {
        "scenarios": [_figures(table.loc[name], cases[name]) for name in chosen],
        "items": items[items["scenario"].isin(chosen)].to_numpy().tolist(),
        "asked": [(name, *row) for name in chosen for row in what_is_asked(cases[name])],
        **_demands(table.loc[chosen], items, cases),
    }
    warnings = [
        _(
            "A sweep keeps no coverage of single clusters: who gains and who loses is not told, "
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


def _figures(row: Any, case: Case) -> tuple[Any, ...]:
    everyone = units_counted(case)
    return (
        row["scenario"], row["status"], row["value"], row["bound"], row["gap"],
        case.scenario.gap, abs(row["value"] - row["reached"]) < 1e-6, row["reached"],
        row["reached"] / everyone if everyone else float("nan"), row["coached"], "", row["worst"],
        row["classes"], row["machines"], row["cost"], case.budget,
    )  # fmt: skip


def _demands(table: Any, items: Any, cases: Mapping[str, Case]) -> dict[str, list[Any]]:
    """The demands that the tables can tell of: who asks them, and which plan keeps them."""
    who_asks: dict[Demand, list[str]] = {}
    for name, case in cases.items():
        for demand in _told(case):
            who_asks.setdefault(demand, []).append(name)
    if len({case.scenario.price_factor for case in cases.values()}) > 1:
        # at other prices a plan costs what only its lines could tell
        who_asks = {demand: names for demand, names in who_asks.items() if demand.kind != "budget"}
    kept = []
    for name, row in table.iterrows():
        mine = items[items["scenario"] == name]
        for n, demand in enumerate(who_asks):
            measured = _has(demand, row, mine)
            kept.append((n, *demand[:4], name, measured, demand.kept(measured)))
    asked = [(name, n) for n, names in enumerate(who_asks.values()) for name in names]
    return {"demands": asked, "kept": kept}


def _told(case: Case) -> Iterator[Demand]:
    if case.scenario.floor and not case.scenario.floors:
        yield Demand("floor", "", AT_LEAST, case.scenario.floor)  # of the worst-off cluster
    yield from (demand for demand in demands(case) if demand.kind in KEPT)


def _has(demand: Demand, row: Any, items: Any) -> float:
    figures = {
        "floor": "worst",
        "budget": "cost",
        "target_units": "coached",
        "target_classes": "classes",
    }
    if demand.kind in figures:
        return float(row[figures[demand.kind]])
    item, cluster = place_of(demand.key)
    there = items[(items["item"] == item) & ((items["host"] == cluster) | (cluster is None))]
    return float(there["count"].sum())
