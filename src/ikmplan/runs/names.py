"""Names of the files that a run leaves in its folder, and how their JSON is read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
PAGE, PLAN_NOTEBOOK, PLAN_WORKBOOK = "plan.html", "plan.ipynb", "plan.xlsx"
TABLES_FOLDER = "tables"
PLAN_RECORD = f"{TABLES_FOLDER}/plan.json"
FAILED = "failed.ipynb"  # the notebook with the error
FAILURE = "failed.json"  # beside it: which scenario and code failed, and why
INDEX_PAGE, COMPARISON_PAGE = "index.html", "compare.html"  # of a whole folder of runs
# what a sweep leaves; the first one is written last
SWEEP_ABOUT, SWEEP_TABLE = "sweep.json", "sweep.parquet"
SWEEP_DECISIONS, SWEEP_COVERAGE = "decisions.parquet", "coverage.parquet"
SWEEP_SECONDS, SWEEP_DRAWS = "seconds.parquet", "draws.parquet"


def forms_name(fingerprint: str) -> str:
    """The forms of a plan: to be filled in, so that they are no part of what is verified."""
    return f"forms-{fingerprint[:8]}.xlsx"


def is_forms(name: str) -> bool:
    return re.fullmatch(r"forms-[0-9a-f]{8}\.xlsx", name) is not None


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
