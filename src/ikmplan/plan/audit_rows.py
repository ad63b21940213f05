"""The tables of a plan as plain dicts, each row checked by itself first.

An unsound row (an unknown key, half a class, NaN, the key of an earlier row) becomes a fault in
words and is part of no sum, so that every plan can be audited to the end.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from numbers import Real
from typing import Any, NamedTuple

from ikmplan.input.cells import AUDIT_LIMIT
from ikmplan.plan.breaches import Breach, Breaches, RowKey
from ikmplan.plan.plan import PLAN_COLUMNS, Plan
from ikmplan.text import N_, _

RowCells = dict[str, Any]  # column -> value
Known = Mapping[str, Collection[str]]  # column -> the keys it may hold
KEYS = {  # table -> how many of its first columns are the key of a row
    "classes": 3, "seats": 2, "machines": 2, "openings": 1, "revived": 2, "units": 2,
    "lines": 4, "money": 4, "coverage": 1, "limits": 3,
}  # fmt: skip
EXPECTED: dict[type, str] = {
    str: N_("text on one line"),
    int: N_("a whole number"),
    float: N_("a number"),
    bool: N_("yes or no (ya or tidak)"),
}


class PlanRows(NamedTuple):
    """Table -> key -> the cells of the row; and what is wrong with the rows left out."""

    rows: dict[str, dict[RowKey, RowCells]]
    faults: list[Breach]


def read_plan_rows(plan: Plan, known: Known) -> PlanRows:
    """The sound rows of every table of the plan; each table of PLAN_COLUMNS is there."""
    read = PlanRows({name: {} for name in PLAN_COLUMNS}, [])
    for name, kinds in PLAN_COLUMNS.items():
        frame: Any = plan.tables.get(name)
        if list(getattr(frame, "columns", ())) != list(kinds):
            message = N_("{at}: the table is missing, or its columns are others.")
            read.faults.append(Breach(message, (name,)))
            continue
        columns = [frame[column].tolist() for column in kinds]
        for number, row in enumerate(zip(*columns, strict=True), 1):
            cells, key = dict(zip(kinds, row, strict=True)), row[: KEYS[name]]
            faults = [
                fault
                for column, kind in kinds.items()
                for at in [(name, _("row {row}", row=number), column)]
                for fault in faults_of_cell(at, kind, cells[column], known.get(column))
            ]
            if not faults and key in read.rows[name]:
                faults = [Breach(N_("{at} stands there twice."), (name, *key))]
            if not faults:
                read.rows[name][key] = {column: kinds[column](cells[column]) for column in kinds}
            read.faults.extend(faults)
    return read


def faults_of_cell(
    at: RowKey, kind: type, value: Any, known: Collection[str] | None = None
) -> Breaches:
    """What is wrong with a cell."""
    if not is_a(kind, value):
        problem = _("is not {expected}.", expected=_(EXPECTED[kind]))
    elif known is not None and value not in known:
        problem = _("stands in no row of the tables.")
    else:
        return
    yield Breach("{at}: {problem}", at, {"problem": f"“{value}” {problem}"})


def is_a(kind: type, value: Any) -> bool:
    """Whether the value is of the kind; 4.0 is whole, NaN and infinity are no numbers."""
    if kind in (str, bool):
        return isinstance(value, kind)
    real = isinstance(value, Real) and not isinstance(value, bool)
    return real and bool(abs(value) < AUDIT_LIMIT) and (kind is float or bool(value == int(value)))
