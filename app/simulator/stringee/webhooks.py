"""What Stringee sends to the server in one call: signed, within the deadline, on the transcript."""

import json
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

from app.simulator.deadline import Answered, Errand, ServerFaultError, check_url, target_of
from app.simulator.line import Line
from app.simulator.stringee.conditions import StringeeConditions
from app.simulator.stringee.signing import HEADER, sign
from app.simulator.transcript import Fault, Replied, Requested, Warned

_AT_ONCE: Final = 8
_OK: Final = 200
_ABOVE_OK: Final = 300


class Webhooks:
    """Sends the requests of one call, one at a time. Call it from the call's thread.

    A fault of the server, or of the network on purpose, goes on the transcript and gives None in
    the place of an answer.

    Args:
        line: of the call.
        key: the project's signing secret key; "" signs nothing.
        conditions: deadline and hostility.
    """

    def __init__(self, line: Line, key: str, conditions: StringeeConditions) -> None:
        self._line = line
        self._key = key
        self._readings = conditions.readings
        self._hostility = conditions.hostility
        self._on_their_way: list[tuple[int, str, Future[Answered | ServerFaultError]]] = []
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="stringee-event")
        self.sent = 0

    def get(self, what: str, url: str) -> Answered | None:
        """Ask for an SCCO; None where there is no answer of status 2xx."""
        return self._ask(what, "GET", url, b"")

    def post(self, what: str, url: str, data: Mapping[str, Any]) -> Answered | None:
        """Post a webhook that wants an SCCO; None where there is no answer of status 2xx."""
        return self._ask(what, "POST", url, self._body(data))

    def tell(self, what: str, url: str, data: Mapping[str, Any]) -> Answered | None:
        """Post what needs no answer; a bad status warns, and gives None too."""
        return self._ignored(what, self._send(what, "POST", url, self._body(data)))

    def tell_in_passing(self, what: str, url: str, data: Mapping[str, Any]) -> None:
        """Post what needs no answer, and do not wait for it: `settle` does."""
        body = self._body(data)
        number = self._announce(what, "POST", url, body)
        if number:
            sent = self._pool.submit(self._try, "POST", url, body)
            self._on_their_way.append((number, what, sent))

    def settle(self) -> None:
        """Wait for all that was posted in passing; the call is over."""
        for number, what, sent in self._on_their_way:
            self._ignored(what, self._answered(number, what, sent.result()))
        self._pool.shutdown()

    def _ask(self, what: str, method: str, url: str, body: bytes) -> Answered | None:
        answered = self._send(what, method, url, body, repeat=self._hostility.repeat)
        if answered is None:
            return None
        self._line.count(answered.took_s)
        if not _OK <= answered.status < _ABOVE_OK:
            self._fault(f"{what}: HTTP {answered.status}, expected 200 with an SCCO")
            return None
        return answered

    def _send(
        self, what: str, method: str, url: str, body: bytes, *, repeat: str = "never"
    ) -> Answered | None:
        number = self._announce(what, method, url, body)
        if not number:
            return None
        if repeat == "never":
            return self._answered(number, what, self._try(method, url, body))
        sent = {"number": number, "what": what, "method": method, "url": url}
        self._line.tell(Requested, **sent, body=body.decode(), repeated=True)
        with ThreadPoolExecutor(2) as pool:
            first = pool.submit(self._try, method, url, body)
            if repeat == "after":
                first.exception()
            second = pool.submit(self._try, method, url, body)
        answered = self._answered(number, what, first.result())
        self._compare(number, answered, self._answered(number, what, second.result()))
        return answered

    def _announce(self, what: str, method: str, url: str, body: bytes) -> int:
        """Put a request on the transcript; gives its number, or 0 where it does not arrive."""
        self.sent += 1
        number = self.sent
        try:
            check_url(url)
        except ValueError as error:
            self._fault(f"{what}: {error}")
            return 0
        sent = {"number": number, "what": what, "method": method, "url": url}
        self._line.tell(Requested, **sent, body=body.decode())
        if number in self._hostility.lose:
            self._line.tell(Warned, text=f"request {number} was lost on its way, on purpose")
            return 0
        return number

    def _body(self, data: Mapping[str, Any]) -> bytes:
        return _json({**data, **self._hostility.extra})

    def _ignored(self, what: str, answered: Answered | None) -> Answered | None:
        if answered is not None and answered.status != _OK:
            text = f"the reply to {what} has HTTP {answered.status}; it is ignored"
            self._line.tell(Warned, text=text)
            return None
        return answered

    def _try(self, method: str, url: str, body: bytes) -> Answered | ServerFaultError:
        try:
            return send(
                method,
                url,
                body,
                key=self._key,
                within_s=self._readings.reply_within_s,
                send_over_s=self._hostility.send_over_s,
            )
        except ServerFaultError as fault:
            return fault

    def _answered(
        self, number: int, what: str, answered: Answered | ServerFaultError
    ) -> Answered | None:
        if isinstance(answered, ServerFaultError):
            self._fault(f"{what}: {answered}")
            return None
        self._line.tell(
            Replied,
            number=number,
            http_status=answered.status,
            body=answered.body.decode(errors="replace"),
            took_s=round(answered.took_s, 4),
        )
        return answered

    def _compare(self, number: int, first: Answered | None, second: Answered | None) -> None:
        if first is None or second is None:
            return
        if (first.status, first.body) != (second.status, second.body):
            self._fault(
                f"repeat: request {number} came twice and got two different replies: "
                f"{first.status} {first.body!r} and {second.status} {second.body!r}"
            )

    def _fault(self, reason: str) -> None:
        self._line.tell(Fault, reason=reason)


def send(
    method: str, url: str, body: bytes, *, key: str, within_s: float, send_over_s: float = 0.0
) -> Answered:
    """Send one signed request.

    Args:
        method: GET or POST.
        url: where to.
        body: of a POST.
        key: the project's signing secret key; "" signs nothing.
        within_s: real seconds for all of it.
        send_over_s: real seconds over which the bytes are spread; they come on top.

    Raises:
        ServerFaultError: nobody answered, or not in time, or not in whole.
    """
    headers = {"Accept": "*/*"}
    if method == "POST":
        headers["Content-Type"] = "application/json"
    if key:
        headers[HEADER] = sign(body if method == "POST" else target_of(url).encode(), key)
    errand = Errand(
        method=method,
        url=url,
        headers=headers,
        body=body,
        began=time.monotonic(),
        within_s=within_s,
        send_over_s=send_over_s,
    )
    return errand.run()


def _json(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")
