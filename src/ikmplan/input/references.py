"""Do the tables fit each other? References both ways, and what can never be used."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from ikmplan.faults import Fault, nearest
from ikmplan.input.cells import CITY, EQUIPMENT, TRAINING
from ikmplan.input.office import NAMES, is_account, known
from ikmplan.text import _
from ikmplan.text import number as shown

NumberedRows = dict[str, list[tuple[int, Any]]]  # table -> (row number, row)
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
    numbered_rows: NumberedRows, faulty_keys: dict[str, set[str]], wheres: dict[str, str]
) -> list[Fault]:
    """Dangling keys and clashes between the tables that can be read.

    `lost` holds the keys of rows with faults of their own: they are there all the same.
    """
    keys = _keys(numbered_rows)
    faults = [
        *_dangling(numbered_rows, faulty_keys, wheres, keys),
        *_clashes(numbered_rows, faulty_keys, wheres, keys),
    ]
    whole = (
        not faults
        and not any(faulty_keys.values())
        and {"clusters", "course_suits"} <= set(numbered_rows)
    )
    return faults + (list(_announced_seats(numbered_rows, wheres, keys)) if whole else [])


def usage_warnings(numbered_rows: NumberedRows, wheres: dict[str, str]) -> list[Fault]:
    """What can never be used, in tables without faults."""
    return list(_warnings(numbered_rows, wheres, _keys(numbered_rows)))


def _keys(numbered_rows: NumberedRows) -> Keys:
    return {
        table: {getattr(row, column): row for _n, row in numbered_rows.get(table, [])}
        for table, column in _KEY_OF.items()
    }


def _dangling(
    numbered_rows: NumberedRows,
    faulty_keys: dict[str, set[str]],
    wheres: dict[str, str],
    keys: Keys,
) -> Iterator[Fault]:
    refers: dict[tuple[str, str], tuple[str, ...]] = dict(REFERS)
    refers |= {(table, "source"): ("sources",) for table in numbered_rows if table != "sources"}
    for (table, column), targets in refers.items():
        if not all(target in numbered_rows for target in targets):
            continue
        known = [key for target in targets for key in keys[target]]
        there = {*known, *(key for target in targets for key in faulty_keys.get(target, ()))}
        fix = suggest_key(known)
        for number, row in numbered_rows.get(table, []):
            value = getattr(row, column)
            if value is None or (value == CITY and column == "cluster") or value in there:
                continue
            message = _("stands in no row of {table}.", table=" / ".join(targets))
            yield Fault(wheres[table], number, column, value, message, fix(value))
    if "courses" in numbered_rows and "equipment" in numbered_rows:
        known = [TRAINING, EQUIPMENT, *keys["courses"], *keys["equipment"]]
        there = {*known, *faulty_keys.get("courses", ()), *faulty_keys.get("equipment", ())}
        fix = suggest_key(known)
        for number, row in numbered_rows.get("funds", []):
            for word in row.pays:
                if word not in there:
                    message = _(
                        "is neither training, equipment, nor the key of a course or machine."
                    )
                    yield Fault(wheres["funds"], number, "pays", word, message, fix(word))


def suggest_key(known: list[str]) -> Any:
    """Says how to mend a key that is none of these; asked once for each key, for it is slow."""

    @cache
    def fix(key: str) -> str:
        if not known:
            return _("Add the row there.")
        other = _("Add the row there, or choose one of: {known}.", known=", ".join(known[:8]))
        return nearest(key, known) or other

    return fix


def _clashes(
    numbered_rows: NumberedRows,
    faulty_keys: dict[str, set[str]],
    wheres: dict[str, str],
    keys: Keys,
) -> Iterator[Fault]:
    taken: dict[str, str] = {}  # pages, locks and funds name things by their key alone
    for table in ("clusters", "courses", "equipment", "resources", "funds"):
        for number, row in numbered_rows.get(table, []):
            key = getattr(row, _KEY_OF[table])
            if taken.setdefault(key, table) != table:
                message = _("is a key of {table} too.", table=taken[key])
                fix = _("Give one of the two another key.")
                yield Fault(wheres[table], number, _KEY_OF[table], key, message, fix)
    for number, row in numbered_rows.get("equipment", []):
        if row.operators > 0 and row.operator_course is None:
            message = _("is empty, but the machine needs {n} operators.", n=row.operators)
            fix = _("Name the course that trains them, or set operators to 0.")
            yield Fault(wheres["equipment"], number, "operator_course", None, message, fix)
    items = {**keys["courses"], **keys["equipment"]}
    for table, column in (("existing", "equipment"), ("announced", "item")):
        for number, row in numbered_rows.get(table, []):
            item = items.get(getattr(row, column))
            if item is None or (row.cluster == CITY) == (item.scope == CITY):
                continue
            message = _(
                "does not fit the scope “{scope}” of {item}.",
                scope=item.scope,
                item=getattr(row, column),
            )
            fix = (
                _("Write “city” here, or change the scope.")
                if item.scope == CITY
                else _("Name a cluster here, or change the scope.")
            )
            yield Fault(wheres[table], number, "cluster", row.cluster, message, fix)
    for number, row in numbered_rows.get("announced", []):
        yield from _announced(number, row, wheres["announced"], keys)
    yield from _components(numbered_rows, faulty_keys, wheres, keys)
    for table in ("clusters", "funds"):
        if numbered_rows.get(table) == [] and not faulty_keys.get(table):
            message = _("has no row below its header.")
            yield Fault(wheres[table], None, None, None, message, _("Add at least one."))


def _components(
    numbered_rows: NumberedRows,
    faulty_keys: dict[str, set[str]],
    wheres: dict[str, str],
    keys: Keys,
) -> Iterator[Fault]:
    """The parts of a course add up to its cost, or the RKA would not match the plan."""
    parts: dict[tuple[str, str], list[tuple[int, Any]]] = {}
    for number, row in numbered_rows.get("components", []):
        parts.setdefault((row.course, row.basis), []).append((number, row))
    for (key, basis), rows in parts.items():
        course = keys["courses"].get(key)
        if course is None or key in faulty_keys.get("components", ()):
            continue
        cost = course.cost_class if basis == "class" else course.cost_person
        total = sum(row.amount for _n, row in rows)
        if total != cost:
            number, last = rows[-1]
            message = _(
                "brings the components of {course} to {total} for each {basis}; "
                "{column} is {cost}.",
                course=key,
                total=shown(total),
                basis=basis,
                column=f"cost_{basis}",
                cost=shown(cost),
            )
            fix = _(
                "Change a price or a volume here, or {column} in courses.", column=f"cost_{basis}"
            )
            yield Fault(wheres["components"], number, "price", str(last.price), message, fix)


def _announced(number: int, row: Any, where: str, keys: Keys) -> Iterator[Fault]:
    course = keys["courses"].get(row.item)
    for column in ("quarter", "seats"):
        value = getattr(row, column)
        if course is not None and value is None:
            message = _("is empty, but {item} is a course.", item=row.item)
            yield Fault(where, number, column, None, message, _("Fill it in."))
        if row.item in keys["equipment"] and value is not None:
            message = _("is filled, but {item} is a machine.", item=row.item)
            yield Fault(where, number, column, str(value), message, _("Leave it empty."))
    if course is not None and row.seats is not None:
        low, high = course.class_min * row.count, course.class_max * row.count
        if not low <= row.seats <= high:
            message = _(
                "does not fill {n} classes of {low} to {high} people.",
                n=row.count,
                low=course.class_min,
                high=course.class_max,
            )
            fix = _("Write {low} to {high}, or change count.", low=low, high=high)
            yield Fault(where, number, "seats", str(row.seats), message, fix)


def _announced_seats(
    numbered_rows: NumberedRows, wheres: dict[str, str], keys: Keys
) -> Iterator[Fault]:
    """Seats for more people than there are, or for nobody: the baseline would be wrong."""
    suits = {(row.course, row.sector) for _n, row in numbered_rows["course_suits"] if row.relevance}
    announced: dict[tuple[str, str], int] = {}
    for number, row in numbered_rows.get("announced", []):
        course = keys["courses"].get(row.item)
        if course is None or row.seats is None:
            continue
        people = 0
        for _n, c in numbered_rows["clusters"]:
            if row.cluster in (CITY, c.cluster) and (row.item, c.sector) in suits:
                eligible = c.units - c.reached_before
                people += round(eligible * c.young_share) if course.young_only else eligible
        key = row.item, row.cluster
        announced[key] = announced.get(key, 0) + row.seats
        if announced[key] > people:
            message = _(
                "brings the seats of {item} at {cluster} to {n}; it suits {people} people there.",
                item=row.item,
                cluster=row.cluster,
                n=announced[key],
                people=people,
            )
            fix = _("Lower the seats, or add a row to course_suits.")
            yield Fault(wheres["announced"], number, "seats", str(row.seats), message, fix)


def _warnings(numbered_rows: NumberedRows, wheres: dict[str, str], keys: Keys) -> Iterator[Fault]:
    rows = {table: [row for _n, row in numbered_rows[table]] for table in numbered_rows}
    sectors = {row.sector for row in rows["clusters"]}
    taught = _suited(rows["course_suits"], "course", "relevance", sectors)
    equipped = _suited(rows["equipment_suits"], "equipment", "success", sectors)
    helped = set().union(*taught.values(), *equipped.values())
    paid = {word for row in rows["funds"] for word in row.pays}
    used = {row.resource for row in rows["course_uses"]}
    in_a_fund = _("Name it in the column pays of a fund.")

    def warn(table: str, number: int, column: str, row: Any, message: str, fix: str) -> Fault:
        value = str(getattr(row, column))
        return Fault(wheres[table], number, column, value, message, fix, warning=True)

    for number, row in numbered_rows["clusters"]:
        if row.sector not in helped:
            message = _(
                "is a sector that no course and no machine suits; {name} cannot be reached.",
                name=row.name,
            )
            fix = _("Add a row to course_suits or equipment_suits, or leave the cluster out.")
            yield warn("clusters", number, "sector", row, message, fix)
    for number, row in numbered_rows["courses"]:
        if row.course not in taught:
            message, fix = (
                _("suits no cluster; the course is never held."),
                _("Add a row to course_suits."),
            )
            yield warn("courses", number, "course", row, message, fix)
        if not paid & {TRAINING, row.course}:
            yield warn("courses", number, "course", row, _("is paid for by no fund."), in_a_fund)
        for message in _too_large(row, rows["course_uses"], keys["resources"]):
            fix = _("Lower the amount in course_uses or raise the capacity.")
            yield warn("courses", number, "course", row, message, fix)
    for number, row in numbered_rows["equipment"]:
        suited = equipped.get(row.equipment, set())
        if not suited:
            message, fix = (
                _("suits no cluster; the machine is never placed."),
                _("Add a row to equipment_suits."),
            )
            yield warn("equipment", number, "equipment", row, message, fix)
        elif row.operators and not suited & taught.get(row.operator_course, set()):
            message = _(
                "suits none of the clusters that {name} suits, so nobody can run the machine.",
                name=row.name,
            )
            fix = _("Add a row to course_suits, or name another operator course.")
            yield warn("equipment", number, "operator_course", row, message, fix)
        if not paid & {EQUIPMENT, row.equipment}:
            message = _("is paid for by no fund.")
            yield warn("equipment", number, "equipment", row, message, in_a_fund)
    yield from _office(rows["office"], numbered_rows["office"], warn)
    mend_sector = suggest_key(sorted(sectors))
    for table in ("course_suits", "equipment_suits"):
        for number, row in numbered_rows[table]:
            if row.sector not in sectors:
                message = _("is the sector of no cluster.")
                yield warn(table, number, "sector", row, message, mend_sector(row.sector))
    for number, row in numbered_rows["resources"]:
        if row.resource not in used:
            message, fix = (
                _("is used by no course."),
                _("Add a row to course_uses, or remove the resource."),
            )
            yield warn("resources", number, "resource", row, message, fix)


def _office(rows: list[Any], numbered: list[tuple[int, Any]], warn: Any) -> Iterator[Fault]:
    """Keys that nothing reads, and accounts without a name."""
    there = {row.key for row in rows}
    for number, row in numbered:
        if not known(row.key):
            fix = nearest(row.key, NAMES, 0.7) or _("Remove the row, or leave it as a note.")
            yield warn("office", number, "key", row, _("is no key that anything reads."), fix)
        elif is_account(row.key) and f"{row.key}_name" not in there:
            fix = _("Add a row {key}.", key=f"{row.key}_name")
            yield warn("office", number, "key", row, _("is an account without a name."), fix)


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
