"""Is the office that of this city? Tables begun from another city's keep its name easily, and
with it the head of the RKA."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ikmplan.faults import Fault
from ikmplan.files import PACKAGE, find
from ikmplan.input.names_alike import plain_letters, plain_words
from ikmplan.input.references import ReadableTables
from ikmplan.text import _

EXAMPLE_CASE = PACKAGE / "example"
_KIND = re.compile(r"\b(kota|kabupaten|kab|city of|city|town of|regency)\b\.?\s*(?![/\w]*/)")


def region_warnings(tables: ReadableTables, path: Path) -> Iterator[Fault]:
    """Texts of the office table that name another region than the clusters or the table itself."""
    rows = {row.key: (n, row) for n, row in tables.numbered("office")}
    districts = {plain_letters(row.district).strip() for _n, row in tables.numbered("clusters")}
    if "region" not in rows:
        return
    region = rows["region"][1].value
    name = bare_name(region)
    for key in ("office", "unit", "head", "place"):
        text = plain_letters(rows[key][1].value) if key in rows else ""
        # a regency's place of signature may be any town of it
        is_city = re.match(r"kota\b", plain_letters(region))
        names_a_region = _KIND.search(text) or (key == "place" and text and is_city)
        if names_a_region and name not in text:
            message = _("does not name the region, {region}.", region=region)
            fix = _("Correct one of the two: both stand on the RKA.")
            yield tables.fault("office", *rows[key], ("value", message, fix), "region")
    if region == _region_of(EXAMPLE_CASE):
        return  # a placeholder that nobody takes for a city
    word = _first_word_of_all(districts)
    if word and word not in name.split():
        message = _(
            "is the region, but the districts of all clusters begin with “{word}”.",
            word=word.title(),
        )
    elif case := _case_elsewhere(path, name, districts):
        message = _("is the region of {case}, which has none of these districts.", case=case)
    else:
        return
    fix = _("Correct it, if the tables began as those of another city: it heads the RKA.")
    yield tables.fault("office", *rows["region"], ("value", message, fix), "region")


def _first_word_of_all(districts: set[str]) -> str | None:
    """ "binjai" of "Binjai Utara" and "Binjai Kota"; None where they have none in common."""
    words = [plain_words(district) for district in districts]
    if len(words) < 2 or min(map(len, words)) < 2 or len({first for first, *_rest in words}) > 1:
        return None
    return words[0][0]


def bare_name(region: str) -> str:
    """ "Kota Medan" -> "medan"."""
    text = plain_letters(region)
    return _KIND.sub("", text).strip() or text


def _case_elsewhere(path: Path, name: str, districts: set[str]) -> str | None:
    """The last of the cases with this region at hand; None where any has one of the districts."""
    last = None
    for folder in sorted(find("data").glob("*/")):
        theirs = {
            plain_letters(row.get("district") or "").strip()
            for row in _rows(folder / "clusters.csv")
        }
        same = folder.resolve() == path.resolve()
        if not same and theirs and bare_name(_region_of(folder)) == name:
            if theirs & districts:
                return None
            last = folder.name
    return last


def _region_of(case: Path) -> str:
    values = (row.get("value") for row in _rows(case / "office.csv") if row.get("key") == "region")
    return next(values, None) or ""


def _rows(file: Path) -> list[dict[str, str]]:
    with suppress(OSError, UnicodeDecodeError, csv.Error), file.open(encoding="utf-8-sig") as text:
        return list(csv.DictReader(text))
    return []
