"""The Typer application: how its commands are declared, their translated help, and their errors
without tracebacks."""

from __future__ import annotations

import gettext
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from ikmplan.faults import UserError, refusal_of
from ikmplan.text import LOCALE, _, current_language

INTERRUPTED = 130  # as shells number Ctrl-C
USAGE = 2  # what was typed is no command


class _TranslatedHelp:
    """The usage line and the help option, of which Typer has English only."""

    def format_usage(self: Any, ctx: Any, formatter: Any) -> None:
        words = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, words, _("Usage:") + " ")

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)  # type: ignore[misc]
        option.help = _("Show this message and exit.")
        return option


class CommandGroup(_TranslatedHelp, TyperGroup):
    """All commands."""


class Command(_TranslatedHelp, TyperCommand):
    """One command. An error that a user can correct ends it with a message and exit code 1."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            print_error(_("Stopped."))
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            raise
        except OSError as error:
            print_error(refusal_of(error))
        except UserError as error:
            print_error(str(error))
        raise typer.Exit(1)


def open_streams() -> None:
    """Write UTF-8 into a file or a pipe on every system, and print what no stream can hold as "?".

    What the caller closed, as some batch systems do, leads to nothing, in the programs started
    from here too: else the next file or socket that is opened takes its number, and reads and
    writes what belongs elsewhere."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)
    sys.stdout = sys.stdout or os.fdopen(1, "w")
    sys.stderr = sys.stderr or os.fdopen(2, "w")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            encoding = {} if stream.isatty() else {"encoding": "utf-8"}
            stream.reconfigure(errors="replace", **encoding)


def stop_as_by_ctrl_c() -> None:
    """Let the signals of a batch system and of a terminal that is closed do what Ctrl-C does, so
    that nothing is left behind; except those that the caller ignores (nohup)."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _do_as_ctrl_c)


def _do_as_ctrl_c(*_: object) -> None:
    # a shell lets what it starts in the background ignore SIGINT
    if signal.getsignal(signal.SIGINT) in (signal.SIG_IGN, signal.SIG_DFL, None):
        raise KeyboardInterrupt
    signal.raise_signal(signal.SIGINT)


def print_error(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


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


def call(words: list[str]) -> int:
    """The exit code of the command."""
    from ikmplan.notebook.forkserver import own_environment

    os.environ.update(own_environment())
    # the headings of Typer's help come from the same catalogue
    os.environ["LANGUAGE"] = current_language()
    gettext.bindtextdomain("ikmplan", str(LOCALE))
    gettext.textdomain("ikmplan")
    try:
        return app(words, prog_name="ikmplan", standalone_mode=False) or 0
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        print_error(_("ikmplan does not understand this: {reason}", reason=error.format_message()))
        print_error(_("All commands: ikmplan --help"))
        return USAGE
