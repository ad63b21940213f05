"""The input tables of a planning case: one row type each, read and checked.

`read_tables(path)` takes a folder of CSV files or one Excel workbook and either
returns frozen `Tables` or raises `BadInput` with *all* faults. `check(path)`
returns the faults and the warnings instead of raising.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches
from itertools import zip_longest
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from ikmplan.faults import NEAR, BadInput, Fault, file_fault
from ikmplan.input.cells import (
    as_key,
    expectation,
    failed_formula,
    may_be_left_out,
    two_meanings,
    unit_of,
)
from ikmplan.input.estimate_check import estimate_faults
from ikmplan.input.names_alike import alike_warnings
from ikmplan.input.number_form import NumberForm, number_form
from ikmplan.input.odd_numbers import LARGE, SMALL, TOTAL, odd_number_warnings
from ikmplan.input.opening_rows import opening_faults
from ikmplan.input.plain_text import SCALE_WORD
from ikmplan.input.references import ReadableTables, reference_faults
from ikmplan.input.region import region_warnings
from ikmplan.input.remedies import percentage, remedy
from ikmplan.input.rows import OPTIONAL as OPTIONAL
from ikmplan.input.rows import ROWS as ROWS
from ikmplan.input.rows import Row
from ikmplan.input.rows import Tables as Tables
from ikmplan.input.sheet_cells import Cells, RefusedCell, renamed, short_list, table_name
from ikmplan.input.sheets import no_table, read_sheets, unknown_sheets
from ikmplan.input.stray_rows import (
    before_other_table,
    joined_by,
    merged_faults,
    stray_row,
    unfit_row,
)
from ikmplan.input.unit_words import leave_the_number
from ikmplan.input.usage import usage_warnings
from ikmplan.text import _

# what stands in brackets behind a column's name, such as "amount (juta)"
_UNIT_BEHIND = re.compile(r"[\W_]*[(\[{].*")
# the unit of the numbers behind a name without brackets, as in "amount_dalam_juta"
_SCALE = re.compile(
    rf"[\W_]+(dalam_|in_)?(rp_?|rupiah_)?({SCALE_WORD}|persen|%)(an)?"
    r"(_rp|_rupiah)?[\W_]*$|[\W_]*%[\W_]*$"
)
UNSEEN = "unseen"  # kind of warnings about hidden rows, columns and sheets
_shown: set[Fault] = set()


def read_tables(path: str | Path) -> Tables:
    """The case in `path`; raises `BadInput` with every fault (warnings do not raise)."""
    tables, found = examine(path)
    faults = [fault for fault in found if not fault.warning]
    if faults:
        raise BadInput(faults)
    log_unseen(found)
    return whole(path, tables)


def whole(path: str | Path, tables: ReadableTables) -> Tables:
    """The case in `path`, whose tables have no fault."""
    return Tables(str(path), **{name: tuple(row for _n, row in tables.rows[name]) for name in ROWS})


def check(path: str | Path) -> list[Fault]:
    """Every fault and warning of the case in `path`, in the order of the tables."""
    return examine(path)[1]


def log_unseen(found: list[Fault]) -> None:
    """Log what counts although nobody sees it or it is hardly meant, once in a process."""
    for fault in dict.fromkeys(found):
        if fault.kind in (UNSEEN, TOTAL, SMALL, LARGE) and fault not in _shown:
            logging.getLogger(__name__).warning(_("Warning: {fault}", fault=fault))
    mark_shown(found)


def mark_shown(warnings: Iterable[Fault]) -> None:
    """Warnings that were shown already: `log_unseen` leaves them out."""
    _shown.update(warnings)


def examine(path: str | Path) -> tuple[ReadableTables, list[Fault]]:
    """The tables that can be read, and every fault and warning."""
    path = Path(path)
    tables = ReadableTables({}, {}, {})
    sheets, found = read_sheets(path)
    faults = [fault for fault in found if not fault.warning]
    if not sheets:
        return tables, found
    unknown, misnamed = unknown_sheets(sheets)
    if not misnamed and not sheets.keys() & ROWS.keys():
        return tables, [*faults, no_table(path, sheets)]
    notes = [replace(note, kind=UNSEEN) for note in found if note.warning]
    for name, row_type in ROWS.items():
        sheet = sheets.get(name)
        if isinstance(sheet, Cells):
            tables.wheres[name] = sheet.where
            notes += [replace(note, kind=UNSEEN) for note in sheet.notes]
            header_faults = _header_faults(sheet, row_type.model_fields)
            faults += header_faults
            if not header_faults:
                rows, tables.faulty_keys[name], found = _read_rows(sheet, row_type)
                faults += found
                if rows or tables.faulty_keys[name] or not found:
                    tables.rows[name] = rows
        elif sheet is not None:
            faults.append(sheet)
        elif name in misnamed:
            continue
        elif name in OPTIONAL:
            tables.rows[name] = []
        else:
            what = _("sheet {name}", name=name) if path.is_file() else f"{name}.csv"
            message = _("has no {what}.", what=what)
            columns = ", ".join(row_type.model_fields)
            fix = _("Add it with the columns {columns}.", columns=columns)
            faults.append(file_fault(path.name, message, fix))
    faults += [fault for fault in unknown if not fault.warning]
    faults += [*reference_faults(tables), *opening_faults(tables), *estimate_faults(tables)]
    if not faults:  # what nothing uses may only seem so while there are faults
        faults += [*usage_warnings(tables), *unknown]
    warnings = [*alike_warnings(tables), *odd_number_warnings(tables)]
    warnings += [*region_warnings(tables, path), *notes]
    return tables, faults + warnings


def _read_rows(
    cells: Cells, row_type: type[Row]
) -> tuple[list[tuple[int, Any]], set[str], list[Fault]]:
    """The good rows, the keys of the others, and what is wrong with those."""
    rows: list[tuple[int, Any]] = []
    faulty_keys: set[str] = set()
    faults: list[Fault] = []
    alike: list[tuple[Fault, str | None]] = []  # many may be equal
    seen: dict[tuple[Any, ...], int] = {}
    cells = before_other_table(cells, row_type)
    form = number_form(cells, row_type.model_fields)
    for number, values in cells.rows:
        pairs = zip_longest(cells.header, values, fillvalue="")
        raw = {name: value for name, value in pairs if name}
        stray = stray_row(cells, number, raw, row_type)
        if stray:
            alike.append((stray, None))
            continue
        misplaced = cells.value_without_column(number, values)
        if misplaced:
            faulty_keys.add(str(raw[row_type.KEY[0]]))
            alike.append((misplaced, None))
            continue
        try:
            row = row_type.model_validate(
                _without_defaults(raw, row_type), context={"indonesian": form.indonesian}
            )
        except ValidationError as error:
            faulty_keys |= {str(raw[row_type.KEY[0]]), as_key(str(raw[row_type.KEY[0]]))}
            found, refused = _cell_faults(error, cells, number, raw, row_type, form)
            unfit = unfit_row(found, raw, row_type)
            faults += [] if unfit else found
            alike += [(unfit, None)] if unfit else refused
            continue
        for name, message, fix in row.crossed():
            value = str(getattr(row, name))
            faults.append(Fault(cells.where, number, name, value, message, fix))
        key = tuple(getattr(row, name) for name in row.KEY)
        if key in seen:
            message = _("stands in row {row} already.", row=seen[key])
            fix = _("Keep one of the two rows.")
            shown = ", ".join("" if part is None else str(part) for part in key)
            column = "+".join(row.KEY)
            faults.append(Fault(cells.where, number, column, shown, message, fix, kind="twice"))
        seen.setdefault(key, number)
        rows.append((number, row))
    return rows, faulty_keys, sorted([*faults, *merged_faults(alike)], key=lambda f: f.row or 0)


def _without_defaults(raw: dict[str, Any], row_type: type[Row]) -> dict[str, Any]:
    """The cells of a row without the empty ones that stand for a default."""
    fields = row_type.model_fields
    return {n: value for n, value in raw.items() if value != "" or not may_be_left_out(fields[n])}


def _header_faults(cells: Cells, fields: dict[str, Any]) -> list[Fault]:
    where, row = cells.where, cells.header_row
    if no_header := _no_header(cells, fields):
        return [no_header]
    if cells.merged:
        message = _("has merged cells ({cells}).", cells=short_list(cells.merged))
        return [file_fault(where, message, _("Unmerge them and fill every cell."))]
    faults: list[Fault] = []
    alike: list[tuple[Fault, str | None]] = []  # one fault with all its columns
    absent = [name for name in fields if name not in cells.header]
    missing = [name for name in absent if not may_be_left_out(fields[name])]
    for name in dict.fromkeys(cells.header):
        if name and name not in fields:
            stems = (_SCALE.sub("", name), _UNIT_BEHIND.sub("", name), as_key(name))
            likest = (get_close_matches(stem, absent, 1, NEAR) for stem in stems)
            near = next(filter(None, likest), _sharing_a_word(as_key(name), absent))
            message = _("is no column of this table.")
            fix = _("Remove it or rename it.")
            if near:
                fix = renamed(name, near[0], _in_its_unit(name, near[0], fields[near[0]]))
            if near and re.search("%|per[sc]en", name):
                fix += " " + percentage()
            alike.append((Fault(where, row, name, None, message, fix), name))
            missing = [other for other in missing if other not in near]
            absent = [other for other in absent if other not in near]
        if name and cells.header.count(name) > 1:
            message, fix = _("stands twice in the header."), _("Keep one of the two columns.")
            alike.append((Fault(where, row, name, None, message, fix), name))
    for name in missing:
        message = _("is missing; it holds {meaning}.", meaning=_(fields[name].description))
        fix = _("Add the column with {expected}.", expected=expectation(fields[name]))
        faults.append(Fault(where, row, name, None, message, fix))
    return [*merged_faults(alike), *faults]


def _sharing_a_word(title: str, absent: list[str]) -> list[str]:
    """The only column, if just one, with a word that stands in the heading too: unit_ikm, units."""
    words = title.split("_")
    sharing = [
        column
        for column in absent
        if any(get_close_matches(word, words, 1, 0.85) for word in column.split("_"))
    ]
    return sharing if len(sharing) == 1 else []


def _in_its_unit(title: str, name: str, field: FieldInfo) -> str:
    """The fix of a heading with other words than its name and unit, such as "days_(minggu)"."""
    unit = unit_of(field)
    of_title, of_name = (re.findall(r"[^\W\d_]+", text) for text in (title, name))
    others = [word for word in of_title if not get_close_matches(word, of_name, 1, 0.85)]
    if unit in ("", "share 0–1") or leave_the_number(" ".join(others), unit):
        return ""
    return _("Write its numbers in {unit}, and name it {name}.", unit=_(unit), name=name)


def _no_header(cells: Cells, fields: dict[str, Any]) -> Fault | None:
    """The fault of a first row that is no header, or one in which most columns are missing."""
    titles = [title for title in cells.header if title]
    needed = [name for name, column in fields.items() if not may_be_left_out(column)]
    missing = [name for name in needed if name not in titles]
    unknown = [title for title in titles if title not in fields]
    if fields.keys() & {*titles} and (len(missing) < 3 or 2 * len(missing) <= len(needed)):
        return None
    message = _("is not the header; its first filled row must name the columns.")
    fix = _("Write there: {columns}.", columns=", ".join(fields))
    separator = joined_by(titles, fields)
    if separator:
        message = _("holds all columns in one cell, with “{separator}” between them.",
                    separator=separator)  # fmt: skip
        fix = _("In Excel select the column and choose Data, Text to Columns.")
    elif len(unknown) < len(titles):
        message = _("is no column of this table, and most of its columns are missing.")
    below = next((n for n, values in cells.rows if _names_columns(values, fields)), None)
    if below:
        fix += " " + _("Row {row} names them: begin each row above it with “# ”.", row=below)
    return Fault(cells.where, cells.header_row, None, next(iter(unknown), ""), message, fix)


def _names_columns(values: list[Any], fields: dict[str, Any]) -> bool:
    """Whether a row holds most of the column names."""
    return len(fields.keys() & {table_name(str(value)) for value in values}) > len(fields) / 2


def _cell_faults(
    error: ValidationError,
    cells: Cells,
    number: int,
    raw: dict[str, Any],
    row_type: type[Row],
    form: NumberForm,
) -> tuple[list[Fault], list[tuple[Fault, str | None]]]:
    """The faults of a row's cells; and those of refused cells and failed formulas, of which
    many may be equal."""
    faults: list[Fault] = []
    refused: list[tuple[Fault, str | None]] = []
    for part in error.errors():
        name = str(part["loc"][0])
        cell = raw[name]
        field, value = row_type.model_fields[name], str(cell)
        if isinstance(cell, RefusedCell):
            fault = Fault(cells.where, number, name, value, cell.problem, cell.fix)
            refused.append((fault, cell.cell))
            continue
        text = _("is not {expected}.") if value else _("is empty; it must be {expected}.")
        message = text.format(expected=expectation(field))
        out_of_range = part["type"].endswith("_equal")
        fix = remedy(field, value, out_of_range, form.comma)
        if form.point_at and two_meanings(value):
            fix += " " + _(
                "In this file a point stands before decimals ({place}).", place=form.point_at
            )
        fault = Fault(cells.where, number, name, value, message, fix)
        if failed_formula(value):
            refused.append((fault, None))
        else:
            faults.append(fault)
    return faults, refused
