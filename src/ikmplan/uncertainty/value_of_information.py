"""Which guess to check first: what knowing a number before deciding would bring, in units.

The expected value of partial perfect information: E[max_d E(units of d | number)] −
max_d E(units of d), over the plan and the best plans of other draws. E(units of d | number) is
a regression over the draws. It is fitted on four fifths of the draws and its choice is counted on
the last fifth, five times: so it cannot profit from the draws that it was fitted to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ikmplan.input.case import Case
from ikmplan.input.uncertain_numbers import Floats, UncertainNumber
from ikmplan.tableset import grouped
from ikmplan.uncertainty.draws import Draws
from ikmplan.uncertainty.given import Given
from ikmplan.uncertainty.plan_range import range_of

CANDIDATES = 40  # plans among which knowing a number lets the office choose
FOLDS = 5
KNOTS = (-0.8, 0.0, 0.8)  # of the normal scores: the regression bends there
BY_NUMBER, BY_SOURCE = "number", "source"


class Information(NamedTuple):
    """What knowing one number, or all numbers of one source, would bring."""

    level: str  # BY_NUMBER or BY_SOURCE
    numbers: tuple[UncertainNumber, ...]
    gain: float  # expected IKM units; 0 where knowing it changes no choice
    error: float  # standard error of the gain


def payoffs(plans: Sequence[Given], case: Case, drawn: Draws) -> Floats:
    """Expected IKM units of each plan in each draw, after the office's rule: (plans, n)."""
    found = [range_of(given, case, drawn).expected for given in plans]
    return np.array(found).reshape(len(plans), drawn.n)


def information(drawn: Draws, units: Floats) -> list[Information]:
    """Every number and every source of them, the one worth most first.

    `units` is (plans, n), of plans that the office can choose among.
    """
    by_noise = grouped((u.noise, at) for at, u in enumerate(drawn.numbers))
    by_source = grouped((u.source, at) for at, u in enumerate(drawn.numbers))
    scores = _scores(drawn.values)
    found = []
    for level, groups in ((BY_NUMBER, by_noise), (BY_SOURCE, by_source)):
        for places in groups.values():
            varied = [at for at in places if np.ptp(drawn.values[at]) > 0]
            if varied:
                gain, error = value_of_knowing(_basis(scores[varied], level), units)
                numbers = tuple(drawn.numbers[at] for at in places)
                found.append(Information(level, numbers, gain, error))
    return sorted(found, key=lambda row: (-row.gain, row.level))


def value_of_knowing(basis: Floats, units: Floats) -> tuple[float, float]:
    """Gain in units, at least 0, and its standard error, of knowing what `basis` is made of.

    `basis` is (n, terms), `units` (plans, n).
    """
    n = basis.shape[0]
    usual = int(np.argmax(units.mean(axis=1)))
    gained = np.zeros(n)
    for fold in range(FOLDS):
        out = np.arange(n) % FOLDS == fold
        fitted, *_rest = np.linalg.lstsq(basis[~out], units[:, ~out].T, rcond=None)
        chosen = np.argmax(basis[out] @ fitted, axis=1)
        gained[out] = units[chosen, np.flatnonzero(out)] - units[usual, out]
    return max(0.0, float(gained.mean())), float(gained.std(ddof=1) / np.sqrt(n))


def perfect_information(units: Floats) -> float:
    """What knowing everything before choosing among these plans would bring, in units."""
    return float(units.max(axis=0).mean() - units.mean(axis=1).max())


def _scores(values: Floats) -> Floats:
    """Each row standardised; numbers that are drawn as one keep their common order."""
    logs = np.log(np.maximum(values, 1e-9))
    spread = logs.std(axis=1, keepdims=True)
    centred: Floats = (logs - logs.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1)
    return centred


def _basis(scores: Floats, level: str) -> Floats:
    """A line that bends at KNOTS of one number; of a source, a plane through all its numbers."""
    n = scores.shape[1]
    if level == BY_NUMBER:
        one = scores[0]
        return np.stack([np.ones(n), one, *(np.maximum(one - knot, 0) for knot in KNOTS)], axis=1)
    mean = scores.mean(axis=0)
    bends = [np.maximum(mean - knot * (mean.std() or 1), 0) for knot in KNOTS]
    return np.stack([np.ones(n), *scores, *bends], axis=1)
