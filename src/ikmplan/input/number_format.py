"""Whether a number format of Excel shows the number that the cell holds.

`0" juta"` shows 80 juta where the cell holds 80, and `0,` shows 80 where it holds 80,000: such
a cell is refused. Only formats of which it is sure that they change nothing pass: digits,
thousands separators, decimals, percent (30% is 0.3), colours, and rupiah as the currency.
"""

from __future__ import annotations

import re
from functools import lru_cache

_PART = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*(?![\d.,%]).|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<code>General|E[+-]|[0#?.,%/@])|(?P<other>.)",
    re.DOTALL | re.IGNORECASE,
)
_COLOUR = re.compile(r"(black|blue|cyan|green|magenta|red|white|yellow|color ?\d+)", re.IGNORECASE)
_CURRENCY = re.compile(r"\$(?P<symbol>[^-]*)(-[\w,-]+)?")
_SCALED = re.compile(r"[0#?],+(?![0#?,])")  # commas behind the last digit divide by 1000
_THREE_DECIMALS = re.compile(r"\.[0#?]{3}(?![0#?E%])")
_DIGITS = re.compile(r"[0#?]|General", re.IGNORECASE)
_ZERO = re.compile(r"0|General", re.IGNORECASE)
_BEFORE = re.compile(r"((rp|idr)\.?)?", re.IGNORECASE)
_AFTER = re.compile(r"(,[-–])?(rp|idr)?", re.IGNORECASE)
_NO_AMOUNT = re.compile(
    r"((rp|idr)\.?)?[-–—]?", re.IGNORECASE
)  # how a format may write zero without a digit
LITERAL = "\1"  # stands in a code for what the format writes itself


@lru_cache(maxsize=1000)
def _sections(form: str) -> tuple[tuple[str, str, bool], ...]:
    """The sections of a format: its code with LITERAL marks, its own text, and whether
    anything in it is unknown here, such as a condition."""
    found = []
    code, text, unknown = "", "", False
    for part in _PART.finditer(form):
        kind, value = part.lastgroup, part.group()
        if kind == "other" and value == ";":
            found.append((code, text, unknown))
            code, text, unknown = "", "", False
        elif kind == "code":
            code += value
        elif kind == "bracket":
            currency = _CURRENCY.fullmatch(part["bracket"])
            if currency:
                text, code = _with(currency["symbol"], text, code)
            else:
                unknown = unknown or not _COLOUR.fullmatch(part["bracket"])
        elif kind:
            text, code = _with(part[kind], text, code)
    return (*found, (code, text, unknown))


def _with(literal: str, text: str, code: str) -> tuple[str, str]:
    literal = re.sub(r"\s", "", literal)
    return text + literal, code + LITERAL * len(literal)


def shows_number(value: float, form: str) -> bool:
    """Whether a cell with this format shows the number that it holds."""
    sections = _sections(form)
    numeric = [section for section in sections[:3] if "@" not in section[0]]
    if not numeric:  # one section for text alone: numbers are shown as they are
        return len(sections) == 1 and sections[0][0] == "@"
    if any(unknown for _code, _text, unknown in sections):
        return False
    at = 0 if value > 0 else 1 if value < 0 else 2
    code, text, _unknown = numeric[at] if at < len(numeric) else numeric[0]
    # a section of its own for zero: # and ? show no digit of it
    if not (_ZERO if value == 0 and at < len(numeric) else _DIGITS).search(code):
        return value == 0 and at < len(numeric) and bool(_NO_AMOUNT.fullmatch(text))
    if _SCALED.search(code.replace(LITERAL, "")) or code.count("%") > 1:
        return False
    if abs(value) >= 1 and _THREE_DECIMALS.search(code):  # 80.000, which may be seen as 80 thousand
        return False
    first = min(found.start() for found in _DIGITS.finditer(code))
    last = max(found.end() for found in _DIGITS.finditer(code))
    before, after = code[:first].count(LITERAL), code[last:].count(LITERAL)
    if before + after < len(text):  # between the digits
        return False
    head, tail = text[:before], text[before:]
    if value < 0 and len(numeric) > 1:
        head, tail = re.sub(r"^[-(]", "", head), re.sub(r"\)$", "", tail)
    return bool(_BEFORE.fullmatch(head) and _AFTER.fullmatch(tail))


def shows_text(form: str) -> bool:
    """Whether a cell with this format shows the text that it holds, and no more."""
    sections = _sections(form)
    if len(sections) > 3:
        return sections[3] == ("@", "", False)
    return all(text == "" for code, text, _unknown in sections if "@" in code)


def approximate_text(value: float, form: str) -> str:
    """About what the cell shows: the number among the words of its format."""
    code, text, _unknown = _sections(form)[0]
    scaled = _SCALED.search(code.replace(LITERAL, ""))
    shown = f"{value / 1000 ** (scaled.group().count(',') if scaled else 0):.15g}"
    if _THREE_DECIMALS.search(code) and not scaled:
        shown = f"{value:.3f}"
    digits = _DIGITS.search(code)
    before = code[: digits.start()].count(LITERAL) if digits else 0
    return " ".join(part for part in (text[:before], shown, text[before:]) if part)


def padded(value: float, form: str) -> str | None:
    """The digits with leading zeros that a format such as 0000 shows; None without such."""
    mask = re.fullmatch(r"0{2,}", form)
    shown = f"{value:.0f}"
    whole = value >= 0 and value == round(value)
    return shown.zfill(len(form)) if mask and whole and len(shown) < len(form) else None
