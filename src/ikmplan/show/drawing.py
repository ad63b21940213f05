"""Drawings as SVG: rectangles, lines, marks and texts, whose texts stay texts.

Lengths are pixels from the top left corner; a drawing is WIDTH wide and as high as what stands
on it. Each element is a line of its own, the same on every machine: widths of texts are those
of a wide typeface (DejaVu Sans), so that a reader's own takes no more room.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from zlib import crc32

from markupsafe import Markup, escape

WIDTH = 720.0
SIZE = 13.0  # of letters
LINE_HEIGHT = 1.25  # height of a line of text, in its size
INK = "#1A1A1A"

# width of a letter, in its size
_EMS = {
    letter: width
    for width, letters in (
        (0.3, "' ,.IJijl·"), (0.35, "-/:;\\f|"), (0.4, "!()[]rt"), (0.5, "\"*_`sz–"),
        (0.55, "?Lc"), (0.6, "FPTYaekovxy"), (0.7, "ABCRVXZ"), (0.75, "DGHNU"),
        (0.8, "&OQw"), (0.85, "#+<=>M^~−×≥≤"), (1.0, "%m@W…■"),
    )
    for letter in letters
}  # fmt: skip
_BOLD = 1.12
_HATCHES = {
    "/": "M-2 2l4-4M0 8l8-8M6 10l4-4",
    "\\": "M-2 6l4 4M0 0l8 8M6-2l4 4",
    "x": "M0 0l8 8M8 0l-8 8",
    "+": "M4 0v8M0 4h8",
    ".": "M4 3v2M0 7v2M8 7v2",
    "-": "M0 4h8",
}
HATCHES = ("", *_HATCHES)


class Fill(NamedTuple):
    """How a surface is filled: a colour, lines of another colour on it, and an edge."""

    colour: str
    edge: str = ""
    hatch: str = ""


class Stroke(NamedTuple):
    """How a line is drawn."""

    colour: str
    width: float = 1.6
    dash: str = ""


class Mark(NamedTuple):
    """A sign at a point: o, s (square), D (diamond), ^, v or | (an upright line)."""

    shape: str
    fill: Fill
    size: float = 8.0


def text_width(text: str, size: float = SIZE, bold: bool = False) -> float:
    """Pixels that the text takes at most."""
    return sum(_EMS.get(letter, 0.65) for letter in text) * size * (_BOLD if bold else 1)


def wrap_text(text: str, width: float, size: float = SIZE, bold: bool = False) -> list[str]:
    """The text in lines of at most `width` pixels; a longer word stands alone."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines or [""]


def mixed_with_white(colour: str, share: float) -> str:
    """`share` of the colour, the rest white."""
    parts = (255 + (int(colour[n : n + 2], 16) - 255) * share for n in (1, 3, 5))
    return "#" + "".join(f"{round(part):02X}" for part in parts)


class Drawing:
    """An SVG picture that grows from top to bottom; `height` is where it ends."""

    def __init__(self, alt: str) -> None:
        self.alt = alt
        self.height = 0.0
        self._parts: list[str] = []
        self._patterns: dict[Fill, str] = {}

    def rect(self, x: float, y: float, width: float, height: float, fill: Fill) -> None:
        if width > 0 and height > 0:
            box = f'x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}"'
            self._parts.append(f"<rect {box}{self._filled(fill)}/>")

    def line(self, points: Iterable[tuple[float, float]], stroke: Stroke) -> None:
        steps = " ".join(f"{_n(x)} {_n(y)}" for x, y in points)
        self._parts.append(f'<path d="M{steps}"{_stroked(stroke)}/>')

    def polygon(self, points: Iterable[tuple[float, float]], fill: Fill) -> None:
        steps = " ".join(f"{_n(x)} {_n(y)}" for x, y in points)
        self._parts.append(f'<path d="M{steps}z"{self._filled(fill)}/>')

    def text(
        self,
        x: float,
        y: float,
        text: str | Sequence[str],
        *,
        anchor: str = "start",
        size: float = SIZE,
        bold: bool = False,
        colour: str = "",
        halo: bool = False,
        turn: float = 0,
    ) -> None:
        """A text, or lines of it, around the height `y`; `turn` are degrees."""
        lines = [text] if isinstance(text, str) else text
        about = "" if anchor == "start" else f' text-anchor="{anchor}"'
        about += f' font-size="{_n(size)}"' if size != SIZE else ""
        about += ' font-weight="bold"' if bold else ""
        about += f' fill="{colour}"' if colour else ""
        if halo:
            about += ' stroke="#fff" stroke-width="4" stroke-linejoin="round" paint-order="stroke"'
        first = y + 0.36 * size - (len(lines) - 1) * size * LINE_HEIGHT / 2
        for n, words in enumerate(lines):
            at = first + n * size * LINE_HEIGHT
            turned = f' transform="rotate({_n(turn)} {_n(x)} {_n(at)})"' if turn else ""
            self._parts.append(
                f'<text x="{_n(x)}" y="{_n(at)}"{about}{turned}>{escape(words)}</text>'
            )

    def mark(self, x: float, y: float, mark: Mark) -> None:
        r = mark.size / 2
        if mark.shape == "o":
            circle = f'cx="{_n(x)}" cy="{_n(y)}" r="{_n(r)}"'
            self._parts.append(f"<circle {circle}{self._filled(mark.fill)}/>")
        elif mark.shape == "|":
            self.line([(x, y - r), (x, y + r)], Stroke(mark.fill.colour, 2.5))
        else:
            corners = {
                "s": ((-r, -r), (r, -r), (r, r), (-r, r)),
                "D": ((0, -r), (r, 0), (0, r), (-r, 0)),
                "^": ((0, -r), (r, r), (-r, r)),
                "v": ((0, r), (r, -r), (-r, -r)),
            }[mark.shape]
            self.polygon([(x + a, y + b) for a, b in corners], mark.fill)

    def svg(self, width: str = "") -> Markup:
        """The picture as an element of HTML; with its namespace it is a file of its own."""
        defs = [
            f'<pattern id="{name}" width="8" height="8" patternUnits="userSpaceOnUse">'
            f'<rect width="8" height="8" fill="{fill.colour}"/>'
            f'<path d="{_HATCHES[fill.hatch]}" stroke="{fill.edge or INK}"/></pattern>'
            for fill, name in self._patterns.items()
        ]
        head = Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{}" viewBox="0 0 {} '
            '{}" font-family="sans-serif" font-size="{}" fill="{}" style="{}background:#fff">'
        ).format(self.alt, _n(WIDTH), _n(self.height), _n(SIZE), INK, width)
        patterns = [f"<defs>{''.join(defs)}</defs>"] if defs else []
        return Markup("\n".join([head, *patterns, *self._parts, "</svg>"]))

    def _filled(self, fill: Fill) -> str:
        colour = fill.colour
        if fill.hatch:
            # of the picture alone: one that a page does not show has no patterns for others
            start = f"p{crc32(self.alt.encode()):08x}"
            colour = f"url(#{self._patterns.setdefault(fill, f'{start}-{len(self._patterns)}')})"
        return f' fill="{colour}"' + (f' stroke="{fill.edge}"' if fill.edge else "")


def _stroked(stroke: Stroke) -> str:
    width = f' stroke-width="{_n(stroke.width)}"' if stroke.width != 1 else ""
    dash = f' stroke-dasharray="{stroke.dash}"' if stroke.dash else ""
    return f' fill="none" stroke="{stroke.colour}"{width}{dash}'


def _n(value: float) -> str:
    """A length with one decimal, where it needs one."""
    return f"{round(float(value), 1):g}"
