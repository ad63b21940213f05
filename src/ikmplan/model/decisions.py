"""Values of the model as decisions of a plan, and back."""

from __future__ import annotations

from ikmplan.input.case import Case
from ikmplan.model.quantities import Variables
from ikmplan.model.quarters import by_host, evenly
from ikmplan.model.run_highs import Values
from ikmplan.plan.plan import Decisions, Plan, total


def names_of(*kinds: dict) -> list[str]:  # type: ignore[type-arg]
    return [variable.name for variables in kinds for variable in variables.values()]


def values_of(v: Variables, plan: Plan) -> Values:
    """The plan's classes and machines as values of the model's variables, 0 where it has none."""
    held = {(item, host): float(n) for _kind, item, host, n in plan.held}
    return {x.name: held.get(key, 0.0) for key, x in [*v.classes.items(), *v.machines.items()]}


def decisions_of(case: Case, v: Variables, values: Values) -> Decisions:
    """Whole decisions of a solution, its classes divided among quarters."""

    def whole(variables: dict) -> dict:  # type: ignore[type-arg]
        rounded = {key: round(values[x.name]) for key, x in variables.items()}
        return {key: n for key, n in rounded.items() if n > 0}

    classes, given = whole(v.classes), whole(v.scheduled)
    totals = total((p, n) for (p, _h), n in classes.items())
    return Decisions(
        by_host(classes, evenly(case, totals) or given),
        whole(v.seats),
        whole(v.machines),
        whole(v.units),
    )
