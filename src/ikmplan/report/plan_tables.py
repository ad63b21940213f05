"""What a plan decides, for readers: who gets what, when and where, and who pays for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import fsum
from typing import Any

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY
from ikmplan.input.rows import QUARTERS
from ikmplan.plan.plan import Plan, total
from ikmplan.report.names import KIND_NAMES, cluster_label, course_label, package_name, place
from ikmplan.show.table import (
    SUM,
    Of,
    View,
    column_difference,
    one_decimal,
    percent_one_decimal,
    rupiah_text,
    table,
)
from ikmplan.text import _, number, percent


def coverage_table(plan: Plan, case: Case, programme: Plan | None = None) -> View:
    """Expected coverage of each cluster beside its floor and the announced programme."""
    every: list[dict[Any, Any]] = plan.coverage.to_dict("records")
    counted = [row for row in every if row["counts"]]
    size = sum(row["size"] for row in counted)
    everyone = _("All IKM units")
    columns: list[tuple[Any, ...]] = [
        (_("Cluster"), lambda r: cluster_label(case, r["cluster"]), None, everyone),
        (_("Units"), "size", number, SUM),
        (_("Coached"), "coached", number, SUM),
        (_("Expected to be reached"), "reached", one_decimal, SUM),
        (_("Coverage"), "coverage", percent_one_decimal, plan.reached / size if size else None),
    ]
    if any(row["floor"] for row in counted):
        columns.append((_("Floor"), lambda r: r["floor"] or None, percent_one_decimal))
    if programme is not None:
        before = programme.coverage.set_index("cluster")["coverage"].to_dict()
        share = programme.reached / size if size else None
        announced = _("Announced, estimated")
        columns.append((announced, lambda r: before[r["cluster"]], percent_one_decimal, share))
    others = [row for row in every if not row["counts"]]
    return table(_("Expected coverage of each cluster"), counted, *columns, beyond=others)


def districts(plan: Plan, case: Case, programme: Plan | None = None) -> View:
    """Who is reached in each district (kecamatan), beside the announced programme."""
    rows = plan.coverage[plan.coverage["counts"]]
    rows = rows.assign(district=[case.clusters[c].district for c in rows["cluster"]], before=0.0)
    if programme is not None:
        rows["before"] = rows["cluster"].map(programme.coverage.set_index("cluster")["reached"])
    columns_summed: Any = {"size": "sum", "coached": "sum", "reached": fsum, "before": fsum}
    sums = rows.groupby("district", sort=False).agg(columns_summed)
    each: list[dict[Any, Any]] = sums.reset_index().to_dict("records")
    size = int(sums["size"].sum())
    columns: list[tuple[Any, ...]] = [
        (_("District"), "district", None, _("All IKM units")),
        (_("Units"), "size", number, SUM),
        (_("Coached"), "coached", number, SUM),
        (_("Expected to be reached"), "reached", one_decimal, SUM),
        (
            _("Coverage"),
            lambda row: row["reached"] / row["size"] if row["size"] else None,
            percent_one_decimal,
            plan.reached / size if size else None,
        ),
    ]
    if programme is not None:
        columns.append((_("Reached as announced, estimated"), "before", one_decimal, SUM))
    return table(_("Who is reached in each district"), each, *columns)


def classes(plan: Plan, case: Case) -> View:
    """Every course at every host: classes that begin in each quarter, and seats."""
    seats = total(((p, case.host(p, c)), n) for p, c, n in plan.seats.itertuples(index=False))
    held: dict[tuple[str, str], Counter[int]] = {}
    for p, h, q, n in plan.classes.itertuples(index=False):
        held.setdefault((p, h), Counter())[q] += n
    order = {key: n for n, key in enumerate([*case.courses, CITY, *case.clusters])}
    return table(
        _("Classes by quarter"),
        sorted(held, key=lambda at: (order[at[0]], order[at[1]])),
        (_("Course"), lambda at: course_label(case, at[0]), None, _("All classes")),
        (_("For"), lambda at: place(case, at[1])),
        *((_("Q{q}", q=q), lambda at, q=q: held[at][q] or None, number, SUM) for q in QUARTERS),
        (_("Year"), lambda at: held[at].total(), number, SUM),
        (_("Seats"), lambda at: seats[at], number, SUM),
    )


def machines_table(plan: Plan, case: Case) -> View:
    """Machines placed at each host, those already there, and the hours units use."""
    placed = Counter({(e, h): n for e, h, n in plan.machines.itertuples(index=False)})
    closed = case.openings.keys() - set(plan.openings["opening"])
    there = Counter({at: n for at, n in case.existing.items() if n and at[1] not in closed})
    revived = Counter({(e, h): n for e, h, n in plan.revived.itertuples(index=False)})
    served: Counter[tuple[str, str]] = Counter()
    hours: dict[tuple[str, str], float] = {}
    for c, items, n in plan.packages:
        used = total(pair for line in items for pair in case.line_at(line, c).items())
        for e, each in used.items():
            at = (e, case.host(e, c))
            served[at] += n
            hours[at] = hours.get(at, 0.0) + n * each

    def share_used(at: tuple[str, str]) -> float | None:
        run = case.machine_hours(at[0]) * (placed[at] + there[at] + revived[at])
        return hours.get(at, 0.0) / run if run else None

    def cost(at: tuple[str, str]) -> int:
        return placed[at] * case.price[at[0]] + revived[at] * case.revive_cost.get(at, 0)

    of_idle = [(_("Revived"), lambda at: revived[at], number, SUM)] if case.idle else []
    cost_name = _("Cost of these") if case.idle else _("Cost of the new ones")
    order = {
        key: n for n, key in enumerate([CITY, *case.clusters, *case.openings, *case.equipment])
    }
    return table(
        _("Machines by cluster"),
        sorted({**placed, **there, **revived}, key=lambda at: (order[at[1]], order[at[0]])),
        (_("Cluster"), lambda at: place(case, at[1]), None, _("All machines")),
        (_("Machine"), lambda at: case.name(at[0])),
        (_("New"), lambda at: placed[at], number, SUM),
        *of_idle,
        (_("Already there"), lambda at: there[at], number, SUM),
        (_("Units served"), lambda at: served[at], number, SUM),
        (_("Share of hours used"), share_used, percent),
        (cost_name, cost, rupiah_text, SUM),
    )


def invitations(plan: Plan, case: Case) -> View:
    """The invitation list: how many units of each cluster get which courses and machines."""

    def name(row: dict[str, Any]) -> str:
        courses = (case.courses[i] for i in row["package"].split("+") if i in case.courses)
        of_young = any(course.young_only for course in courses)
        young = " " + _("(owners aged 35 or less)") if of_young else ""
        if row["filler"]:
            return _("{course} (only to fill the class)", course=case.name(row["package"])) + young
        return package_name(case, row["package"]) + young

    def reached(row: dict[str, Any], ikm: bool = True) -> float | None:
        return row.get("reached") if case.is_ikm(row["cluster"]) == ikm else None

    rows: list[dict[Any, Any]] = plan.units.assign(filler=False).to_dict("records")
    for (p, c), n in fillers(plan).items():
        rows.append({"cluster": c, "package": p, "units": n, "chance": None, "filler": True})

    def counted(row: dict[str, Any], filler: bool) -> int | None:
        return row["units"] if row["filler"] == filler else None

    seats = partial(counted, filler=True)
    seated = Of(_("Seated only to fill the class"), seats, number, SUM, sums=True)
    apart = Of(
        _("New entrepreneurs expected"),
        lambda r: reached(r, ikm=False) if r["cluster"] in case.weights else None,
        one_decimal,
        SUM,
        sums=True,
    )
    return table(
        _("Invitation list"),
        in_invitation_order(rows, case),
        (_("Cluster"), lambda r: cluster_label(case, r["cluster"]), None, _("All")),
        (_("Each unit gets"), name, None, _("All")),
        Of(_("Units to invite"), partial(counted, filler=False), number, SUM, sums=True),
        *([seated] if len(rows) > len(plan.units) else []),
        (_("Chance of being reached"), "chance", percent),
        Of(_("Expected to be reached"), reached, one_decimal, SUM, sums=True),
        *([apart] if case.counts_entrepreneurs else []),
        grouped=True,
    )


def in_invitation_order(rows: list[dict[Any, Any]], case: Case) -> list[dict[Any, Any]]:
    """Rows of `plan.units` by cluster, in each the package of most units first."""
    order = {c: n for n, c in enumerate(case.clusters)}
    return sorted(rows, key=lambda r: (order[r["cluster"]], -r["units"], r["package"]))


def fillers(plan: Plan) -> dict[tuple[str, str], int]:
    """(course, cluster) -> people who sit in it so that its class is held, and count for nothing
    there: their seats are in no package."""
    left = {(p, c): n for p, c, n in plan.seats.itertuples(index=False)}
    for c, items, n in plan.packages:
        for item in items:
            if (item, c) in left:
                left[item, c] -= n
    return {at: n for at, n in left.items() if n > 0}


def drawn_at_random(plan: Plan, case: Case) -> View:
    """What the same seats and machines reach if participants are drawn, not invited by list."""
    listed = plan.coverage.set_index("cluster")["reached"].to_dict()
    drawn = expected_at_random(plan, case)
    rows: list[tuple[Any, ...]] = [
        (case.name(c), listed[c], drawn.get(c, 0.0))
        for c in case.clusters
        if case.is_ikm(c) and case.size[c]
    ]
    by_list, by_lot = (sum(row[n] for row in rows) for n in (1, 2))
    rows.append((_("All IKM units"), by_list, by_lot))
    made = table(
        _("What the invitation list is worth"),
        rows,
        (_("Cluster"), lambda r: r[0]),
        (_("Reached by the list"), lambda r: r[1], one_decimal),
        (_("Reached when drawn at random"), lambda r: r[2], one_decimal),
        (_("Lost without the list"), lambda r: column_difference(r[1], r[2]), one_decimal),
        (_("Share lost"), lambda r: (r[1] - r[2]) / r[1] if r[1] else None, percent_one_decimal),
    )
    return replace(made, total=True)


def expected_at_random(plan: Plan, case: Case) -> dict[str, float]:
    """cluster -> expected units reached if each course and machine draws its own units:
    n · (1 − Π_i (1 − q_i · x_i / n)), the young on their own for courses only they may take.
    An operator course draws from the users of its machine, who are to run it:
    their part of x_i counts 1 − (1 − q_machine) · (1 − q_course)."""
    gained: dict[str, dict[str, float]] = {}  # cluster -> item -> q_i · x_i
    for c, items, n in plan.packages:
        courses = {
            line: [p for e in case.line_at(line, c) if (p := case.operator_course(e)) in items]
            for line in items
        }
        for item in set(items) - {p for taught in courses.values() for p in taught}:
            drawn = (item, *dict.fromkeys(p for p in courses[item] if p))
            at = gained.setdefault(c, {})
            at[item] = at.get(item, 0.0) + n * case.chance_of(c, drawn)
    found = {}
    for c, gains in gained.items():
        old_missed = young_missed = 1.0
        for item, gain in gains.items():
            if item in case.courses and case.courses[item].young_only:
                young_missed *= 1 - gain / case.young[c]
            else:
                old_missed *= 1 - gain / case.size[c]
                young_missed *= 1 - gain / case.size[c]
        young = case.young[c]
        found[c] = young * (1 - young_missed) + (case.size[c] - young) * (1 - old_missed)
    return found


# --- money -------------------------------------------------------------------------------


def money_by_fund(plan: Plan, case: Case) -> View:
    """What each fund holds, what it pays for training and for machines, what is left."""
    paid = plan.money.groupby(["fund", "kind"])["amount"].sum().to_dict()
    return table(
        _("Money by fund"),
        case.funds,
        (_("Fund"), case.name, None, _("All funds")),
        (_("Amount"), lambda f: case.fund_amount[f], rupiah_text, SUM),
        *(
            (_(message), lambda f, kind=kind: paid.get((f, kind), 0), rupiah_text, SUM)
            for kind, message in KIND_NAMES.items()
        ),
        (
            _("Left"),
            lambda f: case.fund_amount[f] - sum(paid.get((f, kind), 0) for kind in KIND_NAMES),
            rupiah_text,
            SUM,
        ),
    )


def costs(plan: Plan, case: Case) -> View:
    """What each course and each kind of machine costs, and which fund pays it."""
    held = plan.classes.groupby("course")["classes"].sum().to_dict()
    placed = plan.machines.groupby("equipment")["machines"].sum().to_dict()
    seated = plan.seats.groupby("course")["seats"].sum().to_dict()
    amount = plan.lines.groupby("item")["amount"].sum().to_dict()
    paid = plan.money.groupby(["item", "fund"])["amount"].sum().to_dict()

    def course(counts: dict[Any, int]) -> Callable[[str], int | None]:
        return lambda i: counts.get(i, 0) if i in case.courses else None

    def machine(i: str) -> int | None:
        return placed.get(i, 0) if i in case.equipment else None

    return table(
        _("What each course and machine costs"),
        [i for i in [*case.courses, *case.equipment, *case.openings] if i in amount],
        (_("Course or machine"), case.name, None, _("All")),
        (_("Classes"), course(held), number, SUM),
        (_("Seats"), course(seated), number, SUM),
        (_("Machines"), machine, number, SUM),
        *(
            (
                _("From {fund}", fund=case.name(f)),
                lambda i, f=f: paid.get((i, f), 0) or None,
                rupiah_text,
                SUM,
            )
            for f in case.funds
        ),
        (_("Cost"), lambda i: amount[i], rupiah_text, SUM),
    )


def split_lines(plan: Plan, case: Case) -> View:
    """Courses and machines at one place that more than one fund pays for together."""
    keys = ["kind", "item", "host"]
    shared = plan.money[plan.money.duplicated(keys, keep=False)]
    rows = [
        (str(item), str(host), dict(zip(part["fund"], part["amount"], strict=True)))
        for (_kind, item, host), part in shared.groupby(keys, sort=False)
    ]
    paying = [f for f in case.funds if (shared["fund"] == f).any()]
    return table(
        _("Paid by more than one fund"),
        rows,
        (_("Course or machine"), lambda r: case.name(r[0])),
        (_("For"), lambda r: place(case, r[1])),
        *(
            (_("From {fund}", fund=case.name(f)), lambda r, f=f: r[2].get(f), rupiah_text)
            for f in paying
        ),
        (_("Cost"), lambda r: sum(r[2].values()), rupiah_text),
        empty=_("Each course and machine at each place is paid by a single fund."),
    )
