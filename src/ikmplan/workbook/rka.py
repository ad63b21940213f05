"""The RKA of a plan as plain data: sub-activities, account levels, packages, component lines.

Rencana Kerja dan Anggaran is the form in which an office asks for the money. Its lines are the
plan's own, broken down as far as components.csv says, and add up to the plan's cost to the
rupiah. Account codes and names come from office.csv; where they are missing there is a gap
that `gaps` names. Nothing here knows Excel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from ikmplan.input.case import Case
from ikmplan.input.cells import EQUIPMENT, TRAINING
from ikmplan.input.office import NEEDED, SUB_ACTIVITY, level_name, ppn
from ikmplan.plan.plan import Plan
from ikmplan.report.names import place, quarters_label
from ikmplan.text import _, number, rupiah

TIMES = " x "
Pair = tuple[int, str]  # volume, unit


@dataclass(frozen=True)
class Line:
    """One thing that is bought. Money is whole rupiah."""

    name: str
    account: str  # key in office.csv
    pairs: tuple[Pair, ...]  # at most four, as SIPD has them
    unit: str  # of the price
    price: int  # of one, before tax
    tax: int  # PPN on one; 0 where the data state no rate
    source: str

    @property
    def volume(self) -> int:
        return prod(volume for volume, _unit in self.pairs)

    @property
    def coefficient(self) -> str:
        """ "30 Orang x 5 Hari x 1 Kali"."""
        return TIMES.join(f"{volume} {unit}" for volume, unit in self.pairs)

    @property
    def amount(self) -> int:
        return self.volume * (self.price + self.tax)


@dataclass(frozen=True)
class RkaPackage:
    """The lines of one course or machine at one host that fall under one account."""

    name: str
    note: str
    lines: tuple[Line, ...]

    @property
    def amount(self) -> int:
        return sum(line.amount for line in self.lines)


@dataclass(frozen=True)
class Account:
    """A level of the chart of accounts: what stands under it, levels or packages."""

    code: str
    name: str
    parts: tuple[Account | RkaPackage, ...]

    @property
    def amount(self) -> int:
        return sum(part.amount for part in self.parts)


@dataclass(frozen=True)
class SubActivity:
    """One sub kegiatan: training or equipment."""

    kind: str
    code: str
    name: str
    accounts: tuple[Account, ...]

    @property
    def amount(self) -> int:
        return sum(account.amount for account in self.accounts)


def sub_activities(plan: Plan, case: Case) -> tuple[SubActivity, ...]:
    """The RKA: one for training and one for equipment, each only if money is spent on it."""
    made = []
    for kind in (TRAINING, EQUIPMENT):
        accounts = _accounts(case, list(_bundles(plan, case, kind)))
        if accounts:
            code = case.office.get(SUB_ACTIVITY + kind, "")
            name = case.office.get(f"{SUB_ACTIVITY}{kind}_name", "")
            made.append(SubActivity(kind, code, name, accounts))
    return tuple(made)


def gaps(plan: Plan, case: Case) -> list[str]:
    """The keys that office.csv lacks and the RKA of this plan needs."""
    bundles = [b for kind in (TRAINING, EQUIPMENT) for b in _bundles(plan, case, kind)]
    used = {line.account for bundle in bundles for line in bundle.lines}
    return sorted({*NEEDED, *used, *(f"{key}_name" for key in used)} - case.office.keys())


def _bundles(plan: Plan, case: Case, kind: str) -> Iterator[RkaPackage]:
    """All lines of each item at each host, whatever their account."""
    order = {key: n for n, key in enumerate([*case.courses, *case.equipment, *case.clusters])}
    bought: dict[tuple[str, str], dict[str, int]] = {}
    for line in plan.lines[plan.lines["kind"] == kind].to_dict("records"):
        bought.setdefault((line["item"], line["host"]), {})[line["component"]] = line["quantity"]
    for item, host in sorted(bought, key=lambda key: (order[key[0]], order.get(key[1], -1))):
        counts = bought[item, host]
        if kind == TRAINING:
            lines = _course_lines(case, item, counts["class"], counts["person"])
        else:
            lines = [_machine_line(case, item, counts["machine"])]
        name = f"{case.name(item)} – {place(case, host)}"
        lines = [line for line in lines if line.amount]
        if lines:
            yield RkaPackage(name, _note(plan, case, item, host, counts), tuple(lines))


def _course_lines(case: Case, course: str, classes: int, people: int) -> list[Line]:
    """By components where the data have them; the parts add up to the course's cost."""
    row, lines = case.courses[course], []
    for basis, count, each in (
        ("class", classes, case.cost_class[course]),
        ("person", people, case.cost_person[course]),
    ):
        unit = _("Class") if basis == "class" else _("Person")
        parts = [c for c in case.tables.components if (c.course, c.basis) == (course, basis)]
        left = each
        for part in parts:
            own: list[Pair] = [(part.volume, part.unit)]
            if part.times is not None and part.times_unit is not None:
                own.append((part.times, part.times_unit))
            price = case.component_price[course, part.component, basis]
            left -= part.times_bought * price
            units = [unit_of_one for _n, unit_of_one in own]
            if basis == "class":
                pairs = [*own, (count, unit)]
            else:
                pairs, units = [(count, unit), *own], [unit, *units]
            per = "/".join(units)
            lines.append(Line(part.name, part.account, tuple(pairs), per, price, 0, part.source))
        if left:  # no components, or the price factor left a few rupiah over
            name = _("Rounding of the price factor")
            if not parts:
                name = _("Holding a class") if basis == "class" else _("Cost of participants")
            lines.append(
                Line(name, "account_training", ((count, unit),), unit, left, 0, row.source)
            )
    return lines


def _machine_line(case: Case, machine: str, count: int) -> Line:
    """The price is installed, with tax: what of it is PPN is shown where the rate is stated."""
    price, rate = case.price[machine], ppn(case.office)
    tax = 0 if rate is None else round(price * rate / (1 + rate))
    row, unit = case.equipment[machine], _("Piece")
    pairs = ((count, unit),)
    return Line(row.name, "account_equipment", pairs, unit, price - tax, tax, row.source)


def _note(plan: Plan, case: Case, item: str, host: str, counts: dict[str, int]) -> str:
    """What is held or placed, when, and who pays."""
    paid = plan.money[(plan.money["item"] == item) & (plan.money["host"] == host)]
    funds = [case.name(f) for f in paid["fund"]]
    if len(funds) > 1:
        funds = [f"{name} {rupiah(n)}" for name, n in zip(funds, paid["amount"], strict=True)]
    if item in case.equipment:
        return _(
            "Machines: {n}; place: {where}; fund: {funds}",
            n=number(counts["machine"]),
            where=case.clusters[host].district if host in case.clusters else place(case, host),
            funds=", ".join(funds),
        )
    held = plan.classes[(plan.classes["course"] == item) & (plan.classes["host"] == host)]
    when = [
        f"{quarters_label(case, item, q)}: {number(n)}"
        for q, n in sorted(zip(held["quarter"], held["classes"], strict=True))
    ]
    return _(
        "Classes: {n} ({when}); participants: {people}; fund: {funds}",
        n=number(counts["class"]),
        when=", ".join(when),
        people=number(counts["person"]),
        funds=", ".join(funds),
    )


def _accounts(case: Case, bundles: list[RkaPackage]) -> tuple[Account, ...]:
    """The packages split by account, under the levels of its code."""

    names: dict[str, str] = {}
    found: dict[tuple[str, str], list[RkaPackage]] = {}
    for package in bundles:
        parts: dict[tuple[str, str], list[Line]] = {}
        for line in package.lines:  # two keys with the same code are one account
            code, name = case.office.get(line.account, ""), case.office.get(f"{line.account}_name")
            name = names.setdefault(code or line.account, name or line.account)
            parts.setdefault((code, name), []).append(line)
        for account, lines in parts.items():
            part = RkaPackage(package.name, package.note, tuple(lines))
            found.setdefault(account, []).append(part)
    leaves = [Account(code, name, tuple(packages)) for (code, name), packages in found.items()]
    return _tree(case, sorted(leaves, key=lambda a: _order(a.code)), 1)


def _tree(case: Case, accounts: list[Account], depth: int) -> tuple[Account, ...]:
    """The levels from `depth` parts of the code on; accounts without a code stand at the end."""
    made: list[Account] = []
    groups: dict[str, list[Account]] = {}
    for account in accounts:
        groups.setdefault(".".join(account.code.split(".")[:depth]), []).append(account)
    for code, under in groups.items():
        if not code or (len(under) == 1 and under[0].code == code):
            made += under
        else:
            name = level_name(case.office, code) or ""
            made.append(Account(code, name, _tree(case, under, depth + 1)))
    return tuple(made)


def _order(code: str) -> tuple[bool, list[int]]:
    return not code, [int(part) for part in code.split(".") if part]
