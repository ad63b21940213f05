"""How much of a plan stays when numbers turn out otherwise: the scenario planned again per draw.

Every draw is a search of its own to REPLAN_GAP, from the plan as a start and limited in nodes and
not in seconds: it depends on the draw alone, not on workers. Where no plan of a draw can meet the
demands of the scenario, its floors and targets are put aside in that draw, and its locks too
where that is not enough (`met` is False).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Executor
from functools import partial
from threading import Event
from typing import NamedTuple

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY
from ikmplan.input.scenario import Lock
from ikmplan.insight.demands import changed, without_demands
from ikmplan.insight.processes import QuestionProgress, worked_out
from ikmplan.insight.questions import lock_text
from ikmplan.model.search import ask
from ikmplan.plan.plan import Plan, total
from ikmplan.text import N_
from ikmplan.uncertainty.draws import Draws, drawn_case
from ikmplan.uncertainty.given import Given, given_by

REPLAN_GAP = 0.005
REPLAN_SECONDS = 600.0  # never needed: nodes are the limit
REPLAN_NODES = 100
CLUSTER = "cluster"
IN_ALL, IN_MOST, IN_SOME, IN_NONE = "always", "mostly", "sometimes", "never"
STATES = {IN_ALL: 0.95, IN_MOST: 0.5, IN_SOME: 0.05, IN_NONE: 0.0}  # the least share of draws
STATE_NAMES = {
    IN_ALL: N_("nearly always in"),
    IN_MOST: N_("mostly in"),
    IN_SOME: N_("sometimes in"),
    IN_NONE: N_("hardly ever in"),
}


class Replan(NamedTuple):
    """The best plan of one draw."""

    draw: int
    value: float  # IKM units that it is expected to reach with the numbers of the draw
    gap: float  # how far it may be from the best
    met: bool  # whether it meets the demands of the scenario
    given: Given | None  # None: no plan was found


class Stable(NamedTuple):
    """How often a decision is in the plans of the draws."""

    kind: str  # training, equipment, opening or cluster
    item: str  # course, machine or opening; the cluster
    host: str
    planned: int  # classes, machines or coached units in the plan itself
    share: float  # of the draws whose plan has it: one class or machine at least, or half the units
    sure: int  # so many classes or machines are in 95 of 100 draws

    @property
    def state(self) -> str:
        return next(name for name, least in STATES.items() if self.share >= least)


def replan(subject: tuple[Plan, Draws], i: int) -> Replan:
    """The best plan of draw i, whose numbers are known: there is nothing to be cautious about."""
    plan, drawn = subject
    known = {"caution": 0.0, "holds_in": 0.0}
    case = changed(drawn_case(drawn, i), gap=REPLAN_GAP, time_limit=REPLAN_SECONDS, **known)
    found, met = ask(case, plan, nodes=REPLAN_NODES, shown=True), True
    s = case.scenario
    for dropped in ({"locks": s.locks, "exclusions": s.exclusions}, {}):
        if found.plan is None:
            found, met = (
                ask(changed(without_demands(case), **dropped), plan, nodes=REPLAN_NODES),
                False,
            )
    if found.plan is None:
        return Replan(i, 0.0, 1.0, False, None)
    proof = found.plan.proof
    return Replan(i, found.plan.reached, proof.gap, met, given_by(found.plan))


def replans(
    plan: Plan,
    drawn: Draws,
    count: int,
    *,
    workers: int | None = None,
    on_progress: QuestionProgress | None = None,
    executor: Executor | None = None,
) -> list[Replan]:
    """The best plans of the first `count` draws, on `workers` processes or an executor."""
    subject = plan, drawn.first(count)
    tasks = [partial(replan, i=i) for i in range(min(count, drawn.n))]
    return list(worked_out(subject, tasks, workers, on_progress, executor))


def stability(plan: Plan, case: Case, found: Sequence[Replan]) -> list[Stable]:
    """Every decision of the plan or of a draw's plan, those that are most often in first."""
    plans = [replan.given for replan in found if replan.given is not None]
    if not plans:
        return []
    own = given_by(plan)
    counts = [given.held for given in plans]
    coached = [_coached(given) for given in plans]
    mine, rows = own.held, []
    for kind, item, host in dict.fromkeys([*mine, *(thing for one in counts for thing in one)]):
        have = sorted((one[kind, item, host] for one in counts), reverse=True)
        share = sum(n > 0 for n in have) / len(plans)
        rows.append(Stable(kind, item, host, mine[kind, item, host], share, _sure(have)))
    planned = _coached(own)
    for c in (c for c in case.clusters if planned[c] or any(one[c] for one in coached)):
        least = max(1.0, planned[c] / 2)
        share = sum(one[c] >= least for one in coached) / len(plans)
        rows.append(Stable(CLUSTER, c, c, planned[c], share, 0))
    return sorted(rows, key=lambda row: (row.kind == CLUSTER, -row.share, row.item, row.host))


def _coached(given: Given) -> Counter[str]:
    return total((c, n) for (c, _k), n in given.units.items())


def _sure(falling: list[int]) -> int:
    """How many there are in at least 95 of 100 plans, of the falling counts of all plans."""
    most = STATES[IN_ALL] * len(falling)
    return falling[max(0, -int(-most // 1) - 1)]


def core_locks(rows: Sequence[Stable], given: Sequence[Lock] = ()) -> list[str]:
    """The decisions that are always in, as locks of a scenario; none that `given` ask already."""
    asked: dict[tuple[str, str], int] = {}
    for lock in given:
        if lock.sign != "<=":
            at = lock.item, lock.cluster or CITY
            asked[at] = max(lock.count, asked.get(at, 0))
    sure = (row for row in rows if row.kind != CLUSTER and row.sure)
    return [
        lock_text(row.item, row.host, ">=", row.sure)
        for row in sure
        if row.sure > asked.get((row.item, row.host), 0)
    ]


def core_cost(
    plan: Plan, case: Case, locks: Sequence[str], stop: Event | None = None
) -> tuple[float, float]:
    """Units fewer that the best plan reaches with these locks: at least, and at most.

    0 and 0 where the plan keeps them already. `stop` is that of `model.search.ask`.
    """
    gap = max(case.scenario.gap, plan.proof.gap)  # the cost cannot be known better than the plan
    asked = changed(case, locks=(*case.scenario.locks, *locks), gap=gap)
    held = Counter({(item, host): n for _kind, item, host, n in plan.held})
    core = changed(case, locks=tuple(locks)).locks  # the scenario's own are kept by the plan
    kept = all(held[lock.item, lock.cluster or CITY] >= lock.count for lock in core)
    if kept:
        return 0.0, 0.0
    found = ask(asked, plan, stop=stop)
    if found.value is None:
        return plan.proof.value, plan.proof.value
    return max(0.0, plan.proof.value - found.bound), max(0.0, plan.proof.bound - found.value)
