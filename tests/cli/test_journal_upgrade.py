"""``offhook journal upgrade``."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text

from app.cli.exits import Exit
from app.cli.main import offhook
from app.cli.shell import Shell
from app.journal import SchemaStatus, schema_status


def upgrade(url: str) -> Result:
    shell = Shell(environ={"DATABASE_URL": url}, env_file=None)
    return CliRunner().invoke(offhook, ["journal", "upgrade"], obj=shell)


def test_a_journal_is_made_where_there_is_none_and_then_left_as_it_is(database_url: str) -> None:
    made = upgrade(database_url)
    assert made.exit_code == Exit.OK, made.output
    assert "is made" in made.stderr
    assert schema_status(database_url) is SchemaStatus.CURRENT
    again = upgrade(database_url)
    assert again.exit_code == Exit.OK
    assert "up to date already" in again.stderr


def test_a_journal_of_a_later_release_is_left_as_it_is(sqlite_url: str) -> None:
    upgrade(sqlite_url)
    engine = create_engine(sqlite_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'of-later'"))
    engine.dispose()
    later = upgrade(sqlite_url)
    assert later.exit_code == Exit.OK
    assert "later release" in later.stderr
    assert schema_status(sqlite_url) is SchemaStatus.NEWER


def test_a_database_that_cannot_be_opened_is_an_error_of_the_journal(tmp_path: Path) -> None:
    failed = upgrade(f"sqlite:///{tmp_path / 'nowhere' / 'journal.sqlite3'}")
    assert failed.exit_code == Exit.JOURNAL
    assert "Check DATABASE_URL" in failed.stderr
    assert "Traceback" not in failed.output
