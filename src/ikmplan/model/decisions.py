"""Values of the model as decisions of a plan, and back."""

from __future__ import annotations

from dataclasses import replace

from ikmplan.input.case import Case
from ikmplan.model.quantities import Variables
from ikmplan.model.quarters import by_host, evenly
from ikmplan.model.run_highs import Values
from ikmplan.plan.plan import Decisions, Plan, total


def names_of(*kinds: dict) -> list[str]:  # type: ignore[type-arg]
    return [variable.name for variables in kinds for variable in variables.values()]


def values_of(v: Variables, plan: Plan) -> Values:
    """The plan's counts as values of the model's variables, the least where it has none."""
    placed = plan.machines.itertuples(index=False)
    revived = plan.revived.itertuples(index=False)
    opened = plan.openings.itertuples(index=False)
    counts: list[tuple[dict, dict]] = [  # type: ignore[type-arg]
        (v.classes, total(((p, h), n) for p, h, _q, n in plan.classes.itertuples(index=False))),
        (v.machines, {(e, h): n for e, h, n in placed}),
        (v.revived, {(e, h): n for e, h, n in revived}),
        (v.opened, dict(opened)),
    ]
    return {
        x.name: float(held.get(key, x.lowBound or 0))
        for kind, held in counts
        for key, x in kind.items()
    }


def count_names(v: Variables) -> list[str]:
    """What is decided before seats and units: classes, machines and openings."""
    return names_of(v.classes, v.machines, v.revived, v.opened)


def decisions_of(case: Case, v: Variables, values: Values) -> Decisions:
    """Whole decisions of a solution, its classes divided among quarters."""

    def whole(variables: dict) -> dict:  # type: ignore[type-arg]
        rounded = {key: round(values[x.name]) for key, x in variables.items()}
        return {key: n for key, n in rounded.items() if n > 0}

    classes, given = whole(v.classes), whole(v.scheduled)
    totals = total((p, n) for (p, _h), n in classes.items())
    made = Decisions(
        by_host(classes, evenly(case, totals) or given),
        whole(v.seats),
        whole(v.machines),
        whole(v.units),
        whole(v.opened),
        whole(v.revived),
    )
    return without_unused(case, made)


def without_unused(case: Case, made: Decisions) -> Decisions:
    """An opening that costs nothing is only open where something of it is used or locked."""
    locked = {lock.item for lock in case.locks}
    used = {o for p, _h, _q in made.classes for o in case.course_openings.get(p, ())}
    used |= {h for _e, h in (*made.machines, *made.revived)}
    used |= {case.host(e, c) for c, k in made.units for e in case.machines_of(c, k)}
    opened = {o: n for o, n in made.opened.items() if o in used | locked or case.opening_costs[o]}
    return replace(made, opened=opened)
