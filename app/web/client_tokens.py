"""``POST /stringee/token``: client tokens, for whom the operator's own hook lets through."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, jsonify, request

from app.callflow.errors import OffhookError
from app.requesting import json_of
from app.stringee.token_desk import NoTokenError, TokenDesk, TokenRequest
from app.web.webhooks import hold_body

PREFLIGHT_S = 600
"""Seconds for which a browser need not ask again whether it may ask."""


def client_tokens(desk: TokenDesk | None) -> Blueprint:
    """The blueprint; without a desk, it answers 404 and says the setting."""
    blueprint = Blueprint("client_tokens", __name__)

    @blueprint.route("/stringee/token", methods=["POST", "OPTIONS"])
    def token() -> tuple[Response, int]:
        """A token, or the answer to a browser that asks whether it may ask for one."""
        if desk is None:
            msg = "This server gives no client tokens."
            mend = "Set STRINGEE_TOKEN_HOOK=MODULE:FUNCTION and start it again."
            raise OffhookError(msg, mend=mend, status=HTTPStatus.NOT_FOUND)
        if not desk.allows(_origin()):
            msg = "Pages of this origin may not ask for a token."
            raise NoTokenError(msg, mend="Add it to STRINGEE_TOKEN_ORIGINS.")
        if request.method == "OPTIONS":
            return Response(), HTTPStatus.NO_CONTENT
        hold_body(request.environ)  # whoever asks is known to nobody yet
        user_id, made = desk.give(_asked())
        return jsonify(
            {"access_token": made.text, "user_id": user_id, "expires_at": made.expires_at}
        ), HTTPStatus.OK

    @blueprint.after_request
    def say_who_may_read_it(response: Response) -> Response:
        """Let pages of allowed origins read the answer, an error too; nobody keeps it."""
        response.headers["Cache-Control"] = "no-store"
        response.headers["Vary"] = "Origin"
        origin = _origin()
        if desk is not None and origin and desk.allows(origin):
            response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
            response.headers["Access-Control-Allow-Credentials"] = "true"
            if request.method == "OPTIONS":
                response.headers["Access-Control-Allow-Methods"] = "POST"
                response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_S)
                wanted = request.headers.get("Access-Control-Request-Headers")
                response.headers["Access-Control-Allow-Headers"] = wanted or "Content-Type"
        return response

    return blueprint


def _origin() -> str:
    return request.headers.get("Origin", "").lower()


def _asked() -> TokenRequest:
    try:
        told = json_of(request.get_data()) if request.is_json else request.form.to_dict()
    except ValueError:
        told = {}
    body: Mapping[str, Any] = told if isinstance(told, dict) else {}
    return TokenRequest(
        headers={name.lower(): value for name, value in request.headers.items()},
        cookies=request.cookies.to_dict(),
        body=body,
        address=request.remote_addr or "",
    )
