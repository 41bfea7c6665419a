"""``offhook calls reconcile --provider stringee``: its call log against the journal."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from command_line import CommandLine
from rest_server import KEY, RestServer, told

from app.cli.exits import Exit
from app.journal import SqlJournal, upgrade
from app.ports import CallRow, TurnRecord

HERE = "https://line.example.com"
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)
MS = int(BEGAN.timestamp() * 1000)


def logged(name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"call-vn-1-{name}",
        "project_id": 22512,
        "from_number": "84900000001",
        "to_number": "842400000002",
        "from_internal": 0,
        "to_internal": 0,
        "start_time": MS,
        "answer_time": MS + 1000,
        "stop_time": MS + 40_000,
        **more,
    }


def journal(url: str, **calls: dict[str, Any]) -> None:
    """A journal with these calls, by the name of Stringee's id."""
    upgrade(url)
    kept = SqlJournal(url, on_lost=lambda _turn, why: pytest.fail(why), budget_s=10)
    for name, more in calls.items():
        values: dict[str, Any] = {
            "key": f"stringee:call-vn-1-{name}",
            "provider": "stringee",
            "platform_id": f"call-vn-1-{name}",
            "flow": "reception",
            "direction": "inbound",
            "caller": "+84900000001",
            "called": "+842400000002",
            "started_at": BEGAN,
            "ended_at": BEGAN + timedelta(seconds=40),
            "outcome": "hung_up",
            **more,
        }
        row = CallRow(**values)
        live = replace(row, ended_at=None, outcome="")
        kept.record(turn(row.key, "answer", BEGAN, live))
        kept.record(turn(row.key, "1:input", BEGAN, None))
        if row.ended_at is not None:
            kept.record(turn(row.key, "ended", row.ended_at, row))
    kept.close()


def turn(key: str, report_key: str, at: datetime, row: CallRow | None) -> TurnRecord:
    return TurnRecord(
        call_key=key,
        report_key=report_key,
        kind="end" if report_key == "ended" else "turn",
        turn=None if report_key == "ended" else 1,
        received_at=at,
        raw=b"{}",
        digest="d",
        event={"is": "CallArrived"},
        reply=b"[]",
        call=row,
    )


def reconcile(
    url: str, *calls: dict[str, Any], numbers: list[dict[str, Any]] | None = None
) -> tuple[Result, dict[str, str]]:
    """What it says; by Stringee's name of each call that differs, how."""
    answers = [told(r=0, data={"calls": list(calls)}), told(r=0, data={"calls": []})]
    more: dict[str, str] = {}
    if numbers is not None:
        answers.append(told(r=0, data={"numbers": numbers, "totalPages": 1}))
        answers.append(told(r=0, data={"projects": [], "totalPages": 1}))
        more = {"STRINGEE_ACCOUNT_SID": "AC00", "STRINGEE_ACCOUNT_KEY": KEY.secret}
    if not calls:
        answers.pop(0)
    with RestServer(*answers) as stringee:
        ran = CommandLine(
            {
                "STRINGEE_API_URL": stringee.url,
                "STRINGEE_API_KEY_SID": KEY.sid,
                "STRINGEE_API_KEY_SECRET": KEY.secret,
                "PUBLIC_URL": HERE,
                "DATABASE_URL": url,
                **more,
            }
        )("calls", "reconcile", "--since", "2d", "--json")
    found = json.loads(ran.stdout) if ran.stdout else []
    return ran, {one["callid"].removeprefix("call-vn-1-"): one["kind"] for one in found}


def test_calls_that_both_have_do_not_differ(sqlite_url: str) -> None:
    journal(sqlite_url, A={}, B={"direction": "outbound"})
    ran, found = reconcile(sqlite_url, logged("A"), logged("B"))
    assert (ran.exit_code, found) == (Exit.OK, {})
    assert "Stringee has 2 calls, the journal 2" in ran.stderr


def test_a_caller_of_whom_nothing_came_here_went_unheard(sqlite_url: str) -> None:
    journal(sqlite_url, A={})
    ran, found = reconcile(sqlite_url, logged("A"), logged("B"))
    assert (ran.exit_code, found) == (Exit.UNHEARD, {"B": "unheard"})
    assert "1 caller went unheard" in ran.stderr


@pytest.mark.parametrize(
    ("changes", "more", "kind"),
    [
        ({"stop_time": MS + 90_000}, {}, "another length"),
        ({}, {"ended_at": None, "outcome": ""}, "another end"),
    ],
)
def test_ends_and_lengths_that_differ_are_told(
    sqlite_url: str, changes: dict[str, Any], more: dict[str, Any], kind: str
) -> None:
    journal(sqlite_url, A=more)
    ran, found = reconcile(sqlite_url, logged("A", **changes))
    assert (ran.exit_code, found) == (Exit.OK, {"A": kind})


def test_a_call_that_stringee_does_not_have_is_told(sqlite_url: str) -> None:
    journal(sqlite_url, A={})
    ran, found = reconcile(sqlite_url)
    assert (ran.exit_code, found) == (Exit.OK, {"A": "not at Stringee"})
    assert "Stringee has no record of it" in ran.stdout


def test_a_call_is_found_by_its_uuid_where_that_is_all_that_was_told(sqlite_url: str) -> None:
    journal(sqlite_url, A={"platform_id": "f7250000"})
    ran, found = reconcile(sqlite_url, logged("A", uuid="f7250000"))
    assert (ran.exit_code, found) == (Exit.OK, {})


def test_calls_to_numbers_that_are_answered_elsewhere_are_left_out(
    sqlite_url: str, tmp_path: Path
) -> None:
    del tmp_path
    journal(sqlite_url, A={})
    ours = {
        "id": 12,
        "phone_number": "842400000002",
        "answer_url": f"{HERE}/stringee/reception/answer",
    }
    other = {"id": 13, "phone_number": "842400000003", "answer_url": "https://other.example/a"}
    ran, found = reconcile(
        sqlite_url,
        logged("A"),
        logged("B"),
        logged("C", to_number="842400000003"),
        numbers=[ours, other],
    )
    assert (ran.exit_code, found) == (Exit.UNHEARD, {"B": "unheard"})
    assert "Not looked at: 1 call that nothing here answers." in ran.stderr


def test_voice_apps_are_callr_s(sqlite_url: str) -> None:
    ran = CommandLine({"DATABASE_URL": sqlite_url, "PUBLIC_URL": HERE})(
        "calls", "reconcile", "--provider", "stringee", "--app", "A1B2C3D4"
    )
    assert ran.exit_code == Exit.USAGE
