"""The command as a user types it: real processes, their output and exit codes."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from waiting import HUNG

from ikmplan.batch.jobs import prepare
from ikmplan.cli import app

ROOT = Path(__file__).parents[1]
IKMPLAN = [sys.executable, "-m", "ikmplan.cli"]
ON_WINDOWS = os.name == "nt"


def ikmplan(*words: str | Path, cwd: Path = ROOT, language: str = "en"):
    return subprocess.run(
        [*IKMPLAN, *map(str, words)],
        cwd=cwd,
        env=os.environ | {"IKMPLAN_LANGUAGE": language},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=HUNG,
    )


@pytest.fixture
def office(tmp_path):
    """A folder of an office: tables, a scenario, and a notebook that asks for nothing."""
    shutil.copytree(ROOT / "data" / "toy", tmp_path / "data" / "toy")
    (tmp_path / "good.yaml").write_text("data: data/toy\nlanguage: en\n")
    return tmp_path


def notebook(folder: Path, *cells: str) -> None:
    nb = nbformat.v4.new_notebook()
    nb.cells = [nbformat.v4.new_code_cell(cell, id=f"c{n}") for n, cell in enumerate(cells)]
    (folder / "notebooks").mkdir(exist_ok=True)
    nbformat.write(nb, folder / "notebooks" / "plan.ipynb")


def test_version():
    done = ikmplan("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, "ikmplan 0.1.0\n", "")


def test_help_names_the_commands():
    done = ikmplan("--help")
    assert done.returncode == 0
    for word in ("run", "check", "dictionary", "--version"):
        assert word in done.stdout


def test_help_imports_no_library_but_typer():
    """So it answers at once, on any machine: the others take half a second or more."""
    program = (
        "import atexit, sys; from ikmplan.cli import main; sys.argv = ['ikmplan', '--help'];"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr)); main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0
    imported = set(done.stderr.split())
    assert {"ikmplan.cli", "typer"} <= imported
    heavy = {"babel", "dask", "highspy", "IPython", "matplotlib", "nbformat", "numpy", "openpyxl"}
    heavy |= {"pandas", "papermill", "pulp", "pyarrow", "pydantic", "rich", "yaml"}
    assert not heavy & imported


def test_help_is_in_indonesian_by_default():
    env = {key: value for key, value in os.environ.items() if key != "IKMPLAN_LANGUAGE"}
    text = subprocess.check_output([*IKMPLAN, "run", "--help"], env=env, encoding="utf-8")
    assert "Pemakaian: ikmplan run" in text
    assert "berkas skenario" in text
    assert "Options" not in text


@pytest.mark.parametrize("name", (None, *(one.name for one in app.registered_commands)))
def test_help_names_no_type_of_python_and_is_in_one_language(name):
    words = [name, "--help"] if name else ["--help"]
    text = ikmplan(*words, language="id").stdout
    assert "Pemakaian: ikmplan" in text
    types = ("str", "int", "path", "Path", "list[", "range>", "float")
    assert not [one for one in types if f"<{one}" in text]
    assert "OPTIONS" not in text
    assert "COMMAND" not in text


def test_no_words_show_the_help():
    done = ikmplan()
    assert done.returncode == 0
    assert "Usage: ikmplan" in done.stdout


WRONG = {  # what was typed -> what is wrong with it, in English and Indonesian
    "chek": (
        "there is no command chek. Did you mean check?",
        "tidak ada perintah chek. Apakah maksudnya check?",
    ),
    "--versoin": (
        "there is no option --versoin. Did you mean --version?",
        "tidak ada opsi --versoin. Apakah maksudnya --version?",
    ),
    "--version=3": ("--version has no value.", "--version ditulis tanpa nilai."),
    "run": ("PARAMS.yaml is missing.", "PARAMS.yaml belum ditulis."),
    "sweep a.yaml": ("--vary is missing.", "--vary belum ditulis."),
    "check --what .": ("there is no option --what.", "tidak ada opsi --what."),
    "check a b c": ("b c is more than it takes.", "b c berlebih."),
    "run a.yaml --runs": ("the value of --runs is missing.", "nilai --runs belum ditulis."),
    "run a.yaml --quiet=3": ("--quiet has no value.", "--quiet ditulis tanpa nilai."),
    "run a.yaml --workers two": (
        "--workers must be a whole number of at least 1.",
        "--workers harus bilangan bulat, sedikitnya 1.",
    ),
    "explore --port 99999": (
        "--port must be a whole number from 1 to 65535.",
        "--port harus bilangan bulat dari 1 sampai 65535.",
    ),
    "compare runs --language de": (
        "--language must be one of these: id, en.",
        "--language harus salah satu dari: id, en.",
    ),
}


@pytest.mark.parametrize("words", WRONG)
def test_what_is_no_command_is_refused_in_the_language_of_the_user(words):
    english, indonesian = WRONG[words]
    for language, lines in {
        "en": f"ikmplan does not understand this: {english}\nAll commands: ikmplan --help\n",
        "id": f"ikmplan tidak memahami perintah ini: {indonesian}\n"
        "Semua perintah: ikmplan --help\n",
    }.items():
        done = ikmplan(*words.split(), language=language)
        assert (done.returncode, done.stdout, done.stderr) == (2, "", lines)


def test_check_of_good_data():
    done = ikmplan("check", "data/medan-2022")
    assert (done.returncode, done.stdout) == (0, "data/medan-2022: faults 0, warnings 0.\n")


def test_check_of_a_scenario_with_its_tables():
    done = ikmplan("check", "params/medan-2022.yaml")
    assert done.returncode == 0, done.stdout


def test_check_lists_every_fault(office):
    courses = office / "data" / "toy" / "courses.csv"
    lines = courses.read_text().splitlines()
    lines[1] = lines[1].replace(lines[1].split(",")[2], "many", 1)
    courses.write_text("\n".join([*lines, lines[2], ""]))
    done = ikmplan("check", "data/toy", cwd=office)
    assert done.returncode == 1
    assert "courses.csv row 2, column class_min: “many” is not" in done.stdout
    assert f"courses.csv row {len(lines) + 1}, column course:" in done.stdout
    assert done.stdout.endswith("data/toy: faults 2, warnings 0.\n")


def test_warnings_alone_are_no_failure(office):
    with (office / "data" / "toy" / "course_suits.csv").open("a") as file:
        course, _sector, *rest = (
            (office / "data" / "toy" / "course_suits.csv").read_text().splitlines()[1].split(",")
        )
        file.write(",".join([course, "no_such_sector", *rest]) + "\n")
    done = ikmplan("check", "data/toy", cwd=office)
    assert done.returncode == 0
    assert "Warning: course_suits.csv row" in done.stdout
    assert done.stdout.endswith("faults 0, warnings 1.\n")
    (listed,) = json.loads(ikmplan("check", "data/toy", "--json", cwd=office).stdout)
    assert listed["warning"] is True


def warnings_of(office: Path, *words: str) -> list[str]:
    done = ikmplan(*words, cwd=office)
    lines = (done.stdout + done.stderr).splitlines()
    return sorted(line for line in lines if line.startswith("Warning: "))


@pytest.fixture
def odd_office(office):
    """Three warnings: of a sector that no cluster has, of steps without a programme, of a budget
    beyond all funds; and a notebook that fails at once."""
    suits = office / "data" / "toy" / "course_suits.csv"
    course, _sector, *rest = suits.read_text().splitlines()[1].split(",")
    with suits.open("a") as file:
        file.write(",".join([course, "no_such_sector", *rest]) + "\n")
    odd = "data: data/toy\nlanguage: en\nchanges: 3\nbudget: 90000000000\n"
    (office / "odd.yaml").write_text(odd)
    notebook(office, "1 / 0")
    return office


def test_run_prints_the_warnings_of_check(odd_office):
    checked = warnings_of(odd_office, "check", "odd.yaml")
    assert len(checked) == 3
    assert warnings_of(odd_office, "run", "odd.yaml") == checked


@pytest.mark.slow
def test_each_warning_is_printed_once_by_runs_and_sweeps(odd_office):
    """Also where several scenarios share the tables that have it; never with --quiet."""
    checked = warnings_of(odd_office, "check", "odd.yaml")
    both = ("run", "odd.yaml", "good.yaml", "--workers", "1")
    assert warnings_of(odd_office, *both) == checked
    assert warnings_of(odd_office, "sweep", "odd.yaml", "--vary", "floor=0") == checked
    assert warnings_of(odd_office, "run", "odd.yaml", "--quiet") == []


def test_check_as_json_for_machines(office):
    (office / "bad.yaml").write_text("data: data/toy\nbugdet: 5\nfloor: 30%\n")
    done = ikmplan("check", "bad.yaml", "--json", cwd=office)
    assert done.returncode == 1
    faults = json.loads(done.stdout)
    assert [list(fault) for fault in faults] == 2 * [
        ["where", "row", "column", "value", "said", "mend", "warning"]
    ]
    assert [(fault["row"], fault["column"]) for fault in faults] == [(2, "bugdet"), (3, "floor")]
    assert faults[0]["mend"] == "Did you mean budget?"


def test_check_finds_what_a_scenario_asks_of_other_tables(office):
    (office / "bad.yaml").write_text("data: data/toy\nfloors:\n  nobody: 0.1\n")
    done = ikmplan("check", "bad.yaml", cwd=office)
    assert done.returncode == 1
    assert "bad.yaml row 3" in done.stdout
    assert "nobody" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("path", ["nowhere", "nowhere.yaml", "nowhere.xlsx"])
def test_check_of_nothing(path):
    done = ikmplan("check", path)
    assert done.returncode == 1
    assert "does not exist" in done.stdout


def test_dictionary_is_the_readme_of_the_data():
    done = ikmplan("dictionary", language="id")
    assert done.stdout == (ROOT / "data" / "README.md").read_text("utf-8")


def test_run_with_a_fault_writes_nothing(office):
    notebook(office, "1 / 0")
    (office / "bad.yaml").write_text("data: data/toy\nbugdet: 5\n")
    done = ikmplan("run", "good.yaml", "bad.yaml", cwd=office)
    assert done.returncode == 1
    assert "bad.yaml row 2, column bugdet: is no parameter. Did you mean budget?" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (office / "runs").exists()


def test_run_with_faulty_tables_writes_nothing(office):
    (office / "data" / "toy" / "funds.csv").unlink()
    done = ikmplan("run", "good.yaml", cwd=office)
    assert done.returncode == 1
    assert "funds.csv" in done.stderr
    assert not (office / "runs").exists()


@pytest.mark.slow
def test_run_without_plan_states_why_and_keeps_the_notebook(office):
    notebook(
        office,
        "from ikmplan.faults import BadInput, Fault",
        "raise BadInput([Fault('a.csv', 3, 'x', None, 'is wrong.', 'Mend it.')])",
        "print('never')",
    )
    done = ikmplan("run", "good.yaml", "--runs", "out", cwd=office)
    assert done.returncode == 1
    assert "a.csv row 3, column x: is wrong. Mend it." in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    left = {file.name for file in (office / "out" / "good").iterdir()}
    assert left == {"failed.ipynb", "failed.json"}
    failed = nbformat.read(office / "out" / "good" / "failed.ipynb", 4)
    errors = [o for c in failed.cells for o in c.get("outputs", []) if o.output_type == "error"]
    assert [error.ename for error in errors] == ["BadInput"]
    left = {file.name for file in (office / "out").iterdir()}
    assert left == {".lock", "index.html", "good"}  # nothing half-made


@pytest.mark.slow
@pytest.mark.skipif(ON_WINDOWS, reason="Ctrl-C is sent otherwise there")
@pytest.mark.parametrize(
    ("sent", "ignored"),
    [("SIGINT", ""), ("SIGTERM", ""), ("SIGHUP", ""), ("SIGTERM", "SIGINT")],
)
def test_ctrl_c_stops_and_leaves_nothing(office, sent, ignored):
    """Also where the caller ignores Ctrl-C, as a shell does for what ends with &."""
    notebook(office, "import time, pathlib; pathlib.Path('here').touch(); time.sleep(60)")
    (office / "tmp").mkdir()
    # whatever the tests themselves ignore, as under nohup
    begin = f"import os, signal, sys; signal.signal(signal.{sent}, signal.SIG_DFL);"
    if ignored:
        begin += f"signal.signal(signal.{ignored}, signal.SIG_IGN);"
    begin += "os.execv(sys.argv[1], sys.argv[1:])"
    run = subprocess.Popen(
        [sys.executable, "-c", begin, *IKMPLAN, "run", "good.yaml"],
        cwd=office,
        env=os.environ | {"TMPDIR": str(office / "tmp")},
        stderr=subprocess.PIPE,
        text=True,
    )
    began = time.monotonic()
    while not (office / "here").exists():
        assert time.monotonic() - began < HUNG
        time.sleep(0.1)
    run.send_signal(getattr(signal, sent))
    _out, error = run.communicate(timeout=HUNG)
    assert run.returncode == 130
    assert "Traceback" not in error
    assert [file.name for file in (office / "runs").iterdir()] == [".lock"]
    assert not list((office / "tmp").iterdir())


@pytest.mark.slow
def test_each_stage_of_a_run_is_a_line_with_its_time(office):
    """Without a terminal too: nobody waits for minutes without a word."""
    shutil.copytree(ROOT / "notebooks", office / "notebooks")
    done = ikmplan("run", "good.yaml", cwd=office)
    assert done.returncode == 0
    lines = [re.sub(r"\(\d+\.\d s\)", "(n s)", line) for line in done.stderr.splitlines()]
    assert lines == [
        "Input checked (n s)",
        "good: working out the plan …",
        "Plan found and audited (n s)",
        "Reasons worked out (n s)",
        "Tables and charts made (n s)",
        "Page and workbook written (n s)",
    ]


@pytest.mark.slow
@pytest.mark.skipif(ON_WINDOWS, reason="names of sockets are no files there")
def test_the_users_machine_changes_no_batch(office, monkeypatch):
    """Two workers under a long TMPDIR, beside files that are called as libraries are."""
    shutil.copytree(ROOT / "notebooks", office / "notebooks")
    for name in ("numpy", "pandas", "distributed", "json"):
        (office / f"{name}.py").write_text("x = 1")
    (office / "matplotlibrc").write_bytes(b"text.usetex: True\n# \xff\n")
    long = office / ("x" * 120)
    long.mkdir()
    for name in ("a", "b"):
        (office / f"{name}.yaml").write_text("data: data/toy\nlanguage: en\nreasons: false\n")
    monkeypatch.setenv("TMPDIR", str(long))
    monkeypatch.setenv("PYTHONSAFEPATH", "1")  # as of a command that is installed
    done = ikmplan("run", "a.yaml", "b.yaml", "--workers", "2", "--quiet", cwd=office)
    assert (done.returncode, done.stderr) == (0, "")
    assert (office / "runs" / "b" / "plan.html").exists()


@pytest.mark.skipif(ON_WINDOWS, reason="the home folder is elsewhere")
def test_a_settings_file_of_dask_that_cannot_be_read_is_named(office, monkeypatch):
    notebook(office, "1")
    (office / ".config" / "dask").mkdir(parents=True)
    (office / ".config" / "dask" / "mine.yaml").write_text("a: [b")
    (office / "more.yaml").write_text("data: data/toy\n")
    monkeypatch.setenv("HOME", str(office))
    words = ("run", "good.yaml", "more.yaml", "--workers", "2", "--quiet")
    done = ikmplan(*words, cwd=office)
    assert done.returncode == 1
    assert "Dask, which cannot start" in done.stderr and "mine.yaml" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
def test_names_that_are_no_text_and_links(office, monkeypatch):
    """Bytes of an old archive; a link whose tables lie beside it, not beside its target."""
    odd = os.fsdecode(b"rencana-\xe9.yaml")
    (office / odd).write_text("data: data/toy\n")
    shutil.copytree(office / "data" / "toy", office / os.fsdecode(b"data-\xe9"))
    elsewhere = office.parent / f"{office.name}-elsewhere"
    elsewhere.mkdir()
    (elsewhere / "plan.yaml").write_text("data: data/toy\nlanguage: en\n")
    (office / "params").mkdir()
    (office / "params" / "link.yaml").symlink_to(elsewhere / "plan.yaml")
    (office / "params" / "gone.yaml").symlink_to("nowhere.yaml")
    (office / "params" / "loop.yaml").symlink_to("loop.yaml")
    for path in (odd, os.fsdecode(b"data-\xe9")):
        assert ikmplan("check", path, cwd=office).returncode == 0
    monkeypatch.chdir(office)
    assert prepare(odd, "none.ipynb").folder_name == "rencana-\ufffd"
    linked = ikmplan("check", office / "params" / "link.yaml", cwd=office.parent)
    assert linked.returncode == 0, linked.stdout
    for name, message in (
        ("gone", "is a link to a file that does not exist"),
        ("loop", "back to itself"),
    ):
        checked = ikmplan("check", f"params/{name}.yaml", cwd=office)
        ran = ikmplan("run", f"params/{name}.yaml", cwd=office)
        assert (checked.returncode, ran.returncode) == (1, 1)
        assert message in checked.stdout and message in ran.stderr


@pytest.mark.slow
def test_new_writes_a_workbook_that_has_no_fault(tmp_path):
    done = ikmplan("new", "kota-saya.xlsx", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("kota-saya.xlsx: clusters 4;")
    done = ikmplan("check", "kota-saya.xlsx", cwd=tmp_path)
    assert done.stdout == "kota-saya.xlsx: faults 0, warnings 0.\n"
    before = (tmp_path / "kota-saya.xlsx").read_bytes()
    again = ikmplan("new", "kota-saya.xlsx", cwd=tmp_path)
    assert again.returncode == 1
    assert again.stderr == (
        "kota-saya.xlsx: is there already, and is left as it is. "
        "Choose another name, or add --overwrite.\n"
    )
    assert (tmp_path / "kota-saya.xlsx").read_bytes() == before


def test_new_takes_the_rows_of_a_case(office):
    done = ikmplan("new", "toy.xlsx", "--from", "data/toy", cwd=office)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("toy.xlsx: clusters 2;")
    wrong = ikmplan("new", "other.xlsx", "--from", "data/tay", cwd=office)
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "data/tay: does not exist" in wrong.stderr
    assert not (office / "other.xlsx").exists()
