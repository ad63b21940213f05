"""Charts of the machines placed and of the limits that a plan comes up against."""

from __future__ import annotations

from textwrap import wrap
from typing import Any

from matplotlib.ticker import MaxNLocator

from ikmplan.input.case import Case
from ikmplan.input.rows import QUARTERS
from ikmplan.plan.plan import Plan
from ikmplan.report.limits import binding_limit_names, limit_name, year_limits
from ikmplan.report.names import place
from ikmplan.show.chart import (
    BLACK,
    COLOURS,
    GREY,
    HATCHES,
    SKY,
    VERMILION,
    Chart,
    bars,
    legend,
    new_chart,
    nothing,
    plain,
    show_shares,
)
from ikmplan.text import _, listing, number, percent

SHOWN = 14  # most limits in one chart


def machines_chart(plan: Plan, case: Case) -> Chart:
    """Where the machines go: new ones at each cluster, by kind."""
    placed: dict[tuple[str, str], int] = {
        (e, h): n for e, h, n in plan.machines.itertuples(index=False)
    }
    if not placed:
        return nothing(_("No machine is placed"))
    hosts = {h: sum(n for (_e, at), n in placed.items() if at == h) for _e, h in placed}
    order = sorted(hosts, key=lambda h: (-hosts[h], h))
    kinds = [e for e in case.equipment if any(e == kind for kind, _h in placed)]
    names = [place(case, h) for h in order]
    most = max(hosts.values())
    title = _(
        "New machines: {n}; most go to {where} ({most})",
        n=number(sum(hosts.values())),
        where=listing([name for name, h in zip(names, order, strict=True) if hosts[h] == most]),
        most=number(most),
    )
    message = [
        f"{name}: "
        + listing(
            [f"{case.name(e)} {number(placed[e, h])}" for e in kinds if placed.get((e, h), 0)]
        )
        for name, h in zip(names, order, strict=True)
    ]
    alt = _("Bars of the new machines at each place. {values}.", values="; ".join(message))
    caption = _("Each bar: the new machines of one place, by kind.")
    figure = new_chart(1.8 + 0.36 * len(order), caption, title, alt)
    axes = figure.add_subplot()
    at = bars(axes, names)
    start = [0] * len(order)
    for n, e in enumerate(kinds):
        counts = [placed.get((e, h), 0) for h in order]
        axes.barh(
            at,
            counts,
            left=start,
            height=0.62,
            facecolor=COLOURS[n % len(COLOURS)],
            edgecolor=BLACK,
            linewidth=0.6,
            hatch=HATCHES[n % len(HATCHES)],
            label="\n".join(wrap(plain(case.name(e)), 44)),
        )
        for y, (begin, count) in enumerate(zip(start, counts, strict=True)):
            if count:
                axes.text(
                    begin + count / 2,
                    y,
                    number(count),
                    ha="center",
                    va="center",
                    fontsize=9,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.2},
                )
        start = [a + b for a, b in zip(start, counts, strict=True)]
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.set_xlim(0, max(start) * 1.03)
    axes.set_xlabel(_("New machines"))
    legend(figure, axes, 3)
    return figure


def limits_chart(plan: Plan, case: Case) -> Chart:
    """What binds: the share used of the money, trainers, halls, stock, power and space."""
    rows = year_limits(plan)
    rows = rows[rows["binding"] | (rows["limit"] > 0)]
    first = rows.head(SHOWN).to_dict("records")
    if not first:
        return nothing(_("The plan has no limits"))
    names = binding_limit_names(plan, case)
    title = (
        _("What limits the plan first: {limits}", limits=listing(names[:2]))
        if names
        else _("Neither money nor trainers nor halls limit the plan")
    )
    labels = [limit_name(case, r["rule"], r["key"]) for r in first]
    message = [
        _("{name} {share}", name=label, share=percent(r["share"]))
        for label, r in zip(labels, first, strict=True)
        if r["binding"]
    ]
    alt = _(
        "Bars of the share used of each limit. Limits that bind: {values}.",
        values="; ".join(message) or "–",
    )
    caption = _(
        "The fullest limits, by the share used in the fullest quarter. Black square: no room for "
        "one more class or machine."
    )
    figure = new_chart(1.6 + 0.33 * len(first), caption, title, alt)
    axes = figure.add_subplot()
    at = bars(axes, labels)
    styles: tuple[tuple[bool, str, dict[str, Any]], ...] = (
        (True, _("Binds ■: no room for one more class or machine"), {"color": VERMILION}),
        (False, _("Has room left"), {"facecolor": SKY, "edgecolor": GREY, "hatch": "///"}),
    )
    for tight, label, style in styles:
        some = [(y, r["share"]) for y, r in zip(at, first, strict=True) if r["binding"] == tight]
        if some:
            axes.barh(
                [y for y, _s in some], [s for _y, s in some], height=0.62, label=label, **style
            )
    for y, r in zip(at, first, strict=True):
        text = percent(r["share"])
        if r["binding"] and 0 < len(r["quarters"]) < len(QUARTERS):
            text += f" ■ ({', '.join(_('Q{q}', q=q) for q in r['quarters'])})"
        elif r["binding"]:
            text += " ■"
        axes.annotate(
            text,
            (r["share"], y),
            (5, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )
    axes.set_xlim(0, max(1.0, *(r["share"] for r in first)) * 1.42)
    axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    axes.axvline(1, color=BLACK, linewidth=1, zorder=0.5)
    show_shares(axes.xaxis)
    axes.set_xlabel(_("Share of the limit that is used in the year"))
    legend(figure, axes, 2)
    return figure
