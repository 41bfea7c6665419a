"""CALLR's reports, read: those that the vendor's pages and samples show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from reports import (
    INCOMING,
    OUTBOUND,
    RECEIVED,
    changed_report,
    provider,
    read,
    request,
)

from app.callflow.events import (
    CallArrived,
    CommandDone,
    CommandFailed,
    HungUp,
    NoInput,
    NotAnswered,
    Unanswered,
)
from app.callflow.parties import Other, Phone
from app.ports import Report

BEGAN = datetime(2026, 1, 9, 17, 27, 55, tzinfo=UTC)


# The first report.


def test_an_inbound_call_arrives() -> None:
    report = read(INCOMING)
    assert report.event == CallArrived(
        "inbound", Phone("+33612345678"), Phone("+33199001020"), BEGAN
    )
    assert report.call_key == "callr:242359184129"
    assert report.platform_id == "242359184129"
    assert (report.first, report.turn, report.report_key) == (True, 0, "0:INCOMING_CALL")
    assert (report.sealed, report.entry, report.stage, report.test) == ("", "", "", False)
    assert report.raw == INCOMING.encode()
    assert report.incidents == ()


def test_an_outbound_call_that_was_answered_arrives() -> None:
    report = read(OUTBOUND)
    assert report.event == CallArrived("outbound", None, Phone("+33612345678"), BEGAN)
    assert report.direction == "outbound"
    assert report.report_key == "0:UP"
    assert report.incidents == ()


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("BUSY", Unanswered.BUSY),
        ("NOANSWER", Unanswered.NO_ANSWER),
        ("CONGESTION", Unanswered.CONGESTION),
        ("REJECTED", Unanswered.REJECTED),
    ],
)
def test_an_outbound_call_that_was_not_answered_is_over(status: str, why: Unanswered) -> None:
    report = read(changed_report(OUTBOUND, call_status=status))
    assert report.event == NotAnswered(why)
    assert report.first
    assert report.report_key == f"0:{status}"


def test_a_call_may_hang_up_before_its_first_command() -> None:
    assert read(call_status="HANGUP").event == HungUp()


def test_a_withheld_caller_is_nobody_and_an_odd_one_is_what_it_is() -> None:
    assert read(cli_number="").caller is None
    assert read(cli_number=None).caller is None
    assert read(cli_number="anonymous").caller == Other("anonymous")


@pytest.mark.parametrize("command_id", [0, "", "0", None, ..., 0.0])
@pytest.mark.parametrize("command", ["", None, ..., 0])
def test_a_report_without_a_command_is_the_first(command_id: object, command: object) -> None:
    report = read(command_id=command_id, command=command)
    assert report.first
    assert isinstance(report.event, CallArrived)
    assert report.report_key == "0:INCOMING_CALL"
    assert report.incidents == ()


def test_the_token_of_a_start_is_read_from_the_end_of_the_cdr_field() -> None:
    token = "oh0123456789abcd"
    no_tokens = ("000CUSTOMFIELD42", "", None, 12, f"{token}x", token.upper())
    tokens = {f"FIELD42{token}": token, token: token, **dict.fromkeys(no_tokens, "")}
    for field, told in tokens.items():
        event = read(changed_report(OUTBOUND, cdr_field=field)).event
        assert isinstance(event, CallArrived)
        assert event.token == told


def test_a_token_on_an_inbound_call_is_nobodys() -> None:
    event = read(cdr_field="oh0123456789abcd").event
    assert isinstance(event, CallArrived)
    assert event.token == ""


def test_the_configured_urls_query_is_brought() -> None:
    event = provider().read(request(INCOMING, team="sales"), RECEIVED).event
    assert isinstance(event, CallArrived)
    assert event.given == {"team": "sales"}


def test_a_call_that_a_phone_rings_without_a_voice_app_is_a_test() -> None:
    assert read(app="OFFHOOK0").test


# When it began.


@pytest.mark.parametrize(
    ("written", "began"),
    [
        ("2026-01-09 17:27:55", BEGAN),
        ("2026-01-09T17:27:55Z", BEGAN),
        ("2026-01-09T18:27:55+01:00", BEGAN),
        ("2026-01-09T17:27:55.999", BEGAN),
        ("2000-01-01 00:00:00", datetime(2000, 1, 1, tzinfo=UTC)),
        ("2099-12-31 23:59:59", datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_date_is_read_as_utc_in_whole_seconds(written: str, began: datetime) -> None:
    report = read(date_started=written)
    assert report.began == began
    assert report.incidents == ()


@pytest.mark.parametrize("written", ["", None, ..., 0])
def test_without_a_date_a_call_began_when_its_first_report_came(written: object) -> None:
    report = read(date_started=written)
    assert report.began == RECEIVED.replace(microsecond=0)
    assert report.incidents == ()


@pytest.mark.parametrize(
    "written",
    [
        "yesterday",
        "2026-13-01 00:00:00",
        12,
        "0001-01-01 00:00:00",
        "9999-12-31 23:59:59",
        "0001-01-01T00:00:00+14:00",
        "1" * 400,
        "1999-12-31 23:59:59",
        "2100-01-01 00:00:00",
    ],
)
def test_a_date_that_cannot_be_read_is_the_receipt_with_an_incident(written: object) -> None:
    report = read(date_started=written)
    assert report.began == RECEIVED.replace(microsecond=0)
    assert report.incidents == ("date_started cannot be read; the time of receipt was taken.",)


def test_a_list_is_no_date() -> None:
    report = read(date_started=["2026-01-09"])
    assert report.began == RECEIVED.replace(microsecond=0)
    assert report.incidents == ("date_started is a list; read as absent.",)


# Later reports.


def after(command: str, result: object = "", error: object = "", **changed: Any) -> Report:
    fields: dict[str, Any] = {
        "call_status": "UP",
        "command": command,
        "command_id": 3,
        "command_result": result,
        "command_error": error,
    }
    return read(**{**fields, **changed})


def test_a_later_report_says_which_reply_it_answers() -> None:
    report = after("read", "75011", variables={"offhook": "1.ab.cd", "other": 2})
    assert report.event == CommandDone("75011")
    assert (report.first, report.turn, report.report_key) == (False, 3, "3:UP")
    assert report.sealed == "1.ab.cd"
    assert report.entry == "75011"
    assert report.incidents == ()


@pytest.mark.parametrize("command_id", [3, "3", 3.0, "03"])
def test_the_number_of_a_reply_may_come_back_in_any_form(command_id: object) -> None:
    report = after("play", command_id=command_id)
    assert (report.turn, report.report_key) == (3, "3:UP")


@pytest.mark.parametrize("command_id", ["ask_zip", "3a", "-3", "3.0", "\u0663", "9" * 50, "\ud800"])
def test_a_text_names_none_of_our_replies(command_id: str) -> None:
    report = after("play", command_id=command_id)
    assert report.turn is None
    assert not report.first
    assert len(report.report_key) < 50
    report.report_key.encode()


@pytest.mark.parametrize("command_id", [[3], {"id": 3}, True, 3.5, float("nan"), float("inf")])
def test_what_is_no_number_of_a_reply_counts_as_absent_with_an_incident(
    command_id: object,
) -> None:
    report = after("play", command_id=command_id)
    assert report.turn is None
    assert not report.first
    assert "command_id" in report.incidents[0]


def test_our_last_replies_are_known_again() -> None:
    for stage in ("offhook-bye", "offhook-dial", "offhook-end"):
        assert after("play", command_id=stage).stage == stage
    assert after("play", command_id="offhook").stage == ""


@pytest.mark.parametrize(
    ("command", "result", "event"),
    [
        ("read", "1", CommandDone("1")),
        ("read", 1, CommandDone("1")),
        ("read", "018", CommandDone("018")),
        ("read", "12#", CommandDone("12")),
        ("read", "*", CommandDone("*")),
        ("read", "TIMEOUT", NoInput()),
        ("read", "", NoInput()),
        ("read", "#", NoInput()),
        ("read", None, NoInput()),
        ("read", ..., NoInput()),
        ("read", False, NoInput()),
        ("play", "0", CommandDone("0")),
        ("play", 0, CommandDone("0")),
        ("play", "", CommandDone("")),
        ("record", "REC_1.wav", CommandDone("REC_1.wav")),
        ("record", "", CommandDone("")),
        ("wait_for_silence", "TIMEOUT", CommandDone("TIMEOUT")),
        ("conference", "0", CommandDone("0")),
        ("dialout", "ANSWER", CommandDone("answered")),
        ("dialout", "answer", CommandDone("answered")),
        ("dialout", "0", CommandDone("answered")),
        ("dialout", 0, CommandDone("answered")),
        ("dialout", "BUSY", CommandDone("busy")),
        ("dialout", "CONGESTION", CommandDone("failed")),
        ("dialout", "CHANUNAVAIL", CommandDone("failed")),
        ("dialout", "NOANSWER", CommandDone("no_answer")),
        ("dialout", "CANCEL", CommandDone("no_answer")),
        ("dialout", "NODIAL", CommandDone("no_answer")),
        ("dialout", "whatever", CommandDone("no_answer")),
        ("dialout", "", CommandDone("")),
    ],
)
def test_what_a_command_brought(command: str, result: object, event: object) -> None:
    assert after(command, result).event == event


@pytest.mark.parametrize("error", ["PROPERTY_VALUE_ERROR [x]", 5, "0x"])
def test_a_command_that_failed(error: object) -> None:
    assert after("record", "", error).event == CommandFailed(str(error))
    assert after("read", "12", error).event == CommandFailed(str(error))


@pytest.mark.parametrize("error", ["", None, ..., 0])
def test_no_error_is_none_in_any_form(error: object) -> None:
    assert after("read", "12", error).event == CommandDone("12")


@pytest.mark.parametrize("command", ["start_call_recording", "stop_call_recording"])
def test_the_recording_of_a_call_that_failed_is_minor(command: str) -> None:
    assert after(command, "", "ERR").event == CommandFailed("ERR", minor=True)


@pytest.mark.parametrize(
    ("command", "result", "kept"),
    [
        ("read", "75011", "75011"),
        ("read", "75011#", "75011"),
        ("read", "TIMEOUT", ""),
        ("read", "-1", ""),
        ("record", "REC_1.wav", "REC_1.wav"),
        ("record", "-1", ""),
        ("dialout", "ANSWER", "answered"),
        ("dialout", 0, "answered"),
        ("dialout", "", ""),
        ("play", "0", "0"),
    ],
)
def test_a_hang_up_brings_what_the_command_brought(command: str, result: object, kept: str) -> None:
    report = after(command, result, call_status="HANGUP")
    assert report.event == HungUp(kept)
    assert report.report_key == "3:HANGUP"


def test_a_hang_up_brings_the_error_too() -> None:
    assert after("read", "12", "ERR", call_status="HANGUP").event == HungUp("12", "ERR")


@pytest.mark.parametrize("status", ["RINGING", "up", "", "ANSWER", "CANCEL", "x" * 500])
def test_any_other_status_is_answered_like_up(status: str) -> None:
    report = after("read", "12", call_status=status)
    assert report.event == CommandDone("12")
    assert report.incidents == (f"call_status {status[:256]!r} is not known; answered like UP.",)
    assert len(report.report_key) < 60
    assert isinstance(read(call_status=status).event, CallArrived)


def test_a_status_of_an_outbound_call_in_mid_call_ends_it() -> None:
    assert after("read", call_status="BUSY").event == NotAnswered(Unanswered.BUSY)


def test_a_report_knows_when_it_was_received_only_where_it_must() -> None:
    later = RECEIVED + timedelta(days=1)
    assert provider().read(request(INCOMING), later).began == BEGAN
