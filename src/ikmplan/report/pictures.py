"""Pictures of a plan as HTML: a few milliseconds each, so that they follow a slider.

What they show comes from `figures`; they only draw. The colours are Okabe and Ito's; shapes,
hatches and numbers repeat what colours show. Looks: `browser/explore.css`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from ikmplan.input.case import Case
from ikmplan.plan.plan import Plan
from ikmplan.report.figures import (
    ANNOUNCED,
    MARKS,
    Bars,
    Content,
    coverage_bars,
    limit_bars,
    machines_bars,
    money_bars,
    quarter_days,
)
from ikmplan.report.key_figures import (
    ENTREPRENEURS,
    KEY_FIGURES,
    KeyFigure,
    share_reached,
    units_counted,
)
from ikmplan.report.names import Pin, place
from ikmplan.report.summary import GAIN
from ikmplan.show.html import element, join_html, render
from ikmplan.show.table import Signed, one_decimal, short_rupiah
from ikmplan.text import N_, _, number, percent


class PictureRow(NamedTuple):
    """A bar with its name and the text at its end."""

    name: str
    inside: Markup
    value: str


def _picture(
    name: str, content: Content, rows: Sequence[PictureRow], signs: Sequence[tuple[str, str]] = ()
) -> Markup:
    legend = _legend(signs) if signs else ""
    return render(
        "picture", name=name, title=content.title, alt=content.alt, rows=rows, legend=legend
    )


def _legend(signs: Sequence[tuple[str, str]]) -> Markup:
    """(class of the sign, what it means)."""
    items = (Markup('<span><i class="{}"></i>{}</span>').format(*sign) for sign in signs)
    return element("p", join_html(items), class_="legend", aria_hidden="true")


def _part(sign: str, start: float, width: float, text: str = "") -> Markup:
    if width <= 0:
        return Markup("")
    return Markup('<i class="{}" style="left:{:.2%};width:{:.2%}">{}</i>').format(
        sign, start, width, element("b", text) if text else ""
    )


def _mark(sign: str, at: float) -> Markup:
    return Markup('<i class="mark {}" style="left:{:.2%}"></i>').format(MARKS[sign], min(at, 1))


def _stacked(bars: Bars, signs: Sequence[str], narrowest: float = 0) -> list[PictureRow]:
    """Bars of several parts, each with its number where it is wider than `narrowest` (0..1)."""
    most, rows = bars.most or 1, []
    for bar in bars.bars:
        start, inside = 0.0, Markup("")
        for sign, n in zip(signs, bar.parts, strict=True):
            text = bars.show(n) if n > narrowest * most else ""
            inside += _part(sign, start / most, n / most, text)
            start += n
        rows.append(PictureRow(bar.name, inside, bar.text))
    return rows


# --- tiles -----------------------------------------------------------------------------------


TILES = (
    KEY_FIGURES["reached"]._replace(message=N_("Expected units reached")),
    KEY_FIGURES["coached"]._replace(message=N_("Units coached")),
    KEY_FIGURES["classes"],
    KEY_FIGURES["machines"],
    KEY_FIGURES["cost"],
    KEY_FIGURES["left"],
)
MORE_IS_BETTER = (*TILES[:2], ENTREPRENEURS)


def tiles_picture(
    plan: Plan, case: Case, programme: Plan | None, pins: Sequence[Pin], note: str = ""
) -> Markup:
    """Six figures, each beside the announced programme and the pinned plans; a note beside the
    first, the units reached."""
    others = [(pin.letter, pin.letter, pin.plan, pin.case) for pin in pins]
    if programme is not None:
        others.insert(0, (ANNOUNCED, _("announced"), programme, case))
    of_all = _(
        "of {all} ({share})",
        all=number(units_counted(case)),
        share=percent(share_reached(plan, case) or 0.0),
    )

    def beside(figure: KeyFigure, sign: str, name: str, other: Plan, of: Case) -> dict[str, str]:
        change = (figure.value(plan, case) or 0) - (figure.value(other, of) or 0)
        mood = "up" if change > 0 else "down"
        return {
            "mark": MARKS[sign],
            "name": name,
            "value": figure.text(other, of),
            "change": Signed(figure.short)(change),
            "mood": mood if figure in MORE_IS_BETTER and abs(change) >= GAIN else "",
        }

    shown = [TILES[0], ENTREPRENEURS, *TILES[1:]] if case.counts_entrepreneurs else [*TILES]
    tiles = [
        {
            "label": figure.label,
            "value": figure.text(plan, case),
            "of": "" if n else " · ".join(filter(None, (of_all, note))),
            "others": [beside(figure, *other) for other in others],
        }
        for n, figure in enumerate(shown)
    ]
    return render("plan_tiles", label=_("The plan in figures"), proof=plan.proof, tiles=tiles)


# --- bars ------------------------------------------------------------------------------------


def coverage_picture(plan: Plan, case: Case, programme: Plan | None, pins: Sequence[Pin]) -> Markup:
    """Expected coverage of each cluster, with its floor, as announced and as pinned."""
    shown = coverage_bars(plan, case, programme, pins)
    most = max(0.1, shown.most) * 1.04
    rows = []
    for bar in shown.bars:
        inside = _part("plan", 0, bar.parts[0] / most)
        for (sign, _label), at in zip(shown.marks, bar.marks, strict=True):
            if at is not None:
                inside += _mark(sign, at / most)
        rows.append(PictureRow(bar.name, inside, element("b", bar.text)))
    signs = [("plan", label) for label in shown.parts]
    signs += [(f"mark {MARKS[sign]}", label) for sign, label in shown.marks]
    return _picture("coverage", shown, rows, signs)


def money_picture(plan: Plan, case: Case) -> Markup:
    """Each fund: what it pays for training and for machines; what is not spent is hatched."""
    shown, signs = money_bars(plan, case), ("training", "machines", "unspent")
    rows = _stacked(shown, signs, narrowest=0.14)
    return _picture("money", shown, rows, list(zip(signs, shown.parts, strict=True)))


def machines_picture(plan: Plan, case: Case) -> Markup:
    """New machines at each place, by kind."""
    shown = machines_bars(plan, case)
    signs = [f"kind-{n % 7}" for n in range(len(shown.parts))]
    rows = _stacked(shown, signs)
    return _picture("placed", shown, rows, list(zip(signs, shown.parts, strict=True)))


def limits_picture(plan: Plan, case: Case) -> Markup:
    """What binds, and how much of it is left: less than one more class or machine takes."""
    shown = limit_bars(plan, case)
    rows = [
        PictureRow(bar.name, _part("full", 0, min(1, bar.year_share)), bar.left)
        for bar in shown.bars
        if bar.binding
    ]
    return _picture("limits", shown, rows)


# --- tables with bars ------------------------------------------------------------------------


class BarRow(NamedTuple):
    """A row of a table: cells with bars in them, then cells with text."""

    name: str
    bars: Sequence[Markup | None]
    values: Sequence[str]
    kind: str = ""


def quarters(plan: Plan, case: Case) -> Markup:
    """Classes in each quarter, and the days they use of each trainer and hall."""
    shown = quarter_days(plan, case)
    if not shown.resources:
        return _picture("quarters", shown, [])
    most = max([*shown.classes, 1])
    cells = [_part("classes", 0, n / most) + element("b", number(n)) for n in shown.classes]
    rows = [BarRow(shown.all_classes, cells, [""])]
    for name, share, days in shown.resources:
        cells = [
            _part("full" if d.full else "days", 0, min(1, d.used / d.there) if d.there else 0)
            + element("b", d.text)
            for d in days
        ]
        rows.append(BarRow(name, cells, [share]))
    headings = [_("Days used of those available"), *shown.quarters, _("Year")]
    signs = [("days", shown.used), ("full", shown.full)]
    texts = {"title": shown.title, "headings": headings, "legend": _legend(signs)}
    return render("picture_table", name="quarters", rows=rows, **texts)


def comparison(plan: Plan, case: Case, pin: Pin) -> Markup:
    """Who gains and who loses against a pinned plan, in units and rupiah."""
    changes = _changes(plan, case, pin)
    if not changes:
        title = _("The same as pinned {letter} in every cluster", letter=pin.letter)
        return element("p", title, class_="same")
    title = _(
        "Against pinned {letter}: clusters that gain {gain}, that lose {lose}",
        letter=pin.letter,
        gain=number(sum(units >= GAIN for units, _money in changes.values())),
        lose=number(sum(units <= -GAIN for units, _money in changes.values())),
    )
    most = max(abs(units) for units, _money in changes.values()) or 1

    def row(name: str, units: float, money: float, bar: Markup | None, kind: str = "") -> BarRow:
        signed = [Signed(one_decimal)(units), Signed(short_rupiah)(money)]
        return BarRow(name, [bar], signed, kind)

    rows = []
    for h, (units, money) in sorted(changes.items(), key=lambda change: -change[1][0]):
        width = abs(units) / most / 2
        bar = _part("gain", 0.5, width) if units > 0 else _part("loss", 0.5 - width, width)
        rows.append(row(place(case, h), units, money, bar))
    total = (plan.reached - pin.plan.reached, plan.cost - pin.plan.cost)
    rows.append(row(_("All"), *total, None, "total"))
    headings = [_("Cluster"), "", _("Units reached"), _("Rupiah")]
    texts = {"title": title, "headings": headings, "legend": ""}
    return render("picture_table", name="compare", rows=rows, **texts)


SEEN_UNITS = 0.05  # units; less is not seen with one decimal


def _changes(plan: Plan, case: Case, pin: Pin) -> dict[str, tuple[float, int]]:
    """Host -> units reached more and rupiah spent more than in the pinned plan, if it differs."""
    before, after = (
        dict(zip(p.coverage["cluster"], p.coverage["reached"], strict=True))
        for p in (pin.plan, plan)
    )
    was, spent = _spent(pin.plan), _spent(plan)
    hosts = dict.fromkeys([*case.clusters, *(set(spent) | set(was))])
    changes = {
        h: (after.get(h, 0) - before.get(h, 0), spent.get(h, 0) - was.get(h, 0)) for h in hosts
    }
    return {
        h: (units, money)
        for h, (units, money) in changes.items()
        if abs(units) > SEEN_UNITS or money
    }


def _spent(plan: Plan) -> dict[str, int]:
    return {str(h): int(n) for h, n in plan.lines.groupby("host")["amount"].sum().items()}
