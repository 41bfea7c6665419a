"""What numbers rang before they were moved, so that a move can be undone from any machine.

It is kept in the journal's database: what one machine moved, another may have to put back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, Table, Text, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.callflow.errors import JournalError
from app.journal.database import Database, describe, upsert
from app.journal.rows import clean
from app.journal.schema import SchemaStatus, prepare
from app.journal.tables import Utc, metadata

PATIENCE_S = 10.0
"""Seconds that a statement waits for the database."""

_MEND = "Check DATABASE_URL, that the database runs, and that its disk can be written."

T = TypeVar("T")

moves = Table(
    "moves",
    metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    Column("did", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("from_app", Text, nullable=False),
    Column("from_name", Text, nullable=False),
    Column("to_app", Text, nullable=False),
    Column("to_name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("began_at", Utc, nullable=False),
    Column("undone_at", Utc),
    Index("ix_moves_did", "did"),
)
"""One row a move of a number, written before the platform is asked; see ``Move``."""


class MoveStatus(StrEnum):
    """What became of a move."""

    BEGUN = "begun"
    """The platform was, or was about to be, asked; it may have been done."""

    MADE = "made"
    FAILED = "failed"
    """The platform refused; the number rings what it rang."""

    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A number's move from one voice app to another, or a change of addresses at Stringee.

    Attributes:
        did: CALLR's hash of the number; ``stringee:number:<id>`` or ``stringee:project:<id>``.
        number: E.164; of a project its name.
        from_app: the hash of the voice app that it rang, "" where it rang none; at Stringee the
            answer_url.
        from_name: the name of that voice app; at Stringee the event_url.
        to_app: the hash of the voice app that it was to ring, "" while that is not made yet; at
            Stringee the answer_url that it was to have.
        to_name: the name of that voice app; at Stringee the event_url.
        id: the row's; 0 before it is written.
        undone_at: when it was put back, UTC.
    """

    did: str
    number: str
    from_app: str
    from_name: str
    to_app: str
    to_name: str
    began_at: datetime
    id: int = 0
    status: MoveStatus = MoveStatus.BEGUN
    undone_at: datetime | None = None


class Moves:
    """The moves that a journal's database knows; each question opens a connection and closes it.

    Args:
        url: of the journal's database.

    Raises:
        JournalError: the URL names no database that the journal can be kept in. Every method raises
            it too, where the database does not answer.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._database = Database(url, patience_s=PATIENCE_S)

    def prepare(self) -> None:
        """See that moves can be kept; SQLite's file is made and upgraded as a server does it.

        Raises:
            JournalError: they cannot.
        """
        status = prepare(self._url)
        if status in {SchemaStatus.NONE, SchemaStatus.OLDER}:
            state = "not made yet" if status is SchemaStatus.NONE else "of an older release"
            msg = f"The journal's schema is {state}: what a number rang before cannot be kept."
            raise JournalError(msg, mend="Run `offhook journal upgrade`.")

    def begin(self, move: Move) -> int:
        """Write a move before the platform is asked for it; gives the row's id."""
        row = {
            "did": clean(move.did),
            "number": clean(move.number),
            "from_app": clean(move.from_app),
            "from_name": clean(move.from_name),
            "to_app": clean(move.to_app),
            "to_name": clean(move.to_name),
            "status": str(MoveStatus.BEGUN),
            "began_at": move.began_at,
        }

        def write(connection: Connection) -> int:
            insert = upsert(connection.dialect, moves).values(**row).returning(moves.c.id)
            return int(connection.execute(insert).scalar_one())

        return self._ask("written", write)

    def aimed(self, move_id: int, to_app: str) -> None:
        """Write the hash of the voice app that a move was to wait for."""
        self._change(move_id, to_app=clean(to_app))

    def settle(self, move_id: int, status: MoveStatus) -> None:
        """Write what became of a move."""
        undone_at = datetime.now(UTC) if status is MoveStatus.UNDONE else None
        self._change(move_id, status=str(status), undone_at=undone_at)

    def last(self, did: str) -> Move | None:
        """The last move of a number that may have been made; None where none is known."""
        query = (
            select(moves)
            .where(moves.c.did == did, moves.c.status != str(MoveStatus.FAILED))
            .order_by(moves.c.id.desc())
            .limit(1)
        )
        row = self._ask("read", lambda connection: connection.execute(query).mappings().first())
        return None if row is None else Move(**{**row, "status": MoveStatus(row["status"])})

    def targets(self) -> frozenset[str]:
        """The hashes of the voice apps that numbers were moved to."""
        query = select(moves.c.to_app).where(moves.c.to_app != "").distinct()
        rows = self._ask("read", lambda connection: connection.execute(query).scalars().all())
        return frozenset(str(row) for row in rows)

    def _change(self, move_id: int, **values: object) -> None:
        change = update(moves).where(moves.c.id == move_id).values(**values)
        self._ask("written", lambda connection: connection.execute(change))

    def _ask(self, what: str, question: Callable[[Connection], T]) -> T:
        try:
            with self._database.connect() as connection:
                return question(connection)
        except SQLAlchemyError as error:
            msg = f"The moves of numbers cannot be {what}: {describe(error)}."
            raise JournalError(msg, mend=_MEND) from None
