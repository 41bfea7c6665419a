"""Stringee's call log, as what ``offhook calls reconcile`` compares with the journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from app.callr.cdrs import Cdr
from app.stringee.account import has_account_key
from app.stringee.urls import answer_url

if TYPE_CHECKING:
    from app.cli.shell import Shell
    from app.journal import JournalledCall
    from app.stringee.objects import LoggedCall


def records_of(
    shell: Shell, journalled: Sequence[JournalledCall], since: datetime, until: datetime
) -> tuple[list[Cdr], int]:
    """The calls of the log that are ours, and how many there are besides.

    A call is ours where the journal has it, or where it came to a number, or from a client app of
    a project, that is answered at PUBLIC_URL. Without the account's key, all of the API key's
    project are taken for ours.

    Args:
        shell: with the settings.
        journalled: of the journal, from about the same time.
        since: when they began, or later.
        until: when they began, or before.

    Raises:
        ApiError: Stringee refused, or did not answer.
    """
    with shell.stringee() as api:
        logged = list(api.calls(since, until))
    ids = {call.row.platform_id: call for call in journalled if call.row.platform_id}
    numbers, projects = _ours(shell)
    found, left_out = [], 0
    for one in logged:
        call = ids.get(one.id) or ids.get(one.uuid)
        placed = call is not None and call.row.direction == "outbound"
        here = numbers is None or one.called in numbers
        if call is None and not here and not (one.from_client and one.project in projects):
            left_out += 1
            continue
        found.append(_record(one, call.row.platform_id if call else one.id, placed=placed))
    return found, left_out


def _ours(shell: Shell) -> tuple[frozenset[str] | None, frozenset[str]]:
    """The numbers and the projects that are answered here; None where it cannot be known."""
    if not has_account_key(shell.settings):
        return None, frozenset()
    prefix = answer_url(shell.settings.public_url, "").removesuffix("/answer")
    with shell.stringee_account() as api:
        numbers, projects = api.numbers(), api.projects()
    return (
        frozenset(one.number for one in numbers if one.answer_url.startswith(prefix)),
        frozenset(one.id for one in projects if one.answer_url.startswith(prefix)),
    )


def _record(logged: LoggedCall, callid: str, *, placed: bool) -> Cdr:
    """A call of the log as a record.

    Of a call that we place, the journal begins when Stringee is asked to ring, not when somebody
    answers: so its whole length is what is compared.
    """
    return Cdr(
        callid=callid,
        direction="outbound" if placed else "inbound",
        caller=logged.caller,
        called=logged.called,
        began=logged.began,
        answered=logged.answered,
        ended=logged.ended,
        lasted_s=logged.lasted_s,
        talked_s=logged.lasted_s if placed else logged.talked_s,
        status="",
        app="",
        app_kind="",
        second_leg=False,
    )
