"""Takes the place of `stringee_server` in a changed copy: threads of this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import environment
from stringee_phone import StringeePhone
from stringee_serving import with_stringee
from threaded_server import threaded

FLOWS = Path(__file__).parent / "stringee_flows"


@pytest.fixture(scope="session")
def stringee(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StringeePhone]:
    about = with_stringee(OFFHOOK_FLOWS=str(FLOWS), DIAL_ALLOW="+84")
    with threaded(environment(tmp_path_factory.mktemp("stringee"), **about)) as server:
        yield StringeePhone(server)
