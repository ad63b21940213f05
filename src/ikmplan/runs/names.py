"""Names of the files that a run leaves in its folder, and how their JSON is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
PAGE = "plan.html"
# what a run leaves; the manifest goes first and comes last
PIECES = (MANIFEST, "plan.ipynb", PAGE, "plan.xlsx", "tables")
FAILED = "failed.ipynb"  # the notebook with the error
FAILURE = "failed.json"  # beside it: which scenario and code failed, and why


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file; an empty one where there is none that can be read."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def scenario_name(folder: Path) -> str | None:
    """The scenario whose results lie in the folder, by its manifest."""
    try:
        return str(read_json(folder / MANIFEST)["scenario"]["name"])
    except (KeyError, TypeError):
        return None
