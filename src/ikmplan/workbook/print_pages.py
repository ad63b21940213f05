"""Printed pages of a sheet: its scale on A4 landscape, and the rows at which its pages end.

Independent of Excel: widths and heights go in, a scale and rows come out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

POINTS = 72  # in an inch
A4_LONG, A4_SHORT = 842, 595  # points
SIDE, TOP, BOTTOM = 0.4, 0.5, 0.6  # margins, inches
LEAST_SCALE = 80  # percent: letters of 10 points are printed with 8
ROOM = 0.985  # of the page that is filled: programs measure widths and heights a little differently
PRINTED_WIDTH = (A4_LONG - 2 * SIDE * POINTS) * ROOM
PRINTED_HEIGHT = (A4_SHORT - (TOP + BOTTOM) * POINTS) * ROOM
PORTRAIT_HEIGHT = (A4_LONG - (TOP + BOTTOM) * POINTS) * ROOM  # of a sheet that stands upright


def points_wide(width: float) -> float:
    """Points of a column of so many characters, in the program that makes it widest: LibreOffice
    takes 5.56 for a digit of Arial 10, Excel 5.25; both a little beside them."""
    return width * 5.56 + 3.75


WIDEST_SHEET = PRINTED_WIDTH / LEAST_SCALE * 100  # points of all columns


def print_scale(width: float) -> int:
    """Percent at which columns of so many points together fit the page; 100 at most."""
    return min(100, int(PRINTED_WIDTH / width * 100)) if width else 100


def narrowed(wanted: Sequence[float], least: Mapping[int, float], taken: float = 0) -> list[float]:
    """Widths in characters that together leave the sheet no wider than WIDEST_SHEET.

    The widest columns are cut first, to the same width, but none below its `least` (numbers would
    not be shown); `taken` are the points of columns beyond these.
    """
    widths = list(wanted)
    cap = max(widths, default=0.0)
    while taken + sum(map(points_wide, widths)) > WIDEST_SHEET and cap > 8:
        cap -= 1
        widths = [max(min(width, cap), least.get(n, 0.0)) for n, width in enumerate(widths)]
    return widths


def page_ends(
    heights: Sequence[float], kept: Collection[int], scale: int, repeated: float = 0.0
) -> list[int]:
    """The rows before which a new page begins.

    `heights` are points of each row; a row in `kept` stands on the page of the next one, unless
    such rows alone are higher than a page. `repeated` are the points of the rows that are printed
    again at the head of each page after the first.
    """
    page = PRINTED_HEIGHT / scale * 100
    ends: list[int] = []
    used, first = 0.0, 0
    while first < len(heights):
        last = first
        while last in kept and last + 1 < len(heights):
            last += 1
        block = sum(heights[first : last + 1])
        if used + block > page and block > page - repeated:
            last, block = first, heights[first]  # too high for any page: row by row
        if used + block > page and used > repeated * bool(ends):
            ends.append(first)
            used = repeated
        used += block
        first = last + 1
    return ends
