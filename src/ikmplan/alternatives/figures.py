"""The way as a picture, and as the amendment meeting's paper: one page of A4."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from textwrap import wrap

from markupsafe import Markup

from ikmplan.alternatives.changes import effects, effects_text
from ikmplan.alternatives.found import MORE, NESTED, OWN, Alternatives
from ikmplan.alternatives.way import Way
from ikmplan.alternatives.way_tables import (
    changes_text,
    gained_share,
    nested_text,
    no_own_way,
    reaches_best,
    way_length,
    way_rows,
    way_summary,
    why_now,
)
from ikmplan.input.case import Case
from ikmplan.input.cells import MILLION
from ikmplan.show.chart import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    Chart,
    ValueAxis,
    draw_curve,
    plane,
    spread,
    ticks,
)
from ikmplan.show.drawing import Fill, Mark, Stroke
from ikmplan.show.html import render
from ikmplan.show.table import Prose, Signed, one_decimal, plain_number, short_rupiah
from ikmplan.text import N_, _, number, percent

MOST_STEPS = 12  # of the list on one page of A4, where their texts are short
STEP_WIDTHS = (11, 28, 7, 11, 14, 13, 16)  # percent of the page's width, of the columns of the list
LETTERS_A_PERCENT = 1.3  # on a line of the list, per percent of the width
LINES = 57  # of the list, on a page without the text above it
LETTERS_A_LINE = 110  # of that text, a line of which is as high as one of the list
LABELS = {
    OWN: N_("with the money of the given plan"),
    MORE: N_("with all the money there is"),
    NESTED: N_("every step kept"),
}
CHANGES = N_("Changes of the given plan")
BEST_LINE = Stroke(BLACK, 1, "5 4")
WAY_COLOURS = {OWN: GREEN, MORE: BLUE, NESTED: ORANGE}


def way_chart(found: Alternatives, case: Case, titled: Way | None = None) -> Chart:
    """What 1, 2, 3, … changes of the given plan reach, with its money and with all of it; where
    the goal is the least cost, what the plans cost. The title is of `titled`, or of the way with
    all the money."""
    saved = case.scenario.is_cheapest
    best = found.ways[MORE].best
    curves = {name: _curve(one, saved) for name, one in found.every_way.items() if one.steps}
    message = N_("{way}: {n} units after {k} changes")
    caption = N_(
        "Line: IKM units that the best plan with so many changes reaches. A change is one class or "
        "machine more, less, or moved. Broken line: the best plan, whatever it changes."
    )
    end, axis = best.reached, N_("Reached")
    if saved:
        message = N_("{way}: {n} million rupiah after {k} changes")
        caption = N_(
            "Line: what the cheapest plan with so many changes costs. A change is one class or "
            "machine more, less, or moved. Broken line: the cheapest plan, whatever it changes."
        )
        end, axis = best.cost / MILLION, N_("Cost (million rupiah)")
    values = "; ".join(
        _(message, way=_(LABELS[name]), n=one_decimal(y[-1]), k=number(x[-1]))
        for name, (x, y) in curves.items()
    )
    chart = Chart(_way_title(titled or found.ways[MORE], case), _(caption), values)
    most = max([2, *(x[-1] for x, _y in curves.values())])
    low, high = spread([end, *(n for _x, y in curves.values() for n in y)])
    steps = [n for n in ticks(0, most, 8) if n == int(n)]
    changes = ValueAxis(_(CHANGES), 0, most, steps, plain_number)
    units = ValueAxis(_(axis), low, high, ticks(low, high, 6), plain_number)
    at = plane(chart, changes, units, high=150)
    chart.line([(at.x(0), at.y(end)), (at.x(most), at.y(end))], BEST_LINE)
    for name, (x, y) in curves.items():
        mark = Mark("o", Fill(WAY_COLOURS[name]), 6)
        draw_curve(chart, at, zip(x, y, strict=True), Stroke(WAY_COLOURS[name]), mark)
    signs = [(Stroke(WAY_COLOURS[name]), _(LABELS[name])) for name in curves]
    chart.legend(*signs, (BEST_LINE, _("the cheapest plan") if saved else _("the best plan")))
    return chart


def _curve(one: Way, saved: bool) -> tuple[list[int], list[float]]:
    """Changes, and units or million rupiah; the last step is the last that changes something."""
    last = [*way_rows(one)][-1].step.most
    steps = [step for step in one.steps if step.most <= last]
    amounts = [s.plan.cost / MILLION if saved else s.plan.reached for s in steps]
    return [step.most for step in steps], amounts


def _way_title(one: Way, case: Case) -> str:
    rows = [*way_rows(one)]
    if len(rows) < 2:
        none_better = _("No change of the given plan brings more")
        return none_better if reaches_best(one) else _(CHANGES)
    step = rows[len(rows) // 2].step
    share = gained_share(one, case, step)
    fields = {"m": number(one.fewest.changes), "k": number(step.most - one.fewest.changes)}
    if share is None or share <= 0:
        last = rows[-1].step
        if case.scenario.is_cheapest:
            return _("{k} changes lead to a plan for {money}", k=number(last.most),
                     money=short_rupiah(last.plan.cost))  # fmt: skip
        return _("{k} changes lead to {n} units", k=number(last.most),
                 n=one_decimal(last.plan.reached))  # fmt: skip
    fields["share"] = percent(share)
    if one.repaired and case.scenario.is_cheapest:
        message = N_("After the first {m} changes, {k} more bring {share} of what can then be "
                     "saved")  # fmt: skip
    elif one.repaired:
        message = N_("After the first {m} changes, {k} more bring {share} of what the best plan "
                     "then gains")  # fmt: skip
    elif case.scenario.is_cheapest:
        message = N_("{k} changes bring {share} of what can be saved")
    else:
        message = N_("{k} changes bring {share} of what the best plan gains")
    return _(message, **fields)


@dataclass(frozen=True)
class AmendmentPaper:
    """One page of A4: the sentence, the picture, and the first steps with their reasons."""

    title: str
    text: Prose
    chart: Chart
    headings: tuple[str, ...]
    widths: tuple[int, ...]  # percent
    rows: tuple[tuple[str, ...], ...]
    further: str

    def _repr_html_(self) -> Markup:
        return render(
            "amendment",
            title=self.title,
            caption=_("The first steps"),
            text=str(self.text),
            chart=self.chart.html(),
            headings=self.headings,
            widths=self.widths,
            rows=self.rows,
            further=self.further,
        )

    def __repr__(self) -> str:
        return f"AmendmentPaper({self.title!r}, {len(self.rows)} steps)"


def amendment_paper(found: Alternatives | None, case: Case) -> AmendmentPaper | None:
    """The paper for the meeting that amends the given plan; its steps take nothing back where such
    a way was asked for. None where no way was worked out, or not a step of it."""
    if found is None:
        return None
    one = found.nested or found.ways[MORE]
    rows = list(way_rows(one))
    if not rows:
        return None
    signed, money = Signed(one_decimal), Signed(short_rupiah)
    cells: list[tuple[str, ...]] = [
        (
            number(row.step.most),
            changes_text(case, row),
            signed(row.gain),
            money(row.money),
            effects_text(case, effects(row.before, row.step.plan), 1, 2),
            effects_text(case, effects(row.before, row.step.plan), -1, 2),
            why_now(one, case, row),
        )
        for row in rows[:MOST_STEPS]
    ]
    text = str(way_summary(one, case, way_length(found.ways[MORE])))
    if found.nested is not None:
        text += " " + nested_text(found.ways[MORE], found.nested, case)
    if OWN not in found.ways:
        text += " " + no_own_way(one.given, case)
    cells = _on_one_page(cells, LINES - 1.1 * ceil(len(text) / LETTERS_A_LINE))
    left = len(rows) - len(cells)
    return AmendmentPaper(
        _("What could be changed first"),
        Prose(text),
        way_chart(found, case, one),
        (
            _("Changes"), _("What changes in this step"), _("Units"), _("Money"), _("Gains"),
            _("Loses"), _("Why it comes now"),
        ),
        STEP_WIDTHS,
        tuple(cells),
        _("{n} more steps stand in the workbook.", n=number(left)) if left else "",
    )  # fmt: skip


def _on_one_page(rows: list[tuple[str, ...]], left: float) -> list[tuple[str, ...]]:
    """The first rows that fit on so many lines, which text and picture leave of a page."""
    found: list[tuple[str, ...]] = []
    for cells in rows:
        lines = (
            len(wrap(text, int(LETTERS_A_PERCENT * w)))
            for text, w in zip(cells, STEP_WIDTHS, strict=True)
        )
        left -= max(lines) + 0.5
        if left < 0 and found:
            break
        found.append(cells)
    return found
