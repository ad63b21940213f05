"""What there is of each scarce thing, what a plan uses of it, and what therefore limits it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from ikmplan.input.case import Case
from ikmplan.plan.plan import Plan
from ikmplan.show.table import Column, Format, Unit, View, rupiah_text
from ikmplan.text import N_, _, listing, number, percent

LIMIT_NAMES = {
    "within_budget": N_("Budget"),
    "funds_cover": N_("Fund"),
    "resource_days": N_("Days"),
    "machines_in_stock": N_("Stock"),
    "power_at_site": N_("Electric power"),
    "floor_space_at_site": N_("Floor space"),
}
LIMIT_UNITS = {  # money is shown as money
    "resource_days": Unit(N_("{n} days")),
    "machines_in_stock": Unit(N_("{n} machines"), one=N_("1 machine")),
    "power_at_site": Unit("{n} kVA"),
    "floor_space_at_site": Unit("{n} m²"),
}


def limit_name(case: Case, rule: str, key: str) -> str:
    """What a limit is about: "Electric power: Kopi Johor"."""
    if rule == "within_budget":
        return _(LIMIT_NAMES[rule])
    return f"{_(LIMIT_NAMES[rule])}: {case.name(key)}"


def year_limits(plan: Plan) -> pd.DataFrame:
    """The plan's limits with the quarters of a resource put together, the tightest first.

    Machine hours are left out: that they are full is the aim, and no reason for it.
    rule, key, used, limit, share used (of the fullest quarter), binding, quarters (that bind).
    """
    parts: dict[tuple[str, str], list[Any]] = {}
    for row in plan.limits.to_dict("records"):
        if row["rule"] != "hours_within_machines":
            parts.setdefault((row["rule"], row["key"]), []).append(row)
    rows = []
    for (rule, key), part in parts.items():
        used, limit = (float(sum(row[what] for row in part)) for what in ("used", "limit"))
        # a quarter in which a trainer has no days at all is no news; a fund without money is
        tight = [r for r in part if r["binding"] and (r["limit"] > 0 or r["quarter"] == 0)]
        quarters = tuple(int(r["quarter"]) for r in tight if r["quarter"])
        # of the fullest quarter: a year with room in it can still have none when it is needed
        shares = [r["used"] / r["limit"] for r in part if r["limit"] > 0]
        share = max(shares) if limit else float(bool(tight))
        rows.append((rule, key, used, limit, share, bool(tight), quarters))
    rows.sort(key=lambda row: (not row[5], -round(row[4], 3)))
    names = ["rule", "key", "used", "limit", "share", "binding", "quarters"]
    return pd.DataFrame(rows, columns=names)


def binding_limit_names(plan: Plan, case: Case) -> list[str]:
    """What leaves room for nothing more: money, trainers and halls (all year), stock, sites."""
    binding = plan.limits[plan.limits["binding"]]
    names = []
    if (binding["rule"] == "within_budget").any():
        names.append(_("the budget"))
    else:
        names += [case.name(f) for f in binding.loc[binding["rule"] == "funds_cover", "key"]]
    days = plan.limits[(plan.limits["rule"] == "resource_days") & (plan.limits["limit"] > 0)]
    names += [
        _("the days of {resource}", resource=case.name(str(r)))
        for r, rows in days.groupby("key", sort=False)
        if rows["binding"].all()
    ]
    stock = binding.loc[binding["rule"] == "machines_in_stock", "key"]
    if len(stock):
        names.append(_("the stock of {machines}", machines=listing([case.name(e) for e in stock])))
    sites = binding.loc[binding["rule"].isin(["power_at_site", "floor_space_at_site"]), "key"]
    at = [case.name(c) for c in dict.fromkeys(sites)]
    if at:
        where = listing(at) if len(at) <= 2 else _("{n} clusters", n=number(len(at)))
        names.append(_("power or floor space for machines in {where}", where=where))
    return names


def limits_table(plan: Plan, case: Case, binding: bool = True) -> View:
    """What there is of each scarce thing and what is used: the binding limits, or the others."""
    every = year_limits(plan)
    rows = every[every["binding"] == binding].to_dict("records")
    shows = [_amounts(every, str(r["rule"])) for r in rows]
    columns = [
        Column(_("Limit"), [limit_name(case, r["rule"], r["key"]) for r in rows]),
        Column(_("Used"), [r["used"] for r in rows], shows),
        Column(_("There is"), [r["limit"] for r in rows], shows),
        Column(_("Share used (fullest quarter)"), [r["share"] for r in rows], percent),
    ]
    if binding:
        quarters = [listing([number(q) for q in r["quarters"]]) or None for r in rows]
        columns.append(Column(_("Binds in quarters"), quarters))
        return View(_("Limits with no room for one more class or machine"), tuple(columns))
    return View(_("Limits with room left"), tuple(columns))


def _amounts(every: pd.DataFrame, rule: str) -> Format:
    """How amounts of a rule are shown: with their unit, all of a rule with as many decimals."""
    if rule not in LIMIT_UNITS:
        return rupiah_text
    values = every.loc[every["rule"] == rule, ["used", "limit"]].to_numpy().ravel()
    digits = 0 if all(round(v, 1) == round(v) for v in values) else 1
    return replace(LIMIT_UNITS[rule], digits=digits)
