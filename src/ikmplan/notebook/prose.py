"""The prose of a notebook and its translation. A markdown cell is one message."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from ikmplan import text

if TYPE_CHECKING:
    from nbformat import NotebookNode

OWN_PROSE = "ikmplan_prose"  # metadata of a notebook that `suite` wrote: its language


def msgids(nb: NotebookNode) -> list[str]:
    """The prose of the notebook, one message for each markdown cell."""
    sources = [cell.source.strip() for cell in nb.cells if cell.cell_type == "markdown"]
    return [source for source in sources if source]


def translated(nb: NotebookNode, language: str) -> NotebookNode:
    """A copy whose markdown cells are in `language`; code and outputs stay."""
    made = deepcopy(nb)
    with text.language(language):
        for cell in made.cells:
            if cell.cell_type == "markdown":
                cell.source = text._(cell.source.strip())
    return made
