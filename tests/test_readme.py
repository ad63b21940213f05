"""The figures of both READMEs are those that the command prints of the plan they speak of.

They are compared with the committed notebook of that plan, whose outputs `tools/notebooks.py
--check` (and nbval) compares with what the program works out.
"""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from pathlib import Path

import pytest
from pages import NOTEBOOK

from ikmplan import load
from ikmplan.batch.sweep import (
    APART,
    COVERAGE,
    DECISIONS,
    EXPECTED_KEPT,
    FIGURES,
    PARTS,
    SWEEP_FILES,
)
from ikmplan.notebook.execute import read
from ikmplan.report.estimates import rows_by_kind
from ikmplan.text import half_up, language, number, percent, rupiah

ROOT = Path(__file__).parents[1]


def outputs() -> dict[str, str]:
    """Cell -> the HTML of its outputs."""
    return {
        cell.id: "".join(o.get("data", {}).get("text/html", "") for o in cell.get("outputs", []))
        for cell in read(NOTEBOOK).cells
    }


def rows(html: str) -> list[list[str]]:
    """The rows of the tables in some HTML, each cell as its text."""
    cell = re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>", re.DOTALL)
    return [
        [unescape(re.sub(r"<[^>]*>", "", text)).strip() for text in cell.findall(row)]
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", html, re.DOTALL)
    ]


def amount(text: str) -> float:
    return float(re.sub(r"[^\d.]", "", text))


def figures() -> dict[str, float]:
    """What the README shows: the plan, the announced programme, a plan for its money."""
    made = outputs()
    summary = {row[0]: row for row in rows(made["summary"]) if row}
    head = next(row for row in rows(made["summary"]) if row[:1] == ["Figure"])
    plan, announced = head.index("Plan"), head.index("Announced, estimated")
    nothing = head.index("Nothing")
    reached, used = summary["IKM units expected to be reached"], summary["Money used"]
    same = next(row for row in rows(made["baselines-table"]) if "floors of" in row[0])
    floor = re.search(r"^floor = ([\d.]+)", source("chosen"), re.MULTILINE)
    highest = re.search(r"floors of ([\d.]+)%", same[0])
    units = {row[0]: row[1] for row in rows(made["counted-table"]) if len(row) > 1}
    assert floor and highest
    return {
        "reached": amount(reached[plan]),
        "invited": amount(units["IKM units that may be invited"]),
        "cost": amount(used[plan]),
        "floor": float(floor[1]),
        "announced": amount(reached[announced]),
        "announced cost": amount(used[announced]),
        "same money": amount(same[1]),
        "highest floor": float(highest[1]) / 100,
        "nothing": amount(reached[nothing]),
    }


def source(cell_id: str) -> str:
    return next(cell.source for cell in read(NOTEBOOK).cells if cell.id == cell_id)


def texts(name: str, value: float) -> set[str]:
    """How a figure may be written: units whole, or in tens where the README states "about"."""
    if "cost" in name:
        return {re.sub(r"[^\d.,]", "", rupiah(value, short=True))}
    if "floor" in name:
        return {percent(value).strip("%")}
    return {number(value), number(float(half_up(value, -1)))} if value >= 100 else {number(value)}


def numbers(paragraph: str) -> list[str]:
    without_year = paragraph.replace("2022", "")
    return re.findall(r"\d+(?:[.,]\d+)*", without_year)


@pytest.mark.parametrize(("file", "code"), [("README.md", "en"), ("README.id.md", "id")])
def test_each_figure_of_the_readme_is_one_of_the_plan(file, code):
    """Every number of the paragraph below the picture is a figure, and every figure is there."""
    text = (ROOT / file).read_text("utf-8")
    paragraph = text.split("\n![", 1)[1].split("*", 1)[1].split("](#", 1)[0]
    with language(code):
        allowed = {name: texts(name, value) for name, value in figures().items()}
    found = set(numbers(paragraph))
    assert found <= set().union(*allowed.values()), f"{file}: no figure of notebooks/plan.ipynb"
    missing = {name for name, ways in allowed.items() if not ways & found}
    assert not missing, f"{file} lacks {missing}"


@pytest.mark.parametrize("file", ["README.md", "README.id.md"])
def test_the_readme_counts_the_rows_of_the_tables(file):
    """How many there are, and of these the facts and the estimates."""
    counts = sum(rows_by_kind(load("data/medan-2022")).values(), Counter())
    paragraph = next(
        text
        for text in (ROOT / file).read_text("utf-8").split("\n- **")
        if "data-medan-2022" in text
    )
    assert numbers(paragraph)[:3] == [
        str(n) for n in (counts.total(), counts["fact"], counts["estimate"])
    ]


@pytest.mark.parametrize(("file", "code"), [("README.md", "en"), ("README.id.md", "id")])
def test_a_changed_digit_would_be_seen(file, code):
    """Each number of the paragraph, with another first digit, is no figure of the plan."""
    text = (ROOT / file).read_text("utf-8")
    paragraph = text.split("\n![", 1)[1].split("*", 1)[1].split("](#", 1)[0]
    with language(code):
        allowed = set().union(*(texts(name, value) for name, value in figures().items()))
    for found in set(numbers(paragraph)):
        other = str(9 - int(found[0])) + found[1:]
        assert other not in allowed


def test_the_document_of_batches_names_every_file_and_column_of_a_sweep():
    text = (ROOT / "docs" / "batch.md").read_text("utf-8")
    columns = {*FIGURES, APART, *DECISIONS, *EXPECTED_KEPT, *COVERAGE}
    assert {*SWEEP_FILES, f"{PARTS}/", *columns} <= set(re.findall(r"`([^`\n]+)`", text))
