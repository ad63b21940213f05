"""Pictures of a plan as HTML: a few milliseconds each, so that they follow a slider.

Each takes a plan, its case and what to compare with, and gives a figure whose title says
what to see and whose text alternative says it to those who cannot. The colours are Okabe
and Ito's; shapes, hatches and numbers repeat what colours say. Looks: `browser/explore.css`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from html import escape
from typing import Any

from ikmplan.input.case import Case
from ikmplan.input.cells import EQUIPMENT, TRAINING
from ikmplan.input.rows import QUARTERS
from ikmplan.plan.plan import Plan, worst_off_cluster
from ikmplan.report.limits import LIMIT_UNITS, binding_limit_names, limit_name, year_limits
from ikmplan.report.names import KIND_NAMES, Pin, place
from ikmplan.report.summary import at_floor, units_counted
from ikmplan.show.table import Format, one_decimal, plain_number
from ikmplan.text import _, listing, number, percent, rupiah

Figure = Callable[[Plan, Case], float]
MARKS = {"": "announced", "A": "pin-a", "B": "pin-b", "C": "pin-c"}


def short(amount: float) -> str:
    return rupiah(amount, short=True)


def tag(name: str, message: str, **attributes: str) -> str:
    """An element with text in it; an underscore after an attribute's name is left out."""
    more = "".join(f' {key.rstrip("_")}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{more}>{escape(message)}</{name}>"


def _table(title: str, head: str, body: str) -> str:
    caption = tag("caption", title)
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _figure(name: str, title: str, alt: str, body: str, legend: str = "") -> str:
    return (
        f'<figure class="picture {name}"><figcaption>{escape(title)}</figcaption>'
        f'{legend}<div role="img" aria-label="{escape(alt)}">{body}</div></figure>'
    )


def _legend(parts: Iterable[tuple[str, str]]) -> str:
    """(class of the sign, what it means)."""
    items = "".join(
        f'<span><i class="{sign}"></i>{escape(message)}</span>' for sign, message in parts
    )
    return f'<p class="legend" aria-hidden="true">{items}</p>'


def _row(name: str, inside: str, value: str) -> str:
    return (
        f'<div class="row"><span class="name">{escape(name)}</span>'
        f'<span class="bar">{inside}</span><span class="value">{value}</span></div>'
    )


def _part(sign: str, start: float, width: float, text: str = "") -> str:
    if width <= 0:
        return ""
    message = f"<b>{escape(text)}</b>" if text else ""
    return f'<i class="{sign}" style="left:{start:.2%};width:{width:.2%}">{message}</i>'


def _mark(sign: str, at: float) -> str:
    return f'<i class="mark {sign}" style="left:{min(at, 1):.2%}"></i>'


# --- tiles -----------------------------------------------------------------------------------


def tiles_picture(plan: Plan, case: Case, programme: Plan | None, pins: Sequence[Pin]) -> str:
    """Six figures, each beside the announced programme and the pinned plans."""
    everyone = units_counted(case)
    others = [(_("announced"), "", programme)] if programme is not None else []
    theirs = [
        *((name, sign, p, case) for name, sign, p in others),
        *((pin.letter, pin.letter, pin.plan, pin.case) for pin in pins),
    ]

    def tile(name: str, of: str, show: Format, figure: Figure, good: int) -> str:
        mine = figure(plan, case)
        lines = []
        for message, sign, other, their_case in theirs:
            value = figure(other, their_case)
            change = mine - value
            mood = "" if good == 0 or abs(change) < 0.05 else "up" if change * good > 0 else "down"
            lines.append(
                f'<li><i class="mark {MARKS[sign]}"></i>'
                f'<span class="hidden">{escape(message)}</span> {escape(show(value))} '
                f'<b class="{mood}">{escape(_signed(change, show))}</b></li>'
            )
        compare = f"<ul>{''.join(lines)}</ul>" if lines else ""
        return (
            f'<div class="tile"><h3>{escape(name)}</h3><p class="big">{escape(show(mine))}'
            f"<small>{escape(of)}</small></p>{compare}</div>"
        )

    def left(p: Plan, c: Case) -> float:
        return min(c.budget, sum(c.fund_amount.values())) - p.cost

    share = percent(plan.reached / everyone if everyone else 0.0)
    made = [
        tile(
            _("Expected units reached"), _("of {all} ({share})", all=number(everyone), share=share),
            _units, lambda p, _c: p.reached, 1,
        ),
        tile(_("Units coached"), "", number, lambda p, _c: p.coached, 1),
        tile(_("Classes"), "", number, lambda p, _c: p.class_count, 0),
        tile(_("New machines"), "", number, lambda p, _c: p.machine_count, 0),
        tile(_("Money used"), "", short, lambda p, _c: p.cost, 0),
        tile(_("Money left"), "", short, left, 0),
    ]  # fmt: skip
    proof, label = plan.proof, escape(_("The plan in figures"))
    return (
        f'<section class="tiles" aria-label="{label}" '
        f'data-plan="{proof.fingerprint}" data-value="{proof.value:.6f}">{"".join(made)}</section>'
    )


def _units(value: float) -> str:
    return number(value, 0 if value >= 100 else 1)


# --- who is reached --------------------------------------------------------------------------


def coverage_picture(plan: Plan, case: Case, programme: Plan | None, pins: Sequence[Pin]) -> str:
    """Expected coverage of each cluster, with its floor, as announced and as pinned."""
    rows = plan.coverage[plan.coverage["counts"] & (plan.coverage["size"] > 0)]
    worst = worst_off_cluster(plan, case)
    if worst is None or not len(rows):
        return _figure("coverage", _("No cluster can be reached"), "", "")
    lowest = at_floor(plan)
    title = _(
        "{cluster} is worst off: {share} of its units are expected to be reached",
        cluster=case.name(worst[0]),
        share=percent(worst[1]),
    )
    if len(lowest) > 1:
        title = _("{n} clusters stand at their floor, the others above it", n=number(len(lowest)))
    others = [("", _("Announced programme"), programme)] if programme is not None else []
    others += [(pin.letter, _("Pinned {letter}", letter=pin.letter), pin.plan) for pin in pins]
    theirs = [
        (sign, message, p.coverage.set_index("cluster")["coverage"].to_dict())
        for sign, message, p in others
    ]
    shares = dict(zip(rows["cluster"], rows["coverage"], strict=True))
    floors = dict(zip(rows["cluster"], rows["floor"], strict=True))
    every = [
        *shares.values(),
        *floors.values(),
        *(t.get(c, 0) for *_s, t in theirs for c in shares),
    ]
    most = max(0.1, *every) * 1.04
    body = []
    for c, share in shares.items():
        inside = _part("plan", 0, share / most)
        if floors[c] > 0:
            inside += _mark("floor", floors[c] / most)
        inside += "".join(_mark(MARKS[sign], t.get(c, 0) / most) for sign, _s, t in theirs)
        body.append(_row(case.name(c), inside, f"<b>{percent(share)}</b>"))
    message = [_("{name} {share}", name=case.name(c), share=percent(n)) for c, n in shares.items()]
    alt = _("Bars of the expected coverage of each cluster: {values}.", values="; ".join(message))
    for sign, name, them in theirs:
        better = sum(n > them.get(c, 0) + 1e-9 for c, n in shares.items())
        alt += " " + _(
            "{name}: the plan reaches more in {n} of {all} clusters.",
            name=name if sign else _("Announced programme"), n=number(better), all=len(shares),
        )  # fmt: skip
    legend = [("plan", _("This plan"))]
    if any(floors.values()):
        legend.append(("mark floor", _("Floor asked for")))
    legend += [(f"mark {MARKS[sign]}", message) for sign, message, _t in theirs]
    return _figure("coverage", title, alt, "".join(body), _legend(legend))


# --- money -----------------------------------------------------------------------------------


def money_picture(plan: Plan, case: Case) -> str:
    """Each fund: what it pays for training and for machines; what is not spent is hatched."""
    paid: dict[Any, int] = plan.money.groupby(["fund", "kind"])["amount"].sum().to_dict()
    spent = sum(paid.values())
    training = sum(n for (_f, kind), n in paid.items() if kind == TRAINING)
    held = sum(case.fund_amount.values())
    title = _("No money is spent")
    if spent:
        title = _(
            "Of {spent}, {share} goes to training; {left} of the funds is not spent",
            spent=short(spent), share=percent(training / spent), left=short(held - spent),
        )  # fmt: skip
    most = max(case.fund_amount.values(), default=0) or 1
    body, message = [], []
    for f, amount in case.fund_amount.items():
        amounts = [int(paid.get((f, kind), 0)) for kind in (TRAINING, EQUIPMENT)]
        amounts.append(amount - sum(amounts))
        start, inside = 0.0, ""
        for sign, n in zip(("training", "machines", "unspent"), amounts, strict=True):
            inside += _part(sign, start, n / most, short(n) if n > 0.14 * most else "")
            start += n / most
        body.append(_row(case.name(f), inside, short(amount)))
        message.append(
            _(
                "{fund}: {training} for training, {machines} for machines, {left} not spent",
                fund=case.name(f),
                **dict(zip(("training", "machines", "left"), map(short, amounts), strict=True)),
            )
        )
    legend = [
        (kind, _(KIND_NAMES[key]))
        for kind, key in (("training", TRAINING), ("machines", EQUIPMENT))
    ]
    legend.append(("unspent", _("Not spent")))
    alt = _("Bars of each fund. {values}.", values="; ".join(message))
    return _figure("money", title, alt, "".join(body), _legend(legend))


# --- the year --------------------------------------------------------------------------------


def quarters(plan: Plan, case: Case) -> str:
    """Classes in each quarter, and the days they use of each trainer and hall."""
    days = plan.limits[plan.limits["rule"] == "resource_days"]
    rows = {(r, q): (used, limit, full) for r, q, used, limit, full in days[
        ["key", "quarter", "used", "limit", "binding"]].itertuples(index=False)}  # fmt: skip
    used = {r: sum(rows[r, q][0] for q in QUARTERS) for r in case.resources if (r, 1) in rows}
    there = {r: sum(rows[r, q][1] for q in QUARTERS) for r in used}
    shares = {r: n / there[r] if there[r] else 0.0 for r, n in used.items()}
    if not shares:
        return _figure("quarters", _("No trainer or hall is needed"), "", "")
    fullest = max(shares, key=lambda r: shares[r])
    title = _(
        "Fullest: {resource}, with {share} of its days used in the year",
        resource=case.name(fullest), share=percent(shares[fullest]),
    )  # fmt: skip
    held = plan.classes.groupby("quarter")["classes"].sum().to_dict()
    most = max([*held.values(), 1])
    head = "".join(tag("th", _("Q{q}", q=q), scope="col") for q in QUARTERS)
    cells = "".join(
        f"<td><span class='bar'>{_part('classes', 0, held.get(q, 0) / most)}"
        f"<b>{number(held.get(q, 0))}</b></span></td>"
        for q in QUARTERS
    )
    first = tag("th", _("All classes"), scope="row")
    body = [f"<tr>{first}{cells}<td></td></tr>"]
    for r in sorted(shares, key=lambda r: -shares[r]):
        cells = ""
        for q in QUARTERS:
            n, limit, full = rows[r, q]
            full = full and limit > 0
            inside = _part("full" if full else "days", 0, min(1, n / limit) if limit else 0)
            sign = "■ " if full else ""
            text = f"{sign}{plain_number(n)}/{plain_number(limit)}" if limit else "–"
            cells += f"<td><span class='bar'>{inside}<b>{text}</b></span></td>"
        body.append(
            f"<tr><th scope='row'>{escape(case.name(r))}</th>{cells}"
            f"<td class='value'>{percent(shares[r])}</td></tr>"
        )
    head = tag("th", _("Days used of those there are"), scope="col") + head
    head += tag("th", _("Year"), scope="col")
    table = _table(title, head, "".join(body))
    legend = [("days", _("Days used")), ("full", _("■ no room for one more class"))]
    return f'<figure class="picture quarters">{table}{_legend(legend)}</figure>'


def machines_picture(plan: Plan, case: Case) -> str:
    """New machines at each place, by kind."""
    placed = {(e, h): n for e, h, n in plan.machines.itertuples(index=False)}
    if not placed:
        return _figure("placed", _("No machine is placed"), "", "")
    hosts: dict[str, int] = {}
    for (_e, h), n in placed.items():
        hosts[h] = hosts.get(h, 0) + n
    most = max(hosts.values())
    kinds = [e for e in case.equipment if any(e == kind for kind, _h in placed)]
    title = _(
        "New machines: {n}; most go to {where} ({most})",
        n=number(sum(hosts.values())), most=number(most),
        where=listing([place(case, h) for h in hosts if hosts[h] == most]),
    )  # fmt: skip
    body, message = [], []
    for h in sorted(hosts, key=lambda h: (-hosts[h], h)):
        start, inside, names = 0.0, "", []
        for n, e in enumerate(kinds):
            count = placed.get((e, h), 0)
            inside += _part(f"kind-{n % 7}", start / most, count / most, number(count))
            start += count
            if count:
                names.append(f"{case.name(e)} {number(count)}")
        body.append(_row(place(case, h), inside, number(hosts[h])))
        message.append(f"{place(case, h)}: {listing(names)}")
    alt = _("Bars of the new machines at each place. {values}.", values="; ".join(message))
    legend = [(f"kind-{n % 7}", case.name(e)) for n, e in enumerate(kinds)]
    return _figure("placed", title, alt, "".join(body), _legend(legend))


# --- limits ----------------------------------------------------------------------------------


def limits_picture(plan: Plan, case: Case) -> str:
    """What binds, and how much of it is left: less than one more class or machine takes."""
    rows = [row for row in year_limits(plan).to_dict("records") if row["binding"]]
    names = binding_limit_names(plan, case)
    title = _("Nothing is used up: what is asked for limits the plan")
    if names:
        title = _("What limits it: {limits}.", limits=listing(names))
    body, message = [], []
    for row in rows:
        show = _amount(row["rule"])
        name = limit_name(case, row["rule"], row["key"])
        left = show(max(0, row["limit"] - row["used"]))
        part = row["used"] / row["limit"] if row["limit"] else 1.0
        text = _("{left} left of {all}", left=left, all=show(row["limit"]))
        if row["quarters"] and len(row["quarters"]) < len(QUARTERS):
            which = listing([_("Q{q}", q=q) for q in row["quarters"]])
            text = _("{text}; full in {quarters}", text=text, quarters=which)
        body.append(_row(name, _part("full", 0, min(1, part)), escape(text)))
        message.append(f"{name}: {text}")
    alt = _("Bars of the limits that bind. {values}.", values="; ".join(message))
    return _figure("limits", title, alt, "".join(body))


def _amount(rule: str) -> Format:
    """Money in short; else with its unit and as few decimals as it needs."""
    unit = LIMIT_UNITS.get(rule)
    if unit is None:
        return short
    return lambda value: replace(unit, digits=0 if round(value, 1) == round(value) else 1)(value)


# --- pinned plans ----------------------------------------------------------------------------


def comparison(plan: Plan, case: Case, pin: Pin) -> str:
    """Who gains and who loses against a pinned plan, in units and rupiah."""
    before: Any = pin.plan.coverage.set_index("cluster")["reached"].to_dict()
    after: Any = plan.coverage.set_index("cluster")["reached"].to_dict()
    spent, was = _spent(plan), _spent(pin.plan)
    hosts = [
        h for h in [*case.clusters, *(set(spent) | set(was))] if h in {**after, **spent, **was}
    ]
    changes: dict[str, tuple[float, int]] = {
        h: (after.get(h, 0) - before.get(h, 0), spent.get(h, 0) - was.get(h, 0))
        for h in dict.fromkeys(hosts)
    }
    changes = {h: (u, m) for h, (u, m) in changes.items() if abs(u) > 0.05 or m}
    gains = [case.name(h) for h, (u, _m) in changes.items() if u > 0.05]
    losses = [case.name(h) for h, (u, _m) in changes.items() if u < -0.05]
    if not changes:
        title = _("The same as pinned {letter} in every cluster", letter=pin.letter)
        return f'<p class="same">{escape(title)}</p>'
    title = _(
        "Against pinned {letter}: clusters that gain {gain}, that lose {lose}",
        letter=pin.letter, gain=number(len(gains)), lose=number(len(losses)),
    )  # fmt: skip
    most = max((abs(u) for u, _m in changes.values()), default=0) or 1
    order = sorted(changes, key=lambda h: -changes[h][0])
    total_units = plan.reached - pin.plan.reached
    total_money = plan.cost - pin.plan.cost
    body = ""
    for h in order:
        units, rupiahs = changes[h]
        width = abs(units) / most / 2
        inside = _part("gain", 0.5, width) if units > 0 else _part("loss", 0.5 - width, width)
        body += (
            f"<tr><th scope='row'>{escape(place(case, h))}</th>"
            f"<td class='bar-cell'><span class='bar'>{inside}</span></td>"
            f"<td class='value'>{_signed(units, one_decimal)}</td>"
            f"<td class='value'>{_signed(rupiahs, short)}</td></tr>"
        )
    body += (
        "<tr class='total'>"
        + tag("th", _("All"), scope="row")
        + f"<td></td><td class='value'>{_signed(total_units, one_decimal)}</td>"
        f"<td class='value'>{_signed(total_money, short)}</td></tr>"
    )
    head = tag("th", _("Cluster"), scope="col") + "<td></td>"
    head += tag("th", _("Units reached"), scope="col") + tag("th", _("Rupiah"), scope="col")
    return f'<figure class="picture compare">{_table(title, head, body)}</figure>'


def _spent(plan: Plan) -> dict[str, int]:
    return {str(h): int(n) for h, n in plan.lines.groupby("host")["amount"].sum().items()}


def _signed(value: float, show: Format) -> str:
    if show(abs(value)) == show(0):
        return show(0)
    return ("+" if value > 0 else "−") + show(abs(value))
