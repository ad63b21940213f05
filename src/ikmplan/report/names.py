"""Locks, exclusions and limits in words: "oven @ kue_denai >= 2" as a sentence."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY, EQUIPMENT, TRAINING
from ikmplan.input.own_limits import (
    MONEY_SPENT,
    AmountLimit,
    ClosedQuarters,
    CountLimit,
    OwnLimit,
    Part,
    UnreadLimit,
    keys_in,
    parse_limit,
)
from ikmplan.input.scenario import Exclusion, Lock
from ikmplan.plan.plan import OPENING, Plan
from ikmplan.show.table import Unit
from ikmplan.text import N_, _, listing, number, rupiah, share_text

KIND_NAMES = {TRAINING: N_("Training"), EQUIPMENT: N_("Machines")}
HELD_NAMES = KIND_NAMES | {OPENING: N_("Openings")}  # of what a plan holds
SIGN_WORDS = {">=": N_("at least"), "=": N_("exactly"), "<=": N_("at most")}
# amounts with their units
CLASSES = Unit(N_("{n} classes"), one=N_("1 class"))
SEATS = Unit(N_("{n} seats"), one=N_("1 seat"))
PEOPLE = Unit(N_("{n} people"), one=N_("1 person"))
MACHINES = Unit(N_("{n} machines"), one=N_("1 machine"))
OPENINGS = Unit(N_("{n} openings"), one=N_("1 opening"))
PLACES = Unit(N_("{n} places"), one=N_("1 place"))
UNITS = Unit(N_("{n} units"), one=N_("1 unit"))
_QUOTED = re.compile("“([^”]+)”")


def lock_words(case: Case, lock: Lock) -> str:
    """ "Oven @ kue_denai >= 2" in the words of a planner."""
    if lock.item in case.openings:
        return opening_lock_words(case, lock)
    return _(
        "{item}, {where}: {sign} {n}",
        item=case.name(lock.item),
        where=_("all together") if lock.cluster is None else place(case, lock.cluster),
        sign=_(SIGN_WORDS[lock.sign]),
        n=number(lock.count),
    )


def opening_lock_words(case: Case, lock: Lock) -> str:
    """An opening is opened or stays closed; "at most 1" asks for nothing."""
    name = case.name(lock.item)
    if lock.count == 0 and lock.sign != ">=":
        return _("{item}: stays closed", item=name)
    if lock.count == 1 and lock.sign != "<=":
        return _("{item}: is opened", item=name)
    return _("{item}: opened or not", item=name)


def opening_part(part: str, name: str) -> str:
    """What is paid for an opening: part "open" or "year"."""
    if part == "open":
        return _("{name}: opening it", name=name)
    return _("{name}: running it this year", name=name)


def exclusion_words(case: Case, x: Exclusion) -> str:
    if x.item is None:
        return _("Nothing for {where}", where=place_inside(case, x.cluster or ""))
    if x.cluster is None:
        return _("{item}: never", item=case.name(x.item))
    return _("{item}, {where}: never", item=case.name(x.item), where=place(case, x.cluster))


MEASURE_WORDS = {
    MONEY_SPENT: N_("money"),
    "seats": N_("seats"),
    "units": N_("units"),
    "classes": N_("classes"),
    "machines": N_("machines"),
}


def limit_words(case: Case, limit: OwnLimit) -> str:
    """A limit of the office's own as a sentence."""
    if isinstance(limit, AmountLimit):
        return _(
            "{measure}, {part}: {sign} {bound}",
            measure=_capital(_(MEASURE_WORDS[limit.measure])),
            part=_part_words(case, limit.part),
            sign=_(SIGN_WORDS[limit.sign]),
            bound=_bound_words(case, limit),
        )
    if isinstance(limit, ClosedQuarters):
        quarters = listing([_("Q{q}", q=q) for q in limit.quarters])
        what = _what_words(case, limit.what)
        return _("{what}: no class in {quarters}", what=_capital(what), quarters=quarters)
    parts = [_part_words(case, part) for part in limit.parts]
    if isinstance(limit, CountLimit):
        sign = _capital(_(SIGN_WORDS[limit.sign]))
        return _(
            "{sign} {n} of these get something: {parts}",
            sign=sign,
            n=number(limit.number),
            parts="; ".join(parts),
        )
    return _("If {first} gets something, {second} does too", first=parts[0], second=parts[1])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _what_words(case: Case, what: str | None) -> str:
    if what is None:
        return _("everything")
    if what in case.funds:
        return _("what {fund} may pay for", fund=case.name(what))
    if len(keys := keys_in(what)) > 1:
        return listing([_what_words(case, key) for key in keys])
    kinds = {TRAINING: N_("all training"), EQUIPMENT: N_("all machines")}
    return _(kinds[what]) if what in kinds else case.name(what)


def _part_words(case: Case, part: Part) -> str:
    what = _what_words(case, part.what)
    if part.place is None:
        return what
    kind, _space, name = part.place.partition(" ")
    if kind == "sector" and name:
        where = _("sector {name}", name=name)
    elif kind == "district" and name:
        where = _("district {name}", name=name)
    else:
        where = listing([place(case, key) for key in part.place.split(" + ")])
    if part.outside:
        where = _("outside {place}", place=where)
    return where if part.what is None else f"{what}, {where}"


def _bound_words(case: Case, limit: AmountLimit) -> str:
    if not limit.share:
        money = limit.measure == MONEY_SPENT
        return rupiah(round(limit.number)) if money else number(limit.number)
    share = share_text(limit.number)
    if limit.of in case.funds:
        return _("{share} of {fund}", share=share, fund=case.name(limit.of or ""))
    if limit.of is None:
        return _("{share} of the whole plan", share=share)
    return _("{share} of {what}", share=share, what=_what_words(case, limit.of))


def in_words(case: Case, message: str) -> str:
    """A message that quotes locks, exclusions and limits as scenario files write them, with
    names."""

    def named(found: re.Match[str]) -> str:
        scenario = case.scenario
        with suppress(UnreadLimit):
            return f"“{limit_words(case, parse_limit(found[1]))}”"
        for name in ("locks", "exclusions"):
            try:
                one = Case(case.tables, scenario.model_copy(update={name: (found[1],)}))
                if name == "locks" and one.locks:
                    return f"“{lock_words(one, one.locks[0])}”"
                if name == "exclusions" and one.exclusions:
                    return f"“{exclusion_words(one, one.exclusions[0])}”"
            except KeyError:
                continue
        return found[0]

    return _QUOTED.sub(named, message)


def ruling(case: Case, text: str) -> str:
    """A lock, an exclusion or a limit of the scenario, by its text."""
    return in_words(case, f"“{text}”").strip("“”")


def units_name(case: Case) -> str:
    """What values are counted in."""
    if case.scenario.is_cheapest:
        return _("million rupiah")
    return _("units") if case.value_is_units else _("weighted units")


def place(case: Case, host: str) -> str:
    """The name of a cluster, or of the whole city."""
    return _("Whole city") if host == CITY else case.name(host)


def place_inside(case: Case, host: str) -> str:
    """The same inside a sentence."""
    return _("the whole city") if host == CITY else case.name(host)


def package_name(case: Case, package: str) -> str:
    """The names of the courses and machines in a package."""
    return " + ".join(case.name(item) for item in package.split("+"))


def course_label(case: Case, course: str) -> str:
    """The name of a course, with how long it lasts where that is more than a quarter."""
    name, n = case.name(course), case.courses[course].quarters
    if n == 1:
        return name
    return _("{name} (lasts {n} quarters; counted in the first)", name=name, n=number(n))


def quarters_label(case: Case, course: str, start: int) -> str:
    """The quarters of a class that begins in `start`: "Q1", or "Q1–Q2"."""
    end = case.courses[course].lasts(start)[-1]
    return "–".join(_("Q{q}", q=q) for q in dict.fromkeys((start, end)))


def cluster_label(case: Case, cluster: str) -> str:
    """The name of a cluster, saying so where its people are not IKM yet."""
    name = case.name(cluster)
    if case.is_ikm(cluster):
        return name
    if cluster in case.weights:
        return _("{name} (not yet IKM, counted apart)", name=name)
    return _("{name} (not yet IKM, not counted)", name=name)


@dataclass(frozen=True, eq=False)  # two plans with the same figures are still two plans
class Pin:
    """A plan kept for comparison, with the case that it answers."""

    letter: str
    case: Case
    plan: Plan
