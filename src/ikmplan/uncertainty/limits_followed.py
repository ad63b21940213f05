"""The limits of an office's own in the draws: what a plan has of each, and which hold.

What the office drops for them, and what it keeps for their sake, stands in `office_rule`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from ikmplan.input.case import Case
from ikmplan.input.cells import EQUIPMENT, TRAINING
from ikmplan.input.own_limits import (
    MONEY_SPENT,
    AmountLimit,
    ClosedQuarters,
    CountLimit,
    LimitScope,
    OwnLimit,
    limit_bound,
    resolved,
    scope_of,
    whole_of,
)
from ikmplan.input.uncertain_numbers import Floats
from ikmplan.uncertainty.drawn_numbers import DrawnNumbers, total_of
from ikmplan.uncertainty.given import Costs, Delivered, HeldThings, PackageUnits, People, Thing

OWN_LIMIT = "limits_kept"  # the rule of the model
NEARLY = 1e-6  # of a sum: what is exceeded by less holds
ONE_RUPIAH = np.ones(1)  # is allowed for the decimals of a share, as in the audit
GOT = ("seats", "machines", "units")  # who gets any of these gets something


def own_limits(case: Case) -> dict[str, OwnLimit]:
    """The text of each limit -> the same limit with clusters for groups; a share of a fund stays
    a share, for what the fund holds is drawn. Closed quarters are left out: no plan holds a class
    there, and no class is moved there (`Scarcity`)."""
    return {
        str(limit): resolved(limit, case.scenario.groups, {})
        for limit in case.limits
        if not isinstance(limit, ClosedQuarters)
    }


def money_allowed(
    limits: Mapping[str, OwnLimit], numbers: DrawnNumbers, costs: Costs
) -> Iterator[tuple[str, dict[Thing, Floats], Floats]]:
    """Each limit that bounds money from above: its text, what one of each thing takes of it, and
    how much there is [rupiah].

    A share that must be reached bounds all other money: Σ share · whole − Σ part ≤ 0.
    """
    for text, limit in limits.items():
        if not isinstance(limit, AmountLimit) or limit.measure != MONEY_SPENT:
            continue
        part = _counted(costs, scope_of(limit.part, numbers.case.tables))
        if limit.of in numbers.case.funds or not limit.share:
            if limit.sign != ">=":
                yield text, part, _whole_or_one(limit, numbers) * limit.number
        else:
            whole = _counted(costs, whole_of(limit, numbers.case.tables))
            sign, none = -1 if limit.sign == ">=" else 1, np.zeros(1)
            each = {
                at: sign * (part.get(at, none) - limit.number * whole.get(at, none))
                for at in part | whole
            }
            yield text, each, ONE_RUPIAH


def _whole_or_one(limit: AmountLimit, numbers: DrawnNumbers) -> Floats:
    """What the fund holds that the limit is a share of; 1 of an amount."""
    return numbers.fund(limit.of) if limit.of in numbers.case.funds else np.ones(1)


def _counted(costs: Costs, scope: LimitScope) -> dict[Thing, Floats]:
    """Thing -> what one of it costs, as far as that counts; an opening is of its kind, or named
    itself."""
    found: dict[Thing, Floats] = {}
    for (thing, kind), cost in costs.items():
        if {kind, thing.item} & scope.items and thing.host in scope.hosts:
            found[thing] = found.get(thing, np.zeros(1)) + cost
    return found


@dataclass(frozen=True)
class LimitsFollowed:
    """The limits of one plan in draws."""

    numbers: DrawnNumbers
    limits: Mapping[str, OwnLimit]
    costs: Costs
    people: People
    units: PackageUnits  # those invited
    delivered: Callable[[HeldThings], Delivered]  # by the things that are kept

    def holds(self, kept: HeldThings) -> dict[str, Floats]:
        """The text of each limit -> 1 in the draws in which it holds with these things."""
        delivered = self.delivered(kept) if self.limits else {}
        measured = partial(self._measured, kept, delivered)
        return {text: self._holds(limit, measured) for text, limit in self.limits.items()}

    def newly_broken(self, before: HeldThings, after: HeldThings) -> Floats:
        """1 in the draws in which a limit holds before and not after."""
        first, then = self.holds(before), self.holds(after)
        return np.clip(total_of(first[text] * (1 - then[text]) for text in first), 0, 1)

    def _holds(self, limit: OwnLimit, measured: Callable[[str, LimitScope], Floats]) -> Floats:
        tables = self.numbers.case.tables
        whole = np.ones(1)
        if isinstance(limit, AmountLimit):
            has = measured(limit.measure, scope_of(limit.part, tables))
            allowed = NEARLY * (1 + has)
            if limit.of in self.numbers.case.funds or not limit.share:
                whole = _whole_or_one(limit, self.numbers)
            else:
                whole = measured(limit.measure, whole_of(limit, tables))
                allowed = allowed + ONE_RUPIAH * (limit.measure == MONEY_SPENT)
        else:
            assert not isinstance(limit, ClosedQuarters)
            scopes = [scope_of(part, tables) for part in limit.parts]
            got = [
                (total_of(measured(what, scope) for what in GOT) > NEARLY).astype(float)
                for scope in scopes
            ]
            counts = isinstance(limit, CountLimit)
            has, allowed = total_of(got) if counts else got[0] * (1 - got[1]), np.full(1, NEARLY)
        sign, asked = limit_bound(limit)
        over = has - asked * whole
        kept = {">=": over >= -allowed, "<=": over <= allowed, "=": np.abs(over) <= allowed}
        return kept[sign] * np.ones(self.numbers.drawn.n)

    def _measured(
        self, kept: HeldThings, delivered: Delivered, measure: str, scope: LimitScope
    ) -> Floats:
        """Rupiah, or how many, with these things kept."""
        items, hosts = scope
        if measure == MONEY_SPENT:
            return total_of(n * kept[at] for at, n in _counted(self.costs, scope).items())
        if measure == "seats":
            return total_of(
                n * delivered.get((p, c), 1.0)
                for (p, c), n in self.people.items()
                if p in items and c in hosts
            )
        if measure == "units":  # a unit with several items that count has the one that most get
            return total_of(
                n * np.max(np.broadcast_arrays(*(delivered[i, c] for i in counted)), axis=0)
                for (c, package), n in self.units.items()
                if c in hosts and (counted := [i for i in package if items & self._used(i, c)])
            )
        kind = TRAINING if measure == "classes" else EQUIPMENT
        return total_of(
            n for at, n in kept.items() if at.kind == kind and at.item in items and at.host in hosts
        )

    def _used(self, item: str, c: str) -> set[str]:
        """The course, or the machines of a line for the cluster."""
        return (
            {item} if item in self.numbers.case.courses else {*self.numbers.case.line_at(item, c)}
        )
