"""The journal: every turn, as it happened, on SQLite or PostgreSQL.

``SqlJournal`` is what a server writes to, ``History`` what the command line reads, ``schema`` what
makes the tables.
"""

from app.journal.journal import SqlJournal
from app.journal.queries import LOST_AFTER_H, History, JournalledCall
from app.journal.rows import Version
from app.journal.schema import SchemaStatus, prepare, schema_status, upgrade

__all__ = [
    "LOST_AFTER_H",
    "History",
    "JournalledCall",
    "SchemaStatus",
    "SqlJournal",
    "Version",
    "prepare",
    "schema_status",
    "upgrade",
]
