"""What there is of each scarce thing, what a plan uses of it, and what therefore limits it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from ikmplan.input.case import Case
from ikmplan.plan.plan import Plan
from ikmplan.report.names import MACHINES, UNITS, place
from ikmplan.show.table import Format, Of, Unit, View, rupiah_text, short_rupiah, table
from ikmplan.tableset import TableSet
from ikmplan.text import N_, _, listing, number, percent

LIMIT_NAMES = {
    "within_budget": N_("Budget"),
    "funds_cover": N_("Fund"),
    "resource_days": N_("Days"),
    "machines_in_stock": N_("Stock"),
    "revived_within_idle": N_("Idle machines"),
    "power_at_site": N_("Electric power"),
    "floor_space_at_site": N_("Floor space"),
    "units_interested": N_("Interest"),
    "quota": N_("Quota"),
}
COUNTED_MACHINES = "machines_in_stock", "revived_within_idle"  # rules that count machines
LIMIT_UNITS = {  # money is shown as money
    "resource_days": Unit(N_("{n} days")),
    "machines_in_stock": MACHINES,
    "revived_within_idle": MACHINES,
    "power_at_site": Unit("{n} kVA"),
    "floor_space_at_site": Unit("{n} m²"),
    "units_interested": UNITS,
    "quota": Unit("{n}"),  # of people, or of what its name states
}


def shown_rule(case: Case, rule: str, key: str) -> str:
    """The rule of a limit; "quota" of a resource that is neither trainers nor a hall."""
    other = rule == "resource_days" and case.resources[key].kind == "other"
    return "quota" if other else rule


def limit_name(case: Case, rule: str, key: str) -> str:
    """What a limit is about: "Electric power: Kopi Johor"."""
    rule = shown_rule(case, rule, key)
    if rule == "within_budget":
        return _(LIMIT_NAMES[rule])
    item, _at, host = key.partition(" @ ")  # of idle machines
    name = case.topic_name(key) if rule == "units_interested" else case.name(item)
    name = f"{name}, {place(case, host)}" if host else name
    return f"{_(LIMIT_NAMES[rule])}: {name}"


class YearLimit(NamedTuple):
    """A limit over the whole year; amounts are in the unit of its rule."""

    rule: str
    key: str
    used: float
    limit: float
    share: float  # used of the limit, in the fullest quarter: 0..1
    binding: bool
    quarters: tuple[int, ...]  # in which it binds; () where it is not of quarters


def year_limits(plan: Plan) -> list[YearLimit]:
    """The plan's limits with the quarters of a resource put together, the tightest first.

    Machine hours are left out: that they are full is the aim, and no reason for it.
    """
    return sorted(
        (_year_limit(*at, rows) for at, rows in _limit_rows(plan).items()),
        key=lambda limit: (not limit.binding, -round(limit.share, 3)),
    )


def _limit_rows(plan: Plan) -> dict[tuple[str, str], list[dict[Any, Any]]]:
    """(rule, key) -> its rows, one or one a quarter, without machine hours and without machines of
    which there are none to be had."""
    found: dict[tuple[str, str], list[dict[Any, Any]]] = {}
    for row in plan.limits.to_dict("records"):
        absent = row["rule"] in COUNTED_MACHINES and not row["limit"] and not row["used"]
        if row["rule"] != "hours_within_machines" and not absent:
            found.setdefault((row["rule"], row["key"]), []).append(row)
    return found


def _year_limit(rule: str, key: str, rows: list[dict[Any, Any]]) -> YearLimit:
    used, limit = (float(sum(row[what] for row in rows)) for what in ("used", "limit"))
    tight = [row for row in rows if row["binding"] and _can_bind(row)]
    # of the fullest quarter: a year with room in it can still have none when it is needed
    shares = [row["used"] / row["limit"] for row in rows if row["limit"] > 0]
    share = max(shares) if limit else float(bool(tight))
    quarters = tuple(int(row["quarter"]) for row in tight if row["quarter"])
    return YearLimit(rule, key, used, limit, share, bool(tight), quarters)


def _can_bind(row: dict[Any, Any]) -> bool:
    """A quarter in which a trainer has no days at all, or that no class could use, does not bind;
    a fund without money does."""
    return bool(row["quarter"] == 0 or (row["limit"] > 0 and row["step"] > 0))


STEP_RULES = {  # kinds of steps that were tried -> the limits that such a step moves
    "days": ("resource_days",),
    "stock": ("machines_in_stock",),
    "site": ("power_at_site", "floor_space_at_site"),
}


def _idle_limits(insight: TableSet | None) -> set[tuple[str, str]]:
    """(rule, key) of limits of which one step more was tried and brings nothing."""
    if insight is None:
        return set()
    rows = insight.tables["steps"].to_dict("records")
    tried = ((row["kind"], row["key"]) for row in rows if round(row["more"], 1) <= 0)
    return {(rule, key) for kind, key in tried for rule in STEP_RULES.get(kind, ())}


def binding_limit_names(plan: Plan, case: Case, insight: TableSet | None = None) -> list[str]:
    """What leaves room for nothing more: money, trainers and halls (all year), stock, sites; of
    these, where steps were tried, what brings more if there is more of it.

    Where that is nothing, the trainers and halls that have no room in some quarters.
    """
    idle_limits = _idle_limits(insight)
    binding: dict[str, list[str]] = {rule: [] for rule in LIMIT_NAMES}
    for (rule, key), rows in _limit_rows(plan).items():
        tight = [row["binding"] for row in rows if _can_bind(row)]
        if tight and all(tight) and (rule, key) not in idle_limits:
            binding[rule].append(key)
    if names := _names_of(binding, case):
        return names
    names = [
        _(
            "the days of {resource} in {quarters}",
            resource=case.name(limit.key),
            quarters=listing([_("Q{q}", q=q) for q in limit.quarters]),
        )
        for limit in year_limits(plan)
        if limit.rule == "resource_days"
        and limit.quarters
        and (limit.rule, limit.key) not in idle_limits
    ]
    return names or (binding_limit_names(plan, case) if idle_limits else [])


def _names_of(binding: dict[str, list[str]], case: Case) -> list[str]:
    """Limits by rule and key, in words."""
    if binding["within_budget"]:
        names = [_("the budget")]
    else:
        names = [case.name(f) for f in sorted(binding["funds_cover"])]
    for r in sorted(binding["resource_days"]):
        quota = shown_rule(case, "resource_days", r) == "quota"
        message = N_("the quota “{resource}”") if quota else N_("the days of {resource}")
        names.append(_(message, resource=case.name(r)))
    stock = [case.name(e) for e in binding["machines_in_stock"]]
    if stock:
        names.append(_("the stock of {machines}", machines=listing(stock)))
    idle = dict.fromkeys(key.partition(" @ ")[0] for key in binding["revived_within_idle"])
    if idle:
        names.append(_("the idle {machines}", machines=listing([case.name(e) for e in idle])))
    sites = dict.fromkeys([*binding["power_at_site"], *binding["floor_space_at_site"]])
    if sites:
        at = [case.name(c) for c in sites]
        where = listing(at) if len(at) <= 2 else _("{n} places", n=number(len(at)))
        names.append(_("power or floor space for machines in {where}", where=where))
    if wanted := [case.topic_name(topic) for topic in binding["units_interested"]]:
        what = listing(wanted) if len(wanted) <= 2 else _("{n} topics", n=number(len(wanted)))
        names.append(_("how many want {what}", what=what))
    return names


def limits_table(plan: Plan, case: Case, binding: bool = True) -> View:
    """What there is of each scarce thing and what is used: the binding limits, or the others."""
    every = year_limits(plan)

    def show(limit: YearLimit) -> Format:
        """With its unit, all amounts of a rule with as many decimals."""
        rule = shown_rule(case, limit.rule, limit.key)
        alike = [o for o in every if shown_rule(case, o.rule, o.key) == rule]
        return _amounts(rule, [n for other in alike for n in other[2:4]], rupiah_text)

    columns = [
        Of(_("Limit"), lambda limit: limit_name(case, limit.rule, limit.key)),
        Of(_("Used"), "used", show_of=show),
        Of(_("Available"), "limit", show_of=show),
        Of(_("Share used (fullest quarter)"), "share", percent),
    ]
    caption = _("Limits with room left")
    if binding:
        caption = _("Limits with no room for one more class or machine")
        quarters = Of(_("Binds in quarters"), lambda o: listing([*map(number, o.quarters)]) or None)
        columns.append(quarters)
    return table(caption, [limit for limit in every if limit.binding == binding], *columns)


def short_amount(rule: str, value: float) -> str:
    """An amount of a rule: money in short, else with its unit and as few decimals as it needs."""
    return _amounts(rule, [value], short_rupiah)(value)


def _amounts(rule: str, values: Iterable[float], money: Format) -> Format:
    """How amounts of a rule are shown: with a decimal where one of `values` needs it."""
    if rule not in LIMIT_UNITS:
        return money
    digits = 0 if all(round(value, 1) == round(value) for value in values) else 1
    return replace(LIMIT_UNITS[rule], digits=digits)
