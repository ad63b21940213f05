"""What a step changes, by name: one class, machine or opening more, one less, or one moved."""

from __future__ import annotations

from typing import NamedTuple

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY
from ikmplan.model.distance import Counts, Place
from ikmplan.plan.plan import Plan, total
from ikmplan.report.names import place_inside
from ikmplan.show.table import Signed, one_decimal
from ikmplan.text import MINUS, N_, _, number

LEAST_UNITS = 0.05  # a smaller gain or loss of a cluster is none to readers


class Change(NamedTuple):
    """So many of an item: moved from one host to another, or, where one of them is None, more or
    less of it."""

    item: str
    source: str | None
    target: str | None
    n: int


def changes_between(before: Counts, after: Counts) -> list[Change]:
    """The changes that make one of the other, as few as there can be: what is gone of an item at
    one place and new at another is moved."""
    more, less = _more(before, after), _more(after, before)
    found = []
    for item in dict.fromkeys(item for item, _h in (*less, *more)):
        gone, new = (
            [h for (i, h), n in part.items() if i == item for _n in range(n)]
            for part in (less, more)
        )
        moved = min(len(gone), len(new))
        pairs: list[tuple[str | None, str | None]] = [*zip(gone, new, strict=False)]
        pairs += [(h, None) for h in gone[moved:]] + [(None, h) for h in new[moved:]]
        counted = total((pair, 1) for pair in pairs)
        found += [Change(item, source, target, n) for (source, target), n in counted.items()]
    return found


def _more(before: Counts, after: Counts) -> dict[Place, int]:
    steps = ((at, n - before.get(at, 0)) for at, n in sorted(after.items()))
    return {at: n for at, n in steps if n > 0}


def change_text(case: Case, change: Change) -> str:
    """A change as a few words: "+1 Batik, for Batik Belawan", "Open Leather centre"."""
    item, source, target, n = change
    name = case.name(item)
    if item in case.openings:
        return _("Do not open {name}", name=name) if target is None else _("Open {name}", name=name)
    if source is not None and target is not None:
        return _(
            "{n} × {item}: from {source} to {target}",
            n=number(n),
            item=name,
            source=place_inside(case, source),
            target=place_inside(case, target),
        )
    host = source if target is None else target
    sign = MINUS if target is None else "+"
    return _(
        "{n} {item}, for {where}",
        n=f"{sign}{number(n)}",
        item=name,
        where=place_inside(case, host or CITY),
    )


def effects(before: Plan, after: Plan) -> dict[str, float]:
    """Cluster -> expected units that it gains, or loses below zero, the largest first."""
    there = dict(zip(before.coverage["cluster"], before.coverage["reached"], strict=True))
    rows = after.coverage[["cluster", "reached"]].itertuples(index=False)
    found = {str(c): float(n) - float(there.get(c, 0.0)) for c, n in rows}
    seen = {c: n for c, n in found.items() if abs(n) >= LEAST_UNITS}
    return dict(sorted(seen.items(), key=lambda pair: (-abs(pair[1]), pair[0])))


def effects_text(case: Case, found: dict[str, float], sign: int, most: int = 3) -> str:
    """Who gains (sign 1) or loses (−1): "Kue Denai +3.2, Kopi Sunggal +1.0"."""
    signed = Signed(one_decimal)
    named = [(c, n) for c, n in found.items() if n * sign > 0]
    return named_first(
        [f"{case.name(c)} {signed(n)}" for c, n in named], N_("{n} other clusters"), most
    )


def named_first(names: list[str], others: str, most: int = 2, between: str = ", ") -> str:
    """The first of the names, and by the message `others` how many more there are; one more than
    `most` is named too."""
    if len(names) <= most + 1:
        return between.join(names)
    return between.join([*names[:most], _(others, n=number(len(names) - most))])
