"""Figures of a comparison: coverage against money, who gains and loses, what is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten, wrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ikmplan.compare.comparison import (
    ALWAYS,
    NEVER,
    Comparison,
    by_cluster,
    changes,
    choices,
)
from ikmplan.compare.summary import label
from ikmplan.report.summary import GAIN
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
    in_own_style,
    legend,
    new_chart,
    plain,
    show_shares,
)
from ikmplan.show.point_labels import Point, name_points
from ikmplan.show.table import Prose, Signed, one_decimal, percent_one_decimal
from ikmplan.text import _, listing, number, rupiah
from ikmplan.views import PER

CHANGE = LinearSegmentedColormap.from_list("change", [VERMILION, "white", BLUE])
SEEN = 0.01  # of the height of a figure; what is less cannot be seen
SPOKEN = 30  # scenarios, clusters or items that a text alternative lists


# --- coverage against money --------------------------------------------------------------


@in_own_style
def money_chart_of_scenarios(c: Comparison) -> Chart:
    """What each plan reaches and costs, and what its proof leaves open."""
    caption = _("The diamond is the base; the axis on the right is the share of all IKM units.")
    rows: Any = c.scenarios.set_index("scenario")
    message = [
        _(
            "{name}: {reached} units for {cost}",
            name=label(c, name),
            reached=one_decimal(row["reached"]),
            cost=rupiah(row["cost"], short=True),
        )
        for name, row in c.figures.items()
    ]
    alt = _("Points of what each plan reaches and costs. {values}.", values=_spoken(message))
    figure = new_chart(5.2 if len(rows) < 6 else 6.4, caption, _who_reaches_most(rows), alt)
    axes = figure.add_subplot()
    size, opacity = 60.0, 1.0
    if c.is_large:
        size, opacity = 30.0, 0.6
        best = _undominated(rows)
        text = _("No plan reaches more for less")
        axes.step(best["cost"], best["reached"], where="post", color=GREY, linewidth=1, label=text)
    _whiskers(axes, rows)
    others = rows.iloc[1:]
    axes.scatter(
        others["cost"], others["reached"], s=size, color=BLUE, alpha=opacity,
        label=_("Scenario"), zorder=3,
    )  # fmt: skip
    _base_marks(axes, rows["cost"].iloc[:1], rows["reached"].iloc[:1], 90)
    axes.margins(0.12, 0.16)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _n: rupiah(x, short=True)))
    axes.set_xlabel(_("Money used (rupiah)"))
    axes.set_ylabel(_("IKM units expected to be reached"))
    if rows["share"].gt(0).all():
        _share_axis(axes, float(rows["reached"].iloc[0] / rows["share"].iloc[0]))
    clean(axes, "both")
    legend(figure, axes, 2)
    at: dict[Point, list[str]] = {}
    points = {name: (row["cost"], row["reached"]) for name, row in c.figures.items()}
    for name in c.shown:
        at.setdefault(points[name], []).append(label(c, name))
    names = {point: ", ".join(those) for point, those in at.items()}
    name_points(figure, axes, names, points.values())
    return figure


def _who_reaches_most(rows: Any) -> str:
    """The title: who reaches most, and who most for its money; often one and the same."""
    for_money = rows["per_money"].fillna(0)
    most, cheapest = rows["reached"].idxmax(), for_money.idxmax()
    n = number(rows["reached"].max())
    if most == cheapest:
        return _("{most} reaches most ({n} units), and most for its money too", most=most, n=n)
    return _(
        "{most} reaches most ({n} units); {cheapest} reaches most for its money ({each} for each "
        "{amount})",
        most=most,
        n=n,
        cheapest=cheapest,
        each=one_decimal(for_money.max()),
        amount=rupiah(PER, short=True),
    )


def _base_marks(axes: Axes, x: Any, y: Any, size: float) -> None:
    axes.scatter(
        x, y, s=size, marker="D", facecolor=YELLOW, edgecolor=BLACK, label=_("Base"), zorder=4
    )


def _spoken(message: Sequence[str]) -> str:
    rest = [_("{n} more", n=number(len(message) - SPOKEN))] if len(message) > SPOKEN else []
    return "; ".join([*message[:SPOKEN], *rest])


def _undominated(rows: Any) -> Any:
    """The rows that reach more than every cheaper one, the cheapest first."""
    rows = rows.sort_values(["cost", "reached"], ascending=[True, False])
    return rows[rows["reached"] > rows["reached"].cummax().shift(fill_value=-1.0)]


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
    functions = (lambda units: units / everyone, lambda share: share * everyone)
    other = axes.secondary_yaxis("right", functions=functions)
    show_shares(other.yaxis)
    other.set_ylabel(_("Share of all IKM units"))


# --- who gains, who loses ----------------------------------------------------------------


@in_own_style
def gains_chart(c: Comparison) -> Chart | Prose:
    """The change of every cluster's coverage against the base, for each scenario shown."""
    if not len(c.coverage):
        return Prose("")  # the table beside it says so
    caption = _(
        "First column: coverage in the base. The others: its change in percentage points, blue "
        "for more and orange for less."
    )
    points: Any = changes(c)[c.shown[1:]] * 100
    base = by_cluster(c)[c.base][points.index]
    clusters = [c.case.name(key) for key in points.index]
    message = [
        f"{cluster}: "
        + ", ".join(f"{name} {Signed(one_decimal)(change)}" for name, change in row.items())
        for cluster, (_key, row) in zip(clusters, points.iterrows(), strict=True)
    ]
    alt = _(
        "Table of colours: for each cluster the change of its coverage in points. {values}.",
        values=_spoken(message),
    )
    few = len(c.shown) <= 5
    height = (2.2 if few else 3.4) + 0.38 * len(clusters)
    figure = new_chart(height, caption, _who_loses(c, points), alt)
    axes = figure.add_subplot()
    _heat(axes, base.to_numpy(), points.to_numpy(float))
    bars(axes, clusters)
    axes.set_ylim(len(clusters) - 0.5, -0.5)
    axes.grid(visible=False)
    _name_columns(axes, [label(c, name) for name in c.shown], few)
    axes.axvline(0.5, color=GREY, linewidth=1)
    axes.set_xlabel(_("Coverage in the base, and change in percentage points"))
    return figure


def _who_loses(c: Comparison, points: Any) -> str:
    """The title: of more than two other scenarios, the cluster that loses most in any."""
    units = changes(c, "reached")[points.columns]
    if len(points.columns) > 2:
        if units.min(axis=None) > -GAIN:
            return _("No cluster loses half a unit or more")
        lowest = points.min(axis=1).idxmin()
        return _(
            "{cluster} loses most: {change} with {name}",
            cluster=c.case.name(lowest),
            change=Signed(percent_one_decimal)(points.loc[lowest].min() / 100),
            name=points.loc[lowest].idxmin(),
        )
    counts = [
        _(
            "{name}: {up} clusters gain half a unit or more, {down} lose as much",
            name=name,
            up=number((units[name] >= GAIN).sum()),
            down=number((units[name] <= -GAIN).sum()),
        )
        for name in points.columns
    ]
    return "; ".join(counts)


def _heat(axes: Axes, base: Any, points: Any) -> None:
    """The base's coverage, then changes (clusters × scenarios) on their colours."""
    edge = max(1.0, float(np.nanmax(np.abs(points), initial=0)))
    axes.imshow(
        np.hstack([np.full((len(base), 1), np.nan), points]),
        cmap=CHANGE,
        vmin=-1.5 * edge,  # pale enough for black figures
        vmax=1.5 * edge,
        aspect="auto",
    )
    for y, row in enumerate(np.column_stack([base, points])):
        for x, value in enumerate(row):
            show = Signed(one_decimal) if x else percent_one_decimal
            text = "–" if np.isnan(value) else show(value)
            axes.text(x, y, text, ha="center", va="center", fontsize=9.5)


def _name_columns(axes: Axes, names: list[str], few: bool) -> None:
    """Names above the columns, slanted unless they are few, and white lines between."""
    heads = [plain(shorten(name, 48, placeholder="…")) for name in names]
    width = 22 if few else 48
    wrapped = ["\n".join(wrap(head, width, break_on_hyphens=False)) for head in heads]
    axes.xaxis.tick_top()
    axes.set_xticks(range(len(heads)), wrapped)
    if not few:
        for tick in axes.get_xticklabels():
            tick.set(rotation=40, ha="left", rotation_mode="anchor")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xticks(np.arange(len(heads)) + 0.5, minor=True)
    axes.grid(which="minor", axis="x", color="white", linewidth=3)


# --- what is chosen ----------------------------------------------------------------------


@in_own_style
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
    for chosen, text, style in styles:
        part = rows[chosen]
        if len(part):
            axes.barh(
                where[chosen.to_numpy()],
                part["most"] - part["fewest"] + 0.16,  # a count that never changes is seen too
                left=part["fewest"] - 0.08,
                height=0.5,
                label=text,
                **style,
            )
    _base_marks(axes, rows["base"], at, 40)
    edge = max([*rows["most"], 1])
    for y, count in zip(at, counts, strict=True):
        axes.text(edge * 1.12, y, count, ha="right", va="center", fontweight="bold")
    axes.set_xlim(-0.3, edge * 1.13)
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.set_xlabel(_("Classes or machines in the year"))
    legend(figure, axes)
    return figure
