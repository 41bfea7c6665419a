"""What a server's journal and log hold, for tests that look for little or nothing in them."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest
from serving import PATIENCE_S, Reply, Server

from app.callflow.errors import JournalError
from app.journal import History
from app.journal.queries import JournalledCall
from app.ports import TurnRecord

_CALLIDS = itertools.count(300_000_000_001)


def new_callid() -> int:
    """A callid that no other test of this run has."""
    return next(_CALLIDS)


def turns_of(server: Server, callid: int, *, at_least: int = 0) -> Sequence[TurnRecord]:
    """A call's rows; waits until there are so many, as one whose verdict is late comes later."""
    history, deadline = History(server.database_url), time.monotonic() + PATIENCE_S
    while len(turns := history.turns(f"callr:{callid}")) < at_least:
        assert time.monotonic() < deadline, f"{len(turns)} rows of call {callid}"
        time.sleep(0.01)
    return turns


def call_of(server: Server, callid: int) -> JournalledCall | None:
    """A call's own row."""
    try:
        return History(server.database_url).call(f"callr:{callid}", tests=True)
    except JournalError:
        return None


@contextmanager
def logging_only(server: Server, *texts: str) -> Iterator[None]:
    """Check that the server logs these texts meanwhile, a line each in this order, and no more.

    gunicorn's own lines, which begin with a bracket, do not count.
    """
    before = len(server.log())
    yield
    lines = [line for line in server.log()[before:].splitlines() if not line.startswith("[")]
    assert len(lines) == len(texts), lines
    for line, text in zip(lines, texts, strict=True):
        assert text in line


def check_refusal(reply: Reply, status: int, *texts: str) -> None:
    """Check that a reply is an error in the one JSON shape, and that its message holds texts."""
    assert reply.status == status, reply
    assert reply.headers["Content-Type"] == "application/json"
    assert list(reply.json) == ["error"]
    error = reply.json["error"]
    assert list(error) == ["status", "message", "mend"]
    assert error["status"] == status
    for text in texts:
        assert text in error["message"], error


def parametrized(name: str, values: Mapping[str, object]) -> pytest.MarkDecorator:
    """Parameters with names that read as a sentence."""
    return pytest.mark.parametrize(name, values.values(), ids=values.keys())
