"""What else could be done, asked for on the planner's page: found, opened, undone, cancelled."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
from small_cases import cluster, course, fund, small_case, suit
from waiting import HUNG, until

from ikmplan import audit, solve
from ikmplan.alternatives.found import MORE, NESTED, OWN, decisions_of_plan, given_plan
from ikmplan.alternatives.money_elsewhere import elsewhere_share, money_by_place
from ikmplan.alternatives.similar_plans import NONE_LEFT
from ikmplan.alternatives.way import walk, way
from ikmplan.explore import asked_plans, panels, plan_panels
from ikmplan.explore.asked_plans import BEST, SIMILAR, WAY
from ikmplan.explore.snapshot import MOST_PRICED
from ikmplan.explore.state import State
from ikmplan.explore.widgets import page
from ikmplan.input.load import make_case
from ikmplan.input.scenario import make_scenario
from ikmplan.input.tables import read_tables
from ikmplan.model.distance import change_count, counts_of, kept_count
from ikmplan.plan.plan import PROVEN
from ikmplan.text import _, language

TOY = str(Path(__file__).parents[1] / "data" / "toy")
LESS = 40_000_000  # rupiah: one class of baking, or one of roasting with its machine


def opened(**scenario) -> State:
    state = State(make_scenario({"data": TOY, "language": "en"} | scenario))
    assert state.wait(HUNG)
    return state


@pytest.fixture
def toy():
    state = opened()
    yield state
    state.close()


def moved(state: State, **changes) -> State:
    assert state.change(**changes), state.now.faults
    assert state.wait(HUNG)
    return state


def answered(state: State):
    assert state.others.wait(HUNG)
    return state.others.now


def shown(state: State) -> str:
    with language(state.scenario.language):
        return str(plan_panels.others(state.now, state.others, state.pins))


# --- the way -------------------------------------------------------------------------------------


def test_the_page_finds_the_way_that_a_batch_finds(toy):
    """From nothing to the best plan, step by step."""
    toy.others.ask_way("nothing")
    found = answered(toy)
    case = toy.now.case
    batch = way(given_plan("nothing", case), case, solve(case))
    assert [(s.most, s.value, s.bound) for s in found.way.steps] == [
        (s.most, s.value, s.bound) for s in batch.steps
    ]
    assert found.pending == frozenset() and not found.failures


def test_a_step_is_opened_with_proof_and_audit_and_taken_back(toy):
    """Each step's classes and machines become locks: their plan is proven, and undo ends it."""
    toy.others.ask_way("nothing")
    found, before, best = answered(toy), toy.scenario, toy.plan
    steps = [name for name in found.plans if name.startswith(WAY)]
    assert len(steps) >= 3
    for name in steps:
        assert toy.others.open(name) and toy.wait(HUNG)
        assert toy.others.opened == name and toy.others.now.way is found.way
        assert counts_of(toy.plan) == counts_of(found.plans[name])
        assert toy.plan.reached == pytest.approx(found.plans[name].reached)
        assert toy.now.status == PROVEN
        audit(toy.plan, toy.now.case)
    for _step in steps:
        toy.undo()
    assert toy.scenario == before and toy.others.opened == ""
    toy.redo()
    assert toy.others.opened == steps[0]
    assert toy.others.open(BEST) and toy.wait(HUNG)
    assert toy.scenario == before and counts_of(toy.plan) == counts_of(best)


def test_a_step_is_a_scenario_that_gives_the_same_plan_in_a_batch(toy):
    toy.others.ask_way("nothing")
    name = [*answered(toy).plans][1]
    assert toy.others.open(name) and toy.wait(HUNG)
    again = solve(make_case(read_tables(TOY), toy.scenario))
    assert counts_of(again) == counts_of(toy.others.now.plans[name])


def test_a_way_begins_at_a_pinned_plan_and_keeps_its_money(toy):
    """A pinned plan for Rp40 million: with its money the way ends at what that can reach."""
    moved(toy, budget=LESS).pin()
    pinned = toy.plan
    moved(toy, budget=None)
    assert toy.others.starts == ["A", "nothing"]
    for money, budget in ((OWN, pinned.cost), (MORE, None), (NESTED, None)):
        toy.others.ask_way("A", money)
        found = answered(toy)
        assert found.way.given is pinned and found.way.nested == (money == NESTED)
        kept = "Every step keeps the steps before it" in shown(toy)
        assert kept == (money == NESTED)
        assert found.way.steps[0].plan.reached == pytest.approx(pinned.reached)
        last = [name for name in found.plans if name.startswith(WAY)][-1]
        if budget is None:
            assert found.way.steps[-1].value == pytest.approx(toy.plan.proof.value)
            continue
        assert found.way.best.cost <= budget
        assert toy.others.open(last) and toy.wait(HUNG)
        assert toy.plan.cost <= budget and toy.scenario.budget == found.way.case.budget
        toy.undo()
        assert toy.wait(HUNG)


@pytest.mark.parametrize("order", [(MORE, NESTED, MORE), (NESTED, MORE, NESTED)])
def test_a_way_without_kept_steps_is_searched_once(toy, order, monkeypatch):
    """Shown alone or beside the way whose steps are kept, from one start it is one search; a plan
    that is pinned later under the same letter is another start."""
    real, searches = walk, []

    def counted(*given, nested=False, **options):
        searches.append(nested)
        return real(*given, nested=nested, **options)

    monkeypatch.setattr("ikmplan.alternatives.way.walk", counted)
    for rounds, budget in enumerate((LESS, LESS // 2), 1):
        moved(toy, budget=budget).pin()
        pinned = toy.plan
        moved(toy, budget=None)
        ways = []
        for money in order:
            toy.others.ask_way("A", money)
            ways.append(answered(toy).way)
        assert all(one.given is pinned for one in ways)
        assert searches.count(False) == rounds
        case = toy.now.case
        alone = way(pinned, case, toy.plan)
        shown_alone = ways[order.index(MORE)]
        assert [step.value for step in shown_alone.steps] == [step.value for step in alone.steps]
        searches.pop()  # of the way found alone
        toy.unpin("A")


def test_where_nothing_was_announced_or_no_money_is_less_it_is_reported(toy):
    toy.others.ask_way("announced")
    found = answered(toy)
    assert (
        found.way is None
        and "announced.csv" in found.failures[WAY]
        and found.failures[WAY] in shown(toy)
    )
    toy.pin()  # it costs all the money there is
    toy.others.ask_way("A", OWN)
    assert "all the money" in answered(toy).failures[WAY]


def test_where_no_plan_is_possible_nothing_is_asked():
    state = opened(target_units=31)
    try:
        state.others.ask_way("nothing")
        found = answered(state)
        assert found.way is None and found.failures[WAY]
        assert 'data-do="way"' in shown(state)
        button = re.search(r"<button[^>]*data-do=.way.[^>]*>", shown(state))
        assert "aria-disabled" in button[0]
    finally:
        state.close()


# --- cancelled ----------------------------------------------------------------------------------


@pytest.fixture
def slow_way(monkeypatch):
    """The way, whose steps come only once they are released."""
    real, release = asked_plans.growing_way, threading.Event()

    def slow(*given, stop, **options):
        for found in real(*given, stop=stop, **options):
            yield found
            while not (release.wait(0.01) or stop.is_set()):
                pass

    monkeypatch.setattr(asked_plans, "growing_way", slow)
    return release


def test_other_settings_cancel_what_is_worked_out(toy, slow_way):
    toy.others.ask_way("nothing")
    until(lambda: toy.others.now.way is not None)
    assert toy.others.now.pending == {WAY}
    moved(toy, budget=LESS)
    assert answered(toy).way is None and not toy.others.now.pending
    slow_way.set()
    toy.undo()  # what was found before is there again, and no step came since
    assert toy.others.now.way.steps == () and not toy.others.now.pending
    toy.others.ask_way("nothing")
    assert len(answered(toy).way.steps) > 1


def test_a_step_can_be_opened_while_the_next_is_looked_for(toy, slow_way):
    toy.others.ask_way("nothing")
    until(lambda: toy.others.now.way is not None)
    slow_way.set()
    until(lambda: toy.others.now.way.steps)
    name = next(iter(toy.others.now.plans))
    assert toy.others.open(name)
    assert answered(toy).way.steps[-1].value == pytest.approx(toy.others.now.best.proof.value)
    assert toy.others.opened == name


def test_stop_keeps_the_steps_that_are_found(toy, slow_way):
    toy.others.ask_way("nothing")
    until(lambda: toy.others.now.way is not None)
    toy.others.stop()
    found = answered(toy)
    assert found.way is not None and not found.pending and not found.failures


def test_asked_before_the_plan_is_proven_it_waits_for_it():
    state = State(make_scenario({"data": TOY, "language": "en"}))
    try:
        state.others.ask_similar()
        found = answered(state)
        assert found.best is state.plan and found.similar is not None
    finally:
        state.close()


# --- other plans nearly as good ------------------------------------------------------------------


def test_other_plans_are_found_opened_and_differ():
    """Bread and rolls are alike, and there is money for one class: 5 of 10 units in either. So
    there is one other plan, which spends all of the money elsewhere, and no further one."""
    case = small_case(
        {"language": "en"},
        clusters=[cluster("bread", 10), cluster("rolls", 10)],
        courses=[course("baking", 10, 10, cost_class=10_000_000)],
        course_suits=[suit("baking", "bread"), suit("baking", "rolls")],
        funds=[fund("purse", 10_000_000)],
    )
    state = State(case.scenario, case.tables)
    try:
        state.others.ask_similar()
        found, best = answered(state).similar, state.plan
        assert found.plan is best and found.outcome == NONE_LEFT and len(found.others) == 1
        assert "proven that there is no further one" in shown(state)
        assert state.others.open(f"{SIMILAR}-1") and state.wait(HUNG)
        assert counts_of(state.plan) == counts_of(found.others[0]) != counts_of(best)
        assert elsewhere_share(money_by_place(best), money_by_place(state.plan)) == 1
        assert (state.plan.reached, state.now.status) == (5, PROVEN)
        state.undo()
        assert state.wait(HUNG) and counts_of(state.plan) == counts_of(best)
    finally:
        state.close()


def test_shares_that_are_typed_are_asked_for_or_refused_in_words(toy):
    """Indonesian: 12,5% and 50%. A 1 may be 1 % or all; 20 is more than the whole."""
    toy.set_language("id")
    assert toy.wait(HUNG)
    with language("id"):
        assert toy.others.ask_similar("12,5%", "50%")
    found = answered(toy)
    assert (found.within, found.elsewhere) == (0.125, 0.5)
    assert (found.similar.within, found.similar.elsewhere) == (0.125, 0.5)
    assert 'value="12,5%"' in shown(toy) and "aria-invalid" not in shown(toy)
    before = found.similar
    with language("id"):
        assert not toy.others.ask_similar("1", "20")
    assert toy.others.now.similar is before  # what was found stays
    faults = re.findall(r'<span class="fault" id="([^"]+)"[^>]*>([^<]+)<', shown(toy))
    assert [key for key, _text in faults] == ["k-within-fault", "k-elsewhere-fault"]
    assert "100%" in faults[0][1] and "20%" in faults[1][1]
    assert shown(toy).count("aria-invalid") == 2
    assert 'value="1"' in shown(toy) and 'value="20"' in shown(toy)
    for wrong in ("100%", "-1%", "satu"):
        with language("id"):
            assert not toy.others.ask_similar(wrong, "")
        assert shown(toy).count("aria-invalid") == 1
    with language("id"):
        assert toy.others.ask_similar("", "")
    found = answered(toy)
    assert (found.within, found.elsewhere) == (0.01, 0.2) and "aria-invalid" not in shown(toy)


# --- the nearest plan ----------------------------------------------------------------------------


def test_the_switch_keeps_most_of_the_plan_shown(toy):
    """Within a wide gap, the plan after a move is the batch's nearest to the one shown before."""
    moved(toy, gap=0.3)
    free = State(toy.scenario)
    try:
        assert toy.set_field("near", True) and toy.wait(HUNG)
        before = toy.plan
        assert toy.scenario.near == decisions_of_plan(before)["near"]
        for budget in (75_000_000, 60_000_000, None):
            shown_before = toy.plan
            moved(toy, budget=budget), moved(free, budget=budget)
            assert toy.scenario.near == decisions_of_plan(shown_before)["near"]
            kept = change_count(counts_of(shown_before), counts_of(toy.plan))
            assert kept <= change_count(counts_of(shown_before), counts_of(free.plan))
            batch = solve(make_case(read_tables(TOY), toy.scenario))
            assert counts_of(batch) == counts_of(toy.plan)
            with language("en"):
                n = kept_count(counts_of(shown_before), counts_of(toy.plan))
                assert f"Kept: {n} of" in panels.badge(toy.now, False)
        assert toy.set_field("near", False) and toy.scenario.near == ()
    finally:
        free.close()


# --- on the page ---------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["id", "en"])
def test_each_step_is_a_row_with_a_button_that_names_it(toy, code):
    made = page(toy)
    toy.set_language(code)
    assert toy.wait(HUNG)
    made.answer(None, {"do": "way", "start": "nothing", "money": MORE}, [])
    found = answered(toy)
    made._show()
    buttons = re.findall(r'<button[^>]*data-do="show"[^>]*>', made.others)
    names = [re.search(r'aria-label="([^"]+)"', button)[1] for button in buttons]
    assert len(names) == len({*names}) == len(buttons) > 2
    shown_by = [re.search(r'data-name="([^"]+)"', button)[1] for button in buttons]
    assert {*shown_by} <= {*found.plans}
    made.answer(None, {"do": "show", "name": shown_by[1]}, [])
    assert toy.wait(HUNG)
    made._show()
    assert toy.others.opened == shown_by[1] and 'aria-current="true"' in made.others
    with language(code):
        assert _("Remove all") in made.locks
    made.answer(None, {"do": "remove_all"}, [])
    assert toy.wait(HUNG) and toy.scenario.locks == ()


def test_what_a_whole_plan_of_locks_costs_is_not_worked_out(toy):
    """One lock alone has a price; with more than are priced, none has."""
    one = "baking @ bakers >= 0"
    moved(toy, locks=(one,))
    assert toy.wait(HUNG, costs=True) and one in toy.now.costs
    many = [f"baking @ bakers <= {n}" for n in range(5, 6 + MOST_PRICED)]
    moved(toy, locks=many)
    assert toy.now.unpriced == []
