"""The server, but for what answers its requests, which fails before Flask could catch it."""

from __future__ import annotations

from app import create_app


def _fails(*_: object) -> list[bytes]:
    msg = "on purpose"
    raise RuntimeError(msg)


app = create_app()
app.wsgi_app = _fails  # type: ignore[method-assign, assignment]
