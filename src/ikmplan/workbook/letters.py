"""How many lines a text takes in a cell: the widths of Arial's letters.

Excel and LibreOffice wrap a text by the same widths, and neither works out the height of a row
that has one already. Drawings have those of a wider typeface, up to a quarter more for a text: in
`show/drawing.py`.
"""

from __future__ import annotations

from math import ceil

DIGIT = 0.556  # of the size: a column that is n characters wide holds n digits
BOLD = 1.09  # a bold letter beside a plain one
SAFE = 0.97  # of a line that is filled: programs round widths a little differently

# width of a letter, in its size
_WIDTHS = {
    letter: width / 1000
    for width, letters in (
        (191, "'"), (222, "ijl"), (278, " !,./:;I\\[]ft·"), (333, "()-`r²"), (355, '"'),
        (389, "*"), (500, "Jcksvxyz"), (584, "+<=>~×≥≤−"), (611, "FTZ"),
        (667, "&ABEKPSVXY"), (722, "CDHNRUw"), (778, "GOQ"), (833, "Mm"), (889, "%"),
        (944, "W"), (1000, "—…☐"), (1015, "@"),
    )
    for letter in letters
}  # fmt: skip


def letters_wide(text: str, bold: bool = False) -> float:
    """The width of a text on one line, in its size."""
    return sum(_WIDTHS.get(letter, DIGIT) for letter in text) * (BOLD if bold else 1)


def lines_taken(text: str, width: float, bold: bool = False) -> int:
    """Lines of a text in a column that holds `width` digits; words that are longer than a line,
    such as addresses, go on on the next."""
    room = max(4.0, width) * DIGIT * SAFE
    lines = 0
    for part in text.split("\n"):
        left = 0.0  # of the line that is being filled
        for word in part.split(" "):
            wide = letters_wide(word, bold)
            if left and left + letters_wide(" ", bold) + wide <= room:
                left += letters_wide(" ", bold) + wide
                continue
            more = max(1, ceil(wide / room))
            lines += more
            left = wide - (more - 1) * room
    return max(1, lines)
