"""What all figures share: size, colours, title, caption, and a text alternative.

The colours are Okabe and Ito's, which the colour-blind can distinguish, and hatches repeat
what colours say. The title says what to see; `alt` says it to those who cannot, and a
notebook puts both into its page. All are drawn in the style of this module, whatever a
matplotlibrc or the user's own code says (`own_style`).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from io import BytesIO
from textwrap import wrap
from typing import Any, ParamSpec, TypeVar

from markupsafe import Markup
from matplotlib import rc_context, rcParamsDefault
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from PIL import Image

from ikmplan.show.html import element
from ikmplan.show.table import scroller
from ikmplan.text import percent

BLUE, ORANGE, GREEN, SKY = "#0072B2", "#E69F00", "#009E73", "#56B4E9"
VERMILION, PURPLE, YELLOW, BLACK = "#D55E00", "#CC79A7", "#F0E442", "#000000"
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, YELLOW)
HATCHES = ("", "///", "...", "\\\\\\", "xx", "++", "oo")
GREY = "#555555"
WIDTH = 8.4  # inches; 840 px on a page, and a sheet of A4 makes little of it smaller
DPI = 150
# of the user's settings only how she sees windows is kept
STYLE: Any = {key: value for key, value in rcParamsDefault.items() if key != "backend"}
PALETTE = 128  # colours of a picture; few are drawn, the others are of smooth edges
EMPTY: dict[str, Any] = {"facecolor": "white", "edgecolor": GREY, "hatch": "///", "linewidth": 1}


_P = ParamSpec("_P")
_R = TypeVar("_R")


@contextmanager
def own_style() -> Iterator[None]:
    """Matplotlib's default settings inside the `with` block, the user's again after it."""
    with rc_context(STYLE):
        yield


def in_own_style(draw: Callable[_P, _R]) -> Callable[_P, _R]:
    """For every function that makes a chart: texts and lines take their style as they are made."""

    @wraps(draw)
    def drawn(*args: _P.args, **options: _P.kwargs) -> _R:
        with own_style():
            return draw(*args, **options)

    return drawn


class Chart(Figure):
    """A figure with its title (what to see), its caption (how to read it) and its text."""

    caption: str = ""
    title: str = ""
    alt: str = ""
    drawn: bool = True

    def draw(self, renderer: Any) -> None:
        with own_style():
            super().draw(renderer)

    def savefig(self, *args: Any, **options: Any) -> None:
        with own_style():
            super().savefig(*args, **options)

    def png(self, dpi: int = DPI) -> bytes:
        """The same bytes each time: no date, no version. A palette makes it a third as large."""
        drawn, small = BytesIO(), BytesIO()
        self.savefig(drawn, format="png", dpi=dpi)
        image = Image.open(drawn).convert("RGB").quantize(PALETTE, Image.Quantize.MAXCOVERAGE)
        image.save(small, "PNG", optimize=True, dpi=(dpi, dpi))
        return small.getvalue()

    def html(self, dpi: int = DPI) -> Markup:
        """An HTML figure; nbconvert would drop the text alternative of a plain picture."""
        if not self.drawn:
            return element("p", f"{self.title}.", class_="ikmplan") if self.title else Markup("")
        image = Markup('<img alt="{}" style="width:{:.0f}px;max-width:100%" src="{}">').format(
            self.alt, WIDTH * 100, f"data:image/png;base64,{b64encode(self.png(dpi)).decode()}"
        )
        figure = Markup('<figure class="ikmplan" style="margin:1em 0">{}{}</figure>')
        return figure.format(scroller(self.title, image), element("figcaption", self.caption))

    def _repr_html_(self) -> str:
        return self.html()

    def __repr__(self) -> str:
        return f"Chart({self.title!r})"


def new_chart(height: float, caption: str, title: str, alt: str) -> Chart:
    made = Chart(figsize=(WIDTH, height), layout="constrained")
    made.caption, made.title, made.alt = caption, title, f"{title}. {alt}".strip()
    made.suptitle(
        "\n".join(wrap(plain(title), 76)), x=0.01, ha="left", fontsize=12.5, fontweight="bold"
    )
    return made


def plain(text: str) -> str:
    """A dollar sign in a name is no mathematics."""
    return text.replace("$", r"\$")


def labels(names: Sequence[str], width: int = 40) -> list[str]:
    return ["\n".join(wrap(plain(name), width)) or " " for name in names]


def clean(axes: Axes, grid: str) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis=grid, color="#DDDDDD", linewidth=0.8)  # type: ignore[arg-type]
    axes.set_axisbelow(True)


def show_shares(axis: Axis) -> None:
    """Percent at the ticks, which stand where the number written is the true one: no step of
    2.5 % that is rounded to 12, 15, 18."""
    axis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(
        FuncFormatter(lambda x, _n: percent(x, 0 if abs(x - round(x, 2)) < 1e-9 else 1))
    )


def bars(axes: Axes, names: Sequence[str]) -> range:
    """Rows for horizontal bars, the first name on top."""
    rows = range(len(names))
    axes.set_yticks(rows, labels(names))
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    clean(axes, "x")
    return rows


def legend(figure: Chart, axes: Axes, columns: int = 4) -> None:
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside lower left", ncols=columns, frameon=False)


def nothing(title: str) -> Chart:
    """Where there is nothing to draw: a line that says so, or nothing without a title."""
    made = new_chart(0.8, "", title, "")
    made.drawn = False
    axes = made.add_subplot()
    axes.set_axis_off()
    return made
