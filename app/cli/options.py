"""Options and arguments that several subcommands take."""

from __future__ import annotations

import re
from typing import Any

import click

json_option = click.option("--json", "as_json", is_flag=True, help="Print the data as JSON.")
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")

_FLOW_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}\Z")


def examples(*lines: str) -> str:
    """The end of a subcommand's help: command lines that work as they stand."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


class FlowName(click.ParamType[str]):
    """The name of a call flow, as it stands in ``Flow("reception", ...)``."""

    name = "flow"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check the name's form."""
        if not isinstance(value, str) or not _FLOW_NAME.match(value):
            self.fail(
                f"{value!r} cannot be a flow's name: a small letter, then at most 31 small "
                "letters, digits and _.",
                param,
                ctx,
            )
        return value
