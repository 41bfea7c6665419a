"""Tells status posts in words.

The statuses are Stringee's (developer.stringee.com/docs/server/call-events), the only platform that
posts any; that ``agentEnded`` is of the party that was rung is known from a product's code alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.ports import Notice

END = "ended"
"""The status that ends a call."""

_WORDS: Mapping[str, str] = {
    "created": "",
    "started": "",
    "ringing": "says that it rings",
    "answered": "says that it was answered",
    "agentEnded": "says that the leg to whom we rang is over",
    "connect_failed": "says that whom we rang was not reached",
}
"""What is said of each status; nothing of those that always come and tell little."""


def status_told(notice: Notice) -> str:
    """What a status says, to go on from "the platform"; "" for nothing that is worth a line."""
    return _WORDS.get(notice.kind, f'reports "{notice.kind}"')


def end_told(about: Mapping[str, Any]) -> str:
    """What the platform says of the end, to go on from its name; "" where it says nothing.

    Args:
        about: ``cause`` and ``by`` in the platform's words, ``duration_s`` and ``answered_s`` in
            seconds; any may be missing.
    """
    told = []
    if cause := about.get("cause"):
        told.append(f'"{cause}"')
    if by := about.get("by"):
        told.append(f"by {by}")
    if (lasted := about.get("duration_s")) is not None:
        told.append(f"after {lasted:g} s")
    if (talked := about.get("answered_s")) is not None:
        told.append(f"{talked:g} s of them answered" if lasted is not None else f"{talked:g} s")
    return f"says how it ended: {', '.join(told)}" if told else ""
