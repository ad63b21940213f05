"""Reads a YAML file of parameters into plain values, and the row in which each one stands.

Only keys, values and lists are taken; whatever else YAML can do is refused. Other programs
(papermill) read some plain texts as another value than is written: those are marked `Misread`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from ikmplan.faults import BadInput, Fault, refusal
from ikmplan.text import LANGUAGES, _, current_language


class Misread(str):
    """A plain text that YAML's own rules take for no text: 010 is 8, 1:30 is 90, no is False,
    1_000 is 1000."""

    as_yaml: Any

    def __new__(cls, text: str, as_yaml: Any) -> Misread:
        made = super().__new__(cls, text)
        made.as_yaml = as_yaml
        return made


class _PlainYaml(yaml.SafeLoader):
    """Reads dates as text, as papermill does."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [rule for rule in rules if rule[0] != "tag:yaml.org,2002:timestamp"]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read_values(path: str | Path) -> tuple[dict[str, Any], dict[str, int]]:
    """The values of a YAML file, and the row of each "key", "key.inner" and "key.listed text".

    Raises `BadInput` where the file cannot be read, holds anything else, or a key twice.
    """
    values, rows, twice = parse_values(path)
    if twice:
        raise BadInput(twice)
    return values, rows


def parse_values(
    path: str | Path, text: str | None = None
) -> tuple[dict[str, Any], dict[str, int], list[Fault]]:
    """As `read_values`, and the faults of keys that stand there twice: the last one is read. With
    `text`, of that text, which `path` names in faults."""
    file = _ParameterFile(Path(path))
    values = file.values(file.tree(file.text() if text is None else text))
    stem = os.fsencode(file.path.stem).decode("utf-8", "replace")  # bytes of an old archive
    return {"name": stem} | values, file.rows, file.faults


def stated_language(paths: Iterable[Path]) -> str:
    """The language that these files of parameters state, also where they are faulty; the one in
    use where they state none, or different ones. A pipe, which can be read once, is not read."""
    stated = set()
    for path in filter(Path.is_file, paths):
        with suppress(OSError):
            found = _LANGUAGE.search(path.read_text(encoding="utf-8-sig", errors="replace"))
            stated.add(found["code"] if found else current_language())
    return stated.pop() if len(stated) == 1 else current_language()


_OTHER_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_LANGUAGE = re.compile(rf"(?m)(?:^|[{{,]\s*)language\s*:\s*[\"']?(?P<code>{'|'.join(LANGUAGES)})\b")


class _ParameterFile:
    """A YAML file on its way from text to values."""

    def __init__(self, path: Path):
        self.path = path
        self.rows: dict[str, int] = {}
        self.faults: list[Fault] = []  # keys that stand there twice

    def refusal(self, message: str, fix: str | None = None, line: int | None = None) -> BadInput:
        """The error for a file that cannot be used; `line` counts from 0."""
        if fix is None:
            fix = _(
                "Write one “key: value” on each line; a value with @, : or # in quotation marks."
            )
        row = None if line is None else line + 1
        return BadInput([Fault(str(self.path), row, None, None, message, fix)])

    def text(self) -> str:
        try:
            text = self.path.read_text(encoding="utf-8-sig")
            # a web page or a chat leaves other kinds of space, which YAML takes for letters
            return _OTHER_SPACE.sub(" ", text)
        except FileNotFoundError:
            message = _("does not exist.")
            if self.path.is_symlink():
                message = _("is a link to a file that does not exist.")
            raise self.refusal(message, _("Check the path.")) from None
        except OSError as error:
            raise self.refusal(*refusal(error)) from None
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start)
            raise self.refusal(_("is not UTF-8 text."), _("Save it as UTF-8."), line) from None

    def tree(self, text: str) -> yaml.Node | None:
        depth = 0
        try:
            for event in yaml.parse(text, yaml.BaseLoader):
                opens = isinstance(event, yaml.CollectionStartEvent)
                depth += opens - isinstance(event, yaml.CollectionEndEvent)
                # a few lines of & and * can stand for more values than a computer holds
                if any(getattr(event, mark, None) for mark in ("anchor", "tag")) or depth > 3:
                    message = _(
                        "holds more than keys, values and lists (&, *, ! or too many brackets)."
                    )
                    line = event.start_mark.line if event.start_mark else None
                    raise self.refusal(message, line=line)
            return yaml.compose(text, yaml.BaseLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line if error.problem_mark else None
            if line is not None and "\t" in "".join(text.split("\n")[line : line + 1]):
                raise self.refusal(_("has a tab."), _("Use spaces instead."), line) from None
            raise self.refusal(_("cannot be understood here."), line=line) from None
        except yaml.YAMLError:
            message = _("holds characters that are not text.")
            raise self.refusal(message, _("Save it as UTF-8.")) from None

    def values(self, tree: yaml.Node | None) -> dict[str, Any]:
        if not isinstance(tree, yaml.MappingNode):
            raise self.refusal(_("holds no parameters."))
        try:
            return self._mapping(tree, "")
        except ValueError:  # a number of thousands of digits
            raise self.refusal(_("holds a number that is too long.")) from None

    def _mapping(self, tree: yaml.MappingNode, within: str) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in tree.value:
            row, key = key_node.start_mark.line + 1, str(key_node.value)
            if key in values and not behind_comma(key, values[key]):
                message = _("stands in row {row} already.", row=self.rows[within + key])
                fix = _("Keep one of the two rows.")
                self.faults.append(Fault(str(self.path), row, within + key, None, message, fix))
            self.rows.setdefault(within + key, row)
            values[key] = self._value(value_node, f"{within}{key}.")
        return values

    def _value(self, node: yaml.Node, within: str) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, within)
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node.value) if node.style is None else node.value
        values = [self._value(part, within) for part in node.value]
        for part, value in zip(node.value, values, strict=True):
            if isinstance(value, str):
                self.rows[f"{within}{without_spaces(value)}"] = part.start_mark.line + 1
        return values


def _scalar(text: str) -> float | int | str | None:
    """A value without quotation marks, as it is written; a text that other readers take for
    something else is `Misread`.

    250.000 stays text: as a number it would be 250, and may mean 250000.
    """
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if re.fullmatch(r"-?(0|[1-9]\d*)", text):
        return int(text)
    if re.fullmatch(r"-?\d+\.\d+([eE][-+]\d+)?", text) and not re.fullmatch(r".*\.\d\d0", text):
        return float(text)
    try:
        other = yaml.load(text, _PlainYaml)
    except (yaml.YAMLError, ValueError):  # "=", or digits of another base
        return text
    return text if isinstance(other, str) else Misread(text, other)


def behind_comma(key: str, value: Any) -> tuple[str, str] | None:
    """Problem and fix of the keys 500 and 000 that YAML reads in {budget: 1,500,000}."""
    if value is not None or not key[:1].isdigit():
        return None
    return (
        _("stands behind a comma, which begins another key in curly brackets."),
        _("Write a number there without a comma, or in quotation marks."),
    )


def without_spaces(text: str) -> str:
    return re.sub(r"\s", "", text)
