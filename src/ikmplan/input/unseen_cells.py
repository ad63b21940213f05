"""Cells of a sheet that count although they cannot be seen in it: white letters on white, letters
of no size, and conditional formats that hide the value or show a bar in its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ikmplan.input.number_format import shows_text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_BLACK, _WHITE = "000000", "FFFFFF"
_INDEXED = {0: _BLACK, 1: _WHITE, 8: _BLACK, 9: _WHITE, 64: _BLACK, 65: _WHITE}
_THEME = {0: _WHITE, 1: _BLACK}  # of every theme of Excel that has a white background
_LEAST_SIZE = 3  # points
_MIXED = ""  # several colours, or one that is not known


def unseen_cells(sheet: Worksheet, rows: set[int]) -> list[str]:
    """The filled cells of these rows that cannot be seen, or not always."""
    filled = {at: c for at, c in sheet._cells.items() if at[0] in rows and c.value is not None}
    known: dict[tuple[int, int | None], bool] = {}  # by the numbers of the style and the rule

    def is_unseen(cell: Any, number: int | None = None, rule: Any = None) -> bool:
        style = (cell.style_id, number)
        if style not in known:
            known[style] = _is_unseen(cell, rule)
        return known[style]

    unseen = {at for at, cell in filled.items() if is_unseen(cell)}
    conditional = ((f.sqref.ranges, rule) for f in sheet.conditional_formatting for rule in f.rules)
    for number, (areas, rule) in enumerate(conditional):
        for area in areas:
            unseen.update(at for at in _inside(area, filled) if is_unseen(filled[at], number, rule))
    return [filled[at].coordinate for at in sorted(unseen)]


def _inside(area: Any, filled: dict[tuple[int, int], Any]) -> Iterator[tuple[int, int]]:
    """The filled cells of an area, which may be one cell or all columns of the sheet."""
    if area.size["rows"] * area.size["columns"] < len(filled):
        return (at for at in area.cells if at in filled)
    return (
        (row, column)
        for row, column in filled
        if area.min_row <= row <= area.max_row and area.min_col <= column <= area.max_col
    )


def _is_unseen(cell: Any, rule: Any) -> bool:
    """Whether the value cannot be seen, by the cell's own format or under a conditional one."""
    letters, behind = _colour(cell.font.color, _BLACK), _WHITE
    if cell.fill.fill_type == "solid":
        behind = _colour(cell.fill.fgColor, _BLACK)
    elif cell.fill.fill_type:
        behind = _MIXED
    if rule is None:
        return letters == behind or bool(cell.font.sz and cell.font.sz < _LEAST_SIZE)
    if any(shape and shape.showValue is False for shape in (rule.dataBar, rule.iconSet)):
        return True
    form = rule.dxf
    if form is None:
        return False
    if form.numFmt and not shows_text(form.numFmt.formatCode):
        return True
    if form.font:
        letters = _colour(form.font.color, letters)
    if form.fill:
        behind = _colour_of_condition(form.fill)
    return letters == behind


def _colour_of_condition(fill: Any) -> str:
    """The colour that a conditional format gives the cell, of which one colour stands as that
    behind a pattern; openpyxl has eight zeros where none stands."""
    behind: Any = getattr(fill, "bgColor", None)  # a gradient has none
    is_plain = behind is not None and fill.fill_type in (None, "solid")
    return _colour(behind, _MIXED) if is_plain and behind.value != "00000000" else _MIXED


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
