"""Reads filled-in forms; what is doubtful in any of them is a fault of its cell."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from ikmplan.faults import BadInput, Fault, file_fault
from ikmplan.input.cells import yes_or_no
from ikmplan.input.excel_archive import no_workbook
from ikmplan.text import _, language
from ikmplan.workbook.forms import (
    ANSWER,
    CHECKER,
    CODE,
    DAY,
    FORM_HEAD,
    RECORD,
    FormUnit,
    form_code,
    form_sheet,
)

LETTERS = "ABCDEFGH"
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


class FormAnswer(NamedTuple):
    """The answer in a row of the forms: yes or no, and of a follow-up the day."""

    yes: bool
    day: date | None
    fault_at: tuple[str, int]  # sheet and row, for faults


@dataclass
class Forms:
    """The filled-in forms of one plan."""

    scenario: dict[str, Any]
    fingerprint: str
    promised: float  # units, by the whole plan
    units: dict[tuple[str, int], FormUnit]
    came: dict[str, FormAnswer] = field(default_factory=dict)  # code -> attendance
    used: dict[str, FormAnswer] = field(default_factory=dict)  # code -> follow-up

    def followed(self) -> Iterator[tuple[FormUnit, str, FormAnswer]]:
        """Each unit and item that was followed up."""
        for unit in self.units.values():
            for item in unit.items:
                answer = self.used.get(form_code(unit.cluster, unit.number, item))
                if answer is not None:
                    yield unit, item, answer


def read_forms(paths: Sequence[Path], today: date | None = None) -> Forms:
    """The answers in all the files together; raises `BadInput` with every fault."""
    forms: Forms | None = None
    faults: list[Fault] = []
    for path in paths:
        book = _opened(path, faults)
        record = _record(path, book, faults) if book is not None else None
        if record is None:
            continue
        forms = forms or _forms(record)
        if record["fingerprint"] != forms.fingerprint:
            message = _("belongs to another plan than the files before it.")
            fix = _("Give the forms of one plan at a time.")
            faults.append(file_fault(path.name, message, fix))
            continue
        _add(forms, path, book, faults, today or date.today())
    if forms is not None:
        faults += _contradictions(forms)
        if not forms.used and not faults:
            message = _("hold no answer about what is used.")
            names = ", ".join(path.name for path in paths)
            faults.append(file_fault(names, message, _("Fill in the sheet of the follow-up.")))
    if faults or forms is None:
        raise BadInput(faults)
    return forms


def _opened(path: Path, faults: list[Fault]) -> Any:
    from openpyxl import load_workbook

    try:
        return load_workbook(path, data_only=True)
    except FileNotFoundError:
        faults.append(file_fault(str(path), _("does not exist."), _("Check the path.")))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        faults.append(no_workbook(path.name, path.read_bytes() if path.is_file() else b""))
    return None


def _record(path: Path, book: Any, faults: list[Fault]) -> dict[str, Any] | None:
    """The record of the plan in its forms."""
    for row in (row for sheet in book for row in sheet.iter_rows(values_only=True)):
        if row and str(row[0]).startswith(RECORD):
            text = "".join(str(part) for part in row if part is not None)
            try:
                found = json.loads(text.removeprefix(RECORD))
                _forms(found)
            except (ValueError, KeyError, TypeError):
                break
            return dict(found)
    message = _("is no form of a plan, or its hidden sheet was changed.")
    fix = _("Use the forms of a finished run, such as runs/<name>/forms-1a2b3c4d.xlsx.")
    faults.append(file_fault(path.name, message, fix))
    return None


def _forms(record: dict[str, Any]) -> Forms:
    units = {}
    for cluster, items, (first, last), chance, alone in record["units"]:
        for n in range(first, last + 1):
            units[cluster, n] = FormUnit(cluster, n, tuple(items), chance, alone)
    return Forms(record["scenario"], record["fingerprint"], record["promised"], units)


def _add(forms: Forms, path: Path, book: Any, faults: list[Fault], today: date) -> None:
    """The answers of one file, beside those of the files before it."""
    with language(str(forms.scenario["language"])):
        names = {key: form_sheet(key) for key in ("attendance", "followed")}
    for key, known in (("attendance", forms.came), ("followed", forms.used)):
        if names[key] not in book.sheetnames:
            message = _("has no sheet {name}.", name=names[key])
            faults.append(file_fault(path.name, message, _("Give the sheet its name again.")))
            continue
        where = f"{path.name}, {_('sheet {name}', name=names[key])}"
        seen: dict[str, int] = {}
        for number, cells in enumerate(book[names[key]].iter_rows(values_only=True), 1):
            values = [*cells, *[None] * len(LETTERS)][: len(LETTERS)]
            if number <= FORM_HEAD + 1 or all(_blank(value) for value in values):
                continue
            answer = _Row(where, number, values, key == "followed", today)
            code = answer.code(forms, seen)
            found = answer.read() if code and not answer.faults else None
            faults += answer.faults
            before = known.get(code)
            if found is not None and before is not None and before.yes != found.yes:
                message = _("has another answer in {where}, row {row}.", where=before.fault_at[0],
                            row=before.fault_at[1])  # fmt: skip
                fix = _("Ask which of the two is right, and write it in both.")
                faults.append(Fault(where, number, LETTERS[ANSWER], code, message, fix))
            elif found is not None:
                known[code] = found


def _blank(value: Any) -> bool:
    return value is None or not str(value).strip()


@dataclass
class _Row:
    """One row of a list on its way to an answer."""

    where: str
    number: int
    values: list[Any]
    dated: bool  # a follow-up has a day and somebody who checked
    today: date
    faults: list[Fault] = field(default_factory=list)

    def fault(self, column: int, message: str, fix: str) -> None:
        value = self.values[column]
        shown = None if _blank(value) else str(value)
        self.faults.append(Fault(self.where, self.number, LETTERS[column], shown, message, fix))

    def code(self, forms: Forms, seen: dict[str, int]) -> str:
        """The code of the row, one of the plan's; "" where there is nothing to read."""
        code = "" if _blank(self.values[CODE]) else str(self.values[CODE]).strip()
        cluster, _slash, rest = code.partition("/")
        at, _slash, item = rest.partition("/")
        unit = forms.units.get((cluster, int(at))) if at.isdigit() else None
        answered = any(not _blank(self.values[n]) for n in (ANSWER, CHECKER, DAY))
        if unit is None or item not in unit.items:
            if answered or code:
                message = _("is no code of this plan.")
                self.fault(CODE, message, _("Copy the row from the empty form; add none."))
            return ""
        if code in seen:
            message = _("stands in row {row} already.", row=seen[code])
            self.fault(CODE, message, _("Keep one of the two rows."))
        seen.setdefault(code, self.number)
        return code

    def read(self) -> FormAnswer | None:
        """The answer; None where the row was left empty, or has a fault."""
        answer, day = self.values[ANSWER], self.values[DAY]
        if _blank(answer):
            if self.dated and not (_blank(self.values[CHECKER]) and _blank(day)):
                message = _("is empty, though the row was checked.")
                self.fault(ANSWER, message, _("Answer yes or no, or empty the row."))
            return None
        try:
            yes = yes_or_no(answer)
        except ValueError:
            self.fault(ANSWER, _("is neither yes nor no."), _("Write yes or no (ya or tidak)."))
            return None
        found = self._day(day) if self.dated else None
        return None if self.faults else FormAnswer(yes, found, (self.where, self.number))

    def _day(self, value: Any) -> date | None:
        if _blank(self.values[CHECKER]):
            message = _("is empty: who looked at it?")
            self.fault(CHECKER, message, _("Write the name of who checked."))
        found = _as_day(value)
        earliest = _as_day(self.values[4])
        if found is None:
            message = _("is no day.")
            self.fault(DAY, message, _("Write it like 15/01/2027."))
        elif found > self.today:
            self.fault(DAY, _("is a day to come."), _("Write the day on which it was checked."))
        elif earliest is not None and found < earliest:
            message = _("is before {day}.", day=earliest.strftime("%d/%m/%Y"))
            fix = _("It was too early to know: check the unit again, or empty the row.")
            self.fault(DAY, message, fix)
        return found


def _as_day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    found = _DAY.fullmatch(str(value).strip()) if value is not None else None
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        return None


def _contradictions(forms: Forms) -> Iterator[Fault]:
    """Units that use what they learned in a course to which they did not come."""
    for code, answer in forms.used.items():
        came = forms.came.get(code)
        if answer.yes and came is not None and not came.yes:
            where, row = answer.fault_at
            message = _("is yes, but the unit did not come ({where}, row {row}).",
                        where=came.fault_at[0], row=came.fault_at[1])  # fmt: skip
            fix = _("Find out which of the two is right.")
            yield Fault(where, row, LETTERS[ANSWER], code, message, fix)
