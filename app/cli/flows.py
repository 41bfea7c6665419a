"""``offhook flows``: the call flows that this server has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.callflow.prompts import NAME
from app.cli.completing import flow_names
from app.cli.exits import Exit, NotFoundError
from app.cli.options import json_option, manual
from app.cli.shell import Shell

if TYPE_CHECKING:
    from app.callflow.errors import Finding
    from app.callflow.flow import Flow


@click.group()
def flows() -> None:
    """The call flows: those of app/flows and of OFFHOOK_FLOWS."""


@flows.command(
    epilog=manual(
        "offhook flows check",
        "offhook flows check reception --provider stringee",
        "offhook flows check --json",
        exits=(Exit.FLOW, Exit.NOT_FOUND),
        reads=("OFFHOOK_FLOWS", "OFFHOOK_VOICES"),
        see=("flows show", "docs/errors.md"),
    )
)
@click.argument("name", required=False, shell_complete=flow_names)
@click.option(
    "--provider",
    "--platform",
    "provider",
    type=click.Choice(["callr", "stringee"]),
    help="Check for this platform alone, whether or not there are settings for it.",
)
@json_option
@click.pass_context
def check(ctx: click.Context, name: str | None, *, provider: str | None, as_json: bool) -> None:
    """Check every flow, for every platform that it is served on.

    Those are the platforms that there are settings for, unless the flow names others: Flow(on=...).
    With NAME, only that flow is told of.

    Prints all that is found in any of them, and what to write instead. Errors stop a server's
    start, and give the exit code 4; warnings do not.
    """
    from app.platforms import (  # noqa: PLC0415 -- loads everything
        all_platforms,
        check_flows,
        configured,
        not_served,
    )

    shell: Shell = ctx.obj
    settings = shell.settings
    platforms = [all_platforms(settings)[provider]] if provider else configured(settings)
    checked = check_flows(settings, platforms)
    found, findings = checked if name is None else _of(name, *checked)
    if as_json:
        shell.output.json([_finding_json(finding) for finding in findings])
    else:
        for finding in findings:
            shell.output.data(f"{finding.level}: {finding}")
    errors = sum(finding.level == "error" for finding in findings)
    warnings = len(findings) - errors
    names = ", ".join(found) or "none"
    checked_for = ", ".join(one.name for one in platforms)
    shell.output.note(
        f"Flows: {names}. Checked for: {checked_for}. Errors: {errors}. Warnings: {warnings}."
    )
    if elsewhere := not_served(found, platforms):
        shell.output.note(f"For other platforms, and not checked: {', '.join(elsewhere)}.")
    if errors:
        ctx.exit(Exit.FLOW)


@flows.command(
    "list",
    epilog=manual(
        "offhook flows list",
        "offhook flows list --json",
        reads=("OFFHOOK_FLOWS",),
        see=("flows show", "flows check"),
    ),
)
@json_option
@click.pass_obj
def list_(shell: Shell, *, as_json: bool) -> None:
    """List the call flows.

    PLATFORMS are those that a flow is served on; GIVEN are the variables that come from outside;
    VERSION changes with everything in a flow that matters to a call.
    """
    from app.cli.flow_views import flow_json, flow_row  # noqa: PLC0415 -- only here
    from app.flowbook import errors_of, find_flows  # noqa: PLC0415 -- imports every flow

    found, findings = find_flows(shell.settings.flows)
    if as_json:
        shell.output.json([flow_json(flow) for flow in found.values()])
    else:
        shell.output.table(
            ("NAME", "STEPS", "LANGUAGES", "PLATFORMS", "GIVEN", "VERSION"),
            [flow_row(flow) for flow in found.values()],
            empty="No flows yet: `offhook flows new NAME` writes one.",
        )
    if errors_of(findings):
        shell.output.warn("Some flows cannot be used: `offhook flows check` says why.")


@flows.command(
    epilog=manual(
        "offhook flows show reception",
        "offhook flows show clinic --json",
        exits=(Exit.FLOW, Exit.NOT_FOUND),
        reads=("OFFHOOK_FLOWS", "OFFHOOK_VOICES"),
        see=("flows draw", "flows check", "docs/flows.md"),
    )
)
@click.argument("name", shell_complete=flow_names)
@json_option
@click.pass_obj
def show(shell: Shell, name: str, *, as_json: bool) -> None:
    """Tell the steps of a call flow, and their exits.

    NAME is the flow's, as `offhook flows list` has it. The first line says on which platforms it is
    served. What is found wrong with it, on those that there are settings for, is said on stderr.
    """
    from app.cli.flow_views import flow_json, flow_lines  # noqa: PLC0415 -- only here
    from app.platforms import NAMES  # noqa: PLC0415 -- loads everything

    flow, findings = _find(shell, name)
    if as_json:
        findings_json = [_finding_json(finding) for finding in findings]
        shell.output.json({**flow_json(flow), "findings": findings_json})
    else:
        for line, style in flow_lines(flow, NAMES):
            shell.output.data(line, style=style)
    for finding in findings:
        shell.output.note(f"{finding.level}: {finding}")


@flows.command(
    epilog=manual(
        "offhook flows draw reception > reception.mmd",
        exits=(Exit.FLOW, Exit.NOT_FOUND),
        reads=("OFFHOOK_FLOWS", "OFFHOOK_VOICES"),
        see=("flows show", "calls show"),
    )
)
@click.argument("name", shell_complete=flow_names)
@click.pass_obj
def draw(shell: Shell, name: str) -> None:
    """Draw a call flow as Mermaid text.

    NAME is the flow's, as `offhook flows list` has it. mermaid.live, GitHub and many editors show
    the text as a flowchart.
    """
    flow, _ = _find(shell, name)
    for line in flow.draw().splitlines():
        shell.output.data(line)


@flows.command(
    epilog=manual(
        "offhook flows new orders",
        "offhook flows new orders --folder ./my",
        reads=("OFFHOOK_FLOWS",),
        see=("phone", "flows check", "docs/flows.md"),
    )
)
@click.argument("name")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to write it; app/flows by default, where it is found by itself.",
)
@click.pass_obj
def new(shell: Shell, name: str, *, folder: Path | None) -> None:
    """Write the file of a new call flow that works, with comments to go on from.

    NAME is also what stands in the flow's URL: small letters, digits and _. Prints the file's
    path; a file or a flow that is there already is left as it is.
    """
    import app.flows  # noqa: PLC0415 -- only here
    from app.cli import new_flow  # noqa: PLC0415 -- only here
    from app.flowbook import find_flows  # noqa: PLC0415 -- imports every flow

    if not NAME.match(name):
        msg = f"{name!r} is no name: a small letter, then at most 31 small letters, digits and _."
        raise click.BadParameter(msg, param_hint="NAME")
    found, findings = find_flows(shell.settings.flows)
    if name in found or any(finding.flow == name for finding in findings):
        raise click.BadParameter(f"there is a flow '{name}' already.", param_hint="NAME")
    own = Path(str(app.flows.__file__)).parent
    try:
        file = new_flow.write(name, folder or own)
    except FileExistsError:
        msg = f"{folder or own}/{name}.py is there already; it was left as it is."
        raise click.BadParameter(msg, param_hint="NAME") from None
    except OSError as problem:
        raise click.FileError(str(folder or own), hint=problem.strerror) from None
    shell.output.data(str(_from(shell.folder, file)))
    if folder and folder.resolve() not in _searched(own, shell.settings.flows):
        places = ",".join(filter(None, (shell.settings.flows, str(folder.resolve()))))
        shell.output.note(f"Add the folder, so that it is found: OFFHOOK_FLOWS={places}")
    shell.output.note(f"Next: offhook phone {name}")


def _from(here: Path, file: Path) -> Path:
    """The file as one writes it here, where it is below."""
    below = file.resolve().is_relative_to(here.resolve())
    return file.resolve().relative_to(here.resolve()) if below else file


def _searched(own: Path, also: str) -> list[Path]:
    """The folders that flows are found in."""
    return [own.resolve(), *(Path(part.strip()).resolve() for part in also.split(",") if part)]


def _find(shell: Shell, name: str) -> tuple[Flow, Sequence[Finding]]:
    """A flow, and all that is found in it.

    Raises:
        FlowError: it is there and cannot be used.
        NotFoundError: it is not there.
    """
    from app.flowbook import errors_of, refused  # noqa: PLC0415 -- as above
    from app.platforms import check_flows, configured  # noqa: PLC0415 -- loads everything

    found, findings = _of(name, *check_flows(shell.settings, configured(shell.settings)))
    if name not in found:
        raise refused(errors_of(findings))
    return found[name], findings


def _of(
    name: str, found: Mapping[str, Flow], findings: Sequence[Finding]
) -> tuple[Mapping[str, Flow], Sequence[Finding]]:
    """The flow of a name, unless it cannot be defined, and what is found in it.

    Raises:
        NotFoundError: there is no such flow.
        FlowError: there is none, but it may stand in what cannot be loaded.
    """
    from app.flowbook import errors_of, refused  # noqa: PLC0415 -- as above

    of_flow = [finding for finding in findings if finding.flow == name]
    if name in found:
        return {name: found[name]}, of_flow
    if of_flow:
        return {}, of_flow
    if errors := errors_of(findings):
        raise refused(errors, missing=name)
    msg = f"There is no flow '{name}'."
    raise NotFoundError(msg, mend=f"There are: {', '.join(found) or 'none'}.")


def _finding_json(finding: Finding) -> dict[str, str]:
    return {
        "level": finding.level,
        "flow": finding.flow,
        "step": finding.step,
        "field": finding.field,
        "message": finding.message,
        "mend": finding.mend,
    }
