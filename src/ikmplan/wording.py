"""Locks and exclusions in words: "oven @ kue_denai >= 2" as a planner says it."""

from __future__ import annotations

import re

from ikmplan.case import Case
from ikmplan.scenario import Exclusion, Lock
from ikmplan.summary import place
from ikmplan.text import N_, _, number

SIGNS = {
    ">=": N_("at least"),
    "=": N_("exactly"),
    "<=": N_("at most"),
}
_QUOTED = re.compile("“([^”]+)”")


def lock_words(case: Case, lock: Lock) -> str:
    """ "Oven @ kue_denai >= 2" as a planner says it."""
    return _(
        "{item}, {where}: {sign} {n}",
        item=case.name(lock.item),
        where=_("all together") if lock.cluster is None else place(case, lock.cluster),
        sign=_(SIGNS[lock.sign]),
        n=number(lock.count),
    )


def exclusion_words(case: Case, x: Exclusion) -> str:
    if x.item is None:
        return _("Nothing for {where}", where=place(case, x.cluster or ""))
    if x.cluster is None:
        return _("{item}: never", item=case.name(x.item))
    return _("{item}, {where}: never", item=case.name(x.item), where=place(case, x.cluster))


def in_words(case: Case, said: str) -> str:
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

    return _QUOTED.sub(named, said)


def ruling(case: Case, text: str) -> str:
    """A lock or an exclusion of the scenario, by its text."""
    return in_words(case, f"“{text}”").strip("“”")
