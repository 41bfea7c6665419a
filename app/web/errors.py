"""One JSON shape for every HTTP error: what happened, and what to do about it."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Flask, Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app.callflow.errors import OffhookError
from app.web.webhooks import refusal

log = logging.getLogger("offhook")


def install(app: Flask) -> None:
    """Make every error of the app this shape: ``{"error": {"status", "message", "mend"}}``."""

    @app.errorhandler(OffhookError)
    def ours(problem: OffhookError) -> Response:
        if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("%s", problem)
        reply, headers = refusal(problem)
        return Response(reply.body, reply.status, headers, content_type=reply.content_type)

    @app.errorhandler(HTTPException)
    def http(problem: HTTPException) -> Response:
        told = OffhookError(problem.description or problem.name, status=problem.code)
        reply, _ = refusal(told)
        shaped = Response(reply.body, reply.status, content_type=reply.content_type)
        if isinstance(problem, MethodNotAllowed) and problem.valid_methods:
            shaped.headers["Allow"] = ", ".join(sorted(problem.valid_methods))
        return shaped

    @app.errorhandler(Exception)
    def unexpected(problem: Exception) -> Response:
        log.error("an error of ours: %s", type(problem).__name__, exc_info=problem)
        told = OffhookError("Something went wrong on our side.", mend="Look at the server's log.")
        return ours(told)
