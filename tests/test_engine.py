"""papermill's engine `ikmplan`: kernels that share nothing, and what a cell may do to them."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import house
import nbformat
import papermill
import psutil
import pytest
from papermill.engines import papermill_engines
from waiting import HUNG

from ikmplan import files
from ikmplan.notebook import engine as kernels
from ikmplan.notebook import forkserver
from ikmplan.notebook.engine import MAX_STDOUT, KernelDied, KernelEngine, cancelled_by_ctrl_c
from ikmplan.notebook.execute import execute

ROOT = Path(__file__).parents[1]
forks = pytest.mark.skipif(not forkserver.FORKS, reason="no fork here")


@pytest.fixture(scope="module", autouse=True)
def _engine():
    papermill_engines.register("ikmplan", KernelEngine)
    yield
    forkserver.server().close()


@pytest.fixture(params=["forked", "started"])
def way(request, monkeypatch):
    """Both ways to a kernel: a fork, and a process started as always."""
    if request.param == "forked" and not forkserver.FORKS:
        pytest.skip("no fork here")
    monkeypatch.setattr(kernels, "FORKS", request.param == "forked")
    return request.param


def write(folder: Path, *cells: str) -> None:
    nb = nbformat.v4.new_notebook()
    nb.cells = [nbformat.v4.new_code_cell(cell, id=f"c{n}") for n, cell in enumerate(cells)]
    nb.metadata.kernelspec = {"name": "python3", "language": "python", "display_name": "Python 3"}
    nbformat.write(nb, folder / "in.ipynb")


def run(folder: Path, *cells: str, **options: object) -> nbformat.NotebookNode:
    write(folder, *cells)
    return papermill.execute_notebook(
        folder / "in.ipynb",
        folder / "out.ipynb",
        engine_name="ikmplan",
        progress_bar=False,
        cwd=folder,
        **options,
    )


def printed(nb: nbformat.NotebookNode) -> str:
    outputs = [output for cell in nb.cells for output in cell.get("outputs", [])]
    return "".join(str(output.get("text", "")) for output in outputs)


def living() -> list[psutil.Process]:
    """Processes that this one started, and those that they did, but for the server itself."""
    own = forkserver.server()._process
    found = psutil.Process().children(recursive=True)
    return [
        process
        for process in found
        if process.status() != psutil.STATUS_ZOMBIE and process.pid != (own and own.pid)
    ]


def test_it_is_an_entry_point_of_papermill():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    module, name = project["entry-points"]["papermill.engine"]["ikmplan"].split(":")
    engine = getattr(import_module(module), name)
    assert engine.execute_notebook == KernelEngine.execute_notebook


@pytest.mark.slow
@pytest.mark.parametrize("module", house.order())
def test_every_module_can_be_imported_alone(module):
    """In a fresh process, whatever came before: papermill reads its entry points as it is
    imported, and one of them is ours."""
    alone = [sys.executable, "-c", f"import ikmplan.{module}"]
    done = subprocess.run(alone, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_no_process_of_a_batch_compiles_a_grammar():
    """jsonschema would, for a second, to check addresses that notebooks do not hold."""
    look = (
        "import sys, ikmplan.batch.tasks, nbformat; print(*{'jsonschema', 'lark'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout == "jsonschema\n"


SPOIL = """
import builtins, locale, os, sys, random
import matplotlib, numpy, pandas
import ikmplan.input.cells, ikmplan.text
pandas.DataFrame.sum = lambda *_: 42
pandas.set_option("display.max_rows", 1)
matplotlib.rcParams["font.size"] = 99
locale.setlocale(locale.LC_ALL, "C")
numpy.seterr(all="raise")
random.seed(1); numpy.random.seed(1)
os.environ["SPOILT"] = "1"
os.chdir("/")
builtins.spoilt = True
sys.path.insert(0, "/spoilt")
ikmplan.text.use_language("id")
ikmplan.input.cells.CITY = "nowhere"
del pandas.concat
"""
LOOK = """
import builtins, os, sys, locale
import matplotlib, numpy, pandas
import ikmplan.input.cells, ikmplan.text
print(pandas.DataFrame({"a": [1, 2]}).sum()["a"], hasattr(pandas, "concat"))
print(pandas.get_option("display.max_rows"), matplotlib.rcParams["font.size"])
print(locale.setlocale(locale.LC_ALL), numpy.geterr(), os.environ.get("SPOILT"))
print(os.path.basename(os.getcwd()), hasattr(builtins, "spoilt"), "/spoilt" in sys.path)
print(ikmplan.text.current_language(), ikmplan.input.cells.CITY)
print(sorted(name for name in globals() if name[0] != "_"))
"""


def test_what_one_scenario_changes_never_reaches_the_next(tmp_path, way):
    """Globals, options, the locale, the folder, patched libraries: the next sees none of it."""
    env = os.environ | {"IKMPLAN_LANGUAGE": "en"}
    before = printed(run(tmp_path, LOOK, env=env))
    assert before.startswith("3 True\n60 10.0\n")
    assert "42" in printed(
        run(tmp_path, SPOIL, "print(pandas.DataFrame({'a': [1, 2]}).sum())", env=env)
    )
    assert printed(run(tmp_path, LOOK, env=env)) == before


def test_each_kernel_has_its_own_chance(tmp_path, way):
    cell = "import numpy, random; print(numpy.random.rand(), random.random())"
    assert printed(run(tmp_path, cell)) != printed(run(tmp_path, cell))


@pytest.mark.slow
@pytest.mark.parametrize("module", ["numpy", "pandas", "json", "ikmplan", "IPython", "zmq"])
def test_a_file_called_as_a_library_is_not_taken_for_it(tmp_path, way, module):
    """The office's own modules can be imported all the same, where no library has their name."""
    (tmp_path / f"{module}.py").write_text("here = True")
    (tmp_path / "office_helper.py").write_text("here = True")
    forkserver.server().close()
    cell = f"import {module}, office_helper; print(hasattr({module}, 'here'), office_helper.here)"
    assert printed(run(tmp_path, cell)) == "False True\n"


@pytest.mark.slow
def test_settings_of_the_users_python_and_matplotlib_do_not_reach_it(tmp_path, way, monkeypatch):
    """Neither variables of a start-up file nor fonts, nor a file that cannot be read, nor the
    width of the terminal."""
    start = tmp_path / ".ipython" / "profile_default" / "startup"
    start.mkdir(parents=True)
    (start / "00-mine.py").write_text("mine = 1; import pandas; pandas.options.display.width = 7")
    (start.parent / "ipython_config.py").write_text("1 / 0")
    style = b"font.size: 99\ntext.usetex: True\n# \xff"
    (tmp_path / ".config" / "matplotlib").mkdir(parents=True)
    (tmp_path / ".config" / "matplotlib" / "matplotlibrc").write_bytes(style)
    if way == "forked":  # one that is started reads the folder in use before all else
        (tmp_path / "matplotlibrc").write_bytes(style)
    for name in ("IPYTHONDIR", "MPLCONFIGDIR", "MATPLOTLIBRC"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MPLBACKEND", "no such backend")
    monkeypatch.setenv("COLUMNS", "20")
    (tmp_path / "session.py").write_text("raise SystemExit(3)")
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "session.py"))
    forkserver.server().close()
    cell = (
        "import matplotlib, pandas\n"
        "print('mine' in globals(), pandas.options.display.width, matplotlib.rcParams['font.size'])"
        "\nprint('...' in repr(pandas.DataFrame({name: [1] for name in ('reached', 'cost')})))"
    )
    write(tmp_path, cell)
    execute(tmp_path / "in.ipynb", tmp_path / "out.ipynb", {}, folder=tmp_path, environment={})
    assert printed(nbformat.read(tmp_path / "out.ipynb", 4)) == "False 80 10.0\nFalse\n"


@pytest.mark.slow
def test_a_kernel_that_ends_before_it_is_ready_is_reported_as_that(tmp_path, way, monkeypatch):
    end = "--IPKernelApp.exec_lines=import os; os._exit(3)"
    monkeypatch.setattr(kernels, "ARGUMENTS", [*kernels.ARGUMENTS, end])
    with pytest.raises(KernelDied, match="before it was ready"):  # and no end of the time to start
        run(tmp_path, "print('never')")


@pytest.mark.slow
def test_a_kernel_that_cannot_start_states_why(tmp_path, way, monkeypatch):
    """Its own error, and no guess."""
    wrong = "--IPKernelApp.kernel_class=no_such_module.Kernel"
    monkeypatch.setattr(kernels, "ARGUMENTS", [*kernels.ARGUMENTS, wrong])
    with pytest.raises(KernelDied, match=r"before it was ready: .*no_such_module"):
        run(tmp_path, "print('never')")


@pytest.mark.slow
@pytest.mark.parametrize("home", ["missing", "a file", "not writable"])
def test_a_home_folder_is_not_needed(tmp_path, way, monkeypatch, home):
    place = {"missing": "/nowhere", "a file": str(tmp_path / "in.ipynb"), "not writable": "/proc"}
    monkeypatch.setenv("HOME", place[home])
    monkeypatch.delenv("IPYTHONDIR", raising=False)
    monkeypatch.delenv("JUPYTER_RUNTIME_DIR", raising=False)
    forkserver.server().close()
    assert printed(run(tmp_path, "print(1)")) == "1\n"


@pytest.mark.slow
@forks
@pytest.mark.parametrize("short", [True, False])
def test_a_long_name_of_the_temporary_folder_is_no_hindrance(tmp_path, monkeypatch, short):
    """Names of sockets may have 107 bytes: a shorter folder takes them, or ports do."""
    long = tmp_path / ("x" * 120)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    assert files.socket_folder() not in (None, str(long))
    if not short:
        monkeypatch.setattr(kernels, "socket_folder", lambda: None)
    assert printed(run(tmp_path, "print(1)")) == "1\n"
    assert not list(long.iterdir())


@pytest.mark.slow
def test_no_output_of_an_earlier_cell_is_lost_or_doubled(tmp_path, way):
    """The line is ready without a pause: what is printed first comes whole, and once."""
    for _n in range(5):
        made = run(tmp_path, "print('first')", "print('second')")
        assert printed(made) == "first\nsecond\n"


@pytest.mark.slow
@pytest.mark.parametrize("death", ["os._exit(1)", "os.kill(os.getpid(), 9)"])
def test_a_kernel_that_dies_is_an_error_of_its_cell(tmp_path, way, death):
    with pytest.raises(papermill.PapermillExecutionError, match="died in this cell") as caught:
        run(tmp_path, "print('before')", f"import os; {death}", "print('never')")
    assert caught.value.ename == KernelDied.__name__
    saved = nbformat.read(tmp_path / "out.ipynb", 4)
    assert printed(saved) == "before\n"
    errors = [o for c in saved.cells for o in c.get("outputs", []) if o.output_type == "error"]
    assert [error.ename for error in errors] == [KernelDied.__name__]
    marks = [c for c in saved.cells if "papermill-error-cell-tag" in c.metadata.get("tags", [])]
    assert len(marks) == 2  # at the top, and before the cell
    assert printed(run(tmp_path, "print('the next lives')")) == "the next lives\n"


def test_a_cell_that_prints_50_mb_is_cut(tmp_path, way):
    nb = run(tmp_path, "for n in range(50): print('x' * 2**20)", "print('goes on')")
    assert MAX_STDOUT < len(printed(nb)) < MAX_STDOUT + 500
    assert "more was printed" in printed(nb)
    assert printed(nb).endswith("goes on\n")
    assert (tmp_path / "out.ipynb").stat().st_size < 2 * MAX_STDOUT


def test_no_kernel_is_left(tmp_path, way):
    before = living()
    run(tmp_path, "1")
    assert living() == before


@forks
def test_what_a_kernel_started_ends_with_it(tmp_path):
    cell = "import subprocess; print(subprocess.Popen(['sleep', '1000']).pid)"
    pid = int(printed(run(tmp_path, cell)))
    for _n in range(50):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie":
            return
        time.sleep(0.1)
    pytest.fail(f"{pid} still runs")


@forks
def test_a_server_that_was_killed_is_replaced(tmp_path):
    run(tmp_path, "1")
    process = forkserver.server()._process
    assert process is not None
    process.kill()
    assert printed(run(tmp_path, "print(1)")) == "1\n"


@pytest.fixture
def worker(monkeypatch):
    """The client's side in a worker of this process."""
    forkserver.prestart()
    monkeypatch.setenv(forkserver.SHARED_SERVER, forkserver.server().address)
    made = forkserver.ForkServer()
    yield made
    made.close()


@forks
def test_a_worker_has_its_kernels_from_the_server_of_its_batch(tmp_path, monkeypatch, worker):
    """And one of its own where that was killed. Nothing that a kernel starts is a worker."""
    monkeypatch.setattr(kernels, "server", lambda: worker)
    name = forkserver.SHARED_SERVER
    cell = f"import os; print(os.getppid(), os.environ.get({name!r}))"
    shared = forkserver.server()._process
    assert shared is not None
    assert printed(run(tmp_path, cell)) == f"{shared.pid} None\n"
    shared.kill()
    shared.wait()
    assert printed(run(tmp_path, cell)) != f"{shared.pid} None\n"


@pytest.mark.slow
@forks
def test_kernels_end_with_the_worker_that_asked_for_them(tmp_path, worker):
    """Those of others go on."""
    forked = []
    for n, client in enumerate((forkserver.server(), worker)):
        folder = tmp_path / str(n)
        folder.mkdir()
        (folder / forkserver.ERRORS).touch()
        argv = ["-f", str(folder / "kernel.json")]
        forked.append(client.fork(argv, str(folder), dict(os.environ)))
    worker.close()
    others, its = forked
    assert its.ended(HUNG)
    assert not others.ended()
    others.kill()
    assert others.ended()


@pytest.mark.slow
@forks
def test_nothing_outlives_a_killed_process(tmp_path):
    """kill -9 of the process that runs the notebook: server and kernel end by themselves."""
    write(tmp_path, "import pathlib, time; pathlib.Path('here').touch(); time.sleep(1000)")
    program = (
        "import papermill; from papermill.engines import papermill_engines as e;"
        "from ikmplan.notebook.engine import KernelEngine; e.register('ikmplan', KernelEngine);"
        "papermill.execute_notebook('in.ipynb', 'out.ipynb', engine_name='ikmplan')"
    )
    runner = subprocess.Popen(
        [sys.executable, "-c", program], cwd=tmp_path, stderr=subprocess.DEVNULL
    )
    while not (tmp_path / "here").exists():
        assert runner.poll() is None
        time.sleep(0.05)
    family = psutil.Process(runner.pid).children(recursive=True)
    assert len(family) == 2
    runner.send_signal(signal.SIGKILL)
    runner.wait()
    _gone, alive = psutil.wait_procs(family, timeout=HUNG)
    assert alive == []


def test_a_failing_cell_is_marked_and_reported(tmp_path, way):
    with pytest.raises(papermill.PapermillExecutionError, match="ZeroDivisionError"):
        run(tmp_path, "1 / 0", "print('never')")
    text = (tmp_path / "out.ipynb").read_text("utf-8")
    assert re.search("papermill-error-cell", text) and "never\\n" not in text


@pytest.mark.slow
def test_plain_papermill_finds_it(tmp_path):
    """`papermill --engine ikmplan`, by the entry point as it is installed."""
    write(tmp_path, "import os; print(os.environ['MARK'])")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = ["[papermill.engine]", *map(" = ".join, entry_points(project))]
    about = tmp_path / "site" / "ikmplan-0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: ikmplan\nVersion: 0\n")
    (about / "entry_points.txt").write_text("\n".join([*lines, ""]))
    path = os.pathsep.join([str(about.parent), str(ROOT / "src")])
    done = subprocess.run(
        [sys.executable, "-m", "papermill", "--engine", "ikmplan", "in.ipynb", "out.ipynb"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": path, "MARK": "seen"},
        capture_output=True,
        text=True,
        timeout=HUNG,
    )
    assert done.returncode == 0, done.stderr
    assert printed(nbformat.read(tmp_path / "out.ipynb", 4)) == "seen\n"


@pytest.mark.parametrize(
    ("engine", "option", "written", "read"),
    [
        ("nbclient", "-f", "budget: 050000000", "10485760"),
        pytest.param("nbclient", "-y", "target_units: 1:30", "90", marks=pytest.mark.slow),
        pytest.param("ikmplan", "-f", "target_classes: 1_000", "1000", marks=pytest.mark.slow),
    ],
)
def test_papermill_must_read_what_is_written(tmp_path, engine, option, written, read):
    """YAML's own rules make 10485760 of 050000000; the cells get no more than that number."""
    cells = [
        nbformat.v4.new_code_cell("budget = None", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("from ikmplan.parameters import given; given(globals())"),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "", "language": "python"}
    nbformat.write(notebook, tmp_path / "in.ipynb")
    (tmp_path / "x.yaml").write_text(f"# as the office writes it\n{written}\n")
    source = "x.yaml" if option == "-f" else written
    command = [sys.executable, "-m", "papermill", "--engine", engine, option, source]
    done = subprocess.run(
        [*command, "in.ipynb", "out.ipynb"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "IKMPLAN_LANGUAGE": "en"},
        capture_output=True,
        text=True,
        timeout=HUNG,
    )
    assert done.returncode != 0
    assert f"is {read} to other programs that read YAML" in done.stderr


def entry_points(project):
    return project["entry-points"]["papermill.engine"].items()


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent otherwise there")
def test_ctrl_c_is_not_lost_where_a_library_drops_it():
    """Somebody's code catches everything while the signal comes; the cell ends all the same."""

    async def cell() -> bool:
        with cancelled_by_ctrl_c() as pressed:
            with suppress(BaseException):
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.01)
            try:
                await asyncio.sleep(HUNG)
            except asyncio.CancelledError:
                return pressed.is_set()
        return False

    loop = asyncio.new_event_loop()
    try:
        assert loop.run_until_complete(cell())
    finally:
        loop.close()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
