"""Finding a plan and proving it: rules, problem, search, conflicts.

`make_problem` is imported when first used: the modules here import each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ikmplan.model.problem import make_problem

__all__ = ["make_problem"]


def __getattr__(name: str) -> Any:
    if name != "make_problem":
        raise AttributeError(f"module 'ikmplan.model' has no attribute {name!r}")
    from ikmplan.model.problem import make_problem

    return make_problem
