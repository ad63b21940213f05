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
import pytest

from ikmplan.input.case import Case
from ikmplan.input.scenario import make_scenario
from ikmplan.notebook.execute import read, write
from ikmplan.notebook.html_page import to_html
from ikmplan.notebook.prose import translated
from ikmplan.notebook.saving import RUN_FOLDER
from ikmplan.plan.plan import load_plan
from ikmplan.report.summary import case_title
from ikmplan.runs.names import PAGE, PLAN_NOTEBOOK, PLAN_WORKBOOK, TABLES_FOLDER
from ikmplan.runs.read import read_beside
from ikmplan.show.chart import Chart
from ikmplan.text import language
from ikmplan.workbook.plan_workbook import write_workbook

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "plan.ipynb"
COMPARE = NOTEBOOK.with_name("compare.ipynb")
DAY = date(2022, 1, 14)
FOOT = 45  # points: below this stands the foot of a sheet


@dataclass(frozen=True)
class Page:
    """What readers get, and what stands in its pictures."""

    html: str
    case: Case
    pictures: list[str]


def make_page(code: str, notebook: Path = NOTEBOOK, **fields: Any) -> Page:
    """The page of a scenario in the language `code`, as `ikmplan run` would make it."""
    return _made(code, notebook, fields)[1]


def make_run(runs: Path, code: str, **fields: Any) -> tuple[Page, Any]:
    """The page and the executed notebook of a scenario, and `runs`/<name> with all files of its
    run but the manifest, as `ikmplan run` would write them."""
    folder = runs / fields["name"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(RUN_FOLDER, str(folder / TABLES_FOLDER))
        nb, page = _made(code, NOTEBOOK, fields)
    write(nb, folder / PLAN_NOTEBOOK)
    (folder / PAGE).write_text(page.html, "utf-8")
    plan = load_plan(folder / TABLES_FOLDER)
    with language(code):
        beside = read_beside(folder / TABLES_FOLDER, page.case)
        write_workbook(folder / PLAN_WORKBOOK, plan, page.case, **beside)
    return page, nb


def _made(code: str, notebook: Path, fields: dict[str, Any]) -> tuple[Any, Page]:
    scenario = make_scenario({"language": code} | fields)
    nb = translated(read(notebook), code)
    names: dict[str, Any] = {}
    with language(code):
        pictures = _execute(nb, names, scenario.model_dump(mode="json"))
    title = case_title(names["case"])
    return nb, Page(to_html(nb, code, title, DAY), names["case"], pictures)


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


def sheets_of(pdf: bytes) -> list[dict[int, str]]:
    """Of each sheet of a PDF its lines above the foot: points above the lower edge -> the text
    without spaces and hyphens, the lowest line last."""
    from pypdf import PdfReader

    found = []
    for sheet in PdfReader(BytesIO(pdf)).pages:
        lines: dict[int, str] = {}

        def read(text: str, page: Any, at: Any, _font: Any, _size: Any, lines: Any = lines) -> None:
            high = round(at[4] * page[1] + at[5] * page[3] + page[5])
            if text.strip() and high > FOOT:
                lines[high] = lines.get(high, "") + text

        sheet.extract_text(visitor_text=read)
        found.append({high: _letters(lines[high]) for high in sorted(lines, reverse=True)})
    return found


def headings_of(html: str) -> set[str]:
    """The texts of the headings below the title, as `sheets_of` has them."""
    found = re.findall(r"<h[23][^>]*>(.*?)</h[23]>", html, re.DOTALL)
    return {_letters(unescape(re.sub(r"<[^>]+>", "", text))) for text in found}


def assert_full_sheets(pdf: bytes, html: str) -> None:
    """No sheet is empty, each but the first and the last is filled beyond its middle, and none
    ends with a heading."""
    from pypdf import PdfReader

    high = float(PdfReader(BytesIO(pdf)).pages[0].mediabox.height)
    sheets = sheets_of(pdf)
    assert all(sheets), [n for n, lines in enumerate(sheets, 1) if not lines]
    for n, lines in enumerate(sheets, 1):
        assert [*lines.values()][-1] not in headings_of(html), (n, lines)
        assert n in (1, len(sheets)) or min(lines) < high / 2, (n, lines)


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
