"""How a file with `;` between its columns writes numbers: 1.500,5 (Indonesian) or 1500.5.

Excel writes the first in Indonesia, LibreOffice in English the second. A number such as 1,250
could be of either form; it counts only where another number of the same file shows which.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from ikmplan.input.cells import kind_of
from ikmplan.input.sheet_cells import Cells
from ikmplan.text import _

# decimals behind a point: 7.5 and 1,234.5
_ENGLISH = re.compile(r"-?(\d+\.\d{1,2}|0\.\d+|\d{1,3}(,\d{3})+\.\d+)")
# decimals behind a comma, and points between thousands: 7,5 and 1.500.000
_INDONESIAN = re.compile(
    r"-?(\d+,(\d{1,2}|\d{4,})|0,\d+|[1-9]\d{0,2}((\.\d{3})+,\d+|(\.\d{3}){2,}))"
)
_THOUSANDS = re.compile(r"[1-9]\d{0,2}\.\d{3}")  # in a column of whole numbers


class NumberForm(NamedTuple):
    """How numbers of a file are read, and how they are to be written there."""

    indonesian: bool  # whether 1.500 is 1500 and 1,250 is 1.25; if not, both are refused
    comma: bool  # whether decimals stand behind a comma
    point_at: str = ""  # the first number with a point before its decimals in a file with `;`


def number_form(cells: Cells, fields: dict[str, Any]) -> NumberForm:
    """How the numbers of a table are read."""
    if not cells.indonesian:
        return NumberForm(False, False)
    shown = False
    numeric = {
        n: "whole" in kind_of(fields[name])
        for n, name in enumerate(cells.header)
        if name in fields and "number" in kind_of(fields[name])
    }
    for number, values in cells.rows:
        for n, whole in numeric.items():
            text = str(values[n]) if n < len(values) else ""
            if _ENGLISH.fullmatch(text):
                place = _("row {row}, column {column}", row=number, column=cells.header[n])
                return NumberForm(False, False, f"{place}: “{text}”")
            shown = shown or bool(_INDONESIAN.fullmatch(text))
            shown = shown or (whole and bool(_THOUSANDS.fullmatch(text)))
    return NumberForm(shown, True)
