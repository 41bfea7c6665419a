"""Options and arguments that several subcommands take."""

from __future__ import annotations

import click

json_option = click.option("--json", "as_json", is_flag=True, help="Print the data as JSON.")
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


def examples(*lines: str) -> str:
    """The end of a subcommand's help: command lines that work as they stand."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
