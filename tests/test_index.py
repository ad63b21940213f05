"""The index: every run is in it, nothing of it is kept from before, and anybody can read it."""

from __future__ import annotations

import os
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from test_batch import SOLVE, notebook, scenario
from test_compare import copy_toy, failed, keep, seal

from ikmplan.batch import batch
from ikmplan.runs.index import write_index
from ikmplan.runs.read import natural, read_runs

ROOT = Path(__file__).parents[1]


@pytest.fixture
def office(tmp_path, monkeypatch):
    copy_toy(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def runs(office) -> Path:
    """plan 2 and plan 10, a scenario that failed, and one that failed after a plan."""
    folder = office / "runs"
    keep(folder, "plan 10", "baking", "roaster")
    keep(folder, "plan 2", "baking")
    keep(folder, "again", "roaster")
    failed(folder / "again", "Too little money for <batik>.")
    failed(folder / "gone", "Too little money for <batik>.\nRaise it.")
    for name in ("plan.html", "plan.ipynb", "plan.xlsx"):
        (folder / "plan 10" / name).write_text("x")
    seal(folder / "plan 10")
    return folder


class Page(HTMLParser):
    """Rows as lists of texts, links, captions, scopes, texts of pictures, and what is fetched."""

    def __init__(self, path: Path):
        super().__init__()
        self.rows: list[list[str]] = []
        self.links: list[str] = []
        self.scopes: list[str] = []
        self.alts: list[str] = []
        self.tags: list[str] = []
        self.language = ""
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        about = dict(attrs)
        self.tags.append(tag)
        if tag == "html":
            self.language = about["lang"]
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag == "th":
            self.scopes.append(about.get("scope", ""))
        if tag == "a":
            self.links.append(about["href"])
            assert about.get("href")
        if tag == "svg":
            assert about["role"] == "img"
            self.alts.append(about["aria-label"])
        assert "src" not in about and tag not in ("link", "iframe", "img")

    def handle_data(self, data):
        if self.rows and self.rows[-1] and data.strip():
            self.rows[-1][-1] = f"{self.rows[-1][-1]} {' '.join(data.split())}".strip()


def test_every_run_is_in_it_in_order(runs):
    page = Page(write_index(runs))
    named = [row[0].split(" the newest")[0] for row in page.rows]
    assert named == ["Scenario", "again", "plan 2", "plan 10", "Scenario", "gone"]
    figures = page.rows[3]
    assert figures[1:9] == [
        "stopped early", "8.0", "26.7%", "25.0% Bakers", "Rp70 million", "2", "1", "11.12%",
    ]  # fmt: skip
    assert "the newest run failed" in page.rows[1][0]
    assert page.rows[5][1].startswith("Too little money for <batik>. Raise it.")
    assert page.links == [
        "again/failed.ipynb", "plan%2010/plan.html", "plan%2010/plan.xlsx",
        "plan%2010/plan.ipynb", "gone/failed.ipynb",
    ]  # fmt: skip
    for link in page.links:
        assert (runs / link.replace("%20", " ")).is_file()


def test_it_can_be_read_aloud(runs):
    page = Page(write_index(runs))
    assert page.language == "en"
    assert page.tags.count("caption") == page.tags.count("table") == 2
    assert page.scopes.count("col") == 12 + 4 and page.scopes.count("row") == 4
    assert len(page.alts) == 3
    assert page.alts[2] == "Expected coverage of each cluster: Bakers 25%; Coffee roasters 30%."
    assert {"title", "h1", "main"} <= set(page.tags)
    html = (runs / "index.html").read_text("utf-8")
    assert not re.search(r"https?:|@import|url\(|<script [^>]*src", html)
    assert "<batik>" not in html


def test_it_is_made_anew_each_time(runs):
    write_index(runs)
    before = (runs / "index.html").read_bytes()
    (runs / "index.html").write_text("edited by hand")
    assert write_index(runs).read_bytes() == before
    shutil.rmtree(runs / "plan 2")
    shutil.rmtree(runs / "gone")
    (runs / "compare.html").write_text("x")
    page = Page(write_index(runs))
    assert [row[0].split(" the newest")[0] for row in page.rows] == ["Scenario", "again", "plan 10"]
    assert page.links[0] == "compare.html"
    assert {path.name for path in runs.iterdir()} == {
        "again", "plan 10", "compare.html", "index.html",
    }  # fmt: skip


def test_it_is_written_in_both_languages(runs):
    english, indonesian = (Page(write_index(runs, language)).rows for language in ("en", "id"))
    assert Page(runs / "index.html").language == "id"
    pairs = [
        pair
        for one, other in zip(english, indonesian, strict=True)
        for pair in zip(one, other, strict=True)
    ]
    same = {one for one, other in pairs if one == other}
    words = {text for text in same if re.search(r"[A-Za-z]{3}", text)}
    assert words <= {"plan 2", "plan 10", "gone", "Too little money for <batik>. Raise it."} | {
        text for text in words if re.fullmatch(r"\d+ \w{3} \d{4} \d\d\.\d\d", text)
    }
    assert any("26,7%" in row for row in indonesian)


def test_a_folder_without_runs_has_an_index_too(office):
    (office / "runs" / ".hidden").mkdir(parents=True)
    (office / "runs" / "something else").mkdir()
    page = Page(write_index("runs"))
    assert page.rows == []
    assert "Plans: 0." in (office / "runs" / "index.html").read_text("utf-8")


def test_tables_that_cannot_be_read_are_a_failure_not_an_end(runs):
    (runs / "plan 2" / "tables" / "units.parquet").write_bytes(b"torn")
    (run,) = [run for run in read_runs(runs) if run.name == "plan 2"]
    assert run.plan is None and run.error and "cannot be read" in run.error
    assert Page(write_index(runs)).rows[-1][0] == "plan 2"


def test_the_data_may_be_gone(runs, office):
    shutil.rmtree(office / "data")
    page = Page(write_index(runs))
    assert page.rows[3][4] == "25.0% bakers"  # the key, for want of the name


def test_natural_order():
    names = ["b", "a10", "a2", "A1", "10", "9"]
    assert sorted(names, key=natural) == ["9", "10", "A1", "a2", "a10", "b"]


def test_it_is_written_whole_or_not_at_all(runs, monkeypatch):
    write_index(runs)
    before = (runs / "index.html").read_bytes()
    monkeypatch.setattr(os, "replace", lambda *_paths: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        write_index(runs)
    assert (runs / "index.html").read_bytes() == before
    assert not list(runs.glob(".*.tmp"))


@pytest.mark.slow
def test_a_run_renews_it(office):
    made = notebook(office / "good.ipynb", SOLVE, "keep(plan)")
    batch.run(scenario(office, name="first"), "runs", notebook=made)
    batch.run(scenario(office, "other", name="impossible", floor=1), "runs", notebook=made)
    page = Page(office / "runs" / "index.html")
    assert [row[0] for row in page.rows] == ["Scenario", "first", "Scenario", "impossible"]


def test_titles_and_notes_stand_below_a_scenario(office):
    keep(office / "runs", "a", "baking", title="As <asked>", note="The mayor asked for it.")
    page = Page(write_index(office / "runs"))
    assert page.rows[1][0] == "As <asked> a The mayor asked for it."


def test_sweeps_stand_in_it(office):
    """Three points, of which one was stopped early and one has no plan; its page where it is."""
    import json

    import pandas as pd

    folder = office / "runs" / "my sweep"
    folder.mkdir(parents=True)
    rows = [("a", "proven", 5.0), ("b", "feasible", 8.0), ("c", "none", None)]
    table = pd.DataFrame(rows, columns=["scenario", "status", "reached"])
    table.to_parquet(folder / "sweep.parquet")
    about = {
        "base": {"name": "a", "note": "For the council."},
        "varied": {"budget": [], "floor": []},
    }
    (folder / "sweep.json").write_text(json.dumps(about))
    name, varied, points, reached, _date = Page(write_index(office / "runs")).rows[1]
    assert name == 'my sweep For the council. ikmplan compare --runs "runs/my sweep"'
    assert (varied, reached) == ("budget, floor", "5.0 – 8.0")
    assert points == "3, of which 2 have a plan, 1 stopped early, 0 failed"
    (folder / "compare.html").write_text("x")
    page = Page(write_index(office / "runs"))
    assert page.links == ["my%20sweep/compare.html"]
    (folder / "sweep.json").write_text("{")
    assert (
        len(Page(write_index(office / "runs")).rows) == 2
    )  # a file that cannot be read hides it not
