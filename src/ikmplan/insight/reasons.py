"""Why this plan: what one step more of each scarce thing brings, what was left out and why,
what each demand costs, the price of fairness, the ladder of budgets, and the baselines.

Every number comes from a search of its own (`model.search.ask`), in as many processes as there
are cores, and stands between two that are proven. The searches end at a gap or at a number of
nodes, never at a time: the same question always gets the same answer. Only what is planned beside
the plan (`what_if`) is searched as the plan was.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from math import nan
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY
from ikmplan.insight.baselines import announced, doing_nothing, same_money, shared_out
from ikmplan.insight.demands import changed, without_demands
from ikmplan.insight.gains import Gain, at_least, gain, question_gap, reaching_case, worth
from ikmplan.insight.greedy import greedy
from ikmplan.insight.processes import QuestionProgress, worked_out
from ikmplan.insight.questions import (
    Question,
    Rows,
    Subject,
    Task,
    lock_text,
    questions,
    rules_with_days,
)
from ikmplan.insight.what_if import WHAT_IF_COLUMNS, what_if, what_if_asked, what_if_rows
from ikmplan.model.conflicts import find_conflicts
from ikmplan.model.rules import RULES
from ikmplan.model.search import Answer, ask
from ikmplan.plan.audit import CHECKS, find_breaches
from ikmplan.plan.derive import make_plan
from ikmplan.plan.plan import Plan, make_proof, plan_figures, worst_coverage
from ikmplan.tableset import TableSet, Types

QUESTION_SECONDS = 600.0  # never needed on a city of Medan's size: nodes are the limit
FAIR_NODES = 2000  # floors near the highest are the hardest questions
WHY_SECONDS = 5.0  # for the reasons why something is impossible
LESS, MORE = (0.5, 0.75, 0.9), (1.5, 1.25, 1.1)  # rungs, as shares of the budget
LEVELS = (1.0, 0.95, 0.9, 0.8, 0.6, 0.0)  # of the best that the worst-off cluster can get
BASELINES = ("greedy", "equal", "proportional", "same_money", "same_money_free")
BRACKET = ("", "_low", "_high")
INSIGHT_COLUMNS: Types = {
    "steps": {
        "kind": str, "key": str, "step": float,
        "more": float, "more_low": float, "more_high": float,
        "less": float, "less_low": float, "less_high": float,
    },
    "left_out": {
        "item": str, "cluster": str, "count": int, "possible": bool,
        "cost": float, "cost_low": float, "cost_high": float, "why": str, "extra": int,
    },
    "asked": {"kind": str, "key": str, "gain": float, "gain_low": float, "gain_high": float},
    "fairness": {"worst": float, "reached": float, "bound": float, "achieved": float},
    "ladder": {
        "share": float, "budget": int, "reached": float, "free": float, "bound": float,
        "cost": int, "classes": int, "machines": int,
    },
    "ladder_items": {"item": str, "host": str, "share": float, "count": int},
    "baselines": {
        "name": str, "reached": float, "coached": int, "worst": float, "cost": int,
        "classes": int, "machines": int, "within": bool, "highest_floor": float,
        "entrepreneurs": float,
    },
    **WHAT_IF_COLUMNS,
}  # fmt: skip
# how the rows of a table are sorted: its columns, and which of them rise
ORDERS = {
    "steps": (["more"], [False]),
    "left_out": (["possible", "cost"], [False, True]),  # first what was nearly chosen
    "ladder": (["share"], [True]),
    "ladder_items": (["share"], [True]),
}


@dataclass(frozen=True)
class Insight(TableSet):
    """The tables of COLUMNS as data frames; without rows where nothing was asked."""

    COLUMNS: ClassVar[Types] = INSIGHT_COLUMNS
    ADDED = frozenset(WHAT_IF_COLUMNS)
    tables: dict[str, pd.DataFrame]

    @property
    def asked_for(self) -> bool:
        """False where the scenario did not want the reasons."""
        return any(len(table) for table in self.tables.values())


def load_insight(folder: str | Path) -> Insight:
    """The insight that `Insight.save` wrote."""
    return Insight(Insight.load_tables(folder))


def explain(
    plan: Plan,
    case: Case,
    *,
    workers: int | None = None,
    on_progress: QuestionProgress | None = None,
) -> Insight:
    """All reasons of the plan; none, at once, where the scenario has `reasons: false`.

    `workers` is the number of processes (None: one a core; 1: this one); `on_progress` is
    called with how many questions are answered, of how many.
    """
    rows: Rows = {name: [] for name in INSIGHT_COLUMNS}
    if case.scenario.reasons:
        asked = changed(case, gap=question_gap(case), time_limit=QUESTION_SECONDS)
        subject = Subject(plan, asked, worth(plan, asked))
        tasks: list[Task] = [
            partial(_rungs, shares=MORE),
            partial(_rungs, shares=LESS),
            _fairness,
            *(partial(_baseline, name=name) for name in BASELINES),
            *(partial(what_if, case=case, asked=one) for one in what_if_asked(plan, case)),
            *(partial(_answer, question=question) for question in questions(plan, asked)),
        ]
        answers = list(worked_out(subject, tasks, workers, on_progress))
        for found in [_unasked(subject._replace(case=case)), *answers]:
            for name, more in found.items():
                rows[name] += more
    return Insight({name: _frame(name, rows[name]) for name in INSIGHT_COLUMNS})


def _frame(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = Insight.frame(name, rows)
    if name == "steps":  # what more brings and what less costs are answered apart
        frame = frame.groupby(["kind", "key", "step"], sort=False, as_index=False).first()
    if name in ORDERS:
        columns, ascending = ORDERS[name]
        frame = frame.sort_values(columns, ascending=ascending, kind="stable")
    return frame.reset_index(drop=True)


# --- answers ---------------------------------------------------------------------------------


def _answer(subject: Subject, question: Question) -> Rows:
    lawful = not question.days
    rules = RULES if lawful else rules_with_days(question.days)
    answer = at_least(ask(question.case, subject.worth.plan, lawful=lawful, rules=rules))
    row = dict(question.key)
    if question.table == "left_out":
        row |= _forced(question, answer)
    there, asked = (subject.case, subject.worth), (question.case, answer)
    found = gain(*there, *asked) if question.wider else gain(*asked, *there)
    columns = (question.column + part for part in BRACKET)
    row |= dict(zip(columns, found or Gain(nan, nan, nan), strict=True))
    return {question.table: [row]}


def _forced(question: Question, answer: Answer) -> dict[str, Any]:
    """What a left-out class or machine costs by itself, or why it is impossible."""
    case, item = question.case, question.key["item"]
    extra = case.price.get(item, 0)
    if item in case.courses:
        extra = case.cost_class[item] + case.courses[item].class_min * case.cost_person[item]
    extra += sum(cost for _kind, _part, cost in case.opening_costs.get(item, ()))
    possible = answer.value is not None
    conflicts = [] if possible else find_conflicts(case, seconds=WHY_SECONDS, fixes=False)
    why = "\n".join(conflict.statement for conflict in conflicts)
    return {"possible": possible, "why": why, "extra": extra}


def _rungs(subject: Subject, shares: tuple[float, ...]) -> Rows:
    """The rungs below the plan or above it, each with all that the next lower one holds.

    The outermost comes first and the others lie between it and the plan. A rung that only
    had to hold the one below would fill up with what fits into its own budget, and larger
    budgets would have to keep that.
    """
    plan, case = subject.plan, reaching_case(subject.plan, subject.case)
    rows: Rows = {"ladder": [], "ladder_items": []}
    outer: Plan | None = None
    inward, outward = (">=", "<=") if min(shares) > 1 else ("<=", ">=")
    for share in shares:
        rung = _with_share(case, share)
        locks = [*rung.scenario.locks, *_count_locks(case, plan, inward)]
        locks += _count_locks(case, outer, outward) if outer is not None else []
        nested = ask(changed(rung, locks=locks), plan, shown=True).plan
        free = at_least(ask(rung, nested or plan, shown=True), nested)
        rows["ladder"].append(_rung(share, rung, nested, free))
        if nested is not None:
            rows["ladder_items"] += _items(share, nested)
            outer = nested
    return rows


def _with_share(case: Case, share: float) -> Case:
    funds = {f: round(amount * share) for f, amount in case.fund_amount.items()}
    budget = case.scenario.budget
    return changed(case, funds=funds, budget=None if budget is None else round(budget * share))


def _count_locks(case: Case, plan: Plan, sign: str) -> list[str]:
    """Locks that keep each count of the plan, zeros too."""
    counts = Counter({(item, host): n for _kind, item, host, n in plan.held})
    openings = [(o, CITY) for o in case.open_to_plan]
    places = [*case.course_hosts, *case.machine_hosts, *openings]
    return [lock_text(item, host, sign, counts[item, host]) for item, host in places]


def _rung(share: float, case: Case, nested: Plan | None, free: Answer) -> dict[str, Any]:
    """A row of the ladder: what the nested plan holds, and the best plan for that budget alone."""
    nothing = {"reached": nan, "cost": 0, "classes": 0, "machines": 0}
    return {
        **(nothing if nested is None else plan_figures(nested, case)),
        "share": share,
        "budget": min(case.budget, sum(case.fund_amount.values())),
        "free": nan if free.plan is None else free.plan.reached,
        "bound": free.bound if free.plan is not None and case.value_is_units else nan,
    }


def _items(share: float, plan: Plan) -> list[dict[str, Any]]:
    return [
        {"item": item, "host": host, "share": share, "count": n}
        for _kind, item, host, n in plan.held
    ]


def _fairness(subject: Subject) -> Rows:
    """What the best-off pay for the worst-off: plans with ever higher floors for every cluster.

    The highest floor comes from a search for the best worst-off coverage alone. Of the
    scenario's demands, only its locks, exclusions and limits hold.
    """
    plan, case, _worth = subject
    s = case.scenario
    kept = {"locks": s.locks, "exclusions": s.exclusions, "limits": s.limits}
    without = changed(without_demands(case), **kept)
    before = ask(changed(without, equity=1.0), plan).plan
    if before is None:
        return {"fairness": []}
    rows: list[dict[str, Any]] = []
    highest = worst_coverage(before, case) or 0.0
    for part in LEVELS:
        level = highest * part
        floors = dict.fromkeys(case.reachable, level * (1 - 1e-9)) if part else {}
        asked = changed(without, floors=floors)
        mine = worst_coverage(plan, case) or 0.0
        better = plan.reached > before.reached and mine >= level
        start = plan if better else before
        alike = start if start.scenario.equity == asked.scenario.equity else None
        answer = at_least(ask(asked, start, nodes=FAIR_NODES), alike)
        if answer.plan is not None:
            before = answer.plan
            achieved = worst_coverage(before, case) or 0.0
            bound = answer.bound if asked.value_is_units else nan
            row = {"worst": level, "reached": before.reached, "achieved": achieved, "bound": bound}
            rows.insert(0, row)
    return {"fairness": rows}


def _baseline(subject: Subject, name: str) -> Rows:
    """One programme that others would make of the same budget; no row where there is none."""
    plan, case, _worth = subject
    free = without_demands(case)
    sizes = {c: case.size[c] for c in case.clusters if case.packages[c]}
    made: Plan | None = None
    if name == "greedy":
        decisions = greedy(free)
        made = make_plan(free, decisions, make_proof(free, decisions, 0.0, 0.0, name))
    elif name.startswith("same_money"):
        return {"baselines": _for_the_same_money(plan, case, name == "same_money")}
    else:
        made = shared_out(free, sizes if name == "proportional" else dict.fromkeys(sizes, 1.0))
    return {"baselines": _compared(name, made, free)}


def _for_the_same_money(plan: Plan, case: Case, demands: bool) -> list[dict[str, Any]]:
    """What a plan makes of the announced programme's money: with the demands of the scenario,
    or without them where it has some."""
    programme, free = announced(case), without_demands(case)
    if programme is None:
        return []
    if not demands:
        unlike = free.scenario != case.scenario
        made = ask(changed(free, budget=programme.cost), plan).plan if unlike else None
        return _compared("same_money_free", made, free)
    found = same_money(case, programme.cost, plan)
    if found is None:
        return []
    highest = nan if found.highest_floor is None else found.highest_floor
    return _compared("same_money", found.plan, found.case, highest)


def _unasked(subject: Subject) -> Rows:
    """What needs no question: the plan's own rung; the plan, the announced programme, nothing."""
    plan, case, worth = subject
    free = without_demands(case)
    known = Answer(plan.reached, nan, plan) if case.scenario.is_cheapest else worth
    others = [
        *_compared("announced", announced(case), free),
        *_compared("nothing", doing_nothing(case), changed(free, budget=0)),
    ]
    return {
        **(what_if_rows(plan, case) if what_if_asked(plan, case) else {}),
        "ladder": [_rung(1.0, reaching_case(subject.plan, subject.case), plan, known)],
        "ladder_items": _items(1.0, plan),
        "baselines": [*_compared("plan", plan, case), *others],
    }


def _compared(
    name: str, plan: Plan | None, case: Case, highest_floor: float = nan
) -> list[dict[str, Any]]:
    """The row of a baseline; `case` has the limits and demands that it should keep."""
    if plan is None:
        return []
    within = not any(breach.rule in CHECKS for breach in find_breaches(plan, case))
    figures = {"entrepreneurs": 0.0, **plan_figures(plan, case)}
    return [{"name": name, **figures, "within": within, "highest_floor": highest_floor}]
