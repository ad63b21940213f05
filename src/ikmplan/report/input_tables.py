"""What a plan is made from, for readers: each row with its source, fact or estimate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod
from typing import Any

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY
from ikmplan.input.rows import QUARTERS
from ikmplan.input.tables import ROWS
from ikmplan.plan.plan import Plan
from ikmplan.report.names import KIND_NAMES, place, ruling
from ikmplan.show.table import (
    Column,
    View,
    code,
    one_decimal,
    percent_one_decimal,
    plain_number,
    rupiah_text,
)
from ikmplan.text import N_, _, listing, number, percent, rupiah

SOURCE_KINDS = {"fact": N_("fact"), "estimate": N_("estimate")}
RESOURCE_KINDS = {"trainer": N_("trainers"), "hall": N_("hall"), "other": N_("other")}
TABLES = {
    "clusters": N_("Clusters"),
    "courses": N_("Courses"),
    "components": N_("What a course's cost is made of"),
    "course_uses": N_("What a class uses"),
    "course_suits": N_("Which course suits whom"),
    "equipment": N_("Kinds of machine"),
    "equipment_suits": N_("Which machine suits whom"),
    "resources": N_("Trainers and halls"),
    "funds": N_("Funds"),
    "existing": N_("Machines already there"),
    "announced": N_("The announced programme"),
    "office": N_("Names and codes of the office"),
}


def assumptions(case: Case) -> View:
    """How many rows of each table are facts, and how many are planners' estimates."""
    kinds = {s.source: s.kind for s in case.tables.sources}
    rows = []
    for name in ROWS:
        if name in TABLES and getattr(case.tables, name):
            of = [kinds[row.source] for row in getattr(case.tables, name)]
            rows.append((_(TABLES[name]), of.count("fact"), of.count("estimate")))
    facts, estimates = sum(f for _n, f, _e in rows), sum(e for _n, _f, e in rows)
    columns = (
        Column(_("Table"), [*(name for name, _f, _e in rows), _("All")]),
        Column(_("Rows that are facts"), [*(f for _n, f, _e in rows), facts], number),
        Column(_("Rows that are estimates"), [*(e for _n, _f, e in rows), estimates], number),
    )
    return View(_("Facts and estimates"), columns, total=True)


WORSE = 0.1  # how much worse an estimate is taken to be


def estimates(plan: Plan, case: Case, most: int = 15) -> View:
    """The estimates on which most of the plan rests, those that matter most first.

    What the plan, unchanged, would reach less if the estimate were `WORSE` worse: chances
    and units lower, and costs higher or funds lower at the plan's units for its money.
    """
    found = [*_worse_chances(plan, case), *_worse_money(plan, case), *_fewer_units(plan, case)]
    kinds = {s.source: s.kind for s in case.tables.sources}
    rows = [row for row in found if kinds[row[2]] == "estimate" and row[3] > 0]
    rows = sorted(rows, key=lambda row: -row[3])[:most]
    columns = (
        Column(_("Estimate"), [name for _k, name, _s, _l in rows]),
        Column(_("What is estimated"), [kind for kind, _n, _s, _l in rows]),
        Column(_("Source"), [source for _k, _n, source, _l in rows], rich=code),
        Column(
            _("Units fewer if it is {share} worse", share=percent(WORSE)),
            [lost for _k, _n, _s, lost in rows],
            one_decimal,
        ),
    )
    return View(_("The estimates that matter most"), columns, empty=_("All numbers are facts."))


Worse = tuple[str, str, str, float]  # what is estimated, of what, its source, units fewer


def _worse_chances(plan: Plan, case: Case) -> Iterator[Worse]:
    """The chance that a course or machine is used, in every package that holds it."""
    lost: dict[str, float] = {}
    for c, package, n in plan.units[["cluster", "package", "units"]].itertuples(index=False):
        alone = {i: case.chance_of(c, (i,)) for i in package.split("+")} if case.is_ikm(c) else {}
        for item, chance in alone.items():
            others = prod(1 - other for i, other in alone.items() if i != item)
            lost[item] = lost.get(item, 0.0) + n * WORSE * chance * others
    source = {r.equipment: r.source for r in case.tables.equipment_suits}
    source |= {p: row.source for p, row in case.courses.items()}
    for item, units in lost.items():
        yield _("chance that it is used"), case.name(item), source[item], units


def _worse_money(plan: Plan, case: Case) -> Iterator[Worse]:
    """Higher costs and smaller funds, each rupiah at the plan's average."""
    each = plan.reached / plan.cost if plan.cost else 0.0
    rows: dict[str, Any] = {**case.courses, **case.equipment}
    for item, cost in plan.lines.groupby("item")["amount"].sum().items():
        row = rows[str(item)]
        yield _("cost"), row.name, row.source, float(cost) * WORSE * each
    paid = plan.money.groupby("fund")["amount"].sum()
    for f, fund in case.funds.items():
        missing = max(0.0, float(paid.get(f, 0)) - (1 - WORSE) * case.fund_amount[f])
        yield _("amount"), fund.name, fund.source, missing * each


def _fewer_units(plan: Plan, case: Case) -> Iterator[Worse]:
    """Smaller clusters: nobody is there for some of the places."""
    for row in plan.coverage[plan.coverage["counts"]].to_dict("records"):
        missing = max(0.0, row["coached"] - (1 - WORSE) * row["size"])
        cluster = case.clusters[row["cluster"]]
        if missing:
            lost = row["reached"] * missing / row["coached"]
            yield _("number of units"), cluster.name, cluster.source, lost


def sources(case: Case, kind: str | None = None) -> View:
    """Who says so: the sources of the tables, all or of one kind ("fact" or "estimate")."""
    rows = [s for s in case.tables.sources if kind in (None, s.kind)]
    columns = (
        Column(_("Key"), [s.source for s in rows]),
        Column(_("Kind"), [_(SOURCE_KINDS[s.kind]) for s in rows]),
        Column(_("Year"), [s.year for s in rows], str),
        Column(_("Source"), [s.citation for s in rows]),
        Column(_("Address"), [s.url for s in rows]),
    )
    captions = {"fact": _("Sources of facts"), "estimate": _("Sources of estimates")}
    return View(captions.get(kind or "", _("Sources")), columns)


def _source_column(case: Case, rows: Iterable[Any]) -> Column:
    kinds = {s.source: s.kind for s in case.tables.sources}
    message = [f"{_(SOURCE_KINDS[kinds[row.source]])} ({row.source})" for row in rows]
    return Column(_("Fact or estimate (source)"), message)


def clusters(case: Case) -> View:
    """The clusters: who is there, and the power and space that machines could use."""
    rows = case.tables.clusters
    kinds = {"ikm": _("IKM"), "candidate": _("not yet IKM")}
    columns = (
        Column(_("Cluster"), [r.name for r in rows]),
        Column(_("District"), [r.district for r in rows]),
        Column(_("Kind"), [kinds[r.kind] for r in rows]),
        Column(_("Units"), [r.units for r in rows], number),
        Column(_("Reached in earlier years"), [r.reached_before for r in rows], number),
        Column(_("May be invited"), [case.size[r.cluster] for r in rows], number),
        Column(_("Owners aged 35 or less"), [r.young_share for r in rows], percent),
        Column(_("Weight"), [r.weight for r in rows], plain_number),
        Column(_("Free power (kVA)"), [r.kva for r in rows], plain_number),
        Column(_("Free floor space (m²)"), [r.floor_m2 for r in rows], plain_number),
        _source_column(case, rows),
    )
    return View(_("Clusters of small manufacturers"), columns)


def courses(case: Case) -> View:
    """The courses that can be held, with their prices in this scenario."""
    rows = case.tables.courses
    columns = (
        Column(_("Course"), [r.name for r in rows]),
        Column(_("Smallest class"), [r.class_min for r in rows], number),
        Column(_("Largest class"), [r.class_max for r in rows], number),
        Column(_("Days"), [r.days for r in rows], number),
        Column(_("Cost of a class"), [case.cost_class[r.course] for r in rows], rupiah_text),
        Column(_("Cost of a person"), [case.cost_person[r.course] for r in rows], rupiah_text),
        Column(_("Chance that it is used"), [r.success for r in rows], percent),
        Column(_("Only up to age 35"), [_("yes") if r.young_only else _("no") for r in rows]),
        Column(_("Held for"), [_scope(r.scope) for r in rows]),
        _source_column(case, rows),
    )
    return View(_("Courses"), columns)


def _scope(scope: str) -> str:
    return _("the whole city") if scope == CITY else _("one cluster")


def components(case: Case) -> View:
    """What the cost of a class and of a person is made of, at the prices of this scenario."""
    rows = case.tables.components
    per = {"class": _("one class"), "person": _("one participant")}
    pairs = [[(r.volume, r.unit), (r.times, r.times_unit)] for r in rows]
    volumes = [" x ".join(f"{n} {unit}" for n, unit in pair if n is not None) for pair in pairs]
    columns = (
        Column(_("Course"), [case.name(r.course) for r in rows]),
        Column(_("Component"), [r.name for r in rows]),
        Column(_("For"), [per[r.basis] for r in rows]),
        Column(_("Volume"), volumes),
        Column(_("Price"), [case.with_price_factor(r.price) for r in rows], rupiah_text),
        Column(_("Account"), [case.office.get(r.account, r.account) for r in rows]),
        _source_column(case, rows),
    )
    return View(
        _("What a course's cost is made of"),
        columns,
        empty=_("The costs of courses are not broken down."),
    )


def equipment(case: Case) -> View:
    """The kinds of machine that can be placed."""
    rows = case.tables.equipment
    columns = (
        Column(_("Machine"), [r.name for r in rows]),
        Column(_("Price, installed"), [case.price[r.equipment] for r in rows], rupiah_text),
        Column(_("Hours a year"), [r.hours for r in rows], number),
        Column(_("Working"), [r.availability for r in rows], percent),
        Column(_("Power (kVA)"), [r.kva for r in rows], plain_number),
        Column(_("Floor space (m²)"), [r.floor_m2 for r in rows], plain_number),
        Column(_("Operators"), [r.operators for r in rows], number),
        Column(_("Trained in"), [r.operator_course and case.name(r.operator_course) for r in rows]),
        Column(_("Can be had"), [r.stock for r in rows], number),
        Column(_("Serves"), [_scope(r.scope) for r in rows]),
        _source_column(case, rows),
    )
    return View(_("Kinds of machine"), columns)


def existing(case: Case) -> View:
    """Machines that already stand in the clusters."""
    rows = case.tables.existing
    columns = (
        Column(_("Cluster"), [place(case, r.cluster) for r in rows]),
        Column(_("Machine"), [case.name(r.equipment) for r in rows]),
        Column(_("Machines"), [r.machines for r in rows], number),
        Column(_("Free operators"), [r.operators for r in rows], number),
        _source_column(case, rows),
    )
    return View(_("Machines already there"), columns)


def resources(case: Case) -> View:
    """The days that trainers and halls have in each quarter, in this scenario."""
    rows = case.tables.resources
    days = {q: [case.capacity[r.resource, q] for r in rows] for q in QUARTERS}
    columns = (
        Column(_("Trainers or hall"), [r.name for r in rows]),
        Column(_("Kind"), [_(RESOURCE_KINDS[r.kind]) for r in rows]),
        *(Column(_("Q{q}", q=q), days[q], plain_number) for q in QUARTERS),
        Column(
            _("Year"),
            [sum(days[q][n] for q in QUARTERS) for n, _r in enumerate(rows)],
            plain_number,
        ),
        _source_column(case, rows),
    )
    return View(_("Days of trainers and halls"), columns)


def funds(case: Case) -> View:
    """The funds, what they hold in this scenario, and what each may pay for."""
    rows = case.tables.funds
    pays = [
        listing(
            [
                _(KIND_NAMES[word]).lower() if word in KIND_NAMES else case.name(word)
                for word in r.pays
            ]
        )
        for r in rows
    ]
    columns = (
        Column(_("Fund"), [r.name for r in rows]),
        Column(_("Holds"), [case.fund_amount[r.fund] for r in rows], rupiah_text),
        Column(_("May pay for"), pays),
        _source_column(case, rows),
    )
    return View(_("Funds"), columns)


def suits(case: Case) -> View:
    """For each cluster, the courses that suit it and how far, and the machines it can use."""
    courses = [_suited(case, c, case.suited_courses(c)) for c in case.clusters]
    machines = [_suited(case, c, case.suited_equipment(c)) for c in case.clusters]
    columns = (
        Column(_("Cluster"), [case.name(c) for c in case.clusters]),
        Column(_("Courses"), courses),
        Column(_("Machines"), machines),
    )
    return View(_("Chance that one course or machine alone reaches a unit"), columns)


def _suited(case: Case, cluster: str, items: list[str]) -> str | None:
    sector = case.clusters[cluster].sector
    effect = {(r.equipment, r.sector): r.success for r in case.tables.equipment_suits}

    def chance(item: str) -> float:
        if item in case.courses:
            return case.courses[item].success * case.relevance[item, sector]
        return effect[item, sector]

    best = sorted(items, key=lambda item: -chance(item))
    return "; ".join(f"{case.name(i)} {percent(chance(i))}" for i in best) or None


def announced_table(case: Case) -> View:
    """The programme as announced: the baseline that every plan is compared with."""
    rows = case.tables.announced
    columns = (
        Column(_("Course or machine"), [case.name(r.item) for r in rows]),
        Column(_("For"), [place(case, r.cluster) for r in rows]),
        Column(_("Quarter"), [r.quarter for r in rows], number),
        Column(_("Classes or machines"), [r.count for r in rows], number),
        Column(_("Seats"), [r.seats for r in rows], number),
        _source_column(case, rows),
    )
    return View(_("The announced programme"), columns, empty=_("No programme has been announced."))


# --- the scenario ------------------------------------------------------------------------


def asked_table(case: Case) -> View:
    """What the scenario asks, where it differs from the defaults; and the budget."""
    s = case.scenario
    changed = [
        name
        for name, about in type(s).model_fields.items()
        if name not in ("name", "data", "language", "budget", "gap", "reasons")
        and getattr(s, name) != about.get_default(call_default_factory=True)
    ]
    rows = [
        ("budget", _("most that may be spent"), rupiah(case.budget)),
        *(
            (name, _(str(type(s).model_fields[name].description)), _asked(case, name))
            for name in changed
        ),
        ("gap", _(str(type(s).model_fields["gap"].description)), percent(s.gap, 2)),
    ]
    columns = (
        Column(_("Asked"), [message[0].upper() + message[1:] for _n, message, _v in rows]),
        Column(_("Value"), [value for _n, _s, value in rows]),
        Column(_("Parameter"), [name for name, _s, _v in rows], rich=code),
    )
    return View(_("What the scenario asks"), columns)


def _asked(case: Case, name: str) -> str:
    value = getattr(case.scenario, name)
    extra = type(case.scenario).model_fields[name].json_schema_extra
    unit = extra.get("unit") if isinstance(extra, dict) else ""

    def one(part: Any) -> str:
        if unit == "share 0–1":
            return percent_one_decimal(part)
        if unit == "rupiah":
            return rupiah(part)
        return number(part, len(f"{part:f}".rstrip("0").partition(".")[2]))

    if isinstance(value, dict):
        return "; ".join(f"{case.name(key)}: {one(part)}" for key, part in value.items())
    if isinstance(value, tuple):
        return "; ".join(ruling(case, part) for part in value)
    return value if isinstance(value, str) else one(value)
