"""Offhook's own API: places calls, and tells which journal the server keeps. Bearer token, JSON."""

from __future__ import annotations

import hmac
from typing import Any

from flask import Blueprint, Response, jsonify, request
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from app.callflow.errors import SettingsError, UnauthorizedError
from app.dialler import CallRequest, Dialler, RequestError
from app.ports import Journal, Start
from app.refusals import Refusals
from app.requesting import json_of
from app.settings import Settings


class CallRequestSchema(Schema):
    """The body of ``POST /api/calls``."""

    class Meta:
        """It is ours: an unknown key is a mistake of whoever wrote it."""

        unknown = RAISE

    number = fields.String(required=True)
    flow = fields.String(required=True)
    caller_id = fields.String(data_key="from", load_default="")
    ring_s = fields.Integer(data_key="ring", strict=True, load_default=30)
    variables = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)
    field = fields.String(load_default="", validate=validate.Length(max=16))
    app = fields.String(load_default="")
    provider = fields.String(load_default="")


def api(settings: Settings, dialler: Dialler, journal: Journal, refusals: Refusals) -> Blueprint:
    """The blueprint of ``/api``. Every request needs ``Authorization: Bearer <API_TOKEN>``."""
    blueprint = Blueprint("api", __name__, url_prefix="/api")
    schema = CallRequestSchema()

    @blueprint.before_request
    def authorize() -> None:
        """Check the token, in constant time; which journal it is tells nothing, and may be read."""
        if request.endpoint == f"{blueprint.name}.which_journal":
            return
        if not settings.api_token:
            msg = "This server has no API_TOKEN, so its API is closed."
            raise SettingsError(msg, mend="Set API_TOKEN and start it again.", status=503)
        given = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {settings.api_token}".encode()):
            msg = "the bearer token of the API is absent or wrong."
            raise UnauthorizedError(msg)

    @blueprint.post("/calls")
    def place() -> tuple[Response, int]:
        """Place a call: 201, or 200 for one that its Idempotency-Key placed before."""
        try:
            asked: dict[str, Any] = schema.load(_json())
        except ValidationError as problem:
            msg = f"the request is wrong: {problem.messages}"
            raise RequestError(msg, mend="Send number and flow; see docs/api.md.") from None
        key = request.headers.get("Idempotency-Key", "")
        start, is_new = dialler.place(CallRequest(**asked, idempotency_key=key))
        return jsonify(_told(start)), 201 if is_new else 200

    @blueprint.get("/journal")
    def which_journal() -> Response:
        """Which journal this server keeps: a command line may dial itself only if it has it."""
        return jsonify({"instance_id": journal.instance_id()})

    @blueprint.get("/refusals")
    def refused() -> Response:
        """Requests without the right credentials, by hour and flow, since this process started."""
        return jsonify(refusals.by_hour())

    return blueprint


def _json() -> Any:
    try:
        return json_of(request.get_data() if request.is_json else b"")
    except ValueError:
        msg = "the body is no JSON."
        raise RequestError(msg, mend="Send Content-Type: application/json.") from None


def _told(start: Start) -> dict[str, Any]:
    return {
        "token": start.token,
        "status": start.status,
        "flow": start.flow,
        "number": start.number,
        "from": start.caller_id,
        "platform_id": start.platform_id,
        "detail": start.detail,
    }
