"""What a plan decides, for readers: who gets what, when and where, and who pays for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY
from ikmplan.input.rows import QUARTERS
from ikmplan.plan.plan import Plan
from ikmplan.report.names import KIND_NAMES, cluster_label, package_name, place
from ikmplan.show.table import Column, Format, View, one_decimal, percent_one_decimal, rupiah_text
from ikmplan.text import _, number, percent


def _young_only(case: Case, package: str) -> bool:
    return any(i in case.courses and case.courses[i].young_only for i in package.split("+"))


def coverage_table(plan: Plan, case: Case, programme: Plan | None = None) -> View:
    """Expected coverage of each cluster beside its floor and the announced programme."""
    every: list[dict[Any, Any]] = plan.coverage.to_dict("records")
    counted = [row for row in every if row["counts"]]
    others = [row for row in every if not row["counts"]]
    sums = {key: sum(r[key] for r in counted) for key in ("size", "coached", "reached")}

    def column(
        heading: str, value: Callable[[dict[Any, Any]], Any], total: Any, show: Format
    ) -> Column:
        values = [*map(value, counted), total, *map(value, others)]
        return Column(heading, values, show)

    def share(reached: float) -> float | None:
        return reached / sums["size"] if sums["size"] else None

    names = [[cluster_label(case, r["cluster"]) for r in rows] for rows in (counted, others)]
    columns = [
        Column(_("Cluster"), [*names[0], _("All IKM units"), *names[1]]),
        column(_("Units"), lambda r: r["size"], sums["size"], number),
        column(_("Coached"), lambda r: r["coached"], sums["coached"], number),
    ]
    columns += [
        column(_("Expected to be reached"), lambda r: r["reached"], sums["reached"], one_decimal),
        column(_("Coverage"), lambda r: r["coverage"], share(sums["reached"]), percent_one_decimal),
    ]
    if any(r["floor"] for r in counted):
        columns.append(column(_("Floor"), lambda r: r["floor"] or None, None, percent_one_decimal))
    if programme is not None:
        before = programme.coverage.set_index("cluster")["coverage"].to_dict()
        columns.append(
            column(
                _("As announced"),
                lambda r: before[r["cluster"]],
                share(programme.reached),
                percent_one_decimal,
            )
        )
    return View(
        _("Expected coverage of each cluster"), tuple(columns), total=True, beyond=len(others)
    )


def classes(plan: Plan, case: Case) -> View:
    """Every course at every host: classes in each quarter, and seats."""
    taken: dict[tuple[str, str], int] = {}
    for p, c, n in plan.seats.itertuples(index=False):
        at = (p, case.host(p, c))
        taken[at] = taken.get(at, 0) + n
    held: dict[tuple[str, str], dict[int, int]] = {}
    for p, h, q, n in plan.classes.itertuples(index=False):
        held.setdefault((p, h), dict.fromkeys(QUARTERS, 0))[q] += n
    order = {key: n for n, key in enumerate([*case.courses, CITY, *case.clusters])}
    keys = sorted(held, key=lambda key: (order[key[0]], order[key[1]]))
    total = [sum(held[k][q] for k in keys) for q in QUARTERS]
    columns = [
        Column(_("Course"), [*(case.name(p) for p, _h in keys), _("All classes")]),
        Column(_("For"), [*(place(case, h) for _p, h in keys), None]),
        *(
            Column(_("Q{q}", q=q), [*(held[k][q] or None for k in keys), total[n]], number)
            for n, q in enumerate(QUARTERS)
        ),
        Column(_("Year"), [*(sum(held[k].values()) for k in keys), sum(total)], number),
        Column(_("Seats"), [*(taken.get(k, 0) for k in keys), sum(taken.values())], number),
    ]
    return View(_("Classes by quarter"), tuple(columns), total=True)


def machines_table(plan: Plan, case: Case) -> View:
    """Machines placed at each host, those already there, and the hours units use."""
    placed = {(e, h): n for e, h, n in plan.machines.itertuples(index=False)}
    there = {key: n for key, n in case.existing.items() if n}
    order = {key: n for n, key in enumerate([CITY, *case.clusters, *case.equipment])}
    keys = sorted({**placed, **there}, key=lambda key: (order[key[1]], order[key[0]]))
    served: dict[tuple[str, str], int] = {}
    hours: dict[tuple[str, str], float] = {}
    for c, package, n in plan.units[["cluster", "package", "units"]].itertuples(index=False):
        for e in package.split("+"):
            if e in case.equipment:
                at = (e, case.host(e, c))
                served[at] = served.get(at, 0) + n
                hours[at] = hours.get(at, 0.0) + n * case.hours_of(e, c)
    run = {k: case.machine_hours(k[0]) * (placed.get(k, 0) + there.get(k, 0)) for k in keys}
    cost = {k: placed.get(k, 0) * case.price[k[0]] for k in keys}
    columns = (
        Column(_("Cluster"), [*(place(case, h) for _e, h in keys), _("All machines")]),
        Column(_("Machine"), [*(case.name(e) for e, _h in keys), None]),
        Column(_("New"), [*(placed.get(k, 0) for k in keys), sum(placed.values())], number),
        Column(
            _("Already there"),
            [*(there.get(k, 0) for k in keys), sum(there.get(k, 0) for k in keys)],
            number,
        ),
        Column(
            _("Units served"), [*(served.get(k, 0) for k in keys), sum(served.values())], number
        ),
        Column(
            _("Share of hours used"),
            [*(hours.get(k, 0.0) / run[k] if run[k] else None for k in keys), None],
            percent,
        ),
        Column(_("Cost of the new ones"), [*cost.values(), sum(cost.values())], rupiah_text),
    )
    return View(_("Machines by cluster"), columns, total=True)


def invitations(plan: Plan, case: Case) -> View:
    """The invitation list: how many units of each cluster get which courses and machines."""
    order = {c: n for n, c in enumerate(case.clusters)}
    rows = sorted(
        plan.units.to_dict("records"),
        key=lambda r: (order[r["cluster"]], -r["units"], r["package"]),
    )
    young = [_young_only(case, r["package"]) for r in rows]
    names = [
        package_name(case, r["package"]) + (" " + _("(owners aged 35 or less)") if only else "")
        for r, only in zip(rows, young, strict=True)
    ]
    reached = [r["reached"] if case.is_ikm(r["cluster"]) else None for r in rows]
    columns = (
        Column(_("Cluster"), [*(cluster_label(case, r["cluster"]) for r in rows), _("All")]),
        Column(_("Each unit gets"), [*names, _("All")]),
        Column(
            _("Units to invite"),
            [*(r["units"] for r in rows), sum(r["units"] for r in rows)],
            number,
            sums=True,
        ),
        Column(_("Chance of being reached"), [*(r["chance"] for r in rows), None], percent),
        Column(
            _("Expected to be reached"),
            [*reached, sum(n or 0.0 for n in reached)],
            one_decimal,
            sums=True,
        ),
    )
    return View(_("Invitation list"), columns, total=True, grouped=True)


def drawn_at_random(plan: Plan, case: Case) -> View:
    """What the same seats and machines reach if participants are drawn, not invited by list."""
    listed = plan.coverage.set_index("cluster")["reached"]
    drawn = expected_at_random(plan, case)
    rows = [c for c in case.clusters if case.is_ikm(c) and case.size[c]]
    by_list = [float(listed[c]) for c in rows]
    by_lot = [drawn.get(c, 0.0) for c in rows]
    total_list, total_lot = sum(by_list), sum(by_lot)
    by_list, by_lot = [*by_list, total_list], [*by_lot, total_lot]
    lost = [a - b for a, b in zip(by_list, by_lot, strict=True)]
    columns = (
        Column(_("Cluster"), [*(case.name(c) for c in rows), _("All IKM units")]),
        Column(_("Reached by the list"), by_list, one_decimal),
        Column(_("Reached when drawn at random"), by_lot, one_decimal),
        Column(_("Lost without the list"), lost, one_decimal),
        Column(
            _("Share lost"),
            [n / a if a else None for n, a in zip(lost, by_list, strict=True)],
            percent_one_decimal,
        ),
    )
    return View(_("What the invitation list is worth"), columns, total=True)


def expected_at_random(plan: Plan, case: Case) -> dict[str, float]:
    """cluster -> expected units reached if each course and machine draws its own units:
    n · (1 − Π_i (1 − q_i · x_i / n)), the young on their own for courses only they may take.
    An operator course draws from the users of its machine, who are to run it:
    their part of x_i counts 1 − (1 − q_machine) · (1 − q_course)."""
    gained: dict[str, dict[str, float]] = {}  # cluster -> item -> q_i · x_i
    for c, package, n in plan.units[["cluster", "package", "units"]].itertuples(index=False):
        items = package.split("+")
        courses = {e: case.operator_course(e) for e in items if e in case.equipment}
        for item in set(items) - {*courses.values()}:
            p = courses.get(item)
            drawn = (item,) if p is None or p not in items else (item, p)
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
    funds = list(case.funds)
    holds = [case.fund_amount[f] for f in funds]
    amounts = plan.money.groupby(["fund", "kind"])["amount"].sum()
    paid = {kind: [int(amounts.get((f, kind), 0)) for f in funds] for kind in KIND_NAMES}
    left = [h - sum(paid[kind][n] for kind in KIND_NAMES) for n, h in enumerate(holds)]
    columns = (
        Column(_("Fund"), [*(case.name(f) for f in funds), _("All funds")]),
        Column(_("Holds"), [*holds, sum(holds)], rupiah_text),
        *(
            Column(_(message), [*paid[kind], sum(paid[kind])], rupiah_text)
            for kind, message in KIND_NAMES.items()
        ),
        Column(_("Left"), [*left, sum(left)], rupiah_text),
    )
    return View(_("Money by fund"), columns, total=True)


def costs(plan: Plan, case: Case) -> View:
    """What each course and each kind of machine costs, and which fund pays it."""
    order = [i for i in [*case.courses, *case.equipment] if i in set(plan.lines["item"])]
    held = plan.classes.groupby("course")["classes"].sum()
    placed = plan.machines.groupby("equipment")["machines"].sum()
    seated = plan.seats.groupby("course")["seats"].sum()
    amount = plan.lines.groupby("item")["amount"].sum()
    paid = plan.money.groupby(["item", "fund"])["amount"].sum()
    classes = [int(held.get(i, 0)) if i in case.courses else None for i in order]
    people = [int(seated.get(i, 0)) if i in case.courses else None for i in order]
    machines = [int(placed.get(i, 0)) if i in case.equipment else None for i in order]
    columns = (
        Column(_("Course or machine"), [*map(case.name, order), _("All")]),
        Column(_("Classes"), [*classes, sum(n or 0 for n in classes)], number),
        Column(_("Seats"), [*people, sum(n or 0 for n in people)], number),
        Column(_("Machines"), [*machines, sum(n or 0 for n in machines)], number),
        *(
            Column(
                _("From {fund}", fund=case.name(f)),
                [
                    *(int(paid.get((i, f), 0)) or None for i in order),
                    int(plan.money.loc[plan.money["fund"] == f, "amount"].sum()),
                ],
                rupiah_text,
            )
            for f in case.funds
        ),
        Column(_("Cost"), [*(int(amount[i]) for i in order), int(amount.sum())], rupiah_text),
    )
    return View(_("What each course and machine costs"), columns, total=True)


def split_lines(plan: Plan, case: Case) -> View:
    """Courses and machines at one place that more than one fund pays for together."""
    keys = ["kind", "item", "host"]
    shared = plan.money[plan.money.duplicated(keys, keep=False)]
    amounts = {
        at: dict(zip(rows["fund"], rows["amount"], strict=True))
        for at, rows in shared.groupby(keys, sort=False)
    }
    paying = [f for f in case.funds if (shared["fund"] == f).any()]
    columns = (
        Column(_("Course or machine"), [case.name(str(item)) for _k, item, _h in amounts]),
        Column(_("For"), [place(case, str(host)) for _k, _i, host in amounts]),
        *(
            Column(
                _("From {fund}", fund=case.name(f)),
                [amount.get(f) for amount in amounts.values()],
                rupiah_text,
            )
            for f in paying
        ),
        Column(_("Cost"), [sum(amount.values()) for amount in amounts.values()], rupiah_text),
    )
    return View(
        _("Paid by more than one fund"),
        columns,
        empty=_("Each course and machine at each place is paid by a single fund."),
    )
