"""The prose of a notebook and its translation. A markdown cell is one message.

`write_notebooks` writes the whole suite in one language, for JupyterLab.
"""

from __future__ import annotations

import os
import re
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING

from ikmplan import text
from ikmplan.faults import BadInput, file_fault
from ikmplan.files import write_atomic

if TYPE_CHECKING:
    from nbformat import NotebookNode

OWN_PROSE = "ikmplan_prose"  # metadata of a notebook that `write_notebooks` wrote: its language
_IMPORT = re.compile(r"^from ikmplan\.notebook import (.*\bspeak\b.*)$", re.MULTILINE)
_PARAMETER = re.compile(r'^language: str = "\w+"', re.MULTILINE)
_FILE_LINK = re.compile(r"(?<=\]\()(\.\./[^)]*)(?=\))")


def msgids(nb: NotebookNode) -> list[str]:
    """The prose of the notebook, one message for each markdown cell."""
    sources = [cell.source.strip() for cell in nb.cells if cell.cell_type == "markdown"]
    return [source for source in sources if source]


def translated(nb: NotebookNode, language: str) -> NotebookNode:
    """A copy whose markdown cells are in `language`; code and outputs stay."""
    made = deepcopy(nb)
    with text.language(language):
        for cell in made.cells:
            if cell.cell_type == "markdown":
                cell.source = text._(cell.source.strip())
    return made


def write_notebooks(source: Path, folder: Path, language: str, overwrite: bool) -> list[Path]:
    """Each notebook of `source` in `folder`, not executed; prose, tables and charts in `language`.

    Their code is that of `source` but for the default of the parameter `language`. Raises
    `BadInput`, before anything is written, if one would replace a file with other content.
    """
    made = {
        folder / path.name: _in_language(path, folder, language)
        for path in sorted(source.glob("*.ipynb"))
    }
    same = folder.resolve() == source.resolve()
    taken = [
        path
        for path, content in made.items()
        if same or (not overwrite and path.exists() and path.read_bytes() != content)
    ]
    if taken:
        problem = text._("is there already, with other content.")
        fix = (
            text._("Name another folder.")
            if same
            else text._("Name another folder, or --overwrite.")
        )
        raise BadInput([file_fault(path.as_posix(), problem, fix) for path in taken])
    for path, content in made.items():
        write_atomic(path, content)
    return list(made)


def _in_language(path: Path, folder: Path, language: str) -> bytes:
    from ikmplan.notebook.execute import as_text, read

    def moved(link: re.Match[str]) -> str:
        target = os.path.relpath(path.parent.resolve() / link[0], folder.resolve())
        return target.replace(os.sep, "/")

    def imported(found: re.Match[str]) -> str:
        names = sorted({*found[1].split(", "), "prose_is"})
        return f'from ikmplan.notebook import {", ".join(names)}\n\nprose_is("{language}")'

    nb = translated(read(path), language)
    nb.metadata[OWN_PROSE] = language
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            cell.source = _FILE_LINK.sub(moved, cell.source)
        else:
            cell.outputs, cell.execution_count = [], None
            cell.source = _PARAMETER.sub(f'language: str = "{language}"', cell.source)
            cell.source = _IMPORT.sub(imported, cell.source)
    return f"{as_text(nb)}\n".encode()
