"""The folder of runs: one run at a time, results whole or not at all, and which are done.

A result is made in a hidden folder beside its place and then moved there whole; a process
that is killed leaves only that folder, and the next one empties it. A result is done if its
manifest has the same identity: the hash of data, scenario, notebook and code.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import locket

from ikmplan.faults import UserError
from ikmplan.files import PACKAGE, refusals_of
from ikmplan.input.case import hash_of
from ikmplan.plan.plan import versions
from ikmplan.runs.names import FAILED, FAILURE, MANIFEST, PLAN_RECORD, read_json
from ikmplan.text import _

if TYPE_CHECKING:
    from ikmplan.input.scenario import Scenario

LOCK, MAKING = ".lock", ".making"


class InUse(UserError, RuntimeError):
    """A folder or file is in use by another program."""


@contextmanager
def locked(runs: Path) -> Iterator[Path]:
    """Lock `runs` for this process; yields an empty folder on the same disk.

    The system releases the lock when the process ends, however it ends.
    Raises `InUse` at once if another process holds it.
    """
    runs.mkdir(parents=True, exist_ok=True)
    lock = locket.lock_file(str((runs / LOCK).resolve()), timeout=0)
    try:
        with refusals_of(runs):
            lock.acquire()
    except locket.LockError:
        message = _(
            "Another run is working in {folder}. Wait until it ends, or name another folder with"
            " --runs.",
            folder=runs,
        )
        raise InUse(message) from None
    making = runs / MAKING
    try:
        shutil.rmtree(making, ignore_errors=True)  # of a run that was killed
        with refusals_of(runs):
            making.mkdir()
        yield making.resolve()
    finally:
        shutil.rmtree(making, ignore_errors=True)
        lock.release()


# identity ----------------------------------------------------------------------------------


@cache
def code_versions() -> dict[str, str]:
    """Versions of the libraries behind the numbers, and the hash of ikmplan's own files."""
    hashed = hashlib.sha256()
    for file in sorted(PACKAGE.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            hashed.update(file.relative_to(PACKAGE).as_posix().encode() + b"\0")
            hashed.update(hashlib.sha256(file.read_bytes()).digest())
    return versions() | {"code": hashed.hexdigest()[:16]}


def identity(fingerprint: str, *others: str) -> str:
    """The hash that two results share if they have the same input and code."""
    return hash_of([fingerprint, *others, code_versions()])


# results -----------------------------------------------------------------------------------


def is_done(folder: Path, wanted: str) -> bool:
    """Whether the folder holds the result of this identity, every file unchanged."""
    about = read_json(folder / MANIFEST)
    if about.get("identity") != wanted:
        return False
    try:
        return all(
            _hash((folder / file).read_bytes()) == known for file, known in about["files"].items()
        )
    except (OSError, KeyError, AttributeError):
        return False


def files_in(folder: Path) -> list[str]:
    """The files of a result, the manifest first."""
    return [MANIFEST, *read_json(folder / MANIFEST)["files"]]


def failure(folder: Path, wanted: str) -> str | None:
    """Why the run of this identity failed here before; None if it did not."""
    about = read_json(folder / FAILURE)
    return str(about.get("error")) if about.get("identity") == wanted else None


def forget_failure(folder: Path) -> None:
    for name in (FAILURE, FAILED):
        (folder / name).unlink(missing_ok=True)


def publish(making: Path, folder: Path, files: Mapping[str, bytes]) -> None:
    """Put files into their folder, in place of older ones with the same first part of the path.

    Raises `InUse` if an older one cannot be replaced, and `OSError` if nothing can be written
    there; then nothing has changed.
    """
    with refusals_of(folder):
        making.mkdir(parents=True, exist_ok=True)  # also where it was removed while a run went on
        work = Path(tempfile.mkdtemp(dir=making))
        for name, content in files.items():
            target = work / "made" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())  # what the manifest has a hash of must survive a power cut
    names = sorted({name.split("/")[0] for name in files}, key=lambda name: name != MANIFEST)
    move(work, {name: work / "made" / name for name in names}, folder)
    shutil.rmtree(work, ignore_errors=True)


def move(work: Path, pieces: dict[str, Path], folder: Path) -> None:
    """Move the pieces into `folder`, each in place of its older version, or change nothing.

    The old ones are moved away first: a file that is open in another program (Windows) stops
    the move before any new one is there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=work))
    # a result replaces an older failure
    gone = [*pieces] if FAILURE in pieces else [*pieces, FAILURE, FAILED]
    moves = [(folder / name, aside / name) for name in gone if (folder / name).exists()]
    # in reverse, so that the manifest comes last
    moves += [(pieces[name], folder / name) for name in reversed(pieces)]
    done: list[tuple[Path, Path]] = []
    try:
        for old, new in moves:
            os.rename(old, new)
            done.append((old, new))
    except BaseException as error:
        for before, after in reversed(done):
            os.rename(after, before)
        if isinstance(error, PermissionError) and os.access(folder, os.W_OK | os.X_OK):
            file = old if old.parent == folder else new
            message = _("{file} cannot be replaced; close it in other programs.", file=file)
            raise InUse(message) from None
        with refusals_of(folder):
            raise


def copy(folder: Path, names: Iterable[str], address: str) -> None:
    """Copy files of a folder to `address`/<its name>, anywhere that fsspec writes to.

    The first one is copied last, because it lists the others. If its copy is the same
    already, nothing is done. Raises `InUse` if nothing can be written there.
    """
    import fsspec

    first, *others = names
    try:
        system, root = fsspec.core.url_to_fs(address)
    except (ImportError, ValueError) as error:
        message = _("Nothing can be written to {address}: {reason}", address=address, reason=error)
        raise InUse(message) from None
    target = f"{root.rstrip('/')}/{folder.name}"
    with suppress(FileNotFoundError):
        if system.cat_file(f"{target}/{first}") == (folder / first).read_bytes():
            return
    for name in (*others, first):
        system.makedirs(f"{target}/{name}".rpartition("/")[0], exist_ok=True)
        system.put_file(str(folder / name), f"{target}/{name}")


def manifest(scenario: Scenario, wanted: str, files: Mapping[str, bytes]) -> bytes:
    """manifest.json: scenario, identity, status, versions, the hash of each file, and its own."""
    proof = json.loads(files[PLAN_RECORD])["proof"]
    about = {
        "scenario": asked_of(scenario),
        "fingerprint": proof["fingerprint"],
        "identity": wanted,
        "status": proof["status"],
        "versions": proof["versions"],
        "code": code_versions()["code"],
        "files": {name: _hash(files[name]) for name in sorted(files)},
    }
    return as_json({**about, "seal": seal_of(about)})


def asked_of(scenario: Scenario) -> dict[str, Any]:
    """The scenario as the manifest holds it, without a path of this machine."""
    asked = scenario.model_dump(mode="json")
    if PurePath(asked["data"]).is_absolute():
        asked["data"] = PurePath(asked["data"]).name
    return asked


def seal_of(about: Mapping[str, Any]) -> str:
    """The hash of what a manifest holds, but for its seal."""
    return _hash(as_json({key: value for key, value in about.items() if key != "seal"}))


def as_json(content: Any) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
