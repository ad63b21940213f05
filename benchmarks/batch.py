"""How fast are many scenarios? `ikmplan run` against papermill in a loop and under xargs -P2.

    python benchmarks/batch.py [--count 40] [--workers 2] [--medan 6]

The notebook has 12 cells and four charts, the tables are those of data/toy, so that charts
and start-up weigh most. The three run one after the other, each from an empty folder, with
the same scenario files; only `ikmplan run` also checks them, makes a page of each, and
keeps its tables. Then a sweep of Medan without notebooks: how much of all its CPU time,
start-up and workers included, was spent inside the solver.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import nbformat
import pandas as pd
import psutil

ROOT = Path(__file__).parents[1]
PAPERMILL = [sys.executable, "-m", "papermill", "--no-progress-bar", "--log-level", "ERROR"]
IKMPLAN = [sys.executable, "-m", "ikmplan.cli"]
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
CELLS = (
    "from ikmplan import audit, charts, load, solve, views\n"
    "from ikmplan.notebook import keep\n"
    "from ikmplan.parameters import given\n"
    "case = load(**given(globals()))",
    "plan = solve(case)\naudit(plan, case)",
    "views.headline(plan, case, None)",
    "charts.coverage(plan, case, None)",
    "charts.quarters(plan, case)",
    "charts.machines(plan, case)",
    "charts.money(plan, case)",
    "views.costs(plan, case)",
    "views.invitations(plan, case)",
    "views.certificate(plan, case)",
    "keep(plan)",
)


def office(folder: Path, count: int) -> list[str]:
    """Tables, a notebook of 12 cells, and `count` scenario files; their names."""
    from ikmplan.notebook.parameters import parameters_cell

    shutil.copytree(ROOT / "data" / "toy", folder / "data" / "toy")
    nb = nbformat.v4.new_notebook()
    nb.metadata.kernelspec = {"name": "python3", "language": "python", "display_name": "Python 3"}
    first = nbformat.v4.new_code_cell(parameters_cell(), metadata={"tags": ["parameters"]})
    nb.cells = [first, *map(nbformat.v4.new_code_cell, CELLS)]
    (folder / "notebooks").mkdir()
    nbformat.write(nb, folder / "notebooks" / "plan.ipynb")
    for n in range(count):
        text = f"data: data/toy\nlanguage: en\nbudget: {50_000_000 + 2_000_000 * n}\n"
        (folder / f"s{n:03}.yaml").write_text(text)
    return [f"s{n:03}.yaml" for n in range(count)]


def timed(folder: Path, *commands: list[str] | str) -> float:
    began = time.perf_counter()
    for command in commands:
        subprocess.run(
            command,
            cwd=folder,
            shell=isinstance(command, str),
            check=True,
            **QUIET,
            env=os.environ | {"IKMPLAN_LANGUAGE": "en"},
        )
    return time.perf_counter() - began


def notebooks(count: int, workers: int) -> None:
    print(f"{count} scenarios with notebooks, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        files = office(folder, count)
        ours = timed(folder, [*IKMPLAN, "run", *files, "--workers", str(workers)])
        made = len(list(folder.glob("runs/*/plan.html")))
        assert made == count, f"{made} of {count} made"
        again = timed(folder, [*IKMPLAN, "run", *files, "--workers", str(workers)])
        line = "notebooks/plan.ipynb out-{}.ipynb -f {}"
        loop = timed(folder, *[[*PAPERMILL, *line.replace("{}", f).split()] for f in files])
        command = " ".join(PAPERMILL)
        xargs = timed(folder, f"ls s*.yaml | xargs -P2 -I{{}} {command} {line}")
        assert len(list(folder.glob("out-*.ipynb"))) == count
    print(f"{'':34}{'seconds':>9}{'each':>8}{'× ikmplan run':>15}")
    for name, seconds in (
        (f"ikmplan run, {workers} workers", ours),
        ("the same again (already done)", again),
        ("papermill in a loop", loop),
        ("xargs -P2 papermill", xargs),
    ):
        print(f"{name:34}{seconds:9.1f}{seconds / count:8.2f}{seconds / ours:15.1f}")


def family_cpu(process: subprocess.Popen[bytes]) -> float:
    """CPU seconds of a process and all that it starts, looked at twenty times a second."""
    seen: dict[psutil.Process, float] = {}
    root = psutil.Process(process.pid)
    while process.poll() is None:
        with suppress(psutil.Error):
            for one in (root, *root.children(recursive=True)):
                with suppress(psutil.Error):
                    times = one.cpu_times()
                    seen[one] = times.user + times.system
        time.sleep(0.05)
    return sum(seen.values())


def share(count: int, workers: int) -> None:
    """Of the CPU time of a whole sweep, in the command and all its workers."""
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        shutil.copytree(ROOT / "data" / "medan-2022", folder / "data" / "medan-2022")
        (folder / "medan.yaml").write_text("data: data/medan-2022\nlanguage: en\n")
        vary = f"floor=0.05:0.3:{count}"
        words = ["sweep", "medan.yaml", "--vary", vary, "--workers", str(workers)]
        began = time.perf_counter()
        cpu = family_cpu(subprocess.Popen([*IKMPLAN, *words], cwd=folder, **QUIET))
        took = time.perf_counter() - began
        seconds = pd.read_parquet(folder / "runs" / "medan sweep" / "seconds.parquet")
    inside = seconds["solver"].sum()
    print(f"\nsweep of medan-2022, {count} floors, without notebooks: {took:.1f} s")
    print(f"CPU {cpu:.1f} s, of it inside the solver {inside:.1f} s: {inside / cpu:.0%}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=40)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--medan", type=int, default=6)
    given = options.parse_args()
    if given.count:
        notebooks(given.count, given.workers)
    if given.medan:
        share(given.medan, given.workers)


if __name__ == "__main__":
    main()
