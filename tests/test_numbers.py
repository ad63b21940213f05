"""The limits of numbers: what `check` passes is planned and audited, whatever is at its limit."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from small_cases import bakery

from ikmplan import solve
from ikmplan.faults import BadInput
from ikmplan.input.case import Case
from ikmplan.input.cells import AUDIT_LIMIT, MOST_COST, MOST_RUPIAH, kind_of, range_limits
from ikmplan.input.load import load, make_case
from ikmplan.input.rows import ROWS
from ikmplan.input.scenario import Scenario
from ikmplan.input.tables import check
from ikmplan.model.conflicts import NoPlan

GOOD = Path(__file__).parent / "faults" / "good"


def is_number(field: FieldInfo) -> bool:
    kind = kind_of(field)
    return "whole" in kind or kind.startswith("a number")


NUMBERS = {
    (table, column): field
    for table, row_type in ROWS.items()
    for column, field in row_type.model_fields.items()
    if is_number(field)
}


@pytest.mark.parametrize(("table", "column"), NUMBERS)
def test_every_number_of_the_tables_has_a_least_and_a_largest_value(table: str, column: str):
    low, high = range_limits(NUMBERS[table, column])
    assert low is not None and high is not None
    assert 0 <= low < high <= MOST_RUPIAH


def test_every_number_of_a_scenario_has_a_largest_value():
    named = {name: field for name, field in Scenario.model_fields.items() if is_number(field)}
    assert {"budget", "target_units", "time_limit", "price_factor"} < named.keys()
    for name, field in named.items():
        assert range_limits(field)[1] is not None, name


def test_the_largest_step_of_any_plan_is_below_the_limit_of_the_audit():
    """A class of 1000 people, every price at its largest, times a price factor of 100."""
    factor = range_limits(Scenario.model_fields["price_factor"])[1]
    people = range_limits(ROWS["courses"].model_fields["class_min"])[1]
    assert factor is not None and people is not None
    assert MOST_COST * factor * (1 + people) < AUDIT_LIMIT
    assert MOST_RUPIAH * factor < AUDIT_LIMIT  # the announced programme
    assert float(MOST_RUPIAH) + 1 == MOST_RUPIAH + 1  # a float is exact to the rupiah


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        (table, column, value)
        for (table, column) in NUMBERS
        for value in ("999999999999999999", "1000000000000000000", "9" * 400)
    ],
)
def test_a_number_that_stands_for_no_limit_is_refused_with_its_cell(
    table: str, column: str, value: str, tmp_path: Path
):
    case = tmp_path / "case"
    shutil.copytree(GOOD, case)
    file = case / f"{table}.csv"
    # of a table that the good case lacks
    rows = [dict.fromkeys(ROWS[table].model_fields, "1") | {ROWS[table].KEY[0]: "hall"}]
    if file.exists():
        rows = list(csv.DictReader(file.read_text("utf-8").splitlines()))
    rows[0][column] = value
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, list(rows[0]))  # later rows leave a further column empty
        writer.writeheader()
        writer.writerows(rows)
    found = [f for f in check(case) if (f.row, f.column, f.value) == (2, column, value)]
    assert len(found) == 1 and not found[0].warning
    assert found[0].where == f"{table}.csv"
    _low, high = range_limits(NUMBERS[table, column])
    assert f"{high:.0f}" in found[0].problem
    with pytest.raises(BadInput):
        load(case)


def test_funds_that_together_are_too_much_are_refused_at_the_row_that_brings_them_there(
    tmp_path: Path,
):
    """Two funds of 6 x 10^15 are 1.2 x 10^16, above 2^53 - 1, some 9 x 10^15."""
    case = tmp_path / "case"
    shutil.copytree(GOOD, case)
    file = case / "funds.csv"
    head, first, *_rest = file.read_text("utf-8").splitlines()
    cells = dict(zip(head.split(","), first.split(","), strict=True)) | {"amount": "6" + 15 * "0"}
    rows = [",".join((cells | {"fund": key, "name": key}).values()) for key in ("a", "b")]
    file.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    faults = [str(fault) for fault in check(case) if not fault.warning]
    assert len(faults) == 1
    assert faults[0].startswith("funds.csv row 3, column amount: “6000000000000000” brings the ")
    most = "Rp12,000,000,000,000,000; at most Rp9,007,199,254,740,991 can be planned"
    assert most in faults[0]


def test_funds_of_a_scenario_are_added_up_too():
    with pytest.raises(BadInput, match="funds: “dak” brings the funds together to Rp9,007,"):
        bakery(funds={"dak": MOST_RUPIAH})
    bakery(funds={"dak": MOST_RUPIAH - 60_000_000})


EXTREMES = st.dictionaries(
    st.sampled_from(sorted(NUMBERS.keys() - {("sources", "year")})),
    st.sampled_from(["low", "high", 1e-9, 1e-6]),
    min_size=1,
    max_size=8,
)


def allows(row: Any, column: str, value: float) -> bool:
    try:
        type(row).model_validate(row.model_dump() | {column: value})
    except ValidationError:
        return False
    return True


def at_limits(case: Case, chosen: dict[tuple[str, str], Any]) -> Case:
    """The case with every number of some columns at a limit; 1e-9 only where it is allowed."""
    changed: dict[str, Any] = {}
    for (table, column), wanted in chosen.items():
        field = NUMBERS[table, column]
        limits = dict(zip(("low", "high"), range_limits(field), strict=True))
        value = limits.get(wanted, wanted)
        low = limits["low"] or 0
        if value < low or (isinstance(wanted, float) and "whole" in kind_of(field)):
            continue
        if (table, column) == ("funds", "amount") and wanted == "high":
            value /= len(case.funds)  # together
        rows = changed.get(table, getattr(case.tables, table))
        if not rows or any(getattr(row, column) is None for row in rows):
            continue
        if isinstance(wanted, float) and not allows(rows[0], column, value):
            continue
        new = tuple(
            row.model_copy(update={column: type(getattr(row, column))(value)}) for row in rows
        )
        if not any(row.crossed() for row in new):
            changed[table] = new
    return make_case(replace(case.tables, **changed), case.scenario)


@pytest.mark.slow
@settings(max_examples=30)
@given(EXTREMES, st.sampled_from([1e-9, 1, 100]), st.sampled_from([0, 1, 100]))
def test_what_is_let_pass_is_planned_with_any_columns_at_their_limits(
    chosen: dict[tuple[str, str], Any], prices: float, days: float
):
    """`solve` audits its plan, so a number beyond the audit's limit would raise."""
    free = {
        "budget": None, "locks": [], "floors": {}, "training_share_min": 0,
        "training_share_max": 1, "target_units": None, "target_classes": None, "time_limit": 5,
    }  # fmt: skip
    case = bakery(price_factor=prices, trainer_factor=days, **free)
    try:
        plan = solve(at_limits(case, chosen))
    except NoPlan as error:
        assert not error.impossible  # the empty plan keeps every rule; time may run out
    else:
        assert plan.proof.value <= plan.proof.bound
