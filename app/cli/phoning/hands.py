"""Following a call on a phone, and what the keys of a keyboard do to it."""

from __future__ import annotations

import threading
from typing import Final

from app.callflow.phrases import APOLOGY, PHRASES
from app.cli.phoning.keyboard import END
from app.cli.phoning.lines import line_of
from app.cli.phoning.screen import Screen
from app.simulator import Event, Phone, SimulatorError
from app.simulator.transcript import (
    Bridged,
    Ended,
    Fault,
    InRoom,
    KeysWanted,
    Played,
    Pressed,
    Recording,
    Said,
    Started,
    Tone,
    Warned,
)

HELP: Final = (
    "Keys: 0-9 * # at any time, Enter after the last of an entry; s stays silent, h hangs up."
)
APOLOGISED: Final = "it apologised to the caller, as it does where a flow cannot go on"
_APOLOGIES: Final = frozenset(PHRASES[APOLOGY].values())
"""As far as a phone knows: a flow may have words of its own (``Flow(phrases=...)``)."""

_KEYS: Final = frozenset("0123456789*#")
_ENTER: Final = frozenset("\r\n")


class Hands:
    """Turns the keys of a keyboard into what is done with a phone.

    A live person's phone stands still where the platform waits, so Enter says that the entry is
    complete. ``key`` runs in the keyboard's thread, ``see`` in that which follows the call.
    """

    def __init__(self, phone: Phone, screen: Screen) -> None:
        self._phone = phone
        self._screen = screen
        self._lock = threading.Lock()
        self._asked = ""
        self._typed = ""

    def see(self, event: Event) -> str | None:
        """The prompt for what the call now waits for; None where that stays as it is."""
        match event:
            case KeysWanted():
                prompt = "keys> "
            case Recording():
                prompt = "speaking (Enter: fall silent, #: end)> "
            case InRoom():
                prompt = "in conference (*: leave, h: hang up)> "
            case Bridged():
                prompt = "talking (h: hang up)> "
            case Said() | Played() | Tone() | Warned() | Pressed(used=False):
                return None
            case Started(command="talk" | "play" | "stream" | "input"):
                return None  # Stringee asks for keys with the first prompt before an input
            case _:
                prompt = ""
        with self._lock:
            self._asked, self._typed = prompt, ""
        return prompt

    def key(self, key: str) -> None:
        """Do what a key of the keyboard stands for."""
        try:
            self._do(key)
        except SimulatorError as error:
            self._screen.note(f"{error}")

    def _do(self, key: str) -> None:
        if key in _KEYS:
            self._echo(key)
            self._phone.press(key)
        elif key in {"h", END}:
            self._phone.hang_up()
        elif key == "s" or (key in _ENTER and self._asked):
            self._phone.stay_silent()
        elif key.isprintable() and not key.isspace():
            self._screen.note(f"{key!r} is no key of a telephone. {HELP}")

    def _echo(self, key: str) -> None:
        with self._lock:
            if self._asked:
                self._typed += key
                self._screen.prompt(self._asked + self._typed)


def follow(
    phone: Phone, screen: Screen, *, raw: bool, hands: Hands | None = None
) -> list[str] | None:
    """Tell one call as it goes on, to its end.

    Args:
        phone: on which it is.
        screen: where it is told.
        raw: tell POSTs, replies and commands too.
        hands: of a live person, who is asked for keys.

    Returns:
        what the server did against the protocol, and ``APOLOGISED`` where it did; None where no
            call comes any more.
    """
    faults = []
    for event in phone.events():
        prompt = hands.see(event) if hands is not None else None
        if line := line_of(event, raw=raw):
            screen.data(line, prompt=prompt)
        elif prompt is not None:
            screen.prompt(prompt)
        if isinstance(event, Fault):
            faults.append(event.reason)
        if isinstance(event, Said) and event.text in _APOLOGIES:
            faults.append(APOLOGISED)
        if isinstance(event, Ended):
            return faults
    return None
