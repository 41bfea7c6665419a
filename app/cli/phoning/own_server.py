"""Offhook itself, for one phone: on a free port of loopback, with a journal that goes with it.

It runs in this process, behind werkzeug's threaded server, and not as a gunicorn of its own: it
answers in a fraction of a second, a flow that is wrong stops it with the same error as everywhere,
its log can be told between the lines of the call, and nothing can be left running. What is called
is the same Flask app over the same HTTP; ``offhook demo`` shows it under gunicorn.
"""

from __future__ import annotations

import logging
import secrets
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from werkzeug.serving import WSGIRequestHandler, make_server

from app.bootstrap import Parts
from app.callr.placing import webhook_url
from app.cli.phoning.webhooks import Webhook
from app.platforms import configured, flows_to_try
from app.settings import Settings
from app.web.app import make_app

_HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnServer:
    """A server that answers.

    Attributes:
        origin: such as ``http://127.0.0.1:40213``.
        login, password: what its webhooks take.
        parts: what it is made of.
    """

    origin: str
    login: str
    password: str = field(repr=False)
    parts: Parts

    def webhook(self, flow: str) -> Webhook:
        """Where a flow's calls are posted, and with what."""
        return Webhook(webhook_url(self.origin, flow), self.login, self.password)


@contextmanager
def own_server(
    settings: Settings, flow: str, tell: Callable[[str], None], **changes: Any
) -> Iterator[OwnServer]:
    """Serve until the ``with`` ends.

    Args:
        flow: the name of the one that is tried; what is wrong with others is told.
        settings: those of the user; flows, voices and numbers are taken from them, while every
            secret is made anew and the journal is another.
        tell: told each line that the log has of warnings and worse, in any thread.
        changes: settings that it is to have.

    Raises:
        FlowError: that flow cannot be used; every finding.
    """
    with tempfile.TemporaryDirectory(prefix="offhook-phone-") as folder, _log_told(tell):
        with socket.create_server((_HOST, 0)) as listening:
            port = listening.getsockname()[1]
            own = replace(_own(settings, Path(folder)), port=port, **changes)
            app = make_app(own, flows=flows_to_try(own, configured(own), flow))
            parts: Parts = app.extensions["offhook"]
            server = make_server(
                _HOST,
                0,
                app,
                threaded=True,
                request_handler=_QuietHandler,
                fd=listening.fileno(),
            )
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield OwnServer(
                origin=f"http://{_HOST}:{server.port}",
                login=own.callr_webhook_login,
                password=own.callr_webhook_password,
                parts=parts,
            )
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            parts.journal.close()


def _own(settings: Settings, folder: Path) -> Settings:
    """The settings with nothing in them that belongs to the user's own server or account."""
    return replace(
        settings,
        env="development",
        secret_key=secrets.token_urlsafe(32),
        secret_key_old="",
        callr_webhook_login="callr",
        callr_webhook_password=secrets.token_urlsafe(32),
        callr_webhook_password_old="",
        callr_login="",
        callr_password="",
        callr_api_key="",
        callr_login_as="",
        stringee_signing_key="",
        stringee_signing_key_old="",
        stringee_api_key_sid="",
        stringee_api_key_secret="",
        stringee_account_sid="",
        stringee_account_key="",
        public_url="",
        api_token="",
        database_url=f"sqlite:///{folder / 'journal.sqlite3'}",
        dyno="",
    )


class _QuietHandler(WSGIRequestHandler):
    """Serves without a line on stderr for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing."""


class _Told(logging.Handler):
    """Hands over each line."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        """Hand over the lines of a record."""
        for line in self.format(record).splitlines():
            self._tell(line)


@contextmanager
def _log_told(tell: Callable[[str], None]) -> Iterator[None]:
    """Send the log there and nowhere else: the app sets logging up only where nobody has."""
    root, handler = logging.getLogger(), _Told(tell)
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
