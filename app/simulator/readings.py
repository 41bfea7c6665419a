"""How the simulated platform reads what nobody documented, and how hostile it is.

`Readings` holds one switch for each question that the vendor's public material leaves open; the
defaults are the likelier answers. `Hostility` holds what a telephone line and a network can do to a
webhook on a bad day. Both are values: one simulator has one of each.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Spellings = Literal["either", "newest", "oldest", "neither"]
"""Which spelling of a parameter that has two is obeyed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Which way each unsure point of the platform goes.

    Attributes:
        first_inbound_status: `call_status` of the first report of an inbound call. INCOMING_CALL is
            seen in the vendor's .NET enumeration and 2014 PHP server; UP is the other possibility.
        hangup: whether HANGUP comes merged with the interrupted command (seen in the vendor's PHP
            flow), or separately: first the command's own report as UP, whose reply is lost, then
            HANGUP with an empty command and `command_id` 0.
        interrupted: what stands on HANGUP for the command that was running: `empty` result and
            error, the result `-1`, an `error` text, or `kept`, what the command had so far (the
            keys already pressed, the file already recorded). Unknown; the vendor tells none.
        bare_hash_result: `command_result` of a `read` ended by `#` alone. Unknown.
        read_timeout: how a `read` without any key is told: the result `TIMEOUT` (seen in vendor
            samples), an `empty` result, a `null` result, or `error`, a `command_error` TIMEOUT.
        results: `numbers` sends results that read as whole numbers as JSON numbers ("0" as 0).
            The .NET SDK types results as strings.
        basic: whether Basic credentials come with the first try, as cURL does (`preemptive`), or
            only after a 401 with `WWW-Authenticate` (`challenged`). Unknown.
        spellings: which spelling of a parameter with two of them is obeyed (`seconds`/`wait`,
            `digits`/`digit`, `timeout`/`timeout_ms`): `either`, only the `newest` or the `oldest`.
        wait_key: which parameter of `wait` is obeyed: `seconds` (the PHP SDK of 2015), `wait` (the
            .NET SDK and the PHP SDK of 2014), either of them, or neither, so that it always takes
            its default. Where it is `either`, `spellings` decides. Unknown.
        keys_stop_play: whether a key ends a sound that is played. Unknown.
        keys_kept: whether keys that are pressed while a sound is played count for the next `read`.
            Unknown; lost otherwise.
        talk_detect_result: result of `play_talk_detect`. Unknown.
        record_beeps: whether the caller hears a tone before a recording. Unknown.
        retry_after_fault: whether a report whose reply was no proper one is sent once more.
        rpc_error_status: HTTP status of JSON-RPC errors other than 401: 200, or a 4xx with the
            same body, as the vendor's TypeScript client allows for.
        reply_within_s: real seconds in which a whole reply must be there. 5 is documented
            (docs.callr.com/voice/real-time/reference). Never scaled by speed.
        longest_call_s: simulated seconds after which the platform hangs up by itself. This is the
            simulator's own bound; the vendor names none.
        most_reports: reports of one call after which the platform hangs up; the simulator's own.
    """

    first_inbound_status: Literal["INCOMING_CALL", "UP"] = "INCOMING_CALL"
    hangup: Literal["merged", "separate"] = "merged"
    interrupted: Literal["empty", "-1", "error", "kept"] = "empty"
    bare_hash_result: Literal["", "TIMEOUT", "#"] = ""
    read_timeout: Literal["TIMEOUT", "empty", "null", "error"] = "TIMEOUT"
    results: Literal["strings", "numbers"] = "strings"
    basic: Literal["preemptive", "challenged"] = "preemptive"
    spellings: Literal["either", "newest", "oldest"] = "either"
    wait_key: Literal["either", "seconds", "wait", "neither"] = "either"
    keys_stop_play: bool = False
    keys_kept: bool = False
    talk_detect_result: str = "0"
    record_beeps: bool = True
    retry_after_fault: bool = False
    rpc_error_status: int = 200
    reply_within_s: float = 5.0
    longest_call_s: float = 7200.0
    most_reports: int = 1000

    def spellings_of(self, command: str) -> Spellings:
        """Which spelling of this command's parameters is obeyed."""
        if command != "wait" or self.wait_key == "either":
            return self.spellings
        told: dict[str, Spellings] = {"seconds": "newest", "wait": "oldest"}
        return told.get(self.wait_key, "neither")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostility:
    """What goes wrong on purpose. The default is nothing.

    Reports and commands of a call are counted from 1.

    Attributes:
        hang_up_during: the line drops while this command runs.
        hang_up_after_s: the line drops after so many simulated seconds.
        repeat: whether reports come twice: one `after` the other, or `at_once`, two identical
            POSTs at the same instant. Replies that differ in a byte are a fault of the server.
        repeat_every: one report in so many is repeated; 1 repeats each.
        lose: numbers of the reports that never arrive. The platform then sees no reply, and ends
            the call as it does after a late one.
        second_hangup: HANGUP is posted twice.
        status_instead_of_up: an unknown `call_status` in the place of UP.
        extra: keys that nobody documented, added to each report.
        instead: values that replace documented ones in each report, of whatever type.
        lose_recordings: what is recorded is gone when it is to be kept in the library.
        send_over_s: real seconds over which the bytes of each report are spread.
    """

    hang_up_during: int | None = None
    hang_up_after_s: float | None = None
    repeat: Literal["never", "after", "at_once"] = "never"
    repeat_every: int = 1
    lose: frozenset[int] = frozenset()
    second_hangup: bool = False
    status_instead_of_up: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    instead: Mapping[str, Any] = field(default_factory=dict)
    lose_recordings: bool = False
    send_over_s: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a count below 1, which could mean nothing."""
        if self.repeat_every < 1:
            msg = f"repeat_every is {self.repeat_every}; one report in 1 or more can be repeated"
            raise ValueError(msg)

    def repeats(self, report: int) -> bool:
        """Whether the report of this number (from 1) comes twice."""
        return self.repeat != "never" and report % self.repeat_every == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """How a simulation runs.

    Attributes:
        speed: simulated seconds that pass in a real one while the platform waits for speech,
            silence, ringing or recording. The deadline of a reply is never scaled.
        readings: how the unsure points of the platform go.
        hostility: what goes wrong on purpose.
    """

    speed: float = 1.0
    readings: Readings = field(default_factory=Readings)
    hostility: Hostility = field(default_factory=Hostility)

    def __post_init__(self) -> None:
        """Refuse a speed at which no time would pass, or all of it."""
        if not 0 < self.speed < float("inf"):
            msg = f"speed is {self.speed}; it takes a finite number above 0, such as 1 or 1000"
            raise ValueError(msg)
