"""How sure the headline numbers are, in words: from the tables of `uncertainty.answers`.

"8 of 10 cases" are the draws between the 10th and the 90th percentile.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ikmplan.report.certificate import units_digits
from ikmplan.tableset import TableSet
from ikmplan.text import _, number

SLIGHT_UNITS = 1e-6  # smaller differences of units are none


class EightOfTen(NamedTuple):
    """In one case of ten it is below `low`, in half below `middle`, in one of ten above `high`."""

    low: float
    middle: float
    high: float

    @property
    def text(self) -> str:
        """ "77–384"."""
        return f"{number(self.low)}–{number(self.high)}"


def eight_of_ten(values: Sequence[float]) -> EightOfTen:
    """10th, 50th and 90th percentile."""
    return EightOfTen(*(float(x) for x in np.percentile(values, [10, 50, 90])))


def has_draws(uncertainty: TableSet | None) -> bool:
    """Whether the numbers were drawn at all."""
    return uncertainty is not None and len(uncertainty.tables["outcomes"]) > 0


def units_in_draws(uncertainty: TableSet | None) -> EightOfTen | None:
    """Units really reached over the draws; None where nothing was drawn."""
    if uncertainty is None or not has_draws(uncertainty):
        return None
    return eight_of_ten(uncertainty.tables["outcomes"]["lucky"].to_list())


def better_of_100(uncertainty: TableSet | None) -> int | None:
    """In how many of 100 draws the plan is expected to reach more than the announced programme."""
    if uncertainty is None or not has_draws(uncertainty):
        return None
    outcomes = uncertainty.tables["outcomes"]
    if outcomes["announced"].isna().any():
        return None
    return of_100(float((outcomes["expected"] > outcomes["announced"]).mean()))


def more_and_fewer(mine: Sequence[float], other: Sequence[float]) -> tuple[float, float]:
    """The shares of the draws in which one plan is expected to reach more units than another, and
    fewer; of the draws that both have."""
    n = min(len(mine), len(other))
    over = np.subtract(mine[:n], other[:n])
    return float(np.mean(over > SLIGHT_UNITS)), float(np.mean(over < -SLIGHT_UNITS))


def of_100(share: float) -> int:
    """A share as a number of 100 cases; neither 0 nor 100 unless it is just that."""
    n = round(100 * share)
    return min(max(n, int(share > 0)), 100 - int(share < 1))


def range_note(uncertainty: TableSet | None) -> str:
    """The range of the units reached, to stand beside their number; "" where there is none."""
    units = units_in_draws(uncertainty)
    return "" if units is None else _("{range} in 8 of 10 cases", range=units.text)


def beyond_range(expected: float, uncertainty: TableSet | None) -> str:
    """In how many cases so many units as the tables give are reached, where that is few or nearly
    all: where the number lies outside 8 of 10 cases; "" elsewhere."""
    units = units_in_draws(uncertainty)
    if units is None or uncertainty is None or units.low <= expected <= units.high:
        return ""
    reached = uncertainty.tables["outcomes"]["lucky"] >= expected
    return _(
        "So many as the numbers of the tables give, {units} or more, are reached in {n} of 100 "
        "cases.",
        units=number(expected, units_digits(expected)),
        n=number(of_100(float(reached.mean()))),
    )


def range_in_short(uncertainty: TableSet | None) -> str:
    """Between which numbers the units reached lie, and how often that beats the programme."""
    units = units_in_draws(uncertainty)
    if units is None:
        return ""
    message = _(
        "As the estimates may be off, between {low} and {high} units are reached in 8 of 10 cases, "
        "in the middle {middle}.",
        low=number(units.low),
        high=number(units.high),
        middle=number(units.middle),
    )
    better = better_of_100(uncertainty)
    if better is None:
        return message
    return f"{message} " + _(
        "In {n} of 100 cases the plan reaches more than the announced programme does in the same "
        "case.",
        n=number(better),
    )
