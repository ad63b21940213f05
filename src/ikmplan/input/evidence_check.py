"""Do results and pairs fit the other tables?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ikmplan.faults import Fault
from ikmplan.input.evidence import learned_chances
from ikmplan.input.references import ReadableTables
from ikmplan.text import _
from ikmplan.text import number as shown

Alone = dict[tuple[str, str], float]  # (course or line, sector) -> chance that it is used


def evidence_faults(tables: ReadableTables) -> list[Fault]:
    """Results and pairs of what suits nobody there, and numbers that cannot be."""
    alone = _alone(tables)
    return [*_unsuited(tables, alone), *_followed(tables), *_pairs(tables, alone)]


def _alone(tables: ReadableTables) -> Alone:
    """(course or line, sector) -> the chance that it is used, after what was followed up."""

    def rows(table: str) -> list[Any]:
        return [row for _n, row in tables.numbered(table)]

    courses = tables.by_key("courses")
    learned = learned_chances(rows)
    own = {p: row.success for p, row in courses.items()}
    own |= {item: found.chance for (item, sector), found in learned.items() if sector is None}
    alone = {
        (row.course, row.sector): own.get(row.course, 0.0) * row.relevance
        for row in rows("course_suits")
    }
    alone |= {(row.used_as, row.sector): row.success for row in rows("equipment_suits")}
    return {at: learned[at].chance if at in learned else chance for at, chance in alone.items()}


def _unsuited(tables: ReadableTables, alone: Alone) -> Iterator[Fault]:
    """Results and pairs of what nobody there can be reached by."""
    sectors = {c: r.sector for c, r in tables.by_key("clusters").items()}
    suits = [row for _n, row in tables.numbered("equipment_suits")]
    items = {*tables.by_key("courses"), *tables.by_key("equipment")} | {r.used_as for r in suits}
    named = [
        ("results", number, row, "item", sectors.get(row.cluster))
        for number, row in tables.numbered("results")
    ]
    named += [
        ("together", number, row, column, row.sector)
        for number, row in tables.numbered("together")
        for column in ("first", "second")
    ]
    faulty = any(
        name not in tables.rows or tables.faulty_keys.get(name)
        for name in ("clusters", "courses", "equipment", "course_suits", "equipment_suits")
    )
    for table, number, row, column, sector in named:
        item = getattr(row, column)
        lines = {row.used_as for row in suits if row.equipment == item and row.success
                 and sector in (None, row.sector)}  # fmt: skip
        if lines and item not in lines and not faulty:
            message = _("is used there only in a line of machines: {lines}.",
                        lines=", ".join(sorted(lines)))  # fmt: skip
            fix = _("Name the line: a unit that uses one of its machines uses all of them.")
            yield tables.fault(table, number, row, (column, message, fix))
        elif item in items and sector is not None and not alone.get((item, sector)) and not faulty:
            message = _("does not suit the sector {sector}.", sector=sector)
            fix = _("Choose another, or add a row to course_suits or equipment_suits.")
            yield tables.fault(table, number, row, (column, message, fix))


def _followed(tables: ReadableTables) -> Iterator[Fault]:
    """More units followed up at a cluster than it has."""
    clusters = tables.by_key("clusters")
    for number, row in tables.numbered("results"):
        cluster = clusters.get(row.cluster)
        if cluster is not None and row.followed > cluster.units:
            message = _(
                "is above the units of {name}: {units}.", name=cluster.name, units=cluster.units
            )
            fix = _("Count each unit once.")
            yield tables.fault("results", number, row, ("followed", message, fix))


def _pairs(tables: ReadableTables, alone: Alone) -> Iterator[Fault]:
    """The same pair twice, and pairs that reach fewer than one of the two alone."""
    seen = dict[tuple[str, ...], int]()
    for number, row in tables.numbered("together"):
        if row.first == row.second:
            continue
        pair = *sorted((row.first, row.second)), row.sector
        if seen.setdefault(pair, number) != number:
            message = _("stands in row {row} already.", row=seen[pair])
            yield tables.fault(
                "together", number, row, ("first", message, _("Keep one of the two rows."))
            )
        chance, item = max((alone.get((i, row.sector), 0.0), i) for i in pair[:2])
        if row.chance < chance - 1e-9:
            message = _(
                "is below the chance of {item} alone, {chance}.", item=item, chance=shown(chance, 4)
            )
            fix = _("A second course or machine never reaches fewer: write at least that.")
            yield tables.fault("together", number, row, ("chance", message, fix))
