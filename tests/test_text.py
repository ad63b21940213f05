"""What planners read: the Indonesian catalogue is whole, numbers have the form of the language."""

from __future__ import annotations

import ast
import importlib.util
import threading
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ikmplan import text
from ikmplan.text import (
    LANGUAGES,
    _,
    bound,
    gap_percent,
    language,
    listing,
    number,
    percent,
    rupiah,
)

ROOT = Path(__file__).parents[1]
_spec = importlib.util.spec_from_file_location("catalogue", ROOT / "tools" / "catalogue.py")
assert _spec and _spec.loader
catalogue = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(catalogue)


def test_every_message_has_an_indonesian_text():
    """Nothing untranslated, nothing obsolete, the same {placeholders}.

    Renew with `python tools/catalogue.py`."""
    assert catalogue.problems(catalogue.translations()) == []


def test_every_message_of_the_code_is_found():
    """Also one inside an f-string, where Babel finds none before Python 3.12."""
    calls = (
        node
        for file in (ROOT / "src").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "N_")
    )
    texts = {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}
    assert texts and texts <= set(catalogue.extracted())


def test_po_and_mo_are_in_step_with_the_messages():
    po, mo = catalogue.made(catalogue.translations())
    assert catalogue.PO.read_bytes() == po
    assert catalogue.MO.read_bytes() == mo


def test_rules_and_notebooks_are_messages():
    wanted = catalogue.extracted()
    for rule in catalogue.RULES:
        assert {rule.sentence, rule.scope, rule.unit} <= set(wanted)
    # explore.ipynb is all code: the page states everything
    notebooks = [f for f in (ROOT / "notebooks").glob("*.ipynb") if '"markdown"' in f.read_text()]
    assert notebooks
    for file in notebooks:
        assert any(f"notebooks/{file.name}" in places for places in wanted.values())


def test_every_translation_can_be_filled():
    """A stray brace would fail only when the message is shown."""
    for msgid, translation in catalogue.translations().items():
        fields = catalogue.fields(msgid)
        if fields:
            translation.format(**dict.fromkeys(fields, "x"))


def test_translations_keep_the_marks_of_their_message():
    """A sentence stays a sentence, a heading a heading, a table row a table row."""
    for msgid, translation in catalogue.translations().items():
        assert translation.strip() == translation, msgid
        # English asks "Did you mean x?"; a unit has no end mark
        assert (msgid[-1] in ".?:") == (translation[-1] in ".?:"), (msgid, translation)
        assert msgid.count("\n\n") == translation.count("\n\n"), msgid
        assert [len(m) - len(m.lstrip("#")) for m in msgid.split("\n\n")] == [
            len(m) - len(m.lstrip("#")) for m in translation.split("\n\n")
        ], msgid


def test_messages_are_translated_and_filled():
    with language("id"):
        assert _("row {row}", row=7) == "baris 7"
    with language("en"):
        assert _("row {row}", row=7) == "row 7"


@pytest.mark.parametrize(
    ("msgid", "one", "two"),
    [
        ("{n} clusters gain, {m} lose", "1 cluster gains, 1 loses", "2 clusters gain, 2 lose"),
        ("{n} more clusters are left", "1 more cluster is left", "2 more clusters are left"),
        ("{n} units", "1 unit", "2 units"),
        ("{n} units of {m} machines", "1 unit of 1 machine", "2 units of 2 machines"),
        ("{n} does not", "1 does not", "2 does not"),
    ],
)
def test_one_is_singular_in_english(msgid, one, two):
    with language("en"):
        assert _(msgid, n=number(1), m=1) == one
        assert _(msgid, n=number(2), m=number(2)) == two
        assert _(msgid, n="1.0", m="1.0") == msgid.format(n="1.0", m="1.0")


def test_every_noun_after_a_field_has_a_singular():
    """Of all messages: what follows a field and ends in s is in ONE, or is a verb."""
    verbs = {"is", "does", "has", "reaches", "stands", "gets", "takes", "goes", "loses", "gains"}
    verbs |= {"lasts", "names", "suits", "holds", "says", "comes", "states", "spends", "needs"}
    others = {"s", "its", "as", "this", "less", "whose", "always", "towards"}
    found = {
        found[3]
        for msgid in catalogue.translations()
        for found in text.COUNTED.finditer(msgid)
        if found[3].endswith("s")
    }
    assert found - {*text.ONE} - verbs - others == set()


def test_an_unknown_message_stays_english():
    with language("id"):
        assert _("nobody ever wrote this") == "nobody ever wrote this"
        assert _("") == ""


@pytest.mark.parametrize(
    ("amount", "indonesian", "english"),
    [
        (0, "Rp0", "Rp0"),
        (1, "Rp1", "Rp1"),
        (-1, "−Rp1", "−Rp1"),
        (-0.2, "Rp0", "Rp0"),
        (1_500_000_000, "Rp1.500.000.000", "Rp1,500,000,000"),
        (-85_000_000, "−Rp85.000.000", "−Rp85,000,000"),
    ],
)
def test_rupiah_in_full(amount, indonesian, english):
    with language("id"):
        assert rupiah(amount) == indonesian
    with language("en"):
        assert rupiah(amount) == english


@pytest.mark.parametrize(
    ("amount", "indonesian", "english"),
    [
        (0, "Rp0", "Rp0"),
        (999_999, "Rp999.999", "Rp999,999"),
        (1_000_000, "Rp1 juta", "Rp1 million"),
        (12_340_000, "Rp12,3 juta", "Rp12.3 million"),
        (99_960_000, "Rp100 juta", "Rp100 million"),
        # three figures: 996 million is not yet a billion, 999.6 million is
        (996_000_000, "Rp996 juta", "Rp996 million"),
        (999_400_000, "Rp999 juta", "Rp999 million"),
        (999_600_000, "Rp1 miliar", "Rp1 billion"),
        (1_500_000_000, "Rp1,5 miliar", "Rp1.5 billion"),
        (-3_350_000_000, "−Rp3,35 miliar", "−Rp3.35 billion"),
        (2_000_000_000_000, "Rp2 triliun", "Rp2 trillion"),
        (1.5e15, "Rp1.500 triliun", "Rp1,500 trillion"),
    ],
)
def test_rupiah_in_short(amount, indonesian, english):
    with language("id"):
        assert rupiah(amount, short=True) == indonesian
    with language("en"):
        assert rupiah(amount, short=True) == english


def test_numbers_and_percentages():
    with language("id"):
        assert number(1234.5, 1) == "1.234,5"
        assert number(Decimal("0.125"), 2) == "0,13"
        assert number(-0.004, 2) == "0,00"
        assert percent(0.125, 1) == "12,5%"
        assert percent(-0.0001) == "0%"
        assert listing(["a", "b", "c"]) == "a, b, dan c"
    with language("en"):
        assert number(1234.5, 1) == "1,234.5"
        assert percent(1) == "100%"
        assert listing(["a", "b", "c"]) == "a, b, and c"
        assert listing(["a", "b"]) == "a and b"
        assert listing([]) == ""


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="language 'fr'"):
        text.use_language("fr")


def test_the_language_comes_back_after_an_error():
    with language("en"):
        with pytest.raises(ZeroDivisionError), language("id"):
            1 / 0  # noqa: B018
        assert text.current_language() == "en"


def test_each_thread_keeps_its_own_language():
    """Two readers of one server: what one chooses never reaches the other."""
    both = threading.Barrier(2, timeout=10)
    messages: dict[str, str] = {}

    def choose(code: str) -> None:
        text.use_language(code)
        both.wait()  # both have chosen before either translates
        messages[code] = _("million")
        both.wait()

    threads = [threading.Thread(target=choose, args=(code,)) for code in ("id", "en")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert messages == {"id": "juta", "en": "million"}


@settings(max_examples=300)
@given(
    value=st.floats(0, 1e6, allow_subnormal=False),
    above=st.floats(0, 1, allow_subnormal=False),
    digits=st.integers(0, 3),
    code=st.sampled_from(LANGUAGES),
)
def test_no_value_is_printed_above_its_bound(value, above, digits, code):
    """Nor is a gap printed smaller than it is."""
    with language(code):
        texts = number(value, digits), bound(value + above, digits), gap_percent(above, digits)
    shown, most, gap = (
        float(text.strip("%").translate(str.maketrans(",.", ".," if code == "id" else ",."))
              .replace(",", ""))
        for text in texts
    )  # fmt: skip
    assert shown <= most
    assert gap / 100 >= above - 1.1e-8


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [(380.58, 0, "381"), (380.58, 1, "380.6"), (380.6, 1, "380.6"), (380.61, 1, "380.7"),
     (13.4000000001, 1, "13.4"), (0, 2, "0.00"), (1e-12, 2, "0.00"), (0.001, 2, "0.01")],
)  # fmt: skip
def test_a_bound_is_rounded_up(value, digits, shown):
    """The last figures of a float are no reason to."""
    with language("en"):
        assert bound(value, digits) == shown
        assert gap_percent(0.0001, 2) == "0.01%" and gap_percent(0.00001, 2) == "0.01%"


@pytest.mark.parametrize("digits", range(5))
def test_what_a_solver_leaves_open_is_no_gap(digits):
    """377.64 units and a bound of 377.640001 differ by less than its sums are exact: no plan is
    better. A millionth is a gap."""
    with language("en"):
        assert gap_percent(0.000001 / 377.64, digits) == gap_percent(0, digits)
        assert gap_percent(1e-6, digits) != gap_percent(0, digits)
