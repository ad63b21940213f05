"""The points of a sweep: short names, the base, and those that reach fewer with more money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from ikmplan.compare.comparison import first_names
from ikmplan.input.cells import unit_of
from ikmplan.input.scenario import Scenario
from ikmplan.plan.plan import PROVEN
from ikmplan.report.summary import GAIN
from ikmplan.show.table import NOTHING, is_absent, needed_decimals, short_rupiah
from ikmplan.text import _, percent

SAME = 1e-6  # units


def value_words(field: str, value: Any) -> str:
    """A value that was varied, as readers see it: an amount, a floor, or "field = value"."""
    if field == "budget":
        return _("all funds") if is_absent(value) else short_rupiah(value)
    if field == "floor":
        return _("Floor {share}", share=percent(value)) if value else _("No floor")
    return f"{field} = {_plain(field, value)}"


def _short_words(field: str, value: Any) -> str:
    if field == "floor" and not is_absent(value):
        return _("min. {share}", share=percent(value))
    return value_words(field, value)


def _plain(field: str, value: Any) -> str:
    unit = unit_of(Scenario.model_fields[field.partition(".")[0]])
    if is_absent(value) or value == "":
        return NOTHING
    if isinstance(value, str | bool):
        return str(value)
    if unit.startswith("share"):
        return percent(value)
    if unit == "rupiah":
        return short_rupiah(value)
    return needed_decimals(value)


def point_names(points: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Scenario -> the short name of its point: what was varied, without the base's name.

    Two points of one short name keep their long names.
    """
    short = {
        name: " · ".join(_short_words(field, value) for field, value in varied.items())
        for name, varied in points.items()
    }
    names = list(short.values())
    return {name: text if text and names.count(text) == 1 else name for name, text in short.items()}


def nearest_point(
    points: Mapping[str, Mapping[str, Any]], base: Mapping[str, Any], budget: int
) -> str | None:
    """The point that differs least from the base scenario in what was varied; None of none.

    A number differs by its distance in the span of the grid, another value by 1. `budget` is the
    base's in rupiah, where its own is left open.
    """
    known = {**base, "budget": budget}
    fields = dict.fromkeys(field for varied in points.values() for field in varied)
    every = {field: [varied[field] for varied in points.values()] for field in fields}

    def distance(varied: Mapping[str, Any]) -> float:
        return sum(_distance(varied[field], _of(known, field), every[field]) for field in fields)

    return min(points, key=lambda name: distance(points[name]), default=None)


def _of(base: Mapping[str, Any], field: str) -> Any:
    name, _dot, key = field.partition(".")
    value = base.get(name)
    return (value or {}).get(key) if key else value


def _distance(value: Any, base: Any, every: Sequence[Any]) -> float:
    numbers = [n for n in every if isinstance(n, int | float) and not is_absent(n)]
    if isinstance(value, int | float) and isinstance(base, int | float) and numbers:
        span = max(numbers) - min(numbers)
        return abs(value - base) / span if span else float(value != base)
    return float(value != base)


def fewer_for_more(table: pd.DataFrame, fields: Sequence[str]) -> dict[str, bool]:
    """Scenarios that reach fewer units (by GAIN or more) than one that differs in its smaller
    budget alone, and whether the plan is proven: it then lies within the gap asked for. Only
    where units are what is sought: with more equity, say, fewer may be better."""
    if "budget" not in fields:
        return {}
    others = [field for field in fields if field != "budget"]
    planned: Any = table.dropna(subset=["reached"]).sort_values("budget")
    if "value" in planned:  # what is sought may be something else than units
        planned = planned[(planned["value"] - planned["reached"]).abs() < SAME]
    groups = planned.groupby(others, dropna=False) if others else [((), planned)]
    found: dict[str, bool] = {}
    for _key, rows in groups:
        best = rows["reached"].cummax().shift(fill_value=-1.0)
        less = rows[rows["reached"] <= best - GAIN]
        found |= {
            str(name): status == PROVEN
            for name, status in zip(less["scenario"], less["status"], strict=True)
        }
    return found


def fewer_warnings(fewer: Mapping[str, bool], short: Mapping[str, str]) -> Iterator[str]:
    """Which plans reach fewer units than one with a smaller budget, and why that can be."""
    stopped, within = (
        [short[name] for name, proven in fewer.items() if proven == wanted]
        for wanted in (False, True)
    )
    if stopped:
        yield _(
            "{names}: fewer units than with a smaller budget, because the search was stopped "
            "early.",
            names=first_names(stopped),
        )
    if within:
        yield _(
            "{names}: fewer units than with a smaller budget; the difference is within the gap "
            "that was asked for.",
            names=first_names(within),
        )
