"""The fix for a cell or parameter that is refused: how its value is to be written.

Where one number can be made out in a text ("3,5 kVA", "1,5 juta", "40 *)") it is offered, never
read: only the office can state that nothing else was meant.
"""

from __future__ import annotations

import re
from unicodedata import category

from pydantic.fields import FieldInfo

from ikmplan.input.cells import (
    CUT,
    RESERVED_KEYS,
    TAKEN_FOR_A_DATE,
    allowed_values,
    as_key,
    failed_formula,
    is_key,
    kind_of,
    may_be_empty,
    number_text,
    parse_number,
    range_limits,
    two_meanings,
    without_currency,
)
from ikmplan.input.plain_text import (
    SCALE_WORD,
    SCALES,
    as_was_written,
    stands_for_another,
    too_narrow,
)
from ikmplan.text import N_, _

_NONE = re.compile(r"(rp\.?\s*)?[-–—−]+|nihil|kosong|tidak ada", re.IGNORECASE)
_ENGLISH = re.compile(r"[1-9]\d{0,2}(,\d{3})+(\.\d{1,2})?|[1-9]\d{0,2}(,\d{3}){2,}")
_ABOUT = r"(?:[±~≈<>≤≥]|\b(?:ca|kl|sekitar|kira-kira)\b\.?)?\s*(?:rp\.?|idr)?"
_SCALED = re.compile(rf"{_ABOUT}\s*([\d.,]+)\s*({SCALE_WORD})\b\D*", re.IGNORECASE)
# a letter that may stand for a scale: M is miliar in Indonesia and million elsewhere
_LETTER = re.compile(rf"{_ABOUT}\s*([\d.,]*\d)\s*([mkt])\b\W*", re.IGNORECASE)
_LETTER_ZEROS = {"k": 3, "m": 9, "t": 12}
_SQUARE = re.compile(r"(?<=m)[23](?!\w)", re.IGNORECASE)  # of m2 and m3
_RUPIAH_END = re.compile(r"\s*[.,;]+\s*[-–=]+$")
# what makes of the digits another number than they are: a sign, a fraction, another currency, a
# letter for a digit (4O), a part of a date (5-Jan)
_OTHER_NUMBER = re.compile(
    r"[-–−/^:=×²³¹½¼¾%‰$€£¥_]\s*[\d.,]*\d|\d\s*[-–−/^:×²³¹½¼¾%‰$€£¥_]"
    r"|\b(?:usd?|eur|sgd|myr)\b|\d[a-ln-z]\b|(?<![a-z])[a-ln-z]\d|^\(.*\d\)$",
    re.IGNORECASE,
)


def remedy(field: FieldInfo, value: str, out_of_range: bool, indonesian: bool = False) -> str:
    """The fix for this value of the column, in a file whose numbers are Indonesian or not."""
    kind = kind_of(field)
    if value.startswith("="):
        return _("It is a formula without a result: open and save the file in Excel, or write it.")
    if failed_formula(value):
        return _("It is a formula that failed: correct the formula, or write the value.")
    if too_narrow(value):
        return _("Its column was too narrow when the file was saved: widen it and save it again.")
    if (stands_for_another(value) or value == "-") and may_be_empty(field):
        return _("Leave the cell empty, or write its value.")
    if stands_for_another(value):
        return _("Write the value itself, as in the other rows.")
    extra = field.json_schema_extra
    hint = extra.get("too_large") if isinstance(extra, dict) else ""
    if out_of_range and hint and not value.startswith("-"):
        return _(str(hint))
    if "number" in kind:
        if value.endswith("%") or (out_of_range and range_limits(field) == (0, 1)):
            return percentage()
        if out_of_range:
            return _("Write a number in this range.")
        if re.match(r"\d{4}-\d\d-\d\d", value):
            return _(TAKEN_FOR_A_DATE)
        return number_meant(field, value, indonesian) or example(field)
    if "words" in kind:
        if "@" in value:
            return _("A fund pays for a key wherever it is used: leave out “@” and what follows.")
        return example(field)
    if "key" in kind:
        if value in RESERVED_KEYS:
            return _("“{word}” has a meaning of its own; choose another key.", word=value)
        key = as_key(value)
        if is_key(key):
            return _("Write it as {key}.", key=key) if key != value else example(field)
    if "text" in kind and re.fullmatch(r"-?\d[\d.,]*([eE]\+?\d+)?", value):
        return _("Format the cell as text and write it again: a number keeps 15 digits at most.")
    if "text" in kind and (right := as_was_written(value)) != value:
        return _("A program misread it: write it as {text}.", text=right)
    if "text" in kind and value:
        return _("Write it on one line, as text.")
    if value.lower() in allowed_values(field):
        return _("Write it as {key}.", key=value.lower())
    return example(field)


def example(field: FieldInfo) -> str:
    """How to write such a cell, for the fix of a fault."""
    kind = kind_of(field)
    low, high = range_limits(field)
    if "whole" in kind and low is not None and high is not None and high < 20:
        return _("Write it in digits, such as {number}.", number=number_text(low))
    if "whole" in kind:
        return _("Write it in digits, such as 20 or 1500000.")
    if "number" in kind:
        return _("Write it in digits, such as 0.25 (with “;” between the columns: 0,25).")
    if "words" in kind:
        return _("Write it like: training equipment.")
    if "key" in kind:
        return _("Write it like processed_food.")
    return _("Fill in the cell.") if "text" in kind else _("Choose one of them.")


def percentage() -> str:
    return _("A share is not a percentage: 30% is written 0.3 (or 0,3).")


# --- the number that a text may mean


def number_meant(field: FieldInfo, value: str, indonesian: bool = False) -> str | None:
    """The fix that offers the number, or the two numbers, that a text may mean; None where no
    number of this column can be made out in it."""
    if _NONE.fullmatch(value):
        low, _high = range_limits(field)
        return None if low else _("If it means none, write 0.")
    if CUT.fullmatch(value):
        return _("A program has shortened it: write all its digits.")
    text = _RUPIAH_END.sub("", value)
    fixes = (two_meanings(value, indonesian), _without_marks(value), _scaled(text))
    return next(filter(None, fixes), None) or _alone(field, text, indonesian)


def _without_marks(value: str) -> str | None:
    """The fix for "1 500" and "1'500", whatever kind of space or mark it is."""
    number = without_currency(value)
    digits = "".join(
        letter
        for letter in number
        if not (letter.isspace() or letter in "'’‘`´_" or category(letter) == "Cf")
    )
    if digits == number or not re.fullmatch(r"-?\d[\d.,]*", digits):
        return None
    message = N_("There is a space or another mark in it; if it is one number, write {number}.")
    return _(message, number=digits)


def _scaled(text: str) -> str | None:
    """The fix for "1,5 juta" and "1,2 M": the same in digits."""
    if found := _SCALED.fullmatch(text):
        digits, zeros = found[1], SCALES[found[2].lower()]
    elif found := _LETTER.fullmatch(text):
        digits, zeros = found[1], _LETTER_ZEROS[found[2].lower()]
    else:
        return None
    three = re.fullmatch(r"(\d+)[.,](\d{3})", digits)
    if not three and not re.fullmatch(r"\d+([.,]\d{1,2})?", digits):
        return None
    number = round(float(digits.replace(",", ".")) * 10**zeros)
    if three:  # 1.500 juta
        return _two_numbers(int(three[1] + three[2]) * 10**zeros, number)
    if found[2] in "mM":
        return _two_numbers(number, number // 1000)
    return _("Write it in full: {number}.", number=number)


def _two_numbers(large: int, small: int) -> str:
    message = N_("It could mean two numbers: write {large} or {small}.")
    return _(message, large=large, small=small)


def _alone(field: FieldInfo, text: str, indonesian: bool) -> str | None:
    """The fix for "3,5 kVA" and "40 *)", which hold one number that the column takes."""
    plain = _SQUARE.sub("", text)
    numbers = re.findall(r"[\d.,]*\d", plain)
    if len(numbers) != 1 or _OTHER_NUMBER.search(plain):
        return None
    digits = numbers[0]
    if digits[0] in ".,":  # of .25, and of Rp.25
        digits = digits[1:] if re.search(r"[a-z][.,]", plain, re.IGNORECASE) else "0" + digits
    try:
        number = parse_number(digits.replace(",", "") if _ENGLISH.fullmatch(digits) else digits,
                              indonesian=False)  # fmt: skip
    except ValueError:
        return two_meanings(digits, indonesian)
    low, high = range_limits(field)
    whole = "whole" in kind_of(field)
    if (whole and number != round(number)) or not (low or 0) <= number <= (high or number):
        return None
    shown = f"{number:.15g}"
    shown = shown.replace(".", ",") if indonesian else shown
    if digits == text:
        return _("Write it as {key}.", key=shown)
    return _("Write the number alone, if it is {number}.", number=shown)
