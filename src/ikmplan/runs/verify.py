"""Whether a finished run is what its program wrote, and whether the data of today agree.

`quick_problems` reads every file of a run: hashes, manifest, fingerprint, audit. It takes
milliseconds, so the index and the comparison ask it of every run. `verify` also makes page and
workbook again from the tables and compares them.
"""

from __future__ import annotations

import io
import json
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from ikmplan.faults import BadInput, file_fault
from ikmplan.input.case import Case
from ikmplan.plan.audit import find_breaches
from ikmplan.plan.plan import Plan
from ikmplan.runs.names import (
    FAILED,
    FAILURE,
    MANIFEST,
    PAGE,
    PLAN_NOTEBOOK,
    PLAN_WORKBOOK,
    TABLES_FOLDER,
    is_forms,
    read_json,
)
from ikmplan.runs.read import Run, read_beside, read_run, read_runs, why_no_case
from ikmplan.runs.write import as_json, asked_of, code_versions, seal_of
from ikmplan.text import _, language

# kinds of problems
FILES, DATA, AUDIT, CONTENT = "files", "data", "audit", "content"
# left beside a result by later runs that failed
LATER = (FAILED, FAILURE)


class Mismatch(NamedTuple):
    """Why a run does not verify."""

    kind: str
    text: str


@dataclass(frozen=True)
class RunVerdict:
    """What was found of one run; it verifies where there is no problem."""

    name: str
    folder: Path
    problems: tuple[Mismatch, ...]
    unchecked: str = ""  # why page and workbook were not made again


def verify(path: str | Path) -> list[RunVerdict]:
    """The verdict on the run in a folder, or on each run in a folder of runs.

    Raises `BadInput` where there is neither.
    """
    folder = Path(path)
    run = read_run(folder) if folder.is_dir() else None
    runs = read_runs(folder) if run is None else [run]
    if not runs:
        fix = _("Name runs/<name>, or the folder of all runs.")
        raise BadInput([file_fault(folder.as_posix(), _("holds no finished run."), fix)])
    return [_verdict(run) for run in runs]


def _verdict(run: Run) -> RunVerdict:
    problems = list(quick_problems(run))
    if run.plan is None or run.case is None or not run.current:
        return RunVerdict(run.name, run.folder, tuple(problems))
    if read_json(run.folder / MANIFEST).get("code") != code_versions()["code"]:
        unchecked = _(
            "made by another version of the program: page and workbook were not made again"
        )
        return RunVerdict(run.name, run.folder, tuple(problems), unchecked)
    with language(run.plan.scenario.language):
        content = list(_content_problems(run, run.plan, run.case))
    return RunVerdict(run.name, run.folder, (*problems, *content))


def quick_problems(run: Run) -> Iterator[Mismatch]:
    """Files that are not as they were written, data that have changed, rules that are broken."""
    about = read_json(run.folder / MANIFEST)
    yield from (Mismatch(FILES, text) for text in _file_problems(run.folder, about))
    if run.plan is None:
        yield Mismatch(FILES, run.error or _("There is no plan."))
        return
    yield from (Mismatch(FILES, text) for text in _manifest_problems(run.plan, about))
    if run.case is None:
        yield Mismatch(DATA, why_no_case(run.plan, run.folder))
    elif not run.current:
        text = _("{data} has changed since, or the program has.", data=run.plan.scenario.data)
        yield Mismatch(DATA, text)
    else:
        yield from (Mismatch(AUDIT, str(breach)) for breach in find_breaches(run.plan, run.case))


def _file_problems(folder: Path, about: dict[str, Any]) -> Iterator[str]:
    """Each file against its hash, the manifest against its own, and files that it does not list."""
    listed = about.get("files")
    if not isinstance(listed, dict):
        yield _("{file} is missing or cannot be read.", file=MANIFEST)
        return
    if about.get("seal") != seal_of(about) or (folder / MANIFEST).read_bytes() != as_json(about):
        yield _("{file} is not as it was written.", file=MANIFEST)
    for name, written in listed.items():
        try:
            content = (folder / name).read_bytes()
        except OSError:
            yield _("{file} is missing or cannot be read.", file=name)
            continue
        if sha256(content).hexdigest() != written:
            yield _("{file} is not as it was written.", file=name)
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    for name in sorted(there - {MANIFEST, *LATER, *listed}):
        if not is_forms(name):
            yield _("{file} is not a file of this run.", file=name)


def _manifest_problems(plan: Plan, about: dict[str, Any]) -> Iterator[str]:
    """What the manifest states of the plan, against the plan's own tables."""
    if not about:
        return  # it is missing, which is reported already
    proof = asdict(plan.proof)
    mine = {name: proof[name] for name in ("fingerprint", "status", "versions")}
    mine["scenario"] = json.loads(as_json(asked_of(plan.scenario)))
    for name, value in mine.items():
        theirs = about.get(name)
        if name == "scenario" and isinstance(theirs, dict):  # the plan may name another path
            theirs, value = theirs | {"data": ""}, value | {"data": ""}
        if theirs != value:
            yield _("{file} states something else of the plan: {what}.", file=MANIFEST, what=name)


def _content_problems(run: Run, plan: Plan, case: Case) -> Iterator[Mismatch]:
    """Page and workbook against what the tables give."""
    beside = read_beside(run.folder / TABLES_FOLDER, case)
    try:
        page = (run.folder / PAGE).read_text("utf-8")
        workbook = (run.folder / PLAN_WORKBOOK).read_bytes()
    except (OSError, UnicodeDecodeError):
        return  # its hash is reported already
    for text in _page_problems(page, run.folder / PLAN_NOTEBOOK, plan, case, beside):
        yield Mismatch(CONTENT, text)
    if not _same_sheets(workbook, _workbook(plan, case, beside)):
        text = _("{file} does not show what the tables give.", file=PLAN_WORKBOOK)
        yield Mismatch(CONTENT, text)


def _page_problems(
    page: str, notebook: Path, plan: Plan, case: Case, beside: dict[str, Any]
) -> Iterator[str]:
    """The page against its notebook, and each part in there against what the plan's tables give.

    A page of the office's own notebook need not have every part; what it has must be true, to the
    last digit of its words (the lines of a picture depend on the fonts of a machine).
    """
    from ikmplan.notebook.execute import read
    from ikmplan.notebook.html_page import to_html
    from ikmplan.report.summary import case_title
    from ikmplan.runs.page_parts import page_parts, without_numbers, words

    try:
        nb = read(notebook)
        again = to_html(nb, case.scenario.language, case_title(case))
        shown = "\n".join(_outputs(nb))
    except (OSError, ValueError, KeyError, AttributeError):
        return  # its hash is reported already
    if _undated(again) != _undated(page):
        yield _("{file} does not show its notebook.", file=PAGE)
    text = words(shown)
    masked = without_numbers(text)
    for name, mark, html in page_parts(plan, case, **beside):
        mine = words(html)
        wrong = bool(mark) and mark in shown and html not in shown
        if wrong or (mine not in text and without_numbers(mine) in masked):
            yield _("{file} does not show what the tables give: {what}.", file=PAGE, what=name)


def _outputs(nb: Any) -> Iterator[str]:
    """The HTML of every output of a notebook."""
    for cell in nb.cells:
        for output in cell.get("outputs", []):
            yield str(output.get("data", {}).get("text/html", ""))


def _undated(page: str) -> str:
    """The page without the day and the commit that it was made at."""
    return re.sub(r'(<p class="made">|<footer>\s*<p>)[^<]*', r"\1", page)


def _workbook(plan: Plan, case: Case, beside: dict[str, Any]) -> bytes:
    from ikmplan.workbook.plan_workbook import write_workbook

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, PLAN_WORKBOOK)
        write_workbook(path, plan, case, **beside)
        return path.read_bytes()


def _same_sheets(one: bytes, other: bytes) -> bool:
    """Whether two workbooks hold the same; how far each is compressed does not matter."""

    def contents(workbook: bytes) -> Iterable[tuple[str, bytes]]:
        with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
            return sorted((name, archive.read(name)) for name in archive.namelist())

    try:
        return contents(one) == contents(other)
    except (zipfile.BadZipFile, OSError):
        return False
