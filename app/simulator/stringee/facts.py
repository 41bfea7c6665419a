"""What stays the same in a Stringee call: its ids, who calls whom, and which project it is of."""

import secrets
import string
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal, get_args

Kind = Literal["app-to-app", "app-to-phone", "phone-to-app", "phone-to-phone", "callout"]
"""The four types of the vendor's Call API, and the call that a server starts."""

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
APP_KINDS: Final = frozenset[Kind]({"app-to-app", "app-to-phone"})
PHONE_KINDS: Final = frozenset[Kind]({"phone-to-app", "phone-to-phone"})

_LETTERS: Final = string.ascii_uppercase + string.digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project and its account, as they stand in requests.

    Attributes:
        id: of the project.
        account_id: of the account, in an answer_url.
        account_sid: of the account, in events; AC and 32 hex digits.
        signing_key: of X-STRINGEE-SIGNATURE; "" signs nothing.
        numbers: what it may show as caller id, digits; None lets it show any.
    """

    id: int = 22512
    account_id: int = 1000001
    account_sid: str = "AC00000000000000000000000000000000"
    signing_key: str = field(default="", repr=False)
    numbers: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StringeeFacts:
    """What stays the same in a call.

    Attributes:
        kind: which type of call; an app's or a phone's is told from it.
        caller: `from` as it was given: a user's id or what a call of an app shows, or digits.
        called: `to` as it was given.
        user_id: who is logged in at the app that calls; "" for other calls.
        custom: the property of that name that the app gave.
        project: whose call it is.
        at: when it began.
        call_id: the vendor's form, `call-vn-1-XXXXXXXXXX-<ms>`.
        uuid: another id, which only an answer_url of a number tells.
    """

    kind: Kind
    caller: str
    called: str
    user_id: str = ""
    custom: str = ""
    project: Project = field(default_factory=Project)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    call_id: str = ""
    uuid: str = field(default_factory=lambda: str(uuid.uuid4()))

    def __post_init__(self) -> None:
        """Make the call id, with its time at the end."""
        if not self.call_id:
            object.__setattr__(self, "call_id", f"call-vn-1-{letters()}-{self.ms(0)}")

    @property
    def callid(self) -> str:
        """The call id, by the name that all platforms' calls have it."""
        return self.call_id

    @property
    def direction(self) -> Literal["inbound", "outbound"]:
        """Which way the call goes, seen from the server."""
        return "outbound" if self.kind == "callout" else "inbound"

    @property
    def from_app(self) -> bool:
        """Whether an app calls."""
        return self.kind in APP_KINDS

    @property
    def to_app(self) -> bool:
        """Whether `to` is a user; of a call from a phone it is our number."""
        return self.kind == "app-to-app" or (self.kind == "callout" and not self.called.isdigit())

    @property
    def created_reason(self) -> str:
        """`callCreatedReason` of its events."""
        if self.from_app:
            return "CLIENT_MAKE_CALL"
        if self.kind != "callout":
            return "EXTERNAL_CALL_IN"
        whom = "APP" if self.to_app else "EXTERNAL"
        return f"SERVER_CALL_OUT_BY_MAKE_CALL_TO_{whom}_BEFORE"

    def ms(self, after_s: float) -> int:
        """The time so many seconds after its beginning, in ms since 1970."""
        at = self.at if self.at.tzinfo else self.at.replace(tzinfo=UTC)
        return round(at.timestamp() * 1000 + after_s * 1000)


def letters() -> str:
    """Ten capital letters and digits, as they stand in ids."""
    return "".join(secrets.choice(_LETTERS) for _ in range(10))


def plus(number: str) -> str:
    """A number as people write it; what is none (a user's id, "") stays."""
    return f"+{number}" if number.isascii() and number.isdigit() else number


def digits(number: str) -> str:
    """A number as the platform writes it: without `+`."""
    return number.removeprefix("+")
