"""What if this were open, or closed? Each question is a plan of its own, beside the plan.

Every opening is asked about: closed where the plan opens it, opened where it does not. The
scenario names further decisions to be planned so (its parameter `what_if`).
"""

from __future__ import annotations

from collections import Counter
from math import inf, nan

from ikmplan.input.case import Case
from ikmplan.input.scenario import Lock, locks_asked
from ikmplan.insight.demands import changed
from ikmplan.insight.questions import Rows, Subject
from ikmplan.model.conflicts import NoPlan
from ikmplan.model.search import solve
from ikmplan.plan.plan import Plan, plan_figures
from ikmplan.tableset import Types

WHAT_IF_COLUMNS: Types = {
    "what_if": {
        "asked": str, "possible": bool, "value": float, "bound": float, "reached": float,
        "entrepreneurs": float, "cost": int,
    },
    "what_if_money": {"asked": str, "fund": str, "amount": int},
}  # fmt: skip


def what_if_asked(plan: Plan, case: Case) -> list[str]:
    """The decisions that are planned: locks of a scenario, with & between those of one plan."""
    opened = set(plan.openings["opening"])
    openings = (f"{o} = {int(o not in opened)}" for o in case.open_to_plan)
    return list(dict.fromkeys([*openings, *case.scenario.what_if]))


def what_if(subject: Subject, case: Case, asked: str) -> Rows:
    """The best plan with these decisions: what it reaches, costs and takes of each fund.

    It is searched as exactly as the plan, and is the cheapest of those within its gap.
    """
    plan, locks = subject.plan, locks_asked(asked)
    found: Plan | None = plan
    if not all(keeps(plan, lock) for lock in locks):
        try:
            found = solve(changed(case, locks=(*case.scenario.locks, *map(str, locks))), start=plan)
        except NoPlan:
            found = None
    return what_if_rows(found, case, asked)


def keeps(plan: Plan, lock: Lock) -> bool:
    """Whether the plan keeps a lock."""
    counts = Counter[str]()
    for _kind, item, host, n in plan.held:
        counts[item] += n if lock.cluster in (None, host) else 0
    n = counts[lock.item]
    return {"=": n == lock.count, ">=": n >= lock.count, "<=": n <= lock.count}[lock.sign]


def what_if_rows(plan: Plan | None, case: Case, asked: str = "") -> Rows:
    """The rows of a plan; `asked` is "" of the plan itself."""
    if plan is None:
        nothing = {"value": nan, "bound": -inf, "reached": nan, "entrepreneurs": nan, "cost": 0}
        return {"what_if": [{"asked": asked, "possible": False, **nothing}]}
    paid = plan.money.groupby("fund")["amount"].sum().to_dict()
    row = {"asked": asked, "possible": True, "entrepreneurs": 0.0, **plan_figures(plan, case)}
    money = [{"asked": asked, "fund": f, "amount": int(paid.get(f, 0))} for f in case.funds]
    return {"what_if": [row], "what_if_money": money}
