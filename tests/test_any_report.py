"""Whatever is posted, by whomever holds the password: a right reply, or an error of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from callr_line import REPLY_KEYS, Line
from hypothesis import given, settings
from hypothesis import strategies as st

from app.callflow import Call, Flow, collect, dial, hang_up, hours, menu, record, say, to
from app.callflow.errors import PlatformError
from app.callr.ranges import problems_of
from app.flowbook import load_flows

ENDED = {"HANGUP", "BUSY", "NOANSWER", "CONGESTION", "REJECTED"}


def fragile(call: Call) -> str:
    """Fails for some callers."""
    if call.int("code") % 2:
        raise LookupError("odd")
    return "Even."


EVERYTHING = Flow(
    "line",
    start="open",
    language="fr-FR",
    timezone="America/Los_Angeles",
    given={"name": ""},
    fallback="sorry",
    steps={
        "open": hours({"mon-sun": "09:00-18:00"}, open="ask", closed_step="speak"),
        "ask": menu("{name}?", {"1": to("type", name="x"), "2": "ring"}, failure="speak"),
        "type": collect("Tapez.", "code", then="say", failure="pin", secret=False),
        "pin": collect("PIN ?", "pin", then="ask", failure="bye", secret=True),
        "say": say(fragile, then="ring"),
        "ring": dial("{caller}", no_answer="speak"),
        "speak": record(into="message", then="bye"),
        "bye": hang_up("{result}", disposition="done"),
        "sorry": menu("Pardon ?", {"1": "ask"}, failure="bye"),
    },
)
FLOWS = {**load_flows(), "line": EVERYTHING}

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)
HOSTILE = st.sampled_from(
    [
        "\ud800",
        "\x00",
        "<b>",
        '=HYPERLINK("x")',
        "\x1b[31m\n",
        "👋" * 300,
        "TTS|X|y",
        "{caller}",
        "'",
    ]
)
STATUSES = st.sampled_from(["INCOMING_CALL", "UP", *sorted(ENDED), "ODD", "", "\x00\ud800"])
COMMANDS = st.sampled_from(
    ["", "play", "read", "record", "dialout", "hangup", "start_call_recording"]
)
RESULTS = st.sampled_from(["", "1", "2", "12", "TIMEOUT", "-1", "#", "ANSWER", "BUSY", 0, 1, "REC"])
IDS = st.sampled_from([0, 1, 2, 3, "1", "", None, "offhook-bye", "offhook-dial", "offhook-end", -1])

REPORTS = st.fixed_dictionaries(
    {"callid": st.sampled_from([1, 2, "3", 2**63]), "call_status": STATUSES},
    optional={
        "app": JUNK | st.just("OFFHOOK0"),
        "request_hash": JUNK | st.sampled_from([None, "4260XMAQ"]),
        "cli_name": HOSTILE | JUNK,
        "cli_number": HOSTILE | JUNK | st.just("+33612345678"),
        "number": HOSTILE | JUNK,
        "date_started": JUNK | st.sampled_from(["2026-03-02 12:00:00", "0001-01-01", "9999-12-31"]),
        "command": COMMANDS | JUNK,
        "command_id": IDS | JUNK,
        "command_result": RESULTS | HOSTILE | JUNK,
        "command_error": st.sampled_from(["", "ERR"]) | JUNK,
        "cdr_field": JUNK | st.just("oh0123456789abcd"),
        "variables": JUNK | st.fixed_dictionaries({"offhook": JUNK | HOSTILE}),
    },
)
FETCHES: dict[str, Any] = {
    "start": lambda _: None,
    "may_dial": lambda *numbers: {number: "" if "+" in number else "no" for number in numbers},
}


def line_of(fallback_number: str = "") -> Line:
    return Line(list(FLOWS.values()), fetches=FETCHES, fallback_number=fallback_number)


def check_live(reply: bytes) -> dict[str, Any]:
    """That a live call got a command that the platform takes."""
    told: dict[str, Any] = json.loads(reply)
    assert list(told) == REPLY_KEYS
    assert isinstance(told["variables"], dict)
    assert list(problems_of(told["command"], told["params"])) == []
    reply.decode("ascii")
    return told


def check_record(line: Line) -> None:
    """That both databases can take what is recorded."""
    for turn in line.journal.turns:
        texts = [turn.event, turn.state, turn.variables, turn.commands, turn.answers]
        plain = json.dumps([texts, turn.incidents, turn.report_key, repr(turn.call)])
        assert "\\u0000" not in plain
        json.loads(plain)
        for text in (turn.call_key, turn.report_key, *turn.incidents):
            assert "\x00" not in text
            text.encode()
        if turn.call:
            (turn.call.caller + turn.call.called + turn.call.flow).encode()


@given(
    st.sampled_from(sorted(FLOWS)),
    st.lists(REPORTS, min_size=1, max_size=8),
    st.sampled_from(["", "+33177777777"]),
    st.dictionaries(st.sampled_from(["name", "x"]), HOSTILE | st.text(max_size=5), max_size=2),
)
@settings(deadline=None, max_examples=300)
def test_any_report_gets_a_right_reply(
    flow: str, reports: list[dict[str, Any]], fallback_number: str, query: dict[str, str]
) -> None:
    line = line_of(fallback_number)
    for report in reports:
        body = json.dumps(report)
        reply = line.handle(body, flow, query=query)
        assert reply.status == 200
        if report["call_status"] in ENDED:
            assert reply.body == b""
        else:
            check_live(reply.body)
        assert line.handle(body, flow, query=query) == reply
    check_record(line)


@given(st.binary(max_size=60) | JUNK.map(lambda junk: json.dumps(junk).encode()))
def test_what_is_no_report_is_an_error_of_ours(body: bytes) -> None:
    with pytest.raises(PlatformError):
        line_of().handle(body)


ECHOES = st.fixed_dictionaries(
    {"command_result": RESULTS | HOSTILE},
    optional={
        "call_status": st.sampled_from(["UP", "ODD"]),
        "command_error": st.sampled_from(["", "ERR"]),
        "variables": st.sampled_from([{}, {"offhook": "1.0000.x"}]),
    },
)


@given(
    st.sampled_from([*sorted(FLOWS), "nowhere"]),
    st.lists(ECHOES, max_size=25),
    st.sampled_from(["", "+33177777777"]),
    st.sampled_from(["records", "forgets"]),
)
@settings(deadline=None, max_examples=200)
def test_a_call_is_numbered_and_comes_to_its_end(
    flow: str, echoes: list[dict[str, Any]], fallback_number: str, journal: str
) -> None:
    """Replies are numbered 1, 2, 3 ...; the last resort goes to its end and never back."""
    line = line_of(fallback_number)
    line.journal.forgets = journal == "forgets"
    call = line.rings(flow)
    stages = ["offhook-bye", "offhook-dial", "offhook-end"]
    before: int | str = 0
    for echo in [None, *echoes]:
        if echo is not None:
            call.reports(**echo)
        told = check_live(call.reply.body)
        name: int | str = told["command_id"]
        if isinstance(name, int):
            assert isinstance(before, int)
            assert name == before + 1
            assert told["variables"]["offhook"]
        elif isinstance(before, str):
            assert name == "offhook-end" or stages.index(name) > stages.index(before)
        assert call.repeats() == call.reply
        before = name
    call.hangs_up("1")
    check_record(line)
