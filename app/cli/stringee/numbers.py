"""``offhook numbers`` on Stringee: which numbers the account has, and which flow answers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.cli.exits import NotFoundError

if TYPE_CHECKING:
    from app.cli.shell import Shell
    from app.stringee.objects import Number


def list_numbers(shell: Shell, *, as_json: bool) -> None:
    """Print the numbers of the account."""
    with shell.stringee_account() as api:
        found = api.numbers()
    if as_json:
        shell.output.json([_json(one) for one in found])
        return
    shell.output.table(
        ("NUMBER", "ID", "PROJECT", "ANSWER URL", "EVENT URL"),
        [
            (
                one.number,
                one.id,
                f"{one.project_name} ({one.project})" if one.project else "-",
                one.answer_url or "-",
                one.event_url or "-",
            )
            for one in found
        ],
        empty="The account has no numbers yet; Stringee's dashboard sells them.",
    )


def point_number(shell: Shell, number: str, flow: str, *, yes: bool) -> None:
    """Have a flow answer a number; see ``pointing.point_place``."""
    from app.cli.stringee.pointing import (  # noqa: PLC0415 -- not for --help
        check_ready,
        number_place,
        point_place,
    )

    moves = check_ready(shell, flow)
    with shell.stringee_account() as api:
        found = find_number(api.numbers(), number, shell.settings.country)
        if not found.project:
            shell.output.warn(
                f"{found.number} is in no project: its calls are signed with no project's key. "
                "Stringee's dashboard puts it into one."
            )
        point_place(shell, moves, number_place(api, found), flow, yes=yes)


def undo_number(shell: Shell, number: str, *, yes: bool) -> None:
    """Give a number the addresses of before; see ``pointing.undo_place``."""
    from app.cli.stringee.pointing import number_place, undo_place  # noqa: PLC0415 -- as above

    with shell.stringee_account() as api:
        found = find_number(api.numbers(), number, shell.settings.country)
        undo_place(shell, number_place(api, found), yes=yes)


def find_number(found: list[Number], text: str, country: str) -> Number:
    """The number with this id, else the one that is written so.

    Raises:
        NumberError: ``text`` is neither an id of these nor a number.
        NotFoundError: the account has no such number.
    """
    from app.numbers import read_number  # noqa: PLC0415 -- loads phonenumbers

    if by_id := [one for one in found if text in {one.id, one.number}]:
        return by_id[0]
    number = read_number(text, country)
    if by_number := [one for one in found if one.number == number]:
        return by_number[0]
    msg = f"The Stringee account has no number {number}."
    raise NotFoundError(msg, mend="`offhook numbers list` shows those it has.")


def _json(number: Number) -> dict[str, str]:
    return {
        "number": number.number,
        "id": number.id,
        "project": number.project,
        "project_name": number.project_name,
        "answer_url": number.answer_url,
        "event_url": number.event_url,
    }
