"""A server on Stringee for tests: ``serving``, with a signing key and an address of its own."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from serving import Server, serving

SIGNING_KEY = "signing-key-of-tests"


def free_port() -> int:
    """A port that nobody has; the addresses that a server gives out must say it beforehand."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def with_stringee(**variables: str) -> dict[str, Any]:
    """What the environment of a server on Stringee has more than another's."""
    port = free_port()
    return {
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "STRINGEE_SIGNING_KEY": SIGNING_KEY,
        **variables,
    }


@contextmanager
def stringee_serving(folder: Path, *, flows: Path | None = None, **what: str) -> Iterator[Server]:
    """``serving`` for Stringee."""
    with serving(folder, flows=flows, **with_stringee(**what)) as server:
        yield server
