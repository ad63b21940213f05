"""Numbers as planners type them, and the fields they stand in."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_cases import bakery

from ikmplan import BadInput, load
from ikmplan.explore.fields import COUNT, FACTOR, MONEY, SHARE, field_text, fields, typed
from ikmplan.text import language

MEDAN = Path(__file__).parents[1] / "data" / "medan-2022"


@pytest.mark.parametrize(
    ("code", "kind", "text", "value"),
    [
        ("id", MONEY, "1.500.000.000", 1_500_000_000),
        ("id", MONEY, "Rp 1.500.000.000", 1_500_000_000),
        ("id", MONEY, "1,5 miliar", 1_500_000_000),
        ("id", MONEY, "Rp1,5 Miliar", 1_500_000_000),
        ("id", MONEY, "750 juta", 750_000_000),
        ("id", MONEY, "750jt", 750_000_000),
        ("id", MONEY, "1,1 triliun", 1_100_000_000_000),
        ("id", MONEY, "0,1 miliar", 100_000_000),
        ("en", MONEY, "1.5 billion", 1_500_000_000),
        ("en", MONEY, "1,500,000,000", 1_500_000_000),
        ("en", MONEY, "1.500.000.000", 1_500_000_000),
        ("id", SHARE, "0,25", 0.25),
        ("id", SHARE, "25%", 0.25),
        ("id", SHARE, "12,5 %", 0.125),
        ("en", SHARE, "12.5%", 0.125),
        ("en", SHARE, "1", 1),
        ("id", FACTOR, "110%", 1.1),
        ("id", COUNT, "600", 600),
        ("id", COUNT, " ", None),
    ],
)
def test_numbers_are_read_as_they_are_written(code, kind, text, value):
    with language(code):
        assert typed("x", kind, text) == value


@pytest.mark.parametrize(
    ("code", "kind", "text", "message"),
    [
        ("id", SHARE, "0.25", "Tulis seperti 25%."),
        ("id", MONEY, "1,500,000,000", r"1\.500\.000\.000"),
        ("id", MONEY, "350.000,000", r"tulis 350000000 atau 350000\.$"),  # not 350000.0
        ("en", MONEY, "1,500", "It could mean two numbers: write 1500 or 1.5"),
        ("en", MONEY, "1.500 billion", "is not a number"),
        ("en", MONEY, "3 M", "is not a number"),  # milliar in one tongue, million in the other
        ("id", SHARE, "25", "Tulis 25%"),
        ("id", COUNT, "banyak", "bukan angka"),
        ("id", COUNT, "12 juta", "bukan angka"),
    ],
)
def test_what_is_no_number_or_could_be_two_is_refused(code, kind, text, message):
    with language(code), pytest.raises(BadInput, match=message):
        typed("x", kind, text)


@pytest.mark.parametrize("code", ["id", "en"])
@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *((MONEY, value) for value in (0, 7, 1500, 1_500_000, 3_350_000_000)),
        *((SHARE, value) for value in (0, 0.25, 1.125, 0.282, 1e-6, 1.0)),
        *((FACTOR, value) for value in (0, 7, 1500, 0.25, 1.125, 0.282, 1e-6, 1.0)),
    ],
)
def test_a_number_shown_is_read_as_the_same(code, kind, value):
    with language(code):
        assert typed("x", kind, field_text(value, kind)) == value


def test_every_amount_share_and_floor_has_a_field():
    case = load(MEDAN, floor=0.25, language="en")
    with language("en"):
        found = {field.name: field for field in fields(case)}
    assert {"budget", "funds.apbd", "funds.dak_ikm", "price_factor", "trainer_factor"} < set(found)
    assert {"floor", "equity", "target_units", "target_classes"} < set(found)
    assert {"training_share_min", "training_share_max"} < set(found)
    assert {f"floors.{c}" for c in case.reachable} < set(found)
    assert all(field.label for field in found.values())
    for field in found.values():
        assert field.low <= field.place <= field.high


def test_the_value_is_repeated_in_words():
    case = load(MEDAN, floor=0.25, budget=4_000_000_000, funds={"dak_ikm": 500_000_000})
    with language("id"):
        words = {field.name: field.words for field in fields(case)}
    assert words["budget"] == "= Rp4 miliar. Dana yang tersedia hanya Rp2,75 miliar."
    assert words["funds.dak_ikm"] == "= Rp500 juta; menurut tabel Rp1,1 miliar"
    assert words["floor"] == "= paling sedikit 25% unit usaha di tiap sentra"
    batik = case.size["batik_tembung"]
    assert words["floors.batik_tembung"].startswith(f"= {batik / 4:.1f}".replace(".", ","))


def test_a_change_leaves_the_other_keys_alone():
    case = bakery()
    field = next(f for f in fields(case) if f.name == "floors.cake")
    assert field.change(case, 0.3) == {"floors": {"bread": 0.1, "cake": 0.3}}
    field = next(f for f in fields(case) if f.name == "floors.bread")
    assert field.change(case, None) == {"floors": {}}
