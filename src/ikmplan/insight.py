"""Questions that take more solves. Now: what the announced programme would reach."""

from __future__ import annotations

from dataclasses import replace

from pulp import lpSum

from ikmplan.case import Case
from ikmplan.engine import Model
from ikmplan.model import make_problem
from ikmplan.plan import Decisions, Plan, make_plan, make_proof
from ikmplan.rules import RULES, row_name

GAP = 1e-4
SECONDS = 30.0


def announced(case: Case) -> Plan | None:
    """The programme as announced, its seats given to the units they help most.

    None where the case has no announced.csv. The classes, seats and machines are taken as
    they are announced, whatever they cost and use: this is the baseline that plans are
    compared with, in its best light, and it need not keep the limits.
    """
    if not case.tables.announced:
        return None
    fingerprint = case.fingerprint
    # what the scenario leaves out or weighs otherwise was announced all the same
    case = Case(case.tables, case.scenario.changed(exclusions=(), locks=(), equity=0))
    # nor need its machines be in stock, or have their operators: it is taken at its word
    senses = [r for r in RULES if r.kind == "sense" and r.name != "machines_operated"]
    problem, v = make_problem(case, cuts=False, rules=senses)
    held, seats, machines = _totals(case)
    for (p, h), variable in v.classes.items():
        clusters = case.course_hosts[p, h]
        seated = lpSum(v.seats[p, c] for c in clusters)
        problem += variable == held.get((p, h), 0), row_name("announced_classes", (p, h))
        problem += seated == seats.get((p, h), 0), row_name("announced_seats", (p, h))
    for (e, h), variable in v.machines.items():
        variable.upBound = None
        problem += variable == machines.get((e, h), 0), row_name("announced_machines", (e, h))
    found = Model(problem).search(GAP, SECONDS)
    assert found.values is not None, "giving nobody anything keeps every sense of the words"
    values = found.values
    decisions = Decisions(
        classes={
            (row.item, row.cluster, row.quarter or 0): row.count
            for row in case.tables.announced
            if row.item in case.courses and row.count
        },
        seats={key: n for key, x in v.seats.items() if (n := round(values[x.name]))},
        machines={key: n for key, n in machines.items() if n},
        units={key: n for key, x in v.units.items() if (n := round(values[x.name]))},
    )
    proof = make_proof(case, decisions, found.bound, GAP, "HiGHS")
    return make_plan(case, decisions, replace(proof, fingerprint=fingerprint))


def _totals(case: Case) -> tuple[dict[tuple[str, str], int], ...]:
    """Announced classes, seats and machines by item and host, over the year."""
    held: dict[tuple[str, str], int] = {}
    seats: dict[tuple[str, str], int] = {}
    machines: dict[tuple[str, str], int] = {}
    for row in case.tables.announced:
        counts = held if row.item in case.courses else machines
        key = row.item, row.cluster
        counts[key] = counts.get(key, 0) + row.count
        if row.item in case.courses:
            seats[key] = seats.get(key, 0) + (row.seats or 0)
    return held, seats, machines
