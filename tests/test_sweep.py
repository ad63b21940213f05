"""Sweeps: one table, the same bytes by whatever way it was reached."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import psutil
import pytest

from ikmplan import load, solve
from ikmplan.batch import sweep
from ikmplan.batch.batch import BatchListener, Options
from ikmplan.batch.grid import make_grid
from ikmplan.compare.read_sweep import ASKED, read_sweep
from ikmplan.faults import BadInput
from ikmplan.input.scenario import Scenario, read_scenario
from ikmplan.runs.write import InUse, locked

ROOT = Path(__file__).parents[1]
IKMPLAN = [sys.executable, "-m", "ikmplan.cli"]
VARY = ["budget=20000000:200000000:4", "floor=0,0.2"]
SWEEP_FILES = ("sweep.parquet", "decisions.parquet", "coverage.parquet", "sweep.json")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


class Recorder(BatchListener):
    def __init__(self):
        self.started: list[str] = []
        self.ended: list[sweep.Solved] = []

    def starts(self, names):
        self.started += names

    def ends(self, result):
        self.ended.append(result)


def office(folder: Path) -> Path:
    shutil.copytree(ROOT / "data" / "toy", folder / "data" / "toy")
    path = folder / "toy.yaml"
    path.write_text("data: data/toy\nlanguage: en\n")
    return path


def swept(path: Path, runs: Path, vary=VARY, **given) -> sweep.Sweep:
    options = Options(**{k: given.pop(k) for k in list(given) if k in Options.__annotations__})
    return sweep.sweep(make_grid(read_scenario(path), vary), path, runs, options, **given)


def tables(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in SWEEP_FILES}


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """The scenario file, and a sweep of 8 that nobody disturbed, by two workers."""
    folder = tmp_path_factory.mktemp("office")
    path = office(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return path, swept(path, folder / "runs", workers=2)


def test_each_row_is_what_solve_gives(toy):
    path, made = toy
    assert list(made.table["scenario"]) == [
        f"toy budget={budget} floor={floor}"
        for budget in (20_000_000, 80_000_000, 140_000_000, 200_000_000)
        for floor in (0.0, 0.2)
    ]
    assert list(made.table["status"]) == ["proven", "none", *["proven"] * 6]
    assert "Raise the budget" in made.table["why"][1]
    assert made.table.loc[1, "reached":"cost"].isna().all()
    decisions = pd.read_parquet(made.folder / "decisions.parquet")
    for _n, row in made.table.drop(index=1).iterrows():
        case = load(path.parent / "data" / "toy", budget=row["budget"], floor=row["floor"])
        plan = solve(case)
        assert row["reached"] == pytest.approx(plan.reached)
        assert (row["cost"], row["classes"]) == (plan.cost, plan.class_count)
        assert row["worst"] == plan.coverage["coverage"].min()
        covered = made.coverage[made.coverage["scenario"] == row["scenario"]]
        assert (covered["budget"] == row["budget"]).all()
        for name in ("cluster", "size", "coached", "reached", "coverage"):
            assert list(covered[name]) == list(plan.coverage[name])
        assert (
            row["fingerprint"]
            == load(
                case.scenario.data, **case.scenario.model_dump(exclude={"data", "language", "name"})
            ).fingerprint
        )
        mine = decisions[decisions["scenario"] == row["scenario"]]
        assert mine.loc[mine["kind"] == "training", "count"].sum() == plan.class_count
        assert mine.loc[mine["kind"] == "equipment", "count"].sum() == plan.machine_count


def test_the_gap_asked_for_is_not_taken_for_the_gap_found(toy, tmp_path, monkeypatch):
    """No other field of a scenario bears the name of a figure."""
    path, _made = toy
    assert set(sweep.FIGURES) & set(Scenario.model_fields) == set(ASKED)
    monkeypatch.chdir(path.parent)
    made = swept(path, tmp_path, ["gap=0.0001,0.2"])
    assert list(made.table["gap_asked"]) == [0.0001, 0.2]
    assert made.table["gap"].iloc[0] <= 0.0001
    compared = read_sweep(made.folder, [], None).tables["scenarios"]
    assert list(compared["asked"]) == [0.0001, 0.2]


def test_the_seconds_stand_apart(toy):
    """They differ each time, and the tables must not."""
    _path, made = toy
    seconds = pd.read_parquet(made.folder / "seconds.parquet")
    assert list(seconds["scenario"]) == list(made.table["scenario"])
    assert (seconds["solver"] <= seconds["cpu"]).all() and (seconds["solver"] > 0).all()


@pytest.mark.parametrize("workers", [1, 4])
def test_any_number_of_workers_gives_the_same_bytes(toy, workers, tmp_path, monkeypatch):
    path, made = toy
    monkeypatch.chdir(path.parent)
    assert tables(swept(path, tmp_path, workers=workers).folder) == tables(made.folder)


def test_what_is_done_is_not_done_again(toy, monkeypatch, tmp_path):
    path, made = toy
    monkeypatch.chdir(path.parent)
    runs = tmp_path / "runs"
    shutil.copytree(made.folder, runs / made.folder.name)
    with monkeypatch.context() as patch:
        patch.setattr(sweep, "Pool", None)  # nobody is called
        recorder = Recorder()
        again = swept(path, runs, listener=recorder)
    assert tables(again.folder) == tables(made.folder)
    assert recorder.started == [] and all(solved.before for solved in recorder.ended)
    # a larger grid takes over what it has in common with this one
    recorder = Recorder()
    swept(path, runs, [VARY[0], "floor=0,0.1,0.2"], listener=recorder)
    assert recorder.started == [
        f"toy budget={b} floor=0.1" for b in (20_000_000, 80_000_000, 140_000_000, 200_000_000)
    ]


def test_failures_are_kept_and_tried_again_only_when_asked(toy, tmp_path, monkeypatch):
    """No time, no plan: the scenario failed, and its neighbours did not."""
    path, _made = toy
    monkeypatch.chdir(path.parent)
    vary = ["time_limit=0.000001,60"]
    made = swept(path, tmp_path, vary)
    assert list(made.table["status"]) == ["failed", "proven"]
    assert "Raise time_limit" in made.solved[0].error
    recorder = Recorder()
    swept(path, tmp_path, vary, listener=recorder)
    assert recorder.started == []
    for option in ("retry_failed", "force"):
        recorder = Recorder()
        swept(path, tmp_path, vary, listener=recorder, **{option: True})
        assert len(recorder.started) == {"retry_failed": 1, "force": 2}[option]


def test_a_fault_stops_all_before_anything_is_written(toy, tmp_path, monkeypatch):
    path, _made = toy
    monkeypatch.chdir(path.parent)
    vary = ["floors.nobody=0,0.1", "budget=1e8"]
    with pytest.raises(BadInput) as caught:
        swept(path, tmp_path / "runs", vary)
    assert len(caught.value.faults) == 1  # once, though two scenarios have it
    assert not (tmp_path / "runs").exists()
    vary = ["locks=|nothing >= 1", "budget=1e8"]
    made = swept(path, tmp_path / "runs", vary, keep_going=True)
    assert list(made.table["status"]) == ["proven", "failed"]
    assert "nothing" in made.solved[1].error


def test_the_best_gets_a_notebook(toy, tmp_path, monkeypatch):
    path, _made = toy
    monkeypatch.chdir(path.parent)
    book = ROOT / "notebooks" / "plan.ipynb"
    made = swept(path, tmp_path, ["budget=4e7,8e7"], notebooks="best", notebook=book)
    (result,) = made.notebooks
    assert (result.name, result.error) == ("toy budget=80000000", None)
    assert result.plan.reached == made.table["reached"].max()
    assert (made.folder / "toy budget=80000000" / "plan.html").exists()


def test_one_run_at_a_time(toy, tmp_path, monkeypatch):
    path, _made = toy
    monkeypatch.chdir(path.parent)
    with locked(tmp_path / "toy sweep"), pytest.raises(InUse, match="Another run is working in"):
        swept(path, tmp_path)


def start(path: Path, runs: Path, *words: str) -> subprocess.Popen[str]:
    vary = [word for message in VARY for word in ("--vary", message)]
    return subprocess.Popen(
        [*IKMPLAN, "sweep", path.name, *vary, "--runs", str(runs), *words],
        cwd=path.parent,
        env=os.environ | {"IKMPLAN_LANGUAGE": "en"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_kill_9_at_ten_moments_and_then_the_same_bytes(toy, tmp_path):
    path, made = toy
    chance = random.Random(4)
    parts = tmp_path / "toy sweep" / "parts"
    for n in range(10):
        run = start(path, tmp_path, "--workers", "2")
        # at any moment of its start, or just after one more scenario was done
        known = len(list(parts.glob("*.json"))) if parts.exists() else 0
        until = time.monotonic() + (chance.uniform(0, 3) if n % 2 else 20)
        while time.monotonic() < until and run.poll() is None:
            if n % 2 == 0 and parts.exists() and len(list(parts.glob("*.json"))) > known:
                break
            time.sleep(0.01)
        family = psutil.Process(run.pid).children(recursive=True) if run.poll() is None else []
        run.send_signal(signal.SIGKILL)
        printed, _none = run.communicate()
        assert "resource_tracker" not in printed  # of Python's own, about its semaphores
        _gone, alive = psutil.wait_procs(family, timeout=20)
        assert alive == []
    run = start(path, tmp_path, "--workers", "2")
    message, _none = run.communicate(timeout=120)
    assert run.returncode == 0, message
    assert "already done" in message
    assert tables(tmp_path / "toy sweep") == tables(made.folder)
    assert {file.suffix for file in parts.iterdir()} == {".json"}


def mount(folder: Path, size: str) -> bool:
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if shutil.which("mount") is None:
        return False
    return subprocess.run(words, capture_output=True).returncode == 0


def test_a_full_disk_is_reported_and_loses_nothing(toy, tmp_path):
    path, made = toy
    runs = tmp_path / "small"
    if not mount(runs, "64k"):
        pytest.skip("may not mount here")
    try:
        (runs / "ballast").write_bytes(bytes(44 * 1024))
        run = start(path, runs)
        message, _none = run.communicate(timeout=120)
        assert run.returncode == 1
        assert "the disk is full" in message and "Traceback" not in message
        (runs / "ballast").unlink()
        # room for the comparison too
        subprocess.run(["mount", "-o", "remount,size=32m", str(runs)], check=True)
        run = start(path, runs)
        message, _none = run.communicate(timeout=120)
        assert run.returncode == 0, message
        assert "already done" in message
        assert tables(runs / "toy sweep") == tables(made.folder)
    finally:
        subprocess.run(["umount", "-l", str(runs)], check=True)


def test_the_closing_table_states_who_failed_and_why(toy, tmp_path):
    path, _made = toy
    words = ["--vary", "time_limit=0.000001,60", "--vary", "budget=2e8"]
    run = subprocess.run(
        [*IKMPLAN, "sweep", path.name, *words, "--runs", str(tmp_path)],
        cwd=path.parent,
        env=os.environ | {"IKMPLAN_LANGUAGE": "en"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 1
    assert run.stdout.startswith("time_limit: 1e-06, 60.0\nbudget: 200000000\n2 scenarios\n")
    assert "proven 1, failed 1" in run.stdout
    assert "Raise time_limit" in run.stdout and "--retry-failed" in run.stdout
    assert "1/2 " in run.stderr and "2/2 " in run.stderr
    about = json.loads((tmp_path / "toy sweep" / "sweep.json").read_text("utf-8"))
    assert about["varied"] == {"time_limit": [1e-06, 60.0], "budget": [200_000_000]}
