"""CALLR's reports with fields that are odd, hostile, or not there; and what is no report at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from reports import (
    INCOMING,
    LOGIN,
    OLD_PASSWORD,
    PASSWORD,
    basic,
    provider,
    read,
)

from app.callflow.errors import PlatformError, UnauthorizedError
from app.callflow.events import (
    CallArrived,
    CommandDone,
)
from app.callflow.parties import Other
from app.callr.provider import CallrProvider
from app.ports import Report, WireRequest


def after(command: str, result: object = "", error: object = "", **changed: Any) -> Report:
    fields: dict[str, Any] = {
        "call_status": "UP",
        "command": command,
        "command_id": 3,
        "command_result": result,
        "command_error": error,
    }
    return read(**{**fields, **changed})


# What need not be there, and what may be anything.

WHATEVER = [
    "app",
    "request_hash",
    "cli_name",
    "cli_number",
    "number",
    "date_started",
    "command",
    "command_id",
    "command_result",
    "command_error",
    "cdr_field",
    "variables",
]


@pytest.mark.parametrize("field", WHATEVER)
@pytest.mark.parametrize("value", [None, ...], ids=["null", "missing"])
def test_a_field_that_is_null_or_missing_is_absent(field: str, value: Any) -> None:
    report = read(**{field: value})
    assert isinstance(report.event, CallArrived)
    assert report.incidents == ()


NOT_READ_AT_FIRST = ("cli_name", "command_result", "command_error")


@pytest.mark.parametrize("field", [name for name in WHATEVER if name not in NOT_READ_AT_FIRST])
@pytest.mark.parametrize("value", [["x"], True], ids=["list", "true"])
def test_a_field_of_a_wrong_type_is_absent_with_an_incident(field: str, value: Any) -> None:
    report = read(**{field: value})
    assert isinstance(report.event, CallArrived)
    assert report.incidents[0].startswith(f"{field} ")


@pytest.mark.parametrize("field", ["command_result", "command_error"])
def test_a_result_of_a_wrong_type_is_absent_with_an_incident(field: str) -> None:
    report = after("play", **{field: {"x": 1}})
    assert report.event == CommandDone("")
    assert report.incidents == (f"{field} is a dict; read as absent.",)


def test_an_empty_list_of_variables_is_an_empty_object() -> None:
    report = read(variables=[])
    assert (report.sealed, report.incidents) == ("", ())


def test_a_state_that_is_no_text_is_absent() -> None:
    report = after("play", variables={"offhook": 5})
    assert report.sealed == ""
    assert report.incidents == ("variables.offhook is no text; read as absent.",)


def test_unknown_keys_are_ignored() -> None:
    assert read(unheard_of={"a": 1}).incidents == ()


@pytest.mark.parametrize("callid", [1, 0, 2**32 + 1, 2**64 - 1, "242359184129", "0"])
def test_a_callid_may_have_64_bits_and_come_as_digits(callid: object) -> None:
    assert read(callid=callid).call_key == f"callr:{callid}"


@pytest.mark.parametrize(
    ("caller", "seen"),
    [
        ("\x1b[31m\x00+33\n", " [31m +33 "),
        ("<script>", "<script>"),
        ('=HYPERLINK("x")', '=HYPERLINK("x")'),
        ("\ud800", " "),
        ("x" * 1000, "x" * 64),
        ("é" * 1000, "é" * 64),
    ],
)
def test_a_hostile_caller_is_harmless_and_bounded(caller: str, seen: str) -> None:
    assert read(cli_number=caller).caller == Other(seen)


def test_every_text_that_is_kept_can_be_written_as_utf8() -> None:
    hostile = "\ud800\x00"
    report = read(
        call_status=hostile,
        command_id=hostile,
        command=hostile,
        command_result=hostile,
        command_error=hostile,
        number=hostile,
    )
    for text in (report.report_key, str(report.called), str(report.event), *report.incidents):
        assert "\x00" not in text
        text.encode()


# What is no report at all.


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"null",
        b"5",
        b'"text"',
        b"[]",
        b"[1]",
        b"\xff\xfe\xfd",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"NaN",
        b"{}",
        b'{"callid": 5}',
        b'{"call_status": "UP"}',
    ],
    ids=lambda body: repr(body[:12]),
)
def test_what_is_no_report_is_refused(body: bytes) -> None:
    with pytest.raises(PlatformError) as caught:
        read(body)
    assert caught.value.status == 400
    assert caught.value.mend == "Send an RT.Request as CALLR documents it."
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "callid",
    [None, ..., "", "x", -1, 2**64, 1.5, True, [], "1" * 30, "-1", " 1", "\u0663", float("nan")],
)
def test_a_callid_that_cannot_be_read_is_refused_by_name(callid: object) -> None:
    with pytest.raises(PlatformError, match=r"^callid: "):
        read(callid=callid)


@pytest.mark.parametrize("status", [None, ..., 5, [], {}, True])
def test_a_status_that_cannot_be_read_is_refused_by_name(status: object) -> None:
    with pytest.raises(PlatformError, match=r"^call_status: "):
        read(call_status=status)


def test_deep_nonsense_in_a_field_is_no_reason_to_crash() -> None:
    body = INCOMING.replace('"variables":{}', '"variables":' + "[" * 20_000 + "]" * 20_000)
    with pytest.raises(PlatformError, match="no JSON object"):
        read(body)


def test_numbers_that_json_does_not_have_are_read() -> None:
    body = INCOMING.replace('"command_result":""', '"command_result":NaN')
    assert isinstance(read(body).event, CallArrived)


# Starring.


@pytest.mark.parametrize(
    ("result", "starred"),
    [("4711", "****"), (4711, "****"), ("", ""), (None, ""), (["4711"], "********")],
)
def test_what_was_pressed_is_starred_in_the_report(result: object, starred: str) -> None:
    report = after("read", result)
    raw = json.loads(provider().star(report))
    assert raw.pop("command_result") == starred
    was = json.loads(report.raw)
    del was["command_result"]
    assert raw == was


# Credentials.


def with_header(header: str | None) -> WireRequest:
    headers = {} if header is None else {"authorization": header}
    return WireRequest("POST", "/callr/line", headers, b"", "line")


@pytest.mark.parametrize("password", [PASSWORD, OLD_PASSWORD])
def test_the_password_and_the_one_before_are_let_in(password: str) -> None:
    provider().authenticate(with_header(basic(password=password)))
    provider().authenticate(with_header(basic(password=password).replace("Basic", "bAsIc")))


@pytest.mark.parametrize(
    ("header", "why"),
    [
        (None, "no Authorization header."),
        ("", "no Authorization header."),
        ("Bearer x", "the Authorization header is not Basic."),
        ("Basic", "login or password is wrong."),
        ("Basic ", "login or password is wrong."),
        ("Basic not base64!", "the Authorization header is no base64."),
        ("Basic é", "the Authorization header is no base64."),
        ("Basic abc", "the Authorization header is no base64."),
        (basic(password="wrong"), "login or password is wrong."),
        (basic(login="wrong"), "login or password is wrong."),
        (basic(password=""), "login or password is wrong."),
        (basic(password=PASSWORD + " "), "login or password is wrong."),
        (basic(login=f"{LOGIN}:{PASSWORD}", password=""), "login or password is wrong."),
    ],
)
def test_other_credentials_are_refused(header: str | None, why: str) -> None:
    with pytest.raises(UnauthorizedError) as caught:
        provider().authenticate(with_header(header))
    assert caught.value.message == why
    assert caught.value.status == 401


def test_an_empty_password_before_lets_nobody_in() -> None:
    bare = CallrProvider(login=LOGIN, passwords=[PASSWORD, ""])
    with pytest.raises(UnauthorizedError):
        bare.authenticate(with_header(basic(password="")))
