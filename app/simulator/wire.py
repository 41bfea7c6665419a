"""One POST of a report, and the reading of its reply."""

import json
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.simulator.deadline import Answered, Errand, ServerFaultError, check_url

_OK: Final = 200
_UNAUTHORIZED: Final = 401
_EXCERPT: Final = 200


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where reports go, and the Basic credentials sent along; an empty login sends none.

    Raises:
        ValueError: the URL is not http(s), has no host, or carries credentials itself.
    """

    url: str
    login: str = ""
    password: str = ""

    def __post_init__(self) -> None:
        """Refuse a URL to which nothing could be posted."""
        check_url(self.url)

    @property
    def authorization(self) -> str | None:
        """The Basic header, or None where there are no credentials."""
        if not self.login:
            return None
        return "Basic " + b64encode(f"{self.login}:{self.password}".encode()).decode()


@dataclass(frozen=True, slots=True)
class Reply:
    """A proper RT.Response."""

    command: str
    command_id: Any
    params: Mapping[str, Any]
    variables: Mapping[str, Any]


def post(
    endpoint: Endpoint,
    body: bytes,
    *,
    within_s: float,
    challenged: bool = False,
    send_over_s: float = 0.0,
) -> Answered:
    """Post a report and wait for the whole reply.

    Args:
        endpoint: where it goes.
        body: the JSON text.
        within_s: real seconds for all of it: connecting, sending, and the last byte of the reply.
        challenged: send the credentials only after a 401 that asks for Basic.
        send_over_s: real seconds over which the sending is spread; they come on top of `within_s`.

    Raises:
        ServerFaultError: nobody answered, or not in time, or not in whole.
    """
    began = time.monotonic()

    def run(authorization: str | None) -> Answered:
        """Send the headers that the vendor's page shows, and the body."""
        shown = {"Authorization": authorization} if authorization else {}
        return Errand(
            url=endpoint.url,
            headers={"Accept": "*/*", **shown, "Content-Type": "application/json"},
            body=body,
            began=began,
            within_s=within_s,
            send_over_s=send_over_s,
        ).run()

    authorization = endpoint.authorization
    answered = run(None if challenged else authorization)
    if challenged and authorization and _asks_for_basic(answered):
        answered = run(authorization)
    return answered


def _asks_for_basic(answered: Answered) -> bool:
    return answered.status == _UNAUTHORIZED and answered.challenge.lower().startswith("basic")


def read_reply(answered: Answered) -> tuple[Reply, tuple[str, ...]]:
    """Read a reply strictly: 200 and a JSON object with `command`, `command_id` and `params`.

    `variables` may be absent and is then `{}`, with a warning; which keys the platform needs is
    unknown, and the vendor's own servers send all four.

    Raises:
        ServerFaultError: the reply is anything else.
    """
    if answered.status != _OK:
        raise ServerFaultError(f"HTTP {answered.status}, expected 200: {_excerpt(answered.body)}")
    data = _parse(answered.body)
    for key in ("command", "command_id", "params"):
        if key not in data:
            raise ServerFaultError(f"shape: the reply has no {key!r}: {_excerpt(answered.body)}")
    _demand(data, "command", str, "a string")
    _demand(data, "params", dict, "an object")
    warnings = []
    if "variables" in data:
        _demand(data, "variables", dict, "an object")
    else:
        warnings.append("the reply has no 'variables'; taken as {}")
    if answered.content_type.partition(";")[0].strip().lower() != "application/json":
        warnings.append(
            f"the reply's content type is {answered.content_type!r}, not application/json"
        )
    if not data["command_id"] or data["command_id"] == "0":
        warnings.append(f"command_id {data['command_id']!r} cannot be told from no command")
    elif not isinstance(data["command_id"], int | str):
        warnings.append(f"command_id {data['command_id']!r} is neither an integer nor a string")
    known = {"command", "command_id", "params", "variables"}
    warnings += [f"nobody documents a key {key!r} in a reply" for key in data if key not in known]
    reply = Reply(data["command"], data["command_id"], data["params"], data.get("variables", {}))
    return reply, tuple(warnings)


def _demand(data: Mapping[str, Any], key: str, kind: type, expected: str) -> None:
    if not isinstance(data[key], kind):
        found = json.dumps(data[key])[:_EXCERPT]
        raise ServerFaultError(f"shape: {key!r} is {found}, expected {expected}")


def _parse(body: bytes) -> dict[str, Any]:
    if not body:
        raise ServerFaultError("not JSON: the body is empty")
    try:
        data = json.loads(body.decode(), parse_constant=_refuse_constant, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise ServerFaultError(f"not JSON: {error}: {_excerpt(body)}") from error
    if not isinstance(data, dict):
        raise ServerFaultError(f"shape: the reply is no JSON object: {_excerpt(body)}")
    return data


def _refuse_constant(name: str) -> None:
    msg = f"{name} is no JSON"
    raise ValueError(msg)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        msg = "an object has a key twice"
        raise ValueError(msg)
    return data


def _excerpt(body: bytes) -> str:
    return repr(body[:_EXCERPT].decode(errors="replace"))
