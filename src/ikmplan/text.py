"""What a user reads: messages by gettext catalogues, numbers and rupiah by Babel.

The msgid is English; the Indonesian catalogue lies in `locale/`. The language
is a context variable, so that two people on one server each keep their own:

    with language("id"):
        print(_("{n} classes", n=number(12)))

Babel is imported where it is used: `ikmplan --help` must answer at once.
"""

from __future__ import annotations

import gettext
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from functools import cache
from math import isfinite
from pathlib import Path

LANGUAGES = ("id", "en")
DEFAULT = "id"
MINUS = "−"  # in every text that is shown; a hyphen parts words
SURE = 1e15  # floats below it hold 15 figures
SLIGHT_GAP = 1e-8  # of the best: solvers add up no more exactly
LOCALE = Path(__file__).parent / "locale"
# English: what a number counts, and the verb after it, as they are after 1
ONE = {
    "are": "is", "breaches": "breach", "bring": "brings", "candidates": "candidate",
    "cases": "case", "changes": "change",
    "checks": "check", "classes": "class", "clusters": "cluster", "courses": "course",
    "days": "day", "decisions": "decision", "districts": "district", "gain": "gains",
    "have": "has", "lead": "leads",
    "locks": "lock", "lose": "loses", "machines": "machine", "months": "month",
    "nodes": "node", "numbers": "number", "openings": "opening", "operators": "operator",
    "others": "other",
    "panels": "panel", "places": "place", "plans": "plan", "points": "point", "prices": "price",
    "quarters": "quarter", "questions": "question", "reach": "reaches", "rows": "row",
    "scenarios": "scenario", "seats": "seat", "seconds": "second", "stand": "stands",
    "steps": "step", "topics": "topic", "units": "unit", "were": "was",
}  # fmt: skip
COUNTED = re.compile(r"\{(\w+)\} ((?:more |other |new )?)([a-z]+)( [a-z]+)?")


def first_language() -> str:
    wanted = os.environ.get("IKMPLAN_LANGUAGE", DEFAULT)
    return wanted if wanted in LANGUAGES else DEFAULT


_FIRST = first_language()
_language: ContextVar[str] = ContextVar("language", default=_FIRST)


def use_language(code: str) -> None:
    """Set the language to `code` ("id" or "en") in this thread or task."""
    if code not in LANGUAGES:
        raise ValueError(f"language {code!r}: one of {', '.join(LANGUAGES)}")
    _language.set(code)


def current_language() -> str:
    return _language.get()


@contextmanager
def language(code: str) -> Iterator[None]:
    """Set the language to `code` inside the `with` block only."""
    before = _language.get()
    use_language(code)
    try:
        yield
    finally:
        _language.set(before)


@cache
def _catalogue(code: str) -> gettext.NullTranslations:
    return gettext.translation("ikmplan", str(LOCALE), [code], fallback=True)


def _(msgid: str, /, **values: object) -> str:
    """The message in the language in use, its {fields} filled; "1 class is" for "{n} classes are".

    Indonesian nouns and verbs have one form for any number."""
    code = _language.get()
    if code == "en" or not msgid:
        message = COUNTED.sub(lambda found: _counted(found, values), msgid) if values else msgid
    else:
        message = _catalogue(code).gettext(msgid)
    return message.format(**values) if values else message


def _counted(found: re.Match[str], values: Mapping[str, object]) -> str:
    """A field and what it counts, as it is where its value is 1."""
    field, between, counted, verb = found.groups(default="")
    if str(values.get(field)) != "1" or counted not in ONE:
        return found[0]
    verb = verb.strip()
    return f"{{{field}}} {between}{ONE[counted]} {ONE.get(verb, verb)}".rstrip()


def N_(msgid: str) -> str:
    """Marks a message for the catalogue where it must not be translated yet."""
    return msgid


def number(value: float | Decimal, digits: int = 0) -> str:
    """1234.5 -> "1.234,5" (id) or "1,234.5" (en), with just `digits` decimals; -2 -> "−2".

    Halves are rounded up, as in a workbook: `half_up`.
    """
    from babel.numbers import format_decimal

    rounded = half_up(value, digits)
    if rounded == 0:
        rounded = 0  # without a minus sign
    decimals = "." + "0" * digits if digits else ""
    return format_decimal(rounded, f"#,##0{decimals}", _language.get()).replace("-", MINUS)


def shown_difference(after: float, before: float, digits: int = 1) -> float:
    """What lies between two numbers as they are shown, so that readers who subtract find it."""
    return round(float(half_up(after, digits)) - float(half_up(before, digits)), digits)


def half_up(value: float | Decimal, digits: int = 0) -> float | Decimal:
    """The number that is shown with `digits` decimals, on pages and by a spreadsheet alike: of
    the 15 figures that a float holds for sure, a half is rounded away from zero. So 17.45 is
    17.5, though the float is a little less."""
    if not isfinite(value):
        return value
    if isinstance(value, float) and abs(value) < SURE:
        value = Decimal(f"{value:.15g}")
    exact = value if isinstance(value, Decimal) else Decimal(int(value))
    return exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def bound(value: float, digits: int = 0) -> str:
    """A number that nothing exceeds, rounded up: beside a value of as many decimals, which is
    rounded to the nearest, it is never the smaller one."""
    return number(round_up(value, digits), digits)


def gap_percent(share: float, digits: int = 2) -> str:
    """A gap rounded up, so that none is shown smaller than it is."""
    return percent(gap_rounded(share, digits), digits)


def gap_rounded(share: float, digits: int) -> float | Decimal:
    """The share that stands in `gap_percent`; what a solver's sums leave open is no gap."""
    return round_up(max(0.0, share - SLIGHT_GAP), digits + 2)


def round_up(value: float, digits: int) -> float | Decimal:
    """The value rounded up to `digits` decimals; errors of floats do not lift it a step."""
    if not isfinite(value):
        return value
    step = Decimal(1).scaleb(-digits)
    return (Decimal(value) - min(step / 1_000_000, Decimal("1e-9"))).quantize(step, ROUND_CEILING)


def percent(share: float | Decimal, digits: int = 0) -> str:
    """0.125 -> "12,5%" (id) or "12.5%" (en)."""
    return f"{number(share * 100, digits)}%"


def share_text(share: float) -> str:
    """A share that somebody asked for, with a decimal where it needs one: 20%, 12.5%."""
    return percent(share, 0 if round(share * 1000) % 10 == 0 else 1)


def rupiah(amount: int | float, short: bool = False) -> str:
    """1500000000 -> "Rp1.500.000.000" (id), or short "Rp1,5 miliar".

    English has no miliar: "Rp1.5 billion". Short keeps three figures.
    """
    if not short or abs(amount) < 1_000_000:
        return (MINUS if half_up(amount) < 0 else "") + "Rp" + number(abs(amount))
    words = ((10**12, _("trillion")), (10**9, _("billion")), (10**6, _("million")))
    # 999.6 million is "1 billion" and 999.4 is not, so the size is judged after rounding
    size, word = next(w for w in words if round(abs(amount) / w[0] * 1000) >= 1000)
    scaled = abs(amount) / size
    digits = 0 if scaled >= 100 else 1 if scaled >= 10 else 2
    figures = number(scaled, digits)
    point = "," if _language.get() == "id" else "."
    if point in figures:
        figures = figures.rstrip("0").rstrip(point)
    return f"{MINUS if amount < 0 else ''}Rp{figures} {word}"


def listing(parts: list[str]) -> str:
    """["a", "b", "c"] -> "a, b, dan c" (id) or "a, b, and c" (en)."""
    from babel.lists import format_list

    return format_list(parts, locale=_language.get()) if parts else ""
