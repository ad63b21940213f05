"""Typer's help in the language of the catalogue: what Typer itself says in English only."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup

from ikmplan.text import _


class CommandGroup(TyperGroup):
    """All commands, with a translated usage line and help option."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        _write_usage(self, ctx, formatter)

    def get_help_option(self, ctx: Any) -> Any:
        return _translated(super().get_help_option(ctx))


class Command(TyperCommand):
    def format_usage(self, ctx: Any, formatter: Any) -> None:
        _write_usage(self, ctx, formatter)

    def get_help_option(self, ctx: Any) -> Any:
        return _translated(super().get_help_option(ctx))


def _write_usage(command: Any, ctx: Any, formatter: Any) -> None:
    words = " ".join(command.collect_usage_pieces(ctx))
    formatter.write_usage(ctx.command_path, words, _("Usage:") + " ")


def _translated(option: Any) -> Any:
    option.help = _("Show this message and exit.")
    return option
