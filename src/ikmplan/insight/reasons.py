"""Why this plan: what one step more of each scarce thing brings, what was left out and why,
what each demand costs, the price of fairness, the ladder of budgets, and the baselines.

Every number comes from a search of its own (`solver.ask`), in as many processes as there are
cores, and stands between two that are proven. The searches end at a gap or at a number of
nodes, never at a time: whoever asks again gets the same answers.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from math import nan
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY
from ikmplan.insight.baselines import announced, shared_out, without_demands
from ikmplan.insight.greedy import greedy
from ikmplan.insight.questions import Question, changed, questions, rules_with_days
from ikmplan.model.conflicts import find_conflicts
from ikmplan.model.rules import RULES
from ikmplan.model.search import Answer, ask
from ikmplan.plan.audit import CHECKS, find_breaches
from ikmplan.plan.derive import make_plan
from ikmplan.plan.plan import Plan, make_proof, worst_off_cluster
from ikmplan.tableset import TableSet, Types
from ikmplan.text import current_language, language

CORES = "IKMPLAN_CORES"  # how many processes this one may use; else one for each core
QUESTION_GAP = 1e-3  # of a question: the answer says between what it lies
QUESTION_SECONDS = 600.0  # never needed on a city of Medan's size: nodes are the limit
FAIR_NODES = 2000  # floors near the highest are the hardest questions
WHY_SECONDS = 5.0  # for the reasons why something cannot be
LESS, MORE = (0.5, 0.75, 0.9), (1.5, 1.25, 1.1)  # rungs, as shares of the budget
LEVELS = (1.0, 0.95, 0.9, 0.8, 0.6, 0.0)  # of the best that the worst-off cluster can get
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
        "classes": int, "machines": int, "within": bool,
    },
}  # fmt: skip
QuestionProgress = Callable[[int, int], None]
Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Insight(TableSet):
    """The tables of COLUMNS as data frames; without rows where nothing was asked."""

    COLUMNS: ClassVar[Types] = INSIGHT_COLUMNS
    tables: dict[str, pd.DataFrame]

    @property
    def asked_for(self) -> bool:
        """False where the scenario did not want the reasons."""
        return any(len(table) for table in self.tables.values())

    def save(self, folder: str | Path) -> None:
        """Its tables, to be read by `load_insight`."""
        self.save_tables(folder)


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
    """All reasons of the plan; none, at once, where the scenario says `reasons: false`.

    `workers` is the number of processes (None: one a core; 1: this one); `on_progress`
    hears how many questions are answered, of how many.
    """
    rows: Rows = {name: [] for name in INSIGHT_COLUMNS}
    if case.scenario.reasons:
        asked = changed(case, gap=max(QUESTION_GAP, case.scenario.gap), time_limit=QUESTION_SECONDS)
        tasks: list[Task] = [
            Task(_rungs, MORE),
            Task(_rungs, LESS),
            Task(_fairness),
            *(Task(_baseline, name) for name in ("greedy", "equal", "proportional", "same_money")),
            *(Task(_answer, question) for question in questions(plan, asked)),
        ]
        for found in _answers(plan, asked, tasks, workers, on_progress):
            for name, more in found.items():
                rows[name] += more
        _at_hand(plan, case, rows)
    return Insight({name: _frame(name, rows[name]) for name in INSIGHT_COLUMNS})


def _frame(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = Insight.frame(name, rows)
    if name == "steps":  # what more brings and what less costs are answered apart
        frame = frame.groupby(["kind", "key", "step"], sort=False, as_index=False).first()
        frame = frame.sort_values("more", ascending=False, kind="stable")
    if name == "left_out":  # first what was nearly chosen
        frame = frame.sort_values(["possible", "cost"], ascending=[False, True], kind="stable")
    return frame.reset_index(drop=True)


# --- processes -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """What one process does without asking anybody: a function of (plan, case, given)."""

    work: Callable[[Plan, Case, Any], Rows]
    given: Any = None


_GIVEN: dict[str, Any] = {}  # of a worker: sent once, not with every task


def _begin(plan: Plan, case: Case, spoken: str) -> None:
    _GIVEN.update(plan=plan, case=case, language=spoken)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A process whose parent was killed would wait for it for ever."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(task: Task) -> Rows:
    with language(_GIVEN["language"]):
        return task.work(_GIVEN["plan"], _GIVEN["case"], task.given)


def _answers(
    plan: Plan, case: Case, tasks: list[Task], workers: int | None, heard: QuestionProgress | None
) -> Iterator[Rows]:
    """The answers in the order of the tasks, whichever was first."""
    workers = workers or int(os.environ.get(CORES, 0)) or os.cpu_count() or 1
    if workers == 1:
        for done, task in enumerate(tasks, start=1):
            yield task.work(plan, case, task.given)
            if heard is not None:
                heard(done, len(tasks))
        return
    # HiGHS does not survive a fork, so processes are spawned everywhere as on Windows
    pool = ProcessPoolExecutor(
        workers, get_context("spawn"), _begin, (plan, case, current_language())
    )
    try:
        waiting: list[Future[Rows]] = [pool.submit(_work, task) for task in tasks]
        for done, _future in enumerate(as_completed(waiting), start=1):
            if heard is not None:
                heard(done, len(tasks))
        yield from (future.result() for future in waiting)
    finally:
        pool.shutdown(cancel_futures=True)


# --- answers ---------------------------------------------------------------------------------


def _answer(plan: Plan, case: Case, question: Question) -> Rows:
    lawful = not question.days
    rules = RULES if lawful else rules_with_days(question.days)
    answer = ask(question.case, plan, lawful=lawful, rules=rules)
    row = dict(question.key)
    if question.table == "left_out":
        row |= _forced(question, answer)
    value, bound = plan.proof.value, plan.proof.bound
    numbers = [nan] * 3
    if answer.value is not None:
        if question.column in ("more", "gain"):
            numbers = [answer.value - value, answer.value - bound, answer.bound - value]
        else:
            numbers = [value - answer.value, value - answer.bound, bound - answer.value]
    # the case that has more cannot reach less: a hair below zero is the gap of a search
    named = zip(BRACKET, (max(0.0, n) if n == n else n for n in numbers), strict=True)
    return {question.table: [row | {question.column + part: n for part, n in named}]}


def _forced(question: Question, answer: Answer) -> dict[str, Any]:
    """What a left-out class or machine costs by itself, or why it cannot be."""
    case, item = question.case, question.key["item"]
    if item in case.courses:
        people = case.courses[item].class_min * case.cost_person[item]
        extra = case.cost_class[item] + people
    else:
        extra = case.price.get(item, 0)
    why = ""
    if answer.value is None:
        conflicts = find_conflicts(case, seconds=WHY_SECONDS)
        why = "\n".join(conflict.statement for conflict in conflicts)
    return {"possible": answer.value is not None, "why": why, "extra": extra}


def _rungs(plan: Plan, case: Case, shares: tuple[float, ...]) -> Rows:
    """The rungs below the plan or above it, each holding all that the next lower one holds.

    The outermost comes first and the others lie between it and the plan: a rung that only
    had to hold the one below would fill up with what fits there, and stay in the way.
    """
    rows: Rows = {"ladder": [], "ladder_items": []}
    beyond: Plan | None = None
    for share in shares:
        inward, outward = (">=", "<=") if share > 1 else ("<=", ">=")
        rung = _with_share(case, share)
        locks = [*rung.scenario.locks, *_kept(case, plan, inward)]
        locks += _kept(case, beyond, outward) if beyond is not None else []
        nested = ask(changed(rung, locks=locks), plan).plan
        free = ask(rung, nested or plan)
        rows["ladder"].append(_rung(share, rung, nested, free))
        rows["ladder_items"] += _items(share, nested)
        beyond = nested or beyond
    return rows


def _with_share(case: Case, share: float) -> Case:
    funds = {f: round(amount * share) for f, amount in case.fund_amount.items()}
    budget = case.scenario.budget
    return changed(case, funds=funds, budget=None if budget is None else round(budget * share))


def _kept(case: Case, plan: Plan, sign: str) -> list[str]:
    """Locks that keep each count of the plan, zeros too."""
    counts = {(item, host): n for _kind, item, host, n in plan.held}
    return [
        f"{item} {sign} {counts.get((item, host), 0)}"
        if host == CITY
        else f"{item} @ {host} {sign} {counts.get((item, host), 0)}"
        for item, host in [*case.course_hosts, *case.machine_hosts]
    ]


def _rung(share: float, case: Case, nested: Plan | None, free: Answer | None) -> dict[str, Any]:
    found = free.plan if free is not None else nested
    return {
        "share": share,
        "budget": min(case.budget, sum(case.fund_amount.values())),
        "reached": nan if nested is None else nested.reached,
        "free": nan if found is None else found.reached,
        "bound": found.proof.bound if found is not None and case.value_is_units else nan,
        "cost": 0 if nested is None else nested.cost,
        "classes": 0 if nested is None else nested.class_count,
        "machines": 0 if nested is None else nested.machine_count,
    }


def _items(share: float, plan: Plan | None) -> list[dict[str, Any]]:
    return [
        {"item": item, "host": host, "share": share, "count": n}
        for _kind, item, host, n in (plan.held if plan is not None else ())
    ]


def _fairness(plan: Plan, case: Case, _given: None) -> Rows:
    """What the best-off pay for the worst-off: plans with ever higher floors for every cluster.

    The highest floor comes from a search for the best worst-off coverage alone. Of the
    scenario's demands, only its locks and exclusions hold.
    """
    without = without_demands(case)
    without = changed(without, locks=case.scenario.locks, exclusions=case.scenario.exclusions)
    before = ask(changed(without, equity=1.0), plan).plan
    if before is None:
        return {"fairness": []}
    rows: list[dict[str, Any]] = []
    highest = _worst(before, case)
    for part in LEVELS:
        level = highest * part
        floors = dict.fromkeys(case.reachable, level * (1 - 1e-9)) if part else {}
        asked = changed(without, floors=floors)
        better = plan.reached > before.reached and _worst(plan, case) >= level
        start = plan if better else before
        answer = ask(asked, start, nodes=FAIR_NODES)
        if answer.plan is not None:
            before = answer.plan
            rows.append(
                {
                    "worst": level,
                    "reached": answer.plan.reached,
                    "bound": answer.bound if asked.value_is_units else nan,
                    "achieved": _worst(answer.plan, case),
                }
            )
    return {"fairness": rows[::-1]}


def _worst(plan: Plan, case: Case) -> float:
    worst = worst_off_cluster(plan, case)
    return worst[1] if worst else 0.0


def _baseline(plan: Plan, case: Case, name: str) -> Rows:
    """One programme that others would make of the same budget."""
    free = without_demands(case)
    made: Plan | None
    if name == "greedy":
        decisions = greedy(free)
        made = make_plan(free, decisions, make_proof(free, decisions, 0.0, 0.0, name))
    elif name == "same_money":  # what a plan makes of the announced programme's money
        theirs = announced(case)
        made = None if theirs is None else ask(changed(free, budget=theirs.cost), plan).plan
    else:
        sizes = {c: case.size[c] for c in case.clusters if case.packages[c]}
        made = shared_out(free, sizes if name == "proportional" else dict.fromkeys(sizes, 1.0))
    return {"baselines": [] if made is None else [_figures(name, made, free)]}


def _figures(name: str, plan: Plan, case: Case) -> dict[str, Any]:
    return {
        "name": name,
        "reached": plan.reached,
        "coached": plan.coached,
        "worst": _worst(plan, case),
        "cost": plan.cost,
        "classes": plan.class_count,
        "machines": plan.machine_count,
        "within": not any(message.split(":")[0] in CHECKS for message in find_breaches(plan, case)),
    }


def _at_hand(plan: Plan, case: Case, rows: Rows) -> None:
    """What needs no search: the plan's own rung, and its figures among the baselines."""
    rows["ladder"] = sorted(
        [*rows["ladder"], _rung(1.0, case, plan, None)], key=lambda row: float(row["share"])
    )
    rows["ladder_items"] = sorted(
        [*rows["ladder_items"], *_items(1.0, plan)], key=lambda row: float(row["share"])
    )
    free = without_demands(case)
    programme = announced(case)
    theirs = [] if programme is None else [_figures("announced", programme, free)]
    rows["baselines"] = [_figures("plan", plan, case), *theirs, *rows["baselines"]]
