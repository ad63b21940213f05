"""Numbers are read as they are meant, or refused; never guessed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from ikmplan.input.cells import Real, Whole, YesNo, column, expectation, parse_number, two_meanings
from ikmplan.text import language

ANY_NUMBER = st.decimals(-(10**15), 10**15, allow_nan=False, places=None).map(
    lambda n: n.quantize(Decimal("0.0001"))
) | st.integers(-(10**15), 10**15).map(Decimal)


def read(text: str, indonesian: bool) -> float | None:
    try:
        return parse_number(text, indonesian)
    except ValueError:
        return None


@pytest.mark.parametrize(
    ("text", "with_comma", "with_semicolon"),
    [
        # text, in a file with "," between the columns, in one with ";"
        ("0", 0, 0),
        ("-5", -5, -5),
        ("1500000", 1_500_000, 1_500_000),
        ("1.500.000", 1_500_000, 1_500_000),
        ("Rp1.500.000", 1_500_000, 1_500_000),
        ("Rp. 1.500.000,-", 1_500_000, 1_500_000),
        ("rp 1500000", 1_500_000, 1_500_000),
        ("1,5", 1.5, 1.5),
        ("0,25", 0.25, 0.25),
        ("1.500.000,75", 1_500_000.75, 1_500_000.75),
        ("12.345,5", 12_345.5, 12_345.5),
        ("0.25", 0.25, None),
        ("1.5", 1.5, None),
        ("0.125", 0.125, None),
        ("0,125", 0.125, 0.125),
        ("1.500", None, 1500),  # 1500 or 1.5
        ("-1.500", None, -1500),
        ("Rp 1.500", None, 1500),
        ("1,500", None, 1.5),
        ("13.1250", 13.125, None),
        ("1,234,567", None, None),
        ("1,234.5", None, None),
        ("1.50.000", None, None),
        ("0.500.000", None, None),
        ("1 500", None, None),
        ("+5", None, None),
        ("−5", None, None),
        ("1e5", None, None),
        ("1e400", None, None),
        ("0x10", None, None),
        ("30%", None, None),
        ("30 orang", None, None),
        ("nan", None, None),
        ("inf", None, None),
        ("", None, None),
        ("-", None, None),
        (".5", None, None),
        ("5.", None, None),
        ("1_000", None, None),
        ("9" * 5000, None, None),
    ],
)
def test_a_number_means_one_thing(text, with_comma, with_semicolon):
    assert read(text, indonesian=False) == with_comma
    assert read(text, indonesian=True) == with_semicolon


@given(ANY_NUMBER)
@example(Decimal("1.5"))
@example(Decimal("1500"))
@example(Decimal("-0.125"))
def test_what_indonesia_writes_is_read_back(value):
    text = format_decimal(value, "#,##0.####", "id")
    assert parse_number(text, indonesian=True) == float(value)
    # where the form is not known, the same number or none
    assert read(text, indonesian=False) in (None, float(value))


@given(ANY_NUMBER)
@example(Decimal("1500"))
@example(Decimal("1234567"))
def test_what_the_english_write_is_never_misread(value):
    text = format_decimal(value, "#,##0.####", "en")
    assert read(text, indonesian=False) in (None, float(value))
    plain = format_decimal(value, "0.####", "en")
    assert read(plain, indonesian=False) in (None, float(value))
    if not two_meanings(plain):
        assert read(plain, indonesian=False) == float(value)


@given(st.integers(1, 999), st.integers(0, 999))
def test_the_mend_of_an_ambiguous_number_offers_both_meanings(whole, part):
    """1.500 -> write 1500 or 1.5; each is then read as itself."""
    text = f"{whole}.{part:03}"
    with language("en"):
        *_words, large, _or, small = (two_meanings(f"Rp{text}") or "").rstrip(".").split()
        assert two_meanings(f"Rp{text}") == two_meanings(text)
    assert parse_number(large, indonesian=False) == whole * 1000 + part
    assert parse_number(small, indonesian=False) == float(text)


class Made(BaseModel):
    whole: Whole = column("how many", "people", ge=0, le=10**9)
    real: Real = 0.0
    yes: YesNo = False


@pytest.mark.parametrize("cell", [1100000.0000000002, 1_100_000.0, "1.100.000", 1_100_000])
def test_a_formula_may_leave_a_trace_of_rounding(cell):
    """1000000 * 1.1 in a workbook is 1100000.0000000002."""
    assert Made(whole=cell).whole == 1_100_000


@pytest.mark.parametrize("cell", [True, False, None, 1.5, "1,5", float("nan"), 1e400, -1, [], b"1"])
def test_what_is_no_whole_number(cell):
    with pytest.raises(ValidationError):
        Made(whole=cell)


def test_minus_zero_is_zero():
    assert str(Made(whole=0, real=-0.0).real) == "0.0"


@pytest.mark.parametrize("cell", ["ya", "YES", "true", True, 1, "1"])
def test_yes(cell):
    assert Made(whole=0, yes=cell).yes is True


@pytest.mark.parametrize("cell", ["", "mungkin", 2, None])
def test_neither_yes_nor_no(cell):
    with pytest.raises(ValidationError):
        Made(whole=0, yes=cell)


def test_the_expectation_names_type_range_and_unit():
    with language("en"):
        expected = "a whole number from 0 to 1000000000 (people)"
        assert expectation(Made.model_fields["whole"]) == expected
