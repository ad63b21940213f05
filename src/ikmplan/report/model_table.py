"""The model of a case small enough to be read: every variable and row, and what changes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import inf
from typing import Any, NamedTuple

from ikmplan.input.case import Case
from ikmplan.model.highs import Model
from ikmplan.model.problem import make_problem
from ikmplan.model.quantities import Variables
from ikmplan.model.rules import RULES
from ikmplan.model.search import solve
from ikmplan.plan.plan import Plan, total
from ikmplan.report.method import Formula, typeset
from ikmplan.show.table import Of, Signed, View, code, rupiah_text, table
from ikmplan.text import _, number

SIGNS = {-1: "≤", 0: "=", 1: "≥"}
TRIED_SECONDS = 60.0


class ModelRow(NamedTuple):
    """A row of the model: its rule, the row in numbers, and what a plan makes of its sides."""

    name: str
    rule: Any
    text: str
    left: float | None
    right: float


class SmallModel:
    """The PuLP problem of a case without cuts, and how its variables are written for readers."""

    def __init__(self, case: Case):
        self.problem, self.v = make_problem(case, cuts=False)
        self.labels = dict(_labels(self.v))

    def expression(self, pairs: Iterable[tuple[Any, float]]) -> str:
        """A sum of variables as text."""
        text = ""
        for x, n in pairs:
            sign = " − " if n < 0 else " + "
            size = "" if abs(n) == 1 else f"{_plain(abs(n))} · "
            text += f"{sign}{size}{self.labels[x.name]}"
        return text.removeprefix(" + ").replace(" − ", "−", text.startswith(" − "))

    def objective(self) -> str:
        return "max " + self.expression(self.problem.objective.items())

    def rows(self, values: dict[str, float] | None) -> Iterator[ModelRow]:
        rules = {rule.name: rule for rule in RULES}
        for row in self.problem.constraints():
            pairs, right = list(row.items()), -float(row.constant) + 0.0
            if values is not None and not {x.name for x, _n in pairs} <= values.keys():
                continue  # of the cases that a cautious plan reckons with
            text = f"{self.expression(pairs)} {SIGNS[row.sense]} {_plain(right)}"
            left = None if values is None else sum(n * values[x.name] for x, n in pairs)
            yield ModelRow(row.name, rules[row.name.split("__")[0]], text, left, right)


def _labels(v: Variables) -> Iterator[tuple[str, str]]:
    """Name of each variable in PuLP -> as the rules write it: units[coffee,roasting+roaster]."""
    names = ("classes", "scheduled", "seats", "machines", "units", "revived")
    kinds: dict[str, dict[Any, Any]] = {name: getattr(v, name) for name in names}
    kinds["open"] = {(o,): x for o, x in v.opened.items()}
    for kind, variables in kinds.items():
        for key, x in variables.items():
            yield x.name, f"{kind}[{','.join(map(str, key))}]"
    if v.worst is not None:
        yield v.worst.name, "θ"
    for what, x in v.low.items():
        yield x.name, f"low[{what}]"
    for name, variables in (("short", v.short), ("reached", v.present)):
        for (what, n), x in variables.items():
            yield x.name, f"{name}[{what},{n}]"


def _plain(n: float) -> str:
    """As few decimals as the number needs: four at most, or as many as show that it is not 0."""
    least = 4 if abs(n) >= 1e-4 else 10
    digits = next(d for d in range(least + 1) if d == least or abs(round(n, d) - n) < 1e-9)
    return number(n, digits) if abs(n) > 1e-9 else number(0)


def values_of_plan(case: Case, v: Variables, plan: Plan) -> dict[str, float]:
    """Name of each variable -> its value in the plan."""
    classes = list(plan.classes.itertuples(index=False))
    worst = plan.coverage.loc[plan.coverage["cluster"].isin(case.reachable), "coverage"].min()
    units = plan.units.itertuples(index=False)
    held: list[tuple[dict[Any, Any], Any]] = [
        (v.classes, total(((p, h), n) for p, h, _q, n in classes)),
        (v.scheduled, total(((p, q), n) for p, _h, q, n in classes)),
        (v.seats, {(p, c): n for p, c, n in plan.seats.itertuples(index=False)}),
        (v.machines, {(e, h): n for e, h, n in plan.machines.itertuples(index=False)}),
        (v.revived, {(e, h): n for e, h, n in plan.revived.itertuples(index=False)}),
        (v.opened, dict(plan.openings.itertuples(index=False))),
    ]
    values = {x.name: float(n.get(key, 0)) for xs, n in held for key, x in xs.items()}
    given = {(row[0], row[1]): float(row[2]) for row in units}
    values |= {x.name: given.get((c, str(k)), 0.0) for (c, k), x in v.units.items()}
    return values if v.worst is None else values | {v.worst.name: float(worst)}


def model_objective(case: Case) -> Formula:
    """What is maximised, in the numbers of the case."""
    made = Formula(SmallModel(case).objective())
    made.sentence = _("The objective in the numbers of this case:")
    return made


def model_rows(case: Case, plan: Plan | None = None) -> View:
    """Every row of the PuLP problem beside the rule that it comes from; with a plan, how far it
    is used."""
    model = SmallModel(case)
    values = None if plan is None else values_of_plan(case, model.v, plan)

    def first(of: Callable[[Any], str]) -> Callable[[ModelRow], str]:
        """Only in the first row of a rule."""
        return lambda row: of(row.rule) if row.name == firsts[row.rule.name] else ""

    rows = list(model.rows(values))
    firsts = {row.rule.name: row.name for row in reversed(rows)}
    columns: list[Any] = [
        (_("Rule"), first(lambda rule: _(rule.sentence))),
        Of(_("Formula"), first(lambda rule: str(rule.formula)), rich=typeset),
        Of(_("Row of the problem"), "text", rich=typeset),
        Of(_("Its name in PuLP"), "name", rich=code),
    ]
    if plan is not None:
        columns.append((_("Left side in the plan"), "left", _plain))
        columns.append((_("Room left"), lambda row: abs(row.right - row.left), _plain))
    return table(_("The rows of the problem"), rows, *columns)


def changed_rows(before: Case, after: Case) -> View:
    """The objective and rows that are not the same in two cases."""
    texts = [
        {_("Objective"): SmallModel(case).objective()}
        | {row.name: row.text for row in SmallModel(case).rows(None)}
        for case in (before, after)
    ]
    names = [n for n in dict.fromkeys([*texts[0], *texts[1]]) if texts[0].get(n) != texts[1].get(n)]
    return table(
        _("Rows that changed"),
        names,
        Of(_("Row"), str, rich=code),
        Of(_("Before"), lambda name: texts[0].get(name), rich=typeset),
        Of(_("After"), lambda name: texts[1].get(name), rich=typeset),
        empty=_("No row changed."),
    )


def bounds_table(case: Case, plan: Plan) -> View:
    """The plan's value between what is found and what no plan can exceed."""
    rows = [
        (_("The best plan found"), plan.proof.value),
        (_("Bound: no plan within the rules is worth more"), plan.proof.bound),
        (_("If parts of classes, machines and units were allowed"), relaxed_value(case)),
    ]
    shown = (_("Units expected to be reached"), lambda row: row[1], _plain)
    return table(_("The bound"), rows, (_("What"), lambda row: row[0]), shown)


def relaxed_value(case: Case) -> float:
    """The best value where nothing has to be whole: -inf where even that is impossible."""
    model = Model(make_problem(case, cuts=False)[0])
    return model.search(0, TRIED_SECONDS, continuous=model.integers).value


def more_money(case: Case, amounts: Iterable[int]) -> View:
    """What the plan and its relaxation reach with so many rupiah more in the first fund."""
    fund = next(iter(case.funds))
    rows = []
    for amount in (0, *amounts):
        funds = {**case.scenario.funds, fund: case.fund_amount[fund] + amount}
        more = Case(case.tables, case.scenario.model_copy(update={"funds": funds}))
        rows.append((amount, solve(more), relaxed_value(more)))
    first, loose = rows[0][1].reached, rows[0][2]
    return table(
        _("What more money does"),
        rows,
        (_("Money added"), lambda row: row[0], rupiah_text),
        (_("Units expected to be reached"), lambda row: row[1].reached, _plain),
        (_("Gained"), lambda row: row[1].reached - first, Signed(_plain)),
        (_("Cost"), lambda row: row[1].cost, rupiah_text),
        (
            _("Gained if nothing had to be whole"),
            lambda row: row[2] - loose if row[2] > -inf else None,
            Signed(_plain),
        ),
    )
