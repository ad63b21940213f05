"""The decision sheet: all that is needed to sign or not, on the first printed page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from ikmplan.input.case import Case
from ikmplan.input.cells import EQUIPMENT, TRAINING
from ikmplan.input.office import APPROVAL, STATUS
from ikmplan.plan.plan import Plan
from ikmplan.report.counting import announced_left_out
from ikmplan.report.figures import MARKS, Bars, coverage_bars
from ikmplan.report.key_figures import KEY_FIGURES, money_there
from ikmplan.report.limits import binding_limit_names
from ikmplan.report.names import place_inside
from ikmplan.report.openings import unused_openings
from ikmplan.report.summary import NOTHING_USED_UP, plan_headline, plan_tiles
from ikmplan.show.html import render
from ikmplan.show.table import Points, Prose, Tiles, View, one_decimal, short_rupiah, table
from ikmplan.tableset import TableSet
from ikmplan.text import N_, _, listing, number, percent

MOST_CLUSTERS = 18  # rows of the coverage: more would not stand on one page
MOST_NAMED = 4  # announced classes that a sentence names
LINE = "…………………………"  # to be filled in by hand


class Signature(NamedTuple):
    """Who signs: what for, post, name, staff number."""

    role: str
    post: str
    name: str
    number: str


class CoverageRow(NamedTuple):
    """A bar of the coverage, its ends in percent of the longest."""

    name: str
    value: str
    bar: float
    marks: list[tuple[str, float]]  # kind and place of each


@dataclass(frozen=True)
class DecisionSheet:
    """Status, paragraph, figures, coverage, money, limits, what is to be decided, signatures."""

    status: str
    paragraph: Prose
    tiles: Tiles
    coverage: Bars
    money: View
    limits: Points
    decide: Points
    signatures: tuple[Signature, ...]
    place: str

    def _repr_html_(self) -> Markup:
        rows, others = _coverage_rows(self.coverage)
        return render(
            "decision_sheet",
            sheet=self,
            status_label=_("Status"),
            paragraph=Markup(self.paragraph._repr_html_()),
            tiles=Markup(self.tiles._repr_html_()),
            money=self.money.html(),
            limits=Markup(self.limits._repr_html_()),
            decide=Markup(self.decide._repr_html_()),
            limits_heading=_("What limits the plan"),
            decide_heading=_("What is to be decided"),
            headings=(_("Cluster"), _("Expected coverage"), _("Share")),
            rows=rows,
            others=others,
            legend=[(MARKS[sign], label) for sign, label in self.coverage.marks],
            plan_label=_("This plan"),
            date_label=_("Date"),
            line=LINE,
        )

    def __repr__(self) -> str:
        return f"DecisionSheet({self.status!r})"


def decision_sheet(
    plan: Plan,
    case: Case,
    programme: Plan | None = None,
    insight: TableSet | None = None,
    nothing: Plan | None = None,
    uncertainty: TableSet | None = None,
) -> DecisionSheet:
    """The plan as it is laid before those who sign it."""
    office = case.office
    final = office.get(STATUS) == APPROVAL
    return DecisionSheet(
        status=_("for approval") if final else _("draft"),
        paragraph=plan_headline(plan, case, programme, insight, nothing, uncertainty),
        tiles=plan_tiles(plan, case, programme, nothing, uncertainty),
        coverage=coverage_bars(plan, case, programme),
        money=money_lines(plan, case),
        limits=Points(binding_limit_names(plan, case, insight) or [_(NOTHING_USED_UP)]),
        decide=Points(_to_decide(plan, case, insight)),
        signatures=(
            _signature(_("Prepared by"), office, "preparer"),
            _signature(_("Approved by"), office, "head"),
        ),
        place=office.get("place", LINE),
    )


def money_lines(plan: Plan, case: Case) -> View:
    """Five lines of money: what there is, what goes where, and what is left."""
    by_kind = plan.lines.groupby("kind")["amount"].sum().to_dict()
    left = KEY_FIGURES["left"].value(plan, case)
    rows = [
        (_("Money available"), money_there(case)),
        (_("for training"), int(by_kind.get(TRAINING, 0))),
        (_("for machines"), int(by_kind.get(EQUIPMENT, 0))),
        (_("Money used"), plan.cost),
        (_("Money left"), left),
    ]
    return table(
        _("The money in five lines"),
        rows,
        (_("What"), lambda row: row[0]),
        (_("Rupiah"), lambda row: row[1], lambda n: f"Rp{number(n)}"),
    )


def _to_decide(plan: Plan, case: Case, insight: TableSet | None) -> list[str]:
    """What those who sign are asked: the plan, the announced classes it leaves out, its demands."""
    paid = plan.money.groupby("fund")["amount"].sum().to_dict()
    funds = [
        _("{amount} from {fund}", amount=short_rupiah(amount), fund=case.name(f))
        for f in case.funds
        if (amount := int(paid.get(f, 0)))
    ]
    classes, paid_by = number(plan.class_count), listing(funds) or short_rupiah(0)
    points = [_("Whether {classes} classes are paid for: {funds}.", classes=classes, funds=paid_by)]
    if case.equipment:
        points = [
            _(
                "Whether {classes} classes and {machines} new machines are paid for: {funds}.",
                classes=classes,
                machines=number(plan.machine_count),
                funds=paid_by,
            )
        ]
    unused = unused_openings(plan, case)
    used = [o for o in plan.openings["opening"] if case.opening_costs[o] and o not in unused]
    if used:
        names = listing([case.name(o) for o in used])
        points.append(_("Whether this is opened and paid for: {names}.", names=names))
    if unused:
        text = _(
            "Whether this is paid for, though no class, machine or unit of the plan needs it:"
            " {names}.",
            names=listing([case.name(o) for o in unused]),
        )
        points.append(text)
    points += _to_leave_out(plan, case, insight)
    floors = case.floors.values()
    if floors:
        text = _("Whether the floor of each cluster stands as it is.")
        if len(set(floors)) == 1:
            text = _("Whether the floor of {share} stands.", share=percent(max(floors)))
        points.append(text)
    points.append(_("Whether the estimates named above are good enough to decide on."))
    return points


def _to_leave_out(plan: Plan, case: Case, insight: TableSet | None) -> Iterator[str]:
    """The announced classes and machines that the plan leaves out."""
    absent = [row for row in announced_left_out(plan, case, insight) if not row.held]
    if not absent:
        return
    names, lost = [], case.value_is_units and any(row.cost is not None for row in absent)
    for row in absent[:MOST_NAMED]:
        where = place_inside(case, row.host)
        name = _("{item} for {where}", item=case.name(row.item), where=where)
        if lost and row.cost is not None:
            name += f" ({one_decimal(-row.cost)})"
        names.append(name)
    if len(absent) > MOST_NAMED:
        names.append(_("{n} more", n=number(len(absent) - MOST_NAMED)))
    message = N_("Whether these announced classes and machines stay out: {names}.")
    if lost:
        message = N_(
            "Whether these announced classes and machines stay out (units lost if one is "
            "kept): {names}."
        )
    yield _(message, names=listing(names))


def _signature(role: str, office: dict[str, str], key: str) -> Signature:
    return Signature(
        role,
        office.get(key, LINE),
        office.get(f"{key}_name", LINE),
        _("NIP {n}", n=office.get(f"{key}_id", LINE)),
    )


def _coverage_rows(bars: Bars) -> tuple[list[CoverageRow], str]:
    """The clusters from the best covered to the worst, and how many more there are."""
    most = bars.most or 1.0
    kinds = [MARKS[sign] for sign, _label in bars.marks]
    ordered = sorted(bars.bars, key=lambda bar: -bar.parts[0])
    shown = ordered[-MOST_CLUSTERS:]
    rows = [
        CoverageRow(
            bar.name,
            bar.text,
            100 * bar.parts[0] / most,
            [
                (kind, 100 * mark / most)
                for kind, mark in zip(kinds, bar.marks, strict=True)
                if mark is not None
            ],
        )
        for bar in shown
    ]
    hidden = len(ordered) - len(shown)
    text = _("{n} more clusters stand above these.", n=number(hidden)) if hidden else ""
    return rows, text
