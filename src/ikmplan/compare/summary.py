"""A comparison in short: what the scenarios ask, reach and cost, and how sure that is.

Of more than MANY scenarios the base and the extremes are shown.
"""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd

from ikmplan.compare.comparison import Comparison, first_names, in_every_plan, keep_all, per_money
from ikmplan.plan.plan import PROVEN
from ikmplan.show.table import (
    Column,
    Format,
    Prose,
    Signed,
    View,
    one_decimal,
    percent_one_decimal,
    rupiah_text,
)
from ikmplan.text import _, bound, gap_percent, number, percent, rupiah
from ikmplan.views import PER

WIDEST = 12  # gaps shown


# --- names -------------------------------------------------------------------------------


def label(c: Comparison, scenario: str) -> str:
    """The scenario's name, the base marked as such."""
    return _("{name} (base)", name=scenario) if scenario == c.base else scenario


def scenario_labels(c: Comparison) -> list[str]:
    return [label(c, name) for name in c.names]


# --- in short ----------------------------------------------------------------------------


def comparison_headline(c: Comparison) -> Prose:
    """One paragraph: the base, what the others change, what they share, what they break."""
    rows: Any = c.scenarios.set_index("scenario")
    base = rows.loc[c.base]
    message = [
        _(
            "The base {base} is expected to reach {reached} IKM units ({share}) for {cost}.",
            base=c.base,
            reached=one_decimal(base["reached"]),
            share=percent(base["share"]),
            cost=rupiah(base["cost"], short=True),
        )
    ]
    shown = [c.names[n] for n in (rows["reached"].argmin(), rows["reached"].argmax())]
    if c.is_large:
        message.append(
            _(
                "{n} scenarios are compared with it; those that reach least and most are named.",
                n=number(len(rows) - 1),
            )
        )
    for name in shown if c.is_large else c.names[1:]:
        row = rows.loc[name]
        message.append(
            _(
                "{name} reaches {reached} units ({change} against the base) for {cost} "
                "({cost_change}); its worst-off cluster is at {worst} ({worst_change}).",
                name=name,
                reached=one_decimal(row["reached"]),
                change=Signed(one_decimal)(row["reached"] - base["reached"]),
                cost=rupiah(row["cost"], short=True),
                cost_change=Signed(_short)(row["cost"] - base["cost"]),
                worst=percent_one_decimal(row["worst_share"]),
                worst_change=Signed(percent_one_decimal)(row["worst_share"] - base["worst_share"]),
            )
        )
    alike = [name for name in c.names[1:] if _told_apart(base, rows.loc[name]) is False]
    if alike:
        message.append(
            _(
                "How many units {names} and the base reach at best is not told apart: the "
                "difference is within what the proofs leave open.",
                names=first_names(alike),
            )
        )
    common, of_base = in_every_plan(c), int(base["classes"] + base["machines"])
    message.append(
        _(
            "Of the {all} classes and machines of the base, {n} are in every plan, at the same "
            "place.",
            all=number(of_base),
            n=number(int(common["fewest"].sum())),
        )
    )
    if len(c.coverage):  # without it some demands are not held against the plans
        keeping = keep_all(c)
        message.append(
            _("The demands of all scenarios are kept by {names}.", names=first_names(keeping))
            if keeping
            else _("No plan keeps the demands of all scenarios.")
        )
    return Prose(" ".join(message))


def _short(amount: float) -> str:
    return rupiah(amount, short=True)


def _told_apart(one: Any, other: Any) -> bool | None:
    """Whether the best that either can reach is known to differ; None where it is not in units."""
    if not (one["in_units"] and other["in_units"]):
        return None
    return bool(one["bound"] < other["reached"] or other["bound"] < one["reached"])


def warnings(c: Comparison) -> Prose | View:
    """Whether the plans answer one and the same question."""
    if not c.warnings:
        return Prose(_("All plans were made from the same tables and by the same program."))
    return View(_("Compare with care"), (Column(_("Why"), list(c.warnings)),))


def left_out_scenarios(c: Comparison) -> Prose | View:
    """What was asked for and is not compared."""
    if not c.left_out:
        return Prose(_("No scenario is left out."))
    return View(
        _("Scenarios that are not compared"),
        (
            Column(_("Scenario"), [name for name, _why in c.left_out]),
            Column(_("Why"), [why for _name, why in c.left_out], rich=_lines),
        ),
    )


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def asked_differences(c: Comparison) -> View:
    """Where the scenarios ask for different things."""
    table = c.asked.pivot(index="parameter", columns="scenario", values="value")
    meaning = c.asked.drop_duplicates("parameter").set_index("parameter")["meaning"]
    table = table.reindex(index=meaning.index, columns=c.names).astype(object)
    table = table.where(table.notna(), _("default"))
    table = table[[row.nunique() > 1 for _p, row in table.iterrows()]]
    columns = [
        Column(_("Parameter"), list(table.index)),
        Column(_("Meaning"), list(meaning[table.index])),
    ]
    if c.is_large:
        columns += [
            Column(label(c, c.base), list(table[c.base])),
            Column(_("Different values"), list(table.nunique(axis=1)), number),
        ]
    else:
        columns += [Column(label(c, name), list(table[name])) for name in c.names]
    return View(
        _("What the scenarios ask, where it differs"),
        tuple(columns),
        empty=_("They all ask the same."),
    )


# --- figures -----------------------------------------------------------------------------


def _measured(c: Comparison) -> list[tuple[str, pd.Series, Format]]:
    rows = c.scenarios.set_index("scenario")
    measured: list[tuple[str, pd.Series, Format]] = [
        (_("IKM units expected to be reached"), rows["reached"], one_decimal),
        (_("of all IKM units"), rows["share"], percent_one_decimal),
        (_("money used"), rows["cost"], rupiah_text),
        (_("coverage of the worst-off cluster"), rows["worst_share"], percent_one_decimal),
        (_("IKM units coached"), rows["coached"], number),
        (_("classes"), rows["classes"], number),
        (_("machines placed"), rows["machines"], number),
        (
            _("units reached for each {amount}", amount=rupiah(PER, short=True)),
            per_money(rows),
            one_decimal,
        ),
    ]
    # where nothing is spent, money has no effect
    return [each for each in measured if each[1].notna().any()]


def figures_table(c: Comparison) -> View:
    """The key figures of every scenario; of many, the extremes and who has them."""
    measured = _measured(c)
    if not c.is_large:
        columns = [Column(heading, list(values), show) for heading, values, show in measured]
        worst = [c.case.name(key) for key in c.scenarios["worst"]]
        columns.insert(3, Column(_("worst-off cluster"), worst))
        return View(
            _("The scenarios in figures"), (Column(_("Scenario"), scenario_labels(c)), *columns)
        )
    shows = [show for _h, _v, show in measured]
    low, high = ([edge(v) for _h, v, _s in measured] for edge in (min, max))
    at = [(values.idxmin(), values.idxmax()) for _h, values, _s in measured]
    return View(
        _("The scenarios in figures: base and extremes"),
        (
            Column(_("Figure"), [heading for heading, _v, _s in measured]),
            Column(label(c, c.base), [values[c.base] for _h, values, _s in measured], shows),
            Column(_("lowest"), low, shows),
            Column(_("lowest: scenario"), [str(lowest) for lowest, _highest in at]),
            Column(_("middle"), [float(values.median()) for _h, values, _s in measured], shows),
            Column(_("highest"), high, shows),
            Column(_("highest: scenario"), [str(highest) for _lowest, highest in at]),
        ),
    )


def differences(c: Comparison) -> View:
    """What every scenario has more or less than the base; of many, the largest changes."""
    rows = c.scenarios
    names = c.names[1:]
    if c.is_large:
        change = rows.set_index("scenario")["reached"].drop(c.base)
        change = (change - float(rows["reached"].iloc[0])).sort_values(kind="stable")
        names = [str(name) for name in [*change.index[:6], *change.index[-6:]]]
    columns = [
        Column(heading, [values[name] - values[c.base] for name in names], Signed(show))
        for heading, values, show in _measured(c)
    ]
    caption = _("Difference from the base {base}", base=c.base)
    if c.is_large:
        caption = _(
            "Difference from the base {base}: the six that reach least and the six that reach most",
            base=c.base,
        )
    return View(caption, (Column(_("Scenario"), names), *columns))


def proofs(c: Comparison) -> View:
    """How good each plan is proven to be; of many, those with the widest gaps."""
    rows = c.scenarios
    if c.is_large:
        rows = rows.sort_values(["gap", "scenario"], ascending=[False, True]).head(WIDEST)
    outcome = [
        _("proven") if status == PROVEN else _("feasible: the search was stopped")
        for status in rows["status"]
    ]
    return View(
        _("The plans with the widest gaps")
        if c.is_large
        else _("How good each plan is proven to be"),
        (
            Column(_("Scenario"), [label(c, name) for name in rows["scenario"]]),
            Column(_("Outcome"), outcome),
            Column(_("Value of the plan"), list(rows["value"]), lambda v: number(v, 2)),
            Column(_("No plan can exceed"), list(rows["bound"]), lambda v: bound(v, 2)),
            Column(_("Gap"), list(rows["gap"]), lambda v: gap_percent(v, 3)),
            Column(_("Gap asked for"), list(rows["asked"]), lambda v: percent(v, 3)),
        ),
    )
