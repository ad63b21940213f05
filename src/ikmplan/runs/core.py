"""The core of a plan, what is in nearly every drawn case's plan, as a scenario of its own."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ikmplan.faults import BadInput, file_fault
from ikmplan.input.scenario import write_scenario
from ikmplan.report.sureness import has_draws
from ikmplan.runs.read import read_run
from ikmplan.text import _


class Core(NamedTuple):
    """The locks of a core, and what they cost."""

    locks: tuple[str, ...]
    low: float  # proven: no less
    high: float  # and no more
    cheapest: bool  # then low and high are million rupiah, else units


def write_core(run: str | Path, target: str | Path) -> Core:
    """Write the run's scenario with its core as locks to the file `target`; gives the core.

    Raises `BadInput` where the run has no plan or drew no cases, or `target` is there already.
    """
    found, path = read_run(Path(run)), Path(target)
    if found is None or found.plan is None or not has_draws(found.uncertainty):
        message = _("holds no plan for which cases were drawn.")
        fix = _("Run its scenario with draws: 200.")
        raise BadInput([file_fault(str(run), message, fix)])
    if path.exists():
        message = _("is there already.")
        raise BadInput([file_fault(str(path), message, _("Choose another name."))])
    sure, scenario = found.uncertainty, found.plan.scenario
    assert sure is not None
    locks, about = tuple(map(str, sure.core["lock"])), sure.drawn.iloc[0]
    changed = scenario.changed(name=path.stem, locks=[*scenario.locks, *locks])
    write_scenario(changed, path)
    return Core(locks, float(about["core_low"]), float(about["core_high"]), scenario.is_cheapest)
