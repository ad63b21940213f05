"""The files of the planner's page: work in progress, uploaded workbooks, scenarios, reports.

Each browser tab has a secret key. Its work lies in a folder named after the hash of the key, in
the user's data directory, and only this user can read it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from ikmplan.explore.history import History, Session
from ikmplan.explore.state import State
from ikmplan.faults import BadInput, Fault, UserError, file_fault, refusal
from ikmplan.files import find, write_atomic
from ikmplan.input.case import Case
from ikmplan.input.load import make_case
from ikmplan.input.scenario import Scenario, make_scenario, read_scenario, write_scenario
from ikmplan.input.tables import read_tables
from ikmplan.plan.audit import AuditFailed, audit
from ikmplan.plan.plan import Plan, load_plan
from ikmplan.report.names import Pin
from ikmplan.text import _, current_language

FOLDER = "IKMPLAN_WORK"  # another place for work in progress
DAYS_KEPT = 30  # since the last change of the work
LARGEST_UPLOAD = 8_000_000  # bytes of a workbook; a message between page and kernel holds 10 MB
HISTORY = 100  # most steps that are written, before and after
_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Saved:
    """A planner's work as it was written, and when that was."""

    at: datetime
    session: Session

    @property
    def when(self) -> str:
        """Day and time in the current language."""
        from babel.dates import format_datetime

        return str(format_datetime(self.at, "d MMMM y, HH:mm", locale=current_language()))


class Work:
    """The folder of one tab's work."""

    def __init__(self, key: str):
        """Raises ValueError if the key is not of the form that the page makes."""
        if not _KEY.fullmatch(key):
            raise ValueError(key)
        # the hash does not reveal the key to other users who can list the folder
        self.folder = work_folder() / hashlib.sha256(key.encode()).hexdigest()[:32]

    @property
    def file(self) -> Path:
        return self.folder / "work.json"

    def keep(self, session: Session) -> None:
        """Write all of it, whole or not at all."""
        _make_private(self.folder)
        pins = []
        for pin in session.pins:
            place = self.folder / "pins" / pin.case.fingerprint[:32]
            if not (place / "plan.json").exists():
                pin.plan.save(place)
            scenario = pin.case.scenario.model_dump(mode="json")
            pins.append({"letter": pin.letter, "folder": place.name, "scenario": scenario})
        history = session.history
        about = {
            "scenario": session.scenario.model_dump(mode="json"),
            "firsts": [s.model_dump(mode="json") for s in session.firsts],
            "past": [s.model_dump(mode="json") for s in history.past[-HISTORY:]],
            "future": [s.model_dump(mode="json") for s in history.future[:HISTORY]],
            "pins": pins,
        }
        write_atomic(self.file, json.dumps(about, ensure_ascii=False).encode())

    def load(self) -> Saved | None:
        """The work that `keep` wrote; None if there is none or it cannot be used any more."""
        try:
            about = json.loads(self.file.read_text("utf-8"))
            at = datetime.fromtimestamp(self.file.stat().st_mtime).astimezone()
            scenario = _read_case(about["scenario"]).scenario
            firsts, past, future = (
                tuple(map(make_scenario, about[key])) for key in ("firsts", "past", "future")
            )
        except (OSError, ValueError, KeyError, TypeError):  # BadInput is a ValueError
            return None
        pins = tuple(filter(None, map(self._read_pin, about["pins"])))
        return Saved(at, Session(scenario, firsts, History(past, future), pins))

    def _read_pin(self, about: dict[str, Any]) -> Pin | None:
        """A pinned plan; None if it fails the audit, since the data may have changed."""
        try:
            case = _read_case(about["scenario"])
            plan = load_plan(self.folder / "pins" / about["folder"])
            audit(plan, case)
        except (OSError, ValueError, KeyError, TypeError, AuditFailed):
            return None
        return Pin(about["letter"], case, plan)

    def copy_from(self, other: Work) -> None:
        """Copy the other tab's work, with its uploads."""
        _make_private(self.folder)
        shutil.copytree(other.folder, self.folder, dirs_exist_ok=True)
        text = self.file.read_text("utf-8")
        write_atomic(self.file, text.replace(other.folder.name, self.folder.name).encode())

    def upload(self, name: str, content: bytes) -> Path:
        """The path of an uploaded workbook, in a folder of its own. Raises `BadInput`."""
        file_name = re.sub(r"[^\w .()-]", "-", Path(name.replace("\\", "/")).name).strip(" .")
        if Path(file_name).suffix.lower() not in (".xlsx", ".xlsm"):
            raise _refusal(name, _("is no Excel workbook (.xlsx)."), _("Save it as one in Excel."))
        if len(content) > LARGEST_UPLOAD:
            fix = _("Remove sheets and pictures that ikmplan does not read.")
            raise _refusal(name, _("is larger than 8 MB."), fix)
        folder = self.folder / "uploads" / hashlib.sha256(content).hexdigest()[:16]
        _make_private(folder)
        write_atomic(folder / file_name, content)
        return folder / file_name


def open_upload(state: State, work: Work, name: str, content: bytes) -> Path | None:
    """Open an uploaded workbook; None if it is faulty: `state.now.faults` holds the reasons."""
    try:
        path = work.upload(name, content)
    except BadInput as error:
        state.show_faults(error.faults)
        return None
    if state.choose(str(path)):
        return path
    path.unlink()
    return None


def _read_case(values: dict[str, Any]) -> Case:
    """The case of a scenario's values; its tables are read again."""
    scenario = make_scenario(values)
    return make_case(read_tables(find(scenario.data)), scenario)


def _refusal(name: str, problem: str, fix: str) -> BadInput:
    return BadInput([file_fault(Path(name).name, problem, fix)])


def work_folder() -> Path:
    given = os.environ.get(FOLDER)
    return Path(given) if given else user_data_path("ikmplan", appauthor=False) / "work"


def _make_private(folder: Path) -> None:
    """Make a folder that only this user can read."""
    folder.mkdir(parents=True, exist_ok=True)
    for place in (folder, *folder.parents):
        if place == work_folder().parent:
            break
        place.chmod(0o700)


def forget_old() -> None:
    """Remove work that was last changed more than `DAYS_KEPT` days ago."""
    for folder in work_folder().glob("*"):
        file = folder / "work.json"
        changed = (file if file.exists() else folder).stat().st_mtime
        if changed < time.time() - DAYS_KEPT * 86_400:
            shutil.rmtree(folder, ignore_errors=True)


class Saver:
    """Calls `save` in a thread of its own, for the latest session only."""

    def __init__(self, save: Callable[[], None]):
        self._save = save
        self._due = threading.Event()
        self._latest: Session | None = None
        threading.Thread(target=self._run, daemon=True).start()

    def due(self, session: Session) -> None:
        """Save soon, unless it is the same session as at the last call."""
        if session != self._latest:
            self._latest = session
            self._due.set()

    def _run(self) -> None:
        while True:
            self._due.wait()
            self._due.clear()
            try:
                self._save()
            except OSError as error:  # planning goes on with a full disk
                logging.getLogger(__name__).warning("work is not kept: %s", error)


# --- cases and scenarios to open ------------------------------------------------------------------


def cases() -> list[str]:
    """Folders and workbooks in data/, as a scenario names them."""
    return [
        f"data/{path.name}"
        for path in sorted(find("data").glob("*"))
        if (path / "clusters.csv").is_file()
        or (path.suffix == ".xlsx" and not path.name.startswith(("~", ".")))
    ]


def scenarios() -> list[str]:
    """The scenario files in params/."""
    return sorted(path.name for path in find("params").glob("*.yaml"))


# --- scenario files --------------------------------------------------------------------------


class Exists(UserError):
    """The file exists already, with other content."""

    def __init__(self, path: Path):
        self.path = path
        super().__init__(str(path))


def save(scenario: Scenario, name: str, overwrite: bool = False) -> Path:
    """The path params/<name>.yaml, written; an uploaded workbook is copied to data/<name>.xlsx.

    Raises `Exists` if a file with other content would be overwritten, and `BadInput` if a file
    cannot be written.
    """
    scenario = scenario.changed(name=name)
    root = find("params")
    path = root / f"{scenario.name}.yaml"
    uploaded = find(scenario.data).resolve().is_relative_to(work_folder().resolve())
    target = root.parent / "data" / f"{scenario.name}.xlsx"
    content = find(scenario.data).read_bytes() if uploaded else b""
    if uploaded:
        scenario = scenario.changed(data=f"data/{target.name}")
    unchanged = _file_equals(path, scenario)
    if not overwrite and path.exists() and not unchanged:
        raise Exists(path)
    if not overwrite and uploaded and target.exists() and target.read_bytes() != content:
        raise Exists(target)
    try:
        if uploaded:
            write_atomic(target, content)
        if not unchanged:
            write_scenario(scenario, path)
    except OSError as error:
        fault = Fault(str(root), None, "name", path.name, *refusal(error))
        raise BadInput([fault]) from None
    return path


def _file_equals(path: Path, scenario: Scenario) -> bool:
    try:
        return read_scenario(path).changed(name=scenario.name) == scenario
    except (BadInput, OSError):
        return False


# --- results ---------------------------------------------------------------------------------


def workbook(plan: Plan, case: Case, programme: Plan | None, folder: Path) -> bytes:
    """The Excel workbook of a plan."""
    from ikmplan.workbook.plan_workbook import write_workbook

    _make_private(folder)
    path = folder / "plan.xlsx"
    write_workbook(path, plan, case, programme=programme)
    return path.read_bytes()


def report(params: Path, language: str) -> bytes:
    """The HTML page that `ikmplan run` makes of a scenario file.

    It runs in a process of its own, so that the planner's page stays usable. Raises `UserError`.
    """
    root = params.resolve().parent.parent
    # it goes on where the page is left, which ends this kernel: a file takes what it prints
    with tempfile.TemporaryFile("w+", encoding="utf-8") as printed:
        done = subprocess.run(
            [sys.executable, "-m", "ikmplan.cli", "run", str(params.resolve())],
            cwd=root,
            env=os.environ | {"IKMPLAN_LANGUAGE": language},
            stdout=subprocess.DEVNULL,
            stderr=printed,
            start_new_session=True,
        )
        printed.seek(0)
        if done.returncode:
            raise UserError(printed.read().strip())
    return (root / "runs" / params.stem / "plan.html").read_bytes()
