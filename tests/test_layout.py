"""Rules about the repository: imports point one way, modules stay small, names are unique."""

from __future__ import annotations

import ast
import hashlib
import re
import subprocess
from pathlib import Path

import house
import pytest

from ikmplan.model.rules import RULES

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "ikmplan"
LONGEST = 400  # lines

ORDER = house.order()
MODULES = sorted(
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    for path in PACKAGE.rglob("*.py")
    if path.stem != "__init__"
)


def file_of(module: str) -> Path:
    return PACKAGE.joinpath(*module.split(".")).with_suffix(".py")


def imports(path: Path) -> set[str]:
    """The modules of ikmplan that a file imports, wherever in it, for types too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: imports are absolute"
            module = node.module or ""
            names = [f"{module}.{alias.name}" for alias in node.names]
            names = [name if name in KNOWN else module for name in names]
        found.update(name.removeprefix("ikmplan.") for name in names if name.startswith("ikmplan."))
    return found


KNOWN = {f"ikmplan.{module}" for module in MODULES}


def test_every_module_has_its_place():
    assert sorted(ORDER) == MODULES


@pytest.mark.parametrize("name", ORDER)
def test_imports_point_one_way(name):
    below = {module for module in ORDER[ORDER.index(name) :] if module != name}
    wrong = imports(file_of(name)) & below
    assert not wrong, f"{name} imports {wrong}, which stand below it"


@pytest.mark.parametrize("name", ORDER)
def test_a_module_imports_modules_not_rooms(name):
    """A room's own names are for notebooks; inside, each name comes from its module."""
    rooms = {room.name for room in house.HOUSE}
    assert not imports(file_of(name)) & rooms


@pytest.mark.parametrize(
    ("room", "never"), [("plan", {"model"}), ("explore", {"compare", "batch"})]
)
def test_rooms_that_must_not_meet(room, never):
    for module in (name for name in ORDER if name.startswith(f"{room}.")):
        assert not {name for name in imports(file_of(module)) if name.split(".")[0] in never}


def test_contributing_shows_the_rooms():
    text = house.CONTRIBUTING.read_text("utf-8")
    assert text == house.with_table(text), "run tools/house.py"


def test_contributing_names_what_is_there():
    """Each `module.py` is there, and so is each name in brackets behind it."""
    text = house.CONTRIBUTING.read_text("utf-8")
    named = re.findall(r"`([a-z_/]+\.py)`(?:\s\(`(\w+))?", text)
    assert len(named) > 40
    for file, name in named:
        places = [PACKAGE / file, ROOT / file, ROOT / "tests" / file]
        found = [place for place in places if place.exists()]
        assert found, file
        assert not name or re.search(rf"^(def |class )?{name}\b", found[0].read_text("utf-8"), re.M)


@pytest.mark.parametrize("name", ["", *sorted({r.name for r in house.HOUSE} - {""})])
def test_rooms_explain_themselves(name):
    path = PACKAGE / name / "__init__.py"
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


@pytest.mark.parametrize("name", MODULES)
def test_no_module_is_too_long(name):
    lines = len(file_of(name).read_text("utf-8").splitlines())
    assert lines <= LONGEST, f"{name} has {lines} lines; find the module that hides in it"


def test_public_names_are_unique():
    """One thing per word: what a module defines at its top is defined in no other module."""
    places: dict[str, list[str]] = {}
    for module in MODULES:
        for node in ast.parse(file_of(module).read_text("utf-8")).body:
            names = [getattr(node, "name", "")]
            if isinstance(node, (ast.Assign, ast.AnnAssign)):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names = [target.id for target in targets if isinstance(target, ast.Name)]
            for name in names:
                if name and not name.startswith("_"):
                    places.setdefault(name, []).append(module)
    assert not {name: modules for name, modules in places.items() if len(modules) > 1}


def test_functions_are_short():
    """No function is longer than 60 lines."""
    long = {
        f"{module}.{node.name}"
        for module in MODULES
        for node in ast.walk(ast.parse(file_of(module).read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None
        if node.end_lineno - node.lineno >= 60
    }
    assert not long


def test_no_text_for_readers_is_written_in_two_modules():
    """A message of more than a few words has one home; the others import or call it."""
    places: dict[str, set[str]] = {}
    for module in MODULES:
        for node in ast.walk(ast.parse(file_of(module).read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "N_"):
                text = node.args[0].value if isinstance(node.args[0], ast.Constant) else ""
                places.setdefault(str(text), set()).add(module)
    twice = {t for t, modules in places.items() if len(modules) > 1 and len(t.split()) > 6}
    assert len(twice) <= WRITTEN_TWICE, sorted(twice)


WRITTEN_TWICE = 3  # sentences that two modules still write; it may only fall


@pytest.mark.parametrize("name", MODULES)
def test_every_module_explains_itself(name):
    assert ast.get_docstring(ast.parse(file_of(name).read_text("utf-8")))


def test_the_rules_have_names_that_rows_can_bear():
    """Row names are rule__key__key: a rule's name holds no "__", and no two are alike."""
    names = [rule.rows.__name__ for rule in RULES]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in names)


def test_every_rule_is_sentence_formula_scope_and_unit():
    for rule in RULES:
        docstring = rule.rows.__doc__ or ""
        sentence, *formula = [line.strip() for line in docstring.strip().splitlines()]
        assert sentence[0].isupper() and formula, rule.rows.__name__
        assert re.search(r"[≤≥=]", docstring), docstring
        assert re.search(r"\[[^\]]+\]\s*$", docstring), docstring


def test_what_others_wrote_is_as_they_published_it():
    """Idiomorph 0.8.0: `dist/idiomorph.min.js` of its package on npm."""
    (script,) = (PACKAGE / "browser").glob("idiomorph-*")
    assert script.name == "idiomorph-0.8.0.min.js"
    digest = hashlib.sha256(script.read_bytes()).hexdigest()
    assert digest == "4cbd535caf7663a51eda9bce6595371c384fc430d54b8d414e29a61167f19f96"


def committed() -> list[Path]:
    """The text files that git tracks or would take."""
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    suffixes = {".py", ".md", ".csv", ".yaml", ".yml", ".toml", ".txt", ".ipynb", ".po", ".json"}
    paths = [ROOT / line for line in listed.stdout.splitlines()]
    return [path for path in paths if path.suffix in suffixes and path.is_file()]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no git here")
def test_no_path_of_one_machine():
    """Committed files work anywhere and hold no path of one machine."""
    folders = "|".join(["work", "home", "root", "Users", "tmp/pytest", "tmp/ipykernel"])
    machine = re.compile(rf"(?<![\w.:/~-])/({folders})[/_]|[A-Z]:\\\\?Users\\")
    found = {
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in committed()
        for match in machine.finditer(path.read_text("utf-8"))
    }
    assert not found
