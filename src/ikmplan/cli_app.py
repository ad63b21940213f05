"""The Typer application, and how its commands, arguments and options are declared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer

from ikmplan.cli_help import Command, CommandGroup
from ikmplan.text import _

app = typer.Typer(
    cls=CommandGroup,
    help=_("The best provable plan of courses and machines for clusters of small manufacturers."),
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def command(name: str, text: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A decorator that makes a function a command with this help."""
    return app.command(name, cls=Command, help=text)


def argument(text: str, metavar: str) -> Any:
    """An argument with this help, called `metavar` in the usage line."""
    # the command reports in its own language whether it can be read
    return typer.Argument(metavar=metavar, help=text, readable=False)


def option(text: str, *names: str, **more: Any) -> Any:
    """An option with this help, called by its parameter's name where no other is given."""
    return typer.Option(*names, help=text, **more)
