"""Has a flow answer a number or a project of Stringee's, and puts back what was there before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.callflow.errors import ApiError, SettingsError
from app.cli.exits import DeclinedError, NotFoundError
from app.cli.undoing import note_end
from app.cli.voice_apps import ask_server, check_flow
from app.fates import Fate, RequestFailedError

if TYPE_CHECKING:
    from app.cli.shell import Shell
    from app.journal.moves import Move, Moves
    from app.stringee.account import AccountApi
    from app.stringee.objects import Number, Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where Stringee asks what to do with a call, and where it tells what became of it."""

    answer_url: str = ""
    event_url: str = ""

    def __str__(self) -> str:
        if not self.answer_url and not self.event_url:
            return "no address"
        return f"{self.answer_url or 'no address'}, events {self.event_url or 'nowhere'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A number or a project.

    Attributes:
        key: as the moves of the journal name it.
        name: in words.
        command: the subcommand that points it.
        id: what that names it by.
        addresses: those that it has now.
        put: gives it others.
    """

    key: str
    name: str
    command: str
    id: str
    addresses: Addresses
    put: Callable[[Addresses], None]


def number_place(api: AccountApi, number: Number) -> Place:
    """A number as a place."""

    def put(addresses: Addresses) -> None:
        api.point_number(number.id, answer_url=addresses.answer_url, event_url=addresses.event_url)

    return Place(
        key=f"stringee:number:{number.id}",
        name=number.number,
        command="numbers",
        id=number.number,
        addresses=Addresses(answer_url=number.answer_url, event_url=number.event_url),
        put=put,
    )


def project_place(api: AccountApi, project: Project) -> Place:
    """A project as a place."""

    def put(addresses: Addresses) -> None:
        api.point_project(project, answer_url=addresses.answer_url, event_url=addresses.event_url)

    return Place(
        key=f"stringee:project:{project.id}",
        name=f"project '{project.name}' ({project.id})",
        command="stringee projects",
        id=project.id,
        addresses=Addresses(answer_url=project.answer_url, event_url=project.event_url),
        put=put,
    )


def addresses_of(public_url: str, flow: str) -> Addresses:
    """The addresses of a flow on a server."""
    from app.stringee.urls import answer_url, event_url  # noqa: PLC0415 -- not for --help

    return Addresses(answer_url=answer_url(public_url, flow), event_url=event_url(public_url))


def check_ready(shell: Shell, flow: str) -> Moves:
    """See that a flow can be pointed at; gives the moves of the journal.

    Raises:
        SettingsError: PUBLIC_URL or the account's key is missing, or PUBLIC_URL is this machine.
        NotFoundError: there is no such flow.
        JournalError: what was there before could not be kept.
    """
    from app.journal.moves import Moves  # noqa: PLC0415 -- loads SQLAlchemy and Alembic
    from app.requesting import is_loopback  # noqa: PLC0415 -- loads requests

    shell.require("public_url", "stringee_account_sid", "stringee_account_key")
    check_flow(shell, flow)
    settings = shell.settings
    if shell.stringee_live and is_loopback(urlsplit(settings.public_url).hostname or ""):
        msg = f"PUBLIC_URL={settings.public_url} is this machine; Stringee cannot reach it."
        raise SettingsError(msg, mend="Write the address that the server has on the internet.")
    if not settings.stringee_signing_key:
        shell.output.warn(
            "STRINGEE_SIGNING_KEY is not set here: a server without it answers Stringee nothing."
        )
    ask_server(shell, flow, f"has flow '{flow}'")
    moves = Moves(settings.database_url)
    moves.prepare()
    return moves


def point_place(shell: Shell, moves: Moves, place: Place, flow: str, *, yes: bool) -> None:
    """Have a flow answer a place, telling each step.

    Raises:
        DeclinedError: the answer was no.
        ApiError: Stringee refused, or did not answer.
        JournalError: what was there could not be written down; nothing was done.
    """
    from app.journal.moves import Move, MoveStatus  # noqa: PLC0415 -- loads SQLAlchemy

    then = addresses_of(shell.settings.public_url, flow)
    if place.addresses == then:
        shell.output.note(f"{place.name} has these addresses already: {then}.")
        return
    shell.output.note(f"Now:  {place.name} has {place.addresses}.")
    shell.output.note(f"Then: {then}.")
    shell.confirm(f"Let flow '{flow}' answer {place.name}?", yes=yes)
    move = Move(
        did=place.key,
        number=place.name,
        from_app=place.addresses.answer_url,
        from_name=place.addresses.event_url,
        to_app=then.answer_url,
        to_name=then.event_url,
        began_at=datetime.now(UTC),
    )
    move_id = moves.begin(move)
    try:
        place.put(then)
    except ApiError as problem:
        if not _may_have_moved(problem):
            note_end(shell, moves, move_id, MoveStatus.FAILED)
        raise
    note_end(shell, moves, move_id, MoveStatus.MADE)
    shell.output.note(f"{place.name} is answered by flow '{flow}'.")
    shell.output.note(f"To put it back: offhook {place.command} undo {place.id}")


def undo_place(shell: Shell, place: Place, *, yes: bool) -> None:
    """Give a place the addresses that it had before its last move.

    Raises:
        NotFoundError: there is nothing to undo.
        DeclinedError: the answer was no, or somebody has changed them since.
        ApiError: Stringee refused, or did not answer.
    """
    from app.journal.moves import Moves, MoveStatus  # noqa: PLC0415 -- loads SQLAlchemy and Alembic

    moves = Moves(shell.settings.database_url)
    moves.prepare()
    move = _last_move(moves, place)
    before = Addresses(answer_url=move.from_app, event_url=move.from_name)
    made = Addresses(answer_url=move.to_app, event_url=move.to_name)
    if place.addresses != before:
        if place.addresses != made:
            msg = f"{place.name} has {place.addresses} now: somebody has changed it since."
            raise DeclinedError(msg, mend=f"Nothing was done. Before, it had {before}.")
        shell.output.note(f"{place.name} has {place.addresses} now.")
        shell.confirm(f"Give it {before} again?", yes=yes)
        place.put(before)
    note_end(shell, moves, move.id, MoveStatus.UNDONE)
    shell.output.note(f"{place.name} has {before}, as before.")


def _last_move(moves: Moves, place: Place) -> Move:
    move = moves.last(place.key)
    if move is None:
        msg = f"The journal (DATABASE_URL) knows of no move of {place.name}."
        raise NotFoundError(msg, mend="Nothing was done.")
    if move.undone_at is not None:
        when = f"{move.undone_at:%Y-%m-%d %H:%M} UTC"
        msg = f"The last move of {place.name} was undone already, {when}."
        raise NotFoundError(msg, mend="Nothing was done.")
    return move


def _may_have_moved(problem: ApiError) -> bool:
    return isinstance(problem, RequestFailedError) and problem.fate is Fate.UNKNOWN
