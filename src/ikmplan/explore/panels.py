"""What stands around the pictures: settings, decisions, status, reasons and what is kept.

Functions from values to HTML. `data-do` on a button or list names what it asks of the page
(`dashboard.Page`), `data-part` the place that a function here fills, `data-field` and
`data-slide` a number of the scenario (`inputs`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any
from zlib import crc32

from ikmplan.explore.fields import GROUPS, Field
from ikmplan.explore.snapshot import Snapshot
from ikmplan.explore.state import PINS
from ikmplan.faults import Fault
from ikmplan.input.case import Case
from ikmplan.plan.plan import PROVEN
from ikmplan.report.certificate import value_is_units
from ikmplan.report.names import SIGN_WORDS, Pin, exclusion_words, in_words, lock_words
from ikmplan.report.pictures import MARKS, short, tag
from ikmplan.text import N_, _, gap_percent, listing, number, percent

SIGN_NAMES = {**SIGN_WORDS, "x": N_("never (leave out)")}
LANGUAGE_NAMES = {"id": "Bahasa Indonesia", "en": "English"}


def frame(case: Case) -> str:
    """The places of all parts; it changes with the language and the case only."""
    code = case.scenario.language
    lost = _("The connection to ikmplan is lost. Your work is kept: reload this page.")
    left, right = escape(_("Settings")), escape(_("Plan"))
    return (
        f'<div class="desk" lang="{code}" data-lost="{escape(lost)}">'
        '<header data-part="head"></header><div data-part="note"></div>'
        f'<div class="columns"><section class="left" aria-label="{left}" tabindex="0">'
        '<div data-part="settings"></div><div data-part="locks"></div></section>'
        f'<section class="right" aria-label="{right}">'
        '<div class="status"><div data-part="badge"></div><div data-part="stop"></div></div>'
        '<div data-part="none"></div>'
        '<div class="results" data-part="results"></div>'
        '<div class="results" data-part="coverage"></div>'
        '<div data-part="pins"></div>'
        '<div class="results comparisons" data-part="compared"></div>'
        '<div class="results rest" data-part="rest"></div>'
        '<div data-part="keep"></div>'
        '<div class="results" data-part="tables"></div></section></div></div>'
    )


def _button(do: str, message: str, off: bool = False, kind: str = "", **data: object) -> str:
    """A button of its own for each text: no press counts for another. Off, it keeps the focus."""
    more = "".join(f' data-{name}="{escape(str(value))}"' for name, value in data.items())
    key = f"-{crc32((message + more).encode()):x}" if data else ""
    state = ' aria-disabled="true"' if off else ""
    return (
        f'<button type="button" id="k-{do}{key}" class="{kind}" data-do="{do}"{more}{state}>'
        f"{escape(message)}</button>"
    )


def _cross(do: str, message: str, **data: object) -> str:
    """A small button that removes something, with a name for those who do not see it."""
    label = f'aria-label="{escape(message)}" title="{escape(message)}"'
    made = _button(do, "×", False, "small", **data)
    return made.replace("<button ", f"<button {label} ")


def _group(label: str, options: str) -> str:
    return f'<optgroup label="{escape(label)}">{options}</optgroup>'


def _options(options: Iterable[tuple[str, str]], chosen: str = "") -> str:
    return "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>'
        f"{escape(message)}</option>"
        for value, message in options
    )


def head(
    now: Snapshot, past: bool, future: bool, changed: bool,
    cases: Sequence[str], params: Sequence[str], opened: str,
) -> str:  # fmt: skip
    """Which case or unchanged scenario, undo and redo, language."""
    case, data = now.case, now.case.scenario.data
    own = f"case:{data}"
    shown = [(f"case:{path}", path.removeprefix("data/")) for path in cases]
    if own not in dict(shown):
        shown.append((own, data.replace("\\", "/").rsplit("/", 1)[-1]))
    chosen = opened or own
    groups = _group(_("Cases"), _options(shown, chosen))
    if params:
        named = [(f"params:{name}", name.removesuffix(".yaml")) for name in params]
        files = _options(named, chosen)
        groups += _group(_("Saved scenarios"), files)
    codes = _options(LANGUAGE_NAMES.items(), case.scenario.language)
    about = " · ".join(case.office[key] for key in ("region", "year") if key in case.office)
    return (
        f"<h1>ikmplan <small>{escape(about)}</small></h1>"
        + tag("label", _("Case"), for_="k-case")
        + f'<select id="k-case" data-choose="case">{groups}</select>'
        + tag("label", _("Upload Excel …"), class_="button", for_="k-upload")
        + '<input id="k-upload" type="file" accept=".xlsx,.xlsm" data-upload>'
        '<span class="space"></span>'
        + _button("undo", _("↶ Undo"), not past)
        + _button("redo", _("↷ Redo"), not future)
        + _button("reset", _("Reset"), not changed)
        + tag("label", _("Language"), for_="k-language")
        + f'<select id="k-language" data-choose="language">{codes}</select>'
    )


def note(
    message: Sequence[str], buttons: Sequence[tuple[str, str]], faults: Sequence[Fault]
) -> str:
    """What happened besides: work restored, a workbook with faults."""
    html = ""
    if faults:
        head = _("This cannot be used yet; what is shown below stays as it was.")
        items = "".join(f"<li>{escape(str(fault))}</li>" for fault in faults[:40])
        more = len(faults) - 40
        if more > 0:
            items += tag("li", _("… and {n} more.", n=number(more)))
        shut = _button("forgive", _("Close"))
        html += (
            f'<div class="alert" role="alert"><b>{escape(head)}</b> {shut}<ul>{items}</ul></div>'
        )
    if message or buttons:
        text = " ".join(message)
        offered = " ".join(_button(do, label) for do, label in buttons)
        html += f'<p class="notice" role="status">{escape(text)} {offered}</p>'
    return html


# --- settings --------------------------------------------------------------------------------


def settings(fields: Sequence[Field]) -> str:
    """A label, a text field, a slider and words for each number."""
    html = ""
    for group, message in GROUPS.items():
        heading = escape(_(message))
        inside = "".join(_field(f) for f in fields if f.group == group)
        if group in ("money", "fairness"):
            html += f'<fieldset><legend class="hidden">{heading}</legend>{inside}</fieldset>'
        elif inside:
            html += f'<details data-key="{group}"><summary>{heading}</summary>{inside}</details>'
    return html


def _field(f: Field) -> str:
    key = "k-" + f.name.replace(".", "-")
    slide = _("{label}: slider", label=f.label)
    return (
        f'<div class="field"><label for="{key}">{escape(f.label)}</label>'
        f'<input type="text" id="{key}" data-field="{f.name}" autocomplete="off" '
        f'aria-describedby="{key}-words">'
        f'<input type="range" data-slide="{f.name}" data-kind="{f.kind}" min="{f.low}" '
        f'max="{f.high}" step="{f.step}" aria-label="{escape(slide)}">'
        f'<p class="words" id="{key}-words" data-words="{f.name}"></p></div>'
    )


def values(fields: Sequence[Field], faults: Sequence[Fault]) -> dict[str, Any]:
    """What each field shows: its text, its place on the slider, its words or its fault."""
    faulty = {fault.column: fault for fault in faults}
    found = {}
    for f in fields:
        fault = faulty.get(f.name) or faulty.get(f.name.partition(".")[0])
        message = "" if fault is None else _fault_text(fault)
        found[f.name] = {"text": f.shown, "place": f.place, "words": f.words, "fault": message}
    return found


def _fault_text(fault: Fault) -> str:
    value = "" if fault.value is None else f"“{fault.value}” "
    return f"{value}{fault.problem} {fault.fix}".strip()


# --- decisions that are given ----------------------------------------------------------------


def locks(now: Snapshot) -> str:
    """The locks and exclusions with what each costs, and lists to add one from."""
    case = now.case
    rows = [
        *(("locks", str(lock), lock_words(case, lock)) for lock in case.locks),
        *(("exclusions", str(x), exclusion_words(case, x)) for x in case.exclusions),
    ]
    items = "".join(
        f"<li><span>{escape(message)}</span><small>{escape(_cost(now, text))}</small>"
        + _cross("remove", _("Remove: {what}", what=message), name=name, text=text)
        + "</li>"
        for name, text, message in rows
    )
    wrong = [fault for fault in now.faults if (fault.column or "") in ("locks", "exclusions")]
    alert = "".join(
        f'<p class="fault" role="alert">{escape(in_words(case, _fault_text(fault)))}</p>'
        for fault in wrong
    )
    title = _("Decisions that are given ({n})", n=number(len(rows)))
    listed = f'<ul class="locks">{items}</ul>{_weighted(case)}' if rows else ""
    return (
        f'<details data-key="locks"{" open" if rows or wrong else ""}><summary>{escape(title)}'
        f"</summary>{listed}{_lock_form(case)}{alert}</details>"
    )


def _lock_form(case: Case) -> str:
    courses = _options((p, row.name) for p, row in case.courses.items())
    kinds = _options((e, row.name) for e, row in case.equipment.items())
    anything = _options([("", _("Anything"))])
    groups = _group(_("Courses"), courses) + _group(_("Machines"), kinds) + anything
    places = _options(
        [("", _("All clusters together")), *((c, case.name(c)) for c in case.clusters)]
    )
    signs = _options((sign, _(message)) for sign, message in SIGN_NAMES.items())
    named = [
        ("item", _("Course or machine"), groups),
        ("cluster", _("Where"), places),
        ("sign", _("How many"), signs),
    ]
    lists = "".join(
        f'<label for="k-lock-{name}">{escape(label)}</label>'
        f'<select id="k-lock-{name}" name="{name}">{inside}</select>'
        for name, label, inside in named
    )
    return (
        f'<div class="form" data-form>{lists}'
        + tag("label", _("Number"), for_="k-lock-count")
        + '<input type="text" id="k-lock-count" name="count" value="1" inputmode="numeric">'
        + _button("lock", _("Add"), kind="main")
        + "</div>"
    )


def _cost(now: Snapshot, text: str) -> str:
    if text not in now.costs:
        return _("what it costs is being worked out …") if now.plan is not None else ""
    low, high = now.costs[text]
    if high < 0.05:
        return _("costs nothing")
    unit = _("units reached") if value_is_units(now.case) else _("weighted units")
    if low < 0.05:
        return _("costs {n} {unit} at most", n=number(high, 1), unit=unit)
    if number(low, 1) == number(high, 1):
        return _("costs {n} {unit}", n=number(high, 1), unit=unit)
    return _("costs {low} to {high} {unit}", low=number(low, 1), high=number(high, 1), unit=unit)


def _weighted(case: Case) -> str:
    """What costs are counted in where it is more than the units reached."""
    if value_is_units(case):
        return ""
    how = []
    if any(row.weight != 1 for c, row in case.clusters.items() if case.is_ikm(c)):
        how.append(_("each unit counts with the weight of its cluster"))
    if case.scenario.equity:
        share = percent(case.scenario.equity)
        how.append(_("{share} of the weight is on the worst-off cluster", share=share))
    return tag("p", _("Weighted units: {how}.", how=listing(how)), class_="words")


# --- how good it is ----------------------------------------------------------------------------


def badge(now: Snapshot, older: bool) -> str:
    """How good the plan that is shown is; never better than what is proven."""
    progress, kind = now.progress, ""
    if now.error_text:
        message, kind = now.error_text, "none"
    elif now.none is not None:
        kind = "none"
        message = str(now.none).split("\n")[0]
        if now.busy and not now.none.conflicts:
            message = _("There is no such plan. Why is being worked out …")
    elif progress is None:
        message = _("Searching. The plan below is an earlier one.") if older else _("Searching.")
    else:
        gap = gap_percent(progress.gap, 2 if progress.gap < 0.01 else 1)
        if now.busy and progress.gap >= 1:
            message = _("A first plan; how far it is from the best is not known yet.")
        elif now.busy:
            message = _("At most {gap} from the best; the search goes on.", gap=gap)
        elif now.plan is not None and now.plan.proof.status == PROVEN:
            nothing = gap == gap_percent(0)
            kind, better = "sure", _("Proven: no plan is better by more than {gap}.", gap=gap)
            message = _("Proven: no plan is better.") if nothing else better
        else:
            message = _("Stopped early: a better plan may exist, by {gap} at most.", gap=gap)
    gap_now = "" if progress is None else f"{progress.gap:.6f}"
    return (
        f'<p class="badge {kind}" data-gap="{gap_now}" data-busy="{int(now.busy)}" role="status">'
        f"{escape(message)}</p>"
    )


def stop(now: Snapshot) -> str:
    """Apart from the badge: a button that is made again under the finger is never pressed."""
    return _button("stop", _("Stop")) if now.busy else ""


def none(now: Snapshot) -> str:
    """The reasons in words; a button for each mend that is a change of the scenario."""
    if now.none is None:
        return ""
    html = ""
    for n, conflict in enumerate(now.none.conflicts):
        html += f"<p><b>{escape(in_words(now.case, conflict.statement))}</b></p>"
        for head, alone in (
            (_("Any one of these mends it:"), True),
            (_("Any one of these mends this, though not all that is in the way:"), False),
        ):
            mends = [(m, need) for m, need in enumerate(conflict.needs) if need.fix]
            mends = [(m, need) for m, need in mends if need.alone == alone]
            if mends:
                html += f"<p>{escape(head)}</p><ul>"
                for m, need in mends:
                    message = in_words(now.case, need.fix)
                    one = _button("mend", message, n=n, m=m) if need.change else escape(message)
                    html += f"<li>{one}</li>"
                html += "</ul>"
        if now.busy and not any(need.fix for need in conflict.needs):
            html += tag("p", _("The smallest mends are being worked out …"))
    return f'<div class="reasons">{html}</div>' if html else ""


# --- pins, keeping -------------------------------------------------------------------------------


def pins(now: Snapshot, pinned: Sequence[Pin], already: bool, pending_actions: bool) -> str:
    """The pinned plans, and a button to pin one more."""
    full = len(pinned) == len(PINS)
    message = _("Pin this plan to compare")
    if full:
        message = _("Three plans are pinned; remove one to pin another")
    elif pending_actions:
        message = _("Pinned as soon as there is a plan …")
    can_not = not now.plan_possible or already or full or pending_actions
    tags = "".join(
        f'<li><i class="mark {MARKS[pin.letter]}"></i><b>{pin.letter}</b> '
        f"{escape(_pin_words(pin))} "
        + _cross("unpin", _("Remove pinned {letter}", letter=pin.letter), letter=pin.letter)
        + "</li>"
        for pin in pinned
    )
    listed = f'<ul class="pinned">{tags}</ul>' if tags else ""
    return f'<div class="pins">{_button("pin", message, can_not)}{listed}</div>'


def _pin_words(pin: Pin) -> str:
    s = pin.case.scenario
    message = [short(min(pin.case.budget, sum(pin.case.fund_amount.values())))]
    if s.floor:
        message.append(_("floor {share}", share=percent(s.floor)))
    if s.equity:
        message.append(_("equity {share}", share=percent(s.equity)))
    if s.locks or s.exclusions:
        message.append(_("decisions given: {n}", n=number(len(s.locks) + len(s.exclusions))))
    return ", ".join(message)


def keep_panel(name: str, now: Snapshot, message: str, ask: str, busy: bool) -> str:
    """Save, download, report. All but the workbook needs the settings only, and no plan of them."""
    faulty = [fault for fault in now.faults if fault.column == "name"]
    alert = "".join(
        f'<p class="fault" role="alert">{escape(_fault_text(fault))}</p>' for fault in faulty
    )
    question = ""
    if ask:
        question = (
            f'<p class="alert" role="alert">{escape(ask)} '
            + _button("overwrite", _("Yes, overwrite"))
            + _button("cancel", _("No"))
            + "</p>"
        )
    off, group = not now.plan_possible, escape(_("Keep"))
    return (
        f'<div class="keep" data-form role="group" aria-label="{group}">'
        + tag("label", _("Name of the scenario"), for_="k-name")
        + f'<input type="text" id="k-name" name="name" value="{escape(name)}" autocomplete="off">'
        + _button("save", _("Save"), kind="main")
        + _button("excel", _("Download Excel"), off)
        + _button("report", _("Make the report"), off or busy)
        + f'</div>{question}{alert}<p class="kept" id="k-kept" role="status">{message}</p>'
    )


def tables(views: Sequence[Any] | None, title: str) -> str:
    """The tables, made when they are opened."""
    inside = "" if views is None else "".join(view.html() for view in views)
    shown = " open" if views is not None else ""
    return (
        f'<details data-open="tables"{shown}><summary>{escape(title)}</summary>{inside}</details>'
    )
