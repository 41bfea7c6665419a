"""What pages name is there: subcommands, options, settings, targets of make, columns."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import told_cli
from pages import DOCS, ROOT, blocks, pages, prose
from sqlalchemy import inspect
from written_lines import Line, lines_of

from app import callflow
from app.cli.simulator import LOGIN_VARIABLE, PASSWORD_VARIABLE
from app.journal.database import Database
from app.journal.schema import upgrade
from app.settings import describe
from app.stringee.refusals import CALLS

EVERYWHERE = pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)

OTHER_WORDS = {
    *("INCOMING_CALL", "PROPERTY_VALUE_ERROR"),
    "USER_END_CALL",
    "OFFHOOK_TEST_DATABASE_URL",
    "POSTGRES_PASSWORD",
    *(name for name, _ in CALLS.values()),
}
"""Words in capitals that are no settings: a status and an error of CALLR's, the tests' own, what
compose.yaml hands to PostgreSQL, a cause and the names of codes of Stringee's."""

_CAPITALS = re.compile(r"(?<![\w.|-])[A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9](?![\w-])")
_MAKE = re.compile(r"(?:`|^\$ )make ([a-z]+)", re.MULTILINE)


@EVERYWHERE
def test_each_line_of_offhook_names_what_there_is(page: Path) -> None:
    wrong = [
        f"{line.text}: {line.problem()}" for line in lines_of(page.read_text()) if line.problem()
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (Line("offhook flow list", whole=True), "no subcommand 'flow'"),
        (Line("offhook calls shw last", whole=False), "no subcommand 'shw'"),
        (Line("offhook calls show last --rwa", whole=False), "no option --rwa"),
        (Line("offhook calls show last --rwa", whole=True), "No such option"),
        (Line("offhook calls show", whole=True), "Missing argument"),
        (Line("offhook calls", whole=True), "needs a subcommand"),
        (Line("PORT=1 offhook serve --check > log", whole=True), ""),
        (Line("offhook serve --check < in", whole=True), ""),
    ],
    ids=lambda one: one.text if isinstance(one, Line) else "",
)
def test_a_wrong_line_is_found(line: Line, told: str) -> None:
    assert told in line.problem()
    assert bool(told) == bool(line.problem())


@EVERYWHERE
def test_each_setting_that_is_named_is_there(page: Path) -> None:
    settings = {one["variable"] for one in describe()}
    options = {
        str(param.envvar)
        for context in told_cli.every_command()
        for param in context.command.get_params(context)
        if param.envvar
    }
    known = settings | options | OTHER_WORDS | {LOGIN_VARIABLE, PASSWORD_VARIABLE}
    unknown = [name for name in _named(page) - known if not _begins(name, settings)]
    assert sorted(unknown) == [], f"{page.name} names settings that are not there."


def _named(page: Path) -> set[str]:
    """What a page names in capitals, outside of programs."""
    text = page.read_text()
    shown = [block.text for block in blocks(text) if block.language in {"console", "text", ""}]
    return set(_CAPITALS.findall("\n".join([prose(text), *shown])))


def _begins(name: str, settings: set[str]) -> bool:
    """Whether a family of settings is meant, such as those that begin with CALLR_WEBHOOK."""
    return any(one.startswith(f"{name}_") for one in settings)


@EVERYWHERE
def test_each_target_of_make_that_is_named_is_there(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(_MAKE.findall(page.read_text())) <= targets


def test_privacy_tells_each_column_of_the_journal(sqlite_url: str) -> None:
    page = prose((DOCS / "privacy.md").read_text())
    for table, columns in _columns(sqlite_url).items():
        heading = re.search(rf"^### `{table}`.*?(?=^###? )", page, re.MULTILINE | re.DOTALL)
        row = re.search(rf"^\| `{table}` \|.*", page, re.MULTILINE)
        told = heading[0] if heading else row[0] if row else ""
        rows = [line.split("|")[1 if heading else 2] for line in told.splitlines() if "|" in line]
        names = set(re.findall(r"`(\w+)`", " ".join(rows)))
        assert names == columns, f"docs/privacy.md: say what the columns of `{table}` hold."


def _columns(url: str) -> dict[str, set[str]]:
    """What a journal has on disk: the columns of each table, but for Alembic's own."""
    upgrade(url)
    with Database(url, patience_s=5).connect() as connection:
        found = inspect(connection)
        tables = set(found.get_table_names()) - {"alembic_version"}
        return {name: {one["name"] for one in found.get_columns(name)} for name in sorted(tables)}


def test_how_long_privacy_says_things_are_kept_is_how_long_they_are_by_default() -> None:
    page = (DOCS / "privacy.md").read_text()
    told = dict(re.findall(r"^\| `(\w+_DAYS)` \| (\d+) \|", page, re.MULTILINE))
    settings = {one["variable"]: one["default"] for one in describe()}
    assert told == {name: settings[name] for name in ("RETENTION_DAYS", "RECORDING_DAYS")}


def test_what_limits_says_is_missing_is_missing() -> None:
    page = (DOCS / "limits.md").read_text()
    assert "No step asks a database" in page
    assert "lookup" not in callflow.__all__, "docs/limits.md says that no step asks a database."
