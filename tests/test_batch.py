"""Runs: what they leave, what they never leave, and a page that asks for nothing else."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from waiting import HUNG

from ikmplan import files, load, solve
from ikmplan.batch import batch
from ikmplan.batch.jobs import prepare
from ikmplan.batch.progress import report_result
from ikmplan.faults import BadInput
from ikmplan.files import write_atomic
from ikmplan.input.scenario import Scenario
from ikmplan.notebook.html_page import to_html
from ikmplan.notebook.prose import msgids, translated
from ikmplan.notebook.saving import keep
from ikmplan.plan.plan import load_plan
from ikmplan.runs import write as store
from ikmplan.runs.names import is_forms
from ikmplan.text import language

ROOT = Path(__file__).parents[1]
REAL = ROOT / "notebooks" / "plan.ipynb"
# what makes a browser fetch something: all but a link that is clicked and what is in the page
FETCHES = re.compile(
    r"""<(?:script|link|iframe|object|embed|base)\b|@import|\b(?:src|srcset|poster)\s*=\s*["']?+(?!data:)"""
    r"""|url\(\s*["']?+(?!data:|#)|\bfetch\(|\bimport\(""",
    re.IGNORECASE,
)

GOOD = {"manifest.json", "plan.html", "plan.ipynb", "plan.xlsx", "tables"}
BAD = {"failed.ipynb", "failed.json"}

SOLVE = """
from ikmplan import load, solve
from ikmplan.notebook import keep
from ikmplan.parameters import given
plan = solve(load(**given(globals())))
plan.coverage
"""


def notebook(path: Path, *cells: str, parameters: bool = True) -> Path:
    nb = nbformat.v4.new_notebook()
    fields = "\n".join(f"{name} = None" for name in Scenario.model_fields)
    made = [nbformat.v4.new_markdown_cell("## In short", id="head")]
    if parameters:
        made.append(
            nbformat.v4.new_code_cell(fields, metadata={"tags": ["parameters"]}, id="given")
        )
    made += [nbformat.v4.new_code_cell(cell, id=f"c{n}") for n, cell in enumerate(cells)]
    nb.cells = made
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, path)
    return path


@pytest.fixture
def office(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "data" / "toy", tmp_path / "data" / "toy")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def scenario(office: Path, file: str = "mine", **fields: object) -> Path:
    path = office / f"{file}.yaml"
    values = {"data": "data/toy", "language": "id"} | fields
    path.write_text(json.dumps(values), encoding="utf-8")  # JSON is YAML
    return path


class Recorder(batch.BatchListener):
    def __init__(self):
        self.started: list[str] = []
        self.ended: list[batch.Result] = []

    def starts(self, names):
        self.started += names

    def ends(self, result):
        self.ended.append(result)


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("medan-2022", "medan-2022"),
        ("Rencana Dinas 2022 (usulan)", "Rencana Dinas 2022 (usulan)"),
        ("Ülo e\u0301", "Ülo \u00e9"),
        ("a/b\\c:d", "a-b-c-d"),
        ("../../etc", "-..-etc"),
        ("..", "_"),
        (".hidden", "hidden"),
        ("ends with a dot.", "ends with a dot"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com1", "_com1"),
        ("console", "console"),
        ("é" * 100, "é" * 75),
    ],
)
def test_folder_names_suit_every_system(name, folder):
    assert files.folder_name(name) == folder
    assert len(Path(files.folder_name(name)).parts) == 1


def test_a_run_leaves_pages_tables_and_a_manifest(office):
    """Then a failing run leaves them alone, and the next good one removes the failed notebook."""
    path = scenario(office, name="Usulan Dinas")
    good = notebook(office / "good.ipynb", SOLVE, "keep(plan)")
    result = batch.run(path, "runs", notebook=good)

    folder = office / "runs" / "Usulan Dinas"
    assert (result.error, result.status) == (None, "proven")
    assert names(office / "runs") == {".lock", "index.html", "Usulan Dinas"}
    forms = {name for name in names(folder) if is_forms(name)}  # the office fills them in
    assert len(forms) == 1 and names(folder) == GOOD | forms

    plan = load_plan(folder / "tables")
    assert plan.proof.fingerprint == load("data/toy").fingerprint
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["fingerprint"] == plan.proof.fingerprint
    assert manifest["status"] == "proven"
    assert manifest["scenario"] == plan.scenario.model_dump(mode="json")
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert manifest["files"] == {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(files)
        if file.name not in {"manifest.json", *forms}
    }
    for file in files:
        assert str(office).encode() not in file.read_bytes(), file

    page = (folder / "plan.html").read_text("utf-8")
    assert '<html lang="id">' in page
    assert "<h2>Ringkasan</h2>" in page
    assert "load(**given" not in page
    assert FETCHES.findall(page) == []

    before = {file: file.read_bytes() for file in files}
    bad = notebook(office / "bad.ipynb", SOLVE, "1 / 0")
    failed = batch.run(path, "runs", notebook=bad)
    assert (failed.status, failed.error) == ("failed", "ZeroDivisionError: division by zero")
    assert names(folder) == GOOD | BAD | forms
    assert {file: file.read_bytes() for file in before} == before

    assert batch.run(path, "runs", notebook=good).error is None
    assert names(folder) == GOOD | forms


def test_a_scenario_without_plan_is_reported(office):
    path = scenario(office, floor=1)
    made = notebook(office / "n.ipynb", SOLVE, "keep(plan)")
    recorder = Recorder()
    result = batch.run(path, "runs", notebook=made, listener=recorder)
    assert recorder.ended == [result]
    assert result.status == "failed"
    assert result.error and "NoPlan" not in result.error and "Traceback" not in result.error
    assert names(office / "runs" / "mine") == BAD
    failed = (office / "runs" / "mine" / "failed.ipynb").read_text("utf-8")
    assert str(office) not in json.loads(failed)["metadata"]["papermill"].values()


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([SOLVE], "must be: keep(plan)"),
        (
            [SOLVE.replace("globals()", "{'data': 'data/toy', 'gap': 0.01}"), "keep(plan)"],
            "answers another",
        ),
    ],
)
def test_a_notebook_that_does_not_do_its_work_is_found_out(office, cells, message):
    made = notebook(office / "n.ipynb", *cells)
    result = batch.run(scenario(office), "runs", notebook=made)
    assert result.error and message in result.error


def test_every_scenario_is_checked_before_the_first_runs(office):
    good, bad = scenario(office), scenario(office, "bad", floor=2)
    with pytest.raises(BadInput, match=r"bad\.yaml row 1, column floor"):
        batch.run_all([good, bad], "runs", notebook=office / "never read")
    assert not (office / "runs").exists()


def test_two_names_never_share_a_folder(office):
    one, other = scenario(office, "one", name="Medan"), scenario(office, "two", name="MEDAN")
    with pytest.raises(BadInput, match="where those of “Medan” belong"):
        batch.run_all([one, other], "runs", notebook=REAL)
    # nor with a run of another day
    write_atomic(office / "runs" / "a-b" / "manifest.json", b'{"scenario": {"name": "a:b"}}')
    third = scenario(office, "three", name="a-b")
    with pytest.raises(BadInput, match="where those of “a:b” belong"):
        batch.run_all([third], "runs", notebook=REAL)


def test_data_lies_beside_the_scenario_or_above(office, monkeypatch):
    deep = office / "params" / "2022"
    deep.mkdir(parents=True)
    path = scenario(deep)
    monkeypatch.chdir(deep.anchor)
    assert prepare(path, REAL).base == office
    monkeypatch.chdir(office)
    assert prepare(path, REAL).base == Path()


def test_a_missing_notebook_is_a_fault(office, monkeypatch):
    monkeypatch.setattr(files, "NOTEBOOK", Path("notebooks", "nowhere.ipynb"))
    with pytest.raises(BadInput, match=r"nowhere\.ipynb: is not found"):
        prepare(scenario(office))


def test_a_file_that_cannot_be_replaced_leaves_all_as_it_was(tmp_path, monkeypatch):
    """As on Windows, where a page that is open in another program cannot be moved."""
    folder, work = tmp_path / "run", tmp_path / "work"
    for place, message in ((folder, "old"), (work, "new")):
        place.mkdir()
        for name in ("manifest.json", "plan.html"):
            (place / name).write_text(message)
    real = os.rename

    def rename(old, new):
        if Path(old) == folder / "plan.html":
            raise PermissionError(13, "in use", str(old))
        real(old, new)

    monkeypatch.setattr(store.os, "rename", rename)
    pieces = {name: work / name for name in ("manifest.json", "plan.html")}
    with pytest.raises(store.InUse, match=r"plan\.html cannot be replaced"):
        store.move(work, pieces, folder)
    assert {file.name: file.read_text() for file in folder.iterdir()} == {
        "manifest.json": "old",
        "plan.html": "old",
    }


def test_the_manifest_comes_last(office, monkeypatch):
    """A run that is killed at any moment is not taken for done: its forms are there before."""
    seen, real = [], os.rename

    def rename(old, new):
        real(old, new)
        seen.append(names(office / "runs" / "mine"))

    monkeypatch.setattr(store.os, "rename", rename)
    good = notebook(office / "n.ipynb", SOLVE, "keep(plan)")
    assert batch.run(scenario(office), "runs", notebook=good).error is None
    *before, last = seen
    whole = names(office / "runs" / "mine")
    assert [name for name in whole if is_forms(name)] and last == whole
    assert not any("manifest.json" in found for found in before)


def test_keep_does_nothing_without_a_run(tmp_path, monkeypatch):
    monkeypatch.delenv("IKMPLAN_RUN_FOLDER", raising=False)
    monkeypatch.chdir(tmp_path)
    keep(None)
    assert list(tmp_path.iterdir()) == []


def test_translation_leaves_code_and_source_alone():
    nb = nbformat.read(REAL, 4)
    before = nbformat.writes(nb)
    made = translated(nb, "id")
    assert nbformat.writes(nb) == before
    for old, new in zip(nb.cells, made.cells, strict=True):
        assert old.cell_type == new.cell_type
        if old.cell_type == "code":
            assert old == new
        else:
            assert old.source != new.source, "untranslated"
    assert nbformat.writes(translated(nb, "en")) == before


def test_a_page_stands_alone_whatever_the_notebook_holds():
    nb = nbformat.v4.new_notebook()
    picture = {"image/png": "iVBORw0KGgo="}
    nb.cells = [
        nbformat.v4.new_markdown_cell("# A *title* & more\n\n[source](https://example.org)"),
        nbformat.v4.new_code_cell(
            "secret = 1",
            outputs=[
                nbformat.v4.new_output(
                    "display_data", picture, metadata={"image/png": {"alt": "seen"}}
                ),
                nbformat.v4.new_output("display_data", {"application/javascript": "fetch('x')"}),
                nbformat.v4.new_output(
                    "display_data", {"text/html": "<table><tr><td>1</td></tr></table>"}
                ),
            ],
        ),
    ]
    page = to_html(nb, "en", "medan")
    assert "<title>A title &amp; more – medan</title>" in page
    assert '<html lang="en">' in page
    assert 'alt="seen"' in page
    assert "<td>1</td>" in page
    assert "secret" not in page
    assert FETCHES.findall(page) == []


@pytest.mark.slow
def test_the_real_notebook_in_indonesian(office):
    """`ikmplan run` with the notebook that is shipped: all prose in the scenario's language."""
    result = batch.run(scenario(office), "runs", notebook=REAL)
    assert result.error is None, result.error
    page = (office / "runs" / "mine" / "plan.html").read_text("utf-8")
    assert FETCHES.findall(page) == []
    plain = " ".join(re.sub(r"<[^>]*>|[*_`]", "", page).split())
    with language("en"):
        for prose in msgids(nbformat.read(REAL, 4)):
            first = " ".join(re.sub(r"[#*_`]", "", prose).split())[:60].split(". ")[0]
            assert first not in plain
    assert "<h2>Ringkasan</h2>" in page


# --- many scenarios ------------------------------------------------------------------------


def pages(runs: Path) -> dict[str, bytes]:
    """Every file of every finished run."""
    files = [file for file in runs.rglob("*") if file.is_file() and file.parent != runs]
    return {file.relative_to(runs).as_posix(): file.read_bytes() for file in sorted(files)}


@pytest.mark.slow
def test_what_is_done_is_not_done_again(office):
    """Unless the scenario, the data, the notebook or a result changed, or it is forced."""
    path = scenario(office)
    good = notebook(office / "n.ipynb", SOLVE, "keep(plan)")
    first = batch.run(path, "runs", notebook=good)
    before = pages(office / "runs")
    again = batch.run(path, "runs", notebook=good)
    assert (first.before, again.before) == (False, True)
    assert again.plan.reached == first.plan.reached
    assert batch.run(path, "runs", batch.Options(force=True), notebook=good).before is False
    assert pages(office / "runs") == before  # the same bytes

    (office / "runs" / "mine" / "plan.html").write_text("cut off")
    assert batch.run(path, "runs", notebook=good).before is False
    assert pages(office / "runs") == before
    other = notebook(office / "n.ipynb", SOLVE, "keep(plan)", "1 + 1")
    assert batch.run(path, "runs", notebook=other).before is False
    clusters = office / "data" / "toy" / "clusters.csv"
    clusters.write_text(clusters.read_text().replace(",20,", ",19,"))
    assert batch.run(path, "runs", notebook=other).before is False


@pytest.mark.slow
def test_what_failed_is_tried_again_only_when_asked(office):
    path = scenario(office)
    bad = notebook(office / "n.ipynb", "import os; open('tries', 'a').write('x'); os._exit(1)")
    for option, tries in ((None, 1), (None, 1), ("retry_failed", 2), ("force", 3)):
        options = batch.Options(**({option: True} if option else {}))
        result = batch.run(path, "runs", options, notebook=bad)
        assert result.status == "failed"
        assert "died in this cell" in result.error
        assert (office / "tries").read_text() == "x" * tries
    assert names(office / "runs" / "mine") == BAD


def test_one_bad_file_among_forty_stops_all_and_is_named(office):
    good = [scenario(office, f"s{n}", budget=10**7 * (n + 1)) for n in range(39)]
    torn = office / "torn.yaml"
    torn.write_bytes(b"data: data/toy\nbudget: [1, \xff")
    recorder = Recorder()
    with pytest.raises(BadInput, match=r"torn\.yaml.*is not UTF-8 text"):
        batch.run_all([*good, torn], "runs", notebook=REAL, listener=recorder)
    assert recorder.started == [] and not (office / "runs").exists()
    made = notebook(office / "n.ipynb", SOLVE, "keep(plan)")
    options = batch.Options(keep_going=True, workers=1)
    results = batch.run_all([good[0], torn, good[1]], "runs", options, notebook=made)
    assert [(r.name, r.error is None) for r in results] == [
        ("s0", True),
        ("s1", True),
        ("torn", False),
    ]


@pytest.mark.parametrize(
    "name", ["Usulan Dinas (é) 50%", "{budget}", "'; rm -rf ~", "a=b floor 0.1"]
)
def test_odd_names_are_names_all_the_same(office, name):
    made = notebook(office / "n.ipynb", SOLVE, "keep(plan)")
    result = batch.run(scenario(office, name=name), "runs", notebook=made)
    assert result.error is None
    assert names(office / "runs") == {".lock", "index.html", files.folder_name(name)}
    assert (
        json.loads((result.folder / "manifest.json").read_text("utf-8"))["scenario"]["name"] == name
    )


@pytest.mark.parametrize("name", ["../up", "a/b", ".hidden", ""])
def test_names_that_lead_elsewhere_are_refused(office, name):
    with pytest.raises(BadInput, match="column name"):
        batch.run(scenario(office, name=name), "runs", notebook=REAL)
    assert not (office / "runs").exists()


def test_two_runs_on_one_folder(office):
    path = scenario(office)
    in_use = pytest.raises(store.InUse, match="Another run is working in runs")
    with store.locked(office / "runs"), in_use:
        batch.run(path, "runs", notebook=REAL)
    left = office / "runs" / ".making" / "half"
    left.mkdir(parents=True)  # as a run leaves it that was killed
    made = notebook(office / "n.ipynb", SOLVE, "keep(plan)")
    assert batch.run(path, "runs", notebook=made).error is None
    assert names(office / "runs") == {".lock", "index.html", "mine"}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_workers_and_their_absence_give_the_same_bytes(office):
    """Here, by two workers, and by a cluster that sees nothing of this disk."""
    from distributed import LocalCluster

    made = notebook(office / "n.ipynb", SOLVE, "keep(plan)")
    paths = [scenario(office, f"s{n}", budget=4 * 10**7 * n) for n in (1, 2, 3)]
    paths.append(scenario(office, "poor", floor=1))
    found = {}
    for way, options in (("one", {"workers": 1}), ("two", {"workers": 2})):
        results = batch.run_all(paths, f"runs-{way}", batch.Options(**options), notebook=made)
        assert [result.status for result in results] == [*["proven"] * 3, "failed"]
        found[way] = pages(office / f"runs-{way}")
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0") as far:
        options = batch.Options(scheduler=far.scheduler_address)
        batch.run_all(paths, "runs-far", options, notebook=made)
    found["far"] = pages(office / "runs-far")
    assert found["one"] == found["two"]
    assert found["far"] == found["one"]


def test_results_are_copied_to_an_address_of_fsspec(office):
    """Again where they are done already but not there; not where they are."""
    import fsspec

    made = notebook(office / "n.ipynb", SOLVE, "keep(plan)")
    path = scenario(office)
    batch.run(path, "runs", notebook=made)
    options = batch.Options(copy_to="memory://bucket/plans")
    result = batch.run(path, "runs", options, notebook=made)
    assert result.before
    system = fsspec.filesystem("memory")
    there = {name: system.cat_file(name) for name in system.find("/bucket/plans")}
    files = [file for file in result.folder.rglob("*") if file.is_file()]
    assert there == {
        f"/bucket/plans/mine/{file.relative_to(result.folder).as_posix()}": file.read_bytes()
        for file in files
        if not is_forms(file.name)
    }
    system.rm("/bucket/plans/mine/plan.html")
    batch.run(path, "runs", options, notebook=made)
    assert not system.exists("/bucket/plans/mine/plan.html")
    with pytest.raises(store.InUse, match="Nothing can be written to nowhere://x"):
        batch.run(path, "runs", batch.Options(copy_to="nowhere://x"), notebook=made)


@pytest.mark.slow
def test_kill_9_in_the_middle_of_notebooks_and_then_the_same_bytes(office):
    """No kernel, worker or half-made folder is left, and what was done is not done again."""
    notebook(office / "notebooks" / "plan.ipynb", SOLVE, "import time; time.sleep(1)", "keep(plan)")
    paths = [scenario(office, f"s{n}", budget=4 * 10**7 * n).name for n in range(1, 5)]
    program = [sys.executable, "-m", "ikmplan.cli", "run", *paths, "--workers", "2", "--runs"]
    quiet = {"cwd": office, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    assert subprocess.run([*program, "whole"], **quiet).returncode == 0
    done = 0
    for _n in range(3):
        run = subprocess.Popen([*program, "broken"], **quiet)
        began = time.monotonic()
        while len(list(office.glob("broken/*/manifest.json"))) <= done and run.poll() is None:
            assert time.monotonic() - began < HUNG
            time.sleep(0.01)
        family = psutil.Process(run.pid).children(recursive=True) if run.poll() is None else []
        run.kill()
        run.communicate()
        _gone, alive = psutil.wait_procs(family, timeout=HUNG)
        assert alive == []
        done = len(list(office.glob("broken/*/manifest.json")))
    last = subprocess.run([*program, "broken"], **quiet)
    assert last.returncode == 0 and last.stderr.count("already done") == done
    assert pages(office / "broken") == pages(office / "whole")
    assert not (office / "broken" / ".making").exists()


@pytest.mark.parametrize(
    ("asked", "proven"),
    [
        ({}, "Proven: no plan is better."),
        (
            {"goal": "cost", "target_reached": 5},
            "Proven: no plan that keeps what is asked is cheaper.",
        ),
    ],
)
def test_what_is_proven_is_stated_of_what_was_asked_for(asked, proven, tmp_path, capsys):
    case = load("data/toy", language="en", **asked)
    plan = solve(case)
    made = batch.Result(
        name="a", status=plan.proof.status, folder=tmp_path, plan=plan, case=case, before=False
    )
    with language("en"):
        report_result(made)
    assert proven in capsys.readouterr().out.splitlines()


def test_what_keeps_a_run_from_its_folder_names_that_folder(tmp_path):
    """Not the hidden folder of unfinished results, where a file stands in the way of it."""
    (tmp_path / ".making").touch()
    with pytest.raises(OSError) as refused, store.locked(tmp_path):
        pass
    assert refused.value.filename == str(tmp_path)
