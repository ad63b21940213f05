"""How sure a plan is, as tables and sentences for readers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ikmplan.input.case import Case
from ikmplan.input.cells import EQUIPMENT, MILLION, TRAINING
from ikmplan.input.number_kinds import KIND_BY_NAME
from ikmplan.input.uncertain_numbers import UncertainNumber, uncertain_numbers
from ikmplan.plan.plan import OPENING, Plan
from ikmplan.report.estimates import estimates
from ikmplan.report.limits import LIMIT_NAMES
from ikmplan.report.names import place, ruling, units_name
from ikmplan.report.sureness import eight_of_ten, has_draws, of_100, range_in_short
from ikmplan.show.table import (
    Of,
    Points,
    View,
    code,
    one_decimal,
    short_rupiah,
    table,
    two_decimals,
)
from ikmplan.text import N_, _, gap_percent, listing, number, percent
from ikmplan.uncertainty.answers import Uncertainty
from ikmplan.uncertainty.caution import caution_table
from ikmplan.uncertainty.limits_followed import OWN_LIMIT
from ikmplan.uncertainty.plan_range import share_of_luck
from ikmplan.uncertainty.stability import CLUSTER, IN_ALL, IN_MOST, STATE_NAMES
from ikmplan.uncertainty.value_of_information import BY_NUMBER, BY_SOURCE

NOT_DRAWN = N_(
    "Not worked out here (draws: 0): between which numbers the units reached lie, what of the plan "
    "stays if the estimates are wrong, and which estimate to check first. With draws: 200 in the "
    "scenario they are."
)
DECISION_KINDS = {
    TRAINING: N_("class"),
    EQUIPMENT: N_("machine"),
    OPENING: N_("opening"),
    CLUSTER: N_("share of a cluster"),
}


KIND_LABELS = {name: kind.label for name, kind in KIND_BY_NAME.items()}


def named(labels: dict[str, str], key: str) -> str:
    """The label of a key in the language in use."""
    return _(labels[key])


def sureness(sure: Uncertainty, case: Case) -> Points:
    """What is certain of the plan and what hangs on guesses, in sentences."""
    if not has_draws(sure):
        return Points([_(NOT_DRAWN)])
    return Points(part for part in _sentences(sure, case) if part)


def _sentences(sure: Uncertainty, case: Case) -> Iterator[str]:
    outcomes, about = sure.outcomes, sure.drawn.iloc[0]
    yield range_in_short(sure)
    if case.counts_entrepreneurs:
        low, middle, high = eight_of_ten(outcomes["entrepreneurs"].to_list())
        yield _(
            "New entrepreneurs are counted apart: between {low} and {high} are expected in 8 of 10 "
            "cases, in the middle {middle}.",
            low=one_decimal(low),
            high=one_decimal(high),
            middle=one_decimal(middle),
        )
    luck = share_of_luck(*(outcomes[c].to_numpy(float) for c in ("expected", "luck")))
    if luck or np.ptp(outcomes["expected"]) > 0:
        yield _(
            "Even if every chance were known, luck would remain: it makes {luck} of this spread. "
            "{rest} comes from numbers that nobody knows yet.",
            luck=percent(luck),
            rest=percent(1 - luck),
        )
    money = sure.kept[sure.kept["rule"].isin(["within_budget", "funds_cover"])]
    if len(money):
        yield _(
            "In {n} of 100 cases the money suffices for all of the plan. Where it does not, or "
            "days, power, space or units are fewer, the office drops what it would miss least and "
            "adds nothing.",
            n=number(of_100(float(money["share"].min()))),
        )
    own = sure.kept[sure.kept["rule"] == OWN_LIMIT]
    if len(own):
        yield _(
            "What the office's own limits need is dropped only where nothing else suffices; all of "
            "them can be kept in {n} of 100 cases at most. The table below has each of them.",
            n=number(of_100(float(own["share"].min()))),
        )
    yield from what_stays(sure, case)
    yield _(
        "{n} cases were drawn (seed {seed}); for {m} of them the scenario was planned again, each "
        "to within {gap} of the best there.",
        n=number(int(about["draws"])),
        gap=gap_percent(float(about["widest_gap"]), 1),
        seed=number(int(about["seed"])),
        m=number(int(about["replanned"])),
    )


def what_stays(sure: Uncertainty, case: Case) -> Iterator[str]:
    """How many decisions are always and mostly in, the core, and what it costs, in sentences."""
    rows, about = sure.stability, sure.drawn.iloc[0]
    held = rows[(rows["kind"] != CLUSTER) & (rows["count"] > 0)]
    if not len(held):
        return
    always, mostly = ((held["state"] == state).sum() for state in (IN_ALL, IN_MOST))
    yield _(
        "Of the {all} classes, machines and openings at their places, {always} are in nearly every "
        "case's best plan and {mostly} in most.",
        all=number(len(held)),
        always=number(int(always)),
        mostly=number(int(mostly)),
    )
    if len(sure.core):
        locks = listing([ruling(case, lock) for lock in sure.core["lock"]])
        cost = core_cost_words(sure, case)
        yield _("To keep that core whatever comes: {locks}; {cost}.", locks=locks, cost=cost)
    if about["unmet"]:
        yield _(
            "In {n} of the {m} cases planned again no plan meets all that the scenario asks; there "
            "its floors and targets were put aside, and its locks where that was not enough.",
            n=number(int(about["unmet"])),
            m=number(int(about["replanned"])),
        )


def core_cost_words(sure: Uncertainty, case: Case) -> str:
    """What the best plan with the core as locks reaches less, or costs more where it is to be the
    cheapest, as the end of a sentence."""
    most = float(sure.drawn["core_high"].iloc[0])
    if most == 0:
        return _("it costs nothing, as this plan has it")
    if case.scenario.is_cheapest:
        return _("it adds {money} to the cost at most", money=short_rupiah(most * MILLION))
    return _("it costs {n} {unit} at most", n=one_decimal(most), unit=units_name(case))


def kept_table(sure: Uncertainty, case: Case) -> View:
    """In how many of 100 cases each floor and limit holds before anything is dropped, and each
    limit of the office's own after it."""
    names = LIMIT_NAMES | {
        "floor": N_("Floor"),
        OWN_LIMIT: N_("Limit of the office's own, after what is dropped"),
    }
    return table(
        _("What holds, in how many of 100 cases"),
        sure.kept.sort_values("share", kind="stable").to_dict("records"),
        (_("What must hold"), lambda row: named(names, row["rule"])),
        (_("Of what"), lambda row: _keys(case, row["rule"], row["key"])),
        (_("Cases of 100"), lambda row: of_100(row["share"]), number),
        empty=None,
    )


def _keys(case: Case, rule: str, key: str) -> str:
    if key == "budget":
        return ""
    if rule == OWN_LIMIT:
        return ruling(case, key)
    item, _at, host = key.partition(" @ ")  # of idle machines
    names = listing([case.name(part) for part in item.split("+")])
    return f"{names}, {place(case, host)}" if host else names


def stability_table(sure: Uncertainty, case: Case) -> View:
    """Each class at its host, each machine at its place, each cluster's share: how often in."""
    return table(
        _("What stays in if the estimates turn out otherwise"),
        sure.stability.to_dict("records"),
        (_("Decision"), lambda row: case.name(row["item"])),
        (_("Kind"), lambda row: named(DECISION_KINDS, row["kind"])),
        (_("Where"), lambda row: place(case, row["host"])),
        (_("In this plan"), "count", number),
        (_("Cases of 100"), lambda row: of_100(row["share"]), number),
        (_("How sure"), lambda row: named(STATE_NAMES, row["state"])),
        empty=None,
    )


def information_table(
    sure: Uncertainty, plan: Plan, case: Case, level: str, most: int = 10
) -> View:
    """What knowing a number, or all of a source, before deciding would bring.

    Where nothing was drawn: the estimates that matter most, one at a time.
    """
    if not has_draws(sure) and level == BY_NUMBER:
        return estimates(plan, case)
    rows = sure.information[sure.information["level"] == level].head(most).to_dict("records")
    gain = [
        (_("Units more if it is known before deciding"), "gain", one_decimal),
        (_("Give or take"), "error", one_decimal),
    ]
    if level == BY_SOURCE:
        return table(
            _("Which source to check first"),
            rows,
            Of(_("Source"), "source", rich=code),
            (_("Uncertain numbers"), "numbers", number),
            *gain,
            empty=_("All numbers are facts.") if has_draws(sure) else None,
        )
    return table(
        _("Which number to check first"),
        rows,
        (_("Estimate"), lambda row: _key_names(case, row["key"], row["kind"])),
        (_("What is estimated"), lambda row: named(KIND_LABELS, row["kind"])),
        Of(_("Source"), "source", rich=code),
        *gain,
        empty=_("All numbers are facts."),
    )


def _key_names(case: Case, key: str, kind: str) -> str:
    first, *rest = key.split("+")  # an interest is that of a topic
    name = case.topic_name(first) if kind == "course_interest" else case.name(first)
    return " + ".join([name, *map(case.name, rest)])


def ranges_table(case: Case) -> View:
    """The range of each kind of uncertain number: the usual one, or what the case states."""
    groups: dict[tuple[Any, ...], list[UncertainNumber]] = {}
    for u in uncertain_numbers(case):
        spread: Any = u.spread
        factors = tuple(getattr(spread, name, None) for name in ("low", "middle", "high"))
        groups.setdefault((u.kind.name, u.stated_by, factors), []).append(u)
    return table(
        _("How far each kind of estimate may be from the truth"),
        groups.items(),
        (_("What is estimated"), lambda item: named(KIND_LABELS, item[0][0])),
        (_("Numbers"), lambda item: len(item[1]), number),
        (_("In 8 of 10 cases, times what stands"), _factors),
        (_("In the middle"), lambda item: item[0][2][1], two_decimals),
        (_("From"), lambda item: item[0][1] or _("usual: {origin}", origin=_(
            KIND_BY_NAME[item[0][0]].origin))),
        empty=_("All numbers are facts."),
    )  # fmt: skip


def _factors(item: Any) -> str:
    low, _middle, high = item[0][2]
    return "" if low is None else f"{two_decimals(low)}–{two_decimals(high)}"


def uncertainty_tables(sure: Uncertainty | None, plan: Plan, case: Case) -> list[View]:
    """All tables about how sure a plan is, in the order of its page."""
    if sure is None or not has_draws(sure):
        return []
    levels = (BY_SOURCE, BY_NUMBER)
    checked = (information_table(sure, plan, case, level) for level in levels)
    caution = [caution_table(sure, case)] if case.scenario.caution else []
    stays = kept_table(sure, case), stability_table(sure, case)
    return [*stays, *checked, *caution, ranges_table(case)]
