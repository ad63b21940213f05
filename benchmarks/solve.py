"""How fast is a proof? ikmplan against the same model in PuLP's stock HiGHS and in CBC.

    python benchmarks/solve.py [--limit 15] [--cities 20] [--seeds 1] [--without-medan] [--wall]

Each solver gets the model of `rules.py`. ikmplan is called once, for the least mark, and the
moments are noted at which its plan and its bound were within each; "whole" is all of `solve`, with
the cheaper plan, the tables and the audit. The rivals are called once for each mark, and reach it
only where they themselves state so. All run one after the other in this process, building the model
included. A mark that was not reached within the limit (seconds of a clock) shows as "> " and what
it took, and tighter ones are not tried. HiGHS's random numbers alone move a time by a fifth or
more: with --seeds each search runs with so many of them, and times are medians (CBC's are all
alike, so it runs once). Cities are of three sizes in turn. Times are of the
processor, those of CBC's own process included, so that other work on the machine counts little;
with --wall, of a clock. Last: what is promised (never more than 1.15 times stock HiGHS nor half a
second behind CBC at any mark; three times as fast in the median where either takes more than 5 s),
each mark that breaks it, the time to read, check and build medan-2022, and the peak of memory.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path
from statistics import median
from typing import NamedTuple

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


class Mark(NamedTuple):
    """How far a search got with a mark."""

    seconds: float
    reached: bool

    def __str__(self) -> str:
        return f"{'' if self.reached else '> '}{self.seconds:.2f} s"


Times = list[Mark]
MARKS = (1e-2, 1e-3, 1e-4)
SIZES = ((6, 10, 3), (12, 20, 6), (18, 30, 9))  # clusters, courses, kinds of machine
MEDAN = Path(__file__).parents[1] / "data" / "medan-2022"
SETTINGS = ({}, {"floor": 0.25}, {"floor": 0.19}, {"budget": 1_500_000_000}, {"equity": 0.3})
SLOWER, BEHIND = {"stock HiGHS": 1.15, "CBC": 1.0}, {"stock HiGHS": 0.05, "CBC": 0.5}  # seconds
HARD, FASTER = 5.0, 3.0


def processor() -> float:
    """Seconds of the processor that this process and its ended children have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


clock = processor


def ikmplan(case: Case, limit: float) -> tuple[Times, float]:
    """Seconds to each mark and in all, and the value."""
    times: Times = []
    began = clock()

    def note_marks(value: float, bound: float) -> None:
        while len(times) < len(MARKS) and relative_gap(value, bound) <= MARKS[len(times)]:
            times.append(Mark(clock() - began, True))

    scenario = case.scenario.changed(gap=MARKS[-1], time_limit=limit)
    plan = solve(Case(case.tables, scenario), on_better=note_marks)
    whole = clock() - began
    missed = [Mark(whole, False)] * (len(MARKS) - len(times))
    return [*times, *missed, Mark(whole, True)], plan.proof.value


def stock_highs(case: Case, gap: float, limit: float) -> float | None:
    """The value that PuLP's HiGHS proves within the gap; None where time ended it."""
    problem, _v = make_problem(case, cuts=False)
    seed = case.scenario.seed
    problem.solve(pulp.HiGHS(msg=False, gapRel=gap, timeLimit=limit, random_seed=seed))
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


def cases(cities: int, medan: bool) -> Iterator[tuple[str, Case]]:
    for changes in SETTINGS if medan else ():
        words = ", ".join(f"{name} {value}" for name, value in changes.items())
        yield f"medan-2022 {words}".strip(), load(MEDAN, **changes)
    for seed in range(cities):
        size = SIZES[seed % len(SIZES)]
        made = make_case(random_city(seed, *size), Scenario(name="city"))
        yield f"city {seed}, {size[0]} clusters", made


def main() -> None:
    global clock
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--limit", type=float, default=15.0)
    options.add_argument("--cities", type=int, default=20)
    options.add_argument("--seeds", type=int, default=1)
    options.add_argument("--without-medan", action="store_true")
    options.add_argument("--wall", action="store_true")
    given = options.parse_args()
    clock = time.perf_counter if given.wall else processor
    heads = [*(f"{mark:.2%}" for mark in MARKS), "whole", "value"]
    print(f"{'':30}{'':12}" + "".join(f"{head:>12}" for head in heads))
    found: dict[str, dict[str, Times]] = {}
    for name, case in cases(given.cities, not given.without_medan):
        seeded = [Case(case.tables, case.scenario.changed(seed=n)) for n in range(given.seeds)]
        seconds = {"ikmplan": _medians([ikmplan(one, given.limit) for one in seeded])}
        for rival, run in RIVALS.items():
            several = seeded[:1] if run is cbc else seeded
            seconds[rival] = _medians([_times(run, one, given.limit) for one in several])
        for solver, (times, value) in seconds.items():
            shown = [*map(str, times)]
            shown += ["-"] * (len(MARKS) + 1 - len(shown))
            best = "-" if value is None else f"{value:.3f}"
            cells = "".join(f"{s:>12}" for s in (*shown, best))
            print(f"{name:30}{solver:12}{cells}", flush=True)
        found[name] = {solver: times for solver, (times, _value) in seconds.items()}
    for rival in RIVALS:
        _promises(found, rival)
    began = clock()
    make_problem(load(MEDAN))
    print(f"read, check and build medan-2022: {clock() - began:.3f} s")
    print(f"peak of memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _times(
    run: Callable[[Case, float, float], float | None], case: Case, limit: float
) -> tuple[Times, float | None]:
    """Seconds to each mark that was tried, and the value of the last that was reached."""
    times: Times = []
    value = None
    for mark in MARKS:
        began = clock()
        try:
            found = run(case, mark, limit)
        except SolverFailed:
            break
        times.append(Mark(clock() - began, found is not None))
        if found is None:
            break
        value = found
    return times, value


def _medians(runs: list[tuple[Times, float | None]]) -> tuple[Times, float | None]:
    """Each mark's median, reached where most runs reached it; and the value of the first run."""
    marks = zip_longest(*(times for times, _value in runs))
    several = [[mark for mark in tried if mark is not None] for tried in marks]
    times = [
        Mark(median(mark.seconds for mark in tried), 2 * sum(m.reached for m in tried) > len(runs))
        for tried in several
    ]
    return times, runs[0][1]


def _promises(found: dict[str, dict[str, Times]], rival: str) -> None:
    """Print each mark at which ikmplan is later than promised, and how many times it is faster
    on hard ones; of a mark that the rival did not reach it is at least as many."""
    late, faster = [], []
    for name, times in found.items():
        for mark, mine, other in zip(MARKS, times["ikmplan"], times[rival], strict=False):
            within = SLOWER[rival] * other.seconds + BEHIND[rival]
            if other.reached and not (mine.reached and mine.seconds <= within):
                late.append(f"{name} at {mark:.2%}: {mine}, {rival} {other}")
            if max(mine.seconds, other.seconds) > HARD:
                faster.append(other.seconds / mine.seconds)
    print(f"later than promised beside {rival}: {len(late)}", *late, sep="\n  ")
    if faster:
        print(f"{len(faster)} hard marks: {median(faster):.1f} times faster (asked {FASTER:.0f})")


if __name__ == "__main__":
    main()
