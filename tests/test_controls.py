"""The notebook's ipywidgets and pictures: joined to one state, in both directions. No browser."""

from __future__ import annotations

import asyncio
import contextvars
import re
import threading
from contextlib import closing
from html import unescape
from itertools import pairwise
from pathlib import Path

import ipywidgets as widgets
import pytest
from test_tables import GOOD, to_book
from waiting import HUNG, until

from ikmplan import dashboard
from ikmplan.explore.fields import FLAG, fields
from ikmplan.explore.moves import MOVES, make_move
from ikmplan.explore.observable import InLoop
from ikmplan.explore.plan_pictures import DRAWN, STILLS, WIDGET
from ikmplan.explore.saved_work import Work
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
    """80 million, then 40: each trait reports the old value and the new, and no value twice."""
    changes: list[tuple[str, object, object]] = []
    toy.observe(lambda change: changes.append((change.name, change.old, change.new)))
    first = toy.plan
    toy.change(budget=40_000_000)
    assert toy.wait(HUNG)
    assert toy.plan is not first and toy.scenario.budget == 40_000_000
    last = {name: new for name, _old, new in changes}
    assert last["plan"] is toy.plan and last["scenario"] is toy.scenario
    assert (last["status"], last["gap"]) == ("proven", toy.gap)
    assert toy.gap == toy.now.gap <= toy.scenario.gap
    for name in ("plan", "scenario", "status", "gap"):
        chain = [(old, new) for n, old, new in changes if n == name]
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
def test_the_status_states_how_the_search_ended(toy, change, status):
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


@pytest.mark.parametrize("caller", ["a thread", "another message"])
def test_what_is_shown_belongs_to_the_cell_that_made_it(caller):
    """The kernel states of each message it sends which one caused it, by a context variable, and
    ipykernel 7.4 delivers the planner's next press where that one came from. So it is the cell,
    also where a search's thread, which has no context, or a message of a page that is closed by
    now calls: else each press after that is lost."""
    cause = contextvars.ContextVar("cause", default="the last message")
    causes = []

    async def cell() -> None:
        cause.set("the cell")
        show = InLoop(lambda: causes.append(cause.get()))
        if caller == "a thread":
            await asyncio.get_running_loop().run_in_executor(None, show)
        else:
            cause.set("a page that is closed")
            show()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(cell())
    assert causes == ["the cell"]


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


@pytest.fixture
def office(tmp_path, monkeypatch):
    """A planner's folder with a workbook, a saved scenario and a faulty one."""
    for name in ("data", "params"):
        (tmp_path / name).mkdir()
    to_book(GOOD, tmp_path / "data" / "kota.xlsx")
    (tmp_path / "params" / "murah.yaml").write_text(f"data: {TOY['data']}\nbudget: 40000000\n")
    (tmp_path / "params" / "salah.yaml").write_text(f"data: {TOY['data']}\nbudgt: 40000000\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IKMPLAN_WORK", str(tmp_path / "work"))
    return tmp_path


def test_a_case_or_a_saved_scenario_is_chosen(office, controls, toy):
    """The list shows what is in hand: after a change of a scenario its case, after undo itself."""
    own = f"case:{TOY['data']}"
    assert [value for _label, value in controls.case.options] == [
        "case:data/kota.xlsx", own, "params:murah.yaml", "params:salah.yaml",
    ]  # fmt: skip
    assert controls.case.value == own
    controls.case.value = "params:murah.yaml"
    assert toy.scenario.budget == 40_000_000 and controls.texts["budget"].value == "40.000.000"
    assert controls.case.value == "params:murah.yaml"
    controls.sliders["budget"].value = 30_000_000
    assert controls.case.value == own
    controls.undo.click()
    assert controls.case.value == "params:murah.yaml"
    controls.case.value = "case:data/kota.xlsx"
    assert toy.scenario.data == "data/kota.xlsx" and controls.case.value == "case:data/kota.xlsx"


def test_a_faulty_scenario_is_refused_with_its_reason(office, controls, toy):
    before = toy.scenario
    controls.case.value = "params:salah.yaml"
    assert "budgt" in words(controls.note.value)
    assert toy.scenario == before and controls.case.value == f"case:{TOY['data']}"
    controls.sliders["budget"].value = 40_000_000
    assert controls.note.value == ""


def upload(controls: widgets.Box, path: Path) -> None:
    """What the browser sends when a planner chooses a file."""
    about = {"name": path.name, "type": "", "size": path.stat().st_size}
    about |= {"last_modified": 0, "content": memoryview(path.read_bytes())}
    sent, buffers = {"value": [{k: v for k, v in about.items() if k != "content"}]}, []
    buffers.append(about["content"])
    controls.upload._handle_msg(
        {
            "content": {
                "data": {
                    "method": "update", "state": sent, "buffer_paths": [["value", 0, "content"]],
                }
            },
            "buffers": buffers,
        }
    )  # fmt: skip


def test_a_workbook_is_uploaded_and_a_faulty_one_refused(office, controls, toy):
    upload(controls, office / "data" / "kota.xlsx")
    assert Path(toy.scenario.data).is_relative_to(office / "work")
    assert dict(map(reversed, controls.case.options))[controls.case.value] == "kota.xlsx"
    assert controls.upload.value == ()
    case = toy.now.case
    (office / "buruk.xlsx").write_bytes(b"MZ")
    upload(controls, office / "buruk.xlsx")
    assert "buruk.xlsx" in words(controls.note.value) and toy.now.case is case
    (office / "virus.exe").write_bytes(b"MZ")
    upload(controls, office / "virus.exe")
    assert "virus.exe" in words(controls.note.value) and toy.now.case is case


def connected(state: State, last: str = "", move: object = None) -> widgets.Box:
    """The widgets, as a browser shows them that was last at work with the key `last`, and whose
    last move no kernel answered."""
    made = dashboard.controls(state)
    made.children[0]._handle_custom_msg({"do": "hello", "last": last, "move": move}, [])
    return made


def test_the_last_work_is_offered_to_the_next_user(office, toy):
    """A kernel that died: the next one goes on with what was changed, and undo with it."""
    first = connected(toy)
    assert first.offers.children == () and first.children[0].key == ""  # nothing was changed yet
    first.sliders["budget"].value = 40_000_000
    key = first.children[0].key
    until(Work(key).file.exists)
    with closing(State(make_scenario(TOY))) as later:
        second = connected(later, key)
        assert "Pekerjaan terakhir" in words(second.note.value)
        assert later.scenario.budget is None  # the cells of the notebook decide, until it is asked
        go_on, _no = second.offers.children
        go_on.click()
        assert later.scenario.budget == 40_000_000 and not second.undo.disabled
        _again, close = second.offers.children
        close.click()
        assert second.note.value == "" and second.offers.children == ()


LOST_MOVE = {"do": "enter", "name": "budget", "text": "35 juta"}


def test_a_move_that_no_kernel_answered_is_offered_with_the_work_before_it(office, toy):
    """40 million is kept, 35 million had no answer: both come back, as two steps."""
    first = connected(toy)
    first.sliders["budget"].value = 40_000_000
    key = first.children[0].key
    until(Work(key).file.exists)
    with closing(State(make_scenario(TOY))) as later:
        second = connected(later, key, LOST_MOVE)
        assert "Perubahan terakhir" in words(second.note.value)
        assert later.scenario.budget is None
        second.offers.children[0].click()
        assert later.scenario.budget == 35_000_000 and len(later.history.past) == 2
        assert words(second.note.value).endswith(": Rp35 juta.")
        second.undo.click()
        assert later.scenario.budget == 40_000_000


def test_the_very_first_move_is_offered_too_and_can_be_declined(office, toy):
    """No work was written before it. The work that goes on with it is kept from then on."""
    second = connected(toy, "0" * 32, LOST_MOVE)
    go_on, _no = second.offers.children
    go_on.click()
    assert toy.scenario.budget == 35_000_000 and len(toy.history.past) == 1
    with closing(State(make_scenario(TOY))) as other:
        third = connected(other, "0" * 32, LOST_MOVE)
        third.offers.children[1].click()
        assert third.note.value == "" and other.scenario.budget is None


def test_a_move_into_a_state_that_is_connected_is_made_at_once(office, toy):
    """The line broke, the kernel went on. A field that the case has not is left alone."""
    made = connected(toy)
    for move in (LOST_MOVE, {**LOST_MOVE, "name": "floors.nowhere"}, {"do": "close"}):
        made.children[0]._handle_custom_msg({"do": "hello", "move": move}, [])
    assert toy.scenario.budget == 35_000_000 and len(toy.history.past) == 1
    assert "Rp35 juta" in words(made.note.value)


@pytest.mark.parametrize(
    ("move", "kept"),
    [
        ({"do": "slide", "name": "budget", "value": 30_000_000}, "Rp30 juta."),
        ({"do": "check", "name": "users_trained", "value": True}, "ya."),
        ({"do": "enter", "name": "budget", "text": "banyak"}, "banyak."),
    ],
)
def test_the_page_makes_the_lost_move_of_its_tab_and_states_it(office, toy, move, kept):
    page = PlannerPage(toy)
    sent: list[object] = []
    page.send = sent.append
    page.answer(page, {"do": "hello", "sent": "7", "key": "1" * 32, "last": "", "move": move}, [])
    assert sent == [{"do": "received", "sent": "7"}]
    assert kept in words(page.note)


# a move of each kind, in the work of `worked`
KEPT = {
    "enter": {"name": "budget", "text": "30 juta"},
    "slide": {"name": "budget", "value": 30_000_000},
    "check": {"name": "users_trained", "value": True},
    "undo": {},
    "redo": {},
    "reset": {},
    "language": {"value": "en"},
    "case": {"value": "case:data/kota.xlsx"},
    "lock": {"item": "baking", "cluster": "", "sign": "<=", "count": "1"},
    "limit": {"name": "limits", "text": "seats >= 5"},
    "remove": {"name": "locks", "text": "roasting <= 2"},
    "remove_all": {},
    "pin": {},
    "unpin": {"letter": "A"},
    "change": {"change": '{"budget": 30000000, "locks": ["baking >= 1"]}'},
}


def worked(state: State) -> State:
    """A plan is pinned, a lock given, one step undone."""
    state.pin()
    state.change(budget=60_000_000)
    state.add("locks", "roasting <= 2")
    state.change(floor=0.1)
    state.undo()
    return state


@pytest.mark.parametrize("do", MOVES)
def test_a_move_of_every_kind_means_the_same_in_the_kernel_that_comes_next(do, office, toy):
    """It is made in the work that was restored, and named; a second time only if it can be."""
    session = worked(toy).session
    MOVES[do].make(toy, **KEPT[do])
    assert toy.session != session or toy.pending_actions
    with closing(State(make_scenario(TOY))) as later:
        later.restore(session)
        named = make_move(later, {"do": do, **KEPT[do]})
        assert named and later.scenario == toy.scenario and later.history == toy.history
        assert toy.wait(HUNG) and later.wait(HUNG)
        assert [pin.letter for pin in later.pins] == [pin.letter for pin in toy.pins]


@pytest.mark.parametrize(
    "move",
    [
        {"do": "close"},
        {"do": "undo"},
        {"do": "remove_all"},
        {"do": "unpin"},  # nothing was chosen in the list
        {"do": "remove", "name": "locks", "text": "baking >= 9"},
        {"do": "slide", "name": "floors.nowhere", "value": 0.1},
    ],
)
def test_a_move_of_which_nothing_comes_is_not_named(move, toy):
    before = toy.session
    assert make_move(toy, move) == "" and toy.session == before


def test_every_widget_that_changes_settings_states_which_move_it_makes(controls, toy):
    """So the browser keeps the same moves of the widgets as of the page; it reads what is chosen.

    Of `MOVES` the widgets lack a button that removes all and proposals of the search."""
    toy.add_lock("baking", "", ">=", "1")
    known = controls.children[0].given
    made = known[controls.texts["budget"].model_id]
    assert made == {
        "do": "enter", "name": "budget", "text": {"of": controls.texts["budget"].model_id},
    }  # fmt: skip
    assert {move["do"] for move in known.values()} == MOVES.keys() - {"remove_all", "change"}
    assert known[controls.remove.model_id] == {
        "do": "remove",
        "name": {"of": controls.locks.model_id, "values": ["locks"]},
        "text": {"of": controls.locks.model_id, "values": ["baking >= 1"]},
    }
    fields_shown = (*controls.texts, *controls.sliders, *controls.boxes)
    assert len(known) == len(fields_shown) + 10
    assert f"ikmplan-move-{controls.remove.model_id}" in controls.remove._dom_classes


def test_three_plans_are_pinned_compared_and_removed(controls, toy):
    """40 million buy the full baking class, 10 units of 30; 80 million reach 13.2 of them."""
    compared = dashboard.compared(toy)
    assert controls.unpin.disabled and "Sematkan" in words(compared.html)
    controls.pin.click()
    assert controls.pin.disabled  # the settings in hand are pinned
    for budget in (40_000_000, 30_000_000):
        toy.change(budget=budget)
        assert toy.wait(HUNG)
        controls.pin.click()
    assert [letter for _words, letter in controls.pins.options] == ["A", "B", "C"]
    toy.change(budget=40_000_000)
    assert toy.wait(HUNG)
    assert "−3,2" in words(compared.html) and controls.pin.disabled
    controls.pins.value = "A"
    controls.unpin.click()
    assert [pin.letter for pin in toy.pins] == ["B", "C"]
    assert [letter for _words, letter in controls.pins.options] == ["B", "C"]
    assert "−3,2" not in words(compared.html)


# --- pictures ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in DRAWN if name != "compared"])
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
    grid = widgets.GridspecLayout(2, 4)
    for n, picture in enumerate(made):
        grid[divmod(n, 4)] = picture
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
    elif name == "compared":
        assert "Sematkan" in words(data["text/html"])  # no plan is pinned
    else:
        assert re.search(r'<svg[^>]*aria-label="[^"]{20,}"', data["text/html"])
