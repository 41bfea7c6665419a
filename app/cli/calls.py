"""``offhook calls``: what happened to calls, and why."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING

import click

from app.callflow.errors import JournalError
from app.cli.exits import NotFoundError
from app.cli.options import examples, json_option
from app.cli.shell import Shell

if TYPE_CHECKING:
    from app.journal import History
    from app.journal.queries import JournalledCall
    from app.journal.recordings import Recording

_NONE_YET = "No calls yet. `offhook phone FLOW` makes one without any account."

tests_option = click.option(
    "--tests", is_flag=True, help="Also calls that a phone rang without a voice app."
)


@click.group()
def calls() -> None:
    """What happened to calls, out of the journal."""


@calls.command(
    "list", epilog=examples("offhook calls list", "offhook calls list --limit 100 --json")
)
@click.option(
    "--limit",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    help="At most so many calls.",
)
@tests_option
@json_option
@click.pass_obj
def list_(shell: Shell, *, limit: int, tests: bool, as_json: bool) -> None:
    """List calls, newest first.

    STARTED is in UTC, LASTED in minutes and seconds; ! counts the incidents of a call. A call
    that has not ended has the outcome `live`.
    """
    from app.cli.call_views import call_json, call_row  # noqa: PLC0415 -- loads the telling

    history = _history(shell)
    # One call more tells whether there are older ones, without counting them all.
    found = history.calls(limit=limit + 1, tests=tests) if history else ()
    told = [(one, history.turns(one.row.key)) for one in found[:limit]] if history else []
    if as_json:
        shell.output.json([call_json(one, turns) for one, turns in told])
        return
    shell.output.table(
        (
            "STARTED",
            "CALL",
            "FLOW",
            "DIRECTION",
            "CALLER",
            "CALLED",
            "LASTED",
            "OUTCOME",
            "DISPOSITION",
            "!",
        ),
        [call_row(one, turns) for one, turns in told],
        empty=_empty(history, tests=tests),
    )
    if len(found) > limit:
        shell.output.note(f"There are older ones: --limit {min(limit * 5, 1000)} shows more.")


@calls.command(
    epilog=examples(
        "offhook calls show last",
        "offhook calls show callr:242359184129 --raw",
        "offhook calls show 242359184129 --json",
    )
)
@click.argument("call", metavar="ID|last")
@click.option("--raw", is_flag=True, help="Add each POST and its reply; sealed state is cut short.")
@tests_option
@json_option
@click.pass_obj
def show(shell: Shell, call: str, *, raw: bool, tests: bool, as_json: bool) -> None:
    """Tell a call as a dialogue with times.

    ID is ours (callr:242359184129), the platform's, or the beginning of either. `last` is the
    newest call; with --tests also one that a phone rang without a voice app.

    Times are minutes and seconds since the call's first report. Each line says who: we, the caller
    (or the called, on an outbound call), the platform, or the flow, whose exits are told as
    `step: exit`. ! is an incident. --json gives all that is journalled, raw bodies in full.
    """
    from app.cli.call_views import call_heading, dialogue, shown_json  # noqa: PLC0415 -- as above

    history = _history(shell)
    if history is None:
        raise NotFoundError(_NONE_YET)
    found = _find(history, call, tests=tests)
    turns = history.turns(found.row.key)
    recorded = _recordings(shell, found)
    if as_json:
        shell.output.json(shown_json(found, turns, recorded))
        return
    shell.output.data(call_heading(found), style="bold")
    for text, style in dialogue(found.row, turns, recorded, raw=raw):
        shell.output.data(text, style=style)


def _history(shell: Shell) -> History | None:
    """The journal of the settings; None where there is none yet."""
    # SQLAlchemy and Alembic are slow to load.
    from app.journal import History, SchemaStatus, schema_status  # noqa: PLC0415

    url = shell.settings.database_url
    return None if schema_status(url) is SchemaStatus.NONE else History(url)


def _recordings(shell: Shell, found: JournalledCall) -> Sequence[Recording]:
    """What was recorded in a call; of a journal that is too old to tell, nothing."""
    from app.journal.recordings import Recordings  # noqa: PLC0415 -- loads SQLAlchemy

    try:
        return Recordings(shell.settings.database_url).of_call(found.row.key)
    except JournalError as problem:
        shell.output.warn(f"What was recorded is not shown. {problem}")
        return ()


def _empty(history: History | None, *, tests: bool) -> str:
    if history and not tests and history.calls(limit=1, tests=True):
        return "No calls yet but those that a phone rang as tests: --tests shows them."
    return _NONE_YET


def _find(history: History, name: str, *, tests: bool) -> JournalledCall:
    if name == "last" and not history.calls(limit=1, tests=tests):
        raise NotFoundError(_empty(history, tests=tests))
    try:
        return history.call(name, tests=tests)
    except JournalError as problem:
        if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        raise NotFoundError(problem.message, mend=problem.mend) from None
