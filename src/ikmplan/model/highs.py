"""Runs a model: PuLP's problem in HiGHS, in this process.

HiGHS is called directly and not through PuLP, whose status, bound and gap differ between its
versions; a search that was stopped early is "Optimal" to it. One thread: two were not faster on
any city, and one gives the same plan everywhere.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from math import inf
from typing import Any

import highspy
import numpy as np
from pulp import LpProblem, LpVariable

from ikmplan.faults import UserError
from ikmplan.model.run_highs import Values, report_better, report_within, run_highs

_FEW_WHOLE = 500  # whole variables
_WHOLE = 1e-6  # a number this near to a whole one is whole
_FEASIBLE = 1e-7  # a tenth of a rupiah, in million rupiah
_INTEGER, _CONTINUOUS = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
_OVER = {highspy.HighsModelStatus.kOptimal}
_IMPOSSIBLE = {
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kUnboundedOrInfeasible,
}


class SolverFailed(UserError, RuntimeError):
    """The solver is not installed, failed, or gave an answer that it must not give."""


class Abandoned(Exception):
    """The search was cancelled; its result is not needed."""


class Stop(threading.Event):
    """Set, it ends a search with the best plan so far; abandoned, with `Abandoned`."""

    def __init__(self) -> None:
        super().__init__()
        self.abandoned = threading.Event()

    def abandon(self) -> None:
        self.abandoned.set()
        self.set()


@dataclass(frozen=True)
class SearchResult:
    """What a search found. `values` is None where it found nothing."""

    values: Values | None
    value: float  # of the objective
    bound: float  # no solution is better
    finished: bool  # to the gap asked; else a limit ended it
    impossible: bool = False  # proven to have no solution
    stopped: bool = False  # by the caller
    nodes: int = 0  # of branch and bound


IMPOSSIBLE = SearchResult(None, -inf, -inf, finished=True, impossible=True)


@dataclass(frozen=True)
class Slack:
    """How some rows may give way together: its value is added to each row times its factor."""

    name: str
    cost: float
    rows: Mapping[str, float]


class Model:
    """A PuLP problem as arrays, to be searched as often as needed, with changes each time."""

    def __init__(self, problem: LpProblem):
        self.problem = problem

    @cached_property
    def variables(self) -> list[LpVariable]:
        """In the order in which objective and rows name them, on which what is found depends.

        PuLP 3 sorts them by name, so that another key in its place would change the order.
        """
        rows = self.problem.constraints()
        named = chain(self.problem.objective, *rows, self.problem.variables())
        return list({x.name: x for x in named}.values())

    @cached_property
    def names(self) -> list[str]:
        return [variable.name for variable in self.variables]

    @cached_property
    def index(self) -> dict[str, int]:
        return {name: n for n, name in enumerate(self.names)}

    @cached_property
    def integers(self) -> list[str]:
        return [x.name for x in self.variables if x.cat == "Integer"]

    @property
    def is_small(self) -> bool:
        """Whether all of it can be made whole in a moment."""
        return len(self.integers) <= _FEW_WHOLE

    @cached_property
    def rows(self) -> dict[str, int]:
        """The index of each row by its name."""
        return {row.name: n for n, row in enumerate(self.problem.constraints())}

    @cached_property
    def _lp(self) -> highspy.HighsLp:
        variables, objective = self.variables, self.problem.objective
        lp = highspy.HighsLp()
        lp.num_col_ = len(variables)
        price = {variable.name: coefficient for variable, coefficient in objective.items()}
        lp.col_cost_ = np.array([price.get(name, 0.0) for name in self.names], float)
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.offset_ = float(objective.constant)
        lows = [-inf if x.lowBound is None else x.lowBound for x in variables]
        highs = [inf if x.upBound is None else x.upBound for x in variables]
        lp.col_lower_, lp.col_upper_ = np.array(lows, float), np.array(highs, float)
        lp.integrality_ = [_INTEGER if x.cat == "Integer" else _CONTINUOUS for x in variables]
        starts, indices, values, low, high = [0], [], [], [], []
        for row in self.problem.constraints():
            for variable, coefficient in row.items():
                indices.append(self.index[variable.name])
                values.append(coefficient)
            starts.append(len(indices))
            low.append(-inf if row.sense == -1 else -row.constant)
            high.append(inf if row.sense == 1 else -row.constant)
        lp.num_row_ = len(low)
        lp.row_lower_, lp.row_upper_ = np.array(low, float), np.array(high, float)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.array(starts, np.int32)
        lp.a_matrix_.index_ = np.array(indices, np.int32)
        lp.a_matrix_.value_ = np.array(values, float)
        return lp

    def value(self, values: Values) -> float | None:
        """The objective of these values, None where they do not keep every row and bound."""
        lp, x = self._lp, np.array([values[name] for name in self.names])
        matrix = lp.a_matrix_
        rows = np.repeat(np.arange(lp.num_row_), np.diff(matrix.start_))
        terms = np.asarray(matrix.value_) * x[np.asarray(matrix.index_, int)]
        sums = np.bincount(rows, terms, minlength=lp.num_row_)
        for low, n, high in (
            (lp.row_lower_, sums, lp.row_upper_),
            (lp.col_lower_, x, lp.col_upper_),
        ):
            if (n < np.asarray(low) - _FEASIBLE).any() or (n > np.asarray(high) + _FEASIBLE).any():
                return None
        return float(np.asarray(lp.col_cost_) @ x + lp.offset_)

    def search(
        self,
        gap: float,
        time_limit: float,
        *,
        seed: int = 0,
        continuous: Iterable[str] = (),
        bounds: Mapping[str, tuple[float, float]] | None = None,
        start: Values | None = None,
        dropped_rows: Iterable[str] = (),
        slacks: Sequence[Slack] | None = None,
        stop: threading.Event | None = None,
        nodes: int | None = None,
        on_better: Callable[[float, float], None] | None = None,
        within: float = 0.0,
        on_within: Callable[[Values], None] | None = None,
        tolerance: float | None = None,
        target: float | None = None,
        restarts: bool = False,
        rens: bool = True,
    ) -> SearchResult:
        """The best values found within `gap` and `time_limit` seconds.

        `continuous` names variables that need not be whole; `bounds` replaces the bounds of some
        (the same twice holds one at a value); `start` is a solution to begin from; `dropped_rows`
        names rows that need not hold;
        `slacks` let rows give way at a cost, which then is the whole objective; `stop` ends the
        search with what it has; `nodes` is a limit like `time_limit`;
        `on_better` is called with (value, bound) when either improves; `on_within` is called
        once, with the first values within the gap `within`, and the search waits for it;
        `tolerance` is how far rows and whole numbers may be off;
        `target` is a value that is enough: the first solution worth as much ends the search;
        `restarts` lets the search begin again, on a smaller problem, once its root has fixed much;
        `rens` lets it look for solutions among the roundings of its relaxation.
        """
        highs = self._highs(time_limit, continuous)
        for option, wanted in (
            ("mip_feasibility_tolerance", tolerance), ("primal_feasibility_tolerance", tolerance),
            ("random_seed", seed), ("mip_rel_gap", gap), ("mip_max_nodes", nodes),
            ("objective_target", target), ("mip_allow_restart", restarts),
            ("mip_heuristic_run_rens", rens),
        ):  # fmt: skip
            if wanted is not None:
                highs.setOptionValue(option, wanted)
        for name, (low, high) in (bounds or {}).items():
            highs.changeColBounds(self.index[name], low, high)
        for name in dropped_rows:
            highs.changeRowBounds(self.rows[name], -inf, inf)
        if slacks is not None:
            self._add_slacks(highs, slacks)
        added = [slack.name for slack in slacks or ()]
        if start is not None:
            solution = highspy.HighsSolution()
            solution.col_value = [start[name] for name in (*self.names, *added)]
            highs.setSolution(solution)
        listeners = [] if on_better is None else [report_better(on_better)]
        if on_within is not None:
            listeners.append(report_within(within, self.names, on_within))
        stopped = run_highs(highs, stop, *listeners)
        return self._found(highs, stopped, added)

    def dive(
        self, names: Sequence[str], time_limit: float, stop: threading.Event | None = None
    ) -> Values | None:
        """Values near the relaxation's in which these variables are whole, or None.

        The variables that are whole in the relaxation are held there. Of the others a quarter,
        the nearest to whole, are rounded, and the relaxation is solved again, until all are
        whole. Where rounding fails, the nearest one alone is rounded down, or else up; where
        that fails too, the result is None.
        """
        highs = self._highs(time_limit, self.integers)
        at = np.array([self.index[name] for name in names], np.int32)
        low, high = np.asarray(self._lp.col_lower_)[at], np.asarray(self._lp.col_upper_)[at]

        def solved(low: np.ndarray, high: np.ndarray) -> bool:
            highs.changeColsBounds(len(at), at, low, high)
            stopped = run_highs(highs, stop)
            return not stopped and highs.getModelStatus() in _OVER

        if not solved(low, high):
            return None
        while True:
            values = highs.getSolution().col_value
            x = np.array(values)[at]
            off = np.abs(x - np.round(x))
            parts = off > _WHOLE
            if not parts.any():
                return dict(zip(self.names, values, strict=True))
            low, high = np.where(parts, low, np.round(x)), np.where(parts, high, np.round(x))
            nearest = np.argsort(np.where(parts, off, np.inf))
            quarter, one = nearest[: max(1, parts.sum() // 4)], nearest[:1]
            for rounded, chosen in ((np.round, quarter), (np.floor, one), (np.ceil, one)):
                goal, least, most = rounded(x[chosen]), low.copy(), high.copy()
                least[chosen] = np.where(goal > x[chosen], goal, low[chosen])
                most[chosen] = np.where(goal < x[chosen], goal, high[chosen])
                if solved(least, most):
                    low, high = least, most
                    break
            else:
                return None

    def _highs(self, time_limit: float, continuous: Iterable[str]) -> Any:
        """HiGHS with the problem, some of its variables continuous."""
        highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, wanted in (
            ("output_flag", False),
            ("threads", 1),
            ("mip_abs_gap", 1e-9),
            ("time_limit", float(time_limit)),
            ("mip_feasibility_tolerance", _FEASIBLE),
            # on plans these cost more time than they save (docs/decisions/search.md)
            ("presolve_rule_off", 1 << 12),  # HiGHS 1.15.1's aggregator loses optima at equity 1
            ("mip_detect_symmetry", False),
            ("mip_heuristic_run_rins", False),
            ("mip_heuristic_run_feasibility_jump", False),
            ("mip_heuristic_run_root_reduced_cost", not self.is_small),
        ):
            highs.setOptionValue(option, wanted)
        highs.passModel(self._lp)
        columns = np.array([self.index[name] for name in continuous], np.int32)
        kinds = np.full(len(columns), _CONTINUOUS.value, np.uint8)
        highs.changeColsIntegrality(len(columns), columns, kinds)
        return highs

    def _add_slacks(self, highs: highspy.Highs, slacks: Iterable[Slack]) -> None:
        """Replace the objective by the cost of slack in the elastic rows."""
        columns = np.arange(len(self.names), dtype=np.int32)
        highs.changeColsCost(len(columns), columns, np.zeros(len(columns)))
        highs.changeObjectiveOffset(0.0)
        for slack in slacks:
            rows = np.array([self.rows[row] for row in slack.rows], np.int32)
            values = np.array(list(slack.rows.values()), float)
            highs.addCol(-slack.cost, 0.0, inf, len(rows), rows, values)

    def relaxation(self) -> float:
        """The value with nothing whole: no solution is better."""
        return self.search(0, 60, continuous=self.integers).value

    def _found(self, highs: highspy.Highs, stopped: bool, slacks: list[str]) -> SearchResult:
        status, info = highs.getModelStatus(), highs.getInfo()
        if status == highspy.HighsModelStatus.kNotset:
            raise SolverFailed("HiGHS did not start: was `threads` changed in this process?")
        if status == highspy.HighsModelStatus.kModelEmpty:  # nothing to decide
            lp = highs.getLp()  # without the dropped rows
            if any(np.asarray(lp.row_lower_) > 1e-9) or any(np.asarray(lp.row_upper_) < -1e-9):
                return IMPOSSIBLE
            return SearchResult({}, lp.offset_, lp.offset_, finished=True)
        if status in _IMPOSSIBLE:
            return IMPOSSIBLE
        # after "Infeasible" the columns still hold zeros: only this status marks a solution
        solved = info.primal_solution_status == 2
        columns = [*self.names, *slacks]
        values = dict(zip(columns, highs.getSolution().col_value, strict=True)) if solved else None
        value = info.objective_function_value if solved else -inf
        is_mip = any(kind == _INTEGER for kind in highs.getLp().integrality_)
        finished = status in _OVER
        # the value of a relaxation that was stopped early is no bound
        bound = info.mip_dual_bound if is_mip else value if finished else inf
        nodes = max(0, info.mip_node_count)
        return SearchResult(values, value, bound, finished, stopped=stopped, nodes=nodes)
