"""Making the tables, and databases whose tables are not ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from journal_doubles import (
    Losses,
    connected,
    journal_at,
    keys_of,
    make_call,
    make_start,
    make_turn,
    run_sql,
)
from sqlalchemy import MetaData, insert, select, text

from app.callflow.errors import JournalError
from app.journal import History, SchemaStatus, SqlJournal, prepare, schema_status, upgrade
from app.journal.schema import MIGRATIONS
from app.journal.tables import metadata


def test_an_empty_database_is_upgraded(database_url: str) -> None:
    assert schema_status(database_url) is SchemaStatus.NONE
    assert upgrade(database_url) is SchemaStatus.CURRENT
    assert schema_status(database_url) is SchemaStatus.CURRENT


def test_the_migrations_make_the_tables_that_the_code_uses(database_url: str) -> None:
    upgrade(database_url)
    with connected(database_url) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_an_upgrade_keeps_what_is_there(database_url: str) -> None:
    with journal_at(database_url) as journal:
        journal.record(make_turn("0:UP"))
        before = journal.instance_id()
    upgrade(database_url)
    assert keys_of(database_url) == ["0:UP"]
    assert History(database_url).instance_id() == before


def as_of(url: str, revision: str, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """A journal of an earlier release, with what of these rows it had columns for."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).touch()
    with connected(url) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        tables = MetaData()
        tables.reflect(connection)
        for name, told in rows.items():
            if name in tables.tables and told:
                table = tables.tables[name]
                known = [{k: v for k, v in row.items() if k in table.c} for row in told]
                connection.execute(insert(table), known)


@pytest.mark.parametrize("revision", ["0001", "0002", "0003", "0004", "0005"])
def test_a_journal_of_an_earlier_release_is_upgraded_with_what_is_in_it(
    database_url: str, revision: str, tmp_path: Path
) -> None:
    now = f"sqlite:///{tmp_path / 'now.sqlite3'}"
    with journal_at(now) as journal:
        journal.record(make_turn("0:UP", call=make_call()))
        journal.write_start(make_start())
    with connected(now) as connection:
        rows = {
            name: [
                dict(row) for row in connection.execute(select(metadata.tables[name])).mappings()
            ]
            for name in ("turns", "calls", "starts")
        }
    as_of(database_url, revision, rows)
    assert schema_status(database_url) is SchemaStatus.OLDER
    assert upgrade(database_url) is SchemaStatus.CURRENT
    history = History(database_url)
    assert history.call("callr:1").row == History(now).call("callr:1").row
    assert list(history.turns("callr:1")) == list(History(now).turns("callr:1"))
    with journal_at(database_url) as journal:
        assert journal.start(make_start().token) == make_start()
        journal.record(make_turn("1:HANGUP", kind="end", turn=None))
    assert keys_of(database_url) == ["0:UP", "1:HANGUP"]


def test_an_upgrade_that_has_nothing_to_do_waits_for_nobody(database_url: str) -> None:
    with journal_at(database_url) as journal:
        journal.record(make_turn("0:UP"))
        with connected(database_url) as writing:
            writing.exec_driver_sql("BEGIN")
            writing.exec_driver_sql("UPDATE turns SET step_after = 'held'")
            assert upgrade(database_url) is SchemaStatus.CURRENT
            writing.exec_driver_sql("ROLLBACK")


def test_every_journal_has_an_id_of_its_own(tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path}/{name}.sqlite3" for name in ("one", "two")]
    for url in urls:
        upgrade(url)
    one, two = (History(url).instance_id() for url in urls)
    assert one != two


def test_a_newer_schema_is_told_and_left_alone(database_url: str) -> None:
    upgrade(database_url)
    run_sql(database_url, "UPDATE alembic_version SET version_num = '9999'")
    assert schema_status(database_url) is SchemaStatus.NEWER
    assert upgrade(database_url) is SchemaStatus.NEWER
    with connected(database_url) as connection:
        version = connection.execute(text("SELECT version_num FROM alembic_version"))
        assert version.scalar_one() == "9999"


def test_a_newer_schema_is_written_to_all_the_same(database_url: str) -> None:
    upgrade(database_url)
    run_sql(database_url, "UPDATE alembic_version SET version_num = '9999'")
    run_sql(database_url, "ALTER TABLE turns ADD COLUMN mood TEXT")
    losses = Losses()
    with journal_at(database_url, losses) as journal:
        journal.record(make_turn("0:UP"))
    assert not losses.heard
    assert keys_of(database_url) == ["0:UP"]


def test_an_older_schema_loses_turns_until_it_is_upgraded(database_url: str) -> None:
    losses = Losses()
    upgrade(database_url)
    run_sql(database_url, "ALTER TABLE turns RENAME COLUMN incidents TO mishaps")
    with journal_at(database_url, losses, retry_s=0.01) as journal:
        assert journal.record(make_turn("0:UP")) is None
        assert losses.keys == ["0:UP"]
        run_sql(database_url, "ALTER TABLE turns RENAME COLUMN mishaps TO incidents")
    assert keys_of(database_url) == ["0:UP"]


def test_a_server_upgrades_sqlite_by_itself(sqlite_url: str) -> None:
    assert prepare(sqlite_url) is SchemaStatus.CURRENT


@pytest.mark.postgres
def test_a_server_does_not_upgrade_postgresql_by_itself(postgres_url: str) -> None:
    assert prepare(postgres_url) is SchemaStatus.NONE
    assert schema_status(postgres_url) is SchemaStatus.NONE


def test_sqlites_files_are_readable_by_their_owner_only(sqlite_url: str, tmp_path: Path) -> None:
    with journal_at(sqlite_url) as journal:
        journal.record(make_turn())
        made = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    assert made.keys() >= {"journal.sqlite3", "journal.sqlite3-wal"}
    assert set(made.values()) == {0o600}


def test_sqlite_writes_ahead_and_need_not_wait_for_the_disk(sqlite_url: str) -> None:
    upgrade(sqlite_url)
    with connected(sqlite_url) as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 1  # NORMAL


def test_an_upgrade_that_fails_says_why_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"cannot be upgraded.*Check DATABASE_URL"):
        upgrade(f"sqlite:///{tmp_path}/no/such/folder/journal.sqlite3")
    no_database = tmp_path / "letter.txt"
    no_database.write_text("Dear journal, this is no database. " * 100)
    with pytest.raises(JournalError, match="file is not a database"):
        upgrade(f"sqlite:///{no_database}")
    with pytest.raises(JournalError, match="file is not a database"):
        schema_status(f"sqlite:///{no_database}")


def test_a_journal_that_was_never_upgraded_says_so_to_who_asks(database_url: str) -> None:
    with pytest.raises(JournalError, match="offhook journal upgrade"):
        History(database_url).calls()
    journal = SqlJournal(database_url, on_lost=Losses(), budget_s=30)
    with pytest.raises(JournalError, match="does not answer"):
        journal.ping()
    journal.close()
