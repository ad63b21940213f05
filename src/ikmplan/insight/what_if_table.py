"""What was planned beside the plan, for readers: what is open or closed, and what that brings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY
from ikmplan.input.scenario import Lock, locks_asked
from ikmplan.report.names import lock_words, place, units_name
from ikmplan.show.table import (
    Points,
    Signed,
    View,
    column_difference,
    one_decimal,
    short_rupiah,
    table,
)
from ikmplan.tableset import rows_with_none
from ikmplan.text import N_, _, listing, number

if TYPE_CHECKING:
    from ikmplan.insight.reasons import Insight

NOT_LESS = 0.05  # units; a smaller difference is none
ABOUT = 0.01  # share of the plan's cost; a smaller difference is about the same money


def what_if_table(insight: Insight, case: Case) -> View | None:
    """The plan and, below it, the best plan with each decision; what it takes of each fund.

    None where the case has nothing to open and the scenario asks nothing.
    """
    rows = rows_with_none(insight.tables["what_if"])
    if not rows:
        return None
    plan, spent = rows[0], _spent(insight)
    entrepreneurs = (_("New entrepreneurs expected"), "entrepreneurs", one_decimal)
    return table(
        _("What if"),
        rows,
        (_("If"), lambda r: asked_words(case, r["asked"])),
        (_("Expected to be reached"), "reached", one_decimal),
        *([entrepreneurs] if case.counts_entrepreneurs else []),
        (
            _("Beside the plan ({unit})", unit=units_name(case)),
            lambda r: _more(case, r, plan),
            Signed(one_decimal),
        ),
        (_("Cost"), lambda r: r["cost"] if r["possible"] else None, short_rupiah),
        *(
            (fund.name, lambda r, f=f: spent.get((r["asked"], f)), short_rupiah)
            for f, fund in case.funds.items()
        ),
        (_("Each further unit costs"), lambda r: _each(case, r, plan), short_rupiah),
    )


def what_if_answers(insight: Insight, case: Case) -> Points:
    """One sentence for each question."""
    plan, *rows = rows_with_none(insight.tables["what_if"]) or [{}]
    return Points(_answer(case, row, plan) for row in rows)


def asked_words(case: Case, asked: str) -> str:
    """The decisions of a question in words; for the plan itself, that it is this plan."""
    if not asked:
        return _("This plan")
    words = listing([_lock_asked(case, lock) for lock in locks_asked(asked)])
    return words[:1].upper() + words[1:]


def _lock_asked(case: Case, lock: Lock) -> str:
    """ "Without the oven", "with the centre"; any other lock as it is named elsewhere."""
    name = case.name(lock.item)
    if lock.cluster not in (None, CITY):
        name = _("{item}, {where}", item=name, where=place(case, lock.cluster))
    if lock.count == 0 and lock.sign != ">=":
        return _("without {item}", item=name)
    if lock.count == 1 and lock.sign != "<=" and lock.item in case.openings:
        return _("with {item}", item=name)
    if lock.sign == ">=" and lock.cluster is None:
        return _("with {n} of {item} at least", n=number(lock.count), item=name)
    return lock_words(case, lock)


def _answer(case: Case, row: dict[Any, Any], plan: dict[Any, Any]) -> str:
    asked, unit = asked_words(case, row["asked"]), units_name(case)
    more, each = _more(case, row, plan), _each(case, row, plan)
    if more is None:
        return _("{asked}: no plan keeps this.", asked=asked)
    if more <= -NOT_LESS and _same_money(row, plan):
        fewer = number(-more, 1)
        message = N_("{asked}: {n} {unit} fewer for about the same money.")
        return _(message, asked=asked, n=fewer, unit=unit)
    money = short_rupiah(abs(row["cost"] - plan["cost"]))
    if more > -NOT_LESS:
        cheaper, dearer = _("for {money} less", money=money), _("for {money} more", money=money)
        beside = cheaper if row["cost"] < plan["cost"] else dearer
        if row["cost"] == plan["cost"]:
            beside = _("for the same money")
        if more >= NOT_LESS:  # both are proven to the gap only
            message = N_("{asked}: {n} {unit} more, {beside}.")
            return _(message, asked=asked, n=number(more, 1), unit=unit, beside=beside)
        return _("{asked}: as many {unit}, {beside}.", asked=asked, unit=unit, beside=beside)
    fewer = number(-more, 1)
    if each is None:
        return _(
            "{asked}: {n} {unit} fewer, and no money is saved.", asked=asked, n=fewer, unit=unit
        )
    return _(
        "{asked}: {n} {unit} fewer for {money} less. What the plan reaches beyond it costs {each} "
        "for each.",
        asked=asked,
        n=fewer,
        unit=unit,
        money=money,
        each=short_rupiah(each),
    )


def _spent(insight: Insight) -> dict[tuple[str, str], int]:
    frame = insight.tables["what_if_money"]
    return {(asked, fund): n for asked, fund, n in frame.itertuples(index=False)}


def _more(case: Case, row: dict[Any, Any], plan: dict[Any, Any]) -> float | None:
    """Units of the objective beyond the plan's, between the numbers as they are shown where the
    table has them; None of the plan, and of what is impossible."""
    if not row["asked"] or not row["possible"]:
        return None
    if case.value_is_units:
        return column_difference(row["reached"], plan["reached"])
    return float(row["value"] - plan["value"])


def _each(case: Case, row: dict[Any, Any], plan: dict[Any, Any]) -> float | None:
    """Rupiah for each unit that the plan reaches beyond this one; None where it saves too
    little: what the plan has more, then comes from better use of the same money."""
    more = _more(case, row, plan)
    saved = plan["cost"] - row["cost"]
    if more is None or more > -NOT_LESS or saved <= 0 or _same_money(row, plan):
        return None
    return float(saved / (plan["value"] - row["value"]))


def _same_money(row: dict[Any, Any], plan: dict[Any, Any]) -> bool:
    return bool(abs(plan["cost"] - row["cost"]) <= ABOUT * plan["cost"])
