"""The committed notebooks: thin, executed, and still what a run gives today."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from importlib.util import module_from_spec, spec_from_file_location
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from ikmplan import BadInput, Scenario, load
from ikmplan.explore.plan_pictures import WIDGET
from ikmplan.input.scenario import read_scenario
from ikmplan.notebook.html_page import APPENDIX, BESIDE_TAG, FIRST_PAGE, ONLY_IN_NOTEBOOK, to_html
from ikmplan.notebook.parameters import arguments, notebook_parameters, parameters_cell
from ikmplan.notebook.suite import write_notebooks
from ikmplan.text import language

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "notebooks"
NAMES = ("start", "plan", "data", "method", "scenarios", "alternatives", "compare")
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
TAGS = {"parameters", "injected-parameters", "nbval-ignore-output"}
TAGS |= {ONLY_IN_NOTEBOOK, FIRST_PAGE, APPENDIX, BESIDE_TAG}
every_notebook = pytest.mark.parametrize("name", NAMES)


every_page = pytest.mark.parametrize("name", (*NAMES, "explore"))
LARGEST = 200_000  # bytes of an output


def notebook(name: str) -> nbformat.NotebookNode:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def code(name: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook(name).cells if cell.cell_type == "code"]


def outputs(name: str) -> list[nbformat.NotebookNode]:
    return [output for cell in code(name) for output in cell.outputs]


def run(*words: str, folder: Path = ROOT, timeout: float = 600) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        env={**os.environ, "IKMPLAN_LANGUAGE": "en"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout,
    )


@every_notebook
def test_its_prose_is_plain(name):
    """It has none of the words that give a thing the doings of a person."""
    prose = "\n".join(cell.source for cell in notebook(name).cells if cell.cell_type == "markdown")
    riddling = (
        r"(?i)\b(says|said|tells|told|whoever|speaks|anew|hangs on|know a|knows a|know them)\b"
    )
    assert re.findall(riddling, prose) == []


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
    assert set(tags) <= TAGS
    assert code(name)[0].metadata.tags == ["parameters"]


@every_notebook
def test_only_what_differs_between_machines_is_left_out_of_the_comparison(name):
    """Pictures (fonts), versions of packages, and progress: nbval keeps what a cell printed and
    then cleared."""
    for cell in code(name):
        shown = [str(output.data.get("text/html", "")) for output in cell.outputs]
        ignored = "nbval-ignore-output" in cell.metadata.get("tags", [])
        pictures = any("<figure" in html for html in shown)
        differs = "on_progress" in cell.source or "views.versions" in cell.source
        assert ignored == (pictures or differs), cell.source


@pytest.mark.parametrize("name", [*NAMES, "explore"])
def test_other_programs_know_its_language(name):
    """nbconvert exports a script as .py and colours the code by these."""
    from nbconvert import ScriptExporter

    source, resources = ScriptExporter().from_notebook_node(notebook(name))
    assert resources["output_extension"] == ".py" and "import" in source
    assert notebook(name).metadata.language_info.pygments_lexer == "ipython3"


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
    assert ">378<" in cells["tiles"].outputs[0].data["text/html"]
    assert "<table" in cells["controls"].outputs[0].data["text/html"]
    (chart,) = cells["own"].outputs
    assert "image/png" in chart.data


class Pictures(HTMLParser):
    def __init__(self, html: str):
        super().__init__()
        self.alts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        if tag == "img" or (tag == "svg" and known.get("role") == "img"):
            self.alts.append(known.get("alt") or known.get("aria-label") or "")


@pytest.mark.parametrize(("name", "pictures"), [("plan", 13), ("compare", 3), ("scenarios", 3)])
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


def test_the_notebook_as_it_stands_is_the_plan_of_readme_and_comparison():
    """The second cell holds params/medan-2022.yaml, as if papermill had put it there."""
    values: dict[str, object] = {}
    for cell in code("plan")[:2]:
        exec(cell.source, values)
    found = notebook_parameters({k: v for k, v in values.items() if k != "__builtins__"})
    wanted = read_scenario(ROOT / "params" / "medan-2022.yaml").changed(language="en")
    assert Scenario.model_validate(found) == wanted


def test_papermill_puts_what_it_is_given_in_the_place_of_the_second_cell():
    """So that a scenario without a floor is planned without one, as `ikmplan run` does."""
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    plan = load_notebook_node(str(FOLDER / "plan.ipynb"))
    made = parameterize_notebook(plan, {"budget": 5})
    sources = [cell.source for cell in made.cells if cell.cell_type == "code"]
    assert sources[1].split() == ["#", "Parameters", "budget", "=", "5"]
    assert len(sources) == len(code("plan")) and "floor = 0.25" not in "".join(sources)


def test_the_parameters_cell_holds_every_default():
    values: dict[str, object] = {}
    exec(parameters_cell(), values)
    found = notebook_parameters({k: v for k, v in values.items() if k != "__builtins__"})
    assert list(found) == list(Scenario.model_fields)
    assert Scenario.model_validate(found) == Scenario(language="en")


def test_the_other_notebooks_have_the_same_parameters():
    lines = parameters_cell().splitlines()
    for name in ("data", "method", "start"):
        assert set(code(name)[0].source.splitlines()) <= set(lines)


def test_given_takes_parameters_and_refuses_strangers():
    """As in a script, where nothing states which cell set a variable."""
    import math

    values = {"budget": 5, "floor": 0.1, "math": math, "load": load, "_hidden": 3}
    assert notebook_parameters(values) == {"budget": 5, "floor": 0.1}
    with language("en"), pytest.raises(BadInput, match=r"bugdet.*Did you mean budget\?"):
        notebook_parameters(values | {"bugdet": 1})
    with pytest.raises(BadInput, match="flor"):
        notebook_parameters(values | {"flor": None})


CELL = "data = 'data/toy'\nbudget = 5\nfloor: float = 0.1"
LOAD = "case = load(**given(globals()))"
TAKEN = {"data": "data/toy", "budget": 5, "floor": 0.1}


def judged(*cells: str, before: str = "") -> dict[str, Any]:
    """What `given` takes after these cells in a kernel whose start-up file is `before`."""
    namespace: dict[str, Any] = {}
    for cell in (before, *cells):
        exec(cell, namespace)
    return notebook_parameters({**namespace, "In": ["", *cells, LOAD], "Out": {}})


@pytest.mark.parametrize(
    ("cells", "before"),
    [
        ([CELL], "DATA_DIR = '/srv/data'\nseed = 3\nbugdet = 1"),  # the start-up file's
        (["share = 0.5", CELL], ""),
        ([CELL, "share = 0.5\nnames = ['x']"], ""),
        ([CELL, "case = 5", "share = 1", CELL], ""),
        ([CELL + "\nbugdet = 1", CELL], ""),  # corrected, and run again in the same kernel
        ([CELL, "# Parameters\nbudget = 5\n"], "x = 1"),
        (["budget = 1\nshare = 2", CELL], ""),
        ([CELL, "budget = 5\nrows = 3"], ""),
    ],
)
def test_variables_of_the_user_are_no_parameters(cells, before):
    """`seed` of a start-up file changes no answer either."""
    assert judged(*cells, before=before) == TAKEN


def test_a_cell_of_the_user_may_set_a_parameter():
    assert judged(CELL, "budget = 7") == TAKEN | {"budget": 7}
    assert judged("seed = 2", CELL) == TAKEN | {"seed": 2}


@pytest.mark.parametrize(
    "cells",
    [
        [CELL + "\nbugdet = 1"],
        [CELL + "\nbugdet: int = 1", "share = 0.5"],
        [CELL + "\nbugdet = 1", "# Parameters\n" + CELL],
        [CELL, "# Parameters\nbugdet = 1\n"],
        ["# Parameters\nbugdet = 1\ndata = 'data/toy'\n"],
        [CELL, "share = 1", CELL + "\nbugdet = 1"],
        [CELL + "\nbugdet = 1", "budget = 7"],
        ["language = 'en'\nbugdet = 1\nx = 2"],
    ],
)
def test_a_misspelt_parameter_is_refused(cells):
    with language("en"), pytest.raises(BadInput, match=r"bugdet.*Did you mean budget\?"):
        judged(*cells, before="DATA_DIR = 3")


def test_the_page_leaves_out_what_is_for_those_who_work_with_the_notebook():
    page = to_html(notebook("plan"), "en", at="")
    assert "plan.classes" not in page and "A question of your own" not in page
    assert "Who is reached" in page and "What “reached” means" in page


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
    assert "Rp4.000.000.000" in executed(out)  # the scenario is in Indonesian


@pytest.mark.slow
def test_papermill_fails_on_an_unknown_parameter(tmp_path):
    out = tmp_path / "out.ipynb"
    words = ("-p", "bugdet", "1", "--no-progress-bar")
    done = run("papermill", "notebooks/plan.ipynb", str(out), *words)
    assert done.returncode != 0
    assert re.search(r"bugdet.*Did you mean budget\?", done.stderr)
    assert "IKM units" not in executed(out)


# --- the committed outputs ---------------------------------------------------------------


@every_notebook
def test_no_output_is_too_large_to_be_opened(name):
    for output in outputs(name):
        assert len(json.dumps(output)) < 200_000


def conftest():
    spec = spec_from_file_location("notebooks_conftest", FOLDER / "conftest.py")
    assert spec and spec.loader
    made = module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_nbval_keeps_every_notebook_that_runs_in_seconds():
    """`python3 make.py test` runs nbval over notebooks/; those in SLOW are slow tests."""
    options = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]
    assert "notebooks" in options["ini_options"]["testpaths"]
    assert "--nbval" in options["ini_options"]["addopts"]
    assert {f"{name}.ipynb" for name in ("start", "data", "method")}.isdisjoint(conftest().SLOW)


def test_start_leads_to_every_notebook():
    text = notebook("start").cells[0].source
    linked = set(re.findall(r"\]\((\w+)\.ipynb\)", text))
    assert linked == {path.stem for path in FOLDER.glob("*.ipynb")} - {"start"}
    for picture in re.findall(r"\]\((\S+\.svg)\)", notebook("start").cells[1].source):
        assert (FOLDER / picture).is_file()


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


WAYS = ("ikmplan notebooks", "ikmplan run", "papermill --engine ikmplan")  # to another language


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["ikmplan", "nbclient"])
def test_the_text_is_translated_or_the_first_output_states_how(engine, tmp_path):
    """papermill's own engine cannot translate; the numbers are the same by both."""
    out = tmp_path / "out.ipynb"
    words = ("-p", "data", "data/toy", "-p", "language", "id", "-p", "reasons", "False")
    words = ("notebooks/plan.ipynb", str(out), "--engine", engine, *words, "--no-progress-bar")
    done = run("papermill", *words)
    assert done.returncode == 0, done.stderr
    made = nbformat.read(out, as_version=4)
    prose = "".join(cell.source for cell in made.cells if cell.cell_type == "markdown")
    printed = [o.text for cell in made.cells for o in cell.get("outputs", []) if "text" in o]
    if engine == "ikmplan":
        assert "Who is reached" not in prose and "terjangkau" in prose and not printed
    else:
        assert "Who is reached" in prose
        assert all(way in printed[0] for way in WAYS)
    assert "13,2 dari 30 unit IKM" in executed(out)


@pytest.mark.slow
def test_scenarios_takes_another_grid_and_other_data(tmp_path):
    """The toy's purse holds 80 million: 40 million buy the full baking class, 10 units."""
    scenario = tmp_path / "params" / "toy.yaml"
    scenario.parent.mkdir()
    scenario.write_text(f"name: toy\ndata: {ROOT / 'data' / 'toy'}\n")
    out = tmp_path / "out.ipynb"
    words = ("-p", "params", str(scenario), "-p", "budgets", "40000000,80000000")
    words = (*words, "-p", "floors", "0,0.3", "-p", "gap", "0", "--no-progress-bar")
    done = run("papermill", "notebooks/scenarios.ipynb", str(out), *words)
    assert done.returncode == 0, done.stderr
    shown = executed(out)
    assert "10.0" in shown and "13.2" in shown and "no plan" in shown
    assert (tmp_path / "runs" / "toy sweep" / "coverage.parquet").is_file()


# --- the suite in a language --------------------------------------------------------------


@pytest.mark.parametrize("place", ["buku", "kantor/medan/buku"])
def test_every_prose_cell_is_written_in_the_language(place, tmp_path):
    """Code differs in the default language only; links to other files lead to the same ones."""
    made = write_notebooks(FOLDER, tmp_path / place, "id", overwrite=False)
    assert {path.name for path in made} == {path.name for path in FOLDER.glob("*.ipynb")}
    for path in made:
        nb, english = (nbformat.read(one, 4) for one in (path, FOLDER / path.name))
        nbformat.validate(nb)
        for new, old in zip(nb.cells, english.cells, strict=True):
            if new.cell_type == "markdown":
                assert new.source != old.source.strip(), f"{path.name}, {new.id}: untranslated"
                for link in re.findall(r"\]\(([^)#:]+)\)", new.source):
                    assert (path.parent / link).exists(), link
            else:
                given = dict.fromkeys(new.source.splitlines())
                added = [line for line in given if line not in old.source.splitlines()]
                assert new.outputs == []
                assert all(re.match(r"language: |from ikmplan.notebook|prose_is", a) for a in added)


def test_a_notebook_with_other_content_is_not_replaced(tmp_path):
    """Nothing is written then; the same again is no fault; `overwrite` replaces it."""
    (tmp_path / "plan.ipynb").write_text("mine")
    with pytest.raises(BadInput, match=r"plan\.ipynb"):
        write_notebooks(FOLDER, tmp_path, "id", overwrite=False)
    assert [path.name for path in tmp_path.iterdir()] == ["plan.ipynb"]
    write_notebooks(FOLDER, tmp_path, "id", overwrite=True)
    write_notebooks(FOLDER, tmp_path, "id", overwrite=False)
    with pytest.raises(BadInput, match=r"start\.ipynb"):
        write_notebooks(FOLDER, FOLDER, "id", overwrite=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["start", "method", "explore"])
def test_a_notebook_written_in_the_language_runs(name, tmp_path, monkeypatch):
    """By plain nbclient, as JupyterLab runs it; it prints of no other language."""
    done = run("ikmplan.cli", "notebooks", str(tmp_path / "buku"))
    assert done.returncode == 0 and "start.ipynb" in done.stdout, done.stderr
    monkeypatch.setenv("IKMPLAN_PARAMS", toy_scenario(tmp_path))
    shown = outputs_by_nbclient(tmp_path / "buku" / f"{name}.ipynb")
    assert WAYS[0] not in shown
    word = {"start": "", "method": "6,4", "explore": "Cakupan minimal"}[name]
    assert word in shown


PROGRAMS = {
    "papermill": ("papermill", "--no-progress-bar", "{source}", "{made}"),
    "execute": ("jupyter", "execute", "{source}", "--output={made}"),
    "nbconvert": ("nbconvert", "--execute", "--to=notebook", "--output={made}", "{source}"),
}


# of explore.ipynb: what is in its pictures depends on how far the search is when they are shown
STEADY = {"explore": ("controls", "values")}


LOST_REPLY = (
    "the program waits for a reply that it has lost, while the kernel is idle: nbclient answers an "
    "Output widget on the socket that it reads (docs/decisions/workbench.md)"
)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["data", "method", "explore"])
def test_every_program_that_executes_notebooks_gets_the_same_twice(name, tmp_path, monkeypatch):
    """In the folder of a project, each program in both languages, and each on what the program
    before it left, which was in the other language: papermill (id), jupyter execute (en), nbconvert
    (id), papermill (en), ... `method` solves the toy case, `data` reads Medan's."""
    (tmp_path / "data").symlink_to(ROOT / "data")
    for lang in ("id", "en"):
        write_notebooks(FOLDER, tmp_path / lang, lang, overwrite=False)
    shown: dict[str, list[dict[str, Any]]] = {"id": [], "en": []}
    left: list[nbformat.NotebookNode] = []
    for n, program in enumerate([*PROGRAMS, *PROGRAMS]):
        lang = ("id", "en")[n % 2]
        monkeypatch.setenv("IKMPLAN_PARAMS", toy_scenario(tmp_path, lang))
        source, made = (tmp_path / lang / f"{name}{end}.ipynb" for end in ("", f"-{n}"))
        nbformat.write(with_outputs(nbformat.read(source, 4), left), source)
        words = (word.format(source=source, made=made) for word in PROGRAMS[program])
        try:
            done = run(*words, folder=tmp_path / lang, timeout=240)
        except subprocess.TimeoutExpired:
            if name != "explore":  # the only one with an Output widget
                raise
            pytest.skip(LOST_REPLY)
        assert done.returncode == 0, done.stderr
        left = nbformat.read(made, 4).cells
        assert [c.execution_count for c in left if c.cell_type == "code"] == [
            *range(1, len(code(name)) + 1)
        ]
        outputs = {c.id: steady_data(c.get("outputs", [])) for c in left}
        steady = STEADY.get(name, outputs)
        shown[lang].append({c: o for c, o in outputs.items() if c in steady and any(o)})
    for first, *others in shown.values():
        assert first and len(others) == 2 and all(other == first for other in others)
    assert shown["id"][0] != shown["en"][0]


def with_outputs(
    nb: nbformat.NotebookNode, left: list[nbformat.NotebookNode]
) -> nbformat.NotebookNode:
    """A notebook with the outputs that the cells of another run of it have."""
    outputs = {cell.id: cell.outputs for cell in left if cell.cell_type == "code"}
    for cell in nb.cells:
        if cell.id in outputs:
            cell.outputs = outputs[cell.id]
    return nb


def steady_data(outputs: list[Any]) -> list[Any]:
    """The data of outputs without the numbers of widgets, which differ between kernels."""
    return [{k: v for k, v in o.get("data", {}).items() if k != WIDGET} for o in outputs]


@pytest.mark.slow
def test_explore_names_the_notebooks_in_the_language_of_its_scenario(tmp_path, monkeypatch):
    monkeypatch.setenv("IKMPLAN_PARAMS", toy_scenario(tmp_path))
    assert WAYS[0] in outputs_by_nbclient(FOLDER / "explore.ipynb")


def toy_scenario(folder: Path, lang: str = "id") -> str:
    path = folder / "toy.yaml"
    path.write_text(f"data: {ROOT / 'data' / 'toy'}\nlanguage: {lang}\n")
    return str(path)


def outputs_by_nbclient(path: Path) -> str:
    nb = nbformat.read(path, 4)
    NotebookClient(nb, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}).execute()
    return json.dumps([cell.get("outputs", []) for cell in nb.cells], ensure_ascii=False)


def test_a_misspelt_parameter_of_any_notebook_is_named_once_beside_the_nearest():
    """Also where it is like one that the function does not take; `language` is one of its own."""

    def grid(budgets: list, language: str) -> None: ...

    cell = "budgets = []\nlanguage = 'en'\nruns = ''"
    given = {"budgets": [], "language": "en", "runs": ""}
    for name, fix in (
        ("zzz", "The parameters are: budgets, language, runs."),
        ("rusn", "mean runs?"),
    ):
        cells = ["", cell, f"# Parameters\n{name} = 1"]
        with language("en"), pytest.raises(BadInput, match=re.escape(fix)):
            arguments({"In": cells, **given, name: 1}, grid, "runs")
