"""The types of a scenario's parameters: what a file, a notebook or a command line may hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from numbers import Integral
from numbers import Real as RealNumber
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from ikmplan.files import find
from ikmplan.input.cells import (
    CITY,
    KEY_IN_TEXT,
    MOST_OF_ANY,
    MOST_RUPIAH,
    Real,
    Rupiah,
    Share,
    Whole,
)
from ikmplan.input.limit_wording import limit_problem
from ikmplan.input.own_limits import BETWEEN_LIMITS
from ikmplan.input.plain_text import one_line
from ikmplan.text import N_

if TYPE_CHECKING:
    from pandas import DataFrame

_ITEM_AT = rf"(?P<item>{KEY_IN_TEXT})?\s*(?:@\s*(?P<cluster>{KEY_IN_TEXT}))?"
LOCK_PATTERN = re.compile(r"(?=[a-z])" + _ITEM_AT + r"\s*(?P<sign>>=|<=|=)\s*(?P<count>\d{1,6})")
DECISION_PATTERN = re.compile(r"(?=[a-z])" + _ITEM_AT + r"\s*(?P<sign>=)\s*(?P<count>\d{1,6})")
DECIDED_PARTS = ("class", "machine", "revive")  # components of lines whose quantity is decided
OPENING_PARTS = ("open", "year")
EXCLUSION_PATTERN = re.compile(_ITEM_AT)
_LOCK = re.sub(r"\?P<\w+>", "", LOCK_PATTERN.pattern)
WHAT_IF_PATTERN = re.compile(rf"{_LOCK}(?:\s*&\s*{_LOCK})*")


def _plain_number(value: Any) -> Any:
    """Forms of numbers that no cell has, as a cell would hold them: "2.5e9", numpy's."""
    if isinstance(value, str) and re.fullmatch(r"\s*-?\d+(\.\d+)?[eE][-+]?\d+\s*", value):
        return float(value)
    if isinstance(value, RealNumber) and not isinstance(value, bool):
        return int(value) if isinstance(value, Integral) else float(value)
    return value


def _nothing(value: Any) -> Any:
    """Python's name for nothing, which the list of parameters shows, is nothing in a file too."""
    return None if isinstance(value, str) and value.strip().lower() == "none" else value


def _flag(value: Any) -> bool:
    """True and False, and what a command line passes for them."""
    word = str(value).strip().lower()
    if isinstance(value, (bool, str)) and word in ("true", "false"):
        return word == "true"
    raise ValueError(value)


def _unquoted(text: str) -> str:
    """The text without the spaces and the pair of quotation marks around it."""
    return re.sub(r"""^(["'])(.*)\1$""", r"\2", text.strip())


def mapping_of(value: Any) -> dict[str, Any]:
    """{"apbd": 1}, or what a command line can pass: "apbd=1, dak=2", "{apbd: 1, dak: 2}"."""
    if isinstance(value, str):
        inner = re.sub(r"^\s*\{(.*)\}\s*$", r"\1", value)
        pairs = [
            [_unquoted(word) for word in re.split("[=:]", part, maxsplit=1)]
            for part in re.split(r"[,;\n]\s*", inner)
            if part.strip()
        ]
        if any(len(pair) != 2 for pair in pairs):
            raise ValueError(value)
        found: dict[str, Any] = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError(value)
        return found
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise ValueError(value)
    return dict(value)


def _texts(value: Any, pattern: re.Pattern[str]) -> tuple[str, ...]:
    """Texts that each match the pattern, from a list or from one text with , or ; between."""
    return _without_wrong(texts_of(value), lambda text: not text or not pattern.fullmatch(text))


def _without_wrong(texts: list[str], is_wrong: Callable[[str], Any]) -> tuple[str, ...]:
    """Each text once; the error names those that are wrong, and those that are not."""
    if wrong := [text for text in texts if is_wrong(text)]:
        sound = [text for text in texts if text not in wrong]
        raise PydanticCustomError("scenario", "not of the form", {"texts": wrong, "sound": sound})
    return tuple(dict.fromkeys(texts))


def _near(value: Any) -> tuple[str, ...]:
    """Decisions, or those of the run whose folder is named instead."""
    named = value if isinstance(value, str) else ""
    if named and not DECISION_PATTERN.fullmatch(" ".join(named.split())):
        folder = find(named.strip())
        if (found := decisions_in(folder)) is not None:
            return found
    return _texts(value, DECISION_PATTERN)


def decisions_in(folder: Path) -> tuple[str, ...] | None:
    """What was decided in the finished run in a folder; None where there is none."""
    from ikmplan.tableset import read_parquet  # with pandas: only for a run

    try:
        counts = decided_counts(read_parquet(folder / "tables" / "lines.parquet"))
    except (OSError, ValueError, KeyError):
        return None
    return tuple(
        f"{item} = {n}" if host == CITY else f"{item} @ {host} = {n}"
        for (item, host), n in counts.items()
    )


def decided_counts(lines: DataFrame) -> dict[tuple[str, str], int]:
    """(item, host) -> classes, machines placed or revived, or 1 for an opening, of what the lines
    of a plan pay for. Seats are no decisions; nor are openings that cost nothing."""
    counts: dict[tuple[str, str], int] = {}
    columns = lines[["item", "host", "component", "quantity"]]
    for item, host, component, n in columns.itertuples(index=False):
        at, before = (str(item), str(host)), counts.get((str(item), str(host)), 0)
        if component in DECIDED_PARTS:
            counts[at] = before + int(n)
        elif component in OPENING_PARTS:
            counts[at] = 1
    return {at: n for at, n in counts.items() if n}


def _limits(value: Any) -> tuple[str, ...]:
    """Texts that are each a limit; in one text a comma parts them only before a new limit."""
    return _without_wrong(texts_of(value, BETWEEN_LIMITS), limit_problem)


def _keys(value: Any) -> tuple[str, ...]:
    """Keys, from a list or from one text with spaces or + between."""
    texts = re.split(r"[\s+]+", value.strip()) if isinstance(value, str) else value
    if not isinstance(texts, (list, tuple)) or not texts:
        raise ValueError(value)
    if not all(isinstance(text, str) and re.fullmatch(KEY_IN_TEXT, text) for text in texts):
        raise ValueError(value)
    return tuple(dict.fromkeys(texts))


def texts_of(value: Any, between: str = r"[,;\n]") -> list[str]:
    if isinstance(value, str):
        inner = re.sub(r"^\s*\[(.*)\]\s*$", r"\1", value)
        value = [_unquoted(part) for part in re.split(between, inner) if part.strip()]
    if not isinstance(value, (list, tuple)):
        raise ValueError(value)
    return [" ".join(part.split()) if isinstance(part, str) else str(part) for part in value]


def _label(value: Any) -> str:
    text = str(value).strip() if isinstance(value, (str, int)) else ""
    if not text or isinstance(value, bool) or not one_line(text) or len(text) > 400:
        raise ValueError(value)
    return text


def _remark(value: Any) -> str:
    """A text that may be empty; its line breaks are spaces."""
    text = " ".join(value.split()) if isinstance(value, str) else value
    return "" if text in ("", None) else _label(text)


def _folder_name(value: Any) -> str:
    """A name that leads to no other folder than its own."""
    name = _label(value)
    if re.search(r"[/\\]|^\.", name) or len(name) > 100:
        raise ValueError(value)
    return name


def _each(pattern: re.Pattern[str]) -> BeforeValidator:
    return BeforeValidator(partial(_texts, pattern=pattern))


_PLAIN_NUMBER, _NOTHING = BeforeValidator(_plain_number), BeforeValidator(_nothing)
_MAPPING, _WHOLE = BeforeValidator(mapping_of), N_("a whole number")
_Several = tuple[str, ...]
_ANY, _MONEY = Field(ge=0, le=MOST_OF_ANY), Field(ge=0, le=MOST_RUPIAH)
WholeParameter = Annotated[Whole, _PLAIN_NUMBER]
OptionalWholeParameter = Annotated[WholeParameter | None, _ANY, _NOTHING, _WHOLE]
RupiahParameter = Annotated[Rupiah, _PLAIN_NUMBER]
OptionalRupiahParameter = Annotated[RupiahParameter | None, _MONEY, _NOTHING, _WHOLE]
RealParameter = Annotated[Real, _PLAIN_NUMBER]
ShareParameter = Annotated[Share, _PLAIN_NUMBER]
OptionalRealParameter = Annotated[RealParameter | None, _ANY, _NOTHING, N_("a number")]
Flag = Annotated[bool, BeforeValidator(_flag), N_("true or false")]
Text = Annotated[str, BeforeValidator(_label), N_("text on one line")]
Remark = Annotated[str, BeforeValidator(_remark), N_("a text of at most 400 characters")]
FolderName = Annotated[
    str,
    BeforeValidator(_folder_name),
    N_("a name of at most 100 characters without / and \\, the first no full stop"),
]
Amounts = Annotated[
    dict[str, RupiahParameter], _MAPPING, N_("keys with a number each, such as apbd: 1500000000")
]
Shares = Annotated[
    dict[str, ShareParameter], _MAPPING, N_("keys with a share each, such as kue_denai: 0.3")
]
_GROUP = Annotated[
    _Several, BeforeValidator(_keys), N_("a list of clusters, such as [kue_denai, batik_tembung]")
]
Groups = Annotated[
    dict[str, _GROUP],
    _MAPPING,
    N_("names with a list of clusters each, such as main: [kue_denai, batik_tembung]"),
]
VALUE_PARTS = {  # what each value of a parameter with keys must be
    "funds": FieldInfo.from_annotation(RupiahParameter),
    "floors": FieldInfo.from_annotation(ShareParameter),
    "groups": FieldInfo.from_annotation(_GROUP),
}
TEXT_PARTS = {  # and what each text
    "locks": N_("a lock such as “oven @ kue_denai >= 2”"),
    "near": N_("a folder with the result of a run, or a decision such as “oven @ kue_denai = 2”"),
    "exclusions": N_("an exclusion such as “oven”, “oven @ kue_denai” or “@ kue_denai”"),
    "what_if": N_("one lock or more, such as “centre = 1 & oven = 0”"),
}
Locks = Annotated[
    _Several, _each(LOCK_PATTERN), N_("a list of locks such as “oven @ kue_denai >= 2”")
]
Near = Annotated[
    _Several,
    BeforeValidator(_near),
    N_("the folder of a run, or a list of decisions such as “oven @ kue_denai = 2”"),
]
Exclusions = Annotated[
    _Several,
    _each(EXCLUSION_PATTERN),
    N_("a list such as “oven”, “oven @ kue_denai” or “@ kue_denai”"),
]
WhatIf = Annotated[
    _Several, _each(WHAT_IF_PATTERN), N_("a list such as “oven = 0” or “centre = 1 & oven = 0”")
]
Limits = Annotated[
    _Several, BeforeValidator(_limits), N_("a list of limits such as “money batik >= 100000000”")
]
