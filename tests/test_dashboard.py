"""The planner's page: its parts as HTML, what the browser asks, and the server. No browser here."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import replace
from html import unescape
from http.cookiejar import CookieJar
from operator import attrgetter
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from tornado.web import Application, RequestHandler
from traitlets.config import Config
from waiting import HUNG, settled, until

from ikmplan.explore import server, widgets
from ikmplan.explore.moves import MOVES
from ikmplan.explore.saved_work import Work
from ikmplan.explore.widgets import PlannerPage, State, open_state
from ikmplan.input.scenario import make_scenario, read_scenario

ROOT = Path(__file__).parents[1]
EXPLORE = [sys.executable, "-m", "ikmplan.cli", "explore"]
TOY = {"data": str(ROOT / "data" / "toy"), "language": "en"}
KEY, OTHER = "0" * 31 + "1", "0" * 31 + "2"
PARTS = ("head", "note", "settings", "locks", "badge", "stop", "none", "results", "coverage",
         "pins", "compared", "rest", "keep", "tables")  # fmt: skip


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("IKMPLAN_WORK", str(tmp_path / "work"))


@pytest.fixture
def toy():
    state = State(make_scenario(TOY))
    assert state.wait(HUNG)
    yield state
    state.close()


@pytest.fixture
def page(toy):
    return PlannerPage(toy)


def ask(page: PlannerPage, do: str, *buffers: bytes, **what: object) -> None:
    """What the browser sends."""
    page.answer(page, {"do": do, **what}, list(buffers))


def texts(page: PlannerPage, *parts: str) -> str:
    """The texts of some parts, or of all, without tags."""
    html = " ".join(getattr(page, part) for part in parts or PARTS)
    return unescape(re.sub(r"<[^>]+>", " ", html))


# --- what is shown -----------------------------------------------------------------------


def test_a_search_goes_on_when_its_plan_is_shown(toy, monkeypatch):
    """Observers after the page find a plan on the page already. The loop of the page does not
    wait, or nothing would be shown before the wait is over."""
    monkeypatch.setattr(widgets, "MOST_WAIT", 20.0)
    found = []

    async def browsed() -> None:
        page = PlannerPage(toy)
        toy.on_change(
            lambda: found.append(
                (toy.plan, f"{toy.plan.reached:.1f}" in page.results if toy.plan else None)
            )
        )
        assert toy.change(budget=toy.now.case.budget // 2)
        assert await asyncio.to_thread(toy.wait, 15)

    asyncio.run(browsed())
    from_search = [shown for plan, shown in found if plan is not None]
    assert from_search and all(from_search)


def test_the_page_shows_the_plan_and_follows_the_state(page, toy):
    assert "Proven" in page.badge
    reached = f"{toy.plan.reached:.1f}"
    assert reached in texts(page, "results")
    assert "Bakers" in texts(page, "coverage") and "Coffee roasters" in texts(page, "coverage")
    assert "Trainers of the office" in texts(page, "rest")
    assert page.values["budget"]["text"] == "80,000,000"
    assert page.values["budget"]["words"] == "= Rp80 million, all that the funds hold"
    toy.change(budget=40_000_000)
    settled(toy)
    assert page.values["budget"]["text"] == "40,000,000"
    assert page.values["budget"]["words"] == "= Rp40 million"
    assert f"{toy.plan.reached:.1f}" in texts(page, "results") and not page.older


def test_another_plan_of_the_same_worth_is_shown_too(page, toy):
    """A part is made again if the plan is another object, whatever its value."""
    now = toy.now
    again = replace(now, plan=replace(now.plan, tables=dict(now.plan.tables)), busy=True)
    toy._now = again
    page._show()
    assert 'data-busy="1"' in page.badge


def test_pictures_have_a_title_and_a_text_alternative(page):
    for part in (page.coverage, page.rest):
        figures = re.findall(r"<figure.*?</figure>", part, re.DOTALL)
        assert figures
        for figure in figures:
            assert re.search(r"<(figcaption|caption)>[^<]{8,}</", figure), figure
            assert re.search(r'role="img" aria-label="[^"]{20,}"', figure) or "<th scope" in figure


def test_every_input_has_a_name(page):
    """Each field, list and slider has a label."""
    html = "".join(getattr(page, part) for part in PARTS)
    labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', html))
    tags = re.findall(r"<(?:input|select)[^>]*>", html)
    assert len(tags) > len(labelled) > 0
    for tag in tags:
        found = re.search(r' id="([^"]+)"', tag)
        assert "aria-label=" in tag or (found and found[1] in labelled), tag
    for button in re.findall(r"<button[^>]*>[^<]*</button>", html):
        assert re.search(r"aria-label=|>[^<]*\w", button), button


def test_names_in_the_data_are_no_html(tmp_path):
    shutil.copytree(ROOT / "data" / "toy", tmp_path / "toy")
    file = tmp_path / "toy" / "clusters.csv"
    file.write_text(file.read_text().replace("Coffee roasters", "<img src=x onerror=alert(1)>"))
    state = State(make_scenario({"data": str(tmp_path / "toy"), "language": "en"}))
    page = PlannerPage(settled(state))
    state.add("locks", "roaster @ coffee >= 1")
    settled(state)
    html = "".join(getattr(page, part) for part in PARTS)
    state.close()
    assert "&lt;img src=x" in html and "<img" not in html


def test_the_list_of_cases_shows_what_is_in_hand(page, toy, monkeypatch, tmp_path):
    """A scenario that was opened until it is changed, then its case; nothing that was refused."""
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "low.yaml").write_text(f"data: {TOY['data']}\nbudget: 50000000\n")
    (tmp_path / "params" / "bad.yaml").write_text("bugdet: 5\n")
    monkeypatch.chdir(tmp_path)

    def chosen() -> str:
        return re.search(r'<option value="([^"]+)" selected', page.head)[1]

    ask(page, "case", value="params:low.yaml")
    assert chosen() == "params:low.yaml" and toy.scenario.budget == 50_000_000
    ask(page, "case", value="params:bad.yaml")
    assert chosen() == "params:low.yaml" and "bugdet" in texts(page, "note")
    ask(page, "enter", name="floor", text="1%")
    assert chosen() == f"case:{TOY['data']}"
    ask(page, "undo")
    assert chosen() == "params:low.yaml"
    ask(page, "case", value=f"case:{TOY['data']}")
    assert chosen() == f"case:{TOY['data']}" and toy.scenario.budget is None


def test_both_languages(page, toy):
    ask(page, "language", value="id")
    assert 'lang="id"' in page.frame and "Terbukti" in page.badge
    assert page.values["budget"]["text"] == "80.000.000"
    assert "Unit diperkirakan terjangkau" in texts(page, "results")
    assert not settled(toy).history.past


def test_the_tables_are_made_when_they_are_opened(page):
    assert "<table" not in page.tables
    ask(page, "open", part="tables", open=True)
    assert page.tables.count("<table") == 9
    ask(page, "open", part="tables", open=False)
    assert "<table" not in page.tables


# --- what the browser asks ---------------------------------------------------------------


def test_fields_and_sliders_change_the_state(page, toy):
    ask(page, "enter", name="budget", text="50 million")
    assert toy.scenario.budget == 50_000_000
    ask(page, "slide", name="floor", value=0.1)
    assert toy.scenario.floor == 0.1
    assert page.values["floor"] == {
        "text": "10%", "place": 0.1, "words": "= at least 10% of the units in each cluster",
        "fault": "",
    }  # fmt: skip
    ask(page, "undo")
    assert toy.scenario.floor == 0 and page.values["floor"]["text"] == "0%"
    ask(page, "redo")
    ask(page, "reset")
    assert toy.scenario == toy.first


def test_the_check_box_of_users_trained(page, toy):
    """It is a setting like the others: undone, reset, saved in the scenario file."""
    assert 'type="checkbox" id="k-users_trained"' in page.settings
    assert page.values["users_trained"]["place"] == 0
    ask(page, "check", name="users_trained", value=True)
    assert toy.scenario.users_trained and page.values["users_trained"]["place"] == 1
    assert toy.scenario == toy.first.changed(users_trained=True)
    ask(page, "undo")
    assert not toy.scenario.users_trained and page.values["users_trained"]["place"] == 0
    ask(page, "redo")
    assert page.values["users_trained"]["place"] == 1
    ask(page, "language", value="id")
    assert "Setiap pemakai mesin dilatih" in texts(page, "settings")
    ask(page, "reset")
    assert not toy.scenario.users_trained


def test_every_action_has_a_method_and_the_page_asks_for_no_other(page, toy):
    """`explore.js` sends `do:` of its own and `data-do` of buttons, `data-choose` of lists."""
    assert widgets.ACTIONS.keys() & MOVES.keys() == {"case"}  # which the page does with more
    assert all(callable(attrgetter(method)(page)) for method in widgets.ACTIONS.values())
    ask(page, "pin")
    ask(page, "lock", item="baking", cluster="", sign="x", count="1")
    page.exports.question = "?"
    ask(page, "enter", name="floor", text="90%")
    settled(toy)
    page._show()
    html = "".join(getattr(page, part) for part in PARTS)
    script = (widgets.BROWSER / "explore.js").read_text("utf-8")
    asked = set(re.findall(r'ask\(\{ do: "(\w+)"', script))
    asked |= set(re.findall(r'data-(?:do|choose)="(\w+)"', html))
    assert len(asked) > 18 and asked <= widgets.ACTIONS.keys() | MOVES.keys()


def test_a_fault_stands_beside_its_field_only(page, toy):
    ask(page, "enter", name="budget", text="lots")
    assert page.values["budget"]["fault"].startswith("“lots” is not a number.")
    assert page.note == ""
    ask(page, "enter", name="budget", text="50000000")
    assert page.values["budget"]["fault"] == "" and toy.scenario.budget == 50_000_000


def test_an_unknown_action_changes_nothing(page, toy):
    before = toy.now
    for do in ("nothing", "work._save", "state.undo", "", "__init__"):
        ask(page, do)
    assert toy.now is before


def test_a_lock_is_added_from_lists_and_removed(page, toy):
    ask(page, "lock", item="roaster", cluster="coffee", sign=">=", count="1")
    assert toy.wait(HUNG, costs=True)
    text = texts(page, "locks")
    assert "Coffee roaster, Coffee roasters: at least 1" in text
    assert "costs nothing" in text or re.search(r"costs [\d.]+ units reached", text)
    ask(page, "remove", name="locks", text="roaster @ coffee >= 1")
    assert toy.scenario.locks == ()
    ask(page, "lock", item="baking", cluster="", sign="x", count="1")
    assert toy.scenario.exclusions == ("baking",)
    assert "Baking: never" in texts(page, "locks")


def test_a_cost_names_its_unit(page, toy, tmp_path):
    """Units reached; with weights or equity, units of the objective."""
    ask(page, "lock", item="roaster", cluster="coffee", sign="<=", count="0")
    assert toy.wait(HUNG, costs=True)
    assert re.search(r"costs \d+\.\d units reached", texts(page, "locks"))
    ask(page, "enter", name="equity", text="25%")
    assert toy.wait(HUNG, costs=True)
    text = texts(page, "locks")
    assert re.search(r"costs \d+\.\d weighted units", text) and "units reached" not in text
    assert "Weighted units: 25% of the weight is on the worst-off cluster." in text
    shutil.copytree(ROOT / "data" / "toy", tmp_path / "toy")
    clusters = tmp_path / "toy" / "clusters.csv"
    header, first, *others = clusters.read_text().splitlines()
    cells = first.split(",")
    cells[header.split(",").index("weight")] = "2"
    clusters.write_text("\n".join([header, ",".join(cells), *others]))
    toy.choose(str(tmp_path / "toy"))
    ask(page, "lock", item="roaster", cluster="coffee", sign="<=", count="0")
    text = texts(page, "locks")
    assert "Weighted units: each unit counts with the weight of its cluster." in text


def test_a_refused_lock_is_explained_with_names(page, toy):
    ask(page, "lock", item="baking", cluster="", sign=">=", count="2")
    settled(toy)
    ask(page, "lock", item="baking", cluster="", sign="<=", count="1")
    text = texts(page, "locks")
    assert "“Baking, all together: at most 1” contradicts" in text
    assert "“Baking, all together: at least 2”" in text
    assert toy.scenario.locks == ("baking >= 2",) and page.note == ""


def test_each_mend_is_a_button(page, toy):
    ask(page, "enter", name="floor", text="90%")
    settled(toy)
    assert page.older and "There is no such plan" in page.badge
    assert "The plan below is an earlier one." in page.badge
    (button,) = re.findall(r"<button[^>]*mend[^>]*>[^<]*Lower the floor[^<]*</button>", page.none)
    n, m = re.search(r'data-n="(\d)" data-m="(\d)"', button).groups()
    ask(page, "mend", n=n, m=m)
    assert settled(toy).plan is not None and page.none == "" and not page.older


def test_pins_are_compared_in_units_and_rupiah(page, toy):
    ask(page, "pin")
    before = toy.plan
    assert "disabled" in page.pins
    ask(page, "enter", name="budget", text="40000000")
    settled(toy)
    text = texts(page, "compared")
    lost = before.reached - toy.plan.reached
    assert "Against pinned A" in text and f"−{lost:.1f}" in text
    assert f"−{round((before.cost - toy.plan.cost) / 1e6, 1):g} million" in text.replace("Rp", "")
    assert "Pinned A" in texts(page, "coverage")
    ask(page, "unpin", letter="A")
    assert toy.pins == () and "Against" not in texts(page, "compared")


def test_a_button_pressed_before_there_is_a_plan_acts_when_there_is(page, toy):
    """Never with a plan of other settings: it does nothing if they change first."""
    ask(page, "enter", name="budget", text="60000000")
    ask(page, "pin")
    ask(page, "enter", name="budget", text="50000000")
    ask(page, "pin")
    settled(toy)
    assert [pin.case.scenario.budget for pin in toy.pins] == [50_000_000]
    assert toy.pins[0].plan.scenario.budget == 50_000_000
    ask(page, "enter", name="floor", text="90%")
    ask(page, "pin")
    settled(toy)
    assert len(toy.pins) == 1 and toy.pending_actions == {}
    assert re.search('data-do="pin" aria-disabled', page.pins)


# --- exports -----------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "params").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_saving_asks_before_it_overwrites(page, toy, project):
    ask(page, "save", name="mine")
    assert "Saved: params/mine.yaml" in page.keep
    first = (project / "params" / "mine.yaml").read_bytes()
    ask(page, "enter", name="budget", text="50 million")
    ask(page, "save", name="mine")
    assert "Overwrite it?" in page.keep
    assert (project / "params" / "mine.yaml").read_bytes() == first
    ask(page, "cancel")
    assert "Overwrite it?" not in page.keep
    ask(page, "save", name="mine")
    ask(page, "overwrite")
    assert read_scenario(project / "params" / "mine.yaml").budget == 50_000_000


def test_a_fault_of_the_name_stands_beside_it(page, project):
    ask(page, "save", name="../mine")
    assert "is not a name" in texts(page, "keep") and page.note == ""


def test_an_upload_is_opened_and_a_faulty_one_refused_with_reasons(page, toy, project):
    from test_tables import GOOD, to_book

    good = to_book(GOOD, project / "good.xlsx").read_bytes()
    ask(page, "upload", good, name="kota.xlsx")
    assert toy.scenario.data.endswith("kota.xlsx") and "is open now" in texts(page, "note")
    assert "kota.xlsx" in texts(page, "head")
    shutil.copytree(GOOD, project / "bad")
    (project / "bad" / "funds.csv").unlink()
    bad = to_book(project / "bad", project / "bad.xlsx")
    case = toy.now.case
    ask(page, "upload", bad.read_bytes(), name="buruk.xlsx")
    assert "has no sheet funds" in texts(page, "note")
    assert toy.now.case is case
    assert not list(Path(os.environ["IKMPLAN_WORK"]).rglob("buruk.xlsx"))
    ask(page, "close_faults")
    assert "is open now" in page.note and 'role="alert"' not in page.note
    ask(page, "dismiss")
    assert page.note == ""
    ask(page, "upload", b"MZ", name="virus.exe")
    assert "is no Excel workbook" in texts(page, "note")


# --- work in progress --------------------------------------------------------------------


def test_a_reloaded_page_has_its_work_again(page, toy):
    ask(page, "hello", key=KEY, last="")
    ask(page, "pin")
    ask(page, "enter", name="budget", text="50 million")
    until(lambda: (saved := Work(KEY).load()) and saved.session.scenario.budget == 50_000_000)
    other = State(make_scenario(TOY))
    again = PlannerPage(settled(other))
    ask(again, "hello", key=KEY, last="")
    assert other.scenario.budget == 50_000_000 and "is back" in texts(again, "note")
    assert [pin.letter for pin in other.pins] == ["A"] and len(other.history.past) == 1
    ask(again, "undo")
    assert other.scenario.budget is None
    other.close()


def test_another_tab_is_offered_the_last_work_and_has_its_own(page, toy):
    ask(page, "hello", key=KEY, last="")
    ask(page, "enter", name="budget", text="50 million")
    until(lambda: (saved := Work(KEY).load()) and saved.session.scenario.budget == 50_000_000)
    other = State(make_scenario(TOY))
    second = PlannerPage(settled(other))
    ask(second, "hello", key=OTHER, last=KEY)
    assert other.scenario.budget is None and "Your last work is from" in texts(second, "note")
    ask(second, "continue")
    assert other.scenario.budget == 50_000_000
    ask(second, "enter", name="budget", text="60 million")
    until(lambda: (saved := Work(OTHER).load()) and saved.session.scenario.budget == 60_000_000)
    assert Work(KEY).load().session.scenario.budget == 50_000_000
    assert toy.scenario.budget == 50_000_000
    other.close()


# --- the notebook and the server ---------------------------------------------------------


def test_the_scenario_of_the_command_is_opened(monkeypatch, tmp_path):
    params = tmp_path / "toy.yaml"
    params.write_text(f"data: {(ROOT / 'data' / 'toy').as_posix()}\nlanguage: en\n")
    monkeypatch.setenv("IKMPLAN_PARAMS", str(params))
    state = open_state()
    assert settled(state).plan is not None
    again = open_state()
    assert state._listeners == [] and settled(again).plan.cost == state.plan.cost
    again.close()


def test_a_cell_that_is_run_again_closes_what_it_opened(monkeypatch, tmp_path):
    """A run of a cell may open two states; the next run, after a reload too, closes both."""
    params = tmp_path / "toy.yaml"
    params.write_text(f"data: {(ROOT / 'data' / 'toy').as_posix()}\n")
    parent: dict[str, dict[str, str]] = {}
    monkeypatch.setattr("IPython.get_ipython", lambda: SimpleNamespace(get_parent=lambda: parent))

    def run(cell: str, number: str, session: str) -> State:
        parent["metadata"] = {"cellId": cell}
        parent["header"] = {"session": session, "msg_id": number}
        return open_state(str(params))

    one, two = run("first", "1", "before"), run("first", "1", "before")
    other = run("second", "2", "before")
    assert not one._closed and not two._closed
    again = run("first", "3", "after a reload")
    assert one._closed and two._closed and not other._closed and not again._closed
    again.close()
    other.close()


def open_to_everybody(folder: Path) -> None:
    """Jupyter configuration, as somebody has it for other dashboards: no token, all addresses."""
    opened = {
        "Voila": {"ip": "0.0.0.0", "token": "", "port": 18977, "base_url": "/dash/",
                  "server_url": "/dash/", "tornado_settings": {}},
        "VoilaConfiguration": {"template": "nosuch", "strip_sources": False,
                               "show_tracebacks": True, "file_allowlist": [".*"],
                               "extension_allowlist": ["none"]},
        "IdentityProvider": {"token": ""},
    }  # fmt: skip
    disabled = {"disabledExtensions": {"anywidget": True}}
    (folder / "labconfig").mkdir(parents=True)
    (folder / "labconfig" / "page_config.json").write_text(json.dumps(disabled))
    # templates and IPython's settings as well, which would show the cells or stop every kernel
    for name in ("base", "lab"):
        template = folder / "voila" / "templates" / name
        template.mkdir(parents=True)
        (template / "conf.json").write_text('{"base_template": "base"}')
        (template / "index.html.j2").write_text("{% for cell in nb.cells %}{{ cell }}{% endfor %}")
    profile = folder / ".ipython" / "profile_default"
    (profile / "startup").mkdir(parents=True)
    (profile / "ipython_kernel_config.py").write_text("c.IPKernelApp.kernel_class = 'no.Kernel'")
    (profile / "startup" / "mine.py").write_text("list = open_state = 3")
    for name in ("voila", "jupyter_config", "jupyter_server_config"):
        (folder / f"{name}.json").write_text(json.dumps(opened))
        lines = ("c = get_config()", *(f"c.{part} = {keys!r}" for part, keys in opened.items()))
        (folder / f"{name}_config.py").write_text("\n".join(lines))


@pytest.fixture
def served(tmp_path):
    """The process of `ikmplan explore` on the toy case, and the address it prints.

    The folder in use, the user and the system have Jupyter configuration that opens the page, and
    nothing of the user's can be written.
    """
    shutil.copytree(ROOT / "data" / "toy", tmp_path / "data" / "toy")
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    (tmp_path / "toy.yaml").write_text("data: data/toy\nlanguage: en\n")
    for folder in (tmp_path, tmp_path / "own", tmp_path / "system"):
        open_to_everybody(folder)
    own = {"JUPYTER_CONFIG_DIR": "own", "JUPYTER_CONFIG_PATH": "system", "HOME": "own",
           "JUPYTER_PATH": "system", "JUPYTER_DATA_DIR": "own",
           "JUPYTER_RUNTIME_DIR": "toy.yaml", "TMPDIR": "temporary"}  # fmt: skip
    (tmp_path / "temporary").mkdir()
    process = subprocess.Popen(
        [*EXPLORE, "toy.yaml", "--no-browser", "--port", "18866"],
        cwd=tmp_path,
        env=os.environ
        | {"IKMPLAN_LANGUAGE": "en"}
        | {name: str(tmp_path / folder) for name, folder in own.items()},
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
def test_explore_serves_the_page_to_visitors_with_the_token(served, tmp_path):
    process, line = served
    found = re.search(r"http://127\.0\.0\.1:18866/\?token=\S{20,}$", line.strip())
    assert found, process.stderr.read()
    at = {link.laddr for link in psutil.Process(process.pid).net_connections() if not link.raddr}
    assert {(link.ip, link.port) for link in at if link.port in (18866, 18977)} == {
        ("127.0.0.1", 18866)
    }
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    with browser.open(found.group(), timeout=HUNG) as answer:
        html = answer.read().decode()
        assert answer.status == 200
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "application/vnd.jupyter.widget-view+json" in html
    assert "open_state" not in html and "There was an error" not in html
    federated = json.loads(re.search(r"\"federated_extensions\": (\[.*?\])", html)[1])
    assert "anywidget" in {one["name"] for one in federated}
    stranger = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    with stranger.open(found.group().split("?")[0], timeout=HUNG) as answer:
        assert "/login" in answer.geturl()
    process.send_signal(signal.SIGINT)
    _out, messages = process.communicate(timeout=HUNG)
    assert process.returncode == 0
    assert messages == "Stopped.\n"
    assert not [*(tmp_path / "temporary").iterdir()]


@pytest.mark.parametrize(("status", "problems"), [(200, ["ip", "token"]), (302, ["ip"])])
def test_a_server_that_is_not_as_asked_is_noticed(status, problems):
    """It answers without a token, on another address than that of its settings."""

    class Anybody(RequestHandler):
        def get(self) -> None:
            self.set_status(status)

    async def problems_of() -> list[str]:
        listening = Application([("/", Anybody)]).listen(0, "127.0.0.1")
        port = next(iter(listening._sockets.values())).getsockname()[1]
        app = SimpleNamespace(ip="127.0.0.1", port=port, voila_configuration=SimpleNamespace())
        asked = Config({"Voila": {"ip": "127.0.0.2", "port": 8866}, "VoilaConfiguration": {}})
        try:
            return await server._problems(app, asked)
        finally:
            listening.stop()

    assert asyncio.run(problems_of()) == problems


def refused(folder: Path, scenario: str) -> str:
    """What `ikmplan explore` prints of a scenario that it does not show."""
    done = subprocess.run(
        [*EXPLORE, scenario, "--no-browser"],
        cwd=folder,
        env=os.environ | {"IKMPLAN_LANGUAGE": "en"},
        capture_output=True,
        text=True,
        timeout=HUNG,
    )
    assert done.returncode == 1
    return done.stderr


@pytest.mark.skipif(os.name == "nt", reason="pipes are made otherwise there")
def test_explore_of_a_pipe_is_refused(tmp_path):
    """It can be read once, and the page reads it after the check."""
    os.mkfifo(tmp_path / "pipe")
    refusal = refused(tmp_path, "pipe")
    assert refusal == (
        "pipe: is no file that can be read again. Save the scenario in a file first.\n"
    )


def test_explore_of_a_faulty_scenario_states_it(tmp_path):
    (tmp_path / "bad.yaml").write_text("bugdet: 5\n")
    refusal = refused(tmp_path, "bad.yaml")
    assert "Did you mean budget?" in refusal and "Traceback" not in refusal
