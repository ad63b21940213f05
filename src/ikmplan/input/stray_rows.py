"""Rows below the header that are no rows of the table: totals, notes, a header again.

Each is one fault, whose fix is to delete it, not one for each of its cells; and a total is never
offered as a key, by which everything would count twice.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from ikmplan.faults import Fault
from ikmplan.input.rows import Row
from ikmplan.input.sheet_cells import Cells, RefusedCell, is_total, short_list, table_name
from ikmplan.text import _

_NUMBER = re.compile(r"[(\s]*(rp\.?)?[\s\d.,%-]+[)\s]*", re.IGNORECASE)


def stray_row(cells: Cells, number: int, raw: dict[str, Any], row_type: type[Row]) -> Fault | None:
    """The fault of a row that is none of the table; None where it looks like one."""
    filled = [value for value in raw.values() if value != ""]
    if not filled:
        return None
    key = row_type.KEY[0]
    name = filled[0] if raw[key] == "" else raw[key]
    fix = _("Delete the row.")
    if is_total(name):
        message = _("looks like a total of the rows above, which would count twice.")
    elif any(type(value) is RefusedCell for value in filled):
        return None
    elif str(name).lower() == key and _repeats_header(raw):
        message = _("repeats the header.")
    elif all(_is_number(value) for value in filled):
        message = _("holds numbers alone, like a total or the numbers of columns.")
        fix = _("Delete the row, or fill in its key.")
    elif len(filled) == 1:
        message = _("stands alone in its row.")
        fix = _("Delete it or fill in the row; a note stands above the header, behind “# ”.")
    else:
        return None
    return Fault(cells.where, number, None, str(name), message, fix)


def _repeats_header(raw: dict[str, Any]) -> bool:
    return all(table_name(str(value)) == name for name, value in raw.items() if value != "")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) or bool(_NUMBER.fullmatch(str(value)))


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
