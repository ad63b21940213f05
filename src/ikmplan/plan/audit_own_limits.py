"""How much a plan has of what a limit of the office's own counts, added up from tables alone."""

from __future__ import annotations

from fractions import Fraction

from ikmplan.input.cells import TRAINING
from ikmplan.input.own_limits import (
    MONEY_SPENT,
    AmountLimit,
    ClosedQuarters,
    CountLimit,
    LimitScope,
    OwnLimit,
    Part,
    limit_bound,
    resolved,
    scope_of,
    whole_of,
)
from ikmplan.plan.audit_sums import AuditSums, UnitGroup
from ikmplan.plan.breaches import Breach, Breaches
from ikmplan.text import N_


def standing(b: AuditSums, limit: OwnLimit) -> tuple[int, int]:
    """Rupiah, or how many, that the plan has of a resolved limit, and of the whole that it is a
    share of; 1 where it is no share."""
    if isinstance(limit, AmountLimit):
        has = _measured(b, limit.measure, scope_of(limit.part, b.tables))
        whole = _measured(b, limit.measure, whole_of(limit, b.tables)) if limit.share else 1
        return has, whole
    if isinstance(limit, ClosedQuarters):
        held = sum(
            n
            for (p, _h, start), n in b.classes.items()
            if limit.what in (p, TRAINING)
            if {*range(start, start + b.courses[p].quarters)} & {*limit.quarters}
        )
        return held, 1
    getting = [_gets_something(b, part) for part in limit.parts]
    if isinstance(limit, CountLimit):
        return sum(getting), 1
    return int(getting[0] and not getting[1]), 1


def _measured(b: AuditSums, measure: str, scope: LimitScope) -> int:
    """Rupiah, or how many."""
    if measure == "units":
        return sum(
            g.units for g in b.groups if g.cluster in scope.hosts if scope.items & _used(b, g)
        )
    if measure == MONEY_SPENT:  # an opening is of its kind, or named itself
        return sum(
            n * price
            for (kind, item, host, _part), (n, price) in b.bought.items()
            if {kind, item} & scope.items and host in scope.hosts
        )
    counts = {"seats": b.seats, "classes": b.counts, "machines": b.machines}
    return sum(n for (i, h), n in counts[measure].items() if i in scope.items and h in scope.hosts)


def _used(b: AuditSums, g: UnitGroup) -> set[str]:
    """The courses and machines of a package, those of its lines too."""
    machines = {e for item in g.items for e in b.machines_used.get((item, g.cluster), {})}
    return machines | {item for item in g.items if item in b.courses}


def _gets_something(b: AuditSums, part: Part) -> bool:
    """A seat, a machine, or a package with it."""
    scope = scope_of(part, b.tables)
    return any(_measured(b, what, scope) for what in ("seats", "machines", "units"))


def check_limits_kept(b: AuditSums) -> Breaches:
    """Each limit in whole numbers; a rupiah is allowed for the decimals of a share of money."""
    for limit in b.scenario.parsed_limits():
        plain = resolved(limit, b.scenario.groups, b.amounts)
        (has, whole), (sign, asked) = standing(b, plain), limit_bound(plain)
        is_share = isinstance(plain, AmountLimit) and plain.share
        of_money = isinstance(plain, AmountLimit) and plain.measure == MONEY_SPENT
        over = has - Fraction(str(asked)) * whole
        allowed = 1 if is_share and of_money else 0
        kept = {">=": over >= -allowed, "<=": over <= allowed, "=": over == 0}[sign]
        if not kept:
            message = N_("the limit “{limit}” is not kept: the plan has {n}.")
            yield Breach(message, (), {"limit": limit, "n": has}, ruling=str(limit))
