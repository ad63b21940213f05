"""The tables of a case that can be read, each row with its number, before it is known whether they
fit each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ikmplan.faults import Fault
from ikmplan.input.rows import Problem, rows_by_key

NumberedRows = list[tuple[int, Any]]  # row number, row


@dataclass(frozen=True)
class ReadableTables:
    """The tables whose header has no fault, by their names."""

    rows: dict[str, NumberedRows]  # those without faults
    faulty_keys: dict[str, set[str]]  # keys of the others: a reference to them is no fault
    wheres: dict[str, str]  # file or sheet

    def numbered(self, table: str) -> NumberedRows:
        """The rows of a table with their numbers; none where the table cannot be read."""
        return self.rows.get(table, [])

    def known(self, *tables: str) -> list[str] | None:
        """The keys of all rows of these tables; None where one of them cannot be read."""
        if not self.rows.keys() >= set(tables):
            return None
        return [
            key
            for table in tables
            for key in (*self.by_key(table), *self.faulty_keys.get(table, ()))
        ]

    def by_key(self, table: str) -> dict[str, Any]:
        """Key -> row."""
        return rows_by_key(row for _n, row in self.numbered(table))

    def faults(self, table: str, problems: Callable[[Any], Iterable[Problem]]) -> Iterator[Fault]:
        """The fault of each problem that a row of the table has."""
        for number, row in self.numbered(table):
            for problem in problems(row):
                yield self.fault(table, number, row, problem)

    def fault(
        self, table: str, number: int, row: Any, problem: Problem, warning: str = ""
    ) -> Fault:
        """The fault of a column of the row, with the value that stands there; or a warning of
        this kind."""
        column, message, fix = problem
        value = getattr(row, column)
        value = None if value is None else str(value)
        return Fault(
            self.wheres[table], number, column, value, message, fix, bool(warning), warning
        )
