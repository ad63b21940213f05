"""All notebooks written in one language, for JupyterLab, where no engine translates them."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ikmplan.faults import BadInput, file_fault
from ikmplan.files import write_atomic
from ikmplan.notebook.execute import as_text, read
from ikmplan.notebook.prose import OWN_PROSE, translated
from ikmplan.text import _

_IMPORT = re.compile(r"^from ikmplan\.notebook import (.*\bspeak\b.*)$", re.MULTILINE)
_PARAMETER = re.compile(r'^language: str = "\w+"', re.MULTILINE)
_FILE_LINK = re.compile(r"(?<=\]\()(\.\./[^)]*)(?=\))")


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
        problem = _("is there already, with other content.")
        fix = _("Name another folder.") if same else _("Name another folder, or --overwrite.")
        raise BadInput([file_fault(path.as_posix(), problem, fix) for path in taken])
    for path, content in made.items():
        write_atomic(path, content)
    return list(made)


def _in_language(path: Path, folder: Path, language: str) -> bytes:
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
