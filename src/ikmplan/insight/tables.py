"""The reasons of a plan as tables for readers.

Each table answers a question that a reviewer asks: what would one step more bring, why
was this left out, what does a demand cost, and how do simpler ways of dividing do. Where
a run left the reasons out, each states it.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, nan
from typing import TYPE_CHECKING, Any

import pandas as pd

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY
from ikmplan.insight.demands import DEMAND_KINDS
from ikmplan.insight.what_if_table import what_if_table
from ikmplan.plan.plan import Plan
from ikmplan.report.counting import LeftOut, announced_left_out
from ikmplan.report.limits import LIMIT_UNITS
from ikmplan.report.names import in_words, place, ruling, units_name
from ikmplan.report.summary import demands_text
from ikmplan.show.table import (
    Of,
    Prose,
    RoundedUp,
    Signed,
    View,
    column_difference,
    one_decimal,
    percent_one_decimal,
    rupiah_text,
    short_rupiah,
    table,
)
from ikmplan.tableset import rows_with_none
from ikmplan.text import N_, _, bound, number, percent, round_up

if TYPE_CHECKING:
    from ikmplan.insight.reasons import Insight

STEP_NAMES = {
    "money": N_("Fund"),
    "days": N_("Days"),
    "stock": N_("Stock"),
    "site": N_("Power and floor space"),
}
WAYS = {
    "plan": N_("This plan"),
    "nothing": N_("Nothing: the machines that are there already"),
    "announced": N_("The announced programme, as this model estimates it"),
    "equal": N_("The same money for each cluster"),
    "proportional": N_("Money in proportion to units"),
    "greedy": N_("Always the cheapest unit next"),
    "same_money": N_("A plan for the announced programme's money, with {demands}"),
    "same_money_free": N_("A plan for the announced programme's money, with no demand"),
}
SIMPLE = ("equal", "proportional", "greedy")  # rules of thumb


def _empty(insight: Insight, nothing: str = "") -> str:
    return nothing if insight.asked_for else _("Not worked out in this run.")


def _proven(name: str) -> Of:
    """The proven bracket around a value, where it is wider than what readers see."""

    def bracket(row: dict[str, Any]) -> str | None:
        low, high = row[f"{name}_low"], row[f"{name}_high"]
        if low is None or high is None:
            return None
        if one_decimal(low) == one_decimal(high):
            return _("exact")
        text = N_("{low}–{high}") if low >= 0 else N_("{low} to {high}")
        return _(text, low=number(-round_up(-low, 1), 1), high=bound(high, 1))

    return Of(_("Proven"), bracket, str)


# --- one step more -----------------------------------------------------------------------


def step_name(case: Case, kind: str, key: str) -> str:
    """What a step is a step of: "Days: Balai Diklat"."""
    if key == "budget":
        return _("Budget")
    return f"{_(STEP_NAMES[kind])}: {case.name(key)}"


def _step(kind: str, step: float) -> str:
    if kind == "money":
        return short_rupiah(step)
    return LIMIT_UNITS["resource_days" if kind == "days" else "machines_in_stock"](step)


def _best_first(frame: pd.DataFrame, column: str) -> list[dict[Any, Any]]:
    return sorted(rows_with_none(frame), key=lambda r: (-(r[column] or 0.0), r["key"]))


def steps(insight: Insight, case: Case) -> View:
    """What one step more of each scarce thing brings, and one step less costs."""
    unit = units_name(case)
    signed = Signed(one_decimal)
    return table(
        _("What one step more or less would change"),
        _best_first(insight.tables["steps"], "more"),
        (_("Scarce"), lambda r: step_name(case, r["kind"], r["key"])),
        (_("One step"), lambda r: _step(r["kind"], r["step"])),
        (_("One step more brings ({unit})", unit=unit), "more", signed),
        _proven("more"),
        (_("One step less costs ({unit})", unit=unit), "less", one_decimal),
        empty=_empty(insight, _("Nothing is scarce.")),
    )


def next_step(insight: Insight, case: Case) -> Prose:
    """In one sentence: which step more would bring most."""
    rows = _best_first(insight.tables["steps"], "more")
    if not rows:
        return Prose("")  # the table below states it
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
    rows = rows_with_none(insight.tables["left_out"])
    rows.sort(key=lambda r: (not r["possible"], r["cost"] or 0.0, r["item"], r["cluster"]))

    def name(row: dict[str, Any]) -> str:
        return case.name(row["item"]) if row["item"] else _("Any course or machine")

    columns: list[tuple[Any, ...]] = [
        (_("Left out"), name),
        (_("For"), lambda r: place(case, r["cluster"] or CITY)),
        (_("Own cost"), lambda r: r["extra"] or None, rupiah_text),
        (
            _("The plan loses ({unit})", unit=units_name(case)),
            lambda r: r["cost"] if r["possible"] else None,
            one_decimal,
        ),
        _proven("cost"),
    ]
    if not all(r["possible"] for r in rows):
        columns.append((_("Impossible because"), lambda r: in_words(case, r["why"]) or None))
    nothing = _empty(insight, _("Nothing that suits a cluster is left out."))
    return table(
        _("What was left out, the nearest to being in first"), rows, *columns, empty=nothing
    )


def promises_table(insight: Insight, plan: Plan, case: Case) -> View:
    """What was announced and the plan leaves out, and what keeping one of each would cost."""

    def cost(row: LeftOut) -> str | None:
        return None if row.cost is None else one_decimal(row.cost)

    nothing = _("Everything that was announced is in the plan.")
    return table(
        _("Announced, but not in the plan or less of it"),
        announced_left_out(plan, case, insight),
        (_("Announced"), lambda row: case.name(row.item)),
        (_("For"), lambda row: place(case, row.host)),
        (_("Classes or machines announced"), "announced", number),
        (_("In the plan"), "held", number),
        Of(
            _("Keeping one costs ({unit})", unit=units_name(case)),
            lambda row: _("cannot be kept") if row.possible is False else cost(row),
            str,
        ),
        empty=nothing if case.tables.announced else _("No programme has been announced."),
    )


# --- what is asked -----------------------------------------------------------------------


def demands_table(insight: Insight, case: Case) -> View:
    """What each floor, lock, exclusion, target and share costs."""
    return table(
        _("What each demand of the scenario costs"),
        _best_first(insight.tables["asked"], "gain"),
        (_("Asked"), lambda r: _demand_text(case, r["kind"], r["key"])),
        (_("The plan gains ({unit})", unit=units_name(case)), "gain", Signed(one_decimal)),
        _proven("gain"),
        empty=_empty(insight, _("The scenario asks for no floor, lock, target or share.")),
    )


def _demand_text(case: Case, kind: str, key: str) -> str:
    scenario = case.scenario
    if kind == "users_trained":
        return _("Every user trained")
    if kind in ("target", "share"):
        value = getattr(scenario, key)
        meaning = _(str(type(scenario).model_fields[key].description))
        return f"{meaning}: {percent(value) if kind == 'share' else number(value)}"
    label = _(DEMAND_KINDS[kind].label)
    if kind == "floor":
        share = case.floors.get(key, scenario.floor) if key else scenario.floor
        where = case.name(key) if key else _("every cluster")
        return _("{what} of {share} for {where}", what=label, share=percent(share), where=where)
    return f"{label}: {ruling(case, key)}"


# --- other plans -------------------------------------------------------------------------


def way_name(row: Mapping[Any, Any]) -> str:
    """What a row of the baselines is; of a plan for other money also which demands it keeps."""
    way, highest = row["name"], row["highest_floor"]
    return _(WAYS[way], demands=demands_text(nan if highest is None else highest))


def baselines_table(insight: Insight, case: Case) -> View:
    """This plan beside simpler ways of dividing the budget."""
    apart = case.counts_entrepreneurs
    return table(
        _("The plan beside simpler ways of dividing"),
        rows_with_none(insight.tables["baselines"]),
        (_("Way of dividing"), way_name),
        (_("Expected to be reached"), "reached", one_decimal),
        *([(_("New entrepreneurs expected"), "entrepreneurs", one_decimal)] * apart),
        (_("Coached"), "coached", number),
        (_("Worst-off cluster"), "worst", percent_one_decimal),
        (_("Cost"), "cost", short_rupiah),
        (_("Classes"), "classes", number),
        (_("Machines"), "machines", number),
        (_("Keeps every limit"), lambda r: _("yes") if r["within"] else _("no")),
        empty=_empty(insight),
    )


def ladder_table(insight: Insight, case: Case) -> View:
    """The best plans for smaller and larger budgets, each inside the next."""

    def lost(row: dict[str, Any]) -> float | None:
        known = None not in (row["free"], row["reached"], row["bound"])
        return column_difference(row["free"], row["reached"]) if known else None

    return table(
        _("If the budget is cut or raised"),
        rows_with_none(insight.tables["ladder"]),
        (
            _("Share of what the plan costs")
            if case.scenario.is_cheapest
            else _("Share of the budget"),
            "share",
            percent,
        ),
        (_("Budget"), "budget", short_rupiah),
        (_("Reached by the nested plan"), "reached", one_decimal),
        (_("Reached by a plan of its own"), "free", one_decimal),
        (_("Lost by nesting"), lost, one_decimal),
        (_("No plan can exceed"), "bound", RoundedUp(1)),
        (_("Classes"), lambda r: r["classes"] or None, number),
        (_("Machines"), lambda r: r["machines"] or None, number),
        empty=_empty(insight),
    )


def ladder_items(insight: Insight, case: Case) -> View:
    """Which classes and machines are held at each budget, the first to be chosen on top."""
    rows = insight.tables["ladder_items"]
    shares = sorted(rows["share"].unique())
    counts: dict[tuple[str, str], dict[float, int]] = {}
    for item, host, share, n in rows.itertuples(index=False):
        counts.setdefault((item, host), {})[share] = n

    def order(at: tuple[str, str]) -> tuple[Any, ...]:
        first = min((share for share, n in counts[at].items() if n), default=inf)
        return first, -sum(counts[at].values()), at

    return table(
        _("Classes and machines at each share of the budget"),
        sorted(counts, key=order),
        (_("Course or machine"), lambda at: case.name(at[0])),
        (_("For"), lambda at: place(case, at[1] or CITY)),
        *(
            (percent(share), lambda at, share=share: counts[at].get(share) or None, number)
            for share in shares
        ),
        empty=_empty(insight),
    )


def fairness_table(insight: Insight, case: Case) -> View:
    """How many units are given up for more coverage of the worst-off cluster."""
    rows = rows_with_none(insight.tables["fairness"])
    best = max((r["reached"] for r in rows if r["reached"] is not None), default=0.0)
    return table(
        _("What fairness costs"),
        rows,
        (_("Coverage asked"), "worst", percent_one_decimal),
        (_("Coverage given"), "achieved", percent_one_decimal),
        (_("Expected to be reached"), "reached", one_decimal),
        (
            _("Given up"),
            lambda r: None if r["reached"] is None else column_difference(best, r["reached"]),
            one_decimal,
        ),
        (_("No plan can exceed"), "bound", RoundedUp(1)),
        empty=_empty(insight),
    )


def reasons_tables(insight: Insight, case: Case) -> list[View]:
    """Every table of the reasons, for a workbook; none where they were not worked out."""
    made = (
        steps, left_out_table, demands_table, baselines_table, ladder_table, ladder_items,
        fairness_table,
    )  # fmt: skip
    if not insight.asked_for:
        return []
    planned = what_if_table(insight, case)
    return [*([planned] if planned else []), *(view(insight, case) for view in made)]
