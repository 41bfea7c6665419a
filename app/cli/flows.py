"""``offhook flows``: the call flows that this server has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.cli.exits import Exit
from app.cli.options import examples, json_option
from app.cli.shell import Shell

if TYPE_CHECKING:
    from app.callflow.errors import Finding


@click.group()
def flows() -> None:
    """The call flows: those of app/flows and of OFFHOOK_FLOWS."""


@flows.command(epilog=examples("offhook flows check", "offhook flows check --json"))
@json_option
@click.pass_context
def check(ctx: click.Context, *, as_json: bool) -> None:
    """Check every flow, for every platform that it is served on.

    Prints all that is found in any of them, and what to write instead. Errors stop a server's
    start, and give the exit code 4; warnings do not.
    """
    from app.bootstrap import callr_provider, check_flows  # noqa: PLC0415 -- loads everything

    shell: Shell = ctx.obj
    found, findings = check_flows(shell.settings, [callr_provider(shell.settings)])
    if as_json:
        shell.output.json([_finding_json(finding) for finding in findings])
    else:
        for finding in findings:
            shell.output.data(f"{finding.level}: {finding}")
    errors = sum(finding.level == "error" for finding in findings)
    warnings = len(findings) - errors
    names = ", ".join(found) or "none"
    shell.output.note(f"Flows: {names}. Errors: {errors}. Warnings: {warnings}.")
    if errors:
        ctx.exit(Exit.FLOW)


def _finding_json(finding: Finding) -> dict[str, str]:
    return {
        "level": finding.level,
        "flow": finding.flow,
        "step": finding.step,
        "field": finding.field,
        "message": finding.message,
        "mend": finding.mend,
    }
