"""Requests at Stringee's addresses that are not signed by Stringee: refused, whatever they hold."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import Reply, serving
from stringee_sender import PUBLIC_URL, Sender, new_call_id, sha256

from app.simulator.stringee import sign

pytest_plugins = "stringee_sent_to"

ANSWER = "/stringee/line/answer?from=84900000001&to=842400000002&fromInternal=false&callId=call-x"
REFUSED = {
    "error": {
        "status": 403,
        "message": "The credentials are absent or wrong.",
        "mend": "Send those that this server has in its settings.",
    }
}
PATHS = ["line/input?call=stringee:x&turn=1&state=x", "line/failed?call=stringee:x&turn=1",
         "line/recorded?call=stringee:x&turn=1&at=0", "events", "line/answer"]  # fmt: skip


def check_refused(reply: Reply) -> None:
    """Check that it is the one fixed body, and no list of actions."""
    assert reply.status == 403
    assert reply.json == REFUSED
    assert reply.headers["Content-Type"] == "application/json"


def signatures_of(data: bytes, key: str = "signing-key-of-tests") -> dict[str, str]:
    """What may come in the place of the right signature of some bytes."""
    right = sign(data, key)
    return {
        "missing": "",
        "foreign": sign(data, "the-signing-key-of-another"),
        "of other bytes": sign(data + b" ", key),
        "of nothing": sign(b"", key),
        "SHA-256": sha256(data),
        "hexadecimal": base64.b64decode(right).hex(),
        "cut": right[:-2],
        "twice": right + right,
        "no ASCII": "Ã©" * 14,
        "long": "A" * 4000,
    }


@pytest.mark.parametrize("name", signatures_of(b""))
def test_a_wrong_signature_of_the_answer_url_is_refused(sender: Sender, name: str) -> None:
    wrong = signatures_of(ANSWER.encode())[name]
    check_refused(sender.get(ANSWER, wrong))


@pytest.mark.parametrize("name", signatures_of(b""))
@pytest.mark.parametrize("path", PATHS)
def test_a_wrong_signature_of_a_post_is_refused(sender: Sender, path: str, name: str) -> None:
    body = json.dumps({"call_id": "call-x", "call_status": "ended", "dtmf": "1"}).encode()
    check_refused(sender.post(f"/stringee/{path}", body, signatures_of(body)[name]))


def test_a_signature_of_another_url_is_refused(sender: Sender) -> None:
    other = sign(ANSWER.replace("call-x", "call-y").encode(), sender.key)
    check_refused(sender.get(ANSWER, other))


def test_a_key_may_be_asked_by_no_flow_that_there_is(sender: Sender) -> None:
    check_refused(sender.get("/stringee/nowhere/answer?callId=1", ""))


def test_what_is_refused_is_in_no_journal_and_no_log(sender: Sender) -> None:
    before = len(sender.server.log())
    call_id = new_call_id()
    target = f"/stringee/line/answer?from=84911112222&callId={call_id}"
    check_refused(sender.get(target, sign(b"x", "secret-of-somebody")))
    log = sender.server.log()[before:]
    assert f"GET {PUBLIC_URL}/stringee/line/answer" in log
    for told in ("84911112222", call_id, sign(b"x", "secret-of-somebody"), sender.key):
        assert told not in log


@pytest.fixture(scope="module")
def keyless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sender]:
    with serving(tmp_path_factory.mktemp("keyless"), WEB_CONCURRENCY="1") as server:
        yield Sender(server)


def test_without_a_key_in_the_settings_the_line_to_add_is_told(keyless: Sender) -> None:
    replies = [keyless.get(ANSWER), keyless.post("/stringee/events", b"{}")]
    for reply in replies:
        assert reply.status == 503
        assert "STRINGEE_SIGNING_KEY=" in reply.json["error"]["mend"]


def test_a_key_of_one_project_is_no_key_of_another(tmp_path: Path) -> None:
    keys = "111=key-of-one, 222=key-of-two"
    with serving(tmp_path, WEB_CONCURRENCY="1", STRINGEE_SIGNING_KEY=keys) as server:
        target = "/stringee/reminder/answer?callId=1&projectId=222"
        check_refused(Sender(server, key="key-of-one").get(target))
        assert Sender(server, key="key-of-two").get(target).status == 200
        check_refused(Sender(server, key="key-of-two").get(target.replace("222", "333")))
