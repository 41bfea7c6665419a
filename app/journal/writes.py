"""What the writer writes: each thing with its verdict, and somebody who may wait for it."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine.interfaces import DBAPICursor

from app.journal.rows import (
    Version,
    call_values,
    clean,
    conflict_values,
    notice_values,
    recording_values,
    sound_values,
    turn_values,
    version_values,
)
from app.journal.statements import Statements
from app.journal.summaries import summarise
from app.ports import LastTurn, Noted, Notice, TurnRecord


class Write:
    """Something to be written, and somebody who may wait for its verdict."""

    __slots__ = ("_gate", "failure", "settled", "verdict")

    @property
    def is_one_statement(self) -> bool:
        """Whether it needs no transaction of its own."""
        return True

    def __init__(self) -> None:
        self._gate = threading.Lock()
        self._gate.acquire()
        self.settled = False
        self.verdict: bytes | None = None
        self.failure = ""

    def apply(self, cursor: DBAPICursor, sql: Statements) -> bytes | None:
        """Write it within the transaction at hand; gives the verdict."""
        raise NotImplementedError

    def wait(self, seconds: float) -> bool:
        """Wait until it is settled; False if it is not within these seconds. One waiter only."""
        return self._gate.acquire(timeout=seconds)

    def settle(self, verdict: bytes | None = None, failure: str = "") -> None:
        """Let the waiter go on. Only the first time counts."""
        if not self.settled:
            self.verdict, self.failure, self.settled = verdict, failure, True
            self._gate.release()


class TurnWrite(Write):
    """A turn, and the rows of its call and of its recording where the turn brings them."""

    __slots__ = ("_call", "_learned", "_recording", "_turn")

    def __init__(self, turn: TurnRecord) -> None:
        super().__init__()
        self._turn = turn_values(turn)
        self._call: Mapping[str, Any] | None = None if turn.call is None else call_values(turn.call)
        self._recording: Mapping[str, Any] | None = None
        if turn.recording:
            self._recording = recording_values(turn)
        self._learned = turn.platform_id

    @property
    def is_one_statement(self) -> bool:
        """Not where another row goes with it, or may have to."""
        alone = self._call is None and self._recording is None and not self._learned
        return alone and not self.settled

    def apply(self, cursor: DBAPICursor, sql: Statements) -> bytes | None:
        """Insert the turn; one that loses gets the reply that won."""
        if sql.turn.wrote(cursor, self._turn):
            if self._call is not None:
                sql.call.wrote(cursor, self._call)
            if self._recording is not None:
                sql.recording.wrote(cursor, self._recording)
            if self._learned:
                called = {"call_key": self._turn["call_key"], "platform_id": clean(self._learned)}
                sql.learned.wrote(cursor, called)
            # One that nobody waits for any more may come after its call's end, by another worker.
            if self.settled or (self._call is not None and self._call["ended_at"] is not None):
                summarise(cursor, sql, self._turn["call_key"])
            return None
        first = sql.first.row(cursor, self._turn)
        if first is None:  # removed by hand a moment ago
            return None
        digest, reply = first[0], bytes(first[1])
        if digest != self._turn["digest"]:
            sql.turn.wrote(cursor, conflict_values(self._turn, reply))
            summarise(cursor, sql, self._turn["call_key"])  # it may come after the end
        return reply


class NoticeWrite(Write):
    """A status post, and the row of the sound that it tells of.

    Attributes:
        noted: what is known of its call, once it is settled.
    """

    __slots__ = ("_ends", "_notice", "_sound", "noted")

    def __init__(self, notice: Notice) -> None:
        super().__init__()
        self._notice = notice_values(notice)
        self._sound = notice.sound
        self._ends = notice.event is not None
        self.noted = Noted(notice.call_key)

    @property
    def is_one_statement(self) -> bool:
        """Not where it tells of a sound: all the others write once, after they have read."""
        return self._sound is None

    def apply(self, cursor: DBAPICursor, sql: Statements) -> bytes | None:
        """Insert it where it is not there yet, and find its call."""
        notice = self._notice
        key = notice["call_key"]
        if not key and (row := sql.key.row(cursor, notice)):
            key = row[0]
        notice = {**notice, "call_key": key}
        if sql.notice.wrote(cursor, notice) and self._sound is not None:
            gave = sql.gave.row(cursor, {"call_key": key, "turn": self._sound.turn})
            sql.recording.wrote(cursor, sound_values(notice, self._sound, gave))
        self.noted = self._known(cursor, sql, key) if key and self._ends else Noted(key)
        return None

    def _known(self, cursor: DBAPICursor, sql: Statements, key: str) -> Noted:
        """What the end of a call wants to know of it."""
        call = {"call_key": key}
        last, kind = sql.last.row(cursor, call), sql.kind.row(cursor, call)
        return Noted(
            key,
            LastTurn(last[0], json.loads(last[1])) if last else None,
            apologised=kind is not None and kind[0] == "last_resort",
        )


class VersionWrite(Write):
    """A flow's version, kept once."""

    __slots__ = ("_version",)

    def __init__(self, version: Version) -> None:
        super().__init__()
        self._version = version_values(version)

    def apply(self, cursor: DBAPICursor, sql: Statements) -> bytes | None:
        """Insert it where it is not there yet."""
        sql.version.wrote(cursor, self._version)
        return None


class Probe(Write):
    """Asks the database whether it answers."""

    __slots__ = ()

    def apply(self, cursor: DBAPICursor, sql: Statements) -> bytes | None:
        """Read one row."""
        sql.probe.row(cursor, {})
        return None
