"""Single cells with a source of their own: are they there, and which are facts?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ikmplan.faults import Fault, nearest
from ikmplan.input.references import ReadableTables
from ikmplan.input.row import Problem
from ikmplan.input.rows import ROWS, row_key
from ikmplan.text import _

NO_CELLS = {"sources", "stated"}  # tables whose rows are no numbers of the case


def stated_faults(tables: ReadableTables) -> list[Fault]:
    """Rows of `stated` that name no cell."""
    return list(_no_cell(tables))


def _no_cell(tables: ReadableTables) -> Iterator[Fault]:
    known = [name for name in ROWS if name not in NO_CELLS]
    for number, row in tables.numbered("stated"):
        problem = _problem(tables, row, known)
        if problem:
            yield tables.fault("stated", number, row, problem)


def _problem(tables: ReadableTables, row: Any, known: list[str]) -> Problem | None:
    if row.table not in known:
        fix = nearest(row.table, known) or _("Choose one of: {known}.", known=", ".join(known))
        return "table", _("is no table with numbers."), fix
    columns = [name for name in ROWS[row.table].model_fields if name != "source"]
    if row.number not in columns:
        fix = nearest(row.number, columns) or _("Choose one of: {known}.", known=", ".join(columns))
        return "number", _("is no column of {table}.", table=row.table), fix
    if row.table not in tables.rows or tables.faulty_keys.get(row.table):
        return None
    keys = [row_key(other) for _number, other in tables.rows[row.table]]
    if row.row_key not in keys:
        fix = nearest(row.row_key, keys) or _("Choose one of: {known}.", known=", ".join(keys[:8]))
        return "row_key", _("names no row of {table}.", table=row.table), fix
    return None
