"""The same search by another solver of PuLP, and what its outcome proves."""

from __future__ import annotations

import tempfile
import time
import warnings
from inspect import signature
from math import ceil, floor, gcd, inf, isfinite
from typing import Any, NamedTuple

from pulp import LpProblem, lpSum

from ikmplan.faults import shown
from ikmplan.input.solver_names import pulp_solver, solver_problem, startable
from ikmplan.model.highs import Model, SearchResult, SolverFailed
from ikmplan.text import _


def search_with(name: str, problem: LpProblem, gap: float, time_limit: float) -> SearchResult:
    """The result of a search by the solver that PuLP has under `name`.

    `finished` only where the solver itself states that it reached the gap. The bound then follows
    from that gap; else it is the relaxation's value, for PuLP passes on few solvers' own bounds.
    `impossible` only where HiGHS proves it too: PuLP says so of some solvers that found nothing.
    Its values need not keep the rows once they are rounded. Raises `SolverFailed` where the solver
    is not installed, fails, or gives no answer.
    """
    asked = gap * NARROWER
    solver = _other_solver(name, asked, time_limit)
    decided = [*problem.variables()]
    if not decided:  # other programs take that for a fault
        return Model(problem).search(gap, time_limit)
    _tighten(problem)
    outcome = _solved(name, problem, solver, time_limit)
    model = Model(problem)
    if outcome.infeasible:
        return _proven_impossible(name, model, time_limit)
    relaxed = model.relaxation()
    if not outcome.solved:
        return SearchResult(None, -inf, relaxed, finished=False)
    # without the variable that PuLP adds, and leaves there, where nothing is worth anything
    values = {x.name: float(x.varValue or 0) for x in decided}
    objective = problem.objective
    weighed = sum(n * values[x.name] for x, n in objective.items() if n)
    value = float(objective.constant) + weighed
    # no less, whether the solver's gap is a share of its value or of its bound
    promised = value + abs(weighed) * asked / (1 - asked) if asked < 1 else inf
    bound = min(relaxed, promised) if outcome.optimal else relaxed
    return SearchResult(values, value, max(value, bound), outcome.optimal)


def _solved(name: str, problem: LpProblem, solver: Any, time_limit: float) -> _Outcome:
    """The outcome, with a folder of its own for the files that PuLP may leave behind.

    A solver that ends long before its time limit has an answer, or has failed."""
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="ikmplan-") as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PuLP's, of the ways in which it calls solvers
            solver.tmpDir = folder
            outcome = _outcome(problem, solver, problem.solve(solver))
        reason = _("it ended before its time limit and without a plan")
    # what a broken program writes ends in any error of PuLP's readers
    except Exception as error:
        outcome = _Outcome(solved=False, optimal=False, infeasible=False)
        detail = shown(str(error) or type(error).__name__, 80)
        reason = _("it did not start, or its answer cannot be read ({detail})", detail=detail)
    in_time = time.monotonic() - began < time_limit / 2
    if in_time and not (outcome.solved or outcome.infeasible):
        raise _failed(name, reason)
    values = [x.varValue for x in problem.variables()]
    numbers = [value for value in values if value is not None]
    if outcome.solved and (bool(values) > bool(numbers) or not all(map(isfinite, numbers))):
        raise _failed(name, _("its answer holds no numbers"))
    return outcome


def _failed(name: str, reason: str) -> SolverFailed:
    message = _(
        "{solver} failed: {reason}. The input is not at fault. Choose HiGHS.",
        solver=name,
        reason=reason,
    )
    return SolverFailed(message)


def _proven_impossible(name: str, model: Model, seconds: float) -> SearchResult:
    """Of a problem to which the solver finds no solution, whether HiGHS proves that none is."""
    found = model.search(inf, seconds)
    if found.values is not None:
        raise _failed(name, _("it finds no plan where there is one"))
    return found


def _tighten(problem: LpProblem) -> None:
    """Add to each row that bounds whole amounts from above what it implies for sums of these.

    A solver may take 0.999999 for a whole machine, and buy it with a rupiah less than its price.
    Sums of whole amounts are multiples of their greatest common divisor, so the row may be as
    tight as halfway from the last multiple within it to the next, where no rounding reaches.
    """
    for n, row in enumerate(list(problem.constraints())):
        terms, most = dict(row.items()), -row.constant * _STEPS
        steps = {x: round(amount * _STEPS) for x, amount in terms.items()}
        whole = all(
            x.cat == "Integer" and abs(amount * _STEPS - steps[x]) < _STEP
            for x, amount in terms.items()
        )
        each = gcd(*steps.values())
        if row.sense == -1 and whole and each:
            within = floor((most + _STEP) / each) * each
            if within + each / 2 < most:
                problem += (
                    lpSum(terms[x] * x for x in terms) <= (within + each / 2) / _STEPS,
                    f"tight__{n}",
                )


_STEPS = 1_000_000  # of a rupiah in a million; a day, an hour or a seat has them too
_STEP = 1e-3  # of one step: rounding of the model's own numbers

NARROWER = 0.999  # of the gap asked: rounding in another solver must not undo its proof

_PULP_4_OPTIMAL = {"Optimal", "GapLimit"}  # the outcomes after which a plan is within the gap
# the solvers whose stopped searches have another status in PuLP 3 than proven plans
_PULP_3_DISTINGUISHES = {
    "PULP_CBC_CMD", "COIN_CMD", "HiGHS_CMD", "SCIP_PY", "GUROBI", "XPRESS_PY", "MOSEK"
}  # fmt: skip


def _other_solver(name: str, gap: float, time_limit: float) -> Any:
    """PuLP's solver of that name, with those of the options that it has."""
    # these count whole seconds, and zero is no limit
    limit = ceil(time_limit) if "GLPK" in name or "XPRESS" in name else time_limit
    wanted = {"timeLimit": limit, "gapRel": gap}
    if startable(name):
        known = signature(type(pulp_solver(name))).parameters
        return pulp_solver(name, **{key: wanted[key] for key in wanted if key in known})
    problem = " ".join(solver_problem(name) or (_("cannot be started."),))
    raise SolverFailed(f"“{name}” {problem}")


class _Outcome(NamedTuple):
    solved: bool  # there are values
    optimal: bool  # proven within the gap asked
    infeasible: bool


def _outcome(problem: LpProblem, solver: Any, answer: Any) -> _Outcome:
    """The outcome that the solver itself states; the time it took proves nothing."""
    if not isinstance(answer, int):  # PuLP 4
        ended = answer.status.name
        return _Outcome(answer.has_solution, ended in _PULP_4_OPTIMAL, ended == "Infeasible")
    optimal = problem.sol_status == 1 and type(solver).__name__ in _PULP_3_DISTINGUISHES
    return _Outcome(problem.sol_status in (1, 2), optimal, answer == -1)
