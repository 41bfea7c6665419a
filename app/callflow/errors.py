"""One tree of errors.

Each says what happened, what was expected, and (``mend``) what to do about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class OffhookError(Exception):
    """The root of everything that Offhook raises on purpose.

    Attributes:
        status: the HTTP status that this becomes where it reaches a client; never on a live call.
        mend: what the reader can do about it, as one sentence; "" where the message already says
            it.
    """

    status = 500

    def __init__(self, message: str, *, mend: str = "", status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend
        if status is not None:
            self.status = status

    def __str__(self) -> str:
        stop = "." if self.mend and self.message[-1:] not in {".", "!", "?", ":", ""} else ""
        return f"{self.message}{stop} {self.mend}".rstrip()


class PlatformError(OffhookError):
    """The platform sent what it should not; 400 unless ``status`` says otherwise."""

    status = 400


class UnauthorizedError(PlatformError):
    """The credentials of a request are absent or wrong.

    The message is for the log, never for the sender.
    """

    status = 401


class MethodError(PlatformError):
    """An address was asked in a way that it is not for.

    Attributes:
        allowed: the methods that it takes.
    """

    status = 405

    def __init__(self, message: str, *, mend: str = "", allowed: Sequence[str] = ()) -> None:
        super().__init__(message, mend=mend)
        self.allowed = tuple(allowed)


class SignatureError(UnauthorizedError):
    """The signature of a request is absent, or fits no key."""

    status = 403


class JournalError(OffhookError):
    """The journal could not do what was asked of it. Never reaches a live call."""

    status = 503


class ApiError(OffhookError):
    """The platform's API refused, or did not answer as it should."""

    status = 502


class GoneError(ApiError):
    """What the platform was asked for is no longer there; asking again is no use."""

    status = 404


class PlacingError(ApiError):
    """A call could not be placed.

    Attributes:
        may_have_dialled: the platform did not answer, so that somebody may be called all the same;
            the status is 504 then, else 502.
    """

    def __init__(self, message: str, *, mend: str = "", may_have_dialled: bool) -> None:
        super().__init__(message, mend=mend, status=504 if may_have_dialled else 502)
        self.may_have_dialled = may_have_dialled


class SettingsError(OffhookError):
    """Settings are missing or cannot be read. The message names all of them at once."""


class Level(StrEnum):
    """How much a finding matters: an error stops the start, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check of a flow found.

    Attributes:
        flow: the flow's name, "" where it is about none.
        step: the step's name, "" where it is about the whole flow.
        field: the argument that it is about, "" where there is none.
        message: what is wrong, and what is allowed.
        mend: what to write instead.
    """

    flow: str
    step: str
    field: str
    message: str
    mend: str
    level: Level = Level.ERROR

    def __str__(self) -> str:
        step = f"step '{self.step}' in " if self.step else ""
        flow = f"{step}flow '{self.flow}': " if self.flow else ""
        field = f"{self.field}: " if self.field else ""
        return f"{flow}{field}{self.message} {self.mend}".rstrip()


class FlowError(OffhookError):
    """The flow is wrong: found when it is defined (``findings``), or while a call runs through it.

    Attributes:
        step: the step at which it happened, "" where there is none.
        findings: everything that the check found, empty for an error at run time.
    """

    def __init__(
        self, message: str, *, mend: str = "", step: str = "", findings: Sequence[Finding] = ()
    ) -> None:
        super().__init__(message, mend=mend)
        self.step = step
        self.findings = tuple(findings)
