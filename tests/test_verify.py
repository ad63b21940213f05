"""`ikmplan verify`: one changed byte of any file of a run is found, and what is true verifies."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from test_batch import notebook
from test_cli import ikmplan
from test_compare import seal

from ikmplan.batch import batch
from ikmplan.faults import BadInput
from ikmplan.runs.names import is_forms
from ikmplan.runs.read import read_beside, read_run
from ikmplan.runs.verify import (
    AUDIT,
    CONTENT,
    DATA,
    FILES,
    _page_problems,
    _undated,
    quick_problems,
    verify,
)

ROOT = Path(__file__).parents[1]
CELLS = (
    """
from ikmplan import charts, load, solve, views
from ikmplan.alternatives import first_changes
from ikmplan.baselines import announced, doing_nothing
from ikmplan.notebook import keep
from ikmplan.parameters import given
case = load(**given(globals()))
plan = solve(case)
programme, nothing = announced(case), doing_nothing(case)
others = first_changes(plan, case, programme)
views.decision_sheet(plan, case, programme, None, nothing)
""",
    "views.amendment_paper(others, case)",
    "views.coverage(plan, case, programme)",
    "views.about(case)",
    "views.notes(plan, case, programme)",
    "charts.money(plan, case)",
    "views.cash_plan(plan, case)",
    "views.indicators(plan, case)",
    "views.compliance(plan, case)",
    "views.chances(plan, case)",
    "views.certainty(plan, case)",
    "keep(plan, None, programme, nothing, others)",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """An office with a finished run of a case that has an announced programme."""
    office = tmp_path_factory.mktemp("office")
    shutil.copytree(ROOT / "tests" / "faults" / "good", office / "data" / "good")
    (office / "one.yaml").write_text(
        "data: data/good\nlanguage: en\nbudget: 250000000\nchanges: 2\n"
    )
    notebook(office / "notebooks" / "plan.ipynb", *CELLS)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(office)
        (result,) = batch.run_all([office / "one.yaml"], office / "runs")
    assert result.error is None
    return office


@pytest.fixture
def office(made, tmp_path, monkeypatch) -> Path:
    """A copy of it, in use, to be tampered with."""
    shutil.copytree(made, tmp_path / "office")
    monkeypatch.chdir(tmp_path / "office")
    return tmp_path / "office"


def kinds(folder: Path = Path("runs/one")) -> set[str]:
    (verdict,) = verify(folder)
    return {problem.kind for problem in verdict.problems}


def test_a_run_as_it_was_written_verifies(office):
    for path in ("runs/one", "runs"):
        (verdict,) = verify(path)
        assert (verdict.name, verdict.problems, verdict.unchecked) == ("one", (), "")
    done = ikmplan("verify", "runs/one", "runs", cwd=office)
    assert (done.returncode, done.stdout) == (0, "runs/one: verified\n" * 2)


@pytest.mark.slow
def test_one_changed_byte_of_any_file_is_found(office):
    """Its first, its middle and its last byte, of each file that the run left, but for the forms,
    which the office fills in."""
    folder = Path("runs/one")
    files = [path for path in folder.rglob("*") if path.is_file() and not is_forms(path.name)]
    assert len(files) > 20
    for path in files:
        content = path.read_bytes()
        for at in (0, len(content) // 2, len(content) - 1):
            path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
            run = read_run(folder)
            assert run is not None and list(quick_problems(run)), f"{path}, byte {at}"
        path.write_bytes(content)
    run = read_run(folder)
    assert run is not None and not list(quick_problems(run))


def test_a_file_that_is_missing_or_too_many_is_found(office):
    for path in ("plan.html", "manifest.json", "tables/units.parquet"):
        folder = Path("runs/one")
        before = (folder / path).read_bytes()
        (folder / path).unlink()
        assert FILES in kinds()
        (folder / path).write_bytes(before)
    Path("runs/one/tables/more.parquet").write_bytes(b"")
    assert kinds() == {FILES}


def digit(text: str, after: str) -> str:
    """The text with the first digit after a mark changed."""
    at = text.index(after) + len(after)
    at += next(n for n, letter in enumerate(text[at:]) if letter.isdecimal())
    return text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]


def page_alone(folder: Path) -> None:
    page = folder / "plan.html"
    page.write_text(digit(page.read_text("utf-8"), "font-size:1.6em"), "utf-8")


def page_and_notebook(folder: Path) -> None:
    """The whole page made again of a notebook with another figure."""
    from ikmplan.notebook.execute import read, write
    from ikmplan.notebook.html_page import to_html

    nb = read(folder / "plan.ipynb")
    for cell in nb.cells:
        for output in cell.get("outputs", []):
            if "ikmplan-tiles" in str(output.get("data", {}).get("text/html", "")):
                html = output.data["text/html"]
                output.data["text/html"] = digit(html, "font-size:1.6em;font-weight:bold")
    write(nb, folder / "plan.ipynb")
    page = to_html(nb, "en", "Kota Contoh 2022 – one")
    (folder / "plan.html").write_text(page, "utf-8")


def workbook_of_another_plan(folder: Path) -> None:
    """A workbook that Excel opens, with one string changed."""
    import zipfile

    path = folder / "plan.xlsx"
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/sharedStrings.xml"
    parts[name] = digit(parts[name].decode(), "<t>").encode()
    with zipfile.ZipFile(path, "w") as archive:
        for key, content in parts.items():
            archive.writestr(key, content)


def test_every_digit_of_the_page_is_compared():
    """But for those of the day and the commit, which differ from making to making."""
    page = (
        '<p class="made">Made on 3 May 2026</p><main>1 <b>23</b> <svg><text>4,5</text></svg>'
        '<p class="ikmplan">678</p></main><footer>\n<p>ikmplan 0.9</p></footer>'
    )
    assert [n for n in _undated(page) if n.isdecimal()] == [*"12345678"]


@pytest.mark.slow
def test_one_changed_digit_of_each_output_is_found_by_the_tables(office):
    """In the notebook and the page that is made of it: sheet, table, sentence, picture."""
    from ikmplan.notebook.execute import read, write
    from ikmplan.notebook.html_page import to_html

    folder = Path("runs/one")
    run = read_run(folder)
    assert run is not None and run.plan is not None and run.case is not None
    beside = read_beside(folder / "tables", run.case)
    first = read(folder / "plan.ipynb")
    tampered = 0
    for n, cell in enumerate(first.cells):
        shown = "".join(o.get("data", {}).get("text/html", "") for o in cell.get("outputs", []))
        places = [m.start() for m in re.finditer(r"(?<=[>\s(])\d(?=[^<>]*<)", shown)]
        for at in {*places[:1], *places[len(places) // 2 :][:1], *places[-1:]}:
            nb = read(folder / "plan.ipynb")
            for output in nb.cells[n].outputs:
                if "text/html" in output.get("data", {}):
                    other = str((int(shown[at]) + 1) % 10)
                    output.data["text/html"] = shown[:at] + other + shown[at + 1 :]
            write(nb, Path("other.ipynb"))
            page = to_html(nb, "en", "Kota Contoh 2022 – one")
            problems = _page_problems(page, Path("other.ipynb"), run.plan, run.case, beside)
            assert list(problems), shown[max(0, at - 60) : at + 20]
            tampered += 1
    assert tampered > 15


def other_coverage(folder: Path) -> None:
    """More units reached, in the table that every page is made from."""
    path = folder / "tables" / "coverage.parquet"
    table = pd.read_parquet(path)
    table["reached"] += 1.0
    table.to_parquet(path)


def claimed_proof(folder: Path) -> None:
    """A plan that calls itself better than it is."""
    path = folder / "tables" / "plan.json"
    about = json.loads(path.read_text("utf-8"))
    about["proof"]["value"] += 1
    path.write_text(json.dumps(about), "utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tamper", "kind"),
    [
        (page_alone, CONTENT),
        (page_and_notebook, CONTENT),
        (workbook_of_another_plan, CONTENT),
        (other_coverage, AUDIT),
        (claimed_proof, AUDIT),
    ],
)
def test_who_writes_the_hashes_too_is_found_by_the_tables(
    office, tamper: Callable[[Path], None], kind: str
):
    folder = Path("runs/one")
    tamper(folder)
    assert FILES in kinds()
    seal(folder)
    found = kinds()
    assert kind in found and FILES not in found


def test_tables_that_changed_since_are_found(office):
    path = Path("data/good/funds.csv")
    path.write_text(digit(path.read_text("utf-8"), "\n"), "utf-8")
    assert kinds() == {DATA}
    path.write_text(path.read_text("utf-8").replace("training equipment", "mesin"), "utf-8")
    assert kinds() == {DATA}
    done = ikmplan("verify", "runs/one", cwd=office)
    assert "  - Its tables have faults now: ikmplan check data/good\n" in done.stdout
    shutil.rmtree("data")
    assert kinds() == {DATA}
    done = ikmplan("verify", "runs/one", cwd=office)
    assert done.returncode == 1
    assert done.stdout.startswith("runs/one: does not verify\n  - Its tables are not found")


def test_a_run_of_another_program_states_what_was_not_made_again(office):
    path = Path("runs/one/manifest.json")
    path.write_text(path.read_text("utf-8").replace('"code": "', '"code": "0'), "utf-8")
    (verdict,) = verify("runs/one")
    assert verdict.unchecked.startswith("made by another version of the program")


@pytest.mark.parametrize("path", ["data", "nowhere"])
def test_a_folder_without_runs_is_refused(office, path):
    with pytest.raises(BadInput):
        verify(path)
