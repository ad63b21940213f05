"""Do the rows of openings, lines and idle machines fit each other?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ikmplan.faults import Fault
from ikmplan.input.cells import CITY
from ikmplan.input.references import ReadableTables
from ikmplan.input.rows import Problem
from ikmplan.text import _


def opening_faults(tables: ReadableTables) -> list[Fault]:
    """Clashes between the tables that can be read."""
    return [fault for check in OPENING_CHECKS for fault in check(tables)]


def _machine_of_a_cluster_in_an_opening(tables: ReadableTables) -> Iterator[Fault]:
    for number, row in tables.numbered("equipment"):
        if row.opening and row.scope != CITY:
            message = _(
                "does not fit the opening {opening}: what stands there serves all clusters.",
                opening=row.opening,
            )
            fix = _("Write “city” here, or empty the column opening.")
            yield tables.fault("equipment", number, row, ("scope", message, fix))


def _rows_of_a_line(tables: ReadableTables) -> Iterator[Fault]:
    """A unit uses a line as a whole: one chance for all its machines, each named once."""
    first: dict[tuple[str, str], tuple[int, Any]] = {}
    machines: set[tuple[str, str, str]] = set()
    for number, row in tables.numbered("equipment_suits"):
        key = row.used_as, row.sector
        before, other = first.setdefault(key, (number, row))
        for name in ("success", "interest"):
            if getattr(row, name) == getattr(other, name):
                continue
            message = _(
                "is not {other} as in row {row}, though both are of the line {line}.",
                other=f"{getattr(other, name):g}",
                row=before,
                line=row.used_as,
            )
            fix = _("A unit uses the line as a whole: write the same number in all its rows.")
            yield tables.fault("equipment_suits", number, row, (name, message, fix))
        if (*key, row.equipment) in machines:
            message = _("names the machine twice in one line.")
            fix = _("Keep one of the two rows.")
            yield tables.fault("equipment_suits", number, row, ("line", message, fix))
        machines.add((*key, row.equipment))


def _key_of_a_line(tables: ReadableTables) -> Iterator[Fault]:
    """Packages name lines and courses by their key alone; a machine is its own line."""
    taken = {
        key: table
        for table in ("clusters", "courses", "resources", "funds", "openings", "equipment")
        for key in tables.by_key(table)
    }
    of_line, seen = machines_by_line(tables), set()
    for number, row in tables.numbered("equipment_suits"):
        table = taken.get(row.line) if row.line else None
        if table is None or row.line in seen or row.line in of_line[row.line]:
            continue
        seen.add(row.line)
        message = _("is a key of {table} too.", table=table)
        problem = "line", message, _("Give the line another key.")
        yield tables.fault("equipment_suits", number, row, problem)


def _place_of_machines(tables: ReadableTables) -> Iterator[Fault]:
    """Machines of an opening stand there and nowhere else; others stand in none."""
    machines, openings = tables.by_key("equipment"), tables.by_key("openings")
    for table, column in (("existing", "equipment"), ("announced", "item")):
        for number, row in tables.numbered(table):
            machine = machines.get(getattr(row, column))
            # the announced programme may also name the whole city as the place
            fits = {CITY} if table == "announced" else set()
            if machine is None:
                continue
            if machine.opening and row.cluster not in {machine.opening, *fits}:
                message = _("is not where {item} stands.", item=machine.equipment)
                fix = _("Write {opening}, or change its opening.", opening=machine.opening)
                yield tables.fault(table, number, row, ("cluster", message, fix))
            if not machine.opening and row.cluster in openings:
                message = _("is an opening, but {item} stands in none.", item=machine.equipment)
                fix = _("Write {opening} in its column opening.", opening=row.cluster)
                yield tables.fault(table, number, row, ("cluster", message, fix))


def _idle_before_opening(tables: ReadableTables) -> Iterator[Fault]:
    openings = tables.by_key("openings")
    for number, row in tables.numbered("existing"):
        opening = openings.get(row.cluster)
        if opening is None or opening.there:
            continue
        for column in ("machines", "idle"):
            if getattr(row, column):
                message = _("stand in {opening}, which is not there yet.", opening=row.cluster)
                fix = _("Write 0, or “yes” in the column there of openings.")
                yield tables.fault("existing", number, row, (column, message, fix))


def _announced_openings_and_lines(tables: ReadableTables) -> Iterator[Fault]:
    openings, courses = tables.by_key("openings"), tables.by_key("courses")
    machines, line_machines = tables.by_key("equipment"), machines_by_line(tables)

    def problems(row: Any) -> Iterator[Problem]:
        if row.item in courses or row.item in machines:
            return
        if row.item in openings:
            if row.cluster not in (CITY, row.item):
                yield "cluster", _("does not fit an opening."), _("Write “city” here.")
            if row.count > 1:
                fix = _("Write 1, or remove the row.")
                yield "count", _("is more than one: it is opened once."), fix
        elif row.item in line_machines:
            if not line_machines[row.item] <= machines.keys():
                return  # the row of one has a fault
            rows = [machines[e] for e in line_machines[row.item]]
            in_clusters = any(machine.scope != CITY for machine in rows)
            hosts = {CITY, *(machine.opening for machine in rows)}
            if (row.cluster in hosts) == in_clusters:
                fix = _("Name a cluster here.") if in_clusters else _("Write “city” here.")
                yield "cluster", _("is not where the line stands."), fix
        else:
            return
        for column in ("quarter", "seats"):
            if getattr(row, column) is not None:
                message = _("is filled, but {item} is no course.", item=row.item)
                yield column, message, _("Leave it empty.")

    yield from tables.faults("announced", problems)


def machines_by_line(tables: ReadableTables) -> dict[str, set[str]]:
    """Line -> its machines, of every sector."""
    found: dict[str, set[str]] = {}
    for _number, row in tables.numbered("equipment_suits"):
        found.setdefault(row.used_as, set()).add(row.equipment)
    return found


OPENING_CHECKS: tuple[Callable[[ReadableTables], Iterator[Fault]], ...] = (
    _machine_of_a_cluster_in_an_opening,
    _rows_of_a_line,
    _key_of_a_line,
    _place_of_machines,
    _idle_before_opening,
    _announced_openings_and_lines,
)
