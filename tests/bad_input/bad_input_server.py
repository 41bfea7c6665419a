"""The server that gets bad input: one for all of it, in one process, with flows that go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import Server, serving

FLOWS = Path(__file__).parent / "flows"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose secrets were changed lately; with one process it counts in one place."""
    with serving(
        tmp_path_factory.mktemp("bad-input"),
        flows=FLOWS,
        WEB_CONCURRENCY="1",
        API_TOKEN="token-of-tests",
        SECRET_KEY_OLD="the-secret-key-before-that-is-long-enough",
        CALLR_WEBHOOK_PASSWORD_OLD="the password before",
        FALLBACK_NUMBER="+33123450000",
    ) as server:
        yield server
