"""Executes the committed notebooks in English, in place: `python tools/notebooks.py`.

With `--check` nothing is written; the exit code is 1 where a notebook's outputs are
not what a run gives today. Everything that differs from run to run is left out, so
that a second run on the same machine writes the same bytes.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "notebooks"
NAMES = ("plan", "data", "method")
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def executed(path: Path) -> str:
    """The text of the notebook after a run from its own folder."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(
            {"tags": cell.metadata.tags} if "tags" in cell.metadata else {}
        )
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def main(words: list[str]) -> int:
    os.environ["IKMPLAN_LANGUAGE"] = "en"
    stale = []
    for name in [word for word in words if word != "--check"] or NAMES:
        path = FOLDER / f"{name}.ipynb"
        text = executed(path)
        if text != path.read_text(encoding="utf-8"):
            stale.append(path.name)
            if "--check" not in words:
                path.write_text(text, encoding="utf-8", newline="\n")
    print("changed:", ", ".join(stale) or "nothing")
    return 1 if stale and "--check" in words else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
