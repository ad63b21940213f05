"""Programs of other solvers that are broken: one sentence, no proof, and no files left behind."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from small_cases import cluster, course, fund, small_case, suit

from ikmplan import NoPlan, solve
from ikmplan.input.solver_names import solver_problem
from ikmplan.model.highs import SolverFailed

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="the programs are shell scripts"),
    # PuLP leaves a file open where the program does not start
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
PROGRAMS = {"COIN_CMD": "cbc", "GLPK_CMD": "glpsol", "HiGHS_CMD": "highs", "CPLEX_CMD": "cplex"}
# each writes into the files that it is to leave its answer in, or into none
ANSWER = r"""for word in "$@"; do
    case "$word" in *.sol|*.out) printf '\377\376 Optimal \200\n' > "$word";; esac
done"""
BROKEN = {
    "fails": b"#!/bin/sh\nexit 1\n",
    "is killed": b"#!/bin/sh\nkill -SEGV $$\n",
    "does nothing": b"#!/bin/sh\n",
    "is no program": b"\x7fELF",
    "writes what is no text": f"#!/bin/sh\n{ANSWER}\n".encode(),
}


@pytest.fixture
def broken(tmp_path, monkeypatch):
    """Puts a program of a solver on the path, alone; the temporary folder is `tmp_path`/tmp."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)

    def put(solver: str, content: bytes) -> None:
        program = tmp_path / "bin" / PROGRAMS[solver]
        program.write_bytes(content)
        program.chmod(0o755)

    return put


def a_class(**scenario):
    """One class of 2 to 5 of 9 bakers, for 10 million of 15: 5 · 0.5 = 2.5 units reached."""
    return small_case(
        scenario,
        clusters=[cluster("bread", 9)],
        courses=[course("baking", 2, 5, cost_class=10_000_000)],
        course_suits=[suit("baking", "bread")],
        funds=[fund("apbd", 15_000_000)],
    )


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("solver", PROGRAMS)
def test_a_broken_solver_is_one_sentence_and_no_plan(solver, kind, broken, tmp_path):
    broken(solver, BROKEN[kind])
    with pytest.raises(SolverFailed) as failed:
        solve(a_class(solver=solver, time_limit=30))
    assert str(failed.value).startswith(f"{solver} failed: ")
    assert str(failed.value).count("\n") == 0
    assert [*Path(tmp_path / "tmp").iterdir()] == []


def test_a_solver_that_finds_no_plan_is_no_proof_that_there_is_none(broken):
    """PuLP calls a case infeasible where CPLEX leaves no file, as after its time limit. Nine
    bakers are not ten, which HiGHS proves too: then there is no plan, and why is known."""
    broken("CPLEX_CMD", BROKEN["does nothing"])
    with pytest.raises(SolverFailed):
        solve(a_class(solver="CPLEX_CMD", time_limit=30))
    with pytest.raises(NoPlan) as none:
        solve(a_class(solver="CPLEX_CMD", time_limit=30, target_units=10))
    assert none.value.impossible
    assert none.value.conflicts


def test_a_program_that_does_not_start_is_in_the_way_of_no_other_solver(broken, monkeypatch):
    """Some are started to see whether they are there."""
    monkeypatch.setitem(PROGRAMS, "GUROBI_CMD", "gurobi_cl")
    broken("GUROBI_CMD", BROKEN["is no program"])
    problem, fix = solver_problem("GUROBI_CMD") or ("", "")
    assert "or does not start" in problem
    assert "GUROBI_CMD" not in fix
    assert solver_problem("NOBODY_CMD") is not None
