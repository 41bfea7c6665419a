"""``offhook stringee lint``: on files, on answer_urls, and against flows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from scco_server import Answer, scco_server

from app.cli.exits import Exit
from app.cli.main import offhook
from app.cli.shell import Shell
from app.simulator.stringee import sign

CONNECT = {
    "action": "connect",
    "from": {"type": "external", "number": "84900000001", "alias": "842400000001"},
    "to": {"type": "external", "number": "84900000002", "alias": "84900000002"},
    "timeout": 45,
}
TALK = {"action": "talk", "text": "Xin chào", "bargeIn": False}

AS_IN_THE_DOCS = """[
  // ring the other phone
  {
    "action": "connect",
    "from": {"type": "external", "number": "84900000001", "alias": "842400000001",},
    "to": {"type": "external", "number": "84900000002", "alias": "84900000002"},
    "timeout": 45,
  },
]
"""

DESK = """
from app.callflow import Flow, hang_up, menu, say

desk = Flow(
    "desk",
    start="welcome",
    language="en-GB",
    steps={
        "welcome": say("Thanks for calling.", then="choose"),
        "choose": menu("For sales, press 1.", {"1": "bye"}, failure="bye"),
        "bye": hang_up("Goodbye."),
    },
)
"""

AS_DESK_ANSWERS = [
    {"action": "talk", "text": "Thanks for calling.", "voice": "female", "bargeIn": False},
    {
        "action": "talk",
        "text": "For sales, press 1.",
        "voice": "female",
        "bargeIn": True,
    },
    {
        "action": "input",
        "eventUrl": "https://old.example.com/input.php",
        "timeOut": 5,
        "submitOnHash": True,
        "maxDigits": 1,
    },
]


def lint(*args: str, text: str | bytes = b"", env: dict[str, str] | None = None) -> Result:
    shell = Shell(environ=env or {}, env_file=None)
    return CliRunner().invoke(offhook, ["stringee", "lint", *args], obj=shell, input=text)


def file_of(folder: Path, scco: object) -> str:
    file = folder / "answer.json"
    file.write_text(scco if isinstance(scco, str) else json.dumps(scco))
    return str(file)


def test_a_proper_one_is_told_action_by_action_and_printed(tmp_path: Path) -> None:
    scco = [
        {"action": "record", "eventUrl": "https://h/r", "format": "wav", "recordStereo": True},
        CONNECT,
    ]
    told = lint(file_of(tmp_path, scco))
    assert told.exit_code == Exit.OK
    assert json.loads(told.stdout) == scco
    assert told.stderr.splitlines() == [
        (
            "1. record: records the call from here on as wav, one channel for each side; tells "
            "where it is to https://h/r."
        ),
        (
            "2. connect: rings the phone +84900000002 for 45 s, showing 842400000001; ends the "
            "call where nobody is reached. The call ends with the conversation."
        ),
    ]


def test_comments_and_trailing_commas_are_taken_out_with_a_warning(tmp_path: Path) -> None:
    told = lint(file_of(tmp_path, AS_IN_THE_DOCS))
    assert told.exit_code == Exit.OK
    assert json.loads(told.stdout) == [CONNECT]
    assert "Warning: 1 comment taken out: JSON has none." in told.stderr
    assert "Warning: 3 trailing commas taken out: JSON has none." in told.stderr


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (TALK, "talk: says “Xin chào” in the voice female; keys do not end it."),
        (
            {**TALK, "bargeIn": True, "loop": 3, "silenceTime": 500, "speed": -1},
            (
                "talk: says “Xin chào” in the voice female at speed -1, 3 times with 0.5 s "
                "between; keys end it where an input follows."
            ),
        ),
        (
            {"action": "play", "fileName": "x.mp3", "continueWhilePlay": True, "answerCall": False},
            (
                "play: plays the uploaded file x.mp3; keys end it where an input follows; the next "
                "action starts at once; does not answer the call for it."
            ),
        ),
        (
            {"action": "stream", "fileName": "https://h/x.mp3", "bargeIn": False},
            "stream: plays https://h/x.mp3; keys do not end it.",
        ),
        (
            {
                "action": "recordMessage",
                "eventUrl": "https://h/m",
                "beepStart": True,
                "timeout": 60_000,
                "silenceTimeout": 4000,
            },
            (
                "recordMessage: after a beep, records what the caller says as mp3, until #, for "
                "60 s at most, until 4 s of silence; tells where it is to https://h/m."
            ),
        ),
        (
            {"action": "record"},
            (
                "record: records the call from here on as mp3, both sides together; tells nobody "
                "where it is."
            ),
        ),
    ],
)
def test_each_action_is_told_in_words(tmp_path: Path, action: object, said: str) -> None:
    told = lint(file_of(tmp_path, [action]))
    assert told.exit_code == Exit.OK, told.stderr
    assert told.stderr.splitlines() == [
        f"1. {said}",
        "Then the list is over, and the call ends.",
    ]


def test_what_is_never_reached_is_said(tmp_path: Path) -> None:
    ask = {"action": "input", "eventUrl": "https://h/i", "timeout": 8, "maxDigits": 1}
    told = lint(file_of(tmp_path, [ask, TALK]))
    assert told.stderr.splitlines() == [
        "1. input: waits 8 s for one key; posts them to https://h/i, and does what that answers.",
        (
            "2. talk: says “Xin chào” in the voice female; keys do not end it. [never: what the "
            "input's address answers takes its place]"
        ),
    ]
    onwards = {**CONNECT, "continueOnFail": True}
    told = lint(file_of(tmp_path, [onwards, TALK]))
    assert "never" not in told.stderr
    assert "goes on where nobody is reached" in told.stderr


def test_every_fault_is_told_with_its_code(tmp_path: Path) -> None:
    plus = {**CONNECT, "to": {"type": "external", "number": "+84900000002", "alias": "x"}}
    told = lint(file_of(tmp_path, [{"action": "talk"}, plus, TALK]))
    assert told.exit_code == Exit.CALL_FAILED
    lines = told.stderr.splitlines()
    assert lines[0].startswith("1. r=2 ANSWER_URL_SCCO_INCORRECT_FORMAT: action 1 (talk): text is")
    assert lines[1].startswith("2. r=10 FROM_NUMBER_OR_TO_NUMBER_INVALID_FORMAT: action 2 (conn")
    assert lines[2].startswith("3. talk: says ")
    assert lines[3].startswith("Error: Stringee would not carry it out: r=2 ")
    assert json.loads(told.stdout)[2] == TALK


def test_a_bare_object_is_a_fault_and_printed_in_an_array() -> None:
    told = lint("-", text=json.dumps(TALK))
    assert told.exit_code == Exit.CALL_FAILED
    assert "it is one object, expected an array: write [ ] around it" in told.stderr
    assert "1. talk: says “Xin chào”" in told.stderr
    assert json.loads(told.stdout) == [TALK]


@pytest.mark.parametrize("text", [b"", b"<html>", b"\xff\xfe", b"[" * 50_000, b"[1,,2]"])
def test_what_is_no_json_is_a_fault_and_nothing_is_printed(text: bytes) -> None:
    told = lint("-", text=text)
    assert told.exit_code == Exit.CALL_FAILED
    assert "r=2 ANSWER_URL_SCCO_INCORRECT_FORMAT: no JSON" in told.stderr
    assert told.stdout == ""


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("phone-to-phone", ""),
        ("phone-to-app", "to.type is external; phone-to-app is documented with internal"),
        ("app-to-phone", "from.type is external; app-to-phone is documented with internal"),
        ("app-to-app", "from.type is external; app-to-app is documented with internal"),
    ],
)
def test_what_does_not_fit_the_type_of_call_is_warned_of(
    tmp_path: Path, kind: str, said: str
) -> None:
    told = lint(file_of(tmp_path, [CONNECT]), "--as", kind)
    assert told.exit_code == Exit.OK
    assert said in told.stderr
    assert ("Warning" in told.stderr) is bool(said)


def test_a_caller_id_that_is_the_callers_own_is_warned_of(tmp_path: Path) -> None:
    own = {**CONNECT, "from": {"type": "external", "number": "84900000001", "alias": "84900000001"}}
    file = file_of(tmp_path, [own])
    told = lint(file, "--as", "phone-to-phone", "--from", "+84900000001", "--to", "+842400000001")
    assert "from.alias is the caller's own number 84900000001; it must be one of yours" in (
        told.stderr
    )
    told = lint(file, "--as", "phone-to-phone", "--from", "+84900000007")
    assert "is it one of your numbers? 842400000001 was called" in told.stderr


def test_an_answer_url_is_asked_as_stringee_asks_it() -> None:
    with scco_server(answer=[Answer([TALK], content_type="text/html")]) as server:
        told = lint(
            *(f"{server.url}/answer?a=1", "--as", "app-to-phone", "--from", "842400000001"),
            *("--to", "84900000009", "--user", "an", "--custom", "x y"),
            env={"STRINGEE_SIGNING_KEY": "a-signing-key"},
        )
    assert told.exit_code == Exit.OK, told.output
    assert json.loads(told.stdout) == [TALK]
    assert "Warning: the content type is 'text/html', not application/json." in told.stderr
    (got,) = server.got
    assert got.target.startswith("/answer?a=1&from=842400000001&to=84900000009&fromInternal=true&")
    assert "&userId=an&" in got.target
    assert "&custom=x%20y&" in got.target
    assert got.headers["X-STRINGEE-SIGNATURE"] == sign(got.target.encode(), "a-signing-key")


def test_sealed_state_is_shortened_in_words_and_whole_in_the_json() -> None:
    state = f"1.k1d2e3f4.{'a' * 300}"
    url = f"https://line.example.com/stringee/desk/input?call=c&turn=1&state={state}"
    asks = {"action": "input", "eventUrl": url, "timeout": 5}
    with scco_server(answer=[Answer([asks])]) as server:
        told = lint(f"{server.url}/answer")
    assert json.loads(told.stdout) == [asks]
    assert "&turn=1&state=1.k1d2e3f4.aaaaaaaa... (311 characters), and does what that answers" in (
        told.stderr
    )


def test_an_answer_url_that_does_not_answer_is_told_with_stringees_code() -> None:
    with scco_server(answer=[Answer(b"", status=405)]) as server:
        told = lint(f"{server.url}/answer")
    assert told.exit_code == Exit.CALL_FAILED
    assert "answers with HTTP 405; to Stringee that is r=18 REQUEST_ANSWER_URL_ERROR" in told.stderr
    told = lint(f"{server.url}/answer")
    assert told.exit_code == Exit.CALL_FAILED
    assert "r=18 REQUEST_ANSWER_URL_ERROR): unreachable: cannot connect" in told.stderr


@pytest.fixture
def desk(tmp_path: Path) -> dict[str, str]:
    """Settings with the flow `desk`."""
    folder = tmp_path / "flows"
    folder.mkdir()
    (folder / "desk.py").write_text(DESK)
    return {"OFFHOOK_FLOWS": str(folder)}


def test_a_flow_that_answers_the_same_is_told_so(tmp_path: Path, desk: dict[str, str]) -> None:
    told = lint(file_of(tmp_path, AS_DESK_ANSWERS), "--against", "desk", env=desk)
    assert told.exit_code == Exit.OK, told.output
    assert told.stderr.splitlines()[-1] == "Flow 'desk' answers the same (phone-to-app)."


def test_where_a_flow_answers_otherwise_is_shown(tmp_path: Path, desk: dict[str, str]) -> None:
    other: list[dict[str, Any]] = [dict(action) for action in AS_DESK_ANSWERS]
    other[0]["text"] = "Hello."
    other[2]["maxDigits"] = 2
    told = lint(file_of(tmp_path, other), "--against", "desk", env=desk)
    assert told.exit_code == Exit.OK, told.output
    shown = [line[:14] for line in told.stderr.splitlines()[-6:]]
    assert shown == [
        "Flow 'desk' an",
        "- talk: says “",
        "+ talk: says “",
        "  talk: says “",
        "- input: waits",
        "+ input: waits",
    ]
    assert "“Thanks for calling.”" in told.stderr


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    told = lint(str(tmp_path / "nothing.json"))
    assert told.exit_code == Exit.NOT_FOUND
    assert "cannot be read: No such file or directory" in told.stderr
    told = lint(file_of(tmp_path, [TALK]), "--against", "nobody")
    assert told.exit_code == Exit.NOT_FOUND
    assert "There is no flow 'nobody'." in told.stderr
