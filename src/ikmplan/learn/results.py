"""Counts the answers of forms into the table `results` of a case, once each."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ikmplan.faults import BadInput, Fault
from ikmplan.files import write_atomic
from ikmplan.input.cells import numbers_listed, numbers_text
from ikmplan.input.csv_file import csv_form
from ikmplan.input.rows import ROWS, FollowUp, Row, Source, Tables
from ikmplan.input.tables import check
from ikmplan.learn.answers import FormAnswer, Forms
from ikmplan.text import _


@dataclass(frozen=True)
class Counted:
    """The tables `results` and `sources` with the results of the forms."""

    results: tuple[FollowUp, ...]
    sources: tuple[Source, ...]

    def tables(self, before: Tables) -> Tables:
        return replace(before, results=self.results, sources=self.sources)


def source_key(forms: Forms) -> str:
    """The source of the results of one plan."""
    return f"follow_up_{forms.fingerprint[:8]}"


def without_results(forms: Forms, tables: Tables) -> Tables:
    """The tables without the results of this plan, also where they were counted before."""
    key = source_key(forms)
    return replace(tables, results=tuple(row for row in tables.results if row.source != key))


def count(forms: Forms, tables: Tables) -> Counted:
    """The two tables after the forms; raises `BadInput` where units were counted before in a way
    that cannot be distinguished."""
    key = source_key(forms)
    answers: dict[tuple[str, str], dict[int, FormAnswer]] = defaultdict(dict)
    for unit, item, answer in forms.followed():
        answers[item, unit.cluster][unit.number] = answer
    kept: list[FollowUp] = []
    faults: list[Fault] = []
    for row in tables.results:
        given = answers.get((row.item, row.cluster or ""), {})
        listed = numbers_listed(row.numbers or "")
        if row.source != key or not given or (listed and not listed & given.keys()):
            kept.append(row)
        elif not listed or listed - given.keys():
            missing = numbers_text(listed - given.keys()) or "?"
            message = _(
                "was counted before together with units that none of these forms answers: "
                "{numbers}.",
                numbers=missing,
            )
            fix = _("Give all the forms of this plan at once.")
            where = f"results: {row.item} @ {row.cluster}"
            faults.append(Fault(where, None, "numbers", row.numbers, message, fix))
    if faults:
        raise BadInput(faults)
    added = [
        _row(item, cluster, year, of_year, key)
        for (item, cluster), given in sorted(answers.items())
        for year, of_year in sorted(_by_year(given).items())
    ]
    return Counted(_joined(kept, added), _with_source(tables.sources, forms, key, added))


def _by_year(given: dict[int, FormAnswer]) -> dict[int, dict[int, bool]]:
    found: dict[int, dict[int, bool]] = defaultdict(dict)
    for number, answer in given.items():
        if answer.day is not None:
            found[answer.day.year][number] = answer.yes
    return found


def _row(item: str, cluster: str, year: int, units: dict[int, bool], key: str) -> FollowUp:
    values = {"item": item, "cluster": cluster, "followed": len(units), "year": year,
              "reached": sum(units.values()), "numbers": numbers_text(set(units)),
              "source": key}  # fmt: skip
    return FollowUp.model_validate(values)


def _joined(kept: Iterable[FollowUp], added: Iterable[FollowUp]) -> tuple[FollowUp, ...]:
    """All rows, those with the same key as one: other units of the same item, place and year."""
    rows: dict[tuple[Any, ...], FollowUp] = {}
    for row in (*kept, *added):
        key = tuple(getattr(row, name) for name in FollowUp.KEY)
        if (other := rows.get(key)) is not None:
            numbers = numbers_listed(other.numbers or "") | numbers_listed(row.numbers or "")
            row = row.model_copy(
                update={
                    "followed": other.followed + row.followed,
                    "reached": other.reached + row.reached,
                    "numbers": numbers_text(numbers),
                }
            )
        rows[key] = row
    return tuple(rows.values())


def _with_source(
    sources: tuple[Source, ...], forms: Forms, key: str, added: Sequence[FollowUp]
) -> tuple[Source, ...]:
    if not added or any(row.source == key for row in sources):
        return sources
    citation = _(
        "Follow-up of the plan {name} (fingerprint {fingerprint}), from its forms",
        name=forms.scenario["name"],
        fingerprint=forms.fingerprint[:12],
    )
    year = max(row.year for row in added)
    values = {"source": key, "citation": citation, "url": "", "year": year, "kind": "fact"}
    return (*sources, Source.model_validate(values))


# --- into the case ---------------------------------------------------------------------------


def write_results(folder: Path, counted: Counted) -> list[Path]:
    """Put both tables into a folder of CSV files, whole or not at all; gives the files that
    changed. Raises `BadInput` where the case would have a fault with them."""
    files = {
        folder / "sources.csv": _csv(folder, "sources", counted.sources),
        folder / "results.csv": _csv(folder, "results", counted.results),
    }
    changed = {
        file: content
        for file, content in files.items()
        if not file.exists() or file.read_bytes() != content
    }
    with tempfile.TemporaryDirectory() as temporary:
        trial = Path(shutil.copytree(folder, Path(temporary) / folder.name))
        for file, content in changed.items():
            (trial / file.name).write_bytes(content)
        faults = [fault for fault in check(trial) if not fault.warning]
    if faults:
        raise BadInput(faults)
    for file, content in changed.items():  # a source that nothing names yet is no fault
        write_atomic(file, content)
    return list(changed)


def _csv(folder: Path, name: str, rows: Sequence[Row]) -> bytes:
    """The rows as the file of a table: those of sources as they stand there, new ones below."""
    file = folder / f"{name}.csv"
    form = csv_form(file if file.exists() else folder / "sources.csv")
    columns, head, known = list(ROWS[name].model_fields), "", {}
    if file.exists():
        columns = [*form.header, *(c for c in columns if c not in form.header)]
        head, at = form.above, columns.index("source")
        known = {row[at].strip(): row for row in form.rows if len(row) > at}
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=form.separator, lineterminator=form.newline)
    writer.writerow(columns)
    for row in rows:
        values = row.model_dump()
        cells = [_cell_text(values.get(column)) for column in columns]
        writer.writerow(known.get(values["source"], cells) if name == "sources" else cells)
    return (head + text.getvalue()).encode(form.encoding)


def _cell_text(value: Any) -> str:
    return "" if value is None else str(value)


def to_paste(counted: Counted) -> str:
    """Both tables with tabs, for the sheets of a workbook."""
    parts = []
    for name, rows in (("sources", counted.sources), ("results", counted.results)):
        columns = list(ROWS[name].model_fields)
        lines = ["\t".join(_cell_text(getattr(row, c)) for c in columns) for row in rows]
        head = _("Sheet {name}:", name=name)
        parts.append("\n".join([head, "\t".join(columns), *lines]))
    return "\n\n".join(parts)
