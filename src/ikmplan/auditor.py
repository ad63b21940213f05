"""Checks a plan against every rule, from the input tables, without PuLP or the model.

The audit reads only what a reader of the plan could: its tables, the input tables and
the scenario. It joins and sums with pandas, counts money in whole rupiah, and has one
check for each of `rules.RULES`, under the same name. A plan that breaks a rule is
never shown: `audit` raises `AuditFailed` with every breach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pandas as pd

from ikmplan.books import Books, Frame
from ikmplan.case import Case
from ikmplan.cells import CITY, TRAINING
from ikmplan.plan import Plan
from ikmplan.tables import QUARTERS
from ikmplan.text import _

TOLERANCE = 1e-6  # days, hours, kVA, m²: sums of decimals; money and counts are exact


class AuditFailed(AssertionError):
    """The plan breaks a rule; `breaches` says which, where and by how much."""

    def __init__(self, breaches: list[str]):
        self.breaches = breaches
        super().__init__("\n".join(breaches))


def audit(plan: Plan, case: Case) -> None:
    """Raise `AuditFailed` unless the plan keeps every rule, its cost and its proof."""
    breaches = list(find_breaches(plan, case))
    if breaches:
        raise AuditFailed(breaches)


def find_breaches(plan: Plan, case: Case) -> Iterator[str]:
    """Every breach, one sentence each, headed by the rule's name."""
    books = Books(plan, case.tables, case.scenario)
    for name, check in CHECKS.items():
        for said in check(books):
            yield f"{name}: {said}"
    if plan.proof.fingerprint != case.fingerprint:
        yield "fingerprint: " + _("the plan was made from other data or another scenario.")


def _over(rows: Frame, used: str, limit: str, key: list[str]) -> Iterator[str]:
    if rows.empty:  # an empty column may have the type of text
        return
    for row in rows[rows[used] > rows[limit] + TOLERANCE].to_dict("records"):
        at = ", ".join(str(row[name]) for name in key)
        yield _(
            "{at}: {used} is more than {limit}.",
            at=at,
            used=f"{row[used]:g}",
            limit=f"{row[limit]:g}",
        )


def _units_within_size(b: Books) -> Iterator[str]:
    units = b.plan.units.groupby("cluster", as_index=False)["units"].sum()
    yield from _over(units.join(b.clusters["size"], on="cluster"), "units", "size", ["cluster"])
    for name, table in b.plan.tables.items():
        counts = table[
            [c for c in ("classes", "seats", "machines", "units", "amount") if c in table]
        ]
        if (counts < 0).any(axis=None):
            yield _("{at}: a count is negative.", at=name)


def _young_within_size(b: Books) -> Iterator[str]:
    only = [row.course for row in b.tables.courses if row.young_only]
    young = b.items[b.items["item"].isin(only)]
    units = (
        young.drop_duplicates(["cluster", "package"])
        .groupby("cluster", as_index=False)["units"]
        .sum()
    )
    yield from _over(units.join(b.clusters["young"], on="cluster"), "units", "young", ["cluster"])
    seats = b.plan.seats[b.plan.seats["course"].isin(only)]
    yield from _over(
        seats.join(b.clusters["young"], on="cluster"), "seats", "young", ["course", "cluster"]
    )


def _seat_for_each_unit(b: Books) -> Iterator[str]:
    wanted = b.items[b.items["item"].isin(b.courses.index)]
    wanted = wanted.groupby(["item", "cluster"], as_index=False)["units"].sum()
    seats = b.plan.seats.rename(columns={"course": "item"})
    both = wanted.merge(seats, on=["item", "cluster"], how="left").fillna({"seats": 0})
    yield from _over(both, "units", "seats", ["item", "cluster"])
    yield from _over(
        b.plan.seats.join(b.clusters["size"], on="cluster"), "seats", "size", ["course", "cluster"]
    )


def _classes_filled(b: Books) -> Iterator[str]:
    rows = b.filled.assign(least=b.filled["classes"] * b.filled["class_min"])
    yield from _over(rows, "least", "seats", ["course", "host"])


def _seats_within_classes(b: Books) -> Iterator[str]:
    rows = b.filled.assign(most=b.filled["classes"] * b.filled["class_max"])
    yield from _over(rows, "seats", "most", ["course", "host"])


def _classes_scheduled(b: Books) -> Iterator[str]:
    for row in b.plan.classes[~b.plan.classes["quarter"].isin(QUARTERS)].to_dict("records"):
        yield _("{at}: {quarter} is no quarter.", at=row["course"], quarter=row["quarter"])


def _hours_within_machines(b: Books) -> Iterator[str]:
    there = b.existing.rename(columns={"equipment": "item", "cluster": "host"})[
        ["item", "host", "machines"]
    ]
    new = b.plan.machines.rename(columns={"equipment": "item"})
    machines = pd.concat([there, new]).groupby(["item", "host"], as_index=False)["machines"].sum()
    rows = b.machine_hours.merge(machines, on=["item", "host"], how="left").fillna({"machines": 0})
    rows = rows.join(b.equipment[["hours", "availability"]], on="item")
    rows["most"] = rows["machines"] * rows["hours"] * rows["availability"]
    yield from _over(rows, "used", "most", ["item", "host"])


def _machines_operated(b: Books) -> Iterator[str]:
    placed = b.plan.machines.join(b.equipment[["operators", "operator_course"]], on="equipment")
    placed = placed[placed["operators"] > 0].assign(needed=lambda t: t["operators"] * t["machines"])
    course_of = b.existing["equipment"].map(b.equipment["operator_course"])
    for p, group in placed.groupby("operator_course"):
        for host in group["host"].unique():
            everywhere = host == CITY
            needed = (
                group["needed"].sum()
                if everywhere
                else group.loc[group["host"] == host, "needed"].sum()
            )
            seats = b.seats[(b.seats["course"] == p) & (everywhere | (b.seats["cluster"] == host))][
                "seats"
            ].sum()
            there = b.existing[(course_of == p) & (everywhere | (b.existing["cluster"] == host))][
                "operators"
            ].sum()
            trained = b.courses.loc[p, "success"] * seats + there
            if needed > trained + TOLERANCE:
                yield _(
                    "{at}: {used} is more than {limit}.",
                    at=f"{p}, {host}",
                    used=f"{needed:g}",
                    limit=f"{trained:g}",
                )


def _machines_in_stock(b: Books) -> Iterator[str]:
    placed = b.plan.machines.groupby("equipment", as_index=False)["machines"].sum()
    yield from _over(
        placed.join(b.equipment["stock"], on="equipment"), "machines", "stock", ["equipment"]
    )


def _at_site(what: str) -> Callable[[Books], Iterator[str]]:
    def check(b: Books) -> Iterator[str]:
        placed = b.plan.machines.join(b.equipment[[what]], on="equipment")
        placed = placed[placed["host"] != CITY].assign(needed=placed["machines"] * placed[what])
        needed = placed.groupby("host", as_index=False)["needed"].sum()
        yield from _over(needed.join(b.clusters[[what]], on="host"), "needed", what, ["host"])

    return check


def _resource_days(b: Books) -> Iterator[str]:
    uses = b.table("course_uses")[["course", "resource", "amount"]]
    in_year = b.plan.classes[b.plan.classes["quarter"].isin(QUARTERS)]
    used = in_year.merge(uses, on="course")
    used["days"] = used["classes"] * used["amount"]
    used = used.groupby(["resource", "quarter"], as_index=False)["days"].sum()
    resources = b.table("resources").set_index("resource")
    factor = resources["kind"].map(
        lambda kind: b.scenario.trainer_factor if kind == "trainer" else 1
    )
    used["capacity"] = [
        resources.loc[r, f"q{q}"] * factor[r]
        for r, q in zip(used["resource"], used["quarter"], strict=True)
    ]
    yield from _over(used, "days", "capacity", ["resource", "quarter"])


def _funds_cover(b: Books) -> Iterator[str]:
    money, lines = b.plan.money, b.plan.lines
    if int(lines["amount"].sum()) != b.cost():
        yield _(
            "the lines cost {lines}, the prices say {cost}.",
            lines=int(lines["amount"].sum()),
            cost=b.cost(),
        )
    paid = money.groupby("fund", as_index=False)["amount"].sum()
    paid["holds"] = paid["fund"].map(b.amounts)
    yield from _over(paid, "amount", "holds", ["fund"])
    each = (
        lines.groupby(["item", "host"])["amount"]
        .sum()
        .sub(money.groupby(["item", "host"])["amount"].sum(), fill_value=0)
    )
    for (item, host), left in each[each != 0].items():
        yield _("{at}: Rp{left} is paid by nobody.", at=f"{item}, {host}", left=int(left))
    pays = {row.fund: row.pays for row in b.tables.funds}
    for row in money.to_dict("records"):
        if not {row["kind"], row["item"]} & set(pays[row["fund"]]):
            yield _("{fund} may not pay for {item}.", fund=row["fund"], item=row["item"])


def _within_budget(b: Books) -> Iterator[str]:
    budget = b.scenario.budget
    budget = sum(b.amounts.values()) if budget is None else budget
    if b.cost() > budget:
        yield _("{at}: {used} is more than {limit}.", at="budget", used=b.cost(), limit=budget)


def _training_share(b: Books) -> Iterator[str]:
    total, training = b.cost(), b.cost(TRAINING)
    least, most = b.scenario.training_share_min * total, b.scenario.training_share_max * total
    if not least - 1 <= training <= most + 1:  # a rupiah, for the share's decimals
        yield _("{training} of {total} goes to training.", training=training, total=total)


def _floors_met(b: Books) -> Iterator[str]:
    for c, row in b.clusters.iterrows():
        general = b.scenario.floor if row["kind"] == "ikm" else 0.0
        floor = b.scenario.floors.get(str(c), general)
        if b.reached[c] < floor * row["size"] - TOLERANCE:
            yield _(
                "{at}: {used} is less than {limit}.",
                at=c,
                used=f"{b.reached[c]:g}",
                limit=f"{floor * row['size']:g}",
            )
    stated = b.plan.coverage.set_index("cluster")["reached"]
    for c, reached in b.reached.items():
        if abs(stated[c] - reached) > TOLERANCE:
            yield _(
                "{at}: {used} is stated, {limit} is right.",
                at=c,
                used=f"{stated[c]:g}",
                limit=f"{reached:g}",
            )


def _targets_met(b: Books) -> Iterator[str]:
    ikm = b.plan.units["cluster"].map(b.clusters["kind"]).eq("ikm")
    for name, target, count in (
        ("target_units", b.scenario.target_units, b.plan.units.loc[ikm, "units"].sum()),
        ("target_classes", b.scenario.target_classes, b.plan.classes["classes"].sum()),
    ):
        if target is not None and count < target:
            yield _("{at}: {used} is less than {limit}.", at=name, used=int(count), limit=target)


def _locks_kept(b: Books) -> Iterator[str]:
    held = b.held.rename(columns={"course": "item", "classes": "count"})[["item", "host", "count"]]
    placed = b.plan.machines.rename(columns={"equipment": "item", "machines": "count"})
    counts = pd.concat([held, placed])
    for lock in b.scenario.parsed_locks():
        at = counts[
            (counts["item"] == lock.item)
            & ((counts["host"] == lock.cluster) | (lock.cluster is None))
        ]
        n = int(at["count"].sum())
        kept = {">=": n >= lock.count, "<=": n <= lock.count, "=": n == lock.count}[lock.sign]
        if not kept:
            yield _("the lock “{lock}” is not kept: there are {n}.", lock=lock, n=n)
    for kind, most in (
        (b.courses, b.scenario.courses_per_unit),
        (b.equipment, b.scenario.equipment_per_unit),
    ):
        each = b.items[b.items["item"].isin(kind.index)].groupby(["cluster", "package"]).size()
        for (c, package), n in each[each > most].items():
            yield _("{at}: {used} is more than {limit}.", at=f"{c}, {package}", used=n, limit=most)
    for x in b.scenario.parsed_exclusions():
        units = b.items[(b.items["item"] == x.item) | (x.item is None)]
        given = units[(units["cluster"] == x.cluster) | (x.cluster is None)]
        there = counts["item"].eq(x.item) | (x.item is None)
        there &= counts["host"].eq(x.cluster) | (x.cluster is None)
        if given["units"].sum() or counts.loc[there, "count"].sum():
            yield _("the exclusion “{exclusion}” is not kept.", exclusion=x)


def _worst_off(b: Books) -> Iterator[str]:
    """The value that the proof states is that of the tables, and no more than its bound."""
    counted = b.clusters[b.clusters["kind"] == "ikm"]
    reached = b.reached.reindex(counted.index)
    value = (1 - b.scenario.equity) * float((counted["weight"] * reached).sum())
    if b.scenario.equity > 0:
        value += b.scenario.equity * float((counted["weight"] * counted["size"]).sum()) * b.worst
    proof = b.plan.proof
    if abs(value - proof.value) > TOLERANCE * max(1.0, abs(value)):
        yield _(
            "{at}: {used} is stated, {limit} is right.",
            at="value",
            used=f"{proof.value:g}",
            limit=f"{value:g}",
        )
    if proof.value > proof.bound + TOLERANCE * max(1.0, abs(value)):
        yield _(
            "the value {value} is above its own bound {bound}.",
            value=proof.value,
            bound=proof.bound,
        )


CHECKS: dict[str, Callable[[Books], Iterator[str]]] = {
    "units_within_size": _units_within_size,
    "young_within_size": _young_within_size,
    "seat_for_each_unit": _seat_for_each_unit,
    "classes_filled": _classes_filled,
    "seats_within_classes": _seats_within_classes,
    "classes_scheduled": _classes_scheduled,
    "hours_within_machines": _hours_within_machines,
    "machines_operated": _machines_operated,
    "machines_in_stock": _machines_in_stock,
    "power_at_site": _at_site("kva"),
    "floor_space_at_site": _at_site("floor_m2"),
    "resource_days": _resource_days,
    "funds_cover": _funds_cover,
    "within_budget": _within_budget,
    "training_share": _training_share,
    "floors_met": _floors_met,
    "targets_met": _targets_met,
    "locks_kept": _locks_kept,
    "worst_off": _worst_off,
}
