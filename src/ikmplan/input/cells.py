"""One cell: the types a column can have, how each is read, and what it expects.

Numbers are read strictly. A `;` file is Indonesian (1.500.000 and 1,5); a `,`
file or a workbook's text cell may use either form where it can mean only one
number. What could be read two ways ("1.500") is refused, never guessed.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from unicodedata import combining, normalize

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo
from pydantic.fields import FieldInfo

from ikmplan.input.plain_text import (
    as_was_written,
    bare,
    means_none,
    one_line,
    stands_for_another,
    too_narrow,
    without_unseen,
)
from ikmplan.text import N_, _

CITY = "city"  # the host of what the whole city shares; no cluster may be called so
TRAINING, EQUIPMENT = "training", "equipment"
RESERVED_KEYS = {CITY, TRAINING, EQUIPMENT}
# The largest numbers of the input, so that nothing made of them reaches AUDIT_LIMIT. The largest
# step: a class of 1000 people costs MOST_COST x 100 (price_factor) x 1001, some 1e17.
MILLION = 1_000_000
MOST_RUPIAH = 2**53 - 1  # of a fund, of all funds together, of a budget: exact as a float
MOST_COST = 10**12  # rupiah of one class or participant
MOST_OF_ANY = 10**10  # of anything else
AUDIT_LIMIT = 10**18
SMALLEST = 1e-6  # amount above zero

# Cyrillic and Greek letters that look like those of a key
_ALIKE = str.maketrans("асеіјорѕухһԁοαν", "aceijopsyxhdoav")
_KEY = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")  # no "__": it joins keys in row names
KEY_IN_TEXT = "[a-z][a-z0-9_]*"  # a pattern, of scenarios: the tables show whether it is a key
_PLAIN = re.compile(r"-?\d+(\.\d+)?")
_INDONESIAN = re.compile(r"-?(\d+|[1-9]\d{0,2}(\.\d{3})+)(,\d+)?")
_TWO_MEANINGS = re.compile(r"(-?[1-9]\d{0,2})[.,](\d{3})")
_GROUPED = re.compile(r"-?[1-9]\d{0,2}(\.\d{3})+")
# thousands after another mark: 350.000,000 and 350000.000 may be 350 million, mistyped
_THOUSANDS = re.compile(r"(-?[1-9][\d.]*)[.,](000)")
_WHOLE_THOUSANDS = re.compile(r"(-?[1-9](?:\d*|\d{0,2}(?:\.\d{3})+))[.,](000)")
# "=A1" without result, and what Excel ("#REF!"), LibreOffice and Google show for a failed one
_FORMULA = re.compile(r"=.*|#[A-Z0-9/_]+[!?]?|(Err|Galat):\d{3}|Loading\.\.\.", re.DOTALL)
CUT = re.compile(r"\d([.,]\d+)?[eE]\+?\d+")  # 1.98E+17: what Excel leaves of a long number
_YES_NO = {"ya": True, "yes": True, "true": True, "1": True, "benar": True}
_YES_NO |= {"tidak": False, "no": False, "false": False, "0": False, "salah": False}

TAKEN_FOR_A_DATE = N_(
    "Excel took it for a date: format the cell as a number or text and write it again."
)


def parse_number(text: str, indonesian: bool, is_money: bool = False) -> float | int:
    """The number `text` means; ValueError where it means none, or could mean two. Of money alone
    rupiah may stand beside it."""
    digits = without_currency(text) if is_money else text.strip()
    if _THOUSANDS.fullmatch(digits) and not _GROUPED.fullmatch(digits):
        raise ValueError(text)
    if not indonesian:
        if _TWO_MEANINGS.fullmatch(digits):
            raise ValueError(text)
        if _PLAIN.fullmatch(digits):
            return _value(digits)
    if _INDONESIAN.fullmatch(digits):
        return _value(digits.replace(".", "").replace(",", "."))
    raise ValueError(text)


def without_currency(text: str) -> str:
    """The text without Rp before a number and ,- behind it."""
    return re.sub(r"(?i)^rp\.?\s*|,-$", "", text.strip())


def two_meanings(text: str) -> str | None:
    """The fix for "1.500", which is 1500 or 1.5; None where the text is not of that kind."""
    digits = without_currency(text)
    # not 22.50.000.000, which lacks a digit somewhere
    found = _TWO_MEANINGS.fullmatch(digits) or _WHOLE_THOUSANDS.fullmatch(digits)
    if not found:
        return None
    whole, part = found[1].replace(".", ""), found[2]
    decimals = part.rstrip("0")
    if len(decimals) == 3:
        decimals += "0"
    small = f"{whole}.{decimals}" if decimals else whole
    return _(
        "It could mean two numbers: write {large} or {small}.", large=whole + part, small=small
    )


def _value(plain: str) -> float | int:
    return float(plain) if "." in plain else int(plain)


def _number(cell: Any, info: ValidationInfo, is_money: bool = False) -> float | int:
    if isinstance(cell, str):
        cell = parse_number(cell, bool((info.context or {}).get("indonesian")), is_money)
    # the comparison also refuses NaN; limits of the columns refuse what is only too large
    if isinstance(cell, bool) or not isinstance(cell, (int, float)) or not abs(cell) < 1e300:
        raise ValueError(cell)
    # a sum such as 0.1 + 0.2 - 0.3 leaves 5.6e-17 in a workbook
    near = round(cell, 12)
    return (near if abs(cell - near) < 1e-15 else cell) + 0  # -0.0 is 0.0


def _not_tiny(number: float) -> float:
    """Solvers take a smaller coefficient for zero, and many small amounts would break a limit."""
    if 0 < number < SMALLEST:
        raise ValueError(number)
    return number


def _whole(cell: Any, info: ValidationInfo, is_money: bool = False) -> int:
    number = _number(cell, info, is_money)
    # a formula such as 1000000 * 1.1 leaves 1100000.0000000002 in a workbook
    if abs(number - round(number)) > 1e-12 * abs(number):
        raise ValueError(cell)
    return round(number)


def _rupiah(cell: Any, info: ValidationInfo) -> int:
    return _whole(cell, info, is_money=True)


def is_key(text: str) -> bool:
    """Whether the text can be a key."""
    named = bool(_KEY.fullmatch(text)) and text not in RESERVED_KEYS and len(text) <= 40
    return named and not (stands_for_another(text) or means_none(text))


def as_key(text: str) -> str:
    """The key that a text may have been meant as: "Roti Utara" is roti_utara. Of a text with
    letters of another alphabet that look like none of a key there is none."""
    seen = normalize("NFKD", without_unseen(text))
    plain = "".join(letter for letter in seen if not combining(letter)).lower().translate(_ALIKE)
    if any(letter.isalpha() and not letter.isascii() for letter in plain):
        return ""
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def _key(cell: Any) -> str:
    if not isinstance(cell, str) or not is_key(cell):
        raise ValueError(cell)
    return cell


def _host(cell: Any) -> str:
    return CITY if cell == CITY else _key(cell)


def _word(cell: Any) -> str:
    # a number loses digits from the 16th on, and the zeros at its ends; but no code begins with 0.
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        if cell == 0:  # what a formula makes of an empty cell
            raise ValueError(cell)
        whole = cell == round(cell) and abs(cell) < 1e15
        cell = f"{cell:.0f}" if whole else f"{cell:.15g}" if 0.0001 <= cell < 1 else None
    text = bare(cell) if isinstance(cell, str) else ""
    if not text or not one_line(text) or _left_by_a_program(text) or stands_for_another(text):
        raise ValueError(cell)
    return text


def _left_by_a_program(text: str) -> bool:
    """Whether the text is not what was written, but what a program made of it."""
    patterns = (CUT, _FORMULA)
    made = any(pattern.fullmatch(text) for pattern in patterns) or too_narrow(text)
    return made or as_was_written(text) != text


def numbers_listed(text: str) -> set[int]:
    """{1, 2, 3, 5} of "1-3 5"; ValueError where it is something else or has a number twice."""
    if not re.fullmatch(r"(\d{1,6}(-\d{1,6})?( |$))*", text):
        raise ValueError(text)
    ends = [(int(low), int(high or low)) for low, _dash, high in
            (part.partition("-") for part in text.split())]  # fmt: skip
    found = [n for low, high in ends for n in range(low, high + 1)]
    if len(found) != len(set(found)) or any(low > high for low, high in ends):
        raise ValueError(text)
    return set(found)


def numbers_text(numbers: set[int]) -> str:
    """ "1-3 5" of {1, 2, 3, 5}."""
    parts: list[list[int]] = []
    for n in sorted(numbers):
        if parts and parts[-1][-1] == n - 1:
            parts[-1] = [parts[-1][0], n]
        else:
            parts.append([n])
    return " ".join("-".join(map(str, part)) for part in parts)


def yes_or_no(cell: Any) -> bool:
    """True of ya or yes, False of tidak or no; ValueError of anything else."""
    if not isinstance(cell, (str, int)):
        raise ValueError(cell)
    word = str(cell).strip().lower()
    if word not in _YES_NO:
        raise ValueError(cell)
    return _YES_NO[word]


def _nothing_or(cell: Any) -> Any:
    """None of an empty cell; a word for none is refused, which would be read as text or a key."""
    if isinstance(cell, str) and means_none(cell):
        raise ValueError(cell)
    return None if cell == "" else cell


def _words(cell: Any) -> tuple[str, ...]:
    if isinstance(cell, tuple):
        return cell
    text = re.sub(r"\s+", " ", cell) if isinstance(cell, str) else cell
    found = tuple(dict.fromkeys(re.split(r"[\s,;+]+", _word(text).lower())))
    if not all(word in (TRAINING, EQUIPMENT) or _KEY.fullmatch(word) for word in found):
        raise ValueError(cell)
    return found


Key = Annotated[
    str,
    BeforeValidator(_key),
    N_("a key: at most 40 small letters, digits and single _, the first a letter"),
]
Host = Annotated[str, BeforeValidator(_host), N_("the key of a cluster, or “city”")]
Name = Annotated[str, BeforeValidator(_word), N_("text on one line")]
_WHOLE = N_("a whole number")
Whole = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=MOST_OF_ANY), _WHOLE]
CostRupiah = Annotated[int, BeforeValidator(_rupiah), Field(ge=0, le=MOST_COST), _WHOLE]
Rupiah = Annotated[int, BeforeValidator(_rupiah), Field(ge=0, le=MOST_RUPIAH), _WHOLE]
Real = Annotated[float, BeforeValidator(_number), Field(ge=0, le=MOST_OF_ANY), N_("a number")]
Amount = Annotated[
    float,
    BeforeValidator(_number),
    Field(ge=0, le=MOST_OF_ANY),
    AfterValidator(_not_tiny),
    N_("a number, 0 or at least 0.000001,"),
]
Share = Annotated[float, BeforeValidator(_number), Field(ge=0, le=1), N_("a number")]
Factor = Annotated[float, BeforeValidator(_number), Field(ge=0.01, le=100), N_("a number")]
YesNo = Annotated[bool, BeforeValidator(yes_or_no), N_("yes or no (ya or tidak)")]
Words = Annotated[
    tuple[str, ...], BeforeValidator(_words), N_("words or keys with spaces between them")
]
Scope = Literal["cluster", "city"]
OR_NOTHING = ", or nothing"
BLANK = BeforeValidator(_nothing_or)
OptionalKey = Annotated[Key | None, BLANK, N_("a key, or nothing")]
OptionalKind = Annotated[
    Literal["training", "equipment"] | None, BLANK, N_("training, equipment, or nothing")
]
OptionalWhole = Annotated[  # limits stand before BLANK, which makes None
    Whole | None, Field(ge=0, le=MOST_OF_ANY), BLANK, N_("a whole number, or nothing")
]
OptionalShare = Annotated[Share | None, Field(ge=0, le=1), BLANK, N_("a number, or nothing")]
OptionalText = Annotated[Name | None, BLANK, N_("text on one line, or nothing")]


def expectation(field: FieldInfo) -> str:
    """What a cell of this column must be, for users: type, range, unit."""
    words = allowed_values(field)
    kind = kind_of(field)
    message = _("one of: {choices}", choices=", ".join(words)) if words else _(kind)
    low, high = range_limits(field)
    optional = kind.endswith(OR_NOTHING) and high is not None
    if optional:  # the range is of the number, and not of nothing
        message = _(kind.removesuffix(OR_NOTHING))
    above = next((m.gt for m in field.metadata if hasattr(m, "gt")), None)
    if above is not None and high is not None:
        message += " " + _(
            "above {low}, at most {high}", low=number_text(above), high=number_text(high)
        )
    elif low is not None and high is not None:
        message += " " + _("from {low} to {high}", low=number_text(low), high=number_text(high))
    if optional:
        message = _("{number}, or nothing", number=message)
    unit = unit_of(field)
    return f"{message} ({_(unit)})" if unit else message


def allowed_values(field: FieldInfo) -> tuple[str, ...]:
    """The only words that the column takes; none where it takes others too."""
    words = getattr(field.annotation, "__args__", ())
    return words if all(isinstance(word, str) for word in words) else ()


def kind_of(field: FieldInfo) -> str:
    """The msgid of the kind of value that the column takes."""
    return next((m for m in field.metadata if isinstance(m, str)), "")


def range_limits(field: FieldInfo) -> tuple[float | None, float | None]:
    """The smallest and largest value the column takes; None where it has none."""
    lows = [m.ge for m in field.metadata if hasattr(m, "ge")]
    highs = [m.le for m in field.metadata if hasattr(m, "le")]
    return (max(lows) if lows else None), (min(highs) if highs else None)


def unit_of(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    return str(extra.get("unit", "")) if isinstance(extra, dict) else ""


def failed_formula(text: str) -> bool:
    """Whether the text is what Excel shows for a formula that failed, such as #REF!."""
    return not text.startswith("=") and bool(_FORMULA.fullmatch(text))


def number_text(value: float) -> str:
    return f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"


def may_be_empty(field: FieldInfo) -> bool:
    """Whether a cell of the column may hold nothing."""
    return may_be_left_out(field) or "nothing" in kind_of(field)


def may_be_left_out(field: FieldInfo) -> bool:
    """Whether the table may lack the column; an empty cell of it holds its default too."""
    return not field.is_required()


def column(meaning: str, unit: str = "", too_large: str = "", **limits: Any) -> Any:
    """A column: its meaning and unit in words, and the limits of its values.

    With a `default` a table may lack the column. `too_large` is the fix of a value out of range.
    """
    extra: Any = {"unit": unit, "too_large": too_large}
    return Field(description=meaning, json_schema_extra=extra, **limits)
