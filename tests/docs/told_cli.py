"""The command line for docs/cli.md: click's own help of every subcommand, and the exit codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click
from tables import code, fenced, table

from app.cli.exits import MEANINGS
from app.cli.main import offhook

_WIDTH = 90


def every_command() -> Iterator[click.Context]:
    """A context for ``offhook`` itself and for each of its subcommands, in order."""
    yield from _below(context_of(offhook, "offhook", None))


def help_texts(_: str) -> str:
    """The help of everything, each under a heading."""
    return "\n\n".join(
        f"## {context.command_path}\n\n{fenced('text', context.get_help())}"
        for context in every_command()
    )


def overview(_: str) -> str:
    """One line for each subcommand that does something."""
    rows = [
        (
            f"[`{context.command_path}`](#{context.command_path.replace(' ', '-')})",
            context.command.get_short_help_str(limit=120),
        )
        for context in every_command()
        if not isinstance(context.command, click.Group)
    ]
    return table(("subcommand", "what it does"), rows)


def exit_codes(_: str) -> str:
    """Every exit code."""
    rows = [(code(str(exit_.value)), meaning) for exit_, meaning in MEANINGS.items()]
    return table(("exit code", "meaning"), rows)


_SHAPE: Mapping[str, Any] = {"terminal_width": _WIDTH, "max_content_width": _WIDTH, "color": False}


def _below(context: click.Context) -> Iterator[click.Context]:
    yield context
    group = context.command
    if not isinstance(group, click.Group):
        return
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        yield from _below(context_of(command, name, context))


def context_of(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    """A context in which a command tells its help at one width, whatever the terminal."""
    return click.Context(
        command, parent=parent, info_name=name, **{**command.context_settings, **_SHAPE}
    )
