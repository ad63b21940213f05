"""The parameters of `notebooks/plan.ipynb`: the cell that lists them, and how it is read.

papermill lists them from that cell, overrides them one by one, and only warns of a
name that the cell does not have. So the notebook refuses such names:

    case = load(**given(globals()))
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping
from contextlib import nullcontext
from inspect import signature
from typing import Any, get_args, get_origin

from ikmplan.faults import BadInput, Fault, nearest
from ikmplan.input.scenario import Scenario, make_scenario
from ikmplan.text import LANGUAGES, _, language

PLAIN = (bool, int, float, str, list, tuple, dict, type(None))
INJECTED = "# Parameters"  # the first line of the cell that papermill adds
NO_PARAMETERS = {
    "programme",  # of the notebook: None where nothing was announced
    "In",
    "Out",
    "PAPERMILL_INPUT_PATH",
    "PAPERMILL_OUTPUT_PATH",
    "PAPERMILL_OUTPUT_DIR_PATH",
}
# papermill cannot read a line with a second "=", so signs stand in a comment of their own
OTHER_MEANINGS = {"locks": "decisions that are given: a list of texts, as in the comment above"}
ABOVE = {
    "locks": '# locks: "oven @ kue_denai >= 2", "batik = 3"; '
    'exclusions: "oven", "oven @ kue_denai", "@ kue_denai"',
}


def arguments(
    namespace: Mapping[str, Any], function: Callable[..., Any], *others: str
) -> dict[str, Any]:
    """Of a notebook's `globals()`, the arguments of `function`; the parameters `others` are for
    something else.

    Raises `BadInput` if another plain variable, but for `language`, is there: it is a
    parameter misspelt.
    """
    names = list(signature(function).parameters)
    known = _("The parameters are: {names}.", names=", ".join([*names, *others, "language"]))
    where, problem = _("parameters"), _("is no parameter.")
    faults = [
        Fault(where, None, name, None, problem, nearest(name, names) or known)
        for name in _strange(namespace, [*names, *others, "language"])
    ]
    if faults:
        raise BadInput(faults)
    return {name: namespace[name] for name in names if name in namespace}


def notebook_parameters(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters in a notebook's `globals()`.

    Raises `BadInput` if another plain variable is there: it is a parameter misspelt.
    """
    known = {name: namespace[name] for name in Scenario.model_fields if name in namespace}
    strange = _strange(namespace, known)
    spoken = known.get("language")
    with language(spoken) if spoken in LANGUAGES else nullcontext():
        make_scenario(known | strange, _("parameters"))
    return known


def _strange(namespace: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    """Plain variables that are no parameter. Where IPython remembers the cells that set
    parameters, only what those set: other cells, and start-up files, have variables of their own.
    """
    cells = [(text, _set_by(text)) for text in namespace.get("In", ())]
    setting = [set_ for text, set_ in cells if text.startswith(INJECTED) or set_ & {*known}]
    set_there = set().union(*setting)
    return {
        name: value
        for name, value in namespace.items()
        if not name.startswith("_")
        and (name in set_there or not setting)
        and name not in known
        and name not in NO_PARAMETERS
        and isinstance(value, PLAIN)
    }


def _set_by(cell: str) -> set[str]:
    """The variables that a cell sets at its top."""
    try:
        lines = ast.parse(cell).body
    except SyntaxError:  # a command of IPython
        return set()
    targets = [
        target
        for line in lines
        if isinstance(line, (ast.Assign, ast.AnnAssign))
        for target in (line.targets if isinstance(line, ast.Assign) else [line.target])
    ]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def parameters_cell() -> str:
    """The source of the cell tagged `parameters`: each field, its type, default and meaning."""
    lines = []
    for name in Scenario.model_fields:
        lines += [ABOVE[name]] if name in ABOVE else []
        lines.append(_line(name))
    return "\n".join(lines)


def _line(name: str) -> str:
    field = Scenario.model_fields[name]
    default = "en" if name == "language" else field.default
    default = list(default) if isinstance(default, tuple) else default
    extra = field.json_schema_extra
    unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
    meaning = OTHER_MEANINGS.get(name, str(field.description))
    if name == "language":
        meaning += f": {' or '.join(LANGUAGES)}"
    meaning += f" [{unit.removeprefix('share ')}]" if unit else ""
    shown = f'"{default}"' if isinstance(default, str) else repr(default)
    return f"{name}: {_type(field.annotation)} = {shown}  # {meaning}"


def _type(annotation: Any) -> str:
    """The plain type: papermill knows no unions."""
    origin = get_origin(annotation)
    if origin in (dict, list, tuple):
        return "list" if origin is tuple else str(origin.__name__)
    if isinstance(annotation, type):
        return annotation.__name__
    inner = [part for part in get_args(annotation) if part is not type(None)]
    return type(inner[0]).__name__ if isinstance(inner[0], str) else _type(inner[0])
