"""Tables that the workbook has beside those of the page: prices, days by quarter, site checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ikmplan.input.case import Case
from ikmplan.input.cells import EQUIPMENT, TRAINING
from ikmplan.input.rows import QUARTERS
from ikmplan.plan.plan import Plan
from ikmplan.report import input_tables as inventory
from ikmplan.report.certificate import certificate, least_cost
from ikmplan.report.estimates import SOURCE_KINDS
from ikmplan.report.names import KIND_NAMES, opening_part, place
from ikmplan.report.rka import price_unit
from ikmplan.show.table import (
    Column,
    Format,
    RoundedUp,
    View,
    one_decimal,
    plain_number,
    rupiah_text,
    two_decimals,
)
from ikmplan.text import _, listing, number


def prices(case: Case) -> View:
    """The price register: every price that the RKA can hold, in this scenario, with its source."""
    used: dict[tuple[str, str, str, int, str], dict[str, None]] = {}
    for price, course in _prices(case):
        used.setdefault(price, {}).update({course: None} if course else {})
    sources = {row.source: row for row in case.tables.sources}
    kinds, names, units, amounts, keys = zip(*used, strict=True) if used else [()] * 5
    columns = (
        Column(_("Kind"), kinds),
        Column(_("Description"), names),
        Column(_("Used in"), [_courses(case, list(courses)) for courses in used.values()]),
        Column(_("Unit"), units),
        Column(_("Price"), amounts, rupiah_text),
        Column(_("Fact or estimate"), [_(SOURCE_KINDS[sources[k].kind]) for k in keys]),
        Column(_("Year"), [sources[k].year for k in keys], str),
        Column(_("Source"), keys),
    )
    return View(_("Price register"), columns)


def _prices(case: Case) -> Iterator[tuple[tuple[str, str, str, int, str], str]]:
    """(kind, name, unit, price, source), and the course it is a part of or ""."""
    training = _(KIND_NAMES[TRAINING])
    for p, course in case.courses.items():
        yield (training, course.name, _("Class"), case.cost_class[p], course.source), ""
        yield (training, course.name, _("Person"), case.cost_person[p], course.source), ""
    for part in case.tables.components:
        price = case.component_price[part.course, part.component, part.basis]
        key = (_("Component of training"), part.name, price_unit(part), price, part.source)
        yield key, case.name(part.course)
    for o, opening in case.openings.items():
        for kind, what, price in case.opening_costs[o]:
            name = opening_part(what, opening.name)
            yield (_(KIND_NAMES[kind]), name, _("Package"), price, opening.source), ""
    for there in case.tables.existing:
        if there.idle:
            name = _("{machine}, revived", machine=case.name(there.equipment))
            price = case.revive_cost[there.equipment, there.cluster]
            yield (_(KIND_NAMES[EQUIPMENT]), name, _("Piece"), price, there.source), ""
    for e, machine in case.equipment.items():
        name = _("{machine}, installed, with tax", machine=machine.name)
        yield (_(KIND_NAMES[EQUIPMENT]), name, _("Piece"), case.price[e], machine.source), ""


def _courses(case: Case, names: list[str]) -> str | None:
    """The courses of these names; of nearly all of them those that are missing."""
    others = [name for name in map(case.name, case.courses) if name not in names]
    if not names or len(names) <= len(others) + 2:
        return ", ".join(names) or None
    return _("all but {names}", names=", ".join(others)) if others else _("all courses")


def sources_sheet(case: Case) -> View:
    """The sources, with the widest columns in the middle."""
    view = inventory.sources(case)
    key, kind, year, citation, url = view.columns
    return View(view.caption, (key, citation, url, year, kind))


def certificate_sheet(plan: Plan, case: Case) -> View:
    """The certificate, its value, bound and gaps as numbers."""
    proof, gap = plan.proof, RoundedUp(3, share=True)
    view = certificate(plan, case)
    numbers: dict[str, tuple[float, Format]] = {
        **_value_and_bound(plan, case),
        _("Gap"): (proof.gap, gap),
        _("Gap asked for"): (proof.asked, gap),
    }
    return _with_numbers(view, view.columns[0].values, numbers)


def _value_and_bound(plan: Plan, case: Case) -> dict[str, tuple[float, Format]]:
    value, bound = _("Value of the plan"), _("No plan can exceed")
    if case.scenario.is_cheapest:
        least = least_cost(plan), rupiah_text
        return {value: (plan.cost, rupiah_text), _("No plan costs less than"): least}
    return {
        value: (plan.proof.value, two_decimals),
        bound: (plan.proof.bound, RoundedUp(2)),
    }


def asked_sheet(case: Case) -> View:
    """What the scenario asks, the gap as a number."""
    view = inventory.asked_table(case)
    numbers = {"gap": (case.scenario.gap, RoundedUp(2, share=True))}
    return _with_numbers(view, view.columns[2].values, numbers)


def _with_numbers(
    view: View, keys: Sequence[str], numbers: Mapping[str, tuple[float, Format]]
) -> View:
    """The View with numbers in place of texts in the second column, in the rows of these keys."""
    first, texts, last = view.columns
    cells = [numbers.get(key, (text, None)) for key, text in zip(keys, texts.values, strict=True)]
    values, shows = zip(*cells, strict=True)
    return View(view.caption, (first, Column(texts.heading, values, shows), last))


def days(plan: Plan, case: Case) -> View:
    """The days of trainers and halls that the classes of each quarter use, of those there are."""
    of = plan.limits[plan.limits["rule"] == "resource_days"]
    used = {(r, q): n for r, q, n in zip(of["key"], of["quarter"], of["used"], strict=True)}
    rows = list(case.resources)
    columns = [
        Column(_("Trainers or hall"), [case.name(r) for r in rows]),
        Column(_("Kind"), [_(inventory.RESOURCE_KINDS[case.resources[r].kind]) for r in rows]),
    ]
    for q in QUARTERS:
        columns += [
            Column(
                _("Used, quarter {q}", q=q), [used.get((r, q), 0.0) for r in rows], plain_number
            ),
            Column(
                _("Available, quarter {q}", q=q), [case.capacity[r, q] for r in rows], plain_number
            ),
        ]
    return View(_("Days of trainers and halls that the classes use"), tuple(columns))


def sites(plan: Plan, case: Case) -> View:
    """Each kind of machine at each host, with what an official checks there before it is bought."""
    order = {key: n for n, key in enumerate([*case.clusters, *case.openings, *case.equipment])}
    rows = sorted(
        plan.machines.itertuples(index=False, name=None),
        key=lambda row: (order.get(row[1], -1), order[row[0]]),
    )
    bought = [(n, case.equipment[e]) for e, _h, n in rows]
    hosts = [case.site(h) for _e, h, _n in rows]
    ordered = plan.machines.groupby("equipment")["machines"].sum()
    columns = (
        Column(_("Cluster"), [place(case, h) for _e, h, _n in rows]),
        Column(_("Machine"), [machine.name for _n, machine in bought]),
        Column(_("New"), [n for n, _machine in bought], number),
        Column(
            _("Stock: taken / all"),
            [f"{ordered[machine.equipment]} / {machine.stock}" for _n, machine in bought],
        ),
        Column(_("Power needed (kVA)"), [n * machine.kva for n, machine in bought], plain_number),
        Column(_("Power free (kVA)"), [c.kva if c else None for c in hosts], plain_number),
        Column(
            _("Space needed (m²)"), [n * machine.floor_m2 for n, machine in bought], plain_number
        ),
        Column(_("Space free (m²)"), [c.floor_m2 if c else None for c in hosts], plain_number),
        Column(_("Operators needed"), [n * machine.operators for n, machine in bought], number),
        Column(
            _("Operators expected"), [_able(plan, case, e, h) for e, h, _n in rows], one_decimal
        ),
        Column(_("Operator course"), [_taught(plan, case, e) for e, _h, _n in rows]),
    )
    return View(_("What each machine needs at its site"), columns)


def _able(plan: Plan, case: Case, e: str, h: str) -> float | None:
    """Operators of a machine there, and those expected of its users who take its course."""
    p = case.operator_course(e)
    if p is None:
        return None
    users: int = sum(
        n
        for c, items, n in plan.packages
        if p in items and any(e in case.line_at(line, c) for line in items) and case.host(e, c) == h
    )
    return case.operators.get((p, h), 0) + case.course_success(p) * users


def _taught(plan: Plan, case: Case, e: str) -> str | None:
    """The course of a machine's operators, with the quarters in which it is held."""
    p = case.operator_course(e)
    if p is None:
        return None
    quarters = sorted({*plan.classes.loc[plan.classes["course"] == p, "quarter"]})
    if not quarters:
        return case.name(p)
    message = listing([number(q) for q in quarters])
    return _("{course} (quarter {quarters})", course=case.name(p), quarters=message)
