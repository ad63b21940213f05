"""The page of `notebooks/plan.ipynb`, made in this process: its cells are run as they stand."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import nbformat
from matplotlib.text import Text

from ikmplan.input.case import Case
from ikmplan.input.scenario import make_scenario
from ikmplan.notebook.execute import read
from ikmplan.notebook.html_page import to_html
from ikmplan.notebook.parameters import parameters_cell
from ikmplan.notebook.prose import translated
from ikmplan.show.chart import Chart
from ikmplan.text import language

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "plan.ipynb"
DAY = date(2022, 1, 14)


@dataclass(frozen=True)
class Page:
    """What readers get, and what stands in its pictures."""

    html: str
    case: Case
    pictures: list[str]


def make_page(spoken: str, notebook: Path = NOTEBOOK, **fields: Any) -> Page:
    """The page of a scenario in the language `spoken`, as `ikmplan run` would make it."""
    scenario = make_scenario({"language": spoken} | fields)
    nb = translated(read(notebook), spoken)
    names: dict[str, Any] = {}
    pictures: list[str] = []
    with language(spoken):
        for cell in nb.cells:
            if cell.cell_type != "code":
                continue
            if cell.source == parameters_cell():
                names |= scenario.model_dump(mode="json")
                continue
            if "injected-parameters" in cell.metadata.get("tags", []):
                continue  # papermill replaces it
            shown = _run(cell.source, names)
            data = {"text/plain": repr(shown)}
            if hasattr(shown, "_repr_html_"):
                data["text/html"] = shown._repr_html_()
            if isinstance(shown, Chart):
                pictures += _words(shown)
            outputs = [] if shown is None else [nbformat.v4.new_output("execute_result", data)]
            cell.outputs = outputs
    return Page(to_html(nb, spoken, scenario.name, DAY), names["case"], pictures)


def _run(source: str, names: dict[str, Any]) -> Any:
    """The value of the last expression, as a notebook shows it."""
    *before, last = ast.parse(source).body
    if not isinstance(last, ast.Expr):
        before, last = [*before, last], None
    exec(compile(ast.Module(before, []), "<cell>", "exec"), names)
    return last and eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)


def _words(chart: Chart) -> list[str]:
    """Every text of a figure that was drawn: ticks have none before."""
    found = chart.findobj(Text)  # type: ignore[arg-type]
    return [
        message for text in found if text.get_visible() and (message := text.get_text().strip())
    ]
