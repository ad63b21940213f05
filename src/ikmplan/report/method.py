"""The mathematics of a plan, for readers: the objective and the rules, typeset as they stand."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from ikmplan.model.rules import RULES
from ikmplan.model.rules import objective as function
from ikmplan.show.table import Of, View, code, table
from ikmplan.text import N_, _

OBJECTIVE = N_(  # the first line of rules.objective; a test keeps them the same
    "Expected units reached, by weight; `caution` blends in bad cases, `equity` the worst-off."
)
RULE_KINDS = {"sense": N_("definition"), "limit": N_("capacity"), "demand": N_("demand")}


def rules() -> View:
    """Every rule of the model: sentence, formula, scope and unit, as the rules say themselves."""
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
    """A formula that a notebook shows typeset, with the sentence that says it before it."""

    sentence: str = ""

    def _repr_html_(self) -> str:
        message = re.sub(r"`(\w+)`", r"<code>\1</code>", escape(self.sentence))
        return f"<p>{message}</p>\n<p>{typeset(self)}</p>"


def objective_formula() -> Formula:
    """What a plan maximises, as the model's own docstring says it."""
    sentence, *rest = (function.__doc__ or "").strip().splitlines()
    made = Formula(" ".join(line.strip() for line in rest if line.strip()))
    made.sentence = _(sentence)  # OBJECTIVE
    return made


def typeset(formula: str) -> Markup:
    """Σ_{c,k} units[c,k] as HTML: names in italics, indices below the line."""
    sums = re.sub(r"Σ_\{([^}]*)\}|Σ_(\w)", lambda m: f"Σ<sub>{m[1] or m[2]}</sub>", escape(formula))
    return Markup(re.sub(r"\b([A-Za-z]\w*)\[([^\]]*)\]", r"<i>\1</i><sub>\2</sub>", sums))
