"""Offhook: answers and places phone calls for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.ports import Journal
    from app.settings import Settings


def create_app(settings: Settings | None = None, *, journal: Journal | None = None) -> Flask:
    """The Flask app.

    Its imports are local, so that ``import app.callflow`` loads no library.

    Args:
        settings: None reads the environment and ``.env``.
        journal: another journal than that of the settings.

    Raises:
        SettingsError: settings are missing or cannot be read.
        FlowError: a flow cannot be used.
    """
    import os  # noqa: PLC0415

    from app.settings import Settings as Loaded  # noqa: PLC0415
    from app.web.app import make_app  # noqa: PLC0415

    return make_app(settings or Loaded.load(os.environ), journal)
