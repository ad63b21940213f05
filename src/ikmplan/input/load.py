"""The case in a folder or workbook: tables and scenario, read and checked together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ikmplan.faults import BadInput, Fault, nearest
from ikmplan.files import find
from ikmplan.input.case import Case
from ikmplan.input.scenario import Scenario, make_scenario
from ikmplan.input.scenario_check import scenario_faults
from ikmplan.input.tables import Tables, read_tables
from ikmplan.text import _


def make_case(
    tables: Tables, scenario: Scenario, where: str = "", rows: Mapping[str, int] = {}
) -> Case:
    """The case; raises `BadInput` where the scenario names what the tables lack."""
    case = Case(tables, scenario)
    faults = list(scenario_faults(case, where, rows))
    if faults:
        raise BadInput(faults)
    return case


def with_values(case: Case, name: str, key: str, **values: Any) -> Case:
    """The case with other values in one row of its table `name`: what would be if that number
    were another. Raises `BadInput` where the row or a value cannot be."""
    rows = case.tables.by_key.get(name, {})
    if key not in rows:
        known = ", ".join(rows or case.tables.by_key)
        fix = nearest(key, rows) or _("There are: {names}.", names=known)
        raise BadInput([Fault(name, None, None, key, _("is not in this table."), fix)])
    row = rows[key]
    try:
        changed = type(row).model_validate(row.model_dump() | values)
    except ValidationError as error:
        faults = [
            Fault(name, None, str(part["loc"][0]), str(part["input"]), f"{part['msg']}.", "")
            for part in error.errors()
        ]
        raise BadInput(faults) from None
    every = tuple(changed if other is row else other for other in getattr(case.tables, name))
    changes: dict[str, Any] = {name: every}
    return make_case(replace(case.tables, **changes), case.scenario)


def load(data: str | Path | None = None, **scenario: Any) -> Case:
    """The case in a folder or workbook, with these scenario parameters.

    Raises `BadInput` with every fault of the tables or of the parameters.
    """
    if data is not None:
        scenario["data"] = str(data)
    made = make_scenario(scenario)
    return make_case(read_tables(find(made.data)), made)
