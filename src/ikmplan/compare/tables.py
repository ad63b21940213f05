"""A comparison in detail: who gains, what is chosen, which plan breaks which demand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from ikmplan.compare.comparison import (
    SOMETIMES,
    TIE,
    Comparison,
    changes,
    choices,
    first_names,
    in_every_plan,
)
from ikmplan.compare.summary import label, scenario_labels
from ikmplan.insight.demands import AT_LEAST, AT_MOST, DEMAND_KINDS, place_of
from ikmplan.report.names import KIND_NAMES
from ikmplan.show.table import (
    Column,
    Format,
    Prose,
    Signed,
    View,
    one_decimal,
    percent_one_decimal,
)
from ikmplan.text import _, listing, number
from ikmplan.views import place

LONGEST = 40  # rows of a table that has no end of its own
FEWEST = 12  # plans shown of many
SIGN_SYMBOLS = {AT_LEAST: "≥", AT_MOST: "≤", "=": "="}


# --- who gains, who loses ----------------------------------------------------------------


def gains_table(c: Comparison) -> View | Prose:
    """Who gains and who loses against the base: units, and percentage points of coverage."""
    if not len(c.coverage):
        return Prose(_("No coverage of single clusters was kept."))
    points, units = changes(c), changes(c, "reached")
    base = c.coverage[c.coverage["scenario"] == c.base].set_index("cluster")
    base = base.reindex(points.index)
    first = [
        Column(_("Cluster"), [c.case.name(key) for key in points.index]),
        Column(_("IKM units"), _numbers(base["size"]), number),
        Column(label(c, c.base), _numbers(base["coverage"]), percent_one_decimal),
    ]
    if not c.is_large:
        rest = [
            Column(
                name,
                _numbers(units[name]),
                [_units_and_points(change) for change in points[name]],
            )
            for name in c.names[1:]
        ]
        return View(
            _("Change against the base: units expected to be reached (points of coverage)"),
            (*first, *rest),
        )
    table = c.coverage.pivot(index="cluster", columns="scenario", values="coverage")
    table = table.reindex(points.index)
    return View(
        _("Coverage of each cluster over all scenarios"),
        (
            *first,
            Column(_("lowest"), _numbers(table.min(axis=1)), percent_one_decimal),
            Column(_("highest"), _numbers(table.max(axis=1)), percent_one_decimal),
            Column(_("scenarios that reach more"), list((points > TIE).sum(axis=1)), number),
            Column(_("scenarios that reach fewer"), list((points < -TIE).sum(axis=1)), number),
        ),
    )


def _numbers(values: pd.Series) -> list[float]:
    return [float(value) for value in values]


def _units_and_points(points: float) -> Format:
    def shown(units: float) -> str:
        return f"{Signed(one_decimal)(units)} ({Signed(percent_one_decimal)(points)})"

    return shown


# --- what is chosen ----------------------------------------------------------------------


def chosen_table(c: Comparison) -> View:
    """Courses and machines that are chosen always, sometimes and never."""
    rows = choices(c)
    columns = [
        Column(_("Course or machine"), [c.case.name(key) for key in rows["item"]]),
        Column(_("Kind"), [_(KIND_NAMES[kind]) for kind in rows["kind"]]),
        Column(_("Chosen"), [_(word) for word in rows["chosen"]]),
        Column(
            _("in plans"),
            list(rows["plans"]),
            lambda n: _("{n} of {all}", n=number(n), all=number(len(c.names))),
        ),
        Column(_("fewest"), list(rows["fewest"]), number),
        Column(_("most"), list(rows["most"]), number),
        Column(label(c, c.base), list(rows["base"]), number),
    ]
    if not c.is_large:
        having = c.items.groupby("item")["scenario"].agg(set).to_dict()
        without = [
            listing([name for name in c.names if name not in having.get(item, set())])
            if word == SOMETIMES
            else None
            for item, word in zip(rows["item"], rows["chosen"], strict=True)
        ]
        columns.append(Column(_("not in"), without))
    return View(_("Classes and machines over all plans"), tuple(columns))


def robust(c: Comparison) -> View:
    """What every plan has at the same place: it can be decided whatever scenario comes true."""
    rows = in_every_plan(c).sort_values(
        ["kind", "fewest", "item", "host"], ascending=[False, False, True, True]
    )
    return View(
        _("In every plan at the same place"),
        (
            Column(_("Course or machine"), [c.case.name(key) for key in rows["item"]]),
            Column(_("Where"), [place(c.case, host) for host in rows["host"]]),
            Column(_("Kind"), [_(KIND_NAMES[kind]) for kind in rows["kind"]]),
            Column(_("fewest"), list(rows["fewest"]), number),
            Column(_("most"), list(rows["most"]), number),
        ),
        empty=_("The plans have nothing in common at any place."),
    )


# --- who breaks what ---------------------------------------------------------------------


def kept(c: Comparison) -> View:
    """Every scenario's demands against every plan; of many, the demands broken most often."""
    if c.is_large:
        return _broken_most(c)
    pairs = c.demands.merge(c.kept, on="demand")
    broken = (~pairs.set_index(["scenario", "plan"])["kept"]).groupby(level=[0, 1]).sum()
    count = c.demands.groupby("scenario").size()

    def shown(n: float) -> str:
        return _("breaks {n}", n=number(n)) if n else _("keeps all")

    return View(
        _("Demands of each scenario (rows) that each plan (columns) keeps or breaks"),
        (
            Column(_("Demands of"), scenario_labels(c)),
            Column(_("Demands"), [int(count.get(name, 0)) for name in c.names], number),
            *(
                Column(
                    _("plan of {name}", name=plan),
                    [int(broken.get((name, plan), 0)) for name in c.names],
                    shown,
                )
                for plan in c.names
            ),
        ),
    )


def _broken_most(c: Comparison) -> View:
    rows: Any = c.kept.groupby("demand", sort=False).agg(
        kind=("kind", "first"),
        key=("key", "first"),
        sign=("sign", "first"),
        asked=("asked", "first"),
        plans=("kept", lambda kept: int((~kept).sum())),
    )
    rows["askers"] = c.demands.groupby("demand").size()
    rows = rows[rows["plans"] > 0].sort_values(["plans", "askers"], ascending=False, kind="stable")
    shown = rows.head(LONGEST)
    caption = _("Demands that plans break, the most often broken first")
    if len(shown) < len(rows):
        caption += " " + _("({n} of {all})", n=number(len(shown)), all=number(len(rows)))
    return View(
        caption,
        (
            Column(_("Demand"), [_demand(c, r.kind, r.key) for r in shown.itertuples()]),
            Column(_("Asked"), [_amount(r.kind, r.asked, r.sign) for r in shown.itertuples()]),
            Column(_("Scenarios that ask"), list(shown["askers"]), number),
            Column(_("Plans that break it"), list(shown["plans"]), number),
        ),
        empty=_("No plan breaks any demand."),
    )


def broken(c: Comparison) -> View:
    """Which plan breaks which demand, and by how much; of many, who breaks the fewest."""
    if c.is_large:
        return _fewest_broken(c)
    rows = list(_broken(c))
    caption = _("What the plans break")
    if len(rows) > LONGEST:
        caption += " " + _("({n} of {all})", n=number(LONGEST), all=number(len(rows)))
    rows = rows[:LONGEST]
    headings = (_("Plan of"), _("breaks"), _("asked"), _("asked by"), _("The plan has"))
    return View(
        caption,
        tuple(Column(heading, [row[n] for row in rows]) for n, heading in enumerate(headings)),
        empty=_("No plan breaks any demand."),
    )


def _fewest_broken(c: Comparison) -> View:
    count = (~c.kept.set_index("plan")["kept"]).groupby(level=0, sort=False).sum()
    count = count.sort_values(kind="stable").head(FEWEST)
    return View(
        _("Plans that break the fewest demands of all scenarios"),
        (
            Column(_("Plan of"), [label(c, str(name)) for name in count.index]),
            Column(_("Demands broken"), list(count), number),
            Column(_("of"), [c.kept["demand"].nunique()] * len(count), number),
        ),
    )


def _broken(c: Comparison) -> Iterator[tuple[str, ...]]:
    """Plan, demand, what was asked, by whom, what the plan has; a kind's clusters together."""
    askers = c.demands.groupby("demand")["scenario"].agg(list).to_dict()
    rows: Any = c.kept[~c.kept["kept"]].copy()
    rows["askers"] = [first_names(askers[n]) for n in rows["demand"]]
    order = {name: n for n, name in enumerate(c.names)}
    rows = rows.sort_values("plan", key=lambda names: names.map(order), kind="stable")
    groups = rows.groupby(["plan", "kind", "sign", "asked", "askers"], sort=False)
    for (plan, kind, sign, amount, who), part in groups:
        part = part.sort_values("has", ascending=sign == AT_LEAST, kind="stable")
        has = [
            f"{_what(c, kind, key)} {_amount(kind, n)}".strip()
            for key, n in zip(part["key"], part["has"], strict=True)
        ]
        yield (
            label(c, plan),
            _(DEMAND_KINDS[kind].label),
            _amount(kind, amount, sign),
            who,
            "; ".join(has),
        )


def _what(c: Comparison, kind: str, key: str) -> str:
    if kind in ("lock", "exclusion"):
        item, cluster = place_of(key)
        names = [c.case.name(item)] if item else []
        return ", ".join([*names, *([place(c.case, cluster)] if cluster else [])]) + ":"
    names = [c.case.name(part) for part in key.split("+") if part]
    return listing(names) + ":" if names else ""


def _demand(c: Comparison, kind: str, key: str) -> str:
    what = _what(c, kind, key).rstrip(":")
    return f"{_(DEMAND_KINDS[kind].label)}: {what}" if what else _(DEMAND_KINDS[kind].label)


def _amount(kind: str, amount: float, sign: str = "") -> str:
    return f"{SIGN_SYMBOLS.get(sign, '')} {DEMAND_KINDS[kind].show(amount)}".strip()
