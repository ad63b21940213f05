"""A sweep as a comparison: many scenarios of which figures and decisions were kept, no plans."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from ikmplan.compare.comparison import (
    BASE,
    Comparison,
    SweepTables,
    check_enough,
    demand_tables,
    scenario_row,
    select,
    what_is_asked,
)
from ikmplan.compare.sweep_points import (
    fewer_for_more,
    fewer_warnings,
    nearest_point,
    point_names,
)
from ikmplan.input.case import Case
from ikmplan.input.scenario import Scenario, make_scenario
from ikmplan.input.tables import Tables, read_tables
from ikmplan.insight.demands import AT_LEAST, Demand, demands, place_of
from ikmplan.report.sureness import more_and_fewer
from ikmplan.runs.names import (
    SWEEP_ABOUT,
    SWEEP_COVERAGE,
    SWEEP_DECISIONS,
    SWEEP_DRAWS,
    SWEEP_TABLE,
)
from ikmplan.runs.read import find_data
from ikmplan.tableset import read_parquet
from ikmplan.text import _, current_language

ASKED = {"gap": "gap_asked"}  # column of a varied field whose own name is that of a figure
FLOOR = "floor"  # of single clusters only where their coverage was kept
# kind of demand -> the column of the table that measures it; locks are counted in the decisions
MEASURED = {
    FLOOR: "worst",
    "budget": "cost",
    "target_units": "coached",
    "target_reached": "reached",
    "target_classes": "classes",
}
KEPT = frozenset(MEASURED) - {FLOOR} | {"lock"}


def read_sweep(folder: Path, names: Sequence[str], base: str | None) -> Comparison:
    """The scenarios of a sweep side by side, each under the short name of its point.

    The base is the point `base`, else the one named "base", else the one that differs least from
    the scenario that the sweep was made around. Raises `BadInput` where there are not two plans.
    """
    about = json.loads((folder / SWEEP_ABOUT).read_text("utf-8"))
    table: Any = read_parquet(folder / SWEEP_TABLE).set_index("scenario", drop=False)
    tables = read_tables(find_data(about["base"]["data"], folder))
    fields = tuple(about["varied"])
    points = {
        name: {field: row[ASKED.get(field, field)] for field in fields}
        for name, row in table.iterrows()
    }
    short = point_names(points)
    of_short = {shown: name for name, shown in short.items()}
    wanted = [of_short.get(name, name) for name in names]
    named = {name: points[name] for name in wanted if name in points} or points
    chosen, left_out = select(
        wanted,
        of_short.get(base, base) if base else _base(named, table, about, tables),
        list(table.index),
        lambda name: _why_not(table.loc[name], about["base"].get("language")),
    )
    left_out = {short.get(name, name): why for name, why in left_out.items()}
    check_enough(folder, len(chosen), left_out)
    cases = {name: _case(tables, about, table.loc[name]) for name in chosen}
    items: Any = read_parquet(folder / SWEEP_DECISIONS)
    coverage = _coverage(folder, table, fields)
    counted = [] if coverage is None else _counted(coverage, chosen, cases[chosen[0]])
    shares: dict[str, dict[str, float]] = {}
    for name, cluster, _size, _reached, share in counted:
        shares.setdefault(name, {})[cluster] = share
    in_draws = _against_base(folder, cases)
    rows: dict[str, list[Any]] = {
        "scenarios": [
            _figures(table.loc[n], case, shares.get(n)) | in_draws.get(n, {})
            for n, case in cases.items()
        ],
        "coverage": counted,
        "items": items[items["scenario"].isin(chosen)].to_numpy().tolist(),
        "asked": [(name, *row) for name, case in cases.items() for row in what_is_asked(case)],
        **_demands(table.loc[chosen], items, cases, shares),
    }
    made = {
        key: frame.replace({column: short for column in ("scenario", "plan") if column in frame})
        for key, frame in Comparison.frames(rows).items()
    }
    stale = any(table.loc[name, "fingerprint"] != case.fingerprint for name, case in cases.items())
    warnings = _warnings(about, stale, coverage is not None)
    fewer = fewer_for_more(table, [ASKED.get(field, field) for field in fields])
    warnings += [*fewer_warnings(fewer, short)]
    swept = None if coverage is None else SweepTables(table, coverage, fields)
    return Comparison(made, cases[chosen[0]], tuple(left_out.items()), tuple(warnings), swept)


def _base(
    points: Mapping[str, Mapping[str, Any]], table: Any, about: Mapping[str, Any], tables: Tables
) -> str | None:
    """The point to measure against, among those that have a plan."""
    planned = {name: points[name] for name in table.index[table["reached"].notna()]}
    if BASE in planned:
        return BASE
    values = {name: value for name, value in about["base"].items() if name in Scenario.model_fields}
    return nearest_point(planned, values, Case(tables, make_scenario(values)).budget)


def _why_not(row: Any, written: str | None) -> str | None:
    """Why the point has no plan, in the language in use; the reasons are `written` in one."""
    if not pd.isna(row["reached"]):
        return None
    if written == current_language():
        return str(row["why"])
    if row["status"] == "none":
        return _("No plan keeps all its demands. Why stands in the files of the sweep.")
    return _("It failed. Why stands in the files of the sweep.")


def _coverage(folder: Path, table: Any, fields: Sequence[str]) -> Any:
    """Who is reached by each plan, and what was varied for it; None of an older sweep."""
    if not (folder / SWEEP_COVERAGE).is_file():
        return None
    varied = table[["scenario", *(ASKED.get(field, field) for field in fields)]]
    return varied.reset_index(drop=True).merge(read_parquet(folder / SWEEP_COVERAGE), on="scenario")


def _against_base(folder: Path, cases: Mapping[str, Case]) -> dict[str, dict[str, float]]:
    """Scenario -> how often it reaches more, and fewer, than the first of the cases in the same
    draws; nothing of those that have other draws, or none."""
    if not (folder / SWEEP_DRAWS).is_file():
        return {}
    drawn = read_parquet(folder / SWEEP_DRAWS).groupby("scenario")["expected"].apply(list)
    base, *others = cases
    found = {}
    for name in others:
        same = cases[name].scenario.seed == cases[base].scenario.seed
        if same and name in drawn.index and base in drawn.index:
            more, fewer = more_and_fewer(drawn[name], drawn[base])
            found[name] = {"better": more, "worse": fewer}
    return found


def _counted(coverage: Any, scenarios: Sequence[str], case: Case) -> list[Any]:
    """The rows of `coverage` of these scenarios and of clusters of IKM units."""
    rows = coverage[["scenario", "cluster", "size", "reached", "coverage"]]
    counts = [c for c in case.clusters if case.is_ikm(c) and case.size[c]]
    rows = rows[rows["cluster"].isin(counts) & rows["scenario"].isin(scenarios)]
    return list(rows.itertuples(index=False, name=None))


def _warnings(about: Mapping[str, Any], stale: bool, has_coverage: bool) -> list[str]:
    warnings = [
        _(
            "Of a sweep it is not known which plan breaks an exclusion, or the limits of days and "
            "funds."
        )
    ]
    if not has_coverage:
        warnings.append(
            _("This sweep kept no coverage of single clusters: who gains and loses is not known.")
        )
    if stale:
        warnings.append(
            _(
                "{data} has changed since the sweep, or the program has. The figures are those "
                "of the day of the sweep.",
                data=about["base"]["data"],
            )
        )
    return warnings


def _case(tables: Tables, about: Mapping[str, Any], row: Any) -> Case:
    """The scenario of a row: the base's values, those that were varied, and its name."""
    values = {name: value for name, value in about["base"].items() if name in Scenario.model_fields}
    for varied in about["varied"]:
        field, _dot, key = varied.partition(".")
        message = row[ASKED.get(varied, varied)]
        value = None if pd.isna(message) else message
        values[field] = {**(values.get(field) or {}), key: value} if key else value
    return Case(tables, make_scenario(values | {"name": row["scenario"], "title": "", "note": ""}))


def _figures(row: Any, case: Case, shares: Mapping[str, float] | None) -> dict[str, Any]:
    lowest = min(shares, key=lambda c: (shares[c], c)) if shares else ""
    kept = {"asked": case.scenario.gap, "worst": lowest, "worst_share": row["worst"]}
    return scenario_row(case, {**row, **kept})


def _demands(
    table: Any, items: Any, cases: Mapping[str, Case], shares: Mapping[str, Mapping[str, float]]
) -> dict[str, list[Any]]:
    """The demands that can be measured by the tables: who asks them, and which plan keeps them."""
    # what a plan costs at other prices cannot be computed from the tables
    one_price = len({case.scenario.price_factor for case in cases.values()}) == 1
    kinds = KEPT if one_price else KEPT - {"budget"}
    kinds = kinds | {FLOOR} if shares else kinds
    none: Mapping[str, float] = {}
    measures = {
        name: partial(
            _has,
            row=row,
            items=items[items["scenario"] == name],
            shares=shares.get(str(name), none),
        )
        for name, row in table.iterrows()
    }
    return demand_tables({name: _asks(case, kinds) for name, case in cases.items()}, measures)


def _asks(case: Case, kinds: Collection[str]) -> Iterator[Demand]:
    if FLOOR not in kinds and case.scenario.floor and not case.scenario.floors:
        yield Demand(FLOOR, "", AT_LEAST, case.scenario.floor)  # of the worst-off cluster
    yield from (demand for demand in demands(case) if demand.kind in kinds)


def _has(demand: Demand, row: Any, items: Any, shares: Mapping[str, float]) -> float:
    if demand.kind == FLOOR and demand.key:
        return shares.get(demand.key, 0.0)
    if demand.kind in MEASURED:
        return float(row[MEASURED[demand.kind]])
    item, cluster = place_of(demand.key)
    there = items[(items["item"] == item) & ((items["host"] == cluster) | (cluster is None))]
    return float(there["count"].sum())
