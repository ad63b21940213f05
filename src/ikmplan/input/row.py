"""What every row of an input table has: its key, and a check of its columns against each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from ikmplan.input.cells import column
from ikmplan.text import N_

QUARTERS = (1, 2, 3, 4)
Problem = tuple[str, str, str]  # column, what is wrong in it, how to fix it


def ssh_code_column() -> Any:
    """The code of a price in the regional price standard; a table may lack the column."""
    return column(
        N_("its code in the regional price standard (SSH), such as 1.01.02.3"), default=None
    )


def domestic_column() -> Any:
    """Share of a price that is domestic product, 0..1; a table may lack the column."""
    return column(
        N_("domestic product (PDN): share of its price that is produced in the country"),
        N_("share 0–1"),
        default=None,
    )


class Row(BaseModel):
    """One row of an input table. KEY names the columns that must not repeat."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    KEY: ClassVar[tuple[str, ...]] = ()

    def crossed(self) -> Iterator[Problem]:
        """Columns that contradict each other."""
        yield from ()
