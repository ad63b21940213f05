"""HTML of this package: templates and pieces whose values are escaped.

Markup is text that is HTML already; what is no Markup is escaped where it is put in.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from ikmplan.files import TEMPLATES

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # slow to import

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, **values: Any) -> Markup:
    """The template `template`.html.j2 of `templates/`, with `values` escaped."""
    return Markup(_environment().get_template(f"{template}.html.j2").render(**values))


def compile_templates() -> None:
    """Compile the templates of tables and pictures, which copies of this process then have."""
    for file in sorted(TEMPLATES.glob("*.html.j2")):
        _environment().get_template(file.name)


def element(name: str, inside: str, **attributes: object) -> Markup:
    """An element; in the name of an attribute, "_" is "-" and at the end nothing."""
    more = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), value)
        for key, value in attributes.items()
    )
    return Markup("<{0}{1}>{2}</{0}>").format(name, more, inside)


def join_html(pieces: Any, between: str = "") -> Markup:
    """Pieces of HTML, one after the other; what is no Markup is escaped."""
    return Markup(between).join(pieces)
