"""Do the tables fit each other? Their references, and what their numbers add up to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from ikmplan.faults import Fault, file_fault, nearest
from ikmplan.input.cells import CITY, EQUIPMENT, MOST_RUPIAH, TRAINING, as_key, is_key
from ikmplan.input.course_references import COURSE_CHECKS, announced_seats
from ikmplan.input.readable import NumberedRows
from ikmplan.input.readable import ReadableTables as ReadableTables
from ikmplan.input.rows import Problem
from ikmplan.input.sheet_cells import short_list
from ikmplan.input.unit_words import choice_of
from ikmplan.text import _, rupiah
from ikmplan.text import number as shown

# table.column -> tables in whose key column its value must stand
REFERS = {
    ("components", "course"): ("courses",),
    ("components", "account"): ("office",),
    ("course_uses", "course"): ("courses",),
    ("course_uses", "resource"): ("resources",),
    ("course_suits", "course"): ("courses",),
    ("courses", "opening"): ("openings",),
    ("equipment", "opening"): ("openings",),
    ("resources", "opening"): ("openings",),
    ("equipment", "operator_course"): ("courses",),
    ("equipment_suits", "equipment"): ("equipment",),
    ("existing", "equipment"): ("equipment",),
    ("existing", "cluster"): ("clusters", "openings"),
    ("announced", "item"): ("courses", "equipment", "openings"),
    ("announced", "cluster"): ("clusters", "openings"),
    ("results", "item"): ("courses", "equipment"),
    ("results", "cluster"): ("clusters",),
    ("together", "first"): ("courses", "equipment"),
    ("together", "second"): ("courses", "equipment"),
    ("ranges", "of_source"): ("sources",),
}


def reference_faults(tables: ReadableTables) -> list[Fault]:
    """Dangling keys and clashes between the tables that can be read."""
    faults = [fault for check in FAULT_CHECKS for fault in check(tables)]
    complete = {"clusters", "course_suits"} <= tables.rows.keys()
    if faults or any(tables.faulty_keys.values()) or not complete:
        return faults
    return list(announced_seats(tables))


def suggest_key(known: list[str]) -> Callable[[str], str]:
    """A function that gives the fix for a key that is none of these; cached, for it is slow."""

    @cache
    def fix(key: str) -> str:
        if not known:
            return _("Add the row there.")
        other = _("Add the row there, or choose one of: {known}.", known=short_list(known))
        return nearest(key, known) or other

    return fix


# faults: each check goes through the tables that it needs ------------------------------------


def _dangling(tables: ReadableTables) -> Iterator[Fault]:
    refers: dict[tuple[str, str], tuple[str, ...]] = dict(REFERS)
    refers |= {(table, "source"): ("sources",) for table in tables.rows if table != "sources"}
    for (table, column), targets in refers.items():
        readable = all(target in tables.rows for target in targets)
        if not readable or any(_is_empty(tables, target) for target in targets):
            continue
        known, there = _known_keys(tables, targets)
        if column in ("item", "first", "second"):
            there |= {row.used_as for _n, row in tables.numbered("equipment_suits")}
        fix, named_so = suggest_key(known), _keys_by_name(tables, targets)
        # most cases have no openings: there a reader need not know the table
        shown_targets = [t for t in targets if t != "openings" or tables.rows[t]] or targets
        there |= {"", CITY} if column == "cluster" else {""}
        rows = tables.numbered(table)
        named = ((number, row, getattr(row, column) or "") for number, row in rows)
        unknown = [(number, row, key) for number, row, key in named if key not in there]
        if len({key for _n, _row, key in unknown}) <= _unread_keys(tables, targets):
            continue
        for number, row, key in unknown:
            message = _("stands in no row of {table}.", table=" / ".join(shown_targets))
            written = _("Write it as {key}.", key=named_so[key]) if key in named_so else fix(key)
            yield tables.fault(table, number, row, (column, message, written))


def _keys_by_name(tables: ReadableTables, targets: tuple[str, ...]) -> dict[str, str]:
    """The keys of these tables by their rows' names, written as a key: "Kue Denai" is kue_denai."""
    rows = [row for target in targets for row in tables.by_key(target).values()]
    return {as_key(row.name): getattr(row, row.KEY[0]) for row in rows if hasattr(row, "name")}


def _unread_keys(tables: ReadableTables, targets: tuple[str, ...]) -> int:
    """How many keys of these tables cannot be read: so many unknown ones may be meant by them."""
    faulty = (key for target in targets for key in tables.faulty_keys.get(target, ()))
    return sum(key != "" and not is_key(key) for key in faulty)


def _known_keys(tables: ReadableTables, targets: tuple[str, ...]) -> tuple[list[str], set[str]]:
    """The keys of these tables, and the same with those of rows with faults."""
    known = [key for target in targets for key in tables.by_key(target)]
    return known, set(known).union(*(tables.faulty_keys.get(target, ()) for target in targets))


def _nothing_to_pay_for(tables: ReadableTables) -> Iterator[Fault]:
    payable = ("courses", "equipment", "openings")
    if not tables.rows.keys() >= {*payable}:
        return
    known, there = _known_keys(tables, payable)
    fix = suggest_key([TRAINING, EQUIPMENT, *known])
    for number, row in tables.numbered("funds"):
        for word in row.pays:
            if word not in there | {TRAINING, EQUIPMENT}:
                message = _("is neither training, equipment, nor the key of a course or machine.")
                mend = _other_words_fix(word) or fix(word)
                yield Fault(tables.wheres["funds"], number, "pays", word, message, mend)


def _other_words_fix(word: str) -> str | None:
    """The fix of "mesin" and "dan", which are near in spelling to keys that are not meant."""
    if word.lower() in ("dan", "serta", "and"):
        return _("Leave it out.")
    meant = choice_of(word)
    return _("Write it as {key}.", key=meant) if meant in (TRAINING, EQUIPMENT) else None


def _keys_of_two_tables(tables: ReadableTables) -> Iterator[Fault]:
    """Pages, locks and funds name things by their key alone."""
    taken: dict[str, str] = {}
    for table in ("clusters", "courses", "equipment", "resources", "funds", "openings"):
        for number, row in tables.numbered(table):
            column = row.KEY[0]
            first = taken.setdefault(getattr(row, column), table)
            if first != table:
                message = _("is a key of {table} too.", table=first)
                problem = column, message, _("Give one of the two another key.")
                yield tables.fault(table, number, row, problem)


def _operators_without_course(tables: ReadableTables) -> Iterator[Fault]:
    for number, row in tables.numbered("equipment"):
        if row.operators > 0 and row.operator_course is None:
            message = _("is empty, but the machine needs {n} operators.", n=row.operators)
            fix = _("Name the course that trains them, or set operators to 0.")
            yield tables.fault("equipment", number, row, ("operator_course", message, fix))


def _wrong_scope(tables: ReadableTables) -> Iterator[Fault]:
    machines, openings = tables.by_key("equipment"), tables.by_key("openings")
    courses = tables.by_key("courses")
    items = courses | machines
    for table, column in (("existing", "equipment"), ("announced", "item")):
        for number, row in tables.numbered(table):
            key = getattr(row, column)
            item = items.get(key)
            if item is None or (row.cluster == CITY) == (item.scope == CITY):
                continue
            if key in machines and (item.opening or row.cluster in openings):
                continue  # `opening_faults` has it
            if table == "announced" and key in courses and row.cluster != CITY:
                continue  # its seats are for people of that cluster
            message = _("does not fit the scope “{scope}” of {item}.", scope=item.scope, item=key)
            fix = (
                _("Write “city” here, or change the scope.")
                if item.scope == CITY
                else _("Name a cluster here, or change the scope.")
            )
            yield tables.fault(table, number, row, ("cluster", message, fix))


def _announced(tables: ReadableTables) -> Iterator[Fault]:
    courses, machines = tables.by_key("courses"), tables.by_key("equipment")

    def problems(row: Any) -> Iterator[Problem]:
        course = courses.get(row.item)
        for column in ("quarter", "seats"):
            empty = getattr(row, column) is None
            if course and empty:
                message = _("is empty, but {item} is a course.", item=row.item)
                yield column, message, _("Fill it in.")
            if row.item in machines and not empty:
                message = _("is filled, but {item} is a machine.", item=row.item)
                yield column, message, _("Leave it empty.")
        low, high = (course.class_min, course.class_max) if course else (0, 0)
        least, most = low * row.count, high * row.count
        if course and row.seats is not None and not least <= row.seats <= most:
            message = _(
                "does not fill {n} classes of {low} to {high} people.",
                n=row.count,
                low=low,
                high=high,
            )
            fix = _("Write {low} to {high}, or change count.", low=least, high=most)
            yield "seats", message, fix

    yield from tables.faults("announced", problems)


def _components(tables: ReadableTables) -> Iterator[Fault]:
    """The parts of a course add up to its cost, or the RKA would not match the plan."""
    courses = tables.by_key("courses")
    parts: dict[tuple[str, str], NumberedRows] = defaultdict(list)
    for number, row in tables.numbered("components"):
        parts[row.course, row.basis].append((number, row))
    for (key, basis), rows in parts.items():
        if key not in courses or key in tables.faulty_keys.get("components", ()):
            continue
        column = f"cost_{basis}"
        cost = getattr(courses[key], column)
        total = sum(row.amount for _n, row in rows)
        if total != cost:
            message = _(
                "brings the components of {course} to {total} for each {basis}; "
                "{column} is {cost}.",
                course=key,
                total=shown(total),
                basis=basis,
                column=column,
                cost=shown(cost),
            )
            fix = _("Change a price or a volume here, or {column} in courses.", column=column)
            yield tables.fault("components", *rows[-1], ("price", message, fix))


def _codes_of_the_price_standard(tables: ReadableTables) -> Iterator[Fault]:
    """Where a price standard is given, each code of a price stands in it."""
    known, there = _known_keys(tables, ("price_standard",))
    if not there:
        return
    fix = suggest_key(known)
    for table in ("components", "equipment"):
        for number, row in tables.numbered(table):
            if row.ssh_code is not None and row.ssh_code not in there:
                message = _("stands in no row of {table}.", table="price_standard")
                yield tables.fault(table, number, row, ("ssh_code", message, fix(row.ssh_code)))


def _large_sums(tables: ReadableTables) -> Iterator[Fault]:
    """Money that adds up to more than a plan can be exact about."""
    courses, machines = tables.by_key("courses"), tables.by_key("equipment")

    def announced(row: Any) -> int:
        if (course := courses.get(row.item)) is not None:
            return int(row.count * course.cost_class + (row.seats or 0) * course.cost_person)
        return int(row.count * machines[row.item].price) if row.item in machines else 0

    for table, column, money in (
        ("funds", "amount", lambda row: row.amount),
        ("announced", "count", announced),
    ):
        together = 0
        for number, row in tables.numbered(table):
            together += money(row)
            if together > MOST_RUPIAH:
                message = _(
                    "brings the money of the table to {total}; at most {most} can be planned.",
                    total=rupiah(together),
                    most=rupiah(MOST_RUPIAH),
                )
                fix = _("Write what there really is; “no limit” is no number.")
                yield tables.fault(table, number, row, (column, message, fix))
                break


def _is_empty(tables: ReadableTables, table: str) -> bool:
    """Whether the table has no row at all, which is a fault by itself."""
    needed = table in ("clusters", "funds")
    return needed and tables.rows.get(table) == [] and not tables.faulty_keys.get(table)


def _empty_tables(tables: ReadableTables) -> Iterator[Fault]:
    for table in tables.rows:
        if _is_empty(tables, table):
            message, fix = _("has no row below its header."), _("Add at least one.")
            yield file_fault(tables.wheres[table], message, fix)


FAULT_CHECKS: tuple[Callable[[ReadableTables], Iterator[Fault]], ...] = (
    _dangling,
    _nothing_to_pay_for,
    _keys_of_two_tables,
    _operators_without_course,
    _wrong_scope,
    _announced,
    *COURSE_CHECKS,
    _components,
    _codes_of_the_price_standard,
    _large_sums,
    _empty_tables,
)
