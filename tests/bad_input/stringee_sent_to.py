"""The server that gets Stringee's bad input, in one process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import serving
from stringee_sender import PUBLIC_URL, Sender
from stringee_serving import SIGNING_KEY

FLOWS = Path(__file__).parent / "stringee_flows"


@pytest.fixture(scope="session")
def sender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sender]:
    """Stringee, at a server with one process."""
    with serving(
        tmp_path_factory.mktemp("stringee-bad-input"),
        flows=FLOWS,
        WEB_CONCURRENCY="1",
        PUBLIC_URL=PUBLIC_URL,
        STRINGEE_SIGNING_KEY=SIGNING_KEY,
        FALLBACK_NUMBER="+84900000099",
        CALLER_ID="+842400000002",
        DIAL_ALLOW="+84",
    ) as server:
        yield Sender(server)
        assert "Traceback" not in server.log()
