"""``offhook calls``: what happened to calls, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import click

from app.callflow.errors import JournalError
from app.cli.completing import last_call
from app.cli.exits import Exit, NotFoundError
from app.cli.options import json_option, manual
from app.cli.shell import Shell
from app.cli.wanting import tests_option, wanted_of, wanted_options

if TYPE_CHECKING:
    from app.cli.call_views import Shown
    from app.journal import History
    from app.journal.queries import JournalledCall
    from app.journal.wanted import Wanted
    from app.sounds import Recording

_NONE_YET = (
    "No calls yet in {place} (DATABASE_URL). Without any account: ring the server that `offhook "
    "serve` runs by its URL, `offhook phone http://127.0.0.1:8000/callr/FLOW`; --tests shows that "
    "call. (`offhook phone FLOW` has a server and a journal of its own.)"
)
_NONE_FITS = "No call fits."


@click.group()
def calls() -> None:
    """What happened to calls, out of the journal."""


@calls.command(
    "list",
    epilog=manual(
        "offhook calls list",
        'offhook calls list --on "last tuesday" --caller "06 12 34 56 78"',
        "offhook calls list --since 7d --outcome failed",
        "offhook calls list --on yesterday --disposition message",
        "offhook calls list --step voicemail --var team=sales --json",
        exits=(Exit.JOURNAL,),
        reads=("DATABASE_URL", "TIMEZONE", "COUNTRY"),
        see=("calls show", "calls export", "calls reconcile"),
    ),
)
@click.option(
    "--limit",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    help="At most so many calls.",
)
@wanted_options
@json_option
@click.pass_obj
def list_(shell: Shell, /, *, limit: int, as_json: bool, **asked: Any) -> None:
    """List calls, newest first: all of them, or those that fit every option.

    STARTED is in the time zone of the settings (TIMEZONE), and so are the dates that you write;
    --json gives UTC. LASTED is in minutes and seconds; ! counts the incidents of a call. A call
    that has not ended has the outcome `live`, or `lost` after hours of silence.

    DATE is a day ("last tuesday", yesterday, 17 nov, 2026-11-17), a month (2026-11, "last month"),
    a week ("last week"), a minute ("yesterday 14:30"), or how long ago (12h, 7d).
    """
    from app.cli.call_views import call_json, call_row  # noqa: PLC0415 -- loads the telling

    wanted = wanted_of(shell, **asked)
    history = journal_of(shell)
    # One call more tells whether there are older ones, without counting them all.
    found = history.calls(wanted, limit=limit + 1) if history else ()
    told = found[:limit]
    if as_json:
        shell.output.json([call_json(one) for one in told])
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
        [call_row(one, shell.settings.timezone) for one in told],
        empty=_empty(history, wanted) if history else _none_yet(shell),
    )
    if len(found) > limit:
        shell.output.note(f"There are older ones: --limit {min(limit * 5, 1000)} shows more.")


@calls.command(
    epilog=manual(
        "offhook calls show last",
        "offhook calls show callr:242359184129 --raw",
        "offhook calls show 242359184129 --json",
        "offhook calls show last --html > call.html",
        exits=(Exit.NOT_FOUND, Exit.JOURNAL),
        reads=("DATABASE_URL", "TIMEZONE"),
        see=("calls list", "phone", "docs/runbook.md"),
    )
)
@click.argument("call", metavar="ID|last", shell_complete=last_call)
@click.option(
    "--raw", is_flag=True, help="Add what was sent, and each reply; sealed state is cut short."
)
@click.option("--html", "as_html", is_flag=True, help="Print one HTML file, with the flow drawn.")
@tests_option
@json_option
@click.pass_obj
def show(
    shell: Shell, /, call: str, *, raw: bool, as_html: bool, tests: bool, as_json: bool
) -> None:
    """Tell a call as a dialogue with times.

    ID is ours (callr:242359184129), the platform's, or the beginning of either. `last` is the
    newest call; with --tests also one that a phone rang without a voice app.

    Times are minutes and seconds since the platform's first word of the call. Each line says who:
    we, the caller (or the called, on an outbound call), the platform, or the flow, whose exits are
    told as `step: exit`. ! is an incident. --json gives all that is journalled, raw bodies in full.

    --html prints one file that loads nothing: the dialogue, and the flow as it was when it took
    the call, with the way that the call went. It tells all that the caller pressed: mind who gets
    it.
    """
    from app.cli.call_views import call_heading, call_page, dialogue, shown_json  # noqa: PLC0415 -- loads the telling

    if as_html and as_json:
        raise click.UsageError("--html and --json exclude each other.")
    history = journal_that_is_there(shell)
    told = _shown(shell, history, find_call(history, call, tests=tests))
    if as_json:
        shell.output.json(shown_json(told))
        return
    zone = shell.settings.timezone
    if as_html:
        prints = dict.fromkeys(turn.fingerprint for turn in told.turns if turn.fingerprint)
        versions = {one: history.version(one) for one in prints}
        shell.output.stream(call_page(told, versions, zone, raw=raw).splitlines())
        return
    shell.output.data(call_heading(told.found, zone, len(told.notices)), style="bold")
    for text, style in dialogue(told, raw=raw):
        shell.output.data(text, style=style)


def _shown(shell: Shell, history: History, found: JournalledCall) -> Shown:
    """A call with all that is journalled of it."""
    from app.cli.call_views import Shown  # noqa: PLC0415 -- loads the telling

    key = found.row.key
    turns, notices = history.turns(key), history.notices(key)
    return Shown(found, turns, notices, recordings_of(shell, found))


def journal_of(shell: Shell) -> History | None:
    """The journal of the settings; None where there is none yet."""
    # SQLAlchemy and Alembic are slow to load.
    from app.journal import History, SchemaStatus, schema_status  # noqa: PLC0415

    url = shell.settings.database_url
    return None if schema_status(url) is SchemaStatus.NONE else History(url)


def journal_that_is_there(shell: Shell) -> History:
    """The journal of the settings.

    Raises:
        NotFoundError: there is none yet.
    """
    history = journal_of(shell)
    if history is None:
        raise NotFoundError(_none_yet(shell))
    return history


def _none_yet(shell: Shell) -> str:
    """What to say where there is no journal yet."""
    from app.journal import History  # noqa: PLC0415 -- loads SQLAlchemy

    return _NONE_YET.format(place=History(shell.settings.database_url).place)


def recordings_of(shell: Shell, found: JournalledCall) -> Sequence[Recording]:
    """What was recorded in a call; of a journal that is too old to tell, nothing."""
    from app.journal.recordings import Recordings  # noqa: PLC0415 -- loads SQLAlchemy

    try:
        return Recordings(shell.settings.database_url).of_call(found.row.key)
    except JournalError as problem:
        shell.output.warn(f"What was recorded is not shown. {problem}")
        return ()


def _empty(history: History, wanted: Wanted) -> str:
    """What to say where there are no calls: that none fits, or how to come by one."""
    from app.journal.wanted import Wanted  # noqa: PLC0415 -- loads SQLAlchemy

    if not wanted.tests and history.calls(replace(wanted, tests=True), limit=1):
        return "No calls but those that a phone rang as tests: --tests shows them."
    if wanted != Wanted(tests=wanted.tests):
        return _NONE_FITS
    return _NONE_YET.format(place=history.place)


def find_call(history: History, name: str, *, tests: bool) -> JournalledCall:
    """The call that somebody names.

    Raises:
        NotFoundError: there is none, or there are several.
    """
    from app.journal.wanted import Wanted  # noqa: PLC0415 -- loads SQLAlchemy

    wanted = Wanted(tests=tests)
    if name == "last" and not history.calls(wanted, limit=1):
        raise NotFoundError(_empty(history, wanted))
    try:
        return history.call(name, tests=tests)
    except JournalError as problem:
        if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        raise NotFoundError(problem.message, mend=problem.mend) from None
