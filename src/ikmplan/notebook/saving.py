"""What notebooks call beside views and charts: `speak` first, `keep` last."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ikmplan.text import N_, _, use_language

if TYPE_CHECKING:
    from ikmplan.alternatives.found import Alternatives
    from ikmplan.insight.reasons import Insight
    from ikmplan.plan.plan import Plan
    from ikmplan.uncertainty.answers import Uncertainty

RUN_FOLDER = "IKMPLAN_RUN_FOLDER"  # where `keep` puts the plan; set by `ikmplan run`
# the stages of a notebook that makes a plan, as they begin
SOLVE, REASONS, TABLES, PAGES = "solve", "reasons", "tables", "pages"
PROSE = "IKMPLAN_PROSE"  # the language of the markdown cells, where it is not English
# folders of what is kept beside the plan's tables
INSIGHT, PROGRAMME, NOTHING = "insight", "announced", "nothing"
ALTERNATIVES = "alternatives"
UNCERTAINTY = "uncertainty"


def speak(language: str) -> None:
    """Set the language of tables and charts: "id" or "en".

    A kernel cannot translate the prose of its notebook. Where that is in the other language,
    print how to get the whole of it in this one.
    """
    use_language(language)
    if os.environ.get(PROSE, "en") != language:
        print(
            _(
                "The text between the tables is in another language. In this one, with the same "
                "numbers, for JupyterLab: ikmplan notebooks <folder> --language {language}; as a "
                "page: ikmplan run <scenario file>; as a notebook: papermill --engine ikmplan "
                "<notebook> <output> -p language {language}",
                language=language,
            )
        )


def prose_is(language: str) -> None:
    """State in which language the text of this notebook is; `suite.write_notebooks` writes it."""
    os.environ[PROSE] = language


def keep(
    plan: Plan,
    insight: Insight | None = None,
    programme: Plan | None = None,
    nothing: Plan | None = None,
    others: Alternatives | None = None,
    uncertainty: Uncertainty | None = None,
) -> None:
    """Save the plan, its reasons, the announced programme, what is reached without money, what
    else could be done and how sure the plan is, for `ikmplan run`; anywhere else do nothing. A
    notebook's last call."""
    folder = os.environ.get(RUN_FOLDER)
    if not folder:
        return
    beside = {INSIGHT: insight, UNCERTAINTY: uncertainty, PROGRAMME: programme, NOTHING: nothing,
              ALTERNATIVES: others}  # fmt: skip
    for name, kept in beside.items():
        if kept is not None:
            kept.save(Path(folder) / name)
    plan.save(folder)


def counted(done: int, all_of_them: int) -> None:
    """Print in a notebook how many questions are answered; clear the output once all are."""
    _show_progress(done, all_of_them, N_("Reasons: {done} of {n} questions answered"))


def planned_again(done: int, all_of_them: int) -> None:
    """Print in a notebook for how many draws the scenario is planned; clear the output at last."""
    _show_progress(done, all_of_them, N_("How sure: {done} of {n} cases planned again"))


def _show_progress(done: int, all_of_them: int, message: str) -> None:
    from IPython.display import clear_output

    clear_output(wait=done < all_of_them)  # type: ignore[no-untyped-call]
    if done < all_of_them:
        print(_(message, done=done, n=all_of_them))
