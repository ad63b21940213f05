"""What the figures of a plan show: all numbers, all texts, computed once for two renderers.

`charts` draws them as SVG, `pictures` as HTML; neither reads a plan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ikmplan.input.case import Case
from ikmplan.input.cells import EQUIPMENT, TRAINING
from ikmplan.input.rows import QUARTERS
from ikmplan.plan.plan import Plan, total, worst_off_cluster
from ikmplan.report.key_figures import at_floor, units_text
from ikmplan.report.limits import (
    YearLimit,
    binding_limit_names,
    limit_name,
    short_amount,
    shown_rule,
    year_limits,
)
from ikmplan.report.names import KIND_NAMES, Pin, place
from ikmplan.show.table import NOTHING, Format, plain_number, short_rupiah
from ikmplan.text import N_, _, listing, number, percent


@dataclass(frozen=True)
class Content:
    """The texts of a figure: `caption` and `axis` (what the bars measure) are of charts only."""

    title: str
    alt: str = ""
    caption: str = ""
    axis: str = ""


class Bar(NamedTuple):
    """A bar of one or more parts, and the text at its end."""

    name: str
    parts: Sequence[float]
    text: str
    marks: Sequence[float | None] = ()


@dataclass(frozen=True)
class Bars(Content):
    """Horizontal bars: a label for each part and (sign, label) for each mark of a bar."""

    parts: Sequence[str] = ()
    bars: Sequence[Bar] = ()
    marks: Sequence[tuple[str, str]] = ()
    show: Format = number  # how a part's number is written

    @property
    def most(self) -> float:
        """The end of the longest bar or of the farthest mark."""
        ends = [n or 0 for bar in self.bars for n in (sum(bar.parts), *bar.marks)]
        return max(ends, default=0)


COACHED_SUMS = ("size", "coached", "reached")
FLOOR, ANNOUNCED = "floor", ""  # signs of marks; a pinned plan's is its letter
# sign -> the kind of mark that is drawn
MARKS = {FLOOR: "floor", ANNOUNCED: "announced", "A": "pin-a", "B": "pin-b", "C": "pin-c"}


def coverage_bars(
    plan: Plan, case: Case, programme: Plan | None = None, pins: Sequence[Pin] = ()
) -> Bars:
    """Expected coverage of each cluster, with its floor, as announced and as pinned."""
    rows = [r for r in plan.coverage.to_dict("records") if r["counts"] and r["size"] > 0]
    worst = worst_off_cluster(plan, case)
    if worst is None or not rows:
        return Bars(_("No cluster can be reached"))
    lowest = at_floor(plan)
    if len(lowest) > 1:
        title = _("{n} clusters stand at their floor, the others above it", n=number(len(lowest)))
    else:
        title = _(
            "{cluster} is worst off: {share} of its units are expected to be reached",
            cluster=case.name(worst[0]),
            share=percent(worst[1]),
        )
    others = [(pin.letter, _("Pinned {letter}", letter=pin.letter), pin.plan) for pin in pins]
    if programme is not None:
        others.insert(0, (ANNOUNCED, _("Announced programme, estimated"), programme))
    shares = {r["cluster"]: r["coverage"] for r in rows}
    alt = _(
        "Bars of the expected coverage of each cluster: {values}.",
        values=_named_shares((case.name(c), share) for c, share in shares.items()),
    )
    marks, at = [], []
    if any(r["floor"] for r in rows):
        marks.append((FLOOR, _("Floor asked for")))
        at.append({r["cluster"]: r["floor"] or None for r in rows})
    for sign, name, other in others:
        theirs = dict(zip(other.coverage["cluster"], other.coverage["coverage"], strict=True))
        better = sum(share > theirs.get(c, 0) + 1e-9 for c, share in shares.items())
        alt += " " + _(
            "{name}: the plan reaches more in {n} of {all} clusters.",
            name=name,
            n=number(better),
            all=number(len(shares)),
        )
        marks.append((sign, name))
        at.append(theirs)
    return Bars(
        title,
        alt,
        _("Bold: the coverage that the plan gives."),
        _("Expected coverage (share of the cluster's units)"),
        [_("This plan")],
        [
            Bar(case.name(c), [share], percent(share), [shown.get(c, 0.0) for shown in at])
            for c, share in shares.items()
        ],
        marks,
        percent,
    )


def coached_bars(plan: Plan, case: Case, district: bool = False) -> Bars:
    """The share of units coached beside the share expected to be reached, of each cluster or,
    with `district`, of each district."""
    sums: dict[str, Counter[str]] = {}
    for row in plan.coverage.to_dict("records"):
        if row["counts"] and row["size"] > 0:
            name = case.clusters[row["cluster"]].district if district else case.name(row["cluster"])
            sums.setdefault(name, Counter()).update({n: row[n] for n in COACHED_SUMS})
    if not sums:
        return Bars(_("No cluster can be reached"))
    of = {name: [n["coached"] / n["size"], n["reached"] / n["size"]] for name, n in sums.items()}
    size = sum(n["size"] for n in sums.values())
    message = N_("Of {all} units {coached} are coached and {reached} expected to be reached")
    if district:
        message = N_(
            "In {places} districts {coached} of {all} units are coached and {reached} expected to "
            "be reached"
        )
    title = _(
        message,
        places=number(len(sums)),
        coached=number(plan.coached),
        reached=units_text(plan.reached),
        all=number(size),
    )
    both = "; ".join(
        _("{name} {coached} and {reached}", name=name, coached=percent(a), reached=percent(b))
        for name, (a, b) in of.items()
    )
    return Bars(
        title,
        _("Two bars for each, coached and expected to be reached: {values}.", values=both),
        _(
            "The difference between the two bars is the units that get something and are not "
            "expected to use it."
        ),
        _("Share of the units of each district") if district else _("Share of the cluster's units"),
        [_("Coached"), _("Expected to be reached")],
        [Bar(name, shares, "") for name, shares in of.items()],
        show=percent,
    )


def _named_shares(shares: Any) -> str:
    """Pairs of a name and a share 0..1 in one line."""
    return "; ".join(_("{name} {share}", name=name, share=percent(n)) for name, n in shares)


def money_bars(plan: Plan, case: Case) -> Bars:
    """Each fund: what it pays for training and for machines, and what is not spent."""
    paid = plan.money.groupby(["fund", "kind"])["amount"].sum().to_dict()
    bars = []
    for f, amount in case.fund_amount.items():
        training, machines = (int(paid.get((f, kind), 0)) for kind in (TRAINING, EQUIPMENT))
        parts = [training, machines, amount - training - machines]
        bars.append(Bar(case.name(f), parts, short_rupiah(amount)))
    training, machines, left = (sum(int(bar.parts[n]) for bar in bars) for n in range(3))
    spent = training + machines
    title = _("No money is spent")
    if spent and case.budget < sum(case.fund_amount.values()):
        title = _(
            "Of the budget of {budget}, {spent} is spent: {share} of it on training",
            budget=short_rupiah(case.budget),
            spent=short_rupiah(spent),
            share=percent(training / spent),
        )
    elif spent:
        title = _(
            "Of {spent}, {share} goes to training; {left} of the funds is not spent",
            spent=short_rupiah(spent),
            share=percent(training / spent),
            left=short_rupiah(left),
        )
    values = [
        _(
            "{fund}: {training} for training, {machines} for machines, {left} not spent",
            fund=bar.name,
            **dict(
                zip(("training", "machines", "left"), map(short_rupiah, bar.parts), strict=True)
            ),
        )
        for bar in bars
    ]
    return Bars(
        title,
        _("Bars of each fund. {values}.", values="; ".join(values)),
        _("Each bar: the amount of one fund."),
        _("Rupiah"),
        [_(KIND_NAMES[TRAINING]), _(KIND_NAMES[EQUIPMENT]), _("Not spent")],
        bars,
        show=short_rupiah,
    )


def machines_bars(plan: Plan, case: Case) -> Bars:
    """New machines at each place, by kind, the place with most first."""
    placed = Counter({(e, h): n for e, h, n in plan.machines.itertuples(index=False)})
    if not placed:
        return Bars(_("No machine is placed"))
    kinds = [e for e in case.equipment if any(e == kind for kind, _h in placed)]
    hosts = total((h, n) for (_e, h), n in placed.items())
    order, most = sorted(hosts, key=lambda h: (-hosts[h], h)), max(hosts.values())
    title = _(
        "New machines: {n}; most go to {where} ({most})",
        n=number(hosts.total()),
        where=listing([place(case, h) for h in order if hosts[h] == most]),
        most=number(most),
    )
    bars = [Bar(place(case, h), [placed[e, h] for e in kinds], number(hosts[h])) for h in order]
    names = [case.name(e) for e in kinds]
    values = [
        f"{bar.name}: "
        + listing([f"{e} {number(n)}" for e, n in zip(names, bar.parts, strict=True) if n])
        for bar in bars
    ]
    return Bars(
        title,
        _("Bars of the new machines at each place. {values}.", values="; ".join(values)),
        _("Each bar: the new machines of one place, by kind."),
        _("New machines"),
        names,
        bars,
    )


# --- limits ----------------------------------------------------------------------------------


class LimitBar(NamedTuple):
    """A limit: shares 0..1 of it that are used, and whether it binds."""

    name: str
    share: float  # in its fullest quarter
    year_share: float
    binding: bool
    text: str  # its share and, where it binds in some quarters only, which
    left: str  # how much is left of how much


@dataclass(frozen=True)
class LimitBars(Content):
    """All limits, those that bind first; labels of the bars that bind and of the others."""

    bars: Sequence[LimitBar] = ()
    labels: tuple[str, str] = ("", "")


def limit_bars(plan: Plan, case: Case) -> LimitBars:
    """What there is of money, trainers, halls, stock, power and space, and what is used."""
    bars = [_limit_bar(case, limit) for limit in year_limits(plan) if limit.binding or limit.limit]
    if not bars:
        return LimitBars(_("The plan has no limits"))
    names = binding_limit_names(plan, case)
    title = _("Neither money nor trainers nor halls limit the plan")
    if names:
        title = _("No room is left in {limits}", limits=listing(names))
    binding = [f"{bar.name} ({bar.left})" for bar in bars if bar.binding]
    return LimitBars(
        title,
        _(
            "Bars of the share used of each limit. Limits that bind: {values}.",
            values="; ".join(binding) or NOTHING,
        ),
        _(
            "The fullest limits, by the share used in the fullest quarter. Black square: no room "
            "for one more class or machine."
        ),
        _("Share of the limit that is used in the year"),
        bars,
        (_("Binds ■: no room for one more class or machine"), _("Has room left")),
    )


def _limit_bar(case: Case, limit: YearLimit) -> LimitBar:
    text, rule = percent(limit.share), shown_rule(case, limit.rule, limit.key)
    left = _(
        "{left} left of {all}",
        left=short_amount(rule, max(0, limit.limit - limit.used)),
        all=short_amount(rule, limit.limit),
    )
    if limit.binding:
        text += " ■"
    if limit.binding and 0 < len(limit.quarters) < len(QUARTERS):
        quarters = [_("Q{q}", q=q) for q in limit.quarters]
        text += f" ({', '.join(quarters)})"
        left = _("{text}; full in {quarters}", text=left, quarters=listing(quarters))
    return LimitBar(
        limit_name(case, limit.rule, limit.key),
        limit.share,
        limit.used / limit.limit if limit.limit else 1.0,
        limit.binding,
        text,
        left,
    )


# --- the year --------------------------------------------------------------------------------


class DaysUsed(NamedTuple):
    """The days of a trainer or hall in one quarter; `full`: no room for one more class."""

    used: float
    there: float
    full: bool
    text: str


class ResourceDays(NamedTuple):
    """A trainer or hall over the year."""

    name: str
    share: str  # used of its days in the year
    quarters: Sequence[DaysUsed]


@dataclass(frozen=True)
class QuarterDays(Content):
    """Classes in each quarter, and the days they use of each trainer and hall."""

    quarters: Sequence[str] = ()
    classes: Sequence[int] = ()
    resources: Sequence[ResourceDays] = ()  # the fullest first
    all_classes: str = ""
    used: str = ""
    full: str = ""


def quarter_days(plan: Plan, case: Case) -> QuarterDays:
    """Classes in each quarter, and the days they use of each trainer and hall."""
    rows: dict[str, dict[int, DaysUsed]] = {}
    for row in plan.limits[plan.limits["rule"] == "resource_days"].to_dict("records"):
        used, there = float(row["used"]), float(row["limit"])
        full = bool(row["binding"]) and there > 0
        text = f"{'■ ' if full else ''}{plain_number(used)}/{plain_number(there)}"
        made = DaysUsed(used, there, full, text if there else NOTHING)
        rows.setdefault(row["key"], {})[row["quarter"]] = made
    shares = {}
    for r in case.resources:
        if r in rows:
            there = sum(days.there for days in rows[r].values())
            shares[r] = sum(days.used for days in rows[r].values()) / there if there else 0.0
    if not shares:
        return QuarterDays(_("No trainer or hall is needed"))
    order = sorted(shares, key=lambda r: -shares[r])
    held = total(
        (q, n)
        for p, _h, start, n in plan.classes.itertuples(index=False)
        for q in case.courses[p].lasts(start)
    )
    return QuarterDays(
        _(
            "Fullest: {resource}, with {share} of its days used in the year",
            resource=case.name(order[0]),
            share=percent(shares[order[0]]),
        ),
        _(
            "Bars of the days used in each quarter against the days there are. Used in the year: "
            "{values}.",
            values=_named_shares((case.name(r), shares[r]) for r in order),
        ),
        _("Above each bar: days used / days there are. Black square: no room for one more class."),
        quarters=[_("Q{q}", q=q) for q in QUARTERS],
        classes=[int(held[q]) for q in QUARTERS],
        resources=[
            ResourceDays(case.name(r), percent(shares[r]), [rows[r][q] for q in QUARTERS])
            for r in order
        ],
        all_classes=_("All classes"),
        used=_("Days used"),
        full=_("■ no room for one more class"),
    )
