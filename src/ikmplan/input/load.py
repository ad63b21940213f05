"""The case in a folder or workbook: tables and scenario, read and checked together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ikmplan.faults import BadInput
from ikmplan.files import find
from ikmplan.input.case import Case
from ikmplan.input.scenario import Scenario, make_scenario
from ikmplan.input.scenario_check import scenario_faults
from ikmplan.input.tables import Tables, read_tables


def make_case(
    tables: Tables, scenario: Scenario, where: str = "", rows: Mapping[str, int] = {}
) -> Case:
    """The case; raises `BadInput` where the scenario names what the tables lack."""
    case = Case(tables, scenario)
    faults = list(scenario_faults(case, where, rows))
    if faults:
        raise BadInput(faults)
    return case


def load(data: str | Path | None = None, **scenario: Any) -> Case:
    """The case in a folder or workbook, with these scenario parameters.

    Raises `BadInput` with every fault of the tables or of the parameters.
    """
    if data is not None:
        scenario["data"] = str(data)
    made = make_scenario(scenario)
    return make_case(read_tables(find(made.data)), made)
