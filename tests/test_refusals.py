"""What the system refuses: one sentence that names a file of the user, nothing half-written."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from unittest.mock import Mock

import pytest
from test_batch import BAD, SOLVE, names, notebook, office, scenario

from ikmplan.batch import batch
from ikmplan.faults import refusal_of
from ikmplan.files import write_atomic
from ikmplan.runs.write import locked, publish

HOUR = 3600
__all__ = ["office"]


@pytest.fixture
def small_files():
    """Files of this process may not become larger than 64 KiB."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**16, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_that_becomes_too_large_is_named_and_leaves_nothing(tmp_path, small_files):
    file, runs = tmp_path / "index.html", tmp_path / "runs"
    (runs / ".making").mkdir(parents=True)
    with pytest.raises(OSError) as large:
        write_atomic(file, b"x" * 2**17)
    assert refusal_of(large.value).startswith(f"{file}: cannot be written")
    with pytest.raises(OSError) as large:
        publish(runs / ".making", runs / "mine", {"plan.html": b"x" * 2**17})
    assert refusal_of(large.value).startswith(f"{runs / 'mine'}: cannot be written")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["plan.html"]
    assert not (runs / "mine").exists()  # what is in .making is removed by who holds the lock


def test_a_run_whose_folder_is_removed_meanwhile_keeps_its_result(office):
    """The last cell removes the folder of runs, as a user may while a run goes on."""
    remove = 'import shutil; from pathlib import Path; shutil.rmtree(Path("runs").absolute())'
    made = notebook(office / "n.ipynb", SOLVE, "keep(plan)", remove)
    assert batch.run(scenario(office), "runs", notebook=made).error is None
    assert names(office / "runs") == {"index.html", "mine"}


def test_a_folder_of_runs_that_cannot_be_locked_is_named(tmp_path, monkeypatch):
    """On a disk that is read-only the system refuses a hidden file that no user has made."""
    lock_file = "ikmplan.runs.write.locket.lock_file"
    refused = PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "runs" / ".lock"))
    monkeypatch.setattr(lock_file, Mock(return_value=Mock(acquire=Mock(side_effect=refused))))
    with pytest.raises(OSError) as error, locked(tmp_path / "runs"):
        pass
    assert refusal_of(error.value).startswith(f"{tmp_path / 'runs'}: may not be read or written")


def test_a_folder_where_a_file_belongs_is_named(tmp_path):
    (tmp_path / "folder" / "x").mkdir(parents=True)
    (tmp_path / "file").touch()
    for target, where, problem in (
        (tmp_path / "folder", tmp_path / "folder", "is a folder and no file"),
        (tmp_path / "file" / "x", tmp_path / "file", "is there and is no folder"),
        (tmp_path / ("x" * 300), tmp_path / ("x" * 300), "has too long a name"),
    ):
        with pytest.raises(OSError) as refused:
            write_atomic(target, b"new")
        if os.name == "posix":
            assert refusal_of(refused.value).startswith(f"{where}: {problem}")
    assert sorted(names(tmp_path)) == ["file", "folder"]


def test_what_the_system_calls_otherwise_is_passed_on():
    assert refusal_of(OSError(errno.EIO, "Input/output error", "x")) == "x: Input/output error"
    assert refusal_of(OSError(errno.ENOSPC, "?")).startswith("A file: cannot be written: the disk")


def test_a_killed_write_is_cleared_by_the_next_one_and_a_running_one_is_not(tmp_path):
    """A write takes no hour: only a killed one is older. Other hidden files are not touched."""
    killed, running = tmp_path / ".0123456789abcdef.tmp", tmp_path / ".fedcba9876543210.tmp"
    others = [tmp_path / ".mine.tmp", tmp_path / "0123456789abcdef.tmp"]
    for file in (killed, running, *others):
        file.touch()
    for file in (killed, *others):
        before = file.stat().st_mtime - 2 * HOUR
        os.utime(file, (before, before))
    write_atomic(tmp_path / "new", b"")
    assert names(tmp_path) == {"new", *(file.name for file in (running, *others))}


def test_a_folder_that_cannot_be_written_fails_one_scenario_and_not_the_batch(office: Path):
    """Where the results of `taken` belong lies a file."""
    made = notebook(office / "notebooks" / "plan.ipynb", SOLVE + "keep(plan)")
    (office / "runs").mkdir()
    (office / "runs" / "taken").touch()
    files = [scenario(office, name, language="en") for name in ("taken", "mine")]
    options = batch.Options(workers=1)
    taken, mine = batch.run_all(files, office / "runs", options, notebook=made)
    assert (taken.error or "").startswith(f"{office / 'runs' / 'taken'}: is there and is no folder")
    assert mine.error is None
    assert not BAD & names(office / "runs" / "mine")
    assert [name for name in names(office / "runs") if name.endswith(".tmp")] == []
