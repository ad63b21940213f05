"""What the re-solves of `insight` found, as tables for readers.

Each table answers a question that a reviewer asks: what would one step more bring, why
was this left out, what does a demand cost, and how do simpler ways of dividing do. Where
a run left the reasons out, each says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY
from ikmplan.report.certificate import value_is_units
from ikmplan.report.limits import LIMIT_UNITS
from ikmplan.report.names import in_words, place, ruling
from ikmplan.show.table import (
    Column,
    Prose,
    RoundedUp,
    Signed,
    View,
    one_decimal,
    percent_one_decimal,
    rupiah_text,
)
from ikmplan.text import N_, _, bound, number, percent, rupiah

if TYPE_CHECKING:
    from ikmplan.insight.reasons import Insight

STEP_NAMES = {
    "money": N_("Fund"),
    "days": N_("Days"),
    "stock": N_("Stock"),
    "site": N_("Power and floor space"),
}
DEMAND_KINDS = {
    "floor": N_("Floor"),
    "lock": N_("Lock"),
    "exclusion": N_("Exclusion"),
    "target": N_("Target"),
    "share": N_("Share of training in the money"),
    "users_trained": N_("Every user trained"),
}
WAYS = {
    "plan": N_("This plan"),
    "announced": N_("As announced"),
    "equal": N_("The same money for each cluster"),
    "proportional": N_("Money in proportion to units"),
    "greedy": N_("Always the cheapest unit next"),
    "same_money": N_("A plan with the announced programme's money"),
}
SIMPLE = ("equal", "proportional", "greedy")  # rules of thumb


def _empty(insight: Insight, nothing: str) -> str:
    return nothing if insight.asked_for else _("Not worked out in this run.")


def units_name(case: Case) -> str:
    """What values are counted in."""
    return _("units") if value_is_units(case) else _("weighted units")


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows whose missing numbers are None."""
    return [
        {str(key): None if pd.isna(value) else value for key, value in row.items()}
        for row in table.to_dict("records")
    ]


def _between(rows: Sequence[dict[str, Any]], name: str) -> Column:
    """The proven bracket around a value, where it is wider than what readers see."""
    message: list[str | None] = []
    for row in rows:
        low, high = row[f"{name}_low"], row[f"{name}_high"]
        if low is None or high is None:
            message.append(None)
        elif one_decimal(low) == one_decimal(high):
            message.append(_("exact"))
        else:
            message.append(_("{low}–{high}", low=one_decimal(low), high=bound(high, 1)))
    return Column(_("Proven"), message, str)


# --- one step more -----------------------------------------------------------------------


def step_name(case: Case, kind: str, key: str) -> str:
    """What a step is a step of: "Days: Balai Diklat"."""
    if key == "budget":
        return _("Budget")
    return f"{_(STEP_NAMES[kind])}: {case.name(key)}"


def _step(kind: str, step: float) -> str:
    if kind == "money":
        return rupiah(step, short=True)
    return LIMIT_UNITS["resource_days" if kind == "days" else "machines_in_stock"](step)


def steps(insight: Insight, case: Case) -> View:
    """What one step more of each scarce thing brings, and one step less costs."""
    rows = sorted(_records(insight.tables["steps"]), key=lambda r: (-(r["more"] or 0.0), r["key"]))
    unit = units_name(case)
    columns = (
        Column(_("Scarce"), [step_name(case, r["kind"], r["key"]) for r in rows]),
        Column(_("One step"), [_step(r["kind"], r["step"]) for r in rows]),
        Column(
            _("One step more brings ({unit})", unit=unit),
            [r["more"] for r in rows],
            Signed(one_decimal),
        ),
        _between(rows, "more"),
        Column(
            _("One step less costs ({unit})", unit=unit),
            [None if r["less"] is None else -r["less"] for r in rows],
            Signed(one_decimal),
        ),
    )
    nothing = _empty(insight, _("Nothing is scarce."))
    return View(_("What one step more or less would change"), columns, empty=nothing)


def next_step(insight: Insight, case: Case) -> Prose:
    """In one sentence: which step more would bring most."""
    rows = sorted(_records(insight.tables["steps"]), key=lambda r: (-(r["more"] or 0.0), r["key"]))
    if not rows:
        return Prose("")  # the table below says so
    best = rows[0]
    if round(best["more"], 1) <= 0:
        return Prose(_("No single step more of anything would bring more."))
    return Prose(
        _(
            "Most would come from {step} more of “{name}”: {n} {unit}.",
            step=_step(best["kind"], best["step"]),
            name=step_name(case, best["kind"], best["key"]),
            n=Signed(one_decimal)(best["more"]),
            unit=units_name(case),
        )
    )


# --- why not -----------------------------------------------------------------------------


def left_out_table(insight: Insight, case: Case) -> View:
    """What the plan leaves out, and what it would cost to force it in."""
    rows = _records(insight.tables["left_out"])
    rows.sort(key=lambda r: (not r["possible"], r["cost"] or 0.0, r["item"], r["cluster"]))
    unit = units_name(case)
    columns = [
        Column(
            _("Left out"),
            [case.name(r["item"]) if r["item"] else _("Any course or machine") for r in rows],
        ),
        Column(_("For"), [place(case, r["cluster"] or CITY) for r in rows]),
        Column(_("Costs itself"), [r["extra"] or None for r in rows], rupiah_text),
        Column(
            _("The plan loses ({unit})", unit=unit),
            [r["cost"] if r["possible"] else None for r in rows],
            one_decimal,
        ),
        _between(rows, "cost"),
    ]
    if not all(r["possible"] for r in rows):
        columns.append(
            Column(_("Impossible because"), [in_words(case, r["why"]) or None for r in rows])
        )
    nothing = _empty(insight, _("Nothing that suits a cluster is left out."))
    caption = _("What was left out, the nearest to being in first")
    return View(caption, tuple(columns), empty=nothing)


# --- what is asked -----------------------------------------------------------------------


def demands_table(insight: Insight, case: Case) -> View:
    """What each floor, lock, exclusion, target and share costs."""
    rows = sorted(_records(insight.tables["asked"]), key=lambda r: (-(r["gain"] or 0.0), r["key"]))
    columns = (
        Column(_("Asked"), [_demand(case, r["kind"], r["key"]) for r in rows]),
        Column(
            _("The plan gains ({unit})", unit=units_name(case)),
            [r["gain"] for r in rows],
            Signed(one_decimal),
        ),
        _between(rows, "gain"),
    )
    nothing = _empty(insight, _("The scenario asks for no floor, lock, target or share."))
    return View(_("What each demand of the scenario costs"), columns, empty=nothing)


def _demand(case: Case, kind: str, key: str) -> str:
    message, scenario = _(DEMAND_KINDS[kind]), case.scenario
    if kind == "floor":
        share = case.floors.get(key, scenario.floor) if key else scenario.floor
        where = case.name(key) if key else _("every cluster")
        return _("{what} of {share} for {where}", what=message, share=percent(share), where=where)
    if kind in ("target", "share"):
        value = getattr(scenario, key)
        meaning = _(str(type(scenario).model_fields[key].description))
        return f"{meaning}: {percent(value) if kind == 'share' else number(value)}"
    if kind == "users_trained":
        return message
    return f"{message}: {ruling(case, key)}"


# --- other plans -------------------------------------------------------------------------


def baselines_table(insight: Insight, case: Case) -> View:
    """This plan beside simpler ways of dividing the budget."""
    rows = _records(insight.tables["baselines"])
    columns = (
        Column(
            _("Way of dividing"), [_(WAYS[name]) for name in insight.tables["baselines"]["name"]]
        ),
        Column(_("Expected to be reached"), [r["reached"] for r in rows], one_decimal),
        Column(_("Coached"), [r["coached"] for r in rows], number),
        Column(_("Worst-off cluster"), [r["worst"] for r in rows], percent_one_decimal),
        Column(_("Cost"), [r["cost"] for r in rows], _short),
        Column(_("Classes"), [r["classes"] for r in rows], number),
        Column(_("Machines"), [r["machines"] for r in rows], number),
        Column(_("Keeps every limit"), [_("yes") if r["within"] else _("no") for r in rows]),
    )
    nothing = _empty(insight, "")
    return View(_("The plan beside simpler ways of dividing"), columns, empty=nothing)


def _short(amount: float) -> str:
    return rupiah(amount, short=True)


def ladder_table(insight: Insight, case: Case) -> View:
    """The best plans for smaller and larger budgets, each inside the next."""
    rows = _records(insight.tables["ladder"])
    lost = [
        None if None in (r["free"], r["reached"], r["bound"]) else r["free"] - r["reached"]
        for r in rows
    ]
    columns = (
        Column(_("Share of the budget"), [r["share"] for r in rows], percent),
        Column(_("Budget"), [r["budget"] for r in rows], _short),
        Column(_("Reached by the nested plan"), [r["reached"] for r in rows], one_decimal),
        Column(_("Reached by a plan of its own"), [r["free"] for r in rows], one_decimal),
        Column(_("Lost by nesting"), lost, one_decimal),
        Column(_("No plan can exceed"), [r["bound"] for r in rows], RoundedUp(1)),
        Column(_("Classes"), [r["classes"] or None for r in rows], number),
        Column(_("Machines"), [r["machines"] or None for r in rows], number),
    )
    return View(_("If the budget is cut or raised"), columns, empty=_empty(insight, ""))


def ladder_items(insight: Insight, case: Case) -> View:
    """Which classes and machines are held at each budget, the first to be chosen on top."""
    table = insight.tables["ladder_items"]
    shares = sorted(table["share"].unique())
    counts: dict[tuple[str, str], dict[float, int]] = {}
    for row in table.to_dict("records"):
        counts.setdefault((row["item"], row["host"]), {})[row["share"]] = int(row["count"])

    def first(key: tuple[str, str]) -> tuple[float, int]:
        held = [share for share in shares if counts[key].get(share)]
        return (held[0] if held else float("inf"), -sum(counts[key].values()))

    keys = sorted(counts, key=lambda key: (*first(key), key))
    columns = (
        Column(_("Course or machine"), [case.name(item) for item, _h in keys]),
        Column(_("For"), [place(case, host or CITY) for _i, host in keys]),
        *(
            Column(percent(share), [counts[key].get(share) or None for key in keys], number)
            for share in shares
        ),
    )
    caption = _("Classes and machines at each share of the budget")
    return View(caption, columns, empty=_empty(insight, ""))


def fairness_table(insight: Insight, case: Case) -> View:
    """How many units are given up for more coverage of the worst-off cluster."""
    rows = _records(insight.tables["fairness"])
    best = max((r["reached"] for r in rows if r["reached"] is not None), default=0.0)
    given_up = [None if r["reached"] is None else best - r["reached"] for r in rows]
    columns = (
        Column(_("Coverage asked"), [r["worst"] for r in rows], percent_one_decimal),
        Column(_("Coverage given"), [r["achieved"] for r in rows], percent_one_decimal),
        Column(_("Expected to be reached"), [r["reached"] for r in rows], one_decimal),
        Column(_("Given up"), given_up, one_decimal),
        Column(_("No plan can exceed"), [r["bound"] for r in rows], RoundedUp(1)),
    )
    return View(_("What fairness costs"), columns, empty=_empty(insight, ""))


def reasons_tables(insight: Insight, case: Case) -> list[View]:
    """Every table of the reasons, for a workbook; none where they were not worked out."""
    made = (
        steps, left_out_table, demands_table, baselines_table, ladder_table, ladder_items,
        fairness_table,
    )  # fmt: skip
    return [view(insight, case) for view in made] if insight.asked_for else []
