"""Does a case pay for concepts that it does not use, and how fast is each programme's proof?

    python benchmarks/programmes.py

First every case in `data/` to 0.01 %, in wall seconds. Then medan-2022 in several settings, as its
tables are and with every concept of other programmes in them to no effect: an opening that is there
and costs nothing, topics and lines of one member, the largest share of one cluster in a class, and
idle machines dearer than the budget. The values must agree; the last line is the ratio of all.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from ikmplan import load, solve
from ikmplan.input.case import Case
from ikmplan.input.load import make_case
from ikmplan.input.rows import Existing, Opening, Tables

ROOT = Path(__file__).parents[1]
GAP = 1e-4
SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"floor": 0.1},
    {"budget": 1_500_000_000},
    {"budget": 2_500_000_000, "floor": 0.15},
)


def with_concepts(tables: Tables) -> Tables:
    """The tables with each concept in them; none allows or forbids a plan within any budget."""
    there = Opening(
        opening="always", name="Always open", kind="training", cost_open=0, there=True,
        source=tables.sources[0].source,
    )  # fmt: skip
    courses = tuple(
        row.model_copy(update={"opening": "always", "topic": row.course, "each_max": row.class_max})
        for row in tables.courses
    )
    suits = tuple(row.model_copy(update={"line": row.equipment}) for row in tables.equipment_suits)
    standing = {(row.equipment, row.cluster) for row in tables.existing}
    idle = tuple(
        Existing(
            equipment=suit.equipment,
            cluster=cluster.cluster,
            machines=0,
            operators=0,
            idle=1,
            revive=900_000_000_000,
            source=suit.source,
        )
        for suit in tables.equipment_suits
        for cluster in tables.clusters
        if cluster.sector == suit.sector and (suit.equipment, cluster.cluster) not in standing
    )
    return replace(
        tables,
        openings=(there,),
        courses=courses,
        equipment_suits=suits,
        existing=tables.existing + idle,
    )


def timed(case: Case) -> tuple[float, float]:
    """Seconds of the whole search and the value."""
    began = time.perf_counter()
    plan = solve(case)
    return time.perf_counter() - began, plan.proof.value


def main() -> None:
    for folder in sorted((ROOT / "data").iterdir()):
        if (folder / "clusters.csv").exists():
            seconds, value = timed(load(folder, gap=GAP, time_limit=300))
            print(f"{folder.name:30}{seconds:8.2f} s  {value:10.3f}", flush=True)
    plain_all = concepts_all = 0.0
    for settings in SETTINGS:
        case = load(ROOT / "data" / "medan-2022", gap=GAP, time_limit=300, **settings)
        more = make_case(with_concepts(case.tables), case.scenario)
        (plain, value), (concepts, same) = timed(case), timed(more)
        assert abs(value - same) <= 2 * GAP * value, (value, same)
        plain_all, concepts_all = plain_all + plain, concepts_all + concepts
        shown = " ".join(f"{k} {v}" for k, v in settings.items()) or "as it is"
        print(f"{shown:30}{plain:8.2f} s  {concepts:8.2f} s with all concepts", flush=True)
    print(f"all: {concepts_all / plain_all:.2f} ×")


if __name__ == "__main__":
    main()
