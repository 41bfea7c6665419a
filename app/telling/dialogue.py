"""Tells a call out of what is journalled of it: a dialogue with times, free of where it is shown.

Pure: the same turns and status posts give the same lines. The lines are plain text and hold what
callers and platforms chose; whoever shows them makes that harmless for the place, a terminal or a
page.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from app.callflow.events import DIAL_ANSWERED, DIAL_BUSY, DIAL_FAILED
from app.ports import ENDED, CallRow, Notice, TurnRecord
from app.sounds import Recording
from app.telling.bodies import last_resort
from app.telling.commands import command_told
from app.telling.notices import END, end_told, status_told
from app.telling.sounds import Sounds, is_of_a_sound

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
        at_s: seconds since the platform's first word of the call.
        text: goes on from who: "presses 1", "say "Goodbye."".
        step: the step that gave the command, "" for all other lines.
        turn: which of the turns it tells, from 0; None for a line of a status post.
        notice: which of the status posts it tells, from 0; None for all other lines.
    """

    at_s: float
    who: Who
    text: str
    step: str = ""
    turn: int | None = 0
    notice: int | None = None


def tell(
    call: CallRow,
    turns: Sequence[TurnRecord],
    recordings: Sequence[Recording] = (),
    notices: Sequence[Notice] = (),
) -> tuple[Line, ...]:
    """The dialogue of a call, ending in what it came to.

    Args:
        call: its own row.
        turns: its turns, in the order in which they were journalled.
        recordings: what was recorded in it.
        notices: its status posts, in the order in which they were journalled.
    """
    teller = _Teller(call, Sounds(turns, recordings, notices))
    lines: list[Line] = []
    began, at_s = began_at(turns, notices), 0.0
    for number, came in in_order(turns, notices):
        at_s = (came.received_at - began).total_seconds()
        if isinstance(came, TurnRecord):
            told = [*teller.tell(came), *teller.recorded(came, recordings)]
            lines += [replace(line, at_s=at_s, turn=number) for line in told]
        else:
            noted = teller.note(came)
            lines += [replace(line, at_s=at_s, turn=None, notice=number) for line in noted]
    return (*lines, Line(at_s, Who.CALL, _ending(call), turn=max(len(turns) - 1, 0)))


def began_at(turns: Sequence[TurnRecord], notices: Sequence[Notice] = ()) -> datetime:
    """When the platform's first word of a call came; the times of its dialogue begin there."""
    moments = [turn.received_at for turn in turns] + [one.received_at for one in notices]
    return min(moments, default=datetime.now(UTC))


def in_order(
    turns: Sequence[TurnRecord], notices: Sequence[Notice] = ()
) -> Iterator[tuple[int, TurnRecord | Notice]]:
    """Turns and status posts in the order in which they came, each with its number among its kind.

    Each kind keeps the order in which it was journalled. The status post that ended the call is
    left out where a turn came of it: that turn has all of it.
    """
    told_by_turn = any(turn.report_key == ENDED for turn in turns)
    waiting = deque(
        (number, one)
        for number, one in enumerate(notices)
        if not (told_by_turn and one.kind == END)
    )
    for number, turn in enumerate(turns):
        while waiting and waiting[0][1].received_at < turn.received_at:
            yield waiting.popleft()
        yield number, turn
    yield from waiting


def _ending(call: CallRow) -> str:
    if not call.outcome:
        return "goes on"
    meaning = OUTCOMES.get(call.outcome)
    told = f"{call.outcome}: {meaning}" if meaning else call.outcome
    return f"{told}; disposition: {call.disposition}" if call.disposition else told


class _Teller:
    """Tells turn by turn; remembers the commands that reports answer, and the variables."""

    def __init__(self, call: CallRow, sounds: Sounds) -> None:
        self._call = call
        self._sounds = sounds
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
        commands = turn.commands or last_resort(turn)
        for command in commands:
            said = command_told(self._carried_out(command))
            yield Line(0.0, Who.WE, said, str(command.get("step", "")))
        if commands:
            self._last = self._by_reply[turn.turn] = commands[-1]

    def _carried_out(self, command: Mapping[str, Any]) -> Mapping[str, Any]:
        """A command as the platform does it: Stringee whispers nothing to whom it rings."""
        return command if self._call.provider != "stringee" else {**command, "whisper": None}

    def note(self, notice: Notice) -> Iterator[Line]:
        """The lines of a status post."""
        if is_of_a_sound(notice):
            yield from self._sound(notice)
        elif text := end_told(notice.about) if notice.kind == END else status_told(notice):
            yield _line(Who.PLATFORM, text)

    def recorded(self, turn: TurnRecord, recordings: Sequence[Recording]) -> Iterator[Line]:
        """What became of the sound that a turn told; not of one that a status post tells."""
        for one in recordings:
            if one.report_key == turn.report_key and not self._sounds.reference(one):
                yield from _kept(one)

    def _sound(self, notice: Notice) -> Iterator[Line]:
        """That a sound is there, and what became of it."""
        recording, command = self._sounds.told_by(notice), self._sounds.asked_for(notice)
        known_as = f"recording {recording.id}" if recording else f'"{notice.about.get("file")}"'
        if command.get("name") == "record":
            yield _line(Who.PLATFORM, f"has recorded the call: {known_as}")
        else:
            yield _line(Who.THEY, f"leaves a message: {known_as}")
        if recording:
            yield from _kept(recording)

    def _event(self, turn: TurnRecord) -> Iterator[Line]:
        event, command = turn.event, self._answered(turn)
        result = str(event.get("result") or "")
        if text := end_told(event):
            yield _line(Who.PLATFORM, text)
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
                early = event.get("early") is True
                yield from _hung_up(command, result, str(event.get("error") or ""), early=early)
            case other:
                yield _line(Who.PLATFORM, f"reports {other}")

    def _answered(self, turn: TurnRecord) -> Mapping[str, Any]:
        """The command that a report is about: that of the reply it names, else the last one."""
        number = _REPLY_NUMBER.match(turn.report_key)
        return self._by_reply.get(int(number[1]) if number else None, self._last)

    def _arrival(self) -> str:
        caller, called = self._call.caller or "a withheld number", self._call.called or "us"
        if self._call.direction == "outbound":
            # What Stringee is to say goes with the order to ring: nobody has answered yet.
            does = "is to be rung" if self._call.provider == "stringee" else "answers; called"
            return f"{called} {does} from {caller}"
        return f"{caller} calls {called}"

    def _way(self, turn: TurnRecord) -> str:
        """The exits that were taken, and the variables that changed."""
        exits = " -> ".join(f"{step}: {exit_}" for step, exit_ in turn.trail)
        before, after = self._variables, turn.variables
        if turn.state is None and not after:
            return exits  # nothing is known of the variables
        self._variables = after
        changed = ", ".join(
            f"{name} = {self._sounds.value(value)}"
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


def _kept(recording: Recording) -> Iterator[Line]:
    """What became of a sound; a failure is an incident of the turn already."""
    length = "" if recording.seconds is None else f" ({recording.seconds:g} s)"
    known_as = f"what was said as recording {recording.id}{length}"
    match str(recording.status):
        case "kept":
            yield _line(Who.PLATFORM, f"keeps {known_as}")
        case "waiting" | "converting":
            yield _line(Who.PLATFORM, f"is still to keep {known_as}")
        case "deleting":
            yield _line(Who.PLATFORM, f"is still to delete {known_as}")
        case "deleted":
            yield _line(Who.PLATFORM, f"has deleted {known_as}")
        case _:
            return


def _hung_up(command: Mapping[str, Any], result: str, error: str, *, early: bool) -> Iterator[Line]:
    """What a hang-up interrupted; ``early`` says that it was before our own."""
    if error:
        yield _line(Who.PLATFORM, f'said at the end: "{error}"')
    match command.get("is"):
        case "Hangup" if early:
            yield _line(Who.THEY, "hangs up before we do")
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
