"""Reads a YAML file of parameters into plain values, and says in which row each one stands.

Only keys, values and lists are taken; whatever else YAML can do is refused.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ikmplan.faults import BadInput, Fault
from ikmplan.text import _

if TYPE_CHECKING:
    from yaml import Node


def read_values(path: str | Path) -> tuple[dict[str, Any], dict[str, int]]:
    """What a YAML file says, and the row of each "key", "key.inner" and "key.listed text"."""
    import yaml

    path = Path(path)
    lines = _("Write one “key: value” on each line; a value with @, : or # in quotation marks.")

    def refuse(message: str, fix: str, line: int | None = None) -> BadInput:
        row = None if line is None else line + 1
        return BadInput([Fault(str(path), row, None, None, message, fix)])

    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise refuse(_("does not exist."), _("Check the path.")) from None
    except OSError:
        raise refuse(_("cannot be opened."), _("Check that you may read it.")) from None
    except UnicodeDecodeError:
        raise refuse(_("is not UTF-8 text."), _("Save it as UTF-8.")) from None
    try:
        depth = 0
        for event in yaml.parse(text, yaml.BaseLoader):
            opens = isinstance(event, yaml.CollectionStartEvent)
            depth += opens - isinstance(event, yaml.CollectionEndEvent)
            # a few lines of & and * can stand for more values than a computer holds
            if any(getattr(event, mark, None) for mark in ("anchor", "tag")) or depth > 3:
                message = _(
                    "holds more than keys, values and lists (&, *, ! or too many brackets)."
                )
                raise refuse(message, lines, event.start_mark.line if event.start_mark else None)
        tree = yaml.compose(text, yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line if error.problem_mark else None
        if line is not None and "\t" in "".join(text.split("\n")[line : line + 1]):
            raise refuse(_("has a tab."), _("Use spaces instead."), line) from None
        raise refuse(_("cannot be understood here."), lines, line) from None
    except yaml.YAMLError:
        raise refuse(_("holds characters that are not text."), _("Save it as UTF-8.")) from None
    faults: list[Fault] = []
    rows: dict[str, int] = {}

    def plain(node: Node, within: str) -> Any:
        if isinstance(node, yaml.SequenceNode):
            found = [plain(part, within) for part in node.value]
            for part, value in zip(node.value, found, strict=True):
                if isinstance(value, str):
                    rows[f"{within}{without_spaces(value)}"] = part.start_mark.line + 1
            return found
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node.value) if node.style is None else node.value
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            row, key = key_node.start_mark.line + 1, str(key_node.value)
            if key in values:
                message = _("stands in row {row} already.", row=rows[within + key])
                fix = _("Keep one of the two rows.")
                faults.append(Fault(str(path), row, within + key, None, message, fix))
            rows.setdefault(within + key, row)
            values[key] = plain(value_node, f"{within}{key}.")
        return values

    if not isinstance(tree, yaml.MappingNode):
        raise refuse(_("holds no parameters."), lines)
    try:
        values = plain(tree, "")
    except ValueError:  # a number of thousands of digits
        raise refuse(_("holds a number that is too long."), lines) from None
    if faults:
        raise BadInput(faults)
    return {"name": path.stem} | values, rows


def _scalar(text: str) -> float | int | str | None:
    """An unquoted value without YAML's surprises: 010 is not 8, 1:30 not 90, no not False.

    250.000 stays text: as a number it would be 250, and may mean 250000.
    """
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if re.fullmatch(r"-?(0|[1-9]\d*)", text):
        return int(text)
    if re.fullmatch(r"-?\d+\.\d+([eE][-+]\d+)?", text) and not re.fullmatch(r".*\.\d\d0", text):
        return float(text)
    return text


def without_spaces(text: str) -> str:
    return re.sub(r"\s", "", text)
