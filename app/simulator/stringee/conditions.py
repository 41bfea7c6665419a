"""How Stringee reads what nobody documented, and how hostile it is.

The defaults of `StringeeReadings` are the likelier answers to what public material leaves open.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class StringeeReadings:
    """Which way each unsure point of the platform goes.

    Attributes:
        encoding: whether parameters of an answer_url are percent-encoded once, with %20 and %2B,
            `double` (official samples decode a second time), or once with a `raw plus`.
        on_fail: whether onFailEventUrl is asked when a callee of `any` type fails, or as documented
            of type `internal` alone.
        bad_reply: what a reply to an input or onFail webhook does that is no SCCO: `end` the call,
            or `go on` with the list that was running.
        message_reply: whether an SCCO that answers the webhook of a recordMessage `replaces` the
            list, or is `ignored`.
        input_from: whether the time limit of an input runs from the end of the prompts before it
            that keys may end, or `at once`; the vendor calls such prompts asynchronous.
        input_time: whether that limit runs anew for `each key` or once for the `whole` entry.
        partial_entry: what the field `timeout` of an input says when keys came but the limit ended
            them: `timeout` (true) or `entry` (false).
        unknown_actions: whether an SCCO with an action of an unknown name is refused, or the action
            skipped.
        lenient: whether comments and trailing commas in an SCCO are taken.
        to_in_events: whether events tell `to` `always`, or only `when connected`; customers have
            met events without it.
        no_answer: `endCallCause` where nobody answers in time.
        recordings: whether the webhook of a recording comes `after` the event `ended` or `before`.
        reply_within_s: real seconds in which a whole reply must be there. The vendor tells no
            figure; customers found it short. Never scaled by speed.
        message_s: simulated seconds of a recordMessage without a limit of its own.
        internal_callout: whether a callout `from` a user is `refused` or `taken`; customers have
            seen both.
        callout_id: the name under which a callout's answer has the call id, or `none`, as the
            vendor's page has it.
        speech: whether a callout that speaks is `ready` (r=0), or its speech still `waits` to be
            made (r=13), which is no error either.
        longest_call_s: simulated seconds after which the platform hangs up by itself. This is the
            simulator's own bound; the vendor names none.
        most_requests: requests of one call after which the platform ends it; the simulator's own.
    """

    encoding: Literal["single", "double", "raw plus"] = "single"
    on_fail: Literal["any", "internal"] = "any"
    bad_reply: Literal["end", "go on"] = "end"
    message_reply: Literal["replaces", "ignored"] = "replaces"
    input_from: Literal["prompt end", "at once"] = "prompt end"
    input_time: Literal["each key", "whole"] = "each key"
    partial_entry: Literal["timeout", "entry"] = "timeout"
    unknown_actions: Literal["refuse", "skip"] = "refuse"
    lenient: bool = False
    to_in_events: Literal["always", "when connected"] = "always"
    no_answer: Literal["480 Temporarily Unavailable", "TIMEOUT_ANSWER"] = (
        "480 Temporarily Unavailable"
    )
    recordings: Literal["after", "before"] = "after"
    reply_within_s: float = 5.0
    message_s: float = 120.0
    internal_callout: Literal["refused", "taken"] = "refused"
    callout_id: Literal["call_id", "callId", "none"] = "call_id"
    speech: Literal["ready", "waits"] = "ready"
    longest_call_s: float = 7200.0
    most_requests: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class StringeeHostility:
    """What goes wrong on purpose. The default is nothing.

    Requests and actions of a call are counted from 1.

    Attributes:
        hang_up_during: the line drops while this action runs.
        hang_up_after_s: the line drops after so many simulated seconds.
        repeat: whether requests that want an SCCO come twice: one `after` the other, or `at_once`.
            Replies that differ in a byte are a fault of the server.
        lose: numbers of the requests that never arrive.
        double_events: each event is posted twice, with the same event_id.
        events: whether events come `in order`, all `at once` beside what else is sent, in pairs
            `swapped`, or all `at the end`, the event `ended` before the others.
        lose_events: statuses whose events never arrive.
        odd_status: a status of nobody's documentation, which comes besides.
        extra: keys that nobody documented, added to each event and webhook.
        extra_parameters: the same for the answer_url.
        instead: values that replace those of each event, of whatever type; None leaves the key out.
        plus: numbers of phones come with a + before them in the answer_url.
        leave_out: parameters that the answer_url lacks; customers have missed callId.
        empty_to: the parameter `to` of the answer_url is empty, as customers have seen it.
        send_over_s: real seconds over which the bytes of each POST are spread.
        no_money: calls of servers are refused for want of money.
        not_yet: so many times, a recording that is asked for is not there (404).
        processing: after that, so many times, there are a few bytes in its place.
        too_often: after that, so many times, it was asked for too often (429).
    """

    hang_up_during: int | None = None
    hang_up_after_s: float | None = None
    repeat: Literal["never", "after", "at_once"] = "never"
    lose: frozenset[int] = frozenset()
    double_events: bool = False
    events: Literal["in order", "at once", "swapped", "at the end"] = "in order"
    lose_events: frozenset[str] = frozenset()
    odd_status: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    extra_parameters: Mapping[str, str] = field(default_factory=dict)
    instead: Mapping[str, Any] = field(default_factory=dict)
    plus: bool = False
    leave_out: frozenset[str] = frozenset()
    empty_to: bool = False
    send_over_s: float = 0.0
    no_money: bool = False
    not_yet: int = 0
    processing: int = 0
    too_often: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StringeeConditions:
    """How a simulation runs: its speed, readings and hostility.

    Attributes:
        speed: simulated seconds that pass in a real one while the platform waits for speech,
            silence, ringing or recording. The deadline of a reply is never scaled.
    """

    speed: float = 1.0
    readings: StringeeReadings = field(default_factory=StringeeReadings)
    hostility: StringeeHostility = field(default_factory=StringeeHostility)

    def __post_init__(self) -> None:
        """Refuse a speed at which no time would pass, or all of it."""
        if not 0 < self.speed < float("inf"):
            msg = f"speed is {self.speed}; it takes a finite number above 0, such as 1 or 1000"
            raise ValueError(msg)
