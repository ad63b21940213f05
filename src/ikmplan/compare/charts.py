"""Figures of a comparison: coverage against money, who gains and loses, what is chosen.

Up to MANY scenarios each has its own point or column; of more, the figures show ranges.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten, wrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ikmplan.compare.comparison import ALWAYS, NEVER, TIE, Comparison, changes, choices, per_money
from ikmplan.compare.summary import label
from ikmplan.show.chart import (
    BLACK,
    BLUE,
    GREY,
    SKY,
    VERMILION,
    YELLOW,
    Chart,
    bars,
    clean,
    legend,
    new_chart,
    plain,
    show_shares,
)
from ikmplan.show.point_labels import Point, name_points
from ikmplan.show.table import Prose, Signed, one_decimal, percent_one_decimal
from ikmplan.text import _, listing, number, percent, rupiah
from ikmplan.views import PER

CHANGE = LinearSegmentedColormap.from_list("change", [VERMILION, "white", BLUE])
SEEN = 0.01  # of the height of a figure; what is less cannot be seen
SPOKEN = 30  # scenarios, clusters or items that a text alternative lists


# --- coverage against money --------------------------------------------------------------


def money_chart_of_scenarios(c: Comparison) -> Chart:
    """What each plan reaches and costs, and what its proof leaves open."""
    caption = _("The diamond is the base; the axis on the right is the share of all IKM units.")
    rows: Any = c.scenarios.assign(each=per_money(c.scenarios)).set_index("scenario")
    most, cheapest = rows["reached"].idxmax(), rows["each"].fillna(0).idxmax()
    title = _(
        "{most} reaches most ({n} units); {cheapest} reaches most for its money ({each} for each "
        "{amount})",
        most=most,
        n=number(rows["reached"].max()),
        cheapest=cheapest,
        each=one_decimal(rows["each"].fillna(0).max()),
        amount=rupiah(PER, short=True),
    )
    if most == cheapest:
        title = _(
            "{most} reaches most ({n} units), and most for its money too",
            most=most,
            n=number(rows["reached"].max()),
        )
    message = [
        _(
            "{name}: {reached} units for {cost}",
            name=label(c, name),
            reached=one_decimal(row["reached"]),
            cost=rupiah(row["cost"], short=True),
        )
        for name, row in rows.iterrows()
    ]
    alt = _("Points of what each plan reaches and costs. {values}.", values=_spoken(message))
    figure = new_chart(5.2 if len(rows) < 6 else 6.4, caption, title, alt)
    axes = figure.add_subplot()
    best = _undominated(rows)
    if c.is_large:
        axes.step(
            [rows.loc[name, "cost"] for name in best],
            [rows.loc[name, "reached"] for name in best],
            where="post",
            color=GREY,
            linewidth=1,
            label=_("No plan reaches more for less"),
        )
    _whiskers(axes, rows)
    others = rows.iloc[1:]
    axes.scatter(
        others["cost"],
        others["reached"],
        s=30 if c.is_large else 60,
        color=BLUE,
        alpha=0.6 if c.is_large else 1,
        label=_("Scenario"),
        zorder=3,
    )
    axes.scatter(
        rows["cost"].iloc[:1],
        rows["reached"].iloc[:1],
        s=90,
        marker="D",
        facecolor=YELLOW,
        edgecolor=BLACK,
        label=_("Base"),
        zorder=4,
    )
    axes.margins(0.12, 0.16)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _n: rupiah(x, short=True)))
    axes.set_xlabel(_("Money used (rupiah)"))
    axes.set_ylabel(_("IKM units expected to be reached"))
    if rows["share"].gt(0).all():
        _share_axis(axes, float(rows["reached"].iloc[0] / rows["share"].iloc[0]))
    clean(axes, "both")
    legend(figure, axes, 2)
    named = dict.fromkeys([c.base, most, cheapest]) if c.is_large else c.names
    points = {name: (row["cost"], row["reached"]) for name, row in rows.iterrows()}
    at: dict[Point, list[str]] = {}
    for name in named:
        at.setdefault(points[name], []).append(label(c, name))
    names = {point: ", ".join(those) for point, those in at.items()}
    name_points(figure, axes, names, points.values())
    return figure


def _spoken(message: Sequence[str]) -> str:
    rest = [_("{n} more", n=number(len(message) - SPOKEN))] if len(message) > SPOKEN else []
    return "; ".join([*message[:SPOKEN], *rest])


def _undominated(rows: Any) -> list[str]:
    """The scenarios that reach more than every cheaper one, the cheapest first."""
    found: list[str] = []
    most = -1.0
    for name, row in rows.sort_values(["cost", "reached"], ascending=[True, False]).iterrows():
        if row["reached"] > most:
            most = row["reached"]
            found.append(str(name))
    return found


def _whiskers(axes: Axes, rows: Any) -> None:
    """Up to the bound: a better plan for the same limits lies nowhere above."""
    height = rows["reached"].max() - rows["reached"].min()
    rows = rows[rows["in_units"] & (rows["bound"] - rows["reached"] > SEEN * height)]
    if len(rows):
        axes.errorbar(
            rows["cost"],
            rows["reached"],
            yerr=[np.zeros(len(rows)), rows["bound"] - rows["reached"]],
            fmt="none",
            ecolor=VERMILION,
            elinewidth=1.5,
            capsize=5,
            label=_("What the proof leaves open"),
            zorder=2,
        )


def _share_axis(axes: Axes, everyone: float) -> None:
    def share(units: Any) -> Any:
        return units / everyone

    def units(share: Any) -> Any:
        return share * everyone

    other = axes.secondary_yaxis("right", functions=(share, units))
    show_shares(other.yaxis)
    other.set_ylabel(_("Share of all IKM units"))


# --- who gains, who loses ----------------------------------------------------------------


def gains_chart(c: Comparison) -> Chart | Prose:
    """The change of every cluster's coverage against the base; of many scenarios, its range."""
    if not len(c.coverage):
        return Prose("")  # the table beside it says so
    return _coverage_ranges(c) if c.is_large else _coverage_changes(c)


def _coverage_changes(c: Comparison) -> Chart:
    caption = _(
        "First column: coverage in the base. The others: its change in percentage points, blue "
        "for more and orange for less."
    )
    points: Any = changes(c) * 100
    base = c.coverage[c.coverage["scenario"] == c.base].set_index("cluster")["coverage"]
    clusters, others = [c.case.name(key) for key in points.index], list(points.columns)
    counts = [
        _(
            "{name}: {up} clusters gain, {down} lose",
            name=name,
            up=number((points[name] > TIE * 100).sum()),
            down=number((points[name] < -TIE * 100).sum()),
        )
        for name in others
    ]
    title = "; ".join(counts)
    if len(others) > 2:
        lowest = points.min(axis=1).idxmin()
        title = _(
            "{cluster} loses most: {change} with {name}",
            cluster=c.case.name(lowest),
            change=Signed(percent_one_decimal)(points.loc[lowest].min() / 100),
            name=points.loc[lowest].idxmin(),
        )
    message = [
        f"{name}: "
        + ", ".join(f"{other} {Signed(one_decimal)(points.loc[key, other])}" for other in others)
        for name, key in zip(clusters, points.index, strict=True)
    ]
    alt = _(
        "Table of colours: for each cluster the change of its coverage in points. {values}.",
        values=_spoken(message),
    )
    few = len(c.names) <= 5
    figure = new_chart((2.2 if few else 3.4) + 0.38 * len(clusters), caption, title, alt)
    axes = figure.add_subplot()
    values = points.to_numpy(float)
    edge = max(1.0, float(np.nanmax(np.abs(values), initial=0)))
    axes.imshow(
        np.hstack([np.full((len(clusters), 1), np.nan), values]),
        cmap=CHANGE,
        vmin=-1.5 * edge,  # pale enough for black figures
        vmax=1.5 * edge,
        aspect="auto",
    )
    for y, key in enumerate(points.index):
        texts = [percent_one_decimal(base[key]) if key in base else "–"]
        texts += ["–" if np.isnan(v) else Signed(one_decimal)(v) for v in values[y]]
        for x, text in enumerate(texts):
            axes.text(x, y, text, ha="center", va="center", fontsize=9.5)
    bars(axes, clusters)
    axes.set_ylim(len(clusters) - 0.5, -0.5)
    axes.grid(visible=False)
    heads = [shorten(label(c, name), 48, placeholder="…") for name in c.names]
    axes.xaxis.tick_top()
    axes.set_xticks(
        range(len(heads)),
        ["\n".join(wrap(plain(head), 22 if few else 48, break_on_hyphens=False)) for head in heads],
    )
    if not few:
        for tick in axes.get_xticklabels():
            tick.set(rotation=40, ha="left", rotation_mode="anchor")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xticks(np.arange(len(heads)) + 0.5, minor=True)
    axes.grid(which="minor", axis="x", color="white", linewidth=3)
    axes.axvline(0.5, color=GREY, linewidth=1)
    axes.set_xlabel(_("Coverage in the base, and change in percentage points"))
    return figure


def _coverage_ranges(c: Comparison) -> Chart:
    caption = _("From the lowest to the highest of all scenarios; the diamond is the base.")
    table: Any = c.coverage.pivot(index="cluster", columns="scenario", values="coverage")
    span = table.max(axis=1) - table.min(axis=1)
    table = table.loc[span.sort_values(ascending=False, kind="stable").index]
    first = table.index[0]
    title = _(
        "{cluster} depends most on the scenario: from {low} to {high} of its units",
        cluster=c.case.name(first),
        low=percent(table.loc[first].min()),
        high=percent(table.loc[first].max()),
    )
    names = [c.case.name(key) for key in table.index]
    rows = zip(names, table.min(axis=1), table.max(axis=1), strict=True)
    message = [
        _("{name} from {low} to {high}", name=name, low=percent(low), high=percent(high))
        for name, low, high in rows
    ]
    alt = _("Bars from the lowest to the highest coverage. {values}.", values=_spoken(message))
    figure = new_chart(1.8 + 0.4 * len(names), caption, title, alt)
    axes = figure.add_subplot()
    _ranges(axes, names, table.min(axis=1), table.max(axis=1), table[c.base], BLUE)
    axes.set_xlim(0, max(0.1, 1.05 * float(np.nanmax(table.to_numpy(float)))))
    show_shares(axes.xaxis)
    axes.set_xlabel(_("Expected coverage (share of the cluster's units)"))
    legend(figure, axes)
    return figure


def _ranges(axes: Axes, names: list[str], low: Any, high: Any, base: Any, colours: Any) -> None:
    at = bars(axes, names)
    axes.barh(
        at,
        high - low,
        left=low,
        height=0.5,
        color=colours,
        edgecolor=BLACK,
        linewidth=0.6,
        label=_("From the fewest to the most"),
    )
    axes.scatter(
        base,
        at,
        marker="D",
        s=46,
        facecolor=YELLOW,
        edgecolor=BLACK,
        label=_("Base"),
        zorder=4,
        clip_on=False,
    )


# --- what is chosen ----------------------------------------------------------------------


def chosen_chart(c: Comparison) -> Chart:
    """How many classes and machines the plans have of each kind: fewest, most, and the base."""
    caption = _("From the fewest to the most of all plans; the diamond is the base.")
    every: Any = choices(c)
    rows = every[every["chosen"] != NEVER]
    always = rows["chosen"] == ALWAYS
    never = [c.case.name(key) for key in every.loc[every["chosen"] == NEVER, "item"]]
    title = _(
        "Of {all} courses and kinds of machine, {always} are in every plan and {never} in none",
        all=number(len(every)),
        always=number(always.sum()),
        never=number(len(never)),
    )
    names = [c.case.name(key) for key in rows["item"]]
    counts = [
        number(high) if low == high else f"{number(low)}–{number(high)}"
        for low, high in zip(rows["fewest"], rows["most"], strict=True)
    ]
    message = [f"{name} {count}" for name, count in zip(names, counts, strict=True)]
    alt = _("Bars from the fewest to the most. {values}.", values=_spoken(message))
    if never:
        alt += " " + _("In no plan: {names}.", names=listing(never))
    figure = new_chart(1.8 + 0.36 * len(names), caption, title, alt)
    axes = figure.add_subplot()
    at = bars(axes, names)
    styles: tuple[tuple[Any, str, dict[str, Any]], ...] = (
        (always, _("In every plan: fewest to most"), {"color": BLUE}),
        (~always, _("In some plans"), {"facecolor": SKY, "edgecolor": GREY, "hatch": "///"}),
    )
    where = np.array(at)
    for first_names, text, style in styles:
        part = rows[first_names]
        if len(part):
            axes.barh(
                where[first_names.to_numpy()],
                part["most"] - part["fewest"] + 0.16,  # a count that never changes is seen too
                left=part["fewest"] - 0.08,
                height=0.5,
                label=text,
                **style,
            )
    axes.scatter(
        rows["base"], at, marker="D", s=40, facecolor=YELLOW, edgecolor=BLACK,
        label=_("Base"), zorder=4,
    )  # fmt: skip
    edge = max([*rows["most"], 1])
    for y, count in zip(at, counts, strict=True):
        axes.text(edge * 1.12, y, count, ha="right", va="center", fontweight="bold")
    axes.set_xlim(-0.3, edge * 1.13)
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.set_xlabel(_("Classes or machines in the year"))
    legend(figure, axes)
    return figure
