"""The comparison of finished runs as an executed notebook and a page, beside the runs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ikmplan.case import find
from ikmplan.index import write_index
from ikmplan.notebook import execute, read, to_html, translated, write
from ikmplan.scenario import write_atomic
from ikmplan.sheets import BadInput, Fault
from ikmplan.sweeps import is_sweep
from ikmplan.text import _, current_language, language

NOTEBOOK = Path("notebooks", "compare.ipynb")


def compare(
    runs: str | Path = "runs",
    names: Sequence[str] = (),
    base: str | None = None,
    *,
    speak: str | None = None,
) -> Path:
    """Compare these scenarios (all, where none is named); returns the page `runs`/compare.html.

    The notebook compare.ipynb is left beside it, and the index of the runs is renewed. `speak`
    is the language, "id" or "en". Raises `Failed` where there is nothing to compare; older
    files then stay as they were.
    """
    runs = Path(runs)
    spoken = speak or current_language()
    source = find(NOTEBOOK)
    if not source.is_file():
        source = Path(__file__).parents[2] / NOTEBOOK
    if not source.is_file():
        mend = _("Run the command in the folder of ikmplan.")
        raise BadInput([Fault(NOTEBOOK.as_posix(), None, None, None, _("is not found."), mend)])
    with tempfile.TemporaryDirectory() as work:
        told, made = Path(work, "source", source.name), Path(work, source.name)
        told.parent.mkdir()
        write(translated(read(source), spoken), told)
        execute(
            told,
            made,
            {"runs": _from_here(runs), "names": list(names), "base": base, "language": spoken},
            folder=Path(),
            environment={"IKMPLAN_LANGUAGE": spoken},
        )
        nb = read(made)
        with language(spoken):
            html = to_html(nb, spoken)
        write_atomic(runs / NOTEBOOK.name, made.read_bytes())
    page = runs / "compare.html"
    write_atomic(page, html.encode())
    if not is_sweep(runs):
        write_index(runs, spoken)
    return page


def _from_here(runs: Path) -> str:
    """The folder as the notebook names it: no path of this machine, where that can be."""
    try:
        return Path(os.path.relpath(runs)).as_posix()
    except ValueError:  # another drive of Windows
        return runs.as_posix()
