"""How good a plan is proven to be, in words for people who are no mathematicians."""

from __future__ import annotations

from math import floor

from markupsafe import escape

from ikmplan.input.case import Case
from ikmplan.input.cells import MILLION
from ikmplan.plan.audit import CHECKS, find_breaches
from ikmplan.plan.plan import PROVEN, Plan
from ikmplan.show.table import Of, Prose, View, code, plain_number, table
from ikmplan.text import _, bound, gap_percent, number, rupiah


def units_digits(expected: float) -> int:
    """Decimals of a number of units in a sentence: parts of a unit are seen where they are few."""
    return 0 if expected >= 100 else 1


def proven(plan: Plan, case: Case) -> str:
    """What is proven of the plan, in one sentence."""
    proof = plan.proof
    if proof.status != PROVEN:
        return _(
            "The search was stopped early: a plan better by up to {gap} may exist.",
            gap=gap_percent(proof.gap),
        )
    if case.scenario.is_cheapest:
        return _(
            "It is proven that no plan that keeps what is asked costs less than {bound}.",
            bound=rupiah(least_cost(plan)),
        )
    if case.value_is_units:
        return _(
            "It is proven that no plan within these limits reaches more than {bound} units.",
            bound=bound(proof.bound, units_digits(plan.reached)),
        )
    return _("The plan is proven within {gap} of the best.", gap=gap_percent(proof.gap))


def least_cost(plan: Plan) -> int:
    """Where the goal is the least cost: no plan costs less, in rupiah, rounded down."""
    return max(0, floor(-plan.proof.bound * MILLION + 0.5))


CLOSE = 1e-3  # a gap asked for up to this: plan and bound are one number to most readers


def certainty(plan: Plan, case: Case) -> Prose:
    """What is proven of the plan and what is not, and whether another run gives the same plan."""
    proof = plan.proof
    gap, cheapest = gap_percent(proof.gap, 3), case.scenario.is_cheapest
    found = _(
        "The solver gives a plan, and a bound that no plan within the same limits can exceed. "
        "Between the two lie {gap}.",
        gap=gap,
    )
    if cheapest:
        found = _(
            "The solver gives a plan, and a bound: no plan that keeps what is asked costs less. "
            "Between the two lie {gap}.",
            gap=gap,
        )
    text = [found]
    if proof.status != PROVEN:
        text.append(
            _(
                "The search was stopped before the {asked} that the scenario asks for were "
                "reached (it may take {seconds} seconds). A better plan may exist, and another "
                "run may give another plan.",
                asked=gap_percent(proof.asked, 3),
                seconds=plain_number(case.scenario.time_limit),
            )
        )
    elif proof.asked > CLOSE:
        text.append(
            _(
                "The scenario asks for no more than a gap of {asked}, and the search ended there: "
                "a plan better by up to {gap} may exist, and a smaller gap may find it.",
                asked=gap_percent(proof.asked, 3),
                gap=gap,
            )
        )
    elif cheapest:
        text.append(_("No plan is cheaper by more than that: this is proven."))
    else:
        text.append(_("No plan is better by more than that: this is proven."))
    return Prose(" ".join(text))


def proven_text(case: Case, gap: str) -> str:
    """That no plan is better, or none by more than this gap."""
    exact = gap == gap_percent(0)
    if case.scenario.is_cheapest:
        if exact:
            return _("Proven: no plan that keeps what is asked is cheaper.")
        return _("Proven: no plan that keeps what is asked is cheaper by more than {gap}.", gap=gap)
    if exact:
        return _("Proven: no plan is better.")
    return _("Proven: no plan is better by more than {gap}.", gap=gap)


def certificate(plan: Plan, case: Case) -> View:
    """Proof, audit and fingerprint, each with its meaning. The audit is run again."""
    proof = plan.proof
    if proof.status == PROVEN:
        outcome = _("Proven")
        meaning = _("No plan within these limits is better by more than the gap asked for.")
        if case.scenario.is_cheapest:
            meaning = _(
                "No plan that keeps what is asked is cheaper by more than the gap asked for."
            )
    else:
        outcome = _("Stopped early")
        meaning = _("The search ended before the gap asked for was reached.")
    breaches = len(list(find_breaches(plan, case)))
    audited = _("All {n} checks passed", n=number(len(CHECKS)))
    if breaches:
        audited = _("{n} breaches", n=number(breaches))
    rows = [
        (_("Outcome"), outcome, meaning),
        *_value_and_gap(plan, case),
        (_("Gap asked for"), gap_percent(proof.asked, 3), _("A smaller gap counts as proven.")),
        (
            _("Audit"),
            audited,
            _(
                "Another part of the program recomputed every rule and every rupiah from the "
                "tables, without the solver."
            ),
        ),
        (_("Solver"), proof.solver, _("The program that searched and proved.")),
        (
            _("Fingerprint of data and scenario"),
            proof.fingerprint,
            _("Changes as soon as one number of the tables or of the scenario is another."),
        ),
    ]
    return table(
        _("Certificate"),
        rows,
        (_("What"), lambda row: row[0]),
        Of(_("Value"), lambda row: row[1], rich=lambda v: code(v) if len(v) > 40 else escape(v)),
        (_("What it means"), lambda row: row[2]),
    )


def _value_and_gap(plan: Plan, case: Case) -> list[tuple[str, str, str]]:
    """The rows of value, bound and gap; in rupiah where the goal is the least cost."""
    proof = plan.proof
    value, best, further = number(proof.value, 2), bound(proof.bound, 2), proof.bound - proof.value
    most, left = _("No plan can exceed"), bound(further, 2)
    promise = _("A plan that promises more from the same tables breaks one of the limits.")
    unit = _unit_of_value(case)
    if case.scenario.is_cheapest:
        value, best, unit = rupiah(plan.cost), rupiah(least_cost(plan)), _("what the plan costs")
        most, left = _("No plan costs less than"), rupiah(plan.cost - least_cost(plan))
        promise = _("A plan that costs less breaks a limit, or a demand of the scenario.")
    gain = _("Of the two numbers above. A longer search could gain {n} at most.", n=left)
    if case.scenario.is_cheapest:
        gain = _("Of the two numbers above. A longer search could save {n} at most.", n=left)
    return [
        (_("Value of the plan"), value, unit),
        (most, best, promise),
        (_("Gap"), gap_percent(proof.gap, 3), gain),
    ]


def _unit_of_value(case: Case) -> str:
    if case.value_is_units:
        return _("IKM units expected to be reached")
    if case.scenario.caution:
        return _("units expected to be reached, and those of the bad cases, by the caution asked")
    if case.counts_entrepreneurs:
        return _(
            "weighted units and new entrepreneurs, and the worst-off cluster by the equity asked "
            "for"
        )
    return _("weighted units, and the worst-off cluster by the equity asked for")


def versions_table(plan: Plan) -> View:
    """Of everything that had a hand in the numbers."""
    versions = plan.proof.versions
    return table(
        _("Made with"), versions, (_("Program"), str), (_("Version"), lambda name: versions[name])
    )
