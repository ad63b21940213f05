"""The limits as the audit adds them up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from ikmplan.input.cells import EQUIPMENT, TRAINING
from ikmplan.input.rows import QUARTERS
from ikmplan.plan.audit_sums import AuditSums
from ikmplan.plan.breaches import RowKey, Use
from ikmplan.plan.plan import total


def hours_at_machines(b: AuditSums) -> Iterator[Use]:
    machines = total(
        ((row.equipment, row.cluster), row.machines)
        for row in b.tables.existing
        if row.cluster not in b.openings or b.opened.get((row.cluster,))
    )
    machines.update(b.put_to_work)
    for e, h in {**machines, **b.hours}:
        row = b.equipment[e]
        yield (e, h), b.hours[e, h], machines[e, h] * row.hours * row.availability


def machines_placed(b: AuditSums) -> Iterator[Use]:
    placed = total((e, n) for (e, _h), n in b.machines.items())
    for e, row in b.equipment.items():
        yield (e,), placed[e], row.stock


def needed_at_site(what: str) -> Callable[[AuditSums], Iterator[Use]]:
    def uses(b: AuditSums) -> Iterator[Use]:
        needed = total((h, n * getattr(b.equipment[e], what)) for (e, h), n in b.machines.items())
        for site, row in {**b.clusters, **b.openings}.items():
            yield (site,), needed[site], getattr(row, what)

    return uses


def machines_revived(b: AuditSums) -> Iterator[Use]:
    idle = total(((row.equipment, row.cluster), row.idle) for row in b.tables.existing)
    for at in {**+idle, **b.revived}:
        yield at, b.revived.get(at, 0), idle[at]


def days_used(b: AuditSums) -> Iterator[Use]:
    begun = total(((p, q), n) for (p, _h, q), n in b.classes.items())
    used: dict[RowKey, float] = defaultdict(float)
    for use in b.tables.course_uses:
        lasts = b.courses[use.course].quarters
        for q in QUARTERS:
            for n in range(1, lasts + 1):  # in the n-th of its quarters
                days = use.amount / lasts if use.at is None else use.amount * (use.at == n)
                used[use.resource, q + n - 1] += begun[use.course, q] * days
    for row in b.tables.resources:
        factor = b.scenario.trainer_factor if row.kind == "trainer" else 1
        for q in QUARTERS:
            yield (row.resource, q), used[row.resource, q], row.capacity(q) * factor


def money_paid(b: AuditSums) -> Iterator[Use]:
    paid = total((fund, amount) for (fund, *_line), amount in b.money.items())
    for fund, amount in b.amounts.items():
        yield (fund,), paid[fund], amount


def money_spent(b: AuditSums) -> Iterator[Use]:
    yield ("budget",), b.cost(TRAINING, EQUIPMENT), b.budget


def interest_met(b: AuditSums) -> Iterator[Use]:
    for topic in {at[:2] for at in b.wanting}:
        of = [at for at in b.wanting if at[:2] == topic]
        yield (topic[1],), sum(b.taught[at] for at in of), sum(b.wanting[at] for at in of)


AUDITED_LIMITS: dict[str, Callable[[AuditSums], Iterator[Use]]] = {
    "hours_within_machines": hours_at_machines,
    "machines_in_stock": machines_placed,
    "revived_within_idle": machines_revived,
    "power_at_site": needed_at_site("kva"),
    "floor_space_at_site": needed_at_site("floor_m2"),
    "resource_days": days_used,
    "funds_cover": money_paid,
    "within_budget": money_spent,
    "units_interested": interest_met,
}
