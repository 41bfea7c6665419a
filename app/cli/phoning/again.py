"""``offhook phone FLOW --like CALL``: what a caller of the journal did, done again.

Reads the keys, silences and answers out of the reports, and in which command they hung up. What a
journal does not tell is how long anything took, nor keys that were pressed before a hang-up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

import click

from app.callflow.events import DIAL_ANSWERED, DIAL_BUSY, DIAL_FAILED
from app.callflow.parties import is_e164
from app.cli.phoning.plan import PhoneOptions
from app.journal import JournalledCall
from app.ports import CallRow, TurnRecord
from app.simulator import Answer, Holder, Others, Script
from app.telling import tell

_DIALLED = {
    DIAL_ANSWERED: Answer.ANSWER,
    DIAL_BUSY: Answer.BUSY,
    DIAL_FAILED: Answer.UNAVAILABLE,
}
_UNANSWERED = {
    "busy": Answer.BUSY,
    "no_answer": Answer.NO_ANSWER,
    "congestion": Answer.CONGESTION,
    "rejected": Answer.REJECTED,
}

Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What somebody did in a call.

    Attributes:
        call: the call.
        entries: what they pressed, one for each time keys were asked for; "" for silence.
        secret: places of entries that the journal has starred.
        hangup_at: the command during which they hung up, from 1; None where they did not.
        answer: what they did when their phone rang.
        dialled: what those did whom the flow rang, by number.
        left_room: they left a conference with ``*``.
        given: what the call was started with.
    """

    call: CallRow
    entries: tuple[str, ...] = ()
    secret: frozenset[int] = frozenset()
    hangup_at: int | None = None
    answer: Answer = Answer.ANSWER
    dialled: Mapping[str, Answer]
    left_room: bool = False
    given: Mapping[str, str]

    def holder(self) -> Holder:
        """Somebody who does it again."""
        unknown = Answer.NO_ANSWER if Answer.NO_ANSWER in self.dialled.values() else Answer.ANSWER
        script = Script(
            keys=self.entries,
            hangup_at=self.hangup_at,
            answer=self.answer,
            leaves_room="star" if self.left_room else "hang up",
            others=Others(answer=unknown, by_number=self.dialled),
        )
        return Holder(script=script)

    def options(self, asked: PhoneOptions) -> PhoneOptions:
        """The options with which the call would be made by hand."""
        caller = self.call.caller
        return replace(
            asked,
            keys=";".join(self.entries),
            hangup_at=self.hangup_at,
            caller=caller if is_e164(caller) else "",
            at=self.call.started_at.isoformat(),
            outbound=self.call.direction == "outbound",
            var=tuple(f"{name}={value}" for name, value in self.given.items()),
        )

    def with_keys(self, entries: Sequence[str]) -> Again:
        """The same, but for what is pressed."""
        return replace(self, entries=tuple(entries), secret=frozenset())

    def check_secrets(self) -> None:
        """See that everything that was pressed is known.

        Raises:
            click.UsageError: a secret is not; says how to write it.
        """
        if self.secret:
            keys = ";".join(self.entries)
            msg = (
                "The journal keeps no secrets, so an entry of that call is only starred. Write all "
                f'entries with --keys "{keys}", the real one in the place of its stars.'
            )
            raise click.UsageError(msg)


def read_again(
    found: JournalledCall,
    turns: Sequence[TurnRecord],
    *,
    secret_steps: frozenset[str],
    given: Mapping[str, str],
) -> Again:
    """Read what somebody did out of a call's turns.

    Args:
        found: the call.
        turns: its turns, in order.
        secret_steps: steps that ask for a secret.
        given: what it was started with.
    """
    reader = _Reader(secret_steps)
    for turn in turns:
        if turn.kind != "conflict":
            reader.read(turn)
    return Again(
        call=found.row,
        entries=tuple(reader.entries),
        secret=frozenset(reader.secret),
        hangup_at=reader.hangup_at,
        answer=reader.answer,
        dialled=reader.dialled,
        left_room=reader.left_room,
        given=given,
    )


class _Reader:
    """Goes through the turns; remembers which command each report is about."""

    def __init__(self, secret_steps: frozenset[str]) -> None:
        self.entries: list[str] = []
        self.secret: set[int] = set()
        self.hangup_at: int | None = None
        self.answer = Answer.ANSWER
        self.dialled: dict[str, Answer] = {}
        self.left_room = False
        self._secret_steps = secret_steps
        self._commands = 0
        self._last: Told = {}

    def read(self, turn: TurnRecord) -> None:
        event, command = turn.event, self._last
        result = str(event.get("result") or "")
        match event.get("is"):
            case "NoInput":
                self._enter("", command)
            case "CommandDone" if command.get("is") == "Collect" or command.get("name") == "read":
                self._enter("" if result == "TIMEOUT" else result, command)
            case "CommandDone" if command.get("is") == "Dial":
                self._dialled(command, _DIALLED.get(result, Answer.NO_ANSWER))
            case "CommandDone" if command.get("is") == "Conference":
                self.left_room = True
            case "NotAnswered":
                self.answer = _UNANSWERED.get(str(event.get("why")), Answer.NO_ANSWER)
            case "HungUp" if command.get("is") == "Dial" and result == DIAL_ANSWERED:
                self._dialled(command, Answer.ANSWER)
            case "HungUp" if command and command.get("is") != "Hangup":
                self.hangup_at = self._commands
        # A last resort gives a command too, which no flow gave.
        if turn.commands or turn.kind == "last_resort":
            self._commands += 1
            self._last = turn.commands[-1] if turn.commands else {"is": "Native"}

    def _enter(self, entry: str, command: Told) -> None:
        if entry and command.get("step") in self._secret_steps:
            self.secret.add(len(self.entries))
        self.entries.append(entry)

    def _dialled(self, command: Told, answer: Answer) -> None:
        self.dialled |= {str(target): answer for target in command.get("targets") or ()}


def differences(
    then: tuple[CallRow, Sequence[TurnRecord]], now: tuple[CallRow, Sequence[TurnRecord]]
) -> Iterator[str]:
    """What is told of one call only: ``-`` of the first, ``+`` of the second, in order.

    Times and the names of recordings are another's each time, and no difference.
    """
    first, second = _lines(*then), _lines(*now)
    for what, begin, end, other_begin, other_end in SequenceMatcher(
        None, first, second, autojunk=False
    ).get_opcodes():
        if what != "equal":
            yield from (f"- {line}" for line in first[begin:end])
            yield from (f"+ {line}" for line in second[other_begin:other_end])


def _lines(call: CallRow, turns: Sequence[TurnRecord]) -> list[str]:
    names = [
        str(turn.event["result"])
        for turn, before in zip(turns[1:], turns, strict=False)
        if turn.event.get("result") and before.commands and before.commands[-1]["is"] == "Record"
    ]
    lines = []
    for line in tell(call, turns):
        text = line.text
        for name in names:
            text = text.replace(f'"{name}"', '"(recording)"')
        lines.append(f"{line.who:<9}{text}" + (f"  [{line.step}]" if line.step else ""))
    return lines
