"""Notebooks: translate their prose, execute them, make a page of them, keep their plan.

A markdown cell is one message of the catalogues. A page is one file that asks for
nothing else, so that it can be mailed and opened years later.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ikmplan import text

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from ikmplan.insight import Insight
    from ikmplan.plan import Plan

# nbformat imports jsonschema, which would compile a grammar of international addresses for a
# second in every process of a batch; notebooks have none to check
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

RUN_FOLDER = "IKMPLAN_RUN_FOLDER"  # where `keep` puts the plan; set by `ikmplan run`
ENGINE = "ikmplan"
MOMENTS = ("start_time", "end_time", "duration")
ADDED = {"injected-parameters", "papermill-error-cell-tag"}  # cells that papermill adds
# folders of what is kept beside the plan's tables
INSIGHT, PROGRAMME = "insight", "announced"
TEMPLATES = Path(__file__).parent / "templates"
# errors that are written for the user: their text says it all
IN_WORDS = {"AuditFailed", "BadInput", "Broken", "InUse", "KernelDied", "NoPlan", "Refused"}


class Failed(RuntimeError):
    """A notebook ended with an error; the message is in words where there are words for it."""

    def __init__(self, kind: str, said: str):
        self.kind = kind
        super().__init__(said if kind in IN_WORDS and said.strip() else f"{kind}: {said}")


def keep(plan: Plan, insight: Insight | None = None, programme: Plan | None = None) -> None:
    """Save the plan, its reasons and the announced programme for `ikmplan run`; anywhere else
    do nothing. A notebook's last call."""
    folder = os.environ.get(RUN_FOLDER)
    if not folder:
        return
    if insight is not None:
        insight.save(Path(folder) / INSIGHT)
    if programme is not None:
        programme.save(Path(folder) / PROGRAMME)
    plan.save(folder)


def counted(done: int, all_of_them: int) -> None:
    """Says in a notebook how many questions are answered; nothing is left once all are."""
    from IPython.display import clear_output

    clear_output(wait=done < all_of_them)  # type: ignore[no-untyped-call]
    if done < all_of_them:
        print(text._("Reasons: {done} of {n} questions answered", done=done, n=all_of_them))


def read(path: str | Path) -> NotebookNode:
    import nbformat

    nb: NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    return nb


def write(nb: NotebookNode, path: str | Path) -> None:
    Path(path).write_text(as_text(nb) + "\n", encoding="utf-8", newline="\n")


def as_text(nb: NotebookNode) -> str:
    import nbformat

    said: str = nbformat.writes(nb)  # type: ignore[no-untyped-call]
    return said


def msgids(nb: NotebookNode) -> list[str]:
    """The prose of the notebook, one message for each markdown cell."""
    sources = [cell.source.strip() for cell in nb.cells if cell.cell_type == "markdown"]
    return [source for source in sources if source]


def translated(nb: NotebookNode, language: str) -> NotebookNode:
    """A copy whose markdown cells speak `language`; code and outputs stay."""
    made = deepcopy(nb)
    with text.language(language):
        for cell in made.cells:
            if cell.cell_type == "markdown":
                cell.source = text._(cell.source.strip())
    return made


def execute(
    source: Path,
    target: Path,
    parameters: Mapping[str, Any],
    *,
    folder: Path,
    environment: Mapping[str, str],
) -> None:
    """Execute `source` into `target` with papermill, in `folder`, by this very Python.

    Raises `Failed`; `target` then holds what was done so far and the error. The same
    notebook, parameters and results give the same bytes.
    """
    import papermill
    from papermill.engines import papermill_engines

    from ikmplan.kernels import KernelEngine

    # also where ikmplan lies on the path without being installed
    papermill_engines.register(ENGINE, KernelEngine)
    try:
        papermill.execute_notebook(
            source,
            target,
            dict(parameters),
            engine_name=ENGINE,
            language="python",
            kernel_name="python3",
            progress_bar=False,
            request_save_on_cell_execute=False,  # saved once, at the end or at the error
            start_timeout=180,
            cwd=folder,
            # the debugger's warning on frozen modules is not for planners
            env={**os.environ, "PYDEVD_DISABLE_FILE_VALIDATION": "1", **environment},
        )
    except papermill.PapermillExecutionError as error:
        raise Failed(error.ename, error.evalue) from None
    except (RuntimeError, TimeoutError) as error:  # the kernel never started
        raise Failed(type(error).__name__, str(error)) from None
    finally:
        if target.exists():
            write(_settled(read(target), source.name, target.name), target)


def _settled(nb: NotebookNode, source: str, target: str) -> NotebookNode:
    """Without what differs from run to run (times, chance ids) and paths of this machine."""
    papermill = nb.metadata.papermill
    papermill.update(input_path=source, output_path=target)
    for moment in MOMENTS:
        papermill.pop(moment, None)
    for n, cell in enumerate(nb.cells):
        cell.metadata.pop("execution", None)
        for moment in MOMENTS:
            cell.metadata.get("papermill", {}).pop(moment, None)
        if ADDED & set(cell.metadata.get("tags", [])):
            cell.id = f"papermill-{n}"
    return nb


def title(nb: NotebookNode) -> str:
    """The first heading of the notebook, without its marks."""
    for cell in nb.cells:
        heading = re.search(r"^#\s+(.+)$", cell.source, re.MULTILINE)
        if cell.cell_type == "markdown" and heading:
            return re.sub(r"[*_`]", "", heading[1]).strip()
    return "ikmplan"


def to_html(
    nb: NotebookNode,
    language: str,
    name: str = "",
    made: date | None = None,
    at: str | None = None,
) -> str:
    """The notebook as one HTML page without code; it asks for no other address.

    A list of contents leads to the headings of the second rank. `made` is the day that
    the page says it was made on, today if left out; `at` the commit, that of this copy if
    left out.
    """
    heading = title(nb)
    prose = [cell for cell in nb.cells if cell.cell_type == "markdown"]
    with text.language(language):
        page = {
            "language": language,
            "title": f"{heading} – {name}" if name else heading,
            "footer": _css_string(f"{heading} – {name}" if name else heading),
            "first": prose[0].id if prose else "",
            "contents": _contents(prose),
            "contents_heading": text._("Contents"),
            "made": _made(made or date.today(), commit() if at is None else at),
        }
    html, _resources = _exporter().from_notebook_node(nb, {"page": page})
    return str(html)


@cache
def _exporter() -> Any:
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="page",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        embed_images=True,
    )
    exporter.config.NbConvertBase.display_data_priority = [
        "text/html",
        "text/markdown",
        "image/svg+xml",
        "image/png",
        "image/jpeg",
        "text/plain",
        "application/vnd.jupyter.widget-view+json",  # these two show nothing on a page
        "application/javascript",
    ]
    return exporter


def _contents(prose: list[Any]) -> list[tuple[str, str]]:
    """id and text of each heading of the second rank; the section of a cell bears its id."""
    found = [(cell.id, re.match(r"##\s+(.+)", cell.source)) for cell in prose]
    return [(id, re.sub(r"[*_`]", "", match[1]).strip()) for id, match in found if match]


def _css_string(said: str) -> str:
    """A text as CSS may hold it inside of a style element."""
    return '"' + "".join(c if c.isalnum() or c in " .,-" else f"\\{ord(c):x} " for c in said) + '"'


def _made(day: date, at: str) -> str:
    """When and by which program; the commit where it runs from a clone."""
    from babel.dates import format_date

    said = {
        "day": format_date(day, "long", locale=text.current_language()),
        "version": version("ikmplan"),
    }
    if at:
        return text._("Made on {day} with ikmplan {version}, commit {commit}.", commit=at, **said)
    return text._("Made on {day} with ikmplan {version}.", **said)


@cache
def commit() -> str:
    """The commit that this package runs from, with "+" where files differ; "" in no clone."""
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return ""
    try:
        found, changed = (
            subprocess.run(
                ["git", "-C", str(root), *words], capture_output=True, text=True, check=True
            ).stdout.strip()
            for words in (
                ("rev-parse", "--short=10", "HEAD"),
                ("status", "--porcelain", "-uno", "src"),
            )
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return found + ("+" if changed else "")
