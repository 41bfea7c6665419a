"""A probe: does an address lead to a server with these settings? It leaves no trace.

The asker seals a random word with SECRET_KEY and sends it in a header of a POST to a flow's own
webhook address, with the platform's own credentials; who can read the word answers with a sealed
proof that holds it. So a probe goes the whole way that a report goes (DNS, TLS, every proxy, the
path, the Authorization header), and nobody without the key learns anything from either side.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from typing import Any

from app.callflow.errors import PlatformError
from app.sealing import Seal

HEADER = "X-Offhook-Probe"

_PROVIDER = "probe"
_ASKS = "asks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a server says of itself to whoever has its key.

    Attributes:
        refused: why the platform's credentials were refused; "" where they were not.
        knows_flow: whether it has the flow of the address.
        journal: the id of its journal; "" where that does not answer.
        now: its clock, Unix seconds.
    """

    refused: str
    knows_flow: bool
    journal: str
    now: float


def ask(seal: Seal) -> tuple[str, str]:
    """A new probe: its random word, and what to send in ``HEADER``."""
    word = secrets.token_urlsafe(16)
    return word, seal.seal({"word": word}, provider=_PROVIDER, call_key=_ASKS)


def asked(seal: Seal, header: str) -> str:
    """The word of a probe; "" where it was sealed with no key of ours."""
    try:
        return str(seal.unseal(header, provider=_PROVIDER, call_key=_ASKS)["word"])
    except (PlatformError, KeyError):
        return ""


def answer(seal: Seal, word: str, proof: Proof) -> str:
    """The sealed proof that answers a probe."""
    return seal.seal(asdict(proof), provider=_PROVIDER, call_key=word)


def read(seal: Seal, word: str, told: object) -> Proof:
    """Read the answer to the probe with this word.

    Raises:
        PlatformError: it is none, or was sealed with another key.
    """
    if not isinstance(told, str):
        msg = "there is no proof in the answer."
        raise PlatformError(msg)
    proof: dict[str, Any] = seal.unseal(told, provider=_PROVIDER, call_key=word)
    return Proof(
        refused=str(proof.get("refused", "")),
        knows_flow=proof.get("knows_flow") is True,
        journal=str(proof.get("journal", "")),
        now=float(proof.get("now", 0.0)),
    )
