"""What a cautious plan reckons with: the draws as a few seasons from bad to good.

A thousand draws are put in the order of what they are worth whatever the plan is, and each 50
neighbours are one season, whose numbers are their means. What draws share (all chances, all sizes
of clusters) stays; what is of one number alone evens out, so that a plan is not made for chance.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import fsum
from typing import Any

import numpy as np

from ikmplan.input.case import Case, Package
from ikmplan.input.evidence import counted_pairs
from ikmplan.input.uncertain_numbers import Floats
from ikmplan.tableset import grouped
from ikmplan.uncertainty.draws import Draws, draws

SEASONS, DRAWS_IN_SEASON = 20, 50
BAD_SHARE = 0.1  # of the seasons: the bad ones
SEED_STEP = 1_000_003  # from the seed of the page's draws, which a cautious plan must not have seen
PLACE_STEPS = 3
KEPT_IN_MEMORY = 8  # cases
UNITS, BUDGET = "UNITS", "BUDGET"  # beside the keys of clusters, which are small letters


CostKey = tuple[str, str, str]  # part, item, host: what one cost is, as in `cost_key`


def cost_key(part: str, item: str, host: str) -> CostKey:
    """Costs of one key move together: a class and its people; one machine, wherever it stands;
    reviving it, at each place; opening something, and its year."""
    if part == "revive":
        return part, item, host
    return ("class" if part == "person" else part), item, ""


@dataclass(frozen=True)
class Seasons:
    """What moves, one number for each season, from the worst season to the best."""

    chance: dict[tuple[str, Package], Floats]  # w[c,k]
    size: dict[str, Floats]  # c -> units that may be invited
    cost_factor: dict[CostKey, Floats]  # a cost, as a multiple of what it is as stated

    @cached_property
    def worth_of_place(self) -> dict[str, Floats]:
        """c -> λ[j,s], what one more unit there may be worth: thirds of the best chance."""
        best: dict[str, Floats] = {}
        for (c, _k), chance in self.chance.items():
            best[c] = np.maximum(best.get(c, 0.0), chance)
        steps = np.arange(PLACE_STEPS + 1)[:, None] / PLACE_STEPS
        return {c: steps * chance for c, chance in best.items()}

    @cached_property
    def by_text(self) -> dict[tuple[str, str], Floats]:
        """The chances by cluster and package as a plan's table has it."""
        return {(c, str(k)): chances for (c, k), chances in self.chance.items()}


_EVERY = ""  # beside what is reckoned with: the draws themselves, in no order
_made: OrderedDict[str, dict[str, Seasons]] = OrderedDict()


def seasons(case: Case) -> dict[str, Seasons]:
    """What is reckoned with -> its seasons; drawn once for the same tables, packages and seed.

    UNITS and BUDGET, and each cluster that has a floor where the scenario asks that it holds.
    """
    s = case.scenario
    what = [UNITS] * (s.caution > 0) + ([BUDGET, *case.floors] if s.holds_in > 0 else [])
    if not what:
        return {}
    found = _made.get(case.draws_key)
    if found is None:
        drawn = draws(case.ordered, SEASONS * DRAWS_IN_SEASON, case.scenario.seed + SEED_STEP)
        sizes = {
            row.cluster: drawn.of("clusters", "units", row) - row.reached_before
            for row in drawn.case.tables.clusters
        }
        every = Seasons(drawn_chances(drawn), sizes, _cost_factors(drawn))
        found = _made[case.draws_key] = {_EVERY: every}
        while len(_made) > KEPT_IN_MEMORY:
            _made.popitem(last=False)
    _made.move_to_end(case.draws_key)
    for name in what:
        if name not in found:
            found[name] = _in_seasons(case.ordered, found[_EVERY], name)
    return {name: found[name] for name in what}


def _in_seasons(case: Case, every: Seasons, name: str) -> Seasons:
    rank = np.argsort(_worth(case, every, name), kind="stable")
    return Seasons(
        {at: _means(values, rank) for at, values in every.chance.items()},
        {c: _means(values, rank) for c, values in every.size.items()},
        {item: _means(values, rank) for item, values in every.cost_factor.items()},
    )


def _worth(case: Case, every: Seasons, what: str) -> Floats:
    """How good each draw is, whatever the plan is."""
    if what == BUDGET:
        return -_sum([*every.cost_factor.values()])
    chances = grouped((c, chance) for (c, _k), chance in every.chance.items())
    mean = {c: np.mean(found, axis=0) for c, found in chances.items()}
    if what != UNITS:
        share: Floats = mean[what] / np.maximum(every.size[what], 1)
        return share
    counted = [c for c in mean if c in case.weights]
    there = {c: np.minimum(every.size[c], case.size[c]) for c in counted}
    parts = [case.clusters[c].weight * mean[c] * there[c] for c in counted]
    return _sum(parts)


def _sum(parts: list[Floats]) -> Floats:
    total: Floats = np.sum([np.zeros(SEASONS * DRAWS_IN_SEASON), *parts], axis=0)
    return total


def _means(values: Floats, rank: Any) -> Floats:
    found: Floats = values[rank].reshape(SEASONS, DRAWS_IN_SEASON).mean(axis=1)
    return found


def drawn_chances(drawn: Draws) -> dict[tuple[str, Package], Floats]:
    """(cluster, package) -> the chance that a unit there with the package is reached, by draw."""
    case, alone = drawn.case, drawn.alone
    found: dict[tuple[str, tuple[str, ...]], Floats] = {}
    chances = {}
    for c, packages in case.packages.items():
        sector = case.clusters[c].sector
        for k in packages:
            items = k.courses + k.equipment
            if (sector, items) not in found:
                missed = np.prod([1 - alone[i, sector] for i in items], axis=0)
                found[sector, items] = 1 - missed * pairs_factor(drawn, c, items)
            chances[c, k] = found[sector, items]
    return chances


def pairs_factor(
    drawn: Draws, c: str, items: tuple[str, ...], delivered: Mapping[str, Floats] = {}
) -> Floats:
    """What stated pairs make of the chance Π(1 − q) that none of the items reaches a unit of the
    cluster; of a pair only as far as both are `delivered` (a share of the units; nothing: all)."""
    case, sector = drawn.case, drawn.case.clusters[c].sector
    factor, stated = np.ones(drawn.n), case.pairs.get(sector, {})
    if not stated:
        return factor
    central, alone = {i: case.chance_of(c, (i,)) for i in items}, drawn.alone
    rows = {(r.first, r.second): r for r in case.tables.together if r.sector == sector}
    for a, b in counted_pairs(central, stated):
        one, other = alone[a, sector], alone[b, sector]
        chance = drawn.of("together", "chance", rows[a, b])
        both = np.maximum(chance, np.maximum(one, other))
        share = delivered.get(a, 1.0) * delivered.get(b, 1.0)
        factor = factor * (1 + share * ((1 - both) / ((1 - one) * (1 - other)) - 1))
    return factor


def _cost_factors(drawn: Draws) -> dict[CostKey, Floats]:
    """Of a course what a class of its smallest size costs, beside what that costs as stated."""

    def factor(table: str, column: str, row: Any) -> Floats:
        stated = getattr(row, column)
        return drawn.of(table, column, row) / stated if stated else np.ones(drawn.n)

    factors: dict[CostKey, Floats] = {}
    rows: Iterable[Any] = drawn.case.tables.courses
    for row in rows:
        cost = drawn.of("courses", "cost_class", row)
        cost = cost + row.class_min * drawn.of("courses", "cost_person", row)
        stated = row.cost_class + row.class_min * row.cost_person
        moved = cost / stated if stated else np.ones(drawn.n)
        factors[cost_key("class", row.course, "")] = moved
    for machine in drawn.case.tables.equipment:
        at = cost_key("machine", machine.equipment, "")
        factors[at] = factor("equipment", "price", machine)
    for idle in (row for row in drawn.case.tables.existing if row.idle):
        at = cost_key("revive", idle.equipment, idle.cluster)
        factors[at] = factor("existing", "revive", idle)
    for o in drawn.case.tables.openings:
        for _kind, part, _cost in o.costs:
            factors[cost_key(part, o.opening, "")] = factor("openings", f"cost_{part}", o)
    return factors


def worst_count(share: float) -> int:
    """How many of the seasons are this share of them, at least one."""
    return max(1, int(share * SEASONS + 1e-9))


def bad_units(case: Case, units: Mapping[tuple[str, Package], int]) -> float:
    """The weighted units reached in the mean of the bad seasons.

    In a season with a smaller cluster those who are not there are units that are missed least:
    min_λ λ · size + Σ_k max(0, w − λ) · units, over a few λ.
    """
    found = seasons(case)[UNITS]
    counted = ((at, n) for at, n in sorted(units.items()) if at[0] in case.weights)
    given = grouped((at[0], (found.chance[at], n)) for at, n in counted)
    reached = np.zeros(SEASONS)
    for c, packages in given.items():
        places = found.worth_of_place[c]
        least = places * found.size[c]
        for chance, n in packages:
            least = least + np.maximum(0, chance - places) * n
        there = np.where(found.size[c] < case.size[c], least.min(axis=0), least[0])
        reached += case.clusters[c].weight * there
    worst = np.sort(reached)[: worst_count(BAD_SHARE)]
    return fsum(worst.tolist()) / len(worst)
