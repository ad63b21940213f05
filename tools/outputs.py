"""Everything that readers get, written down and compared: for a change that must change nothing.

    python tools/outputs.py write FOLDER       with the ikmplan of this Python: before, and after
    python tools/outputs.py compare A B        lists what differs; exit code 1 if anything does

Written are the results of `ikmplan run` for every scenario of params/ and for data/toy in both
languages (page, workbook, notebook, tables), and the plans of 30 small random cases. What belongs
to the code or the day is left out of the comparison: hashes, commit, date, versions.
"""

from __future__ import annotations

import argparse
import csv
import html
import json
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
CASES = 30
OTHER_EACH_TIME = re.compile(
    r"\b[0-9a-f]{16}(?:[0-9a-f]{48})?\b"  # hashes
    r"|\b\d{1,2} [A-Z][a-z]+ \d{4}\b|\b[A-Z][a-z]+ \d{1,2}, \d{4}\b"  # the day it was made
    r"|(?<=commit )[0-9a-f]{10}\+?"
    r"|\d{4}-\d\d-\d\dT[\d:+]+|\d\d[.:]\d\d(?=</time>)|\.\./[\w.-]+/runs"  # when and where
)


# --- write ---------------------------------------------------------------------------------


def write(folder: Path) -> None:
    """Run the scenarios and solve the random cases into `folder`."""
    folder.mkdir(parents=True)
    params = [str(path) for path in sorted((ROOT / "params").glob("*.yaml"))]
    for language in ("id", "en"):
        path = folder / f"toy-{language}.yaml"
        path.write_text(f"data: data/toy\nlanguage: {language}\n")
        params.append(str(path))
    command = [sys.executable, "-m", "ikmplan.cli", "run", *params, "--runs", str(folder / "runs")]
    subprocess.run(command, cwd=ROOT, check=True)
    for seed in range(CASES):
        write_case(seed, folder / "cases" / str(seed))
        made = solved(folder / "cases" / str(seed))
        text = json.dumps(made, indent=1, ensure_ascii=False, default=str)
        (folder / "cases" / f"{seed}.json").write_text(text, "utf-8")


def solved(data: Path) -> dict[str, Any]:
    """The plan of a case as plain rows, or why there is none."""
    from ikmplan import NoPlan, load, solve

    try:
        plan = solve(load(data, floor=0.05, language="en"))
    except NoPlan as none:
        return {"none": str(none)}
    tables = {name: table.to_dict("records") for name, table in plan.tables.items()}
    proof = plan.proof
    return {"value": proof.value, "bound": proof.bound, "status": proof.status, "tables": tables}


def write_case(seed: int, folder: Path) -> None:
    """The tables of a small case that depends on its number alone."""
    draw = random.Random(seed)
    sectors = ["bread", "clay", "coffee"][: draw.randint(1, 3)]
    courses = [f"p{n}" for n in range(draw.randint(2, 4))]
    days = {p: draw.randint(1, 5) for p in courses}
    machines = [f"e{n}" for n in range(draw.randint(0, 2))]
    rows: dict[str, list[tuple[Any, ...]]] = {
        "clusters": [
            (f"c{n}", f"Cluster {n}", "ikm", draw.choice(sectors), "North", draw.randint(6, 30),
             draw.choice([0, 0.3, 1]), 1, draw.randint(0, 8), draw.randint(5, 30), 0)
            for n in range(draw.randint(1, 4))
        ],
        "courses": [
            (p, f"Course {p}", draw.randint(1, 6), draw.randint(6, 20), days[p],
             draw.randrange(2, 20) * 10**6, draw.randrange(9) * 10**5, draw.choice([0.3, 0.5, 0.8]),
             "no", draw.choice(["cluster", "city"]))
            for p in courses
        ],
        "equipment": [
            (e, f"Machine {e}", draw.randrange(5, 40) * 10**6, 1000, 0.9, 2, 4,
             draw.randint(0, 2), "p0", draw.randint(1, 3), "cluster")
            for e in machines
        ],
        "course_suits": [(p, s, draw.choice([0.1, 0.5, 1])) for p in courses for s in sectors],
        "course_uses": [(p, "r", days[p]) for p in courses],
        "equipment_suits": [
            (e, s, draw.choice([60, 160]), draw.choice([0.3, 0.6]))
            for e in machines for s in sectors
        ],
        "funds": [("f", "Purse", draw.randrange(20, 150) * 10**6, "training equipment")],
        "resources": [("r", "Trainers", "trainer", *(draw.randint(0, 15) for _q in range(4)))],
        "office": [("region", "Toytown"), ("year", 2022)],
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns in COLUMNS.items():
        lines = [[*columns.split(), "source"], *([*row, "made"] for row in rows[name])]
        with (folder / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows(lines)
    sources = "source,citation,url,year,kind\nmade,Made up,,2022,estimate\n"
    (folder / "sources.csv").write_text(sources)


COLUMNS = {
    "clusters": "cluster name kind sector district units young_share weight kva floor_m2"
    " reached_before",
    "courses": "course name class_min class_max days cost_class cost_person success young_only"
    " scope",
    "equipment": "equipment name price hours availability kva floor_m2 operators operator_course"
    " stock scope",
    "course_suits": "course sector relevance",
    "course_uses": "course resource amount",
    "equipment_suits": "equipment sector hours success",
    "funds": "fund name amount pays",
    "resources": "resource name kind q1 q2 q3 q4",
    "office": "key value",
}


# --- compare -------------------------------------------------------------------------------


def differences(before: Path, after: Path) -> Iterator[str]:
    """What differs between two written folders, a line each."""
    files = {path.relative_to(root) for root in (before, after) for path in results(root)}
    for name in sorted(files):
        old, new = before / name, after / name
        if not (old.exists() and new.exists()):
            yield f"{name}: only in {'the first' if old.exists() else 'the second'}"
            continue
        for line, (a, b) in enumerate(zip_longest(content(old), content(new)), 1):
            if a != b:
                yield f"{name}: line {line}: {shortened(a)} -> {shortened(b)}"
                break


def results(root: Path) -> Iterator[Path]:
    """The files that are compared."""
    for pattern in ("*.html", "*.xlsx", "*.ipynb", "*.parquet", "plan.json", "[0-9]*.json"):
        yield from root.rglob(pattern)


def content(path: Path) -> list[str]:
    """A file as lines of text, without what is another each time."""
    if path.suffix == ".parquet":
        lines = pd.read_parquet(path).to_csv(index=False).splitlines()
    elif path.suffix == ".xlsx":
        lines = [
            f"{sheet.title} {cell.coordinate} {cell.value!r} {cell.number_format}"
            for sheet in openpyxl.load_workbook(path)
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None
        ]
    elif path.name == "plan.json":
        about = json.loads(path.read_text("utf-8"))
        about["proof"].pop("versions", None)
        lines = json.dumps(about, indent=1, sort_keys=True).splitlines()
    else:
        lines = html.unescape(path.read_text("utf-8")).splitlines()
    return [OTHER_EACH_TIME.sub("…", line) for line in lines]


def shortened(line: str | None) -> str:
    return "nothing" if line is None else line.strip()[:120]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    words = parser.add_subparsers(dest="word", required=True)
    words.add_parser("write").add_argument("folder", type=Path)
    both = words.add_parser("compare")
    both.add_argument("before", type=Path)
    both.add_argument("after", type=Path)
    options = parser.parse_args()
    if options.word == "write":
        write(options.folder.resolve())
        return 0
    found = list(differences(options.before, options.after))
    print(*found, sep="\n")
    print(f"{len(found)} files differ")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
