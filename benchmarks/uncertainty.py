"""How long does it take to find how sure a plan is? medan-2022, as params/medan-2022.yaml asks.

    python benchmarks/uncertainty.py [--replans 200]

Printed: seconds, and CPU seconds of this process and of its workers, for the draws and the range of
one plan on 1,000 draws and on 10,000 (ten times as many in linear time); for planning again with
one worker and with two, and that the plans are the same; the same with a Dask scheduler in this
process's cluster; for the value of every estimate.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

from distributed import Client, LocalCluster

from ikmplan.input.load import load
from ikmplan.input.scenario import read_scenario
from ikmplan.model.search import solve
from ikmplan.uncertainty.draws import draws
from ikmplan.uncertainty.given import given_by
from ikmplan.uncertainty.plan_range import range_of
from ikmplan.uncertainty.stability import replans
from ikmplan.uncertainty.value_of_information import CANDIDATES, information, payoffs

ROOT = Path(__file__).parents[1]


def timed(label: str, work: Any) -> Any:
    """What the work gives; its seconds are printed, and those of CPU."""
    began, cpu = time.perf_counter(), _cpu()
    made = work()
    seconds = time.perf_counter() - began
    print(f"{label:<52}{seconds:8.2f} s {_cpu() - cpu:8.2f} s CPU", flush=True)
    return made


def _cpu() -> float:
    """CPU seconds of this process and of its workers that have ended (not on Windows)."""
    return sum(os.times()[:4])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replans", type=int, default=200)
    count = parser.parse_args().replans
    scenario = read_scenario(ROOT / "params" / "medan-2022.yaml")
    case = load(**scenario.model_dump() | {"data": str(ROOT / scenario.data)})
    plan = timed("the plan itself", lambda: solve(case))
    for n in (1000, 10_000):
        timed(f"range of one plan, {n} draws", lambda n=n: range_of(plan, case, draws(case, n)))
    drawn = draws(case, 1000)
    found = {}
    for workers in (1, 2):
        found[workers] = timed(
            f"planned again, {count} draws, workers: {workers}",
            lambda workers=workers: replans(plan, drawn, count, workers=workers),
        )
    print("the same plans with one worker and with two:", found[1] == found[2])
    few = min(count, 20)
    with LocalCluster(n_workers=2, threads_per_worker=1) as cluster, Client(cluster) as client:
        executor = client.get_executor(pure=False)
        by_dask = timed(
            f"planned again, {few} draws, Dask",
            lambda: replans(plan, drawn, few, executor=executor),
        )
    print("the same plans with Dask:", by_dask == found[1][:few])
    others = [one.given for one in found[1] if one.given is not None]
    plans = [given_by(plan), *others][:CANDIDATES]
    units = timed(f"{len(plans)} plans in 1,000 draws", lambda: payoffs(plans, case, drawn))
    timed("value of every estimate", lambda: information(drawn, units))
    print(
        "met:",
        sum(one.met for one in found[1]),
        "of",
        count,
        "widest gap:",
        round(max(one.gap for one in found[1]), 4),
    )


if __name__ == "__main__":
    main()
