"""make.py in empty folders, and what the lists of packages promise.

The set-ups are real: pip installs a tiny ikmplan that depends on nothing.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import timeit
import tomllib
import venv
import zipfile
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path

import psutil
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from waiting import HUNG, until

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
TEST_COMMAND = "python3 make.py test"

TINY = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "ikmplan"
version = "0.1.0"
optional-dependencies.test = ["pytest", "pytest-xdist"]
scripts.ikmplan = "ikmplan.cli:main"
[tool.hatch.build.targets.wheel]
packages = ["src/ikmplan"]
"""
TINY_CLI = """
import sys
def main():
    print("ikmplan got", sys.argv[1:])
    return 7 if "fail" in sys.argv else 0
"""


def plant(folder: Path) -> Path:
    """A project like ours that installs in seconds."""
    package = folder / "src" / "ikmplan"
    package.mkdir(parents=True)
    (package / "cli.py").write_text(TINY_CLI)
    (folder / "pyproject.toml").write_text(TINY)
    for name in ("make.py", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    monkeypatch.delenv("IKMPLAN_VENV", raising=False)
    monkeypatch.delenv("IKMPLAN_LANGUAGE", raising=False)


@pytest.fixture
def tree(tmp_path):
    return plant(tmp_path)


def surroundings(**changes: object) -> dict[str, str]:
    ours = {k: v for k, v in os.environ.items() if not k.startswith("IKMPLAN_")}
    folders = ours["PATH"].split(os.pathsep)
    ours["PATH"] = os.pathsep.join(f for f in folders if not shutil.which("uv", path=f))
    return ours | {"IKMPLAN_LANGUAGE": "en"} | {k: str(v) for k, v in changes.items()}


def make(tree: Path, *words: str, python: object = sys.executable, **changes: object):
    return subprocess.run(
        [str(python), str(tree / "make.py"), *words],
        env=surroundings(**changes),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
    )


def set_up(tree: Path, *words: str, **changes: object):
    """`make`, where only a missing network may keep it from working."""
    ran = make(tree, *words, **changes)
    if "cannot be fetched" in ran.stderr:
        pytest.skip("packages cannot be fetched here")
    assert ran.returncode == 0, ran.stderr
    return ran


def stamps(tree: Path) -> set[str]:
    return {path.name for path in (tree / ".venv").glob("*.stamp")}


def module(tree: Path):
    """make.py as a module, to look at its constants and time its check."""
    spec = importlib.util.spec_from_file_location("make", tree / "make.py")
    assert spec and spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@cache
def pythons() -> dict[tuple[int, int], str]:
    """Interpreters on this machine, by version."""
    names = ["python2.7", *(f"python3.{minor}" for minor in range(6, 16))]
    found = [path for path in map(shutil.which, names) if path]
    found += map(str, Path.home().glob(".pyenv/versions/*/bin/python"))
    working = {}
    for path in found:
        asked = [path, "-c", "import sys; print('%d %d' % sys.version_info[:2])"]
        message = subprocess.run(asked, capture_output=True, text=True)
        if message.returncode == 0:
            major, minor = map(int, message.stdout.split())
            working[major, minor] = path
    return working


def refused(ran, sentence: str) -> None:
    """One sentence, no traceback, exit code 1."""
    assert ran.returncode == 1
    assert re.fullmatch(rf"make\.py: {sentence}.*\.\n", ran.stderr), ran.stderr


# --- what can go wrong


@pytest.mark.slow
def test_a_python_out_of_range_is_refused_with_the_reason(tree):
    outside = [v for v in pythons() if not (3, 11) <= v <= (3, 13)]
    if not outside:
        pytest.skip("no Python older than 3.11 or newer than 3.13 here")
    for version in outside:
        message = "ikmplan needs Python 3.11 to 3.13, and this is Python {}.{}".format(*version)
        refused(make(tree, "plan", python=pythons()[version]), re.escape(message))


def test_make_stays_readable_for_old_pythons():
    ast.parse((ROOT / "make.py").read_text("ascii"), feature_version=(3, 7))


def test_make_and_the_project_agree_on_python():
    make = module(ROOT)
    newest = f"{make.NEWEST[0]}.{make.NEWEST[1] + 1}"
    assert PROJECT["requires-python"] == ">={}.{},<".format(*make.OLDEST) + newest


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder that refuses root too")
def test_no_permission_to_write(tree):
    refused(make(tree, "plan", IKMPLAN_VENV="/sys/ikmplan"), "Cannot write in ")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk(tree):
    (tree / ".venv.log").symlink_to("/dev/full")
    refused(make(tree, "plan", PIP_NO_INDEX=1), "The disk is full; ")
    assert not stamps(tree)


@pytest.mark.slow
def test_no_network(tree):
    ran = make(tree, "plan", PIP_NO_INDEX=1, PIP_FIND_LINKS="")
    log = tree / ".venv.log"
    refused(ran, rf"Packages cannot be fetched; .*\(details: {re.escape(str(log))}\)")
    assert "hatchling" in log.read_text("utf-8")
    assert not stamps(tree)


@pytest.mark.slow
def test_no_network_in_bahasa_indonesia(tree):
    ran = make(tree, "plan", PIP_NO_INDEX=1, PIP_FIND_LINKS="", IKMPLAN_LANGUAGE="id")
    refused(ran, "Paket tidak dapat diunduh; ")


def test_both_languages_say_the_same_things():
    message = module(ROOT).MESSAGES
    assert message["id"].keys() == message["en"].keys()
    for key in message["en"]:
        assert message["id"][key].count("%") == message["en"][key].count("%")


def test_neither_pip_nor_ensurepip(tree, no_ensurepip, bare_python):
    ran = make(tree, "plan", python=bare_python, PYTHONPATH=no_ensurepip)
    refused(ran, "This Python has no pip; ")


@pytest.mark.parametrize("named", [".venv", "mine"])
def test_what_is_no_venv_is_left_alone(tree, named):
    (tree / named).write_text("precious")
    changes = {} if named == ".venv" else {"IKMPLAN_VENV": named}
    refused(make(tree, "plan", **changes), ".* is there and is no Python environment; ")
    assert (tree / named).read_text() == "precious"


def test_a_folder_mistaken_for_a_venv_is_left_alone(tree):
    refused(make(tree, "plan", IKMPLAN_VENV="src"), ".* is there and is no Python environment; ")
    assert (tree / "src" / "ikmplan" / "cli.py").exists()


def test_no_word_helps_and_sets_nothing_up(tree):
    ran = make(tree)
    assert ran.returncode == 0 and ran.stdout.startswith("Usage: python3 make.py")
    assert not (tree / ".venv").exists()


# --- setting up, for real


@pytest.fixture
def no_ensurepip(tmp_path):
    """As on Debian without python3-venv: a folder whose ensurepip cannot be imported."""
    folder = tmp_path / "without"
    folder.mkdir()
    (folder / "ensurepip.py").write_text("raise ImportError('No module named ensurepip')")
    return folder


@pytest.fixture
def bare_python(tmp_path):
    """A Python without pip."""
    venv.create(tmp_path / "bare", with_pip=False)
    return tmp_path / "bare" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    """A tree that is set up; tests may change it if they leave it working."""
    tree = plant(tmp_path_factory.mktemp("folder with spaces"))
    ran = set_up(tree, "check", "data")
    assert "Setting up" in ran.stdout and "ikmplan got ['check', 'data']" in ran.stdout
    return tree


@pytest.mark.slow
def test_plan_and_the_exit_code_are_passed_through(standing):
    assert "got ['run', 'params/medan-2022.yaml']" in make(standing, "plan").stdout
    assert make(standing, "fail").returncode == 7


@pytest.mark.slow
def test_setting_up_again_takes_milliseconds(standing):
    assert "Setting up" not in make(standing, "check").stdout
    ready = module(standing).is_ready
    assert ready("base") and min(timeit.repeat(lambda: ready("base"), number=1)) < 0.005


@pytest.mark.slow
def test_test_adds_only_what_is_missing(standing):
    shutil.rmtree(standing / ".venv")
    set_up(standing, "check")
    assert stamps(standing) == {"ikmplan-base.stamp"}
    assert not [*(standing / ".venv").rglob("pytest")]
    assert "pytest" in set_up(standing, "test", "--version").stdout
    assert "already satisfied: pip" in (standing / ".venv.log").read_text("utf-8")
    assert stamps(standing) == {"ikmplan-base.stamp", "ikmplan-test.stamp"}
    assert "Setting up" not in make(standing, "check").stdout


@pytest.mark.slow
def test_changed_pins_are_installed(standing):
    with (standing / "constraints.txt").open("a") as file:
        file.write("# another pin\n")
    assert "Setting up" in set_up(standing, "check").stdout


@pytest.mark.slow
def test_a_broken_venv_is_remade(standing):
    Path(module(standing).PYTHON).unlink()
    assert "got ['check']" in set_up(standing, "check").stdout


@pytest.mark.slow
def test_a_venv_of_another_python_is_remade(standing):
    others = [v for v in pythons() if (3, 11) <= v <= (3, 13) and v != sys.version_info[:2]]
    if not others:
        pytest.skip("no other Python from 3.11 to 3.13 here")
    ran = set_up(standing, "check", python=pythons()[others[0]])
    assert "got ['check']" in ran.stdout
    made_by = "version = {}.{}.".format(*others[0])
    assert made_by in (standing / ".venv" / "pyvenv.cfg").read_text("utf-8")


def stopped_while_installing(tree: Path, how: signal.Signals) -> tuple[int, bytes]:
    """Exit code and error output of a set-up that is stopped while pip installs."""
    log = tree / ".venv.log"
    with subprocess.Popen(
        [sys.executable, tree / "make.py", "plan"],
        env=surroundings(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as running:
        until(lambda: log.exists() and "Installing" in log.read_text("utf-8"))
        os.killpg(running.pid, how)
        _out, errors = running.communicate(timeout=HUNG)
    return running.returncode, errors


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="a process group is interrupted otherwise there")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_set_up_that_was_stopped_begins_anew(tree, how):
    code, errors = stopped_while_installing(tree, how)
    assert (code, errors) == (130 if how == signal.SIGINT else -how, b"")
    assert not stamps(tree)
    half = tree / ".venv" / "half"
    half.write_text("a package half written")
    ran = set_up(tree, "check")
    assert "making the Python environment" in ran.stdout and "got ['check']" in ran.stdout
    assert not half.exists() and stamps(tree)


def state(process: psutil.Process) -> str:
    """Its status; of one that is gone that of one that has ended."""
    with suppress(psutil.NoSuchProcess):
        if process.is_running():
            return process.status()
    return psutil.STATUS_ZOMBIE


def stop_all(first: psutil.Process) -> list[psutil.Process]:
    """Suspend a process and all that it started, which are returned; they start no more."""
    first.suspend()
    until(lambda: state(first) == psutil.STATUS_STOPPED)
    children, before = [], None
    while children != before:
        before, children = children, first.children(recursive=True)
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.suspend()
        still = {psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE}
        until(lambda: set(map(state, children)) <= still)  # noqa: B023
    return children


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="the lock is another one there")
def test_what_a_killed_set_up_started_keeps_the_next_one_waiting(tree):
    """pip alone goes on, and would write into the folder that the next set-up makes."""
    import fcntl

    log, lock = tree / ".venv.log", tree / ".venv.lock"
    with subprocess.Popen(
        [sys.executable, tree / "make.py", "plan"], env=surroundings(), stdout=subprocess.DEVNULL
    ) as running:
        until(lambda: log.exists() and "Obtaining" in log.read_text("utf-8"))
        children = stop_all(psutil.Process(running.pid))
        running.kill()
    with lock.open() as file:
        with pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        until(lambda: set(map(state, children)) <= {psutil.STATUS_ZOMBIE})
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.slow
def test_two_set_ups_at_once_wait_for_each_other(tree):
    commands = [
        subprocess.Popen(
            [sys.executable, tree / "make.py", "check"],
            env=surroundings(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        for _n in range(2)
    ]
    first, second = sorted((c.communicate(timeout=HUNG)[0] for c in commands), key=len)
    assert [c.returncode for c in commands] == [0, 0], first + second
    assert "waiting for it to end" in first and "Setting up" not in first
    assert "installing packages" in second and "ready" in second
    assert "got ['check']" in first and "got ['check']" in second


@pytest.mark.slow
def test_without_ensurepip(tree, no_ensurepip):
    assert "got ['check']" in set_up(tree, "check", PYTHONPATH=no_ensurepip).stdout


@pytest.mark.slow
def test_without_pip(tree, bare_python):
    assert "got ['check']" in set_up(tree, "check", python=bare_python).stdout


@pytest.mark.slow
def test_the_wheel_ships_every_file_of_the_package(tmp_path):
    if not (ROOT / "README.md").exists():
        pytest.skip("no README.md yet")
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", tmp_path, ROOT]
    built = subprocess.run(build, capture_output=True, text=True)
    if "from versions: none" in built.stderr:
        pytest.skip("packages cannot be fetched here")
    assert built.returncode == 0, built.stderr
    files = [p for p in (ROOT / "src").rglob("*") if p.is_file() and p.suffix != ".pyc"]
    shipped = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    assert {p.relative_to(ROOT / "src").as_posix() for p in files} <= shipped


# --- the lists of packages

PLATFORMS = {
    "linux": {"os_name": "posix", "platform_system": "Linux", "platform_machine": "x86_64"},
    "win32": {"os_name": "nt", "platform_system": "Windows", "platform_machine": "AMD64"},
    "darwin": {"os_name": "posix", "platform_system": "Darwin", "platform_machine": "arm64"},
}
CONDA_NAMES = {
    "matplotlib": "matplotlib-base",
    "dask": "dask-core",
    "jupyter-client": "jupyter_client",
    "jupyter-core": "jupyter_core",
}


def target(python: str, platform: str) -> dict[str, str]:
    """What markers ask about a machine."""
    return PLATFORMS[platform] | {
        "python_version": python,
        "python_full_version": f"{python}.7",
        "sys_platform": platform,
        "implementation_name": "cpython",
        "implementation_version": f"{python}.7",
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_version": "",
    }


def pins(machine: dict[str, str]) -> dict[str, list[Requirement]]:
    found: dict[str, list[Requirement]] = {}
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            pin = Requirement(line)
            if pin.marker is None or pin.marker.evaluate(machine):
                found.setdefault(canonicalize_name(pin.name), []).append(pin)
    return found


def wanted_by(need: Requirement, pin: Requirement, machine: dict[str, str]) -> list[Requirement]:
    """What `need` needs on `machine`, as far as the packages installed here show."""
    try:
        if not pin.specifier.contains(metadata.version(need.name)):
            return []
        lines = metadata.requires(need.name) or []
    except metadata.PackageNotFoundError:
        return []
    found = []
    for line in lines:
        wanted = Requirement(line)
        asked = [machine | {"extra": extra} for extra in ("", *need.extras)]
        if wanted.marker is None or any(map(wanted.marker.evaluate, asked)):
            found.append(wanted)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_everything_is_pinned_everywhere(python, platform):
    machine = target(python, platform)
    pinned = pins(machine)
    lines = [*PROJECT["dependencies"], *EXTRAS["test"]]
    direct = [need for need in map(Requirement, lines) if need.name != "ikmplan"]
    todo, seen = [*direct], set()
    for need in direct:
        (pin,) = pinned[canonicalize_name(need.name)]
        (exact,) = pin.specifier
        assert exact.operator == "=="
        assert need.specifier.contains(exact.version), f"{need} but {pin}"
    while todo:
        need = todo.pop()
        if str(need) not in seen:
            seen.add(str(need))
            found = pinned.get(canonicalize_name(need.name), [])
            assert len(found) == 1, f"{need}: {found}"
            todo += wanted_by(need, found[0], machine)


@pytest.mark.parametrize(
    "name", ["constraints.txt", "pyproject.toml", "environment.yml", "make.py", ".ci/run"]
)
def test_no_address_stands_in(name):
    text = (ROOT / name).read_text("utf-8")
    # nor an option of pip that names a place to find packages or to trust
    assert not re.search(r"\w:/{2}|\b(index|find|trusted)-[a-z]", text)


def test_conda_and_pip_install_the_same():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    assert conda[-1] == {"pip": ["-e ."]}
    expected = {f"python{PROJECT['requires-python']}", "pip"}
    for line in PROJECT["dependencies"]:
        need = Requirement(line)
        expected.add(CONDA_NAMES.get(need.name, need.name) + line.removeprefix(need.name))
    assert set(conda[:-1]) == expected


def test_every_import_is_a_declared_dependency():
    declared = {Requirement(line).name for line in PROJECT["dependencies"]}
    owners = metadata.packages_distributions()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for name in {n.split(".")[0] for n in names} - sys.stdlib_module_names - {"ikmplan"}:
                owner = {canonicalize_name(o) for o in owners.get(name, [])}
                assert owner & declared, f"{path.name} imports {name}"


# --- one command for tests, the same everywhere


@pytest.mark.parametrize("name", ["README.md", "README.id.md"])
def test_the_readme_names_the_test_command(name):
    if not (ROOT / name).exists():
        pytest.skip(f"no {name} yet")
    lines = [line.strip() for line in (ROOT / name).read_text("utf-8").splitlines()]
    assert TEST_COMMAND in lines, "the command stands on a line of its own"


def test_ci_ends_with_the_test_command():
    assert (ROOT / ".ci" / "run").read_text("utf-8").splitlines()[-1] == TEST_COMMAND
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
