"""What a planner may change: one frozen `Scenario`, read from and written to YAML.

Its fields are flat, so that papermill can pass each one by name. Locks and
exclusions are short sentences: "oven @ kue_denai >= 2", "batik", "@ paving_marelan".
Limits are longer ones: see `own_limits`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from ikmplan.faults import BadInput, Fault
from ikmplan.files import write_atomic
from ikmplan.input.cells import CITY, column, expectation
from ikmplan.input.limit_wording import limit_problem
from ikmplan.input.own_limits import OwnLimit, parse_limit
from ikmplan.input.parameter_types import (
    EXCLUSION_PATTERN,
    LOCK_PATTERN,
    TEXT_PARTS,
    VALUE_PARTS,
    Amounts,
    Exclusions,
    Flag,
    FolderName,
    Groups,
    Limits,
    Locks,
    Near,
    OptionalRealParameter,
    OptionalRupiahParameter,
    OptionalWholeParameter,
    RealParameter,
    Remark,
    ShareParameter,
    Shares,
    Text,
    WhatIf,
    WholeParameter,
    mapping_of,
)
from ikmplan.input.parameter_words import parameter_meant
from ikmplan.input.remedies import parameter_remedy
from ikmplan.input.yaml_file import Misread, behind_comma, read_values, without_spaces
from ikmplan.text import DEFAULT, N_, _


@dataclass(frozen=True)
class Lock:
    """A decision that is given: the count of `item` at `cluster` (None: everywhere)."""

    item: str
    cluster: str | None
    sign: str  # ">=", "<=" or "="
    count: int

    def __str__(self) -> str:
        at = f" @ {self.cluster}" if self.cluster else ""
        return f"{self.item}{at} {self.sign} {self.count}"


@dataclass(frozen=True)
class Exclusion:
    """What the plan must leave out: an item, a cluster, or an item at a cluster."""

    item: str | None
    cluster: str | None

    def __str__(self) -> str:
        return " ".join(filter(None, (self.item, self.cluster and f"@ {self.cluster}")))


def parse_locks(texts: Iterable[str]) -> list[Lock]:
    found = [LOCK_PATTERN.fullmatch(text) for text in texts]
    return [Lock(m["item"], m["cluster"], m["sign"], int(m["count"])) for m in found if m]


def locks_asked(what_if: str) -> list[Lock]:
    """The locks of one of the texts of `what_if`."""
    return parse_locks(part.strip() for part in what_if.split("&"))


def setting(default: Any, meaning: str, unit: str = "", **limits: Any) -> Any:
    return column(meaning, unit, default=default, **limits)


REACH, COST = "reach", "cost"
# parameters that came later: they count in a fingerprint only where they are not the default
ADDED_PARAMETERS = {"goal", "target_reached", "near", "caution", "holds_in", "limits", "groups"}
ABOUT_A_PLAN = {"reasons", "changes", "changes_kept", "draws", "what_if"}  # once it is made
NOT_OF_THE_PLAN = {"name", "title", "note", "data", "language", *ABOUT_A_PLAN}


class Scenario(BaseModel):
    """The parameters of one plan. Shares are 0..1, money is whole rupiah."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: FolderName = setting("plan", N_("name of the scenario; its results lie in runs/<name>"))
    title: Remark = setting("", N_("what the scenario is called on pages, where not by its name"))
    note: Remark = setting("", N_("why the scenario was made"))
    data: Text = setting("data/medan-2022", N_("folder of CSV files, or an Excel workbook"))
    language: Literal["id", "en"] = setting(DEFAULT, N_("language of the pages"))
    reasons: Flag = setting(
        True, N_("work out the reasons too: more searches, a minute or two for a city")
    )
    changes: WholeParameter = setting(
        0,
        N_("changes of the announced programme to work out, beside what mends it; 0: none"),
        le=99,
    )
    changes_kept: Flag = setting(
        False, N_("each of these changes keeps those before it; the cost is shown")
    )
    budget: OptionalRupiahParameter = setting(
        None, N_("most that may be spent; None: all that the funds hold"), "rupiah"
    )
    funds: Amounts = setting({}, N_("other amounts for single funds"), "rupiah")
    price_factor: RealParameter = setting(1.0, N_("multiplies every cost and price"), gt=0, le=100)
    trainer_factor: RealParameter = setting(
        1.0, N_("multiplies the trainer-days of every provider"), le=100
    )
    floor: ShareParameter = setting(
        0.0, N_("every cluster's expected coverage is at least this"), N_("share 0–1")
    )
    floors: Shares = setting({}, N_("other floors for single clusters"), N_("share 0–1"))
    target_units: OptionalWholeParameter = setting(
        None, N_("at least so many IKM units get a course or machine hours"), N_("units")
    )
    target_reached: OptionalRealParameter = setting(
        None, N_("at least so many IKM units are expected to be reached"), N_("units")
    )
    target_classes: OptionalWholeParameter = setting(
        None, N_("at least so many classes are held"), N_("classes")
    )
    equity: ShareParameter = setting(
        0.0,
        N_("weight of the worst-off cluster's coverage; 1: nothing else counts"),
        N_("share 0–1"),
    )
    caution: ShareParameter = setting(
        0.0, N_("weight of the worst tenth of the cases; 1: nothing else counts"), N_("share 0–1")
    )
    holds_in: ShareParameter = setting(
        0.0,
        N_("floors and budget hold in this share of the cases; 0: as they stand"),
        N_("share 0–1"),
    )
    training_share_min: ShareParameter = setting(
        0.0, N_("at least this share of the money goes to training"), N_("share 0–1")
    )
    training_share_max: ShareParameter = setting(
        1.0, N_("at most this share of the money goes to training"), N_("share 0–1")
    )
    courses_per_unit: WholeParameter = setting(2, N_("most courses one unit takes"), le=3)
    equipment_per_unit: WholeParameter = setting(1, N_("most kinds of machine one unit uses"), le=2)
    users_trained: Flag = setting(
        False, N_("everybody who uses a machine that needs operators takes their course")
    )
    locks: Locks = setting((), N_("decisions that are given: item @ cluster >=, = or <= number"))
    exclusions: Exclusions = setting((), N_("what is left out: item, item @ cluster or @ cluster"))
    goal: Literal["reach", "cost"] = setting(
        REACH, N_("reach: most units for the money; cost: least money for what is asked")
    )
    near: Near = setting(
        (), N_("plan to change little: the folder of its run, or a list of its decisions")
    )
    what_if: WhatIf = setting(
        (), N_("planned once more beside the plan: locks, with & between them")
    )
    limits: Limits = setting(
        (), N_("limits of the office's own: amounts, shares, closed quarters, how many of several")
    )
    groups: Groups = setting({}, N_("names for clusters together, which limits may use"))
    gap: ShareParameter = setting(
        0.001,
        N_("the plan may be this far from the best and still count as proven"),
        N_("share 0–1"),
    )
    time_limit: RealParameter = setting(60.0, N_("longest search"), N_("seconds"), gt=0, le=86_400)
    solver: Text = setting("HiGHS", N_("HiGHS, or another solver by its name in PuLP"))
    seed: WholeParameter = setting(0, N_("seed of the solver and of the draws"), le=2**31 - 1)
    draws: WholeParameter = setting(
        0,
        N_("cases drawn to find how sure the plan is, each planned again; 0: not worked out"),
        le=10_000,
    )

    @property
    def called(self) -> str:
        """The title, or the name where there is none."""
        return self.title or self.name

    def parsed_locks(self) -> list[Lock]:
        return parse_locks(self.locks)

    @property
    def is_cheapest(self) -> bool:
        """Whether the plan is to cost as little as what is asked needs."""
        return self.goal == COST

    @cached_property
    def near_counts(self) -> dict[tuple[str, str], int]:
        """(item, host) -> classes, machines or openings of the plan to stay near."""
        return {(lock.item, lock.cluster or CITY): lock.count for lock in parse_locks(self.near)}

    def parsed_exclusions(self) -> list[Exclusion]:
        found = [EXCLUSION_PATTERN.fullmatch(text) for text in self.exclusions]
        return [Exclusion(m["item"], m["cluster"]) for m in found if m]

    def parsed_limits(self) -> list[OwnLimit]:
        return [parse_limit(text) for text in self.limits]

    def content(self) -> dict[str, Any]:
        """The parameters that can change the plan as plain values: what the fingerprint is of."""
        fields = type(self).model_fields
        unused = {name for name in ADDED_PARAMETERS if getattr(self, name) == fields[name].default}
        return self.model_dump(mode="json", exclude=NOT_OF_THE_PLAN | unused)

    def changed(self, **fields: Any) -> Scenario:
        """This scenario with other values for some fields, checked like any other."""
        return make_scenario(self.model_dump() | fields)


def make_scenario(
    values: Mapping[str, Any], where: str = "", rows: Mapping[str, int] = {}
) -> Scenario:
    """The scenario of these values; raises `BadInput` with every fault.

    `where` and `rows` (row of each key, as in `read_values`) state where the values stand.
    """
    scenario, faults = sound_scenario(values, where, rows)
    if faults:
        raise BadInput(faults)
    return scenario


def sound_scenario(
    values: Mapping[str, Any], where: str = "", rows: Mapping[str, int] = {}
) -> tuple[Scenario, list[Fault]]:
    """The scenario of those values that are sound, and what is wrong with the others."""
    where = where or _("scenario")
    fields = Scenario.model_fields
    faults = [_unknown(str(key), values[key], where, rows) for key in values if key not in fields]
    # YAML's empty value means "as if it were not there", where None has no meaning of its own
    known = {
        key: value
        for key, value in values.items()
        if key in fields and (value is not None or fields[key].default is None)
    }
    try:
        scenario = Scenario.model_validate(known)
    except ValidationError as error:
        faults += _value_faults(error, known, where, rows)
        scenario = Scenario.model_validate(_sound_values(error, known))
    faults += misread_faults(known, where, rows, faults)
    least, most = scenario.training_share_min, scenario.training_share_max
    if least > most:
        name = "training_share_min"
        message = _("is above training_share_max {value}.", value=most)
        fix = _("Lower one or raise the other.")
        faults.append(Fault(where, rows.get(name), name, str(least), message, fix))
    return scenario, faults


def _sound_values(error: ValidationError, values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what the error names: the whole parameter, or only those parts of it."""
    sound = dict(values)
    for found in error.errors():
        name, *inner = map(str, found["loc"])
        value = sound.pop(name, None)
        texts = found.get("ctx", {}).get("sound")
        if inner and value is not None:
            sound[name] = {key: part for key, part in mapping_of(value).items() if key != inner[0]}
        elif texts is not None:
            sound[name] = texts
    return sound


def read_scenario(path: str | Path) -> Scenario:
    """The scenario in a YAML file; raises `BadInput` with every fault."""
    values, rows = read_values(path)
    return make_scenario(values, str(path), rows)


def write_scenario(scenario: Scenario, path: str | Path) -> None:
    """Write the fields that differ from their defaults, whole or not at all."""
    values = scenario.model_dump(mode="json", exclude_defaults=True)
    values = {"data": scenario.data, "language": scenario.language} | values
    path = Path(path)
    if scenario.name != path.stem:  # else the file's name states it
        values = {"name": scenario.name} | values
    else:
        values.pop("name", None)
    write_atomic(path, yaml.safe_dump(values, sort_keys=False, allow_unicode=True).encode())


def _unknown(key: str, value: Any, where: str, rows: Mapping[str, int]) -> Fault:
    if comma := behind_comma(key, value):
        return Fault(where, rows.get(key), key, None, *comma)
    fix = parameter_meant(key, Scenario.model_fields)
    return Fault(where, rows.get(key), key, None, _("is no parameter."), fix)


def misread_faults(
    values: Mapping[str, Any], where: str, rows: Mapping[str, int], others: Sequence[Fault] = ()
) -> list[Fault]:
    """Values that other programs read otherwise, but for those with a fault already."""
    known = {(fault.column, fault.value) for fault in others}
    return [
        Fault(
            where,
            rows.get(f"{column}.{without_spaces(text)}", rows.get(column)),
            column,
            str(text),
            _("is {other} to other programs that read YAML.", other=text.as_yaml),
            _("Write it otherwise, or in quotation marks to keep it as it is."),
        )
        for name, value in values.items()
        if name in Scenario.model_fields
        for column, text in _misread_parts(name, value)
        if (column, text) not in known and not _means_the_same(name, value)
    ]


def _misread_parts(name: str, value: Any) -> list[tuple[str, Misread]]:
    parts = [(name, part) for part in (value if isinstance(value, list) else [value])]
    if isinstance(value, Mapping):
        parts = [(f"{name}.{key}", part) for key, part in value.items()]
    return [(column, part) for column, part in parts if isinstance(part, Misread)]


def _means_the_same(name: str, value: Any) -> bool:
    """Whether the parameter has one meaning as it is written and as YAML reads it."""
    try:
        written, read = ({name: part} for part in (value, _as_yaml(value)))
        return Scenario.model_validate(written) == Scenario.model_validate(read)
    except ValidationError:
        return False


def _as_yaml(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _as_yaml(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_as_yaml(part) for part in value]
    return value.as_yaml if isinstance(value, Misread) else value


def _value_faults(
    error: ValidationError, values: Mapping[str, Any], where: str, rows: Mapping[str, int]
) -> list[Fault]:
    faults: dict[tuple[str, str], Fault] = {}
    for found in error.errors():
        name, *inner = (str(part) for part in found["loc"])
        field, value, column = Scenario.model_fields[name], values[name], name
        given = mapping_of(value) if inner and isinstance(value, (str, Mapping)) else {}
        if inner and inner[0] in given:
            value, column = given[inner[0]], f"{name}.{inner[0]}"
        texts = found.get("ctx", {}).get("texts")
        part = field if column == name else VALUE_PARTS[name]
        if texts:
            message = _("is not {expected}.", expected=_(TEXT_PARTS.get(name, "")))
        else:
            message = _("is not {expected}.", expected=expectation(part))
        out_of_range = found["type"].endswith("_equal")
        for text in map(str, texts or [value]):
            row = rows.get(f"{name}.{without_spaces(text)}", rows.get(column, rows.get(name)))
            fix = parameter_remedy(part, text, out_of_range)
            if comma := inner and behind_comma(inner[0], value):
                text, (message, fix) = inner[0], comma
            if texts and name == "limits":
                message, fix = limit_problem(text) or (message, fix)
            fault = Fault(where, row, column, text, message, fix)
            faults.setdefault((column, text), fault)
    return list(faults.values())
