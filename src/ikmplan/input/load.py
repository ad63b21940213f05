"""The case in a folder or workbook: tables and scenario, read and checked together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ikmplan.faults import NEAR, BadInput, Fault, nearest
from ikmplan.files import find
from ikmplan.input.case import Case
from ikmplan.input.scenario import Scenario, sound_scenario
from ikmplan.input.scenario_check import scenario_faults, scenario_warnings, unknown_keys
from ikmplan.input.solver_names import solver_problem
from ikmplan.input.tables import Tables, examine, log_unseen, whole
from ikmplan.text import LANGUAGES, _, language


def make_case(
    tables: Tables, scenario: Scenario, where: str = "", rows: Mapping[str, int] = {}
) -> Case:
    """The case; raises `BadInput` where the scenario names what the tables lack."""
    case = Case(tables, scenario)
    if faults := list(scenario_faults(case, where, rows)):
        raise BadInput(faults)
    return case


def check_case(
    values: Mapping[str, Any],
    where: str = "",
    rows: Mapping[str, int] = {},
    locate: Callable[[str], Path] = find,
) -> tuple[Case | None, list[Fault]]:
    """The case of these parameters, and every fault and warning of them and of their tables.

    The case is None where there is a fault. What is sound is checked beside what is not:
    parameters against each table that can be read. `locate` finds the folder or workbook.
    """
    with _language_of(values):
        where = where or _("scenario")
        scenario, faults = sound_scenario(values, where, rows)
        if problem := solver_problem(scenario.solver):
            faults.append(Fault(where, rows.get("solver"), "solver", scenario.solver, *problem))
        if any(fault.column == "data" for fault in faults) or _misspelt_data(values):
            return None, faults  # these may be other tables than were meant
        path = locate(scenario.data)
        tables, of_tables = examine(path)
        if any(not fault.warning for fault in of_tables):
            faults += unknown_keys(scenario, tables.known, where, rows)
            return None, faults + of_tables
        case = Case(whole(path, tables), scenario)
        faults += [*scenario_faults(case, where, rows), *scenario_warnings(case, where, rows)]
        failed = any(not fault.warning for fault in faults)
        return None if failed else case, faults + of_tables


def _language_of(values: Mapping[str, Any]) -> AbstractContextManager[None]:
    """That of the pages, for the faults too; the one in use where none is stated."""
    stated = values.get("language")
    return language(stated) if stated in LANGUAGES else nullcontext()


def _misspelt_data(values: Mapping[str, Any]) -> bool:
    unknown = [str(key) for key in values if key not in Scenario.model_fields]
    return "data" not in values and bool(get_close_matches("data", unknown, 1, NEAR))


def case_of(values: Mapping[str, Any], where: str = "") -> Case:
    """The case of `check_case`; raises `BadInput` with every fault."""
    case, found = check_case(values, where)
    if case is None:
        with _language_of(values):
            raise BadInput([fault for fault in found if not fault.warning])
    log_unseen(found)
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
    made = Case(replace(case.tables, **changes), case.scenario)
    if wrong := list(scenario_faults(made, name, {})):
        raise BadInput(wrong)
    return made


def load(data: str | Path | None = None, **scenario: Any) -> Case:
    """The case in a folder or workbook, with these scenario parameters.

    Raises `BadInput` with every fault of the tables or of the parameters.
    """
    if data is not None:
        scenario["data"] = str(data)
    return case_of(scenario)
