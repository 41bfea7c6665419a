"""The addresses that Stringee is told: what it asks about a call, and where it tells of one."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_ANSWER = re.compile(r"/stringee/([a-z][a-z0-9_]*)/answer\Z")


def answer_url(public_url: str, flow: str) -> str:
    """Where Stringee asks what to do: ``https://line.example.com/stringee/reception/answer``."""
    return f"{public_url}/stringee/{flow}/answer"


def event_url(public_url: str) -> str:
    """Where Stringee tells what becomes of calls, of whatever flow."""
    return f"{public_url}/stringee/events"


def flow_of(url: str) -> str:
    """The flow that an answer_url names, on whatever server; "" where it is none of ours."""
    try:
        found = _ANSWER.search(urlsplit(url).path)
    except ValueError:
        return ""
    return found[1] if found else ""
