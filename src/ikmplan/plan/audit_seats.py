"""The audit's checks of seats and classes: who sits in which, and when they are held."""

from __future__ import annotations

from collections import Counter

from ikmplan.input.rows import QUARTERS
from ikmplan.plan.audit_sums import AuditSums, leaves_out
from ikmplan.plan.breaches import Breach, Breaches, nowhere, over, under
from ikmplan.text import N_


def check_units_interested(b: AuditSums) -> Breaches:
    yield from over((at[1:], b.taught[at], n) for at, n in b.wanting.items())
    for g in b.groups:
        topics = Counter(map(b.topic, g.items))
        for (_kind, key), n in topics.items():
            if n > 1:
                message = N_("{at}: a unit takes {n} courses of the topic {topic}.")
                yield Breach(message, g[:2], {"n": n, "topic": key})


def check_seat_for_each_unit(b: AuditSums) -> Breaches:
    yield from over(
        ((p, c), n, b.seats.get((p, c), 0)) for (p, c), n in b.given.items() if p in b.courses
    )
    yield from over(((p, c), n, b.size[c]) for (p, c), n in b.seats.items())
    yield from nowhere(b.seats, b.open)


def check_classes_filled(b: AuditSums) -> Breaches:
    yield from over(
        (at, n * b.courses[at[0]].class_min, b.seated[at]) for at, n in b.counts.items()
    )
    yield from nowhere(b.counts, b.places)


def check_seats_within_classes(b: AuditSums) -> Breaches:
    yield from over(
        (at, n, b.counts[at] * b.courses[at[0]].class_max) for at, n in b.seated.items()
    )


def check_class_mix(b: AuditSums) -> Breaches:
    """Seats of each cluster that may sit there; an excluded one may not."""
    out = b.scenario.parsed_exclusions()
    for p, c in sorted(b.open & {(p, c) for p in b.courses for c in b.clusters}):
        row, classes = b.courses[p], b.counts[p, b.host(p, c)]
        seats = b.seats.get((p, c), 0)
        if not any(leaves_out(x, part, c) for x in out for part in b.parts(p, c)):
            yield from under([((p, c), seats, row.each_min * classes)])
        if row.each_max is not None:
            yield from over([((p, c), seats, row.each_max * classes)])


def check_classes_scheduled(b: AuditSums) -> Breaches:
    for p, _h, q in b.classes:
        if q not in QUARTERS:
            yield Breach(N_("{at}: {quarter} is no quarter."), (p,), {"quarter": q})
        elif q + b.courses[p].quarters - 1 > QUARTERS[-1]:
            message = N_("{at}: a class of quarter {quarter} does not end in the year.")
            yield Breach(message, (p,), {"quarter": q})
