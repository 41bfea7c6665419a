"""Whether PUBLIC_URL leads to a server with these settings, the whole way that a report takes."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import HTTPBasicAuth
from urllib3.exceptions import NameResolutionError

from app import probe
from app.callflow.errors import JournalError, PlatformError
from app.callr.placing import webhook_url
from app.cli.doctoring.checks import Check, error, note, ok, warning
from app.cli.exits import Exit
from app.requesting import StraightSession, is_loopback
from app.sealing import Seal
from app.settings import Settings

ABOUT = "public URL"

CONNECT_S = 10.0
READ_S = 40.0
"""Seconds of silence after which an answer is given up: a host that sleeps may take so long."""

DEADLINE_MS = 5000
"""What CALLR waits for a reply (docs.callr.com/voice/real-time/reference)."""

SLOW_MS = 1500
"""A first answer slower than this is silence that a caller hears."""

_AGAIN_S = 0.2

_SAME_SETTINGS = "Give the server the SECRET_KEY and CALLR_WEBHOOK_* of here, and deploy."


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What an address answered.

    Attributes:
        status: HTTP.
        told: the JSON object in the body; None where it is none.
        location: where a redirect leads to; "" for none.
        proof: the server's proof; None where it gave none that can be read.
        took_ms: milliseconds until the whole answer was there, connecting included.
        ahead_s: how far the server's clock is ahead of this machine's, seconds.
    """

    status: int
    told: dict[str, Any] | None
    location: str
    proof: probe.Proof | None
    took_ms: float
    ahead_s: float


def reach_checks(
    settings: Settings, flow: str, wait_s: float = 0.0
) -> tuple[list[Check], Reached | None]:
    """Probe PUBLIC_URL twice, the second time to see what a server that is awake takes.

    Args:
        settings: those that the server should have.
        flow: whose address is probed.
        wait_s: for so many seconds, one that takes no connections is tried again.
    """
    if not settings.public_url:
        message = "PUBLIC_URL is not set: CALLR has no address to post calls to."
        return [note(ABOUT, message, "Set PUBLIC_URL=https://HOST.")], None
    url = webhook_url(settings.public_url, flow)
    try:
        first = _patiently(settings, url, wait_s)
        again = reach(settings, url)
    except requests.RequestException as problem:
        return [not_reached(settings.public_url, problem)], None
    found = [*_answer_checks(settings, first), *time_checks(first, again)]
    return found, first


def unread_checks(settings: Settings, flows: Iterable[str]) -> Iterator[Check]:
    """Probe each flow's address: does the server, on whichever platform, have the flow?

    Args:
        settings: those that the server has.
        flows: by name.
    """
    unread = [flow for flow in flows if not _knows(settings, flow)]
    if unread:
        yield not_read(settings, unread)


def not_read(settings: Settings, flows: Iterable[str]) -> Check:
    """That the server at PUBLIC_URL does not have these flows, and what to do."""
    host = urlsplit(settings.public_url).netloc
    message = f"the server at {host} has not read: {', '.join(flows)}."
    mend = "Deploy, or start it anew: until then their callers hear that something went wrong."
    return warning(ABOUT, message, mend)


def _knows(settings: Settings, flow: str) -> bool:
    """Whether the server has a flow; also where it does not say."""
    try:
        proof = reach(settings, webhook_url(settings.public_url, flow)).proof
    except requests.RequestException:
        return True
    return proof is None or proof.knows_flow


def reach(settings: Settings, url: str, headers: Mapping[str, str] | None = None) -> Reached:
    """Send one probe: as CALLR posts a report, or with these headers as Stringee asks.

    Raises:
        requests.RequestException: there is no answer.
    """
    seal = Seal(settings.secret_key, settings.secret_key_old)
    word, header = probe.ask(seal)
    with StraightSession() as session:
        # A proxy named in the environment is for the world outside, not for this machine.
        session.trust_env = not is_loopback(urlsplit(url).hostname or "")
        began, sent_at = time.perf_counter(), time.time()
        request = _as_callr(settings, url) if headers is None else _Asked("GET", url, headers)
        response = session.request(
            request.method,
            request.url,
            data=request.body,
            headers={probe.HEADER: header, **request.headers},
            auth=request.auth or (lambda unsigned: unsigned),  # and nothing of ~/.netrc
            timeout=(CONNECT_S, READ_S),
            allow_redirects=False,
        )
        took_s = time.perf_counter() - began
    told = _object_in(response)
    proof = _proof(seal, word, told)
    return Reached(
        status=response.status_code,
        told=told,
        location=response.headers.get("Location", ""),
        proof=proof,
        took_ms=took_s * 1000,
        ahead_s=proof.now - (sent_at + took_s / 2) if proof else 0.0,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request in which a probe rides."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""
    auth: HTTPBasicAuth | None = None


def _as_callr(settings: Settings, url: str) -> _Asked:
    auth = HTTPBasicAuth(
        settings.callr_webhook_login.encode(), settings.callr_webhook_password.encode()
    )
    return _Asked("POST", url, {"Content-Type": "application/json"}, b"{}", auth)


def _patiently(settings: Settings, url: str, wait_s: float) -> Reached:
    until = time.monotonic() + wait_s
    while True:
        try:
            return reach(settings, url)
        except requests.ConnectionError:
            if time.monotonic() >= until:
                raise
            time.sleep(_AGAIN_S)


def _answer_checks(settings: Settings, first: Reached) -> Iterator[Check]:
    host = urlsplit(settings.public_url).netloc
    if first.proof is None:
        yield _no_proof(settings, first, host)
        return
    yield ok(ABOUT, f"{host} leads to a server with these settings{_how(settings)}.")
    if first.proof.refused:
        yield _refused(first.proof.refused, host)
    yield from _journal_checks(settings, first.proof, host)


def _no_proof(settings: Settings, first: Reached, host: str) -> Check:
    said = first.told.get("error") if first.told else None
    ours = isinstance(said, dict) and {"status", "message", "mend"} <= said.keys()
    if HTTPStatus.MULTIPLE_CHOICES <= first.status < HTTPStatus.BAD_REQUEST:
        to = _origin(first.location)
        message = f"{host} redirects to {to or 'nowhere'} (HTTP {first.status}); a report is lost."
        return error(ABOUT, message, f"Set PUBLIC_URL={to or 'https://HOST'}.", Exit.UNREACHABLE)
    if ours and first.status == HTTPStatus.UNAUTHORIZED:
        message = f"an Offhook answers at {host}, with another SECRET_KEY and other CALLR_WEBHOOK_*"
        return error(ABOUT, f"{message} than here.", _SAME_SETTINGS, Exit.UNREACHABLE)
    if ours and first.status == HTTPStatus.BAD_REQUEST:
        message = f"an Offhook answers at {host} and takes the credentials, but has another"
        message += " SECRET_KEY than here, or is of an older release."
        return error(ABOUT, message, _SAME_SETTINGS, Exit.UNREACHABLE)
    what = "JSON of something else" if first.told is not None else "no JSON"
    message = f"what answers at {host} is no Offhook: {what} (HTTP {first.status})."
    running = " Does it run (`offhook serve`)?" * is_loopback(
        urlsplit(settings.public_url).hostname or ""
    )
    mend = f"Look at PUBLIC_URL, and at what stands in front of the server.{running}"
    return error(ABOUT, message, mend, Exit.UNREACHABLE)


def _refused(why: str, host: str) -> Check:
    if why.startswith("no Authorization"):
        return error(
            ABOUT,
            f"the Authorization header does not reach the server at {host}: a proxy eats it, and "
            "every call is refused.",
            "Have it passed on (nginx: proxy_set_header Authorization $http_authorization; Apache: "
            "CGIPassAuth On).",
            Exit.UNREACHABLE,
        )
    return error(
        ABOUT,
        f"the server at {host} refuses CALLR_WEBHOOK_LOGIN and CALLR_WEBHOOK_PASSWORD: {why}",
        "Set the same here and there, deploy, then run `offhook numbers sync`.",
        Exit.UNREACHABLE,
    )


def _journal_checks(settings: Settings, proof: probe.Proof, host: str) -> Iterator[Check]:
    from app.journal import History, SchemaStatus, schema_status  # noqa: PLC0415 -- loads SQLAlchemy

    if not proof.journal:
        message = f"the journal of the server at {host} does not answer; calls are answered."
        yield warning(ABOUT, message, "Look at its DATABASE_URL, and at its log.")
        return
    try:
        here = schema_status(settings.database_url)
        no_journal = here is SchemaStatus.NONE
        ours = "" if no_journal else History(settings.database_url).instance_id()
    except JournalError:
        return  # the database's own check tells it
    if ours == proof.journal:
        yield ok(ABOUT, "its journal is that of DATABASE_URL here.")
        return
    message = f"the server at {host} keeps another journal than DATABASE_URL here."
    mend = "`offhook calls` and `numbers undo` want its DATABASE_URL."
    yield warning(ABOUT, message, mend)


def time_checks(first: Reached, again: Reached) -> Iterator[Check]:
    """Whether an answer comes before CALLR gives up, and before a caller wonders."""
    if first.proof is None:
        return
    took = f"the first answer took {first.took_ms:.0f} ms, the next {again.took_ms:.0f} ms"
    sleeps = " A host that sleeps costs the first caller so much." * (
        first.took_ms > 2 * again.took_ms
    )
    if first.took_ms > DEADLINE_MS:
        message = f"{took}; CALLR gives up after {DEADLINE_MS} ms.{sleeps}"
        mend = "Take a plan that does not sleep, or one nearer to the platform."
        yield error(ABOUT, message, mend, Exit.UNREACHABLE)
    elif first.took_ms > SLOW_MS:
        message = f"{took}: silence on the line.{sleeps}"
        yield warning(ABOUT, message, "Take a plan that does not sleep.")
    else:
        yield ok(ABOUT, f"{took}; CALLR waits {DEADLINE_MS} ms.")


def not_reached(url: str, problem: requests.RequestException, platform: str = "CALLR") -> Check:
    """Why there is no answer, and what to do."""
    host = urlsplit(url).netloc
    causes = list(_causes(problem))
    if any(isinstance(cause, NameResolutionError) for cause in causes):
        what, mend = f"{host} cannot be found (DNS).", "Look at PUBLIC_URL, and at the DNS entry."
    elif any(isinstance(cause, ssl.SSLError) for cause in causes):
        what = f"the certificate of {host} is not to be trusted: {platform} would not post there."
        mend = "Renew it, and serve the whole chain; is this machine's clock right?"
    elif isinstance(problem, requests.ReadTimeout):
        what = f"{host} was silent for {READ_S:g} s."
        mend = "Look at its log; is it stuck, or asleep?"
    else:
        what = f"{host} takes no connections, or broke off."
        mend = "Does the server run (`offhook serve`), and is its port open?"
    return error(ABOUT, what, mend, Exit.UNREACHABLE)


def _how(settings: Settings) -> str:
    return ", over TLS" if settings.public_url.startswith("https:") else ", on this machine"


def _proof(seal: Seal, word: str, told: dict[str, Any] | None) -> probe.Proof | None:
    try:
        return probe.read(seal, word, (told or {}).get("probe"))
    except (PlatformError, ValueError):
        return None


def _object_in(response: requests.Response) -> dict[str, Any] | None:
    try:
        told = response.json()
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _causes(problem: BaseException) -> Iterator[BaseException]:
    """An error and what led to it; urllib3 keeps that in ``reason``, ``requests`` in ``args``."""
    yield problem
    for cause in (*problem.args, getattr(problem, "reason", None)):
        if isinstance(cause, BaseException):
            yield from _causes(cause)
