"""Does the scenario fit the tables? Unknown keys, and locks that cannot be kept.

What contradicts itself or the data is refused here, in words, before any solve.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from ikmplan.faults import Fault, nearest
from ikmplan.input.cells import CITY
from ikmplan.input.scenario import Lock
from ikmplan.input.yaml_file import without_spaces
from ikmplan.text import _, rupiah

if TYPE_CHECKING:
    from ikmplan.input.case import Case


def scenario_faults(case: Case, where: str, rows: Mapping[str, int]) -> Iterator[Fault]:
    """Every fault of the scenario against the tables, at once."""
    where = where or _("scenario")

    def fault(field: str, value: object, message: str, fix: str) -> Fault:
        row = rows.get(f"{field}.{without_spaces(str(value))}", rows.get(field))
        return Fault(where, row, field, str(value), message, fix)

    items = {**case.courses, **case.equipment}
    for field, given, known in (
        ("funds", case.scenario.funds, case.funds),
        ("floors", case.scenario.floors, case.clusters),
    ):
        for key in given:
            if key not in known:
                message = _(
                    "stands in no row of {table}.",
                    table="funds" if known is case.funds else "clusters",
                )
                yield fault(field, key, message, _nearest(key, list(known)))
    for c, floor in case.scenario.floors.items():
        if floor > 0 and case.size.get(c) == 0:
            message = _("has a floor, but all its units were reached in earlier years.")
            yield fault("floors", c, message, _("Remove its floor."))
    for c in case.floors:
        if not case.packages[c]:
            message = _("has a floor, but no course or machine suits it (or all are excluded).")
            fix = _(
                "Set its own floor to 0 (floors: {cluster}: 0), or remove the exclusions.",
                cluster=c,
            )
            yield fault("floors" if c in case.scenario.floors else "floor", c, message, fix)
    for x in case.exclusions:
        if x.item and x.item not in items:
            yield fault(
                "exclusions", x, _("names no course or machine."), _nearest(x.item, list(items))
            )
        if x.cluster and x.cluster not in case.clusters:
            yield fault(
                "exclusions", x, _("names no cluster."), _nearest(x.cluster, list(case.clusters))
            )
    sound = []
    for lock in case.locks:
        problem = _lock_problem(case, lock, list(items))
        if problem:
            yield fault("locks", lock, *problem)
        else:
            sound.append(lock)
    yield from _contradictions(sound, fault)


def scenario_warnings(case: Case, where: str, rows: Mapping[str, int]) -> Iterator[Fault]:
    """What the scenario asks for in vain, though it is no fault."""
    held = sum(case.fund_amount.values())
    if case.budget > held:
        message = _("is more than the funds hold ({held}).", held=rupiah(held))
        fix = _("Raise an amount under funds as well, or it changes nothing.")
        yield Fault(
            where, rows.get("budget"), "budget", str(case.budget), message, fix, warning=True
        )


def _nearest(key: str, known: list[str]) -> str:
    return nearest(key, known) or _("Choose one of: {known}.", known=", ".join(known[:8]))


def _lock_problem(case: Case, lock: Lock, items: list[str]) -> tuple[str, str] | None:
    """What is wrong with one lock and how to mend it, or None."""
    item, cluster = lock.item, lock.cluster
    if item not in items:
        return _("names no course or machine."), _nearest(item, items)
    row = case.courses.get(item) or case.equipment[item]
    if cluster and cluster not in case.clusters and (cluster, row.scope) != (CITY, CITY):
        return _("names no cluster."), _nearest(cluster, list(case.clusters))
    if cluster and row.scope == CITY:
        return (
            _("names a cluster, but {name} is shared by the whole city.", name=row.name),
            _("Leave out “@ {cluster}”.", cluster=cluster),
        )
    if lock.sign == "<=" or lock.count == 0:
        return None
    hosts = case.course_hosts if item in case.courses else case.machine_hosts
    suited = {h: clusters for (i, h), clusters in hosts.items() if i == item}
    if not suited or (cluster and cluster not in suited):
        return (
            _("asks for what suits nobody there, or is excluded."),
            _("Remove the lock or the exclusion."),
        )
    if item in case.equipment and lock.count > case.equipment[item].stock:
        stock = case.equipment[item].stock
        return (
            _("asks for more machines than can be had ({stock}).", stock=stock),
            _("Write at most {stock}.", stock=stock),
        )
    if item in case.courses:
        return _too_many_classes(case, lock, suited)
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


def _contradictions(locks: list[Lock], fault: Callable[..., Fault]) -> Iterator[Fault]:
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
                yield fault("locks", lock, message, _("Change or remove one of the two."))


def _least(lock: Lock) -> float:
    return 0 if lock.sign == "<=" else lock.count


def _most(lock: Lock) -> float:
    return float("inf") if lock.sign == ">=" else lock.count
