"""What stands around the lines of the RKA, as the form "RKA – Rincian Belanja SKPD" has it.

Names come from office.csv and what is planned from the plan; where neither has it, there is a gap.
"""

from __future__ import annotations

from dataclasses import dataclass

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY, TRAINING
from ikmplan.input.office import ALLOCATION_AFTER, ALLOCATION_BEFORE, allocation
from ikmplan.input.rows import QUARTERS
from ikmplan.plan.plan import Plan
from ikmplan.report.cash_plan import MONTHS_OF_A_QUARTER
from ikmplan.report.indicators import outputs_of, sub_activity_label
from ikmplan.report.names import place_inside
from ikmplan.report.rka import SubActivity, by_quarter
from ikmplan.text import _, current_language, listing, number, rupiah

GAP_TEXT = "…" * 12  # to be filled in by the office
MEMBERS = 3  # rows of the budget team where office.csv names nobody
MOST_CLUSTERS_NAMED = 8


@dataclass(frozen=True)
class FormField:
    """A label of the form and what stands beside it; money is whole rupiah."""

    label: str
    value: str | int
    gap: bool = False
    sum_below: bool = False  # the cell repeats the sum of the lines


def year_words(case: Case) -> str:
    """Region and budget year."""
    office = case.office
    region, year = office.get("region", GAP_TEXT), office.get("year", GAP_TEXT)
    return _("{region}, budget year {year}", region=region, year=year)


def _text(label: str, value: str | None) -> FormField:
    return FormField(label, value or GAP_TEXT, gap=not value)


def activity_fields(case: Case, part: SubActivity) -> tuple[list[FormField], list[FormField]]:
    """Above the indicators, left and right: what the activity belongs to, and its money in three
    years. Of the year of the plan it is what the sub-activity's own lines add up to."""
    office = case.office
    organisation = office.get("office")
    if organisation and "office_code" in office:
        organisation = f"{office['office_code']} {organisation}"
    left = [
        _text(_("Affairs (urusan)"), office.get("urusan")),
        _text(_("Field (bidang urusan)"), office.get("bidang_urusan")),
        _text(_("Programme (program)"), office.get("program")),
        _text(_("Aim of the programme"), office.get("program_aim")),
        _text(_("Activity (kegiatan)"), office.get("kegiatan")),
        _text(_("Organisation"), organisation),
        _text(_("Unit within it"), office.get("unit", organisation)),
    ]
    year = int(office["year"]) if office.get("year", "").isdecimal() else None
    right = [
        _text(_("Achievement of the programme: indicator"), office.get("program_indicator")),
        _text(_("Achievement of the programme: target"), office.get("program_target")),
        _allocation(case, part, ALLOCATION_BEFORE, _year_of(year, -1)),
        FormField(_("Allocation in {year}", year=_year_of(year, 0)), part.amount, sum_below=True),
        _allocation(case, part, ALLOCATION_AFTER, _year_of(year, 1)),
    ]
    return left, right


def _year_of(year: int | None, step: int) -> str:
    """The year as it is written, or n with the step where the budget year is no number."""
    return str(year + step) if year is not None else f"n{step:+d}" if step else "n"


def _allocation(case: Case, part: SubActivity, which: str, year: str) -> FormField:
    amount = allocation(case.office, which, part.kind)
    label = _("Allocation in {year}", year=year)
    return FormField(label, GAP_TEXT if amount is None else amount, gap=amount is None)


def sub_activity_fields(
    plan: Plan, case: Case, part: SubActivity
) -> list[tuple[FormField, FormField]]:
    """Between the indicators and the lines, side by side."""
    outputs = [
        f"{measure}: {show(target) if show and target is not None else target or GAP_TEXT}"
        for _kind, measure, target, show in outputs_of(plan, case, part.kind)
    ]
    return [
        (
            _text(_("Sub-activity (sub kegiatan)"), sub_activity_label(part)),
            _text(_("Time of the work"), _time(part)),
        ),
        (
            _text(_("Output of the sub-activity"), "; ".join(outputs)),
            _text(_("Source of funds"), _funding(plan, case, part)),
        ),
        (
            _text(_("Location"), _location(plan, case, part)),
            _text(_("Target group of the activity"), _target_group(plan, case, part)),
        ),
    ]


def _funding(plan: Plan, case: Case, part: SubActivity) -> str:
    """The funds that pay; each with its amount where there are several."""
    paid = plan.money[plan.money["kind"] == part.kind].groupby("fund")["amount"].sum().to_dict()
    funds = [f for f in case.funds if paid.get(f)]
    if len(funds) == 1:
        return case.name(funds[0])
    return listing([f"{case.name(f)} {rupiah(paid[f])}" for f in funds])


def _hosts(plan: Plan, part: SubActivity) -> list[str]:
    """The places of its classes or machines, once each."""
    table = plan.classes if part.kind == TRAINING else plan.machines
    return list(dict.fromkeys(table["host"]))


def _location(plan: Plan, case: Case, part: SubActivity) -> str:
    """The region and the districts (kecamatan) of its places."""
    hosts, region = _hosts(plan, part), case.office.get("region")
    districts = list(dict.fromkeys(case.clusters[c].district for c in case.clusters if c in hosts))
    names = listing(districts)
    one = len(districts) == 1
    named = _("district {names}", names=names) if one else _("districts {names}", names=names)
    where = [named] if districts else []
    whole = [place_inside(case, CITY)] if CITY in hosts else []
    text = listing([*where, *whole])
    return f"{region}: {text}" if region and text else text or region or ""


def _target_group(plan: Plan, case: Case, part: SubActivity) -> str:
    """As office.csv names it; else the clusters whose units get something of it."""
    if "target_group" in case.office:
        return case.office["target_group"]
    items = set(case.courses if part.kind == TRAINING else case.equipment)
    given = {cluster for cluster, package, _n in plan.packages if items & {*package}}
    names = [case.name(c) for c in case.clusters if c in given]
    if not names:
        return ""
    if len(names) > MOST_CLUSTERS_NAMED:
        return _("Small and medium industries (IKM) in {n} clusters", n=number(len(names)))
    return _("Small and medium industries (IKM) in: {clusters}", clusters=listing(names))


def _time(part: SubActivity) -> str:
    """From the first month of the first quarter with spending to the last of the last."""
    from babel.dates import get_month_names

    due = [q for q, n in zip(QUARTERS, by_quarter(part.lines), strict=True) if n]
    if not due:
        return ""
    names = get_month_names("wide", locale=current_language())
    first = names[(due[0] - 1) * MONTHS_OF_A_QUARTER + 1]
    return _("{first} to {last}", first=first, last=names[due[-1] * MONTHS_OF_A_QUARTER])


def team(case: Case) -> list[tuple[str, str, str]]:
    """Name, NIP and post of each member of the budget team; gaps where nobody is named."""
    found = []
    for n in range(1, 100):
        parts = [case.office.get(f"tapd_{n}_{what}") for what in ("name", "id", "post")]
        if n > MEMBERS and not any(parts):
            break
        name, staff_number, post = (part or GAP_TEXT for part in parts)
        found.append((name, staff_number, post))
    return found
