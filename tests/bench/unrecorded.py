"""Offhook with a journal that records nothing: what a turn costs by itself."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime

from app import create_app
from app.ports import DialKind, LastTurn, Noted, Notice, Start, TurnRecord
from app.settings import Settings


class NoJournal:
    """Fulfils ``app.ports.Journal``, and keeps nothing."""

    def one_turn(self) -> AbstractContextManager[None]:
        return nullcontext()

    def record(self, turn: TurnRecord) -> bytes | None:  # noqa: ARG002 - the port's argument
        return None

    def last_turn(self, call_key: str) -> LastTurn | None:  # noqa: ARG002 - the port's argument
        return None

    def note(self, notice: Notice) -> Noted:
        return Noted(notice.call_key)

    def start(self, token: str) -> Start | None:  # noqa: ARG002 - the port's argument
        return None

    def ping(self) -> None:
        """Answers."""

    def instance_id(self) -> str:
        return ""

    def start_of_key(self, _idempotency_key: str) -> Start | None:
        return None

    def write_start(self, start: Start) -> tuple[Start, bool]:
        return start, True

    def finish_start(
        self, token: str, status: str, platform_id: str = "", detail: str = ""
    ) -> None:
        """Forgets it."""

    def take_dial(self, kind: DialKind, limit: int, now: datetime) -> bool:  # noqa: ARG002 - as above
        return True

    def close(self) -> None:
        """Has nothing to close."""


app = create_app(Settings.load(os.environ), journal=NoJournal())
