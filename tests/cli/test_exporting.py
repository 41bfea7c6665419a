"""``offhook calls export``: CSV that no spreadsheet calculates, and JSON Lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine
from journalled import Line, line
from serving import FIRST_REPORT

from app.cli.exits import Exit
from app.cli.exporting import AT_ONCE, COLUMNS, csv_lines

HOSTILE = '=HYPERLINK("http://x")\x1b[2J,\n"\u202e'


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[Line]:
    with line(tmp_path) as (posted, _):
        yield posted


@pytest.fixture
def run(tmp_path: Path) -> CommandLine:
    return CommandLine({"DATABASE_URL": f"sqlite:///{tmp_path / 'journal.sqlite3'}"})


def rows(run: CommandLine, *args: str) -> list[dict[str, str]]:
    ran = run("calls", "export", *args)
    assert ran.exit_code == Exit.OK, ran.output
    return list(csv.DictReader(io.StringIO(ran.stdout)))


def test_a_call_has_the_columns_of_its_record_and_its_variables(
    phone: Line, run: CommandLine
) -> None:
    phone.call("reception", "0", "2", "123456", callid=1)
    phone.call("age_gate", "18", callid=2, date_started="2026-01-10 09:00:00")
    newest, oldest = rows(run)
    assert list(oldest)[: len(COLUMNS)] == list(COLUMNS)
    assert set(oldest) - set(COLUMNS) == {"var_age", "var_order", "var_team"}
    assert (newest["key"], newest["var_age"], newest["var_team"]) == ("callr:2", "18", "")
    assert (oldest["var_order"], oldest["var_team"]) == ("123456", "support")
    assert (oldest["started_at"], oldest["test"]) == ("2026-01-09T12:27:55+00:00", "false")
    assert float(oldest["lasted_s"]) >= 0
    assert [row["key"] for row in rows(run, "--var", "age=18")] == ["callr:2"]


def test_no_cell_is_a_formula_or_holds_what_cannot_be_seen(phone: Line, run: CommandLine) -> None:
    phone.call("reception", cli_number=HOSTILE)
    ran = run("calls", "export")
    (row,) = rows(run)
    assert row["caller"].startswith("'=HYPERLINK")
    assert row["called"] == "'+33199001020"
    assert not {"\x1b", "\u202e"} & set(ran.stdout)
    assert len(ran.stdout.splitlines()) == 2


@pytest.mark.parametrize("first", "=+-@")
def test_a_cell_that_begins_like_a_formula_has_an_apostrophe(first: str) -> None:
    call = dict.fromkeys(COLUMNS, "") | {"flow": f"{first}1", "lasted_s": -0.5, "variables": {}}
    (row,) = csv.DictReader(io.StringIO("\n".join(csv_lines([call]))))
    assert (row["flow"], row["lasted_s"]) == (f"'{first}1", "-0.5")


def test_json_lines_have_an_object_each_with_what_cannot_be_seen_escaped(
    phone: Line, run: CommandLine
) -> None:
    phone.call("reception", callid=1, cli_number=HOSTILE)
    phone.call("age_gate", "18", callid=2, date_started="2026-01-10 09:00:00")
    ran = run("calls", "export", "--format", "jsonl")
    told: list[dict[str, Any]] = [json.loads(text) for text in ran.stdout.splitlines()]
    assert [one["platform_id"] for one in told] == ["2", "1"]
    assert told[0]["variables"] == {"age": "18"}
    listed = json.loads(run("calls", "list", "--json").stdout)
    assert told == listed
    assert not {"\x1b", "\u202e"} & set(ran.stdout)


def test_more_calls_than_are_read_at_once_are_exported_each_once(
    phone: Line, run: CommandLine
) -> None:
    numbers = range(AT_ONCE + 3)
    for number in numbers:
        report = {**FIRST_REPORT, "callid": number, "call_status": "HANGUP"}
        phone.post("reception", json.dumps(report).encode())
    assert sorted(int(row["platform_id"]) for row in rows(run)) == list(numbers)


def test_an_empty_export_has_its_heading(phone: Line, run: CommandLine) -> None:
    phone.call("reception")
    ran = run("calls", "export", "--flow", "clinic")
    assert ran.stdout == ",".join(COLUMNS) + "\n"
    assert run("calls", "export", "--flow", "clinic", "--format", "jsonl").stdout == ""
