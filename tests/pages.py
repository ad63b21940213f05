"""The page of `notebooks/plan.ipynb`, made in this process: its cells are run as they stand."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from datetime import date
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any
from unicodedata import normalize

import nbformat

from ikmplan.input.case import Case
from ikmplan.input.scenario import make_scenario
from ikmplan.notebook.execute import read
from ikmplan.notebook.html_page import to_html
from ikmplan.notebook.prose import translated
from ikmplan.show.chart import Chart
from ikmplan.text import language

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "plan.ipynb"
COMPARE = NOTEBOOK.with_name("compare.ipynb")
DAY = date(2022, 1, 14)


@dataclass(frozen=True)
class Page:
    """What readers get, and what stands in its pictures."""

    html: str
    case: Case
    pictures: list[str]


def make_page(code: str, notebook: Path = NOTEBOOK, **fields: Any) -> Page:
    """The page of a scenario in the language `code`, as `ikmplan run` would make it."""
    scenario = make_scenario({"language": code} | fields)
    nb = translated(read(notebook), code)
    names: dict[str, Any] = {}
    with language(code):
        pictures = _execute(nb, names, scenario.model_dump(mode="json"))
    return Page(to_html(nb, code, scenario.name, DAY), names["case"], pictures)


def comparison_page(code: str, runs: Path) -> str:
    """The page that compares all runs of a folder, as `ikmplan compare` would make it."""
    nb = translated(read(COMPARE), code)
    given = {"runs": str(runs), "names": [], "base": None, "language": code}
    with language(code):
        _execute(nb, {}, given)
        return to_html(nb, code, made=DAY, landscape=True)


def header_cells(html: str) -> list[str]:
    """The texts of the header cells of all tables, without spaces and hyphens."""
    found = re.findall(r"<th[^>]*>(.*?)</th>", html, re.DOTALL)
    return [_letters(unescape(re.sub(r"<[^>]+>", " ", text))) for text in found]


def pdf_text(pdf: bytes) -> str:
    """Every text of a PDF, without spaces and hyphens, at which lines break."""
    from pypdf import PdfReader

    return "".join(_letters(sheet.extract_text()) for sheet in PdfReader(BytesIO(pdf)).pages)


def _letters(text: str) -> str:
    return re.sub(r"[\s-]", "", normalize("NFKC", text))  # "ﬂ" of a typeface is "fl"


def _execute(nb: Any, names: dict[str, Any], parameters: dict[str, Any]) -> list[str]:
    """Run the cells where they stand, with these parameters; every text of their pictures."""
    pictures: list[str] = []
    for cell in nb.cells:
        if cell.cell_type != "code":
            continue
        tags = cell.metadata.get("tags", [])
        if "parameters" in tags:
            names |= parameters
            continue
        if "injected-parameters" in tags:
            continue  # papermill replaces it
        shown = _run(cell.source, names)
        data = {"text/plain": repr(shown)}
        if hasattr(shown, "_repr_html_"):
            data["text/html"] = shown._repr_html_()
        if isinstance(shown, Chart):
            pictures += texts_of(shown)
        cell.outputs = [] if shown is None else [nbformat.v4.new_output("execute_result", data)]
    return pictures


def _run(source: str, names: dict[str, Any]) -> Any:
    """The value of the last expression, as a notebook shows it."""
    *before, last = ast.parse(source).body
    if not isinstance(last, ast.Expr):
        before, last = [*before, last], None
    exec(compile(ast.Module(before, []), "<cell>", "exec"), names)
    return last and eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)


def texts_of(chart: Chart) -> list[str]:
    """Every text that stands in the picture of a chart."""
    return [unescape(found) for found in re.findall(r"<text[^>]*>([^<]+)</text>", chart.svg())]
