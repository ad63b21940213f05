"""How far a plan is from a given one, counted in changes.

A change is one class or machine more, one less, or one moved: one less here and one more there
of the same item count once. Of an item that has `more` at some places and `less` at others that
is max(more, less). Seats, units and quarters follow freely: they are no changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pulp import lpSum

from ikmplan.input.case import Case
from ikmplan.model.quantities import Expression, Variables
from ikmplan.model.rules import Rule
from ikmplan.model.run_highs import Values
from ikmplan.plan.plan import Plan, total

Place = tuple[str, str]  # a course or machine, and its host
Bounds = dict[str, tuple[float, float]]
Counts = Mapping[Place, int]  # classes and machines in the year; places without any may be absent


def counts_of(plan: Plan) -> dict[Place, int]:
    """The classes and machines of a plan by their place."""
    return {(item, host): n for _kind, item, host, n in plan.held if n}


def change_count(before: Counts, after: Counts) -> int:
    """The fewest changes that make one of the other."""
    places = before.keys() | after.keys()
    steps = {at: after.get(at, 0) - before.get(at, 0) for at in places}
    more = total((item, n) for (item, _h), n in steps.items() if n > 0)
    less = total((item, -n) for (item, _h), n in steps.items() if n < 0)
    return sum(max(more[item], less[item]) for item in more.keys() | less.keys())


def kept_count(before: Counts, after: Counts) -> int:
    """How many classes and machines of `before` are in `after` at the same place."""
    return sum(min(n, after.get(at, 0)) for at, n in before.items())


def changes_from(v: Variables, given: Counts) -> Expression:
    """The changes that make the given counts the plan's; `changes_counted` must be a rule too.

    With less = more − (counts − given), max(more, less) is more + max(0, given − counts), each
    summed over the places of an item.
    """
    places = _places(v)
    added = (
        v.add("more", at) if given.get(at, 0) else x for at, x in places.items()
    )  # where nothing was given, all that is there is more
    items = dict.fromkeys(item for item, _h in places)
    gone = sum(n for (item, _h), n in given.items() if item not in items)  # nobody may have it
    return lpSum(added) + lpSum(v.add("fewer", item) for item in _given(v, given)) + gone


def changes_counted(given: Counts) -> Rule:
    """The rule that makes the variables of `changes_from` what they mean."""

    def changes_are(case: Case, v: Variables) -> Iterator[Any]:
        """Changes are counted from the given plan.
        more[i,h] ≥ count[i,h] − given[i,h];  fewer[i] ≥ Σ_h (given[i,h] − count[i,h])
        for every course or machine i and host h [classes or machines]"""
        places = _places(v)
        for at, x in places.items():
            if given.get(at, 0):
                yield ("more", *at), v.add("more", at) >= x - given[at]
        for item, n in _given(v, given).items():
            count = lpSum(x for (other, _h), x in places.items() if other == item)
            yield ("fewer", item), v.add("fewer", item) >= n - count

    return Rule(changes_are, "sense")


def changes_within(given: Counts, most: int) -> Rule:
    """The rule that a plan is at most so many changes from the given counts."""

    def changes_allowed(case: Case, v: Variables) -> Iterator[Any]:
        """The plan differs from the given one by no more changes than are allowed.
        Σ_i (Σ_h more[i,h] + fewer[i]) ≤ k
        once [changes]"""
        yield from changes_counted(given).rows(case, v)
        yield "all", changes_from(v, given) <= most

    return Rule(changes_allowed, "demand")


def change_values(v: Variables, given: Counts, values: Values) -> Values:
    """The variables of `changes_from` for these classes and machines."""
    places = _places(v)
    found = {
        v.add("more", at).name: max(0.0, values[x.name] - given[at])
        for at, x in places.items()
        if given.get(at, 0)
    }
    for item, n in _given(v, given).items():
        count = sum(values[x.name] for (other, _h), x in places.items() if other == item)
        found[v.add("fewer", item).name] = max(0.0, n - count)
    return found


def counts_between(v: Variables, given: Counts, values: Values) -> Bounds:
    """Bounds that allow each count of these values, the given one, and what lies between."""
    found = {}
    for at, x in _places(v).items():
        now = round(values[x.name])
        most = given.get(at, 0) if x.upBound is None else min(given.get(at, 0), x.upBound)
        found[x.name] = (float(min(now, most)), float(max(now, most)))
    return found


def _places(v: Variables) -> dict[Place, Any]:
    return {**v.classes, **v.machines}


def _given(v: Variables, given: Counts) -> dict[str, int]:
    """Item -> how many were given at all places, of those that some cluster may have."""
    items = {item for item, _h in _places(v)}
    counts = total((item, n) for (item, _h), n in given.items() if item in items)
    return {item: n for item, n in sorted(counts.items()) if n}
