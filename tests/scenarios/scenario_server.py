"""The server of the scenarios: one for all of them, with the shipped flows and the tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import serving
from telephone import Telephone

FLOWS = Path(__file__).parent / "flows"


@pytest.fixture(scope="session")
def telephone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Telephone]:
    """A telephone at a server whose journal is SQLite."""
    with serving(tmp_path_factory.mktemp("scenarios"), flows=FLOWS) as server:
        yield Telephone(server)
        assert "Traceback" not in server.log()
