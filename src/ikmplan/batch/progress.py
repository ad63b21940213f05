"""The progress of a batch while it runs, and the table at its end.

On a terminal one bar: count, rate, time left, failures, the next scenario to end. In a file
or a pipe one line for each scenario. The bar and the lines go to standard error, the
table to standard output.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any

from ikmplan.batch.batch import BatchListener, Ended, Result
from ikmplan.batch.grid import Grid, value_text
from ikmplan.batch.tasks import FAILED_STATUS, NONE
from ikmplan.faults import Fault, warning_lines
from ikmplan.input.tables import mark_shown
from ikmplan.notebook.saving import PAGES, REASONS, SOLVE, TABLES
from ikmplan.plan.plan import FEASIBLE, PROVEN
from ikmplan.report.certificate import proven_text
from ikmplan.runs.names import FAILED, PAGE
from ikmplan.show.table import Column, View, one_decimal, short_rupiah
from ikmplan.text import N_, _, gap_percent, number, percent

MOST_ROWS = 40  # of a table in a terminal
WIDEST_NAME = 44  # characters of a name in the bar
STATUS = {
    PROVEN: N_("proven"),
    FEASIBLE: N_("stopped early"),
    NONE: N_("no plan exists"),
    FAILED_STATUS: N_("failed"),
}


CHECK = "check"
STAGE_ENDED = {
    CHECK: N_("Input checked"),
    SOLVE: N_("Plan found and audited"),
    REASONS: N_("Reasons worked out"),
    TABLES: N_("Tables and charts made"),
    PAGES: N_("Page and workbook written"),
}


class WarningListener(BatchListener):
    """Prints the warnings that `ikmplan check` prints; when the results are read, those about the
    tables are not printed again."""

    def warns(self, warnings: Sequence[Fault]) -> None:
        mark_shown(warnings)
        for line in warning_lines(warnings):
            _say(line)


class SingleRunListener(WarningListener):
    """Prints that one scenario has begun, and each stage with its time as it has ended;
    `report_result` prints the result."""

    def __init__(self) -> None:
        self._stage, self._began = CHECK, time.monotonic()

    def starts(self, names: Sequence[str]) -> None:
        for name in names:
            self.stage(SOLVE)
            _say(_("{name}: working out the plan …", name=name))

    def stage(self, stage: str) -> None:
        now = time.monotonic()
        seconds = number(now - self._began, 1)
        _say(_("{stage} ({seconds} s)", stage=_(STAGE_ENDED[self._stage]), seconds=seconds))
        self._stage, self._began = stage, now

    def ends(self, ended: Ended) -> None:
        if ended.error is None and not ended.before:
            self.stage(CHECK)


class BatchProgress(WarningListener):
    """A bar, or a line for each scenario as it ends."""

    def __init__(self, bar: bool | None = None) -> None:
        self.failed = self.done = 0
        self._waiting: dict[str, None] = {}
        self._wants_bar = sys.stderr.isatty() if bar is None else bar
        self._bar: Any = None
        self._total = 0

    def starts(self, names: Sequence[str]) -> None:
        self._waiting, self._total, self.done = dict.fromkeys(names), len(names), 0
        self._began = time.monotonic()
        if names and not self._wants_bar:
            _say(_("To be worked out: {count} scenarios.", count=number(len(names))))
        elif names:
            from tqdm import tqdm

            left = _("({left} left)", left="{remaining}")  # filled by tqdm
            self._bar = tqdm(
                total=len(names),
                leave=False,
                dynamic_ncols=True,
                bar_format="{n_fmt}/{total_fmt} {bar} {rate_fmt} " + left + "  {desc}",
                unit=" " + _("scenarios"),
            )
            self._describe()

    def ends(self, ended: Ended) -> None:
        self.failed += ended.error is not None
        if ended.name not in self._waiting:  # it was there before, or could not begin
            if not self._wants_bar:
                _say(f"{ended.name}: {outcome(ended)}")
            return
        del self._waiting[ended.name]
        self.done += 1
        if self._bar is not None:
            self._bar.update()
            self._describe()
            if not self._waiting:
                self.close()
        else:
            _say(f"{self.done}/{self._total} {ended.name}: {outcome(ended)}{self._left()}")

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _describe(self) -> None:
        name = next(iter(self._waiting), "")
        short = name if len(name) <= WIDEST_NAME else f"…{name[-WIDEST_NAME:]}"
        failed = _("failed {count}", count=number(self.failed))
        self._bar.set_description_str(f"{failed}  {short}")

    def _left(self) -> str:
        if not self._waiting:
            return ""
        seconds = (time.monotonic() - self._began) / self.done * len(self._waiting)
        minutes, rest = divmod(round(seconds), 60)
        return "  " + _("({left} left)", left=f"{minutes}:{rest:02}")


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def outcome(ended: Ended) -> str:
    """In a few words, as "proven, 381 units expected to be reached" or "failed: why"."""
    words = _(STATUS[ended.status])
    if ended.error is not None:
        words += ": " + ended.error.strip().splitlines()[0]
    if ended.figures:
        reached = number(ended.figures["reached"], 1)
        words += ", " + _("{reached} units expected to be reached", reached=reached)
    return _("already done ({outcome})", outcome=words) if ended.before else words


def described(grid: Grid) -> str:
    """The values of each field of a grid, and how many scenarios they make."""
    lines = [
        f"{axis.name}: {', '.join(value_text(value) for value in axis.values)}"
        for axis in grid.axes
    ]
    count = _("{count} scenarios", count=number(len(grid)))
    if len(grid) < grid.size:
        count = _("{count} of {all} scenarios", count=number(len(grid)), all=number(grid.size))
    return "\n".join([*lines, count])


def closing(results: Sequence[Ended]) -> str:
    """The table of all scenarios (of the best ones where there are many), then each failure."""
    shown = list(results)
    caption = _("Scenarios")
    if len(shown) > MOST_ROWS:
        planned = [one for one in shown if one.figures]
        planned.sort(key=lambda one: (-one.figures["reached"], one.figures["cost"]))
        shown = planned[:10]
        caption = _("The ten scenarios that reach most")
    table = str(View(caption, _columns(shown)))
    counts = [
        f"{_(words)} {number(count)}"
        for status, words in STATUS.items()
        if (count := sum(one.status == status for one in results))
    ]
    before = sum(one.before for one in results)
    counts += [_("already done {count}", count=number(before))] if before else []
    lines = [table, "", ", ".join(counts)]
    failed = [(one.name, one.error) for one in results if one.error is not None]
    for name, error in failed[:MOST_ROWS]:
        lines += ["", _("{name} failed:", name=name), error.strip()]
    if failed:
        lines += ["", _("To try these again: the same command with --retry-failed.")]
    return "\n".join(lines)


def _columns(shown: Sequence[Ended]) -> tuple[Column, ...]:
    def figure(key: str) -> list[Any]:
        return [one.figures.get(key) for one in shown]

    apart = figure("entrepreneurs")
    any_apart = any(n is not None for n in apart)
    return (
        Column(_("Scenario"), [one.name for one in shown]),
        Column(_("Outcome"), [_(STATUS[one.status]) for one in shown]),
        Column(_("Reached"), figure("reached"), one_decimal),
        *([Column(_("New entrepreneurs"), apart, one_decimal)] if any_apart else []),
        Column(_("Coached"), figure("coached"), number),
        Column(_("Worst-off"), figure("worst"), percent),
        Column(_("Classes"), figure("classes"), number),
        Column(_("Machines"), figure("machines"), number),
        Column(_("Cost"), figure("cost"), short_rupiah),
        Column(_("Gap"), figure("gap"), gap_percent),
    )


def report_result(result: Result) -> None:
    """Print the result of one scenario; a failure goes to standard error."""
    folder = result.folder
    if result.error is not None or result.plan is None or result.case is None:
        _say(_("{name}: no plan was kept.", name=result.name))
        _say(result.error or "")
        if (folder / FAILED).exists():
            _say(_("The notebook with the error: {path}", path=folder / FAILED))
        if result.before:
            _say(_("It failed before and was not tried again; to do so, add --retry-failed."))
        return
    plan = result.plan
    print(
        _(
            "{name}: {units} IKM units coached, {reached} of them expected to be reached;"
            " {classes} classes, {machines} machines; {cost}.",
            name=result.name,
            units=number(plan.coached),
            reached=number(plan.reached),
            classes=number(plan.class_count),
            machines=number(plan.machine_count),
            cost=short_rupiah(plan.cost),
        )
    )
    if (apart := result.figures.get("entrepreneurs")) is not None:
        print(_("New entrepreneurs expected, counted apart: {n}.", n=number(apart, 1)))
    gap = gap_percent(plan.proof.gap)
    if result.status == PROVEN:
        print(proven_text(result.case, gap))
    else:
        print(_("Stopped early: a better plan may exist, by {gap} at most.", gap=gap))
    if result.before:
        print(_("It was already done; to make it again, add --force."))
    print(_("Page: {path}", path=folder / PAGE))
