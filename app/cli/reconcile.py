"""``offhook calls reconcile``: which calls a platform had and Offhook did not answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from app.cli.exits import Exit, NotFoundError, UnheardError
from app.cli.options import CALLR, OF_PLATFORM, STRINGEE, STRINGEE_ACCOUNT, json_option, manual
from app.cli.shell import Shell
from app.cli.wanting import clock_of
from app.cli.which_platform import platform_of, provider_option

if TYPE_CHECKING:
    from app.callr.api import CallrApi
    from app.callr.cdrs import Cdr
    from app.cli.reconciling import Difference
    from app.journal import JournalledCall

_A_DAY = timedelta(days=1)
_MARGIN = timedelta(hours=1)
"""By how much the clocks of a platform and of this server may differ about when a call began."""


@click.command(
    epilog=manual(
        "offhook calls reconcile --since 7d",
        "offhook calls reconcile --since yesterday --until yesterday --json",
        exits=(Exit.UNHEARD, *OF_PLATFORM, Exit.NOT_FOUND, Exit.JOURNAL),
        reads=(*CALLR, *STRINGEE, *STRINGEE_ACCOUNT[1:], "PUBLIC_URL", "DATABASE_URL", "TIMEZONE"),
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
@provider_option
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
    provider: str | None,
    as_json: bool,
) -> None:
    """Compare a platform's own records of calls with the journal.

    Tells the calls that it had and the journal has not (this server was down, asleep, or refused
    them), those that the journal has and it has not, and those that ended or lasted otherwise.
    DATE is as in `offhook calls list`; times are in the time zone of the settings, those of --json
    in UTC.

    Exits with 3 when somebody went unheard: they called, or picked up, and got no reply of ours.
    Run daily, it tells what no caller reports.
    """
    from app.cli.reconciling import NAMES, Kind, compare  # noqa: PLC0415 -- loads SQLAlchemy

    clock = clock_of(shell)
    begin, _ = clock.span(since, "--since")
    _, end = clock.span(until, "--until")
    end = min(end, clock.now.astimezone(UTC))
    if begin >= end:
        msg = f"--since ({clock.told(begin)}) is not before --until ({clock.told(end)})."
        raise click.UsageError(msg)
    platform = platform_of(shell.settings, provider)
    both = _of_stringee if platform == "stringee" else _of_callr
    cdrs, calls, left_out = both(shell, apps, begin, end)
    found = compare(cdrs, calls, now=datetime.now(UTC), tolerance_s=tolerance_s, platform=platform)
    _print(shell, found, as_json=as_json)
    shell.output.note(
        f"From {clock.told(begin)} to {clock.told(end)}, {shell.settings.timezone}: "
        f"{NAMES[platform]} has {_counted(len(cdrs), 'call')}, the journal {len(calls)}; "
        f"{len(found) or 'none'} of them {'differs' if len(found) == 1 else 'differ'}."
    )
    if left_out:
        shell.output.note(left_out)
    unheard = sum(one.kind is Kind.UNHEARD for one in found)
    if unheard:
        msg = f"{_counted(unheard, 'caller')} went unheard."
        mend = (
            f"`offhook doctor` says whether {NAMES[platform]} reaches this server, and is let in."
        )
        raise UnheardError(msg, mend=mend)


def _of_callr(
    shell: Shell, apps: Sequence[str], begin: datetime, end: datetime
) -> tuple[list[Cdr], list[JournalledCall], str]:
    """Records, calls of the journal, and what was left out."""
    from app.cli.reconciling import concerned  # noqa: PLC0415 -- loads SQLAlchemy

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
    return cdrs, calls, _left_out([cdr for cdr in everything if cdr.app not in wanted])


def _of_stringee(
    shell: Shell, apps: Sequence[str], begin: datetime, end: datetime
) -> tuple[list[Cdr], list[JournalledCall], str]:
    """The same of Stringee, which has no voice apps."""
    from app.cli.reconciling import concerned  # noqa: PLC0415 -- loads SQLAlchemy
    from app.cli.stringee.records import records_of  # noqa: PLC0415 -- loads requests and jwt

    if apps:
        msg = "--app goes with CALLR, which has voice apps."
        raise click.UsageError(msg)
    shell.require("public_url")
    calls = [one for one in _journalled(shell, begin, end) if one.row.provider == "stringee"]
    cdrs, others = records_of(shell, calls, begin, end)
    told = f"Not looked at: {_counted(others, 'call')} that nothing here answers." * bool(others)
    return cdrs, concerned(calls, cdrs, begin, end, "stringee"), told


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


def _left_out(others: Sequence[Cdr]) -> str:
    """Name the voice apps whose calls were not looked at, but for those of another kind."""
    from app.callr.objects import REALTIME  # noqa: PLC0415 -- loads marshmallow

    hashes = sorted({cdr.app or "?" for cdr in others if cdr.app_kind in ("", REALTIME)})
    if not hashes:
        return ""
    return (
        f"Not looked at: {_counted(len(others), 'call')} of voice apps that are gone, or post "
        f"elsewhere ({', '.join(hashes)}); --app HASH takes one."
    )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" + "s" * (number != 1)
