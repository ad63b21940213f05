"""One cell: the types a column can have, how each is read, and what it expects.

Numbers are read strictly. A `;` file is Indonesian (1.500.000 and 1,5); a `,`
file or a workbook's text cell may use either form where it can mean only one
number. What could be read two ways ("1.500") is refused, never guessed.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from ikmplan.text import N_, _

CITY = "city"  # the host of what the whole city shares; no cluster may be called so
TRAINING, EQUIPMENT = "training", "equipment"
RESERVED = {CITY, TRAINING, EQUIPMENT}

_KEY = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")  # no "__": it joins keys in row names
_PLAIN = re.compile(r"-?\d+(\.\d+)?")
_INDONESIAN = re.compile(r"-?(\d+|[1-9]\d{0,2}(\.\d{3})+)(,\d+)?")
_YES_NO = {"ya": True, "yes": True, "true": True, "1": True, "benar": True}
_YES_NO |= {"tidak": False, "no": False, "false": False, "0": False, "salah": False}


def parse_number(text: str, indonesian: bool) -> float | int:
    """The number `text` means; ValueError where it means none, or could mean two."""
    said = text.removeprefix("Rp").strip()
    local = _INDONESIAN.fullmatch(said)
    if indonesian and local:
        return _value(said.replace(".", "").replace(",", "."))
    if not indonesian:
        if _PLAIN.fullmatch(said) and not re.fullmatch(r"-?[1-9]\d{0,2}\.\d{3}", said):
            return _value(said)
        # two dots, or a comma with other than three digits behind it: only Indonesian
        if local and (said.count(".") > 1 or re.fullmatch(r"-?[\d.]*\d,(\d{1,2}|\d{4,})", said)):
            return _value(said.replace(".", "").replace(",", "."))
    raise ValueError(text)


def _value(plain: str) -> float | int:
    return float(plain) if "." in plain else int(plain)


def _refuse() -> PydanticCustomError:
    return PydanticCustomError("cell", "not what the column expects")


def _number(cell: Any, info: ValidationInfo) -> float | int:
    if isinstance(cell, bool) or cell is None:
        raise _refuse()
    if isinstance(cell, str):
        try:
            cell = parse_number(cell, bool((info.context or {}).get("indonesian")))
        except ValueError:
            raise _refuse() from None
    if not abs(cell) < 1e18:  # also refuses NaN
        raise _refuse()
    return float(cell) if isinstance(cell, float) else int(cell)


def _whole(cell: Any, info: ValidationInfo) -> int:
    number = _number(cell, info)
    if number != int(number):
        raise _refuse()
    return int(number)


def _key(cell: Any) -> str:
    if not isinstance(cell, str) or not _KEY.fullmatch(cell) or cell in RESERVED or len(cell) > 40:
        raise _refuse()
    return cell


def _host(cell: Any) -> str:
    return CITY if cell == CITY else _key(cell)


def _word(cell: Any) -> str:
    said = "" if cell is None else str(cell).strip()
    if not said or any(ord(character) < 32 for character in said):
        raise _refuse()
    return said


def _yes_no(cell: Any) -> bool:
    said = _YES_NO.get(str(cell).strip().lower())
    if said is None:
        raise _refuse()
    return said


def _words(cell: Any) -> tuple[str, ...]:
    if isinstance(cell, tuple):
        return cell
    found = tuple(dict.fromkeys(re.split(r"[\s,+]+", _word(cell).lower())))
    if not all(word in (TRAINING, EQUIPMENT) or _KEY.fullmatch(word) for word in found):
        raise _refuse()
    return found


def _blank(cell: Any) -> Any:
    return None if cell == "" else cell


Key = Annotated[str, BeforeValidator(_key), N_("a key: small letters, digits and single _")]
Host = Annotated[str, BeforeValidator(_host), N_("the key of a cluster, or “city”")]
Name = Annotated[str, BeforeValidator(_word), N_("some text")]
Whole = Annotated[int, BeforeValidator(_whole), N_("a whole number")]
Rupiah = Annotated[int, BeforeValidator(_whole), Field(ge=0), N_("a whole number")]
Real = Annotated[float, BeforeValidator(_number), N_("a number")]
Share = Annotated[float, BeforeValidator(_number), Field(ge=0, le=1), N_("a number")]
YesNo = Annotated[bool, BeforeValidator(_yes_no), N_("yes or no (ya or tidak)")]
Words = Annotated[
    tuple[str, ...], BeforeValidator(_words), N_("words or keys with spaces between them")
]
Scope = Literal["cluster", "city"]
BLANK = BeforeValidator(_blank)
OptionalKey = Annotated[Key | None, BLANK, N_("a key, or nothing")]
OptionalWhole = Annotated[Whole | None, BLANK, N_("a whole number, or nothing")]
OptionalText = Annotated[str | None, BLANK, N_("some text, or nothing")]


def expectation(field: FieldInfo) -> str:
    """What a cell of this column must be, in the user's words: type, range, unit."""
    choices = getattr(field.annotation, "__args__", ())
    if all(isinstance(choice, str) for choice in choices) and choices:
        said = _("one of: {choices}", choices=", ".join(choices))
    else:
        said = _(next((m for m in field.metadata if isinstance(m, str)), N_("some text")))
    low, high = limits(field)
    if low is not None and high is not None:
        said += " " + _("from {low} to {high}", low=_plain(low), high=_plain(high))
    elif low is not None:
        said += ", " + _("at least {low}", low=_plain(low))
    unit = unit_of(field)
    return f"{said} ({_(unit)})" if unit else said


def limits(field: FieldInfo) -> tuple[float | None, float | None]:
    """The smallest and largest value the column takes; None where it has none."""
    lows = [m.ge for m in field.metadata if hasattr(m, "ge")]
    highs = [m.le for m in field.metadata if hasattr(m, "le")]
    return (max(lows) if lows else None), (min(highs) if highs else None)


def unit_of(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    return str(extra.get("unit", "")) if isinstance(extra, dict) else ""


def example(field: FieldInfo) -> str:
    """How to write such a cell, for the mend of a fault."""
    metadata = [m for m in field.metadata if isinstance(m, str)]
    said = metadata[0] if metadata else ""
    if "whole" in said:
        return _("Write it in digits, such as 20 or 1500000.")
    if "number" in said:
        return _("Write it in digits, such as 0.25 (with “;” between the columns: 0,25).")
    if "key" in said:
        return _("Write it like processed_food.")
    return _("Fill in the cell.") if "text" in said else _("Choose one of them.")


def _plain(value: float) -> str:
    return f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"


def column(meaning: str, unit: str = "", **limits: Any) -> Any:
    """A column: its meaning and unit in words, and the limits of its values."""
    return Field(description=meaning, json_schema_extra={"unit": unit}, **limits)
