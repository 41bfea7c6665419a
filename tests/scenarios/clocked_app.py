"""The server, but at a time of the test's own: ``NOW`` of its environment, ISO 8601.

Stringee does not say when a call began, so that its calls are held against opening hours by the
server's clock.
"""

from __future__ import annotations

import os
from datetime import datetime

from app import create_app
from app.bootstrap import Parts, fetches
from app.sealing import Seal
from app.switchboard import Switchboard
from app.web.probes import Probes
from app.web.webhooks import Webhooks


def _now() -> datetime:
    return datetime.fromisoformat(os.environ["NOW"])


app = create_app()
_parts: Parts = app.extensions["offhook"]
_seal = Seal(_parts.settings.secret_key)
app.wsgi_app = Webhooks(  # type: ignore[method-assign] # what stands in front answers first
    Switchboard(
        _parts.flows,
        _parts.journal,
        _seal,
        fetches(_parts.settings, _parts.journal),
        _parts.refusals,
        _now,
    ),
    _parts.platforms,
    app.wsgi_app,
    Probes(_seal, _parts.flows, _parts.journal, _now),
)
