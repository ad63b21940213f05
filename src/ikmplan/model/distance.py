"""How far a plan is from a given one, counted in changes.

A change is one class or machine more, one less, or one moved: one less here and one more there
of the same item count once. Of an item that has `more` at some places and `less` at others that
is max(more, less). A machine revived counts like one placed, and an opening opened or closed
is a change too, where it costs something. Seats, units, quarters and openings that cost nothing
follow freely: they are no changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from pulp import lpSum

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY
from ikmplan.input.parameter_types import decided_counts
from ikmplan.model.quantities import Expression, Variables
from ikmplan.model.rules import Rule
from ikmplan.model.run_highs import Values
from ikmplan.plan.plan import Plan, total

Place = tuple[str, str]  # a course or machine and its host, or an opening and the city
Bounds = dict[str, tuple[float, float]]
Counts = Mapping[Place, int]  # of what is decided in the year; places without any may be absent


def counts_of(plan: Plan) -> dict[Place, int]:
    """The classes, the machines placed or revived and the openings that cost something of a plan,
    by their place."""
    return decided_counts(plan.lines)


def places_of(case: Case) -> list[Place]:
    """Every place where a plan of the case may have something that `counts_of` counts."""
    opened = ((o, CITY) for o in case.open_to_plan if case.opening_costs[o])
    return [*case.course_hosts, *case.machine_hosts, *opened]


def change_count(before: Counts, after: Counts) -> int:
    """The fewest changes that make one of the other."""
    places = before.keys() | after.keys()
    steps = {at: after.get(at, 0) - before.get(at, 0) for at in places}
    more = total((item, n) for (item, _h), n in steps.items() if n > 0)
    less = total((item, -n) for (item, _h), n in steps.items() if n < 0)
    return sum(max(more[item], less[item]) for item in more.keys() | less.keys())


def kept_count(before: Counts, after: Counts) -> int:
    """How many of `before` are in `after` at the same place."""
    return sum(min(n, after.get(at, 0)) for at, n in before.items())


def changes_from(case: Case, v: Variables, given: Counts) -> Expression:
    """The changes that make the given counts the plan's; `changes_counted` must be a rule too.

    With less = more − (counts − given), max(more, less) is more + max(0, given − counts), each
    summed over the places of an item.
    """
    places = _places(case, v)
    # where nothing was given, all that is there is more
    added = [v.add("more", at) for at in places if given.get(at, 0)]
    added += [x for at, counted in places.items() if not given.get(at, 0) for x in counted]
    items = dict.fromkeys(item for item, _h in places)
    gone = sum(n for (item, _h), n in given.items() if item not in items)  # nobody may have it
    fewer = [v.add("fewer", item) for item in _given(places, given)]
    return lpSum(added) + lpSum(fewer) + gone


def changes_counted(given: Counts) -> Rule:
    """The rule that makes the variables of `changes_from` what they mean."""

    def changes_are(case: Case, v: Variables) -> Iterator[Any]:
        """Changes are counted from the given plan.
        more[i,h] ≥ count[i,h] − given[i,h];  fewer[i] ≥ Σ_h (given[i,h] − count[i,h])
        for every course, machine or opening i and host h [classes, machines or openings]"""
        places = _places(case, v)
        for at, counted in places.items():
            if given.get(at, 0):
                yield ("more", *at), v.add("more", at) >= lpSum(counted) - given[at]
        for item, n in _given(places, given).items():
            every = (counted for (other, _h), counted in places.items() if other == item)
            yield ("fewer", item), v.add("fewer", item) >= n - lpSum(chain(*every))

    return Rule(changes_are, "sense")


def changes_within(given: Counts, most: int) -> Rule:
    """The rule that a plan is at most so many changes from the given counts."""

    def changes_allowed(case: Case, v: Variables) -> Iterator[Any]:
        """The plan differs from the given one by no more changes than are allowed.
        Σ_i (Σ_h more[i,h] + fewer[i]) ≤ k
        once [changes]"""
        yield from changes_counted(given).rows(case, v)
        yield "all", changes_from(case, v, given) <= most

    return Rule(changes_allowed, "demand")


def change_values(case: Case, v: Variables, given: Counts, values: Values) -> Values:
    """The variables of `changes_from` for these values of what is decided."""
    places = _places(case, v)
    count = {at: sum(values[x.name] for x in counted) for at, counted in places.items()}
    found = {
        v.add("more", at).name: max(0.0, n - given[at])
        for at, n in count.items()
        if given.get(at, 0)
    }
    for item, n in _given(places, given).items():
        now = sum(n for (other, _h), n in count.items() if other == item)
        found[v.add("fewer", item).name] = max(0.0, n - now)
    return found


def counts_between(case: Case, v: Variables, given: Counts, *plans: Values) -> Bounds:
    """Bounds that allow each count of these values, the given one, and what lies between."""
    found: Bounds = {}
    for values in plans:
        for at, counted in _places(case, v).items():
            now = {x.name: round(values[x.name]) for x in counted}
            for x in counted:
                n = now[x.name]
                least = max(0, given.get(at, 0) - sum(now.values()) + n)  # the others as they are
                most = given.get(at, 0) if x.upBound is None else min(given.get(at, 0), x.upBound)
                low, high = found.get(x.name, (n, n))
                found[x.name] = (float(min(n, least, low)), float(max(n, most, high)))
    return found


def _places(case: Case, v: Variables) -> dict[Place, list[Any]]:
    """Each place with the variables that are counted there."""
    kinds = (v.classes, v.machines, v.revived, {(o, CITY): x for o, x in v.opened.items()})
    return {at: [kind[at] for kind in kinds if at in kind] for at in places_of(case)}


def _given(places: Iterable[Place], given: Counts) -> dict[str, int]:
    """Item -> how many were given at all places, of those that some cluster may have."""
    items = {item for item, _h in places}
    counts = total((item, n) for (item, _h), n in given.items() if item in items)
    return {item: n for item, n in sorted(counts.items()) if n}
