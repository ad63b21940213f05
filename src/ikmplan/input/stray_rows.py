"""Rows below the header that are no rows of the table: totals, notes, a header again.

Each is one fault that says to delete it, not one for each of its cells; and a total is never
offered as a key, by which everything would count twice.
"""

from __future__ import annotations

import re
from typing import Any

from ikmplan.faults import Fault
from ikmplan.input.rows import Row
from ikmplan.input.sheet_cells import Cells, RefusedCell, short_list, table_name
from ikmplan.text import _

_TOTAL = re.compile(
    r"\W*(grand|sub)?[\s_.-]*(total|jumlah|jml|rata[\s_.-]*rata|rerata|average)\b.*",
    re.IGNORECASE | re.DOTALL,
)
_NUMBER = re.compile(r"[(\s]*(rp\.?)?[\s\d.,%-]+[)\s]*", re.IGNORECASE)


def stray_row(cells: Cells, number: int, raw: dict[str, Any], row_type: type[Row]) -> Fault | None:
    """The fault of a row that is none of the table; None where it looks like one."""
    filled = {name: value for name, value in raw.items() if value != ""}
    if not filled:
        return None
    first = next(iter(filled.values()))
    name = filled.get(row_type.KEY[0], first)
    fix = _("Delete the row.")
    if isinstance(name, str) and _TOTAL.fullmatch(name):
        message = _("looks like a total of the rows above, which would count twice.")
    elif any(isinstance(value, RefusedCell) for value in filled.values()):
        return None
    elif all(table_name(str(value)) == title for title, value in filled.items()):
        message = _("repeats the header.")
    elif all(_is_number(value) for value in filled.values()):
        message = _("holds numbers alone, like a total or the numbers of columns.")
        fix = _("Delete the row, or fill in its key.")
    elif len(filled) == 1:
        message = _("stands alone in its row.")
        fix = _("Delete it or fill in the row; a note stands above the header, behind “# ”.")
    else:
        return None
    return Fault(cells.where, number, None, str(name), message, fix)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) or bool(_NUMBER.fullmatch(str(value)))


def merged_faults(found: list[tuple[Fault, str]]) -> list[Fault]:
    """The faults, those that say the same of other places as one: the first, with the others."""
    places: dict[tuple[str, str], list[str]] = {}
    first: dict[tuple[str, str], Fault] = {}
    for fault, place in found:
        key = fault.problem, fault.fix
        first.setdefault(key, fault)
        places.setdefault(key, []).append(place)
    return [_with_places(fault, places[key][1:]) for key, fault in first.items()]


def _with_places(fault: Fault, others: list[str]) -> Fault:
    if not others:
        return fault
    problem = fault.problem + " " + _("Likewise: {places}.", places=short_list(others))
    return Fault(fault.where, fault.row, fault.column, fault.value, problem, fault.fix)
