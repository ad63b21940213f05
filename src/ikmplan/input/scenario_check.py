"""Does the scenario fit the tables? Unknown keys, and locks that cannot be kept.

These faults are found before any search.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ikmplan.faults import Fault
from ikmplan.input.cells import CITY, MOST_RUPIAH
from ikmplan.input.limit_check import (
    SUITS_NOBODY,
    KnownKeys,
    Problems,
    limit_names,
    limit_problems,
    nearest_of,
)
from ikmplan.input.scenario import Exclusion, Lock, Scenario, locks_asked
from ikmplan.input.yaml_file import without_spaces
from ikmplan.text import _, rupiah

if TYPE_CHECKING:
    from ikmplan.input.case import Case


def scenario_faults(case: Case, where: str, rows: Mapping[str, int]) -> Iterator[Fault]:
    """Every fault of the scenario against tables without faults, at once."""

    yield from unknown_keys(case.scenario, case.tables.known, where, rows)
    for check in (_large_funds, _goal, _floors, _locks, _what_if, limit_problems):
        yield from _placed(check(case), where, rows)


def unknown_keys(
    scenario: Scenario, known: KnownKeys, where: str, rows: Mapping[str, int]
) -> Iterator[Fault]:
    """What the scenario names and the tables that can be read do not have."""
    yield from _placed(_unknown_keys(scenario, known), where, rows)


def _placed(problems: Problems, where: str, rows: Mapping[str, int]) -> Iterator[Fault]:
    for field, value, message, fix in problems:
        row = rows.get(f"{field}.{without_spaces(str(value))}", rows.get(field))
        yield Fault(where or _("scenario"), row, field, str(value), message, fix)


def scenario_warnings(case: Case, where: str, rows: Mapping[str, int]) -> Iterator[Fault]:
    """What has no effect, though it is no fault."""
    for fault in _placed(_without_effect(case), where, rows):
        yield replace(fault, warning=True)
    held = sum(case.fund_amount.values())
    if case.budget > held:
        message = _("is more than the funds hold ({held}).", held=rupiah(held))
        fix = _("Raise an amount under funds as well, or it changes nothing.")
        yield Fault(
            where, rows.get("budget"), "budget", str(case.budget), message, fix, warning=True
        )


def _without_effect(case: Case) -> Problems:
    s = case.scenario
    for name in ("equity", "caution") if s.is_cheapest else ():
        if weight := getattr(s, name):
            fix = _("Ask for a floor instead, or set {name} to 0.", name=name)
            yield name, weight, _("has no effect where the goal is the least cost."), fix
    if s.changes and not case.tables.announced:
        fix = _("Add announced.csv, or leave the parameter out.")
        yield "changes", s.changes, _("has no effect: no programme is announced."), fix
    if s.changes_kept and not s.changes:
        fix = _("State under changes how many are to be worked out, such as 8.")
        yield "changes_kept", s.changes_kept, _("has no effect: no changes are worked out."), fix
    known = case.courses.keys() | case.equipment.keys()
    known |= {o for o, costs in case.opening_costs.items() if costs}
    for text in s.near:
        item = text.partition(" ")[0]
        if item not in known:
            message = _(
                "names no course, machine or opening that costs something, and counts as given up."
            )
            yield "near", text, message, nearest_of(item, sorted(known))


def _unknown_keys(scenario: Scenario, known: KnownKeys) -> Problems:
    clusters, items = known("clusters"), known("courses", "equipment", "openings")
    places = known("clusters", "openings")
    for field, table, keys in (
        ("funds", "funds", known("funds")),
        ("floors", "clusters", clusters),
    ):
        for key in getattr(scenario, field):
            if keys is not None and key not in keys:
                message = _("stands in no row of {table}.", table=table)
                yield field, key, message, nearest_of(key, keys)
    yield from limit_names(scenario, known)
    parts: list[tuple[str, object, Exclusion | Lock]] = [
        *(("exclusions", part, part) for part in scenario.parsed_exclusions()),
        *(("locks", part, part) for part in scenario.parsed_locks()),
        *(("what_if", text, part) for text in scenario.what_if for part in locks_asked(text)),
    ]
    for field, text, part in parts:
        if part.item and items is not None and part.item not in items:
            yield field, text, _("names no course or machine."), nearest_of(part.item, items)
        elif part.cluster == CITY and isinstance(part, Lock):
            continue  # the scope of the item decides
        there = places if isinstance(part, Lock) else clusters
        if part.cluster and there is not None and part.cluster not in there:
            yield field, text, _("names no cluster."), nearest_of(part.cluster, there)


def _large_funds(case: Case) -> Problems:
    together = sum(case.fund_amount.values())
    if case.scenario.funds and together > MOST_RUPIAH:  # else the tables have the fault
        key = max(case.scenario.funds, key=case.scenario.funds.__getitem__)
        message = _(
            "brings the funds together to {total}; at most {most} can be planned.",
            total=rupiah(together),
            most=rupiah(MOST_RUPIAH),
        )
        yield "funds", key, message, _("Lower an amount under funds.")


def _goal(case: Case) -> Problems:
    s = case.scenario
    targets = (s.target_reached, s.target_units, s.target_classes)
    if s.is_cheapest and not (case.floors or any(targets) or s.locks or s.limits):
        message = _("asks for the least money, but nothing that the money must do.")
        fix = _("State target_reached, target_units, target_classes, a floor or a lock as well.")
        yield "goal", s.goal, message, fix


def _floors(case: Case) -> Problems:
    own = case.scenario.floors
    for c, floor in own.items():
        if floor > 0 and case.size.get(c) == 0:
            message = _("has a floor, but all its units were reached in earlier years.")
            yield "floors", c, message, _("Remove its floor.")
    for c in case.floors:
        if not case.packages[c]:
            message = _("has a floor, but no course or machine suits it (or all are excluded).")
            fix = _(
                "Set its own floor to 0 (floors: {cluster}: 0), or remove the exclusions.",
                cluster=c,
            )
            yield "floors" if c in own else "floor", c, message, fix


def _locks(case: Case) -> Problems:
    for lock, message, fix in _wrong_locks(case, case.locks):
        yield "locks", lock, message, fix


def _what_if(case: Case) -> Problems:
    for text in case.scenario.what_if:
        for _lock, message, fix in _wrong_locks(case, locks_asked(text)):
            yield "what_if", text, message, fix


def _wrong_locks(case: Case, locks: list[Lock]) -> Iterator[tuple[Lock, str, str]]:
    """Locks that cannot be kept, what is wrong with each and how to fix it."""
    sound: list[Lock] = []
    for lock in locks:
        unknown = lock.item not in {*case.courses, *case.equipment, *case.openings}
        if unknown or lock.cluster not in {None, CITY, *case.clusters, *case.openings}:
            continue
        if problem := _lock_problem(case, lock):
            yield lock, *problem
        else:
            sound.append(lock)
    yield from _contradictions(sound)


def _lock_problem(case: Case, lock: Lock) -> tuple[str, str] | None:
    """What is wrong with one lock and how to fix it, or None."""
    item, cluster = lock.item, lock.cluster
    if item in case.openings:
        return _opening_lock_problem(case, lock)
    row = case.courses.get(item) or case.equipment[item]
    if cluster in case.openings and cluster != row.opening:
        return _("names an opening in which {name} does not stand.", name=row.name), _(
            "Leave out “@ {cluster}”.", cluster=cluster
        )
    if cluster == CITY and row.scope != CITY:
        return _("names no cluster."), nearest_of(cluster, list(case.clusters))
    if cluster and row.scope == CITY and cluster not in case.openings:
        return (
            _("names a cluster, but {name} is shared by the whole city.", name=row.name),
            _("Leave out “@ {cluster}”.", cluster=cluster),
        )
    if lock.sign == "<=" or lock.count == 0:
        return None
    hosts = case.course_hosts if item in case.courses else case.machine_hosts
    suited = {h: clusters for (i, h), clusters in hosts.items() if i == item}
    if not suited or (cluster and cluster not in suited):
        return _(SUITS_NOBODY), _("Remove the lock or the exclusion.")
    if item in case.courses:
        return _too_many_classes(case, lock, suited)
    stock = case.equipment[item].stock + sum(
        idle for (e, h), idle in case.idle.items() if e == item and cluster in (None, h)
    )
    if lock.count <= stock:
        return None
    return (
        _("asks for more machines than can be had ({stock}).", stock=stock),
        _("Write at most {stock}.", stock=stock),
    )


def _opening_lock_problem(case: Case, lock: Lock) -> tuple[str, str] | None:
    if lock.cluster is not None:
        message = _("names a place, but {name} is an opening.", name=case.name(lock.item))
        return message, _("Leave out “@ {cluster}”.", cluster=lock.cluster)
    if lock.sign == "<=" or lock.count == 0:
        return None
    if lock.count > 1:
        message = _("asks for more than one, but an opening is opened once.")
        return message, _("Write “= 1” (opened) or “= 0” (closed).")
    if any(x.item == lock.item and x.cluster is None for x in case.exclusions):
        return _(SUITS_NOBODY), _("Remove the lock or the exclusion.")
    return None


def _too_many_classes(
    case: Case, lock: Lock, suited: Mapping[str, tuple[str, ...]]
) -> tuple[str, str] | None:
    smallest = case.courses[lock.item].class_min
    most = sum(
        sum(case.people_for(lock.item, c) for c in clusters) // smallest
        for h, clusters in suited.items()
        if lock.cluster in (None, h)
    )
    if lock.count <= most:
        return None
    return (
        _(
            "asks for more classes of {n} people than there are people ({most} classes).",
            n=smallest,
            most=most,
        ),
        _("Write at most {most}.", most=most),
    )


def _contradictions(locks: list[Lock]) -> Iterator[tuple[Lock, str, str]]:
    """Pairs of locks on the same count, of which no number keeps both."""
    for n, lock in enumerate(locks):
        for other in locks[:n]:
            same = (lock.item, lock.cluster) == (other.item, other.cluster)
            # a total is at least what one of its clusters must have
            within = lock.item == other.item and None in (lock.cluster, other.cluster)
            total, part = (lock, other) if lock.cluster is None else (other, lock)
            clash = same and (_least(lock) > _most(other) or _least(other) > _most(lock))
            if clash or (within and not same and _least(part) > _most(total)):
                message = _("contradicts the lock “{other}”.", other=other)
                yield lock, message, _("Change or remove one of the two.")


def _least(lock: Lock) -> float:
    return 0 if lock.sign == "<=" else lock.count


def _most(lock: Lock) -> float:
    return float("inf") if lock.sign == ">=" else lock.count
