"""A scenario that names what the tables lack, or contradicts itself, is refused with a message."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ikmplan.faults import BadInput
from ikmplan.input.load import make_case
from ikmplan.input.scenario import make_scenario, read_values
from ikmplan.input.tables import read_tables

GOOD = Path(__file__).parent / "faults" / "good"
TABLES = read_tables(GOOD)

# id: parameters, then pieces that the one fault must hold, in this order
FAULTS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "unknown-fund": (
        {"funds": {"apbn": 1}},
        ["scenario, column funds: “apbn” stands in no row of funds", "Did you mean apbd?"],
    ),
    "unknown-cluster": (
        {"floors": {"kue_dena": 0.1}},
        ["column floors: “kue_dena” stands in no row of clusters", "mean kue_denai?"],
    ),
    "floor-that-nothing-meets": (
        {"floor": 0.1, "exclusions": ["@ kopi_polonia"]},
        ["column floor: “kopi_polonia” has a floor, but no course or machine", "floors:"],
    ),
    "own-floor-that-nothing-meets": (
        {"floors": {"kopi_polonia": 0.1}, "exclusions": ["pengemas", "pemasaran"]},
        ["column floors: “kopi_polonia” has a floor", "remove the exclusions"],
    ),
    "excluded-item-unknown": (
        {"exclusions": ["ovn"]},
        ["column exclusions: “ovn” names no course or machine", "Did you mean oven?"],
    ),
    "excluded-cluster-unknown": (
        {"exclusions": ["oven @ batik"]},
        ["column exclusions: “oven @ batik” names no cluster", "Choose one of: kue_denai"],
    ),
    "locked-item-unknown": (
        {"locks": ["las >= 1"]},
        ["column locks: “las >= 1” names no course or machine"],
    ),
    "locked-cluster-unknown": (
        {"locks": ["oven @ kue_dena >= 1"]},
        ["column locks: “oven @ kue_dena >= 1” names no cluster", "mean kue_denai?"],
    ),
    "city-course-locked-at-a-cluster": (
        {"locks": ["pemasaran @ kue_denai >= 1"]},
        ["“pemasaran @ kue_denai >= 1” names a cluster, but Pemasaran Daring", "@ kue_denai"],
    ),
    "city-course-locked-at-the-city": (
        {"locks": ["pemasaran @ city <= 1"]},
        ["“pemasaran @ city <= 1” names a cluster", "Leave out “@ city”"],
    ),
    "cluster-machine-locked-at-the-city": (
        {"locks": ["oven @ city >= 1"]},
        ["“oven @ city >= 1” names no cluster", "Choose one of: kue_denai"],
    ),
    "lock-for-nobody": (
        {"locks": ["oven @ kopi_polonia >= 1"]},
        ["asks for what suits nobody there", "Remove the lock"],
    ),
    "lock-of-what-is-excluded": (
        {"locks": ["oven >= 1"], "exclusions": ["oven"]},
        ["“oven >= 1” asks for what suits nobody there, or is excluded"],
    ),
    "more-machines-than-stock": (
        {"locks": ["oven >= 9"]},
        ["“oven >= 9” asks for more machines than can be had (8)", "at most 8"],
    ),
    # 30 of 40 units are left in kue_denai, and 20 job seekers: 3 and 2 classes of 10
    "more-classes-than-people": (
        {"locks": ["kue_roti >= 6"]},
        ["“kue_roti >= 6” asks for more classes of 10 people", "(5 classes)", "at most 5"],
    ),
    "more-classes-than-people-of-a-cluster": (
        {"locks": ["kue_roti @ kue_denai = 4"]},
        ["“kue_roti @ kue_denai = 4” asks for more classes", "at most 3"],
    ),
    # 15 + 8 + 20 people aged 35 or less: 43 make 2 classes of 20
    "more-classes-than-the-young": (
        {"locks": ["pemasaran >= 3"]},
        ["“pemasaran >= 3” asks for more classes of 20 people", "at most 2"],
    ),
    "locks-cross": (
        {"locks": ["oven >= 3", "oven <= 2"]},
        ["“oven <= 2” contradicts the lock “oven >= 3”", "Change or remove one"],
    ),
    "two-equalities": (
        {"locks": ["oven @ kue_denai = 1", "oven @ kue_denai = 2"]},
        ["“oven @ kue_denai = 2” contradicts the lock “oven @ kue_denai = 1”"],
    ),
    "part-above-total": (
        {"locks": ["oven <= 1", "oven @ kue_denai >= 2"]},
        ["“oven @ kue_denai >= 2” contradicts the lock “oven <= 1”"],
    ),
}


def faults_of(values: dict[str, Any], where: str = "", rows: dict[str, int] | None = None) -> list:
    with pytest.raises(BadInput) as refused:
        make_case(TABLES, make_scenario(values), where, rows or {})
    return refused.value.faults


@pytest.mark.parametrize("name", FAULTS)
def test_fault(name):
    values, pieces = FAULTS[name]
    (fault,) = faults_of(values)
    assert re.search(".*".join(map(re.escape, pieces)), str(fault)), fault


def test_every_fault_at_once():
    values = {"floors": {"x": 0.5}, "locks": ["x >= 1", "y >= 1"], "exclusions": ["z"]}
    assert [fault.column for fault in faults_of(values)] == [
        "floors",
        "exclusions",
        "locks",
        "locks",
    ]


def test_a_floor_where_everybody_was_reached():
    from dataclasses import replace

    done = TABLES.clusters[1].model_copy(update={"reached_before": 30})
    tables = replace(TABLES, clusters=(TABLES.clusters[0], done, TABLES.clusters[2]))
    make_case(tables, make_scenario({"floor": 0.1}))  # the general floor leaves it out
    with pytest.raises(BadInput, match="“kopi_polonia” has a floor, but all its units"):
        make_case(tables, make_scenario({"floors": {"kopi_polonia": 0.1}}))


def test_the_row_of_each_list_item(tmp_path):
    file = tmp_path / "x.yaml"
    file.write_text("floors:\n  kue_denai: 0.1\n  kue: 0.1\nlocks:\n  - oven>=1\n  - ovn @ a>= 2\n")
    values, rows = read_values(file)
    assert [(f.where, f.row, f.column) for f in faults_of(values, str(file), rows)] == [
        (str(file), 3, "floors"),
        (str(file), 6, "locks"),  # no such machine
        (str(file), 6, "locks"),  # no such cluster
    ]


@pytest.mark.parametrize(
    "values",
    [
        {"locks": ["oven = 0", "kue_roti @ kopi_polonia <= 3"]},
        {"locks": ["oven >= 1", "oven <= 1", "oven @ kue_denai = 1"]},
        {"locks": ["kue_roti >= 5", "pemasaran >= 2", "oven >= 8"]},
        {"exclusions": ["oven @ kue_denai", "@ pencari_kerja", "pemasaran"]},
        {"floors": {"kopi_polonia": 0}, "exclusions": ["@ kopi_polonia"], "floor": 0.1},
        {"funds": {"apbd": 0}, "floors": {"pencari_kerja": 0.1}},
    ],
)
def test_what_can_be_kept_is_left_to_the_solver(values):
    make_case(TABLES, make_scenario(values))
