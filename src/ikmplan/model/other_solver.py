"""The same search by another solver that PuLP knows, and what its outcome proves."""

from __future__ import annotations

from inspect import signature
from math import ceil, inf
from typing import Any, NamedTuple

from pulp import LpProblem

from ikmplan.model.highs import Model, SearchResult, SolverFailed


def search_with(name: str, problem: LpProblem, gap: float, time_limit: float) -> SearchResult:
    """The same search by another solver that PuLP knows by `name`.

    `finished` only where the solver itself says that it reached the gap. Its bound is then what
    that gap leaves open, else the relaxation's value: PuLP hands out few solvers' own bounds.
    Raises `Broken` where the solver is not installed, or fails.
    """
    import pulp

    asked = gap * NARROWER
    solver = _other_solver(name, asked, time_limit)
    try:
        answer = problem.solve(solver)
    except pulp.PulpSolverError as error:
        raise SolverFailed(f"{name}: {error}") from None
    outcome = _outcome(problem, solver, answer)
    if outcome.infeasible:
        return SearchResult(None, -inf, -inf, True, True)
    relaxed = Model(problem).relaxation()
    if not outcome.solved:
        return SearchResult(None, -inf, relaxed, False, False)
    values = {x.name: float(x.varValue or 0) for x in problem.variables()}
    objective = problem.objective
    weighed = sum(n * values[x.name] for x, n in objective.items())
    value = float(objective.constant) + weighed
    # whether a solver takes the gap of its value or of its bound, this is not less
    promised = value + abs(weighed) * asked / (1 - asked) if asked < 1 else inf
    bound = min(relaxed, promised) if outcome.optimal else relaxed
    return SearchResult(values, value, max(value, bound), outcome.optimal, False)


NARROWER = 0.999  # of the gap asked: another solver's last figures must not undo its proof

# The outcomes of PuLP 4 after which a plan is within the gap. PuLP 3 says the same of a plan that
# some solvers were stopped at, by time or nodes, as of a proven one; of these it does not.
_PULP_4_OPTIMAL = {"Optimal", "GapLimit"}

_PULP_3_TELLS_APART = {
    "PULP_CBC_CMD", "COIN_CMD", "HiGHS_CMD", "SCIP_PY", "GUROBI", "XPRESS_PY", "MOSEK"
}  # fmt: skip


def _other_solver(name: str, gap: float, time_limit: float) -> Any:
    """PuLP's solver of that name; told of a gap only where it can be told."""
    import pulp

    wanted = {"msg": False, "timeLimit": time_limit, "gapRel": gap}
    if "GLPK" in name:
        wanted["timeLimit"] = ceil(time_limit)  # it counts whole seconds
    try:
        taken = signature(type(pulp.getSolver(name, msg=False))).parameters
        solver = pulp.getSolver(
            name, **{key: value for key, value in wanted.items() if key in taken}
        )
        available = bool(solver.available())
    except (pulp.PulpSolverError, TypeError):
        available = False
    if not available:
        raise SolverFailed(f"{name} is not installed here, or PuLP has no solver of that name")
    return solver


class _Outcome(NamedTuple):
    solved: bool  # there are values
    optimal: bool  # proven within the gap asked
    infeasible: bool


def _outcome(problem: LpProblem, solver: Any, answer: Any) -> _Outcome:
    """What the solver says of its own search, never what the clock says."""
    if not isinstance(answer, int):  # PuLP 4
        ended = answer.status.name
        return _Outcome(answer.has_solution, ended in _PULP_4_OPTIMAL, ended == "Infeasible")
    optimal = problem.sol_status == 1 and type(solver).__name__ in _PULP_3_TELLS_APART
    return _Outcome(problem.sol_status in (1, 2), optimal, answer == -1)
