"""The options that say which calls somebody is looking for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import click

from app.cli.completing import dispositions, flow_names, outcomes, step_names
from app.cli.dates import DateError, span_of
from app.cli.shell import Shell

if TYPE_CHECKING:
    from app.journal.wanted import Wanted

F = TypeVar("F", bound=Callable[..., Any])

_MONTH_FIRST = frozenset({"US"})
_FEWEST_DIGITS = 7
"""Digits of a telephone number; what is shorter is looked for as it is written."""

tests_option = click.option(
    "--tests", is_flag=True, help="Also calls that a phone rang without a voice app."
)

flow_option = click.option(
    "--flow", default="", metavar="FLOW", shell_complete=flow_names, help="Of this call flow."
)

_OPTIONS = (
    click.option("--on", metavar="DATE", help='On this day, or in this month: "last tuesday".'),
    click.option("--since", metavar="DATE", help="Begun then or later: 7d, yesterday, 2026-11-17."),
    click.option("--until", metavar="DATE", help="Begun before the end of then."),
    click.option("--caller", metavar="NUMBER", help='Who called, in any spelling; "" is withheld.'),
    click.option("--called", metavar="NUMBER", help="Who was called, in any spelling."),
    flow_option,
    click.option(
        "--outcome",
        default="",
        metavar="OUTCOME",
        shell_complete=outcomes,
        help="That came to this: hung_up, lost, live.",
    ),
    click.option(
        "--disposition",
        default="",
        metavar="WORD",
        shell_complete=dispositions,
        help="That came to this in the flow's own words, as its hang_up says: message.",
    ),
    click.option(
        "--step",
        default="",
        metavar="STEP",
        shell_complete=step_names,
        help="That passed this step, or were at it.",
    ),
    click.option(
        "--var",
        multiple=True,
        metavar="K=V",
        help="Whose variable had this value at the end; as often as needed.",
    ),
    click.option("--incidents", is_flag=True, help="In which something was not as it should."),
    tests_option,
)


def wanted_options(command: F) -> F:
    """Add the options, which ``wanted_of`` reads as ``**asked``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What the time is here, and how dates are written.

    Attributes:
        now: in the time zone of the settings.
        month_first: whether 11/17/2026 is a date; else 17/11/2026 is.
    """

    now: datetime
    month_first: bool = False

    def span(self, text: str, option: str) -> tuple[datetime, datetime]:
        """Read a date: when it begins and ends, in UTC.

        Raises:
            click.BadParameter: it cannot be read.
        """
        try:
            found = span_of(text, self.now, month_first=self.month_first)
        except DateError as problem:
            raise click.BadParameter(str(problem), param_hint=option) from None
        return found.begin.astimezone(UTC), found.end.astimezone(UTC)

    def told(self, moment: datetime) -> str:
        """A moment in words, in this time zone: Tue 2026-11-17 00:00."""
        return f"{moment.astimezone(self.now.tzinfo):%a %Y-%m-%d %H:%M}"


def clock_of(shell: Shell) -> Clock:
    """What the time is, as the settings write it."""
    settings = shell.settings
    now = datetime.now(ZoneInfo(settings.timezone))
    return Clock(now=now, month_first=settings.country.upper() in _MONTH_FIRST)


def wanted_of(
    shell: Shell,
    *,
    on: str | None,
    since: str | None,
    until: str | None,
    caller: str | None,
    called: str | None,
    var: Sequence[str],
    **rest: Any,
) -> Wanted:
    """Read the options, and say on stderr how dates were read.

    Raises:
        click.UsageError: they exclude each other, or a date cannot be read.
        NumberError: a number cannot be read.
    """
    from app.journal.wanted import Wanted  # noqa: PLC0415 -- loads SQLAlchemy

    _check_outcome(rest["outcome"])
    begin, end = _stretch(shell, on, since, until)
    return Wanted(
        since=begin,
        until=end,
        caller=None if caller is None else _party(shell, caller),
        called=None if called is None else _party(shell, called),
        variables=_variables(var),
        **rest,
    )


def _stretch(
    shell: Shell, on: str | None, since: str | None, until: str | None
) -> tuple[datetime | None, datetime | None]:
    if on is not None and (since is not None or until is not None):
        raise click.UsageError("--on says a whole day; leave out --since and --until.")
    clock = clock_of(shell)
    begin = end = None
    if on is not None:
        begin, end = clock.span(on, "--on")
        if begin == end:
            msg = f"{on!r} is a moment. Write --since {on!r}, or a day."
            raise click.BadParameter(msg, param_hint="--on")
    if since is not None:
        begin, _ = clock.span(since, "--since")
    if until is not None:
        _, end = clock.span(until, "--until")
    if begin and end and begin >= end:
        msg = f"--since ({clock.told(begin)}) is not before --until ({clock.told(end)})."
        raise click.UsageError(msg)
    if begin or end:
        from_ = f"from {clock.told(begin)}" if begin else ""
        before = f"before {clock.told(end)}" if end else ""
        stretch = " and ".join(filter(None, (from_, before)))
        shell.output.note(f"Calls begun {stretch}, {shell.settings.timezone}.")
    return begin, end


def _party(shell: Shell, text: str) -> str:
    """A number in E.164; what is no telephone's, such as a short number or a name, as written."""
    from app.numbers import read_number  # noqa: PLC0415 -- loads phonenumbers

    digits = sum(char.isdigit() for char in text)
    if any(char.isalpha() for char in text) or digits < _FEWEST_DIGITS:
        return text
    return read_number(text, shell.settings.country)


def _variables(written: Sequence[str]) -> dict[str, str]:
    variables: dict[str, str] = {}
    for one in written:
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{one!r} is not like name=value.", param_hint="--var")
        variables[name] = value
    return variables


def _check_outcome(outcome: str) -> None:
    from app.journal.wanted import LIVE  # noqa: PLC0415 -- loads SQLAlchemy
    from app.telling import OUTCOMES  # noqa: PLC0415 -- loads the telling

    if outcome and outcome not in {*OUTCOMES, LIVE}:
        there = ", ".join([*OUTCOMES, LIVE])
        raise click.BadParameter(
            f"{outcome!r} is none; there are: {there}.", param_hint="--outcome"
        )
