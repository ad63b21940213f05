"""Text as people see it, and what programs and people leave in a cell in place of its text."""

from __future__ import annotations

import re
from contextlib import suppress
from html import unescape

# words behind a number, and how many zeros each stands for
SCALES: dict[str, int] = {
    word: zeros
    for zeros, words in {
        3: ("ribu", "rb", "thousand"),
        6: ("juta", "jt", "million", "mio"),
        9: ("miliar", "milyar", "billion"),
        12: ("triliun", "trilyun", "trillion"),
    }.items()
    for word in words
}
SCALE_WORD = "|".join(SCALES)  # a pattern

# signs that nobody sees: of direction, of width zero, and letters that are drawn as nothing
_UNSEEN = (
    "\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0"
)
_UNSEEN_SIGN = re.compile(f"[{_UNSEEN}]")
_ENDS = re.compile(rf"^[\s{_UNSEEN}]+|[\s{_UNSEEN}]+$")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_ENTITY = re.compile(r"&(amp|lt|gt|quot|apos|nbsp|#\d{1,6}|#x[0-9a-f]{1,6});", re.IGNORECASE)
_NARROW = re.compile(r"#{2,}")
# what is no value by itself: "as above", and what programs write for nothing
_STANDS_FOR_ANOTHER = re.compile(
    r"(idem|ditto|ibid)\.?|s[./ ]?d[./ ]?a\.?|(sama|seperti)( dengan| seperti)?( di)? ?atas"
    r"|['’‘`´]{2,}|,,+|[\"'\u2033\u201c\u201d\u3003-]*[\"\u2033\u201c\u201d\u3003][\"'-]*"
    r"|n/a|n\.a\.?|nan|none|null|<na>|undefined",
    re.IGNORECASE,
)

# how an office writes that there is none
_NONE = re.compile(r"(rp\.?\s*)?[-–—−]+|nihil|kosong|(tidak|tdk|belum)[ _]ada", re.IGNORECASE)


def bare(text: str) -> str:
    """The text without spaces and unseen signs at its ends."""
    return text.strip() if text.isascii() else _ENDS.sub("", text)


def without_unseen(text: str) -> str:
    """The text without signs that nobody sees, within it too."""
    return _UNSEEN_SIGN.sub("", text)


def one_line(text: str) -> bool:
    """Whether the text holds no line break, no control character and no sign that turns the
    direction of what follows."""
    return not _CONTROLS.search(text)


def too_narrow(text: str) -> bool:
    """Whether it is the ##### that a program writes for a cell that its column has no room for."""
    return bool(_NARROW.fullmatch(text))


def stands_for_another(text: str) -> bool:
    """Whether the text means the cell above ("idem", a ditto mark) or none at all ("nan")."""
    return bool(_STANDS_FOR_ANOTHER.fullmatch(text))


def means_none(text: str) -> bool:
    """Whether the text is an office's word or mark for none: nihil, "-"."""
    return bool(_NONE.fullmatch(text.strip()))


def as_was_written(text: str) -> str:
    """The text before a program took its UTF-8 for Windows-1252 ("CafÃ©") or wrote it for a web
    page ("&amp;"); else itself."""
    with suppress(UnicodeError):
        text = text if text.isascii() else text.encode("cp1252").decode("utf-8")
    return _ENTITY.sub(lambda entity: unescape(entity.group()), text)
