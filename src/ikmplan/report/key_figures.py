"""The key figures of a plan, listed once: what each is called, its value and how it is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ikmplan.input.case import Case
from ikmplan.plan.plan import Plan, new_entrepreneurs, worst_coverage
from ikmplan.report.certificate import units_digits
from ikmplan.show.table import (
    NOTHING,
    Format,
    one_decimal,
    percent_one_decimal,
    rupiah_text,
    short_rupiah,
)
from ikmplan.text import N_, _, number, percent

PER = 100_000_000  # rupiah; units reached are given for this much


def seats(plan: Plan) -> int:
    return int(plan.seats["seats"].sum())


def units_counted(case: Case) -> int:
    """IKM units that may be invited."""
    return sum(n for c, n in case.size.items() if case.is_ikm(c))


def candidates_counted(case: Case) -> int:
    """People who are not IKM yet and may be invited, of the clusters that count."""
    return sum(n for c, n in case.size.items() if c in case.weights and not case.is_ikm(c))


def share_reached(plan: Plan, case: Case) -> float | None:
    """Share of all IKM units that the plan is expected to reach, 0..1; None without units."""
    everyone = units_counted(case)
    return plan.reached / everyone if everyone else None


def at_floor(plan: Plan) -> list[str]:
    """The clusters whose coverage is their floor, as the tables show both (0.1 percent)."""
    rows = plan.coverage[plan.coverage["floor"] > 0]
    shown = rows[["coverage", "floor"]].map(percent_one_decimal)
    return [str(c) for c in rows.loc[shown["coverage"] == shown["floor"], "cluster"]]


def units_text(expected: float) -> str:
    """Expected units as a sentence gives them."""
    return number(expected, units_digits(expected))


class KeyFigure(NamedTuple):
    """A figure of a plan; its value is None where there is none."""

    message: str  # its name, untranslated
    value: Callable[[Plan, Case], float | None]
    show: Format  # in a table
    short: Format  # in a tile or a sentence

    @property
    def label(self) -> str:
        return _(self.message, amount=short_rupiah(PER))

    def text(self, plan: Plan, case: Case) -> str:
        """Its value in short."""
        value = self.value(plan, case)
        return NOTHING if value is None else self.short(value)


def money_there(case: Case) -> int:
    """Rupiah that can be spent: the funds may hold less than the budget."""
    return min(case.budget, sum(case.fund_amount.values()))


KEY_FIGURES = {
    "reached": KeyFigure(
        N_("IKM units expected to be reached"), lambda p, _c: p.reached, one_decimal, units_text
    ),
    "share": KeyFigure(N_("Share of all IKM units"), share_reached, percent_one_decimal, percent),
    "worst": KeyFigure(
        N_("Coverage of the worst-off cluster"), worst_coverage, percent_one_decimal, percent
    ),
    "coached": KeyFigure(N_("IKM units coached"), lambda p, _c: p.coached, number, number),
    "classes": KeyFigure(N_("Classes"), lambda p, _c: p.class_count, number, number),
    "seats": KeyFigure(N_("Seats"), lambda p, _c: seats(p), number, number),
    "machines": KeyFigure(N_("New machines"), lambda p, _c: p.machine_count, number, number),
    "cost": KeyFigure(N_("Money used"), lambda p, _c: p.cost, rupiah_text, short_rupiah),
    "left": KeyFigure(
        N_("Money left"), lambda p, c: money_there(c) - p.cost, rupiah_text, short_rupiah
    ),
    "reached_per_money": KeyFigure(
        N_("Units reached for each {amount}, on average"),
        lambda p, _c: p.reached / p.cost * PER if p.cost else None,
        one_decimal,
        one_decimal,
    ),
}
# shown beside the units where the tables give new entrepreneurs a weight; never added to them
ENTREPRENEURS = KeyFigure(
    N_("New entrepreneurs expected"), new_entrepreneurs, one_decimal, units_text
)


def key_figures(case: Case) -> dict[str, KeyFigure]:
    """Those of a plan of the case: new entrepreneurs only where they count for anything."""
    if not case.counts_entrepreneurs:
        return KEY_FIGURES
    first, *rest = KEY_FIGURES.items()
    return dict([first, ("entrepreneurs", ENTREPRENEURS), *rest])
