"""Workers: nothing is lost, the poisonous fails alone, memory is bounded, versions agree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from pool_tasks import die_of, die_once, echo, fail, press_ctrl_c
from waiting import HUNG

from ikmplan.batch import workers as pool
from ikmplan.batch.workers import TASKS_AHEAD, Pool, Refused, WorkerDiedTwice
from ikmplan.runs import write as store

ROOT = Path(__file__).parents[1]
pytestmark = [
    pytest.mark.slow,
    # of Dask's own sockets, when workers are killed
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def two():
    with Pool(2) as made:
        yield made


def keyed(tasks):
    return ((str(n), task) for n, task in enumerate(tasks))


def test_every_task_comes_back_under_its_key(two):
    assert dict(two.each(echo, keyed(range(20)))) == {str(n): n for n in range(20)}
    assert dict(two.each(echo, iter(()))) == {}


def test_an_error_is_the_outcome_of_its_task_alone(two):
    (only,) = two.each(fail, keyed(["bread"]))
    assert only[0] == "0" and isinstance(only[1], ValueError) and str(only[1]) == "no bread"


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent otherwise there")
def test_workers_leave_ctrl_c_to_the_process_that_started_them(two):
    """It ends them; a traceback of each would stand in the user's terminal."""
    assert dict(two.each(press_ctrl_c, keyed(range(3)))) == {"0": 0, "1": 1, "2": 2}


PRESSED_AS_A_WORKER_STARTS = """
import os, signal, sys, distributed
from ikmplan.batch.workers import Pool
from ikmplan.cli_app import stop_as_by_ctrl_c

start = distributed.Nanny.start_unsafe

async def press_and_start(nanny):
    os.kill(os.getpid(), getattr(signal, sys.argv[1]))
    return await start(nanny)

distributed.Nanny.start_unsafe = press_and_start
stop_as_by_ctrl_c()
try:
    with Pool(2):
        print("began")
except KeyboardInterrupt:
    print("stopped")
"""


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent otherwise there")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_while_workers_start_ends_the_run_without_a_traceback(name):
    command = [sys.executable, "-c", PRESSED_AS_A_WORKER_STARTS, name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HUNG)
    assert (done.stdout, done.stderr) == ("stopped\n", "")


def test_only_a_few_are_on_the_way_at_a_time(two):
    """So a thousand take no more memory than ten: 1,000 results of 1 MB, one GB in all."""
    taken = 0

    def tasks():
        nonlocal taken
        for n in range(1000):
            taken += 1
            yield str(n), bytes(1_000_000)

    ours, most = psutil.Process(), 0
    before = ours.memory_info().rss
    for given, (_key, outcome) in enumerate(two.each(echo, tasks()), start=1):
        assert len(outcome) == 1_000_000
        assert taken - given <= TASKS_AHEAD * 2
        most = max(most, ours.memory_info().rss)
    assert taken == 1000
    assert most - before < 200_000_000


def test_poison_fails_alone(two):
    tasks = ["bread", "poison", "cake", "rice", "tea", "salt"]
    outcomes = dict(two.each(die_of, keyed(tasks)))
    assert isinstance(outcomes.pop("1"), WorkerDiedTwice)
    assert outcomes == {str(n): task for n, task in enumerate(tasks) if task != "poison"}


def test_a_worker_that_is_killed_loses_nothing(two, tmp_path):
    tasks = [(n, str(tmp_path / "mark")) for n in range(12)]
    assert dict(two.each(die_once, keyed(tasks))) == {str(n): n for n in range(12)}
    assert (tmp_path / "mark").exists()


def test_no_worker_is_left():
    with Pool(2) as made:
        workers = [psutil.Process(pid) for pid in made.client.run(os.getpid).values()]
    assert len(workers) == 2
    _gone, alive = psutil.wait_procs(workers, timeout=HUNG)
    assert alive == []


# --- a scheduler of its own ------------------------------------------------------------------


def dask(what: str, *words: str, source: Path = ROOT / "src") -> subprocess.Popen[str]:
    """A process of Dask's, started as on a cluster, with ikmplan from `source`."""
    return subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.dask_{what}", "--no-dashboard", *words],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(source), str(ROOT / "tests")])},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def line_with(process: subprocess.Popen[str], word: str) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if word in line:
            return line
    raise AssertionError(f"never printed: {word}")


@pytest.fixture
def cluster():
    """Starts a scheduler and workers as processes of their own; gives its address."""
    processes: list[subprocess.Popen[str]] = []

    def start(*sources: Path) -> str:
        scheduler = dask("scheduler", "--host", "127.0.0.1", "--port", "0")
        processes.append(scheduler)
        address = line_with(scheduler, "Scheduler at:").split()[-1]
        for source in sources:
            worker = dask("worker", address, "--nthreads", "1", source=source)
            processes.append(worker)
            line_with(worker, "Registered to")
        return address

    yield start
    for process in reversed(processes):
        process.terminate()
        process.communicate(timeout=HUNG)


def test_a_scheduler_elsewhere_does_the_same_work(cluster, monkeypatch):
    monkeypatch.setenv(pool.ADDRESS, cluster(ROOT / "src", ROOT / "src"))
    with Pool(1, pool.scheduler_address(None)) as made:
        assert made.workers == 2
        assert dict(made.each(echo, keyed(range(9)))) == {str(n): n for n in range(9)}
        outcomes = dict(made.each(die_of, keyed(["bread", "poison", "cake"])))
    assert isinstance(outcomes.pop("1"), WorkerDiedTwice)
    assert outcomes == {"0": "bread", "2": "cake"}


def test_workers_with_other_code_are_refused_in_words(cluster, tmp_path):
    other = tmp_path / "src"
    shutil.copytree(ROOT / "src", other, ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "ikmplan" / "rules.py").open("a") as file:
        file.write("# another rule\n")
    with (
        pytest.raises(
            Refused, match=rf"does not run the same code.*code {store.code_versions()['code']} /"
        ),
        Pool(1, cluster(ROOT / "src", other)),
    ):
        pass


def test_a_scheduler_that_is_not_there_is_reported(monkeypatch):
    monkeypatch.setattr(pool, "SCHEDULER_SECONDS", 1)
    with pytest.raises(Refused, match="does not answer"), Pool(1, "tcp://127.0.0.1:9"):
        pass
