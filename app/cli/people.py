"""``offhook people``: what is kept of one person, told to them or taken out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from app.callflow.errors import OffhookError
from app.callflow.parties import mask
from app.cli.exits import Exit, IncompleteError
from app.cli.options import CALLR, OF_PLATFORM, manual, yes_option
from app.cli.shell import Shell

if TYPE_CHECKING:
    from app.journal.people import Found, People
    from app.journal.recordings import Recordings
    from app.mentions import Mentions
    from app.sounds import Recording

number_argument = click.argument("number")


@click.group()
def people() -> None:
    """What is kept of one person, by their telephone number."""


@people.command(
    epilog=manual(
        'offhook people export "06 12 34 56 78" > theirs.json',
        exits=(Exit.JOURNAL,),
        reads=("DATABASE_URL", "COUNTRY"),
        see=("people forget", "docs/privacy.md"),
    )
)
@number_argument
@click.pass_obj
def export(shell: Shell, number: str) -> None:
    """Print as JSON all that is kept of a number.

    NUMBER is as people write it (COUNTRY says where). It prints every call with it as caller or
    called, whole; every call that was placed to it; and, of the calls of others, the places where
    it stands. The sounds themselves are fetched by `offhook recordings get`.
    """
    mentions, kept = _opened(shell, number)
    found = kept.find(mentions) if kept else None
    shell.output.json(_exported(shell, mentions, found))


@people.command(
    epilog=manual(
        'offhook people forget "06 12 34 56 78"',
        "offhook people forget +33612345678 --yes",
        exits=(*OF_PLATFORM, Exit.DECLINED, Exit.JOURNAL, Exit.INCOMPLETE),
        reads=("DATABASE_URL", "COUNTRY", *CALLR),
        see=("people export", "recordings delete", "docs/privacy.md"),
    )
)
@number_argument
@yes_option
@click.pass_obj
def forget(shell: Shell, number: str, *, yes: bool) -> None:
    """Take out all that is kept of a number, here and what was recorded.

    NUMBER is as people write it (COUNTRY says where). Says what there is, asks, then takes it out.

    Of a call with it as caller or called there stays when it was, how long it took, its flow and
    what it came to, under a key that leads nowhere. What was noted to place a call to it goes
    whole. In the calls of others, asterisks take its place.

    A call that is not over is left alone. It exits with 13 where something is left to be done.
    """
    mentions, kept = _opened(shell, number)
    found = kept.find(mentions) if kept else None
    if kept is None or not found:
        shell.output.note(f"The journal has nothing of {mask(mentions.number)}.")
        return
    recordings = _recordings(shell)
    theirs = [call for call in found.calls if call.key not in found.live]
    sounds = [one for call in theirs for one in recordings.of_call(call.key)]
    shell.output.note(f"{mask(mentions.number)}: {_summary(found, sounds)}.")
    if any(_is_kept(one) and one.provider == "callr" for one in sounds):
        shell.output.note(f"CALLR: {shell.whom}")
    shell.confirm("Forget it for good?", yes=yes)
    for call in theirs:
        kept.forget_call(call, mentions)
    for start in found.starts:
        kept.forget_start(start)
    for key in {one.call_key for one in found.mentions} - found.live - {""}:
        kept.blank_call(key, mentions)
    kept.blank_alone(found.mentions, mentions)
    left = _delete_sounds(shell, [one for one in sounds if _is_kept(one)], recordings)
    if found.live:
        calls = ", ".join(sorted(found.live))
        left.append(f"Not over yet, and left as it is: {calls}. Repeat this when it is.")
    if left:
        msg = "Forgotten but for this:\n  " + "\n  ".join(left)
        raise IncompleteError(msg)
    shell.output.note("Forgotten.")


def _opened(shell: Shell, number: str) -> tuple[Mentions, People | None]:
    """The number as it may be written, and the journal; None where there is none yet."""
    from app.journal import SchemaStatus, schema_status  # noqa: PLC0415 -- loads SQLAlchemy
    from app.journal.people import People as Journalled  # noqa: PLC0415 -- as above
    from app.mentions import Mentions as Spelled  # noqa: PLC0415 -- as above
    from app.numbers import read_number  # noqa: PLC0415 -- as above

    country, url = shell.settings.country, shell.settings.database_url
    mentions = Spelled(read_number(number, country), country)
    there = schema_status(url) is not SchemaStatus.NONE
    return mentions, Journalled(url) if there else None


def _recordings(shell: Shell) -> Recordings:
    from app.journal.recordings import Recordings as Journalled  # noqa: PLC0415 -- SQLAlchemy

    return Journalled(shell.settings.database_url)


def _is_kept(recording: Recording) -> bool:
    return bool(recording.media_id) and recording.status != "deleted"


def _delete_sounds(shell: Shell, sounds: Sequence[Recording], recordings: Recordings) -> list[str]:
    """Delete sounds where they are kept; gives what could not be deleted, and why."""
    from app.keeping.libraries import library_of  # noqa: PLC0415 -- loads requests
    from app.keeping.recordings import delete_now  # noqa: PLC0415 -- as above

    left = []
    for one in sounds:
        try:
            with library_of(shell.settings, one.provider) as library:
                delete_now(one, library, recordings)
        except OffhookError as problem:
            why = problem.message.splitlines()[0]
            left.append(
                f"Recording {one.id} ({one.provider} {one.media_id}) is not deleted yet: {why} "
                "A server with credentials deletes it as soon as it can."
            )
    return left


def _summary(found: Found, sounds: Sequence[Recording]) -> str:
    elsewhere = {one.call_key or one.token or one.event_id for one in found.mentions}
    counted = (
        (len(found.calls), "call"),
        (len(sounds), "recording"),
        (len(found.starts), "call start"),
        (len(elsewhere), "mention"),
    )
    told = [f"{count} {what}{'s' * (count != 1)}" for count, what in counted if count]
    return ", ".join(told) + " in calls of others" * bool(elsewhere)


def _exported(shell: Shell, mentions: Mentions, found: Found | None) -> dict[str, Any]:
    from app.cli.call_views import Shown, shown_json  # noqa: PLC0415 -- SQLAlchemy
    from app.journal import History  # noqa: PLC0415 -- as above

    told: dict[str, Any] = {"number": mentions.number, "calls": [], "starts": [], "mentions": []}
    if not found:
        return told
    history, recordings = History(shell.settings.database_url), _recordings(shell)
    for call in found.calls:
        shown = Shown(
            history.call(call.key),
            turns=history.turns(call.key),
            notices=history.notices(call.key),
            recordings=recordings.of_call(call.key),
        )
        told["calls"].append(shown_json(shown))
    told["starts"] = [
        {
            "token": start.token,
            "number": start.number,
            "flow": start.flow,
            "variables": dict(start.variables),
            "field": start.field,
            "created_at": start.created_at.isoformat(),
            "status": start.status,
            "detail": start.detail,
        }
        for start in found.starts
    ]
    told["mentions"] = [
        {
            "call": one.call_key,
            "start": one.token,
            "at": one.at.isoformat(),
            "places": [{"where": where, "text": text} for where, text in one.places],
        }
        for one in found.mentions
    ]
    return told
