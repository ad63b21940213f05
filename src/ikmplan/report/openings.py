"""What a plan opens, for readers: each opening of the case, what it costs and what is in it."""

from __future__ import annotations

from collections import Counter

from ikmplan.input.case import Case
from ikmplan.plan.plan import Plan
from ikmplan.show.table import SUM, View, rupiah_text, table
from ikmplan.text import _, listing, number


def openings_table(plan: Plan, case: Case) -> View | None:
    """Each opening: whether the plan opens it, what that costs, who pays and what is in it.

    None where the case has no openings.
    """
    if not case.openings:
        return None
    cost = plan.lines.groupby(["item", "component"])["amount"].sum().to_dict()
    paid = plan.money.groupby("item")["fund"].unique().to_dict()
    opened = set(plan.openings["opening"])
    units = units_of_openings(plan, case)
    unused = unused_openings(plan, case)

    def state(o: str) -> str:
        if o in opened:
            return _("open") if case.openings[o].there else _("opened")
        return _("closed") if case.openings[o].there else _("not opened")

    def used(o: str) -> str | None:
        return _("nothing") if o in unused else listing(in_use(plan, case, o)) or None

    return table(
        _("What is opened"),
        case.openings,
        (_("Opening"), case.name, None, _("All")),
        (_("In the plan"), state),
        (_("Cost of opening"), lambda o: cost.get((o, "open"), 0), rupiah_text, SUM),
        (_("Cost of the year"), lambda o: cost.get((o, "year"), 0), rupiah_text, SUM),
        (_("Paid by"), lambda o: listing([case.name(f) for f in paid.get(o, ())]) or None),
        (_("In use"), used),
        (_("Units served"), lambda o: units[o], number, SUM),
    )


def in_use(plan: Plan, case: Case, o: str) -> list[str]:
    """The courses held and the machines at work that need the opening, with their numbers."""
    held: Counter[str] = Counter()
    for p, _h, _q, n in plan.classes.itertuples(index=False):
        if o in case.course_openings.get(p, ()):
            held[p] += n
    for frame in (plan.machines, plan.revived):
        for e, h, n in frame.itertuples(index=False):
            if h == o:
                held[e] += n
    return [f"{case.name(item)} ({number(n)})" for item, n in held.items()]


def unused_openings(plan: Plan, case: Case) -> list[str]:
    """What is opened and paid for, though no class, machine or unit of the plan needs it."""
    units = units_of_openings(plan, case)
    paid = (o for o in plan.openings["opening"] if case.opening_costs[o])
    return [o for o in paid if not in_use(plan, case, o) and not units[o]]


def units_of_openings(plan: Plan, case: Case) -> Counter[str]:
    """Opening -> units whose course or machine needs it; a unit may need several."""
    units: Counter[str] = Counter()
    for c, items, n in plan.packages:
        needs = {part for item in items for part in case.needs_of(item, c)}
        units.update(dict.fromkeys(needs & case.openings.keys(), n))
    return units
