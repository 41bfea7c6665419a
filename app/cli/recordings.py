"""``offhook recordings``: what callers said, and where it is kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from app.callflow.errors import JournalError, OffhookError
from app.cli.exits import Exit, NotFoundError
from app.cli.options import (
    CALLR,
    OF_PLATFORM,
    STRINGEE,
    json_option,
    manual,
    yes_option,
)
from app.cli.shell import Shell

if TYPE_CHECKING:
    from app.journal.recordings import Recordings
    from app.sounds import Recording

_NONE_YET = "Nothing was recorded yet: a `record` step of a flow does it."


class FileThereError(OffhookError):
    """A file that is to be made is there already."""

    status = 409


@click.group()
def recordings() -> None:
    """What callers said.

    A server keeps each recording by itself, once it is told: CALLR's in CALLR's library, Stringee's
    in the journal. It needs the platform's credentials for that.
    """


@recordings.command(
    "list",
    epilog=manual(
        "offhook recordings list",
        exits=(Exit.JOURNAL,),
        reads=("DATABASE_URL", "TIMEZONE"),
        see=("recordings get", "calls show", "docs/privacy.md"),
    ),
)
@click.option(
    "--limit",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    help="At most so many.",
)
@json_option
@click.pass_obj
def list_(shell: Shell, *, limit: int, as_json: bool) -> None:
    """List recordings, the newest first.

    RECORDED is in the time zone of the settings (TIMEZONE), in UTC with --json. LEFT BY is who said
    it: the caller, of an outbound call the called. STATUS is `waiting` or `converting` until CALLR
    has it for good, then `kept`; `failed`, with the cause; `deleting`, then `deleted`.
    """
    from app.cli.call_views import recording_json, recording_row  # noqa: PLC0415 -- SQLAlchemy
    from app.journal import SchemaStatus, schema_status  # noqa: PLC0415 -- as above

    there = schema_status(shell.settings.database_url) is not SchemaStatus.NONE
    found = _recordings(shell).newest(limit=limit) if there else ()
    if as_json:
        shell.output.json([recording_json(one) for one in found])
        return
    shell.output.table(
        ("ID", "RECORDED", "LEFT BY", "CALL", "STEP", "SECONDS", "STATUS", "MEDIA", "CAUSE"),
        [recording_row(one, shell.settings.timezone) for one in found],
        empty=_NONE_YET,
    )


@recordings.command(
    epilog=manual(
        "offhook recordings get 3 -o message.mp3",
        exits=(*OF_PLATFORM, Exit.NOT_FOUND, Exit.JOURNAL),
        reads=(*CALLR, *STRINGEE, "DATABASE_URL"),
        see=("recordings list", "recordings delete"),
    )
)
@click.argument("recording_id", metavar="ID", type=click.IntRange(1))
@click.option(
    "-o",
    "--output",
    "file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; it must not be there yet.",
)
@click.pass_obj
def get(shell: Shell, recording_id: int, *, file: Path) -> None:
    """Fetch a recording into a file, which only you can read.

    ID is that of `offhook recordings list`. CALLR's lie in its library; of Stringee's our own copy
    is taken, or what Stringee still has.
    """
    row = _find(shell, recording_id)
    if row.provider == "stringee":
        shell.output.note(f"Recording {row.id} is in {file}: {_copied(shell, row, file)} bytes.")
        return
    from app.callr.download import download  # noqa: PLC0415 -- loads requests
    from app.callr.media import open_library  # noqa: PLC0415 -- as above

    row = _fetchable(row)
    shell.output.note(f"CALLR: {shell.whom}")
    with open_library(shell.settings) as library:
        url = library.look(row.media_id).url or row.url
    if not url:
        msg = f"CALLR does not say where recording {row.id} can be fetched."
        raise NotFoundError(msg, mend=f"Look for the sound {row.media_id} in CALLR's portal.")
    with _made(file) as sound:
        size = download(url, sound, shell.settings)
    shell.output.note(f"Recording {row.id} is in {file}: {size} bytes.")


def _copied(shell: Shell, row: Recording, file: Path) -> int:
    """Write a recording of Stringee's into a file; gives how many bytes it has."""
    from app.keeping.libraries import copy_sound  # noqa: PLC0415 -- loads requests

    if row.status in {"deleting", "deleted"}:
        msg = f"Recording {row.id} is deleted."
        raise NotFoundError(msg)
    kept = row.media_id if row.status == "kept" else ""
    if not kept:
        shell.output.note(shell.told_of("stringee"))
    with _made(file) as sound:
        return copy_sound(shell.settings, kept, row.file, sound)


@contextmanager
def _made(file: Path) -> Iterator[BinaryIO]:
    """A file of ours alone, which is taken away again where an error comes up.

    Raises:
        FileThereError: it is there already, or cannot be written.
    """
    try:
        made = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode=0o600)
    except FileExistsError:
        msg = f"{file} is there already, and is left as it is."
        raise FileThereError(msg, mend="Name another file.") from None
    except OSError as problem:
        msg = f"{file} cannot be written: {problem.strerror}."
        raise FileThereError(msg, mend="Name another file.") from None
    try:
        with os.fdopen(made, "wb") as sound:
            yield sound
    except BaseException:
        with suppress(OSError):
            file.unlink()
        raise


@recordings.command(
    epilog=manual(
        "offhook recordings delete 3",
        exits=(*OF_PLATFORM, Exit.NOT_FOUND, Exit.DECLINED, Exit.JOURNAL),
        reads=(*CALLR, *STRINGEE, "DATABASE_URL"),
        see=("recordings list", "people forget"),
    )
)
@click.argument("recording_id", metavar="ID", type=click.IntRange(1))
@yes_option
@click.pass_obj
def delete(shell: Shell, recording_id: int, *, yes: bool) -> None:
    """Delete a recording; the journal still says that there was one.

    ID is that of `offhook recordings list`. CALLR's is deleted in its library; of Stringee's our
    own copy is: Stringee has no request that deletes one, and deletes it after some 30 days.
    """
    from app.keeping.libraries import library_of  # noqa: PLC0415 -- loads requests
    from app.keeping.recordings import delete_now  # noqa: PLC0415 -- as above

    row = _find(shell, recording_id)
    if row.status == "deleted":
        shell.output.note(f"Recording {row.id} is deleted already.")
        return
    if row.provider == "callr":
        shell.output.note(f"CALLR: {shell.whom}")
    with library_of(shell.settings, row.provider) as library:
        shell.confirm(f"Delete recording {row.id} of call {row.call_key} for good?", yes=yes)
        delete_now(row, library, _recordings(shell))
    shell.output.note(f"Deleted recording {row.id}.")


def _recordings(shell: Shell) -> Recordings:
    from app.journal.recordings import Recordings  # noqa: PLC0415 -- loads SQLAlchemy

    return Recordings(shell.settings.database_url)


def _find(shell: Shell, recording_id: int) -> Recording:
    try:
        return _recordings(shell).get(recording_id)
    except JournalError as problem:
        if problem.status != HTTPStatus.NOT_FOUND:
            raise
        raise NotFoundError(problem.message, mend=problem.mend) from None


def _fetchable(row: Recording) -> Recording:
    """The recording, if CALLR has it.

    Raises:
        NotFoundError: it has not, with what became of it.
    """
    if row.media_id and row.status in {"kept", "failed"}:
        return row
    why = {
        "waiting": "is not kept yet",
        "converting": "is not converted yet",
        "failed": f"was not kept: {row.detail}",
        "deleting": "is to be deleted",
        "deleted": "is deleted",
    }
    mend = "Try again in a minute." if row.status in {"waiting", "converting"} else ""
    raise NotFoundError(f"Recording {row.id} {why[row.status]}".rstrip(".") + ".", mend=mend)
