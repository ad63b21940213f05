"""What was announced and what the plan keeps of it; which units are counted, one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator
from typing import NamedTuple

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY
from ikmplan.plan.plan import Plan, new_entrepreneurs
from ikmplan.report.key_figures import seats, units_counted
from ikmplan.report.names import CLASSES, MACHINES, OPENINGS, SEATS
from ikmplan.show.table import NOTHING, Of, View, one_decimal, table
from ikmplan.tableset import TableSet
from ikmplan.text import _, number


class AnnouncedCounts(NamedTuple):
    """What was announced, as its table states it: nothing of it is computed by the model."""

    classes: int
    seats: int
    machines: int
    openings: int

    @property
    def text(self) -> str:
        counts = zip((CLASSES, SEATS, MACHINES, OPENINGS), self, strict=True)
        return ", ".join(unit(n) for unit, n in counts if n) or NOTHING


def announced_counts(case: Case) -> AnnouncedCounts | None:
    """The sums of announced.csv; None where nothing was announced."""
    rows = case.tables.announced
    if not rows:
        return None
    courses = [row for row in rows if row.item in case.courses]
    return AnnouncedCounts(
        sum(row.count for row in courses),
        sum(row.seats or 0 for row in courses),
        _announced_of(case.equipment, case),
        _announced_of(case.openings, case),
    )


def _announced_of(kind: Container[str], case: Case) -> int:
    return sum(n for (item, _host), n in case.announced_at.items() if item in kind)


class LeftOut(NamedTuple):
    """An announced course or machine of which the plan holds fewer at the place."""

    item: str
    host: str
    announced: int
    held: int
    cost: float | None  # units fewer if one is kept; None where it was not worked out
    possible: bool | None  # whether a plan can hold one; None where it was not worked out


def announced_left_out(plan: Plan, case: Case, insight: TableSet | None = None) -> list[LeftOut]:
    """What was announced and the plan leaves out, wholly or in part; wholly first."""
    held = Counter({(item, host): n for _kind, item, host, n in plan.held})
    answers = {} if insight is None else _answers(insight)
    rows = []
    for (item, host), n in case.announced_at.items():
        there = held[item, host]
        if there < n:
            cost, possible = (None, None) if there else answers.get((item, host), (None, None))
            rows.append(LeftOut(item, host, n, there, cost, possible))
    return sorted(rows, key=lambda row: (row.held > 0, -(row.cost or 0.0)))


def _answers(insight: TableSet) -> dict[tuple[str, str], tuple[float | None, bool]]:
    """(item, host) -> what forcing one in costs, and whether that is possible."""
    rows = insight.tables["left_out"].to_dict("records")
    return {
        (row["item"], row["cluster"] or CITY): (
            row["cost"] if row["possible"] else None,
            bool(row["possible"]),
        )
        for row in rows
    }


def seated_units(plan: Plan) -> int:
    """IKM units that get a seat in at least one course."""
    counted = set(plan.coverage.loc[plan.coverage["counts"], "cluster"])
    courses = set(plan.seats["course"])
    return sum(n for c, items, n in plan.packages if c in counted and courses & {*items})


def units_table(
    plan: Plan, case: Case, programme: Plan | None = None, nothing: Plan | None = None
) -> View:
    """Every number of units, seats and people that a reader meets, one leading to the next."""
    ikm = [row for c, row in case.clusters.items() if case.is_ikm(c)]
    there, invited = sum(row.units for row in ikm), units_counted(case)
    seated, given = seated_units(plan), seats(plan)
    others = int(plan.coverage.loc[~plan.coverage["counts"], "coached"].sum())
    rows: list[tuple[str, float, str]] = [
        (_("IKM units in the tables"), there, _("All units of the clusters.")),
        (_("reached in earlier years"), there - invited, _("They are not invited again.")),
        (
            _("IKM units that may be invited"),
            invited,
            _("Every share of all units on this page is a share of these."),
        ),
        (_("coached by the plan"), plan.coached, _("They get a seat or machine hours, or both.")),
        (_("of these, with a seat"), seated, _("In one course or more.")),
        (_("of these, with machine hours only"), plan.coached - seated, _("Without a seat.")),
        (
            _("seats in all classes"),
            given,
            _("A unit may take more than one.")
            if not others
            else _("A unit may take more than one; people who are not IKM yet take some too."),
        ),
        (
            _("expected to be reached"),
            plan.reached,
            _("Units coached, each times the chance that it uses what it got."),
        ),
    ]
    if nothing is not None:
        text = _("At machines that are there already; no class, no new machine.")
        rows.append((_("of these, without any money"), nothing.reached, text))
    counts = announced_counts(case)
    if counts is not None:
        text = _("Announced as a number of seats; as it stands in the tables.")
        rows.append((_("seats that were announced"), counts.seats, text))
    if programme is not None:
        text = _("What this model makes of the announced classes and machines.")
        rows.append((_("expected of the announced programme"), programme.reached, text))
    rows += _people_rows(plan, case, others)
    return table(
        _("Which units are counted"),
        rows,
        (_("What"), lambda row: row[0]),
        Of(
            _("Number"),
            lambda row: row[1],
            show_of=lambda row: one_decimal if isinstance(row[1], float) else number,
        ),
        (_("How it is counted"), lambda row: row[2]),
    )


def _people_rows(plan: Plan, case: Case, trained: int) -> Iterator[tuple[str, float, str]]:
    """Those who are not IKM yet, where some are trained or where they count."""
    if case.counts_entrepreneurs:
        text = _("They are trained, and counted apart from IKM units.")
        yield _("people trained who are not IKM yet"), trained, text
        text = _("Of these, each times the chance that it uses what it learned.")
        yield _("expected new entrepreneurs"), new_entrepreneurs(plan, case), text
    elif trained:
        text = _("They are trained, and never counted as IKM units reached.")
        yield _("people trained who are not IKM yet"), trained, text
