"""Telephones of a simulator that runs elsewhere, over its HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, Self

import requests

from app.simulator.line import check_keys
from app.simulator.phone_schemas import holder_json
from app.simulator.phones import Holder
from app.simulator.ring import A_CALLER
from app.simulator.stringee.facts import Kind
from app.simulator.stringee.ring import A_USER
from app.simulator.transcript import Event, from_json

POLL_S: Final = 20.0
TIMEOUT_S: Final = 10.0
_REFUSED: Final = 400
_UNAUTHORIZED: Final = 401
_GONE: Final = 404


class SimulatorError(Exception):
    """The simulator is not there, or refused. The text says what to do where that is known."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class SimulatorClient:
    """Takes telephones at a simulator; also a context manager. One thread each.

    Args:
        url: of the simulator, such as `http://127.0.0.1:8900`; its JSON-RPC URL will do.
        login: of its account.
        password: of its account.
    """

    def __init__(self, url: str, login: str, password: str) -> None:
        self._url = url.split("/json-rpc/", maxsplit=1)[0].rstrip("/")
        self._login = login
        self._password = password
        self._session = self._open()

    def ring(
        self,
        number: str,
        holder: Holder | None = None,
        *,
        caller: str = A_CALLER,
        at: datetime | None = None,
        kind: Kind | None = None,
    ) -> "RemotePhone":
        """Ring a number of the simulator's accounts from outside.

        Args:
            number: E.164.
            holder: who rings.
            caller: from where.
            at: when, for CALLR, which tells it.
            kind: of a number of Stringee's, how the call is meant.

        Raises:
            SimulatorError: refused, for instance because no server answers the number.
        """
        wanted: dict[str, Any] = {"ring": number, "caller": caller}
        if kind is not None:
            wanted["as"] = kind
        if at is not None:
            wanted["at"] = (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()
        return self._take(wanted, holder)

    def call_from_app(
        self,
        to: str,
        holder: Holder | None = None,
        *,
        kind: Kind = "app-to-phone",
        user: str = A_USER,
        shows: str = "",
        custom: str = "",
    ) -> "RemotePhone":
        """Call from an app of Stringee's.

        Args:
            to: what the app calls: a user or a number.
            holder: who holds the app.
            kind: app-to-app or app-to-phone.
            user: who is logged in.
            shows: `from` of the call; "" leaves it to the app.
            custom: what the app gives along.

        Raises:
            SimulatorError: refused, for instance because no server answers apps.
        """
        wanted = {"ring": to, "as": kind, "user": user, "custom": custom}
        return self._take({**wanted, "caller": shows}, holder)

    def listen(self, number: str, holder: Holder | None = None) -> "RemotePhone":
        """Be at a number, for the outbound calls that come to it.

        Raises:
            SimulatorError: refused.
        """
        return self._take({"listen": number}, holder)

    def close(self) -> None:
        """Close the connections; phones that were taken go on with their own."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _take(self, wanted: dict[str, Any], holder: Holder | None) -> "RemotePhone":
        if holder is not None:
            wanted["holder"] = holder_json(holder)
        answer = _ask(self._session, "POST", f"{self._url}/phones/", json=wanted)
        url = f"{self._url}/phones/{answer.json()['phone']}"
        return RemotePhone(url, self._open(), self._open())

    def _open(self) -> requests.Session:
        session = requests.Session()
        session.auth = (self._login, self._password)
        session.trust_env = False
        return session


class RemotePhone:
    """A telephone at a simulator. One thread reads `events`, another may act meanwhile."""

    def __init__(self, url: str, reading: requests.Session, acting: requests.Session) -> None:
        self._url = url
        self._reading = reading
        self._acting = acting
        self._closed = False
        self._read = 0

    def events(self) -> Iterator[Event]:
        """What happens, as it happens; ends with the call, or when the phone is closed.

        Goes on where the last reading stopped.

        Raises:
            SimulatorError: the simulator went away.
        """
        over = False
        while not over:
            try:
                answer = _ask(
                    self._reading,
                    "GET",
                    f"{self._url}/events",
                    params={"after": self._read, "wait": POLL_S},
                )
            except SimulatorError as error:
                if self._closed or error.status == _GONE:
                    return
                raise
            told = answer.json()
            over = told["over"]
            for event in told["events"]:
                self._read += 1
                yield from_json(event)

    def press(self, keys: str) -> None:
        """Press keys now; a ValueError names what is none."""
        check_keys(keys)
        _ask(self._acting, "POST", f"{self._url}/keys", json={"keys": keys})

    def hang_up(self) -> None:
        """Hang up now."""
        _ask(self._acting, "POST", f"{self._url}/hang-up")

    def stay_silent(self) -> None:
        """Let pass what the platform waits for."""
        _ask(self._acting, "POST", f"{self._url}/silence")

    def close(self) -> None:
        """Put the phone away, also at the simulator. May be called twice."""
        if self._closed:
            return
        self._closed = True
        try:
            _ask(self._acting, "DELETE", self._url)
        except SimulatorError as error:
            if error.status not in {None, _GONE}:
                raise
        finally:
            self._acting.close()
            self._reading.close()


def _ask(session: requests.Session, method: str, url: str, **more: Any) -> requests.Response:
    try:
        answer = session.request(
            method, url, timeout=(TIMEOUT_S, POLL_S + TIMEOUT_S), allow_redirects=False, **more
        )
    except requests.RequestException as error:
        where = url.split("/phones/", maxsplit=1)[0]
        message = f"no simulator answers at {where}: start one with `offhook simulator`"
        raise SimulatorError(message) from error
    if answer.status_code == _UNAUTHORIZED:
        message = "the simulator refused the credentials: use those that it printed at its start"
        raise SimulatorError(message, _UNAUTHORIZED)
    if answer.status_code >= _REFUSED:
        raise SimulatorError(_message(answer), answer.status_code)
    return answer


def _message(answer: requests.Response) -> str:
    try:
        return str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"the simulator answered with HTTP {answer.status_code}: is this one?"
