"""Do the limits of an office's own, and the groups they name, fit the tables?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ikmplan.faults import nearest
from ikmplan.input.cells import (
    CITY,
    EQUIPMENT,
    KEY_IN_TEXT,
    RESERVED_KEYS,
    TRAINING,
    as_key,
    is_key,
)
from ikmplan.input.own_limits import (
    MEASURES,
    MONEY_SPENT,
    AmountLimit,
    ClosedQuarters,
    CountLimit,
    LimitScope,
    OwnLimit,
    Part,
    keys_in,
    parts_of,
    scope_of,
    whole_of,
)
from ikmplan.input.scenario import Scenario
from ikmplan.input.sheet_cells import short_list
from ikmplan.text import N_, _

if TYPE_CHECKING:
    from ikmplan.input.case import Case

Problems = Iterator[tuple[str, object, str, str]]  # field, value, what is wrong, fix
# of tables: the keys of their rows; None where one of them cannot be read
KnownKeys = Callable[..., list[str] | None]
_KINDS = (TRAINING, EQUIPMENT)
SUITS_NOBODY = N_("asks for what suits nobody there, or is excluded.")


def nearest_of(key: str, known: list[str]) -> str:
    """What may have been meant by a key that is not known."""
    return nearest(key, known) or _("Choose one of: {known}.", known=short_list(known))


def limit_names(scenario: Scenario, known: KnownKeys) -> Problems:
    """Keys in limits and groups that the tables that can be read do not have."""
    items = known("courses", "equipment", "openings", "funds")
    clusters, hosts = known("clusters"), known("clusters", "openings")
    others = known("clusters", "courses", "equipment", "openings", "funds", "resources") or []
    for name, members in scenario.groups.items():
        if not re.fullmatch(KEY_IN_TEXT, name):
            meant, message = as_key(name), _("is a name that no limit can state.")
            written = _("Write it as {key}.", key=meant)
            another = _("Give the group another name.")
            yield "groups", name, message, written if is_key(meant) else another
        if name in {*others, *RESERVED_KEYS}:
            message = _("is a key already.")
            yield "groups", name, message, _("Give the group another name.")
        for c in members:
            if clusters is not None and c not in clusters:
                message = _("holds {key}, which is no cluster.", key=c)
                yield "groups", name, message, nearest_of(c, clusters)
    places = None if hosts is None else [*hosts, *scenario.groups, CITY]
    for limit in scenario.parsed_limits():
        for what in _things(limit):
            if items is not None and what not in (*items, *_KINDS):
                message = _("names {key}, which is no course, machine or fund.", key=what)
                fix = nearest_of(what, [*items, *_KINDS])
                if what in (places or ()):
                    fix = _("It is a place: write it as “@ {key}”.", key=what)
                yield "limits", limit, message, fix
        for part in parts_of(limit):
            for key in _place_keys(part):
                if places is not None and key not in places:
                    message = _("names {key}, which is no cluster and no group.", key=key)
                    yield "limits", limit, message, nearest_of(key, places)


def _things(limit: OwnLimit) -> list[str]:
    named = [part.what for part in parts_of(limit)]
    if isinstance(limit, ClosedQuarters):
        named.append(limit.what)
    if isinstance(limit, AmountLimit):
        named.append(limit.of)
    return [*dict.fromkeys(key for what in named for key in keys_in(what))]


def _place_keys(part: Part) -> list[str]:
    return [] if part.place is None or part.area else part.place.split(" + ")


def limit_problems(case: Case) -> Problems:
    """Limits whose names are known, and that still can count nothing or can never be kept."""
    names = limit_names(case.scenario, case.tables.known)
    unknown = {str(value) for _field, value, *_rest in names}
    for limit, plain in zip(case.limits, case.resolved_limits, strict=True):
        if str(limit) not in unknown and (problem := _problem(case, limit, plain)):
            yield "limits", limit, *problem


def _problem(case: Case, limit: OwnLimit, plain: OwnLimit) -> tuple[str, str] | None:
    """What is wrong with one limit and how to mend it; `plain` is the same one, resolved."""
    if isinstance(limit, ClosedQuarters):
        if limit.what in {*case.courses, TRAINING}:
            return None
        return _("closes quarters for what is no course."), _("Name a course, or training.")
    for part in parts_of(plain):
        if problem := _part_problem(case, part):
            return problem
    if isinstance(limit, AmountLimit) and isinstance(plain, AmountLimit):
        return _amount_problem(case, limit, plain)
    if isinstance(plain, CountLimit) and plain.sign != "<=":
        scopes = [scope_of(part, case.tables) for part in plain.parts]
        most = sum(any(_can_have(case, m, scope) for m in MEASURES) for scope in scopes)
        if most < plain.number:
            message = _("asks for {n}, and only {most} of these suit anybody, or are not excluded.",
                        n=plain.number, most=most)  # fmt: skip
            return message, _("Write at most {most}.", most=most)
    return None


def _part_problem(case: Case, part: Part) -> tuple[str, str] | None:
    if part.area and not scope_of(Part(None, part.place), case.tables).hosts:
        kind, name = part.area
        there = sorted({str(getattr(row, kind)) for row in case.clusters.values()})
        message = _("names {key}, where no cluster lies.", key=part.place)
        return message, nearest_of(name, there)
    return None


def _amount_problem(case: Case, limit: AmountLimit, plain: AmountLimit) -> tuple[str, str] | None:
    if limit.of in case.funds and limit.measure != MONEY_SPENT:
        message = _("measures {measure} by a share of a fund.", measure=limit.measure)
        return message, _("Write money, or a share of training, equipment, a course or a machine.")
    scope = scope_of(plain.part, case.tables)
    held = {*case.courses} if limit.measure in ("seats", "classes") else {*case.equipment}
    if limit.measure not in (MONEY_SPENT, "units") and not scope.items & held:
        message = _("counts {measure}, of which {what} has none.",
                    measure=limit.measure, what=limit.part.what)  # fmt: skip
        return message, _("Write another of {measures}.", measures=", ".join(MEASURES))
    course = case.courses.get(limit.part.what or "")
    machine = case.equipment.get(limit.part.what or "")
    row, host = course or machine, (machine and machine.opening) or CITY
    if (
        row
        and row.scope == CITY
        and host not in scope.hosts
        and limit.measure not in ("seats", "units")
    ):
        message = _("names a place, but {name} is shared by the whole city.", name=row.name)
        return message, _("Leave out the place, or count seats or units.")
    counted = scope.items if limit.measure in (MONEY_SPENT, "units") else scope.items & held
    if plain.share and not counted <= whole_of(plain, case.tables).items:
        message = _("is a share of {of}, which does not hold all that is counted.", of=limit.of)
        return message, _("Name a whole that holds it, or leave out “of {of}”.", of=limit.of)
    if plain.sign != "<=" and plain.number > 0 and not _can_have(case, limit.measure, scope):
        return _(SUITS_NOBODY), _("Remove the limit or the exclusion.")
    return None


def _can_have(case: Case, measure: str, scope: LimitScope) -> bool:
    """Whether any plan can have any of the measure there."""
    items, hosts = scope
    if measure == "units":
        return any(
            c in hosts and items & {*k.courses, *case.machines_of(c, k)}
            for c, packages in case.packages.items()
            for k in packages
        )
    if measure == "seats":
        seated = ((p, c) for (p, _h), clusters in case.course_hosts.items() for c in clusters)
        return any(p in items and c in hosts for p, c in seated)
    held = [] if measure == "machines" else [*case.course_hosts]
    placed = [] if measure == "classes" else [*case.machine_hosts]
    return any(i in items and h in hosts for i, h in [*held, *placed])
