"""`learn`: from filled-in forms to results in the case and a report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ikmplan.files import find
from ikmplan.input.case import Case
from ikmplan.input.load import load
from ikmplan.learn.answers import read_forms
from ikmplan.learn.report import (
    attendance_in_short,
    chances_before_and_after,
    change_in_short,
    decisions_changed,
    promise_in_short,
    promises_by_cluster,
    promises_by_item,
    replanned,
)
from ikmplan.learn.results import count, to_paste, without_results, write_results
from ikmplan.text import _, language


def learn(
    paths: Sequence[Path], data: Path | None, replan: bool, show: Callable[[str], None]
) -> None:
    """Read the forms, write their results into the case, and report what was found.

    `data` is the case where it is another than that of the plan. Raises `BadInput` with every
    fault of the forms; then nothing was written.
    """
    forms = read_forms(paths)
    scenario = dict(forms.scenario)
    if data is not None:
        scenario["data"] = str(data)
    with language(scenario["language"]):
        case = load(**scenario)
        counted = count(forms, case.tables)
        before = Case(without_results(forms, case.tables), case.scenario)
        after = Case(counted.tables(case.tables), case.scenario)
        show(promise_in_short(forms))
        if came := attendance_in_short(forms):
            show(came)
        for view in (promises_by_item(forms, case), promises_by_cluster(forms, case)):
            show(f"\n{view}")
        folder = find(scenario["data"])
        if folder.is_dir():
            changed = write_results(folder, counted)
            for file in changed:
                show(_("Written: {path}", path=file))
            if not changed:
                show(_("These answers were counted before; nothing has changed."))
        else:
            show(
                _(
                    "{path} is a workbook: put these rows in place of all rows of its sheets.",
                    path=folder,
                )
            )
            show(to_paste(counted))
        show(f"\n{chances_before_and_after(before, after)}")
        if replan:
            plans = replanned(before, after)
            show("\n" + change_in_short(after, plans))
            show(f"\n{decisions_changed(after, plans)}")
