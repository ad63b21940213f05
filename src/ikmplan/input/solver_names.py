"""Is there a solver of this name, among those of PuLP and those installed here?"""

from __future__ import annotations

import warnings
from difflib import get_close_matches
from typing import Any

from ikmplan.faults import NEAR
from ikmplan.input.scenario import Scenario
from ikmplan.text import _


def solver_problem(name: str) -> tuple[str, str] | None:
    """What is wrong with the name of a solver and how to fix it; None where it can be used."""
    if name == Scenario.model_fields["solver"].default:
        return None
    import pulp  # half a second, for those alone who ask for another solver

    known = pulp.listSolvers()
    installed = list(filter(startable, dict.fromkeys(known)))
    if name in installed:
        return None
    others = ", ".join(installed)
    if name in known:
        message = _(
            "is a solver that PuLP supports, but it is not installed here, or does not start."
        )
        return message, _("Install it, or choose one that is: {names}.", names=others)
    near = _nearest_name(name, installed) or _nearest_name(name, known)
    others = _("Choose one of: {known}.", known=others)
    fix = _("Did you mean {name}?", name=near) if near else others
    return _("is no solver that PuLP supports."), fix


def startable(name: str) -> bool:
    """Whether PuLP supports the solver and can start it here."""
    try:
        return bool(pulp_solver(name).available())
    except Exception:  # some start the program to see, which may be anything
        return False


def pulp_solver(name: str, **options: Any) -> Any:
    """PuLP's solver of that name; PuLP's warnings about how it is called are for programmers."""
    import pulp

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pulp.getSolver(name, msg=False, **options)


def _nearest_name(name: str, known: list[str]) -> str | None:
    """Also of another case, or one that holds the name: "cbc" is PULP_CBC_CMD."""
    wanted, folded = name.casefold(), {other.casefold(): other for other in known}
    near = get_close_matches(wanted, folded, 1, NEAR)
    near += [other for other in folded if len(wanted) > 2 and wanted in other]
    return folded[near[0]] if near else None
