"""Which costs funds can pay, where each cost may be paid by some of them only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from math import inf
from typing import TypeVar

MOST_UNIONS = 64  # of funds; where there are more, money of each fund is a variable instead
Member = TypeVar("Member", str, int)


def unpaid(costs: Mapping[frozenset[str], int], amounts: Mapping[str, int]) -> int:
    """Rupiah of the costs that no fund can pay, where each is paid by some of the funds that may.

    A largest flow from funds to costs, by shortest paths: however many funds there are and
    however they overlap, it takes a moment.
    """
    left, paid, short = dict(amounts), Counter[tuple[frozenset[str], str]](), 0
    for payers, cost in costs.items():
        while cost and (path := _to_money(payers, left, paid)):
            freed = [paid[after, f] for (_who, f), (after, _f) in pairwise(path)]
            amount = min(cost, left[path[-1][1]], *freed)
            for (who, f), (after, _f) in pairwise(path):
                paid[who, f] += amount
                paid[after, f] -= amount
            paid[path[-1]] += amount
            left[path[-1][1]] -= amount
            cost -= amount
        short += cost
    return short


def _to_money(
    payers: frozenset[str], left: Mapping[str, int], paid: Mapping[tuple[frozenset[str], str], int]
) -> list[tuple[frozenset[str], str]]:
    """Who is paid by which fund now, the next one by another fund in its place, and so on to a
    fund with money left; [] where there is none."""
    waiting: list[list[tuple[frozenset[str], str]]] = [[]]
    seen: set[str] = set()
    for path in waiting:
        before = path[-1][1] if path else None
        users = [who for (who, f), n in paid.items() if n and f == before] if path else [payers]
        for who in users:
            for f in sorted(who - seen):
                if left[f] > 0:
                    return [*path, (who, f)]
                seen.add(f)
                waiting.append([*path, (who, f)])
    return []


def unions(payers: set[frozenset[Member]], most: float = inf) -> list[frozenset[Member]]:
    """The payer sets, and every union of them that hangs together; small ones first.

    By Hall's theorem limits on all unions are enough: no variable is needed for the money that
    each fund gives each item. Where a union falls into parts without a common payer set, its
    limit is the sum of those of its parts, so that it says nothing more. Where there are more
    than `most`, some are missing.
    """
    found = set(payers)
    waiting = list(found)
    while waiting and len(found) <= most:
        funds = waiting.pop()
        more = {funds | paid for paid in payers if funds & paid} - found
        found |= more
        waiting += more
    return sorted(found, key=lambda funds: (len(funds), sorted(funds)))
