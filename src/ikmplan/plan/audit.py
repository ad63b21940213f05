"""Checks a plan against every rule, from the input tables, without PuLP or the model.

The audit reads only the tables of the plan, the input tables and the scenario. It adds up in
plain Python, counts money in whole rupiah, and has one check for each of `rules.RULES`, under
the same name. A plan that breaks a rule, or whose tables state what does not follow from its
counts, is never shown: `audit` raises `AuditFailed` with every breach.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import combinations
from math import inf
from typing import Any

from ikmplan.faults import UserError
from ikmplan.input.case import Case
from ikmplan.input.cells import CITY, EQUIPMENT, MILLION, TRAINING
from ikmplan.plan.audit_limits import AUDITED_LIMITS, hours_at_machines, money_paid
from ikmplan.plan.audit_own_limits import check_limits_kept
from ikmplan.plan.audit_rows import faults_of_cell
from ikmplan.plan.audit_seasons import bad_mean, check_budget_in_seasons, check_floors_in_seasons
from ikmplan.plan.audit_seats import (
    check_class_mix,
    check_classes_filled,
    check_classes_scheduled,
    check_seat_for_each_unit,
    check_seats_within_classes,
    check_units_interested,
)
from ikmplan.plan.audit_sums import AuditSums, leaves_out
from ikmplan.plan.breaches import (
    AUDIT_TOLERANCE,
    Breach,
    Breaches,
    RowKey,
    nowhere,
    other_than,
    over,
    under,
)
from ikmplan.plan.plan import FEASIBLE, PROVEN, Plan, Proof, total
from ikmplan.tableset import grouped
from ikmplan.text import N_
from ikmplan.uncertainty.chances import BAD_SHARE, UNITS

GAP_TOLERANCE = 1e-9  # of a gap, which follows from two numbers


class AuditFailed(UserError, AssertionError):
    """The plan breaks a rule; a line for each breach, with the rule, where and by how much."""


def audit(plan: Plan, case: Case) -> None:
    """Raise `AuditFailed` unless the plan keeps every rule, its cost and its proof."""
    if breaches := "\n".join(map(str, find_breaches(plan, case))):
        raise AuditFailed(breaches)


def find_breaches(plan: Plan, case: Case) -> Breaches:
    """Every breach of a rule.

    Two names are no rules: `tables`, where the plan's tables are unsound or state what does not
    follow from its counts, and `fingerprint`, where the plan is one of another case.
    """
    sums = AuditSums(plan, case.tables, case.scenario)
    for rule, check in {"tables": _tables, **CHECKS}.items():
        for breach in check(sums):
            yield breach._replace(rule=rule)
    made_from = plan.proof.fingerprint, plan.proof.asked
    if made_from != (case.fingerprint, case.scenario.gap):
        message = N_("the plan was made from other data or another scenario.")
        yield Breach(message, rule="fingerprint")


# --- the plan's tables -----------------------------------------------------------------------


def _tables(b: AuditSums) -> Breaches:
    """Unsound rows, and what the rows state that does not follow from the counts."""
    yield from b.plan_rows.faults
    for table, right in _follows(b).items():
        stated = b.plan_rows.rows[table]
        for key in {**right, **stated}:
            at = table, *key
            if key not in stated:
                yield Breach(N_("{at} is missing."), at)
            elif key not in right:
                yield Breach(N_("{at} does not follow from the counts."), at)
            else:
                for column, value in right[key].items():
                    yield from other_than((*at, column), stated[key][column], value)


def _follows(b: AuditSums) -> dict[str, dict[RowKey, dict[str, Any]]]:
    """Table -> key -> the columns that follow from the counts (`floors_met` checks `reached`)."""
    stated = b.plan_rows.rows["limits"]  # only those that concern the plan
    return {
        "units": {g[:2]: {"chance": g.chance, "reached": g.units * g.chance} for g in b.groups},
        "lines": {
            key: {"quantity": n, "price": price, "amount": n * price}
            for key, (n, price) in b.bought.items()
        },
        "coverage": {
            (c,): {
                "size": b.size[c],
                "coached": b.coached[c],
                "coverage": b.reached[c] / b.size[c] if b.size[c] else 0.0,
                "floor": b.floors[c],
                "counts": row.kind == "ikm",
            }
            for c, row in b.clusters.items()
        },
        "limits": {
            key: {"used": used, "limit": limit}
            for rule, uses in AUDITED_LIMITS.items()
            for at, used, limit in uses(b)
            if (key := (rule, *_limit_key(*at))) in stated
        },
    }


def _limit_key(what: str, where: str | int = 0) -> tuple[str, int]:
    """Key and quarter of a limit, as the table `limits` has them."""
    if isinstance(where, int):
        return what, where
    return what if where == CITY else f"{what} @ {where}", 0


# --- the rules -------------------------------------------------------------------------------


def _within(limit: str) -> Callable[[AuditSums], Breaches]:
    return lambda b: over(AUDITED_LIMITS[limit](b))


def _units_within_size(b: AuditSums) -> Breaches:
    yield from over(((c,), b.coached[c], n) for c, n in b.size.items())
    yield from nowhere(b.given, b.suited)
    for name in ("classes", "seats", "machines", "opened", "revived", "units", "lines", "money"):
        if any(n < 0 for n in getattr(b, name).values()):
            yield Breach(N_("{at}: a count is negative."), (name,))


def _young_within_size(b: AuditSums) -> Breaches:
    units = total((g.cluster, g.units) for g in b.groups if b.young_only & {*g.items})
    yield from over(((c,), n, b.young[c]) for c, n in units.items())
    yield from over(((p, c), n, b.young[c]) for (p, c), n in b.seats.items() if p in b.young_only)


def _hours_within_machines(b: AuditSums) -> Breaches:
    yield from over(hours_at_machines(b))
    yield from nowhere(b.put_to_work, b.places)


def _machines_operated(b: AuditSums) -> Breaches:
    """The operators of every set of machines are among its users who took the course."""
    at_work = (at for at, n in b.put_to_work.items() if n)
    machines = grouped(((p, h), e) for e, h in at_work if (p := b.operator_course[e]))
    for (p, h), all_machines in machines.items():
        there = sum(
            row.operators
            for row in b.tables.existing
            if row.cluster == h and b.equipment[row.equipment].operator_course == p
        )
        users_of = {e: b.users(e, h) for e in all_machines}
        for size in range(1, len(all_machines) + 1):
            for chosen in combinations(all_machines, size):
                users = {g for e in chosen for g in users_of[e] if p in b.groups[g].items}
                trained = sum(b.groups[g].units for g in users)
                needed = sum(b.put_to_work[e, h] * b.equipment[e].operators for e in chosen)
                yield from over([((*chosen, h), needed, b.used(p) * trained + there)])
    yield from _operators_are_users(b)


def _operators_are_users(b: AuditSums) -> Breaches:
    """Only users learn to operate a machine; all of them where the scenario asks for it."""
    operator_courses = {*b.operator_course.values()} - {None}
    for g in b.groups:
        taken = operator_courses & {*g.items}
        machines = {e for item in g.items for e in b.machines_used.get((item, g.cluster), ())}
        used = {p for e in machines if (p := b.operator_course[e])}
        for p in taken - used:
            message = N_("{at}: units learn to operate a machine that they do not use.")
            yield Breach(message, (g.cluster, p))
        for p in used - taken if b.scenario.users_trained else ():
            yield Breach(N_("{at}: units use a machine without its course."), (g.cluster, p))


def _funds_cover(b: AuditSums) -> Breaches:
    stated, cost = sum(b.lines.values()), b.cost(TRAINING, EQUIPMENT)
    if stated != cost:
        message = N_("the lines cost {lines}, the prices make {cost}.")
        yield Breach(message, (), {"lines": stated, "cost": cost})
    yield from over(money_paid(b))
    # an opening's costs of two kinds are two things to pay
    left = total(((i, k if i in b.openings else h), n) for (k, i, h, _part), n in b.lines.items())
    paid = (((i, k if i in b.openings else h), n) for (_f, k, i, h), n in b.money.items())
    left.subtract(total(paid))
    for at, n in left.items():
        if n:
            yield Breach(N_("{at}: Rp{left} is paid by nobody."), at, {"left": n})
    yield from _payers(b)


def _payers(b: AuditSums) -> Breaches:
    """Money for what its fund may not pay for, by the item's own kind and not the stated one."""
    pays = {row.fund: row.pays for row in b.tables.funds}
    for fund, stated, item, _host in b.money:
        kind = stated if item in b.openings else TRAINING if item in b.courses else EQUIPMENT
        yield from other_than((fund, item), stated, kind)
        if not {kind, item} & {*pays[fund]}:
            message = N_("{fund} may not pay for {item}.")
            yield Breach(message, (fund, item), {"fund": fund, "item": item})


def _training_share(b: AuditSums) -> Breaches:
    cost, training = b.cost(TRAINING, EQUIPMENT), b.cost(TRAINING)
    least, most = b.scenario.training_share_min * cost, b.scenario.training_share_max * cost
    if not least - 1 <= training <= most + 1:  # a rupiah, for the share's decimals
        message = N_("{training} of {total} goes to training.")
        yield Breach(message, (), {"training": training, "total": cost})


def _within_openings(b: AuditSums) -> Breaches:
    """Whatever needs an opening that the plan does not open; an opening is opened once."""
    for (o,), n in b.opened.items():
        yield from over([((o,), n, 1)])
    in_use = [(at, b.openings_of[at[0]]) for at, n in {**b.counts, **b.put_to_work}.items() if n]
    for at, needed in in_use:
        for o in sorted(o for o in needed if not b.opened.get((o,))):
            yield Breach(N_("{at}: {opening} is not opened."), at, {"opening": o})


def _floors_met(b: AuditSums) -> Breaches:
    yield from under(((c,), b.reached[c], floor * b.size[c]) for c, floor in b.floors.items())
    for at, cells in b.plan_rows.rows["coverage"].items():
        yield from other_than(at, cells["reached"], b.reached[at[0]])


def _targets_met(b: AuditSums) -> Breaches:
    units = sum(n for c, n in b.coached.items() if b.clusters[c].kind == "ikm")
    yield from under([(("target_units",), units, b.scenario.target_units or 0)])
    reached = sum(n for c, n in b.reached.items() if b.clusters[c].kind == "ikm")
    yield from under([(("target_reached",), reached, b.scenario.target_reached or 0.0)])
    yield from under([(("target_classes",), b.counts.total(), b.scenario.target_classes or 0)])


def _locks_kept(b: AuditSums) -> Breaches:
    opened: dict[RowKey, int] = {(o, CITY): n for (o,), n in b.opened.items()}
    counts: dict[RowKey, int] = {**b.counts, **b.put_to_work, **opened}
    for lock in b.scenario.parsed_locks():
        n = sum(n for (i, h), n in counts.items() if i == lock.item and lock.cluster in (None, h))
        kept = {">=": n >= lock.count, "<=": n <= lock.count, "=": n == lock.count}[lock.sign]
        if not kept:
            message = N_("the lock “{lock}” is not kept: there are {n}.")
            yield Breach(message, (), {"lock": lock, "n": n}, ruling=str(lock))
    yield from _package_sizes(b)
    there = [at for n in (counts, b.seats) for at in n if n[at]]
    there += [(part, c) for (item, c), n in b.given.items() if n for part in b.parts(item, c)]
    for x in b.scenario.parsed_exclusions():
        if any(leaves_out(x, *at) for at in there):
            message = N_("the exclusion “{exclusion}” is not kept.")
            yield Breach(message, (), {"exclusion": x}, ruling=str(x))


def _package_sizes(b: AuditSums) -> Breaches:
    for g in b.groups:
        courses = sum(item in b.courses for item in g.items)
        lines = len(g.items) - courses
        yield from over([(g[:2], courses, b.scenario.courses_per_unit)])
        yield from over([(g[:2], lines, b.scenario.equipment_per_unit)])
        for item, n in Counter(g.items).items():
            if n > 1:
                yield Breach(N_("{at} stands there twice."), (*g[:2], item))


def _worst_off(b: AuditSums) -> Breaches:
    """The value that the proof states is that of the tables, and the rest follows from it."""
    proof, equity = b.plan.proof, b.scenario.equity
    numbers = {"value": proof.value, "gap": proof.gap, "asked": proof.asked}
    if proof.bound != inf:  # as long as nothing is proven
        numbers["bound"] = proof.bound
    if faults := [f for at, n in numbers.items() for f in faults_of_cell((at,), float, n)]:
        yield from faults
        return
    value = sum(row.weight * b.reached[c] for c, row in b.clusters.items())
    if b.scenario.caution > 0:
        value += b.scenario.caution * (bad_mean(b, UNITS, BAD_SHARE) - value)
    value *= 1 - equity
    if equity > 0:
        weights = {c: row.weight for c, row in b.clusters.items() if row.kind == "ikm"}
        value += equity * sum(weight * b.size[c] for c, weight in weights.items()) * b.worst
    if b.scenario.is_cheapest:
        value = 0.0 - b.cost(TRAINING, EQUIPMENT) / MILLION
    tolerance = AUDIT_TOLERANCE * max(1.0, abs(value))
    yield from other_than(("value",), proof.value, value, tolerance)
    if proof.value - proof.bound > tolerance:
        message = N_("the value {value} is above its own bound {bound}.")
        yield Breach(message, (), {"value": proof.value, "bound": proof.bound})
    yield from _proven(proof)


def _proven(proof: Proof) -> Breaches:
    """Gap and outcome are those of value and bound."""
    left = abs(proof.bound - proof.value)
    gap = 1.0 if left == inf else min(1.0, left / max(abs(proof.bound), GAP_TOLERANCE))
    yield from other_than(("gap",), proof.gap, gap if left >= GAP_TOLERANCE else 0.0, GAP_TOLERANCE)
    # rounding must not undo a proof
    enough = proof.gap <= proof.asked or left <= proof.asked * abs(proof.bound) + AUDIT_TOLERANCE
    outcome = PROVEN if enough else FEASIBLE
    yield from other_than(("status",), proof.status, outcome)


CHECKS: dict[str, Callable[[AuditSums], Breaches]] = {
    "units_within_size": _units_within_size,
    "young_within_size": _young_within_size,
    "units_interested": check_units_interested,
    "seat_for_each_unit": check_seat_for_each_unit,
    "classes_filled": check_classes_filled,
    "seats_within_classes": check_seats_within_classes,
    "class_mix": check_class_mix,
    "classes_scheduled": check_classes_scheduled,
    "hours_within_machines": _hours_within_machines,
    "machines_operated": _machines_operated,
    "within_openings": _within_openings,
    "machines_in_stock": _within("machines_in_stock"),
    "revived_within_idle": _within("revived_within_idle"),
    "power_at_site": _within("power_at_site"),
    "floor_space_at_site": _within("floor_space_at_site"),
    "resource_days": _within("resource_days"),
    "funds_cover": _funds_cover,
    "within_budget": _within("within_budget"),
    "training_share": _training_share,
    "floors_met": _floors_met,
    "targets_met": _targets_met,
    "locks_kept": _locks_kept,
    "limits_kept": check_limits_kept,
    "worst_off": _worst_off,
    # their mean is part of the value, which `worst_off` checks
    "bad_seasons": lambda b: iter(()),
    "smaller_clusters": lambda b: iter(()),
    "budget_in_seasons": check_budget_in_seasons,
    "floors_in_seasons": check_floors_in_seasons,
}
