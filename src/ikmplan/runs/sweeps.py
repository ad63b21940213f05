"""The sweeps in a folder of runs, as rows of its index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ikmplan.runs.names import SWEEP_ABOUT, SWEEP_TABLE, read_json
from ikmplan.tableset import read_parquet


@dataclass(frozen=True)
class SweepRun:
    """What a finished sweep holds: how many points, what became of them, what they reach."""

    folder: Path
    title: str
    note: str
    fields: tuple[str, ...]
    points: int
    plans: int
    stopped: int  # plans whose search was stopped early
    failed: int
    reached: tuple[float, float] | None  # fewest and most units; None without a plan
    when: datetime


def is_sweep(folder: Path) -> bool:
    """Whether this is the folder of a sweep."""
    return (folder / SWEEP_TABLE).is_file() and (folder / SWEEP_ABOUT).is_file()


def read_sweep_runs(runs: Path) -> Iterator[SweepRun]:
    """The sweeps in the folder, by name; one whose files cannot be read is left out."""
    for folder in sorted(runs.iterdir()) if runs.is_dir() else ():
        if not folder.name.startswith(".") and is_sweep(folder):
            about = read_json(folder / SWEEP_ABOUT)
            try:
                table: Any = read_parquet(folder / SWEEP_TABLE)
                yield _sweep_run(folder, about, table)
            except (OSError, ValueError, KeyError):
                continue


def _sweep_run(folder: Path, about: dict[str, Any], table: Any) -> SweepRun:
    reached, statuses = table["reached"].dropna(), table["status"]
    base = about.get("base", {})
    return SweepRun(
        folder,
        str(base.get("title") or ""),
        str(base.get("note") or ""),
        tuple(about.get("varied", ())),
        len(table),
        len(reached),
        int((statuses == "feasible").sum()),
        int((statuses == "failed").sum()),
        (float(reached.min()), float(reached.max())) if len(reached) else None,
        datetime.fromtimestamp((folder / SWEEP_TABLE).stat().st_mtime).astimezone(),
    )
