"""What outlives the page: work in progress, uploaded workbooks, scenario files, reports.

Each browser tab has a key of its own, which only that tab knows; its work lies in a folder
of that name in the user's own data directory, readable by nobody else. Nothing here holds a
widget or searches.
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
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from ikmplan.faults import BadInput, Fault, UserError
from ikmplan.files import find, write_atomic
from ikmplan.input.case import Case
from ikmplan.input.load import make_case
from ikmplan.input.scenario import Scenario, make_scenario, write_scenario
from ikmplan.input.tables import read_tables
from ikmplan.plan.audit import AuditFailed, audit
from ikmplan.plan.plan import Plan, load_plan
from ikmplan.report.names import Pin
from ikmplan.text import _, current_language

FOLDER = "IKMPLAN_WORK"  # another place for work in progress
DAYS_KEPT = 30  # work that nobody came back to is forgotten
LARGEST_UPLOAD = 8_000_000  # bytes of a workbook; a message between page and kernel holds 10 MB
HISTORY = 100  # steps that are kept
_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Saved:
    """Work as it was left."""

    at: datetime
    scenario: Scenario
    first: Scenario
    past: tuple[Scenario, ...]
    future: tuple[Scenario, ...]
    pins: tuple[Pin, ...]

    @property
    def when(self) -> str:
        """The moment in words."""
        from babel.dates import format_datetime

        return str(format_datetime(self.at, "d MMMM y, HH:mm", locale=current_language()))


class Work:
    """The folder of one tab's work."""

    def __init__(self, key: str):
        """Raises ValueError where the key is none of a page's."""
        if not _KEY.fullmatch(key):
            raise ValueError(key)
        # a name that does not tell the key to whoever lists the folder
        self.folder = work_folder() / hashlib.sha256(key.encode()).hexdigest()[:32]

    @property
    def file(self) -> Path:
        return self.folder / "work.json"

    def exists(self) -> bool:
        return self.file.is_file()

    def keep(
        self,
        scenario: Scenario,
        first: Scenario,
        past: tuple[Scenario, ...],
        future: tuple[Scenario, ...],
        pins: tuple[Pin, ...],
    ) -> None:
        """Write all of it, whole or not at all."""
        _private(self.folder)
        kept = []
        for pin in pins:
            place = self.folder / "pins" / pin.case.fingerprint[:32]
            if not (place / "plan.json").exists():
                pin.plan.save(place)
            kept.append({"letter": pin.letter, "folder": place.name, "scenario": _dump(pin.case)})
        about = {
            "scenario": scenario.model_dump(mode="json"),
            "first": first.model_dump(mode="json"),
            "past": [s.model_dump(mode="json") for s in past[-HISTORY:]],
            "future": [s.model_dump(mode="json") for s in future[:HISTORY]],
            "pins": kept,
        }
        write_atomic(self.file, json.dumps(about, ensure_ascii=False).encode())

    def load(self) -> Saved | None:
        """The work that `keep` wrote; None where there is none that can be used."""
        try:
            about = json.loads(self.file.read_text("utf-8"))
            at = datetime.fromtimestamp(self.file.stat().st_mtime).astimezone()
            scenario, first = make_scenario(about["scenario"]), make_scenario(about["first"])
            past, future = (
                tuple(make_scenario(values) for values in about[name])
                for name in ("past", "future")
            )
            make_case(read_tables(find(scenario.data)), scenario)
        except (OSError, ValueError, KeyError, TypeError):  # BadInput is a ValueError
            return None
        pins = tuple(filter(None, (self._pin(pin) for pin in about["pins"])))
        return Saved(at, scenario, first, past, future, pins)

    def _pin(self, kept: dict[str, Any]) -> Pin | None:
        """A pinned plan, audited again: the data may have changed since."""
        try:
            scenario = make_scenario(kept["scenario"])
            case = make_case(read_tables(find(scenario.data)), scenario)
            plan = load_plan(self.folder / "pins" / kept["folder"])
            audit(plan, case)
        except (OSError, ValueError, KeyError, TypeError, AuditFailed):
            return None
        return Pin(kept["letter"], case, plan)

    def copy_from(self, other: Work) -> None:
        """The other tab's work as this one's own, uploads and all."""
        _private(self.folder)
        shutil.copytree(other.folder, self.folder, dirs_exist_ok=True)
        text = self.file.read_text("utf-8")
        write_atomic(self.file, text.replace(other.folder.name, self.folder.name).encode())

    def upload(self, name: str, content: bytes) -> Path:
        """A workbook from the planner's computer, in a folder of its own."""
        message = re.sub(r"[^\w .()-]", "-", Path(name.replace("\\", "/")).name).strip(" .")
        if Path(message).suffix.lower() not in (".xlsx", ".xlsm"):
            raise _fault(name, _("is no Excel workbook (.xlsx)."), _("Save it as one in Excel."))
        if len(content) > LARGEST_UPLOAD:
            fix = _("Remove sheets and pictures that ikmplan does not read.")
            raise _fault(name, _("is larger than 8 MB."), fix)
        folder = self.folder / "uploads" / hashlib.sha256(content).hexdigest()[:16]
        _private(folder)
        write_atomic(folder / message, content)
        return folder / message


def _dump(case: Case) -> dict[str, Any]:
    return dict(case.scenario.model_dump(mode="json"))


def _fault(name: str, message: str, fix: str) -> BadInput:
    return BadInput([Fault(Path(name).name, None, None, None, message, fix)])


def work_folder() -> Path:
    given = os.environ.get(FOLDER)
    return Path(given) if given else user_data_path("ikmplan", appauthor=False) / "work"


def _private(folder: Path) -> None:
    """Make a folder that only this user can look into."""
    folder.mkdir(parents=True, exist_ok=True)
    for place in (folder, *folder.parents):
        if place == work_folder().parent:
            break
        place.chmod(0o700)


def forget_old(now: float | None = None) -> None:
    """Remove work that nobody came back to for a month."""
    limit = (now or time.time()) - DAYS_KEPT * 86_400
    if work_folder().is_dir():
        for folder in work_folder().iterdir():
            file = folder / "work.json"
            if (file if file.exists() else folder).stat().st_mtime < limit:
                shutil.rmtree(folder, ignore_errors=True)


class Saver:
    """Writes work in progress in a thread of its own, the last state of it only."""

    def __init__(self, save: Callable[[], None]):
        self._save = save
        self._due = threading.Event()
        self._seen: tuple[Any, ...] = ()
        threading.Thread(target=self._run, daemon=True).start()

    def due(self, *what: Any) -> None:
        if what != self._seen:
            self._seen = what
            self._due.set()

    def _run(self) -> None:
        while True:
            self._due.wait()
            self._due.clear()
            try:
                self._save()
            except OSError as error:  # a full disk is no reason to stop planning
                logging.getLogger(__name__).warning("work is not kept: %s", error)


# --- what there is to open ------------------------------------------------------------------


def cases() -> list[str]:
    """Folders and workbooks in data/, as a scenario names them."""
    folder = find("data")
    if not folder.is_dir():
        return []
    found = [
        path
        for path in sorted(folder.iterdir())
        if (path / "clusters.csv").is_file()
        or (path.suffix == ".xlsx" and not path.name.startswith(("~", ".")))
    ]
    return [f"data/{path.name}" for path in found]


def scenarios() -> list[str]:
    """The scenario files in params/."""
    folder = find("params")
    return sorted(p.name for p in folder.glob("*.yaml")) if folder.is_dir() else []


# --- scenario files --------------------------------------------------------------------------


class Exists(UserError):
    """There is such a file already, and it says something else."""

    def __init__(self, path: Path):
        self.path = path
        super().__init__(str(path))


def save(scenario: Scenario, name: str, overwrite: bool = False) -> Path:
    """Write params/<name>.yaml, from which a batch makes the same plan.

    An uploaded workbook goes to data/<name>.xlsx with it. Raises `Exists` where a file would
    be overwritten that says something else, and `BadInput` where it cannot be written.
    """
    scenario = scenario.changed(name=name)
    root = find("params")
    path = root / f"{scenario.name}.yaml"
    uploaded = find(scenario.data).resolve().is_relative_to(work_folder().resolve())
    target = root.parent / "data" / f"{scenario.name}.xlsx"
    content = find(scenario.data).read_bytes() if uploaded else b""
    if uploaded:
        scenario = scenario.changed(data=f"data/{target.name}")
    if not overwrite:
        for file, same in (
            (path, path.exists() and _file_equals(path, scenario)),
            (target, target.exists() and target.read_bytes() == content),
        ):
            if file.exists() and not same and (file == path or uploaded):
                raise Exists(file)
    try:
        if uploaded:
            write_atomic(target, content)
        if not (path.exists() and _file_equals(path, scenario)):
            write_scenario(scenario, path)
    except OSError as error:
        message = _("cannot be written.")
        fix = str(error.strerror or error)
        raise BadInput([Fault(str(root), None, "name", path.name, message, fix)]) from None
    return path


def _file_equals(path: Path, scenario: Scenario) -> bool:
    from ikmplan.input.scenario import read_scenario

    try:
        return read_scenario(path).changed(name=scenario.name) == scenario
    except (BadInput, OSError):
        return False


# --- results ---------------------------------------------------------------------------------


def workbook(plan: Plan, case: Case, programme: Plan | None, folder: Path) -> bytes:
    """The Excel workbook of a plan."""
    from ikmplan.workbook.plan_workbook import write_workbook

    _private(folder)
    path = folder / "plan.xlsx"
    write_workbook(path, plan, case, programme=programme)
    return path.read_bytes()


class Report(UserError):
    """A report that could not be made, in words."""


def report(params: Path, language: str) -> bytes:
    """Run the notebook for a scenario file, as `ikmplan run` does; the page it makes.

    In a process of its own: the page stays usable, and its solver free. Raises `Report`.
    """
    root = params.resolve().parent.parent
    done = subprocess.run(
        [sys.executable, "-m", "ikmplan.cli", "run", str(params.resolve())],
        cwd=root,
        env=os.environ | {"IKMPLAN_LANGUAGE": language},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    if done.returncode:
        raise Report(done.stderr.strip())
    return (root / "runs" / params.stem / "plan.html").read_bytes()
