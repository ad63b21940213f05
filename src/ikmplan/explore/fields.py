"""The numbers that a planner moves: each with its label, its slider, and its value in words.

`fields(case)` lists them. A field reads what was typed strictly, in the way the scenario's
language writes numbers ("1,5 miliar", "25%"), and says back what it understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ikmplan.faults import BadInput, Fault
from ikmplan.input.case import Case
from ikmplan.input.cells import parse_number, two_meanings
from ikmplan.input.scenario import Scenario
from ikmplan.text import N_, _, current_language, number, percent, rupiah

MONEY, SHARE, FACTOR, COUNT = "money", "share", "factor", "count"
STEP = 10_000_000  # rupiah, of a slider
_POWERS = {
    3: ("ribu", "rb", "thousand"),
    6: ("juta", "jt", "million"),
    9: ("miliar", "milyar", "billion"),
    12: ("triliun", "trilyun", "trillion"),
}
_WORDS: dict[str, int] = {word: 10**power for power, words in _POWERS.items() for word in words}
_GROUPED = re.compile(r"-?[1-9]\d{0,2}(,\d{3}){2,}(\.\d+)?")  # 1,500,000: no Indonesian number
_IN_WORDS = re.compile(rf"(?i)(.*\d)\s*({'|'.join(_WORDS)})")
EXAMPLES = {MONEY: 1_500_000_000, SHARE: 0.25, FACTOR: 1.25, COUNT: 20}
GROUPS = {
    "money": N_("Money"),
    "fairness": N_("Fairness"),
    "targets": N_("Targets and shares"),
    "floors": N_("Floor of single clusters"),
}


@dataclass(frozen=True)
class Field:
    """A number of the scenario: a text field, a slider and words."""

    name: str  # of the scenario's field; "funds.apbd" is one amount of its funds
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
        return "" if self.value is None else field_text(self.value, self.kind)

    @property
    def place(self) -> float:
        """Where the slider stands."""
        return min(max(self.value or 0, self.low), self.high)

    def change(self, case: Case, value: float | int | None) -> dict[str, Any]:
        """The scenario's fields that give this one the value."""
        field, _point, key = self.name.partition(".")
        if not key:
            return {field: value}
        values = {k: v for k, v in getattr(case.scenario, field).items() if k != key}
        return {field: values if value is None else {**values, key: value}}


def fields(case: Case, first: Case | None = None) -> list[Field]:
    """Every field with its value in `case`; the sliders reach as `first` says."""
    return [*_money(case, first or case), *_fairness(case), *_targets(case), *_floors(case)]


def _money(case: Case, first: Case) -> Iterator[Field]:
    s, held = case.scenario, sum(case.fund_amount.values())
    high = _up(max(sum(first.fund_amount.values()), first.budget))
    message = _("= {amount}", amount=rupiah(case.budget, short=True))
    if s.budget is None:
        message = _("= {amount}, all that the funds hold", amount=rupiah(held, short=True))
    elif case.budget > held:
        message += ". " + _("The funds hold only {held}.", held=rupiah(held, short=True))
    label = _("Budget (rupiah)")
    yield Field("budget", MONEY, "money", label, case.budget, 0, high, STEP, message)
    for f, amount in case.fund_amount.items():
        label = _("Fund {name} (rupiah)", name=case.name(f))
        message = _("= {amount}", amount=rupiah(amount, short=True))
        if f in s.funds:
            table = rupiah(case.funds[f].amount, short=True)
            message = _("{words}; the table says {amount}", words=message, amount=table)
        most = _up(2 * max(case.funds[f].amount, first.fund_amount.get(f, 0)))
        yield Field(f"funds.{f}", MONEY, "money", label, amount, 0, most, STEP, message)
    message = _("= {share} of the prices in the tables", share=_percent(s.price_factor))
    label = _("Price factor")
    yield Field("price_factor", FACTOR, "money", label, s.price_factor, 0.5, 2, 0.05, message)
    message = _("= {share} of the trainer-days in the tables", share=_percent(s.trainer_factor))
    label = _("Trainer-day factor")
    yield Field("trainer_factor", FACTOR, "money", label, s.trainer_factor, 0, 3, 0.1, message)


def _fairness(case: Case) -> Iterator[Field]:
    s = case.scenario
    message = _("= at least {share} of the units in each cluster", share=_percent(s.floor))
    label = _("Floor of every cluster (%)")
    yield Field("floor", SHARE, "fairness", label, s.floor, 0, 0.5, 0.01, message)
    message = _("= {share} of the weight is on the worst-off cluster", share=_percent(s.equity))
    label = _("Equity (%)")
    yield Field("equity", SHARE, "fairness", label, s.equity, 0, 1, 0.05, message)


def _targets(case: Case) -> Iterator[Field]:
    s = case.scenario
    units = sum(n for c, n in case.size.items() if case.is_ikm(c))
    classes = max(20, 2 * sum(row.count for row in case.tables.announced))
    none = _("= no target")
    for name, label, high, words in (
        ("target_units", _("Target: units coached"), units, N_("= at least {n} units")),
        ("target_classes", _("Target: classes"), classes, N_("= at least {n} classes")),
    ):
        value = getattr(s, name)
        message = none if value is None else _(words, n=number(value))
        yield Field(name, COUNT, "targets", label, value, 0, high, 1, message)
    for name, label, words in (
        (
            "training_share_min", _("Training: least share of the money (%)"),
            N_("= at least {share} of the money goes to training"),
        ),
        (
            "training_share_max", _("Training: largest share of the money (%)"),
            N_("= at most {share} of the money goes to training"),
        ),
    ):  # fmt: skip
        value = getattr(s, name)
        message = _(words, share=_percent(value))
        yield Field(name, SHARE, "targets", label, value, 0, 1, 0.05, message)


def _floors(case: Case) -> Iterator[Field]:
    s = case.scenario
    for c, row in case.clusters.items():
        if case.size[c] == 0 or not case.packages[c]:
            continue
        own, general = s.floors.get(c), s.floor if row.kind == "ikm" else 0.0
        value = general if own is None else own
        message = _("= {n} of {all} units", n=number(value * case.size[c], 1), all=case.size[c])
        if own is None:
            message += _(", as for every cluster") if row.kind == "ikm" else ""
        yield Field(f"floors.{c}", SHARE, "floors", row.name, value, 0, 1, 0.01, message)


def _up(amount: float) -> int:
    return -(-round(amount) // STEP) * STEP or 100 * STEP


def _percent(share: float) -> str:
    return percent(share, 0 if round(share * 1000) % 10 == 0 else 1)


# --- numbers as they are typed ------------------------------------------------------------


def typed(name: str, kind: str, text: str) -> float | int | None:
    """The number in a text, read strictly; nothing is None. Raises `BadInput`."""
    message = text.strip()
    if not message:
        return None
    indonesian = current_language() == "id"
    if not indonesian and _GROUPED.fullmatch(message):
        message = message.replace(",", "")
    try:
        percentage = re.fullmatch(r"(.*\d)\s*%", message)
        if kind in (SHARE, FACTOR) and percentage:
            return round(parse_number(percentage[1], indonesian) / 100, 12)
        in_words = _IN_WORDS.fullmatch(message) if kind == MONEY else None
        if in_words:
            scaled: float = parse_number(in_words[1], indonesian) * _WORDS[in_words[2].lower()]
            return round(scaled) if abs(scaled - round(scaled)) < 1e-3 else scaled
        found = parse_number(message, indonesian)
    except ValueError:
        like = _("Write it like {example}.", example=field_text(EXAMPLES[kind], kind))
        raise _refused(name, text, _("is not a number."), two_meanings(message) or like) from None
    if kind == SHARE and 1 < found <= 100:
        fix = _("Write {percent}.", percent=f"{message}%")
        raise _refused(name, text, _("is more than the whole."), fix)
    return found


def _refused(name: str, text: str, message: str, fix: str) -> BadInput:
    return BadInput([Fault(_("scenario"), None, name, text, message, fix)])


def needs_value(name: str) -> bool:
    """Whether an empty field would be no value of the scenario's."""
    return "." not in name and Scenario.model_fields[name].default is not None


def field_text(value: float | int, kind: str = FACTOR) -> str:
    """The number as a field shows it: `typed` reads it as the same number."""
    if kind == SHARE:
        return _plain(round(value * 100, 10)) + "%"
    if current_language() == "id" and isinstance(value, int):
        return number(value)
    if kind == MONEY and abs(value) >= 1_000_000:
        return f"{round(value):,}"
    return _plain(value)


def _plain(value: float | int) -> str:
    message = str(value) if isinstance(value, int) else f"{value:.9f}".rstrip("0").rstrip(".")
    if current_language() == "id":
        return message.replace(".", ",")
    return message + "0" if two_meanings(message) else message
