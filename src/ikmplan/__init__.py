"""ikmplan: the best provable plan of courses and machines for clusters of small manufacturers.

    case = load("data/medan-2022", budget=3_000_000_000, floor=0.2)
    plan = solve(case)   # raises NoPlan, with the reasons in words, where there is none
    audit(plan, case)    # raises AuditFailed where the plan breaks any rule

Data flows one way: tables + scenario -> Case -> Plan -> audit -> charts, pages.
Names are imported when first used, so that a command line that needs none answers at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ikmplan.faults import BadInput as BadInput
    from ikmplan.input.case import Case as Case
    from ikmplan.input.load import load as load
    from ikmplan.input.scenario import Scenario as Scenario
    from ikmplan.model.conflicts import NoPlan as NoPlan
    from ikmplan.model.search import solve as solve
    from ikmplan.plan.audit import audit as audit
    from ikmplan.plan.plan import Plan as Plan
    from ikmplan.plan.plan import load_plan as load_plan

_HOME = {
    "BadInput": "faults",
    "Case": "input.case",
    "NoPlan": "model.conflicts",
    "Plan": "plan.plan",
    "Scenario": "input.scenario",
    "audit": "plan.audit",
    "load": "input.load",
    "load_plan": "plan.plan",
    "solve": "model.search",
}
__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'ikmplan' has no attribute {name!r}")
    return getattr(import_module(f"ikmplan.{_HOME[name]}"), name)
