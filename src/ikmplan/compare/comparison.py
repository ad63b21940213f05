"""Plans side by side, as tidy tables. Nothing is solved again; every figure is a plan's.

compared = read_comparison("runs", ["medan-2022", "medan-2022-fair"])  # of compare_read
compared.scenarios, compared.coverage, compared.items, ...
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, TypeVar

import pandas as pd

from ikmplan.faults import BadInput, file_fault, nearest
from ikmplan.input.case import Case
from ikmplan.input.cells import EQUIPMENT, TRAINING
from ikmplan.input.scenario import ABOUT_A_PLAN
from ikmplan.insight.demands import Demand
from ikmplan.plan.plan import OPENING
from ikmplan.report.input_tables import asked_table
from ikmplan.report.key_figures import PER, units_counted
from ikmplan.tableset import TableSet, Types, grouped
from ikmplan.text import N_, _, listing, number

_Part = TypeVar("_Part")
MANY = 12  # more scenarios than this are not all shown one by one
BASE = "base"
BUDGET = "budget"  # kind of demand
# parameters that ask nothing of a plan
SEARCH = {"gap", "time_limit", "solver", "seed", *ABOUT_A_PLAN}
ALWAYS, SOMETIMES, NEVER = N_("always"), N_("sometimes"), N_("never")
COMPARISON_COLUMNS: Types = {
    "scenarios": {
        "scenario": str, "status": str, "value": float, "bound": float, "gap": float,
        "asked": float, "in_units": bool, "reached": float, "entrepreneurs": float, "share": float,
        "coached": int,
        "worst": str, "worst_share": float, "classes": int, "machines": int,
        "cost": int, "per_money": float, "budget": int,
        "low": float, "middle": float, "high": float, "better": float,
        "worse": float,
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


class SweepTables(NamedTuple):
    """The tables of a sweep: a row of each point, and who is reached; `fields` were varied."""

    table: pd.DataFrame
    coverage: pd.DataFrame
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Comparison(TableSet):
    """The tables of COLUMNS: money in rupiah, shares 0..1; the first scenario is the base.

    A scenario stands in them under its title, or under its name where it has none.

    `low`, `middle` and `high` are the units reached in 8 of 10 draws and in the middle; `better`
    and `worse` are the shares of the same draws in which more and fewer are expected than with the
    base. All are absent where nothing was drawn. value, bound and gap are those of the proof; only
    where `in_units` holds are value and bound expected numbers of units. `per_money` is units
    reached for each PER rupiah.
    """

    COLUMNS: ClassVar[Types] = COMPARISON_COLUMNS
    tables: dict[str, pd.DataFrame]
    case: Case  # the base's, for names
    left_out: tuple[tuple[str, str], ...]  # scenario, why it is not compared
    warnings: tuple[str, ...]  # why the plans do not answer one and the same question
    sweep: SweepTables | None = None  # of a sweep, with the points that have no plan

    @cached_property
    def figures(self) -> dict[str, dict[str, Any]]:
        """Scenario -> its row of `scenarios`; the base is the first."""
        rows: Any = self.scenarios.to_dict("records")
        return {row["scenario"]: row for row in rows}

    @property
    def names(self) -> list[str]:
        return list(self.figures)

    @property
    def base(self) -> str:
        return self.names[0]

    @property
    def is_large(self) -> bool:
        return len(self.names) > MANY

    @cached_property
    def shown(self) -> list[str]:
        """The scenarios shown one by one, the base first: all, or of more than MANY the base and
        those that reach or cost least, reach most, cover the worst-off cluster best, keep most
        demands, and have the widest gap. Units for the money are no reason: fewer units cost
        less each, whatever the scenario. Nor are the budgets kept: the plan that spends least
        keeps them all. Of those that keep as many demands, the one that reaches most counts."""
        if not self.is_large:
            return self.names
        highest = ["reached", "worst_share", "demands_kept", "gap"]
        rows = self.scenarios.set_index("scenario")
        no_budget = self.kept[self.kept["kind"] != BUDGET]
        rows["demands_kept"] = no_budget.groupby("plan")["kept"].sum()
        rows = rows[[*highest, "cost"]].fillna(0)
        rows = rows.sort_values("reached", ascending=False, kind="stable")
        extremes = {*rows[highest].idxmax(), *rows[["reached", "cost"]].idxmin()}
        return [name for name in self.names if name == self.base or name in extremes]

    def for_many(self, *parts: _Part) -> tuple[_Part, ...]:
        """These columns, rows or sentences about all scenarios, if not all are shown; else none."""
        return parts if self.is_large else ()


def scenario_row(case: Case, figures: Mapping[str, Any]) -> dict[str, Any]:
    """The row of `scenarios`: the figures of the plan, and what its case adds to them."""
    everyone, reached, cost = units_counted(case), figures["reached"], figures["cost"]
    return {
        "entrepreneurs": float("nan"),
        **figures,
        "in_units": case.value_is_units,
        "share": reached / everyone if everyone else float("nan"),
        "per_money": reached / cost * PER if cost > 0 else float("nan"),
        "budget": case.budget,
    }


def demand_tables(
    asked_by: Mapping[str, Iterable[Demand]], measures: Mapping[str, Callable[[Demand], float]]
) -> dict[str, list[Any]]:
    """The rows of `demands` and `kept`: scenario -> what it asks, plan -> what it has of it."""
    askers = grouped((demand, name) for name, asks in asked_by.items() for demand in asks)
    kept = [
        (n, *demand[:4], plan, has := measure(demand), demand.kept(has))
        for plan, measure in measures.items()
        for n, demand in enumerate(askers)
    ]
    return {
        "demands": [(name, n) for n, names in enumerate(askers.values()) for name in names],
        "kept": kept,
    }


def select(
    names: Sequence[str],
    base: str | None,
    known: Collection[str],
    why_not: Callable[[str], str | None],
) -> tuple[list[str], dict[str, str]]:
    """The scenarios to compare, and why each other one of `names` (or of all) is left out.

    The base stands first: `base`, else the one named "base", else the first; without a plan of
    `base` there is none to compare. `why_not` gives None for a scenario that has a plan.
    """
    wanted = dict.fromkeys([*([] if base is None else [base]), *(names or known)])
    left_out = {}
    for name in wanted:
        if name not in known:
            reason = _("There is no run of this name.")
            left_out[name] = " ".join(filter(None, (reason, nearest(name, list(known)))))
        elif (why := why_not(name)) is not None:
            left_out[name] = why
    chosen = [name for name in wanted if name not in left_out]
    if base is None:
        chosen.sort(key=lambda name: name != BASE)
    return [] if base in left_out else chosen, left_out


def check_enough(where: Path, plans: int, left_out: Mapping[str, str]) -> None:
    """Raises `BadInput`, with why each scenario is left out, where there are not two plans."""
    if plans >= 2:
        return
    message = _("A comparison needs two plans, the base among them. Found: {n}.", n=plans)
    why = [f"{name}: {reason}" for name, reason in left_out.items()]
    fix = "\n".join(why) or _("Run another scenario: ikmplan run PARAMS.yaml")
    raise BadInput([file_fault(where.as_posix(), message, fix)])


def display_names(titles: Mapping[str, str]) -> dict[str, str]:
    """Name of a scenario -> its title, with the name where another bears the same title; the
    name where it has none."""
    every = [title or name for name, title in titles.items()]
    return {
        name: name if not title else title if every.count(title) == 1 else f"{title} ({name})"
        for name, title in titles.items()
    }


def what_is_asked(case: Case) -> Iterator[tuple[str, ...]]:
    """Parameter, meaning and value of what the scenario asks, and why it was made."""
    if case.scenario.note:
        yield "note", _("Why the scenario was made"), case.scenario.note
    for meaning, value, parameter in asked_table(case).shown().itertuples(index=False):
        if parameter not in SEARCH:
            yield str(parameter), str(meaning), str(value)


def first_names(names: Sequence[str], most: int = 6) -> str:
    """The names, or the first of them and how many more there are."""
    if len(names) <= most:
        return listing(list(names))
    rest = _("{n} more", n=number(len(names) - most + 1))
    return listing([*names[: most - 1], rest])


# --- derived tables ----------------------------------------------------------------------


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
    """The scenarios whose plans keep every demand of every scenario, but for budgets: the plan
    that spends least keeps those whatever else it does."""
    kept = c.kept[c.kept["kind"] != BUDGET].groupby("plan")["kept"].all()
    return [name for name in c.names if kept.get(name, True)]


def by_cluster(c: Comparison, column: str = "coverage") -> pd.DataFrame:
    """Clusters × scenarios: this column of `coverage`; NaN where a plan has no such cluster."""
    table = c.coverage.pivot(index="cluster", columns="scenario", values=column)
    return table[c.names].astype(float)


def changes(c: Comparison, value: str = "coverage") -> pd.DataFrame:
    """Clusters × other scenarios: `value` minus the base's; who gains most stands first.

    Of plans that kept their coverage.
    """
    coverage, values = (
        table.drop(columns=c.base).sub(table[c.base], axis=0)
        for table in (by_cluster(c), by_cluster(c, value))
    )
    return values.loc[coverage.mean(axis=1).sort_values(ascending=False, kind="stable").index]


def choices(c: Comparison) -> pd.DataFrame:
    """kind, item, plans, fewest, most, base of every course, machine and opening of the case.

    `chosen` is ALWAYS, SOMETIMES or NEVER; the always chosen stand first.
    """
    keys = [(TRAINING, p) for p in c.case.courses] + [(EQUIPMENT, e) for e in c.case.equipment]
    keys += [(OPENING, o) for o in c.case.openings]
    found = _counts(c, ["kind", "item"]).set_index(["kind", "item"])
    made = found.reindex(pd.MultiIndex.from_tuples(keys, names=["kind", "item"]), fill_value=0)
    made = made.reset_index()
    made["chosen"] = SOMETIMES
    made.loc[made["plans"] == len(c.names), "chosen"] = ALWAYS
    made.loc[made["plans"] == 0, "chosen"] = NEVER
    return made.sort_values(["plans", "fewest", "most"], ascending=False, kind="stable")
