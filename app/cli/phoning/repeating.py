"""Rings a flow as somebody rang it before, and says what differed."""

from __future__ import annotations

from collections.abc import Sequence

import click

from app.cli.calls import find_call, journal_that_is_there
from app.cli.phoning.again import differences, read_again
from app.cli.phoning.plan import PhoneOptions, entries_of
from app.cli.phoning.screen import Screen
from app.cli.phoning.sessions import Session, own, ring_on
from app.cli.shell import Shell
from app.journal import History
from app.ports import TurnRecord


def ring_like(shell: Shell, name: str, like: str, options: PhoneOptions) -> None:
    """Do again on a flow what somebody did in a call of the journal, and say what differed.

    Raises:
        NotFoundError: there is no such flow, or no such call.
        click.UsageError: an option says what the call says; or a secret is not known.
        FlowError: it cannot be used.
        CallFailedError: the flow could not go on, or the server failed.
    """
    how = ("hangup_after", "hangup_at", "hangup_speaking", "press_at")
    who = ("caller", "at", "outbound", "var", "busy", "no_answer")
    options.refuse(*how, *who, why="with --like, the call says that.")
    history = journal_that_is_there(shell)
    found = find_call(history, like, tests=True)
    if found.row.provider != "callr":
        raise click.UsageError("--like does calls of CALLR's again; this is none.")
    then = history.turns(found.row.key)
    start = history.start(found.row.token) if found.row.token else None
    again = read_again(
        found,
        then,
        secret_steps=_secret_steps(history, then),
        given=start.variables if start else {},
    )
    if options.keys is not None:
        again = again.with_keys(entries_of(options.keys))
    again.check_secrets()
    screen = Screen(shell.output, None)
    if found.row.flow != name:
        screen.note(f"Call {found.row.key} went through flow '{found.row.flow}'.")
    options = again.options(options)
    session = Session(shell=shell, options=options, holder=again.holder(), screen=screen)
    with own(session, name) as server:
        key = ring_on(server, session, name, called=found.row.called)
        thrown_away = History(server.parts.settings.database_url)
        now = thrown_away.turns(key)
        told = list(differences((found.row, then), (thrown_away.call(key).row, now)))
        _tell_differences(session, found.row.key, told)
        _tell_versions(session, then, now)


def _secret_steps(history: History, turns: Sequence[TurnRecord]) -> frozenset[str]:
    """The steps that asked for a secret, in the versions of the flow that took these turns."""
    steps: set[str] = set()
    for fingerprint in {turn.fingerprint for turn in turns if turn.fingerprint}:
        version = history.version(fingerprint)
        declared = version.declared.get("steps", {}) if version else {}
        steps |= {name for name, step in declared.items() if step.get("secret")}
    return frozenset(steps)


def _tell_differences(session: Session, key: str, told: Sequence[str]) -> None:
    if not told:
        session.screen.note(f"Nothing differed from {key}.")
        return
    session.screen.note(f"Different from {key} (- is that call, + is this one):")
    for line in told:
        session.shell.output.data(line)


def _tell_versions(session: Session, then: Sequence[TurnRecord], now: Sequence[TurnRecord]) -> None:
    before = [turn.fingerprint for turn in then if turn.fingerprint][-1:]
    after = [turn.fingerprint for turn in now if turn.fingerprint][-1:]
    if before and after and before != after:
        session.screen.note(f"The flow is another version: {before[0]} then, {after[0]} now.")
