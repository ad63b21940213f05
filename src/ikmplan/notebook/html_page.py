"""An executed notebook as one HTML page that loads nothing else, for mail and archive."""

from __future__ import annotations

import re
import subprocess
from copy import copy
from datetime import date
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from ikmplan.files import PROJECT, TEMPLATES
from ikmplan.text import _, current_language, language

if TYPE_CHECKING:
    from nbformat import NotebookNode

ONLY_IN_NOTEBOOK = "only-in-notebook"


def title(nb: NotebookNode) -> str:
    """The first heading of the notebook, without its marks."""
    for cell in nb.cells:
        heading = re.search(r"^#\s+(.+)$", cell.source, re.MULTILINE)
        if cell.cell_type == "markdown" and heading:
            return _without_marks(heading[1])
    return "ikmplan"


def _without_marks(heading: str) -> str:
    return re.sub(r"[*_`]", "", heading).strip()


def to_html(
    nb: NotebookNode,
    spoken: str,
    name: str = "",
    made: date | None = None,
    at: str | None = None,
) -> str:
    """The notebook as one HTML page without code that loads nothing else.

    Cells with the tag ONLY_IN_NOTEBOOK are left out: they are for those who work with it.
    A list of contents links to the headings of the second rank. `made` and `at` are the day
    and the commit at its foot: today and that of this copy if left out.
    """
    nb = _for_readers(nb)
    heading = title(nb)
    whole = f"{heading} – {name}" if name else heading
    prose = [cell for cell in nb.cells if cell.cell_type == "markdown"]
    with language(spoken):
        page = {
            "language": spoken,
            "title": whole,
            "footer": _css_string(whole),
            "first": prose[0].id if prose else "",
            "contents": _contents(prose),
            "contents_heading": _("Contents"),
            "made": _made(made or date.today(), commit() if at is None else at),
        }
    html, _resources = _exporter().from_notebook_node(nb, {"page": page})
    return str(html)


def _for_readers(nb: NotebookNode) -> NotebookNode:
    made = copy(nb)
    made.cells = [
        cell for cell in nb.cells if ONLY_IN_NOTEBOOK not in cell.metadata.get("tags", [])
    ]
    return made


@cache
def _exporter() -> Any:
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="page",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        embed_images=True,
    )
    exporter.config.NbConvertBase.display_data_priority = [
        "text/html",
        "text/markdown",
        "image/svg+xml",
        "image/png",
        "image/jpeg",
        "text/plain",
        "application/vnd.jupyter.widget-view+json",  # these two show nothing on a page
        "application/javascript",
    ]
    return exporter


def _contents(prose: list[Any]) -> list[tuple[str, str]]:
    """id and text of each heading of the second rank; the section of a cell bears its id."""
    found = [(cell.id, re.match(r"##\s+(.+)", cell.source)) for cell in prose]
    return [(id, _without_marks(match[1])) for id, match in found if match]


def _css_string(text: str) -> str:
    """A text as CSS may hold it inside of a style element."""
    return '"' + "".join(c if c.isalnum() or c in " .,-" else f"\\{ord(c):x} " for c in text) + '"'


def _made(day: date, at: str) -> str:
    """When and by which program; the commit where it runs from a clone."""
    from babel.dates import format_date

    day_text = format_date(day, "long", locale=current_language())
    parts = {"day": day_text, "version": version("ikmplan")}
    if at:
        return _("Made on {day} with ikmplan {version}, commit {commit}.", commit=at, **parts)
    return _("Made on {day} with ikmplan {version}.", **parts)


@cache
def commit() -> str:
    """The commit that this package runs from, with "+" where files differ; "" in no clone."""
    if not (PROJECT / ".git").exists():
        return ""
    try:
        found, changed = (
            subprocess.check_output(
                ["git", "-C", str(PROJECT), *words.split()], stderr=subprocess.DEVNULL, text=True
            ).strip()
            for words in ("rev-parse --short=10 HEAD", "status --porcelain -uno src")
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return found + ("+" if changed else "")
