"""Sounds in the journal's own database: of platforms that do not keep them for us.

In parts, each written by itself: a whole recording in one statement would hold up the turns of live
calls for as long as it takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from sqlalchemy import Connection, Executable, delete, insert, select

from app.callflow.errors import GoneError
from app.journal.rows import clean
from app.journal.tables import sounds
from app.journal.unhurried import Unhurried

PART_BYTES = 128 * 1024
"""Bytes that are written at once."""


class Sounds:
    """The sounds of a journal.

    Args:
        url: of the journal's database.

    Raises:
        JournalError: the URL names no such database. Every method raises it too, where the database
            does not answer.
    """

    def __init__(self, url: str) -> None:
        self._journal = Unhurried(url, erasing=True)

    def put(self, sound: str, content: Iterable[bytes]) -> None:
        """Keep a sound; one of that name is replaced, and what an attempt has left of it."""
        self.delete(sound)
        for part, piece in enumerate(content):
            row = insert(sounds).values(sound=clean(sound), part=part, content=piece)
            self._journal.ask(partial(_execute, row))

    def has(self, sound: str) -> bool:
        """Whether there is anything of it."""
        query = select(sounds.c.part).where(sounds.c.sound == clean(sound)).limit(1)
        return self._journal.ask(lambda connection: connection.execute(query).first() is not None)

    def read(self, sound: str) -> Iterator[bytes]:
        """A sound, part by part.

        Raises:
            GoneError: it is not there.
        """
        part = 0
        while (piece := self._part(sound, part)) is not None:
            yield piece
            part += 1
        if not part:
            msg = "The journal has the sound no longer."
            raise GoneError(msg)

    def delete(self, sound: str) -> None:
        """Delete a sound; none is fine."""
        which = delete(sounds).where(sounds.c.sound == clean(sound))
        self._journal.ask(lambda connection: connection.execute(which))

    def _part(self, sound: str, part: int) -> bytes | None:
        query = select(sounds.c.content).where(
            sounds.c.sound == clean(sound), sounds.c.part == part
        )

        def read(connection: Connection) -> bytes | None:
            found = connection.execute(query).scalar_one_or_none()
            return None if found is None else bytes(found)

        return self._journal.ask(read)


def _execute(statement: Executable, connection: Connection) -> None:
    connection.execute(statement)
