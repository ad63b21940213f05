"""Scenarios -> executed notebooks, pages and tables, each in a folder of its own.

Everything is checked before anything is written. Results are made in a hidden
folder beside their place and moved there whole: a reader finds the old ones or the
new ones, and a failed run leaves the old ones alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from ikmplan.case import Case, make_case
from ikmplan.demands import demand_warnings
from ikmplan.index import write_index
from ikmplan.notebook import RUN_FOLDER, Failed, execute, read, to_html, translated, write
from ikmplan.scenario import Scenario, make_scenario, write_atomic
from ikmplan.sheets import BadInput, Fault
from ikmplan.tables import check, read_tables
from ikmplan.text import _
from ikmplan.yaml_file import read_values

if TYPE_CHECKING:
    from ikmplan.plan import Plan

NOTEBOOK = Path("notebooks", "plan.ipynb")
# what a run leaves in its folder; the manifest goes first and comes last
PIECES = ("manifest.json", "plan.ipynb", "plan.html", "plan.xlsx", "tables")
FAILED = "failed.ipynb"
FAILURE = "failed"
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
Say = Callable[[str], None]


class InUse(Failed):
    """An older result cannot be replaced."""


@dataclass(frozen=True)
class Job:
    """A scenario that was checked together with its tables."""

    params: Path
    case: Case
    base: Path  # the folder that the scenario's data path starts from
    notebook: Path

    @property
    def scenario(self) -> Scenario:
        return self.case.scenario

    @property
    def folder_name(self) -> str:
        return folder_name(self.scenario.name)


@dataclass(frozen=True)
class Result:
    """What a run made. `error` is None where the run succeeded."""

    name: str
    folder: Path
    status: str  # "proven", "feasible" or "failed"
    plan: Plan | None = None
    error: str | None = None


def run(params: str | Path, runs: str | Path = "runs", **options: Any) -> Result:
    """The results of one scenario file in `runs`/<name>; raises `BadInput` before writing."""
    return run_all([params], runs, **options)[0]


def run_all(
    params: Iterable[str | Path],
    runs: str | Path = "runs",
    *,
    notebook: str | Path | None = None,
    say: Say = lambda _said: None,
    on_result: Callable[[Result], None] = lambda _result: None,
) -> list[Result]:
    """The results of several scenarios; a fault in any of them stops all before any runs.

    `say` hears what is being done, `on_result` each result as soon as it is there.
    """
    jobs, faults = [], []
    for path in dict.fromkeys(Path(path) for path in params):
        try:
            jobs.append(prepare(path, notebook))
        except BadInput as error:
            faults += error.faults
    faults += _clashes(jobs, Path(runs))
    if faults:
        raise BadInput(faults)
    results = []
    for job in jobs:
        results.append(execute_job(job, Path(runs), say))
        on_result(results[-1])
    write_index(runs)
    return results


def prepare(params: str | Path, notebook: str | Path | None = None) -> Job:
    """Read and check a scenario with its tables; raises `BadInput` with every fault."""
    params = Path(params)
    values, rows = read_values(params)
    scenario = make_scenario(values, str(params), rows)
    base = data_base(scenario.data, params)
    case = make_case(read_tables(base / scenario.data), scenario, str(params), rows)
    return Job(params, case, base, Path(notebook) if notebook else find_notebook(params))


def faults_of(params: str | Path) -> list[Fault]:
    """Every fault and warning of a scenario and of its tables."""
    params = Path(params)
    try:
        values, rows = read_values(params)
        scenario = make_scenario(values, str(params), rows)
    except BadInput as error:
        return error.faults
    data = data_base(scenario.data, params) / scenario.data
    faults = check(data)
    if not any(not fault.warning for fault in faults):
        try:
            case = make_case(read_tables(data), scenario, str(params), rows)
            faults = [*demand_warnings(case, str(params), rows), *faults]
        except BadInput as error:
            faults = error.faults + faults
    return faults


def data_base(data: str, params: Path) -> Path:
    """The folder that a relative `data` starts from: the one in use, that of the scenario
    file, or one above them; the one in use where it is in none of them."""
    here, there = Path.cwd(), params.resolve().parent
    for folder in (here, *here.parents, there, *there.parents):
        if (folder / data).exists():
            return folder if folder != here else Path()
    return Path()


def find_notebook(params: Path) -> Path:
    """notebooks/plan.ipynb above the folder in use, above the scenario, or beside the package."""
    here, there = Path.cwd(), params.resolve().parent
    package = Path(__file__).resolve().parents[2]
    for folder in (here, *here.parents, there, *there.parents, package):
        if (folder / NOTEBOOK).is_file():
            return folder / NOTEBOOK
    said = _("is not found here, above the scenario file, or in ikmplan's own folder.")
    mend = _("Run the command in the folder of ikmplan.")
    raise BadInput([Fault(NOTEBOOK.as_posix(), None, None, None, said, mend)])


def folder_name(name: str) -> str:
    """A scenario's name as a folder that every system can hold: one part, not hidden."""
    said = unicodedata.normalize("NFC", name)
    said = re.sub(r'[<>:"/\\|?*\x00-\x1f\x7f]', "-", said).strip(" .")
    said = said.encode()[:150].decode(errors="ignore").strip(" .")
    if not said or RESERVED.fullmatch(said):
        said = f"_{said}"
    return said


def _clashes(jobs: list[Job], runs: Path) -> list[Fault]:
    """Scenarios whose results would lie where another's do."""
    faults = []
    taken: dict[str, str] = {}
    for job in jobs:
        folder = runs / job.folder_name
        key, name = job.folder_name.casefold(), job.scenario.name
        other = taken.get(key) or _name_in(folder)
        if key in taken or other not in (None, name):
            said = _(
                "would put its results into {folder}, where those of “{other}” belong.",
                folder=folder.as_posix(),
                other=other,
            )
            faults.append(
                Fault(str(job.params), None, "name", name, said, _("Choose another name."))
            )
        taken.setdefault(key, name)
    return faults


def _name_in(folder: Path) -> str | None:
    try:
        return str(json.loads((folder / "manifest.json").read_text("utf-8"))["scenario"]["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def execute_job(job: Job, runs: Path, say: Say) -> Result:
    """Execute the notebook for a checked scenario and put the results in their place."""
    from ikmplan.workbook import write_workbook

    name, scenario = job.folder_name, job.scenario
    runs.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=runs)).resolve()
    try:
        made = work / "made"
        made.mkdir()
        say(_("{name}: working out the plan …", name=scenario.name))
        plan = _execute(job, work, made)
        say(_("{name}: making the page …", name=scenario.name))
        html = to_html(read(made / "plan.ipynb"), scenario.language, scenario.name)
        (made / "plan.html").write_text(html, encoding="utf-8", newline="\n")
        write_workbook(made / "plan.xlsx", plan, job.case)
        write_manifest(job, plan, made)
        _publish(work, {piece: made / piece for piece in PIECES}, runs / name)
        return Result(scenario.name, runs / name, plan.proof.status, plan)
    except Failed as error:
        if (made / "plan.ipynb").exists() and not isinstance(error, InUse):
            _publish(work, {FAILED: made / "plan.ipynb"}, runs / name)
        return Result(scenario.name, runs / name, FAILURE, error=str(error))
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _execute(job: Job, work: Path, made: Path) -> Plan:
    from ikmplan.plan import load_plan

    scenario = job.scenario
    source = work / job.notebook.name
    write(translated(read(job.notebook), scenario.language), source)
    bar = {"desc": scenario.name, "unit": " " + _("cells"), "leave": False}
    execute(
        source,
        made / "plan.ipynb",
        scenario.model_dump(mode="json"),
        folder=job.base,
        environment={"IKMPLAN_LANGUAGE": scenario.language, RUN_FOLDER: str(made / "tables")},
        progress=bar if sys.stderr.isatty() else False,
    )
    try:
        plan = load_plan(made / "tables")
    except OSError:
        said = _("The notebook kept no plan; its last cell must be: keep(plan)")
        raise Failed("NoPlan", said) from None
    if plan.proof.fingerprint != job.case.fingerprint:
        said = _("The notebook's plan answers another scenario or other data than it was given.")
        raise Failed("NoPlan", said)
    return plan


def write_manifest(job: Job, plan: Plan, folder: Path) -> None:
    """manifest.json: what the results answer, by what, and the hash of each file."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    scenario = job.scenario.model_dump(mode="json")
    if PurePath(scenario["data"]).is_absolute():  # where it lay on this machine tells nobody
        scenario["data"] = PurePath(scenario["data"]).name
    about = {
        "scenario": scenario,
        "fingerprint": plan.proof.fingerprint,
        "status": plan.proof.status,
        "versions": plan.proof.versions,
        "files": {
            file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in files
        },
    }
    text = json.dumps(about, indent=2, ensure_ascii=False) + "\n"
    write_atomic(folder / "manifest.json", text.encode())


def _publish(work: Path, pieces: dict[str, Path], folder: Path) -> None:
    """Move the pieces into `folder`, each in place of its older self, or change nothing.

    The old ones go aside first: a file that is open in another program (Windows) stops
    the move before any new one has come.
    """
    folder.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=work))
    gone = list(pieces) if FAILED in pieces else [*pieces, FAILED]
    moves = [(folder / name, aside / name) for name in gone if (folder / name).exists()]
    # in reverse, so that the manifest comes when all is there
    moves += [(pieces[name], folder / name) for name in reversed(pieces)]
    done: list[tuple[Path, Path]] = []
    try:
        for old, new in moves:
            os.rename(old, new)
            done.append((old, new))
    except BaseException as error:
        for old, new in reversed(done):
            os.rename(new, old)
        if isinstance(error, OSError):
            said = _("{file} cannot be replaced; close it in other programs.", file=error.filename)
            raise InUse("NoPlan", said) from None
        raise
