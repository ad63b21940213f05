"""Names that readers cannot distinguish: alike but for case, spaces, signs or one letter."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from ikmplan.faults import Fault
from ikmplan.input.references import ReadableTables
from ikmplan.input.rows import ROWS
from ikmplan.text import _

NAMED = ("clusters", "courses", "equipment", "resources", "funds")  # a name for each row
SHARED = (("clusters", "district"), ("clusters", "sector"))  # one text for several rows
# a name with or without them is the same: "&" and "dan", "Kec." and "Kecamatan", "Jl." and none
LITTLE_WORDS = {"dan", "and", "kec", "kecamatan", "jl", "jln", "jalan"}
_WORD = re.compile(r"[^\W_]+")
# letters of other alphabets that look like Latin ones
_LOOKS_LIKE = str.maketrans("авеіјкмнорсѕтухһαβεικνορτυχ", "abeijkmhopcstyxhabeikvoptux")
LONG_WORD = 5  # letters: in a shorter word one letter is a difference


def alike_warnings(tables: ReadableTables) -> Iterator[Fault]:
    """A warning for each name that is alike to that of an earlier row of its table."""
    for table in NAMED:
        key = ROWS[table].KEY[0]  # a row that stands there twice is a fault already
        rows = list({getattr(row, key): (n, row) for n, row in tables.numbered(table)}.values())
        for at, earlier in names_alike([row.name for _n, row in rows]):
            other = rows[earlier][1].name
            message = _(
                "is alike to the name “{name}” in row {row}.", name=other, row=rows[earlier][0]
            )
            fix = _("Give each a name that readers can distinguish.")
            yield tables.fault(table, *rows[at], ("name", message, fix), "alike")
    for table, column in SHARED:
        first = {getattr(row, column): (n, row) for n, row in reversed(tables.numbered(table))}
        texts = list(reversed(first))
        for at, earlier in names_alike(texts):
            message = _(
                "is also written “{name}” (row {row}).",
                name=texts[earlier],
                row=first[texts[earlier]][0],
            )
            fix = _("Write it in one way, if both are the same.")
            yield tables.fault(table, *first[texts[at]], (column, message, fix), "alike")


def names_alike(names: Sequence[str]) -> Iterator[tuple[int, int]]:
    """(n, m): the name at n is alike to that at m, the first such before it."""
    first: dict[tuple[str, ...], int] = {}
    for n, name in enumerate(names):
        forms = list(_forms(name))
        found = [first[form] for form in forms if form in first]
        if found:
            yield n, min(found)
        for form in forms:
            first.setdefault(form, n)


def _forms(name: str) -> Iterator[tuple[str, ...]]:
    """What two names alike have in common: all their letters and digits, or all their words
    but for one letter of a long one."""
    yield ("", "".join(plain_words(name)) or name.strip())
    for words in (plain_words(name), _WORD.findall(plain_letters(name))):
        if words:
            yield tuple(words)
        for n, word in enumerate(words):
            if len(word) >= LONG_WORD and word.isalpha():
                for at in range(len(word)):
                    yield (*words[:n], word[:at] + word[at + 1 :], *words[n + 1 :])


def plain_words(text: str) -> list[str]:
    """Its words in plain letters, without those that make no difference."""
    return [word for word in _WORD.findall(plain_letters(text)) if word not in LITTLE_WORDS]


def plain_letters(text: str) -> str:
    """In small letters without accents, whatever the Unicode form: "Ｄéli" is "deli"."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(
        letter
        for letter in text.translate(_LOOKS_LIKE)
        if not unicodedata.combining(letter) and unicodedata.category(letter) != "Cf"
    )
