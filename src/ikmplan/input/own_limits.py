"""Limits of an office's own, as a scenario writes them, and what each of them names.

    money equipment outside main <= 30%      an amount, or a share of the plan, of "of training"
    seats batik @ sector food >= 20          or of a fund ("of dak"): of money, seats, units,
    money batik >= 100000000                 classes or machines
    no batik in q1 q2                        quarters in which no class of a course is held
    at least 2 of batik, oven, @ kue_denai   of these, so many get something; also at most, exactly
    if batik then @ kue_denai                where the first gets something, the second does

What is counted is a course, a machine, training, equipment, what a fund may pay for, several of
them (“batik + oven”), or all.

A place is a cluster, an opening, a group of the scenario, "a + b", "sector x", "district X" or
"city" (what all clusters share). Money, classes and machines stand where they are held or placed;
seats and units where their people are. `outside` is all else, what the whole city shares with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

from ikmplan.input.cells import CITY, EQUIPMENT, KEY_IN_TEXT, TRAINING
from ikmplan.input.row import QUARTERS
from ikmplan.input.rows import Tables
from ikmplan.text import _

MONEY_SPENT = "money"
MEASURES = (MONEY_SPENT, "seats", "units", "classes", "machines")
COUNT_SIGNS = {"at least": ">=", "at most": "<=", "exactly": "="}
_SUM = rf"{KEY_IN_TEXT}(?:\s*\+\s*{KEY_IN_TEXT})*"
_PART = re.compile(
    rf"(?:(?P<what>(?!outside\b){_SUM}))?\s*(?:(?P<where>@|outside\b)\s*(?P<place>[^<>=%@,;]+))?"
)
_BOUND = re.compile(
    rf"(?P<number>\d{{1,15}})|(?P<share>\d{{1,3}}(?:\.\d\d?)?)\s*%(?:\s*of\s+(?P<of>{_SUM}))?"
)
# in one text, a comma parts two limits only where a limit begins behind it
BETWEEN_LIMITS = rf"""[;\n]|,(?=\s*["']?(?:{"|".join((*MEASURES, *COUNT_SIGNS, "no", "if"))})\s)"""


class UnreadLimit(ValueError):
    """A text that is no limit: what is wrong with it, and what was expected."""

    def __init__(self, problem: str, fix: str = ""):
        self.problem, self.fix = problem, fix
        super().__init__(problem)


@dataclass(frozen=True)
class Part:
    """What a limit counts: `what` (a key or “a + b”; None: everything) at or outside a place (None:
    anywhere)."""

    what: str | None
    place: str | None = None
    outside: bool = False

    def __str__(self) -> str:
        at = self.place and f"{'outside' if self.outside else '@'} {self.place}"
        return " ".join(filter(None, (self.what, at)))

    @property
    def area(self) -> tuple[str, str] | None:
        """("sector" or "district", its name) where the place is one."""
        kind, _space, name = (self.place or "").partition(" ")
        return (kind, name) if kind in ("sector", "district") and name else None


@dataclass(frozen=True)
class AmountLimit:
    """Σ of the measure over the part ≥, = or ≤ a number, or a share 0..1 of a whole."""

    measure: str
    part: Part
    sign: str
    number: float  # rupiah, or how many; a share 0..1
    share: bool = False
    of: str | None = None  # a share of all that is measured of it, or of what this fund holds

    def __str__(self) -> str:
        bound = f"{self.number * 100:.10g}%" if self.share else str(round(self.number))
        whole = f" of {self.of}" if self.of else ""
        left = " ".join(filter(None, (self.measure, str(self.part))))
        return f"{left} {self.sign} {bound}{whole}"


@dataclass(frozen=True)
class ClosedQuarters:
    """No class of `what`, a course or training, is held in these quarters."""

    what: str
    quarters: tuple[int, ...]

    def __str__(self) -> str:
        return f"no {self.what} in {' '.join(f'q{q}' for q in self.quarters)}"


@dataclass(frozen=True)
class CountLimit:
    """Of the parts at least, at most or exactly `number` get a seat, a machine or its hours."""

    sign: str
    number: int
    parts: tuple[Part, ...]

    def __str__(self) -> str:
        words = {sign: words for words, sign in COUNT_SIGNS.items()}[self.sign]
        return f"{words} {self.number} of {', '.join(map(str, self.parts))}"


@dataclass(frozen=True)
class IfThen:
    """Where the first part gets something, the second does too."""

    parts: tuple[Part, ...]  # two of them

    def __str__(self) -> str:
        return f"if {self.parts[0]} then {self.parts[1]}"


OwnLimit = AmountLimit | ClosedQuarters | CountLimit | IfThen


def parts_of(limit: OwnLimit) -> tuple[Part, ...]:
    """What the limit counts; nothing of quarters."""
    if isinstance(limit, AmountLimit):
        return (limit.part,)
    return () if isinstance(limit, ClosedQuarters) else limit.parts


def limit_bound(limit: OwnLimit) -> tuple[str, float]:
    """The sign, and the number or share that a plan must have; 0 of what may not be."""
    if isinstance(limit, AmountLimit | CountLimit):
        return limit.sign, limit.number
    return "<=", 0


# --- from text -------------------------------------------------------------------------------


def parse_limit(text: str) -> OwnLimit:
    """The limit in a text; raises `UnreadLimit` with what is wrong and what was expected."""
    text = " ".join(text.split())
    first, _space, rest = text.partition(" ")
    if first in MEASURES:
        return _amount(first, rest)
    if first == "no":
        return _closed(rest)
    if first == "if":
        return _if_then(rest)
    for words, sign in COUNT_SIGNS.items():
        if text.startswith(f"{words} "):
            return _count(sign, text.removeprefix(words))
    raise UnreadLimit(
        _("does not begin as a limit does."),
        _(
            "Begin with {measures}, with “no … in q1”, “at least 2 of …”, “at most 1 of …”, "
            "“exactly 1 of …” or “if … then …”.",
            measures=", ".join(MEASURES),
        ),
    )


def _amount(measure: str, rest: str) -> AmountLimit:
    pieces = re.split("(<=|>=|=)", rest)
    if len(pieces) != 3:
        raise UnreadLimit(
            _("has no sign, or more than one."),
            _("Write one of >=, <= and = before the amount, such as “money batik >= 100000000”."),
        )
    left, sign, right = (piece.strip() for piece in pieces)
    bound = _BOUND.fullmatch(right)
    found = re.match(r"-?[\d.]+(?=\s*%)", right)
    if found and not (re.fullmatch(r"\d+(\.\d\d?)?", found[0]) and Decimal(found[0]) <= 100):
        raise UnreadLimit(
            _("does not end in a share from 0% to 100% with at most two decimals."),
            _("End it like “<= 30%”, “<= 12.5%” or “<= 30% of dak”."),
        )
    if bound is None:
        raise UnreadLimit(
            _("does not end in an amount or a share."),
            _("End it with digits alone (100000000), a share (30%) or “30% of dak”."),
        )
    part = _part(left)
    if bound["number"]:
        return AmountLimit(measure, part, sign, int(bound["number"]))
    if sign == "=":
        raise UnreadLimit(
            _("asks for exactly a share, which whole classes and machines seldom make."),
            _("Write >= or <=."),
        )
    share = float(Decimal(bound["share"]) / 100)
    return AmountLimit(measure, part, sign, share, True, _summed(bound["of"]))


def _part(text: str, empty: bool = True) -> Part:
    found = _PART.fullmatch(text.strip())
    place = found and found["place"] and _place(found["place"].strip())
    if found is None or (found["where"] and not place) or not (text.strip() or empty):
        raise UnreadLimit(
            _("names something that cannot be read: “{part}”.", part=text.strip()),
            _(
                "Write a key, then @ or outside and a place: a cluster, a group, “a + b”, "
                "“sector bakery”, “district Medan Denai” or city."
            ),
        )
    return Part(_summed(found["what"]), place, found["where"] == "outside")


def _summed(what: str | None) -> str | None:
    """Several keys with " + " between them."""
    return what and " + ".join(keys_in(what))


def keys_in(what: str | None) -> list[str]:
    """The keys of what is counted; [] of everything."""
    return [key.strip() for key in what.split("+")] if what else []


def _place(text: str) -> str | None:
    if text.startswith("district ") or re.fullmatch(f"sector {KEY_IN_TEXT}", text):
        return text
    keys = [key.strip() for key in text.split("+")]
    return " + ".join(keys) if all(re.fullmatch(KEY_IN_TEXT, key) for key in keys) else None


def _closed(rest: str) -> ClosedQuarters:
    found = re.fullmatch(rf"({KEY_IN_TEXT}) in ((?:q[1-{QUARTERS[-1]}][ ,]*)+)", rest)
    if found is None:
        raise UnreadLimit(
            _("does not state which course and which quarters."),
            _(
                "Write it like “no batik in q1 q2” or “no training in q3”; quarters are decided "
                "for all classes of a course together, not for each cluster."
            ),
        )
    quarters = sorted({int(q) for q in re.findall(r"q(\d)", found[2])})
    return ClosedQuarters(found[1], tuple(quarters))


def _count(sign: str, rest: str) -> CountLimit:
    found = re.fullmatch(r" (\d{1,3}) of (.+)", rest)
    if found is None:
        raise UnreadLimit(
            _("does not state how many of what."),
            _("Write it like “at least 2 of batik, oven, @ kue_denai”."),
        )
    parts = tuple(dict.fromkeys(_part(text, empty=False) for text in found[2].split(",")))
    if int(found[1]) > len(parts):
        raise UnreadLimit(
            _("asks for {n} of {m}.", n=found[1], m=len(parts)),
            _("Write at most {most}.", most=len(parts)),
        )
    return CountLimit(sign, int(found[1]), parts)


def _if_then(rest: str) -> IfThen:
    first, then, second = rest.partition(" then ")
    if not then:
        raise UnreadLimit(_("has no “then”."), _("Write it like “if batik then @ kue_denai”."))
    return IfThen((_part(first, empty=False), _part(second, empty=False)))


# --- what the names mean in a case -----------------------------------------------------------


class LimitScope(NamedTuple):
    """The courses and machines that count, and the clusters (and CITY) where they do."""

    items: frozenset[str]
    hosts: frozenset[str]


def resolved(
    limit: OwnLimit, groups: Mapping[str, tuple[str, ...]], amounts: Mapping[str, int]
) -> OwnLimit:
    """The same limit without names of the scenario: clusters for groups, rupiah for a fund's share.

    `amounts`: fund -> rupiah. Whole rupiah exceed a share of them as soon as they exceed it
    rounded down.
    """

    def of_clusters(part: Part) -> Part:
        if part.place is None or " " in part.place.replace(" + ", ""):
            return part
        keys = [c for key in part.place.split(" + ") for c in groups.get(key, (key,))]
        return replace(part, place=" + ".join(dict.fromkeys(keys)))

    if isinstance(limit, ClosedQuarters):
        return limit
    if not isinstance(limit, AmountLimit):
        return replace(limit, parts=tuple(map(of_clusters, limit.parts)))
    limit = replace(limit, part=of_clusters(limit.part))
    if limit.of is None or limit.of not in amounts:
        return limit
    exact = Fraction(str(limit.number)) * amounts[limit.of]
    rupiah = (floor if limit.sign == "<=" else ceil)(exact)
    return replace(limit, number=rupiah, share=False, of=None)


def items_named(what: str | None, tables: Tables) -> frozenset[str]:
    """The courses, machines and openings of a key, of a kind, that a fund may pay for, or of
    several of these (“a + b”); None: all."""
    courses, machines = tables.by_key["courses"], tables.by_key["equipment"]
    # the kinds themselves stand for the openings that are paid as such
    kinds = {TRAINING: {*courses, TRAINING}, EQUIPMENT: {*machines, EQUIPMENT}}
    everything = {*kinds[TRAINING], *kinds[EQUIPMENT], *tables.by_key["openings"]}
    if what is None:
        return frozenset(everything)
    if len(keys := keys_in(what)) > 1:
        return frozenset[str]().union(*(items_named(key, tables) for key in keys))
    if what in kinds:
        return frozenset(kinds[what])
    if fund := tables.by_key["funds"].get(what or ""):
        return frozenset[str]().union(
            *(items_named(word, tables) for word in fund.pays if word != what)
        )
    return frozenset(key for key in everything if key == what)


def scope_of(part: Part, tables: Tables) -> LimitScope:
    """What a part of a resolved limit counts; nothing where its names are unknown."""
    clusters = tables.by_key["clusters"]
    every = {*clusters, *tables.by_key["openings"], CITY}
    if part.place is None:
        hosts = every
    elif part.area:
        kind, alike = part.area[0], part.area[1].casefold()
        hosts = {c for c, row in clusters.items() if getattr(row, kind).casefold() == alike}
    else:
        hosts = every & {*part.place.split(" + ")}
    return LimitScope(
        items_named(part.what, tables), frozenset(every - hosts if part.outside else hosts)
    )


def whole_of(limit: AmountLimit, tables: Tables) -> LimitScope:
    """What a resolved share is a share of."""
    return scope_of(Part(limit.of), tables)
