"""Rules about the repository itself: imports point one way, modules stay small, names are told."""

from __future__ import annotations

import ast
import hashlib
import re
import subprocess
from pathlib import Path

import pytest

from ikmplan.rules import RULES

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "ikmplan"
LONGEST = 450  # lines

# Each module may import only those above it, wherever in the file it does so.
ORDER = [
    "text",
    "sheets",
    "cells",
    "offices",
    "yaml_file",
    "references",
    "tables",
    "scenario",
    "demands",
    "case",
    "rules",
    "model",
    "engine",
    "plan",
    "statements",
    "books",
    "auditor",
    "reasons",
    "solver",
    "greedy",
    "baselines",
    "questions",
    "insight",
    "view",
    "method",
    "limits",
    "certificate",
    "summary",
    "wording",
    "inventory",
    "lists",
    "answers",
    "views",
    "ledger",
    "rka",
    "book",
    "rka_sheet",
    "workbook",
    "chart",
    "curves",
    "charts",
    "parameters",
    "forkserver",
    "kernels",
    "notebook",
    "runs",
    "targets",
    "comparison",
    "sweeps",
    "compare_read",
    "compare_summary",
    "compare_lists",
    "compare_views",
    "placing",
    "compare_charts",
    "index",
    "compare",
    "store",
    "tasks",
    "pool",
    "batch",
    "grid",
    "sweep",
    "progress",
    "dictionary",
    "inputs",
    "moment",
    "blank",
    "workbench",
    "work",
    "pictures",
    "panels",
    "dashboard",
    "server",
    "cli",
]
# `case` asks `demands` whether a case is sound; only the type of that case points back.
FOR_TYPES_ONLY = {("demands", "case")}

MODULES = sorted(path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__")


def imports(path: Path) -> dict[str, bool]:
    """The modules of ikmplan that a file imports; True where only for types."""
    tree = ast.parse(path.read_text("utf-8"))
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found: dict[str, bool] = {}
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: imports are absolute"
            module = node.module or ""
            names = [f"{module}.{alias.name}" for alias in node.names]
            names = [module] if module.startswith("ikmplan.") else names
        for name in names:
            if name.startswith("ikmplan."):
                module = name.split(".")[1]
                found[module] = found.get(module, True) and node in for_types
    return found


def test_every_module_has_its_place():
    assert sorted({*MODULES} - {"__main__"} - {*ORDER}) == []
    assert len(ORDER) == len(set(ORDER))


@pytest.mark.parametrize("name", [name for name in MODULES if name in ORDER])
def test_imports_point_one_way(name):
    above = ORDER[: ORDER.index(name)]
    wrong = {
        module
        for module, for_types in imports(PACKAGE / f"{name}.py").items()
        if module in ORDER
        and module not in above
        and not (for_types and (name, module) in FOR_TYPES_ONLY)
    }
    assert not wrong, f"{name} imports {wrong}, which stand below it"


def test_the_exceptions_are_used():
    for name, module in FOR_TYPES_ONLY:
        assert imports(PACKAGE / f"{name}.py").get(module) is True


@pytest.mark.parametrize("name", MODULES)
def test_no_module_is_too_long(name):
    lines = len((PACKAGE / f"{name}.py").read_text("utf-8").splitlines())
    assert lines <= LONGEST, f"{name}.py has {lines} lines; find the module that hides in it"


@pytest.mark.parametrize("name", MODULES)
def test_every_module_explains_itself(name):
    assert ast.get_docstring(ast.parse((PACKAGE / f"{name}.py").read_text("utf-8")))


def test_the_rules_have_names_that_rows_can_bear():
    """Row names are rule__key__key: a rule's name holds no "__", and no two are alike."""
    names = [rule.rows.__name__ for rule in RULES]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in names)


def test_every_rule_is_sentence_formula_scope_and_unit():
    for rule in RULES:
        said = rule.rows.__doc__ or ""
        sentence, *formula = [line.strip() for line in said.strip().splitlines()]
        assert sentence[0].isupper() and formula, rule.rows.__name__
        assert re.search(r"[≤≥=]", said) and re.search(r"\[[^\]]+\]\s*$", said), said


def test_what_others_wrote_is_as_they_published_it():
    """Idiomorph 0.8.0: `dist/idiomorph.min.js` of its package on npm."""
    (script,) = (PACKAGE / "browser").glob("idiomorph-*")
    assert script.name == "idiomorph-0.8.0.min.js"
    digest = hashlib.sha256(script.read_bytes()).hexdigest()
    assert digest == "4cbd535caf7663a51eda9bce6595371c384fc430d54b8d414e29a61167f19f96"


def committed() -> list[Path]:
    """The text files that git knows or would take."""
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    suffixes = {".py", ".md", ".csv", ".yaml", ".yml", ".toml", ".txt", ".ipynb", ".po", ".json"}
    paths = [ROOT / line for line in listed.stdout.splitlines()]
    return [path for path in paths if path.suffix in suffixes and path.is_file()]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no git here")
def test_no_path_of_one_machine():
    """What is committed works anywhere, and tells nothing of where it was made."""
    folders = "|".join(["work", "home", "root", "Users", "tmp/pytest", "tmp/ipykernel"])
    machine = re.compile(rf"(?<![\w.:/~-])/({folders})[/_]|[A-Z]:\\\\?Users\\")
    found = {
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in committed()
        for match in machine.finditer(path.read_text("utf-8"))
    }
    assert not found
