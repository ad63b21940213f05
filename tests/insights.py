"""Reasons written down by hand, for what shows them. `insight` works them out: test_insight."""

from __future__ import annotations

from math import nan
from typing import Any

import pandas as pd

from ikmplan.insight.reasons import INSIGHT_COLUMNS, Insight

LOCK, OUT = "roaster @ coffee >= 1", "baking @ coffee"
ASKED: dict[str, Any] = {  # the scenario that these answer
    "floors": {"coffee": 0.2},
    "locks": [LOCK],
    "exclusions": [OUT],
    "target_units": 10,
    "training_share_min": 0.1,
}


def make_insight(**rows: list[tuple[Any, ...]]) -> Insight:
    """The insight whose tables have these rows, in their order; others are empty."""
    return Insight(
        {
            name: pd.DataFrame(rows.get(name, []), columns=list(columns)).astype(columns)
            for name, columns in INSIGHT_COLUMNS.items()
        }
    )


def toy_insight() -> Insight:
    """Of the toy case: a row of every kind, found and proven apart, possible and not."""
    return make_insight(
        steps=[
            ("days", "trainers", 10, 0, 0, 0, nan, nan, nan),
            ("money", "purse", 1e8, 3.0, 3.0, 3.0, 13.4, 13.4, 13.4),
            ("stock", "roaster", 1, 0.5, 0.4, 1.2, nan, nan, nan),
            ("site", "coffee", 1, 0.1, 0.0, 0.3, nan, nan, nan),
        ],
        left_out=[
            ("roaster", "coffee", 1, False, nan, nan, nan, "THE REASON", 30_000_000),
            ("roasting", "", 1, True, 2.5, 2.1, 2.5, "", 13_000_000),
            ("", "bakers", 1, True, 0.5, 0.5, 0.5, "", 0),
        ],
        asked=[
            ("floor", "", 0.0, 0.0, 0.0),
            ("floor", "coffee", 7.0, 6.5, 7.5),
            ("lock", LOCK, 1.0, 1.0, 1.0),
            ("exclusion", OUT, 0.2, 0.2, 0.2),
            ("target", "target_units", 0.0, 0.0, 0.0),
            ("share", "training_share_min", 0.0, 0.0, 0.0),
        ],
        fairness=[
            (0.0, 13.4, 13.4, 0.34),
            (0.35, 13.04, 13.2, 0.354),
            (0.37, 12.2, 12.9, 0.37),
        ],
        ladder=[
            (0.5, 40_000_000, nan, nan, nan, 0, 0, 0),
            (0.7, 56_000_000, 10.0, 11.0, 11.0, 40_000_000, 1, 0),
            (1.0, 80_000_000, 13.4, 13.4, 13.4, 80_000_000, 2, 1),
            (1.5, 120_000_000, 16.4, 16.4, 16.5, 113_000_000, 2, 2),
        ],
        ladder_items=[
            ("roaster", "coffee", 1.0, 1),
            ("roasting", "coffee", 1.0, 1),
            ("baking", "bakers", 0.7, 1),
            ("baking", "bakers", 1.0, 1),
            ("baking", "bakers", 1.5, 1),
            ("roasting", "coffee", 1.5, 1),
            ("roaster", "coffee", 1.5, 2),
        ],
        baselines=[
            ("plan", 13.4, 29, 0.34, 80_000_000, 2, 1, True, nan, 0.0),
            ("announced", 6.4, 10, 0.0, 73_000_000, 1, 2, False, nan, 0.0),
            ("nothing", 0.0, 0, 0.0, 0, 0, 0, True, nan, 0.0),
            ("greedy", 11.0, 30, 0.1, 53_000_000, 2, 0, True, nan, 0.0),
            ("equal", 12.9, 29, 0.3, 80_000_000, 2, 1, True, nan, 0.0),
            ("proportional", 11.0, 30, 0.1, 53_000_000, 2, 0, True, nan, 0.0),
            ("same_money", 11.9, 29, 0.1, 73_000_000, 2, 0, True, 0.1, 0.0),
            ("same_money_free", 12.0, 29, 0.1, 73_000_000, 2, 0, True, nan, 0.0),
        ],
    )
