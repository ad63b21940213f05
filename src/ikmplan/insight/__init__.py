"""Why this plan: questions asked of it, their answers as tables and charts.

`explain` is imported when first used: reading saved answers needs no solver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ikmplan.insight.reasons import explain

__all__ = ["explain"]


def __getattr__(name: str) -> Any:
    if name != "explain":
        raise AttributeError(f"module 'ikmplan.insight' has no attribute {name!r}")
    from ikmplan.insight.reasons import explain

    return explain
