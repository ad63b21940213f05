"""Figures of a comparison: coverage against money, who gains and loses, what is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from math import isnan
from textwrap import shorten
from typing import Any

from ikmplan.compare.comparison import ALWAYS, NEVER, Comparison, by_cluster, changes, choices
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
    Plane,
    Sign,
    ValueAxis,
    number_axis,
    plane,
    rows,
    spread,
    ticks,
)
from ikmplan.show.drawing import Fill, Mark, Stroke
from ikmplan.show.heat import Tint, heat_map
from ikmplan.show.point_labels import Point, name_points
from ikmplan.show.table import (
    NOTHING,
    Prose,
    Signed,
    one_decimal,
    percent_one_decimal,
    plain_number,
    short_rupiah,
)
from ikmplan.tableset import grouped
from ikmplan.text import _, listing, number

BASE_MARK = Mark("D", Fill(YELLOW, BLACK), 12)
WHISKER = Stroke(VERMILION, 1.5)
UNDOMINATED = Stroke(GREY, 1)
CHOSEN_FILLS = (Fill(BLUE), Fill(SKY, GREY, "/"))
SEEN = 0.01  # of the height of a figure; what is less cannot be seen
LISTED = 30  # scenarios, clusters or items that a text alternative lists


# --- coverage against money --------------------------------------------------------------


def money_chart_of_scenarios(c: Comparison) -> Chart:
    """What each plan reaches and costs, and what its proof leaves open."""
    caption = _(
        "Each point is a plan: to the right it costs more, further up it reaches more units. The "
        "diamond is the base."
    )
    rows: Any = c.scenarios.set_index("scenario")
    message = [
        _(
            "{name}: {reached} units for {cost}",
            name=label(c, name),
            reached=one_decimal(row["reached"]),
            cost=short_rupiah(row["cost"]),
        )
        for name, row in c.figures.items()
    ]
    alt = _("Points of what each plan reaches and costs. {values}.", values=_listed(message))
    chart = Chart(_who_reaches_most(rows), caption, alt)
    at = _money_plane(chart, rows)
    signs: list[tuple[Sign, str]] = []
    if c.is_large:
        _stairs(chart, at, _undominated(rows))
        signs.append((UNDOMINATED, _("No plan reaches more for less")))
    if _whiskers(chart, at, rows):
        signs.append((WHISKER, _("What the proof leaves open")))
    dot = Mark("o", Fill(SKY, BLUE) if c.is_large else Fill(BLUE), 6 if c.is_large else 9)
    points = {name: (row["cost"], row["reached"]) for name, row in c.figures.items()}
    for name in reversed(c.names):  # the base on top of the others
        x, y = points[name]
        chart.mark(at.x(x), at.y(y), BASE_MARK if name == c.base else dot)
    named = grouped((points[name], label(c, name)) for name in c.shown)
    texts = {point: ", ".join(those) for point, those in named.items()}
    name_points(chart, at, texts, points.values())
    chart.legend((BASE_MARK, _("Base")), (dot, _("Scenario")), *signs)
    return chart


def _money_plane(chart: Chart, rows: Any) -> Plane:
    left, right = spread(rows["cost"], 0.12)
    tops = rows["bound"].where(rows["in_units"], rows["reached"])
    low, high = spread([*rows["reached"], *tops], 0.14)
    money = ValueAxis(_("Money used (rupiah)"), left, right, ticks(left, right, 6), short_rupiah)
    units = ValueAxis(
        _("IKM units expected to be reached"), low, high, ticks(low, high, 7), plain_number
    )
    return plane(chart, money, units, high=300)


def _who_reaches_most(rows: Any) -> str:
    """The title: who reaches most and who least. Fewer units cost less each, whatever the
    scenario, so none is called best for its money."""
    most, least = rows["reached"].idxmax(), rows["reached"].idxmin()
    if rows["reached"].max() - rows["reached"].min() < GAIN:
        return _("All reach about {n} units", n=number(rows["reached"].max()))
    return _(
        "{most} reaches most ({many} units), {least} least ({few})",
        most=most,
        many=number(rows["reached"].max()),
        least=least,
        few=number(rows["reached"].min()),
    )


def _listed(message: Sequence[str]) -> str:
    rest = [_("{n} more", n=number(len(message) - LISTED))] if len(message) > LISTED else []
    return "; ".join([*message[:LISTED], *rest])


def _undominated(rows: Any) -> Any:
    """The rows that reach more than every cheaper one, the cheapest first."""
    rows = rows.sort_values(["cost", "reached"], ascending=[True, False])
    return rows[rows["reached"] > rows["reached"].cummax().shift(fill_value=-1.0)]


def _stairs(chart: Chart, at: Plane, best: Any) -> None:
    """From each of these plans to the next dearer one, along what can be had for less."""
    points: list[Point] = []
    for x, y in zip(best["cost"], best["reached"], strict=True):
        points += [(at.x(x), points[-1][1])] if points else []
        points.append((at.x(x), at.y(y)))
    chart.line(points, UNDOMINATED)


def _whiskers(chart: Chart, at: Plane, rows: Any) -> bool:
    """Up to the bound: no better plan lies above; whether any is drawn."""
    height = rows["reached"].max() - rows["reached"].min()
    open_rows = rows[rows["in_units"] & (rows["bound"] - rows["reached"] > SEEN * height)]
    for row in open_rows.itertuples():
        x, top = at.x(row.cost), at.y(row.bound)
        chart.line([(x, at.y(row.reached)), (x, top)], WHISKER)
        chart.line([(x - 4, top), (x + 4, top)], WHISKER)
    return len(open_rows) > 0


# --- who gains, who loses ----------------------------------------------------------------


def gains_chart(c: Comparison) -> Chart | Prose:
    """The change of every cluster's coverage against the base, for each scenario shown."""
    if not len(c.coverage):
        return Prose("")  # the table beside it states it
    caption = _(
        "First column: coverage in the base. The others: its change in percentage points, blue "
        "for more and orange for less, white where it is less than half a unit."
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
        values=_listed(message),
    )
    chart = Chart(_who_loses(c, points), caption, alt)
    values = points.to_numpy(float)
    seen = changes(c, "reached")[points.columns].abs().ge(GAIN).to_numpy()
    edge = max([1.0, *(abs(n) for n in values.ravel() if not isnan(n))])
    cells = [
        [
            Tint(percent_one_decimal(share)),
            *(
                Tint(NOTHING if isnan(n) else Signed(one_decimal)(n), 0.6 * n / edge if s else 0)
                for n, s in zip(change, counts, strict=True)
            ),
        ]
        for share, change, counts in zip(base, values, seen, strict=True)
    ]
    heads = [shorten(label(c, name), 48, placeholder="…") for name in c.shown]
    below = _("Coverage in the base, and change in percentage points")
    heat_map(chart, clusters, heads, cells, below)
    return chart


def _who_loses(c: Comparison, points: Any) -> str:
    """The title: of more than two other scenarios, the cluster that loses most in any."""
    units = changes(c, "reached")[points.columns]
    if len(points.columns) > 2:
        if units.min(axis=None) > -GAIN:
            return _("No cluster loses half a unit or more")
        losing = points.where(units <= -GAIN)
        lowest = losing.min(axis=1).idxmin()
        return _(
            "{cluster} loses most: {change} with {name}",
            cluster=c.case.name(lowest),
            change=Signed(percent_one_decimal)(losing.loc[lowest].min() / 100),
            name=losing.loc[lowest].idxmin(),
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


# --- what is chosen ----------------------------------------------------------------------


def chosen_chart(c: Comparison) -> Chart:
    """How many classes and machines the plans have of each kind: fewest, most, and the base."""
    caption = _("From the fewest to the most of all plans; the diamond is the base.")
    every: Any = choices(c)
    some = every[every["chosen"] != NEVER]
    always = some["chosen"] == ALWAYS
    never = [c.case.name(key) for key in every.loc[every["chosen"] == NEVER, "item"]]
    title = _(
        "Of {all} courses and kinds of machine, {always} are in every plan and {never} in none",
        all=number(len(every)),
        always=number(always.sum()),
        never=number(len(never)),
    )
    names = [c.case.name(key) for key in some["item"]]
    counts = [
        number(high) if low == high else f"{number(low)}–{number(high)}"
        for low, high in zip(some["fewest"], some["most"], strict=True)
    ]
    message = [f"{name} {count}" for name, count in zip(names, counts, strict=True)]
    alt = _("Bars from the fewest to the most. {values}.", values=_listed(message))
    if never:
        alt += " " + _("In no plan: {names}.", names=listing(never))
    chart = Chart(title, caption, alt)
    most = float(max([*some["most"], 1]))
    axis = number_axis(_("Classes or machines in the year"), most + 0.2, number, least=1)
    at = rows(chart, names, axis._replace(low=-0.2), counts, high=22)
    for y, row, count in zip(at.middles, some.itertuples(), counts, strict=True):
        # a count that never changes is seen too
        start, end = at.x(row.fewest - 0.08), at.x(row.most + 0.08)
        chart.rect(start, y - 6, end - start, 12, CHOSEN_FILLS[row.chosen != ALWAYS])
        chart.mark(at.x(row.base), y, BASE_MARK._replace(size=9))
        chart.text(at.end, y, count, anchor="end", bold=True)
    texts = (_("In every plan: fewest to most"), _("In some plans"))
    drawn = (always.any(), not always.all())
    signs = compress(zip(CHOSEN_FILLS, texts, strict=True), drawn)
    chart.legend(*signs, (BASE_MARK, _("Base")))
    return chart
