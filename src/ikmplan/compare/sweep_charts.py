"""A sweep over budgets as charts: what is reached, by what else was varied.

Each takes the tables of a sweep (`Sweep.table`, `Sweep.coverage`); a budget for which no plan
keeps every demand is shaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import ceil
from textwrap import wrap
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ikmplan.input.case import Case
from ikmplan.show.chart import (
    COLOURS,
    HATCHES,
    Chart,
    clean,
    in_own_style,
    legend,
    new_chart,
    nothing,
    plain,
    show_shares,
)
from ikmplan.show.table import NOTHING, one_decimal, percent_one_decimal, plain_number, short_rupiah
from ikmplan.show.table import View as TableView
from ikmplan.show.table import table as view_of
from ikmplan.text import _, listing, number, percent, rupiah

LINES = ("-", "--", "-.", ":")
MARKERS = "osD^v"
PANELS = 3  # beside each other


class Curve(NamedTuple):
    """The scenarios that differ in the budget alone: how they are drawn, and what they hold."""

    value: Any  # of what else was varied
    label: str
    colour: str
    style: str
    marker: str
    hatch: str
    rows: Any  # of the sweep's table, smallest budget first
    impossible: Sequence[float]  # budgets for which there is no plan


@in_own_style
def reached_chart(table: pd.DataFrame, by: str = "floor") -> Chart:
    """Units expected to be reached for each budget; a line for each value of `by`."""
    lines = list(_lines(table, by))
    planned = table.dropna(subset=["reached"])
    if planned["budget"].nunique() < 2:
        return nothing(_("A sweep over budgets needs two that have a plan"))
    low, high = (planned[planned["budget"] == end(planned["budget"])] for end in (min, max))
    title = _(
        "{less} reaches {few} units at most, {more} reaches {many}",
        less=rupiah(low["budget"].iloc[0], short=True),
        few=number(low["reached"].max()),
        more=rupiah(high["budget"].iloc[0], short=True),
        many=number(high["reached"].max()),
    )
    figure = new_chart(4.4, _caption(lines), title, _alt(lines, "reached", one_decimal))
    axes = figure.add_subplot()
    clean(axes, "both")
    for line in lines:
        _draw(axes, line, line.rows["budget"], line.rows["reached"])
    _shade(axes, lines)
    axes.set_ylim(0, 1.08 * planned["reached"].max())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _n: plain_number(y)))
    axes.set_ylabel(_("IKM units expected to be reached"))
    tried = sorted(table["budget"].unique())
    _budget_axis(axes, 7)
    if len(tried) <= 7:
        axes.set_xticks(tried)
    axes.set_xlabel(_("Budget"))
    legend(figure, axes, 3)
    return figure


@in_own_style
def cluster_chart(
    table: pd.DataFrame, coverage: pd.DataFrame, case: Case, by: str = "floor"
) -> Chart:
    """Expected coverage of each cluster for each budget: a panel each, a line for each `by`."""
    names = {c: case.name(c) for c in case.clusters if case.is_ikm(c) and case.size[c]}
    return _panels(table, coverage, names, by, _("cluster"))


@in_own_style
def district_curves(
    table: pd.DataFrame, coverage: pd.DataFrame, case: Case, by: str = "floor"
) -> Chart:
    """As `cluster_chart`, of each district (kecamatan)."""
    names = {c: case.clusters[c].district for c in case.clusters if case.is_ikm(c)}
    return _panels(table, coverage, names, by, _("district"))


def _panels(
    table: pd.DataFrame, coverage: pd.DataFrame, names: dict[str, str], by: str, kind: str
) -> Chart:
    places = coverage.assign(place=coverage["cluster"].map(names)).dropna(subset=["place"])
    keys = ["place", "scenario", "budget", *([by] if by in places else [])]
    sums = places.groupby(keys, sort=False, as_index=False, dropna=False)[["reached", "size"]].sum()
    sums["coverage"] = sums["reached"] / sums["size"]
    if sums["budget"].nunique() < 2:
        return nothing(_("A sweep over budgets needs two that have a plan"))
    lines = list(_lines(table, by))
    order = [str(name) for name in dict.fromkeys(sums["place"])]
    title = _("What each {kind} gets of a larger budget: its expected coverage", kind=kind)
    alt = _(
        "{n} panels, a {kind} each, with lines of its expected coverage. With the largest budget: "
        "{values}.",
        n=number(len(order)),
        kind=kind,
        values="; ".join(_at_most(sums, name) for name in order),
    )
    rows = ceil(len(order) / PANELS)
    figure = new_chart(1.3 + 1.55 * rows, _caption(lines), title, alt)
    grid: Any = figure.subplots(rows, PANELS, sharex=True, sharey=True, squeeze=False)
    for axes, name in zip(grid.flat, order, strict=False):
        mine = sums[sums["place"] == name].sort_values("budget")
        for line in lines:
            part = mine[mine["scenario"].isin(line.rows["scenario"])]
            _draw(axes, line, part["budget"], part["coverage"], size=3)
        clean(axes, "both")
        axes.set_title("\n".join(wrap(plain(name), 32)), fontsize=9)
        _shade(axes, lines, hatched=False)
        show_shares(axes.yaxis)
        axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        _budget_axis(axes, 3)
        axes.tick_params(labelsize=7.5)
        axes.set_ylim(0, 1.08 * sums["coverage"].max())
    for n, axes in enumerate(grid.flat):
        axes.tick_params(labelbottom=n >= len(order) - PANELS)
        if n >= len(order):
            axes.set_axis_off()
        figure.supylabel(_("Expected coverage (share of the units), by budget"), fontsize=10)
    legend(figure, grid.flat[0], 3)
    return figure


def _at_most(sums: Any, name: str) -> str:
    """The coverage with the largest budget, of each line."""
    mine = sums[(sums["place"] == name) & (sums["budget"] == sums["budget"].max())]
    shares = listing([percent(share) for share in mine["coverage"]])
    return _("{name} {share}", name=name, share=shares)


def _lines(table: Any, by: str) -> Iterator[Curve]:
    values = sorted(table[by].dropna().unique()) if by in table else [None]
    for n, value in enumerate(values):
        rows = (table if value is None else table[table[by] == value]).sort_values("budget")
        yield Curve(
            value,
            _line_label(by, value),
            COLOURS[n % len(COLOURS)],
            LINES[n % len(LINES)],
            MARKERS[n % len(MARKERS)],
            HATCHES[1 + n % (len(HATCHES) - 1)],
            rows,
            [float(budget) for budget in rows.loc[rows["status"] == "none", "budget"]],
        )


def _line_label(by: str, value: Any) -> str:
    if value is None:
        return _("This scenario")
    if by == "floor":
        return _("Floor {share}", share=percent(value)) if value else _("No floor")
    return f"{by} = {value}"


def _draw(axes: Axes, line: Curve, x: Any, y: Any, size: float = 5) -> None:
    style: dict[str, Any] = {"color": line.colour, "linestyle": line.style, "label": line.label}
    axes.plot(x, y, marker=line.marker, markersize=size, linewidth=1.6, **style)


def _shade(axes: Axes, lines: Sequence[Curve], hatched: bool = True) -> None:
    """From the left edge to the largest budget without a plan, for each line that has one."""
    every = [float(budget) for line in lines for budget in line.rows["budget"]]
    edge = min(every) - 0.04 * (max(every) - min(every))
    for line in lines:
        if line.impossible:
            axes.axvspan(edge, max(line.impossible), **_zone(line, hatched))
    axes.set_xlim(edge, max(every) + 0.04 * (max(every) - min(every)))


def _zone(line: Curve, hatched: bool) -> dict[str, Any]:
    return {
        "facecolor": (*_rgb(line.colour), 0.1 if hatched else 0.2),
        "edgecolor": (*_rgb(line.colour), 0.45),
        "hatch": line.hatch if hatched else None,
        "linewidth": 0,
        "zorder": 0.5,
        "label": _("No plan: {line}", line=line.label),
    }


def _rgb(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))


def _budget_axis(axes: Axes, most: int) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(most))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _n: rupiah(x, short=True)))


def _caption(lines: Sequence[Curve]) -> str:
    made = _("Each mark is a plan of its own, the best for its budget.")
    if any(line.impossible for line in lines):
        made += " " + _(
            "Shaded: budgets up to the largest one tried for which no plan meets the demands."
        )
    return made


def _alt(lines: Sequence[Curve], column: str, show: Callable[[float], str]) -> str:
    parts = []
    for line in lines:
        values = ", ".join(
            _(
                "{budget}: {n}",
                budget=rupiah(budget, short=True),
                n=_("no plan") if pd.isna(value) else show(value),
            )
            for budget, value in zip(line.rows["budget"], line.rows[column], strict=True)
        )
        parts.append(f"{line.label}: {values}")
    return "; ".join(parts) + "."


def sweep_table(table: pd.DataFrame, by: str = "floor") -> TableView:
    """Every scenario of the sweep: what was varied, and the figures of its plan."""
    statuses = {
        "proven": _("proven"),
        "feasible": _("stopped early"),
        "none": _("no plan"),
        "failed": _("failed"),
    }
    rows: Any = table.astype(object).where(table.notna(), None).to_dict("records")
    varied: list[Any] = [(_("Budget"), "budget", short_rupiah)]
    if by in table:
        varied.append((_("Floor") if by == "floor" else by, by, _share_or_text))
    return view_of(
        _("The scenarios of the sweep"),
        rows,
        *varied,
        (_("Plan"), lambda row: statuses.get(row["status"], row["status"])),
        (_("Expected to be reached"), "reached", one_decimal),
        (_("Coached"), "coached", number),
        (_("Coverage of the worst-off cluster"), "worst", percent_one_decimal),
        (_("Classes"), "classes", number),
        (_("Machines"), "machines", number),
        (_("Cost"), "cost", short_rupiah),
    )


def _share_or_text(value: Any) -> str:
    return percent(value) if isinstance(value, float) else str(value or NOTHING)
