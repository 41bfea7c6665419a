"""The one account that a simulated Stringee has."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Final, Self

from app.simulator.stringee.facts import letters

NUMBERS: Final = ("842400000001", "842400000002", "842400000003")
"""Made up, in the form of numbers of Hanoi."""


def _secret() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class StringeeAccount:
    """Credentials and numbers. What is not given is random, and secrets are masked in the repr.

    Attributes:
        key_sid: of the first project's API key.
        key_secret: of that key.
        account_sid: of the account.
        account_key: of the account, for projects and numbers.
        signing_key: of the first project; signs what is sent to a server.
        account_id: as an answer_url tells it.
        project_id: of the first project.
        numbers: what it owns, digits with the country code.
    """

    key_sid: str = field(default_factory=lambda: f"SK.0.{letters()}{letters()}")
    key_secret: str = field(default_factory=_secret, repr=False)
    account_sid: str = field(default_factory=lambda: "AC" + secrets.token_hex(16))
    account_key: str = field(default_factory=_secret, repr=False)
    signing_key: str = field(default_factory=_secret, repr=False)
    account_id: int = 1000001
    project_id: int = 22512
    numbers: tuple[str, ...] = NUMBERS

    @classmethod
    def made_of(cls, secret: str) -> Self:
        """An account that is the same for the same secret."""

        def part(name: str) -> str:
            return hmac.new(secret.encode(), name.encode(), hashlib.sha256).hexdigest()

        return cls(
            key_sid=f"SK.0.{part('key sid')[:20].upper()}",
            key_secret=part("key secret"),
            account_sid=f"AC{part('account sid')[:32]}",
            account_key=part("account key"),
            signing_key=part("signing key"),
        )
