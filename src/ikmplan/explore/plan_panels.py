"""Plans beside the one in hand, as HTML of the planner's page: pinned ones, the way from a given
plan, others nearly as good; and what stays if the numbers turn out otherwise.

A button "show" opens a plan that `AskedPlans` found; its row states what it changes and for whom.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from ikmplan.alternatives.changes import effects, effects_text
from ikmplan.alternatives.found import MORE, NESTED, OWN
from ikmplan.alternatives.similar_plans import SimilarPlans
from ikmplan.alternatives.tables import SimilarRow, difference, similar_rows, similar_text
from ikmplan.alternatives.way import Way
from ikmplan.alternatives.way_tables import (
    NO_STEP,
    WayRow,
    changes_text,
    nested_text,
    way_length,
    way_rows,
    way_summary,
    why_now,
)
from ikmplan.explore.asked_plans import (
    ANNOUNCED,
    BEST,
    FROM_NOTHING,
    OWN_BEST,
    SIMILAR,
    STAYS,
    WAY,
    AskedPlans,
)
from ikmplan.explore.fields import SHARE, field_text
from ikmplan.explore.panels import (
    GIVEN_LISTS,
    action_button,
    change_in_button,
    fault_text,
    list_options,
    small_cross,
)
from ikmplan.explore.snapshot import Snapshot
from ikmplan.explore.state import PINS
from ikmplan.input.case import Case
from ikmplan.plan.plan import Plan
from ikmplan.report.figures import MARKS
from ikmplan.report.names import Pin, place, ruling
from ikmplan.show.html import render
from ikmplan.show.table import Signed, one_decimal, percent_one_decimal, short_rupiah
from ikmplan.text import N_, _, listing, number, percent
from ikmplan.uncertainty.tables import core_cost_words, what_stays

START_NAMES = {
    ANNOUNCED: N_("the announced programme"),
    FROM_NOTHING: N_("nothing at all"),
}
MONEY_NAMES = {
    MORE: N_("all the money there is"),
    OWN: N_("no more than the given plan costs"),
    NESTED: N_("all the money, and every step is kept"),
}
MOST_SHARED = 12  # that are named


def pins(now: Snapshot, pinned: Sequence[Pin], already: bool, pending: bool) -> Markup:
    """The pinned plans, and a button to pin one more."""
    label, off = pin_button(now, pinned, already, pending)
    rows = [
        (
            MARKS[pin.letter],
            pin.letter,
            pin_words(pin),
            small_cross("unpin", _("Remove pinned {letter}", letter=pin.letter), letter=pin.letter),
        )
        for pin in pinned
    ]
    return render("planner/pins", button=action_button("pin", label, off), rows=rows)


def pin_button(
    now: Snapshot, pinned: Sequence[Pin], already: bool, pending: bool
) -> tuple[str, bool]:
    """The label of the button to pin, and whether it is off."""
    full = len(pinned) == len(PINS)
    label = _("Pin this plan to compare")
    if full:
        label = _("Three plans are pinned; remove one to pin another")
    elif pending:
        label = _("Pinned as soon as there is a plan …")
    return label, not now.plan_possible or already or full or pending


def pin_words(pin: Pin) -> str:
    s = pin.case.scenario
    words = [short_rupiah(min(pin.case.budget, sum(pin.case.fund_amount.values())))]
    if s.floor:
        words.append(_("floor {share}", share=percent(s.floor)))
    if s.equity:
        words.append(_("equity {share}", share=percent(s.equity)))
    if n := sum(len(getattr(s, name)) for name in GIVEN_LISTS):
        words.append(_("decisions given: {n}", n=number(n)))
    return ", ".join(words)


# --- what else could be done -----------------------------------------------------------------


def others(now: Snapshot, asked: AskedPlans, pinned: Sequence[Pin]) -> Markup:
    """The questions, what is found so far, and buttons that show a plan or the search's own."""
    found, off = asked.now, not now.plan_possible
    names = {**START_NAMES, **{pin.letter: N_("pinned plan {letter}") for pin in pinned}}
    begins = [(key, _(names[key], letter=key)) for key in asked.starts]
    looking = {
        WAY: _("Looking for the next step …"),
        SIMILAR: _("Looking for another plan …"),
    }
    waiting = found.best is None and now.busy
    status = _("Begins as soon as the plan is proven …") if waiting else ""
    return render(
        "planner/others",
        title=_("What else could be done?"),
        lists=[
            ("start", _("Shortest way from"), list_options(begins, found.start)),
            (
                "money",
                _("With"),
                list_options([(key, _(name)) for key, name in MONEY_NAMES.items()], found.money),
            ),
        ],
        ask_way=action_button("way", _("Find the way"), off),
        about_similar=_("Other plans nearly as good"),
        shares=_shares(asked),
        ask_similar=action_button("similar", _("Find up to five others"), off),
        looking=[status or looking[what] for what in (WAY, SIMILAR) if what in found.pending][:1],
        stop=action_button("stop_asking", _("Stop looking")),
        messages=[text for what, text in found.failures.items() if what != STAYS],
        way=_way(found.way, asked) if found.way is not None else None,
        similar=_similar(found.similar, asked) if found.similar is not None else None,
    )


def _shares(asked: AskedPlans) -> list[tuple[str, str, str, str]]:
    """Of both shares: their parameter, label, text and fault."""
    found = asked.now
    labels = {
        "within": (_("Lose at most (%)"), found.within),
        "elsewhere": (_("Money elsewhere, at least (%)"), found.elsewhere),
    }
    rows = []
    for name, (label, share) in labels.items():
        text, fault = asked.refused.get(name, (field_text(share, SHARE), None))
        rows.append((name, label, text, fault_text(fault) if fault else ""))
    return rows


def _show(asked: AskedPlans, name: str, label: str) -> Markup:
    """Off while that plan is shown; the best one is where no other is."""
    off = (asked.opened or BEST) == name
    given = {"name": name, "change": change_in_button(asked.changes(name))}
    return action_button("show", _("Show"), off, "", label, **given)


def _way(one: Way, asked: AskedPlans) -> dict[str, Any]:
    """The given plan, each step, and the best plan; bars of the units that each reaches."""
    case, best, own = asked.now.case, one.best, asked.now.money == OWN
    most = max(best.reached, one.given.reached, 1e-9)
    rows = [_step(one, row, case, most, asked) for row in way_rows(one)]
    given = {"reached": one_decimal(one.given.reached), "share": one.given.reached / most}
    return {
        "caption": _("The way"),
        "summary": _way_words(one, asked) if one.steps else "",
        "pending": WAY in asked.now.pending,
        "headings": [
            _("Changes"), _("Reached"), _("What changes in this step"),
            _("Gains"), _("Loses"), _("Cost"),
        ],
        "given": {**given, "name": _("Given plan"), "cost": short_rupiah(one.given.cost)},
        "rows": rows,
        "best": {
            "name": _("Cheapest plan") if case.scenario.is_cheapest else _("Best plan"),
            "reached": one_decimal(best.reached),
            "share": best.reached / most,
            "cost": short_rupiah(best.cost),
            "show": _show(asked, OWN_BEST if own else BEST, _("Show the best plan")),
        },
        "empty": _(NO_STEP) if not rows else "",
    }  # fmt: skip


def _way_words(one: Way, asked: AskedPlans) -> str:
    found, case = asked.now, asked.now.case
    free = found.free if one.nested and WAY not in found.pending else None
    kept = [nested_text(free, one, case)] if free is not None else []
    return " ".join([str(way_summary(one, case, way_length(free) if free else None)), *kept])


def _step(one: Way, row: WayRow, case: Case, most: float, asked: AskedPlans) -> dict[str, Any]:
    plan, k = row.step.plan, row.step.most
    name = f"{WAY}-{k}"
    gains = effects(row.before, plan)
    return {
        "open": asked.opened == name,
        "name": number(k),
        "reached": one_decimal(plan.reached),
        "share": plan.reached / most,
        "gain": Signed(one_decimal)(row.gain),
        "changes": changes_text(case, row),
        "why": why_now(one, case, row),
        "gains": effects_text(case, gains, 1, 2),
        "loses": effects_text(case, gains, -1, 2),
        "cost": short_rupiah(plan.cost),
        "money": Signed(short_rupiah)(row.money) if row.money else "",
        "show": _show(asked, name, _("Show the plan with {k} changes", k=number(k))),
    }


def _similar(found: SimilarPlans, asked: AskedPlans) -> dict[str, Any]:
    case, plan = asked.now.case, found.plan
    pending = SIMILAR in asked.now.pending
    return {
        "caption": _("Other plans nearly as good"),
        "summary": "" if pending else str(similar_text(found, case)),
        "headings": [
            _("Plan"), _("Reached"), _("Cost"), _("Money elsewhere"),
            _("Elsewhere than all above"), _("What is different"),
        ],
        "plan": {
            "name": _("The plan"),
            "reached": one_decimal(plan.reached),
            "cost": short_rupiah(plan.cost),
            "show": _show(asked, BEST, _("Show the best plan")),
        },
        "rows": [_other(row, plan, case, asked) for row in similar_rows(found)],
        "shared": _shared(found, case),
    }  # fmt: skip


def _other(row: SimilarRow, plan: Plan, case: Case, asked: AskedPlans) -> dict[str, Any]:
    name = f"{SIMILAR}-{row.n}"
    return {
        "open": asked.opened == name,
        "name": number(row.n),
        "reached": one_decimal(row.plan.reached),
        "cost": short_rupiah(row.plan.cost),
        "elsewhere": percent_one_decimal(row.elsewhere),
        "least": percent_one_decimal(row.least),
        "different": difference(plan, row.plan, case),
        "show": _show(asked, name, _("Show plan {n}", n=number(row.n))),
    }


def _shared(found: SimilarPlans, case: Case) -> str:
    """What every plan has at the same place, the most first."""
    if not found.others:
        return ""
    rows = sorted(found.shared.items(), key=lambda pair: (-pair[1], pair[0]))
    if not rows:
        return _("Nothing stands in every plan.")
    names = [
        f"{number(n)} {case.name(item)} ({place(case, host)})"
        for (item, host), n in rows[:MOST_SHARED]
    ]
    if len(rows) > MOST_SHARED:
        names.append(_("{n} more", n=number(len(rows) - MOST_SHARED)))
    return _("All these plans have: {what}.", what=listing(names))


# --- what stays if the numbers turn out otherwise --------------------------------------------


def stays(now: Snapshot, asked: AskedPlans) -> Markup:
    """What is known for the settings in hand, and the button for the next step."""
    if now.plan is None:
        return Markup("")
    found = asked.at_hand
    count = number(found.draws)
    action, label, full_name, off = "core", _("Find what stays in"), "", not now.plan_possible
    change = ""
    if found.stays is not None:
        sentences = [*what_stays(found.stays, now.case)]
        action, label = (
            "take_core",
            _("Lock what is nearly always in ({n})", n=number(len(found.core))),
        )
        off = not found.core
        if off:
            sentences.append(_("Nothing more is in nearly every case's best plan."))
        else:
            named = listing([ruling(now.case, lock) for lock in found.core])
            full_name = f"{label}: {named}; {core_cost_words(found.stays, now.case)}"
            change = change_in_button({"locks": (*now.case.scenario.locks, *found.core)})
    elif STAYS in found.pending:
        action, label, off = "end_core", _("Stop planning again"), False
        done = number(found.planned)
        sentences = [_("{done} of {n} cases are planned again …", done=done, n=count)]
    else:
        explained = _(
            "Which decisions stay in whatever comes is found by planning {n} cases again, each "
            "with other numbers within their ranges. It may take a minute or two.",
            n=count,
        )
        sentences = [explained, *filter(None, [found.failures.get(STAYS)])]
    return render(
        "planner/stays",
        title=_("If the numbers turn out otherwise"),
        pending=STAYS in found.pending,
        sentences=sentences,
        action=action,
        label=label,
        full_name=full_name,
        off=off,
        change=change,
    )
