"""The words that reviewers asked for stand on the pages, and those that they replace do not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from insights import ASKED, toy_insight
from pages import make_page
from test_text import catalogue

from ikmplan.insight import reasons as insights

LIST = Path(__file__).parents[1] / "docs" / "decisions" / "translation.md"
REPLACED = {
    "id": ["kursi", "sentra terendah", "isi dana", "lini |"],
    "en": ["costs itself", "holds |", "the best that can be proven", "runs it again"],
}
ELSEWHERE = {  # not on the page of a plan: an English message of which it is part
    "daftar skenario": "Scenarios and their plans",
    "keterbandingan": next(m for m in catalogue.translations() if "Can they be compared?" in m),
    "the main limits are": "The main limits are {limits}.",
    "proven within … of the best": "The plan is proven within {gap} of the best.",
}


def listed() -> dict[str, list[str]]:
    """The terms of each language, as docs/decisions/translation.md lists them."""
    part = LIST.read_text("utf-8").split("## The words of those who review a plan")[1]
    found: dict[str, list[str]] = {}
    for code, head in (("id", "| Indonesian |"), ("en", "| English |")):
        rows = part.split(head)[1].split("\n\n")[0].splitlines()[2:]
        found[code] = [term for row in rows for term in row.split(" | ")[0].strip("| ").split(", ")]
    return found


@pytest.fixture(scope="module")
def shown() -> dict[str, str]:
    """The text of a page with a row of every kind of reason, in each language."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(insights, "explain", lambda plan, case, **_how: toy_insight())
        toy = {"data": "data/toy", "name": "a", "gap": 0, "funds": {"purse": 120_000_000}}
        pages = {code: make_page(code, **toy, **ASKED).html for code in ("id", "en")}
    cells = {code: re.sub(r"</t[hd]>", " | ", page) for code, page in pages.items()}
    return {code: " ".join(re.sub(r"<[^>]+>", " ", p).split()).lower() for code, p in cells.items()}


@pytest.mark.parametrize("code", ["id", "en"])
def test_each_term_stands_where_it_is_listed(code, shown):
    assert len(listed()["id"]) == 18 and len(listed()["en"]) == 7
    known = catalogue.translations()
    for term in listed()[code]:
        message = ELSEWHERE.get(term)
        if message is None:
            assert term in shown[code], term
        else:
            text = (message if code == "en" else known[message]).lower()
            assert all(part in text for part in term.split("…")), term


@pytest.mark.parametrize("code", ["id", "en"])
def test_what_was_replaced_stands_nowhere(code, shown):
    known = catalogue.translations()
    texts = [*(known.values() if code == "id" else known), shown[code]]
    found = [
        (w, t) for w in REPLACED[code] for t in texts if re.search(rf"\b{re.escape(w)}", t.lower())
    ]
    assert found == []


def test_a_floor_has_one_name():
    """“batas bawah” is the bound below a cost."""
    floor = re.compile(r"\bfloors?\b(?! space)")
    named = {m: text for m, text in catalogue.translations().items() if floor.search(m)}
    assert len(named) > 20
    assert [text for text in named.values() if "batas bawah" in text.lower()] == []
