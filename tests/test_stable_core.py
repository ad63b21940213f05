"""What is always in becomes locks with one press on the planner's page, and undo takes it back."""

from __future__ import annotations

import re
from html import unescape

import pytest
from small_cases import cluster, course, small_case, suit
from test_sure_programmes import of_facts
from waiting import HUNG, until

from ikmplan import load, solve
from ikmplan.explore.widgets import PlannerPage, State
from ikmplan.input.case import Case
from ikmplan.input.scenario import make_scenario
from ikmplan.insight.processes import CORES
from ikmplan.uncertainty.answers import how_sure
from ikmplan.uncertainty.stability import STATE_NAMES, Stable, core_locks


@pytest.fixture(autouse=True)
def in_this_process(tmp_path, monkeypatch):
    monkeypatch.setenv("IKMPLAN_WORK", str(tmp_path / "work"))
    monkeypatch.setenv(CORES, "1")


def two_classes() -> Case:
    """Two classes of 4 bakers, each known to reach half of them; nothing is uncertain."""
    return of_facts(
        small_case(
            {"draws": 3, "language": "en"},
            clusters=[cluster("bread", 8)],
            courses=[course("baking", 4, 4)],
            course_suits=[suit("baking", "bread")],
        )
    )


def opened(case: Case) -> PlannerPage:
    state = State(case.scenario, case.tables)
    assert state.wait(HUNG)
    return PlannerPage(state)


def ask(page: PlannerPage, do: str) -> None:
    page.answer(page, {"do": do}, [])
    page._show()


def work_out(page: PlannerPage) -> None:
    ask(page, "core")
    assert page.state.others.wait(HUNG)
    page._show()


def text(page: PlannerPage) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", page.stays))


def test_what_is_always_in_becomes_locks_and_undo_takes_them_back():
    """Where nothing is uncertain every case's plan is the plan: two classes, at no cost."""
    page = opened(two_classes())
    assert "Find what stays in" in text(page) and "planning 3 cases again" in text(page)
    work_out(page)
    assert "Lock what is nearly always in (1)" in text(page)
    assert "it costs nothing, as this plan has it" in text(page)
    (name,) = re.findall('aria-label="([^"]*)"', page.stays)
    assert (
        unescape(name).startswith("Lock what is nearly always in (1): ") and "costs nothing" in name
    )
    before = page.state.scenario
    ask(page, "take_core")
    assert page.state.scenario.locks == ("baking @ bread >= 2",)
    assert page.state.wait(HUNG) and page.state.plan.reached == pytest.approx(4)
    page.state.undo()
    assert page.state.scenario == before
    page._show()
    assert "Lock what is nearly always in (1)" in text(page)  # what was found is still known
    page.state.set_language("id")
    page._show()
    assert "Tetapkan yang hampir selalu ada (1)" in text(page)
    page.state.set_language("en")
    page.state.redo()
    assert page.state.wait(HUNG)
    work_out(page)
    assert "Nothing more is in nearly every case's best plan." in text(page)
    assert 'aria-disabled="true"' in page.stays and "costs nothing" not in page.stays
    ask(page, "take_core")
    assert page.state.scenario.locks == ("baking @ bread >= 2",)
    page.state.close()


def test_the_page_finds_what_a_run_finds():
    case = load("data/toy", language="en", draws=4)
    page = opened(case)
    work_out(page)
    found = page.state.others.at_hand.stays
    run = how_sure(solve(case), case, workers=1)
    for table in ("core", "stability"):
        assert found.tables[table].equals(run.tables[table])
    columns = ["seed", "replanned", "unmet", "core_low", "core_high"]
    assert found.drawn[columns].equals(run.drawn[columns])
    assert len(found.stability)
    page.state.close()


def test_other_settings_end_the_work():
    """Of the 400 cases only the first few are planned again before the budget changes."""
    page = opened(load("data/toy", language="en", draws=400))
    others = page.state.others
    ask(page, "core")
    until(lambda: others.at_hand.planned > 0)
    page._show()
    assert "of 400 cases are planned again" in text(page) and "Stop planning again" in text(page)
    page.state.change(budget=50_000_000)
    assert page.state.others.wait(HUNG)
    assert all(known.planned < 400 and known.stays is None for known in others._answers.values())
    page.state.close()


def test_the_planner_may_end_the_work():
    page = opened(load("data/toy", language="en", draws=400))
    ask(page, "core")
    ask(page, "end_core")
    assert page.state.others.wait(HUNG)
    page._show()
    assert page.state.others.at_hand.stays is None and "Find what stays in" in text(page)
    page.state.close()


def test_the_core_holds_nothing_that_is_locked_already():
    """One of two classes is locked: two are more. Two are locked, or exactly two: nothing more."""
    rows = [Stable("training", "baking", "bread", 2, 1.0, 2)]
    for locks, left in (
        ([], ["baking @ bread >= 2"]),
        (["baking @ bread >= 1"], ["baking @ bread >= 2"]),
        (["baking @ bread <= 2"], ["baking @ bread >= 2"]),
        (["baking >= 5"], ["baking @ bread >= 2"]),  # of all places together
        (["baking @ bread >= 2"], []),
        (["baking @ bread = 2"], []),
    ):
        given = make_scenario({"data": "x", "locks": locks}).parsed_locks()
        assert core_locks(rows, given) == left


@pytest.mark.parametrize(
    ("share", "name"), [(0.95, "nearly always in"), (0.96, "nearly always in"),
                        (0.02, "hardly ever in")]
)  # fmt: skip
def test_no_share_of_the_draws_is_called_always_or_never(share, name):
    """38 of 40 are not all of them, and 1 of 40 is not none; nor is what 40 draws show certain."""
    assert STATE_NAMES[Stable("training", "baking", "bread", 2, share, 0).state] == name
