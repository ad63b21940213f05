"""Notebooks read, written and executed; the engine translates their prose."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ikmplan.faults import UserError
from ikmplan.notebook.forkserver import own_environment

if TYPE_CHECKING:
    from nbformat import NotebookNode


# nbformat imports jsonschema, which would compile a grammar of international addresses for a
# second in every process of a batch; notebooks have none to check
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

ENGINE = "ikmplan"
MOMENTS = ("start_time", "end_time", "duration")
ADDED = {"injected-parameters", "papermill-error-cell-tag"}  # cells that papermill adds
# A kernel passes on an error as the name of its class: those of `faults.UserError`
FOR_READERS = {
    "AuditFailed",
    "BadInput",
    "InUse",
    "KernelDied",
    "NoPlan",
    "Refused",
    "SolverFailed",
}


class Failed(UserError, RuntimeError):
    """A notebook ended with an error; one meant for readers is shown without its class."""

    def __init__(self, kind: str, message: str):
        self.kind = kind
        for_readers = kind in FOR_READERS and message.strip()
        super().__init__(message if for_readers else f"{kind}: {message}")


def read(path: str | Path) -> NotebookNode:
    import nbformat

    nb: NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    return nb


def write(nb: NotebookNode, path: str | Path) -> None:
    Path(path).write_text(as_text(nb) + "\n", encoding="utf-8", newline="\n")


def as_text(nb: NotebookNode) -> str:
    import nbformat

    message: str = nbformat.writes(nb)  # type: ignore[no-untyped-call]
    return message


def execute(
    source: Path,
    target: Path,
    parameters: Mapping[str, Any],
    *,
    folder: Path,
    environment: Mapping[str, str],
    on_stage: Callable[[str], None] | None = None,
) -> None:
    """Execute `source` into `target` with papermill, in `folder`, by this Python.

    `on_stage` is called as a stage of `saving` begins.
    The same notebook, parameters and results give the same bytes. Raises `Failed`; `target`
    then holds the cells so far and the error.
    """
    import papermill
    from papermill.engines import papermill_engines

    from ikmplan.notebook.engine import KernelEngine

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
            on_stage=on_stage,
            env={
                **os.environ,
                **own_environment(),
                "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # no warning on frozen modules
                **environment,
            },
        )
    except papermill.PapermillExecutionError as error:
        raise Failed(error.ename, error.evalue) from None
    except (RuntimeError, TimeoutError) as error:  # the kernel never started
        raise Failed(type(error).__name__, str(error)) from None
    finally:
        if target.exists():
            write(_settled(read(target), source.name, target.name), target)


def _settled(nb: NotebookNode, source: str, target: str) -> NotebookNode:
    """Without what differs from run to run (times, random ids) and paths of this machine."""
    nb.metadata.papermill.update(input_path=source, output_path=target)
    for part in (nb, *nb.cells):
        for moment in MOMENTS:
            part.metadata.get("papermill", {}).pop(moment, None)
    for n, cell in enumerate(nb.cells):
        cell.metadata.pop("execution", None)
        if ADDED & set(cell.metadata.get("tags", [])):
            cell.id = f"papermill-{n}"
    return nb
