"""What the audit finds: each breach of a rule as a record, whose sentence is made here alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ikmplan.text import N_, _

RowKey = tuple[Any, ...]
Use = tuple[RowKey, float, float]  # of what and where; how much is used; how much there is
AUDIT_TOLERANCE = 1e-6  # days, hours, kVA, m²: sums of decimals; money and counts are exact


class Breach(NamedTuple):
    """One place where a plan breaks a rule; as text, the sentence after the rule's name."""

    message: str  # its fields are `at` and the amounts
    at: RowKey = ()  # keys of the tables that it is about
    amounts: Mapping[str, object] = {}
    ruling: str = ""  # the lock, exclusion or limit that is not kept, as scenario files have it
    rule: str = ""

    def __str__(self) -> str:
        at = ", ".join(map(str, self.at))
        return f"{self.rule}: {_(self.message, at=at, **self.amounts)}"


Breaches = Iterator[Breach]


def over(uses: Iterable[Use]) -> Breaches:
    """Where more is used than there is."""
    for at, used, most in uses:
        if used - most > AUDIT_TOLERANCE:
            yield Breach(N_("{at}: {used} is more than {limit}."), at, _amounts(used, most))


def under(uses: Iterable[Use]) -> Breaches:
    """Where there is less than was asked for."""
    for at, used, least in uses:
        if least - used > AUDIT_TOLERANCE:
            yield Breach(N_("{at}: {used} is less than {limit}."), at, _amounts(used, least))


def other_than(at: RowKey, stated: Any, right: Any, tolerance: float = AUDIT_TOLERANCE) -> Breaches:
    """Where what is stated is not right: numbers within the tolerance, texts exactly."""
    if stated != right and (isinstance(right, str) or not abs(stated - right) <= tolerance):
        message = N_("{at}: {used} is stated, {limit} is right.")
        yield Breach(message, at, _amounts(stated, right))


def _amounts(used: Any, limit: Any) -> dict[str, str]:
    used, limit = (f"{n:g}" if isinstance(n, float) else str(n) for n in (used, limit))
    return {"used": used, "limit": limit}


def nowhere(counts: Mapping[RowKey, int], places: Collection[RowKey]) -> Breaches:
    """What stands where it has no place."""
    message = N_("{item} has no place at {host}: it suits nobody there, or is shared elsewhere.")
    for item, host in (key for key, n in counts.items() if n and key not in places):
        yield Breach(message, (item, host), {"item": item, "host": host})
