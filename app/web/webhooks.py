"""The platforms' webhooks: Flask request to WireRequest, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from app.ports import Provider, WireReply, WireRequest
from app.switchboard import Switchboard

MAX_BODY_BYTES = 64 * 1024


def webhooks(switchboard: Switchboard, callr: Provider) -> Blueprint:
    """The blueprint with one view for each webhook."""
    blueprint = Blueprint("webhooks", __name__)

    @blueprint.post("/callr/<flow>", strict_slashes=False)
    def callr_report(flow: str) -> Response:
        """A report of CALLR's."""
        return _response(switchboard.handle(callr, _wire_request(flow)))

    return blueprint


class _Headers(Mapping[str, str]):
    """The headers of a WSGI environment by lower-case name, read when asked for."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        return self._environ["HTTP_" + name.upper().replace("-", "_")]

    def __iter__(self) -> Iterator[str]:
        names = (name for name in self._environ if name.startswith("HTTP_"))
        return (name[5:].lower().replace("_", "-") for name in names)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _wire_request(flow: str) -> WireRequest:
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise RequestEntityTooLarge
    return WireRequest(
        method=request.method,
        target=request.environ.get("RAW_URI") or request.full_path,
        headers=_Headers(request.environ),
        body=request.get_data(cache=False),
        flow=flow,
        query=request.args.to_dict() if request.query_string else {},
    )


def _response(reply: WireReply) -> Response:
    return Response(reply.body, status=reply.status, content_type=reply.content_type)
