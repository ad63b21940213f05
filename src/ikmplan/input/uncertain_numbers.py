"""Every uncertain number of a case with its range.

A number is uncertain where its row rests on an estimate and its column has a kind
(`number_kinds`). Of the rows of `ranges` about it the most exact counts: its own row, then its
source, then its column; where there is none, the usual range of its kind.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from statistics import NormalDist
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ikmplan.input.case import Case
from ikmplan.input.evidence import SCORE_OF_TENTH, Learned
from ikmplan.input.number_kinds import UNCERTAIN_COLUMNS, NumberKind, kind_of_number
from ikmplan.input.ranges import Ranges, key_of_number, stated_facts
from ikmplan.input.rows import Range, key_of_row, row_key

Floats = NDArray[np.float64]
DENSITY_STEPS = 2000  # steps of the density of a chance
NORMAL = NormalDist()
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
class FollowedSpread:
    """A chance after a follow-up: the Beta distribution of its mean and standard deviation.

    Its quantiles are read from the cumulated density on a grid; a relevance, which may exceed 1,
    is spread evenly on both sides in logarithms.
    """

    mean: float
    deviation: float

    def values(self, scores: Floats) -> Floats:
        relative = self.deviation / self.mean
        trials = self.mean * (1 - self.mean) / self.deviation**2 - 1 if self.deviation else np.inf
        if not 0 < trials < np.inf:
            lognormal: Floats = self.mean * np.exp(relative * scores)
            return lognormal
        grid = (np.arange(DENSITY_STEPS) + 0.5) / DENSITY_STEPS
        a, b = self.mean * trials, (1 - self.mean) * trials
        density = (a - 1) * np.log(grid) + (b - 1) * np.log1p(-grid)
        below = np.cumsum(np.exp(density - density.max()))
        normal = np.array([NORMAL.cdf(float(score)) for score in scores])
        found: Floats = np.interp(normal, (below - below / 2 / DENSITY_STEPS) / below[-1], grid)
        return found


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
    of: tuple[str, ...]  # what it is of: its row, or a line or topic whose rows state it together

    @cached_property
    def noise(self) -> str:
        """Numbers with the same name of noise are drawn as one: the cost of a class and of a
        person of a course, the days of all that a class uses, the chance in all rows of a line."""
        return ".".join((self.kind.name, *self.of[: self.kind.shares]))


def uncertain_numbers(case: Case) -> tuple[UncertainNumber, ...]:
    """Every uncertain number of the case, in the order of its tables and rows.

    A fund or budget that the scenario states is a decision and no estimate; a number that is
    zero stays zero, and so does a share of 1 without a range of its own row. A single cell that a
    fact states (table `stated`) is certain.
    """
    facts = stated_facts(case.tables.sources, case.tables.stated)
    estimates = {row.source for row in case.tables.sources if row.kind == "estimate"}
    found, followed = Ranges(case.tables.ranges), followed_numbers(case)
    operator_courses = {row.operator_course for row in case.tables.equipment if row.operators}
    topics = {row.course: row.topic for row in case.tables.courses if row.topic}
    numbers = []
    for table, columns in UNCERTAIN_COLUMNS.items():
        rows = getattr(case.tables, table)
        stating: dict[tuple[str, ...], list[Any]] = defaultdict(list)
        for row, column in product(rows, columns):
            stating[column, *key_of_number(column, table, row, topics)].append(row)
        for row, column in product(rows, columns):
            key, of = key_of_row(row), key_of_number(column, table, row, topics)
            together = stating[column, *of]
            if any((table, row_key(other), column) in facts for other in together):
                continue
            of_number = found.stating(table, column, together, estimates)
            if of_number.source not in estimates:
                continue
            if table == "funds" and key[0] in case.scenario.funds:
                continue
            kind = kind_of_number(table, column, key[0] in operator_courses)
            number = _number(kind, column, of_number, found.of(table, column, of_number))
            if number is not None:
                known = followed.get((table, column, key))
                number = replace(number, key=key, of=of)
                numbers.append(number if known is None else _followed(number, known))
    return tuple(numbers)


def followed_numbers(case: Case) -> dict[tuple[str, str, tuple[str, ...]], Learned]:
    """(table, column, key) -> what a follow-up made of the number there.

    The chance of a course at one sector stands in no cell: there its relevance is what makes the
    course's own chance that of the sector.
    """
    found: dict[tuple[str, str, tuple[str, ...]], Learned] = {}
    for (item, sector), learned in case.learned.items():
        own = case.learned.get((item, None))
        if sector is None:
            found["courses", "success", (item,)] = learned
        elif item not in case.courses:
            for row in case.tables.equipment_suits:
                if (row.used_as, row.sector) == (item, sector):
                    found["equipment_suits", "success", key_of_row(row)] = learned
        elif own is None or learned.followed > own.followed:
            chance = case.course_success(item)
            spread = own.spread if own else 0.0
            relative = learned.relative**2 - (spread / chance) ** 2
            fit = learned.chance / chance
            of_fit = Learned(fit, fit * max(0.0, relative) ** 0.5, learned.followed)
            found["course_suits", "relevance", (item, sector)] = of_fit
    return found


def _followed(number: UncertainNumber, known: Learned) -> UncertainNumber:
    """The number after a follow-up: its own range, and no shock of a group that was seen in it."""
    spread = FollowedSpread(known.chance, known.spread)
    return replace(number, value=known.chance, spread=spread, group=None, correlation=0.0)


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
        kind.table, column, key, value, row.source, kind, spread, group, correlation, stated_by,
        key,
    )  # fmt: skip
