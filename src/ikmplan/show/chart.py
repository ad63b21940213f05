"""What all figures share: size, colours, title, caption, and a text alternative.

The colours are Okabe and Ito's, told apart by the colour-blind too, and hatches repeat
what colours say. The title says what to see; `alt` says it to those who cannot, and a
notebook puts both into its page.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from io import BytesIO
from textwrap import wrap
from typing import Any

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

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
EMPTY: dict[str, Any] = {"facecolor": "white", "edgecolor": GREY, "hatch": "///", "linewidth": 1}


class Chart(Figure):
    """A figure with its title (what to see), its caption (how to read it) and its text."""

    caption: str = ""
    title: str = ""
    alt: str = ""
    drawn: bool = True

    def png(self, dpi: int = DPI) -> bytes:
        """The same bytes each time: no date, no version."""
        buffer = BytesIO()
        self.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
        return buffer.getvalue()

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
