"""What every row of an input table has: its key, and a check of its columns against each other."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

QUARTERS = (1, 2, 3, 4)
Problem = tuple[str, str, str]  # column, what is wrong in it, how to fix it


class Row(BaseModel):
    """One row of an input table. KEY names the columns that must not repeat."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    KEY: ClassVar[tuple[str, ...]] = ()

    def crossed(self) -> list[Problem]:
        """Columns that contradict each other."""
        return []
