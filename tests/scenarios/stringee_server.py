"""The server of Stringee's scenarios: gunicorn, with the shipped flows and Stringee's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from stringee_phone import StringeePhone
from stringee_serving import stringee_serving

FLOWS = Path(__file__).parent / "stringee_flows"


@pytest.fixture(scope="session")
def stringee(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StringeePhone]:
    """A telephone at a server whose journal is SQLite."""
    folder = tmp_path_factory.mktemp("stringee")
    with stringee_serving(folder, flows=FLOWS, DIAL_ALLOW="+84") as server:
        yield StringeePhone(server)
        assert "Traceback" not in server.log()
