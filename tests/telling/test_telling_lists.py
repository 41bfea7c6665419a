"""How a call of a platform is told that takes a list of commands and posts what it does."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.ports import CallRow, Notice, TurnRecord
from app.sounds import Recording, RecordingStatus
from app.telling import pretty, tell, title_of

BEGAN = datetime(2026, 1, 9, 12, 27, 55, tzinfo=UTC)
KEY = "stringee:call-vn-1-A-1"
SEALED = "1.k1d2e3f4." + "a" * 60
FILE = "http://api.stringee.com/v1/call/recording/call-vn-1-A-1"


def call(**changes: Any) -> CallRow:
    values: dict[str, Any] = {
        "key": KEY,
        "provider": "stringee",
        "platform_id": KEY.partition(":")[2],
        "flow": "reception",
        "direction": "inbound",
        "caller": "+84900000001",
        "called": "+842400000001",
        "started_at": BEGAN,
        "outcome": "completed",
    }
    return CallRow(**{**values, **changes})


def turn(report_key: str, event: dict[str, Any], *commands: Any, **changes: Any) -> TurnRecord:
    values: dict[str, Any] = {
        "call_key": KEY,
        "report_key": report_key,
        "kind": "turn" if commands else "end",
        "turn": 1 if commands else None,
        "received_at": BEGAN,
        "raw": b"{}",
        "digest": "",
        "event": event,
        "commands": commands,
        "reply": b"[]",
        "state": {"t": 1},
    }
    return TurnRecord(**{**values, **changes})


def given(command: str, step: str, **params: Any) -> dict[str, Any]:
    return {"step": step, "at": 0, "is": command, **params}


def after(seconds: float, kind: str, **changes: Any) -> Notice:
    values: dict[str, Any] = {
        "event_id": f"stringee:{kind}",
        "provider": "stringee",
        "platform_id": KEY.partition(":")[2],
        "call_key": KEY,
        "kind": kind,
        "received_at": BEGAN + timedelta(seconds=seconds),
        "raw": b"{}",
    }
    return Notice(**{**values, **changes})


def recorded(seconds: float, at: int) -> Notice:
    return after(seconds, "recorded", about={"turn": 1, "at": at, "file": FILE})


SOUND = Recording(
    id=3,
    call_key=KEY,
    report_key="answer",
    provider="stringee",
    step="voicemail",
    file=FILE,
    recorded_at=BEGAN,
    status=RecordingStatus.WAITING,
)
ARRIVED = {"is": "CallArrived"}
HUNG_UP: dict[str, Any] = {"is": "HungUp", "result": "", "error": "", "early": False}
ENDING = "call completed: we hung up, as the flow says"
VOICEMAIL = (
    given("Say", "voicemail", text="Leave a message."),
    given("Record", "voicemail", max_s=120),
    given("Say", "goodbye", text="Goodbye."),
    given("Hangup", "goodbye"),
)


def told(
    *came: TurnRecord | Notice, recordings: tuple[Recording, ...] = (), **changes: Any
) -> list[str]:
    turns = [one for one in came if isinstance(one, TurnRecord)]
    notices = [one for one in came if isinstance(one, Notice)]
    lines = tell(call(**changes), turns, recordings, notices)
    return [f"{line.at_s:g} {line.who} {line.text}" for line in lines]


def test_a_list_is_told_command_by_command_and_what_is_posted_at_its_time() -> None:
    lines = told(
        turn("answer", ARRIVED, given("Say", "welcome", text="Hi."), given("Dial", "team")),
        after(1, "started"),
        after(2, "ringing"),
        after(3, "answered"),
    )
    assert lines[1:-1] == [
        '0 we say "Hi."',
        "0 we ring ",
        "2 platform says that it rings",
        "3 platform says that it was answered",
    ]


def test_a_post_between_two_reports_is_told_between_them() -> None:
    asked = given("Collect", "choose", max_digits=1, timeout_s=5)
    pressed = {"is": "CommandDone", "result": "1"}
    later = BEGAN + timedelta(seconds=5)
    lines = told(
        turn("answer", ARRIVED, asked),
        turn("1:input", pressed, given("Dial", "team", targets=["+1"]), turn=2, received_at=later),
        after(2, "answered"),
        after(7, "agentEnded"),
    )
    assert [line.split(" ", 1)[1] for line in lines[2:5]] == [
        "platform says that it was answered",
        "they presses 1",
        "we ring +1",
    ]
    assert lines[5] == "7 platform says that the leg to whom we rang is over"


def test_times_count_from_a_post_that_came_before_the_first_report() -> None:
    lines = told(after(-2, "unheard-of"), turn("answer", ARRIVED, given("Hangup", "bye")))
    assert lines[:2] == [
        '0 platform reports "unheard-of"',
        "2 they +84900000001 calls +842400000001",
    ]


def test_the_end_is_told_once_with_its_cause_by_whom_and_how_long_it_was() -> None:
    about = {"cause": "USER_END_CALL", "by": "EXTERNAL", "duration_s": 34.0, "answered_s": 30.0}
    ended = BEGAN + timedelta(seconds=34)
    told_so = (
        '34 platform says how it ended: "USER_END_CALL", by EXTERNAL, after 34 s, '
        "30 s of them answered"
    )
    first = turn("answer", ARRIVED, given("Say", "bye", text="Bye."), given("Hangup", "bye"))
    end = turn("ended", {**HUNG_UP, **about}, received_at=ended)
    post = after(34, "ended", about=about)
    assert told(first, end, post)[3:] == [told_so, f"34 {ENDING}"]
    # The call of a post that came too early for it to be known was not ended by it.
    assert told(first, post)[3:] == [told_so, f"34 {ENDING}"]


@pytest.mark.parametrize(
    ("about", "line"),
    [
        ({"cause": "486 Busy Here"}, 'says how it ended: "486 Busy Here"'),
        ({"answered_s": 0.0}, "says how it ended: 0 s"),
        ({}, ""),
    ],
)
def test_an_end_that_says_little_is_told_by_what_it_says(about: dict[str, Any], line: str) -> None:
    lines = told(turn("answer", ARRIVED, given("Hangup", "bye")), after(1, "ended", about=about))
    assert lines[2:-1] == [f"1 platform {line}"] * bool(line)


def test_whoever_hangs_up_before_a_list_is_done_is_told_to() -> None:
    end = turn("ended", {**HUNG_UP, "early": True})
    lines = told(turn("answer", ARRIVED, *VOICEMAIL), end, outcome="hung_up")
    assert lines[-2] == "0 they hangs up before we do"


def test_a_message_that_was_run_over_is_told_when_its_recording_is() -> None:
    variables = {"message": "recording:1.1", "other": "recording:1.2"}
    first = turn("answer", ARRIVED, *VOICEMAIL, variables=variables)
    assert told(first)[1] == '0 flow (message = "recording:1.1", other = "recording:1.2")'
    lines = told(first, recorded(60, 1), recordings=(SOUND,))
    assert lines[1] == '0 flow (message = recording 3, other = "recording:1.2")'
    assert lines[-3:-1] == [
        "60 they leaves a message: recording 3",
        "60 platform is still to keep what was said as recording 3",
    ]
    assert sum("recording 3" in line for line in lines) == 3


def test_a_message_whose_recording_is_no_longer_known_is_told_by_its_name() -> None:
    lines = told(turn("answer", ARRIVED, *VOICEMAIL), recorded(60, 1))
    assert lines[-2] == f'60 they leaves a message: "{FILE}"'


def test_the_recording_of_a_whole_call_is_no_message() -> None:
    record = given("Native", "taped", name="record", params={})
    lines = told(turn("answer", ARRIVED, record), recorded(60, 0), recordings=(SOUND,))
    assert lines[-3] == "60 platform has recorded the call: recording 3"


def test_what_is_whispered_is_not_told_of_a_platform_that_does_not() -> None:
    dial = given("Dial", "team", targets=["+1"], whisper={"text": "sales"})
    assert told(turn("answer", ARRIVED, dial))[1] == "0 we ring +1"
    assert told(turn("answer", ARRIVED, dial), provider="callr")[1].endswith('whispering "sales"')


@pytest.mark.parametrize(
    ("reply", "lines"),
    [
        (
            [
                {"action": "talk", "text": "Sorry."},
                {"action": "connect", "to": {"type": "external", "number": "84900000009"}},
            ],
            ['we say "Sorry."', "we ring +84900000009"],
        ),
        ([{"action": "connect", "to": {"type": "internal", "number": "ada"}}], ["we ring ada"]),
        ([{"action": "dance"}], ["we do dance"]),
        ([{"action": "talk"}], ["we do the last resort"]),
        ([], []),
        ([[]], ["we do the last resort"]),
    ],
)
def test_a_list_made_from_the_report_alone_is_told_from_its_bytes(
    reply: list[Any], lines: list[str]
) -> None:
    body = json.dumps(reply).encode()
    last = turn("1:input", {"is": "NoInput"}, kind="last_resort", reply=body, state=None)
    first = turn("answer", ARRIVED, given("Collect", "choose", max_digits=1))
    assert [line.split(" ", 1)[1] for line in told(first, last)[3:-1]] == lines


def test_a_list_is_shown_with_the_state_in_its_addresses_shortened() -> None:
    url = f"https://h/stringee/f/input?call={KEY}&turn=1&state={SEALED}"
    tail = "%3D%3D"
    shown = pretty(json.dumps([{"action": "input", "eventUrl": url + tail}]).encode())
    assert shown.startswith('[\n  {\n    "action": "input",')
    assert f"&state=1.k1d2e3f4.aaaaaaaa... ({len(SEALED + tail)} characters)" in shown
    assert "a" * 9 not in shown


def test_a_request_without_a_body_is_shown_parameter_by_parameter() -> None:
    shown = pretty(f"/stringee/f/answer?from=%2B849&custom=&state={SEALED}&to=a%20b".encode())
    assert shown.split("\n") == [
        "/stringee/f/answer",
        "  from = +849",
        "  custom = ",
        f"  state = 1.k1d2e3f4.aaaaaaaa... ({len(SEALED)} characters)",
        "  to = a b",
    ]


@pytest.mark.parametrize(
    ("came", "title"),
    [
        (turn("answer", ARRIVED, raw=b"/stringee/reception/answer?from=84900000001"), "GET answer"),
        (turn("1:input", ARRIVED), "POST 1:input"),
        (turn("1:input", ARRIVED, raw=b""), "POST 1:input: empty"),
        (
            turn("answer", ARRIVED, raw=b"", call_key="stringee:start:oh1"),
            "PLACED, before any report",
        ),
        (turn("1:input", ARRIVED, call_key="stringee:start:oh1"), "POST 1:input"),
        (after(1, "ended"), "POST ended"),
    ],
)
def test_a_report_is_called_by_the_way_it_came(came: TurnRecord | Notice, title: str) -> None:
    assert title_of(came) == title
