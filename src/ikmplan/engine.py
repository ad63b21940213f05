"""Runs a model: PuLP's problem in HiGHS, in this process, or in any solver PuLP knows.

HiGHS is loaded in one call and asked for status, bound and gap itself: what PuLP
says of them differs between its versions, and a search stopped early is "Optimal"
to it. One thread: two were not faster on any city, and one gives the same plan
everywhere.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import highspy
import numpy as np
from pulp import LpProblem

Values = dict[str, float]
_INF = highspy.kHighsInf
_INTEGER, _CONTINUOUS = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
_OVER = {highspy.HighsModelStatus.kOptimal}
_IMPOSSIBLE = {
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kUnboundedOrInfeasible,
}


class Broken(RuntimeError):
    """The solver failed, or answered what it must not."""


@dataclass(frozen=True)
class Found:
    """What a search found. `values` is None where it found nothing."""

    values: Values | None
    value: float  # of the objective
    bound: float  # no solution is better
    finished: bool  # to the gap asked; else a limit ended it
    impossible: bool  # proven to have no solution
    stopped: bool = False  # by the caller or by Ctrl-C

    @property
    def gap(self) -> float:
        return relative_gap(self.value, self.bound)


def relative_gap(value: float, bound: float) -> float:
    """How far `value` may be from the best, as a share of the best: 0..1."""
    return (
        0.0 if abs(bound - value) < 1e-9 else min(1.0, abs(bound - value) / max(abs(bound), 1e-9))
    )


class Model:
    """A PuLP problem as arrays, to be searched as often as needed, with changes each time."""

    def __init__(self, problem: LpProblem):
        self.problem = problem

    @cached_property
    def names(self) -> list[str]:
        return [variable.name for variable in self.problem.variables()]

    @cached_property
    def index(self) -> dict[str, int]:
        return {name: n for n, name in enumerate(self.names)}

    @cached_property
    def _lp(self) -> highspy.HighsLp:
        variables = self.problem.variables()
        lp = highspy.HighsLp()
        lp.num_col_ = len(variables)
        cost = np.zeros(len(variables))
        for variable, coefficient in self.problem.objective.items():
            cost[self.index[variable.name]] += coefficient
        lp.col_cost_ = cost
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.offset_ = float(self.problem.objective.constant)
        lows = [-_INF if x.lowBound is None else x.lowBound for x in variables]
        highs = [_INF if x.upBound is None else x.upBound for x in variables]
        lp.col_lower_, lp.col_upper_ = np.array(lows, float), np.array(highs, float)
        lp.integrality_ = [_INTEGER if x.cat == "Integer" else _CONTINUOUS for x in variables]
        starts, indices, values, low, high = [0], [], [], [], []
        for row in self.problem.constraints():
            for variable, coefficient in row.items():
                indices.append(self.index[variable.name])
                values.append(coefficient)
            starts.append(len(indices))
            low.append(-_INF if row.sense == -1 else -row.constant)
            high.append(_INF if row.sense == 1 else -row.constant)
        lp.num_row_ = len(low)
        lp.row_lower_, lp.row_upper_ = np.array(low, float), np.array(high, float)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.array(starts, np.int32)
        lp.a_matrix_.index_ = np.array(indices, np.int32)
        lp.a_matrix_.value_ = np.array(values, float)
        return lp

    def search(
        self,
        gap: float,
        time_limit: float,
        *,
        seed: int = 0,
        continuous: Iterable[str] = (),
        fixed: Mapping[str, float] | None = None,
        start: Values | None = None,
        stop: threading.Event | None = None,
        nodes: int | None = None,
        on_better: Callable[[float, float], None] | None = None,
    ) -> Found:
        """The best values found within `gap` and `time_limit` seconds.

        `continuous` names variables whose wholeness is let go; `fixed` holds some at a value;
        `start` is a solution to begin from; `stop` ends the search with what it has;
        `on_better` hears (value, bound) of each better solution.
        Ctrl-C ends the search like `stop`.
        """
        highs = highspy.Highs()
        for option, wanted in (
            ("output_flag", False),
            ("threads", 1),
            ("random_seed", seed),
            ("mip_rel_gap", gap),
            ("mip_abs_gap", 1e-9),
            ("time_limit", float(time_limit)),
            ("mip_feasibility_tolerance", 1e-7),
        ):
            highs.setOptionValue(option, wanted)
        if nodes is not None:
            highs.setOptionValue("mip_max_nodes", nodes)
        highs.passModel(self._lp)
        for name in continuous:
            highs.changeColIntegrality(self.index[name], _CONTINUOUS)
        for name, value in (fixed or {}).items():
            highs.changeColBounds(self.index[name], value, value)
        if start is not None:
            solution = highspy.HighsSolution()
            solution.col_value = [start[name] for name in self.names]
            highs.setSolution(solution)
        if on_better is not None:
            _report(highs, on_better)
        return self._found(highs, _run(highs, stop))

    def relaxation(self) -> float:
        """The value with nothing whole: no solution is better."""
        integers = [x.name for x in self.problem.variables() if x.cat == "Integer"]
        return self.search(0, 60, continuous=integers).value

    def _found(self, highs: highspy.Highs, stopped: bool) -> Found:
        status, info = highs.getModelStatus(), highs.getInfo()
        if status == highspy.HighsModelStatus.kNotset:
            raise Broken("HiGHS did not start: was `threads` changed in this process?")
        if status in _IMPOSSIBLE:
            return Found(None, -_INF, -_INF, True, True)
        # after "Infeasible" the columns still hold zeros: only this status says they are a solution
        solved = info.primal_solution_status == 2
        values = None
        if solved:
            values = dict(zip(self.names, highs.getSolution().col_value, strict=True))
        value = info.objective_function_value if solved else -_INF
        is_mip = any(kind == _INTEGER for kind in highs.getLp().integrality_)
        bound = info.mip_dual_bound if is_mip else value
        return Found(values, value, bound, status in _OVER, False, stopped)


def _report(highs: highspy.Highs, on_better: Callable[[float, float], None]) -> None:
    def heard(event: Any) -> None:
        out = event.data_out
        on_better(out.objective_function_value, out.mip_dual_bound)

    highs.cbMipImprovingSolution += heard


def _run(highs: highspy.Highs, stop: threading.Event | None) -> bool:
    """Search in a thread of its own, so that `stop` and Ctrl-C are heard; True if either was."""
    highs.HandleUserInterrupt = True
    highs.startSolve()
    stopped = False
    while True:
        try:
            if highs.wait(0.05)[0]:
                return stopped
            if stopped or stop is not None and stop.is_set():
                stopped = True
                highs.cancelSolve()
        except KeyboardInterrupt:
            stopped = True


def search_with(name: str, problem: LpProblem, gap: float, time_limit: float) -> Found:
    """The same search by another solver that PuLP knows by `name`.

    Raises `Broken` where the solver is not installed. Its own word on the bound is not
    taken (PuLP reports some without the objective's constant): the bound is the gap that a
    finished search promises, or the relaxation's value, whichever is nearer.
    """
    import pulp

    try:
        solver = pulp.getSolver(name, msg=False, gapRel=gap, timeLimit=time_limit)
        available = bool(solver.available())
    except (pulp.PulpSolverError, TypeError):
        available = False
    if not available:
        raise Broken(f"{name} is not installed here, or PuLP has no solver of that name")
    began = time.monotonic()
    answer = problem.solve(solver)
    in_time = time.monotonic() - began < time_limit  # PuLP 3 calls a stopped search "Optimal"
    # PuLP 3 answers with a number, PuLP 4 with an object
    status = answer if isinstance(answer, int) else answer.status
    solved = problem.sol_status in (1, 2) if isinstance(answer, int) else answer.has_solution
    if status == pulp.LpStatusInfeasible:
        return Found(None, -_INF, -_INF, True, True)
    relaxed = Model(problem).relaxation()
    if not solved:
        return Found(None, -_INF, relaxed, False, False)
    values = {x.name: float(x.varValue or 0) for x in problem.variables()}
    value = float(pulp.value(problem.objective))
    finished = status == pulp.LpStatusOptimal and in_time
    bound = min(relaxed, value + gap * abs(value)) if finished else relaxed
    return Found(values, value, max(value, bound), finished, False)
