"""The rows of the table `ranges`, and which of them is about a number."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ikmplan.input.rows import Range, key_of_row, row_key

Cell = tuple[str, str, str]  # table, key of the row, column
ONE_OF_A_LINE = {("equipment_suits", "success"), ("equipment_suits", "interest")}


def key_of_number(column: str, table: str, row: Any, topics: Mapping[str, str]) -> tuple[str, ...]:
    """What a number is of: the rows of a line at a sector state one chance and one interest, the
    courses of a topic one interest; every other number is of its own row.

    `topics` has the topic of each course that names one.
    """
    if (table, column) in ONE_OF_A_LINE:
        return row.used_as, row.sector
    if (table, column) == ("course_suits", "interest"):
        return topics.get(row.course, row.course), row.sector
    return key_of_row(row)


def stated_facts(sources: Iterable[Any], stated: Iterable[Any]) -> set[Cell]:
    """The single cells that a fact states, though the rest of their rows rests on others."""
    facts = {row.source for row in sources if row.kind == "fact"}
    return {(row.table, row.row_key, row.number) for row in stated if row.source in facts}


class Ranges:
    """The rows of the table `ranges`, by what they are about."""

    def __init__(self, rows: Iterable[Range]):
        self.rows = {(r.table, r.number, r.row_key, r.of_source): r for r in rows}

    def of(self, table: str, column: str, row: Any) -> Range | None:
        """The most exact range stated for a number; None where none is stated."""
        for own, source in ((row_key(row), None), (None, row.source), (None, None)):
            if found := self.rows.get((table, column, own, source)):
                return found
        return None

    def stating(
        self, table: str, column: str, rows: Iterable[Any], estimates: Collection[str]
    ) -> Any:
        """Of rows that state one number the one whose source and range count: with a range of
        its own, else an estimate, else the first by its key."""

        def rank(row: Any) -> tuple[Any, ...]:
            own = self.of(table, column, row)
            stated = own is not None and own.row_key is not None
            return row.source not in estimates, not stated, key_of_row(row)

        return min(rows, key=rank)
