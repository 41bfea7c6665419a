"""What is concluded from the reports of a verifying call, and what is not."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from reports import provider

from app.callr.challenges import CHALLENGED
from app.callr.hearing import ENOUGH_REPORTS, facts_of
from app.callr.questions import QUESTIONS
from app.callr.verifying import VERIFY
from app.flowbook import WithOwn, names_taken
from app.ports import TurnRecord

BEGAN = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)


def told(*reports: tuple[str, str, float, Any] | dict[str, Any]) -> dict[str, str]:
    """The answers of a call after its first report: (step, command, seconds since then, result)."""
    at, turns = BEGAN, [turn(0, BEGAN, "", b"{}")]
    for number, one in enumerate(reports, 1):
        report = (
            one
            if isinstance(one, dict)
            else dict(zip(("step", "command", "took", "command_result"), one, strict=True))
        )
        at += timedelta(seconds=report.get("took", 1))
        holds = {
            "call_status": "UP",
            "command_error": "",
            **{name: value for name, value in report.items() if name not in {"step", "took"}},
        }
        turns.append(turn(number, at, report.get("step", ""), json.dumps(holds).encode()))
    return {name: fact.answer for name, fact in facts_of(turns).items()}


def turn(number: int, at: datetime, step: str, raw: bytes, *incidents: str) -> TurnRecord:
    return TurnRecord(
        call_key="callr:1",
        report_key=f"{number}:UP",
        kind="turn",
        turn=number,
        received_at=at,
        raw=raw,
        digest="",
        event={},
        reply=b"",
        step_before=step,
        incidents=incidents,
    )


def ends(command: str = "record", step: str = "cut_record", **more: Any) -> dict[str, Any]:
    return {"step": step, "command": command, "command_result": "", "call_status": "HANGUP", **more}


def test_nothing_is_concluded_from_nothing() -> None:
    assert facts_of([]) == {}
    assert facts_of([turn(0, BEGAN, "nothing", b"[")]) == {}
    assert facts_of([turn(0, BEGAN, "nothing", b"[" * 10_000)]) == {}


@pytest.mark.parametrize(
    ("reports", "answer"),
    [
        ([ends(command_result="file-1")], "file"),
        ([ends()], "nothing"),
        ([ends(command_result=None)], "nothing"),
        ([ends(command_result="-1")], "-1"),
        ([ends(command_error="HANGUP")], "error"),
        ([("cut_record", "record", 4, "file-1"), ends("", "too_late")], "file"),
        ([("cut_record", "record", 4, ""), ends("", "too_late")], "nothing"),
        ([("cut_record", "record", 30, "file-1"), ends("play", "too_late")], None),
        ([("cut_record", "record", 30, "file-1"), ("too_late", "play", 3, "0"), ends("")], None),
        ([("cut_record", "record", 30, "file-1"), ends("hangup", "too_late")], None),
        ([("ask_hang_up", "play", 4, "0"), ends("play", "ask_hang_up")], None),
    ],
)
def test_what_a_hang_up_brings_is_taken_only_where_it_ended_the_recording(
    reports: list[Any], answer: str | None
) -> None:
    assert told(*reports).get("hangup_in_record") == answer


@pytest.mark.parametrize(
    ("command", "answer"), [("read", "merged"), ("", "separate"), ("hangup", None)]
)
def test_our_own_hang_up_does_not_tell_how_one_is_reported(
    command: str, answer: str | None
) -> None:
    assert told(ends(command)).get("hangup_report") == answer


@pytest.mark.parametrize(
    ("result", "took", "answer"),
    [
        ("", 2, "empty"),
        ("TIMEOUT", 2, "TIMEOUT"),
        ("TIMEOUT", 20.5, None),
        (None, 2, "null"),
        ("#", 20.5, "#"),
        ("T", 2, "other"),
        ("5", 2, None),
        ("5#", 2, None),
    ],
)
def test_a_hash_counts_only_where_it_ended_the_read(
    result: str | None, took: float, answer: str | None
) -> None:
    before = ("nothing", "read", 4.5, "TIMEOUT")
    assert told(before, ("hash", "read", took, result)).get("read_hash") == answer


def test_without_a_read_to_compare_it_with_a_hash_is_not_known() -> None:
    hash_ = ("hash", "read", 2.0, "")
    assert told(hash_) == {}
    assert told(("nothing", "read", 1, "5"), hash_) == {}


@pytest.mark.parametrize(
    ("entry", "said", "answer"),
    [
        ("7", "3", "yes"),
        ("7", "", "yes"),
        ("TIMEOUT", "1", "no"),
        ("TIMEOUT", "2", "no"),
        ("TIMEOUT", "3", None),
        ("TIMEOUT", "", None),
        ("5", "1", None),
    ],
)
def test_keys_count_as_lost_only_where_one_was_pressed(
    entry: str, said: str, answer: str | None
) -> None:
    reports = [("counted", "read", 1, entry), ("stopped", "read", 1, said)]
    assert told(*reports).get("keys_kept") == answer


def waits(**took: float) -> dict[str, str]:
    usual = {"seconds_1": 1.2, "seconds_9": 9.2, "wait_1": 1.2, "wait_9": 9.2} | took
    return told(*((f"wait_{name}", "wait", seconds, "0") for name, seconds in usual.items()))


def test_a_parameter_is_obeyed_where_more_of_it_takes_longer() -> None:
    assert waits()["wait_key"] == "both"
    assert waits(wait_9=1.2)["wait_key"] == "seconds"
    assert waits(seconds_9=1.2)["wait_key"] == "wait"
    assert waits(seconds_1=0.01, seconds_9=0.01, wait_1=3.0, wait_9=3.1)["wait_key"] == "neither"
    slow = waits(seconds_1=2.9, seconds_9=10.9, wait_1=2.9, wait_9=2.9)
    assert slow["wait_key"] == "seconds", "two seconds of network must not hide it"


def test_a_parameter_that_is_an_error_is_not_obeyed() -> None:
    long = {"step": "wait_seconds_9", "command": "wait", "command_result": "", "took": 9.0}
    reports: list[Any] = [
        ("wait_seconds_1", "wait", 0.1, ""),
        {**long, "command_error": "PROPERTY_VALUE_ERROR [wait]"},
        ("wait_wait_1", "wait", 1.0, "0"),
    ]
    assert "wait_key" not in told(*reports)
    assert told(*reports, ("wait_wait_9", "wait", 9.0, "0"))["wait_key"] == "wait"


def test_the_credentials_count_as_unasked_only_after_enough_reports() -> None:
    few = [("hello", "play", 1.0, "0")] * (ENOUGH_REPORTS - 2)
    assert "basic" not in told(*few)
    assert told(*few, few[0])["basic"] == "unasked"
    challenged = turn(0, BEGAN, "hello", b"{}", "another", CHALLENGED)
    assert facts_of([challenged])["basic"].answer == "challenged"


def test_each_answer_that_can_be_concluded_is_one_of_the_question() -> None:
    for answers in (told(ends(command_result="file-1")), told(ends("")), waits()):
        for name, answer in answers.items():
            assert answer in QUESTIONS[name].answers


def test_the_flow_is_one_that_callr_takes_and_no_list_shows() -> None:
    assert VERIFY.findings == ()
    assert provider().check(VERIFY) == []
    own = {VERIFY.name: VERIFY}
    served = WithOwn({}, own)
    assert served[VERIFY.name] is VERIFY
    assert VERIFY.name in served
    assert (list(served), len(served)) == ([], 0)
    with pytest.raises(KeyError):
        served["reception"]
    (finding,) = names_taken({VERIFY.name: VERIFY}, own)
    assert (finding.field, finding.mend) == ("name", "Rename yours.")
    assert names_taken({}, own) == []
