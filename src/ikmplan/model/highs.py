"""Runs a model: PuLP's problem in HiGHS, in this process, or in any solver PuLP knows.

HiGHS is loaded in one call and asked for status, bound and gap itself: what PuLP
says of them differs between its versions, and a search stopped early is "Optimal"
to it. One thread: two were not faster on any city, and one gives the same plan
everywhere.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import highspy
import numpy as np
from pulp import LpProblem

from ikmplan.faults import UserError

Values = dict[str, float]
Heard = Callable[[Any], None]
Listener = tuple[Heard, Heard]  # of better solutions, and of time that passes
POLL = 0.1  # seconds until Ctrl-C is heard on Windows; elsewhere at once
_INF = highspy.kHighsInf
_WHOLE = 1e-6  # what is nearer to a whole number is one
_INTEGER, _CONTINUOUS = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
_OVER = {highspy.HighsModelStatus.kOptimal}
_IMPOSSIBLE = {
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kUnboundedOrInfeasible,
}


class SolverFailed(UserError, RuntimeError):
    """The solver failed, or answered what it must not."""


class Abandoned(Exception):
    """Nobody waits for the answer any more."""


class Stop(threading.Event):
    """Ends a search with what it has; abandoned, as soon as it can, with `Abandoned`."""

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
    impossible: bool  # proven to have no solution
    stopped: bool = False  # by the caller


@dataclass(frozen=True)
class Slack:
    """How some rows may give way together: its value enters each row times its factor."""

    name: str
    cost: float
    rows: Mapping[str, float]


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
    def integers(self) -> list[str]:
        return [x.name for x in self.problem.variables() if x.cat == "Integer"]

    @cached_property
    def rows(self) -> dict[str, int]:
        """Row names with their places."""
        return {row.name: n for n, row in enumerate(self.problem.constraints())}

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
        bounds: Mapping[str, tuple[float, float]] | None = None,
        start: Values | None = None,
        dropped_rows: Iterable[str] = (),
        slacks: Sequence[Slack] | None = None,
        stop: threading.Event | None = None,
        nodes: int | None = None,
        on_better: Callable[[float, float], None] | None = None,
        within: float = 0.0,
        on_within: Callable[[Values], None] | None = None,
    ) -> SearchResult:
        """The best values found within `gap` and `time_limit` seconds.

        `continuous` names variables whose wholeness is let go; `between` gives some other
        bounds (the same twice holds one at a value); `start` is a solution to begin from;
        `freed` names rows that need not hold;
        `slacks` let rows give way at a cost, which then is all that counts;
        `stop` ends the search with what it has; `nodes` is a limit like `time_limit`;
        `on_better` hears (value, bound) as either gets better; `on_within` hears, once, of the
        values that are the first within that gap, and the search waits for it.
        """
        highs = self._highs(time_limit, continuous)
        highs.setOptionValue("random_seed", seed)
        highs.setOptionValue("mip_rel_gap", gap)
        if nodes is not None:
            highs.setOptionValue("mip_max_nodes", nodes)
        for name, (low, high) in (bounds or {}).items():
            highs.changeColBounds(self.index[name], low, high)
        for name in dropped_rows:
            highs.changeRowBounds(self.rows[name], -_INF, _INF)
        if slacks is not None:
            self._add_slacks(highs, slacks)
        if start is not None:
            solution = highspy.HighsSolution()
            solution.col_value = [start[name] for name in self.names]
            highs.setSolution(solution)
        listeners = [] if on_better is None else [_report(on_better)]
        if on_within is not None:
            listeners.append(_report_within(within, self.names, on_within))
        stopped = _run(highs, stop, *listeners)
        return self._found(highs, stopped, [slack.name for slack in slacks or ()])

    def dive(
        self, names: Sequence[str], time_limit: float, stop: threading.Event | None = None
    ) -> Values | None:
        """Values near the relaxation's in which these variables are whole, or None.

        Those that are whole in the relaxation are held there; of the others a quarter, the
        nearest to whole, are rounded, and it is solved again from where it stood, until all are
        whole. There is no way back but one: where rounding fails, the nearest goes down, or up.
        """
        highs = self._highs(time_limit, self.integers)
        at = np.array([self.index[name] for name in names], np.int32)
        low, high = np.asarray(self._lp.col_lower_)[at], np.asarray(self._lp.col_upper_)[at]

        def solved(low: np.ndarray, high: np.ndarray) -> bool:
            highs.changeColsBounds(len(at), at, low, high)
            stopped = _run(highs, stop)
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
            few, one = nearest[: max(1, parts.sum() // 4)], nearest[:1]
            for way, some in ((np.round, few), (np.floor, one), (np.ceil, one)):
                goal, least, most = way(x[some]), low.copy(), high.copy()
                least[some] = np.where(goal > x[some], goal, low[some])
                most[some] = np.where(goal < x[some], goal, high[some])
                if solved(least, most):
                    low, high = least, most
                    break
            else:
                return None

    def _highs(self, time_limit: float, continuous: Iterable[str]) -> Any:
        """HiGHS with the problem, the wholeness of some variables let go."""
        highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, wanted in (
            ("output_flag", False),
            ("threads", 1),
            ("mip_abs_gap", 1e-9),
            ("time_limit", float(time_limit)),
            ("mip_feasibility_tolerance", 1e-7),
            # on plans these cost more time than they save (docs/decisions/search.md)
            ("presolve_rule_off", 1 << 12),  # HiGHS 1.15.1's aggregator loses optima at equity 1
            ("mip_allow_restart", False),
            ("mip_detect_symmetry", False),
            ("mip_heuristic_run_rins", False),
        ):
            highs.setOptionValue(option, wanted)
        highs.passModel(self._lp)
        flowing = np.array([self.index[name] for name in continuous], np.int32)
        highs.changeColsIntegrality(
            len(flowing), flowing, np.full(len(flowing), _CONTINUOUS.value, np.uint8)
        )
        return highs

    def _add_slacks(self, highs: highspy.Highs, slacks: Iterable[Slack]) -> None:
        """Replace the objective by the cost of slack in the elastic rows."""
        columns = np.arange(len(self.names), dtype=np.int32)
        highs.changeColsCost(len(columns), columns, np.zeros(len(columns)))
        highs.changeObjectiveOffset(0.0)
        for slack in slacks:
            rows = np.array([self.rows[row] for row in slack.rows], np.int32)
            values = np.array(list(slack.rows.values()), float)
            highs.addCol(-slack.cost, 0.0, _INF, len(rows), rows, values)

    def relaxation(self) -> float:
        """The value with nothing whole: no solution is better."""
        return self.search(0, 60, continuous=self.integers).value

    def _found(self, highs: highspy.Highs, stopped: bool, slacks: list[str]) -> SearchResult:
        status, info = highs.getModelStatus(), highs.getInfo()
        if status == highspy.HighsModelStatus.kNotset:
            raise SolverFailed("HiGHS did not start: was `threads` changed in this process?")
        if status == highspy.HighsModelStatus.kModelEmpty:  # nothing to decide
            lp = highs.getLp()  # with what this search freed
            if any(np.asarray(lp.row_lower_) > 1e-9) or any(np.asarray(lp.row_upper_) < -1e-9):
                return SearchResult(None, -_INF, -_INF, True, True)
            return SearchResult({}, lp.offset_, lp.offset_, True, False)
        if status in _IMPOSSIBLE:
            return SearchResult(None, -_INF, -_INF, True, True)
        # after "Infeasible" the columns still hold zeros: only this status says they are a solution
        solved = info.primal_solution_status == 2
        values = None
        if solved:
            columns = [*self.names, *slacks]
            values = dict(zip(columns, highs.getSolution().col_value, strict=True))
        value = info.objective_function_value if solved else -_INF
        is_mip = any(kind == _INTEGER for kind in highs.getLp().integrality_)
        # a relaxation that was broken off bounds nothing, whatever point it had come to
        bound = info.mip_dual_bound if is_mip else value if status in _OVER else _INF
        return SearchResult(values, value, bound, status in _OVER, False, stopped)


def _report(on_better: Callable[[float, float], None]) -> Listener:
    """Tells of every better solution, and of the bound at most twenty times a second."""
    told = 0.0

    def better(event: Any) -> None:
        nonlocal told
        told = time.monotonic()
        out = event.data_out
        on_better(out.mip_primal_bound, out.mip_dual_bound)

    def passed(event: Any) -> None:
        if time.monotonic() - told > 0.05:
            better(event)

    return better, passed


def _report_within(gap: float, names: list[str], on_within: Callable[[Values], None]) -> Listener:
    """Tells, once, of the best solution when it is known to be within the gap."""
    best: list[float] | None = None
    told = False

    def better(event: Any) -> None:
        nonlocal best
        if not told:
            best = list(event.data_out.mip_solution)
            passed(event)

    def passed(event: Any) -> None:
        nonlocal told
        if best is None or told:
            return
        value, bound = event.data_out.mip_primal_bound, event.data_out.mip_dual_bound
        if abs(bound - value) <= gap * abs(value):
            told = True
            on_within(dict(zip(names, best, strict=True)))

    return better, passed


def _run(highs: Any, stop: threading.Event | None, *listeners: Listener) -> bool:
    """Search in a thread of its own, so that Ctrl-C is heard; True if `stop` was set.

    Not by highspy's `startSolve`, whose locks all searches of a process share, so that a second
    one fails. HiGHS itself keeps its scheduler by thread, and nothing else between searches.
    What a listener raises ends the search and is raised here.
    """
    failed: list[BaseException] = []

    def heard(does: Heard, event: Any) -> None:
        try:
            does(event)
        except BaseException as error:  # it must not pass through HiGHS
            failed.append(error)

    def interrupt_if_stopped(event: Any) -> None:
        if failed or (stop is not None and stop.is_set()):
            event.interrupt()

    def search() -> None:
        global _cpu_seconds
        try:
            highs.run()
        except BaseException as error:  # it is the caller's
            failed.append(error)
        finally:
            highspy.Highs.resetGlobalScheduler(False)  # this thread's; else Windows may hang
            with _SPENDING:
                _cpu_seconds += time.thread_time()

    asked = (highs.cbSimplexInterrupt, highs.cbIpmInterrupt, highs.cbMipInterrupt)
    hears = [(callback, interrupt_if_stopped) for callback in asked]
    for better, passed in listeners:
        hears.append((highs.cbMipImprovingSolution, partial(heard, better)))
        hears.append((highs.cbMipInterrupt, partial(heard, passed)))
    for callback, does in hears:
        callback.subscribe(does)
    # what is told on the way is told in the caller's language
    thread = threading.Thread(target=copy_context().run, args=(search,), daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(POLL)
    except BaseException as error:  # Ctrl-C where nobody turned it into a stop
        failed.append(error)
        thread.join()
    for callback, does in hears:
        callback.unsubscribe(does)
    if failed:
        raise failed[0]
    return stop is not None and stop.is_set()


_SPENDING = threading.Lock()
_cpu_seconds = 0.0


def solver_cpu_seconds() -> float:
    """Seconds of CPU that HiGHS has taken in this process."""
    return _cpu_seconds


@contextmanager
def ctrl_c_sets(stop: threading.Event) -> Iterator[None]:
    """Inside, Ctrl-C sets `stop` instead of breaking off wherever the program stands."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's; it may set `stop` itself
        return
    before = signal.signal(signal.SIGINT, lambda _signal, _frame: stop.set())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
