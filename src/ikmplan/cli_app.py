"""The Typer application: how its commands are declared, their translated help, and their errors
without tracebacks."""

from __future__ import annotations

import gettext
import os
import signal
import sys
from collections.abc import Callable, Iterable
from typing import Any, get_args

import typer
from typer.core import TyperCommand, TyperGroup

from ikmplan.faults import UserError, nearest, refusal_of
from ikmplan.text import LOCALE, _, current_language

INTERRUPTED = 130  # as shells number Ctrl-C
USAGE = 2  # what was typed is no command


class _InOwnLanguage:
    """The usage line, the help option and what `reason_of` reads: Typer has English only."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            left: list[str] = super().parse_args(ctx, args)  # type: ignore[misc]
        except Exception as error:  # some of Typer's know no command
            error.ctx = ctx  # type: ignore[attr-defined]
            raise
        return left

    def format_usage(self: Any, ctx: Any, formatter: Any) -> None:
        words = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, words, _("Usage:") + " ")

    def get_params(self, ctx: Any) -> Any:
        params = super().get_params(ctx)  # type: ignore[misc]
        for param in params:
            if param.param_type_name == "argument":  # its help states what it is, in words
                param.display_type_rich = lambda ctx: None
        return params

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)  # type: ignore[misc]
        option.help = _("Show this message and exit.")
        return option


class CommandGroup(_InOwnLanguage, TyperGroup):
    """All commands."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name = args[0]
        if name not in self.commands:
            ctx.fail(
                _with_nearest(_("there is no command {name}.", name=name), name, self.commands)
            )
        return super().resolve_command(ctx, args)


class Command(_InOwnLanguage, TyperCommand):
    """One command. An error that a user can correct ends it with a message and exit code 1."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.allow_extra_args = True  # they are refused here, in the user's language
        left = super().parse_args(ctx, args)
        if left:
            ctx.fail(_("{words} is more than it takes.", words=" ".join(left)))
        return left

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


def reason_of(error: Any) -> str:
    """What was typed wrongly. Typer has a class for each kind, but English sentences only."""
    match type(error).__name__:
        case "MissingParameter":
            return _("{name} is missing.", name=_typed_name(error.param))
        case "NoSuchOption":
            name = error.option_name
            return _with_nearest(_("there is no option {name}.", name=name), name, _options(error))
        case "BadOptionUsage":
            name = error.option_name
            if _options(error)[name].is_flag:
                return _("{name} has no value.", name=name)
            return _("the value of {name} is missing.", name=name)
        case "BadParameter":
            return _right_value(error.param)
    return str(error.format_message())


def _options(error: Any) -> dict[str, Any]:
    """By each of their names."""
    parameters = error.ctx.command.get_params(error.ctx)
    return {
        name: p
        for p in parameters
        if p.param_type_name == "option"
        for name in (*p.opts, *p.secondary_opts)
    }


def _right_value(param: Any) -> str:
    name, low, high = _typed_name(param), param.min, param.max
    if high is not None:
        return _(
            "{name} must be a whole number from {low} to {high}.", name=name, low=low, high=high
        )
    if low is not None:
        return _("{name} must be a whole number of at least {low}.", name=name, low=low)
    choices = ", ".join(map(str, get_args(param.type_descriptor.annotation)))
    return _("{name} must be one of these: {choices}.", name=name, choices=choices)


def _typed_name(param: Any) -> str:
    """What a user types for an option, or reads in the usage line for an argument."""
    return str(param.opts[0] if param.param_type_name == "option" else param.metavar)


def _with_nearest(text: str, name: str, known: Iterable[str]) -> str:
    return " ".join(filter(None, (text, nearest(name, known))))


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
    options_metavar=_("[OPTIONS]"),
    subcommand_metavar=_("COMMAND [ARGUMENTS]..."),
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def command(name: str, text: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A decorator that makes a function a command with this help."""
    return app.command(name, cls=Command, help=text, options_metavar=_("[OPTIONS]"))


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
        print_error(_("ikmplan does not understand this: {reason}", reason=reason_of(error)))
        print_error(_("All commands: ikmplan --help"))
        return USAGE
