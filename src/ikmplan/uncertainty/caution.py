"""What caution costs: plans of ever more caution, and what they reach in the page's draws."""

from __future__ import annotations

from typing import Any

from ikmplan.input.case import Case
from ikmplan.input.uncertain_numbers import Floats
from ikmplan.insight.demands import changed
from ikmplan.model.search import ask
from ikmplan.plan.plan import Plan
from ikmplan.report.sureness import eight_of_ten
from ikmplan.show.chart import (
    BLUE,
    GREEN,
    Chart,
    ValueAxis,
    draw_curve,
    nothing,
    plane,
    share_axis,
    ticks,
)
from ikmplan.show.drawing import Fill, Mark, Stroke
from ikmplan.show.table import View, one_decimal, percent_one_decimal, table
from ikmplan.tableset import TableSet
from ikmplan.text import N_, _, gap_percent
from ikmplan.uncertainty.draws import Draws
from ikmplan.uncertainty.plan_range import range_of

CAUTIONS = (0.0, 0.5, 0.8, 1.0)
CAUTION_GAP = 7.5e-3  # of each plan: Medan's at caution 1 takes 5 s of CPU to that, 20 s to 5e-3
IN_NINE_OF_TEN = N_("9 of 10 cases above")


def caution_rows(plan: Plan, case: Case, drawn: Draws, own: Floats) -> list[dict[str, Any]]:
    """For each caution what its plan promises, and what it reaches in draws that it has not seen:
    on average and in the worst of ten. None where the scenario asks for no caution.

    `own` is what the plan itself is expected to reach in each draw.
    """
    if not case.scenario.caution:
        return []
    rows = []
    for caution in sorted({*CAUTIONS, case.scenario.caution}):
        gap = max(CAUTION_GAP, case.scenario.gap)
        found, reached = plan, own
        if caution != case.scenario.caution:
            answer = ask(changed(case, caution=caution, gap=gap), shown=True)
            if answer.plan is None:
                continue
            found = answer.plan
            reached = range_of(found, case, drawn).expected
        low, middle, _high = eight_of_ten(reached.tolist())
        of_draws = {"mean": float(reached.mean()), "low": low, "middle": middle}
        promised = {"promised": found.reached, "gap": found.proof.gap}
        rows.append({"caution": caution, **promised, **of_draws})
    return rows


def caution_table(sure: TableSet, case: Case) -> View:
    """What each caution gives up on average, and what it gains where numbers are bad."""
    return table(
        _("What caution costs"),
        sure.tables["caution"].to_dict("records"),
        (_("Caution"), "caution", percent_one_decimal),
        (_("Promised by the tables"), "promised", one_decimal),
        (_("On average over the cases"), "mean", one_decimal),
        (_("Half of the cases above"), "middle", one_decimal),
        (_(IN_NINE_OF_TEN), "low", one_decimal),
        (_("Proven to within"), "gap", gap_percent),
        empty=None,
    )


def caution_chart(sure: TableSet, case: Case) -> Chart:
    """The average and the bad cases of plans with ever more caution."""
    rows = sure.tables["caution"].sort_values("caution")
    if len(rows) < 2:
        return nothing("")
    first, last = rows.iloc[0], rows.iloc[-1]
    title = _(
        "Caution costs {n} units on average and brings {more} in the bad cases",
        n=one_decimal(first["mean"] - last["mean"]),
        more=one_decimal(last["low"] - first["low"]),
    )
    caption = _("Each dot is a plan in cases that it was not made for.")
    alt = "; ".join(
        _("caution {caution}: {mean} on average, {low} in the bad cases",
          caution=percent_one_decimal(row["caution"]), mean=one_decimal(row["mean"]),
          low=one_decimal(row["low"]))
        for row in rows.to_dict("records")
    )  # fmt: skip
    chart = Chart(title, caption, alt)
    most = 1.05 * max(1.0, float(rows[["mean", "low"]].max().max()))
    units = ValueAxis(_("Units reached"), 0, most, ticks(0, most, 6), one_decimal)
    at = plane(chart, share_axis(_("Caution"), 1.0), units, high=210)
    curves = (("mean", GREEN, _("On average over the cases")), ("low", BLUE, _(IN_NINE_OF_TEN)))
    for column, colour, _label in curves:
        points = zip(rows["caution"], rows[column], strict=True)
        draw_curve(chart, at, points, Stroke(colour), Mark("o", Fill(colour), 7))
    chart.legend(
        *(((Stroke(colour), Mark("o", Fill(colour), 7)), label) for _c, colour, label in curves)
    )
    return chart
