"""Databases for tests: each test gets one of its own, empty, that is removed afterwards."""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql
from shipped_flows import SHIPPED

from app import flowbook

DEFAULT_SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"


def pytest_configure() -> None:
    """Let programs that tests start end on Ctrl-C, also where this run itself shall not.

    Who starts the run in the background of a shell has it ignore SIGINT, and its children with it.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    _leave_out_flows_of_the_operator()


def _leave_out_flows_of_the_operator() -> None:
    """Have tests find in ``app/flows`` what is shipped, whatever else stands there."""
    found = flowbook._of_package
    pytest.MonkeyPatch().setattr(
        flowbook,
        "_of_package",
        lambda name: (one for one in found(name) if Path(one[0]).stem in SHIPPED),
    )


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'journal.sqlite3'}"


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The server that tests make their databases on: skips where none answers, fails in CI."""
    server = os.environ.get("OFFHOOK_TEST_DATABASE_URL", DEFAULT_SERVER)
    try:
        psycopg.connect(server, connect_timeout=2).close()
    except psycopg.OperationalError as problem:
        said = str(problem).splitlines()[0]
        reason = f"no PostgreSQL server answers (set OFFHOOK_TEST_DATABASE_URL): {said}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return server


@contextmanager
def _fresh_postgres(server: str) -> Iterator[str]:
    name = f"offhook_test_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        # No test cuts the power, and a disk that is slow to confirm makes the journal late.
        hasty = sql.SQL("ALTER DATABASE {} SET synchronous_commit = off")
        connection.execute(hasty.format(sql.Identifier(name)))
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            # FORCE: whoever still holds a connection of a test that failed loses it.
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            connection.execute(drop)


@pytest.fixture(scope="session")
def postgres_of_this_run(postgres_server: str) -> Iterator[str]:
    """One database for the tests of this process, one after the other.

    To drop one for each would have the server write all that it has to the disk each time, for
    which whatever else writes there has to wait, journals that other tests watch among it.
    """
    with _fresh_postgres(postgres_server) as url:
        yield url


@pytest.fixture
def postgres_url(postgres_of_this_run: str) -> str:
    """An empty database."""
    with psycopg.connect(postgres_of_this_run, autocommit=True) as connection:
        # Whoever still holds a connection of a test before, and perhaps a lock, loses it.
        connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return postgres_of_this_run


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The same test on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def module_database_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """One database for all tests of a module, which they run on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('journal') / 'journal.sqlite3'}"
        return
    with _fresh_postgres(request.getfixturevalue("postgres_server")) as url:
        yield url
