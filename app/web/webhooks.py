"""The platforms' webhooks: from the WSGI environment to a WireRequest, and from a WireReply back.

They stand in front of Flask by its own hook (``app.wsgi_app = Webhooks(...)``): routing, contexts
and signals cost about as much as a whole turn, and a webhook needs none of them. Everything else
goes on to Flask.
"""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from app.callflow.errors import MethodError, OffhookError, PlatformError, UnauthorizedError
from app.ports import Address, Provider, WireReply, WireRequest
from app.probe import HEADER
from app.switchboard import Switchboard
from app.web.probes import Probes

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAX_BODY_BYTES = 64 * 1024

BODY_SHARE = 0.4
"""How much of a platform's deadline its sender may pause within a body.

The whole body may take all of it: who never pauses may send a byte at a time for hours.
"""

BODY_PATIENCE_S = 2.0
"""Seconds that any sender may pause within a body: meanwhile it holds one of few threads."""

_PROBE = f"HTTP_{HEADER.upper().replace('-', '_')}"

log = logging.getLogger("offhook")


class Webhooks:
    """Answers ``/<provider>/...``: the addresses that a platform reports to.

    Args:
        switchboard: answers the reports.
        providers: by the first part of the path.
        otherwise: what serves every other path.
        probes: answers what is no report, but asks whether a report would come here.
        prefix: the path of PUBLIC_URL, which a proxy may have taken away or left; "" for none.
    """

    def __init__(
        self,
        switchboard: Switchboard,
        providers: Mapping[str, Provider],
        otherwise: WSGIApplication,
        probes: Probes,
        prefix: str = "",
    ) -> None:
        self._prefix = prefix
        self._switchboard = switchboard
        self._probes = probes
        self._providers = providers
        self._otherwise = otherwise

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """A WSGI application."""
        path = environ.get("PATH_INFO", "")
        if self._prefix:
            path = path.removeprefix(self._prefix)
        first, *rest = path.strip("/").split("/")
        provider = self._providers.get(first)
        address = provider.address(rest) if provider else None
        if provider is None or address is None:
            if self._prefix and path != environ.get("PATH_INFO", ""):
                environ = {**environ, "SCRIPT_NAME": self._prefix, "PATH_INFO": path}
            return self._otherwise(environ, start_response)
        headers: list[tuple[str, str]] = []
        try:
            request = _wire_request(environ, address, body_patience_s(provider))
            probed = None
            if _PROBE in environ:
                probed = self._probes.answer(provider, request, environ[_PROBE])
            reply = probed or self._switchboard.handle(provider, request)
        except OffhookError as problem:
            if not isinstance(problem, UnauthorizedError):  # the switchboard tells why those are
                log.warning("refused a report for flow %r: %s", address.flow, problem.message)
            reply, headers = refusal(problem)
        except Exception as problem:  # one JSON shape, also for what nobody thought of
            log.exception("an error of ours before a report was read")
            reply, headers = refusal(OffhookError(f"{type(problem).__name__} on our side."))
        headers += [
            ("Content-Type", reply.content_type),
            ("Content-Length", str(len(reply.body))),
        ]
        start_response(f"{reply.status} {HTTPStatus(reply.status).phrase}", headers)
        return [reply.body]


def body_patience_s(provider: Provider) -> float:
    """Seconds that a platform's sender may pause within a body; after that nobody waits for us."""
    return min(BODY_PATIENCE_S, BODY_SHARE * provider.deadline_s)


def refusal(problem: OffhookError) -> tuple[WireReply, list[tuple[str, str]]]:
    """An error as the one JSON shape, and the headers that belong to it.

    Refused credentials get one fixed body: the cause is in the log, and nobody else's.
    """
    headers: list[tuple[str, str]] = []
    told = {"status": problem.status, "message": problem.message, "mend": problem.mend}
    if isinstance(problem, UnauthorizedError):
        if problem.status == HTTPStatus.UNAUTHORIZED:
            headers.append(("WWW-Authenticate", 'Basic realm="offhook", charset="UTF-8"'))
        told = {
            "status": problem.status,
            "message": "The credentials are absent or wrong.",
            "mend": "Send those that this server has in its settings.",
        }
    if isinstance(problem, MethodError):
        headers.append(("Allow", ", ".join(problem.allowed)))
    return WireReply(json.dumps({"error": told}).encode(), problem.status), headers


class _Headers(Mapping[str, str]):
    """The headers of a WSGI environment by lower-case name, read when asked for."""

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        value: str = self._environ["HTTP_" + name.upper().replace("-", "_")]
        return value

    def __iter__(self) -> Iterator[str]:
        names = (name for name in self._environ if name.startswith("HTTP_"))
        return (name[5:].lower().replace("_", "-") for name in names)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _wire_request(environ: WSGIEnvironment, address: Address, patience_s: float) -> WireRequest:
    method = environ["REQUEST_METHOD"]
    if method not in address.methods:
        msg = f"{method} is not what a report comes by."
        raise MethodError(msg, mend=f"{' or '.join(address.methods)} it.", allowed=address.methods)
    query = environ.get("QUERY_STRING", "")
    return WireRequest(
        method=method,
        target=environ.get("RAW_URI", ""),
        headers=_Headers(environ),
        body=_body(environ, patience_s),
        flow=address.flow,
        kind=address.kind,
        query=dict(reversed(parse_qsl(query))) if query else {},
    )


def hold_body(environ: WSGIEnvironment) -> None:
    """Read a body that Flask is about to read, which would wait for its sender for ever.

    Raises:
        PlatformError: as for a webhook's.
    """
    body = _body(environ, BODY_PATIENCE_S)
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))


def _body(environ: WSGIEnvironment, patience_s: float) -> bytes:
    """The body, at most MAX_BODY_BYTES of it; a compressed one is read as it stands.

    Raises:
        PlatformError: it is too large, does not come within ``patience_s``, or cannot be read.
    """
    length = environ.get("CONTENT_LENGTH") or ""
    size = int(length) if length.isdecimal() else 0
    body = b""
    if not length and environ.get("wsgi.input_terminated"):  # chunked: its end is in the stream
        body = _received(environ, MAX_BODY_BYTES + 1, patience_s)
        size = len(body)
    elif 0 < size <= MAX_BODY_BYTES:
        body = _received(environ, size, patience_s)
    if size > MAX_BODY_BYTES:
        msg = f"the body is over {MAX_BODY_BYTES} bytes."
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        raise PlatformError(msg, mend="A report is far smaller.", status=status)
    return body


def _received(environ: WSGIEnvironment, size: int, patience_s: float) -> bytes:
    """What the sender sends, up to ``size`` bytes; one who keeps a thread waiting is let go."""
    stream = environ["wsgi.input"]
    connection = environ.get("gunicorn.socket")
    # None under another server than ours, in a test or a flow's own phone.
    if connection is None or _is_here(stream, size):
        body: bytes = stream.read(size)
        return body
    before = connection.gettimeout()
    whole_s = patience_s / BODY_SHARE
    deadline = time.monotonic() + whole_s
    cut = threading.Timer(whole_s, _cut, (connection,))
    connection.settimeout(patience_s)
    cut.start()
    try:
        body = stream.read(size)
    except TimeoutError:
        raise _too_slow(patience_s) from None
    except Exception as problem:  # noqa: BLE001 - gunicorn's own errors of a body, and the network's
        if time.monotonic() >= deadline:
            raise _too_slow(whole_s) from None
        msg = f"the body cannot be read ({type(problem).__name__})."
        raise PlatformError(msg, mend="Send it as HTTP says.") from None
    finally:
        cut.cancel()
        connection.settimeout(before)
    if time.monotonic() >= deadline:
        raise _too_slow(whole_s)
    return body


def _cut(connection: socket.socket) -> None:
    """Let nothing more come: whoever reads has the end of it; a reply can still be sent."""
    with suppress(OSError):  # it is gone
        connection.shutdown(socket.SHUT_RD)


def _too_slow(seconds: float) -> PlatformError:
    msg = f"the body did not come within {seconds:g} s."
    return PlatformError(msg, mend="Send it at once.", status=HTTPStatus.REQUEST_TIMEOUT)


def _is_here(stream: Any, size: int) -> bool:
    """Whether gunicorn read the whole body along with the headers, as it mostly does.

    A timeout that is set and unset lets other threads in twice, which costs more than the reading.
    Where gunicorn's insides are not as they are today, the answer is no.
    """
    buffered = getattr(getattr(getattr(stream, "reader", None), "unreader", None), "buf", None)
    return isinstance(buffered, BytesIO) and buffered.getbuffer().nbytes >= size
