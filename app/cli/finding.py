"""Which voice app or number somebody means, and how they are written out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.cli.exits import NotFoundError
from app.numbers import read_number

if TYPE_CHECKING:
    from app.callr.objects import Did, VoiceApp


def find_app(found: list[VoiceApp], text: str) -> VoiceApp:
    """The voice app with this hash, else the only one with this exact name.

    Raises:
        NotFoundError: there is none, or several have the name.
    """
    by_hash = [app for app in found if app.hash == text]
    matches = by_hash or [app for app in found if app.name == text]
    if len(matches) == 1:
        return matches[0]
    if matches:
        hashes = ", ".join(app.hash for app in matches)
        msg = f"{len(matches)} voice apps are called '{text}'."
        raise NotFoundError(msg, mend=f"Say which by its hash: {hashes}.")
    msg = f"No voice app has the hash or the name '{text}'."
    raise NotFoundError(msg, mend="`offhook apps list` shows those there are.")


def find_did(dids: list[Did], text: str, country: str) -> Did:
    """The number of the account with this DID hash, else the one that is written so.

    Args:
        dids: the account's numbers.
        text: a DID hash, or a number as people of ``country`` write it.
        country: ISO 3166; "" for none.

    Raises:
        NumberError: ``text`` is neither a hash of these nor a number.
        NotFoundError: the account has no such number.
    """
    if by_hash := [did for did in dids if did.hash == text]:
        return by_hash[0]
    mend = "`offhook numbers list` shows those it has."
    if any(char.isalpha() for char in text):
        msg = f"The account has no number with the DID hash '{text}'."
        raise NotFoundError(msg, mend=mend)
    number = read_number(text, country)
    if by_number := [did for did in dids if did.number == number]:
        return by_number[0]
    msg = f"The account has no number {number}."
    raise NotFoundError(msg, mend=mend)


def doing(did: Did, found: list[VoiceApp]) -> str:
    """What a number does, in words."""
    if did.app is None:
        return "rings nothing"
    name = did.app_name or next((app.name for app in found if app.hash == did.app), "")
    return f"rings voice app '{name}' ({did.app})" if name else f"rings voice app {did.app}"


def numbers_of(app: VoiceApp) -> str:
    """The numbers that ring a voice app, in one line; "" for none."""
    return ", ".join(did.number or did.hash for did in app.numbers)


def app_json(app: VoiceApp) -> dict[str, Any]:
    """A voice app as JSON."""
    return {
        "hash": app.hash,
        "name": app.name,
        "kind": app.kind,
        "url": app.url,
        "created": app.created,
        "numbers": [did.number for did in app.numbers],
    }


def did_json(did: Did, app_name: str) -> dict[str, Any]:
    """A number as JSON."""
    return {
        "number": did.number,
        "hash": did.hash,
        "kind": did.kind,
        "country": did.country,
        "app": did.app,
        "app_name": app_name,
    }
