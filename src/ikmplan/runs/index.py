"""The index of a folder of runs: one page, written again from the results that lie there."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from ikmplan.files import write_atomic
from ikmplan.plan.plan import PROVEN, Plan, new_entrepreneurs, worst_off_cluster
from ikmplan.report.key_figures import units_counted
from ikmplan.report.sureness import range_note
from ikmplan.runs.names import (
    COMPARISON_PAGE,
    FAILED,
    INDEX_PAGE,
    PAGE,
    PLAN_NOTEBOOK,
    PLAN_WORKBOOK,
)
from ikmplan.runs.read import Run, read_runs
from ikmplan.runs.sweeps import SweepRun, read_sweep_runs
from ikmplan.runs.verify import quick_problems
from ikmplan.show.html import join_html, render
from ikmplan.show.table import NOTHING, Format, one_decimal, percent_one_decimal, short_rupiah
from ikmplan.text import _, current_language, gap_percent, language, number, percent

WIDE, HIGH = 7, 28  # pixels: one bar of a sparkline, and the highest
LINKED = (PLAN_WORKBOOK, PLAN_NOTEBOOK)


def write_index(runs: str | Path = "runs", code: str | None = None) -> Path:
    """Write `runs`/index.html in the language "id" or "en"; whole or not at all."""
    page = Path(runs) / INDEX_PAGE
    with language(code or current_language()):
        html = _page(page.parent, read_runs(runs))
    write_atomic(page, html.encode())
    return page


def _page(folder: Path, runs: list[Run]) -> str:
    plans = [(run, run.plan) for run in runs if run.plan is not None]
    failed = [run for run in runs if run.plan is None]
    tallest = max((s for _run, plan in plans for s in _shares(plan).values()), default=0.0)
    apart = any(run.case and run.case.counts_entrepreneurs for run, _plan in plans)
    rows = [_row(run, plan, tallest, apart) for run, plan in plans]
    return render(
        "index/index",
        language=current_language(),
        title=_("Scenarios and their plans"),
        intro=_(
            "Plans: {plans}. Scenarios without a plan: {failed}. This page is made again after "
            "every run from what lies in its folder.",
            plans=number(len(plans)),
            failed=number(len(failed)),
        ),
        compared=_("The scenarios side by side") if (folder / COMPARISON_PAGE).is_file() else "",
        caption=_("Plans"),
        headings=_headings(rows[0]["figures"]) if rows else [],
        rows=rows,
        key=_(
            "A row of bars is the expected coverage of each cluster, in the order of the tables "
            "and all on one scale up to {highest}; the orange bar is the worst-off cluster.",
            highest=percent(tallest),
        ),
        failed=[
            {"name": run.name, "error": run.error, "links": _links(run, (FAILED,)), **_at(run.when)}
            for run in failed
        ],
        failed_caption=_("Scenarios without a plan"),
        sweeps=[_sweep_row(sweep) for sweep in read_sweep_runs(folder)],
        sweeps_caption=_("Sweeps: many scenarios around one"),
        sweeps_headings=[_("Sweep"), _("Varied"), _("Scenarios"), _("Units reached"), _("Date")],
        failed_headings=[_("Scenario"), _("Why"), _("Date"), _("Files")],
    )


def _sweep_row(sweep: SweepRun) -> dict[str, Any]:
    outcome = _(
        "{points}, of which {plans} have a plan, {stopped} stopped early, {failed} failed",
        points=number(sweep.points),
        plans=number(sweep.plans),
        stopped=number(sweep.stopped),
        failed=number(sweep.failed),
    )
    folder = sweep.folder
    has_page = (folder / COMPARISON_PAGE).is_file()
    command = f'ikmplan compare --runs "{folder.parent.name}/{folder.name}"'
    reached = " – ".join(one_decimal(units) for units in sweep.reached or ())
    return {
        "name": sweep.title or folder.name,
        "below": folder.name if sweep.title else "",
        "about": sweep.note,
        "page": f"{quote(folder.name)}/{COMPARISON_PAGE}" if has_page else "",
        "command": "" if has_page else command,
        "varied": ", ".join(sweep.fields),
        "outcome": outcome,
        "reached": reached or NOTHING,
        **_at(sweep.when),
    }


def _headings(figures: Iterable[str]) -> list[dict[str, Any]]:
    return [
        {"text": _("Scenario"), "sort": "up", "right": False},
        {"text": _("Outcome"), "sort": "up", "right": False},
        *({"text": text, "sort": "down", "right": True} for text in figures),
        {"text": _("Coverage of each cluster"), "sort": "", "right": False},
        {"text": _("Date"), "sort": "down", "right": False},
        {"text": _("Files"), "sort": "", "right": False},
    ]


def _row(run: Run, plan: Plan, tallest: float, apart: bool) -> dict[str, Any]:
    problem = next(quick_problems(run), None)
    status, outcome = plan.proof.status, _("stopped early")
    if problem is not None:
        status, outcome = "unverified", _("does not verify")
    elif status == PROVEN:
        outcome = _("proven")
    notes = [_("the newest run failed; this is an older plan")] if run.error else []
    return {
        "name": plan.scenario.title or run.name,
        "below": run.name if plan.scenario.title else "",
        "about": plan.scenario.note,
        "page": _href(run, PAGE) if run.has(PAGE) else "",
        "note": "; ".join(notes),
        "status": status,
        "outcome": outcome,
        "why": problem.text if problem else "",
        "figures": _figures(run, plan, apart),
        "spark": sparkline(run, plan, tallest),
        "links": _links(run, (*LINKED, FAILED) if run.error else LINKED),
        **_at(run.when),
    }


def _figures(run: Run, plan: Plan, apart: bool) -> dict[str, dict[str, str]]:
    """The figures of a plan by the headings of their columns; with `apart`, new entrepreneurs."""
    counted = plan.coverage[plan.coverage["counts"]]
    everyone = units_counted(run.case) if run.case else int(counted["size"].sum())
    worst, lowest = _worst(run, plan) or ("", math.nan)
    share = plan.reached / everyone if everyone else math.nan
    new = new_entrepreneurs(plan, run.case) if run.case else math.nan
    return {
        _("Units reached"): _cell(plan.reached, one_decimal, range_note(run.uncertainty)),
        **({_("New entrepreneurs expected"): _cell(new, one_decimal)} if apart else {}),
        _("Coverage"): _cell(share, percent_one_decimal),
        _("Worst-off cluster"): _cell(lowest, percent_one_decimal, worst and _name(run, worst)),
        _("Money used"): _cell(plan.cost, short_rupiah),
        _("Classes"): _cell(plan.class_count, number),
        _("Machines"): _cell(plan.machine_count, number),
        _("Gap"): _cell(plan.proof.gap, gap_percent),
    }


def _at(when: datetime) -> dict[str, str]:
    from babel.dates import format_datetime

    day, time = (
        format_datetime(when, form, locale=current_language()) for form in ("d MMM y", "HH.mm")
    )
    return {"when": when.isoformat(timespec="seconds"), "day": day, "time": time}


def _links(run: Run, files: tuple[str, ...]) -> list[dict[str, str]]:
    texts = {
        PLAN_WORKBOOK: _("workbook"),
        PLAN_NOTEBOOK: _("notebook"),
        FAILED: _("notebook with the error"),
    }
    return [
        {"href": _href(run, file), "text": texts[file], "label": f"{texts[file]}: {run.name}"}
        for file in files
        if run.has(file)
    ]


def _href(run: Run, file: str) -> str:
    return f"{quote(run.folder.name)}/{file}"


def _cell(value: float, show: Format, below: str = "") -> dict[str, str]:
    """A figure by which rows are sorted, its text, and a line below it."""
    if math.isnan(value):
        return {"value": "-1", "text": NOTHING, "below": below}
    return {"value": f"{value:.6g}", "text": show(value), "below": below}


def _name(run: Run, key: str) -> str:
    return run.case.name(key) if run.case else key


def _shares(plan: Plan) -> dict[str, float]:
    """The coverage of each cluster of IKM units."""
    shown = plan.coverage[plan.coverage["counts"] & (plan.coverage["size"] > 0)]
    return dict(zip(shown["cluster"], shown["coverage"], strict=True))


def _worst(run: Run, plan: Plan) -> tuple[str, float] | None:
    """The worst-off cluster; of all clusters where the tables are no longer there."""
    if run.case:
        return worst_off_cluster(plan, run.case)
    shares = _shares(plan)
    cluster = min(shares, key=lambda c: (shares[c], c), default=None)
    return None if cluster is None else (cluster, shares[cluster])


def sparkline(run: Run, plan: Plan, tallest: float) -> Markup:
    """The coverage of each cluster as a row of bars, with a text alternative."""
    shares, worst = _shares(plan), _worst(run, plan)
    message = "; ".join(f"{_name(run, c)} {percent(share)}" for c, share in shares.items())
    bars = []
    for n, (c, share) in enumerate(shares.items()):
        high = max(1.0, HIGH * share / tallest) if tallest else 1.0
        colour = "#D55E00" if worst and c == worst[0] else "#0072B2"
        bar = Markup('<rect x="{}" y="{:.1f}" width="{}" height="{:.1f}" fill="{}"/>')
        bars.append(bar.format(n * WIDE, HIGH - high, WIDE - 2, high, colour))
    alt = _("Expected coverage of each cluster: {values}.", values=message)
    picture = Markup('<svg role="img" aria-label="{}" width="{}" height="{}">{}</svg>')
    return picture.format(alt, WIDE * max(1, len(shares)), HIGH, join_html(bars))
