"""What a plan gives to whom, and every thing that it holds, places, revives or opens for that."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from ikmplan.input.cells import CITY, EQUIPMENT, TRAINING
from ikmplan.input.uncertain_numbers import Floats
from ikmplan.plan.plan import OPENING, Plan, total

REVIVED = "revived"  # the kind of machines that stood idle


class Thing(NamedTuple):
    """A course held, a machine placed or revived, or what is opened, and where."""

    kind: str  # TRAINING, EQUIPMENT, REVIVED or OPENING
    item: str
    host: str


HeldThings = dict[Thing, Floats]  # how many there are of each in each draw
# (thing, kind of money) -> what one class with its people, one machine or one opening costs
Costs = dict[tuple[Thing, str], Floats]
People = dict[tuple[str, str], Floats]  # (p, c) -> those who come, in each draw
Delivered = dict[tuple[str, str], Floats]  # (item, c) -> share of those who get it, in each draw
PackageUnits = dict[tuple[str, tuple[str, ...]], Floats]  # (c, items of the package) -> units, (n,)


class Given(NamedTuple):
    """What a plan gives to whom."""

    units: dict[tuple[str, tuple[str, ...]], int]  # (c, items of the package) -> units
    seats: dict[tuple[str, str], int]  # (p, c) -> people
    things: dict[Thing, int]  # classes over the whole year, machines; 1 of what is opened

    @property
    def ordered(self) -> Given:
        """The same in the order of the keys."""
        units, seats, things = (sorted(counts.items()) for counts in self)
        return Given(dict(units), dict(seats), dict(things))  # type: ignore[arg-type]

    @property
    def held(self) -> Counter[tuple[str, str, str]]:
        """Kind, item and host -> how many, as in `Plan.held`: revived machines are machines."""
        return total(
            ((EQUIPMENT if kind == REVIVED else kind, item, host), n)
            for (kind, item, host), n in self.things.items()
        )


def given_by(plan: Plan) -> Given:
    """The decisions of a plan, its classes over the whole year."""
    classes = plan.classes.itertuples(index=False)
    things: Counter[Thing] = total((Thing(TRAINING, p, h), n) for p, h, _q, n in classes)
    for kind, table in ((EQUIPMENT, plan.machines), (REVIVED, plan.revived)):
        things.update({Thing(kind, e, h): n for e, h, n in table.itertuples(index=False)})
    things.update({Thing(OPENING, o, CITY): n for o, n in plan.openings.itertuples(index=False)})
    return Given(
        {(c, items): n for c, items, n in plan.packages},
        {(p, c): n for p, c, n in plan.seats.itertuples(index=False)},
        dict(things),
    )
