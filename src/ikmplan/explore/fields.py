"""The parameters that a planner changes: label, slider or check box, and the value in words.

`fields(case)` lists them. `typed` reads a text as a number, strictly, in the notation of the
current language ("1,5 miliar", "25%"); `field_text` writes it back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from ikmplan.faults import BadInput, Fault
from ikmplan.input.case import Case
from ikmplan.input.cells import parse_number, two_meanings
from ikmplan.input.plain_text import SCALE_WORD, SCALES
from ikmplan.input.scenario import COST, REACH, Scenario
from ikmplan.text import N_, _, current_language, number, rupiah, share_text

GOAL = "goal"  # the parameter behind the switch that asks for the cheapest plan
KEEP = "near"  # the parameter behind the switch that keeps most of the plan shown
MONEY, SHARE, FACTOR, COUNT, FLAG = "money", "share", "factor", "count", "flag"
STEP = 10_000_000  # rupiah, of a slider
_GROUPED = re.compile(r"-?[1-9]\d{0,2}(,\d{3}){2,}(\.\d+)?")  # 1,500,000: no Indonesian number
_IN_WORDS = re.compile(rf"(?i)(.*\d)\s*({SCALE_WORD})")
EXAMPLES = {MONEY: 1_500_000_000, SHARE: 0.25, FACTOR: 1.25, COUNT: 20}
GROUPS = {
    "money": N_("Money"),
    "fairness": N_("Fairness"),
    "kept": N_("The plan shown"),
    "targets": N_("Targets and shares"),
    "floors": N_("Floor of single clusters"),
}


@dataclass(frozen=True)
class Field:
    """A parameter of the scenario: a text field and a slider, or a check box; and words."""

    name: str  # of the parameter; "funds.apbd" is one amount of its funds
    kind: str
    group: str
    label: str
    value: float | int | None
    low: float
    high: float
    step: float
    words: str  # what the value means

    @property
    def shown(self) -> str:
        if self.value is None or self.kind == FLAG:
            return ""
        return field_text(self.value, self.kind)

    @property
    def place(self) -> float:
        """Of the slider; of a check box 0 or 1."""
        return min(max(self.value or 0, self.low), self.high)

    def change(self, case: Case, value: float | int | None) -> dict[str, Any]:
        """The parameters of the scenario, with their values, that give the field this value."""
        name, _point, key = self.name.partition(".")
        if name == GOAL:
            return {GOAL: COST if value else REACH}
        if not key:
            return {name: value}
        values = {k: v for k, v in getattr(case.scenario, name).items() if k != key}
        return {name: values if value is None else {**values, key: value}}


def fields(case: Case, first: Case | None = None) -> list[Field]:
    """Every field with its value in `case`; `first` decides how far the sliders go."""
    listed = _money(case, first or case), _fairness(case), _kept(case), _targets(case)
    return [*chain(*listed), *_floors(case)]


def _money(case: Case, first: Case) -> Iterator[Field]:
    s, held = case.scenario, sum(case.fund_amount.values())
    high = _up(max(sum(first.fund_amount.values()), first.budget))
    words = _("= {amount}", amount=rupiah(case.budget, short=True))
    if s.budget is None:
        words = _("= {amount}, all that the funds hold", amount=rupiah(held, short=True))
    elif case.budget > held:
        words += ". " + _("The funds hold only {held}.", held=rupiah(held, short=True))
    label = _("Budget (rupiah)")
    yield Field("budget", MONEY, "money", label, case.budget, 0, high, STEP, words)
    for f, amount in case.fund_amount.items():
        label = _("Fund {name} (rupiah)", name=case.name(f))
        words = _("= {amount}", amount=rupiah(amount, short=True))
        if f in s.funds:
            table = rupiah(case.funds[f].amount, short=True)
            words = _("{words}; the table states {amount}", words=words, amount=table)
        most = _up(2 * max(case.funds[f].amount, first.fund_amount.get(f, 0)))
        yield Field(f"funds.{f}", MONEY, "money", label, amount, 0, most, STEP, words)
    words = _("= {share} of the prices in the tables", share=share_text(s.price_factor))
    label = _("Price factor")
    yield Field("price_factor", FACTOR, "money", label, s.price_factor, 0.5, 2, 0.05, words)
    words = _("= {share} of the trainer-days in the tables", share=share_text(s.trainer_factor))
    label = _("Trainer-day factor")
    yield Field("trainer_factor", FACTOR, "money", label, s.trainer_factor, 0, 3, 0.1, words)


def _fairness(case: Case) -> Iterator[Field]:
    s = case.scenario
    words = _("= at least {share} of the units in each cluster", share=share_text(s.floor))
    label = _("Floor of every cluster (%)")
    yield Field("floor", SHARE, "fairness", label, s.floor, 0, 0.5, 0.01, words)
    words = _("= {share} of the weight is on the worst-off cluster", share=share_text(s.equity))
    if s.is_cheapest:
        words = _("= no weight where the cheapest plan is asked for")
    label = _("Equity (%)")
    yield Field("equity", SHARE, "fairness", label, s.equity, 0, 1, 0.05, words)


def _kept(case: Case) -> Iterator[Field]:
    words = _("when a setting moves: of the plans within the gap, the nearest to the one shown")
    label, on = _("Keep most of the plan shown"), bool(case.scenario.near)
    yield Field(KEEP, FLAG, "kept", label, on, 0, 1, 1, words)


def _targets(case: Case) -> Iterator[Field]:
    s = case.scenario
    words = _("of all plans with these targets, floors and decisions, the cheapest")
    yield Field(GOAL, FLAG, "targets", _("Cheapest plan"), s.is_cheapest, 0, 1, 1, words)
    units = sum(n for c, n in case.size.items() if case.is_ikm(c))
    classes = max(20, 2 * sum(row.count for row in case.tables.announced))
    for name, kind, high, step, label, message in (
        (
            "target_units", COUNT, units, 1,
            _("Target: units coached"), N_("= at least {n} units"),
        ),
        (
            "target_reached", COUNT, units, 1,
            _("Target: units reached"), N_("= at least {n} units expected to be reached"),
        ),
        (
            "target_classes", COUNT, classes, 1,
            _("Target: classes"), N_("= at least {n} classes"),
        ),
        (
            "training_share_min", SHARE, 1, 0.05,
            _("Training: least share of the money (%)"),
            N_("= at least {share} of the money goes to training"),
        ),
        (
            "training_share_max", SHARE, 1, 0.05,
            _("Training: largest share of the money (%)"),
            N_("= at most {share} of the money goes to training"),
        ),
    ):  # fmt: skip
        value, words = getattr(s, name), _("= no target")
        if value is not None:
            words = _(message, n=number(value), share=share_text(value))
        yield Field(name, kind, "targets", label, value, 0, high, step, words)
    name, label = "users_trained", _("Every user trained")
    words = _(str(Scenario.model_fields[name].description))
    yield Field(name, FLAG, "targets", label, s.users_trained, 0, 1, 1, words)


def _floors(case: Case) -> Iterator[Field]:
    s = case.scenario
    for c, row in case.clusters.items():
        if case.size[c] == 0 or not case.packages[c]:
            continue
        own, general = s.floors.get(c), s.floor if row.kind == "ikm" else 0.0
        value = general if own is None else own
        n = {"n": number(value * case.size[c], 1), "all": number(case.size[c])}
        if not case.is_ikm(c):
            words = _("= {n} of {all} candidates", **n)
        else:
            words = _("= {n} of {all} units", **n)
            words += _(", as for every cluster") if own is None else ""
        yield Field(f"floors.{c}", SHARE, "floors", row.name, value, 0, 1, 0.01, words)


def _up(amount: float) -> int:
    return -(-round(amount) // STEP) * STEP or 100 * STEP


# --- numbers as they are typed ------------------------------------------------------------


def typed(name: str, kind: str, text: str) -> float | int | None:
    """The number in the text of field `name`; None for an empty text. Raises `BadInput`."""
    typed_text = text.strip()
    if not typed_text:
        return None
    indonesian = current_language() == "id"
    if not indonesian and _GROUPED.fullmatch(typed_text):
        typed_text = typed_text.replace(",", "")
    try:
        percentage = re.fullmatch(r"(.*\d)\s*%", typed_text)
        if kind in (SHARE, FACTOR) and percentage:
            return round(parse_number(percentage[1], indonesian) / 100, 12)
        in_words = _IN_WORDS.fullmatch(typed_text) if kind == MONEY else None
        if in_words:
            zeros = SCALES[in_words[2].lower()]
            scaled: float = parse_number(in_words[1], indonesian, True) * 10**zeros
            return round(scaled) if abs(scaled - round(scaled)) < 1e-3 else scaled
        found = parse_number(typed_text, indonesian, kind == MONEY)
    except ValueError:
        example = _("Write it like {example}.", example=field_text(EXAMPLES[kind], kind))
        fix = two_meanings(typed_text) or example
        raise _refused(name, text, _("is not a number."), fix) from None
    if kind == SHARE and 1 < found <= 100:
        fix = _("Write {percent}.", percent=f"{typed_text}%")
        raise _refused(name, text, _("is more than the whole."), fix)
    return found


def typed_shares(texts: Mapping[str, str]) -> dict[str, float]:
    """The shares in these texts; of empty ones none. Raises `BadInput` with every fault.

    A “1” is refused: one percent and the whole are both likely."""
    found, faults = {}, []
    for name, text in texts.items():
        try:
            share = typed(name, SHARE, text)
            if share == 1 and "%" not in text:
                raise _refused(name, text, _("has two meanings."), _("Write 1% or 100%."))
            if share is not None:
                found[name] = float(share)
        except BadInput as error:
            faults += error.faults
    if faults:
        raise BadInput(faults)
    return found


def _refused(name: str, text: str, problem: str, fix: str) -> BadInput:
    return BadInput([Fault(_("scenario"), None, name, text, problem, fix)])


def field_text(value: float | int, kind: str = FACTOR) -> str:
    """The number as a field shows it: `typed` reads it as the same number."""
    if kind == SHARE:
        return _digits(round(value * 100, 10)) + "%"
    if current_language() == "id" and isinstance(value, int):
        return number(value)
    if kind == MONEY and abs(value) >= 1_000_000:
        return f"{round(value):,}"
    return _digits(value)


def _digits(value: float | int) -> str:
    text = str(value) if isinstance(value, int) else f"{value:.9f}".rstrip("0").rstrip(".")
    if current_language() == "id":
        return text.replace(".", ",")
    return text + "0" if two_meanings(text) else text
