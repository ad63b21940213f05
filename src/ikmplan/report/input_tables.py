"""What a plan is made from, for readers: each row with its source, fact or estimate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ikmplan.input.case import Case
from ikmplan.input.cells import CITY, unit_of
from ikmplan.input.rows import QUARTERS
from ikmplan.input.scenario import NOT_OF_THE_PLAN
from ikmplan.report.estimates import SOURCE_KINDS, TABLES, origin
from ikmplan.report.names import KIND_NAMES, place, ruling
from ikmplan.show.table import (
    Of,
    View,
    address,
    code,
    needed_decimals,
    percent_one_decimal,
    plain_number,
    rupiah_text,
    table,
)
from ikmplan.tableset import grouped
from ikmplan.text import N_, _, listing, number, percent, rupiah

RESOURCE_KINDS = {"trainer": N_("trainers"), "hall": N_("hall"), "other": N_("other")}


def sources(case: Case, kind: str | None = None) -> View:
    """The sources of the tables, all or of one kind ("fact" or "estimate")."""
    captions = {"fact": _("Sources of facts"), "estimate": _("Sources of estimates")}
    return table(
        captions.get(kind or "", _("Sources")),
        [row for row in case.tables.sources if kind in (None, row.kind)],
        (_("Key"), "source"),
        (_("Kind"), lambda row: _(SOURCE_KINDS[row.kind])),
        (_("Year"), "year", str),
        (_("Source"), "citation"),
        Of(_("Address"), "url", rich=address),
    )


def _input_table(case: Case, name: str, *columns: Any, caption: str = "", empty: str = "") -> View:
    """Rows of a table of the case, each with its source; captioned by `caption` or its name."""
    source = Of(
        _("Fact or estimate (source)"),
        lambda row: origin(case, row.source, row.course if name == "courses" else ""),
    )
    rows = getattr(case.tables, name)
    return table(caption or _(TABLES[name]), rows, *columns, source, empty=empty)


def clusters(case: Case) -> View:
    """The clusters: who is there, and the power and space that machines could use."""
    kinds = {"ikm": _("IKM"), "candidate": _("not yet IKM")}
    return _input_table(
        case,
        "clusters",
        (_("Cluster"), "name"),
        (_("District"), "district"),
        (_("Kind"), lambda row: kinds[row.kind]),
        (_("Units"), "units", number),
        (_("Reached in earlier years"), "reached_before", number),
        (_("May be invited"), lambda row: case.size[row.cluster], number),
        (_("Owners aged 35 or less"), "young_share", percent),
        (_("Weight"), "weight", plain_number),
        (_("Free power (kVA)"), "kva", plain_number),
        (_("Free floor space (m²)"), "floor_m2", plain_number),
        caption=_("Clusters of small manufacturers"),
    )


def courses(case: Case) -> View:
    """The courses that can be held, with their prices in this scenario."""
    return _input_table(
        case,
        "courses",
        (_("Course"), "name"),
        (_("Smallest class"), "class_min", number),
        (_("Largest class"), "class_max", number),
        (_("Days"), "days", number),
        (_("Cost of a class"), lambda row: case.cost_class[row.course], rupiah_text),
        (_("Cost of a person"), lambda row: case.cost_person[row.course], rupiah_text),
        (_("Chance that it is used"), lambda row: case.course_success(row.course), percent),
        (_("Only up to age 35"), lambda row: _("yes") if row.young_only else _("no")),
        (_("Held for"), _scope),
        *_filled_in(
            case.tables.courses,
            (_("Quarters it lasts"), "quarters", number),
            (_("Least of each cluster"), "each_min", number),
            (_("Most of each cluster"), "each_max", number),
            (_("Topic"), "topic"),
        ),
        *_needs_column(case, case.tables.courses),
    )


def _filled_in(rows: Sequence[Any], *columns: Any) -> list[Any]:
    """The columns in which some row has another value than where the table lacks them."""
    fields = type(rows[0]).model_fields if rows else {}
    return [
        column
        for column in columns
        if any(getattr(row, column[1]) != fields[column[1]].default for row in rows)
    ]


def _scope(row: Any) -> str:
    return _("the whole city") if row.scope == CITY else _("one cluster")


def components(case: Case) -> View:
    """What the cost of a class and of a person is made of, at the prices of this scenario."""
    per = {"class": _("one class"), "person": _("one participant")}

    def volume(row: Any) -> str:
        pairs = ((row.volume, row.unit), (row.times, row.times_unit))
        return " x ".join(f"{n} {unit}" for n, unit in pairs if n is not None)

    def price(row: Any) -> int:
        return case.component_price[row.course, row.component, row.basis]

    return _input_table(
        case,
        "components",
        (_("Course"), lambda row: case.name(row.course)),
        (_("Component"), "name"),
        (_("For"), lambda row: per[row.basis]),
        (_("Volume"), volume),
        (_("Price"), price, rupiah_text),
        (_("Account"), lambda row: case.office.get(row.account, row.account)),
        empty=_("The costs of courses are not broken down."),
    )


def equipment(case: Case) -> View:
    """The kinds of machine that can be placed."""
    return _input_table(
        case,
        "equipment",
        (_("Machine"), "name"),
        (_("Price, installed"), lambda row: case.price[row.equipment], rupiah_text),
        (_("Hours a year"), "hours", number),
        (_("Working"), "availability", percent),
        (_("Power (kVA)"), "kva", plain_number),
        (_("Floor space (m²)"), "floor_m2", plain_number),
        (_("Operators"), "operators", number),
        (_("Trained in"), lambda row: row.operator_course and case.name(row.operator_course)),
        (_("Can be had"), "stock", number),
        (_("Serves"), _scope),
        *_needs_column(case, case.tables.equipment),
    )


def existing(case: Case) -> View:
    """Machines that already stand in the clusters, and those that can be revived."""
    idle: list[tuple[Any, ...]] = []
    if case.idle:
        idle = [
            (_("Idle"), lambda row: row.idle or None, number),
            (
                _("Cost of reviving one"),
                lambda row: case.revive_cost.get((row.equipment, row.cluster)),
                rupiah_text,
            ),
        ]
    return _input_table(
        case,
        "existing",
        (_("Cluster"), lambda row: place(case, row.cluster)),
        (_("Machine"), lambda row: case.name(row.equipment)),
        (_("Machines"), "machines", number),
        (_("Free operators"), "operators", number),
        *idle,
    )


def openings(case: Case) -> View | None:
    """What can be opened, at the prices of this scenario; None where there is nothing."""
    if not case.openings:
        return None
    return _input_table(
        case,
        "openings",
        (_("Opening"), "name"),
        (_("Already there"), lambda row: _("yes") if row.there else _("no")),
        (_("Cost of opening"), lambda row: case.with_price_factor(row.cost_open), rupiah_text),
        (_("Cost of the year"), lambda row: case.with_price_factor(row.cost_year), rupiah_text),
        (_("Opening paid as"), lambda row: _(KIND_NAMES[row.kind])),
        (_("Year paid as"), lambda row: _(KIND_NAMES[row.kind_year or row.kind])),
        (_("Power (kVA)"), lambda row: row.kva or None, plain_number),
        (_("Floor space (m²)"), lambda row: row.floor_m2 or None, plain_number),
    )


def lines(case: Case) -> View | None:
    """The lines of machines that units use together; None where each is used by itself."""
    rows = [row for row in case.tables.equipment_suits if row.used_as != row.equipment]
    if not rows:
        return None
    made = grouped(((row.used_as, row.sector), row) for row in rows)
    return table(
        _("Lines of machines that a unit uses together"),
        made,
        (_("Line"), lambda at: case.name(at[0])),
        (_("Line of business"), lambda at: at[1]),
        (
            _("Machines and hours of one unit in a year"),
            lambda at: "; ".join(
                f"{case.name(row.equipment)} {plain_number(row.hours)}" for row in made[at]
            ),
        ),
        (_("Chance that it is used"), lambda at: made[at][0].success, percent),
    )


def _needs_column(case: Case, rows: Any) -> list[tuple[Any, ...]]:
    """The opening that a row needs, in a table with such a row."""
    if not any(row.opening for row in rows):
        return []
    return [(_("Needs open"), lambda row: row.opening and case.name(row.opening))]


def resources(case: Case) -> View:
    """The days that trainers and halls have in each quarter, in this scenario."""

    def days(*quarters: int) -> Callable[[Any], float]:
        return lambda row: sum(case.capacity[row.resource, q] for q in quarters)

    return _input_table(
        case,
        "resources",
        (_("Trainers or hall"), "name"),
        (_("Kind"), lambda row: _(RESOURCE_KINDS[row.kind])),
        *((_("Q{q}", q=q), days(q), plain_number) for q in QUARTERS),
        (_("Year"), days(*QUARTERS), plain_number),
        *_needs_column(case, case.tables.resources),
        caption=_("Days of trainers and halls"),
    )


def funds(case: Case) -> View:
    """The funds, what they hold in this scenario, and what each may pay for."""

    def pays(row: Any) -> str:
        return listing(
            [
                _(KIND_NAMES[key]).lower() if key in KIND_NAMES else case.name(key)
                for key in row.pays
            ]
        )

    return _input_table(
        case,
        "funds",
        (_("Fund"), "name"),
        (_("Amount"), lambda row: case.fund_amount[row.fund], rupiah_text),
        (_("May pay for"), pays),
    )


def suits(case: Case) -> View:
    """For each cluster, the courses that suit it and how far, and the machines it can use."""

    def suited(cluster: str, items: list[str]) -> str | None:
        chances = {item: case.chance_of(cluster, (item,)) for item in items}
        best = sorted(items, key=lambda item: -chances[item])
        return "; ".join(f"{case.name(i)} {percent(chances[i])}" for i in best) or None

    def wanted(cluster: str) -> str | None:
        topics = {key: n for (_kind, key, c), n in case.wanted.items() if c == cluster}
        return "; ".join(f"{case.topic_name(key)} {number(n)}" for key, n in topics.items()) or None

    return table(
        _("Chance that one course or machine alone reaches a unit"),
        case.clusters,
        (_("Cluster"), case.name),
        (_("Courses"), lambda c: suited(c, case.suited_courses(c))),
        (_("Machines"), lambda c: suited(c, case.suited_lines(c))),
        *([(_("Units that want it, where not all do"), wanted)] if case.wanted else []),
    )


def announced_table(case: Case) -> View:
    """The programme as announced: the baseline that every plan is compared with."""
    return _input_table(
        case,
        "announced",
        (_("Course or machine"), lambda row: case.name(row.item)),
        (_("For"), lambda row: place(case, row.cluster)),
        (_("Quarter"), "quarter", number),
        (_("Classes or machines"), "count", number),
        (_("Seats"), "seats", number),
        empty=_("No programme has been announced."),
    )


# --- the scenario ------------------------------------------------------------------------


def asked_table(case: Case) -> View:
    """What the scenario asks, where it differs from the defaults; and the budget."""
    scenario, fields = case.scenario, type(case.scenario).model_fields
    changed = [
        name
        for name, field in fields.items()
        if name not in NOT_OF_THE_PLAN | {"budget", "gap"}
        and getattr(scenario, name) != field.get_default(call_default_factory=True)
    ]

    def description(name: str) -> str:
        message = (
            _("most that may be spent") if name == "budget" else _(str(fields[name].description))
        )
        return message[0].upper() + message[1:]

    return table(
        _("What the scenario asks"),
        ["budget", *changed, "gap"],
        (_("Asked"), description),
        (_("Value"), lambda name: _asked(case, name)),
        Of(_("Parameter"), str, rich=code),
    )


def _asked(case: Case, name: str) -> str:
    if name == "budget":
        return rupiah(case.budget)
    if name == "gap":
        return percent(case.scenario.gap, 2)
    if name == "near":
        n = sum(case.scenario.near_counts.values())
        return _("a plan of {n} decisions", n=number(n))
    value = getattr(case.scenario, name)
    unit = unit_of(type(case.scenario).model_fields[name])

    def one(part: Any) -> str:
        if unit == "share 0–1":
            return percent_one_decimal(part)
        if unit == "rupiah":
            return rupiah(part)
        return needed_decimals(part)

    if name == "groups":
        return "; ".join(f"{key}: {listing([*map(case.name, of)])}" for key, of in value.items())
    if isinstance(value, dict):
        return "; ".join(f"{case.name(key)}: {one(part)}" for key, part in value.items())
    if isinstance(value, tuple):
        return "; ".join(ruling(case, part) for part in value)
    return value if isinstance(value, str) else one(value)
