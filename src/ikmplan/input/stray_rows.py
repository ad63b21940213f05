"""Rows below the header that are no rows of the table: totals, notes, a header again.

Each is one fault, whose fix is to delete it, not one for each of its cells; and a total is never
offered as a key, by which everything would count twice.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from ikmplan.faults import Fault
from ikmplan.input.cells import kind_of
from ikmplan.input.plain_text import means_none
from ikmplan.input.rows import ROWS, Row
from ikmplan.input.sheet_cells import Cells, RefusedCell, is_total, short_list, table_name
from ikmplan.text import _

_ADDED_UP = {"units", "amount", "q1"}  # a table that has one of them is added up by offices
# a number, or one of a column, which papers also write as (5=3x4)
_NUMBER = re.compile(r"[(\s]*(rp\.?)?[\s\d.,%=x×*:/+-]+[)\s]*", re.IGNORECASE)


def stray_row(cells: Cells, number: int, raw: dict[str, Any], row_type: type[Row]) -> Fault | None:
    """The fault of a row that is none of the table; None where it looks like one."""
    filled = [value for value in raw.values() if value != ""]
    if not filled:
        return None
    key = row_type.KEY[0]
    name = filled[0] if raw[key] == "" else raw[key]
    fix = _("Delete the row.")
    if total := _total(raw, row_type):
        name = total
        message = _("looks like a total of the rows above, which would count twice.")
    elif any(type(value) is RefusedCell for value in filled):
        return None
    elif str(name).lower() == key and _repeats_header(raw):
        message = _("repeats the header.")
    elif all(isinstance(v, (int, float)) or _NUMBER.fullmatch(str(v)) for v in filled):
        message = _("holds numbers alone, like a total or the numbers of columns.")
        fix = _("Delete the row, or fill in its key.")
    elif other := _other_header(raw.values(), row_type):
        message = _("holds the column names of {name}.", name=other)
        fix = _("Give each table its own sheet or file.")
    elif len(filled) == 1:
        message = _("stands alone in its row.")
        fix = _("Delete it or fill in the row; a note stands above the header, behind “# ”.")
        if separator := joined_by(filled, raw):
            message = _("holds a whole row in one cell, with “{separator}” between its parts.",
                        separator=separator)  # fmt: skip
            fix = _("Give each part a cell of its own, as in the header.")
    else:
        return None
    return Fault(cells.where, number, None, str(name), message, fix)


def _total(raw: dict[str, Any], row_type: type[Row]) -> str | None:
    """The cell that names the row a total: its key or, where that is empty, any other."""
    key = raw[row_type.KEY[0]]
    named = [key] if key != "" else list(raw.values())
    if "name" in raw and _ADDED_UP & row_type.model_fields.keys():  # a course may be Total Quality
        named.append(raw["name"])
        if isinstance(key, str) and is_total(key.replace("_", " ")):
            return key
    return next((value for value in named if is_total(value)), None)


def _other_header(values: Iterable[Any], row_type: type[Row]) -> str | None:
    """The other table whose column names these are."""
    titles = [table_name(str(value)) for value in values if value != ""]
    names = (
        name
        for name, other in ROWS.items()
        if other is not row_type and len(titles) > 2 and other.model_fields.keys() >= {*titles}
    )
    return next(names, None)


def before_other_table(cells: Cells, row_type: type[Row]) -> Cells:
    """The cells without the rows below the column names of another table."""
    for n, (_number, values) in enumerate(cells.rows, 1):
        if _other_header(values, row_type):
            return replace(cells, rows=cells.rows[:n])
    return cells


def _repeats_header(raw: dict[str, Any]) -> bool:
    return all(table_name(str(value)) == name for name, value in raw.items() if value != "")


def unfit_row(faults: list[Fault], raw: dict[str, Any], row_type: type[Row]) -> Fault | None:
    """The one fault of a row of which most cells do not fit, its key among them, as of a second
    header, a heading or a signature; of a row without a key of which many do not; of a row that has
    a key and little else, as a note may; or of a row of units below the header."""
    name = row_type.KEY[0]
    key = str(raw[name])
    wrong = [fault.column for fault in faults if fault.column]
    counted = {*wrong, *(column for column, value in raw.items() if value != "")}
    empty = [fault for fault in faults if fault.value == ""]
    unfit = name in wrong and 2 * len(wrong) > len(counted)
    little = len(wrong) < 4 or (key and not unfit and 2 * len(empty) <= len(raw))
    if little and not _holds_units(raw, row_type, wrong):
        return None
    columns = ", ".join(column for column in wrong if column != name)
    message = _("is empty, and what the row holds does not fit {columns}.", columns=columns)
    if key:
        message = _("begins a row that does not fit {columns}.", columns=columns)
    fix = _("Delete the row if it is none of this table; else correct these cells.")
    return replace(faults[0], column=name, value=key, problem=message, fix=fix)


def _holds_units(raw: dict[str, Any], row_type: type[Row], wrong: Collection[str]) -> bool:
    """Whether all columns of numbers hold words, as in a second row of a header."""
    fields = row_type.model_fields
    texts = {n: str(raw.get(n, "")) for n, field in fields.items() if "number" in kind_of(field)}
    filled = {name: text for name, text in texts.items() if text and not means_none(text)}
    is_word = (n in wrong and not re.search(r"(?<![a-z])\d", t) for n, t in filled.items())
    return len(filled) > 1 and all(is_word)


def joined_by(filled: Collection[Any], fields: Collection[str]) -> str | None:
    """The separator between the cells of a whole row that stands in one cell."""
    (text,) = filled if len(filled) == 1 else [""]
    parts = len(fields) // 2
    return next((s for s in ";,\t|" if parts > 1 and str(text).count(s) >= parts), None)


def merged_faults(found: list[tuple[Fault, str | None]]) -> list[Fault]:
    """The faults, equal ones as one: the first, with the places of the others.

    A fault comes with its cell where it is the same in every column, and else with None.
    """
    alike: dict[tuple[str | None, ...], list[tuple[Fault, str | None]]] = {}
    for fault, cell in found:
        column = None if cell else fault.column
        alike.setdefault((fault.problem, fault.fix, column), []).append((fault, cell))
    return [_with_places(first, others) for (first, _cell), *others in alike.values()]


def _with_places(fault: Fault, others: list[tuple[Fault, str | None]]) -> Fault:
    if not others:
        return fault
    places = [cell or _("row {row}", row=other.row) for other, cell in others]
    problem = fault.problem + " " + _("Likewise: {places}.", places=short_list(places))
    return replace(fault, problem=problem)
