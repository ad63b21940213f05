"""The controls of the planner's page as HTML: settings, locks, status, reasons, pins, exports.

Functions from values to HTML. `data-do` on a button is an action (`widgets.ACTIONS`), `data-part`
the place of a part of the page; `data-field`, `data-slide` and `data-check` name a field
(`fields`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any
from zlib import crc32

from ikmplan.explore.fields import FLAG, GROUPS, Field
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
    """The places of all parts of the page; it depends on the language only."""
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


def _button(do: str, label: str, off: bool = False, kind: str = "", **data: object) -> str:
    """A button. Its id contains its text, so that a press cannot become that of another button.

    A button that is off keeps the focus."""
    more = "".join(f' data-{name}="{escape(str(value))}"' for name, value in data.items())
    key = f"-{crc32((label + more).encode()):x}" if data else ""
    state = ' aria-disabled="true"' if off else ""
    return (
        f'<button type="button" id="k-{do}{key}" class="{kind}" data-do="{do}"{more}{state}>'
        f"{escape(label)}</button>"
    )


def _cross(do: str, label: str, **data: object) -> str:
    """A small button that removes something, with a name for screen readers."""
    names = f'aria-label="{escape(label)}" title="{escape(label)}"'
    button = _button(do, "×", False, "small", **data)
    return button.replace("<button ", f"<button {names} ")


def _group(label: str, options: str) -> str:
    return f'<optgroup label="{escape(label)}">{options}</optgroup>'


def _options(options: Iterable[tuple[str, str]], chosen: str = "") -> str:
    return "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>'
        f"{escape(label)}</option>"
        for value, label in options
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
        files = [(f"params:{name}", name.removesuffix(".yaml")) for name in params]
        groups += _group(_("Saved scenarios"), _options(files, chosen))
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


def note(message: str, buttons: Sequence[tuple[str, str]], faults: Sequence[Fault]) -> str:
    """Faults that stand beside no field; a message, with the (action, label) of its buttons."""
    html = ""
    if faults:
        head = tag("b", _("This cannot be used yet; what is shown below stays as it was."))
        items = "".join(tag("li", str(fault)) for fault in faults[:40])
        if len(faults) > 40:
            items += tag("li", _("… and {n} more.", n=number(len(faults) - 40)))
        close = _button("close_faults", _("Close"))
        html += f'<div class="alert" role="alert">{head} {close}<ul>{items}</ul></div>'
    if message:
        offered = " ".join(_button(do, label) for do, label in buttons)
        html += f'<p class="notice" role="status">{escape(message)} {offered}</p>'
    return html


# --- settings --------------------------------------------------------------------------------


def settings(fields: Sequence[Field]) -> str:
    """The fields in their groups."""
    html = ""
    for group, title in GROUPS.items():
        heading = escape(_(title))
        inside = "".join(_field(f) for f in fields if f.group == group)
        if group in ("money", "fairness"):
            html += f'<fieldset><legend class="hidden">{heading}</legend>{inside}</fieldset>'
        elif inside:
            html += f'<details data-key="{group}"><summary>{heading}</summary>{inside}</details>'
    return html


def _field(f: Field) -> str:
    key = "k-" + f.name.replace(".", "-")
    words = f'<p class="words" id="{key}-words" data-words="{f.name}"></p>'
    if f.kind == FLAG:
        return (
            f'<div class="field"><label for="{key}"><input type="checkbox" id="{key}" '
            f'data-check="{f.name}" aria-describedby="{key}-words"> {escape(f.label)}</label>'
            f"{words}</div>"
        )
    slider = _("{label}: slider", label=f.label)
    return (
        f'<div class="field"><label for="{key}">{escape(f.label)}</label>'
        f'<input type="text" id="{key}" data-field="{f.name}" autocomplete="off" '
        f'aria-describedby="{key}-words">'
        f'<input type="range" data-slide="{f.name}" data-kind="{f.kind}" min="{f.low}" '
        f'max="{f.high}" step="{f.step}" aria-label="{escape(slider)}">{words}</div>'
    )


def values(fields: Sequence[Field], faults: Sequence[Fault]) -> dict[str, Any]:
    """By the name of a field: its text, its place on the slider, its words and its fault."""
    texts = {fault.column: _fault_text(fault) for fault in faults}
    return {
        f.name: {
            "text": f.shown,
            "place": f.place,
            "words": f.words,
            "fault": texts.get(f.name) or texts.get(f.name.partition(".")[0], ""),
        }
        for f in fields
    }


def _fault_text(fault: Fault) -> str:
    value = "" if fault.value is None else f"“{fault.value}” "
    return f"{value}{fault.problem} {fault.fix}".strip()


def _alert(text: str) -> str:
    return f'<p class="fault" role="alert">{escape(text)}</p>'


# --- locks and exclusions --------------------------------------------------------------------


def locks(now: Snapshot) -> str:
    """The locks and exclusions with what each costs, and a form to add one."""
    case = now.case
    rows = [
        *(("locks", str(lock), lock_words(case, lock)) for lock in case.locks),
        *(("exclusions", str(x), exclusion_words(case, x)) for x in case.exclusions),
    ]
    items = "".join(
        f"<li><span>{escape(words)}</span><small>{escape(_cost(now, text))}</small>"
        + _cross("remove", _("Remove: {what}", what=words), name=name, text=text)
        + "</li>"
        for name, text, words in rows
    )
    wrong = [fault for fault in now.faults if fault.column in ("locks", "exclusions")]
    alert = "".join(_alert(in_words(case, _fault_text(fault))) for fault in wrong)
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
    signs = _options((sign, _(label)) for sign, label in SIGN_NAMES.items())
    lists = "".join(
        f'<label for="k-lock-{name}">{escape(label)}</label>'
        f'<select id="k-lock-{name}" name="{name}">{options}</select>'
        for name, label, options in (
            ("item", _("Course or machine"), groups),
            ("cluster", _("Where"), places),
            ("sign", _("How many"), signs),
        )
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
    _found, low, high = now.costs[text]
    if low > -0.05 and high < 0.05:
        return _("costs nothing")
    unit = _("units reached") if value_is_units(now.case) else _("weighted units")
    if -0.05 < low < 0.05:
        return _("costs {n} {unit} at most", n=number(high, 1), unit=unit)
    if number(low, 1) == number(high, 1):
        return _("costs {n} {unit}", n=number(high, 1), unit=unit)
    return _("costs {low} to {high} {unit}", low=number(low, 1), high=number(high, 1), unit=unit)


def _weighted(case: Case) -> str:
    """What weighted units are; empty if costs are counted in units reached."""
    if value_is_units(case):
        return ""
    how = []
    if any(row.weight != 1 for c, row in case.clusters.items() if case.is_ikm(c)):
        how.append(_("each unit counts with the weight of its cluster"))
    if case.scenario.equity:
        share = percent(case.scenario.equity)
        how.append(_("{share} of the weight is on the worst-off cluster", share=share))
    return tag("p", _("Weighted units: {how}.", how=listing(how)), class_="words")


# --- status of the plan ------------------------------------------------------------------


def badge(now: Snapshot, older: bool) -> str:
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
        message = _("Searching. The plan below is an earlier one.") if older else _("Searching.")
    else:
        gap = gap_percent(found, 2 if found < 0.01 else 1)
        if now.busy and found >= 1:
            message = _("A first plan; how far it is from the best is not known yet.")
        elif now.busy:
            message = _("At most {gap} from the best; the search goes on.", gap=gap)
        elif now.plan is not None and now.plan.proof.status == PROVEN:
            kind, message = "sure", _("Proven: no plan is better.")
            if gap != gap_percent(0):
                message = _("Proven: no plan is better by more than {gap}.", gap=gap)
        else:
            message = _("Stopped early: a better plan may exist, by {gap} at most.", gap=gap)
    gap_now = "" if found is None else f"{found:.6f}"
    return (
        f'<p class="badge {kind}" data-gap="{gap_now}" data-busy="{int(now.busy)}" role="status">'
        f"{escape(message)}</p>"
    )


def stop(now: Snapshot) -> str:
    """The button to stop. It is a part of its own, since the badge changes often."""
    return _button("stop", _("Stop")) if now.busy else ""


def none(now: Snapshot) -> str:
    """Why there is no plan; fixes, as buttons if they are changes of the scenario."""
    if now.none is None:
        return ""
    html = ""
    for n, conflict in enumerate(now.none.conflicts):
        html += f"<p><b>{escape(in_words(now.case, conflict.statement))}</b></p>"
        for head, alone in (
            (_("Any one of these mends it:"), True),
            (_("Any one of these mends this, though not all that is in the way:"), False),
        ):
            items = ""
            for m, need in enumerate(conflict.needs):
                if need.fix and need.alone == alone:
                    text = in_words(now.case, need.fix)
                    fix = _button("mend", text, n=n, m=m) if need.change else escape(text)
                    items += f"<li>{fix}</li>"
            if items:
                html += f"{tag('p', head)}<ul>{items}</ul>"
        if now.busy and not any(need.fix for need in conflict.needs):
            html += tag("p", _("The smallest mends are being worked out …"))
    return f'<div class="reasons">{html}</div>' if html else ""


# --- pins, exports -------------------------------------------------------------------------------


def pins(now: Snapshot, pinned: Sequence[Pin], already: bool, pending: bool) -> str:
    """The pinned plans, and a button to pin one more."""
    full = len(pinned) == len(PINS)
    label = _("Pin this plan to compare")
    if full:
        label = _("Three plans are pinned; remove one to pin another")
    elif pending:
        label = _("Pinned as soon as there is a plan …")
    off = not now.plan_possible or already or full or pending
    items = "".join(
        f'<li><i class="mark {MARKS[pin.letter]}"></i><b>{pin.letter}</b> '
        f"{escape(_pin_words(pin))} "
        + _cross("unpin", _("Remove pinned {letter}", letter=pin.letter), letter=pin.letter)
        + "</li>"
        for pin in pinned
    )
    listed = f'<ul class="pinned">{items}</ul>' if items else ""
    return f'<div class="pins">{_button("pin", label, off)}{listed}</div>'


def _pin_words(pin: Pin) -> str:
    s = pin.case.scenario
    words = [short(min(pin.case.budget, sum(pin.case.fund_amount.values())))]
    if s.floor:
        words.append(_("floor {share}", share=percent(s.floor)))
    if s.equity:
        words.append(_("equity {share}", share=percent(s.equity)))
    if s.locks or s.exclusions:
        words.append(_("decisions given: {n}", n=number(len(s.locks) + len(s.exclusions))))
    return ", ".join(words)


def keep_panel(name: str, now: Snapshot, message: str, ask: str, busy: bool) -> str:
    """Buttons to save, download and report; `message` is HTML. Only the workbook needs a plan."""
    alert = "".join(_alert(_fault_text(f)) for f in now.faults if f.column == "name")
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
    """The tables if they are open; else `views` is None."""
    inside = "" if views is None else "".join(view.html() for view in views)
    shown = " open" if views is not None else ""
    return (
        f'<details data-open="tables"{shown}><summary>{escape(title)}</summary>{inside}</details>'
    )
