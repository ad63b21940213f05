"""Names at the points of a figure, each where it hides nothing and belongs to no other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from textwrap import shorten

import numpy as np
from matplotlib.axes import Axes

from ikmplan.show.chart import GREY, Chart, plain

Box = tuple[float, float, float, float]  # left, bottom, right, top; pixels
Point = tuple[float, float]


def name_points(
    figure: Chart, axes: Axes, named: Mapping[Point, str], points: Iterable[Point]
) -> None:
    """A name at each point, where it hides nothing; a line leads to those that stand off."""
    figure.draw_without_rendering()
    edge = axes.get_window_extent()
    inside = (edge.x0, edge.y0, edge.x1, edge.y1)
    pixels: list[Point] = [tuple(axes.transData.transform(point)) for point in points]
    marks = [(u - 8, v - 8, u + 8, v + 8) for u, v in pixels]
    taken: list[Box] = []
    for at, name in sorted(named.items(), key=lambda item: -item[0][1]):
        x, y = axes.transData.transform(at)
        text = axes.annotate(
            plain(shorten(name, 60, placeholder="…")),
            at,
            (0, 0),
            textcoords="offset points",
            fontsize=9.5,
            zorder=5,
        )
        wide, high = text.get_window_extent().size
        left = {1: 14.0, 0: -wide / 2, -1: -14 - wide}
        ups = [-high / 2, *(sign * n - high / 2 for n in (22, 40, 60, 82) for sign in (1, -1))]
        places = []
        for n, (up, side) in enumerate(product(ups, left)):
            if n or side:  # not on the point itself
                box = (x + left[side], y + up, x + left[side] + wide, y + up + high)
                hidden = sum(_overlap(box, other) for other in [*taken, *marks])
                cost = 4 * hidden + 2 * (wide * high - _overlap(box, inside)) + 10 * n
                # a name nearer to another point would be taken for that one's
                others = [_distance(box, other) for other in pixels if _far(other, (x, y))]
                cost += 400 * (min(others, default=99.0) < _distance(box, (x, y)) + 4)
                places.append((cost, side, up, box))
        _cost, side, up, box = min(places)
        taken.append(box)
        # from the point outwards, whatever the width of the letters at another resolution
        text.set(ha={1: "left", 0: "center", -1: "right"}[side])
        text.xyann = (14 * side * 72 / figure.dpi, up * 72 / figure.dpi)
        if abs(up + high / 2) > 22:
            line = {"arrowstyle": "-", "color": GREY, "linewidth": 0.7}
            axes.annotate(
                "",
                at,
                (14 * side * 72 / figure.dpi, (up + high / 2) * 72 / figure.dpi),
                textcoords="offset points",
                arrowprops=line,
                zorder=2,
            )


def _far(one: Point, other: Point) -> bool:
    return abs(one[0] - other[0]) + abs(one[1] - other[1]) > 1


def _distance(box: Sequence[float], point: Sequence[float]) -> float:
    beside = max(box[0] - point[0], point[0] - box[2], 0.0)
    above = max(box[1] - point[1], point[1] - box[3], 0.0)
    return float(np.hypot(beside, above))


def _overlap(one: Sequence[float], other: Sequence[float]) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, wide) * max(0.0, high)
