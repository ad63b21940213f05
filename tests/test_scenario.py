"""Scenarios: what YAML may hold, what is refused with which message, and what is written."""

from __future__ import annotations

import os
import pickle
import re
import string
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from papermill.iorw import read_yaml_file

from ikmplan.explore.fields import fields
from ikmplan.faults import BadInput
from ikmplan.files import write_atomic
from ikmplan.input.cells import as_key
from ikmplan.input.load import load
from ikmplan.input.parameter_words import parameter_meant
from ikmplan.input.scenario import (
    Exclusion,
    Lock,
    Scenario,
    make_scenario,
    read_scenario,
    read_values,
    write_scenario,
)
from ikmplan.text import language

ROOT = Path(__file__).parents[1]
PARAMS = Path(__file__).parents[1] / "params"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "plan.yaml"


def refused(file: Path, content: str | bytes) -> list[str]:
    """The faults of a bad file, each on one whole line; nothing may be written."""
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    before = [(path, path.read_bytes()) for path in file.parent.rglob("*")]
    with pytest.raises(BadInput) as found:
        read_scenario(file)
    assert [(path, path.read_bytes()) for path in file.parent.rglob("*")] == before
    for fault in found.value.faults:
        assert fault.where == str(file) and fault.problem and fault.fix.endswith((".", "?"))
        assert "\n" not in str(fault)
    return [str(fault).removeprefix(str(file)) for fault in found.value.faults]


BOMB = "\n".join(
    ["a: &a [x, x]"]
    + [f"{b}: &{b} [*{a}, *{a}, *{a}]" for a, b in zip("abcde", "bcdef", strict=True)]
)  # fmt: skip

FAULTS: dict[str, tuple[str | bytes, list[str]]] = {
    # the file
    "empty": ("", [": holds no parameters", "key: value"]),
    "list": ("- budget\n- floor\n", [": holds no parameters"]),
    "text": ("just some words\n", [": holds no parameters"]),
    "tab": ("floors:\n\tkue: 0.5\n", [" row 2: has a tab", "Use spaces"]),
    "not-yaml": ("budget: 1\nlocks: [oven\n", [" row 3: cannot be understood here", "key: value"]),
    "unquoted-at": (
        "budget: 1\nexclusions:\n  - @ kue_denai\n",
        [" row 3: cannot be understood here", "quotation marks"],
    ),
    "two-documents": ("budget: 1\n---\nbudget: 2\n", [" row 2: cannot be understood"]),
    "utf-16": ("budget: 1\n".encode("utf-16"), [": is not UTF-8 text", "Save it as UTF-8"]),
    "cp1252": ("floor: 0\nname: déjà\n".encode("cp1252"), [" row 2: is not UTF-8 text"]),
    "nul": (b"name: a\0b\n", [": holds characters that are not text"]),
    "anchors": (BOMB, [" row 1: holds more than keys, values and lists"]),
    "tag": ("name: !!python/object:os.system x\n", [" row 1: holds more than keys"]),
    "typed": ("budget: !!int abc\n", [" row 1: holds more than keys"]),
    "deep": ("name: " + "[" * 9999 + "\n", [" row 1: holds more than keys"]),
    "deep-mapping": ("a: {a: {a: {a: 1}}}\n", [" row 1: holds more than keys"]),
    "digits": ("budget: " + "9" * 5000 + "\n", [": holds a number that is too long"]),
    # keys
    "unknown": ("bugdet: 1\n", [" row 1, column bugdet: is no parameter", "mean budget?"]),
    "unlike-any": (
        "zzz: 1\n",
        [" row 1, column zzz: is no parameter", "parameters are: name, title, note, data"],
    ),
    "code-as-key": (
        "\"__import__('os')\": 1\n",
        [" row 1, column __import__('os'): is no parameter"],
    ),
    "line-break-in-key": ('"budget\\nx": 1\n', ["column budget·x: is no parameter", "budget?"]),
    "capitals": ("Budget: 1\n", [" row 1, column Budget: is no parameter", "mean budget?"]),
    "number-as-key": ("1: 2\n", [" row 1, column 1: is no parameter"]),
    "list-as-key": ("? [a]\n: 1\n", [" row 1, column [", "is no parameter"]),
    "merge-key": ("<<: {budget: 1}\n", [" row 1, column <<: is no parameter"]),
    "twice": (
        "budget: 1\nfloor: 0\nbudget: 2\n",
        [" row 3, column budget: stands in row 1", "Keep"],
    ),
    "inner-twice": (
        "floors:\n  kue: 0.1\n  kue: 0.2\n",
        [" row 3, column floors.kue: stands in row 2 already"],
    ),
    # values
    "word-for-number": ("budget: many\n", [" row 1, column budget: “many” is not a whole number"]),
    "boolean-for-number": ("budget: true\n", ["column budget: “true” is not a whole number"]),
    "yes-for-language": ("language: no\n", ["column language: “no” is not one of: id, en"]),
    "date-for-number": ("budget: 2022-01-05\n", ["column budget: “2022-01-05” is not a whole"]),
    "negative": (
        "budget: -1\n",
        ["column budget: “-1” is not a whole number from 0 to 9007199254740991 (rupiah)"],
    ),
    "fraction": ("seed: 1.5\n", ["column seed: “1.5” is not a whole number from 0"]),
    "percent": ("floor: 30%\n", ["column floor: “30%” is not a number from 0 to 1", "written 0.3"]),
    "share-above-one": (
        "floor: 30\n",
        ["column floor: “30” is not a number from 0 to 1", "30% is"],
    ),
    "nan": ("floor: .nan\n", ["column floor: “.nan” is not a number"]),
    "inf": ("time_limit: .inf\n", ["column time_limit: “.inf” is not a number above 0, at most"]),
    "zero-factor": ("price_factor: 0\n", ["“0” is not a number above 0, at most 100"]),
    "two-meanings": ("budget: 250.000\n", ["“250.000”", "write 250000 or 250."]),
    "two-meanings-quoted": ('budget: "1,500"\n', ["“1,500”", "Write it as 1500."]),
    "base-sixty": ("time_limit: 1:30\n", ["column time_limit: “1:30” is not a number"]),
    "hexadecimal": ("seed: 0x10\n", ["column seed: “0x10” is not a whole number"]),
    "huge": ("budget: 1e400\n", ["column budget: “1e400” is not a whole number"]),
    "words-behind-a-number": ("budget: 1,5 miliar\n", ["“1,5 miliar”", "in full: 1500000000."]),
    "unit-behind-a-number": (
        "time_limit: 60 detik\n",
        ["“60 detik”", "number alone, if it is 60."],
    ),
    "comma-within-braces": (
        "floors: {a: 0.3, b: 0,2}\n",
        ["column floors.2: “2” stands behind a comma", "in quotation marks."],
    ),
    "capital-word": ("language: ID\n", ["“ID” is not one of: id, en", "Write it as id."]),
    "octal": ("budget: 050000000\n", ["“050000000” is 10485760 to other programs", "quotation"]),
    "octal-inner": ("funds:\n  apbd: 010\n", [" row 2, column funds.apbd: “010” is 8 to other"]),
    "octal-name": ("name: 007\n", ["column name: “007” is 7 to other programs"]),
    "hexadecimal-name": ("name: 0x10\n", ["column name: “0x10” is 16 to other programs"]),
    "base-sixty-name": ("name: 1:30\n", ["column name: “1:30” is 90 to other programs"]),
    "no-name": ("name: no\n", ["column name: “no” is False to other programs"]),
    "yes-for-flag": ("reasons: yes\n", ["“yes” is not true or false", "Write it as true."]),
    "tidak-for-flag": ("reasons: tidak\n", ["“tidak” is not true or false", "Write it as false."]),
    "number-for-shares": ("floors: 5\n", ["“5” is not keys with a share each", "Change it, or"]),
    "percentage-for-a-word": ("language: 30%\n", ["“30%” is not one of", "Change it, or"]),
    "percentage-in-a-list": ("near: [30 %]\n", ["“30 %” is not a folder", "Change it, or"]),
    "number-for-amounts": ("funds: 5\n", ["“5” is not keys with a number each", "Change it, or"]),
    "true-name": ("name: true\n", ["column name: “true” is True to other programs"]),
    "underscore": ("budget: 1_000\n", ["column budget: “1_000” is not a whole number"]),
    "underscore-name": ("name: 1_000\n", ["column name: “1_000” is 1000 to other programs"]),
    "date": ("budget: 2022-1-5\n", ["column budget: “2022-1-5” is not a whole number"]),
    "none-for-number": ("floor: None\n", ["“None” is not a number from 0", "remove the line"]),
    "list-for-number": ("budget: [1, 2]\n", ["column budget: “[1, 2]” is not a whole number"]),
    "number-for-mapping": ("floors: 0.5\n", ["column floors: “0.5” is not keys with a share each"]),
    "inner-share": (
        "floors:\n  a: 0.5\n  b: 50\n",
        [
            " row 3, column floors.b: “50” is not a number from 0 to 1",
            "If 50% is meant, write 0.5.",
        ],
    ),
    "thousands-within-braces": (
        "funds: {apbd: 1,500,500}\n",
        ["column funds.500: “500” stands behind a comma", "in quotation marks."],
    ),
    "thousands-within-braces-of-all": (
        "{budget: 1,500,500}\n",
        ["column 500: stands behind a comma", "in quotation marks."],
    ),
    "unlike-any-parameter": ("lantai: 1\n", ["lantai: is no parameter. The parameters are:"]),
    "inner-amount": (
        "funds:\n  apbd: -1\n",
        [" row 2, column funds.apbd: “-1” is not a whole number from 0 to"],
    ),
    "inner-none": ("funds:\n  apbd:\n", [" row 2, column funds.apbd: “None” is not a whole"]),
    "inner-from-a-command": ('funds: "apbd=1, dak=x"\n', ["column funds.dak: “x” is not a whole"]),
    "mapping-for-lock": ("locks:\n  - oven: 2\n", ["column locks: “{'oven': 2}” is not a lock"]),
    "bad-lock": (
        "locks:\n  - oven >= 1\n  - oven > 2\n",
        [" row 3, column locks: “oven > 2” is not a lock such as"],
    ),
    "lock-of-no-item": ('locks: ["@ kue >= 2"]\n', ["column locks: “@ kue >= 2” is not a lock"]),
    "bad-exclusion": (
        "exclusions: [Oven!]\n",
        ["column exclusions: “Oven!” is not an exclusion such as"],
    ),
    "name-leads-away": ("name: ../x\n", ["column name: “../x” is not a name", "without / and \\"]),
    "name-is-path": ("name: C:\\x\n", ["column name: “C:\\x” is not a name"]),
    "name-is-hidden": ("name: .git\n", ["column name: “.git” is not a name"]),
    "name-too-long": (f"name: {'x' * 101}\n", ["is not a name of at most 100"]),
    "name-over-lines": ('name: "a\\nb"\n', ["column name: “a·b” is not a name"]),
    "key-in-capitals": ("BUDGET: 1\n", ["column BUDGET: is no parameter", "mean budget?"]),
    "shares-cross": (
        "training_share_min: 0.8\ntraining_share_max: 0.5\n",
        [" row 1, column training_share_min: “0.8” is above training_share_max 0.5", "Lower"],
    ),
}


def test_every_kind_of_space_is_a_space(file):
    """What was copied from a web page has no-break spaces, which YAML takes for letters."""
    plain = "budget: 5\nfloors:\n  kue: 0.3\ntitle: dua kata\n"
    file.write_text(plain)
    expected = read_scenario(file)
    for space in "\u00a0\u2007\u202f\u3000":
        file.write_text(plain.replace(" ", space), "utf-8")
        assert read_scenario(file) == expected


@pytest.mark.parametrize("name", FAULTS)
def test_fault(file, name):
    content, pieces = FAULTS[name]
    (message,) = refused(file, content)
    assert re.search(".*".join(map(re.escape, pieces)), message), message


@pytest.mark.parametrize(
    ("word", "fix"),
    [
        ("pagu", "Did you mean budget?"),
        ("Pagu-Dana", "Did you mean budget?"),
        ("cakupan_minimal", "Did you mean floor?"),
        ("cakupan", "Choose one of: floor, floors, holds_in."),
        ("ketetapan", "Did you mean locks?"),
        ("target", "Choose one of: target_units, target_reached, target_classes."),
        ("dana", "Did you mean funds?"),
        ("bahasa", "Did you mean language?"),
        ("bugdet", "Did you mean budget?"),
        ("time", "Did you mean time_limit?"),
    ],
)
def test_a_parameter_by_its_indonesian_name(file, word, fix):
    """As Indonesian pages call it; else as it is near in spelling (lantai is not near data)."""
    (message,) = refused(file, f"{word}: 1\n")
    assert message.endswith(f"column {word}: is no parameter. {fix}")


def test_what_the_planners_page_calls_a_parameter_is_answered_by_that_parameter():
    """But for the two shares of training: their labels are sentences that nobody types."""
    others = {}
    with language("id"):
        for field in fields(load(ROOT / "data" / "toy")):
            label = as_key(field.label.partition("(")[0])
            fix = parameter_meant(label, Scenario.model_fields)
            if "." not in field.name and fix != f"Apakah maksudnya {field.name}?":
                others[field.name] = fix
    assert others.keys() == {"training_share_min", "training_share_max"}
    assert all("Apakah" not in fix for fix in others.values())


def test_every_fault_at_once(file):
    messages = refused(file, "bugdet: 1\nfloor: 2\nseed: x\nlocks: [a, b, oven = 1]\n")
    places = [re.match(r" row (\d), column (\w+)", line).groups() for line in messages]
    assert places == [
        ("1", "bugdet"),
        ("2", "floor"),
        ("4", "locks"),
        ("4", "locks"),
        ("3", "seed"),
    ]


def test_no_file(tmp_path):
    with pytest.raises(BadInput, match=r"x\.yaml: does not exist\. Check the path"):
        read_scenario(tmp_path / "x.yaml")
    with pytest.raises(BadInput, match="is a folder and no file"):
        read_scenario(tmp_path)


def test_in_bahasa_indonesia(file):
    file.write_text("bugdet: 1\nfloor: 30%\n")
    with language("id"), pytest.raises(BadInput) as found:
        read_scenario(file)
    with language("id"):
        assert "baris 2, kolom floor: “30%” " in str(found.value.faults[1])


def read(file: Path, content: str) -> Scenario:
    file.write_text(content, "utf-8")
    return read_scenario(file)


@pytest.mark.parametrize(
    ("content", "name", "value"),
    [
        ("budget: 2.5e9", "budget", 2_500_000_000),
        ("budget: 2.5e+9", "budget", 2_500_000_000),
        ("budget: 2500000000", "budget", 2_500_000_000),
        ("budget: 2.500.000.000", "budget", 2_500_000_000),
        ("budget: Rp2.500.000.000", "budget", 2_500_000_000),
        ("budget: 2500000000.0", "budget", 2_500_000_000),
        ("budget:", "budget", None),
        ("floor:", "floor", 0.0),
        ("floor: 0,25", "floor", 0.25),
        ("price_factor: 1.125", "price_factor", 1.125),
        ("gap: 1e-4", "gap", 0.0001),
        ("seed: '010'", "seed", 10),
        ("seed: 08", "seed", 8),  # no octal number
        ("budget: None", "budget", None),
        ("target_units: none", "target_units", None),
        ("name: 2022", "name", "2022"),
        ("name: 2022-01-05", "name", "2022-01-05"),
        ("name: 'true'", "name", "true"),
        ("name: Rencana Medan, 2,5 miliar", "name", "Rencana Medan, 2,5 miliar"),
        ("floor: 0.1", "name", "plan"),
        ("funds: {apbd: 1.500.000}", "funds", {"apbd": 1_500_000}),
        ('funds: "apbd=1; dak=2"', "funds", {"apbd": 1, "dak": 2}),
        ("locks: oven@kue_denai>=2; oven = 3", "locks", ("oven@kue_denai>=2", "oven = 3")),
        ('funds: "apbd: 1, dak: 2"', "funds", {"apbd": 1, "dak": 2}),  # as after papermill's -p
        ("floors: '{\"kue\": 0.5}'", "floors", {"kue": 0.5}),
        ("funds: '{}'", "funds", {}),
        ("locks: '[\"oven @ kue >= 2\", batik = 3]'", "locks", ("oven @ kue >= 2", "batik = 3")),
        ("exclusions: '[]'", "exclusions", ()),
        ('exclusions: [batik, "@ kue"]', "exclusions", ("batik", "@ kue")),
        ("\ufeffseed: 1\r\nfloor: 0.5\r\n", "floor", 0.5),
        ("# only\n---\nseed: 7", "seed", 7),
    ],
)
def test_what_a_file_means(file, content, name, value):
    assert getattr(read(file, content), name) == value


def test_the_scenarios_of_the_project_can_be_read():
    assert [read_scenario(path) for path in PARAMS.glob("*.yaml")]


def test_numbers_of_a_notebook():
    made = make_scenario({"budget": np.int64(5), "floor": np.float64(0.5), "seed": 3.0})
    assert (made.budget, made.floor, made.seed) == (5, 0.5, 3)
    for value in (True, np.bool_(True), 1 + 2j, object(), b"1", float("nan")):
        with pytest.raises(BadInput):
            make_scenario({"budget": value})
    with pytest.raises(BadInput):
        make_scenario({"name": False})


def test_a_scenario_is_frozen_and_changes_are_checked():
    made = Scenario()
    with pytest.raises(ValueError, match="frozen"):
        made.floor = 0.5
    assert made.changed(floor="0,5").floor == 0.5
    with pytest.raises(BadInput, match="column floor: “2”"):
        made.changed(floor=2)


def test_locks_and_exclusions():
    made = make_scenario({"locks": ["oven  @kue >=  2"], "exclusions": "batik, @ kue, oven@kue"})
    assert made.parsed_locks() == [Lock("oven", "kue", ">=", 2)]
    assert [str(lock) for lock in made.parsed_locks()] == ["oven @ kue >= 2"]
    assert made.parsed_exclusions() == [
        Exclusion("batik", None),
        Exclusion(None, "kue"),
        Exclusion("oven", "kue"),
    ]
    assert list(map(str, made.parsed_exclusions())) == ["batik", "@ kue", "oven @ kue"]


def test_the_rows_of_values(file):
    file.write_text("seed: 1\nfloors:\n  kue: 0.5\nlocks:\n- oven @ kue >= 2\n- 3\n")
    values, rows = read_values(file)
    assert values == {
        "name": "plan", "seed": 1, "floors": {"kue": 0.5}, "locks": ["oven @ kue >= 2", 3],
    }  # fmt: skip
    assert rows == {"seed": 1, "floors": 2, "floors.kue": 3, "locks": 4, "locks.oven@kue>=2": 5}


def test_bad_input_can_be_sent_to_another_process(file):
    file.write_text("bugdet: 1\n")
    with pytest.raises(BadInput) as found:
        read_scenario(file)
    again = pickle.loads(pickle.dumps(found.value))
    assert again.faults == found.value.faults and str(again) == str(found.value)


WORDS = (
    "050000000 010 007 08 0o17 0x10 0b11 1:30 1:30.5 190:20:30 yes no on off Yes NO y n true True"
    " 1_000 1_0.5 1e9 1e+9 1.5e3 .5 5. +5 -0 00 .inf -.inf .nan ~ null None none 2022-01-05"
    " 2022-1-5 2001-12-14t21:59:43.10-05:00 250.000 1.500.000 1,500 12e03 = << 0 1 2022"
)
ODD = st.sampled_from(WORDS.split()) | st.from_regex(r"[0-9_:.+eExo-]{1,8}", fullmatch=True)


@pytest.mark.slow
@settings(max_examples=400)
@given(ODD, st.sampled_from(["name", "budget", "seed", "floor", "reasons", "gap", "solver"]))
def test_papermill_reads_no_file_otherwise(tmp_path_factory, text, name):
    """What `ikmplan run` takes, `papermill -f` takes for the same value or refuses."""
    path = tmp_path_factory.mktemp("odd") / "plan.yaml"
    path.write_text(f"{name}: {text}\n")
    try:
        here = read_scenario(path)
    except BadInput:
        return
    try:
        there = make_scenario({"name": "plan"} | read_yaml_file(str(path)))
    except (BadInput, yaml.YAMLError):
        return
    assert there == here


# --- writing

KEYS = st.text(string.ascii_lowercase, min_size=1, max_size=8)
SHARES = st.floats(0, 1)
NAMES = st.text(min_size=1, max_size=30).map(str.strip) | st.sampled_from(
    [
        "2022",
        "true",
        "null",
        "1e5",
        "~",
        "no",
        "0x10",
        "1:30",
        "a: b",
        "# x",
        "2022-01-05",
        "- a",
        "=",
    ]
)
SCENARIOS = st.fixed_dictionaries(
    {},
    optional={
        "name": NAMES.filter(
            lambda s: s and s[0] != "." and not re.search(r"[/\\\x00-\x1f\x7f-\x9f\u2028\u2029]", s)
        ),
        "budget": st.none() | st.integers(0, 10**13),
        "funds": st.dictionaries(KEYS, st.integers(0, 10**13), max_size=3),
        "floors": st.dictionaries(KEYS, SHARES, max_size=3),
        "floor": SHARES,
        "price_factor": st.floats(1e-9, 100),
        "time_limit": st.floats(1e-3, 86_400),
        "gap": SHARES,
        "language": st.sampled_from(["id", "en"]),
        "locks": st.lists(KEYS.map(lambda key: f"{key} @ {key} >= 2"), max_size=3),
        "exclusions": st.lists(KEYS.map(lambda key: f"@ {key}"), max_size=3),
        "seed": st.integers(0, 2**31 - 1),
    },
)


@given(SCENARIOS)
def test_what_is_written_is_read_back(tmp_path_factory, values):
    made = make_scenario(values)
    path = tmp_path_factory.mktemp("written") / "case.yaml"
    write_scenario(made, path)
    assert read_scenario(path) == made
    # and by those who read plain YAML, such as papermill
    plain = yaml.safe_load(path.read_text("utf-8"))
    assert make_scenario({"name": "case"} | plain) == made


def test_a_plain_scenario_is_a_short_file(file):
    write_scenario(make_scenario({"name": "plan", "floor": 0.25}), file)
    assert file.read_text() == "data: data/medan-2022\nlanguage: id\nfloor: 0.25\n"


def test_a_scenario_keeps_its_name_under_another_file_name(tmp_path):
    write_scenario(Scenario(), tmp_path / "other.yaml")
    assert read_scenario(tmp_path / "other.yaml").name == "plan"


def test_a_failed_write_leaves_the_old_file_and_nothing_else(file, monkeypatch):
    file.write_bytes(b"old")

    def fail(*_args: object) -> None:
        raise OSError("disk full")

    for step in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, step, fail)
            with pytest.raises(OSError, match="disk full"):
                write_atomic(file, b"new")
        assert [path.name for path in file.parent.iterdir()] == [file.name]
        assert file.read_bytes() == b"old"


def test_a_target_that_cannot_be_written(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "x").touch()
    (tmp_path / "file").touch()
    with pytest.raises(OSError):
        write_atomic(tmp_path / "folder", b"new")
    with pytest.raises(OSError):
        write_atomic(tmp_path / "file" / "x", b"new")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder", "x"]


def test_a_written_file_can_be_read_by_colleagues(tmp_path):
    (tmp_path / "plain").touch()
    write_atomic(tmp_path / "deep" / "new", b"x" * 10_000)
    assert (tmp_path / "deep" / "new").stat().st_mode == (tmp_path / "plain").stat().st_mode
    write_atomic(tmp_path / "deep" / ("y" * 250), b"a name almost too long")


LINES = st.sampled_from(
    [*Scenario.model_fields, ": ", "\n", "\n  ", "- ", "[", "]", "{", "}", ", ", "&a ", "*a",
     "!!int ", '"', "'", "#", "\t", "1.500", "oven @ kue >= 2", "30%", "null", ".inf", "? ", "<<",
     "---", "|"]
) | st.text(max_size=4)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=300)
@given(st.lists(LINES, max_size=15))
def test_garbage_gives_faults_and_never_a_traceback(tmp_path_factory, parts):
    path = tmp_path_factory.mktemp("garbage") / "plan.yaml"
    path.write_text("".join(parts), "utf-8", newline="")
    try:
        read_scenario(path)
    except BadInput as error:
        assert all("\n" not in str(fault) for fault in error.faults)
