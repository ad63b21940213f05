"""The kinds of number that are uncertain, and how far each kind usually is from the truth.

A table frozen with the package: the 10th and 90th percentile as factors of the number that
stands in a table, found in published reports of courses, machines and workshops of small
manufacturers, or judged where none was found (`origin`). A case states a better one in its table
`ranges`. What an office decides (class sizes, days, stock) has no kind and is not drawn.
"""

from __future__ import annotations

from typing import NamedTuple

from ikmplan.text import N_

JUDGED = N_("judgement: no published figure was found")
CHANCES, SIZES = "chances", "cluster_sizes"  # groups of numbers that move together
COURSE_PRICES, MACHINE_PRICES = "course_prices", "machine_prices"


class NumberKind(NamedTuple):
    """A kind of number: where it stands, its usual range and what moves with it."""

    name: str
    label: str  # msgid
    table: str
    columns: tuple[str, ...]
    low: float  # 10th percentile, as a factor of the number
    high: float  # 90th percentile
    origin: str = JUDGED  # msgid: what the range was found from
    group: str | None = None  # numbers of one group are high or low together
    correlation: float = 0.0  # of the normal scores of two numbers of the group
    shares: int | None = None  # rows with the same first keys are one number; None: all keys
    whole: bool = False  # units, rupiah, machines
    share: bool = False  # at most 1; 1 itself is no estimate but a definition, and stays
    cap: float = 1.0  # a share that stands below it is not drawn above it


KINDS: tuple[NumberKind, ...] = (
    NumberKind(
        "course_chance", N_("chance that a course is used"), "courses", ("success",), 0.4, 1.6,
        N_("Prakerja (14–24% of the unemployed started or found work), Medan 2022 (225 of 1,825 "
           "coached units moved up), trials of business training, courses with start-up help"),
        CHANCES, 0.6, share=True, cap=0.9,
    ),
    NumberKind(
        "operator_chance", N_("chance that an operator course is used"), "courses", ("success",),
        0.6, 1.4, JUDGED, CHANCES, 0.6, share=True, cap=0.9,
    ),
    NumberKind(
        "relevance", N_("relevance of a course for a line of business"), "course_suits",
        ("relevance",), 0.5, 1.5, JUDGED, share=True,
    ),
    NumberKind(
        "machine_chance", N_("chance that a machine is used"), "equipment_suits", ("success",),
        0.25, 1.5,
        N_("workshops found in use: Kendari 27%, PIK Medan 25–50%, Bangkalan and Langkat almost "
           "none; Lombok Utara: 31 of 35 machines not burnt out"),
        CHANCES, 0.6, share=True, cap=0.9,
    ),
    NumberKind(
        "pair_chance", N_("chance that at least one of two is used"), "together", ("chance",),
        0.6, 1.4, JUDGED, CHANCES, 0.6, share=True,
    ),
    NumberKind(
        "hours_run", N_("share of the hours that a machine runs"), "equipment", ("availability",),
        0.3, 1.0,
        N_("a briquette house at 100 of 250 kg promised; a leather unit with one order in three "
           "to four days and two years without work"),
        CHANCES, 0.6, share=True,
    ),
    NumberKind(
        "hours_per_unit", N_("machine hours that one unit uses"), "equipment_suits", ("hours",),
        0.62, 1.43, N_("groups of 10 to 20 units a machine (Cilacap, Siantar, Lhokseumawe)"),
    ),
    NumberKind(
        "course_price", N_("cost of a course"), "courses", ("cost_class", "cost_person"),
        0.65, 1.45,
        N_("courses of Sampang, Pati, Bangkalan and Sumenep: Rp29–83.5 million each, "
           "Rp0.58–0.70 million per person and day"),
        COURSE_PRICES, 0.7, whole=True,
    ),
    NumberKind(
        "machine_price", N_("price of a machine"), "equipment", ("price",), 0.6, 1.7,
        N_("DAK Lombok Utara (Rp43.65–131.9 million a food machine) and planners' own ranges"),
        MACHINE_PRICES, 0.5, whole=True,
    ),
    NumberKind(
        "cluster_size", N_("number of units in a cluster"), "clusters", ("units",), 0.4, 2.0,
        N_("counts that exist (Belawan 27–57 units, shoe estate 10–12 open kiosks) and Medan's "
           "coached units: 1,603, 1,825 or 27,000 by source"),
        SIZES, 0.9, whole=True,
    ),
    NumberKind(
        "young_share", N_("share of young owners"), "clusters", ("young_share",),
        0.7, 1.3, share=True,
    ),
    NumberKind("power", N_("free electric power"), "clusters", ("kva",), 0.8, 1.2),
    NumberKind("floor_space", N_("free floor space"), "clusters", ("floor_m2",), 0.8, 1.2),
    NumberKind(
        "class_days", N_("days that a class takes"), "course_uses", ("amount",), 0.6, 1.6,
        N_("courses held: batik 10–18 days, food 2–14, coffee 2–5, management 3–6, shoes 7–16"),
        shares=1,
    ),
    NumberKind(
        "capacity", N_("days that a provider or hall can give"), "resources",
        ("q1", "q2", "q3", "q4"), 0.6, 1.4,
    ),
    NumberKind("fund", N_("amount of a fund"), "funds", ("amount",), 0.4, 2.0, whole=True),
    NumberKind(
        "existing", N_("machines and operators already there"), "existing",
        ("machines", "operators"), 0.5, 1.0, whole=True,
    ),
    NumberKind(
        "idle", N_("idle machines that can be revived"), "existing", ("idle",), 0.5, 1.0,
        whole=True,
    ),
    NumberKind(
        "revive_cost", N_("cost of reviving a machine"), "existing", ("revive",), 0.5, 2.0,
        JUDGED, MACHINE_PRICES, 0.5, whole=True,
    ),
    NumberKind(
        "opening_cost", N_("cost of opening what is opened"), "openings", ("cost_open",),
        0.7, 1.7, whole=True,
    ),
    NumberKind(
        "running_cost", N_("yearly cost of what is opened"), "openings", ("cost_year",),
        0.7, 1.5, whole=True,
    ),
    NumberKind(
        "course_interest", N_("share of units that want a course"), "course_suits",
        ("interest",), 0.5, 1.5, share=True,
    ),
    NumberKind(
        "machine_interest", N_("share of units that want a machine"), "equipment_suits",
        ("interest",), 0.5, 1.5, share=True,
    ),
)  # fmt: skip
KIND_BY_NAME = {kind.name: kind for kind in KINDS}
UNCERTAIN_COLUMNS: dict[str, tuple[str, ...]] = {}  # table -> its columns that have a kind
for _kind in KINDS:
    _columns = dict.fromkeys((*UNCERTAIN_COLUMNS.get(_kind.table, ()), *_kind.columns))
    UNCERTAIN_COLUMNS[_kind.table] = tuple(_columns)


def kind_of_number(table: str, column: str, trains_operators: bool = False) -> NumberKind:
    """The kind of the numbers in a column; an operator course has a chance of its own."""
    if trains_operators and (table, column) == ("courses", "success"):
        return KIND_BY_NAME["operator_chance"]
    return next(kind for kind in KINDS if kind.table == table and column in kind.columns)
