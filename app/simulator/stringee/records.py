"""A Stringee call that is over, and where one comes from."""

from dataclasses import dataclass

from app.simulator.record import Record
from app.simulator.stringee.codes import SUCCESS, Refusal
from app.simulator.stringee.facts import StringeeFacts
from app.simulator.transcript import Requested


@dataclass(frozen=True, slots=True)
class StringeeRecord(Record):
    """A call that is over: its facts, and all that happened. `status` is its `endCallCause`.

    Attributes:
        refusal: what the app that called was told instead of a call, an `r` code; None otherwise.
        recordings: id and seconds of what was recorded.
        answered_at: when it was answered, in simulated seconds; None for never.
    """

    facts: StringeeFacts
    refusal: Refusal | None
    recordings: tuple[tuple[str, float], ...]
    answered_at: float | None

    @property
    def r(self) -> int:
        """`r` of the app's makeCall; 0 where the call was made."""
        return self.refusal.r if self.refusal else SUCCESS

    @property
    def requests(self) -> tuple[Requested, ...]:
        """What was sent, in order."""
        return self.of(Requested)


@dataclass(frozen=True, slots=True, kw_only=True)
class Urls:
    """Where a call's SCCO comes from, and where its events go; "" is nowhere."""

    answer: str = ""
    event: str = ""
