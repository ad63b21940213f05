"""The plan in short, for readers: what it reaches, for how much, what limits it, how sure it is."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ikmplan.case import Case
from ikmplan.cells import CITY
from ikmplan.plan import PROVEN, Plan
from ikmplan.text import N_, _, listing, number, percent, rupiah
from ikmplan.view import Column, Format, Prose, View, money, one_decimal, plainly, signed, tenths

LIMITS = {
    "within_budget": N_("Budget"),
    "funds_cover": N_("Fund"),
    "resource_days": N_("Days"),
    "machines_in_stock": N_("Stock"),
    "power_at_site": N_("Electric power"),
    "floor_space_at_site": N_("Floor space"),
}
LIMIT_UNITS = {
    "within_budget": N_("rupiah"),
    "funds_cover": N_("rupiah"),
    "resource_days": N_("days"),
    "machines_in_stock": N_("machines"),
    "power_at_site": "kVA",
    "floor_space_at_site": "m²",
}


# --- names -------------------------------------------------------------------------------


def place(case: Case, host: str) -> str:
    """The name of a cluster, or of the whole city."""
    return _("Whole city") if host == CITY else case.name(host)


def package_name(case: Case, package: str) -> str:
    """The names of the courses and machines in a package."""
    return " + ".join(case.name(item) for item in package.split("+"))


def who(case: Case, cluster: str) -> str:
    """The name of a cluster, saying so where its people are not IKM yet."""
    name = case.name(cluster)
    return name if case.counts(cluster) else _("{name} (not yet IKM, not counted)", name=name)


# --- the plan in short -------------------------------------------------------------------


def seats(plan: Plan) -> int:
    return int(plan.seats["seats"].sum())


def units_counted(case: Case) -> int:
    """IKM units that may be invited."""
    return sum(n for c, n in case.size.items() if case.counts(c))


def worst_off(plan: Plan, case: Case) -> tuple[str, float] | None:
    """The IKM cluster with the smallest expected coverage, of those that anything suits."""
    rows = plan.coverage[plan.coverage["cluster"].isin(case.reachable)]
    if not len(rows):
        return None
    row = rows.sort_values(["coverage", "cluster"]).iloc[0]
    return str(row["cluster"]), float(row["coverage"])


def at_floor(plan: Plan) -> list[str]:
    """The clusters that stand at their floor, as near as a reader sees (half a percent)."""
    rows = plan.coverage[plan.coverage["floor"] > 0]
    return [str(c) for c in rows.loc[rows["coverage"] < rows["floor"] + 0.005, "cluster"]]


def about(case: Case) -> Prose:
    """For which region, year and office the case is, as far as its tables say."""
    known = [case.office[key] for key in ("office", "region", "year") if key in case.office]
    scenario = case.scenario
    if scenario.name != type(scenario).model_fields["name"].default:
        known.append(_("scenario “{name}”", name=scenario.name))
    return Prose(" · ".join(known))


def headline(plan: Plan, case: Case, programme: Plan | None = None) -> Prose:
    """One paragraph to read aloud: what the plan reaches, for how much, and what limits it."""
    everyone = units_counted(case)
    said = [
        _(
            "The plan is expected to reach {reached} of {all} IKM units ({share}) for {cost} "
            "(units coached: {coached}; classes: {classes}; machines placed: {machines}).",
            reached=_units(plan.reached),
            all=number(everyone),
            share=percent(plan.reached / everyone if everyone else 0.0),
            cost=rupiah(plan.cost, short=True),
            coached=number(plan.coached),
            classes=number(plan.class_count),
            machines=number(plan.machine_count),
        )
    ]
    others = int(plan.coverage.loc[~plan.coverage["counts"], "coached"].sum())
    if others:
        said.append(
            _(
                "It also trains {n} people who are not IKM yet; they are not counted.",
                n=number(others),
            )
        )
    held = sum(case.fund_amount.values())
    if case.budget > held:
        said.append(
            _(
                "The budget of {budget} is more than the funds hold: {held} is all that can be "
                "spent.",
                budget=rupiah(case.budget, short=True),
                held=rupiah(held, short=True),
            )
        )
    if programme is not None:
        said.append(
            _(
                "The announced programme is expected to reach {reached} units for {cost}.",
                reached=_units(programme.reached),
                cost=rupiah(programme.cost, short=True),
            )
        )
        if plan.cost and programme.cost:
            said.append(
                _(
                    "For each {amount} that is {plan} units with the plan and {announced} units "
                    "as announced.",
                    amount=rupiah(PER, short=True),
                    plan=one_decimal(_per_money(plan)),
                    announced=one_decimal(_per_money(programme)),
                )
            )
        fewer = [case.name(c) for c in worse(plan, programme)]
        if fewer:
            said.append(
                _("The plan reaches fewer than announced in {clusters}.", clusters=listing(fewer))
            )
    lowest = at_floor(plan)
    worst = worst_off(plan, case)
    if len(lowest) > 1:
        names = listing([case.name(c) for c in lowest])
        said.append(_("No more than their floor is reached in {clusters}.", clusters=names))
    elif worst is not None:
        said.append(
            _(
                "The worst-off cluster is {cluster}: {share} of its units are expected to be "
                "reached.",
                cluster=case.name(worst[0]),
                share=percent(worst[1]),
            )
        )
    said += [_limiting(plan, case), _proven(plan, case)]
    return Prose(" ".join(said))


def _units(expected: float) -> str:
    return number(expected, 0 if expected >= 100 else 1)


def worse(plan: Plan, programme: Plan) -> list[str]:
    """IKM clusters of which the plan is expected to reach fewer units than the programme."""
    before = programme.coverage.set_index("cluster")["reached"]
    rows = plan.coverage[plan.coverage["counts"]]
    return [
        str(c)
        for c, reached in zip(rows["cluster"], rows["reached"], strict=True)
        if reached < before[c] - 1e-6
    ]


PER = 100_000_000  # rupiah; effects are told for this much


def _per_money(plan: Plan) -> float:
    return plan.reached / plan.cost * PER


def _limiting(plan: Plan, case: Case) -> str:
    names = scarce(plan, case)
    if not names:
        return _("Neither the money nor the days of any trainer or hall are used up.")
    return _("What limits it: {limits}.", limits=listing(names))


def scarce(plan: Plan, case: Case) -> list[str]:
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


def _proven(plan: Plan, case: Case) -> str:
    proof = plan.proof
    if proof.status != PROVEN:
        return _(
            "The search was stopped early: a plan better by up to {gap} may exist.",
            gap=percent(proof.gap, 2),
        )
    if _value_is_units(plan, case):
        return _(
            "It is proven that no plan within these limits reaches more than {bound} units.",
            bound=one_decimal(proof.bound),
        )
    return _(
        "It is proven that no plan within these limits is better by more than {gap}.",
        gap=percent(proof.gap, 2),
    )


def _value_is_units(plan: Plan, case: Case) -> bool:
    """Whether the objective is the expected number of units, and nothing besides."""
    weights = {row.weight for c, row in case.clusters.items() if case.counts(c)}
    return plan.scenario.equity == 0 and weights <= {1.0}


def summary(plan: Plan, case: Case, programme: Plan | None = None) -> View:
    """The plan in figures, beside the announced programme where there is one."""
    everyone = units_counted(case)

    def figures(p: Plan) -> list[tuple[str, float | None, Format]]:
        worst = worst_off(p, case)
        return [
            (_("IKM units expected to be reached"), p.reached, one_decimal),
            (_("of all IKM units"), p.reached / everyone if everyone else None, tenths),
            (_("coverage of the worst-off cluster"), worst[1] if worst else None, tenths),
            (_("IKM units coached"), p.coached, number),
            (_("classes"), p.class_count, number),
            (_("seats"), seats(p), number),
            (_("machines placed"), p.machine_count, number),
            (_("money used"), p.cost, money),
            (_("money left"), case.budget - p.cost, money),
            (
                _("units reached for each {amount}", amount=rupiah(PER, short=True)),
                _per_money(p) if p.cost else None,
                one_decimal,
            ),
        ]

    mine = figures(plan)
    shows = [show for _n, _v, show in mine]
    columns = [
        Column(_("Figure"), [name for name, _v, _s in mine]),
        Column(_("Plan"), [value for _n, value, _s in mine], shows),
    ]
    if programme is not None:
        theirs = [value for _n, value, _s in figures(programme)]
        change = [
            None if a is None or b is None else a - b
            for (_n, a, _s), b in zip(mine, theirs, strict=True)
        ]
        columns += [
            Column(_("Announced"), theirs, shows),
            Column(_("Difference"), change, [signed(show) for show in shows]),
        ]
    caption = (
        _("The plan in figures")
        if programme is None
        else _("The plan beside the announced programme")
    )
    return View(caption, tuple(columns))


def asked(case: Case) -> View:
    """What the scenario asks, where it differs from the defaults; and the budget."""
    s = case.scenario
    changed = [
        name
        for name, about in type(s).model_fields.items()
        if name not in ("name", "data", "language", "reasons", "budget", "gap")
        and getattr(s, name) != about.get_default(call_default_factory=True)
    ]
    rows = [
        ("budget", _("most that may be spent"), rupiah(case.budget)),
        *(
            (name, _(str(type(s).model_fields[name].description)), _asked(s, name))
            for name in changed
        ),
        ("gap", _(str(type(s).model_fields["gap"].description)), percent(s.gap, 2)),
    ]
    return View(
        _("What the scenario asks"),
        (
            Column(_("Parameter"), [name for name, _m, _v in rows]),
            Column(_("Meaning"), [meaning for _n, meaning, _v in rows]),
            Column(_("Value"), [value for _n, _m, value in rows]),
        ),
    )


def _asked(scenario: Any, name: str) -> str:
    value = getattr(scenario, name)
    extra = type(scenario).model_fields[name].json_schema_extra
    unit = extra.get("unit") if isinstance(extra, dict) else ""

    def one(part: Any) -> str:
        if unit == "share 0–1":
            return tenths(part)
        if unit == "rupiah":
            return rupiah(part)
        return plainly(part) if isinstance(part, int) else f"{part:g}"

    if isinstance(value, dict):
        return "; ".join(f"{key}: {one(part)}" for key, part in value.items())
    if isinstance(value, tuple):
        return "; ".join(value)
    return value if isinstance(value, str) else one(value)


# --- limits, proof, sources --------------------------------------------------------------


def limit_name(case: Case, rule: str, key: str) -> str:
    """What a limit is about: "Electric power: Kopi Johor"."""
    if rule == "within_budget":
        return _(LIMITS[rule])
    return f"{_(LIMITS[rule])}: {case.name(key)}"


def year_limits(plan: Plan) -> pd.DataFrame:
    """The plan's limits with the quarters of a resource put together, the tightest first.

    Machine hours are left out: that they are full is the aim, and no reason for it.
    rule, key, used, limit, share used (of the fullest quarter), binding, quarters (that bind).
    """
    rows = []
    scarce = plan.limits[plan.limits["rule"] != "hours_within_machines"]
    for (rule, key), part in scarce.groupby(["rule", "key"], sort=False):
        used, limit = float(part["used"].sum()), float(part["limit"].sum())
        # a quarter in which a trainer has no days at all is no news; a fund without money is
        tight = part[part["binding"] & ((part["limit"] > 0) | (part["quarter"] == 0))]
        quarters = tuple(int(q) for q in tight["quarter"] if q)
        # of the fullest quarter: a year with room in it can still have none when it is needed
        filled = part[part["limit"] > 0]
        share = (filled["used"] / filled["limit"]).max() if limit else float(len(tight) > 0)
        rows.append((rule, key, used, limit, share, bool(len(tight)), quarters))
    rows.sort(key=lambda row: (not row[5], -round(row[4], 3)))
    names = ["rule", "key", "used", "limit", "share", "binding", "quarters"]
    return pd.DataFrame(rows, columns=names)


def limits(plan: Plan, case: Case, binding: bool = True) -> View:
    """What there is of each scarce thing and what is used: the binding limits, or the others."""
    every = year_limits(plan)
    rows = every[every["binding"] == binding].to_dict("records")
    shows: list[Format] = [
        money if r["rule"] in ("within_budget", "funds_cover") else plainly for r in rows
    ]
    columns = [
        Column(_("Limit"), [limit_name(case, r["rule"], r["key"]) for r in rows]),
        Column(_("Used"), [r["used"] for r in rows], shows),
        Column(_("There is"), [r["limit"] for r in rows], shows),
        Column(
            _("Unit"),
            ["" if shows[n] is money else _(LIMIT_UNITS[r["rule"]]) for n, r in enumerate(rows)],
        ),
        Column(_("Share used (fullest quarter)"), [r["share"] for r in rows], percent),
    ]
    if binding:
        quarters = [listing([number(q) for q in r["quarters"]]) or None for r in rows]
        columns.append(Column(_("Binds in quarters"), quarters))
    if binding:
        return View(_("Limits with no room for one more class or machine"), tuple(columns))
    return View(_("Limits with room left"), tuple(columns))


def certificate(plan: Plan, case: Case) -> View:
    """How good the plan is proven to be, and what it was made from."""
    proof = plan.proof
    outcome = (
        _("proven: no plan is better by more than the gap asked for")
        if proof.status == PROVEN
        else _("feasible: the search was stopped before the gap asked for was reached")
    )
    unit = _("IKM units expected to be reached")
    if not _value_is_units(plan, case):
        unit = _("weighted units, and the worst-off cluster by the equity asked for")
    rows = [
        (_("Outcome"), outcome),
        (_("Value of the plan"), f"{number(proof.value, 2)} ({unit})"),
        (_("No plan can exceed"), number(proof.bound, 2)),
        (_("Gap"), percent(proof.gap, 3)),
        (_("Gap asked for"), percent(proof.asked, 3)),
        (_("Solver"), proof.solver),
        (_("Fingerprint of data and scenario"), proof.fingerprint),
    ]
    return _pairs(_("Certificate"), rows)


def versions(plan: Plan) -> View:
    """Of everything that had a hand in the numbers."""
    return _pairs(_("Made with"), list(plan.proof.versions.items()))


def _pairs(caption: str, rows: list[tuple[str, str]]) -> View:
    return View(
        caption,
        (Column(_("What"), [name for name, _v in rows]), Column(_("Value"), [v for _n, v in rows])),
    )
