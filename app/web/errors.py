"""One JSON shape for every HTTP error: what happened, and what to do about it."""

from __future__ import annotations

import logging

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app.callflow.errors import OffhookError, UnauthorizedError

log = logging.getLogger("offhook")


def install(app: Flask) -> None:
    """Make every error of the app this shape: ``{"error": {"status", "message", "mend"}}``."""

    @app.errorhandler(UnauthorizedError)
    def unauthorized(_problem: UnauthorizedError) -> Response:
        """One fixed body: the cause is in the log, and nobody else's."""
        reply = _shaped(401, "The credentials are absent or wrong.", "Send them as HTTP Basic.")
        reply.headers["WWW-Authenticate"] = 'Basic realm="offhook", charset="UTF-8"'
        return reply

    @app.errorhandler(OffhookError)
    def ours(problem: OffhookError) -> Response:
        if problem.status >= 500:  # noqa: PLR2004 - HTTP's own border between their fault and ours
            log.error("%s", problem)
        return _shaped(problem.status, problem.message, problem.mend)

    @app.errorhandler(HTTPException)
    def http(problem: HTTPException) -> Response:
        reply = _shaped(problem.code or 500, problem.description or problem.name, "")
        if isinstance(problem, MethodNotAllowed) and problem.valid_methods:
            reply.headers["Allow"] = ", ".join(sorted(problem.valid_methods))
        return reply

    @app.errorhandler(Exception)
    def unexpected(problem: Exception) -> Response:
        log.error("an error of ours: %s", type(problem).__name__, exc_info=problem)
        return _shaped(500, "Something went wrong on our side.", "Look at the server's log.")


def _shaped(status: int, message: str, mend: str) -> Response:
    reply = jsonify({"error": {"status": status, "message": message, "mend": mend}})
    reply.status_code = status
    return reply
