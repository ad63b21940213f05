"""The controls of the planner's page as HTML: settings, locks, status, reasons, pins, exports.

Functions from values to HTML. `data-do` on a button is an action (`widgets.ACTIONS`), `data-part`
the place of a part of the page; `data-field`, `data-slide` and `data-check` name a field
(`fields`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from zlib import crc32

from markupsafe import Markup

from ikmplan.explore.fields import FLAG, GROUPS, Field
from ikmplan.explore.snapshot import Snapshot
from ikmplan.faults import Fault
from ikmplan.input.case import Case
from ikmplan.input.cells import MILLION
from ikmplan.plan.plan import PROVEN
from ikmplan.report.certificate import proven_text
from ikmplan.report.names import (
    SIGN_WORDS,
    exclusion_words,
    in_words,
    limit_words,
    lock_words,
    units_name,
)
from ikmplan.report.summary import kept_text
from ikmplan.show.html import element, join_html, render
from ikmplan.show.table import short_rupiah
from ikmplan.text import N_, _, gap_percent, listing, number, percent

GIVEN_LISTS = ("locks", "exclusions", "limits")  # parameters whose parts are added and removed
SIGN_NAMES = {**SIGN_WORDS, "x": N_("never (leave out)")}
OPEN_GROUPS = ("money", "fairness", "kept")
MOST_FAULTS = 40  # that are listed
LANGUAGE_NAMES = {"id": "Bahasa Indonesia", "en": "English"}


def frame(case: Case) -> Markup:
    """The places of all parts of the page; it depends on the language only."""
    lost = _(
        "The connection to ikmplan is lost. Your work and your last move are kept: reload this "
        "page; in JupyterLab run all cells again."
    )
    texts = {"lost": lost, "left": _("Settings"), "right": _("Plan")}
    return render("planner/frame", code=case.scenario.language, **texts)


def action_button(
    do: str, label: str, off: bool = False, kind: str = "", full_name: str = "", /, **data: object
) -> Markup:
    """A button; `full_name` is what screen readers read, where the label is a sign.

    Its id contains its text, so that a press cannot become that of another button. A button that
    is off keeps the focus."""
    given = {f"data_{key}": value for key, value in data.items()}
    key = f"-{crc32(element('i', label, **given).encode()):x}" if data else ""
    named = {"aria_label": full_name, "title": full_name} if full_name else {}
    state = {"aria_disabled": "true"} if off else {}
    about = {"id": f"k-{do}{key}", "class_": kind, "data_do": do}
    return element("button", label, **named, type="button", **about, **given, **state)


def change_in_button(changes: dict[str, Any]) -> str:
    """Values of parameters as text: a button that sets them carries it in `data-change`."""
    return json.dumps(changes, default=list)


def small_cross(do: str, label: str, **data: object) -> Markup:
    """A small button that removes something."""
    return action_button(do, "×", False, "small", label, **data)


def list_options(options: Iterable[tuple[str, str]], chosen: str | None = None) -> Markup:
    """The options (value, label) of a list, one of them chosen."""
    return join_html(
        element("option", label, value=value, **({"selected": ""} if value == chosen else {}))
        for value, label in options
    )


def case_choices(
    case: Case, cases: Sequence[str], params: Sequence[str]
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Cases and scenario files as (what `State.open_chosen` takes, label)."""
    data = case.scenario.data
    shown = [(f"case:{path}", path.removeprefix("data/")) for path in cases]
    if f"case:{data}" not in dict(shown):
        shown.append((f"case:{data}", data.replace("\\", "/").rsplit("/", 1)[-1]))
    return shown, [(f"params:{name}", name.removesuffix(".yaml")) for name in params]


def head(
    now: Snapshot, past: bool, future: bool, changed: bool,
    cases: Sequence[str], params: Sequence[str], opened: str,
) -> Markup:  # fmt: skip
    """Which case or unchanged scenario, undo and redo, language."""
    case = now.case
    shown, files = case_choices(case, cases, params)
    return render(
        "planner/head",
        about=" · ".join(case.office[key] for key in ("region", "year") if key in case.office),
        case=_("Case"),
        groups=[
            (_("Planning cases"), list_options(shown, opened)),
            (_("Saved scenarios"), list_options(files, opened)),
        ],
        upload=_("Upload Excel …"),
        buttons=[
            action_button("undo", _("↶ Undo"), not past),
            action_button("redo", _("↷ Redo"), not future),
            action_button("reset", _("Reset"), not changed),
        ],
        language=_("Language"),
        codes=list_options(LANGUAGE_NAMES.items(), case.scenario.language),
    )


def faults_elsewhere(fields: Sequence[Field], faults: Sequence[Fault]) -> list[Fault]:
    """The faults that stand beside no field and no lock."""
    beside = {*GIVEN_LISTS}
    beside.update(name for f in fields for name in (f.name, f.name.partition(".")[0]))
    return [fault for fault in faults if (fault.column or "") not in beside]


def note(message: str, buttons: Sequence[tuple[str, str]], faults: Sequence[Fault]) -> Markup:
    """Faults that stand beside no field; a message, with the (action, label) of its buttons."""
    texts = [str(fault) for fault in faults[:MOST_FAULTS]]
    if len(faults) > MOST_FAULTS:
        texts.append(_("… and {n} more.", n=number(len(faults) - MOST_FAULTS)))
    return render(
        "planner/note",
        title=_("This cannot be used yet; what is shown below stays as it was."),
        close=action_button("close_faults", _("Close")),
        faults=texts,
        message=message,
        offered=[action_button(do, label) for do, label in buttons],
    )


# --- settings --------------------------------------------------------------------------------


def settings(fields: Sequence[Field]) -> Markup:
    """The fields in their groups; the first two groups are always open."""
    groups = [
        (group, _(title), [_field(f) for f in fields if f.group == group])
        for group, title in GROUPS.items()
    ]
    return render("planner/settings", groups=groups, open=OPEN_GROUPS)


def _field(f: Field) -> Markup:
    slider = _("{label}: slider", label=f.label)
    key = "k-" + f.name.replace(".", "-")
    return render("planner/field", f=f, key=key, slider=slider, flag=f.kind == FLAG)


def values(fields: Sequence[Field], faults: Sequence[Fault]) -> dict[str, Any]:
    """By the name of a field: its text, its place on the slider, its words and its fault."""
    texts = {fault.column: fault_text(fault) for fault in faults}
    return {
        f.name: {
            "text": f.shown,
            "place": f.place,
            "words": f.words,
            "fault": texts.get(f.name) or texts.get(f.name.partition(".")[0], ""),
        }
        for f in fields
    }


def fault_text(fault: Fault) -> str:
    value = "" if fault.value is None else f"“{fault.value}” "
    return f"{value}{fault.problem} {fault.fix}".strip()


def _alert(text: str) -> Markup:
    return element("p", text, class_="fault", role="alert")


# --- locks and exclusions --------------------------------------------------------------------


def locks(now: Snapshot) -> Markup:
    """The locks, exclusions and limits with what each costs, and a form to add one."""
    case = now.case
    rows = [
        (
            words,
            _cost(now, text),
            small_cross("remove", _("Remove: {what}", what=words), name=name, text=text),
        )
        for name, text, words in decisions_given(case)
    ]
    wrong = [fault for fault in now.faults if fault.column in GIVEN_LISTS]
    return render(
        "planner/locks",
        title=_("Decisions that are given ({n})", n=number(len(rows))),
        rows=rows,
        weighted=_weighted(case),
        all=action_button("remove_all", _("Remove all"), False, "small") if len(rows) > 1 else "",
        form=_lock_form(case),
        alerts=[_alert(_refused(case, fault)) for fault in wrong],
    )


def _refused(case: Case, fault: Fault) -> str:
    """Why a lock or an exclusion is refused, with names; of a limit, which is typed, the text and
    its fix stand as they are typed."""
    if fault.column != "limits":
        return in_words(case, fault_text(fault))
    return fault_text(replace(fault, problem=in_words(case, fault.problem)))


def decisions_given(case: Case) -> list[tuple[str, str, str]]:
    """Parameter, text and words of each lock, exclusion and limit."""
    return [
        *(("locks", str(lock), lock_words(case, lock)) for lock in case.locks),
        *(("exclusions", str(x), exclusion_words(case, x)) for x in case.exclusions),
        *(("limits", str(x), limit_words(case, x)) for x in case.limits),
    ]


def _lock_form(case: Case) -> Markup:
    courses = list_options((p, row.name) for p, row in case.courses.items())
    kinds = list_options((e, row.name) for e, row in case.equipment.items())
    opened = list_options((o, row.name) for o, row in case.openings.items())
    groups = [
        element("optgroup", courses, label=_("Courses")),
        element("optgroup", kinds, label=_("Machines")),
        *([element("optgroup", opened, label=_("Openings"))] if case.openings else []),
        list_options([("", _("Anything"))]),
    ]
    places = [("", _("All clusters together")), *((c, case.name(c)) for c in case.clusters)]
    signs = ((sign, _(label)) for sign, label in SIGN_NAMES.items())
    return render(
        "planner/lock_form",
        lists=[
            ("item", _("Course or machine"), join_html(groups)),
            ("cluster", _("Where"), list_options(places)),
            ("sign", _("How many"), list_options(signs)),
        ],
        count=_("Number"),
        add=action_button("lock", _("Add"), False, "main"),
        limit=_("Limit of your own"),
        example=_("For example: {limit}", limit=limit_example(case)),
        add_limit=action_button("limit", _("Add the limit"), False, "main", name="limits"),
    )


def limit_example(case: Case) -> str:
    """A limit that could be added, in a district of the case."""
    district = next(iter(case.clusters.values())).district
    return f"seats @ district {district} >= 20%"


def _cost(now: Snapshot, text: str) -> str:
    if text not in now.costs:
        pending = any(text == other for _name, other in now.unpriced)
        return _("what it costs is being worked out …") if pending else ""
    _found, low, high = now.costs[text]
    if low > -0.05 and high < 0.05:
        return _("costs nothing")
    if now.case.scenario.is_cheapest:
        return _more_money(low, high)
    unit = _("units reached") if now.case.value_is_units else units_name(now.case)
    if -0.05 < low < 0.05:
        return _("costs {n} {unit} at most", n=number(high, 1), unit=unit)
    if number(low, 1) == number(high, 1):
        return _("costs {n} {unit}", n=number(high, 1), unit=unit)
    return _("costs {low} to {high} {unit}", low=number(low, 1), high=number(high, 1), unit=unit)


def _more_money(low: float, high: float) -> str:
    """What a lock adds to the cost of the cheapest plan, in million rupiah."""
    least, most = short_rupiah(low * MILLION), short_rupiah(high * MILLION)
    if -0.05 < low < 0.05:
        return _("adds {money} to the cost at most", money=most)
    if least == most:
        return _("adds {money} to the cost", money=most)
    return _("adds {low} to {high} to the cost", low=least, high=most)


def _weighted(case: Case) -> Markup:
    """What weighted units are; empty if costs are counted in units reached."""
    if case.value_is_units or case.scenario.is_cheapest:
        return Markup("")
    how = []
    if any(row.weight != 1 for c, row in case.clusters.items() if case.is_ikm(c)):
        how.append(_("each unit counts with the weight of its cluster"))
    if case.counts_entrepreneurs:
        how.append(_("each new entrepreneur counts with the weight of its cluster"))
    if case.scenario.equity:
        share = percent(case.scenario.equity)
        how.append(_("{share} of the weight is on the worst-off cluster", share=share))
    return element("p", _("Weighted units: {how}.", how=listing(how)), class_="words")


# --- status of the plan ------------------------------------------------------------------


def badge(now: Snapshot, older: bool) -> Markup:
    """How near the plan that is shown is to the best, as far as that is proven."""
    kind, found = "", now.gap
    if now.error_text:
        message, kind = now.error_text, "none"
    elif now.none is not None:
        kind = "none"
        message = str(now.none).split("\n")[0]
        if now.busy and not now.none.conflicts:
            message = _("There is no such plan. Why is being worked out …")
    elif found is None:
        message = _("Searching.")
    else:
        gap = gap_percent(found, 2 if found < 0.01 else 1)
        if now.busy and found >= 1:
            message = _("A first plan; how far it is from the best is not known yet.")
        elif now.busy:
            message = _("At most {gap} from the best; the search goes on.", gap=gap)
        elif now.plan is not None and now.plan.proof.status == PROVEN:
            kind, message = "sure", proven_text(now.case, gap)
        else:
            message = _("Stopped early: a better plan may exist, by {gap} at most.", gap=gap)
    if now.plan is not None and now.case.scenario.near:
        message += " " + kept_text(now.plan, now.case)
    if now.plan is None and older:
        message += " " + _("The plan below is an earlier one.")
    gap_now = "" if found is None else f"{found:.6f}"
    # a gap that falls many times a second is not read aloud, only where a search begins and ends
    quiet = {"aria_live": "off"} if now.busy and found is not None else {}
    return element(
        "p", message, class_=f"badge {kind}", data_gap=gap_now, data_busy=int(now.busy),
        role="status", **quiet,
    )  # fmt: skip


def stop(now: Snapshot) -> Markup:
    """The button to stop. It is a part of its own, since the badge changes often."""
    return action_button("stop", _("Stop")) if now.busy else Markup("")


def none(now: Snapshot) -> Markup:
    """Why there is no plan; fixes, as buttons if they are changes of the scenario."""
    if now.none is None or not now.none.conflicts:
        return Markup("")
    reasons = []
    for n, conflict in enumerate(now.none.conflicts):
        lists = []
        for head, at in conflict.fixes:
            items = []
            for m in at:
                need, text = conflict.needs[m], in_words(now.case, conflict.needs[m].fix)
                change = need.change and change_in_button(need.change)
                button = action_button("mend", text, n=n, m=m, change=change) if change else text
                items.append(button)
            lists.append((head, items))
        pending = now.busy and not any(need.fix for need in conflict.needs)
        reasons.append((in_words(now.case, conflict.statement), lists, pending))
    return render(
        "planner/none", reasons=reasons, pending=_("The smallest mends are being worked out …")
    )


# --- exports -------------------------------------------------------------------------------


def keep_panel(name: str, now: Snapshot, message: str, ask: str, busy: bool) -> Markup:
    """Buttons to save, download and report. Only the report and the workbook need a plan."""
    off = not now.plan_possible
    return render(
        "planner/keep",
        group=_("Keep"),
        label=_("Name of the scenario"),
        name=name,
        buttons=[
            action_button("save", _("Save"), False, "main"),
            action_button("excel", _("Download Excel"), off),
            action_button("report", _("Make the report"), off or busy),
        ],
        ask=ask,
        answers=[action_button("overwrite", _("Yes, overwrite")), action_button("cancel", _("No"))],
        alerts=[_alert(fault_text(f)) for f in now.faults if f.column == "name"],
        message=message,
    )


def tables(views: Sequence[Any] | None, title: str) -> Markup:
    """The tables if they are open; else `views` is None."""
    inside = join_html([element("summary", title), *(view.html() for view in views or ())])
    shown = {} if views is None else {"open": ""}
    return element("details", inside, data_open="tables", **shown)
