"""A cell of a workbook as it is shown; `RefusedCell` where that is not what it holds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from ikmplan.input.cells import TAKEN_FOR_A_DATE
from ikmplan.input.number_format import approximate_text, padded, shows_number, shows_text
from ikmplan.input.plain_text import bare
from ikmplan.input.sheet_cells import RefusedCell
from ikmplan.text import _

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell

# a character that Excel writes by its number, such as the line break _x000D_
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def shown_value(cell: Cell | MergedCell) -> Any:
    """A cell as text, number or bool; `RefusedCell` where it shows something else."""
    from openpyxl.cell.rich_text import CellRichText
    from openpyxl.styles.numbers import is_date_format

    value: Any = cell.value
    if isinstance(value, CellRichText):
        value = _of_parts(cell, value)
    if isinstance(value, RefusedCell):
        return value
    if value is None or isinstance(value, bool):
        return "" if value is None else value
    if isinstance(value, (date, time, timedelta)):
        return _dated(cell, value)
    form = cell.number_format
    if cell.data_type == "e" and value == "#VALUE!" and is_date_format(form):
        return _dated(cell, "#####")  # so far from today that no program shows it
    if form == "General":
        return value if isinstance(value, (int, float)) else _text(value)
    if isinstance(value, (int, float)):
        if shows_number(value, form):
            return padded(value, form) or value
        message = _("is what the cell shows, not what it holds: its number format is {form}.",
                    form=form)  # fmt: skip
        fix = _("Write the number in full, and give the cell the number format General.")
        return RefusedCell(cell.coordinate, approximate_text(value, form), message, fix)
    text = _text(value)
    if text == "" or cell.data_type == "e" or shows_text(form):
        return text
    message = _("is not all that the cell shows: its number format is {form}.", form=form)
    fix = _("Write the text in full, and give the cell the number format General.")
    return RefusedCell(cell.coordinate, text, message, fix)


def _text(value: Any) -> str:
    return bare(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), str(value)))


def _dated(cell: Cell | MergedCell, value: Any) -> RefusedCell:
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    message = _("is a date or a time.")
    fix = _(TAKEN_FOR_A_DATE)
    shown = str(value) if isinstance(value, (timedelta, str)) else value.isoformat()
    return RefusedCell(cell.coordinate, shown, message, fix)


def _of_parts(cell: Cell | MergedCell, parts: Iterable[Any]) -> Any:
    """The text of a cell whose letters differ in their format. Refused where some are struck
    through or raised: 60 with a raised 1 would be read as 601. A raised digit as in m² is read."""
    before, whole = "", "".join(map(str, parts))
    for part in parts:
        font = getattr(part, "font", None)
        raised = font and font.vertAlign in ("superscript", "subscript")
        if font and (font.strike or (raised and not before.endswith("m"))):
            message = _("holds letters that are struck through, raised or lowered.")
            fix = _("Write the cell again without them.")
            return RefusedCell(cell.coordinate, _text(whole), message, fix)
        before += str(part)
    return _text(whole)
