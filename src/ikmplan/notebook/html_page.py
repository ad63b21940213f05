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


# tags of headings: the section is the first printed page; it opens at the end of the page
FIRST_PAGE, APPENDIX = "first-page", "appendix"
# tag of results: those that follow each other are printed beside each other
BESIDE_TAG = "beside"


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
    code: str,
    name: str = "",
    made: date | None = None,
    at: str | None = None,
    landscape: bool = False,
) -> str:
    """The notebook as one HTML page without code that loads nothing else.

    Cells with the tag ONLY_IN_NOTEBOOK are left out: they are for those who work with it.
    A list of contents links to the headings of the second rank. Sections whose heading has the
    tag APPENDIX stand at the end, each to be opened. `made` and `at` are the day and the commit
    at its head and foot: today and that of this copy if left out. With `landscape` it prints on
    sheets laid across, where tables of many columns have room.
    """
    nb = copy(nb)
    shown = [cell for cell in nb.cells if ONLY_IN_NOTEBOOK not in _tags(cell)]
    nb.cells = without_silent_sections(shown)
    heading = title(nb)
    whole = f"{heading} – {name}" if name else heading
    cells, appendix = in_order(nb.cells)
    prose = [cell for cell in cells if cell.cell_type == "markdown"]
    first = next((cell for cell in prose if _rank(cell) == 1), None)
    opens = {block[0].id: _heading_and_rest(block[0].source) for block in appendix}
    with language(code):
        page = {
            "language": code,
            "title": whole,
            "landscape": landscape,
            "footer": _css_string(whole),
            "first": first.id if first else "",
            "first_rest": _heading_and_rest(first.source)[1] if first else "",
            "contents": _contents(prose, [*opens]),
            "contents_heading": _("Contents"),
            "contents_before": _contents_before(cells),
            "opens": opens,
            "closes": [block[-1].id for block in appendix],
            "beside": beside_each_other(cells),
            "appendix": _("Appendix"),
            "appendix_at": next(iter(opens), ""),
            "made": _made(made or date.today(), commit() if at is None else at),
        }
    nb.cells = cells
    html, _resources = _exporter().from_notebook_node(nb, {"page": page})
    return str(html)


def prepare_pages() -> None:
    """Compile the templates of `to_html`, which takes longer than most pages."""
    import nbformat.v4 as v4

    with_text: Any = v4.new_markdown_cell("# Title\n\n*text*", id="title")  # type: ignore[no-untyped-call]
    table: Any = v4.new_output("display_data", {"text/html": "<p>table</p>"})  # type: ignore[no-untyped-call]
    with_table: Any = v4.new_code_cell("", id="table", outputs=[table])  # type: ignore[no-untyped-call]
    to_html(v4.new_notebook(cells=[with_text, with_table]), "en", at="-")  # type: ignore[no-untyped-call]


def in_order(cells: list[Any]) -> tuple[list[Any], list[list[Any]]]:
    """The cells as the page shows them, the sections of the appendix last; and these sections."""
    main: list[Any] = []
    appendix: list[list[Any]] = []
    rank = 0  # of the heading of the section of the appendix that is read; 0: there is none
    for cell in cells:
        mine = _rank(cell)
        if mine and (not rank or mine <= rank):
            rank = mine if APPENDIX in _tags(cell) else 0
            appendix += [[]] if rank else []
        (appendix[-1] if rank else main).append(cell)
    return [*main, *(cell for block in appendix for cell in block)], appendix


def beside_each_other(cells: list[Any]) -> dict[str, list[str]]:
    """ "first" and "last": the ids of the cells with which each row of results tagged BESIDE_TAG
    begins and ends."""
    tagged = [BESIDE_TAG in _tags(cell) for cell in cells]
    before, after = [False, *tagged[:-1]], [*tagged[1:], False]
    return {
        "first": [c.id for c, mine, b in zip(cells, tagged, before, strict=True) if mine and not b],
        "last": [c.id for c, mine, a in zip(cells, tagged, after, strict=True) if mine and not a],
    }


def without_silent_sections(cells: list[Any]) -> list[Any]:
    """The cells without the sections that have results to show, and show none: this plan has
    nothing of the kind. A notebook that was not executed keeps all."""
    if not any(map(_shows, cells)):
        return cells
    ranks = [_rank(cell) for cell in cells]
    silent: set[int] = set()
    for begin, rank in enumerate(ranks):
        ends = (n for n in range(begin + 1, len(cells)) if 0 < ranks[n] <= rank)
        block = range(begin, next(ends, len(cells))) if rank else range(0)
        results = [cells[n] for n in block if cells[n].cell_type == "code"]
        if results and not any(map(_shows, results)):
            silent |= {*block}
    return [cell for n, cell in enumerate(cells) if n not in silent]


def _shows(cell: Any) -> bool:
    """Whether the results of a cell are anything that a page shows."""
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        shown = data.get("text/html", "".join(data)) if data else output.get("text", "")
        if output.output_type == "error" or "".join(shown).strip():
            return True
    return False


def _rank(cell: Any) -> int:
    """1 for a cell that begins with a heading "#", 2 for "##"; 0 for any other."""
    found = re.match(r"(#+)\s", cell.source) if cell.cell_type == "markdown" else None
    return len(found[1]) if found else 0


def _heading_and_rest(source: str) -> tuple[str, str]:
    heading, _line, rest = source.partition("\n")
    return heading, rest.strip()


def _contents_before(cells: list[Any]) -> str:
    """The cell before which the contents stand: the section after the first printed page, else
    the second cell."""
    after = False
    for cell in cells:
        if after and _rank(cell) == 2:
            return str(cell.id)
        after = after or FIRST_PAGE in _tags(cell)
    return str(cells[1].id) if len(cells) > 1 else ""


def _tags(cell: Any) -> list[str]:
    return list(cell.metadata.get("tags", []))


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


def _contents(prose: list[Any], appendix: list[str]) -> list[tuple[str, str]]:
    """id and text of each heading of the second rank; the section of a cell bears its id."""
    found: list[tuple[str, str]] = []
    for cell in prose:
        if appendix and cell.id == appendix[0]:
            found.append((APPENDIX, _("Appendix")))
        if match := re.match(r"##\s+(.+)", cell.source):
            found.append((cell.id, _without_marks(match[1])))
    return found


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
