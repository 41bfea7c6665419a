"""``offhook calls reconcile``: which calls CALLR had and Offhook did not answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from app.cli.exits import Exit, NotFoundError, UnheardError
from app.cli.options import CALLR, OF_PLATFORM, json_option, manual
from app.cli.shell import Shell
from app.cli.wanting import clock_of

if TYPE_CHECKING:
    from app.callr.api import CallrApi
    from app.callr.cdrs import Cdr
    from app.cli.reconciling import Difference
    from app.journal import JournalledCall

_A_DAY = timedelta(days=1)
_MARGIN = timedelta(hours=1)
"""By how much the clocks of CALLR and of this server may differ about when a call began."""


@click.command(
    epilog=manual(
        "offhook calls reconcile --since 7d",
        "offhook calls reconcile --since yesterday --until yesterday --json",
        exits=(Exit.UNHEARD, *OF_PLATFORM, Exit.NOT_FOUND, Exit.JOURNAL),
        reads=(*CALLR, "PUBLIC_URL", "DATABASE_URL", "TIMEZONE"),
        see=("calls list", "doctor", "docs/runbook.md"),
    )
)
@click.option(
    "--since", default="7d", show_default=True, metavar="DATE", help="Calls begun then or later."
)
@click.option("--until", default="now", metavar="DATE", help="Begun before the end of then.")
@click.option(
    "--app",
    "apps",
    multiple=True,
    metavar="HASH",
    help="Of this voice app; else of all that post to PUBLIC_URL.",
)
@click.option(
    "--tolerance",
    "tolerance_s",
    type=click.FloatRange(min=0),
    default=10,
    show_default=True,
    metavar="S",
    help="By how many seconds lengths may differ.",
)
@json_option
@click.pass_obj
def reconcile(
    shell: Shell,
    /,
    *,
    since: str,
    until: str,
    apps: Sequence[str],
    tolerance_s: float,
    as_json: bool,
) -> None:
    """Compare CALLR's own records of calls with the journal.

    Tells the calls that CALLR had and the journal has not (this server was down, asleep, or refused
    them), those that the journal has and CALLR has not, and those that ended or lasted otherwise.
    DATE is as in `offhook calls list`; times are in the time zone of the settings, those of --json
    in UTC.

    Exits with 3 when somebody went unheard: they called, or picked up, and got no reply of ours.
    Run daily, it tells what no caller reports.
    """
    from app.cli.reconciling import Kind, compare, concerned  # noqa: PLC0415 -- loads SQLAlchemy

    clock = clock_of(shell)
    begin, _ = clock.span(since, "--since")
    _, end = clock.span(until, "--until")
    end = min(end, clock.now.astimezone(UTC))
    if begin >= end:
        msg = f"--since ({clock.told(begin)}) is not before --until ({clock.told(end)})."
        raise click.UsageError(msg)
    with shell.callr() as api:
        wanted = set(apps) or _ours(shell, api)
        everything = list(_cdrs(api, begin, end))
    cdrs = [cdr for cdr in everything if cdr.app in wanted and not cdr.second_leg]
    calls = concerned(_journalled(shell, begin, end), cdrs, begin, end)
    # The journal does not say of which voice app a call was; the records do.
    known, left_out = {cdr.callid for cdr in cdrs}, {cdr.callid for cdr in everything}
    calls = [
        call
        for call in calls
        if call.row.platform_id in known or not (apps or call.row.platform_id in left_out)
    ]
    found = compare(cdrs, calls, now=datetime.now(UTC), tolerance_s=tolerance_s)
    _print(shell, found, as_json=as_json)
    shell.output.note(
        f"From {clock.told(begin)} to {clock.told(end)}, {shell.settings.timezone}: CALLR has "
        f"{_counted(len(cdrs), 'call')}, the journal {len(calls)}; "
        f"{len(found) or 'none'} of them {'differs' if len(found) == 1 else 'differ'}."
    )
    _say_left_out(shell, [cdr for cdr in everything if cdr.app not in wanted])
    unheard = sum(one.kind is Kind.UNHEARD for one in found)
    if unheard:
        msg = f"{_counted(unheard, 'caller')} went unheard."
        mend = "`offhook doctor` says whether CALLR reaches this server, and with which password."
        raise UnheardError(msg, mend=mend)


def _ours(shell: Shell, api: CallrApi) -> set[str]:
    """The voice apps that post to PUBLIC_URL.

    Raises:
        NotFoundError: there are none.
    """
    from app.callr.placing import webhook_url  # noqa: PLC0415 -- loads requests

    shell.require("public_url")
    prefix = webhook_url(shell.settings.public_url, "")
    found = {app.hash for app in api.apps() if app.url.startswith(prefix)}
    if not found:
        msg = f"No voice app posts to {shell.settings.public_url}."
        mend = "`offhook apps list` shows where they post; --app HASH takes one all the same."
        raise NotFoundError(msg, mend=mend)
    return found


def _cdrs(api: CallrApi, since: datetime, until: datetime) -> Iterator[Cdr]:
    """The records of both directions, asked for day by day: nothing bounds an answer's length."""
    seen: set[tuple[str, str]] = set()
    while since < until:
        end = min(since + _A_DAY, until)
        for cdr in [*api.cdrs("IN", since, end), *api.cdrs("OUT", since, end)]:
            if (cdr.callid, cdr.direction) not in seen:  # both ends are included
                seen.add((cdr.callid, cdr.direction))
                yield cdr
        since = end


def _journalled(shell: Shell, since: datetime, until: datetime) -> Iterable[JournalledCall]:
    from app.cli.calls import journal_of  # noqa: PLC0415 -- only here
    from app.cli.exporting import calls_of  # noqa: PLC0415 -- only here
    from app.journal import Wanted  # noqa: PLC0415 -- loads SQLAlchemy

    history = journal_of(shell)
    wanted = Wanted(since=since - _MARGIN, until=until + _MARGIN)
    return calls_of(history, wanted) if history else ()


def _print(shell: Shell, found: Sequence[Difference], *, as_json: bool) -> None:
    from app.cli.call_views import moment  # noqa: PLC0415 -- loads the telling

    if as_json:
        shell.output.json([{**asdict(one), "began": one.began.isoformat()} for one in found])
        return
    rows = [
        (
            moment(one.began, shell.settings.timezone),
            one.callid,
            one.direction,
            one.caller or "-",
            one.called or "-",
            str(one.kind),
            one.what,
        )
        for one in found
    ]
    columns = ("STARTED", "CALLID", "DIRECTION", "CALLER", "CALLED", "DIFFERS", "HOW")
    shell.output.table(columns, rows, empty="No call differs.")


def _say_left_out(shell: Shell, others: Sequence[Cdr]) -> None:
    """Name the voice apps whose calls were not looked at, but for those of another kind."""
    from app.callr.objects import REALTIME  # noqa: PLC0415 -- loads marshmallow

    hashes = sorted({cdr.app or "?" for cdr in others if cdr.app_kind in ("", REALTIME)})
    if hashes:
        shell.output.note(
            f"Not looked at: {_counted(len(others), 'call')} of voice apps that are gone, or post "
            f"elsewhere ({', '.join(hashes)}); --app HASH takes one."
        )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" + "s" * (number != 1)
