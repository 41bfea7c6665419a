"""Checks X-STRINGEE-SIGNATURE, with which Stringee signs what it asks of a webhook.

The signature is base64 of HMAC-SHA1, its key the project's signing secret key
(developer.stringee.com/docs/validating-requests-are-coming-from-stringee): of a POST over the raw
body, of a GET over path and query as they were sent, spaces as %20. Nothing in it tells the time,
so that a request can be sent again by whoever has seen it.

Over which spelling of a GET's query it is made where the query has a + or letters beyond ASCII is
not documented, and a proxy may have taken the beginning of the path away. So there are several
candidates for what was signed. All are made of the request itself and of PUBLIC_URL, so that
having several admits nobody who has no key.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import unquote_to_bytes, urlsplit

from app import compact_json
from app.callflow.errors import SettingsError, SignatureError
from app.ports import WireRequest

HEADER = "x-stringee-signature"

_MAX_SHOWN = 200
_SHA1_BYTES = 20
_ORIGIN = re.compile(rb"https?://[^/?]*")
_PROJECT = re.compile(r"[0-9]{1,20}\Z")
_LONG_NUMBER = re.compile(r"[0-9]{6,}")
_HEX = re.compile(r"[0-9a-fA-F]+\Z")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A signing secret key.

    Attributes:
        project: the id of its project; "" where it is taken for every project.
    """

    project: str
    key: str = field(repr=False)

    def __str__(self) -> str:
        return f"the key of project {self.project}" if self.project else "the key of every project"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may have been signed, and how it was made of the request."""

    how: str
    data: bytes


class Signatures:
    """Checks signatures.

    Args:
        keys: (project id, key); "" is every project. Several of one project are all taken.
        public_url: where this server is seen from outside; its path, if it has one, may have been
            taken away by a proxy.
    """

    def __init__(self, keys: Sequence[tuple[str, str]], public_url: str) -> None:
        self._keys = tuple(SigningKey(project, key) for project, key in keys)
        self._public_url = public_url

    def check(self, request: WireRequest) -> None:
        """Check a request, in constant time.

        Raises:
            SignatureError: the signature is absent, or fits no key of the project that the request
                names. The message is for the log: it names the project and the URL, and holds
                neither key nor query nor body.
            SettingsError: there is no key at all (status 503).
        """
        require_keys(self._keys)
        signature = request.headers.get(HEADER, "")
        if not signature:
            msg = f"no X-STRINGEE-SIGNATURE: {self._where(request)}."
            raise SignatureError(msg)
        # Read only where it matters: of a POST it stands in the body.
        project = project_of(request) if any(key.project for key in self._keys) else ""
        keys = keys_for(self._keys, project)
        if not keys:
            msg = f"no signing key is of this project: {self._where(request)}."
            raise SignatureError(msg, mend=f"Add {project}=KEY to STRINGEE_SIGNING_KEY.")
        if fitting(candidates(request, self._public_url), keys, signature) is None:
            msg = f"the signature fits none of {len(keys)} signing keys: {self._where(request)}."
            raise SignatureError(msg)

    def _where(self, request: WireRequest) -> str:
        """Project and URL of a request, for the log."""
        project = project_of(request)
        named = f"project {project}" if project else "no project named"
        return f"{named}, {request.method} {self._shown_url(request)}"

    def _shown_url(self, request: WireRequest) -> str:
        """The URL that the candidates were made for, without its query and long numbers."""
        path = _path_and_query(request.target)[0].decode("latin-1")
        path = _LONG_NUMBER.sub(lambda found: "*" * len(found[0]), path)
        prefix = urlsplit(self._public_url).path
        origin = self._public_url.removesuffix(prefix) if prefix else self._public_url
        before = "" if path.startswith(f"{prefix}/") else prefix
        return f"{origin}{before}{path}"[:_MAX_SHOWN]


def require_keys(keys: Sequence[object]) -> None:
    """See that there is a signing key.

    Raises:
        SettingsError: there is none; says the line to add.
    """
    if not keys:
        msg = "there is no signing key, so that no request can be known to be Stringee's."
        mend = (
            "Add STRINGEE_SIGNING_KEY=...   # Stringee's dashboard, your project: Signing secret "
            "key."
        )
        raise SettingsError(msg, mend=mend, status=HTTPStatus.SERVICE_UNAVAILABLE)


def keys_for(keys: Sequence[SigningKey], project: str) -> tuple[SigningKey, ...]:
    """The keys that count for a request.

    Args:
        keys: all of them.
        project: that the request names; "" where it names none, so that each key may be the one.
    """
    own = tuple(key for key in keys if key.project == project)
    if not project or own:
        return own if project else tuple(keys)
    return tuple(key for key in keys if not key.project)


def candidates(request: WireRequest, public_url: str) -> tuple[Candidate, ...]:
    """What may have been signed, the likeliest first; none twice."""
    if request.method != "GET":
        return (Candidate("the body", request.body),)
    path, query = _path_and_query(request.target)
    prefix = urlsplit(public_url).path.rstrip("/").encode("latin-1", "replace")
    paths = [(path, "")]
    if prefix and not path.startswith(prefix + b"/"):
        paths.append((prefix + path, ", PUBLIC_URL's path in front"))
    mark = b"?" if query else b""
    made = {
        start + mark + spelled: f"the URL {how}{more}"
        for start, more in reversed(paths)
        for how, spelled in reversed(_spellings(query))
    }
    return tuple(Candidate(how, data) for data, how in reversed(made.items()))


def fitting(
    found: Sequence[Candidate], keys: Sequence[SigningKey], signature: str
) -> tuple[Candidate, SigningKey] | None:
    """The candidate and the key that a signature fits; each is tried, whatever fits before."""
    given = signature.strip().encode("utf-8", "surrogateescape")
    fits = None
    for candidate in found:
        for key in keys:
            if hmac.compare_digest(sign(candidate.data, key.key), given) and fits is None:
                fits = candidate, key
    return fits


def sign(data: bytes, key: str) -> bytes:
    """The signature of ``data``, as it stands in the header."""
    return base64.b64encode(hmac.digest(key.encode(), data, "sha1"))


def shape_problem(signature: str) -> str:
    """Why a text cannot be a signature of Stringee's; "" where it may be one."""
    text = signature.strip()
    if _HEX.match(text):
        return f"it is hexadecimal, {len(text)} digits; Stringee's is base64."
    try:
        size = len(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return "it is no base64."
    if size != _SHA1_BYTES:
        return f"it is of {size} bytes; HMAC-SHA1 has {_SHA1_BYTES}."
    return ""


def project_of(request: WireRequest) -> str:
    """The id of the project that a request names; "" for none.

    In its JSON before its query, which the signature of a POST does not cover: whoever has one
    project's key must not have it count for another's posts.
    """
    body: object = None
    if request.method != "GET":
        with suppress(ValueError, RecursionError):
            body = compact_json.loads(request.body)
    named: object = None
    if isinstance(body, dict):
        named = body.get("project_id") or body.get("projectId")
    named = named or request.query.get("projectId") or request.query.get("project_id")
    text = str(named) if isinstance(named, str | int) and not isinstance(named, bool) else ""
    return text if _PROJECT.match(text) else ""


def _spellings(query: bytes) -> Sequence[tuple[str, bytes]]:
    as_it_came = ("as it came", query)
    if not any(char in query for char in b"%+ "):
        return (as_it_came,)
    return (
        as_it_came,
        ("with spaces as %20", query.replace(b" ", b"%20")),
        ("with + as %20", query.replace(b"+", b"%20")),
        ("decoded, spaces as %20", unquote_to_bytes(query).replace(b" ", b"%20")),
    )


def _path_and_query(target: str) -> tuple[bytes, bytes]:
    """Path and query of a raw target, which may be a whole URL; without its fragment."""
    raw = target.encode("latin-1", "replace").partition(b"#")[0]
    path, _, query = _ORIGIN.sub(b"", raw, count=1).partition(b"?")
    return path, query
