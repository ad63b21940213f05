"""What the commands `run` and `sweep` print of finished scenarios, and the comparison they make."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ikmplan.cli_app import print_error
from ikmplan.text import _

if TYPE_CHECKING:
    from ikmplan.batch.batch import Ended, Result
    from ikmplan.batch.sweep import Sweep


def report_sweep(made: Sweep, quiet: bool) -> None:
    from ikmplan.batch.progress import closing

    if not quiet:
        print(closing(made.solved))
        for result in made.notebooks:
            print(_("Page: {path}", path=result.folder / "plan.html"))
        print(_("Table: {path}", path=made.folder / "sweep.parquet"))
    if any(one.figures for one in made.solved):
        _compare(made.folder, [], quiet)
    ended: list[Ended] = [*made.solved, *made.notebooks]
    failed = [one for one in ended if one.error is not None]
    for one in failed if quiet else ():
        print_error(f"{one.name}: {one.error}")
    if failed:
        raise typer.Exit(1)


def compare_alike(runs: Path, results: Sequence[Result], quiet: bool) -> bool:
    """Compare those of one city and year; whether the page was made."""
    from ikmplan.compare.read_runs import of_one_city
    from ikmplan.runs.read import Run

    made = [one for one in results if one.error is None]
    alike = of_one_city([Run(one.name, one.folder, one.plan, None, one.case) for one in made])
    if (others := [one.name for one in made if one.name not in alike]) and not quiet:
        print(_("Different cities or years: not compared: {names}.", names=", ".join(others)))
    return bool(alike) and _compare(runs, alike, quiet)


def _compare(folder: Path, names: list[str], quiet: bool) -> bool:
    """The scenarios side by side, and whether that was made: where it fails they are there."""
    from ikmplan.compare.make import compare
    from ikmplan.faults import BadInput
    from ikmplan.notebook.execute import Failed

    try:
        page = compare(folder, names)
    except (BadInput, Failed) as error:
        print_error(_("They could not be compared: {reason}", reason=error))
        return False
    if not quiet:
        print(_("Comparison: {path}", path=page))
    return True
