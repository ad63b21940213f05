"""Do the rows of `ranges` fit the numbers that they are about?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ikmplan.faults import Fault, nearest
from ikmplan.input.number_kinds import UNCERTAIN_COLUMNS, kind_of_number
from ikmplan.input.references import ReadableTables
from ikmplan.input.rows import ROWS, Problem, Range, row_key
from ikmplan.text import _


def range_faults(tables: ReadableTables) -> list[Fault]:
    """What is wrong with the rows of `ranges`, beside the other tables that can be read."""
    return [
        tables.fault("ranges", number, row, problem)
        for number, row in tables.numbered("ranges")
        for problem in _problems(tables, row)
    ]


def _problems(tables: ReadableTables, r: Range) -> Iterator[Problem]:
    columns = UNCERTAIN_COLUMNS.get(r.table)
    if columns is None:
        message = _("is no table whose numbers have a range.")
        fix = nearest(r.table, UNCERTAIN_COLUMNS) or _(
            "The tables are: {names}.", names=", ".join(UNCERTAIN_COLUMNS)
        )
        yield "table", message, fix
    elif r.number not in columns:
        message = _("is no column of {table} whose numbers have a range.", table=r.table)
        fix = nearest(r.number, columns) or _("The columns are: {names}.", names=", ".join(columns))
        yield "number", message, fix
    elif r.table in tables.rows and "sources" in tables.rows:
        yield from _no_number(tables, r)
        yield from _chance_above_one(tables, r)


def _about(tables: ReadableTables, r: Range) -> list[Any]:
    """The rows with the numbers that the range is about."""
    rows = (row for _n, row in tables.numbered(r.table))
    return [
        row
        for row in rows
        if r.row_key in (None, row_key(row)) and r.of_source in (None, row.source)
    ]


def _no_number(tables: ReadableTables, r: Range) -> Iterator[Problem]:
    about, sources = _about(tables, r), tables.by_key("sources")
    if not about and not tables.faulty_keys.get(r.table):
        if r.row_key is not None:
            keys = [row_key(row) for _n, row in tables.numbered(r.table)]
            message = _("is the key of no row of {table}.", table=r.table)
            shape = " + ".join(ROWS[r.table].KEY)
            fix = nearest(r.row_key, keys) or _("Write {shape}, as they stand there.", shape=shape)
            yield "row_key", message, fix
        elif r.of_source in sources:
            message = _("is the source of no row of {table}.", table=r.table)
            yield "of_source", message, _("Name a source that stands there, or remove the row.")
    elif r.row_key is not None or r.of_source is not None:
        facts = [row for row in about if getattr(sources.get(row.source), "kind", "") == "fact"]
        if facts:
            column = "row_key" if r.row_key is not None else "of_source"
            message = _(
                "rests on {source}, which states a fact; facts do not move.",
                source=facts[0].source,
            )
            fix = _("Remove the row, or call the source an estimate.")
            yield column, message, fix


def _chance_above_one(tables: ReadableTables, r: Range) -> Iterator[Problem]:
    if not kind_of_number(r.table, r.number).share:
        return
    for row in _about(tables, r):
        value = getattr(row, r.number)
        highest = value * r.high
        if highest > 1 + 1e-9 and not (value == 1 and r.row_key is None):
            message = _(
                "brings {column} of {row} from {value} to {highest}; it is at most 1.",
                column=r.number,
                row=row_key(row),
                value=f"{value:g}",
                highest=f"{highest:g}",
            )
            fix = _("Lower high to {most}, or give that row its own range.", most=_down(1 / value))
            yield "high", message, fix
            return


def _down(factor: float) -> str:
    return f"{int(factor * 100) / 100:g}"
