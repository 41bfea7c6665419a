"""Seals the state that rides with a call, so that nobody can read, forge or swap it.

AES-SIV (RFC 5297): deterministic, so that the same turn gives the same bytes on any machine. Keys
come from SECRET_KEY by HKDF (RFC 5869), one label per use, and are named by a key id, so that
SECRET_KEY_OLD is still read while the key is changed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app import compact_json
from app.callflow.call import STATE_VERSION
from app.callflow.errors import FlowError, PlatformError

_NEWER = re.compile(r"[1-9][0-9]*\Z")
MAX_SEALED_BYTES = 1500
"""A sealed state is no longer.

Stringee's stands in a URL, and CALLR documents no limit for its own.
"""


@dataclass(frozen=True, slots=True)
class _Key:
    id: str
    cipher: AESSIV


class Seal:
    """Seals states, and recognises what it sealed.

    A sealed state is ``<version>.<key id>.<base64url>``; its associated data is version, provider
    and call key, so that the state of one call is refused in another.
    """

    def __init__(self, secret_key: str, secret_key_old: str = "") -> None:
        self._key = _key_from(secret_key)
        self._readable = {self._key.id: self._key}
        if secret_key_old:
            old = _key_from(secret_key_old)
            self._readable[old.id] = old
        repeat_key = _derive(secret_key, "repeat", 32)
        self._hash = hashlib.blake2b(key=repeat_key, digest_size=16)  # which has read the key

    def seal(self, state: Mapping[str, Any], *, provider: str, call_key: str) -> str:
        """Seal a state.

        Raises:
            FlowError: it is longer than MAX_SEALED_BYTES; names the largest variable.
        """
        plain = compact_json.utf8(state)
        version = str(STATE_VERSION)
        data = self._key.cipher.encrypt(plain, _bound_to(version, provider, call_key))
        text = base64.urlsafe_b64encode(data).rstrip(b"=").decode()
        sealed = f"{version}.{self._key.id}.{text}"
        if len(sealed) > MAX_SEALED_BYTES:
            raise _too_large(state, len(sealed))
        return sealed

    def unseal(self, sealed: str, *, provider: str, call_key: str) -> dict[str, Any]:
        """Read a sealed state.

        Raises:
            PlatformError: it is no state of this call that one of the keys sealed; says why.
        """
        version, _, rest = sealed.partition(".")
        key_id, _, text = rest.partition(".")
        if version != str(STATE_VERSION):
            age = "newer" if _NEWER.match(version) else "unknown"
            msg = f"the state that came back has a {age} format."
            raise PlatformError(msg)
        key = self._readable.get(key_id)
        if key is None:
            msg = "the state that came back was sealed with a key that is not known here."
            raise PlatformError(msg, mend="Set SECRET_KEY_OLD while SECRET_KEY is changed.")
        try:
            data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            plain = key.cipher.decrypt(data, _bound_to(version, provider, call_key))
        except (InvalidTag, ValueError):
            msg = "the state that came back was changed, or is another call's."
            raise PlatformError(msg) from None
        state: dict[str, Any] = compact_json.loads(plain)
        if float in map(type, state.get("y", {}).values()):  # a whole number beyond 64 bits
            state = json.loads(plain)
        return state

    def digest(self, raw: bytes) -> str:
        """A keyed hash (BLAKE2b, RFC 7693) of a report's bytes, hex, to recognise a repeat.

        Nobody without the key can try out what was pressed.
        """
        told = self._hash.copy()
        told.update(raw)
        return told.hexdigest()


def _key_from(secret: str) -> _Key:
    return _Key(_derive(secret, "key id", 4).hex(), AESSIV(_derive(secret, "state", 64)))


def _derive(secret: str, label: str, length: int) -> bytes:
    info = f"offhook {label}".encode()
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(secret.encode())


def _bound_to(version: str, provider: str, call_key: str) -> list[bytes]:
    return [version.encode(), provider.encode(), call_key.encode()]


def _too_large(state: Mapping[str, Any], size: int) -> FlowError:
    variables: Mapping[str, Any] = state.get("y", {})
    largest = max(variables, key=lambda name: len(str(variables[name])), default="")
    chars = len(str(variables.get(largest, "")))
    return FlowError(
        f"the call's state is {size} bytes; at most {MAX_SEALED_BYTES} ride with a call. "
        f"The largest variable is '{largest}' with {chars} characters.",
        mend="Keep less in variables.",
        step=str(state.get("s", "")),
    )
