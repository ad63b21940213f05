"""Notebooks executed: parameters, kernels, pages. Notebooks call what `__all__` names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ikmplan.notebook.saving import counted, keep, planned_again, prose_is, speak

__all__ = ["counted", "keep", "planned_again", "prose_is", "speak"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'ikmplan.notebook' has no attribute {name!r}")
    from ikmplan.notebook import saving

    return getattr(saving, name)
