"""Makes the Flask app out of the parts."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Flask

from app.bootstrap import build, now
from app.callflow.flow import Flow
from app.ports import Journal
from app.sealing import Seal
from app.settings import Settings
from app.stringee.token_desk import token_desk
from app.web import errors
from app.web.api import api
from app.web.client_tokens import client_tokens
from app.web.ops import ops
from app.web.probes import Probes
from app.web.webhooks import MAX_BODY_BYTES, Webhooks


def make_app(
    settings: Settings,
    journal: Journal | None = None,
    flows: Mapping[str, Flow] | None = None,
) -> Flask:
    """The Flask app.

    Args:
        settings: as loaded.
        journal: as for ``build``.
        flows: as for ``build``.

    Raises:
        SettingsError: settings are missing.
        FlowError: a flow cannot be used.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    parts = build(settings, journal, flows)
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.extensions["offhook"] = parts
    errors.install(app)
    app.register_blueprint(ops(parts.journal))
    app.register_blueprint(client_tokens(token_desk(settings)))
    app.register_blueprint(api(settings, parts.dialler, parts.journal, parts.refusals))
    seal = Seal(settings.secret_key, settings.secret_key_old)
    probes = Probes(seal, parts.flows, parts.journal, now)
    # Flask documents its wsgi_app as the place for what stands in front of it; mypy sees a method.
    app.wsgi_app = Webhooks(  # type: ignore[method-assign]
        parts.switchboard,
        parts.platforms,
        app.wsgi_app,
        probes,
        urlsplit(settings.public_url).path,
    )
    return app
