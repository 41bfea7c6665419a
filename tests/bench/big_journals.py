"""The journals that the bench measures on: made when first asked for, removed at the end."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import psycopg
from bulk import Template, fill, template
from psycopg import sql
from saying import say

SMALL, LARGE = 10_000, 1_000_000
SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"


class BigJournals:
    """A small and a large journal on each database that there is. Use it in a ``with``."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._made: dict[tuple[str, int], str] = {}
        self._server = os.environ.get("OFFHOOK_TEST_DATABASE_URL", SERVER)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @cached_property
    def databases(self) -> tuple[str, ...]:
        """``sqlite``, and ``postgresql`` where a server answers."""
        try:
            psycopg.connect(self._server, connect_timeout=2).close()
        except psycopg.OperationalError as problem:
            said = str(problem).splitlines()[0]
            say(f"No PostgreSQL server answers (set OFFHOOK_TEST_DATABASE_URL): {said}")
            return ("sqlite",)
        return ("sqlite", "postgresql")

    @cached_property
    def template(self) -> Template:
        """The call that all the rows are made of."""
        return template()

    def url(self, database: str, rows: int) -> str:
        """The URL of a journal with so many turns."""
        if (database, rows) not in self._made:
            say(f"Making a journal of {rows:,} turns on {database} ...")
            url = self._sqlite() if database == "sqlite" else self._postgresql()
            fill(url, rows, self.template)
            self._made[database, rows] = url
        return self._made[database, rows]

    def _sqlite(self) -> str:
        made = tempfile.TemporaryDirectory(prefix="offhook-bench-")
        folder = self._stack.enter_context(made)
        return f"sqlite:///{Path(folder) / 'journal.sqlite3'}"

    def _postgresql(self) -> str:
        name = f"offhook_bench_{secrets.token_hex(4)}"
        self._run("CREATE DATABASE {}", name)
        self._stack.callback(self._run, "DROP DATABASE {} WITH (FORCE)", name)
        return urlunsplit(urlsplit(self._server)._replace(path=f"/{name}"))

    def _run(self, statement: str, name: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
