"""The rows of the table `ranges`, and which of them is about a number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ikmplan.input.rows import Range, key_of_row


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
