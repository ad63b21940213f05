"""What rests on estimates: how many rows of the tables are, and which of them matter most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import prod
from typing import Any, NamedTuple

from ikmplan.input.case import Case
from ikmplan.input.ranges import Cell, stated_facts
from ikmplan.input.tables import ROWS
from ikmplan.plan.plan import Plan
from ikmplan.show.table import SUM, Of, View, code, one_decimal, table
from ikmplan.text import N_, _, listing, number, percent

SOURCE_KINDS = {"fact": N_("fact"), "estimate": N_("estimate")}
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
    "openings": N_("What can be opened"),
    "announced": N_("The announced programme"),
    "results": N_("What was followed up"),
    "together": N_("Chances of pairs"),
    "office": N_("Names and codes of the office"),
    "price_standard": N_("Regional price standard (SSH)"),
    "stated": N_("Single numbers with a source of their own"),
}


def assumptions(case: Case) -> View:
    """How many rows of each table are facts, and how many are planners' estimates."""
    return table(
        _("Facts and estimates"),
        rows_by_kind(case).items(),
        (_("Table"), lambda row: _(TABLES[row[0]]), None, _("All")),
        (_("Rows that are facts"), lambda row: row[1]["fact"], number, SUM),
        (_("Rows that are estimates"), lambda row: row[1]["estimate"], number, SUM),
    )


def rows_by_kind(case: Case) -> dict[str, Counter[str]]:
    """Table -> how many of its rows are "fact" and "estimate"; of tables that have rows."""
    kinds = source_kinds(case)
    return {
        name: Counter(kinds[row.source] for row in rows)
        for name in ROWS
        if name in TABLES and (rows := getattr(case.tables, name))
    }


def source_kinds(case: Case) -> dict[str, str]:
    """Key of each source -> "fact" or "estimate"."""
    return {row.source: row.kind for row in case.tables.sources}


def origin(case: Case, source: str, item: str = "", sector: str | None = None) -> str:
    """Fact or estimate with the key of the source; of a chance, how many units were followed up."""
    return f"{origin_kind(case, source, item, sector)} ({source})"


def origin_kind(case: Case, source: str, item: str = "", sector: str | None = None) -> str:
    """Fact, estimate, or how many units were followed up."""
    kind = _(SOURCE_KINDS[source_kinds(case)[source]])
    if found := case.learned.get((item, sector)):
        units = {"n": number(found.followed), "reached": number(found.reached)}
        kind = _("from {n} units followed up, {reached} of them reached", **units)
    return kind


WORSE = 0.1  # how much worse an estimate is taken to be
ESTIMATES_NAMED = 3  # estimates that a sentence names


def estimates(plan: Plan, case: Case, most: int = 15) -> View:
    """The estimates on which most of the plan rests, those that matter most first.

    What the plan, unchanged, would reach less if the estimate were `WORSE` worse: chances
    and units lower, and costs higher or funds lower at the plan's units for its money.
    """
    return table(
        _("The estimates that matter most"),
        estimates_that_matter(plan, case)[:most],
        (_("Estimate"), "name"),
        (_("What is estimated"), "what"),
        Of(_("Source"), "source", rich=code),
        (_("Units fewer if it is {share} worse", share=percent(WORSE)), "lost", one_decimal),
        empty=_("All numbers are facts."),
    )


def estimates_in_short(plan: Plan, case: Case) -> str:
    """How many rows are estimates, and the few that matter most; "" where all are facts."""
    kinds = rows_by_kind(case)
    counts = sum(kinds.values(), Counter())
    if not counts["estimate"]:
        return ""
    text = _("All {all} rows of the tables behind this are estimates.", all=number(counts.total()))
    if counts["fact"]:
        text = _(
            "{n} of the {all} rows of the tables behind this are estimates.",
            n=number(counts["estimate"]),
            all=number(counts.total()),
        )
    first = estimates_that_matter(plan, case)[:ESTIMATES_NAMED]
    if not first:
        return text
    names = [f"{row.name}: {row.what} ({one_decimal(-row.lost)})" for row in first]
    most = _(
        "Those that matter most, with the units lost if one alone is {share} worse: {names}.",
        share=percent(WORSE),
        names=listing(names),
    )
    return f"{text} {most}"


def estimates_that_matter(plan: Plan, case: Case) -> list[Worse]:
    """Every estimate that the plan rests on, the one that matters most first; of two that matter
    as much, by their names."""
    found = [*_worse_chances(plan, case), *_worse_money(plan, case), *_fewer_units(plan, case)]
    kinds, facts = source_kinds(case), stated_facts(case.tables.sources, case.tables.stated)
    rows = [
        row
        for row in found
        if row.lost > 0 and kinds[row.source] == "estimate" and row.cell not in facts
    ]
    return sorted(rows, key=lambda row: (-round(row.lost, 9), row.what, row.name))


class Worse(NamedTuple):
    """What is estimated, of what, its source, and how many units fewer are reached."""

    what: str
    name: str
    source: str
    lost: float
    cell: Cell | None = None  # None: it rests on several


def _worse_chances(plan: Plan, case: Case) -> Iterator[Worse]:
    """The chance that a course or machine is used, in every package that holds it."""
    lost: dict[str, float] = {}
    for c, items, n in plan.packages:
        alone = {i: case.chance_of(c, (i,)) for i in items} if case.is_ikm(c) else {}
        for item, chance in alone.items():
            others = prod(1 - other for i, other in alone.items() if i != item)
            lost[item] = lost.get(item, 0.0) + n * WORSE * chance * others
    source = {r.used_as: r.source for r in case.tables.equipment_suits}
    source |= {p: row.source for p, row in case.courses.items()}
    followed: Counter[str] = Counter()
    for (item, _sector), found in case.learned.items():
        followed[item] = max(followed[item], found.followed)
    for item, units in lost.items():
        what = _("chance that it is used")
        if followed[item]:
            what += ", " + _("from {n} units followed up", n=number(followed[item]))
        cell = ("courses", item, "success") if item in case.courses else None
        yield Worse(what, case.name(item), source[item], units, cell)


def _worse_money(plan: Plan, case: Case) -> Iterator[Worse]:
    """Higher costs and smaller funds, each rupiah at the plan's average."""
    each = plan.reached / plan.cost if plan.cost else 0.0
    rows: dict[str, Any] = {**case.courses, **case.equipment, **case.openings}
    for item, cost in plan.lines.groupby("item")["amount"].sum().items():
        row = rows[str(item)]
        yield Worse(_("cost"), row.name, row.source, float(cost) * WORSE * each)
    paid = plan.money.groupby("fund")["amount"].sum()
    for f, fund in case.funds.items():
        missing = max(0.0, float(paid.get(f, 0)) - (1 - WORSE) * case.fund_amount[f])
        yield Worse(_("amount"), fund.name, fund.source, missing * each, ("funds", f, "amount"))


def _fewer_units(plan: Plan, case: Case) -> Iterator[Worse]:
    """Smaller clusters: nobody is there for some of the places."""
    for row in plan.coverage[plan.coverage["counts"]].to_dict("records"):
        missing = max(0.0, row["coached"] - (1 - WORSE) * row["size"])
        cluster = case.clusters[row["cluster"]]
        if missing:
            lost = row["reached"] * missing / row["coached"]
            cell = "clusters", row["cluster"], "units"
            yield Worse(_("number of units"), cluster.name, cluster.source, lost, cell)
