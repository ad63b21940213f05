"""What was followed up, and what is known of pairs: chances that are more than one estimate.

An estimated chance is a Beta distribution whose mean is the estimate and whose spread is that of
the estimate's range. Each unit followed up is one trial (beta-binomial), so that the chance moves
from the estimate to what was found, the faster the less sure the estimate was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from math import hypot, log, prod, sqrt
from typing import Any, NamedTuple

RowsOf = Callable[[str], Iterable[Any]]  # table -> its rows
Item = tuple[str, str | None]  # course or machine, sector; a course's own chance has no sector
Pair = tuple[str, str]
DECILES = 2 * 1.2815515655446004  # standard deviations from the 10th to the 90th percentile
LEAST_TRIALS = 1.0  # that an estimate counts as, however wide its range


DEFAULT_FACTORS = {
    ("courses", "success"): (0.4, 1.6),
    ("course_suits", "relevance"): (0.5, 1.5),
    ("equipment_suits", "success"): (0.25, 1.5),
}


def chance_range(table: str, row: Any, column: str) -> tuple[float, float]:
    return DEFAULT_FACTORS[table, column]


class Learned(NamedTuple):
    """A chance after a follow-up: its mean and standard deviation, and what was followed up."""

    chance: float
    spread: float
    followed: int = 0
    reached: int = 0

    @property
    def trials(self) -> float:
        """As how many units followed up the chance counts."""
        known = self.chance * (1 - self.chance) / self.spread**2 - 1
        return max(LEAST_TRIALS, known)

    def after(self, followed: int, reached: int) -> Learned:
        """The chance after so many more units were followed up; a fact stays as it is.

        (trials · chance + reached) / (trials + followed)
        """
        if not followed or not self.spread:
            return self
        before = self.trials if 0 < self.chance < 1 else LEAST_TRIALS
        trials = before + followed
        chance = (before * self.chance + reached) / trials
        spread = sqrt(chance * (1 - chance) / (trials + 1))
        return Learned(chance, spread, self.followed + followed, self.reached + reached)

    @property
    def deciles(self) -> tuple[float, float]:
        """The 10th and the 90th percentile, within 0..1."""
        half = self.spread * DECILES / 2
        return max(0.0, self.chance - half), min(1.0, self.chance + half)


def spread_of(value: float, low: float, high: float) -> float:
    """The standard deviation of a chance whose range has these factors."""
    return (min(1.0, value * high) - value * low) / DECILES


def learned_chances(
    rows: RowsOf, ranges: Callable[[str, Any, str], tuple[float, float]]
) -> dict[Item, Learned]:
    """The chances that a follow-up changed, by item and sector; of a course also its own.

    A row of `results` without a cluster tells of the course's own chance (of a machine: of each
    sector that it suits), one with a cluster of the item at the sector of that cluster alone.
    `ranges` gives the factors of the 10th and 90th percentile of (table, row, column).
    """
    found: dict[Item, Learned] = {}
    sectors = {row.cluster: row.sector for row in rows("clusters")}
    counts: dict[Item, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows("results"):
        count = counts[row.item, sectors.get(row.cluster)]
        count[0], count[1] = count[0] + row.followed, count[1] + row.reached
    if not counts:
        return found

    def estimate(table: str, row: Any, column: str) -> Learned:
        value = getattr(row, column)
        return Learned(value, spread_of(value, *ranges(table, row, column)))

    def learn(item: Item, prior: Learned) -> Learned:
        after = prior.after(*counts.get(item, (0, 0)))
        if after is not prior or prior.followed:
            found[item] = after
        return after

    own = {
        r.course: learn((r.course, None), estimate("courses", r, "success"))
        for r in rows("courses")
    }
    for r in rows("course_suits"):
        if r.relevance and r.course in own:
            course, fit = own[r.course], estimate("course_suits", r, "relevance")
            chance = course.chance * fit.chance
            relative = (
                hypot(course.spread / course.chance, fit.spread / fit.chance) if chance else 0
            )
            learn(
                (r.course, r.sector),
                Learned(chance, chance * relative, course.followed, course.reached),
            )
    for r in rows("equipment_suits"):
        if r.success:
            everywhere = estimate("equipment_suits", r, "success").after(
                *counts.get((r.equipment, None), (0, 0))
            )
            learn((r.equipment, r.sector), everywhere)
    return found


def chance_of_any(alone: Mapping[str, float], pairs: Mapping[Pair, float]) -> float:
    """Probability that at least one of the items is used: 0..1.

    1 − Π(1 − q) where no chance of a pair is stated. Each stated pair multiplies the product by
    (1 − chance) / ((1 − q) · (1 − q)); of pairs that close a ring the weakest are left out, so
    that what is left is the joint probability of a tree.
    """
    missed = prod(1 - q for q in alone.values())
    if not missed:
        return 1.0
    strength = {
        (a, b): (1 - chance) / ((1 - alone[a]) * (1 - alone[b]))
        for (a, b), chance in pairs.items()
        if a in alone and b in alone
    }
    group = {item: item for item in alone}
    for a, b in sorted(strength, key=lambda ab: (-abs(log(strength[ab] or 1e-300)), ab)):
        if group[a] != group[b]:
            missed *= strength[a, b]
            group = {i: group[a] if g == group[b] else g for i, g in group.items()}
    return 1 - missed
