"""The uncertain numbers of a case drawn together: `draws(case, n, seed)`.

Each number has a normal score: √ρ × the shock of its group + √(1 − ρ) × its own noise (a
Gaussian copula), and its spread makes the value of it. Every shock and noise has a generator of
its own, made from the seed and its name. So a draw depends neither on the order of rows nor on
other numbers nor on how many are drawn, and two cases that share a number share its draws.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from zlib import crc32

import numpy as np

from ikmplan.input.case import Case
from ikmplan.input.rows import key_of_row
from ikmplan.input.uncertain_numbers import (
    SMALLEST_SHARE,
    Floats,
    UncertainNumber,
    uncertain_numbers,
)


@dataclass(frozen=True)
class Draws:
    """`n` draws of every uncertain number of a case: `values[number, draw]`."""

    case: Case
    numbers: tuple[UncertainNumber, ...]
    values: Floats
    n: int
    seed: int

    @cached_property
    def _place(self) -> dict[tuple[str, str, tuple[str, ...]], int]:
        return {(u.table, u.column, u.key): at for at, u in enumerate(self.numbers)}

    def of(self, table: str, column: str, row: Any) -> Floats:
        """The number in a column of a row of the case, for each draw; shape (n,)."""
        at = self._place.get((table, column, key_of_row(row)))
        if at is None:
            return np.full(self.n, float(getattr(row, column)))
        found: Floats = self.values[at]
        return found

    @cached_property
    def alone(self) -> dict[tuple[str, str], Floats]:
        """(course or line, sector) -> the chance that it is used, below 1, for each draw."""
        tables = self.case.tables
        courses = {row.course: self.of("courses", "success", row) for row in tables.courses}
        alone = {
            (row.course, row.sector): courses[row.course]
            * self.of("course_suits", "relevance", row)
            for row in tables.course_suits
        }
        alone |= {
            (row.used_as, row.sector): self.of("equipment_suits", "success", row)
            for row in tables.equipment_suits
        }
        return {at: np.clip(chance, 0, 1 - 1e-9) for at, chance in alone.items()}

    def first(self, n: int) -> Draws:
        """The first n of these draws: the same as n drawn alone."""
        return replace(self, values=self.values[:, :n], n=min(n, self.n))


def draws(case: Case, n: int, seed: int = 0) -> Draws:
    """n draws of the case's uncertain numbers; the same seed gives the same ones."""
    numbers = uncertain_numbers(case)
    noise = {name: _scores(name, n, seed) for name in {u.noise for u in numbers}}
    shock = {name: _scores(f"group {name}", n, seed) for u in numbers if (name := u.group)}
    clusters = case.clusters
    values = np.empty((len(numbers), n))
    for at, u in enumerate(numbers):
        together = u.correlation if u.group else 0.0
        scores = np.sqrt(1 - together) * noise[u.noise]
        if u.group and together:
            scores = scores + np.sqrt(together) * shock[u.group]
        drawn = u.spread.values(scores)
        drawn = np.rint(drawn) if u.kind.whole else np.maximum(drawn, SMALLEST_SHARE)
        if u.table == "clusters" and u.column == "units":  # those were really reached
            drawn = np.maximum(drawn, clusters[u.key[0]].reached_before)
        values[at] = drawn
    return Draws(case, numbers, values, n, seed)


def _scores(name: str, n: int, seed: int) -> Floats:
    """n standard normal numbers that depend on nothing but the seed and the name."""
    return np.random.default_rng([seed, crc32(name.encode())]).standard_normal(n)


def drawn_case(drawn: Draws, i: int) -> Case:
    """The case with the numbers of draw i: planned again, it shows what would be best there.

    It has no components: they add up to the costs that stand in the tables, not to drawn ones;
    and no results, which the drawn chances follow from.
    """
    tables = drawn.case.tables
    changes: dict[str, dict[tuple[str, ...], dict[str, float]]] = defaultdict(dict)
    for u, value in zip(drawn.numbers, drawn.values[:, i], strict=True):
        number = int(value) if u.kind.whole else float(value)
        changes[u.table].setdefault(u.key, {})[u.column] = number
    made: dict[str, Any] = {
        table: tuple(
            row.model_copy(update=of_row) if (of_row := rows.get(key_of_row(row))) else row
            for row in getattr(tables, table)
        )
        for table, rows in changes.items()
    }
    return Case(replace(tables, **made, components=(), results=()), drawn.case.scenario)
