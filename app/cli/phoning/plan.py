"""What a command line of ``offhook phone`` means: who is on the phone, when, and how it goes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import click

from app.cli.dates import DateError, span_of
from app.cli.phoning.switches import conditions_of, stringee_conditions_of
from app.numbers import read_number
from app.simulator import A_CALLER, Answer, Conditions, Holder, Others, Readings, Script
from app.simulator.line import check_keys
from app.simulator.stringee import Kind, StringeeConditions

_LIVE_SPEED: Final = 1.0
_SCRIPTED_SPEED: Final = 50.0
_OPTIONS: Final = {"kind": "as"}
_A_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneOptions:
    """The options of ``offhook phone``, named as they are there.

    Attributes:
        hangup_after: simulated seconds.
        hangup_at: a command's number, from 1.
        press_at: N=KEYS each; N is a command's number.
        hangup_speaking: a recording's number, from 1.
        caller: None where it was not given; "" withholds it.
        var: NAME=VALUE each.
        platform, kind, user, to, custom: of a call of Stringee's; None where it was not given.
    """

    keys: str | None
    hangup_after: float | None
    hangup_at: int | None
    press_at: Sequence[str]
    hangup_speaking: int | None
    caller: str | None
    at: str | None
    outbound: bool
    busy: bool
    no_answer: bool
    once: bool
    speed: float | None
    reading: Sequence[str]
    hostile: Sequence[str]
    var: Sequence[str]
    raw: bool
    platform: str | None = None
    kind: Kind | None = None
    user: str | None = None
    to: str | None = None
    custom: str | None = None

    @property
    def at_stringee(self) -> bool:
        """Whether the call is one of Stringee's.

        Raises:
            click.UsageError: options that exclude each other.
        """
        stringee = self.platform == "stringee" or self.kind is not None
        if self.platform == "callr" and self.kind is not None:
            raise click.UsageError("--as goes with --platform stringee.")
        if not stringee:
            self.refuse("user", "to", "custom", why="it goes with --as.")
        return stringee

    @property
    def scripted(self) -> bool:
        """Whether the person follows a script."""
        hang_up = (self.hangup_after, self.hangup_at, self.hangup_speaking)
        return (
            self.keys is not None or bool(self.press_at) or any(one is not None for one in hang_up)
        )

    @property
    def answer(self) -> Answer:
        """What whoever is called does."""
        if self.busy and self.no_answer:
            raise click.UsageError("--busy and --no-answer exclude each other.")
        if self.busy:
            return Answer.BUSY
        return Answer.NO_ANSWER if self.no_answer else Answer.ANSWER

    def refuse(self, *names: str, why: str) -> None:
        """Refuse options that make no sense for what is rung.

        Raises:
            click.UsageError: naming the first that was given.
        """
        for name in names:
            if getattr(self, name) not in (None, False, ()):
                option = _OPTIONS.get(name, name.replace("_", "-"))
                raise click.UsageError(f"--{option}: {why}")


def holder_of(options: PhoneOptions, *, called: bool) -> Holder:
    """Who is on the phone.

    Args:
        options: as given.
        called: the phone is the one that is called, so that ``--busy`` is its own answer and not
            that of who is dialled during the call.

    Raises:
        click.UsageError: options that cannot be.
    """
    others = Others() if called else Others(answer=options.answer)
    answer = options.answer if called else Answer.ANSWER
    if not options.scripted and answer is Answer.ANSWER:
        return Holder(others=others)
    script = Script(
        keys=entries_of(options.keys),
        hangup_after=options.hangup_after,
        hangup_at=options.hangup_at,
        presses_at=presses_of(options.press_at),
        hangup_speaking=options.hangup_speaking,
        answer=answer,
        others=others,
    )
    return Holder(script=script)


def conditions(options: PhoneOptions, holder: Holder, usual: Readings) -> Conditions:
    """Speed, readings and hostility of a call that this process makes."""
    return conditions_of(_speed(options, holder), options.reading, options.hostile, usual)


def stringee_conditions(options: PhoneOptions, holder: Holder) -> StringeeConditions:
    """The same of a call of Stringee's."""
    return stringee_conditions_of(_speed(options, holder), options.reading, options.hostile)


def _speed(options: PhoneOptions, holder: Holder) -> float:
    return options.speed or (_LIVE_SPEED if holder.script is None else _SCRIPTED_SPEED)


def caller_of(options: PhoneOptions, country: str) -> str:
    """The caller's number, E.164; "" where it is withheld.

    Raises:
        NumberError: it is no number.
    """
    if options.caller is None:
        return A_CALLER
    return read_number(options.caller, country) if options.caller else ""


def began_at(options: PhoneOptions, zone: str) -> datetime | None:
    """When the call began, as ``--at`` says, in ISO 8601 or in words; None for now.

    Args:
        options: as given.
        zone: IANA name of the time zone of a time that has none.

    Raises:
        click.BadParameter: it is no time.
    """
    if options.at is None:
        return None
    try:
        at = datetime.fromisoformat(options.at)
    except ValueError:
        at = _in_words(options.at, datetime.now(ZoneInfo(zone)))
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


def _in_words(text: str, now: datetime) -> datetime:
    """A day and a time, such as ``last tuesday 10:00``."""
    with suppress(DateError):
        span = span_of(text, now)
        if span.end - span.begin <= _A_MINUTE:
            return span.begin
    msg = f'{text!r} is no time; write it like "2026-12-25 10:00" or "last tuesday 10:00".'
    raise click.BadParameter(msg, param_hint="--at")


def entries_of(keys: str | None) -> tuple[str, ...]:
    """Read ``--keys``: an entry for each time keys are asked for.

    Raises:
        click.BadParameter: something is no key of a telephone.
    """
    if keys is None:
        return ()
    return _checked("--keys", *(entry.strip() for entry in keys.split(";")))


def presses_of(written: Sequence[str]) -> dict[int, str]:
    """Read ``--press-at``: what is pressed in which command.

    Raises:
        click.BadParameter: it is not like 6=7, or something is no key of a telephone.
    """
    presses: dict[int, str] = {}
    for one in written:
        number, _, keys = one.partition("=")
        if not (number.isascii() and number.isdecimal() and int(number) and keys):
            msg = f"{one!r} is not like 6=7: a command's number, from 1, and keys."
            raise click.BadParameter(msg, param_hint="--press-at")
        (presses[int(number)],) = _checked("--press-at", keys)
    return presses


def _checked(option: str, *entries: str) -> tuple[str, ...]:
    for entry in entries:
        try:
            check_keys(entry)
        except ValueError as problem:
            raise click.BadParameter(f"{problem}.", param_hint=option) from None
    return entries
