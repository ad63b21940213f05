"""Texts that are no limit: what was meant, or where that is written instead.

A limit in other words (Indonesian ones, "Rp100 juta", "≤", "min 2 of") is answered with the same
limit as it is written here. What other programs of this kind call locked in or out, a weight, a
representation target or a linear constraint has its own place, which the answer names.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace

from ikmplan.input.cells import KEY_IN_TEXT
from ikmplan.input.own_limits import (
    AmountLimit,
    ClosedQuarters,
    OwnLimit,
    UnreadLimit,
    parse_limit,
)
from ikmplan.input.plain_text import SCALE_WORD, SCALES
from ikmplan.text import N_, _, listing

_NUMBERS = ("one satu", "two dua", "three tiga", "four empat", "five lima")
_MONTHS = (
    "january januari february februari march maret",
    "april may mei june juni",
    "july juli august agustus september",
    "october oktober november december desember",
)
_QUARTERS = (
    N_("q1 is January to March"),
    N_("q2 is April to June"),
    N_("q3 is July to September"),
    N_("q4 is October to December"),
)
# other words at the beginning of a limit, or anywhere in it, and how they are written
_FIRST = {
    "budget|cost|spending|rupiah|uang|dana|biaya|anggaran|pagu": "money",
    "seat|people|participants?|kuota(?: peserta)?|peserta": "seats",
    "units?(?: usaha| ikm)?|businesses|usaha": "units",
    "class|courses?|angkatan|kelas": "classes",
    "machine|mesin": "machines",
    "at least|min(?:imum|imal)?|no fewer than|paling sedikit|sedikitnya|"
    "(?:sekurang-)?kurangnya|setidaknya|paling kurang": "at least",
    "at most|max(?:imum)?|maks(?:imum|imal)?|no more than|paling banyak": "at most",
    "tepat|just": "exactly",
    "jika|kalau|when": "if",
    "tanpa|tidak ada|never": "no",
}
_ANYWHERE = {
    "≥|=>": ">=", "≤|=<": "<=", "==": "=",
    r"\s*(?:percent|persen)\b": "%", r"\bmaka\b": "then", r"\b(?:dari|from)\b": "of",
    r"\bdi luar\b": "outside", r"\bkecamatan\b": "district", r"\bsektor\b": "sector",
    r"\b(?:di|pada) (?=@|q\d)": "", r"\bperalatan\b": "equipment", r"\bpelatihan\b": "training",
    r"\b(?:q|tw|triwulan|kuartal|quarter)\s*(?=[1-4]\b)": "q",
    r"(?<=q[1-4])\s*(?:,|&|\band\b|\bdan\b)\s*(?=q[1-4]\b)": " ",
    r"(?<=\d),(?=\d{1,2}\s*%)": ".",
}  # fmt: skip
# ">" or "<" alone, which no limit has
_STRICT = "(?<![<>=])([<>])(?!=)"
_WHOLE = ("seats", "classes", "machines")  # measures of which n + 1 is the next above n
_OTHER_PLACES = (
    (
        r"(?:(?! district ).)*\b(near|next to|neighbou?r\w*|adjacent|contigu\w+|connected|"
        r"border\w*|boundary|compact\w*|dekat|tetangga|berbatasan)\b.*",
        N_("asks for neighbours, and no table states which clusters lie side by side."),
        N_("Name these clusters as a group, and write “at least 2 of …” or “if … then …”."),
    ),
    (
        rf"({KEY_IN_TEXT})?\s*(@\s*{KEY_IN_TEXT})?\s*(>=|<=|=)\s*\d+",
        N_("is a lock and no limit."),
        N_("Write “{text}” in the list locks."),
    ),
    (
        r"(exclude[ds]?|ban(ned)?|forbid(den)?|without|lock(ed)?[ _]out|larang|kecualikan)\b.*"
        rf"|(no|tanpa|tidak ada) {KEY_IN_TEXT}(\s*@\s*{KEY_IN_TEXT})?",
        N_("leaves something out."),
        N_("Write it in the list exclusions, such as “oven @ kue_denai”."),
    ),
    (
        r"(lock(ed)?(_in)?|force[ds]?|include[ds]?|require[ds]?|fix(ed)?|wajib|kunci)\b.*",
        N_("asks for something in the plan."),
        N_("Write it in the list locks, such as “oven @ kue_denai >= 1”."),
    ),
    (
        r".*\b(weights?|weighted|penalt(y|ies)|bonus|priorit\w+|bobot)\b.*",
        N_("weighs what is reached, and a limit is kept or not."),
        N_(
            "A cluster's weight stands in clusters.csv; the worst-off cluster's is the parameter "
            "equity."
        ),
    ),
    (
        r"(coverage|cover|floors?|representation|targets?|cakupan)\b.*",
        N_("asks for a coverage."),
        N_("Write it as floor, floors, target_units or target_reached."),
    ),
    (
        r".*(<=|>=).*(<=|>=).*|.*\b(between|antara)\b.*",
        N_("states two bounds."),
        N_("Write two limits, one with >= and one with <=."),
    ),
    (
        r".*\b(each|every|per|number of|setiap|tiap|jumlah)\b.*"
        r"|(at least |at most |exactly |max\w* |min\w* )?\d+ (clusters?|courses?|districts?|"
        r"sectors?|classes|machines?|sentra|pelatihan|kecamatan|mesin)",
        N_("counts clusters, courses or places that it does not name."),
        N_(
            "Name them, as in “at most 2 of @ kue_denai, @ batik_tembung”; of what holds for each, "
            "write one limit for each."
        ),
    ),
    (
        rf".*(\d\s*[*·]?\s*{KEY_IN_TEXT}\s*[-+]|[*·]|\s-\s|(>=|<=|=)\s*[a-z]).*",
        N_("multiplies, subtracts or compares what is counted."),
        N_(
            "Only a sum is counted, against a number or a share: “classes batik + oven <= 3”, "
            "“money batik >= 20% of training”, “if batik then oven”."
        ),
    ),
)


def limit_problem(text: str) -> tuple[str, str] | None:
    """What is wrong with a text that is no limit, and how it is written; None of a limit."""
    try:
        parse_limit(text)
    except UnreadLimit as unread:
        text = " ".join(text.split())
        if (meant := limit_meant(text)) is not None:
            fix = _("Write “{limit}”.", limit=meant)
            quarters = [_(_QUARTERS[n - 1]) for n in _quarters_of_months(text)]
            if isinstance(meant, ClosedQuarters) and quarters:
                fix += " " + _("A limit closes whole quarters: {quarters}.",
                               quarters=listing(quarters))  # fmt: skip
            return unread.problem, fix
        return elsewhere(text) or (unread.problem, unread.fix)
    return None


def elsewhere(text: str) -> tuple[str, str] | None:
    """What is asked for by a text that is no limit, and where that is written; None where it is
    not known."""
    for pattern, problem, fix in _OTHER_PLACES:
        if re.fullmatch(pattern, text, re.IGNORECASE):
            return _(problem), _(fix, text=text)
    return None


def limit_meant(text: str) -> OwnLimit | None:
    """The limit that a text states in other words; None where there is none."""
    text = _in_plain_words(text)
    strict = re.search(_STRICT, text) is not None
    text = re.sub(_STRICT, r"\1=", text)
    text = _with_signs(_with_digits(_with_closed_quarters(_as_count(text))))
    with suppress(UnreadLimit):
        limit = parse_limit(text)
        return _without_equal(limit) if strict else limit
    return None


def _in_plain_words(text: str) -> str:
    """With the words and signs of a limit in place of others."""
    first, space, rest = " ".join(text.split()).partition(" ")
    text = first.lower() + space + rest
    for words, written in _FIRST.items():
        text = re.sub(rf"^(?:{words})\b", written, text)
    for words, written in _ANYWHERE.items():
        text = re.sub(words, written, text, flags=re.IGNORECASE)
    return text


def _as_count(text: str) -> str:
    """ "if a then no b", "a xor b" and "at least two of" -> "at most 1 of a, b" and the like."""
    text = re.sub(
        rf"^if ({KEY_IN_TEXT}) then (?:no|not) ({KEY_IN_TEXT})$", r"at most 1 of \1, \2", text
    )
    text = re.sub(rf"^({KEY_IN_TEXT}) xor ({KEY_IN_TEXT})$", r"exactly 1 of \1, \2", text)
    for n, words in enumerate(_NUMBERS, 1):
        text = re.sub(
            rf"^(at least|at most|exactly) (?:{'|'.join(words.split())})\b", rf"\1 {n}", text
        )
    return text


def _with_closed_quarters(text: str) -> str:
    """ "no a in march" -> "no a in q1"; "a only in q2" -> "no a in q1 q3 q4"."""
    if text.startswith("no "):
        for n in _quarters_of_months(text):
            text = re.sub(_month_of(n), f"q{n}", text, flags=re.I)
        text = re.sub(r"\b(?:di|pada)\b", "in", text)
        text = re.sub(r" (?=q\d)", " in ", text, count=1) if " in " not in text else text
    if found := re.fullmatch(rf"(?:only )?({KEY_IN_TEXT}) (?:only )?in ((?:q[1-4][ ,]*)+)", text):
        open_ = re.findall(r"q(\d)", found[2])
        closed = [f"q{q}" for q in "1234" if q not in open_]
        text = f"no {found[1]} in {' '.join(closed)}" if "only" in text.split() else text
    return text


def _with_digits(text: str) -> str:
    """ "0.3", "3e8", "1,5 juta" and "Rp1.500.000" -> "30%", "300000000" and "1500000"."""
    text = re.sub(r"(?<=[<>=] )0[.,]\d{1,4}$", lambda n: _percent(n[0]), text)
    text = re.sub(r"\b(\d+(?:\.\d+)?)e(\d{1,2})\b", lambda n: _rupiah(n[1], int(n[2])), text)
    text = re.sub(
        rf"([\d.,]+)\s*({SCALE_WORD})\b",
        lambda found: _rupiah(found[1], SCALES[found[2].lower()]),
        text,
        flags=re.IGNORECASE,
    )
    text = re.sub(r"\brp\.?\s*(?=\d)", "", text, flags=re.IGNORECASE)
    return re.sub(
        r"\b\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*\b", lambda n: re.sub("[.,]", "", n[0]), text
    )


def _with_signs(text: str) -> str:
    """ "money batik min 100" -> "money batik >= 100"."""
    if not text.startswith(("at ", "exactly ")):
        for words, sign in (("at least|min", ">="), ("at most|max", "<=")):
            text = re.sub(rf" (?:{words}) (?=\d)", f" {sign} ", text)
    return text


def _without_equal(limit: OwnLimit) -> OwnLimit | None:
    """The limit on a count that leaves out the number itself; None of amounts and shares, which
    have no next number."""
    if not isinstance(limit, AmountLimit) or limit.share or limit.measure not in _WHOLE:
        return None
    number = limit.number + (1 if limit.sign == ">=" else -1)
    return replace(limit, number=number) if number >= 0 else None


def _quarters_of_months(text: str) -> list[int]:
    """The quarters of which a month is named."""
    return [n for n in range(1, 5) if re.search(_month_of(n), text, re.IGNORECASE)]


def _month_of(quarter: int) -> str:
    return rf"\b(?:{'|'.join(_MONTHS[quarter - 1].split())})\b"


def _percent(share: str) -> str:
    """ "0.3" -> "30%"."""
    return f"{float(share.replace(',', '.')) * 100:.10g}%"


def _rupiah(digits: str, zeros: int) -> str:
    """ "1,5" million -> "1500000"; the text itself where it is no number with one point."""
    whole, _point, part = digits.replace(",", ".").partition(".")
    if not (whole.isdigit() and (part or "0").isdigit() and len(part) <= zeros):
        return digits
    return whole + part.ljust(zeros, "0")
