"""What several checks of the audit find, each breach one sentence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from ikmplan.plan.audit_limits import Use
from ikmplan.plan.audit_rows import RowKey, joined
from ikmplan.text import _

AUDIT_TOLERANCE = 1e-6  # days, hours, kVA, m²: sums of decimals; money and counts are exact
Breaches = Iterator[str]


def over(uses: Iterable[Use]) -> Breaches:
    """Where more is used than there is."""
    for at, used, most in uses:
        if used - most > AUDIT_TOLERANCE:
            yield _("{at}: {used} is more than {limit}.", **_place(at, used, most))


def under(uses: Iterable[Use]) -> Breaches:
    """Where there is less than was asked for."""
    for at, used, least in uses:
        if least - used > AUDIT_TOLERANCE:
            yield _("{at}: {used} is less than {limit}.", **_place(at, used, least))


def other_than(at: RowKey, stated: Any, right: Any, tolerance: float = AUDIT_TOLERANCE) -> Breaches:
    """Where what is stated is not right: numbers within the tolerance, texts exactly."""
    if stated != right and (isinstance(right, str) or not abs(stated - right) <= tolerance):
        yield _("{at}: {used} is stated, {limit} is right.", **_place(at, stated, right))


def _place(at: RowKey, used: Any, limit: Any) -> dict[str, str]:
    used, limit = (f"{n:g}" if isinstance(n, float) else str(n) for n in (used, limit))
    return {"at": joined(*at), "used": used, "limit": limit}


def nowhere(counts: Mapping[RowKey, int], places: Collection[RowKey]) -> Breaches:
    for item, host in (key for key, n in counts.items() if n and key not in places):
        yield _(
            "{item} has no place at {host}: it suits nobody there, or is shared elsewhere.",
            item=item,
            host=host,
        )
