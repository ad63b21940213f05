"""Executes the committed notebooks in English, in place: `python tools/notebooks.py`.

With `--check` nothing is written; the exit code is 1 where a notebook's outputs are
not what a run gives today. Everything that differs from run to run is left out, so
that a second run on the same machine writes the same bytes. The plans that *compare* reads
are made first, in a folder that is thrown away. The pictures of *start* are taken from the others.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from ikmplan import audit, load, solve
from ikmplan.explore.plan_pictures import STILLS, WIDGET
from ikmplan.explore.widgets import FIRST, PARAMS
from ikmplan.input.scenario import read_scenario, write_scenario
from ikmplan.notebook.engine import OUTPUTS
from ikmplan.runs.names import MANIFEST
from ikmplan.runs.write import manifest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "notebooks"
NAMES = (
    "start",
    "plan",
    "data",
    "method",
    "scenarios",
    "alternatives",
    "compare",
    "uncertainty",
    "explore",
)
PICTURES = {"plan": "coverage-chart", "scenarios": "all-chart", "compare": "gains-chart"}
WIDTH = 380  # pixels of the pictures in start.ipynb
COMPARED = ("medan-2022", "medan-2022-cut-25", "medan-2022-fair")
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    # whole but for the version: by it other programs know how to export and colour the code
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
    },
}


def make_runs(folder: Path) -> None:
    """The plans of COMPARED in `folder`/runs, from the tables in `folder`/data."""
    shutil.copytree(ROOT / "data", folder / "data")
    for name in COMPARED:
        scenario = read_scenario(ROOT / "params" / f"{name}.yaml")
        case = load(**scenario.model_dump() | {"data": str(ROOT / scenario.data)})
        plan = solve(case)
        audit(plan, case)
        made = folder / "runs" / name
        replace(plan, scenario=scenario).save(made / "tables")
        files = {
            path.relative_to(made).as_posix(): path.read_bytes()
            for path in made.rglob("*")
            if path.is_file()
        }
        (made / MANIFEST).write_bytes(manifest(scenario, "", files))


def executed(path: Path) -> str:
    """The text of the notebook after a run from its own folder; *compare*'s beside its runs."""
    if path.stem not in ("compare", "explore"):
        return _executed(path, path.parent)
    with tempfile.TemporaryDirectory() as folder:
        if path.stem == "explore":  # its pictures are in the language of the scenario
            english = read_scenario(ROOT / FIRST).changed(language="en")
            write_scenario(english, Path(folder, "english.yaml"))
            os.environ[PARAMS] = str(Path(folder, "english.yaml"))
            try:
                return _executed(path, path.parent)
            finally:  # the next notebook has its own
                del os.environ[PARAMS]
        make_runs(Path(folder))
        return _executed(path, Path(folder))


def _executed(path: Path, folder: Path) -> str:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook,
        timeout=1800,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )
    client.widget_registry = OUTPUTS
    client.execute()
    notebook.metadata = nbformat.from_dict(METADATA)  # without the state of widgets
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(
            {"tags": cell.metadata.tags} if "tags" in cell.metadata else {}
        )
        if cell.cell_type == "code":  # a widget that no kernel stands behind is nothing to read
            cell.outputs = [o for o in cell.outputs if WIDGET not in o.get("data", {})]
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def write_picture(name: str) -> None:
    """docs/pictures/start-<name>.svg: a chart of the notebook as start.ipynb shows it."""
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    (cell,) = (cell for cell in notebook.cells if cell.id == PICTURES[name])
    found = re.search(r"<svg.*</svg>", cell.outputs[0].data["text/html"], re.DOTALL)
    assert found, f"{name}.ipynb, {cell.id}: no picture"
    small = re.sub(r"width:\d+px", f"width:{WIDTH}px", found[0], count=1)
    target = ROOT / "docs" / "pictures" / f"start-{name}.svg"
    target.write_text(small + "\n", encoding="utf-8", newline="\n")


def main(words: list[str]) -> int:
    os.environ |= {"IKMPLAN_LANGUAGE": "en", STILLS: "1"}
    stale = []
    for name in [word for word in words if word != "--check"] or NAMES:
        path = FOLDER / f"{name}.ipynb"
        text = executed(path)
        if text != path.read_text(encoding="utf-8"):
            stale.append(path.name)
            if "--check" not in words:
                path.write_text(text, encoding="utf-8", newline="\n")
                if name in PICTURES:
                    write_picture(name)
    print("changed:", ", ".join(stale) or "nothing")
    return 1 if stale and "--check" in words else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
