"""Names at the points of a figure, each where it hides nothing and belongs to no other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from math import hypot
from textwrap import shorten

from ikmplan.show.chart import GREY, SMALL, Chart, Plane
from ikmplan.show.drawing import WIDTH, Stroke, text_width

Box = tuple[float, float, float, float]  # left, top, right, bottom; pixels
Point = tuple[float, float]
HIGH = SMALL * 1.25
ASIDE = 11.0  # pixels between a point and its name
LEADER = Stroke(GREY, 0.7)


def name_points(
    chart: Chart, at: Plane, named: Mapping[Point, str], points: Iterable[Point]
) -> None:
    """A name at each point, where it hides nothing; a line leads to those that stand off."""
    inside = (at.x.start, at.y.end, at.x.end, at.y.start)
    pixels: list[Point] = [(at.x(x), at.y(y)) for x, y in points]
    taken: list[Box] = [(u - 7, v - 7, u + 7, v + 7) for u, v in pixels]
    for point, name in sorted(named.items(), key=lambda item: -item[0][1]):
        x, y = at.x(point[0]), at.y(point[1])
        shown = shorten(name, 60, placeholder="…")
        wide = text_width(shown, SMALL)
        side, box = _place(x, y, wide, inside, taken, pixels)
        taken.append(box)
        middle = (box[1] + box[3]) / 2
        if abs(middle - y) > 17:
            chart.line([(x, y), (x + ASIDE * side, middle)], LEADER)
        anchor, start = {1: "start", 0: "middle", -1: "end"}[side], x + ASIDE * side
        if box[2] > WIDTH:  # the picture ends there
            anchor, start = "end", WIDTH
        chart.text(start, middle, shown, anchor=anchor, size=SMALL, halo=True)


def _place(
    x: float, y: float, wide: float, inside: Box, taken: Sequence[Box], pixels: Sequence[Point]
) -> tuple[int, Box]:
    """On which side of the point its name stands, and where."""
    left = {1: ASIDE, 0: -wide / 2, -1: -ASIDE - wide}
    places = []
    for n, (up, side) in enumerate(
        product([0, *(s * d for d in (17, 31, 46, 62) for s in (-1, 1))], left)
    ):
        if n or side:  # not on the point itself
            start, middle = x + left[side], y + up
            box = (start, middle - HIGH / 2, start + wide, middle + HIGH / 2)
            hidden = sum(_overlap(box, other) for other in taken)
            cost = 4 * hidden + 2 * (wide * HIGH - _overlap(box, inside)) + 8 * n
            # a name nearer to another point would be taken for that one's
            others = [_distance(box, (u, v)) for u, v in pixels if abs(u - x) + abs(v - y) > 1]
            cost += 300 * (min(others, default=99.0) < _distance(box, (x, y)) + 4)
            places.append((cost, side, box))
    _cost, side, box = min(places)
    return side, box


def _distance(box: Box, point: Point) -> float:
    beside = max(box[0] - point[0], point[0] - box[2], 0.0)
    above = max(box[1] - point[1], point[1] - box[3], 0.0)
    return hypot(beside, above)


def _overlap(one: Box, other: Box) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, wide) * max(0.0, high)
