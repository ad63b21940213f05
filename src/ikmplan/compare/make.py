"""The comparison of finished runs as an executed notebook and a page, beside the runs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ikmplan.faults import BadInput, file_fault
from ikmplan.files import PROJECT, find, write_atomic
from ikmplan.notebook.execute import execute, read
from ikmplan.notebook.html_page import prepare_pages, to_html
from ikmplan.runs.index import write_index
from ikmplan.runs.sweeps import is_sweep
from ikmplan.text import _, current_language, language

COMPARE_NOTEBOOK = Path("notebooks", "compare.ipynb")


def compare(
    runs: str | Path = "runs",
    names: Sequence[str] = (),
    base: str | None = None,
    *,
    code: str | None = None,
) -> Path:
    """Compare these scenarios (all, where none is named); returns the page `runs`/compare.html.

    The notebook compare.ipynb is left beside it, and the index of the runs is renewed. `code`
    is the language, "id" or "en". Raises `Failed` where there is nothing to compare; older
    files then stay as they were.
    """
    runs = Path(runs)
    chosen = code or current_language()
    places = (find(COMPARE_NOTEBOOK), PROJECT / COMPARE_NOTEBOOK)
    source = next((path for path in places if path.is_file()), None)
    if source is None:
        message, fix = _("is not found."), _("Run the command in the folder of ikmplan.")
        raise BadInput([file_fault(COMPARE_NOTEBOOK.as_posix(), message, fix)])
    with tempfile.TemporaryDirectory() as work, ThreadPoolExecutor(1) as beside:
        beside.submit(prepare_pages)  # while the kernel works
        made = Path(work, source.name)
        execute(
            source,
            made,
            {"runs": _from_here(runs), "names": list(names), "base": base, "language": chosen},
            folder=Path(),
            environment={"IKMPLAN_LANGUAGE": chosen},
        )
        nb = read(made)
        with language(chosen):
            html = to_html(nb, chosen, landscape=True)
        write_atomic(runs / COMPARE_NOTEBOOK.name, made.read_bytes())
    page = runs / "compare.html"
    write_atomic(page, html.encode())
    write_index(runs.parent if is_sweep(runs) else runs, chosen)
    return page


def _from_here(runs: Path) -> str:
    """The folder as the notebook names it: no path of this machine, where that can be."""
    try:
        return Path(os.path.relpath(runs)).as_posix()
    except ValueError:  # another drive of Windows
        return runs.as_posix()
