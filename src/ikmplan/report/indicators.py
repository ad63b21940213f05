"""Indicators and targets (indikator dan tolok ukur kinerja) of each sub-activity, from the plan."""

from __future__ import annotations

from typing import NamedTuple

from ikmplan.input.case import Case
from ikmplan.input.cells import TRAINING
from ikmplan.plan.plan import Plan
from ikmplan.report.key_figures import seats, share_reached
from ikmplan.report.names import CLASSES, KIND_NAMES, MACHINES, PEOPLE, PLACES, UNITS
from ikmplan.report.rka import SubActivity, sub_activities
from ikmplan.show.table import Format, Of, Unit, View, percent_one_decimal, rupiah_text, table
from ikmplan.text import N_, _

ACHIEVEMENT, INPUT, OUTPUT, OUTCOME = "achievement", "input", "output", "outcome"
# in the order of the form
INDICATOR_KINDS = {
    ACHIEVEMENT: N_("Achievement of the activity"),
    INPUT: N_("Input"),
    OUTPUT: N_("Output"),
    OUTCOME: N_("Outcome"),
}
EXPECTED_UNITS = Unit(N_("{n} units"), digits=1)


class Indicator(NamedTuple):
    """What is measured of a sub-activity, and its target: a number, or the office's own text."""

    kind: str  # of INDICATOR_KINDS
    measure: str
    target: float | str | None
    show: Format | None


def indicators_of(plan: Plan, case: Case, part: SubActivity) -> list[Indicator]:
    """The indicators of one sub-activity in the order of the form.

    Achievement and outcome are those of the whole plan: a unit is reached by what it gets of
    both sub-activities together.
    """
    together = bool(len(plan.classes)) and bool(len(plan.machines))
    coached, reached = _("IKM units coached"), _("IKM units expected to be reached")
    if together:
        coached = _("IKM units coached, by both sub-activities together")
        reached = _("IKM units expected to be reached, by both sub-activities together")
    return [
        Indicator(
            ACHIEVEMENT,
            _("Share of the IKM units that may be invited which are expected to be reached"),
            share_reached(plan, case),
            percent_one_decimal,
        ),
        Indicator(INPUT, _("Money that is needed"), part.amount, rupiah_text),
        *outputs_of(plan, case, part.kind),
        Indicator(OUTCOME, coached, plan.coached, UNITS),
        Indicator(OUTCOME, reached, plan.reached, EXPECTED_UNITS),
    ]


def outputs_of(plan: Plan, case: Case, kind: str) -> list[Indicator]:
    """What a sub-activity brings about: as its nomenclature has it where office.csv states that,
    then as the plan counts it."""
    named = case.office.get(f"output_{kind}")
    found = []
    if named is not None:
        found.append(Indicator(OUTPUT, named, case.office.get(f"output_{kind}_target"), None))
    if kind == TRAINING:
        return [
            *found,
            Indicator(OUTPUT, _("Classes held"), plan.class_count, CLASSES),
            Indicator(OUTPUT, _("Participants in all classes"), seats(plan), PEOPLE),
        ]
    places = int(plan.machines["host"].nunique())
    return [
        *found,
        Indicator(OUTPUT, _("Machines handed over"), plan.machine_count, MACHINES),
        Indicator(OUTPUT, _("Places that get machines"), places, PLACES),
    ]


def indicators_table(plan: Plan, case: Case) -> View:
    """The indicators and targets of each sub-activity that the plan spends money on."""
    rows = [
        (_short_label(part), indicator)
        for part in sub_activities(plan, case)
        for indicator in indicators_of(plan, case, part)
    ]
    return table(
        _("Indicators and targets of the sub-activities"),
        rows,
        (_("Sub-activity"), lambda row: row[0]),
        (_("Indicator"), lambda row: _(INDICATOR_KINDS[row[1].kind])),
        (_("What is measured (tolok ukur)"), lambda row: row[1].measure),
        Of(_("Target"), lambda row: row[1].target, show_of=lambda row: row[1].show or str),
        grouped=True,
        empty=_("No money is spent."),
    )


def _short_label(part: SubActivity) -> str:
    """What the sub-activity is for, and its code."""
    kind = _(KIND_NAMES[part.kind])
    return f"{kind} ({part.code})" if part.code else kind


def sub_activity_label(part: SubActivity) -> str:
    """Code and name; what it is for, where office.csv has neither."""
    return f"{part.code} {part.name}".strip() or _(KIND_NAMES[part.kind])
