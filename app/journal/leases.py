"""Leases: what one server at a time does, out of any number on any number of machines."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, or_, update

from app.journal.database import upsert
from app.journal.tables import leases
from app.journal.unhurried import Unhurried, now_of


class Leases:
    """Lets one holder have a name for a while; whoever dies with it loses it when that is over.

    Args:
        url: of the journal's database.

    Raises:
        JournalError: the database does not answer.
    """

    def __init__(self, url: str) -> None:
        self._journal = Unhurried(url)

    def take(self, name: str, holder: str, seconds: float) -> bool:
        """Take a lease, or prolong (or shorten) one's own.

        Args:
            name: of what is leased.
            holder: who takes it; one name for each process of each machine.
            seconds: from now on.

        Returns:
            whether the holder has it now; not while another has.
        """

        def take(connection: Connection) -> bool:
            now = now_of(connection)
            row = upsert(connection.dialect, leases).values(
                name=name, holder=holder, until=now + timedelta(seconds=seconds)
            )
            taken = row.on_conflict_do_update(
                index_elements=["name"],
                set_={"holder": row.excluded.holder, "until": row.excluded.until},
                where=or_(leases.c.until <= now, leases.c.holder == holder),
            )
            return connection.execute(taken.returning(leases.c.name)).first() is not None

        return self._journal.ask(take)

    def rest(self, name: str, holder: str, seconds: float) -> None:
        """Let a lease go, so that nobody takes it for a while, who held it least of all."""

        def rest(connection: Connection) -> None:
            until = now_of(connection) + timedelta(seconds=seconds)
            mine = update(leases).where(leases.c.name == name, leases.c.holder == holder)
            connection.execute(mine.values(holder="", until=until))

        self._journal.ask(rest)

    def cut(self, thread: int) -> None:
        """Make what the thread with this ident waits for fail at once."""
        self._journal.cut(thread)
