"""``offhook stringee projects``: projects of the account, and what answers their client apps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.cli.completing import flow_names
from app.cli.exits import Exit, NotFoundError
from app.cli.options import OF_PLATFORM, STRINGEE_ACCOUNT, json_option, manual, yes_option
from app.cli.shell import Shell

if TYPE_CHECKING:
    from app.stringee.objects import Project


@click.group()
def projects() -> None:
    """The projects of the account at Stringee.

    Needs STRINGEE_ACCOUNT_SID and STRINGEE_ACCOUNT_KEY.
    """


@projects.command(
    "list",
    epilog=manual(
        "offhook stringee projects list",
        exits=OF_PLATFORM,
        reads=STRINGEE_ACCOUNT,
        see=("stringee projects point", "numbers list"),
    ),
)
@json_option
@click.pass_obj
def list_(shell: Shell, *, as_json: bool) -> None:
    """List the projects of the account, with their addresses."""
    with shell.stringee_account() as api:
        found = api.projects()
    if as_json:
        shell.output.json(
            [
                {
                    "id": one.id,
                    "name": one.name,
                    "answer_url": one.answer_url,
                    "event_url": one.event_url,
                }
                for one in found
            ]
        )
        return
    shell.output.table(
        ("ID", "NAME", "ANSWER URL", "EVENT URL"),
        [(one.id, one.name, one.answer_url or "-", one.event_url or "-") for one in found],
        empty="The account has no projects yet; Stringee's dashboard makes them.",
    )


@projects.command(
    epilog=manual(
        "offhook stringee projects point Acme reception",
        "offhook stringee projects point 22512 reception --yes",
        exits=(*OF_PLATFORM, Exit.NOT_FOUND, Exit.FLOW, Exit.DECLINED, Exit.JOURNAL),
        reads=(*STRINGEE_ACCOUNT, "PUBLIC_URL", "OFFHOOK_FLOWS", "DATABASE_URL"),
        see=("stringee projects undo", "numbers point", "docs/stringee.md"),
    )
)
@click.argument("project")
@click.argument("flow", shell_complete=flow_names)
@yes_option
@click.pass_obj
def point(shell: Shell, project: str, flow: str, *, yes: bool) -> None:
    """Have a call flow answer the calls that a project's client apps place.

    PROJECT is its id or its name. Gives it PUBLIC_URL/stringee/FLOW/answer and
    PUBLIC_URL/stringee/events. What it had before is kept in the journal (DATABASE_URL), so that
    `offhook stringee projects undo` puts it back. Shows before and after, and asks first.

    That a project can be changed so is not documented; where Stringee refuses, the way by hand is
    told.
    """
    from app.cli.stringee.pointing import (  # noqa: PLC0415 -- not for --help
        check_ready,
        point_place,
        project_place,
    )

    moves = check_ready(shell, flow)
    with shell.stringee_account() as api:
        place = project_place(api, _find(api.projects(), project))
        point_place(shell, moves, place, flow, yes=yes)


@projects.command(
    epilog=manual(
        "offhook stringee projects undo Acme",
        exits=(*OF_PLATFORM, Exit.NOT_FOUND, Exit.DECLINED, Exit.JOURNAL),
        reads=(*STRINGEE_ACCOUNT, "DATABASE_URL"),
        see=("stringee projects point",),
    )
)
@click.argument("project")
@yes_option
@click.pass_obj
def undo(shell: Shell, project: str, *, yes: bool) -> None:
    """Give PROJECT the addresses that it had before its last `projects point`.

    PROJECT is its id or its name. Shows before and after, and asks first. Only the last move can be
    undone, and only once.
    """
    from app.cli.stringee.pointing import project_place, undo_place  # noqa: PLC0415 -- as above

    with shell.stringee_account() as api:
        undo_place(shell, project_place(api, _find(api.projects(), project)), yes=yes)


def _find(found: list[Project], text: str) -> Project:
    """The project with this id, else the only one with this name.

    Raises:
        NotFoundError: there is none, or several have the name.
    """
    by_id = [one for one in found if one.id == text]
    matches = by_id or [one for one in found if one.name == text]
    if len(matches) == 1:
        return matches[0]
    if matches:
        ids = ", ".join(one.id for one in matches)
        msg = f"{len(matches)} projects are called '{text}'."
        raise NotFoundError(msg, mend=f"Say which by its id: {ids}.")
    msg = f"No project has the id or the name '{text}'."
    raise NotFoundError(msg, mend="`offhook stringee projects list` shows those there are.")
