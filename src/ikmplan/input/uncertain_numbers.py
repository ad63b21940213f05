"""Every uncertain number of a case with its range.

A number is uncertain where its row rests on an estimate and its column has a kind
(`number_kinds`). Of the rows of `ranges` about it the most exact counts: its own row, then its
source, then its column; where there is none, the usual range of its kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ikmplan.input.case import Case
from ikmplan.input.number_kinds import UNCERTAIN_COLUMNS, NumberKind, kind_of_number
from ikmplan.input.rows import Range, key_of_row

Floats = NDArray[np.float64]
SCORE_OF_TENTH = 1.2815515655446004  # a standard normal exceeds it in one case of ten
SMALLEST_SHARE = 1e-3  # of drawn shares and amounts: none of them is zero


class Spread(Protocol):
    """The distribution of an uncertain number, as a rising function of normal scores."""

    def values(self, scores: Floats) -> Floats:
        """The number for each standard normal score: its median for 0."""
        ...


@dataclass(frozen=True)
class FactorSpread:
    """A number times a factor: lognormal below and above its middle, each side with its own width.

    `low`, `middle` and `high` are the 10th, 50th and 90th percentile of the factor; values above
    `most` are `most`.
    """

    value: float
    low: float
    middle: float
    high: float
    most: float = np.inf

    def values(self, scores: Floats) -> Floats:
        below, above = np.log(self.middle / self.low), np.log(self.high / self.middle)
        exponents: Floats = np.minimum(scores, 0) * below + np.maximum(scores, 0) * above
        factors: Floats = self.middle * np.exp(exponents / SCORE_OF_TENTH)
        return np.minimum(self.value * factors, self.most)


@dataclass(frozen=True)
class UncertainNumber:
    """A number of a table that may be another, and what it depends on."""

    table: str
    column: str
    key: tuple[str, ...]  # of its row, as in KEY
    value: float  # as it stands in the table
    source: str  # of its row
    kind: NumberKind
    spread: Spread
    group: str | None
    correlation: float
    stated_by: str | None  # source of its range; None: the usual range of its kind

    @cached_property
    def noise(self) -> str:
        """Numbers with the same name of noise are drawn as one: the cost of a class and of a
        person of a course, the days of all that a class uses."""
        return ".".join((self.kind.name, *self.key[: self.kind.shares]))


def uncertain_numbers(case: Case) -> tuple[UncertainNumber, ...]:
    """Every uncertain number of the case, in the order of its tables and rows.

    A fund or budget that the scenario states is a decision and no estimate; a number that is
    zero stays zero, and so does a share of 1 without a range of its own row.
    """
    estimates = {row.source for row in case.tables.sources if row.kind == "estimate"}
    found = Ranges(case.tables.ranges)
    operator_courses = {row.operator_course for row in case.tables.equipment if row.operators}
    numbers = []
    for table, columns in UNCERTAIN_COLUMNS.items():
        for row in getattr(case.tables, table):
            if row.source not in estimates:
                continue
            key = key_of_row(row)
            if table == "funds" and key[0] in case.scenario.funds:
                continue
            for column in columns:
                kind = kind_of_number(table, column, key[0] in operator_courses)
                number = _number(kind, column, row, found.of(table, column, row))
                if number is not None:
                    numbers.append(number)
    return tuple(numbers)


def _number(kind: NumberKind, column: str, row: Any, own: Range | None) -> UncertainNumber | None:
    value = float(getattr(row, column))
    if value == 0 or (kind.share and value == 1 and (own is None or own.row_key is None)):
        return None
    if own is None:
        cap = max(kind.cap, value) if kind.share else np.inf
        spread = FactorSpread(value, kind.low, 1.0, kind.high, cap)
        group, correlation = kind.group, kind.correlation
    else:
        most = 1.0 if kind.share else np.inf
        spread = FactorSpread(value, own.low, own.shift, own.high, most)
        group = kind.group if own.moves_with is None else own.moves_with
        correlation = kind.correlation if own.correlation is None else own.correlation
    key, stated_by = key_of_row(row), own.source if own else None
    return UncertainNumber(
        kind.table, column, key, value, row.source, kind, spread, group, correlation, stated_by
    )


class Ranges:
    """The rows of the table `ranges`, by what they are about."""

    def __init__(self, rows: Iterable[Range]):
        self.rows = {(r.table, r.number, r.row_key, r.of_source): r for r in rows}

    def of(self, table: str, column: str, row: Any) -> Range | None:
        """The most exact range stated for a number; None where none is stated."""
        exact = "+".join(key_of_row(row))
        for own, source in ((exact, None), (None, row.source), (None, None)):
            if found := self.rows.get((table, column, own, source)):
                return found
        return None
