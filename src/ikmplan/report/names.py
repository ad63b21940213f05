"""Locks and exclusions in words: "oven @ kue_denai >= 2" as a planner says it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY, EQUIPMENT, TRAINING
from ikmplan.input.scenario import Exclusion, Lock
from ikmplan.plan.plan import OPENING, Plan
from ikmplan.text import N_, _, number

KIND_NAMES = {TRAINING: N_("Training"), EQUIPMENT: N_("Machines")}
HELD_NAMES = KIND_NAMES | {OPENING: N_("Openings")}  # of what a plan holds
SIGN_WORDS = {">=": N_("at least"), "=": N_("exactly"), "<=": N_("at most")}
_QUOTED = re.compile("“([^”]+)”")


def lock_words(case: Case, lock: Lock) -> str:
    """ "Oven @ kue_denai >= 2" as a planner says it."""
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
        return _("Nothing for {where}", where=place(case, x.cluster or ""))
    if x.cluster is None:
        return _("{item}: never", item=case.name(x.item))
    return _("{item}, {where}: never", item=case.name(x.item), where=place(case, x.cluster))


def in_words(case: Case, message: str) -> str:
    """A message that quotes locks and exclusions as scenario files write them, with names."""

    def named(found: re.Match[str]) -> str:
        scenario = case.scenario
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
    """A lock or an exclusion of the scenario, by its text."""
    return in_words(case, f"“{text}”").strip("“”")


def units_name(case: Case) -> str:
    """What values are counted in."""
    if case.scenario.is_cheapest:
        return _("million rupiah")
    return _("units") if case.value_is_units else _("weighted units")


def place(case: Case, host: str) -> str:
    """The name of a cluster, or of the whole city."""
    return _("Whole city") if host == CITY else case.name(host)


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
    end = start + case.courses[course].quarters - 1
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
