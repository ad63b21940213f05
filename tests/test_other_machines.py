"""Streams, pipes, folders and settings as they are on other people's machines."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from waiting import HUNG

from ikmplan.batch import prestart
from ikmplan.batch.jobs import faults_of, prepare
from ikmplan.faults import BadInput, refusal_of
from ikmplan.notebook.forkserver import FORKS
from ikmplan.text import language

ROOT = Path(__file__).parents[1]
VALUES = {"data": (ROOT / "data" / "toy").as_posix(), "language": "en"}
SCENARIO = "".join(f"{key}: {value}\n" for key, value in VALUES.items())
on_posix = pytest.mark.skipif(os.name == "nt", reason="pipes and links are made otherwise there")


def python(code: str, **variables: str) -> str:
    """What another process of this Python prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "IKMPLAN_LANGUAGE": "en"} | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=HUNG,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@on_posix
@pytest.mark.parametrize("closed", ["0", "1", "2", "0, 1, 2"])
def test_what_the_caller_closed_leads_to_nothing(tmp_path, closed):
    """The next file gets no number of a stream, in a program that is started too, and a message
    that nobody reads stops nothing."""
    child = f"print(open({os.devnull!r}).fileno(), file=open({str(tmp_path / 'child')!r}, 'w'))"
    code = (
        "import os, subprocess, sys\n"
        f"for number in ({closed},): os.close(number)\n"
        f"sys.stdout, sys.stderr = (None if n in ({closed},) else s"
        " for n, s in ((1, sys.stdout), (2, sys.stderr)))\n"  # as Python begins
        "from ikmplan.cli_app import open_streams, print_error\n"
        "open_streams(); print_error('text'); print('text')\n"
        f"with open({str(tmp_path / 'number')!r}, 'w') as file: file.write(str(file.fileno()))\n"
        f"subprocess.run([sys.executable, '-c', {child!r}], check=True)\n"
    )
    python(code)
    assert int((tmp_path / "number").read_text()) > 2
    assert int((tmp_path / "child").read_text()) > 2


@pytest.mark.skipif(not FORKS, reason="workers are not forked here")
def test_ctrl_c_while_workers_are_started_comes_after():
    """What is started never gets it."""
    code = (
        "import os, signal\n"
        "from multiprocessing import forkserver\n"
        "from ikmplan.batch import prestart\n"
        "def ensure_running():\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    print(signal.pthread_sigmask(signal.SIG_BLOCK, ()) == {signal.SIGINT})\n"
        "forkserver.ensure_running = ensure_running\n"
        "try: prestart.prestart_workers()\n"
        "except KeyboardInterrupt: print('stopped')\n"
    )
    assert python(code) == "True\nstopped\n"


@on_posix
@pytest.mark.parametrize(("pause", "inside"), [(0.0, ["all of it"]), (0.2, [])])
def test_a_second_press_takes_effect_at_once_where_a_start_takes_long(monkeypatch, pause, inside):
    """Of two presses that follow each other the second adds nothing; handlers are as before."""
    monkeypatch.setattr(prestart, "PATIENCE", 0.1)
    before, seen = signal.getsignal(signal.SIGINT), []
    with pytest.raises(KeyboardInterrupt), prestart.signals_later():
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(pause)
        os.kill(os.getpid(), signal.SIGINT)
        seen.append("all of it")
    assert seen == inside
    assert signal.getsignal(signal.SIGINT) is before


@on_posix
def test_ctrl_c_during_a_start_that_fails_is_ctrl_c():
    """The user ended the run; that the workers did not start is no news to him."""
    with pytest.raises(KeyboardInterrupt), prestart.signals_later():
        os.kill(os.getpid(), signal.SIGINT)
        raise RuntimeError("the workers do not start")


@on_posix
@pytest.mark.parametrize("name", ["plan", "plan.txt", "plan.json", "plan.yaml"])
def test_check_and_run_take_the_same_for_a_scenario(tmp_path, name):
    """A scenario may have any ending; a pipe, as the shell's <( ) makes one, has none."""
    (tmp_path / name).write_text(json.dumps(VALUES) if name == "plan.json" else SCENARIO)
    assert [fault for fault in faults_of(tmp_path / name) if not fault.warning] == []
    assert prepare(tmp_path / name).scenario.data == VALUES["data"]
    bad = json.dumps(VALUES | {"bugdet": 1}) if name == "plan.json" else SCENARIO + "bugdet: 1\n"
    (tmp_path / name).write_text(bad)
    with pytest.raises(BadInput) as refused:
        prepare(tmp_path / name)
    assert [fault.column for fault in refused.value.faults] == ["bugdet"]
    assert [fault for fault in faults_of(tmp_path / name) if not fault.warning] == (
        refused.value.faults
    )


@on_posix
def test_a_scenario_is_read_from_a_pipe(tmp_path):
    """Its words can be read once: nothing looks into it before."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writing = threading.Thread(target=pipe.write_text, args=(SCENARIO,), daemon=True)
    writing.start()
    command = [sys.executable, "-m", "ikmplan.cli", "check", str(pipe)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HUNG)
    assert (done.returncode, done.stderr) == (0, "")
    writing.join()


@on_posix
def test_links_that_lead_to_themselves_are_one_sentence(tmp_path):
    (tmp_path / "a.yaml").symlink_to("b.yaml")
    (tmp_path / "b.yaml").symlink_to("a.yaml")
    with language("en"):
        (fault,) = faults_of(tmp_path / "a.yaml")
    assert str(fault) == (
        f"{tmp_path / 'a.yaml'}: is a link that leads back to itself. Check the path."
    )


@on_posix
def test_a_folder_in_use_that_is_gone_is_named(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(FileNotFoundError) as refused:
        Path.cwd()
    monkeypatch.chdir(tmp_path)
    with language("en"):
        assert refusal_of(refused.value) == "The folder in use: is not there. Check the path."


@pytest.mark.parametrize("place", ["JUPYTER_PATH", "JUPYTER_DATA_DIR"])
def test_templates_of_the_users_jupyter_change_no_page(tmp_path, place):
    """The page is made of templates with these names, which come with nbconvert."""
    for name in ("base", "lab", "page"):
        folder = tmp_path / "nbconvert" / "templates" / name
        folder.mkdir(parents=True)
        (folder / "conf.json").write_text('{"base_template": "nowhere"}')
        for file in ("null.j2", "base.html.j2", "index.html.j2"):
            (folder / file).write_text("theirs")
    code = (
        "import os; from ikmplan.notebook.forkserver import own_environment\n"
        "os.environ.update(own_environment())\n"
        "from nbformat.v4 import new_markdown_cell, new_notebook\n"
        "from ikmplan.notebook.html_page import to_html\n"
        "nb = new_notebook(cells=[new_markdown_cell('# Ours', id='a')])\n"
        "page = to_html(nb, 'en', at='-')\n"
        "print('theirs' in page, 'Ours' in page)"
    )
    assert python(code, **{place: str(tmp_path)}) == "False True\n"
