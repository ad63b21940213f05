"""The fix for a cell or parameter that is refused: how its value is to be written.

Where one number can be made out in a text ("3,5 kVA", "1,5 juta", "40 *)") it is offered, never
read: only the office can state that nothing else was meant.
"""

from __future__ import annotations

import re
from contextlib import suppress
from unicodedata import category

from pydantic.fields import FieldInfo

from ikmplan.input.cells import (
    CUT,
    MOST_OF_ANY,
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
    unit_of,
    without_currency,
    yes_or_no,
)
from ikmplan.input.plain_text import (
    SCALE_WORD,
    SCALES,
    as_was_written,
    means_none,
    stands_for_another,
    too_narrow,
)
from ikmplan.input.unit_words import choice_of, leave_the_number, roman
from ikmplan.text import N_, _

_ENGLISH = re.compile(r"[1-9]\d{0,2}(,\d{3})+(\.\d{1,2})?|[1-9]\d{0,2}(,\d{3}){2,}")
_MARK = r"[\s'’‘`´_]"
# 1 500 and 1'500.5; 2.250 .000
_SPACED = re.compile(
    rf"[1-9]\d{{0,2}}({_MARK}+\d{{3}})+([.,]\d+)?"
    rf"|[1-9]\d{{0,2}}({_MARK}*[.,]{_MARK}*\d{{3}})+([.,]\d+)?"
)
_ABOUT = r"(?:[±~≈<>≤≥]|\b(?:ca|kl|sekitar|kira-kira)\b\.?)?\s*(?P<rupiah>rp\.?|idr)?"
_SCALED = re.compile(rf"{_ABOUT}\s*([\d.,]+)\s*({SCALE_WORD})\b(\D*)", re.IGNORECASE)
# a letter that may stand for a scale: M is miliar in Indonesia and million elsewhere
_LETTER = re.compile(rf"{_ABOUT}\s*([\d.,]*\d)\s*([mkt])\b(\D*)", re.IGNORECASE)
_LETTER_ZEROS = {"k": 3, "m": 9, "t": 12}
_SQUARE = re.compile(r"(?<=m)2(?!\w)", re.IGNORECASE)  # of m2
_RUPIAH_END = re.compile(r"\s*[.,;]+\s*[-–=]+$")
_PERCENT = re.compile(r"(.*\d)\s*(%|persen|per\s?cent|pct)\W*", re.IGNORECASE | re.DOTALL)
YEARS = (1945, 2100)  # limits of the columns that hold a year
_SHARES = ("", "share 0–1")  # units of columns that take a share or a factor
_MONEY = re.compile(r"\b(rp|idr|rupiah)(?![a-z])", re.IGNORECASE)
# the same number again, as papers have it: 30 (tiga puluh)
_IN_WORDS = re.compile(
    r"\((satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|se(puluh|belas|ratus|ribu|juta))\b"
    r"[a-z\s-]*\)",
    re.IGNORECASE,
)
# what makes of the digits another number than they are: a sign, a fraction, another currency, a
# letter for a digit (4O), a part of a date (5-Jan), a word (5 ratus)
_OTHER_NUMBER = re.compile(
    r"[-–−/^:=×²³¹½¼¾%‰$€£¥_]\s*[\d.,]*\d|\d\s*[-–−/^:×²³¹½¼¾%‰$€£¥_]"
    r"|\b(?:usd?|eur|sgd|myr|rm|dol+ars?|euro|ringgit|yen)\b|\d[a-ln-z]\b|(?<![a-z])[a-ln-z]\d"
    rf"|^\(.*\d\)$|\b(?:minus|kurang|setengah|separuh|lusin|kodi|gros|persen|per\s?cent|pct)\b"
    rf"|(?:\b|\d)(?:(?:{SCALE_WORD}|ratus|puluh)(?:an)?|belas)\b",
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
    if value == "":
        return _("Fill in the cell, also where it is as in the row above.")
    # an empty cell of a column of numbers holds its default, which need not be 0
    none = means_none(value) and ("number" not in kind or "nothing" in kind or not _takes(field, 0))
    if (stands_for_another(value) or none) and may_be_empty(field):
        return _("Leave the cell empty, or write its value.")
    if stands_for_another(value):
        return _("Write the value itself, as in the other rows.")
    extra = field.json_schema_extra
    hint = extra.get("too_large") if isinstance(extra, dict) else ""
    if out_of_range and hint and not value.startswith("-"):
        return _(str(hint))
    if "number" in kind:
        if fix := percentage_meant(field, value, indonesian):
            return fix
        if out_of_range:
            return _("Write a number in this range.")
        if re.match(r"\d{4}-\d\d-\d\d", value):
            return _(TAKEN_FOR_A_DATE)
        if "whole" in kind and re.fullmatch(r"\d+[.,]\d+", value) and not two_meanings(value):
            return _("Write it without decimals.")
        return number_meant(field, value, indonesian) or _alone_in_unit(field, value)
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
    if "text" in kind and value == "0":
        return _("A formula gives 0 for an empty cell: write the text, or 0 formatted as text.")
    if "text" in kind and re.fullmatch(r"-?\d[\d.,]*([eE]\+?\d+)?", value):
        return _("Format the cell as text and write it again: a number keeps 15 digits at most.")
    if "text" in kind and (right := as_was_written(value)) != value:
        return _("A program misread it: write it as {text}.", text=right)
    if "text" in kind and value:
        return _("Write it on one line, as text.")
    if choice_of(value) in allowed_values(field):
        return _("Write it as {key}.", key=choice_of(value))
    return example(field)


def parameter_remedy(field: FieldInfo, shown: str, out_of_range: bool) -> str:
    """The fix for this value of a scenario's parameter."""
    kind = kind_of(field)
    is_number = kind.startswith(("a number", "a whole number"))
    if is_number and (fix := percentage_meant(field, shown)):
        return fix
    if out_of_range:
        return _("Write a number in this range.")
    if shown.lower() in allowed_values(field):
        return _("Write it as {key}.", key=shown.lower())
    if kind == "true or false":
        with suppress(ValueError):
            return _("Write it as {key}.", key=str(yes_or_no(shown)).lower())
    meant = number_meant(field, shown) if is_number else None
    return meant or _("Change it, or remove the line to take the default.")


def example(field: FieldInfo) -> str:
    """How to write such a cell, for the fix of a fault."""
    kind = kind_of(field)
    low, high = range_limits(field)
    if "whole" in kind and low is not None and high is not None and not low <= 20 < high:
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


def percentage_meant(field: FieldInfo, value: str, indonesian: bool = False) -> str | None:
    """The fix of a percentage, or of a number that is one in a column of shares; None where the
    column takes neither shares nor factors, or the value is none."""
    found = _PERCENT.fullmatch(value)
    digits = found[1] if found else value
    if unit_of(field) not in _SHARES or "whole" in kind_of(field):
        return None
    if not (found or range_limits(field) == (0, 1)):
        return None
    try:
        number = parse_number(digits, indonesian)
    except ValueError:
        return percentage() if found else None
    share = round(number / 100, 12) if abs(number) <= MOST_OF_ANY else -1
    taken = _takes(field, share)
    if found and taken:
        message = N_("A share is not a percentage: {percent}% is written {share}.")
    elif taken and number > 1:  # 1.5 may be 1.5%, or a slip: 150% is no share
        message = N_("A share is at most 1, which is 100%. If {percent}% is meant, write {share}.")
    elif range_limits(field) == (0, 1) and number > 1:
        return _("A share is at most 1, which is 100%: write a number from 0 to 1.")
    else:
        return _("Write a number in this range.") if found else None
    return _(message, percent=_shown(number, indonesian), share=_shown(share, indonesian))


def _alone_in_unit(field: FieldInfo, value: str) -> str:
    """The fix of a text with digits in which no number can be made out, or of another text."""
    unit = unit_of(field)
    if unit in _SHARES or not re.search(r"\d", value) or re.fullmatch(r"[\d\s.,]+", value):
        return example(field)
    return _("Write one number alone ({unit}).", unit=_(unit))


# --- the number that a text may mean


def number_meant(field: FieldInfo, value: str, indonesian: bool = False) -> str | None:
    """The fix that offers the number, or the two numbers, that a text may mean; None where no
    number that the column takes can be made out in it."""
    if means_none(value):
        return _("If it means none, write 0.") if _takes(field, 0) else None
    if CUT.fullmatch(value):
        return _("A program has shortened it: write all its digits.")
    unit = unit_of(field)
    if unit not in ("", "rupiah") and _MONEY.search(value):
        return None
    text = _RUPIAH_END.sub("", value)
    plain = _IN_WORDS.sub("", text).strip()
    message = N_("Write the number alone, if it is {number}.")
    if numbers := _without_marks(plain):
        message = N_("There is a space or another mark in it; if it is one number, write {number}.")
    elif numbers := _scaled(plain, unit):
        message = N_("Write it in full: {number}.")
    elif numbers := _only_year(field, plain) or roman(plain, unit):
        message = N_("Write the number alone, if it is {number}.")
    elif (numbers := _alone(plain, unit)) and re.fullmatch(r"\d([\d.,]*\d)?", text):
        message = N_("Write it as {key}.")
    shown = [_shown(n, indonesian) for n in numbers if _takes(field, n)]
    if len(shown) == 2:
        message = N_("It could mean two numbers: write {large} or {small}.")
        return _(message, large=shown[0], small=shown[1])
    return _(message, number=shown[0], key=shown[0]) if shown else None


def _takes(field: FieldInfo, number: float) -> bool:
    """Whether the column takes the number."""
    low, high = range_limits(field)
    above = next((m.gt for m in field.metadata if hasattr(m, "gt")), None)
    whole = number == round(number) or "whole" not in kind_of(field)
    in_range = (low or 0) <= number <= (number if high is None else high)
    return whole and in_range and (above is None or number > above)


def _shown(number: float, indonesian: bool) -> str:
    """The number as it is read in such a file."""
    if number == round(number):
        return str(round(number))
    text = f"{number:.15g}"
    if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", text):  # else it might be thousands
        text += "0"
    return text.replace(".", ",") if indonesian else text


def _readings(digits: str) -> list[float]:
    """The number that digits and points mean; the two that they may mean, the large one first."""
    if _ENGLISH.fullmatch(digits) and not two_meanings(digits):
        digits = digits.replace(",", "")
    try:
        return [parse_number(digits, indonesian=False, is_money=True)]
    except ValueError:
        if not two_meanings(digits):
            return []
    whole, part = re.sub("[.,]", "", digits[:-4]), digits[-3:]
    return [int(whole + part), float(f"{whole}.{part}")]


def _without_marks(text: str) -> list[float]:
    """The number of "1 500" and "1'500", whatever kind of space or mark it is."""
    number = without_currency(text)
    seen = "".join(letter for letter in number if category(letter) != "Cf")
    digits = re.sub(_MARK, "", seen)
    if digits == number or (digits != seen and not _SPACED.fullmatch(seen)):
        return []
    return _readings(digits)


def _scaled(text: str, unit: str) -> list[float]:
    """The number of "1,5 juta" and "1,2 M"; two where it may mean two, the large one first."""
    if found := _SCALED.fullmatch(text):
        zeros = SCALES[found[3].lower()]
    elif (found := _LETTER.fullmatch(text)) and (
        unit == "rupiah" or found["rupiah"] or found[3] in "kK"
    ):
        zeros = _LETTER_ZEROS[found[3].lower()]
    else:
        return []
    digits = found[2]
    if _OTHER_NUMBER.search(found[4]) or not leave_the_number(found[4], unit):  # 5 juta dolar
        return []
    if three := re.fullmatch(r"([1-9]\d{0,2})[.,](\d{3})", digits):  # 1.500 juta
        large = int(three[1] + three[2]) * 10**zeros
        return [large, large // 1000]
    if not re.fullmatch(r"\d+([.,]\d{1,2})?|0[.,]\d+", digits):
        return []
    number = round(float(digits.replace(",", ".")) * 10**zeros)
    return [number, number // 1000] if found[3] in "mM" else [number]


def _only_year(field: FieldInfo, text: str) -> list[float]:
    """The year of "TA 2027" and "12 Jan 2027" in a column of years."""
    years = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", text)
    return [int(years[0])] if len(years) == 1 and range_limits(field) == YEARS else []


def _alone(text: str, unit: str) -> list[float]:
    """The number of "3,5 kVA" and "40 *)"; two where it may mean two."""
    plain = _SQUARE.sub("", text)
    numbers = re.findall(r"[\d.,]*\d", plain)
    if len(numbers) != 1 or _OTHER_NUMBER.search(plain) or not leave_the_number(plain, unit):
        return []
    digits = numbers[0]
    if digits[0] in ".,":  # of .25, and of Rp.25
        digits = digits[1:] if re.search(r"[a-z][.,]", plain, re.IGNORECASE) else "0" + digits
    return _readings(digits)
