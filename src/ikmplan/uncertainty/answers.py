"""How sure is a plan? `how_sure(plan, case, programme)`: all answers as tables, kept with the plan.

The range comes from RANGE_DRAWS draws; for as many of them as the scenario's `draws` states the
scenario is planned again. With `draws: 0` there are no answers. The seed is the scenario's.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from math import nan
from pathlib import Path
from threading import Event
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ikmplan.input.case import Case
from ikmplan.insight.processes import QuestionProgress
from ikmplan.plan.plan import Plan
from ikmplan.tableset import TableSet, Types
from ikmplan.uncertainty.caution import caution_rows
from ikmplan.uncertainty.draws import Draws, draws
from ikmplan.uncertainty.given import Given, given_by
from ikmplan.uncertainty.plan_range import PlanRange, range_of
from ikmplan.uncertainty.stability import Replan, core_cost, core_locks, replans, stability
from ikmplan.uncertainty.value_of_information import (
    CANDIDATES,
    information,
    payoffs,
    perfect_information,
)

RANGE_DRAWS = 1000
UNCERTAINTY_COLUMNS: Types = {
    "outcomes": {  # one row a draw
        "draw": int, "expected": float, "luck": float, "lucky": float, "cost": float,
        "announced": float, "best": float, "entrepreneurs": float,
    },
    "kept": {"rule": str, "key": str, "share": float},
    "stability": {
        "kind": str, "item": str, "host": str, "count": int, "share": float, "sure": int,
        "state": str,
    },
    "core": {"lock": str},
    "caution": {
        "caution": float, "promised": float, "gap": float, "mean": float, "middle": float,
        "low": float,
    },
    "information": {
        "level": str, "source": str, "kind": str, "table": str, "column": str, "key": str,
        "numbers": int, "stated": bool, "gain": float, "error": float,
    },
    "drawn": {  # one row
        "seed": int, "draws": int, "replanned": int, "unmet": int, "widest_gap": float,
        "core_low": float, "core_high": float, "perfect": float, "plans": int,
    },
}  # fmt: skip


@dataclass(frozen=True)
class Uncertainty(TableSet):
    """The tables of COLUMNS as data frames; without rows where nothing was drawn."""

    COLUMNS: ClassVar[Types] = UNCERTAINTY_COLUMNS
    tables: dict[str, pd.DataFrame]


def load_uncertainty(folder: str | Path) -> Uncertainty:
    """The uncertainty that `Uncertainty.save` wrote."""
    return Uncertainty(Uncertainty.load_tables(folder))


def how_sure(
    plan: Plan,
    case: Case,
    programme: Plan | None = None,
    *,
    workers: int | None = None,
    on_progress: QuestionProgress | None = None,
    executor: Executor | None = None,
) -> Uncertainty:
    """The plan's range, what of it stays, and which guess to check first.

    `programme` is the announced one, evaluated in the same draws; `workers`, `on_progress` and
    `executor` are those of `insight.processes.worked_out`.
    """
    count = case.scenario.draws
    if not count:
        return Uncertainty(Uncertainty.frames({}))
    drawn = draws(case.ordered, max(RANGE_DRAWS, count), case.scenario.seed)
    found = replans(plan, drawn, count, workers=workers, on_progress=on_progress, executor=executor)
    mine = range_of(plan, case, drawn)
    rows = _range_rows(mine, case, drawn, programme)
    for outcome, one in zip(rows["outcomes"], found, strict=False):
        outcome["best"] = one.value if one.given is not None else nan
    others = _candidates(plan, programme, found)
    units = np.vstack([mine.expected, payoffs(others, case, drawn)])
    _add_stays(rows, plan, case, found)
    rows |= {
        "caution": caution_rows(plan, case, drawn, mine.expected),
        "information": _information_rows(drawn, units),
    }
    rows["drawn"][0] |= {"perfect": perfect_information(units), "plans": len(units)}
    return Uncertainty(Uncertainty.frames(rows))


def range_alone(plan: Plan, case: Case, programme: Plan | None = None) -> Uncertainty:
    """The range of the plan and nothing that needs a search: within a second or two."""
    drawn = draws(case.ordered, RANGE_DRAWS, case.scenario.seed)
    return Uncertainty(
        Uncertainty.frames(_range_rows(range_of(plan, case, drawn), case, drawn, programme))
    )


def stays_alone(
    plan: Plan,
    case: Case,
    count: int,
    *,
    on_progress: QuestionProgress | None = None,
    stop: Event | None = None,
) -> Uncertainty:
    """What of the plan stays in `count` draws, the core of it as locks, and what these cost.

    The draws are those of `how_sure`. Of its tables `stability`, `core` and `drawn` have rows.
    """
    drawn = draws(case.ordered, count, case.scenario.seed)
    found = replans(plan, drawn, count, on_progress=on_progress)
    rows: _Rows = {"drawn": _about(drawn)}
    _add_stays(rows, plan, case, found, stop)
    return Uncertainty(Uncertainty.frames(rows))


_Rows = dict[str, list[dict[str, Any]]]


def _add_stays(
    rows: _Rows, plan: Plan, case: Case, found: Sequence[Replan], stop: Event | None = None
) -> None:
    stable = stability(plan, case, found)
    locks = core_locks(stable, case.locks)
    core_low, core_high = core_cost(plan, case, locks, stop)
    rows |= {
        "stability": [row._asdict() | {"count": row.planned, "state": row.state} for row in stable],
        "core": [{"lock": lock} for lock in locks],
    }
    rows["drawn"][0] |= {
        "replanned": len(found),
        "unmet": sum(not one.met for one in found),
        "widest_gap": max((one.gap for one in found), default=0.0),
        "core_low": core_low,
        "core_high": core_high,
    }


def _about(drawn: Draws) -> list[dict[str, Any]]:
    """The row of `drawn`, with nothing planned again yet."""
    nothing = {"replanned": 0, "unmet": 0, "widest_gap": 0.0, "core_low": 0.0, "core_high": 0.0,
               "perfect": 0.0, "plans": 0}  # fmt: skip
    return [{"seed": drawn.seed, "draws": drawn.n, **nothing}]


def _range_rows(mine: PlanRange, case: Case, drawn: Draws, programme: Plan | None) -> _Rows:
    other = None if programme is None else range_of(programme, case, drawn, as_announced=True)
    return {
        "outcomes": _outcomes(mine, other),
        "kept": [
            {"rule": rule, "key": key, "share": float(np.mean(holds))}
            for (rule, key), holds in mine.holds.items()
        ],
        "drawn": _about(drawn),
    }


def _outcomes(mine: PlanRange, other: PlanRange | None) -> list[dict[str, Any]]:
    announced = np.full(len(mine.expected), nan) if other is None else other.expected
    columns = {
        "expected": mine.expected, "luck": mine.luck, "lucky": mine.lucky, "cost": mine.cost,
        "announced": announced, "entrepreneurs": mine.entrepreneurs,
    }  # fmt: skip
    return [
        {"draw": i, "best": nan} | {name: values[i] for name, values in columns.items()}
        for i in range(len(mine.expected))
    ]


def _candidates(plan: Plan, programme: Plan | None, found: Sequence[Replan]) -> list[Given]:
    """What the office can choose beside the plan: the announced programme, plans of other draws."""
    others = [one.given for one in found if one.given is not None]
    plans = [given_by(plan), *([] if programme is None else [given_by(programme)]), *others]
    return list({repr(given): given for given in plans}.values())[1:CANDIDATES]


def _information_rows(drawn: Draws, units: Any) -> list[dict[str, Any]]:
    return [
        {
            "level": row.level,
            "source": row.numbers[0].source,
            "kind": row.numbers[0].kind.name,
            "table": row.numbers[0].table,
            "column": row.numbers[0].column,
            "key": "+".join(row.numbers[0].of[: row.numbers[0].kind.shares]),
            "numbers": len(row.numbers),
            "stated": row.numbers[0].stated_by is not None,
            "gain": row.gain,
            "error": row.error,
        }
        for row in information(drawn, units)
    ]
