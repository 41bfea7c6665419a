"""How a call is told: the same turns give the same dialogue, whatever they hold."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from app.callflow.commands import Command
from app.ports import CallRow, TurnRecord
from app.telling import OUTCOMES, pretty, tell
from app.telling.commands import command_told

BEGAN = datetime(2026, 1, 9, 12, 27, 55, tzinfo=UTC)
ARRIVED = {"is": "CallArrived"}
SEALED = "1.k1d2e3f4." + "a" * 60 + "=="


def call(**changes: Any) -> CallRow:
    values: dict[str, Any] = {
        "key": "callr:242359184129",
        "provider": "callr",
        "platform_id": "242359184129",
        "flow": "reception",
        "direction": "inbound",
        "caller": "+33612345678",
        "called": "+33199001020",
        "started_at": BEGAN,
        "ended_at": BEGAN + timedelta(seconds=9),
        "outcome": "completed",
    }
    return CallRow(**{**values, **changes})


def turn(
    report_key: str, event: dict[str, Any], *commands: dict[str, Any], **changes: Any
) -> TurnRecord:
    number = report_key.partition(":")[0]
    values: dict[str, Any] = {
        "call_key": "callr:242359184129",
        "report_key": report_key,
        "kind": "turn" if commands else "end",
        "turn": int(number) + 1 if commands and number.isdecimal() else None,
        "received_at": BEGAN,
        "raw": b"{}",
        "digest": "",
        "event": event,
        "commands": commands,
        "reply": b"{}",
        "state": {"t": 1},
    }
    return TurnRecord(**{**values, **changes})


def given(command: str, step: str = "a_step", /, **params: Any) -> dict[str, Any]:
    return {"step": step, "at": 0, "is": command, **params}


def done(result: str = "") -> dict[str, Any]:
    return {"is": "CommandDone", "result": result}


def told(*turns: TurnRecord, **changes: Any) -> list[str]:
    """The dialogue as lines of who and text."""
    return [f"{line.who} {line.text}" for line in tell(call(**changes), turns)]


def after(command: dict[str, Any], event: dict[str, Any]) -> list[str]:
    """What is told of an event that answers a command: the lines between that and the ending."""
    begun = turn("0:INCOMING_CALL", ARRIVED, command)
    return told(begun, turn("1:UP", event))[2:-1]


def test_a_call_is_told_as_a_dialogue_in_the_order_in_which_it_happened() -> None:
    menu = given(
        "Collect",
        "choose",
        prompt={"text": "For sales, press 1.", "language": "en-GB", "voice": None},
        max_digits=1,
        timeout_s=5,
    )
    turns = (
        turn(
            "0:INCOMING_CALL",
            ARRIVED,
            given("Say", "welcome", text="Thanks for calling."),
            trail=(("open_now", "open"),),
        ),
        turn("1:UP", done(), menu, trail=(("welcome", "then"),)),
        turn(
            "2:UP",
            done("1"),
            given("Hangup", "goodbye"),
            trail=(("choose", "1"),),
            variables={"team": "sales"},
        ),
        turn("3:HANGUP", {"is": "HungUp", "result": "", "error": ""}),
    )
    assert told(*turns, disposition="message") == [
        "they +33612345678 calls +33199001020",
        "flow open_now: open",
        'we say "Thanks for calling."',
        "flow welcome: then",
        'we ask "For sales, press 1." for 1 key within 5 s',
        "they presses 1",
        'flow choose: 1 (team = "sales")',
        "we hang up",
        "call completed: we hung up, as the flow says; disposition: message",
    ]


def test_each_line_says_when_it_was_in_which_turn_and_by_which_step() -> None:
    later = BEGAN + timedelta(seconds=3.25)
    lines = tell(
        call(),
        (
            turn("0:UP", ARRIVED, given("Say", "welcome", text="Hello.")),
            turn("1:UP", done(), given("Hangup", "bye"), received_at=later),
        ),
    )
    assert [(line.at_s, line.turn, line.step) for line in lines] == [
        (0.0, 0, ""),
        (0.0, 0, "welcome"),
        (3.25, 1, "bye"),
        (3.25, 1, ""),
    ]


def test_an_outbound_call_is_answered_not_placed_by_who_is_called() -> None:
    lines = told(turn("0:UP", ARRIVED, given("Hangup")), direction="outbound")
    assert lines[0] == "they +33199001020 answers; called from +33612345678"


def test_a_first_turn_that_stringee_takes_along_is_no_answer_yet() -> None:
    first = turn("0:UP", ARRIVED, given("Hangup"))
    assert told(first, direction="outbound", provider="stringee")[0] == (
        "they +33199001020 is to be rung from +33612345678"
    )


def test_a_withheld_number_is_told_as_such() -> None:
    lines = told(turn("0:UP", ARRIVED, given("Hangup")), caller="")
    assert lines[0] == "they a withheld number calls +33199001020"


@pytest.mark.parametrize(
    ("command", "event", "lines"),
    [
        (given("Collect"), done("12"), ["they presses 12"]),
        (given("Collect"), {"is": "NoInput"}, ["they presses nothing"]),
        (given("Record"), done("file-1"), ['they leaves a message: "file-1"']),
        (given("Record"), done(), ["they leaves no message"]),
        (given("Dial"), done("busy"), ["platform whom we rang was busy"]),
        (given("Dial"), done("no_answer"), ["platform nobody answered"]),
        (given("Conference"), done("0"), ["they leaves the room"]),
        (given("Native", name="read"), done("22"), ["they presses 22"]),
        (given("Native", name="play_record"), done("f"), ['platform play_record brought "f"']),
        (given("Native", name="play_record"), done(), []),
        (given("Say"), done("0"), []),
        (
            given("Say"),
            {"is": "CommandFailed", "error": "MEDIA", "minor": False},
            ['platform could not do it: "MEDIA"'],
        ),
    ],
)
def test_what_came_of_a_command_is_told_by_what_the_command_was(
    command: dict[str, Any], event: dict[str, Any], lines: list[str]
) -> None:
    assert after(command, event) == lines


@pytest.mark.parametrize(
    ("command", "result", "lines"),
    [
        (given("Say"), "", ["they hangs up"]),
        (given("Collect"), "", ["they hangs up"]),
        (given("Collect"), "12", ["they presses 12 and hangs up"]),
        (given("Record"), "f", ['they leaves a message: "f" and hangs up']),
        (given("Dial"), "answered", ["call ends after a conversation with whom we rang"]),
        (given("Dial"), "", ["call ends while we ring somebody"]),
        (given("Hangup"), "", []),
    ],
)
def test_a_hang_up_is_told_by_what_it_interrupted(
    command: dict[str, Any], result: str, lines: list[str]
) -> None:
    assert after(command, {"is": "HungUp", "result": result, "error": ""}) == lines


def test_an_error_that_comes_with_the_hang_up_is_told() -> None:
    lines = after(given("Say"), {"is": "HungUp", "result": "", "error": "E1"})
    assert lines == ['platform said at the end: "E1"', "they hangs up"]


def test_a_hang_up_before_the_first_command_is_told() -> None:
    assert told(turn("0:HANGUP", {"is": "HungUp"}))[0] == "they hangs up before anything was said"


@pytest.mark.parametrize("why", ["busy", "no_answer", "congestion", "rejected"])
def test_an_unanswered_call_is_told_with_its_reason_and_outcome(why: str) -> None:
    lines = told(turn("0:BUSY", {"is": "NotAnswered", "why": why}), outcome=why)
    assert lines[0].startswith("they +33199001020 ")
    assert lines[-1] == f"call {why}: {OUTCOMES[why]}"


def test_a_late_report_is_told_by_the_reply_that_it_names() -> None:
    turns = (
        turn("0:UP", ARRIVED, given("Record")),
        turn("1:UP", done("f"), given("Say", text="Thanks.")),
        turn("1:HANGUP", {"is": "HungUp", "result": "f", "error": ""}),
    )
    assert told(*turns)[-2] == 'they leaves a message: "f" and hangs up'


def test_incidents_stand_where_they_happened() -> None:
    failed = turn(
        "1:UP",
        done(),
        given("Say", text="Sorry."),
        trail=(("a_step", "fallback"),),
        incidents=("a function failed.",),
    )
    assert told(turn("0:UP", ARRIVED, given("Say", text="Hi.")), failed)[2:5] == [
        "incident a function failed.",
        "flow a_step: fallback",
        'we say "Sorry."',
    ]


def test_a_report_that_came_again_with_other_bytes_is_only_an_incident() -> None:
    again = turn(
        "1:UP~0123456789ab", done("9"), kind="conflict", incidents=("came before.",), state=None
    )
    assert told(turn("0:UP", ARRIVED, given("Collect")), again)[2:-1] == ["incident came before."]


def test_only_variables_that_changed_are_told() -> None:
    turns = (
        turn("0:UP", ARRIVED, given("Say"), variables={"name": "Ada", "age": "1"}),
        turn("1:UP", done(), given("Say"), variables={"name": "Ada", "age": "22"}),
        turn("2:UP", done(), given("Say"), variables={}, state=None),
        turn("3:UP", done(), given("Say"), variables={"name": "Ada", "age": "22"}),
    )
    flow = [line for line in told(*turns) if line.startswith("flow")]
    assert flow == ['flow (name = "Ada", age = "1")', 'flow (age = "22")']


def reply(name: str, **params: Any) -> bytes:
    return json.dumps({"command": name, "command_id": "x", "params": params}).encode()


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (reply("play", media_id="TTS|VOICE|We are sorry | really."), "sorry | really."),
        (reply("dialout", targets=[{"number": "+33123456789", "timeout": 60}]), "+33123456789"),
        (reply("hangup"), "we hang up"),
        (reply("play"), "the last resort"),
        (b"no JSON", "the last resort"),
    ],
)
def test_a_reply_made_from_the_report_alone_is_told_from_its_bytes(body: bytes, line: str) -> None:
    last = turn("1:UP", done(), kind="last_resort", reply=body, state=None)
    assert line in told(turn("0:UP", ARRIVED, given("Say")), last)[-2]


def test_a_call_that_lives_is_told_to_go_on() -> None:
    live = turn("0:UP", ARRIVED, given("Say"))
    assert told(live, outcome="", ended_at=None)[-1] == "call goes on"


def test_a_call_without_turns_is_its_ending() -> None:
    assert told(outcome="lost") == [f"call lost: {OUTCOMES['lost']}"]


COMMANDS: dict[str, tuple[dict[str, Any], str]] = {
    "Say": ({"text": "Hi."}, 'say "Hi."'),
    "Play": ({"media": {"callr": 42, "stringee": None, "says": ""}}, "play the sound 42"),
    "Collect": (
        {"prompt": None, "max_digits": 4, "timeout_s": 2.5},
        "wait for up to 4 keys within 2.5 s",
    ),
    "Record": ({"max_s": 120, "silence_s": 5}, "record for up to 120 s"),
    "Dial": (
        {
            "targets": ["+331", "+332"],
            "ring_s": 20,
            "whisper": {"text": "sales", "language": "en-GB", "voice": None},
        },
        'ring +331, then +332 for 20 s each, whispering "sales"',
    ),
    "Conference": ({"room": "22", "flow": "age_gate"}, 'bring them into the room "22"'),
    "SendDigits": ({"digits": "12#"}, "send the tones 12#"),
    "Wait": ({"seconds": 3}, "stay silent for 3 s"),
    "Native": (
        {"name": "read", "params": {"attempts": 2, "media_id": {"text": "How old?"}}},
        'do read (attempts 2, media_id "How old?")',
    ),
    "Hangup": ({}, "hang up"),
}


@pytest.mark.parametrize("name", [kind.__name__ for kind in get_args(Command)])
def test_every_command_that_there_is_has_words(name: str) -> None:
    params, words = COMMANDS[name]
    assert command_told({"is": name, **params}) == words


@pytest.mark.parametrize("kind", get_args(Command), ids=lambda kind: str(kind.__name__))
def test_a_command_that_lacks_everything_is_told_all_the_same(kind: type) -> None:
    assert command_told({"is": kind.__name__})
    assert command_told({"is": kind.__name__, **dict.fromkeys(one.name for one in fields(kind))})


def test_a_command_of_another_release_is_told_by_its_name() -> None:
    assert command_told({"is": "Dance"}) == "give the command Dance"
    lines = told(turn("0:UP", {"is": "Danced"}, given("Dance")))
    assert lines[:2] == ["platform reports Danced", "we give the command Dance"]


@pytest.mark.parametrize(
    ("sound", "words"),
    [
        ({"callr": None, "stringee": "a.mp3", "says": "Welcome"}, 'the sound "Welcome"'),
        ({"callr": None, "stringee": "a.mp3", "says": ""}, "the sound a.mp3"),
        ({"callr": None, "stringee": None, "says": ""}, "the sound (none)"),
        ("a sound's name", "the sound a sound's name"),
    ],
)
def test_a_sound_is_told_by_what_it_says_or_by_its_name(sound: object, words: str) -> None:
    assert command_told({"is": "Play", "media": sound}) == f"play {words}"


def test_a_body_is_shown_as_json_with_its_sealed_state_shortened() -> None:
    shown = pretty(json.dumps({"cli_name": "é", "variables": {"offhook": SEALED}}).encode())
    assert json.loads(shown)["cli_name"] == "é"
    assert json.loads(shown)["variables"]["offhook"] == (
        f"1.k1d2e3f4.aaaaaaaa... ({len(SEALED)} characters)"
    )
    assert "\n  " in shown


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no JSON",
        b"[" * 100_000,
        b"[" * 900 + b"]" * 900,
        b"\xff\xfe",
        b'{"variables": []}',
        b'{"variables": {"offhook": 1}}',
        b'"\\ud800"',
    ],
)
def test_a_body_of_any_bytes_can_be_shown(body: bytes) -> None:
    assert isinstance(pretty(body), str)
