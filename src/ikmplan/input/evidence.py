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

from ikmplan.input.number_kinds import kind_of_number
from ikmplan.input.ranges import Ranges, stated_facts
from ikmplan.input.rows import row_key

RowsOf = Callable[[str], Iterable[Any]]  # table -> its rows
Item = tuple[str, str | None]  # course or line, sector; a course's own chance has no sector
TwoItems = tuple[str, str]
SCORE_OF_TENTH = 1.2815515655446004  # a standard normal exceeds it in one case of ten
LEAST_TRIALS = 1.0  # that an estimate counts as, however wide its range


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
    def relative(self) -> float:
        """The standard deviation as a share of the mean."""
        return self.spread / self.chance if self.chance else 0.0


def spread_of(low: float, high: float) -> float:
    """The standard deviation of a chance with these 10th and 90th percentiles."""
    return (high - low) / (2 * SCORE_OF_TENTH)


class _Estimates:
    """The estimated chances of the tables, each with the spread of its range."""

    def __init__(self, rows: RowsOf):
        self.ranges = Ranges(rows("ranges"))
        self.estimates = {row.source for row in rows("sources") if row.kind == "estimate"}
        self.facts = stated_facts(rows("sources"), rows("stated"))
        self.operator_courses = {row.operator_course for row in rows("equipment") if row.operators}

    def of(self, table: str, column: str, row: Any) -> Learned:
        """Facts have no spread, nor has a share of 1 without a range of its own row."""
        value, own = getattr(row, column), self.ranges.of(table, column, row)
        defined = value == 1 and (own is None or own.row_key is None)
        fact = (table, row_key(row), column) in self.facts
        if fact or row.source not in self.estimates or defined:
            return Learned(value, 0.0)
        trains = getattr(row, "course", None) in self.operator_courses
        kind = kind_of_number(table, column, trains)
        low, middle, high = (own.low, own.shift, own.high) if own else (kind.low, 1.0, kind.high)
        most = 1.0 if own else max(kind.cap, value)
        return Learned(value * middle, spread_of(value * low, min(most, value * high)))

    def of_line(self, of_line: Iterable[Any]) -> Learned:
        """The chance of a line at a sector, which all its rows there state."""
        table, column, rows = "equipment_suits", "success", list(of_line)
        fact = next((row for row in rows if (table, row_key(row), column) in self.facts), None)
        row = fact or self.ranges.stating(table, column, rows, self.estimates)
        return self.of(table, column, row)


def learned_chances(rows: RowsOf) -> dict[Item, Learned]:
    """The chances that a follow-up changed, by item and sector; of a course also its own.

    A row of `results` without a cluster is about the course's own chance (of a line of machines:
    the chance at each sector that it suits), one with a cluster about the item at the sector of
    that cluster alone. A machine is meant as it is used by itself: who uses it in a line was
    reached by the line. Both move a chance from its estimate, which includes a stated shift.
    """
    found: dict[Item, Learned] = {}
    sectors = {row.cluster: row.sector for row in rows("clusters")}
    counts: dict[Item, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows("results"):
        count = counts[row.item, sectors.get(row.cluster)]
        count[0], count[1] = count[0] + row.followed, count[1] + row.reached
    if not counts:
        return found
    estimates, own = _Estimates(rows), {}

    def learn(item: Item, prior: Learned) -> Learned:
        after = prior.after(*counts.get(item, (0, 0)))
        if after.followed:
            found[item] = after
        return after

    for row in rows("courses"):
        own[row.course] = learn((row.course, None), estimates.of("courses", "success", row))
    for row in rows("course_suits"):
        course = own.get(row.course)
        if row.relevance and course is not None:
            fit = estimates.of("course_suits", "relevance", row)
            if course.followed or counts.get((row.course, row.sector)):
                learn((row.course, row.sector), _product(course, fit))
    lines: dict[TwoItems, list[Any]] = defaultdict(list)
    for row in rows("equipment_suits"):
        if row.success:
            lines[row.used_as, row.sector].append(row)
    for (line, sector), of_line in lines.items():
        everywhere = estimates.of_line(of_line).after(*counts.get((line, None), (0, 0)))
        learn((line, sector), everywhere)
    return found


def chances_alone(rows: RowsOf, learned: Mapping[Item, Learned]) -> dict[TwoItems, float]:
    """(course or line, sector) -> the chance that it is used, after what was followed up."""
    own = {row.course: row.success for row in rows("courses")}
    own |= {item: found.chance for (item, sector), found in learned.items() if sector is None}
    alone = {
        (row.course, row.sector): own.get(row.course, 0.0) * row.relevance
        for row in rows("course_suits")
    }
    alone |= {(row.used_as, row.sector): row.success for row in rows("equipment_suits")}
    return {at: learned[at].chance if at in learned else chance for at, chance in alone.items()}


def _product(course: Learned, fit: Learned) -> Learned:
    chance = course.chance * fit.chance
    spread = chance * hypot(course.relative, fit.relative)
    return Learned(chance, spread, course.followed, course.reached)


def counted_pairs(alone: Mapping[str, float], pairs: Mapping[TwoItems, float]) -> list[TwoItems]:
    """The stated pairs among these items that count: of those that close a ring not the weakest,
    so that what is left is the joint probability of a tree."""
    strength = {
        (a, b): abs(log(max(1 - chance, 1e-300) / ((1 - alone[a]) * (1 - alone[b]))))
        for (a, b), chance in pairs.items()
        if a in alone and b in alone and alone[a] < 1 and alone[b] < 1
    }
    group, counted = {item: item for item in alone}, []
    for a, b in sorted(strength, key=lambda ab: (-strength[ab], ab)):
        if group[a] != group[b]:
            counted.append((a, b))
            group = {i: group[a] if g == group[b] else g for i, g in group.items()}
    return counted


def chance_of_any(alone: Mapping[str, float], pairs: Mapping[TwoItems, float]) -> float:
    """Probability that at least one of the items is used: 0..1.

    1 − Π(1 − q) where no chance of a pair is stated; each pair that counts multiplies the product
    by (1 − chance of the pair) / ((1 − q) · (1 − q)).
    """
    missed = prod(1 - q for q in alone.values())
    for a, b in counted_pairs(alone, pairs) if pairs else ():
        both = max(pairs[a, b], alone[a], alone[b])
        missed *= (1 - both) / ((1 - alone[a]) * (1 - alone[b]))
    return 1 - missed
