"""What a supervisor asks of a server: is it there, and can it do its work?"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from app.ports import Journal


def ops(journal: Journal) -> Blueprint:
    """``/healthz``.

    The process answers. ``/readyz``: the journal does too; calls are answered without it.
    """
    blueprint = Blueprint("ops", __name__)

    @blueprint.get("/healthz")
    def healthz() -> Response:
        """The process answers."""
        return jsonify({"status": "ok"})

    @blueprint.get("/readyz")
    def readyz() -> Response:
        """Raises JournalError, which is a 503, where the journal does not answer."""
        journal.ping()
        return jsonify({"status": "ok"})

    return blueprint
