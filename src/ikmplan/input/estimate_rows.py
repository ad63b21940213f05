"""Rows about how sure the other numbers are: results of follow-ups, pairs, ranges."""

from __future__ import annotations

from collections.abc import Iterator

from ikmplan.input.cells import (
    Factor,
    Key,
    Name,
    OptionalKey,
    OptionalShare,
    OptionalText,
    Share,
    Whole,
    column,
    numbers_listed,
)
from ikmplan.input.row import Problem, Row
from ikmplan.text import N_, _


class FollowUp(Row):
    KEY = ("item", "cluster", "year", "source")
    item: Key = column(N_("key of the course, line or machine by itself"))
    cluster: OptionalKey = column(
        N_("where it was followed up; nothing: wherever the item suits wholly"), default=None
    )
    followed: Whole = column(N_("units followed up"), N_("units"), ge=1, le=1_000_000)
    reached: Whole = column(N_("how many of them were really reached"), N_("units"), le=1_000_000)
    year: Whole = column(N_("year of the follow-up"), ge=1945, le=2100)
    numbers: OptionalText = column(
        N_("numbers on the form of the units followed up, such as 1-12 15; nothing: no form"),
        default=None,
    )
    source: Key = column(N_("source of the row's numbers"))

    def crossed(self) -> Iterator[Problem]:
        if self.reached > self.followed:
            message = _("is above followed {followed}.", followed=self.followed)
            yield "reached", message, _("Raise followed or lower reached.")
        try:
            listed = len(numbers_listed(self.numbers or ""))
        except ValueError:
            yield "numbers", _("is no list of numbers."), _("Write it like: 1-12 15.")
            return
        if self.numbers and listed != self.followed:
            message = _(
                "lists {n} units; followed is {followed}.", n=listed, followed=self.followed
            )
            yield "numbers", message, _("List each unit followed up once.")


class Together(Row):
    KEY = ("first", "second", "sector")
    first: Key = column(N_("key of a course, line or machine by itself"))
    second: Key = column(N_("key of another that the same unit gets"))
    sector: Key = column(N_("sector of the units that get both"))
    chance: Share = column(
        N_("chance that at least one of the two is used; without the row 1 − (1 − a) × (1 − b)"),
        N_("share 0–1"),
    )
    source: Key = column(N_("source of the row's numbers"))

    def crossed(self) -> Iterator[Problem]:
        if self.first == self.second:
            yield "second", _("is the first item again."), _("Name another course or machine.")


class Range(Row):
    """How far numbers may be from the truth; the most exact row about a number is the one used."""

    KEY = ("table", "number", "row_key", "of_source")
    table: Name = column(N_("table that holds the numbers, such as courses"))
    number: Key = column(N_("column of that table, such as success"))
    row_key: OptionalText = column(
        N_("one row only: its key, such as batik, or its keys with + between, such as oven+bakery"),
        default=None,
    )
    of_source: OptionalKey = column(N_("only rows with this source"), default=None)
    low: Factor = column(N_("in one case of ten the number is below this many times what stands"))
    high: Factor = column(N_("in one case of ten it is above this many times what stands"))
    shift: Factor = column(
        N_("in half of the cases it is below this many times what stands: not 1 where such numbers "
           "are known to be wrong to one side"),
        default=1.0,
    )  # fmt: skip
    moves_with: OptionalKey = column(
        N_("name of a group: numbers of one group are high or low together; nothing: as usual"),
        default=None,
    )
    correlation: OptionalShare = column(
        N_("how closely they move together; 0: not at all; nothing: as usual"),
        N_("share 0–1"),
        default=None,
    )
    source: Key = column(N_("source of the row's numbers"))

    def crossed(self) -> Iterator[Problem]:
        if self.low > self.high:
            message = _("is above high {high}.", high=f"{self.high:g}")
            yield "low", message, _("Swap the two, or mend the wrong one.")
        elif not self.low <= self.shift <= self.high:
            message = _("is not between low {low} and high {high}.", low=f"{self.low:g}",
                        high=f"{self.high:g}")  # fmt: skip
            yield "shift", message, _("The middle lies between the two: change shift, low or high.")
        if self.row_key is not None and self.of_source is not None:
            message = _("stands beside row {row}, which has one source already.", row=self.row_key)
            yield "of_source", message, _("Fill in one of the two columns.")
