"""What a planner may change: one frozen `Scenario`, read from and written to YAML.

Its fields are flat, so that papermill can pass each one by name. Locks and
exclusions are short sentences: "oven @ kue_denai >= 2", "batik", "@ paving_marelan".
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from ikmplan.cells import expectation, parse_number
from ikmplan.sheets import BadInput, Fault
from ikmplan.text import DEFAULT, N_, _

_ITEM_AT = r"(?P<item>[a-z][a-z0-9_]*)?\s*(?:@\s*(?P<cluster>[a-z][a-z0-9_]*))?"
_LOCK = re.compile(_ITEM_AT + r"\s*(?P<sign>>=|<=|=)\s*(?P<count>\d{1,6})")
_EXCLUSION = re.compile(_ITEM_AT)


class Lock(NamedTuple):
    """A decision that is given: the count of `item` at `cluster` (None: everywhere)."""

    item: str
    cluster: str | None
    sign: str  # ">=", "<=" or "="
    count: int

    def __str__(self) -> str:
        at = f" @ {self.cluster}" if self.cluster else ""
        return f"{self.item}{at} {self.sign} {self.count}"


class Exclusion(NamedTuple):
    """What the plan must leave out: an item, a cluster, or an item at a cluster."""

    item: str | None
    cluster: str | None

    def __str__(self) -> str:
        return " ".join(filter(None, (self.item, self.cluster and f"@ {self.cluster}")))


def _wrong() -> PydanticCustomError:
    return PydanticCustomError("scenario", "not what the parameter expects")


def _number(value: Any) -> Any:
    """Numbers as they are; of texts, those with one meaning ("2.5e9", "1.500.000.000")."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise _wrong()
    if isinstance(value, str):
        try:
            value = (
                float(value)
                if re.fullmatch(r"[\d.]+[eE]\+?\d+", value)
                else parse_number(value.strip(), indonesian=False)
            )
        except ValueError:
            raise _wrong() from None
    if not abs(value) < 1e18:  # also refuses NaN
        raise _wrong()
    return value


def _whole(value: Any) -> int:
    number = _number(value)
    if number != int(number):
        raise _wrong()
    return int(number)


def _mapping(value: Any) -> dict[str, Any]:
    """{"apbd": 1} or "apbd=1, dak=2" (what a command line can pass)."""
    if isinstance(value, str):
        pairs = [part.split("=", 1) for part in re.split(r"[,;]\s*", value) if part.strip()]
        if any(len(pair) != 2 for pair in pairs):
            raise _wrong()
        return {key.strip(): number.strip() for key, number in pairs}
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise _wrong()
    return dict(value)


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [part for part in re.split(r"[,;\n]", value) if part.strip()]
    if not isinstance(value, (list, tuple)) or not all(isinstance(part, str) for part in value):
        raise _wrong()
    return tuple(dict.fromkeys(" ".join(part.split()) for part in value))


def _locks(value: Any) -> tuple[str, ...]:
    texts = _texts(value)
    for text in texts:
        found = _LOCK.fullmatch(text)
        if not found or not found["item"]:
            raise PydanticCustomError("scenario", "{text}", {"text": text})
    return texts


def _exclusions(value: Any) -> tuple[str, ...]:
    texts = _texts(value)
    for text in texts:
        if not text or not _EXCLUSION.fullmatch(text):
            raise PydanticCustomError("scenario", "{text}", {"text": text})
    return texts


def _label(value: Any) -> str:
    said = str(value).strip() if isinstance(value, (str, int)) and value is not True else ""
    if not said or any(ord(character) < 32 for character in said) or len(said) > 100:
        raise _wrong()
    return said


Whole = Annotated[int, BeforeValidator(_whole), N_("a whole number")]
OptionalWhole = Annotated[Whole | None, N_("a whole number")]
Real = Annotated[float, BeforeValidator(_number), N_("a number")]
Share = Annotated[float, BeforeValidator(_number), Field(ge=0, le=1), N_("a number")]
Text = Annotated[str, BeforeValidator(_label), N_("some text")]
_AMOUNTS = N_("keys with a number each, such as apbd: 1500000000")
Amounts = Annotated[dict[str, Annotated[Whole, Field(ge=0)]], BeforeValidator(_mapping), _AMOUNTS]
Shares = Annotated[dict[str, Share], BeforeValidator(_mapping), _AMOUNTS]
Locks = Annotated[
    tuple[str, ...], BeforeValidator(_locks), N_("a list of locks such as “oven @ kue_denai >= 2”")
]
Exclusions = Annotated[
    tuple[str, ...],
    BeforeValidator(_exclusions),
    N_("a list such as “oven”, “oven @ kue_denai” or “@ kue_denai”"),
]


def setting(default: Any, meaning: str, unit: str = "", **limits: Any) -> Any:
    return Field(default, description=meaning, json_schema_extra={"unit": unit}, **limits)


class Scenario(BaseModel):
    """The parameters of one plan. Shares are 0..1, money is whole rupiah."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Text = setting("plan", N_("name of the scenario; its results lie in runs/<name>"))
    data: Text = setting("data/medan-2022", N_("folder of CSV files, or an Excel workbook"))
    language: Literal["id", "en"] = setting(DEFAULT, N_("language of the pages"))
    budget: OptionalWhole = setting(
        None, N_("most that may be spent; None: all that the funds hold"), "rupiah", ge=0
    )
    funds: Amounts = setting({}, N_("other amounts for single funds"), "rupiah")
    price_factor: Real = setting(1.0, N_("multiplies every cost and price"), gt=0, le=100)
    trainer_factor: Real = setting(
        1.0, N_("multiplies the trainer-days of every provider"), ge=0, le=100
    )
    floor: Share = setting(
        0.0, N_("every cluster's expected coverage is at least this"), N_("share 0–1")
    )
    floors: Shares = setting({}, N_("other floors for single clusters"), N_("share 0–1"))
    target_units: OptionalWhole = setting(
        None, N_("at least so many IKM units get a course or machine hours"), N_("units"), ge=0
    )
    target_classes: OptionalWhole = setting(
        None, N_("at least so many classes are held"), N_("classes"), ge=0
    )
    equity: Share = setting(
        0.0,
        N_("weight of the worst-off cluster's coverage; 1: nothing else counts"),
        N_("share 0–1"),
    )
    training_share_min: Share = setting(
        0.0, N_("at least this share of the money goes to training"), N_("share 0–1")
    )
    training_share_max: Share = setting(
        1.0, N_("at most this share of the money goes to training"), N_("share 0–1")
    )
    courses_per_unit: Whole = setting(2, N_("most courses one unit takes"), ge=0, le=3)
    equipment_per_unit: Whole = setting(1, N_("most kinds of machine one unit uses"), ge=0, le=2)
    locks: Locks = setting((), N_("decisions that are given: item @ cluster >=, = or <= number"))
    exclusions: Exclusions = setting((), N_("what is left out: item, item @ cluster or @ cluster"))
    gap: Share = setting(
        0.0005,
        N_("the plan may be this far from the best and still count as proven"),
        N_("share 0–1"),
    )
    time_limit: Real = setting(120.0, N_("longest search"), N_("seconds"), gt=0, le=86_400)
    solver: Text = setting("HiGHS", N_("HiGHS, or another solver by its name in PuLP"))
    seed: Whole = setting(0, N_("seed of the solver"), ge=0, le=2**31 - 1)

    def parsed_locks(self) -> list[Lock]:
        found = [_LOCK.fullmatch(text) for text in self.locks]
        return [Lock(m["item"], m["cluster"], m["sign"], int(m["count"])) for m in found if m]

    def parsed_exclusions(self) -> list[Exclusion]:
        found = [_EXCLUSION.fullmatch(text) for text in self.exclusions]
        return [Exclusion(m["item"], m["cluster"]) for m in found if m]

    def changed(self, **fields: Any) -> Scenario:
        """This scenario with other values for some fields, checked like any other."""
        return make_scenario(self.model_dump() | fields)


def make_scenario(
    values: Mapping[str, Any], where: str = "", rows: Mapping[str, int] = {}
) -> Scenario:  # noqa: B006
    """The scenario of these values; raises `BadInput` with every fault.

    `where` and `rows` (line of each key) say in the faults where the values stand.
    """
    where = where or _("scenario")
    faults = [_unknown(str(key), where, rows) for key in values if key not in Scenario.model_fields]
    known = {key: value for key, value in values.items() if key in Scenario.model_fields}
    # YAML's empty value means "as if it were not there", where None has no meaning of its own
    known = {
        k: v for k, v in known.items() if v is not None or Scenario.model_fields[k].default is None
    }
    try:
        scenario = Scenario.model_validate(known)
    except ValidationError as error:
        faults += _value_faults(error, known, where, rows)
        raise BadInput(faults) from None
    if scenario.training_share_min > scenario.training_share_max:
        said = _("is above training_share_max {value}.", value=scenario.training_share_max)
        faults.append(
            Fault(
                where,
                rows.get("training_share_min"),
                "training_share_min",
                str(scenario.training_share_min),
                said,
                _("Lower one or raise the other."),
            )
        )
    if faults:
        raise BadInput(faults)
    return scenario


def read_scenario(path: str | Path) -> Scenario:
    """The scenario in a YAML file; raises `BadInput` with every fault."""
    import yaml

    path = Path(path)

    def refuse(said: str, mend: str, row: int | None = None, column: str | None = None) -> BadInput:
        return BadInput([Fault(str(path), row, column, None, said, mend)])

    try:
        text = path.read_text(encoding="utf-8-sig")
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except FileNotFoundError:
        raise refuse(_("does not exist."), _("Check the path.")) from None
    except (OSError, UnicodeDecodeError):
        raise refuse(_("cannot be read as text."), _("Save it as UTF-8.")) from None
    except yaml.MarkedYAMLError as error:
        row = error.problem_mark.line + 1 if error.problem_mark else None
        said = _("is not YAML ({problem}).", problem=error.problem or error.context)
        raise refuse(said, _("Write one “key: value” on each line."), row) from None
    except yaml.YAMLError:
        raise refuse(_("is not YAML."), _("Write one “key: value” on each line.")) from None
    if not isinstance(tree, yaml.MappingNode) or not isinstance(values, dict):
        raise refuse(_("holds no parameters."), _("Write one “key: value” on each line."))
    rows: dict[str, int] = {}
    for key, _value in tree.value:
        if key.value in rows:
            said = _("stands in row {row} already.", row=rows[key.value])
            raise refuse(said, _("Keep one of the two rows."), key.start_mark.line + 1, key.value)
        rows[key.value] = key.start_mark.line + 1
    return make_scenario({"name": path.stem} | values, str(path), rows)


def write_scenario(scenario: Scenario, path: str | Path) -> None:
    """Write the fields that differ from their defaults, whole or not at all."""
    import yaml

    values = scenario.model_dump(mode="json", exclude_defaults=True)
    values = {"data": scenario.data, "language": scenario.language} | values
    write_atomic(Path(path), yaml.safe_dump(values, sort_keys=False, allow_unicode=True).encode())


def write_atomic(path: Path, content: bytes) -> None:
    """Write beside the target, then rename: a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)  # mkstemp's 0600 would hide results from colleagues
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _unknown(key: str, where: str, rows: Mapping[str, int]) -> Fault:
    near = get_close_matches(key, Scenario.model_fields, 1, 0.5)
    mend = (
        _("Did you mean {name}?", name=near[0])
        if near
        else _("The parameters are: {names}.", names=", ".join(Scenario.model_fields))
    )
    return Fault(where, rows.get(key), key, None, _("is no parameter."), mend)


def _value_faults(
    error: ValidationError, values: Mapping[str, Any], where: str, rows: Mapping[str, int]
) -> list[Fault]:
    faults = []
    for found in error.errors():
        name, *inner = (str(part) for part in found["loc"])
        value = values[name]
        inner = [part for part in inner if isinstance(value, Mapping) and part in value]
        shown = str(value[inner[0]] if inner else found.get("ctx", {}).get("text", value))
        expected = expectation(Scenario.model_fields[name])
        column = ".".join([name, *inner])
        said = _("is not {expected}.", expected=expected)
        faults.append(Fault(where, rows.get(name), column, shown, said, _mend(shown)))
    return faults


def _mend(shown: str) -> str:
    if shown.endswith("%"):
        return _("A share is not a percentage: 30% is written 0.3 (or 0,3).")
    if re.fullmatch(r"-?\d{1,3}([.,])\d{3}", shown):
        return _("This could mean two numbers; write it without a separator.")
    return _("Change it, or remove the line to take the default.")
