"""Do the tables about courses fit each other? Quarters, topics, and announced seats."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from ikmplan.faults import Fault
from ikmplan.input.cells import CITY
from ikmplan.input.readable import ReadableTables
from ikmplan.input.rows import QUARTERS
from ikmplan.text import _
from ikmplan.text import number as shown


def _quarter_that_is_not(tables: ReadableTables) -> Iterator[Fault]:
    """Days used, or classes announced, after the class or the year has ended."""
    courses = tables.by_key("courses")
    for number, row in tables.numbered("course_uses"):
        course = courses.get(row.course)
        if course and row.at is not None and row.at > course.quarters:
            message = _("is above the quarters of {course}: {n}.", course=row.course,
                        n=course.quarters)  # fmt: skip
            fix = _("Write at most {n}, or nothing.", n=course.quarters)
            yield tables.fault("course_uses", number, row, ("at", message, fix))
    for number, row in tables.numbered("announced"):
        course = courses.get(row.item)
        if course is None or row.quarter is None:
            continue
        last = QUARTERS[-1] - course.quarters + 1
        if row.quarter > last:
            message = _(
                "is too late: {item} lasts {n} quarters and ends in the year.",
                item=row.item,
                n=course.quarters,
            )
            fix = _("Write at most {n}.", n=last)
            yield tables.fault("announced", number, row, ("quarter", message, fix))


def _topics(tables: ReadableTables) -> Iterator[Fault]:
    """A topic that is a machine, or that some of its units want more than others."""
    courses, machines = tables.by_key("courses"), tables.by_key("equipment")
    for number, row in tables.numbered("courses"):
        if row.topic in machines:
            message = _("is the key of a machine.")
            fix = _("Choose another key for the topic.")
            yield tables.fault("courses", number, row, ("topic", message, fix))
    first: dict[tuple[str, str], tuple[str, float]] = {}
    for number, row in tables.numbered("course_suits"):
        if (course := courses.get(row.course)) is None:
            continue
        topic = course.topic or row.course
        other, share = first.setdefault((topic, row.sector), (row.course, row.interest))
        if share != row.interest:
            message = _(
                "is not the {share} of {other}, which teaches the same topic.",
                share=shown(share, 2),
                other=other,
            )
            fix = _("Write the same interest for all courses of a topic.")
            yield tables.fault("course_suits", number, row, ("interest", message, fix))


COURSE_CHECKS: tuple[Callable[[ReadableTables], Iterator[Fault]], ...] = (
    _quarter_that_is_not,
    _topics,
)


def announced_seats(tables: ReadableTables) -> Iterator[Fault]:
    """Seats for more people than the course suits: the baseline would be wrong."""
    courses = tables.by_key("courses")
    suits = {(row.course, row.sector) for _n, row in tables.rows["course_suits"]}
    announced: dict[tuple[str, str], int] = defaultdict(int)
    for number, row in tables.numbered("announced"):
        course = courses.get(row.item)
        if course is None or row.seats is None:
            continue
        people = sum(
            c.young if course.young_only else c.size
            for _n, c in tables.rows["clusters"]
            if row.cluster in (CITY, c.cluster) and (row.item, c.sector) in suits
        )
        key = row.item, row.cluster
        announced[key] += row.seats
        if announced[key] > people:
            message = _(
                "brings the seats of {item} at {cluster} to {n}; it suits {people} people there.",
                item=row.item,
                cluster=row.cluster,
                n=announced[key],
                people=people,
            )
            fix = _("Lower the seats, or add a row to course_suits.")
            yield tables.fault("announced", number, row, ("seats", message, fix))
    yield from _announced_mix(tables, suits)


def _announced_mix(tables: ReadableTables, suits: set[tuple[str, str]]) -> Iterator[Fault]:
    """Seats that its classes cannot have, with each_min and each_max people of each cluster."""
    courses, counts, seats = (
        tables.by_key("courses"),
        Counter[tuple[str, str]](),
        Counter[tuple[str, str]](),
    )
    for number, row in tables.numbered("announced"):
        course = courses.get(row.item)
        if course is None or row.seats is None or not (course.each_min or course.each_max):
            continue
        if course.crossed():
            continue
        key = row.item, row.cluster
        counts[key] += row.count
        seats[key] += row.seats
        people = [
            c.young if course.young_only else c.size
            for _n, c in tables.rows["clusters"]
            if row.cluster in (CITY, c.cluster) and (row.item, c.sector) in suits
        ]
        there = [n for n in people if n]
        each = course.each_max or course.class_max
        least = course.each_min * counts[key] * len(there)
        most = sum(min(n, each * counts[key]) for n in there)
        if not least <= seats[key] <= most:
            message = _(
                "brings the seats of {item} at {cluster} to {n}; with each_min and each_max its "
                "classes have {least} to {most}.",
                item=row.item,
                cluster=row.cluster,
                n=seats[key],
                least=least,
                most=most,
            )
            fix = _("Change the seats, or each_min or each_max in courses.")
            yield tables.fault("announced", number, row, ("seats", message, fix))
