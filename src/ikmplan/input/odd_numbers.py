"""Numbers that are allowed and hardly meant: a total among the rows, rupiah in millions, watts.

Warnings, shown by `check` and where a plan is made: the numbers may be meant so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ikmplan.faults import Fault
from ikmplan.input.cells import unit_of
from ikmplan.input.readable import ReadableTables
from ikmplan.text import N_, _

TOTAL, SMALL, LARGE = "total", "small_amount", "large_power"  # kinds of these warnings
# table -> the columns that an office adds up, and the column of those added up apart
_ADDED_UP: dict[str, tuple[tuple[str, ...], str | None]] = {
    "clusters": (("units",), "kind"),
    "funds": (("amount",), None),
    "resources": (("q1", "q2", "q3", "q4"), "kind"),
}
# table -> the least rupiah that one number of it is in earnest
_LEAST_RUPIAH = {"funds": 1_000_000, "courses": 1000, "equipment": 1000, "openings": 1000}
# kVA: the smallest connection to a house has 450 VA, the largest of the cases here 90 kVA
_LEAST_VA = 450
_IN_FULL = N_("Rupiah are written in full: 80 million is 80000000.")


def odd_number_warnings(tables: ReadableTables) -> list[Fault]:
    """What hardly can be meant, in the tables that can be read."""
    found = [*_totals(tables), *_small_amounts(tables), *_large_powers(tables)]
    return sorted(found, key=lambda fault: list(tables.wheres.values()).index(fault.where))


def _totals(tables: ReadableTables) -> Iterator[Fault]:
    """Rows that are the sum of two or more rows above: of all of them, or of their kind."""
    for table, (columns, apart) in _ADDED_UP.items():
        above: list[Any] = []
        for number, row in tables.numbered(table):
            alike = [
                other for other in above if apart and getattr(other, apart) == getattr(row, apart)
            ]
            if any(_is_sum(row, others, columns) for others in (above, alike)):
                message = _("is the sum of the rows above; a total would count twice.")
                problem = (columns[0], message, _("Delete the row if it is a total."))
                yield tables.fault(table, number, row, problem, warning=TOTAL)
            above.append(row)


def _is_sum(row: Any, others: list[Any], columns: tuple[str, ...]) -> bool:
    """Whether each of these columns holds the sum of the others, at least two of them above 0."""
    counted = [other for other in others if any(getattr(other, name) for name in columns)]
    return len(counted) > 1 and all(
        abs(getattr(row, name) - sum(getattr(other, name) for other in counted)) < 1e-9
        for name in columns
    )


def _small_amounts(tables: ReadableTables) -> Iterator[Fault]:
    """Rupiah that buy nothing, as if they stood in thousands or millions."""
    for table, least in _LEAST_RUPIAH.items():
        for number, row in tables.numbered(table):
            for name, field in type(row).model_fields.items():
                amount = getattr(row, name)
                if unit_of(field) == "rupiah" and amount and amount < least:
                    message = _("is so little that it can hardly be rupiah.")
                    problem = (name, message, _(_IN_FULL))
                    yield tables.fault(table, number, row, problem, warning=SMALL)


def _large_powers(tables: ReadableTables) -> Iterator[Fault]:
    """Electric power as of a factory, as if it stood in VA or watts."""
    for table in ("clusters", "equipment", "openings"):
        for number, row in tables.numbered(table):
            if row.kva and row.kva >= _LEAST_VA:
                message = _("is so much that it can hardly be kVA.")
                problem = ("kva", message, _("If it is in VA or watts, write it in kVA."))
                yield tables.fault(table, number, row, problem, warning=LARGE)
