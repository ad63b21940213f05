"""What a budget must comply with, as far as the tables show it: domestic products, standard prices.

What a table does not state is not assumed: it is reported as not checked.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from ikmplan.input.case import Case
from ikmplan.input.office import domestic_least
from ikmplan.input.rows import PriceStandard
from ikmplan.plan.plan import Plan
from ikmplan.report.rka import Line, sub_activities
from ikmplan.show.table import Of, View, rupiah_text, table
from ikmplan.text import LANGUAGES, N_, _, language, number, percent, rupiah

MET, NOT_MET, UNCHECKED = "met", "not met", "unchecked"
OWN_UNITS = (N_("Piece"), N_("Person"), N_("Class"))
RESULTS = {MET: N_("met"), NOT_MET: N_("NOT MET"), UNCHECKED: N_("cannot be checked")}


class Obligation(NamedTuple):
    """A requirement, what was found and asked for, its result (of RESULTS), what is not known."""

    name: str
    found: str
    asked: str
    result: str
    unknown: str


class PriceCheck(NamedTuple):
    """A price of the plan, with tax, beside that of the price standard."""

    line: Line
    standard: PriceStandard | None
    result: str  # of RESULTS
    why: str  # why it was not checked


def requirements(plan: Plan, case: Case) -> list[Obligation]:
    """Domestic products, then prices."""
    lines = [line for part in sub_activities(plan, case) for line in part.lines]
    return [_domestic(case, lines), _prices(case, lines)]


def _domestic(case: Case, lines: list[Line]) -> Obligation:
    """Met where what is known is enough already; not met where all the rest could not make it."""
    least, every = domestic_least(case.office), sum(line.amount for line in lines)
    shares = [(line.amount, line.domestic) for line in lines if line.domestic is not None]
    known = sum((amount * Fraction(str(share)) for amount, share in shares), Fraction(0))
    unknown = sum(line.amount for line in lines if line.domestic is None)
    result = UNCHECKED
    if every and known >= least * every:
        result = MET
    elif every and known + unknown < least * every:
        result = NOT_MET
    text = ""
    if unknown:
        text = _(
            "For {unknown} of {every} the tables state no share of domestic products.",
            unknown=rupiah(unknown),
            every=rupiah(every),
        )
    return Obligation(
        _("Domestic products (PDN), share of the money"),
        percent(float(known / every), 1) if every and unknown < every else "",
        _("at least {share}", share=percent(float(least), 0 if least * 100 % 1 == 0 else 1)),
        result,
        text,
    )


def _prices(case: Case, lines: list[Line]) -> Obligation:
    checks = price_checks(case, lines)
    above = sum(check.result == NOT_MET for check in checks)
    unchecked = sum(check.result == UNCHECKED for check in checks)
    result = NOT_MET if above else UNCHECKED if unchecked or not checks else MET
    text = ""
    if not case.tables.price_standard:
        text = _("The case has no table of the price standard.")
    elif unchecked:
        text = _(
            "{n} of {every} prices were not checked.",
            n=number(unchecked),
            every=number(len(checks)),
        )
    return Obligation(
        _("Prices against the regional price standard (SSH)"),
        _("{n} above the standard", n=number(above)) if unchecked < len(checks) else "",
        _("none above the standard"),
        result,
        text,
    )


def price_checks(case: Case, lines: Iterable[Line]) -> list[PriceCheck]:
    """Each different price of the lines once, in their order."""
    standards: dict[str, PriceStandard] = case.tables.by_key["price_standard"]
    found: dict[tuple[str, str, int, str | None], PriceCheck] = {}
    for line in lines:
        key = line.name, line.unit, line.price + line.tax, line.ssh_code
        if key not in found:
            found[key] = _checked(line, standards.get(line.ssh_code or ""))
    return list(found.values())


def _checked(line: Line, standard: PriceStandard | None) -> PriceCheck:
    if standard is None:
        why = _("The price standard is not given.") if line.ssh_code else _("It has no SSH code.")
        return PriceCheck(line, None, UNCHECKED, why)
    if _plain(standard.unit) != _plain(line.unit):
        why = _("The standard is for another unit: {unit}.", unit=standard.unit)
        return PriceCheck(line, standard, UNCHECKED, why)
    within = line.price + line.tax <= standard.price
    return PriceCheck(line, standard, MET if within else NOT_MET, "")


def _plain(unit: str) -> str:
    """A unit however it is written: "Orang / Hari" is "person/hari", in whatever language the
    program names its own units."""
    parts = ("".join(part.split()) for part in unit.lower().split("/"))
    return "/".join(_own_units().get(part, part) for part in parts)


@cache
def _own_units() -> dict[str, str]:
    """The units that the program names itself, in each language: "unit" and "piece" are one."""
    found: dict[str, str] = {}
    for code in LANGUAGES:
        with language(code):
            found |= {_(unit).lower(): unit.lower() for unit in OWN_UNITS}
    return found


def compliance_table(plan: Plan, case: Case) -> View:
    """Each requirement, what was found, and what could not be checked."""
    return table(
        _("Compliance"),
        requirements(plan, case),
        (_("Requirement"), "name"),
        (_("Found"), lambda row: row.found or None),
        (_("Asked for"), "asked"),
        (_("Result"), lambda row: _(RESULTS[row.result])),
        (_("Not checked"), lambda row: row.unknown or None),
    )


def price_check_table(plan: Plan, case: Case) -> View:
    """Each price of the plan beside the price standard; nothing where the case has none."""
    lines = [line for part in sub_activities(plan, case) for line in part.lines]
    given = bool(case.tables.price_standard)
    return table(
        _("Prices and the price standard"),
        price_checks(case, lines) if given else [],
        (_("Description"), lambda row: row.line.name),
        (_("Unit"), lambda row: row.line.unit),
        Of(_("Price, with tax"), lambda row: row.line.price + row.line.tax, rupiah_text),
        (_("SSH code"), lambda row: row.line.ssh_code),
        Of(
            _("Price of the standard"),
            lambda row: None if row.standard is None else row.standard.price,
            rupiah_text,
        ),
        (_("Result"), lambda row: _(RESULTS[row.result])),
        (_("Not checked"), lambda row: row.why or None),
        empty=_("No money is spent.") if given else None,
    )
