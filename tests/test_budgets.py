"""What a Stringee turn may wait for, added up: no page says when Stringee gives up, so 0.8 s."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, event

from app.callflow.errors import JournalError
from app.callr.provider import CallrProvider
from app.journal import SqlJournal, upgrade
from app.journal.journal import BUDGET_S
from app.journal.patience import Patience
from app.ports import DialKind
from app.stringee.provider import StringeeProvider
from app.stringee.signatures import Signatures
from app.web.webhooks import body_patience_s

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MOST_S = 0.8
SLACK_S = 0.15
"""What a busy machine may add to a waiting that has ended."""


def stringee() -> StringeeProvider:
    return StringeeProvider(signatures=Signatures((), "https://x.example"), public_url="")


def test_all_waits_on_the_way_of_a_stringee_turn_add_up_to_less_than_its_deadline() -> None:
    """The body; then resume, the start's row, the counter of dials and the record, together."""
    waits = {"body": body_patience_s(stringee()), "journal": BUDGET_S}
    assert sum(waits.values()) <= MOST_S < stringee().deadline_s
    callr = CallrProvider(login="x", passwords=["y"])
    assert body_patience_s(callr) + BUDGET_S < callr.deadline_s


@contextmanager
def answers_after(seconds: float) -> Iterator[None]:
    """Every question that goes through SQLAlchemy meanwhile is answered so late."""

    def wait(*_: object) -> None:
        time.sleep(seconds)

    event.listen(Engine, "before_cursor_execute", wait)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", wait)


@pytest.fixture
def journal(sqlite_url: str) -> Iterator[SqlJournal]:
    upgrade(sqlite_url)
    journal = SqlJournal(sqlite_url, on_lost=lambda _turn, _why: None)
    journal.ping()
    yield journal
    journal.close()


def test_a_database_that_is_slow_but_not_stuck_costs_a_turn_its_budget_once(
    journal: SqlJournal,
) -> None:
    """Each question alone would be in time; ten of them are not, together."""
    with answers_after(0.08):
        began = time.monotonic()
        with journal.one_turn():
            for _ in range(10):
                journal.last_turn("stringee:1")
        assert time.monotonic() - began < BUDGET_S + SLACK_S


def test_what_a_flow_dials_is_counted_in_the_same_time(journal: SqlJournal) -> None:
    kind: DialKind = "flow"
    counted = 0
    with answers_after(0.05), journal.one_turn():
        began = time.monotonic()
        with suppress(JournalError):
            while counted < 20 and journal.take_dial(kind, 1000, NOW):
                counted += 1
        assert time.monotonic() - began < BUDGET_S + SLACK_S
    assert counted < 6


def test_the_next_turn_has_its_own_time(journal: SqlJournal) -> None:
    for _ in range(3):
        with journal.one_turn(), answers_after(BUDGET_S / 2):
            journal.ping()
    with journal.one_turn():
        journal.ping()


def test_waits_within_a_turn_are_taken_off_and_one_within_another_counts_with_it() -> None:
    patience = Patience(0.2)

    def waits(seconds: float = 0.0) -> float:
        """Wait so long; gives how long it would have been at most."""

        def sleep(most: float) -> float:
            time.sleep(seconds)
            return most

        return patience.wait(sleep)

    assert waits() == 0.2
    with patience:
        with patience:
            assert waits(0.05) == 0.2
        assert 0 < waits(0.2) <= 0.15
        assert waits() == 0.0
    assert waits() == 0.2
