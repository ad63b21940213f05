"""The RKA of a plan as plain data: sub-activities, account levels, packages, component lines.

Rencana Kerja dan Anggaran is the form in which an office asks for the money. Its lines are the
plan's own, broken down as far as components.csv does it, and add up to the plan's cost to the
rupiah. Account codes and names come from office.csv; where they are missing there is a gap
that `gaps` names. Nothing here depends on Excel.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import prod

from ikmplan.input.case import Case
from ikmplan.input.cells import EQUIPMENT, TRAINING
from ikmplan.input.office import NEEDED, SUB_ACTIVITY, level_name, machine_quarter, ppn
from ikmplan.input.rows import QUARTERS, Component
from ikmplan.plan.plan import Plan, total
from ikmplan.report.names import opening_part, place, quarters_label
from ikmplan.tableset import grouped
from ikmplan.text import _, number, rupiah

TIMES = " x "
TRAINING_ACCOUNT, EQUIPMENT_ACCOUNT = "account_training", "account_equipment"
Pair = tuple[int, str]  # volume, unit
Quarters = tuple[int, ...]  # of something, in each of the four quarters


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
    counts: Quarters  # classes, people or machines of it: its amount falls due with them
    ssh_code: str | None = None  # in the regional price standard
    domestic: float | None = None  # share of its price that is domestic product
    is_machine: bool = False
    specification: str | None = None  # of a machine

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

    @property
    def by_quarter(self) -> Quarters:
        """Its amount in each quarter, to the rupiah."""
        each = self.amount // sum(self.counts)
        return tuple(n * each for n in self.counts)


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

    @property
    def leaves(self) -> Iterator[Account]:
        """The accounts at or below this level that hold packages."""
        for part in self.parts:
            if isinstance(part, RkaPackage):
                yield self
                return
            yield from part.leaves

    @property
    def lines(self) -> list[Line]:
        """Those of its own packages."""
        packages = (part for part in self.parts if isinstance(part, RkaPackage))
        return [line for package in packages for line in package.lines]


def by_quarter(lines: Iterable[Line]) -> Quarters:
    """The amounts of the lines in each quarter."""
    none = (0,) * len(QUARTERS)
    return tuple(map(sum, zip(none, *(line.by_quarter for line in lines), strict=True)))


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

    @property
    def leaves(self) -> Iterator[Account]:
        """The accounts that hold packages, in their order."""
        for account in self.accounts:
            yield from account.leaves

    @property
    def lines(self) -> list[Line]:
        return [line for account in self.leaves for line in account.lines]


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


def quarters_of_items(plan: Plan, case: Case) -> dict[tuple[str, str, str], Quarters]:
    """(kind, item, host) -> what it costs in each quarter."""
    return {
        (kind, item, host): by_quarter(lines)
        for kind in (TRAINING, EQUIPMENT)
        for item, host, _counts, lines in _lines_of_items(plan, case, kind)
    }


def gaps(plan: Plan, case: Case) -> list[str]:
    """The keys that office.csv lacks and the RKA of this plan needs."""
    used = {
        line.account
        for kind in (TRAINING, EQUIPMENT)
        for *_at, lines in _lines_of_items(plan, case, kind)
        for line in lines
    }
    return sorted({*NEEDED, *used, *(f"{key}_name" for key in used)} - case.office.keys())


def _bundles(plan: Plan, case: Case, kind: str) -> Iterator[RkaPackage]:
    """All lines of each item at each host, whatever their account."""
    held = _classes_by_quarter(plan)
    money = zip(*(plan.money[of] for of in ("kind", "item", "host", "fund", "amount")), strict=True)
    paid = grouped((tuple(of), (fund, amount)) for *of, fund, amount in money)
    for item, host, counts, lines in _lines_of_items(plan, case, kind):
        name = f"{case.name(item)} – {place(case, host)}"
        payers = paid.get((kind, item, host), [])
        note = _note(case, item, host, counts, payers, held.get((item, host), []))
        yield RkaPackage(name, note, tuple(lines))


def _classes_by_quarter(plan: Plan) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """(course, host) -> the quarters in which it is held, and its classes there."""
    columns = (plan.classes[of] for of in ("course", "host", "quarter", "classes"))
    rows = zip(*columns, strict=True)
    return grouped(((course, host), (int(q), int(n))) for course, host, q, n in rows)


def _lines_of_items(
    plan: Plan, case: Case, kind: str
) -> Iterator[tuple[str, str, dict[str, int], list[Line]]]:
    """Item, host, what is bought for it, and its lines that cost something."""
    keys = [*case.courses, *case.equipment, *case.openings, *case.clusters]
    order = {key: n for n, key in enumerate(keys)}
    held = _classes_by_quarter(plan)
    bought: dict[tuple[str, str], dict[str, int]] = {}
    columns = (plan.lines[of] for of in ("kind", "item", "host", "component", "quantity"))
    for of, item, host, component, quantity in zip(*columns, strict=True):
        if of == kind:
            bought.setdefault((item, host), {})[component] = quantity
    for item, host in sorted(bought, key=lambda key: (order[key[0]], order.get(key[1], -1))):
        counts = bought[item, host]
        if item in case.openings:
            lines = _opening_lines(case, item, kind)
        elif kind == TRAINING:
            lines = _course_lines(case, item, _classes_and_people(held[item, host], counts))
        else:
            lines = _machine_lines(case, item, host, counts)
        lines = [line for line in lines if line.amount]
        if lines:
            yield item, host, counts, lines


def _classes_and_people(
    held: Iterable[tuple[int, int]], counts: dict[str, int]
) -> tuple[Quarters, Quarters]:
    """The classes of each quarter and the people in them: of all seats as many as its classes
    are of all classes, in whole people."""
    of_quarter = total(held)
    classes = [of_quarter.get(q, 0) for q in QUARTERS]
    every = counts["class"]
    seated = [counts["person"] * sum(classes[:q]) // every for q in range(len(QUARTERS) + 1)]
    people = [seated[q] - seated[q - 1] for q in QUARTERS]
    return tuple(classes), tuple(people)


def price_unit(part: Component) -> str:
    """The unit of a component's price: Orang/Hari, Paket, of a person Orang/Hari/Kali."""
    person = _("Person") if part.basis == "person" else None
    return "/".join(filter(None, (person, part.unit, part.times_unit)))


def _course_lines(case: Case, course: str, counts: tuple[Quarters, Quarters]) -> list[Line]:
    """By components where the data have them; the parts add up to the course's cost."""
    row, lines = case.courses[course], []
    for basis, of_quarter, each in zip(
        ("class", "person"),
        counts,
        (case.cost_class[course], case.cost_person[course]),
        strict=True,
    ):
        unit, count = _("Class") if basis == "class" else _("Person"), sum(of_quarter)
        parts = [c for c in case.tables.components if (c.course, c.basis) == (course, basis)]
        left = each
        for part in parts:
            own: list[Pair] = [(part.volume, part.unit)]
            if part.times is not None and part.times_unit is not None:
                own.append((part.times, part.times_unit))
            price = case.component_price[course, part.component, basis]
            left -= part.times_bought * price
            pairs = [*own, (count, unit)] if basis == "class" else [(count, unit), *own]
            made = Line(
                part.name,
                part.account,
                tuple(pairs),
                price_unit(part),
                price,
                0,
                part.source,
                of_quarter,
                part.ssh_code,
                part.domestic,
            )
            lines.append(made)
        if left:  # no components, or the price factor left a few rupiah over
            name = _("Rounding of the price factor")
            if not parts:
                name = _("Holding a class") if basis == "class" else _("Cost of participants")
            pairs = [(count, unit)]
            lines.append(
                Line(name, TRAINING_ACCOUNT, tuple(pairs), unit, left, 0, row.source, of_quarter)
            )
    return lines


def _machine_lines(case: Case, machine: str, host: str, counts: dict[str, int]) -> list[Line]:
    """The machines placed and those revived. A price is installed, with tax: what of it is PPN
    is shown where the rate is stated."""
    row, unit, lines = case.equipment[machine], _("Piece"), []
    about = row.ssh_code, row.domestic, True, row.specification
    if n := counts.get("machine", 0):
        price, tax = _before_tax(case, case.price[machine])
        lines.append(
            Line(row.name, EQUIPMENT_ACCOUNT, ((n, unit),), unit, price, tax, row.source,
                 _in_machine_quarter(case, n), *about)
        )  # fmt: skip
    if n := counts.get("revive", 0):
        there = next(r for r in case.tables.existing if (r.equipment, r.cluster) == (machine, host))
        price, tax = _before_tax(case, case.revive_cost[machine, host])
        name = _("{machine}, revived", machine=row.name)
        lines.append(
            Line(name, EQUIPMENT_ACCOUNT, ((n, unit),), unit, price, tax, there.source,
                 _in_machine_quarter(case, n))
        )  # fmt: skip
    return lines


def _before_tax(case: Case, price: int) -> tuple[int, int]:
    """The price without PPN, and that tax: 0 where the data state no rate."""
    rate = ppn(case.office)
    tax = 0 if rate is None else round(price * rate / (1 + rate))
    return price - tax, tax


def _in_machine_quarter(case: Case, count: int) -> Quarters:
    """What is placed, revived or opened is paid in one quarter: a plan has none for it."""
    paid_in = machine_quarter(case.office)
    return tuple(count if q == paid_in else 0 for q in QUARTERS)


def _opening_lines(case: Case, opening: str, kind: str) -> list[Line]:
    """What an opening costs of one kind: to open it, and to run it for the year."""
    row, unit = case.openings[opening], _("Package")
    return [
        Line(opening_part(part, row.name), f"account_{kind}", ((1, unit),), unit,
             cost, 0, row.source, _in_machine_quarter(case, 1))
        for paid_as, part, cost in case.opening_costs[opening]
        if paid_as == kind
    ]  # fmt: skip


def _note(
    case: Case,
    item: str,
    host: str,
    counts: dict[str, int],
    paid: Sequence[tuple[str, int]],
    held: Iterable[tuple[int, int]],
) -> str:
    """What is held or placed, when, and who pays: `paid` are funds and amounts, `held` quarters
    and classes."""
    funds = [case.name(fund) for fund, _amount in paid]
    if len(funds) > 1:
        funds = [f"{case.name(fund)} {rupiah(amount)}" for fund, amount in paid]
    if item in case.openings:
        return _("Fund: {funds}", funds=", ".join(funds))
    if item in case.equipment:
        return _(
            "Machines: {n}; place: {where}; fund: {funds}",
            n=number(counts.get("machine", 0) + counts.get("revive", 0)),
            where=case.clusters[host].district if host in case.clusters else place(case, host),
            funds=", ".join(funds),
        )
    when = [f"{quarters_label(case, item, q)}: {number(n)}" for q, n in sorted(held)]
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
    groups = grouped((".".join(a.code.split(".")[:depth]), a) for a in accounts)
    for code, under in groups.items():
        if not code or (len(under) == 1 and under[0].code == code):
            made += under
        else:
            name = level_name(case.office, code) or ""
            made.append(Account(code, name, _tree(case, under, depth + 1)))
    return tuple(made)


def _order(code: str) -> tuple[bool, list[int]]:
    return not code, [int(part) for part in code.split(".") if part]
