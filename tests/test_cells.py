"""Numbers are read as they are meant, or refused; never guessed."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

import pytest
from babel.numbers import format_decimal
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from ikmplan.faults import BadInput
from ikmplan.input.cells import (
    Key,
    Name,
    OptionalKey,
    OptionalText,
    Real,
    Rupiah,
    Share,
    Whole,
    Words,
    YesNo,
    allowed_values,
    column,
    expectation,
    kind_of,
    parse_number,
    two_meanings,
    unit_of,
)
from ikmplan.input.remedies import number_meant, remedy
from ikmplan.input.rows import ROWS, Announced
from ikmplan.input.scenario import Scenario, make_scenario
from ikmplan.input.unit_words import CHOICES, choice_of, leave_the_number
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
        ("1,500", None, 1.5),
        ("13.1250", 13.125, None),
        ("1,234,567", None, None),
        ("350.000,000", None, None),  # 350000 or 350000000, mistyped
        ("350000.000", None, None),
        ("350000,000", None, None),
        ("24,000", None, None),
        ("0,000", 0, 0),
        ("1.000.000", 1_000_000, 1_000_000),
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


@pytest.mark.parametrize(
    ("text", "with_comma", "with_semicolon"),
    [
        ("Rp1.500.000", 1_500_000, 1_500_000),
        ("Rp. 1.500.000,-", 1_500_000, 1_500_000),
        ("rp 1500000", 1_500_000, 1_500_000),
        ("1500000,-", 1_500_000, 1_500_000),
        ("Rp 1.500", None, 1500),
    ],
)
def test_rupiah_stands_beside_money_alone(text, with_comma, with_semicolon):
    """“Rp12” in a column of units was read as 12."""
    for indonesian, number in ((False, with_comma), (True, with_semicolon)):
        for columns, found in ((Offered, number), (Written, None)):
            name = "rupiah" if columns is Offered else "real"
            try:
                made = columns.model_validate(
                    {"text": "a", name: text}, context={"indonesian": indonesian}
                )
            except ValidationError:
                assert found is None
            else:
                assert getattr(made, name) == found


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


@pytest.mark.parametrize(
    ("result", "shown"),
    [(0.1 + 0.2, 0.3), (0.1 + 0.2 - 0.3, 0), (0.3 - 0.2 - 0.1, 0), (1 + 2**-52, 1), (1 / 3, 1 / 3)],
)
def test_a_sum_may_leave_a_trace_of_rounding(result, shown):
    """0.1 + 0.2 is 0.30000000000000004, and 0.3 - 0.2 - 0.1 is -2.8e-17, below zero."""
    assert Made(whole=0, real=result).real == shown


class Written(BaseModel):
    text: Name
    key: Key = "a"
    words: Words = ()
    part: OptionalText = None
    maybe: OptionalKey = None
    quarter: Whole = column("quarter", ge=1, le=4, default=1)
    amount: Whole = column("amount", default=0)
    real: Real = column("real", default=0)
    kva: Real = column("power", "kVA", default=0)
    year: Whole = column("year", ge=1945, le=2100, default=2022)
    days: Real = column("days", "days", default=0)
    kind: Literal["fact", "estimate"] = "fact"


def fix_of(column: str, text: str, indonesian: bool = False) -> str:
    """Of a cell that is refused, in English."""
    with language("en"):
        return remedy(Written.model_fields[column], text, False, indonesian)


class Offered(BaseModel):
    """Columns of several ranges."""

    share: Share = column("share", default=0)
    rupiah: Rupiah = column("rupiah", "rupiah", default=0)
    area: Real = column("area", "m²", default=0)
    machines: Whole = column("machines", "machines", default=0)
    whole: Whole = column("whole", default=0)
    factor: Real = column("factor", default=1, gt=0, le=100)


# text of a cell, and the fix of its fault
LEFT = {
    "#####": "too narrow", "Err:502": "formula that failed", "Galat:508": "formula that failed",
    "Loading...": "formula that failed", "#SPILL!": "formula that failed",
    "idem": "Write the value itself", "S.d.a": "Write the value itself", '"': "the value itself",
    "\u3003": "the value itself", "''": "the value itself", ",,": "the value itself",
    "s/d/a": "the value itself", "idem.": "the value itself", "sama di atas": "the value itself",
    "n/a": "the value itself", "nan": "the value itself", "NULL": "the value itself",
    "Toko CafÃ©": "write it as Toko Café.", "Kue &amp; Roti": "write it as Kue & Roti.",
    "a\u202eb": "on one line", "\u200b": "Write it on one line",
}  # fmt: skip


@pytest.mark.parametrize("text", LEFT)
def test_text_that_a_program_left_is_no_name(text):
    with pytest.raises(ValidationError):
        Written(text=text)
    assert LEFT[text] in fix_of("text", text)


@pytest.mark.parametrize(
    "text",
    [
        "Café",
        "Batik & Tenun",
        "R&D",
        "Café “Ã”",
        "-",
        "Ídem Sari",
        "D'Sada",
        "nanas",
        "Jl. Atas",
        "Sidoarjo",
        "Ma'ruf",
    ],
)
def test_text_that_only_looks_odd_is_a_name(text):
    assert Written(text=text).text == text


@pytest.mark.parametrize(
    ("column", "value", "fix"),
    [
        ("words", "training/equipment", "Write it like: training equipment."),
        ("quarter", "TW II", "Write the number alone, if it is 2."),
        ("quarter", "Triwulan IV", "Write the number alone, if it is 4."),
        ("quarter", "TW IX", "such as 1."),  # out of the range
        ("quarter", "semester II", "such as 1."),  # no quarter
        ("year", "TA 2027", "Write the number alone, if it is 2027."),
        ("year", "12 Jan 2027", "Write the number alone, if it is 2027."),
        ("kind", "Perkiraan", "Write it as estimate."),
        ("kind", "fakta", "Write it as fact."),
        ("kind", "data BPS", "Choose one of them."),
        ("part", "nan", "Leave the cell empty"),
        ("quarter", "-", "Leave the cell empty"),
        ("amount", "1,5 juta", "Write it in full: 1500000."),
        ("amount", "Rp 2.5 milyar", "Write it in full: 2500000000."),
        ("amount", "750rb", "Write it in full: 750000."),
        ("amount", "1.500 juta", "write 1500000000 or 1500000."),  # 1500 or 1.5 of them
        ("amount", "Rp 1,2 M", "write 1200000000 or 1200000."),  # miliar; million elsewhere
        ("amount", "IDR 1,234,567", "Write the number alone, if it is 1234567."),
        ("amount", "1,234,567", "Write it as 1234567."),
        ("amount", "1,234,567.00", "Write it as 1234567."),
        ("amount", "40 *)", "Write the number alone, if it is 40."),
        ("amount", "± 40 unit", "Write the number alone, if it is 40."),
        ("amount", "Rp 2.250.000 .000", "write 2250000000."),
        ("amount", "1.500.000.-", "Write it as 1500000."),
        ("amount", "–", "If it means none, write 0."),
        ("amount", "-", "If it means none, write 0."),
        ("part", "tidak ada", "Leave the cell empty"),
        ("part", "n/a", "Leave the cell empty"),
        ("amount", "12.5", "Write it without decimals."),
        ("amount", "", "Fill in the cell, also where it is as in the row above."),
        ("year", "2021/2022", "such as 1945."),
        ("key", "Kue Dénai", "Write it as kue_denai."),
        ("key", "ｋｕｅ_denai", "Write it as kue_denai."),
        ("key", "kue_d\u0435nai", "Write it as kue_denai."),  # a Cyrillic letter
        ("key", "kue_d\u0436nai", "Write it like processed_food."),  # one that is like none
        ("key", "kue\u200b_denai", "Write it as kue_denai."),
        ("amount", "2,25E+09", "write all its digits."),
        ("kva", "3,5 kVA", "Write the number alone, if it is 3.5."),
        ("days", "5 hari kerja", "Write the number alone, if it is 5."),
        ("real", ".25", "if it is 0.25."),
    ],
)
def test_the_fix_of_a_cell_can_be_followed(column, value, fix):
    assert fix in fix_of(column, value)


@pytest.mark.parametrize(
    "value",
    ["10-20", "10 s.d. 20", "1/2", "½", "4O", "l0", "5-Jan", "12:30", "-40 unit", "(40)", "$40",
     "US$ 40", "40²", "2 x 10", "40 (2021)", "2 - 3 juta", "Rp 2 juta - 3 juta", "1500000-",
     "3,5 orang", "0x28", "40‰", "5 ratus", "2 puluh", "3 ratus ribu", "15 ribuan", "3 lusin",
     "22.50.000.000", "1.50.000",
     "13 ribu lima ratus", "5 juta dolar", "RM 5", "minus 5", "2 setengah"],
)  # fmt: skip
def test_no_number_is_offered_where_another_may_be_meant(value):
    """A range, a fraction, a date, a sign, another currency, a letter for a digit, a word."""
    assert fix_of("amount", value) == "Write it in digits, such as 20 or 1500000."


@pytest.mark.parametrize(
    "value",
    ["3 minggu", "24 jam", "2 bulan", "8 JP", "3 weeks", "5 hari/kelas", "12 ribu orang", "No. 12",
     "Rp 12", "50%", "1 hari 4 jam", "10 s.d. 12", "1/2", "12 m", "3 kVA"],
)  # fmt: skip
def test_a_number_of_another_unit_is_not_offered(value):
    """Three weeks are not three days, and how many days they are depends on the office."""
    assert fix_of("days", value) == "Write one number alone (days)."


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("kva", "1300 VA"), ("kva", "2,2 kW"), ("area", "2 ha"), ("rupiah", "5 juta/bulan"),
        ("rupiah", "5 juta per orang"), ("rupiah", "250 rb/kg"), ("rupiah", "40 orang"),
        ("rupiah", "Rp 50.000 per hari"), ("rupiah", "10%"),
        ("area", "20 m3"), ("machines", "5 unit/set"),
    ],
)  # fmt: skip
def test_a_rate_and_a_smaller_unit_are_not_offered(column, value):
    """1300 VA are 1.3 kVA, Rp5 million a month are 60 million a year, and how many machines
    "5 unit/set" are depends on the sets."""
    fields = Written.model_fields | Offered.model_fields
    with language("en"):
        fix = remedy(fields[column], value, out_of_range=False)
    assert re.fullmatch(r"Write one number alone \((kVA|m²|rupiah|machines)\)\.", fix)


def test_every_word_that_columns_take_has_its_indonesian_ones():
    """Where another word is written, what is offered is one of the column's words."""
    fields = [field for row in ROWS.values() for field in row.model_fields.values()]
    assert {word for field in fields for word in allowed_values(field)} == {*CHOICES}
    for choice, words in CHOICES.items():
        for word in words.split():
            assert choice_of(word.title()) == choice


def test_the_range_of_a_cell_that_may_be_empty_is_the_numbers():
    with language("en"):
        expected = expectation(Announced.model_fields["quarter"])
    assert expected == "a whole number from 1 to 4, or nothing"


def test_the_words_of_every_unit_are_known():
    for row in (*ROWS.values(), Scenario):
        for field in row.model_fields.values():
            if "number" in kind_of(field):
                assert leave_the_number("sekitar", unit_of(field))


@pytest.mark.parametrize("value", ["3.5", "3,5 kVA", "3.5 kVA", "± 3,5"])
def test_what_is_offered_in_an_indonesian_file_is_read_there(value):
    field = Written.model_fields["kva"]
    with language("en"):
        fix = remedy(field, value, out_of_range=False, indonesian=True)
    assert parse_number(fix.rstrip(".").split()[-1], indonesian=True) == 3.5


def test_of_two_numbers_both_are_written_as_the_file_has_them():
    """24,500 in a file with `;`: 24.5 would be another way of writing there."""
    fix = fix_of("real", "24,500", indonesian=True)
    assert fix == "It could mean two numbers: write 24500 or 24,5."


OFFERS = [
    "1.500", "0,500 juta", "1.500 juta", "1 500.000", "1 500,25", "1.500 000", "1'500", "12 m",
    "5 t", "1,2 M", "2 jt-an", "-", "40 orang", "3,500 kVA", "13.1250 kVA",
    "Rp 9.000.000.000.000.000 x",
    "25 (dua puluh lima)", "1.5 1.5", "10 6",
]  # fmt: skip


@pytest.mark.parametrize("indonesian", [False, True])
@pytest.mark.parametrize("text", OFFERS)
def test_a_number_that_is_offered_is_read_by_its_column(text, indonesian):
    """1.5 is none of a whole number, 1500 none of a share, and 13.125 would be refused again."""
    for name, field in Offered.model_fields.items():
        fix = number_meant(field, text, indonesian) or ""
        for number in re.findall(r"\d[\d.,]*(?<![.,])", fix):
            Offered.model_validate({name: number}, context={"indonesian": indonesian})


@pytest.mark.parametrize(
    ("column", "text", "fix"),
    [
        ("rupiah", "0,500 juta", "Write it in full: 500000."),
        ("rupiah", "1.500 000", None),
        ("rupiah", "25 juta (dua puluh lima juta)", "Write it in full: 25000000."),
        ("rupiah", "5 M", "It could mean two numbers: write 5000000000 or 5000000."),
        ("rupiah", "5 M/tahun", None),
        ("area", "12 m", "Write the number alone, if it is 12."),
        ("area", "13.1250 m", "Write the number alone, if it is 13.1250."),
        ("whole", "1.500", "Write it as 1500."),
        ("whole", "30 (tiga puluh) orang", "Write the number alone, if it is 30."),
        ("share", "1.500", None),
        ("factor", "-", None),
    ],
)
def test_the_number_that_a_text_may_mean(column, text, fix):
    with language("en"):
        assert number_meant(Offered.model_fields[column], text) == fix


@pytest.mark.parametrize(
    ("text", "out_of_range", "indonesian", "fix"),
    [
        ("0,5 persen", False, False, "0.5% is written 0.005."),
        ("1 persen", False, False, "1% is written 0.01."),
        ("30 pct", False, False, "30% is written 0.3."),
        ("12,5 %", False, True, "12,5% is written 0,125."),
        ("± 30%", False, False, "30% is written 0.3 (or 0,3)."),
        ("1.500%", False, False, "30% is written 0.3 (or 0,3)."),
        ("100%", False, False, "100% is written 1."),
    ],
)
def test_a_percentage_is_no_share(text, out_of_range, indonesian, fix):
    """The share of this value is named, where it is one number."""
    with language("en"):
        found = remedy(Offered.model_fields["share"], text, out_of_range, indonesian)
    assert found == f"A share is not a percentage: {fix}"


@pytest.mark.parametrize(
    ("text", "indonesian", "fix"),
    [
        ("1.5", False, ". If 1.5% is meant, write 0.015."),
        ("1,5", True, ". If 1,5% is meant, write 0,015."),
        ("30", False, ". If 30% is meant, write 0.3."),
        ("60", True, ". If 60% is meant, write 0,6."),
        ("100", False, ". If 100% is meant, write 1."),
        ("150", False, ": write a number from 0 to 1."),
        ("150%", False, ": write a number from 0 to 1."),
        ("12.000.000,00", False, ": write a number from 0 to 1."),
    ],
)
def test_a_number_above_one_may_be_a_percentage_or_a_slip(text, indonesian, fix):
    """“1.5” may be 1.5%, 150% (which is no share) or a slip: nothing is taken for sure."""
    with language("en"):
        found = remedy(Offered.model_fields["share"], text, True, indonesian)
    assert found == f"A share is at most 1, which is 100%{fix}"


@pytest.mark.parametrize("word", ["nihil", "Nihil", "-", "–", "kosong", "tidak ada", "belum_ada"])
def test_a_word_for_none_is_no_optional_text_and_no_key(word):
    """As a key of two courses' topic it made one topic of them; as a specification it hid that
    none is given. A name may be "-"."""
    for name in ("part", "key", "maybe"):
        with pytest.raises(ValidationError):
            Written(text="a", **{name: word})
    for name in ("part", "maybe"):
        assert fix_of(name, word) == "Leave the cell empty, or write its value."
    assert "Write it as" not in fix_of("key", word)
    assert Written(text=word).text == word


@pytest.mark.parametrize("text", ["-12", "-12%", "Rp12", "0"])
def test_a_number_that_is_no_percentage_is_not_taken_for_one(text):
    with language("en"):
        assert remedy(Offered.model_fields["share"], text, out_of_range=True).startswith("Write a")


def test_rupiah_and_counts_are_offered_no_share():
    with language("en"):
        fix = remedy(Offered.model_fields["whole"], "50%", out_of_range=False)
        with pytest.raises(BadInput) as error:
            make_scenario({"data": "data/toy", "budget": "50%"})
    assert fix == "Write it in digits, such as 20 or 1500000."
    (fault,) = error.value.faults
    assert fault.fix == "Change it, or remove the line to take the default."


def test_a_share_of_a_text_column_may_be_a_number():
    """office.csv holds PPN, 0.11: Excel makes a number of it; 5.1 may have been the code 5.10."""
    assert Written(text=0.11).text == "0.11"
    with pytest.raises(ValidationError):
        Written(text=5.1)


def test_a_zero_that_a_formula_made_of_an_empty_cell_is_no_text():
    """=B7 gives 0 where B7 is empty: a fund was called “0”. A text 0 is what was written."""
    for name in ("text", "part"):
        with pytest.raises(ValidationError):
            Written(**{"text": "a", name: 0})
        assert fix_of(name, "0").startswith("A formula gives 0 for an empty cell: write the text")
    assert Written(text="0").text == "0"


def test_words_may_stand_on_lines():
    assert Written(text="a", words="training\nequipment").words == ("training", "equipment")


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
