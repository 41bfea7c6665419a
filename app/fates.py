"""What became of a request to a platform that failed: whether it may have been carried out."""

from __future__ import annotations

from enum import StrEnum

from app.callflow.errors import ApiError


class Fate(StrEnum):
    """What became of a request that failed: whether it may have been carried out all the same."""

    REFUSED = "refused"
    """The platform said no; nothing was done."""

    NOT_SENT = "not sent"
    """It never reached the platform; nothing was done."""

    UNKNOWN = "unknown"
    """It was sent, and no answer that can be believed came back."""


class RequestFailedError(ApiError):
    """A request to a platform's API that failed.

    Attributes:
        fate: whether it may have been carried out.
    """

    def __init__(
        self, message: str, *, fate: Fate, mend: str = "", status: int | None = None
    ) -> None:
        super().__init__(message, mend=mend, status=status)
        self.fate = fate
