"""The rooms of src/ikmplan in import order; writes their table into CONTRIBUTING.md.

    python tools/house.py            renew the table
    python tools/house.py --check    change nothing; exit code 1 if the table is behind

A module may import only what stands above it in this list: rooms further up, and modules
further up in its own room. tests/test_layout.py keeps it so.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

CONTRIBUTING = Path(__file__).resolve().parents[1] / "CONTRIBUTING.md"
BEGIN, END = "<!-- rooms: made by tools/house.py -->\n", "<!-- end of rooms -->\n"


class Room(NamedTuple):
    """A folder of the package, or "" for modules that lie beside the folders."""

    name: str
    answers: str
    modules: tuple[str, ...]


def room(name: str, answers: str, modules: str) -> Room:
    return Room(name, answers, tuple(modules.split()))


HOUSE = (
    room("", "what everybody needs", "text faults files tableset"),
    room("show", "how things look; uses no plan", "html table drawing chart heat point_labels"),
    room(
        "input",
        "what do we know, and is it sound?",
        "plain_text cells unit_words remedies office sheet_cells number_form number_format"
        " csv_file shown_cell unseen_cells newer_formats excel_archive damaged_cells"
        " excel_file"
        " yaml_file row course_rows estimate_rows rows number_kinds ranges evidence sheets"
        " stray_rows readable"
        " course_references references opening_rows estimate_check names_alike odd_numbers"
        " usage region tables own_limits limit_wording parameter_types parameter_words scenario"
        " case_rows machinery"
        " case uncertain_numbers limit_check scenario_check solver_names load dictionary",
    ),
    room("uncertainty", "which numbers may be others?", "draws chances"),
    room(
        "plan",
        "what was decided, and is it true?",
        "plan derive breaches audit_rows audit_sums audit_limits audit_seats"
        " audit_seasons audit_own_limits audit",
    ),
    room(
        "model",
        "find it and prove it",
        "funds quantities limit_rows rules run_highs distance problem highs other_solver quarters"
        " decisions"
        " conflict_words conflicts incumbent stages finish search",
    ),
    room(
        "report",
        "what readers see of a plan",
        "names limits certificate key_figures sureness method model_table estimates counting"
        " summary plan_tables openings input_tables chances rka cash_plan indicators compliance"
        " figures charts pictures decision_sheet",
    ),
    room(
        "insight",
        "why this plan?",
        "demands gains processes questions baselines bought greedy what_if reasons what_if_table"
        " tables charts",
    ),
    room(
        "uncertainty",
        "how sure is this plan?",
        "drawn_numbers given limits_followed scarce office_rule plan_range stability"
        " value_of_information caution"
        " answers tables charts",
    ),
    room(
        "alternatives",
        "what else could be done?",
        "way money_elsewhere similar_plans cheapest changes found way_tables tables figures",
    ),
    room("", "what notebooks call", "views charts"),
    room(
        "workbook",
        "Excel out and in",
        "letters print_pages excel workbook_tables rka_fields rka_sheet cash_sheet plan_workbook"
        " forms blank_workbook",
    ),
    room(
        "notebook",
        "notebooks executed",
        "papermill_command parameters saving prose forkserver engine papermill_engine execute "
        "suite html_page",
    ),
    room(
        "runs", "finished results on disk", "names write read core sweeps page_parts verify index"
    ),
    room("learn", "what came of a plan?", "answers results report learn"),
    room(
        "compare",
        "several plans side by side",
        "comparison sweep_points read_sweep read_runs summary tables charts"
        " sweep_charts heat_charts make",
    ),
    room(
        "batch", "many scenarios", "prestart tasks preload workers jobs batch grid sweep progress"
    ),
    room(
        "explore",
        "the planner's page",
        "fields history snapshot observable live_search asked_plans state saved_work panels"
        " moves tab_work plan_panels exports plan_pictures controls widgets server",
    ),
    room("", "the command", "cli_app cli_report cli"),
    room(
        "",
        "names that notebooks and scripts import and that have moved",
        "baselines parameters compare_read compare_views compare_charts dashboard rka tables",
    ),
)


def order() -> list[str]:
    """Every module as "room.module" or "module", in import order."""
    return [f"{r.name}.{m}".lstrip(".") for r in HOUSE for m in r.modules]


def table() -> str:
    """The rooms as a table in Markdown."""
    rows = [
        f"| {f'`{r.name}/`' if r.name else '(beside the rooms)'} | {r.answers} | "
        f"{', '.join(f'`{m}`' for m in r.modules)} |\n"
        for r in HOUSE
    ]
    return "| room | answers | modules, in import order |\n|---|---|---|\n" + "".join(rows)


def with_table(text: str) -> str:
    """CONTRIBUTING with the table of today between its two marks."""
    before, rest = text.split(BEGIN)
    return before + BEGIN + table() + END + rest.split(END)[1]


def main() -> int:
    text = CONTRIBUTING.read_text("utf-8")
    if "--check" in sys.argv[1:]:
        return int(text != with_table(text))
    CONTRIBUTING.write_text(with_table(text), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
