"""Which parameter may be meant by a name that is none: one that is near in spelling, or one that
Indonesian pages call so (`pagu_dana` is budget, `cakupan_minimal` is floor)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pydantic.fields import FieldInfo

from ikmplan.faults import nearest
from ikmplan.text import N_, _, language

# what pages call a parameter, beside the sentence that states its meaning
_CALLED = {
    "budget": (N_("Budget"),),
    "funds": (N_("Fund"), N_("Fund {name} (rupiah)")),
    "price_factor": (N_("Price factor"),),
    "trainer_factor": (N_("Trainer-day factor"),),
    "floor": (N_("Floor"), N_("Floor of every cluster (%)")),
    "floors": (N_("Floor of single clusters"),),
    "target_units": (N_("Target: units coached"),),
    "target_reached": (N_("Target: units reached"),),
    "target_classes": (N_("Target: classes"),),
    "equity": (N_("Equity (%)"),),
    "caution": (N_("Caution"),),
    "users_trained": (N_("Every user trained"),),
    "locks": (N_("Lock"),),
    "exclusions": (N_("Exclusion"),),
    "limits": (N_("Limit of the office's own"),),
    "goal": (N_("Cheapest plan"),),
    "near": (N_("Keep most of the plan shown"),),
    "gap": (N_("Gap"),),
}
_MOST = 4  # parameters that a fix names as those that may be meant


def parameter_meant(key: str, fields: Mapping[str, FieldInfo]) -> str:
    """The fix of a name that is none of these parameters."""
    meant = _called(key, fields)
    if len(meant) == 1:
        return _("Did you mean {name}?", name=meant[0])
    if 1 < len(meant) <= _MOST:
        return _("Choose one of: {known}.", known=", ".join(meant))
    known = _("The parameters are: {names}.", names=", ".join(fields))
    return nearest(key, fields) or known


def _called(key: str, fields: Mapping[str, FieldInfo]) -> list[str]:
    """The parameter whose Indonesian name is the key, or those whose name begins so."""
    wanted = _words(key)
    begun = []
    for name, field in fields.items():
        for words in map(_words, _phrases(name, field)):
            if words == wanted:
                return [name]
            if words and words[0] in wanted and {*wanted} <= {*words} and name not in begun:
                begun.append(name)
    return begun


def _phrases(name: str, field: FieldInfo) -> Iterator[str]:
    """What Indonesian pages call the parameter, and the head of its meaning."""
    with language("id"):
        yield from map(_, _CALLED.get(name, ()))
        yield re.split("[;:,(]", _(str(field.description)))[0]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.lower())
