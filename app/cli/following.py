"""``offhook calls tail``, and what ``offhook call --watch`` shares with it: calls as they go on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import click

from app.callflow.errors import JournalError
from app.cli.calls import journal_that_is_there, recordings_of
from app.cli.exits import Exit
from app.cli.options import json_option, manual
from app.cli.shell import Shell
from app.cli.wanting import flow_option, tests_option

if TYPE_CHECKING:
    from app.cli.call_views import Shown
    from app.journal import History, JournalledCall
    from app.ports import Notice, TurnRecord

_Row = tuple[str, int]
"""A row of the journal: its table, and its number there."""

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
    line for each turn, and for each status post (with an event_id), which Stringee sends.
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
    """Print what is new for ever: all that is written once this has said that it follows.

    Args:
        shell: where they are printed.
        history: the journal.
        pause: waits before it is asked again; what it raises ends this.
        flow: of which flow, "" for all.
        tests: tests too.
        as_json: an object for each turn and each status post.
    """
    from app.journal.following import NewRows  # noqa: PLC0415 -- loads SQLAlchemy

    # First: a turn may come as soon as the word is out.
    turns, notices = NewRows(history, "turns"), NewRows(history, "notices")
    shell.output.note("Following new turns; Ctrl-C ends.")
    while True:
        new: dict[str, set[_Row]] = {}
        for kind, news in (("turns", turns), ("notices", notices)):
            for call_key, ids in news.read().items():
                new.setdefault(call_key, set()).update((kind, id_) for id_ in ids)
        for call_key, rows in new.items():
            found = _call(history, call_key) if call_key else None
            if found is None or (flow and found.row.flow != flow) or (found.row.test > tests):
                continue
            _tell(shell, history, found, rows, as_json=as_json)
        pause()


def follow_one(
    shell: Shell,
    find: Callable[[], JournalledCall | None],
    history: History,
    pause: Callable[[], object],
) -> JournalledCall:
    """Print a call's turns and status posts as they come, to its end.

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
        told_of,
    )

    zone, told = shell.settings.timezone, set[_Row]()
    while True:
        found = find()
        if found is not None:
            if not told:
                shell.output.data(call_heading(found, zone), style="bold")
            shown, came = _came(shell, history, found)
            for row, place, one in came:
                if row not in told:
                    _print(shell, told_of(shown, place, one))
            told |= {row for row, _, _ in came}
            # Not with the last turn: that may be newer than the row, which does not know of it.
            if found.row.outcome:
                _print(shell, [told_ending(shown)])
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


def _came(
    shell: Shell, history: History, found: JournalledCall
) -> tuple[Shown, list[tuple[_Row, int, TurnRecord | Notice]]]:
    """A call as it is now, and what came of it in order: the row, its place among its kind."""
    from app.cli.call_views import Shown  # noqa: PLC0415 -- loads the telling
    from app.ports import Notice  # noqa: PLC0415 -- only where something is followed
    from app.telling import in_order, is_of_a_sound  # noqa: PLC0415 -- as above

    turns = history.numbered_turns(found.row.key)
    notices = history.numbered_notices(found.row.key)
    has_sound = any(is_of_a_sound(notice) for _, notice in notices)
    shown = Shown(
        found,
        turns=[turn for _, turn in turns],
        notices=[notice for _, notice in notices],
        recordings=recordings_of(shell, found) if has_sound else (),
    )
    came: list[tuple[_Row, int, TurnRecord | Notice]] = [
        (("notices", notices[place][0]), place, one)
        if isinstance(one, Notice)
        else (("turns", turns[place][0]), place, one)
        for place, one in in_order(shown.turns, shown.notices)
    ]
    return shown, came


def _tell(
    shell: Shell,
    history: History,
    found: JournalledCall,
    rows: Collection[_Row],
    *,
    as_json: bool,
) -> None:
    """Print what these rows of a call have, and its ending with its last turn."""
    from app.cli.call_views import (  # noqa: PLC0415 -- loads the telling
        notice_json,
        told_ending,
        told_of,
        turn_json,
    )
    from app.cli.console import json_line  # noqa: PLC0415 -- only here
    from app.ports import Notice  # noqa: PLC0415 -- as above

    zone = shell.settings.timezone
    shown, came = _came(shell, history, found)
    for row, place, one in came:
        if row not in rows:
            continue
        if as_json:
            told = notice_json(one) if isinstance(one, Notice) else turn_json(one)
            shell.output.data(json_line(told))
            continue
        _print(shell, told_of(shown, place, one, zone=zone))
        if found.row.outcome and one is shown.turns[-1]:
            _print(shell, [told_ending(shown, zone=zone)])


def _print(shell: Shell, lines: Iterable[tuple[str, str]]) -> None:
    """Print lines, each with its style."""
    for text, style in lines:
        shell.output.data(text, style=style)
