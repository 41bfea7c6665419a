"""Flows of the scenarios that Stringee alone serves: each kind of call, and each action."""

import json

from app.callflow import (
    Call,
    Client,
    Flow,
    In,
    Media,
    branch,
    collect,
    command,
    dial,
    hang_up,
    menu,
    play,
    record,
    say,
    to,
    wait,
)
from app.callflow.parties import Phone


def asked_for(call: Call) -> Client | Phone:
    """Whom the caller's app asked for."""
    assert isinstance(call.called, Client | Phone)
    return call.called


def vip(call: Call) -> str:
    return json.dumps({"vip": call.direction == "inbound"})


straight = Flow(
    "straight",
    start="there",
    language="vi-VN",
    on=("stringee",),
    given={"custom": "", "user_id": ""},
    steps={
        "there": dial(asked_for, no_answer="nobody", ring_s=30),
        "nobody": hang_up("Không có ai."),
    },
)

desk = Flow(
    "desk",
    start="hello",
    language="vi-VN",
    on=("stringee",),
    given={"team": "sales", "custom": "", "order": "", "user_id": "", "project_id": ""},
    steps={
        "hello": say("Xin chào.", then="choose"),
        "choose": menu(
            "Bấm 1, 2 hoặc 3.",
            {"1": "agents", "2": "phone", "3": "code", "4": "mail"},
            tries=2,
            failure="mail",
        ),
        "agents": dial(
            Client("{team}_1"), Client("{team}_2"), ring_s=20, busy="busy", no_answer="mail"
        ),
        "busy": say("Máy bận.", then="mail"),
        "phone": dial("+84900000009", ring_s=20, no_answer="mail", failure="broken"),
        "broken": hang_up("Lỗi.", disposition="broken"),
        "code": collect(
            "Nhập mã.",
            into="code",
            min_digits=4,
            max_digits=4,
            secret=True,
            then="known",
            failure="mail",
        ),
        "known": branch("order", {"42": "order"}, otherwise="thanks"),
        "order": hang_up("Đơn {order:digits}.", disposition="order"),
        "mail": record("Xin để lại lời nhắn.", into="message", max_s=60, then="thanks"),
        "thanks": hang_up("Cảm ơn.", disposition="message"),
    },
)

every_action = Flow(
    "every_action",
    start="whole",
    language="vi-VN",
    on=("stringee",),
    steps={
        "whole": command("record", {"format": "mp3", "recordStereo": True}, then="sound"),
        "sound": play(Media(stringee="hello.mp3", says="Xin chào"), then="stream"),
        "stream": command(
            "stream", {"fileName": "https://media.example.com/a.mp3", "bargeIn": False}, then="slow"
        ),
        "slow": command(
            "talk",
            {"text": "Chậm.", "voice": "banmai", "speed": -2, "loop": 2, "silenceTime": 500},
            then="pause",
        ),
        "pause": wait(2, then="mail"),
        "mail": record(into="message", max_s=30, silence_s=4, then="ask"),
        "ask": menu(In("vi-VN", "Bấm 1."), {"1": to("ring")}, failure="bye"),
        "ring": command(
            "connect",
            {
                "from": {
                    "type": "external",
                    "number": "84900000001",
                    "alias": "842400000001",
                },
                "to": {"type": "internal", "number": "user_2", "alias": "842400000001"},
                "timeout": 15,
                "maxConnectTime": 600,
                "customData": vip,
            },
            then="bye",
        ),
        "bye": hang_up("Tạm biệt.", disposition="bye"),
    },
)
