"""Do the tables fit each other? References both ways, and what can never be used."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from ikmplan.cells import CITY, EQUIPMENT, TRAINING
from ikmplan.sheets import Fault
from ikmplan.text import _

if TYPE_CHECKING:
    from ikmplan.tables import Placed

# table.column -> tables in whose key column its value must stand
REFERS = {
    ("course_uses", "course"): ("courses",),
    ("course_uses", "resource"): ("resources",),
    ("course_suits", "course"): ("courses",),
    ("equipment", "operator_course"): ("courses",),
    ("equipment_suits", "equipment"): ("equipment",),
    ("existing", "equipment"): ("equipment",),
    ("existing", "cluster"): ("clusters",),
    ("announced", "item"): ("courses", "equipment"),
    ("announced", "cluster"): ("clusters",),
}
_KEY_OF = {
    "courses": "course",
    "resources": "resource",
    "equipment": "equipment",
    "clusters": "cluster",
    "sources": "source",
}


def reference_faults(placed: Placed, wheres: dict[str, str]) -> list[Fault]:
    """Faults (dangling keys, clashing scopes) first, then warnings (what nothing uses)."""
    keys = {
        table: {getattr(row, column): row for _n, row in placed[table]}
        for table, column in _KEY_OF.items()
    }
    faults = [*_dangling(placed, wheres, keys), *_clashes(placed, wheres, keys)]
    if not faults:
        faults += _warnings(placed, wheres, keys)
    return faults


def _dangling(placed: Placed, wheres: dict[str, str], keys: Any) -> Iterator[Fault]:
    refers = dict(REFERS) | {
        (table, "source"): ("sources",) for table in placed if table != "sources"
    }
    for (table, column), targets in refers.items():
        for number, row in placed[table]:
            value = getattr(row, column)
            if value is None or value == CITY and column == "cluster":
                continue
            known = [key for target in targets for key in keys[target]]
            if value not in known:
                said = _("stands in no row of {table}.", table=" / ".join(targets))
                yield Fault(wheres[table], number, column, value, said, _nearest(value, known))
    known = [TRAINING, EQUIPMENT, *keys["courses"], *keys["equipment"]]
    for number, row in placed["funds"]:
        for word in row.pays:
            if word not in known:
                said = _("is neither training, equipment, nor the key of a course or machine.")
                yield Fault(wheres["funds"], number, "pays", word, said, _nearest(word, known))


def _nearest(value: str, known: list[str]) -> str:
    near = get_close_matches(value, known, 1, 0.5)
    if near:
        return _("Did you mean {name}?", name=near[0])
    return _("Add the row there, or choose one of: {known}.", known=", ".join(known[:8]))


def _clashes(placed: Placed, wheres: dict[str, str], keys: Any) -> Iterator[Fault]:
    for number, row in placed["equipment"]:
        if row.equipment in keys["courses"]:
            said = _("is the key of a course too.")
            mend = _("Give the machine another key; items share one list of keys.")
            yield Fault(wheres["equipment"], number, "equipment", row.equipment, said, mend)
        if row.operators > 0 and row.operator_course is None:
            said = _("is empty, but the machine needs {n} operators.", n=row.operators)
            mend = _("Name the course that trains them, or set operators to 0.")
            yield Fault(wheres["equipment"], number, "operator_course", None, said, mend)
    items = {**keys["courses"], **keys["equipment"]}
    for table, column in (("existing", "equipment"), ("announced", "item")):
        for number, row in placed[table]:
            item = items.get(getattr(row, column))
            if item is None:
                continue
            if (row.cluster == CITY) != (item.scope == CITY):
                said = _(
                    "does not fit the scope “{scope}” of {item}.",
                    scope=item.scope,
                    item=getattr(row, column),
                )
                mend = (
                    _("Write “city” here, or change the scope.")
                    if item.scope == CITY
                    else _("Name a cluster here, or change the scope.")
                )
                yield Fault(wheres[table], number, "cluster", row.cluster, said, mend)
    for number, row in placed["announced"]:
        yield from _announced(number, row, wheres["announced"], keys)
    if not placed["clusters"]:
        said = _("has no row below its header.")
        yield Fault(wheres["clusters"], None, None, None, said, _("Add at least one cluster."))


def _announced(number: int, row: Any, where: str, keys: Any) -> Iterator[Fault]:
    course = keys["courses"].get(row.item)
    for column in ("quarter", "seats"):
        value = getattr(row, column)
        if course is not None and value is None:
            said = _("is empty, but {item} is a course.", item=row.item)
            yield Fault(where, number, column, None, said, _("Fill it in."))
        if row.item in keys["equipment"] and value is not None:
            said = _("is filled, but {item} is a machine.", item=row.item)
            yield Fault(where, number, column, str(value), said, _("Leave it empty."))
    if course is not None and row.seats is not None:
        low, high = course.class_min * row.count, course.class_max * row.count
        if not low <= row.seats <= high:
            said = _(
                "does not fill {n} classes of {low} to {high} people.",
                n=row.count,
                low=course.class_min,
                high=course.class_max,
            )
            mend = _("Write {low} to {high}, or change count.", low=low, high=high)
            yield Fault(where, number, "seats", str(row.seats), said, mend)


def _warnings(placed: Placed, wheres: dict[str, str], keys: Any) -> Iterator[Fault]:
    rows = {table: [row for _n, row in placed[table]] for table in placed}
    sectors = {row.sector for row in rows["clusters"]}
    taught: dict[str, set[str]] = {}  # course -> sectors of clusters it suits
    for row in rows["course_suits"]:
        if row.relevance > 0 and row.sector in sectors:
            taught.setdefault(row.course, set()).add(row.sector)
    equipped: dict[str, set[str]] = {}
    for row in rows["equipment_suits"]:
        if row.success > 0 and row.sector in sectors:
            equipped.setdefault(row.equipment, set()).add(row.sector)
    helped = set().union(*taught.values(), *equipped.values()) if taught or equipped else set()

    def warn(table: str, number: int, column: str, value: str, said: str, mend: str) -> Fault:
        return Fault(wheres[table], number, column, value, said, mend, warning=True)

    for number, row in placed["clusters"]:
        if row.sector not in helped:
            said = _(
                "is a sector that no course and no machine suits; {name} cannot be reached.",
                name=row.name,
            )
            mend = _("Add a row to course_suits or equipment_suits, or leave the cluster out.")
            yield warn("clusters", number, "sector", row.sector, said, mend)
    for number, row in placed["courses"]:
        if row.course not in taught:
            said = _("suits no cluster; the course is never held.")
            yield warn(
                "courses", number, "course", row.course, said, _("Add a row to course_suits.")
            )
        yield from _too_large(number, row, rows, keys, warn)
    for number, row in placed["equipment"]:
        suited = equipped.get(row.equipment, set())
        if not suited:
            said = _("suits no cluster; the machine is never placed.")
            yield warn(
                "equipment",
                number,
                "equipment",
                row.equipment,
                said,
                _("Add a row to equipment_suits."),
            )
        elif row.operators and not suited & taught.get(row.operator_course, set()):
            said = _(
                "suits none of the clusters that {name} suits, so nobody can run the machine.",
                name=row.name,
            )
            mend = _("Add a row to course_suits, or name another operator course.")
            yield warn("equipment", number, "operator_course", row.operator_course, said, mend)
    paid = {word for row in rows["funds"] for word in row.pays}
    for table, word in (("courses", TRAINING), ("equipment", EQUIPMENT)):
        for number, row in placed[table]:
            key = getattr(row, _KEY_OF[table])
            if not paid & {word, key}:
                said = _("is paid for by no fund.")
                yield warn(
                    table,
                    number,
                    _KEY_OF[table],
                    key,
                    said,
                    _("Name it in the column pays of a fund."),
                )
    for table, column in (("course_suits", "sector"), ("equipment_suits", "sector")):
        for number, row in placed[table]:
            if row.sector not in sectors:
                said = _("is the sector of no cluster.")
                yield warn(
                    table, number, column, row.sector, said, _nearest(row.sector, sorted(sectors))
                )
    used = {row.resource for row in rows["course_uses"]}
    for number, row in placed["resources"]:
        if row.resource not in used:
            said = _("is used by no course.")
            yield warn(
                "resources",
                number,
                "resource",
                row.resource,
                said,
                _("Add a row to course_uses, or remove the resource."),
            )


def _too_large(number: int, course: Any, rows: Any, keys: Any, warn: Any) -> Iterator[Fault]:
    for use in rows["course_uses"]:
        if use.course != course.course:
            continue
        resource = keys["resources"][use.resource]
        most = max(resource.capacity(quarter) for quarter in (1, 2, 3, 4))
        if use.amount > most:
            said = _(
                "needs {n} days of {resource} for one class; no quarter has more than {most}.",
                n=f"{use.amount:g}",
                resource=resource.name,
                most=f"{most:g}",
            )
            yield warn(
                "courses",
                number,
                "course",
                course.course,
                said,
                _("Lower the amount in course_uses or raise the capacity."),
            )
