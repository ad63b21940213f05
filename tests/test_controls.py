"""The notebook's ipywidgets and pictures: joined to one state, in both directions. No browser."""

from __future__ import annotations

import asyncio
import re
import threading
from html import unescape
from itertools import pairwise
from pathlib import Path

import ipywidgets as widgets
import pytest
from waiting import HUNG

from ikmplan import dashboard
from ikmplan.explore.fields import FLAG, fields
from ikmplan.explore.plan_pictures import DRAWN, STILLS, WIDGET
from ikmplan.explore.state import State
from ikmplan.explore.widgets import PlannerPage
from ikmplan.input.scenario import make_scenario
from ikmplan.text import language

ROOT = Path(__file__).parents[1]
TOY = {"data": str(ROOT / "data" / "toy"), "language": "id"}


@pytest.fixture
def toy():
    state = State(make_scenario(TOY))
    assert state.wait(HUNG)
    yield state
    state.close()


@pytest.fixture
def controls(toy):
    return dashboard.controls(toy)


def words(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", html)).strip()


# --- traits ------------------------------------------------------------------------------


def test_the_traits_are_those_of_the_snapshot_and_are_reported(toy):
    """80 million, then 40: each trait tells the old value and the new, and no value twice."""
    told: list[tuple[str, object, object]] = []
    toy.observe(lambda change: told.append((change.name, change.old, change.new)))
    first = toy.plan
    toy.change(budget=40_000_000)
    assert toy.wait(HUNG)
    assert toy.plan is not first and toy.scenario.budget == 40_000_000
    last = {name: new for name, _old, new in told}
    assert last["plan"] is toy.plan and last["scenario"] is toy.scenario
    assert (last["status"], last["gap"]) == ("proven", toy.gap)
    assert toy.gap == toy.now.gap <= toy.scenario.gap
    for name in ("plan", "scenario", "status", "gap"):
        chain = [(old, new) for n, old, new in told if n == name]
        assert all(old is not new for old, new in chain)
        assert all(a[1] is b[0] for a, b in pairwise(chain))


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"budget": 50_000_000}, "proven"),
        ({"floor": 0.9}, "none"),
        ({"solver": "nosuch"}, "failed"),
    ],
)
def test_the_status_says_how_the_search_ended(toy, change, status):
    toy.change(**change)
    assert toy.status == "searching"
    assert toy.wait(HUNG)
    assert toy.status == status


def test_traits_cannot_be_set_and_are_linked(toy):
    with pytest.raises(Exception, match="read-only"):
        toy.plan = None
    label = widgets.Label()
    widgets.dlink((toy, "status"), (label, "value"))
    assert label.value == "proven"
    toy.change(floor=0.9)
    assert toy.wait(HUNG)
    assert label.value == "none"


def test_observers_are_called_in_the_event_loop():
    """Never in a thread of the search, whose exceptions nobody sees and which widgets forbid."""
    threads = set()

    async def watched() -> None:
        state = State(make_scenario(TOY))
        state.observe(lambda _change: threads.add(threading.current_thread()), "plan")
        assert await asyncio.to_thread(state.wait, HUNG)
        await asyncio.sleep(0.1)
        state.close()
        assert threads == {threading.current_thread()}

    asyncio.run(watched())


def test_a_watched_plan_stays_while_there_is_none(toy):
    drawn: list[object] = []
    watched = dashboard.watch(toy, "plan")
    share = widgets.FloatSlider(value=0.3)
    widgets.interactive_output(
        lambda plan, share: drawn.append((plan, share)), {"plan": watched, "share": share}
    )
    first = toy.plan
    share.value = 0.5
    toy.change(budget=40_000_000)
    assert toy.wait(HUNG)
    assert drawn[:2] == [(first, 0.3), (first, 0.5)] and drawn[-1] == (toy.plan, 0.5)
    assert all(plan is not None for plan, _share in drawn)


# --- controls ----------------------------------------------------------------------------


def test_every_field_is_a_widget_with_its_value(controls, toy):
    with language("id"):
        listed = {f: f.shown for f in fields(toy.now.case, toy.first_case)}
    assert set(controls.boxes) == {f.name for f in listed if f.kind == FLAG}
    for f, shown in listed.items():
        if f.kind == FLAG:
            assert controls.boxes[f.name].value == f.value
        else:
            assert controls.texts[f.name].value == shown
            assert controls.sliders[f.name].value == pytest.approx(f.place)
            assert controls.texts[f.name].description == f.label


@pytest.mark.parametrize(
    ("name", "text", "value", "shown"),
    [
        ("budget", "0,05 miliar", 50_000_000, "50.000.000"),
        ("budget", "60 juta", 60_000_000, "60.000.000"),
        ("floor", "10%", 0.1, "10%"),
        ("price_factor", "1,1", 1.1, "1,1"),
        ("target_classes", "2", 2, "2"),
    ],
)
def test_what_is_typed_the_indonesian_way_is_the_scenarios_value(
    controls, toy, name, text, value, shown
):
    controls.texts[name].value = text
    assert getattr(toy.scenario, name) == value
    assert controls.texts[name].value == shown
    assert controls.sliders[name].value == pytest.approx(value)
    assert len(toy.history.past) == 1  # the values that widgets are given back are no steps


def test_a_slider_and_a_check_box_change_the_scenario(controls, toy):
    controls.sliders["budget"].value = 70_000_000
    assert toy.scenario.budget == 70_000_000 and controls.texts["budget"].value == "70.000.000"
    controls.boxes["users_trained"].value = True
    assert toy.scenario.users_trained
    controls.undo.click()
    assert not toy.scenario.users_trained and not controls.boxes["users_trained"].value
    controls.reset.click()
    assert toy.scenario == toy.first


def test_what_is_typed_wrongly_stays_and_is_explained(controls, toy):
    controls.texts["budget"].value = "banyak"
    assert "“banyak” bukan angka" in words(controls.words["budget"].value)
    assert controls.texts["budget"].value == "banyak" and toy.scenario == toy.first
    controls.texts["budget"].value = "40 juta"
    assert words(controls.words["budget"].value) == "= Rp40 juta"


def test_locks_are_listed_added_and_removed(controls, toy):
    controls.item.value, controls.cluster.value = "roaster", "coffee"
    controls.sign.value, controls.count.value = ">=", "1"
    controls.add.click()
    assert toy.scenario.locks == ("roaster @ coffee >= 1",)
    assert [value for _words, value in controls.locks.options] == [
        ("locks", "roaster @ coffee >= 1")
    ]
    controls.sign.value = "x"
    controls.add.click()
    assert "Coffee roaster" in words(controls.lock_fault.value)  # contradicts the lock
    assert len(controls.locks.options) == 1
    controls.locks.index = 0
    controls.remove.click()
    assert toy.scenario.locks == () and controls.locks.options == ()


def test_the_widgets_and_the_page_show_one_state(controls, toy):
    page = PlannerPage(toy)
    controls.sliders["budget"].value = 30_000_000
    assert page.values["budget"]["text"] == "30.000.000"
    page.answer(page, {"do": "enter", "name": "budget", "text": "45 juta"}, [])
    assert controls.sliders["budget"].value == 45_000_000


def test_another_language_and_another_case_make_other_fields(controls, toy):
    controls.language.value = "en"
    assert controls.texts["budget"].description == "Budget (rupiah)"
    assert controls.texts["budget"].value == "80,000,000"
    assert not toy.history.past
    toy.choose(str(ROOT / "data" / "medan-2022"))
    assert "floors.batik_tembung" in controls.texts


# --- pictures ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_follows_the_state_and_its_language(toy, name):
    picture = getattr(dashboard, name)(toy)
    before = picture.html
    assert toy.plan is not None and len(words(before)) > 20 and picture.lang == "id"
    toy.change(budget=15_000_000)
    assert toy.wait(HUNG)
    assert picture.html != before and not picture.older
    toy.set_language("en")
    assert picture.lang == "en"
    toy.change(floor=0.9)
    assert toy.wait(HUNG)
    assert picture.older and picture.html  # of the plan before


def test_pictures_stand_in_every_box(toy):
    made = [getattr(dashboard, name)(toy) for name in DRAWN]
    grid = widgets.GridspecLayout(2, 3)
    for n, picture in enumerate(made):
        grid[divmod(n, 3)] = picture
    assert set(made) <= set(grid.children)
    assert widgets.Tab([widgets.HBox(made[:2]), made[2]]).children[1] is made[2]


@pytest.mark.parametrize("name", DRAWN)
def test_without_a_kernel_a_picture_is_still_there(toy, name, monkeypatch):
    """With the widget its HTML; where notebooks are made to be read, an image and no widget."""
    picture = getattr(dashboard, name)(toy)
    data, _metadata = picture._repr_mimebundle_()
    assert WIDGET in data and picture.html in data["text/html"]
    monkeypatch.setenv(STILLS, "1")
    data, _metadata = picture._repr_mimebundle_()
    assert WIDGET not in data
    if name == "tiles":
        assert f"{toy.plan.reached:.1f}".replace(".", ",") in words(data["text/html"])
    else:
        assert re.search(r'<svg[^>]*aria-label="[^"]{20,}"', data["text/html"])
