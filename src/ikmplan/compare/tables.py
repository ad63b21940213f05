"""A comparison in detail: who gains, what is chosen, which plan breaks which demand."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pandas as pd

from ikmplan.compare.comparison import (
    SOMETIMES,
    Comparison,
    by_cluster,
    changes,
    choices,
    first_names,
    in_every_plan,
)
from ikmplan.compare.summary import label
from ikmplan.insight.demands import AT_LEAST, AT_MOST, DEMAND_KINDS, EXACTLY, place_of
from ikmplan.report.names import HELD_NAMES, place, ruling
from ikmplan.report.summary import GAIN
from ikmplan.show.table import Prose, Signed, View, one_decimal, percent_one_decimal, table
from ikmplan.text import _, listing, number

FEW_NAMES = 3  # names of many scenarios in a cell
LONGEST = 40  # rows of a table that has no end of its own
SIGN_SYMBOLS = {AT_LEAST: "≥", AT_MOST: "≤", EXACTLY: "="}


# --- who gains, who loses ----------------------------------------------------------------


def gains_table(c: Comparison) -> View | Prose:
    """Who gains and who loses against the base: units, and percentage points of coverage.

    A cluster of which a scenario reaches less than GAIN more or fewer units gains and loses
    nothing.
    """
    if not len(c.coverage):
        return Prose(_("No coverage of single clusters was kept."))
    points, units = changes(c), changes(c, "reached")
    size, coverage = by_cluster(c, "size")[c.base], by_cluster(c)
    return table(
        _("Change against the base: units expected to be reached (points of coverage)"),
        points.index,
        (_("Cluster"), c.case.name),
        (_("IKM units"), size.get, number),
        (label(c, c.base), coverage[c.base].get, percent_one_decimal),
        *(
            (name, units[name].get, [partial(_units_and_points, change) for change in points[name]])
            for name in c.shown[1:]
        ),
        *c.for_many(
            (_("lowest"), coverage.min(axis=1).get, percent_one_decimal),
            (_("highest"), coverage.max(axis=1).get, percent_one_decimal),
            (_("scenarios that reach more"), (units >= GAIN).sum(axis=1).get, number),
            (_("scenarios that reach fewer"), (units <= -GAIN).sum(axis=1).get, number),
        ),
    )


def _units_and_points(points: float, units: float) -> str:
    return f"{Signed(one_decimal)(units)} ({Signed(one_decimal)(100 * points)})"


# --- what is chosen ----------------------------------------------------------------------


def chosen_table(c: Comparison) -> View:
    """Courses and machines that are chosen always, sometimes and never."""
    having: dict[Any, set[Any]] = c.items.groupby("item")["scenario"].agg(set).to_dict()

    most = FEW_NAMES if c.is_large else len(c.shown)

    def without(row: Any) -> str | None:
        missing = [name for name in c.names if name not in having.get(row.item, set())]
        return first_names(missing, most) if row.chosen == SOMETIMES else None

    return table(
        _("Classes and machines over all plans"),
        choices(c).itertuples(),
        (_("Course or machine"), lambda row: c.case.name(row.item)),
        (_("Kind"), lambda row: _(HELD_NAMES[row.kind])),
        (_("Chosen"), lambda row: _(row.chosen)),
        (_("in plans"), lambda row: row.plans, partial(_of_all, c)),
        (_("fewest"), lambda row: row.fewest, number),
        (_("most"), lambda row: row.most, number),
        (label(c, c.base), lambda row: row.base, number),
        (_("not in"), without),
    )


def _of_all(c: Comparison, plans: int) -> str:
    return _("{n} of {all}", n=number(plans), all=number(len(c.names)))


def robust(c: Comparison) -> View:
    """What every plan has at the same place: it can be decided whatever scenario comes true."""
    rows = in_every_plan(c).sort_values(
        ["kind", "fewest", "item", "host"], ascending=[False, False, True, True]
    )
    return table(
        _("In every plan at the same place"),
        rows.itertuples(),
        (_("Course or machine"), lambda row: c.case.name(row.item)),
        (_("Where"), lambda row: place(c.case, row.host)),
        (_("Kind"), lambda row: _(HELD_NAMES[row.kind])),
        (_("fewest"), lambda row: row.fewest, number),
        (_("most"), lambda row: row.most, number),
        empty=_("The plans have nothing in common at any place."),
    )


# --- who breaks what ---------------------------------------------------------------------


def kept(c: Comparison) -> View:
    """How many demands of each scenario shown each plan shown breaks; of many, of all too."""
    everyone = _("all scenarios")
    rows = [*c.shown, *c.for_many(everyone)]
    of_all = c.kept[["demand"]].drop_duplicates().assign(scenario=everyone)
    asked = pd.concat([c.demands, *c.for_many(of_all)])
    demands = asked["scenario"].value_counts().reindex(rows, fill_value=0)
    broken = asked[asked["scenario"].isin(rows)].merge(c.kept[~c.kept["kept"]], on="demand")
    counts = pd.crosstab(broken["scenario"], broken["plan"])
    counts = counts.reindex(index=rows, columns=c.names, fill_value=0)

    def breaks(n: float) -> str:
        return _("breaks {n}", n=number(n)) if n else _("keeps all")

    return table(
        _("Demands of each scenario (rows) that each plan (columns) keeps or breaks"),
        rows,
        (_("Demands of"), partial(label, c)),
        (_("Demands"), demands.get, number),
        *((_("plan of {name}", name=plan), counts[plan].get, breaks) for plan in c.shown),
        *c.for_many((_("plans that keep all"), (counts == 0).sum(axis=1).get, partial(_of_all, c))),
    )


def broken(c: Comparison) -> View:
    """Which plan shown breaks which demand of a scenario shown, and by how much."""
    rows = list(_broken(c))
    caption = _("What the plans break")
    if len(rows) > LONGEST:
        caption += " " + _("({n} of {all})", n=number(LONGEST), all=number(len(rows)))
    return table(
        caption,
        rows[:LONGEST],
        (_("Plan of"), "plan"),
        (_("breaks"), "demand"),
        (_("asked"), "asked", str),  # on one line
        (_("asked by"), "askers"),
        (_("The plan has"), "has"),
        *c.for_many((_("Plans that break it"), "breaking", number)),
        empty=_("No plan breaks any demand."),
    )


def _broken(c: Comparison) -> Iterator[dict[str, Any]]:
    """The rows of `broken`: by plan; a kind's clusters of which the same is asked together."""
    askers = c.demands.groupby("demand")["scenario"].agg(list)
    askers = askers.map(partial(first_names, most=FEW_NAMES) if c.is_large else first_names)
    asked = c.demands[c.demands["scenario"].isin(c.shown)]["demand"]
    rows: Any = c.kept[~c.kept["kept"] & c.kept["demand"].isin(asked)]
    rows = rows.assign(askers=rows["demand"].map(askers))
    same = ["kind", "sign", "asked", "askers"]
    rows["breaking"] = rows.groupby(same)["plan"].transform("nunique")
    for plan in c.shown:
        for (kind, sign, amount, who), part in rows[rows["plan"] == plan].groupby(same, sort=False):
            demand = DEMAND_KINDS[kind]
            part = part.sort_values("has", ascending=sign == AT_LEAST, kind="stable")
            has = zip(part["key"], part["has"], strict=True)
            yield {
                "plan": label(c, plan),
                "demand": _(demand.label),
                "asked": f"{SIGN_SYMBOLS[sign]} {demand.show(amount)}",
                "askers": who,
                "has": "; ".join(
                    f"{_what(c, kind, key)} {demand.show(n)}".strip() for key, n in has
                ),
                "breaking": part["breaking"].iloc[0],
            }


def _what(c: Comparison, kind: str, key: str) -> str:
    if kind.startswith("limit"):
        return ruling(c.case, key) + ":"
    if kind in ("lock", "exclusion"):
        item, cluster = place_of(key)
        names = [c.case.name(item)] if item else []
        return ", ".join([*names, *([place(c.case, cluster)] if cluster else [])]) + ":"
    names = [c.case.name(part) for part in key.split("+") if part and kind != "unpaid"]
    return listing(names) + ":" if names else ""
