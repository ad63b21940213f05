"""A comparison in detail: who gains, what is chosen, which plan breaks which demand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from ikmplan.compare.comparison import (
    MANY,
    SOMETIMES,
    TIE,
    Comparison,
    by_cluster,
    changes,
    choices,
    first_names,
    in_every_plan,
    keep_all,
)
from ikmplan.compare.summary import label
from ikmplan.insight.demands import AT_LEAST, AT_MOST, place_of
from ikmplan.report.names import KIND_NAMES
from ikmplan.show.table import (
    Format,
    Prose,
    Signed,
    View,
    one_decimal,
    percent_one_decimal,
    plain_number,
    rupiah_text,
    table,
)
from ikmplan.text import N_, _, listing, number
from ikmplan.views import place

LONGEST = 40  # rows of a table that has no end of its own
SIGN_SYMBOLS = {AT_LEAST: "≥", AT_MOST: "≤", "=": "="}
DEMAND_LABELS = {
    "floor": N_("Floor"),
    "target_units": N_("Target of units coached"),
    "target_classes": N_("Target of classes"),
    "training_share_min": N_("Least share of the money for training"),
    "training_share_max": N_("Largest share of the money for training"),
    "users_trained": N_("Users of machines without their course"),
    "lock": N_("Lock"),
    "exclusion": N_("Exclusion"),
    "budget": N_("Budget"),
    "funds": N_("What these funds alone may pay"),
    "days": N_("Days in the year"),
}
AMOUNTS: dict[str, Format] = {
    **dict.fromkeys(("floor", "training_share_min", "training_share_max"), percent_one_decimal),
    **dict.fromkeys(("budget", "funds"), rupiah_text),
}


# --- who gains, who loses ----------------------------------------------------------------


def gains_table(c: Comparison) -> View | Prose:
    """Who gains and who loses against the base: units, and percentage points of coverage."""
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
            (name, units[name].get, [_units_and_points(change) for change in points[name]])
            for name in c.shown[1:]
        ),
        *c.for_many(
            (_("lowest"), coverage.min(axis=1).get, percent_one_decimal),
            (_("highest"), coverage.max(axis=1).get, percent_one_decimal),
            (_("scenarios that reach more"), (points > TIE).sum(axis=1).get, number),
            (_("scenarios that reach fewer"), (points < -TIE).sum(axis=1).get, number),
        ),
    )


def _units_and_points(points: float) -> Format:
    def shown(units: float) -> str:
        return f"{Signed(one_decimal)(units)} ({Signed(percent_one_decimal)(points)})"

    return shown


# --- what is chosen ----------------------------------------------------------------------


def chosen_table(c: Comparison) -> View:
    """Courses and machines that are chosen always, sometimes and never."""
    having: dict[Any, set[Any]] = c.items.groupby("item")["scenario"].agg(set).to_dict()

    def without(row: Mapping[str, Any]) -> str | None:
        missing = [name for name in c.names if name not in having.get(row["item"], set())]
        return first_names(missing, MANY) if row["chosen"] == SOMETIMES else None

    return table(
        _("Classes and machines over all plans"),
        choices(c).to_dict("records"),
        (_("Course or machine"), lambda row: c.case.name(row["item"])),
        (_("Kind"), lambda row: _(KIND_NAMES[row["kind"]])),
        (_("Chosen"), lambda row: _(row["chosen"])),
        (_("in plans"), "plans", partial(_of_all, c)),
        (_("fewest"), "fewest", number),
        (_("most"), "most", number),
        (label(c, c.base), "base", number),
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
        rows.to_dict("records"),
        (_("Course or machine"), lambda row: c.case.name(row["item"])),
        (_("Where"), lambda row: place(c.case, row["host"])),
        (_("Kind"), lambda row: _(KIND_NAMES[row["kind"]])),
        (_("fewest"), "fewest", number),
        (_("most"), "most", number),
        empty=_("The plans have nothing in common at any place."),
    )


# --- who breaks what ---------------------------------------------------------------------


def kept(c: Comparison) -> View:
    """How many demands of each scenario shown each plan shown breaks; of many, of all too."""
    asked = c.demands.groupby("scenario").size()
    pairs = c.demands[c.demands["scenario"].isin(c.shown)].merge(c.kept, on="demand")
    broken = (~pairs.set_index(["scenario", "plan"])["kept"]).groupby(level=[0, 1]).sum()
    keeping = (broken == 0).groupby(level=0).sum()
    of_all = (~c.kept.set_index("plan")["kept"]).groupby(level=0).sum()
    rows = [
        (
            label(c, name),
            int(asked.get(name, 0)),
            {plan: int(broken.get((name, plan), 0)) for plan in c.shown},
            keeping.get(name, len(c.names)),
        )
        for name in c.shown
    ]
    everyone = (_("all scenarios"), c.kept["demand"].nunique(), of_all, len(keep_all(c)))

    def breaks(n: float) -> str:
        return _("breaks {n}", n=number(n)) if n else _("keeps all")

    return table(
        _("Demands of each scenario (rows) that each plan (columns) keeps or breaks"),
        [*rows, *c.for_many(everyone)],
        (_("Demands of"), lambda row: row[0]),
        (_("Demands"), lambda row: row[1], number),
        *(
            (_("plan of {name}", name=plan), lambda row, plan=plan: row[2].get(plan, 0), breaks)
            for plan in c.shown
        ),
        *c.for_many((_("plans that keep all"), lambda row: row[3], partial(_of_all, c))),
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
        (_("Plan of"), lambda row: label(c, row[0])),
        (_("breaks"), lambda row: row[1]),
        (_("asked"), lambda row: row[2]),
        (_("asked by"), lambda row: row[3]),
        (_("The plan has"), lambda row: row[4]),
        *c.for_many((_("Plans that break it"), lambda row: row[5], number)),
        empty=_("No plan breaks any demand."),
    )


def _broken(c: Comparison) -> Iterator[tuple[Any, ...]]:
    """Plan, demand, what was asked, by whom, what the plan has, plans that break it; a kind's
    clusters together."""
    askers: dict[Any, list[str]] = c.demands.groupby("demand")["scenario"].agg(list).to_dict()
    asked = c.demands[c.demands["scenario"].isin(c.shown)]["demand"]
    rows: Any = c.kept[~c.kept["kept"] & c.kept["demand"].isin(asked)].copy()
    rows["askers"] = [first_names(askers[n]) for n in rows["demand"]]
    same = ["kind", "sign", "asked", "askers"]
    rows["breaking"] = rows.groupby(same)["plan"].transform("nunique")
    for name in c.shown:
        for (kind, sign, amount, who), part in rows[rows["plan"] == name].groupby(same, sort=False):
            part = part.sort_values("has", ascending=sign == AT_LEAST, kind="stable")
            has = [
                f"{_what(c, kind, key)} {_amount(kind, n)}".strip()
                for key, n in zip(part["key"], part["has"], strict=True)
            ]
            demand, limit = _(DEMAND_LABELS[kind]), _amount(kind, amount, sign)
            yield name, demand, limit, who, "; ".join(has), part["breaking"].iloc[0]


def _what(c: Comparison, kind: str, key: str) -> str:
    if kind in ("lock", "exclusion"):
        item, cluster = place_of(key)
        names = [c.case.name(item)] if item else []
        return ", ".join([*names, *([place(c.case, cluster)] if cluster else [])]) + ":"
    names = [c.case.name(part) for part in key.split("+") if part]
    return listing(names) + ":" if names else ""


def _amount(kind: str, amount: float, sign: str = "") -> str:
    return f"{SIGN_SYMBOLS.get(sign, '')} {AMOUNTS.get(kind, plain_number)(amount)}".strip()
