"""The journal: every turn, as it happened, on SQLite or PostgreSQL.

``SqlJournal`` is what a server writes to, ``History`` what the command line reads, ``Moves`` what
it remembers of numbers, ``schema`` what makes the tables.
"""

from app.journal.journal import CONNECTIONS, SqlJournal
from app.journal.moves import Move, Moves, MoveStatus
from app.journal.queries import LOST_AFTER_H, History, JournalledCall
from app.journal.rows import Version
from app.journal.schema import SchemaStatus, prepare, schema_status, upgrade
from app.journal.wanted import LIVE, LOST, Wanted

__all__ = [
    "CONNECTIONS",
    "LIVE",
    "LOST",
    "LOST_AFTER_H",
    "History",
    "JournalledCall",
    "Move",
    "MoveStatus",
    "Moves",
    "SchemaStatus",
    "SqlJournal",
    "Version",
    "Wanted",
    "prepare",
    "schema_status",
    "upgrade",
]
