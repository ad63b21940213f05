"""The committed notebooks: thin, executed, and still what a run gives today."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.util import module_from_spec, spec_from_file_location
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

from ikmplan import BadInput, Scenario, load
from ikmplan.notebook.parameters import notebook_parameters, parameters_cell
from ikmplan.text import language

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "notebooks"
NAMES = ("plan", "data", "method", "compare")
TOO_MUCH = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.For,
    ast.While,
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
    ast.If,
    ast.Try,
    ast.With,
)
every_notebook = pytest.mark.parametrize("name", NAMES)


every_page = pytest.mark.parametrize("name", (*NAMES, "explore"))
LARGEST = 200_000  # bytes of an output


def notebook(name: str) -> nbformat.NotebookNode:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def code(name: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook(name).cells if cell.cell_type == "code"]


def outputs(name: str) -> list[nbformat.NotebookNode]:
    return [output for cell in code(name) for output in cell.outputs]


def run(*words: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        env={**os.environ, "IKMPLAN_LANGUAGE": "en"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
    )


@every_notebook
def test_it_is_thin(name):
    for cell in code(name):
        for node in ast.walk(ast.parse(cell.source)):
            assert not isinstance(node, TOO_MUCH), cell.source


@every_page
def test_it_is_executed_from_top_to_bottom(name):
    counts = [cell.execution_count for cell in code(name)]
    assert counts == list(range(1, len(counts) + 1))


@every_notebook
def test_no_output_is_an_error_or_a_warning(name):
    for output in outputs(name):
        assert output.output_type == "execute_result", output


@every_page
def test_it_reads_as_a_report(name):
    cells = notebook(name).cells
    levels = [
        len(found[1])
        for cell in cells
        if cell.cell_type == "markdown" and (found := re.match(r"(#+) ", cell.source))
    ]
    assert cells[0].cell_type == "markdown"
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@every_notebook
def test_cells_have_one_parameters_tag_and_known_tags(name):
    tags = [tag for cell in notebook(name).cells for tag in cell.metadata.get("tags", [])]
    assert tags.count("parameters") == 1
    assert set(tags) <= {"parameters", "nbval-ignore-output"}
    assert code(name)[0].metadata.tags == ["parameters"]


@every_notebook
def test_only_pictures_and_progress_are_left_out_of_the_comparison(name):
    """nbval keeps what a cell printed and then cleared."""
    for cell in code(name):
        shown = [str(output.data.get("text/html", "")) for output in cell.outputs]
        ignored = "nbval-ignore-output" in cell.metadata.get("tags", [])
        pictures = any("<img" in html for html in shown)
        assert ignored == (pictures or "on_progress" in cell.source), cell.source


@pytest.mark.parametrize("name", ["explore", "workbench"])
def test_no_output_is_large_and_none_needs_a_kernel(name):
    for output in outputs(name):
        data = output.get("data", {})
        assert not any("widget" in kind for kind in data)
        for kind, content in data.items():
            assert len(content) <= LARGEST, f"{kind}: {len(content)}"


def test_explore_shows_its_parts_without_a_kernel():
    """A still picture of each part, with a text, and the settings as a table; few lines of code."""
    cells = {cell.id: cell for cell in code("explore")}
    for name in ("coverage", "money", "machines", "calendar", "limits"):
        (output,) = cells[name].outputs
        (alt,) = Pictures(output.data["text/html"]).alts
        assert len(alt) > 20
    assert ">380<" in cells["tiles"].outputs[0].data["text/html"]
    assert "<table" in cells["controls"].outputs[0].data["text/html"]
    (chart,) = cells["own"].outputs
    assert "image/png" in chart.data


class Pictures(HTMLParser):
    def __init__(self, html: str):
        super().__init__()
        self.alts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.alts.append(dict(attrs).get("alt") or "")


@pytest.mark.parametrize(("name", "pictures"), [("plan", 8), ("compare", 3)])
def test_every_picture_has_a_text(name, pictures):
    html = "".join(str(output.data.get("text/html", "")) for output in outputs(name))
    alts = Pictures(html).alts
    assert len(alts) == html.count("<figcaption>") == pictures
    assert all(len(alt) > 40 for alt in alts)
    assert not any("image/png" in output.data for output in outputs(name))


@every_page
def test_nothing_of_this_machine_or_moment_is_printed(name):
    text = (FOLDER / f"{name}.ipynb").read_text(encoding="utf-8")
    assert str(ROOT) not in text and str(Path.home()) + os.sep not in text
    text = text.replace("longest search [seconds]", "")
    assert not re.search(r" at 0x[0-9a-f]{6}|\d{2}:\d{2}:\d{2}|\d (ms|s|seconds)\b", text)


# --- the parameters ----------------------------------------------------------------------


def test_the_parameters_cell_is_the_scenario():
    assert code("plan")[0].source == parameters_cell()


def test_the_parameters_cell_holds_every_default():
    values: dict[str, object] = {}
    exec(parameters_cell(), values)
    found = notebook_parameters({k: v for k, v in values.items() if k != "__builtins__"})
    assert list(found) == list(Scenario.model_fields)
    assert Scenario.model_validate(found) == Scenario(language="en")


def test_the_other_notebooks_have_the_same_parameters():
    lines = parameters_cell().splitlines()
    for name in ("data", "method"):
        assert set(code(name)[0].source.splitlines()) <= set(lines)


def test_given_takes_parameters_and_refuses_strangers():
    import math

    values = {"budget": 5, "floor": 0.1, "math": math, "load": load, "_hidden": 3, "In": ["x"]}
    assert notebook_parameters(values) == {"budget": 5, "floor": 0.1}
    with language("en"), pytest.raises(BadInput, match=r"bugdet.*Did you mean budget\?"):
        notebook_parameters(values | {"bugdet": 1})
    with pytest.raises(BadInput, match="flor"):
        notebook_parameters(values | {"flor": None})


def test_faults_are_in_the_language_asked_for():
    with language("id"), pytest.raises(BadInput, match="Did you mean"):
        notebook_parameters({"language": "en", "bugdet": 1})


# --- papermill ---------------------------------------------------------------------------


def test_papermill_lists_every_parameter():
    done = run("papermill", "--help-notebook", str(FOLDER / "plan.ipynb"))
    assert done.returncode == 0
    for name in Scenario.model_fields:
        assert re.search(rf"^  {name}: \w+ \(default .*\)\n? *\S+", done.stdout, re.MULTILINE), name
    assert "Unable to parse" not in done.stdout + done.stderr


def executed(path: Path) -> str:
    made = nbformat.read(path, as_version=4)
    found = [output for cell in made.cells for output in cell.get("outputs", [])]
    return "\n".join(str(output.get("data", {}).get("text/html", "")) for output in found)


@pytest.mark.slow
@pytest.mark.parametrize("where", ["root", "notebooks", "elsewhere"])
def test_papermill_runs_it_from_anywhere(where, tmp_path):
    folder = {"root": ROOT, "notebooks": FOLDER, "elsewhere": tmp_path}[where]
    data = str(ROOT / "data" / "toy") if where == "elsewhere" else "data/toy"
    out = tmp_path / "out.ipynb"
    words = ("-p", "data", data, "-p", "budget", "40000000", "-p", "reasons", "False")
    words = (*words, "--no-progress-bar")
    done = run("papermill", str(FOLDER / "plan.ipynb"), str(out), *words, folder=folder)
    assert done.returncode == 0, done.stderr
    # 40 million buy the full baking class: 10 units
    assert "10.0 of 30 IKM units" in executed(out)


@pytest.mark.slow
def test_papermill_takes_the_scenario_of_medan_and_another_budget(tmp_path):
    out = tmp_path / "out.ipynb"
    done = run(
        "papermill",
        "notebooks/plan.ipynb",
        str(out),
        *("-f", "params/medan-2022.yaml", "-p", "budget", "4000000000"),
        *("-p", "reasons", "False", "--no-progress-bar"),  # a minute or two
    )
    assert done.returncode == 0, done.stderr
    assert "Rp4.000.000.000" in executed(out)  # the scenario speaks Indonesian


@pytest.mark.slow
def test_papermill_fails_on_an_unknown_parameter(tmp_path):
    out = tmp_path / "out.ipynb"
    words = ("-p", "bugdet", "1", "--no-progress-bar")
    done = run("papermill", "notebooks/plan.ipynb", str(out), *words)
    assert done.returncode != 0
    assert re.search(r"bugdet.*Did you mean budget\?", done.stderr)
    assert "IKM units" not in executed(out)


# --- the committed outputs ---------------------------------------------------------------


@pytest.mark.slow
def test_the_outputs_are_those_of_today(tmp_path):
    """nbval, strict: `python -m pytest --nbval notebooks`. Versions of packages may differ."""
    versions = tmp_path / "versions.cfg"
    versions.write_text("[versions]\nregex: \\d+\\.\\d+\\.\\d+(\\.\\w+)?\nreplace: VERSION\n")
    files = [str(FOLDER / f"{name}.ipynb") for name in NAMES if name != "compare"]  # needs runs
    done = run(
        "pytest",
        *("--nbval", "--nbval-current-env", f"--nbval-sanitize-with={versions}"),
        *("-p", "no:cacheprovider", "-q", *files),
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_comparison_is_that_of_today():
    """Made anew from three plans of Medan; pictures may differ by the fonts of a machine."""
    spec = spec_from_file_location("notebooks", ROOT / "tools" / "notebooks.py")
    assert spec and spec.loader
    tool = module_from_spec(spec)
    spec.loader.exec_module(tool)
    made = nbformat.reads(tool.executed(FOLDER / "compare.ipynb"), as_version=4)
    for cell, committed in zip(made.cells, notebook("compare").cells, strict=True):
        assert cell.source == committed.source
        if cell.cell_type == "code" and "nbval-ignore-output" not in cell.metadata.get("tags", []):
            assert cell.outputs == committed.outputs, cell.source


@pytest.mark.slow
def test_papermill_and_ikmplan_run_show_the_same(tmp_path):
    """Every output of `papermill plan.ipynb -f X` is that of `ikmplan run X`."""
    scenario = tmp_path / "toy.yaml"
    text = "name: toy\ndata: data/toy\nlanguage: en\nbudget: 60000000\nreasons: false\n"
    scenario.write_text(text)
    out = tmp_path / "out.ipynb"
    words = ("notebooks/plan.ipynb", str(out), "-f", str(scenario), "--no-progress-bar")
    assert run("papermill", *words).returncode == 0
    done = run("ikmplan.cli", "run", str(scenario), "--runs", str(tmp_path / "runs"))
    assert done.returncode == 0, done.stderr
    assert executed(tmp_path / "runs" / "toy" / "plan.ipynb") == executed(out) != ""
