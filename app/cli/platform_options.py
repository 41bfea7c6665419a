"""The options that say how the simulated platforms behave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def conditions_options(command: F) -> F:
    """Add ``--reading`` and ``--hostile``, which ``app.cli.phoning.switches`` reads."""
    hostile = click.option(
        "--hostile",
        multiple=True,
        metavar="NAME=VALUE",
        help="What goes wrong on purpose; listed there too.",
    )
    reading = click.option(
        "--reading",
        multiple=True,
        metavar="NAME=VALUE",
        help="How the platform does what nobody documented; `offhook simulator --help` lists the "
        "switches.",
    )
    return reading(hostile(command))


class WithSwitches(click.Command):
    """A subcommand whose help lists the switches."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the switches before the examples."""
        from app.cli.phoning.switches import PREFIXES, described  # noqa: PLC0415 -- the simulator

        for kind, prefix in PREFIXES.items():
            option = "--reading" if kind.__name__.endswith("Readings") else "--hostile"
            with formatter.section(f"{option} {prefix}NAME=VALUE"):
                for switch, meaning in described(kind):
                    formatter.write_text(switch)
                    with formatter.indentation():
                        formatter.write_text(meaning)
        super().format_epilog(ctx, formatter)
