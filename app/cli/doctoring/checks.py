"""What a check found: how bad it is, what was expected, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.callflow.errors import OffhookError
from app.cli.exits import Exit, exit_of


class Level(StrEnum):
    """How much a finding matters."""

    OK = "ok"
    NOTE = "note"
    """Good to know; nothing is to be done."""

    WARNING = "warning"
    """Calls are answered, but something is not as it should be."""

    ERROR = "error"
    """Calls are not answered, or not as they should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One finding.

    Attributes:
        about: what was looked at, in one or two words.
        message: what was found, and what was expected.
        mend: what to do about it; "" where nothing is to be done.
        exit: the exit code that it leads to, where it is an error.
    """

    about: str
    level: Level
    message: str
    mend: str = ""
    exit: Exit = Exit.OK

    def __str__(self) -> str:
        return f"{self.about}: {self.message} {self.mend}".rstrip()

    def json(self) -> dict[str, Any]:
        """The finding as JSON."""
        return {
            "about": self.about,
            "level": str(self.level),
            "message": self.message,
            "mend": self.mend,
            "exit": int(self.exit),
        }


def ok(about: str, message: str) -> Check:
    """All is well."""
    return Check(about=about, level=Level.OK, message=message)


def note(about: str, message: str, mend: str = "") -> Check:
    """Good to know."""
    return Check(about=about, level=Level.NOTE, message=message, mend=mend)


def warning(about: str, message: str, mend: str) -> Check:
    """Something is not as it should be."""
    return Check(about=about, level=Level.WARNING, message=message, mend=mend)


def error(about: str, message: str, mend: str, exit_: Exit) -> Check:
    """Calls suffer from it."""
    return Check(about=about, level=Level.ERROR, message=message, mend=mend, exit=exit_)


def failed(about: str, problem: OffhookError) -> Check:
    """A check that could not be made, or failed as a whole."""
    return error(about, problem.message, problem.mend, exit_of(problem))


def exit_code(checks: Iterable[Check]) -> Exit:
    """That of the first error; OK where there is none."""
    return next((check.exit for check in checks if check.level is Level.ERROR), Exit.OK)


def lines(check: Check) -> Iterator[str]:
    """A finding as lines of text."""
    first, *more = check.message.splitlines() or [""]
    yield f"{check.level:<8} {check.about}: {first}"
    for line in more:
        yield f"{'':<9}{line}"
    if check.mend:
        yield f"{'':<9}-> {check.mend}"
