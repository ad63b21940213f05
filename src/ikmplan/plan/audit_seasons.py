"""What a cautious plan is worth in bad seasons, worked out again of the plan's tables."""

from __future__ import annotations

from collections.abc import Iterator

from ikmplan.plan.audit_sums import AuditSums
from ikmplan.plan.breaches import Breaches, over, under
from ikmplan.uncertainty.chances import BUDGET, SEASONS, UNITS, Seasons, cost_key, worst_count

SEASON_TOLERANCE = 1e-4  # million rupiah or units: a mean of seasons that a solver kept to its own


def bad_mean(b: AuditSums, what: str, share: float) -> float:
    """The mean of the worst seasons, this share of them: weighted units reached; minus the
    million rupiah spent; or the units that a cluster is above its floor."""
    found = b.seasons[what]
    worst = sorted(_worth(b, what, found))[: worst_count(share)]
    return sum(worst) / len(worst)


def _worth(b: AuditSums, what: str, found: Seasons) -> Iterator[float]:
    """In each season."""
    for n in range(SEASONS):
        if what == BUDGET:
            yield (
                -sum(
                    float(found.cost_factor[cost_key(part, item, host)][n]) * count * price
                    for (_kind, item, host, part), (count, price) in b.bought.items()
                )
                / 1e6
            )
        elif what == UNITS:
            coached = (c for c in b.clusters if b.coached[c])
            yield sum(b.clusters[c].weight * _there(b, c, found, n) for c in coached)
        else:
            groups = [g for g in b.groups if g.cluster == what]
            reached = sum(g.units * float(found.by_text[g[:2]][n]) for g in groups)
            yield reached - b.floors[what] * float(found.size[what][n])


def _there(b: AuditSums, c: str, found: Seasons, n: int) -> float:
    """Units reached at a cluster in a season, without those who are not there."""
    given = [(float(found.by_text[g[:2]][n]), g.units) for g in b.groups if g.cluster == c]
    size = float(found.size[c][n])
    places = found.worth_of_place[c][:, n].tolist() if size < b.size[c] else [0.0]
    return min(
        place * size + sum(max(0.0, w - place) * units for w, units in given) for place in places
    )


def check_budget_in_seasons(b: AuditSums) -> Breaches:
    if b.scenario.holds_in > 0:
        spent = -bad_mean(b, BUDGET, 1 - b.scenario.holds_in)
        yield from over([(("budget",), spent - SEASON_TOLERANCE, b.budget / 1e6)])


def check_floors_in_seasons(b: AuditSums) -> Breaches:
    for c, floor in b.floors.items():
        if floor > 0 and b.scenario.holds_in > 0:
            above = bad_mean(b, c, 1 - b.scenario.holds_in)
            yield from under([((c,), above + SEASON_TOLERANCE, 0.0)])
