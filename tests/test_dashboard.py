"""The planner's page: a state that never shows a wrong plan, its view, and the server."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from ikmplan import BadInput, audit, solve
from ikmplan.case import make_case
from ikmplan.dashboard import SETTINGS, State, open_state, page
from ikmplan.scenario import make_scenario, read_scenario
from ikmplan.text import language
from ikmplan.workbench import shown, typed

ROOT = Path(__file__).parents[1]
EXPLORE = [sys.executable, "-m", "ikmplan.cli", "explore"]
TOY = {"data": str(ROOT / "data" / "toy"), "language": "en"}


@pytest.fixture
def toy():
    state = State(make_scenario(TOY))
    assert state.wait(20)
    yield state
    state.close()


@pytest.fixture
def medan():
    state = State(read_scenario(ROOT / "params" / "medan-2022.yaml").changed(gap=0.02))
    yield state
    state.close()


def settled(state: State) -> State:
    assert state.wait(30)
    return state


# --- the state ---------------------------------------------------------------------------


def test_the_first_plan_is_that_of_a_batch(toy):
    case = make_case(toy.now.case.tables, toy.scenario)
    plan = solve(case)
    audit(toy.plan, case)
    assert toy.plan.proof == plan.proof
    assert toy.plan.cost == plan.cost
    assert not toy.busy and toy.none is None and toy.faults == ()
    assert toy.progress.gap <= toy.scenario.gap


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("budget", "40000000", 40_000_000),
        ("budget", "Rp 40.000.000", 40_000_000),
        ("budget", "", None),
        ("floor", "0.1", 0.1),
        ("equity", "0.5", 0.5),
        ("price_factor", "1.1", 1.1),
        ("trainer_factor", "0.9", 0.9),
    ],
)
def test_each_input_makes_the_plan_of_its_value(toy, name, text, value):
    assert toy.enter(name, text)
    assert getattr(toy.scenario, name) == value
    settled(toy)
    assert toy.plan.proof.fingerprint == toy.now.case.fingerprint
    assert toy.plan.proof.value == solve(toy.now.case).proof.value


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("budget", "many", "is not a number. Write it like 1500000000."),
        ("budget", "1.500", "It could mean two numbers: write 1500 or 1.5."),
        ("budget", "-5", "at least 0"),
        ("floor", "30%", "A share is not a percentage"),
        ("floor", "25", "from 0 to 1"),
        ("floor", "", "is not a number."),
        ("price_factor", "0", "above 0"),
    ],
)
def test_bad_input_is_told_and_changes_nothing(toy, name, text, said):
    scenario, plan = toy.scenario, toy.plan
    assert not toy.enter(name, text)
    (fault,) = toy.faults
    assert fault.column == name and said in f"{fault.said} {fault.mend}"
    assert toy.scenario is scenario and toy.plan is plan and not toy.busy
    assert toy.past == ()
    assert toy.change(budget=50_000_000)
    assert toy.faults == ()


def test_indonesian_numbers_are_read_as_they_are_written():
    with language("id"):
        assert typed("budget", "1.500.000.000") == 1_500_000_000
        assert typed("floor", "0,25") == 0.25
        with pytest.raises(BadInput, match=r"bukan angka\. Tulislah seperti 0,25\."):
            typed("floor", "0.25")
        with pytest.raises(BadInput, match=r"1\.500\.000\.000"):
            typed("budget", "1,500,000,000")


@pytest.mark.parametrize("code", ["id", "en"])
@pytest.mark.parametrize("value", [0, 7, 1500, 3_350_000_000, 0.25, 1.125, 12.5, 0.282, 1e-6, 1.0])
def test_a_number_shown_is_read_as_the_same(code, value):
    with language(code):
        assert typed("price_factor", shown(value)) == value


def test_undo_redo_and_reset(toy):
    first = toy.plan
    toy.undo()
    toy.redo()
    assert toy.plan is first
    toy.change(budget=50_000_000)
    toy.change(floor=0.1)
    second = settled(toy).plan
    toy.undo()
    assert (toy.scenario.budget, toy.scenario.floor) == (50_000_000, 0.0)
    settled(toy).undo()
    assert toy.scenario.budget is None and toy.plan is first  # from the cache, at once
    assert not toy.busy
    toy.redo()
    toy.redo()
    assert settled(toy).scenario.floor == 0.1
    assert toy.plan is second
    toy.reset()
    assert toy.scenario == toy.first.scenario and toy.plan is first
    toy.undo()
    assert toy.plan is second


def test_a_change_that_changes_nothing_is_none(toy):
    toy.change(budget=None, floor=0.0)
    assert toy.past == () and not toy.busy


def test_no_plan_gives_the_reasons_and_their_mend_works(toy):
    toy.change(floor=0.9)
    settled(toy)
    assert toy.plan is None and toy.progress is None
    (conflict,) = toy.none.conflicts
    need = next(need for need in conflict.needs if need.change)
    assert "Lower the floor" in need.mend
    toy.change(**need.change)
    settled(toy)
    assert toy.none is None
    assert toy.plan.coverage["coverage"].min() >= toy.scenario.floor - 1e-9


def test_the_reasons_speak_the_language_of_the_scenario(toy):
    toy.change(language="id", floor=0.9)
    assert "Turunkan" in settled(toy).none.conflicts[0].needs[0].mend


def test_what_breaks_is_told_and_the_next_change_works(toy):
    toy.change(solver="no_such_solver")
    settled(toy)
    assert toy.plan is None and "no_such_solver is not installed" in toy.now.trouble
    toy.undo()
    assert toy.plan is not None and not toy.now.trouble


def test_twenty_changes_in_a_second_end_on_the_last(medan):
    """Each budget has its own best plan; whatever is told on the way belongs to its setting."""
    wrong: list[str] = []

    def heard() -> None:
        now = medan.now
        if now.plan is not None and now.plan.proof.fingerprint != now.case.fingerprint:
            wrong.append(now.plan.proof.fingerprint)

    medan.observe(heard)
    for n in range(20):
        medan.change(budget=2_700_000_000 + n * 30_000_000)
        time.sleep(0.05)
    last = 2_700_000_000 + 19 * 30_000_000
    settled(medan)
    assert medan.scenario.budget == last
    assert medan.plan.scenario.budget == last
    assert 0.95 * last < medan.plan.cost <= last
    assert medan.progress.gap <= 0.02
    assert not wrong
    time.sleep(0.5)  # nothing that was superseded comes after
    assert medan.plan.scenario.budget == last and not medan.busy


def test_changes_from_many_threads_end_on_one_setting(toy):
    budgets = [30_000_000 + n * 1_000_000 for n in range(20)]
    threads = [threading.Thread(target=toy.change, kwargs={"budget": b}) for b in budgets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    settled(toy)
    assert toy.plan.scenario.budget == toy.scenario.budget
    assert len(toy.past) == 20


def test_a_plan_comes_before_its_proof_and_stop_keeps_it(medan):
    medan.change(gap=0.0)
    began = time.monotonic()
    while medan.plan is None:
        assert time.monotonic() - began < 20
        time.sleep(0.01)
    first = medan.progress
    assert medan.busy and 0 < first.gap < 0.05
    medan.stop()
    assert medan.wait(3)
    assert medan.now.stopped and medan.progress.gap <= first.gap
    assert medan.progress.value >= first.value
    audit(medan.plan, medan.now.case)


def test_reasons_are_not_waited_for_once_the_setting_is_another(medan):
    settled(medan)
    medan.change(floor=0.5)
    time.sleep(1.5)  # proven impossible by now; why takes longer
    began = time.monotonic()
    medan.undo()
    medan.change(budget=3_000_000_000)
    while medan.plan is None:
        assert time.monotonic() - began < 8
        time.sleep(0.01)
    assert medan.none is None


def test_two_states_in_one_process_do_not_collide(toy):
    other = State(make_scenario(TOY | {"budget": 40_000_000}))
    toy.change(budget=60_000_000)
    assert settled(other).plan.cost <= 40_000_000
    assert 40_000_000 < settled(toy).plan.cost <= 60_000_000
    other.close()


def test_save_writes_what_batch_reads_and_never_overwrites(toy, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params").mkdir()
    toy.change(budget=50_000_000)
    path = toy.save("mine")
    assert path == Path("params", "mine.yaml")
    made = read_scenario(path)
    assert made == toy.scenario.changed(name="mine")
    before = path.read_bytes()
    toy.change(budget=60_000_000)
    assert toy.save("mine") is None
    assert path.read_bytes() == before
    (fault,) = toy.faults
    assert fault.column == "name" and "already" in fault.said
    assert toy.save("../mine") is None
    assert toy.faults[0].column == "name"
    assert [file.name for file in (tmp_path / "params").iterdir()] == ["mine.yaml"]


# --- the page ----------------------------------------------------------------------------


def texts(widget) -> str:
    inner = "".join(map(texts, getattr(widget, "children", ())))
    said = getattr(widget, "value", "")
    return (said if isinstance(said, str) else "") + str(getattr(widget, "description", "")) + inner


def widgets(widget, kind: str) -> list:
    found = [widget] if type(widget).__name__ == kind else []
    return found + [w for child in getattr(widget, "children", ()) for w in widgets(child, kind)]


def test_the_page_shows_the_plan_and_follows_the_state(toy):
    box = page(toy)
    said = texts(box)
    assert "Proven" in said and "expected to reach" in said and "= Rp80 million" in said
    assert said.count("<img alt=") == 2
    assert "Limits with no room" in said
    toy.change(budget=40_000_000)
    settled(toy)
    field = widgets(box, "Text")[0]
    assert (field.description, field.value) == ("Budget (rupiah)", "40000000")
    assert widgets(box, "FloatSlider")[0].value == 40
    assert "of 30 IKM units" in texts(box) and "= Rp40 million" in texts(box)


def test_fields_and_sliders_change_the_state(toy):
    box = page(toy)
    for field, slider, setting in zip(
        widgets(box, "Text"), widgets(box, "FloatSlider"), SETTINGS, strict=False
    ):
        assert field.description
        before = setting.value(toy.now.case)
        slider.value = slider.min + slider.step
        moved = setting.value(settled(toy).now.case)
        assert moved == pytest.approx((slider.min + slider.step) * setting.scale)
        assert field.value == shown(moved)
        field.value = shown(before)
        assert setting.value(settled(toy).now.case) == before


def test_a_fault_stands_beside_its_field_and_what_was_typed_stays(toy):
    box = page(toy)
    field = widgets(box, "Text")[0]
    field.value = "lots"
    assert "“lots” is not a number." in texts(box)
    assert field.value == "lots"
    field.value = "50000000"
    assert "is not a number" not in texts(box)
    assert toy.scenario.budget == 50_000_000


def test_each_mend_is_a_button(toy):
    box = page(toy)
    toy.change(floor=0.9)
    settled(toy)
    (button,) = [b for b in widgets(box, "Button") if "Lower the floor" in b.description]
    button.click()
    assert settled(toy).plan is not None
    assert not [b for b in widgets(box, "Button") if "Lower the floor" in b.description]


def test_a_running_search_is_not_called_stopped(medan):
    medan.change(gap=0.0, language="en")
    box = page(medan)
    began = time.monotonic()
    while "from the best; the search goes on" not in texts(box):
        assert time.monotonic() - began < 20
        time.sleep(0.05)
    assert "stopped early" not in texts(box)
    medan.stop()
    settled(medan)
    assert "Stopped early: a better plan may exist" in texts(box)


# --- the notebook and the server ---------------------------------------------------------


def test_the_scenario_of_the_command_is_opened(monkeypatch, tmp_path):
    params = tmp_path / "toy.yaml"
    params.write_text(f"data: {(ROOT / 'data' / 'toy').as_posix()}\nlanguage: en\n")
    monkeypatch.setenv("IKMPLAN_PARAMS", str(params))
    state = open_state()
    assert settled(state).plan is not None
    again = open_state()
    assert state._observers == [] and settled(again).plan.cost == state.plan.cost
    again.close()


@pytest.fixture
def served(tmp_path):
    """The process of `ikmplan explore` on the toy case, and the address it prints."""
    shutil.copytree(ROOT / "data" / "toy", tmp_path / "data" / "toy")
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    (tmp_path / "toy.yaml").write_text("data: data/toy\nlanguage: en\n")
    process = subprocess.Popen(
        [*EXPLORE, "toy.yaml", "--no-browser", "--port", "18866"],
        cwd=tmp_path,
        env=os.environ | {"IKMPLAN_LANGUAGE": "en"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline()
    finally:
        process.kill()
        process.communicate()


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent otherwise there")
def test_explore_serves_the_page_to_whoever_has_the_token(served):
    process, said = served
    found = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S{20,}$", said.strip())
    assert found, process.stderr.read()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    with browser.open(found.group(), timeout=40) as answer:
        html = answer.read().decode()
        assert answer.status == 200
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "application/vnd.jupyter.widget-view+json" in html
    assert "open_state" not in html and "There was an error" not in html
    stranger = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    with stranger.open(found.group().split("?")[0], timeout=20) as answer:
        assert "/login" in answer.geturl()
    process.send_signal(signal.SIGINT)
    _out, told = process.communicate(timeout=20)
    assert process.returncode == 0
    assert told == "Stopped.\n"


def test_explore_of_a_faulty_scenario_says_so(tmp_path):
    (tmp_path / "bad.yaml").write_text("bugdet: 5\n")
    done = subprocess.run(
        [*EXPLORE, "bad.yaml", "--no-browser"],
        cwd=tmp_path,
        env=os.environ | {"IKMPLAN_LANGUAGE": "en"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "Did you mean budget?" in done.stderr and "Traceback" not in done.stderr
