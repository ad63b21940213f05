"""A reviewer's four documents (page, workbook, index, comparison) of any status, in both languages:
no value beats its bound, nothing unproven is called proven, and all of them state the same numbers.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pages import Page, comparison_page, make_run
from small_cases import bakery, one_cluster
from test_compare import failed, seal
from test_text import catalogue

from ikmplan import load, solve, views
from ikmplan.input.case import Case
from ikmplan.input.rows import OPTIONAL, ROWS
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


STATUSES: dict[str, dict[str, Any]] = {
    "proven": TOY,
    "loose gap": TOY | {"gap": 0.2, "times": 1.15},
    "stopped": TOY | {"times": 1.07, "stopped": True, "reasons": True, "draws": 5},
    "one cluster": {"case": one_cluster},
    "announced": GOOD | {"changes": 2, "reasons": True},
    "zero budget": TOY | {"budget": 0},
    "equity": TOY | {"equity": 0.5},
    "max-min": TOY | {"equity": 1},
    "weights": {"case": bakery},
    "least cost": TOY | {"goal": "cost", "target_reached": 9.0},
}


@dataclass(frozen=True)
class Documents:
    """What a reviewer gets of one scenario, and what it was made of."""

    runs: Path
    page: Page
    notebook: Any
    plan: Plan
    index: str
    comparison: str
    why: str  # a scenario that cannot be planned has no plan

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
    for name, kind in ROWS.items():
        rows = getattr(case.tables, name)
        if rows or name not in OPTIONAL:
            with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, list(kind.model_fields))
                writer.writeheader()
                writer.writerows({key: cell(value) for key, value in dict(r).items()} for r in rows)
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
    status = FEASIBLE if stopped else plan.proof.status
    return replace(plan, proof=replace(plan.proof, bound=bound, gap=gap, status=status))


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
    times, stopped = fields.pop("times", 0), fields.pop("stopped", False)
    fields = {"reasons": False} | fields | {"name": "asked"}
    runs = folder / "runs"
    with pytest.MonkeyPatch.context() as patch:
        if times:
            patch.setattr("ikmplan.solve", lambda case: with_bound(case, times, stopped))
        page, notebook = make_run(runs, code, **fields)
    plan = load_plan(runs / "asked" / "tables")
    seal(runs / "asked")
    with language(code):
        other = load(**fields | {"language": code, "name": "other"})
        solve(other).save(runs / "other" / "tables")
        seal(runs / "other")
        with pytest.raises(NoPlan) as no_plan:
            solve(load(**TOY, language=code, floor=1))
        assert no_plan.value.impossible
        why = str(no_plan.value)
        failed(runs / "impossible", why)
        index = write_index(runs, code).read_text("utf-8")
    return Documents(runs, page, notebook, plan, index, comparison_page(code, runs), why)


# --- reading ---------------------------------------------------------------------------------


def value_of(text: str, code: str) -> float | None:
    """The number that a cell shows, "1.234,5%" as 1234.5; None where it shows none."""
    found = re.search(r"[-−]?\d[\d.,]*", text)
    if found is None:
        return None
    point, thousands = (",", ".") if code == "id" else (".", ",")
    return float(found[0].replace("−", "-").replace(thousands, "").replace(point, "."))


def tables(html: str) -> list[list[list[str]]]:
    """The tables of a page: rows of cells, each as its text; headings first."""
    found = []
    for table in re.findall(r"<table.*?</table>", html, re.DOTALL):
        rows = re.findall(r"<tr.*?</tr>", table, re.DOTALL)
        cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
        found.append([[flat(cell) for cell in row] for row in cells])
    return found


def flat(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def claims() -> list[str]:
    """How a sentence begins that states a proof of the plan, in the language in use."""
    texts = (
        "It is proven that no plan that keeps what is asked costs less than {bound}.",
        "It is proven that no plan within these limits reaches more than {bound} units.",
        "The plan is proven within {gap} of the best.",
        "No plan is better by more than that: this is proven.",
    )
    assert catalogue.translations().keys() >= set(texts)
    return [_(text).partition("{")[0] for text in texts]


def sheet_of(made: Documents) -> str:
    """The decision sheet of the page."""
    return re.search(r'<div class="ikmplan-sheet">.*?class="signatures"', made.page.html, re.S)[0]


def headline_of(made: Documents) -> str:
    return flat(re.findall(r"<p[^>]*>(.*?)</p>", sheet_of(made), re.DOTALL)[1])


# --- laws ------------------------------------------------------------------------------------


def test_they_verify(made):
    """Page and workbook are what the tables give, to the last digit."""
    (verdict,) = verify(made.runs / "asked")
    assert verdict.problems == () and not verdict.unchecked


def test_every_output_of_the_page_is_compared_with_the_tables(made):
    """So that one changed digit is found wherever it stands."""
    folder = made.runs / "asked"
    case = read_run(folder).case
    with language(made.code):
        parts = list(page_parts(made.plan, case, **read_beside(folder / "tables", case)))
    known = {words(part.html).strip() for part in parts}
    shown = {
        one.id: words(output.data.get("text/html", "")).strip()
        for one in made.notebook.cells
        if one.cell_type == "code" and "only-in-notebook" not in one.metadata.get("tags", [])
        for output in one.outputs
    }
    missing = [c for c, text in shown.items() if re.search(r"\d", text) and text not in known]
    assert missing == [], missing


def test_no_value_is_above_its_bound_as_printed(made):
    with language(made.code):
        most = {_("No plan can exceed")}
        least = {_("No plan costs less than")}
        values = {_("Value of the plan"), _("Expected to be reached"),
                  _("Reached by a plan of its own"), _("Reached by the nested plan")}  # fmt: skip
    compared = 0
    for html in (made.page.html, made.comparison):
        for head, *rows in filter(None, tables(html)):
            own = dict(row[:2] for row in rows if len(row) > 1)
            for name in most & own.keys():
                (value,) = (own[v] for v in values & own.keys())
                assert value_of(value, made.code) <= value_of(own[name], made.code)
                compared += 1
            for name in least & own.keys():
                (value,) = (own[v] for v in values & own.keys())
                assert value_of(value, made.code) >= value_of(own[name], made.code)
                compared += 1
            for bound in [n for n, heading in enumerate(head) if heading in most]:
                for n in [n for n, heading in enumerate(head) if heading in values]:
                    for row in rows:
                        pair = value_of(row[n], made.code), value_of(row[bound], made.code)
                        assert None in pair or pair[0] <= pair[1], (head, row)
                        compared += 1
    assert compared >= 1


def test_no_proof_without_a_proof(made):
    """A plan is called proven where its search was not stopped, and nowhere else: on the sheet, in
    the certificate, the index, the comparison and the workbook."""
    with language(made.code):
        yes, no, claimed = (
            {_("proven"), _("Proven")},
            {_("stopped early"), _("Stopped early")},
            claims(),
        )
        outcome, audit = _("Outcome"), _("Audit")
    proven = made.plan.proof.status != FEASIBLE
    certificate = [r[1] for t in tables(made.page.html) if [audit] in [r[:1] for r in t]
                   for r in t if r[0] == outcome]  # fmt: skip
    index = [r[1] for t in tables(made.index) for r in t if r[0] == "asked"]
    compared = [c for t in tables(made.comparison) for r in t for c in r
                if r[0].startswith("asked") and c in yes | no]  # fmt: skip
    *_others, last = made.sheets.values()  # the certificate
    book = [row[1] for row in last if row[0] == outcome]
    cells = [c for rows in made.sheets.values() for row in rows for c in row if isinstance(c, str)]
    for shown in (certificate, index, compared, book):
        assert shown and set(shown) <= (yes if proven else no), shown
    texts = [flat(made.page.html), " ".join(cells)]
    for text in texts:
        assert any(claim in text for claim in claimed) == proven


def test_the_headline_states_the_same_numbers_in_both_languages(made):
    """Of which `test_true_words` holds the English ones against the tables."""
    folder = made.runs / "asked"
    case = read_run(folder).case
    shown = []
    for code in LANGUAGES:
        with language(code):
            beside = read_beside(folder / "tables", case)
            del beside["others"], beside["reasons"]
            text = str(views.headline(made.plan, case, **beside))
        if code == made.code:
            assert flat(text) == headline_of(made)
        shown.append(sorted(value_of(n, code) for n in re.findall(r"\d[\d.,]*\d|\d", text)))
    assert shown[0] == shown[1]


def test_index_comparison_and_workbook_state_the_numbers_of_the_page(made):
    with language(made.code):
        frame = views.summary(made.plan, made.page.case).shown()
        mine = dict(zip(frame.iloc[:, 0], frame.iloc[:, 1], strict=True))
        (index,) = [r for t in tables(made.index) for r in t if r[0] == "asked"]
        reached = mine[_("IKM units expected to be reached")]
        assert reached in {cell.split(" ")[0] for cell in index}
        assert mine[_("Share of all IKM units")] in index
        figures = tables(made.comparison)[0]
        row = next(r for r in figures if r[0].startswith("asked"))
        for heading, name in {"money used": "Money used", "classes": "Classes",
                              "of all IKM units": "Share of all IKM units"}.items():  # fmt: skip
            assert row[figures[0].index(_(heading))] == mine[_(name)]
        assert row[figures[0].index(_("IKM units expected to be reached"))] == reached
        first = next(iter(made.sheets.values()))
        assert headline_of(made) in {flat(str(cell)) for row in first for cell in row}
        by_name = {row[0]: row[1] for row in first if len(row) > 1}
        for name in ("IKM units expected to be reached", "Money used", "Classes"):
            assert by_name[_(name)] == pytest.approx(value_of(mine[_(name)], made.code), abs=0.05)


def test_a_scenario_without_a_plan_has_its_reason_and_no_figure(made):
    for html in (made.index, made.comparison):
        (row,) = [r for t in tables(html) for r in t if r[0] == "impossible"]
        assert flat(made.why)[:40] in row[1]
    assert not (made.runs / "impossible" / "plan.html").exists()
