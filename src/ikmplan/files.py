"""Where files are: found from the folder in use, named for every system, written whole."""

from __future__ import annotations

import os
import re
import secrets
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ikmplan.faults import BadInput, file_fault
from ikmplan.text import _

PACKAGE = Path(__file__).resolve().parent
PROJECT = PACKAGE.parents[1]  # the clone, where the package is not installed apart from it
TEMPLATES = PACKAGE / "templates"
NOTEBOOK = Path("notebooks", "plan.ipynb")
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def find(data: str | Path) -> Path:
    """`data`, looked for in the folder in use and then in those above it.

    A notebook runs in `notebooks/` under JupyterLab and in the project under
    papermill; the same relative path must serve both.
    """
    path = Path(data)
    if not path.is_absolute():
        here = Path.cwd()
        for folder in (here, *here.parents):
            if (folder / path).exists():
                return Path(os.path.relpath(folder / path))
    return path


def folder_name(name: str) -> str:
    """A scenario's name as a folder that every system can hold: one part, not hidden."""
    folder = unicodedata.normalize("NFC", name)
    folder = re.sub(r'[<>:"/\\|?*\x00-\x1f\x7f]', "-", folder).strip(" .")
    folder = folder.encode()[:150].decode(errors="ignore").strip(" .")
    return f"_{folder}" if not folder or RESERVED.fullmatch(folder) else folder


def folders_above(file: Path) -> list[Path]:
    """Those that a file lies in, from the innermost; of a link its own first, then those of
    what it leads to."""
    places = (Path(os.path.abspath(file)), file.resolve())
    return list(dict.fromkeys(folder for place in places for folder in place.parents))


def find_notebook(params: Path) -> Path:
    """notebooks/plan.ipynb above the folder in use, above the scenario, or beside the package."""
    here = Path.cwd()
    for folder in (here, *here.parents, *folders_above(params), PROJECT):
        if (folder / NOTEBOOK).is_file():
            return folder / NOTEBOOK
    message = _("is not found here, above the scenario file, or in ikmplan's own folder.")
    fix = _("Run the command in the folder of ikmplan.")
    raise BadInput([file_fault(NOTEBOOK.as_posix(), message, fix)])


def socket_folder() -> str | None:
    """A temporary folder whose name is short enough for the names of sockets in it, which may
    have 107 bytes; None where there is none. Batch systems make long ones for each job."""
    folders = (tempfile.gettempdir(), os.environ.get("XDG_RUNTIME_DIR"), "/tmp", "/var/tmp")
    for folder in filter(None, folders):
        short = len(os.fsencode(os.path.abspath(folder))) <= 60
        if short and os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK):
            return folder
    return None


def write_atomic(path: Path, content: bytes) -> None:
    """Write beside the target, then rename: a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with refusals_of(path):
        beside = path.with_name(f".{secrets.token_hex(8)}.tmp")
        try:
            with beside.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            _remove_unfinished(path.parent, beside.stat().st_mtime)
            os.replace(beside, path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise


@contextmanager
def refusals_of(path: Path) -> Iterator[None]:
    """What the system refuses inside is reported of `path`, the file of the user."""
    try:
        yield
    except OSError as error:
        if error.errno is not None:
            error.filename, error.filename2 = str(path), None
        raise


_UNFINISHED = re.compile(r"\.[0-9a-f]{16}\.tmp")
_LONG_AGO = 3600.0  # seconds: no file takes so long to write
_tidied: set[Path] = set()  # folders in which this process has looked


def _remove_unfinished(folder: Path, now: float) -> None:
    """Remove what `write_atomic` of a killed process left in the folder long before `now`, which
    is by the clock of that disk."""
    if folder.absolute() in _tidied:
        return
    _tidied.add(folder.absolute())
    for file in folder.glob(".*.tmp"):
        with suppress(OSError):  # another process was faster
            if _UNFINISHED.fullmatch(file.name) and now - file.stat().st_mtime > _LONG_AGO:
                file.unlink()
