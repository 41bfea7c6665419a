"""``offhook numbers undo``: a number rings what it rang before it was pointed elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.callflow.errors import JournalError
from app.cli.exits import DeclinedError, Exit, NotFoundError
from app.cli.finding import doing, find_did
from app.cli.options import CALLR, OF_CALLR, STRINGEE_ACCOUNT, manual, yes_option
from app.cli.shell import Shell
from app.cli.which_platform import platform_of, provider_option

if TYPE_CHECKING:
    from app.callr.objects import Did, VoiceApp
    from app.journal.moves import Move, Moves, MoveStatus


@click.command(
    epilog=manual(
        "offhook numbers undo +33199001020",
        exits=(*OF_CALLR, Exit.NOT_FOUND, Exit.DECLINED, Exit.JOURNAL),
        reads=(*CALLR, *STRINGEE_ACCOUNT, "COUNTRY", "DATABASE_URL"),
        see=("numbers point", "apps assign-did"),
    )
)
@click.argument("number")
@provider_option
@yes_option
@click.pass_obj
def undo(shell: Shell, number: str, *, provider: str | None, yes: bool) -> None:
    """Let a number ring what it rang before its last `offhook numbers point`.

    NUMBER is one of the account's, as people write it (COUNTRY says where), or its DID hash. Shows
    before and after, and asks first. Only the last move can be undone, and only once.
    """
    if platform_of(shell.settings, provider) == "stringee":
        from app.cli.stringee.numbers import undo_number  # noqa: PLC0415 -- they use this module

        undo_number(shell, number, yes=yes)
        return
    move, apps = put_back(shell, number, yes=yes)
    _tell_left_over(shell, move, apps)


def put_back(shell: Shell, number: str, *, yes: bool) -> tuple[Move, list[VoiceApp]]:
    """Undo the last move of a number.

    Args:
        shell: with the journal that the move is in.
        number: one of the account's as people write it, or its DID hash.
        yes: do not ask.

    Returns:
        the move, and the voice apps that there are.

    Raises:
        NotFoundError: there is nothing to undo.
        DeclinedError: the answer was no, or somebody has moved the number since.
        ApiError: CALLR refused, or did not answer.
    """
    from app.journal.moves import Moves, MoveStatus  # noqa: PLC0415 -- loads SQLAlchemy and Alembic

    moves = Moves(shell.settings.database_url)
    moves.prepare()
    with shell.callr() as api:
        apps = api.apps()
        did = find_did(api.dids(), number, shell.settings.country)
        move = _last_move(moves, did)
        before = f"voice app '{move.from_name}' ({move.from_app})" if move.from_app else "nothing"
        if (did.app or "") != move.from_app:
            _check_undoable(move, did, apps)
            shell.output.note(f"{did.number} ({did.hash}) {doing(did, apps)} now.")
            shell.confirm(f"Let it ring {before} again?", yes=yes)
            if move.from_app:
                api.assign_did(move.from_app, did.hash)
            else:
                api.remove_did(did.hash)
    note_end(shell, moves, move.id, MoveStatus.UNDONE)
    shell.output.note(f"{did.number} rings {before}, as before.")
    return move, apps


def note_end(shell: Shell, moves: Moves, move_id: int, status: MoveStatus) -> None:
    """Write down what became of a move; where that fails, the first note is enough to undo it."""
    try:
        moves.settle(move_id, status)
    except JournalError as problem:
        shell.output.warn(f"It was done, but not noted as {status}. {problem}")


def _last_move(moves: Moves, did: Did) -> Move:
    """The last move of a number, which was not undone.

    Raises:
        NotFoundError: there is none, or it was.
    """
    move = moves.last(did.hash)
    by_hand = "`offhook apps assign-did APP NUMBER` lets it ring any other."
    if move is None:
        msg = f"The journal (DATABASE_URL) knows of no move of {did.number}."
        raise NotFoundError(msg, mend=f"Nothing was done. {by_hand}")
    if move.undone_at is not None:
        when = f"{move.undone_at:%Y-%m-%d %H:%M} UTC"
        msg = f"The last move of {did.number} was undone already, {when}."
        raise NotFoundError(msg, mend=f"Nothing was done. {by_hand}")
    return move


def _check_undoable(move: Move, did: Did, apps: list[VoiceApp]) -> None:
    """See that the number is where the move brought it, and that it can go back.

    Raises:
        DeclinedError: somebody has moved it since.
        NotFoundError: the voice app that it rang before is not there any more.
    """
    target_is_gone = did.app is None and all(app.hash != move.to_app for app in apps)
    if move.to_app and did.app != move.to_app and not target_is_gone:
        msg = f"{did.number} {doing(did, apps)} now, not '{move.to_name}' ({move.to_app}): "
        msg += "somebody has moved it since. Nothing was done."
        back = f"assign-did {move.from_app}" if move.from_app else "remove-did"
        raise DeclinedError(msg, mend=f"`offhook apps {back} {did.number}` puts it back.")
    if move.from_app and not any(app.hash == move.from_app for app in apps):
        msg = f"Voice app '{move.from_name}' ({move.from_app}), which {did.number} rang before, "
        msg += "was deleted meanwhile. Nothing was done."
        mend = f"`offhook apps remove-did {did.number}` lets it ring nothing."
        raise NotFoundError(msg, mend=mend)


def _tell_left_over(shell: Shell, move: Move, apps: list[VoiceApp]) -> None:
    """Name a voice app that the undone move has left without a number."""
    for app in apps:
        if app.hash == move.to_app and all(did.hash == move.did for did in app.numbers):
            shell.output.note(
                f"No number rings voice app '{app.name}' ({app.hash}) now; "
                f"`offhook apps delete {app.hash}` deletes it."
            )
