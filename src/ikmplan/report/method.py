"""The mathematics of a plan, for readers: the objective and the rules, typeset as they stand."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from ikmplan.model.rules import RULES
from ikmplan.model.rules import objective as function
from ikmplan.show.table import Of, View, code, table
from ikmplan.text import N_, _

# the sentences of rules.objective, before and after its formula; a test keeps them the same
OBJECTIVE = N_(
    "Expected units reached, by weight; `caution` blends in bad cases, `equity` the worst-off."
)
LEAST_COST = N_(
    "Where the goal is the least cost it is that, below zero: max − Σ cost of i [million rupiah]."
)
RULE_KINDS = {"sense": N_("definition"), "limit": N_("capacity"), "demand": N_("demand")}


def rules() -> View:
    """Every rule of the model: sentence, formula, scope and unit, from its docstring."""
    return table(
        _("The rules of a plan"),
        RULES,
        (_("Rule"), lambda rule: _(rule.sentence)),
        Of(_("Formula"), lambda rule: rule.formula, rich=typeset),
        (_("Where it holds"), lambda rule: _(rule.scope)),
        (_("Unit"), lambda rule: _(rule.unit)),
        (_("Kind of rule"), lambda rule: _(RULE_KINDS[rule.kind])),
        Of(_("Name in reports"), lambda rule: rule.name, rich=code),
    )


class Formula(str):
    """A formula that a notebook shows typeset, between the sentences that stand beside it."""

    sentence: str = ""
    after: str = ""

    def _repr_html_(self) -> str:
        before = re.sub(r"`(\w+)`", lambda m: f"<code>{m[1]}</code>", escape(self.sentence))
        after = f"\n<p>{typeset(self.after)}</p>" if self.after else ""
        return f"<p>{before}</p>\n<p>{typeset(self)}</p>{after}"


def objective_formula() -> Formula:
    """What a plan maximises, from the docstring of the model's objective."""
    paragraphs = (function.__doc__ or "").strip().split("\n\n")
    sentence, formula, after = (" ".join(paragraph.split()) for paragraph in paragraphs)
    made = Formula(formula)
    made.sentence, made.after = _(sentence), _(after)  # OBJECTIVE, LEAST_COST
    return made


def typeset(formula: str) -> Markup:
    """Σ_{c,k} units[c,k] as HTML: names in italics, indices below the line."""
    sums = re.sub(r"Σ_\{([^}]*)\}|Σ_(\w)", lambda m: f"Σ<sub>{m[1] or m[2]}</sub>", escape(formula))
    return Markup(re.sub(r"\b([A-Za-z]\w*)\[([^\]]*)\]", r"<i>\1</i><sub>\2</sub>", sums))
