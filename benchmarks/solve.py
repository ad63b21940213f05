"""How fast is a proof? ikmplan against the same model in PuLP's stock HiGHS and in CBC.

    python benchmarks/solve.py [--limit 60] [--cities 20]

Each solver gets the model of `rules.py`. ikmplan is called once, for the least mark, and the
moments are noted at which its plan and its bound were within each; "whole" is all of `solve`,
with the cheaper plan, the tables and the audit. The rivals are called once for each mark, and
reach it only where they themselves state so. All run one after the other in this process,
building the model included. A mark not reached within the limit shows as "> limit", and tighter
ones are not tried. Cities are of three sizes in turn.
Last: reading, checking and building medan-2022, and the peak of memory.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import highspy
import pulp
from cities import random_city

from ikmplan.input.case import Case
from ikmplan.input.load import load, make_case
from ikmplan.input.scenario import Scenario
from ikmplan.model.highs import SolverFailed
from ikmplan.model.other_solver import search_with
from ikmplan.model.problem import make_problem
from ikmplan.model.search import solve
from ikmplan.plan.plan import relative_gap

MARKS = (1e-2, 1e-3, 1e-4)
SIZES = ((6, 10, 3), (12, 20, 6), (18, 30, 9))  # clusters, courses, kinds of machine
MEDAN = Path(__file__).parents[1] / "data" / "medan-2022"


def ikmplan(case: Case, limit: float) -> tuple[list[float | None], float]:
    """Seconds to each mark and in all, and the value."""
    times: list[float | None] = [None] * len(MARKS)
    began = time.perf_counter()

    def note_marks(value: float, bound: float) -> None:
        for n, mark in enumerate(MARKS):
            if times[n] is None and relative_gap(value, bound) <= mark:
                times[n] = time.perf_counter() - began

    scenario = case.scenario.changed(gap=MARKS[-1], time_limit=limit)
    plan = solve(Case(case.tables, scenario), on_better=note_marks)
    return [*times, time.perf_counter() - began], plan.proof.value


def stock_highs(case: Case, gap: float, limit: float) -> float | None:
    """The value that PuLP's HiGHS proves within the gap; None where time ended it."""
    problem, _v = make_problem(case, cuts=False)
    problem.solve(pulp.HiGHS(msg=False, gapRel=gap, timeLimit=limit))
    model = problem.solverModel  # PuLP's own status calls a search that time ended optimal
    if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return abs(float(model.getObjectiveValue()))  # PuLP 3 minimises the negated objective


def cbc(case: Case, gap: float, limit: float) -> float | None:
    """The value that CBC proves within the gap; None where time ended it."""
    problem, _v = make_problem(case, cuts=False)
    found = search_with("COIN_CMD", problem, gap, limit)
    return found.value if found.finished else None


RIVALS = {"stock HiGHS": stock_highs, "CBC": cbc}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--limit", type=float, default=60.0)
    options.add_argument("--cities", type=int, default=20)
    given = options.parse_args()
    cases = {
        "medan-2022": load(MEDAN),
        "medan-2022, floor 25 %": load(MEDAN, floor=0.25),
        "medan-2022, floor 19 %": load(MEDAN, floor=0.19),
        "medan-2022, Rp1.5 mlr": load(MEDAN, budget=1_500_000_000),
        "medan-2022, equity 0.3": load(MEDAN, equity=0.3),
    }
    for seed in range(given.cities):
        size = SIZES[seed % len(SIZES)]
        cases[f"city {seed}, {size[0]} clusters"] = make_case(
            random_city(seed, *size), Scenario(name="city")
        )
    heads = [*(f"{mark:.2%}" for mark in MARKS), "whole", "value"]
    print(f"{'':24}{'':12}" + "".join(f"{head:>12}" for head in heads))
    for name, case in cases.items():
        seconds = {"ikmplan": ikmplan(case, given.limit)}
        seconds |= {rival: _times(run, case, given.limit) for rival, run in RIVALS.items()}
        for solver, (times, value) in seconds.items():
            shown = [f"{t:.2f} s" if t is not None else f"> {given.limit:.0f} s" for t in times]
            shown += ["-"] * (len(MARKS) + 1 - len(shown))
            best = "-" if value is None else f"{value:.3f}"
            print(f"{name:24}{solver:12}" + "".join(f"{s:>12}" for s in shown) + f"{best:>12}")
        for rival in RIVALS:
            print(
                f"{'':24}{'× ' + rival:12}"
                + _ratios(seconds["ikmplan"][0], seconds[rival][0], given.limit)
            )
    began = time.perf_counter()
    make_problem(load(MEDAN))
    print(f"read, check and build medan-2022: {time.perf_counter() - began:.3f} s")
    print(f"peak of memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _times(
    run: Callable[[Case, float, float], float | None], case: Case, limit: float
) -> tuple[list[float | None], float | None]:
    times: list[float | None] = []
    value = None
    for mark in MARKS:
        began = time.perf_counter()
        try:
            found = run(case, mark, limit)
        except SolverFailed:
            break
        times.append(time.perf_counter() - began if found is not None else None)
        if found is None:
            break
        value = found
    return times, value


def _ratios(ours: list[float | None], theirs: list[float | None], limit: float) -> str:
    """Their seconds over ours: how many times faster ikmplan is."""
    shown = []
    for n in range(len(MARKS)):
        mine = ours[n] if n < len(ours) else None
        reached = n < len(theirs) and theirs[n] is not None
        other = theirs[n] if n < len(theirs) and theirs[n] is not None else limit
        shown.append(
            "-" if mine is None or not theirs else f"{'' if reached else '> '}{other / mine:.1f}×"
        )
    return "".join(f"{s:>12}" for s in shown)


if __name__ == "__main__":
    main()
