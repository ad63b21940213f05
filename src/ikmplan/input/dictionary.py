"""The data dictionary, data/README.md: every table and column, from the row types.

In English like all of the repository; `ikmplan dictionary > data/README.md` renews it.
"""

from __future__ import annotations

from pydantic.fields import FieldInfo

from ikmplan.input.cells import expectation, may_be_left_out, unit_of
from ikmplan.input.office import NAMES, NEEDED, PATTERNS
from ikmplan.input.rows import Row
from ikmplan.input.tables import OPTIONAL, ROWS
from ikmplan.text import N_, language, listing

DICTIONARY_HEAD = """# The tables of a planning case

Made by `ikmplan dictionary > data/README.md`; a test keeps it in step with the row types.

A case is a folder of CSV files, one for each table below, or one Excel workbook with a sheet
for each. Every folder here is a case. `ikmplan check <folder>` finds every fault at once.

- CSV files are UTF-8. With `,` between the columns numbers are written `1500000` and `0.25`;
  with `;` they are Indonesian: `1.500.000` and `0,25`. What could mean two numbers is refused.
  Tabs or `|` between the columns, a first line `sep=;` and UTF-16 with its mark are read too.
- In a workbook a cell must show what it holds: dates, number formats that add words or scale
  (`0" juta"`), formulas that were never calculated and merged cells are refused. Hidden rows,
  columns and sheets are read, and named in a warning.
- A row of totals, a note below the rows or a copy of a sheet (`clusters (2)`) is refused.
- A share is a number from 0 to 1, never a percentage. Money is whole rupiah.
- Rows above the header whose first text begins with `# ` explain the columns and are not read.
- A key is made of small letters, digits and single `_`, such as `processed_food`. `city` is the
  key of what the whole city shares.
- Every row names its source; `sources.csv` states whether it is a fact or an
  estimate.
"""
TABLE_MEANINGS = {
    "clusters": N_("The clusters (sentra) of small manufacturers that can be coached."),
    "courses": N_("The courses that can be held, with their size, cost and success."),
    "components": N_(
        "What the cost of a class and of a person is made of, for the RKA; where a course has rows "
        "here, they add up to its cost to the rupiah."
    ),
    "course_uses": N_("What one class takes of trainers, halls and other resources."),
    "course_suits": N_("Which course suits which line of business, and how far."),
    "equipment": N_("The kinds of machine that can be placed."),
    "equipment_suits": N_("Which machine, or line of machines, suits which line of business."),
    "resources": N_("Trainers, halls and whatever else limits the classes of a quarter."),
    "funds": N_("The money, and what each fund may pay for."),
    "existing": N_("Machines and operators that are there already, at work or idle."),
    "announced": N_("The programme as the office announced it: the plan to compare with."),
    "results": N_(
        "What was followed up: how many units a course or machine really reached. It makes the "
        "estimated chance surer, the more so the more units were followed up."
    ),
    "together": N_(
        "Pairs whose chance together is known better than from the chances of both alone."
    ),
    "sources": N_("Where the numbers come from."),
    "office": N_("Names on pages and in the workbook."),
    "openings": N_(
        "What has to be opened before it can be used: a centre, a hall, a contract, an MoU."
    ),
    "price_standard": N_(
        "The regional price standard (SSH): what the prices of the plan may not exceed."
    ),
    "ranges": N_(
        "How far the estimates may be from the truth, where that is known better than the usual "
        "range of such a number. Facts do not move."
    ),
    "stated": N_(
        "Single cells whose source is not that of their row: an article states the 70 people of a "
        "class, and the rest of the row is estimated."
    ),
}


def dictionary() -> str:
    """The whole page, as Markdown."""
    with language("en"):
        return DICTIONARY_HEAD + "".join(_section(name, row) for name, row in ROWS.items())


def _section(name: str, row: type[Row]) -> str:
    about = [TABLE_MEANINGS[name]]
    if name in OPTIONAL:
        about.append("The table may be missing.")
    key = listing([f"`{column}`" for column in row.KEY])
    about.append(f"No two rows share {'the same ' if len(row.KEY) > 1 else ''}{key}.")
    lines = [_line(column, field) for column, field in row.model_fields.items()]
    head = "| column | meaning | unit | what a cell holds |\n|---|---|---|---|\n"
    keys = _office_keys() if name == "office" else ""
    return f"\n## {name}\n\n{' '.join(about)}\n\n{head}" + "".join(lines) + keys


def _office_keys() -> str:
    """The keys of office.csv, for they are columns turned on their side."""
    head = "\n| key of office | names | without it |\n|---|---|---|\n"
    rows = [
        f"| `{key}` | {message} | {'the workbook has a gap' if key in NEEDED else ''} |\n"
        for key, message in {**NAMES, **PATTERNS}.items()
    ]
    return head + "".join(rows)


def default_text(field: FieldInfo) -> str:
    """What an empty cell of a column that may be left out stands for."""
    value = field.default
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return ("no", "yes")[value]
    return f"{value:g}" if isinstance(value, float) else str(value)


def _line(column: str, field: FieldInfo) -> str:
    unit = unit_of(field)
    holds = expectation(field).removesuffix(f" ({unit})")
    if may_be_left_out(field):
        holds += f"; the column may be missing ({default_text(field)})"
    cells = (f"`{column}`", field.description or "", unit, holds)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"
