"""``offhook help``: a page of the manual."""

from __future__ import annotations

import click

from app.cli.completing import subcommands
from app.cli.options import manual


@click.command("help", epilog=manual("offhook help", "offhook help calls list"))
@click.argument("words", nargs=-1, metavar="[SUBCOMMAND]...", shell_complete=subcommands)
@click.pass_context
def help_(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Show the page of the manual of a subcommand.

    SUBCOMMAND is one, as it is typed: `calls list`; nothing is all of offhook. It is what --help
    prints; at a terminal it is shown by the pager (PAGER, else less).
    """
    click.echo_via_pager(f"{_context_of(ctx.find_root(), words).get_help()}\n")


def _context_of(root: click.Context, words: tuple[str, ...]) -> click.Context:
    """The context of a subcommand.

    Raises:
        click.UsageError: there is none with this name.
    """
    context = root
    for word in words:
        group = context.command
        command = group.get_command(context, word) if isinstance(group, click.Group) else None
        if command is None:
            msg = f"There is no subcommand '{' '.join(words)}'. `offhook help` lists them."
            raise click.UsageError(msg)
        settings = command.context_settings
        context = click.Context(command, parent=context, info_name=word, **settings)
    return context
