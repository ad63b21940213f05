"""A sweep over budgets as charts: what is reached, by what else was varied.

Each takes the tables of a sweep (`Sweep.table`, `Sweep.coverage`); a budget for which no plan
keeps every demand is shaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from ikmplan.compare.sweep_points import value_words
from ikmplan.input.case import Case
from ikmplan.show.chart import (
    COLOURS,
    SMALL,
    Chart,
    Plane,
    ValueAxis,
    draw_curve,
    nothing,
    number_axis,
    plane,
    share_axis,
    ticks,
)
from ikmplan.show.drawing import HATCHES, WIDTH, Fill, Mark, Stroke, mixed_with_white, wrap_text
from ikmplan.show.table import NOTHING, one_decimal, percent_one_decimal, plain_number, short_rupiah
from ikmplan.show.table import View as TableView
from ikmplan.show.table import table as view_of
from ikmplan.tableset import rows_with_none
from ikmplan.text import N_, _, listing, number, percent

COVERAGE_BY_BUDGET = N_("Expected coverage (share of the units), by budget")
DASHES = ("", "7 4", "7 3 2 3", "2 3")
SHAPES = "osD^v"
BESIDE = 3  # beside each other
FIELD = 260.0  # pixels: height of the field of a chart
PANEL_FIELD = 78.0  # and of a panel


class Curve(NamedTuple):
    """The scenarios that differ in the budget alone: how they are drawn, and what they hold."""

    value: Any  # of what else was varied
    label: str
    stroke: Stroke
    mark: Mark
    zone: Fill  # where there is no plan
    rows: Any  # of the sweep's table, smallest budget first
    scenarios: Mapping[str, float]  # and the budget of each, in that order
    impossible: Sequence[float]  # budgets for which there is no plan


def reached_chart(table: pd.DataFrame, by: str = "floor") -> Chart:
    """Units expected to be reached for each budget; a line for each value of `by`."""
    lines = list(lines_of(table, by))
    planned = table.dropna(subset=["reached"])
    if planned["budget"].nunique() < 2:
        return nothing(_("A sweep over budgets needs two that have a plan"))
    low, high = (planned[planned["budget"] == end(planned["budget"])] for end in (min, max))
    title = _(
        "{less} reaches {few} units at most, {more} reaches {many}",
        less=short_rupiah(low["budget"].iloc[0]),
        few=number(low["reached"].max()),
        more=short_rupiah(high["budget"].iloc[0]),
        many=number(high["reached"].max()),
    )
    chart = Chart(title, _caption(lines), _alt(lines))
    units = number_axis(
        _("IKM units expected to be reached"), 1.06 * planned["reached"].max(), plain_number
    )
    at = plane(chart, _budget_axis(_("Budget"), table["budget"], 7), units, FIELD)
    _shade(chart, at, lines)
    for line in lines:
        planned = line.rows.dropna(subset=["reached"])
        points = zip(planned["budget"], planned["reached"], strict=True)
        draw_curve(chart, at, points, line.stroke, line.mark)
    chart.legend(*_signs(lines))
    return chart


def cluster_chart(
    table: pd.DataFrame, coverage: pd.DataFrame, case: Case, by: str = "floor"
) -> Chart:
    """Expected coverage of each cluster for each budget: a panel each, a line for each `by`."""
    names = {c: case.name(c) for c in case.clusters if case.is_ikm(c) and case.size[c]}
    return _panels(table, coverage, names, by, _("cluster"))


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
    lines = list(lines_of(table, by))
    order = [str(name) for name in dict.fromkeys(sums["place"])]
    title = _("What each {kind} gets of a larger budget: its expected coverage", kind=kind)
    alt = _(
        "{n} panels, a {kind} each, with lines of its expected coverage. With the largest budget: "
        "{values}.",
        n=number(len(order)),
        kind=kind,
        values="; ".join(_at_most(sums, name) for name in order),
    )
    chart = Chart(title, _caption(lines), alt)
    covered: Any = sums.set_index(["place", "scenario"])["coverage"].to_dict()
    shares = share_axis("", 1.06 * sums["coverage"].max(), most=4)
    budgets = _budget_axis("", table["budget"], 2)
    label = _(COVERAGE_BY_BUDGET)
    chart.text(0, 8, label, size=SMALL)
    chart.height = 20
    for first in range(0, len(order), BESIDE):
        top = chart.height
        for n, name in enumerate(order[first : first + BESIDE]):
            chart.height = top
            left = n * (WIDTH + 18) / BESIDE
            right = left + (WIDTH + 18) / BESIDE - 26
            title_lines = wrap_text(name, right - left, SMALL, bold=True)[:2]
            y = chart.height + 8 + 7 * (len(title_lines) - 1)
            chart.text(left, y, title_lines, size=SMALL, bold=True)
            chart.height += 30
            at = plane(chart, budgets, shares, PANEL_FIELD, left, right)
            _shade(chart, at, lines)
            for line in lines:
                small, points = line.mark._replace(size=4.5), _covered(line, name, covered)
                draw_curve(chart, at, points, line.stroke, small)
    chart.legend(*_signs(lines))
    return chart


def _covered(
    line: Curve, name: str, covered: Mapping[tuple[str, str], float]
) -> Iterator[tuple[float, float]]:
    """Budget and coverage of the place, for each scenario of the line that has a plan."""
    for scenario, budget in line.scenarios.items():
        if (name, scenario) in covered:
            yield budget, covered[name, scenario]


def _at_most(sums: Any, name: str) -> str:
    """The coverage with the largest budget, of each line."""
    mine = sums[(sums["place"] == name) & (sums["budget"] == sums["budget"].max())]
    shares = listing([percent(share) for share in mine["coverage"]])
    return _("{name} {share}", name=name, share=shares)


def lines_of(table: Any, by: str) -> Iterator[Curve]:
    """A curve for each value of `by`, smallest first; one where nothing but the budget varied."""
    values = sorted(table[by].dropna().unique()) if by in table else [None]
    for n, value in enumerate(values):
        rows = (table if value is None else table[table[by] == value]).sort_values("budget")
        yield Curve(
            value,
            _("This scenario") if value is None else value_words(by, value),
            Stroke(COLOURS[n % len(COLOURS)], 1.6, DASHES[n % len(DASHES)]),
            Mark(SHAPES[n % len(SHAPES)], Fill(COLOURS[n % len(COLOURS)]), 8),
            _zone(COLOURS[n % len(COLOURS)], HATCHES[1 + n % (len(HATCHES) - 1)]),
            rows,
            dict(zip(rows["scenario"], rows["budget"].astype(float), strict=True)),
            [float(budget) for budget in rows.loc[rows["status"] == "none", "budget"]],
        )


def _shade(chart: Chart, at: Plane, lines: Sequence[Curve]) -> None:
    """From the left edge to the largest budget without a plan, for each line that has one; a
    line of a wider zone lies below."""
    for line in sorted(lines, key=lambda line: -max(line.impossible, default=0)):
        if line.impossible:
            end = at.x(max(line.impossible))
            chart.rect(at.x.start, at.y.end, end - at.x.start, at.y.start - at.y.end, line.zone)


def _zone(colour: str, hatch: str) -> Fill:
    """Paler than the line of this colour."""
    return Fill(mixed_with_white(colour, 0.12), mixed_with_white(colour, 0.55), hatch)


def _signs(lines: Sequence[Curve]) -> list[tuple[Any, str]]:
    signs: list[tuple[Any, str]] = [((line.stroke, line.mark), line.label) for line in lines]
    zones = [line for line in lines if line.impossible]
    return signs + [(line.zone, _("No plan: {line}", line=line.label)) for line in zones]


def _budget_axis(label: str, budgets: Any, most: int) -> ValueAxis:
    """From a little below the smallest budget to a little above the largest."""
    low, high = float(budgets.min()), float(budgets.max())
    room = 0.04 * (high - low)
    tried = sorted({float(budget) for budget in budgets})
    at = tried if len(tried) <= most else ticks(low, high, most)
    return ValueAxis(label, low - room, high + room, at, short_rupiah)


def _caption(lines: Sequence[Curve]) -> str:
    made = _("Each mark is a plan of its own, the best for its budget.")
    if any(line.impossible for line in lines):
        made += " " + _(
            "Shaded: budgets up to the largest one tried for which no plan meets the demands."
        )
    return made


def _alt(lines: Sequence[Curve]) -> str:
    parts = []
    for line in lines:
        units = (_("no plan") if pd.isna(n) else one_decimal(n) for n in line.rows["reached"])
        values = ", ".join(
            _("{budget}: {n}", budget=short_rupiah(budget), n=n)
            for budget, n in zip(line.rows["budget"], units, strict=True)
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
    varied: list[Any] = [(_("Budget"), "budget", short_rupiah)]
    if by in table:
        varied.append((_("Floor") if by == "floor" else by, by, _share_or_text))
    return view_of(
        _("The scenarios of the sweep"),
        rows_with_none(table),
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
