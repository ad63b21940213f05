"""What a plan reaches over all draws: `range_of(plan, case, drawn)`.

Ignorance: the chances, prices and sizes are not known; each draw has its own. Luck: with the
chances of a draw each unit is reached or not. Both are drawn, and the law of total variance
divides the spread between them: Var(lucky) = Var(expected) + E[variance given the draw].
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np

from ikmplan.input.case import Case
from ikmplan.input.uncertain_numbers import Floats
from ikmplan.plan.plan import Plan
from ikmplan.uncertainty.drawn_numbers import DrawnNumbers, total_of
from ikmplan.uncertainty.draws import Draws
from ikmplan.uncertainty.given import Given, given_by
from ikmplan.uncertainty.office_rule import Outcome, PlanInDraws


@dataclass(frozen=True)
class PlanRange:
    """IKM units that a plan reaches in each draw, shape (n,), and what it keeps."""

    expected: Floats  # with the chances of the draw
    luck: Floats  # variance of the number reached, given the draw
    lucky: Floats  # a number that is really reached
    entrepreneurs: Floats  # people who are no IKM yet and are expected to be reached, where counted
    cost: Floats  # rupiah
    coverage: dict[str, Floats]  # IKM cluster -> share of its units that is expected to be reached
    holds: dict[tuple[str, str], Floats]  # (rule, key) -> 1 in the draws in which it holds


def range_of(plan: Plan | Given, case: Case, drawn: Draws, as_announced: bool = False) -> PlanRange:
    """The plan in each draw, after the office's rule (`office_rule`).

    Floors hold where the cluster's expected coverage is at least the floor; limits where nothing
    had to be dropped for them; those of the office's own where they hold in the end. The announced
    programme may exceed the limits as they stand. All is worked out in the order of the keys: what
    is dropped must not depend on that of rows.
    """
    case, given = case.ordered, (plan if isinstance(plan, Given) else given_by(plan)).ordered
    outcome = PlanInDraws(given, case, as_announced).outcome(DrawnNumbers(case, drawn))
    counted = {at: n for at, n in outcome.units.items() if case.is_ikm(at[0])}
    reached: dict[str, list[Floats]] = {c: [] for c in case.clusters if case.is_ikm(c)}
    variance, lucky = np.zeros(drawn.n), np.zeros(drawn.n)
    for at, n in counted.items():
        chance = np.clip(outcome.chances[at], 0, 1)
        reached[at[0]].append(n * chance)
        variance = variance + n * chance * (1 - chance)
        generator = np.random.default_rng([drawn.seed, crc32(f"luck {at}".encode())])
        lucky = lucky + generator.binomial(np.rint(n).astype(int), chance, drawn.n)
    new = (
        n * np.clip(outcome.chances[at], 0, 1)
        for at, n in outcome.units.items()
        if at[0] in case.weights and at not in counted
    )
    by_cluster = {c: total_of(parts) + np.zeros(drawn.n) for c, parts in reached.items()}
    coverage = {c: x / np.maximum(outcome.sizes[c], 1) for c, x in by_cluster.items()}
    return PlanRange(
        expected=total_of(by_cluster.values()) + np.zeros(drawn.n),
        luck=variance,
        lucky=lucky,
        entrepreneurs=total_of(new) + np.zeros(drawn.n),
        cost=outcome.cost + np.zeros(drawn.n),
        coverage=coverage,
        holds=outcome.holds | _floors_hold(case, outcome, coverage),
    )


def _floors_hold(
    case: Case, outcome: Outcome, coverage: dict[str, Floats]
) -> dict[tuple[str, str], Floats]:
    """An empty cluster has nobody to reach: its floor holds."""
    return {
        ("floor", c): ((coverage[c] >= floor - 1e-9) | (outcome.sizes[c] == 0)).astype(float)
        for c, floor in case.floors.items()
        if c in coverage
    }


def share_of_luck(expected: Floats, variances: Floats) -> float:
    """Share of the variance that is luck and would be left if all chances were known: 0..1; of
    the units expected in each draw, and the variance that luck has in each."""
    ignorance, luck = float(np.var(expected)), float(np.mean(variances))
    return luck / (ignorance + luck) if ignorance + luck else 0.0
