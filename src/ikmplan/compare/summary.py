"""A comparison in short: what the scenarios ask, reach and cost, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ikmplan.compare.comparison import Comparison, first_names, in_every_plan, keep_all
from ikmplan.plan.plan import PROVEN
from ikmplan.report.key_figures import PER
from ikmplan.report.sureness import of_100
from ikmplan.show.html import join_html
from ikmplan.show.table import (
    Format,
    Of,
    Prose,
    Signed,
    View,
    column_difference,
    one_decimal,
    percent_one_decimal,
    rupiah_text,
    short_rupiah,
    table,
)
from ikmplan.tableset import grouped
from ikmplan.text import N_, _, bound, gap_percent, number, percent

DECIDED = 0.9  # share of the draws in which the better one of two scenarios reaches more


def label(c: Comparison, scenario: str) -> str:
    """The scenario's name, the base marked as such."""
    return _("{name} (base)", name=scenario) if scenario == c.base else scenario


MOST_LEFT_OUT = 8  # names of scenarios with one reason
DESCRIBED = 4  # other scenarios that the paragraph describes one by one
# --- in short ----------------------------------------------------------------------------


def comparison_headline(c: Comparison) -> Prose:
    """One paragraph: the base, what the others change, what they share, what they break."""
    base = c.figures[c.base]
    first = _(
        "The base {base} is expected to reach {reached} IKM units ({share}) for {cost}.",
        base=c.base,
        reached=one_decimal(base["reached"]),
        share=percent(base["share"]),
        cost=short_rupiah(base["cost"]),
    )
    selection = _(
        "{n} scenarios are compared with it. Shown one by one are those that reach least and "
        "most, cost least, cover the worst-off cluster best, keep the most demands (but for "
        "budgets), and have the widest gap.",
        n=number(len(c.names) - 1),
    )
    others = [_against_base(c.figures[name], base) for name in c.shown[1:]]
    if c.is_large or len(others) > DESCRIBED:  # the table has them all
        others = [_from_to(c)]
    return Prose(
        " ".join(
            [first, *c.for_many(selection), *others, *_alike(c), *_in_draws(c), *_in_common(c)]
        )
    )


def _from_to(c: Comparison) -> str:
    """What the other scenarios reach and cost, from the least to the most."""
    rows = c.scenarios.iloc[1:]
    return _(
        "The {n} others reach from {few} to {many} units for {less} to {more}; their worst-off "
        "clusters are at {low} to {high}.",
        n=number(len(rows)),
        few=one_decimal(rows["reached"].min()),
        many=one_decimal(rows["reached"].max()),
        less=short_rupiah(rows["cost"].min()),
        more=short_rupiah(rows["cost"].max()),
        low=percent_one_decimal(rows["worst_share"].min()),
        high=percent_one_decimal(rows["worst_share"].max()),
    )


def _against_base(row: Mapping[str, Any], base: Mapping[str, Any]) -> str:
    return _(
        "{name} reaches {reached} units ({change} against the base) for {cost} "
        "({cost_change}); its worst-off cluster is at {worst} ({worst_change}).",
        name=row["scenario"],
        reached=one_decimal(row["reached"]),
        change=Signed(one_decimal)(column_difference(row["reached"], base["reached"])),
        cost=short_rupiah(row["cost"]),
        cost_change=Signed(short_rupiah)(row["cost"] - base["cost"]),
        worst=percent_one_decimal(row["worst_share"]),
        worst_change=Signed(percent_one_decimal)(
            column_difference(row["worst_share"], base["worst_share"], percent_one_decimal)
        ),
    )


def _alike(c: Comparison) -> Iterator[str]:
    """Which scenarios may reach as many units as the base, by what the proofs leave open."""
    rows = c.scenarios[c.scenarios["in_units"]].set_index("scenario")
    if c.base in rows.index:
        base = rows.loc[c.base]
        open_both = (rows["bound"] >= base["reached"]) & (base["bound"] >= rows["reached"])
        if alike := [str(name) for name in rows.index[open_both] if name != c.base]:
            yield _(
                "How many units {names} and the base reach at best cannot be distinguished: the "
                "difference is within what the proofs leave open.",
                names=first_names(alike),
            )


def _in_draws(c: Comparison) -> Iterator[str]:
    """Which scenarios reach more or fewer than the base in the same draws, and where that is not
    known: neither of two is the better one in nearly all of them."""
    alike: list[str] = []
    for name in c.shown[1:]:
        more, fewer = c.figures[name]["better"], c.figures[name]["worse"]
        if max(more, fewer) > DECIDED:
            text = N_("{name} reaches fewer than the base in {n} of 100 of the same cases.")
            if more > DECIDED:
                text = N_("{name} reaches more than the base in {n} of 100 of the same cases.")
            yield _(text, name=name, n=number(of_100(max(more, fewer))))
        elif more == more:
            alike.append(
                _("{name} ({more} : {fewer})", name=name, more=number(of_100(more)),
                  fewer=number(of_100(fewer)))
            )  # fmt: skip
    if alike:
        yield _(
            "With what is known today these scenarios and the base cannot be distinguished (in how "
            "many of 100 of the same cases they reach more : fewer): {names}.",
            names=first_names(alike),
        )


def _in_common(c: Comparison) -> Iterator[str]:
    """What is in every plan, and which plans keep every demand."""
    base = c.figures[c.base]
    yield _(
        "Of the {all} classes and machines of the base, {n} are in every plan, at the same place.",
        all=number(base["classes"] + base["machines"]),
        n=number(int(in_every_plan(c)["fewest"].sum())),
    )
    if len(c.coverage):  # without it some demands are not held against the plans
        keeping = keep_all(c)
        yield (
            _(
                "The demands of all scenarios, but for their budgets, are kept by {names}.",
                names=first_names(keeping),
            )
            if keeping
            else _("No plan keeps the demands of all scenarios, even without their budgets.")
        )


def warnings(c: Comparison) -> Prose | View:
    """Whether the plans answer one and the same question."""
    if not c.warnings:
        return Prose(_("All plans were made from the same tables and by the same program."))
    return table(_("Compare with care"), c.warnings, (_("Why"), str))


def left_out_scenarios(c: Comparison) -> Prose | View:
    """What was asked for and is not compared."""
    if not c.left_out:
        return Prose(_("No scenario is left out."))
    return table(
        _("Scenarios that are not compared"),
        grouped((why, name) for name, why in c.left_out).items(),
        (_("Scenario"), lambda left: first_names(left[1], MOST_LEFT_OUT)),
        Of(_("Why"), lambda left: left[0], rich=_lines),
    )


def _lines(text: str) -> str:
    return join_html(text.split("\n"), "<br>")


def asked_differences(c: Comparison) -> View:
    """Where the scenarios ask for different things."""
    meaning = c.asked.drop_duplicates("parameter").set_index("parameter")["meaning"]
    values = c.asked.pivot(index="parameter", columns="scenario", values="value")
    values = values.reindex(index=meaning.index, columns=c.names).astype(object)
    values = values.where(values.notna(), _("default"))
    different = values.nunique(axis=1)
    return table(
        _("What the scenarios ask, where it differs"),
        different.index[different > 1],
        (_("Parameter"), str),
        (_("Meaning"), meaning.get),
        *((label(c, name), values[name].get) for name in c.shown),
        *c.for_many((_("Different values"), different.get, number)),
        empty=_("They all ask the same."),
    )


# --- figures -----------------------------------------------------------------------------

# column of `scenarios`, heading, format
COMPARED_FIGURES: tuple[tuple[str, str, Format], ...] = (
    ("reached", N_("IKM units expected to be reached"), one_decimal),
    ("entrepreneurs", N_("new entrepreneurs expected"), one_decimal),
    ("low", N_("reached in 8 of 10 cases: from"), number),
    ("middle", N_("in the middle"), number),
    ("high", N_("to"), number),
    ("share", N_("of all IKM units"), percent_one_decimal),
    ("cost", N_("money used"), rupiah_text),
    ("worst_share", N_("coverage of the worst-off cluster"), percent_one_decimal),
    ("coached", N_("IKM units coached"), number),
    ("classes", N_("classes"), number),
    ("machines", N_("machines placed"), number),
    ("per_money", N_("units reached for each {amount}, on average"), one_decimal),
)
SUMMARIES = (
    ("min", N_("lowest of all {n}")),
    ("median", N_("middle of all {n}")),
    ("max", N_("highest of all {n}")),
)


def _known_figures(c: Comparison) -> list[tuple[str, str, Format]]:
    """The key figures that some plan has: where nothing is spent, money has no effect."""
    amount = short_rupiah(PER)
    return [
        (column, _(heading, amount=amount), show)
        for column, heading, show in COMPARED_FIGURES
        if c.scenarios[column].notna().any()
    ]


def figures_table(c: Comparison) -> View:
    """The key figures of every scenario shown; of many, lowest, middle and highest of all too."""
    known = _known_figures(c)
    figures = c.scenarios[[column for column, _h, _s in known]]
    of_all = [
        {**figures.agg(how), "scenario": _(heading, n=number(len(figures)))}
        for how, heading in SUMMARIES
    ]
    columns: list[tuple[Any, ...]] = [(heading, column, show) for column, heading, show in known]
    columns.insert(
        [column for column, _h, _s in known].index("cost") + 1,
        (_("worst-off cluster"), lambda row: c.case.name(row["worst"]) if "worst" in row else None),
    )
    return table(
        _("The scenarios in figures"),
        [*(c.figures[name] for name in c.shown), *c.for_many(*of_all)],
        (_("Scenario"), lambda row: label(c, row["scenario"])),
        *columns,
    )


def differences(c: Comparison) -> View:
    """What every other scenario shown has more or less than the base."""
    base = c.figures[c.base]
    return table(
        _("Difference from the base {base}", base=c.base),
        [c.figures[name] for name in c.shown[1:]],
        (_("Scenario"), "scenario"),
        *(
            (
                heading,
                lambda row, key=column, show=show: column_difference(row[key], base[key], show),
                Signed(show),
            )
            for column, heading, show in _known_figures(c)
        ),
    )


def proofs(c: Comparison) -> View:
    """How good each plan is proven to be; value and bound of a row are in one unit."""
    columns: list[tuple[Any, ...]] = [
        (_("Scenario"), lambda row: label(c, row["scenario"])),
        (
            _("Outcome"),
            lambda row: _("proven") if row["status"] == PROVEN else _("stopped early"),
        ),
        (_("Value of the plan"), "value", lambda v: number(v, 2)),
        (_("No plan can exceed"), "bound", lambda v: bound(v, 2)),
        (_("Gap"), "gap", lambda v: gap_percent(v, 3)),
        (_("Gap asked for"), "asked", lambda v: gap_percent(v, 3)),
    ]
    if not c.scenarios["in_units"].all():
        units = {True: _("units reached"), False: _("weighted units")}
        columns.insert(4, (_("Counted in"), lambda row: units[row["in_units"]]))
    return table(
        _("How good each plan is proven to be"), [c.figures[name] for name in c.shown], *columns
    )
