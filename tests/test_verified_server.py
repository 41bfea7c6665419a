"""A server where CALLR was heard: it sends what works there, and never fails for the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from serving import serving, starting_in_vain

from app.callr.verifying import VERIFY

WAITS = """
from app.callflow import Flow, hang_up, wait

waits = Flow("waits", start="wait", steps={"wait": wait(3, then="bye"), "bye": hang_up()})
"""


def verified(platform: str, wait_key: str) -> str:
    fact = {"answer": wait_key, "saw": "", "heard_at": "2026-11-27T17:00:00+00:00"}
    return json.dumps({"format": 1, "platform": platform, "facts": {"wait_key": fact}})


@pytest.mark.parametrize(
    ("written", "sent", "logged"),
    [
        (None, {"seconds": 3}, ""),
        (verified("api.callr.com", "wait"), {"wait": 3}, ""),
        (verified("api.callr.com", "both"), {"seconds": 3}, ""),
        (verified("simulator", "wait"), {"seconds": 3}, "it was heard of simulator, not of"),
        ("{", {"seconds": 3}, "callr-verified.json is ignored: it is no JSON. Make it anew"),
    ],
)
def test_a_server_sends_what_was_heard_to_work_and_says_what_it_ignores(
    tmp_path: Path, written: str | None, sent: dict[str, int], logged: str
) -> None:
    flows = tmp_path / "flows"
    flows.mkdir()
    (flows / "waits.py").write_text(WAITS)
    if written is not None:
        (tmp_path / "callr-verified.json").write_text(written)
    with serving(tmp_path, flows=flows) as server:
        reply = server.report("waits")
        assert (reply.status, reply.json["params"]) == (200, sent)
        assert logged in server.log()
        assert ("is ignored" in server.log()) is bool(logged)
        first = server.report(VERIFY.name, callid=5)
        assert first.json["params"]["media_id"].startswith("TTS|TTS_EN-GB_SERENA|This is Offhook.")


def test_a_flow_of_the_operators_cannot_have_the_name_of_ours(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(WAITS.replace('"waits"', f'"{VERIFY.name}"'))
    ended = starting_in_vain(tmp_path, flows=tmp_path)
    assert ended.code != 0
    assert "Offhook has a flow of this name. Rename yours." in ended.said
