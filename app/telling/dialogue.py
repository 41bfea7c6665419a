"""Tells a call out of its journalled turns: a dialogue with times, free of where it is shown.

Pure: the same turns give the same lines. The lines are plain text and hold what callers and
platforms chose; whoever shows them makes that harmless for the place, a terminal or a page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from app.callflow.events import DIAL_ANSWERED, DIAL_BUSY, DIAL_FAILED
from app.ports import CallRow, TurnRecord
from app.sounds import Recording
from app.telling.commands import command_told

OUTCOMES: Mapping[str, str] = {
    "completed": "we hung up, as the flow says",
    "hung_up": "the other end hung up",
    "transferred": "they were connected to whom we rang",
    "dialled": "it ended while we rang somebody: connected, or given up",
    "busy": "the number that we called was busy",
    "no_answer": "nobody answered at the number that we called",
    "congestion": "the network had no line for it",
    "rejected": "the platform rejected it",
    "failed": "something went wrong, and the call was ended as decently as possible",
    "lost": "the platform has not reported anything of it for hours",
}
"""Every outcome, and what it means."""

_SEALED = re.compile(r"(\d+\.[\w-]+\.[\w-]{8})[\w-]{32,}=*\Z")
_REPLY_NUMBER = re.compile(r"(\d+):")


class Who(StrEnum):
    """Whose line it is."""

    WE = "we"
    THEY = "they"
    """Whoever is on the telephone: the caller, or whom we called."""

    PLATFORM = "platform"
    FLOW = "flow"
    """Which exits the call took, and what was set on the way."""

    INCIDENT = "incident"
    CALL = "call"
    """The call as a whole: how it ended."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the dialogue.

    Attributes:
        at_s: seconds since the call's first report.
        text: goes on from who: "presses 1", "say "Goodbye."".
        step: the step that gave the command, "" for all other lines.
        turn: which of the turns it tells, from 0.
    """

    at_s: float
    who: Who
    text: str
    step: str = ""
    turn: int = 0


def tell(
    call: CallRow, turns: Sequence[TurnRecord], recordings: Sequence[Recording] = ()
) -> tuple[Line, ...]:
    """The dialogue of a call, ending in what it came to.

    Args:
        call: its own row.
        turns: its turns, in the order in which they were journalled.
        recordings: what was recorded in it.
    """
    teller = _Teller(call)
    lines: list[Line] = []
    at_s = 0.0
    for number, turn in enumerate(turns):
        at_s = (turn.received_at - turns[0].received_at).total_seconds()
        told = [*teller.tell(turn), *_recorded(turn, recordings)]
        lines += [replace(line, at_s=at_s, turn=number) for line in told]
    return (*lines, Line(at_s, Who.CALL, _ending(call), turn=max(len(turns) - 1, 0)))


def pretty(body: bytes) -> str:
    """A report or a reply to look at: JSON indented, with sealed state shortened; else as it is."""
    text = body.decode("utf-8", "backslashreplace")
    try:
        data = json.loads(text)
        if isinstance(data, dict) and isinstance(data.get("variables"), dict):
            data["variables"] = {
                name: _shortened(value) for name, value in data["variables"].items()
            }
        return json.dumps(data, indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def _shortened(value: object) -> object:
    found = _SEALED.match(value) if isinstance(value, str) else None
    return f"{found[1]}... ({len(found.string)} characters)" if found else value


def _ending(call: CallRow) -> str:
    if not call.outcome:
        return "goes on"
    meaning = OUTCOMES.get(call.outcome)
    told = f"{call.outcome}: {meaning}" if meaning else call.outcome
    return f"{told}; disposition: {call.disposition}" if call.disposition else told


class _Teller:
    """Tells turn by turn; remembers the commands that reports answer, and the variables."""

    def __init__(self, call: CallRow) -> None:
        self._call = call
        self._by_reply: dict[int | None, Mapping[str, Any]] = {}
        self._last: Mapping[str, Any] = {}
        self._variables: Mapping[str, Any] = {}

    def tell(self, turn: TurnRecord) -> Iterator[Line]:
        """The lines of a turn: what was reported, where that led, and what was replied."""
        repeated = turn.kind == "conflict"
        if not repeated:
            yield from self._event(turn)
        yield from (_line(Who.INCIDENT, incident) for incident in turn.incidents)
        if repeated:
            return
        if way := self._way(turn):
            yield _line(Who.FLOW, way)
        commands = turn.commands or _last_resort(turn)
        for command in commands:
            yield Line(0.0, Who.WE, command_told(command), str(command.get("step", "")))
        if commands:
            self._last = self._by_reply[turn.turn] = commands[-1]

    def _event(self, turn: TurnRecord) -> Iterator[Line]:
        event, command = turn.event, self._answered(turn)
        result = str(event.get("result") or "")
        match event.get("is"):
            case "CallArrived":
                yield _line(Who.THEY, self._arrival())
            case "CommandDone":
                yield from _done(command, result)
            case "NoInput":
                yield _line(Who.THEY, "presses nothing")
            case "CommandFailed":
                yield _line(Who.PLATFORM, f'could not do it: "{event.get("error", "")}"')
            case "NotAnswered":
                yield _unanswered(str(event.get("why", "")), self._call.called)
            case "HungUp":
                yield from _hung_up(command, result, str(event.get("error") or ""))
            case other:
                yield _line(Who.PLATFORM, f"reports {other}")

    def _answered(self, turn: TurnRecord) -> Mapping[str, Any]:
        """The command that a report is about: that of the reply it names, else the last one."""
        number = _REPLY_NUMBER.match(turn.report_key)
        return self._by_reply.get(int(number[1]) if number else None, self._last)

    def _arrival(self) -> str:
        caller, called = self._call.caller or "a withheld number", self._call.called or "us"
        if self._call.direction == "outbound":
            return f"{called} answers; called from {caller}"
        return f"{caller} calls {called}"

    def _way(self, turn: TurnRecord) -> str:
        """The exits that were taken, and the variables that changed."""
        exits = " -> ".join(f"{step}: {exit_}" for step, exit_ in turn.trail)
        before, after = self._variables, turn.variables
        if turn.state is None and not after:
            return exits  # nothing is known of the variables
        self._variables = after
        changed = ", ".join(
            f"{name} = {json.dumps(value, ensure_ascii=False)}"
            for name, value in after.items()
            if name not in before or before[name] != value
        )
        return " ".join(filter(None, (exits, f"({changed})" * bool(changed))))


def _line(who: Who, text: str) -> Line:
    return Line(0.0, who, text)


def _done(command: Mapping[str, Any], result: str) -> Iterator[Line]:
    """What came of a command that ran to its end; nothing is told of what always comes."""
    match command.get("is"):
        case "Collect":
            yield _line(Who.THEY, f"presses {result}")
        case "Record":
            yield _line(Who.THEY, _message(result))
        case "Dial":
            yield _line(Who.PLATFORM, _DIALLED.get(result, "nobody answered"))
        case "Conference":
            yield _line(Who.THEY, "leaves the room")
        case "Native" if result and command.get("name") == "read":
            yield _line(Who.THEY, f"presses {result}")
        case "Native" if result:
            yield _line(Who.PLATFORM, f'{command.get("name")} brought "{result}"')


_DIALLED = {
    DIAL_ANSWERED: "whom we rang answered, and that conversation is over",
    DIAL_BUSY: "whom we rang was busy",
    DIAL_FAILED: "whom we rang could not be reached",
}


def _message(recording: str) -> str:
    return f'leaves a message: "{recording}"' if recording else "leaves no message"


def _recorded(turn: TurnRecord, recordings: Sequence[Recording]) -> Iterator[Line]:
    """What became of the sound that a turn told; a failure is an incident of the turn already."""
    for one in recordings:
        if one.report_key != turn.report_key:
            continue
        length = "" if one.seconds is None else f" ({one.seconds:g} s)"
        known_as = f"what was said as recording {one.id}{length}"
        match str(one.status):
            case "kept":
                yield _line(Who.PLATFORM, f"keeps {known_as}")
            case "waiting" | "converting":
                yield _line(Who.PLATFORM, f"is still to keep {known_as}")
            case "deleting":
                yield _line(Who.PLATFORM, f"is still to delete {known_as}")
            case "deleted":
                yield _line(Who.PLATFORM, f"has deleted {known_as}")
            case _:
                continue


def _hung_up(command: Mapping[str, Any], result: str, error: str) -> Iterator[Line]:
    if error:
        yield _line(Who.PLATFORM, f'said at the end: "{error}"')
    match command.get("is"):
        case "Hangup":
            return
        case "Dial" if result == DIAL_ANSWERED:
            yield _line(Who.CALL, "ends after a conversation with whom we rang")
        case "Dial":
            yield _line(Who.CALL, "ends while we ring somebody")
        case "Collect" if result:
            yield _line(Who.THEY, f"presses {result} and hangs up")
        case "Record" if result:
            yield _line(Who.THEY, f"{_message(result)} and hangs up")
        case None:
            yield _line(Who.THEY, "hangs up before anything was said")
        case _:
            yield _line(Who.THEY, "hangs up")


def _unanswered(why: str, called: str) -> Line:
    told = {
        "busy": "is busy",
        "no_answer": "does not answer",
        "congestion": "cannot be reached: the network had no line",
        "rejected": "was not called: the platform rejected it",
    }
    return _line(Who.THEY, f"{called} {told.get(why, why)}".strip())


def _last_resort(turn: TurnRecord) -> tuple[Mapping[str, Any], ...]:
    """What was replied from the report alone: no flow gave it, so only the reply's bytes say it.

    Read as CALLR's replies are (docs.callr.com/voice/real-time/reference).
    """
    if turn.kind != "last_resort":
        return ()
    try:
        reply = json.loads(turn.reply)
        name, params = reply["command"], reply["params"]
        if name == "play":
            return ({"is": "Say", "text": str(params["media_id"]).split("|", 2)[-1]},)
        if name == "dialout":
            targets = [target["number"] for target in params["targets"]]
            return ({"is": "Dial", "targets": targets},)
    except (ValueError, KeyError, TypeError):
        return ({"is": "Native", "name": "the last resort"},)
    return ({"is": "Hangup"},)
