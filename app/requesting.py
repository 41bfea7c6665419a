"""What every client of a platform's API shares: whom it may talk to, and why no answer came.

Nothing is sent in the clear but to this machine, no redirect is followed, and nothing is tried
twice: a request that places a call may have dialled.
"""

from __future__ import annotations

import ipaddress
import json
import ssl
from typing import Any, NoReturn
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import NameResolutionError, NewConnectionError, ReadTimeoutError


class StraightSession(requests.Session):
    """A session that cannot be redirected.

    ``allow_redirects=False`` alone still works out where to, and raises on what is no URL.
    """

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere."""


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine, so that what is sent there is seen by nobody else."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def parts_of(url: str) -> tuple[str, str, str]:
    """Host, host with port, and scheme of a URL; "" where it has none or is no URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", "", ""
    return parts.hostname or "", parts.netloc, parts.scheme


def takes_credentials(url: str) -> bool:
    """Whether credentials may be sent to a URL: https, or this machine."""
    host, _, scheme = parts_of(url)
    return bool(host) and (scheme == "https" or (scheme == "http" and is_loopback(host)))


def redirect_host(location: str) -> str:
    """Where a redirect points. Only the host: whoever answers chooses the rest."""
    return parts_of(location)[0] or "nowhere"


def content_of(response: requests.Response, max_bytes: int) -> bytes | None:
    """A streamed answer, unpacked; None where it is longer than ``max_bytes``."""
    content = bytearray()
    for chunk in response.iter_content(64 * 1024):
        content += chunk
        if len(content) > max_bytes:
            return None
    return bytes(content)


def json_of(content: bytes) -> Any:
    """Read JSON strictly: no NaN, no infinity, no depth that exhausts the stack.

    Raises:
        ValueError: it is none.
    """
    try:
        return json.loads(content, parse_constant=_no_number)
    except RecursionError:
        msg = "it is nested too deeply"
        raise ValueError(msg) from None


def _no_number(text: str) -> NoReturn:
    msg = f"{text} is no JSON number"
    raise ValueError(msg)


def never_left(
    error: requests.RequestException, host: str, connect_s: float, variable: str, url_mend: str
) -> tuple[str, str] | None:
    """What happened and its mend, where nothing can have been sent; else None.

    Args:
        error: what ``requests`` raised.
        host: who was asked.
        connect_s: seconds that the connection had to come about.
        variable: the setting that the address stands in.
        url_mend: what to do about an address that is none.
    """
    network = f"Look at the network, and at {variable}."
    cases = (
        (
            isinstance(error, requests.exceptions.ProxyError),
            f"the proxy before {host} does not work.",
            "Look at HTTPS_PROXY.",
        ),
        (caused_by(error, NameResolutionError), f"{host} cannot be found (DNS).", network),
        (
            isinstance(error, requests.ConnectTimeout),
            f"{host} took no connection within {connect_s:g} s.",
            network,
        ),
        (
            caused_by(error, NewConnectionError),
            f"{host} takes no connections.",
            f"{network} For a simulator: does `offhook simulator` run?",
        ),
        (
            caused_by(error, ssl.SSLCertVerificationError),
            f"the certificate of {host} is not to be trusted.",
            f"{network} Is this machine's clock right?",
        ),
        (isinstance(error, requests.exceptions.InvalidURL), f"{host} is no address.", url_mend),
    )
    return next(((what, mend) for happened, what, mend in cases if happened), None)


def was_silent(error: requests.RequestException) -> bool:
    """Whether it was sent, and no answer came in time."""
    return isinstance(error, requests.Timeout) or caused_by(error, ReadTimeoutError)


def caused_by(error: BaseException, kind: type[BaseException]) -> bool:
    """Whether ``kind`` is among what led to ``error``; urllib3 keeps that in ``reason``."""
    queue: list[object] = [error]
    while queue:
        one = queue.pop()
        if isinstance(one, kind):
            return True
        if isinstance(one, BaseException):
            queue += [*one.args, getattr(one, "reason", None)]
    return False
