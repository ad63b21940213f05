"""Do the tables about how sure numbers are fit the others? Cells stated, results, pairs, ranges."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from ikmplan.faults import Fault, nearest
from ikmplan.input.evidence import chances_alone, learned_chances
from ikmplan.input.number_kinds import UNCERTAIN_COLUMNS, kind_of_number
from ikmplan.input.references import ReadableTables
from ikmplan.input.rows import ROWS, Problem, Range, row_key
from ikmplan.input.sheet_cells import short_list
from ikmplan.text import _
from ikmplan.text import number as shown

Alone = dict[tuple[str, str], float]  # (course or line, sector) -> chance that it is used
NO_CELLS = {"sources", "stated"}  # tables whose rows are no numbers of the case


def estimate_faults(tables: ReadableTables) -> Iterator[Fault]:
    """What is wrong with rows of `stated`, `results`, `together` and `ranges`."""

    def rows(table: str) -> list[Any]:
        return [row for _n, row in tables.numbered(table)]

    alone = chances_alone(rows, learned_chances(rows))
    yield from tables.faults("stated", partial(_no_cell, tables))
    yield from _unsuited(tables, alone)
    yield from tables.faults("results", partial(_followed, tables))
    yield from _pairs(tables, alone)
    yield from tables.faults("ranges", partial(_range_problems, tables))


# --- stated ----------------------------------------------------------------------------------


def _no_cell(tables: ReadableTables, row: Any) -> Iterator[Problem]:
    """A row of `stated` that names no cell."""
    known = [name for name in ROWS if name not in NO_CELLS]
    if row.table not in known:
        fix = nearest(row.table, known) or _("Choose one of: {known}.", known=", ".join(known))
        yield "table", _("is no table with numbers."), fix
        return
    columns = [name for name in ROWS[row.table].model_fields if name != "source"]
    if row.number not in columns:
        fix = nearest(row.number, columns) or _("Choose one of: {known}.", known=", ".join(columns))
        yield "number", _("is no column of {table}.", table=row.table), fix
    elif row.table in tables.rows and not tables.faulty_keys.get(row.table):
        keys = [row_key(other) for _number, other in tables.rows[row.table]]
        if row.row_key not in keys:
            others = _("Choose one of: {known}.", known=short_list(keys))
            fix = nearest(row.row_key, keys) or others
            yield "row_key", _("names no row of {table}.", table=row.table), fix


# --- results and pairs -----------------------------------------------------------------------


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


def _followed(tables: ReadableTables, row: Any) -> Iterator[Problem]:
    """More units followed up at a cluster than it has."""
    cluster = tables.by_key("clusters").get(row.cluster)
    if cluster is not None and row.followed > cluster.units:
        names = {"name": cluster.name, "units": cluster.units}
        message = _("is above the units of {name}: {units}.", **names)
        yield "followed", message, _("Count each unit once.")


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


# --- ranges ----------------------------------------------------------------------------------


def _range_problems(tables: ReadableTables, r: Range) -> Iterator[Problem]:
    columns = UNCERTAIN_COLUMNS.get(r.table)
    if columns is None:
        message = _("is no table whose numbers have a range.")
        fix = nearest(r.table, UNCERTAIN_COLUMNS) or _(
            "The tables are: {names}.", names=", ".join(UNCERTAIN_COLUMNS)
        )
        yield "table", message, fix
    elif r.number not in columns:
        message = _("is no column of {table} whose numbers have a range.", table=r.table)
        fix = nearest(r.number, columns) or _("The columns are: {names}.", names=", ".join(columns))
        yield "number", message, fix
    elif r.table in tables.rows and "sources" in tables.rows:
        yield from _no_number(tables, r)
        yield from _chance_above_one(tables, r)


def _about(tables: ReadableTables, r: Range) -> list[Any]:
    """The rows with the numbers that the range is about."""
    rows = (row for _n, row in tables.numbered(r.table))
    return [
        row
        for row in rows
        if r.row_key in (None, row_key(row)) and r.of_source in (None, row.source)
    ]


def _no_number(tables: ReadableTables, r: Range) -> Iterator[Problem]:
    about, sources = _about(tables, r), tables.by_key("sources")
    if not about and not tables.faulty_keys.get(r.table):
        if r.row_key is not None:
            keys = [row_key(row) for _n, row in tables.numbered(r.table)]
            message = _("is the key of no row of {table}.", table=r.table)
            shape = " + ".join(ROWS[r.table].KEY)
            fix = nearest(r.row_key, keys) or _("Write {shape}, as they stand there.", shape=shape)
            yield "row_key", message, fix
        elif r.of_source in sources:
            message = _("is the source of no row of {table}.", table=r.table)
            yield "of_source", message, _("Name a source that stands there, or remove the row.")
    elif r.row_key is not None or r.of_source is not None:
        facts = [row for row in about if getattr(sources.get(row.source), "kind", "") == "fact"]
        if facts:
            column = "row_key" if r.row_key is not None else "of_source"
            message = _(
                "rests on {source}, which states a fact; facts do not move.", source=facts[0].source
            )
            fix = _("Remove the row, or call the source an estimate.")
            yield column, message, fix


def _chance_above_one(tables: ReadableTables, r: Range) -> Iterator[Problem]:
    if not kind_of_number(r.table, r.number).share:
        return
    for row in _about(tables, r):
        value = getattr(row, r.number)
        highest = value * r.high
        if highest > 1 + 1e-9 and not (value == 1 and r.row_key is None):
            message = _(
                "brings {column} of {row} from {value} to {highest}; it is at most 1.",
                column=r.number,
                row=row_key(row),
                value=f"{value:g}",
                highest=f"{highest:g}",
            )
            most = f"{int(1 / value * 100) / 100:g}"  # rounded down
            fix = _("Lower high to {most}, or give that row its own range.", most=most)
            yield "high", message, fix
            return
