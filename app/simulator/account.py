"""The one account that a simulated platform has."""

import secrets
from dataclasses import dataclass, field
from typing import Final

NUMBERS: Final = (
    "+33199001020",
    "+33199001021",
    "+33199001022",
    "+442079460123",
    "+442079460124",
)
"""Numbers that the regulators of France and the United Kingdom keep for fiction."""


def _token() -> str:
    return secrets.token_urlsafe(12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Credentials and numbers. What is not given is random, and masked in the repr.

    Attributes:
        login: for HTTP Basic; no colon.
        password: for HTTP Basic.
        api_key: for `Authorization: Api-Key`; the vendor's had 100 hex digits.
        numbers: the DIDs that the account owns, E.164.
        more_clis: numbers that it may show as caller besides its own.
    """

    login: str = "simulator"
    password: str = field(default_factory=_token, repr=False)
    api_key: str = field(default_factory=lambda: secrets.token_hex(50), repr=False)
    numbers: tuple[str, ...] = NUMBERS
    more_clis: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a login that HTTP Basic cannot carry."""
        if not self.login or ":" in self.login:
            msg = f"the login {self.login!r} cannot be used: write one without a colon"
            raise ValueError(msg)
