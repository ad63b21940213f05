"""Cells of a sheet that count although they cannot be seen in it: white letters on white, letters
of no size, and conditional formats that hide the value or show a bar in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ikmplan.input.number_format import shows_text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_BLACK, _WHITE = "000000", "FFFFFF"
_INDEXED = {0: _BLACK, 1: _WHITE, 8: _BLACK, 9: _WHITE, 64: _BLACK, 65: _WHITE}
_THEME = {0: _WHITE, 1: _BLACK}  # of every theme of Excel that has a white background
_LEAST_SIZE = 3  # points


def unseen_cells(sheet: Worksheet, rows: set[int]) -> list[str]:
    """The filled cells of these rows that cannot be seen, or not always."""
    hiding = [
        area
        for formatting in sheet.conditional_formatting
        if any(_hides(rule) for rule in formatting.rules)
        for area in formatting.sqref.ranges
    ]
    unseen: dict[int, bool] = {}  # by the number of the cell's style
    found = []
    for (row, column), cell in sheet._cells.items():
        if row not in rows or cell.value is None:
            continue
        if cell.style_id not in unseen:
            unseen[cell.style_id] = _is_unseen(cell)
        if unseen[cell.style_id] or any(
            area.min_row <= row <= area.max_row and area.min_col <= column <= area.max_col
            for area in hiding
        ):
            found.append((row, column, cell.coordinate))
    return [name for _row, _column, name in sorted(found)]


def _is_unseen(cell: Any) -> bool:
    letters, behind = _colour(cell.font.color, _BLACK), _WHITE
    if cell.fill.fill_type == "solid":
        behind = _colour(cell.fill.fgColor, _BLACK)
    elif cell.fill.fill_type:
        behind = ""
    return letters == behind or bool(cell.font.sz and cell.font.sz < _LEAST_SIZE)


def _hides(rule: Any) -> bool:
    """Whether a conditional format hides the value of its cells."""
    if any(shape and shape.showValue is False for shape in (rule.dataBar, rule.iconSet)):
        return True
    form = rule.dxf
    if form is None:
        return False
    if form.numFmt and not shows_text(form.numFmt.formatCode):
        return True
    if not (form.font and form.font.color):
        return False
    behind = _colour(form.fill.bgColor, _WHITE) if form.fill else _WHITE
    return _colour(form.font.color, _BLACK) == behind


def _colour(colour: Any, default: str) -> str:
    """Red, green and blue; or the number of a colour of the theme, with its tint."""
    if colour is None or colour.type == "auto":
        return default
    if colour.type == "indexed":
        return _INDEXED.get(colour.indexed, f"indexed {colour.indexed}")
    if colour.type == "theme":
        plain = _THEME.get(colour.theme) if abs(colour.tint or 0) < 0.05 else None
        return plain or f"theme {colour.theme} {colour.tint}"
    return str(colour.rgb)[-6:].upper()
