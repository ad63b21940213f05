"""A grid of scenarios: one scenario with some of its fields varied.

    budget=1e9:5e9:9              nine values from 1 to 5 billion, both included
    floor=0,0.1,0.2               these values
    floors.kue_denai=0.1,0.3      one key of a field that has keys
    locks=|oven >= 1|batik >= 2   texts that may hold commas; the first is empty

A grid may be larger than memory: its points are numbered and made when they are asked for.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from ikmplan.faults import BadInput, Fault
from ikmplan.files import find
from ikmplan.input.parameter_words import parameter_meant
from ikmplan.input.scenario import Scenario, make_scenario, read_scenario
from ikmplan.text import _, number

MOST_SCENARIOS = 100_000  # scenarios that are made at once; more need --sample
LONGEST_NAME = 100  # characters of a name, as `Scenario` takes them
NOT_VARIED = ("name", "title", "note")  # parameters that cannot be varied
FORM = "budget=1e9:5e9:9; floor=0,0.1,0.2; floors.kue_denai=0.1,0.3"


@dataclass(frozen=True)
class Axis:
    """A field, or one key of a field, and the values that it takes in turn."""

    field: str
    key: str | None
    values: tuple[Any, ...]

    @property
    def name(self) -> str:
        return self.field if self.key is None else f"{self.field}.{self.key}"

    def put(self, values: dict[str, Any], value: Any) -> None:
        """Give the value to a scenario's fields."""
        if self.key is None:
            values[self.field] = value
        else:
            values[self.field] = {**(values.get(self.field) or {}), self.key: value}


def read_axis(text: str) -> Axis:
    """The axis that a text such as "budget=1e9:5e9:9" names; raises `BadInput`."""
    name, equals, listed = text.partition("=")
    name, listed = name.strip(), listed.strip()
    field, dot, key = name.partition(".")
    fields = Scenario.model_fields
    if not equals or not listed:
        raise _fault(text, None, _("is no field with values."), _("Write it as: {form}", form=FORM))
    if field not in fields or field in NOT_VARIED:
        varied = {name: fields[name] for name in fields if name not in NOT_VARIED}
        fix = parameter_meant(field, varied)
        raise _fault(text, name, _("is no parameter that can be varied."), fix)
    keyed = isinstance(fields[field].default, dict)
    if dot and not keyed:
        raise _fault(text, name, _("has no keys."), _("Write {field} alone.", field=field))
    # as the scenario reads them, so that 1e9 and 1.000.000.000 give the same name
    values = _values(text, name, listed)
    checked, faults = _each(lambda value: _checked(text, field, key or None, value), values)
    if faults:
        raise BadInput(faults)
    if len({repr(value) for value in checked}) < len(checked):
        raise _fault(text, name, _("names a value twice."), _("Keep one of them."))
    return Axis(field, key or None, tuple(checked))


def _each(function: Callable[[Any], Any], values: Iterable[Any]) -> tuple[list[Any], list[Fault]]:
    """The results of the function for the values that it takes, and the faults of the others."""
    made, faults = [], []
    for value in values:
        try:
            made.append(function(value))
        except BadInput as error:
            faults += error.faults
    return made, faults


def _values(text: str, name: str, listed: str) -> list[Any]:
    if re.fullmatch(r"[^:,|]+:[^:,|]+:\d+", listed):
        low, high, count = listed.split(":")
        try:
            first, last, steps = float(low), float(high), int(count)
        except ValueError:
            first, last, steps = 0.0, 0.0, 0
        if not 2 <= steps <= MOST_SCENARIOS or not first < last < float("inf"):
            fix = _("Write it as first:last:count, for example 1e9:5e9:9.")
            raise _fault(text, name, _("is no range of values."), fix)
        whole = "int" in str(Scenario.model_fields[name.split(".")[0]].annotation)
        between = [first + (last - first) * n / (steps - 1) for n in range(steps)]
        return [round(value) if whole else float(f"{value:.12g}") for value in between]
    return [part.strip() for part in listed.split("|" if "|" in listed else ",")]


def _checked(text: str, field: str, key: str | None, value: Any) -> Any:
    if value == "" and key is None:  # as if the field were not there
        return Scenario.model_fields[field].default
    axis = Axis(field, key, ())
    values: dict[str, Any] = {}
    axis.put(values, value)
    made = getattr(make_scenario(values, f"--vary {text}"), field)
    return made[key] if key is not None else made


@dataclass(frozen=True)
class Grid:
    """All combinations of the axes over a base scenario, or a sample of them."""

    base: Mapping[str, Any]
    axes: tuple[Axis, ...]
    chosen: tuple[int, ...] | None = None  # numbers of the points; None: all

    @property
    def size(self) -> int:
        """Of the whole grid."""
        return prod(len(axis.values) for axis in self.axes)

    def __len__(self) -> int:
        return self.size if self.chosen is None else len(self.chosen)

    def sample(self, count: int, seed: int) -> Grid:
        """`count` points drawn without replacement, the same ones for the same seed."""
        if count >= self.size:
            return self
        drawn = random.Random(seed).sample(range(self.size), count)
        return Grid(self.base, self.axes, tuple(sorted(drawn)))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The fields that vary, of each point: the last axis varies fastest."""
        for point in range(self.size) if self.chosen is None else self.chosen:
            values = []
            for axis in reversed(self.axes):
                point, n = divmod(point, len(axis.values))
                values.append(axis.values[n])
            yield dict(zip((axis.name for axis in self.axes), reversed(values), strict=True))

    def values(self, varied: Mapping[str, Any]) -> dict[str, Any]:
        """All values of the scenario at a point, its name among them."""
        made = dict(self.base)
        for axis in self.axes:
            axis.put(made, varied[axis.name])
        return made | {"name": self.name(varied), "title": "", "note": ""}  # those of the base

    def name(self, varied: Mapping[str, Any]) -> str:
        """The base's name and what is varied; a name that is too long ends in a hash."""
        words = str(self.base["name"])
        words += "".join(f" {key}={value_text(value)}" for key, value in varied.items())
        name = re.sub(r"[/\\\x00-\x1f]", "-", words)
        if len(name) > LONGEST_NAME or name != words:
            name = f"{name[: LONGEST_NAME - 9]} {hashlib.sha256(words.encode()).hexdigest()[:8]}"
        return name


def make_grid(base: Scenario, vary: Sequence[str]) -> Grid:
    """The grid over a scenario; raises `BadInput` with every fault of what is to vary."""
    axes, faults = _each(read_axis, vary)
    names = [axis.name for axis in axes]
    for name in {name for name in names if names.count(name) > 1}:
        faults += _fault(name, name, _("is varied twice."), _("Keep one of them.")).faults
    if faults:
        raise BadInput(faults)
    return Grid(base.model_dump(mode="json"), tuple(axes))


def budget_grid(
    params: str, budgets: str, floors: str, gap: float, time_limit: float, language: str
) -> Grid:
    """The grid of notebooks/scenarios.ipynb: budgets and floors around a scenario file."""
    base = read_scenario(find(params)).changed(gap=gap, time_limit=time_limit, language=language)
    return make_grid(base, [f"budget={budgets}", f"floor={floors}"])


def check_size(grid: Grid) -> None:
    """Raises `BadInput` where the grid has more than `MOST_SCENARIOS`."""
    if len(grid) > MOST_SCENARIOS:
        problem = _("has {count} scenarios.", count=number(len(grid)))
        raise _fault("grid", None, problem, _("Draw some of them with --sample."))


def value_text(value: Any) -> str:
    """A value as it stands in the name of a scenario."""
    if isinstance(value, (tuple, list)):
        return "; ".join(map(str, value)) or "–"
    return "–" if value is None else str(value)


def _fault(text: str, name: str | None, problem: str, fix: str) -> BadInput:
    return BadInput([Fault(f"--vary {text}", None, name, None, problem, fix)])
