"""``offhook calls tail``, and what ``offhook call --watch`` shares with it: turns as they come."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import click

from app.callflow.errors import JournalError
from app.cli.calls import journal_that_is_there
from app.cli.exits import Exit
from app.cli.options import json_option, manual
from app.cli.shell import Shell
from app.cli.wanting import flow_option, tests_option

if TYPE_CHECKING:
    from app.journal import History, JournalledCall

POLL_S = 0.5
"""Seconds between two questions to the journal."""


@click.command(
    epilog=manual(
        "offhook calls tail",
        "offhook calls tail --flow reception --json",
        exits=(Exit.NOT_FOUND, Exit.JOURNAL),
        reads=("DATABASE_URL", "TIMEZONE"),
        see=("calls show", "call"),
    )
)
@flow_option
@tests_option
@json_option
@click.pass_obj
def tail(shell: Shell, /, **asked: Any) -> None:
    """Tell calls as they go on: each new turn, from any worker, until Ctrl-C.

    Times are of the day, in the time zone of the settings (TIMEZONE). --json prints one object a
    line for each turn.
    """
    history = journal_that_is_there(shell)
    pause = threading.Event()
    try:
        follow_all(shell, history, lambda: pause.wait(POLL_S), **asked)
    except KeyboardInterrupt:
        shell.output.note("No longer following.")


def follow_all(
    shell: Shell,
    history: History,
    pause: Callable[[], object],
    *,
    flow: str,
    tests: bool,
    as_json: bool,
) -> None:
    """Print new turns for ever: all that are written once this has said that it follows.

    Args:
        shell: where they are printed.
        history: the journal.
        pause: waits before it is asked again; what it raises ends this.
        flow: of which flow, "" for all.
        tests: tests too.
        as_json: an object for each turn.
    """
    from app.journal.following import NewTurns  # noqa: PLC0415 -- loads SQLAlchemy

    news = NewTurns(history)  # first: a turn may come as soon as the word is out
    shell.output.note("Following new turns; Ctrl-C ends.")
    while True:
        for call_key, ids in news.read().items():
            found = _call(history, call_key)
            if found is None or (flow and found.row.flow != flow) or (found.row.test > tests):
                continue
            _tell(shell, history, found, ids, as_json=as_json)
        pause()


def follow_one(
    shell: Shell,
    find: Callable[[], JournalledCall | None],
    history: History,
    pause: Callable[[], object],
) -> JournalledCall:
    """Print a call's turns as they come, to its end.

    Args:
        shell: where they are printed.
        find: looks for the call, which may not have begun yet.
        history: the journal.
        pause: waits before it is looked for again; what it raises ends this.

    Returns:
        the call, when it is over.
    """
    from app.cli.call_views import (  # noqa: PLC0415 -- loads the telling
        call_heading,
        told_ending,
        told_turn,
    )

    zone, told = shell.settings.timezone, set[int]()
    while True:
        found = find()
        if found is not None:
            if not told:
                shell.output.data(call_heading(found, zone), style="bold")
            numbered = history.numbered_turns(found.row.key)
            turns = [turn for _, turn in numbered]
            for place, (number, _) in enumerate(numbered):
                if number not in told:
                    _print(shell, told_turn(found.row, turns, place))
            told |= {number for number, _ in numbered}
            # Not with the last turn: that may be newer than the row, which does not know of it.
            if found.row.outcome:
                _print(shell, [told_ending(found.row, turns)])
                return found
        pause()


def _call(history: History, call_key: str) -> JournalledCall | None:
    """The call of a turn; None where its row is not there (its first turn was lost)."""
    try:
        return history.call(call_key)
    except JournalError as problem:
        if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        return None


def _tell(
    shell: Shell, history: History, found: JournalledCall, ids: frozenset[int], *, as_json: bool
) -> None:
    """Print these turns of a call, and its ending with the last one."""
    from app.cli.call_views import (  # noqa: PLC0415 -- loads the telling
        told_ending,
        told_turn,
        turn_json,
    )
    from app.cli.console import json_line  # noqa: PLC0415 -- only here

    zone = shell.settings.timezone
    numbered = history.numbered_turns(found.row.key)
    turns = [turn for _, turn in numbered]
    for place, (number, turn) in enumerate(numbered):
        if number not in ids:
            continue
        if as_json:
            shell.output.data(json_line(turn_json(turn)))
            continue
        _print(shell, told_turn(found.row, turns, place, zone=zone))
        if found.row.outcome and place == len(turns) - 1:
            _print(shell, [told_ending(found.row, turns, zone=zone)])


def _print(shell: Shell, lines: Iterable[tuple[str, str]]) -> None:
    """Print lines, each with its style."""
    for text, style in lines:
        shell.output.data(text, style=style)
