"""Plans side by side, as tidy tables. Nothing is solved again; every figure is a plan's.

compared = read_comparison("runs", ["medan-2022", "medan-2022-fair"])  # of compare_read
compared.scenarios, compared.coverage, compared.items, ...
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from ikmplan.faults import BadInput, Fault
from ikmplan.input.case import Case
from ikmplan.input.cells import EQUIPMENT, TRAINING
from ikmplan.tableset import TableSet, Types
from ikmplan.text import N_, _, listing, number
from ikmplan.views import PER, asked

MANY = 12  # more scenarios than this are shown by their extremes
BASE = "base"
# parameters that ask nothing of a plan
SEARCH = ("gap", "time_limit", "solver", "seed", "reasons")
TIE = 0.0005  # of coverage; less is shown as 0.0 points
ALWAYS, SOMETIMES, NEVER = N_("always"), N_("sometimes"), N_("never")
COMPARISON_COLUMNS: Types = {
    "scenarios": {
        "scenario": str, "status": str, "value": float, "bound": float, "gap": float,
        "asked": float, "in_units": bool, "reached": float, "share": float, "coached": int,
        "worst": str, "worst_share": float, "classes": int, "machines": int,
        "cost": int, "budget": int,
    },
    "coverage": {
        "scenario": str, "cluster": str, "size": int, "reached": float, "coverage": float,
    },
    "items": {"scenario": str, "kind": str, "item": str, "host": str, "count": int},
    "asked": {"scenario": str, "parameter": str, "meaning": str, "value": str},
    "demands": {"scenario": str, "demand": int},  # who asks what
    "kept": {
        "demand": int, "kind": str, "key": str, "sign": str, "asked": float, "plan": str,
        "has": float, "kept": bool,
    },
}  # fmt: skip


@dataclass(frozen=True)
class Comparison(TableSet):
    """The tables of COLUMNS: money in rupiah, shares 0..1; the first scenario is the base.

    value, bound and gap are those of the proof; `in_units` says that the value is the
    expected number of units and nothing besides, so that the bound is one of units too.
    """

    COLUMNS: ClassVar[Types] = COMPARISON_COLUMNS
    tables: dict[str, pd.DataFrame]
    case: Case  # the base's, for names
    left_out: tuple[tuple[str, str], ...]  # scenario, why it is not compared
    warnings: tuple[str, ...]  # why the plans do not answer one and the same question

    @property
    def names(self) -> list[str]:
        return [str(name) for name in self.scenarios["scenario"]]

    @property
    def base(self) -> str:
        return self.names[0]

    @property
    def is_large(self) -> bool:
        return len(self.names) > MANY


def make_tables(rows: Mapping[str, Sequence[Any]]) -> dict[str, pd.DataFrame]:
    """The tables of COLUMNS from their rows; none given: none in it."""
    return {name: Comparison.frame(name, rows.get(name, ())) for name in COMPARISON_COLUMNS}


def check_enough(where: Path, plans: int, left_out: Mapping[str, str]) -> None:
    """Raises `BadInput`, with why each scenario is left out, where there are not two plans."""
    if plans >= 2:
        return
    message = _("A comparison needs two plans, the base among them. Found: {n}.", n=plans)
    why = [f"{name}: {reason}" for name, reason in left_out.items()]
    fix = "\n".join(why) or _("Run another scenario: ikmplan run PARAMS.yaml")
    raise BadInput([Fault(where.as_posix(), None, None, None, message, fix)])


def what_is_asked(case: Case) -> Iterator[tuple[str, ...]]:
    """Parameter, meaning and value of what the scenario asks."""
    for meaning, value, parameter in asked(case).shown().itertuples(index=False):
        if parameter not in SEARCH:
            yield str(parameter), str(meaning), str(value)


def first_names(names: Sequence[str], most: int = 6) -> str:
    """The names, or the first of them and how many more there are."""
    if len(names) <= most:
        return listing(list(names))
    rest = _("{n} more", n=number(len(names) - most + 1))
    return listing([*names[: most - 1], rest])


# --- derived tables ----------------------------------------------------------------------


def per_money(scenarios: pd.DataFrame) -> pd.Series:
    """Units reached for each PER rupiah."""
    return scenarios["reached"] / scenarios["cost"].where(scenarios["cost"] > 0) * PER


def in_every_plan(c: Comparison) -> pd.DataFrame:
    """kind, item, host, fewest, most of what every plan holds or places there."""
    counts = _counts(c, ["kind", "item", "host"])
    return counts[counts["fewest"] > 0]


def _counts(c: Comparison, keys: list[str]) -> pd.DataFrame:
    """By the keys: fewest and most over all plans, plans that have it, and the base's count."""
    each = c.items.groupby([*keys, "scenario"], as_index=False, sort=False)["count"].sum()
    groups = each.groupby(keys, sort=False)["count"]
    made: pd.DataFrame = groups.agg(plans="count", fewest="min", most="max").reset_index()
    made.loc[made["plans"] < len(c.names), "fewest"] = 0
    base = each[each["scenario"] == c.base].set_index(keys)["count"]
    made["base"] = base.reindex(pd.MultiIndex.from_frame(made[keys])).fillna(0).to_numpy(int)
    return made


def keep_all(c: Comparison) -> list[str]:
    """The scenarios whose plans keep every demand of every scenario."""
    kept = c.kept.groupby("plan")["kept"].all()
    return [name for name in c.names if kept.get(name, True)]


def changes(c: Comparison, value: str = "coverage") -> pd.DataFrame:
    """Clusters × other scenarios: `value` minus the base's; who gains most stands first.

    Of plans that kept their coverage.
    """
    against = {}
    for column in ("coverage", value):
        table = c.coverage.pivot(index="cluster", columns="scenario", values=column)
        against[column] = table[c.names[1:]].sub(table[c.base], axis=0)
    mean = against["coverage"].mean(axis=1)
    return against[value].loc[mean.sort_values(ascending=False, kind="stable").index]


def choices(c: Comparison) -> pd.DataFrame:
    """kind, item, plans, fewest, most, base of every course and kind of machine of the case.

    `chosen` is ALWAYS, SOMETIMES or NEVER; the always chosen stand first.
    """
    everything = [(TRAINING, p) for p in c.case.courses] + [
        (EQUIPMENT, e) for e in c.case.equipment
    ]
    found = _counts(c, ["kind", "item"]).set_index(["kind", "item"])
    made = found.reindex(pd.MultiIndex.from_tuples(everything, names=["kind", "item"]))
    made = made.fillna(0).astype(int).reset_index()
    made["chosen"] = SOMETIMES
    made.loc[made["plans"] == len(c.names), "chosen"] = ALWAYS
    made.loc[made["plans"] == 0, "chosen"] = NEVER
    return made.sort_values(["plans", "fewest", "most"], ascending=False, kind="stable")
