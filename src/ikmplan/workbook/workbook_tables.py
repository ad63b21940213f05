"""Tables that the workbook has beside those of the page: prices, days by quarter, site checks."""

from __future__ import annotations

from collections.abc import Iterator

from ikmplan.input.case import Case
from ikmplan.input.cells import EQUIPMENT, TRAINING
from ikmplan.input.rows import QUARTERS
from ikmplan.plan.plan import Plan
from ikmplan.report import input_tables as inventory
from ikmplan.report.names import KIND_NAMES, place
from ikmplan.show.table import Column, View, one_decimal, plain_number, rupiah_text
from ikmplan.text import _, listing, number


def prices(case: Case) -> View:
    """The price register: every price that the RKA can hold, in this scenario, with its source."""
    used: dict[tuple[str, str, str, int, str], list[str]] = {}
    for price, course in _prices(case):
        used.setdefault(price, []).append(course)
    rows, source = list(used), {row.source: row for row in case.tables.sources}
    courses = [", ".join(dict.fromkeys(filter(None, names))) or None for names in used.values()]
    columns = (
        Column(_("Kind"), [kind for kind, _n, _u, _p, _s in rows]),
        Column(_("Description"), [name for _k, name, _u, _p, _s in rows]),
        Column(_("Used in"), courses),
        Column(_("Unit"), [unit for _k, _n, unit, _p, _s in rows]),
        Column(_("Price"), [price for _k, _n, _u, price, _s in rows], rupiah_text),
        Column(_("Fact or estimate"), [_(inventory.SOURCE_KINDS[source[r[4]].kind]) for r in rows]),
        Column(_("Year"), [source[r[4]].year for r in rows], str),
        Column(_("Source"), [r[4] for r in rows]),
    )
    return View(_("Price register"), columns)


def _prices(case: Case) -> Iterator[tuple[tuple[str, str, str, int, str], str]]:
    """(kind, name, unit, price, source), and the course it is a part of."""
    training = _(KIND_NAMES[TRAINING])
    for p, course in case.courses.items():
        yield (training, course.name, _("Class"), case.cost_class[p], course.source), ""
        yield (training, course.name, _("Person"), case.cost_person[p], course.source), ""
    for part in case.tables.components:
        per = _("Class") if part.basis == "class" else _("Person")
        units = "/".join([per, part.unit, *([part.times_unit] if part.times_unit else [])])
        price = case.with_price_factor(part.price)
        key = (_("Component of training"), part.name, units, price, part.source)
        yield key, case.name(part.course)
    for e, machine in case.equipment.items():
        name = _("{machine}, installed, with tax", machine=machine.name)
        yield (_(KIND_NAMES[EQUIPMENT]), name, _("Piece"), case.price[e], machine.source), ""


def sources_sheet(case: Case) -> View:
    """Who says so, its columns under those of the price register."""
    view = inventory.sources(case)
    key, kind, year, citation, url = view.columns
    return View(view.caption, (key, citation, url, year, kind))


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
            Column(_("Used, quarter {q}", q=q), [used[r, q] for r in rows], plain_number),
            Column(
                _("There is, quarter {q}", q=q), [case.capacity[r, q] for r in rows], plain_number
            ),
        ]
    return View(_("Days of trainers and halls that the classes use"), tuple(columns))


def sites(plan: Plan, case: Case) -> View:
    """Each kind of machine at each host, with what an official checks there before it is bought."""
    order = {key: n for n, key in enumerate([*case.clusters, *case.equipment])}
    rows = sorted(
        plan.machines.itertuples(index=False, name=None),
        key=lambda row: (order.get(row[1], -1), order[row[0]]),
    )
    given = [
        (c, set(package.split("+")), n)
        for c, package, n, *_ in plan.units.itertuples(index=False, name=None)
    ]
    quarters: dict[tuple[str, str], list[int]] = {}
    for p, h, q, _n in plan.classes.itertuples(index=False):
        quarters.setdefault((p, h), []).append(q)
    ordered = plan.machines.groupby("equipment")["machines"].sum()
    at = [case.clusters.get(h) for _e, h, _n in rows]
    kinds = [case.equipment[e] for e, _h, _n in rows]
    counts = [n for _e, _h, n in rows]

    def able(e: str, h: str) -> float | None:
        """Operators there, and those expected of the machine's users who take its course."""
        p = case.operator_course(e)
        if p is None:
            return None
        users: int = sum(n for c, items, n in given if {p, e} <= items and case.host(e, c) == h)
        return case.operators.get((p, h), 0) + case.courses[p].success * users

    def taught(e: str, h: str) -> str | None:
        p = case.operator_course(e)
        if p is None:
            return None
        held = sorted({q for (r, _h), qs in quarters.items() if r == p for q in qs})
        if not held:
            return case.name(p)
        message = listing([number(q) for q in held])
        return _("{course} (quarter {quarters})", course=case.name(p), quarters=message)

    columns = (
        Column(_("Cluster"), [place(case, h) for _e, h, _n in rows]),
        Column(_("Machine"), [row.name for row in kinds]),
        Column(_("New"), counts, number),
        Column(
            _("Stock: taken / all"),
            [f"{ordered[e]} / {case.equipment[e].stock}" for e, _h, _n in rows],
        ),
        Column(_("Power needed (kVA)"), _times(counts, [k.kva for k in kinds]), plain_number),
        Column(_("Power free (kVA)"), [c.kva if c else None for c in at], plain_number),
        Column(_("Space needed (m²)"), _times(counts, [k.floor_m2 for k in kinds]), plain_number),
        Column(_("Space free (m²)"), [c.floor_m2 if c else None for c in at], plain_number),
        Column(_("Operators needed"), _times(counts, [k.operators for k in kinds]), number),
        Column(_("Operators expected"), [able(e, h) for e, h, _n in rows], one_decimal),
        Column(_("Operator course"), [taught(e, h) for e, h, _n in rows]),
    )
    return View(_("What each machine needs at its site"), columns)


def _times(counts: list[int], each: list[float] | list[int]) -> list[float]:
    return [n * one for n, one in zip(counts, each, strict=True)]
