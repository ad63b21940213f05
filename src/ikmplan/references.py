"""Do the tables fit each other? References both ways, and what can never be used."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from ikmplan.cells import CITY, EQUIPMENT, TRAINING
from ikmplan.offices import NAMES, is_account, known
from ikmplan.sheets import Fault, nearest
from ikmplan.text import _
from ikmplan.text import number as shown

Placed = dict[str, list[tuple[int, Any]]]  # table -> (row number, row)
Keys = dict[str, dict[str, Any]]  # table -> key -> row

# table.column -> tables in whose key column its value must stand
REFERS = {
    ("components", "course"): ("courses",),
    ("components", "account"): ("office",),
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
    "clusters": "cluster",
    "courses": "course",
    "equipment": "equipment",
    "resources": "resource",
    "funds": "fund",
    "sources": "source",
    "office": "key",
}


def reference_faults(
    placed: Placed, lost: dict[str, set[str]], wheres: dict[str, str]
) -> list[Fault]:
    """Dangling keys and clashes between the tables that can be read.

    `lost` holds the keys of rows with faults of their own: they are there all the same.
    """
    keys = _keys(placed)
    faults = [*_dangling(placed, lost, wheres, keys), *_clashes(placed, lost, wheres, keys)]
    whole = not faults and not any(lost.values()) and {"clusters", "course_suits"} <= set(placed)
    return faults + (list(_announced_seats(placed, wheres, keys)) if whole else [])


def usage_warnings(placed: Placed, wheres: dict[str, str]) -> list[Fault]:
    """What can never be used, in tables without faults."""
    return list(_warnings(placed, wheres, _keys(placed)))


def _keys(placed: Placed) -> Keys:
    return {
        table: {getattr(row, column): row for _n, row in placed.get(table, [])}
        for table, column in _KEY_OF.items()
    }


def _dangling(
    placed: Placed, lost: dict[str, set[str]], wheres: dict[str, str], keys: Keys
) -> Iterator[Fault]:
    refers: dict[tuple[str, str], tuple[str, ...]] = dict(REFERS)
    refers |= {(table, "source"): ("sources",) for table in placed if table != "sources"}
    for (table, column), targets in refers.items():
        if not all(target in placed for target in targets):
            continue
        known = [key for target in targets for key in keys[target]]
        there = {*known, *(key for target in targets for key in lost.get(target, ()))}
        mend = _mender(known)
        for number, row in placed.get(table, []):
            value = getattr(row, column)
            if value is None or (value == CITY and column == "cluster") or value in there:
                continue
            said = _("stands in no row of {table}.", table=" / ".join(targets))
            yield Fault(wheres[table], number, column, value, said, mend(value))
    if "courses" in placed and "equipment" in placed:
        known = [TRAINING, EQUIPMENT, *keys["courses"], *keys["equipment"]]
        there = {*known, *lost.get("courses", ()), *lost.get("equipment", ())}
        mend = _mender(known)
        for number, row in placed.get("funds", []):
            for word in row.pays:
                if word not in there:
                    said = _("is neither training, equipment, nor the key of a course or machine.")
                    yield Fault(wheres["funds"], number, "pays", word, said, mend(word))


def _mender(known: list[str]) -> Any:
    """Says how to mend a key that is none of these; asked once for each key, for it is slow."""

    @cache
    def mend(key: str) -> str:
        if not known:
            return _("Add the row there.")
        other = _("Add the row there, or choose one of: {known}.", known=", ".join(known[:8]))
        return nearest(key, known) or other

    return mend


def _clashes(
    placed: Placed, lost: dict[str, set[str]], wheres: dict[str, str], keys: Keys
) -> Iterator[Fault]:
    taken: dict[str, str] = {}  # pages, locks and funds name things by their key alone
    for table in ("clusters", "courses", "equipment", "resources", "funds"):
        for number, row in placed.get(table, []):
            key = getattr(row, _KEY_OF[table])
            if taken.setdefault(key, table) != table:
                said = _("is a key of {table} too.", table=taken[key])
                mend = _("Give one of the two another key.")
                yield Fault(wheres[table], number, _KEY_OF[table], key, said, mend)
    for number, row in placed.get("equipment", []):
        if row.operators > 0 and row.operator_course is None:
            said = _("is empty, but the machine needs {n} operators.", n=row.operators)
            mend = _("Name the course that trains them, or set operators to 0.")
            yield Fault(wheres["equipment"], number, "operator_course", None, said, mend)
    items = {**keys["courses"], **keys["equipment"]}
    for table, column in (("existing", "equipment"), ("announced", "item")):
        for number, row in placed.get(table, []):
            item = items.get(getattr(row, column))
            if item is None or (row.cluster == CITY) == (item.scope == CITY):
                continue
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
    for number, row in placed.get("announced", []):
        yield from _announced(number, row, wheres["announced"], keys)
    yield from _components(placed, lost, wheres, keys)
    for table in ("clusters", "funds"):
        if placed.get(table) == [] and not lost.get(table):
            said = _("has no row below its header.")
            yield Fault(wheres[table], None, None, None, said, _("Add at least one."))


def _components(
    placed: Placed, lost: dict[str, set[str]], wheres: dict[str, str], keys: Keys
) -> Iterator[Fault]:
    """The parts of a course add up to its cost, or the RKA would not match the plan."""
    parts: dict[tuple[str, str], list[tuple[int, Any]]] = {}
    for number, row in placed.get("components", []):
        parts.setdefault((row.course, row.basis), []).append((number, row))
    for (key, basis), rows in parts.items():
        course = keys["courses"].get(key)
        if course is None or key in lost.get("components", ()):
            continue
        cost = course.cost_class if basis == "class" else course.cost_person
        total = sum(row.amount for _n, row in rows)
        if total != cost:
            number, last = rows[-1]
            said = _(
                "brings the components of {course} to {total} for each {basis}; "
                "{column} is {cost}.",
                course=key,
                total=shown(total),
                basis=basis,
                column=f"cost_{basis}",
                cost=shown(cost),
            )
            mend = _(
                "Change a price or a volume here, or {column} in courses.", column=f"cost_{basis}"
            )
            yield Fault(wheres["components"], number, "price", str(last.price), said, mend)


def _announced(number: int, row: Any, where: str, keys: Keys) -> Iterator[Fault]:
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


def _announced_seats(placed: Placed, wheres: dict[str, str], keys: Keys) -> Iterator[Fault]:
    """Seats for more people than there are, or for nobody: the baseline would be wrong."""
    suits = {(row.course, row.sector) for _n, row in placed["course_suits"] if row.relevance}
    announced: dict[tuple[str, str], int] = {}
    for number, row in placed.get("announced", []):
        course = keys["courses"].get(row.item)
        if course is None or row.seats is None:
            continue
        people = 0
        for _n, c in placed["clusters"]:
            if row.cluster in (CITY, c.cluster) and (row.item, c.sector) in suits:
                eligible = c.units - c.reached_before
                people += round(eligible * c.young_share) if course.young_only else eligible
        key = row.item, row.cluster
        announced[key] = announced.get(key, 0) + row.seats
        if announced[key] > people:
            said = _(
                "brings the seats of {item} at {cluster} to {n}; it suits {people} people there.",
                item=row.item,
                cluster=row.cluster,
                n=announced[key],
                people=people,
            )
            mend = _("Lower the seats, or add a row to course_suits.")
            yield Fault(wheres["announced"], number, "seats", str(row.seats), said, mend)


def _warnings(placed: Placed, wheres: dict[str, str], keys: Keys) -> Iterator[Fault]:
    rows = {table: [row for _n, row in placed[table]] for table in placed}
    sectors = {row.sector for row in rows["clusters"]}
    taught = _suited(rows["course_suits"], "course", "relevance", sectors)
    equipped = _suited(rows["equipment_suits"], "equipment", "success", sectors)
    helped = set().union(*taught.values(), *equipped.values())
    paid = {word for row in rows["funds"] for word in row.pays}
    used = {row.resource for row in rows["course_uses"]}
    in_a_fund = _("Name it in the column pays of a fund.")

    def warn(table: str, number: int, column: str, row: Any, said: str, mend: str) -> Fault:
        value = str(getattr(row, column))
        return Fault(wheres[table], number, column, value, said, mend, warning=True)

    for number, row in placed["clusters"]:
        if row.sector not in helped:
            said = _(
                "is a sector that no course and no machine suits; {name} cannot be reached.",
                name=row.name,
            )
            mend = _("Add a row to course_suits or equipment_suits, or leave the cluster out.")
            yield warn("clusters", number, "sector", row, said, mend)
    for number, row in placed["courses"]:
        if row.course not in taught:
            said, mend = (
                _("suits no cluster; the course is never held."),
                _("Add a row to course_suits."),
            )
            yield warn("courses", number, "course", row, said, mend)
        if not paid & {TRAINING, row.course}:
            yield warn("courses", number, "course", row, _("is paid for by no fund."), in_a_fund)
        for said in _too_large(row, rows["course_uses"], keys["resources"]):
            mend = _("Lower the amount in course_uses or raise the capacity.")
            yield warn("courses", number, "course", row, said, mend)
    for number, row in placed["equipment"]:
        suited = equipped.get(row.equipment, set())
        if not suited:
            said, mend = (
                _("suits no cluster; the machine is never placed."),
                _("Add a row to equipment_suits."),
            )
            yield warn("equipment", number, "equipment", row, said, mend)
        elif row.operators and not suited & taught.get(row.operator_course, set()):
            said = _(
                "suits none of the clusters that {name} suits, so nobody can run the machine.",
                name=row.name,
            )
            mend = _("Add a row to course_suits, or name another operator course.")
            yield warn("equipment", number, "operator_course", row, said, mend)
        if not paid & {EQUIPMENT, row.equipment}:
            said = _("is paid for by no fund.")
            yield warn("equipment", number, "equipment", row, said, in_a_fund)
    yield from _office(rows["office"], placed["office"], warn)
    mend_sector = _mender(sorted(sectors))
    for table in ("course_suits", "equipment_suits"):
        for number, row in placed[table]:
            if row.sector not in sectors:
                said = _("is the sector of no cluster.")
                yield warn(table, number, "sector", row, said, mend_sector(row.sector))
    for number, row in placed["resources"]:
        if row.resource not in used:
            said, mend = (
                _("is used by no course."),
                _("Add a row to course_uses, or remove the resource."),
            )
            yield warn("resources", number, "resource", row, said, mend)


def _office(rows: list[Any], numbered: list[tuple[int, Any]], warn: Any) -> Iterator[Fault]:
    """Keys that nothing reads, and accounts without a name."""
    there = {row.key for row in rows}
    for number, row in numbered:
        if not known(row.key):
            mend = nearest(row.key, NAMES, 0.7) or _("Remove the row, or leave it as a note.")
            yield warn("office", number, "key", row, _("is no key that anything reads."), mend)
        elif is_account(row.key) and f"{row.key}_name" not in there:
            mend = _("Add a row {key}.", key=f"{row.key}_name")
            yield warn("office", number, "key", row, _("is an account without a name."), mend)


def _suited(rows: list[Any], item: str, by: str, sectors: set[str]) -> dict[str, set[str]]:
    """Course or machine -> the sectors of clusters that it suits."""
    suited: dict[str, set[str]] = {}
    for row in rows:
        if getattr(row, by) > 0 and row.sector in sectors:
            suited.setdefault(getattr(row, item), set()).add(row.sector)
    return suited


def _too_large(course: Any, uses: list[Any], resources: dict[str, Any]) -> Iterator[str]:
    for use in uses:
        if use.course == course.course:
            resource = resources[use.resource]
            most = max(resource.capacity(quarter) for quarter in (1, 2, 3, 4))
            if use.amount > most:
                yield _(
                    "needs {n} days of {resource} for one class; no quarter has more than {most}.",
                    n=shown(use.amount, 2 if use.amount % 1 else 0),
                    resource=resource.name,
                    most=shown(most, 2 if most % 1 else 0),
                )
