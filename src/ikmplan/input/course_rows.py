"""The rows of the tables about courses: what they cost, how long they last, whom they suit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ikmplan.input.cells import (
    Amount,
    CostRupiah,
    Key,
    Name,
    OptionalKey,
    OptionalShare,
    OptionalText,
    OptionalWhole,
    Scope,
    Share,
    Whole,
    YesNo,
    column,
)
from ikmplan.input.office import is_account
from ikmplan.input.row import QUARTERS, Problem, Row, domestic_column, ssh_code_column
from ikmplan.text import N_, _


class Course(Row):
    KEY = ("course",)
    course: Key = column(N_("key of the course"))
    name: Name = column(N_("name that readers see"))
    class_min: Whole = column(N_("smallest class that is held"), N_("people"), ge=1, le=1000)
    class_max: Whole = column(N_("largest class"), N_("people"), ge=1, le=1000)
    days: Whole = column(N_("length of one class"), N_("days"), ge=1, le=300)
    cost_class: CostRupiah = column(
        N_("cost of holding one class, for any number of people"), "rupiah"
    )
    cost_person: CostRupiah = column(N_("cost for each participant"), "rupiah")
    success: Share = column(
        N_("chance that a participant for whom the course is wholly relevant uses it"),
        N_("share 0–1"),
    )
    young_only: YesNo = column(N_("only for people aged 35 or less"))
    scope: Scope = column(N_("cluster: a class for one cluster; city: a class mixes clusters"))
    opening: OptionalKey = column(
        N_("opening without which the course cannot be held"), default=None
    )
    quarters: Whole = column(
        N_("how many quarters one class lasts; it ends in the same year"),
        N_("quarters"),
        ge=1,
        le=len(QUARTERS),
        default=1,
    )
    each_min: Whole = column(
        N_("least people of every cluster that may sit in a class"),
        N_("people"),
        le=1000,
        default=0,
    )
    each_max: OptionalWhole = column(
        N_("most people of one cluster in a class; nothing: as many as the class has seats"),
        N_("people"),
        ge=1,
        le=1000,
        default=None,
    )
    topic: OptionalKey = column(
        N_("what the course teaches; a unit takes one course of a topic; nothing: its own"),
        default=None,
    )
    source: Key = column(N_("source of the row's numbers"))

    @property
    def starts(self) -> range:
        """The quarters in which a class can begin, so that it ends in the year."""
        return range(QUARTERS[0], QUARTERS[-1] - self.quarters + 2)

    def lasts(self, start: int) -> range:
        """The quarters of a class that begins in `start`."""
        return range(start, start + self.quarters)

    def crossed(self) -> Iterator[Problem]:
        if self.class_min > self.class_max:
            message = _("is below class_min {class_min}.", class_min=self.class_min)
            yield "class_max", message, _("Raise class_max or lower class_min.")
        if self.each_min > self.class_max:
            message = _("is above class_max {class_max}.", class_max=self.class_max)
            yield "each_min", message, _("Lower each_min or raise class_max.")
        if self.each_max is None:
            return
        if self.each_min > self.each_max:
            message = _("is below each_min {each_min}.", each_min=self.each_min)
            yield "each_max", message, _("Raise each_max or lower each_min.")
        if self.scope == "cluster" and self.each_max < self.class_min:
            message = _(
                "leaves a class of one cluster with fewer than class_min {class_min} people.",
                class_min=self.class_min,
            )
            yield "each_max", message, _("Write city as its scope, or leave each_max empty.")


class Component(Row):
    KEY = ("course", "component", "basis")
    course: Key = column(N_("key of the course"))
    component: Key = column(N_("key of the part"))
    basis: Literal["class", "person"] = column(
        N_("class: bought once for each class; person: once for each participant")
    )
    name: Name = column(N_("name that readers see"))
    account: Key = column(N_("key in office that holds its account, such as account_food"))
    volume: Whole = column(N_("how many are bought"), ge=1, le=100_000)
    unit: Name = column(N_("of what unit, such as Paket"))
    times: OptionalWhole = column(N_("for how many times each of them"), ge=1, le=100_000)
    times_unit: OptionalText = column(N_("of what unit those times are, such as Hari"))
    price: CostRupiah = column(N_("price of one unit (once)"), "rupiah")
    source: Key = column(N_("source of the row's numbers"))
    ssh_code: OptionalText = ssh_code_column()
    domestic: OptionalShare = domestic_column()

    def crossed(self) -> Iterator[Problem]:
        if not is_account(self.account):
            message = _("is no key of an account.")
            yield "account", message, _("Write the key in office, such as account_food.")
        if (self.times is None) != (self.times_unit is None):
            message = _("does not fit times: both are filled in, or neither.")
            yield "times_unit", message, _("Fill in the other, or empty both.")

    @property
    def times_bought(self) -> int:
        """How often its price is paid for one class or one participant."""
        return self.volume * (self.times or 1)

    @property
    def amount(self) -> int:
        """Rupiah for one class or one participant."""
        return self.times_bought * self.price


class CourseUse(Row):
    KEY = ("course", "resource")
    course: Key = column(N_("key of the course"))
    resource: Key = column(N_("key of the resource it uses"))
    amount: Amount = column(N_("what one class uses of it"), N_("days"))
    at: OptionalWhole = column(
        N_(
            "in which of the quarters that the class lasts it uses all of it (1: the first, as a "
            "quota of people); nothing: evenly in all of them"
        ),
        ge=1,
        le=len(QUARTERS),
        default=None,
    )
    source: Key = column(N_("source of the row's numbers"))

    def parts(self, quarters: int) -> tuple[float, ...]:
        """Days in each of the quarters that a class lasts."""
        if self.at is None:
            return (self.amount / quarters,) * quarters
        return tuple(self.amount * (n == self.at) for n in range(1, quarters + 1))


class CourseSuit(Row):
    KEY = ("course", "sector")
    course: Key = column(N_("key of the course"))
    sector: Key = column(N_("sector that the course suits"))
    relevance: Share = column(
        N_("how far the course fits the sector's work; 0: its people may sit, and none is reached"),
        N_("share 0–1"),
    )
    interest: Share = column(
        N_("share of the sector's units that want it, the same for all courses of a topic"),
        N_("share 0–1"),
        default=1.0,
    )
    source: Key = column(N_("source of the row's numbers"))
