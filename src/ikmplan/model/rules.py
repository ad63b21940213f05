"""The mathematics of a plan, and nothing else: variables, objective, RULES.

Each rule is one generator of `(key, row)`; its docstring is the sentence that readers see, the
formula, its scope and its unit. A row's name is made of the rule's name and the key, so that names,
documentation, the audit's checklist and the reasons of an infeasible scenario come from the same
tuple. Money is in million rupiah here: in rupiah the numbers are too large for a solver's
tolerances. The audit re-checks every rule in exact rupiah.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from pulp import lpSum

from ikmplan.input.case import Case
from ikmplan.input.cells import MILLION, TRAINING
from ikmplan.model.funds import unions
from ikmplan.model.limit_rows import COMPARE, limits_kept
from ikmplan.model.quantities import (
    Expression,
    Variables,
    at_work,
    hours_used,
    in_seasons,
    item_cost,
    items_by_payers,
    kind_cost,
    level_of_worst,
    operating,
    reached,
    total_cost,
    weighed_units,
)
from ikmplan.uncertainty.chances import BUDGET, UNITS, seasons


def objective(case: Case, v: Variables) -> Expression:
    """Expected units reached, by weight; `caution` blends in bad cases, `equity` the worst-off.

    max (1 − λ) · ((1 − γ) · Σ_{c,k} weight[c] · w[c,k] · units[c,k] + γ · bad[units])
        + λ · θ · Σ_{c ikm} weight[c] · size[c];  bad[x] = low[x] − Σ_s short[x,s] / bad cases

    Where the goal is the least cost it is that, below zero: max − Σ cost of i [million rupiah].
    """
    s, weight = case.scenario, case.weights
    if s.is_cheapest:
        return -1 * total_cost(case, v)
    value = (1 - s.equity) * weighed_units(case, v)
    if v.worst is not None:
        sizes = sum(weight[c] * case.size[c] for c in weight if case.is_ikm(c))
        value += s.equity * sizes * v.worst
    return value


def units_within_size(case: Case, v: Variables) -> Iterator[Any]:
    """A unit gets at most one package.
    Σ_k units[c,k] ≤ size[c]
    for every cluster c [units]"""
    for c, packages in case.packages.items():
        if packages:
            yield c, lpSum(v.units[c, k] for k in packages) <= case.size[c]


def young_within_size(case: Case, v: Variables) -> Iterator[Any]:
    """A package with a course for young people goes to a young owner.
    Σ_{k young} units[c,k] ≤ young[c]
    for every cluster c [units]"""
    for c, packages in case.packages.items():
        young = [v.units[c, k] for k in packages if case.young_only(k)]
        if young:
            yield c, lpSum(young) <= case.young[c]


def units_interested(case: Case, v: Variables) -> Iterator[Any]:
    """No more units get a course of a topic, or a machine, than want it.
    Σ_{k∋t} units[c,k] ≤ ⌊interest[t,c] · size[c]⌋
    for every topic t and cluster c whose units do not all want it [units]"""
    for (kind, key, c), wanting in case.wanted.items():
        getting = [v.units[c, k] for k in case.packages[c] if (kind, key) in case.topics(k)]
        if getting:
            yield (kind, key, c), lpSum(getting) <= wanting


def seat_for_each_unit(case: Case, v: Variables) -> Iterator[Any]:
    """A unit whose package holds a course has a seat in it; who sits without one fills the class.
    Σ_{k∋p} units[c,k] ≤ seats[p,c]
    for every course p and cluster c [people]"""
    for p, c in v.seats:
        units = lpSum(v.units[c, k] for k in case.packages[c] if p in k.courses)
        yield (p, c), units <= v.seats[p, c]


def classes_filled(case: Case, v: Variables) -> Iterator[Any]:
    """A class that is held has at least its smallest number of people.
    Σ_{c∈h} seats[p,c] ≥ class_min[p] · classes[p,h]
    for every course p and host h [people]"""
    for (p, h), clusters in case.course_hosts.items():
        seats = lpSum(v.seats[p, c] for c in clusters)
        yield (p, h), seats >= case.courses[p].class_min * v.classes[p, h]


def seats_within_classes(case: Case, v: Variables) -> Iterator[Any]:
    """A class seats at most its largest number of people.
    Σ_{c∈h} seats[p,c] ≤ class_max[p] · classes[p,h]
    for every course p and host h [people]"""
    for (p, h), clusters in case.course_hosts.items():
        seats = lpSum(v.seats[p, c] for c in clusters)
        yield (p, h), seats <= case.courses[p].class_max * v.classes[p, h]


def class_mix(case: Case, v: Variables) -> Iterator[Any]:
    """A class seats as many people of each cluster that may sit as its course asks for.
    each_min[p] · classes[p,h] ≤ seats[p,c] ≤ each_max[p] · classes[p,h]
    for every course p with such a number and cluster c of host h [people]"""
    for (p, h), clusters in case.course_hosts.items():
        least, most = case.courses[p].each_min, case.courses[p].each_max
        for c in clusters:
            if least:
                yield (p, c, "least"), v.seats[p, c] >= least * v.classes[p, h]
            if most is not None and most < case.courses[p].class_max:
                yield (p, c, "most"), v.seats[p, c] <= most * v.classes[p, h]


def classes_scheduled(case: Case, v: Variables) -> Iterator[Any]:
    """Every class begins in one of the quarters, early enough to end in the year.
    Σ_q scheduled[p,q] = Σ_h classes[p,h]
    for every course p [classes]"""
    for p in dict.fromkeys(p for p, _h in v.classes):
        in_year = lpSum(v.scheduled[p, q] for q in case.courses[p].starts)
        yield p, in_year == lpSum(x for (course, _h), x in v.classes.items() if course == p)


def hours_within_machines(case: Case, v: Variables) -> Iterator[Any]:
    """Units use no more machine hours than the machines run; in a line the narrowest decides.
    Σ_{c∈h, k∋ℓ∋e} hours[ℓ,e,c] · units[c,k]
        ≤ hours[e] · availability[e] · (machines[e,h] + existing[e,h] · open[h] + revived[e,h])
    for every machine e and host h [hours a year]"""
    for (e, h), clusters in case.machine_hosts.items():
        machines = at_work(case, v, e, h)
        yield (e, h), hours_used(case, v, e, clusters) <= case.machine_hours(e) * machines


def machines_operated(case: Case, v: Variables) -> Iterator[Any]:
    """Every machine placed or revived has its trained operators, who are among its users.
    Σ_{e∈S} operators[e] · (machines[e,h] + revived[e,h])
        ≤ success[p] · Σ_{c∈h, k∋p, k∩S≠∅} units[c,k] + operators there[p,h]
    for every operator course p, host h and set S of its machines [people]"""
    for key, needed, trained, there in operating(case, v):
        yield key, needed <= case.course_success(key[0]) * trained + there


def within_openings(case: Case, v: Variables) -> Iterator[Any]:
    """What needs an opening is held, placed or revived only if that is open.
    classes[p,h] ≤ most[p,h] · open[o];  machines[e,o] ≤ most[e] · open[o];
        revived[e,o] ≤ most[e,o] · open[o]
    for every opening o, and every course p and machine e that needs it [classes; machines]"""
    for (p, h), x in v.classes.items():
        for o in case.course_openings.get(p, ()):
            yield (p, h, o), x <= max(1, x.upBound) * v.opened[o]
    for (e, h), x in v.machines.items():
        if h in v.opened:
            yield (e, h), x <= max(1, x.upBound) * v.opened[h]
    for (e, h), x in v.revived.items():
        if h in v.opened:
            yield ("revived", e, h), x <= max(1, x.upBound) * v.opened[h]


def machines_in_stock(case: Case, v: Variables) -> Iterator[Any]:
    """No more machines of a kind are placed than can be had.
    Σ_h machines[e,h] ≤ stock[e]
    for every machine e [machines]"""
    for e in dict.fromkeys(e for e, _h in v.machines):
        placed = lpSum(x for (other, _h), x in v.machines.items() if other == e)
        yield e, placed <= case.equipment[e].stock


def revived_within_idle(case: Case, v: Variables) -> Iterator[Any]:
    """No more machines are revived than stand idle.
    revived[e,h] ≤ idle[e,h]
    for every machine e and host h with idle ones [machines]"""
    for at, x in v.revived.items():
        yield at, x <= case.idle[at]


def power_at_site(case: Case, v: Variables) -> Iterator[Any]:
    """The machines placed at a cluster or opening need no more power than is free there.
    Σ_e kva[e] · machines[e,h] ≤ kva[h]
    for every cluster and opening h [kVA]"""
    yield from _at_site(case, v, "kva")


def floor_space_at_site(case: Case, v: Variables) -> Iterator[Any]:
    """The machines placed at a cluster or opening need no more floor space than is free there.
    Σ_e floor_m2[e] · machines[e,h] ≤ floor_m2[h]
    for every cluster and opening h [m²]"""
    yield from _at_site(case, v, "floor_m2")


def _at_site(case: Case, v: Variables, what: str) -> Iterator[Any]:
    for site, row in {**case.clusters, **case.openings}.items():
        machines = {e: x for (e, h), x in v.machines.items() if h == site}
        needed = lpSum(getattr(case.equipment[e], what) * x for e, x in machines.items())
        if machines:
            yield site, needed <= getattr(row, what)


def resource_days(case: Case, v: Variables) -> Iterator[Any]:
    """Classes use no more days of a trainer, hall or other resource than it has.
    Σ_{p, j<quarters[p]} uses[p,r,j] · scheduled[p,q−j] ≤ capacity[r,q]
    for every resource r and quarter q [days]"""
    for (r, q), days in case.capacity.items():
        each = [(case.days_in(p, r, start, q), x) for (p, start), x in v.scheduled.items()]
        if used := [n * x for n, x in each if n]:
            yield (r, q), lpSum(used) <= days


def funds_cover(case: Case, v: Variables) -> Iterator[Any]:
    """What only some funds may pay for costs no more than they hold together.
    Σ_{i payable by S alone} cost of i ≤ Σ_{f∈S} amount[f]
    for every set S of funds [million rupiah]"""
    payers = items_by_payers(case)
    if v.money:  # too many sets; `money_given` has who pays what
        for f, amount in case.fund_amount.items():
            yield (f,), lpSum(x for (g, _paid), x in v.money.items() if g == f) <= amount / MILLION
    for funds in unions(set(payers)) if not v.money else {frozenset[str]()} & set(payers):
        paid = [item for paid, alike in payers.items() if paid <= funds for item in alike]
        cost = lpSum(item_cost(case, v, item) for item in paid)
        amount = sum(case.fund_amount[f] for f in funds)
        yield tuple(f for f in case.funds if f in funds), cost <= amount / MILLION


def within_budget(case: Case, v: Variables) -> Iterator[Any]:
    """The plan costs no more than the budget.
    Σ_i cost of i ≤ budget
    once, where the funds hold more than the budget [million rupiah]"""
    if case.budget < sum(case.fund_amount.values()):
        yield "all", total_cost(case, v) <= case.budget / MILLION


def training_share(case: Case, v: Variables) -> Iterator[Any]:
    """Training takes no smaller and no larger share of the money than asked.
    least · total ≤ cost of training ≤ most · total
    once for each bound that is set [million rupiah]"""
    s = case.scenario
    if s.training_share_min <= 0 and s.training_share_max >= 1:
        return
    training, total = kind_cost(case, v, TRAINING), total_cost(case, v)
    if s.training_share_min > 0:
        yield "least", training - s.training_share_min * total >= 0
    if s.training_share_max < 1:
        yield "most", training - s.training_share_max * total <= 0


def floors_met(case: Case, v: Variables) -> Iterator[Any]:
    """A cluster's expected coverage is at least its floor.
    Σ_k w[c,k] · units[c,k] ≥ floor[c] · size[c]
    for every cluster c with a floor [units]"""
    for c, floor in case.floors.items():
        yield c, reached(case, v, c) >= floor * case.size[c]


def targets_met(case: Case, v: Variables) -> Iterator[Any]:
    """At least so many units are coached and reached, and so many classes held, as asked.
    Σ_{c,k} units[c,k] ≥ target_units;  Σ_{c,k} w[c,k] · units[c,k] ≥ target_reached;
        Σ_{p,h} classes[p,h] ≥ target_classes
    once for each target that is set [units; units; classes]"""
    s = case.scenario
    if s.target_units is not None:
        coached = lpSum(x for (c, _k), x in v.units.items() if case.is_ikm(c))
        yield "units", coached >= s.target_units
    if s.target_reached is not None:
        units = lpSum(reached(case, v, c) for c in case.clusters if case.is_ikm(c))
        yield "reached", units >= s.target_reached
    if s.target_classes is not None:
        yield "classes", lpSum(v.classes.values()) >= s.target_classes


def locks_kept(case: Case, v: Variables) -> Iterator[Any]:
    """A decision that is given is kept.
    Σ of the locked classes, machines placed or revived, or openings ≥, = or ≤ the number given
    for every lock [classes, machines or openings]"""
    counted = [*v.classes.items(), *v.machines.items(), *v.revived.items()]
    counted += [((o, o), x) for o, x in v.opened.items()]
    for n, lock in enumerate(case.locks):
        locked = lpSum(x for (i, h), x in counted if i == lock.item and lock.cluster in (None, h))
        yield n, COMPARE[lock.sign](locked, lock.count)


def worst_off(case: Case, v: Variables) -> Iterator[Any]:
    """No cluster that can be reached has a smaller expected coverage than the worst-off one.
    θ · size[c] ≤ Σ_k w[c,k] · units[c,k]
    for every reachable cluster c, where equity counts [units]"""
    if v.worst is not None:
        for c in case.reachable:
            yield c, case.size[c] * v.worst - reached(case, v, c) <= 0


def bad_seasons(case: Case, v: Variables) -> Iterator[Any]:
    """A bad case falls below the level of the bad cases by what its numbers take away.
    low[x] − x[s] ≤ short[x,s];
        x[s] = Σ_c weight[c] · reached[s,c];
        or −Σ_i price[s,i] · cost of i;  or Σ_k w[s,c,k] · units[c,k] − floor[c] · size[s,c]
    for every case s and all that is reckoned with in cases [units; million rupiah; units]"""
    for what in v.low:
        for n, (found, constant) in enumerate(in_seasons(case, v, what)):
            yield (what, n), v.low[what] - found - v.short[what, n] <= constant


def smaller_clusters(case: Case, v: Variables) -> Iterator[Any]:
    """In a case with a smaller cluster those are missing who would be missed least.
    reached[s,c] ≤ λ · size[s,c] + Σ_k max(0, w[s,c,k] − λ) · units[c,k]
    for every cluster c, case s and a few values λ of a place, where caution counts [units]"""
    for (c, n), present in v.present.items():
        found = seasons(case)[UNITS]
        for j, place in enumerate(found.worth_of_place[c][:, n].tolist()):
            chances = ((float(found.chance[c, k][n]), v.units[c, k]) for k in case.packages[c])
            above = lpSum((w - place) * x for w, x in chances if w > place)
            yield (c, n, j), present - above <= place * float(found.size[c][n])


def budget_in_seasons(case: Case, v: Variables) -> Iterator[Any]:
    """The plan keeps the budget in the share of cases asked for, and on average in the others.
    −bad[budget] ≤ budget
    once, where it is asked [million rupiah]"""
    if BUDGET in v.low:
        bad, most = level_of_worst(v, BUDGET, 1 - case.scenario.holds_in), case.budget / MILLION
        yield "all", -1 * bad <= most


def floors_in_seasons(case: Case, v: Variables) -> Iterator[Any]:
    """A cluster keeps its floor in the share of cases asked for, and on average in the others.
    bad[c] ≥ 0
    for every cluster c with a floor, where it is asked [units]"""
    for c in case.floors:
        if c in v.low:
            yield c, level_of_worst(v, c, 1 - case.scenario.holds_in) >= 0


class Rule(NamedTuple):
    """A rule, and whether it may give way where there is no plan."""

    rows: Callable[[Case, Variables], Iterator[Any]]
    kind: str  # "sense": what the words mean; "limit": what there is; "demand": what is asked

    @property
    def name(self) -> str:
        return self.rows.__name__

    @property
    def sentence(self) -> str:
        return self._lines()[0]

    @property
    def formula(self) -> str:
        return " ".join(self._lines()[1:-1])

    @property
    def scope(self) -> str:
        return self._lines()[-1].rsplit(" [", 1)[0]

    @property
    def unit(self) -> str:
        return self._lines()[-1].rsplit(" [", 1)[1].removesuffix("]")

    def _lines(self) -> list[str]:
        return [line.strip() for line in (self.rows.__doc__ or "").splitlines()]


RULES = (
    Rule(units_within_size, "sense"),
    Rule(young_within_size, "sense"),
    Rule(units_interested, "limit"),
    Rule(seat_for_each_unit, "sense"),
    Rule(classes_filled, "sense"),
    Rule(seats_within_classes, "sense"),
    Rule(class_mix, "limit"),
    Rule(classes_scheduled, "sense"),
    Rule(hours_within_machines, "sense"),
    Rule(machines_operated, "sense"),
    Rule(within_openings, "sense"),
    Rule(machines_in_stock, "limit"),
    Rule(revived_within_idle, "limit"),
    Rule(power_at_site, "limit"),
    Rule(floor_space_at_site, "limit"),
    Rule(resource_days, "limit"),
    Rule(funds_cover, "limit"),
    Rule(within_budget, "limit"),
    Rule(training_share, "demand"),
    Rule(floors_met, "demand"),
    Rule(targets_met, "demand"),
    Rule(locks_kept, "demand"),
    Rule(limits_kept, "demand"),
    Rule(worst_off, "sense"),
    Rule(bad_seasons, "sense"),
    Rule(smaller_clusters, "sense"),
    Rule(budget_in_seasons, "demand"),
    Rule(floors_in_seasons, "demand"),
)
