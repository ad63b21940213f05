"""How long it takes to find what else could be done on Medan, beside the search for the best plan.

    python benchmarks/alternatives.py [--data data/medan-2022] [--steps 20] [--save FOLDER]

Prints wall seconds and the seconds of the processor (on a busy machine only these can be
compared): the best plan, the first step and the whole way from the announced programme, up to
five other plans within 1 % (with what is proven of further ones, and what is not), the cheapest
plan for what the best one reaches, and the plan nearest to the best where every price is 1 %
higher. `--save` keeps the alternatives for a closer look.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ikmplan import load, solve
from ikmplan.alternatives import given_plan
from ikmplan.alternatives.cheapest import cheapest_for, cost_ladder
from ikmplan.alternatives.found import MORE, Alternatives, decisions_of_plan
from ikmplan.alternatives.similar_plans import growing_similar
from ikmplan.alternatives.tables import similar_text
from ikmplan.alternatives.way import Fewest, Way, walk
from ikmplan.insight.demands import changed
from ikmplan.model.distance import change_count, counts_of, kept_count

GAP = 1e-3


@contextmanager
def timed(name: str) -> Iterator[None]:
    wall, used = time.perf_counter(), time.process_time()
    yield
    wall, used = time.perf_counter() - wall, time.process_time() - used
    print(f"{name:44} {wall:8.1f} s  {used:8.1f} s of processor", flush=True)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", default="data/medan-2022")
    options.add_argument("--steps", type=int, default=20)
    options.add_argument("--save")
    asked = options.parse_args()
    case = load(asked.data, gap=GAP, time_limit=600, language="en")
    with timed("the best plan"):
        best = solve(case)
    given = given_plan("announced" if case.tables.announced else "nothing", case)
    steps = []
    with timed(f"the way, {asked.steps} steps"):
        way = walk(given, case, best, steps=asked.steps)
        with timed("  its first step"):
            steps.append(next(way))
        steps += way
    start, gained = steps[0].value, best.proof.value - steps[0].value
    for step in steps:
        share = (step.value - start) / gained if gained else 0.0
        print(f"    {step.most:2} changes  {step.value:8.2f}  {share:4.0%}  gap {step.gap:.2%}")
    with timed("other plans within 1 %"):
        *_before, similar = growing_similar(best, case)
    for plan, least in zip(similar.others, similar.shares, strict=True):
        print(f"    {plan.proof.value:8.2f}  {least:5.1%} elsewhere, than the plan and those above")
    print(f"    {similar_text(similar, case)}")
    cheapest = cheapest_for(case, best.reached - 1e-6)
    with timed("the cheapest plan for as many units"):
        cheap = solve(cheapest)
    with timed("  the same, from the best plan"):
        solve(cheapest, start=best)
    print(f"    Rp{cheap.cost:,} beside Rp{best.cost:,}, gap {cheap.proof.gap:.2%}")
    dearer = changed(case, price_factor=1.01)
    with timed("the best plan, prices 1 % higher"):
        other = solve(dearer)
    with timed("the nearest plan, prices 1 % higher"):
        near = solve(changed(dearer, **decisions_of_plan(best)))
    for name, plan in (("best", other), ("nearest", near)):
        kept = kept_count(counts_of(best), counts_of(plan))
        changes = change_count(counts_of(best), counts_of(plan))
        print(f"    {name}: kept {kept} of {sum(counts_of(best).values())}, {changes} changes")
    if asked.save:
        ways = {MORE: Way(given, case, best, tuple(steps), False, Fewest(steps[0].most))}
        rungs = cost_ladder(cheapest, cheap, shares=(1.0,))
        Alternatives(ways, None, similar, rungs).save(asked.save)
    return 0


if __name__ == "__main__":
    sys.exit(main())
