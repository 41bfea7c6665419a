"""The server with a disk that is full: SQLite takes what its file has as the most that it may."""

import sqlite3

from sqlalchemy import Engine, event

from wsgi import app

__all__ = ["app"]


@event.listens_for(Engine, "connect")
def leave_no_room(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA max_page_count = 1").close()
