"""A reviewer's four documents (page, workbook, index, comparison) of any status, in both languages:
no value beats its bound, nothing unproven is called proven, and all of them state the same numbers.
"""

from __future__ import annotations

import csv
import re
import shutil
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pages import Page, comparison_page, make_run
from small_cases import bakery, cluster, course, small_case, suit
from test_compare import failed, seal

from ikmplan import load, solve
from ikmplan.input.case import Case
from ikmplan.model.conflicts import NoPlan
from ikmplan.plan.plan import FEASIBLE, Plan, load_plan, relative_gap
from ikmplan.runs.index import write_index
from ikmplan.runs.page_parts import page_parts, words
from ikmplan.runs.read import read_beside, read_run
from ikmplan.runs.verify import verify
from ikmplan.text import LANGUAGES, _, language

pytestmark = pytest.mark.slow
TOY: dict[str, Any] = {"data": "data/toy", "gap": 0}
GOOD: dict[str, Any] = {"data": "tests/faults/good", "budget": 250_000_000}


def one_cluster() -> Case:
    return small_case(
        clusters=[cluster("bread", 10)],
        courses=[course("baking", 2, 10, cost_class=3_000_000)],
        course_suits=[suit("baking", "bread")],
    )


STATUSES: dict[str, dict[str, Any]] = {
    "proven": TOY | {"draws": 20},
    "loose gap": TOY | {"bound": 1.15},
    "stopped": TOY | {"bound": 1.07, "stopped": True, "draws": 20},
    "one cluster": {"case": one_cluster},
    "announced": GOOD | {"changes": 2},
    "no programme": TOY | {"reasons": False},
    "zero budget": TOY | {"budget": 0},
    "equity": TOY | {"equity": 0.5},
    "max-min": TOY | {"equity": 1},
    "weights": {"case": bakery},
    "least cost": TOY | {"goal": "cost", "target_reached": 9.0},
}
IMPOSSIBLE = TOY | {"floor": 1}


@dataclass(frozen=True)
class Documents:
    """What a reviewer gets of one scenario, and what it was made of."""

    runs: Path
    page: Page
    notebook: Any
    plan: Plan
    index: str
    comparison: str

    @property
    def code(self) -> str:
        return self.page.case.scenario.language

    @property
    def sheets(self) -> dict[str, list[list[Any]]]:
        book = load_workbook(self.runs / "asked" / "plan.xlsx")
        return {sheet.title: [[c.value for c in row] for row in sheet.rows] for sheet in book}


def as_files(case: Case, folder: Path) -> str:
    """The tables of a case as a folder of CSV files."""
    folder.mkdir(parents=True)
    for name, rows in vars(case.tables).items():
        if isinstance(rows, tuple) and rows:
            with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
                made = [{key: cell(value) for key, value in dict(row).items()} for row in rows]
                writer = csv.DictWriter(file, list(made[0]))
                writer.writeheader()
                writer.writerows(made)
    return folder.as_posix()


def cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (tuple, list, set, frozenset)):
        return " ".join(sorted(map(str, value)))
    return "" if value is None else value


def with_bound(case: Case, times: float, stopped: bool) -> Plan:
    """The best plan as a search would leave it that ended with a bound so much higher."""
    plan = solve(case)
    bound = plan.proof.value * times
    gap = relative_gap(plan.proof.value, bound)
    proof = replace(plan.proof, bound=bound, gap=gap)
    proof = replace(proof, status=FEASIBLE) if stopped else replace(proof, asked=0.2)
    return replace(plan, proof=proof)


@pytest.fixture(scope="module", params=[(s, c) for s in STATUSES for c in LANGUAGES], ids="-".join)
def made(request, tmp_path_factory) -> Documents:
    status, code = request.param
    fields = dict(STATUSES[status])
    folder = tmp_path_factory.mktemp("office")
    build = fields.pop("case", None)
    if build is not None:
        case = build()
        asked = case.scenario.model_dump(exclude_defaults=True)
        fields = {**asked, "data": as_files(case, folder / "data")}
    times, stopped = fields.pop("bound", 0), fields.pop("stopped", False)
    fields |= {"name": "asked", "language": code}
    runs = folder / "runs"
    with pytest.MonkeyPatch.context() as patch:
        if times:
            patch.setattr("ikmplan.solve", lambda case: with_bound(case, times, stopped))
        page, notebook = make_run(
            runs, code, **{k: v for k, v in fields.items() if k != "language"}
        )
    plan = load_plan(runs / "asked" / "tables")
    seal(runs / "asked")
    with language(code):
        more = load(**fields | {"name": "other", "time_limit": 61})
        solve(more).save(runs / "other" / "tables")
        seal(runs / "other")
        no_plan(runs / "impossible", load(**IMPOSSIBLE))
        index = write_index(runs, code).read_text("utf-8")
    return Documents(runs, page, notebook, plan, index, comparison_page(code, runs))


def no_plan(folder: Path, case: Case) -> None:
    """A scenario whose demands cannot be met, as its run leaves it."""
    with pytest.raises(NoPlan) as reason:
        solve(case)
    assert reason.value.impossible
    failed(folder, str(reason.value))


def test_they_verify(made):
    (verdict,) = verify(made.runs / "asked")
    assert verdict.problems == () and not verdict.unchecked
