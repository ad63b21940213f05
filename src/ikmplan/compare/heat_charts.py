"""A sweep as heat maps: budget × floor, and budget × cluster."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

import pandas as pd

from ikmplan.compare.comparison import Comparison
from ikmplan.compare.sweep_charts import COVERAGE_BY_BUDGET, cluster_chart, reached_chart
from ikmplan.compare.sweep_points import fewer_for_more, value_words
from ikmplan.input.case import Case
from ikmplan.show.chart import BLACK, EMPTY, YELLOW, Chart, Sign, nothing
from ikmplan.show.drawing import Fill, Mark
from ikmplan.show.heat import Tint, heat_map
from ikmplan.show.table import NOTHING, one_decimal
from ikmplan.text import _, number, percent

STOPPED_MARK, FEWER_MARK = " ▲", " ▼"
FEWER_SIGN = Mark("v", Fill(YELLOW, BLACK), 7)
MOST_LINES = 5  # of a panel
DARKEST = 0.85  # of the colour of the largest number


def grid_of_sweep(c: Comparison) -> Chart:
    """Of a comparison of a sweep, the heat map of its two fields; of one field alone, the budget,
    the line of what is reached."""
    if c.sweep is None:
        return nothing("")
    fields = sorted(c.sweep.fields, key=lambda field: field != "budget")
    if len(fields) == 2:  # the budget across, the other field down
        return grid_heat(c.sweep.table, *fields)
    return reached_chart(c.sweep.table) if "budget" in c.sweep.fields else nothing("")


def clusters_of_sweep(c: Comparison) -> Chart:
    """Of a comparison of a sweep over budgets, the coverage of each cluster as a heat map."""
    if c.sweep is None or not _over_budgets(c.sweep.fields):
        return nothing("")
    return cluster_heat(c.sweep.table, c.sweep.coverage, c.case, _other(c.sweep.fields))


def panels_of_sweep(c: Comparison) -> Chart:
    """The same as lines, a panel for each cluster and a line for each value of the other field."""
    if c.sweep is None or not _over_budgets(c.sweep.fields):
        return nothing("")
    by = _other(c.sweep.fields)
    if by in c.sweep.table and c.sweep.table[by].nunique() > MOST_LINES:
        return nothing("")  # the lines of a panel could not be distinguished
    return cluster_chart(c.sweep.table, c.sweep.coverage, c.case, by)


def _over_budgets(fields: Sequence[str]) -> bool:
    return "budget" in fields and len(fields) <= 2


def _other(fields: Sequence[str]) -> str:
    return next((field for field in fields if field != "budget"), "floor")


def grid_heat(table: pd.DataFrame, across: str = "budget", down: str = "floor") -> Chart:
    """Units expected to be reached for each pair of two fields that a sweep varied.

    `table` is a sweep's, with the columns `across` and `down`. What was stopped early has an edge
    and ▲; where there is no plan a cell is hatched; ▼ marks a plan that reaches fewer units than
    one with a smaller budget. Other fields must not vary.
    """
    if not {across, down} <= set(table.columns) or table["reached"].notna().sum() < 2:
        return nothing("")
    columns, rows = (sorted(table[field].dropna().unique()) for field in (across, down))
    at = {(row[down], row[across]): row for row in table.to_dict("records")}
    if len(at) < len(table):
        return nothing(_("More than two fields were varied: the table shows them"))
    fewer = fewer_for_more(table, [across, down])
    ends: tuple[float, float] = table["reached"].min(), table["reached"].max()
    cells = [[_cell(at.get((y, x)), fewer, ends) for x in columns] for y in rows]
    names = [value_words(down, value) for value in rows]
    best: Any = table.sort_values("reached", ascending=False).to_dict("records")[0]
    title = _(
        "From {least} to {most} units; most with {best}",
        least=number(ends[0]),
        most=number(ends[1]),
        best=", ".join(value_words(field, best[field]) for field in (across, down)),
    )
    alt = _("Table of colours of the units reached. {values}.", values=_rows_as_text(names, cells))
    caption = _("Each cell is a plan of its own: the IKM units expected to be reached.")
    chart = Chart(title, caption, alt)
    heat_map(chart, names, [value_words(across, value) for value in columns], cells)
    signs: tuple[tuple[Sign, str, str], ...] = (
        (Fill("#FFFFFF", BLACK), _("▲ the search was stopped early"), STOPPED_MARK),
        (
            FEWER_SIGN,
            _("▼ fewer units than with a smaller budget: the gap of the search allows it"),
            FEWER_MARK,
        ),
        (EMPTY, _("no plan"), NOTHING),
    )
    texts = "".join(cell.text for row in cells for cell in row)
    chart.legend(*((fill, text) for fill, text, mark in signs if mark in texts))
    return chart


def _rows_as_text(names: Sequence[str], cells: Sequence[Sequence[Tint]]) -> str:
    """The cells of each row as text."""
    return "; ".join(
        f"{name}: " + ", ".join(cell.text for cell in row)
        for name, row in zip(names, cells, strict=True)
    )


def _cell(row: Any, fewer: Container[str], ends: tuple[float, float]) -> Tint:
    """The units of a plan, between the fewest and the most; the mark of its search."""
    if row is None:
        return Tint("")
    if pd.isna(row["reached"]):
        return Tint(NOTHING, empty=True)
    stopped = row["status"] == "feasible"
    text = one_decimal(row["reached"]) + STOPPED_MARK * stopped
    text += FEWER_MARK * (row["scenario"] in fewer)
    strength = DARKEST * (row["reached"] - ends[0]) / ((ends[1] - ends[0]) or 1)
    corner = FEWER_SIGN if row["scenario"] in fewer else None
    return Tint(text, strength, marked=stopped, short=number(row["reached"]), corner=corner)


def cluster_heat(
    table: pd.DataFrame, coverage: pd.DataFrame, case: Case, by: str = "floor", value: Any = None
) -> Chart:
    """Expected coverage of each cluster for each budget.

    Of the scenarios whose field `by` is `value`; None: its smallest value.
    """
    of_case = {c: case.name(c) for c in case.clusters if case.is_ikm(c) and case.size[c]}
    mine = coverage[coverage["cluster"].isin(of_case)]
    if by in table:
        value = table[by].min() if value is None else value
        mine, table = mine[mine[by] == value], table[table[by] == value]
    if "budget" not in table or mine["budget"].nunique() < 2:
        return nothing("")
    shares: Any = mine.pivot_table(index="cluster", columns="budget", values="coverage")
    shares = shares.reindex(index=[c for c in of_case if c in shares.index])
    budgets = sorted(table["budget"].unique())
    most = float(shares.to_numpy().max()) or 1.0
    cells = [
        [
            Tint(percent(row[b]), DARKEST * row[b] / most)
            if b in row
            else Tint(NOTHING, empty=True)
            for b in budgets
        ]
        for _key, row in shares.iterrows()
    ]
    names = [of_case[c] for c in shares.index]
    gained = shares[shares.columns[-1]] - shares[shares.columns[0]]
    with_value = value_words(by, value) if by in table else _("This scenario")
    title = _(
        "{which}: {cluster} gains most of a larger budget, {points} points",
        which=with_value,
        cluster=of_case[gained.idxmax()],
        points=number(100 * gained.max()),
    )
    alt = _(
        "Table of colours: the expected coverage of each cluster for each budget. {values}.",
        values=_rows_as_text(names, cells),
    )
    caption = _(COVERAGE_BY_BUDGET)
    chart = Chart(title, caption, alt)
    heat_map(chart, names, [value_words("budget", b) for b in budgets], cells)
    if len(shares.columns) < len(budgets):
        chart.legend((EMPTY, _("no plan")))
    return chart
