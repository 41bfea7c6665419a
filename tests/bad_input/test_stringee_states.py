"""States in Stringee's addresses that were changed, taken from another call, or are too old."""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest
from serving import Reply, serving
from stringee_sender import PUBLIC_URL, Sender, StringeeCall, new_call_id, scco_of
from stringee_serving import SIGNING_KEY

from app.journal import upgrade

pytest_plugins = "stringee_sent_to"

FLOWS = Path(__file__).parent / "stringee_flows"
APOLOGY = ["talk", "connect"]
CALLS = 10
IN_TIME_S = 0.8


def changed(target: str) -> str:
    """The address with one character of its sealed state changed."""
    middle = target.index("state=") + 60
    return target[:middle] + ("A" if target[middle] != "A" else "B") + target[middle + 1 :]


def actions(reply: Reply) -> list[str]:
    return [action["action"] for action in scco_of(reply)]


@pytest.mark.parametrize(
    "how",
    [changed, lambda target: target.partition("&state=")[0], lambda target: target[:-40]],
    ids=["changed", "missing", "cut"],
)
def test_a_state_that_cannot_be_read_is_that_of_the_journal(sender: Sender, how: object) -> None:
    assert callable(how)
    call = sender.rings()
    reply = sender.post(how(call.target), {"dtmf": "2", "call_id": call.call_id})
    assert scco_of(reply)[0]["text"] == "Bấm 3."
    assert "resumed from the journal." in call.turns[-1].incidents


def test_a_state_of_another_turn_is_refused(sender: Sender) -> None:
    call = sender.rings()
    old = call.target
    call.presses("2")
    state = old.partition("&state=")[2]
    mixed = re.sub("state=.*", f"state={state}", call.target)
    reply = sender.post(mixed, {"dtmf": "3", "call_id": call.call_id})
    assert scco_of(reply)[0]["text"].startswith("Tạm biệt")
    assert any("is of reply 1, not 2" in told for told in call.turns[-1].incidents)


def test_the_address_of_one_call_posted_for_another_is_refused(sender: Sender) -> None:
    one, other = sender.rings(), new_call_id()
    reply = sender.post(one.target, {"dtmf": "1", "call_id": other})
    assert actions(reply) == APOLOGY
    assert one.presses("2").says == ["Bấm 3."]


def test_the_address_of_one_live_call_posted_for_another_leaves_each_its_own_state(
    sender: Sender,
) -> None:
    one, other = sender.rings().presses("2"), sender.rings()
    reply = sender.post(one.target, {"dtmf": "3", "call_id": other.call_id})
    assert "Tạm biệt" not in reply.body.decode()
    assert other.presses("1").last[0]["action"] == "connect"
    assert one.presses("3").says[0].startswith("Tạm biệt")


def test_a_state_under_another_calls_name_is_refused(sender: Sender) -> None:
    one, other = sender.rings(), new_call_id()
    named = one.target.replace(quote(one.call_id), other)
    assert other in named
    assert actions(sender.post(named, {"dtmf": "1", "call_id": other})) == APOLOGY


def test_a_call_known_by_its_uuid_is_not_another_calls(sender: Sender) -> None:
    uuid = "f7250000-1111-4222-8333-000000000002"
    query = f"from=84900000001&to=842400000002&uuid={uuid}"
    call = StringeeCall(sender, new_call_id(), [sender.get(f"/stringee/line/answer?{query}")])
    call.presses("2")
    reply = sender.post(call.target, {"dtmf": "3", "call_id": new_call_id()})
    assert actions(reply) == APOLOGY
    incidents = StringeeCall(sender, uuid).turns[-1].incidents
    assert "the state that came back is of a call with another call_id." in incidents


def test_a_flow_with_a_fallback_says_its_own_words(sender: Sender) -> None:
    call = sender.rings("careful").presses("1")
    assert call.says == ["Xin lỗi."]
    sender.ends(call.call_id, endedBy="INTERNAL")
    row = call.when_ended().row
    assert (row.outcome, row.disposition) == ("failed", "sorry")


def test_a_caller_of_whom_nothing_is_known_is_connected_with_the_fallback_number(
    sender: Sender,
) -> None:
    assert actions(sender.rings("nowhere").replies[0]) == APOLOGY


# the same report at the same instant


@pytest.fixture
def senders(tmp_path: Path) -> Iterator[tuple[Sender, Sender]]:
    """Two servers with one journal."""
    url = f"sqlite:///{tmp_path / 'both.sqlite3'}"
    upgrade(url)
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    about = {
        "DATABASE_URL": url,
        "WEB_CONCURRENCY": "1",
        "PUBLIC_URL": PUBLIC_URL,
        "STRINGEE_SIGNING_KEY": SIGNING_KEY,
    }
    with (
        serving(folders[0], flows=FLOWS, wsgi="wsgi:app", **about) as one,  # type: ignore[arg-type]
        serving(folders[1], flows=FLOWS, wsgi="wsgi:app", **about) as two,  # type: ignore[arg-type]
    ):
        yield Sender(one), Sender(two)
        assert "Traceback" not in one.log() + two.log()


def at_once(senders: tuple[Sender, Sender], ask: Callable[[Sender], Reply]) -> list[Reply]:
    """Ask both servers at the same instant."""
    ready = threading.Barrier(2)

    def together(sender: Sender) -> Reply:
        ready.wait(30)
        return ask(sender)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(together, senders))


def test_the_same_report_at_the_same_instant_gets_the_same_bytes(
    senders: tuple[Sender, Sender],
) -> None:
    for _ in range(CALLS):
        call_id = new_call_id()
        target = f"/stringee/line/answer?from=84900000001&to=842400000002&callId={call_id}"
        one, two = at_once(senders, partial(Sender.get, target=target))
        assert one.body == two.body
        call = StringeeCall(senders[0], call_id, [one])
        body = {"dtmf": "1", "call_id": call_id, "time": "1"}
        one, two = at_once(senders, partial(Sender.post, target=call.target, body=body))
        assert one.body == two.body
        assert actions(one) == ["connect"]
        assert [turn.report_key for turn in call.turns] == ["answer", "1:input"]


def test_keys_that_differ_from_the_first_get_the_first_reply(
    senders: tuple[Sender, Sender],
) -> None:
    call = senders[0].rings()
    one = senders[0].post(call.target, {"dtmf": "1", "call_id": call.call_id})
    two = senders[1].post(call.target, {"dtmf": "2", "call_id": call.call_id})
    assert one.body == two.body
    assert call.turns[-1].kind == "conflict"


# a database that is stuck


@contextmanager
def stuck(sender: Sender) -> Iterator[None]:
    file = sender.server.database_url.removeprefix("sqlite:///")
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        connection.execute("COMMIT")
        connection.close()


def plain(reply: Reply) -> list[dict[str, object]]:
    """A reply without what each call has of its own."""
    return [
        {name: value for name, value in action.items() if not name.endswith("Url")}
        for action in scco_of(reply)
    ]


def test_a_database_that_is_stuck_costs_callers_nothing(
    senders: tuple[Sender, Sender], sender: Sender
) -> None:
    healthy = sender.rings().presses("9").presses("1")
    with stuck(senders[0]):
        took, replies = [], []
        call_id = new_call_id()
        for step in ("rings", "9", "1"):
            began = time.monotonic()
            if step == "rings":
                call = senders[0].rings(call_id=call_id)
            else:
                call.presses(step)
            took.append(time.monotonic() - began)
            replies.append(call.replies[-1])
        assert max(took) < IN_TIME_S, took
        began = time.monotonic()
        lost = senders[0].post(changed(call.target), {"call_id": call_id})
        assert time.monotonic() - began < IN_TIME_S
        assert actions(lost) == ["talk"]
        assert senders[0].tells(call_id, "ringing").status == 503
    assert [plain(reply) for reply in replies] == [plain(reply) for reply in healthy.replies]
    assert senders[0].ends(call_id).status in {200, 503}
