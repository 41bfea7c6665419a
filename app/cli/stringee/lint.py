"""``offhook stringee lint``: what Stringee would do with an SCCO."""

from __future__ import annotations

from typing import Any

import click

from app.cli.completing import flow_names
from app.cli.exits import Exit
from app.cli.options import manual
from app.cli.shell import Shell


@click.command(
    epilog=manual(
        "offhook stringee lint answer.json",
        "offhook stringee lint -",
        "offhook stringee lint https://old.example.com/answer_url.php --as phone-to-app "
        "--from +84900000001 --to +842400000001",
        "offhook stringee lint answer.json --as phone-to-phone --against reception",
        exits=(Exit.FLOW, Exit.NOT_FOUND, Exit.CALL_FAILED),
        reads=("STRINGEE_SIGNING_KEY", "PUBLIC_URL", "OFFHOOK_FLOWS"),
        see=("stringee verify", "phone", "docs/stringee.md"),
    )
)
@click.argument("source", metavar="FILE|URL")
@click.option(
    "--as",
    "kind",
    type=click.Choice(["app-to-app", "app-to-phone", "phone-to-app", "phone-to-phone"]),
    help="Which type of call it answers; phone-to-app for a URL, and with --against.",
)
@click.option("--from", "caller", metavar="WHO", help="Who calls: a number or a user's id.")
@click.option("--to", "called", metavar="WHOM", help="What is called: a number or a user's id.")
@click.option("--user", metavar="ID", help="Who is logged in at the app that calls.")
@click.option("--custom", metavar="TEXT", help="What the app that calls gives along.")
@click.option(
    "--against",
    metavar="FLOW",
    shell_complete=flow_names,
    help="Show where this flow would answer otherwise.",
)
@click.pass_obj
def lint(shell: Shell, /, source: str, **options: Any) -> None:
    """Say what Stringee would do with an SCCO, and print it strict.

    FILE is one as a file (- reads stdin), also with comments and trailing commas as in Stringee's
    documentation. URL is an answer_url, which is asked as Stringee asks it, signed with
    STRINGEE_SIGNING_KEY where it is this server's own.

    What Stringee does stands on stderr, action by action: what is wrong with its r code, what
    nobody promised as a warning. The strict JSON goes to stdout. With 10 it exits where Stringee
    would not carry it out.

    --against calls FLOW in the same way, on a server of its own, and shows on stderr what it
    answers first (+) in the place of what this says (-).
    """
    from app.cli.stringee import linting  # noqa: PLC0415 -- loads the simulator

    linting.lint(shell, source, linting.Asked(**options))
