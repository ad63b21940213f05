"""Do the tables about courses fit each other? Quarters, topics, and announced seats."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from ikmplan.faults import Fault
from ikmplan.input.cells import CITY
from ikmplan.input.readable import ReadableTables
from ikmplan.input.rows import Announced, Course
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
        last = course.starts[-1]
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


Suits = set[tuple[str, str]]  # course, sector: who may sit in it


def announced_seats(tables: ReadableTables) -> Iterator[Fault]:
    """Seats for more people than the course suits: the baseline would be wrong."""
    courses = tables.by_key("courses")
    suits = {(row.course, row.sector) for _n, row in tables.rows["course_suits"]}
    announced: dict[tuple[str, str], int] = defaultdict(int)
    for number, row in tables.numbered("announced"):
        course = courses.get(row.item)
        if course is None or row.seats is None:
            continue
        for place in _places(row, course):
            people = sum(_people(tables, suits, course, place))
            announced[row.item, place] += row.seats
            if announced[row.item, place] > people:
                message = _(
                    "brings the seats of {item} at {cluster} to {n}; it suits {people} people "
                    "there.",
                    item=row.item,
                    cluster=place,
                    n=announced[row.item, place],
                    people=people,
                )
                fix = _("Lower the seats, or add a row to course_suits.")
                yield tables.fault("announced", number, row, ("seats", message, fix))
    yield from _announced_mix(tables, suits)


def _places(row: Announced, course: Course) -> list[str]:
    """Whose people the seats of a row are counted against: of a course for the city also all."""
    return list(dict.fromkeys((row.cluster, CITY if course.scope == CITY else row.cluster)))


def _people(tables: ReadableTables, suits: Suits, course: Course, place: str) -> list[int]:
    """How many people of each cluster may sit in the course: of one cluster, or of all."""
    return [
        c.young if course.young_only else c.size
        for _n, c in tables.rows["clusters"]
        if place in (CITY, c.cluster) and (course.course, c.sector) in suits
    ]


def _announced_mix(tables: ReadableTables, suits: Suits) -> Iterator[Fault]:
    """Seats that its classes cannot have, with each_min and each_max people of each cluster."""
    courses = tables.by_key("courses")
    counts, seats = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for number, row in tables.numbered("announced"):
        course = courses.get(row.item)
        if course is None or row.seats is None or not (course.each_min or course.each_max):
            continue
        if any(course.crossed()):
            continue
        if course.each_min and len(_places(row, course)) > 1:
            message = _(
                "takes all the seats, but {item} has at least {n} people of each cluster.",
                item=row.item,
                n=course.each_min,
            )
            yield tables.fault(
                "announced", number, row, ("cluster", message, _("Write “city” here."))
            )
            continue
        for place in _places(row, course):
            key = row.item, place
            counts[key] += row.count
            seats[key] += row.seats
            there = [n for n in _people(tables, suits, course, place) if n]
            each = course.each_max or course.class_max
            least = course.each_min * counts[key] * len(there)
            most = sum(min(n, each * counts[key]) for n in there)
            if not least <= seats[key] <= most:
                message = _(
                    "brings the seats of {item} at {cluster} to {n}; with each_min and each_max "
                    "its classes have {least} to {most}.",
                    item=row.item,
                    cluster=place,
                    n=seats[key],
                    least=least,
                    most=most,
                )
                fix = _("Change the seats, or each_min or each_max in courses.")
                yield tables.fault("announced", number, row, ("seats", message, fix))
                break
