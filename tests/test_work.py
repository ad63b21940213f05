"""Work in progress, uploads and scenario files: no work is lost, each tab sees its own only."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from ikmplan import BadInput, load, solve
from ikmplan.explore import saved_work as work
from ikmplan.explore.history import History, Session
from ikmplan.input.scenario import make_scenario, read_scenario
from ikmplan.report.names import Pin

ROOT = Path(__file__).parents[1]
KEY, OTHER = "0123456789abcdef" * 2, "f" * 32


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("IKMPLAN_WORK", str(tmp_path / "work"))
    shutil.copytree(ROOT / "data" / "toy", tmp_path / "data" / "toy")
    (tmp_path / "params").mkdir()
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def pinned():
    case = load("data/toy", language="en")
    return Pin("A", case, solve(case))


def keep(made: work.Work, pins=(), **fields) -> None:
    first = make_scenario({"data": "data/toy", "language": "en"})
    made.keep(Session(first.changed(**fields), (first,), History((first,)), pins))


def test_work_comes_back_as_it_was_left(pinned):
    keep(work.Work(KEY), (pinned,), budget=50_000_000)
    session = work.Work(KEY).load().session
    assert session.scenario.budget == 50_000_000 and session.firsts[0].budget is None
    assert session.history == History(session.firsts)
    (pin,) = session.pins
    assert pin.letter == "A" and pin.plan.proof == pinned.plan.proof
    assert pin.case.fingerprint == pinned.case.fingerprint


def test_each_key_has_its_own_work_and_no_folder_shows_a_key():
    keep(work.Work(KEY), budget=50_000_000)
    assert work.Work(OTHER).load() is None
    names = [path.name for path in work.work_folder().iterdir()]
    assert len(names) == 1 and KEY not in names[0]


@pytest.mark.parametrize("key", ["", "../../etc", "0" * 31, "G" * 32])
def test_a_key_that_no_page_made_is_refused(key):
    with pytest.raises(ValueError):
        work.Work(key)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a user's folders to the user")
def test_other_users_cannot_read_it():
    made = work.Work(KEY)
    path = made.upload("case.xlsx", b"PK")
    keep(made)
    for folder in (made.folder, path.parent, work.work_folder()):
        assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"scenario": {"bugdet": 1}}', b"\xff"])
def test_work_that_cannot_be_read_is_none(content):
    keep(work.Work(KEY))
    work.Work(KEY).file.write_bytes(content)
    assert work.Work(KEY).load() is None


def test_work_whose_case_is_gone_is_none():
    keep(work.Work(KEY))
    shutil.rmtree("data/toy")
    assert work.Work(KEY).load() is None


def test_a_pin_whose_data_have_changed_since_is_left_out(pinned):
    keep(work.Work(KEY), (pinned,))
    funds = Path("data/toy/funds.csv")
    funds.write_text(funds.read_text().replace("80000000", "90000000"))
    assert work.Work(KEY).load().session.pins == ()


def test_another_tab_copies_the_work_with_uploads(tmp_path):
    first = work.Work(KEY)
    path = first.upload("town.xlsx", b"PK")
    scenario = make_scenario({"data": str(path), "language": "en"})
    first.keep(Session(scenario, (scenario,), History(), ()))
    second = work.Work(OTHER)
    second.copy_from(first)
    shutil.rmtree(first.folder)
    text = second.file.read_text()
    assert str(second.folder) in text and first.folder.name not in text
    assert (second.folder / path.relative_to(first.folder)).read_bytes() == b"PK"


def test_old_work_is_removed():
    keep(work.Work(KEY))
    keep(work.Work(OTHER))
    old = time.time() - 40 * 86_400
    os.utime(work.Work(KEY).file, (old, old))
    work.forget_old()
    assert work.Work(KEY).load() is None and work.Work(OTHER).load() is not None


@pytest.mark.parametrize("name", ["../../kota.xlsx", "C:\\fakepath\\kota.xlsx", "/etc/kota.xlsx"])
def test_an_upload_stays_in_its_folder(name):
    made = work.Work(KEY)
    path = made.upload(name, b"PK")
    assert path.name == "kota.xlsx" and path.is_relative_to(made.folder)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("kota.csv", b"a", "is no Excel workbook"),
        ("kota.xlsx", bytes(8_000_001), "is larger than 8 MB"),
    ],
)
def test_what_is_no_workbook_or_too_large_is_refused(name, content, message):
    from ikmplan.text import language

    with language("en"), pytest.raises(BadInput, match=message):
        work.Work(KEY).upload(name, content)
    assert not work.work_folder().exists()


# --- scenario files ----------------------------------------------------------------------


def test_save_writes_what_batch_reads():
    scenario = make_scenario({"data": "data/toy", "language": "en", "budget": 50_000_000})
    path = work.save(scenario, "mine")
    assert path == Path("params", "mine.yaml")
    assert read_scenario(path) == scenario.changed(name="mine")


def test_a_file_is_overwritten_only_when_asked_to():
    scenario = make_scenario({"data": "data/toy", "language": "en", "budget": 50_000_000})
    path = work.save(scenario, "mine")
    before = path.read_bytes()
    work.save(scenario, "mine")  # the same again is no overwriting
    with pytest.raises(work.Exists):
        work.save(scenario.changed(budget=60_000_000), "mine")
    assert path.read_bytes() == before
    work.save(scenario.changed(budget=60_000_000), "mine", overwrite=True)
    assert read_scenario(path).budget == 60_000_000
    assert [file.name for file in Path("params").iterdir()] == ["mine.yaml"]


@pytest.mark.parametrize("name", ["../mine", "", ".mine", "a/b"])
def test_a_name_that_leads_elsewhere_is_refused(name):
    scenario = make_scenario({"data": "data/toy", "language": "en"})
    with pytest.raises(BadInput) as error:
        work.save(scenario, name)
    assert error.value.faults[0].column == "name"
    assert list(Path("params").iterdir()) == []


def test_an_uploaded_workbook_is_saved_with_its_scenario():
    path = work.Work(KEY).upload("town.xlsx", b"PK one")
    scenario = make_scenario({"data": str(path), "language": "en"})
    made = work.save(scenario, "town")
    assert read_scenario(made).data == "data/town.xlsx"
    assert Path("data/town.xlsx").read_bytes() == b"PK one"
    other = work.Work(KEY).upload("town.xlsx", b"PK two")
    with pytest.raises(work.Exists):
        work.save(scenario.changed(data=str(other)), "town")
    assert Path("data/town.xlsx").read_bytes() == b"PK one"


def test_cases_and_scenarios_to_choose_from():
    (Path("data") / "kota.xlsx").write_bytes(b"PK")
    (Path("data") / "~$kota.xlsx").write_bytes(b"PK")
    (Path("data") / "notes").mkdir()
    (Path("params") / "b.yaml").write_text("")
    (Path("params") / "a.yaml").write_text("")
    assert work.cases() == ["data/kota.xlsx", "data/toy"]
    assert work.scenarios() == ["a.yaml", "b.yaml"]
