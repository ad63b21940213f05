"""How sure is a plan? Its uncertain numbers drawn together, and what the plan is worth in each.

`how_sure` is imported when first used: reading saved answers needs no solver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ikmplan.uncertainty.answers import how_sure

__all__ = ["how_sure"]


def __getattr__(name: str) -> Any:
    if name != "how_sure":
        raise AttributeError(f"module 'ikmplan.uncertainty' has no attribute {name!r}")
    from ikmplan.uncertainty.answers import how_sure

    return how_sure
