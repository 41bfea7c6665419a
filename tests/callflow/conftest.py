"""The flows that are shipped."""

from __future__ import annotations

import pytest

from app.callflow import Flow
from app.flowbook import load_flows


@pytest.fixture
def reception() -> Flow:
    return load_flows()["reception"]
