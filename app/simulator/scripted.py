"""Persons that follow a script."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from app.simulator.line import check_keys
from app.simulator.person import Answer, Handset, Others
from app.simulator.transcript import (
    Began,
    Bridged,
    Event,
    InRoom,
    KeysWanted,
    PickedUp,
    Recording,
    Started,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What a scripted person does.

    Attributes:
        keys: one entry for each command that asks for keys (each try of a PIN counts), without the
            closing `#` unless it is to be pressed. An empty entry is silence, and so is all that
            comes after the last.
        hangup_after: hangs up so many simulated seconds after the call began, or was answered.
        presses_at: keys that are pressed a second after the platform starts the so-manieth command,
            from 1, whether it asks for any or not.
        hangup_at: hangs up as soon as the platform starts the so-manieth command, from 1.
        answer: what they do when their phone rings.
        ring_s: simulated seconds until they do it.
        talk_s: how long they talk in a dial-out that was answered, or stay in a conference.
        leaves_room: how they leave a conference.
        speaks_s: how long they speak into a recording. After that they press `#` where the platform
            listens for no silence.
        hangup_speaking: hangs up at the end of the so-manieth recording, from 1, instead.
        barges_in: they press keys half-way through the prompt, not after it.
        others: who is at the numbers that the voice app dials.
    """

    keys: tuple[str, ...] = ()
    presses_at: Mapping[int, str] = field(default_factory=dict)
    hangup_after: float | None = None
    hangup_at: int | None = None
    answer: Answer = Answer.ANSWER
    ring_s: float = 3.0
    talk_s: float = 20.0
    leaves_room: Literal["hang up", "star"] = "hang up"
    speaks_s: float = 4.0
    hangup_speaking: int | None = None
    barges_in: bool = False
    others: Others = field(default_factory=Others)

    def __post_init__(self) -> None:
        """Refuse keys that no telephone has."""
        for entry in (*self.keys, *self.presses_at.values()):
            check_keys(entry)


REACTION_S: Final = 1.0
BETWEEN_KEYS_S: Final = 0.3


class Scripted:
    """A person who follows a `Script`, once.

    Nothing hangs for ever on them: in a conversation or a conference they leave after `talk_s`.
    """

    patience_s: None = None

    def __init__(self, script: Script | None = None) -> None:
        self.script = script or Script()
        self.answer = self.script.answer
        self.ring_s = self.script.ring_s
        self.others = self.script.others
        self._left = list(self.script.keys)
        self._handset: Handset | None = None
        self._leaving = False
        self._recordings = 0

    def meet(self, handset: Handset) -> None:
        """Take the handset."""
        self._handset = handset

    def notice(self, event: Event) -> None:
        """Do what the script says about this event."""
        script, handset = self.script, self._handset
        if handset is None:
            return
        match event:
            case Began(direction="inbound") | PickedUp() if script.hangup_after is not None:
                handset.hang_up(after=script.hangup_after)
            case Started(number=number):
                self._start(handset, number)
            case KeysWanted():
                self._type(handset, event)
            case Recording():
                self._speak(handset, event)
            case Bridged() | InRoom() if not self._leaving:
                self._leave(handset, event)
            case _:
                pass

    def _start(self, handset: Handset, number: int) -> None:
        self._leaving = False
        if number == self.script.hangup_at:
            handset.hang_up()
        if keys := self.script.presses_at.get(number):
            handset.press(keys, after=REACTION_S, every=BETWEEN_KEYS_S)

    def _speak(self, handset: Handset, event: Recording) -> None:
        self._recordings += 1
        after = self.script.speaks_s
        if self._recordings == self.script.hangup_speaking:
            handset.hang_up(after=after)
        elif event.silence_s == 0:
            handset.press("#", after=after)
        else:
            handset.stay_silent(after=after)

    def _leave(self, handset: Handset, event: Bridged | InRoom) -> None:
        """Plan, once, how this conversation or conference ends."""
        self._leaving = True
        if isinstance(event, InRoom) and self.script.leaves_room == "star":
            handset.press("*", after=self.script.talk_s)
        else:
            handset.hang_up(after=self.script.talk_s, within_command=True)

    def _type(self, handset: Handset, event: KeysWanted) -> None:
        """Type the next entry, never so slowly that the platform's time limit passes."""
        if not self._left or (event.what == "read" and event.attempt > 1):
            return
        wait = min(REACTION_S, event.timeout_s / 2)
        after = event.prompt_s / 2 if self.script.barges_in else event.prompt_s + wait
        handset.press(
            self._left.pop(0), after=after, every=min(BETWEEN_KEYS_S, event.timeout_s / 2)
        )
