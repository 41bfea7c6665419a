"""Who stands at an end of a call, and the digits that they press."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

DTMF_KEYS = "0123456789*#"
"""The keys of a telephone. ``#`` ends an entry and is never part of one."""

_E164 = re.compile(r"\+[1-9][0-9]{1,14}\Z")
_SHOWN_AT_THE_START = 4
_SHOWN_AT_THE_END = 2


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone on the public network.

    Attributes:
        number: E.164, such as ``+33612345678``.
    """

    number: str

    def __post_init__(self) -> None:
        if not is_e164(self.number):
            msg = f"{self.number!r} is no E.164 number: + and 2 to 15 digits, the first not 0"
            raise ValueError(msg)

    def __str__(self) -> str:
        return self.number


@dataclass(frozen=True, slots=True)
class Client:
    """A user of an app on the platform, such as ``user_1``."""

    user: str

    def __str__(self) -> str:
        return self.user


@dataclass(frozen=True, slots=True)
class Other:
    """An id that the platform made and that is no telephone number, such as ``1110001013``."""

    id: str

    def __str__(self) -> str:
        return self.id


Party = Phone | Client | Other | None
"""Who stands at an end of a call; None where it is withheld or unknown."""


@lru_cache(maxsize=1024)
def _phone(number: str) -> Phone:
    """The same telephone, whose call brings it with each turn twice over."""
    return Phone(number)


_OF_KIND: Mapping[str, Callable[[str], Phone | Client | Other]] = {
    "p": _phone,
    "c": Client,
    "o": Other,
}


def is_e164(text: str) -> bool:
    """Whether ``text`` is a number in E.164 with its +."""
    return _E164.match(text) is not None


def party_from(text: str) -> Party:
    """Read what a platform says of an end of a call.

    "" is None, E.164 a Phone, anything else Other.
    """
    if not text:
        return None
    return _phone(text) if is_e164(text) else Other(text)


def party_to_state(party: Party) -> list[str] | None:
    """Write a party as what a sealed state holds: its kind's letter and its text."""
    match party:
        case None:
            return None
        case Phone(number):
            return ["p", number]
        case Client(user):
            return ["c", user]
        case Other(text):
            return ["o", text]


def party_from_state(state: list[str] | None) -> Party:
    """Read what ``party_to_state`` wrote."""
    if state is None:
        return None
    kind, text = state
    return _OF_KIND[kind](text)


def target_from_state(state: list[str]) -> Phone | Client:
    """Read what ``party_to_state`` wrote of somebody who can be dialled."""
    kind, text = state
    return Client(text) if kind == "c" else Phone(text)


def mask(number: str) -> str:
    """Hide the middle of a number for a log: ``+33612345678`` becomes ``+336******78``."""
    hidden = len(number) - _SHOWN_AT_THE_START - _SHOWN_AT_THE_END
    if hidden <= 0:
        return "*" * len(number)
    return number[:_SHOWN_AT_THE_START] + "*" * hidden + number[-_SHOWN_AT_THE_END:]


def star(entry: str) -> str:
    """Hide an entry key by key, so that its length still shows: "1234" becomes "****"."""
    return "*" * len(entry)


def entry_fits(entry: str, *, accept: str, min_digits: int, max_digits: int) -> bool:
    """Whether an entry has a length and keys that its step takes."""
    return min_digits <= len(entry) <= max_digits and all(key in accept for key in entry)


def spell(text: str) -> str:
    """Write digits so that a voice says them one by one.

    "018" becomes "0, 1, 8"; a + is left out.
    """
    return ", ".join(key for key in text if key != "+" and not key.isspace())
