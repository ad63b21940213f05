"""The parameters of `notebooks/plan.ipynb`: the cell that lists them, and how it is read.

papermill lists them from that cell, overrides them one by one in a cell of its own, and only
warns of a name that the first does not have. So the notebook refuses such names:

    case = load(**given(globals()))

Only what these two cells set counts: other variables are the user's, of a cell of her own or
of a start-up file of IPython.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import nullcontext
from inspect import signature
from typing import Any, get_args, get_origin

from ikmplan.faults import BadInput, Fault, nearest
from ikmplan.input.cells import unit_of
from ikmplan.input.load import case_of
from ikmplan.input.scenario import Scenario, make_scenario
from ikmplan.notebook.papermill_command import misread_by_papermill
from ikmplan.text import LANGUAGES, _, language

PLAIN = (bool, int, float, str, list, tuple, dict, type(None))
INJECTED = "# Parameters\n"  # the first line of papermill's own cell
NO_PARAMETERS = {
    "In",
    "Out",
    "PAPERMILL_INPUT_PATH",
    "PAPERMILL_OUTPUT_PATH",
    "PAPERMILL_OUTPUT_DIR_PATH",
}
# papermill cannot read a line with a second "=", so signs stand in a comment of their own
OTHER_MEANINGS = {
    "locks": "decisions that are given: a list of texts, as in the comment above",
    "limits": "limits of the office's own: a list of texts, as in the comment above",
}
ABOVE = {
    "locks": '# locks: "oven @ kue_denai >= 2", "batik = 3"; '
    'exclusions: "oven", "oven @ kue_denai", "@ kue_denai"',
    "limits": '# limits: "money equipment outside main <= 30%", "no batik in q1"; '
    'groups: {"main": ["kue_denai"]}',
}


def arguments(
    namespace: Mapping[str, Any], function: Callable[..., Any], *others: str
) -> dict[str, Any]:
    """Of a notebook's `globals()`, the arguments of `function` but for those that have no name
    when it is called; the parameters `others` are for something else.

    Raises `BadInput` if another parameter, but for `language`, was set: it is misspelt.
    """
    parameters = signature(function).parameters.values()
    names = [one.name for one in parameters if one.kind is not one.POSITIONAL_ONLY]
    every = list(dict.fromkeys([*names, *others, "language"]))
    known = _("The parameters are: {names}.", names=", ".join(every))
    where, problem = _("parameters"), _("is no parameter.")
    found, strange = _set_parameters(namespace, every)
    faults = [
        Fault(where, None, name, None, problem, nearest(name, every) or known) for name in strange
    ]
    if faults:
        raise BadInput(faults)
    return {name: found[name] for name in names if name in found}


def notebook_parameters(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters in a notebook's `globals()`.

    Raises `BadInput` if another parameter was set: it is misspelt; or if papermill injected
    another value than is written in its file.
    """
    known, strange = _set_parameters(namespace, Scenario.model_fields)
    chosen = known.get("language")
    with language(chosen) if chosen in LANGUAGES else nullcontext():
        try:
            make_scenario(known | strange, _("parameters"))
            if faults := misread_by_papermill():
                raise BadInput(faults)
        except BadInput:
            case_of(known | strange, _("parameters"))  # raises what is wrong with the tables too
            raise
    return known


def _set_parameters(
    namespace: Mapping[str, Any], names: Collection[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters called `names` that were set, and those with other names.

    IPython lists in `In` the cells that it executed. Where they do not show the parameters
    cell (a notebook saved as a script has no cells) every plain variable may be one.
    """
    sources = list(map(str, namespace.get("In", ())))
    cells = [_assigned(source) for source in sources]
    everything = judged = set(namespace)
    if any(cell & set(names) for cell in cells):
        everything = set().union(*cells)
        judged = set().union(*_parameter_cells(sources, cells, names))
    known = {name: namespace[name] for name in names if name in everything & set(namespace)}
    strange = {
        name: value
        for name, value in namespace.items()
        if name in judged
        and not name.startswith("_")
        and name not in known
        and name not in NO_PARAMETERS
        and isinstance(value, PLAIN)
    }
    return known, strange


def _parameter_cells(
    sources: Sequence[str], cells: Sequence[set[str]], names: Collection[str]
) -> list[set[str]]:
    """What the parameters cell set when it was last executed, and papermill's cells after it.

    It is the one that sets most parameters: another cell may set one as well.
    """
    injected = [source.startswith(INJECTED) for source in sources]
    counts = [
        0 if mark else len(cell & set(names)) for mark, cell in zip(injected, cells, strict=True)
    ]
    last = max((n for n, count in enumerate(counts) if count * 2 >= max(counts) > 0), default=-1)
    return [cell for n, cell in enumerate(cells) if n == last or (n > last and injected[n])]


def _assigned(source: str) -> set[str]:
    """The names that a cell sets; none in a cell of another language."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set()
    return {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


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
    unit = unit_of(field)
    meaning = OTHER_MEANINGS.get(name, str(field.description))
    if name == "language":
        meaning += f": {' or '.join(LANGUAGES)}"
    meaning += f" [{unit.removeprefix('share ')}]" if unit else ""
    shown = f'"{default}"' if isinstance(default, str) else repr(default)
    return f"{name}: {_type(field.annotation)} = {shown}  # {meaning}"


def _type(annotation: Any) -> str:
    """The plain type: papermill has no unions."""
    origin = get_origin(annotation)
    if origin in (dict, list, tuple):
        return "list" if origin is tuple else str(origin.__name__)
    if isinstance(annotation, type):
        return annotation.__name__
    inner = [part for part in get_args(annotation) if part is not type(None)]
    return type(inner[0]).__name__ if isinstance(inner[0], str) else _type(inner[0])
