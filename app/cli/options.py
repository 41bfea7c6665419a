"""Options that several subcommands take, and the end of each subcommand's help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from app.cli.exits import MEANINGS, Exit

json_option = click.option("--json", "as_json", is_flag=True, help="Print the data as JSON.")
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")

OF_EVERY_SUBCOMMAND = (Exit.FAILED, Exit.USAGE, Exit.SETTINGS, Exit.INTERRUPTED)
"""Exit codes that any of them may give; their meanings stand in ``offhook --help``."""

OF_PLATFORM = (Exit.REFUSED, Exit.UNKNOWN)
"""Exit codes of a subcommand that asks something of a platform."""

CALLR = ("CALLR_API_URL", "CALLR_LOGIN", "CALLR_PASSWORD", "CALLR_API_KEY", "CALLR_LOGIN_AS")
"""Settings with which CALLR is reached."""

STRINGEE = ("STRINGEE_API_URL", "STRINGEE_API_KEY_SID", "STRINGEE_API_KEY_SECRET")
"""Settings with which a project of Stringee's is reached."""

STRINGEE_ACCOUNT = ("STRINGEE_API_URL", "STRINGEE_ACCOUNT_SID", "STRINGEE_ACCOUNT_KEY")
"""Settings with which its numbers and projects are reached."""

WEBHOOK = ("PUBLIC_URL", "CALLR_WEBHOOK_LOGIN", "CALLR_WEBHOOK_PASSWORD")
"""Settings that a voice app is told."""


ALL_SETTINGS = ("all of them",)
"""What a subcommand reads that starts or looks at a whole server."""


def manual(
    *lines: str,
    exits: Sequence[Exit] | Mapping[Exit, str] = (),
    reads: Sequence[str] = (),
    see: Sequence[str] = (),
) -> str:
    """The end of a subcommand's help, which makes it a page of a manual.

    Args:
        lines: examples: command lines that work as they stand.
        exits: exit codes besides 0 and those of every subcommand; where they mean something
            special here, with that.
        reads: settings that it reads, by their variables.
        see: subcommands, without ``offhook``, and pages of docs/.
    """
    meanings = {**MEANINGS, **(exits if isinstance(exits, Mapping) else {})}
    told = "\n".join(f"  {code.value:>3}  {meanings[code]}" for code in (Exit.OK, *sorted(exits)))
    others = ", ".join(f"{code.value}" for code in OF_EVERY_SUBCOMMAND if code not in exits)
    parts = [
        examples(*lines),
        f"\b\nExit codes:\n{told}\n  {others}: as of every subcommand, see `offhook --help`",
    ]
    if reads:
        where = "from the environment or .env; docs/settings.md has each"
        parts.append(f"Settings, {where}: {', '.join(reads)}.")
    if see:
        names = [one if one.endswith(".md") else f"`offhook {one}`" for one in see]
        parts.append(f"See also: {', '.join(names)}.")
    return "\n\n".join(parts)


def examples(*lines: str) -> str:
    """Command lines that work as they stand."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
