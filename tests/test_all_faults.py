"""Every fault of a scenario and of its tables in one answer, whatever else is wrong."""

from __future__ import annotations

import shutil
from itertools import combinations
from pathlib import Path

import pulp
import pytest

from ikmplan.batch.jobs import checked_case, faults_of
from ikmplan.faults import BadInput
from ikmplan.input.load import load
from ikmplan.input.solver_names import solver_problem
from ikmplan.model.highs import SolverFailed
from ikmplan.model.other_solver import search_with
from ikmplan.notebook.parameters import notebook_parameters

GOOD = Path(__file__).parent / "faults" / "good"

# a line of the scenario: column and value of its fault
WRONG = {
    "bugdet: 5": ("bugdet", None),
    "budget: 40 juta": ("budget", "40 juta"),
    "floors: {Bakers: 0.3, kue_denai: 30%}": ("floors", "Bakers"),
    "funds: {apbn: 1, apbd: -1}": ("funds", "apbn"),
    "exclusions: [ovn, '@ nowhere', 'what is it?']": ("exclusions", "ovn"),
    "locks: [oven >= 1, ovn >= 2, nonsense]": ("locks", "ovn >= 2"),
    "solver: gurobbi": ("solver", "gurobbi"),
    "training_share_min: 0.9\ntraining_share_max: 0.1": ("training_share_min", "0.9"),
    "gap: 0.1\ngap: 0.2": ("gap", None),
}


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(GOOD, tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found_in(office: Path, lines: tuple[str, ...]) -> set[tuple[str | None, str | None]]:
    """Column and value of the faults that `check` names; `run` refuses with the same."""
    scenario = office / "s.yaml"
    scenario.write_text("\n".join(["data: data", "language: en", *lines]) + "\n")
    faults = [fault for fault in faults_of(scenario) if not fault.warning]
    with pytest.raises(BadInput) as refused:
        checked_case(scenario)
    assert refused.value.faults == faults
    return {(fault.column, fault.value) for fault in faults}


@pytest.mark.parametrize("lines", [*combinations(WRONG, 2)], ids=" + ".join)
def test_two_faults_of_any_two_kinds_are_one_answer(office: Path, lines: tuple[str, ...]):
    assert {WRONG[line] for line in lines} <= found_in(office, lines)


def test_sound_parts_of_a_faulty_parameter_are_checked_too(office: Path):
    assert found_in(office, tuple(WRONG)) == {
        *WRONG.values(), ("floors.kue_denai", "30%"), ("funds.apbd", "-1"),
        ("exclusions", "@ nowhere"), ("exclusions", "what is it?"), ("locks", "nonsense"),
    }  # fmt: skip


TABLE_FAULTS = {  # of one table: the columns of the scenario that can be checked all the same
    "funds": {"floors", "exclusions", "locks"},
    "clusters": {"funds", "exclusions", "locks"},  # oven and ovn are of other tables
    "courses": {"funds", "floors"},
    "equipment": {"funds", "floors"},
    "sources": {"funds", "floors", "exclusions", "locks"},
}
LINES = ("floors: {Bakers: 0.3}", "funds: {apbn: 1}", "exclusions: [ovn]", "locks: [ovn >= 2]")


@pytest.mark.parametrize("table", TABLE_FAULTS)
@pytest.mark.parametrize("missing", [True, False])
def test_a_table_that_cannot_be_read_hides_only_what_depends_on_it(
    office: Path, table: str, missing: bool
):
    file = office / "data" / f"{table}.csv"
    file.unlink() if missing else file.write_text("nothing,of,it\n1,2,3\n")
    found = {column for column, _value in found_in(office, LINES)}
    assert found & {"floors", "funds", "exclusions", "locks"} == TABLE_FAULTS[table]


def test_a_faulty_cell_hides_nothing_and_its_row_is_known(office: Path):
    file = office / "data" / "clusters.csv"
    file.write_text(file.read_text("utf-8").replace(",40,", ",many,", 1), "utf-8")
    found = found_in(office, (*LINES[:2], "exclusions: ['@ kue_denai', ovn]"))
    assert found == {
        ("units", "many"), ("floors", "Bakers"), ("funds", "apbn"), ("exclusions", "ovn")
    }  # fmt: skip


@pytest.mark.parametrize("line", ["data: 5.5.\ndata: [x]", "dta: data"])
def test_other_tables_than_were_meant_are_not_read(office: Path, line: str):
    """Medan's, the default, have no such cluster; but they were not asked for."""
    scenario = office / "s.yaml"
    scenario.write_text(f"{line}\nfloors: {{kue_x: 0.3}}\n")
    assert {fault.column for fault in faults_of(scenario)} <= {"data", "dta"}


def test_a_notebook_and_the_library_name_all_of_them_too(office: Path):
    wrong = {"data": "data", "budget": "many", "floors": {"Bakers": 0.1}, "bugdet": 5}
    for refuse in (notebook_parameters, lambda values: load(**values)):
        with pytest.raises(BadInput) as refused:
            refuse(wrong)
        assert {fault.column for fault in refused.value.faults} == {"budget", "floors", "bugdet"}


# --- names of solvers

INSTALLED = pulp.listSolvers(onlyAvailable=True)
ABSENT = sorted(set(pulp.listSolvers()) - set(INSTALLED))


@pytest.mark.parametrize("name", ["HiGHS", *INSTALLED])
def test_an_installed_solver_can_be_named(name: str):
    assert solver_problem(name) is None


@pytest.mark.parametrize("name", ABSENT)
def test_a_solver_that_is_not_installed_has_its_own_sentence(name: str):
    message, fix = solver_problem(name) or ("", "")
    assert "PuLP supports, but it is not installed here" in message
    assert all(other in fix for other in INSTALLED)
    with pytest.raises(SolverFailed, match="not installed here"):
        search_with(name, pulp.LpProblem(), 0.0, 1.0)


@pytest.mark.parametrize(
    ("name", "near"),
    [("highs", "HiGHS"), ("HIGHS", "HiGHS"), ("Hihgs", "HiGHS"), ("gurobbi", "GUROBI")],
)
def test_the_nearest_solver_is_named(office: Path, name: str, near: str):
    (office / "s.yaml").write_text(f"data: data\nlanguage: en\nsolver: {name}\n")
    (fault,) = (fault for fault in faults_of(office / "s.yaml") if not fault.warning)
    assert (fault.row, fault.column) == (3, "solver")
    assert str(fault).endswith(f"“{name}” is no solver that PuLP supports. Did you mean {near}?")
