"""What Offhook asks of Stringee's Call API, request by request.

Paths and bodies as on developer.stringee.com/docs/rest-api-reference and .../call-rest-api.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Self

from app.callflow.errors import SettingsError
from app.callflow.parties import is_e164
from app.settings import Settings
from app.stringee.objects import GreetingFile, LoggedCall, digits, read_call, read_file
from app.stringee.pages import listed, log_pages
from app.stringee.refusals import StringeeError
from app.stringee.rest import READ_S, Content, Rest
from app.stringee.tokens import ApiKey

_OVER = frozenset({1, 2})  # Vinaduy/vinaduy-addons-crm: over already; not found

Kind = Literal["internal", "external"]
"""A client app's user, or a telephone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An end of a call, as Stringee has it.

    Attributes:
        kind: a client app's user, or a telephone.
        number: the user's id, or E.164.
        alias: what the other side is shown: a user's id, or E.164; "" for ``number``.
    """

    kind: Kind
    number: str
    alias: str = ""

    def told(self) -> dict[str, str]:
        """The end as JSON."""
        shown = self.alias or self.number
        return {
            "type": self.kind,
            "number": self._written(self.number),
            "alias": self._written(shown),
        }

    def _written(self, text: str) -> str:
        return digits(text) if self.kind == "external" or is_e164(text) else text


class CallApi:
    """Stringee's Call API.

    Every method raises StringeeError (an ApiError) when Stringee refuses or does not answer, or
    when its answer is of another shape; ``fate`` says whether it may have been done.
    """

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._rest.close()

    def callout(self, *, caller_id: str, number: str, actions: object) -> str:
        """Call a telephone, and do these actions when it is answered.

        Never sent twice: after an error whose fate is unknown, it may have dialled.

        Args:
            caller_id: E.164, a number of the project.
            number: E.164.
            actions: the SCCO, JSON-ready.

        Returns:
            the call's id; "" where Stringee does not tell it, which is documented so.
        """
        ours, theirs = (Endpoint(kind="external", number=one) for one in (caller_id, number))
        told = {"from": ours.told(), "to": [theirs.told()], "actions": actions}
        answer = self._rest.post("/v1/call2/callout", told)
        call_id = answer.get("call_id") or answer.get("callId") or ""
        return call_id if isinstance(call_id, str) else ""

    def stop(self, call_id: str) -> bool:
        """End a call; whether there was one to be ended."""
        try:
            self._rest.post("/v1/call2/stop", {"callId": call_id})
        except StringeeError as problem:
            if problem.r in _OVER and not problem.unauthorized:
                return False
            raise
        return True

    def put_actions(self, call_id: str, actions: object) -> None:
        """Have a call that goes on do these actions, in place of what it does."""
        self._rest.post("/v1/call2/putactions", {"callId": call_id, "actions": actions})

    def transfer(self, call_id: str, *, from_user: str, to: Endpoint) -> None:
        """Have ``to`` take the place of a client's user in a call."""
        told = {"callId": call_id, "fromUserId": from_user, "to": to.told()}
        self._rest.post("/v1/call2/transfer", told)

    def add_participant(
        self, call_id: str, *, shown: Endpoint, to: Endpoint, listens_only: bool = False
    ) -> None:
        """Call somebody more into a call; ``shown`` is who is calling."""
        self._rest.post(
            "/v1/call2/adduser",
            {"callId": call_id, "from": shown.told(), "to": to.told(), "spyCall": listens_only},
        )

    def calls(self, since: datetime, until: datetime) -> Iterator[LoggedCall]:
        """The calls that began between two moments, the oldest first, asked for page by page."""
        asked = "GET log"
        between = {
            "from_start_time": int(since.timestamp() * 1000),
            "to_start_time": int(until.timestamp() * 1000),
        }
        for told in log_pages(self._rest, between):
            yield read_call(asked, told)

    def check(self) -> None:
        """See that the key is taken; reads at most one call of the log."""
        self._rest.get("/v1/call/log", {"version": 1, "limit": 1, "page": 1})

    def greeting_files(self) -> list[GreetingFile]:
        """The sounds that ``play`` can name."""
        asked = "GET greetingfile"
        answer = self._rest.get("/v1/greetingfile")
        return [read_file(asked, one) for one in listed(asked, answer, "files", "greetingFiles")]

    def upload_greeting(self, sound: bytes, description: str = "") -> GreetingFile:
        """Keep a sound at Stringee, so that ``play`` can name it.

        Args:
            sound: MP3 or WAV, best of one channel and 8 kHz.
            description: shown in Stringee's dashboard.
        """
        answer = self._rest.send(
            "POST",
            "/v1/greetingfile",
            params={"uploadType": "simple", "desc": description},
            content=Content(data=sound),
        )
        return read_file("greetingfile", answer)


def open_calls(settings: Settings, *, read_s: float = READ_S) -> CallApi:
    """The Call API by the key of the settings.

    Args:
        settings: key and address.
        read_s: seconds of silence after which an answer is given up.

    Raises:
        SettingsError: there is no key.
        StringeeError: the address cannot be used.
    """
    return CallApi(Rest(project_key(settings), url=settings.stringee_api_url, read_s=read_s))


def project_key(settings: Settings) -> ApiKey:
    """The project's API key.

    Raises:
        SettingsError: there is none; says the lines to add.
    """
    if has_project_key(settings):
        return ApiKey(sid=settings.stringee_api_key_sid, secret=settings.stringee_api_key_secret)
    msg = (
        "There is no API key for Stringee's Call API. Add to .env or to the environment:\n"
        "  STRINGEE_API_KEY_SID=...   # Stringee's dashboard, your project: API key, SK...\n"
        "  STRINGEE_API_KEY_SECRET=...   # its secret"
    )
    raise SettingsError(
        msg, mend="No account yet? `offhook simulator` prints lines that work with it."
    )


def has_project_key(settings: Settings) -> bool:
    """Whether the settings name a project's API key."""
    return bool(settings.stringee_api_key_sid and settings.stringee_api_key_secret)
